"""What a night reads: nothing left out, nothing kept waiting for long, and little of what did not change."""

from collections.abc import Mapping
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from html import escape

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harvester.clock import iso, parse_iso
from harvester.errors import PortalError
from harvester.feed import read_feed
from harvester.plan import ROUND, STALE, Hints, Known, Look, plan
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
    strict=st.booleans(),
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
        elif min(before.read_at.values()) <= iso(NOW - ROUND) and before.read_at[there[0]] <= iso(NOW - ROUND):
            assert by_name[name].languages[0] == there[0]


@given(st.lists(st.integers(6, 4 * 24), min_size=1, max_size=40), st.integers(1, 30), st.booleans())
def test_no_record_is_left_unread_for_longer_than_promised(gaps, size, strict) -> None:
    """However irregular the nights, the first language is read within a round and the others within two."""
    names = [f"d{number}" for number in range(size)]
    listed = {language: set(names) for language in LANGUAGES}
    read = {name: dict.fromkeys(LANGUAGES, iso(NOW)) for name in names}
    now, since = NOW, iso(NOW)
    for gap in gaps:
        now += timedelta(hours=gap)
        for look in plan(listed, {name: Known(at) for name, at in read.items()}, Hints(since, strict=strict), now):
            read[look.name] |= dict.fromkeys(look.languages, iso(now))
        since = iso(now)
        late = timedelta(hours=max(gaps))
        for at in read.values():
            assert at["en"] > iso(now - ROUND)
            others = ROUND if strict else 2 * ROUND + late
            assert min(at.values()) > iso(now - others)


def test_a_regular_night_reads_a_seventh_in_two_of_three_languages() -> None:
    """At 3,822 datasets in three languages a quiet night reads 1,092 records of 11,466: 9.5 %."""
    names = [f"d{number:04}" for number in range(3822)]
    listed = {language: set(names) for language in LANGUAGES}
    known = {name: Known(dict.fromkeys(LANGUAGES, iso(NOW))) for name in names}
    looks = plan(listed, known, Hints(iso(NOW)), NOW + timedelta(days=1))
    assert sum(len(look.languages) for look in looks) == 1092
    assert looks[0] == Look("d0000", "rotation", ("en", "tc"))
    missed = plan(listed, known, Hints(iso(NOW)), NOW + timedelta(days=2))
    assert len(missed) == 2 * len(looks)


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
