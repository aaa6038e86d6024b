"""Whether a dataset is a record of its own, or lists the very files of another one."""

from typing import Protocol

from scoring.criteria.base import NO, YES, Finding, Value, dataset_criterion
from scoring.facts import Case, DatasetFacts

SINGLE = "single"
"""The criterion by which the means over datasets leave a record out."""


class Valued(Protocol):
    """A judgement with a value, as it is made or as it was stored."""

    @property
    def value(self) -> Value:
        """1, 0.5, 0, or None where it is unknown."""


def counts(single: Valued | None) -> bool:
    """Return whether a dataset counts in the means over datasets, by its own answer to ``single`` (None: not asked)."""
    return single is None or single.value != NO


@dataset_criterion(SINGLE, "Record of its own", {"own": YES, "copy": NO})
def single(facts: DatasetFacts, _case: Case) -> Finding:
    """Is there no earlier record of the same provider that lists exactly the same addresses (`scoring.copies`)."""
    if not facts.copy_of:
        return Finding("own")
    return Finding("copy", {"original": facts.copy_of, "files": len(facts.resources)})
