"""The first step: list the catalogue, fetch every record in three languages, keep what is new, mark what is gone."""

from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from datetime import timedelta
from itertools import islice
from typing import TypeVar

from sqlite_utils import Database

from harvester.clock import HONG_KONG, Clock
from harvester.errors import PortalError
from harvester.joining import Record, category_of, join_dataset, providers_of
from harvester.portals.base import Portal
from harvester.progress import progress
from harvester.records import Language
from harvester.store import catalogue
from harvester.store.catalogue import Fetched
from harvester.store.workshop import Run, record_failure

BATCH = 50
"""Datasets a transaction: little enough to lose when stopped, enough that writing costs nothing beside fetching."""
ARCHIVE_DAYS = 35
"""How far back the archive is asked for: past a month, because it bundles past months into monthly files."""

Item = TypeVar("Item")
Result = TypeVar("Result")
_Raw = tuple[str, dict[Language, Record] | None, str]


def harvest(db: Database, portal: Portal, run: Run, clock: Clock) -> None:
    """Bring the workshop's catalogue up to date with ``portal``.

    Datasets whose record cannot be fetched are recorded as failures and stay as they were; datasets no instance lists
    any more are marked withdrawn. An interrupted run goes on where it stopped. Raises PortalError where the portal
    cannot be listed, or lists so little that believing it would withdraw half the catalogue.
    """
    listed = {language: set(portal.package_list(language)) for language in portal.languages}
    _refuse_shrunken(db, portal.base_url, listed)
    _side_lists(db, portal, run, clock)
    names = sorted(set().union(*listed.values()))
    done = catalogue.done_names(db, run)
    waiting = [name for name in names if name not in done]

    def fetch(name: str) -> _Raw:
        return _fetch(portal, name, [language for language in portal.languages if name in listed[language]])

    slugs = catalogue.provider_slugs(db)
    with ThreadPoolExecutor(portal.threads, "harvest") as pool:
        try:
            fetched = progress(_in_order(pool, fetch, waiting, 4 * portal.threads), len(waiting), "harvest")
            while batch := list(islice(fetched, BATCH)):
                _keep(db, run, clock, batch, slugs, own_ids=len(portal.languages) == 1)
        finally:
            pool.shutdown(wait=False, cancel_futures=True)
    catalogue.withdraw(db, run, names)
    _archive(db, portal, run, clock)
    run.counts.update(catalogue.counts(db, run))


def _fetch(portal: Portal, name: str, languages: Sequence[Language]) -> _Raw:
    """Return a dataset's records by language, or None and why not.

    All of them or none: half a dataset would be judged as if a language were missing.
    """
    try:
        found = {language: portal.package_show(language, name) for language in languages}
    except PortalError as error:
        return name, None, str(error)
    records = {language: record for language, record in found.items() if record is not None}
    return name, records or None, "The portal lists it and says that it does not exist."


def _keep(
    db: Database, run: Run, clock: Clock, batch: Sequence[_Raw], slugs: tuple[str, ...], *, own_ids: bool
) -> None:
    arrived = []
    for name, records, problem in batch:
        if records is None:
            record_failure(db, run, name, problem, clock)
        else:
            dataset = join_dataset(name, records, slugs, own_ids=own_ids)
            arrived.append(Fetched(dataset, records, providers_of(records), category_of(records)))
    catalogue.save_batch(db, run, arrived)


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


def _archive(db: Database, portal: Portal, run: Run, clock: Clock) -> None:
    """Note what the historical archive keeps; its newest day is yesterday in Hong Kong."""
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
