"""The summary tables as one Excel workbook: text is never a formula or a link, a table too long goes on elsewhere."""

from collections.abc import Iterator
from itertools import chain
from typing import Any

import xlsxwriter
from xlsxwriter.exceptions import FileCreateError

from harvester.clock import parse_iso
from harvester.records import LANGUAGES
from publish.exports.job import Column, Job, Table, rows_of, table_of
from publish.i18n import Translator, mark
from publish.safe import clean
from publish.workbook import MAX_CELL, MAX_TITLE

NAME = "barometer.xlsx"
SHEETS = (
    "provider_summary", "ranking", "dataset_summary", "dataset_scores", "criterion", "criterion_summary", "provider",
    "category", "worklist", "failing_now", "format_declared_found", "agreement", "portal_interval",
)  # fmt: skip
"""Summaries and the tables their keys point to. What holds history or a row a visit is CSV and Parquet only."""
MAX_ROWS = 1_048_576
"""Rows of a sheet, the heading among them (Microsoft, "Excel specifications and limits")."""
NOT_CHARACTERS = dict.fromkeys([0xFFFE, 0xFFFF, *range(9), 11, 12, *range(14, 32)])
"""Code points that XML 1.0 does not know."""
UNOFFICIAL = mark("GDB-style, unofficial")


def write(job: Job) -> dict[str, int]:
    """Write ``barometer.xlsx``, row by row so that memory stays flat; return the numbers of sheets and rows."""
    options = {
        "constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False,
    }  # fmt: skip
    tables = [table for table in (_summary(job, name) for name in SHEETS) if table.columns]
    try:
        with xlsxwriter.Workbook(str(job.folder / NAME), options) as book:
            book.set_properties({"title": str(job.words.get("title") or ""), "created": parse_iso(job.meta["built"])})
            bold = book.add_format({"bold": True})
            _about(job, book.add_worksheet("about"), tables, bold)
            counts = [_fill(job, book, table, bold) for table in tables]
    except FileCreateError as error:
        raise OSError(str(error)) from error
    return {"sheets": 1 + sum(sheets for sheets, _ in counts), "rows": sum(rows for _, rows in counts)}


def _summary(job: Job, name: str) -> Table:
    return table_of(job.connection, name, job.words["databases"]["catalog"]["tables"].get(name) or {})


def _about(job: Job, sheet: Any, tables: list[Table], bold: Any) -> None:
    lines: list[tuple[str, str]] = [
        (str(job.words.get("title") or ""), " · ".join(Translator(language)(UNOFFICIAL) for language in LANGUAGES)),
        *((key, job.meta.get(key, "")) for key in ("portal", "scanned", "built", "code_version")),
        *((table.name, table.description) for table in tables),
    ]
    sheet.set_column(0, 0, 28)
    sheet.set_column(1, 1, 100)
    for row, (what, text) in enumerate(lines):
        sheet.write_string(row, 0, _text(what), bold)
        sheet.write_string(row, 1, _text(text))


def _fill(job: Job, book: Any, table: Table, bold: Any, most: int = MAX_ROWS) -> tuple[int, int]:
    """Write a table, over as many sheets as its rows need; return how many sheets and rows it took."""
    sheets, total, place = 0, 0, most
    rows = chain.from_iterable(rows_of(job.connection, table))
    sheet: Any = None
    for row in chain([None], rows):
        if place >= most:
            sheets += 1
            sheet = _sheet(book, table, sheets, bold)
            place = 1
        if row is not None:
            for number, value in enumerate(row):
                _cell(sheet, place, number, value)
            place += 1
            total += 1
    return sheets, total


def _sheet(book: Any, table: Table, number: int, bold: Any) -> Any:
    title = table.name if number == 1 else f"{table.name[: MAX_TITLE - 5]} ({number})"
    sheet = book.add_worksheet(title[:MAX_TITLE])
    sheet.freeze_panes(1, 0)
    for place, (name, width) in enumerate(_heads(table.columns)):
        sheet.set_column(place, place, width)
        sheet.write_string(0, place, name, bold)
    return sheet


def _heads(columns: tuple[Column, ...]) -> Iterator[tuple[str, int]]:
    for column in columns:
        wide = 40 if "title" in column.name or column.name in ("resource", "description") else 12
        yield column.name, max(wide, len(column.name) + 2)


def _cell(sheet: Any, row: int, place: int, value: object) -> None:
    if isinstance(value, str):
        sheet.write_string(row, place, _text(value))
    elif isinstance(value, int | float):
        sheet.write_number(row, place, value)


def _text(text: str) -> str:
    return clean(text).translate(NOT_CHARACTERS)[:MAX_CELL]
