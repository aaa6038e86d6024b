"""The step: from the evidence in harvest.db to answers, scores and tasks, a shard of datasets a transaction."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from itertools import islice

from sqlite_utils import Database

from harvester.clock import Clock, iso
from harvester.errors import SettingsError
from harvester.store.workshop import Run, record_failure
from scoring.criteria import Answer, judge
from scoring.evidence import load
from scoring.facts import Case, DatasetFacts
from scoring.ledger import ScoreKey, close_withdrawn, keep_answers, keep_scores, keep_tasks
from scoring.rubric import Rubric
from scoring.score import DatasetScore, Score, score_dataset, score_groups, values_for
from scoring.worklist import Task, tasks

SHARD = 200
"""Datasets a transaction: some 15,000 answers, a second's work to lose to a kill."""


def score(db: Database, run: Run, clock: Clock, rubric: Rubric, as_of: datetime) -> None:
    """Answer every criterion for every live dataset as of ``as_of`` (aware), score it by ``rubric``, keep the worklist.

    Rows are written only where something changed; running it again for the same moment changes nothing, so an
    interrupted step is simply done again. Raises SettingsError where scores of a later moment are already kept: a
    history cannot be written backwards.
    """
    since = iso(as_of)
    _refuse_the_past(db, since)
    with db.atomic():
        db.execute("UPDATE run SET rubric_digest = ? WHERE id = ?", [rubric.digest, run.id])
    scored: list[DatasetScore] = []
    for shard in _shards(load(db, as_of)):
        scored += _score_shard(db, run, clock, rubric, as_of, shard)
    groups = score_groups(rubric, scored)
    with db.atomic():
        run.count("scores_changed", keep_scores(db, run.id, since, rubric.profile, rubric.digest, groups))
        close_withdrawn(db, since, rubric.profile)
    run.count("datasets", len(scored))


def _refuse_the_past(db: Database, since: str) -> None:
    latest = max(
        str(db.execute(f"SELECT coalesce(max(since), '') FROM {table}").fetchone()[0])  # noqa: S608 - our own names
        for table in ("answer", "score")
    )
    if latest > since:
        raise SettingsError(f"Scores of {latest} are kept already, which is after {since}: score as of a later moment.")


def _shards(facts: Iterator[DatasetFacts]) -> Iterator[list[DatasetFacts]]:
    while shard := list(islice(facts, SHARD)):
        yield shard


def _score_shard(
    db: Database, run: Run, clock: Clock, rubric: Rubric, as_of: datetime, shard: Sequence[DatasetFacts]
) -> list[DatasetScore]:
    since, scored = iso(as_of), []
    answers: list[Answer] = []
    found: list[Task] = []
    for facts in shard:
        try:
            own, result = judge_dataset(rubric, facts, as_of)
            work = list(tasks(rubric, own, result.score, as_of))
        except Exception as error:  # noqa: BLE001 - the step's outer edge: one odd dataset must not stop the others
            record_failure(db, run, facts.dataset.name, f"{type(error).__name__}: {error}", clock)
            continue
        answers += own
        scored.append(result)
        found += work
    names = [each.dataset for each in scored]
    settled = frozenset((each.dataset, each.resource, each.criterion) for each in answers if each.value == 1.0)
    scores: dict[ScoreKey, Score] = {("dataset", each.dataset, ""): each.score for each in scored}
    with db.atomic():
        run.count("answers_changed", keep_answers(db, run.id, since, names, answers))
        run.count("scores_changed", keep_scores(db, run.id, since, rubric.profile, rubric.digest, scores))
        run.count("tasks_opened", keep_tasks(db, as_of, names, found, settled))
    run.count("answers", len(answers))
    return scored


def judge_dataset(rubric: Rubric, facts: DatasetFacts, as_of: datetime) -> tuple[list[Answer], DatasetScore]:
    """Return every answer about one dataset and its score by ``rubric``. Pure: this is all there is to a score."""
    answers = list(judge(Case(facts, as_of, rubric.terms)))
    dataset = facts.dataset
    result = score_dataset(rubric, answers)
    values = values_for(rubric, answers)
    return answers, DatasetScore(dataset.name, dataset.provider, dataset.category, result, values)
