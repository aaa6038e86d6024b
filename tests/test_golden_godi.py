"""The Global Open Data Index's nine questions: cases worked by hand, of values and of whole datasets."""

from dataclasses import replace

import pytest

from tests.golden_datasets import (
    PAGE,
    PDF,
    RUBRICS,
    SHEET,
    YEAR,
    body,
    dataset,
    hold,
    months,
    reckoned,
    resource,
    scored,
)

ALL = dict.fromkeys((item.criterion for item in RUBRICS["godi-2015"].items), 1.0)
FORMAT = "machine_readable_format"

# Points: exists 5, digital 5, public 5, free 15, online 5, machine readable 15, bulk 10, licence 30, up to date 10.
VALUES = [
    pytest.param(ALL, {}, (5 + 5 + 5 + 15 + 5 + 15 + 10 + 30 + 10,) * 3, 1, id="all nine"),
    pytest.param(ALL | {"licence": 0}, {}, (100 - 30,) * 3, 1, id="no open licence"),
    pytest.param(ALL | {"free": 0}, {}, (100 - 15,) * 3, 1, id="for a fee"),
    pytest.param(ALL | {"online": 0}, {}, (100 - 5,) * 3, 1, id="on a disc by post"),
    pytest.param(ALL | {"exists": 0}, {}, (0, 0, 0), 1, id="nothing else is asked of what does not exist"),
    # on paper: public, free and up to date, and that is all
    pytest.param(
        dict.fromkeys(ALL, 0.0) | {"exists": 1, "public": 1, "free": 1, "timely": 1}, {}, (5 + 5 + 15 + 10,) * 3, 1,
        id="on paper",
    ),
    pytest.param(ALL | {FORMAT: 0, "bulk": 0}, {}, (100 - 15 - 10,) * 3, 1, id="a PDF for each table"),
    # legal alone: public, free, licence, and existence by which they are asked
    pytest.param(
        ALL | {"digital": 0, "online": 0, FORMAT: 0, "bulk": 0, "timely": 0}, {}, (5 + 5 + 15 + 30,) * 3, 1,
        id="open by law, not by technique",
    ),
    pytest.param(ALL | {"timely": None}, {}, (100 * 90 / 90, 90, 100), 0.9, id="one unknown"),
    pytest.param(
        ALL | {"timely": None, "licence": 0}, {}, (100 * 60 / 90, 60, 70), 0.9, id="one unknown, and no licence"
    ),
    pytest.param(ALL | {"online": 0.5}, {}, (100 - 5 / 2,) * 3, 1, id="half online, and no chain from it"),
    # the machine-readable file was seen, the others may be as good: nothing can be added to a yes
    pytest.param(ALL | {FORMAT: 1}, {FORMAT: (1.0, 1.0)}, (100, 100, 100), 1, id="known in full"),
    # exists unknown: all others are unknown, but for the no on the licence: 0 of 30
    pytest.param(ALL | {"exists": None, "licence": 0}, {}, (0, 0, 70), 0.3, id="unknown whether it exists"),
    pytest.param({}, {}, (None, 0, 100), 0, id="nothing known"),
]  # fmt: skip


@pytest.mark.parametrize(("values", "bounds", "three", "known"), VALUES)
def test_the_nine_questions_by_hand(values, bounds, three, known):
    """Each case's point, low and high is a sum of the published points."""
    hold(reckoned("godi-2015", values, **bounds), *three, known)


OWN = {"licence_title": "Creative Commons Attribution 4.0"}

DATASETS = [
    pytest.param(dataset(resource(body())), (100 - 30,) * 3, 1, id="a daily table under the portal's terms"),
    pytest.param(dataset(resource(body()), **OWN), (100,) * 3, 1, id="with an open licence of its own"),
    # a document has no dates to be told by: up to date unknown (10), not readable (15), no licence (30): 45 of 90
    pytest.param(
        dataset(resource(body(**PDF), format="PDF")), (100 * (5 + 5 + 5 + 15 + 5 + 0 + 10 + 0) / 90, 45, 55), 0.9,
        id="PDF only",
    ),
    # gone: it exists by its record; not online, readable or licensed; digital, public, free, whole and dated unknown
    pytest.param(dataset(resource(status=404)), (100 * 5 / (5 + 5 + 15 + 30), 5, 50), 0.55, id="a dead link"),
    # robots refused: it exists, and has no licence
    pytest.param(dataset(resource(status=403)), (100 * 5 / (5 + 30), 5, 70), 0.35, id="a robot wall"),
    # a key: digital, public, free of charge and online all the same; what is behind it is unknown (15 + 10 + 10)
    pytest.param(
        dataset(resource(status=401)), (100 * (5 + 5 + 5 + 15 + 5) / (35 + 30), 35, 70), 0.65, id="a key is asked for"
    ),
    # a fee: public too, and online, but not free
    pytest.param(
        dataset(resource(status=402)), (100 * (5 + 5 + 5 + 0 + 5) / (35 + 30), 20, 55), 0.65, id="a fee is asked for"
    ),
    # every month can be had, so the whole can
    pytest.param(dataset(*months(6), period_days=30.4), (100 - 30,) * 3, 1, id="split by month"),
    # late: 10 lost beside the licence
    pytest.param(
        dataset(resource(body("2023-12-31", 2, **SHEET), format="XLSX"), period_days=YEAR), (100 - 30 - 10,) * 3, 1,
        id="a late workbook",
    ),
    # pages hold no data in bulk (unknown 10), are not readable (15), and carry no date (unknown 10)
    pytest.param(
        dataset(resource(body(**PAGE), format="HTML", kind="page")),
        (100 * (5 + 5 + 5 + 15 + 5) / 80, 35, 55), 0.8, id="a page where data should be",
    ),
    pytest.param(
        dataset(resource(status=503), resource(body(), number=2)), (100 - 30,) * 3, 1, id="one of two links dead"
    ),
    # a call that names its page gives a part: 10 lost
    pytest.param(
        dataset(resource(body(), url="https://api.data.gov.hk/v1/x?page=1"), **OWN), (100 - 10,) * 3, 1,
        id="page by page",
    ),
]  # fmt: skip


@pytest.mark.parametrize(("facts", "three", "known"), DATASETS)
def test_whole_datasets_by_hand(facts, three, known):
    """From record, visit and content to the points of the nine questions."""
    hold(scored("godi-2015", facts).score, *three, known)


def test_the_rule_on_the_licence_can_be_switched():
    """As the Index judged Hong Kong the terms are no open licence; counting them gives 30 points, and no more."""
    table = dataset(resource(body()))
    assert scored("godi-2015", table).score.point == 70
    assert scored("godi-2015", table, terms=True).score.point == 70 + 30
    closed = replace(table, dataset=replace(table.dataset, licence_title="All rights reserved"))
    assert scored("godi-2015", closed, terms=True).score.point == 70
