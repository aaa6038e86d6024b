"""`make bench-score`: what scoring costs beside the rest of a scan, and what scoring a year of history anew costs.

The workshop is made up: datasets with their records, an address a resource, a visit and a validated content each (one
in twelve dead), and then as many more stored days as asked for, on each of which some datasets' answers and measures
changed. Scoring is told in seconds of the processor, so that what else the machine does is not counted in. The scan it
is held against is the harvest, check and validation of as many resources: those of a workshop's last runs where
``--scan`` names one, else those of the sample portal, scanned here and now, each for as long as a resource of it took.
"""

import argparse
import json
import random
import resource
import sqlite3
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from time import process_time

from sqlite_utils import Database

from bench.line import barometer
from harvester.clock import iso, parse_iso
from harvester.store.health import bring_up_to_date
from harvester.store.workshop import connect, step
from scoring.rescore import rescore
from scoring.rubric import load_rubrics
from scoring.step import score

START = datetime(2026, 1, 1, 4, tzinfo=UTC)
SEEN = iso(START - timedelta(days=30))
PROVIDERS, CATEGORIES, HOSTS = 129, 18, 300
VALUES = ((1.0, "yes"), (0.5, "partly"), (0.0, "no"), (None, "unknown"))
MOVING = ("online", "machine_readable", "bulk", "timely", "historical", "missing_data")
"""The criteria whose answers become others."""
SAMPLE = "sample?datasets=300&no-faults"
"""What is scanned where no workshop is named: the sample portal's hosts answer at once, so that its scan is a short one
and the share that scoring has of it the largest there can be."""
COLUMN = {"label": "value", "type": "number", "null_share": 0.0, "distinct": 99, "low": 0.0, "high": 9.0}
PROFILE = {"rows": 120, "earliest": "2025-01-01", "latest": "2025-12-31", "periods": 12, "columns": [COLUMN]}


def make(db: Database, datasets: int, resources: int) -> None:
    """Fill an empty workshop with a catalogue that was harvested, visited and validated once."""
    texts = [f"{name}_{language}" for name in ("title", "notes", "frequency") for language in ("en", "tc", "sc")]
    with db.atomic():
        done = {"started": iso(START), "state": "done", "code_version": "0"}
        kinds = ("harvest", "check", "validate")
        db.table("run").insert_all({"id": number, "kind": kind, **done} for number, kind in enumerate(kinds, 1))
        seen = {"first_seen": SEEN, "last_seen": SEEN}
        for table, count in (("provider", PROVIDERS), ("category", CATEGORIES)):
            slugs = (f"{table}-{number}" for number in range(count))
            db.table(table).insert_all({"slug": slug, "title_en": slug, **seen} for slug in slugs)
        db.table("dataset").insert_all(
            {"name": f"dataset-{number:05}", "provider": f"provider-{number % PROVIDERS}",
             "category": f"category-{number % CATEGORIES}", "schedule": "periodic", "period_days": 30.4,
             "maintainer_email": "data@example.gov.hk", "languages": '["en", "tc", "sc"]', "created": SEEN,
             **dict.fromkeys(texts, "Some text"), "first_seen": SEEN, "last_seen": SEEN}
            for number in range(datasets))  # fmt: skip
        for number in range(resources):
            _resource(db.conn, number, datasets)
    bring_up_to_date(db)


def _resource(connection: sqlite3.Connection, number: int, datasets: int) -> None:
    dead, sha256 = number % 12 == 0, f"{number:064x}"
    host = f"host{number % HOSTS}.example.gov.hk"
    address = f"https://{host}/file-{number}.csv"
    name = f"dataset-{number % datasets:05}"
    connection.execute("INSERT INTO url (id, url, host, first_seen) VALUES (?, ?, ?, ?)", [number, address, host, SEEN])
    connection.execute(
        "INSERT INTO resource (shared_id, dataset, position, title_en, title_tc, title_sc, format, kind, url, url_en,"
        " languages, first_seen, last_seen) VALUES (?, ?, ?, 'File', '檔', '档', 'CSV', 'file', ?, ?, '[]', ?, ?)",
        [f"{name}/{number}", name, number // datasets, number, address, SEEN, SEEN],
    )
    if not dead:
        connection.execute(
            "INSERT INTO content (sha256, bytes, complete, format, nature, ladder, encoding, rows, columns, labels,"
            " verdict, profile, first_seen) VALUES (?, 9999, 1, 'csv', 'data', 'table', 'utf-8', 120, 1, '[\"value\"]',"
            " ?, ?, ?)",
            [sha256, "invalid" if number % 5 == 0 else "valid", json.dumps(PROFILE), SEEN],
        )
    connection.execute(
        "INSERT INTO visit (url, run, attempt, started, outcome, status, milliseconds, bytes, sha256)"
        " VALUES (?, 2, 1, ?, ?, ?, 120, 9999, ?)",
        [number, iso(START), "gone" if dead else "ok", 404 if dead else 200, None if dead else sha256],
    )


def live_on(db: Database, days: int, a_day: int) -> None:
    """Add ``days`` on each of which ``a_day`` datasets' answers to two criteria, and two measures, became others."""
    chance = random.Random(7)
    datasets = [row[0] for row in db.execute("SELECT name FROM dataset ORDER BY name")]
    measures = [row[0] for row in db.execute("SELECT DISTINCT measure FROM measure ORDER BY 1")]
    moment = parse_iso(db.execute("SELECT max(since) FROM answer").fetchone()[0])
    for _ in range(days):
        moment += timedelta(days=1)
        with db.atomic():
            for name in chance.sample(datasets, min(a_day, len(datasets))):
                for criterion in chance.sample(MOVING, 2):
                    value, reason = chance.choice(VALUES)
                    told = {"resource": "", "criterion": criterion, "value": value, "reason": reason}
                    _another(db, "answer", ("dataset", "resource", "criterion"), iso(moment), {"dataset": name, **told})
                for measure in chance.sample(measures, min(2, len(measures))):
                    value = round(chance.random(), 4)
                    told = {"measure": measure, "value": value, "low": value, "high": value, "reason": "measured"}
                    _another(
                        db, "measure", ("dataset", "measure"), iso(moment), {"dataset": name, "applies": 1, **told}
                    )


def _another(db: Database, table: str, key: Sequence[str], since: str, row: Mapping[str, str | float | None]) -> None:
    """Let another row take the place of the one that stands."""
    where = " AND ".join(f"{name} = ?" for name in key)
    of_one = [row[name] for name in key]
    db.execute(f"UPDATE {table} SET until = ? WHERE {where} AND until IS NULL", [since, *of_one])  # noqa: S608 - ours
    given = {**row, "since": since, "evidence": "{}", "run": 4}
    names, marks = ", ".join(given), ", ".join("?" * len(given))
    db.execute(f"INSERT INTO {table} ({names}) VALUES ({marks})", list(given.values()))  # noqa: S608 - our own names


def scan_seconds(place: Path | None, resources: int) -> tuple[float, str]:
    """Return how long a scan of so many resources takes without scoring, and where that figure is from."""
    if place is None:
        with tempfile.TemporaryDirectory() as name:
            barometer("run", "--portal", SAMPLE, cwd=Path(name))
            seconds, held = _durations(Path(name) / "harvest.db")
        return seconds * resources / held, f"the sample portal scanned just now: {held} resources in {seconds:.0f} s"
    seconds, held = _durations(place)
    return seconds * resources / held, f"the last runs of {place.name}: {held} resources in {seconds:.0f} s"


def _durations(place: Path) -> tuple[float, int]:
    """Return the seconds that a workshop's last harvest, check and validation took, and its live resources."""
    with closing(sqlite3.connect(f"{place.resolve().as_uri()}?mode=ro", uri=True)) as connection:
        sql = """
            SELECT sum(unixepoch(finished) - unixepoch(started)),
                (SELECT count(*) FROM resource WHERE withdrawn_at IS NULL)
            FROM run WHERE state = 'done' AND id IN (
                SELECT max(id) FROM run WHERE kind IN ('harvest', 'check', 'validate') GROUP BY kind)
        """
        seconds, held = connection.execute(sql).fetchone()
    return float(seconds), int(held)


def measure(work: str, folder: Path, *options: str) -> tuple[float, float]:
    """Do ``work`` in a process of its own and return its seconds and its peak memory in MB."""
    command = [sys.executable, "-m", "bench.score", "--work", work, "--folder", str(folder), *options]
    told = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout.split()
    return float(told[-2]), float(told[-1])


def work(what: str, folder: Path, own: Sequence[Path]) -> None:
    """Score (or score anew) the workshop in ``folder`` by all profiles; print the processor's seconds and peak MB."""
    db, rubrics = connect(folder / "harvest.db", create=False), load_rubrics(own)
    now = START + timedelta(days=1)
    began = process_time()
    with step(db, "score", lambda: now, {"what": what}) as run:
        if what == "score":
            score(db, run, lambda: now, rubrics, now)
        else:
            rescore(db, run, lambda: now, rubrics)
    print(process_time() - began, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)
    db.conn.close()


def main() -> None:
    """Measure and print; the last line is for machines."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--datasets", type=int, default=4000)
    parser.add_argument("--resources", type=int, default=25_000)
    parser.add_argument("--days", type=int, default=365)
    parser.add_argument("--changed", type=int, default=40, help="datasets whose answers change in a day")
    parser.add_argument("--scan", type=Path, help="a harvest.db whose last runs tell what a scan takes")
    parser.add_argument("--rubric", type=Path, action="append", default=[], help="a profile of your own, beside ours")
    parser.add_argument("--work", choices=("score", "rescore"), help=argparse.SUPPRESS)
    parser.add_argument("--folder", type=Path, help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if asked.work:
        work(asked.work, asked.folder, asked.rubric)
        return
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        db = connect(folder / "harvest.db", create=True)
        make(db, asked.datasets, asked.resources)
        own = [word for path in asked.rubric for word in ("--rubric", str(path.resolve()))]
        seconds, peak = measure("score", folder, *own)
        live_on(db, asked.days, asked.changed)
        again, again_peak = measure("rescore", folder, *own)
        moments = db.execute("SELECT count(DISTINCT since) FROM score").fetchone()[0]
        db.conn.close()
    whole, source = scan_seconds(asked.scan, asked.resources)
    profiles = len(load_rubrics(asked.rubric))
    print(f"{asked.datasets} datasets, {asked.resources} resources, {profiles} profiles: scored in {seconds:.1f} s")
    print(f"{moments} moments scored anew by {profiles} profiles in {again:.1f} s, {again / moments:.3f} s a moment")
    print(f"a scan without scoring: {whole:.0f} s (by {source})")
    print(
        f"bench-score: profiles={profiles} seconds={seconds:.1f} share_of_scan={seconds / (seconds + whole):.3f}"
        f" peak_mb={peak:.0f} rescore_days={asked.days} rescore_seconds={again:.1f} rescore_peak_mb={again_peak:.0f}"
    )


if __name__ == "__main__":
    main()
