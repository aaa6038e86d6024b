"""Scans that run by themselves: nightly at an hour in Hong Kong, what is due in between, never two at once."""

import sys
import time as time_module
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from pathlib import Path

import schedule

from harvester import steps
from harvester.clock import HONG_KONG, iso
from harvester.errors import BarometerError, NotOurDatabaseError
from harvester.place import Place
from scoring.rubric import load_rubrics

LOOK_EVERY_SECONDS = 30
RECHECK_EVERY = timedelta(hours=1)
REST = timedelta(minutes=10)
"""How long nothing is tried after something could not run at all: a lost network takes a while to come back."""


def due(last_started: datetime | None, now: datetime, at: time) -> bool:
    """Return whether a daily scan is due.

    It is when no scan has started since the last time the clock in Hong Kong stood at ``at``: so a machine that
    slept through the hour catches up as soon as it wakes. All moments are aware.
    """
    if last_started is None:
        return True
    local = now.astimezone(HONG_KONG)
    latest = datetime.combine(local.date(), at, HONG_KONG)
    if latest > local:
        latest -= timedelta(days=1)
    return last_started < latest


def watch(
    place: Place,
    catalog: Path,
    rubrics: Sequence[Path],
    at: time,
    sleep: Callable[[float], None] = time_module.sleep,
) -> None:
    """Scan and publish every day at ``at`` (Hong Kong) and visit what is due every hour, until interrupted.

    What fails is told, and tried again; ``rubrics`` are read anew each time, so that they can be changed meanwhile.
    Raises SettingsError where one of them makes no sense now.
    """
    load_rubrics(rubrics)
    watcher = Watcher(place, catalog, rubrics, at)
    scheduler = schedule.Scheduler()
    scheduler.every(LOOK_EVERY_SECONDS).seconds.do(watcher.look)
    scheduler.run_all()
    while True:
        sleep(max(0.0, scheduler.idle_seconds or 0.0))
        scheduler.run_pending()


@dataclass
class Watcher:
    """Decides at each look what is to be done; ``looked`` is when the last scan or re-check ended."""

    place: Place
    catalog: Path
    rubrics: Sequence[Path]
    at: time
    looked: datetime | None = None
    resting_until: datetime | None = None

    def look(self) -> None:
        """Scan if the night's scan is due, else visit what is due if the hour is over; tell what became of it."""
        now = self.place.clock()
        if self.resting_until and now < self.resting_until:
            return
        try:
            if due(self._last_scan(), now, self.at):
                self._scan()
            elif self.looked is None or now - self.looked >= RECHECK_EVERY:
                self._recheck()
            else:
                return
        except BarometerError as error:
            self._say(f"could not run: {error}")
            self.resting_until = self.place.clock() + REST
            return
        self.looked = self.place.clock()

    def _scan(self) -> None:
        self._say("scan started")
        outcomes = steps.run(self.place, self.catalog, self.rubrics, None)
        self._say(f"scan published to {self.catalog}, {sum(outcome.failed for outcome in outcomes)} items failed")

    def _recheck(self) -> None:
        done = steps.recheck(self.place, self.catalog, self.rubrics)
        if done is None:
            return
        checked, after = done
        told = f"{checked.outcome.counts.get('urls', 0):,} links were due, {len(checked.changes):,} changed"
        self._say(f"{told}, published to {self.catalog}" if after else told)

    def _last_scan(self) -> datetime | None:
        try:
            return steps.last_scan(self.place)
        except NotOurDatabaseError:
            return None

    def _say(self, what: str) -> None:
        print(f"{iso(self.place.clock())} {what}", file=sys.stderr, flush=True)
