"""What changed a score: the contributions add up, and each goes to the answer that made it."""

import json
from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harvester.clock import iso
from harvester.store.workshop import step
from scoring.explain import Pair, Side, contributions, explain_dataset, explain_mean, way_of
from scoring.explain_store import keep_explanations
from scoring.inputs import inputs_for
from scoring.ledger import keep_scores
from scoring.rubric import load_rubric
from scoring.score import score_for, score_values
from tests.test_rescore import EXAMPLE, FIRST, NEW, OLD, lived, measures, own_answers

RUBRIC = load_rubric()
NAMES = sorted(RUBRIC.criteria())
VALUES = st.fixed_dictionaries({name: st.sampled_from((None, 0.0, 0.5, 1.0)) for name in NAMES})
PRESENT = st.none() | VALUES


def point(values):
    return score_values(RUBRIC, values).point or 0.0


def pair(before, after):
    sides = [values and Side(score_values(RUBRIC, values).point, values) for values in (before, after)]
    parts = contributions(before, after, RUBRIC.used(), point) if before and after else {}
    return Pair(*sides, parts, {})


def mean(values):
    points = [found for each in values if each and (found := score_values(RUBRIC, each).point) is not None]
    return sum(points) / len(points) if points else None


@given(VALUES, VALUES)
def test_the_parts_of_a_datasets_change_add_up_to_it(before, after):
    """Whatever the answers of two moments, the contributions sum to the change, and only changed answers have one."""
    shares = contributions(before, after, RUBRIC.used(), point)
    assert sum(shares.values()) == pytest.approx(point(after) - point(before), abs=1e-9)
    assert shares.keys() == {name for name in NAMES if before[name] != after[name]}


@given(st.lists(st.tuples(PRESENT, PRESENT), min_size=1, max_size=6))
def test_the_parts_of_a_groups_change_add_up_to_it(datasets):
    """Datasets change, come, go, and get or lose their point: the contributions sum to the change of their mean."""
    first, last = mean([before for before, _ in datasets]), mean([after for _, after in datasets])
    told = explain_mean([pair(before, after) for before, after in datasets])
    assert sum(each.points for each in told) == pytest.approx((last or 0.0) - (first or 0.0), abs=1e-9)


@given(st.dictionaries(st.sampled_from("abcde"), st.integers(-3, 3)), st.permutations("abcde"))
def test_contributions_do_not_depend_on_the_order_where_two_act_on_each_other(after, order):
    """Of sums and products of two, each order gives the same: the Shapley values."""

    def score(values):
        a, b, c, d, e = (values.get(name, 1) for name in "abcde")
        return a * b + c * d + 2 * e + a * e

    shares = contributions({}, after, order, score)
    others = contributions({}, after, sorted(order), score)
    assert shares == pytest.approx(others)


ALL = dict.fromkeys(NAMES, 1.0)


def test_a_mended_file_and_a_late_one():
    """Machine readable no to yes is 3 of 17, +17.65; timely yes to partly is half of 3 of 17, -8.82."""
    before, after = {**ALL, "machine_readable": 0.0}, {**ALL, "timely": 0.5}
    told = explain_dataset(pair(before, after))
    assert [(each.what, each.way, round(each.points, 2)) for each in told] == [
        ("machine_readable", "better", 17.65), ("timely", "worse", -8.82),
    ]  # fmt: skip


def test_a_dead_link_and_a_mended_file_share_what_they_made_together():
    """From 82.35 to 0. First the file, then the gate: +17.65, -100. The other way about: -82.35, 0. Mean: 8.82, -91.18.

    Worked out by hand, as the mean of the two orders.
    """
    shares = contributions({**ALL, "machine_readable": 0.0}, {**ALL, "online": 0.0}, RUBRIC.used(), point)
    assert shares["machine_readable"] == pytest.approx(300 / 17 / 2, abs=1e-5)
    assert shares["online"] == pytest.approx(-(100 + 1400 / 17) / 2, abs=1e-5)


def test_who_came_and_who_left_is_told_apart_from_who_changed():
    """Means by hand: (100 + 0) / 2 = 50 before, (50 + 100) / 2 = 75 after.

    The dead one left (50 to 100: +50), the other halved (100 to 50: -50), a sound one came (50 to 75: +25).
    """
    dead, half = {**ALL, "online": 0.0}, {**ALL, "online": 0.5}
    told = explain_mean([pair(ALL, half), pair(dead, None), pair(None, ALL)])
    assert {(each.what, each.way): each.points for each in told} == {
        ("", "left"): 50.0, ("online", "worse"): -50.0, ("", "came"): 25.0,
    }  # fmt: skip


def test_resources_are_counted_with_their_own_way():
    """Two datasets mended 14 files and lost 2: the better count goes with better, the worse with worse."""
    better = replace(pair({**ALL, "machine_readable": 0.0}, ALL), moved={"machine_readable": (13, 2)})
    more = replace(pair({**ALL, "machine_readable": 0.5}, ALL), moved={"machine_readable": (1, 0)})
    told = explain_mean([better, more])
    assert [(each.way, each.datasets, each.resources) for each in told] == [("better", 2, 14)]


@pytest.mark.parametrize(
    ("before", "after", "points", "way"),
    [(None, 1.0, 0.0, "learnt"), (0.5, None, 0.0, "lost"), (0.0, 0.5, 5.0, "better"), (1.0, 0.0, -5.0, "worse"),
     (1.0, 1.0, -17.6, "worse")],
)  # fmt: skip
def test_becoming_known_is_neither_better_nor_worse(before, after, points, way):
    """Unknown is not no: what appears is learnt, what goes is lost, the rest goes by its points."""
    assert way_of(before, after, points) == way


@pytest.mark.parametrize(("days", "kinds", "way"), [(2, {"dataset", "provider", "portal"}, "came"),
                                                    (3, {"provider", "portal"}, "left")])  # fmt: skip
def test_every_stored_change_is_explained_to_the_point(tmp_path, days, kinds, way):
    """Days of answers, moves and withdrawals: what is stored for each subject adds up, and names who came and left."""
    db = lived(tmp_path / "db", OLD, EXAMPLE[:days])
    rows = list(db.query("SELECT * FROM explanation"))
    assert {row["subject_type"] for row in rows} == kinds
    for row in rows:
        parts = json.loads(row["parts"])
        assert sum(part["points"] for part in parts) == pytest.approx(row["point"] - row["point_before"], abs=1e-4)
        assert not any(part["way"] == "rubric" for part in parts)
    portal = next(row for row in rows if row["subject_type"] == "portal" and row["span"] == "last")
    assert way in {part["way"] for part in json.loads(portal["parts"])}
    db.conn.close()


def test_a_change_of_the_rubric_is_told_as_such(tmp_path):
    """The same answers under other weights: all of the change is the rubric's, none of it an answer's."""
    db = lived(tmp_path / "db", OLD, EXAMPLE[:1])
    at, told = FIRST + timedelta(days=1), EXAMPLE[0]["a"][0]
    with step(db, "score", lambda: at, {}) as run:
        scored = score_for(NEW, "a", "p", "p", inputs_for(NEW, own_answers("a", told), measures(told)))
        keep_scores(db, run.id, iso(at), NEW.profile, NEW.digest, {("dataset", "a", ""): scored.score})
        keep_explanations(db, run.id, iso(at), NEW)
    told = db.execute("SELECT parts FROM explanation WHERE subject = 'a' AND span = 'last'").fetchone()[0]
    assert [part["way"] for part in json.loads(told)] == ["rubric"]
    db.conn.close()
