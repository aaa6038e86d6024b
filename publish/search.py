"""Search that finds 天氣 in 天气: characters are folded to one spelling and Chinese is indexed as pairs of characters.

A word of Chinese has no spaces around it, so text is indexed as overlapping pairs (天氣預報 as 天气 气预 预报 报) and a
query becomes the phrase of its pairs. Words in other scripts are found by their beginnings.
"""

import json
import re
import sqlite3
import unicodedata
from functools import cache
from importlib.resources import files

RUNS = re.compile(r"[㐀-鿿豈-﫿\U00020000-\U0002fa1f]+|[^\W_㐀-鿿豈-﫿\U00020000-\U0002fa1f]+")
CHINESE = re.compile(r"^[㐀-鿿豈-﫿\U00020000-\U0002fa1f]")
MAX_QUERY = 200
"""Characters of a query that are read: more is never a question and costs the index."""


@cache
def _table() -> dict[int, str]:
    text = files("publish").joinpath("folding.json").read_text(encoding="utf-8")
    return {ord(key): value for key, value in json.loads(text).items()}


def fold(text: str) -> str:
    """Return ``text`` in the one spelling everything is searched as: NFKC, lower case, Simplified, variants joined."""
    return unicodedata.normalize("NFKC", text).lower().translate(_table())


def index_text(text: str) -> str:
    """Return the tokens, separated by spaces, under which ``text`` is indexed."""
    tokens: list[str] = []
    for run in RUNS.findall(fold(text)):
        if CHINESE.match(run):
            tokens.extend(run[place : place + 2] for place in range(len(run)))
        else:
            tokens.append(run)
    return " ".join(tokens)


def match_query(query: str) -> str:
    """Return the FTS5 expression that finds what a reader typed; an empty string where there is nothing to find.

    Every word must be found. No character of the query reaches FTS5 as syntax.
    """
    parts: list[str] = []
    for run in RUNS.findall(fold(query[:MAX_QUERY])):
        if not CHINESE.match(run) or len(run) == 1:
            parts.append(f'"{run}"*')
        else:
            pairs = [run[place : place + 2] for place in range(len(run) - 1)]
            parts.append('"' + " ".join(pairs) + '"')
    return " ".join(parts)


INDEX_SQL = """
SELECT d.id,
       coalesce(d.title_en, '') || ' ' || coalesce(d.title_tc, '') || ' ' || coalesce(d.title_sc, '') AS title,
       coalesce(p.title_en, '') || ' ' || coalesce(p.title_tc, '') || ' ' || coalesce(p.title_sc, '') || ' ' || p.slug
           AS provider,
       d.name,
       coalesce((SELECT group_concat(coalesce(r.title_en, '') || ' ' || coalesce(r.title_tc, '') || ' ' || r.format
                                     || ' ' || u.url, ' ')
                 FROM resource r JOIN url u ON u.id = r.url WHERE r.dataset = d.name), '') AS resources,
       coalesce(d.notes_en, '') || ' ' || coalesce(d.notes_tc, '') || ' ' || coalesce(d.notes_sc, '') AS notes
FROM dataset d JOIN provider p ON p.slug = d.provider ORDER BY d.id
"""
MAX_FIELD = 20_000
"""Characters of one field that are indexed; the longest honest notes have a few thousand."""


def fill_index(connection: sqlite3.Connection) -> int:
    """Fill ``dataset_search`` from the tables of an unfinished catalog.db and return how many datasets it holds."""
    rows = connection.execute(INDEX_SQL).fetchall()
    connection.executemany(
        "INSERT INTO dataset_search (rowid, title, provider, name, resources, notes) VALUES (?, ?, ?, ?, ?, ?)",
        [(row[0], *(index_text(field[:MAX_FIELD]) for field in row[1:])) for row in rows],
    )
    return len(rows)


SEARCH_SQL = """
SELECT d.name FROM dataset_search JOIN dataset d ON d.id = dataset_search.rowid
WHERE dataset_search MATCH :match AND d.withdrawn_at IS NULL
ORDER BY bm25(dataset_search, 10.0, 4.0, 6.0, 2.0, 1.0), d.name LIMIT :limit
"""


def search(connection: sqlite3.Connection, query: str, limit: int = 50) -> list[str]:
    """Return the names of at most ``limit`` datasets that hold every word of ``query``, best first."""
    match = match_query(query)
    if not match:
        return []
    return [row[0] for row in connection.execute(SEARCH_SQL, {"match": match, "limit": limit})]
