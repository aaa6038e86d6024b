"""Scans that run by themselves: once a day at an hour in Hong Kong, a missed day caught up, never two at once."""

import sys
import time as time_module
from collections.abc import Callable
from datetime import datetime, time, timedelta
from pathlib import Path

import schedule

from harvester import steps
from harvester.clock import HONG_KONG, iso, parse_iso
from harvester.errors import BarometerError, NotOurDatabaseError
from harvester.status import KINDS

LOOK_EVERY_SECONDS = 30


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
    place: steps.Place, catalog: Path, rubric: Path | None, at: time, sleep: Callable[[float], None] = time_module.sleep
) -> None:
    """Scan and publish every day at ``at`` (Hong Kong) until interrupted; one that fails is told."""
    scheduler = schedule.Scheduler()
    scheduler.every(LOOK_EVERY_SECONDS).seconds.do(_scan_if_due, place, catalog, rubric, at)
    scheduler.run_all()
    while True:
        sleep(max(0.0, scheduler.idle_seconds or 0.0))
        scheduler.run_pending()


def _scan_if_due(place: steps.Place, catalog: Path, rubric: Path | None, at: time) -> None:
    now = place.clock()
    if not due(_last_scan(place), now, at):
        return
    _say(place, "scan started")
    try:
        outcomes = steps.run(place, catalog, rubric, None)
    except BarometerError as error:
        _say(place, f"scan could not run: {error}")
        return
    _say(place, f"scan published to {catalog}, {sum(outcome.failed for outcome in outcomes)} items failed")


def _last_scan(place: steps.Place) -> datetime | None:
    """Return when the last scan began, or None where there was none or it was cut off."""
    try:
        runs = {run["kind"]: run for run in steps.status(place)["runs"]}
    except NotOurDatabaseError:
        return None
    if any(kind not in runs or runs[kind]["state"] in ("running", "stopped") for kind in KINDS):
        return None
    return parse_iso(runs["harvest"]["started"])


def _say(place: steps.Place, what: str) -> None:
    print(f"{iso(place.clock())} {what}", file=sys.stderr, flush=True)
