"""Serves the status page, the metrics and the health of a watch on this machine; GET and HEAD, and nothing else."""

import logging
import threading
import time
from collections.abc import Awaitable, Callable, Iterator, MutableMapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import uvicorn

from harvester.errors import BarometerError
from harvester.records import LANGUAGES
from harvester.watch_log import event
from publish.listening import is_loopback
from publish.render import style
from publish.watching_facts import Teller, Watched
from publish.watching_metrics import Metrics
from publish.watching_page import STYLE, page

POLICY = (
    "default-src 'none'; style-src 'self'; img-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
HTML, PLAIN = "text/html; charset=utf-8", "text/plain; charset=utf-8"
METRICS = "text/plain; version=1.0.0; charset=utf-8"
MOST_AT_ONCE = 16
START_SECONDS, STOP_SECONDS = 10.0, 2.0
LOCAL = frozenset({"localhost", "127.0.0.1", "[::1]"})
Answer = tuple[int, str, bytes]
Message = MutableMapping[str, Any]


@contextmanager
def serving(watched: Watched, db: Path, catalog: Path) -> Iterator[None]:
    """Serve a watch's status where its settings say, if anywhere, until the block ends.

    Raises BarometerError where the place is taken.
    """
    listen = watched.settings.listen
    if listen is None:
        yield
        return
    host, port = listen
    config = uvicorn.Config(
        Site(Teller(watched, db, catalog), local=is_loopback(host)), host=host, port=port, log_config=None,
        access_log=False, lifespan="off", ws="none", server_header=False, limit_concurrency=MOST_AT_ONCE,
        timeout_keep_alive=5, h11_max_incomplete_event_size=16_384, timeout_graceful_shutdown=1,
    )  # fmt: skip
    server = uvicorn.Server(config)
    thread = threading.Thread(target=_run, args=(server,), name="status", daemon=True)
    thread.start()
    until = time.monotonic() + START_SECONDS
    while thread.is_alive() and not server.started and time.monotonic() < until:
        time.sleep(0.02)
    if not server.started:
        raise BarometerError(
            f"{host}:{port} cannot be served on: stop what uses it, or write another place (or off) as --status."
        )
    try:
        yield
    finally:
        server.should_exit = True
        thread.join(STOP_SECONDS)


def _run(server: uvicorn.Server) -> None:
    try:
        server.run()
    except SystemExit:
        return  # its way to say that the place is taken; who started it sees that it did not start


class Site:
    """The application: a handful of addresses, everything else is not there."""

    def __init__(self, teller: Teller, *, local: bool) -> None:
        self._teller, self._metrics, self._local = teller, Metrics(teller), local

    async def __call__(
        self, scope: Message, _receive: Callable[[], Awaitable[Message]], send: Callable[[Message], Awaitable[None]]
    ) -> None:
        """Answer one request."""
        if scope["type"] != "http":
            return
        try:
            status, kind, body = self._answer(scope)
        except Exception as error:  # noqa: BLE001 - the outer edge: whatever it is, it is told, and the watch goes on
            event(logging.ERROR, "status-page-failed", told=f"{type(error).__name__}: {error}")
            status, kind, body = 500, PLAIN, b"The log says what went wrong.\n"
        headers = [
            (b"content-type", kind.encode()), (b"content-length", str(len(body)).encode()),
            (b"content-security-policy", POLICY.encode()), (b"x-content-type-options", b"nosniff"),
            (b"referrer-policy", b"no-referrer"), (b"cache-control", b"no-store"),
        ]  # fmt: skip
        if status == 302:  # noqa: PLR2004 - the one redirect there is
            headers.append((b"location", b"/en/"))
        if status == 405:  # noqa: PLR2004
            headers.append((b"allow", b"GET, HEAD"))
        await send({"type": "http.response.start", "status": status, "headers": headers})
        await send({"type": "http.response.body", "body": b"" if scope["method"] == "HEAD" else body})

    def _answer(self, scope: Message) -> Answer:
        """Return what answers a request; on this machine's own address only to who asks for it by that name."""
        if scope["method"] not in ("GET", "HEAD"):
            return 405, PLAIN, b"Only GET and HEAD are answered.\n"
        if self._local and _host(scope) not in LOCAL:
            return 403, PLAIN, b"This page is for this machine alone: ask for 127.0.0.1 or localhost.\n"
        made = self._made(scope["path"])
        return made or (404, PLAIN, b"There is nothing here.\n")

    def _made(self, place: str) -> Answer | None:
        """Return what stands at an address, None where nothing does."""
        if place == "/":
            return 302, PLAIN, b""
        if place == STYLE:
            return 200, "text/css; charset=utf-8", style()
        if place == "/metrics":
            return 200, METRICS, self._metrics.text()
        ailments = self._teller.ailments()
        if place == "/healthz":
            return (503 if ailments else 200), PLAIN, ("\n".join(ailments) or "well").encode() + b"\n"
        language = next((each for each in LANGUAGES if place == f"/{each}/"), None)
        return (200, HTML, page(self._teller.facts(), ailments, language).encode()) if language else None


def _host(scope: Message) -> str:
    """Return the host a request names, without its port."""
    named: bytes = next((value for name, value in scope["headers"] if name == b"host"), b"")
    host = named.decode("latin-1").lower()
    return host if host.endswith("]") else host.rpartition(":")[0] or host
