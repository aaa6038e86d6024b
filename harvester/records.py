"""The plain records that cross between rooms: what is claimed, what was seen, what it turned out to be.

Every record is frozen and holds plain values only. Times are ISO 8601 in UTC to the second
(``2026-11-23T02:30:00Z``); sizes are bytes; durations are milliseconds or days as named.
"""

from dataclasses import dataclass, field
from typing import Literal

Language = Literal["en", "tc", "sc"]
LANGUAGES: tuple[Language, ...] = ("en", "tc", "sc")

Schedule = Literal["periodic", "real-time", "as-needed", "unknown"]
"""What a declared update frequency amounts to: a period, a live feed, "when there is something", or unreadable."""

Kind = Literal["file", "api", "page", "template"]
"""What an address is by its own shape: a file, an API call, a page for people, or a call with holes to fill."""

Outcome = Literal[
    "ok",  # 2xx with a body, whatever the body is
    "empty",  # 2xx without a body
    "gone",  # 404, 410
    "blocked",  # 401, 403, 407, 451, or a challenge: a robot is refused, which is not the same as down
    "needs-parameters",  # 400 or 422: the call wants something a catalogue does not say
    "throttled",  # 429: we were too fast, which is our fault
    "client-error",  # any other 4xx
    "server-error",  # 5xx
    "timeout",  # no connection, no byte, or no end within the limits
    "unreachable",  # no such host, connection refused or reset
    "certificate",  # TLS refused: expired, wrong host, unknown issuer
    "redirect-loop",  # more redirects than allowed, or a circle
    "broken",  # the answer contradicts itself: short body, bad chunks, gzip that is not
    "not-public",  # the guard refused the address; nothing was asked
    "not-asked",  # its robots.txt asks robots to stay away; nothing was asked
    "bad-address",  # not an http(s) address at all
]

Asked = Literal["whole", "changed", "part"]
"""How a visit asked: for the whole body, for it if it changed (If-None-Match, If-Modified-Since), or for its start."""

State = Literal["up", "degraded", "down", "blocked", "needs-parameters", "not-asked", "unknown"]
"""What an address is over several visits; ``degraded`` answers, and not as it should (now and then, slowly, anew)."""

Nature = Literal["data", "page", "login", "challenge", "error", "shell", "empty"]
"""What a body is meant as: data, a page, a login page, a robot wall, an error message, or a script shell."""

Verdict = Literal["valid", "invalid", "opens", "broken", "unmeasured"]
"""Frictionless's verdict on a table (valid, invalid), ours on other formats (opens, broken), or neither."""

Ladder = Literal["table", "structured", "proprietary-table", "document", "picture", "page", "archive", "unknown"]
"""How far a machine can use a format, best first (scoring reads it, never the file's name)."""


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


@dataclass(frozen=True, slots=True)
class Visit:
    """One request and what came of it, its redirects included.

    ``bytes`` is the decoded body's length as far as it was read; ``complete`` is False where our own limit cut it.
    ``served_at`` is the server's Date header (UTC). ``error`` is one plain sentence, None when all went well. A 304 is
    ``ok``, and its ``sha256`` is that of the body the server says is unchanged. ``nature`` is what the bytes that came
    are meant as, None where none came or nobody looked.
    """

    url: str
    started: str
    attempt: int
    outcome: Outcome
    status: int | None = None
    first_byte_ms: int | None = None
    milliseconds: int | None = None
    bytes: int | None = None
    declared_bytes: int | None = None
    content_type: str | None = None
    etag: str | None = None
    last_modified: str | None = None
    served_at: str | None = None
    redirects: tuple[str, ...] = ()
    certificate_days: int | None = None
    sha256: str | None = None
    complete: bool = True
    error: str | None = None
    asked: Asked = "whole"
    nature: Nature | None = None


@dataclass(frozen=True, slots=True)
class Spell:
    """How long an address was in one state: from the first visit that showed it until the first that showed another.

    ``reason`` is a stable code, ``visits`` how many there were in it, ``proof`` the numbers of those that prove it.
    """

    state: State
    reason: str
    since: str
    until: str | None
    visits: int
    proof: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Sniffed:
    """What a body's bytes are, decided by the bytes alone.

    ``format`` is lower case from one vocabulary: csv tsv xls xlsx xlsm ods json jsonl geojson topojson xml rss atom
    kml kmz gml gpx ics html pdf doc docx ppt pptx rtf png jpeg gif tiff svg webp shp gpkg fgdb gtfs mdb dwg dxf dgn
    3ds asc cesium3dtiles dae fbx gfs gltf max obj osgb rinex rtcm vrml zip gzip rar 7z sqlite parquet text binary
    empty. A ZIP is named by what it holds where that is one of these.
    ``encoding`` is one of ascii utf-8 utf-16-le utf-16-be utf-32-le utf-32-be big5 big5-hkscs gb18030 windows-1252,
    ``mixed`` where a file's lines are in several, None where it is not text or in none of them.
    """

    format: str
    nature: Nature
    encoding: str | None = None
    bom: bool = False
    members: tuple[str, ...] = ()
    """The names inside an archive, at most the first 50."""


@dataclass(frozen=True, slots=True)
class Defect:
    """One kind of fault in one content, in Frictionless's own code, counted in full, with its first places."""

    code: str
    count: int
    row: int | None = None
    field: int | None = None
    note: str = ""
    examples: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Place:
    """Where something stands in a file: its row (or record) counted from 1, and what the cell says, cut to 60 letters.

    Rows are counted as the file counts them, titles and labels included; records as they come. ``count`` is how many
    cells say the same, where the place is the first of them.
    """

    row: int
    value: str = ""
    count: int = 1


Oddity = Literal["beyond", "outside", "swapped", "far-date"]
"""What is odd about a value: beyond what its label allows, outside Hong Kong among places inside, latitude and
longitude in each other's column, or a date far from all others of its column."""


@dataclass(frozen=True, slots=True)
class Odd:
    """Cells of one column that are odd in one way: how many, and the first of them."""

    kind: Oddity
    count: int
    places: tuple[Place, ...] = ()


@dataclass(frozen=True, slots=True)
class Column:
    """One column's profile: type as Frictionless inferred it, share of empty cells (0-1), numeric range.

    Where Frictionless was not asked (features, XML, keyed objects), ``type`` is what all values read as, or ``any``.
    ``earliest`` and ``latest`` are the range of a column of dates, as ISO dates, the future included. ``gaps`` are the
    first cells that are empty or hold a marker, ``odd`` the values that can hardly be meant.
    """

    label: str
    type: str
    null_share: float
    distinct: int
    low: float | None = None
    high: float | None = None
    markers: int = 0
    """Cells that hold a missing-value marker (``N/A``, ``***``, ``-``) instead of being empty; ``Trace`` is none."""
    earliest: str | None = None
    latest: str | None = None
    constant: bool = False
    """Whether every cell holds the same value, in a table of more than one row."""
    gaps: tuple[Place, ...] = ()
    odd: tuple[Odd, ...] = ()


@dataclass(frozen=True, slots=True)
class Spellings:
    """One thing written in several ways in one column: each way with its first place, the most frequent first."""

    column: str
    places: tuple[Place, ...]


@dataclass(frozen=True, slots=True)
class Part:
    """One part of a content and what came of it: a data file of an archive, a layer, a table of a database.

    ``rows`` are its records, features or events, None where it has none; ``reason`` is one plain sentence.
    """

    name: str
    format: str
    verdict: Verdict
    rows: int | None = None
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class Profile:
    """What a table (or list of records or features) holds, for judging time, extent and sense.

    ``earliest`` and ``latest`` are ISO dates found in the data (Hong Kong time); ``periods`` is how many different
    points in time there are; ``districts`` are the Hong Kong districts named, by their English names; ``variants``
    are groups of values in one column that differ only in case, spacing, punctuation or ``&`` for ``and``, and
    ``spellings`` the same groups with their places. ``more`` is whether the document itself says that there are more
    records than it holds; None where it does not say. ``repeated`` are the first rows that only repeat an earlier one.
    ``rows_read`` is how many rows all this was told from, None where from all. ``unit`` is what places count,
    None where it was told before places were kept.
    """

    rows: int
    columns: tuple[Column, ...] = ()
    earliest: str | None = None
    latest: str | None = None
    periods: int = 0
    districts: tuple[str, ...] = ()
    duplicate_rows: int = 0
    variants: tuple[tuple[str, ...], ...] = ()
    more: bool | None = None
    facts: tuple[tuple[str, str], ...] = ()
    """What only this format has, by name (docs/formats.md): ``("pages", "12")``, ``("projection", "EPSG:2326")``."""
    parts: tuple[Part, ...] = ()
    """What it is made of, at most the first 50: data files of an archive, layers, tables."""
    spellings: tuple[Spellings, ...] = ()
    repeated: tuple[int, ...] = ()
    rows_read: int | None = None
    unit: Literal["row", "record"] | None = None
    first_column: int = 1
    """Where in its sheet the first of ``columns`` stands, counted from 1."""


@dataclass(frozen=True, slots=True)
class Dialect:
    """How to read a file as a table: the row of the labels (1-based) and how many rows at the end are not data."""

    encoding: str | None = None
    delimiter: str | None = None
    header_row: int | None = None
    header_rows: int = 1
    footer_rows: int = 0
    sheet: str | None = None
    record_path: str | None = None
    """Where in a JSON or XML document the list of records stands, as a dotted path."""
    columns: int | None = None
    """How many columns from the left are the table's; None where that is all of them."""
    missing_values: tuple[str, ...] = ()
    """What stands for "no value" in columns of numbers or dates (``***``, ``N.A.``)."""
    sections: int = 0
    """How many rows inside the table only head the rows below them; they are no data. ``rows`` does not count them."""
    sections_at: tuple[int, ...] = ()
    """The first of those rows, counted as ``header_row`` is."""
    others: int = 0
    """How many more tables stand in the file, below or beside this one or on other sheets; they are not judged."""
    others_at: tuple[str, ...] = ()
    """Where the first of them stand, as a spreadsheet writes it: ``A20:F35``, ``Sheet2!A1:C9``."""
    merged: int = 0
    """How many ranges of merged cells stand among the table's labels and rows."""
    merged_at: tuple[str, ...] = ()
    """The first of those ranges (``E1:S1``)."""
    hidden_sheets: tuple[str, ...] = ()
    """The sheets a workbook hides, whatever they hold."""


@dataclass(frozen=True, slots=True)
class Content:
    """What one body (by sha256) turned out to be.

    ``verdict`` is as published: what a program that trusts the file gets. ``repaired`` is the verdict when it is
    read by ``dialect``, None where no repair was needed or none was found. ``reason`` is one plain sentence for
    ``unmeasured``, ``broken`` and ``invalid``. ``seconds`` is the wall time validation took.
    """

    sha256: str
    bytes: int
    complete: bool
    format: str
    nature: Nature
    ladder: Ladder
    encoding: str | None = None
    bom: bool = False
    dialect: Dialect | None = None
    rows: int | None = None
    columns: int | None = None
    labels: tuple[str, ...] = ()
    members: tuple[str, ...] = ()
    verdict: Verdict = "unmeasured"
    reason: str | None = None
    repaired: Verdict | None = None
    defects: tuple[Defect, ...] = field(default=())
    profile: Profile | None = None
    seconds: float = 0.0
    engine: str = ""
    """Versions that gave the verdict: ``frictionless 5.21.0, python 3.11.7, rules 1``."""
