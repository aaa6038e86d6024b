"""How the worklists, the tasks and all that can be taken away from them are asked for."""

import re
from collections.abc import Callable
from http import HTTPStatus
from typing import Any
from urllib.parse import unquote

from datasette import Response
from datasette.utils.asgi import Request

from publish import due_calendar, feed_pages, filters, work_pages
from publish.answering import CACHE, PLACE, answer, ask, site_address
from publish.feeds import as_atom
from publish.filters import Filters
from publish.i18n import TAGS, Translator
from publish.pages import FEEDS
from publish.task_history import KEY
from publish.workbook import as_xlsx

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
ATOM = "application/atom+xml; charset=utf-8"
CALENDAR = "text/calendar; charset=utf-8"


async def worklists(request: Request, datasette: Any) -> Response:
    """All providers with open tasks, in the order asked for."""
    order = request.args.get("sort") or ""
    page = lambda connection, tr: work_pages.worklists(connection, tr, order)  # noqa: E731 - one of two lines
    return await answer(request, datasette, "worklist", page)


async def worklist(request: Request, datasette: Any) -> Response:
    """One provider's worklist as a page, JSON, CSV, workbook, feed or calendar, of the tasks asked for."""
    key, form = request.url_vars["key"], request.url_vars.get("form") or ""
    tr = Translator(request.url_vars["lang"])
    asked, wrong = filters.read(request.args, tr)
    if form and wrong:
        return _plain("\n".join(wrong), HTTPStatus.BAD_REQUEST)
    slug, site = unquote(key), site_address(request, datasette)
    if form in TAKEN:
        return await _taken(request, datasette, slug, asked)
    return await answer(
        request,
        datasette,
        f"worklist/{key}",
        lambda connection, tr: work_pages.worklist(connection, tr, slug, asked, wrong, site),
    )


async def task(request: Request, datasette: Any) -> Response:
    """The page of one task."""
    key, site = request.url_vars["key"], site_address(request, datasette)
    return await answer(
        request, datasette, f"task/{key}", lambda connection, tr: work_pages.task(connection, tr, key, site)
    )


async def portal_feed(request: Request, datasette: Any) -> Response:
    """What stopped working and works again, or what came, went and moved, as a feed."""
    kind, site = request.url_vars["kind"], site_address(request, datasette)
    if not site:
        return _no_host()
    tr = Translator(request.url_vars["lang"])
    make = {"down": feed_pages.down, "changes": feed_pages.changes}[kind]
    text = await ask(request, datasette, lambda connection, tr: as_atom(make(connection, tr, site), tr))
    return _file(text, ATOM, tr)


async def _taken(request: Request, datasette: Any, slug: str, asked: Filters) -> Response:
    """Answer with a file made of one provider's tasks; 404 in plain words where there is no such provider."""
    site, form = site_address(request, datasette), request.url_vars["form"]
    if not site:
        return _no_host()
    kind, make = TAKEN[form]
    tr = Translator(request.url_vars["lang"])
    body = await ask(request, datasette, lambda connection, tr: make(connection, tr, slug, asked, site))
    if body is None:
        return _plain(tr("There is no such page"), HTTPStatus.NOT_FOUND)
    name = re.sub(r"[^a-z0-9_-]+", "-", slug.lower()).strip("-")[:80] or "provider"
    named = "" if form == ".atom" else f"barometer-worklist-{name}-{tr.language}{form}"
    return _file(body, kind, tr, named)


def _workbook(connection: Any, tr: Translator, slug: str, asked: Filters, site: str) -> bytes | None:
    page = work_pages.worklist(connection, tr, slug, asked, (), site)
    return as_xlsx(work_pages.sheets(page, connection, tr), tr) if page else None


def _feed(connection: Any, tr: Translator, slug: str, asked: Filters, site: str) -> str | None:
    made = feed_pages.worklist(connection, tr, slug, asked, site)
    return as_atom(made, tr) if made else None


def _calendar(connection: Any, tr: Translator, slug: str, asked: Filters, site: str) -> bytes | None:
    page = work_pages.worklist(connection, tr, slug, asked, (), site)
    return due_calendar.as_ics(page, connection, tr) if page else None


TAKEN: dict[str, tuple[str, Callable[[Any, Translator, str, Filters, str], bytes | str | None]]] = {
    ".xlsx": (XLSX, _workbook), ".atom": (ATOM, _feed), ".ics": (CALENDAR, _calendar),
}  # fmt: skip
"""What of a worklist is taken away as a file: its kind, and what makes it."""
ROUTES: list[tuple[str, Any]] = [
    (PLACE + r"/worklist(?P<form>\.json|\.csv)?$", worklists),
    (PLACE + r"/worklist/(?P<key>[^/]+?)(?P<form>\.json|\.csv|\.xlsx|\.atom|\.ics)?$", worklist),
    (PLACE + rf"/task/(?P<key>{KEY})(?P<form>\.json)?$", task),
    (PLACE + rf"/(?P<kind>{'|'.join(FEEDS)})\.atom$", portal_feed),
]  # fmt: skip
"""Our addresses, for the plugin's list."""


def _file(body: bytes | str, kind: str, tr: Translator, name: str = "") -> Response:
    headers = {"Cache-Control": CACHE, "Content-Language": TAGS[tr.language]}
    if name:
        headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return Response(body, headers=headers, content_type=kind)


def _plain(text: str, status: int) -> Response:
    return Response.text(f"{text}\n", status=status)


def _no_host() -> Response:
    return _plain("The Host header names no plain host.", HTTPStatus.BAD_REQUEST)
