"""What stays of an address's visits once they are counted by the day: the roll-ups, in SQL that publishing shares."""

import json
import sqlite3
from collections.abc import Mapping, Sequence

from sqlite_utils import Database

from harvester.health import Settled
from harvester.records import Spell
from harvester.revisit import NO_GOOD
from harvester.settle import packed
from harvester.signs import Probe, read_sign
from harvester.store.health import AMONG, IN_ORDER, PROBES, STALE, bases, by_url, keep_spells, stored_spells

Told = tuple[tuple[Spell, ...], Settled, str]
"""What `harvester.settle.settle` says of an address."""

APIS = """
    SELECT coalesce(example, url) FROM resource
    WHERE withdrawn_at IS NULL AND (kind = 'api' OR is_api OR example IS NOT NULL)
"""
"""The addresses that publish/pace.sql tells the times of."""
WAITING = "SELECT DISTINCT url FROM unfolded WHERE started < ? AND url {whose} ({apis}) ORDER BY url"
VISITS = "FROM {among}{schema}unfolded v LEFT JOIN {schema}content c ON c.sha256 = v.sha256 WHERE {which}"
HERE = ("temp.shard CROSS JOIN ", "v.url = shard.url AND v.started < shard.until")
"""Which visits are counted: those to fold now, found by their addresses (a cross join keeps SQLite to that order)."""
EVERY = ("", "1")
"""All that no roll-up counts yet, which is what publishing counts."""
DAYS = """
INSERT INTO visit_day
WITH one AS MATERIALIZED (
    SELECT v.url, (unixepoch(v.started) + 28800) / 86400 AS day, v.outcome, v.bytes,
           sign_of(v.outcome, v.status, coalesce(v.nature, c.nature)) AS sign,
           v.milliseconds AS ms, v.first_byte_ms AS fb,
           CASE WHEN v.outcome = 'ok' AND v.asked <> 'part' THEN v.sha256 END AS body
    {visits}),
-- Percentiles are by nearest rank, as in publish/pace.sql.
placed AS (
    SELECT *, sign = 'good' AND ms IS NOT NULL AS timed, sign = 'good' AND fb IS NOT NULL AS begun,
           row_number() OVER by_ms AS ms_place, row_number() OVER by_fb AS fb_place FROM one
    WINDOW by_ms AS (PARTITION BY url, day, sign = 'good' AND ms IS NOT NULL ORDER BY ms),
           by_fb AS (PARTITION BY url, day, sign = 'good' AND fb IS NOT NULL ORDER BY fb)),
counted AS (SELECT url, day, sum(timed) AS timed, sum(begun) AS begun FROM placed GROUP BY url, day),
ended AS (
    SELECT url, day, json_group_object(outcome, n) AS outcomes
    FROM (SELECT url, day, outcome, count(*) AS n FROM one GROUP BY url, day, outcome)
    GROUP BY url, day HAVING max(outcome <> 'ok'))
SELECT p.url, p.day, count(*), sum(sign = 'good'), sum(sign = 'bad'), sum(sign = 'wall'), ended.outcomes,
       min(ms) FILTER (WHERE p.timed AND ms_place * 100 >= counted.timed * 50),
       min(ms) FILTER (WHERE p.timed AND ms_place * 100 >= counted.timed * 95),
       min(fb) FILTER (WHERE p.begun AND fb_place * 100 >= counted.begun * 50),
       min(fb) FILTER (WHERE p.begun AND fb_place * 100 >= counted.begun * 95),
       sum(bytes), count(body), count(DISTINCT body)
FROM placed p JOIN counted ON counted.url = p.url AND counted.day = p.day
LEFT JOIN ended ON ended.url = p.url AND ended.day = p.day GROUP BY p.url, p.day
"""
BODIES = """
INSERT INTO body_seen
SELECT v.url, substr(v.sha256, 1, 12), min(unixepoch(v.started)),
       min(unixepoch(v.started)) FILTER (WHERE v.asked <> 'part') - min(unixepoch(v.started)),
       max(c.nature NOT IN {no_good})
{visits} AND v.outcome = 'ok' AND v.sha256 IS NOT NULL GROUP BY v.url, substr(v.sha256, 1, 12)
ON CONFLICT (url, body) DO UPDATE SET looked = coalesce(looked, excluded.first + excluded.looked - first)
"""
VERDICTS = """
INSERT INTO verdict_day
SELECT day, format, verdict, count(*) FROM (
    SELECT (unixepoch(v.started) + 28800) / 86400 AS day, c.format, coalesce(c.verdict, 'unmeasured') AS verdict,
           row_number() OVER (PARTITION BY v.url, (unixepoch(v.started) + 28800) / 86400
                              ORDER BY v.started DESC, v.id DESC) AS place
    {visits} AND v.outcome = 'ok' AND v.sha256 IS NOT NULL)
WHERE place = 1 GROUP BY day, format, verdict
ON CONFLICT (day, format, verdict) DO UPDATE SET addresses = addresses + excluded.addresses
"""
STAMPS = """
INSERT OR IGNORE INTO stamp_seen
SELECT v.url, coalesce(unixepoch(v.last_modified), v.last_modified) {visits}
AND v.outcome = 'ok' AND v.sha256 IS NOT NULL AND v.last_modified IS NOT NULL
"""


def roll_ups(schema: str, here: tuple[str, str]) -> tuple[str, str, str, str]:
    """Return the statements that count the visits of ``here`` (HERE or EVERY) by day, body, Last-Modified and verdict.

    They write into the tables of ``main`` what stands in ``schema`` ("" or "workshop."); `know_signs` comes before.
    """
    visits = VISITS.format(schema=schema, among=here[0], which=here[1])
    no_good = "(" + ", ".join(f"'{each}'" for each in sorted(NO_GOOD)) + ")"
    days, bodies, stamps, verdicts = (
        sql.format(visits=visits, no_good=no_good) for sql in (DAYS, BODIES, STAMPS, VERDICTS)
    )
    return days, bodies, stamps, verdicts


def know_signs(connection: sqlite3.Connection) -> None:
    """Let SQL ask what a visit says by itself: ``sign_of(outcome, status, nature)``."""
    connection.create_function("sign_of", 3, _sign, deterministic=True)


def _sign(outcome: str, status: int | None, nature: str | None) -> str:
    return read_sign(Probe(0, 0, 0, "", outcome, status, nature))[0]  # type: ignore[arg-type]


def waiting(db: Database, until: str, *, apis: bool) -> list[int]:
    """Return the APIs, or the other addresses, with visits before ``until`` (ISO 8601 UTC) that no roll-up counts."""
    sql = WAITING.format(whose="IN" if apis else "NOT IN", apis=APIS)
    return [int(row[0]) for row in db.execute(sql, [until])]


def to_settle(
    db: Database, urls: Sequence[int], before: str
) -> dict[int, tuple[list[Probe], tuple[Settled, str] | None]]:
    """Return the visits of these addresses before a moment that are not rolled up, and how it stood there."""
    known = bases(db, urls)
    rows = db.execute(f"{PROBES}{AMONG} AND visit.started < ?{IN_ORDER}", [json.dumps(list(urls)), before])
    return {url: (probes, known.get(url)) for url, probes in by_url(rows)}


def stale(db: Database) -> frozenset[int]:
    """Return the addresses of which table spell does not count all visits."""
    return frozenset(int(row[0]) for row in db.execute(STALE))


def roll_up(db: Database, shard: Mapping[int, Told], behind: frozenset[int]) -> tuple[int, int]:
    """Count the visits of some addresses, up to where each is settled, in one transaction; return the visits and days.

    Where table spell is ``behind`` the visits, the settled states are written as well, since what they were read from
    may go.
    """
    known = bases(db, list(shard))
    stored = stored_spells(db, list(shard), known)
    with db.atomic():
        db.execute("CREATE TEMP TABLE IF NOT EXISTS shard (url INTEGER PRIMARY KEY, until TEXT)")
        db.execute("DELETE FROM temp.shard")
        db.conn.executemany("INSERT INTO temp.shard VALUES (?, ?)", [(url, told[2]) for url, told in shard.items()])
        days, *others = roll_ups("", HERE)
        added = db.execute(days).rowcount
        for sql in others:
            db.execute(sql)
        for url, (told, settled, until) in shard.items():
            if url in behind:
                keep_spells(db, url, stored[url], told)
            db.execute(
                "INSERT INTO folded (url, until, since, visits, settled) VALUES (?, ?, ?, ?, ?) ON CONFLICT (url)"
                " DO UPDATE SET until = excluded.until, since = excluded.since, visits = excluded.visits,"
                " settled = excluded.settled",
                [url, until, settled.spell.since, settled.visits, packed(settled)],
            )
    counted = sum(told[1].visits - (known[url][0].visits if url in known else 0) for url, told in shard.items())
    return counted, added


def still_there(db: Database) -> int:
    """Return how many visits are rolled up and kept all the same, because something rests on them."""
    sql = "SELECT count(*) FROM folded JOIN visit ON visit.url = folded.url AND visit.started < folded.until"
    return int(db.execute(sql).fetchone()[0])
