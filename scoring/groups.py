"""The scores above the datasets: portal, providers and categories, as a whole, by pillar, criterion and measure.

All of them are means, and all are made of running sums: a dataset is put in and can be taken out again, so that a
history costs what changed in it. The sums are whole numbers of the smallest step of their numbers (`_UNIT`), which
neither the order nor what came and went in between can move: what is left is exactly what was never taken out.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from scoring.criteria.base import NO, YES, Value
from scoring.rubric import Rubric
from scoring.score import DatasetScore, Score, tidy

Key = tuple[str, str, str]
"""Subject type, subject, pillar."""
Limits = tuple[float, float]

_UNIT = 2.0**96
"""How many of a sum's steps make 1. A number of 1e-6 (scores are kept to six decimals) has no digit below 2 ** -73; of
what a rubric's own values may hold below 2 ** -96 the rest is cut off, always in the same place."""
_ONE = 2**96


def _exact(number: float) -> int:
    return int(number * _UNIT)


def _mean(total: int, count: int) -> float:
    """Return a sum of ``count`` numbers as their mean, rounded once and then to the decimals kept."""
    return tidy(total / (_ONE * count))


@dataclass(slots=True)
class _Scores:
    """Running sums of scores."""

    of: int = 0
    scored: int = 0
    n: int = 0
    point: int = 0
    low: int = 0
    high: int = 0
    known: int = 0

    def put(self, score: Score, sign: int) -> None:
        """Put a score in (``sign`` 1), or take it out again (-1)."""
        self.of += sign
        self.n += sign * score.n
        if score.point is not None:
            self.scored += sign
            self.point += sign * _exact(score.point)
        self.low += sign * _exact(score.low)
        self.high += sign * _exact(score.high)
        self.known += sign * _exact(score.known)

    def score(self) -> Score:
        return Score(
            point=_mean(self.point, self.scored) if self.scored else None,
            low=_mean(self.low, self.of),
            high=_mean(self.high, self.of),
            known=_mean(self.known, self.of),
            n=self.n,
            parts={"scored": self.scored, "of": self.of},
        )


@dataclass(slots=True)
class _Element:
    """Running sums of one criterion's or measure's values."""

    of: int = 0
    unknown: int = 0
    yes: int = 0
    no: int = 0
    total: int = 0
    low: int = 0
    high: int = 0

    def put(self, value: Value, limits: Limits | None, sign: int) -> None:
        """Put a value in (``sign`` 1), or take it out again (-1); ``limits`` where it is known in part."""
        self.of += sign
        if value is None:
            self.unknown += sign
            return
        if value == YES:
            self.yes += sign
        elif value == NO:
            self.no += sign
        exact = sign * _exact(value)
        self.total += exact
        self.low += exact if limits is None else sign * _exact(limits[0])
        self.high += exact if limits is None else sign * _exact(limits[1])

    def score(self) -> Score:
        known = self.of - self.unknown
        return Score(
            point=_mean(100 * self.total, known) if known else None,
            low=_mean(100 * self.low, self.of),
            high=_mean(100 * (self.high + self.unknown * _ONE), self.of),
            known=_mean(known * _ONE - (self.high - self.low), self.of),
            n=self.of,
            parts={"yes": self.yes, "partly": known - self.yes - self.no, "no": self.no, "unknown": self.unknown},
        )


def mean_score(scores: Iterable[Score]) -> Score:
    """Return the mean of datasets' scores, each counting once (a provider, a category, the portal).

    The point is the mean over those that have one; the bounds and the share known are means over all, so that a
    dataset about which nothing is known widens them. Raises ZeroDivisionError where there is no score.
    """
    sums = _Scores()
    for score in scores:
        sums.put(score, 1)
    return sums.score()


def element_score(values: Sequence[Value], bounds: Sequence[Limits | None] = ()) -> Score:
    """Return one criterion or measure over many datasets: 100 times its mean where known, unknowns as bounds.

    ``bounds`` are those of values known in part, in the same order, None for the others; ``known`` counts these by
    the part that is known. In ``parts``, ``partly`` is anything between no and yes.
    """
    sums = _Element()
    for place, value in enumerate(values):
        sums.put(value, bounds[place] if bounds else None, 1)
    return sums.score()


Partly = tuple[Value, Limits | None]
"""A value, and its limits where it is known in part."""
Told = Mapping[str, Score | Partly]
"""What one dataset puts into each of its groups' scores, by pillar: a score, or a value with its limits."""


@dataclass(slots=True)
class _Group:
    """One group's running sums, by pillar."""

    scores: defaultdict[str, _Scores] = field(default_factory=lambda: defaultdict(_Scores))
    elements: defaultdict[str, _Element] = field(default_factory=lambda: defaultdict(_Element))

    def put(self, pillar: str, told: Score | Partly, sign: int) -> None:
        if isinstance(told, Score):
            self.scores[pillar].put(told, sign)
        else:
            self.elements[pillar].put(*told, sign)

    def score(self, pillar: str) -> Score | None:
        """Return one of its scores, None where no dataset is behind it."""
        sums = self.scores.get(pillar) or self.elements[pillar]
        return sums.score() if sums.of else None


def _told(rubric: Rubric, each: DatasetScore) -> Told:
    asked = (name for name in rubric.criteria() if name not in each.apart)
    values = {name: (each.values.get(name), each.bounds.get(name)) for name in asked}
    return {"": each.score, **values, **each.pillars}


@dataclass(slots=True)
class Groups:
    """Every score above the datasets of one rubric, kept up as datasets come, change and go."""

    rubric: Rubric
    _members: dict[str, tuple[frozenset[tuple[str, str]], Told]] = field(default_factory=dict)
    _groups: defaultdict[tuple[str, str], _Group] = field(default_factory=lambda: defaultdict(_Group))
    _touched: set[Key] = field(default_factory=set)
    _providers: dict[str, Score] = field(default_factory=dict)
    _by_provider: _Scores = field(default_factory=_Scores)

    def put(self, each: DatasetScore) -> None:
        """Put a dataset in, in the place of what it was before; one that does not count is only taken out."""
        if not each.counts:
            self.drop(each.dataset)
            return
        groups = {("portal", ""), ("provider", each.provider)}
        if each.category:
            groups.add(("category", each.category))
        self._replace(each.dataset, frozenset(groups), _told(self.rubric, each))

    def drop(self, dataset: str) -> None:
        """Take a dataset out, if it is in."""
        self._replace(dataset, frozenset(), {})

    def _replace(self, dataset: str, groups: frozenset[tuple[str, str]], told: Told) -> None:
        """Move only what is another than before: most of a dataset's answers are not, from one moment to the next."""
        old_groups, old = self._members.pop(dataset, (frozenset[tuple[str, str]](), {}))
        if groups:
            self._members[dataset] = groups, told
        changed = {name for name in old.keys() | told.keys() if old.get(name) != told.get(name)}
        for key in old_groups - groups:
            self._move(key, old, old, -1)
        for key in old_groups & groups:
            self._move(key, old, changed, -1)
            self._move(key, told, changed, 1)
        for key in groups - old_groups:
            self._move(key, told, told, 1)

    def _move(self, key: tuple[str, str], told: Told, names: Collection[str], sign: int) -> None:
        group = self._groups[key]
        for name in names:
            if name in told:
                group.put(name, told[name], sign)
                self._touched.add((*key, name))

    def changed(self) -> dict[Key, Score | None]:
        """Return the scores that what was put in and dropped since this was last asked has moved.

        None stands for a score behind which there is no dataset any more.
        """
        found: dict[Key, Score | None] = {}
        for kind, subject, pillar in sorted(self._touched):
            found[kind, subject, pillar] = score = self._groups[kind, subject].score(pillar)
            if kind == "provider" and not pillar:
                self._of_provider(subject, score)
                found["portal", "", "by-provider"] = self._by_provider.score() if self._by_provider.of else None
        self._touched.clear()
        return found

    def _of_provider(self, provider: str, score: Score | None) -> None:
        old = self._providers.pop(provider, None)
        if old is not None:
            self._by_provider.put(old, -1)
        if score is not None:
            self._providers[provider] = score
            self._by_provider.put(score, 1)


def score_groups(rubric: Rubric, datasets: Iterable[DatasetScore]) -> dict[Key, Score]:
    """Return every score above the datasets (each given once) by (subject type, subject, pillar).

    A record that lists the very files of another (`DatasetScore.counts`) is left out of them all.
    Pillar ``""`` is the whole, a criterion's or measure's name that element alone over the datasets it is asked of, a
    pillar's name the mean of the datasets' scores in it. The portal's whole is the mean over datasets;
    its pillar ``by-provider`` is the mean over providers, where one with few datasets counts as much as one with many.
    """
    groups = Groups(rubric)
    for each in datasets:
        groups.put(each)
    return {key: score for key, score in groups.changed().items() if score is not None}
