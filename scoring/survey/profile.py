"""The records of a survey profile: what is asked, how much each answer counts, and how firmly that is known."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Literal

from harvester.records import Trilingual

Role = Literal["existence", "extent"]
Firm = Literal["P", "D", "D~", "open"]
"""How firm a rule is: ``P`` read in a primary file; ``D`` recovered from published answers and scores, and fits them;
``D~`` recovered, but some published scores do not fit, or only a sum of it is firm; ``open`` not recovered."""


@dataclass(frozen=True, slots=True)
class Choice:
    """One way to answer. ``value`` is 0-1 (or the points taken, 0-100, on a modifier's scale).

    ``options`` are the numbers by which the survey's published files name this choice.
    """

    choice: str
    value: float
    title: Trilingual
    options: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Scale:
    """The choices a question offers, in the order of the file.

    ``assumed`` is the choice the point takes where a gate on this scale is unknown; without one, an indicator whose
    gate is unknown has no point.
    """

    scale: str
    choices: tuple[Choice, ...]
    firm: Firm
    source: str
    assumed: str | None = None

    def value(self, choice: str | None) -> float | None:
        """Return what ``choice`` is worth, None where it is None (unknown). Raises KeyError where there is no such."""
        return None if choice is None else {each.choice: each.value for each in self.choices}[choice]

    @property
    def least(self) -> float:
        """The smallest value on the scale."""
        return min(each.value for each in self.choices)

    @property
    def most(self) -> float:
        """The largest value on the scale."""
        return max(each.value for each in self.choices)


@dataclass(frozen=True, slots=True)
class Element:
    """A statement that earns points: ``weight`` of the indicator's 100, counted ``times`` over (Group.times)."""

    variable: str
    weight: float
    scale: Scale
    times: float = 1.0


@dataclass(frozen=True, slots=True)
class Group:
    """Elements that share ``weight`` points of the indicator's 100.

    ``times`` is 1 but where published scores can only be reached by counting a group more often than its weight says
    (the sum is then cut at 100).
    """

    group: str
    weight: float
    elements: tuple[Element, ...]
    times: float = 1.0


@dataclass(frozen=True, slots=True)
class Gate:
    """A question that multiplies the indicator: whether the thing exists, or how far it extends."""

    variable: str
    role: Role
    scale: Scale


@dataclass(frozen=True, slots=True)
class Modifier:
    """A question that takes points off before the gates multiply."""

    variable: str
    scale: Scale


@dataclass(frozen=True, slots=True)
class Indicator:
    """One indicator. A secondary one has no groups: another body's figure is its score, given as an answer.

    Where two extents are asked, their choices are levels (0, 0.5, 1) and ``together`` gives the factor: for none above
    the lowest level, for one, for both, for both at the highest.
    """

    indicator: str
    pillar: str
    theme: str
    weight: float
    title: Trilingual
    groups: tuple[Group, ...]
    gates: tuple[Gate, ...]
    modifiers: tuple[Modifier, ...]
    firm: Firm
    source: str
    together: tuple[float, float, float, float] | None = None

    @property
    def secondary(self) -> bool:
        """Whether the score is taken from another body's figure."""
        return not self.groups

    def elements(self) -> Iterator[Element]:
        """Yield the elements of every group, in the order of the file."""
        for group in self.groups:
            yield from group.elements

    def by_role(self, role: Role) -> tuple[Gate, ...]:
        """Return the gates of a role, in the order of the file."""
        return tuple(gate for gate in self.gates if gate.role == role)

    def questions(self) -> Iterator[tuple[str, Scale]]:
        """Yield every variable that can be answered, with its scale: gates, elements, modifiers."""
        yield from ((gate.variable, gate.scale) for gate in self.gates)
        yield from ((element.variable, element.scale) for element in self.elements())
        yield from ((modifier.variable, modifier.scale) for modifier in self.modifiers)


@dataclass(frozen=True, slots=True)
class Pillar:
    """One pillar: ``weight`` is its share of the overall score."""

    pillar: str
    letter: str
    weight: float
    title: Trilingual
    firm: Firm
    source: str


@dataclass(frozen=True, slots=True)
class SurveyProfile:
    """One survey as read. ``digest`` is the SHA-256 of its content, comments and layout aside."""

    profile: str
    version: str
    title: Trilingual
    description: Trilingual
    source: str
    pillars: tuple[Pillar, ...]
    indicators: tuple[Indicator, ...]
    digest: str = ""

    def of(self, pillar: str) -> tuple[Indicator, ...]:
        """Return the indicators of a pillar, in the order of the file."""
        return tuple(each for each in self.indicators if each.pillar == pillar)

    def questions(self) -> Mapping[str, Scale]:
        """Return the scale of every variable that a choice can answer."""
        return {variable: scale for each in self.indicators for variable, scale in each.questions()}
