"""What each feed tells: out of catalog.db, in the reader's language."""

import sqlite3
from collections.abc import Mapping, Sequence
from itertools import groupby

from publish import filters, health, queries, replies
from publish import worklist as work
from publish.feeds import Entry, Feed, Happening, entries
from publish.filters import Filters
from publish.i18n import Translator, day_or_text, mark
from publish.names import MIN_KNOWN, PROFILE
from publish.once import once
from publish.pages import FEEDS
from publish.queries import Row
from publish.render import anchor, path
from publish.task_history import Event, events
from publish.telling import in_words, named, prefixed
from publish.work_pages import as_of, event_in_words

LEAST_MOVE = 5.0
"""Points by which a score must move to be told."""
ANSWERS_SQL = """
SELECT a.dataset, a.resource, a.criterion, a.since, a.until, a.value, a.reason, '{}' AS evidence
FROM dataset d JOIN task t ON t.dataset = d.name
JOIN answer a ON a.dataset = t.dataset AND a.resource = t.resource AND a.criterion = t.criterion
WHERE d.provider = ? ORDER BY a.dataset, a.resource, a.criterion, a.since
"""
REPLIES_SQL = "SELECT id, dataset, resource, criterion, at FROM reply WHERE provider = ? ORDER BY id"
EVIDENCE_SQL = "SELECT evidence FROM answer WHERE dataset = ? AND resource = ? AND criterion = ? AND since = ?"
SPELLS_SQL = """
WITH standing AS (SELECT DISTINCT coalesce(example, url) AS url FROM resource WHERE withdrawn_at IS NULL),
line AS (
    SELECT s.url, s.since, s.state, lag(s.state) OVER (PARTITION BY s.url ORDER BY s.since) AS before
    FROM spell s JOIN standing USING (url) WHERE s.state IN ('down', 'degraded', 'up')
)
SELECT url, since, iif(state = 'down', 'failed', 'mended') AS kind FROM line
WHERE (state = 'down' AND before IS NOT 'down') OR (state <> 'down' AND before = 'down')
"""
"""What is refused, or was not asked, in between neither ends nor begins a failure."""
SPELL_SQL = "SELECT s.*, u.url AS address FROM spell s JOIN url u ON u.id = s.url WHERE s.url = ? AND s.since = ?"
BEHIND_SQL = """
SELECT r.shared_id, r.title_en, r.title_tc, r.title_sc, r.dataset, d.title_en AS dataset_en, d.title_tc AS dataset_tc,
       d.title_sc AS dataset_sc, p.slug AS provider, p.title_en AS provider_en, p.title_tc AS provider_tc,
       p.title_sc AS provider_sc
FROM resource r JOIN dataset d ON d.name = r.dataset JOIN provider p ON p.slug = d.provider
WHERE ((r.url = :url AND r.example IS NULL) OR r.example = :url) AND r.withdrawn_at IS NULL
ORDER BY r.dataset, r.position, r.shared_id
"""
LIVES_SQL = """
SELECT event, at, dataset FROM dataset_life
WHERE field IN ('dataset', 'name') AND event IN ('appeared', 'returned', 'withdrawn', 'renamed')
"""
MOVES_SQL = """
WITH line AS (
    SELECT subject_type, subject, since, point, known, rubric_digest, lag(point) OVER w AS before,
           lag(known) OVER w AS known_before, lag(rubric_digest) OVER w AS digest_before, lag(until) OVER w AS ended
    FROM score WHERE profile = :profile AND pillar = ''
    WINDOW w AS (PARTITION BY subject_type, subject ORDER BY since)
)
SELECT subject_type, subject, since, point, before FROM line
WHERE abs(point - before) >= :least AND ended = since AND digest_before = rubric_digest
  AND min(known, known_before) >= :known
"""
"""Moves under one rubric, of scores of which enough was known before and after."""
KINDS: dict[str, tuple[str, str]] = {
    "failed": (mark("Stopped working"), mark("{number} addresses stopped working")),
    "mended": (mark("Works again"), mark("{number} addresses work again")),
    "appeared": (mark("New dataset"), mark("{number} new datasets")),
    "returned": (mark("Dataset came back"), mark("{number} datasets came back")),
    "withdrawn": (mark("Dataset withdrawn"), mark("{number} datasets withdrawn")),
    "renamed": (mark("Dataset renamed"), mark("{number} datasets renamed")),
    "rose": (mark("Score rose"), mark("{number} scores rose")),
    "fell": (mark("Score fell"), mark("{number} scores fell")),
}
"""What may happen: the title of one, and of a heap."""
MANY_EVENTS: dict[str, str] = {
    "opened": mark("{number} tasks opened"), "closed": mark("{number} tasks closed: found mended"),
    "reopened": mark("{number} tasks reopened"),
    "withdrawn": mark("{number} tasks closed: no longer in the catalogue"),
    "answered": mark("{number} tasks answered by the provider"),
}  # fmt: skip


def worklist(connection: sqlite3.Connection, tr: Translator, slug: str, asked: Filters, site: str) -> Feed | None:
    """Return what became of a provider's tasks that pass the filters: opened, closed, reopened; None without such.

    Tasks of one scan that are many are one entry.
    """
    row, meta = queries.provider(connection, slug), queries.meta(connection)
    if row is None:
        return None
    tasks: dict[tuple[str, ...], Row] = {
        (task["dataset"], task["resource"], task["criterion"]): task for task in _tasks(connection, tr, slug, asked)
    }
    place, suffix = site + path(tr.language, "worklist", slug), f"?{asked.query}" if asked.query else ""

    def alone(one: Happening) -> Entry:
        task = tasks[one.key[:3]]
        if one.kind == "answered":
            return _reply(connection, tr, task, one, site)
        stored = queries.one(connection, EVIDENCE_SQL, [*one.key[:3], one.at])
        event = Event(one.kind, one.at, one.key[3], stored["evidence"] if stored else "{}")  # type: ignore[arg-type]
        told = event_in_words(event, task, tr)
        words = in_words(task, tr)
        title = f"{told['name']}{tr(': ')}{words['criterion_title']}{tr(': ')}{words['title']}"
        due = "" if task["closed"] else f"{tr('Due')}{tr(': ')}{tr.day(task['due'])}"
        lines = [words["resource_title"], told["sentence"], "" if task["closed"] else words["mend"], due]
        return Entry(" ".join((one.kind, task["key"], one.at)), one.at, title, lines,
                     site + path(tr.language, "task", task["key"]))  # fmt: skip

    def heap(group: Sequence[Happening]) -> Entry:
        first = group[0]
        return Entry(f"{first.kind} {first.heap}", first.at, tr(MANY_EVENTS[first.kind], number=tr.number(len(group))),
                     [named(row, tr)["title"]], place + suffix)  # fmt: skip

    title = tr("Worklist: {provider}", provider=named(row, tr)["title"])
    made = entries(_events(connection, slug, tasks) + _replies(connection, slug, tasks), alone, heap)
    identity = f"{meta.get('portal')} worklist {slug} {asked.query}"
    return Feed(identity, title, place + suffix, f"{place}.atom{suffix}", meta["built"], made)


def _tasks(connection: sqlite3.Connection, tr: Translator, slug: str, asked: Filters) -> list[Row]:
    found = work.ever(connection, slug)
    if asked.text:
        found = [{**in_words(task, tr), "title_en": task["title_en"]} for task in found]
    return filters.chosen(found, asked, filters.ends(as_of(queries.meta(connection))))


def _events(connection: sqlite3.Connection, slug: str, tasks: Mapping[tuple[str, ...], Row]) -> list[Happening]:
    """Return what became of the tasks given, all but changes of a reason while they stood open."""
    found = []
    answers = queries.rows(connection, ANSWERS_SQL, [slug])
    for key, given in groupby(answers, lambda row: (row["dataset"], row["resource"], row["criterion"])):
        if key in tasks:
            found += [
                Happening(event.kind, event.at, (*key, event.reason), event.at)
                for event in events(list(given), tasks[key]["closed"]) if event.kind in MANY_EVENTS
            ]  # fmt: skip
    return found


def _replies(connection: sqlite3.Connection, slug: str, tasks: Mapping[tuple[str, ...], Row]) -> list[Happening]:
    """Return when the tasks given were answered, heaped by the day."""
    found = queries.rows(connection, REPLIES_SQL, [slug])
    keyed = [((row["dataset"], row["resource"], row["criterion"]), row) for row in found]
    return [
        Happening("answered", row["at"], (*key, str(row["id"])), day_or_text(row["at"]))
        for key, row in keyed if key in tasks
    ]  # fmt: skip


def _reply(connection: sqlite3.Connection, tr: Translator, task: Row, one: Happening, site: str) -> Entry:
    said = replies.in_words(queries.rows(connection, "SELECT * FROM reply WHERE id = ?", [one.key[3]])[0], tr)
    words = in_words(task, tr)
    title = f"{tr('Answered by the provider')}{tr(': ')}{words['criterion_title']}{tr(': ')}{words['title']}"
    return Entry(f"answered {one.key[3]}", one.at, title, [words["resource_title"], replies.in_a_line(said)],
                 site + path(tr.language, "task", task["key"]))  # fmt: skip


def down(connection: sqlite3.Connection, tr: Translator, site: str) -> Feed:
    """Return which addresses stopped working and which work again; those of one day that are many are one entry."""
    meta, page, words = queries.meta(connection), site + path(tr.language, "down"), FEEDS["down"]
    found = [
        Happening(row["kind"], row["since"], (str(row["url"]),), day_or_text(row["since"]))
        for row in once(connection, "failed and mended", lambda: queries.rows(connection, SPELLS_SQL))
    ]

    def alone(one: Happening) -> Entry:
        spell = queries.rows(connection, SPELL_SQL, [one.key[0], one.at])[0]
        behind = queries.rows(connection, BEHIND_SQL, {"url": one.key[0]})
        first = named(behind[0], tr)
        dataset = tr.title(prefixed(first, "dataset")) or first["dataset"]
        others = tr("Resources with this address: {number}", number=tr.number(len(behind))) if behind[1:] else ""
        lines = [first["provider_title"], health.told(spell, tr)["sentence"], spell["address"], others]
        return Entry(
            f"{one.kind} {one.key[0]} {one.at}", one.at,
            f"{tr(KINDS[one.kind][0])}{tr(': ')}{dataset}{tr(', ')}{first['title']}", lines,
            f"{site}{path(tr.language, 'dataset', first['dataset'])}#{anchor(first['shared_id'])}",
        )  # fmt: skip

    made = entries(found, alone, lambda group: _heap(group, tr, page))
    return Feed(f"{meta.get('portal')} down", tr(words), page, f"{page}.atom", meta["built"], made)


def _heap(group: Sequence[Happening], tr: Translator, page: str) -> Entry:
    first = group[0]
    title = f"{tr.day(first.at)}{tr(': ')}{tr(KINDS[first.kind][1], number=tr.number(len(group)))}"
    return Entry(f"{first.kind} {first.heap}", first.at, title, [], page)


def changes(connection: sqlite3.Connection, tr: Translator, site: str) -> Feed:
    """Return which datasets came and went, and which scores moved by 5 points or more under the same rubric.

    A score is told where enough was known of it to be quoted, before and after.
    """
    meta, home, words = queries.meta(connection), site + path(tr.language), FEEDS["changes"]
    limits = {"profile": PROFILE, "least": LEAST_MOVE, "known": MIN_KNOWN}
    moves: dict[tuple[str, ...], Row] = {
        (row["subject_type"], row["subject"], row["since"]): row
        for row in once(connection, "moves", lambda: queries.rows(connection, MOVES_SQL, limits))
    }
    found = [
        Happening(row["event"], row["at"], ("dataset", row["dataset"]), day_or_text(row["at"]))
        for row in queries.rows(connection, LIVES_SQL)
    ] + [
        Happening("rose" if row["point"] > row["before"] else "fell", key[2], key[:2], day_or_text(key[2]))
        for key, row in moves.items()
    ]

    def alone(one: Happening) -> Entry:
        title, address, provider = _subject(connection, one.key[0], one.key[1], tr)
        move = moves.get((*one.key, one.at)) if one.kind in ("rose", "fell") else None
        words = tr("From {before} to {now} of 100.", before=tr.number(move["before"], 1),
                   now=tr.number(move["point"], 1)) if move else ""  # fmt: skip
        return Entry(" ".join((one.kind, *one.key, one.at)), one.at, f"{tr(KINDS[one.kind][0])}{tr(': ')}{title}",
                     [words, provider], site + address)  # fmt: skip

    made = entries(found, alone, lambda group: _heap(group, tr, home))
    own = f"{site}{path(tr.language, 'changes')}.atom"
    return Feed(f"{meta.get('portal')} changes", tr(words), home, own, meta["built"], made)


def _subject(connection: sqlite3.Connection, kind: str, name: str, tr: Translator) -> tuple[str, str, str]:
    """Return what a dataset, provider, category or the portal is called, its page's place, and a dataset's provider."""
    if kind not in ("dataset", "provider", "category"):
        return tr("The whole portal"), path(tr.language), ""
    find = {"dataset": queries.dataset, "provider": queries.provider, "category": queries.category}[kind]
    row = find(connection, name)
    told = named(row, tr) if row else {"title": name}
    return told["title"], path(tr.language, kind, name), told.get("provider_title", "")
