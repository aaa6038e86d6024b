"""When an address is visited again, and what the visit asks: as little as will decide. Pure.

The rules are told in docs/availability.md, "What a visit asks" and "When we come back".
"""

import re
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from email.utils import format_datetime

from harvester.clock import parse_iso
from harvester.health import Health
from harvester.records import Asked, Nature, Outcome

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
DOUBTED = (HOUR, 6 * HOUR, DAY, 3 * DAY)
"""How soon an address is visited again after its 1st, 2nd, 3rd bad check in a row, and after any further one."""
API = 5 * HOUR
"""How often a steady API is asked: 5 has no divisor in common with 24, so over five days every hour has its turn."""
LEAST, MOST = DAY, 7 * DAY
"""Between these a steady file is visited after its declared period."""
REFUSED = 7 * DAY
SILENT = DAY
"""How soon after visits that said nothing: we were too fast, or the address is not public."""
EARLY = 6 * HOUR
"""How much sooner than after a day or more a nightly scan may come: visits are made all through a night, and one made
late in the last must not wait for the night after the next."""

RECHECK = 28 * DAY
"""An address whose server says "not changed" is read whole so often all the same, lest its word be wrong."""
PART_BYTES = 64 * 1024
"""The start of a body: enough to tell data from a page, and an error from both."""
GENERATED = timedelta(seconds=5)
"""A Last-Modified this close to the Date header was made up for the answer and will not be the same again."""

NO_GOOD: frozenset[Nature] = frozenset({"login", "challenge", "error", "empty"})
_ETAG = re.compile(r'(W/)?"[\x21\x23-\x7e]*"|[\x21-\x7e]+')
_ETAG_LENGTH = 300  # a longer one was cut when it was stored


@dataclass(frozen=True, slots=True)
class Link:
    """An address to visit: its row, the host whose queue it stands in, and what its records promise.

    ``period_days`` is the shortest period declared by a dataset that it stands in (0 for a live feed), None where none
    is; ``is_api`` is whether a resource calls it an API.
    """

    id: int
    url: str
    host: str
    is_api: bool = False
    period_days: float | None = None


@dataclass(frozen=True, slots=True)
class Held:
    """The body last seen at an address, that we have judged or still have, and what its server said of it.

    ``read`` (ISO, UTC) is the newest visit that read it whole. ``last_outcome`` and ``last_nature`` are of the newest
    visit that said anything.
    """

    sha256: str
    nature: Nature
    read: str
    last_outcome: Outcome = "ok"
    last_nature: Nature | None = None
    etag: str | None = None
    last_modified: str | None = None
    served_at: str | None = None
    content_type: str | None = None


@dataclass(frozen=True, slots=True)
class Asking:
    """How a visit asks: the record's word for it, the headers it adds, and the most bytes it reads (None: as set)."""

    asked: Asked = "whole"
    headers: dict[str, str] = field(default_factory=dict)
    max_bytes: int | None = None


WHOLE = Asking()
PART = Asking("part", {"Range": f"bytes=0-{PART_BYTES - 1}", "Accept-Encoding": "identity"}, PART_BYTES)
"""Unpacked, because the start of a packed body cannot be told from a broken one."""


def interval(link: Link, health: Health, api: timedelta = API) -> timedelta:
    """Return how long after its newest visit an address is visited again; ``api`` is how long for a steady API."""
    if health.waiting:
        return HOUR
    if health.state == "down":
        return DOUBTED[min(max(health.bad_in_a_row, 1), len(DOUBTED)) - 1]
    if health.state in ("blocked", "needs-parameters", "not-asked"):
        return REFUSED
    if health.state == "unknown":
        return SILENT
    if health.reason == "recovering":
        return HOUR
    return api if link.is_api else steady(link)


def steady(link: Link) -> timedelta:
    """Return the declared period of an address, at least a day and at most seven; seven where none is declared."""
    return MOST if link.period_days is None else min(max(timedelta(days=min(link.period_days, 7)), LEAST), MOST)


def due(link: Link, health: Health | None, now: datetime, early: timedelta = timedelta(), api: timedelta = API) -> bool:
    """Return whether an address is to be visited at ``now`` (aware).

    One that never was is. ``early`` (``EARLY`` for a nightly scan) shortens intervals of a day or more; ``api`` is how
    often a steady API is asked.
    """
    if health is None or health.last is None:
        return True
    wait = interval(link, health, api)
    return now - parse_iso(health.last) >= (wait - early if wait >= DAY else wait)


def how(link: Link, held: Held | None, now: datetime) -> Asking:
    """Return what the visit of an address asks at ``now`` (aware), knowing the body last seen there."""
    if held is None or not _is_sound(held):
        return WHOLE
    age = now - parse_iso(held.read)
    validators = _validators(held)
    if validators:
        return Asking("changed", validators) if age < RECHECK else WHOLE
    return PART if age < steady(link) else WHOLE


def _is_sound(held: Held) -> bool:
    """Whether the newest answer was good, and was the same sort of thing as the body we know."""
    same = held.last_nature is None or held.last_nature == held.nature
    return held.last_outcome == "ok" and same and held.nature not in NO_GOOD


def _validators(held: Held) -> dict[str, str]:
    """Return the headers that ask for a body only if it changed; none where the server gave nothing to go by."""
    found: dict[str, str] = {}
    if held.etag and len(held.etag) < _ETAG_LENGTH and _ETAG.fullmatch(held.etag):
        found["If-None-Match"] = held.etag
    if held.last_modified:
        moment = parse_iso(held.last_modified)
        made_up = held.served_at and abs(parse_iso(held.served_at) - moment) <= GENERATED
        if not made_up:
            found["If-Modified-Since"] = format_datetime(moment, usegmt=True)
    return found
