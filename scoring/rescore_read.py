"""What was answered when: a database's stored answers and measures of whole datasets, in the order of time.

A dataset is in the catalogue at a moment where any of its own answers stands then. The provider and the category it
had are read from the changes of its records, so that a group's score of a past day is made of that day's members.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from sqlite_utils import Database

from scoring.criteria.base import Answer
from scoring.criteria.copies import SINGLE
from scoring.inputs import Inputs, inputs_for
from scoring.measures.base import Measured
from scoring.rubric import Rubric

Given = Answer | Measured
Own = Mapping[str, Given]
"""One dataset's own answers and measures, by criterion and measure."""

_STORED = """
SELECT since, until, dataset, 0 AS measured, criterion AS name, value, reason, 0.0 AS low, 0.0 AS high, applies
FROM answer WHERE resource = '' AND criterion IN ({names}) AND until IS NOT since
UNION ALL
SELECT since, until, dataset, 1, measure, value, reason, low, high, applies
FROM measure WHERE measure IN ({names}) AND until IS NOT since
"""
_STANDING = "SELECT * FROM ({stored}) WHERE since <= ? AND (until IS NULL OR until > ?)"
_EVENTS = """
WITH stored AS MATERIALIZED ({stored})
SELECT since AS moment, 1 AS given, dataset, measured, name, value, reason, low, high, applies
FROM stored WHERE since > ?
UNION ALL
SELECT until, 0, dataset, measured, name, NULL, '', 0.0, 0.0, 1 FROM stored WHERE until > ?
ORDER BY moment, given
"""
_MOMENTS = """
SELECT since FROM score WHERE since > ? UNION
SELECT since FROM answer WHERE resource = '' AND since > ? UNION
SELECT until FROM answer WHERE resource = '' AND until > ? UNION
SELECT since FROM measure WHERE since > ? UNION SELECT until FROM measure WHERE until > ?
ORDER BY 1
"""
_MOVES = """
SELECT dataset, field, old, new, at FROM (
    SELECT *, min(language) OVER (PARTITION BY dataset, field) AS first FROM change
    WHERE resource = '' AND field IN ('provider', 'category') AND old IS NOT NULL AND new IS NOT NULL)
WHERE language = first ORDER BY at, run
"""
"""Changes of whose a dataset is, as one language instance tells them: English where it does."""


@dataclass(slots=True)
class Catalogue:
    """Every dataset's own answers at one moment, and whose it is."""

    answers: dict[str, dict[str, Given]] = field(default_factory=dict)
    provider: dict[str, str] = field(default_factory=dict)
    category: dict[str, str | None] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Stored:
    """One of a dataset's own answers or measures, and from when until when it stood (ISO 8601 UTC; None: it does)."""

    dataset: str
    since: str
    until: str | None
    name: str
    given: Given


@dataclass(frozen=True, slots=True)
class Event:
    """From ``moment`` on a dataset's criterion or measure is ``given``; None where it has none any more."""

    moment: str
    dataset: str
    name: str
    given: Given | None


@dataclass(frozen=True, slots=True)
class Move:
    """A dataset came to another provider or category at a moment."""

    at: str
    dataset: str
    field: str
    value: str


@lru_cache(maxsize=20_000)
def _given(measured: int, name: str, value: float | None, reason: str, low: float, high: float, applies: int) -> Given:
    """Return a stored answer or measure, the same object for the same words: years of them repeat each other."""
    if measured:
        return Measured(name, value, low, high, applies=bool(applies), reason=reason)
    return Answer(name, "", "", value, reason, applies=bool(applies))


def inputs_of(rubric: Rubric, own: Own) -> Inputs:
    """Return what ``rubric`` reads of one dataset's stored answers and measures."""
    given = own.values()
    return inputs_for(
        rubric,
        (each for each in given if isinstance(each, Answer)),
        (each for each in given if isinstance(each, Measured)),
    )


def _stored(rubric: Rubric) -> tuple[str, list[str]]:
    names = sorted(rubric.criteria() | {SINGLE})
    return _STORED.format(names=",".join("?" * len(names))), names * 2


def stored(db: Database, rubric: Rubric) -> Iterator[Stored]:
    """Yield all that ``rubric`` reads of datasets, of all times, by dataset."""
    sql, names = _stored(rubric)
    for since, until, dataset, measured, name, *told in db.execute(f"{sql} ORDER BY dataset, since", names):
        yield Stored(dataset, since, until, name, _given(measured, name, *told))


def at_moment(db: Database, rubric: Rubric, moment: str) -> Catalogue:
    """Return the catalogue as it was answered at ``moment`` (ISO 8601 UTC), as far as ``rubric`` reads it."""
    sql, names = _stored(rubric)
    found = Catalogue()
    rows = db.execute(_STANDING.format(stored=sql), [*names, moment, moment])
    for _, _, dataset, measured, name, value, reason, low, high, applies in rows:
        found.answers.setdefault(dataset, {})[name] = _given(measured, name, value, reason, low, high, applies)
    first, moves = whose(db)
    for dataset, (provider, category) in first.items():
        found.provider[dataset], found.category[dataset] = provider, category
    move_all(found, (move for move in moves if move.at <= moment))
    return found


def events(db: Database, rubric: Rubric, after: str) -> Iterator[Event]:
    """Yield what changed later than ``after``, in the order of time; of one moment, what fell away first."""
    sql, names = _stored(rubric)
    rows = db.execute(_EVENTS.format(stored=sql), [*names, after, after])
    for moment, given, dataset, measured, name, value, reason, low, high, applies in rows:
        found = _given(measured, name, value, reason, low, high, applies) if given else None
        yield Event(moment, dataset, name, found)


def moments(db: Database, after: str) -> list[str]:
    """Return the moments later than ``after`` at which anything was scored or answered anew, in order."""
    return [row[0] for row in db.execute(_MOMENTS, [after] * 5)]


def whose(db: Database) -> tuple[dict[str, tuple[str, str | None]], list[Move]]:
    """Return each dataset's first known provider and category, and its later moves in the order of time."""
    rows: Iterable[tuple[Any, ...]] = db.execute("SELECT name, provider, category FROM dataset").fetchall()
    first: dict[str, tuple[str, str | None]] = {row[0]: (row[1], row[2]) for row in rows}
    told: dict[tuple[str, str], list[tuple[str, str, str]]] = defaultdict(list)
    for dataset, what, old, new, at in db.execute(_MOVES):
        if dataset in first:
            told[dataset, what].append((at, old, new))
    moves = []
    for (dataset, what), steps in told.items():
        provider, category = first[dataset]
        today = provider if what == "provider" else category
        values = [new for _, _, new in steps[:-1]] + [today if today is not None else steps[-1][2]]
        moves += [Move(step[0], dataset, what, value) for step, value in zip(steps, values, strict=True)]
        first[dataset] = (steps[0][1], category) if what == "provider" else (provider, steps[0][1])
    return first, sorted(moves, key=lambda move: (move.at, move.dataset, move.field))


def move_all(catalogue: Catalogue, moves: Iterable[Move]) -> set[str]:
    """Put datasets where they moved to and return which moved."""
    moved = set()
    for move in moves:
        moved.add(move.dataset)
        if move.field == "provider":
            catalogue.provider[move.dataset] = move.value
        else:
            catalogue.category[move.dataset] = move.value
    return moved
