"""What every request to the desk passes: its size, where it comes from, who sends it; and how each answer is sealed."""

import re
import time
from collections.abc import Awaitable, Callable, MutableMapping
from http import HTTPStatus
from typing import Any
from urllib.parse import urlsplit

from datasette import Response

from publish import guard
from publish.desk import sessions
from publish.desk.settings import Settings

MOST_BODY = 20_000
"""Bytes of a form: a reason of a thousand characters, each of four bytes written as twelve, and some room."""
TAKEN = re.compile(r"/(?:(?:en|tc|sc)/desk/(?:sign-in|sign-out|task/[a-z2-7]{12})|officers/answer)")
"""Where a form may be sent."""
OPEN_TO_ALL = re.compile(r"/(?:en|tc|sc)/desk/sign-in")
OWN = re.compile(r"/(?:(?:en|tc|sc)/desk(?:/|$)|officers(?:[/.]|$))")
"""The desk's own pages: nobody's to keep."""
FORM = b"application/x-www-form-urlencoded"
REMOVED = frozenset({b"authorization", b"x-csrftoken"})
"""Headers taken off a request: by them a request could pass for signed in, or for no form."""

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]


def wrap(app: Any, datasette: Any, settings: Callable[[], Settings], keep_up: Callable[[], Awaitable[None]]) -> Any:
    """Return Datasette's application behind the desk's doors; ``keep_up`` is awaited before each request."""
    looser = guard.policy(datasette.jinja_env)

    async def guarded(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await app(scope, receive, send)
            return
        secure = settings().secure

        async def sealed(message: Message) -> None:
            start = message["type"] == "http.response.start"
            await send(seal(message, scope["path"], looser, secure=secure) if start else message)

        no = guard.refusal({**scope, "method": "GET" if scope["method"] == "POST" else scope["method"]}, False)
        if no is None:
            await keep_up()
        body = b""
        if no is None and scope["method"] == "POST":
            body, no = await _posted(scope, receive, datasette, settings())
        if no is not None:
            await no.asgi_send(sealed)
            return
        replay = _once(body) if scope["method"] == "POST" else receive
        await app(as_known(scope, settings().address), replay, sealed)

    return guarded


async def _posted(scope: Scope, receive: Receive, datasette: Any, settings: Settings) -> tuple[bytes, Response | None]:
    """Return the body of a form, or the answer to one that is not taken."""
    no = refused(scope, settings.address)
    if no is None and not OPEN_TO_ALL.fullmatch(scope["path"]):
        known = sessions.who(datasette, settings, scope, time.time())
        no = None if known else told("Sign in first.", HTTPStatus.FORBIDDEN)
    if no is not None:
        return b"", no
    parts, length = [], 0
    while True:
        message = await receive()
        parts.append(message.get("body", b""))
        length += len(parts[-1])
        if length > MOST_BODY:
            return b"", told("That is too long.", HTTPStatus.REQUEST_ENTITY_TOO_LARGE)
        if not message.get("more_body") or message["type"] != "http.request":
            break
    body = b"".join(parts)
    try:
        body.decode("ascii")  # an encoded form is nothing else
    except UnicodeDecodeError:
        return b"", told("That is no form.", HTTPStatus.BAD_REQUEST)
    return body, None


def refused(scope: Scope, address: str) -> Response | None:
    """Return the answer to a form that is sent where none is taken, by another site, too long or not as a form.

    ``address`` is the desk's own from outside, empty where it is what the request says. The token in each form is
    looked for afterwards by Datasette, which lets a request without cookies pass: here it does not.
    """
    headers = {name.lower(): value for name, value in scope["headers"]}
    if not TAKEN.fullmatch(scope["path"]):
        return told("This address takes no form.", HTTPStatus.METHOD_NOT_ALLOWED)
    host = urlsplit(address).netloc or headers.get(b"host", b"").decode("latin-1")
    origin = headers.get(b"origin", b"").decode("latin-1")
    elsewhere = headers.get(b"sec-fetch-site", b"same-origin") not in (b"same-origin", b"none")
    if elsewhere or (origin and urlsplit(origin).netloc != host) or not headers.get(b"cookie"):
        return told("This form was not sent from the desk: open the desk and begin there.", HTTPStatus.FORBIDDEN)
    if headers.get(b"content-type", b"").split(b";")[0].strip().lower() != FORM:
        return told("That is no form.", HTTPStatus.UNSUPPORTED_MEDIA_TYPE)
    length = headers.get(b"content-length", b"")
    if length.isdigit() and int(length) > MOST_BODY:
        return told("That is too long.", HTTPStatus.REQUEST_ENTITY_TOO_LARGE)
    return None


def told(text: str, status: int) -> Response:
    """Return a plain answer of one sentence."""
    return Response.text(f"{text}\n", status=status, headers={"Cache-Control": "no-store"})


def _once(body: bytes) -> Receive:
    sent = False

    async def replay() -> Message:
        nonlocal sent
        if sent:
            return {"type": "http.disconnect"}
        sent = True
        return {"type": "http.request", "body": body, "more_body": False}

    return replay


def as_known(scope: Scope, address: str) -> Scope:
    """Return the request without what could pass for a sign-in, under the desk's own address where that is told."""
    headers = [(name, value) for name, value in scope["headers"] if name.lower() not in REMOVED]
    own = urlsplit(address)
    if not own.netloc:
        return {**scope, "headers": headers}
    headers = [(name, value) for name, value in headers if name.lower() != b"host"]
    return {**scope, "headers": [*headers, (b"host", own.netloc.encode())], "scheme": own.scheme}


def seal(message: Message, address: str, looser: str, *, secure: bool) -> Message:
    """Return the start of an answer with our headers: no script of others, no frame, kept by nobody, cookies closed."""
    cookies = [value for name, value in message.get("headers", []) if name.lower() == b"set-cookie"]
    start = guard.with_headers(message, address, looser)
    headers = [(name, value) for name, value in start["headers"] if not (
        OWN.match(address) and name.lower() in (b"cache-control", b"referrer-policy"))]  # fmt: skip
    if OWN.match(address):
        headers += [(b"cache-control", b"no-store"), (b"referrer-policy", b"same-origin"),
                    (b"x-frame-options", b"DENY")]  # fmt: skip
    return {**start, "headers": [*headers, *((b"set-cookie", closed(value, secure)) for value in cookies)]}


def closed(cookie: bytes, secure: bool) -> bytes:
    """Return a Set-Cookie value that no script reads and no other site sends, over https only where we are on it."""
    parts = [part.strip() for part in cookie.split(b";")]
    kept = [part for part in parts if part.partition(b"=")[0].lower() not in (b"httponly", b"secure", b"samesite")]
    return b"; ".join([*kept, b"HttpOnly", b"SameSite=Lax", *([b"Secure"] if secure else [])])
