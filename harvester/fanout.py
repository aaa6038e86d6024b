"""Handing out shards of one host each: at most one a host at a time, second attempts last and after a pause."""

import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, Executor, Future, wait
from dataclasses import dataclass, field, replace

from harvester.revisit import WHOLE
from harvester.store.visits import AGAIN, Due, Seen
from harvester.width import LOOK_SECONDS, Load, Width

SHARD = 10
"""Links a shard: few enough that little is asked twice after a kill, enough that a transaction costs nothing."""

Shard = tuple[Due, ...]


@dataclass
class Patience:
    """How long each host has gone without one proper answer, and whom to tell when the rest of its links are left.

    Without it one host in an outage, or one that asks for half a minute's pause each time, would hold a check for days.
    """

    seconds: float
    leave: Callable[[str, int], None]
    now: Callable[[], float] = time.monotonic
    spent: dict[str, float] = field(default_factory=dict)

    def is_over(self, host: str, seen: Iterable[Seen], began: float) -> bool:
        """Count a shard of ``host`` sent at ``began``; return whether the host has had its time."""
        silent = all(item.visit.outcome in AGAIN for item in seen)
        self.spent[host] = self.spent.get(host, 0.0) + self.now() - began if silent else 0.0
        return self.spent[host] > self.seconds


@dataclass
class _Queues:
    """What is still to be asked, by host. ``later`` are second attempts, each with the moment from which it may go."""

    first: dict[str, deque[Due]] = field(default_factory=dict)
    later: dict[str, deque[tuple[float, Due]]] = field(default_factory=dict)
    idle: set[str] = field(default_factory=set)
    """The hosts with something to ask and no shard out."""

    def add(self, due: Due, now: float) -> None:
        first, later = self.first.setdefault(due.host, deque()), self.later.setdefault(due.host, deque())
        if due.attempt == 1:
            first.append(due)
        else:
            later.append((now + due.after, due))

    def left(self, host: str) -> int:
        return len(self.first[host]) + len(self.later[host])

    def rest(self, host: str) -> None:
        """Let a host be asked again, where there is anything to ask."""
        if self.left(host):
            self.idle.add(host)

    def clear(self, host: str) -> None:
        self.first[host].clear()
        self.later[host].clear()

    def take(self, now: float) -> Shard | None:
        """Return the next shard, of the longest queue; None where every host is busy or has to be waited for."""
        able = [host for host in self.idle if self.first[host] or self.later[host][0][0] <= now]
        if not able:
            return None
        host = max(able, key=lambda name: (len(self.first[name]), len(self.later[name]), name))
        self.idle.remove(host)
        first, later = self.first[host], self.later[host]
        if first:
            return tuple(first.popleft() for _ in range(min(SHARD, len(first))))
        ripe = [due for moment, due in later if moment <= now][:SHARD]
        for _ in ripe:
            later.popleft()
        return tuple(ripe)

    def until(self, now: float) -> float | None:
        """Return how many seconds until a resting host's second attempts may go; None where none waits."""
        return min((max(0.0, self.later[host][0][0] - now) for host in self.idle), default=None)


def fan_out(
    plan: Iterable[Due],
    work: Callable[[Shard], list[Seen]],
    executor: Executor,
    width: int,
    patience: Patience,
    *,
    again: float | None = 0.0,
    rest: Callable[[float], None] = time.sleep,
    load: Callable[[], float | None] | None = None,
) -> Iterator[list[Seen]]:
    """Yield what ``work`` returns for shards of ``plan``, in the order they are done.

    At most ``width`` shards are out, fewer where our own processor has its hands full (``load``: which share of it was
    used lately), at most one a host, and the longest queue goes first, because the busiest host's queue decides how
    long a check takes. Second attempts join the end of their host's queue and are made ``again``
    seconds after the first at the earliest (where None there are none); only where nothing else is left to do does this
    thread ``rest`` for them.
    A host that has used up our ``patience`` loses its queue.
    """
    queues = _Queues()
    for due in plan:
        queues.add(due, patience.now())
    queues.idle = set(queues.first)
    out: dict[Future[list[Seen]], tuple[Shard, float]] = {}
    at_once, told = Width(width), load or Load()
    while queues.idle or out:
        if (share := told()) is not None:
            at_once.heard(share)
        while len(out) < at_once.now and (shard := queues.take(patience.now())):
            out[executor.submit(work, shard)] = (shard, patience.now())
        pause = queues.until(patience.now()) if len(out) < at_once.now else None
        if not out:
            rest(pause or 0.0)
            continue
        if at_once.now < width and queues.idle:
            pause = LOOK_SECONDS if pause is None else min(pause, LOOK_SECONDS)
        done, _ = wait(out, timeout=pause, return_when=FIRST_COMPLETED)
        while done:
            future = done.pop()
            shard, began = out.pop(future)
            seen = future.result()
            del future  # an executor over a network may do a finished shard again while its future is held
            _settle(queues, shard, seen, began, patience, again)
            yield seen


def _settle(
    queues: _Queues, shard: Shard, seen: list[Seen], began: float, patience: Patience, again: float | None
) -> None:
    """Put what is to be asked once more at the end of its host's queue, or give the host up."""
    host = shard[0].host
    failed = {item.url_id for item in seen if item.visit.attempt == 1 and item.visit.outcome in AGAIN}
    for due in shard:
        if again is not None and due.id in failed:
            queues.add(replace(due, attempt=2, asking=WHOLE, after=again), patience.now())
    if queues.left(host) and patience.is_over(host, seen, began):
        patience.leave(host, queues.left(host))
        queues.clear(host)
    queues.rest(host)
