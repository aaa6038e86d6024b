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
from heapq import nsmallest
from importlib.resources import files
from urllib.parse import unquote

from publish.once import once
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
BRIEF = 2
"""Letters of a word that would be the beginning of too many."""
MAX_WORDS, MAX_RUNS = 12, 40
"""Words that are looked for, and runs of letters in one phrase; each is one more walk through the index."""


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
    """What a reader typed, understood; ``words`` is empty where there is nothing to find.

    ``text`` is what of it is read and ``cut`` tells whether there was more. ``words`` are its parts, folded, each to be
    found as it is written, an address being one; ``apart`` are the runs of letters and digits they are made of.
    """

    text: str
    cut: bool
    words: tuple[str, ...]
    apart: tuple[str, ...]

    @property
    def whole(self) -> str:
        """The FTS5 phrase of all that was typed."""
        return phrase(" ".join(self.words))


def understand(query: str) -> Wanted:
    """Return what ``query`` asks for."""
    typed = clean(query[: MAX_URL + 1]).strip()
    address = is_address(typed)
    most = MAX_URL if address else MAX_QUERY
    text = typed[:most]
    parts = [bare(fold(text))] if address else APART.split(fold(text))
    words = tuple(dict.fromkeys(word for word in parts if RUNS.search(word)))
    apart = dict.fromkeys(run for word in words[:MAX_WORDS] for run in RUNS.findall(word))
    return Wanted(text, len(typed) > most or len(words) > MAX_WORDS, words[:MAX_WORDS], tuple(apart)[:MAX_WORDS])


def is_address(text: str) -> bool:
    """Tell whether ``text`` is written as an address: with a scheme, www., or a dot before a slash."""
    return ADDRESS.fullmatch(text.strip()) is not None


def bare(address: str) -> str:
    """Return an address as it is searched: without its scheme, its fragment and the slash at its end, unescaped."""
    return unquote(SCHEME.sub("", address).partition("#")[0].rstrip("/"), errors="ignore")


def phrase(text: str) -> str:
    """Return the FTS5 phrase of the words of ``text`` in their order, the last of them found by its beginning.

    No character of ``text`` reaches FTS5 as syntax. The empty string where there is no word.
    """
    runs = RUNS.findall(fold(text))[:MAX_RUNS]
    if not runs:
        return ""
    tokens: list[str] = []
    for run in runs:
        tokens += [run[place : place + 2] for place in range(len(run))] if CHINESE.match(run) else [run]
    if CHINESE.match(runs[-1]) and len(runs[-1]) > 1:
        return '"' + " ".join(tokens[:-1]) + '"'
    return '"' + " ".join(tokens) + '"*'


def match_query(query: str) -> str:
    """Return the FTS5 expression that finds every word a reader typed; an empty string where there is none."""
    return " ".join(phrase(run) for run in dict.fromkeys(RUNS.findall(fold(query[:MAX_QUERY]))))


@dataclass(frozen=True, slots=True)
class Hit:
    """A standing dataset that was found: what it is called, and what it can be chosen by."""

    name: str
    provider: str
    category: str | None
    failing: int


STANDING_SQL = """
SELECT d.id, d.name, s.provider, s.category, s.failing FROM dataset d JOIN dataset_summary s ON s.dataset = d.name
WHERE d.withdrawn_at IS NULL
"""
WEIGHED_SQL = """
SELECT rowid, bm25(dataset_search, 10.0, 4.0, 6.0, 2.0, 1.0) FROM dataset_search WHERE dataset_search MATCH ?
"""
WEIGHED_AMONG_SQL = WEIGHED_SQL.rstrip() + " AND +rowid IN (SELECT value FROM json_each(?))"  # noqa: S608 - our own text
IDS_SQL = "SELECT rowid FROM dataset_search WHERE dataset_search MATCH ?"
ADDRESS_IDS_SQL = "SELECT rowid FROM dataset_search_address WHERE dataset_search_address MATCH ?"
USED_SQL = """
SELECT d.id FROM resource r JOIN dataset d ON d.name = r.dataset WHERE r.url = :url
UNION SELECT d.id FROM resource r JOIN dataset d ON d.name = r.dataset WHERE r.example = :url
UNION SELECT id FROM dataset WHERE dictionary = :url
"""


def hits(connection: sqlite3.Connection, wanted: Wanted) -> list[Hit]:
    """Return every standing dataset that holds all that is wanted, best first.

    An exact address or name goes before the whole phrase in the title, that before all words in the title, that before
    the phrase in the name, that before the phrase anywhere, and that before all words anywhere; bm25 orders the rest,
    and what only its category's title finds goes last. Where what is written together is nowhere, its parts are looked
    for.
    """
    words = wanted.words
    found = found_in(connection, words)
    if not found and wanted.apart != words:
        words = wanted.apart
        found = found_in(connection, words)
    if not found:
        return []
    rank = dict.fromkeys(exact(connection, wanted), 0)
    for place, ask in _asks(wanted, words):
        rank = dict.fromkeys((row[0] for row in connection.execute(IDS_SQL, [ask])), place) | rank
    known = standing(connection)
    last = len(rank) + 9
    order = sorted([(rank.get(number, last), weight, number) for number, weight in found.items() if number in known])
    return [known[number] for _rank, _weight, number in order]


def _asks(wanted: Wanted, words: Sequence[str]) -> list[tuple[int, str]]:
    """Return what goes before what, each as its place and an FTS5 expression; only what tells hits apart."""
    whole, every = wanted.whole, " ".join(_phrases(words))
    asks = [(1, f"title : {whole}"), (2, f"title : ({every})"), (3, f"name : {whole}"), (4, whole)]
    if len(words) > 1:
        return asks
    # Of one word alone, the phrase and all words are the same, and of one run of letters, every hit holds the phrase.
    return [asks[0], asks[2]] if words == wanted.words and RUNS.fullmatch(words[0]) else [asks[0], asks[2], asks[3]]


def first_hits(connection: sqlite3.Connection, wanted: Wanted, most: int) -> list[Hit]:
    """Return the first ``most`` of `hits`, sooner where that many hold the whole phrase in the title."""
    if wanted.words and not exact(connection, wanted):
        known = standing(connection)
        titled = [row[0] for row in connection.execute(IDS_SQL, [f"title : {wanted.whole}"]) if row[0] in known]
        if len(titled) >= most:
            every = " ".join(_phrases(wanted.words))
            weighed = connection.execute(WEIGHED_AMONG_SQL, [every, json.dumps(titled)]).fetchall()
            if len(weighed) == len(titled):
                return [known[number] for _weight, number in nsmallest(most, ((row[1], row[0]) for row in weighed))]
    return hits(connection, wanted)[:most]


def found_in(connection: sqlite3.Connection, words: Sequence[str]) -> dict[int, float]:
    """Return the numbers of the datasets that hold every word, each with its weight (bm25: less is better).

    A word is looked for in addresses too where it is made of several runs, or is nowhere else, and always in the titles
    of categories, which weigh nothing.
    """
    if not words:
        return {}
    weights = dict(connection.execute(WEIGHED_SQL, [" ".join(_phrases(words))]).fetchall())
    in_categories = [of_categories(connection, word) for word in words]
    single = all(RUNS.fullmatch(word) for word in words)
    if weights and single and not any(in_categories):
        return weights
    held: set[int] | None = None
    for word, asked, in_category in zip(words, _phrases(words), in_categories, strict=True):
        numbers = {row[0] for row in connection.execute(IDS_SQL, [asked])}
        if not numbers or not RUNS.fullmatch(word):
            numbers |= {row[0] for row in connection.execute(ADDRESS_IDS_SQL, [_in_address(word)])}
        numbers |= in_category
        held = numbers if held is None else held & numbers
        if not held:
            return {}
    return {number: weights.get(number, 0.0) for number in held or ()}


def of_categories(connection: sqlite3.Connection, word: str) -> frozenset[int]:
    """Return the numbers of the standing datasets of every category in whose title or slug ``word`` begins a word.

    None for a word so short that it would be the beginning of too many.
    """
    tokens = index_text(word).split()
    if len(word) < BRIEF or not tokens or (len(word) == BRIEF and word.isascii()):
        return frozenset()
    sought = " " + " ".join(tokens[:-1] if CHINESE.match(tokens[-1]) and len(tokens) > 1 else tokens)
    titled = once(connection, "categories' titles", lambda: _categories(connection))
    return frozenset().union(*(numbers for title, numbers in titled if sought in title))


def _categories(connection: sqlite3.Connection) -> list[tuple[str, frozenset[int]]]:
    """Return the titles of each category as they are indexed, a space before each word, and its standing datasets."""
    held: dict[str, set[int]] = {}
    for number, hit in standing(connection).items():
        held.setdefault(hit.category or "", set()).add(number)
    rows = connection.execute("SELECT slug, title_en, title_tc, title_sc FROM category ORDER BY slug").fetchall()
    titled = [(row[0], index_text("\n".join(filter(None, row)))) for row in rows if row[0] in held]
    return [(f" {title}", frozenset(held[slug])) for slug, title in titled]


def _phrases(words: Sequence[str]) -> list[str]:
    """Return the phrase of each word. Short ones are whole words but for the last, which may still be being typed."""
    made = [phrase(word) for word in words]
    brief = [len(word) <= BRIEF and word.isascii() for word in words[:-1]]
    return [*(one.rstrip("*") if short else one for one, short in zip(made, brief, strict=False)), *made[-1:]]


def _in_address(word: str) -> str:
    host, _, path = word.partition("/")
    if "." in host and phrase(host) and phrase(path):
        return f"host : {phrase(host).rstrip('*')} AND path : {phrase(path)}"
    return phrase(word)


def exact(connection: sqlite3.Connection, wanted: Wanted) -> set[int]:
    """Return the numbers of the datasets that are named so, or have that very address, over http or https."""
    found = {row[0] for row in connection.execute("SELECT id FROM dataset WHERE name = ?", [wanted.text])}
    plain = SCHEME.sub("", wanted.text).partition("#")[0].rstrip("/")
    typed = [f"{scheme}://{plain}{end}" for scheme in ("https", "http") for end in ("", "/")]
    for (url,) in connection.execute("SELECT id FROM url WHERE url IN (?, ?, ?, ?)", typed).fetchall():
        found |= {row[0] for row in connection.execute(USED_SQL, {"url": url})}
    return found


def standing(connection: sqlite3.Connection) -> dict[int, Hit]:
    """Return the standing datasets by their numbers."""
    return once(connection, "standing", lambda: {row[0]: Hit(*row[1:]) for row in connection.execute(STANDING_SQL)})


def leads_to(connection: sqlite3.Connection, query: str) -> tuple[str, str] | None:
    """Return the kind and name of the subject whose page's address was pasted; None where it names none we have."""
    if not is_address(query[:MAX_URL]):
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
