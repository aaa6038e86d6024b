"""What a server can do to whoever asks it: each attack with the outcome that its visit must have."""

import gzip
import socket
import struct
import time
import zlib
from contextlib import suppress

from harvester.records import Outcome
from tests.loopback import Talk, raw, reply
from tests.siege import MEGABYTE, Attack


def chunked(*lines: bytes) -> bytes:
    """Return an answer in chunks, as written."""
    return b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + b"".join(lines)


def packed(body: bytes, name: str = "gzip") -> Talk:
    """Answer a body that says it is packed as ``name``."""
    return reply(body, head=f"Content-Encoding: {name}\r\n")


def to(location: str, head: str = "") -> Talk:
    """Send the visitor on."""
    return reply(b"moved", "302 Found", f"Location: {location}\r\n{head}")


def endless(head: bytes, piece: bytes) -> Talk:
    """Say ``head``, then ``piece`` for ever."""

    def talk(connection: socket.socket, _: str) -> None:
        connection.sendall(head)
        while True:
            connection.sendall(piece)

    return talk


def dripping(head: bytes, piece: bytes = b"a") -> Talk:
    """Say ``head``, then ``piece`` twenty times a second: never silent for long, never done."""

    def talk(connection: socket.socket, _: str) -> None:
        connection.sendall(head)
        for _turn in range(100):
            connection.sendall(piece)
            time.sleep(0.05)

    return talk


def silence(connection: socket.socket, _: str) -> None:
    """Say nothing, for longer than any limit."""
    connection.settimeout(3)
    with suppress(TimeoutError):
        while connection.recv(4096):
            pass


def stall(connection: socket.socket, request: str) -> None:
    """Begin an answer, and never end it."""
    connection.sendall(OK + b"Content-Length: 9\r\n\r\nabc")
    silence(connection, request)


def reset(connection: socket.socket, _: str) -> None:
    """Cut the connection without an end."""
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))


def cookie_a_time(connection: socket.socket, request: str) -> None:
    """Send the visitor back to where it is, with one more cookie each time."""
    count = request.count("=") + 1
    to("/x", f"Set-Cookie: c{count}=1\r\n")(connection, request)


def slowly_on(connection: socket.socket, request: str) -> None:
    """Send the visitor on, after a fifth of a second."""
    time.sleep(0.2)
    to(request.split(" ")[1] + "x")(connection, request)


OK = b"HTTP/1.1 200 OK\r\n"
DATED = ("Date", "Last-Modified", "Retry-After")
BOMB = gzip.compress(b"\0" * 5_000_000)

FORBIDDEN: dict[str, Outcome] = {
    "http://169.254.169.254/latest/meta-data/": "not-public",
    "http://127.0.0.1/": "not-public",
    "http://[::1]/": "not-public",
    "http://[::ffff:127.0.0.1]/": "not-public",
    "http://0x7f.1/": "not-public",
    "http://2130706433/": "not-public",
    "http://0.0.0.0/": "not-public",
    "https://10.1.2.3/": "not-public",
    "file:///etc/passwd": "bad-address",
    "gopher://evil.test/": "bad-address",
    "javascript:alert(1)": "bad-address",
    "http://[bad": "bad-address",
    "http://evil.test:99999/": "bad-address",
}
DISGUISED: dict[str, Outcome] = {
    "http://１２７.０.０.１/": "bad-address",
    "http://127。0。0。1/": "bad-address",
    "http://ⓛocalhost/": "bad-address",
    "http://evil.test@127.0.0.1/": "not-public",
    "http://evil.test\x00.one.test/": "bad-address",
    "http://evil.test%00@10.0.0.1/": "not-public",
    "http://evil.test\\@10.0.0.1/": "not-public",
    "http://[::ffff:7f00:1]/": "not-public",
    "http://0177.0.0.1/": "not-public",
    "http://" + "a" * 70 + ".example/": "unreachable",
    "http://" + "é" * 300 + ".example/": "bad-address",
    "//127.0.0.1/": "bad-address",
    "http:///etc/passwd": "bad-address",
}
BROKEN: dict[str, Talk] = {
    "Content-Length longer than the body": reply(b"abc", length=50),
    "10 GB announced, 3 bytes sent": reply(b"abc", length=10**10),
    "two Content-Lengths": raw(OK + b"Content-Length: 3\r\nContent-Length: 9\r\n\r\nabc"),
    "bad chunk size": raw(chunked(b"zz\r\nabc\r\n0\r\n\r\n")),
    "chunks without an end": raw(chunked(b"3\r\nabc\r\n")),
    "endless chunk of size -1": endless(chunked(b"-1\r\n"), b"x" * 65536),
    "endless chunk size": endless(chunked(), b"1" * 10_000),
    "gzip that is not": packed(b"a,b\n1,2\n"),
    "gzip cut short": packed(gzip.compress(bytes(range(256)) * 50)[:-20]),
    "gzip bomb packed in gzip again": packed(gzip.compress(BOMB), "gzip, gzip"),
    "brotli unasked": packed(b"\x0b\x02\x80abc\x03", "br"),
    "zstd unasked": packed(b"\x28\xb5\x2f\xfd\x00", "zstd"),
    "not HTTP": raw(b"SSH-2.0-OpenSSH_9.2\r\n"),
    "HTTP/0.9": raw(b"<html>hello</html>"),
    "status 000": reply(b"x", "000 Nothing"),
    "status 999": reply(b"x", "999 Denied"),
    "status 1000": reply(b"x", "1000 More"),
    "switching protocols": reply(b"x", "101 Switching Protocols", "Upgrade: h2c\r\n"),
    "endless 100 Continue": endless(b"", b"HTTP/1.1 100 Continue\r\n\r\n"),
    "endless headers": endless(OK, b"X-A: b\r\n" * 1000),
    "one endless header": endless(OK + b"X-A: ", b"a" * 10_000),
    "one header of 1 MB": raw(OK + b"X-A: " + b"a" * MEGABYTE + b"\r\n\r\n"),
    "90 headers of 60 KB": reply(b"abc", head=("X-A: " + "a" * 60_000 + "\r\n") * 90),
    "flood of Set-Cookie": to("/y", ("Set-Cookie: c=" + "a" * 60_000 + "\r\n") * 90),
    "Location 1 MB long": to("/" + "a" * MEGABYTE),
    "redirect to nowhere": reply(b"", "302 Found"),
    "304 to an unconditional GET": raw(b"HTTP/1.1 304 Not Modified\r\n\r\n"),
    "206 to a plain GET": reply(b"abc", "206 Partial Content", "Content-Range: bytes 0-2/900\r\n"),
    "206 without a word of what part": reply(b"abc", "206 Partial Content"),
}
HELD: dict[str, Talk] = {
    "silence": silence,
    "stall": stall,
    "dripping headers": dripping(OK + b"X-"),
    "slow-loris body": dripping(OK + b"Content-Length: 1000\r\n\r\n"),
    "slow-loris chunks": dripping(chunked(), b"1\r\na\r\n"),
    "endless trailers": endless(chunked(b"3\r\nabc\r\n0\r\n"), b"X-A: b\r\n" * 1000),
    "redirects that take their time": slowly_on,
}  # fmt: skip
CUT: dict[str, Talk] = {
    "endless body": endless(OK + b"\r\n", b"x" * 10_000),
    "10 GB Content-Length": endless(OK + b"Content-Length: 10000000000\r\n\r\n", b"x" * 10_000),
    "endless chunks": endless(chunked(), b"2710\r\n" + b"x" * 10_000 + b"\r\n"),
    "one chunk of 16 exabytes": endless(chunked(b"ffffffffffffffff\r\n"), b"x" * 10_000),
    "gzip bomb of 100 members": packed(BOMB * 100),
    "gzip bomb inside gzip members": packed(gzip.compress(BOMB) + BOMB * 20),
    "deflate bomb": packed(zlib.compress(b"\0" * 50_000_000), "deflate"),
}  # fmt: skip
WHOLE: dict[str, Talk] = {
    "Content-Length shorter than the body": reply(b"abcHTTP/1.1 200 OK\r\n\r\nevil", length=3),
    "Content-Length below zero": raw(OK + b"Content-Length: -5\r\n\r\nabc"),
    "chunks and a Content-Length": raw(
        OK + b"Content-Length: 900\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n"
    ),
    "dates of 60 KB": reply(b"abc", head="".join(f"{name}: {'1 ' * 30_000}\r\n" for name in DATED)),
    "a header of 64 KB": reply(b"abc", head="X-A: " + "a" * 65_000 + "\r\n"),
    "NUL in headers": reply(b"abc", head="Content-Type: text/csv\x00evil\r\nETag: \x00\r\n"),
    "200 with a nonsensical Content-Range": reply(b"abc", head="Content-Range: bytes 900-2/-7\r\n"),
}
WILD = b"User-agent: *\n" + (b"Disallow: /" + b"*a" * 2000 + b"*b\n") * 100
ENDLESS_ROBOTS = endless(OK + b"\r\n", b"User-agent: *\nAllow: /\n" * 1000)
ON = {f"/{'x' * n}": slowly_on for n in range(2, 12)}

ATTACKS: tuple[Attack, ...] = (
    *(Attack(f"redirect to {where}", outcome, {"/x": to(where)}) for where, outcome in FORBIDDEN.items()),
    *(Attack(f"the address {url[:40]!r}", outcome, url=url) for url, outcome in DISGUISED.items()),
    *(Attack(name, "broken", {"/x": talk}) for name, talk in BROKEN.items()),
    *(Attack(name, "timeout", {**ON, "/x": talk}) for name, talk in HELD.items()),
    *(Attack(name, "ok", {"/x": talk}, complete=False) for name, talk in CUT.items()),
    *(Attack(name, "ok", {"/x": talk}, complete=True) for name, talk in WHOLE.items()),
    Attack(
        "DNS rebinding", "not-public", {"/x": to("/y"), "/y": reply(b"secret")}, "http://evil.test:PORT/x",
        resolves={"evil.test": ("127.0.0.1", "127.0.0.1", "169.254.169.254")},
    ),
    Attack("reset", "unreachable", {"/x": reset}),
    Attack("an end before a word", "unreachable", {"/x": raw()}),
    Attack("TLS to a plain port", "certificate", url="https://evil.test/x", https=reply(b"", "400 Bad Request")),
    Attack("TLS that never shakes hands", "timeout", url="https://evil.test/x", https=silence),
    Attack("300 redirects", "redirect-loop", {"/x": to("/1"), **{f"/{n}": to(f"/{n + 1}") for n in range(1, 300)}}),
    Attack("redirect to itself", "redirect-loop", {"/x": to("/x")}),
    Attack("redirect to itself with cookies", "redirect-loop", {"/x": cookie_a_time}),
    Attack("redirect with a Location 60 KB long", "bad-address", {"/x": to("/" + "a" * 60_000)}),
    Attack("redirect with CRLF in its Location", "gone", {"/x": to("/y\r\n X-Injected: 1")}),
    Attack("NUL and CRLF in the address", "gone", url="http://evil.test/a\x00b\r\nX-Injected: 1"),
    Attack(
        "cookies of 240 KB", "ok", {"/x": to("/y", ("Set-Cookie: c=" + "a" * 60_000 + "\r\n") * 4), "/y": reply(b"in")},
        complete=True,
    ),
    Attack("robots.txt without end", "ok", {"/robots.txt": ENDLESS_ROBOTS, "/x": reply(b"abc")}, complete=True),
    Attack(
        "robots.txt of 200,000 wildcards", "ok", {"/robots.txt": reply(WILD), "/" + "a" * 1000: reply(b"abc")},
        "http://evil.test/" + "a" * 1000, complete=True,
    ),
    Attack("robots.txt that stalls", "ok", {"/robots.txt": silence, "/x": reply(b"abc")}, complete=True),
    Attack("robots.txt that is a circle", "ok", {"/robots.txt": to("/robots.txt"), "/x": reply(b"abc")}, complete=True),
)  # fmt: skip
