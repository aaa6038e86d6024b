"""What a comparison reads of catalog.db: whatever stood at a moment, of a subject or of the datasets it had then."""

import sqlite3
from collections.abc import Mapping
from datetime import date, datetime, time, timedelta

from harvester.clock import HONG_KONG, iso
from publish.names import PROFILE
from publish.queries import Row, one, rows

NOW = "9999"
"""After every moment there is: as things stand."""
SHOWN = 10
"""Datasets named under a criterion whose answers changed; the count has them all."""

_TABLES = {"provider": ("provider", "slug"), "category": ("category", "slug"), "dataset": ("dataset", "name")}
_AT = "{0}since < :{1} AND ({0}until IS NULL OR {0}until >= :{1})"
_SCORE = """
SELECT point, low, high, known, n, parts, since, until, rubric_digest AS digest FROM score
WHERE subject_type = :kind AND subject = :name AND profile = :profile AND pillar = '' AND since < :end
ORDER BY since DESC LIMIT 1
"""
_MEMBER = """
WITH moved AS (SELECT dataset, old, min(at) AS at FROM change WHERE field = :kind AND resource = '' AND at >= :end
               AND old IS NOT NULL AND new IS NOT NULL GROUP BY dataset),
member AS MATERIALIZED (SELECT d.name FROM dataset d LEFT JOIN moved m ON m.dataset = d.name WHERE {which})
"""
_WHICH = {
    "provider": "(d.provider = :name OR d.name IN (SELECT dataset FROM moved)) AND coalesce(m.old, d.provider) = :name",
    "category": "(d.category = :name OR d.name IN (SELECT dataset FROM moved)) AND coalesce(m.old, d.category) = :name",
    "dataset": "d.name = :name", "portal": ":name = :name",
}  # fmt: skip
"""Whose datasets they were then: a later change of provider or category is undone.

What is asked of the members is joined to them with CROSS JOIN, which keeps SQLite to this order: a group is small, and
the answers of the whole catalogue are many. A ``+`` before a column keeps it to the key in the same way.
"""


def end_of(day: date | None) -> str:
    """Return the first moment after a day in Hong Kong as ISO 8601 UTC; a moment after all others for None."""
    if day is None:
        return NOW
    return iso(datetime.combine(day, time(), HONG_KONG) + timedelta(days=1))


def subject(connection: sqlite3.Connection, kind: str, name: str) -> Row | None:
    """Return the name and the three titles of what is compared; of the portal, under whatever name its scores have."""
    if kind == "portal":
        sql = "SELECT subject AS name FROM score WHERE subject_type = 'portal' ORDER BY since DESC LIMIT 1"
        found = one(connection, sql)
        return {**found, "title_en": None, "title_tc": None, "title_sc": None} if found else None
    table, key = _TABLES[kind]
    return one(connection, f"SELECT {key} AS name, title_en, title_tc, title_sc FROM {table} WHERE {key} = ?", [name])  # noqa: S608 - our own names


def choices(connection: sqlite3.Connection, kind: str) -> list[Row]:
    """Return every provider or category that has, or had, a score, for a list to choose from."""
    if kind not in ("provider", "category"):
        return []
    sql = f"""
    SELECT t.slug AS name, t.title_en, t.title_tc, t.title_sc FROM {kind} t
    WHERE EXISTS (SELECT 1 FROM score s WHERE s.subject_type = '{kind}' AND s.subject = t.slug)
    """  # noqa: S608 - one of two names above
    return rows(connection, sql)


def profiles(connection: sqlite3.Connection) -> list[Row]:
    """Return the profiles that the portal was ever scored by, with their titles, the leading one first."""
    sql = """
    SELECT s.profile AS name, p.title_en, p.title_tc, p.title_sc
    FROM (SELECT DISTINCT profile FROM score WHERE subject_type = 'portal' AND +pillar = '') s
    LEFT JOIN profile p ON p.id = s.profile ORDER BY s.profile <> ?, p.position IS NULL, p.position, s.profile
    """
    return rows(connection, sql, [PROFILE])


def span(connection: sqlite3.Connection) -> tuple[str | None, str | None]:
    """Return the moments of the first score kept and of the newest."""
    found = (
        one(connection, "SELECT (SELECT min(since) FROM score) AS first, (SELECT max(since) FROM score) AS last") or {}
    )
    return found.get("first"), found.get("last")


def score_at(connection: sqlite3.Connection, kind: str, name: str, profile: str, end: str) -> Row | None:
    """Return the score that stood just before ``end``, None where none did."""
    found = one(connection, _SCORE, {"kind": kind, "name": name, "profile": profile, "end": end})
    return found if found and (found["until"] is None or found["until"] >= end) else None


def first_of(connection: sqlite3.Connection, kind: str, name: str, profile: str) -> str | None:
    """Return since when a subject has a score by a profile, None where it never had one."""
    sql = "SELECT min(since) AS first FROM score WHERE subject_type = ? AND subject = ? AND profile = ? AND pillar = ''"
    found = one(connection, sql, [kind, name, profile])
    return found["first"] if found else None


def elements_at(connection: sqlite3.Connection, kind: str, name: str, profile: str, end: str) -> dict[str, Row]:
    """Return a group's stored scores of single criteria and measures just before ``end``, by their names."""
    sql = f"""
    SELECT pillar, point, n, parts FROM score WHERE subject_type = :kind AND subject = :name AND profile = :profile
    AND pillar NOT IN ('', 'by-provider') AND {_AT.format("", "end")}
    """  # noqa: S608 - our own text
    found = rows(connection, sql, {"kind": kind, "name": name, "profile": profile, "end": end})
    return {row["pillar"]: row for row in found}


def counts_at(connection: sqlite3.Connection, kind: str, name: str, end: str) -> dict[str, Row]:
    """Return the own answers of a group's datasets just before ``end``, counted by criterion; ``mean`` is 0-1."""
    sql = f"""
    {_MEMBER.format(which=_WHICH[kind])}
    SELECT a.criterion, sum(a.value = 1) AS yes, sum(a.value > 0 AND a.value < 1) AS partly, sum(a.value = 0) AS no,
           sum(a.value IS NULL AND a.applies) AS unknown, avg(a.value) AS mean
    FROM member m CROSS JOIN answer a ON a.dataset = m.name AND a.resource = '' AND {_AT.format("a.", "end")}
    GROUP BY a.criterion
    """  # noqa: S608 - our own text and names
    found = rows(connection, sql, {"kind": kind, "name": name, "end": end})
    keys = ("yes", "partly", "no", "unknown")
    return {row["criterion"]: {**row, **{key: row[key] or 0 for key in keys}} for row in found}


def answers_at(connection: sqlite3.Connection, name: str, end: str) -> list[Row]:
    """Return a dataset's own answers just before ``end``, as `telling.in_words` takes them."""
    sql = f"""
    SELECT a.*, c.title_en AS criterion_en FROM answer a JOIN criterion c ON c.id = a.criterion
    WHERE a.dataset = :name AND a.resource = '' AND {_AT.format("a.", "end")}
    """  # noqa: S608 - our own text
    return rows(connection, sql, {"name": name, "end": end})


def members_at(connection: sqlite3.Connection, kind: str, name: str, profile: str, end: str) -> list[Row]:
    """Return the different scores the group's datasets had just before ``end``, each with how many had it."""
    sql = f"""
    {_MEMBER.format(which=_WHICH[kind])}
    SELECT s.point, s.parts, s.rubric_digest AS digest, count(*) AS datasets FROM member m
    CROSS JOIN score s ON s.subject_type = 'dataset' AND s.subject = m.name AND s.profile = :profile AND +s.pillar = ''
         AND {_AT.format("s.", "end")}
    WHERE s.point IS NOT NULL GROUP BY s.parts, s.point, s.rubric_digest
    """  # noqa: S608 - our own text
    return rows(connection, sql, {"kind": kind, "name": name, "profile": profile, "end": end})


def digests_between(connection: sqlite3.Connection, values: Mapping[str, object]) -> list[Row]:
    """Return a subject's rubrics and since when each was used, up to ``end``: ``kind``, ``name``, ``profile``."""
    sql = """
    SELECT min(since) AS since, rubric_digest AS digest FROM score WHERE subject_type = :kind AND subject = :name
    AND profile = :profile AND pillar = '' AND since < :end GROUP BY rubric_digest ORDER BY 1
    """
    return rows(connection, sql, values)


def rescored(connection: sqlite3.Connection, profile: str) -> list[Row]:
    """Return when all history was scored anew by a profile, newest first."""
    sql = "SELECT at, rubric_digest AS digest, replaced FROM rescore WHERE profile = ? ORDER BY at DESC LIMIT 3"
    return rows(connection, sql, [profile])


def changes_between(connection: sqlite3.Connection, kind: str, name: str, start: str, end: str) -> list[Row]:
    """Return the datasets' own answers that are others just before ``end`` than they were just before ``start``.

    One row a criterion and value before and after, with how many ``datasets`` and the first few, by name, as
    ``dataset`` with its titles. The datasets are those the group had at the later moment.
    """
    sql = f"""
    {_MEMBER.format(which=_WHICH[kind])},
    changed AS (
        SELECT n.criterion, n.dataset, o.value AS before, n.value AS now FROM member m
        CROSS JOIN answer n ON n.dataset = m.name AND n.resource = '' AND n.since >= :start
             AND {_AT.format("n.", "end")}
        CROSS JOIN answer o ON o.dataset = n.dataset AND o.resource = '' AND o.criterion = n.criterion
             AND {_AT.format("o.", "start")}
        WHERE o.value IS NOT n.value),
    numbered AS (
        SELECT *, count(*) OVER (PARTITION BY criterion, before, now) AS datasets,
               row_number() OVER (PARTITION BY criterion, before, now ORDER BY dataset) AS place FROM changed)
    SELECT n.criterion, n.before, n.now, n.datasets, n.dataset, d.title_en, d.title_tc, d.title_sc
    FROM numbered n JOIN dataset d ON d.name = n.dataset WHERE n.place <= :shown
    ORDER BY n.criterion, n.before, n.now, n.dataset
    """  # noqa: S608 - our own text
    return rows(connection, sql, {"kind": kind, "name": name, "start": start, "end": end, "shown": SHOWN})


def moved_between(connection: sqlite3.Connection, kind: str, name: str, start: str, end: str) -> dict[str, int]:
    """Return how many datasets with answers a group had that it had not before (``came``), and the other way."""
    found = {}
    for moment in (start, end):
        sql = f"""
        {_MEMBER.format(which=_WHICH[kind])}
        SELECT DISTINCT a.dataset FROM member m
        CROSS JOIN answer a ON a.dataset = m.name AND a.resource = '' AND {_AT.format("a.", "end")}
        """  # noqa: S608 - our own text
        found[moment] = {
            row["dataset"] for row in rows(connection, sql, {"kind": kind, "name": name, "end": moment})
        }  # fmt: skip
    return {"came": len(found[end] - found[start]), "left": len(found[start] - found[end])}


def ahead(connection: sqlite3.Connection, profile: str, first: str, second: str) -> Row | None:
    """Return the row in which one of two ranked providers leads the other, None where neither does.

    Table ``ahead`` (docs/uncertainty.md) keeps a pair only from a share of 0.90 of the draws on.
    """
    sql = """
    SELECT provider, other, share FROM ahead WHERE profile = :profile
    AND (provider = :first AND other = :second OR provider = :second AND other = :first)
    """
    return one(connection, sql, {"profile": profile, "first": first, "second": second})


def ranked(connection: sqlite3.Connection, profile: str, provider: str) -> Row | None:
    """Return a provider's rank with its interval over the draws, None where none was drawn."""
    sql = "SELECT rank, rank_low, rank_high, ranked, why FROM provider_rank WHERE profile = ? AND provider = ?"
    return one(connection, sql, [profile, provider])
