"""Whether Frictionless can read a text as a type: quick answers where they are certain, its own reader elsewhere.

A quick answer must be right, never complete: whatever no rule here decides is asked of the reader Frictionless makes.
"""

import re
from collections.abc import Callable
from functools import lru_cache
from typing import Any

from frictionless import fields, settings
from frictionless.schema.field import Field

Cast = Callable[[str], bool]
REMEMBERED = 20_000
"""How many distinct texts a column's answers are kept for before they are forgotten."""

HOURS = r"(?:[01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9](?:\.[0-9]{1,6})?(?:Z|[+-](?:0[0-9]|1[0-4]):?[0-5][0-9])?"
_LEAP = "(?:[12][0-9](?:0[48]|[2468][048]|[13579][26])|(?:12|16|20|24|28)00)"


def _day(zero: str) -> str:
    """Return the days of the years 1000 to 2999, ``zero`` standing before what has one digit."""
    return (
        f"(?:[12][0-9]{{3}}-(?:(?:{zero}[13578]|1[02])-(?:{zero}[1-9]|[12][0-9]|3[01])"
        f"|(?:{zero}[469]|11)-(?:{zero}[1-9]|[12][0-9]|30)|{zero}2-(?:{zero}[1-9]|1[0-9]|2[0-8]))|{_LEAP}-{zero}2-29)"
    )


SOUND = {
    "yearmonth": r"[0-9]{1,9}-(?:0?[1-9]|1[0-2])",
    "datetime": f"{_day('0')}[T ]{HOURS}",
    "time": HOURS,
    "date": _day("0?"),
    "integer": r" *[-+]?[0-9]{1,40} *",
    "number": r" *[-+]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][-+]?[0-9]{1,4})? *",
    "boolean": "true|True|TRUE|1|false|False|FALSE|0",
    "geopoint": r" *[-+]?(?:1[0-7][0-9]|[0-9]{1,2})(?:\.[0-9]+)? *, *[-+]?[0-8]?[0-9](?:\.[0-9]+)? *",
}
"""By type, a regular expression (in the syntax Python and RE2 share) of texts Frictionless surely reads, none empty."""


def _no_json(text: str) -> bool:
    return "{" not in text


HOPELESS: dict[str, Cast] = {
    "yearmonth": lambda text: text.count("-") != 1,
    "geopoint": lambda text: text.count(",") != 1,
    "duration": lambda text: "P" not in text,
    "geojson": _no_json,
    "object": _no_json,
    "array": lambda text: "[" not in text,
    "datetime": lambda text: len(text) < 19 or text[16] != ":",  # noqa: PLR2004 - as Frictionless guards it
    "time": lambda text: len(text) < 8 or text[5] != ":",  # noqa: PLR2004 - as Frictionless guards it
    "date": lambda text: text.count("-") != 2,  # noqa: PLR2004 - %Y-%m-%d has two
    "year": lambda text: len(text) != 4,  # noqa: PLR2004 - as Frictionless guards it
}
"""By type, what every text lacks that Frictionless can read as that type."""


FIELDS: dict[str, type[Field]] = {
    kind.type: kind for kind in vars(fields).values() if isinstance(kind, type) and issubclass(kind, Field)
}
"""Frictionless's own classes by type, looked up without its search for plugins, which costs as much as ten files."""


@lru_cache(maxsize=32)
def cast(type_: str) -> Cast:
    """Return whether Frictionless reads a text that is not empty as ``type_``, as a function."""
    if type_ in ("string", "any"):
        return lambda _: True
    reader = FIELDS[type_](name="shared").create_cell_reader()
    sound = re.compile(SOUND.get(type_, r"(?!)")).fullmatch
    hopeless: Cast = HOPELESS.get(type_, lambda _: False)

    def answer(text: str) -> bool:
        if hopeless(text):
            return False
        return sound(text) is not None or not reader(text)[1]

    return _integer if type_ == "integer" else answer


def _integer(text: str) -> bool:
    try:
        int(text.strip())
    except ValueError:
        return False
    return True


def remembering(answer: Cast) -> Cast:
    """Return ``answer`` with a memory for the texts of one column."""
    known: dict[str, bool] = {}

    def again(text: str) -> bool:
        found = known.get(text)
        if found is None:
            if len(known) > REMEMBERED:
                known.clear()
            found = known[text] = answer(text)
        return found

    return again


CANDIDATES: tuple[str, ...] = tuple(candidate["type"] for candidate in settings.DEFAULT_FIELD_CANDIDATES)
"""The types Frictionless tries on a column, in its order."""


NOTHING = frozenset({""})
"""What stands for no value where nothing else is said."""


def infer(
    columns: list[list[Any]],
    missing: frozenset[str] = NOTHING,
    confidence: float = settings.DEFAULT_FIELD_CONFIDENCE,
) -> list[str]:
    """Return the type Frictionless's detector gives each column of a sample of texts (None beyond a short row's end).

    ``missing`` are the texts that stand for no value.

    Its algorithm, turned from rows to columns: a candidate gains a point for each text it can read and loses one for
    each it cannot, is dropped below a tenth of the rows under zero, and wins where it first has nine tenths of the
    points still to be had. Candidates do not touch each other, so the one that wins in the earliest row, and among
    those the first in order, is the one Frictionless stops at.
    """
    return [_type(column, missing, confidence) for column in columns]


NEEDS = {
    "yearmonth": "-", "geopoint": ",", "duration": "P", "geojson": "{", "object": "{", "array": "[",
    "datetime": ":", "time": ":", "date": "-",
}  # fmt: skip
"""By type, a character without which no text is read as it (as in HOPELESS, for a whole column at once)."""


def _type(column: list[Any], missing: frozenset[str], confidence: float) -> str:
    if missing.isdisjoint(column):
        soonest = next((row for row in range(len(column)) if row + 1 >= len(column) * confidence), None)
    else:
        soonest = _won(column, lambda _: True, missing, confidence, len(column))
    if soonest is None:
        return "any"
    candidates = CANDIDATES
    if None not in column:
        whole = "".join(column)
        candidates = tuple(type_ for type_ in CANDIDATES if NEEDS.get(type_, "") in whole)
    first = [cell for cell in column[: soonest + 1] if cell is not None and cell not in missing]
    best, row = "any", len(column)
    for type_ in candidates:
        answer = cast(type_)
        won = soonest if all(map(answer, first)) else _won(column, answer, missing, confidence, row)
        if won is not None:
            best, row = type_, won
        if row == soonest:
            break
    return best


def _won(column: list[Any], answer: Cast, missing: frozenset[str], confidence: float, before: int) -> int | None:
    """Return the row in which a candidate wins, if it does so before row ``before``.

    The absent cell of a short row (None) is one that every reader passes.
    """
    score, most = 0, len(column)
    threshold = len(column) * (confidence - 1)
    for row, cell in enumerate(column[:before]):
        if score < threshold:
            return None
        if cell in missing:
            most -= 1
        else:
            score += 1 if cell is None or answer(cell) else -1
        if most > 0 and score >= most * confidence:
            return row
    return None
