"""What the published catalogue says of tasks, providers and slugs that went on under another name."""

import sqlite3
from collections.abc import Mapping
from pathlib import Path

from harvester.errors import NotOurDatabaseError
from publish import queries
from publish.notices.records import Standing, State
from publish.queries import Row
from scoring.criteria.base import YES

STANDING_SQL = """
SELECT t.key, t.dataset, t.criterion, t.severity, t.points, t.due, t.opened, t.closed, t.reopened, a.value,
       d.withdrawn_at IS NOT NULL OR r.withdrawn_at IS NOT NULL AS gone
FROM dataset d JOIN task t ON t.dataset = d.name
LEFT JOIN resource r ON r.shared_id = t.resource
LEFT JOIN answer a ON a.dataset = t.dataset AND a.resource = t.resource AND a.criterion = t.criterion
                  AND a.until IS NULL
WHERE d.provider = ? ORDER BY t.key
"""
SEEN_SQL = "SELECT max(started) AS at FROM visit WHERE id IN (SELECT value FROM json_each(?))"


def opened(catalog: Path) -> sqlite3.Connection:
    """Return a connection that only reads. Raises NotOurDatabaseError where the file is no catalogue of ours."""
    try:
        connection = sqlite3.connect(f"{catalog.resolve().as_uri()}?mode=ro", uri=True)
        connection.execute("SELECT key FROM task LIMIT 1")
    except sqlite3.DatabaseError as error:
        raise NotOurDatabaseError(
            f"{catalog} is no catalogue of ours: run `barometer publish` first, or name another file with --catalog."
        ) from error
    return connection


def standing(connection: sqlite3.Connection, provider: str) -> list[Standing]:
    """Return every task a provider has or had, as it may be told of today."""
    return [_standing(row) for row in queries.rows(connection, STANDING_SQL, [provider])]


def _standing(row: Row) -> Standing:
    began = row["reopened"] or row["opened"]
    return Standing(
        row["key"], row["dataset"], row["criterion"], row["severity"], row["points"], row["due"], _state(row),
        row["closed"] or began, row["reopened"] is not None,
    )  # fmt: skip


def _state(row: Row) -> State | None:
    """Return what evidence that stands today says of a task: an unknown, and what is gone, says nothing."""
    if row["gone"] or row["value"] is None:
        return None
    if row["closed"] is None:
        return "open" if row["value"] < YES else None
    return "mended" if row["value"] == YES else None


def providers(connection: sqlite3.Connection) -> list[str]:
    """Return the slugs of all providers that have datasets."""
    sql = "SELECT DISTINCT provider FROM dataset WHERE withdrawn_at IS NULL ORDER BY provider"
    return [row["provider"] for row in queries.rows(connection, sql)]


def renames(connection: sqlite3.Connection) -> Mapping[str, str]:
    """Return slugs that are no provider's any more, each with the one it goes on under, however often it changed."""
    rows = queries.rows(connection, "SELECT old, new FROM provider_rename ORDER BY at")
    step, here = {row["old"]: row["new"] for row in rows}, set(providers(connection))
    found = {}
    for old in step.keys() - here:
        slug, seen = old, set[str]()
        while slug in step and slug not in seen and slug not in here:
            seen.add(slug)
            slug = step[slug]
        if slug in here:
            found[old] = slug
    return found


def seen(connection: sqlite3.Connection, visits: str) -> str | None:
    """Return when the newest of some visits (a JSON list of their numbers) was made; None where none is published."""
    row = queries.one(connection, SEEN_SQL, [visits])
    return row["at"] if row else None
