"""Is it on time, and does it reach back: timely and historical."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from email.utils import parsedate_to_datetime

from dateutil.parser import isoparse

from harvester.clock import HONG_KONG, hong_kong_day, iso, parse_iso
from harvester.records import Profile
from scoring.criteria.base import NO, PARTLY, UNKNOWN, YES, Fact, Finding, dataset_criterion
from scoring.criteria.reach import reached
from scoring.facts import Case, DatasetFacts, ResourceFacts

DAY = timedelta(days=1)
HOUR = timedelta(hours=1)
GRACE_SHARE = 0.10
"""Part of the period forgiven, and never less than a day for daily data or slower: ours, publishing takes a while."""
PARTLY_PERIODS = 3
UNDECLARED_DAYS = 365
"""Without a period to hold it to, data that changed within a year counts as partly timely."""
GENERATED_SECONDS = 5
"""A Last-Modified this close to the Date header was made up for the answer and says nothing."""
STAMP_SLACK = HOUR
"""How far a server's clock may be ahead of ours before its Last-Modified contradicts what we saw."""

EARLIEST_YEAR = 1800
"""Older years in data are slips (and the calendar's first year cannot be moved between time zones)."""

MONTH_DAYS, QUARTER_DAYS, YEAR_DAYS = 28, 89, 360


@dataclass(frozen=True, slots=True)
class Change:
    """The latest moment something real changed, how we know (data, header, body), and when we looked."""

    moment: datetime
    source: str
    seen: datetime
    resource: str

    @property
    def age(self) -> timedelta:
        """How old the change was when we looked; never negative."""
        return max(self.seen - self.moment, timedelta())


def data_moment(latest: str | None, period: timedelta | None, seen: datetime) -> datetime | None:
    """Return the moment that the latest date in the data stands for, None where it gives no evidence.

    A date that names a period stands for that period's end, since nothing can be published before it: a year, a
    month, and (for data that is monthly or slower) the first day of a month, quarter or year. A bare date is its
    day's end in Hong Kong. A period still under way counts as ``seen``; any other date in the future is a forecast
    or a slip and proves nothing.
    """
    if not latest:
        return None
    try:
        moment = isoparse(latest)
    except ValueError:
        return None
    if not EARLIEST_YEAR <= moment.year <= seen.year + 1:
        return None
    if "T" in latest or " " in latest:
        moment = moment if moment.tzinfo else moment.replace(tzinfo=HONG_KONG)
        return None if moment > seen + DAY else min(moment.astimezone(UTC), seen)
    start = moment.date()
    begins = datetime.combine(start, time(), HONG_KONG).astimezone(UTC)
    ends = datetime.combine(_period_end(start, latest, period) + DAY, time(), HONG_KONG).astimezone(UTC)
    return None if begins > seen + DAY else min(ends, seen)


def _period_end(start: date, latest: str, period: timedelta | None) -> date:
    days = period.days if period else 0
    if re.fullmatch(r"\d{4}", latest) or (days >= YEAR_DAYS and (start.month, start.day) == (1, 1)):
        return date(start.year, 12, 31)
    if start.day == 1 and days >= QUARTER_DAYS and start.month % 3 == 1:
        return _month_end(start.year, start.month + 2)
    if re.fullmatch(r"\d{4}-\d{2}", latest) or (start.day == 1 and days >= MONTH_DAYS):
        return _month_end(start.year, start.month)
    return start


def _month_end(year: int, month: int) -> date:
    following = date(year + month // 12, month % 12 + 1, 1)
    return following - DAY


def header_moment(text: str | None, served_at: str | None) -> datetime | None:
    """Return a Last-Modified header (ISO or HTTP form) in UTC, None where absent, unreadable or made on the fly."""
    moment, served = _read_header(text), _read_header(served_at)
    if moment is None or (served and abs((served - moment).total_seconds()) <= GENERATED_SECONDS):
        return None
    return moment


def _read_header(text: str | None) -> datetime | None:
    if not text:
        return None
    try:
        moment = parsedate_to_datetime(text) if "," in text else isoparse(text)
    except (ValueError, TypeError):
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def changes(facts: ResourceFacts, period: timedelta | None, as_of: datetime) -> Iterator[Change]:
    """Yield each piece of evidence of a real change: a date in the data, Last-Modified, a body that became another.

    A Last-Modified later than the moment at which the very same bytes were first seen is a stamp, not a change.
    """
    visit, look = facts.look.known_by(), facts.look
    if visit is None or not reached(facts):
        return
    seen = min(parse_iso(visit.started), as_of)
    name = facts.resource.shared_id
    profile = look.content.profile if look.content else None
    inside = data_moment(profile.latest, period, seen) if profile else None
    if inside:
        yield Change(inside, "data", seen, name)
    told = visit if visit.last_modified or look.body is None else look.body
    header = header_moment(told.last_modified, told.served_at)
    known = parse_iso(look.bodies[-1]) + STAMP_SLACK if look.bodies else seen + DAY
    if header and header <= min(known, seen + DAY):
        yield Change(min(header, seen), "header", seen, name)
    if len(look.bodies) > 1:
        yield Change(min(parse_iso(look.bodies[-1]), seen), "body", seen, name)


@dataset_criterion(
    "timely",
    "Up to date",
    {
        "on-time": YES, "live": YES, "late": PARTLY, "overdue": NO, "unchanged": NO,
        "recent-undeclared": PARTLY, "unscheduled": UNKNOWN, "no-change-date": UNKNOWN, "not-reached": UNKNOWN,
    },
)  # fmt: skip
def timely(facts: DatasetFacts, case: Case) -> Finding:
    """Was the newest real change, when we looked, within the period the record promises."""
    alive = [resource for resource in facts.resources if reached(resource)]
    if not alive:
        return Finding("not-reached")
    period = _period(facts)
    newest = max(
        (change for resource in alive for change in changes(resource, period, case.as_of)),
        key=lambda change: (change.moment, change.resource),
        default=None,
    )
    visits = tuple(number for resource in alive[:5] for number in resource.look.visit_ids[:1])
    if period is None:
        return _unscheduled(newest, visits)
    if newest is None:
        return _undated(facts, alive, period, visits)
    ratio = newest.age / period
    reason = "on-time" if newest.age <= period + grace(period) else "late"
    if newest.age > PARTLY_PERIODS * period + grace(period):
        reason = "overdue"
    return Finding(reason, {**_change_facts(newest), "period": _days(period), "periods": round(ratio, 1)}, visits)


def grace(period: timedelta) -> timedelta:
    """Return how much later than its period an update may come: a tenth of it, a day at least from daily data on."""
    return max(period * GRACE_SHARE, DAY) if period >= DAY else period * GRACE_SHARE


def _period(facts: DatasetFacts) -> timedelta | None:
    """Return what the record promises; a live feed, and anything faster than an hour, is held to one hour."""
    dataset = facts.dataset
    if dataset.schedule == "real-time":
        return max(timedelta(days=dataset.period_days or 0), HOUR)
    if dataset.schedule == "periodic" and dataset.period_days:
        return max(timedelta(days=dataset.period_days), HOUR)
    return None


def _days(period: timedelta) -> float:
    return round(period / DAY, 2)


def _change_facts(change: Change) -> dict[str, Fact]:
    return {
        "latest": change.moment.astimezone(HONG_KONG).date().isoformat(),
        "age": round(change.age / DAY, 1),
        "source": change.source,
        "resource": change.resource,
        "seen": change.seen.astimezone(HONG_KONG).date().isoformat(),
    }


def _unscheduled(newest: Change | None, visits: tuple[int, ...]) -> Finding:
    if newest and newest.age <= UNDECLARED_DAYS * DAY:
        return Finding("recent-undeclared", _change_facts(newest), visits)
    return Finding("unscheduled", _change_facts(newest) if newest else {}, visits)


def _undated(facts: DatasetFacts, alive: list[ResourceFacts], period: timedelta, visits: tuple[int, ...]) -> Finding:
    """Judge where nothing is dated: a body that stayed the same for long is stuck, a live answer is fresh."""
    idle = min((_same_for(resource) for resource in alive), default=timedelta())
    if idle > PARTLY_PERIODS * period + grace(period):
        return Finding("unchanged", {"age": round(idle / DAY, 1), "period": _days(period)}, visits)
    if facts.dataset.schedule == "real-time" or period <= HOUR:
        return Finding("live", {"period": _days(period)}, visits)
    return Finding("no-change-date", {"period": _days(period)}, visits)


def _same_for(facts: ResourceFacts) -> timedelta:
    visit = facts.look.known_by()
    if visit is None or not facts.look.bodies:
        return timedelta()
    return parse_iso(visit.started) - parse_iso(facts.look.bodies[0])


ENOUGH_PERIODS = 3
DATED = re.compile(r"(?<!\d)((?:19|20)\d{2})(?:[-_/]?(0[1-9]|1[0-2]))?(?:[-_/]?(0[1-9]|[12]\d|3[01]))?(?!\d)")


def dates_named(facts: ResourceFacts) -> frozenset[str]:
    """Return the years, months or days a resource names in its English title or the last part of its address."""
    last = facts.resource.url.split("?")[0].rstrip("/").rpartition("/")[2]
    text = f"{facts.resource.title.first() or ''} {last}"
    return frozenset("-".join(part for part in match.groups() if part) for match in DATED.finditer(text))


@dataset_criterion(
    "historical",
    "Historical data",
    {
        "three-periods": YES, "two-periods": PARTLY, "archive-only": PARTLY, "snapshot": NO,
        "not-reached": UNKNOWN, "unmeasured": UNKNOWN,
    },
)  # fmt: skip
def historical(facts: DatasetFacts, _case: Case) -> Finding:
    """Can points in time be compared: within a file, over dated files, or in the portal's archive."""
    alive = [resource for resource in facts.resources if reached(resource)]
    if not alive:
        return Finding("not-reached")
    profiles = [resource.look.content.profile for resource in alive if resource.look.content]
    inside = max((profile.periods for profile in profiles if profile), default=0)
    files = len(frozenset().union(*(dates_named(resource) for resource in alive)))
    periods = max(inside, files)
    visits = tuple(number for resource in alive[:5] for number in resource.look.visit_ids[:1])
    if periods >= ENOUGH_PERIODS:
        return Finding("three-periods", {"periods": periods, **_span(profiles)}, visits)
    if periods == ENOUGH_PERIODS - 1:
        return Finding("two-periods", {"periods": periods}, visits)
    archived = max((resource.look.archived_at or "" for resource in alive), default="")
    if archived:
        return Finding("archive-only", {"archived": hong_kong_day(archived)}, visits)
    if not any(profiles):
        return Finding("unmeasured", {}, visits)
    return Finding("snapshot", {"seen": hong_kong_day(iso(_case.as_of))}, visits)


def _span(profiles: list[Profile | None]) -> dict[str, Fact]:
    first = min((each.earliest for each in profiles if each and each.earliest), default="")
    last = max((each.latest for each in profiles if each and each.latest), default="")
    return {"earliest": first, "latest": last} if first and last else {}
