"""Where the table stands in its file: the row of the labels, the first and last row of data, the notes around it."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from statistics import median
from typing import Any

from harvester.records import Defect, Dialect
from harvester.validate import sections, several
from harvester.validate.grid import FORMULA_ERRORS, Box, Grid, filled, is_marker, is_value, letters, words
from harvester.validate.labels import NOTE, extent, find_header, joined, value_columns
from harvester.validate.several import Area

FOOTER_ROWS = 100
FILLED_MOST = 1_000_000
"""How many cells are filled down at most; ranges of honest sheets do not overlap."""
SHOWN = 10
"""How many places of one kind are told."""


@dataclass(frozen=True, slots=True)
class Layout:
    """A table cut out of its grid. Rows are counted from 1; ``header_row`` is None where there are no labels at all.

    ``numbers`` are the file's row numbers of the rows in ``body`` (blank and section rows left out), ``sections``
    those of the section rows, ``others`` where further tables stand, ``merged`` the merged ranges in the table.
    """

    header_row: int | None
    header_rows: int
    footer_rows: int
    width: int
    dropped_columns: int
    labels: tuple[str, ...]
    body: list[list[Any]]
    numbers: Sequence[int] = ()
    sections: tuple[int, ...] = ()
    others: tuple[str, ...] = ()
    merged: tuple[Box, ...] = ()
    first_column: int = 1

    @property
    def plain(self) -> bool:
        """Whether the file is the table and nothing else: labels in row 1, no notes, no empty columns, no sections."""
        whole = (self.header_row, self.header_rows, self.footer_rows, self.dropped_columns) == (1, 1, 0, 0)
        return whole and not self.sections and not self.merged

    @property
    def place(self) -> str:
        """Where the table stands, from its first label to its last cell, as a spreadsheet writes it."""
        top = self.header_row or (self.numbers[0] if self.numbers else 1)
        bottom = self.numbers[-1] if self.numbers else top
        return str(Box(top, self.first_column, bottom, self.first_column + self.width - 1))


def find(grid: Grid) -> Layout | None:
    """Return where the table stands in ``grid``, or None where no two rows of it make one.

    Of several tables in the grid the one with most cells is returned (the first of equals), the others are told.
    """
    counts = [filled(row) for row in grid.rows]
    parts = several.areas(grid, counts)
    if parts[0].grid is grid:
        found, others = _find(grid, counts), []
    else:
        laid = [each for part in parts if (each := _placed(part, grid)) is not None]
        found = max(laid, key=lambda each: len(each.body) * each.width, default=None)
        others = [each.place for each in laid if each is not found]
    if found is None:
        return None
    others += [f"{sheet.sheet}!{other.place}" for sheet in grid.sheets if (other := _of_sheet(sheet)) is not None]
    return replace(found, others=tuple(others)) if others else found


def _of_sheet(grid: Grid) -> Layout | None:
    """Return the table of another sheet, None where nobody would call what it holds one."""
    found = _find(grid, [filled(row) for row in grid.rows])
    return found if found is not None and found.header_rows and len(found.body) > 1 and found.width > 1 else None


def _placed(part: Area, grid: Grid) -> Layout | None:
    """Return the table of one part, its rows counted in the whole grid; what follows it in the grid is no data."""
    found = _find(part.grid, [filled(row) for row in part.grid.rows])
    if found is None or not found.body:
        return None
    after = grid.rows[part.above + found.numbers[-1] :]
    return replace(
        found,
        header_row=found.header_row and found.header_row + part.above,
        footer_rows=len(after) if any(map(filled, after)) else 0,
        numbers=[number + part.above for number in found.numbers],
        sections=tuple(number + part.above for number in found.sections),
        dropped_columns=max(map(len, grid.rows)) - found.width,
        first_column=part.left + 1,
    )


def _find(grid: Grid, counts: list[int]) -> Layout | None:
    rows = grid.rows
    fits, width = _fitting(rows, counts, ragged=grid.ragged)
    wide = [count for count, fit in zip(counts, fits, strict=True) if fit and count >= min(2, width)]
    if not wide:
        return None
    typical = median(wide)
    header = find_header(rows, counts, fits, width, typical)
    if header is None:
        return None
    top, height = header
    last = _last(rows, counts, fits, typical, top + height) if not grid.cut else len(rows) - 1
    footers = len(rows) - last - 1 if any(counts[last + 1 :]) else 0
    within = range(top + height, last + 1)
    inside = tuple(box for box in grid.merged if box.bottom > top and box.top <= last + 1 and box.left <= width)
    heads = _section_rows(rows, counts, within, width, inside)
    if height and counts[top + height - 1] > 1:
        again = rows[top + height - 1]
        repeated = {i for i in within if rows[i] == again}
        if len(repeated) <= len(within) / 3:  # else it is what the table is about
            heads |= repeated | {i - 1 for i in repeated if i > within.start and counts[i - 1] == 1}
    numbers: Sequence[int] = range(within.start + 1, within.stop + 1)
    if heads or not all(counts[within.start : within.stop]):
        numbers = [i + 1 for i in within if counts[i] and i not in heads]
    body = [rows[number - 1] for number in numbers]
    labels = joined(rows[top : top + height], width, [box for box in inside if box.top <= top + height], top + 1)
    used = _used_width(labels, body, width)
    return Layout(
        header_row=top + 1 if height else None,
        header_rows=height,
        footer_rows=footers,
        width=used,
        dropped_columns=max(width, len(rows[top])) - used if grid.ragged or width > used else 0,
        labels=labels[:used],
        body=_filled_down([_trimmed(row, used) for row in body], numbers, inside),
        numbers=numbers,
        sections=tuple(i + 1 for i in sorted(heads)),
        merged=inside,
    )


def _section_rows(
    rows: Sequence[Sequence[Any]], counts: Sequence[int], within: range, width: int, merged: Sequence[Box]
) -> set[int]:
    values = value_columns(rows[within.start : within.stop], width)
    across = {box.top - 1 for box in merged if box.top == box.bottom and box.right - box.left + 1 >= width * 0.8}
    return set(sections.find(rows, counts, within, values, across))


def _filled_down(body: list[list[Any]], numbers: Sequence[int], merged: Sequence[Box]) -> list[list[Any]]:
    """Return the rows with what is merged over several of them written into each, as a reader takes it."""
    tall = [box for box in merged if box.bottom > box.top]
    if not tall or not body:
        return body
    at = {number: i for i, number in enumerate(numbers)}
    kept = [list(row) for row in body]
    left = FILLED_MOST
    for box in tall:
        said = kept[at[box.top]] if box.top in at else []
        left -= min(box.bottom, numbers[-1]) - box.top
        if box.left > len(said) or left < 0:
            continue
        for number in range(box.top + 1, min(box.bottom, numbers[-1]) + 1):
            if (i := at.get(number)) is not None and box.left <= len(kept[i]) and not words(kept[i][box.left - 1]):
                kept[i][box.left - 1] = said[box.left - 1]
    return kept


def dialect_of(
    found: Layout, grid: Grid, encoding: str | None, missing: Sequence[str] = (), hidden: Sequence[str] = ()
) -> Dialect:
    """Return how to read the file as the table ``found`` in ``grid``, and what else stands in it."""
    return Dialect(
        encoding=encoding,
        delimiter=grid.delimiter,
        header_row=found.header_row,
        header_rows=found.header_rows,
        footer_rows=found.footer_rows,
        sheet=grid.sheet,
        columns=found.width if found.dropped_columns else None,
        missing_values=tuple(missing),
        sections=len(found.sections),
        sections_at=found.sections[:SHOWN],
        others=len(found.others),
        others_at=found.others[:SHOWN],
        merged=len(found.merged),
        merged_at=tuple(map(str, found.merged[:SHOWN])),
        hidden_sheets=tuple(hidden or grid.hidden)[:SHOWN],
    )


def formula_errors(grid: Grid) -> tuple[Defect, ...]:
    """Return the cells that show a spreadsheet's error for a value, as a defect ``formula-error``, or nothing."""
    places = [
        (number, column, cell)
        for number, row in enumerate(grid.rows, 1)
        if not FORMULA_ERRORS.isdisjoint(row)
        for column, cell in enumerate(row, 1)
        if cell in FORMULA_ERRORS
    ]
    if not places:
        return ()
    row, column, cell = places[0]
    shown = tuple(f"{letters(column)}{row} {cell}" for row, column, cell in places[:SHOWN])
    return (Defect("formula-error", len(places), row, column, f"the cell shows {cell}", shown),)


def _fitting(rows: Sequence[Sequence[Any]], counts: Sequence[int], *, ragged: bool) -> tuple[list[bool], int]:
    """Return which rows have the table's width, and that width."""
    if ragged:
        widths = Counter(len(row) for row, count in zip(rows, counts, strict=True) if count)
        wide = {width: n for width, n in widths.items() if width > 1 and (n > 1 or len(widths) == 1)}
        usual = max(wide, key=lambda width: wide[width]) if wide else 1
        if wide and wide[usual] * 3 < widths.get(1, 0) and wide[usual] < 3:  # noqa: PLR2004 - two rows make no table
            usual = 1
        return [len(row) == usual for row in rows], usual
    width = max(map(len, rows), default=0)
    if not any(len(row) == width and words(row[-1]) for row in rows if row):
        width = max((extent(row) for row in rows), default=0)
    return [count > 0 for count in counts], width if not rows else max(width, len(rows[0]))


def _last(
    rows: Sequence[Sequence[Any]], counts: Sequence[int], fits: Sequence[bool], typical: float, first: int
) -> int:
    """Return the index of the last row of data: what comes after it are notes, a legend, or nothing."""
    i = _before_legend(rows, counts, typical, first)
    seen = 0
    while i >= first and seen <= FOOTER_ROWS:
        if counts[i]:
            if not _is_note(rows[i], counts[i], typical, fits=fits[i]):
                return i
            seen += 1
        i -= 1
    return i if i >= first else len(rows) - 1 if first < len(rows) else i


def _before_legend(rows: Sequence[Sequence[Any]], counts: Sequence[int], typical: float, first: int) -> int:
    """Return the index of the row above the legend that ends the table, that of the last row where there is none.

    A legend begins with a word that announces it, alone in its row; its rows are short and have values only as keys.
    """
    few = max(2, typical * 0.5)
    for i in range(len(rows) - 1, max(first, len(rows) - FOOTER_ROWS), -1):
        if counts[i] > few or any(is_value(words(cell)) for cell in [cell for cell in rows[i] if words(cell)][1:]):
            break
        apart = not counts[i - 1] or typical >= 3  # noqa: PLR2004 - in two columns one may stand empty
        if counts[i] == 1 and apart and NOTE.match(words(next(filter(words, rows[i])))):
            return i - 1
    return len(rows) - 1


def _is_note(row: Sequence[Any], count: int, typical: float, *, fits: bool) -> bool:
    begins = next(words(cell) for cell in row if words(cell))
    if is_value(begins):
        return False
    if NOTE.match(begins) and count <= max(1, typical * 0.4):
        return not (is_marker(begins) and count > 1)
    if not fits:
        return count <= max(1, typical * 0.6)
    return count == 1 and typical >= 3 and not is_value(begins)  # noqa: PLR2004 - in two columns one may stand empty


def _used_width(labels: Sequence[str], body: Sequence[Sequence[Any]], width: int) -> int:
    """Return the width without the columns at the right that have neither label nor data."""
    used = width
    while used > 1 and not labels[used - 1] and not any(len(row) >= used and words(row[used - 1]) for row in body):
        used -= 1
    return used


def _trimmed(row: list[Any], width: int) -> list[Any]:
    """Return the row cut to the table's width; cells that say something beyond it stay, as the fault they are."""
    if len(row) <= width:
        return row
    return list(row[: max(width, extent(row[width:]) + width if len(row) > width else 0)])
