"""No officer is kept waiting by a scan of hours: it gives way between two batches, and then ends as if it had not."""

import json
import secrets
import sqlite3
from collections import Counter
from contextlib import closing
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from bench.year import BEGINS
from bench.year_world import World
from harvester import replies
from harvester.clock import iso
from harvester.errors import GaveWayError
from harvester.place import Place
from harvester.sample import sample_portal
from harvester.watch_jobs import GIVE_WAY_EVERY, Jobs

PORTAL = "sample?datasets=2&no-faults&date=2026-01-04"
STEPS = ["harvest", "check", "validate", "score", "publish"]


class Impatient(Jobs):
    """Jobs while which an officer asks for the first dataset again and again, for as long as a step is at work."""

    at = ""
    batches = 0

    def _give_way(self) -> None:
        with closing(sqlite3.connect(self.place.db)) as db:
            (kind,) = db.execute("SELECT kind FROM run WHERE state = 'running'").fetchone()
            (dataset,) = db.execute("SELECT min(name) FROM dataset").fetchone()
        if kind == self.at:
            self.batches += 1
            wish(self.place, dataset)
        super()._give_way()


def wish(place: Place, dataset: str) -> None:
    """Say at the desk that a dataset was mended, where nobody waits for it yet."""
    officers = replies.beside(place.db)
    if replies.waiting(officers):
        return
    said = {
        "form": secrets.token_hex(16), "task": "t", "dataset": dataset, "resource": "", "criterion": "online",
        "provider": "hk-hko", "finding": "{}", "kind": "mended", "reason": "", "officer": "chan", "role": "officer",
        "at": iso(place.clock()), "expires": iso(place.clock() + timedelta(days=9))[:10],
    }  # fmt: skip
    with replies.opened(officers) as db:
        db.execute("INSERT OR IGNORE INTO officer VALUES ('chan', '*', 'officer')")
        db.execute("INSERT OR IGNORE INTO finding VALUES ('t', ?, '', 'online', 'hk-hko', '{}')", [dataset])
        db.execute(f"INSERT INTO reply ({', '.join(said)}) VALUES ({', '.join('?' * len(said))})", [*said.values()])  # noqa: S608 - our own names


def rows(db: Path, sql: str, *values: object) -> list[tuple]:
    with closing(sqlite3.connect(db)) as connection:
        return connection.execute(sql, values).fetchall()


@pytest.mark.slow
@pytest.mark.parametrize("at", ["harvest", "check", "validate"])
def test_a_scan_gives_way_to_an_officer_and_is_one_scan_all_the_same(at, tmp_path):
    """Wherever it is, what is asked for is looked at and published first; then the scan goes on under its own runs.

    However many wishes come, it gives way once in a quarter of an hour, and the last wish is met as well.
    """
    settings = tmp_path / "watch.yml"
    settings.write_text("links: off\napis: off\nfold: off\nstatus: off\n", encoding="utf-8")
    with sample_portal(PORTAL) as sample:
        world = World(tmp_path, BEGINS, PORTAL, settings, sample)
        with world.made():
            world.start()
            world.look_until(1)
            jobs = Impatient(Place(world.db, PORTAL, world.clock), tmp_path / "catalog.db", (), unsure=False)
            jobs.at = at
            world.watcher.work = jobs
            world.hours = 9 * 24.0  # the machine sleeps until all is due again
            sample.tell(BEGINS + timedelta(hours=world.hours))
            with closing(sqlite3.connect(world.db)) as db, db:
                db.execute("UPDATE content SET verdict = NULL")  # as bodies that came and were not judged yet
            before = rows(world.db, "SELECT max(id) FROM run")[0][0]
            world.look_until(9 * 24 + 1)
    assert jobs.batches >= 1
    assert rows(world.db, "SELECT state, why FROM due WHERE job IN ('asked', 'publish') AND state != 'done'") == []
    scans = rows(world.db, "SELECT state, why, tries FROM due WHERE job = 'scan' ORDER BY moment DESC LIMIT 2")
    assert scans == [("caught-up", "asleep", 2), ("skipped", "asleep", 0)]
    sql = "SELECT kind, state, json_extract(options, '$.scan') FROM run WHERE id > ? ORDER BY id"
    runs = rows(world.db, sql, before)
    assert {state for _, state, _ in runs} == {"done"}
    assert [kind for kind, _, scan in runs if scan] == STEPS
    cut = STEPS[: STEPS.index(at) + 1]
    assert [kind for kind, *_ in runs][: len(cut) + 2] == [*cut, "recheck", "publish"]
    assert Counter(kind for kind, *_ in runs)["recheck"] in (1, 2)
    assert replies.waiting(replies.beside(world.db)) == ()
    told = [json.loads(each) for (each,) in rows(replies.beside(world.db), "SELECT told FROM recheck")]
    assert all(each["now"] is not None and not each["failed"] for each in told)
    assert rows(world.db, "PRAGMA integrity_check") == [("ok",)]


def test_giving_way_is_rare_and_only_for_who_waits(tmp_path):
    """Nobody waits: nothing stops. Somebody does: it stops, and not again before a quarter of an hour, either way."""
    now = BEGINS
    place = Place(tmp_path / "harvest.db", None, lambda: now)
    jobs = Jobs(place, tmp_path / "catalog.db", ())
    jobs._give_way()
    wish(place, "a-dataset")
    with pytest.raises(GaveWayError, match="a-dataset"):
        jobs._give_way()
    for moved in (GIVE_WAY_EVERY - timedelta(seconds=1), timedelta(seconds=1) - GIVE_WAY_EVERY):
        now = BEGINS + moved
        jobs._give_way()
    for moved in (GIVE_WAY_EVERY, -GIVE_WAY_EVERY):
        now = BEGINS + moved
        with pytest.raises(GaveWayError):
            replace(jobs)._give_way()
