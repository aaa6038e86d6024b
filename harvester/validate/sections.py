"""Rows inside a table that only head the rows below them (a district's name, then its places): no data of their own."""

import re
from collections.abc import Collection, Sequence
from typing import Any

from harvester.validate.grid import MARKERS, is_value, words
from harvester.validate.labels import NOTE

CELLS = 3
"""A heading takes a code and a name in two languages at most."""
SAMPLE = 300
RUN = 2
"""How many headings may follow each other: a region, then its first district."""
_LONG = 120
_YEAR = re.compile(r"(?:19|20)\d\d(?:[/-]\d\d(?:\d\d)?)?\s*年?")


def find(
    rows: Sequence[Sequence[Any]],
    counts: Sequence[int],
    body: range,
    values: Collection[int],
    sure: Collection[int] = (),
) -> list[int]:
    """Return the indexes of the section rows among ``body``.

    ``counts`` are the filled cells of each row, ``values`` the columns of numbers or dates, ``sure`` rows whose only
    cell is merged over the table's width. A row that names something and has no values may as well be data that
    lack them, so each needs a further sign: a blank row before it, a name that other rows have and it lacks, or being
    one of several of which the first opens the table.
    """
    usual = _usual(counts, body)
    few = min(CELLS, int(usual * 0.5))
    candidates = [i for i in body if 0 < counts[i] <= few and _heads(rows[i], counts[i], values, usual)]
    if not candidates or len(candidates) > sum(1 for i in body if counts[i]) * 0.5:
        return []
    runs = _runs(candidates, counts)
    if any(len(run) > RUN for run in runs):
        return []
    candidates = [i for run in runs for i in run if any(counts[below] for below in body[run[-1] + 1 - body.start :])]
    texts = [_first(rows[i]) for i in candidates]
    if not candidates or len(set(texts)) < len(texts) * 0.8:
        return []
    opens = all(not counts[i] for i in range(body.start, candidates[0]))
    named = _named(rows, counts, body, values, set(candidates))
    found = []
    for i in candidates:
        apart = i > body.start and not counts[i - 1]
        lacks = bool(named - {place for place, cell in enumerate(rows[i]) if words(cell)})
        group = opens or len(candidates) > 1
        if i in sure or apart or (lacks and group) or (opens and len(candidates) > 1):
            found.append(i)
    return found


def _usual(counts: Sequence[int], body: range) -> float:
    some = sorted(counts[i] for i in body[: SAMPLE * 2] if counts[i])
    return some[len(some) // 2] if some else 0


def _heads(row: Sequence[Any], count: int, values: Collection[int], usual: float) -> bool:
    """Whether the row's filled cells are words, among its first columns, and none where values are."""
    said = [(place, words(cell)) for place, cell in enumerate(row) if words(cell)]
    if said[-1][0] > CELLS or any(place in values for place, _ in said):
        return False
    if not values and (count > 1 or usual < CELLS):
        return False
    text = said[0][1]
    if count == 1 and _YEAR.fullmatch(text):
        return True  # over the months of that year
    return not NOTE.match(text) and not any(
        is_value(cell) or cell.lower() in MARKERS or len(cell) > _LONG for _, cell in said
    )


def _runs(candidates: Sequence[int], counts: Sequence[int]) -> list[list[int]]:
    """Return the candidates with those that follow each other (blank rows between them or not) put together."""
    runs: list[list[int]] = []
    for i in candidates:
        if runs and all(not counts[between] for between in range(runs[-1][-1] + 1, i)):
            runs[-1].append(i)
        else:
            runs.append([i])
    return runs


def _first(row: Sequence[Any]) -> str:
    return next((words(cell) for cell in row if words(cell)), "")


def _named(
    rows: Sequence[Sequence[Any]], counts: Sequence[int], body: range, values: Collection[int], but: Collection[int]
) -> set[int]:
    """Return the columns of words that nearly every other row fills."""
    sample = [rows[i] for i in body[: SAMPLE * 2] if counts[i] and i not in but][:SAMPLE]
    width = max(map(len, sample), default=0)
    filled = (sum(1 for row in sample if place < len(row) and words(row[place])) for place in range(width))
    return {place for place, count in enumerate(filled) if place not in values and count >= len(sample) * 0.9}
