"""One process that serves one published file and no other, until it is told to let its readers go.

`barometer serve` starts one for each release (publish.supervisor); ``python -m publish.site_process CATALOG`` is the
same alone. Whatever happens to the name CATALOG meanwhile, the file that was opened is the one that is read: a release
is read under its own name, any other file under a second name of its own.
"""

import argparse
import asyncio
import os
import shutil
import signal
import socket
import sqlite3
import sys
import tempfile
from collections.abc import Iterator, MutableMapping, Sequence
from contextlib import ExitStack, closing, contextmanager, suppress
from dataclasses import dataclass
from http import HTTPStatus
from pathlib import Path
from types import FrameType
from typing import Any

import httpx
import uvicorn
import yaml
from datasette.app import Datasette
from datasette.database import Database

from harvester.errors import BarometerError
from harvester.records import LANGUAGES
from publish.checksum import unsound
from publish.listening import listening
from publish.releases import file_sum, folder_of, held, listed_in, meta_of, release_behind, remove

STOP_SECONDS = 5.0
"""How long readers may take to end what they have begun once the site is stopped."""
SWITCH_SECONDS = 600.0
"""How long they may once a newer release is served beside: time to download the whole file over a slow line."""
IDLE_SECONDS = 7.0
"""After this long in which it asked nothing a connection is let go; uvicorn itself does after 5, where it has asked."""
TRIES = 10
"""How often a file that is gone the moment it was found is looked for again."""
WARMED = tuple(
    f"/{language}/{place}"
    for place in ("", "worklist", "down", "method", "references", "data", "compare", "search?q=a")
    for language in LANGUAGES
)
"""Drawn before the first reader comes: they read what all pages need, and tell whether pages can be drawn at all. Where
the site knows its own address (BAROMETER_ADDRESS) they are kept, and the readers of a new release find them drawn."""

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]


@dataclass(frozen=True, slots=True)
class Held:
    """A file that nobody removes or replaces while it is served, and what is known of it without counting."""

    place: Path
    inspected: dict[str, Any] | None


class Closing:
    """An ASGI application that tells its readers, once ``closing`` is set, to come back on a new connection."""

    def __init__(self, app: Any) -> None:
        self.app = app
        self.closing = False

    async def __call__(self, scope: Scope, receive: Any, send: Any) -> None:
        """Answer one request; the header goes out with every answer that begins after ``closing`` was set."""

        async def told(message: Message) -> None:
            if self.closing and message["type"] == "http.response.start":
                message = {**message, "headers": [*message.get("headers", []), (b"connection", b"close")]}
            await send(message)

        await self.app(scope, receive, told)


class Site(uvicorn.Server):
    """uvicorn that can stop accepting and go on answering those it has."""

    def __init__(self, config: uvicorn.Config, app: Closing) -> None:
        super().__init__(config)
        self.app = app
        self._ending: asyncio.Task[None] | None = None
        self._until = 0.0

    def handle_exit(self, _sig: int, _frame: FrameType | None) -> None:
        """A signal to stop: readers end what they have begun."""
        asyncio.get_running_loop().call_soon_threadsafe(self.let_go, STOP_SECONDS)

    def let_go(self, seconds: float) -> None:
        """Accept nobody any more, answer whoever is connected for at most ``seconds``, then end."""
        loop = asyncio.get_running_loop()
        until = loop.time() + seconds
        self._until = min(self._until, until) if self._ending else until
        if self._ending is None:
            self.app.closing = True
            for listener in self._listeners():
                loop.remove_reader(listener.fileno())
            self._ending = loop.create_task(self._let_go(min(IDLE_SECONDS, seconds / 2)))

    def _listeners(self) -> Iterator[Any]:
        for server in getattr(self, "servers", ()):
            yield from server.sockets

    async def _let_go(self, idle: float) -> None:
        loop = asyncio.get_running_loop()
        quiet = loop.time() + idle
        # Whoever was accepted a moment ago is among the connections after this; closing the server before would reset
        # them, since asyncio drops what it has accepted and not yet handed over.
        await asyncio.sleep(0.2)
        while self.server_state.connections and loop.time() < self._until:
            if loop.time() > quiet or self._until - loop.time() < STOP_SECONDS / 2:
                for connection in list(self.server_state.connections):
                    connection.shutdown()  # closes one that asks nothing, and lets one that does have its answer
            await asyncio.sleep(0.1)
        self.force_exit = bool(self.server_state.connections)
        self.should_exit = True


@contextmanager
def holding(catalog: Path) -> Iterator[Held]:
    """Hold the file that ``catalog`` names at this moment for as long as the block lasts.

    Raises BarometerError where there is none, or it changes all the time.
    """
    with ExitStack() as needed:
        for _ in range(TRIES):
            try:
                release = release_behind(catalog)
                place = release or _second_name(catalog.resolve(), needed)
            except FileNotFoundError:
                raise BarometerError(f"there is no file {catalog}") from None
            descriptor = held(place)
            if descriptor is None:
                continue
            try:
                yield Held(place, _inspected(place, catalog.stem) if release else None)
            finally:
                os.close(descriptor)
                if not release:
                    place.unlink(missing_ok=True)
            return
    raise BarometerError(f"{catalog} changes all the time: wait until what writes it has ended")


def _second_name(catalog: Path, needed: ExitStack) -> Path:
    """Give a file that is no release a second name beside it; a copy elsewhere where it can have none."""
    for left in catalog.parent.glob(f".{catalog.name}.*.served"):
        remove(left)  # by a process that was killed: whoever lives holds its own
    told, own = catalog.stat(), catalog.with_name(f".{catalog.name}.{os.getpid()}.served")
    try:
        own.hardlink_to(catalog)
    except OSError:
        own = Path(needed.enter_context(tempfile.TemporaryDirectory(prefix="barometer-"))) / catalog.name
        shutil.copyfile(catalog, own)
        if catalog.stat().st_mtime_ns != told.st_mtime_ns:
            raise BarometerError(f"{catalog} changed while it was read: wait until what writes it has ended") from None
    return own


def _inspected(place: Path, name: str) -> dict[str, Any] | None:
    """Return what Datasette need not find out of a listed release: size, sum and rows, each taken when it was made."""
    release = next((each for each in listed_in(folder_of(place)) if each.file == place.name), None)
    if release is None or release.bytes != place.stat().st_size or release.sha256 != file_sum(place):
        return None
    with closing(sqlite3.connect(f"{place.resolve().as_uri()}?immutable=1", uri=True)) as connection:
        counts = dict(connection.execute("SELECT name, rows FROM checksum"))
        every = [row[0] for row in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        for table in {*every, "meta"} - (counts.keys() - {"meta"}):
            with suppress(sqlite3.OperationalError):
                counts[table] = connection.execute(f'SELECT count(*) FROM "{table}"').fetchone()[0]  # noqa: S608 - ours
    tables = {each: {"count": counts.get(each)} for each in every}
    return {name: {"hash": release.sha256, "size": release.bytes, "tables": tables}}


def check(file: Held, portal: str) -> None:
    """Raise BarometerError where a file is not sound, or not of ``portal`` (any where that is empty).

    A release whose bytes have the sum they were published with was checked then.
    """
    holds = meta_of(file.place).get("portal")
    if portal and holds != portal:
        raise BarometerError(f"it holds {holds or 'no portal'}, not {portal}")
    if file.inspected is None:
        try:
            with closing(sqlite3.connect(f"{file.place.resolve().as_uri()}?immutable=1", uri=True)) as connection:
                problem = next(unsound(connection), None)
        except sqlite3.DatabaseError as error:
            problem = str(error)
        if problem:
            raise BarometerError(f"it is not sound: {problem}")


def site(file: Held, name: str, metadata: Path, settings: dict[str, Any], plugins: str | None) -> Datasette:
    """Return Datasette over the file that is held, under the name that its addresses have."""
    served = Datasette(
        metadata=yaml.safe_load(metadata.read_text(encoding="utf-8")), settings=settings, plugins_dir=plugins,
        inspect_data=file.inspected, secret=os.environ.get("DATASETTE_SECRET"),
    )  # fmt: skip
    served.remove_database("_memory")
    served.add_database(Database(served, path=str(file.place), is_mutable=False), name=name)
    return served


async def warm(app: Any) -> None:
    """Draw the first pages. Raises BarometerError where one of them cannot be drawn."""
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://localhost") as client:
        for address in WARMED:
            status = (await client.get(address, headers={"accept-language": "en"})).status_code
            if status not in (HTTPStatus.OK, HTTPStatus.FOUND):
                told = f"the page {address} is answered with {status}: publish the catalogue anew with this version"
                raise BarometerError(told)


async def run(app: Closing, listener: socket.socket, control: socket.socket | None) -> None:
    """Serve on ``listener`` until stopped; where there is a supervisor (``control``), at its word."""
    server = Site(
        uvicorn.Config(app, lifespan="off", log_level="warning", access_log=False, timeout_graceful_shutdown=1), app
    )
    if control is not None:
        await warm(app)
        loop = asyncio.get_running_loop()
        control.setblocking(False)
        await loop.sock_sendall(control, b"ready\n")
        if await loop.sock_recv(control, 1) != b"s":
            return
        asking = loop.create_task(_obey(server, control))
        await server.serve([listener])
        asking.cancel()
        return
    await server.serve([listener])


async def _obey(server: Site, control: socket.socket) -> None:
    """Let readers go when the supervisor says that another serves them, or is no more."""
    told = await asyncio.get_running_loop().sock_recv(control, 1)
    server.let_go(SWITCH_SECONDS if told == b"d" else STOP_SECONDS)


def plain(value: str) -> Any:
    """Return a setting as Datasette wants it: ``on`` and ``off`` are true and false, the rest are numbers or text."""
    return {"on": True, "off": False}.get(value, int(value) if value.isdigit() else value)


def main(arguments: Sequence[str]) -> int:
    """Run the command and return its exit code."""
    parser = argparse.ArgumentParser(prog="python -m publish.site_process", description=__doc__)
    parser.add_argument("catalog", type=Path)
    parser.add_argument("-m", "--metadata", type=Path, required=True)
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=8001)
    parser.add_argument("--fd", type=int, help="a socket that listens already")
    parser.add_argument("--control", type=int, help="a socket to the supervisor")
    parser.add_argument("--portal", default="", help="the portal whose catalogue it must be")
    parser.add_argument("--setting", nargs=2, action="append", default=[], metavar=("NAME", "VALUE"))
    parser.add_argument("--plugins-dir")
    asked = parser.parse_args(arguments)
    control = None if asked.control is None else socket.socket(fileno=asked.control)
    if control is not None:
        signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C reaches all of us, and it is the supervisor that stops us
    try:
        listener = listening(asked.host, asked.port) if asked.fd is None else socket.socket(fileno=asked.fd)
        with holding(asked.catalog) as file:
            if control is not None:
                check(file, asked.portal)
            settings = {name: plain(value) for name, value in asked.setting}
            served = site(file, asked.catalog.stem, asked.metadata, settings, asked.plugins_dir)
            app = Closing(served.app())
            asyncio.run(run(app, listener, control))
    except (BarometerError, OSError, sqlite3.Error) as error:
        if control is not None:
            with suppress(OSError):
                control.sendall(f"{error}\n".encode())
        else:
            print(f"Error: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
