"""All measures, one small pure function each, and what they come to for one dataset."""

from collections.abc import Iterable, Iterator

from scoring.criteria.base import Answer
from scoring.facts import Case
from scoring.measures import checklists, distributions, record, toronto
from scoring.measures.base import REGISTRY, Measure, Measured
from scoring.measures.sight import look
from scoring.measures.words import messages, sentence_for

MEASURES: dict[str, Measure] = dict(REGISTRY)
"""Every measure by id; no criterion bears the same name."""

__all__ = [
    "MEASURES", "Measure", "Measured", "checklists", "distributions", "messages", "record", "sentence_for", "take",
    "toronto",
]  # fmt: skip


def take(case: Case, answers: Iterable[Answer]) -> Iterator[Measured]:
    """Yield every measure of one dataset; ``answers`` are all that `scoring.criteria.judge` gave for the same case.

    What several measures need (which addresses answer, what the bodies are) is looked up once.
    """
    sight = look(case, answers)
    for measure in MEASURES.values():
        found = measure.take(sight)
        yield Measured(measure.id, found.value, found.low, found.high, found.applies, found.reason, found.facts)
