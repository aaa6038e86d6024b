"""A simulated week of links that fail, refuse, change and come back: what barometer says of them, and its manners."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bench.week import Result, measure, report
from bench.week_judge import Seen, judge, manners, most_for_unchanged, untold

PORTAL = "data.sample.test"


@pytest.fixture(scope="module")
def week(tmp_path_factory) -> Result:
    """The whole week, once."""
    return measure(tmp_path_factory.mktemp("week"))


@pytest.mark.slow
def test_every_state_is_found_and_none_invented(week, capsys):
    """Over a week each planted state is told, with its reason and in its time, and no other of any link."""
    code = report(week, "all")
    told = capsys.readouterr().out
    assert code == 0, told
    assert "recall=1.000 precision=1.000" in told.splitlines()[-1]
    assert sum(tally.planted for tally in week.tallies.values()) >= 40
    assert sum(tally.lookalikes for tally in week.tallies.values()) >= 60
    for kind, tally in week.tallies.items():
        assert max(tally.planted, tally.lookalikes) >= 3, kind


@pytest.mark.slow
def test_our_manners_hold_by_the_servers_own_log(week):
    """No host got two requests too close or at once, each pause was kept, what had not changed was asked for once."""
    assert week.requests_unchanged_max == 1
    assert (week.manners.rate_exceeded, week.manners.retry_after_broken) == (0, 0)
    assert week.manners.pairs >= 200
    assert week.manners.pauses >= 10
    assert week.untold == []


def link(**changes) -> dict:
    """A link that is down from the third day on, as the truth list has it."""
    at = [("2026-11-22T00:00:00Z", "up", None), ("2026-11-26T00:00:00Z", "down", "gone")]
    states = [{"at": moment, "state": state, "reason": reason} for moment, state, reason in at]
    plain = {"kind": "gone", "harmless": False, "resource": "r", "url": "https://a.sample.test/f?x=1", "why": "gone"}
    counts = dict.fromkeys(("bodies", "stamps", "whole", "parts", "requests", "failed"))
    return {**plain, **counts, "states": states, "path": ["up", "down"], "unchanged": True, **changes}


UP = ("up", "up", "2026-11-20T00:00:00Z", "2026-11-23T00:00:00Z")
DOWN = ("down", "gone", "2026-11-23T00:00:00Z", None)
STEADY = ("up", "up", "2026-11-20T00:00:00Z", None)
BLOCKED = ("blocked", "blocked", "2026-11-23T00:00:00Z", "2026-11-24T00:00:00Z")


def asked(at: float, host: str = "a.sample.test", **changes) -> dict:
    """One line of a server's log."""
    line = {"at": at, "host": host, "target": "/f?x=1", "status": 200, "retry_after": None, "under_way": 1, "now": "1"}
    return {**line, **changes}


@pytest.mark.parametrize(
    ("spells", "found", "invented"),
    [
        ((UP, DOWN), 1, 0),
        ((), 0, 0),
        ((STEADY,), 0, 0),
        ((UP, ("down", "timeout", *DOWN[2:])), 0, 0),
        ((UP, BLOCKED, ("down", "gone", "2026-11-24T00:00:00Z", None)), 0, 1),
        ((UP, ("down", "gone", UP[3], "2026-11-24T00:00:00Z"), ("up", *STEADY[1:]), DOWN), 0, 0),
    ],
)
def test_a_plant_is_found_by_state_reason_and_time(spells, found, invented):
    """The right states in their time are found; another state, reason or time is missed, a foreign state invented."""
    tally = judge([link()], {"r": Seen(spells)}, [])["gone"]
    assert (tally.planted, tally.found, tally.invented) == (1, found, invented)
    assert bool(tally.notes) == (found == 0 or invented > 0)


def test_whatever_is_said_of_a_look_alike_is_invented():
    """A harmless link that is called down, or not told at all, counts as invented, and only once."""
    harmless = link(harmless=True, path=["up"], states=link()["states"][:1])
    for spells, invented in (((STEADY,), 0), ((UP, DOWN), 1), ((), 1), ((BLOCKED, DOWN), 1)):
        assert judge([harmless], {"r": Seen(spells)}, [])["gone"].invented == invented


def test_what_was_seen_and_sent_is_counted():
    """Bodies and dates seen, answers sent and failures met are held to their bounds, by that address in the log."""
    log = [asked(1), asked(2, status=304), asked(3, status=None), asked(4, target="/other"), asked(5, host="b")]
    right = {"bodies": (1, 1), "stamps": (2, 9), "whole": (1, 1), "requests": (3, 3), "failed": (1, 1), "parts": (0, 0)}
    seen = {"r": Seen((UP, DOWN), bodies=1, stamps=2)}
    assert judge([link(**right)], seen, log)["gone"].found == 1
    for name in right:
        assert judge([link(**{**right, name: (7, 8)})], seen, log)["gone"].found == 0, name


def test_a_second_request_for_what_has_not_changed_is_seen():
    """Requests for an unchanged link count by the moment of the portal's clock; those for other links do not."""
    log = [asked(1), asked(2, now="2"), asked(3, now="2"), *(asked(at, target="/other") for at in range(4))]
    assert most_for_unchanged([link()], log) == 2
    assert most_for_unchanged([link(unchanged=False)], log) == 0


@given(st.lists(st.floats(0.05, 3), min_size=1, max_size=30), st.floats(0, 0.049), st.integers(0, 29))
def test_no_gap_that_is_too_short_goes_unseen(gaps, short, where):
    """Requests a pace apart are polite whatever the pauses between; one that comes earlier is told."""
    moments = [0.0]
    for gap in gaps:
        moments.append(moments[-1] + gap + 1e-6)
    log = [asked(at) for at in moments]
    assert manners(log, 0.05, PORTAL).rate_exceeded == 0
    early = [*log, asked(moments[where % len(moments)] + short)]
    assert manners(early, 0.05, PORTAL).rate_exceeded >= 1
    other = [*log, asked(moments[where % len(moments)] + short, host="b.sample.test")]
    assert manners(other, 0.05, PORTAL).rate_exceeded == 0


def test_two_at_once_and_broken_pauses_are_told():
    """A request while another is under way is rude, and so is one before the pause that its host asked for is over."""
    assert manners([asked(1), asked(2, under_way=2)], 0.05, PORTAL).rate_exceeded == 1
    for after, broken in ((2.9, 1), (3.1, 0)):
        told = manners([asked(1, retry_after="2"), asked(after), asked(after + 0.1)], 0.05, PORTAL)
        assert (told.pauses, told.retry_after_broken) == (1, broken)
    moved = [asked(1, retry_after="2"), asked(1.5, now="an hour later")]
    assert manners(moved, 0.05, PORTAL).retry_after_broken == 0


def test_books_that_differ_from_the_servers_are_told():
    """Each day (Hong Kong) and host with more or fewer requests in our books than in the log is named, and no other."""
    late, early = "2026-11-20T15:59:00Z", "2026-11-20T16:00:00Z"
    log = [asked(1, now=late), asked(2, now=early), asked(3, now=early, host="b")]
    books = {("2026-11-20", "a.sample.test"): 1, ("2026-11-21", "a.sample.test"): 1, ("2026-11-21", "b"): 1}
    assert untold(log, {**books, ("2026-11-21", "never-reached"): 1}) == []
    for key in books:
        assert len(untold(log, {**books, key: 2})) == 1
        assert len(untold(log, {other: 1 for other in books if other != key})) == 1
    assert len(untold(log, {**books, ("2026-11-22", "b"): 1})) == 1


def test_the_portal_is_held_to_the_pace_as_a_whole():
    """Threads that take turns may jitter by a request or two; a stream at twice the pace is told."""
    jittery = [asked(nth * 0.05 - (0.04 if nth % 2 else 0), PORTAL) for nth in range(40)]
    assert manners(jittery, 0.05, PORTAL).rate_exceeded == 0
    assert manners([asked(nth * 0.025, PORTAL) for nth in range(40)], 0.05, PORTAL).rate_exceeded > 0
