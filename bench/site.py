"""`make bench-site`: how long the site's pages take while 20 people read, and a scan is writing.

The catalogue is made by `bench.site_data`; one `barometer serve` answers, in a process of its own with one worker. A
reader asks for a page, looks at it for a second on average, and asks for the next: every kind of page in turn, and of
it any address there is, in any language. Most datasets are so read for the first time, and what was drawn before helps
little there. All the while another process stores visits in the workshop, as a check does. Then the same readers ask
without looking, which tells how many pages a second there are at most; and at last Datasette's own table pages over
the same rows are read, with looking, from the same server with the same settings.
"""

import argparse
import http.client
import random
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from dataclasses import dataclass
from http import HTTPStatus
from itertools import pairwise
from pathlib import Path
from statistics import median, quantiles
from urllib.parse import quote

from bench.site_data import build
from bench.started import free_port, started
from harvester.clock import iso, system_clock
from harvester.records import LANGUAGES
from harvester.store.workshop import connect

LOOKS = 1.0
"""Seconds a reader looks at a page on average: no time at all to read one, so that 20 stand for a few hundred."""
THEIRS = "plain"
"""How the names of Datasette's own pages begin."""
SHARD, SHARDS_A_SECOND = 50, 4
"""What the scan writes meanwhile: 200 visits a second, more than the pace of 300 hosts allows."""
TERMS = ("天氣", "公屋", "雨量", "rainfall", "parking", "公屋單位", "深水埗", "dataset-00042", "school", "气温")


@dataclass(frozen=True, slots=True)
class Answer:
    """One answer as a reader saw it."""

    kind: str
    milliseconds: float
    size: int
    failed: bool


def addresses(catalog: Path) -> dict[str, list[str]]:
    """Return the addresses of each kind of page, in every language; those of Datasette's own begin ``plain``."""
    with closing(sqlite3.connect(f"{catalog.resolve().as_uri()}?mode=ro", uri=True)) as connection:
        names = {
            table: [quote(row[0], safe="") for row in connection.execute(f"SELECT {key} FROM {table} ORDER BY {key}")]  # noqa: S608 - ours
            for table, key in (("dataset", "name"), ("provider", "slug"), ("category", "slug"), ("task", "key"))
        }
        scored = "SELECT provider FROM provider_summary WHERE point IS NOT NULL ORDER BY provider"
        ranked = [
            quote(row[0], safe="") for row in connection.execute(scored)
        ]  # one without a score compares with none
    one = {"home": "", "method": "method", "down": "down", "references": "references", "data": "data",
           "worklists": "worklist", "down feed": "down.atom"}  # fmt: skip
    about = {"provider": "provider", "dataset": "dataset", "category": "category", "worklist": "provider",
             "task": "task", "badge/dataset": "dataset", "embed/provider": "provider"}  # fmt: skip
    found = {kind: [f"/{each}/{place}" for each in LANGUAGES] for kind, place in one.items()}
    for kind, table in about.items():
        found[kind] = [f"/{each}/{kind}/{name}" for each in LANGUAGES for name in names[table]]
    found["search"] = [f"/{each}/search?q={quote(term)}" for each in LANGUAGES for term in TERMS]
    found["badge/dataset"] = [f"{place}.svg" for place in found["badge/dataset"]]
    found["suggest"] = [f"/{each}/suggest.json?q={quote(term[:most])}" for each in LANGUAGES for term in TERMS
                        for most in range(1, 1 + len(term))]  # fmt: skip
    found["dataset JSON"] = [f"{place}.json" for place in found["dataset"]]
    for form in ("csv", "xlsx", "atom", "ics"):
        found[f"worklist.{form}"] = [f"{place}.{form}" for place in found["worklist"]]
    found["compare"] = [f"/en/compare?kind=provider&a={a}&b={b}" for a, b in pairwise(ranked)]
    for table in ("dataset", "defect", "visit"):
        found[f"{THEIRS} {table}"] = [f"/catalog/{table}"]
    return found


def _ask(connection: http.client.HTTPConnection, address: str) -> tuple[int, int] | None:
    """Return the bytes and the status of an answer; None where a connection kept open had been closed meanwhile."""
    try:
        connection.request("GET", address, headers={"Accept-Encoding": "gzip"})
        answer = connection.getresponse()
        return len(answer.read()), answer.status
    except (OSError, http.client.HTTPException):
        connection.close()  # a server lets go of one that is silent for seconds; a browser then asks again, once
        return None


def read(port: int, turns: Sequence[tuple[str, str]], pauses: Sequence[float]) -> list[Answer]:
    """Ask for each address in turn as one browser does, after a pause (seconds) each, and return what came."""
    told = []
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    for (kind, address), pause in zip(turns, pauses, strict=True):
        time.sleep(pause)
        began = time.perf_counter()
        answered = _ask(connection, address) or _ask(connection, address)
        size, status = answered or (0, 0)
        told.append(Answer(kind, 1000 * (time.perf_counter() - began), size, status != HTTPStatus.OK))
    connection.close()
    return told


def load(port: int, places: dict[str, list[str]], readers: int, each: int, looks: float) -> tuple[list[Answer], float]:
    """Let ``readers`` read ``each`` pages at once, every kind as often as the others, of it any address.

    ``looks`` is how long one looks at a page on average, in seconds: exponential, so that no two keep step. Returns
    what came, and the pages a second.
    """
    chance = random.Random(5)
    kinds = sorted(places)

    def plan() -> tuple[list[tuple[str, str]], list[float]]:
        order = [kinds[number % len(kinds)] for number in range(each)]
        chance.shuffle(order)
        pauses = [chance.expovariate(1 / looks) if looks else 0.0 for _ in order]
        return [(kind, chance.choice(places[kind])) for kind in order], pauses

    plans = [plan() for _ in range(readers)]
    began = time.perf_counter()
    with ThreadPoolExecutor(readers) as pool:
        told = [one for answers in pool.map(lambda each: read(port, *each), plans) for one in answers]
    return told, len(told) / (time.perf_counter() - began)


@contextmanager
def scanning(folder: Path) -> Iterator[None]:
    """Store visits in the workshop all the while, as a check stores a shard."""
    command = [sys.executable, "-m", "bench.site", "--write", str(folder / "harvest.db")]
    process = subprocess.Popen(command)
    try:
        yield
        if process.poll() is not None:
            raise SystemExit("The scan that should have been writing stopped by itself: its own words are above.")
    finally:
        process.terminate()
        process.wait()


def write(place: Path) -> None:
    """Store shards of visits in the workshop, a transaction each, until stopped."""
    db = connect(place, create=False)
    run = 1 + int(db.execute("SELECT max(id) FROM run").fetchone()[0])
    urls = [row[0] for row in db.execute("SELECT id FROM url ORDER BY id")]
    attempt = 0
    while True:
        attempt += 1
        for start in range(0, len(urls), SHARD):
            with db.atomic():
                if attempt == 1 and not start:
                    db.table("run").insert(
                        {
                            "id": run,
                            "kind": "check",
                            "started": iso(system_clock()),
                            "state": "running",
                            "code_version": "0",
                        }
                    )
                db.conn.executemany(
                    "INSERT INTO visit (url, run, attempt, started, outcome, status) VALUES (?, ?, ?, ?, 'ok', 200)",
                    [(url, run, attempt, iso(system_clock())) for url in urls[start : start + SHARD]],
                )
            time.sleep(1 / SHARDS_A_SECOND)


def report(answers: Sequence[Answer]) -> tuple[float, float]:
    """Print a line for each kind of page and return the worst median and 95th percentile, in milliseconds."""
    told: dict[str, list[Answer]] = defaultdict(list)
    for answer in answers:
        told[answer.kind].append(answer)
    worst = (0.0, 0.0)
    print(f"{'page':20} {'asked':>6} {'median ms':>10} {'95 % ms':>9} {'largest KB':>11} {'failed':>7}")
    for kind, each in sorted(told.items()):
        times = [one.milliseconds for one in each]
        middle, high = median(times), quantiles(times, n=20)[-1] if len(times) > 1 else times[0]
        failed, largest = sum(one.failed for one in each), max(one.size for one in each) / 1e3
        print(f"{kind:20} {len(each):6} {middle:10.1f} {high:9.1f} {largest:11.0f} {failed:7}")
        worst = (max(worst[0], middle), max(worst[1], high))
    return worst


def main() -> None:
    """Build, serve, read, print; the last line is for machines."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--datasets", type=int, default=4000)
    parser.add_argument("--resources", type=int, default=25_000)
    parser.add_argument("--visits", type=int, default=1_000_000)
    parser.add_argument("--defects", type=int, default=500_000)
    parser.add_argument("--readers", type=int, default=20)
    parser.add_argument("--pages", type=int, default=150, help="pages each reader asks for")
    parser.add_argument("--folder", type=Path, help="where the catalogue is made, and found again the next time")
    parser.add_argument("--write", type=Path, help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if asked.write:
        write(asked.write)
    with tempfile.TemporaryDirectory() as name:
        folder = asked.folder or Path(name)
        folder.mkdir(parents=True, exist_ok=True)
        places = addresses(build(folder, asked.datasets, asked.resources, asked.visits, asked.defects))
        theirs = {kind: places.pop(kind) for kind in list(places) if kind.startswith(THEIRS)}
        port = free_port()
        serve = ("serve", "--catalog", str(folder / "catalog.db"), "--port", str(port))
        with started(port, *serve), scanning(folder):
            answers, _ = load(port, places, asked.readers, asked.pages, LOOKS)
            rushed, most = load(port, places, asked.readers, asked.pages, 0)
            plain, _ = load(port, theirs, asked.readers, max(1, asked.pages // 10), LOOKS)
    print(f"{asked.readers} readers who look at a page for {LOOKS} s on average; packed sizes:")
    middle, high = report(answers)
    print("\nThe same who do not look:")
    report(rushed)
    print(f"{most:.0f} pages a second\n\nDatasette's own pages of tables:")
    beside = report(plain)[0]
    failed = sum(one.failed for one in (*answers, *rushed))
    print(
        f"bench-site: worst_median_ms={middle:.1f} worst_p95_ms={high:.1f} failed={failed}"
        f" plain_table_median_ms={beside:.1f} pages_a_second={most:.0f}"
    )


if __name__ == "__main__":
    main()
