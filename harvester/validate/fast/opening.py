"""The first hundred rows of a delimited file, read as Frictionless reads them: encoding, delimiter, labels, types."""

import csv
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import chain, islice
from pathlib import Path
from typing import Any
from unittest import mock

from frictionless import Detector, Dialect
from frictionless.settings import DEFAULT_BUFFER_SIZE, DEFAULT_SAMPLE_SIZE
from frictionless.table.label_matching import deduplicate_names

from harvester.validate.fast import casts

DELIMITERS = ",\t;|"
"""What Frictionless lets csv.Sniffer choose among."""
SNIFFED_LINES = 100
COLUMNS = 500
"""Wider tables go to Frictionless: the expression of their rows would be larger than what it saves."""


class Unproved(Exception):  # noqa: N818 - no fault of the file, only the end of what is proved here
    """The fast path cannot vouch for this file; the message says why, in the words kept with the verdict."""


@dataclass(frozen=True, slots=True)
class Head:
    """The labels of a table, the row they stand in (from 1), and what Frictionless makes of its columns.

    ``missing`` are the texts that stand for no value.
    """

    row: int
    labels: tuple[str, ...]
    names: tuple[str, ...]
    types: tuple[str, ...]
    missing: frozenset[str] = casts.NOTHING


@dataclass(frozen=True, slots=True)
class Opened:
    """What Frictionless knows of a delimited file before it reads the rows.

    ``newline`` is Python's option for reading the text. ``sample`` holds the table's rows among the first hundred.
    """

    path: Path
    codec: str
    newline: str | None
    delimiter: str
    skip_space: bool
    head: Head
    sample: list[list[str]]

    def reader(self, lines: Iterator[str]) -> Iterator[list[str]]:
        """Return Python's csv reader over ``lines`` with the dialect Frictionless gives it."""
        return csv.reader(lines, delimiter=self.delimiter, skipinitialspace=self.skip_space)


def opened(path: Path, format_: str, encoding: str) -> Opened:
    """Return how Frictionless opens the CSV or TSV file at ``path``. Raises Unproved where that is not certain."""
    newline = "" if format_ == "csv" else None
    with path.open("rb") as file:
        codec = Detector().detect_encoding(file.read(DEFAULT_BUFFER_SIZE), encoding=encoding)
    try:
        with path.open(encoding=codec, newline=newline) as text:
            head = list(islice(text, SNIFFED_LINES))
            delimiter, skip_space = _sniffed(head, "\t" if format_ == "tsv" else DELIMITERS)
            delimiter = "\t" if format_ == "tsv" else delimiter
            rows = csv.reader(chain(head, text), delimiter=delimiter, skipinitialspace=skip_space)
            sample = list(islice(rows, DEFAULT_SAMPLE_SIZE))
    except UnicodeError:
        raise Unproved("the first rows cannot be decoded") from None
    except csv.Error:
        raise Unproved("the first rows cannot be parsed") from None
    head_, body = headed(sample, None)
    return Opened(path, codec, newline, delimiter, skip_space, head_, body)


def headed(
    sample: list[list[str]], dialect: Dialect | None, missing: frozenset[str] = casts.NOTHING
) -> tuple[Head, list[list[str]]]:
    """Return the head of the table whose first rows are ``sample``, and those of them that are data.

    Where no ``dialect`` tells the row of the labels, Frictionless looks for it. Raises Unproved where there is none.
    """
    dialect = Detector().detect_dialect(sample, dialect=dialect)
    labels = dialect.read_labels(sample)
    row = dialect.header_rows[-1] if dialect.header and dialect.header_rows else 0
    if not labels or not row:
        raise Unproved("no row of labels was found")
    if len(labels) > COLUMNS:
        raise Unproved(f"it has more than {COLUMNS} columns")
    body = sample[row:]
    names = deduplicate_names([label or f"field{number}" for number, label in enumerate(labels, start=1)])
    types = casts.infer(_columns(body, len(names)), missing) if body else ["any"] * len(names)
    return Head(row, tuple(labels), tuple(names), tuple(types), missing), body


def _columns(rows: list[list[str]], width: int) -> list[list[Any]]:
    return [[row[i] if i < len(row) else None for row in rows] for i in range(width)]


def _sniffed(head: list[str], delimiters: str) -> tuple[str, bool]:
    """Return the delimiter and whether spaces after it are skipped, as csv.Sniffer says, or Excel's where it fails."""
    try:
        with _few_characters(delimiters):
            found: Any = csv.Sniffer().sniff("".join(head), delimiters)
    except csv.Error:
        return csv.excel.delimiter, csv.excel.skipinitialspace
    if found.delimiter not in tuple(delimiters) or found.quotechar not in ("'", '"') or found.escapechar:
        raise Unproved("its delimiter or quoting is unusual")
    return found.delimiter, bool(found.skipinitialspace)


@contextmanager
def _few_characters(delimiters: str) -> Iterator[None]:
    """Let csv.Sniffer count only the characters it may choose, in its own order, instead of all 127 in every line.

    It keeps a table a character and never compares two before it has dropped those it may not choose, so the answer
    is the same. Where another Python counts them in another way, this changes nothing.
    """
    codes = sorted(map(ord, delimiters))

    def only(*bounds: int) -> Any:
        return codes if bounds == (127,) else range(*bounds)

    with mock.patch.object(csv, "range", only, create=True):
        yield
