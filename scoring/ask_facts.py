"""What the asks need to know of one dataset, taken from its facts, answers, score and tasks. Pure."""

import json
import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Literal

from harvester.clock import HONG_KONG, parse_iso
from harvester.records import Dataset
from scoring.criteria.base import Answer, Value
from scoring.criteria.moments import changes
from scoring.criteria.reach import reached
from scoring.facts import DatasetFacts
from scoring.score import ENOUGH_KNOWN, Score
from scoring.worklist import NOTHING

DAY = timedelta(days=1)
MAIL = re.compile(r"[^@\s<>\"(),;:]+@((?:[a-z0-9](?:[a-z0-9-]*[a-z0-9])?\.)+[a-z]{2,})", re.IGNORECASE)
COUNTERS = frozenset({"view_count", "views", "num_views", "page_views", "download_count", "downloads", "num_downloads"})
"""Names under which a portal's records may carry how often a dataset was looked at or fetched; DATA.GOV.HK's do not."""
DELIVERIES = 3
"""Bodies it takes to know two real changes: the first one seen may be of any age."""

ContactState = Literal["works", "unseen", "telephone", "malformed", "none"]
"""A mail address whose domain answered us; one whose domain we never asked; only a telephone; no address; nothing."""
DelayState = Literal["in-time", "delivered", "waiting", "undated", "live", "unscheduled"]


@dataclass(frozen=True, slots=True)
class Delay:
    """How many working days after its declared due day a dataset's data came, or has been awaited for (``waiting``).

    ``in-time`` is 0: the newest change is no older than the period, and the one before it is not known. None where no
    change is dated, or there is no due day.
    """

    state: DelayState
    days: int | None = None


@dataclass(frozen=True, slots=True)
class Sight:
    """One dataset as the asks see it. ``grade`` is that of its worst open task, 10 without one, None ungraded."""

    dataset: str
    provider: str
    readable: Value
    whole: Value
    delay: Delay
    grade: int | None
    point: float | None
    known: float
    contact: ContactState
    officer: str
    mails: tuple[str, ...] = ()
    domains: tuple[str, ...] = ()
    used: int | None = None


def working_days(start: datetime, end: datetime) -> int:
    """Return how many of Hong Kong's Mondays to Fridays lie after the day of ``start`` up to that of ``end``.

    Both are aware; 0 where ``end`` is not later. General holidays are counted, as in the worklist.
    """
    first, last = start.astimezone(HONG_KONG).date(), end.astimezone(HONG_KONG).date()
    weeks, rest = divmod(max((last - first).days, 0), 7)
    return 5 * weeks + sum((first + timedelta(days=number)).weekday() < 5 for number in range(1, rest + 1))  # noqa: PLR2004 - Saturday is 5


def delay_of(facts: DatasetFacts, as_of: datetime) -> Delay:
    """Return how late a dataset's newest data is, from what really changed and the period its record declares.

    Due is the last real change but one plus the period, where two are known (``delivered``), and nothing newer is
    overdue by now; else the last one plus the period. Periods under a day have no due day: live feeds.
    """
    dataset = facts.dataset
    if dataset.schedule == "real-time" or (dataset.schedule == "periodic" and (dataset.period_days or 0) < 1):
        return Delay("live")
    if dataset.schedule != "periodic" or not dataset.period_days:
        return Delay("unscheduled")
    period = timedelta(days=dataset.period_days)
    alive = [each for each in facts.resources if reached(each)]
    known = [change for each in alive for change in changes(each, period, as_of)]
    if not known:
        return Delay("undated")
    newest = max(known, key=lambda change: (change.moment, change.seen))
    awaited = working_days(newest.moment + period, newest.seen)
    if awaited:
        return Delay("waiting", awaited)
    bodies = max((each.look.bodies for each in alive if len(each.look.bodies) >= DELIVERIES), default=())
    if bodies:
        return Delay("delivered", working_days(parse_iso(bodies[-2]) + period, parse_iso(bodies[-1])))
    return Delay("in-time", 0)


def mails_of(dataset: Dataset) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return the mail addresses a record names that are well formed, and their domains in lower case."""
    found = list(MAIL.finditer(dataset.maintainer_email or ""))
    return tuple(match[0] for match in found), tuple(match[1].lower() for match in found)


def contact_of(dataset: Dataset) -> ContactState:
    """Return what contact a record gives, before any domain was looked for: ``unseen`` for a well-formed address."""
    if mails_of(dataset)[0]:
        return "unseen"
    if (dataset.maintainer_email or "").strip():
        return "malformed"
    return "telephone" if (dataset.maintainer_phone or "").strip() else "none"


def with_domains(each: Sight, answered: frozenset[str]) -> Sight:
    """Return the dataset with its contact ``works`` where one of its mail domains, or a host in it, answered us."""
    seen = each.contact == "unseen" and any(domain in answered for domain in each.domains)
    return replace(each, contact="works") if seen else each


def domains_above(hosts: Iterable[str]) -> frozenset[str]:
    """Return every domain that a host is, or is in: ``www.hko.gov.hk`` is in ``hko.gov.hk``, ``gov.hk`` and ``hk``.

    What everybody's domains end in is left out: a single label, and Hong Kong's own kinds.
    """
    found: set[str] = set()
    for host in hosts:
        labels = host.lower().split(":")[0].split(".")
        found.update(".".join(labels[start:]) for start in range(len(labels) - 1))
    return frozenset(found - {"gov.hk", "com.hk", "org.hk", "edu.hk"})


def used_of(extras: str) -> int | None:
    """Return how often a dataset was viewed or downloaded, by the counters in its records; None without any.

    ``extras`` is JSON by language instance, of which the largest count is taken: they count the same visitors.
    """
    counts = [
        int(str(value))
        for said in json.loads(extras).values()
        for name, value in said.items()
        if name.lower() in COUNTERS and str(value).isdecimal()
    ]
    return max(counts, default=None)


def sight(facts: DatasetFacts, answers: Iterable[Answer], score: Score, as_of: datetime) -> Sight:
    """Return what the asks need of one dataset, ``score`` being that by the leading profile.

    It has nothing to do (10) until its open tasks are read, where enough is known to say so.
    """
    own = {answer.criterion: answer.value for answer in answers if not answer.resource}
    mails, domains = mails_of(facts.dataset)
    return Sight(
        facts.dataset.name, facts.dataset.provider, own.get("machine_readable"), own.get("bulk"),
        delay_of(facts, as_of), NOTHING if score.known >= ENOUGH_KNOWN else None, score.point, score.known,
        contact_of(facts.dataset), (facts.dataset.maintainer.first() or "").strip(), mails, domains,
        used_of(facts.dataset.extras),
    )  # fmt: skip
