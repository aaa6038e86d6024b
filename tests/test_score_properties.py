"""What must hold of every profile's arithmetic, whatever the answers: better is never worse, unknown is not no.

Learning what was unknown may move the point either way, for it is the mean over what is known; its bounds only narrow.
"""

from collections.abc import Mapping
from dataclasses import replace
from itertools import combinations_with_replacement

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from scoring.criteria import CRITERIA
from scoring.criteria.base import Answer
from scoring.groups import score_groups
from scoring.measures.base import TERMS, Measured
from scoring.rubric import Rubric, load_rubrics
from scoring.score import Inputs, Score, inputs_for, score_for, score_inputs, score_pillars

RUBRICS = load_rubrics()
Known = tuple[float, float, float]
"""A known value between its two bounds: low, value, high."""
Read = Mapping[str, Known | None]
"""What is read of a dataset by criterion and measure, None where unknown."""

each_profile = pytest.mark.parametrize("rubric", RUBRICS, ids=[rubric.profile for rubric in RUBRICS])
enough = settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.too_slow])

ANSWERS: list[Known] = [(value, value, value) for value in (0.0, 0.5, 1.0)]
"""What a criterion may answer: a half is a half, and known in full."""
SHARES: list[Known] = [(a / 6, b / 6, c / 6) for a, b, c in combinations_with_replacement(range(7), 3)]
"""What a measure may come to: any share, known in full or in part."""


def known_of(name: str) -> st.SearchStrategy[Known]:
    return st.sampled_from(ANSWERS if name in CRITERIA else SHARES)


def reads(rubric: Rubric) -> st.SearchStrategy[Read]:
    """Return what may be read of a dataset: most of it, or as little as of one that robots may not ask for."""
    much, little = (
        st.fixed_dictionaries({name: st.sampled_from(_some(name, unknown)) for name in sorted(rubric.criteria())})
        for unknown in (1 / 4, 5 / 6)
    )
    return much | little


def _some(name: str, unknown: float) -> list[Known | None]:
    """Return what may be known of a question, and enough unknowns to make that share of them."""
    knowns = ANSWERS if name in CRITERIA else SHARES
    return [*[None] * round(len(knowns) * unknown / (1 - unknown)), *knowns]


def left_out(rubric: Rubric) -> st.SearchStrategy[frozenset[str]]:
    """Return what a dataset may be let off: items that the profile leaves out where their question does not arise."""
    names = sorted(item.criterion for item in rubric.items if item.not_applicable == "leave-out")
    return st.frozensets(st.sampled_from(names), max_size=2) if names else st.just(frozenset())


def inputs(read: Read, apart: frozenset[str] = frozenset()) -> Inputs:
    values = {name: known[1] if known else None for name, known in read.items()}
    return Inputs(values, {name: (known[0], known[2]) for name, known in read.items() if known}, apart)


def scores(rubric: Rubric, read: Read, apart: frozenset[str] = frozenset()) -> dict[str, Score]:
    """Return a dataset's score and that of each of its pillars."""
    found = inputs(read, apart)
    return {"": score_inputs(rubric, found), **score_pillars(rubric, found.values, found.bounds, apart)}


def at_most(one: float | None, other: float | None) -> bool:
    return one is None or other is None or one <= other


@each_profile
@enough
@given(st.data())
def test_better_evidence_never_lowers_a_score(rubric: Rubric, data: st.DataObject) -> None:
    """Raising what is known of one question, its value or a bound, lowers no point, low or high, nor a pillar's."""
    read, apart = data.draw(reads(rubric)), data.draw(left_out(rubric))
    name = data.draw(st.sampled_from(sorted(read)))
    one, other = data.draw(known_of(name)), data.draw(known_of(name))
    worse_, better_ = tuple(map(min, one, other)), tuple(map(max, one, other))
    worse, better = (scores(rubric, {**read, name: known}, apart) for known in (worse_, better_))  # type: ignore[dict-item]
    assert worse.keys() == better.keys()
    for part, low in worse.items():
        high = better[part]
        assert at_most(low.point, high.point)
        assert low.low <= high.low
        assert low.high <= high.high


@each_profile
@enough
@given(st.data())
def test_learning_narrows_and_forgetting_widens(rubric: Rubric, data: st.DataObject) -> None:
    """What was unknown, once known, whatever it is, lowers no low, raises no high, and adds to the share known."""
    read, apart = data.draw(reads(rubric)), data.draw(left_out(rubric))
    name = data.draw(st.sampled_from(sorted(read)))
    learnt = scores(rubric, {**read, name: data.draw(known_of(name))}, apart)
    for part, unknown in scores(rubric, {**read, name: None}, apart).items():
        assert unknown.low <= learnt[part].low
        assert unknown.high >= learnt[part].high
        assert unknown.known <= learnt[part].known


@each_profile
@enough
@given(st.data())
def test_the_point_lies_within_its_bounds(rubric: Rubric, data: st.DataObject) -> None:
    """Every point is between low and high, all within 0 and 100; where all is known in full, the three are one."""
    read, apart = data.draw(reads(rubric)), data.draw(left_out(rubric))
    for score in scores(rubric, read, apart).values():
        assert 0.0 <= score.low <= score.high <= 100.0
        assert 0.0 <= score.known <= 1.0
        assert score.point is None or score.low <= score.point <= score.high
    if all(known and known[0] == known[2] for known in read.values()):
        score = scores(rubric, read, apart)[""]
        assert (score.point, score.low, score.known) == (score.high, score.high, 1.0)


@each_profile
@enough
@given(st.data())
def test_a_better_point_never_has_a_lower_band(rubric: Rubric, data: st.DataObject) -> None:
    """The words for scores rise with the points."""
    below, above = sorted(data.draw(st.tuples(*[st.integers(0, 10_000)] * 2)))
    bands = [band.title for band in rubric.bands]
    lower, upper = (rubric.band(point / 100) for point in (below, above))
    if lower is not None:
        assert upper is not None
        assert bands.index(upper.title) <= bands.index(lower.title)


LICENCES = ("licence", "licence_present")


@each_profile
@enough
@given(st.data())
def test_counting_the_terms_never_lowers_a_score(rubric: Rubric, data: st.DataObject) -> None:
    """Of a record that names no licence, the rule on the portal's terms switched on gives no less than switched off."""
    read = data.draw(reads(rubric))
    answers = [
        Answer(name, "d", "", known[1] if known else None, "x")
        for name, known in read.items() if name in CRITERIA and name not in LICENCES
    ]  # fmt: skip
    taken = [
        Measured(name, known[1], known[0], known[2]) if known else Measured(name, None)
        for name, known in read.items() if name not in CRITERIA and name not in LICENCES
    ]  # fmt: skip
    answers.append(Answer("licence", "d", "", 1.0, "portal-terms"))
    taken.append(Measured("licence_present", 0.0, 0.0, 0.0, reason=TERMS))
    off, on = (
        score_inputs(own, inputs_for(own, answers, taken))
        for own in (replace(rubric, terms=replace(rubric.terms, apply=apply)) for apply in (False, True))
    )
    assert at_most(off.point, on.point)
    assert (off.low <= on.low, off.high <= on.high) == (True, True)


Drawn = list[tuple[Read, str, str | None, frozenset[str]]]
"""Datasets: what is read of each, whose it is, its category, what it is let off."""


def datasets(rubric: Rubric) -> st.SearchStrategy[Drawn]:
    one = st.tuples(reads(rubric), st.sampled_from("pq"), st.none() | st.just("c"), left_out(rubric))
    return st.lists(one, min_size=1, max_size=5)


def groups(rubric: Rubric, drawn: Drawn) -> dict[tuple[str, str, str], Score]:
    return score_groups(rubric, [
        score_for(rubric, str(number), provider, category, inputs(read, apart))
        for number, (read, provider, category, apart) in enumerate(drawn)
    ])  # fmt: skip


few = settings(enough, max_examples=8)


@each_profile
@few
@given(st.data())
def test_the_order_of_datasets_does_not_matter(rubric: Rubric, data: st.DataObject) -> None:
    """Every group's score comes out the same to the last digit, in whatever order its datasets are taken."""
    drawn = data.draw(datasets(rubric))
    shuffled = data.draw(st.permutations(drawn))
    assert repr(sorted(groups(rubric, drawn).items())) == repr(sorted(groups(rubric, shuffled).items()))


@each_profile
@few
@given(st.data())
def test_publishing_everything_twice_moves_no_mean(rubric: Rubric, data: st.DataObject) -> None:
    """A provider each of whose datasets is listed twice keeps every number, and so does the mean over providers."""
    drawn = data.draw(datasets(rubric))
    once, twice = groups(rubric, drawn), groups(rubric, [*drawn, *(each for each in drawn if each[1] == "p")])
    assert once.keys() == twice.keys()
    for (kind, subject, pillar), score in once.items():
        if (kind, subject) == ("provider", "p") or pillar == "by-provider":
            other = twice[kind, subject, pillar]
            assert (score.point, score.low, score.high, score.known) == (
                other.point, other.low, other.high, other.known,
            )  # fmt: skip


@each_profile
@few
@given(st.data())
def test_a_copy_weighs_as_one_dataset_and_no_more(rubric: Rubric, data: st.DataObject) -> None:
    """One dataset listed twice moves its provider's mean by (its point - the mean) / (datasets + 1), towards itself."""
    drawn = [(read, "p", category, apart) for read, _, category, apart in data.draw(datasets(rubric))]
    once, twice = (groups(rubric, each)["provider", "p", ""] for each in (drawn, [*drawn, drawn[0]]))
    copied = scores(rubric, drawn[0][0], drawn[0][3])[""]
    assert twice.n == once.n + 1
    for before, after, own, of in (
        (once.point, twice.point, copied.point, once.parts["scored"]),
        (once.low, twice.low, copied.low, once.n),
        (once.high, twice.high, copied.high, once.n),
    ):
        if own is None or before is None:
            assert before == after
        else:
            assert isinstance(of, int)
            assert after == pytest.approx(before + (own - before) / (of + 1), abs=2e-6)


@each_profile
@few
@given(st.data())
def test_a_group_gains_by_what_its_datasets_gain(rubric: Rubric, data: st.DataObject) -> None:
    """Learning one answer of one dataset lowers no group's low and raises no group's high, whatever it says."""
    drawn = data.draw(datasets(rubric))
    read, *rest = drawn[0]
    name = data.draw(st.sampled_from(sorted(read)))
    forgot = groups(rubric, [({**read, name: None}, *rest), *drawn[1:]])
    learnt = groups(rubric, [({**read, name: data.draw(known_of(name))}, *rest), *drawn[1:]])
    for key, score in forgot.items():
        assert score.low <= learnt[key].low
        assert score.high >= learnt[key].high
