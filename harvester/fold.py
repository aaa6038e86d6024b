"""Disk bounded for years: old visits are counted by the day and let go, and so is what only they rested on.

What is kept how long, and why nothing that a score, a state, a page or a trend rests on is lost, is told in
docs/availability.md, "What is kept how long".
"""

from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from datetime import timedelta
from typing import TypeVar

from sqlite_utils import Database

from harvester.clock import Clock, iso, parse_iso
from harvester.errors import SettingsError
from harvester.place import Place, StepOutcome
from harvester.settle import day_of, midnight, settle
from harvester.store import let_go, visit_days
from harvester.store.health import BATCH
from harvester.store.workshop import SCAN_DAYS, Run, step, workshop

KEEP_DAYS = 90
"""So many days of visits publish/pace.sql tells the times of APIs from, visit by visit: fewer are never kept."""
OF_FILES = 3
"""Of addresses that are no APIs nothing is told visit by visit but the last few: theirs are kept for one part in so
many of those days. Files that change daily are most of what fills a disk."""
SUPERSEDED_DAYS = 7
"""So long a body that another took the place of keeps all that was found in it: as long as a scan can be taken up."""
HALF = 2
"""A file is written anew where less than one part in so many of it is in use."""

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Folded:
    """What a folding did: rows counted and let go, and the workshop's size in bytes, with what of it is free to fill.

    ``visits`` were rolled up into ``days``; ``let_go`` of those that are rolled up were removed and ``kept`` are there
    still, because something rests on them. Of ``lightened`` contents only the verdict stays, ``contents`` are gone.
    """

    visits: int
    days: int
    let_go: int
    kept: int
    lightened: int
    contents: int
    bytes: int
    free_bytes: int


def fold(db: Database, run: Run | None, clock: Clock, keep_days: int = KEEP_DAYS) -> Folded:
    """Roll up the visits of whole days older than ``keep_days``, and let go what nothing rests on any more.

    Those of addresses that are no APIs are rolled up when they are a third as old.

    The days are Hong Kong's and are counted back from the newest visit, so that a barometer that stood still loses
    nothing by it. A shard of addresses is one transaction; cut off anywhere and done again, the end is the same. Room
    that is freed in the file is filled by later visits; where more than half of it is free, it is written anew.
    Raises SettingsError where fewer days are asked for than the pages tell of visit by visit (``KEEP_DAYS``).
    """
    if keep_days < KEEP_DAYS:
        raise SettingsError(f"The pages tell of {KEEP_DAYS} days visit by visit: keep at least so many.")
    newest = db.execute("SELECT max(started) FROM visit").fetchone()[0]
    now = min(clock(), parse_iso(newest)) if newest else clock()
    today = day_of(iso(now))
    before = today - keep_days
    visits, days = _roll_up(db, before, apis=True)
    of_files = _roll_up(db, today - keep_days // OF_FILES, apis=False)
    visits, days = visits + of_files[0], days + of_files[1]
    let_go.name_evidence(db)
    since = iso(now - timedelta(days=SUPERSEDED_DAYS))
    light = let_go.superseded(db, since, midnight(before))
    for contents in _shards(light, let_go.SHARD):
        let_go.lighten(db, contents)
    gone, bodies = 0, 0
    for urls in _shards(let_go.not_let_go(db), let_go.SHARD):
        some, named = let_go.let_visits_go(db, urls)
        gone, bodies = gone + some, bodies + named
    kept = visit_days.still_there(db)
    size, free = _write_anew(db)
    folded = Folded(visits, days, gone, kept, len(light), bodies, size, free)
    if run:
        run.counts.update(asdict(folded))
    return folded


def fold_at(place: Place, keep_days: int = KEEP_DAYS) -> StepOutcome:
    """Fold the workshop of ``place`` as a run of its own, which `barometer status` tells of.

    Raises BusyError where another command is at work on it, and as `fold` does.
    """
    with workshop(place.db) as db:
        held = db.execute("SELECT portal FROM run WHERE kind = 'harvest' ORDER BY id DESC LIMIT 1").fetchone()
        with step(db, "fold", place.clock, {"keep_days": keep_days}, held[0] if held else "") as run:
            fold(db, run, place.clock, keep_days)
    return StepOutcome("fold", dict(run.counts), run.failed)


def _roll_up(db: Database, before: int, *, apis: bool) -> tuple[int, int]:
    """Roll up what is settled earlier than day ``before`` of APIs, or of all others; return the visits and the days."""
    behind = visit_days.stale(db)
    visit_days.know_signs(db.conn)
    # A check may begin before midnight and end after it: it is read whole, and then left for another day.
    longer = midnight(before + SCAN_DAYS + 1)
    visits, days = 0, 0
    for urls in _shards(visit_days.waiting(db, midnight(before), apis=apis), BATCH):
        told = {}
        for url, (probes, known) in visit_days.to_settle(db, urls, longer).items():
            settled = settle(probes, known[0] if known else None, before)
            if settled:
                told[url] = settled
        counted, added = visit_days.roll_up(db, told, behind)
        visits, days = visits + counted, days + added
    return visits, days


def _shards(items: Sequence[T], size: int) -> Iterator[Sequence[T]]:
    return (items[start : start + size] for start in range(0, len(items), size))


def _write_anew(db: Database) -> tuple[int, int]:
    """Write the file anew where most of it is free; return its bytes and those of them that are free."""

    def pages() -> tuple[int, int]:
        return tuple(int(db.execute(f"PRAGMA {name}").fetchone()[0]) for name in ("page_count", "freelist_count"))  # type: ignore[return-value]

    page = int(db.execute("PRAGMA page_size").fetchone()[0])
    whole, free = pages()
    if free * HALF > whole:
        db.execute("VACUUM")
        whole, free = pages()
    return whole * page, free * page
