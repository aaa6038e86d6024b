"""When a job of `barometer watch` is due: moments that follow each other in Hong Kong time, whatever runs. Pure."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, time, timedelta

from harvester.clock import HONG_KONG

MONDAY = datetime(1970, 1, 5, tzinfo=HONG_KONG)
"""Any Monday's midnight in Hong Kong will do to count from: there is no summer time to step over."""
DAY, WEEK = timedelta(days=1), timedelta(days=7)
DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
EXAMPLES = "write `daily 02:30`, `sunday 04:30`, `every 1 hour` or `every 15 minutes`"
_AT = re.compile(r"(\w+)\s+(\d{1,2}:\d{2})")
_EVERY = re.compile(r"every\s+(?:(\d{1,3})\s+)?(hour|minute)s?")
LEAST_MINUTES = 5


@dataclass(frozen=True, slots=True)
class Rhythm:
    """Moments a ``period`` apart, the first of them ``phase`` after a Monday's midnight in Hong Kong."""

    period: timedelta
    phase: timedelta = timedelta()

    def latest(self, now: datetime) -> datetime:
        """Return the newest moment that is not after ``now`` (aware)."""
        return now - (now - MONDAY - self.phase) % self.period

    def following(self, now: datetime) -> datetime:
        """Return the first moment after ``now`` (aware)."""
        return self.latest(now) + self.period

    def between(self, after: datetime, until: datetime) -> Iterator[datetime]:
        """Yield the moments later than ``after`` and not later than ``until`` (both aware), oldest first."""
        moment = self.following(after)
        while moment <= until:
            yield moment
            moment += self.period


def rhythm(text: str) -> Rhythm:
    """Return the rhythm written as ``daily 02:30``, ``sunday 04:30``, ``every 1 hour`` or ``every 15 minutes``.

    Raises ValueError, with what to write instead, on anything else. What comes every so many minutes or hours must fit
    a whole number of times into a day, so that it comes at the same times every day.
    """
    written = " ".join(text.lower().split())
    if found := _AT.fullmatch(written):
        word, clock = found.groups()
        if word != "daily" and word not in DAYS:
            raise ValueError(f"{word!r} is no day: write daily, or one of {', '.join(DAYS)}")
        since_midnight = _since_midnight(clock)
        return Rhythm(DAY, since_midnight) if word == "daily" else Rhythm(WEEK, DAYS.index(word) * DAY + since_midnight)
    if found := _EVERY.fullmatch(written):
        minutes = int(found[1] or 1) * (60 if found[2] == "hour" else 1)
        if minutes < LEAST_MINUTES or 24 * 60 % minutes:
            raise ValueError(f"{text!r} does not fit into a day: write minutes or hours (5 minutes or more) that do")
        return Rhythm(timedelta(minutes=minutes))
    raise ValueError(f"{text!r} is no rhythm: {EXAMPLES}")


def daily(at: time) -> Rhythm:
    """Return the rhythm of what comes once a day at a time of day in Hong Kong."""
    return Rhythm(DAY, timedelta(hours=at.hour, minutes=at.minute))


def _since_midnight(clock: str) -> timedelta:
    hours, minutes = (int(part) for part in clock.split(":"))
    if hours > 23 or minutes > 59:  # noqa: PLR2004 - a clock's own numbers
        raise ValueError(f"{clock!r} is not a time of day: write it as 02:30")
    return timedelta(hours=hours, minutes=minutes)
