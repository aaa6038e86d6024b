"""What officers answered to a flag, merged into catalog.db and told beside the task: it never touches a score."""

import hashlib
import json
import sqlite3
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any, Literal

from harvester.clock import HONG_KONG, hong_kong_day, parse_iso
from harvester.replies import opened
from publish.i18n import Translator, mark
from publish.queries import Row, rows
from publish.safe import short

State = Literal["waiting", "standing", "expired", "overtaken", "confirmed", "replaced"]
ANSWERED = frozenset({"waiting", "standing"})
"""States in which a task counts as answered."""
CLOCKWORK = frozenset({"attempts", "date", "milliseconds", "age", "periods", "seen", "archived", "last_ok"})
"""Facts that are others at every look, or every day, though nothing has changed."""
SPOTS = frozenset({"places", "in_records", "in_rows", "value", "second_value", "first", "second", "latest", "note"})
"""Facts that tell where and what exactly; with the numbers they are others whenever a file is, for the same fault."""
KINDS: dict[str, str] = {
    "mended": mark("Mended, please look again"), "cannot": mark("Cannot be mended"),
    "wrong": mark("This finding is wrong"),
}  # fmt: skip
"""What an officer can answer."""
STATES: dict[State, str] = {
    "waiting": mark("waits for a re-check"), "standing": mark("stands"), "expired": mark("expired"),
    "overtaken": mark("overtaken by new evidence"), "confirmed": mark("confirmed: found mended"),
    "replaced": mark("a later answer took its place"),
}  # fmt: skip
ROLES: dict[str, str] = {"officer": mark("the provider"), "editor": mark("an editor for the provider")}
GIVEN_SQL = """
SELECT r.id, r.task, r.provider, r.kind, r.reason, r.expires, r.role, r.at, r.finding, r.resource, r.criterion,
       c.settled, c.told,
       r.id = (SELECT max(o.id) FROM reply o WHERE o.task = r.task) AS newest
FROM reply r LEFT JOIN recheck c ON c.id = (
    SELECT max(b.id) FROM recheck b WHERE r.kind = 'mended' AND b.dataset = r.dataset AND b.upto >= r.id)
ORDER BY r.id
"""
"""Every reply, with the last re-check that was begun after it."""
TASKS_SQL = """
SELECT key, dataset, resource, criterion, reason, evidence, opened, closed, reopened FROM task
"""
NEWEST_SQL = """
SELECT task, kind, reason, at, expires, role, state, looked FROM reply
WHERE newest AND task IN (SELECT value FROM json_each(?))
"""
TRAIL_SQL = "SELECT task, kind, reason, at, expires, role, state, looked FROM reply WHERE task = ? ORDER BY id DESC"


def finding_of(task: Mapping[str, Any]) -> str:
    """Return in short what was found of a task (a row of table task): the fault and its proof, 12 hex digits each.

    The fault is another one where the task was reopened, or its reason or what it names (an address, a format, a
    column) changed; the proof where any fact is another, but those of ``CLOCKWORK``.
    """
    evidence = task["evidence"] if isinstance(task["evidence"], dict) else json.loads(task["evidence"])
    facts = {name: value for name, value in (evidence.get("facts") or {}).items() if name not in CLOCKWORK}
    named = {name: value for name, value in facts.items() if isinstance(value, str) and name not in SPOTS}
    fault = [task["criterion"], task["reason"], task["reopened"] or task["opened"], named, facts.get("status")]
    return f"{_digest(fault)}-{_digest(facts)}"


def _digest(value: object) -> str:
    return hashlib.sha256(json.dumps(value, sort_keys=True).encode()).hexdigest()[:12]


def state_of(said: Mapping[str, Any], now: str, closed: str | None, today: str) -> State:
    """Return where a reply stands. It ends with new evidence, a later reply, or its last day.

    ``said`` is a row of ``GIVEN_SQL``, ``now`` what is found now (of ``finding_of``), ``closed`` when its task was
    closed (None while it is open), ``today`` the day (ISO, Hong Kong) as of which is asked.

    "Mended" waits until a re-check has looked, and longer where that could not be sure; still found, it is overtaken.
    "Cannot be mended" stands as long as the same fault is found, "wrong" only on the same proof.
    """
    if not said["newest"]:
        return "replaced"
    if closed:
        return "confirmed" if said["kind"] == "mended" else "overtaken"
    same = now == said["finding"] if said["kind"] == "wrong" else now[:12] == said["finding"][:12]
    if not same:
        return "overtaken"
    still: State = _looked_at(said) if said["kind"] == "mended" else "standing"
    return "expired" if still in ANSWERED and said["expires"] < today else still


def _looked_at(said: Mapping[str, Any]) -> State:
    """Return where "mended" stands by what its re-check told; the next catalogue will say the same."""
    told = json.loads(said["told"]) if said["told"] else {}
    if [said["resource"], said["criterion"]] in told.get("mended", ()):
        return "confirmed"
    sure = told and not told.get("failed") and said["resource"] not in told.get("unsure", ())
    return "overtaken" if sure else "waiting"


def fill(connection: sqlite3.Connection, officers: Path, built: str) -> None:
    """Write the replies of officers.db into the catalogue's table reply, each with its state as of ``built``.

    Who gave them stays behind: only the role is published. A reply whose task the catalogue does not have is left out.
    """
    if not officers.exists():
        return
    with opened(officers) as kept:
        given = rows(kept, GIVEN_SQL)
    tasks = {row["key"]: row for row in rows(connection, TASKS_SQL)} if given else {}
    today = hong_kong_day(built)
    made = [
        (said["id"], said["task"], task["dataset"], task["resource"], task["criterion"], said["provider"],
         said["role"], said["kind"], said["reason"], said["at"], said["expires"],
         state_of(said, finding_of(task), task["closed"], today), said["settled"], said["newest"])
        for said in given if (task := tasks.get(said["task"]))
    ]  # fmt: skip
    connection.executemany(
        "INSERT INTO reply (id, task, dataset, resource, criterion, provider, role, kind, reason, at, expires, state,"
        " looked, newest) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        made,
    )


def newest(connection: sqlite3.Connection, keys: Iterable[str]) -> dict[str, Row]:
    """Return the last reply to each of the tasks named by their keys, by its task."""
    return {row["task"]: row for row in rows(connection, NEWEST_SQL, [json.dumps(sorted(keys))])}


def trail(connection: sqlite3.Connection, key: str, tr: Translator) -> list[Row]:
    """Return all replies to one task in the reader's words, the last first."""
    return [in_words(row, tr) for row in rows(connection, TRAIL_SQL, [key])]


def of_dataset(connection: sqlite3.Connection, name: str, tr: Translator) -> dict[tuple[str, str], Row]:
    """Return the last replies about a dataset in the reader's words, by (resource, criterion)."""
    sql = """SELECT task, resource, criterion, kind, reason, at, expires, role, state, looked FROM reply
             WHERE dataset = ? AND newest"""
    return {(row["resource"], row["criterion"]): in_words(row, tr) for row in rows(connection, sql, [name])}


def of_answer(said: Mapping[tuple[str, str], Row], answer: Row, resources: Collection[str]) -> Row | None:
    """Return the reply (of ``of_dataset``) that belongs beside an answer, of its deciding resource for a dataset's own.

    ``resources`` are the dataset's; None where nobody replied.
    """
    facts = answer["evidence"].get("facts")
    decider = str(facts.get("resource", "")) if isinstance(facts, dict) else ""
    behind = decider or (next(iter(resources)) if len(resources) == 1 else "")
    own = said.get((answer["resource"], answer["criterion"]))
    return own or (None if answer["resource"] else said.get((behind, answer["criterion"])))


def in_words(said: Row, tr: Translator) -> Row:
    """Return a reply with ``words`` (what, by whom, when), ``standing`` (what came of it) and ``answered``."""
    who, what, state = ROLES[said["role"]], KINDS[said["kind"]], STATES[said["state"]]
    words = tr("{day}, {who}: {kind}", day=tr.day(said["at"]), who=tr(who), kind=tr(what))
    standing = tr(state)
    if said["state"] == "standing":
        standing = tr("stands until {day}", day=tr.day(f"{said['expires']}T00:00:00Z"))
    if said["state"] == "overtaken" and said["kind"] == "mended" and said["looked"]:
        standing = tr("looked at again: still found")
    return {**said, "words": words, "standing": standing, "answered": said["state"] in ANSWERED,
            "reason": short(said["reason"], 1000)}  # fmt: skip


def in_a_line(said: Row | None) -> str:
    """Return a reply of ``in_words`` as one line of text for a cell or a feed; empty where there is none."""
    if said is None:
        return ""
    reason = f": {' '.join(said['reason'].split())}" if said["reason"] else ""
    return f"{said['words']}{reason} ({said['standing']})"


def dress(connection: sqlite3.Connection, tasks: Sequence[Row], tr: Translator | None = None) -> None:
    """Give each task ``reply``, answered or unanswered; and ``said``, the last reply in words (None without one)."""
    found = newest(connection, [task["key"] for task in tasks]) if tasks else {}
    for task in tasks:
        said = found.get(task["key"])
        task["reply"] = "answered" if said and said["state"] in ANSWERED else "unanswered"
        task["said"] = in_words(said, tr) if said and tr else None


def last_day(moment: str, days: int) -> str:
    """Return the day in Hong Kong (ISO) so many days after an ISO 8601 UTC moment."""
    return (parse_iso(moment).astimezone(HONG_KONG).date() + timedelta(days=days)).isoformat()
