"""A table's cells as they stand in the file, before anyone decides which of them are labels, notes or data."""

import csv
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from io import StringIO
from itertools import islice
from pathlib import Path
from typing import Any, NamedTuple, TextIO

from harvester.records import Sniffed
from harvester.sniff import delimited
from harvester.validate import books
from harvester.validate.engine import encoding_option

ROWS_READ, CELLS_READ = 200_000, 1_500_000
"""How many rows are profiled, and after how many cells no more are; the verdict is always on all of them."""
SHEETS_READ, HEAD_ROWS = 30, 300
"""How many sheets of a workbook are looked at, and how many rows of those beside the one that is judged."""
FORMULA_ERRORS = frozenset({"#REF!", "#DIV/0!", "#VALUE!", "#NAME?", "#NUM!", "#NULL!", "#SPILL!", "#CALC!"})
"""What a spreadsheet shows where a formula fails; ``#N/A`` is none, for people also write it for "not available"."""
MARKERS = frozenset({
    "n/a", "n.a.", "n.a", "#n/a", "***", "**", "--", "---", "-", "–", "—", "..", "...", "not available",
    "not applicable", "unavailable", "nan", "null", "missing", "不適用", "不适用", "沒有數據", "没有数据", "沒有資料",
    "没有资料", "暫無", "暂无", "缺", *map(str.lower, FORMULA_ERRORS),
})  # fmt: skip
"""What publishers write where there is no value, lower case (seen in files of HKO, EPD, C&SD and others)."""
MARKERS_AMONG_VALUES = frozenset({
    "*", "#", "m", "na", "nil", "none", "trace", "tr", "calm", "variable", "x", "沒有", "没有", "無", "无", "微量",
})  # fmt: skip
"""Words that stand for no value among numbers or dates, and are values of their own among words (sex M, wind Calm)."""
MEASURED = frozenset({"trace", "tr", "微量", "calm", "variable", "nil", "none", "沒有", "没有", "無", "无"})
"""Those of them that say what was measured or counted (next to nothing, no wind, none): no number, and no gap."""
_VALUE = re.compile(r"[-+(<>≥≤]?\s*(?:HK)?[$£€¥]?\s*\d[\d,.\-/: %年月日時时TZ+)]*(?:[eE][-+]?\d+)?")


class Box(NamedTuple):
    """A rectangle of cells, its rows and columns counted from 1, the last of each included."""

    top: int
    left: int
    bottom: int
    right: int

    def __str__(self) -> str:
        """The rectangle as a spreadsheet writes it, ``A20:F35``."""
        return f"{letters(self.left)}{self.top}:{letters(self.right)}{self.bottom}"


@dataclass(frozen=True, slots=True)
class Grid:
    """Rows of cells: text out of delimited files, typed values out of sheets.

    ``ragged`` tells that the widths of rows mean something (a sheet's rows are all padded to one width).
    ``cut`` is True where there were more rows than are read. ``merged`` are the sheet's merged ranges, ``sheets`` the
    first rows of the workbook's other sheets that may hold a table, ``hidden`` the names of those it hides.
    """

    rows: list[list[Any]]
    ragged: bool
    cut: bool = False
    delimiter: str | None = None
    sheet: str | None = None
    merged: tuple[Box, ...] = ()
    sheets: tuple["Grid", ...] = ()
    hidden: tuple[str, ...] = ()


def letters(column: int) -> str:
    """Return what a spreadsheet calls a column (counted from 1): A to Z, then AA."""
    before, last = divmod(column - 1, 26)
    return (letters(before) if before else "") + chr(ord("A") + last)


def words(cell: Any) -> str:
    """Return a cell as trimmed text, nothing as the empty string."""
    return cell.strip() if cell.__class__ is str else "" if cell is None else str(cell).strip()


def filled(row: Sequence[Any]) -> int:
    """Return how many cells of ``row`` are not empty."""
    try:
        return len(row) if all(map(str.strip, row)) else sum(map(bool, map(str.strip, row)))
    except TypeError:  # not all of them are texts
        return sum([1 for cell in row if cell is not None and (cell.strip() if isinstance(cell, str) else True)])


def is_value(text: str) -> bool:
    """Tell whether ``text`` is a number, an amount or a date rather than words."""
    return _VALUE.fullmatch(text) is not None


def is_marker(text: str) -> bool:
    """Tell whether ``text``, among numbers or dates, says that there is no value."""
    return (low := text.lower()) in MARKERS or low in MARKERS_AMONG_VALUES


def is_gap(text: str) -> bool:
    """Tell whether ``text``, among numbers or dates, says that the value is missing (``***``, not ``Trace``)."""
    return is_marker(text) and text.lower() not in MEASURED


def read(path: Path, sniffed: Sniffed) -> Grid:
    """Return the cells of a delimited file or of a workbook's first sheet that holds a table.

    Raises OSError, csv.Error, xlrd.XLRDError, and what openpyxl raises on a broken workbook.
    """
    if sniffed.format in ("csv", "tsv"):
        return _delimited(path, sniffed)
    with books.opened(path, sniffed.format) as book:
        return of_book(book)


def of_book(book: books.Book) -> Grid:
    """Return the first sheet that a reader sees and that holds a table, the others' first rows; hidden ones come last.

    Raises what the book's own reader raises on a broken sheet.
    """
    first: Grid | None = None
    beside: list[Grid] = []
    for sheet in sorted(book.sheets, key=lambda sheet: sheet.hidden)[:SHEETS_READ]:
        if first is not None and has_rows(first):
            beside.append(_cut(islice(sheet.rows(), HEAD_ROWS), None, sheet.name))
            continue
        grid = _cut(sheet.rows(), None, sheet.name)
        if first is None or has_rows(grid):
            first = replace(grid, merged=tuple(Box(*box) for box in sheet.merged()))
    hidden = tuple(sheet.name for sheet in book.sheets if sheet.hidden)
    return replace(first or Grid([], ragged=False), sheets=tuple(filter(has_rows, beside)), hidden=hidden)


def has_rows(grid: Grid) -> bool:
    """Tell whether two rows of the grid have two cells or more, without which nobody sees a table in it."""
    return sum(1 for row in grid.rows if filled(row) > 1) > 1


def _delimited(path: Path, sniffed: Sniffed) -> Grid:
    with path.open(encoding=encoding_option(sniffed), errors="replace", newline="") as file:
        head = file.read(delimited.HEAD_CHARACTERS)
        delimiter, width, _ = delimited.table(head)
        if width == 1 and sniffed.format == "tsv":
            delimiter = "\t"
        whole = len(head) < delimited.HEAD_CHARACTERS
        lines: Iterable[str] = StringIO(head, newline="") if whole else _from_start(file)
        if not whole or "\0" in head:
            lines = (line.replace("\0", "") for line in lines)
        grid = _cut(csv.reader(lines, delimiter=delimiter), delimiter, None)
    while grid.rows and not grid.rows[-1]:
        grid.rows.pop()
    return grid


def _from_start(file: TextIO) -> TextIO:
    file.seek(0)
    return file


def _cut(rows: Iterable[Sequence[Any]], delimiter: str | None, sheet: str | None) -> Grid:
    left = iter(rows)
    kept: list[list[Any]] = []
    cells = 0
    while len(kept) <= ROWS_READ and cells <= CELLS_READ:
        part = [
            row if isinstance(row, list) else list(row) for row in islice(left, min(5000, ROWS_READ + 1 - len(kept)))
        ]
        if not part:
            break
        kept += part
        cells += sum(map(len, part))
    cut = len(kept) > ROWS_READ or (cells > CELLS_READ and next(left, None) is not None)
    if len(kept) > ROWS_READ:
        kept.pop()
    return Grid(kept, delimiter is not None and len(set(map(len, kept))) > 1, cut, delimiter, sheet)
