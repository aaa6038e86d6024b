"""A cell as it can be held against the same cell of another file: a number, a day, or words, however it is written."""

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from harvester.compare.names import simplified
from harvester.validate.grid import is_marker, words

_LONG = 40
_NUMBER = re.compile(r"[-+−]?\s*(?:(?:\d{1,3}(?:[,\s\u00a0]\d{3})+|\d+)(?:\.\d*)?|\.\d+)(?:[eE][-+]?\d{1,3})?")
_MONEY = re.compile(r"^(?:HK|US)?[$£€¥]\s*|\s*(?:元|港元)$")
_MONTHS = {
    name: n
    for n, name in enumerate(["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"], 1)
}
_DAYS: tuple[tuple[re.Pattern[str], str], ...] = tuple(
    (re.compile(pattern, re.IGNORECASE), order)
    for pattern, order in (
        (r"((?:18|19|20)\d\d)[-/.](\d{1,2})[-/.](\d{1,2})(?:[T ].*)?", "ymd"),
        (r"((?:18|19|20)\d\d)\s*年\s*(\d{1,2})\s*月\s*(\d{1,2})\s*[日號号]", "ymd"),
        (r"(\d{1,2})[-/.](\d{1,2})[-/.]((?:18|19|20)\d\d)(?:\s.*)?", "dmy"),
        (r"(\d{1,2})[-\s]+([a-z]{3})[a-z]*\.?[-,\s]+((?:18|19|20)\d\d)", "dmy"),
        (r"([a-z]{3})[a-z]*\.?\s+(\d{1,2}),?\s+((?:18|19|20)\d\d)", "mdy"),
        (r"((?:18|19|20)\d\d)\s*年\s*(\d{1,2})\s*月", "ym"),
        (r"((?:18|19|20)\d\d)[-/.](\d{1,2})", "ym"),
        (r"([a-z]{3})[a-z]*\.?[-,\s]+((?:18|19|20)\d\d)", "my"),
        (r"((?:18|19|20)\d\d)\s*年", "y"),
    )
)


@dataclass(frozen=True, slots=True)
class Cell:
    """One value: ``kind`` is number, day, words or nothing; ``key`` is what is compared.

    ``decimals`` is how many a number was written with: two that differ by less than that were rounded.
    """

    kind: str
    key: float | str
    decimals: int = 0


NOTHING = Cell("nothing", "")


def read(value: Any) -> Cell:
    """Return what a cell says. ``1,234``, ``1234.0`` and ``HK$1 234`` are one number; ``N.A.`` is nothing."""
    if isinstance(value, datetime) and value.time() == value.min.time():
        value = value.date()
    if isinstance(value, date):
        return Cell("day", value.isoformat())
    text = unicodedata.normalize("NFKC", words(value))
    if not text or is_marker(text):
        return NOTHING
    found = (_day(text) or _number(text)) if len(text) <= _LONG else None
    return found or Cell("words", simplified(" ".join(text.casefold().split())))


def _number(text: str) -> Cell | None:
    bare = _MONEY.sub("", text).strip()
    percent = bare.endswith("%")
    bare = bare.rstrip("% ")
    if bare.startswith("(") and bare.endswith(")"):
        bare = f"-{bare[1:-1]}"
    if not _NUMBER.fullmatch(bare):
        return None
    try:
        number = Decimal(re.sub(r"[,\s\u00a0]", "", bare.replace("−", "-")))
        if not number.is_finite() or abs(number) > Decimal("1e300"):
            return None
        exponent = number.as_tuple().exponent
        return Cell("number", float(number), max(0, -exponent) if isinstance(exponent, int) and not percent else 0)
    except InvalidOperation:
        return None


def _day(text: str) -> Cell | None:
    for pattern, order in _DAYS:
        match = pattern.fullmatch(text)
        if match is None:
            continue
        parts = dict(zip(order, match.groups(), strict=True))
        month = parts.get("m", "")
        number = _MONTHS.get(month.lower()) if month.isalpha() else int(month or 1)
        if number is None or not 1 <= number <= 12 or not 1 <= int(parts.get("d", 1)) <= 31:  # noqa: PLR2004
            return None
        whole = f"{parts['y']}-{number:02d}-{int(parts.get('d', 1)):02d}"
        clock = re.search(r"[T ](\d.*)$", text) if len(order) == 3 and order != "mdy" and not month.isalpha() else None  # noqa: PLR2004
        return Cell("day", (whole + (f" {clock.group(1)}" if clock else ""))[: {1: 4, 2: 7}.get(len(order))])
    return None


def column(values: Sequence[Any]) -> list[Cell]:
    """Return the cells of a column, each different value read once."""
    known: dict[Any, Cell] = {}
    found = []
    for value in values:
        mark = (value.__class__, value) if value.__hash__ else str(value)
        cell = known.get(mark)
        if cell is None:
            cell = known[mark] = read(value)
        found.append(cell)
    return found


def equal(one: Cell, two: Cell) -> bool:
    """Whether two cells say the same: equal, or two numbers of which one is the other rounded."""
    if one.key == two.key:
        return True
    if one.kind != "number" or two.kind != "number":
        return False
    coarse = min(one.decimals, two.decimals)
    near: bool = one.decimals != two.decimals and abs(float(one.key) - float(two.key)) <= 0.5 * 10**-coarse * 1.000001
    return near
