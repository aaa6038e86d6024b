"""What the desk's pages hold: plain values out of the catalogue and of officers.db."""

import json
import secrets
import sqlite3
from typing import Any
from urllib.parse import urlencode

from harvester.clock import iso
from publish import queries
from publish import worklist as work
from publish.desk.settings import EVERY, Officer
from publish.desk.store import LONGEST_DAYS, MENDED_DAYS, MOST_SHOWN, REASON_LENGTH, Desk
from publish.filters import Filters, chosen, ends
from publish.i18n import Translator, mark
from publish.names import SEVERITIES
from publish.queries import Row
from publish.replies import KINDS, in_words, last_day
from publish.safe import short
from publish.telling import in_words as task_in_words
from publish.telling import named

PAGE = 50
"""Tasks on a page of the list."""
HINTS: dict[str, str] = {
    "mended": mark("We visit the dataset again within minutes, and show here what we find. No reason is needed."),
    "cannot": mark("Say why: a law, a system, a supplier. The answer stands as long as the same fault is found."),
    "wrong": mark("Say what we got wrong. The answer stands as long as we show the same evidence."),
}  # fmt: skip
"""What comes of each kind of answer."""
WRONG: dict[str, str] = {
    "form": mark("This form was used already. What you see below is what is kept."),
    "task": mark("This task is not open any more, so there is nothing to answer."),
    "provider": mark("You may not answer for this provider."),
    "finding": mark("What was found has changed since you opened this page. Read it again before you answer."),
    "often": mark("That is more than 60 answers within an hour. Your text is still here: send it later."),
    "queue": mark("That is more than 10 re-checks asked for within an hour. Your text is still here: send it later."),
    "kind": mark("Choose one of the three answers."),
    "reason_missing": mark("Say why, in at least 10 characters."),
    "reason_long": mark("The reason may have 1,000 characters at most."),
    "expires": mark("The last day must be today or later, and 180 days from now at most."),
    "busy": mark("It could not be kept just now, as a scan was writing. Your text is still here: send it again."),
}  # fmt: skip
"""What is said of each refusal of the database, by the name it refuses with."""


def providers(catalog: sqlite3.Connection, officer: Officer, tr: Translator) -> list[Row]:
    """Return the providers an officer may answer for, with their number of open tasks, most first."""
    sql = """
    SELECT p.slug, p.title_en, p.title_tc, p.title_sc, count(t.key) AS tasks FROM provider p
    LEFT JOIN dataset d ON d.provider = p.slug AND d.withdrawn_at IS NULL
    LEFT JOIN task t ON t.dataset = d.name AND t.closed IS NULL
    WHERE :every OR p.slug IN (SELECT value FROM json_each(:slugs)) GROUP BY p.slug ORDER BY tasks DESC, p.slug
    """
    values = {"every": EVERY in officer.providers, "slugs": json.dumps(officer.providers)}
    return [named(row, tr) for row in queries.rows(catalog, sql, values)]


def tasks(desk: Desk, catalog: sqlite3.Connection, tr: Translator, slug: str, asked: dict[str, str]) -> Row | None:
    """Return a provider's open tasks with what was answered until this moment; None where there is no such provider.

    ``asked`` may hold ``show`` (answered, unanswered), ``text`` to look for and ``page``.
    """
    provider = queries.provider(catalog, slug)
    if provider is None:
        return None
    latest = {said["task"]: said for said in reversed(desk.given(catalog, "r.provider = ?", [slug]))}
    found = []
    for one in work.tasks(catalog, slug, tr, scored=work.scored(catalog, slug)):
        said = latest.get(one["key"])
        told = in_words(said, tr) if said else None
        reply = "answered" if told and told["answered"] else "unanswered"
        found.append({**task_in_words(one, tr), "said": told, "reply": reply})
    counts = {name: sum(task["reply"] == name for task in found) for name in ("unanswered", "answered")}
    show = asked.get("show", "") if asked.get("show") in counts else ""
    text = short(asked.get("text", ""), 200)
    shown = chosen(found, Filters(reply=show, text=text), ends(desk.now()))
    pages = max(1, -(-len(shown) // PAGE))
    number = min(max(1, int(asked["page"]) if asked.get("page", "").isdecimal() else 1), pages)
    query = urlencode([(name, value) for name, value in (("show", show), ("text", text)) if value])
    return {
        "provider": named(provider, tr), "tasks": shown[(number - 1) * PAGE : number * PAGE], "all": len(found),
        "found": len(shown), "counts": counts, "show": show, "text": text, "number": number, "pages": pages,
        "query": query, "severities": SEVERITIES,
    }  # fmt: skip


def task(desk: Desk, catalog: sqlite3.Connection, tr: Translator, key: str, form: dict[str, str]) -> Row | None:
    """Return one task as its officer answers it; None where no task has that key.

    ``form`` is what was sent and not kept, and its ``wrong``, the name of the refusal; empty for a form not yet filled.
    """
    found = work.of_key(catalog, key, tr)
    if found is None:
        return None
    told = task_in_words(found, tr)
    now = iso(desk.now())
    here = desk.finding(key)
    waits = [row for row in desk.queue() if row["dataset"] == found["dataset"]]
    return {
        "task": told, "provider": named(queries.provider(catalog, found["provider"]) or {}, tr),
        "trail": [came_of(said, tr) for said in desk.given(catalog, "r.task = ?", [key])],
        "waits": waits[0] if waits else None,
        "open": here is not None,
        "finding": here["finding"] if here else "",
        "form": secrets.token_hex(16), "kinds": KINDS, "hints": HINTS,
        "kind": form.get("kind", ""), "reason": form.get("reason", ""),
        "expires": form.get("expires") or last_day(now, LONGEST_DAYS // 2),
        "first_day": last_day(now, 0), "last_day": last_day(now, LONGEST_DAYS),
        "limits": {"reason": REASON_LENGTH, "mended": MENDED_DAYS, "longest": LONGEST_DAYS},
        "wrong": WRONG.get(form.get("wrong", ""), WRONG["busy"]) if form.get("wrong") else "",
    }  # fmt: skip


def answers(desk: Desk, catalog: sqlite3.Connection, officer: Officer, tr: Translator) -> list[Row]:
    """Return what was answered for an officer's providers and what came of it, the last first."""
    where, values = "r.provider IN (SELECT value FROM json_each(?))", [json.dumps(officer.providers)]
    given = desk.given(
        catalog, "1" if EVERY in officer.providers else where, [] if EVERY in officer.providers else values
    )
    sql = "SELECT name, title_en, title_tc, title_sc FROM dataset WHERE name IN (SELECT value FROM json_each(?))"
    shown = given[:MOST_SHOWN]
    titles = {row["name"]: named(row, tr)["title"] for row in queries.rows(
        catalog, sql, [json.dumps(sorted({said["dataset"] for said in shown}))])}  # fmt: skip
    return [{**came_of(said, tr), "title": titles.get(said["dataset"], said["dataset"])} for said in shown]


def came_of(said: Row, tr: Translator) -> Row:
    """Return a reply in words, with ``result``: what its re-check found, sentences; empty while there was none."""
    told: dict[str, Any] = json.loads(said["told"]) if said["told"] else {}
    lines = []
    if told.get("failed"):
        lines.append(tr("It could not be looked at: {why}", why=short(str(told["failed"][0]), 200)))
    elif told:
        was, now = told.get("was"), told.get("now")
        lines.append(
            tr("Points of the dataset: {was} before, {now} now.", was=tr.number(was, 1), now=tr.number(now, 1))
        )
        if told.get("gained"):
            lines.append(tr("Points regained: {points}.", points=tr.number(told["gained"], 1)))
        lines.append(tr("Tasks found mended: {closed}; still open: {open}.", closed=tr.number(told.get("closed")),
                        open=tr.number(told.get("open"))))  # fmt: skip
        if told.get("unsure"):
            again = tr.moment(told.get("again"))
            lines.append(tr("It works again; a later visit must confirm it, from {time}, Hong Kong time.", time=again))
    return {**in_words(said, tr), "result": lines}
