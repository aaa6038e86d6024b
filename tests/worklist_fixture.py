"""The small hostile catalogue with tasks that were closed, reopened and withdrawn, for the worklist's tests."""

import json
import sqlite3
from datetime import UTC, datetime
from pathlib import Path

from publish.build import publish
from publish.task_history import task_key
from tests.catalogue_fixture import LAST, fill

FIRST, SECOND, THIRD = "2026-11-01T02:00:00Z", "2026-11-05T02:00:00Z", "2026-11-12T02:00:00Z"
MENDED = ("hk-hko-uv", "", "contact")
"""Closed on its second scan, and not open since."""
BACK = ("hk-hko-uv", "", "dictionary")
"""Closed on the second scan and open again since the third."""
GONE = ("hk-td-signs", "", "contact")
"""Open until its dataset was withdrawn."""
LATE = ("hk-hko-uv", "", "metadata")
"""Due before the last scan."""
NASTY = '=HYPERLINK("http://evil.example")\x00\ufffe\ud800<script>alert(1)</script>\u202eX' + "長" * 40_000


def key(task: tuple[str, str, str]) -> str:
    return task_key(*task)


def _answer(db: sqlite3.Connection, task: tuple[str, str, str], since: str, until: str | None, value: float | None,
            reason: str) -> None:  # fmt: skip
    evidence = json.dumps({"facts": {"file": "x"}, "visits": [1]})
    db.execute(
        "INSERT INTO answer (dataset, resource, criterion, since, value, reason, evidence, run, until)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, 4, ?)",
        [*task, since, value, reason, evidence, until],
    )


def _task(db: sqlite3.Connection, task: tuple[str, str, str], opened: str, **other: object) -> None:
    row = {"due": "2026-12-20T02:00:00Z", "closed": None, "reopened": None, "severity": 8, "points": 0.0,
           "reason": "none", "evidence": "{}", **other}  # fmt: skip
    names = ", ".join(("dataset", "resource", "criterion", "opened", *row))
    marks = ", ".join("?" * (4 + len(row)))
    db.execute(f"INSERT INTO task ({names}) VALUES ({marks})", [*task, opened, *row.values()])  # noqa: S608 - our names


def enrich(harvest: Path) -> None:
    """Add the four tasks, with the answers that made them, and three moves of scores, to a filled harvest.db."""
    db = sqlite3.connect(harvest)
    for task in (MENDED, GONE):
        db.execute("DELETE FROM task WHERE dataset = ? AND resource = ? AND criterion = ?", task)
        db.execute("DELETE FROM answer WHERE dataset = ? AND resource = ? AND criterion = ?", task)
    _answer(db, MENDED, FIRST, SECOND, 0.0, "none")
    _answer(db, MENDED, SECOND, None, 1.0, "complete")
    _task(db, MENDED, FIRST, closed=SECOND)
    _answer(db, BACK, FIRST, SECOND, 0.0, "none")
    _answer(db, BACK, SECOND, THIRD, 1.0, "readable")
    _answer(db, BACK, THIRD, None, 0.5, "document")
    _task(db, BACK, FIRST, reopened=THIRD, reason="document", points=1.5)
    _answer(db, GONE, FIRST, LAST, 0.0, "none")
    _task(db, GONE, FIRST, closed=LAST)
    _answer(db, LATE, FIRST, None, 0.0, "thin")
    _task(db, LATE, FIRST, due="2026-11-18T02:00:00Z", reason="thin")
    db.execute("UPDATE dataset SET title_en = ? WHERE name = 'hk-x-nothing'", [NASTY.replace("\ud800", "")])
    for name, before, known, digest in (("hk-hko-tide", 30.0, 0.9, "d1"), ("hk-hko-quake", 53.0, 0.9, "d1"),
                                        ("hk-td-ferry", 1.0, 0.3, "d1"),
                                        ("hk-td-parking", 1.0, 0.9, "d0")):  # fmt: skip
        db.execute(
            "INSERT INTO score (subject_type, subject, profile, pillar, since, point, low, high, known, n, parts,"
            " rubric_digest, run, until)"
            " SELECT subject_type, subject, profile, pillar, ?, ?, low, high, ?, n, parts, ?, run, since"
            " FROM score WHERE subject_type = 'dataset' AND subject = ? AND until IS NULL AND pillar = ''",
            [FIRST, before, known, digest, name],
        )
    db.commit()
    db.close()


def catalogue(folder: Path) -> Path:
    """Return a published catalogue of all that."""
    fill(folder / "harvest.db")
    enrich(folder / "harvest.db")
    publish(
        folder / "harvest.db", folder / "catalog.db", lambda: datetime(2026, 11, 23, tzinfo=UTC), "https://data.gov.hk"
    )
    return folder / "catalog.db"
