"""Opening harvest.db, keeping others out of it, and the log of runs. Nothing here knows what a step does."""

import fcntl
import json
import os
import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from importlib.metadata import version
from importlib.resources import files
from pathlib import Path
from typing import Any, Literal

from sqlite_utils import Database
from sqlite_utils.migrations import Migrations

from harvester.clock import Clock, iso, parse_iso
from harvester.errors import BusyError, GaveWayError, NotOurDatabaseError, OurNetworkError

RunKind = Literal["harvest", "check", "validate", "score", "publish", "fold", "recheck"]
RunState = Literal["running", "done", "failed", "stopped"]

LOCKED_SECONDS = 30.0
"""How long a database that another program holds is waited for."""
SCAN_DAYS = 7
"""How long an interrupted scan or step can be taken up; after that what it saw first says too little about today."""

CACHE_KIB = 64 * 1024
"""Memory for pages of the workshop at work: SQLite's own 2 MB have a year of visits read again and again."""

migrations = Migrations("barometer")


@migrations(name="0001_workshop")
def _workshop(db: Any) -> None:
    _execute(db, "schema.sql")


@migrations(name="0002_extras")
def _extras(db: Any) -> None:
    """Give a workshop made before there were extras their columns; the next harvest fills them."""
    for table in ("dataset", "resource"):
        if "extras" not in db[table].columns_dict:
            db.execute(f"ALTER TABLE {table} ADD COLUMN extras TEXT NOT NULL DEFAULT '{{}}'")


@migrations(name="0003_history")
def _history(db: Any) -> None:
    """Begin the history with what an older workshop knows; its next harvest is a full one."""
    _execute(db, "history.sql")
    _execute(db, "views.sql")


@migrations(name="0004_vocabulary")
def _vocabulary(db: Any) -> None:
    """Give a workshop its table of unknown texts; the next harvest fills it."""
    _execute(db, "vocabulary.sql")


@migrations(name="0005_health")
def _health(db: Any) -> None:
    """Give a workshop its tables of states and requests; the next check fills them from all its visits."""
    _execute(db, "health.sql")


@migrations(name="0006_comparisons")
def _comparisons(db: Any) -> None:
    """Give a workshop its tables of what was laid beside each other; the next validation fills them."""
    _execute(db, "comparisons.sql")


@migrations(name="0007_measures")
def _measures(db: Any) -> None:
    """Give a workshop its table of measures; the next score fills it."""
    _execute(db, "measures.sql")


@migrations(name="0008_ranking")
def _ranking(db: Any) -> None:
    """Give a workshop its tables of how far the ranking can be trusted; the next score fills them."""
    _execute(db, "ranking.sql")


@migrations(name="0009_rescore")
def _rescore(db: Any) -> None:
    """Give a workshop its tables for scoring a history anew."""
    _execute(db, "rescore.sql")


@migrations(name="0010_asks")
def _asks(db: Any) -> None:
    """Give a workshop its tables of what the brief asks for and of why scores changed; the next score fills them."""
    _execute(db, "asks.sql")


@migrations(name="0011_rubric")
def _rubric(db: Any) -> None:
    """Give a workshop its table of the profiles that scored; the next score fills it."""
    _execute(db, "rubric.sql")


@migrations(name="0012_applies")
def _applies(db: Any) -> None:
    """Keep with each answer whether its question arises; those of before are told by their reasons."""
    _execute(db, "applies.sql")


@migrations(name="0014_notices")
def _notices(db: Any) -> None:
    """Give a workshop its memory of what officers were told."""
    _execute(db, "notices.sql")


@migrations(name="0015_due")
def _due(db: Any) -> None:
    """Give a workshop its account of what was due; the watch fills it."""
    _execute(db, "due.sql")


@migrations(name="0013_visit_day")
def _visit_day(db: Any) -> None:
    """Give a workshop its tables of what stays of visits that are let go; `barometer fold` fills them."""
    _execute(db, "visit_day.sql")


def _execute(db: Any, name: str) -> None:
    for statement in files("harvester.store").joinpath(name).read_text(encoding="utf-8").split(";\n"):
        if statement.strip():
            db.execute(statement)


@dataclass(slots=True)
class Run:
    """One step at work: its number, whether it takes up an interrupted run, and the counts it will report."""

    id: int
    kind: RunKind
    started: str
    resumed: bool
    counts: dict[str, int] = field(default_factory=dict)
    failed: int = 0

    def count(self, what: str, by: int = 1) -> None:
        """Add ``by`` to the count named ``what``."""
        self.counts[what] = self.counts.get(what, 0) + by


def connect(path: Path, *, create: bool) -> Database:
    """Return harvest.db at ``path``, its schema brought up to date, in WAL mode with foreign keys on.

    Raises NotOurDatabaseError where the file is missing (and ``create`` is False), not SQLite, or not ours.
    """
    if not path.exists() and not create:
        raise NotOurDatabaseError(f"There is no database at {path}: run `barometer harvest --db {path}` first.")
    if not path.parent.is_dir():
        raise NotOurDatabaseError(f"There is no folder {path.parent}: make it, or name another place with --db.")
    connection = sqlite3.connect(path, timeout=LOCKED_SECONDS)
    db = Database(connection)
    try:
        names = set(db.table_names())
        if names and not {"_sqlite_migrations", "record_version"} <= names:
            raise NotOurDatabaseError(f"{path} is a database of something else: name another file with --db.")
        connection.execute("PRAGMA journal_mode=WAL")
        connection.execute("PRAGMA synchronous=NORMAL")
        connection.execute(f"PRAGMA cache_size=-{CACHE_KIB}")
        connection.execute("PRAGMA foreign_keys=ON")
        if create or names:
            migrations.apply(db)
    except sqlite3.DatabaseError as error:
        connection.close()
        if getattr(error, "sqlite_errorname", "").startswith(("SQLITE_FULL", "SQLITE_IOERR")):
            raise  # it is the disk's trouble, and another file would be no help
        raise NotOurDatabaseError(
            f"{path} cannot be used as a database ({error}): name another file with --db."
        ) from error
    except NotOurDatabaseError:
        connection.close()
        raise
    return db


@contextmanager
def workshop(path: Path, *, create: bool = False) -> Iterator[Database]:
    """Open harvest.db for writing and hold it alone until the block ends.

    Raises BusyError, naming the holder's process, where another command is at work on it. The lock is the kernel's,
    so a killed process never leaves it behind.
    """
    if not path.parent.is_dir():
        raise NotOurDatabaseError(f"There is no folder {path.parent}: make it, or name another place with --db.")
    lock_path = path.with_name(path.name + ".lock")
    with lock_path.open("a+") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            lock.seek(0)
            holder = lock.read().strip() or "unknown"
            raise BusyError(f"{path} is in use by process {holder}: wait for it, or stop it, then try again.") from None
        lock.truncate(0)
        lock.write(str(os.getpid()))
        lock.flush()
        db = connect(path, create=create)
        try:
            yield db
        finally:
            db.conn.close()


@contextmanager
def step(db: Database, kind: RunKind, clock: Clock, options: Mapping[str, object], portal: str = "") -> Iterator[Run]:
    """Open a run of ``kind``, or take up the last one where it was cut off, and close it with its state and counts.

    An interrupted run (killed, stopped with Ctrl-C or by a full disk, or one that gave way) of the same kind, portal
    and options is continued under its own number for ``SCAN_DAYS``, so that what it already stored is not done again.
    """
    text = _options(options)
    last = next(iter(db.query("SELECT * FROM run WHERE kind = ? ORDER BY id DESC LIMIT 1", [kind])), None)
    resumed = bool(
        last
        and last["state"] in ("running", "stopped")
        and (last["options"], last["portal"]) == (text, portal)
        and clock() - parse_iso(last["started"]) < timedelta(days=SCAN_DAYS)
    )
    if last and resumed:
        run = Run(last["id"], kind, last["started"], resumed=True)
        with db.atomic():
            db.execute("UPDATE run SET state = 'running', process = ? WHERE id = ?", [os.getpid(), run.id])
    else:
        with db.atomic():
            db.execute("UPDATE run SET state = 'failed' WHERE kind = ? AND state = 'running'", [kind])
            started = iso(clock())
            row = {
                "kind": kind, "started": started, "state": "running", "portal": portal, "options": text,
                "code_version": version("hk-open-data-barometer"), "process": os.getpid(),
            }  # fmt: skip
            run = Run(int(db.table("run").insert(row).last_pk or 0), kind, started, resumed=False)
    state: RunState = "failed"
    try:
        yield run
        state = "done"
    except (KeyboardInterrupt, sqlite3.OperationalError, OSError, OurNetworkError, GaveWayError):
        state = "stopped"  # a full disk or a lost network, as Ctrl-C, is nothing that the same run could not go on from
        raise
    finally:
        failed = db.execute("SELECT count(*) FROM failure WHERE run = ?", [run.id]).fetchone()[0]
        run.failed = failed
        with db.atomic():
            db.table("run").update(
                run.id, {"finished": iso(clock()), "state": state, "counts": json.dumps(run.counts, sort_keys=True)}
            )


def finished(db: Database, kind: RunKind, options: Mapping[str, object], portal: str) -> Run | None:
    """Return the last run of ``kind`` with these options on this portal where it is done, else None."""
    sql = "SELECT * FROM run WHERE kind = ? AND options = ? AND portal = ? ORDER BY id DESC LIMIT 1"
    for row in db.query(sql, [kind, _options(options), portal]):
        if row["state"] == "done":
            failed = db.execute("SELECT count(*) FROM failure WHERE run = ?", [row["id"]]).fetchone()[0]
            return Run(row["id"], kind, row["started"], resumed=True, counts=json.loads(row["counts"]), failed=failed)
    return None


def open_scan(db: Database, portal: str, clock: Clock) -> str:
    """Return the name of the scan to work on: the last one of this portal if it was never published, else a new one.

    A scan is the five steps made by one command, and its name the moment (ISO 8601 UTC) it began. Taking up the last
    one is what lets a scan that was cut off in any step end as if it had not been. One that is too old to go on with
    (``SCAN_DAYS``) is left as it is.
    """
    now = clock()
    sql = """
        SELECT json_extract(options, '$.scan') AS scan, max(kind = 'publish' AND state = 'done') AS published
        FROM run WHERE portal = ? AND scan IS NOT NULL GROUP BY scan ORDER BY max(id) DESC LIMIT 1
    """
    for row in db.query(sql, [portal]):
        if not row["published"] and now - parse_iso(row["scan"]) < timedelta(days=SCAN_DAYS):
            return str(row["scan"])
    return iso(now)


def _options(options: Mapping[str, object]) -> str:
    return json.dumps(options, sort_keys=True, default=str)


def record_failure(db: Database, run: Run, item: str, error: str, clock: Clock) -> None:
    """Note that ``item`` could not be worked on in this run; ``barometer status`` lists it."""
    with db.atomic():
        db.table("failure").upsert(
            {"run": run.id, "item": item, "error": error[:500], "at": iso(clock())}, pk=("run", "item")
        )
