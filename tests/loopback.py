"""A loopback server that says on the wire exactly what a test tells it to, truth or lie."""

import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import trustme

from harvester.settings import Routes, WebSettings

Talk = Callable[[socket.socket, str], None]
"""Says what it likes on a connection, given the request's head; the connection is closed after it."""

LIMITS = WebSettings(
    connect_seconds=10,
    idle_seconds=10,
    total_seconds=20,
    max_bytes=200_000,
    per_host_seconds=0,
    again_seconds=0,
    threads=8,
)
"""The settings of the tests: patient, for a busy machine answers late."""

HASTY: dict[str, Any] = {"connect_seconds": 1.5, "idle_seconds": 0.6, "total_seconds": 1.6}
"""Times that are reached at once, for tests of what stalls."""


def reply(body: bytes = b"", status: str = "200 OK", head: str = "", *, length: int | None = None) -> Talk:
    """Return a talk that gives one honest answer (or one with a lie for its length)."""

    def talk(connection: socket.socket, _: str) -> None:
        size = len(body) if length is None else length
        text = f"HTTP/1.1 {status}\r\nContent-Length: {size}\r\nConnection: close\r\n{head}\r\n"
        connection.sendall(text.encode("latin-1") + body)

    return talk


def raw(*pieces: bytes, pause: float = 0.0) -> Talk:
    """Return a talk that sends these very bytes, with a pause after each piece."""

    def talk(connection: socket.socket, _: str) -> None:
        for piece in pieces:
            connection.sendall(piece)
            time.sleep(pause)

    return talk


@dataclass
class Loopback:
    """What the server says by host and path, and what it was asked and when (monotonic seconds)."""

    talks: dict[tuple[str, str], Talk] = field(default_factory=dict)
    asked: list[tuple[str, str, str]] = field(default_factory=list)
    times: list[tuple[str, float]] = field(default_factory=list)
    routes: Routes | None = None

    def settings(self, **changes: Any) -> WebSettings:
        """Return the tests' settings, routed to this server."""
        return replace(LIMITS, routes=self.routes, **changes)

    def on(self, host: str, path: str, talk: Talk) -> str:
        """Let ``talk`` answer a path of a host; return its http address."""
        self.talks[host, path] = talk
        return f"http://{host}{path}"

    def answer(self, connection: socket.socket) -> None:
        """Read one request and let its talk answer it."""
        with connection, suppress(OSError):
            connection.settimeout(5)
            head = b""
            while b"\r\n\r\n" not in head:
                piece = connection.recv(4096)
                if not piece:
                    return
                head += piece
            text = head.decode("latin-1")
            path = text.split(" ", 2)[1]
            host = next(line[6:] for line in text.split("\r\n") if line.lower().startswith("host: ")).split(":")[0]
            if path != "/robots.txt" or (host, path) in self.talks:  # tests count what they ask for themselves
                self.times.append((host, time.monotonic()))
                self.asked.append((host, path, text))
            self.talks.get((host, path), reply(status="404 Not Found"))(connection, text)


def _serve(loopback: Loopback, context: ssl.SSLContext | None, stop: threading.Event) -> socket.socket:
    listener = socket.create_server(("127.0.0.1", 0), backlog=64)

    def one(connection: socket.socket) -> None:
        with suppress(OSError):
            connection.settimeout(5)
            wrapped = context.wrap_socket(connection, server_side=True) if context else connection
            loopback.answer(wrapped)
        connection.close()

    def accept() -> None:
        with suppress(OSError):
            while not stop.is_set():
                connection, _ = listener.accept()
                threading.Thread(target=one, args=(connection,), daemon=True).start()

    threading.Thread(target=accept, daemon=True).start()
    return listener


def _tls(authority: trustme.CA) -> ssl.SSLContext:
    """A context that shows an expired, a foreign or a sound certificate by the name asked for."""
    now = datetime.now(UTC)
    certificates: Mapping[str, trustme.LeafCert] = {
        "sound.test": authority.issue_cert("sound.test", not_after=now + timedelta(days=40)),
        "expired.test": authority.issue_cert("expired.test", not_after=now - timedelta(days=3)),
        "foreign.test": authority.issue_cert("other.test"),
        "stranger.test": trustme.CA().issue_cert("stranger.test"),
    }
    contexts = {}
    for name, certificate in certificates.items():
        contexts[name] = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        certificate.configure_cert(contexts[name])

    def choose(connection: ssl.SSLSocket, name: str | None, _: ssl.SSLContext) -> None:
        connection.context = contexts.get(name or "", contexts["sound.test"])

    front = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    certificates["sound.test"].configure_cert(front)
    front.sni_callback = choose  # type: ignore[assignment]
    return front


@contextmanager
def serving(folder: Path) -> Iterator[Loopback]:
    """Serve every host under ``.test`` over http and https until the block ends."""
    authority = trustme.CA()
    ca_file = folder / "ca.pem"
    authority.cert_pem.write_to_path(ca_file)
    loopback, stop = Loopback(), threading.Event()
    listeners = [_serve(loopback, None, stop), _serve(loopback, _tls(authority), stop)]
    http, https = (listener.getsockname() for listener in listeners)
    loopback.routes = Routes(".test", http, https, ca_file)
    try:
        yield loopback
    finally:
        stop.set()
        for listener in listeners:
            listener.shutdown(socket.SHUT_RDWR)
            listener.close()
