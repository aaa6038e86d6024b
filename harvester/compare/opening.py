"""From a kept body to a table or a dictionary's fields, through the gate that validation has. Runs in a worker."""

import csv
import zipfile
from collections.abc import Iterator, Sequence
from html.parser import HTMLParser
from itertools import islice
from pathlib import Path
from typing import Any

import openpyxl
import xlrd

from harvester.compare.fields import of_grid, of_tree
from harvester.compare.records import Field, Reading, Table
from harvester.records import Sniffed
from harvester.sniff.text import codec
from harvester.validate import grid, jsons, layout, limits

DELIMITED = frozenset({"csv", "tsv"})
BOOKS = frozenset({"xls", "xlsx", "xlsm"})
TREES = frozenset({"json", "jsonl"})
TABLES = DELIMITED | BOOKS | TREES
"""The formats whose cells are compared."""
DICTIONARY_BYTES = 32 * 1024 * 1024
"""A dictionary describes at most some thousand fields; what is larger is none."""
SHEETS, SHEET_ROWS = 50, 5000
"""How many sheets of a dictionary are read, and how many rows of each."""


class CannotLayError(Exception):
    """Raised where a body is no table to be laid beside another; its message is a stable code or a plain sentence."""


def table(path: Path, sniffed: Sniffed) -> Table:
    """Return the table a careful reader sees in the body at ``path``: labels, rows of data, and where they stand.

    At most ``grid.ROWS_READ`` rows are read. Raises CannotLayError where the gate refuses it or it holds no table, and
    what the parsers raise where it does not open.
    """
    if sniffed.format in TREES:
        return _records(path, sniffed)
    if sniffed.format not in DELIMITED | BOOKS:
        raise CannotLayError("no-table")
    _gate(path, sniffed)
    cells = grid.read(path, sniffed)
    found = layout.find(cells)
    if found is None or not found.header_rows or found.header_row is None:
        raise CannotLayError("no-table")
    return Table(found.labels, found.body, tuple(found.numbers), cells.cut)


def _gate(path: Path, sniffed: Sniffed) -> None:
    """Raise CannotLayError where validation would not let a parser near the body."""
    reason = None
    if sniffed.format in DELIMITED:
        reason = limits.of_text(path, sniffed.encoding)
    elif sniffed.format in BOOKS:
        reason = limits.of_tree(path) or (None if sniffed.format == "xls" else limits.of_workbook(path))
    else:
        reason = limits.of_tree(path)
    if reason:
        raise CannotLayError(reason)


def _records(path: Path, sniffed: Sniffed) -> Table:
    found = jsons.find_records(_parsed(path, sniffed))
    if found is None or found[2]:
        raise CannotLayError("no-table")
    records = [each for each in islice(found[1], grid.ROWS_READ) if isinstance(each, dict)]
    labels = tuple(dict.fromkeys(str(key) for record in records[:5000] for key in record))
    if limits.of_records(records):
        raise CannotLayError("no-table")
    rows = [[_plain(record.get(label)) for label in labels] for record in records]
    return Table(labels, rows, tuple(range(1, len(rows) + 1)), len(found[1]) > grid.ROWS_READ)


def _plain(value: Any) -> Any:
    return value if value is None or isinstance(value, str | int | float) else str(value)


def _parsed(path: Path, sniffed: Sniffed) -> Any:
    """Return a JSON document. Raises CannotLayError where it is too large, ValueError where it is none."""
    _gate(path, sniffed)
    text = path.read_text(encoding=codec(sniffed.encoding or "utf-8"))
    if sniffed.format == "jsonl":
        return [jsons.load(line) for line in islice(text.splitlines(), grid.ROWS_READ) if line.strip()]
    return jsons.load(text)


def dictionary(path: Path, sniffed: Sniffed) -> Reading:
    """Return the fields that the dictionary at ``path`` describes, or why a program cannot read them.

    A document or a picture is told as such and never guessed at. Raises nothing for a body that does not open.
    """
    name = sniffed.format.upper()
    if sniffed.format not in TABLES | {"html"}:
        return Reading("not-readable", f"It is a {name} file, which a program cannot read fields from.")
    try:
        if path.stat().st_size > DICTIONARY_BYTES:
            raise CannotLayError(f"It is larger than the {DICTIONARY_BYTES:,} bytes a dictionary may be.")
        fields = _fields(path, sniffed)
    except CannotLayError as error:
        return Reading("unmeasured", str(error))
    except (ValueError, OSError, csv.Error, zipfile.BadZipFile, xlrd.XLRDError, KeyError, RecursionError) as error:
        return Reading("unmeasured", f"It does not open: {type(error).__name__}.")
    if not fields:
        return Reading("no-fields", "No list of fields was found in it: no row that heads a column of field names.")
    return Reading("read", None, tuple(fields))


def _fields(path: Path, sniffed: Sniffed) -> list[Field]:
    if sniffed.format in DELIMITED:
        _gate(path, sniffed)
        return of_grid(grid.read(path, sniffed).rows)
    if sniffed.format in BOOKS:
        _gate(path, sniffed)
        sheets = list(_sheets(path, sniffed.format))
        found = [(name, of_grid(rows, name)) for name, rows in sheets]
        several = sum(bool(fields) for _, fields in found) > 1
        return [field for (name, rows), (_, fields) in zip(sheets, found, strict=True)
                for field in (fields if several else of_grid(rows))]  # fmt: skip
    if sniffed.format in TREES:
        return of_tree(_parsed(path, sniffed))
    _gate(path, sniffed)
    parser = _Tables()
    parser.feed(path.read_text(encoding=codec(sniffed.encoding or "utf-8"), errors="replace"))
    return [field for rows in parser.tables for field in of_grid(rows)]


def _sheets(path: Path, format_: str) -> Iterator[tuple[str, Sequence[Sequence[Any]]]]:
    """Yield the names of a workbook's sheets and the first rows of each."""
    if format_ == "xls":
        with xlrd.open_workbook(str(path), on_demand=True) as book:
            for name in book.sheet_names()[:SHEETS]:
                sheet = book.sheet_by_name(name)
                yield name, [sheet.row_values(i) for i in range(min(sheet.nrows, SHEET_ROWS))]
        return
    with path.open("rb") as file:
        book = openpyxl.load_workbook(file, read_only=True, data_only=True)
        for sheet in book.worksheets[:SHEETS]:
            yield sheet.title, [list(row) for row in sheet.iter_rows(max_row=SHEET_ROWS, values_only=True)]


class _Tables(HTMLParser):
    """The cells of a page's tables; a table inside another is one of its own."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.tables: list[list[list[str]]] = []
        self._open: list[list[list[str]]] = []
        self._cell = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:  # noqa: ARG002 - the parser's own
        if tag == "table" and len(self.tables) < SHEETS:
            self._open.append([])
            self.tables.append(self._open[-1])
        elif tag == "tr" and self._open and len(self._open[-1]) < SHEET_ROWS:
            self._open[-1].append([])
        elif tag in ("td", "th") and self._open and self._open[-1]:
            self._open[-1][-1].append("")
        self._cell = tag in ("td", "th") or (self._cell and tag not in ("table", "tr"))

    def handle_endtag(self, tag: str) -> None:
        if tag == "table" and self._open:
            self._open.pop()
        if tag in ("td", "th", "tr", "table"):
            self._cell = False

    def handle_data(self, data: str) -> None:
        if self._cell and self._open and self._open[-1] and self._open[-1][-1]:
            self._open[-1][-1][-1] += data
