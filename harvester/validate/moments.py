"""The points in time a column tells: many ways of writing them, and what must not be taken for one."""

import re
from calendar import month_abbr, month_name, monthrange
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import lru_cache
from typing import Any, NamedTuple

from harvester.validate.grid import is_marker, words
from harvester.validate.texts import Texts

_MONTHS = {name.lower(): number for names in (month_abbr, month_name) for number, name in enumerate(names) if name}
_TIME = r"(?:[T ]\s*\d{1,2}:\d{2}(?::\d{2}(?:\.\d+)?)?\s*(?:[AP]M)?\s*(?:Z|HKT|GMT|[+-]\d{2}:?\d{2})?)?"
_YMD = re.compile(rf"((?:19|20)\d\d)([-/.])(\d{{1,2}})\2(\d{{1,2}}){_TIME}", re.IGNORECASE)
_DMY = re.compile(rf"(\d{{1,2}})([-/.])(\d{{1,2}})\2((?:19|20)\d\d){_TIME}", re.IGNORECASE)
_SOLID = re.compile(r"((?:19|20)\d\d)(\d\d)(\d\d)(?:[ T]?\d{4}(?:\d\d)?)?")
_SOLID_MONTH = re.compile(r"((?:19|20)\d\d)(0[1-9]|1[0-2])")
_YM = re.compile(r"((?:19|20)\d\d)[-/.](\d{1,2})")
_MY = re.compile(r"(\d{1,2})[-/.]((?:19|20)\d\d)")
_HAN = re.compile(r"((?:19|20)\d\d)\s*年(?:\s*(\d{1,2})\s*月(?:\s*(\d{1,2})\s*[日號号])?)?.{0,12}")
_WORDY_DMY = re.compile(
    rf"(?:[A-Za-z]{{3}}, )?(\d{{1,2}})(?:st|nd|rd|th)?[- ]([A-Za-z]{{3,9}})\.?,?[- ]((?:19|20)\d\d){_TIME}"
)
_WORDY_MDY = re.compile(rf"([A-Za-z]{{3,9}})\.? (\d{{1,2}})(?:st|nd|rd|th)?,? ((?:19|20)\d\d){_TIME}")
_WORDY_MY = re.compile(r"([A-Za-z]{3,9})\.?[- ,]+((?:19|20)\d\d)")
_YEAR = re.compile(r"((?:18|19|20)\d\d)(?:\.0)?")
_HAS_YEAR = re.compile(r"(?:18|19|20)\d\d")
"""Every form below has a year in it."""
_SPAN = re.compile(r"((?:19|20)\d\d)\s*[-/–]\s*((?:19|20)?\d\d)")
_QUARTER = re.compile(r"((?:19|20)\d\d)[ -]*Q([1-4])|Q([1-4])[ -]*((?:19|20)\d\d)", re.IGNORECASE)

_DATE_LABEL = re.compile(
    r"(?<!candi)date|day|time|stamp|period|month|year|\byr\b|quarter|as at|as of|updated?|日期|時間|时间|年|月|日$|季"
    r"|更新",
    re.IGNORECASE,
)
_ID_LABEL = re.compile(
    r"\bid\b|_id$|^id|\bno\b|number|code|tel|phone|fax|\bref|編號|编号|號碼|号码|電話|电话|傳真|传真|代碼|代码|lat|lon"
    r"|easting|northing|amount|total|\$|count|population|price|objectid",
    re.IGNORECASE,
)
_PART = {
    "year": re.compile(r"(?:^|[\W_])(?:year|yr|yyyy)(?:$|[\W_])|年", re.IGNORECASE),
    "month": re.compile(r"(?:^|[\W_])(?:month|mth|mm)(?:$|[\W_])|月", re.IGNORECASE),
    "day": re.compile(r"(?:^|[\W_])(?:day|dd)(?:$|[\W_])|^日|日/", re.IGNORECASE),
}
_CLOCK = re.compile(r"\d:\d\d|^(?:19|20)\d{6}[ T]?\d{4}(?:\d\d)?$")
_CLOCKS = re.compile(r"^.*\d:\d\d", re.MULTILINE)
EARLIEST = date(1841, 1, 26)
SHARE = 0.8
"""Of a column's values, how many must read as dates before the column is one."""


class Span(NamedTuple):
    """One point in time as precisely as it is written: a day, or the first and last day of a month or year."""

    start: date
    end: date


@lru_cache(maxsize=20_000)  # the same days come again in columns and files
def of_text(text: str, label: str = "") -> Span | None:
    """Return the point in time ``text`` tells, or None. Bare digits need a ``label`` that speaks of time.

    Day before month where both are possible, as Hong Kong writes (01/02/2026 is the first of February).
    """
    if not text or len(text) > 40:  # noqa: PLR2004 - no date is so long
        return None
    if not _HAS_YEAR.search(text):
        return None
    if text.isdigit() or _YEAR.fullmatch(text):
        return _bare(text) if _DATE_LABEL.search(label) and not _ID_LABEL.search(label) else None
    for pattern, read in _FORMS:
        if match := pattern.fullmatch(text):
            span: Span | None = read(match)
            return span
    return None


def _bare(text: str) -> Span | None:
    if match := _YEAR.fullmatch(text):
        return _year(int(match[1]))
    if match := _SOLID_MONTH.fullmatch(text):
        return _month(int(match[1]), int(match[2]))
    match = _SOLID.fullmatch(text)
    return _day(int(match[1]), int(match[2]), int(match[3])) if match else None


def _year(year: int) -> Span:
    return Span(date(year, 1, 1), date(year, 12, 31))


def _month(year: int, month: int) -> Span | None:
    if not 1 <= month <= 12:  # noqa: PLR2004 - months of a year
        return None
    return Span(date(year, month, 1), date(year, month, monthrange(year, month)[1]))


@lru_cache(maxsize=20_000)
def _day(year: int, month: int, day: int) -> Span | None:
    try:
        at = date(year, month, day)
    except ValueError:
        return None
    return Span(at, at)


def _day_first(match: "re.Match[str]") -> Span | None:
    first, second, year = int(match[1]), int(match[3]), int(match[4])
    return _day(year, second, first) or _day(year, first, second)


def _han(match: "re.Match[str]") -> Span | None:
    if match[3]:
        return _day(int(match[1]), int(match[2]), int(match[3]))
    return _month(int(match[1]), int(match[2])) if match[2] else _year(int(match[1]))


def _span_or_month(match: "re.Match[str]") -> Span | None:
    """``2018/19`` is a financial or school year; ``2018-12`` is a month."""
    year, second = int(match[1]), match[2]
    after = int(second) if len(second) == 4 else year // 100 * 100 + int(second)  # noqa: PLR2004 - a whole year
    if len(second) == 2 and 1 <= int(second) <= 12 and "/" not in match[0]:  # noqa: PLR2004
        return _month(year, int(second))
    if after == year + 1:
        return Span(date(year, 4, 1), date(after, 3, 31))  # Hong Kong's financial year, 1 April to 31 March
    return _month(year, int(second)) if len(second) <= 2 else None  # noqa: PLR2004


def _quarter(match: "re.Match[str]") -> Span | None:
    year, quarter = int(match[1] or match[4]), int(match[2] or match[3])
    first, last = _month(year, quarter * 3 - 2), _month(year, quarter * 3)
    return Span(first.start, last.end) if first and last else None


def _named(day: str | None, month: str, year: str) -> Span | None:
    number = _MONTHS.get(month.lower()) or _MONTHS.get(month.lower()[:3] if month.lower() == "sept" else "")
    if number is None:
        return None
    return _day(int(year), number, int(day)) if day else _month(int(year), number)


_FORMS: tuple[tuple["re.Pattern[str]", Any], ...] = (
    (_YMD, lambda m: _day(int(m[1]), int(m[3]), int(m[4]))),
    (_DMY, _day_first),
    (_SPAN, _span_or_month),
    (_YM, lambda m: _month(int(m[1]), int(m[2]))),
    (_MY, lambda m: _month(int(m[2]), int(m[1]))),
    (_HAN, _han),
    (_WORDY_DMY, lambda m: _named(m[1], m[2], m[3])),
    (_WORDY_MDY, lambda m: _named(m[2], m[1], m[3])),
    (_WORDY_MY, lambda m: _named(None, m[1], m[2])),
    (_QUARTER, _quarter),
)


def speaks_of_time(label: str) -> bool:
    """Return whether a label is one of dates: only under such a one bare digits may be a date."""
    return _DATE_LABEL.search(label) is not None


@dataclass(frozen=True, slots=True)
class Told:
    """What a column of dates tells: its points in time, how many moments of the clock among them, what it fails in.

    ``moments`` is 0 where the column tells days only: twenty-four hours of one day are twenty-four points in time.
    ``missed`` are the values that are neither dates nor markers.
    """

    spans: frozenset[Span] = frozenset()
    moments: int = 0
    missed: tuple[str, ...] = ()


NOTHING = Told()
_WHOLE = tuple(
    (re.compile(rf"^{form.pattern}$", re.IGNORECASE | re.MULTILINE), order)
    for form, order in ((_YMD, (0, 2, 3)), (_DMY, (3, 2, 0)))
)
"""The two commonest forms, for a column that is all in one of them, and where year, month and day stand in it."""
SAMPLE = 200


def of_column(label: str, values: Sequence[Any], today: date, whole: Texts) -> Told:
    """Return what a column's distinct ``values`` tell; nothing where under four fifths of them are dates.

    ``whole`` are the same values as texts; ``today`` is Hong Kong's date: later moments of the clock do not count.
    """
    if told := _all_in_one_form(values, today, whole):
        return told
    if len(values) > 5 * SAMPLE:  # an even sample tells a column of words from one of dates
        some = values[:: len(values) // SAMPLE]
        if sum(_span(label, value) is not None for value in some) < len(some) * SHARE / 2:
            return NOTHING
    spans: set[Span] = set()
    clocks: set[str] = set()
    missed: list[str] = []
    for value in values:
        span = _span(label, value)
        text = value.isoformat() if isinstance(value, date) else words(value)
        if span is not None:
            spans.add(span)
            if span.start <= today and _CLOCK.search(text):
                clocks.add(text)
        elif not is_marker(text):
            missed.append(text)
            if len(values) - len(missed) < len(values) * SHARE:
                return NOTHING
    return Told(frozenset(spans), len(clocks), tuple(missed))


def _all_in_one_form(values: Sequence[Any], today: date, whole: Texts) -> Told | None:
    """Return what a column tells whose texts are all of one common form and all past days; None of any other."""
    for form, (year, month, day) in _WHOLE:
        if not values or not whole.apart or not form.match(whole.joined):
            continue
        found = form.findall(whole.joined)
        if len(found) != len(values):
            return None
        days = [_day(int(each[year]), int(each[month]), int(each[day])) for each in set(found)]
        spans = frozenset(span for span in days if span is not None)
        if None in days or max(span.start for span in spans) > today:
            return None
        clocks = len(_CLOCKS.findall(whole.joined))
        return Told(spans, len(set(values)) if clocks else 0) if clocks in (0, len(values)) else None
    return None


def _span(label: str, value: Any) -> Span | None:
    return Span(_date(value), _date(value)) if isinstance(value, date) else of_text(words(value), label)


def _date(value: date) -> date:
    return value.date() if isinstance(value, datetime) else value


def of_parts(columns: Mapping[str, Sequence[Any]]) -> set[Span]:
    """Return the points in time of columns that hold year, month and day apart; none without such columns."""
    found = {part: next((label for label in columns if pattern.search(label)), None) for part, pattern in _PART.items()}
    year, month, day = (found[part] for part in ("year", "month", "day"))
    if year is None or month is None or len({year, month, day}) < (2 if day is None else 3):
        return set()
    days = columns[day] if day is not None else [None] * len(columns[year])
    rows = set(zip(map(words, columns[year]), map(words, columns[month]), map(words, days), strict=False))
    spans = {_of_numbers(*row) for row in rows}
    told = {span for span in spans if span is not None}
    return told if len(told) >= len(rows) * SHARE else set()


def _of_numbers(year: str, month: str, day: str) -> Span | None:
    number = _MONTHS.get(month.lower()) or (int(month) if month.isdecimal() and len(month) <= 2 else 0)  # noqa: PLR2004
    if not _YEAR.fullmatch(year):
        return None
    if day:
        return _day(int(year[:4]), number, int(day)) if day.isdecimal() and len(day) <= 2 else None  # noqa: PLR2004
    return _month(int(year[:4]), number)


def of_labels(labels: Sequence[str]) -> set[Span]:
    """Return the points in time that are labels themselves: a column a year, at least two of them."""
    spans = {span for label in labels if (span := of_text(label.strip(), "year")) is not None}
    return spans if len(spans) > 1 else set()


def of_names(pairs: Sequence[tuple[str, str]]) -> set[Span]:
    """Return the points in time of single values that a name speaks of (``updateTime``, ``start-date``)."""
    return {span for name, text in pairs if _DATE_LABEL.search(name) and (span := of_text(text.strip(), name))}


def bounds(spans: set[Span], today: date) -> tuple[date, date] | None:
    """Return the first and last day told, the future cut off: what starts after tomorrow is a plan or a mistake.

    A month or year still under way ends today.
    """
    past = [span for span in spans if EARLIEST <= span.start <= today + timedelta(days=1)]
    if not past:
        return None
    return min(span.start for span in past), max(min(span.end, max(today, span.start)) for span in past)
