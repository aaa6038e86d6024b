"""The validate step: every content without a verdict, or judged under older rules, gets one."""

import os
from collections.abc import Iterable, Iterator
from itertools import islice
from pathlib import Path
from typing import Protocol

from sqlite_utils import Database

from harvester.clock import HONG_KONG, Clock
from harvester.progress import progress
from harvester.records import Content
from harvester.store import contents
from harvester.store.workshop import Run, record_failure
from harvester.validate.engine import RULES
from harvester.validate.workers import Job, Limits, examine_all

BATCH = 50


class Kept(Protocol):
    """Where bodies lie: ``harvester.store.bodies.Bodies`` is one."""

    def path(self, sha256: str) -> Path:
        """Return where a body is (or would be) kept."""
        ...


def validate(
    db: Database, bodies: Kept, run: Run, clock: Clock, workers: int | None = None, limits: Limits | None = None
) -> None:
    """Judge every content that awaits it, in ``workers`` processes (as many as CPUs where None), and store batches.

    A kill loses at most the batch at hand: the next run does only what is missing. A body that is no longer kept is
    recorded as a failure of the run and stays without a verdict.
    """
    due = contents.pending(db, RULES)
    today = clock().astimezone(HONG_KONG).date()
    here = [item for item in due if bodies.path(item.sha256).is_file()]
    for item in due:
        if not bodies.path(item.sha256).is_file():
            record_failure(db, run, item.sha256, "its body is no longer kept; the next check brings it again", clock)
    jobs = (Job(bodies.path(item.sha256), item, today) for item in here)
    found = progress(examine_all(jobs, workers or os.cpu_count() or 1, limits), len(here), "validate")
    for batch in _batches(found):
        contents.save(db, batch)
        for content in batch:
            run.count("contents")
            run.count(content.verdict)


def _batches(found: Iterable[Content]) -> Iterator[list[Content]]:
    """Yield what was found in lists of fifty; what is at hand is yielded too when the work is broken off."""
    walk = iter(found)
    while batch := list(islice(walk, BATCH)):
        yield batch
