"""What a portal is, as plain records: packages in three languages, and an answer for each address.

The server speaks HTTP for anything that fits `Catalogue`: the seeded sample, or recorded files in a benchmark.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol

LANGUAGES = ("en", "tc", "sc")


@dataclass(frozen=True, slots=True)
class Moment:
    """When an address is asked: `now` (aware), and how often it was asked before at this very moment.

    A clock that stands still while a visitor makes his round makes a round one moment, second attempts included.
    """

    now: datetime
    call: int = 0


@dataclass(frozen=True, slots=True)
class Response:
    """How one address answers. `body` is made when it is asked for, so a catalogue of thousands stays small.

    `before` are the answers given to the first calls, one each; `robots` is what a client gets whose User-Agent
    names no contact, `secure` what https gets where it differs from http; `misbehaviour` names an entry of
    `http_faults.MISBEHAVIOURS` that takes over the connection. Where there is a date of change, `tagged` and `dated`
    say whether it is told as ETag and as Last-Modified. `course` is how the answer goes with time: it is given this
    answer and the moment, and returns the one that is given then.
    """

    body: Callable[[], bytes] = bytes
    content_type: str | None = "text/html; charset=utf-8"
    status: int = 200
    headers: tuple[tuple[str, str], ...] = ()
    modified: datetime | None = None
    ranges: bool = True
    head: bool = True
    gzip: bool = True
    before: "tuple[Response, ...]" = ()
    robots: "Response | None" = None
    secure: "Response | None" = None
    misbehaviour: str = ""
    tagged: bool = True
    dated: bool = True
    course: "Callable[[Response, Moment], Response] | None" = None


@dataclass(frozen=True, slots=True)
class Archived:
    """One live address the historical archive keeps, with what its listing says of it."""

    dataset: str
    dataset_titles: tuple[str, str, str]
    resource_titles: tuple[str, str, str]
    format: str
    provider: str
    category: str
    url: str


class Catalogue(Protocol):
    """Anything the server can serve as a portal."""

    @property
    def portal_host(self) -> str:
        """The portal's own host name; every other host is a publisher's."""
        ...

    @property
    def suffix(self) -> str:
        """The domain all hosts end in, with its leading dot."""
        ...

    def names(self, language: str) -> Sequence[str]:
        """The sorted names of the datasets that this language instance lists."""
        ...

    def package(self, language: str, key: str) -> dict[str, Any] | None:
        """One instance's record of a dataset, by name or by that instance's own id; None where it has none."""
        ...

    def groups(self, language: str) -> Sequence[dict[str, Any]]:
        """One instance's categories as CKAN groups, sorted by name."""
        ...

    def listing(self, what: str) -> list[dict[str, Any]]:
        """The portal's own list of `providers` or `categories`: id, name in three languages, datasetCount."""
        ...

    def archived(self) -> Sequence[Archived]:
        """What the historical archive keeps."""
        ...

    def response(self, host: str, target: str) -> Response | None:
        """How the address `host` + `target` (path and query) answers; None where nothing stands there."""
        ...

    def certificate(self, host: str) -> str:
        """The certificate the host shows: good, expired, soon, other-host, wildcard; none without TLS."""
        ...


@dataclass(frozen=True, slots=True)
class RecordedCatalogue:
    """A catalogue of ready-made records and answers, for serving recorded bodies as if they were the portal.

    `packages` maps language to name to record; `responses` maps (host, target) to an answer.
    """

    packages: Mapping[str, Mapping[str, dict[str, Any]]]
    responses: Mapping[tuple[str, str], Response]
    providers: Sequence[dict[str, Any]] = ()
    categories: Sequence[dict[str, Any]] = ()
    group_records: Mapping[str, Sequence[dict[str, Any]]] = field(default_factory=dict)
    archive: Sequence[Archived] = ()
    portal_host: str = "data.sample.test"
    suffix: str = ".sample.test"

    def names(self, language: str) -> Sequence[str]:
        """The sorted names of the datasets that this language instance lists."""
        return sorted(self.packages.get(language, {}))

    def package(self, language: str, key: str) -> dict[str, Any] | None:
        """One instance's record by name or by its id there."""
        packages = self.packages.get(language, {})
        return packages.get(key) or next((p for p in packages.values() if p.get("id") == key), None)

    def groups(self, language: str) -> Sequence[dict[str, Any]]:
        """One instance's categories."""
        return self.group_records.get(language, ())

    def listing(self, what: str) -> list[dict[str, Any]]:
        """The list of providers or categories."""
        return list(self.providers if what == "providers" else self.categories)

    def archived(self) -> Sequence[Archived]:
        """What the archive keeps."""
        return self.archive

    def response(self, host: str, target: str) -> Response | None:
        """The recorded answer at an address."""
        return self.responses.get((host, target))

    def certificate(self, host: str) -> str:
        """Every recorded host shows a good certificate."""
        return "good" if host else ""
