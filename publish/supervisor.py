"""Keeps a site up while its catalogue is replaced: one process a release, all on the same listening socket.

The socket is ours, so nobody who connects is ever turned away. A new catalogue is opened, checked and warmed by a
second process while the first goes on; when it is ready it accepts, and only then the first stops accepting, answers
those it has and ends. A process that dies is started again.
"""

import os
import secrets
import select
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from harvester.errors import BarometerError
from publish.site_process import STOP_SECONDS, SWITCH_SECONDS

LOOK_SECONDS = 0.5
"""How often we look whether the catalogue is another; it must be the same in two looks, lest it be half copied."""
READY_SECONDS = 120.0
"""How long a process may take to open, check and warm a catalogue: 465 MB take some five seconds."""
GRACE_SECONDS = 2.0
"""How much longer than its readers a process may take to end, before it is ended."""
PAUSES = (1.0, 2.0, 5.0, 15.0, 30.0)
"""Seconds before a process that died is started again: longer the oftener it dies."""
STEADY_SECONDS = 60.0
"""A process that lived so long died of something new."""

State = tuple[int, int, int, int]
Start = Callable[[int, int], Sequence[str]]
"""The command line of a process, from the numbers of the listening socket and of its line to us."""


@dataclass(slots=True)
class Child:
    """A process that serves one release: the state of the catalogue it was started for, and until when it may live."""

    process: "subprocess.Popen[bytes]"
    line: socket.socket
    state: State | None
    started: float
    until: float

    def tell(self, what: bytes) -> None:
        """Say one thing to it; a process that is no more need not hear it."""
        with suppress(OSError):
            self.line.sendall(what)

    def end(self) -> None:
        """End it at once, and forget it."""
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()
        self.line.close()


class Supervisor:
    """The processes of one site. ``ready`` is called once, when the first answers; ``say`` tells what went wrong."""

    def __init__(
        self, catalog: Path, listener: socket.socket, start: Start,
        ready: Callable[[], None], say: Callable[[str], None] = lambda text: print(text, file=sys.stderr, flush=True),
    ) -> None:  # fmt: skip
        self.catalog, self.listener, self.start, self.ready, self.say = catalog, listener, start, ready, say
        self.serving: Child | None = None
        self.coming: Child | None = None
        self.going: list[Child] = []
        self.refused: State | None = None
        self._seen: State | None = None
        self._deaths = 0
        self._again = 0.0
        self._environment = {"DATASETTE_SECRET": secrets.token_hex(32), **os.environ}

    def run(self) -> None:
        """Serve until interrupted (KeyboardInterrupt). Raises BarometerError where the first process never answers."""
        try:
            self.coming = self._child(_state(self.catalog))
            while True:
                self._turn()
        finally:
            self._stop()

    def _turn(self) -> None:
        """Wait for a word of a process, or for the time to look, and do what there is to do."""
        lines = [each.line for each in (self.coming, self.serving) if each]
        with suppress(OSError):
            select.select(lines, [], [], LOOK_SECONDS)
        if self.coming:
            self._answered(self.coming)
        if self.serving and self.serving.process.poll() is not None:
            self._died(self.serving)
        self._reap()
        self._look()

    def _answered(self, child: Child) -> None:
        """Let a new process serve when it is ready; refuse what it could not serve."""
        if not select.select([child.line], [], [], 0)[0]:
            if time.monotonic() > child.until:
                self._refuse(child, f"it was not ready within {READY_SECONDS:.0f} seconds")
            return
        told = _said(child.line)
        if told != "ready":
            self._refuse(child, told or "the process that should serve it ended, and what it said stands above")
            return
        child.tell(b"s")
        before, self.serving, self.coming, self.refused = self.serving, child, None, None
        if before:
            before.tell(b"d")
            before.until = time.monotonic() + SWITCH_SECONDS + GRACE_SECONDS
            self.going.append(before)
            print(f"{self.catalog} is another, and is shown now.", flush=True)
        self.ready()
        self.ready = lambda: None

    def _refuse(self, child: Child, why: str) -> None:
        child.end()
        self.coming, self.refused = None, child.state
        if self.serving:
            self.say(f"{self.catalog} is another, and is not shown: {why}. The one before stays.")
        elif self._deaths:
            self._wait(f"{self.catalog} cannot be served: {why}.")
        else:
            raise BarometerError(f"{self.catalog} cannot be served: {why}.")

    def _died(self, child: Child) -> None:
        """Have a process that died started again after a while."""
        code = child.process.returncode
        self._deaths = self._deaths if time.monotonic() - child.started < STEADY_SECONDS else 0
        child.end()
        self.serving = None
        self._wait(f"The process that serves {self.catalog} ended by itself ({_how(code)}).")

    def _wait(self, why: str) -> None:
        pause = PAUSES[min(self._deaths, len(PAUSES) - 1)]
        self._deaths += 1
        self._again = time.monotonic() + pause
        self.say(f"{why} It is started again in {pause:.0f} s.")

    def _look(self) -> None:
        """Start a process where the catalogue is another than the one that is served, or nothing is served."""
        if self.coming:
            return
        state = _state(self.catalog)
        steady, self._seen = state == self._seen, state
        if self.serving is None:
            if time.monotonic() >= self._again:
                self.coming = self._child(state)
        elif state and steady and state not in (self.serving.state, self.refused):
            self.coming = self._child(state)

    def _child(self, state: State | None) -> Child:
        ours, its = socket.socketpair()
        with its:
            numbers = self.listener.fileno(), its.fileno()
            process = subprocess.Popen(
                self.start(*numbers), pass_fds=numbers, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                env=self._environment,
            )  # fmt: skip
        ours.settimeout(1.0)
        now = time.monotonic()
        return Child(process, ours, state, now, now + READY_SECONDS)

    def _reap(self) -> None:
        """Forget the processes that ended, and end those that do not."""
        for child in list(self.going):
            if child.process.poll() is not None or time.monotonic() > child.until:
                child.end()
                self.going.remove(child)

    def _stop(self) -> None:
        """End all: readers are let go first. Takes ``STOP_SECONDS`` and ``GRACE_SECONDS`` at most."""
        self.listener.close()
        children = [each for each in (self.coming, self.serving, *self.going) if each]
        for child in children:
            child.process.terminate()
        until = time.monotonic() + STOP_SECONDS + GRACE_SECONDS
        for child in children:
            with suppress(subprocess.TimeoutExpired):
                child.process.wait(max(0.0, until - time.monotonic()))
            child.end()


def _state(catalog: Path) -> State | None:
    """Return what tells one file under this name from the next; None where there is none."""
    try:
        told = catalog.stat()
    except OSError:
        return None
    return told.st_dev, told.st_ino, told.st_mtime_ns, told.st_size


def _said(line: socket.socket) -> str:
    """Return the one line a process says of itself; nothing where it ended without a word."""
    parts = b""
    with suppress(OSError):
        while not parts.endswith(b"\n") and (part := line.recv(4096)):
            parts += part
    return parts.decode("utf-8", "replace").strip()


def _how(code: int) -> str:
    return f"signal {-code}" if code < 0 else f"exit code {code}"
