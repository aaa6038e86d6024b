"""Reads and writes of comparing: which contents await it, what stands behind them, and what was found."""

import json
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from sqlite_utils import Database

from harvester.compare.pairs import Offer, pairs
from harvester.compare.records import Comparison, Difference, Field, Kind, Reading, Shape
from harvester.records import Column, Dialect, Sniffed
from harvester.store.contents import nature_of

Pair = tuple[str, str]
"""Two contents by their sha256."""
IN_LANGUAGE = {"en": "en", "zh-hant": "tc", "zh-hans": "sc"}

_NEWEST = """
    CREATE TEMP TABLE newest AS
    SELECT visit.url, visit.sha256, max(visit.started) AS started FROM visit JOIN content USING (sha256)
    WHERE visit.outcome = 'ok' AND content.nature IN ('data', 'page') AND content.complete{among} GROUP BY visit.url
"""
_DICTIONARIES = """
    SELECT DISTINCT newest.sha256 FROM dataset JOIN newest ON newest.url = dataset.dictionary
    LEFT JOIN dictionary_reading AS done ON done.content = newest.sha256 AND done.rules >= :rules
    WHERE dataset.withdrawn_at IS NULL AND done.content IS NULL ORDER BY newest.sha256
"""
_BESIDE_DICTIONARY = """
    SELECT DISTINCT reading.content, mine.sha256 FROM dataset
    JOIN newest AS its ON its.url = dataset.dictionary
    JOIN dictionary_reading AS reading ON reading.content = its.sha256 AND reading.state = 'read'
    JOIN resource ON resource.dataset = dataset.name AND resource.withdrawn_at IS NULL
    JOIN newest AS mine ON mine.url = coalesce(resource.example, resource.url)
    JOIN content ON content.sha256 = mine.sha256 AND content.verdict IN ('valid', 'invalid')
    LEFT JOIN comparison AS done
        ON done.kind = 'dictionary' AND done.a = reading.content AND done.b = mine.sha256 AND done.rules >= :rules
    WHERE dataset.withdrawn_at IS NULL AND done.a IS NULL AND content.profile IS NOT NULL
    ORDER BY reading.content, mine.sha256
"""
_OFFERS = """
    SELECT dataset.name, url.url, coalesce(resource.title_en, resource.title_tc, '') AS title, content.format,
        newest.sha256, resource.in_language
    FROM dataset JOIN resource ON resource.dataset = dataset.name AND resource.withdrawn_at IS NULL
    JOIN url ON url.url IN (resource.url_en, resource.url_tc, resource.url_sc) OR url.id = resource.url
    LEFT JOIN newest ON newest.url = url.id
    LEFT JOIN content ON content.sha256 = newest.sha256 AND content.verdict IN ('valid', 'invalid')
    WHERE dataset.withdrawn_at IS NULL AND resource.kind <> 'template' AND :only IN ('', dataset.name)
    ORDER BY dataset.name, resource.position, resource.shared_id, url.id
"""
_VERSIONS = """
    WITH seen AS (
        SELECT visit.url, visit.sha256, min(visit.started) AS since FROM visit JOIN content USING (sha256)
        WHERE visit.outcome = 'ok' AND content.nature = 'data' AND content.complete AND content.profile IS NOT NULL
            AND content.verdict IN ('valid', 'invalid', 'opens'){among}
        GROUP BY visit.url, visit.sha256
    ), following AS (
        SELECT sha256 AS a, lead(sha256) OVER (PARTITION BY url ORDER BY since, sha256) AS b FROM seen
    )
    SELECT DISTINCT following.a, following.b FROM following
    LEFT JOIN comparison AS done
        ON done.kind = 'versions' AND done.a = following.a AND done.b = following.b AND done.rules >= :rules
    WHERE following.b IS NOT NULL AND done.a IS NULL ORDER BY following.a, following.b
"""
_AMONG = " AND visit.url IN (SELECT value FROM json_each(:urls))"
_URLS = """
    SELECT url.id FROM resource JOIN url ON url.url IN (resource.url_en, resource.url_tc, resource.url_sc)
    WHERE resource.dataset = :name
    UNION SELECT coalesce(example, url) FROM resource WHERE dataset = :name
    UNION SELECT dictionary FROM dataset WHERE name = :name AND dictionary IS NOT NULL
"""
_FIELDS = "SELECT * FROM dictionary_field WHERE content = ? ORDER BY position"


@dataclass(frozen=True, slots=True)
class Known:
    """What is stored of one content: how large its body is, what its bytes are, and the shape of its table."""

    bytes: int
    sniffed: Sniffed
    shape: Shape


def addresses(db: Database, dataset: str) -> list[int]:
    """Return the numbers of a dataset's addresses, in every language, with its dictionary's."""
    return [row[0] for row in db.execute(_URLS, {"name": dataset})]


def newest(db: Database, urls: Sequence[int] | None = None) -> None:
    """Note for this connection which content each address has now: what the other questions here are asked of.

    Where ``urls`` (numbers of addresses) are given they alone are noted, and so nothing is compared but theirs.
    """
    among = "" if urls is None else f" AND visit.url IN ({','.join(str(int(url)) for url in urls) or 'NULL'})"
    db.execute("DROP TABLE IF EXISTS temp.newest")
    db.execute(_NEWEST.format(among=among))
    db.execute("CREATE INDEX temp.newest_url ON newest(url)")


def unread_dictionaries(db: Database, rules: int) -> list[str]:
    """Return the contents that stand behind live datasets' dictionaries and were not read under ``rules``."""
    return [str(row[0]) for row in db.execute(_DICTIONARIES, {"rules": rules})]


def beside_dictionaries(db: Database, rules: int) -> list[Pair]:
    """Return each dictionary that was read with each table of its dataset it was not laid against."""
    return [(str(a), str(b)) for a, b in db.execute(_BESIDE_DICTIONARY, {"rules": rules})]


def beside_languages(db: Database, rules: int, only: str = "") -> list[Pair]:
    """Return the pairs of tables that are one table in two languages and were not laid beside each other.

    Where ``only`` names a dataset, those of it.

    Both instances' addresses count where both were visited; which are a pair is told in ``harvester.compare.pairs``.
    """
    done = {(str(a), str(b)) for a, b in db.execute(
        "SELECT a, b FROM comparison WHERE kind = 'languages' AND rules >= ?", [rules])}  # fmt: skip
    offers: dict[str, dict[str, Offer]] = defaultdict(dict)
    for name, address, title, format_, sha256, in_language in db.execute(_OFFERS, {"only": only}):
        language = IN_LANGUAGE.get((in_language or "").lower())
        content = sha256 if format_ else None
        offers[name].setdefault(address, Offer(address, title, format_ or "", content, language))  # type: ignore[arg-type]
    found = (pair for group in offers.values() for pair in pairs(list(group.values())))
    both = ((one.content, two.content) for one, two in found if one.content and two.content)
    return sorted({(a, b) for a, b in both if a != b and (a, b) not in done})


def following_versions(db: Database, rules: int, urls: Sequence[int] | None = None) -> list[Pair]:
    """Return each two contents that an address had one after the other and that were not laid beside each other.

    Where ``urls`` (numbers of addresses) are given, of these.
    """
    sql = _VERSIONS.format(among="" if urls is None else _AMONG)
    told = {"rules": rules} if urls is None else {"rules": rules, "urls": json.dumps(list(urls))}
    return [(str(a), str(b)) for a, b in db.execute(sql, told)]


def known(db: Database, contents: Iterable[str]) -> dict[str, Known]:
    """Return what is stored of these contents."""
    wanted = json.dumps(sorted(set(contents)))
    rows = db.query("SELECT * FROM content WHERE sha256 IN (SELECT value FROM json_each(?))", [wanted])
    return {row["sha256"]: Known(row["bytes"], _sniffed(row), shape(row)) for row in rows}


def _sniffed(row: Mapping[str, Any]) -> Sniffed:
    members = tuple(json.loads(row["members"] or "[]"))
    return Sniffed(row["format"], nature_of(row["nature"]), row["encoding"], bool(row["bom"]), members)


def shape(row: Mapping[str, Any]) -> Shape:
    """Return the shape of a content's table from its row."""
    profile = json.loads(row["profile"] or "{}")
    columns = tuple(
        Column(**{name: each[name] for name in _COLUMN if name in each}) for each in profile.get("columns", ())
    )
    dialect = json.loads(row["dialect"]) if row["dialect"] else None
    return Shape(
        row["sha256"], row["format"], row["verdict"] or "unmeasured", row["encoding"], row["rows"], columns,
        Dialect(**{name: dialect[name] for name in _DIALECT if name in dialect}) if dialect else None,
        profile.get("earliest"), profile.get("latest"),
    )  # fmt: skip


_COLUMN = ("label", "type", "null_share", "distinct", "low", "high", "markers")
_DIALECT = ("encoding", "delimiter", "header_row", "header_rows", "footer_rows", "sheet", "record_path", "columns")
"""The parts of the stored records that comparing looks at."""


def fields_of(db: Database, content: str) -> list[Field]:
    """Return the fields a dictionary was found to describe."""
    return [
        Field(row["section"], row["name"], tuple(json.loads(row["others"])), row["type"], row["kind"],
              row["description"])
        for row in db.query(_FIELDS, [content])
    ]  # fmt: skip


def save_reading(db: Database, content: str, reading: Reading, rules: int) -> None:
    """Store what came of reading a dictionary, in the place of what older rules made of it, in one transaction."""
    with db.atomic():
        db.execute("DELETE FROM dictionary_field WHERE content = ?", [content])
        db.execute(
            "INSERT INTO dictionary_reading (content, state, reason, fields, rules) VALUES (?, ?, ?, ?, ?)"
            " ON CONFLICT DO UPDATE SET state = excluded.state, reason = excluded.reason, fields = excluded.fields,"
            " rules = excluded.rules",
            [content, reading.state, reading.reason, len(reading.fields), rules],
        )
        db.conn.executemany(
            "INSERT INTO dictionary_field (content, position, section, name, others, type, kind, description)"
            " VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
            [
                (content, position, each.section, each.name, _json(each.others), each.type, each.kind, each.description)
                for position, each in enumerate(reading.fields, 1)
            ],
        )


def save(db: Database, kind: Kind, found: Sequence[tuple[Pair, Comparison]], rules: int) -> None:
    """Store comparisons, in the place of what older rules made of the same two contents, in one transaction."""
    with db.atomic():
        for (a, b), comparison in found:
            db.execute("DELETE FROM difference WHERE kind = ? AND a = ? AND b = ?", [kind, a, b])
            db.execute(
                "INSERT INTO comparison (kind, a, b, reason, facts, rules) VALUES (?, ?, ?, ?, ?, ?)"
                " ON CONFLICT DO UPDATE SET reason = excluded.reason, facts = excluded.facts, rules = excluded.rules",
                [kind, a, b, comparison.reason, _json(dict(comparison.facts)), rules],
            )
            db.conn.executemany(_SAVE_DIFFERENCE, _rows(kind, a, b, comparison.differences))


_SAVE_DIFFERENCE = """
    INSERT INTO difference (kind, a, b, number, code, column_a, column_b, row_a, row_b, value_a, value_b)
    VALUES (:kind, :a, :b, :number, :code, :column_a, :column_b, :row_a, :row_b, :value_a, :value_b)
"""


def _rows(kind: Kind, a: str, b: str, differences: Sequence[Difference]) -> Iterator[dict[str, object]]:
    for number, each in enumerate(differences, 1):
        yield {"kind": kind, "a": a, "b": b, "number": number, **asdict(each)}


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
