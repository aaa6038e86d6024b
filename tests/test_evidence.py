"""From the workshop's tables to facts, and from facts to answers, scores and tasks that change only with evidence."""

import json
from datetime import UTC, datetime, timedelta

import pytest

from harvester.errors import SettingsError
from harvester.store.workshop import Run, connect, step
from scoring import step as scoring_step
from scoring.criteria.reach import online
from scoring.evidence import load
from scoring.facts import Case
from scoring.ledger import keep_answers
from scoring.rubric import load_rubric
from scoring.step import score
from scoring.words import say

SEEN = "2026-11-01T00:00:00Z"
CHECKED = "2026-11-20T02:00:00Z"
AS_OF = datetime(2026, 11, 20, 4, tzinfo=UTC)
ADDRESS = "https://data.example.gov.hk/{}.csv"


@pytest.fixture
def db(tmp_path):
    """A workshop with one provider, five datasets of two files each, and one check in which one file is gone."""
    db = connect(tmp_path / "harvest.db", create=True)
    db["provider"].insert({"slug": "p", "title_en": "P", "title_tc": "甲", "first_seen": SEEN, "last_seen": SEEN})
    checked = {"kind": "check", "started": CHECKED, "state": "done", "code_version": "1"}
    db["run"].insert({"id": 1, **checked})
    for number in range(5):
        add_dataset(db, f"d{number}")
    for url in range(1, 11):
        visit(db, url, run=1, outcome="gone" if url == 1 else "ok")
    yield db
    db.conn.close()


def add_dataset(db, name):
    texts = {f"{field}_{language}": f"{field} 數" for field in ("title", "notes") for language in ("en", "tc", "sc")}
    seen = {"first_seen": SEEN, "last_seen": SEEN, "languages": '["en", "tc", "sc"]'}
    db["dataset"].insert({
        "name": name, "provider": "p", **texts, "frequency_en": "Daily", "schedule": "periodic", "period_days": 1.0,
        "maintainer_email": "a@example.gov.hk", "resources_en": "2", "resources_tc": "2", "resources_sc": "2", **seen,
    })  # fmt: skip
    for position in range(2):
        shared = f"{name}-{position}"
        url = (
            db["url"].insert({"url": ADDRESS.format(shared), "host": "data.example.gov.hk", "first_seen": SEEN}).last_pk
        )
        db["resource"].insert({
            "shared_id": shared, "dataset": name, "position": position, "title_en": "File", "title_tc": "檔",
            "format": "CSV", "kind": "file", "url": url, "url_en": ADDRESS.format(shared), **seen,
        })  # fmt: skip


def visit(db, url, *, run, outcome, sha256=None, started=CHECKED, attempt=1):
    digest = (sha256 or f"body{url}") if outcome == "ok" else None
    if digest:
        db["content"].insert({
            "sha256": digest, "bytes": 9, "complete": 1, "format": "csv", "nature": "data", "ladder": "table",
            "encoding": "utf-8", "rows": 3, "columns": 1, "labels": '["name"]', "verdict": "valid",
            "profile": json.dumps({"rows": 3, "latest": "2026-11-19", "periods": 3, "columns": []}), "first_seen": SEEN,
        }, ignore=True)  # fmt: skip
    db["visit"].insert({
        "url": url, "run": run, "attempt": attempt, "started": started, "outcome": outcome,
        "status": 200 if outcome == "ok" else 404, "sha256": digest,
    })  # fmt: skip


def scored(db, as_of=AS_OF, rubric=None):
    with step(db, "score", lambda: as_of, {"as_of": str(as_of)}) as run:
        score(db, run, lambda: as_of, rubric or load_rubric(), as_of)
    return run


def rows(db, table):
    """All rows of a table but for the run's number, which only says who wrote first."""
    found = db.query(f"SELECT * FROM {table}")  # noqa: S608 - our own names
    return sorted(json.dumps({k: v for k, v in row.items() if k != "run"}, default=str) for row in found)


def everything(db):
    return {table: rows(db, table) for table in ("answer", "score", "task")}


def value(db, table, where):
    return list(db.query(f"SELECT * FROM {table} WHERE {where}"))  # noqa: S608 - our own


def test_facts_are_those_of_the_last_check_and_of_what_is_live(db):
    """Facts hold the last check's visits newest first, each change of body, sharers, and nothing withdrawn."""
    db["run"].insert({"id": 2, "kind": "check", "started": CHECKED, "state": "done", "code_version": "1"})
    visit(db, 3, run=2, outcome="timeout", started="2026-11-20T03:00:00Z", attempt=1)
    visit(db, 3, run=2, outcome="ok", sha256="other", started="2026-11-20T03:01:00Z", attempt=2)
    db.execute("UPDATE resource SET url = 3 WHERE shared_id = 'd4-0'")
    db.execute("UPDATE dataset SET withdrawn_at = ? WHERE name = 'd0'", [CHECKED])
    db.execute("UPDATE resource SET withdrawn_at = ? WHERE shared_id = 'd2-1'", [CHECKED])
    facts = {each.dataset.name: each for each in load(db, AS_OF)}
    assert sorted(facts) == ["d1", "d2", "d3", "d4"]
    look = facts["d1"].resources[0].look
    assert [each.outcome for each in look.visits] == ["ok", "timeout"]
    assert look.bodies == (CHECKED, "2026-11-20T03:01:00Z")
    assert look.content.sha256 == "other"
    assert [each.shared_id for each in facts["d1"].resources[0].sharers] == ["d4-0"]
    assert len(facts["d2"].resources) == 1
    assert facts["d1"].provider.title.tc == "甲"


def test_a_later_check_is_not_known_earlier(db):
    """Scoring as of a moment leaves out what was seen after it."""
    db["run"].insert({"id": 2, "kind": "check", "started": CHECKED, "state": "done", "code_version": "1"})
    visit(db, 3, run=2, outcome="gone", started="2026-11-21T00:00:00Z")
    facts = {each.dataset.name: each for each in load(db, AS_OF)}
    assert facts["d1"].resources[0].look.visits[0].outcome == "ok"


def test_the_step_answers_scores_and_lists_what_to_mend(db):
    """A dead file beside a good one: the dataset stays online, the file is a no, and a task says so."""
    run = scored(db)
    (dead,) = value(db, "answer", "resource = 'd0-0' AND criterion = 'online'")
    assert (dead["value"], dead["reason"], dead["since"]) == (0.0, "gone", "2026-11-20T04:00:00Z")
    assert json.loads(dead["evidence"])["visits"] == [1]
    (own,) = value(db, "answer", "dataset = 'd0' AND resource = '' AND criterion = 'online'")
    assert own["value"] == 1.0
    (task,) = value(db, "task", "resource = 'd0-0' AND criterion = 'online'")
    assert (task["severity"], task["closed"], task["points"]) == (0, None, 0.0)
    assert task["due"] == "2026-12-04T04:00:00Z"  # ten working days after Friday 20 November
    # free, licence, machine_readable, bulk, timely, historical yes (16 of 17), tools no (1 of 17): 94.1
    (portal,) = value(db, "score", "subject_type = 'portal' AND pillar = ''")
    assert portal["point"] == pytest.approx(100 * 16 / 17, abs=1e-5)
    assert {row["pillar"] for row in value(db, "score", "subject_type = 'portal'")} >= {"", "by-provider", "timely"}
    assert run.counts["datasets"] == 5
    assert value(db, "run", "kind = 'score'")[0]["rubric_digest"] == load_rubric().digest


def test_nothing_is_written_where_nothing_changed(db):
    """A second run, the same hour or the next, adds no answer and no score; only newer evidence is put in."""
    scored(db)
    before = everything(db)
    scored(db)
    assert everything(db) == before
    run = scored(db, AS_OF + timedelta(hours=1))
    assert (run.counts["answers_changed"], run.counts["scores_changed"], run.counts["tasks_opened"]) == (0, 0, 0)


def test_a_changed_answer_closes_the_old_one_and_its_task(db):
    """A mended file closes its answer and its task; broken again, the task is reopened and the history stays."""
    scored(db)
    for run, outcome in ((2, "ok"), (3, "gone"), (4, "gone")):
        at = f"2026-11-2{run}T00:00:00Z"
        db["run"].insert({"id": run * 100, "kind": "check", "started": at, "state": "done", "code_version": "1"})
        visit(db, 1, run=run * 100, outcome=outcome, started=at)
        scored(db, datetime(2026, 11, 20 + run, 4, tzinfo=UTC))
    history = value(db, "answer", "resource = 'd0-0' AND criterion = 'online' ORDER BY since")
    assert [(row["reason"], row["until"]) for row in history] == [
        ("gone", "2026-11-22T04:00:00Z"), ("recovering", "2026-11-23T04:00:00Z"),
        ("up-once-failed", "2026-11-24T04:00:00Z"), ("gone", None),
    ]  # fmt: skip
    (task,) = value(db, "task", "resource = 'd0-0' AND criterion = 'online'")
    assert (task["opened"], task["reopened"], task["closed"]) == ("2026-11-20T04:00:00Z", "2026-11-24T04:00:00Z", None)
    assert task["severity"] == 3  # it worked two days before: intermittent, not dead


def test_what_is_withdrawn_is_closed_not_deleted(db):
    """A dataset gone from the catalogue leaves its history, closed, and no open task."""
    scored(db)
    later = AS_OF + timedelta(days=1)
    db.execute("UPDATE dataset SET withdrawn_at = ? WHERE name = 'd0'", [CHECKED])
    db.execute("UPDATE resource SET withdrawn_at = ? WHERE shared_id = 'd1-1'", [CHECKED])
    scored(db, later)
    assert not value(db, "answer", "dataset = 'd0' AND until IS NULL")
    assert not value(db, "answer", "resource = 'd1-1' AND until IS NULL")
    assert not value(db, "task", "(dataset = 'd0' OR resource = 'd1-1') AND closed IS NULL")
    assert not value(db, "score", "subject = 'd0' AND until IS NULL")
    assert value(db, "answer", "dataset = 'd0'")


class Killed(BaseException):
    """Stands for a kill: nothing in the step may catch it."""


def test_a_kill_in_the_middle_changes_nothing_in_the_end(db, tmp_path, monkeypatch):
    """Stopped between and inside transactions and run again, the step ends as if it had never been stopped."""
    db.conn.commit()
    other = connect(tmp_path / "other.db", create=True)
    db.conn.backup(other.conn)
    scored(other)
    monkeypatch.setattr(scoring_step, "SHARD", 2)
    calls = []

    def dying(*arguments):
        calls.append(1)
        changed = keep_answers(*arguments)
        if len(calls) == 2:
            raise Killed
        return changed

    monkeypatch.setattr(scoring_step, "keep_answers", dying)
    with pytest.raises(Killed):
        scored(db)
    assert (
        0
        < db.execute("SELECT count(*) FROM answer").fetchone()[0]
        < other.execute("SELECT count(*) FROM answer").fetchone()[0]
    )
    scored(db)
    assert everything(db) == everything(other)
    other.conn.close()


def test_one_odd_dataset_does_not_stop_the_others(db):
    """What a criterion cannot stand is recorded against its dataset, and the rest is scored."""
    db.execute("UPDATE dataset SET period_days = 1e300 WHERE name = 'd2'")
    run = scored(db)
    assert run.failed == 1
    assert run.counts["datasets"] == 4
    assert value(db, "failure", "item = 'd2'")


def test_history_is_not_written_backwards(db):
    """Scoring as of a moment before the last kept one is refused in one clear sentence."""
    scored(db)
    with pytest.raises(SettingsError, match="score as of a later moment"):
        scored(db, AS_OF - timedelta(days=3))


def test_an_empty_workshop_scores_nothing(tmp_path):
    """Without datasets there is nothing to score, and nothing goes wrong."""
    db = connect(tmp_path / "harvest.db", create=True)
    run = Run(1, "score", SEEN, resumed=False)
    score(db, run, lambda: AS_OF, load_rubric(), AS_OF)
    assert run.counts["datasets"] == 0
    db.conn.close()


def test_a_template_is_judged_by_its_example_and_says_which(db):
    """A call with holes is what the visits of its example say, and the sentence names the address that was asked."""
    template, example = "https://api.example.gov.hk/{id}", "https://api.example.gov.hk/7"
    for number, url in ((98, template), (99, example)):
        db["url"].insert({"id": number, "url": url, "host": "api.example.gov.hk", "first_seen": SEEN})
    db.execute("UPDATE resource SET kind = 'template', url = 98 WHERE shared_id = 'd2-0'")
    found = {facts.dataset.name: facts.resources[0] for facts in load(db, AS_OF)}["d2"]
    assert online(found, Case(next(iter(load(db, AS_OF))), AS_OF)).reason == "needs-parameters"
    db.execute("UPDATE resource SET example = 99 WHERE shared_id = 'd2-0'")
    visit(db, 99, run=1, outcome="ok")
    found = {facts.dataset.name: facts.resources[0] for facts in load(db, AS_OF)}["d2"]
    finding = online(found, Case(next(iter(load(db, AS_OF))), AS_OF))
    assert finding.reason == "up"
    assert example in say("online", finding.reason, finding.facts)[0]
