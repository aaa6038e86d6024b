"""The figures themselves: a topic, over districts and periods, drawn by a seed; the same in every language."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache
from random import Random

from sample_portal.names import DISTRICTS, Text, Topic

Cell = str | int | float | None
Rows = list[list[Cell]]

PERIODS = ("daily", "weekly", "monthly", "quarterly", "half-yearly", "yearly")

_PERIOD_LABELS: dict[str, Text] = {
    "daily": ("Date", "日期", "日期"),
    "weekly": ("Week ending", "截至星期日", "截至星期日"),
    "monthly": ("Month", "月份", "月份"),
    "quarterly": ("Quarter ending", "季度截至", "季度截至"),
    "half-yearly": ("Half-year ending", "半年截至", "半年截至"),
    "yearly": ("Year", "年份", "年份"),
}
_DISTRICT_LABEL: Text = ("District", "地區", "地区")
_PLACE_LABELS: tuple[Text, Text] = (("Latitude", "緯度", "纬度"), ("Longitude", "經度", "经度"))


@dataclass(frozen=True, slots=True)
class Table:
    """Labels and rows, ready to be written in any format."""

    labels: list[str]
    rows: Rows


@dataclass(frozen=True, slots=True)
class Series:
    """What a table is about and how long it runs. `ends` is the last day a period may end on (Hong Kong time)."""

    topic: Topic
    period: str
    ends: date
    seed: str
    districts: tuple[int, ...]
    length: int
    places: bool = False

    def table(self, language: int) -> Table:
        """Return the series in one language (0 English, 1 Traditional, 2 Simplified Chinese)."""
        topic = self.topic
        texts = [_PERIOD_LABELS[self.period], _DISTRICT_LABEL, topic.count.label, topic.rate.label]
        labels = [text[language] for text in texts + list(_PLACE_LABELS if self.places else ())]
        rng = Random(self.seed)
        rows: Rows = []
        for stamp in stamps(self.period, self.ends, self.length):
            for index in self.districts:
                name, latitude, longitude = DISTRICTS[index]
                count = rng.randint(topic.count.low, topic.count.high)
                rate = round(rng.uniform(topic.rate.low, topic.rate.high), 1)
                row: list[Cell] = [stamp, name[language], count, rate]
                rows.append([*row, latitude, longitude] if self.places else row)
        return Table(labels, rows)

    def span(self) -> tuple[date, date]:
        """Return the first and last day the series covers."""
        days = period_ends(self.period, self.ends, self.length)
        return days[0], days[-1]


@lru_cache(maxsize=256)
def period_ends(period: str, ends: date, length: int) -> tuple[date, ...]:
    """Return the last days of the `length` periods that were over by `ends`, oldest first."""
    days = []
    day = ends
    if period == "weekly":
        day -= timedelta(days=(day.weekday() + 1) % 7)
    elif period != "daily":
        months = {"monthly": 1, "quarterly": 3, "half-yearly": 6, "yearly": 12}[period]
        day = _last_day(day, months)
        for _ in range(length):
            days.append(day)
            day = _last_day(day.replace(day=1) - timedelta(days=(months - 1) * 28), months)
        return tuple(days[::-1])
    step = timedelta(days=7 if period == "weekly" else 1)
    return tuple(day - step * back for back in reversed(range(length)))


def _last_day(day: date, months: int) -> date:
    """Return the end of the last block of `months` calendar months that was over by `day` (inclusive)."""
    after = day + timedelta(days=1)
    block = (after.month - 1) // months * months + 1
    return date(after.year, block, 1) - timedelta(days=1)


def stamps(period: str, ends: date, length: int) -> list[Cell]:
    """Return what the periods are called in the tables: a year, a month, or the day a period ends on."""
    days = period_ends(period, ends, length)
    if period == "yearly":
        return [day.year for day in days]
    return [f"{day:%Y-%m}" if period == "monthly" else day.isoformat() for day in days]


def fields(series: Series) -> list[Text]:
    """Return the fields of a series: the name in English, that in Chinese, and text or number."""
    chinese, english = series.table(1).labels, series.table(0).labels
    kinds = ["text" if isinstance(cell, str) else "number" for cell in series.table(0).rows[0]]
    return list(zip(english, chinese, kinds, strict=True))


def dictionary(described: Sequence[Text]) -> Table:
    """Return a data dictionary: a row for each field, in English and Chinese."""
    rows: Rows = [[en, tc, kind, f"{en} as recorded by the department"] for en, tc, kind in described]
    return Table(["Field", "Field (Chinese)", "Type", "Description"], rows)


def pick(rng: Random, among: Sequence[str]) -> str:
    """Return one of several texts, by the generator's own dice."""
    return among[rng.randrange(len(among))]
