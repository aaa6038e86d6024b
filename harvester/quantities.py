"""What a label says that its column holds, and what nature, counting and Hong Kong's own shape allow such a thing.

The validator keeps the places of values beyond these bounds, the criterion ``plausible`` judges by the same ones.
Patterns are in three languages and narrow on purpose: a flag must be certain.
"""

import re
from dataclasses import dataclass
from functools import lru_cache


@dataclass(frozen=True, slots=True)
class Bound:
    """What a column so labelled can hold: ``low`` and ``high`` inclusive, None for no bound, and never ``unless``."""

    name: str
    label: re.Pattern[str]
    low: float | None
    high: float | None
    unless: re.Pattern[str]

    def beyond(self, value: float) -> bool:
        """Return whether ``value`` cannot be."""
        return (self.low is not None and value < self.low) or (self.high is not None and value > self.high)


_CHANGE = (
    r"chang|growth|differ|deviat|anomal|depart|increase|decrease|\bnet\b|balance|migrat|movement|adjust|correct|revis"
    r"|variation|variance|error|變|变|增|減|减|差|淨|净|調整|调整|修訂|修订"
)
_ROUNDED = 100.5
"""Where a share of a whole ends: parts that were rounded one by one may add to a little over a hundred."""


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
    _bound("humidity", r"humidity|濕度|湿度", 0, 100),
    _bound(
        "percentage",
        r"percent|百分比|百分率|\(%\)",
        0,
        _ROUNDED,
        _CHANGE + r"|rate|ratio|index|target|percentile|gdp|return|yield|inflation|margin|surplus|deficit|contribut"
        r"|utili[sz]|achiev|fulfil|gain|loss|coverage|compar|previous|last year|debt|率|比率|指數|指数|佔本地|盈|虧|亏"
        r"|回報|回报|使用|通脹|通胀|比較|比较|百分位",
    ),
    _bound(
        "percentage",
        r"(?:share|proportion|%) (?:of|in) (?:the |all |grand )?(?:total|whole|all)\b|(?:share|proportion).*%"
        r"|[佔占].{0,8}(?:總|总|全部|整體|整体).{0,8}(?:百分|比例|%|％)",
        0,
        _ROUNDED,
        _CHANGE + r"|\bno\.|number|amount|million|value|price|per share|shares\b|index|gdp|生產總值|生产总值|\$|元",
    ),
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
    _bound(
        "count",
        r"^(?:total )?(?:number|no\.?|num) of|population|^head ?count|數目|数目|人數|人数|人次|人口|宗數|宗数|班次"
        r"|車輛數|车辆数|戶數|户数",
        0,
        None,
        _CHANGE + r"|index|log|z-?score|指數|指数|over-?supply|short(?:fall|age)|surplus|excess|盈|缺|超",
    ),
)
"""Label patterns and what physics (or counting) allows."""

LATITUDE = re.compile(r"^lat(itude)?\b|_lat(itude)?$|緯度|纬度|\blatitude\b", re.IGNORECASE)
LONGITUDE = re.compile(r"^(lon|long|lng|longitude)\b|_(lon|lng|long|longitude)$|經度|经度|\blongitude\b", re.IGNORECASE)
EASTING = re.compile(r"\beasting\b|_easting$|東距|东距|東向坐標|东向坐标", re.IGNORECASE)
NORTHING = re.compile(r"\bnorthing\b|_northing$|北距|北向坐標|北向坐标", re.IGNORECASE)
_AXES = {"latitude": LATITUDE, "longitude": LONGITUDE, "easting": EASTING, "northing": NORTHING}

HONG_KONG_BOX = {"latitude": (22.13, 22.58), "longitude": (113.81, 114.52)}
"""Degrees (WGS 84) that hold the whole territory, sea included."""
HONG_KONG_GRID = {"easting": (799_000.0, 868_000.0), "northing": (799_000.0, 851_000.0)}
"""Metres of the Hong Kong 1980 Grid (EPSG:2326) that hold the same: its origin is 836,694.05 E, 819,069.80 N."""
GRID_MARGIN = 100_000.0
"""So far outside lies no place that anyone would give in this grid: Macao and Shenzhen are nearer."""
SLIP_DEGREES = 1.0
"""This close to nought nobody means the Gulf of Guinea."""


@lru_cache(maxsize=50_000)
def bounds_of(label: str) -> tuple[Bound, ...]:
    """Return the bounds that speak about a column so labelled; a catalogue repeats its labels endlessly."""
    return tuple(rule for rule in BOUNDS if rule.label.search(label) and not rule.unless.search(label))


@lru_cache(maxsize=50_000)
def axis_of(label: str) -> str | None:
    """Return which coordinate a label speaks of: latitude, longitude, easting, northing, or None."""
    return next((name for name, pattern in _AXES.items() if pattern.search(label)), None)


def inside(axis: str, value: float) -> bool:
    """Return whether ``value`` is a coordinate of Hong Kong on ``axis``."""
    low, high = HONG_KONG_BOX.get(axis) or HONG_KONG_GRID[axis]
    return low <= value <= high


def outside_by(axis: str, value: float) -> float:
    """Return how far ``value`` lies outside Hong Kong on ``axis``, in degrees or metres; 0 where it is inside."""
    low, high = HONG_KONG_BOX.get(axis) or HONG_KONG_GRID[axis]
    return max(low - value, value - high, 0.0)


def is_slip(axis: str, value: float) -> bool:
    """Return whether a degree is none that anyone meant: nought, Hong Kong's with the sign lost, or its other half."""
    other = "longitude" if axis == "latitude" else "latitude"
    return abs(value) < SLIP_DEGREES or inside(axis, -value) or inside(other, value)


def is_decimal_slip(axis: str, value: float) -> bool:
    """Return whether a degree is Hong Kong's with its point a place too far to the left (2.2319 for 22.319)."""
    return inside(axis, value * 10)


def beyond_grid(axis: str, value: float) -> bool:
    """Return whether metres on ``axis`` lie so far from Hong Kong that its grid cannot be meant."""
    return outside_by(axis, value) > GRID_MARGIN
