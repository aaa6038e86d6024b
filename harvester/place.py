"""Where a step works, and what it hands back."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from harvester.clock import Clock
from harvester.store.bodies import MOST_BYTES, Bodies
from harvester.store.health import Change
from harvester.store.workshop import RunKind


@dataclass(frozen=True, slots=True)
class Place:
    """Where a step works and how it behaves: the workshop's path, the portal asked for, manners and the clock."""

    db: Path
    portal: str | None
    clock: Clock
    contact: str | None = None
    pace: float | None = None
    in_flight: int | None = None
    allow: tuple[str, ...] = ()
    ignore_robots: tuple[str, ...] = ()
    vocabulary: Path | None = None
    keep_bodies: int = MOST_BYTES
    """Bytes of bodies that have their verdict and are kept all the same; those that await theirs always are."""

    stored: Callable[[], None] = lambda: None
    """Called when a step has stored a batch; by GaveWayError it stops the step, which the next can take up."""

    def bodies(self) -> Bodies:
        """Return the bodies that belong to the workshop, to be used as a context manager."""
        return Bodies.beside(self.db, self.keep_bodies)


@dataclass(frozen=True, slots=True)
class StepOutcome:
    """What a step did: its counts by name, how many items it could not work on, and what else is to be said of it.

    ``notes`` say it to a person, a line each; ``told`` says it to a program.
    """

    kind: RunKind
    counts: dict[str, int]
    failed: int
    notes: tuple[str, ...] = ()
    told: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Checked:
    """What a check did, and the addresses that are in another state since, or in the same for another reason."""

    outcome: StepOutcome
    changes: tuple[Change, ...]

    @property
    def unchanged(self) -> int:
        """How many of the addresses visited are as they were."""
        return self.outcome.counts.get("urls", 0) - len(self.changes)
