"""The environment's proxies are used, never for what is not public, and their faults are not a host's."""

import io
import os
import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
import trustme

from harvester.clock import system_clock
from harvester.errors import SettingsError
from harvester.settings import WebSettings
from harvester.web import Web
from tests.loopback import Loopback, reply, serving

LIMITS = {"connect_seconds": 1.0, "idle_seconds": 0.5, "total_seconds": 2.0, "per_host_seconds": 0.0}


@dataclass
class Proxy:
    """A proxy on loopback: it answers http itself by ``says``, and tunnels every CONNECT to ``inside``."""

    inside: tuple[str, int]
    says: bytes = b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\nConnection: close\r\n\r\nproxy"
    tunnels: bool = True
    heard: list[str] = field(default_factory=list)
    port: int = 0

    def serve(self, connection: socket.socket) -> None:
        """Answer one connection."""
        with connection, suppress(OSError):
            head = b""
            while b"\r\n\r\n" not in head:
                piece = connection.recv(4096)
                if not piece:
                    return
                head += piece
            self.heard.append(head.decode("latin-1"))
            if not head.startswith(b"CONNECT "):
                connection.sendall(self.says)
            elif not self.tunnels:
                connection.sendall(b"HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n")
            else:
                connection.sendall(b"HTTP/1.1 200 Connection established\r\n\r\n")
                with socket.create_connection(self.inside) as far:
                    back = threading.Thread(target=_pipe, args=(far, connection), daemon=True)
                    back.start()
                    _pipe(connection, far)
                    back.join(2)


def _pipe(source: socket.socket, target: socket.socket) -> None:
    with suppress(OSError):
        while piece := source.recv(65536):
            target.sendall(piece)


@contextmanager
def _listening(proxy: Proxy, context: ssl.SSLContext | None = None) -> Iterator[Proxy]:
    listener = socket.create_server(("127.0.0.1", 0))
    proxy.port = listener.getsockname()[1]

    def one(connection: socket.socket) -> None:
        with suppress(OSError):
            proxy.serve(context.wrap_socket(connection, server_side=True) if context else connection)

    def accept() -> None:
        with suppress(OSError):
            while True:
                threading.Thread(target=one, args=(listener.accept()[0],), daemon=True).start()

    threading.Thread(target=accept, daemon=True).start()
    try:
        yield proxy
    finally:
        listener.shutdown(socket.SHUT_RDWR)
        listener.close()


@pytest.fixture
def server(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Loopback]:
    """The hosts behind the proxy, and a machine without proxies or DNS whose trust is the test's own authority."""
    for name in list(os.environ):
        if name.lower().endswith("_proxy"):
            monkeypatch.delenv(name)
    resolve: Callable[..., Any] = socket.getaddrinfo

    def local(host: str, *args: Any, **kwargs: Any) -> Any:
        if host != "localhost" and not host.replace(".", "").isdecimal():
            raise socket.gaierror(socket.EAI_NONAME, "no DNS here")
        return resolve(host, *args, **kwargs)

    monkeypatch.setattr(socket, "getaddrinfo", local)
    with serving(tmp_path) as loopback:
        assert loopback.routes is not None
        monkeypatch.setenv("SSL_CERT_FILE", str(loopback.routes.ca_file))
        yield loopback


@pytest.fixture
def proxy(server: Loopback, monkeypatch: pytest.MonkeyPatch) -> Iterator[Proxy]:
    assert server.routes is not None
    with _listening(Proxy(server.routes.https)) as listening:
        monkeypatch.setenv("HTTP_PROXY", f"http://me:secret@localhost:{listening.port}")
        monkeypatch.setenv("HTTPS_PROXY", f"localhost:{listening.port}")
        yield listening


def fetch(url: str, *allow: str) -> tuple[Any, bytes]:
    sink = io.BytesIO()
    with Web(WebSettings(allow=allow, ignore_robots=("one.test", "sound.test"), **LIMITS), system_clock) as web:
        return web.fetch(url, sink), sink.getvalue()


def test_http_goes_through_the_proxy_that_the_environment_names(proxy: Proxy) -> None:
    """The proxy gets the whole address and its own password, although it stands at an address that is not public."""
    visit, body = fetch("http://one.test/a?b=1", "one.test")
    assert (visit.outcome, body) == ("ok", b"proxy")
    assert proxy.heard[0].startswith("GET http://one.test/a?b=1 HTTP/1.1\r\n")
    assert "Host: one.test\r\n" in proxy.heard[0]
    assert "Proxy-Authorization: Basic bWU6c2VjcmV0" in proxy.heard[0]


def test_https_goes_through_a_tunnel(proxy: Proxy, server: Loopback) -> None:
    """The certificate is the host's own, and the host hears nothing of the proxy."""
    server.on("sound.test", "/x", reply(b"inside"))
    visit, body = fetch("https://sound.test/x", "sound.test")
    assert (visit.outcome, body, visit.certificate_days) == ("ok", b"inside", 39)
    assert proxy.heard[0].startswith("CONNECT sound.test:443 ")
    assert "proxy" not in server.asked[-1][2].lower()


def test_a_proxy_reached_by_https_is_used_too(server: Loopback, monkeypatch: pytest.MonkeyPatch) -> None:
    """TLS to the proxy and, within it, TLS to the host."""
    assert server.routes is not None
    authority = trustme.CA()
    with server.routes.ca_file.open("ab") as trusted:
        trusted.write(authority.cert_pem.bytes())
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("localhost").configure_cert(context)
    server.on("sound.test", "/x", reply(b"inside"))
    with _listening(Proxy(server.routes.https), context) as proxy:
        monkeypatch.setenv("ALL_PROXY", f"https://localhost:{proxy.port}")
        assert fetch("http://one.test/x", "one.test")[1] == b"proxy"
        assert fetch("https://sound.test/x", "sound.test")[1] == b"inside"


@pytest.mark.parametrize("url", ["http://10.0.0.1/", "https://169.254.169.254/latest", "http://one.test/"])
def test_a_proxy_is_not_asked_for_what_may_not_be_public(url: str, proxy: Proxy) -> None:
    """A private address, and a name that does not resolve here, are refused before the proxy hears of them."""
    visit, _ = fetch(url)
    assert visit.outcome == "not-public"
    assert proxy.heard == []


def test_a_redirect_through_a_proxy_is_guarded(proxy: Proxy) -> None:
    """Each hop is checked, so that no host can make the proxy ask inside its own network."""
    proxy.says = b"HTTP/1.1 302 Found\r\nLocation: http://10.0.0.1/\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
    assert fetch("http://one.test/a", "one.test")[0].outcome == "not-public"
    assert len(proxy.heard) == 1


def test_no_proxy_is_kept_to(proxy: Proxy, server: Loopback, monkeypatch: pytest.MonkeyPatch) -> None:
    """What NO_PROXY names is asked directly."""
    monkeypatch.setenv("NO_PROXY", "127.0.0.1,other.test")
    assert server.routes is not None
    server.on("127.0.0.1", "/x", reply(b"direct"))
    assert fetch(f"http://127.0.0.1:{server.routes.http[1]}/x", "127.0.0.1")[1] == b"direct"
    assert proxy.heard == []


def test_the_sample_portal_is_never_asked_through_a_proxy(proxy: Proxy, server: Loopback) -> None:
    """Its hosts are on this machine, whatever the environment says."""
    url = server.on("one.test", "/x", reply(b"routed"))
    sink = io.BytesIO()
    with Web(server.settings(), system_clock) as web:
        assert web.fetch(url, sink).outcome == "ok"
    assert (sink.getvalue(), proxy.heard) == (b"routed", [])


@pytest.mark.parametrize("url", ["http://one.test/x", "https://sound.test/x"])
def test_a_proxys_fault_is_not_the_hosts(url: str, proxy: Proxy, monkeypatch: pytest.MonkeyPatch) -> None:
    """A proxy that wants another password, refuses the tunnel or is gone leaves the host unreached, and says so."""
    proxy.says = b"HTTP/1.1 407 Proxy Authentication Required\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
    proxy.tunnels = False
    refused, _ = fetch(url, "one.test", "sound.test")
    monkeypatch.setenv("HTTP_PROXY", "http://localhost:9")
    monkeypatch.setenv("HTTPS_PROXY", "http://localhost:9")
    gone, _ = fetch(url, "one.test", "sound.test")
    for visit in (refused, gone):
        assert visit.outcome == "unreachable"
        assert "proxy" in visit.error
        assert visit.status is None


def test_a_proxy_of_a_kind_we_do_not_speak_to_is_told_at_once(
    server: Loopback, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One sentence for the user, and not a thousand links that seem to be dead."""
    monkeypatch.setenv("ALL_PROXY", "socks5://localhost:1080")
    with pytest.raises(SettingsError, match="socks5"):
        Web(WebSettings(), system_clock)
    Web(server.settings(), system_clock).close()
