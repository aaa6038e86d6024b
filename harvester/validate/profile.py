"""What a table holds: its columns, the time it covers, the places it names, and values written in several ways."""

import math
import re
import unicodedata
from collections import Counter
from collections.abc import Hashable, Iterable, Mapping, Sequence
from datetime import date
from itertools import islice
from typing import Any

from harvester.records import Column, Profile
from harvester.validate import moments, places
from harvester.validate.grid import MARKERS, is_gap, is_marker, is_value, words
from harvester.validate.texts import Texts, trimmed

DISTINCT_READ = 20_000
"""How many of a column's distinct values are looked at for places and dates."""
GROUPED = 200
"""A column with more distinct values than this is not a list of kinds, and is not searched for variants."""
SHORT = 60
VARIANTS_KEPT = 20
MOSTLY = 0.6
"""The share of a column's distinct values that must be numbers or dates before it is a column of them."""
_NO_NAMES = re.compile(
    r"\bcode\b|code$|\bid\b|_id$|symbol|grade|代碼|代码|編號|编号|代號|代号|hours?\b|remark|note|descri|address"
    r"|時間|时间|備註|备注|地址|簡介|简介",
    re.IGNORECASE,
)
"""Labels of codes, which may differ in case or in a sign and mean different things, and of running text."""
_DIGIT = re.compile(r"[0-9]")
_TEXT = re.compile(r"[\n\r:;@]|www\.")
_SIGNS = re.compile(r"[+*#†‡<>=%$^~]|(?<=\S)[-−–]$|^[-−–](?=\S)")
_NUMBER = re.compile(r"[-+]?(?:(?:\d{1,3}(?:,\d{3})+|\d+)(?:\.\d*)?|\.\d+)(?:[eE][-+]?\d{1,3})?%?")


def of_table(
    labels: Sequence[str], rows: Sequence[Sequence[Any]], types: Sequence[str], today: date, total: int | None = None
) -> Profile:
    """Return the profile of a table cut out of its file.

    ``types`` are Frictionless's, one a column where it gave any. ``total`` is the number of rows where only the
    first of them are in ``rows``. ``today`` is Hong Kong's date: what lies beyond tomorrow is not believed.
    """
    columns = _columns(rows, len(labels))
    held = [_Held(column) for column in columns]
    only_text = all(each.only_text for each in held) and max(map(len, rows), default=0) <= len(labels)
    named = {label or f"column {i + 1}": column for i, (label, column) in enumerate(zip(labels, columns, strict=True))}
    spans, periods = _time(labels, held, named, today)
    days = moments.bounds(spans, today)
    return Profile(
        rows=len(rows) if total is None else total,
        columns=tuple(
            _column(label, types[i] if i < len(types) else "any", held[i], len(rows)) for i, label in enumerate(labels)
        ),
        earliest=days[0].isoformat() if days else None,
        latest=days[1].isoformat() if days else None,
        periods=periods if days else 0,
        districts=_districts(labels, held),
        duplicate_rows=len(rows) - len(set(map(tuple, rows if only_text else map(_plain_row, rows)))),
        variants=_variants(labels, held),
    )


def _hashable(cell: Any) -> Hashable:
    return cell if cell is None or isinstance(cell, str | int | float | date) else str(cell)


class _Held:
    """A column's cells, its distinct values in the order they came, and what they are as trimmed texts."""

    def __init__(self, cells: Sequence[Any]) -> None:
        try:
            self.distinct = dict.fromkeys(cells)
            self.only_text = set(map(type, self.distinct)) <= {str}
        except TypeError:  # a value that cannot be a key
            self.only_text = False
        self.cells = cells
        if not self.only_text:
            self.cells = [_hashable(cell) for cell in cells]
            self.distinct = dict.fromkeys(self.cells)
        self.texts = dict(zip(self.distinct, trimmed(self.distinct), strict=True))
        self.said = list(filter(None, self.texts.values()))
        self.whole = Texts(self.said)

    def count(self, values: Iterable[Any]) -> int:
        """Return how many cells hold one of some distinct values."""
        return sum(map(Counter(self.cells).__getitem__, values)) if (values := list(values)) else 0


def _column(label: str, type_: str, held: _Held, rows: int) -> Column:
    texts, said, whole = held.texts, held.said, held.whole
    numbers: list[float] = []
    if whole.dates:
        numbers, numeric, markers = [], False, 0
    elif whole.numbers:
        numbers, numeric, markers = list(map(float, said)), bool(said), 0
    else:
        numbers = [number for value in texts if (number := _number(value)) is not None] if whole.digits else []
        told = [text for text in said if not is_marker(text)]
        values = whole.digits and bool(told) and sum(map(is_value, told)) >= len(told) * MOSTLY
        numeric = bool(numbers) and len(numbers) >= len(told) * MOSTLY
        marks = is_gap if values else _always_marks
        markers = held.count(value for value, text in texts.items() if marks(text))
    empty = held.count(value for value, text in texts.items() if not text) if len(said) < len(texts) else 0
    return Column(
        label=label,
        type=type_,
        null_share=round(empty / rows, 4) if rows else 0.0,
        distinct=len(said),
        low=min(numbers) if numeric else None,
        high=max(numbers) if numeric else None,
        markers=markers,
    )


def _always_marks(text: str) -> bool:
    return text.lower() in MARKERS


def _number(value: Any) -> float | None:
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


def _time(
    labels: Sequence[str], columns: Sequence[_Held], named: Mapping[str, Sequence[Any]], today: date
) -> tuple[set[moments.Span], int]:
    """Return all points in time told, and how many the best column tells."""
    parts = moments.of_parts(named)
    sets = [parts, moments.of_labels(labels)]
    clock = 0
    for label, held in zip(labels, columns, strict=True):
        if held.whole.bare_numbers and not moments.speaks_of_time(label):
            continue
        values = [value for value, text in islice(held.texts.items(), DISTINCT_READ) if text]
        sets.append(set() if parts and len(parts) > 1 and _is_part(values) else moments.of_column(label, values))
        clock = max(clock, moments.clock_points(values, today) if sets[-1] else 0)
    past = [{span for span in each if span.start <= today} for each in sets]
    return set().union(*sets), max(clock, *(len(each) for each in past))


def _is_part(values: Sequence[Any]) -> bool:
    """Whether a column holds only years: where months stand beside it, the two together are the date."""
    return all(re.fullmatch(r"(?:18|19|20)\d\d(?:\.0)?", words(value)) for value in values)


def _districts(labels: Sequence[str], columns: Sequence[_Held]) -> tuple[str, ...]:
    found = places.named_exactly(labels)
    found = found if len(found) > 2 else set()  # noqa: PLR2004 - one or two labels named North are compass points
    for label, held in zip(labels, columns, strict=True):
        if not held.whole.letters:
            continue
        values = [value for value in islice(held.distinct, DISTINCT_READ) if isinstance(value, str) and value]
        exact = places.named_exactly(values)
        about = re.search(r"district|地區|地区|區|区|location|area", label, re.IGNORECASE) is not None
        if exact and (about or len(exact) > 2 or len(exact) >= len(values) * 0.5):  # noqa: PLR2004
            found |= exact
        if len(found) < len(places.DISTRICTS):
            found |= places.named_within("\n".join(value for value in values if len(value) <= 400))  # noqa: PLR2004
    return tuple(name for name in places.DISTRICTS if name in found)


def _columns(rows: Sequence[Sequence[Any]], width: int) -> Sequence[Sequence[Any]]:
    if rows and set(map(len, rows)) == {width}:
        return list(zip(*rows, strict=True))
    return [[row[i] if i < len(row) else None for row in rows] for i in range(width)]


def _plain_row(row: Sequence[Any]) -> list[Hashable]:
    return [_hashable(cell) for cell in row]


def _variants(labels: Sequence[str], columns: Sequence[_Held]) -> tuple[tuple[str, ...], ...]:
    found: list[tuple[str, ...]] = []
    for label, held in zip(labels, columns, strict=True):
        values = list(islice((value for value in held.distinct if isinstance(value, str) and value), GROUPED + 1))
        if not 1 < len(values) <= GROUPED or any(len(value) > SHORT for value in values) or _NO_NAMES.search(label):
            continue
        groups: dict[str, list[str]] = {}
        for value in values:
            if key := _spelling(value):
                groups.setdefault(key, []).append(value)
        found += [tuple(sorted(group)) for group in groups.values() if len(group) > 1]
    return tuple(found[:VARIANTS_KEPT])


def _spelling(value: str) -> str | None:
    """Return what stays of a value without case, spacing, punctuation and ``and``; None where it is no name.

    Digits make it a code; line breaks, colons and addresses make it a text. Signs that tell one thing from another
    (grade A+, grade A-, a footnote's star) stay.
    """
    if _DIGIT.search(value):
        return None
    folded = unicodedata.normalize("NFKC", value).casefold()
    if any(character.isdigit() for character in folded) or _TEXT.search(folded):
        return None
    signs = "".join(_SIGNS.findall(folded.strip()))
    bare = re.sub(r"[\W_]+", "", re.sub(r"&|\band\b", "", folded)) + signs
    letters = sum(character.isalpha() for character in bare)
    return bare if letters >= (3 if bare.isascii() else 2) else None
