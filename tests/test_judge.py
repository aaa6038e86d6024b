"""The judge of truth must itself be fair: it is shown plants found, missed, excused and invented."""

from datetime import date

import pytest

from bench.judge import judge, read_entries, total
from sample_portal.plan import draw
from scoring.criteria import CRITERIA
from scoring.criteria import RESOURCE_CRITERIA as OF_RESOURCES


def entry(**changes):
    row = {
        "kind": "http-404", "dataset": "d1", "resource": "r1", "criterion": "online", "expect": ["no"],
        "reason": "gone", "also": ["free", "bulk"], "harmless": False, "why": "the file is gone",
    }  # fmt: skip
    return {**row, **changes}


RESOURCE_CRITERIA = frozenset({"online", "free"})


@pytest.mark.parametrize(
    ("answer", "found", "wrong"),
    [(("no", "gone"), 1, 0), (("no", "timeout"), 0, 0), (("yes", "up"), 0, 0), (("unknown", "gone"), 0, 0)],
)
def test_a_plant_is_found_only_in_the_expected_state_for_the_expected_reason(answer, found, wrong):
    """Seeing a dead link for another reason, or not at all, is a miss and not also a false alarm."""
    tallies = judge(read_entries([entry()]), {("d1", "r1", "online"): answer}, RESOURCE_CRITERIA)
    assert (tallies["http-404"].found, tallies["http-404"].wrong) == (found, wrong)


def test_a_claim_on_a_lookalike_is_wrong():
    """A look-alike that is called broken costs precision in its own kind."""
    entries = read_entries([entry(harmless=True, expect=["yes"], reason=None, also=[])])
    tallies = judge(entries, {("d1", "r1", "online"): ("no", "gone")}, RESOURCE_CRITERIA)
    assert (tallies["http-404"].lookalikes, tallies["http-404"].wrong) == (1, 1)


def test_a_claim_nothing_explains_is_wrong_and_an_excused_one_is_not():
    """Side effects the list names are allowed; everything else below yes is an invention."""
    states = {
        ("d1", "r1", "online"): ("no", "gone"),
        ("d1", "r1", "free"): ("no", "x"),  # excused
        ("d1", "", "bulk"): ("no", "x"),  # excused at the dataset
        ("d1", "", "online"): ("no", "gone"),  # repeats the resource's
        ("d1", "", "contact"): ("partly", "x"),  # nothing explains it
        ("d2", "r9", "free"): ("no", "x"),  # a sound dataset accused
        ("d2", "r9", "online"): ("unknown", "blocked"),  # not a claim
    }
    tallies = judge(read_entries([entry()]), states, RESOURCE_CRITERIA)
    assert (tallies["http-404"].wrong, tallies["sound"].wrong) == (1, 1)
    whole = total(tallies.values())
    assert (whole.planted, whole.found, whole.wrong, whole.excused) == (1, 1, 2, 2)
    assert whole.precision == pytest.approx(1 / 3)


def test_what_a_dataset_is_by_nature_explains_without_counting():
    """Background entries excuse their own state only."""
    entries = read_entries(
        [entry(kind="nature-schedule", resource="", criterion="schedule", expect=["partly"], reason=None, also=[])]
    )
    good = judge(entries, {("d1", "", "schedule"): ("partly", "as-needed")}, RESOURCE_CRITERIA)
    assert total(good.values()).planted == 0
    assert total(good.values()).wrong == 0


@pytest.fixture(scope="module")
def sample():
    """The sample portal's own catalogue and truth list."""
    return draw(200, None, 7, date(2026, 11, 23))


def wholesale(sample, state):
    """Return what comes of giving ``state`` to every question, with the very reason the list asks for."""
    entries = read_entries(sample.truth()["entries"])
    wanted = {(each.dataset, each.resource, each.criterion): each.reason or "" for each in entries}
    questions = [
        (draft.name, resource, name)
        for draft in sample.catalogue.drafts
        for name, criterion in CRITERIA.items()
        for resource in ["", *(item.shared_id for item in draft.items if criterion.level == "resource")]
    ]
    return total(judge(entries, {each: (state, wanted.get(each, "")) for each in questions}, OF_RESOURCES).values())


@pytest.mark.parametrize("state", ["no", "partly"])
def test_accusing_everybody_is_worth_nothing(sample, state):
    """Whoever finds fault with everything is wrong nearly every time, and the list excuses little of it."""
    whole = wholesale(sample, state)
    assert whole.precision < 0.02
    assert whole.excused < whole.wrong * 0.12


@pytest.mark.parametrize("state", ["yes", "unknown"])
def test_accusing_nobody_finds_next_to_nothing(sample, state):
    """Whoever is content with everything, or commits to nothing, finds no fault but what nobody can know."""
    whole = wholesale(sample, state)
    assert whole.wrong == 0
    assert whole.recall < (0.02 if state == "yes" else 0.1)
