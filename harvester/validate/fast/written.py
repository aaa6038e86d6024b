"""The rows of an XLSX sheet as openpyxl gives them, but where programs wrote it as they do, ten times sooner.

A sheet is XML; nearly every program writes its rows in one regular language (below), of which RE2 tells in one pass
whether a megabyte is in it. Cells of such rows are taken out by one expression and made values by openpyxl's own
rules. From the first row that is not of the language on, openpyxl itself goes on (docs/fast-path.md).
"""

import re
import warnings
import zipfile
import zlib
from collections.abc import Iterator
from io import BytesIO
from itertools import islice
from typing import Any

import re2
from openpyxl.utils.cell import column_index_from_string
from openpyxl.utils.datetime import from_excel
from openpyxl.worksheet._reader import WorkSheetParser
from openpyxl.xml.constants import SHEET_MAIN_NS

BLOCK_BYTES = 1024 * 1024
AHEAD_BYTES = 64 * 1024
"""How far beyond a row is unpacked before it is given: openpyxl reads 16 KB at once, and would meet a fault there."""
HEAD_BYTES = 4 * 1024 * 1024
LONGEST_ROW = 16 * 1024 * 1024

_CHARACTERS = r"(?:[^<&\x00-\x08\x0b-\x1f]|&(?:amp|lt|gt|quot|apos);)*"
_VALUE = r'[^"<>&\x00-\x1f]*'


def _attributes(*names: str) -> str:
    """Return the expression of attributes in this order, each once at most: twice is no XML."""
    return "".join(f'(?: {name}="{_VALUE}")?' for name in names)


_ROW = r'<row r="[0-9]{1,7}"' + _attributes(
    "spans", "s", "customFormat", "ht", "hidden", "customHeight", "outlineLevel", "collapsed", "thickTop", "thickBot",
    "x14ac:dyDescent",
)  # fmt: skip
_FORMULA = f"<f{_attributes('t', 'aca', 'ref', 'ca', 'si')}(?: ?/>|>{_CHARACTERS}</f>)"
_PLACE = r'<c r="[A-Z]{1,3}[0-9]{1,7}"(?: s="[0-9]{1,6}")?'
_TEXT = f'<t(?: xml:space="preserve")?(?: ?/>|>{_CHARACTERS}</t>)'
_INLINE = f'{_PLACE} t="inlineStr"(?: ?/>|><is>{_TEXT}</is></c>)'
_OTHER = f'{_PLACE}(?: t="(?:n|s|b|str|e)")?(?: ?/>|>(?:{_FORMULA})?(?:<v ?/>|<v>{_CHARACTERS}</v>)?</c>)'


def _language() -> Any:
    options = re2.Options()
    options.encoding = re2.Options.Encoding.LATIN1
    options.never_capture = True
    return re2.compile(f"(?:{_ROW}(?: ?/>|>(?:{_INLINE}|{_OTHER})*</row>))*".encode("ascii"), options)


_ROWS = _language()
_CELL = re.compile(
    r'<c r="([A-Z]+)[0-9]+"(?: s="([0-9]+)")?(?: t="([a-zA-Z]+)")?'
    r"(?: ?/>|>(?:<f[^>]*(?:/>|>[^<]*</f>))?(?:<v>([^<]*)</v>|<v ?/>|<(is)><t[^>]*(?:/>|>([^<]*)</t>)</is>)?</c>)"
)
_OPENING = re.compile(
    rb'(?:\xef\xbb\xbf)?(?:<\?xml version="1\.0"(?: encoding="(?:utf|UTF)-8")?(?: standalone="(?:yes|no)")?\s*\?>)?'
    rb'\s*<worksheet(?:\s[^<>]*?)?\sxmlns="' + re.escape(SHEET_MAIN_NS.encode()) + rb'"[^<>]*>'
)
_SHEET_DATA = b"<sheetData>"


class _UnlikeError(Exception):
    """The sheet is not written in the language; openpyxl goes on."""


def rows(sheet: Any) -> Iterator[list[Any]]:
    """Yield the rows ``sheet`` (one of openpyxl's read-only sheets) gives when asked for values only, as lists.

    Raises what openpyxl raises on a broken sheet.
    """
    given = 0
    try:
        for row in quick(sheet):
            given += 1
            yield row
    except (_UnlikeError, zipfile.BadZipFile, zlib.error, EOFError, OSError, ValueError, LookupError):
        yield from map(list, islice(sheet.iter_rows(values_only=True), given, None))


def quick(sheet: Any) -> Iterator[list[Any]]:
    """Yield rows as openpyxl does: missing ones empty, as wide and as many as the sheet says it is where it does."""
    width, last = sheet.max_column, sheet.max_row
    counter = number = 1
    values = _Values(sheet)
    for number, text in _written(sheet):
        row = values.of(text, width)  # openpyxl makes values of a row before it asks whether the row counts
        if last is not None and number > last:
            break
        for _ in range(counter, number):
            counter += 1
            yield [None] * (width or 0)
        if counter <= number:
            counter += 1
            yield row
    if last is not None and last < number:
        for _ in range(counter, last + 1):
            yield [None] * (width or 0)


def _written(sheet: Any) -> Iterator[tuple[int, str]]:
    """Yield the number and the text of each row. Raises _UnlikeError where the sheet is not written as expected."""
    with sheet._get_source() as part:  # noqa: SLF001 - openpyxl has no public way to a sheet's own XML
        held = part.read(BLOCK_BYTES)
        while (begin := held.find(_SHEET_DATA)) < 0:
            block = part.read(BLOCK_BYTES)
            if not block or len(held) > HEAD_BYTES:
                raise _UnlikeError
            held += block
        head = held[:begin]
        opening = _OPENING.match(head)
        if not opening or head.count(b"xmlns=") != 1 or b"<!" in head or not _is_sound(head, b"</worksheet>"):
            raise _UnlikeError
        spaced = b' xmlns:x14ac="' in opening.group()
        held, ended = held[begin + len(_SHEET_DATA) :], False
        while not ended:
            block = part.read(BLOCK_BYTES)
            held, ended = held + block, not block
            stop = held.find(b"</sheetData>")
            if stop < 0 or not ended:
                stop = held.rfind(b"</row>", 0, max(0, len(held) - AHEAD_BYTES)) + len(b"</row>")
            if stop >= len(b"</row>"):
                yield from _split(held[:stop], spaced=spaced)
                held = held[stop:]
            if len(held) > LONGEST_ROW:
                raise _UnlikeError
    if not _is_sound(head, held):
        raise _UnlikeError


def _split(piece: bytes, *, spaced: bool) -> Iterator[tuple[int, str]]:
    """Yield the rows of a piece that is all of the language. Raises _UnlikeError, UnicodeDecodeError (a ValueError)."""
    if not _ROWS.fullmatch(piece) or b"]]>" in piece or (not spaced and b" x14ac:" in piece):
        raise _UnlikeError
    if b"\xef\xbf\xbe" in piece or b"\xef\xbf\xbf" in piece:
        raise _UnlikeError  # characters XML does not have
    for row in piece.decode("utf-8").split("<row r=")[1:]:
        yield int(row[1 : row.index('"', 1)]), row


def _is_sound(head: bytes, tail: bytes) -> bool:
    """Tell whether openpyxl finds no fault and no row in what stands before and behind the rows."""
    parser = WorkSheetParser(BytesIO(head + _SHEET_DATA + b"</sheetData>" + tail.removeprefix(b"</sheetData>")), [])
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # what it warns of here, it warns of where the sheet is opened
            return next(parser.parse(), None) is None
    except Exception:  # noqa: BLE001 - whatever it raises here, it raises again where openpyxl itself goes on
        return False


class _Values:
    """Makes values of cells by the rules of openpyxl's ``WorkSheetParser.parse_cell``."""

    def __init__(self, sheet: Any) -> None:
        book = sheet.parent
        self._texts = sheet._shared_strings  # noqa: SLF001 - as openpyxl hands them to its own parser
        self._epoch = book.epoch
        self._dates, self._spans = book._date_formats, book._timedelta_formats  # noqa: SLF001 - likewise
        self._columns: dict[str, int] = {}

    def of(self, row: str, width: int | None) -> list[Any]:
        """Return the values of a row's text, ``width`` of them or as many as its last cell says."""
        cells = _CELL.findall(row)
        columns = self._columns
        for letters, *_ in cells:
            if letters not in columns:
                columns[letters] = column_index_from_string(letters)
        many = width or (columns[cells[-1][0]] if cells else 0)
        values: list[Any] = [None] * many
        for letters, style, kind, value, held, inline in cells:
            made = _characters(inline) if held else self._value(kind, value, style)
            if (column := columns[letters]) <= many:
                values[column - 1] = made
        return values

    def _value(self, kind: str, value: str, style: str) -> Any:
        if not value:
            return None
        if kind == "s":
            return self._texts[int(value)]
        if kind in ("", "n"):
            number = float(value) if "." in value or "E" in value or "e" in value else int(value)
            return self._moment(number, int(style)) if style and int(style) in self._dates else number
        return bool(int(value)) if kind == "b" else _characters(value)

    def _moment(self, number: float, style: int) -> Any:
        try:
            return from_excel(number, self._epoch, timedelta=style in self._spans)
        except (OverflowError, ValueError):
            return "#VALUE!"


def _characters(text: str) -> str:
    if "&" not in text:
        return text
    for name, character in (("lt", "<"), ("gt", ">"), ("quot", '"'), ("apos", "'"), ("amp", "&")):
        text = text.replace(f"&{name};", character)
    return text
