"""The Datasette plugin of the desk: registered by `barometer desk` alone, and silent in any other Datasette."""

# mypy: disable-error-code="untyped-decorator"
import asyncio
import logging
import sqlite3
import time
from collections.abc import Callable
from concurrent import futures
from dataclasses import dataclass, field
from http import HTTPStatus
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, unquote

from datasette import Response, hookimpl
from datasette.database import Database
from datasette.utils.asgi import Request
from datasette.views.database import MagicParameters

from harvester.clock import system_clock
from publish.answering import PLACE, wanted
from publish.desk import doors, pages, sessions
from publish.desk.drawing import draw
from publish.desk.settings import Officer
from publish.desk.store import Desk
from publish.i18n import TAGS, Translator, mark
from publish.render import path
from publish.safe import clean
from publish.task_history import KEY

NAME = "barometer-desk"
LOG = logging.getLogger("barometer.desk")
WAIT = mark("Too many wrong passwords for this name: try again in {minutes} minutes.")


@dataclass
class Office:
    """What one running desk holds: its files and its doorkeeper."""

    desk: Desk
    doorkeeper: sessions.Doorkeeper = field(default_factory=sessions.Doorkeeper)


OFFICES: dict[tuple[str, ...], Office] = {}
"""The desks of this process, by what their Datasette is told of them; there is one but in tests."""


def office(datasette: Any) -> Office | None:
    """Return the desk that a Datasette serves; None where it serves none."""
    told = datasette.plugin_config(NAME)
    if not told:
        return None
    key = tuple(str(told[name]) for name in ("catalog", "officers", "settings"))
    if key not in OFFICES:
        catalog, officers, settings = (Path(each) for each in key)
        OFFICES[key] = Office(Desk(catalog, officers, settings, system_clock))
    return OFFICES[key]


def here(datasette: Any) -> Office:
    """Return the desk of a request that has come to one of its pages."""
    found = office(datasette)
    if found is None:
        raise RuntimeError("A page of the desk was asked for where there is none.")
    return found


@hookimpl(tryfirst=True)
def register_routes(datasette: Any) -> list[tuple[str, Any]]:
    """The desk's pages, before all others."""
    if office(datasette) is None:
        return []
    return [
        (r"/$", front),
        (PLACE + r"/desk/?$", home),
        (PLACE + r"/desk/sign-in$", sign_in),
        (PLACE + r"/desk/sign-out$", sign_out),
        (PLACE + r"/desk/provider/(?P<key>[^/]+)$", provider),
        (PLACE + rf"/desk/task/(?P<key>{KEY})$", task),
        (PLACE + r"/desk/answers$", answers),
    ]


@hookimpl
def asgi_wrapper(datasette: Any) -> Callable[[Any], Any]:
    """Put the desk's doors before everything."""
    place = office(datasette)
    if place is None:
        return lambda app: app
    return lambda app: doors.wrap(app, datasette, lambda: place.desk.settings, lambda: _keep_up(datasette, place.desk))


async def _keep_up(datasette: Any, desk: Desk) -> None:
    """Let Datasette serve the catalogue as it is now: its connections hold the file that was there before."""
    if not await asyncio.to_thread(desk.keep_up):
        return
    served = datasette.databases["catalog"]
    datasette.remove_database("catalog")
    datasette.add_database(Database(datasette, path=served.path, is_mutable=False), "catalog")
    old, datasette.executor = datasette.executor, futures.ThreadPoolExecutor(datasette.setting("num_sql_threads"))
    old.shutdown(wait=False)  # what is being asked on it is still answered


@hookimpl(tryfirst=True)
def prepare_connection(conn: sqlite3.Connection, database: str, datasette: Any) -> None:
    """Wait for a scan that writes to officers.db, rather than fail."""
    if database == "officers" and office(datasette):
        conn.execute("PRAGMA busy_timeout = 10000")


@hookimpl(tryfirst=True)
def render_cell(value: object, database: str, datasette: Any) -> str | None:
    """Show what officers wrote as text: no link, no direction override."""
    if database == "officers" and isinstance(value, str) and office(datasette):
        return clean(value)[:500]
    return None


@hookimpl(tryfirst=True)
def actor_from_request(datasette: Any, request: Request) -> dict[str, str] | None:
    """Tell Datasette who asks, as ``allow`` and the magic parameters of its queries want it."""
    place = office(datasette)
    officer = sessions.who(datasette, place.desk.settings, request.scope, time.time()) if place else None
    return {"id": officer.name, "role": officer.role} if officer else None


def _officer(request: Request, place: Office) -> Officer | None:
    return place.desk.settings.officers.get(request.actor["id"]) if request.actor and "role" in request.actor else None


async def front(request: Request) -> Response:
    """Send an officer to the desk in the language their browser asks for."""
    return Response("", status=302, headers={"Location": f"/{wanted(request)}/desk/", "Vary": "Accept-Language"})


def _page(request: Request, place: Office, template: str, values: dict[str, Any], status: int = 200) -> Response:
    """Return a page of the desk, with who is signed in and the token of its forms."""
    language, officer = request.url_vars["lang"], _officer(request, place)
    shared = {"officer": officer, "csrftoken": request.scope["csrftoken"](), "site": place.desk.settings.site,
              "by_proxy": officer is not None and not sessions.cookie_of(request.scope, sessions.COOKIE)}  # fmt: skip
    text = draw(template, language, request.path.partition(f"/{language}/")[2], {**shared, **values})
    headers = {"Content-Language": TAGS[language]}
    return Response(text, status, headers, "text/html; charset=utf-8")


def _outside(request: Request, place: Office, wrong: str = "", status: int = 200, name: str = "") -> Response:
    title = Translator(request.url_vars["lang"])("Sign in")
    passwords = any(one.password for one in place.desk.settings.officers.values())
    values = {"title": title, "wrong": wrong, "name": name, "passwords": passwords}
    return _page(request, place, "sign-in.html", values, status)


def _nowhere(request: Request, place: Office, status: int = HTTPStatus.NOT_FOUND) -> Response:
    tr = Translator(request.url_vars["lang"])
    words = (
        tr("You may not answer for this provider.") if status == HTTPStatus.FORBIDDEN else tr("There is no such page")
    )
    return _page(request, place, "nowhere.html", {"title": words}, status)


async def _catalogue(place: Office, make: Callable[[sqlite3.Connection], Any]) -> Any:
    def work() -> Any:
        with place.desk.published() as connection:
            return make(connection)

    return await asyncio.to_thread(work)


async def home(request: Request, datasette: Any) -> Response:
    """The providers an officer may answer for: at once to their tasks where it is one; who is nobody signs in."""
    place = here(datasette)
    officer, tr = _officer(request, place), Translator(request.url_vars["lang"])
    if officer is None:
        return _outside(request, place)
    mine = await _catalogue(place, lambda connection: pages.providers(connection, officer, tr))
    if len(mine) == 1:
        return Response("", status=303, headers={"Location": path(tr.language, "desk", "provider", mine[0]["slug"])})
    return _page(request, place, "home.html", {"title": tr("Open tasks by provider"), "providers": mine})


async def sign_in(request: Request, datasette: Any) -> Response:
    """Take a name and a password, and give a ticket for them."""
    place = here(datasette)
    tr = Translator(request.url_vars["lang"])
    if request.method != "POST":
        return _outside(request, place)
    sent = dict(parse_qsl((await request.post_body()).decode(), keep_blank_values=True))
    name, password = sent.get("name", "").strip()[:100], sent.get("password", "")
    try:
        officer = await place.doorkeeper.let_in(place.desk.settings, name, password)
    except sessions.Busy as busy:
        LOG.warning("sign-in refused, too many tries: %r", name)
        wrong = tr(WAIT, minutes=busy.minutes) if busy.minutes else tr("Too many sign in at once: try again.")
        return _outside(request, place, wrong, HTTPStatus.TOO_MANY_REQUESTS, name)
    if officer is None:
        LOG.warning("sign-in failed: %r", name)
        return _outside(request, place, tr("The name or the password is not right."), HTTPStatus.FORBIDDEN, name)
    LOG.info("signed in: %s", officer.name)
    gone = Response("", status=303, headers={"Location": path(tr.language, "desk") + "/"})
    gone.set_cookie(sessions.COOKIE, sessions.ticket(datasette, officer, time.time()), max_age=sessions.SESSION_SECONDS)
    return gone


async def sign_out(request: Request) -> Response:
    """Take the ticket back."""
    gone = Response("", status=303, headers={"Location": path(request.url_vars["lang"], "desk") + "/"})
    gone.set_cookie(sessions.COOKIE, "", max_age=0)
    return gone


async def provider(request: Request, datasette: Any) -> Response:
    """One provider's open tasks."""
    place, slug = here(datasette), unquote(request.url_vars["key"])
    officer, tr = _officer(request, place), Translator(request.url_vars["lang"])
    if officer is None:
        return _outside(request, place, status=HTTPStatus.FORBIDDEN)
    if not officer.may(slug):
        return _nowhere(request, place, HTTPStatus.FORBIDDEN)
    asked = {name: request.args.get(name) or "" for name in ("show", "text", "page")}
    found = await _catalogue(place, lambda connection: pages.tasks(place.desk, connection, tr, slug, asked))
    if found is None:
        return _nowhere(request, place)
    title = tr("Worklist: {provider}", provider=found["provider"]["title"])
    return _page(request, place, "tasks.html", {"title": title, **found})


async def task(request: Request, datasette: Any) -> Response:
    """One task: what was found, what was answered, and the form to answer it; or take that form."""
    place, key = here(datasette), request.url_vars["key"]
    officer, tr = _officer(request, place), Translator(request.url_vars["lang"])
    if officer is None:
        return _outside(request, place, status=HTTPStatus.FORBIDDEN)
    form: dict[str, str] = {}
    if request.method == "POST":
        sent = dict(parse_qsl((await request.post_body()).decode(), keep_blank_values=True))
        form = {name: value for name, value in sent.items() if not name.startswith("_")}
        form = {**form, "task": key, "reason": form.get("reason", "").replace("\r\n", "\n").strip()}
        form["wrong"] = await _keep(request, datasette, officer, form)
        if not form["wrong"]:
            return Response("", status=303, headers={"Location": f"{path(tr.language, 'desk', 'task', key)}#trail"})
    found = await _catalogue(place, lambda connection: pages.task(place.desk, connection, tr, key, form))
    if found is None:
        return _nowhere(request, place)
    if not officer.may(found["task"]["provider"]):
        return _nowhere(request, place, HTTPStatus.FORBIDDEN)
    title = f"{found['task']['criterion_title']}{tr(': ')}{found['task']['title']}"
    return _page(request, place, "task.html", {"title": title, **found}, 400 if form.get("wrong") else 200)


async def _keep(request: Request, datasette: Any, officer: Officer, form: dict[str, str]) -> str:
    """Write a reply by the canned query and return the name of the refusal; empty where it is kept."""
    query = await datasette.get_canned_query("officers", "answer", request.actor)
    if not await datasette.permission_allowed(request.actor, "view-query", ("officers", "answer"), default=False):
        return "provider"
    fields = {name: form.get(name, "") for name in ("form", "task", "finding", "kind", "reason", "expires")}
    try:
        await datasette.databases["officers"].execute_write(query["sql"], MagicParameters(fields, request, datasette))
    except sqlite3.IntegrityError as error:
        refusal = str(error).rpartition(": ")[2]
        LOG.warning("reply of %s to %s refused: %s", officer.name, form["task"], refusal)
        return refusal
    except sqlite3.OperationalError as error:
        LOG.warning("reply of %s to %s not kept: %s", officer.name, form["task"], error)
        return "busy"
    LOG.info("reply of %s to %s kept: %r", officer.name, form["task"], fields["kind"])
    return ""


async def answers(request: Request, datasette: Any) -> Response:
    """What was answered for an officer's providers, and what came of it."""
    place = here(datasette)
    officer, tr = _officer(request, place), Translator(request.url_vars["lang"])
    if officer is None:
        return _outside(request, place, status=HTTPStatus.FORBIDDEN)
    found = await _catalogue(place, lambda connection: pages.answers(place.desk, connection, officer, tr))
    return _page(request, place, "answers.html", {"title": tr("Answers, and what came of them"), "answers": found})
