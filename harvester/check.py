"""The second step: visit every link, a host's links one after the other, and keep what was seen.

Work is cut into shards of one host. At most one shard of a host is out at a time, which with the pause before each
request is the whole of our manners; the hosts together are limited by the number of threads. Workers return frozen
records; this thread alone writes, a shard a transaction, so that a killed check has lost nothing that was stored.
"""

import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, Executor, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, field
from threading import Event
from typing import BinaryIO

from sqlite_utils import Database

from harvester.clock import Clock
from harvester.progress import progress
from harvester.records import Sniffed
from harvester.sniff import sniff as sniff_body
from harvester.store import health, visits
from harvester.store.bodies import Bodies
from harvester.store.visits import AGAIN, Due, Seen
from harvester.store.workshop import Run, record_failure
from harvester.web import Web

SHARD = 10
"""Links a shard: few enough that little is asked twice after a kill, enough that a transaction costs nothing."""

Shard = tuple[Due, ...]
Sniff = Callable[[BinaryIO], Sniffed]


def check(
    db: Database,
    web: Web,
    bodies: Bodies,
    run: Run,
    clock: Clock,
    *,
    executor: Executor | None = None,
    sniff: Sniff = sniff_body,
) -> None:
    """Visit every distinct address of live resources and dictionaries that this run has not visited.

    A timeout, a 5xx, a 429 or a lost connection is tried once more at the end of its host's queue. Bodies of answers
    that went well are kept in ``bodies`` and told apart by ``sniff``. ``executor`` makes the visits, at most as many
    shards at once as the settings have threads; where None, a pool of threads is made and closed here.
    """
    bodies.sweep()
    plan = visits.due(db, run)
    stopped = Event()

    def work(shard: Shard) -> list[Seen]:
        return [_visit(web, bodies, sniff, due) for due in shard if not stopped.is_set()]

    def leave(host: str, links: int) -> None:
        told = f"It gave no proper answer for {web.settings.patience_seconds / 60:.0f} minutes; {links} links are left."
        record_failure(db, run, host, told, clock)

    pool = executor or ThreadPoolExecutor(web.settings.threads, "check")
    try:
        shards = fan_out(plan, work, pool, web.settings.threads, Patience(web.settings.patience_seconds, leave))
        for _ in progress(_stored(db, run, clock, shards), len(plan), "check"):
            pass
    finally:
        stopped.set()
        if executor is None:
            pool.shutdown(wait=True, cancel_futures=True)
    health.bring_up_to_date(db)
    run.counts.update(visits.counts(db, run))
    run.count("evicted", bodies.evict(visits.validated(db)))


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


def fan_out(
    plan: Iterable[Due], work: Callable[[Shard], list[Seen]], executor: Executor, width: int, patience: Patience
) -> Iterator[list[Seen]]:
    """Yield what ``work`` returns for shards of ``plan``, in the order they are done.

    At most ``width`` shards are out, at most one a host, and the longest queue goes first, because the busiest host's
    queue decides how long a check takes. Second attempts join the end of their host's queue. A host that has used up
    our ``patience`` loses its queue.
    """
    queues: dict[str, deque[Due]] = {}
    for due in plan:
        queues.setdefault(due.host, deque()).append(due)
    ready = set(queues)
    out: dict[Future[list[Seen]], tuple[Shard, float]] = {}
    while ready or out:
        while ready and len(out) < width:
            host = max(ready, key=lambda name: (len(queues[name]), name))
            ready.remove(host)
            shard = tuple(queues[host].popleft() for _ in range(min(SHARD, len(queues[host]))))
            out[executor.submit(work, shard)] = (shard, patience.now())
        done, _ = wait(out, return_when=FIRST_COMPLETED)
        while done:
            future = done.pop()
            shard, began = out.pop(future)
            seen = future.result()
            del future  # an executor over a network may do a finished shard again while its future is held
            host = shard[0].host
            queues[host].extend(_again(shard, seen))
            if queues[host] and patience.is_over(host, seen, began):
                patience.leave(host, len(queues[host]))
                queues[host].clear()
            if queues[host]:
                ready.add(host)
            yield seen


def _again(shard: Shard, seen: Iterable[Seen]) -> list[Due]:
    failed = {item.url_id for item in seen if item.visit.attempt == 1 and item.visit.outcome in AGAIN}
    return [Due(due.id, due.url, due.host, 2) for due in shard if due.id in failed]


def _stored(db: Database, run: Run, clock: Clock, shards: Iterable[list[Seen]]) -> Iterator[Seen]:
    """Store each shard and yield its first attempts, which are what the progress counts."""
    for shard in shards:
        visits.save_visits(db, run, shard)
        for seen in shard:
            if seen.problem:
                record_failure(db, run, seen.visit.url, seen.problem, clock)
            if seen.visit.attempt == 1:
                yield seen


def _visit(web: Web, bodies: Bodies, sniff: Sniff, due: Due) -> Seen:
    """Make one visit; keep its body and tell what it is where the answer went well."""
    with bodies.arrive() as body:
        visit = web.fetch(due.url, body.file, attempt=due.attempt)
        if visit.outcome != "ok" or visit.sha256 is None:
            return Seen(due.id, visit)
        try:
            sniffed = sniff(body.file)
        except Exception as error:  # noqa: BLE001 -- one body that cannot be read must not end the check; it is told
            return Seen(due.id, visit, problem=f"Its body could not be told: {type(error).__name__}: {error}")
        body.keep(visit.sha256)
        return Seen(due.id, visit, sniffed)
