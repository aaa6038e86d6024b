"""The shape of a criterion: a pure function that names one of its declared reasons, and the answer made of it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Literal

from scoring.facts import Case, DatasetFacts, ResourceFacts

Value = float | None
"""1 yes, 0.5 partly, 0 no, None unknown."""
YES, PARTLY, NO, UNKNOWN = 1.0, 0.5, 0.0, None

Fact = str | int | float
Level = Literal["resource", "dataset"]
RollUp = Literal["best", "worst", "none"]


@dataclass(frozen=True, slots=True)
class Finding:
    """What a criterion found: a reason it declared, the values its sentence is filled with, the visits that prove it.

    ``applies`` is False where the question does not arise (spelling in a picture): such an unknown does not make
    the dataset's own answer unknown.
    """

    reason: str
    facts: Mapping[str, Fact] = field(default_factory=dict)
    visits: tuple[int, ...] = ()
    applies: bool = True


@dataclass(frozen=True, slots=True)
class Answer:
    """One judgement: criterion, dataset, resource ('' for the dataset as a whole), value, reason and its proof."""

    criterion: str
    dataset: str
    resource: str
    value: Value
    reason: str
    facts: Mapping[str, Fact] = field(default_factory=dict)
    visits: tuple[int, ...] = ()
    applies: bool = True


@dataclass(frozen=True, slots=True)
class Criterion:
    """One criterion. ``reasons`` is the closed list of reasons it may give, each with its value.

    ``judge`` takes the facts of its level and the case, and is pure.
    """

    id: str
    level: Level
    title: str
    roll_up: RollUp
    reasons: Mapping[str, Value]
    judge: Callable[..., Finding]

    def answer(self, facts: ResourceFacts | DatasetFacts, case: Case) -> Answer:
        """Return the answer for ``facts``. Raises KeyError where the criterion gives a reason it did not declare."""
        found = self.judge(facts, case)
        resource = facts.resource.shared_id if isinstance(facts, ResourceFacts) else ""
        name = case.dataset.dataset.name
        value = self.reasons[found.reason]
        return Answer(self.id, name, resource, value, found.reason, found.facts, found.visits, found.applies)


REGISTRY: dict[str, Criterion] = {}

ResourceJudge = Callable[[ResourceFacts, Case], Finding]
DatasetJudge = Callable[[DatasetFacts, Case], Finding]


def resource_criterion(
    name: str, title: str, reasons: Mapping[str, Value], *, best: bool = False
) -> Callable[[ResourceJudge], ResourceJudge]:
    """Register a criterion of resources; the dataset takes its ``best`` resource's answer, or else its worst's."""

    def register(judge: ResourceJudge) -> ResourceJudge:
        REGISTRY[name] = Criterion(name, "resource", title, "best" if best else "worst", reasons, judge)
        return judge

    return register


def dataset_criterion(name: str, title: str, reasons: Mapping[str, Value]) -> Callable[[DatasetJudge], DatasetJudge]:
    """Register a criterion of datasets as a whole."""

    def register(judge: DatasetJudge) -> DatasetJudge:
        REGISTRY[name] = Criterion(name, "dataset", title, "none", reasons, judge)
        return judge

    return register


def roll_up(criterion: Criterion, dataset: str, answers: list[Answer]) -> Answer:
    """Return the dataset's own answer to a resource criterion from its resources' answers.

    It is the best (or worst) resource's answer, and it is known only where the unknown ones could not change it
    (Kleene's logic): one yes settles a best-of and one no a worst-of whatever else is unknown; otherwise a resource
    to which the question applies and whose answer is unknown makes the dataset's unknown. The deciding resource is
    named in the facts. Ties go to the first in the record's order.
    """
    if not answers:
        return Answer(criterion.id, dataset, "", UNKNOWN, "no-resources")
    sign = 1.0 if criterion.roll_up == "best" else -1.0
    known = [answer for answer in answers if answer.value is not None]
    open_ = [answer for answer in answers if answer.value is None and answer.applies]
    decider = max(known, key=lambda answer: sign * (answer.value or 0.0)) if known else answers[0]
    settled = YES if criterion.roll_up == "best" else NO
    if open_ and (not known or decider.value != settled):
        decider = open_[0]
    facts = {**decider.facts, "resource": decider.resource, "of": len(answers), "unknown": len(open_)}
    return Answer(criterion.id, dataset, "", decider.value, decider.reason, facts, decider.visits, decider.applies)
