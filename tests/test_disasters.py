"""Disasters: after each nothing is lost, doubled or wrongly withdrawn, it is told, and the next run puts it right."""

import functools
import json
import re
import resource
import signal
import sqlite3
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from harvester import steps
from harvester.clock import system_clock
from harvester.errors import PortalError
from harvester.web import Web
from tests.loopback import Talk, raw, reply
from tests.unruly import HTML, Unruly, gives, hang_up, says, unruly

DAY_ONE = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)
MANY = 70
"""Datasets: more than one transaction holds, so that a harvest can be stopped with a part of it stored."""

# What a harvest leaves behind, without its times and running numbers.
PICTURES = {
    "provider": "SELECT slug, title_en, title_tc, title_sc FROM provider",
    "url": "SELECT url, host FROM url",
    "dataset": "SELECT name, provider, title_en, title_tc, title_sc, schedule, period_days, languages, resources_en,"
    " resources_tc, resources_sc, withdrawn_at IS NULL FROM dataset",
    "resource": "SELECT shared_id, dataset, position, title_en, title_tc, title_sc, url_en, url_tc, url_sc, languages,"
    " withdrawn_at IS NULL FROM resource",
    "record_version": "SELECT dataset, language, sha256 FROM record_version",
    "reading": "SELECT dataset, language, sha256 FROM reading",
    "change": "SELECT dataset, resource, language, field, old, new FROM change",
}


class Time:
    """Time that passes only while somebody waits."""

    def __init__(self) -> None:
        self.seconds = 0.0
        self._lock = threading.Lock()

    def sleep(self, seconds: float) -> None:
        """Wait, at no cost."""
        with self._lock:
            self.seconds += seconds
        time.sleep(0.001)

    def now(self) -> float:
        """Return the seconds that have passed."""
        return self.seconds


@pytest.fixture
def clockwork(monkeypatch) -> Time:
    """The steps' own door to the network, with a time that the test owns."""
    passing = Time()
    monkeypatch.setattr(steps, "Web", functools.partial(Web, sleep=passing.sleep, now=passing.now))
    return passing


@pytest.fixture
def portal(tmp_path) -> Iterator[Unruly]:
    with unruly(tmp_path, 12) as served:
        yield served


@pytest.fixture
def large(tmp_path) -> Iterator[Unruly]:
    with unruly(tmp_path, MANY) as served:
        yield served


def harvest(portal: Unruly, db: Path, day: float = 0) -> steps.StepOutcome:
    """Make the real step, as if on a later day."""
    moment = DAY_ONE + timedelta(days=day)
    place = steps.Place(db, portal.address, lambda: moment, pace=0.0, allow=("127.0.0.1",))
    return steps.harvest(place)


def again(portal: Unruly, db: Path) -> steps.StepOutcome:
    """Make the step that a command typed now would make, without starting one."""
    portal.asked.clear()
    return steps.harvest(steps.Place(db, portal.address, system_clock, pace=0.0, allow=("127.0.0.1",)))


def command(portal: Unruly, db: Path) -> list[str]:
    options = ["--portal", portal.address, "--allow", "127.0.0.1", "--pace", "0", "--db", str(db), "--json"]
    return [sys.executable, "-m", "harvester", "harvest", *options]


def typed(portal: Unruly, db: Path, *before: str) -> subprocess.CompletedProcess[str]:
    """Type the command; whatever happens there is no traceback."""
    done = subprocess.run([*before, *command(portal, db)], capture_output=True, text=True, check=False, timeout=60)
    assert "Traceback" not in done.stderr, done.stderr
    return done


def told(done: subprocess.CompletedProcess[str]) -> str:
    """The one sentence with which a command that could not go on ends."""
    lines = [line for line in done.stderr.splitlines() if line.startswith("Error: ")]
    assert len(lines) == 1, done.stderr
    return lines[0]


def rows(db: Path, sql: str) -> list[tuple]:
    with sqlite3.connect(f"file:{db}?mode=ro", uri=True) as connection:
        return connection.execute(sql).fetchall()


def picture(db: Path) -> dict[str, Counter[tuple]]:
    return {name: Counter(rows(db, sql)) for name, sql in PICTURES.items()}


def failures(db: Path) -> dict[str, str]:
    """What the last run could not work on, each told in one sentence a person can read."""
    found = dict(rows(db, "SELECT item, error FROM failure WHERE run = (SELECT max(id) FROM run)"))
    assert all(error.endswith(".") and "Traceback" not in error for error in found.values()), found
    return found


def as_undisturbed(portal: Unruly, db: Path) -> None:
    """Hold the database to that of a harvest of the same portal where nothing ever went wrong."""
    portal.spoil = lambda *_: None
    with sqlite3.connect(db) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    calm = db.with_name("calm.db")
    assert harvest(portal, calm).failed == 0
    expected, seen = picture(calm), picture(db)
    assert {name for name in PICTURES if expected[name] != seen[name]} == set()


def withdrawn(db: Path) -> set[str]:
    found = rows(db, "SELECT name FROM dataset WHERE withdrawn_at IS NOT NULL")
    return {name for (name,) in found + rows(db, "SELECT shared_id FROM resource WHERE withdrawn_at IS NOT NULL")}


def stall(at: str, go: threading.Event, reached: threading.Event) -> Callable[[str, str, int], Talk | None]:
    """Make one dataset's answers wait until the test lets them go."""

    def spoil(_language: str, name: str, _before: int) -> Talk | None:
        if name == at:
            reached.set()
            assert go.wait(30)
        return None

    return spoil


def until(true: Callable[[], object]) -> None:
    ends = time.monotonic() + 30
    while not true():
        assert time.monotonic() < ends
        time.sleep(0.01)


def stored(db: Path) -> int:
    try:
        return int(rows(db, "SELECT count(*) FROM harvested")[0][0])
    except sqlite3.OperationalError:
        return 0  # not made yet


def test_ctrl_c_in_the_middle(large, tmp_path):
    """Ctrl-C ends with 130 and one sentence; the same command then reads only what is missing."""
    db, go, reached = tmp_path / "harvest.db", threading.Event(), threading.Event()
    large.spoil = stall("d060", go, reached)
    with subprocess.Popen(command(large, db), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        until(lambda: reached.is_set() and stored(db))
        process.send_signal(signal.SIGINT)
        time.sleep(0.2)  # the signal is to find the command waiting
        go.set()
        _, errors = process.communicate(timeout=30)
    assert process.returncode == 130
    assert "Traceback" not in errors
    assert "Stopped. Run the same command again: it goes on from here." in errors
    kept = {name for (name,) in rows(db, "SELECT dataset FROM harvested")}
    outcome = again(large, db)
    assert {name for _, name in large.asked if name} == {name for name in large.names("en") if name not in kept}
    assert (outcome.failed, outcome.counts["datasets"]) == (0, MANY)
    assert rows(db, "SELECT count(*), min(state) FROM run") == [(1, "done")]
    as_undisturbed(large, db)


def test_a_disk_that_is_full_from_the_start(portal, tmp_path):
    """Where nothing at all can be stored the command ends with 2 and says why; with space again it works."""
    db = tmp_path / "harvest.db"
    done = typed(portal, db, "sh", "-c", 'ulimit -f 8; exec "$@"', "sh")
    assert done.returncode == 2, done.stdout
    assert re.search(r"free (some )?(disk )?space|mend that", told(done))
    assert again(portal, db).failed == 0
    as_undisturbed(portal, db)


def test_a_disk_that_fills_up_in_the_middle(large, tmp_path):
    """A disk that fills up ends the command with 2 and a sentence; the same run then reads only what is missing."""
    db, go, reached = tmp_path / "harvest.db", threading.Event(), threading.Event()
    large.spoil = stall("d060", go, reached)
    with subprocess.Popen(command(large, db), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        until(lambda: reached.is_set() and stored(db))
        resource.prlimit(process.pid, resource.RLIMIT_FSIZE, (4096, resource.RLIM_INFINITY))
        go.set()
        _, errors = process.communicate(timeout=30)
    assert process.returncode == 2, errors
    assert "Traceback" not in errors
    assert re.search(r"^Error: .*disk.*run again\.$", errors, re.MULTILINE)
    kept = stored(db)
    assert 0 < kept < MANY
    assert again(large, db).failed == 0
    assert len({name for _, name in large.asked if name}) == MANY - kept
    assert rows(db, "SELECT count(*), min(state) FROM run") == [(1, "done")]
    as_undisturbed(large, db)


def test_the_network_gone_for_an_hour(large, tmp_path, clockwork):
    """What cannot be read while the network is gone fails and stays as it is; the next run reads exactly that."""
    db = tmp_path / "harvest.db"
    gone_at: list[float] = []

    def spoil(_language: str, name: str, _before: int) -> Talk | None:
        if name >= "d055" and not gone_at:
            gone_at.append(clockwork.seconds)
        return hang_up if gone_at and clockwork.seconds < gone_at[0] + 3600 else None

    large.spoil = spoil
    outcome = harvest(large, db)
    lost = failures(db)
    assert outcome.failed == len(lost) > 0
    assert outcome.counts["datasets"] + len(lost) == MANY
    assert withdrawn(db) == set()
    clockwork.seconds += 3600
    again = harvest(large, db, 0.05)
    assert (again.failed, again.counts["datasets"], again.counts["new"]) == (0, MANY, len(lost))
    as_undisturbed(large, db)


@pytest.mark.usefixtures("clockwork")
def test_the_network_gone_before_the_list(portal, tmp_path):
    """A portal out of reach is one sentence, and changes nothing of what is known."""
    db = tmp_path / "harvest.db"
    harvest(portal, db)
    before = picture(db)
    portal.spoil = lambda *_: hang_up
    with pytest.raises(PortalError, match="Try again later"):
        harvest(portal, db, 1)
    assert picture(db) == before


@pytest.mark.slow
def test_two_at_once(large, tmp_path):
    """The second command on one database names the first and stops with 2; the first is not disturbed."""
    db, go, reached = tmp_path / "harvest.db", threading.Event(), threading.Event()
    large.spoil = stall("d060", go, reached)
    with subprocess.Popen(command(large, db), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as first:
        until(reached.is_set)
        second = typed(large, db)
        assert second.returncode == 2
        assert f"in use by process {first.pid}" in told(second)
        go.set()
        assert first.wait(30) == 0
    assert rows(db, "SELECT count(*) FROM run") == [(1,)]
    as_undisturbed(large, db)


@pytest.mark.parametrize("change", ["gone", "new"])
def test_a_portal_that_changes_between_pages(change, portal, tmp_path):
    """Datasets that come or go while the list is read shift its pages: none other is missed or withdrawn."""
    db = tmp_path / "harvest.db"
    harvest(portal, db)
    portal.page = 5
    extra = {(language, "c000"): {**record, "name": "c000", "resources": []}
             for (language, name), record in portal.records.items() if name == "d000"}  # fmt: skip

    def spoil(language: str, name: str, _before: int) -> Talk | None:
        if not name and portal.asked.count((language, "")) == 3:
            if change == "gone":
                portal.remove("d000")
            else:
                portal.records |= extra
        return None

    portal.asked.clear()
    portal.spoil = spoil
    outcome = harvest(portal, db, 1)
    portal.spoil = lambda *_: None
    harvest(portal, db, 2)
    assert outcome.failed <= 1, failures(db)
    gone = {"d000", "d000-0", "d000-1"} if change == "gone" else set()
    assert withdrawn(db) == gone
    live = {name for (name,) in rows(db, "SELECT name FROM dataset WHERE withdrawn_at IS NULL")}
    assert live == set(portal.names("en"))


@pytest.mark.parametrize(
    ("every", "answer", "waits"),
    [
        (100, HTML, 0.4),
        (20, reply(b"busy", "503 Service Unavailable"), 0.4),
        (20, reply(b"busy", "503 Service Unavailable", "Retry-After: 7\r\n"), 7.0),
    ],
    ids=["html", "503", "503-retry-after"],
)
def test_some_answers_go_wrong(every, answer, waits, large, tmp_path, clockwork):
    """One answer in a hundred that is HTML, one in twenty that is a 503: asked again, waited for, nothing is lost."""
    db = tmp_path / "harvest.db"
    large.spoil = lambda _language, _name, before: answer if before > 4 and before % every == 0 else None
    outcome = harvest(large, db)
    assert (outcome.failed, outcome.counts["datasets"]) == (0, MANY)
    assert clockwork.seconds >= waits
    as_undisturbed(large, db)


@pytest.mark.usefixtures("clockwork")
def test_a_portal_that_only_answers_html_from_the_middle_on(portal, tmp_path):
    """A portal that goes into maintenance after its list costs a failure a dataset and withdraws nothing."""
    db = tmp_path / "harvest.db"
    harvest(portal, db)
    portal.spoil = lambda _language, name, _before: HTML if name else None
    outcome = harvest(portal, db, 8)
    assert outcome.failed == 12 == len(failures(db))
    assert withdrawn(db) == set()
    portal.spoil = lambda *_: None
    assert harvest(portal, db, 8.1).failed == 0
    as_undisturbed(portal, db)


def test_a_list_with_doubles(portal, tmp_path):
    """Names listed twice are one dataset, read once."""
    db = tmp_path / "harvest.db"
    portal.spoil = lambda language, name, _before: gives(portal.names(language) * 2) if not name else None
    outcome = harvest(portal, db)
    assert (outcome.failed, outcome.counts["datasets"], outcome.counts["resources"]) == (0, 12, 24)
    assert max(Counter(asked for asked in portal.asked if asked[1]).values()) == 1
    as_undisturbed(portal, db)


def spoilt(name: str, talk: Callable[[str], Talk]) -> Callable[[str, str, int], Talk | None]:
    """Make every answer for one dataset another one, by instance."""
    return lambda language, asked, _before: talk(language) if asked == name else None


RESOURCES = [None, "two files", {"0": {}}, 7, False]


@pytest.mark.parametrize("resources", RESOURCES)
def test_a_record_whose_resources_are_no_list(resources, portal, tmp_path):
    """A record that does not say which resources there are does not say that they are gone."""
    db = tmp_path / "harvest.db"
    harvest(portal, db)

    def broken(language: str) -> Talk:
        record = {key: value for key, value in portal.records[language, "d003"].items() if key != "resources"}
        return gives(record if resources is None else {**record, "resources": resources})

    portal.spoil = spoilt("d003", broken)
    outcome = harvest(portal, db, 8)
    assert withdrawn(db) == set()
    assert outcome.counts["resources"] == 24
    assert set(failures(db)) == {"d003 (en)", "d003 (tc)", "d003 (sc)"}
    portal.spoil = lambda *_: None
    assert harvest(portal, db, 16).failed == 0
    assert rows(db, "SELECT count(*) FROM resource WHERE dataset = 'd003' AND withdrawn_at IS NULL") == [(2,)]


def deep(levels: int) -> str:
    return '{"success": true, "result": {"name": "d003", "x": ' + "[" * levels + "]" * levels + "}}"


UNREADABLE = {
    "not utf-8": reply(b'{"success": true, "result": {"name": "d003", "title": "\xb8\xea\xae\xc6"}}'),
    "cut short": reply(b'{"success": true, "result": {"name": "d0'),
    "a lie of its length": reply(b'{"success": true', length=400),
    "no http": raw(b"\x00\x01\x02 this is no HTTP\r\n\r\n"),
    "another dataset's record": gives({"id": "x", "name": "d004", "title": "Another", "resources": []}),
    "a list": gives([1, 2, 3]),
    "nothing": reply(),
    "10,000 deep": says(deep(10_000)),
    **{f"{levels} deep": says(deep(levels)) for levels in (300, 900, 940, 970, 985)},
    "a number without end": says('{"success": true, "result": {"name": "d003", "x": ' + "9" * 5000 + "}}"),
}


@pytest.mark.parametrize("what", UNREADABLE)
@pytest.mark.usefixtures("clockwork")
def test_a_record_that_cannot_be_read(what, portal, tmp_path):
    """One bad record is one failure with its sentence: all others are read, and it stays what it was."""
    db = tmp_path / "harvest.db"
    harvest(portal, db)
    before = picture(db)
    portal.spoil = spoilt("d003", lambda _: UNREADABLE[what])
    outcome = harvest(portal, db, 8)
    assert outcome.failed == 1
    assert set(failures(db)) == {"d003"}
    assert outcome.counts["records_read"] == 11 * 3
    assert picture(db) == before
    portal.spoil = lambda *_: None
    assert harvest(portal, db, 8.1).failed == 0
    as_undisturbed(portal, db)


def peak_megabytes(portal: Unruly, db: Path, code: int) -> int:
    """Make the command, which must end with ``code``, and return the most memory that it held."""
    # Not ru_maxrss, which a process inherits from the one that started it.
    script = (
        "import re, sys\nfrom harvester.cli import main\ntry:\n    main()\nfinally:\n"
        "    with open('/proc/self/status') as told:\n"
        "        print(int(re.search(r'VmHWM:\\s+(\\d+)', told.read())[1]) // 1024, file=sys.stderr)\n"
    )
    arguments = [sys.executable, "-c", script, *command(portal, db)[3:]]
    done = subprocess.run(arguments, capture_output=True, text=True, check=False)
    assert done.returncode == code, done.stderr
    return int(done.stderr.splitlines()[-1])


def test_a_record_of_50_megabytes(portal, tmp_path):
    """A record far larger than any record is cut off, told and left; what it costs in memory is bounded."""
    db = tmp_path / "harvest.db"
    sent: list[int] = []

    def endless(connection, _: str) -> None:
        piece = b'"' + b"x" * 65534 + b'",'
        connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nConnection: close\r\n\r\n")
        connection.sendall(b'{"success": true, "result": {"name": "d003", "notes": [')
        for count in range(800):
            connection.sendall(piece)
            sent.append(count)
        connection.sendall(b"0]}}")

    calm = peak_megabytes(portal, tmp_path / "other.db", 0)
    portal.spoil = spoilt("d003", lambda _: endless)
    assert peak_megabytes(portal, db, 1) < calm + 40
    assert len(sent) < 400, "it was read to its end"
    assert "d003" in failures(db)
    assert rows(db, "SELECT count(*) FROM dataset") == [(11,)]
    portal.spoil = lambda *_: None
    assert again(portal, db).failed == 0
    as_undisturbed(portal, db)


def test_nan_and_infinity(portal, tmp_path):
    """Numbers that JSON does not have are kept as the portal wrote them, and are not a change every night."""
    db = tmp_path / "harvest.db"

    def odd(language: str) -> Talk:
        record = json.dumps({**portal.records[language, "d003"], "score": "ODD", "size": 1})
        return says('{"success": true, "result": ' + record.replace('"ODD"', "[NaN, -Infinity, 1e999]") + "}")

    portal.spoil = spoilt("d003", odd)
    assert harvest(portal, db).failed == 0
    before = picture(db)
    assert harvest(portal, db, 8).failed == 0
    assert picture(db) == before
    assert rows(db, "SELECT count(*) FROM resource WHERE dataset = 'd003'") == [(2,)]
