"""Why each score of the leading profile is another than before its last change, and than 30 days ago: read and kept."""

import json
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import timedelta

from sqlite_utils import Database

from harvester.clock import iso, parse_iso
from scoring.criteria.copies import SINGLE, counts
from scoring.explain import LEAST, Contribution, Pair, Side, contributions, explain_dataset, explain_mean
from scoring.rescore_read import Given, Own, Stored, inputs_of, moments, stored, whose
from scoring.rubric import Rubric
from scoring.score import score_inputs

MONTH = timedelta(days=30)

_STANDING = """
WITH line AS (
    SELECT *, min(since) OVER subject AS first, lag(point) OVER (subject ORDER BY since) AS earlier FROM score
    WHERE profile = ? AND pillar = '' AND subject_type IN ('dataset', 'provider', 'portal')
    WINDOW subject AS (PARTITION BY subject_type, subject))
SELECT subject_type, subject, point, changed, first FROM (
    SELECT *, max(CASE WHEN point IS NOT earlier THEN since END) OVER (PARTITION BY subject_type, subject) AS changed
    FROM line)
WHERE until IS NULL AND point IS NOT NULL
"""
"""Each standing point, since when it is what it is, and since when its subject has a score at all."""
_BEFORE = """
SELECT point FROM score WHERE subject_type = ? AND subject = ? AND profile = ? AND pillar = ''
AND since {} ? AND (until IS NULL OR until {} ?) ORDER BY since DESC LIMIT 1
"""
_RESOURCES = """
SELECT dataset, criterion, resource, since, until, value FROM answer
WHERE resource <> '' AND criterion IN ({marks}) AND (until IS NOT NULL OR since > (SELECT min(since) FROM answer))
ORDER BY dataset, criterion, resource
"""


@dataclass(frozen=True, slots=True)
class At:
    """A moment (ISO 8601 UTC): as things stood at it, or (``just_before``) until it."""

    moment: str
    just_before: bool = False

    def holds(self, since: str, until: str | None) -> bool:
        """Whether what stood from ``since`` until ``until`` stood at this moment."""
        if self.just_before:
            return since < self.moment and (until is None or until >= self.moment)
        return since <= self.moment and (until is None or until > self.moment)


@dataclass(slots=True)
class _History:
    """All that the rubric reads of every dataset, over time."""

    rubric: Rubric
    own: dict[str, list[Stored]]
    moved: dict[str, dict[str, list[tuple[str, str, str | None, float | None]]]]
    provider: dict[str, list[tuple[str, str]]]
    members: dict[str, list[str]] = field(default_factory=dict)
    """The datasets each provider ever had; all of them under the empty name."""
    seen: dict[tuple[str, At], tuple[Own, Side] | None] = field(default_factory=dict)

    def whose(self, dataset: str, at: At) -> str:
        """Return the provider a dataset had at a moment."""
        steps = self.provider[dataset]
        past = [slug for since, slug in steps if (since < at.moment if at.just_before else since <= at.moment)]
        return past[-1] if past else steps[0][1]

    def side(self, dataset: str, at: At) -> tuple[Own, Side] | None:
        """Return a dataset's answers and its point at a moment, None where it was not in the catalogue."""
        key = (dataset, at)
        if key not in self.seen:
            own = {row.name: row.given for row in self.own[dataset] if at.holds(row.since, row.until)}
            inputs = inputs_of(self.rubric, own)
            self.seen[key] = (own, Side(score_inputs(self.rubric, inputs).point, inputs.values)) if own else None
        return self.seen[key]

    def counts(self, dataset: str, at: At) -> bool:
        """Return whether a dataset counted in its groups' means at a moment: a second record of the same does not."""
        found = self.side(dataset, at)
        return found is None or counts(found[0].get(SINGLE))

    def pair(self, dataset: str, before: At, after: At) -> Pair:
        """Return a dataset at both moments, with what each of its answers contributed."""
        first, last = self.side(dataset, before), self.side(dataset, after)
        parts: Mapping[str, float] = {}
        if first and last and first[0] != last[0]:
            parts = contributions(first[0], last[0], self.rubric.used(), self._point)
        moved = self._moved(dataset, before, after) if parts else {}
        return Pair(first and first[1], last and last[1], parts, moved)

    def _point(self, own: Mapping[str, Given]) -> float:
        return score_inputs(self.rubric, inputs_of(self.rubric, own)).point or 0.0

    def _moved(self, dataset: str, before: At, after: At) -> dict[str, tuple[int, int]]:
        counts = {}
        for criterion, rows in self.moved.get(dataset, {}).items():
            then = {row[0]: row[3] for row in rows if before.holds(row[1], row[2])}
            now = {row[0]: row[3] for row in rows if after.holds(row[1], row[2])}
            both = [(then[name], now[name]) for name in then.keys() & now.keys()]
            steps = [(new > old) - (new < old) for old, new in both if old is not None and new is not None]
            counts[criterion] = (steps.count(1), steps.count(-1))
        return counts


def _read(db: Database, rubric: Rubric) -> _History:
    own: dict[str, list[Stored]] = defaultdict(list)
    for row in stored(db, rubric):
        own[row.dataset].append(row)
    names = sorted(rubric.criteria())
    moved: dict[str, dict[str, list[tuple[str, str, str | None, float | None]]]] = defaultdict(dict)
    sql = _RESOURCES.format(marks=",".join("?" * len(names)))
    for dataset, criterion, resource, since, until, value in db.execute(sql, names):
        moved[dataset].setdefault(criterion, []).append((resource, since, until, value))
    first, moves = whose(db)
    provider = {name: [("", slug)] for name, (slug, _) in first.items()}
    scored = moments(db, "")
    for move in moves:
        place = bisect_left(scored, move.at)  # a move counts from the scoring that first saw it
        if move.field == "provider" and place < len(scored):
            provider[move.dataset].append((scored[place], move.value))
    members = {"": list(own)}
    for dataset in own:
        for slug in {slug for _, slug in provider[dataset]}:
            members.setdefault(slug, []).append(dataset)
    return _History(rubric, own, moved, provider, members)


def keep_explanations(db: Database, run: int, since: str, rubric: Rubric) -> int:
    """Store why each dataset's, provider's and the portal's score changed, and return how many changes there are.

    ``since`` is the moment of the scoring (ISO 8601 UTC). What is compared is the answers as they stand with those
    before the score's last change, and with those 30 days ago (or at the first score, where that is later). The table
    is made whole each time: it follows from answers and scores.
    """
    history = _read(db, rubric)
    month = iso(parse_iso(since) - MONTH)
    standing = db.execute(_STANDING, [rubric.profile]).fetchall()
    rows = []
    for kind, subject, point, changed, first in standing:
        spans = (("last", At(changed, just_before=True)), ("month", At(max(month, first))))
        for span, at in spans if changed != first else ():
            before = _stored_point(db, rubric, kind, subject, at)
            if before is None or (span == "month" and abs(before - point) < LEAST):
                continue
            parts = list(_explain(history, kind, subject, at, At(since)))
            parts += _of_the_rubric(parts, point - before)
            told = json.dumps([asdict(each) for each in parts])
            rows.append((kind, subject, span, at.moment, before, point, told, run))
    with db.atomic():
        db.execute("DELETE FROM explanation")
        db.conn.executemany(
            "INSERT INTO explanation (subject_type, subject, span, since, point_before, point, parts, run)"
            " VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
            rows,
        )
    return len(rows)


def _explain(history: _History, kind: str, subject: str, before: At, after: At) -> Iterable[Contribution]:
    if kind == "dataset":
        pair = history.pair(subject, before, after)
        return (
            explain_dataset(pair)
            if pair.before and pair.after and None not in (pair.before.point, pair.after.point)
            else ()
        )
    return explain_mean(list(_members(history, kind, subject, before, after)))


def _members(history: _History, kind: str, subject: str, before: At, after: At) -> Iterator[Pair]:
    for dataset in history.members["" if kind == "portal" else subject]:
        here = [kind == "portal" or history.whose(dataset, at) == subject for at in (before, after)]
        if any(here):
            pair = history.pair(dataset, before, after)
            here = [each and history.counts(dataset, at) for each, at in zip(here, (before, after), strict=True)]
            yield Pair(pair.before if here[0] else None, pair.after if here[1] else None, pair.parts, pair.moved)


def _of_the_rubric(parts: Sequence[Contribution], change: float) -> list[Contribution]:
    """Return what is left of the change once the answers are told: the earlier score was made by another rubric."""
    left = change - sum(each.points for each in parts)
    return [Contribution("", "rubric", left, 0)] if abs(left) > 1e-4 else []  # noqa: PLR2004 - roundings of both scores


def _stored_point(db: Database, rubric: Rubric, kind: str, subject: str, at: At) -> float | None:
    sql = _BEFORE.format(*(("<", ">=") if at.just_before else ("<=", ">")))
    row = db.execute(sql, [kind, subject, rubric.profile, at.moment, at.moment]).fetchone()
    return row[0] if row else None
