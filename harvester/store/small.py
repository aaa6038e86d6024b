"""Small bodies, many to a file: most of a portal's files have a few kilobytes, and a file each costs more than they do.

Measured on ext4: making, renaming and closing one file a body was a third of the processor time of a first check.
"Up to 100 KB a blob is read faster out of SQLite than out of a file" (sqlite.org/intern-v-extern-blob.html).
"""

import sqlite3
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from threading import Lock

NAME = "small.db"
WAITING = 64
"""Bodies that are stored in one transaction, where nobody asks for it sooner."""
_TABLE = """
CREATE TABLE IF NOT EXISTS body (
    sha256 TEXT PRIMARY KEY,
    bytes BLOB NOT NULL,
    used INTEGER NOT NULL            -- nanoseconds since 1970: when it last came or was read
) STRICT
"""
_KEEP = """
INSERT INTO body (sha256, bytes, used) VALUES (?, ?, ?) ON CONFLICT (sha256) DO UPDATE SET used = excluded.used
"""


class SmallBodies:
    """Bodies in one SQLite file of ``folder``, which is made when the first one comes. Safe to use from threads.

    What is kept waits in memory for its transaction; reading sees it all the same. All raise sqlite3.Error.
    """

    def __init__(self, folder: Path, now: Callable[[], int] = time.time_ns) -> None:
        self._path = folder / NAME
        self._now = now
        self._lock = Lock()
        self._waiting: dict[str, tuple[bytes, int]] = {}
        self._opened: sqlite3.Connection | None = None

    def keep(self, sha256: str, body: bytes) -> None:
        """Keep a body, or mark it as used just now where it is known."""
        with self._lock:
            self._waiting[sha256] = (body, self._now())
            if len(self._waiting) >= WAITING:
                self._store()

    def flush(self) -> None:
        """Store what waits."""
        with self._lock:
            self._store()

    def read(self, sha256: str) -> bytes | None:
        """Return a body, and mark it as used just now; None where it is not here."""
        with self._lock:
            self._store()
            found = self._connection().execute("SELECT bytes FROM body WHERE sha256 = ?", [sha256]).fetchone()
            if found is not None:
                self._change("UPDATE body SET used = ? WHERE sha256 = ?", [(self._now(), sha256)])
        return None if found is None else bytes(found[0])

    def holds(self, sha256: str) -> bool:
        """Return whether a body is here."""
        with self._lock:
            self._store()
            found = self._connection().execute("SELECT 1 FROM body WHERE sha256 = ?", [sha256]).fetchone()
        return found is not None

    def sizes(self) -> dict[str, tuple[int, int]]:
        """Return when each body was last used (nanoseconds since 1970) and its bytes, by digest."""
        with self._lock:
            self._store()
            found = self._connection().execute("SELECT sha256, used, length(bytes) FROM body").fetchall()
        return {sha256: (used, size) for sha256, used, size in found}

    def remove(self, digests: list[str]) -> None:
        """Remove bodies, and give the disk back the room they took."""
        if digests:
            with self._lock:
                self._store()
                self._change("DELETE FROM body WHERE sha256 = ?", [(sha256,) for sha256 in digests])
                self._connection().execute("PRAGMA incremental_vacuum").fetchall()

    def close(self) -> None:
        """Store what waits and close the file; what comes later opens it again."""
        with self._lock:
            self._store()
            if self._opened is not None:
                self._opened.close()
                self._opened = None

    def _store(self) -> None:
        if self._waiting:
            self._change(_KEEP, [(sha256, *waiting) for sha256, waiting in self._waiting.items()])
            self._waiting.clear()

    def _change(self, sql: str, rows: list[tuple[object, ...]]) -> None:
        connection = self._connection()
        try:
            connection.execute("BEGIN")
            connection.executemany(sql, rows)
            connection.execute("COMMIT")
        except sqlite3.Error:
            with suppress(sqlite3.Error):
                connection.execute("ROLLBACK")
            raise

    def _connection(self) -> sqlite3.Connection:
        if self._opened is None:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            opened = sqlite3.connect(self._path, timeout=30, isolation_level=None, check_same_thread=False)
            opened.execute("PRAGMA auto_vacuum=INCREMENTAL")  # heard only before there is a table
            opened.execute("PRAGMA journal_mode=WAL")
            opened.execute("PRAGMA synchronous=NORMAL")
            opened.execute(_TABLE)
            self._opened = opened
        return self._opened
