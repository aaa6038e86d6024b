"""A daily scan is due once a day in Hong Kong, whatever the machine slept through."""

from datetime import UTC, datetime, time, timedelta

from hypothesis import given
from hypothesis import strategies as st

from harvester.clock import HONG_KONG
from harvester.watch import due

AT = time(2, 30)
MOMENTS = st.datetimes(datetime(2020, 1, 1), datetime(2040, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001 (bounds are naive by contract)


def test_a_scan_is_due_once_the_hour_has_passed_since_the_last():
    """02:30 in Hong Kong is 18:30 UTC of the day before."""
    last = datetime(2026, 11, 22, 18, 30, tzinfo=UTC)
    assert not due(last, datetime(2026, 11, 23, 18, 29, 59, tzinfo=UTC), AT)
    assert due(last, datetime(2026, 11, 23, 18, 30, 1, tzinfo=UTC), AT)
    assert due(None, last, AT)


@given(MOMENTS)
def test_a_scan_just_started_is_not_due_and_two_days_later_it_is(now):
    """No moment of the year makes two scans due at once, or lets a day go by."""
    assert not due(now, now, AT)
    assert due(now - timedelta(days=2), now, AT)


@given(MOMENTS)
def test_each_day_has_exactly_one_moment_at_which_a_scan_falls_due(start):
    """Walking a week by the hour with a scan whenever one is due makes seven or eight scans."""
    last, scans = start, 0
    for hours in range(7 * 24 + 1):
        now = start + timedelta(hours=hours)
        if due(last, now, AT):
            last, scans = now, scans + 1
            assert now.astimezone(HONG_KONG).hour in (2, 3)
    assert scans in (7, 8)
