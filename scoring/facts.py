"""What is known about a dataset when it is judged: the records (claims) and the visits and contents (evidence).

Everything here is frozen and plain, so that a criterion is a pure function and a test can write its case by hand.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from harvester.compare.records import Comparison
from harvester.records import Content, Dataset, Language, Nature, Provider, Resource, Spell, Trilingual, Visit

NOT_THE_DATA: frozenset[Nature] = frozenset({"login", "challenge", "error", "empty"})
"""Natures of a body that came in place of what was asked for."""


@dataclass(frozen=True, slots=True)
class Look:
    """One address as the visits so far show it.

    ``visits`` are the last check's attempts, newest first, then those of earlier checks on which the judgement stands,
    and ``visit_ids`` their numbers in the database, in the same order. ``state`` is what all visits amount to, None
    where there are none (or where nobody kept it: then the last check alone is judged), ``shown`` the newest of the
    visits that prove it. ``content`` is what the newest body that says so turned out to be, and ``body`` the visit
    that brought it whole. ``bodies`` are the moments (ISO, UTC) each different body was first seen at this address,
    oldest first: from the second on, each is a real change. ``last_ok`` is the newest visit of any check that brought
    the data, None where none ever did.
    """

    visits: tuple[Visit, ...] = ()
    visit_ids: tuple[int, ...] = ()
    content: Content | None = None
    bodies: tuple[str, ...] = ()
    last_ok: str | None = None
    archived_at: str | None = None
    state: Spell | None = None
    shown: Visit | None = None
    body: Visit | None = None

    def arrived(self) -> Visit | None:
        """The newest visit by which the address answers, None where it does not: one failure does not undo it."""
        if self.state is not None:
            return self.shown if self.state.state in ("up", "degraded") else None
        return next((visit for visit in self.visits if visit.outcome == "ok"), None)

    def known_by(self) -> Visit | None:
        """The newest visit that tells what the whole body is: a look at its start does not, a 304 does."""
        visit = self.arrived()
        return visit if visit is None or visit.sha256 or self.body is None else self.body

    def failed_since(self) -> Visit | None:
        """The last check's last attempt where that failed though the address is up by its state, else None."""
        newest = self.visits[0] if self.visits and self.arrived() else None
        if newest is None or newest.outcome in ("throttled", "not-public") or brought_data(newest):
            return None
        return newest


def brought_data(visit: Visit) -> bool:
    """Whether what the visit asked for came: not an error, and not a login page, wall, error or nothing instead."""
    return visit.outcome == "ok" and visit.nature not in NOT_THE_DATA


@dataclass(frozen=True, slots=True)
class ResourceFacts:
    """One resource with what stands behind its address. ``sharers`` are the other resources with the same address."""

    resource: Resource
    look: Look = field(default_factory=Look)
    sharers: tuple["Sharer", ...] = ()


@dataclass(frozen=True, slots=True)
class Sharer:
    """Another live resource with the same address, and the languages it is meant for."""

    shared_id: str
    dataset: str
    in_language: str | None
    languages: tuple[Language, ...]


@dataclass(frozen=True, slots=True)
class PortalFacts:
    """What must be known of the whole catalogue to judge one dataset: which language instances it has at all.

    ``fields`` are the names of fields that any record fills, among those that not every portal has (`scoring.evidence`
    collects them): what is not among them, nobody could fill.
    """

    languages: tuple[Language, ...] = ("en", "tc", "sc")
    fields: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Beside:
    """What came of laying a dataset's contents beside each other, by the sha256 of the bodies they have today.

    ``dictionary`` is the readable dictionary beside each file, by the file's; ``languages`` are pairs of one table in
    two languages, by both.
    """

    dictionary: Mapping[str, Comparison] = field(default_factory=dict)
    languages: Mapping[tuple[str, str], Comparison] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class DatasetFacts:
    """One dataset with its provider, its resources in the record's order, and its dictionary where it names one.

    ``copy_of`` is the record that lists the very same files and was there first; empty where there is none.
    """

    dataset: Dataset
    resources: tuple[ResourceFacts, ...]
    dictionary: Look | None = None
    provider: Provider = field(default_factory=lambda: Provider("", Trilingual()))
    portal: PortalFacts = field(default_factory=PortalFacts)
    beside: Beside = field(default_factory=Beside)
    copy_of: str = ""


@dataclass(frozen=True, slots=True)
class Terms:
    """The portal's terms of use, which stand in for a licence where the record names none.

    ``value`` is how open they are taken to be (1 open, 0.5 partly, 0 not); with ``apply`` False they are not counted
    and a record without a licence has none.
    """

    apply: bool = True
    licence: str = "LicenseRef-DATA.GOV.HK-TOU"
    value: float = 1.0
    source: str = ""


@dataclass(frozen=True, slots=True)
class Case:
    """What a criterion is handed beside its facts: the whole dataset, the moment it is judged, the portal's terms."""

    dataset: DatasetFacts
    as_of: datetime
    terms: Terms = field(default_factory=Terms)
