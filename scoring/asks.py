"""What the brief asks of a portal, each a pure function over its datasets: a figure with its bounds and its parts.

They are analogues: of Singapore's KPI 13 and 14, of Guangdong's rating and its deadlines, of the mainland's grade
bands, of the four views of Singapore's WOGAA, beside the growth of the catalogue and the officer who answers for it.
None of them is the other's own figure; docs/scores.md says of each what it takes and what it cannot see.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from statistics import fmean, median

from scoring.ask_facts import ContactState, Sight
from scoring.criteria.base import NO, YES, Value
from scoring.rubric import Rubric
from scoring.score import ENOUGH_KNOWN, Score

READABLE_TARGET = 0.9
"""Singapore's KPI 13 asks for 90 to 100 % (LegCo research brief IN02/2023)."""
DAYS_TARGET = 7
"""Singapore's KPI 14 asks for no more than 7 working days, to share data between agencies (the same brief)."""
POLICY_MONTH = "2018-09"
"""The month growth is counted from: Hong Kong's open data policy is of September 2018 (LegCo LC CB(4)283/18-19(03))."""
PUBLISHED_COUNTS = (
    ("2018-12", 3300, "LegCo LC CB(4)283/18-19(03)"), ("2023-01", 5130, "LegCo IN02/2023"),
)  # fmt: skip
"""How many datasets the portal was said to have ("over"), by month, and where that is written."""
BUCKETS = ((0, "0"), (7, "1-7"), (30, "8-30"), (90, "31-90"), (10**9, "91-"))
GRADES = (0, 3, 6, 8, 10)
"""Guangdong's five grades; 10 is a dataset with nothing to do."""
DECIMALS = 4
MOST_NAMED = 5


@dataclass(frozen=True, slots=True)
class Ask:
    """One figure: its value in its own unit (None: nothing known), its bounds, what it is over, the share known."""

    ask: str
    value: float | None
    low: float | None
    high: float | None
    n: int
    known: float
    parts: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Group:
    """A provider's, or all, datasets as they stand, and what is known of them together.

    ``uptime`` is the share of known time of the last 30 days that ``addresses`` were up and ``watched`` the share of
    the time that was known. ``overdue`` and ``open`` count tasks. ``lives`` are all datasets ever listed: when the
    record claims it was made, when it was first seen, and when withdrawn (ISO; None where not).
    """

    datasets: Sequence[Sight]
    score: Score | None
    uptime: float | None = None
    watched: float = 0.0
    addresses: int = 0
    open: int = 0
    overdue: int = 0
    lives: Sequence[tuple[str | None, str, str | None]] = ()
    today: date = date.min


def both(one: Value, other: Value) -> Value:
    """Return whether both are a whole yes: 1, 0, or None where the unknown decides (Kleene's and)."""
    if any(value is not None and value < YES for value in (one, other)):
        return NO
    return YES if one == other == YES else None


def share(name: str, values: Sequence[Value], parts: Mapping[str, object] | None = None) -> Ask:
    """Return the mean of values 0-1 where known, with the bounds were all unknown 0, and 1."""
    known = [value for value in values if value is not None]
    if not values:
        return Ask(name, None, None, None, 0, 0.0, parts or {})
    low = sum(known) / len(values)
    high = (sum(known) + len(values) - len(known)) / len(values)
    mean = round(fmean(known), DECIMALS) if known else None
    of_all = round(len(known) / len(values), DECIMALS)
    return Ask(name, mean, round(low, DECIMALS), round(high, DECIMALS), len(values), of_all, parts or {})


def readable_whole(group: Group) -> Ask:
    """Analogue of KPI 13: the share of datasets machine readable and obtainable whole, by API or file."""
    values = [both(each.readable, each.whole) for each in group.datasets]
    counts = {"yes": values.count(YES), "no": values.count(NO), "unknown": values.count(None)}
    return share("readable-whole", values, counts)


def days_late(group: Group) -> Ask:
    """Analogue of KPI 14: the share of scheduled datasets whose data came within 7 working days of being due.

    One still awaited counts as late from the eighth day on; before that it is unknown. Live feeds and datasets
    without a period have no due day and are counted apart.
    """
    told = [each.delay for each in group.datasets]
    due = [delay for delay in told if delay.state not in ("unscheduled", "live")]
    values: list[Value] = []
    for delay in due:
        waits = delay.state == "waiting" and delay.days is not None and delay.days <= DAYS_TARGET
        values.append(None if delay.days is None or waits else float(delay.days <= DAYS_TARGET))
    days = sorted(delay.days for delay in due if delay.days is not None)
    buckets = dict.fromkeys((name for _, name in BUCKETS), 0)
    for number in days:
        buckets[next(name for limit, name in BUCKETS if number <= limit)] += 1
    states = {
        f"{state}": sum(delay.state == state for delay in told) for state in sorted({each.state for each in told})
    }
    middle = {"median": median(days), "ninth": days[(9 * (len(days) - 1)) // 10], "longest": days[-1]} if days else {}
    return share("days-late", values, {"buckets": buckets, "states": states, **middle})


def severity(group: Group) -> Ask:
    """Guangdong's 0/3/6/8/10: the mean over datasets of the grade of its worst open task, 10 where there is none.

    A dataset without a task of which too little is known is not graded: it could be a 0 as well as a 10.
    """
    grades = [each.grade for each in group.datasets]
    known = [grade for grade in grades if grade is not None]
    if not grades:
        return Ask("severity", None, None, None, 0, 0.0, {})
    counts = {str(grade): known.count(grade) for grade in GRADES}
    open_ = len(grades) - len(known)
    return Ask(
        "severity", round(fmean(known), DECIMALS) if known else None, round(sum(known) / len(grades), DECIMALS),
        round((sum(known) + 10 * open_) / len(grades), DECIMALS), len(grades),
        round(len(known) / len(grades), DECIMALS), {"grades": counts, "open": group.open, "overdue": group.overdue},
    )  # fmt: skip


def band(group: Group, rubric: Rubric) -> Ask:
    """Return the band (excellent, outstanding, good, developing) of the score, and how many datasets are in each.

    The cuts are the rubric's own. No band is given below the share known that a grade needs.
    """
    score = group.score
    found = [_band(rubric, each.point, each.known) for each in group.datasets]
    counts = {str(place): found.count(place) for place in range(len(rubric.bands))}
    titles = [{"en": each.title.en, "tc": each.title.tc, "sc": each.title.sc} for each in rubric.bands]
    parts = {"bands": counts, "withheld": found.count(None), "band": None, "titles": titles}
    if score is None:
        return Ask("band", None, None, None, len(found), 0.0, parts)
    parts["band"] = _band(rubric, score.point, score.known)
    return Ask("band", score.point, score.low, score.high, len(found), score.known, parts)


def _band(rubric: Rubric, point: float | None, known: float) -> int | None:
    best = rubric.band(point)
    return rubric.bands.index(best) if best and known >= ENOUGH_KNOWN else None


def uptime(group: Group) -> Ask:
    """WOGAA's uptime: the share of the last 30 days' known time that the addresses were up, weighed by time."""
    value = None if group.uptime is None else round(group.uptime, DECIMALS)
    return Ask("uptime", value, None, None, group.addresses, round(group.watched, DECIMALS))


def inspection(group: Group) -> Ask:
    """WOGAA's technical inspection: the checklist itself, 0-100."""
    score = group.score
    if score is None:
        return Ask("inspection", None, None, None, len(group.datasets), 0.0)
    return Ask("inspection", score.point, score.low, score.high, len(group.datasets), score.known)


def usage(group: Group) -> Ask:
    """WOGAA's analytics: views and downloads, where the records carry such counts; else not published by the portal."""
    counts = [each.used for each in group.datasets]
    known = [count for count in counts if count is not None]
    told = round(len(known) / len(counts), DECIMALS) if counts else 0.0
    return Ask("usage", float(sum(known)) if known else None, None, None, len(counts), told, {"published": bool(known)})


def feedback(group: Group) -> Ask:
    """WOGAA's user sentiment, as far as it can be told: the share of datasets with a contact that works.

    A well-formed mail address whose domain answered us is 1, a telephone number or a form only 0.5, an address that
    is malformed or no contact 0; a well-formed one at a domain we never saw answer is unknown. No mail was sent.
    """
    return share("feedback", [_works(each.contact) for each in group.datasets], _contacts(group.datasets))


def officer(group: Group) -> Ask:
    """A named data officer: the share of datasets that name whom to write to, at an address that works."""
    values = [NO if not each.officer else _works(each.contact) for each in group.datasets]
    names: dict[str, int] = {}
    for each in group.datasets:
        for text in (each.officer, *each.mails):
            if text:
                names[text[:120]] = names.get(text[:120], 0) + 1
    first = sorted(names, key=lambda text: (-names[text], text))[:MOST_NAMED]
    parts = {
        **_contacts(group.datasets),
        "named": sum(bool(each.officer) for each in group.datasets),
        "contacts": first,
    }
    return share("officer", values, parts)


def _works(state: ContactState) -> Value:
    return {"works": YES, "telephone": 0.5, "malformed": NO, "none": NO}.get(state)


def _contacts(datasets: Iterable[Sight]) -> dict[str, object]:
    states = [each.contact for each in datasets]
    return {state: states.count(state) for state in ("works", "unseen", "telephone", "malformed", "none")}


def growth(group: Group) -> Ask:
    """How many datasets there are, and were by month: as the standing records claim, and as we saw.

    ``claimed`` counts standing datasets by the date their records say they were made: what was withdrawn before we
    looked is not in it, and a record made anew looks young. ``seen`` is what was listed at a month's end, from the
    month of the first harvest on.
    """
    lives = group.lives
    claimed = sorted(made[:7] for made, _, gone in lives if made and not gone)
    standing = sum(gone is None for _, _, gone in lives)
    first = min((seen[:7] for _, seen, _ in lives), default="")
    rows = []
    for month in _months(POLICY_MONTH, group.today):
        there = sum(seen[:7] <= month and (gone is None or gone[:7] > month) for _, seen, gone in lives)
        rows.append([month, sum(made <= month for made in claimed), there if first and month >= first else None])
    dated = round(len(claimed) / standing, DECIMALS) if standing else 0.0
    return Ask("growth", float(standing), None, None, standing, dated, {"months": rows})


def _months(first: str, last: date) -> list[str]:
    year, month = int(first[:4]), int(first[5:])
    found = []
    while (year, month) <= (last.year, last.month):
        found.append(f"{year:04}-{month:02}")
        year, month = (year, month + 1) if month < 12 else (year + 1, 1)  # noqa: PLR2004 - months of a year
    return found


def ask_all(group: Group, rubric: Rubric) -> list[Ask]:
    """Return every ask of one group."""
    simple = (readable_whole, days_late, severity, uptime, inspection, usage, feedback, growth, officer)
    return [*(each(group) for each in simple), band(group, rubric)]
