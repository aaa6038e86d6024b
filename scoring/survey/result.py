"""The records of a survey: answers in, and a score with all its parts out, so that a page can show them."""

from collections.abc import Mapping
from dataclasses import dataclass

from scoring.score import Score


@dataclass(frozen=True, slots=True)
class SurveyAnswer:
    """One answer: ``choice`` names a choice of the variable's scale, None is unknown.

    An indicator's id as ``variable`` with a ``score`` (0-100) gives that indicator's score as it is: so every
    secondary indicator comes in, and any other one that is not to be computed.
    """

    variable: str
    choice: str | None = None
    score: float | None = None


@dataclass(frozen=True, slots=True)
class ElementPart:
    """What one element gave: its weight of the indicator's 100 points, its choice and value (None: unknown)."""

    variable: str
    weight: float
    choice: str | None
    value: float | None


@dataclass(frozen=True, slots=True)
class GroupScore:
    """A group of elements by itself: 0-100 before gates and modifiers, and how much of the indicator it is."""

    group: str
    weight: float
    score: Score
    elements: tuple[ElementPart, ...]


@dataclass(frozen=True, slots=True)
class GatePart:
    """What one gate multiplied the point by, or its level where two extents count together.

    None where it is unknown and nothing is assumed.
    """

    variable: str
    role: str
    choice: str | None
    factor: float | None
    assumed: bool


@dataclass(frozen=True, slots=True)
class ModifierPart:
    """What one modifier took from the point, in points of 100 (0 where unknown)."""

    variable: str
    choice: str | None
    taken: float


@dataclass(frozen=True, slots=True)
class IndicatorScore:
    """One indicator's score with its parts. ``given`` where the score came in as an answer.

    ``extent`` is what its extents together multiplied the point by, None where that is unknown.
    """

    indicator: str
    pillar: str
    weight: float
    score: Score
    given: bool
    groups: tuple[GroupScore, ...] = ()
    gates: tuple[GatePart, ...] = ()
    modifiers: tuple[ModifierPart, ...] = ()
    extent: float | None = None


@dataclass(frozen=True, slots=True)
class PillarScore:
    """One pillar's score, its share of the whole, and its indicators."""

    pillar: str
    weight: float
    score: Score
    indicators: tuple[IndicatorScore, ...]


@dataclass(frozen=True, slots=True)
class SurveyScore:
    """The whole: the profile and its digest, the overall score, the pillars."""

    profile: str
    digest: str
    score: Score
    pillars: tuple[PillarScore, ...]

    def pillar(self, name: str) -> PillarScore:
        """Return a pillar by its name. Raises KeyError."""
        return {each.pillar: each for each in self.pillars}[name]

    def indicators(self) -> Mapping[str, IndicatorScore]:
        """Return every indicator's score by its id."""
        return {each.indicator: each for pillar in self.pillars for each in pillar.indicators}
