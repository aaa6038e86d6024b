"""What a table holds: its columns, the time it covers, the places it names, and values written in several ways.

All of it is told from one pass over the rows, which turns them into columns: from then on each column's distinct
values are looked at, together where that is possible (texts.py), and never the rows again.
"""

import re
import unicodedata
from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from itertools import islice
from typing import Any, Literal

from harvester.quantities import axis_of
from harvester.records import Column, Odd, Place, Profile, Spellings
from harvester.validate import moments, oddities, places
from harvester.validate.grid import MARKERS, MARKERS_AMONG_VALUES, is_gap, is_value, words
from harvester.validate.held import FIRST, At, Held, hashable
from harvester.validate.moments import Told

DISTINCT_READ = 20_000
"""How many of a column's distinct values are looked at for places."""
GROUPED = 200
"""A column with more distinct values than this is not a list of kinds, and is not searched for variants."""
SHORT = 60
VARIANTS_KEPT = 20
NEARLY = 0.9
MOSTLY = 0.6
"""The share of a column's distinct values that must be numbers or dates before it is a column of them."""
_NO_NAMES = re.compile(
    r"\bcode\b|code$|\bid\b|_id$|symbol|grade|代碼|代码|編號|编号|代號|代号|hours?\b|remark|note|descri|address"
    r"|時間|时间|備註|备注|地址|簡介|简介",
    re.IGNORECASE,
)
"""Labels of codes, which may differ in case or in a sign and mean different things, and of running text."""
_DISTRICT = re.compile(r"district|地區|地区|區|区|location|area", re.IGNORECASE)
_DIGIT = re.compile(r"[0-9]")
_TEXT = re.compile(r"[\n\r:;@]|www\.")
_SIGNS = re.compile(r"[+*#†‡<>=%$^~]|(?<=\S)[-−–]$|^[-−–](?=\S)")
_ALL_MARKERS = MARKERS | MARKERS_AMONG_VALUES


def of_table(
    labels: Sequence[str],
    rows: Sequence[Sequence[Any]],
    types: Sequence[str],
    today: date,
    total: int | None = None,
    at: At | None = None,
    unit: Literal["row", "record"] = "row",
    first_column: int = 1,
) -> Profile:
    """Return the profile of a table cut out of its file.

    ``types`` are Frictionless's, one a column where it gave any. ``total`` is the number of rows where only the
    first of them are in ``rows``. ``today`` is Hong Kong's date: what lies beyond tomorrow is not believed. ``at``
    tells a row's number in its file from its index in ``rows``; where not given they are counted from 1, and ``unit``
    is what they are then. ``first_column`` is where in its sheet the table begins.
    """
    where = at or (lambda i: i + 1)
    held = [Held(column) for column in _columns(rows, len(labels))]
    time = _time(labels, held, today)
    days = moments.bounds(time.spans, today)
    columns = [
        _column(label, types[i] if i < len(types) else None, held[i], time.told[i], where)
        for i, label in enumerate(labels)
    ]
    repeats = _repeats(rows, held, len(labels))
    spellings = _spellings(labels, held, where)
    return Profile(
        rows=len(rows) if total is None else total,
        columns=_with_odd(columns, held, time.told, today, where),
        earliest=days[0].isoformat() if days else None,
        latest=days[1].isoformat() if days else None,
        periods=time.periods if days else 0,
        districts=_districts(labels, held),
        duplicate_rows=len(repeats),
        variants=tuple(tuple(sorted(values)) for _, values, _ in spellings),
        spellings=tuple(Spellings(label, told) for label, _, told in spellings if told),
        repeated=tuple(number for i in repeats[:FIRST] if (number := where(i)) is not None),
        rows_read=len(rows) if total is not None and total > len(rows) else None,
        unit=unit,
        first_column=first_column,
    )


def _column(label: str, type_: str | None, held: Held, told: Told, at: At) -> Column:
    """Return one column's profile; ``type_`` is None where Frictionless was not asked."""
    said, rows = held.said, len(held.cells)
    numeric, marks = (
        _mixed(held, dated=bool(told.spans))
        if not (held.whole.dates or held.whole.numbers)
        else (held.whole.numbers, [])
    )
    low, high = held.range() if numeric and said else (None, None)
    empty = [value for value, text in held.texts() if not text] if held.gaps else []
    spans = told.spans
    return Column(
        label=label,
        type=_read_as(held, told, numeric=low is not None and not marks) if type_ is None else type_,
        null_share=round(held.count(empty) / rows, 4) if rows else 0.0,
        distinct=len(said),
        low=low,
        high=high,
        markers=held.count(marks),
        earliest=min(span.start for span in spans).isoformat() if spans else None,
        latest=max(span.end for span in spans).isoformat() if spans else None,
        constant=rows > 1 and len(held.distinct) == len(said) == 1,
        gaps=held.first([*empty, *marks], at) if said else (),
    )


def _mixed(held: Held, *, dated: bool) -> tuple[bool, list[Any]]:
    """Return whether most values are numbers, and the values that are markers of a missing one."""
    said = held.said
    marked = {text for text in said if text.lower() in _ALL_MARKERS}
    told = [text for text in said if text not in marked] if marked else said
    numeric = bool(held.numbers) and len(held.numbers) >= len(told) * MOSTLY
    if not marked:
        return numeric, []
    digits = held.whole.digits and bool(told)
    values = digits and (dated or sum(map(is_value, told)) >= len(told) * MOSTLY)
    gaps = {text for text in marked if (is_gap(text) if values else text.lower() in MARKERS)}
    return numeric, [value for value, text in held.texts() if text in gaps]


def _read_as(held: Held, told: Told, *, numeric: bool) -> str:
    """Return what all of a column's values read as, in Frictionless's words for types; ``any`` where they differ."""
    said = held.said
    if numeric and len(held.numbers) == len(said):
        return "integer" if all(number.is_integer() for number in held.numbers.values()) else "number"
    if told.spans and not told.missed:
        days = all(span.start == span.end for span in told.spans)
        return "datetime" if told.moments else "date" if days else "any"
    if said and {text.lower() for text in islice(said, 5)} <= {"true", "false"}:
        return "boolean"
    return "string" if said and not held.numbers and not told.spans else "any"


@dataclass(frozen=True, slots=True)
class _Time:
    """All points in time told, how many the best column tells, and what each column tells."""

    spans: set[moments.Span]
    periods: int
    told: list[Told]


def _time(labels: Sequence[str], columns: Sequence[Held], today: date) -> _Time:
    named = {
        label or f"column {i + 1}": held.cells for i, (label, held) in enumerate(zip(labels, columns, strict=True))
    }
    parts = moments.of_parts(named)
    told = []
    for label, held in zip(labels, columns, strict=True):
        values = [value for value, text in held.texts() if text] if held.gaps else list(held.distinct)
        silent = held.whole.bare_numbers and not moments.speaks_of_time(label)
        if silent or not held.whole.digits or (len(parts) > 1 and _is_part(values)):
            told.append(moments.NOTHING)
        else:
            told.append(moments.of_column(label, values, today, held.whole))
    sets = [parts, moments.of_labels(labels), *(each.spans for each in told)]
    past = max(sum(span.start <= today for span in each) for each in sets)
    return _Time(set().union(*sets), max(past, *(each.moments for each in told), 0), told)


def _is_part(values: Sequence[Any]) -> bool:
    """Whether a column holds only years: where months stand beside it, the two together are the date."""
    return all(re.fullmatch(r"(?:18|19|20)\d\d(?:\.0)?", words(value)) for value in values)


def _with_odd(
    columns: Sequence[Column], held: Sequence[Held], told: Sequence[Told], today: date, at: At
) -> tuple[Column, ...]:
    """Return ``columns`` with the values that can hardly be meant."""
    pairs = _pairs(columns, held, at)
    return tuple(
        replace(column, odd=odd) if (odd := _odd(column, held[i], told[i], pairs.get(i), today, at)) else column
        for i, column in enumerate(columns)
    )


def _odd(column: Column, held: Held, told: Told, paired: Sequence[Odd] | None, today: date, at: At) -> tuple[Odd, ...]:
    if column.low is None or column.high is None:
        return oddities.of_dates(column.label, held, told, today, at)
    found = oddities.of_bounds(column.label, column.low, column.high, held, at)
    if paired is None:
        paired = () if oddities.is_inside(column) else oddities.of_axis(column.label, held, at)
    return (*found, *paired)


def _pairs(columns: Sequence[Column], held: Sequence[Held], at: At) -> Mapping[int, tuple[Odd, ...]]:
    """Return what is odd about each pair of latitude and longitude, in the order they stand, by number of column."""
    axes: dict[str, list[int]] = {"latitude": [], "longitude": []}
    for i, column in enumerate(columns):
        axis = axis_of(column.label) if column.low is not None else None
        if axis in axes:
            axes[axis].append(i)
    told: dict[int, tuple[Odd, ...]] = {}
    for south, east in zip(axes["latitude"], axes["longitude"], strict=False):
        if oddities.is_inside(columns[south]) and oddities.is_inside(columns[east]):
            continue
        districts = [each for column, each in zip(columns, held, strict=True) if _of_districts(column.label, each)]
        found = oddities.of_pair({"latitude": held[south], "longitude": held[east]}, districts, at)
        told |= {south: found["latitude"], east: found["longitude"]}
    return told


def _of_districts(label: str, held: Held) -> bool:
    """Whether a column's values are nearly all names of districts; a single one counts only where its label says so."""
    values = held.said
    if not values or len(values) > GROUPED or (len(values) == 1 and not _DISTRICT.search(label)):
        return False
    return sum(places.exactly(value) is not None for value in values) >= len(values) * NEARLY


def _districts(labels: Sequence[str], columns: Sequence[Held]) -> tuple[str, ...]:
    found = places.named_exactly(labels)
    found = found if len(found) > 2 else set()  # noqa: PLR2004 - one or two labels named North are compass points
    for label, held in zip(labels, columns, strict=True):
        if not held.whole.letters:
            continue
        values = [value for value in islice(held.distinct, DISTINCT_READ) if isinstance(value, str) and value]
        exact = places.named_exactly(values)
        about = _DISTRICT.search(label) is not None
        if exact and (about or len(exact) > 2 or len(exact) >= len(values) * 0.5):  # noqa: PLR2004
            found |= exact
        if len(found) < len(places.DISTRICTS):
            found |= places.named_within("\n".join(value for value in values if len(value) <= 400))  # noqa: PLR2004
    return tuple(name for name in places.DISTRICTS if name in found)


def _columns(rows: Sequence[Sequence[Any]], width: int) -> Sequence[Sequence[Any]]:
    if rows and set(map(len, rows)) == {width}:
        return [[row[i] for row in rows] for i in range(width)]  # quicker than zip(*rows) where there are many
    return [[row[i] if i < len(row) else None for row in rows] for i in range(width)]


def _repeats(rows: Sequence[Sequence[Any]], columns: Sequence[Held], width: int) -> list[int]:
    """Return the indices of rows that only repeat an earlier one.

    Where the columns that tell most rows apart tell all of them apart, none does: seldom must whole rows be compared.
    """
    count = len(rows)
    telling = sorted(columns, key=lambda held: -len(held.distinct))[:3]
    if not telling or len(telling[0].distinct) == count:
        return [] if telling else list(range(1, count))
    if len(set(zip(*(held.cells for held in telling), strict=True))) == count:
        return []
    plain = all(held.only_text for held in columns) and max(map(len, rows)) <= width
    seen: set[Hashable] = set()
    found = []
    for i, row in enumerate(rows):
        key = tuple(row) if plain else tuple(map(hashable, row))
        if key in seen:
            found.append(i)
        seen.add(key)
    return found


def _spellings(
    labels: Sequence[str], columns: Sequence[Held], at: At
) -> list[tuple[str, Sequence[str], tuple[Place, ...]]]:
    """Return each thing written in several ways: its column, its ways, and where each is first, most frequent first."""
    found: list[tuple[str, Sequence[str], tuple[Place, ...]]] = []
    for label, held in zip(labels, columns, strict=True):
        values = list(islice((value for value in held.distinct if isinstance(value, str) and value), GROUPED + 1))
        if not 1 < len(values) <= GROUPED or any(len(value) > SHORT for value in values) or _NO_NAMES.search(label):
            continue
        groups: dict[str, list[str]] = {}
        for value in values:
            if key := _spelling(value):
                groups.setdefault(key, []).append(value)
        found += [(label, group, _first_of_each(group, held, at)) for group in groups.values() if len(group) > 1]
    return found[:VARIANTS_KEPT]


def _first_of_each(group: Iterable[str], held: Held, at: At) -> tuple[Place, ...]:
    counted = sorted((-held.count([value]), held.cells.index(value), value) for value in group)[:FIRST]
    return tuple(Place(number, value, -count) for count, i, value in counted if (number := at(i)) is not None)


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
