"""Misbehaviour that no HTTP library offers: each entry takes over one connection and does its worst."""

import gzip
import os
import socket
import struct
import threading
from collections.abc import Callable

from sample_portal.catalogue import Response

HANG_SECONDS = 60.0
DRIP_SECONDS = 0.5


def _head(response: Response, length: int | None, *extra: str) -> bytes:
    lines = [f"HTTP/1.1 {response.status} OK", "Server: nginx", f"Content-Type: {response.content_type}"]
    lines += [f"{name}: {value}" for name, value in response.headers]
    if length is not None:
        lines.append(f"Content-Length: {length}")
    return "\r\n".join([*lines, *extra, "Connection: close", "", ""]).encode()


def _gone(connection: socket.socket, closing: threading.Event, seconds: float) -> bool:
    """Wait, and return whether the client has hung up or the server is stopping."""
    if closing.wait(seconds):
        return True
    connection.settimeout(0.01)
    try:
        return connection.recv(1) == b""
    except (TimeoutError, BlockingIOError):
        return False
    except OSError:
        return True
    finally:
        connection.settimeout(30)


def hang(connection: socket.socket, _: Response, closing: threading.Event) -> None:
    """Take the request and never answer it, for a minute."""
    for _second in range(int(HANG_SECONDS)):
        if _gone(connection, closing, 1.0):
            return


def drip(connection: socket.socket, response: Response, closing: threading.Event) -> None:
    """Send the body a byte every half second, on and on."""
    connection.sendall(_head(response, 5_000_000))
    body = response.body() or b"."
    position = 0
    while not _gone(connection, closing, DRIP_SECONDS):
        connection.sendall(body[position % len(body) :][:1])
        position += 1


def trickle(connection: socket.socket, response: Response, closing: threading.Event) -> None:
    """Send a good body slowly, in some forty pieces over about three seconds: slow, and harmless."""
    body = response.body()
    connection.sendall(_head(response, len(body)))
    size = max(1, -(-len(body) // 40))
    for start in range(0, len(body), size):
        if closing.wait(0.07):
            return
        connection.sendall(body[start : start + size])


def reset(connection: socket.socket, response: Response, _: threading.Event) -> None:
    """Break the connection off with a reset, after the headers and some bytes where there is a body."""
    body = response.body()
    if body:
        connection.sendall(_head(response, len(body)) + body[: len(body) // 3])
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    os.close(connection.detach())  # close() would only count down the handler's own files and end politely


def short(connection: socket.socket, response: Response, _: threading.Event) -> None:
    """Promise the whole body and close in order after half of it."""
    body = response.body()
    connection.sendall(_head(response, len(body)) + body[: len(body) // 2])


def broken_chunks(connection: socket.socket, response: Response, _: threading.Event) -> None:
    """Send one good chunk, then close without the last one."""
    body = response.body()
    part = body[: len(body) // 2]
    connection.sendall(_head(response, None, "Transfer-Encoding: chunked") + f"{len(part):x}\r\n".encode() + part)
    connection.sendall(b"\r\n")


def chunked(connection: socket.socket, response: Response, _: threading.Event) -> None:
    """Send a good body in chunks, without a length: harmless."""
    body = response.body()
    connection.sendall(_head(response, None, "Transfer-Encoding: chunked"))
    for start in range(0, len(body), 512):
        part = body[start : start + 512]
        connection.sendall(f"{len(part):x}\r\n".encode() + part + b"\r\n")
    connection.sendall(b"0\r\n\r\n")


def false_gzip(connection: socket.socket, response: Response, _: threading.Event) -> None:
    """Call a plain body gzip."""
    body = response.body()
    connection.sendall(_head(response, len(body), "Content-Encoding: gzip") + body)


def cut_gzip(connection: socket.socket, response: Response, _: threading.Event) -> None:
    """Send the first half of a gzip stream as if it were all."""
    body = gzip.compress(response.body(), mtime=0)
    part = body[: len(body) // 2]
    connection.sendall(_head(response, len(part), "Content-Encoding: gzip") + part)


def silence(connection: socket.socket, _: Response, __: threading.Event) -> None:
    """Close without a word."""
    connection.shutdown(socket.SHUT_RDWR)


Misbehaviour = Callable[[socket.socket, Response, threading.Event], None]

MISBEHAVIOURS: dict[str, Misbehaviour] = {
    "hang": hang,
    "drip": drip,
    "trickle": trickle,
    "reset": reset,
    "short": short,
    "broken-chunks": broken_chunks,
    "chunked": chunked,
    "false-gzip": false_gzip,
    "cut-gzip": cut_gzip,
    "silence": silence,
}
