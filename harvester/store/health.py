"""The states' reads and writes: table spell is kept equal to what all visits of each address amount to."""

import json
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from operator import itemgetter
from typing import Any

from sqlite_utils import Database

from harvester.health import RULES, Probe, Settled, spells
from harvester.records import Spell
from harvester.settle import unpacked

BATCH = 200
"""Addresses a transaction: with hundreds of visits each they are some ten megabytes in memory."""


@dataclass(frozen=True, slots=True)
class Change:
    """An address that is in another state, or in the same for another reason, than before; None before the first."""

    url_id: int
    url: str
    before: Spell | None
    after: Spell


PROBES = """
    SELECT visit.url, visit.id, visit.run, visit.attempt, visit.started, visit.outcome, visit.status,
        coalesce(visit.nature, content.nature) AS nature,
        -- a long body takes its time over the wire: there it counts how soon it began to come
        CASE WHEN visit.bytes > 1000000 THEN coalesce(visit.first_byte_ms, visit.milliseconds)
            ELSE visit.milliseconds END AS milliseconds,
        coalesce(content.format = 'html', visit.content_type LIKE '%html%', 0) AS html
    FROM unfolded AS visit LEFT JOIN content ON content.sha256 = visit.sha256 WHERE 1
"""
"""The visits that no roll-up counts: they are read on from how the address stood there (``bases``)."""
AMONG = " AND visit.url IN (SELECT value FROM json_each(?))"
IN_ORDER = " ORDER BY visit.url, visit.started, visit.id"
STALE = """
    SELECT seen.url FROM (
        SELECT url, sum(visits) AS visits FROM (
            SELECT url, count(*) AS visits FROM unfolded GROUP BY url UNION ALL SELECT url, visits FROM folded)
        GROUP BY url) AS seen
    LEFT JOIN (SELECT url, sum(visits) AS visits FROM spell GROUP BY url) AS told ON told.url = seen.url
    WHERE told.visits IS NOT seen.visits ORDER BY seen.url
"""
"""Visits are only ever added and each is counted in one spell, so that unlike numbers tell what is out of date."""
CLEAR = "DELETE FROM spell WHERE since >= coalesce((SELECT since FROM folded WHERE folded.url = spell.url), '')"
BASES = "SELECT url, settled, until FROM folded WHERE url IN (SELECT value FROM json_each(?))"

STORED = "SELECT * FROM spell WHERE url IN (SELECT value FROM json_each(?)) ORDER BY url, since"


def bring_up_to_date(db: Database, only: Collection[int] | None = None) -> tuple[Change, ...]:
    """Make the spells of every address with visits they do not count yet; return whose state or reason is another.

    Where ``only`` (numbers of addresses) is given the others are not looked at, which years of visits make dear.

    Old visits count as new ones do, so a workshop made before there were spells gets all of them. Rows are written
    only where they differ, a batch of addresses a transaction; a stop in between leaves the rest to the next call.
    Where the rules are others than those by which the spells were told, all are told anew of which the visits are
    still there: visits are the evidence, and what was told of those that were rolled up stands.
    """
    if db.execute("PRAGMA user_version").fetchone()[0] != RULES:
        only = None
        with db.atomic():
            db.execute(CLEAR)
            db.execute(f"PRAGMA user_version = {RULES}")
    stale = [row[0] for row in db.execute(STALE)] if only is None else sorted(only)
    changes: list[Change] = []
    for start in range(0, len(stale), BATCH):
        changes += _bring(db, stale[start : start + BATCH])
    return tuple(changes)


def states_at(db: Database, moment: str, only: Collection[int] | None = None) -> dict[int, Spell]:
    """Return the state each address was in by what had been seen up to ``moment`` (ISO 8601 UTC), by its number.

    In a workshop they are read anew from the visits where table spell does not count them all or counts later ones,
    so that nothing is known before it was seen; of visits that were rolled up since, the table tells. A published
    database, which keeps only some of the visits, is taken at its word. Empty where there is no table spell. Where
    ``only`` is given, those addresses' alone are told, and table spell must count all their visits.
    """
    tables = set(db.table_names())
    if "spell" not in tables:
        return {}
    among = "" if only is None else " AND url IN (SELECT value FROM json_each(?2))"
    sql = f"SELECT * FROM spell WHERE since <= ?1 AND (until IS NULL OR until > ?1){among}"  # noqa: S608 -- our own text
    rows = db.query(sql, [moment] if only is None else [moment, json.dumps(sorted(only))])
    states = {int(row["url"]): spell_of(row) for row in rows}
    if "folded" in tables:
        anew = sorted(_told_otherwise(db, moment) if only is None else _seen_later(db, moment, only))
        for start in range(0, len(anew), BATCH):
            some = anew[start : start + BATCH]
            known = {url: base for url, (base, until) in bases(db, some).items() if until <= moment}
            states.update((url, base.spell) for url, base in known.items())
            batch = [json.dumps(some), moment]
            for url, seen in by_url(db.execute(f"{PROBES}{AMONG} AND visit.started <= ?{IN_ORDER}", batch)):
                states[url] = spells(seen, known.get(url))[-1]
    return states


def _told_otherwise(db: Database, moment: str) -> set[int]:
    """Return the addresses whose stored spells are not what the visits up to ``moment`` amount to."""
    later = {int(row[0]) for row in db.execute("SELECT DISTINCT url FROM visit WHERE started > ?", [moment])}
    return later | {int(row[0]) for row in db.execute(STALE)}


def _seen_later(db: Database, moment: str, only: Collection[int]) -> set[int]:
    sql = "SELECT DISTINCT url FROM visit WHERE url IN (SELECT value FROM json_each(?)) AND started > ?"
    return {int(row[0]) for row in db.execute(sql, [json.dumps(sorted(only)), moment])}


def spell_of(row: Mapping[str, Any]) -> Spell:
    """Return a row of table spell as the record."""
    proof = tuple(json.loads(row["proof"]))
    return Spell(row["state"], row["reason"], row["since"], row["until"], row["visits"], proof)


def bases(db: Database, urls: Sequence[int]) -> dict[int, tuple[Settled, str]]:
    """Return how those of these addresses stood that have visits rolled up, and up to when (ISO 8601 UTC)."""
    return {url: (unpacked(text), until) for url, text, until in db.execute(BASES, [json.dumps(list(urls))])}


def _bring(db: Database, urls: Sequence[int]) -> list[Change]:
    ids = json.dumps(list(urls))
    known, probes = bases(db, urls), dict(by_url(db.execute(PROBES + AMONG + IN_ORDER, [ids])))
    fresh = {url: spells(probes.get(url, ()), known[url][0] if url in known else None) for url in urls}
    stored = stored_spells(db, urls, known)
    names = dict(db.execute("SELECT id, url FROM url WHERE id IN (SELECT value FROM json_each(?))", [ids]).fetchall())
    with db.atomic():
        for url, told in fresh.items():
            keep_spells(db, url, stored[url], told)
    both = [(url, stored[url][-1] if stored[url] else None, told[-1]) for url, told in fresh.items() if told]
    return [
        Change(url, names[url], before, after)
        for url, before, after in both
        if before is None or (before.state, before.reason) != (after.state, after.reason)
    ]


def stored_spells(
    db: Database, urls: Sequence[int], known: Mapping[int, tuple[Settled, str]]
) -> dict[int, list[Spell]]:
    """Return the stored spells of these addresses, oldest first, that visits to come may change."""
    stored: dict[int, list[Spell]] = {url: [] for url in urls}
    for row in db.query(STORED, [json.dumps(list(urls))]):
        if row["url"] not in known or row["since"] >= known[row["url"]][0].spell.since:
            stored[row["url"]].append(spell_of(row))
    return stored


def keep_spells(db: Database, url: int, stored: Sequence[Spell], told: Sequence[Spell]) -> None:
    """Write what is otherwise in ``told`` than in the rows ``stored`` of an address; the caller holds a transaction."""
    gone, new = set(stored) - set(told), set(told) - set(stored)
    for spell in sorted(gone, key=lambda spell: spell.since):
        db.execute("DELETE FROM spell WHERE url = ? AND since = ?", [url, spell.since])
    for spell in sorted(new, key=lambda spell: spell.since):
        row = [url, spell.since, spell.state, spell.reason, spell.until, spell.visits, json.dumps(spell.proof)]
        db.execute(
            "INSERT INTO spell (url, since, state, reason, until, visits, proof) VALUES (?, ?, ?, ?, ?, ?, ?)", row
        )


def by_url(rows: Iterable[Sequence[Any]]) -> Iterator[tuple[int, list[Probe]]]:
    """Group rows of ``PROBES`` by address; the columns after it are in the order of the record's fields."""
    for url, group in groupby(rows, key=itemgetter(0)):
        yield int(url), [Probe(*row[1:]) for row in group]
