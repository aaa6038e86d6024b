"""The account as the watch keeps it: in mind first and in the workshop as soon as that can be written."""

import os
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

from harvester.clock import iso
from harvester.store import due
from harvester.store.due import Entry, Watching

MOST_UNSAVED = 50_000
"""Entries that wait in memory for a workshop that cannot be written: five years of hours, some 20 megabytes."""
BEAT_SECONDS = 300.0
"""How often the watch writes down that it is alive; a crash is dated to that."""


class Account:
    """What was due and what became of it. Nothing here raises where the workshop is away: it is tried again."""

    def __init__(self, db: Path) -> None:
        self.db = db
        self.unsaved: dict[tuple[str, str], Entry] = {}
        self.trouble = ""
        """Why the workshop could not be written last; empty where all is saved."""
        self._watching: int | None = None
        self._beaten = float("-inf")
        self._began: datetime | None = None
        self._db: sqlite3.Connection | None = None

    @contextmanager
    def _open(self) -> Iterator[sqlite3.Connection]:
        """Hand out our connection, opened where it is not; the block is a transaction. Raises sqlite3.Error.

        It is kept, because reading the schema takes longer than what is asked; an error lets it go.
        """
        try:
            self._db = self._db or due.connected(self.db)
            with self._db:
                yield self._db
        except sqlite3.Error:
            self.close()
            raise

    def close(self) -> None:
        """Let the connection go; it is opened again when it is needed."""
        if self._db:
            self._db.close()
            self._db = None

    def newest(self, job: str) -> Entry | None:
        """Return a job's entry of the latest moment."""
        try:
            with self._open() as db:
                return due.newest(db, job)
        except sqlite3.Error:
            return None

    def get(self, job: str, moment: str) -> Entry | None:
        """Return one entry, from memory or the workshop."""
        if (job, moment) in self.unsaved:
            return self.unsaved[job, moment]
        try:
            with self._open() as db:
                return due.get(db, job, moment)
        except sqlite3.Error:
            return None

    def put(self, *entries: Entry) -> None:
        """Keep entries, and save all that is not saved yet."""
        for entry in entries:
            if len(self.unsaved) < MOST_UNSAVED:
                self.unsaved[entry.job, entry.moment] = entry
        self.save()

    def save(self) -> None:
        """Write what waits in memory, where there is a workshop that can be written."""
        if not self.unsaved or not self.db.exists():
            return
        try:
            with self._open() as db:
                due.put(db, self.unsaved.values())
        except sqlite3.Error as error:
            self.trouble = str(error)
            return
        self.unsaved.clear()
        self.trouble = ""

    def last_watching(self) -> Watching | None:
        """Return the process that watched last, None where none did or it cannot be told."""
        try:
            with self._open() as db:
                return due.last_watching(db)
        except sqlite3.Error:
            return None

    def beat(self, now: datetime, seconds: float) -> None:
        """Write down that this process is alive; ``seconds`` are of a clock that is never set."""
        if seconds - self._beaten < BEAT_SECONDS:
            return
        self._began = self._began or now
        self.save()
        try:
            with self._open() as db:
                if self._watching is None:
                    self._watching = due.begin(db, os.getpid(), iso(self._began))
                due.seen(db, self._watching, iso(now))
        except sqlite3.Error as error:
            self.trouble = str(error)
            return
        self._beaten = seconds

    def end(self, now: datetime) -> None:
        """Write down that this process ends of its own will, and what was under way with it."""
        self.save()
        try:
            with self._open() as db:
                due.stop_running(db, iso(now), "The watch was stopped; its next start goes on with this.")
                if self._watching is not None:
                    due.end(db, self._watching, iso(now))
        except sqlite3.Error as error:
            self.trouble = str(error)
        self.close()

    def runs(self, since: str, after: int) -> tuple[int, ...]:
        """Return the runs made later than run ``after``, or taken up since a moment (ISO 8601 UTC)."""
        try:
            with self._open() as db:
                return due.made_runs(db, since, os.getpid(), after)
        except sqlite3.Error:
            return ()

    def last_run(self) -> int:
        """Return the number of the newest run, 0 where there is none."""
        try:
            with self._open() as db:
                return due.last_run(db)
        except sqlite3.Error:
            return 0
