"""Accounts for every run that was due in a year, from the calendar and the planted faults alone.

It knows nothing of how the watch works: the hours are written here once more, and the account is read as rows.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from bench.year_faults import EXPLAINS, Fault

HOUR = timedelta(hours=1)
SLACK = 1.6
"""Hours that a fault's effect may outlast it: it is noticed at the next try, an hour later at most."""
Row = Mapping[str, object]


@dataclass(slots=True)
class Verdict:
    """How many runs were due, done in time, explained by a planted fault, and not; what was done more than once."""

    due: int = 0
    done: int = 0
    explained: int = 0
    unexplained: int = 0
    notes: list[str] = field(default_factory=list)
    states: Counter[str] = field(default_factory=Counter)


def calendar(begins: datetime, ends: datetime, apis_hours: int) -> set[tuple[str, datetime]]:
    """Return every (job, moment) that a year should have, after ``begins`` (midnight in Hong Kong) up to ``ends``."""
    due = set()
    for hour in range(1, round((ends - begins) / HOUR) + 1):
        at = begins + hour * HOUR
        due.add(("links", at))
        if hour % apis_hours == 0:
            due.add(("apis", at))
    for day in range(round((ends - begins) / HOUR) // 24):
        midnight = begins + 24 * day * HOUR
        due.add(("scan", midnight + 2.5 * HOUR))
        due.add(("fold", midnight + 6 * HOUR))
        if (midnight + 8 * HOUR).weekday() == 6:
            due.add(("deep", midnight + 5 * HOUR))
    return due


def judge(
    due: set[tuple[str, datetime]],
    rows: Iterable[Row],
    runs: Mapping[int, Row],
    faults: Sequence[Fault],
    begins: datetime,
) -> Verdict:
    """Return how the account answers for what was ``due``; ``runs`` are the workshop's, by number."""
    verdict = Verdict(due=len(due))
    told = {(str(row["job"]), _moment(row["moment"])): row for row in rows}
    for key in sorted(due):
        row = told.get(key)
        state = str(row["state"]) if row else "missing"
        verdict.states[state] += 1
        hour = (key[1] - begins) / HOUR
        if row is not None and state == "done" and _was_done(row, key[1], runs):
            verdict.done += 1
        elif row is not None and state in ("caught-up", "failed", "skipped") and _explained(row, hour, faults):
            verdict.explained += 1
        else:
            verdict.unexplained += 1
            verdict.notes.append(f"{key[0]} of {key[1]:%Y-%m-%dT%H:%M}: {state} {dict(row) if row else ''}")
    for key in sorted(told.keys() - due):
        if key[0] in ("scan", "links", "apis", "fold", "deep") and key[1] > begins:
            verdict.unexplained += 1
            verdict.notes.append(f"{key[0]} of {key[1]}: never due")
    return verdict


def _was_done(row: Row, moment: datetime, runs: Mapping[int, Row]) -> bool:
    """Whether a run that is called done in time was: begun within the quarter of an hour, and its runs are done."""
    began = _moment(row["started"])
    made = [runs.get(int(number)) for number in str(row["runs"]).strip("[]").split(",") if number.strip()]
    kinds = {str(run["kind"]) for run in made if run is not None and run["state"] == "done"}
    wants = {
        "scan": {"harvest", "check", "validate", "score", "publish"},
        "deep": {"check", "validate"},
        "fold": {"fold"},
    }
    return timedelta() <= began - moment <= HOUR / 4 and wants.get(str(row["job"]), set()) <= kinds


def _explained(row: Row, hour: float, faults: Sequence[Fault]) -> bool:
    """Whether a planted fault explains a run that was late, failed or left out: by its time and its reason."""
    why = str(row["why"])
    return any(
        why in EXPLAINS[fault.kind]
        and fault.begins - SLACK - _ahead(fault) <= hour <= fault.ends + SLACK + _ahead(fault)
        for fault in faults
    )


def _ahead(fault: Fault) -> float:
    """Return by how many hours the clock on the wall may differ from the true time of a fault."""
    return 6.0 if fault.kind in ("clock-back", "clock-forward") else 0.0


def _moment(text: object) -> datetime:
    return datetime.fromisoformat(str(text))
