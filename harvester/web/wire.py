"""The connection itself: requests' adapter on one TLS context, guarded addresses, and deadlines that hold."""

import socket
import ssl
import threading
import time
from collections.abc import Mapping
from typing import Any

from requests.adapters import HTTPAdapter
from requests.utils import DEFAULT_CA_BUNDLE_PATH
from urllib3 import BaseHTTPResponse, HTTPConnectionPool, HTTPSConnectionPool, PoolManager, Timeout
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.exceptions import ConnectTimeoutError, NameResolutionError, NewConnectionError
from urllib3.util import parse_url

from harvester.settings import WebSettings
from harvester.web.guard import Guard

# OP_LEGACY_SERVER_CONNECT, which Python names from 3.12 on: browsers still talk to servers that do not know secure
# renegotiation, and a file that every browser opens must not be reported as out of reach.
_LEGACY_SERVER_CONNECT = 0x4
_HOST_POOLS = 256
_LEAST_SECONDS = 0.001


class _Deadline(threading.local):
    """When the request this thread is making must end, and how long it may be silent (monotonic seconds)."""

    ends = float("inf")
    idle = 60.0

    def left(self, at_most: float) -> float:
        """Return the seconds this thread may still wait, ``at_most`` at most; raises TimeoutError where none are."""
        left = self.ends - time.monotonic()
        if left <= 0:
            raise TimeoutError("the whole answer took too long")
        return max(_LEAST_SECONDS, min(left, at_most))


DEADLINE = _Deadline()


class _Socket(socket.socket):
    """A socket whose every read ends at its thread's deadline, so that a drip of bytes cannot hold a worker."""

    def recv_into(self, *args: Any, **kwargs: Any) -> int:
        self.settimeout(DEADLINE.left(DEADLINE.idle))
        return super().recv_into(*args, **kwargs)


class _TLSSocket(ssl.SSLSocket):
    """The same for TLS; the handshake is already bounded as a whole by the socket's timeout."""

    def recv_into(self, *args: Any, **kwargs: Any) -> int:
        self.settimeout(DEADLINE.left(DEADLINE.idle))
        return super().recv_into(*args, **kwargs)


def tls_context(settings: WebSettings) -> ssl.SSLContext:
    """Return the one TLS context of the process: making it costs 70 ms of CPU, so never once a connection."""
    context = ssl.create_default_context(cafile=settings.routes.ca_file if settings.routes else None)
    if settings.routes is None and not context.cert_store_stats()["x509_ca"]:
        context.load_verify_locations(DEFAULT_CA_BUNDLE_PATH)  # where the machine brings no certificates of its own
    context.options |= _LEGACY_SERVER_CONNECT
    context.sslsocket_class = _TLSSocket
    return context


class GuardedAdapter(HTTPAdapter):
    """requests' adapter with our connections: guarded addresses, one TLS context, certificates' ends remembered."""

    def __init__(self, settings: WebSettings) -> None:
        self._settings = settings
        self._context = tls_context(settings)
        self._timeout = Timeout(connect=settings.connect_seconds, read=settings.idle_seconds)
        self.certificate_ends: dict[str, float] = {}
        """By host, when its certificate ends (seconds since 1970)."""
        super().__init__(pool_connections=_HOST_POOLS, pool_maxsize=settings.threads)

    def get(self, address: str, headers: Mapping[str, str]) -> BaseHTTPResponse:
        """GET a plain http or https ``address`` and return the answer, its body unread and undecoded.

        It goes straight to the pools that requests would use: of what `send` does besides (proxies, cookies, wrapping
        the answer) nothing is needed here, and it is half the CPU of a small answer. Raises what urllib3 raises.
        """
        url = parse_url(address)
        pool = self.poolmanager.connection_from_host(url.host, url.port, url.scheme)
        answer: BaseHTTPResponse = pool.urlopen(
            "GET", url.request_uri, headers=headers, retries=False, redirect=False, assert_same_host=False,
            timeout=self._timeout, preload_content=False, decode_content=False,
        )  # fmt: skip
        return answer

    def init_poolmanager(self, connections: int, maxsize: int, block: bool = False, **kwargs: Any) -> None:
        """Make the pools; called by requests."""
        self.poolmanager = PoolManager(
            num_pools=connections, maxsize=maxsize, block=block, ssl_context=self._context, **kwargs
        )
        self.poolmanager.pool_classes_by_scheme = _pools(self._settings, self.certificate_ends)

    def cert_verify(self, conn: Any, url: Any, verify: Any, cert: Any) -> None:
        """Do nothing: the shared context already holds the trust store and verifies."""


def _pools(settings: WebSettings, certificate_ends: dict[str, float]) -> dict[str, Any]:
    guard = Guard(settings)

    class Plain(HTTPConnection):
        def _new_conn(self) -> socket.socket:
            return _dial(self, guard, settings.connect_seconds, tls=False)

    class Secure(HTTPSConnection):
        def _new_conn(self) -> socket.socket:
            return _dial(self, guard, settings.connect_seconds, tls=True)

        def connect(self) -> None:
            super().connect()
            certificate = self.sock.getpeercert() if isinstance(self.sock, ssl.SSLSocket) else None
            if certificate and "notAfter" in certificate:
                certificate_ends[self.host.lower()] = ssl.cert_time_to_seconds(str(certificate["notAfter"]))

    class PlainPool(HTTPConnectionPool):
        ConnectionCls = Plain

    class SecurePool(HTTPSConnectionPool):
        ConnectionCls = Secure

    return {"http": PlainPool, "https": SecurePool}


def _dial(connection: HTTPConnection, guard: Guard, seconds: float, *, tls: bool) -> socket.socket:
    """Connect to the first of the host's permitted addresses that answers, in urllib3's own errors where none does."""
    try:
        addresses = guard.resolve(connection.host, connection.port or (443 if tls else 80), tls=tls)
    except (socket.gaierror, UnicodeError) as error:
        reason = error if isinstance(error, socket.gaierror) else socket.gaierror(str(error))
        raise NameResolutionError(connection.host, connection, reason) from error
    problem: OSError = OSError("no address")
    for family, address in addresses:
        sock = _Socket(family, socket.SOCK_STREAM)
        try:
            sock.settimeout(DEADLINE.left(seconds))
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            sock.connect(address)
        except OSError as error:
            sock.close()
            problem = error
        else:
            return sock
    if isinstance(problem, TimeoutError):
        raise ConnectTimeoutError(connection, "no connection in time") from problem
    raise NewConnectionError(connection, str(problem)) from problem
