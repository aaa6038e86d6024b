"""What changed this week: the state at the last scan against the state a week before it, told for portal and provider.

The week is the seven days in Hong Kong that end with the day of the last scan, whenever a reader comes. Where the first
scan lies within them, the comparison is with that; after one scan alone there is nothing to compare with.
"""

import sqlite3
from collections import defaultdict
from datetime import datetime, time, timedelta
from importlib.resources import files

from harvester.clock import HONG_KONG, iso, parse_iso
from publish import trend
from publish.i18n import Translator, day_or_text, mark
from publish.names import MIN_KNOWN, PROFILE
from publish.queries import Row, meta, one, rows, unpack
from publish.safe import short
from publish.sentences import told
from publish.telling import criterion_title, named, prefixed

DAYS = 7
FIRST = 5
"""Of each kind so many are told; the table underneath has all."""
KINDS: dict[str, tuple[str, str, str]] = {
    "failing": ("no", "✕", mark("Stopped working")),
    "mended": ("yes", "✓", mark("Work again")),
    "appeared": ("apart", "＋", mark("Datasets that appeared or came back")),
    "withdrawn": ("apart", "－", mark("Datasets withdrawn")),
    "moved-provider": ("apart", "↕", mark("Providers’ scores that moved")),
    "moved": ("apart", "↕", mark("Datasets’ scores that moved")),
    "opened": ("no", "＋", mark("Tasks opened")),
    "closed": ("yes", "✓", mark("Tasks closed")),
    "reopened": ("no", "↺", mark("Tasks reopened")),
}
"""What may have changed, in the order it is told: its class in the style sheet, its sign and its words."""
MOVES = ("moved", "moved-provider", "moved-portal")
MAX_REASONS = 3
LAST_SQL = """
SELECT max(coalesce(finished, started)) AS scanned FROM run
WHERE kind = coalesce((SELECT kind FROM run WHERE kind = 'check' LIMIT 1), 'score')
"""
FIRST_SQL = """
SELECT (SELECT min(since) FROM answer) AS first, (SELECT count(*) FROM run WHERE kind = 'score') AS scorings
"""
NUMBERS_SQL = "SELECT kind, count(*) AS number FROM week_change WHERE provider = ? GROUP BY kind"
ALL_NUMBERS_SQL = "SELECT kind, max(position) AS number FROM week_change GROUP BY kind"
ROWS_SQL = """
SELECT w.*, d.title_en, d.title_tc, d.title_sc, r.title_en AS resource_en, r.title_tc AS resource_tc,
       r.title_sc AS resource_sc, p.title_en AS provider_en, p.title_tc AS provider_tc, p.title_sc AS provider_sc,
       t.key, a.reason, a.evidence, e.since AS changed, e.point_before, e.point, coalesce(e.parts, '[]') AS parts
FROM week_change w LEFT JOIN dataset d ON d.name = w.dataset LEFT JOIN resource r ON r.shared_id = w.resource
LEFT JOIN provider p ON p.slug = w.provider
LEFT JOIN task t ON w.kind IN ('opened', 'closed', 'reopened') AND t.dataset = w.dataset AND t.resource = w.resource
     AND t.criterion = w.criterion
LEFT JOIN answer a ON w.kind = 'failing' AND a.dataset = w.dataset AND a.resource = w.resource
     AND a.criterion = w.criterion AND a.since = w.at
LEFT JOIN explanation e ON w.kind IN ('moved', 'moved-provider') AND e.span = 'last'
     AND e.subject_type = iif(w.kind = 'moved', 'dataset', 'provider') AND e.subject = coalesce(w.dataset, w.provider)
"""
RUBRIC_SQL = """
SELECT n.rubric_digest <> o.rubric_digest AS other
FROM score n JOIN score o ON o.subject_type = n.subject_type AND o.subject = n.subject AND o.profile = n.profile
     AND o.pillar = n.pillar AND o.since <= :before AND o.until > :before
WHERE n.subject_type = 'portal' AND n.profile = :profile AND n.pillar = '' AND n.until IS NULL
"""


def bounds(scanned: str | None, first: str | None, scorings: int) -> tuple[str, str]:
    """Return the moment the week is compared with, and the moment it ends with (ISO 8601 UTC, empty where none is).

    ``scanned`` is the end of the last scan, ``first`` the moment of the first answers, ``scorings`` how often answers
    were given. The former is the last second before the first of the seven days, or the first scan where that is
    later and was not the only one.
    """
    if not scanned or not first:
        return "", scanned or ""
    day = parse_iso(scanned).astimezone(HONG_KONG).date() - timedelta(days=DAYS - 1)
    start = iso(datetime.combine(day, time(), HONG_KONG) - timedelta(seconds=1))
    if first <= start:
        return start, scanned
    return (first, scanned) if scorings > 1 and first < scanned else ("", scanned)


def fill(connection: sqlite3.Connection) -> None:
    """Fill table ``week_change`` of an unfinished catalog.db, and say in ``meta`` what it was compared with."""
    scanned = rows(connection, LAST_SQL)[0]["scanned"]
    begun = rows(connection, FIRST_SQL)[0]
    before, end = bounds(scanned, begun["first"], begun["scorings"])
    connection.executemany("INSERT INTO meta (key, value) VALUES (?, ?)", [("week_before", before), ("week_end", end)])
    if not before:
        return
    values = {"before": before, "profile": PROFILE, "known": MIN_KNOWN, "least": trend.LEAST}
    script = files("publish").joinpath("weekly.sql").read_text(encoding="utf-8")
    for statement in script.split(";\n"):
        if statement.strip():
            connection.execute(statement, {name: values[name] for name in values if f":{name}" in statement})


def of_subject(connection: sqlite3.Connection, tr: Translator, provider: str = "") -> Row:
    """Return what changed in the week of the last scan, for a provider or (empty) for the whole portal.

    ``state`` is ``none`` (nothing to compare with yet), ``same`` (nothing changed) or ``changed``; ``first`` and
    ``last`` are the week's days in Hong Kong; ``own`` is how the subject's own score moved, if it did; ``kinds`` has
    each kind's number and its first rows; ``rubric`` tells that another rubric made the scores before.
    """
    said = meta(connection)
    before, end = said.get("week_before", ""), said.get("week_end", "")
    if not before:
        return {"state": "none", "first": "", "last": day_or_text(end), "own": None, "kinds": [], "rubric": False}
    numbers = rows(connection, NUMBERS_SQL, [provider]) if provider else rows(connection, ALL_NUMBERS_SQL)
    number = {row["kind"]: row["number"] for row in numbers}
    found: dict[str, list[Row]] = defaultdict(list)
    where = "WHERE w.provider = ? AND w.place <= ?" if provider else "WHERE w.position <= ?"
    values = [provider, FIRST] if provider else [FIRST]
    for row in rows(connection, f"{ROWS_SQL} {where} ORDER BY w.kind, w.position", values):
        found[row["kind"]].append(_told(row, tr))
    own = next(iter(found["moved-provider" if provider else "moved-portal"]), None)
    shown = [kind for kind in KINDS if number.get(kind) and not (provider and kind == "moved-provider")]
    other = one(connection, RUBRIC_SQL, {"before": before, "profile": PROFILE})
    return {
        "state": "changed" if number or (other and other["other"]) else "same",
        "first": day_or_text(iso(parse_iso(before) + timedelta(seconds=1))),
        "last": day_or_text(end), "own": own, "rubric": bool(other and other["other"]),
        "kinds": [{"kind": kind, "state": KINDS[kind][0], "sign": KINDS[kind][1], "title": tr(KINDS[kind][2]),
                   "number": number[kind], "rows": found[kind]} for kind in shown],
    }  # fmt: skip


def _told(row: Row, tr: Translator) -> Row:
    """Return one change in words: what it is of (``title``), what more is to be said (``text``), where to read on."""
    provider = short(tr.title(prefixed(row, "provider")) or row["provider"] or "")
    title = named(row, tr)["title"] if row["dataset"] else provider
    resource = short(tr.title(prefixed(row, "resource")) or row["resource"]) if row["resource"] else ""
    return {
        "kind": row["kind"], "title": title, "provider": row["provider"], "dataset": row["dataset"],
        "resource": row["resource"], "resource_title": resource, "at": row["at"], "key": row["key"],
        "before": row["before"], "after": row["after"],
        "change": trend.signed(row["after"] - row["before"], tr) if row["kind"] in MOVES else "",
        "text": _text(row, tr),
    }  # fmt: skip


def _text(row: Row, tr: Translator) -> str:
    if row["kind"] == "failing":
        return told(tr, row["criterion"], row["reason"], unpack(row)["evidence"])[0] if row["reason"] else ""
    if row["key"]:
        return criterion_title(row["criterion"], row["criterion"], tr)
    if row["changed"] is None:
        return ""
    why = trend.told({**row, "since": row["changed"]}, tr)
    parts = [f"{part['words']} ({part['points']})" for part in why["parts"][:MAX_REASONS]]
    if not parts:
        return ""
    return tr("Last changed on {day}: {parts}.", day=tr.day(row["changed"]), parts=tr(", ").join(parts))
