"""The one door to the network: whatever a server does is a visit, within limits, and only public hosts are asked."""

import gzip
import hashlib
import io
import socket
import threading
import time
import zlib
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import replace
from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from requests.utils import DEFAULT_CA_BUNDLE_PATH

from harvester.errors import BarometerError, PortalError, SettingsError
from harvester.records import Outcome, Visit
from harvester.settings import Routes, WebSettings
from harvester.web import Web
from harvester.web.guard import Guard, NotPublicError, is_public
from harvester.web.pace import Pace
from harvester.web.verdict import http_date, of_status, plain_address, retry_after
from tests.attacks import to
from tests.loopback import Loopback, Talk, raw, reply, serving

NOW = datetime(2026, 11, 23, 2, 30, tzinfo=UTC)


def clock() -> datetime:
    return NOW


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Loopback]:
    with serving(tmp_path_factory.mktemp("web")) as loopback:
        yield loopback


def visit(server: Loopback, talk: Talk, **changes: object) -> tuple[Visit, bytes]:
    url, sink = server.on("one.test", "/data.csv", talk), io.BytesIO()
    with Web(server.settings(**changes), clock) as web:
        return web.fetch(url, sink), sink.getvalue()


def test_a_good_answer_is_recorded_in_full(server: Loopback) -> None:
    """A 200 is a visit with its bytes, digest, times and the headers that evidence needs."""
    head = (
        'Content-Type: text/csv\r\nETag: "a1"\r\nLast-Modified: Sun, 22 Nov 2026 10:00:00 GMT\r\n'
        "Date: Mon, 23 Nov 2026 02:29:59 GMT\r\n"
    )
    seen, body = visit(server, reply(b"a,b\n1,2\n", head=head))
    assert (seen.outcome, seen.status, seen.error, body) == ("ok", 200, None, b"a,b\n1,2\n")
    assert seen.sha256 == hashlib.sha256(body).hexdigest()
    assert (seen.bytes, seen.declared_bytes, seen.complete) == (8, 8, True)
    assert (seen.content_type, seen.etag) == ("text/csv", '"a1"')
    assert (seen.last_modified, seen.served_at) == ("2026-11-22T10:00:00Z", "2026-11-23T02:29:59Z")
    assert seen.first_byte_ms is not None
    assert seen.milliseconds is not None
    assert seen.first_byte_ms <= seen.milliseconds


def test_we_say_who_we_are_and_send_no_credentials(server: Loopback) -> None:
    """The User-Agent names us and whom to write to; a name and password in an address go nowhere."""
    server.on("one.test", "/who", reply(b"x"))
    with Web(server.settings(contact="data@example.org"), clock) as web:
        assert web.fetch("http://user:secret@one.test/who", None).outcome == "ok"
    request = server.asked[-1][2]
    assert "hk-open-data-barometer/" in request
    assert "data@example.org" in request
    assert "authorization" not in request.lower()
    assert "secret" not in request


@pytest.mark.parametrize(
    ("url", "path"),
    [
        ("http://one.test/資料 檔.csv", "/%E8%B3%87%E6%96%99%20%E6%AA%94.csv"),
        (" http://ONE.test/a%20b?q=%2F#part ", "/a%20b?q=%2F"),
        ("http://one.test", "/"),
        ("http://one.test/a\r\nX-Injected: 1", "/aX-Injected:%201"),
    ],
)
def test_an_address_is_asked_as_a_browser_asks_it(url: str, path: str, server: Loopback) -> None:
    """Chinese, blanks and line ends in an address reach the server escaped, and inject nothing."""
    server.on("one.test", path, reply(b"x"))
    with Web(server.settings(), clock) as web:
        assert web.fetch(url, None).outcome == "ok"
    assert "x-injected" not in [line.partition(":")[0].lower() for line in server.asked[-1][2].split("\r\n")]


STATUSES: list[tuple[str, str, Outcome]] = [
    ("404 Not Found", "", "gone"),
    ("410 Gone", "", "gone"),
    ("401 Unauthorized", "", "blocked"),
    ("403 Forbidden", "", "blocked"),
    ("451 Legal", "", "blocked"),
    ("400 Bad Request", "", "needs-parameters"),
    ("422 Unprocessable", "", "needs-parameters"),
    ("429 Slow Down", "", "throttled"),
    ("402 Pay", "", "client-error"),
    ("405 No", "", "client-error"),
    ("500 Oops", "", "server-error"),
    ("503 Busy", "Retry-After: 2\r\n", "server-error"),
    ("503 Busy", "cf-mitigated: challenge\r\n", "blocked"),
    ("202 Accepted", "x-amzn-waf-action: challenge\r\n", "blocked"),
    ("304 Same", "", "broken"),
]


@pytest.mark.parametrize(("status", "head", "outcome"), STATUSES)
def test_every_status_has_its_outcome(status: str, head: str, outcome: Outcome, server: Loopback) -> None:
    """A status is one outcome; a robot wall is blocked, never down."""
    seen, _ = visit(server, reply(b"text", status, head))
    assert (seen.outcome, seen.status) == (outcome, int(status[:3]))
    assert seen.error


def test_a_challenge_page_is_told_by_its_body() -> None:
    """A 503 whose page is a robot wall is blocked, a plain 503 is not."""
    wall = b'<script src="/cdn-cgi/challenge-platform/h/b/orchestrate.js"></script>'
    assert of_status(503, {}, wall, {})[0] == "blocked"
    assert of_status(503, {}, b"down for maintenance", {})[0] == "server-error"


def test_two_hundred_without_a_body_is_empty(server: Loopback) -> None:
    """An answer without a byte is no data."""
    seen, _ = visit(server, reply(b""))
    assert (seen.outcome, seen.bytes, seen.sha256) == ("empty", 0, None)


@pytest.mark.parametrize(
    ("name", "body"),
    [
        ("gzip", gzip.compress(b"hello ") + gzip.compress(b"world")),
        ("x-gzip", gzip.compress(b"hello world") + b"padding after the end"),
        ("deflate", zlib.compress(b"hello world")),
        ("deflate", zlib.compress(b"hello world")[2:-4]),
        ("identity", b"hello world"),
    ],
)
def test_packed_bodies_arrive_unpacked(name: str, body: bytes, server: Loopback) -> None:
    """Every packing that browsers take is taken."""
    assert visit(server, reply(body, head=f"Content-Encoding: {name}\r\n"))[1] == b"hello world"


def test_a_name_that_does_not_exist_is_unreachable(server: Loopback) -> None:
    """A name that does not exist is not reached."""
    with Web(server.settings(), clock) as web:
        nowhere = web.fetch("http://no.such.host.example/", None)
    assert (nowhere.outcome, nowhere.error) == ("unreachable", "There is no host of this name.")


@pytest.mark.parametrize(
    ("host", "words"), [("expired", "expired"), ("foreign", "another host name"), ("stranger", "unknown issuer")]
)
def test_a_refused_certificate_says_why(host: str, words: str, server: Loopback) -> None:
    """Each way a certificate fails has its own sentence."""
    with Web(server.settings(), clock) as web:
        seen = web.fetch(f"https://{host}.test/x", None)
    assert seen.outcome == "certificate"
    assert seen.error is not None
    assert words in seen.error


def test_a_sound_certificate_tells_its_days(server: Loopback) -> None:
    """The days left are recorded, also on a connection used again."""
    server.on("sound.test", "/x", reply(b"x"))
    with Web(server.settings(), lambda: datetime.now(UTC)) as web:
        days = [web.fetch("https://sound.test/x", None).certificate_days for _ in range(2)]
    assert days == [39, 39]


def test_no_redirect_carries_a_password_or_a_cookie_elsewhere(server: Loopback) -> None:
    """Credentials in a Location are neither sent nor told; a cookie goes back to the very host that set it only."""
    server.on(
        "a.gov.test", "/x", to("http://me:secret@b.gov.test/y\r\nSet-Cookie: door=open; Domain=.gov.test; Path=/")
    )
    server.on("b.gov.test", "/y", to("http://a.gov.test/z"))
    server.on("a.gov.test", "/z", reply(b"back"))
    with Web(server.settings(), clock) as web:
        seen = web.fetch("http://a.gov.test/x", None, headers={"Range": "bytes=0-9", "X-Token": "mine"})
    assert (seen.outcome, seen.redirects) == ("ok", ("http://b.gov.test/y", "http://a.gov.test/z"))
    first, elsewhere, back = (request.lower() for _, _, request in server.asked[-3:])
    assert "x-token:" in first
    assert not [word for word in ("authorization", "secret", "cookie", "x-token:") if word in elsewhere]
    assert "cookie: door=open" in back


def test_a_flood_of_cookies_is_not_sent_back(server: Loopback) -> None:
    """What is longer than any server takes is left out."""
    server.on("one.test", "/x", to("/y\r\nSet-Cookie: c=" + "a" * 20_000))
    server.on("one.test", "/y", reply(b"in"))
    with Web(server.settings(), clock) as web:
        assert web.fetch("http://one.test/x", None).outcome == "ok"
    assert "cookie:" not in server.asked[-1][2].lower()


def test_a_name_in_chinese_is_asked_by_its_ascii_name(server: Loopback) -> None:
    """A host such as 資料.香港 is reached as browsers reach it."""
    server.on("xn--qev058f.test", "/", reply(b"here"))
    with Web(server.settings(), clock) as web:
        assert web.fetch("http://資料.test/", None).outcome == "ok"


@contextmanager
def deaf() -> Iterator[tuple[str, int]]:
    """A port of IPv6 that takes no connection and refuses none: its queue is full."""
    with socket.socket(socket.AF_INET6, socket.SOCK_STREAM) as listener, ExitStack() as stack:
        listener.bind(("::1", 0))
        listener.listen(0)
        for _ in range(4):
            waiting = stack.enter_context(socket.socket(socket.AF_INET6, socket.SOCK_STREAM))
            waiting.setblocking(False)
            waiting.connect_ex(listener.getsockname())
        yield listener.getsockname()[:2]


def has_ipv6() -> bool:
    """Whether this machine has a loopback of IPv6."""
    try:
        with socket.socket(socket.AF_INET6, socket.SOCK_STREAM) as probe:
            probe.bind(("::1", 0))
    except OSError:
        return False
    return True


@pytest.mark.skipif(not has_ipv6(), reason="this machine has no IPv6")
def test_a_host_whose_ipv6_is_dead_is_reached_by_ipv4(server: Loopback, monkeypatch: pytest.MonkeyPatch) -> None:
    """The limit of connecting is divided among a host's addresses, so that a dead one does not use it up."""
    assert server.routes is not None
    address, port = server.routes.http
    server.on("both.lan", "/x", reply(b"here"))
    with deaf() as dead:

        def both(*_: object, **__: object) -> list[tuple[object, ...]]:
            six = (socket.AF_INET6, socket.SOCK_STREAM, 6, "", (*dead, 0, 0))
            return [six, (socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, port))]

        monkeypatch.setattr(socket, "getaddrinfo", both)
        allowed = replace(server.settings(connect_seconds=0.6, total_seconds=5), routes=None, allow=("both.lan",))
        began = time.monotonic()
        with Web(replace(allowed, ignore_robots=("both.lan",)), clock) as web:
            seen = web.fetch("http://both.lan/x", None)
    assert seen.outcome == "ok"
    assert 0.25 < time.monotonic() - began < 0.6


@pytest.mark.skipif(not has_ipv6(), reason="this machine has no IPv6")
def test_a_host_that_has_only_ipv6_is_reached() -> None:
    """An address of IPv6 is asked like any other, where the user allows it."""
    with socket.create_server(("::1", 0), family=socket.AF_INET6) as listener:

        def answer() -> None:
            connection, _ = listener.accept()
            with connection:
                connection.recv(4096)
                reply(b"six")(connection, "")

        threading.Thread(target=answer, daemon=True).start()
        manners = WebSettings(allow=("::1",), ignore_robots=("::1",), total_seconds=2, per_host_seconds=0)
        with Web(manners, clock) as web:
            assert web.fetch(f"http://[::1]:{listener.getsockname()[1]}/x", None).bytes == 3


def test_interim_answers_are_read_past(server: Loopback) -> None:
    """What comes before the answer (100, 103 Early Hints) is not the answer; without end it is a broken one."""
    hints = b"HTTP/1.1 103 Early Hints\r\nLink: </style.css>; rel=preload\r\n\r\n"
    final = b"HTTP/1.1 200 OK\r\nContent-Type: text/csv\r\nContent-Length: 8\r\nConnection: close\r\n\r\na,b\n1,2\n"
    seen, body = visit(server, raw(b"HTTP/1.1 100 Continue\r\n\r\n", hints, hints + final))
    assert (seen.outcome, seen.status, seen.content_type, body) == ("ok", 200, "text/csv", b"a,b\n1,2\n")
    seen, _ = visit(server, raw(hints * 20_000))
    assert (seen.outcome, seen.status) == ("broken", None)


def test_redirects_are_recorded_one_by_one(server: Loopback) -> None:
    """A chain over hosts is followed and told; what was meant for its first stays there, what we want goes along."""
    server.on("one.test", "/a", to("/b?q=%E6%95%B8"))
    server.on("one.test", "/b?q=%E6%95%B8", to("http://two.test/c#part"))
    server.on("two.test", "/c", reply(b"here"))
    sink = io.BytesIO()
    with Web(server.settings(), clock) as web:
        seen = web.fetch("http://one.test/a", sink, headers={"If-None-Match": '"x"', "X-Token": "y"})
    assert (seen.outcome, sink.getvalue()) == ("ok", b"here")
    assert seen.redirects == ("http://one.test/b?q=%E6%95%B8", "http://two.test/c#part")
    assert [name in server.asked[-3][2] for name in ("If-None-Match", "X-Token")] == [True, True]
    assert [name in server.asked[-1][2] for name in ("If-None-Match", "X-Token")] == [True, False]


def test_a_redirect_that_only_sets_a_cookie_arrives(server: Loopback) -> None:
    """A server that asks for its own cookie at the same address is no circle; other visits do not see the cookie."""

    def talk(connection: socket.socket, request: str) -> None:
        answer = reply(b"in") if "door=open" in request else to("/cookie\r\nSet-Cookie: door=open; Path=/")
        answer(connection, request)

    server.on("one.test", "/cookie", talk)
    with Web(server.settings(), clock) as web:
        first, second = web.fetch("http://one.test/cookie", None), web.fetch("http://one.test/cookie", None)
    assert (first.outcome, second.outcome) == ("ok", "ok")
    assert (len(first.redirects), len(second.redirects)) == (1, 1)


@given(st.text(max_size=80) | st.from_regex(r"https?://[\x00-\xff]{0,40}"))
def test_no_address_makes_fetch_raise(url: str) -> None:
    """Whatever stands in a record as an address, a visit comes of it; nothing is asked of a name that is not ours."""
    guarded = SEALED.fetch(url, None)
    assert guarded.outcome in ("bad-address", "unreachable", "not-public")


def sealed() -> Web:
    """A Web whose only routed hosts lie under a name that nothing generates, so that no request can leave."""
    nowhere = ("127.0.0.1", 9)
    routes = Routes(".nowhere.test", nowhere, nowhere, Path(DEFAULT_CA_BUNDLE_PATH))
    return Web(WebSettings(routes=routes, per_host_seconds=0), clock)


SEALED = sealed()


PUBLIC = ["8.8.8.8", "1.1.1.1", "203.184.1.1", "2404:6800:4005::200e", "2001:4860:4860::8888"]
PRIVATE = [
    "10.0.0.1", "127.0.0.1", "169.254.169.254", "172.16.0.1", "192.168.1.1", "100.64.0.1", "0.0.0.0", "224.0.0.1",  # noqa: S104 -- an address to refuse
    "255.255.255.255", "240.0.0.1", "192.0.0.8", "192.0.2.1", "192.88.99.1", "198.18.0.1", "::", "::1", "fe80::1%eth0",
    "fc00::1", "fec0::1", "ff02::1", "::ffff:10.0.0.1", "::127.0.0.1", "64:ff9b::7f00:1", "2002:7f00:1::",
    "2001:0:7f00:1::", "2001:db8::1", "3fff::1", "not an address",
]  # fmt: skip


@pytest.mark.parametrize("text", PUBLIC)
def test_public_addresses_are_public(text: str) -> None:
    """Addresses of the public internet pass the guard."""
    assert is_public(text)


@pytest.mark.parametrize("text", PRIVATE)
def test_addresses_that_are_not_public_are_refused(text: str) -> None:
    """Private, local, reserved, mapped and translated addresses do not, nor what is no address."""
    assert not is_public(text)


def test_the_checked_address_is_the_one_connected_to(monkeypatch: pytest.MonkeyPatch) -> None:
    """A name that turns private after a first look (DNS rebinding) is refused, since it is looked up once only."""
    answers = iter(["93.184.216.34", "127.0.0.1"])

    def lookup(*_: object, **__: object) -> list[tuple[object, ...]]:
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (next(answers), 80))]

    monkeypatch.setattr(socket, "getaddrinfo", lookup)
    guard = Guard(WebSettings())
    assert guard.resolve("rebind.example", 80, tls=False) == [(socket.AF_INET, ("93.184.216.34", 80))]
    with pytest.raises(NotPublicError):
        guard.resolve("rebind.example", 80, tls=False)


def test_only_what_the_user_allows_is_asked_although_private() -> None:
    """A host or a network that the user names passes, its neighbours do not."""
    guard = Guard(WebSettings(allow=("127.0.0.0/8",)))
    assert guard.resolve("127.0.0.1", 80, tls=False)
    with pytest.raises(NotPublicError):
        guard.resolve("10.0.0.1", 80, tls=False)


def test_a_full_disk_is_never_told_as_a_servers_fault(server: Loopback) -> None:
    """A body that cannot be stored stops the step with a sentence for the user."""

    class Full(io.BytesIO):
        def write(self, _: object) -> int:
            raise OSError(28, "No space left on device")

    with Web(server.settings(), clock) as web, pytest.raises(BarometerError, match="free some space"):
        web.fetch(server.on("one.test", "/x", reply(b"x")), Full())


class Hours:
    """A clock of seconds that moves only when someone sleeps."""

    def __init__(self) -> None:
        self.now = 100.0
        self.slept: list[float] = []

    def sleep(self, seconds: float) -> None:
        """Let the time pass at once."""
        self.slept.append(seconds)
        self.now += seconds


def test_the_interval_stands_before_each_request() -> None:
    """Between the end of one request and the start of the next to a host lies the interval; other hosts do not wait."""
    time_ = Hours()
    pace = Pace(0.5, time_.sleep, lambda: time_.now)
    starts = []
    for host in ("a", "a", "b", "a"):
        with pace.turn(host, alone=True):
            starts.append((host, time_.now))
            time_.now += 2
    assert starts == [("a", 100.0), ("a", 102.5), ("b", 104.5), ("a", 106.5)]


def test_the_interval_also_stands_after_a_request_that_failed() -> None:
    """A host that stalls or cuts us off is given the same rest."""
    time_ = Hours()
    pace = Pace(0.5, time_.sleep, lambda: time_.now)
    with suppress(TimeoutError), pace.turn("a", alone=True):
        time_.now += 9
        raise TimeoutError
    with pace.turn("a", alone=True):
        assert time_.now == 109.5


def test_retry_after_moves_the_hosts_next_time(server: Loopback) -> None:
    """A 503 with Retry-After keeps us from its host for so long, but no longer than the limit."""
    hours = Hours()
    server.on("busy.test", "/x", reply(b"", "503 Busy", "Retry-After: 7\r\n"))
    server.on("busy.test", "/y", reply(b"", "429 Slow", "Retry-After: 86400\r\n"))
    with Web(server.settings(), clock, sleep=hours.sleep, now=lambda: hours.now) as web:
        for path in "xyx":
            web.fetch(f"http://busy.test/{path}", None)
    assert hours.slept == [7.0, 30.0]


def test_one_host_is_asked_one_thing_at_a_time(server: Loopback) -> None:
    """Visits from several threads to one host follow each other, at the interval, by the server's own clock."""
    url = server.on("queue.test", "/x", raw(b"HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\nx", pause=0.02))
    with Web(server.settings(per_host_seconds=0.05), clock) as web:
        threads = [threading.Thread(target=web.fetch, args=(url, None)) for _ in range(5)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    times = [at for host, at in server.times if host == "queue.test"]
    assert len(times) == 5
    assert min(b - a for a, b in pairwise(times)) > 0.045


def test_connections_are_used_again(server: Loopback) -> None:
    """Two requests to one host travel over one connection."""
    connections = []

    def talk(connection: socket.socket, _: str) -> None:
        connections.append(connection.getpeername())
        connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\nx")
        connection.recv(4096)
        connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nyy")

    url = server.on("kept.test", "/x", talk)
    with Web(server.settings(), clock) as web:
        sizes = [web.fetch(url, None).bytes for _ in range(2)]
    assert (sizes, len(connections)) == ([1, 2], 1)


def in_turn(*talks: Talk) -> Talk:
    left = iter(talks)

    def talk(connection: socket.socket, request: str) -> None:
        next(left)(connection, request)

    return talk


def test_the_portal_is_asked_again_where_it_stumbles(server: Loopback) -> None:
    """HTML, a 503, a cut connection and a 429 are asked again; then its JSON is taken."""
    url = server.on(
        "data.test",
        "/api",
        in_turn(
            reply(b"<html>busy</html>"),
            reply(b"", "503 Busy", "Retry-After: 1\r\n"),
            raw(),
            reply(b"", "429 Slow"),
            reply(b'{"success": true}'),
        ),
    )
    hours = Hours()
    with Web(server.settings(), clock, sleep=hours.sleep, now=lambda: hours.now) as web:
        assert web.fetch_json(url) == {"success": True}
    assert len(hours.slept) >= 4


def test_the_portals_own_no_is_an_answer(server: Loopback) -> None:
    """CKAN's 404 with JSON is returned at once, not asked for again."""
    url = server.on("data.test", "/none", in_turn(reply(b'{"success": false}', "404 Not Found")))
    with Web(server.settings(), clock, sleep=Hours().sleep) as web:
        assert web.fetch_json(url) == {"success": False}


@pytest.mark.parametrize("talk", [reply(b"<html>"), reply(b"", "500 Oops"), reply(b"[" * 100_000)])
def test_a_portal_that_never_answers_is_told_in_a_sentence(talk: Talk, server: Loopback) -> None:
    """After the last try a PortalError says what was met and what to do."""
    hours = Hours()
    with (
        Web(server.settings(tries=2), clock, sleep=hours.sleep, now=lambda: hours.now) as web,
        pytest.raises(PortalError, match="asked 2 times"),
    ):
        web.fetch_json(server.on("data.test", "/bad", talk))


@pytest.mark.parametrize(
    "bad", [{"threads": 0}, {"per_host_seconds": -1}, {"contact": "a\r\nX: y"}, {"allow": ("10.0.0.1/8",)}]
)
def test_settings_that_make_no_sense_are_refused(bad: dict[str, object]) -> None:
    """Limits at zero, headers in a contact and networks that are none get one sentence."""
    with pytest.raises(SettingsError):
        WebSettings(**bad)  # type: ignore[arg-type]


@given(st.text(max_size=60))
def test_headers_are_read_without_raising(text: str) -> None:
    """Dates, waits and addresses from outside never raise."""
    assert retry_after(text, NOW) >= 0
    assert http_date(text) is None or text
    assert plain_address(text) is None or "://" in text
