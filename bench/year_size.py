"""How large workshop and catalogue are after a year of nights, and whether every trend is told as it was.

The catalogue is made up as for `bench.score`: 4,000 datasets, 25,000 addresses. Every night its visits, bodies, defects
and comparisons are written as a check and a validation store them, and the real folding is done every week, so that
what is measured is what it leaves. The year ends with the real publishing. What the trends must say is counted aside,
from the plan alone and without the database.

The rates, on the high side of what DATA.GOV.HK's records promise (of 627 records of 2018 some 5 in 100 were updated
daily or oftener, 42 in 100 as necessary; the busy ones have far more files): one address in twelve is dead and asked
every third night; of the others 24 in 100 are files that change daily, 12 in 100 live feeds that are never twice the
same, asked once a night, and the rest is asked weekly and changes every ten weeks. One body in five has defects.
"""

import argparse
import json
import sqlite3
import tempfile
from collections import Counter
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from hashlib import sha256
from pathlib import Path

from sqlite_utils import Database

from bench.score import START, live_on, make
from harvester.clock import iso
from harvester.fold import fold
from harvester.settle import day_of
from harvester.store.health import bring_up_to_date
from harvester.store.workshop import connect, step
from publish.build import publish
from scoring.rubric import load_rubrics
from scoring.step import score

PORTAL = "https://data.gov.hk"
NIGHTS, WEEK, CHANGES = 365, 7, 70
OUTAGES = 200
"""Files that are down for some nights each, so that uptime has something to tell."""
COLUMNS = [
    {"label": f"column {number}", "type": "number", "null_share": 0.0, "distinct": 99, "low": 0.0, "high": 9999.5}
    for number in range(6)
]  # fmt: skip
PROFILE = json.dumps({"rows": 120, "earliest": "2025-01-01", "latest": "2025-12-31", "periods": 12, "columns": COLUMNS})
"""As long as the profiles of a scan of real files are on average."""
FACTS = '{"rows_a":120,"rows_b":121,"latest_a":"2025-12-30","latest_b":"2025-12-31","moved":1}'


@dataclass(frozen=True, slots=True)
class Size:
    """What a year left: megabytes (million bytes) of both files, how many visits were made and are there still.

    ``trends_lost`` counts the figures that are not what the plan says: 0, or the folding is wrong.
    """

    workshop_mb: float
    catalogue_mb: float
    nights: int
    visits: int
    kept: int
    trends_lost: int

    @property
    def mb(self) -> float:
        """Megabytes of both files together."""
        return self.workshop_mb + self.catalogue_mb


@dataclass(frozen=True, slots=True)
class Plan:
    """When an address is visited, counted in nights, and what it gives: pure, and what must be told follows from it."""

    url: int
    nights: int

    @property
    def dead(self) -> bool:
        """Whether it never gives anything."""
        return self.url % 12 == 0

    @property
    def daily(self) -> bool:
        """Whether it is asked every night, and changes as often."""
        return not self.dead and self.url % 25 < 9

    @property
    def out(self) -> range:
        """The nights of its outage, if it has one."""
        if not self.daily or self.url >= OUTAGES * 4:
            return range(0)
        begin = 5 + self.url * 7 % max(self.nights - 40, 1)
        return range(begin, begin + 2 + self.url % 20)

    def visited(self) -> range:
        """Return the nights on which it is visited."""
        every = 1 if self.daily else 3 if self.dead else WEEK
        return range(self.url % every, self.nights, every)

    def good(self, night: int) -> bool:
        """Whether a visit on a night goes well."""
        return not self.dead and night not in self.out

    def body(self, night: int) -> int:
        """Return the night on which the body it has on a night came to be."""
        if self.daily:
            return night
        return (night + self.url % CHANGES) // CHANGES * CHANGES - self.url % CHANGES

    def at(self, night: int) -> str:
        """Return when it is visited on a night (ISO 8601 UTC)."""
        return iso(START + timedelta(days=night + 1, seconds=self.url % 10_000))


def digest(url: int, born: int) -> str:
    """Return the sha256 of the body an address has from a night on."""
    return sha256(f"{url}/{born}".encode()).hexdigest()


def valid(born: int) -> bool:
    """Return whether the bodies that came to be on a night have no defects."""
    return born % 5 != 0


def live(db: Database, plans: list[Plan], night: int) -> int:
    """Store what one night's check and validation found, in one transaction, and return the number of visits."""
    ends = [iso(START + timedelta(days=night + 1, hours=hours)) for hours in (0, 4)]
    sql = "INSERT INTO run (kind, started, finished, state, code_version) VALUES ('check', ?, ?, 'done', '0')"
    run = db.execute(sql, ends).lastrowid
    visits: list[tuple[object, ...]] = []
    bodies: list[tuple[object, ...]] = []
    defects: list[tuple[str, str]] = []
    pairs: list[tuple[str, str, str]] = []
    for plan in plans:
        if night not in plan.visited():
            continue
        at, born = plan.at(night), plan.body(night)
        if not plan.good(night):
            visits.append((plan.url, run, at, "gone" if plan.dead else "server-error", 404 if plan.dead else 503,
                           90, 120, 310, "text/html", None, None, at, None, "whole", "error"))  # fmt: skip
            continue
        name, same = digest(plan.url, born), min(night, night - born) >= WEEK
        visits.append((plan.url, run, at, "ok", 304 if same else 200, 80 + night % 40, 100 + plan.url % 300,
                       None if same else 48_000, "text/csv; charset=utf-8", f'"{name[:20]}"',
                       plan.at(born), at, name, "changed" if same else "whole", "data"))  # fmt: skip
        if same:
            continue
        bodies.append((name, "valid" if valid(born) else "invalid", PROFILE, at))
        if not valid(born):
            defects += [(name, code) for code in ("blank-row", "type-error")]
        before = night - 1
        if plan.daily and night and plan.good(before):
            pairs.append((digest(plan.url, plan.body(before)), name, FACTS))
    with db.atomic():
        _store(db.conn, visits, bodies, defects, pairs)
    return len(visits)


def _store(connection: sqlite3.Connection, visits: list[tuple[object, ...]], bodies: list[tuple[object, ...]],
           defects: list[tuple[str, str]], pairs: list[tuple[str, str, str]]) -> None:  # fmt: skip
    connection.executemany(
        "INSERT OR IGNORE INTO content (sha256, bytes, complete, format, nature, ladder, encoding, rows, columns,"
        " labels, members, verdict, profile, dialect, seconds, engine, first_seen)"
        " VALUES (?, 48000, 1, 'csv', 'data', 'table', 'utf-8', 120, 6,"
        " '[\"column 0\", \"column 1\", \"column 2\", \"column 3\"]', '[]', ?, ?,"
        " '{\"delimiter\":\",\",\"header_row\":1,\"header_rows\":1}', 0.1, 'frictionless 5.18.1, rules 99', ?)", bodies,
    )  # fmt: skip
    connection.executemany(
        "INSERT INTO visit (url, run, attempt, started, outcome, status, first_byte_ms, milliseconds, bytes,"
        " content_type, etag, last_modified, served_at, sha256, asked, nature)"
        " VALUES (?, ?, 1, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        visits,
    )
    connection.executemany(
        "INSERT OR IGNORE INTO defect VALUES (?, ?, 3, 7, 2, 'A cell is not what its column says.',"
        " '[\"Row 7, column value: x\", \"Row 9, column value: y\"]')", defects,
    )  # fmt: skip
    connection.executemany("INSERT OR IGNORE INTO comparison VALUES ('versions', ?, ?, NULL, ?, 9999)", pairs)


DOWN = """
SELECT u.id, m.start, m.down_seconds FROM uptime m JOIN resource r ON r.shared_id = m.subject JOIN url u ON u.id = r.url
WHERE m.subject_type = 'resource' AND m.period = 'month' AND m.down_seconds > 0 AND u.id % 12 > 0 ORDER BY u.id, m.start
"""


def expected(plans: list[Plan]) -> Iterator[tuple[str, list[tuple[object, ...]]]]:
    """Yield each trend's question to the catalogue with the answer that follows from the plan."""
    verdicts: Counter[tuple[int, str]] = Counter()
    days: list[tuple[object, ...]] = []
    changes: list[tuple[object, ...]] = []
    for plan in plans:
        good = [night for night in plan.visited() if plan.good(night)]
        bodies = {plan.body(night) for night in good}
        verdicts.update((day_of(plan.at(night)), "valid" if valid(plan.body(night)) else "invalid") for night in good)
        days.append((plan.url, len(plan.visited()), len(good), len(plan.visited()) - len(good), len(good)))
        if good:
            changes.append((plan.url, len(good), len(bodies), len(bodies)))
    # The day before the nights, the catalogue's own check is the one visit of each address.
    yield (
        "SELECT url, sum(visits), sum(good), sum(bad), sum(looks) FROM visit_day WHERE day > :first GROUP BY url",
        days,
    )
    yield ("SELECT url, looks - 1, bodies - 1, stamps FROM body_change ORDER BY url", changes)
    yield ("SELECT day, verdict, addresses FROM verdict_day WHERE day > :first ORDER BY day, verdict",
           [(day, verdict, many) for (day, verdict), many in sorted(verdicts.items())])  # fmt: skip
    yield (DOWN, sorted(_down(plans)))


def _down(plans: list[Plan]) -> Iterator[tuple[int, str, int]]:
    """Yield the seconds an address with an outage was down in each month of Hong Kong."""
    for plan in plans:
        months: Counter[str] = Counter()
        for night in plan.out:
            begin = START + timedelta(days=night + 1, seconds=plan.url % 10_000, hours=8)
            midnight = begin.replace(hour=0, minute=0, second=0) + timedelta(days=1)
            before = int((midnight - begin).total_seconds())
            months[f"{begin:%Y-%m}"] += before
            months[f"{midnight:%Y-%m}"] += 86_400 - before
        yield from ((plan.url, month, seconds) for month, seconds in months.items())


def lost(catalog: Path, workshop: Path, plans: list[Plan], history: list[tuple[object, ...]]) -> int:
    """Return how many figures of the catalogue are not what the plan, or the history of scores, says."""
    wrong = 0
    with closing(sqlite3.connect(catalog)) as connection:
        asked = [*expected(plans), (HISTORY, history)]
        for sql, right in asked:
            told = connection.execute(sql, {"first": day_of(iso(START))} if ":first" in sql else {}).fetchall()
            off = len(set(told) ^ set(right))
            wrong += off
            if off:
                print(f"not as planned: {off} rows of: {sql[:90]}", flush=True)
    with closing(sqlite3.connect(workshop)) as connection:
        wrong += len(connection.execute("PRAGMA foreign_key_check").fetchall())
    return wrong


HISTORY = "SELECT subject_type, subject, profile, pillar, since, point, low, high, until FROM score"


def measure(work: Path, datasets: int = 4000, resources: int = 25_000, nights: int = NIGHTS) -> Size:
    """Live a year in ``work`` (an empty folder), folding every week, publish it, and return what it left."""
    place, catalog = work / "harvest.db", work / "catalog.db"
    db = connect(place, create=True)
    # The sizes are the same without these, and nothing here must outlive a power cut; keys are checked at the end.
    for setting in ("synchronous=OFF", "cache_size=-400000", "wal_autocheckpoint=20000"):
        db.execute(f"PRAGMA {setting}")
    make(db, datasets, resources)
    with db.atomic():
        db.execute("UPDATE resource SET kind = 'api', is_api = 1 WHERE url % 25 IN (6, 7, 8) AND url % 12 > 0")
    evening = START + timedelta(hours=12)
    with step(db, "score", lambda: evening, {}) as run:
        score(db, run, lambda: evening, load_rubrics(), evening)
    live_on(db, nights, datasets // 100)
    plans, visits = [Plan(url, nights) for url in range(resources)], resources
    for night in range(nights):
        db.execute("PRAGMA foreign_keys=OFF")
        visits += live(db, plans, night)
        db.execute("PRAGMA foreign_keys=ON")
        if night % WEEK == WEEK - 1:
            now = START + timedelta(days=night + 1, hours=6)
            with step(db, "fold", partial(_clock, now), {}) as run:
                fold(db, run, partial(_clock, now))
            told = ", ".join(f"{name} {value:,}" for name, value in run.counts.items())
            print(f"night {night + 1}: {told}", flush=True)
    bring_up_to_date(db)
    history = db.execute(HISTORY).fetchall()
    kept = int(db.execute("SELECT count(*) FROM visit").fetchone()[0])
    db.conn.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    db.conn.close()
    publish(place, catalog, partial(_clock, START + timedelta(days=nights, hours=8)), PORTAL)
    workshop_mb, catalogue_mb = (path.stat().st_size / 1e6 for path in (place, catalog))
    return Size(workshop_mb, catalogue_mb, nights, visits, kept, lost(catalog, place, plans, history))


def _clock(now: datetime) -> datetime:
    return now


def main() -> None:
    """Measure and print; the last line is for machines."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--datasets", type=int, default=4000)
    parser.add_argument("--resources", type=int, default=25_000)
    parser.add_argument("--nights", type=int, default=NIGHTS)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        size = measure(Path(name), asked.datasets, asked.resources, asked.nights)
    print(f"workshop {size.workshop_mb:,.0f} MB, catalogue {size.catalogue_mb:,.0f} MB")
    print(
        f"year-size: mb={size.mb:.0f} nights={size.nights} visits={size.visits} kept={size.kept}"
        f" trends_lost={size.trends_lost}"
    )


if __name__ == "__main__":
    main()
