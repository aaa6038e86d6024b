"""ODS workbooks, read by calamine: Frictionless's verdict on the first sheet that holds a table, and after repair."""

import re
import zipfile
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, time, timedelta
from functools import partial
from importlib.metadata import version
from pathlib import Path
from typing import Any

from python_calamine import CalamineError, CalamineWorkbook, SheetVisibleEnum, load_workbook

from harvester.records import Dialect, Sniffed
from harvester.validate import engine, grid, tables
from harvester.validate.archives import member_bytes, unpacking
from harvester.validate.books import MERGED_MOST, Book, Bounds, Sheet
from harvester.validate.finding import Finding, broken, telling, unmeasured

CELLS = 5_000_000
"""Cells a sheet may come to; a row or cell that is written once and repeated a million times counts as often."""
_ROW = re.compile(rb"<table:table-row\b([^>]*)>(.*?)</table:table-row>", re.DOTALL)
_CELL = re.compile(rb"<table:(?:covered-)?table-cell\b([^>]*?)(/?)>")
_SHEET = re.compile(rb"<table:table(?:\s[^>]*)?>")
_DOWN = re.compile(rb'number-rows-spanned="(\d{1,7})"')
_ACROSS = re.compile(rb'number-columns-spanned="(\d{1,5})"')
_REPEATED = re.compile(rb'number-(?:rows|columns)-repeated="(\d{1,9})"')


@unpacking
def examine_ods(path: Path, _sniffed: Sniffed, today: date) -> Finding:
    """Return the finding on an ODS workbook: the verdict is Frictionless's on the cells as calamine reads them."""
    with zipfile.ZipFile(path) as archive:
        if "content.xml" not in archive.namelist():
            return broken("The workbook has no content.xml.")
    if reason := _too_much(member_bytes(path, "content.xml")):
        return unmeasured(reason)
    try:
        book = load_workbook(str(path))
    except (CalamineError, OSError, ValueError) as error:
        return broken(f"The workbook does not open: {str(error)[:120]}.")
    return _of_book(book, path, today)


def _too_much(body: bytes | None) -> str | None:
    """Return why the workbook's content may not be read, in one sentence, or None."""
    if body is None:
        return "The workbook's sheets are larger than is looked at."
    if b"<!DOCTYPE" in body[:4096]:
        return "The workbook declares a DOCTYPE, which an honest one never does."
    return f"A sheet's repeated cells come to more than {CELLS:,}." if _unrolled(body) > CELLS else None


def _unrolled(body: bytes) -> int:
    """Return how many cells the rows come to, as far as each is filled; empty ones that are repeated do not count.

    LibreOffice writes the empty rest of a sheet as one row repeated a million times, which is no trap.
    """
    cells = 0
    for row in _ROW.finditer(body):
        width = at = 0
        for cell in _CELL.finditer(row.group(2)):
            at += _times(cell.group(1))
            width = width if cell.group(2) else at
        cells += width * _times(row.group(1))
    return cells


def _times(attributes: bytes) -> int:
    match = _REPEATED.search(attributes)
    return int(match.group(1)) if match else 1


def _of_book(book: CalamineWorkbook, path: Path, today: date) -> Finding:
    names = book.sheet_names
    if not names:
        return broken("The workbook has no sheet.")
    cells = grid.of_book(_sheets(book, path))
    rows = cells.rows
    route = f"{engine.BY_FRICTIONLESS}: cells by python-calamine {version('python-calamine')}"
    facts = {"sheets": len(names)}
    if not rows:
        return Finding("opens", "The sheets are empty.", Dialect(sheet=names[0]), 0, profile=telling(None, facts))
    labels = ["" if cell is None else str(cell) for cell in rows[0]]
    published = replace(engine.judge_rows(labels, rows[1:], ()), route=route)
    found = tables.both_verdicts(published, cells, None, today)
    return replace(found, profile=telling(found.profile, facts))


def _sheets(book: CalamineWorkbook, path: Path) -> Book:
    """Return the workbook's sheets as those of any other: which are hidden, their rows, what is merged in them."""
    return Book([
        Sheet(each.name, each.visible != SheetVisibleEnum.Visible, partial(_rows, book, each.name),
              partial(_merged, path, number))
        for number, each in enumerate(book.sheets_metadata)
    ])  # fmt: skip


def _merged(path: Path, number: int) -> list[Bounds]:
    """Return the ranges of cells that span others on the sheet of that ``number``, as its content writes them."""
    parts = _SHEET.split(member_bytes(path, "content.xml") or b"")
    found: list[Bounds] = []
    top = 1
    for row in _ROW.finditer(parts[number + 1] if number + 1 < len(parts) else b""):
        left = 1
        for cell in _CELL.finditer(row.group(2)):
            down, across = (_spanned(cell.group(1), each) for each in (_DOWN, _ACROSS))
            if (down, across) != (1, 1):
                found.append((top, left, top + down - 1, left + across - 1))
            left += _times(cell.group(1))
        top += _times(row.group(1))
    return found[:MERGED_MOST]


def _spanned(attributes: bytes, pattern: re.Pattern[bytes]) -> int:
    match = pattern.search(attributes)
    return int(match.group(1)) if match else 1


def _rows(book: CalamineWorkbook, name: str) -> Iterator[list[Any]]:
    sheet = book.get_sheet_by_name(name)
    for number, row in enumerate(sheet.to_python(skip_empty_area=False)):
        if number >= grid.ROWS_READ:
            return
        yield [_plain(cell) for cell in row]


def _plain(cell: Any) -> Any:
    """Return a cell as grid.py gives it: nothing as None, whole numbers as such, moments as they are."""
    if cell == "":
        return None
    if isinstance(cell, float) and cell.is_integer():
        return int(cell)
    return str(cell) if isinstance(cell, timedelta | time) else cell
