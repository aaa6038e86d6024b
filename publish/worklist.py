"""A provider's open tasks as its officer reads them: by gain, with the place in the file, and repeats told once."""

import json
import re
import sqlite3
from collections import defaultdict
from collections.abc import Iterable, Sequence
from itertools import islice
from typing import Any

from publish.i18n import Translator, mark
from publish.names import defect_name
from publish.queries import Row, rows, unpack
from publish.replies import dress
from publish.safe import short
from scoring.places import read_places
from scoring.sentences.effort import EXAMPLES, Effort, effort, gain_per_hour

MAX_TASKS = 5000
"""Tasks of one provider that are read; no provider of the portal comes near."""
MANY = 3
"""So many tasks that say the same of different datasets are told in one row, and can be opened."""
MAX_PLACES = 3
"""Places in a file that a task names; the dataset's page has more, and their full count."""

_TASK_SQL = """
SELECT t.*, d.title_en, d.title_tc, d.title_sc, d.provider, d.withdrawn_at, r.title_en AS resource_en,
       r.title_tc AS resource_tc, r.title_sc AS resource_sc, u.url AS address, c.title_en AS criterion_en
FROM dataset d JOIN task t ON t.dataset = d.name JOIN criterion c ON c.id = t.criterion
LEFT JOIN resource r ON r.shared_id = t.resource LEFT JOIN url u ON u.id = r.url
"""
TASKS_SQL = (
    _TASK_SQL
    + """
WHERE d.provider = ? AND d.withdrawn_at IS NULL AND t.closed IS NULL
ORDER BY t.points DESC, t.severity, t.due, t.dataset, t.resource, t.criterion LIMIT ?
"""
)
EVER_SQL = _TASK_SQL + "WHERE d.provider = ? ORDER BY t.dataset, t.resource, t.criterion"
KEY_SQL = _TASK_SQL + "WHERE t.key = ?"
SCORED_SQL = """
SELECT count(*) AS datasets FROM dataset_summary WHERE provider = ? AND point IS NOT NULL
AND NOT EXISTS (SELECT 1 FROM answer a WHERE a.dataset = dataset_summary.dataset AND a.resource = ''
                AND a.criterion = 'single' AND a.value = 0 AND a.until IS NULL)
"""
DEFECTS_SQL = """
SELECT resource, code, count, row, field, examples FROM (
    SELECT r.shared_id AS resource, f.code, f.count, f.row, f.field, f.examples,
           row_number() OVER (PARTITION BY r.shared_id ORDER BY f.count DESC, f.code) AS place
    FROM json_each(:resources) j CROSS JOIN resource r ON r.shared_id = j.value
    CROSS JOIN latest_visit l ON l.url = coalesce(r.example, r.url) CROSS JOIN defect f ON f.content = l.sha256)
WHERE place <= :most OR code IN (SELECT value FROM json_each(:told))
ORDER BY count DESC, code
"""
"""Of each resource the defects that tell most places, and those whose place some reason asks for by name."""
COMMON_SQL = """
SELECT f.*, c.title_en AS criterion_en, t.evidence, d.title_en, d.title_tc, d.title_sc,
       r.title_en AS resource_en, r.title_tc AS resource_tc, r.title_sc AS resource_sc
FROM common_fault f JOIN criterion c ON c.id = f.criterion JOIN dataset d ON d.name = f.dataset
JOIN task t ON t.dataset = f.dataset AND t.resource = f.resource AND t.criterion = f.criterion
LEFT JOIN resource r ON r.shared_id = f.resource
ORDER BY f.gain DESC, f.datasets DESC, f.criterion, f.reason LIMIT ?
"""
EFFORTS: dict[Effort, str] = {"minutes": mark("minutes"), "hours": mark("hours"), "days": mark("days")}
TELLING: dict[tuple[str, str], tuple[str, ...]] = {
    ("machine_readable", "invalid"): (),
    ("fields", "blank-labels"): ("blank-label",),
    ("fields", "duplicate-labels"): ("duplicate-label",),
    ("shape", "blank-label"): ("blank-label",),
    ("encoding", "undecodable"): ("encoding-error",),
}
"""Which of a file's defects say where a task's fault is: those of the codes named, all where none is."""
TOLD = frozenset[str]().union(*TELLING.values())

ROW = re.compile(r'(?:Row at position|in row) "(\d+)"')
COLUMN = re.compile(r'(?:field(?: "(?P<name>[^"]*)")?|in the header) at position "(?P<place>\d+)"')
CELL = re.compile(r'^Type error in the cell "(.*?)" in row')


def tasks(
    connection: sqlite3.Connection, provider: str, tr: Translator, limit: int = MAX_TASKS, scored: int = 0
) -> list[Row]:
    """Return a provider's open tasks, those that give most points back for their effort first.

    Each has its ``places`` in the reader's words, its ``effort``, an ``example`` of the mended thing (empty where none
    is written) and ``points_provider``, what the provider's score would gain, a mean over the ``scored``
    datasets that have one.
    """
    found = [unpack(row) for row in rows(connection, TASKS_SQL, [provider, limit])]
    found = _dressed(connection, found, tr, scored)
    found.sort(key=lambda task: -gain_per_hour(task["points"], task["criterion"], task["reason"]))
    return found


def of_key(connection: sqlite3.Connection, key: str, tr: Translator) -> Row | None:
    """Return one task, open or closed, with all that ``tasks`` gives it; None where no task has that key."""
    found = [unpack(row) for row in rows(connection, KEY_SQL, [key])]
    if not found:
        return None
    return _dressed(connection, found, tr, scored(connection, found[0]["provider"]))[0]


def ever(connection: sqlite3.Connection, provider: str) -> list[Row]:
    """Return every task a provider ever had, open and closed, with its ``effort`` and no words."""
    found = [unpack(row) for row in rows(connection, EVER_SQL, [provider])]
    dress(connection, found)
    return [{**task, "effort": effort(task["criterion"], task["reason"])} for task in found]


def _dressed(connection: sqlite3.Connection, found: list[Row], tr: Translator, scored: int) -> list[Row]:
    """Give tasks of one provider their places, effort, example and what the provider's score would gain."""
    defects: dict[str, list[Row]] = defaultdict(list)
    asked = {task["resource"] for task in found if (task["criterion"], task["reason"]) in TELLING}
    values = {"resources": json.dumps(sorted(asked)), "most": MAX_PLACES, "told": json.dumps(sorted(TOLD))}
    for defect in rows(connection, DEFECTS_SQL, values) if asked else ():
        defects[defect["resource"]].append(defect)
    for task in found:
        codes = TELLING.get((task["criterion"], task["reason"]))
        here = defects[task["resource"]] if codes is not None else []
        told = (unpack(each, "examples", []) for each in here if not codes or each["code"] in codes)
        task["file"] = file_name(task["address"])
        task["effort"] = effort(task["criterion"], task["reason"])
        word = EFFORTS[effort(task["criterion"], task["reason"])]
        task["effort_word"] = tr(word)
        task["points_provider"] = task["points"] / scored if scored else 0.0
        task["example"] = EXAMPLES.get((task["criterion"], task["reason"]), "")
        task["places"] = places(told, tr) or _take_places(task, tr)
    dress(connection, found, tr)
    return found


def _take_places(task: Row, tr: Translator) -> list[str]:
    """Return the places that an answer's own facts name, and take them out of its sentence: a list says them better.

    So files that share a fault still say the same of it, and are gathered.
    """
    facts = task["evidence"].get("facts")
    if not isinstance(facts, dict) or "places" not in facts:
        return []
    told = []
    name, position = short(str(facts.get("column", "")), 60), facts.get("position")
    column = tr("column {column} ({name})", column=position, name=name) if position else tr("field {name}", name=name)
    for number, value in read_places(facts):
        row = tr("record {row}", row=number) if facts.get("unit") == "record" else tr("row {row}", row=number)
        cell = tr("“{value}”", value=short(value, 60)) if value.strip() else tr("empty")
        told.append(tr(", ").join(part for part in (row, name and column, cell) if part))
    left = {name: value for name, value in facts.items() if name not in ("in_rows", "in_records")}
    task["evidence"] = {**task["evidence"], "facts": left}
    return told


def scored(connection: sqlite3.Connection, provider: str) -> int:
    """Return how many of a provider's datasets have a point: its score is their mean."""
    return int(rows(connection, SCORED_SQL, [provider])[0]["datasets"])


def common(connection: sqlite3.Connection, limit: int = 8) -> list[Row]:
    """Return the faults that take most from the portal's score, with what mending each everywhere would add to it.

    Each row is also an example, the task that would give most back; ``gain`` is in points of the portal's mean.
    """
    return [unpack(row) for row in rows(connection, COMMON_SQL, [limit])]


def file_name(address: str | None) -> str:
    """Return the last part of an address, with its query: what tells one file of a dataset from another."""
    return (address or "").rstrip("/").rpartition("/")[2]


def places(defects: Iterable[Row], tr: Translator) -> list[str]:
    """Return the first places of a file's defects, each as its row, column and cell and what is wrong there."""
    told = (
        f"{where}{tr(': ')}{defect_name(defect['code'], tr)}"
        for defect in defects
        for example in defect["examples"][:MAX_PLACES]
        if (where := place(str(example), tr))
    )
    return list(islice(told, MAX_PLACES))


def place(example: str, tr: Translator) -> str:
    """Return where Frictionless's message says a fault is, in the reader's words; empty where it names no place."""
    parts = []
    if row := ROW.search(example):
        parts.append(tr("row {row}", row=row[1]))
    if column := COLUMN.search(example):
        name = short(column["name"], 60)
        words = tr("column {column} ({name})", column=column["place"], name=name) if name else ""
        parts.append(words or tr("column {column}", column=column["place"]))
    if cell := CELL.search(example):
        parts.append(tr("“{value}”", value=short(cell[1], 60)))
    return tr(", ").join(parts)


def gathered(told: Sequence[Row]) -> list[Row]:
    """Return tasks (with their sentences) as rows of a list: ``tasks`` holds those that say the same, in their order.

    A row stands where its first task stood; fewer than ``MANY`` that say the same stay rows of their own.
    """
    alike: dict[tuple[Any, ...], list[Row]] = defaultdict(list)
    for task in told:
        alike[task["criterion"], task["sentence"], task["mend"], task["severity"]].append(task)
    made, seen = [], set()
    for task in told:
        key = (task["criterion"], task["sentence"], task["mend"], task["severity"])
        if len(alike[key]) < MANY:
            made.append({**task, "tasks": [task]})
        elif key not in seen:
            seen.add(key)
            made.append({**task, "tasks": alike[key], "due": min(each["due"] for each in alike[key])})
    return made
