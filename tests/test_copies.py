"""Records that list the very files of another record: scored, told, and counted once in every mean."""

import sqlite3
from contextlib import closing
from dataclasses import replace
from datetime import timedelta
from functools import partial
from unittest.mock import patch

from hypothesis import given
from hypothesis import strategies as st

from bench.score import START, make
from harvester.clock import iso
from harvester.store.workshop import connect, step
from publish.build import publish
from scoring import step as scoring_step
from scoring.copies import Listing, copies
from scoring.criteria import CRITERIA
from scoring.facts import Case
from scoring.groups import score_groups
from scoring.rescore import rescore
from scoring.rubric import load_rubrics
from scoring.score import Inputs, score_for
from scoring.words import say
from tests.golden_datasets import AS_OF, dataset, resource

LEADING = load_rubrics()[0]
FEW_DRAWS = partial(scoring_step.keep_ranking, draws=200)
LISTINGS = st.lists(
    st.builds(
        Listing,
        dataset=st.sampled_from("abcdefgh"),
        provider=st.sampled_from("pq"),
        first_seen=st.sampled_from(("2026-01-01", "2026-02-01")),
        addresses=st.frozensets(st.integers(1, 3), max_size=3),
    ),
    unique_by=lambda each: each.dataset,
)


def test_of_records_with_the_same_addresses_the_first_seen_is_the_dataset():
    """Same addresses, same provider: later ones are copies of the first; fewer, more or nobody's addresses are not."""
    found = copies(
        [
            Listing("b", "p", "2026-01-01", frozenset({1, 2})),
            Listing("a", "p", "2026-02-01", frozenset({2, 1})),
            Listing("c", "p", "2026-01-01", frozenset({1, 2})),
            Listing("part", "p", "2026-03-01", frozenset({1})),
            Listing("more", "p", "2026-03-01", frozenset({1, 2, 3})),
            Listing("other", "q", "2026-03-01", frozenset({1, 2})),
            Listing("empty", "p", "2026-03-01", frozenset()),
            Listing("void", "p", "2026-03-01", frozenset()),
        ]
    )
    assert found == {"a": "b", "c": "b"}


@given(LISTINGS, st.randoms())
def test_copies_do_not_hang_on_the_order_and_leave_one_of_each(listings, chance):
    """However the records are listed, exactly one of those that list the same stays, and it is no copy itself."""
    shuffled = list(listings)
    chance.shuffle(shuffled)
    found = copies(listings)
    assert found == copies(shuffled)
    assert not set(found.values()) & set(found)
    kept = [(each.provider, each.addresses) for each in listings if each.addresses and each.dataset not in found]
    assert len(kept) == len(set(kept))


VALUES = st.dictionaries(
    st.sampled_from(sorted(LEADING.criteria())), st.sampled_from((None, 0.0, 0.5, 1.0)), min_size=3
)


@given(st.lists(VALUES, min_size=1, max_size=5), st.integers(0, 4), VALUES)
def test_a_second_record_of_a_dataset_does_not_move_any_mean(datasets, which, told):
    """A provider, its category and the portal score the same with a copy of one of its datasets and without it.

    Whatever the copy itself is judged to be: its visits may have ended otherwise.
    """
    scored = [score_for(LEADING, str(n), "p", "c", Inputs(values)) for n, values in enumerate(datasets)]
    copy = score_for(LEADING, f"{which % len(datasets)}-again", "p", "c", Inputs(told), counts=False)
    assert score_groups(LEADING, [*scored, copy]) == score_groups(LEADING, scored)


def test_a_copy_is_told_what_it_is_a_copy_of_and_how_to_mend_it():
    """The criterion says no, names the original and the number of files; a record of its own says yes."""
    facts = dataset(resource(), resource(number=2))
    case = Case(facts, AS_OF, LEADING.terms)
    assert CRITERIA["single"].answer(facts, case).value == 1.0
    answer = CRITERIA["single"].answer(replace(facts, copy_of="hk-hko-first"), case)
    assert (answer.value, answer.reason) == (0.0, "copy")
    why, mend = say("single", "copy", answer.facts, lambda message: message)
    assert "hk-hko-first" in why
    assert "2 files" in why
    assert mend


def test_a_record_harvested_twice_leaves_its_provider_where_it_was(tmp_path):
    """From the workshop to the shop window: with a second record of the same files every mean is as without it."""
    db = connect(tmp_path / "harvest.db", create=True)
    make(db, 12, 36)
    with db.atomic():
        db.execute("UPDATE dataset SET provider = 'provider-1'")
    _score(db, 1)
    before = _means(db)
    with db.atomic():
        _copy_record(db, "dataset-00005", "zz-again")
    _score(db, 2)
    assert _means(db) == before
    assert db.execute("SELECT count(*) FROM score WHERE subject = 'zz-again' AND until IS NULL").fetchone()[0]
    assert not db.execute("SELECT count(*) FROM explanation WHERE subject_type = 'provider'").fetchone()[0]
    rows = {row["profile"]: row["n"] for row in db.query("SELECT profile, n FROM provider_rank")}
    assert set(rows.values()) == {12}
    kept = db.execute("SELECT * FROM score ORDER BY 1, 2, 3, 4, 5").fetchall()
    with step(db, "score", lambda: START + timedelta(days=3), {}) as run:
        rescore(db, run, lambda: START + timedelta(days=3), (LEADING,))
    assert db.execute("SELECT * FROM score ORDER BY 1, 2, 3, 4, 5").fetchall() == kept
    db.conn.close()
    publish(tmp_path / "harvest.db", tmp_path / "catalog.db", lambda: START + timedelta(days=3), "https://data.gov.hk")
    with closing(sqlite3.connect(tmp_path / "catalog.db")) as catalog:
        assert catalog.execute("SELECT * FROM second_record").fetchall() == [
            ("zz-again", "provider-1", "dataset-00005")
        ]
        told = "SELECT datasets, counted FROM provider_summary WHERE provider = 'provider-1'"
        assert catalog.execute(told).fetchone() == (13, 12)
        asked = "SELECT yes + partly + no + unknown FROM criterion_summary WHERE provider = '' AND criterion = ?"
        assert [catalog.execute(asked, [name]).fetchone()[0] for name in ("online", "single")] == [12, 13]


def _score(db, day):
    now = START + timedelta(days=day)
    with step(db, "score", lambda: now, {"day": day}) as run, patch.object(scoring_step, "keep_ranking", FEW_DRAWS):
        scoring_step.score(db, run, lambda: now, load_rubrics(), now)


def _means(db):
    """All that is a mean over datasets, by every profile."""
    sql = (
        "SELECT subject_type, subject, profile, pillar, point, low, high, known, n, parts FROM score"
        " WHERE subject_type <> 'dataset' AND until IS NULL ORDER BY 1, 2, 3, 4"
    )
    return db.execute(sql).fetchall()


def _copy_record(db, name, new):
    """List a dataset's addresses under another name too, first seen later."""
    row = next(db.query("SELECT * FROM dataset WHERE name = ?", [name]))
    db.table("dataset").insert({**row, "name": new, "first_seen": iso(START)})
    for each in list(db.query("SELECT * FROM resource WHERE dataset = ?", [name])):
        shared = each["shared_id"].replace(name, new)
        db.table("resource").insert({**each, "dataset": new, "shared_id": shared, "first_seen": iso(START)})
