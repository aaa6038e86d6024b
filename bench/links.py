"""A server of many small tables on many loopback addresses: what link checkers are measured against.

`python -m bench.links HOSTS PORT` serves `http://127.0.1.N:PORT/M.csv` for N from 1 to HOSTS and any M, each table
its own, with an ETag, from memory, over connections that stay open; everything else is 404. It ends with its
standard input.
"""

import asyncio
import hashlib
import sys
from collections.abc import Iterator

ROWS = 40


def addresses(hosts: int, port: int, queues: list[int]) -> Iterator[str]:
    """Yield the links: ``queues[n]`` of them on host n, hosts in turn."""
    for place in range(max(queues)):
        for host in range(hosts):
            if place < queues[host]:
                yield f"http://127.0.1.{host + 1}:{port}/{place}.csv"


def table(name: str) -> bytes:
    """Return the table of a host and path: about 2 KB, the same each time, unlike every other's."""
    rows = (f"{name},{row},{22 + row / 1000},{114 + row / 1000}" for row in range(ROWS))
    return "\r\n".join(("station,number,latitude,longitude", *rows)).encode() + b"\r\n"


def answer(method: str, host: str, path: str, headers: dict[str, str]) -> bytes:
    """Return the whole answer of ``host`` to one request."""
    if not path.endswith(".csv"):
        return b"HTTP/1.1 404 Not Found\r\nContent-Type: text/plain\r\nContent-Length: 0\r\n\r\n"
    body = table(host + path)
    etag = f'"{hashlib.md5((host + path).encode(), usedforsecurity=False).hexdigest()}"'
    if headers.get("if-none-match") == etag:
        return f"HTTP/1.1 304 Not Modified\r\nETag: {etag}\r\n\r\n".encode()
    head = f"HTTP/1.1 200 OK\r\nContent-Type: text/csv\r\nContent-Length: {len(body)}\r\nETag: {etag}\r\n\r\n".encode()
    return head if method == "HEAD" else head + body


async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Answer one connection's requests until it is closed."""
    host = str(writer.get_extra_info("sockname")[0])
    try:
        while True:
            lines = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
            method, path, *_ = lines[0].split(" ")
            pairs = (line.partition(":") for line in lines[1:] if line)
            writer.write(answer(method, host, path, {name.lower(): value.strip() for name, _, value in pairs}))
            await writer.drain()
    except (asyncio.IncompleteReadError, ConnectionError, ValueError):
        pass
    finally:
        writer.close()


async def main(hosts: int, port: int) -> None:
    """Serve on every address until standard input ends."""
    for host in range(hosts):
        await asyncio.start_server(serve, f"127.0.1.{host + 1}", port, backlog=512)
    print("ready", flush=True)
    await asyncio.get_running_loop().run_in_executor(None, sys.stdin.read)


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1]), int(sys.argv[2])))
