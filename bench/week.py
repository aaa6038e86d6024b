"""`make week`: check the sample portal's links through a simulated week, and hold the states against what was planted.

The clock is ours and the portal's: each night is a nightly check, each hour one of what is due by then. Options:
--seed, --date, --show KIND (print what was missed or invented in that kind, or `all`), --keep FOLDER.
"""

import argparse
import json
import sys
import tempfile
from collections import defaultdict
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from sqlite_utils import Database

from bench.week_judge import Manners, Seen, Tally, by_host, judge, manners, most_for_unchanged, pauses, untold
from harvester.check import check, due_now
from harvester.clock import parse_iso
from harvester.harvest import harvest
from harvester.portals import choose
from harvester.revisit import EARLY
from harvester.sample import SampleAddress, sample_portal
from harvester.settings import WebSettings
from harvester.store.bodies import Bodies
from harvester.store.requests import accounted
from harvester.store.visits import Which
from harvester.store.workshop import step, workshop
from harvester.web import Web

HOUR = timedelta(hours=1)
NIGHT = 3
"""The hour of the nightly check, in Hong Kong."""
PACE = 0.05
DELAY_MS = 20
"""How long the server takes for an answer where manners are measured, so that two at once would be seen to be two."""
PATIENT = WebSettings(
    contact="mailto:barometer@example.org", per_host_seconds=0.0, again_seconds=0.0, threads=16,
    connect_seconds=3.0, idle_seconds=1.2, total_seconds=6.0,
)  # fmt: skip
"""As short as a busy machine can bear: some of the links never answer."""


@dataclass(frozen=True, slots=True)
class Result:
    """What a week came to: a tally a kind, the most requests for an unchanged link in a check, and our manners.

    ``untold`` are the days and hosts whose requests we do not count as the server does.
    """

    tallies: dict[str, Tally]
    requests_unchanged_max: int
    manners: Manners
    untold: list[str]


@dataclass(slots=True)
class _Line:
    """The line as it runs: the workshop, its bodies, the portal with its clock, and ours."""

    db: Database
    bodies: Bodies
    sample: SampleAddress
    settings: WebSettings
    moment: datetime

    def clock(self) -> datetime:
        """Return the moment it is in the simulated week."""
        return self.moment

    def tell(self, moment: datetime) -> None:
        """Move both clocks."""
        self.moment = moment
        self.sample.tell(moment)

    def harvest(self) -> None:
        """Read the whole catalogue."""
        with (
            step(self.db, "harvest", self.clock, {}, "week") as run,
            accounted(self.db, Web(self.settings, self.clock)) as web,
        ):
            harvest(self.db, choose(self.sample.url, web), run, self.clock, full=True)

    def check(self, which: Which) -> None:
        """Visit what is due."""
        with (
            step(self.db, "check", self.clock, {}, "week") as run,
            accounted(self.db, Web(self.settings, self.clock)) as web,
        ):
            check(self.db, web, self.bodies, run, self.clock, which=which, portal=self.sample.url)

    def told(self) -> dict[tuple[str, str], int]:
        """Return how many requests we say we made, by day and host."""
        stored = self.db.execute("SELECT day, host, sum(requests) FROM request GROUP BY day, host")
        return {(day, host): requests for day, host, requests in stored}


def measure(work: Path, seed: int = 7, date: str = "2026-11-20") -> Result:
    """Run the week and the short run that measures manners in ``work``; return what they came to."""
    with ThreadPoolExecutor() as pool:
        waiting = pool.submit(behave, work, seed, date)
        truth, seen, log, books = live(work, seed, date)
        polite = waiting.result()
    asked, broken = pauses(by_host(log).values())
    polite = replace(polite, pauses=polite.pauses + asked, retry_after_broken=polite.retry_after_broken + broken)
    tallies = judge(truth["links"], seen, log)
    tallies["not listed"] = _unlisted(seen, {link["resource"] for link in truth["links"]})
    return Result(tallies, most_for_unchanged(truth["links"], log), polite, untold(log, books))


def live(
    work: Path, seed: int, date: str
) -> tuple[dict[str, Any], dict[str, Seen], list[dict[str, Any]], dict[tuple[str, str], int]]:
    """Harvest once and check for a week; return the week's truth, what was seen by resource, the log and our books."""
    with _started(work / "week", PATIENT, seed=seed, date=date) as (line, log):
        truth = json.loads(line.sample.truth.read_text(encoding="utf-8"))["week"]
        begins, ends = parse_iso(truth["begins"]), parse_iso(truth["ends"])
        line.tell(begins + (NIGHT - 1) * HOUR)
        line.harvest()
        for hour in range(NIGHT, (ends - begins) // HOUR):
            line.moment = begins + hour * HOUR
            nightly = hour % 24 == NIGHT
            if nightly or due_now(line.db, line.clock):
                line.tell(line.moment)
                line.check(Which(early=EARLY) if nightly else Which())
        seen, books = _seen(line.db), line.told()
    return truth, seen, _lines(log), books


def behave(work: Path, seed: int, date: str) -> Manners:
    """Harvest and check once at a pace, on a night when some hosts ask for pauses; return what the log says of it."""
    paced = replace(PATIENT, per_host_seconds=PACE)
    with _started(work / "manners", paced, seed=seed, date=date, **{"delay-ms": DELAY_MS}) as (line, log):
        begins = parse_iso(json.loads(line.sample.truth.read_text(encoding="utf-8"))["week"]["begins"])
        line.tell(begins + (24 + NIGHT) * HOUR)
        line.harvest()
        line.check(Which(every=True))
        portal = line.sample.url.rpartition("/")[2]
    return manners(_lines(log), PACE, portal)


@contextmanager
def _started(work: Path, settings: WebSettings, **options: object) -> Iterator[tuple[_Line, Path]]:
    """Start a sample portal of the week's links alone, and a workshop for it in ``work``; yields the log's path too."""
    work.mkdir(parents=True)
    log = work / "requests.jsonl"
    words = {**options, "datasets": 0, "no-faults": "", "week": "", "log": str(log)}
    db = work / "harvest.db"
    with sample_portal(f"sample?{urlencode(words)}") as sample, workshop(db, create=True) as made:
        moment = datetime.fromisoformat(f"{sample.date}T00:00:00Z")
        yield _Line(made, Bodies.beside(db), sample, replace(settings, routes=sample.routes), moment), log


def _lines(log: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in log.read_text(encoding="utf-8").splitlines()]


def _seen(db: Database) -> dict[str, Seen]:
    """Return what the workshop knows by resource; an address that is no resource's goes by itself.

    A template is judged by its example; one without is told to want parameters by having none (docs/availability.md).
    """
    spells: dict[int, list[tuple[str, str, str, str | None]]] = defaultdict(list)
    for url, *told in db.execute("SELECT url, state, reason, since, until FROM spell ORDER BY url, since"):
        spells[url].append((told[0], told[1], told[2], told[3]))
    known = {
        row["url"]: Seen(tuple(spells[row["url"]]), row["bodies"], row["stamps"])
        for row in db.query(
            "SELECT url, count(DISTINCT sha256) AS bodies, count(DISTINCT last_modified) AS stamps"
            " FROM visit GROUP BY url"
        )
    }
    seen: dict[str, Seen] = {}
    rest = dict(known)
    for row in db.query("SELECT shared_id, kind, url, example, first_seen FROM resource"):
        wanting = row["kind"] == "template" and row["example"] is None
        lasting = ("needs-parameters", "needs-parameters", row["first_seen"], None)
        seen[row["shared_id"]] = Seen((lasting,)) if wanting else known.get(row["example"] or row["url"], Seen())
        rest.pop(row["example"] or row["url"], None)
    return seen | {f"url {url}": found for url, found in rest.items()}


def _unlisted(seen: dict[str, Seen], listed: set[str]) -> Tally:
    """Count what was said of addresses that nothing was planted in (dictionaries): they were up all the time."""
    tally = Tally()
    for name, found in seen.items():
        if name not in listed:
            tally.lookalikes += 1
            false = [str(spell) for spell in found.spells if spell[0] != "up"]
            tally.invented += bool(false)
            tally.notes += [f"{name}: {what}" for what in false]
    return tally


def report(result: Result, show: str = "") -> int:
    """Print the table and the line of totals; return the exit code: 0 where nothing is missed, invented or rude."""
    print(f"{'kind':24} planted found look-alikes invented")
    for kind, tally in result.tallies.items():
        print(f"{kind:24} {tally.planted:7} {tally.found:5} {tally.lookalikes:11} {tally.invented:8}")
        for note in tally.notes if show in (kind, "all") else ():
            print(f"    {note}")
    planted, found, invented = (
        sum(getattr(tally, name) for tally in result.tallies.values()) for name in ("planted", "found", "invented")
    )
    recall = found / planted if planted else 1.0
    precision = found / (found + invented) if found + invented else 1.0
    polite = result.manners
    print(f"manners: {polite.pairs} pairs of requests to a host, {polite.pauses} pauses asked for")
    for note in result.untold if show == "all" else ():
        print(f"    {note}")
    print(
        f"week: planted={planted} found={found} invented={invented} recall={recall:.3f} precision={precision:.3f}"
        f" requests_unchanged_max={result.requests_unchanged_max} rate_exceeded={polite.rate_exceeded}"
        f" retry_after_broken={polite.retry_after_broken} requests_untold={len(result.untold)}"
    )
    sound = found == planted and not invented and result.requests_unchanged_max <= 1
    return 0 if sound and not (polite.rate_exceeded or polite.retry_after_broken or result.untold) else 1


def main() -> int:
    """Print a line a kind and a last line of totals; exit with 1 where anything is missed, invented or rude."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--date", default="2026-11-20")
    parser.add_argument("--show", default="")
    parser.add_argument("--keep", type=Path, help="work in this folder and leave it")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        result = measure(options.keep or Path(folder), options.seed, options.date)
    return report(result, options.show)


if __name__ == "__main__":
    sys.exit(main())
