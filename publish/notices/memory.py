"""What was told to whom, in the workshop: read, and written down around each attempt to send."""

from collections.abc import Iterable, Mapping
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from sqlite_utils import Database

from harvester.clock import iso
from harvester.store.workshop import connect
from publish.notices.digest import TRIES
from publish.notices.records import Digest, Recipient, Told

KEPT = timedelta(days=400)
"""How long it is remembered that something was mended, and what recipients were told whom the settings name no more."""
CUT_OFF = "cut off while it was being sent"
MOST_ERROR = 300


@dataclass(frozen=True, slots=True)
class Turn:
    """How far a recipient was told of one provider. Moments are ISO 8601 UTC, None before there was one."""

    turn: str | None = None
    first: str | None = None
    tried: str | None = None
    failures: int = 0
    error: str | None = None
    given_up: str | None = None


def told(db: Database, recipient: str) -> dict[str, Told]:
    """Return what a recipient was told last, by the key of the task."""
    sql = "SELECT subject, state, at FROM notice WHERE recipient = ?"
    return {row["subject"]: Told(row["state"], row["at"]) for row in db.query(sql, [recipient])}


def doubted(db: Database, recipient: str) -> frozenset[str]:
    """Return the keys of tasks of which a recipient may have been told, in a message nobody knows to have arrived."""
    sql = "SELECT subject FROM notice_doubt WHERE recipient = ?"
    return frozenset(row["subject"] for row in db.query(sql, [recipient]))


def turn_of(db: Database, recipient: str, provider: str) -> Turn:
    """Return how far a recipient was told of a provider."""
    sql = "SELECT turn, first, tried, failures, error, given_up FROM notice_turn WHERE recipient = ? AND provider = ?"
    return next((Turn(**row) for row in db.query(sql, [recipient, provider])), Turn())


@dataclass(frozen=True, slots=True)
class Reach:
    """How a recipient was reached of late, whatever the provider: failures since a message last arrived there.

    ``tried`` is the last of those attempts (ISO 8601 UTC), ``dead`` whether the recipient was given up with them.
    """

    failures: int
    tried: str | None
    dead: bool


REACH_SQL = """
SELECT coalesce(sum(failures), 0), max(tried), coalesce(max(given_up IS NOT NULL), 0) FROM notice_turn
WHERE recipient = :key AND failures > 0
  AND tried > coalesce((SELECT max(told) FROM notice WHERE recipient = :key), '')
"""


def reach(db: Database, recipient: str) -> Reach:
    """Return how a recipient was reached of late: what is told of many providers is tried on it once, not for each."""
    failures, tried, dead = db.execute(REACH_SQL, {"key": recipient}).fetchone()
    return Reach(failures, tried, bool(dead))


def name(db: Database, named: Iterable[tuple[Recipient, str]], now: datetime) -> None:
    """Write down which recipients the settings name for which providers, and by which names."""
    with db.atomic():
        db.conn.executemany(
            "INSERT INTO notice_turn (recipient, provider, name, seen) VALUES (?, ?, ?, ?)"
            " ON CONFLICT (recipient, provider) DO UPDATE SET name = excluded.name, seen = excluded.seen",
            [(recipient.key, provider, recipient.name, iso(now)) for recipient, provider in named],
        )


def done_with(db: Database, recipient: Recipient, provider: str, turn: str) -> None:
    """Write down that a turn had nothing to tell."""
    with db.atomic():
        db.execute(
            "UPDATE notice_turn SET turn = ?, failures = 0, error = NULL WHERE recipient = ? AND provider = ?",
            [turn, recipient.key, provider],
        )


def begin(
    db: Database, recipient: Recipient, provider: str, subjects: Iterable[tuple[str, str, str]], now: datetime
) -> int:
    """Write down an attempt before it is made, with what it tells, and return the how many-eth in a row it is.

    It counts as failed until something else is known, so that one that kills this process is not made for ever.
    """
    with db.atomic():
        db.conn.executemany(
            "INSERT OR REPLACE INTO notice_doubt (recipient, subject, tried) VALUES (?, ?, ?)",
            [(recipient.key, key, iso(now)) for key, _, _ in subjects],
        )
        db.execute(
            "UPDATE notice_turn SET tried = ?, failures = failures + 1, error = ? WHERE recipient = ? AND provider = ?",
            [iso(now), CUT_OFF, recipient.key, provider],
        )
    return turn_of(db, recipient.key, provider).failures


def arrived(
    db: Database, recipient: Recipient, provider: str, turn: str, subjects: Iterable[tuple[str, str, str]],
    digest: str, now: datetime,
) -> None:  # fmt: skip
    """Write down that a message arrived, and all it told: ``subjects`` are each a key, a state and its moment."""
    moment = iso(now)
    rows = [(recipient.key, key, provider, state, at, moment, digest) for key, state, at in subjects]
    with db.atomic():
        db.conn.executemany(
            "INSERT OR REPLACE INTO notice (recipient, subject, provider, state, at, told, digest)"
            " VALUES (?, ?, ?, ?, ?, ?, ?)",
            rows,
        )
        db.conn.executemany("DELETE FROM notice_doubt WHERE recipient = ? AND subject = ?", [row[:2] for row in rows])
        db.execute(
            "UPDATE notice_turn SET turn = ?, first = coalesce(first, ?), failures = 0, error = NULL, given_up = NULL"
            " WHERE recipient = ? AND provider = ?",
            [turn, moment, recipient.key, provider],
        )


def failed(db: Database, recipient: Recipient, provider: str, error: str, now: datetime) -> bool:
    """Write down why an attempt failed and return whether the recipient is given up with it."""
    over = max(turn_of(db, recipient.key, provider).failures, reach(db, recipient.key).failures) >= TRIES
    with db.atomic():
        db.execute(
            "UPDATE notice_turn SET error = ?, given_up = ? WHERE recipient = ? AND provider = ?",
            [error[:MOST_ERROR], iso(now) if over else None, recipient.key, provider],
        )
    return over


def take_back(db: Database, recipient: Recipient) -> None:
    """Let a recipient that was given up, or waits to be tried again, be told as any other."""
    with db.atomic():
        db.execute(
            "UPDATE notice_turn SET failures = 0, error = NULL, given_up = NULL WHERE recipient = ?", [recipient.key]
        )


def follow(db: Database, renames: Mapping[str, str]) -> None:
    """Let what was told of a provider's old slug stand for its new one."""
    with db.atomic():
        for old, new in renames.items():
            db.execute("UPDATE OR IGNORE notice_turn SET provider = ? WHERE provider = ?", [new, old])
            db.execute("DELETE FROM notice_turn WHERE provider = ?", [old])
            db.execute("UPDATE notice SET provider = ? WHERE provider = ?", [new, old])


def prune(db: Database, now: datetime) -> None:
    """Forget what nobody will ask for: see ``KEPT``."""
    limit = iso(now - KEPT)
    with db.atomic():
        db.execute("DELETE FROM notice_turn WHERE seen < ?", [limit])
        db.execute("DELETE FROM notice WHERE state <> 'open' AND told < ?", [limit])
        db.execute("DELETE FROM notice WHERE recipient NOT IN (SELECT recipient FROM notice_turn)")
        db.execute("DELETE FROM notice_doubt WHERE tried < ?", [limit])


def subjects(digest: Digest) -> list[tuple[str, str, str]]:
    """Return what a digest tells as ``arrived`` writes it down."""
    return [(task.key, str(task.state), task.at) for task in digest.all]


def lines(path: Path) -> list[str]:
    """Return which recipients could not be told last, for `barometer status`: no address, a line each."""
    sql = "SELECT * FROM notice_turn WHERE error IS NOT NULL ORDER BY provider, name"
    with closing(connect(path, create=False).conn) as connection:
        return [_line(row) for row in Database(connection).query(sql)]


def _line(row: Mapping[str, str]) -> str:
    about, then = row["provider"] or "failed runs", "given up" if row["given_up"] else "to be tried again"
    return f"notify: {row['name']} was not told of {about} ({then}): {row['error']}"
