"""When an address is visited again and what is asked: never sooner than the ladder says, never later than a week."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harvester.clock import iso
from harvester.health import Health
from harvester.records import State
from harvester.revisit import EARLY, PART, WHOLE, Held, Link, due, how, interval

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
NOW = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)
FILE, FEED = Link(1, "http://a.test/x", "a.test", period_days=30.0), Link(2, "http://a.test/y", "a.test", is_api=True)
HELD = Held("a" * 64, "data", iso(NOW - 2 * DAY), "ok", "data")
SECOND = timedelta(seconds=1)


def health(state: State, reason: str = "", bad: int = 0, *, waiting: bool = False, last: datetime = NOW) -> Health:
    return Health(state, reason or state, iso(NOW), iso(last), bad, waiting, None)


HEALTHS = st.builds(
    health,
    st.sampled_from(get_args(State)),
    st.sampled_from(["up", "recovering", "flapping", "slow", "timeout"]),
    st.integers(0, 50),
    waiting=st.booleans(),
)
LINKS = st.builds(
    Link,
    st.just(1),
    st.just("http://a.test/"),
    st.just("a.test"),
    st.booleans(),
    st.none() | st.floats(0, 1e9, allow_nan=False),
)


@pytest.mark.parametrize(
    ("link", "known", "expected"),
    [
        (FILE, health("up", bad=1, waiting=True), HOUR),
        (FILE, health("unknown", "unconfirmed", 1, waiting=True), HOUR),
        (FILE, health("down", bad=1), HOUR),
        (FILE, health("down", bad=2), 6 * HOUR),
        (FILE, health("down", bad=3), DAY),
        (FILE, health("down", bad=4), 3 * DAY),
        (FEED, health("down", bad=400), 3 * DAY),
        (FILE, health("degraded", "recovering"), HOUR),
        (FEED, health("degraded", "recovering"), HOUR),
        (FEED, health("up"), 5 * HOUR),
        (FEED, health("degraded", "slow"), 5 * HOUR),
        (FILE, health("up"), 7 * DAY),
        (FILE, health("degraded", "flapping"), 7 * DAY),
        (replace(FILE, period_days=1 / 24), health("up"), DAY),
        (replace(FILE, period_days=3.0), health("up"), 3 * DAY),
        (replace(FILE, period_days=None), health("up"), 7 * DAY),
        (FEED, health("blocked"), 7 * DAY),
        (FEED, health("needs-parameters"), 7 * DAY),
        (FEED, health("not-asked"), 7 * DAY),
        (FEED, health("unknown", "throttled"), DAY),
    ],
)
def test_the_ladder(link: Link, known: Health, expected: timedelta) -> None:
    """Each rung is as docs/availability.md tells it."""
    assert interval(link, known) == expected
    assert not due(link, known, NOW + expected - SECOND)
    assert due(link, known, NOW + expected)


@given(LINKS, HEALTHS, st.timedeltas(timedelta(), timedelta(days=20)))
def test_never_sooner_than_the_rung_and_never_later_than_a_week(link: Link, known: Health, gone: timedelta) -> None:
    """Whatever its state an address rests an hour to seven days; a nightly scan is early only where days count."""
    now = NOW + gone
    rung = interval(link, known)
    assert HOUR <= rung <= 7 * DAY
    assert due(link, known, now) == (gone >= rung)
    if due(link, known, now, EARLY):
        assert gone >= (rung if rung < DAY else rung - EARLY)
    if gone >= 7 * DAY:
        assert due(link, known, now)


@given(LINKS, st.integers(0, 20))
def test_the_longer_it_fails_the_rarer_we_come(link: Link, bad: int) -> None:
    """No further failure brings us back sooner."""
    assert interval(link, health("down", bad=bad)) <= interval(link, health("down", bad=bad + 1))


def test_what_was_never_visited_is_due() -> None:
    """An address without a visit is visited."""
    assert due(FILE, None, NOW)
    assert due(FILE, Health("unknown", "not-visited", None, None, 0, waiting=False, last_good=None), NOW)


def test_daily_files_come_every_night_however_long_a_scan_takes() -> None:
    """One visited five hours into a night's scan is due again when the next night's begins."""
    daily, known = replace(FILE, period_days=1.0), health("up", last=NOW + 5 * HOUR)
    assert due(daily, known, NOW + DAY, EARLY)
    assert not due(daily, known, NOW + DAY)


STAMPED = replace(HELD, etag='"abc"', last_modified="2026-11-01T00:00:00Z", served_at="2026-11-21T02:00:00Z")


def test_a_body_with_validators_is_asked_for_only_if_it_changed() -> None:
    """ETag and Last-Modified go back as the server gave them."""
    asking = how(FILE, STAMPED, NOW)
    assert asking.asked == "changed"
    assert asking.headers == {"If-None-Match": '"abc"', "If-Modified-Since": "Sun, 01 Nov 2026 00:00:00 GMT"}


@pytest.mark.parametrize(
    "held",
    [
        None,
        replace(STAMPED, last_outcome="server-error"),
        replace(STAMPED, last_outcome="gone"),
        replace(STAMPED, last_nature="error"),
        replace(STAMPED, last_nature="page"),
        replace(STAMPED, nature="login", last_nature="login"),
        replace(STAMPED, read=iso(NOW - 28 * DAY)),
        replace(HELD, read=iso(NOW - 7 * DAY)),
    ],
)
def test_when_the_whole_is_asked_for(held: Held | None) -> None:
    """Where nothing is known, or the last answer was no good, or a server was taken at its word for four weeks."""
    assert how(FILE, held, NOW) is WHOLE


def test_without_validators_the_start_is_enough_for_a_period() -> None:
    """Its digest alone tells that it changed, so it is read whole once a declared period."""
    assert how(FILE, HELD, NOW) is PART
    assert how(replace(FILE, period_days=1.0), HELD, NOW) is WHOLE
    assert PART.headers["Range"] == f"bytes=0-{(PART.max_bytes or 0) - 1}"


@pytest.mark.parametrize(
    "changes",
    [
        {"etag": '"' + "x" * 299},
        {"etag": "two words"},
        {"etag": 'x"\r\nHost: evil'},
        {"etag": '"\x00"'},
        {"etag": ""},
        {"last_modified": "2026-11-21T02:00:00Z", "served_at": "2026-11-21T02:00:03Z"},
    ],
)
def test_a_validator_that_is_none_is_not_sent_back(changes: dict[str, str]) -> None:
    """What was cut, could break a header, or was made up for one answer is no validator."""
    assert how(FILE, replace(HELD, **changes), NOW) is PART  # type: ignore[arg-type]
