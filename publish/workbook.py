"""Tables as an Excel workbook: typed dates and numbers, and text that is never anything but text."""

import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Literal

from openpyxl import Workbook
from openpyxl.cell import Cell, WriteOnlyCell
from openpyxl.styles import Alignment, Font
from openpyxl.utils import get_column_letter

from publish.i18n import Translator
from publish.queries import Row
from publish.safe import FORMULA, clean, http_link

MAX_CELL = 32_767
"""Characters a cell of Excel can hold (Microsoft, "Excel specifications and limits")."""
MAX_TITLE = 31
"""Characters of a sheet's name (the same source)."""
NOT_CHARACTERS = dict.fromkeys([0xFFFE, 0xFFFF])
"""Code points that XML 1.0 does not know; those below a space are cleaned with the others."""
DAY = "yyyy-mm-dd"
HEAD, LINK = Font(bold=True), Font(underline="single", color="0A6B5E")
TOP = Alignment(vertical="top", wrap_text=True)

Kind = Literal["text", "number", "date", "link"]


@dataclass(frozen=True, slots=True)
class Column:
    """A column: the field of a row it shows, its heading (an English message; empty for none), width in characters."""

    field: str
    heading: str
    width: float
    kind: Kind = "text"


@dataclass(frozen=True, slots=True)
class Sheet:
    """A sheet: its name in the reader's language, its columns and its rows."""

    title: str
    columns: Sequence[Column]
    rows: Sequence[Row]


def as_xlsx(sheets: Sequence[Sheet], tr: Translator) -> bytes:
    """Return the sheets as a workbook, its headings in the reader's language.

    Rows are written as they come and are not held twice. Every text is stored as an inline string, so nothing
    harvested is a formula; what would start one when a cell is edited carries Excel's own mark for text.
    """
    book = Workbook(write_only=True)
    for sheet in sheets:
        _fill(book.create_sheet(_title(sheet.title)), sheet, tr)
    sink = io.BytesIO()
    book.save(sink)
    return sink.getvalue()


def _title(text: str) -> str:
    return "".join("-" if letter in "[]:*?/\\'" else letter for letter in _text(text))[:MAX_TITLE] or "-"


def _fill(page: Any, sheet: Sheet, tr: Translator) -> None:
    headed = any(column.heading for column in sheet.columns)
    for place, column in enumerate(sheet.columns, 1):
        page.column_dimensions[get_column_letter(place)].width = column.width
    page.page_setup.orientation = "landscape"
    page.page_setup.fitToHeight = 0
    page.sheet_properties.pageSetUpPr.fitToPage = True
    if headed:
        page.freeze_panes = "A2"
        page.print_title_rows = "1:1"
        page.auto_filter.ref = f"A1:{get_column_letter(len(sheet.columns))}{len(sheet.rows) + 1}"
        page.append([_cell(page, Column("", "", 0), tr(column.heading), HEAD) for column in sheet.columns])
    for row in sheet.rows:
        page.append(list(_cells(page, sheet.columns, row)))


def _cells(page: Any, columns: Sequence[Column], row: Row) -> Iterator[Cell]:
    for column in columns:
        yield _cell(page, column, row[column.field])


def _cell(page: Any, column: Column, value: Any, font: Font | None = None) -> Cell:
    """Return one cell: a day or a number where the column has those and the value is one, else text."""
    cell = WriteOnlyCell(page)
    cell.alignment = TOP
    day = _day(value) if column.kind == "date" else None
    if day:
        cell.value, cell.number_format = day, DAY
    elif column.kind == "number" and isinstance(value, int | float):
        cell.value = value
    elif value is not None:
        text = _text(str(value))
        cell.value = text
        if column.kind == "link" and http_link(text):
            cell.hyperlink, cell.font = text, LINK
        cell.data_type = "s"
        cell.quotePrefix = text.startswith(FORMULA)
    if font:
        cell.font = font
    return cell


def _day(value: object) -> date | None:
    try:
        return date.fromisoformat(str(value))
    except ValueError:
        return None


def _text(text: str) -> str:
    return clean(text).translate(NOT_CHARACTERS)[:MAX_CELL]
