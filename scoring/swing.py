"""What the rule on the portal's terms is worth: each profile's mean with the terms counted, and without."""

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import fmean

from scoring.rubric import Rubric
from scoring.score import DatasetScore, score_values

OF_LICENCE = ("licence", "licence_present")
"""What the rule decides: the criterion, and the measure that asks whether a licence is stated."""


@dataclass(frozen=True, slots=True)
class Swing:
    """A profile's mean over the datasets (0-100) with the terms standing in for a licence, and counting for nothing.

    ``applies`` is which of the two its file says now; None where nothing was scored.
    """

    applied: float | None
    without: float | None
    applies: bool

    @property
    def points(self) -> float:
        """How many points the rule is worth."""
        return 0.0 if self.applied is None or self.without is None else self.applied - self.without

    def told(self) -> str:
        """Return the swing in a sentence."""
        if self.applied is None or self.without is None:
            return "nothing has a score, so the rule on the licence moves nothing."
        now, else_ = ("count", "were they not to") if self.applies else ("do not count", "were they to")
        means = (self.applied, self.without) if self.applies else (self.without, self.applied)
        return (
            f"the portal's terms {now} as a licence where a record names none: mean {means[0]:.1f}, "
            f"and {means[1]:.1f} {else_} ({self.points:.1f} points)."
        )


def swing(rubric: Rubric, datasets: Sequence[DatasetScore]) -> Swing:
    """Return what the rule is worth over ``datasets``, of which every record is one that names no licence or not.

    Only what the rule decides is moved: a dataset whose own licence decided keeps its score. Datasets whose inputs are
    alike are scored once.
    """
    points: dict[bool, list[float]] = {True: [], False: []}
    seen: dict[tuple[object, ...], float | None] = {}
    for each in datasets:
        for apply, found in points.items():
            values = dict(each.values)
            for name in OF_LICENCE:
                if name in values and name in each.by_terms:
                    values[name] = (rubric.terms.value if name == "licence" else 1.0) if apply else 0.0
            key = (
                tuple(sorted(values.items(), key=lambda pair: pair[0])),
                tuple(sorted(each.bounds.items())),
                each.apart,
            )
            if key not in seen:
                seen[key] = score_values(rubric, values, each.bounds, each.apart).point
            if (point := seen[key]) is not None:
                found.append(point)
    applied, without = (fmean(sorted(found)) if found else None for found in (points[True], points[False]))
    return Swing(applied, without, rubric.terms.apply)
