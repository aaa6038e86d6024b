"""Tables as an Excel workbook: typed dates and numbers, and text that is never anything but text."""

import io
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Literal

from xlsxwriter import Workbook
from xlsxwriter.format import Format

from publish.i18n import Translator
from publish.queries import Row
from publish.safe import FORMULA, clean, http_link

MAX_CELL = 32_767
"""Characters a cell of Excel can hold (Microsoft, "Excel specifications and limits")."""
MAX_TITLE = 31
"""Characters of a sheet's name (the same source)."""
NOT_CHARACTERS = dict.fromkeys([0xFFFE, 0xFFFF])
"""Code points that XML 1.0 does not know; those below a space are cleaned with the others."""
TOP = {"valign": "top", "text_wrap": True}
FORMATS: dict[str, dict[str, Any]] = {
    "text": TOP, "number": TOP, "date": {**TOP, "num_format": "yyyy-mm-dd"}, "head": {**TOP, "bold": True},
    "guarded": {**TOP, "quote_prefix": True}, "link": {**TOP, "underline": 1, "font_color": "#0A6B5E"},
}  # fmt: skip
"""How cells look; ``guarded`` carries Excel's own mark for text, for what would start a formula when it is edited."""
# In memory, as a worklist is small and the files a workbook would else be put together from take longer than the work.
OPTIONS = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}

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

    Every text is written as a string, so nothing harvested is a formula; what would start one when a cell is edited
    carries Excel's own mark for text.
    """
    sink = io.BytesIO()
    book = Workbook(sink, OPTIONS)
    formats = {name: book.add_format(look) for name, look in FORMATS.items()}
    for sheet in sheets:
        _fill(book.add_worksheet(_title(sheet.title)), sheet, formats, tr)
    book.close()
    return sink.getvalue()


def _title(text: str) -> str:
    return "".join("-" if letter in "[]:*?/\\'" else letter for letter in _text(text))[:MAX_TITLE] or "-"


def _fill(page: Any, sheet: Sheet, formats: dict[str, Format], tr: Translator) -> None:
    headed = any(column.heading for column in sheet.columns)
    for place, column in enumerate(sheet.columns):
        page.set_column(place, place, column.width)
    page.set_landscape()
    page.fit_to_pages(1, 0)
    if headed:
        page.freeze_panes(1, 0)
        page.repeat_rows(0)
        page.autofilter(0, 0, len(sheet.rows), len(sheet.columns) - 1)
        for place, column in enumerate(sheet.columns):
            page.write_string(0, place, tr(column.heading), formats["head"])
    for line, row in enumerate(sheet.rows, int(headed)):
        for place, column in enumerate(sheet.columns):
            _write(page, line, place, column, row[column.field], formats)


def _write(page: Any, line: int, place: int, column: Column, value: object, formats: dict[str, Format]) -> None:
    """Write one cell: a day or a number where the column has those and the value is one, else text."""
    day = _day(value) if column.kind == "date" else None
    if day:
        page.write_datetime(line, place, day, formats["date"])
    elif column.kind == "number" and isinstance(value, int | float):
        page.write_number(line, place, value, formats["number"])
    elif value is not None:
        text = _text(str(value))
        if column.kind == "link" and http_link(text):
            page.write_url(line, place, text, formats["link"], text)
        else:
            page.write_string(line, place, text, formats["guarded" if text.startswith(FORMULA) else "text"])


def _day(value: object) -> date | None:
    try:
        return date.fromisoformat(str(value))
    except ValueError:
        return None


def _text(text: str) -> str:
    return clean(text).translate(NOT_CHARACTERS)[:MAX_CELL]
