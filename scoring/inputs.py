"""What a rubric reads of one dataset: its answers and measures as values, as each profile reads them."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from scoring.criteria.base import NO, YES, Answer, Value
from scoring.measures.base import TERMS, Measured
from scoring.rubric import Rubric

OWN_LICENCE_MISSING = frozenset({"portal-terms", "portal-terms-partly", "portal-terms-closed", "none"})
"""Reasons of the criterion ``licence`` for a record that names none: each profile's own rule on the terms decides."""

Bounds = Mapping[str, tuple[float, float]]
"""What a value would be were its unknown part a no, and a yes; of those that are known in part only."""
Three = tuple[Value, float, float]
"""A value (None: unknown), and its two bounds."""

NOTHING_APART: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Inputs:
    """What a rubric reads of one dataset: the value of each criterion and measure it uses, missing or None: unknown.

    ``bounds`` are of values known in part, ``apart`` the items whose question does not arise and that are left out.
    """

    values: Mapping[str, Value]
    bounds: Bounds = field(default_factory=dict)
    apart: frozenset[str] = NOTHING_APART
    by_terms: frozenset[str] = NOTHING_APART
    """What the profile's rule on the portal's terms decided, because the record names no licence."""


def values_for(rubric: Rubric, answers: Iterable[Answer]) -> dict[str, Value]:
    """Return the value of each criterion the rubric uses, from the dataset's own answers (resource ``""``).

    A criterion without an answer is unknown. A rubric may read a reason its own way (``Item.values``), and has its own
    rule (``Rubric.terms``) on what the portal's terms stand for where a record names no licence.
    """
    return dict(inputs_for(rubric, answers, ()).values)


def inputs_for(rubric: Rubric, answers: Iterable[Answer], measured: Iterable[Measured]) -> Inputs:
    """Return what the rubric reads of one dataset's answers (its own: resource ``""``) and measures."""
    own: dict[str, Answer] = {answer.criterion: answer for answer in answers if not answer.resource}
    taken = {each.measure: each for each in measured}
    values: dict[str, Value] = {}
    bounds: dict[str, tuple[float, float]] = {}
    for name in rubric.criteria():
        if name in taken:
            values[name], *limits = _measured(rubric, taken[name])
            if values[name] is not None and limits[0] != limits[1]:
                bounds[name] = (limits[0], limits[1])
        else:
            values[name] = _answered(rubric, own[name]) if name in own else None
    return Inputs(values, bounds, _set_apart(rubric, own, taken, values), _by_terms(rubric, own, taken))


def _by_terms(rubric: Rubric, own: Mapping[str, Answer], taken: Mapping[str, Measured]) -> frozenset[str]:
    decided = {name for name, each in taken.items() if each.reason == TERMS}
    if "licence" in own and own["licence"].reason in OWN_LICENCE_MISSING:
        decided.add("licence")
    reasons = {name: (taken.get(name) or own[name]).reason for name in decided}
    items = rubric.by_name
    read_otherwise = {name for name in decided if name in items and reasons[name] in items[name].values}
    return frozenset(decided & rubric.criteria()) - read_otherwise


def _answered(rubric: Rubric, answer: Answer) -> Value:
    item = rubric.by_name.get(answer.criterion)
    if item and answer.reason in item.values:
        return item.values[answer.reason]
    if answer.criterion == "licence" and answer.reason in OWN_LICENCE_MISSING:
        return rubric.terms.value if rubric.terms.apply else NO
    return answer.value


def _measured(rubric: Rubric, each: Measured) -> Three:
    item = rubric.by_name.get(each.measure)
    if item and each.reason in item.values:
        value = item.values[each.reason]
        return value, *((value, value) if value is not None else (NO, YES))
    if each.reason == TERMS:
        value = YES if rubric.terms.apply else NO
        return value, value, value
    return each.value, each.low, each.high


def _set_apart(
    rubric: Rubric, own: Mapping[str, Answer], taken: Mapping[str, Measured], values: dict[str, Value]
) -> frozenset[str]:
    """Return the items that are left out, and put a no to those that are a no, as the rubric says of each."""
    left_out = []
    for item in rubric.items:
        name, found = item.criterion, taken.get(item.criterion) or own.get(item.criterion)
        if item.not_applicable == "unknown" or found is None or found.applies or found.reason in item.values:
            continue
        if item.not_applicable == "no":
            values[name] = NO
        else:
            left_out.append(name)
    return frozenset(left_out)
