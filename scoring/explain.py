"""Why a score is another than it was: the answers that changed it, each with its points, which add up to the change.

The method is one at a time: starting from the answers of the earlier moment, each that changed is put to what it is
now and the score taken again; the step it makes is its contribution. The order matters where answers multiply (a dead
link closes the gate for all others), so it is done in the rubric's order and in the reverse of it, and a contribution
is the mean of its two steps. Each order's steps add up to the whole change, so their means do; where no more than two
answers act on each other the means are their Shapley values (L. S. Shapley, "A value for n-person games", 1953).

A group's score is a mean, so its change is the mean of its datasets' contributions, and what datasets that came or
went moved the mean by.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from statistics import fmean
from typing import Literal, TypeVar

Way = Literal["better", "worse", "learnt", "lost", "came", "left", "rubric"]
"""An answer got better or worse, became known or unknown; datasets came or left; the rubric is another."""

LEAST = 5e-7
"""Points below which a contribution is the rounding of scores to six decimals."""

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Contribution:
    """What one criterion or measure did to a score: its points (0-100, signed), in how many datasets and resources.

    ``what`` is empty for datasets that came or left and for the rubric.
    """

    what: str
    way: Way
    points: float
    datasets: int = 1
    resources: int = 0


@dataclass(frozen=True, slots=True)
class Side:
    """One dataset at one moment: its point (None: it has none) and the value of each of its answers (None: unknown)."""

    point: float | None
    values: Mapping[str, float | None]


@dataclass(frozen=True, slots=True)
class Pair:
    """One dataset at both moments (None: it was not there, or not of this group), and what its answers contributed.

    ``parts`` add up to the change of its point. ``moved`` counts, by criterion, the resources whose answer got better
    and worse.
    """

    before: Side | None
    after: Side | None
    parts: Mapping[str, float]
    moved: Mapping[str, tuple[int, int]]


def contributions(
    before: Mapping[str, T], after: Mapping[str, T], order: Sequence[str], score: Callable[[Mapping[str, T]], float]
) -> dict[str, float]:
    """Return what each name whose value differs contributed to ``score(after) - score(before)``, which they add up to.

    ``order`` is the order the names are taken in (and then in reverse); names not in it come last, sorted.
    """
    place = {name: number for number, name in enumerate(order)}
    changed = [name for name in before.keys() | after.keys() if before.get(name) != after.get(name)]
    changed.sort(key=lambda name: (place.get(name, len(place)), name))
    shares = dict.fromkeys(changed, 0.0)
    for names in (changed, changed[::-1]):
        now, last = dict(before), score(before)
        for name in names:
            if name in after:
                now[name] = after[name]
            else:
                del now[name]
            reached = score(now)
            shares[name] += (reached - last) / 2
            last = reached
    return shares


def way_of(before: float | None, after: float | None, points: float) -> Way:
    """Return what became of an answer's value; where its value is the same it is read otherwise, told by the points."""
    if before is None and after is not None:
        return "learnt"
    if before is not None and after is None:
        return "lost"
    change = (after or 0.0) - (before or 0.0) or points
    return "better" if change > 0 else "worse"


def explain_dataset(pair: Pair) -> list[Contribution]:
    """Return what changed one dataset's score, the largest first. Both of its sides must have a point."""
    told = []
    for name, points in pair.parts.items():
        before = pair.before.values.get(name) if pair.before else None
        after = pair.after.values.get(name) if pair.after else None
        way = way_of(before, after, points)
        told.append(Contribution(name, way, points, 1, _resources(pair, name, way)))
    return _largest(told)


def explain_mean(pairs: Iterable[Pair]) -> list[Contribution]:
    """Return what changed the mean of datasets' points: answers, and datasets that came or left, the largest first.

    Datasets that have a point at both moments are stayers. ``left`` is what leaving did to the mean before, ``came``
    what joining did to the mean after; a dataset that lost (or got) its point left (or came).
    """
    pairs = list(pairs)
    first = [pair.before.point for pair in pairs if pair.before and pair.before.point is not None]
    last = [pair.after.point for pair in pairs if pair.after and pair.after.point is not None]
    stayers = [pair for pair in pairs if _point(pair.before) is not None and _point(pair.after) is not None]
    if not stayers:
        change = (fmean(last) if last else 0.0) - (fmean(first) if first else 0.0)
        return [Contribution("", "came" if last else "left", change, len(last) or len(first))] if change else []
    gathered: dict[tuple[str, Way], Contribution] = {}
    for pair in stayers:
        for each in explain_dataset(pair):
            old = gathered.get((each.what, each.way), Contribution(each.what, each.way, 0.0, 0))
            gathered[each.what, each.way] = Contribution(
                each.what, each.way, old.points + each.points / len(stayers), old.datasets + 1,
                old.resources + each.resources,
            )  # fmt: skip
    stayed_first = fmean([_point(pair.before) or 0.0 for pair in stayers])
    stayed_last = fmean([_point(pair.after) or 0.0 for pair in stayers])
    others = [
        Contribution("", "left", stayed_first - fmean(first), len(first) - len(stayers)),
        Contribution("", "came", fmean(last) - stayed_last, len(last) - len(stayers)),
    ]
    return _largest([*gathered.values(), *(each for each in others if each.datasets)])


def _point(side: Side | None) -> float | None:
    return side.point if side else None


def _resources(pair: Pair, name: str, way: Way) -> int:
    better, worse = pair.moved.get(name, (0, 0))
    return {"better": better, "worse": worse}.get(way, 0)


def _largest(found: Iterable[Contribution]) -> list[Contribution]:
    return sorted(found, key=lambda each: (-abs(each.points), each.what, each.way))
