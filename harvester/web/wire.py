"""The connection itself: requests' adapter on one TLS context, guarded addresses, and deadlines that hold."""

import io
import re
import socket
import ssl
import threading
import time
from collections.abc import Mapping
from http.client import HTTPException, HTTPResponse
from typing import Any

from requests.adapters import HTTPAdapter
from requests.utils import DEFAULT_CA_BUNDLE_PATH
from urllib3 import BaseHTTPResponse, HTTPConnectionPool, HTTPSConnectionPool, PoolManager, Timeout
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.exceptions import ConnectTimeoutError, NameResolutionError, NewConnectionError
from urllib3.util import Retry, parse_url

from harvester.settings import WebSettings
from harvester.web.guard import Guard, Resolve, SockAddr, resolve_any
from harvester.web.proxies import Proxies

# OP_LEGACY_SERVER_CONNECT, which Python names from 3.12 on: browsers still talk to servers that do not know secure
# renegotiation, and a file that every browser opens must not be reported as out of reach.
_LEGACY_SERVER_CONNECT = 0x4
HEAD_BYTES = 256 * 1024
"""The most that an answer's status and headers may come to, as in Chromium; http.client alone would take 6 MB."""
_HOST_POOLS = 256
_PLAIN = re.compile(r"(https?)://([a-z0-9][a-z0-9.-]*)(?::(\d{1,5}))?(/[A-Za-z0-9/._~!$&'()*+,;=:@?-]*)")
_LEAST_SECONDS = 0.001
_ONCE = Retry(False, redirect=False)
"""What urllib3 makes of `retries=False`, made once."""
_INTERIM, _SWITCHING, _FINAL = 100, 101, 200


class _Deadline(threading.local):
    """When the request this thread is making must end, and how long it may be silent (monotonic seconds)."""

    ends = float("inf")
    idle = 60.0
    sent = False
    """Whether the request left us: its answer was waited for."""

    def begin(self, ends: float, idle: float) -> None:
        """Start the time of a new request."""
        self.ends, self.idle, self.sent = ends, idle, False

    def left(self, at_most: float) -> float:
        """Return the seconds this thread may still wait, ``at_most`` at most; raises TimeoutError where none are."""
        left = self.ends - time.monotonic()
        if left <= 0:
            raise TimeoutError("the whole answer took too long")
        return max(_LEAST_SECONDS, min(left, at_most))

    def wait(self) -> float:
        """Return the seconds to wait for the next bytes of an answer; raises TimeoutError where none are left."""
        self.sent = True
        return self.left(self.idle)


DEADLINE = _Deadline()


class _Socket(socket.socket):
    """A socket whose every read ends at its thread's deadline, so that a drip of bytes cannot hold a worker."""

    def recv_into(self, *args: Any, **kwargs: Any) -> int:
        self.settimeout(DEADLINE.wait())
        return super().recv_into(*args, **kwargs)


class _TLSSocket(ssl.SSLSocket):
    """The same for TLS; the handshake is already bounded as a whole by the socket's timeout."""

    def recv_into(self, *args: Any, **kwargs: Any) -> int:
        self.settimeout(DEADLINE.wait())
        return super().recv_into(*args, **kwargs)

    def recv(self, *args: Any, **kwargs: Any) -> bytes:
        """Read as TLS within TLS does, through a proxy that is itself reached by https."""
        self.settimeout(DEADLINE.left(DEADLINE.idle))
        return super().recv(*args, **kwargs)


class _Reader(io.BufferedReader):
    """What an answer is read through: never without a bound, which a chunk of size -1 would make http.client do."""

    head_left: float = HEAD_BYTES
    """How many bytes of status lines and headers may still come."""

    def read(self, size: int | None = -1, /) -> bytes:
        """Read ``size`` bytes. Raises HTTPException where it asks for all there is."""
        if size is None or size < 0:
            raise HTTPException("a length below zero")
        return super().read(size)

    def readline(self, size: int | None = -1, /) -> bytes:
        """Read a line. Raises HTTPException where the headers are longer, together, than browsers take."""
        line = super().readline(size)
        self.head_left -= len(line)
        if self.head_left < 0:
            raise HTTPException("headers without end")
        return line


class _Answer(HTTPResponse):
    """http.client's answer, read through `_Reader`."""

    fp: io.BufferedReader

    def __init__(self, sock: socket.socket, *args: Any, **kwargs: Any) -> None:
        super().__init__(sock, *args, **kwargs)
        self.fp = _Reader(self.fp.detach())

    def begin(self) -> None:
        """Read the status and the headers."""
        super().begin()
        if isinstance(self.fp, _Reader):  # which it is not where there is no body to come
            self.fp.head_left = float("inf")

    def _read_status(self) -> tuple[str, int, str]:
        """Read past interim answers, such as 103 Early Hints, of which http.client knows 100 only (RFC 9110, 15.2)."""
        while True:
            version, status, reason = super()._read_status()  # type: ignore[misc]
            if status < _INTERIM or status >= _FINAL or status == _SWITCHING:
                return version, status, reason
            while self.fp.readline().strip():
                pass


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
        self._guard = Guard(settings)
        # With routes everything is on this machine, where no proxy is.
        self._proxies = Proxies() if settings.routes is None else None
        self._lock = threading.Lock()
        self._keys: dict[tuple[str | None, str | None, int | None], tuple[Any, dict[str, Any]]] = {}
        self.certificate_ends: dict[str, float] = {}
        """By host, when its certificate ends (seconds since 1970)."""
        super().__init__(pool_connections=_HOST_POOLS, pool_maxsize=settings.threads)

    def proxy(self, address: str) -> str | None:
        """Return the proxy that a plain ``address`` is asked through, None where it is asked directly."""
        return self._proxies.of(address) if self._proxies else None

    def get(self, address: str, headers: Mapping[str, str]) -> BaseHTTPResponse:
        """GET a plain http or https ``address`` and return the answer, its body unread and undecoded.

        It goes straight to the pools that requests would use: of what `send` does besides (cookies, wrapping the
        answer) nothing is needed here, and it is half the CPU of a small answer. Raises what urllib3 raises.
        """
        scheme, host, port, target = _parts(address)
        how = {"headers": headers, "retries": _ONCE, "redirect": False, "assert_same_host": False,
               "timeout": self._timeout, "preload_content": False, "decode_content": False}  # fmt: skip
        answer: BaseHTTPResponse
        if proxy := self.proxy(address):
            self._guard.check_before_proxy(host or "", port or _port(scheme))
            del how["assert_same_host"]  # the manager says so itself
            answer = self._through(proxy).urlopen("GET", address, **how)
        else:
            answer = self._pool(scheme, host, port).urlopen("GET", target, **how)
        return answer

    def _pool(self, scheme: str | None, host: str | None, port: int | None) -> Any:
        """Return the pool of a host, as ``connection_from_host`` does, which makes its key anew each time."""
        known = self._keys.get((scheme, host, port))
        if known is None:
            context = {**self.poolmanager.connection_pool_kw, "scheme": scheme, "host": host, "port": port}
            pool = self.poolmanager.connection_from_host(host, port, scheme)
            context["port"] = pool.port
            known = self._keys[scheme, host, port] = (self.poolmanager.key_fn_by_scheme[pool.scheme](context), context)
        return self.poolmanager.connection_from_pool_key(*known)

    def init_poolmanager(self, connections: int, maxsize: int, block: bool = False, **kwargs: Any) -> None:
        """Make the pools; called by requests."""
        self.poolmanager = PoolManager(
            num_pools=connections, maxsize=maxsize, block=block, ssl_context=self._context, **kwargs
        )
        self.poolmanager.pool_classes_by_scheme = _pools(self._settings, self.certificate_ends, self._guard.resolve)

    def cert_verify(self, conn: Any, url: Any, verify: Any, cert: Any) -> None:
        """Do nothing: the shared context already holds the trust store and verifies."""

    def _through(self, proxy: str) -> Any:
        """Return the pools of connections to ``proxy``, which is not guarded: the user named it."""
        with self._lock:
            known = proxy in self.proxy_manager
            manager = self.proxy_manager_for(proxy, ssl_context=self._context, proxy_ssl_context=self._context)
            if not known:
                manager.pool_classes_by_scheme = _pools(self._settings, self.certificate_ends, resolve_any)
        return manager


def _parts(address: str) -> tuple[str | None, str | None, int | None, str]:
    """Return the scheme, host, port and target of an address; one in which all is plain needs no urllib3 to tell."""
    if (plain := _PLAIN.fullmatch(address)) and "/." not in plain[4]:
        return plain[1], plain[2], int(plain[3]) if plain[3] else None, plain[4]
    url = parse_url(address)
    return url.scheme, url.host, url.port, url.request_uri


def _pools(settings: WebSettings, certificate_ends: dict[str, float], resolve: Resolve) -> dict[str, Any]:
    class Plain(HTTPConnection):
        response_class = _Answer

        def _new_conn(self) -> socket.socket:
            return _dial(self, resolve, settings.connect_seconds, tls=False)

    class Secure(HTTPSConnection):
        response_class = _Answer

        def _new_conn(self) -> socket.socket:
            return _dial(self, resolve, settings.connect_seconds, tls=True)

        def connect(self) -> None:
            super().connect()
            certificate = self.sock.getpeercert() if isinstance(self.sock, ssl.SSLSocket) else None
            if certificate and "notAfter" in certificate:
                host = (self._tunnel_host or self.host).lower()
                certificate_ends[host] = ssl.cert_time_to_seconds(str(certificate["notAfter"]))

    class PlainPool(HTTPConnectionPool):
        ConnectionCls = Plain

    class SecurePool(HTTPSConnectionPool):
        ConnectionCls = Secure

    return {"http": PlainPool, "https": SecurePool}


def _port(scheme: str | None) -> int:
    return 443 if scheme == "https" else 80


def _dial(connection: HTTPConnection, resolve: Resolve, seconds: float, *, tls: bool) -> socket.socket:
    """Connect to the first of the host's permitted addresses that answers, in urllib3's own errors where none does.

    They are tried in the resolver's order, and what is left of the time for connecting is divided among those not yet
    tried: a host whose IPv6 is dead is still reached by IPv4.
    """
    try:
        addresses = resolve(connection.host, connection.port or _port("https" if tls else "http"), tls=tls)
    except (socket.gaierror, UnicodeError) as error:
        reason = error if isinstance(error, socket.gaierror) else socket.gaierror(str(error))
        raise NameResolutionError(connection.host, connection, reason) from error
    problem: OSError = OSError("no address")
    ends = time.monotonic() + DEADLINE.left(seconds)
    for turn, (family, address) in enumerate(addresses):
        share = (ends - time.monotonic()) / (len(addresses) - turn)
        try:
            return _connected(family, address, max(_LEAST_SECONDS, share), DEADLINE.left(seconds))
        except OSError as error:
            problem = error
    if isinstance(problem, TimeoutError):
        raise ConnectTimeoutError(connection, "no connection in time") from problem
    raise NewConnectionError(connection, str(problem)) from problem


def _connected(family: int, address: SockAddr, seconds: float, handshake_seconds: float) -> socket.socket:
    """Return a socket connected within ``seconds``, with so much time for a handshake after it. Raises OSError."""
    sock = _Socket(family, socket.SOCK_STREAM)  # which raises where this machine does not know the family
    try:
        sock.settimeout(seconds)
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        sock.connect(address)
        sock.settimeout(handshake_seconds)
    except OSError:
        sock.close()
        raise
    return sock
