"""What the brief asks: each figure worked out by hand, its bounds held for any datasets, and its rows kept once."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harvester.clock import iso
from harvester.records import Trilingual
from harvester.store.workshop import connect
from scoring.ask_facts import (
    Delay,
    Sight,
    contact_of,
    delay_of,
    domains_above,
    mails_of,
    used_of,
    with_domains,
    working_days,
)
from scoring.ask_store import keep_asks
from scoring.asks import (
    Group,
    ask_all,
    band,
    both,
    days_late,
    feedback,
    growth,
    officer,
    readable_whole,
    severity,
    usage,
)
from scoring.facts import DatasetFacts, Look, ResourceFacts
from scoring.rubric import Band, load_rubric
from scoring.score import Score
from tests.test_criteria import DATASET, RESOURCE, TABLE, VISIT

SIGHT = Sight(
    "d", "p", 1.0, 1.0, Delay("in-time", 0), 10, 80.0, 0.9, "works", "Data team", ("a@hko.gov.hk",), ("hko.gov.hk",)
)
AS_OF = datetime(2026, 11, 23, 4, tzinfo=UTC)  # a Monday
BANDS = tuple(Band(least, Trilingual(name, name, name)) for least, name in ((90, "a"), (75, "b"), (60, "c"), (0, "d")))
RUBRIC = replace(load_rubric(), bands=BANDS)

VALUE = st.sampled_from((None, 0.0, 0.5, 1.0))
SIGHTS = st.builds(
    replace, st.just(SIGHT), readable=VALUE, whole=VALUE, grade=st.sampled_from((None, 0, 3, 6, 8, 10)),
    delay=st.builds(Delay, st.sampled_from(("in-time", "delivered", "waiting")), st.integers(0, 400))
    | st.sampled_from((Delay("undated"), Delay("live"), Delay("unscheduled"))),
    contact=st.sampled_from(("works", "unseen", "telephone", "malformed", "none")), used=st.none() | st.integers(0, 99),
    officer=st.sampled_from(("", "Data team")),
)  # fmt: skip


def group(*sights, score=None, **more):
    return Group(sights, score, **more)


def test_readable_and_whole_are_both_asked():
    """Yes and yes 1; partly is no; unknown beside a yes is unknown: 1 of 3 known is a third, between 1/4 and 2/4."""
    told = readable_whole(group(SIGHT, replace(SIGHT, readable=0.5), replace(SIGHT, whole=0.0, readable=None),
                                replace(SIGHT, readable=None)))  # fmt: skip
    assert (told.value, told.low, told.high, told.known) == (0.3333, 0.25, 0.5, 0.75)
    assert both(None, 0.0) == 0.0


@pytest.mark.parametrize(
    ("start", "end", "days"),
    [("2026-11-20", "2026-11-23", 1), ("2026-11-23", "2026-12-07", 10), ("2026-11-21", "2026-11-22", 0),
     ("2026-11-23", "2026-11-20", 0), ("2026-11-19", "2026-11-25", 4)],
)  # fmt: skip
def test_working_days_leave_out_weekends(start, end, days):
    """Friday to Monday is one, two weeks are ten, a weekend and the past are none."""
    moments = [datetime.fromisoformat(f"{text}T04:00:00+00:00") for text in (start, end)]
    assert working_days(*moments) == days


def facts(*bodies, seen="2026-11-23T03:00:00Z", latest=None, period=7.0, schedule="periodic"):
    profile = replace(TABLE.profile, latest=latest)
    look = Look((replace(VISIT, started=seen, last_modified=None),), (1,), replace(TABLE, profile=profile), bodies)
    return DatasetFacts(replace(DATASET, schedule=schedule, period_days=period), (ResourceFacts(RESOURCE, look),))


@pytest.mark.parametrize(
    ("case", "delay"),
    [
        (facts(latest="2026-11-20"), Delay("in-time", 0)),
        (facts(latest="2026-10-30"), Delay("waiting", 11)),
        (facts("2026-10-01T00:00:00Z", "2026-11-02T00:00:00Z", "2026-11-20T00:00:00Z"), Delay("delivered", 9)),
        (facts("2026-10-01T00:00:00Z", "2026-11-20T00:00:00Z"), Delay("in-time", 0)),
        (facts(), Delay("undated")),
        (facts(period=0.04, schedule="real-time"), Delay("live")),
        (facts(period=None, schedule="as-needed"), Delay("unscheduled")),
    ],
)
def test_delays_are_told_from_real_changes(case, delay):
    """A weekly dataset that changed this week, weeks ago, twice, once, never; and two without a due day.

    Weeks ago: due on Saturday 7, so 9 to 13, 16 to 20 and 23 November are 11 days. Twice: due on 9, come on the 20th.
    """
    assert delay_of(case, AS_OF) == delay


def test_days_late_knows_seven_working_days():
    """0 and 7 are in time, 8 is late, one awaited for 3 days may still be either, an undated one is unknown: 2 of 3."""
    delays = [Delay("in-time", 0), Delay("delivered", 7), Delay("waiting", 8), Delay("waiting", 3)]
    delays += [Delay("undated"), Delay("live")]
    told = days_late(group(*(replace(SIGHT, delay=delay) for delay in delays)))
    assert (told.value, told.low, told.high, told.n, told.known) == (0.6667, 0.4, 0.8, 5, 0.6)
    assert told.parts["buckets"] == {"0": 1, "1-7": 2, "8-30": 1, "31-90": 0, "91-": 0}
    assert (told.parts["median"], told.parts["longest"]) == (5, 8)


def test_severity_is_ten_where_there_is_nothing_to_do():
    """(0 + 6 + 10) / 3 = 5.3333; one ungraded makes it 4 to 6.5."""
    told = severity(group(*(replace(SIGHT, grade=grade) for grade in (0, 6, 10, None)), open=5, overdue=2))
    assert (told.value, told.low, told.high) == (5.3333, 4.0, 6.5)
    assert told.parts == {"grades": {"0": 1, "3": 0, "6": 1, "8": 0, "10": 1}, "open": 5, "overdue": 2}


def test_a_band_is_withheld_below_sixty_percent_known():
    """80 is the second band, 40 the last; one known to half has none, and the group's own is by its score."""
    told = band(
        group(SIGHT, replace(SIGHT, point=40.0), replace(SIGHT, known=0.5), score=Score(60.0, 50.0, 70.0, 0.8)), RUBRIC
    )
    assert told.parts["bands"] == {"0": 0, "1": 1, "2": 0, "3": 1}
    assert (told.parts["withheld"], told.parts["band"], told.parts["titles"][2]["en"]) == (1, 2, "c")


def test_contacts_work_only_as_far_as_was_seen():
    """Works 1, telephone 1/2, malformed and none 0, a domain never seen unknown: 1.5 / 4, between 1.5/5 and 2.5/5."""
    states = ("works", "telephone", "malformed", "none", "unseen")
    told = feedback(group(*(replace(SIGHT, contact=state) for state in states)))
    assert (told.value, told.low, told.high) == (0.375, 0.3, 0.5)
    assert officer(group(replace(SIGHT, officer=""))).value == 0.0


@pytest.mark.parametrize(
    ("mail", "phone", "state", "domains"),
    [("a@HKO.gov.hk", None, "unseen", ("hko.gov.hk",)), ("A <a@x.hk>; b@y.hk", None, "unseen", ("x.hk", "y.hk")),
     ("a at b.hk", "2926 8200", "malformed", ()), ("javascript:alert(1)", None, "malformed", ()),
     ("", "2926 8200", "telephone", ()), (None, None, "none", ())],
)  # fmt: skip
def test_mail_addresses_are_read_and_not_believed(mail, phone, state, domains):
    """Well formed is a name, an at sign and a domain; whatever else stands there is malformed."""
    record = replace(DATASET, maintainer_email=mail, maintainer_phone=phone)
    assert contact_of(record) == state
    assert mails_of(record)[1] == domains


def test_a_domain_answers_where_a_host_in_it_does():
    """www.hko.gov.hk answers for hko.gov.hk, and nobody for gov.hk."""
    answered = domains_above(["www.hko.gov.hk:443", "data.example.org"])
    seen = replace(SIGHT, contact="unseen")
    assert with_domains(seen, answered).contact == "works"
    assert with_domains(replace(seen, domains=("gov.hk",)), answered).contact == "unseen"
    assert with_domains(replace(SIGHT, contact="malformed"), answered).contact == "malformed"


@pytest.mark.parametrize(
    ("extras", "count"),
    [("{}", None), ('{"en": {"view_count": "12"}, "tc": {"views": "14"}}', 14), ('{"en": {"views": "many"}}', None),
     ('{"en": {"Downloads": 3}}', 3)],
)  # fmt: skip
def test_usage_is_what_the_records_count(extras, count):
    """Where no record carries a counter the portal publishes none, and nought is not made of it."""
    assert used_of(extras) == count
    told = usage(group(replace(SIGHT, used=count)))
    assert (told.value, told.parts["published"]) == (count, count is not None)


def test_growth_keeps_what_is_claimed_apart_from_what_was_seen():
    """Made in 2019 and seen from November 2026 on; one withdrawn in December counts as seen until then only."""
    lives = (("2019-01-01T00:00:00", "2026-11-20T00:00:00Z", None), (None, "2026-11-21T00:00:00Z", None),
             ("2018-01-01", "2026-11-20T00:00:00Z", "2026-12-02T00:00:00Z"))  # fmt: skip
    told = growth(group(SIGHT, lives=lives, today=date(2026, 12, 31)))
    months = {month: rest for month, *rest in told.parts["months"]}
    assert (told.value, told.known) == (2.0, 0.5)
    assert next(iter(months)) == "2018-09"
    assert [months[name] for name in ("2018-12", "2019-01", "2026-11", "2026-12")] == [
        [0, None],
        [1, None],
        [1, 3],
        [1, 2],
    ]


@given(st.lists(SIGHTS, max_size=8), st.randoms())
def test_every_ask_lies_within_its_bounds_and_order_does_not_matter(sights, chance):
    """Whatever the datasets: low <= value <= high, known within 0 to 1, and the same figures in any order."""
    told = ask_all(group(*sights, today=AS_OF.date()), RUBRIC)
    for ask in told:
        assert 0 <= ask.known <= 1
        if ask.value is not None and ask.low is not None:
            assert ask.low - 1e-4 <= ask.value <= ask.high + 1e-4
    chance.shuffle(sights)
    assert ask_all(group(*sights, today=AS_OF.date()), RUBRIC) == told


@given(st.lists(SIGHTS, min_size=1, max_size=6), st.sampled_from(("readable", "whole")))
def test_forgetting_never_moves_low_up_or_high_down(sights, what):
    """Unknown is not no: what is not known any more only widens the bounds."""
    knows, forgot = (
        readable_whole(group(*each)) for each in (sights, [replace(sights[0], **{what: None}), *sights[1:]])
    )
    assert forgot.low <= knows.low
    assert forgot.high >= knows.high


def test_asks_are_kept_as_scores_are(tmp_path):
    """The same figures add no row; another figure ends the old row; a provider without datasets ends all of its."""
    db = connect(tmp_path / "harvest.db", create=True)
    db["run"].insert({"id": 1, "kind": "score", "started": iso(AS_OF), "state": "done", "code_version": "1"})
    scores = {("portal", ""): Score(80.0, 70.0, 90.0, 0.9), ("provider", "p"): Score(80.0, 70.0, 90.0, 0.9)}
    first = keep_asks(db, 1, AS_OF, RUBRIC, [SIGHT], scores)
    assert first == 20
    assert keep_asks(db, 1, AS_OF + timedelta(hours=1), RUBRIC, [SIGHT], scores) == 0
    later = AS_OF + timedelta(days=1)
    assert keep_asks(db, 1, later, RUBRIC, [replace(SIGHT, readable=0.0, provider="q")], scores) > 0
    ended = db.execute("SELECT count(*), max(until) FROM ask WHERE subject = 'p' AND until IS NOT NULL").fetchone()
    assert ended == (10, iso(later))
    assert db.execute(
        "SELECT value FROM ask WHERE subject = '' AND ask = 'readable-whole' AND until IS NULL"
    ).fetchone() == (0.0,)
    db.conn.close()
