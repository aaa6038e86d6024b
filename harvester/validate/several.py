"""Several tables on one sheet or in one file: one below the other with blank rows between, or side by side."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import groupby, islice, pairwise
from statistics import median
from typing import Any

from harvester.validate.grid import Grid, filled, is_value, words
from harvester.validate.labels import is_data, value_columns

BLOCKS_MOST = 200
"""A file broken by more blank rows than this is one loose table to us."""
TITLES = 4
ROWS_LEAST = 2
_LOOKED = 1000


@dataclass(frozen=True, slots=True)
class Area:
    """A part of a grid that holds one table: its cells, and how many rows and columns stand before it."""

    grid: Grid
    above: int = 0
    left: int = 0


def areas(grid: Grid, counts: Sequence[int]) -> list[Area]:
    """Return the parts of ``grid`` that hold a table each, the first from the grid's first row on.

    A part begins where, after blank rows, labels stand over data of their own; notes and legends belong to the part
    above them. Where there is one table only, the one part is the whole grid.
    """
    below = _below(grid, counts)
    if len(below) > 1:
        return below
    return _beside(grid, counts) or below


def _below(grid: Grid, counts: Sequence[int]) -> list[Area]:
    blocks = [[i for i, _ in group] for full, group in groupby(enumerate(counts), lambda each: each[1] > 0) if full]
    if not 1 < len(blocks) <= BLOCKS_MOST:
        return [Area(grid)]
    starts: list[int] = []
    labels: list[set[str]] = []
    for block in blocks:
        found = _labels_over_data(grid.rows[block[0] : block[-1] + 1], labels)
        if found is not None:
            starts.append(block[0])
            labels.append(found)
    if len(starts) < 2:  # noqa: PLR2004 - one table
        under = starts[0] if starts and _narrower(counts[: starts[0]], counts[starts[0] :]) else 0
        return [Area(_part(grid, grid.rows[under:]), under) if under else Area(grid)]
    bounds = [0, *starts[1:], len(grid.rows)]
    return [Area(_part(grid, grid.rows[top:bottom]), top) for top, bottom in pairwise(bounds)]


def _narrower(above: Sequence[int], below: Sequence[int]) -> bool:
    """Whether what stands above a table is clearly no part of it: a title, or a name and a value a row."""
    typical = median(filter(None, below))
    few = max(typical * 0.5, 2 if typical >= 3 else 1)  # noqa: PLR2004 - wider than a name and a value
    return max(above, default=0) <= few and sum(map(bool, above)) < sum(map(bool, below))


def _part(grid: Grid, rows: list[list[Any]]) -> Grid:
    ragged = grid.delimiter is not None and len({len(row) for row in rows}) > 1
    return replace(grid, rows=rows, ragged=ragged)


def _labels_over_data(rows: Sequence[Sequence[Any]], before: Sequence[set[str]]) -> set[str] | None:
    """Return the labels of a block that begins with them (below a title or two), None where it does not.

    Words over columns of values are labels, and so is what an earlier table of the file is labelled with.
    """
    counts = [filled(row) for row in rows]
    for top in range(min(TITLES + 1, len(rows) - ROWS_LEAST)):
        typical = median(counts[top + 1 :])
        if counts[top] < max(2, typical * 0.8):
            continue
        said = [words(cell) for cell in rows[top] if words(cell)]
        labels = set(map(str.lower, said))
        if len(labels) > 1 and labels in before:
            return labels
        values = value_columns(rows[top + 1 :], max(map(len, rows)))
        over = [words(rows[top][place]) for place in values if place < len(rows[top])]
        if not values or not all(over) or is_value(said[0]) or is_data(rows[top], values):
            return None
        return labels if not any(map(is_value, over)) or len(over) > 2 else None  # noqa: PLR2004 - years in a row
    return None


def _beside(grid: Grid, counts: Sequence[int]) -> list[Area] | None:
    """Return the tables that stand side by side with blank columns between, None where there are no two.

    A blank column may as well be there for the eye, so the tables must be labelled alike or differ in length.
    """
    rows = list(islice((row for row, count in zip(grid.rows, counts, strict=True) if count > 1), _LOOKED))
    width = max(map(len, rows), default=0)
    if grid.ragged or width < 5:  # noqa: PLR2004 - two tables of two columns
        return None
    used = [any(words(row[place]) for row in rows if place < len(row)) for place in range(width)]
    groups = [[place for place, _ in group] for full, group in groupby(enumerate(used), lambda each: each[1]) if full]
    if len(groups) < 2 or any(len(group) < 2 for group in groups):  # noqa: PLR2004 - columns of a table
        return None
    found: list[Area] = []
    labels: list[set[str]] = []
    for group in groups:
        cells = [row[group[0] : group[-1] + 1] for row in grid.rows]
        while cells and not filled(cells[-1]):
            cells.pop()
        top = next((i for i, row in enumerate(cells) if filled(row) > 1), 0)
        if (own := _labels_over_data(cells[top:], labels)) is None:
            return None
        labels.append(own)
        found.append(Area(replace(grid, rows=cells, ragged=False), 0, group[0]))
    alike = all(len(own & labels[0]) >= len(own) * 0.5 for own in labels)
    lengths = {len(area.grid.rows) for area in found}
    return found if alike or len(lengths) == len(found) else None
