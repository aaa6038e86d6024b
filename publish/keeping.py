"""Pages kept in memory as they were drawn: a catalogue never changes under its site, so neither do its pages.

A page is drawn once, by whoever asks first; others who ask meanwhile wait for it, and later ones get the bytes. Only so
many are drawn at a time, so that one visitor who walks through everything does not hold up those who read what is kept.
"""

import asyncio
import gzip
import hashlib
from collections import OrderedDict
from collections.abc import Awaitable, Callable, MutableMapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Send = Callable[[Message], Awaitable[None]]
App = Callable[[Scope, Any, Send], Awaitable[None]]
Headers = tuple[tuple[bytes, bytes], ...]
Key = tuple[object, ...]

MOST_BYTES = 64_000_000
"""What all pages kept may come to; those asked for longest ago go first."""
LARGEST = 2_000_000
"""Bytes of the largest answer that is kept; larger ones are drawn each time."""
AT_ONCE = 1
"""Pages drawn at a time: drawing is Python's work, of which one process does one thing at a time anyhow, and two only
hold each other up, a row of a query at a time."""
WORTH_PACKING = 1_000
"""Bytes under which packing an answer saves nothing that a network would notice."""


@dataclass(frozen=True, slots=True)
class Page:
    """One answer: its status, its headers without those added here, and its body, ``packed`` where that is worth it.

    ``size`` is of the body as it was drawn, in bytes. Nearly all readers take it packed, so it is kept so and no other
    way: five times as many pages are kept in the same memory, and the rest have it unpacked in a fraction of a drawing.
    """

    status: int
    headers: Headers
    body: bytes
    packed: bool
    size: int
    tag: bytes


class Kept:
    """An ASGI application that answers for ``app`` from what it kept, where it can. One a process, one event loop."""

    def __init__(self, app: App, most_bytes: int = MOST_BYTES) -> None:
        self.app = app
        self.most_bytes = most_bytes
        self.pages: OrderedDict[Key, Page] = OrderedDict()
        self.bytes = 0
        self._drawing: dict[Key, asyncio.Event] = {}
        self._free = asyncio.Semaphore(AT_ONCE)

    async def __call__(self, scope: Scope, receive: Any, send: Send, version: object) -> None:
        """Answer one request. ``version`` says which catalogue is served: pages of another are never given."""
        asked = {name.lower(): value for name, value in scope["headers"]}
        if scope["method"] != "GET" or b"cookie" in asked or b"authorization" in asked:
            await self.app(scope, receive, send)
            return
        address = scope.get("raw_path") or scope["path"]
        key = (version, scope.get("scheme"), asked.get(b"host"), address, scope["query_string"])
        page = await self._page(key, scope, receive)
        await _give(page, asked, send)

    async def _page(self, key: Key, scope: Scope, receive: Any) -> Page:
        while key in self._drawing:
            await self._drawing[key].wait()
        page = self.pages.get(key)
        if page is not None:
            self.pages.move_to_end(key)
            return page
        self._drawing[key] = done = asyncio.Event()
        try:
            async with self._free:
                page = await _draw(self.app, scope, receive)
            if page.status == HTTPStatus.OK and _may_be_kept(page):
                self._keep(key, page)
        finally:
            del self._drawing[key]
            done.set()
        return page

    def _keep(self, key: Key, page: Page) -> None:
        self.pages[key] = page
        self.bytes += len(page.body)
        while self.bytes > self.most_bytes:
            _, gone = self.pages.popitem(last=False)
            self.bytes -= len(gone.body)


def _may_be_kept(page: Page) -> bool:
    said = dict(page.headers).get(b"cache-control", b"")
    return b"max-age" in said and b"private" not in said and b"no-store" not in said and page.size <= LARGEST


async def _draw(app: App, scope: Scope, receive: Any) -> Page:
    """Let ``app`` answer and return all it said."""
    start: Message = {}
    parts: list[bytes] = []

    async def gather(message: Message) -> None:
        if message["type"] == "http.response.start":
            start.update(message)
        else:
            parts.append(message.get("body", b""))

    await app(scope, receive, gather)
    body = b"".join(parts)
    headers = tuple((name.lower(), value) for name, value in start["headers"] if name.lower() != b"content-length")
    told = dict(headers).get(b"content-type", b"")
    text = told.startswith((b"text/", b"application/json", b"application/xml", b"application/atom", b"image/svg"))
    packed = text and len(body) >= WORTH_PACKING
    held = await asyncio.to_thread(gzip.compress, body, 6, mtime=0) if packed else body
    tag = b'W/"' + hashlib.sha256(body).hexdigest()[:20].encode() + b'"'
    return Page(int(start["status"]), headers, held, packed, len(body), tag)


async def _give(page: Page, asked: dict[bytes, bytes], send: Send) -> None:
    """Send ``page`` as the reader can take it: packed, or not at all where they have it already."""
    headers = [pair for pair in page.headers if pair[0] != b"vary"]
    headers.append((b"vary", b", ".join([dict(page.headers).get(b"vary", b""), b"Accept-Encoding"]).lstrip(b", ")))
    status, body = page.status, page.body
    if status == HTTPStatus.OK:
        headers.append((b"etag", page.tag))
        if page.tag in (each.strip() for each in asked.get(b"if-none-match", b"").split(b",")):
            status, body = HTTPStatus.NOT_MODIFIED, b""
    if body and page.packed:
        if b"gzip" in asked.get(b"accept-encoding", b""):
            headers.append((b"content-encoding", b"gzip"))
        else:
            body = gzip.decompress(body)
    if status != HTTPStatus.NOT_MODIFIED:
        headers.append((b"content-length", str(len(body)).encode()))
    await send({"type": "http.response.start", "status": int(status), "headers": headers})
    await send({"type": "http.response.body", "body": body})
