"""Why a run was late, or was not: what was going on at a moment, and what an error means. Pure."""

import errno
import sqlite3
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Literal

from harvester.errors import (
    BarometerError,
    BusyError,
    GaveWayError,
    OurNetworkError,
    PortalError,
    SettingsError,
)

Why = Literal[
    "first-start", "asleep", "stopped", "killed", "clock-forward", "at-work", "busy", "database-locked", "disk-full",
    "portal-away", "network-away", "settings", "gave-way", "error", "late",
]  # fmt: skip
OF_ALL: frozenset[str] = frozenset({"busy", "database-locked", "disk-full", "network-away"})
"""Troubles that every job would meet: none is tried before the rest is over."""
DISK = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EROFS, errno.EIO})
SPANS_KEPT = 500
BETWEEN_TRIES = timedelta(minutes=15)
"""A trouble met again so soon after a rest for it lasted in between."""


@dataclass(frozen=True, slots=True)
class Span:
    """What was going on from one moment to another (aware), and whether for one job only ('': for all)."""

    begins: datetime
    ends: datetime
    why: Why
    told: str
    job: str = ""


@dataclass
class Trace:
    """What was going on lately: asked why nothing was done at a moment."""

    spans: deque[Span] = field(default_factory=lambda: deque(maxlen=SPANS_KEPT))

    def add(self, span: Span) -> None:
        """Remember a span."""
        self.spans.append(span)

    def add_trouble(self, span: Span) -> None:
        """Remember that something stood in the way; where it did at the last try as well, it did all the time since."""
        last = next((old for old in reversed(self.spans) if (old.why, old.job) == (span.why, span.job)), None)
        lasting = last is not None and span.begins - last.ends <= BETWEEN_TRIES
        self.add(replace(span, begins=last.begins) if last and lasting else span)

    def reason(self, moment: datetime, job: str) -> tuple[Why, str]:
        """Return why a job did not begin at a moment: by the newest span that holds it."""
        for span in reversed(self.spans):
            if span.begins <= moment <= span.ends and span.job in ("", job):
                return span.why, span.told
        return "late", "The watch looked later than it should have; the machine may be overloaded."


def meaning(error: BaseException) -> tuple[Why, str]:
    """Return what an error is by its word, and in a sentence that says what to do; 'error' if unforeseen."""
    found = next((why for cause in _causes(error) if (why := _of(cause))), None)
    if found:
        return found, str(error) if isinstance(error, BarometerError) else _ADVICE[found].format(error=error)
    if isinstance(error, BarometerError):
        return "error", str(error)
    return "error", f"{type(error).__name__}: {error}. Please report this, with the lines of the log before it."


_ADVICE = {
    "database-locked": "Another program holds the database ({error}): end it; it is tried again by itself.",
    "disk-full": "The disk refuses ({error}): free some space; it is tried again by itself.",
}


def _causes(error: BaseException) -> Iterator[BaseException]:
    """Yield an error and what led to it, the deepest first: what was raised first knows best."""
    chain: list[BaseException] = []
    at: BaseException | None = error
    while at is not None and at not in chain:
        chain.append(at)
        at = at.__cause__ or at.__context__
    return reversed(chain)


def _of(error: BaseException) -> Why | None:
    if isinstance(error, sqlite3.Error):
        name = getattr(error, "sqlite_errorname", None) or ""
        if name.startswith(("SQLITE_BUSY", "SQLITE_LOCKED")):
            return "database-locked"
        if name.startswith(("SQLITE_FULL", "SQLITE_IOERR", "SQLITE_READONLY", "SQLITE_CANTOPEN")):
            return "disk-full"
        return None
    if isinstance(error, OSError):
        return "disk-full" if error.errno in DISK else None
    for kind, why in _KINDS:
        if isinstance(error, kind):
            return why
    return None


_KINDS: tuple[tuple[type[BarometerError], Why], ...] = (
    (BusyError, "busy"), (OurNetworkError, "network-away"), (PortalError, "portal-away"), (SettingsError, "settings"),
    (GaveWayError, "gave-way"),
)  # fmt: skip
