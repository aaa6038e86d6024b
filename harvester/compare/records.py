"""The plain records of comparing: what a table's content is known by, a dictionary's fields, and what differs."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from harvester.records import Column, Dialect, Verdict

Kind = Literal["dictionary", "languages", "versions"]
Fact = str | int | float
ReadingState = Literal["read", "no-fields", "not-readable", "unmeasured"]
"""A dictionary's fields were read; none were found in it; it is a document for people; or it could not be looked at."""


@dataclass(frozen=True, slots=True)
class Shape:
    """What is stored of one content that holds a table: all that can be compared without its body.

    ``columns`` are those of the table as a careful reader sees it; dates are ISO, of Hong Kong.
    """

    sha256: str
    format: str
    verdict: Verdict
    encoding: str | None = None
    rows: int | None = None
    columns: tuple[Column, ...] = ()
    dialect: Dialect | None = None
    earliest: str | None = None
    latest: str | None = None


@dataclass(frozen=True, slots=True)
class Field:
    """One field that a dictionary describes, as written.

    ``section`` is the file, sheet or table it is said to be of, empty where the dictionary has one list only;
    ``others`` are its names in other languages or its codes; ``kind`` is the type in Frictionless's words, empty
    where none was written or we cannot read it.
    """

    section: str
    name: str
    others: tuple[str, ...] = ()
    type: str = ""
    kind: str = ""
    description: str = ""


@dataclass(frozen=True, slots=True)
class Reading:
    """What came of reading one dictionary. ``reason`` is one plain sentence where its fields were not read."""

    state: ReadingState
    reason: str | None = None
    fields: tuple[Field, ...] = ()


@dataclass(frozen=True, slots=True)
class Table:
    """A table's cells. ``numbers`` are the rows of the file (or records, from 1) that ``rows`` stand in."""

    labels: tuple[str, ...]
    rows: list[list[Any]]
    numbers: tuple[int, ...]
    cut: bool = False
    """Whether there were more rows than are compared."""


@dataclass(frozen=True, slots=True)
class Difference:
    """One thing that differs, in the first (a) and the second (b): column by its label, row by its number in the file.

    ``code`` is stable; ``count`` is how often it was found, of which this is one place.
    """

    code: str
    column_a: str | None = None
    column_b: str | None = None
    row_a: int | None = None
    row_b: int | None = None
    value_a: str | None = None
    value_b: str | None = None


@dataclass(frozen=True, slots=True)
class Comparison:
    """What came of laying content ``b`` beside ``a``: ``a`` is the dictionary, or the older version.

    Where ``reason`` is given (a stable code, or a worker's sentence) they cannot be laid, and nothing is said against
    either. ``facts`` are counts and dates; ``differences`` at most the first places of each code.
    """

    reason: str | None = None
    facts: Mapping[str, Fact] = field(default_factory=dict)
    differences: tuple[Difference, ...] = ()
