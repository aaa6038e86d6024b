"""What the values say: gaps, and one thing written in several ways."""

import re
from collections.abc import Sequence

from harvester.records import Column, Profile
from scoring.criteria.base import NO, PARTLY, UNKNOWN, YES, Fact, Finding, resource_criterion
from scoring.criteria.files import NOT_TABLE
from scoring.criteria.reach import NOT_REACHED, reached
from scoring.facts import Case, ResourceFacts
from scoring.places import first_places

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
    profile = profile_of(facts)
    if isinstance(profile, Finding):
        return profile
    read = profile.rows if profile.rows_read is None else profile.rows_read
    if not read or not profile.columns:
        return NOT_TABLE
    share, column = max(
        ((missing_share(each, read), each) for each in profile.columns if _should_be_filled(each, profile)),
        key=lambda pair: pair[0],
        default=(0.0, None),
    )
    values: dict[str, Fact] = {"percent": round(share * 100), "rows": profile.rows}
    if column is None or share <= PORTION:
        return Finding("complete", values, facts.look.visit_ids)
    values["column"] = column.label[:80]
    values |= first_places(profile, column, column.gaps, round(share * read))
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
    only_markers = column.markers > 0 and missing_share(column, profile.rows_read or profile.rows) >= 1
    return only_markers and sum(each.low is not None for each in profile.columns) > len(profile.columns) / 2


def profile_of(facts: ResourceFacts) -> Profile | Finding:
    """Return what the resource's table holds, or the finding that there is none to look at."""
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
    profile = profile_of(facts)
    if isinstance(profile, Finding):
        return profile
    if not profile.variants:
        return Finding("consistent", visits=facts.look.visit_ids)
    written = profile.spellings[0] if profile.spellings else None
    group = [place.value for place in written.places] if written else profile.variants[0]
    values: dict[str, Fact] = {
        "groups": len(profile.variants),
        "spellings": " / ".join(each[:60] for each in group[:4]),
    }
    official = _official(group)
    if written:
        column = next((each for each in profile.columns if each.label == written.column), None)
        values["column"] = written.column[:80]
        right = official or group[0]  # the official way, else the most frequent one
        wrong = [place for place in written.places if place.value != right]
        values |= first_places(profile, column, wrong, sum(place.count for place in wrong))
    if official:
        return Finding("district-spelling", {**values, "official": official}, facts.look.visit_ids)
    return Finding("variants", values, facts.look.visit_ids)


def _official(group: Sequence[str]) -> str | None:
    return next((_OFFICIAL[_plain(value)] for value in group if _plain(value) in _OFFICIAL), None)
