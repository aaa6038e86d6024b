"""What a workbook says of its sheets: names, which are hidden, their rows, and which of their cells are merged."""

import re
import struct
import zipfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import xlrd
from openpyxl.utils.cell import column_index_from_string

from harvester.validate.fast import sheets

Bounds = tuple[int, int, int, int]
"""Top, left, bottom, right of a range of cells, counted from 1, the last of each included."""
MERGED_MOST = 10_000
FORMATTING_BYTES = 8 * 1024 * 1024
"""Up to what size an XLS is read once more for its merged cells, which xlrd only tells with all formatting."""
_BLOCK, _SPAN = 1 << 20, 200
_MERGED = re.compile(rb'<(?:\w+:)?mergeCell\s[^<>]*?ref="([A-Z]{1,3})(\d{1,7}):([A-Z]{1,3})(\d{1,7})"')


@dataclass(frozen=True, slots=True)
class Sheet:
    """One sheet: its rows are read, and its merged ranges looked for, when asked."""

    name: str
    hidden: bool
    rows: Callable[[], Iterable[Sequence[Any]]]
    merged: Callable[[], list[Bounds]]


@dataclass(frozen=True, slots=True)
class Book:
    """A workbook's sheets in its own order."""

    sheets: list[Sheet]


@contextmanager
def opened(path: Path, format_: str) -> Iterator[Book]:
    """Open an ``xls``, ``xlsx`` or ``xlsm``; its sheets can be read until the context ends.

    Raises xlrd.XLRDError, and what openpyxl raises on a broken workbook.
    """
    if format_ == "xls":
        with xlrd.open_workbook(str(path), on_demand=True) as old:
            yield Book([_old_sheet(path, old, number) for number in range(old.nsheets)])
        return
    with sheets.opened(path) as book:
        yield Book([_sheet(path, each) for each in book.worksheets])


def _sheet(path: Path, sheet: Any) -> Sheet:
    part = getattr(sheet, "_worksheet_path", None)
    return Sheet(
        sheet.title, sheet.sheet_state != "visible", partial(sheets.rows, sheet), partial(merged_in_part, path, part)
    )


def merged_in_part(path: Path, part: str | None) -> list[Bounds]:
    """Return the merged ranges that the part of an XLSX writes down, read in blocks and never as a tree."""
    if part is None:
        return []
    found: list[Bounds] = []
    with zipfile.ZipFile(path) as archive, suppress(KeyError), archive.open(part) as sheet:
        held = b""
        while (block := sheet.read(_BLOCK)) and len(found) < MERGED_MOST:
            held += block
            end = 0
            for match in _MERGED.finditer(held):
                left, top, right, bottom = (part.decode() for part in match.groups())
                found.append((int(top), column_index_from_string(left), int(bottom), column_index_from_string(right)))
                end = match.end()
            held = held[max(end, len(held) - _SPAN) :]
    return sorted(found)[:MERGED_MOST]


def _old_sheet(path: Path, book: Any, number: int) -> Sheet:
    name = book.sheet_names()[number]
    hidden = bool(book._sheet_visibility[number])  # noqa: SLF001 - only a loaded sheet says it in public

    def rows() -> Iterator[list[Any]]:
        sheet = book.sheet_by_index(number)
        return ([_old_cell(cell, book.datemode) for cell in sheet.row(i)] for i in range(sheet.nrows))

    return Sheet(name, hidden, rows, partial(merged_in_old, path, number))


def merged_in_old(path: Path, number: int) -> list[Bounds]:
    """Return the merged ranges of an XLS's sheet; none where the file is large or its formatting cannot be read."""
    if path.stat().st_size > FORMATTING_BYTES:
        return []
    try:
        with xlrd.open_workbook(str(path), on_demand=True, formatting_info=True) as book:
            merged = book.sheet_by_index(number).merged_cells
    except (
        xlrd.XLRDError,
        struct.error,
        ArithmeticError,
        AssertionError,
        LookupError,
        NotImplementedError,
        ValueError,
    ):
        return []
    return sorted((top + 1, left + 1, bottom, right) for top, bottom, left, right in merged[:MERGED_MOST])


def _old_cell(cell: Any, datemode: int) -> Any:
    if cell.ctype == xlrd.XL_CELL_DATE:
        try:
            return xlrd.xldate.xldate_as_datetime(cell.value, datemode)
        except (ValueError, OverflowError):
            return cell.value
    if cell.ctype == xlrd.XL_CELL_ERROR:
        return xlrd.error_text_from_code.get(cell.value, "#ERROR")
    if cell.ctype == xlrd.XL_CELL_NUMBER and cell.value == cell.value // 1:
        return int(cell.value)
    return None if cell.ctype in (xlrd.XL_CELL_EMPTY, xlrd.XL_CELL_BLANK) or cell.value == "" else cell.value
