"""How far a ranking of providers can be trusted: what it would be with other datasets, weights, answers and links.

Pure and seeded: the same datasets, in whatever order, give the same numbers to the decimals kept. Two questions are
asked, each by drawing again and again.

The bootstrap asks how a provider's mean moves with its datasets: as many of its own are drawn, with repetition, and
their scores averaged. The draws ask how its rank moves with everything that could have been otherwise at once: the
datasets as in the bootstrap, and with them the weights, the answers that are neither yes nor no, and the links.

* weights: Dirichlet(100 * w / sum w), the uncertainty usual for composite indicators: a weight of 3 in 17 lies between
  12 and 24 in a hundred in nine draws of ten
* answers: partly is worth 0.25 to 0.75, an item that is unknown 0 to 1, a measure known in part what its bounds say.
  The uncertain answers of one provider to one criterion move together: they mostly have one cause (a department's
  layout, a wall against robots), and drawn each for itself they would average out to a certainty nobody has
* links: up with the share of the time they were up, all that stand on one host together, as hosts fail as one

What a rubric settles for an unknown gate or deduction stays settled (extent is unknown nearly everywhere, and would
else set apart the few providers of whom it is known).
"""

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from statistics import fmean

import numpy as np
import numpy.typing as npt

from scoring.groups import mean_score
from scoring.rubric import Rubric
from scoring.score import ENOUGH_KNOWN, DatasetScore
from scoring.uncertainty_kinds import Kind, Link, Numbers, kind_of, numbers

DRAWS = 10_000
"""Draws a ranking: a share of 95 % is then known to 0.4 points (twice its standard error), and a rank's interval
changes by a place at most from one seed to another (tests/test_uncertainty.py holds both)."""
CONCENTRATION = 100.0
"""Of the Dirichlet weights: near what was argued for, as sensitivity analyses of composite indicators have it."""
TAIL = 0.05
"""Share of the draws left out at either end of an interval."""
SURE = 0.95
"""Share of the draws in which one provider must be ahead of another before it is said to be."""
NEAR = 0.90
"""Share from which a pair is kept, though not settled."""
MIN_DATASETS = 5
"""A provider with fewer datasets is not ranked: one of them would move it half the table."""
CELLS = 250_000
"""Numbers in one array of a block of draws: 2 MB, which stays in the processor's caches."""

Floats = npt.NDArray[np.float64]
Integers = npt.NDArray[np.int64]
Places = npt.NDArray[np.int16]


@dataclass(frozen=True, slots=True)
class Standing:
    """Where one provider stands. Points and their bootstrap interval are 0-100, ranks count from 1, ties share one.

    ``low`` and ``high`` are None under `MIN_DATASETS` datasets. Ranks are None where it is not ranked, and ``why`` says
    why: ``few-datasets``, ``little-known`` or ``no-score``; it is empty else.
    """

    provider: str
    n: int
    point: float | None
    low: float | None
    high: float | None
    rank: int | None
    rank_low: int | None
    rank_high: int | None
    why: str


@dataclass(frozen=True, slots=True)
class Ahead:
    """A provider with the higher point, and in which share of the draws (0-1, from `NEAR`) it is ahead of another."""

    provider: str
    other: str
    share: float


@dataclass(frozen=True, slots=True)
class Whole:
    """The portal's mean over its datasets, or over its providers, with its bootstrap interval (0-100)."""

    over: str
    n: int
    point: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Ranking:
    """All that one profile's scores say of providers, and how far it can be trusted."""

    standings: tuple[Standing, ...]
    ahead: tuple[Ahead, ...]
    portal: tuple[Whole, ...]
    draws: int


@dataclass(frozen=True, slots=True)
class _Seeds:
    """One stream of chance for each thing that is drawn, so that none moves another."""

    datasets: np.random.Generator
    weights: np.random.Generator
    answers: np.random.Generator


@dataclass(slots=True)
class _Drawn:
    """What the draws came to: each provider's bootstrap mean and score, providers down, draws across."""

    means: Floats
    scores: Floats


def rank_providers(
    rubric: Rubric, datasets: Sequence[DatasetScore], links: Mapping[str, Link], draws: int = DRAWS
) -> Ranking:
    """Return where each provider stands by its datasets' scores, and how sure that is.

    ``links`` say of a dataset how much of the time it could be had, for those of which it is known.
    """
    held: dict[str, list[DatasetScore]] = {}
    for each in datasets:
        held.setdefault(each.provider, []).append(each)
    kinds = {name: _kinds(rubric, members, links) for name, members in sorted(held.items())}
    drawn = _draw(rubric, {name: each for name, each in kinds.items() if each}, draws)
    names = [name for name, each in kinds.items() if each]
    whole = {name: mean_score([each.score for each in members]) for name, members in held.items()}
    why = {name: _why(whole[name].n, whole[name].point, whole[name].known) for name in kinds}
    points = {name: whole[name].point or 0.0 for name in names if not why[name]}
    rows = np.array([names.index(name) for name in points], dtype=np.int64)
    places, wins = _compare(drawn.scores[rows])
    spans = {name: _span(_rank(points, name), places[row]) for row, name in enumerate(points)}
    standings = []
    for name in kinds:
        enough = name in names and why[name] != "few-datasets"
        low, high = _interval(drawn.means[names.index(name)]) if enough else (None, None)
        rank = _rank(points, name) if name in points else None
        first, last = spans.get(name, (None, None))
        standings.append(Standing(name, whole[name].n, whole[name].point, low, high, rank, first, last, why[name]))
    return Ranking(tuple(standings), _ahead(points, wins, draws), _portal(kinds, drawn), draws)


def _kinds(rubric: Rubric, members: Sequence[DatasetScore], links: Mapping[str, Link]) -> list[Kind]:
    """Return each dataset that has a point as its kind; sorted, so that neither order nor names move the draws."""
    found = [kind_of(rubric, each, links.get(each.dataset)) for each in members if each.score.point is not None]
    return sorted(found)


def _why(n: int, point: float | None, known: float) -> str:
    if point is None:
        return "no-score"
    if n < MIN_DATASETS:
        return "few-datasets"
    return "little-known" if known < ENOUGH_KNOWN else ""


def _seeds(rubric: Rubric) -> _Seeds:
    seed = int.from_bytes(hashlib.sha256(rubric.digest.encode()).digest()[:16])
    streams = [np.random.Generator(np.random.PCG64(each)) for each in np.random.SeedSequence(seed).spawn(3)]
    return _Seeds(*streams)


def _draw(rubric: Rubric, kinds: Mapping[str, Sequence[Kind]], draws: int) -> _Drawn:
    """Draw ``draws`` times, a block at a time, and return what every provider came to in each."""
    means, scores = (np.empty((len(kinds), draws)) for _ in range(2))
    if kinds:
        at = 0
        for mean, score in _blocks(numbers(rubric, kinds), _seeds(rubric), draws):
            means[:, at : at + mean.shape[1]], scores[:, at : at + mean.shape[1]] = mean, score
            at += mean.shape[1]
    return _Drawn(means, scores)


def _blocks(given: Numbers, seeds: _Seeds, draws: int) -> Iterator[tuple[Floats, Floats]]:
    size = max(1, CELLS // max(len(given.kind), len(given.points)))
    for start in range(0, draws, size):
        width = min(size, draws - start)
        counts = resample(given, seeds.datasets, width)
        weights = draw_weights(given.weights, seeds.weights, width)
        chance = seeds.answers.random((len(given.sizes), given.chances, width))
        u = seeds.answers.random((given.hosts, width))[given.host]
        scores = row_scores(given, weights, chance)
        there = (given.up_from[:, None] <= u) & (u < given.up_to[:, None])
        sums = np.add.reduceat(np.where(there, scores * counts[given.kind], 0.0), given.first_row, axis=0)
        boot = np.add.reduceat(given.point[:, None] * counts, given.first_kind, axis=0)
        yield np.round(boot / given.sizes[:, None], 6), np.round(sums / given.sizes[:, None], 6)


def resample(given: Numbers, chance: np.random.Generator, width: int) -> Floats:
    """Return how often each kind of dataset comes up when each provider's are drawn anew; kinds down, draws across."""
    spots = chance.random((len(given.points), width))
    spots *= given.size_of[:, None]
    drawn = (given.points * width)[spots.astype(np.int64) + given.start_of[:, None]]
    drawn += np.arange(width)
    counts = np.bincount(drawn.ravel(), minlength=len(given.point) * width)
    return counts.reshape(len(given.point), width).astype(np.float64)


def draw_weights(weights: Floats, chance: np.random.Generator, width: int) -> Floats:
    """Return weights drawn from Dirichlet(100 * w / sum w); items down, draws across, each draw summing to 1."""
    drawn = chance.standard_gamma((CONCENTRATION * weights / weights.sum())[:, None], (len(weights), width))
    summed: Floats = drawn / drawn.sum(axis=0)
    return summed


def row_scores(given: Numbers, weights: Floats, chance: Floats) -> Floats:
    """Return each row's score (0-100) in each draw: `scoring.score.score_values` for many rows and weights at once.

    ``weights`` are items down, draws across; ``chance`` (0-1) providers, uncertain things, draws.
    """
    low, span = given.low, given.span
    total = low @ weights
    for place in range(len(weights)):
        rows = np.flatnonzero(span[:, place])
        if rows.size:
            moved = chance[given.provider[rows], place] * weights[place]
            total[rows] += moved * span[rows, place, None]
    total *= 100.0
    total /= given.counted @ weights
    for column, rest in enumerate(given.rest):
        low_after, span_after = given.low_after[:, column], given.span_after[:, column]
        rows = np.flatnonzero((low_after != rest) | (span_after != 0))
        moved = chance[given.provider[rows], len(weights) + column] * span_after[rows, None] + low_after[rows, None]
        total[rows] = total[rows] - moved if column < given.modifiers else total[rows] * moved
    clipped: Floats = np.clip(total, 0.0, 100.0, out=total)
    return clipped


def _compare(scores: Floats) -> tuple[Places, Integers]:
    """Return each provider's rank in each draw (ties share one), and how often each is ahead of each other."""
    places = _places(scores)
    wins = np.zeros((len(places), len(places)), dtype=np.int64)
    for row, place in enumerate(places):
        wins[:, row] = [np.count_nonzero(ahead) for ahead in places < place]
    return places, wins


def _places(scores: Floats) -> Places:
    """Return ranks from 1, the highest score's; providers down, draws across."""
    falling = np.negative(scores.T)
    order = np.argsort(falling, axis=1)
    ranked = np.take_along_axis(falling, order, axis=1)
    place = np.tile(np.arange(1, len(scores) + 1, dtype=np.int16), (len(ranked), 1))
    place[:, 1:][ranked[:, 1:] == ranked[:, :-1]] = 1
    places = np.empty_like(place)
    np.put_along_axis(places, order, np.maximum.accumulate(place, axis=1), axis=1)
    return np.ascontiguousarray(places.T)


def _rank(points: Mapping[str, float], name: str) -> int:
    return 1 + sum(point > points[name] for point in points.values())


def _span(rank: int, places: Places) -> tuple[int, int]:
    """Return the interval of a rank, widened to hold the rank itself: unknowns are drawn, but are not in the point."""
    low = np.quantile(places, TAIL, method="inverted_cdf")
    high = np.quantile(places, 1 - TAIL, method="inverted_cdf")
    return min(rank, int(low)), max(rank, int(high))


def _interval(means: Floats) -> tuple[float, float]:
    low, high = np.quantile(means, [TAIL, 1 - TAIL], method="inverted_cdf")
    return float(low), float(high)


def _ahead(points: Mapping[str, float], wins: Integers, draws: int) -> tuple[Ahead, ...]:
    names = list(points)
    found = []
    for row, name in enumerate(names):
        for column, other in enumerate(names):
            share = round(int(wins[row, column]) / draws, 4)
            if points[name] > points[other] and share >= NEAR:
                found.append(Ahead(name, other, share))
    return tuple(found)


def _portal(kinds: Mapping[str, Sequence[Kind]], drawn: _Drawn) -> tuple[Whole, ...]:
    """Return the portal's two means; each provider's datasets are drawn anew among themselves."""
    sizes = {name: len(each) for name, each in kinds.items() if each}
    if not sizes:
        return ()
    points = [kind.point for each in kinds.values() for kind in each]
    counts = np.array(list(sizes.values()), dtype=np.float64)
    over = np.round(counts @ drawn.means / counts.sum(), 6)
    by = np.round(drawn.means.mean(axis=0), 6)
    providers = [fmean(kind.point for kind in each) for each in kinds.values() if each]
    return (
        Whole("datasets", len(points), round(fmean(points), 6), *_interval(over)),
        Whole("providers", len(providers), round(fmean(providers), 6), *_interval(by)),
    )
