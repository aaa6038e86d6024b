"""A table's cells as they stand in the file, before anyone decides which of them are labels, notes or data."""

import csv
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from io import StringIO
from itertools import islice
from pathlib import Path
from typing import Any, TextIO

import openpyxl
import xlrd

from harvester.records import Sniffed
from harvester.sniff import delimited
from harvester.validate.engine import encoding_option

ROWS_READ, CELLS_READ = 200_000, 1_500_000
"""How many rows are profiled, and after how many cells no more are; the verdict is always on all of them."""
MARKERS = frozenset({
    "n/a", "n.a.", "n.a", "#n/a", "***", "**", "--", "---", "-", "–", "—", "..", "...", "not available",
    "not applicable", "unavailable", "nan", "null", "missing", "不適用", "不适用", "沒有數據", "没有数据", "沒有資料",
    "没有资料", "暫無", "暂无", "缺",
})  # fmt: skip
"""What publishers write where there is no value, lower case (seen in files of HKO, EPD, C&SD and others)."""
MARKERS_AMONG_VALUES = frozenset({
    "*", "#", "m", "na", "nil", "none", "trace", "tr", "calm", "variable", "x", "沒有", "没有", "無", "无", "微量",
})  # fmt: skip
"""Words that stand for no value among numbers or dates, and are values of their own among words (sex M, wind Calm)."""
MEASURED = frozenset({"trace", "tr", "微量", "calm", "variable", "nil", "none", "沒有", "没有", "無", "无"})
"""Those of them that say what was measured or counted (next to nothing, no wind, none): no number, and no gap."""
_VALUE = re.compile(r"[-+(<>≥≤]?\s*(?:HK)?[$£€¥]?\s*\d[\d,.\-/: %年月日時时TZ+)]*(?:[eE][-+]?\d+)?")


@dataclass(frozen=True, slots=True)
class Grid:
    """Rows of cells: text out of delimited files, typed values out of sheets.

    ``ragged`` tells that the widths of rows mean something (a sheet's rows are all padded to one width).
    ``cut`` is True where there were more rows than are read.
    """

    rows: list[list[Any]]
    ragged: bool
    cut: bool = False
    delimiter: str | None = None
    sheet: str | None = None


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
    sheets = _xls(path) if sniffed.format == "xls" else _xlsx(path)
    first: Grid | None = None
    for name, rows in sheets:
        grid = _cut(rows, None, name)
        if sum(1 for row in grid.rows if filled(row) > 1) > 1:
            return grid
        first = first or grid
    return first or Grid([], ragged=False)


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


def _xlsx(path: Path) -> Iterator[tuple[str, Iterable[Sequence[Any]]]]:
    with path.open("rb") as file:
        book = openpyxl.load_workbook(file, read_only=True, data_only=True)
        for sheet in book.worksheets:
            yield sheet.title, sheet.iter_rows(values_only=True)


def _xls(path: Path) -> Iterator[tuple[str, Iterable[Sequence[Any]]]]:
    with xlrd.open_workbook(str(path), on_demand=True) as book:
        for name in book.sheet_names():
            sheet = book.sheet_by_name(name)
            yield name, ([_xls_cell(cell, book.datemode) for cell in sheet.row(i)] for i in range(sheet.nrows))


def _xls_cell(cell: Any, datemode: int) -> Any:
    if cell.ctype == xlrd.XL_CELL_DATE:
        try:
            return xlrd.xldate.xldate_as_datetime(cell.value, datemode)
        except (ValueError, OverflowError):
            return cell.value
    if cell.ctype == xlrd.XL_CELL_NUMBER and cell.value == cell.value // 1:
        return int(cell.value)
    return None if cell.ctype in (xlrd.XL_CELL_EMPTY, xlrd.XL_CELL_BLANK) or cell.value == "" else cell.value
