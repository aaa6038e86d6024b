"""What officers answer to a flag: the file it is kept in, and the re-checks they ask for and are told about."""

import json
import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path

from harvester.clock import Clock, iso
from harvester.errors import NotOurDatabaseError
from harvester.rechecked import Rechecked

APPLICATION = 0x6F666672
"""SQLite's application_id of officers.db, by which it is known for ours."""
VERSION = 1
"""SQLite's user_version: of the schema in ``officers.sql``."""
PATIENCE = 30.0
"""Seconds to wait for another writer: the desk and a scan work on one file."""
WAITING_SQL = """
SELECT c.dataset, c.asked, c.officer,
       (SELECT max(r.id) FROM reply r WHERE r.dataset = c.dataset AND r.kind = 'mended') AS last
FROM recheck c WHERE c.settled IS NULL ORDER BY c.asked, c.id
"""
SETTLE_SQL = "UPDATE recheck SET settled = ?, upto = ?, told = ? WHERE dataset = ? AND settled IS NULL"
AGAIN_SQL = """
INSERT INTO recheck (dataset, asked, officer)
SELECT dataset, at, officer FROM reply WHERE dataset = ? AND kind = 'mended' AND id > ? ORDER BY id LIMIT 1
"""
"""What was said to be mended while the re-check was under way is looked at once more."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """A re-check that an officer waits for: the dataset, when it was asked for (ISO 8601 UTC) and by whom.

    ``last`` is the number of the last reply that it is to answer.
    """

    dataset: str
    asked: str
    officer: str
    last: int


def beside(db: Path) -> Path:
    """Return where the officers' replies to the findings of a workshop are kept: ``officers.db`` in its folder."""
    return db.with_name("officers.db")


@contextmanager
def opened(officers: Path) -> Iterator[sqlite3.Connection]:
    """Open officers.db, making it (readable by its owner only) where there is none, and close it with the block.

    It is in WAL mode, each statement a transaction of its own unless the block begins one. Raises NotOurDatabaseError
    where the folder is missing, or the file is not SQLite, not ours or of another version.
    """
    if not officers.parent.is_dir():
        raise NotOurDatabaseError(f"There is no folder {officers.parent}: make it, or name another place with --db.")
    officers.touch(mode=0o600)
    with closing(sqlite3.connect(officers, timeout=PATIENCE, isolation_level=None)) as connection:
        try:
            connection.execute("PRAGMA journal_mode=WAL")
            connection.execute("PRAGMA synchronous=FULL")  # what an officer was told is kept must outlive a power cut
            _make(connection)
            known = _known(connection)
        except sqlite3.DatabaseError as error:
            if getattr(error, "sqlite_errorname", "") != "SQLITE_NOTADB":
                raise
            known = False
        if not known:
            raise NotOurDatabaseError(f"{officers} does not hold officers' replies: move it away.")
        yield connection


def _known(connection: sqlite3.Connection) -> bool:
    told = [connection.execute(f"PRAGMA {name}").fetchone()[0] for name in ("application_id", "user_version")]
    return told == [APPLICATION, VERSION]


def _make(connection: sqlite3.Connection) -> None:
    """Give an empty file its tables, once, whoever comes first."""
    if _known(connection):
        return
    connection.execute("BEGIN IMMEDIATE")
    try:
        if not connection.execute("SELECT count(*) FROM sqlite_master").fetchone()[0]:
            script = files("harvester.store").joinpath("officers.sql").read_text(encoding="utf-8")
            for statement in _statements(script):
                connection.execute(statement)
            connection.execute(f"PRAGMA application_id = {APPLICATION}")
            connection.execute(f"PRAGMA user_version = {VERSION}")
        connection.execute("COMMIT")
    except sqlite3.DatabaseError:
        connection.execute("ROLLBACK")
        raise


def _statements(script: str) -> Iterator[str]:
    """Yield the statements of a script one by one: `executescript` would end our transaction before it begins."""
    gathered = ""
    for line in script.splitlines(keepends=True):
        gathered += line
        if sqlite3.complete_statement(gathered):
            yield gathered
            gathered = ""


def waiting(officers: Path) -> tuple[Wanted, ...]:
    """Return the re-checks that wait, the oldest first; none where no officer has ever answered."""
    if not officers.exists():
        return ()
    with opened(officers) as connection:
        return tuple(Wanted(*row) for row in connection.execute(WAITING_SQL))


def outcome(found: Rechecked) -> dict[str, object]:
    """Return what the desk tells of a re-check, small plain values: what `settled` is to be told.

    ``was`` and ``now`` are the dataset's points (0-100, None where there are none), ``gained`` their difference,
    ``closed``, ``opened`` and ``open`` numbers of tasks and ``mended`` the (resource, criterion) of those closed;
    ``unsure`` are the resources ('' for the dictionary) that are
    said to work again only once another visit confirms it, the earliest at ``again``; ``failed`` what could not be
    looked at.
    """
    unsure = [each for each in found.addresses if each.confirmed_from]
    return {
        "was": found.before.point if found.before else None,
        "now": found.after.point if found.after else None,
        "gained": found.gained,
        "closed": len(found.closed),
        "mended": [[each.resource, each.criterion] for each in found.closed],
        "opened": len(found.opened),
        "open": len(found.still_open),
        "unsure": sorted({each.resource for each in unsure}),
        "again": min((each.confirmed_from for each in unsure if each.confirmed_from), default=None),
        "failed": [error for _item, error in found.failures],
    }


def settled(officers: Path, wanted: Wanted, told: Mapping[str, object], clock: Clock) -> None:
    """Note that a re-check was done and what it told; what was said to be mended meanwhile waits for another.

    ``told`` is kept as JSON and shown at the desk: what ``outcome`` gives, or ``failed`` alone, a list of sentences,
    where it could not be looked at at all. Settling what nobody waits for any more changes nothing.
    """
    kept = json.dumps(dict(told), ensure_ascii=False, sort_keys=True, default=str)
    with opened(officers) as connection:
        connection.execute("BEGIN IMMEDIATE")
        done = connection.execute(SETTLE_SQL, [iso(clock()), wanted.last, kept, wanted.dataset])
        if done.rowcount:
            connection.execute(AGAIN_SQL, [wanted.dataset, wanted.last])
        connection.execute("COMMIT")
