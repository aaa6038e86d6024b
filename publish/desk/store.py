"""What the desk knows of the catalogue, of its officers and of their replies, and the one query that writes a reply."""

import logging
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from datetime import datetime
from pathlib import Path
from threading import Lock

from harvester.clock import Clock, hong_kong_day, iso
from harvester.errors import BarometerError, SettingsError
from harvester.replies import opened
from publish.desk.settings import Settings, load
from publish.queries import Row, rows
from publish.replies import GIVEN_SQL, finding_of, state_of

LOG = logging.getLogger("barometer.desk")
MENDED_DAYS = 30
"""Days that "mended" waits for its re-check at most."""
LONGEST_DAYS = 180
"""Days that any other answer stands at most; the database refuses more."""
REASON_LENGTH = 1000
"""Characters of a reason; the database refuses more."""
ANSWER_SQL = f"""
INSERT INTO reply (form, task, dataset, resource, criterion, provider, finding, kind, reason, expires, officer, role,
                   at)
SELECT :form, :task, f.dataset, f.resource, f.criterion, f.provider, :finding, :kind, trim(:reason),
       CASE :kind WHEN 'mended' THEN date(:_now_datetime_utc, '+8 hours', '+{MENDED_DAYS} days') ELSE :expires END,
       :_actor_id, :_actor_role, :_now_datetime_utc
FROM (SELECT 1) LEFT JOIN finding f ON f.task = :task
"""  # noqa: S608 - our own number
"""The canned query of Datasette's that writes: who and when are never taken from the form."""
OPEN_SQL = """
SELECT t.key, t.dataset, t.resource, t.criterion, d.provider, t.reason, t.evidence, t.opened, t.closed, t.reopened
FROM task t JOIN dataset d ON d.name = t.dataset WHERE t.closed IS NULL AND d.withdrawn_at IS NULL
"""
QUEUE_SQL = "SELECT dataset, asked FROM recheck WHERE settled IS NULL ORDER BY asked, id"
MOST_SHOWN = 500
"""Replies that the page of all replies shows."""


class Desk:
    """The files behind one desk, each read anew when it is another: the catalogue, the replies, the settings."""

    def __init__(self, catalog: Path, officers: Path, settings: Path, clock: Clock) -> None:
        self.catalog, self.officers, self.settings_file, self.clock = catalog, officers, settings, clock
        self.settings = load(settings)
        self._lock = Lock()
        self._seen: tuple[object, ...] = ()

    def now(self) -> datetime:
        """Return the present moment."""
        return self.clock()

    def today(self) -> str:
        """Return the present day in Hong Kong (ISO)."""
        return hong_kong_day(iso(self.clock()))

    def keep_up(self) -> bool:
        """Take in a new catalogue or new settings, and tell whether the catalogue is another one than before.

        Settings that cannot be read leave the old ones standing, and the log says why.
        """
        with self._lock:
            catalog, settings = _stamp(self.catalog), _stamp(self.settings_file)
            if (catalog, settings) == self._seen:
                return False
            before = self._seen
            if before and settings != before[1]:
                try:
                    self.settings = load(self.settings_file)
                except SettingsError as error:
                    LOG.error("the settings stay as they were: %s", error)  # noqa: TRY400 - its sentence says it all
            _mirror(self.catalog, self.officers, self.settings)
            self._seen = (catalog, settings)
            return bool(before) and before[0] != catalog

    @contextmanager
    def published(self) -> Iterator[sqlite3.Connection]:
        """Open the catalogue as it is now, read-only."""
        with closing(sqlite3.connect(f"{self.catalog.resolve().as_uri()}?mode=ro", uri=True)) as connection:
            yield connection

    def queue(self) -> list[Row]:
        """Return the re-checks that wait: dataset and since when, the oldest first."""
        with opened(self.officers) as kept:
            return rows(kept, QUEUE_SQL)

    def given(self, catalog: sqlite3.Connection, where: str, values: Sequence[object]) -> list[Row]:
        """Return replies with their ``state`` as of now, the last first: those for which ``where`` (our SQL) holds."""
        sql = GIVEN_SQL.replace("SELECT r.id,", "SELECT r.id, r.officer, r.dataset,", 1)
        sql = sql.replace("ORDER BY r.id", f"WHERE {where} ORDER BY r.id DESC", 1)
        with opened(self.officers) as kept:
            found = rows(kept, sql, values)
        tasks: dict[str, Row | None] = {}
        for said in found:
            if said["task"] not in tasks:
                one = rows(catalog, "SELECT * FROM task WHERE key = ?", [said["task"]])
                tasks[said["task"]] = one[0] if one else None
            task = tasks[said["task"]]
            closed = task["closed"] if task else None
            said["state"] = state_of(said, finding_of(task) if task else "", closed, self.today())
            said["looked"] = said["settled"]
        return found

    def finding(self, key: str) -> Row | None:
        """Return what is found of an open task now, as the database will hold a reply to it; None without such."""
        with opened(self.officers) as kept:
            found = rows(kept, "SELECT * FROM finding WHERE task = ?", [key])
        return found[0] if found else None


def _stamp(place: Path) -> tuple[int, int, int] | None:
    try:
        told = place.stat()
    except FileNotFoundError:
        return None
    return told.st_ino, told.st_mtime_ns, told.st_size


def _mirror(catalog: Path, officers: Path, settings: Settings) -> None:
    """Write the open tasks and the officers into officers.db, where its triggers look them up."""
    if not catalog.exists():
        raise BarometerError(f"There is no file {catalog}: run `barometer run` or `barometer publish` first.")
    with closing(sqlite3.connect(f"{catalog.resolve().as_uri()}?mode=ro", uri=True)) as connection:
        found = rows(connection, OPEN_SQL)
    findings = [
        (row["key"], row["dataset"], row["resource"], row["criterion"], row["provider"], finding_of(row))
        for row in found
    ]  # fmt: skip
    people = [(one.name, provider, one.role) for one in settings.officers.values() for provider in one.providers]
    with opened(officers) as kept:
        kept.execute("BEGIN IMMEDIATE")
        kept.execute("DELETE FROM finding")
        kept.executemany("INSERT INTO finding VALUES (?, ?, ?, ?, ?, ?)", findings)
        kept.execute("DELETE FROM officer")
        kept.executemany("INSERT INTO officer VALUES (?, ?, ?)", people)
        kept.execute("COMMIT")
