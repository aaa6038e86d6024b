"""One column in hand: its cells, its distinct values, what they are as texts, and where in the file they stand."""

import math
import re
from collections import Counter
from collections.abc import Callable, Collection, Hashable, Iterable, Iterator, Sequence
from datetime import date
from functools import cached_property
from itertools import islice
from typing import Any

from harvester.records import Place
from harvester.validate.grid import words
from harvester.validate.texts import Texts, trimmed

FIRST = 5
"""How many places of one finding are kept."""
SAID = 60
"""Characters of a cell that are kept with its place."""
_NUMBER = re.compile(r"[-+]?(?:(?:\d{1,3}(?:,\d{3})+|\d+)(?:\.\d*)?|\.\d+)(?:[eE][-+]?\d{1,3})?%?")

At = Callable[[int], int | None]
"""From the index of a row (0 is the first row of data) to its number in the file; None where that is not known."""


def hashable(cell: Any) -> Hashable:
    """Return a cell as something that can be a key."""
    return cell if cell is None or isinstance(cell, str | int | float | date) else str(cell)


def said(cell: Any) -> str:
    """Return what a cell says, on one line and cut short: it comes from a stranger's file."""
    text = words(cell)
    text = text if text.isprintable() else " ".join(re.sub(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]", " ", text).split())
    return text if len(text) <= SAID else text[: SAID - 1] + "…"


class Held:
    """A column's cells, its distinct values in the order they came, and what they are as trimmed texts."""

    def __init__(self, cells: Sequence[Any]) -> None:
        self.cells = cells
        try:
            self.distinct = dict.fromkeys(cells)
            self.only_text = set(map(type, self.distinct)) <= {str}
        except TypeError:  # a value that cannot be a key
            self.only_text = False
        if not self.only_text:
            self.cells = [hashable(cell) for cell in cells]
            self.distinct = dict.fromkeys(self.cells)
        self._trimmed = trimmed(self.distinct)
        self.said = list(filter(None, self._trimmed))
        self.whole = Texts(self.said)

    def texts(self) -> Iterator[tuple[Any, str]]:
        """Yield each distinct value with its trimmed text."""
        return zip(self.distinct, self._trimmed, strict=True)

    @property
    def gaps(self) -> bool:
        """Whether any cell is empty."""
        return len(self.said) < len(self.distinct)

    @cached_property
    def numbers(self) -> dict[Any, float]:
        """The distinct values that are numbers, each with its number."""
        if self.whole.numbers:
            return {value: float(text) for value, text in self.texts() if text}
        if not self.whole.maybe_numbers:
            return {}
        return {value: number for value in self.distinct if (number := number_of(value)) is not None}

    def range(self) -> tuple[float, float]:
        """Return the lowest and the highest number; there must be one."""
        numbers = list(map(float, self.said)) if self.whole.numbers else self.numbers.values()
        return min(numbers), max(numbers)

    @cached_property
    def _counts(self) -> Counter[Any]:
        return Counter(self.cells)

    def count(self, values: Collection[Any]) -> int:
        """Return how many cells hold one of some distinct ``values``."""
        if len(values) == 1:
            return sum(map(self.cells.count, values))
        return sum(map(self._counts.__getitem__, values)) if values else 0

    def first(self, values: Collection[Any], at: At, many: int = FIRST) -> tuple[Place, ...]:
        """Return the first places of cells that hold one of some distinct ``values``."""
        sought = set(values)
        found = islice((i for i, cell in enumerate(self.cells) if cell in sought), many) if sought else iter(())
        return placed(((i, self.cells[i]) for i in found), at)


def placed(found: Iterable[tuple[int, Any]], at: At) -> tuple[Place, ...]:
    """Return cells, each with its row's index, as places; those whose row is not known are left out."""
    return tuple(Place(number, said(cell)) for i, cell in found if (number := at(i)) is not None)


def number_of(value: Any) -> float | None:
    """Return the finite number that a cell is, with or without thousands' commas or a percent sign; None of others."""
    if isinstance(value, bool) or value is None or isinstance(value, date):
        return None
    if isinstance(value, int | float):
        number = float(value) if abs(value) < 1e300 else math.inf  # noqa: PLR2004 - beyond a float
        return number if math.isfinite(number) else None
    text = words(value)
    if not text or len(text) > 40 or not _NUMBER.fullmatch(text):  # noqa: PLR2004
        return None
    number = float(text.rstrip("%").replace(",", ""))
    return number if math.isfinite(number) else None
