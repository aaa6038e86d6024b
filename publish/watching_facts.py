"""What the status page and the metrics tell of a watch: read from the workshop, which is only ever read here."""

import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Protocol

from harvester.clock import HONG_KONG, Clock, iso
from harvester.store import due
from harvester.store.bodies import Bodies
from harvester.store.due import Entry
from harvester.watch_settings import TIMED, WANTED, Job, Settings
from harvester.watch_work import Now

SHOWN = 50
WALKED_SECONDS = 600.0
"""How often the kept bodies are counted: there may be a hundred thousand."""
COUNTS = """
    SELECT job, state, sum(many) FROM (
        SELECT job, state, count(*) AS many FROM due GROUP BY job, state
        UNION ALL SELECT job, state, many FROM due_month) GROUP BY job, state
"""
GOOD = "WHERE job = ? AND state IN ('done', 'caught-up') ORDER BY moment DESC LIMIT 1"
AMISS = "WHERE state IN ('failed', 'skipped', 'caught-up', 'waiting') ORDER BY moment DESC, job LIMIT ?"
STATES = "SELECT state, count(*) FROM spell WHERE until IS NULL GROUP BY state"
REFUSED = "SELECT count(DISTINCT host), coalesce(sum(refused), 0) FROM request WHERE refused > 0 AND day = ?"
ITEMS = """
    SELECT run.kind, failure.item, failure.error, failure.at FROM failure JOIN run ON run.id = failure.run
    WHERE run.id IN (SELECT max(id) FROM run GROUP BY kind) ORDER BY failure.at DESC, failure.item LIMIT ?
"""


class Watched(Protocol):
    """What is watched: ``harvester.watch_loop.Watcher`` is one."""

    settings: Settings
    now: Now

    @property
    def clock(self) -> Clock:
        """The machine's clock."""
        ...

    def following(self, job: Job) -> datetime | None:
        """Return when a timed job is due next (aware)."""
        ...


@dataclass(frozen=True, slots=True)
class JobTold:
    """One job: whether it is on, its newest entry, the last that went well, when it is due next; counts by state."""

    job: Job
    on: bool
    last: Entry | None
    good: Entry | None
    next: str | None
    counts: dict[str, int]


@dataclass(frozen=True, slots=True)
class Facts:
    """All that is told at one moment; sizes are bytes, times ISO 8601 UTC."""

    at: str
    now: Now
    jobs: tuple[JobTold, ...]
    amiss: tuple[Entry, ...] = ()
    items: tuple[tuple[str, str, str, str], ...] = ()
    states: dict[str, int] = field(default_factory=dict)
    refused_hosts: int = 0
    refused: int = 0
    sizes: dict[str, int] = field(default_factory=dict)
    readable: bool = True


class Teller:
    """Reads what is to be told of a watch on a workshop and its catalogue."""

    def __init__(self, watched: Watched, db: Path, catalog: Path) -> None:
        self.watched, self.db, self.catalog = watched, db, catalog
        self._bodies: tuple[float, int] = (float("-inf"), 0)

    def facts(self) -> Facts:
        """Return what is so now; where the workshop cannot be read, what is known without it."""
        watched = self.watched
        now = watched.clock()
        plain = Facts(
            iso(now), watched.now, tuple(self._job(None, job, {}) for job in (*TIMED, *WANTED)), readable=False
        )
        try:
            with _reading(self.db) as db:
                counts: dict[str, dict[str, int]] = {}
                for job, state, many in db.execute(COUNTS):
                    counts.setdefault(job, {})[state] = many
                hosts, refused = db.execute(REFUSED, [now.astimezone(HONG_KONG).date().isoformat()]).fetchone()
                return Facts(
                    iso(now), watched.now,
                    tuple(self._job(db, job, counts.get(job, {})) for job in (*TIMED, *WANTED)),
                    tuple(due.entries(db, AMISS, [SHOWN])),
                    tuple(db.execute(ITEMS, [SHOWN])), dict(db.execute(STATES).fetchall()),
                    int(hosts), int(refused), self.sizes(),
                )  # fmt: skip
        except sqlite3.Error:
            return plain

    def sizes(self) -> dict[str, int]:
        """Return the bytes of the files, by what they hold."""
        found = {"workshop": _bytes(self.db) + _bytes(Path(f"{self.db}-wal")), "catalogue": _bytes(self.catalog)}
        if time.monotonic() - self._bodies[0] > WALKED_SECONDS:
            folder = Bodies.beside(self.db).folder
            self._bodies = (time.monotonic(), sum(_bytes(path) for path in folder.rglob("*") if path.is_file()))
        return {**found, "bodies": self._bodies[1]}

    def ailments(self) -> list[str]:
        """Return what is wrong with the watch, a word each; none where it is well."""
        facts, found = self.facts(), []
        if not facts.readable and self.db.exists():
            found.append("workshop-unreadable")
        looked = facts.now.looked
        silent = looked is None or (self.watched.clock() - looked).total_seconds() > WALKED_SECONDS
        if silent and not facts.now.job:
            found.append("not-looking")
        if facts.now.settings_error:
            found.append("settings-wrong")
        found += [f"{told.job}-failed" for told in facts.jobs if told.last and told.last.state == "failed"]
        return found

    def _job(self, db: sqlite3.Connection | None, job: Job, counts: dict[str, int]) -> JobTold:
        settings = self.watched.settings
        on = job in settings.rhythms or job == "publish" or (job == "asked" and settings.asked)
        on = on or (job == "notices" and settings.notices)
        following = self.watched.following(job)
        last = due.newest(db, job) if db else None
        good = next(due.entries(db, GOOD, [job]), None) if db else None
        return JobTold(job, on, last, good, iso(following) if following else None, counts)


@contextmanager
def _reading(path: Path) -> Iterator[sqlite3.Connection]:
    with closing(sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro", uri=True, timeout=due.LOCKED_SECONDS)) as db:
        yield db


def _bytes(path: Path) -> int:
    with suppress(OSError):
        return path.stat().st_size
    return 0
