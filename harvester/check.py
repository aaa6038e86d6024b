"""The second step: visit the links that are due, a host's links one after the other, and keep what was seen.

Work is cut into shards of one host. At most one shard of a host is out at a time, which with the pause before each
request is the whole of our manners; the hosts together are limited by the number of threads. Workers return frozen
records; this thread alone writes, a shard a transaction, so that a killed check has lost nothing that was stored.
"""

import sys
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Executor, ThreadPoolExecutor
from dataclasses import dataclass, replace
from functools import partial
from threading import Event
from typing import BinaryIO

from sqlite_utils import Database

from harvester.clock import Clock
from harvester.errors import OurNetworkError
from harvester.fanout import Patience, Shard, fan_out
from harvester.outage import believed, is_answer, is_silent
from harvester.progress import progress
from harvester.records import Sniffed, Visit
from harvester.revisit import WHOLE, Held, Link
from harvester.sniff import sniff as sniff_body
from harvester.store import visits
from harvester.store.bodies import Bodies
from harvester.store.health import Change, bring_up_to_date
from harvester.store.requests import save_requests
from harvester.store.standing import stand
from harvester.store.unread import unread
from harvester.store.visits import AGAIN, Due, Seen, Which
from harvester.store.workshop import Run, record_failure
from harvester.web import Web

Sniff = Callable[[BinaryIO], Sniffed]
DUE = Which()
TOGETHER_SECONDS = 0.25
"""Shards that are done so soon after each other are stored in one transaction; a kill loses no more than that."""
TOLD_SECONDS = 5.0
"""A longer wait is told."""
_PARTIAL, _NOT_MODIFIED = 206, 304
_ONE_BYTE = {"Range": "bytes=0-0", "Accept-Encoding": "identity"}


@dataclass(frozen=True, slots=True)
class _Room:
    """What a check works with."""

    db: Database
    web: Web
    bodies: Bodies
    run: Run
    clock: Clock
    portal: str | None
    stored: Callable[[], None] = lambda: None


def check(
    db: Database,
    web: Web,
    bodies: Bodies,
    run: Run,
    clock: Clock,
    *,
    which: Which = DUE,
    rules: int = 0,
    portal: str | None = None,
    executor: Executor | None = None,
    sniff: Sniff = sniff_body,
    stored: Callable[[], None] = lambda: None,
) -> tuple[Change, ...]:
    """Visit the live addresses that ``which`` asks for and this run has not visited; return whose state is another.

    A timeout, a 5xx, a 429 or a lost connection is tried once more at the end of its host's queue, after a pause.
    Bodies of answers that went well are kept in ``bodies`` and told apart by ``sniff``. Bodies judged under older
    ``rules`` that are not kept are asked for whole. ``executor`` makes the visits, at most as many shards at once as
    the settings have threads; where None, a pool of threads is made and closed here. ``stored`` is called after each
    batch that was stored. Raises OurNetworkError where many hosts are silent, and so are ``portal`` and one that
    answered lately.
    """
    bodies.sweep()
    bring_up_to_date(db)  # what a killed check saw must not be told as this one's news
    found = visits.links(db, which)
    if which.unread is None:
        chosen = visits.choose(found, stand(db), which, clock())
    else:
        chosen = unread(db, found, bodies, rules, clock() - which.unread)
    todo = visits.first_attempts(db, run, chosen, bodies, clock(), rules, whole=which.unread is not None)
    todo += visits.second_attempts(db, run, found, clock(), web.settings.again_seconds)
    _visit_all(_Room(db, web, bodies, run, clock, portal, stored), todo, partial(_visit, web, bodies, sniff), executor)
    run.counts.update(visits.counts(db, run))
    if not which.targeted:
        run.count("not_due", max(0, len(found) - run.counts["urls"]))
    run.count("evicted", bodies.evict(visits.validated(db)))
    return bring_up_to_date(db)


def visit_now(
    db: Database,
    web: Web,
    bodies: Bodies,
    run: Run,
    clock: Clock,
    found: Sequence[Link],
    *,
    rules: int = 0,
    portal: str | None = None,
) -> tuple[Change, ...]:
    """Visit these addresses, each once, whatever is due; return whose state is another.

    A file that was replaced must not be told from its first 64 KB alone, so what is asked for in part otherwise is
    asked for whole; "not changed" is believed as ever. What fails is not asked again in this check: so it is one sign,
    and no quicker a proof than any other. What it costs goes by the addresses, not by the size of the workshop.
    Raises OurNetworkError as ``check`` does.
    """
    urls = [link.id for link in found]
    bring_up_to_date(db, urls)  # what a killed check saw must not be told as this one's news
    todo = [
        replace(due, asking=WHOLE) if due.asking.asked == "part" else due
        for due in visits.first_attempts(db, run, found, bodies, clock(), rules)
    ]
    room = _Room(db, web, bodies, run, clock, portal)
    _visit_all(room, todo, partial(_visit, web, bodies, sniff_body), None, once=True)
    run.counts.update(visits.counts(db, run))
    return bring_up_to_date(db, urls)


def due_now(db: Database, clock: Clock, which: Which = DUE) -> Sequence[Link]:
    """Return the addresses that are due at this moment, by host."""
    bring_up_to_date(db)
    return visits.choose(visits.links(db, which), stand(db), which, clock())


def _visit_all(
    room: _Room, todo: Sequence[Due], visit: Callable[[Due], Seen], executor: Executor | None, *, once: bool = False
) -> None:
    """Make each ``visit`` of ``todo`` and store what it saw, as soon as it may be believed."""
    db, web = room.db, room.web
    stopped = Event()
    again = None if once else web.settings.again_seconds

    def work(shard: Shard) -> list[Seen]:
        return [visit(due) for due in shard if not stopped.is_set()]

    def leave(host: str, links: int) -> None:
        told = f"It gave no proper answer for {web.settings.patience_seconds / 60:.0f} minutes; {links} links are left."
        record_failure(db, room.run, host, told, room.clock)

    pool = executor or ThreadPoolExecutor(web.settings.threads, "check")
    try:
        patience = Patience(web.settings.patience_seconds, leave)
        shards = fan_out(todo, work, pool, web.settings.threads, patience, again=again, rest=_rest)
        sound = believed(shards, lambda hosts: _ask_another(db, web, hosts, room.portal))
        for _ in progress(_stored(room, sound), len(todo), "check"):
            pass
    except BaseException:
        web.stop()  # a stop must not wait for a host's turn, which may be a minute away
        raise
    finally:
        stopped.set()
        if executor is None:
            pool.shutdown(wait=True, cancel_futures=True)


def _rest(seconds: float) -> None:
    """Wait for second attempts, and say so where somebody may be watching nothing happen."""
    if seconds > TOLD_SECONDS:
        print(f"check: waiting {seconds:.0f} s before asking once more what failed", file=sys.stderr, flush=True)
    time.sleep(seconds)


def _ask_another(db: Database, web: Web, hosts: frozenset[str], portal: str | None) -> None:
    """Ask the portal, and then an address that answered lately, whether ``hosts`` or our own network is silent.

    Raises OurNetworkError where neither answers. Where there is nobody to ask, the hosts' silence is believed.
    """
    others = []
    for address in (portal, next(visits.witnesses(db, hosts), None)):
        visit = web.fetch(address, None, headers=_ONE_BYTE, max_bytes=1) if address else None
        if visit and is_answer(visit):
            return
        if visit and is_silent(visit):
            others.append(visit.url)
    if others:
        silent = "One host was" if len(hosts) == 1 else f"{len(hosts)} hosts in a row were"
        raise OurNetworkError(
            f"{silent} silent, and so was {' and '.join(others)}: mend this machine's connection, then run the same "
            "command again. Nothing of this is held against the hosts."
        )


def _stored(room: _Room, shards: Iterable[list[Seen]]) -> Iterator[Seen]:
    """Store the shards, those done within a moment together, and yield first attempts, which the progress counts."""
    waiting: list[Seen] = []
    stored = float("-inf")
    try:
        for shard in shards:
            waiting += shard
            if time.monotonic() - stored >= TOGETHER_SECONDS:
                _store(room, waiting)
                seen, waiting, stored = waiting, [], time.monotonic()
                yield from (each for each in seen if each.visit.attempt == 1)
                room.stored()
    finally:
        _store(room, waiting)  # also where the rest is cut off
    yield from (each for each in waiting if each.visit.attempt == 1)


def _store(room: _Room, seen: Sequence[Seen]) -> None:
    """Store what was seen, its bodies first."""
    room.bodies.flush()
    visits.save_visits(room.db, room.run, seen)
    save_requests(room.db, room.web)
    for each in seen:
        if each.problem:
            record_failure(room.db, room.run, each.visit.url, each.problem, room.clock)


def _visit(web: Web, bodies: Bodies, sniff: Sniff, due: Due) -> Seen:
    """Make one visit. What fails where less than the whole was asked for is asked for whole before it counts."""
    seen = _ask(web, bodies, sniff, due)
    outcome = seen.visit.outcome
    if due.asking.asked == "whole" or outcome in ("ok", "not-asked", "not-public", "bad-address", *AGAIN):
        return seen
    return _ask(web, bodies, sniff, replace(due, asking=WHOLE))


def _ask(web: Web, bodies: Bodies, sniff: Sniff, due: Due) -> Seen:
    """Ask once; keep the body where the answer went well and is whole, and tell what it is wherever one came."""
    asking = due.asking
    with bodies.arrive() as body:
        visit = web.fetch(due.url, body.file, attempt=due.attempt, headers=asking.headers, max_bytes=asking.max_bytes)
        part = asking.asked == "part" and visit.status == _PARTIAL
        told = partial(replace, visit, asked=asking.asked, complete=visit.complete and not part)
        if visit.status == _NOT_MODIFIED:
            return Seen(due.id, _confirmed(told(), due.held) if asking.asked == "changed" else _uncalled(told()))
        if visit.sha256 is None:
            return Seen(due.id, told())
        try:
            sniffed = sniff(body.file)
        except Exception as error:  # noqa: BLE001 -- one body that cannot be read must not end the check; it is told
            problem = f"Its body could not be told: {type(error).__name__}: {error}"
            return Seen(due.id, told(sha256=None), problem=problem)
        if visit.outcome != "ok" or (asking.asked == "part" and (part or not visit.complete)):
            return Seen(due.id, told(sha256=None, nature=sniffed.nature))
        body.keep(visit.sha256)
        return Seen(due.id, told(nature=sniffed.nature), sniffed)


def _confirmed(visit: Visit, held: Held | None) -> Visit:
    """Return a 304 with what it confirms: the body, and the headers that it need not repeat (RFC 9110, 15.4.5)."""
    if held is None:
        return _uncalled(visit)
    return replace(
        visit,
        sha256=held.sha256,
        nature=held.nature,
        bytes=None,
        declared_bytes=None,
        content_type=visit.content_type or held.content_type,
        etag=visit.etag or held.etag,
        last_modified=visit.last_modified or held.last_modified,
    )


def _uncalled(visit: Visit) -> Visit:
    """Return a 304 that answers no question of ours: no data came."""
    told = "The server answered 304 (not changed) although it was asked for the whole."
    return replace(visit, outcome="broken", sha256=None, error=told)
