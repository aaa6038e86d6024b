"""What a portal claims: its datasets, their resources, who provides them."""

from dataclasses import dataclass
from typing import Literal

Language = Literal["en", "tc", "sc"]

LANGUAGES: tuple[Language, ...] = ("en", "tc", "sc")

Schedule = Literal["periodic", "real-time", "as-needed", "unknown"]
"""What a declared update frequency amounts to: a period, a live feed, "when there is something", or unreadable."""

Kind = Literal["file", "api", "page", "template"]
"""What an address is by its own shape: a file, an API call, a page for people, or a call with holes to fill."""


@dataclass(frozen=True, slots=True)
class Trilingual:
    """One text as each of the portal's three language instances gives it; None where that instance has none."""

    en: str | None = None
    tc: str | None = None
    sc: str | None = None

    def first(self) -> str | None:
        """The first text there is, English before Traditional before Simplified Chinese."""
        return self.en or self.tc or self.sc


@dataclass(frozen=True, slots=True)
class Provider:
    """A department or body that publishes, by the portal's own slug (``hk-hko``)."""

    slug: str
    title: Trilingual


@dataclass(frozen=True, slots=True)
class Category:
    """One of the portal's subject groups, by slug (``climate-and-weather``)."""

    slug: str
    title: Trilingual


@dataclass(frozen=True, slots=True)
class Resource:
    """One file, API or page of a dataset, joined over the language instances on ``shared_id``.

    ``url`` is what is measured: the English instance's address, else the Traditional, else the Simplified.
    ``urls`` keeps each instance's own, so that a disagreement stays a fact. Dates are as the portal wrote them.
    """

    shared_id: str
    dataset: str
    position: int
    title: Trilingual
    description: Trilingual
    format: str
    url: str
    urls: Trilingual
    kind: Kind
    is_api: bool | None
    in_language: str | None
    mimetype: str | None
    size: int | None
    created: str | None
    modified: str | None
    published: str | None
    temporal_from: str | None
    temporal_to: str | None
    schema_url: str | None
    languages: tuple[Language, ...]
    extras: str = "{}"
    """JSON by language instance: what the record says that no other field holds, ``{"en": {"hash": "..."}}``."""


@dataclass(frozen=True, slots=True)
class Dataset:
    """One dataset as it stands, joined over the language instances on ``name``.

    ``frequency`` is as written; ``schedule`` and ``period_days`` are what we read in it (period None when not
    schedulable). ``created`` and ``modified`` are the record's own, not the data's.
    """

    name: str
    provider: str
    category: str | None
    title: Trilingual
    notes: Trilingual
    frequency: Trilingual
    schedule: Schedule
    period_days: float | None
    maintainer: Trilingual
    maintainer_email: str | None
    maintainer_phone: str | None
    dictionary_url: str | None
    licence_id: str | None
    licence_title: str | None
    created: str | None
    modified: str | None
    languages: tuple[Language, ...]
    resource_counts: Trilingual
    """How many resources each instance lists, as text (``"4"``); None where it does not list the dataset."""
    resources: tuple[Resource, ...] = ()
    extras: str = "{}"
    """JSON by language instance: what the record says that no other field holds, ``{"en": {"author": "..."}}``."""
