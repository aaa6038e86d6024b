"""Whether the published catalogue is behind the workshop: then it is time to publish."""

import sqlite3
from contextlib import closing
from pathlib import Path

from harvester.replies import beside

OTHER_STATE = """
    SELECT 1 FROM workshop.spell mine JOIN main.spell theirs ON theirs.url = mine.url AND theirs.until IS NULL
    WHERE mine.until IS NULL AND mine.state <> theirs.state LIMIT 1
"""
NEW_JUDGEMENT = """
    SELECT 1 FROM workshop.run WHERE state = 'done' AND id > (SELECT coalesce(max(id), 0) FROM main.run)
        AND (kind = 'score' OR (kind = 'validate' AND coalesce(json_extract(counts, '$.contents'), 0) > 0)) LIMIT 1
"""
ANSWERED = """
    SELECT 1 FROM officers.reply WHERE at >= (SELECT value FROM main.meta WHERE key = 'built')
    UNION ALL SELECT 1 FROM officers.recheck WHERE settled >= (SELECT value FROM main.meta WHERE key = 'built') LIMIT 1
"""
SCORED = "SELECT 1 FROM run WHERE kind = 'score' AND state = 'done' LIMIT 1"


def is_behind(harvest_db: Path, catalog: Path) -> bool:
    """Return whether the workshop knows what the catalogue does not tell.

    That is an address in another state, a body judged, a score made, an officer's answer or what came of it since. True
    where there is no catalogue, or one
    that cannot be read, and something to publish. Nothing is written, and no lock is needed. Raises sqlite3.Error where
    the workshop cannot be read.
    """
    with closing(sqlite3.connect(_read_only(harvest_db), uri=True)) as workshop:
        if workshop.execute(SCORED).fetchone() is None:
            return False
    if not catalog.exists():
        return True
    with closing(sqlite3.connect(_read_only(catalog), uri=True)) as connection:
        try:
            connection.execute("SELECT max(id) FROM run").fetchone()
            connection.execute("SELECT url, state, until FROM spell LIMIT 1").fetchone()
        except sqlite3.DatabaseError:
            return True
        connection.execute("ATTACH ? AS workshop", [_read_only(harvest_db)])
        if any(connection.execute(sql).fetchone() for sql in (OTHER_STATE, NEW_JUDGEMENT)):
            return True
        officers = beside(harvest_db)
        if not officers.exists():
            return False
        connection.execute("ATTACH ? AS officers", [_read_only(officers)])
        return connection.execute(ANSWERED).fetchone() is not None


def _read_only(path: Path) -> str:
    return f"{path.resolve().as_uri()}?mode=ro"
