"""The Open Data Barometer's checklist: cases worked by hand, of values and of whole datasets."""

from dataclasses import replace

import pytest

from tests.golden_datasets import (
    BYTES,
    FEED,
    PAGE,
    PDF,
    RUBRICS,
    SHEET,
    YEAR,
    ZIP,
    body,
    comes_and_goes,
    dataset,
    hold,
    months,
    reckoned,
    resource,
    scored,
)

ALL = dict.fromkeys((item.criterion for item in RUBRICS["odb-2016"].items), 1.0)
FORMAT = "machine_readable_format"

# Points: exists 5, online 10, format 15, whole 15, free 15, licence 15, up to date 10, sustained 5, found 5, linked 5.
VALUES = [
    pytest.param(ALL, {}, (5 + 10 + 15 + 15 + 15 + 15 + 10 + 5 + 5 + 5,) * 3, 1, id="all ten"),
    pytest.param(ALL | {"linked_identifiers": 0}, {}, (100 - 5,) * 3, 1, id="no linked identifiers"),
    pytest.param(ALL | {"licence": 0, "timely": 0}, {}, (100 - 15 - 10,) * 3, 1, id="neither open nor up to date"),
    pytest.param(ALL | {"exists": 0}, {}, (0, 0, 0), 1, id="what does not exist earns nothing"),
    pytest.param(ALL | {"online": 0}, {}, (5, 5, 5), 1, id="what is not online has no format"),
    pytest.param(ALL | {FORMAT: 0}, {}, (5 + 10,) * 3, 1, id="nothing counts after a format no program reads"),
    # half of b is half its points, and not a yes: c and all after it earn nothing
    pytest.param(ALL | {"online": 0.5}, {}, (5 + 10 / 2,) * 3, 1, id="a half does not open the chain"),
    # half of the sustained points, a third of the found ones lost
    pytest.param(
        ALL | {"sustained": 0.5, "easy_to_find": 2 / 3}, {}, (100 - 5 / 2 - 5 / 3,) * 3, 1, id="parts of points"
    ),
    # up to date unknown: 90 points asked, all had
    pytest.param(ALL | {"timely": None}, {}, (100 * 90 / 90, 90, 100), 0.9, id="one unknown"),
    # and with no linked identifiers 85 of 90
    pytest.param(
        ALL | {"timely": None, "linked_identifiers": 0}, {}, (100 * 85 / 90, 85, 95), 0.9, id="one unknown, one no"
    ),
    # b unknown: c to j are unknown too, though each alone is a yes; only a's 5 points are known
    pytest.param(ALL | {"online": None}, {}, (100 * 5 / 5, 5, 100), 0.05, id="unknown whether online"),
    # c unknown: a and b known (15), and j, which is a no whatever c is (5): 15 of 20
    pytest.param(
        ALL | {FORMAT: None, "linked_identifiers": 0}, {}, (100 * 15 / 20, 15, 95), 0.2, id="unknown whether readable"
    ),
    # all but a behind the unknown b; g can at best be half its 10, so the point, over a alone, is held to 95
    pytest.param({"exists": 1, "timely": 0.5}, {}, (95, 5, 95), 0.05, id="no point above what all can reach"),
    # b known not to be: the unknown after it can change nothing
    pytest.param({"exists": 1, "online": 0}, {}, (5, 5, 5), 1, id="a closed chain settles what is unknown"),
    pytest.param(
        ALL | {"sustained": 1}, {"sustained": (0.5, 1.0)}, (100, 100 - 5 / 2, 100), 1 - 0.05 / 2, id="known in part"
    ),
    pytest.param({}, {}, (None, 0, 100), 0, id="nothing known"),
]


@pytest.mark.parametrize(("values", "bounds", "three", "known"), VALUES)
def test_the_ten_questions_by_hand(values, bounds, three, known):
    """Each case's point, low and high is a sum of the published points, and the chain closes where it must."""
    hold(reckoned("odb-2016", values, **bounds), *three, known)


DATASETS = [
    # all but the linked identifiers: stated frequency and three periods make h, title, notes and category make i
    pytest.param(dataset(resource(body())), (95,) * 3, 1, id="a daily table"),
    pytest.param(dataset(resource(body(**PDF), format="PDF")), (5 + 10,) * 3, 1, id="PDF only"),
    pytest.param(dataset(resource(status=404)), (5, 5, 5), 1, id="a dead link"),
    pytest.param(
        dataset(resource(body(**PAGE), format="HTML", kind="page")), (5 + 10,) * 3, 1, id="a page where data should be"
    ),
    # robots refused: b unknown, and with it all after it
    pytest.param(dataset(resource(status=403)), (100, 5, 100), 0.05, id="a robot wall"),
    # asks for a key: b is a yes ("in any form"), what cannot be opened is unknown
    pytest.param(dataset(resource(status=401)), (100, 5 + 10, 100), 0.15, id="a key is asked for"),
    # no file holds the whole: 15 lost; monthly files to October of a monthly dataset are up to date
    pytest.param(
        dataset(*months(6), period_days=30.4), (5 + 10 + 15 + 0 + 15 + 15 + 10 + 5 + 5 + 0,) * 3, 1, id="split by month"
    ),
    # spreadsheets are machine readable; 2023's figures are late; two periods: half of h's second half; no category: two
    # thirds of i, and measures are kept to four decimals
    pytest.param(
        dataset(resource(body("2023-12-31", 2, **SHEET), format="XLSX"), period_days=YEAR, category=None),
        (5 + 10 + 15 + 15 + 15 + 15 + 0 + 5 * (1 + 0.5) / 2 + 5 * 0.6667 + 0,) * 3, 1, id="a late workbook",
    ),
    # as needed: up to date or not cannot be told (10 of 100 unknown); h: frequency half, one period nothing
    pytest.param(
        dataset(resource(body("2026-05-01", 1, **SHEET), format="XLSX"), schedule="as-needed", period_days=None),
        (100 * (5 + 10 + 15 + 15 + 15 + 15 + 5 * 0.25 + 5) / 90, 81.25, 91.25), 0.9, id="as and when necessary",
    ),
    # CSV by its record, ZIP by its bytes: a program can read it all the same
    pytest.param(dataset(resource(body(**ZIP))), (95,) * 3, 1, id="a table in an archive"),
    # a PDF beside a table does no harm
    pytest.param(
        dataset(resource(body(**PDF), format="PDF"), resource(body(), number=2)), (95,) * 3, 1, id="the best resource"
    ),
    # online by the question's words ("in any form"), so the chain is open
    pytest.param(dataset(comes_and_goes(resource(body()))), (95,) * 3, 1, id="comes and goes"),
    pytest.param(
        dataset(resource(body(**FEED | {"verdict": "broken"}), format="JSON")), (5 + 10,) * 3, 1, id="does not open"
    ),
    # what its bytes are nobody knows: c unknown, and with it all after it but j, of which no label tells: 15 of 20
    pytest.param(
        dataset(resource(body(**BYTES), format="MAX")), (100 * 15 / 20, 15, 95), 0.2, id="bytes nobody knows"
    ),
    pytest.param(
        dataset(resource(body(**ZIP | {"verdict": "unmeasured"}), format="ZIP")), (100 * 15 / 20, 15, 95), 0.2,
        id="an archive with a password",
    ),
    # a PDF, and a table that robots may not ask for: c unknown, so is j; b is a yes by the PDF
    pytest.param(
        dataset(resource(body(**PDF), format="PDF"), resource(status=403, number=2)), (100, 15, 100), 0.15,
        id="a PDF beside what was not looked at",
    ),
    # a non-commercial licence of its own is none: 15 lost
    pytest.param(dataset(resource(body()), licence_title="CC BY-NC 4.0"), (95 - 15,) * 3, 1, id="non-commercial"),
    # whatever is not plainly open is a no to a Barometer that answers yes or no
    pytest.param(dataset(resource(body()), licence_title="Own terms"), (95 - 15,) * 3, 1, id="terms of its own"),
    pytest.param(
        dataset(resource(body(labels=("URI", "name")), format="RDF")), (100,) * 3, 1, id="rows linked to web addresses"
    ),
    # a page of a call is not the whole, whatever else: 15 lost
    pytest.param(
        dataset(resource(body(**FEED), format="JSON", kind="api", url="https://api.data.gov.hk/v1/x?page=1")),
        (95 - 15,) * 3, 1, id="page by page",
    ),
]  # fmt: skip


@pytest.mark.parametrize(("facts", "three", "known"), DATASETS)
def test_whole_datasets_by_hand(facts, three, known):
    """From record, visit and content to the points of the ten questions."""
    hold(scored("odb-2016", facts).score, *three, known)


def test_the_rule_on_the_licence_can_be_switched():
    """Counting the portal's terms as none costs a readable dataset 15 points, and a PDF, which is past asking, none."""
    table, paper = dataset(resource(body())), dataset(resource(body(**PDF), format="PDF"))
    assert scored("odb-2016", table, terms=False).score.point == 95 - 15
    assert scored("odb-2016", paper, terms=False).score.point == 5 + 10
    own = replace(table, dataset=replace(table.dataset, licence_title="CC-BY-4.0"))
    assert scored("odb-2016", own, terms=False).score.point == 95
