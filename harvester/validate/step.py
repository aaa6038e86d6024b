"""The validate step: every content without a verdict, or judged under older rules, gets one."""

import os
from collections.abc import Callable, Collection, Iterable, Iterator
from pathlib import Path
from typing import Protocol

from sqlite_utils import Database

from harvester.apart import Limits
from harvester.clock import HONG_KONG, Clock
from harvester.progress import progress
from harvester.records import Content
from harvester.store import contents
from harvester.store.workshop import Run, record_failure
from harvester.validate.engine import RULES, VERSIONS
from harvester.validate.workers import Job, examine_all

BATCH, BATCH_SECONDS = 50, 10.0
"""When what was found is stored: a kill loses no more than this."""


class Kept(Protocol):
    """Where bodies lie: ``harvester.store.bodies.Bodies`` is one."""

    def lay_out(self, sha256: str) -> Path | None:
        """Return a file that holds a body until it is put away, None where it is not kept whole."""
        ...

    def put_away(self, sha256: str) -> None:
        """Remove what was made to lay a body out."""
        ...


def validate(
    db: Database, bodies: Kept, run: Run, clock: Clock, workers: int | None = None, limits: Limits | None = None,
    *, anew: bool = False, only: Collection[str] | None = None, stored: Callable[[], None] = lambda: None,
) -> None:  # fmt: skip
    """Judge every content that awaits it, in ``workers`` processes (as many as CPUs where None), and store batches.

    ``anew`` judges again what another Frictionless or Python judged, too, where its body is still kept.
    A kill loses at most the batch at hand: the next run does only what is missing. A body that is no longer kept, or
    that a power cut left in part, is recorded as a failure of the run and stays without a verdict. Where ``only``
    (sha256) is given, the others go on waiting. ``stored`` is called after each batch that was stored.
    """
    due = contents.pending(db, RULES, only=only)
    awaited = {item.sha256 for item in due}
    if anew:
        due = contents.pending(db, RULES, VERSIONS, only)
    today = clock().astimezone(HONG_KONG).date()

    def jobs() -> Iterator[Job]:
        for item in due:
            path = bodies.lay_out(item.sha256)
            if path is not None:
                yield Job(path, item, today)
            elif item.sha256 in awaited:
                told = "its body is no longer kept whole; the next check brings it again"
                record_failure(db, run, item.sha256, told, clock)

    found = progress(examine_all(jobs(), workers or os.cpu_count() or 1, limits), len(due), "validate")
    for batch in _batches(found):
        contents.save(db, batch)
        for content in batch:
            bodies.put_away(content.sha256)
            run.count("contents")
            run.count(content.verdict)
        stored()


def _batches(found: Iterable[Content]) -> Iterator[list[Content]]:
    """Yield what was found in lists of fifty, or of as many as took ten seconds of work."""
    batch: list[Content] = []
    for content in found:
        batch.append(content)
        if len(batch) >= BATCH or sum(each.seconds for each in batch) >= BATCH_SECONDS:
            yield batch
            batch = []
    if batch:
        yield batch
