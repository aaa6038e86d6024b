"""Manners: how often a host is asked, how many things at once, and how it is left in peace where it stumbles."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from random import SystemRandom
from threading import Condition, Lock

_CHANCE = SystemRandom().random
_DOUBLE = 2.0
_JITTER = 0.25
"""How much sooner than its interval a slowed host may be asked, so that many of us would not come back as one."""


@dataclass(slots=True)
class Tempo:
    """How fast one host is asked: a state machine in the seconds of its caller's clock. Pure.

    ``interval`` doubles whenever the host has too much to do, up to ``most`` (or ``least`` where that is longer), and
    halves with each good answer, down to ``least``. An interval of zero is manners switched off, and stays zero.
    """

    least: float
    most: float
    interval: float = field(init=False)
    next: float = 0.0
    """The earliest moment at which the host may be asked again."""

    def __post_init__(self) -> None:
        self.interval = self.least

    def heard(self, *, strained: bool) -> None:
        """Take in one answer: a sign of strain (429, 503, a stall, a cut connection), or a good one."""
        changed = self.interval * _DOUBLE if strained else self.interval / _DOUBLE
        self.interval = min(max(changed, self.least), max(self.most, self.least))

    def slow(self, least: float) -> None:
        """Leave the host at least so long from now on, where it is longer than before."""
        self.least = max(self.least, least)
        self.interval = max(self.interval, self.least)

    def hold(self, until: float) -> None:
        """Ask nothing before the moment ``until``."""
        self.next = max(self.next, until)

    def rest(self, now: float, chance: float) -> None:
        """Keep the interval from ``now``; ``chance`` (0 to 1) takes up to a quarter off one that is not the least."""
        self.hold(now + max(self.least, self.interval * (1 - _JITTER * chance)))


@dataclass(slots=True)
class _Host:
    tempo: Tempo
    free: Condition = field(default_factory=lambda: Condition(Lock()))
    busy: int = 0
    """How many of its places are taken."""


class Pace:
    """Makes callers wait their turn at each host. Times are seconds of ``now``, which never runs backwards.

    ``seconds`` is the least time between two requests to one host, ``most`` the longest it is drawn out to where the
    host stumbles, ``in_flight`` how many requests that share a host are under way at once.
    """

    def __init__(
        self,
        seconds: float,
        sleep: Callable[[float], None] = time.sleep,
        now: Callable[[], float] = time.monotonic,
        *,
        most: float = 60.0,
        in_flight: int = 1,
        chance: Callable[[], float] = _CHANCE,
    ) -> None:
        self._seconds = seconds
        self._most = most
        self._in_flight = in_flight
        self._sleep = sleep
        self._now = now
        self._chance = chance
        self._lock = Lock()
        self._hosts: dict[str, _Host] = {}

    @contextmanager
    def turn(self, host: str, *, alone: bool) -> Iterator[None]:
        """Wait for the host to be free, then for its interval.

        A request that wants the host ``alone`` shares it with no other, and the interval after it is counted from its
        end, so that a slow answer never lets two requests arrive together. Others share it, and keep it between starts.
        """
        mine = self._host(host)
        places = self._in_flight if alone else 1
        with mine.free:
            while mine.busy + places > self._in_flight:
                mine.free.wait()
            mine.busy += places
        try:
            self._wait(mine)
            yield
        finally:
            with mine.free:
                if alone:
                    self._rest(mine.tempo)
                mine.busy -= places
                mine.free.notify_all()

    def heard(self, host: str, *, strained: bool) -> None:
        """Take in what came of a request to ``host``: a sign of strain, or a good answer."""
        mine = self._host(host)
        if strained or mine.tempo.interval > mine.tempo.least:
            with mine.free:
                mine.tempo.heard(strained=strained)

    def slow(self, host: str, seconds: float) -> None:
        """Leave ``host`` at least that long between two requests from now on, where it is longer than the usual."""
        if seconds > self._seconds:
            mine = self._host(host)
            with mine.free:
                mine.tempo.slow(seconds)

    def hold(self, host: str, seconds: float) -> None:
        """Ask nothing more of ``host`` for that long from now."""
        if seconds > 0:
            mine = self._host(host)
            with mine.free:
                mine.tempo.hold(self._now() + seconds)

    def _host(self, name: str) -> _Host:
        with self._lock:
            found = self._hosts.get(name)
            if found is None:
                found = self._hosts[name] = _Host(Tempo(self._seconds, self._most))
            return found

    def _wait(self, mine: _Host) -> None:
        """Wait until the host may be asked, and book the interval after.

        Whoever wakes first goes and the others look again, so that a Retry-After heard in the meantime holds for all of
        them and they do not set off together.
        """
        while True:
            with mine.free:
                left = mine.tempo.next - self._now()
                if left <= 0:
                    self._rest(mine.tempo)
                    return
            self._sleep(left)

    def _rest(self, tempo: Tempo) -> None:
        tempo.rest(self._now(), self._chance() if tempo.interval > tempo.least else 0.0)
