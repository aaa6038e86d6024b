"""A watch by a clock the test owns: each due run is done once or has its reason, whatever clock and disk do."""

import errno
import json
import sqlite3
from collections import Counter
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from harvester.clock import HONG_KONG, iso
from harvester.errors import BusyError, OurNetworkError, PortalError, SettingsError
from harvester.store import due
from harvester.store.workshop import connect
from harvester.watch_calendar import rhythm
from harvester.watch_log import Said, start_logging
from harvester.watch_loop import Watcher
from harvester.watch_reasons import meaning
from harvester.watch_settings import TIMED, WORDS, load_settings, shipped
from harvester.watch_work import Did

START = datetime(2026, 11, 23, 0, 0, tzinfo=UTC)
"""08:00 in Hong Kong."""
MOMENTS = st.datetimes(datetime(2020, 1, 1), datetime(2040, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001 (bounds are naive by contract)
RHYTHMS = st.sampled_from(["daily 02:30", "sunday 05:00", "every 1 hour", "every 15 minutes", "every 8 hours"])


class Machine:
    """A machine whose clock can be set, that can sleep, and the jobs that it does."""

    def __init__(self, folder: Path) -> None:
        self.db = folder / "harvest.db"
        connect(self.db, create=True).conn.close()
        self.wall, self.up = START, 0.0
        self.done: list[tuple[str, datetime]] = []
        self.trouble: dict[str, BaseException] = {}
        self.takes: dict[str, timedelta] = {}
        self.wants: dict[str, datetime] = {}
        self.watcher = self.started()

    def started(self, file: Path | None = None) -> Watcher:
        """Start to watch, as a process does."""
        self.watcher = Watcher(self.db, self, lambda: self.wall, lambda: self.up, file)
        self.watcher.begin()
        return self.watcher

    def do(self, job, _settings):
        """Do a job: it takes its time, and may fail."""
        self.done.append((job, self.wall))
        self.passes(self.takes.get(job, timedelta()))
        if job in self.trouble:
            raise self.trouble[job]
        self.wants.pop(job, None)
        return Did("Done.", {"links": 1})

    def wanted(self, job, _settings):
        """Tell since when there is something for a job."""
        return self.wants.get(job)

    def scanned(self):
        """Tell that no scan was ever made."""

    def passes(self, span: timedelta) -> None:
        """Time goes by without a look, as while the machine sleeps or is at work."""
        self.wall += span
        self.up += span.total_seconds()

    def runs(self, hours: float, step: float = 5) -> None:
        """Time goes by with a look every so many minutes."""
        for _ in range(round(hours * 60 / step)):
            self.passes(timedelta(minutes=step))
            self.watcher.look()

    def entries(self, where: str = "1", *values: object) -> list[due.Entry]:
        """Return the account."""
        with due.account(self.db) as db:
            return list(due.entries(db, f"WHERE {where} ORDER BY moment, job", list(values)))

    def told(self, job: str) -> list[tuple[str, str, str]]:
        """What became of a job's due runs: the hour in Hong Kong, the state, why."""
        return [(_hour(each.moment), each.state, each.why) for each in self.entries("job = ?", job)]

    def times(self, job: str) -> list[str]:
        """Return when a job was done, by the clock of the time."""
        return [moment.astimezone(HONG_KONG).strftime("%d %H:%M") for name, moment in self.done if name == job]


def _hour(moment: str) -> str:
    return datetime.fromisoformat(moment).astimezone(HONG_KONG).strftime("%d %H:%M")


@pytest.fixture
def machine(tmp_path) -> Machine:
    return Machine(tmp_path)


@given(RHYTHMS, MOMENTS)
def test_a_rhythm_has_one_moment_a_period_and_keeps_hong_kongs_hours(text, now):
    """No moment of any year makes two runs due at once or lets one go by, and the hour is Hong Kong's."""
    each = rhythm(text)
    assert each.latest(now) <= now < each.following(now) == each.latest(now) + each.period
    assert list(each.between(now, now + 3 * each.period)) == [each.following(now) + n * each.period for n in range(3)]
    if text == "daily 02:30":
        assert each.latest(now).astimezone(HONG_KONG).strftime("%H:%M") == "02:30"
    if text == "sunday 05:00":
        assert each.latest(now).astimezone(HONG_KONG).strftime("%A %H:%M") == "Sunday 05:00"


def test_two_days_as_they_should_be(machine):
    """A scan at the start and each night, links and APIs on the hour, each once; the account has every one, in time."""
    machine.runs(48)
    assert machine.times("scan") == ["23 08:05", "24 02:30", "25 02:30"]
    assert machine.times("links") == [f"{23 + hour // 24} {hour % 24:02}:00" for hour in range(9, 57)]
    assert Counter(each.state for each in machine.entries()) == {"done": 2 + 48 + 48 + 2, "caught-up": 1}
    assert machine.told("scan")[0] == ("23 02:30", "caught-up", "first-start")
    assert all(each.tries == 1 and each.finished for each in machine.entries())


def test_sleep_is_caught_up_once(machine):
    """Three days asleep make one scan and one look at the links; the others are left out, and all say: asleep."""
    machine.runs(1)
    machine.passes(timedelta(days=3))
    machine.runs(1)
    assert machine.times("scan") == ["23 08:05", "26 09:05"]
    assert machine.told("scan")[1:] == [("24 02:30", "skipped", "asleep"), ("25 02:30", "skipped", "asleep"),
                                        ("26 02:30", "caught-up", "asleep")]  # fmt: skip
    hours = machine.told("links")
    assert len(hours) == 1 + 72 + 1
    assert Counter(hour[1:] for hour in hours) == {("done", ""): 3, ("skipped", "asleep"): 71}


def test_a_clock_set_back_doubles_nothing_and_loses_nothing(machine):
    """What was done is not done again when its hour comes back, and what was never due is when it comes."""
    machine.runs(20)
    before = list(machine.done)
    assert machine.times("scan")[-1] == "24 02:30"
    machine.wall -= timedelta(hours=3)
    machine.runs(3)
    assert machine.done == before
    machine.runs(26)
    assert machine.times("scan")[1:] == ["24 02:30", "25 02:30"]
    assert len(set(machine.times("links"))) == len(machine.times("links")) == len(machine.told("links")) == 46


def test_a_clock_set_forward_and_right_again_loses_no_night(machine):
    """A clock ten days ahead for an hour makes a run too many, and then every night has its own all the same."""
    machine.runs(2)
    machine.wall += timedelta(days=10)
    machine.runs(1)
    assert machine.times("scan") == ["23 08:05", "03 10:05"]
    assert {each.why for each in machine.entries("state = 'skipped'")} == {"clock-forward"}
    machine.wall -= timedelta(days=10)
    machine.runs(24 * 11)
    nights = [f"{24 + n if n < 7 else n - 6:02} 02:30" for n in range(11)]
    assert machine.times("scan")[2:] == nights
    assert "fold" not in [job for job, _ in machine.done[: len(machine.done) // 20]]


def test_nothing_is_folded_while_the_clock_is_in_doubt(machine):
    """A clock that leapt ahead by more than a day may be wrong: nothing is called old by it for a day."""
    machine.runs(2)
    machine.wall += timedelta(days=400)
    machine.runs(20)
    assert "fold" not in [job for job, _ in machine.done]
    machine.runs(48)
    assert "fold" in [job for job, _ in machine.done]


def test_what_comes_due_during_long_work_waits_and_says_why(machine):
    """A scan of five hours lets one look at the links follow; the hours in between name it as their reason."""
    machine.takes["scan"] = timedelta(hours=5)
    machine.runs(24)
    links = [told for told in machine.told("links") if told[1] != "done"]
    assert ("24 03:00", "skipped", "at-work") in links
    assert {why for _, _, why in links} == {"at-work"}
    assert len(machine.told("links")) == 24 + 5 + 5


TROUBLES = {
    "portal-away": PortalError("It gave no JSON."), "network-away": OurNetworkError("Mend the connection."),
    "disk-full": OSError(errno.ENOSPC, "No space left on device"), "settings": SettingsError("Mend the rubric."),
    "error": ZeroDivisionError("never foreseen"),
}  # fmt: skip


@pytest.mark.parametrize("why", TROUBLES)
def test_trouble_is_told_tried_again_and_over_by_itself(machine, why):
    """A run that fails is tried every ten minutes, and done late when it can be, with its reason."""
    machine.runs(1)
    machine.trouble["scan"] = TROUBLES[why]
    machine.runs(20)
    assert machine.told("scan")[-1] == ("24 02:30", "failed", why)
    tries = machine.entries("job = 'scan'")[-1].tries
    assert tries == 16
    machine.trouble.clear()
    machine.runs(1)
    last = machine.entries("job = 'scan'")[-1]
    assert (last.state, last.why, last.tries) == ("caught-up", why, tries + 1)


def test_a_failed_night_stays_failed_when_the_next_one_comes(machine):
    """A portal away for three nights is three failed nights, each with its reason, and no pile of scans after it."""
    machine.runs(1)
    machine.trouble["scan"] = TROUBLES["portal-away"]
    machine.runs(72)
    machine.trouble.clear()
    machine.runs(24)
    states = [told[1:] for told in machine.told("scan")[1:]]
    assert states == [("failed", "portal-away")] * 2 + [("caught-up", "portal-away"), ("done", "")]


def test_another_command_at_work_is_waited_for(machine):
    """A workshop in use is no failure: it waits, says so, and goes on a minute after it is free."""
    machine.runs(1)
    machine.trouble["links"] = BusyError("in use by process 7")
    machine.runs(0.5)
    assert machine.told("links")[-1] == ("23 10:00", "waiting", "busy") or machine.told("links")[-1][1] == "done"
    machine.runs(1)
    assert machine.told("links")[-1][1:] == ("waiting", "busy")
    machine.trouble.clear()
    machine.runs(0.1, step=1)
    assert machine.told("links")[-1][1] in ("done", "caught-up")


@pytest.mark.parametrize("how", ["stopped", "killed"])
def test_a_process_that_ends_leaves_its_work_to_the_next(machine, how):
    """What was under way goes on at the next start, what was missed is caught up once, and both say what ended it."""
    machine.runs(1)
    machine.trouble["scan"] = KeyboardInterrupt() if how == "stopped" else SystemError()
    if how == "killed":
        machine.watcher._failed = lambda *_: (_ for _ in ()).throw(SystemExit)  # dies without a word
    with pytest.raises((KeyboardInterrupt, SystemExit)):
        machine.runs(20)
    if how == "stopped":
        machine.watcher.end()
    machine.trouble.clear()
    machine.passes(timedelta(days=2, hours=1))
    machine.started()
    machine.runs(1)
    assert machine.told("scan")[1:] == [("24 02:30", "skipped", how), ("25 02:30", "skipped", how),
                                        ("26 02:30", "caught-up", how)]  # fmt: skip
    assert {told[1:] for told in machine.told("links")[20:-2]} == {("skipped", how)}


def test_what_is_wanted_goes_first_and_is_accounted_for(machine):
    """An officer's re-check is done at the next look, before what a clock made due."""
    machine.runs(1)
    machine.wants["asked"] = machine.wall
    machine.runs(0.2)
    assert machine.done[-1] == ("asked", START + timedelta(minutes=65))
    assert machine.told("asked") == [("23 09:00", "done", "")]


def test_an_account_that_cannot_be_written_is_kept_and_written_later(machine):
    """A database locked by others for hours loses no line of the account."""
    machine.runs(1)
    due.LOCKED_SECONDS, usual = 0.0, due.LOCKED_SECONDS
    other = sqlite3.connect(machine.db)
    other.execute("BEGIN EXCLUSIVE")
    machine.runs(6)
    assert len(machine.watcher.account.unsaved) == 6 + 6
    assert machine.watcher.account.trouble
    other.rollback()
    other.close()
    due.LOCKED_SECONDS = usual
    machine.runs(0.5)
    assert machine.watcher.account.unsaved == {}
    assert len(machine.entries("job = 'links'")) == 7


def test_old_entries_are_added_up_by_month(machine):
    """The account does not grow for ever: what is old stays as a number a month, job, state and reason."""
    machine.runs(72)
    before = Counter((each.job, each.state, each.why) for each in machine.entries())
    with due.account(machine.db) as db:
        gone = due.age(db, iso(machine.wall - timedelta(days=1)))
        gone += due.age(db, iso(machine.wall - timedelta(hours=1)))
        months = db.execute("SELECT job, state, why, many, month FROM due_month").fetchall()
    left = Counter((each.job, each.state, each.why) for each in machine.entries())
    assert gone == sum(before.values()) - sum(left.values()) > 100
    assert left + Counter({tuple(row[:3]): row[3] for row in months}) == before
    assert {row[4] for row in months} == {"2026-11"}


class Week:
    """The troubles of a made-up week."""

    KINDS = ("run", "sleep", "forward", "back", "kill", "stop", "portal")


@settings(max_examples=12, deadline=None)
@given(st.lists(st.tuples(st.sampled_from(Week.KINDS), st.integers(1, 40)), min_size=1, max_size=8))
def test_whatever_happens_every_due_run_has_its_line(tmp_path_factory, week):
    """Of every hour and night that the clock showed or went over there is one entry: done once, or with its reason."""
    machine = Machine(tmp_path_factory.mktemp("week"))
    machine.runs(3, step=30)
    highest = machine.wall
    for what, hours in week:
        if what == "sleep":
            machine.passes(timedelta(hours=hours))
        elif what in ("forward", "back"):
            machine.wall += timedelta(hours=hours if what == "forward" else -hours)
        elif what in ("kill", "stop"):
            if what == "stop":
                machine.watcher.end()
            machine.passes(timedelta(hours=hours))
            machine.started()
        machine.trouble = {"scan": PortalError("away")} if what == "portal" else {}
        machine.runs(hours / 2, step=30)
        highest = max(highest, machine.wall)
    machine.trouble = {}
    machine.runs(24, step=30)
    highest = max(highest, machine.wall)
    for job in ("links", "scan"):
        each = shipped().rhythms[job]
        moments = {iso(moment) for moment in each.between(START, highest)}
        found = {entry.moment: entry for entry in machine.entries("job = ? AND moment > ?", job, iso(START))}
        assert {moment for moment in found if moment <= iso(machine.wall)} >= {
            m for m in moments if m <= iso(machine.wall)
        }
        assert set(found) <= moments
        assert all(entry.why or entry.state == "done" for entry in found.values()), found


def test_errors_are_told_by_what_they_mean():
    """What lies under an error decides: a full disk under a failed publication is a full disk."""
    locked, error = sqlite3.OperationalError("database is locked"), PortalError("It could not be published.")
    locked.sqlite_errorname, error.__cause__ = "SQLITE_BUSY", locked
    assert meaning(error) == ("database-locked", "It could not be published.")
    assert meaning(OSError(errno.ENOSPC, "No space"))[0] == "disk-full"
    assert meaning(OSError(errno.ENOENT, "No such file"))[0] == "error"
    assert meaning(ZeroDivisionError("x"))[1].startswith("ZeroDivisionError: x. Please report this")


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("scan: daily 25:00", "line 1: scan: '25:00' is not a time of day"),
        ("links: every 1 hour\nscan: dayly 02:30", "line 2: scan: 'dayly' is no day"),
        ("links: every 7 hours", "line 1: links: 'every 7 hours' does not fit into a day"),
        ("links: hourly", "line 1: links: 'hourly' is no rhythm"),
        ("\nscans: daily 02:30", "line 2: `scans` is not known here: use scan, deep"),
        ("scan: off\nscan: off", "line 2: `scan` is written twice"),
        ("retry: 10 seconds", "line 1: retry: '10 seconds': write minutes, hours or days, from 1 minute to 1 day"),
        ("visits: 3 days", "line 1: visits: '3 days': write minutes, hours or days, from 90 days"),
        ("status: everywhere", "line 1: status: 'everywhere' is no place to listen on"),
        ("asked: perhaps", "line 1: asked: 'perhaps' is neither on nor off"),
        ("scan: [daily]", "line 1: `scan:` wants one value"),
        ("- scan", "line 1: settings are lines such as"),
        ("scan: 'daily", "this is not YAML"),
    ],
)
def test_a_mistake_in_the_settings_is_named_with_its_line(tmp_path, text, told):
    """Whoever mistypes is told the line, the word and what to write instead."""
    file = tmp_path / "watch.yml"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(SettingsError) as error:
        load_settings(file)
    assert told in str(error.value)


def test_the_shipped_settings_hold_where_a_file_says_nothing(tmp_path):
    """No file, an empty file and a file with one line differ by that line; every word has its default."""
    file = tmp_path / "watch.yml"
    file.write_text("# nothing\n", encoding="utf-8")
    assert load_settings(file) == shipped() == load_settings(None)
    assert set(shipped().rhythms) == set(TIMED)
    assert len(WORDS) == 13
    file.write_text("deep: off\nstatus: off\n", encoding="utf-8")
    assert load_settings(file).listen is None
    assert set(load_settings(file).rhythms) == set(TIMED) - {"deep"}


def test_settings_are_read_again_when_they_change_and_a_wrong_file_changes_nothing(machine, tmp_path):
    """A new hour holds from the next look; a mistake is told, and the last good settings hold."""
    file = tmp_path / "watch.yml"
    file.write_text("scan: daily 12:00\n", encoding="utf-8")
    machine.started(file)
    machine.runs(2)
    file.write_text("scan: daily 11:30 please\n", encoding="utf-8")
    machine.runs(1)
    assert "line 1: scan:" in machine.watcher.now.settings_error
    file.write_text("scan: daily 11:30\nlinks: off\n", encoding="utf-8")
    machine.runs(24)
    assert machine.watcher.now.settings_error == ""
    assert machine.times("scan")[1:] == ["23 11:30"]
    assert machine.times("links") == ["23 09:00", "23 10:00", "23 11:00"]


def test_the_log_is_one_line_an_event_for_people_and_programs(machine, tmp_path):
    """Each line begins with the moment in Hong Kong time, and nothing said can break a line or a field."""
    place = tmp_path / "log"
    with place.open("w", encoding="utf-8") as sink:
        start_logging(lambda: machine.wall, sink)
        machine.trouble["scan"] = PortalError('It said "no"\nand = more.')
        machine.runs(0.2)
        Said().write("check: 10 of 20\nhalf")
        machine.trouble["links"] = ZeroDivisionError("boom")
        machine.runs(1)
        start_logging(lambda: machine.wall)
    lines = place.read_text(encoding="utf-8").splitlines()
    assert all(line.startswith("at=2026-11-23T") and "+08:00 level=" in line for line in lines)
    failed = next(line for line in lines if "event=failed" in line)
    assert "job=scan" in failed
    assert f"told={json.dumps(str(machine.trouble['scan']))}" in failed
    assert sum("event=said" in line for line in lines) == 1
    assert sum("trace=" in line for line in lines) == sum("why=error" in line for line in lines) > 0
