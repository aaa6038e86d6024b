"""What one kind of format's examination found, before it is put together with the bytes' own facts."""

from dataclasses import dataclass

from harvester.records import Defect, Dialect, Ladder, Profile, Verdict


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
