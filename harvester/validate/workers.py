"""Bodies examined in worker processes that may die, one body at a time."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from harvester.apart import Done, Limits, Lost, done_apart
from harvester.records import Content
from harvester.store.contents import Pending
from harvester.validate.engine import ENGINE
from harvester.validate.examination import examine
from harvester.validate.ladder import rung


@dataclass(frozen=True, slots=True)
class Job:
    """One body to examine: where it lies, what is known of it, and Hong Kong's date."""

    path: Path
    item: Pending
    today: date

    @property
    def size(self) -> int:
        """Bytes of the body."""
        return self.item.bytes

    def work(self) -> Content:
        """Examine it. Raises MemoryError where Frictionless ran out of it, and whatever a parser raises."""
        item = self.item
        content = examine(self.path, item.sniffed, item.sha256, item.bytes, item.complete, self.today)
        if is_starved(content):
            raise MemoryError
        return content


def examine_all(jobs: Iterable[Job], workers: int, limits: Limits | None = None) -> Iterator[Content]:
    """Yield the content of each job as it is done, from ``workers`` processes, in no particular order.

    A file whose worker dies or overruns is ``unmeasured`` with the reason. Nothing is raised for a file. Raises
    BarometerError where no worker can be started at all: no file is marked for that.
    """
    for done in done_apart(jobs, workers, limits):
        if isinstance(done.result, Content):
            yield done.result
        elif isinstance(done.result, Lost):
            yield _unmeasured(done, done.result.reason)


def _unmeasured(done: Done[Job], reason: str) -> Content:
    item, sniffed = done.task.item, done.task.item.sniffed
    return Content(
        sha256=item.sha256, bytes=item.bytes, complete=item.complete, format=sniffed.format, nature=sniffed.nature,
        ladder=rung(sniffed.format), encoding=sniffed.encoding, bom=sniffed.bom, members=sniffed.members,
        verdict="unmeasured", reason=reason, seconds=done.seconds, engine=ENGINE,
    )  # fmt: skip


def is_starved(content: Content) -> bool:
    """Whether Frictionless ran out of memory and took it for a fault of the file: an error of reading without a word.

    It turns every exception into an error with the exception's text for a note, and a MemoryError has none.
    """
    return any(defect.code in ("source-error", "format-error") and not defect.note for defect in content.defects)
