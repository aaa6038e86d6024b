"""The arithmetic: answers and a rubric in, scores out. Nothing here knows where either came from.

A dataset's point is ``clip((100 * sum(w x) / sum(w known) - M) * E * X, 0, 100)``, the shape of the Global Data
Barometer's availability score: ``w x`` over the items whose answer is known, ``M`` what the modifiers take, ``E`` and
``X`` the gates. ``low`` is the same with every unknown answered no, ``high`` with every unknown answered yes.

``known`` is the share of what is at stake that was known. An item's stake is its share of 100 points, a gate's the
part of the score it can take (100 times the span of its scale), a modifier's the most it takes. An unknown gate
therefore widens the bounds and lowers ``known``; the point goes by what the rubric says to assume.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from statistics import fmean

from scoring.criteria.base import NO, PARTLY, YES, Answer, Value
from scoring.rubric import Gate, Item, Modifier, Rubric

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
    """One dataset's score, with what groups it belongs to and the values its rubric's criteria had."""

    dataset: str
    provider: str
    category: str | None
    score: Score
    values: Mapping[str, Value]


def values_for(rubric: Rubric, answers: Iterable[Answer]) -> dict[str, Value]:
    """Return the value of each criterion the rubric uses, from the dataset's own answers (resource ``""``).

    A criterion without an answer is unknown. A rubric may read a reason its own way (``Item.values``).
    """
    own = {answer.criterion: answer for answer in answers if not answer.resource}
    values: dict[str, Value] = {}
    for name in rubric.criteria():
        answer = own.get(name)
        values[name] = answer.value if answer else None
    for item in rubric.items:
        answer = own.get(item.criterion)
        if answer and answer.reason in item.values:
            values[item.criterion] = item.values[answer.reason]
    return values


def score_values(rubric: Rubric, values: Mapping[str, Value]) -> Score:
    """Return a dataset's score from the value of each criterion (missing or None: unknown)."""
    known_weight = sum(item.weight for item in rubric.items if values.get(item.criterion) is not None)
    point = _whole(rubric, _mean(rubric.items, values, None), values) if known_weight > 0 else None
    return Score(
        point=None if point is None else _tidy(point),
        low=_tidy(_whole(rubric, _mean(rubric.items, values, NO), values, NO)),
        high=_tidy(_whole(rubric, _mean(rubric.items, values, YES), values, YES)),
        known=round(_known(rubric, values), 6),
        parts=_parts(rubric, values),
    )


def score_dataset(rubric: Rubric, answers: Iterable[Answer]) -> Score:
    """Return a dataset's score from its answers."""
    return score_values(rubric, values_for(rubric, answers))


def _tidy(number: float) -> float:
    """Round to a millionth, so that the order of a sum never shows in what is stored."""
    return round(number, 6)


def _mean(items: Sequence[Item], values: Mapping[str, Value], unknown: Value) -> float:
    """Return 100 times the weighted mean of the items, unknown ones taken as ``unknown`` or left out where None."""
    total = weight = 0.0
    for item in items:
        value = values.get(item.criterion)
        value = unknown if value is None else value
        if value is not None:
            total += item.weight * value
            weight += item.weight
    return 100.0 * total / weight if weight else 0.0


def _whole(rubric: Rubric, mean: float, values: Mapping[str, Value], unknown: Value = None) -> float:
    taken = sum(_taken(modifier, values.get(modifier.criterion), unknown) for modifier in rubric.modifiers)
    factor = 1.0
    for gate in rubric.gates:
        factor *= _factor(gate, values.get(gate.criterion), unknown)
    return min(100.0, max(0.0, (mean - taken) * factor))


def _factor(gate: Gate, value: Value, unknown: Value) -> float:
    value = unknown if value is None else value
    if value is None:
        return gate.assumed
    return {NO: gate.no, PARTLY: gate.partly, YES: gate.yes}[value]


def _taken(modifier: Modifier, value: Value, unknown: Value) -> float:
    value = unknown if value is None else value
    return {NO: modifier.no, PARTLY: modifier.partly}.get(YES if value is None else value, 0.0)


def _known(rubric: Rubric, values: Mapping[str, Value]) -> float:
    weights = sum(item.weight for item in rubric.items)
    stakes = [
        *((item.criterion, 100.0 * item.weight / weights) for item in rubric.items),
        *((gate.criterion, 100.0 * (gate.yes - gate.no)) for gate in rubric.gates),
        *((modifier.criterion, modifier.no) for modifier in rubric.modifiers),
    ]
    known = sum(stake for name, stake in stakes if values.get(name) is not None)
    return known / sum(stake for _, stake in stakes)


def _parts(rubric: Rubric, values: Mapping[str, Value]) -> Parts:
    gates = {gate.criterion: _factor(gate, values.get(gate.criterion), None) for gate in rubric.gates}
    return {
        "items": {item.criterion: values.get(item.criterion) for item in rubric.items},
        "gates": gates,
        "assumed": [gate.criterion for gate in rubric.gates if values.get(gate.criterion) is None],
        "modifiers": {each.criterion: -_taken(each, values.get(each.criterion), None) for each in rubric.modifiers},
    }


def mean_score(scores: Sequence[Score]) -> Score:
    """Return the mean of datasets' scores, each counting once (a provider, a category, the portal).

    The point is the mean over those that have one; the bounds and the share known are means over all, so that a
    dataset about which nothing is known widens them. Raises ValueError where there is no score.
    """
    points = sorted(score.point for score in scores if score.point is not None)
    return Score(
        point=_tidy(fmean(points)) if points else None,
        low=_tidy(fmean(sorted(score.low for score in scores))),
        high=_tidy(fmean(sorted(score.high for score in scores))),
        known=_tidy(fmean(sorted(score.known for score in scores))),
        n=sum(score.n for score in scores),
        parts={"scored": len(points), "of": len(scores)},
    )


def element_score(values: Sequence[Value]) -> Score:
    """Return one criterion over many datasets: 100 times its mean where known, unknowns as bounds and share known."""
    known = [value for value in values if value is not None]
    total = 100.0 * sum(known) / len(values)
    open_share = 100.0 * (len(values) - len(known)) / len(values)
    counts = {name: known.count(value) for name, value in (("yes", YES), ("partly", PARTLY), ("no", NO))}
    return Score(
        point=_tidy(100.0 * sum(known) / len(known)) if known else None,
        low=_tidy(total),
        high=_tidy(total + open_share),
        known=_tidy(len(known) / len(values)),
        n=len(values),
        parts={**counts, "unknown": len(values) - len(known)},
    )


def _groups(datasets: Iterable[DatasetScore]) -> dict[tuple[str, str], list[DatasetScore]]:
    groups: dict[tuple[str, str], list[DatasetScore]] = {}
    for each in datasets:
        groups.setdefault(("portal", ""), []).append(each)
        groups.setdefault(("provider", each.provider), []).append(each)
        if each.category:
            groups.setdefault(("category", each.category), []).append(each)
    return groups


def score_groups(rubric: Rubric, datasets: Sequence[DatasetScore]) -> dict[tuple[str, str, str], Score]:
    """Return every score above the datasets by (subject type, subject, pillar).

    Pillar ``""`` is the whole, a criterion's name that element alone. The portal's whole is the mean over datasets;
    its pillar ``by-provider`` is the mean over providers, where one with few datasets counts as much as one with many.
    """
    scores: dict[tuple[str, str, str], Score] = {}
    for (kind, subject), members in sorted(_groups(datasets).items()):
        scores[kind, subject, ""] = mean_score([member.score for member in members])
        for name in sorted(rubric.criteria()):
            scores[kind, subject, name] = element_score([member.values.get(name) for member in members])
    providers = [score for (kind, _, pillar), score in scores.items() if kind == "provider" and pillar == ""]
    if providers:
        scores["portal", "", "by-provider"] = mean_score(providers)
    return scores
