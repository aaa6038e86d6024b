"""The Datasette plugin: our pages in front, the tables underneath, and what every answer must carry."""

# mypy: disable-error-code="untyped-decorator"
import sqlite3
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import unquote

from datasette import Response, hookimpl
from datasette.utils.asgi import Request
from jinja2 import ChoiceLoader, Environment, PackageLoader
from markupsafe import Markup

from publish import crawlers, data_routes, guard, pages, refusals, render, sharing, suggest, work_routes
from publish.answering import PLACE, answer, origin_of, ours, wanted
from publish.ready import ready
from publish.safe import CONTROLS, clean, http_link
from publish.search import match_query
from publish.tables import address_of, reachable


@hookimpl
def register_routes(datasette: Any) -> list[tuple[str, Any]]:
    """Our pages, where the database served is one of ours; nothing where it is somebody else's."""
    served = ours(datasette)
    if served is None:
        return []
    return [
        (r"/$", front),
        (r"/-/barometer/style\.css$", style_sheet),
        *crawlers.ROUTES,
        *sharing.ROUTES,
        (PLACE + r"$", home_slash),
        (PLACE + r"/(?:index)?(?P<form>\.json|\.csv)?$", home),
        (PLACE + r"/(?P<kind>method|down|references)(?P<form>\.json|\.csv)?$", plain),
        *suggest.ROUTES,
        *work_routes.ROUTES,
        *data_routes.ROUTES,
        data_routes.own_file(served),
        (PLACE + r"/(?P<kind>provider|dataset|category)/(?P<key>[^/]+?)(?P<form>\.json|\.csv)?$", about),
        (PLACE + r"/.*$", nowhere),
    ]


@hookimpl
def startup(datasette: Any) -> None:
    """Do what is done once before anybody asks, where the database served is one of ours."""
    if ours(datasette) is not None:
        ready()


@hookimpl
def prepare_jinja2_environment(env: Environment, datasette: Any) -> None:
    """Put our base page round Datasette's own pages (a language, landmarks, the way back), and mend their content."""
    served = ours(datasette)
    if served is None:
        return
    mine = PackageLoader("publish", "templates/datasette")
    env.loader = ChoiceLoader([mine, env.loader] if env.loader else [mine])
    env.globals["reachable"] = reachable
    env.globals["barometer_style"] = render.style_address()
    env.globals["barometer_script"] = render.script_address()
    env.globals["barometer_origin"] = origin_of(Path(datasette.databases[served].path))


@hookimpl(trylast=True)
def prepare_connection(conn: sqlite3.Connection, database: str, datasette: Any) -> None:
    """Fold what is typed into Datasette's own search box as our index is folded, and guard against hostile SQL."""
    if database != ours(datasette):
        return
    conn.create_function("escape_fts", 1, lambda text: match_query(text or "") or '""', deterministic=True)
    guard.limit(conn)


@hookimpl
def render_cell(
    value: object, column: str, table: str | None, database: str, datasette: Any
) -> Awaitable[Markup | None] | Markup | str | None:
    """Show harvested text without direction overrides, numbers short, and link an address only where it may be one."""
    if isinstance(value, int) and (table, column) == ("visit", "url") and database == ours(datasette):
        return address_of(datasette, database, value)
    if isinstance(value, float):
        return f"{round(value, 2):g}"
    if not isinstance(value, str):
        return None
    link = http_link(value.strip())
    if link:
        return Markup('<a href="{0}" rel="nofollow noopener ugc">{0}</a>').format(link)
    unsafe = value.lstrip().lower().startswith(("http:", "https:"))  # Datasette would link it
    return clean(value)[:500] if unsafe or CONTROLS.search(value) else None


@hookimpl(hookwrapper=True)
def handle_exception(datasette: Any, request: Request, exception: Exception) -> Iterator[None]:
    """Say what went wrong ourselves, in place of Datasette and of whoever else would tell more of it."""
    outcome: Any = yield
    if ours(datasette) is not None:
        outcome.force_result([refusals.answer(datasette, request, exception)])


@hookimpl
def asgi_wrapper(datasette: Any) -> Callable[[Any], Any]:
    """Refuse what is not asked honestly, forget who asks, and put the security headers on every answer."""
    return guard.wrapper(datasette)


async def front(request: Request) -> Response:
    """Send a visitor to the home page in the language their browser asks for."""
    return Response("", status=302, headers={"Location": f"/{wanted(request)}/", "Vary": "Accept-Language"})


async def style_sheet() -> Response:
    """The one style sheet; its address changes with it, so it may be kept for a year."""
    headers = {"Cache-Control": "public, max-age=31536000, immutable"}
    return Response(render.style().decode(), content_type="text/css; charset=utf-8", headers=headers)


async def home_slash(request: Request) -> Response:
    """``/en`` is ``/en/``."""
    return Response("", status=301, headers={"Location": f"/{request.url_vars['lang']}/"})


async def home(request: Request, datasette: Any) -> Response:
    """The home page."""
    return await answer(request, datasette, "", pages.home)


async def plain(request: Request, datasette: Any) -> Response:
    """The pages that are about no one thing: method, comparison and what is down."""
    kind = request.url_vars["kind"]
    makers = {"method": pages.method, "references": pages.side_by_side, "down": pages.down}
    return await answer(request, datasette, kind, makers[kind])


async def about(request: Request, datasette: Any) -> Response:
    """The pages about one provider, dataset or category."""
    kind, key = request.url_vars["kind"], request.url_vars["key"]
    name = unquote(key)
    make = pages.MAKERS[kind]
    return await answer(request, datasette, f"{kind}/{key}", lambda connection, tr: make(connection, tr, name))


async def nowhere(request: Request, datasette: Any) -> Response:
    """Any other address in a language: our own page that says so."""
    return await answer(request, datasette, "", lambda _connection, tr: pages.missing(tr))
