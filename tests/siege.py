"""Being attacked: one Web visits a hostile server, then a good page elsewhere, and what it cost is measured.

Shared by tests/test_hostile.py, which holds us to it, and bench/hostile.py, which prints what it cost.
"""

import os
import socket
import threading
import time
import tracemalloc
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager, nullcontext, suppress
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any
from unittest.mock import patch

from harvester.clock import system_clock
from harvester.records import Outcome, Visit
from harvester.web import Web
from tests.loopback import HASTY, Loopback, Talk, reply

MEGABYTE = 1_000_000
MOST_BYTES = 300_000
"""What is read of a body at most while under attack."""


@dataclass(frozen=True)
class Attack:
    """What ``evil.test`` says at each path, what is asked of it, and what must come of that.

    ``complete`` is None where no body is to come. ``resolves`` gives, name by name, the addresses that one look-up
    after the other finds. ``https`` talks as soon as anyone connects to the port of https.
    """

    name: str
    outcome: Outcome
    talks: Mapping[str, Talk] = field(default_factory=dict)
    url: str = "http://evil.test/x"
    complete: bool | None = None
    resolves: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    https: Talk | None = None


@dataclass(frozen=True)
class Suffered:
    """What an attack came to: its visit, the seconds and the megabytes of memory it cost, and the visit after it."""

    visit: Visit
    seconds: float
    megabytes: float
    after: Visit
    asked: tuple[str, ...]
    """The requests that the attacker had."""


def suffer(attack: Attack, server: Loopback) -> Suffered:
    """Visit the attacker, then a good page on another host through the same Web; say what it cost."""
    server.talks.update({("evil.test", path): talk for path, talk in attack.talks.items()})
    good = server.on("good.test", "/good", reply(b"fine"))
    before = len(server.asked)
    with ExitStack() as stack:
        port, changes = stack.enter_context(_stage(attack, server))
        sink = stack.enter_context(Path(os.devnull).open("wb"))
        web = stack.enter_context(Web(replace(server.settings(max_bytes=MOST_BYTES, **HASTY), **changes), system_clock))
        tracemalloc.start()
        began = time.monotonic()
        visit = web.fetch(attack.url.replace("PORT", port), sink)
        seconds = time.monotonic() - began
        _, peak = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        asked = tuple(request for _, _, request in server.asked[before:])
        after = web.fetch(good.replace("good.test", f"good.test:{port}") if attack.resolves else good, None)
    return Suffered(visit, seconds, peak / MEGABYTE, after, asked)


@contextmanager
def _stage(attack: Attack, server: Loopback) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield the server's http port and the settings under which the attack can be made."""
    assert server.routes is not None
    port = server.routes.http[1]
    if attack.resolves:
        with patch.object(socket, "getaddrinfo", _resolver(attack.resolves)):
            yield str(port), {"routes": None, "allow": ("127.0.0.0/8",)}
        return
    with _talking(attack.https) if attack.https else nullcontext(server.routes.https) as https:
        yield str(port), {"routes": replace(server.routes, https=https)}


def _resolver(names: Mapping[str, tuple[str, ...]]) -> Callable[..., list[Any]]:
    left = {name: list(addresses) for name, addresses in names.items()}

    def resolve(host: str, port: int, *_: object, **__: object) -> list[Any]:
        if host == "good.test":
            return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("127.0.0.1", port))]
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (left[host].pop(0), port))]

    return resolve


@contextmanager
def _talking(talk: Talk) -> Iterator[tuple[str, int]]:
    """Listen on loopback and let ``talk`` say what it likes to whoever connects, before a word is heard."""
    listener = socket.create_server(("127.0.0.1", 0))

    def one(connection: socket.socket) -> None:
        with connection, suppress(OSError):
            talk(connection, "")

    def accept() -> None:
        with suppress(OSError):
            while True:
                threading.Thread(target=one, args=(listener.accept()[0],), daemon=True).start()

    threading.Thread(target=accept, daemon=True).start()
    try:
        yield listener.getsockname()
    finally:
        listener.shutdown(socket.SHUT_RDWR)
        listener.close()
