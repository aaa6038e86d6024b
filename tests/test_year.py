"""A short year with every kind of fault: each due run is done or explained; and the judge lets nothing pass."""

from collections import Counter
from datetime import timedelta
from itertools import pairwise

import pytest

from bench.year import BEGINS, live, report
from bench.year_faults import LENGTHS, Fault, planted
from bench.year_judge import HOUR, Verdict, calendar, judge
from harvester.clock import iso

DAYS = 17


@pytest.mark.slow
def test_every_due_run_of_a_fortnight_with_every_fault_is_done_or_explained(tmp_path, capsys):
    """Crashed, stopped, asleep, set back and forward, full, locked and cut off: no run is lost without its reason."""
    verdict, faults = live(tmp_path, DAYS, datasets=1, first=1, every=1)
    assert {fault.kind for fault in faults} == set(LENGTHS)
    code = report(verdict, faults, 0.0, 20)
    told = capsys.readouterr().out
    assert code == 0, told
    assert told.splitlines()[-1] == (
        f"year: due={verdict.due} done={verdict.done} explained={verdict.explained} unexplained=0 mb=0"
    )
    assert verdict.due == verdict.done + verdict.explained
    assert verdict.done > 0.5 * verdict.due


def test_the_faults_of_a_year_are_of_every_kind_and_leave_most_nights_alone():
    """In a year each kind comes several times, none while another lasts, and none too near the end to be mended."""
    faults = list(planted(365, 3, 5))
    assert min(Counter(fault.kind for fault in faults).values()) >= 6
    assert len({fault.kind for fault in faults}) == len(LENGTHS) == 10
    assert all(before.ends + 12 < after.begins for before, after in pairwise(faults))
    assert faults[-1].ends <= 364 * 24


AWAY = Fault("portal-away", 100.0, 172.0)


def row(job="scan", hour=26.5, **changes) -> dict:
    """A line of the account of a run that was done in time."""
    moment = iso(BEGINS + hour * HOUR)
    plain = {"job": job, "moment": moment, "state": "done", "why": "", "runs": "[1, 2, 3, 4, 5]", "started": moment}
    return {**plain, **changes}


RUNS = {
    number: {"kind": kind, "state": "done"}
    for number, kind in enumerate(("harvest", "check", "validate", "score", "publish"), 1)
}


def verdict_of(*rows: dict, due: float = 26.5, runs: dict | None = None) -> Verdict:
    return judge({("scan", BEGINS + due * HOUR)}, rows, runs or RUNS, [AWAY], BEGINS)


def test_the_judge_believes_what_is_proved_and_nothing_else():
    """A run called done is believed with all its runs and in its time, a missed one with a fault of that time."""
    assert verdict_of(row()).done == 1
    for wrong in (
        row(runs="[1, 2]"), row(runs="[]"), row(started=iso(BEGINS + 27 * HOUR)), row(started=iso(BEGINS + 26 * HOUR)),
        row(state="caught-up"), row(state="skipped", why="asleep"), row(state="waiting"), row(job="links"),
        row(state="failed", why="portal-away"),
    ):  # fmt: skip
        found = verdict_of(wrong)
        assert (found.done, found.explained, found.unexplained > 0) == (0, 0, True), wrong
    assert verdict_of().notes == ["scan of 2026-01-05T18:30: missing "]
    late = row(hour=122.5, state="failed", why="portal-away")
    assert verdict_of(late, due=122.5).explained == 1
    assert verdict_of({**late, "why": "disk-full"}, due=122.5).unexplained == 1
    assert (
        verdict_of(row(runs="[1, 2, 3, 4, 5]"), runs={**RUNS, 5: {"kind": "publish", "state": "failed"}}).unexplained
        == 1
    )
    assert verdict_of(row(), row(hour=50.0)).unexplained == 1


def test_the_calendar_of_a_year_is_complete():
    """365 nights, 365 roll-ups, 52 Sundays, every hour, every third hour for APIs."""
    due = Counter(job for job, _ in calendar(BEGINS, BEGINS + timedelta(days=365), 3))
    assert due == {"scan": 365, "fold": 365, "deep": 52, "links": 8760, "apis": 2920}
