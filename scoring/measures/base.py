"""The shape of a measure: a pure function that puts a number from 0 to 1 on one dataset, with its bounds and its proof.

A criterion judges (yes, partly, no, and how to mend it); a measure only counts, the way another organisation's rubric
counts. It is about the dataset as a whole: what is a property of files is a share of its resources, or its best one's.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from scoring.criteria.base import Fact, Value
from scoring.measures.sight import Sight

MEASURED, NO_SUCH_FIELD, NOT_REACHED, TERMS = "measured", "no-such-field", "not-reached", "portal-terms"
"""Reasons every measure may give: it was measured; the portal's records have no field for it; what it takes was not
reached; or the record names no licence, so that the profile's rule on the portal's terms decides."""
DECIMALS = 4
"""Decimals a measure is kept to, so that a history holds no rows for a change nobody can see."""


@dataclass(frozen=True, slots=True)
class Measured:
    """What one measure came to for one dataset: a share of 0 to 1 (None where nothing of it is known) and its bounds.

    ``low`` and ``high`` are what it would be were everything unknown a no, or a yes; both are the value where all is
    known. ``applies`` is False where the question does not arise. ``reason`` is a stable code, ``facts`` fill its
    sentence.
    """

    measure: str
    value: Value
    low: float = 0.0
    high: float = 1.0
    applies: bool = True
    reason: str = MEASURED
    facts: Mapping[str, Fact] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Found:
    """What a measure's own function returns: as `Measured`, without its name; unknown unless it says otherwise."""

    value: Value = None
    low: float = 0.0
    high: float = 1.0
    applies: bool = True
    reason: str = NOT_REACHED
    facts: Mapping[str, Fact] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Measure:
    """One measure: its name, its title and its sentence of evidence in English, and the function that takes it.

    Both texts are message ids; ``sentence`` names the facts it is filled with in braces.
    """

    id: str
    title: str
    sentence: str
    take: Callable[[Sight], Found]


REGISTRY: dict[str, Measure] = {}
Take = Callable[[Sight], Found]


def measure(name: str, title: str, sentence: str) -> Callable[[Take], Take]:
    """Register a measure; the function it stands on is pure and says in its docstring whose measure it is."""

    def register(take: Take) -> Take:
        REGISTRY[name] = Measure(name, title, sentence, take)
        return take

    return register


def known(value: float, **facts: Fact) -> Found:
    """Return what was found where all of it is known."""
    value = round(value, DECIMALS)
    return Found(value, value, value, reason=MEASURED, facts=facts)


def between(value: Value, low: float, high: float, **facts: Fact) -> Found:
    """Return what was found where a part of it is unknown: the value over what is known, and its bounds."""
    if value is None:
        return Found(facts=facts)
    return Found(round(value, DECIMALS), round(low, DECIMALS), round(high, DECIMALS), reason=MEASURED, facts=facts)


def apart(reason: str = NO_SUCH_FIELD, **facts: Fact) -> Found:
    """Return that the question does not arise."""
    return Found(applies=False, reason=reason, facts=facts)
