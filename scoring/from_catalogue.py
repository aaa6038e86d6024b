"""A published catalogue's scores made again from that one file, by the profiles it keeps or by a user's own.

It reads the answers and the measures that stood when a profile last scored (of a dataset that was rechecked since, the
newest), and whose the datasets were then, and does the arithmetic of docs/scores.md. No stored score is read before its
own is made. Nothing is ever written: the file is opened read-only.
"""

import json
import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path

from sqlite_utils import Database

from harvester.errors import NotOurDatabaseError
from scoring.criteria.copies import SINGLE, counts
from scoring.groups import score_groups
from scoring.measures import MEASURES
from scoring.rescore_read import at_moment, inputs_of, move_all, whose
from scoring.rubric import DEFAULT, Rubric
from scoring.rubric_store import read_again
from scoring.score import DatasetScore, Score, score_for

Key = tuple[str, str, str]
"""Subject type, subject, pillar; the portal's subject is empty."""
NUMBERS = ("point", "low", "high", "known", "n", "parts")

_NEEDED = frozenset({"meta", "profile", "rubric", "answer", "measure", "score", "dataset", "change", "run", "failure"})
_PROFILES = """
SELECT p.id, p.digest, r.text, coalesce(r.last_used, '') FROM profile p LEFT JOIN rubric r ON r.digest = p.rubric
ORDER BY p.position
"""
_RUN = """
SELECT id, started FROM run WHERE kind = 'score' AND state = 'done'
AND (EXISTS (SELECT 1 FROM json_each(options, '$.rubrics') WHERE key = :profile)
     OR EXISTS (SELECT 1 FROM json_each(options, '$.rescore') WHERE key = :profile)) ORDER BY id DESC LIMIT 1
"""
_KEPT = """
SELECT subject_type, subject, pillar, point, low, high, known, n, parts, rubric_digest FROM score
WHERE profile = ? AND until IS NULL
"""
_ASKED = """
SELECT DISTINCT dataset FROM answer WHERE resource = '' AND since <= ? AND (until IS NULL OR until > ?)
"""
"""Every dataset of the catalogue at a moment, also those of which a profile reads nothing."""
_LATER = """
SELECT DISTINCT subject FROM score
WHERE profile = ? AND subject_type = 'dataset' AND until IS NULL AND since > ?
"""
"""The datasets that were scored alone since all were scored together."""
_ALWAYS = "9999"
"""Later than any moment."""


@dataclass(frozen=True, slots=True)
class Profile:
    """A profile as a catalogue keeps it. ``rubric`` is None where its file is not kept, or cannot be read any more.

    ``as_of`` is the moment its standing scores are of (ISO 8601 UTC), ``seen`` that up to which moves of datasets
    between providers and categories were known when they were made; ``failed`` are the datasets that could not be
    judged then, and are in no mean.
    """

    name: str
    digest: str
    rubric: Rubric | None
    as_of: str
    seen: str
    failed: frozenset[str]


@dataclass(frozen=True, slots=True)
class Difference:
    """A score that is not the stored one: which, of which of its numbers, as made here and as stored (None: none)."""

    key: Key
    number: str
    made: object
    stored: object


@dataclass(frozen=True, slots=True)
class Made:
    """All scores of one rubric over one catalogue.

    ``scores`` are of datasets (pillar ``""``), providers, categories and the portal; ``failed`` are in no mean.
    ``kept`` tells whether the catalogue holds scores by the very same rubric, with which they were then compared.
    ``stored`` are the points that stand by the profile ``beside``, of that name or the leading one, for those who want
    to know what moved. ``unmeasured`` are measures the rubric weighs and this catalogue does not hold: unknown for all.
    """

    rubric: Rubric
    datasets: Sequence[DatasetScore]
    scores: Mapping[Key, Score]
    failed: frozenset[str]
    kept: bool
    differ: tuple[Difference, ...] = ()
    unmeasured: tuple[str, ...] = ()
    beside: str = ""
    stored: Mapping[Key, float | None] = field(default_factory=dict)


@contextmanager
def opened(catalog: Path) -> Iterator[Database]:
    """Open a catalogue read-only. Raises NotOurDatabaseError where it is missing, or no catalogue of ours."""
    if not catalog.is_file():
        raise NotOurDatabaseError(f"There is no catalogue at {catalog}: run `barometer publish --catalog {catalog}`.")
    try:
        connection = sqlite3.connect(f"{catalog.resolve().as_uri()}?mode=ro", uri=True)
    except sqlite3.OperationalError as error:
        raise NotOurDatabaseError(f"{catalog} cannot be read ({error}): name another file.") from error
    with closing(connection):
        try:
            held = {row[0] for row in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
        except sqlite3.DatabaseError as error:
            raise NotOurDatabaseError(f"{catalog} is no catalogue of ours ({error}): name another file.") from error
        if "planned" in held and "meta" not in held:
            raise NotOurDatabaseError(
                f"{catalog} is a workshop, not a published file: run `barometer publish --db {catalog}` first."
            )
        if missing := sorted(_NEEDED - held):
            raise NotOurDatabaseError(
                f"{catalog} is no catalogue of ours, or of an older version (it has no table {missing[0]}):"
                " name another file, or publish it anew."
            )
        yield Database(connection)


def profiles(db: Database) -> list[Profile]:
    """Return the profiles whose scores stand in a catalogue, the leading one first."""
    found = []
    for name, digest, text, last_used in db.execute(_PROFILES).fetchall():
        rubric = read_again(text, name) if text else None
        run, started = db.execute(_RUN, {"profile": name}).fetchone() or (None, _ALWAYS)
        failed = db.execute("SELECT item FROM failure WHERE run = ?", [run]).fetchall()
        found.append(
            Profile(name, digest, rubric if rubric and rubric.digest == digest else None, last_used or _ALWAYS,
                    started, frozenset(row[0] for row in failed))
        )  # fmt: skip
    return found


def score_again(db: Database, profile: Profile) -> Made:
    """Return the scores of a kept profile made again, and each number that is not the stored one.

    Raises ValueError where the profile has no rubric that can be read.
    """
    if profile.rubric is None:
        raise ValueError(profile.name)
    datasets = _datasets(db, profile.rubric, profile)
    scores, earlier = _scores(profile.rubric, datasets, profile.failed), _kept_earlier(datasets, profile.failed)
    scores |= _rechecked(db, profile.rubric, profile)
    differ = tuple(each for each in _differences(db, profile, scores) if each.key[:2] not in earlier)
    return Made(profile.rubric, datasets, scores, profile.failed, True, differ)


def score_by(db: Database, rubric: Rubric, kept: Sequence[Profile]) -> Made:
    """Return the scores by a user's own ``rubric``, of the answers that stood when the newest of ``kept`` scored.

    One that is, to its digest, a kept profile is compared with the stored scores as `score_again` does.
    """
    same = next((each for each in kept if each.rubric and each.rubric.digest == rubric.digest), None)
    if same:
        return score_again(db, same)
    newest = max(kept, key=lambda each: each.as_of, default=Profile("", "", None, _ALWAYS, _ALWAYS, frozenset()))
    datasets = _datasets(db, rubric, newest)
    held = {row[0] for row in db.execute("SELECT DISTINCT measure FROM measure WHERE until IS NULL")}
    unmeasured = tuple(sorted(name for name in rubric.criteria() if name in MEASURES and name not in held))
    names = [each.name for each in kept]
    beside = rubric.profile if rubric.profile in names else DEFAULT
    stored = {(kind, subject, pillar): point for kind, subject, pillar, point, *_ in db.execute(_KEPT, [beside])}
    scores = _scores(rubric, datasets, newest.failed) | _rechecked(db, rubric, newest)
    return Made(rubric, datasets, scores, newest.failed, False, (), unmeasured, beside, stored)


def _datasets(db: Database, rubric: Rubric, when: Profile) -> list[DatasetScore]:
    """Return every dataset's score by ``rubric``, from what was answered when ``when`` scored last."""
    catalogue = at_moment(db, rubric, when.as_of)
    for row in db.execute(_ASKED, [when.as_of, when.as_of]):
        catalogue.answers.setdefault(row[0], {})
    first, moves = whose(db)
    for name, (provider, category) in first.items():
        catalogue.provider[name], catalogue.category[name] = provider, category
    move_all(catalogue, (move for move in moves if move.at <= when.seen))
    return [
        score_for(rubric, name, catalogue.provider[name], catalogue.category[name], inputs_of(rubric, own),
                  counts=counts(own.get(SINGLE)))
        for name, own in sorted(catalogue.answers.items())
    ]  # fmt: skip


def _rechecked(db: Database, rubric: Rubric, when: Profile) -> dict[Key, Score]:
    """Return the scores of the datasets that were rechecked since ``when`` scored, of their newest answers.

    The groups they are in were not scored again with them, so their own scores alone are newer.
    """
    names = {row[0] for row in db.execute(_LATER, [when.name, when.as_of])}
    if not names:
        return {}
    newest = _datasets(db, rubric, replace(when, as_of=_ALWAYS, seen=_ALWAYS))
    return {("dataset", each.dataset, ""): each.score for each in newest if each.dataset in names}


def _scores(rubric: Rubric, datasets: Sequence[DatasetScore], failed: frozenset[str]) -> dict[Key, Score]:
    found: dict[Key, Score] = {("dataset", each.dataset, ""): each.score for each in datasets}
    groups = score_groups(rubric, (each for each in datasets if each.dataset not in failed))
    return found | groups


def _kept_earlier(datasets: Sequence[DatasetScore], failed: frozenset[str]) -> set[tuple[str, str]]:
    """Return the groups none of whose datasets could be judged: their scores are those of an earlier scoring."""
    held: dict[bool, set[tuple[str, str]]] = {True: set(), False: set()}
    for each in datasets:
        held[each.dataset in failed] |= {("portal", ""), ("provider", each.provider), ("category", each.category or "")}
    return held[True] - held[False]


def _differences(db: Database, profile: Profile, scores: Mapping[Key, Score]) -> Iterator[Difference]:
    kept = {tuple(row[:3]): row[3:] for row in db.execute(_KEPT, [profile.name])}
    for key in sorted(kept.keys() | scores.keys()):
        if key not in scores or key not in kept:
            one = scores.get(key)
            yield Difference(key, "point", one.point if one else None, kept[key][0] if key in kept else None)
            continue
        *stored, digest = kept[key]
        stored[-1] = json.loads(stored[-1])
        for number, made, was in zip(NUMBERS, numbers(scores[key]), stored, strict=True):
            if made != was:
                yield Difference(key, number, made, was)
        if digest != profile.digest:
            yield Difference(key, "rubric_digest", profile.digest, digest)


def numbers(score: Score) -> list[object]:
    """Return a score's numbers in the order of `NUMBERS`, as they come back from the database."""
    parts = json.loads(json.dumps(score.parts))
    return [score.point, score.low, score.high, score.known, score.n, parts]
