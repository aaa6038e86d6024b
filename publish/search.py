"""Search that finds 天氣 in 天气: characters are folded to one spelling and Chinese is indexed as pairs of characters.

A word of Chinese has no spaces around it, so text is indexed as overlapping pairs (天氣預報 as 天气 气预 预报 报) and a
query becomes the phrase of its pairs. Words in other scripts are found by their beginnings. What is written together
(a name, a host, a file's name) is looked for together first, and word by word only where that finds nothing.
"""

import json
import re
import sqlite3
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from urllib.parse import unquote

from publish.safe import MAX_URL, clean

RUNS = re.compile(r"[㐀-鿿豈-﫿\U00020000-\U0002fa1f]+|[^\W_㐀-鿿豈-﫿\U00020000-\U0002fa1f]+")
CHINESE = re.compile(r"^[㐀-鿿豈-﫿\U00020000-\U0002fa1f]")
APART = re.compile(r"[^\w\-./:?=&%~+@#'’]+")
"""What stands between things that are looked for each by itself; other signs hold a name or an address together."""
ADDRESS = re.compile(r"(?:[a-z][a-z0-9+.-]*:)?//\S+|www\.\S+|\S+\.\S+/\S*", re.IGNORECASE)
SCHEME = re.compile(r"^(?:[a-z][a-z0-9+.-]*:)?//", re.IGNORECASE)
SUBJECT = re.compile(r"/(dataset|provider|category)/([^/?#\s]+)|[?&](id)=([^&#\s]+)", re.IGNORECASE)
"""How pages of DATA.GOV.HK and of this site, and the calls of CKAN, name what they are about."""
MAX_QUERY = 200
"""Characters of a query that are read, but of an address: more is never a question and costs the index."""
MAX_WORDS = 12
"""Words that are looked for; each is one more walk through the index."""


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


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a reader typed, understood.

    ``text`` is what of it is read and ``cut`` tells whether there was more. ``words`` are its parts, folded, each to be
    found; ``together``, ``apart`` and ``whole`` are FTS5 expressions: what is written together as phrases, every run by
    itself, and all of it as one phrase. All are empty where there is nothing to find.
    """

    text: str
    cut: bool
    words: tuple[str, ...]
    together: str
    apart: str
    whole: str


def understand(query: str) -> Wanted:
    """Return what ``query`` asks for. No character of it reaches FTS5 as syntax."""
    typed = clean(query[: MAX_URL + 1]).strip()
    address = ADDRESS.fullmatch(typed) is not None
    most = MAX_URL if address else MAX_QUERY
    text = typed[:most]
    plain = fold(unquote(SCHEME.sub("", text), errors="ignore") if address else text)
    words = tuple(dict.fromkeys(word for word in APART.split(plain) if RUNS.search(word)))
    runs = [RUNS.findall(word) for word in words[:MAX_WORDS]]
    single = list(dict.fromkeys(run for each in runs for run in each))
    return Wanted(
        text,
        cut=len(typed) > most or len(words) > MAX_WORDS,
        words=words[:MAX_WORDS],
        together=" ".join(_phrase(each) for each in runs),
        apart=" ".join(_phrase([run]) for run in single[:MAX_WORDS]),
        whole=_phrase([run for each in runs for run in each]) if runs else "",
    )


def _phrase(runs: Sequence[str]) -> str:
    """Return the FTS5 phrase of ``runs`` in their order, the last of them found by its beginning."""
    tokens: list[str] = []
    for run in runs:
        tokens += [run[place : place + 2] for place in range(len(run))] if CHINESE.match(run) else [run]
    if CHINESE.match(runs[-1]) and len(runs[-1]) > 1:
        return '"' + " ".join(tokens[:-1]) + '"'
    return '"' + " ".join(tokens) + '"*'


def match_query(query: str) -> str:
    """Return the FTS5 expression that finds every word a reader typed; an empty string where there is none."""
    runs = dict.fromkeys(RUNS.findall(fold(query[:MAX_QUERY])))
    return " ".join(_phrase([run]) for run in runs)


INDEX_SQL = """
SELECT d.id,
       coalesce(d.title_en, '') || ' ' || coalesce(d.title_tc, '') || ' ' || coalesce(d.title_sc, '') AS title,
       coalesce(p.title_en, '') || ' ' || coalesce(p.title_tc, '') || ' ' || coalesce(p.title_sc, '') || ' ' || p.slug
           AS provider,
       d.name,
       coalesce((SELECT group_concat(coalesce(r.title_en, '') || ' ' || coalesce(r.title_tc, '') || ' '
                                     || coalesce(r.title_sc, '') || ' ' || r.format, ' ')
                 FROM resource r WHERE r.dataset = d.name), '') AS resources,
       coalesce(d.notes_en, '') || ' ' || coalesce(d.notes_tc, '') || ' ' || coalesce(d.notes_sc, '') AS notes
FROM dataset d JOIN provider p ON p.slug = d.provider ORDER BY d.id
"""
ADDRESSES_SQL = """
SELECT dataset, address FROM (
    SELECT r.dataset, u.url AS address FROM resource r JOIN url u ON u.id IN (r.url, r.example)
    UNION SELECT dataset, url_en FROM resource WHERE url_en IS NOT NULL
    UNION SELECT dataset, url_tc FROM resource WHERE url_tc IS NOT NULL
    UNION SELECT dataset, url_sc FROM resource WHERE url_sc IS NOT NULL
    UNION SELECT d.name, u.url FROM dataset d JOIN url u ON u.id = d.dictionary
) ORDER BY dataset, address
"""
MAX_FIELD, MAX_ADDRESSES = 20_000, 400_000
"""Characters of one field, and of one dataset's addresses, that are indexed; the longest honest notes have a few
thousand, the longest lists of files some thousand addresses."""


def fill_index(connection: sqlite3.Connection) -> int:
    """Fill ``dataset_search`` from the tables of an unfinished catalog.db and return how many datasets it holds."""
    addresses: dict[str, list[str]] = {}
    for dataset, address in connection.execute(ADDRESSES_SQL):
        addresses.setdefault(dataset, []).append(unquote(SCHEME.sub("", address), errors="ignore"))
    rows = connection.execute(INDEX_SQL).fetchall()
    connection.executemany(
        "INSERT INTO dataset_search (rowid, title, provider, name, resources, notes, address)"
        " VALUES (?, ?, ?, ?, ?, ?, ?)",
        [
            (
                row[0],
                *(index_text(field[:MAX_FIELD]) for field in row[1:]),
                index_text("\n".join(addresses.get(row[3], []))[:MAX_ADDRESSES]),
            )
            for row in rows
        ],
    )
    return len(rows)


@dataclass(frozen=True, slots=True)
class Hit:
    """A standing dataset that was found: what it is called, and what it can be chosen by."""

    name: str
    provider: str
    category: str | None
    failing: int


HITS_SQL = """
SELECT d.id, d.name, s.provider, s.category, s.failing,
       bm25(dataset_search, 10.0, 4.0, 6.0, 2.0, 1.0, 2.0) AS weight
FROM dataset_search JOIN dataset d ON d.id = dataset_search.rowid JOIN dataset_summary s ON s.dataset = d.name
WHERE dataset_search MATCH ? AND d.withdrawn_at IS NULL ORDER BY weight, d.name
"""
IDS_SQL = "SELECT rowid FROM dataset_search WHERE dataset_search MATCH ?"
EXACT_SQL = """
WITH typed AS (SELECT id FROM url WHERE url IN (?, ?, ?, ?))
SELECT d.id FROM resource r JOIN dataset d ON d.name = r.dataset WHERE r.url IN typed OR r.example IN typed
UNION SELECT id FROM dataset WHERE dictionary IN typed
UNION SELECT id FROM dataset WHERE name = ?
"""


def hits(connection: sqlite3.Connection, wanted: Wanted) -> list[Hit]:
    """Return every standing dataset that holds all that is wanted, best first.

    An exact address or name goes before the whole phrase in the title, that before all words in the title, that before
    the phrase in the name, that before the phrase anywhere, and that before all words anywhere; bm25 orders the rest.
    """
    if not wanted.words:
        return []
    match = wanted.together
    found = connection.execute(HITS_SQL, [match]).fetchall()
    if not found and wanted.apart != match:
        match = wanted.apart
        found = connection.execute(HITS_SQL, [match]).fetchall()
    whole = wanted.whole
    asked = [f"title : {whole}", f"title : ({match})", f"name : {whole}", whole] if len(found) > 1 else []
    tiers = [{row[0] for row in connection.execute(IDS_SQL, [expression])} for expression in asked]
    tiers.insert(0, exact(connection, wanted))
    ranked = sorted(found, key=lambda row: next((at for at, tier in enumerate(tiers) if row[0] in tier), len(tiers)))
    return [Hit(*row[1:5]) for row in ranked]


def exact(connection: sqlite3.Connection, wanted: Wanted) -> set[int]:
    """Return the numbers of the datasets that are named so, or have that very address, over http or https."""
    bare = SCHEME.sub("", wanted.text).partition("#")[0].rstrip("/")
    typed = [f"{scheme}://{bare}{end}" for scheme in ("https", "http") for end in ("", "/")]
    return {row[0] for row in connection.execute(EXACT_SQL, [*typed, wanted.text])}


def leads_to(connection: sqlite3.Connection, query: str) -> tuple[str, str] | None:
    """Return the kind and name of the subject whose page's address was pasted; None where it names none we have."""
    if not ADDRESS.fullmatch(query.strip()[:MAX_URL]):
        return None
    for kind, name, _id, ident in SUBJECT.findall(query[:MAX_URL]):
        about, key = (kind.lower(), unquote(name)) if kind else ("dataset", unquote(ident))
        column = "name" if about == "dataset" else "slug"
        row = connection.execute(f"SELECT {column} FROM {about} WHERE {column} = ?", [key]).fetchone()  # noqa: S608 - one of three names of our own
        if row:
            return about, str(row[0])
    return None


def search(connection: sqlite3.Connection, query: str, limit: int = 50) -> list[str]:
    """Return the names of at most ``limit`` datasets that hold every word of ``query``, best first."""
    return [hit.name for hit in hits(connection, understand(query))[:limit]]
