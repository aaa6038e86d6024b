"""The clock, the one place that knows what time it is; steps are handed it, so tests own the time."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta, timezone

Clock = Callable[[], datetime]
"""Returns the present moment as an aware UTC datetime."""

HONG_KONG = timezone(timedelta(hours=8), "HKT")
"""Hong Kong has kept UTC+8 without summer time since 1979, so a fixed offset is right for everything we read."""


def system_clock() -> datetime:
    """Return the present moment, aware, in UTC."""
    return datetime.now(UTC)


def iso(moment: datetime) -> str:
    """Return an aware moment as ISO 8601 UTC to the second: ``2026-11-23T02:30:00Z``."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def parse_iso(text: str) -> datetime:
    """Return the aware UTC moment that ``iso`` wrote. Raises ValueError on anything else."""
    return datetime.strptime(text, "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC)


def hong_kong_day(moment: str) -> str:
    """Return the day in Hong Kong (``2026-11-23``) of a moment that ``iso`` wrote. Raises ValueError on what is none.

    A scan at half past two in the morning there is of the day before in UTC; people read Hong Kong's day.
    """
    read = datetime.fromisoformat(moment)  # many times quicker than strptime
    if read.tzinfo is None:
        raise ValueError(f"{moment} is a moment of no time zone.")
    return read.astimezone(HONG_KONG).date().isoformat()
