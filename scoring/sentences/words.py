"""What a reason is said in."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Words:
    """What was seen, and how to mend it (empty where there is nothing to mend)."""

    evidence: str
    mend: str = ""
