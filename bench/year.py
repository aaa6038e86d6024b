"""`make year`: a simulated year of `barometer watch` against the sample portal, with every kind of fault.

The watch, its jobs, the steps and the workshop are the real ones; time is ours. At the end a judge, who knows the
calendar and the planted faults alone, accounts for every run that was due. Options: --days, --datasets, --show, --keep.
"""

import argparse
import sqlite3
import sys
import tempfile
import time
from concurrent.futures import ProcessPoolExecutor
from contextlib import closing, redirect_stderr
from datetime import UTC, datetime, timedelta
from pathlib import Path

from bench.year_faults import Fault, planted
from bench.year_judge import Verdict, calendar, judge
from bench.year_size import measure
from bench.year_world import World
from harvester.sample import sample_portal
from harvester.watch_log import LOGGER, Said, start_logging

BEGINS = datetime(2026, 1, 4, 16, 0, tzinfo=UTC)
"""Midnight in Hong Kong, of a Monday."""
APIS_HOURS = 3
SETTINGS = f"""\
links: every 1 hour
apis: every {APIS_HOURS} hours
retry: 1 hour
account: 800 days
status: off
"""
NEWS_DAYS = 7
"""How often the portal's data move on: judging what changed is the dearest part of a night."""


def live(work: Path, days: int, datasets: int, *, first: int = 3, every: int = 5) -> tuple[Verdict, list[Fault]]:
    """Live through ``days`` in the folder ``work``; return the judge's verdict and the faults that were planted."""
    work.mkdir(parents=True, exist_ok=True)
    settings = work / "watch.yml"
    settings.write_text(SETTINGS, encoding="utf-8")
    faults = list(planted(days, first, every))
    portal = f"sample?datasets={datasets}&no-faults&date=2026-01-04"
    with sample_portal(portal) as sample:
        world = World(work, BEGINS, portal, settings, sample)
        with world.made(), (work / "watch.log").open("w", encoding="utf-8") as log:
            start_logging(world.clock, log)
            with redirect_stderr(Said()):
                _live(world, faults, days)
            LOGGER.handlers.clear()
    with closing(sqlite3.connect(world.db)) as db:
        db.row_factory = sqlite3.Row
        rows = db.execute("SELECT * FROM due").fetchall()
        runs = {row["id"]: row for row in db.execute("SELECT id, kind, state FROM run")}
        sound = db.execute("PRAGMA integrity_check").fetchone()[0]
    ends = BEGINS + timedelta(days=days)
    verdict = judge(calendar(BEGINS, ends, APIS_HOURS), map(dict, rows), runs, faults, BEGINS)
    if sound != "ok":
        verdict.notes.append(f"the workshop is not sound: {sound}")
        verdict.unexplained += 1
    return verdict, faults


def _live(world: World, faults: list[Fault], days: int) -> None:
    world.start()
    began = time.monotonic()
    coming = list(faults)
    for day in range(days):
        if day % NEWS_DAYS == 0:
            world.sample.tell(world.begins + timedelta(days=day, hours=1))
        while coming and coming[0].begins < (day + 1) * 24:
            world.live(coming.pop(0))
        world.look_until((day + 1) * 24.0)
        if day % 30 == 29:
            print(f"day {day + 1}: {time.monotonic() - began:.0f} s", flush=True)
    if world.watcher:
        world.watcher.end()


def report(verdict: Verdict, faults: list[Fault], mb: float, show: int, *, intact: bool = True) -> int:
    """Print what became of the due runs, and the totals; return the exit code: 0 where nothing is unexplained."""
    print(f"planted: {len(faults)} faults of {len({fault.kind for fault in faults})} kinds")
    print("became of them: " + ", ".join(f"{many} {state}" for state, many in sorted(verdict.states.items())))
    for note in verdict.notes[:show]:
        print(f"    {note}")
    print(
        f"year: due={verdict.due} done={verdict.done} explained={verdict.explained} unexplained={verdict.unexplained}"
        f" mb={mb:.0f}"
    )
    return 0 if not verdict.unexplained and intact and verdict.due else 1


def main() -> int:
    """Live through a year and print its line; exit with 1 where a due run has neither been done nor its reason."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--days", type=int, default=365)
    parser.add_argument("--datasets", type=int, default=6)
    parser.add_argument("--show", type=int, default=20)
    parser.add_argument("--keep", type=Path, help="work in this folder and leave it")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        work = options.keep or Path(folder)
        (work / "size").mkdir(parents=True)
        with ProcessPoolExecutor(1) as pool:
            measured = pool.submit(measure, work / "size")
            verdict, faults = live(work / "year", options.days, options.datasets)
            size = measured.result()
    if size.trends_lost:
        print(f"the roll-ups lost {size.trends_lost} figures")
    return report(verdict, faults, size.mb, options.show, intact=not size.trends_lost)


if __name__ == "__main__":
    sys.exit(main())
