"""All measures, one small pure function each, and what they come to for one dataset."""

from collections.abc import Collection, Iterable, Iterator

from scoring.criteria.base import Answer
from scoring.facts import Case
from scoring.measures import checklists, distributions, record, toronto
from scoring.measures.base import REGISTRY, Measure, Measured
from scoring.measures.sight import look
from scoring.measures.words import messages, say_measure, sentence_for

MEASURES: dict[str, Measure] = dict(REGISTRY)
"""Every measure by id; no criterion bears the same name."""

__all__ = [
    "MEASURES", "Measure", "Measured", "checklists", "distributions", "messages", "record", "say_measure",
    "sentence_for", "take", "toronto",
]  # fmt: skip


def take(case: Case, answers: Iterable[Answer], names: Collection[str]) -> Iterator[Measured]:
    """Yield the measures of one dataset that bear one of ``names``, which are those that a profile weighs.

    ``answers`` are all that `scoring.criteria.judge` gave for the same case; names that are no measure's are let be.
    What several measures need (which addresses answer, what the bodies are) is looked up once.
    """
    wanted = [measure for name, measure in MEASURES.items() if name in names]
    if not wanted:
        return
    sight = look(case, answers)
    for measure in wanted:
        found = measure.take(sight)
        yield Measured(measure.id, found.value, found.low, found.high, found.applies, found.reason, found.facts)
