"""The five stars of open data: cases worked by hand, of values and of whole datasets."""

import pytest

from scoring.groups import mean_score
from tests.golden_datasets import FEED, PAGE, PDF, RUBRICS, SHEET, ZIP, body, dataset, hold, reckoned, resource, scored

STAR = 100 / 5
"""A star in points of 100."""
OPEN = {"licence": 1.0}

# The stars times the gate; at stake are 100 points of stars and 100 of the gate.
VALUES = [
    pytest.param({"stars": 5 / 5} | OPEN, {}, (5 * STAR,) * 3, 1, "five stars", id="five"),
    pytest.param({"stars": 4 / 5} | OPEN, {}, (4 * STAR,) * 3, 1, "four stars", id="four"),
    pytest.param({"stars": 3 / 5} | OPEN, {}, (3 * STAR,) * 3, 1, "three stars", id="three"),
    pytest.param({"stars": 2 / 5} | OPEN, {}, (2 * STAR,) * 3, 1, "two stars", id="two"),
    pytest.param({"stars": 1 / 5} | OPEN, {}, (1 * STAR,) * 3, 1, "one star", id="one"),
    pytest.param({"stars": 0.0} | OPEN, {}, (0, 0, 0), 1, "no star", id="none"),
    pytest.param({"stars": 5 / 5, "licence": 0.0}, {}, (0, 0, 0), 1, "no star", id="no licence, no star"),
    pytest.param({"stars": 3 / 5, "licence": 0.5}, {}, (0, 0, 0), 1, "no star", id="a restrictive licence is not open"),
    # two stars seen, one resource not: it may have five; 40 of the 100 points of stars and all of the gate are known
    pytest.param(
        {"stars": 2 / 5} | OPEN, {"stars": (2 / 5, 1.0)}, (40, 40, 100), (40 + 100) / 200, "two stars",
        id="known in part",
    ),
    pytest.param({"stars": None} | OPEN, {}, (None, 0, 100), 100 / 200, None, id="no resource looked at"),
    # without a licence it does not matter what the file is, but there is no point to print
    pytest.param({"stars": None, "licence": 0.0}, {}, (None, 0, 0), 100 / 200, None, id="unseen, and no licence"),
    pytest.param({"stars": 3 / 5, "licence": None}, {}, (0, 0, 60), 100 / 200, "no star", id="licence unknown"),
]  # fmt: skip


@pytest.mark.parametrize(("values", "bounds", "three", "known", "word"), VALUES)
def test_the_stars_by_hand(values, bounds, three, known, word):
    """Stars times the gate of the licence, with the word for them."""
    score = reckoned("five-star", values, **bounds)
    hold(score, *three, known)
    band = RUBRICS["five-star"].band(score.point)
    assert (band and band.title.en) == word


OWN = {"licence_id": "cc-by"}

DATASETS = [
    pytest.param(dataset(resource(body()), **OWN), (3 * STAR,) * 3, 1, id="a table with a licence of its own"),
    pytest.param(dataset(resource(body(**SHEET), format="XLSX"), **OWN), (2 * STAR,) * 3, 1, id="a workbook"),
    pytest.param(dataset(resource(body(**PDF), format="PDF"), **OWN), (1 * STAR,) * 3, 1, id="a PDF"),
    pytest.param(dataset(resource(body(**PDF)), **OWN), (1 * STAR,) * 3, 1, id="a PDF declared as CSV"),
    pytest.param(dataset(resource(body(**ZIP)), **OWN), (1 * STAR,) * 3, 1, id="a ZIP declared as CSV"),
    pytest.param(dataset(resource(body(**PAGE), format="HTML"), **OWN), (0, 0, 0), 1, id="a page"),
    pytest.param(dataset(resource(status=404), **OWN), (0, 0, 0), 1, id="a dead link, whatever is declared"),
    pytest.param(
        dataset(resource(body(**FEED, labels=("@id",)), format="JSON-LD"), **OWN), (5 * STAR,) * 3, 1, id="linked data"
    ),
    pytest.param(
        dataset(resource(body(**PDF), format="PDF"), resource(body(**SHEET), format="XLSX", number=2), **OWN),
        (2 * STAR,) * 3, 1, id="the best of two",
    ),
    # two stars there, and an address robots may not ask: two to five
    pytest.param(
        dataset(resource(body(**SHEET), format="XLSX"), resource(status=403, number=2), **OWN),
        (2 * STAR, 2 * STAR, 5 * STAR), (40 + 100) / 200, id="one not looked at",
    ),
    pytest.param(dataset(resource(body()), licence_title="CC BY-NC"), (0, 0, 0), 1, id="non-commercial"),
    pytest.param(dataset(resource(body())), (0, 0, 0), 1, id="under the terms of DATA.GOV.HK, as shipped"),
]  # fmt: skip


@pytest.mark.parametrize(("facts", "three", "known"), DATASETS)
def test_whole_datasets_by_hand(facts, three, known):
    """From record, visit and content to the stars of the best resource."""
    hold(scored("five-star", facts).score, *three, known)


def test_the_rule_on_the_licence_can_be_switched_and_hides_no_format():
    """Counting the terms gives a table its three stars; as shipped it has none, and the format's stay beside it."""
    table = dataset(resource(body()))
    assert scored("five-star", table, terms=True).score.point == pytest.approx(3 * STAR)
    shipped = scored("five-star", table)
    assert (shipped.score.point, shipped.values["stars"]) == (0, pytest.approx(3 / 5))


def test_a_providers_stars_are_the_mean_of_its_datasets():
    """Three stars, two and none: five thirds of a star, which is one star and not yet two."""
    files = [resource(body()), resource(body(**SHEET), format="XLSX"), resource(status=404)]
    score = mean_score([scored("five-star", dataset(each, **OWN)).score for each in files])
    assert score.point == pytest.approx((3 + 2 + 0) / 3 * STAR, abs=1e-5)
    band = RUBRICS["five-star"].band(score.point)
    assert band
    assert band.title.en == "one star"
