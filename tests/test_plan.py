"""What a night reads: nothing left out, nothing kept waiting for long, and little of what did not change."""

from collections.abc import Collection, Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from html import escape
from itertools import pairwise
from math import ceil

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harvester.clock import iso, parse_iso
from harvester.errors import PortalError
from harvester.feed import read_feed
from harvester.plan import EARLY, ROUND, STALE, Hints, Known, Look, plan
from harvester.records import LANGUAGES, Language

NOW = datetime(2026, 11, 23, 18, 30, tzinfo=UTC)
NAMES = st.sampled_from([f"d{number}" for number in range(12)])
AGES = st.integers(0, 40 * 24).map(lambda hours: iso(NOW - timedelta(hours=hours)))
KNOWN = st.builds(
    Known, read_at=st.dictionaries(st.sampled_from(LANGUAGES), AGES, min_size=1, max_size=3), withdrawn=st.booleans()
)
LISTED = st.fixed_dictionaries({language: st.sets(NAMES) for language in LANGUAGES})
HINTS = st.builds(
    Hints,
    since=st.none() | AGES,
    told=st.dictionaries(NAMES, AGES, max_size=4),
    failed=st.sets(NAMES, max_size=4),
    full=st.booleans(),
)


def where(listed: Mapping[Language, set[str]], name: str) -> tuple[Language, ...]:
    return tuple(language for language in LANGUAGES if name in listed[language])


@given(LISTED, st.dictionaries(NAMES, KNOWN), HINTS)
def test_what_may_have_changed_is_read_whole_and_nothing_that_is_not_listed(listed, known, hints) -> None:
    """New, returned, failed, told, differently listed and long unread datasets are read in every language they have."""
    looks = plan(listed, known, hints, NOW)
    by_name = {look.name: look for look in looks}
    assert len(by_name) == len(looks)
    for look in looks:
        assert look.languages
        assert set(look.languages) <= set(where(listed, look.name))
    for name in set().union(*listed.values()):
        there, before = where(listed, name), known.get(name)
        suspect = (
            hints.full or before is None or before.withdrawn or set(before.read_at) != set(there)
            or name in hints.failed or min(before.read_at.values()) < iso(NOW - STALE)
            or hints.told.get(name, "") > min(before.read_at.values())
        )  # fmt: skip
        if suspect:
            assert by_name[name].languages == there
        else:
            due = {language for language, at in before.read_at.items() if at < iso(NOW - ROUND + EARLY)}
            assert due <= set(by_name[name].languages if name in by_name else ())


@dataclass
class Week:
    """Harvests of a portal where nothing changes but what is listed: what each reads, and when each record was read."""

    size: int
    now: datetime = NOW
    since: str | None = None
    stuck: str = ""
    listed: dict[Language, set[str]] = field(init=False)
    read: dict[str, dict[Language, str]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """List the datasets and read them for the first time."""
        self.listed = {language: {f"d{number:04}" for number in range(self.size)} for language in LANGUAGES}
        self.harvest(self.now)

    def harvest(self, now: datetime, told: Collection[str] = ()) -> list[Look]:
        """Read what is planned, but never what is stuck, and return the looks at quiet datasets."""
        failed = {self.stuck} if self.since else set()
        hints = Hints(self.since, dict.fromkeys(told, iso(now)), failed)
        looks = plan(self.listed, {name: Known(at) for name, at in self.read.items()}, hints, now)
        for look in looks:
            if look.name != self.stuck or not self.since:
                self.read.setdefault(look.name, {}).update(dict.fromkeys(look.languages, iso(now)))
        self.now, self.since = now, iso(now)
        return [look for look in looks if look.reason in ("rotation", "sweep")]

    def oldest(self, now: datetime) -> timedelta:
        """Return the greatest age of a listed dataset's record, what is stuck left out."""
        ages = [
            now - parse_iso(self.read[name][language])
            for language, names in self.listed.items()
            for name in names & self.read.keys() - {self.stuck}
        ]
        return max(ages, default=timedelta())


def records(looks: Iterable[Look]) -> int:
    return sum(len(look.languages) for look in looks)


MINUTES = st.integers(-300, 300)
"""How much a night may begin too early or too late: five hours."""
SOME = st.sets(st.integers(0, 20), max_size=3)


@given(st.lists(st.tuples(MINUTES, st.integers(0, 3), SOME), min_size=20, max_size=30), st.integers(1, 20), MINUTES)
def test_every_record_is_read_again_within_seven_nights_and_only_once(nights, size, first) -> None:
    """Whenever nights begin and datasets appear: a reading every seventh night, at one full pass of requests a week."""
    week = Week(size, NOW + timedelta(minutes=first), stuck="d0000")
    costs, sweeps = [], []
    for night, (minutes, more, told) in enumerate(nights, 1):
        now = NOW + timedelta(days=night, minutes=minutes)
        assert week.oldest(now) <= ROUND + timedelta(minutes=600)
        for names in week.listed.values():
            names |= {f"n{night}-{number}" for number in range(more)}
        looks = week.harvest(now, [f"d{number:04}" for number in told])
        assert week.oldest(now) <= ROUND - EARLY
        total = len(week.listed["en"])
        if any(look.reason == "sweep" for look in looks):
            sweeps.append(night)
        else:
            assert records(looks) <= 2 * ceil(total / 7)
        costs.append(records(looks))
        assert sum(costs[-7:]) <= 3 * total + 2 * 7
    assert all(later - earlier >= 7 for earlier, later in pairwise([0, *sweeps]))


@given(st.lists(st.tuples(st.integers(1, 16 * 24), SOME), min_size=1, max_size=40), st.integers(1, 20))
def test_however_irregular_the_nights_what_is_due_is_read(gaps, size) -> None:
    """After any harvest no record is older than six and a half days, whatever was missed, withdrawn or told before."""
    week, longest = Week(size), timedelta(hours=max(hours for hours, _ in gaps))
    for hours, some in gaps:
        now = week.now + timedelta(hours=hours)
        assert week.oldest(now) <= ROUND - EARLY + longest
        for names in week.listed.values():
            names -= {f"d{number:04}" for number in some}
        week.harvest(now)
        assert week.oldest(now) <= ROUND - EARLY


def test_a_week_costs_one_full_pass_and_its_ordinary_nights_under_a_tenth() -> None:
    """At 3,822 datasets in three languages six nights read 1,092 records of 11,466, the seventh the other 4,914."""
    week = Week(3822)
    nights = [week.harvest(NOW + timedelta(days=day)) for day in range(1, 15)]
    assert [records(looks) for looks in nights] == 2 * (6 * [1092] + [4914])
    assert nights[0][0] == Look("d0000", "rotation", ("en", "tc"))
    assert {look.languages for look in nights[6]} == {("sc",), LANGUAGES}
    assert {look.reason for look in nights[6]} == {"sweep"}
    missed = week.harvest(NOW + timedelta(days=16))
    assert records(missed) == 2 * 1092
    again = week.harvest(NOW + timedelta(days=16, hours=1))
    assert records(again) == 2 * ceil(3822 / 24 / 7)


@pytest.mark.parametrize("languages", [1, 2])
def test_in_one_or_two_languages_there_is_nothing_to_sweep(languages: int) -> None:
    """A portal of one or two languages is read whole by the rotation, a seventh every night."""
    names = [f"d{number}" for number in range(14)]
    listed = {language: set(names) for language in LANGUAGES[:languages]}
    known = {name: Known(dict.fromkeys(LANGUAGES[:languages], iso(NOW))) for name in names}
    looks = plan(listed, known, Hints(iso(NOW + timedelta(days=6))), NOW + timedelta(days=7))
    assert [(look.reason, look.languages) for look in looks] == 14 * [("rotation", LANGUAGES[:languages])]
    looks = plan(listed, known, Hints(iso(NOW)), NOW + timedelta(days=1))
    assert [look.languages for look in looks] == 2 * [LANGUAGES[:languages]]


def feed(*items: str) -> bytes:
    return f"<?xml version='1.0'?><rss version='2.0'><channel>{''.join(items)}</channel></rss>".encode()


def item(link: str, date: str) -> str:
    return f"<item><title>x</title><link>{link}</link><pubDate>{date}</pubDate></item>"


def test_a_feed_tells_datasets_and_moments() -> None:
    """Entries that link to no dataset or have no date are passed over; dates of any zone become UTC."""
    at = "Tue, 24 Nov 2026 00:30:00 +0800"
    body = feed(
        item("https://data.gov.hk/en-data/dataset/hk-hko-rain/resource/1", at),
        item("https://data.gov.hk/en-data/dataset/hk%20td", "Mon, 23 Nov 2026 17:00:00"),
        item("https://data.gov.hk/en/help", at),
        item("https://[", at),
        item("https://data.gov.hk/en-data/dataset/late", "soon"),
        "<item/>",
    )
    assert list(read_feed(body)) == [("hk-hko-rain", "2026-11-23T16:30:00Z"), ("hk td", "2026-11-23T17:00:00Z")]


@pytest.mark.parametrize("body", [b"", b"<html>", b'<!DOCTYPE rss [<!ENTITY a "b">]><rss>&a;</rss>', b"\xff\xfe\x00"])
def test_a_feed_that_is_none_is_told(body: bytes) -> None:
    """A page in its place, or XML with entities, is one sentence and not a crash."""
    with pytest.raises(PortalError, match="feed"):
        list(read_feed(body))


ENTRIES = (
    st.text(max_size=9).filter(str.isprintable).map(lambda text: feed(item(escape(f"/dataset/{text}"), escape(text))))
)


@given(st.binary() | ENTRIES)
def test_nothing_in_a_feed_crashes(body: bytes) -> None:
    """Whatever a feed holds, it tells names and moments, or in one sentence that it cannot be read."""
    with suppress(PortalError):
        assert all(name and parse_iso(at) for name, at in read_feed(body))
