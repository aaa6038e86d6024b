"""What the values say: gaps, one thing written in several ways, and what cannot be in this world."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from harvester.records import Column, Profile
from scoring.criteria.base import NO, PARTLY, UNKNOWN, YES, Fact, Finding, resource_criterion
from scoring.criteria.files import NOT_TABLE
from scoring.criteria.reach import NOT_REACHED, reached
from scoring.facts import Case, ResourceFacts

PORTION = 0.05
"""Share of a column's cells missing from which we speak of a portion: ours, GDB gives words only."""
WIDESPREAD = 0.5

MAY_BE_EMPTY = re.compile(
    r"remark|note|comment|fax|e-?mail|web|url|link|tel|phone|mobile|contact|suffix|alias|former|optional|other|expir"
    r"|\bend|\bto\b|until|closed?|close_|cancel|delet|ceas|terminat|upper|lower|sd_|flag|symbol|footnote|unit|floor"
    r"|備註|备注|註|注釋|注释|傳真|传真|電郵|电邮|網址|网址|網站|网站|電話|电话|結束|结束|終止|终止|屆滿|届满|取消|截止|其他",
    re.IGNORECASE,
)
"""Labels of columns that may honestly stay empty in a row."""

WHEN = re.compile(r"(?<![a-z])dates?(?![a-z])|日期", re.IGNORECASE)
"""Labels of columns of dates: where markers stand among them, or nothing at all, Frictionless sees no dates."""

FILLED_TYPES = frozenset({"integer", "number", "date", "datetime", "time", "year", "yearmonth", "boolean", "geopoint"})


@resource_criterion(
    "missing_data",
    "Completeness of values",
    {
        "complete": YES, "portion": PARTLY, "widespread": NO,
        "not-a-table": UNKNOWN, "not-reached": UNKNOWN, "no-resources": UNKNOWN,
    },
)  # fmt: skip
def missing_data(facts: ResourceFacts, _case: Case) -> Finding:
    """Are the columns that should be filled filled: numbers, dates, and columns that use a missing-value marker."""
    profile = _profile(facts)
    if isinstance(profile, Finding):
        return profile
    if not profile.rows or not profile.columns:
        return NOT_TABLE
    share, column = max(
        ((missing_share(each, profile.rows), each) for each in profile.columns if _should_be_filled(each, profile)),
        key=lambda pair: pair[0],
        default=(0.0, None),
    )
    values: dict[str, Fact] = {"percent": round(share * 100), "rows": profile.rows}
    if column is None or share <= PORTION:
        return Finding("complete", values, facts.look.visit_ids)
    values["column"] = column.label[:80]
    return Finding("widespread" if share > WIDESPREAD else "portion", values, facts.look.visit_ids)


def missing_share(column: Column, rows: int) -> float:
    """Return the share (0-1) of a column's cells that are empty or hold a missing-value marker."""
    return min(1.0, column.null_share + column.markers / rows)


def _should_be_filled(column: Column, profile: Profile) -> bool:
    """Whether gaps in ``column`` are gaps: it holds numbers or dates, or nothing but markers among such columns.

    In a column of words "N.A." is an answer (a school of no religion), and a column without a single cell is a spare
    one, of which nobody can know what it should hold, unless it is called a date.
    """
    if not column.label.strip() or MAY_BE_EMPTY.search(column.label):
        return False
    if WHEN.search(column.label) and (column.markers or not column.distinct):
        return True
    if column.distinct and (column.type in FILLED_TYPES or column.low is not None):
        return True
    only_markers = column.markers > 0 and missing_share(column, profile.rows) >= 1
    return only_markers and sum(each.low is not None for each in profile.columns) > len(profile.columns) / 2


def _profile(facts: ResourceFacts) -> Profile | Finding:
    content = facts.look.content
    if content is None or not reached(facts):
        return NOT_REACHED
    return content.profile or NOT_TABLE


DISTRICTS = (
    "Central and Western", "Wan Chai", "Eastern", "Southern", "Yau Tsim Mong", "Sham Shui Po", "Kowloon City",
    "Wong Tai Sin", "Kwun Tong", "Kwai Tsing", "Tsuen Wan", "Tuen Mun", "Yuen Long", "North", "Tai Po", "Sha Tin",
    "Sai Kung", "Islands",
)  # fmt: skip
"""The 18 districts as the District Councils Ordinance (Cap. 547) spells them."""


def _plain(text: str) -> str:
    return re.sub(r"[^a-z]", "", text.lower().replace("&", "and").replace("district", ""))


_OFFICIAL = {_plain(name): name for name in DISTRICTS}


@resource_criterion(
    "consistent",
    "Consistent spelling",
    {
        "consistent": YES, "variants": PARTLY, "district-spelling": PARTLY,
        "not-a-table": UNKNOWN, "not-reached": UNKNOWN, "no-resources": UNKNOWN,
    },
)  # fmt: skip
def consistent(facts: ResourceFacts, _case: Case) -> Finding:
    """Is one thing written one way within a column."""
    profile = _profile(facts)
    if isinstance(profile, Finding):
        return profile
    if not profile.variants:
        return Finding("consistent", visits=facts.look.visit_ids)
    group = profile.variants[0]
    values: dict[str, Fact] = {
        "groups": len(profile.variants),
        "spellings": " / ".join(each[:60] for each in group[:4]),
    }
    official = _official(group)
    if official:
        return Finding("district-spelling", {**values, "official": official}, facts.look.visit_ids)
    return Finding("variants", values, facts.look.visit_ids)


def _official(group: Sequence[str]) -> str | None:
    return next((_OFFICIAL[_plain(value)] for value in group if _plain(value) in _OFFICIAL), None)


@dataclass(frozen=True, slots=True)
class Bound:
    """What a column so labelled can hold: ``low`` and ``high`` inclusive, None for no bound, and never ``unless``."""

    name: str
    label: re.Pattern[str]
    low: float | None
    high: float | None
    unless: re.Pattern[str]


_CHANGE = (
    r"chang|growth|differ|deviat|anomal|depart|increase|decrease|\bnet\b|balance|migrat|movement|adjust|correct|revis"
    r"|variation|variance|error|變|变|增|減|减|差|淨|净|調整|调整|修訂|修订"
)


def _bound(name: str, label: str, low: float | None, high: float | None, unless: str = _CHANGE) -> Bound:
    return Bound(name, re.compile(label, re.IGNORECASE), low, high, re.compile(unless, re.IGNORECASE))


BOUNDS = (
    # Road speeds: the highest limit is 110 km/h, trains 350 km/h are not road traffic, hence the exceptions.
    _bound(
        "speed",
        r"speed|速度|車速|车速",
        0,
        250,
        _CHANGE + r"|wind|gust|train|rail|風|风|列車|列车|code|ship|air|band|load|network|internet|bps|rpm|lift|clock"
        r"|網|网|頻|频|升降|轉速|转速",
    ),
    _bound("wind speed", r"wind.*speed|gust|風速|风速|陣風|阵风", 0, 400),
    _bound("occupancy", r"occupan|佔用|占用|入住率", 0, None),
    _bound(
        "percentage",
        r"percent|百分比|百分率|\(%\)",
        0,
        100,
        _CHANGE + r"|rate|ratio|index|target|percentile|gdp|return|yield|inflation|margin|surplus|deficit|contribut"
        r"|utili[sz]|achiev|fulfil|gain|loss|coverage|compar|previous|last year|debt|率|比率|指數|指数|佔本地|盈|虧|亏"
        r"|回報|回报|使用|通脹|通胀|比較|比较|百分位",
    ),
    _bound("humidity", r"humidity|濕度|湿度", 0, 100),
    _bound(
        "temperature",
        r"temperature|氣溫|气温|溫度|温度",
        -100,
        100,
        _CHANGE
        + r"|flue|furnace|combust|incinerat|stack|colou?r|kelvin|\(k\)|boil|melt|flash|oven|焚|爐|炉|色溫|色温|煙|烟",
    ),
    _bound("rainfall", r"rainfall|雨量", 0, None),
    _bound("acidity", r"(?-i:\bpH\b)|酸鹼|酸碱", 0, 14),  # PH is a penthouse or a public holiday
    _bound("age", r"^age$|^年齡$|^年龄$", 0, 998),  # of a tree, perhaps; 999 is nobody's
    _bound("count", r"^(number|no\.?|num) of|population|數目|数目|人數|人数|人次|人口", 0, None),
)
"""Label patterns in three languages and what physics (or counting) allows. Wide on purpose: a flag must be certain."""

LATITUDE = re.compile(r"^lat(itude)?\b|_lat(itude)?$|緯度|纬度|\blatitude\b", re.IGNORECASE)
LONGITUDE = re.compile(r"^(lon|long|lng|longitude)\b|_(lon|lng|long|longitude)$|經度|经度|\blongitude\b", re.IGNORECASE)
HONG_KONG_BOX = {"latitude": (22.13, 22.58), "longitude": (113.81, 114.52)}
"""Degrees (WGS 84) that hold the whole territory, sea included."""
SLIP_DEGREES = 1.0
"""This close to nought nobody means the Gulf of Guinea."""


@resource_criterion(
    "plausible",
    "Plausible values",
    {
        "possible": YES, "impossible": NO, "outside-hong-kong": NO,
        "no-such-columns": UNKNOWN, "not-a-table": UNKNOWN, "not-reached": UNKNOWN, "no-resources": UNKNOWN,
    },
)  # fmt: skip
def plausible(facts: ResourceFacts, _case: Case) -> Finding:
    """Does every column whose label says what it holds stay within what is physically possible."""
    profile = _profile(facts)
    if isinstance(profile, Finding):
        return profile
    judged = False
    for column in profile.columns:
        if column.low is None or column.high is None:
            continue
        verdict = _judge(column, column.low, column.high)
        judged = judged or verdict is not None
        if verdict:
            return Finding(verdict[0], verdict[1], facts.look.visit_ids)
    return Finding("possible", visits=facts.look.visit_ids) if judged else Finding("no-such-columns", applies=False)


@lru_cache(maxsize=50_000)
def _rules(label: str) -> tuple[Bound, ...]:
    """Return the rules that speak about a column so labelled; a catalogue repeats its labels endlessly."""
    return tuple(rule for rule in BOUNDS if rule.label.search(label) and not rule.unless.search(label))


def _judge(column: Column, low: float, high: float) -> tuple[str, dict[str, Fact]] | tuple[()] | None:
    """Return what is wrong with a column, () where it was judged sound, None where no rule speaks about it."""
    for name, pattern in (("latitude", LATITUDE), ("longitude", LONGITUDE)):
        if pattern.search(column.label):
            odd = _odd_degree(name, low, high)
            if odd is None:
                return ()
            return "outside-hong-kong", {"column": column.label[:80], "value": odd, "what": name}
    rules = _rules(column.label)
    for rule in rules:
        value = low if rule.low is not None and low < rule.low else high
        if (rule.low is not None and low < rule.low) or (rule.high is not None and high > rule.high):
            return "impossible", {"column": column.label[:80], "value": value, "what": rule.name}
    return () if rules else None


def _odd_degree(name: str, low: float, high: float) -> float | None:
    """Return the degree that cannot be, None where all may.

    Tracks of typhoons and lists of offices abroad lie outside Hong Kong honestly; a column that reaches into the
    box at one end holds a slip where the other is nought, has the wrong sign, or is the pair's other half.
    """
    limit = 90.0 if name == "latitude" else 180.0
    for value in (low, high):
        if abs(value) > limit:
            return value
    south, north = HONG_KONG_BOX[name]
    for value, other in ((low, high), (high, low)):
        if (south <= other <= north and _is_slip(name, value)) or value == other == 0.0:
            return value
    return None


def _is_slip(name: str, value: float) -> bool:
    """Whether a degree is none that anyone meant: nought, Hong Kong's with the sign lost, or its other half."""
    south, north = HONG_KONG_BOX[name]
    low, high = HONG_KONG_BOX["longitude" if name == "latitude" else "latitude"]
    return abs(value) < SLIP_DEGREES or south <= -value <= north or low <= value <= high
