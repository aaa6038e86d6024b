"""The ways to the search: its page, what is offered while a reader types, and our one script."""

import json
import sqlite3
from typing import Any

from datasette import Response
from datasette.utils.asgi import Request

from publish import queries, render
from publish.answering import CACHE, PLACE, answer, ask
from publish.i18n import TAGS, Translator, mark
from publish.passages import Marker
from publish.queries import Row
from publish.safe import short
from publish.search import first_hits, leads_to, understand
from publish.search_page import page, read, subjects

MOST = 10
"""Suggestions at a time: more is a list to read, and the page of the search is that."""
MOST_OF_KIND = 3
"""Providers, or categories, among them."""
MAX_TITLE = 90
KINDS = {"dataset": mark("Dataset"), "provider": mark("Provider"), "category": mark("Category")}


def suggestions(connection: sqlite3.Connection, tr: Translator, query: str) -> list[Row]:
    """Return at most ten subjects that what was typed so far may mean, best first.

    Each has its ``kind`` (dataset, provider, category), the kind in ``words``, its ``name``, ``title``, ``address`` on
    this site, and a ``note``: the title that matches where the reader's own does not, else a dataset's provider.
    """
    wanted = understand(query)
    if not wanted.words:
        return []
    found: dict[tuple[str, str], Row] = {}
    direct = leads_to(connection, query)
    if direct:
        found[direct] = _subject(connection, *direct)
    for kind in ("provider", "category"):
        for row in subjects(connection, kind, wanted, MOST_OF_KIND):
            found.setdefault((kind, row["slug"]), row)
    for hit in first_hits(connection, wanted, MOST):
        found.setdefault(("dataset", hit.name), _subject(connection, "dataset", hit.name))
    marker = Marker(wanted.words)
    return [_told(row, kind, name, tr, marker) for (kind, name), row in found.items()][:MOST]


def _subject(connection: sqlite3.Connection, kind: str, name: str) -> Row:
    key, own = ("name", ", provider") if kind == "dataset" else ("slug", "")
    sql = f"SELECT title_en, title_tc, title_sc{own} FROM {kind} WHERE {key} = ?"  # noqa: S608 - one of three names of our own
    row = queries.rows(connection, sql, [name])[0]
    if own:
        sql = "SELECT title_en, title_tc, title_sc FROM provider WHERE slug = ?"
        row["publisher"] = queries.one(connection, sql, [row["provider"]])
    return row


def _told(row: Row, kind: str, name: str, tr: Translator, marker: Marker) -> Row:
    title = short(tr.title(row) or name, MAX_TITLE)
    others = (row["title_en"], row["title_tc"], row["title_sc"])
    other = next((text for text in others if text and marker.held(text) == 1), None)
    note = other if other and marker.held(title) < 1 else tr.title(row["publisher"]) if row.get("publisher") else None
    return {"kind": kind, "words": tr(KINDS[kind]), "name": name, "title": title, "note": short(note, MAX_TITLE),
            "address": render.path(tr.language, kind, name)}  # fmt: skip


async def search(request: Request, datasette: Any) -> Response:
    """The page of a search; where the address of a page of DATA.GOV.HK is looked for, the way to our page of the same.

    Only the page leads on: a program that asks for JSON or CSV gets what it asked for.
    """
    asked, form = read(request.args), request.url_vars.get("form")
    if not form:
        direct = await ask(request, datasette, lambda connection, _tr: leads_to(connection, asked.q))
        if direct:
            headers = {"Location": render.path(request.url_vars["lang"], *direct), "Cache-Control": CACHE}
            return Response("", status=302, headers=headers)
    whole = form == ".csv"
    return await answer(
        request, datasette, "search", lambda connection, tr: page(connection, tr, asked, whole=whole)
    )  # fmt: skip


async def suggest(request: Request, datasette: Any) -> Response:
    """Answer what was typed so far; kept, as every page, until the catalogue is another."""
    query = request.args.get("q") or ""
    found = await ask(request, datasette, lambda connection, tr: suggestions(connection, tr, query))
    headers = {"Cache-Control": CACHE, "Content-Language": TAGS[request.url_vars["lang"]], "X-Robots-Tag": "noindex"}
    body = json.dumps({"query": short(query), "suggestions": found})
    return Response(body, headers=headers, content_type="application/json; charset=utf-8")


async def script() -> Response:
    """Our one script; its address changes with it, so it may be kept for a year."""
    headers = {"Cache-Control": "public, max-age=31536000, immutable"}
    return Response(render.script().decode(), content_type="text/javascript; charset=utf-8", headers=headers)


ROUTES = [
    (PLACE + r"/search(?P<form>\.json|\.csv)?$", search),
    (PLACE + r"/suggest\.json$", suggest),
    (r"/-/barometer/suggest\.js$", script),
]
"""What the plugin adds."""
