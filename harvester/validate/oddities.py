"""Values that can hardly be meant, and where: beyond what a label allows, outside Hong Kong, far from all dates.

Each rule has its honest look-alikes in mind (docs/scores.md, "Where we chose to be fair"): what is kept here is
certain, or it is not kept.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from harvester.quantities import axis_of, beyond_grid, bounds_of, inside, is_decimal_slip, is_slip, outside_by
from harvester.records import Column, Odd, Oddity
from harvester.validate import moments, places
from harvester.validate.held import FIRST, At, Held, placed

MOSTLY_INSIDE = 0.9
"""The share of a table's positions in Hong Kong from which one outside, against its own row's words, is a mistake."""
ENOUGH_INSIDE = 20
FEW = 0.05
"""Up to this share of positions, or of dates, is a slip; more of them is how the table is."""
DEGREE = 1.0
"""Macao, Shenzhen and Guangzhou are nearer than this to the territory's edges."""
_LIMITS = {"latitude": 90.0, "longitude": 180.0}
A_YEAR = timedelta(days=366)
LONG_BEFORE = timedelta(days=3652)
_ZEROES = frozenset({date(1899, 12, 30), date(1899, 12, 31), date(1900, 1, 1), date(1904, 1, 1), date(1970, 1, 1)})
"""What spreadsheets and Unix make of nought."""
_OPEN_END = re.compile(r"(?:9999|2099)\D?12\D?31|31\D?12\D?(?:9999|2099)|12\D?31\D?(?:9999|2099)")
"""What many systems write for "no end": a convention, no mistake."""
_ZERO_DAY = re.compile(r"1899[-/.]12[-/.]3[01]|3[01][-/.]12[-/.]1899|12[-/.]3[01][-/.]1899")
_ANY_YEAR = re.compile(r"(\d{4})[-/.]\d{1,2}[-/.]\d{1,2}|\d{1,2}[-/.]\d{1,2}[-/.](\d{4})")
_AHEAD = re.compile(
    r"expir|until|valid|\bend|\bto\b|\bdue\b|target|plan|project|forecast|estimat|complet|next|schedul|effective|commenc"
    r"|propos|tentativ|lease|term|matur|renew|future|review|屆滿|届满|有效|完成|預計|预计|計劃|计划|目標|目标|下次|到期"
    r"|截止|終止|终止|生效|結束|结束|展開|展开|續期|续期",
    re.IGNORECASE,
)
_LONG_AGO = re.compile(
    r"birth|born|buil[dt]|construct|establish|found|inscri|discover|declar|monument|grad|open|regist|incorpor|event"
    r"|histor|erect|death|died|publish|appoint|join|始|年代|建|成立|出生|歷史|历史|創|创|落成|啟用|启用|逝",
    re.IGNORECASE,
)


def of_bounds(label: str, low: float, high: float, held: Held, at: At) -> tuple[Odd, ...]:
    """Return the values of a column of numbers, from ``low`` to ``high``, that its label does not allow."""
    for rule in bounds_of(label):
        if rule.beyond(low) or rule.beyond(high):
            values = [value for value, number in held.numbers.items() if rule.beyond(number)]
            return (Odd("beyond", held.count(values), held.first(values, at)),)
    return ()


def is_inside(column: Column) -> bool:
    """Return whether a column's whole range is of Hong Kong's coordinates, or it holds none."""
    axis = axis_of(column.label)
    if axis is None or column.low is None or column.high is None:
        return True
    return inside(axis, column.low) and inside(axis, column.high)


def of_axis(label: str, held: Held, at: At) -> tuple[Odd, ...]:
    """Return the coordinates of one column that are slips, where nothing stands beside them to tell more."""
    axis = axis_of(label)
    numbers = held.numbers
    if axis is None or not numbers:
        return ()
    values: list[Any] = []
    here = [value for value, number in numbers.items() if inside(axis, number)]
    if axis in ("easting", "northing"):
        cells = held.count(list(numbers))
        if here and held.count(here) >= cells * MOSTLY_INSIDE:
            values = [value for value, number in numbers.items() if beyond_grid(axis, number)]
    else:
        limit = _LIMITS[axis]
        nought = set(numbers.values()) == {0.0}
        values = [
            value
            for value, number in numbers.items()
            if abs(number) > limit or nought or (here and is_slip(axis, number))
        ]
    return (Odd("outside", held.count(values), held.first(values, at)),) if values else ()


def _by_axis() -> dict[str, list[int]]:
    return {"latitude": [], "longitude": []}


@dataclass(slots=True)
class _Sorted:
    """The rows of a pair of coordinates by what is the matter with them: ``half`` of one elsewhere, or both ``away``.

    ``slips`` are halves that nobody meant beside one that is in Hong Kong, ``lost`` pairs of them.
    """

    inside: int = 0
    swapped: list[int] = field(default_factory=list)
    slips: dict[str, list[int]] = field(default_factory=_by_axis)
    half: dict[str, list[int]] = field(default_factory=_by_axis)
    decimal: dict[str, list[int]] = field(default_factory=_by_axis)
    lost: list[int] = field(default_factory=list)
    away: list[int] = field(default_factory=list)

    @property
    def all(self) -> int:
        """How many rows give a position."""
        others = [*self.half.values(), *self.decimal.values(), *self.slips.values(), self.lost, self.swapped, self.away]
        return self.inside + sum(map(len, others))


def of_pair(columns: Mapping[str, Held], districts: Sequence[Held], at: At) -> dict[str, tuple[Odd, ...]]:
    """Return, by axis, the positions that are odd as pairs: swapped, half elsewhere, or away from their district.

    ``columns`` are those of latitude and longitude, ``districts`` the columns that name a district in most cells. A
    place abroad is abroad in both halves; so half a position elsewhere is a slip, unless the table reaches abroad.
    """
    latitude, longitude = columns["latitude"], columns["longitude"]
    rows = _sorted(latitude, longitude)
    found = {axis: list(slips) for axis, slips in rows.slips.items()}
    mostly = rows.inside >= rows.all * MOSTLY_INSIDE
    few = sum(map(len, rows.half.values())) <= max(1, rows.all * FEW)
    for axis in found:
        if mostly:
            found[axis] += rows.decimal[axis]
        if not rows.away and rows.inside >= ENOUGH_INSIDE and few:
            found[axis] += rows.half[axis]
    if rows.inside or len(rows.lost) == rows.all:
        found["latitude"] += rows.lost
    if mostly:
        found["latitude"] += [i for i in rows.away if any(_is_district(held.cells[i]) for held in districts)]
    told = {axis: _odd("outside", sorted(those), columns[axis], at) for axis, those in found.items()}
    told["latitude"] = _odd("swapped", rows.swapped, latitude, at) + told["latitude"]
    return told


def _odd(kind: Oddity, rows: list[int], held: Held, at: At) -> tuple[Odd, ...]:
    return (Odd(kind, len(rows), placed(((i, held.cells[i]) for i in rows[:FIRST]), at)),) if rows else ()


def _is_district(cell: Any) -> bool:
    return isinstance(cell, str) and places.exactly(cell) is not None


def _sorted(latitude: Held, longitude: Held) -> _Sorted:
    rows = _Sorted()
    souths, easts = latitude.numbers, longitude.numbers
    for i, (one, other) in enumerate(zip(latitude.cells, longitude.cells, strict=True)):
        pair = {"latitude": souths.get(one), "longitude": easts.get(other)}
        known = {axis: value for axis, value in pair.items() if value is not None}
        if len(known) == len(pair):
            _sort(rows, i, known["latitude"], known["longitude"])
        else:
            _sort_over(rows, i, known)
    return rows


def _sort_over(rows: _Sorted, i: int, known: Mapping[str, float]) -> bool:
    """Sort a row whose degrees are none on this Earth; return whether it is one."""
    over = next((axis for axis, value in known.items() if abs(value) > _LIMITS[axis]), None)
    if over:
        rows.slips[over].append(i)
    return over is not None


def _sort(rows: _Sorted, i: int, south: float, east: float) -> None:
    here = inside("latitude", south), inside("longitude", east)
    if all(here):
        rows.inside += 1
    elif inside("longitude", south) and inside("latitude", east):
        rows.swapped.append(i)
    elif _sort_over(rows, i, {"latitude": south, "longitude": east}):
        return
    elif any(here):
        axis, value = ("longitude", east) if here[0] else ("latitude", south)
        if is_slip(axis, value):
            rows.slips[axis].append(i)
        elif is_decimal_slip(axis, value):
            rows.decimal[axis].append(i)
        elif outside_by(axis, value) > DEGREE:
            rows.half[axis].append(i)
    elif is_slip("latitude", south) and is_slip("longitude", east):
        rows.lost.append(i)
    elif _abroad(south, east):
        rows.away.append(i)


def _abroad(south: float, east: float) -> bool:
    return outside_by("latitude", south) > DEGREE and outside_by("longitude", east) > DEGREE


def of_dates(label: str, held: Held, told: moments.Told, today: date, at: At) -> tuple[Odd, ...]:
    """Return the days of a column of dates that lie far ahead of or behind all its others.

    Not where the label speaks of plans or of long ago; nor what stands for "no end"; nor where many are so.
    """
    starts = [span.start for span in told.spans]
    if not starts or not (told.missed or max(starts) > today + 2 * A_YEAR or min(starts) <= max(_ZEROES)):
        return ()
    days = [span.start for span in told.spans if span.start == span.end]
    odd = {day for day in days if day > today + 2 * A_YEAR} if not _AHEAD.search(label) else set()
    rest = [day for day in days if day not in odd]
    if not rest or max(rest) > today + A_YEAR:
        odd = set()
    if not _LONG_AGO.search(label) and rest:
        zeroes = _ZEROES.intersection(rest)
        sound = set(rest) - zeroes
        odd |= {zero for zero in zeroes if sound and min(sound) - zero > LONG_BEFORE}
    lost = {text for text in told.missed if _impossible_year(text, label)}
    if not odd and not lost:
        return ()
    values = [
        value
        for value, text in held.texts()
        if (text in lost or _day(value, text, label) in odd) and not _OPEN_END.match(text)
    ]
    count = held.count(values)
    if not values or count > max(1, len(held.cells) * FEW):
        return ()
    return (Odd("far-date", count, held.first(values, at)),)


def _day(value: Any, text: str, label: str) -> date | None:
    if isinstance(value, date):
        return date(value.year, value.month, value.day)
    span = moments.of_text(text, label)
    return span.start if span else None


def _impossible_year(text: str, label: str) -> bool:
    """Whether a text is a date of before Hong Kong's records or after this century's end, or a spreadsheet's nought."""
    match = _ANY_YEAR.match(text)
    if match is None:
        return False
    year = int(match[1] or match[2])
    if _ZERO_DAY.match(text):
        return not _LONG_AGO.search(label)
    return (year < moments.EARLIEST.year and not _LONG_AGO.search(label)) or year > 2099  # noqa: PLR2004
