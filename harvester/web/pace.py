"""Manners: the least time between two requests to one host, and how long a host asked to be left alone."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import Lock


class Pace:
    """Makes callers wait their turn at each host. Times are seconds of ``now``, which never runs backwards."""

    def __init__(
        self, seconds: float, sleep: Callable[[float], None] = time.sleep, now: Callable[[], float] = time.monotonic
    ) -> None:
        self._seconds = seconds
        self._sleep = sleep
        self._now = now
        self._lock = Lock()
        self._next: dict[str, float] = {}
        self._turns: dict[str, Lock] = {}
        self._own: dict[str, float] = {}

    @contextmanager
    def turn(self, host: str, *, alone: bool) -> Iterator[None]:
        """Wait for the interval, then for the host to be free where the request wants it ``alone``.

        The interval is kept before each request and counted from the end of the last one, so that a slow answer
        never lets two requests arrive together.
        """
        with self._lock:
            free = self._turns.setdefault(host, Lock())
        if alone:
            with free:
                self._wait(host)
                try:
                    yield
                finally:
                    self.hold(host, self._own.get(host, self._seconds))
        else:
            self._wait(host)
            yield

    def slow(self, host: str, seconds: float) -> None:
        """Leave ``host`` at least that long between two requests from now on, where it is longer than the usual."""
        if seconds > self._seconds:
            with self._lock:
                self._own[host] = seconds

    def hold(self, host: str, seconds: float) -> None:
        """Ask nothing more of ``host`` for that long from now."""
        with self._lock:
            self._next[host] = max(self._next.get(host, 0.0), self._now() + seconds)

    def _wait(self, host: str) -> None:
        with self._lock:
            start = max(self._now(), self._next.get(host, 0.0))
            self._next[host] = start + self._own.get(host, self._seconds)
        while (left := start - self._now()) > 0:
            self._sleep(left)
