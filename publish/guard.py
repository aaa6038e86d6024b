"""What every request passes on its way in, and every answer on its way out: methods, addresses, headers, policies."""

# mypy: disable-error-code="untyped-decorator"
import base64
import hashlib
import re
import sqlite3
from collections.abc import Awaitable, Callable, MutableMapping
from functools import cache
from http import HTTPStatus
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from datasette import Response
from jinja2 import Environment

from harvester.records import LANGUAGES
from publish.answering import HOST, ours, version
from publish.keeping import Kept
from publish.safe import http_link

STRICT = (
    "default-src 'none'; script-src 'self'; connect-src 'self'; style-src 'self'; img-src 'self' data:;"
    " form-action 'self'; base-uri 'none'; frame-ancestors 'self'"
)
"""For our pages, and for whatever is no page of Datasette's: script and style from our one file each, never inline, and
what a script may ask is this site alone. Whatever else we serve is no script to a browser, by its type and nosniff."""
LOOSER = (
    "default-src 'none'; style-src 'self' 'unsafe-inline'; script-src 'self' {scripts}; img-src 'self' data:;"
    " connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'self'"
)
"""For Datasette's own pages: the scripts it ships, by file or by the digest of what stands inline, and no other. Its
templates carry style inline, with the names of columns, so style cannot be told by its digest."""
INLINE = ("_close_open_menus.html", "_codemirror_foot.html")
"""Datasette's templates that are one inline script each."""
FLAGS = ("DATASETTE_ALLOW_FACET = true;", "DATASETTE_ALLOW_FACET = false;")
"""The inline script of its page of a table."""
CLOSED = re.compile(r"^/-/(?!barometer/|static/|static-plugins/)")
"""Datasette's pages about itself: they tell a visitor file paths and versions, and nobody needs them here."""
OUR_FILES = "/-/barometer/"
"""How the addresses of our style sheet and our script begin."""
DENIED = frozenset({"printf", "format", "zeroblob", "randomblob", "load_extension"})
"""SQL functions that make one step of a query last or swell beyond the time limit's reach."""
LIMITS = {
    sqlite3.SQLITE_LIMIT_LENGTH: 2_000_000, sqlite3.SQLITE_LIMIT_SQL_LENGTH: 100_000,
    sqlite3.SQLITE_LIMIT_LIKE_PATTERN_LENGTH: 500, sqlite3.SQLITE_LIMIT_ATTACHED: 0,
    sqlite3.SQLITE_LIMIT_COMPOUND_SELECT: 50, sqlite3.SQLITE_LIMIT_EXPR_DEPTH: 200,
}  # fmt: skip
"""Bytes of one value and of one query, characters of a pattern, files beside our own, and how deep a query may be."""
KEPT_BACK = frozenset({"sql", "_where", "_through", "_timelimit", "_trace", "_ttl"})
"""Parameters of Datasette's that a site without free SQL refuses: SQL under other names, and its own limits."""
MOST_ADDRESS = 16_000
"""Bytes of an address with its query; more is 414. Our longest honest ones have a tenth of it."""
MOST_HEADERS = 32_000
"""Bytes of all headers of a request; more is 431. A browser's come to some 2,000."""
MOST_PARAMETERS = 100
"""Parameters of a query; more is 414, since each may be a condition of a search."""
FORGOTTEN = frozenset({b"cookie", b"authorization"})
"""Headers that are taken off a request: nobody signs in here, so all readers get the same page, and may share it."""

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Send = Callable[[Message], Awaitable[None]]


def wrapper(datasette: Any) -> Callable[[Any], Any]:
    """Return what wraps Datasette's application; it is left as it is where the database served is not one of ours."""

    def wrap(app: Any) -> Any:
        if ours(datasette) is None or datasette.plugin_config("barometer-desk"):
            return app  # the desk has doors of its own: officers sign in there
        kept, looser = Kept(app), policy(datasette.jinja_env)

        async def guarded(scope: Scope, receive: Any, send: Send) -> None:
            if scope["type"] != "http":
                await app(scope, receive, send)
                return

            async def headed(message: Message) -> None:
                told = with_headers(message, scope["path"], looser)
                await send(told if message["type"] == "http.response.start" else message)

            no = refusal(scope, bool(datasette.setting("default_allow_sql")))
            if no:
                await no.asgi_send(headed)
                return
            known = as_known(scope, str((datasette.plugin_config("barometer") or {}).get("address") or ""))
            if first_part(scope["path"]) in LANGUAGES or scope["path"].startswith(OUR_FILES):
                await kept(known, receive, headed, version(datasette))
            else:
                await app(known, receive, headed)

        return guarded

    return wrap


def refusal(scope: Scope, free_sql: bool) -> Response | None:
    """Return the answer to what is not asked of Datasette at all; None for an honest request."""
    address, query = scope["path"], scope["query_string"]
    if scope["method"] not in ("GET", "HEAD"):
        return _plain("This site is only read: GET or HEAD.", HTTPStatus.METHOD_NOT_ALLOWED, {"Allow": "GET, HEAD"})
    if sum(len(name) + len(value) for name, value in scope["headers"]) > MOST_HEADERS:
        return _plain("The headers are too long.", HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE)
    if len(scope.get("raw_path") or b"") + len(query) > MOST_ADDRESS or query.count(b"&") >= MOST_PARAMETERS:
        return _plain("The address is too long.", HTTPStatus.REQUEST_URI_TOO_LONG)
    if not address.startswith("/") or address.startswith("//") or "\\" in address or CLOSED.match(address):
        return _plain("There is no such page.", HTTPStatus.NOT_FOUND)
    asked = {name for name, _value in parse_qsl(query.decode("latin-1"), keep_blank_values=True)}
    if not free_sql and first_part(address) not in (*LANGUAGES, "") and asked & KEPT_BACK:
        named = ", ".join(sorted(f"?{name}=" for name in asked & KEPT_BACK))
        return _plain(f"Not taken here: {named}. For SQL of your own, download the database.", HTTPStatus.FORBIDDEN)
    return None


def _plain(text: str, status: int, headers: dict[str, str] | None = None) -> Response:
    return Response.text(f"{text}\n", status=status, headers=headers or {})


def first_part(address: str) -> str:
    """Return what stands between the first two slashes of an address."""
    return address[1:].partition("/")[0]


def as_known(scope: Scope, site: str) -> Scope:
    """Return the request with nothing left that could make one reader's page another's.

    Cookies and credentials are taken off. A Host that is no plain name is taken off; where the site's own address is
    configured (``site``), its scheme and host stand in place of the request's.
    """
    own = urlsplit(site) if http_link(site) else None
    headers = [(name, value) for name, value in scope["headers"] if name.lower() not in FORGOTTEN]
    host = next((value for name, value in headers if name.lower() == b"host"), b"").decode("latin-1")
    if own or not HOST.fullmatch(host):
        headers = [(name, value) for name, value in headers if name.lower() != b"host"]
    if own is None:
        return {**scope, "headers": headers}
    return {**scope, "headers": [*headers, (b"host", own.netloc.encode())], "scheme": own.scheme}


def with_headers(message: Message, address: str, looser: str) -> Message:
    """Return the start of an answer with our headers; an answer that names a policy of its own keeps it."""
    here = first_part(address).partition(".")[0]
    policy_here = STRICT if here in (*LANGUAGES, "") else looser
    added = {
        b"content-security-policy": policy_here.encode(),
        b"x-content-type-options": b"nosniff",
        b"referrer-policy": b"strict-origin-when-cross-origin",
    }
    told = message.get("headers", [])
    if b"content-security-policy" in {name.lower() for name, _value in told}:
        del added[b"content-security-policy"]  # pictures and embeds name their own
    kept = [(name, value) for name, value in told if name.lower() not in added and name.lower() != b"set-cookie"]
    return {**message, "headers": [*kept, *added.items()]}


@cache
def policy(templates: Environment) -> str:
    """Return the policy of Datasette's own pages: their inline scripts by the digest of what its templates hold.

    A script that a later Datasette adds is refused by browsers until this knows it.
    """
    loader = templates.loader
    sources = [loader.get_source(templates, name)[0] for name in INLINE] if loader else []
    found = [script for source in sources for script in re.findall(r"<script>(.*?)</script>", source, re.DOTALL)]
    digests = [base64.b64encode(hashlib.sha256(script.encode()).digest()).decode() for script in (*found, *FLAGS)]
    return LOOSER.format(scripts=" ".join(f"'sha256-{digest}'" for digest in digests))


def limit(connection: sqlite3.Connection) -> None:
    """Put our limits on a connection: what no query of ours needs, and a hostile one would use."""
    for what, most in LIMITS.items():
        connection.setlimit(what, most)
    connection.set_authorizer(_authorise)


def _authorise(action: int, _first: str | None, second: str | None, *_rest: object) -> int:
    denied = action == sqlite3.SQLITE_FUNCTION and (second or "").lower() in DENIED
    return sqlite3.SQLITE_DENY if denied or action == sqlite3.SQLITE_ATTACH else sqlite3.SQLITE_OK
