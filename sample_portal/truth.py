"""The truth list: what was planted, where, and what a fair observer must find there."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Entry:
    """One thing on the list, as docs/design.md describes it."""

    kind: str
    dataset: str
    resource: str
    criterion: str
    expect: tuple[str, ...]
    reason: str | None
    also: tuple[str, ...]
    harmless: bool
    why: str


def summary(entries: Iterable[Entry]) -> str:
    """Return a line for each kind with how many were planted and how many look-alikes stand beside them."""
    counts: dict[str, Counter[bool]] = {}
    for entry in entries:
        counts.setdefault(entry.kind, Counter())[entry.harmless] += 1
    lines = [f"{'kind':34}{'planted':>9}{'look-alikes':>13}"]
    lines += [f"{kind:34}{count[False]:>9}{count[True]:>13}" for kind, count in sorted(counts.items())]
    return "\n".join(lines)
