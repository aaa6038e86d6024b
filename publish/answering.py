"""How a page of ours is asked for and answered: the catalogue that is served, the reader's language, the form."""

import asyncio
import re
import sqlite3
from collections.abc import Callable
from contextlib import closing
from functools import lru_cache
from pathlib import Path
from typing import Any, TypeVar

from datasette import Response
from datasette.utils.asgi import Request

from harvester.records import Language
from publish import heads, pages, queries, render
from publish.i18n import TAGS, Translator
from publish.names import origin
from publish.pages import Page
from publish.safe import http_link

PLACE = r"/(?P<lang>en|tc|sc)"
"""How every address of ours begins: with the language."""
CACHE = "max-age=300"
T = TypeVar("T")
HOST = re.compile(r"(?:[A-Za-z0-9](?:[A-Za-z0-9.-]{0,252}[A-Za-z0-9])?|\[[0-9A-Fa-f:.]{2,45}\])(?::[0-9]{1,5})?")
"""A plain host name or address, and perhaps a port: all that a Host header may say to be repeated by us."""


def ours(datasette: Any) -> str | None:
    """Return the name of the served database that is a catalogue of ours; None where none is."""
    for name, database in datasette.databases.items():
        place = Path(database.path) if database.path else None
        if place and place.exists() and _is_catalogue(place.resolve(), place.stat().st_mtime_ns):
            return str(name)
    return None


def version(datasette: Any) -> tuple[str, int, int] | None:
    """Return what tells the catalogue that is served from any other: its place, its file, when that was made."""
    name = ours(datasette)
    if name is None:
        return None
    place = Path(datasette.databases[name].path)
    told = place.stat()
    return str(place), told.st_ino, told.st_mtime_ns


def origin_of(place: Path) -> str:
    """Return whether a catalogue holds the sample, recorded files or a live portal."""
    with closing(sqlite3.connect(f"{place.resolve().as_uri()}?mode=ro", uri=True)) as connection:
        return origin(queries.meta(connection).get("portal", ""))


@lru_cache(maxsize=8)
def _is_catalogue(place: Path, _changed: int) -> bool:
    with closing(sqlite3.connect(f"{place.as_uri()}?mode=ro", uri=True)) as connection:
        tables = {row[0] for row in connection.execute("SELECT name FROM sqlite_master")}
    return {"meta", "dataset_summary", "criterion_summary"} <= tables


def wanted(request: Request) -> Language:
    """Return the language the Accept-Language header asks for first: Traditional for zh without a script or region."""
    for choice in request.headers.get("accept-language", "").lower().split(","):
        tag = choice.partition(";")[0].strip()
        if tag.startswith("en"):
            return "en"
        if tag.startswith(("zh-hans", "zh-cn", "zh-sg", "zh-my")):
            return "sc"
        if tag.startswith(("zh", "yue")):
            return "tc"
    return "en"


def site_address(request: Request, datasette: Any) -> str:
    """Return where this site stands, as ``https://example.org`` without a slash at its end, for absolute addresses.

    It is what the plugin's setting ``address`` says (metadata.yml: ``plugins: barometer: address:``), else the scheme
    and host the request was made to; the empty string where that host is no plain name, so nothing of it is repeated.
    """
    told = str((datasette.plugin_config("barometer") or {}).get("address") or "").rstrip("/")
    if http_link(told):
        return told
    scheme = "https" if datasette.setting("force_https_urls") else request.scheme
    host = request.headers.get("host", "")
    return f"{scheme}://{host}" if scheme in ("http", "https") and HOST.fullmatch(host) else ""


async def ask(request: Request, datasette: Any, make: Callable[[sqlite3.Connection, Translator], T]) -> T:
    """Return what ``make`` makes of the catalogue in the reader's language, on one of Datasette's own threads."""
    tr = Translator(request.url_vars["lang"])
    database = datasette.get_database(ours(datasette) or "")
    made: T = await database.execute_fn(lambda connection: make(connection, tr))
    return made


async def answer(
    request: Request, datasette: Any, place: str, make: Callable[[sqlite3.Connection, Translator], Page | None]
) -> Response:
    """Ask the catalogue and draw the page as it was asked for: HTML, JSON or CSV."""
    language: Language = request.url_vars["lang"]
    form = request.url_vars.get("form") or ""

    address = site_address(request, datasette)

    def all_of_it(connection: sqlite3.Connection, tr: Translator) -> tuple[Page, dict[str, str], heads.Head | None]:
        page = make(connection, tr) or pages.missing(tr)
        head = None if form else heads.of(connection, page, tr, place, address)
        return page, queries.meta(connection), head

    page, meta, head = await ask(request, datasette, all_of_it)
    headers = {"Cache-Control": CACHE, "Content-Language": TAGS[language]}
    if form == ".json":
        return Response(render.as_json(page, meta), page.status, headers, "application/json; charset=utf-8")
    if form == ".csv":
        name = re.sub(r"[^a-z0-9_-]+", "-", place.lower()).strip("-") or "providers"
        headers["Content-Disposition"] = f'attachment; filename="barometer-{name[:80]}-{language}.csv"'
        return Response(render.as_csv(page), page.status, headers, "text/csv; charset=utf-8")
    query = request.query_string if place == "search" else page.query
    text = await asyncio.to_thread(render.as_html, page, language, place, meta, query, ours(datasette) or "", head)
    return Response(text, page.status, headers, "text/html; charset=utf-8")
