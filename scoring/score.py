"""The arithmetic: answers and a rubric in, scores out. Nothing here knows where either came from.

A dataset's point is ``clip((100 * sum(w x) / sum(w known) - M) * E * X, 0, 100)``, the shape of the Global Data
Barometer's availability score: ``w x`` over the items whose answer is known, ``M`` what the modifiers take, ``E`` and
``X`` the gates. ``low`` is the same with every unknown answered no, ``high`` with every unknown answered yes.

``known`` is the share of what is at stake that was known. An item's stake is its share of 100 points, a gate's the
part of the score it can take (100 times the span of its scale), a modifier's the most it takes. An unknown gate
therefore widens the bounds and lowers ``known``; the point goes by what the rubric says to assume.

A measure may be known in part (eight of ten addresses were visited): its value is then that of the known part, and it
has bounds of its own. An item that ``needs`` others counts for nothing until each of them is a whole yes; one whose
question does not arise is left out of the weights, or a no, or unknown, as the rubric says of it.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from scoring.criteria.base import NO, PARTLY, YES, Answer, Value
from scoring.inputs import NOTHING_APART, Bounds, Inputs, Three, inputs_for, values_for
from scoring.measures.base import Measured
from scoring.rubric import Gate, Item, Modifier, Rubric

__all__ = [
    "Bounds", "DatasetScore", "Inputs", "Score", "inputs_for", "score_dataset", "score_for", "score_inputs",
    "score_pillars", "score_values", "tidy", "values_for",
]  # fmt: skip

ENOUGH_KNOWN = 0.6
"""Below this share of the stake no grade is given (the point is still shown)."""

Parts = Mapping[str, object]


@dataclass(frozen=True, slots=True)
class Score:
    """One score: ``point`` 0-100 (None where no item is known), its bounds, the share known, datasets behind it."""

    point: float | None
    low: float
    high: float
    known: float
    n: int = 1
    parts: Parts = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class DatasetScore:
    """One dataset's score, with what groups it belongs to and what its rubric's criteria and measures came to."""

    dataset: str
    provider: str
    category: str | None
    score: Score
    values: Mapping[str, Value]
    bounds: Bounds = field(default_factory=dict)
    apart: frozenset[str] = NOTHING_APART
    pillars: Mapping[str, Score] = field(default_factory=dict)
    by_terms: frozenset[str] = NOTHING_APART
    counts: bool = True
    """False for a record that lists the very files of another: it has its score, and no part in its groups'."""


def score_for(
    rubric: Rubric, dataset: str, provider: str, category: str | None, inputs: Inputs, *, counts: bool = True
) -> DatasetScore:
    """Return a dataset's score by ``rubric`` with all that its groups' scores are made of."""
    return DatasetScore(
        dataset, provider, category, score_inputs(rubric, inputs), inputs.values, inputs.bounds, inputs.apart,
        score_pillars(rubric, inputs.values, inputs.bounds, inputs.apart) if rubric.pillars else {},
        inputs.by_terms, counts,
    )  # fmt: skip


def score_values(
    rubric: Rubric, values: Mapping[str, Value], bounds: Bounds | None = None, apart: frozenset[str] = NOTHING_APART
) -> Score:
    """Return a dataset's score from the value of each criterion and measure (missing or None: unknown).

    ``bounds`` are of the values that are known in part, ``apart`` the items left out: `inputs_for` gives all three.
    """
    whole = Inner(rubric, values, bounds or {}, apart)
    items = whole.items(rubric.items)
    factors = [(gate, *whole.raw(gate.criterion)) for gate in rubric.gates]
    takes = [(each, *whole.raw(each.criterion)) for each in rubric.modifiers]
    point = _mean(items, 0)
    if point is not None:
        point = _clip(
            (point - sum(deduction(each, value) for each, value, _, _ in takes))
            * _product(gate.assumed if value is None else gate_factor(gate, value) for gate, value, _, _ in factors)
        )
    low, high = _mean(items, 1), _mean(items, 2)
    low = (low or 0.0) - sum(deduction(each, worst) for each, _, worst, _ in takes)
    high = (100.0 if high is None else high) - sum(deduction(each, best) for each, _, _, best in takes)
    most = tidy(_clip(high * _product(gate_factor(gate, best) for gate, _, _, best in factors)))
    return Score(
        point=_within(point, most),
        low=tidy(_clip(low * _product(gate_factor(gate, worst) for gate, _, worst, _ in factors))),
        high=most,
        known=round(_known(items, factors, takes), 6),
        parts=_parts(rubric, whole, items, factors, takes),
    )


def score_pillars(
    rubric: Rubric, values: Mapping[str, Value], bounds: Bounds | None = None, apart: frozenset[str] = NOTHING_APART
) -> dict[str, Score]:
    """Return each pillar's score of one dataset: the mean of its items by their weights, without gates and modifiers.

    ``known`` is the share of the pillar's weight. A pillar all of whose items are left out has none.
    """
    whole = Inner(rubric, values, bounds or {}, apart)
    scores = {}
    for name, members in rubric.pillars.items():
        items = whole.items(members)
        weight = sum(item.weight for item, _ in items)
        if weight <= 0:
            continue
        point, low, high = (_mean(items, place) for place in range(3))
        shares = sum(item.weight * _share(three) for item, three in items) / weight
        most = tidy(high or 0.0)
        scores[name] = Score(_within(point, most), tidy(low or 0.0), most, round(shares, 6))
    return scores


def score_dataset(rubric: Rubric, answers: Iterable[Answer], measured: Iterable[Measured] = ()) -> Score:
    """Return a dataset's score from its answers and measures."""
    return score_inputs(rubric, inputs_for(rubric, answers, measured))


def score_inputs(rubric: Rubric, inputs: Inputs) -> Score:
    """Return a dataset's score from all that its rubric reads of it."""
    return score_values(rubric, inputs.values, inputs.bounds, inputs.apart)


@dataclass(frozen=True, slots=True)
class Inner:
    """A dataset's values as its rubric's items have them: what an item needs is looked at first."""

    rubric: Rubric
    values: Mapping[str, Value]
    bounds: Bounds
    apart: frozenset[str]

    def raw(self, name: str) -> Three:
        value = self.values.get(name)
        if value is None:
            return None, NO, YES
        return value, *self.bounds.get(name, (value, value))

    def items(self, items: Iterable[Item]) -> list[tuple[Item, Three]]:
        return [(item, self.item(item)) for item in items if item.criterion not in self.apart]

    def item(self, item: Item) -> Three:
        """Return what an item counts: nothing where one of its needs is not a whole yes, as far as that is known."""
        value, low, high = self.raw(item.criterion)
        for name in item.needs:
            if name in self.apart:
                continue
            other = self.rubric.by_name.get(name)
            needed, worst, best = self.item(other) if other else self.raw(name)
            if needed is None:
                value = NO if value == NO else None
            elif needed < YES:
                value = NO
            low = low if worst >= YES else NO
            high = high if best >= YES else NO
        return (NO if high == NO else value), low, high


def tidy(number: float) -> float:
    """Round away what floating point adds, so that the same answers give the same number on any machine."""
    return round(number, 6)


def _within(point: float | None, most: float) -> float | None:
    """Return the point, no higher than all can reach.

    A half behind a need that is unknown is left out of the point, and yet can never be a whole.
    """
    return None if point is None else min(tidy(point), most)


def _clip(number: float) -> float:
    return min(100.0, max(0.0, number))


def _product(factors: Iterable[float]) -> float:
    product = 1.0
    for factor in factors:
        product *= factor
    return product


def _mean(items: Iterable[tuple[Item, Three]], place: int) -> float | None:
    """Return 100 times the weighted mean of the items' values (0), lows (1) or highs (2), None where nothing counts."""
    total = weight = 0.0
    for item, three in items:
        value = three[place]
        if value is not None:
            total += item.weight * value
            weight += item.weight
    return 100.0 * total / weight if weight else None


def gate_factor(gate: Gate, value: float) -> float:
    """Return what a gate multiplies by (0-1), in a straight line between no, partly and yes."""
    if value <= PARTLY:
        return gate.no + (gate.partly - gate.no) * value / PARTLY if value else gate.no
    return gate.partly + (gate.yes - gate.partly) * (value - PARTLY) / PARTLY if value < YES else gate.yes


def deduction(modifier: Modifier, value: Value) -> float:
    """Return the points a modifier takes, in a straight line between no, partly and yes; none where unknown."""
    if value is None or value >= YES:
        return 0.0
    if value <= PARTLY:
        return modifier.no + (modifier.partly - modifier.no) * value / PARTLY
    return modifier.partly * (YES - value) / PARTLY


def _share(three: Three) -> float:
    value, low, high = three
    return 0.0 if value is None else 1.0 - (high - low)


Gated = Sequence[tuple[Gate, Value, float, float]]
Modified = Sequence[tuple[Modifier, Value, float, float]]


def _known(items: Sequence[tuple[Item, Three]], gates: Gated, modifiers: Modified) -> float:
    weights = sum(item.weight for item, _ in items)
    stakes = [
        *((100.0 * item.weight / weights, _share(three)) for item, three in items if weights),
        *((100.0 * (gate.yes - gate.no), _share((value, low, high))) for gate, value, low, high in gates),
        *((modifier.no, _share((value, low, high))) for modifier, value, low, high in modifiers),
    ]
    whole = sum(stake for stake, _ in stakes)
    return sum(stake * share for stake, share in stakes) / whole if whole else 0.0


def _parts(
    rubric: Rubric, whole: Inner, items: Sequence[tuple[Item, Three]], gates: Gated, modifiers: Modified
) -> Parts:
    assumed = [gate.criterion for gate, value, _, _ in gates if value is None]
    told: dict[str, object] = {
        "items": {item.criterion: three[0] for item, three in items},
        "gates": {
            gate.criterion: gate.assumed if value is None else gate_factor(gate, value) for gate, value, *_ in gates
        },
        "assumed": assumed,
        "modifiers": {each.criterion: -deduction(each, value) for each, value, *_ in modifiers},
    }
    if whole.apart:
        told["apart"] = sorted(whole.apart)
    if rubric.pillars:
        pillars = score_pillars(rubric, whole.values, whole.bounds, whole.apart)
        told["pillars"] = {name: [each.point, each.low, each.high, each.known] for name, each in pillars.items()}
    return told
