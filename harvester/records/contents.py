"""What a body turned out to be: its format, its table, its defects, and what it holds."""

from dataclasses import dataclass, field
from typing import Literal

Nature = Literal["data", "page", "login", "challenge", "error", "shell", "empty"]
"""What a body is meant as: data, a page, a login page, a robot wall, an error message, or a script shell."""

Verdict = Literal["valid", "invalid", "opens", "broken", "unmeasured"]
"""Frictionless's verdict on a table (valid, invalid), ours on other formats (opens, broken), or neither."""

Ladder = Literal["table", "structured", "proprietary-table", "document", "picture", "page", "archive", "unknown"]
"""How far a machine can use a format, best first (scoring reads it, never the file's name)."""


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
