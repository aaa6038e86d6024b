"""Update frequencies as departments write them, in three languages, to a period in days. Pure; never raises.

Where a text names several periods the longest is kept ("Quarterly/ Annual" is a year), so that nobody is called late
by a promise made for another part of the dataset; "and as necessary" beside a period leaves the period standing.
"""

import re
from dataclasses import dataclass
from functools import lru_cache

from harvester.records import Schedule

DAY = 1.0
HOUR = DAY / 24
MINUTE = HOUR / 60
SECOND = MINUTE / 60
WEEK = 7 * DAY
YEAR = 365.2425
"""The mean Gregorian year; months, quarters and half-years are its even parts."""
MONTH = YEAR / 12
QUARTER = YEAR / 4

_LONGEST = 2000
_MOST_PERIODS = 1000.0


@dataclass(frozen=True, slots=True)
class Frequency:
    """What a declared frequency amounts to; ``period_days`` is None unless ``schedule`` is ``periodic``."""

    schedule: Schedule
    period_days: float | None = None


_UNITS = {
    "second": SECOND, "sec": SECOND, "minute": MINUTE, "mintue": MINUTE, "min": MINUTE, "hour": HOUR, "hr": HOUR,
    "day": DAY, "working day": DAY, "weekday": DAY, "week": WEEK, "fortnight": 2 * WEEK, "month": MONTH,
    "quarter": QUARTER, "half year": YEAR / 2, "half-year": YEAR / 2, "season": QUARTER, "year": YEAR, "annum": YEAR,
}  # fmt: skip
_NUMBERS = {
    "a": 1, "an": 1, "one": 1, "once": 1, "two": 2, "twice": 2, "three": 3, "thrice": 3, "four": 4, "five": 5,
    "six": 6, "seven": 7, "eight": 8, "nine": 9, "ten": 10, "twelve": 12, "fifteen": 15, "thirty": 30, "other": 2,
}  # fmt: skip
_ADVERBS = {
    "minutely": MINUTE, "hourly": HOUR, "daily": DAY, "everyday": DAY, "nightly": DAY, "weekly": WEEK,
    "fortnightly": 2 * WEEK, "bi-weekly": 2 * WEEK, "biweekly": 2 * WEEK, "monthly": MONTH, "bi-monthly": 2 * MONTH,
    "bimonthly": 2 * MONTH, "quarterly": QUARTER, "half-yearly": YEAR / 2, "half yearly": YEAR / 2,
    "semi-annually": YEAR / 2, "semi-annual": YEAR / 2, "semiannually": YEAR / 2, "semiannual": YEAR / 2,
    "bi-annually": YEAR / 2, "biannually": YEAR / 2, "bi-annual": YEAR / 2, "biannual": YEAR / 2,
    "biennially": 2 * YEAR, "biennial": 2 * YEAR, "triennially": 3 * YEAR, "triennial": 3 * YEAR,
    "yearly": YEAR, "annually": YEAR, "annual": YEAR, "anually": YEAR,
}  # fmt: skip

_COUNT = r"\d{1,4}|" + "|".join(_NUMBERS)
_UNIT = "|".join(sorted(_UNITS, key=len, reverse=True))
_EVERY = re.compile(rf"\b(?:every|each|per)\s+(?:({_COUNT})\s+(?:(?:to|or|-)\s*({_COUNT})\s+)?)?({_UNIT})s?\b")
_PER = re.compile(
    rf"\b(?:(\d{{1,3}}|{'|'.join(_NUMBERS)})\s+(?:times?\s+)?(?:a|an|per|every|each|in\s+a)\s+)({_UNIT})\b"
)
_TIMES = re.compile(
    rf"\b(once|twice|thrice|(?:\d{{1,3}}|{'|'.join(_NUMBERS)})\s+times?)\s+(daily|weekly|monthly|yearly|annually)\b"
)
_ADVERB = re.compile(r"(?<![\w-])(?:" + "|".join(sorted(_ADVERBS, key=len, reverse=True)) + r")\b")
_MID = re.compile(rf"\bevery\s+(?:first|last|mid|middle|beginning|end|start)\b[\w ]{{0,20}}?\b({_UNIT})\b")
_DAYS = re.compile(r"\b(?:mon|tues|wednes|thurs|fri|satur|sun)day")
_MONTH_NAMES = re.compile(
    r"\b(?:january|february|march|april|may|june|july|august|september|october|november|december)\b"
)
_REAL_TIME = re.compile(r"\breal[\s-]?time\b|\blive\b|\bcontinuous|\binstant|实时|即时|即時|實時")
_AS_NEEDED = re.compile(
    r"\bas\s+(?:and\s+when\s+)?(?:necessary|needed|required|appropriate)\b|\bad[\s-]?hoc\b|\birregular|\bneed\s+basis\b"
    r"|\bwhen(?:ever)?\s+(?:there\s+(?:is|are)|it\s+is|necessary|needed|required|available|applicable|updated?)\b"
    r"|\bon\s+demand\b|\bif\s+(?:necessary|needed|any)\b|\bnot\s+(?:fixed|regular)|\bupon\s+|\boccasional"
    r"|有需要|需要时|按需|视需要|视乎|视情况|必要时|如有|有更新|不定期|不时|随时|没有固定|适时"
)

# Chinese is read in its simplified form, so that one set of rules serves both instances.
_SIMPLIFY = str.maketrans(
    "個時鐘實週兩視適隨間須須數無沒兩幾禮拜逢點實際網頁後關於於號",
    "个时钟实周两视适随间须须数无没两几礼拜逢点实际网页后关于于号",
)
_CHINESE_NUMBERS = {"一": 1, "二": 2, "两": 2, "三": 3, "四": 4, "五": 5, "六": 6, "七": 7, "八": 8, "九": 9, "十": 10,
                    "十二": 12, "十五": 15, "二十": 20, "三十": 30, "半": 0.5}  # fmt: skip
_CHINESE_UNITS = {
    "秒钟": SECOND, "秒": SECOND, "分钟": MINUTE, "分": MINUTE, "小时": HOUR, "钟头": HOUR,
    "工作日": DAY, "工作天": DAY, "天": DAY, "日": DAY, "星期": WEEK, "周": WEEK, "礼拜": WEEK,
    "个月": MONTH, "月": MONTH, "季度": QUARTER, "季": QUARTER, "年度": YEAR, "年": YEAR,
}  # fmt: skip
_CHINESE_COUNT = r"\d{1,4}|十二|十五|二十|三十|[一二两三四五六七八九十半]"
_CHINESE_UNIT = "|".join(sorted(_CHINESE_UNITS, key=len, reverse=True))
_CHINESE_EVERY = re.compile(
    rf"每隔?\s*({_CHINESE_COUNT})?\s*(?:至\s*({_CHINESE_COUNT}))?\s*个?({_CHINESE_UNIT})"
    rf"(?:[^,，;；。]{{0,4}}?({_CHINESE_COUNT})\s*次)?"
)
_CHINESE_WEEKDAYS = re.compile(
    r"(?:逢|每)\s*(?:星期|周|礼拜)\s*([一二三四五六日天](?:[、,，及和与/ ]*(?:星期|周|礼拜)?[一二三四五六日天])*)(?!次)"
)
_CHINESE_HALF = re.compile(r"半年|每半个?年")
_CHINESE_ADVERB = re.compile(r"^(?:按|以)?(季度|季|年度|年|月|周|日)(?:度|刊|报)?(?:更新|公布|发布)?$")


@lru_cache(maxsize=4096)  # a catalogue says the same few hundred things
def read_frequency(*texts: str | None) -> Frequency:
    """Return the frequency that the first readable of ``texts`` declares (give them as en, tc, sc).

    A text that names a period comes before one that only says "as necessary"; nothing readable is ``unknown``.
    """
    read = [_read(text) for text in texts if text]
    for schedule in ("periodic", "real-time", "as-needed"):
        for frequency in read:
            if frequency.schedule == schedule:
                return frequency
    return Frequency("unknown")


def plain(text: str) -> str:
    """Return a text as it is told apart from others: lower case, one blank between words, bounded in length."""
    return " ".join(text[:_LONGEST].lower().split())


def _read(text: str) -> Frequency:
    simple = plain(text).translate(_SIMPLIFY)
    periods = [days for days in (*_english(simple), *_chinese(simple)) if days > 0]
    if periods:
        return Frequency("periodic", round(max(periods), 6))
    if _REAL_TIME.search(simple):
        return Frequency("real-time")
    if _AS_NEEDED.search(simple):
        return Frequency("as-needed")
    return Frequency("unknown")


def _english(text: str) -> list[float]:
    """Return every period, in days, that an English text names."""
    periods: list[float] = []
    for pattern, units in ((_PER, _UNITS), (_TIMES, _ADVERBS)):
        periods += [units[match[2]] / max(1.0, _number(match[1].split()[0])) for match in pattern.finditer(text)]
        text = pattern.sub(" ", text)
    periods += [_number(match[2] or match[1] or "1") * _UNITS[match[3]] for match in _EVERY.finditer(text)]
    periods += [_UNITS[match[1]] for match in _MID.finditer(text)]
    periods += [_ADVERBS[match[0]] for match in _ADVERB.finditer(text)]
    if not periods and (days := len(set(_DAYS.findall(text)))):
        periods.append(WEEK / days)
    if not periods and (months := len(set(_MONTH_NAMES.findall(text)))) and _only_months(text):
        periods.append(YEAR / months)
    return periods


def _only_months(text: str) -> bool:
    return not re.sub(
        r"\b(?:and|in|on|every|each|of|the|mid|early|late|end)\b|[\d,;/&. -]+", "", _MONTH_NAMES.sub("", text)
    )


def _number(text: str) -> float:
    return float(text) if text.isdecimal() else float(_NUMBERS.get(text, 1))


def _chinese(text: str) -> list[float]:
    """Return every period, in days, that a Chinese text (already in simplified characters) names."""
    periods: list[float] = []
    for match in _CHINESE_WEEKDAYS.finditer(text):
        days = set(re.findall("[一二三四五六日天]", match[1]))
        periods.append(WEEK / len(days))
    text = _CHINESE_WEEKDAYS.sub(" ", text)
    if _CHINESE_HALF.search(text):
        periods.append(YEAR / 2)
    for match in _CHINESE_EVERY.finditer(_CHINESE_HALF.sub(" ", text)):
        count = _chinese_number(match[2] or match[1] or "1")
        periods.append(count * _CHINESE_UNITS[match[3]] / max(1.0, _chinese_number(match[4] or "1")))
    if not periods and (match_ := _CHINESE_ADVERB.match(text)):
        periods.append(_CHINESE_UNITS[match_[1]])
    return periods


def _chinese_number(text: str) -> float:
    return min(float(text), _MOST_PERIODS) if text.isdecimal() else float(_CHINESE_NUMBERS.get(text, 1))
