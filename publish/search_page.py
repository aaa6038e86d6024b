"""The page of a search: what was understood, providers and categories, datasets twenty at a time, and what to try."""

import re
import sqlite3
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from difflib import get_close_matches
from operator import attrgetter
from typing import Any
from urllib.parse import urlencode

from publish import queries
from publish.i18n import Translator, mark
from publish.once import once
from publish.pages import Page
from publish.passages import Marker, best, plain
from publish.queries import Row
from publish.safe import short
from publish.search import Hit, Wanted, bare, fold, found_in, hits, index_text, is_address, standing, understand
from publish.telling import named

PAGE = 20
MOST_IN_FILE = 1000
"""Datasets on a page, and in the CSV of a search."""
MOST_SUBJECTS = 5
"""Providers, or categories, that are shown apart."""
LIKE = 0.75
"""How like a word of a title must be to what was typed to be offered in its place (difflib's ratio, 0-1)."""
MOST_APART = 2
"""Letters that it may have more or fewer."""
MOST_TRIED = 12
"""Things whose datasets are counted, before those are shown that have any."""
LEAST_LETTERS = 4
"""Letters of a word for which one that is like it is looked for."""
STATES = {"failing": mark("Failing")}
FILTERS = {"provider": mark("Provider"), "category": mark("Category"), "state": mark("State")}
PLACES = {
    "title": mark("In its title in another language"), "name": mark("In its name"), "provider": mark("Its provider"),
    "notes": mark("In its description"), "category": mark("Its category"), "resource": mark("In a resource’s title"),
    "address": mark("In an address"),
}  # fmt: skip
"""Where a passage stands, by the name that JSON gives it, in the reader's words."""


@dataclass(frozen=True, slots=True)
class Asked:
    """What an address asks of the search: each as it was typed, empty where nothing was."""

    q: str = ""
    provider: str = ""
    category: str = ""
    state: str = ""
    page: str = ""

    def query(self, **changed: str) -> str:
        """Return what stands behind the question mark of an address that asks for this, some of it changed."""
        return urlencode([(name, value) for name, value in asdict(replace(self, **changed)).items() if value])


def read(arguments: Mapping[str, Any]) -> Asked:
    """Return what the parameters of an address ask for; others are nobody's."""
    return Asked(**{name: str(arguments.get(name) or "") for name in Asked.__slots__})


def page(connection: sqlite3.Connection, tr: Translator, asked: Asked, *, whole: bool = False) -> Page:
    """Return the datasets that hold all that was typed, a page of them; ``whole`` for as many as a file has."""
    wanted = understand(asked.q)
    asked = replace(asked, q=wanted.text)
    found = hits(connection, wanted)
    asked, wrong = _known(connection, asked, tr)
    chosen = [hit for hit in found if _passes(hit, asked)] if any(getattr(asked, name) for name in FILTERS) else found
    size = MOST_IN_FILE if whole else PAGE
    pages = max(1, -(-len(chosen) // size))
    number = min(pages, max(1, int(asked.page))) if re.fullmatch("[0-9]{1,6}", asked.page) else 1
    marker = Marker(wanted.words)
    shown = _rows(connection, tr, chosen[(number - 1) * size : number * size], marker)
    data = {
        "query": wanted.text, "cut": wanted.cut, "wrong": wrong, "total": len(chosen), "all": len(found),
        "page": number, "pages": pages, "found": shown, **_around(asked, number, pages),
        "providers": _subjects(connection, tr, "provider", wanted), "filters": _filters(connection, tr, found, asked),
        "categories": _subjects(connection, tr, "category", wanted), "chosen": _told(connection, tr, asked),
        "tries": [] if found else tries(connection, wanted),
    }  # fmt: skip
    table = [{**{key: row[key] for key in THEIR_OWN}, "matched": "".join(part["text"] for part in row["passage"])}
             for row in shown]  # fmt: skip
    return Page("search.html", tr("Search"), data, table)


def _known(connection: sqlite3.Connection, asked: Asked, tr: Translator) -> tuple[Asked, list[str]]:
    """Return ``asked`` without filters that are none we know, and a sentence for each of those."""
    wrong = []
    for name in FILTERS:
        value = getattr(asked, name)
        if value and (value not in STATES if name == "state" else _title(connection, tr, name, value) is None):
            wrong.append(tr("{name}={value} is not known, so it was left out.", name=name, value=short(value, 40)))
            asked = replace(asked, **{name: ""})
    return asked, wrong


def _title(connection: sqlite3.Connection, tr: Translator, kind: str, slug: str) -> str | None:
    sql = f"SELECT slug, title_en, title_tc, title_sc FROM {kind} WHERE slug = ?"  # noqa: S608 - one of two names of our own
    row = queries.one(connection, sql, [slug])
    return short(tr.title(row) or slug, 120) if row else None


def _passes(hit: Hit, asked: Asked, leaving: str = "") -> bool:
    """Tell whether a hit passes every filter but the one that is left out."""
    return all(
        name == leaving or not wish or held
        for name, wish, held in (
            ("provider", asked.provider, hit.provider == asked.provider),
            ("category", asked.category, hit.category == asked.category),
            ("state", asked.state, hit.failing > 0),
        )
    )


def _filters(
    connection: sqlite3.Connection, tr: Translator, found: Sequence[Hit], asked: Asked
) -> dict[str, list[Row]]:
    """Return, for each filter, the values that would leave something, with how many datasets each leaves."""
    made: dict[str, list[Row]] = {}
    some = {name for name in FILTERS if getattr(asked, name)}
    for name in FILTERS:
        left = [hit for hit in found if _passes(hit, asked, name)] if some - {name} else found
        if name == "state":
            counts = Counter({"failing": sum(hit.failing > 0 for hit in left)})
            titles = {value: tr(words) for value, words in STATES.items()}
        else:
            counts = Counter(map(attrgetter(name), left))
            titles = _titles(connection, tr, name)
        now = getattr(asked, name)
        made[name] = [
            {"value": value, "title": title, "datasets": counts[value], "chosen": value == now}
            for value, title in titles.items() if counts[value] or value == now
        ]  # fmt: skip
    return made


def _titles(connection: sqlite3.Connection, tr: Translator, kind: str) -> dict[str, str]:
    """Return the titles of the providers or categories by their slugs, in the order of the titles."""

    def read_them() -> dict[str, str]:
        rows = queries.rows(connection, f"SELECT slug, title_en, title_tc, title_sc FROM {kind}")  # noqa: S608 - one of two names of our own
        titles = {row["slug"]: short(tr.title(row) or row["slug"], 60) for row in rows}
        return dict(sorted(titles.items(), key=lambda each: each[1]))

    return once(connection, f"titles of {kind}, {tr.language}", read_them)


def _told(connection: sqlite3.Connection, tr: Translator, asked: Asked) -> list[Row]:
    """Return the filters that are set, in words, each with the question that is without it."""
    told = []
    for name, word in FILTERS.items():
        value = getattr(asked, name)
        if value:
            title = tr(STATES[value]) if name == "state" else _title(connection, tr, name, value)
            told.append({"name": tr(word), "title": title, "without": asked.query(**{name: "", "page": ""})})
    return told


def _around(asked: Asked, number: int, pages: int) -> Row:
    """Return the questions of the page before and the page after; None at the ends."""
    return {
        "before": asked.query(page=str(number - 1)) if number > 1 else None,
        "after": asked.query(page=str(number + 1)) if number < pages else None,
        "unfiltered": asked.query(provider="", category="", state="", page=""),
    }


def subjects(connection: sqlite3.Connection, kind: str, wanted: Wanted, most: int) -> list[Row]:
    """Return at most ``most`` providers or categories whose title or slug holds every word, each at a word's start.

    The one that is called just so goes first, then those that begin so, those with most datasets before the others.
    """
    if not wanted.words:
        return []
    marker = Marker(wanted.words)
    typed = fold(wanted.text)
    ranked = []
    for row, texts, folded in once(connection, f"{kind} as searched", lambda: _searched(connection, kind)):
        if any(marker.holds_all(text) for text in texts):
            likeness = 0 if typed in folded else 1 if any(text.startswith(typed) for text in folded) else 2
            ranked.append((likeness, -row["datasets"], row["slug"], row))
    return [{**each[-1]} for each in sorted(ranked, key=lambda each: each[:3])[:most]]


def _searched(connection: sqlite3.Connection, kind: str) -> list[tuple[Row, list[str], list[str]]]:
    """Return each provider or category with the texts it is found by: as a `Marker` reads them, and folded."""
    sql = f"""
    SELECT k.slug, k.title_en, k.title_tc, k.title_sc, count(*) AS datasets
    FROM {kind} k JOIN dataset_summary d ON d.{kind} = k.slug GROUP BY k.slug
    """  # noqa: S608 - one of two names of our own
    texts = [
        (row, [str(row[key]) for key in ("slug", "title_en", "title_tc", "title_sc") if row[key]])
        for row in queries.rows(connection, sql)
    ]
    return [(row, [plain(text) for text in each], [fold(text) for text in each]) for row, each in texts]


def _subjects(connection: sqlite3.Connection, tr: Translator, kind: str, wanted: Wanted) -> list[Row]:
    """Return the providers or categories that match well, with their standing scores."""
    found = subjects(connection, kind, wanted, MOST_SUBJECTS)
    nothing = {"point": None, "low": None, "high": None, "known": None}
    return [named({**nothing, **(queries.score(connection, kind, row["slug"]) or {}), **row}, tr) for row in found]


DETAILS_SQL = """
SELECT d.name, d.title_en, d.title_tc, d.title_sc, d.notes_en, d.notes_tc, d.notes_sc, s.point, s.low, s.high, s.known,
       s.resources, s.failing, s.tasks, s.points, d.provider, p.title_en AS provider_en, p.title_tc AS provider_tc,
       p.title_sc AS provider_sc, d.category, c.title_en AS category_en, c.title_tc AS category_tc,
       c.title_sc AS category_sc, u.url AS dictionary
FROM dataset_summary s JOIN dataset d ON d.name = s.dataset JOIN provider p ON p.slug = d.provider
LEFT JOIN category c ON c.slug = d.category
LEFT JOIN url u ON u.id = d.dictionary
"""
RESOURCES_SQL = """
SELECT r.title_en, r.title_tc, r.title_sc, r.url_en, r.url_tc, r.url_sc, u.url FROM resource r
JOIN url u ON u.id IN (r.url, r.example) WHERE r.dataset = ? ORDER BY r.position LIMIT 1000
"""
THEIR_OWN = ("name", "title", "provider", "provider_title", "category", "point", "low", "high", "known", "resources",
             "failing", "tasks", "points")  # fmt: skip
"""What of a dataset's row a hit shows."""


def _rows(connection: sqlite3.Connection, tr: Translator, chosen: Sequence[Hit], marker: Marker) -> list[Row]:
    """Return the hits with what is shown of each: ``heading`` is the title in parts, ``passage`` where else it is."""
    marks = ", ".join("?" * len(chosen))
    sql = f"{DETAILS_SQL} WHERE d.name IN ({marks})"
    rows = {row["name"]: row for row in queries.rows(connection, sql, [hit.name for hit in chosen])}
    return [_row(connection, tr, rows[hit.name], marker) for hit in chosen if hit.name in rows]


def _row(connection: sqlite3.Connection, tr: Translator, row: Row, marker: Marker) -> Row:
    whole = str(tr.title(row) or row["name"])
    told: Row = {key: value for key, value in named(row, tr).items() if key in THEIR_OWN}
    told |= {"heading": [asdict(part) for part in marker.passage(whole)], "where": "", "passage": []}
    if marker.held(whole) < 1:
        found = best(_sources(connection, row), marker)
        if found:
            told |= {"where": tr(PLACES[found[0]]), "passage": [asdict(part) for part in found[1]]}
    return told


def _sources(connection: sqlite3.Connection, row: Row) -> Any:
    """Yield what of a dataset is searched, by where it stands; its resources last, which are asked for only then."""
    for end in ("en", "tc", "sc"):
        yield "title", row[f"title_{end}"]
    yield "name", row["name"]
    for key in ("provider_en", "provider_tc", "provider_sc", "provider"):
        yield "provider", row[key]
    for end in ("en", "tc", "sc"):
        yield "notes", row[f"notes_{end}"]
    for key in ("category_en", "category_tc", "category_sc", "category"):
        yield "category", row[key]
    yield "address", bare(row["dictionary"] or "")
    for each in queries.rows(connection, RESOURCES_SQL, [row["name"]]):
        for end in ("en", "tc", "sc"):
            yield "resource", each[f"title_{end}"]
        for key in ("url", "url_en", "url_tc", "url_sc"):
            yield "address", bare(each[key] or "")


def tries(connection: sqlite3.Connection, wanted: Wanted) -> list[Row]:
    """Return what to try in place of a question that found nothing: its parts, and words of titles that are like it."""
    parts = list(wanted.words)
    if is_address(wanted.text):
        parts = [bare(wanted.text).partition("/")[0], bare(wanted.text).rpartition("/")[2]]
    elif len(parts) == 1:
        parts = index_text(parts[0]).split()
    offered = [part for part in dict.fromkeys(parts) if len(part) > 1]
    latin = [word for word in offered if word.isascii() and len(word) >= LEAST_LETTERS]
    if latin:
        known = once(connection, "title words", lambda: _title_words(connection))
        offered += [like for word in latin for like in _like(word, known)]
    known_datasets = standing(connection).keys()
    counted = [
        (part, len(found_in(connection, understand(part).words).keys() & known_datasets))
        for part in list(dict.fromkeys(offered))[:MOST_TRIED]
    ]
    return [{"text": part, "datasets": count} for part, count in counted if count][:MOST_SUBJECTS]


def _like(word: str, known: Mapping[str, Sequence[str]]) -> list[str]:
    near = [other for other in known.get(word[0], []) if abs(len(other) - len(word)) <= MOST_APART]
    return get_close_matches(word, near, 2, LIKE)


def _title_words(connection: sqlite3.Connection) -> dict[str, list[str]]:
    """Return the words of English titles that are long enough to be mistyped, by their first letter."""
    words = {
        word for (title,) in connection.execute("SELECT title_en FROM dataset WHERE title_en IS NOT NULL")
        for word in index_text(title[:500]).split() if word.isascii() and len(word) >= LEAST_LETTERS
    }  # fmt: skip
    made: dict[str, list[str]] = {}
    for word in sorted(words):
        made.setdefault(word[0], []).append(word)
    return made
