"""Toronto's Data Quality Score: cases worked by hand, of values and of whole datasets."""

from dataclasses import replace

import pytest

from harvester.compare.records import Comparison
from harvester.records import Column, Profile
from scoring.facts import Beside
from scoring.score import Inputs, score_inputs
from tests.golden_datasets import FEED, RUBRICS, YEAR, body, hold, reckoned, resource, scored
from tests.golden_records import DATES, hong_kong, rich, unvisited

WEIGHTS = {
    "metadata_filled": 35, "fresh_by_period": 17.5, "fresh_by_age": 17.5, "tagged": 7.5, "delivery": 7.5,
    "cells_filled": 10, "columns_usable": 5,
}  # fmt: skip
OLD = round(1 - (799 / 1095) ** 2, 4)
"""What is left of the age of data 799 days old; measures are kept to four decimals."""
ALL, NONE = dict.fromkeys(WEIGHTS, 1.0), dict.fromkeys(WEIGHTS, 0.0)
NO_TABLE = frozenset({"cells_filled", "columns_usable", "columns_described"})

VALUES = [
    pytest.param(ALL, {}, (100, 100, 100), 1, "gold", id="everything"),
    pytest.param({}, {}, (None, 0, 100), 0, None, id="nothing known"),
    pytest.param(NONE, {}, (0, 0, 0), 1, "bronze", id="all no"),
    pytest.param(NONE | {"metadata_filled": 1.0}, {}, (35, 35, 35), 1, "bronze", id="metadata is 35"),
    pytest.param(
        NONE | {"fresh_by_period": 1.0, "fresh_by_age": 0.5}, {}, (35 * (1 + 0.5) / 2,) * 3, 1, "bronze",
        id="freshness is the mean of two",
    ),
    pytest.param(
        NONE | {"tagged": 1.0, "delivery": 0.5}, {}, (15 * (1 + 0.5) / 2,) * 3, 1, "bronze", id="so is accessibility"
    ),
    pytest.param(NONE | {"cells_filled": 1.0, "columns_usable": 0.5}, {}, (10 + 2.5,) * 3, 1, "bronze", id="the rest"),
    # 100 - 0.4 x 35 - 5 - 1 = 80
    pytest.param(
        ALL | {"metadata_filled": 0.6, "columns_usable": 0.0, "cells_filled": 0.9}, {}, (80, 80, 80), 1, "silver",
        id="80 is still silver",
    ),
    pytest.param(
        ALL | {"metadata_filled": 0.6, "columns_usable": 0.0, "cells_filled": 0.91}, {}, (80.1,) * 3, 1, "gold",
        id="above 80 is gold",
    ),
    # 100 - 35 - 5 = 60
    pytest.param(
        ALL | {"metadata_filled": 0.0, "columns_usable": 0.0}, {}, (60, 60, 60), 1, "bronze", id="60 is still bronze"
    ),
    pytest.param(
        ALL | {"metadata_filled": 0.0, "columns_usable": 0.01}, {}, (60.05,) * 3, 1, "silver", id="above 60 is silver"
    ),
    # no date: 35 of 100 unknown, of the other 65 the metadata's half is lost
    pytest.param(
        ALL | {"fresh_by_period": None, "fresh_by_age": None, "metadata_filled": 0.5}, {},
        (100 * 47.5 / 65, 47.5, 82.5), 65 / 100, "silver", id="no date known",
    ),
    # one of two tables looked at
    pytest.param(
        ALL, {"cells_filled": (0.5, 1.0), "columns_usable": (0.5, 1.0)}, (100, 100 - 5 - 2.5, 100), 1 - 0.15 / 2,
        "gold", id="partly visited",
    ),
]  # fmt: skip


@pytest.mark.parametrize(("values", "bounds", "three", "known", "word"), VALUES)
def test_the_score_by_hand(values, bounds, three, known, word):
    """35, 35, 15, 10 and 5, and the metal for it."""
    score = reckoned("toronto-2023", values, **bounds)
    hold(score, *three, known)
    band = RUBRICS["toronto-2023"].band(score.point)
    assert (band and band.title.en) == word


def test_without_a_table_the_other_three_make_the_whole():
    """.41, .41 and .18 are .35, .35 and .15 of .85: Toronto's second formula comes out by itself."""
    rubric = RUBRICS["toronto-2023"]
    for values, share in (
        ({"metadata_filled": 1.0}, 35 / 85), ({"fresh_by_period": 1.0, "fresh_by_age": 1.0}, 35 / 85),
        ({"tagged": 1.0, "delivery": 1.0}, 15 / 85),
    ):  # fmt: skip
        hold(score_inputs(rubric, Inputs(NONE | values, {}, NO_TABLE)), *(100 * share,) * 3)
    assert [round(each / 85, 2) for each in (35, 35, 15)] == [0.41, 0.41, 0.18]


def test_what_is_only_shown_counts_nothing():
    """The fields inside metadata stand there with the weight 0, so they are not counted twice."""
    rubric = RUBRICS["toronto-2023"]
    assert {item.criterion: item.weight for item in rubric.items if item.weight} == WEIGHTS
    assert sum(WEIGHTS.values()) == 100
    shown = dict.fromkeys((item.criterion for item in rubric.items if not item.weight), 0.0)
    assert len(shown) == 5
    hold(reckoned("toronto-2023", ALL | shown), 100, 100, 100)


SAID = {"dictionary_url": "https://data.weather.gov.hk/dictionary.csv"}
RICH = rich(**SAID)
LAID = replace(RICH, beside=Beside({"a": Comparison(facts={"columns": 2, "named": 1})}))
API = body(**FEED, profile=Profile(1, latest="2026-11-22"))
"""A call's answer, dated yesterday and no table."""
POOR = Profile(
    40, (Column("A", "string", 0.8, 4), Column("Station", "string", 0.4, 1, constant=True)), latest="2026-11-22"
)
"""A table of which 60 % is empty, one of two columns has a name and one of two is constant."""
CSV = resource(body(), **DATES)

# Metadata of DATA.GOV.HK: description, category and mail of four fields are 3/4; the columns of its table not described
# make it 3/8, which is 13.125 of 35. There are no keywords, which is half, and a file is half: 7.5 of 15.
DATASETS = [
    pytest.param(hong_kong(), (13.125 + 35 + 7.5 + 10 + 5,) * 3, 0, id="as DATA.GOV.HK has them"),
    # a dictionary that could not be laid beside the table: between 3/8 and 7/8, the point by the fields' 3/4
    pytest.param(
        hong_kong(**SAID), (26.25 + 57.5, 13.125 + 57.5, 30.625 + 57.5), 35 / 2 / 100, id="a dictionary for people"
    ),
    # every field and one of two columns described: (1 + 1/2) / 2 of 35; keywords: 7.5 + 3.75
    pytest.param(LAID, (26.25 + 35 + 11.25 + 10 + 5,) * 3, 0, id="a dictionary that names half"),
    # no table: (35 x 3/4 + 35 + 7.5) of 85
    pytest.param(
        hong_kong(resource(API, format="JSON")), (100 * (26.25 + 35 + 7.5) / 85,) * 3, 0, id="a file that is no table"
    ),
    # a call counts whole: 3.75 + 7.5
    pytest.param(
        hong_kong(resource(API, format="JSON", kind="api")), (100 * (26.25 + 35 + 11.25) / 85,) * 3, 0, id="an API"
    ),
    # 21 days old where 7 are allowed: two periods behind of four, 1 - (2/4)^2
    pytest.param(
        hong_kong(resource(body("2026-11-01")), period_days=7.0), (13.125 + 17.5 * 0.75 + 17.5 + 22.5,) * 3, 0,
        id="weekly, two weeks behind",
    ),
    # 799 days old: over half a year behind, which is all a yearly dataset may be; of the age 0.4676 is left
    pytest.param(
        hong_kong(resource(body("2024-09-14")), period_days=YEAR), (13.125 + 17.5 * OLD + 22.5,) * 3, 0,
        id="yearly and two years old",
    ),
    # as needed: never late
    pytest.param(
        hong_kong(resource(body("2024-09-14")), schedule="as-needed", period_days=None),
        (13.125 + 17.5 + 17.5 * OLD + 22.5,) * 3, 0, id="as needed",
    ),
    # 35 of 100 unknown, where Toronto would call it fresh
    pytest.param(
        hong_kong(resource(body(None))), (100 * 35.625 / 65, 35.625, 70.625), 0.35, id="no change date to be had"
    ),
    # 0.4 of the cells filled; a half for one name of two (it takes over half), a half for one constant of two
    pytest.param(
        hong_kong(resource(body(profile=POOR))), (13.125 + 35 + 7.5 + 10 * 0.4 + 5 * 0.5,) * 3, 0, id="a poor table"
    ),
    # one of two not looked at, and no dictionary: half of completeness and usability unknown
    pytest.param(
        hong_kong(CSV, resource(status=403, number=2)), (70.625, 70.625 - 7.5, 70.625), 0.075, id="partly visited"
    ),
    # not looked at: the fields are known, so half of metadata and all of accessibility
    pytest.param(
        hong_kong(unvisited()), (100 * (26.25 + 7.5) / 50, 13.125 + 7.5, 30.625 + 57.5), 0.175 + 0.35 + 0.15,
        id="not visited",
    ),
]  # fmt: skip


@pytest.mark.parametrize(("facts", "three", "unknown"), DATASETS)
def test_datasets_by_hand(facts, three, unknown):
    """From what was claimed and seen to the score."""
    hold(scored("toronto-2023", facts).score, *three, 1 - unknown)


def test_a_good_table_in_hong_kong_is_silver_and_a_good_api_is_gold():
    """70.6 and 85.3: a table's columns must be described, which in Hong Kong they seldom are."""
    rubric = RUBRICS["toronto-2023"]
    for facts, word in ((hong_kong(), "silver"), (hong_kong(resource(API, format="JSON", kind="api")), "gold")):
        assert rubric.band(scored("toronto-2023", facts).score.point).title.en == word


def test_a_licence_makes_no_difference():
    """Toronto asks for none."""
    assert scored("toronto-2023", hong_kong(licence_id="cc-by")).score == scored("toronto-2023", hong_kong()).score
