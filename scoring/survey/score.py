"""The arithmetic of a survey: a profile and answers in, a score with all its parts out. Nothing here is read or kept.

An indicator's point is ``clip((sum(w x) / sum(w known) * 100 - M) * E * X, 0, 100)``: ``w x`` over the elements whose
answer is known, ``M`` what the modifiers take, ``E`` the gates of existence multiplied, ``X`` the extent. The formula
was recovered from the Global Data Barometer's published answers and scores (docs/gdb.md). ``low`` is the same with
every unknown at its worst, ``high`` with every unknown at its best. A gate of existence that is known to be 0 settles
the indicator, whatever else is unknown.

A pillar is the weighted mean of its indicators, the whole the weighted mean of the pillars; the point over those that
have one, the bounds and the share known over all.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from math import prod
from typing import Literal

from scoring.score import Score
from scoring.survey.profile import Element, Gate, Group, Indicator, Modifier, SurveyProfile
from scoring.survey.result import (
    ElementPart,
    GatePart,
    GroupScore,
    IndicatorScore,
    ModifierPart,
    PillarScore,
    SurveyAnswer,
    SurveyScore,
)

__all__ = [
    "ElementPart",
    "GatePart",
    "GroupScore",
    "IndicatorScore",
    "ModifierPart",
    "PillarScore",
    "SurveyAnswer",
    "SurveyScore",
    "score_survey",
    "weighted",
]

Side = Literal["point", "low", "high"]
FULL = 100.0


def score_survey(profile: SurveyProfile, answers: Iterable[SurveyAnswer]) -> SurveyScore:
    """Return the score of one jurisdiction from its answers; a variable without an answer is unknown.

    Raises ValueError for a variable the profile does not ask, a choice its scale does not offer, a score that is not
    0-100 and a variable answered twice.
    """
    choices, given = _sorted_out(profile, answers)
    pillars = []
    for pillar in profile.pillars:
        scores = tuple(_indicator(each, choices, given.get(each.indicator)) for each in profile.of(pillar.pillar))
        whole = weighted({each.indicator: (each.weight, each.score) for each in scores})
        pillars.append(PillarScore(pillar.pillar, pillar.weight, whole, scores))
    overall = weighted({each.pillar: (each.weight, each.score) for each in pillars})
    return SurveyScore(profile.profile, profile.digest, overall, tuple(pillars))


def weighted(parts: Mapping[str, tuple[float, Score]]) -> Score:
    """Return the weighted mean of scores by name: the point over those that have one, the rest over all.

    Without any weight above 0 there is no point, and nothing is known.
    """
    pointed = [(weight, score.point) for weight, score in parts.values() if score.point is not None]
    return Score(
        point=_mean(pointed) if sum(weight for weight, _ in pointed) > 0 else None,
        low=_mean([(weight, score.low) for weight, score in parts.values()]),
        high=_mean([(weight, score.high) for weight, score in parts.values()], empty=FULL),
        known=_mean([(weight, score.known) for weight, score in parts.values()]),
        n=len(parts),
        parts={name: score.point for name, (_, score) in parts.items()},
    )


def _sorted_out(
    profile: SurveyProfile, answers: Iterable[SurveyAnswer]
) -> tuple[dict[str, str | None], dict[str, float]]:
    questions = profile.questions()
    indicators = {each.indicator for each in profile.indicators}
    choices: dict[str, str | None] = {}
    given: dict[str, float] = {}
    for answer in answers:
        name = answer.variable
        if name in choices or name in given:
            raise ValueError(f"{name} is answered twice")
        if answer.score is not None:
            if name not in indicators or not 0 <= answer.score <= FULL:
                raise ValueError(f"a score from 0 to 100 can be given for an indicator, not {answer.score} for {name}")
            given[name] = answer.score
        elif name not in questions:
            raise ValueError(f"{profile.profile} does not ask {name}")
        elif answer.choice is not None and answer.choice not in {each.choice for each in questions[name].choices}:
            raise ValueError(f"{name} cannot be {answer.choice!r}")
        else:
            choices[name] = answer.choice
    return choices, given


def _indicator(indicator: Indicator, choices: Mapping[str, str | None], given: float | None) -> IndicatorScore:
    name, pillar, weight = indicator.indicator, indicator.pillar, indicator.weight
    if given is not None:
        return IndicatorScore(name, pillar, weight, Score(given, given, given, 1.0, parts={"given": given}), given=True)
    gates = tuple(_gate(gate, choices.get(gate.variable)) for gate in indicator.gates)
    modifiers = tuple(_modifier(each, choices.get(each.variable)) for each in indicator.modifiers)
    groups = tuple(_group(group, choices) for group in indicator.groups)
    extent = _extent(indicator, choices, "point")
    settled = any(gate.factor == 0 and not gate.assumed for gate in gates if gate.role == "existence")
    point = _whole(indicator, choices, "point")
    high = FULL if indicator.secondary else _whole(indicator, choices, "high") or 0.0
    score = Score(
        # A group counted several times over could carry the point of its known part above what all can reach.
        point=None if point is None else min(point, high),
        low=_whole(indicator, choices, "low") or 0.0,
        high=high,
        known=1.0 if settled else _known(indicator, choices),
        parts={
            "groups": {each.group: each.score.point for each in groups},
            "gates": {gate.variable: gate.factor for gate in gates},
            "assumed": [gate.variable for gate in gates if gate.assumed],
            "extent": extent,
            "modifiers": {each.variable: -each.taken for each in modifiers},
        },
    )
    return IndicatorScore(name, pillar, weight, score, False, groups, gates, modifiers, extent)


def _whole(indicator: Indicator, choices: Mapping[str, str | None], side: Side) -> float | None:
    """Return the indicator's point or one of its bounds; None where the point cannot be told."""
    existence = [_factor(gate, choices.get(gate.variable), side) for gate in indicator.by_role("existence")]
    if 0.0 in existence:
        return 0.0
    mean = _elements(tuple(indicator.elements()), choices, side)
    factor = _product([*existence, _extent(indicator, choices, side)])
    if mean is None or factor is None:
        return None
    taken = sum(_taken(each, choices.get(each.variable), side) for each in indicator.modifiers)
    return _tidy(min(FULL, max(0.0, (mean - taken) * factor)))


def _extent(indicator: Indicator, choices: Mapping[str, str | None], side: Side) -> float | None:
    """Return what the extents multiply by: one its own factor, two the factor of their levels together."""
    values = [_factor(gate, choices.get(gate.variable), side) for gate in indicator.by_role("extent")]
    known = [value for value in values if value is not None]
    if indicator.together is None or len(known) < len(values):
        return _product(values)
    if min(known) == 1.0:
        return indicator.together[3]
    return indicator.together[sum(value > 0.0 for value in known)]


def _product(factors: Sequence[float | None]) -> float | None:
    """Return the product, 1 where there is nothing to multiply and None where one of them is unknown."""
    known = [factor for factor in factors if factor is not None]
    return prod(known) if len(known) == len(factors) else None


def _elements(elements: Sequence[Element], choices: Mapping[str, str | None], side: Side) -> float | None:
    """Return 100 times the weighted mean of the elements, None where none with a weight is known."""
    pairs = []
    for element in elements:
        value = element.scale.value(choices.get(element.variable))
        if value is None and side != "point":
            value = element.scale.least if side == "low" else element.scale.most
        if value is not None:
            pairs.append((element.weight, FULL * value * element.times))
    return _mean(pairs) if sum(weight for weight, _ in pairs) > 0 else None


def _factor(gate: Gate, choice: str | None, side: Side) -> float | None:
    if choice is None and side != "point":
        return gate.scale.least if side == "low" else gate.scale.most
    return gate.scale.value(gate.scale.assumed if choice is None else choice)


def _taken(modifier: Modifier, choice: str | None, side: Side) -> float:
    if choice is None:
        return modifier.scale.most if side == "low" else 0.0 if side == "point" else modifier.scale.least
    return modifier.scale.value(choice) or 0.0


def _known(indicator: Indicator, choices: Mapping[str, str | None]) -> float:
    """Return the share known of what is at stake: an element's points, a gate's span, the most a modifier takes."""
    total = sum(each.weight for each in indicator.elements()) or 1.0
    stakes = [
        *((each.variable, FULL * each.weight / total) for each in indicator.elements()),
        *((each.variable, FULL * _span(indicator, each)) for each in indicator.gates),
        *((each.variable, each.scale.most) for each in indicator.modifiers),
    ]
    whole = sum(stake for _, stake in stakes)
    return _tidy(sum(stake for name, stake in stakes if choices.get(name) is not None) / whole) if whole else 0.0


def _span(indicator: Indicator, gate: Gate) -> float:
    """Return the part of the score a gate can take; two extents share what they can take together."""
    if indicator.together is not None and gate.role == "extent":
        return (indicator.together[3] - indicator.together[0]) / len(indicator.by_role("extent"))
    return gate.scale.most - gate.scale.least


def _gate(gate: Gate, choice: str | None) -> GatePart:
    assumed = choice is None and gate.scale.assumed is not None
    return GatePart(gate.variable, gate.role, choice, _factor(gate, choice, "point"), assumed)


def _modifier(modifier: Modifier, choice: str | None) -> ModifierPart:
    return ModifierPart(modifier.variable, choice, _taken(modifier, choice, "point"))


def _group(group: Group, choices: Mapping[str, str | None]) -> GroupScore:
    parts = []
    for each in group.elements:
        choice = choices.get(each.variable)
        parts.append(ElementPart(each.variable, each.weight, choice, each.scale.value(choice)))
    total = sum(part.weight for part in parts)
    known = sum(part.weight for part in parts if part.value is not None)
    once = [replace(each, times=1.0) for each in group.elements]
    score = Score(
        point=_elements(once, choices, "point"),
        low=_elements(once, choices, "low") or 0.0,
        high=_elements(once, choices, "high") or 0.0,
        known=_tidy(known / total) if total else 0.0,
        n=len(parts),
    )
    return GroupScore(group.group, group.weight, score, tuple(parts))


def _mean(pairs: Iterable[tuple[float, float]], empty: float = 0.0) -> float:
    """Return the weighted mean of (weight, number), in an order of their own so that the caller's never shows."""
    ordered = sorted(pairs)
    total = sum(weight for weight, _ in ordered)
    return _tidy(sum(weight * number for weight, number in ordered) / total) if total else empty


def _tidy(number: float) -> float:
    return round(number, 6)
