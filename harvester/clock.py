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
