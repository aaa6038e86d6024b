"""The worklists of all providers and of one, and the page of a task: plain values out of catalog.db."""

import sqlite3
from collections.abc import Callable, Sequence
from datetime import datetime
from http import HTTPStatus

from harvester.clock import parse_iso
from publish import filters, queries, replies
from publish import worklist as work
from publish.filters import Filters
from publish.i18n import Translator, day_or_text, mark
from publish.names import SEVERITIES
from publish.once import once
from publish.pages import MAX_PROOFS, Page, portal_page
from publish.queries import Row
from publish.render import path
from publish.task_history import Event, events
from publish.telling import in_words, named
from publish.workbook import Column, Sheet

COLUMNS = (
    "dataset", "title", "resource", "resource_title", "address", "criterion_title", "severity", "points",
    "points_provider", "effort", "opened", "due", "sentence", "places", "mend", "example", "answer", "task",
)  # fmt: skip
"""What a task's row of the CSV holds; ``task`` is the address of its page."""
SHEET = (
    Column("due", mark("Due"), 12, "date"), Column("severity", mark("Severity"), 22),
    Column("title", mark("Dataset"), 34), Column("resource_title", mark("Resource"), 30),
    Column("criterion_title", mark("Criterion"), 22), Column("sentence", mark("What is wrong"), 60),
    Column("places", mark("Places in the file"), 40), Column("mend", mark("How to mend it"), 60),
    Column("example", mark("For instance"), 30), Column("effort", mark("Effort"), 10),
    Column("points", mark("Points"), 9, "number"),
    Column("points_provider", mark("Points of the provider"), 12, "number"),
    Column("opened", mark("Open since"), 12, "date"), Column("address", mark("Address"), 40),
    Column("task", mark("Its page"), 40, "link"), Column("answer", mark("Answer of the provider"), 40),
    Column("dataset", mark("Name of the dataset"), 26),
    Column("resource", mark("Name of the resource"), 26),
)  # fmt: skip
"""The columns of the workbook: what an officer reads first stands first."""
ALL_SQL = """
WITH best AS (
    SELECT d.provider, t.dataset, max(t.points) AS points FROM task t JOIN dataset d ON d.name = t.dataset
    WHERE t.closed IS NULL AND d.withdrawn_at IS NULL GROUP BY t.dataset
), gain AS (SELECT provider, sum(points) AS points FROM best GROUP BY provider),
scored AS (SELECT provider, count(*) AS datasets FROM dataset_summary WHERE point IS NOT NULL GROUP BY provider)
SELECT p.slug, p.title_en, p.title_tc, p.title_sc, count(*) AS tasks,
       sum(t.severity = 0) AS severe, sum(t.severity = 3) AS serious, sum(t.severity = 6) AS moderate,
       sum(t.severity = 8) AS minor, sum(date(t.due, '+8 hours') < :today) AS overdue,
       sum(date(t.due, '+8 hours') BETWEEN :today AND :soon) AS soon, min(t.due) AS due,
       coalesce(gain.points / scored.datasets, 0) AS points
FROM task t JOIN dataset d ON d.name = t.dataset JOIN provider p ON p.slug = d.provider
JOIN gain ON gain.provider = p.slug LEFT JOIN scored ON scored.provider = p.slug
WHERE t.closed IS NULL AND d.withdrawn_at IS NULL GROUP BY p.slug
"""
ORDERS: dict[str, Callable[[Row], tuple[object, ...]]] = {
    "severity": lambda row: (-row["severe"], -row["serious"], -row["moderate"], -row["minor"], row["slug"]),
    "due": lambda row: (-row["overdue"], row["due"], row["slug"]),
    "points": lambda row: (-row["points"], row["slug"]),
    "tasks": lambda row: (-row["tasks"], row["slug"]),
}
"""The orders that the list of all providers can be had in."""
ANSWERS_SQL = """
SELECT since, until, value, reason, evidence FROM answer
WHERE dataset = ? AND resource = ? AND criterion = ? ORDER BY since
"""
POINTS = mark(
    "Points: what the dataset’s score would gain if this one thing were mended. Where two files share a fault, both may"
    " show the same points."
)
EFFORT = mark(
    "Effort: a class, ours: minutes for what is typed into a record, hours for a file or a server to be set right, days"
    " for what must be made anew. The order is points for effort."
)
DUE = mark(
    "Due: our suggestion, in working days of Hong Kong: 10 where the data cannot be had, 20 where it is hard to use, 30"
    " where it is out of date, 60 for the rest. It binds nobody."
)
EVENTS: dict[str, str] = {
    "opened": mark("Opened"), "changed": mark("Found otherwise"), "closed": mark("Closed: found mended"),
    "reopened": mark("Reopened"), "withdrawn": mark("Closed: no longer in the catalogue"),
}  # fmt: skip
"""What became of a task, as its page says it."""


def as_of(meta: dict[str, str]) -> datetime:
    """Return the moment whose day tells what is overdue: the end of the last check, else the making of the file."""
    return parse_iso(meta.get("scanned") or meta["built"])


def worklists(connection: sqlite3.Connection, tr: Translator, order: str) -> Page:
    """Return all providers with open tasks, by severity, due and points, in one of ``ORDERS``."""
    meta = queries.meta(connection)
    known = order if order in ORDERS else "severity"
    wrong = [] if order in ("", *ORDERS) else [
        tr("{name}={value} is not known; these are: {known}.", name="sort", value=order[:40],
           known=tr(", ").join(ORDERS))
    ]  # fmt: skip
    days = filters.ends(as_of(meta))
    limits = {"today": days["today"], "soon": days["10"]}
    found = [
        named(row, tr) for row in once(connection, f"tasks {limits}", lambda: queries.rows(connection, ALL_SQL, limits))
    ]
    found.sort(key=ORDERS[known])
    keep = ("slug", "title", "tasks", "severe", "serious", "moderate", "minor", "overdue", "soon", "due", "points")
    table = [{name: row[name] for name in keep} | {"due": day_or_text(row["due"])} for row in found]
    data = {"providers": found, "order": known, "wrong": wrong, "as_of": as_of(meta).strftime("%Y-%m-%dT%H:%M:%SZ")}
    query = "" if known == "severity" else f"sort={known}"
    return Page("worklists.html", tr("Worklists of all providers"), data, table, query=query, status=_status(wrong))


def _status(wrong: Sequence[str]) -> int:
    return HTTPStatus.BAD_REQUEST if wrong else HTTPStatus.OK


def worklist(
    connection: sqlite3.Connection, tr: Translator, slug: str, asked: Filters, wrong: Sequence[str], site: str
) -> Page | None:
    """Return a provider's worklist, of the tasks that pass the filters; None where there is no such provider.

    ``wrong`` are sentences about what of the address was not understood; ``site`` begins absolute addresses.
    """
    row = queries.provider(connection, slug)
    if row is None:
        return None
    row, meta = named(row, tr), queries.meta(connection)
    found = work.tasks(connection, slug, tr, scored=work.scored(connection, slug))
    tasks = [{**in_words(one, tr), "part": _part(one)} for one in found]
    days = filters.ends(as_of(meta))
    shown = filters.chosen(tasks, asked, days)
    place = path(tr.language, "worklist", slug)
    data = {
        "provider": row,
        "tasks": shown,
        "all": len(tasks),
        "filters": asked,
        "choices": filters.choices(tasks, asked, days, tr),
        "asked": filters.told(asked, tr),
        "wrong": list(wrong),
        "as_of": as_of(meta).strftime("%Y-%m-%dT%H:%M:%SZ"),
        "address": site + place,
    }
    title = tr("Worklist: {provider}", provider=row["title"])
    return Page(
        "worklist.html", title, data, [_line(task, tr, site) for task in shown], query=asked.query,
        status=_status(wrong), feeds=[(title, "worklist", slug)],
    )  # fmt: skip


def _part(task: Row) -> str:
    """Return which part of the list a task stands in: what is down, what gives points back, the rest."""
    return "down" if task["severity"] == 0 else "giving" if round(task["points"], 1) > 0 else "rest"


def _line(task: Row, tr: Translator, site: str) -> Row:
    """Return a task as a row of a table to take away."""
    return {
        **{key: task[key] for key in COLUMNS if key not in ("answer", "task")},
        "severity": tr(SEVERITIES.get(task["severity"], "Unknown")),
        "points_provider": round(task["points_provider"], 3),
        "effort": task["effort_word"],
        "opened": day_or_text(task["reopened"] or task["opened"]),
        "due": day_or_text(task["due"]),
        "places": "; ".join(task["places"]),
        "answer": replies.in_a_line(task["said"]),
        "task": site + path(tr.language, "task", task["key"]),
    }


def sheets(page: Page, connection: sqlite3.Connection, tr: Translator) -> list[Sheet]:
    """Return a worklist as the sheets of a workbook: the tasks, and what must be known to read them."""
    about = [
        (page.title, ""),
        (tr("Its page"), page.data["address"] + (f"?{page.query}" if page.query else "")),
        (tr("Tasks"), tr("{number} of {all}", number=tr.number(len(page.table)), all=tr.number(page.data["all"]))),
        (tr("Shown"), tr("; ").join(page.data["asked"]) or tr("all")),
        (tr("Visited until"), tr.moment(queries.meta(connection).get("scanned"))),
        (tr("Due"), tr(DUE)),
        (tr("Points"), tr(POINTS)),
        (tr("Effort"), tr(EFFORT)),
        ("", tr("GDB-style, unofficial. Not a score of the Global Data Barometer, and not a page of DATA.GOV.HK or of"
                " any provider.")),
    ]  # fmt: skip
    notes = [{"what": what, "text": text} for what, text in about]
    return [
        Sheet(tr("Worklist"), SHEET, page.table),
        Sheet(tr("How to read this list"), (Column("what", "", 24), Column("text", "", 110)), notes),
    ]


def task(connection: sqlite3.Connection, tr: Translator, key: str, site: str) -> Page | None:
    """Return the page of one task, open or closed; None where no task has that key."""
    found = work.of_key(connection, key, tr)
    if found is None:
        return None
    told = in_words(found, tr)
    provider = queries.provider(connection, told["provider"]) or {"slug": told["provider"], "title_en": None,
                                                                  "title_tc": None, "title_sc": None}  # fmt: skip
    answers = queries.rows(connection, ANSWERS_SQL, [told["dataset"], told["resource"], told["criterion"]])
    kept = queries.known_visits(connection, told["dataset"])
    past = [event_in_words(event, told, tr, kept) for event in reversed(events(answers, told["closed"]))]
    meta = queries.meta(connection)
    overdue = not told["closed"] and day_or_text(told["due"]) < filters.ends(as_of(meta))["today"]
    data = {
        "task": told,
        "provider": named(provider, tr),
        "overdue": overdue,
        "history": past,
        "replies": replies.trail(connection, key, tr),
        "portal_page": portal_page(meta.get("portal", ""), told["dataset"], tr),
        "address": site + path(tr.language, "task", key),
    }
    return Page("task.html", f"{told['criterion_title']}{tr(': ')}{told['title']}", data)


def event_in_words(event: Event, task: Row, tr: Translator, visits: frozenset[int] = frozenset()) -> Row:
    """Return what became of a task with its name and its sentence, and those of its visits that are published."""
    told = {"kind": event.kind, "at": event.at, "name": tr(EVENTS[event.kind]), "sentence": "", "visits": []}
    if event.reason:
        row = queries.unpack({**task, "reason": event.reason, "evidence": event.evidence})
        row.pop("value", None)
        named_visits = row["evidence"].get("visits")
        told["sentence"] = in_words(row, tr)["sentence"]
        told["visits"] = [one for one in named_visits if one in visits][:MAX_PROOFS] if isinstance(
            named_visits, list) else []  # fmt: skip
    return told
