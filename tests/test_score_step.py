"""The step with all profiles: cut off anywhere and done again, it ends as if nothing had happened."""

import sqlite3
from contextlib import closing
from datetime import timedelta
from functools import partial
from unittest.mock import patch

import pytest

from bench.score import START, make
from harvester.clock import iso
from harvester.store.health import bring_up_to_date
from harvester.store.workshop import connect, step
from scoring import step as scoring_step
from scoring.rubric import load_rubrics

RUBRICS = load_rubrics()
MADE = (
    "answer", "measure", "score", "task", "ask", "explanation", "ranking_basis", "provider_rank", "ahead",
    "portal_interval", "agreement",
)  # fmt: skip
"""All that the step writes."""


def scored(db, day):
    now = START + timedelta(days=day)
    with step(db, "score", lambda: now, {"day": day}) as run:
        scoring_step.score(db, run, lambda: now, RUBRICS, now)


@pytest.fixture(scope="module", autouse=True)
def _few_draws():
    """Rankings are drawn as ever, but less often: how sure they are is not asked here."""
    with patch.object(scoring_step, "keep_ranking", partial(scoring_step.keep_ranking, draws=200)):
        yield


@pytest.fixture(scope="module")
def second_day(tmp_path_factory):
    """A workshop scored a day ago; since then a dataset was withdrawn and most of one provider's addresses died."""
    place = tmp_path_factory.mktemp("step") / "harvest.db"
    db = connect(place, create=True)
    make(db, 12, 36)
    with db.atomic():
        db.execute("UPDATE dataset SET provider = 'provider-' || (name < 'dataset-00006')")
    scored(db, 1)
    moment = iso(START + timedelta(days=1, hours=12))
    with db.atomic():
        db.execute("UPDATE dataset SET withdrawn_at = ? WHERE name = 'dataset-00003'", [moment])
        db.execute(
            "INSERT INTO visit (url, run, attempt, started, outcome, status)"
            " SELECT id, 2, 2, ?, 'gone', 404 FROM url WHERE id % 12 < 5",
            [moment],
        )
    bring_up_to_date(db)
    db.conn.close()
    return place


def copy_of(place, to):
    with closing(sqlite3.connect(place)) as source, closing(sqlite3.connect(to)) as copy:
        source.backup(copy)
    return connect(to, create=False)


def made(db):
    rows = {table: [tuple(row.items()) for row in db.query(f"SELECT * FROM {table}")] for table in MADE}  # noqa: S608 - ours
    return {table: sorted(map(repr, each)) for table, each in rows.items()}


@pytest.fixture(scope="module")
def undisturbed(second_day, tmp_path_factory):
    db = copy_of(second_day, tmp_path_factory.mktemp("undisturbed") / "harvest.db")
    before = made(db)
    scored(db, 2)
    found = made(db)
    assert all(found.values())
    assert all(found[table] != before[table] for table in ("answer", "measure", "score", "task", "ranking_basis"))
    db.conn.close()
    return found


SHARDS = 4
"""Of three datasets each; a shard writes each profile's scores, then each profile's groups are written."""
MIDDLES = (
    ("keep_answers", 3), ("keep_measures", 2), ("keep_scores", 2), ("keep_scores", len(RUBRICS) * 2 + 3),
    ("keep_tasks", SHARDS), ("keep_scores", len(RUBRICS) * SHARDS + 1), ("close_withdrawn", 2), ("keep_ranking", 3),
    ("keep_agreement", 1), ("keep_asks", 1), ("keep_explanations", 1),
)  # fmt: skip


@pytest.mark.parametrize(("function", "call"), MIDDLES)
def test_cut_off_anywhere_and_done_again_it_ends_the_same(
    function, call, second_day, undisturbed, tmp_path, monkeypatch
):
    """With every profile, whichever write the step was cut off at: each table ends as of one that was left alone."""
    monkeypatch.setattr(scoring_step, "SHARD", 3)
    db, calls = copy_of(second_day, tmp_path / "harvest.db"), []
    whole = getattr(scoring_step, function)

    def dying(*given):
        calls.append(1)
        if len(calls) == call:
            raise KeyboardInterrupt
        return whole(*given)

    with monkeypatch.context() as patched:
        patched.setattr(scoring_step, function, dying)
        with pytest.raises(KeyboardInterrupt):
            scored(db, 2)
    scored(db, 2)
    found = made(db)
    assert [table for table in MADE if found[table] != undisturbed[table]] == []
    db.conn.close()
