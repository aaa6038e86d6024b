"""How far a ranking can be trusted: the draws by hand, against the arithmetic of scores, and as properties."""

from dataclasses import replace
from itertools import combinations, pairwise
from math import sqrt

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlite_utils import Database

from harvester.store.workshop import connect
from scoring.rubric import load_rubric
from scoring.score import DatasetScore, score_values
from scoring.uncertainty import DRAWS, NEAR, SURE, Ranking, draw_weights, rank_providers, resample, row_scores
from scoring.uncertainty_agreement import kendall, spearman
from scoring.uncertainty_kinds import Link, cells, kind_of, numbers
from scoring.uncertainty_store import keep_agreement, keep_ranking

RUBRIC = load_rubric()
NAMES = sorted(RUBRIC.criteria())
BEST = dict.fromkeys(NAMES, 1.0)
VALUE = st.sampled_from([0.0, 0.5, 1.0])
LEAST = 400


def dataset(name: str, provider: str, values: dict[str, float | None]) -> DatasetScore:
    return DatasetScore(name, provider, None, score_values(RUBRIC, values), values)


def several(provider: str, amount: int, **values: float | None) -> list[DatasetScore]:
    return [dataset(f"{provider}-{number}", provider, {**BEST, **values}) for number in range(amount)]


def mixed(provider: str, amount: int) -> list[DatasetScore]:
    """Datasets of which every other cannot be read by machines."""
    return [each for number in range(amount) for each in several(provider, 1, machine_readable=float(number % 2))]


def by_name(ranking: Ranking) -> dict[str, object]:
    return {each.provider: each for each in ranking.standings}


def test_three_providers_by_hand():
    """Nothing uncertain but weights: 100, 100 - 300/17 and 0 keep their places in every draw and have no interval."""
    data = several("a", 5) + several("b", 5, bulk=0.0) + several("c", 5, online=0.0)
    ranking = rank_providers(RUBRIC, data, {}, LEAST)
    told = [(one.provider, one.point, one.low, one.high, one.rank, one.rank_low, one.rank_high)
            for one in ranking.standings]  # fmt: skip
    less = round(100 - 300 / 17, 6)
    assert told == [("a", 100, 100, 100, 1, 1, 1), ("b", less, less, less, 2, 2, 2), ("c", 0, 0, 0, 3, 3, 3)]
    assert {(one.provider, one.other, one.share) for one in ranking.ahead} == {
        ("a", "b", 1.0), ("a", "c", 1.0), ("b", "c", 1.0)}  # fmt: skip
    assert [(one.over, one.n, one.point) for one in ranking.portal] == [
        ("datasets", 15, round((100 + less) / 3, 6)), ("providers", 3, round((100 + less) / 3, 6))]  # fmt: skip


def test_a_link_that_is_up_half_of_the_time_gives_both_places_and_neither_is_ahead():
    """By hand: a scores 100 or 0 in half of the draws each, b always 82, so a is first in about half of them."""
    data = several("a", 5) + several("b", 5, bulk=0.0)
    links = {f"a-{number}": Link("host", 0.5) for number in range(5)}
    ranking = rank_providers(RUBRIC, data, links, 4000)
    found = by_name(ranking)
    assert (found["a"].rank, found["a"].rank_low, found["a"].rank_high) == (1, 1, 2)
    assert (found["b"].rank_low, found["b"].rank_high) == (1, 2)
    assert ranking.ahead == ()
    links = {name: Link("host", 0.97) for name in links}
    (pair,) = rank_providers(RUBRIC, data, links, 4000).ahead
    assert (pair.provider, pair.other) == ("a", "b")
    assert pair.share == pytest.approx(0.97, abs=4 * sqrt(0.97 * 0.03 / 4000))


@settings(max_examples=60, deadline=None)
@given(
    values=st.lists(st.fixed_dictionaries(dict.fromkeys(NAMES, VALUE)), min_size=1, max_size=4),
    weights=st.lists(st.floats(0.1, 9), min_size=7, max_size=7),
)
def test_the_arithmetic_is_that_of_scores(values, weights):
    """For any answers and weights a row scores as ``score_values`` says: chance one half leaves partly its half."""
    items = [item for item in RUBRIC.items if item.weight > 0]
    new = dict(zip((item.criterion for item in items), weights, strict=True))
    rubric = replace(RUBRIC, items=tuple(replace(item, weight=new.get(item.criterion, 0)) for item in RUBRIC.items))
    laid = [kind_of(RUBRIC, dataset("d", "p", one)) for one in values]
    drawn = numbers(RUBRIC, {"p": laid})
    columns = np.array([[weight / sum(weights)] for weight in weights])
    scores = row_scores(drawn, columns, np.full((1, drawn.chances, 1), 0.5))
    found = [scores[list(drawn.kind).index(place), 0] for place in drawn.points]
    assert found == pytest.approx([score_values(rubric, one).point for one in values], abs=1e-6)


def test_what_an_answer_may_be_worth():
    """Partly is a quarter to three quarters, unknown nothing to one, and what a rubric settles stays settled."""
    values = {**BEST, "free": 0.5, "bulk": None, "extent": None, "missing_data": 0.5}
    told = cells(RUBRIC, dataset("d", "p", values))
    named = dict(zip((item.criterion for item in RUBRIC.items if item.weight > 0), told.items, strict=True))
    assert (named["free"], named["bulk"], named["timely"]) == ((0.25, 0.75), (0, 1), (1, 1))
    assert told.taken == ((7.5, 2.5),)
    assert told.factors == ((1, 1), (1, 1))


def test_identical_providers_are_never_told_apart():
    """Two providers with the same datasets share a rank, and neither is ahead, however many they have."""
    ranking = rank_providers(RUBRIC, mixed("a", 60) + mixed("b", 60), {}, LEAST)
    assert [one.rank for one in ranking.standings] == [1, 1]
    assert ranking.ahead == ()


@settings(max_examples=15, deadline=None)
@given(known=st.fixed_dictionaries(dict.fromkeys(("free", "timely", "tools"), VALUE)), amount=st.integers(5, 12))
def test_better_on_every_dataset_is_ahead(known, amount):
    """Whoever answers one more question with yes on every dataset, the rest being equal and sure, is ahead."""
    sure = {name: round(value) for name, value in known.items()}
    data = several("a", amount, **sure, bulk=1.0) + several("b", amount, **sure, bulk=0.0)
    (pair,) = rank_providers(RUBRIC, data, {}, LEAST).ahead
    assert (pair.provider, pair.share) == ("a", 1.0)


def test_more_datasets_of_the_same_mix_narrow_the_interval():
    """Half good, half bad: 10, 40 and 160 datasets have intervals each about half as wide as the one before."""
    found = by_name(rank_providers(RUBRIC, mixed("a", 10) + mixed("b", 40) + mixed("c", 160), {}, 2000))
    widths = [found[name].high - found[name].low for name in "abc"]
    assert all(1.5 < one / two < 2.7 for one, two in pairwise(widths))


def test_neither_order_nor_names_of_datasets_matter_and_the_seed_is_the_rubric():
    """The same scores in any order give the same numbers again; another rubric's digest gives others."""
    data = mixed("a", 9) + mixed("b", 12) + several("c", 6, timely=None, free=0.5)
    first = rank_providers(RUBRIC, data, {}, LEAST)
    assert rank_providers(RUBRIC, data[::-1], {}, LEAST) == first
    assert rank_providers(RUBRIC, [replace(one, dataset=f"x{one.dataset}") for one in data[::-1]], {}, LEAST) == first
    assert rank_providers(replace(RUBRIC, digest="another"), data, {}, LEAST) != first


def test_enough_draws():
    """Another seed moves no rank's end by more than a place, and no share that is kept by more than 1.5 points."""
    data = [one for number in range(12) for one in mixed(f"p{number:02}", 5 + number)
            + several(f"p{number:02}q", 6, timely=None, free=0.5 if number % 2 else 1.0)]  # fmt: skip
    data += [
        one for number in range(4) for one in mixed(f"r{number}", 8) + several(f"r{number}", 8, bulk=0.0, timely=0.0)
    ]
    one, two = (rank_providers(replace(RUBRIC, digest=digest), data, {}, DRAWS) for digest in ("one", "two"))
    for a, b in zip(one.standings, two.standings, strict=True):
        assert abs(a.rank_low - b.rank_low) <= 1
        assert abs(a.rank_high - b.rank_high) <= 1
    shares = {(each.provider, each.other): each.share for each in two.ahead}
    sure = [each for each in one.ahead if each.share >= SURE]
    assert sure
    assert all(abs(shares[each.provider, each.other] - each.share) < 0.015 for each in sure)
    assert all(each.share >= NEAR for each in one.ahead)


def test_weights_and_datasets_are_drawn_as_said():
    """Weights sum to one round their shares with the spread of Dirichlet(100 w); datasets come up n times in n."""
    chance = np.random.Generator(np.random.PCG64(1))
    weights = draw_weights(np.array([3.0, 1.0]), chance, 20_000)
    assert weights.sum(axis=0) == pytest.approx(1)
    assert weights[0].mean() == pytest.approx(0.75, abs=0.002)
    assert weights[0].std() == pytest.approx(sqrt(0.75 * 0.25 / 101), rel=0.03)
    kinds = sorted(kind_of(RUBRIC, one) for one in mixed("a", 7))
    counts = resample(numbers(RUBRIC, {"a": kinds, "b": kinds[:3]}), chance, 5000)
    assert set(counts[:2].sum(axis=0)) == {7}
    assert counts[0].mean() == pytest.approx(7 * kinds.count(kinds[0]) / 7, abs=0.1)


def test_small_and_little_known_providers_are_not_ranked():
    """Under five datasets, or under 60 % known, there is no rank and no pair, and the reason is told."""
    little = dict.fromkeys(("free", "bulk", "timely", "online", "tools", "historical"), None)
    data = several("a", 5) + several("b", 4) + several("c", 6, **little) + [dataset("d", "d", {})]
    found = by_name(rank_providers(RUBRIC, data, {}, LEAST))
    assert {name: (each.why, each.rank) for name, each in found.items()} == {
        "a": ("", 1), "b": ("few-datasets", None), "c": ("little-known", None), "d": ("no-score", None)}  # fmt: skip
    assert (found["b"].low, found["c"].low is not None) == (None, True)


def test_nothing_to_rank():
    """A portal without a scored dataset has an empty ranking, not an error."""
    assert rank_providers(RUBRIC, [], {}, LEAST) == Ranking((), (), (), LEAST)


def slow_kendall(one: list[float], two: list[float]) -> float | None:
    """Tau-b by every pair."""
    signs = [((a > b) - (a < b), (c > d) - (c < d)) for (a, c), (b, d) in combinations(zip(one, two, strict=True), 2)]
    across = sqrt(sum(a * a for a, _ in signs) * sum(b * b for _, b in signs))
    return round(sum(a * b for a, b in signs) / across, 6) if across else None


def slow_spearman(one: list[float], two: list[float]) -> float | None:
    """Pearson's correlation of ranks, by numpy."""
    ranks = [[sum(b < a for b in each) + (each.count(a) + 1) / 2 for a in each] for each in (one, two)]
    if any(len(set(each)) < 2 for each in ranks):
        return None
    return float(np.corrcoef(ranks)[0, 1])


@given(st.lists(st.tuples(st.integers(0, 5), st.integers(0, 5)), max_size=25))
def test_agreement_equals_the_slow_way(pairs):
    """Both correlations, with any ties, equal those by every pair and by numpy."""
    one, two = [float(a) for a, _ in pairs], [float(b) for _, b in pairs]
    assert kendall(one, two) == slow_kendall(one, two)
    assert spearman(one, two) == pytest.approx(slow_spearman(one, two), abs=1e-6)


@pytest.fixture
def workshop(tmp_path) -> Database:
    db = connect(tmp_path / "harvest.db", create=True)
    db.conn.execute("PRAGMA foreign_keys=OFF")
    return db


def test_a_ranking_is_drawn_again_only_where_the_scores_changed(workshop):
    """The same scores are not drawn twice; other scores, or another rubric, replace the whole ranking."""
    data = mixed("a", 8) + several("b", 6)
    moment = "2026-11-23T00:00:00Z"
    assert keep_ranking(workshop, 1, moment, RUBRIC, data, LEAST)
    assert not keep_ranking(workshop, 2, moment, RUBRIC, data[::-1], LEAST)
    assert [row["ranked"] for row in workshop["provider_rank"].rows] == [1, 1]
    assert workshop["ahead"].count == 1
    assert keep_ranking(workshop, 3, moment, RUBRIC, data[:8], LEAST)
    assert [(row["provider"], row["rank"]) for row in workshop["provider_rank"].rows] == [("a", 1)]
    assert workshop["ahead"].count == 0
    assert [row["run"] for row in workshop["ranking_basis"].rows] == [3]


def test_agreement_is_of_the_standing_scores_of_both_profiles(workshop):
    """Scores that ended, pillars and subjects only one profile scores do not count."""
    rows = [("a", 1.0, 10.0), ("b", 2.0, 30.0), ("c", 3.0, 20.0)]
    for subject, *points in rows:
        for profile, point in zip(("one", "two"), points, strict=True):
            _score(workshop, subject, profile, point)
    _score(workshop, "d", "one", 9.0)
    _score(workshop, "e", "two", 9.0, until="2026-11-22T00:00:00Z")
    keep_agreement(workshop)
    assert list(workshop["agreement"].rows) == [
        {"profile": "one", "other": "two", "subject_type": "dataset", "n": 3, "spearman": 0.5, "kendall": 0.333333}
    ]


def _score(db: Database, subject: str, profile: str, point: float, until: str | None = None) -> None:
    db["score"].insert({
        "subject_type": "dataset", "subject": subject, "profile": profile, "pillar": "", "since": "2026-11-21",
        "point": point, "low": 0, "high": 100, "known": 1, "n": 1, "rubric_digest": "", "run": 1, "until": until,
    })  # fmt: skip
