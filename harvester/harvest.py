"""The first step: list the catalogue, fetch the records that may be new, keep those that are, mark what is gone."""

from collections import deque
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import timedelta
from itertools import islice
from typing import TypeVar

from sqlite_utils import Database

from harvester.clock import HONG_KONG, Clock, iso, parse_iso
from harvester.errors import PortalError
from harvester.joining import Record, category_of, join_dataset, providers_of
from harvester.plan import Hints, Look, plan
from harvester.portals.base import Portal, Telling
from harvester.progress import progress
from harvester.records import Language
from harvester.renames import written_renames
from harvester.store import catalogue, readings, texts
from harvester.store.catalogue import Fetched
from harvester.store.changes import digest, note_renames
from harvester.store.examples import note_examples
from harvester.store.workshop import Run, record_failure
from harvester.wordlist import Vocabulary, shipped

BATCH = 50
"""Datasets a transaction: little enough to lose when stopped, enough that writing costs nothing beside fetching."""
ARCHIVE_DAYS = 35
"""How far back the archive is asked for: past a month, because it bundles past months into monthly files."""

ARCHIVE_EVERY = timedelta(days=7)
"""How often it is asked: its list takes as many requests as a night's rotation of a small provider."""

UNTOLD = "Its record holds no list of resources, so none that is known of is taken to be gone."

Item = TypeVar("Item")
Result = TypeVar("Result")
Listed = Mapping[Language, Collection[str]]


@dataclass(frozen=True, slots=True)
class _Answer:
    """What came of one look: the records by instance, None with the reason why not, or the instances unchanged."""

    look: Look
    listing: tuple[Language, ...]
    records: dict[Language, Record] | None = None
    problem: str = "The portal lists it and says that it does not exist."
    unchanged: bool = False


def harvest(
    db: Database,
    portal: Portal,
    run: Run,
    clock: Clock,
    *,
    full: bool = False,
    vocabulary: Vocabulary | None = None,
    stored: Callable[[], None] | None = None,
) -> None:
    """Bring the workshop's catalogue up to date with ``portal``.

    Everything is read where nothing is known yet, and where ``full`` asks for it; else what ``plan`` says. Datasets
    whose record cannot be fetched are recorded as failures and stay as they were; datasets no instance lists any more
    are marked withdrawn. An interrupted run goes on where it stopped. ``vocabulary`` (the shipped one where None)
    reads frequencies and formats; where it is a new one, what is stored is read anew. ``stored`` is called after each
    batch that was kept. Raises PortalError where the
    portal cannot be listed, or lists so little that believing it would withdraw half the catalogue.
    """
    vocabulary = vocabulary or shipped()
    texts.adopt(db, vocabulary)
    listed = {language: set(portal.package_list(language)) for language in portal.languages}
    _refuse_shrunken(db, portal.base_url, listed)
    _side_lists(db, portal, run, clock)
    looks = _looks(db, portal, run, clock, listed, full=full)
    catalogue.withdraw(db, run, set().union(*listed.values()))
    done = catalogue.done_names(db, run)
    waiting = [look for look in looks if look.name not in done]
    expected = readings.digests(db, run)

    def fetch(look: Look) -> _Answer:
        listing = tuple(language for language in portal.languages if look.name in listed[language])
        return _fetch(portal, look, listing, expected)

    own_ids = len(portal.languages) == 1
    slugs = catalogue.provider_slugs(db)
    with ThreadPoolExecutor(portal.threads, "harvest") as pool:
        try:
            fetched = progress(_in_order(pool, fetch, waiting, 4 * portal.threads), len(waiting), "harvest")
            while batch := list(islice(fetched, BATCH)):
                _keep(db, run, clock, batch, slugs, vocabulary, own_ids=own_ids)
                if stored:
                    stored()
        finally:
            pool.shutdown(wait=False, cancel_futures=True)
    renamed = note_renames(db, run, written_renames(), own_ids=own_ids)
    examples = note_examples(db, run)
    _archive(db, portal, run, clock, full=full)
    run.counts.update(catalogue.counts(db, run), renamed=renamed, examples=examples)
    run.counts.update(readings.counts(db, run, sum(len(names) for names in listed.values())))
    run.counts["unknown_texts"] = texts.note_unknown(db, vocabulary)


def _looks(db: Database, portal: Portal, run: Run, clock: Clock, listed: Listed, *, full: bool) -> list[Look]:
    """Return what this run sets out to read; one that is taken up keeps to its plan, and adds what is new since."""
    begun = readings.load_plan(db, run)
    known = readings.known(db)
    now = parse_iso(run.started)
    last = readings.last_harvest(db, run)
    hints = Hints(
        since=last[0] if last else None,
        told={} if begun else _told(db, portal, run, clock),
        failed=readings.failed_names(db, run),
        full=not begun and (full or bool(last and not last[1])),
    )
    planned = {look.name for look in begun}
    looks = plan(listed, known, hints, now)
    if begun:
        looks = [look for look in looks if look.name not in planned and look.reason in ("new", "returned")]
    readings.save_plan(db, run, looks)
    there = set().union(*listed.values())
    return sorted((look for look in begun + looks if look.name in there), key=lambda look: look.name)


def _told(db: Database, portal: Portal, run: Run, clock: Clock) -> dict[str, str]:
    """Return when each dataset last changed as far as the portal's feeds tell; one that is down is only a hint less."""
    told: dict[str, str] = {}
    if isinstance(portal, Telling):
        for language in portal.languages:
            try:
                for name, at in portal.changed(language):
                    told[name] = max(at, told.get(name, ""))
            except PortalError as error:
                record_failure(db, run, f"feed of changes ({language})", str(error), clock)
    return told


def _fetch(
    portal: Portal,
    look: Look,
    listing: tuple[Language, ...],
    expected: Mapping[tuple[str, Language], str | None],
) -> _Answer:
    """Return a dataset's records in every instance that lists it, or that those looked at are what they were.

    All of them or none: half a dataset would be judged as if a language were missing.
    """
    name = look.name
    first = tuple(language for language in look.languages if language in listing) or listing
    try:
        found = {language: portal.package_show(language, name) for language in first}
        if look.reason in ("rotation", "sweep") and all(
            digest(record) == expected.get((name, language)) for language, record in found.items()
        ):
            return _Answer(replace(look, languages=first), listing, unchanged=True)
        found |= {language: portal.package_show(language, name) for language in listing if language not in found}
    except PortalError as error:
        return _Answer(look, listing, problem=str(error))
    records = {language: record for language, record in found.items() if record is not None}
    return _Answer(look, listing, records or None)


def _keep(
    db: Database,
    run: Run,
    clock: Clock,
    batch: Sequence[_Answer],
    slugs: tuple[str, ...],
    vocabulary: Vocabulary,
    *,
    own_ids: bool,
) -> None:
    arrived = []
    for answer in batch:
        name, records = answer.look.name, answer.records
        if records is not None:
            dataset = join_dataset(name, records, slugs, own_ids=own_ids, vocabulary=vocabulary)
            titles = providers_of(records), category_of(records)
            arrived.append(Fetched(dataset, records, answer.listing, own_ids, *titles))
            for language in arrived[-1].untold:
                record_failure(db, run, f"{name} ({language})", UNTOLD, clock)
        elif not answer.unchanged:
            record_failure(db, run, name, answer.problem, clock)
    catalogue.save_batch(db, run, arrived)
    readings.touch(db, run, {answer.look.name: answer.look.languages for answer in batch if answer.unchanged})


def _refuse_shrunken(db: Database, base_url: str, listed: dict[Language, set[str]]) -> None:
    if not any(listed.values()):
        raise PortalError(f"{base_url} lists no datasets in any language: try again later, or check the address.")
    for language, known in catalogue.live_counts(db).items():
        count = len(listed.get(language, ()))
        if count * 2 < known:
            raise PortalError(
                f"{base_url} lists {count} datasets in {language!r} where {known} are known, so nothing was changed: "
                "try again later, or harvest into a new database with --db."
            )


def _side_lists(db: Database, portal: Portal, run: Run, clock: Clock) -> None:
    """Fetch the lists of providers and categories; without them the records' own titles have to do."""
    try:
        catalogue.save_lists(db, run, portal.providers(), portal.categories())
    except PortalError as error:
        record_failure(db, run, "providers and categories", str(error), clock)


def _archive(db: Database, portal: Portal, run: Run, clock: Clock, *, full: bool) -> None:
    """Note what the historical archive keeps, where that is due; its newest day is yesterday in Hong Kong."""
    asked = readings.archive_asked(db)
    if not full and asked is not None and iso(parse_iso(run.started) - ARCHIVE_EVERY) < asked < run.started:
        return
    yesterday = clock().astimezone(HONG_KONG).date() - timedelta(days=1)
    try:
        urls = portal.archived(yesterday - timedelta(days=ARCHIVE_DAYS), yesterday)
        while page := list(islice(urls, 500)):
            catalogue.mark_archived(db, run, page)
    except PortalError as error:
        record_failure(db, run, "historical archive", str(error), clock)


def _in_order(
    pool: ThreadPoolExecutor, work: Callable[[Item], Result], items: Iterable[Item], window: int
) -> Iterator[Result]:
    """Yield ``work`` of every item in order, with at most ``window`` of them fetched and not yet taken."""
    out: deque[Future[Result]] = deque()
    for item in items:
        if len(out) >= window:
            yield out.popleft().result()
        out.append(pool.submit(work, item))
    while out:
        yield out.popleft().result()
