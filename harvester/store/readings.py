"""What earlier harvests read and when, and what this one sets out to read: kept so that a run can be taken up again."""

import json
from collections.abc import Iterable, Mapping, Sequence

from sqlite_utils import Database

from harvester.plan import Known, Look
from harvester.records import Language
from harvester.store.workshop import Run


def known(db: Database) -> dict[str, Known]:
    """Return what is known of every dataset ever harvested."""
    read: dict[str, dict[Language, str]] = {}
    for name, language, at in db.execute("SELECT dataset, language, at FROM reading"):
        read.setdefault(name, {})[language] = at
    rows = db.execute("SELECT name, withdrawn_at IS NOT NULL FROM dataset")
    return {name: Known(read.get(name, {}), bool(withdrawn)) for name, withdrawn in rows}


def last_harvest(db: Database, run: Run) -> tuple[str, bool] | None:
    """Return when the last complete harvest before ``run`` began and whether the same code made it; None if none."""
    sql = """
        SELECT l.started, l.code_version = r.code_version FROM run l JOIN run r ON r.id = ?
        WHERE l.kind = 'harvest' AND l.state = 'done' AND l.id < r.id ORDER BY l.id DESC LIMIT 1
    """
    row = db.execute(sql, [run.id]).fetchone()
    return None if row is None else (row[0], bool(row[1]))


def failed_names(db: Database, run: Run) -> set[str]:
    """Return what could not be read in the last complete harvest before ``run``, or in any since."""
    sql = """
        SELECT item FROM failure WHERE run < :run AND run >= coalesce(
            (SELECT max(id) FROM run WHERE kind = 'harvest' AND state = 'done' AND id < :run), 0)
    """
    return {row[0] for row in db.execute(sql, {"run": run.id})}


def archive_asked(db: Database) -> str | None:
    """Return when the historical archive was last found to hold anything."""
    found = db.execute("SELECT max(archived_at) FROM url").fetchone()[0]
    return None if found is None else str(found)


def save_plan(db: Database, run: Run, looks: Iterable[Look]) -> None:
    """Store what ``run`` sets out to read, and forget what earlier ones did."""
    with db.atomic():
        db.execute("DELETE FROM planned WHERE run <> ?", [run.id])
        db.conn.executemany(
            "INSERT OR REPLACE INTO planned (run, dataset, reason, languages) VALUES (?, ?, ?, ?)",
            ([run.id, look.name, look.reason, json.dumps(look.languages)] for look in looks),
        )


def load_plan(db: Database, run: Run) -> list[Look]:
    """Return what ``run`` set out to read, by name; nothing where it has not yet planned."""
    rows = db.execute("SELECT dataset, reason, languages FROM planned WHERE run = ? ORDER BY dataset", [run.id])
    return [Look(name, reason, tuple(json.loads(languages))) for name, reason, languages in rows]


def digests(db: Database, run: Run) -> dict[tuple[str, Language], str | None]:
    """Return, for the datasets of the rotation and the sweep, the digest of each record as it was last read."""
    sql = """
        SELECT dataset, language, sha256 FROM reading JOIN planned USING (dataset)
        WHERE planned.run = ? AND planned.reason IN ('rotation', 'sweep')
    """
    return {(name, language): sha256 for name, language, sha256 in db.execute(sql, [run.id])}


def touch(db: Database, run: Run, unchanged: Mapping[str, Sequence[Language]]) -> None:
    """Note that these records of datasets were read and are what they were."""
    with db.atomic():
        db.conn.executemany(
            "UPDATE reading SET at = ?, run = ? WHERE dataset = ? AND language = ?",
            ([run.started, run.id, name, language] for name, languages in unchanged.items() for language in languages),
        )
        for sql in (
            "INSERT OR IGNORE INTO harvested (run, dataset) VALUES (?, ?)",
            "DELETE FROM failure WHERE run = ? AND item = ?",
        ):
            db.conn.executemany(sql, ([run.id, name] for name in unchanged))


def counts(db: Database, run: Run, listed: int) -> dict[str, int]:
    """Return how many records this run read of the ``listed`` ones, how many it left, and why each dataset was read."""
    read = int(db.execute("SELECT count(*) FROM reading WHERE run = ?", [run.id]).fetchone()[0])
    sql = "SELECT reason, count(*) FROM planned WHERE run = ? GROUP BY reason ORDER BY reason"
    return {
        "records_read": read,
        "records_left": max(0, listed - read),
        **{f"why_{reason}": number for reason, number in db.execute(sql, [run.id])},
    }
