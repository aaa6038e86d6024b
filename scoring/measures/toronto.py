"""The City of Toronto's Data Quality Score as its portal computes it since 2023: metadata, freshness and the rest.

Formulas and constants: City of Toronto, open-data pipelines, ``update_data_quality_scores`` (production code, 2026).
A dataset's figure is the mean of its resources'.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass

from scoring.criteria.base import UNKNOWN
from scoring.criteria.files import PLACEHOLDER
from scoring.measures.base import Found, apart, between, known, measure
from scoring.measures.record import (
    KEYWORD,
    category_present,
    contact_mail_present,
    description_present,
    information_url_present,
)
from scoring.measures.sight import File, Sight


@dataclass(frozen=True, slots=True)
class Tolerance:
    """How late an update of a period up to ``days`` may be: nought is left of it after ``periods`` periods more."""

    days: float
    periods: float


TOLERANCES = (
    Tolerance(1, 7), Tolerance(7, 4), Tolerance(14, 4), Tolerance(30, 2), Tolerance(91, 2), Tolerance(182, 2),
    Tolerance(365, 0.5),
)  # fmt: skip
"""T and P of Toronto's code: daily, weekly, bi-weekly, monthly, quarterly, semi-annual, annual."""
SLACK = 1.1
"""A period this much over one of Toronto's is still that one: a month of 31 days, a year of 366."""
FRESH_DAYS, AGE_DAYS = 730, 1095
"""Under two years old is of full age's worth; it falls to nought at three."""
HALF = 0.5


def tolerance(period: float) -> Tolerance:
    """Return T (days; never under one) and P for an update every ``period`` days: P of the nearest period above it."""
    of = next((each for each in TOLERANCES if period <= each.days * SLACK), TOLERANCES[-1])
    return Tolerance(max(1.0, period), of.periods)


def period_worth(days: float, period: float) -> float:
    """Return 0-1 for data that last changed ``days`` ago and should every ``period`` days: max(0, 1 - (k/P)^2).

    ``k`` is by how many periods it is late: max(0, (days - T) / T).
    """
    allowed = tolerance(period)
    late = max(0.0, (days - allowed.days) / allowed.days)
    return max(0.0, 1.0 - (late / allowed.periods) ** 2)


def age_worth(days: float) -> float:
    """Return 0-1 for data that last changed ``days`` ago: 1 up to two years, then max(0, 1 - (days/1095)^2)."""
    return 1.0 if days <= FRESH_DAYS else max(0.0, 1.0 - (days / AGE_DAYS) ** 2)


def _change(sight: Sight) -> tuple[str, float | None]:
    """Return why ``timely`` is what it is, and how many whole days old the newest change was when we looked."""
    answer = sight.own.get("timely")
    if answer is None:
        return "not-reached", None
    age = answer.facts.get("age")
    return answer.reason, float(int(age)) if isinstance(age, int | float) else None


@measure(
    "fresh_by_period",
    "Fresh for its period",
    "The newest change was {days} days old; an update is due every {period} days.",
)
def fresh_by_period(sight: Sight) -> Found:
    """Toronto, freshness, ``period``: how late the newest real change is. Live feeds and updates as needed count full.

    Toronto takes a missing date for fresh; we do not: where no change date is to be had, it is unknown.
    """
    dataset, (reason, days) = sight.case.dataset.dataset, _change(sight)
    if reason == "not-reached":
        return Found()
    if reason == "live" or dataset.schedule in ("real-time", "as-needed"):
        return known(1.0, days="-" if days is None else int(days), period=dataset.period_days or "-")
    if days is None or not dataset.period_days:
        return Found()
    return known(period_worth(days, dataset.period_days), days=int(days), period=round(dataset.period_days, 1))


@measure("fresh_by_age", "Not too old", "The newest change was {days} days old; two years are allowed.")
def fresh_by_age(sight: Sight) -> Found:
    """Toronto, freshness, ``age``: how old the newest real change is, whatever the period."""
    reason, days = _change(sight)
    if reason == "live":
        return known(1.0, days="-")
    return Found() if days is None else known(age_worth(days), days=int(days))


def _described(sight: Sight, each: File) -> tuple[int, int] | None:
    """Return how many of a table's columns its dictionary names, of how many; None where they were not laid."""
    told = sight.case.dataset.beside.dictionary.get(each.content.sha256) if each.content else None
    if told is None or told.reason or not (of := int(told.facts.get("columns", 0))):
        return None
    return int(told.facts.get("named", 0)), of


@measure("columns_described", "Columns described", "{having} of {of} columns are in a readable data dictionary.")
def columns_described(sight: Sight) -> Found:
    """Toronto, metadata: the share of a table's columns with a description, here in the data dictionary.

    Without a dictionary it is nought; a table beside which it could not be laid (a PDF, say) is unknown, and so is what
    was not looked at.
    """
    tables = [each for each in sight.files if each.columns]
    unseen = sum(each.content is None and each.ok is UNKNOWN for each in sight.files)
    if not tables:
        return Found() if unseen else apart("no-table")
    if not sight.case.dataset.dataset.dictionary_url:
        return known(0.0, having=0, of=sum(len(each.columns) for each in tables))
    laid = [counts for each in tables if (counts := _described(sight, each))]
    if not laid:
        return Found()
    having, of = (sum(counts[place] for counts in laid) for place in (0, 1))
    shares, every = [named / among for named, among in laid], len(tables) + unseen
    low = sum(shares) / every
    return between(sum(shares) / len(laid), low, low + (every - len(laid)) / every, having=having, of=of)


@measure(
    "metadata_filled",
    "Metadata filled and columns described",
    "{filled} of {of} filled: description, category, mail address, address of further information. Of the columns of "
    "tables, {described} described.",
)
def metadata_filled(sight: Sight) -> Found:
    """Toronto, metadata: the mean of the share of four fields filled and of `columns_described`.

    Without a table the fields alone. While it is not known which columns are described, the point is the fields' share.
    """
    asked = (description_present, category_present, contact_mail_present, information_url_present)
    filled = sum((ask(sight).value or 0.0) for ask in asked)
    share, columns = filled / len(asked), columns_described(sight)
    facts = {"filled": int(filled), "of": len(asked)}
    if not columns.applies:
        return known(share, described="-", **facts)
    low, high = (share + columns.low) / 2, (share + columns.high) / 2
    if columns.value is None:
        return between(share, low, high, described="-", **facts)
    return between((share + columns.value) / 2, low, high, described=f"{100 * columns.value:.0f}%", **facts)


@measure("tagged", "Keywords, or half", "The record has keywords: {filled}. Without any, half counts.")
def tagged(sight: Sight) -> Found:
    """Toronto, accessibility, tags: 1 with any, else 0.5; at a portal whose records have none it is 0.5 too."""
    filled = sight.says(*KEYWORD)
    return known(1.0 if filled else HALF, filled=int(filled))


@measure("delivery", "Delivered by an API", "{having} of {of} resources are calls of an API.")
def delivery(sight: Sight) -> Found:
    """Toronto, accessibility, pipeline: 1 where a table is served from a datastore, 0.5 where it is only a file.

    Whether a file is filled by a program (0.8 at Toronto) no visitor can see, so it counts as one that is not. That
    Toronto counts nought for tables outside its own datastore does not arise at a portal that has none.
    """
    if not sight.files:
        return known(0.0, having=0, of=0)
    calls = [
        each.facts.resource.kind in ("api", "template") or each.facts.resource.is_api is True for each in sight.files
    ]
    return known(sum(1.0 if call else HALF for call in calls) / len(calls), having=sum(calls), of=len(calls))


def _of_tables(sight: Sight, worth: Callable[[File], tuple[float, float]]) -> Found:
    """Return the mean of ``worth`` over the tables; what was not reached bounds it.

    ``worth`` gives a table's worth (0-1) and the share to tell of it, the higher the better; told is the lowest.
    """
    told = [worth(each) for each in sight.files if each.columns]
    unknown = sum(each.content is None and each.ok is UNKNOWN for each in sight.files)
    if not told:
        return Found() if unknown else apart("no-table")
    of = len(told) + unknown
    total = sum(value for value, _ in told)
    worst = min(share for _, share in told)
    return between(total / len(told), total / of, (total + unknown) / of, tables=len(told), worst=f"{100 * worst:.0f}%")


def _filled(each: File) -> tuple[float, float]:
    empty = sum(column.null_share for column in each.columns) / len(each.columns)
    return 1.0 if empty < HALF else 1.0 - empty, 1.0 - empty


@measure("cells_filled", "Cells filled", "{tables} tables; of the emptiest, {worst} of the cells hold something.")
def cells_filled(sight: Sight) -> Found:
    """Toronto, completeness: 1 where under half of a table's cells are empty, else the share that is not."""
    return _of_tables(sight, _filled)


WORD = re.compile(r"[A-Za-z]{3,}|[\u3400-\u9fff]")
FEW_WORDS, ENOUGH_NAMED = 0.2, 0.5


def _named(label: str) -> bool:
    """Whether a label says something: over a fifth of its parts are words, in English or Chinese.

    Toronto looks each part up in an English lexicon, which fails for Chinese labels; we ask for the form of a word.
    """
    text = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", label.strip())
    parts = [part for part in re.split(r"[\W_]+", text) if part]
    words = sum(WORD.search(part) is not None for part in parts)
    return bool(parts) and not PLACEHOLDER.fullmatch(label.strip()) and words > FEW_WORDS * len(parts)


def _usable(each: File) -> tuple[float, float]:
    named = sum(_named(column.label) for column in each.columns) / len(each.columns)
    constant = sum(column.constant for column in each.columns) / len(each.columns)
    names = 1.0 if named > ENOUGH_NAMED else named
    return (names + 1.0 - constant) / 2, named


@measure(
    "columns_usable",
    "Columns usable",
    "{tables} tables; of the worst named, {worst} of the columns have a name of words.",
)
def columns_usable(sight: Sight) -> Found:
    """Toronto, usability: how many columns have a name of words (all, over half) and how many are not constant."""
    return _of_tables(sight, _usable)
