"""The site as `barometer serve` starts it, on a free port of this machine, and requests written out byte by byte."""

import socket
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO

import psutil

from publish.serve import command, wait_for

METADATA = Path(__file__).parents[1] / "metadata.yml"


@dataclass(frozen=True)
class Answer:
    """What came back: status, headers by their names in small letters (the last of each), the same as pairs, body."""

    status: int
    headers: dict[str, str]
    pairs: list[tuple[str, str]]
    body: bytes


@dataclass(frozen=True)
class Site:
    """A running site: its address and its process."""

    address: str
    process: "subprocess.Popen[bytes]"

    @property
    def port(self) -> int:
        """The port it listens on."""
        return int(self.address.rpartition(":")[2])

    def memory(self) -> int:
        """Bytes of memory it holds."""
        return int(psutil.Process(self.process.pid).memory_info().rss)

    def ask(self, target: str, *headers: str, method: str = "GET", host: str = "localhost", wait: float = 30) -> Answer:
        """Ask for ``target`` as it is written, with the headers as they are written."""
        lines = [f"{method} {target} HTTP/1.1", *([f"Host: {host}"] if host else []), "Connection: close", *headers]
        return self.send("\r\n".join(lines).encode("latin-1") + b"\r\n\r\n", wait)

    def send(self, request: bytes, wait: float = 30) -> Answer:
        """Send these very bytes and read until the server ends the connection."""
        with socket.create_connection(("127.0.0.1", self.port), timeout=wait) as connection:
            connection.sendall(request)
            parts = []
            while part := connection.recv(65_536):
                parts.append(part)
        head, _, body = b"".join(parts).partition(b"\r\n\r\n")
        first, *rest = head.decode("latin-1").split("\r\n")
        pairs = [(name.lower(), value.strip()) for name, _, value in (line.partition(":") for line in rest)]
        whole = unchunked(body) if dict(pairs).get("transfer-encoding") == "chunked" else body
        return Answer(int(first.split()[1]), dict(pairs), pairs, whole)


def unchunked(body: bytes) -> bytes:
    """Return a body that came in chunks (RFC 9112, 7.1) as a whole."""
    parts = []
    while body:
        size, _, rest = body.partition(b"\r\n")
        length = int(size, 16)
        parts.append(rest[:length])
        body = rest[length + 2 :]
    return b"".join(parts)


def free_port() -> int:
    """Return a port nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def serving(catalog: Path, *options: str, said: int | IO[bytes] = subprocess.DEVNULL) -> Iterator[Site]:
    """Serve ``catalog`` while the block lasts; ``options`` go to Datasette behind ours, and so outdo them."""
    port = free_port()
    arguments = [*command(catalog, METADATA, "127.0.0.1", port), *options]
    process = subprocess.Popen(arguments, stdout=said, stderr=said)
    try:
        wait_for(process, f"http://127.0.0.1:{port}/en/")
        yield Site(f"http://127.0.0.1:{port}", process)
    finally:
        process.terminate()
        process.wait()
