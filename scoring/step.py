"""The step: from the evidence in harvest.db to answers, measures, scores and tasks, a shard a transaction."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import islice

from sqlite_utils import Database

from harvester.clock import Clock, iso, parse_iso
from harvester.errors import SettingsError
from harvester.store.workshop import Run, record_failure
from scoring.ask_facts import Sight, sight
from scoring.ask_store import keep_asks
from scoring.criteria import Answer, judge
from scoring.criteria.copies import SINGLE, counts
from scoring.evidence import load
from scoring.explain_store import keep_explanations
from scoring.facts import Case, DatasetFacts
from scoring.groups import score_groups
from scoring.ledger import (
    ScoreKey,
    Taken,
    close_withdrawn,
    close_withdrawn_resources,
    keep_answers,
    keep_measures,
    keep_scores,
    keep_tasks,
)
from scoring.measures import Measured, take
from scoring.rubric import Rubric
from scoring.rubric_store import keep_rubrics
from scoring.score import DatasetScore, Score, inputs_for, score_for
from scoring.swing import Swing, swing
from scoring.uncertainty_store import keep_agreement, keep_ranking
from scoring.worklist import Task, tasks

SHARD = 200
"""Datasets a transaction: some 15,000 answers, a second's work to lose to a kill."""


@dataclass(frozen=True, slots=True)
class Judged:
    """All there is to say of one dataset: its answers, its measures, and its score by each rubric, in their order."""

    dataset: str
    answers: tuple[Answer, ...]
    measured: tuple[Measured, ...]
    scores: tuple[DatasetScore, ...]
    sight: Sight


@dataclass(slots=True)
class _Whole:
    """What is gathered over the shards: each rubric's scores of the datasets, and what each reads of them."""

    scored: list[list[DatasetScore]] = field(default_factory=list)
    sights: list[Sight] = field(default_factory=list)
    leading: dict[tuple[str, str], Score] = field(default_factory=dict)

    def add(self, judged: Sequence[Judged]) -> None:
        self.sights += [each.sight for each in judged]
        for each in judged:
            for found, score_ in zip(self.scored, each.scores, strict=True):
                found.append(score_)


def score(
    db: Database, run: Run, clock: Clock, rubrics: Rubric | Sequence[Rubric], as_of: datetime
) -> dict[str, Swing]:
    """Answer every criterion for every live dataset as of ``as_of`` (aware), score and list it by each.

    The first rubric leads: its terms judge the licence, and the tasks' points are its points. The evidence is read
    once, whatever the number of rubrics. Rows are written only where something changed; running it again for the same
    moment changes nothing, so an interrupted step is simply done again. Returns, by profile, the swing its rule on the
    licence makes. Raises SettingsError where scores of a later moment are already kept: a history cannot be written
    backwards.
    """
    rubrics = (rubrics,) if isinstance(rubrics, Rubric) else tuple(rubrics)
    since = iso(as_of)
    _refuse_the_past(db, since)
    with db.atomic():
        db.execute("UPDATE run SET rubric_digest = ? WHERE id = ?", [rubrics[0].digest, run.id])
    keep_rubrics(db, rubrics, since)
    whole = _Whole([[] for _ in rubrics])
    for shard in _shards(load(db, as_of)):
        whole.add(_score_shard(db, run, clock, rubrics, as_of, shard))
    for rubric, scored in zip(rubrics, whole.scored, strict=True):
        counted = [each for each in scored if each.counts]
        groups = score_groups(rubric, scored)
        if rubric is rubrics[0]:
            whole.leading = {key[:2]: found for key, found in groups.items() if not key[2]}
        with db.atomic():
            run.count("scores_changed", keep_scores(db, run.id, since, rubric.profile, rubric.digest, groups))
            close_withdrawn(db, since, rubric.profile)
        run.count("rankings_drawn", keep_ranking(db, run.id, since, rubric, counted))
    keep_agreement(db)
    run.count("asks_changed", keep_asks(db, run.id, as_of, rubrics[0], whole.sights, whole.leading))
    run.count("explanations", keep_explanations(db, run.id, since, rubrics[0]))
    run.count("datasets", len(whole.scored[0]))
    run.count("profiles", len(rubrics))
    return {
        rubric.profile: swing(rubric, [each for each in scored if each.counts])
        for rubric, scored in zip(rubrics, whole.scored, strict=True)
    }


def score_only(
    db: Database, run: Run, clock: Clock, rubrics: Sequence[Rubric], as_of: datetime, names: Sequence[str]
) -> tuple[Judged, ...]:
    """Answer and score the live datasets ``names`` alone as of ``as_of`` (aware), at a cost that goes by them.

    Their answers, measures, scores and tasks are what a full score at that moment would make of them. What is made of
    many datasets (groups, ranks, asks, explanations) stays as of the last full score, whose moment the kept rubrics
    bear: so only rubrics that scored then may be given (see ``standing_rubrics``). One that cannot be judged is
    recorded as a failure of the run. Raises SettingsError as ``score`` does.
    """
    _refuse_the_past(db, iso(as_of))
    judged: list[Judged] = []
    for shard in _shards(load(db, as_of, names)):
        judged += _score_shard(db, run, clock, rubrics, as_of, shard)
    with db.atomic():
        close_withdrawn_resources(db, iso(as_of), names)
    return tuple(judged)


def standing_rubrics(db: Database, rubrics: Sequence[Rubric]) -> tuple[tuple[Rubric, ...], str]:
    """Return those of ``rubrics`` by which the last full score was made, and its moment (ISO 8601 UTC).

    Raises SettingsError where nothing was scored yet, or the first of them, which leads, is another since.
    """
    used = dict(db.execute("SELECT digest, last_used FROM rubric").fetchall())
    whole = max(used.values(), default="")
    if not whole:
        raise SettingsError("Nothing is scored here yet: run `barometer score` first.")
    if used.get(rubrics[0].digest) != whole:
        raise SettingsError(f"{rubrics[0].profile} was changed since the last score: run `barometer score` first.")
    return tuple(each for each in rubrics if used.get(each.digest) == whole), whole


def no_earlier(db: Database, moment: datetime, *, of_rechecks: bool = False) -> datetime:
    """Return ``moment`` (aware), or that of the newest answer or score kept where it is later.

    With ``of_rechecks`` only what rechecks kept counts: a full score that was cut off before one and is taken up after
    it must not be refused for it.
    """
    return max(moment, parse_iso(_latest(db, of_rechecks=of_rechecks) or iso(moment)))


def _latest(db: Database, *, of_rechecks: bool = False) -> str:
    """Return the newest moment of which an answer or a score is kept, empty where there is none."""
    where = " WHERE run IN (SELECT id FROM run WHERE kind = 'recheck')" if of_rechecks else ""
    return max(
        str(db.execute(f"SELECT coalesce(max(since), '') FROM {table}{where}").fetchone()[0])  # noqa: S608 - our own names
        for table in ("answer", "score")
    )


def _refuse_the_past(db: Database, since: str) -> None:
    latest = _latest(db)
    if latest > since:
        raise SettingsError(f"Scores of {latest} are kept already, which is after {since}: score as of a later moment.")


def _shards(facts: Iterator[DatasetFacts]) -> Iterator[list[DatasetFacts]]:
    while shard := list(islice(facts, SHARD)):
        yield shard


def _score_shard(
    db: Database, run: Run, clock: Clock, rubrics: Sequence[Rubric], as_of: datetime, shard: Sequence[DatasetFacts]
) -> list[Judged]:
    judged: list[Judged] = []
    found: list[Task] = []
    for facts in shard:
        try:
            result = judge_dataset(rubrics, facts, as_of)
            work = list(tasks(rubrics[0], result.answers, result.scores[0].score, as_of))
        except Exception as error:  # noqa: BLE001 - the step's outer edge: one odd dataset must not stop the others
            record_failure(db, run, facts.dataset.name, f"{type(error).__name__}: {error}", clock)
            continue
        judged.append(result)
        found += work
    _keep(db, run, rubrics, as_of, judged, found)
    return judged


def _keep(
    db: Database, run: Run, rubrics: Sequence[Rubric], as_of: datetime, judged: Sequence[Judged], found: Sequence[Task]
) -> None:
    """Store one shard in one transaction."""
    since, names = iso(as_of), [each.dataset for each in judged]
    answers = [answer for each in judged for answer in each.answers]
    measured: list[Taken] = [(each.dataset, one) for each in judged for one in each.measured]
    settled = frozenset((each.dataset, each.resource, each.criterion) for each in answers if each.value == 1.0)
    with db.atomic():
        run.count("answers_changed", keep_answers(db, run.id, since, names, answers))
        run.count("measures_changed", keep_measures(db, run.id, since, names, measured))
        for place, rubric in enumerate(rubrics):
            scores: dict[ScoreKey, Score] = {("dataset", each.dataset, ""): each.scores[place].score for each in judged}
            run.count("scores_changed", keep_scores(db, run.id, since, rubric.profile, rubric.digest, scores))
        run.count("tasks_opened", keep_tasks(db, as_of, names, found, settled))
    run.count("answers", len(answers))


def judge_dataset(rubrics: Sequence[Rubric], facts: DatasetFacts, as_of: datetime) -> Judged:
    """Return all answers of one dataset, the measures its rubrics weigh, and its score by each. Pure: that is a score.

    The portal's terms are the first rubric's in the answers; each rubric's score goes by its own.
    """
    case = Case(facts, as_of, rubrics[0].terms)
    answers, dataset = tuple(judge(case)), facts.dataset
    weighed = frozenset[str]().union(*(rubric.criteria() for rubric in rubrics))
    measured = tuple(take(case, answers, weighed))
    own = [answer for answer in answers if not answer.resource]
    counted = counts(next((answer for answer in own if answer.criterion == SINGLE), None))

    def scored(rubric: Rubric) -> DatasetScore:
        inputs = inputs_for(rubric, own, measured)
        return score_for(rubric, dataset.name, dataset.provider, dataset.category, inputs, counts=counted)

    scores = tuple(map(scored, rubrics))
    return Judged(dataset.name, answers, measured, scores, sight(facts, own, scores[0].score, as_of))
