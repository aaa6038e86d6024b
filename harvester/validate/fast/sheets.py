"""Workbooks for all who read them: opened once, each sheet's rows read once, and judged as Frictionless judges them."""

import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from io import BytesIO
from itertools import islice
from pathlib import Path
from typing import Any

import openpyxl
from frictionless import FrictionlessException, system
from frictionless.resources import TableResource

from harvester.validate.fast import native, written
from harvester.validate.fast.body import Outcome
from harvester.validate.fast.opening import Unproved

CELLS_KEPT = 2_000_000
"""How many cells of a sheet are remembered for its second reader."""

_SHARED: ContextVar[dict[Path, Any] | None] = ContextVar("workbooks that stay open", default=None)
_KEPT = "rows_kept"
"""The name under which a sheet of openpyxl's carries the rows read of it."""


@contextmanager
def shared() -> Iterator[None]:
    """Let workbooks stay open until this ends: opened again they are the same, and their sheets are not read again."""
    token = _SHARED.set({})
    try:
        with quiet():
            yield
    finally:
        for book in (_SHARED.get() or {}).values():
            book.close()
        _SHARED.reset(token)


@contextmanager
def quiet() -> Iterator[None]:
    """Let openpyxl's warnings pass unheard, as Frictionless does: they are of what it leaves out, not of the cells."""
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", category=UserWarning, module="openpyxl")
        yield


@contextmanager
def opened(path: Path) -> Iterator[Any]:
    """Open the workbook at ``path`` with openpyxl, for values only, as Frictionless does.

    Raises what openpyxl raises on a broken workbook.
    """
    kept = _SHARED.get()
    if kept is not None and path in kept:
        yield kept[path]
        return
    with path.open("rb") as file:
        book = openpyxl.load_workbook(BytesIO(file.read()), read_only=True, data_only=True)
    if kept is not None:
        kept[path] = book
    try:
        yield book
    finally:
        if kept is None:
            book.close()


def judge(path: Path, format_: str, limit: int, shown: int) -> Outcome:
    """Return what Frictionless says of the first sheet of an ``xlsx`` or ``xls``.

    Raises Unproved where something is beyond what is certain.
    """
    with quiet():
        return native.judge(first(path) if format_ == "xlsx" else streamed(path, format_), limit, shown)


def streamed(path: Path, format_: str) -> Iterator[list[Any]]:
    """Yield the rows Frictionless's own parser gives. Raises Unproved where it finds a fault."""
    resource = TableResource(path=path.name, basepath=str(path.parent), scheme="file", format=format_)
    try:
        with system.create_parser(resource) as parser:
            yield from parser.cell_stream
    except FrictionlessException as error:
        raise Unproved("it cannot be parsed to its end") from error


def first(path: Path) -> Iterator[list[Any]]:
    """Yield the rows of the workbook's first sheet. Raises Unproved where it is broken in any way."""
    try:
        with opened(path) as book:
            yield from rows(book.worksheets[0])
    except Exception as error:  # what is wrong with a hostile workbook is for Frictionless to say
        raise Unproved("the workbook cannot be read to its end") from error


def rows(sheet: Any) -> Iterator[list[Any]]:
    """Yield the rows ``sheet`` (one of openpyxl's read-only sheets) gives when asked for values only, as lists.

    The first of them are remembered with the sheet. Raises what openpyxl raises on a broken sheet.
    """
    kept = getattr(sheet, _KEPT, None)
    if kept is None:
        kept = _Kept(sheet)
        setattr(sheet, _KEPT, kept)
    return iter(kept)


class _Kept:
    """A sheet's rows, read once for all who ask while they fit; who comes later than that reads anew."""

    def __init__(self, sheet: Any) -> None:
        self._sheet = sheet
        self._source = written.rows(sheet)
        self._rows: list[list[Any]] = []
        self._given = self._cells = 0
        self._broken = False

    def __iter__(self) -> Iterator[list[Any]]:
        at = 0
        while not self._broken:
            if at < len(self._rows):
                yield self._rows[at]
            elif at == self._given:
                row = self._next()
                if row is None:
                    return
                yield row
            else:
                break
            at += 1
        yield from islice(written.rows(self._sheet), at, None)

    def _next(self) -> list[Any] | None:
        self._broken = True  # unless the next row comes: a source that has raised only says that it has ended
        row = next(self._source, None)
        self._broken = False
        if row is not None:
            if self._cells <= CELLS_KEPT and self._given == len(self._rows):
                self._rows.append(row)
            self._given += 1
            self._cells += len(row) + 1
        return row
