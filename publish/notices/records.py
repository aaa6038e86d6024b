"""What the notices are made of: who is told, what stands, what was told, and what came of telling it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Literal

from harvester.records import Language

Frequency = Literal["each-scan", "daily", "weekly"]
Kind = Literal["opened", "reopened", "mended"]
State = Literal["open", "mended"]
FOR_GOOD = date.max
"""The last silent day of a recipient that is muted for good."""


@dataclass(frozen=True, slots=True)
class Recipient:
    """One address that is told of one provider, and how.

    ``address`` is Apprise's, secrets filled in; ``key`` stands for it wherever something is written down. ``weekday``
    counts from Monday, 0; ``hour`` is Hong Kong's. Tasks of a ``severity`` above the one given (0 is worst) are left
    out. Nothing is told up to and with the day ``mute`` (in Hong Kong).
    """

    name: str
    key: str
    address: str = field(repr=False)
    language: Language = "en"
    frequency: Frequency = "weekly"
    weekday: int = 0
    hour: int = 9
    severity: int = 6
    mute: date | None = None
    muted_datasets: frozenset[str] = frozenset()
    muted_criteria: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Settings:
    """Who is told what: recipients by provider, those of every provider that has none of its own, and the keeper's.

    ``contact`` is whom a reader writes to in order to be sent less; ``lines`` says where each provider is written.
    """

    name: str
    contact: str
    providers: Mapping[str, tuple[Recipient, ...]]
    everyone: tuple[Recipient, ...] = ()
    keeper: tuple[Recipient, ...] = ()
    lines: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Standing:
    """One task as the published catalogue has it. Moments are ISO 8601 UTC.

    ``state`` is ``open`` where the answer that stands is below yes,
    ``mended`` where it is a yes, and None where nothing may be said: unknown now, or gone from the catalogue.
    ``at`` is when that state began; ``again`` is whether it was closed before.
    """

    key: str
    dataset: str
    criterion: str
    severity: int
    points: float
    due: str
    state: State | None
    at: str
    again: bool


@dataclass(frozen=True, slots=True)
class Told:
    """What a recipient was told of a task last: its state, and when that began (ISO 8601 UTC)."""

    state: State
    at: str


@dataclass(frozen=True, slots=True)
class Digest:
    """What one recipient has not been told of one provider yet, the worst first. ``id`` is made of what is in it."""

    id: str
    opened: tuple[Standing, ...] = ()
    reopened: tuple[Standing, ...] = ()
    mended: tuple[Standing, ...] = ()
    first: bool = False

    @property
    def all(self) -> tuple[Standing, ...]:
        """Everything it tells."""
        return self.opened + self.reopened + self.mended


@dataclass(frozen=True, slots=True)
class Message:
    """One message, ready to be sent: a one-line title, HTML for mail, and plain text for all else.

    ``texts`` are editions of the same from the longest to the shortest, as chats differ in what they take. ``digest``
    is what it calls itself, ``contact`` a mail address of whoever sends it (empty: none).
    """

    title: str
    html: str
    texts: tuple[str, ...]
    digest: str
    contact: str = ""


@dataclass(frozen=True, slots=True)
class Notified:
    """What came of telling: messages that arrived and that did not, and what is to be said to whoever runs this."""

    sent: int = 0
    failed: int = 0
    given_up: int = 0
    notes: tuple[str, ...] = ()
