"""Judgement over time: what several visits amount to, row by row of docs/availability.md."""

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harvester.clock import iso
from harvester.health import APART, REASONS, Probe, health_of, read_sign, spells, uptime
from harvester.records import Spell
from harvester.store.health import IN_ORDER, PROBES, bring_up_to_date, by_url, states_at
from harvester.store.workshop import connect
from publish.i18n import Translator, catalogue
from scoring.criteria import CRITERIA
from scoring.evidence import load
from scoring.facts import Case
from scoring.sentences.states import WHY, messages, say_state, state_name
from scoring.words import say

START = datetime(2026, 11, 1, tzinfo=UTC)


def at(hours):
    """The moment so many hours after the start, as stored."""
    return iso(START + timedelta(hours=hours))


def visits(*seen):
    """Probes of one address, a check each, from (hours, outcome) or (hours, outcome, more fields)."""
    return [
        Probe(number, number, 1, at(hours), outcome, **(more[0] if more else {}))
        for number, (hours, outcome, *more) in enumerate(seen, 1)
    ]


def told(*seen):
    """The spells of these visits, as (state, reason, hours since the start)."""
    return [(spell.state, spell.reason, hours(spell.since)) for spell in spells(visits(*seen))]


def hours(moment):
    return (datetime.fromisoformat(moment) - START) / timedelta(hours=1)


TWICE = [Probe(1, 1, 1, at(0), "timeout"), Probe(2, 1, 2, at(0.1), "server-error")]


@pytest.mark.parametrize(
    ("seen", "expected"),
    [
        ([(0, "ok")], [("up", "up", 0)]),
        ([(0, "ok"), (24, "gone")], [("up", "up", 0)]),
        ([(0, "ok"), (24, "gone"), (24.5, "gone")], [("up", "up", 0)]),
        ([(0, "ok"), (24, "gone"), (25, "timeout")], [("up", "up", 0), ("down", "timeout", 24)]),
        ([(0, "ok"), (24, "gone"), (24.5, "gone"), (24.75, "gone")], [("up", "up", 0), ("down", "gone", 24)]),
        ([(0, "ok"), (24, "timeout"), (25, "ok"), (26, "timeout")], [("up", "up", 0)]),
        ([(0, "ok"), (24, "timeout"), (25, "throttled"), (26, "timeout")], [("up", "up", 0), ("down", "timeout", 24)]),
        ([(0, "gone")], [("down", "gone", 0)]),
        ([(0, "timeout")], [("unknown", "unconfirmed", 0)]),
        ([(0, "timeout"), (1, "unreachable")], [("down", "unreachable", 0)]),
        ([(0, "timeout"), (1, "ok")], [("unknown", "unconfirmed", 0), ("up", "up", 1)]),
        ([(0, "gone"), (24, "ok")], [("down", "gone", 0), ("degraded", "recovering", 24)]),
        ([(0, "gone"), (24, "ok"), (24.5, "ok")], [("down", "gone", 0), ("degraded", "recovering", 24)]),
        ([(0, "gone"), (24, "ok"), (25, "ok")],
         [("down", "gone", 0), ("degraded", "recovering", 24), ("up", "up", 25)]),
        (
            [(0, "gone"), (24, "ok"), (25, "gone"), (26, "ok"), (26.5, "ok")],
            [("down", "gone", 0), ("degraded", "recovering", 24)],
        ),
        ([(0, "gone"), (24, "ok"), (25, "gone"), (26, "gone")],
         [("down", "gone", 0), ("degraded", "recovering", 24), ("down", "gone", 25)]),
        ([(0, "ok"), (24, "timeout"), (25, "ok"), (48, "timeout"), (49, "ok")],
         [("up", "up", 0), ("degraded", "flapping", 49)]),
        ([(0, "ok"), (1, "timeout"), (2, "ok"), (3, "timeout"), *((day * 24, "ok") for day in range(1, 10))],
         [("up", "up", 0), ("degraded", "flapping", 24), ("up", "up", 8 * 24)]),
        ([(0, "blocked")], [("blocked", "blocked", 0)]),
        ([(0, "ok"), (24, "blocked")], [("up", "up", 0)]),
        ([(0, "ok"), (24, "blocked"), (48, "blocked")], [("up", "up", 0), ("blocked", "blocked", 24)]),
        ([(0, "blocked"), (24, "ok")], [("blocked", "blocked", 0), ("up", "up", 24)]),
        ([(0, "ok"), (24, "gone"), (25, "blocked"), (26, "gone"), (27, "blocked")],
         [("up", "up", 0), ("down", "gone", 24)]),
        ([(0, "needs-parameters")], [("needs-parameters", "needs-parameters", 0)]),
        ([(0, "ok"), (24, "needs-parameters"), (25, "needs-parameters")],
         [("up", "up", 0), ("needs-parameters", "needs-parameters", 24)]),
        ([(0, "ok"), (24, "not-asked"), (48, "ok")],
         [("up", "up", 0), ("not-asked", "not-asked", 24), ("up", "up", 48)]),
        ([(0, "ok"), (24, "not-asked"), (48, "gone")],
         [("up", "up", 0), ("not-asked", "not-asked", 24), ("unknown", "unconfirmed", 48)]),
        ([(0, "throttled"), (1, "not-public")], [("unknown", "not-public", 0)]),
        ([(0, "throttled"), (1, "ok"), (2, "throttled")], [("unknown", "throttled", 0), ("up", "up", 1)]),
        ([(0, "ok"), (24, "throttled"), (48, "not-public")], [("up", "up", 0)]),
    ],
)  # fmt: skip
def test_visits_amount_to_the_states_of_the_table(seen, expected):
    """Each row of the table of states, with its beginnings and what does not begin it."""
    assert told(*seen) == expected


def test_a_first_check_that_asked_twice_and_failed_twice_is_down_at_once_but_only_where_nothing_was_known():
    """The attempts of one check confirm each other for an address never seen to work, not for one that worked."""
    assert [(spell.state, spell.proof) for spell in spells(TWICE)] == [("down", (1, 2))]
    before = Probe(3, 0, 1, at(-24), "ok")
    assert [spell.state for spell in spells([before, *TWICE])] == ["up"]
    late = replace(TWICE[1], started=at(1))
    assert [spell.state for spell in spells([before, TWICE[0], late])] == ["up", "down"]


def test_the_last_attempt_counts():
    """An ok after a failed attempt of the same check is a good check, and nothing failed."""
    good = replace(TWICE[1], outcome="ok")
    assert [(spell.state, spell.visits, spell.proof) for spell in spells([TWICE[0], good])] == [("up", 2, (2,))]
    assert not health_of([TWICE[0], good]).waiting


def test_slow_is_the_median_of_five_good_answers():
    """Five answers with a median over ten seconds are slow; one slow answer among quick ones is not."""
    slow = [(day, "ok", {"milliseconds": 12_000}) for day in range(0, 120, 24)]
    assert told(*slow) == [("up", "up", 0), ("degraded", "slow", 96)]
    assert told(*slow[:2], *((day, "ok", {"milliseconds": 90}) for day in (48, 72, 96))) == [("up", "up", 0)]


@pytest.mark.parametrize(
    ("nature", "html", "expected"),
    [
        ("data", False, ("up", "up")), ("page", True, ("up", "up")), ("shell", True, ("up", "up")),
        (None, False, ("up", "up")), ("error", True, ("down", "error-page")), ("error", False, ("down", "error-body")),
        ("login", True, ("down", "login-page")), ("empty", False, ("down", "empty")),
        ("challenge", True, ("blocked", "blocked")),
    ],
)  # fmt: skip
def test_a_status_of_200_is_not_enough(nature, html, expected):
    """A login, an error or nothing in place of the data is bad, a challenge is a wall, whatever the status."""
    (spell,) = spells([Probe(1, 1, 1, at(0), "ok", 200, nature, html=html)])
    assert (spell.state, spell.reason) == expected


def test_a_key_and_a_price_are_walls():
    """401 and 402 ask for something, which is neither down nor the robots' trouble."""
    assert read_sign(Probe(1, 1, 1, at(0), "blocked", 401)) == ("wall", "key-required")
    assert read_sign(Probe(1, 1, 1, at(0), "client-error", 402)) == ("wall", "payment-required")


def test_the_planner_is_told_how_long_it_is_bad_and_what_waits():
    """Bad checks in a row, the doubt that waits for a second look, and the last good visit."""
    seen = [(0, "ok"), (24, "gone"), (25, "throttled"), (26, "gone"), (32, "timeout"), (56, "blocked")]
    health = [health_of(visits(*seen[:count])) for count in range(len(seen) + 1)]
    assert [each.state for each in health] == ["unknown", "up", "up", "up", "down", "down", "down"]
    assert [each.bad_in_a_row for each in health] == [0, 0, 1, 1, 2, 3, 0]
    assert [each.waiting for each in health] == [False, False, True, True, False, False, True]
    assert (health[0].reason, health[0].last) == ("not-visited", None)
    assert (health[-1].last, health[-1].last_good, health[-1].since) == (at(56), at(0), at(24))


def test_uptime_is_time_up_in_the_time_that_counts():
    """Time blocked or unknown counts neither way; where there was no other, there is no uptime."""
    seen = spells(visits((0, "ok"), (6, "gone"), (8, "gone"), (10, "ok"), (11, "not-asked")))
    assert uptime(seen, at(0), at(20)) == pytest.approx(7 / 11)
    assert uptime(seen, at(7), at(9)) == 0.0
    assert uptime(seen, at(12), at(20)) is None


OUTCOMES = st.sampled_from(sorted(REASONS))
CHECKS = st.lists(
    st.tuples(st.integers(2, 6000), st.lists(OUTCOMES, min_size=1, max_size=2), st.integers(0, 30_000)), max_size=40
)
"""Minutes since the check before, its attempts' outcomes (a minute apart), and how long its answers took."""


def probes_of(checks):
    found, minutes = [], 0
    for run, (pause, attempts, took) in enumerate(checks, 1):
        minutes += pause
        for attempt, outcome in enumerate(attempts, 1):
            started = at((minutes + attempt - 1) / 60)
            found.append(Probe(len(found) + 1, run, attempt, started, outcome, milliseconds=took))
    return found


@given(CHECKS)
def test_spells_tile_the_time_and_count_every_visit(checks):
    """No gap, no overlap, no spell without time, neighbours unlike, each visit in one; uptime is a share."""
    probes = probes_of(checks)
    found = spells(probes)
    assert bool(found) == bool(probes)
    for spell, later in pairwise(found):
        assert spell.until == later.since > spell.since
        assert spell.state != later.state
    assert sum(spell.visits for spell in found) == len(probes)
    ids = {probe.id for probe in probes}
    assert all(0 < len(spell.proof) <= 5 and set(spell.proof) <= ids for spell in found)
    if found:
        assert found[-1].until is None
        share = uptime(found, probes[0].started, at(10_000))
        assert share is None or 0 <= share <= 1


@given(CHECKS, st.randoms())
def test_the_order_of_reading_does_not_matter(checks, random):
    """Visits come with their times and attempts; how a database hands them out changes nothing."""
    probes = probes_of(checks)
    shuffled = random.sample(probes, len(probes))
    assert spells(shuffled) == spells(probes)
    assert health_of(shuffled) == health_of(probes)


@given(CHECKS, st.integers(0, 40))
def test_a_spell_that_has_ended_stays_as_it_is(checks, cut):
    """What later checks see changes no spell that had ended before them."""
    before, after = spells(probes_of(checks[:cut])), spells(probes_of(checks))
    ended = before[:-1]
    assert after[: len(ended)] == ended


@given(CHECKS, OUTCOMES)
def test_no_single_check_takes_an_address_that_was_good_down(checks, outcome):
    """After a good check, one check that fails leaves the state as it was, unless robots.txt forbids the next."""
    good = [*checks, (60, ["ok"], 10)]
    now = health_of(probes_of(good))
    then = health_of(probes_of([*good, (5000, [outcome, outcome], 10)]))
    if read_sign(Probe(1, 1, 1, at(0), outcome))[0] not in ("good", "not-asked"):
        assert (then.state, then.since) == (now.state, now.since)


@given(CHECKS)
def test_a_wall_is_never_down(checks):
    """Where no visit was bad, nothing is ever down, however often robots were refused."""
    walls = [
        (pause, ["blocked" if REASONS[one][0] == "bad" else one for one in many], ms) for pause, many, ms in checks
    ]
    assert "down" not in {spell.state for spell in spells(probes_of(walls))}


@given(CHECKS)
def test_down_is_proved_by_bad_visits_that_confirm_each_other(checks):
    """A spell down names bad visits alone, and two far enough apart where the address had ever worked."""
    probes = {probe.id: probe for probe in probes_of(checks)}
    last = {probe.run: probe for probe in probes.values()}
    worked = min((probe.started for probe in last.values() if probe.outcome == "ok"), default=at(10_000))
    for spell in spells(probes.values()):
        if spell.state == "down":
            proof = [probes[number] for number in spell.proof]
            assert {read_sign(probe)[0] for probe in proof} == {"bad"}
            moments = [datetime.fromisoformat(probe.started) for probe in proof]
            assert spell.since < worked or max(moments) - min(moments) >= APART


@pytest.fixture
def db(tmp_path):
    """A workshop with three addresses behind one dataset, and three checks: ok; bad for 2; bad again for 2, 3 bad."""
    db = connect(tmp_path / "harvest.db", create=True)
    seen = {"first_seen": at(0), "last_seen": at(0), "languages": '["en"]'}
    db["provider"].insert({"slug": "p", "title_en": "P", "first_seen": at(0), "last_seen": at(0)})
    db["dataset"].insert({"name": "d", "provider": "p", "schedule": "unknown", **seen})
    for number in (1, 2, 3):
        db["url"].insert({"id": number, "url": f"https://a.example/{number}", "host": "a.example", "first_seen": at(0)})
        db["resource"].insert({
            "shared_id": f"r{number}", "dataset": "d", "position": number, "format": "CSV", "kind": "file",
            "url": number, **seen,
        })  # fmt: skip
    outcomes = {1: ("ok", "ok", "ok"), 2: ("ok", "gone", "gone"), 3: ("ok", "ok", "timeout")}
    for run in (1, 2, 3):
        db["run"].insert({"id": run, "kind": "check", "started": at(run * 24), "state": "done", "code_version": "1"})
        for url, came in outcomes.items():
            keep(db, url, run, at(run * 24), came[run - 1])
    yield db
    db.conn.close()


def keep(db, url, run, started, outcome, **more):
    """Store one visit and, where data came, its content."""
    digest = more.pop("sha256", f"body{url}") if outcome == "ok" else None
    if digest:
        nature = more.pop("content", "data")
        db["content"].insert(
            {"sha256": digest, "bytes": 9, "complete": 1, "format": "csv", "nature": nature, "ladder": "table",
             "first_seen": started}, ignore=True)  # fmt: skip
    db["visit"].insert({
        "url": url, "run": run, "attempt": 1, "started": started, "outcome": outcome, "sha256": digest,
        "status": {"ok": 200, "gone": 404}.get(outcome), **more,
    })  # fmt: skip


def healths(db):
    """How every address stands by all of its visits: what must come out however little is read."""
    return {url: health_of(probes) for url, probes in by_url(db.execute(PROBES + IN_ORDER))}


def stored(db):
    return [tuple(row) for row in db.execute("SELECT url, state, reason, since, until, visits, proof FROM spell")]


def test_the_table_is_kept_equal_to_all_visits_old_ones_too(db):
    """The first call fills a workshop from all its visits, the next writes nothing, and one more visit its own rows."""
    changes = bring_up_to_date(db)
    assert {(each.url_id, each.before, each.after.state) for each in changes} == {
        (1, None, "up"), (2, None, "down"), (3, None, "up"),
    }  # fmt: skip
    assert stored(db) == [
        (1, "up", "up", at(24), None, 3, "[1, 4, 7]"),
        (2, "up", "up", at(24), at(48), 1, "[2]"),
        (2, "down", "gone", at(48), None, 2, "[5, 8]"),
        (3, "up", "up", at(24), None, 3, "[3, 6]"),
    ]
    written = db.conn.total_changes
    assert bring_up_to_date(db) == ()
    assert db.conn.total_changes == written
    db["run"].insert({"id": 4, "kind": "check", "started": at(96), "state": "done", "code_version": "1"})
    keep(db, 3, 4, at(96), "gone")
    (change,) = bring_up_to_date(db)
    assert (change.url, change.before.state, change.after.state) == ("https://a.example/3", "up", "down")
    assert healths(db)[3].bad_in_a_row == 2
    assert healths(db)[3].state == states_at(db, at(100))[3].state == "down"


def test_other_rules_tell_every_state_anew(db, monkeypatch):
    """Where the rules were changed, what they told is told anew from the visits, and then stands."""
    bring_up_to_date(db)
    before = stored(db)
    db.execute("UPDATE spell SET state = 'blocked', reason = 'blocked'")
    assert bring_up_to_date(db) == ()
    monkeypatch.setattr("harvester.store.health.RULES", 1000)
    assert len(bring_up_to_date(db)) == 3
    assert stored(db) == before
    assert bring_up_to_date(db) == ()


def test_nothing_is_known_before_it_was_seen(db):
    """As of a moment an address is in the state that the visits up to it amount to, though more is known by now."""
    bring_up_to_date(db)
    assert [states_at(db, at(hour))[2].state for hour in (30, 50, 80)] == ["up", "up", "down"]
    assert states_at(db, at(50))[2] == Spell("up", "up", at(24), None, 2, (2,))


def judged(db, hour=100):
    (facts,) = load(db, START + timedelta(hours=hour))
    return {each.resource.shared_id: each for each in facts.resources}


def test_a_failed_visit_leaves_an_address_that_is_up_its_content(db):
    """The look of an address up by its state is of its newest good visit, with that visit's body and number."""
    looks = {name: each.look for name, each in judged(db).items()}
    assert [visit.outcome for visit in looks["r3"].visits] == ["timeout", "ok"]
    assert looks["r3"].visit_ids == (9, 6)
    assert looks["r3"].arrived().started == at(48)
    assert looks["r3"].content.sha256 == "body3"
    assert looks["r3"].failed_since().outcome == "timeout"
    assert looks["r2"].arrived() is None
    assert looks["r2"].shown.started == at(72)
    assert (looks["r2"].state.proof, looks["r2"].last_ok) == ((5, 8), at(24))


def test_a_visit_that_brought_no_body_is_judged_by_the_last_whole_one(db):
    """A 304 and a look at the start carry no body: content and headers are those of the visit that brought it whole."""
    db["run"].insert({"id": 4, "kind": "check", "started": at(96), "state": "done", "code_version": "1"})
    keep(db, 1, 4, at(96), "ok", status=304, asked="changed")
    keep(db, 2, 4, at(96), "ok", sha256=None, status=206, asked="part", nature="data")
    looks = {name: each.look for name, each in judged(db).items()}
    assert [looks[name].content.sha256 for name in ("r1", "r2")] == ["body1", "body2"]
    assert [looks[name].body.started for name in ("r1", "r2")] == [at(72), at(24)]
    assert [looks[name].arrived().started for name in ("r1", "r2")] == [at(96), at(96)]
    assert [looks[name].known_by().started for name in ("r1", "r2")] == [at(96), at(24)]
    assert looks["r2"].state.reason == "recovering"


def test_a_login_page_once_is_not_what_the_address_holds(db):
    """One check that met a login page changes neither the content judged nor the day its body last changed."""
    db["run"].insert({"id": 4, "kind": "check", "started": at(96), "state": "done", "code_version": "1"})
    keep(db, 1, 4, at(96), "ok", sha256="login", content="login")
    look = judged(db)["r1"].look
    assert (look.content.sha256, look.bodies, look.last_ok) == ("body1", (at(24),), at(72))
    assert look.failed_since().nature == "login"


def test_every_state_is_told_in_three_languages():
    """Each reason a visit can give has its sentence, and each sentence its translations, never mixed."""
    given_reasons = {reason for _, reason in REASONS.values()}
    assert given_reasons | {"flapping", "recovering", "slow", "unconfirmed", "not-visited"} <= set(WHY)
    for language in ("tc", "sc"):
        assert set(messages()) <= set(catalogue(language))
    down = Spell("down", "gone", "2026-11-22T20:30:00Z", None, 3, (1, 2, 3))
    assert say_state(down) == (
        "Nothing found at this address (HTTP status 404 or 410). Since 2026-11-23 04:30; visits: 3."
    )
    tr = Translator("tc")
    assert say_state(down, tr, tr.moment).endswith("自 2026年11月23日 04:30 起，共檢測 3 次。")
    ended = replace(down, until="2026-11-23T20:30:00Z")
    assert "2026-11-24 04:30" in say_state(ended)
    assert state_name("degraded", "flapping", Translator("sc")) == "时好时坏"
    assert json.dumps([state_name("degraded", "slow"), state_name("up", "up")]) == '["Slow", "Works"]'


ASKED_AGAIN = {
    "up": ((), 1.0, "up"),
    "failed once": ((("gone", 96),), 1.0, "up-once-failed"),
    "throttled once": ((("throttled", 96),), 1.0, "up"),
    "down": ((("gone", 96), ("timeout", 97)), 0.0, "timeout"),
    "down and then throttled": ((("gone", 96), ("gone", 97), ("throttled", 98)), 0.0, "gone"),
    "back": ((("gone", 96), ("gone", 97), ("ok", 98)), 1.0, "recovering"),
    "now and then": ((("gone", 96), ("ok", 97), ("gone", 98), ("ok", 99)), 0.5, "flapping"),
    "refused": ((("blocked", 96), ("blocked", 97)), None, "blocked"),
    "kept away": ((("not-asked", 96),), None, "not-asked"),
}


@pytest.mark.parametrize("name", ASKED_AGAIN)
def test_available_is_answered_by_the_state_and_proved_by_its_visits(db, name):
    """Each state has its value and reason, the visits that prove it, and a sentence without a hole in it."""
    came, value, reason = ASKED_AGAIN[name]
    for run, (outcome, hour) in enumerate(came, 4):
        db["run"].insert({"id": run, "kind": "check", "started": at(hour), "state": "done", "code_version": "1"})
        keep(db, 1, run, at(hour), outcome)
    (dataset,) = load(db, START + timedelta(hours=200))
    facts = dataset.resources[0]
    answer = CRITERIA["online"].answer(facts, Case(dataset, START + timedelta(hours=200)))
    assert (answer.value, answer.reason) == (value, reason)
    assert set(facts.look.state.proof) <= set(answer.visits)
    assert set(answer.visits) <= {row[0] for row in db.execute("SELECT id FROM visit WHERE url = 1")}
    evidence, _mend = say("online", answer.reason, answer.facts)
    assert " - " not in evidence
    assert "{" not in evidence
    judged_too = CRITERIA["format"].answer(facts, Case(dataset, START)).value is not None
    assert judged_too == (value in (0.5, 1.0))


def test_once_failed_says_on_which_day_and_down_says_since_when(db):
    """The sentence of an address that is up gives the day of the failure, that of one down how long it has been so."""
    db["run"].insert({"id": 4, "kind": "check", "started": at(120), "state": "done", "code_version": "1"})
    keep(db, 2, 4, at(120), "gone")
    (dataset,) = load(db, START + timedelta(hours=200))
    answers = [CRITERIA["online"].answer(facts, Case(dataset, START)) for facts in dataset.resources]
    sentences = [say("online", answer.reason, answer.facts)[0] for answer in answers]
    assert sentences[1] == (
        "Not found at this address on 2026-11-06 (HTTP status 404). It has been so since 2026-11-03, in 3 visits. "
        "It last worked on 2026-11-02."
    )
    assert "One visit failed on 2026-11-04" in sentences[2]
    assert answers[2].visits == (3, 6, 9)
