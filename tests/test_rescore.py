"""Scoring a history anew: equal to having scored day by day, whatever the days, and whenever it was cut off."""

import sqlite3
from contextlib import ExitStack, closing, contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from unittest.mock import patch

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from harvester.clock import iso
from harvester.store.workshop import connect, step
from scoring import rescore as rescoring
from scoring import step as scoring_step
from scoring.ask_facts import Delay, Sight
from scoring.criteria.base import Answer
from scoring.measures.base import Measured
from scoring.rescore import replay, rescore
from scoring.rubric import Item, load_rubric

FIRST = datetime(2026, 1, 1, 4, tzinfo=UTC)
OLD = load_rubric()
NEW = replace(
    OLD,
    digest="another",
    terms=replace(OLD.terms, apply=False),
    items=(
        *(replace(item, weight=item.weight + 1, not_applicable="leave-out") for item in OLD.items[:3]),
        *(replace(item, weight=item.weight + 1, pillar="some", not_applicable="leave-out") for item in OLD.items[3:5]),
        Item("measured", 2.0, "made up", pillar="other"),
    ),
)
"""Other weights, the terms switched off, pillars, a measure beside the criteria, and what does not arise left out."""
NAMES = ("a", "b", "c")
REASONS = {None: "unknown", 0.0: "no", 0.5: "partly", 1.0: "yes"}
USED = sorted((OLD.criteria() - {"licence", "extent"}) | {"online"})

VALUE = st.sampled_from((None, 0.0, 0.5, 1.0))
ITEMS = sorted({item.criterion for item in NEW.items} - {"licence", "measured"})
APART = st.frozensets(st.sampled_from(ITEMS))
OWN = st.fixed_dictionaries(dict.fromkeys(ITEMS, VALUE) | {"licence": st.booleans(), "measured": VALUE, "apart": APART})
"""What one dataset answers; ``apart`` are the questions that do not arise, whatever the reason is called."""
PROVIDER = st.sampled_from(("p", "q"))
DAY = st.fixed_dictionaries({name: st.tuples(st.none() | OWN, PROVIDER) for name in NAMES})
"""What each dataset answers on a day (None: not listed), and whose it is."""


def own_answers(name, told):
    """A dataset's own answers of a day: those told, the licence by its reason, and yes to the rest."""
    apart = told.get("apart", ())
    values = {criterion: None if criterion in apart else told.get(criterion, 1.0) for criterion in USED}
    answers = [
        Answer(criterion, name, "", value, REASONS[value], applies=criterion not in apart)
        for criterion, value in values.items()
    ]
    return [*answers, Answer("licence", name, "", 1.0, "portal-terms" if told["licence"] else "open")]


def measures(told):
    value = told["measured"]
    return [Measured("measured", value, value or 0.0, 1.0 if value is None else value)]


def workshop(path):
    db = connect(path, create=True)
    seen = {"first_seen": iso(FIRST), "last_seen": iso(FIRST)}
    for slug in ("p", "q"):
        db["provider"].insert({"slug": slug, **seen})
        db["category"].insert({"slug": slug, **seen})
    for name in NAMES:
        db["dataset"].insert({"name": name, "provider": "p", "category": "p", "schedule": "unknown",
                              "languages": "[]", **seen})  # fmt: skip
    return db


def harvested(db, run, at, day):
    """Write whose the datasets are and which are withdrawn, and the changes a harvest notes."""
    for name, (told, provider) in day.items():
        before = db.execute("SELECT provider FROM dataset WHERE name = ?", [name]).fetchone()[0]
        for field in ("provider", "category"):
            if before != provider:
                db["change"].insert({"run": run, "dataset": name, "resource": "", "language": "en", "field": field,
                                     "old": before, "new": provider, "at": iso(at)})  # fmt: skip
        db.execute(
            "UPDATE dataset SET provider = ?, category = ?, withdrawn_at = ? WHERE name = ?",
            [provider, provider, None if told else iso(at), name],
        )


def lived(path, rubric, days, later=()):
    """Score day by day, by the step itself: only where facts and answers come from is made up.

    ``later`` are rubrics by which the last day is scored again, a day each.
    """
    db = workshop(path)
    rubrics = [rubric] * len(days) + list(later)
    for number, rubric_then in enumerate(rubrics):
        day = days[min(number, len(days) - 1)]
        at = FIRST + timedelta(days=number)
        live = {name: told for name, (told, _) in day.items() if told}
        facts = [SimpleNamespace(dataset=SimpleNamespace(name=name, provider=day[name][1], category=day[name][1]))
                 for name in sorted(live)]  # fmt: skip
        with ExitStack() as stack, step(db, "score", lambda at=at: at, {"day": number}) as run:
            harvested(db, run.id, at - timedelta(hours=1), day)
            stand_in = {
                "load": lambda _db, _at, facts=facts: iter(facts),
                "judge": lambda case, live=live: own_answers(
                    case.dataset.dataset.name, live[case.dataset.dataset.name]
                ),
                "take": lambda case, _answers, _names, live=live: measures(live[case.dataset.dataset.name]),
                "tasks": lambda *_: [],
                "sight": lambda facts, *_: Sight(
                    facts.dataset.name, facts.dataset.provider, 1.0, 1.0, Delay("in-time", 0), 10, 50.0, 1.0, "none", ""
                ),
                "keep_ranking": lambda *_: False,
                "keep_agreement": lambda _db: None,
            }
            for name, function in stand_in.items():
                stack.enter_context(patch.object(scoring_step, name, function, create=True))
            scoring_step.score(db, run, lambda at=at: at, rubric_then, at)
    return db


@contextmanager
def sqlite_of(path):
    with closing(sqlite3.connect(path)) as connection:
        yield connection


def anew(db, *rubrics, options="x"):
    at = FIRST + timedelta(days=400)
    with step(db, "score", lambda: at, {"rescore": options}) as run:
        rescore(db, run, lambda: at, rubrics)
    return run


def scores(db):
    return db.execute(
        "SELECT subject_type, subject, profile, pillar, since, point, low, high, known, n, parts, rubric_digest, until"
        " FROM score ORDER BY 1, 2, 3, 4, 5"
    ).fetchall()


def evidence(db):
    tables = ("answer", "measure", "task", "visit")
    return [
        db.execute(f"SELECT * FROM {table} ORDER BY 1, 2, 3, 4").fetchall()  # noqa: S608 - our own names
        for table in tables
    ]


EXAMPLE = [
    {"a": ({"online": 1.0, "licence": True, "measured": 0.5}, "p"), "b": ({"licence": False, "measured": None}, "q"),
     "c": (None, "q")},
    {"a": ({"online": 0.0, "licence": True, "measured": 0.5}, "p"), "b": ({"licence": False, "measured": 1.0}, "p"),
     "c": ({"licence": True, "measured": 0.0}, "q")},
    {"a": (None, "p"), "b": ({"licence": False, "measured": 1.0}, "p"),
     "c": ({"licence": True, "measured": 0.0}, "p")},
]  # fmt: skip


@settings(max_examples=10, deadline=None)
@given(st.lists(DAY, min_size=1, max_size=5))
def test_a_rescore_is_what_scoring_day_by_day_would_have_stored(tmp_path_factory, days):
    """Answers change, datasets come, go and move: the scores are those of the rubric from the first day on."""
    folder = tmp_path_factory.mktemp("history")
    told, wanted = lived(folder / "old.db", OLD, days), lived(folder / "new.db", NEW, days)
    before = evidence(told)
    anew(told, NEW)
    assert scores(told) == scores(wanted)
    assert evidence(told) == before
    told.conn.close()
    wanted.conn.close()


def test_a_rescore_under_the_same_rubric_changes_nothing(tmp_path):
    """Every row stays, its run too, and no rescore is written down."""
    db = lived(tmp_path / "db", OLD, EXAMPLE)
    before = db.execute("SELECT * FROM score ORDER BY 1, 2, 3, 4, 5").fetchall()
    run = anew(db, OLD)
    assert db.execute("SELECT * FROM score ORDER BY 1, 2, 3, 4, 5").fetchall() == before
    assert run.counts["scores_changed"] == 0
    assert db.execute("SELECT (SELECT count(*) FROM rescore) + (SELECT count(*) FROM score_before)").fetchone() == (0,)
    db.conn.close()


def test_what_gave_way_is_kept_apart_and_named(tmp_path):
    """The old scores stand in score_before, the rescore names both digests, and a rescore back restores them."""
    db = lived(tmp_path / "db", OLD, EXAMPLE)
    first = scores(db)
    anew(db, NEW)
    kept = db.execute("SELECT count(*), min(rubric_digest), max(rubric_digest) FROM score_before").fetchone()
    assert kept == (len(first), OLD.digest, OLD.digest)
    told = db.execute("SELECT old_digests, rubric_digest, moments FROM rescore").fetchone()
    assert told == (f'["{OLD.digest}"]', "another", 3)
    anew(db, OLD, options="back")
    assert scores(db) == first
    db.conn.close()


@pytest.mark.parametrize("after", [1, 2, 3, 4, 5])
def test_killed_in_the_middle_and_run_again_ends_the_same(tmp_path, monkeypatch, after):
    """Cut off after any of its transactions, the old scores stand; run again, it goes on and ends as if undisturbed."""
    rubrics = (NEW, replace(NEW, profile="second", digest="second"))
    db, other = lived(tmp_path / "db", OLD, EXAMPLE), lived(tmp_path / "other", OLD, EXAMPLE)
    anew(other, *rubrics)
    before, written, seen = scores(db), rescoring._Draft.write, []

    def dying(self, moment):
        seen.append(moment.at)
        if len(seen) > after:
            raise KeyboardInterrupt
        written(self, moment)

    monkeypatch.setattr(rescoring._Draft, "write", dying)
    with pytest.raises(KeyboardInterrupt):
        anew(db, *rubrics)
    standing = scores(db)
    assert standing == before if after < 3 else {row[-2] for row in standing} == {"another"}
    again = []
    monkeypatch.setattr(
        rescoring._Draft, "write", lambda self, moment: (again.append(moment.at), written(self, moment))
    )
    anew(db, *rubrics)
    assert len(again) == 6 - after
    assert scores(db) == scores(other)
    assert db.execute("SELECT count(*) FROM score_draft").fetchone() == (0,)
    for each in (db, other):
        each.conn.close()


def test_a_scan_in_between_lets_the_rescore_begin_anew(tmp_path, monkeypatch):
    """What a cut-off rescore drafted is not mixed with answers of a later scan that it did not see."""
    db = lived(tmp_path / "db", OLD, EXAMPLE)
    monkeypatch.setattr(rescoring, "_put_in_place", lambda *_: (_ for _ in ()).throw(KeyboardInterrupt))
    with pytest.raises(KeyboardInterrupt):
        anew(db, NEW)
    monkeypatch.undo()
    with step(db, "score", lambda: FIRST + timedelta(days=401), {"a scan": 1}):
        db.execute("UPDATE answer SET value = 0.0, reason = 'no' WHERE criterion = 'online' AND until IS NULL")
    anew(db, NEW)
    assert db.execute("SELECT max(point) FROM score WHERE until IS NULL AND pillar = ''").fetchone() == (0.0,)
    db.conn.close()


def test_replay_tells_only_of_datasets_that_changed(tmp_path):
    """On the third day one dataset is gone and another moved; the one that stayed is not scored again."""
    db = lived(tmp_path / "db", OLD, EXAMPLE)
    told = [sorted((name, each is None) for name, each in moment.datasets.items()) for moment in replay(db, NEW)]
    assert told[2] == [("a", True), ("c", False)]
    db.conn.close()


def test_an_older_workshops_answers_are_told_apart_by_their_reasons(tmp_path):
    """Before answers kept whether a question arises, reasons said so: `not-a-table` of all, others of one each."""
    place = tmp_path / "db"
    db = lived(place, OLD, EXAMPLE)
    for criterion, reason in (("online", "bad-address"), ("secure", "bad-address"), ("shape", "not-a-table")):
        db["answer"].insert({"dataset": "a", "resource": "r", "criterion": criterion, "since": iso(FIRST),
                             "reason": reason, "evidence": "{}", "run": 1})  # fmt: skip
    db.execute("ALTER TABLE answer DROP COLUMN applies")
    db.execute("DELETE FROM _sqlite_migrations WHERE name = '0012_applies'")
    db.conn.commit()
    db.conn.close()
    db = connect(place, create=False)
    told = dict(db.execute("SELECT criterion, applies FROM answer WHERE resource = 'r'").fetchall())
    assert told == {"online": 1, "secure": 0, "shape": 0}
    assert db.execute("SELECT min(applies) FROM answer WHERE resource = ''").fetchone() == (1,)
    db.conn.close()


def test_what_is_in_the_catalogue_no_more_has_no_standing_score(tmp_path):
    """When the last dataset that is asked about a pillar goes, its score ends, and when all go, the portal's does."""
    first, second = ({"a": ({"licence": True, "measured": 1.0, "apart": apart}, "p"), "b": (None, "q"),
                      "c": (None, "q")} for apart in (frozenset(), frozenset(ITEMS)))  # fmt: skip
    none = dict.fromkeys(NAMES, (None, "p"))
    some = "SELECT count(*) FROM score WHERE pillar = 'some' AND subject_type = 'portal' AND until IS NULL"
    for days, pillars, standing in (([first], 1, True), ([first, second], 0, True), ([first, none], 0, False)):
        db = lived(tmp_path / f"{len(days)}{standing}", NEW, days)
        assert db.execute(some).fetchone() == (pillars,)
        assert bool(db.execute("SELECT count(*) FROM score WHERE until IS NULL").fetchone()[0]) is standing
        db.conn.close()
