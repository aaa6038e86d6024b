"""Whole datasets as DATA.GOV.HK has them, to be judged, measured and scored in the golden cases."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from harvester.records import Column, Content, Dataset, Dialect, Profile, Provider, Resource, Spell, Trilingual, Visit
from scoring.criteria import judge
from scoring.facts import Case, DatasetFacts, Look, ResourceFacts
from scoring.measures import take
from scoring.rubric import load_rubrics
from scoring.score import DatasetScore, Inputs, Score, inputs_for, score_for, score_inputs

AS_OF = datetime(2026, 11, 23, 4, tzinfo=UTC)
VISITED = "2026-11-23T02:00:00Z"
NONE = Trilingual()
RUBRICS = {each.profile: each for each in load_rubrics()}
MONTH, YEAR = 365.25 / 12, 365.25
SHEET = {"format": "xlsx", "ladder": "proprietary-table", "dialect": Dialect(header_rows=1)}
PDF = {"format": "pdf", "ladder": "document", "verdict": "opens", "profile": None, "rows": None, "labels": ()}
PAGE = {"format": "html", "nature": "page", "ladder": "page", "verdict": "opens", "profile": None, "rows": None}
ZIP = {"format": "zip", "ladder": "archive", "verdict": "opens"}
BYTES = {"format": "binary", "ladder": "unknown", "verdict": "unmeasured", "profile": None, "rows": None}
FEED = {"format": "json", "ladder": "structured", "verdict": "opens"}


def body(latest: str | None = "2026-11-22", periods: int = 40, *, empty: float = 0.0, **changes) -> Content:
    """A daily table as the Observatory's: valid, ``latest`` its newest date, ``empty`` the share without a value."""
    columns = (Column("Date", "date", 0.0, periods), Column("Mean temperature", "number", empty, 30, 9.0, 31.0))
    table = Content(
        "a", 4_000, True, "csv", "data", "table", "utf-8", rows=40, columns=2, labels=("Date", "Mean temperature"),
        verdict="valid", profile=Profile(40, columns, latest=latest, periods=periods),
    )  # fmt: skip
    return replace(table, **changes)


def resource(content: Content | None = None, status: int = 200, *, number: int = 1, **changes) -> ResourceFacts:
    """One resource visited once: ``content`` came (status 200), or nothing did."""
    outcomes = {200: "ok", 401: "blocked", 402: "client-error", 403: "blocked", 404: "gone", 503: "server-error"}
    plain = Resource(
        f"r{number}", "d", number - 1, Trilingual("Daily figures", "每日數字", "每日数字"), NONE, "CSV",
        "https://data.weather.gov.hk/daily.csv", NONE, "file", False, None, None, None, None, None, None, None, None,
        None, ("en", "tc", "sc"),
    )  # fmt: skip
    visit = Visit(plain.url, VISITED, 1, outcomes[status], status)
    return ResourceFacts(replace(plain, **changes), Look((visit,), (number,), content))


def dataset(*resources: ResourceFacts, **changes) -> DatasetFacts:
    """A daily dataset with all its record says, of one resource at least."""
    plain = Dataset(
        "d", "hk-hko", "climate-and-weather", Trilingual("Daily mean temperature", "每日平均氣溫", "每日平均气温"),
        Trilingual("At the Observatory.", "於天文台。", "于天文台。"), Trilingual("Daily", "每日", "每日"), "periodic",
        1.0, Trilingual("Enquiries", "查詢", "查询"), "mail@weather.gov.hk", None, None, None, None, "2021-07-02", None,
        ("en", "tc", "sc"), Trilingual("1", "1", "1"),
    )  # fmt: skip
    observatory = Provider("hk-hko", Trilingual("Hong Kong Observatory", "香港天文台", "香港天文台"))
    return DatasetFacts(replace(plain, **changes), resources, None, observatory)


def comes_and_goes(facts: ResourceFacts) -> ResourceFacts:
    """The same resource, of an address that was down as often as it was up, and is up now."""
    spell = Spell("degraded", "flapping", "2026-11-01T02:00:00Z", None, 9, (1,))
    return replace(facts, look=replace(facts.look, state=spell, shown=facts.look.visits[0]))


def months(count: int) -> tuple[ResourceFacts, ...]:
    """A series of files, one a month, up to October 2026, and none that holds them all."""
    return tuple(
        resource(body(f"2026-{10 - n:02}-28", 28), number=n + 1, url=f"https://www.aqhi.gov.hk/2026{10 - n:02}.csv")
        for n in range(count)
    )


def scored(profile: str, facts: DatasetFacts, *, terms: bool | None = None) -> DatasetScore:
    """Judge, measure and score a dataset by a profile, its rule on the terms as shipped or switched to ``terms``."""
    rubric = RUBRICS[profile]
    if terms is not None:
        rubric = replace(rubric, terms=replace(rubric.terms, apply=terms))
    case = Case(facts, AS_OF, RUBRICS["gdb-checklist"].terms)
    answers = list(judge(case))
    inputs = inputs_for(rubric, answers, take(case, answers, rubric.criteria()))
    return score_for(rubric, "d", facts.dataset.provider, facts.dataset.category, inputs)


def reckoned(profile: str, values: dict[str, float | None], **bounds: tuple[float, float]) -> Score:
    """Score values as they are: missing or None is unknown, ``bounds`` are of those known in part."""
    return score_inputs(RUBRICS[profile], Inputs(values, bounds))


def hold(score: Score, point: float | None, low: float, high: float, known: float = 1.0) -> None:
    """Hold a score against its four numbers as worked by hand."""
    assert score.point == (None if point is None else pytest.approx(point, abs=1e-5))
    assert (score.low, score.high) == (pytest.approx(low, abs=1e-5), pytest.approx(high, abs=1e-5))
    assert score.known == pytest.approx(known, abs=1e-5)
