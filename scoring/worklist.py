"""What to mend, in which order, by when: tasks made of the answers that are below yes."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache

from harvester.clock import HONG_KONG, parse_iso
from scoring.criteria import CRITERIA, roll_up
from scoring.criteria.base import NO, YES, Answer, Fact, Value
from scoring.rubric import Rubric
from scoring.score import Score, score_values, values_for

DEAD, UNUSABLE, STALE, MINOR = 0, 3, 6, 8
"""Severities on Guangdong's scale of five grades (0 very dissatisfied ... 8 satisfied; at 10 there is no task)."""

NOTHING = 10
"""The best of Guangdong's five grades: nothing to do."""

DUE_WORKING_DAYS = {DEAD: 10, UNUSABLE: 20, STALE: 30, MINOR: 60}
"""Working days to mend a task in, by severity. Ours: Guangdong sets deadlines for its two lowest grades only."""

INTERMITTENT_DAYS = 7
"""A link that is down now but worked within a week is intermittent, not dead."""

SEVERITIES = {"machine_readable": UNUSABLE, "timely": STALE}
"""Severity by criterion where it is neither ``online`` nor minor."""

NEVER_A_TASK = frozenset({"extent"})
"""What nobody can mend: the extent of a dataset is what it is."""


@dataclass(frozen=True, slots=True)
class Task:
    """One thing to mend. ``points`` is what the dataset's score would gain, 0-100, were this one answer a yes."""

    dataset: str
    resource: str
    criterion: str
    severity: int
    points: float
    reason: str
    facts: Mapping[str, Fact]
    visits: tuple[int, ...]


def severity(answer: Answer, as_of: datetime) -> int:
    """Return how bad an answer below yes is: dead 0, unusable or intermittent 3, stale 6, anything else 8."""
    if answer.criterion == "online" and answer.value == NO:
        last = str(answer.facts.get("last_ok", ""))
        worked = parse_iso(f"{last}T00:00:00Z") if last else None
        return UNUSABLE if worked and as_of - worked <= timedelta(days=INTERMITTENT_DAYS) else DEAD
    if answer.reason == "flapping":
        return UNUSABLE
    return SEVERITIES.get(answer.criterion, MINOR)


@lru_cache
def due(opened: datetime, grade: int) -> datetime:
    """Return when a task opened at ``opened`` is due: so many days on, Hong Kong's Saturdays and Sundays not counted.

    General holidays are counted as working days: their list is gazetted a year at a time, and a day's grace is not
    worth an outdated table.
    """
    return working_days_on(opened, DUE_WORKING_DAYS[grade])


def working_days_on(moment: datetime, days: int) -> datetime:
    """Return the moment ``days`` working days of Hong Kong after an aware one, counted as ``due`` counts them."""
    moment, left = moment.astimezone(HONG_KONG), days
    while left:
        moment += timedelta(days=1)
        left -= moment.weekday() < 5  # noqa: PLR2004 - Monday is 0, Saturday 5
    return moment


def tasks(rubric: Rubric, answers: Sequence[Answer], score: Score, as_of: datetime) -> Iterator[Task]:
    """Yield a task for each answer below yes; unknown answers make none, nor do a dataset's repeats of its resources'.

    ``answers`` are all of one dataset's, ``score`` is its score under ``rubric``.
    """
    values = values_for(rubric, answers)
    for answer in answers:
        criterion = CRITERIA[answer.criterion]
        repeated = criterion.level == "resource" and not answer.resource
        if answer.value is None or answer.value == YES or repeated or answer.criterion in NEVER_A_TASK:
            continue
        gain = 0.0
        if answer.criterion in values:
            gain = _gain(rubric, values, answer, answers, score)
        yield Task(
            answer.dataset, answer.resource, answer.criterion, severity(answer, as_of), gain, answer.reason,
            answer.facts, answer.visits,
        )  # fmt: skip


def _gain(
    rubric: Rubric, values: Mapping[str, Value], answer: Answer, answers: Sequence[Answer], score: Score
) -> float:
    """Return the points the dataset would gain were ``answer`` a yes: its own answer is rolled up and scored anew."""
    mended: Value = YES
    if answer.resource:
        criterion = CRITERIA[answer.criterion]
        peers = [
            Answer(each.criterion, each.dataset, each.resource, YES, each.reason) if each is answer else each
            for each in answers
            if each.criterion == answer.criterion and each.resource
        ]
        mended = roll_up(criterion, answer.dataset, peers).value
        if mended is None and values[answer.criterion] is not None:
            return 0.0
    after = score_values(rubric, {**values, answer.criterion: mended}).point
    return round(max(0.0, (after or 0.0) - (score.point or 0.0)), 1)
