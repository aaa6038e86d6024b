"""Speaks HTTP/1.1 and HTTPS on loopback for any catalogue, remembers every request, and misbehaves where told to."""

import gzip
import hashlib
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import format_datetime, parsedate_to_datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, TextIO

from sample_portal.catalogue import Catalogue, Response
from sample_portal.certificates import Certificates
from sample_portal.http_faults import MISBEHAVIOURS
from sample_portal.site import LOGGED, Asked, Site


@dataclass(frozen=True, slots=True)
class Address:
    """Where a running server is reached: each scheme's host:port, the file with its CA, and what was asked so far."""

    portal: str
    suffix: str
    http: str
    https: str
    ca: str
    log: list[Asked]


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 512
    site: Site
    certificates: Certificates | None = None

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Say nothing of clients that hang up on a misbehaving server; tell anything else, which is a defect."""
        if not isinstance(sys.exc_info()[1], OSError):
            super().handle_error(request, client_address)

    def finish_request(self, request: Any, client_address: Any) -> None:
        """Serve one connection in its own thread, after the TLS handshake where there is one."""
        if self.certificates is None:
            super().finish_request(request, client_address)
            return
        request.settimeout(30)
        secured = self.certificates.context.wrap_socket(request, server_side=True)
        try:
            super().finish_request(secured, client_address)
        finally:
            secured.close()


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: _Server
    timeout = 75
    disable_nagle_algorithm = True
    wbufsize = -1

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002  the base class names it so
        """Keep quiet: the site's log is what tests read."""

    def do_GET(self) -> None:
        """Answer a GET."""
        self._answer()

    def do_HEAD(self) -> None:
        """Answer a HEAD."""
        self._answer()

    def do_POST(self) -> None:
        """Refuse a POST with a page, as the portal's front end does."""
        self.close_connection = True
        self._answer()

    def _answer(self) -> None:
        site = self.server.site
        host = self.headers.get("Host", "").partition(":")[0].lower()
        if self.path.startswith("http://"):  # as a proxy is asked (RFC 9112, 3.2.2): how a peer reaches our host names
            self.path = "/" + self.path.removeprefix("http://").partition("/")[2]
        scheme = "https" if self.server.certificates else "http"
        kept = {name: self.headers[name] for name in LOGGED if name in self.headers}
        asked = site.arrive(scheme, host, self.path, self.command, kept)
        if site.delay:
            time.sleep(site.delay)
        found = _page(405, "Method Not Allowed") if self.command == "POST" else site.find(host, self.path)
        response = site.turn(found or _page(404, "Not Found"), host, self.path)
        if response.secure and self.server.certificates:
            response = response.secure
        if response.robots and not _names_contact(self.headers.get("User-Agent", "")):
            response = response.robots
        if self.command == "HEAD" and not response.head:
            response = _page(405, "Method Not Allowed")
        if response.misbehaviour:
            self.close_connection = True
            site.leave(asked, None, response)
            MISBEHAVIOURS[response.misbehaviour](self.connection, response, site.closing)
            return
        self._send(response, asked)

    def _send(self, response: Response, asked: Asked) -> None:
        body = response.body()
        headers = dict(response.headers)
        if response.content_type is not None:
            headers.setdefault("Content-Type", response.content_type)
        status = response.status
        if status == 200:
            status, body = self._negotiate(response, body, headers)
        self.server.site.leave(asked, status, response)
        headers.setdefault("Content-Length", str(len(body)))
        self.send_response_only(status)
        self.send_header("Server", "nginx")
        self.send_header("Date", format_datetime(self.server.site.now().astimezone(UTC), usegmt=True))
        for name, value in headers.items():
            self.send_header(name, value)
        if self.close_connection:
            self.send_header("Connection", "close")
        self.end_headers()
        if self.command != "HEAD" and status != 304:
            self.wfile.write(body)

    def _negotiate(self, response: Response, body: bytes, headers: dict[str, str]) -> tuple[int, bytes]:
        """Return status and body after conditional, range and gzip requests were honoured."""
        if response.modified is None:
            return 200, self._packed(response, body, headers)
        tag = f'"{hashlib.sha256(body).hexdigest()[:20]}"' if response.tagged else ""
        modified = response.modified if response.dated else None
        if tag:
            headers.setdefault("ETag", tag)
        if modified:
            headers.setdefault("Last-Modified", format_datetime(modified.astimezone(UTC), usegmt=True))
        if self._unchanged(tag, modified):
            headers.pop("Content-Type", None)
            headers["Content-Length"] = "0"
            return 304, b""
        asked = self.headers.get("Range", "")
        if not response.ranges or not asked:
            return 200, self._packed(response, body, headers)
        headers["Accept-Ranges"] = "bytes"
        span = _span(asked, len(body))
        if span is None:
            headers["Content-Range"] = f"bytes */{len(body)}"
            return 416, b""
        headers["Content-Range"] = f"bytes {span[0]}-{span[1] - 1}/{len(body)}"
        return 206, body[span[0] : span[1]]

    def _packed(self, response: Response, body: bytes, headers: dict[str, str]) -> bytes:
        if not response.gzip or len(body) < 1000 or "gzip" not in self.headers.get("Accept-Encoding", ""):
            return body
        if not (response.content_type or "").startswith(("text/", "application/json", "application/xml")):
            return body
        headers["Content-Encoding"] = "gzip"
        headers["Vary"] = "Accept-Encoding"
        return gzip.compress(body, 6, mtime=0)

    def _unchanged(self, tag: str, modified: datetime | None) -> bool:
        if tag and (match := self.headers.get("If-None-Match")):
            return tag in match
        since = self.headers.get("If-Modified-Since")
        if not since or modified is None:
            return False
        try:
            return modified.replace(microsecond=0) <= parsedate_to_datetime(since)
        except (ValueError, TypeError):
            return False


def _names_contact(agent: str) -> bool:
    """Whether a User-Agent says whom to write to, as operators ask of robots; browsers pass as people."""
    return "@" in agent or "+http" in agent or agent.startswith("Mozilla/")


def _span(asked: str, size: int) -> tuple[int, int] | None:
    """Return the start and end of a single `bytes=` range within `size`, None where it cannot be satisfied."""
    unit, _, text = asked.partition("=")
    first, _, last = text.partition("-")
    if unit != "bytes" or not (first or last) or not (first + last).isdigit():
        return None
    if not first:
        return max(0, size - int(last)), size
    start = int(first)
    end = min(size, int(last) + 1) if last else size
    return (start, end) if start < end else None


def _page(status: int, words: str) -> Response:
    """Return a front end's plain HTML page for a status."""
    text = f"<html>\r\n<head><title>{status} {words}</title></head>\r\n<body>\r\n"
    text += f"<center><h1>{status} {words}</h1></center>\r\n"
    return Response((text + "<hr><center>nginx</center>\r\n</body>\r\n</html>\r\n").encode, "text/html", status)


@contextmanager
def serving(
    catalogue: Catalogue,
    *,
    now: Callable[[], datetime] | None = None,
    delay_ms: int = 0,
    flaky: float = 0.0,
    http_port: int = 0,
    https_port: int = 0,
    record: TextIO | None = None,
) -> Iterator[Address]:
    """Serve a catalogue on 127.0.0.1 in threads until the block ends; yields where, with the live request log.

    `flaky` is the share (0-1) of the portal's addresses whose first call answers an HTML 502. `now` gives the Date
    header (aware) and moves what goes with time; the system's clock by default. `record` gets a line of JSON for each
    answer. Raises OSError where a port is taken.
    """
    site = Site(catalogue, now or (lambda: datetime.now(UTC)), delay_ms / 1000, flaky, record)
    with tempfile.TemporaryDirectory(prefix="sample-portal-") as folder:
        certificates = Certificates(catalogue.certificate, datetime.now(UTC))  # clients hold them against true time
        ca = Path(folder) / "ca.pem"
        ca.write_bytes(certificates.ca_pem)
        servers = [_Server(("127.0.0.1", http_port), _Handler), _Server(("127.0.0.1", https_port), _Handler)]
        servers[1].certificates = certificates
        threads = []
        for server in servers:
            server.site = site
            threads.append(threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True))
            threads[-1].start()
        http, https = (f"127.0.0.1:{server.server_address[1]}" for server in servers)
        try:
            yield Address(f"http://{catalogue.portal_host}", catalogue.suffix, http, https, str(ca), site.log)
        finally:
            site.closing.set()
            for server, thread in zip(servers, threads, strict=True):
                server.shutdown()
                server.socket.close()
                thread.join()
