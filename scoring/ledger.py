"""Keeping answers, scores and tasks: a row stands until something else is true, then another takes its place."""

import json
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime
from operator import itemgetter
from typing import Any

from sqlite_utils import Database

from harvester.clock import iso
from scoring.criteria.base import Answer
from scoring.measures.base import Measured
from scoring.score import Score
from scoring.worklist import Task, due

Row = Mapping[str, Any]
ScoreKey = tuple[str, str, str]
"""Subject type, subject, pillar."""
Taken = tuple[str, Measured]
"""A dataset's name, and one of its measures."""


# One encoder for all: json.dumps would make one for each of half a million answers.
_as_json = json.JSONEncoder(ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode


def evidence(answer: Answer | Task) -> str:
    """Return the facts and the visits that prove an answer, as the small JSON that is stored."""
    stored = {"facts": dict(answer.facts), **({"visits": list(answer.visits)} if answer.visits else {})}
    return _as_json(stored)


def _marks(names: Collection[str]) -> str:
    return ",".join("?" * len(names))


def keep_answers(db: Database, run: int, since: str, datasets: Sequence[str], answers: Iterable[Answer]) -> int:
    """Store the answers of ``datasets`` (all of them) and return how many changed.

    An answer is another one when its value or its reason is, or whether its question arises; the same answer with
    newer evidence keeps its row and its ``since``. What no longer has an answer (a resource that was withdrawn) is
    closed.
    """
    wheres = f"until IS NULL AND dataset IN ({_marks(datasets)})"
    sql = f"SELECT dataset, resource, criterion, value, reason, applies, evidence, since FROM answer WHERE {wheres}"  # noqa: S608 - only marks
    standing = {tuple(row[:3]): row[3:] for row in db.execute(sql, list(datasets))}
    added, refreshed, closed = [], [], []
    for answer in answers:
        key = (answer.dataset, answer.resource, answer.criterion)
        old, proof = standing.pop(key, None), evidence(answer)
        if old and old[:3] == (answer.value, answer.reason, answer.applies):
            if old[3] != proof:
                refreshed.append((proof, *key))
            continue
        if old and old[4] != since:
            closed.append((since, *key))
        added.append((*key, since, answer.value, answer.reason, int(answer.applies), proof, run))
    closed += [(since, *key) for key in standing]
    of_one = "WHERE dataset = ? AND resource = ? AND criterion = ? AND until IS NULL"
    db.conn.executemany(f"UPDATE answer SET evidence = ? {of_one}", refreshed)  # noqa: S608 - constants only
    db.conn.executemany(f"UPDATE answer SET until = ? {of_one}", closed)  # noqa: S608 - constants only
    db.conn.executemany(
        "INSERT OR REPLACE INTO answer (dataset, resource, criterion, since, value, reason, applies, evidence, run)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
        added,
    )
    return len(added)


def keep_measures(db: Database, run: int, since: str, datasets: Sequence[str], measured: Iterable[Taken]) -> int:
    """Store the measures of ``datasets`` (all of them, each with its dataset) and return how many changed.

    A measure is another one when its value, its bounds or its reason are; with newer evidence only it keeps its row.
    """
    wheres = f"until IS NULL AND dataset IN ({_marks(datasets)})"
    sql = f"SELECT dataset, measure, value, low, high, reason, evidence, since FROM measure WHERE {wheres}"  # noqa: S608 - only marks
    standing = {(row[0], row[1]): row[2:] for row in db.execute(sql, list(datasets))}
    added, refreshed, closed = [], [], []
    for dataset, each in measured:
        key, proof = (dataset, each.measure), _as_json({"facts": dict(each.facts)})
        old = standing.pop(key, None)
        if old and old[:4] == (each.value, each.low, each.high, each.reason):
            if old[4] != proof:
                refreshed.append((proof, *key))
            continue
        if old and old[5] != since:
            closed.append((since, *key))
        added.append((*key, since, each.value, each.low, each.high, int(each.applies), each.reason, proof, run))
    closed += [(since, *key) for key in standing]
    of_one = "WHERE dataset = ? AND measure = ? AND until IS NULL"
    db.conn.executemany(f"UPDATE measure SET evidence = ? {of_one}", refreshed)  # noqa: S608 - constants only
    db.conn.executemany(f"UPDATE measure SET until = ? {of_one}", closed)  # noqa: S608 - constants only
    db.conn.executemany(
        "INSERT OR REPLACE INTO measure (dataset, measure, since, value, low, high, applies, reason, evidence, run)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        added,
    )
    return len(added)


def keep_scores(db: Database, run: int, since: str, profile: str, digest: str, scores: Mapping[ScoreKey, Score]) -> int:
    """Store all scores of some subjects of one profile and return how many changed; one that is the same keeps its row.

    What a subject has no score of any more (a pillar that none of its datasets is asked about) is closed.
    """
    subjects: dict[str, set[str]] = {}
    for kind, subject, _ in scores:
        subjects.setdefault(kind, set()).add(subject)
    standing: dict[ScoreKey, tuple[Any, ...]] = {}
    for kind, names in subjects.items():
        wheres = f"until IS NULL AND profile = ? AND subject_type = ? AND subject IN ({_marks(names)})"
        sql = (
            f"SELECT subject, pillar, since, point, low, high, known, n, parts, rubric_digest FROM score WHERE {wheres}"  # noqa: S608 - only marks
        )
        rows = db.execute(sql, [profile, kind, *sorted(names)])
        standing |= {(kind, row[0], row[1]): tuple(row[2:]) for row in rows}
    added, closed = [], []
    for key, score in sorted(scores.items(), key=itemgetter(0)):
        now = (score.point, score.low, score.high, score.known, score.n, _as_json(score.parts), digest)
        old = standing.pop(key, None)
        if old and old[1:] == now:
            continue
        if old and old[0] != since:
            closed.append((since, *key, profile))
        added.append((*key, profile, since, *now, run))
    closed += [(since, *key, profile) for key in standing]
    db.conn.executemany(
        "UPDATE score SET until = ? WHERE subject_type = ? AND subject = ? AND pillar = ? AND profile = ?"
        " AND until IS NULL",
        closed,
    )
    db.conn.executemany(
        "INSERT OR REPLACE INTO score (subject_type, subject, pillar, profile, since, point, low, high, known, n,"
        " parts, rubric_digest, run) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        added,
    )
    return len(added)


def keep_tasks(
    db: Database, as_of: datetime, datasets: Sequence[str], found: Iterable[Task], settled: frozenset[tuple[str, ...]]
) -> int:
    """Store what is to be mended in ``datasets`` and return how many tasks were opened or reopened.

    Evidence alone opens, closes and reopens. ``settled`` are the (dataset, resource, criterion) whose answer is yes;
    a task whose answer is unknown now stays as it was, and one whose subject is gone is closed.
    """
    wheres = f"dataset IN ({_marks(datasets)})"
    known = {
        (row["dataset"], row["resource"], row["criterion"]): row
        for row in db.query(f"SELECT * FROM task WHERE {wheres}", list(datasets))  # noqa: S608 - only marks
    }
    moment, opened, rows = iso(as_of), 0, []
    for task in found:
        key = (task.dataset, task.resource, task.criterion)
        old = known.get(key)
        starts = old is None or old["closed"] is not None
        limit = iso(due(as_of, task.severity)) if old is None or starts else _kept_due(old, as_of, task)
        first = moment if old is None else old["opened"]
        again = moment if old is not None and starts else (old["reopened"] if old else None)
        opened += starts
        rows.append((*key, first, limit, again, task.severity, task.points, task.reason, evidence(task)))
    db.conn.executemany(
        "INSERT OR REPLACE INTO task (dataset, resource, criterion, opened, due, closed, reopened, severity, points,"
        " reason, evidence) VALUES (?, ?, ?, ?, ?, NULL, ?, ?, ?, ?, ?)",
        rows,
    )
    done = [key for key, row in known.items() if row["closed"] is None and key in settled]
    db.conn.executemany(
        "UPDATE task SET closed = ? WHERE dataset = ? AND resource = ? AND criterion = ? AND closed IS NULL",
        [(moment, *key) for key in done],
    )
    return opened


def _kept_due(old: Row, as_of: datetime, task: Task) -> str:
    """A task that stays open keeps its day; where it got worse, the shorter time runs from now if that is sooner."""
    return str(old["due"]) if task.severity >= old["severity"] else min(str(old["due"]), iso(due(as_of, task.severity)))


def close_withdrawn_resources(db: Database, since: str, datasets: Sequence[str]) -> None:
    """Close every task of ``datasets`` whose resource is no longer in the catalogue."""
    here = "(SELECT shared_id FROM resource WHERE withdrawn_at IS NULL)"
    db.execute(
        f"UPDATE task SET closed = ? WHERE closed IS NULL AND dataset IN ({_marks(datasets)})"  # noqa: S608 - only marks
        f" AND resource <> '' AND resource NOT IN {here}",
        [since, *datasets],
    )


def close_withdrawn(db: Database, since: str, profile: str) -> None:
    """Close every answer, score and task whose dataset, resource or group is no longer in the catalogue."""
    gone = "(SELECT name FROM dataset WHERE withdrawn_at IS NULL)"
    here = "(SELECT shared_id FROM resource WHERE withdrawn_at IS NULL)"
    for table in ("answer", "measure"):
        db.execute(f"UPDATE {table} SET until = ? WHERE until IS NULL AND dataset NOT IN {gone}", [since])  # noqa: S608 - our own names
    db.execute(
        f"UPDATE task SET closed = ? WHERE closed IS NULL"  # noqa: S608 - constants only
        f" AND (dataset NOT IN {gone} OR (resource <> '' AND resource NOT IN {here}))",
        [since],
    )
    for kind, live in (
        ("dataset", "SELECT name FROM dataset WHERE withdrawn_at IS NULL"),
        ("provider", "SELECT provider FROM dataset WHERE withdrawn_at IS NULL"),
        ("category", "SELECT category FROM dataset WHERE withdrawn_at IS NULL AND category IS NOT NULL"),
        ("portal", "SELECT '' FROM dataset WHERE withdrawn_at IS NULL"),
    ):
        db.execute(
            f"UPDATE score SET until = ? WHERE until IS NULL AND profile = ? AND subject_type = ?"  # noqa: S608
            f" AND subject NOT IN ({live})",
            [since, profile, kind],
        )
