"""What is known about a dataset when it is judged: the records (claims) and the visits and contents (evidence).

Everything here is frozen and plain, so that a criterion is a pure function and a test can write its case by hand.
"""

from dataclasses import dataclass, field
from datetime import datetime

from harvester.records import Content, Dataset, Language, Provider, Resource, Trilingual, Visit


@dataclass(frozen=True, slots=True)
class Look:
    """One address as the last check saw it.

    ``visits`` are that check's attempts, newest first, and ``visit_ids`` their numbers in the database, in the same
    order. ``content`` is what the newest body that arrived turned out to be. ``bodies`` are the moments (ISO, UTC)
    each different body was first seen at this address, oldest first: from the second on, each is a real change.
    ``last_ok`` is the newest visit of any check that brought a body, None where none ever did.
    """

    visits: tuple[Visit, ...] = ()
    visit_ids: tuple[int, ...] = ()
    content: Content | None = None
    bodies: tuple[str, ...] = ()
    last_ok: str | None = None
    archived_at: str | None = None

    def arrived(self) -> Visit | None:
        """The newest visit that brought a body, None where every attempt failed: an ok after a failure is up."""
        return next((visit for visit in self.visits if visit.outcome == "ok"), None)


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
    """What must be known of the whole catalogue to judge one dataset: which language instances it has at all."""

    languages: tuple[Language, ...] = ("en", "tc", "sc")


@dataclass(frozen=True, slots=True)
class DatasetFacts:
    """One dataset with its provider, its resources in the record's order, and its dictionary where it names one."""

    dataset: Dataset
    resources: tuple[ResourceFacts, ...]
    dictionary: Look | None = None
    provider: Provider = field(default_factory=lambda: Provider("", Trilingual()))
    portal: PortalFacts = field(default_factory=PortalFacts)


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
