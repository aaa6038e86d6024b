"""What one kind of format's examination found, before it is put together with the bytes' own facts."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from harvester.records import Defect, Dialect, Ladder, Part, Profile, Verdict

PARTS_KEPT = 50
PLACES_KEPT = 5
FACT_LENGTH = 200


@dataclass(frozen=True, slots=True)
class Finding:
    """The part of a ``records.Content`` that only opening the body can tell."""

    verdict: Verdict
    reason: str | None = None
    dialect: Dialect | None = None
    rows: int | None = None
    columns: int | None = None
    labels: tuple[str, ...] = ()
    repaired: Verdict | None = None
    defects: tuple[Defect, ...] = ()
    profile: Profile | None = None
    ladder: Ladder | None = None
    """Where the content stands on another rung than its format (an archive of pictures)."""
    route: str | None = None
    """Who read a table for its verdict, and why."""


def unmeasured(reason: str) -> Finding:
    """Return the finding that nothing could be said, and why."""
    return Finding("unmeasured", reason)


def broken(reason: str) -> Finding:
    """Return the finding that the body is not what its bytes begin as, and why."""
    return Finding("broken", reason)


def telling(profile: Profile | None, facts: Mapping[str, object], parts: Sequence[Part] = (), rows: int = 0) -> Profile:
    """Return ``profile`` (an empty one of ``rows`` where there is none) with the facts that are not None, and parts."""
    kept = tuple((name, str(value)[:FACT_LENGTH]) for name, value in facts.items() if value is not None)
    base = profile or Profile(rows)
    return replace(base, facts=(*base.facts, *kept), parts=(*base.parts, *parts)[:PARTS_KEPT])


class Faults:
    """Faults by code as they are met: each counted, the first five kept in words."""

    def __init__(self) -> None:
        self._found: dict[str, tuple[int, list[str]]] = {}
        self._counts: dict[str, int] = {}

    def add(self, code: str, sentence: str, row: int = 0) -> None:
        """Count one fault of ``code``; ``row`` is its place from 1, 0 where it has none."""
        self._counts[code] = self._counts.get(code, 0) + 1
        _, sentences = self._found.setdefault(code, (row, []))
        if len(sentences) < PLACES_KEPT:
            sentences.append(sentence[:FACT_LENGTH])

    def defects(self) -> tuple[Defect, ...]:
        """Return one defect a code, in the order they were first met."""
        return tuple(
            Defect(code, self._counts[code], row=row or None, note=sentences[0], examples=tuple(sentences))
            for code, (row, sentences) in self._found.items()
        )
