"""A daily scan is due once a day in Hong Kong, whatever the machine slept through; what is due comes every hour."""

import sqlite3
from datetime import UTC, datetime, time, timedelta
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harvester.clock import HONG_KONG
from harvester.errors import OurNetworkError
from harvester.steps import Place, last_scan, recheck, run
from harvester.watch import Watcher, due

AT = time(2, 30)
MOMENTS = st.datetimes(datetime(2020, 1, 1), datetime(2040, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001 (bounds are naive by contract)


def test_a_scan_is_due_once_the_hour_has_passed_since_the_last():
    """02:30 in Hong Kong is 18:30 UTC of the day before."""
    last = datetime(2026, 11, 22, 18, 30, tzinfo=UTC)
    assert not due(last, datetime(2026, 11, 23, 18, 29, 59, tzinfo=UTC), AT)
    assert due(last, datetime(2026, 11, 23, 18, 30, 1, tzinfo=UTC), AT)
    assert due(None, last, AT)


@given(MOMENTS)
def test_a_scan_just_started_is_not_due_and_two_days_later_it_is(now):
    """No moment of the year makes two scans due at once, or lets a day go by."""
    assert not due(now, now, AT)
    assert due(now - timedelta(days=2), now, AT)


@given(MOMENTS)
def test_each_day_has_exactly_one_moment_at_which_a_scan_falls_due(start):
    """Walking a week by the hour with a scan whenever one is due makes seven or eight scans."""
    last, scans = start, 0
    for hours in range(7 * 24 + 1):
        now = start + timedelta(hours=hours)
        if due(last, now, AT):
            last, scans = now, scans + 1
            assert now.astimezone(HONG_KONG).hour in (2, 3)
    assert scans in (7, 8)


class Steps:
    """What a watch sets going, with a scan remembered as the workshop would."""

    def __init__(self):
        self.done, self.scanned, self.trouble = [], None, None

    def run(self, place, *_):
        """Scan."""
        self._do("scan", place)
        self.scanned = place.clock()
        return []

    def recheck(self, place, *_):
        """Visit what is due."""
        self._do("recheck", place)

    def last_scan(self, _place):
        """Tell when the last scan that went well began."""
        return self.scanned

    def _do(self, what, place):
        self.done.append((what, place.clock()))
        if self.trouble:
            raise self.trouble


@pytest.fixture
def world(monkeypatch):
    """A watch whose clock the test moves, and the steps it sets going."""
    moment = [datetime(2026, 11, 23, 0, 0, tzinfo=UTC)]
    steps = Steps()
    for name in ("run", "recheck", "last_scan"):
        monkeypatch.setattr(f"harvester.watch.steps.{name}", getattr(steps, name))
    place = Place(Path("h.db"), None, lambda: moment[0])
    watcher = Watcher(place, Path("c.db"), (), AT)

    def pass_(minutes):
        for _ in range(minutes):
            moment[0] += timedelta(minutes=1)
            watcher.look()

    return steps, pass_


def test_what_is_due_is_visited_every_hour_and_everything_once_a_night(world):
    """Two days by the minute: a scan at the start and at each 02:30, and a re-check an hour after whatever was last."""
    steps, pass_ = world
    pass_(2 * 24 * 60)
    scans = [at for what, at in steps.done if what == "scan"]
    assert [at.astimezone(HONG_KONG).strftime("%d %H:%M") for at in scans] == ["23 08:01", "24 02:30", "25 02:30"]
    gaps = {later - earlier for (_, earlier), (what, later) in pairwise(steps.done) if what == "recheck"}
    assert gaps == {timedelta(hours=1)}
    assert len(steps.done) == 3 + 18 + 23 + 5


def test_a_lost_network_is_told_and_tried_again_after_a_rest(world, capsys):
    """Not at every look, and not only the next night."""
    steps, pass_ = world
    steps.trouble = OurNetworkError("Mend the connection.")
    pass_(60)
    assert [what for what, _ in steps.done] == ["scan"] * 6
    assert capsys.readouterr().err.count("Mend the connection.") == 6
    steps.trouble = None
    pass_(10)
    assert steps.scanned is not None


@pytest.mark.slow
def test_what_a_recheck_finds_changed_is_published(tmp_path):
    """Nothing is done where nothing is due, nothing published where nothing changed; a link that came back is."""
    moment = [datetime(2026, 11, 20, 0, 0, tzinfo=UTC)]
    place = Place(tmp_path / "h.db", "sample?datasets=3&no-faults&date=2026-11-20", lambda: moment[0])
    catalog = tmp_path / "c.db"
    run(place, catalog, (), None)
    assert last_scan(place) == moment[0]
    published = catalog.stat().st_ino
    assert recheck(place, catalog, ()) is None
    moment[0] += timedelta(days=8)
    checked, after = recheck(place, catalog, ())
    assert (checked.outcome.counts["ok"], checked.changes, after) == (checked.outcome.counts["urls"], (), [])
    assert catalog.stat().st_ino == published
    with sqlite3.connect(place.db) as db:  # as if one had been gone the last two times
        db.execute("UPDATE visit SET outcome = 'gone', status = 404, sha256 = NULL, nature = NULL WHERE url = 1")
        db.execute("DELETE FROM spell WHERE url = 1")
    db.close()
    moment[0] += timedelta(hours=6)
    checked, after = recheck(place, catalog, ())
    assert [(change.before.state, change.after.state) for change in checked.changes] == [("down", "degraded")]
    assert [outcome.kind for outcome in after] == ["validate", "score", "publish"]
    assert catalog.stat().st_ino != published
    assert last_scan(place) == datetime(2026, 11, 20, 0, 0, tzinfo=UTC)
    with sqlite3.connect(place.db) as db:
        db.execute("UPDATE run SET state = 'stopped' WHERE kind = 'publish' AND options NOT LIKE '%null%'")
    db.close()
    assert last_scan(place) is None
