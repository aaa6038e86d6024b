"""Which visits and contents something still rests on; the others are let go, a shard a transaction."""

from collections.abc import Sequence

from sqlite_utils import Database

from harvester.revisit import NO_GOOD

SHARD = 500
"""Addresses, or contents, a transaction."""
DRIFT = 20
"""Changes of an address's columns or format that stay told for ever, the newest; which bytes only were others is told
for as long as its visits are kept."""

_NO_GOOD = "(" + ", ".join(f"'{each}'" for each in sorted(NO_GOOD)) + ")"
_BODY = "{v}.outcome = 'ok' AND {v}.sha256 IS NOT NULL"
_WHOLE = f"{_BODY} AND {{v}}.status IS NOT 304 AND {{c}}.nature NOT IN {_NO_GOOD}"
_COMPARED = f"{_BODY} AND {{c}}.nature IN ('data', 'page') AND {{c}}.complete"
_CONFIRMED = (
    "{v}.outcome = 'ok' AND ({v}.status IS 304 OR {v}.sha256 IS NULL)"
    f" AND coalesce({{c}}.nature, '') NOT IN {_NO_GOOD}"
)
NEWEST = (
    "1",
    _BODY,
    f"{_BODY} AND {{v}}.asked <> 'part'",
    "{v}.outcome NOT IN ('throttled', 'not-asked', 'not-public')",
    _WHOLE,
    _CONFIRMED,
    _COMPARED,
)
"""The newest visit of each of these sorts stays: it is what the next visit goes by (harvester/store/visits.py and
standing.py), what scoring reads (scoring/looks.py), what is compared and what is published (publish/build.py)."""

_NAMED = """
INSERT OR IGNORE INTO temp.named
SELECT named.value FROM answer, json_each(answer.evidence, '$.visits') AS named WHERE evidence LIKE '%"visits"%'
UNION ALL SELECT named.value FROM task, json_each(task.evidence, '$.visits') AS named WHERE evidence LIKE '%"visits"%'
UNION ALL SELECT value FROM spell, json_each(spell.proof)
UNION ALL SELECT value FROM folded, json_each(folded.settled, '$.spell.proof')
"""
_AFTER = "o.url = v.url AND o.started >= v.started AND o.id > v.id"
_DOOMED = """
INSERT INTO temp.doomed
-- Cross joins keep SQLite to this order: it would else look through all visits for every shard.
SELECT v.id, v.sha256 FROM temp.shard s CROSS JOIN folded f ON f.url = s.url
CROSS JOIN visit v INDEXED BY visit_url ON v.url = s.url AND v.started < f.until
LEFT JOIN content c ON c.sha256 = v.sha256
WHERE v.id NOT IN (SELECT id FROM temp.named)
  -- of the address's last run
  AND EXISTS (SELECT 1 FROM visit o WHERE o.url = v.url AND o.started >= v.started AND o.run > v.run)
  -- the first that saw a body that is told of
  AND NOT (v.outcome = 'ok' AND c.spare IS 0 AND NOT EXISTS (
      SELECT 1 FROM visit o INDEXED BY visit_url
      WHERE o.url = v.url AND o.started <= v.started AND o.id < v.id AND o.outcome = 'ok' AND o.sha256 = v.sha256))
  -- the last that brought whole the body that a "not changed" would confirm
  AND NOT (v.sha256 IS NOT NULL AND v.status IS NOT 304 AND NOT EXISTS (
      SELECT 1 FROM visit o WHERE {after} AND o.sha256 = v.sha256 AND o.status IS NOT 304)
      AND v.sha256 = (SELECT sha256 FROM visit o WHERE o.url = v.url AND {body}
                      ORDER BY o.started DESC, o.id DESC LIMIT 1))
  {newest}
"""
_NEWEST = """
  AND NOT ({mine} AND NOT EXISTS (
      SELECT 1 FROM visit o LEFT JOIN content k ON k.sha256 = o.sha256 WHERE {after} AND {other}))
"""
DOOMED = _DOOMED.format(
    after=_AFTER, body=_BODY.format(v="o"),
    newest="".join(
        _NEWEST.format(mine=sort.format(v="v", c="c"), other=sort.format(v="o", c="k"), after=_AFTER)
        for sort in NEWEST
    ),
)  # fmt: skip
"""What nothing rests on among the counted visits of ``temp.shard``."""
_GONE = """
DELETE FROM {table} WHERE {column} IN (
    SELECT sha256 FROM content WHERE spare AND sha256 IN (SELECT sha256 FROM temp.doomed)
    AND NOT EXISTS (SELECT 1 FROM visit WHERE visit.sha256 = content.sha256))
"""


def name_evidence(db: Database) -> None:
    """Note for this connection which visits an answer, a task or a state names."""
    with db.atomic():
        db.execute("CREATE TEMP TABLE IF NOT EXISTS named (id INTEGER PRIMARY KEY)")
        db.execute("DELETE FROM temp.named")
        db.execute(_NAMED)


def not_let_go(db: Database) -> list[int]:
    """Return the addresses whose counted visits were not looked through since they were counted."""
    return [int(row[0]) for row in db.execute("SELECT url FROM folded WHERE let_go IS NOT until ORDER BY url")]


def let_visits_go(db: Database, urls: Sequence[int]) -> tuple[int, int]:
    """Remove the counted visits of these addresses that nothing rests on, and the spare contents that only they named.

    One transaction; `name_evidence` comes before. Returns how many visits and contents went.
    """
    with db.atomic():
        db.execute("CREATE TEMP TABLE IF NOT EXISTS shard (url INTEGER PRIMARY KEY, until TEXT)")
        db.execute("CREATE TEMP TABLE IF NOT EXISTS doomed (id INTEGER PRIMARY KEY, sha256 TEXT)")
        for table in ("shard", "doomed"):
            db.execute(f"DELETE FROM temp.{table}")  # noqa: S608 -- our own names
        db.conn.executemany("INSERT INTO temp.shard (url) VALUES (?)", [(url,) for url in urls])
        db.execute(DOOMED)
        visits = db.execute("DELETE FROM visit WHERE id IN (SELECT id FROM temp.doomed)").rowcount
        db.execute(_GONE.format(table="defect", column="content"))
        contents = db.execute(_GONE.format(table="content", column="sha256")).rowcount
        db.execute("UPDATE folded SET let_go = until WHERE url IN (SELECT url FROM temp.shard)")
    return visits, contents


_NEWEST_BODY = """
SELECT (SELECT v.sha256 FROM visit v JOIN content c ON c.sha256 = v.sha256
        WHERE v.url = url.id AND {sort} ORDER BY v.started DESC, v.id DESC LIMIT 1) AS sha256 FROM url
"""
_NAMED_BODY = """
SELECT visit.sha256 FROM {table}, json_each({table}.evidence, '$.visits') AS named JOIN visit ON visit.id = named.value
WHERE {table}.{ended} IS NULL AND {table}.evidence LIKE '%"visits"%'
"""
WANTED = "INSERT OR IGNORE INTO temp.wanted SELECT sha256 FROM ({}) WHERE sha256 IS NOT NULL".format(  # noqa: S608 -- our own text
    " UNION ALL ".join(
        [
            *(_NEWEST_BODY.format(sort=sort.format(v="v", c="c")) for sort in (_BODY, _WHOLE, _COMPARED)),
            _NAMED_BODY.format(table="answer", ended="until"),
            _NAMED_BODY.format(table="task", ended="closed"),
        ]
    )
)
"""The bodies that addresses have now, and those that standing answers and open tasks are about."""
_DRIFTED = """
WITH drift AS (
    SELECT a, b, min(code IN ('restamped', 'rewritten')) AS bytes FROM difference WHERE kind = 'versions' GROUP BY a, b
), pair AS (
    SELECT DISTINCT visit.url, drift.a, drift.b, drift.bytes, content.first_seen
    FROM drift JOIN content ON content.sha256 = drift.b JOIN visit ON visit.sha256 = drift.b
), newest AS (SELECT *, row_number() OVER (PARTITION BY url, bytes ORDER BY first_seen DESC) AS place FROM pair)
INSERT OR IGNORE INTO temp.wanted
SELECT value FROM newest, json_each(json_array(a, b)) WHERE place <= CASE WHEN bytes THEN 1 ELSE ? END
"""
_SPARE = """
SELECT sha256 FROM content INDEXED BY content_whole
WHERE spare = 0 AND first_seen < :since AND sha256 NOT IN (SELECT sha256 FROM temp.wanted)
  AND (verdict IS NOT NULL OR first_seen < :until)
  AND NOT EXISTS (SELECT 1 FROM visit WHERE visit.sha256 = content.sha256 AND started >= :since)
"""
_LIGHTEN = (
    "DELETE FROM difference WHERE a IN {among} OR b IN {among}",
    "DELETE FROM comparison WHERE a IN {among} OR b IN {among}",
    "DELETE FROM dictionary_field WHERE content IN {among}",
    "DELETE FROM dictionary_reading WHERE content IN {among}",
    "UPDATE defect SET examples = '[]' WHERE content IN {among}",
    # Written anew at the end of the table: a row that only shrank would leave its room in the page to nobody.
    "CREATE TEMP TABLE lightened AS SELECT * FROM content WHERE sha256 IN {among}",
    "DELETE FROM content WHERE sha256 IN {among}",
    """
    UPDATE temp.lightened SET spare = 1, profile = NULL, dialect = NULL, labels = NULL, members = NULL, reason = NULL,
        seconds = NULL, engine = NULL
    """,
    "INSERT INTO content SELECT * FROM temp.lightened",
    "DROP TABLE temp.lightened",
)


def superseded(db: Database, since: str, until: str) -> list[str]:
    """Return the contents that no visit since ``since`` brought or confirmed and that nothing rests on any more.

    Those that never got a verdict may still get it until their visits are let go (``until``). Both ISO 8601 UTC.
    """
    with db.atomic():
        db.execute("CREATE TEMP TABLE IF NOT EXISTS wanted (sha256 TEXT PRIMARY KEY)")
        db.execute("DELETE FROM temp.wanted")
        db.execute(WANTED)
        db.execute(_DRIFTED, [DRIFT])
    return [str(row[0]) for row in db.execute(_SPARE, {"since": since, "until": until})]


def lighten(db: Database, contents: Sequence[str]) -> None:
    """Let go what was found in these contents but their verdict and the counts of their defects, in one transaction."""
    with db.atomic():
        db.execute("CREATE TEMP TABLE IF NOT EXISTS light (sha256 TEXT PRIMARY KEY)")
        db.execute("DELETE FROM temp.light")
        db.conn.executemany("INSERT INTO temp.light VALUES (?)", [(sha256,) for sha256 in contents])
        db.execute("PRAGMA defer_foreign_keys = ON")  # until the rows are back, at the end of the transaction
        for sql in _LIGHTEN:
            db.execute(sql.format(among="(SELECT sha256 FROM temp.light)"))
