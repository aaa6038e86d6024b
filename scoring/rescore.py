"""All history scored anew from stored answers, under a rubric that changed: nothing is visited or judged again.

For each moment at which anything was answered anew, the scores are what they would have been; only datasets whose
answers changed at that moment are scored, and the groups they are in (scoring/groups.py). The scores go into a draft, a
transaction a moment, and take the place of the profile's old ones in one transaction at the end; those that gave way
are kept apart in table ``score_before``. Cut off and run again, it goes on from the last moment in the draft.
"""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import chain, groupby

from sqlite_utils import Database

from harvester.clock import Clock, iso
from harvester.store.workshop import Run
from scoring.criteria.copies import SINGLE, counts
from scoring.explain_store import keep_explanations
from scoring.groups import Groups
from scoring.rescore_read import Catalogue, Event, at_moment, events, inputs_of, moments, move_all, whose
from scoring.rubric import DEFAULT, Rubric
from scoring.rubric_store import keep_rubrics
from scoring.score import DatasetScore, Score, score_for

Key = tuple[str, str, str]
"""Subject type, subject, pillar."""
Told = tuple[float | None, float, float, float, int, str]
"""A score as it is stored: point, low, high, known, n, parts."""

_encode = json.JSONEncoder(ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode
_COLUMNS = "subject_type, subject, pillar, since, point, low, high, known, n, parts, until"
_SAME = """
s.subject_type = d.subject_type AND s.subject = d.subject AND s.pillar = d.pillar AND s.since = d.since
AND s.until IS d.until AND s.point IS d.point AND s.low = d.low AND s.high = d.high AND s.known = d.known
AND s.n = d.n AND s.parts = d.parts
"""
_KEEP_APART = f"""
INSERT INTO score_before ({_COLUMNS}, profile, rubric_digest, run, replaced_by)
SELECT {_COLUMNS}, profile, rubric_digest, run, :run FROM score s WHERE profile = :profile
AND NOT (rubric_digest = :digest AND EXISTS (SELECT 1 FROM score_draft d WHERE d.profile = s.profile AND {_SAME}))
"""  # noqa: S608 - our own names
_CLEAR = """
DELETE FROM score WHERE profile = :profile AND EXISTS (
    SELECT 1 FROM score_before b WHERE b.replaced_by = :run AND b.profile = score.profile
    AND b.subject_type = score.subject_type AND b.subject = score.subject AND b.pillar = score.pillar
    AND b.since = score.since)
"""
_TAKE = f"""
INSERT OR IGNORE INTO score ({_COLUMNS}, profile, rubric_digest, run)
SELECT {_COLUMNS}, profile, :digest, :run FROM score_draft WHERE profile = :profile ORDER BY since
"""  # noqa: S608 - our own names


@dataclass(frozen=True, slots=True)
class Moment:
    """What is scored at one moment: the datasets that changed, and the groups they are or were in (None: gone)."""

    at: str
    datasets: Mapping[str, DatasetScore | None]
    groups: Mapping[Key, Score | None]


def replay(db: Database, rubric: Rubric, after: str = "") -> Iterator[Moment]:
    """Yield the scores of each moment later than ``after`` (ISO 8601 UTC; empty: from the first on), in order.

    Holds one catalogue of answers in memory, whatever the length of the history.
    """
    catalogue, groups = at_moment(db, rubric, after), Groups(rubric)
    for name in catalogue.answers:
        groups.put(_scored(rubric, catalogue, name))
    groups.changed()
    moves = [move for move in whose(db)[1] if move.at > after]
    changed = _Ahead(groupby(events(db, rubric, after), key=lambda event: event.moment))
    for moment in moments(db, after):
        touched = move_all(catalogue, (move for move in moves if move.at <= moment)) & catalogue.answers.keys()
        moves = [move for move in moves if move.at > moment]
        touched |= _apply(catalogue, changed.of(moment))
        told: dict[str, DatasetScore | None] = {}
        for name in sorted(touched):
            told[name] = score = _scored(rubric, catalogue, name) if name in catalogue.answers else None
            if score is None:
                groups.drop(name)
            else:
                groups.put(score)
        yield Moment(moment, told, groups.changed())


@dataclass(slots=True)
class _Ahead:
    """Events by moment, read one moment ahead."""

    groups: Iterator[tuple[str, Iterator[Event]]]
    waiting: tuple[str, list[Event]] | None = None

    def of(self, moment: str) -> list[Event]:
        if self.waiting is None:
            found = next(self.groups, None)
            self.waiting = (found[0], list(found[1])) if found else None
        if self.waiting is None or self.waiting[0] != moment:
            return []
        (_, found_now), self.waiting = self.waiting, None
        return found_now


def _apply(catalogue: Catalogue, found: Iterable[Event]) -> set[str]:
    touched = set()
    for event in found:
        touched.add(event.dataset)
        own = catalogue.answers.setdefault(event.dataset, {})
        if event.given is None:
            own.pop(event.name, None)
        else:
            own[event.name] = event.given
    for name in touched:
        if not catalogue.answers[name]:
            del catalogue.answers[name]
    return touched


def _scored(rubric: Rubric, catalogue: Catalogue, name: str) -> DatasetScore:
    own = catalogue.answers[name]
    provider, category = catalogue.provider[name], catalogue.category[name]
    return score_for(rubric, name, provider, category, inputs_of(rubric, own), counts=counts(own.get(SINGLE)))


def rescore(db: Database, run: Run, clock: Clock, rubrics: Sequence[Rubric]) -> None:
    """Score all history anew by each rubric; its profile's rows give way where they are not the same.

    Counts in ``run`` the moments, the scores that are others now (``scores_changed``) and the profiles. A run that is
    taken up leaves what it finished and goes on with the profile it was cut off in.
    """
    with db.atomic():
        for table in ("score_draft", "rescore_progress"):
            if not run.resumed:
                db.execute(f"DELETE FROM {table}")  # noqa: S608 - our own names
    for rubric in rubrics:
        row = db.execute(
            "SELECT moment, done FROM rescore_progress WHERE run = ? AND profile = ? AND rubric_digest = ?",
            [run.id, rubric.profile, rubric.digest],
        ).fetchone()
        if row and row[1]:
            continue
        _draft(db, run, rubric, row[0] if row else "")
        _put_in_place(db, run, clock, rubric)
        keep_rubrics(db, [rubric], iso(clock()))
        run.count("profiles")
    leading = next((rubric for rubric in rubrics if rubric.profile == DEFAULT), None)
    last = db.execute("SELECT max(since) FROM score WHERE profile = ?", [DEFAULT]).fetchone()[0]
    if leading and last:
        keep_explanations(db, run.id, last, leading)


def _draft(db: Database, run: Run, rubric: Rubric, after: str) -> None:
    """Write the draft from the moment later than ``after`` on."""
    draft = _Draft(db, rubric.profile)
    if after:
        draft.read()
    else:
        db.execute("DELETE FROM score_draft WHERE profile = ?", [rubric.profile])
    for moment in replay(db, rubric, after):
        with db.atomic():
            draft.write(moment)
            db.execute(
                "INSERT OR REPLACE INTO rescore_progress (run, profile, rubric_digest, moment, done)"
                " VALUES (?, ?, ?, ?, 0)",
                [run.id, rubric.profile, rubric.digest, moment.at],
            )


@dataclass(slots=True)
class _Draft:
    """The draft of one profile, and which of its rows stand."""

    db: Database
    profile: str
    standing: dict[Key, tuple[str, Told]] = field(default_factory=dict)

    def read(self) -> None:
        sql = f"SELECT {_COLUMNS} FROM score_draft WHERE profile = ? AND until IS NULL"  # noqa: S608 - our own names
        for kind, subject, pillar, since, *told, _until in self.db.execute(sql, [self.profile]):
            point, low, high, known, n, parts = told
            self.standing[kind, subject, pillar] = (since, (point, low, high, known, n, parts))

    def write(self, moment: Moment) -> None:
        """Write the rows that are others at this moment; what has no score any more ends."""
        now: dict[Key, Score | None] = {
            ("dataset", name, ""): each.score if each else None for name, each in moment.datasets.items()
        }
        ended, added = [], []
        for key, score in chain(now.items(), moment.groups.items()):
            if score is None:
                if self.standing.pop(key, None):
                    ended.append((moment.at, self.profile, *key))
                continue
            told: Told = (score.point, score.low, score.high, score.known, score.n, _encode(score.parts))
            old = self.standing.get(key)
            if old and old[1] == told:
                continue
            if old:
                ended.append((moment.at, self.profile, *key))
            self.standing[key] = (moment.at, told)
            added.append((self.profile, *key, moment.at, *told))
        self.db.conn.executemany(
            "UPDATE score_draft SET until = ? WHERE profile = ? AND subject_type = ? AND subject = ? AND pillar = ?"
            " AND until IS NULL",
            ended,
        )
        self.db.conn.executemany(
            "INSERT INTO score_draft (profile, subject_type, subject, pillar, since, point, low, high, known, n, parts)"
            " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            added,
        )


def _put_in_place(db: Database, run: Run, clock: Clock, rubric: Rubric) -> None:
    """Let the draft take the place of the profile's scores, in one transaction, and write down that it did."""
    names = {"profile": rubric.profile, "digest": rubric.digest, "run": run.id}
    span = db.execute(
        "SELECT min(since), max(since), count(DISTINCT since) FROM score_draft WHERE profile = ?", [rubric.profile]
    ).fetchone()
    before = "SELECT rubric_digest FROM score WHERE profile = ? GROUP BY 1 ORDER BY min(since), 1"
    old = [row[0] for row in db.execute(before, [rubric.profile])]
    with db.atomic():
        replaced = db.execute(_KEEP_APART, names).rowcount
        db.execute(_CLEAR, {"profile": rubric.profile, "run": run.id})
        taken = db.execute(_TAKE, names).rowcount
        if taken or replaced:
            db.execute(
                "INSERT OR REPLACE INTO rescore (run, profile, at, old_digests, rubric_digest, first, last, moments,"
                " replaced) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
                [run.id, rubric.profile, iso(clock()), json.dumps(old), rubric.digest, *span, replaced],
            )
        db.execute("DELETE FROM score_draft WHERE profile = ?", [rubric.profile])
        sql = "UPDATE rescore_progress SET done = 1 WHERE run = ? AND profile = ?"
        db.execute(sql, [run.id, rubric.profile])
    run.count("scores_changed", taken)
    run.count("moments", span[2])
