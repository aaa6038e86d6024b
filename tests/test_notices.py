"""Being told, without a network: what is new to whom, whose turn it is, who is named how, what is remembered."""

from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule
from sqlite_utils import Database

from harvester.clock import iso
from harvester.errors import SettingsError
from publish.i18n import Translator
from publish.notices import memory
from publish.notices.digest import LONGEST_WAIT, TRIES, WAIT, digest, silent, turn, waits
from publish.notices.drawing import message
from publish.notices.records import FOR_GOOD, Recipient, Standing, Told
from publish.notices.settings import load
from publish.notices.words import Item, Letter, Part, plain

NOW = datetime(2026, 11, 23, 3, 0, tzinfo=UTC)
"""A Monday, 11:00 in Hong Kong."""
DESK = Recipient("desk", "k" * 24, "json://127.0.0.1/", severity=8)


def task(key="a", state="open", at="2026-11-20T00:00:00Z", severity=8, points=1.0, **other):
    made = {"dataset": "d1", "criterion": "contact", "due": "2026-12-20T00:00:00Z", "again": False, **other}
    return Standing(key=key, severity=severity, points=points, state=state, at=at, **made)


def keys(tasks):
    return [each.key for each in tasks]


def test_a_task_is_told_when_it_opens_when_it_is_mended_and_when_it_comes_back():
    """Each once: the same catalogue again has nothing new."""
    one, told = task(), {}
    assert keys(digest(DESK, "p", [one], told, first=True).opened) == ["a"]
    told["a"] = Told("open", one.at)
    assert digest(DESK, "p", [one], told, first=False) is None
    mended = task(state="mended", at="2026-11-21T00:00:00Z")
    assert keys(digest(DESK, "p", [mended], told, first=False).mended) == ["a"]
    told["a"] = Told("mended", mended.at)
    assert digest(DESK, "p", [mended], told, first=False) is None
    back = task(at="2026-11-22T00:00:00Z", again=True)
    found = digest(DESK, "p", [back], told, first=False)
    assert keys(found.reopened) == ["a"]
    assert not found.opened


def test_what_is_not_known_or_was_never_told_needs_no_word():
    """An unknown or a withdrawn dataset says nothing; what opened and was mended in between was never told."""
    assert digest(DESK, "p", [task(state=None), task("b", "mended")], {}, first=False) is None
    assert digest(DESK, "p", [task(state=None)], {"a": Told("open", "2026-11-01T00:00:00Z")}, first=False) is None


def test_what_came_back_between_two_digests_is_told_once_more():
    """Told open, mended and open again in between: it is told as open again, and not as mended."""
    found = digest(
        DESK, "p", [task(at="2026-11-22T00:00:00Z")], {"a": Told("open", "2026-11-20T00:00:00Z")}, first=False
    )
    assert keys(found.reopened) == ["a"]
    assert not found.mended


def test_the_worst_comes_first_and_what_is_muted_not_at_all():
    """By severity, then points; a lesser severity, a muted dataset and a muted criterion are left out."""
    some = Recipient(
        "desk", "k", "json://h/", severity=3, muted_datasets=frozenset({"quiet"}), muted_criteria=frozenset({"online"})
    )
    tasks = [task("few", severity=3, points=1), task("many", severity=3, points=9), task("dead", severity=0, points=0),
             task("minor", severity=8), task("q", severity=0, dataset="quiet"),
             task("o", severity=0, criterion="online")]  # fmt: skip
    assert keys(digest(some, "p", tasks, {}, first=False).opened) == ["dead", "many", "few"]
    assert digest(some, "p", tasks[3:], {}, first=False) is None


def test_a_message_is_called_by_what_it_tells_and_whom():
    """The same things to the same recipient have one name, so a second copy is known; others have another."""
    name = digest(DESK, "p", [task()], {}, first=True).id
    assert name == digest(DESK, "p", [task()], {}, first=False).id
    assert name != digest(DESK, "q", [task()], {}, first=True).id
    assert name != digest(DESK, "p", [task(at="2026-11-21T00:00:00Z")], {}, first=True).id


@pytest.mark.parametrize(
    ("frequency", "weekday", "hour", "expected"),
    [("each-scan", 0, 9, "2026-11-23T01:30:00Z"), ("daily", 0, 9, "2026-11-23T01:00:00Z"),
     ("daily", 0, 12, "2026-11-22T04:00:00Z"), ("weekly", 0, 9, "2026-11-23T01:00:00Z"),
     ("weekly", 0, 12, "2026-11-16T04:00:00Z"), ("weekly", 6, 0, "2026-11-21T16:00:00Z")],
)  # fmt: skip
def test_a_turn_begins_at_its_hour_in_hong_kong(frequency, weekday, hour, expected):
    """On Monday 11:00: today's nine o'clock has begun and twelve has not; a Sunday's midnight is Saturday in UTC."""
    one = Recipient("desk", "k", "json://h/", frequency=frequency, weekday=weekday, hour=hour)
    assert turn(one, NOW, "2026-11-23T01:30:00Z") == expected


@given(st.datetimes(datetime(2026, 1, 1), datetime(2027, 1, 1), timezones=st.just(UTC)),  # noqa: DTZ001 - zone beside
       st.timedeltas(timedelta(0), timedelta(days=20)), st.sampled_from(["daily", "weekly"]), st.integers(0, 6),
       st.integers(0, 23))  # fmt: skip
def test_turns_only_go_forward_and_none_lies_ahead(moment, later, frequency, weekday, hour):
    """The turn of a later moment is no earlier one, and a turn has always begun."""
    one = Recipient("desk", "k", "json://h/", frequency=frequency, weekday=weekday, hour=hour)
    first, second = turn(one, moment, ""), turn(one, moment + later, "")
    assert first <= second
    assert first <= iso(moment) < iso(datetime.fromisoformat(first) + timedelta(days=7 if frequency == "weekly" else 1))


def test_a_recipient_is_silent_up_to_its_day_in_hong_kong():
    """The day named is the last silent one; for good has no end."""
    assert silent(Recipient("d", "k", "", mute=date(2026, 11, 23)), NOW)
    assert not silent(Recipient("d", "k", "", mute=date(2026, 11, 23)), datetime(2026, 11, 23, 16, 0, tzinfo=UTC))
    assert silent(Recipient("d", "k", "", mute=FOR_GOOD), NOW)


def test_waiting_grows_to_a_day_and_no_further():
    """One hour after the first failure, twice as long after each more, never above a day."""
    tried = iso(NOW)
    assert not waits(0, tried, NOW)
    assert waits(1, tried, NOW + WAIT - timedelta(seconds=1))
    assert not waits(1, tried, NOW + WAIT)
    assert waits(3, tried, NOW + 3 * WAIT)
    assert not waits(10_000, tried, NOW + LONGEST_WAIT)


GOOD = """\
contact: data@example.org
keeper: {to: "json://${HOST}/keeper"}
providers:
  "*": {language: tc, severity: minor, mute-criteria: [contact], to: "json://127.0.0.1/all"}
  hk-hko:
    frequency: daily
    hour: 8
    mute-datasets: [hk-hko-uv]
    to:
      - jsons://user:${SECRET}@127.0.0.1/one
      - {address: "json://127.0.0.1/two", name: desk, language: en, mute: 2026-12-31}
  hk-td: {mute: true}
"""
ENVIRONMENT = {"HOST": "127.0.0.1", "SECRET": "hush%40hush"}


def written(folder: Path, text: str) -> Path:
    (folder / "notices.yml").write_text(text, encoding="utf-8")
    return folder / "notices.yml"


def test_the_nearest_word_counts_and_what_is_muted_adds_up(tmp_path):
    """What stands at a recipient counts before its provider's, and that before what stands at `*`."""
    told = load(written(tmp_path, GOOD), ENVIRONMENT)
    one, two = told.providers["hk-hko"]
    assert (one.language, one.frequency, one.hour, one.severity, one.mute) == ("tc", "daily", 8, 8, None)
    assert (two.name, two.language, two.mute) == ("desk", "en", date(2026, 12, 31))
    assert one.muted_datasets == {"hk-hko-uv"}
    assert one.muted_criteria == {"contact"}
    (road,) = told.providers["hk-td"]
    assert (road.address, road.mute) == ("json://127.0.0.1/all", FOR_GOOD)
    assert (told.everyone[0].mute, told.keeper[0].frequency) == (None, "each-scan")


def test_a_secret_is_in_no_name_and_another_secret_is_the_same_recipient(tmp_path):
    """What is written down of a recipient is made of the settings' words; nothing of the environment is in it."""
    before = load(written(tmp_path, GOOD), ENVIRONMENT).providers["hk-hko"][0]
    after = load(written(tmp_path, GOOD), {**ENVIRONMENT, "SECRET": "other"}).providers["hk-hko"][0]
    assert (before.key, before.name) == (after.key, after.name)
    assert before.address != after.address
    assert "hush" not in repr(before)


@pytest.mark.parametrize(
    ("old", "new", "line", "said"),
    [
        ("daily", "hourly", 6, "each-scan, daily, weekly"), ("hour: 8", "hour: 24", 7, "from 0 to 23"),
        ("hour: 8", "hour: 8.5", 7, "whole hour"), ("2026-12-31", "tomorrow", 11, "last silent day"),
        ("frequency", "frequncy", 6, "not known"), ("${SECRET}", "${MISSING}", 10, "MISSING is not in the environment"),
        ("json://127.0.0.1/two", "nosuch://two", 11, "Apprise does not know"),
        ("[contact]", "[contract]", 4, "no criterion"), ("[hk-hko-uv]", "hk-hko-uv", 8, "a list"),
        ("data@example.org", "me", 1, "mail address"), ("language: tc", "language: fr", 4, "en, tc, sc"),
        ('/two", name: desk', '/two", name: desk}\n      - {address: "json://h/3", name: desk', 12, "twice"),
        ("providers:", "people:", 3, "not known"), ("  hk-td: {mute: true}", "  hk-td: [", 13, "not YAML"),
    ],
)  # fmt: skip
def test_a_mistake_is_told_with_its_line_and_what_to_write(tmp_path, old, new, line, said):
    """Whoever keeps the settings finds the word to mend, and nothing is sent meanwhile."""
    with pytest.raises(SettingsError, match=rf"notices\.yml, line {line}: .*{said}") as told:
        load(written(tmp_path, GOOD.replace(old, new, 1)), ENVIRONMENT)
    assert "hush" not in str(told.value)


@given(st.text(st.characters(codec="utf-8"), max_size=400))
def test_harvested_text_is_one_line_that_does_nothing(text):
    """No break, no mark that turns or hides, no link and no call: whatever a title holds, it is only read."""
    line = plain(text, 80)
    assert len(line) <= 80
    assert len(line.splitlines()) <= 1
    assert "://" not in line.replace(":// ", "")
    letter = Letter(line, line, (line,), (Part("t", 1, (Item(line, (("l", line),), "https://x.example/"),)),),
                    "https://x.example/", (), ("foot",))  # fmt: skip
    for edition in message(letter, "id", "", Translator("en")).texts:
        assert not set("@<>\u202e\u200b") & set(edition)
        assert "](" not in edition
    assert "\n" not in message(letter, "id", "", Translator("en")).title


class Telling(RuleBasedStateMachine):
    """Two recipients, three tasks, scans, mutes, failures and kills in any order: what each was told adds up."""

    tasks = st.sampled_from(["a", "b", "c"])
    who = st.sampled_from([0, 1])

    @initialize()
    def begin(self) -> None:
        """Nothing was told of anything."""
        self.db = Database(memory=True)
        for statement in (Path(memory.__file__).parents[2] / "harvester/store/notices.sql").read_text().split(";\n"):
            if statement.strip():
                self.db.execute(statement)
        self.now = NOW
        self.world = {key: task(key, state=None) for key in "abc"}
        self.people = [Recipient(f"r{n}", f"k{n}", "", severity=8, frequency="each-scan") for n in (0, 1)]
        self.heard: dict[tuple[int, str], list[tuple[str, str]]] = {}
        self.killed: set[tuple[int, tuple[str, str]]] = set()
        self.tried: set[tuple[int, str]] = set()

    def pass_time(self) -> str:
        """Go on by more than a day, so that nobody waits to be tried again."""
        self.now += timedelta(hours=30)
        return iso(self.now)

    @rule(key=tasks)
    def breaks(self, key: str) -> None:
        """A task opens, or comes back."""
        if self.world[key].state != "open":
            self.world[key] = task(key, at=self.pass_time(), again=self.world[key].state is not None)

    @rule(key=tasks)
    def is_mended(self, key: str) -> None:
        """A task is closed by evidence."""
        if self.world[key].state == "open":
            self.world[key] = task(key, "mended", at=self.pass_time())

    @rule(who=who, mute=st.booleans())
    def mutes(self, who: int, mute: bool) -> None:
        """One thing is muted, or not any more."""
        one = self.people[who]
        self.people[who] = Recipient(one.name, one.key, "", severity=8, frequency="each-scan",
                                     muted_criteria=frozenset({"contact"} if mute else ()))  # fmt: skip

    @rule(who=who, ends=st.sampled_from(["arrives", "fails", "killed"]))
    def tells(self, who: int, ends: str) -> None:
        """A digest is due, and arrives, fails, or is killed between its arrival and the memory of it."""
        one = self.people[who]
        self.pass_time()
        memory.name(self.db, [(one, "p")], self.now)
        last = memory.turn_of(self.db, one.key, "p")
        found = digest(one, "p", self.world.values(), memory.told(self.db, one.key),
                       memory.doubted(self.db, one.key), first=last.first is None)  # fmt: skip
        if found is None or last.given_up:
            return
        memory.begin(self.db, one, "p", memory.subjects(found), self.now)
        for each in found.mended:
            assert (who, each.key) in self.tried
        self.tried |= {(who, each.key) for each in found.all}
        if ends == "fails":
            memory.failed(self.db, one, "p", "no", self.now)
            return
        for each in found.all:
            heard = self.heard.setdefault((who, each.key), [])
            again = (str(each.state), each.at)
            assert again not in heard or (who, again) in self.killed
            heard.append(again)
        if ends == "killed":
            self.killed |= {(who, (str(each.state), each.at)) for each in found.all}
            return
        memory.arrived(self.db, one, "p", iso(self.now), memory.subjects(found), found.id, self.now)

    @invariant()
    def nobody_is_told_what_is_not_so(self) -> None:
        """What each heard of a task goes forward in time."""
        for heard in getattr(self, "heard", {}).values():
            assert heard == sorted(heard, key=lambda each: each[1])

    def teardown(self) -> None:
        """In the end a last digest to each leaves nobody behind: what they heard last is how it stands."""
        for who, one in enumerate(getattr(self, "people", [])):
            memory.take_back(self.db, one)
            self.mutes(who, mute=False)
            self.tells(who, "arrives")
            for key, each in self.world.items():
                heard = self.heard.get((who, key))
                assert each.state != "open" or (heard and heard[-1] == ("open", each.at))
                assert not heard or heard[-1][0] == each.state
        if hasattr(self, "db"):
            self.db.conn.close()


TestTelling = Telling.TestCase
TestTelling.settings = settings(max_examples=60, stateful_step_count=25, deadline=None)


def test_attempts_that_fail_are_counted_and_end(db, tmp_path):
    """A recipient is given up after so many failures in a row, a kill counted as one; a test that arrives undoes it."""
    memory.name(db, [(DESK, "p")], NOW)
    for number in range(1, TRIES + 1):
        assert memory.begin(db, DESK, "p", [], NOW) == number
        assert memory.turn_of(db, DESK.key, "p").error == memory.CUT_OFF
        assert memory.failed(db, DESK, "p", "no" * 400, NOW) == (number == TRIES)
    assert memory.turn_of(db, DESK.key, "p").given_up == iso(NOW)
    assert "given up" in memory.lines(tmp_path / "harvest.db")[0]
    memory.take_back(db, DESK)
    assert memory.turn_of(db, DESK.key, "p") == memory.Turn(tried=iso(NOW))
    assert memory.lines(tmp_path / "harvest.db") == []


def test_the_memory_follows_a_renamed_provider_and_forgets_in_time(db):
    """What was told under the old slug stands for the new; what is mended is kept for a while, what is open longer."""
    memory.name(db, [(DESK, "old")], NOW)
    memory.arrived(db, DESK, "old", "t", [("a", "open", "x"), ("b", "mended", "x")], "d", NOW)
    memory.follow(db, {"old": "new"})
    assert memory.turn_of(db, DESK.key, "new").first == iso(NOW)
    assert memory.turn_of(db, DESK.key, "old") == memory.Turn()
    later = NOW + memory.KEPT + timedelta(days=1)
    memory.name(db, [(DESK, "new")], later)
    memory.prune(db, later)
    assert memory.told(db, DESK.key) == {"a": Told("open", "x")}
    memory.prune(db, later + memory.KEPT + timedelta(days=1))
    assert memory.told(db, DESK.key) == {}
