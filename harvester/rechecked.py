"""What a recheck of one dataset hands back: what was, what is, and what it did to the score. Plain records.

Times are ISO 8601 UTC; texts are as they were harvested, and are made harmless where they are shown.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from harvester.records import Spell, Trilingual

Fact = str | int | float
Read = Literal["changed", "unchanged", "gone", "unread"]
"""The record: is another, is what it was, is said not to exist by every instance, could not be read."""


@dataclass(frozen=True, slots=True)
class Mended:
    """One fact of the record that is not what it was in one language; ``resource`` is '' for the dataset's own."""

    language: str
    resource: str
    field: str
    old: str | None
    new: str | None


@dataclass(frozen=True, slots=True)
class Address:
    """One address of the dataset: a resource's, or its dictionary's (``resource`` is '').

    ``after`` is None where the record names the address no more, ``before`` where it was never visited. ``outcome``
    is that of this visit, None where none was made. ``confirmed_from`` is the earliest moment at which a good check
    ends a recovery, or another check confirms what this one saw; ``next_visit`` is when we come back by ourselves.
    """

    resource: str
    title: Trilingual
    url: str
    before: Spell | None
    after: Spell | None
    outcome: str | None
    status: int | None
    confirmed_from: str | None
    next_visit: str | None


@dataclass(frozen=True, slots=True)
class Given:
    """One answer: 1 yes, 0.5 partly, 0 no, None unknown; its reason's code and the facts of its sentence."""

    value: float | None
    reason: str
    applies: bool
    facts: Mapping[str, Fact]


@dataclass(frozen=True, slots=True)
class Turned:
    """One criterion whose answer is another; None where it was not asked before, or is not asked any more."""

    resource: str
    criterion: str
    before: Given | None
    after: Given | None


@dataclass(frozen=True, slots=True)
class ToMend:
    """One task: ``points`` (0-100) are what mending it alone gives back, or what it would have when it was closed."""

    resource: str
    criterion: str
    severity: int
    points: float
    due: str
    reason: str
    facts: Mapping[str, Fact]


@dataclass(frozen=True, slots=True)
class Points:
    """A score, 0-100 with its bounds, and the share (0-1) of the weight that was known."""

    point: float | None
    low: float
    high: float
    known: float


@dataclass(frozen=True, slots=True)
class Rechecked:
    """What a recheck found.

    ``as_of`` is the moment the dataset was answered as of; ``whole`` the moment of the last full score, of which the
    scores of providers, categories and the portal, the ranks, the asks and the explanations still are. ``gained`` are
    the points the score rose by (negative where it fell, None where there is no point before or after). ``failures``
    are what could not be worked on, by item. ``left_out`` are the profiles that were changed since the last full score:
    the dataset is not scored by them. ``published`` tells whether the catalogue was built anew.
    """

    dataset: str
    title: Trilingual
    provider: str
    started: str
    as_of: str
    whole: str
    read: Read
    record: tuple[Mended, ...]
    addresses: tuple[Address, ...]
    answers: tuple[Turned, ...]
    closed: tuple[ToMend, ...]
    opened: tuple[ToMend, ...]
    still_open: tuple[ToMend, ...]
    profile: str
    before: Points | None
    after: Points | None
    failures: tuple[tuple[str, str], ...] = ()
    left_out: tuple[str, ...] = ()
    published: bool = False

    @property
    def gained(self) -> float | None:
        """The points that the score of the leading profile rose by."""
        if self.before is None or self.after is None or self.before.point is None or self.after.point is None:
            return None
        return self.after.point - self.before.point
