"""The account of what was due, in the workshop: its rows, and the processes that watched. Moments are ISO 8601 UTC."""

import json
import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

State = Literal["waiting", "running", "done", "caught-up", "failed", "skipped"]
SETTLED: frozenset[str] = frozenset({"done", "caught-up", "skipped"})
"""States in which nothing is to be done any more."""
LOCKED_SECONDS = 2.0
"""How long a locked database is waited for: what cannot be written now is kept in mind and written later."""
_COLUMNS = "job, moment, state, why, told, tries, runs, started, finished, seconds"
_PUT = f"INSERT OR REPLACE INTO due ({_COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"  # noqa: S608 - our own names
_AGED = """
    INSERT INTO due_month (job, month, state, why, many)
    SELECT job, strftime('%Y-%m', moment, '+8 hours') AS month, state, why, count(*)
    FROM due WHERE moment < ?1 GROUP BY job, month, state, why
    ON CONFLICT (job, month, state, why) DO UPDATE SET many = many + excluded.many
"""


@dataclass(frozen=True, slots=True)
class Entry:
    """One due run: the job, when it was due, what became of it, why not or why late (a word, a sentence).

    ``tries`` counts how often it was begun, ``runs`` are the runs it made or took up, ``started`` and ``finished`` are
    of the last try, ``seconds`` what all took together.
    """

    job: str
    moment: str
    state: State = "waiting"
    why: str = ""
    told: str = ""
    tries: int = 0
    runs: tuple[int, ...] = ()
    started: str | None = None
    finished: str | None = None
    seconds: float | None = None

    def row(self) -> tuple[object, ...]:
        """Return the entry as the table has it."""
        return (
            self.job, self.moment, self.state, self.why, self.told[:500], self.tries, json.dumps(list(self.runs)),
            self.started, self.finished, self.seconds,
        )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Watching:
    """A process that watched: since when, when it was last known alive, and when it ended (None: it did not say)."""

    id: int
    process: int
    started: str
    seen: str
    ended: str | None


@contextmanager
def account(path: Path) -> Iterator[sqlite3.Connection]:
    """Open the account of the workshop at ``path`` for a short write or read; the block is one transaction.

    It does not take the workshop's lock: rows of these tables are the watch's alone. Raises sqlite3.Error where there
    is no workshop, or it cannot be written.
    """
    with closing(connected(path)) as db, db:
        yield db


def connected(path: Path) -> sqlite3.Connection:
    """Return a connection to the workshop at ``path``, which must be there. Raises sqlite3.Error."""
    db = sqlite3.connect(f"{path.resolve().as_uri()}?mode=rw", uri=True, timeout=LOCKED_SECONDS)
    db.execute("PRAGMA synchronous=NORMAL")
    return db


def put(db: sqlite3.Connection, entries: Iterable[Entry]) -> None:
    """Store entries, each in the place of the one before it."""
    db.executemany(_PUT, [entry.row() for entry in entries])


def newest(db: sqlite3.Connection, job: str) -> Entry | None:
    """Return a job's entry of the latest moment, None where there is none."""
    return next(entries(db, "WHERE job = ? ORDER BY moment DESC LIMIT 1", [job]), None)


def get(db: sqlite3.Connection, job: str, moment: str) -> Entry | None:
    """Return one entry, None where there is none."""
    return next(entries(db, "WHERE job = ? AND moment = ?", [job, moment]), None)


def entries(db: sqlite3.Connection, where: str, values: list[object]) -> Iterator[Entry]:
    """Yield the entries that ``where`` (SQL of ours) chooses."""
    for row in db.execute(f"SELECT {_COLUMNS} FROM due {where}", values):  # noqa: S608 - our own text
        job, moment, state, why, told, tries, runs, *times = row
        yield Entry(job, moment, state, why, told, tries, tuple(json.loads(runs)), *times)


def age(db: sqlite3.Connection, before: str) -> int:
    """Add up by month what was due before a moment, and remove it; return how many entries went."""
    db.execute(_AGED, [before])
    db.execute("DELETE FROM watching WHERE seen < ? AND id < (SELECT max(id) FROM watching)", [before])
    return db.execute("DELETE FROM due WHERE moment < ?", [before]).rowcount


def begin(db: sqlite3.Connection, process: int, now: str) -> int:
    """Note that a process begins to watch; return its number."""
    sql = "INSERT INTO watching (process, started, seen) VALUES (?, ?, ?)"
    return int(db.execute(sql, [process, now, now]).lastrowid or 0)


def last_watching(db: sqlite3.Connection) -> Watching | None:
    """Return the process that watched last, None where none did."""
    row = db.execute("SELECT id, process, started, seen, ended FROM watching ORDER BY id DESC LIMIT 1").fetchone()
    return Watching(*row) if row else None


def seen(db: sqlite3.Connection, watching: int, now: str) -> None:
    """Note that a watching process is alive."""
    db.execute("UPDATE watching SET seen = ? WHERE id = ?", [now, watching])


def end(db: sqlite3.Connection, watching: int, now: str) -> None:
    """Note that a watching process ends of its own will."""
    db.execute("UPDATE watching SET seen = ?1, ended = ?1 WHERE id = ?2", [now, watching])


def stop_running(db: sqlite3.Connection, now: str, told: str) -> None:
    """Note that what is under way was stopped: it waits to be gone on with."""
    sql = "UPDATE due SET state = 'waiting', why = 'stopped', told = ?, finished = ? WHERE state = 'running'"
    db.execute(sql, [told, now])


def made_runs(db: sqlite3.Connection, since: str, process: int, after: int) -> tuple[int, ...]:
    """Return the runs later than ``after``, and older ones that ``process`` took up since a moment."""
    sql = "SELECT id FROM run WHERE id > ?1 - 20 AND (id > ?1 OR (process = ?2 AND finished >= ?3)) ORDER BY id"
    return tuple(int(row[0]) for row in db.execute(sql, [after, process, since]))


def last_run(db: sqlite3.Connection) -> int:
    """Return the number of the newest run, 0 where there is none."""
    return int(db.execute("SELECT coalesce(max(id), 0) FROM run").fetchone()[0])
