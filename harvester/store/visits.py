"""The visits' reads and writes: what is due in a run, and each shard of visits in one transaction."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from sqlite_utils import Database

from harvester.records import Outcome, Sniffed, Visit
from harvester.store.workshop import Run

AGAIN: frozenset[Outcome] = frozenset({"timeout", "server-error", "unreachable", "throttled"})
"""Outcomes that may be one bad minute: they are asked for once more, at the end of the host's queue."""


@dataclass(frozen=True, slots=True)
class Due:
    """One address to visit: its row, the host whose queue it stands in, and which attempt this is."""

    id: int
    url: str
    host: str
    attempt: int = 1


@dataclass(frozen=True, slots=True)
class Seen:
    """One visit made: the address's row, the visit, what the body is where one was kept, or why it was not."""

    url_id: int
    visit: Visit
    sniffed: Sniffed | None = None
    problem: str | None = None


_LIVE = """
    SELECT url.id, url.url, url.host FROM url
    WHERE url.id IN (
        SELECT resource.url FROM resource WHERE resource.withdrawn_at IS NULL AND resource.kind <> 'template'
        UNION
        SELECT dataset.dictionary FROM dataset WHERE dataset.withdrawn_at IS NULL AND dataset.dictionary IS NOT NULL
    )
"""


_FIRST = " AND url.id NOT IN (SELECT url FROM visit WHERE run = ?)"
_SECOND = """
    AND url.id IN (
        SELECT url FROM visit WHERE run = ? GROUP BY url
        HAVING max(attempt) = 1 AND max(outcome) IN (SELECT value FROM json_each(?))
    )
"""
_ORDER = " ORDER BY url.host, url.id"


def due(db: Database, run: Run) -> list[Due]:
    """Return the addresses of live resources and dictionaries that this run still has to visit, by host.

    Templates are not visited. An address whose first attempt may have met a bad minute, and which was interrupted
    before its second, is due for that.
    """
    plan = [Due(*row) for row in db.execute(_LIVE + _FIRST + _ORDER, [run.id])]
    again = db.execute(_LIVE + _SECOND + _ORDER, [run.id, json.dumps(sorted(AGAIN))])
    return plan + [Due(id_, url, host, 2) for id_, url, host in again]


def save_visits(db: Database, run: Run, shard: Sequence[Seen]) -> None:
    """Store a shard of visits, and a row for each content met for the first time, in one transaction."""
    with db.atomic():
        for seen in shard:
            if seen.sniffed is not None and seen.visit.sha256 is not None:
                _save_content(db, seen.visit, seen.sniffed)
            _save_visit(db, run, seen)


def counts(db: Database, run: Run) -> dict[str, int]:
    """Return this run's visits and the addresses' last outcomes, read from what is stored."""
    sql = """
        SELECT outcome, count(*) FROM visit WHERE run = ?1
        AND attempt = (SELECT max(attempt) FROM visit AS other WHERE other.run = ?1 AND other.url = visit.url)
        GROUP BY outcome
    """
    found = {str(outcome): int(count) for outcome, count in db.execute(sql, [run.id])}
    visits = int(db.execute("SELECT count(*) FROM visit WHERE run = ?", [run.id]).fetchone()[0])
    return {"visits": visits, "urls": sum(found.values()), **found}


def validated(db: Database) -> Iterator[str]:
    """Yield the digests of the contents that have their verdict."""
    return (row[0] for row in db.execute("SELECT sha256 FROM content WHERE verdict IS NOT NULL"))


def _save_content(db: Database, visit: Visit, sniffed: Sniffed) -> None:
    """Insert what a body is, without a verdict; how far a machine can use it is for validation to say."""
    row = [
        visit.sha256, visit.bytes, visit.complete, sniffed.format, sniffed.nature, sniffed.encoding, sniffed.bom,
        json.dumps(sniffed.members, ensure_ascii=False), visit.started,
    ]  # fmt: skip
    db.execute(
        """
        INSERT OR IGNORE INTO content
            (sha256, bytes, complete, format, nature, ladder, encoding, bom, members, first_seen)
        VALUES (?, ?, ?, ?, ?, 'unknown', ?, ?, ?, ?)
        """,
        row,
    )


def _save_visit(db: Database, run: Run, seen: Seen) -> None:
    visit = seen.visit
    row = {
        "url": seen.url_id, "run": run.id, "attempt": visit.attempt, "started": visit.started,
        "outcome": visit.outcome, "status": visit.status, "first_byte_ms": visit.first_byte_ms,
        "milliseconds": visit.milliseconds, "bytes": visit.bytes, "declared_bytes": visit.declared_bytes,
        "content_type": visit.content_type, "etag": visit.etag, "last_modified": visit.last_modified,
        "served_at": visit.served_at, "redirects": json.dumps(visit.redirects),
        "certificate_days": visit.certificate_days, "sha256": visit.sha256 if seen.sniffed else None,
        "complete": visit.complete, "error": visit.error,
    }  # fmt: skip
    marks = ", ".join(f":{name}" for name in row)
    db.execute(f"INSERT OR IGNORE INTO visit ({', '.join(row)}) VALUES ({marks})", row)  # noqa: S608 -- our own names
