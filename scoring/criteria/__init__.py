"""All criteria, one small pure function each, and the answers they give for one dataset."""

from collections.abc import Iterator

from scoring.criteria import copies, files, moments, plausible, reach, record, shape, values, whole
from scoring.criteria.base import REGISTRY, Answer, Criterion, Value, roll_up
from scoring.facts import Case

CRITERIA: dict[str, Criterion] = dict(REGISTRY)
"""Every criterion by id."""

RESOURCE_CRITERIA = frozenset(name for name, criterion in CRITERIA.items() if criterion.level == "resource")
"""Criteria of resources; a dataset's own answer to them only repeats its resources'."""

__all__ = [
    "CRITERIA", "RESOURCE_CRITERIA", "Answer", "Criterion", "Value", "copies", "files", "judge", "moments", "plausible",
    "reach", "record", "roll_up", "shape", "values", "whole",
]  # fmt: skip


def judge(case: Case) -> Iterator[Answer]:
    """Yield every answer about one dataset: each resource's, then the dataset's own to every criterion."""
    name = case.dataset.dataset.name
    for criterion in CRITERIA.values():
        if criterion.level == "dataset":
            yield criterion.answer(case.dataset, case)
            continue
        answers = [criterion.answer(resource, case) for resource in case.dataset.resources]
        yield from answers
        yield roll_up(criterion, name, answers)
