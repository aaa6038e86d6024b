"""The catalogue's reads and writes: rows upserted, what is gone marked and never deleted."""

import json
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache

from sqlite_utils import Database

from harvester.joining import Record
from harvester.records import LANGUAGES, Category, Dataset, Language, Provider
from harvester.store.changes import keep_records, note_withdrawn
from harvester.store.workshop import Run
from harvester.vocabulary import host_of


@dataclass(frozen=True, slots=True)
class Fetched:
    """One dataset as a harvest brought it: joined, with its raw records and the titles they give others.

    ``asked`` are the instances that list it, whether or not they gave a record; ``own_ids`` is as in ``join_dataset``.
    """

    dataset: Dataset
    records: Mapping[Language, Record]
    asked: tuple[Language, ...]
    own_ids: bool
    provider: Provider | None
    category: Category | None

    @property
    def untold(self) -> tuple[Language, ...]:
        """The instances whose record holds no list of resources, and so does not say that any is gone."""
        return tuple(lang for lang, record in self.records.items() if not isinstance(record.get("resources"), list))


def live_counts(db: Database) -> dict[Language, int]:
    """Return how many datasets each language instance was last known to list."""
    sql = """
        SELECT count(*) FROM dataset
        WHERE withdrawn_at IS NULL AND EXISTS (SELECT 1 FROM json_each(languages) WHERE value = ?)
    """
    return {language: int(db.execute(sql, [language]).fetchone()[0]) for language in LANGUAGES}


def done_names(db: Database, run: Run) -> set[str]:
    """Return the datasets that this run has already stored, before it was interrupted."""
    return {row[0] for row in db.execute("SELECT dataset FROM harvested WHERE run = ?", [run.id])}


def provider_slugs(db: Database) -> tuple[str, ...]:
    """Return every provider's slug known so far."""
    return tuple(row[0] for row in db.execute("SELECT slug FROM provider ORDER BY slug"))


def save_lists(db: Database, run: Run, providers: Iterable[Provider], categories: Iterable[Category]) -> None:
    """Store the portal's own lists of providers and categories, whose titles count more than the records'."""
    with db.atomic():
        for provider in providers:
            _save_titled(db, "provider", provider, run, overwrite=True)
        for category in categories:
            _save_titled(db, "category", category, run, overwrite=True)


def save_batch(db: Database, run: Run, batch: Sequence[Fetched]) -> None:
    """Store a batch of datasets in one transaction."""
    with db.atomic():
        for provider in dict.fromkeys(fetched.provider for fetched in batch if fetched.provider):
            _save_titled(db, "provider", provider, run, overwrite=False)
        for category in dict.fromkeys(fetched.category for fetched in batch if fetched.category):
            _save_titled(db, "category", category, run, overwrite=False)
        _save_slugs(db, run, {fetched.dataset.provider for fetched in batch})
        urls = _url_ids(db, run, {url for fetched in batch for url in _addresses(fetched.dataset)})
        for fetched in batch:
            keep_records(db, run, fetched.dataset.name, fetched.records, fetched.asked, own_ids=fetched.own_ids)
            _save_dataset(db, run, fetched.dataset, urls)
            _save_resources(db, run, fetched.dataset, urls, told=len(fetched.untold) < len(fetched.records))
            db.execute("INSERT OR IGNORE INTO harvested (run, dataset) VALUES (?, ?)", [run.id, fetched.dataset.name])
            db.execute("DELETE FROM failure WHERE run = ? AND item = ?", [run.id, fetched.dataset.name])


def withdraw(db: Database, run: Run, listed: Iterable[str]) -> None:
    """Mark the datasets that no instance lists any more, and their resources, as withdrawn at this run's start.

    A dataset that is listed stays as it was, and has been seen.
    """
    with db.atomic():
        db.execute("CREATE TEMP TABLE IF NOT EXISTS listed (name TEXT PRIMARY KEY) WITHOUT ROWID")
        db.execute("DELETE FROM listed")
        db.conn.executemany("INSERT OR IGNORE INTO listed (name) VALUES (?)", ([name] for name in listed))
        sql = "SELECT name FROM dataset WHERE withdrawn_at IS NULL AND name NOT IN (SELECT name FROM listed)"
        gone = [row[0] for row in db.execute(sql)]
        note_withdrawn(db, run, gone)
        sql = "UPDATE dataset SET withdrawn_at = ? WHERE name = ?"
        db.conn.executemany(sql, ([run.started, name] for name in gone))
        sql = "UPDATE dataset SET last_seen = ? WHERE withdrawn_at IS NULL AND name IN (SELECT name FROM listed)"
        db.execute(sql, [run.started])
        db.execute(
            """
            UPDATE resource SET withdrawn_at = ?
            WHERE withdrawn_at IS NULL AND dataset NOT IN (SELECT name FROM listed)
            """,
            [run.started],
        )
        db.execute("DELETE FROM harvested WHERE run <> ?", [run.id])


def counts(db: Database, run: Run) -> dict[str, int]:
    """Return how large the catalogue is and what this run did to it.

    It is read from what is stored, so that a run taken up again tells the whole.
    """
    sql = """
        SELECT
            (SELECT count(*) FROM dataset WHERE withdrawn_at IS NULL) AS datasets,
            (SELECT count(*) FROM harvested JOIN dataset ON name = dataset
             WHERE run = :run AND first_seen = :at) AS new,
            (SELECT count(*) FROM resource WHERE withdrawn_at IS NULL) AS resources,
            (SELECT count(*) FROM record_version WHERE run = :run) AS record_versions,
            (SELECT count(*) FROM dataset WHERE withdrawn_at = :at) AS withdrawn,
            (SELECT count(*) FROM url WHERE archived_at = :at) AS archived
    """
    return dict(next(iter(db.query(sql, {"run": run.id, "at": run.started}))))


def mark_archived(db: Database, run: Run, urls: Iterable[str]) -> None:
    """Note that the historical archive lists these addresses."""
    with db.atomic():
        db.conn.executemany("UPDATE url SET archived_at = ? WHERE url = ?", ([run.started, url] for url in urls))


def _save_titled(db: Database, table: str, item: Provider | Category, run: Run, *, overwrite: bool) -> None:
    keep = "coalesce(excluded.{0}, {1}.{0})" if overwrite else "coalesce({1}.{0}, excluded.{0})"
    titles = ", ".join(f"{name} = {keep.format(name, table)}" for name in ("title_en", "title_tc", "title_sc"))
    sql = f"""
        INSERT INTO {table} (slug, title_en, title_tc, title_sc, first_seen, last_seen) VALUES (?, ?, ?, ?, ?, ?)
        ON CONFLICT (slug) DO UPDATE SET last_seen = excluded.last_seen, {titles}
    """  # noqa: S608 -- the table's name is one of two of ours
    db.execute(sql, [item.slug, item.title.en, item.title.tc, item.title.sc, run.started, run.started])


def _save_slugs(db: Database, run: Run, slugs: Iterable[str]) -> None:
    """Store the providers of datasets, whether or not anything gave their titles."""
    db.conn.executemany(
        """
        INSERT INTO provider (slug, first_seen, last_seen) VALUES (?, ?, ?)
        ON CONFLICT (slug) DO UPDATE SET last_seen = excluded.last_seen
        """,
        ([slug, run.started, run.started] for slug in sorted(slugs)),
    )


def _addresses(dataset: Dataset) -> Iterator[str]:
    """Yield every address of a dataset that is visited."""
    if dataset.dictionary_url is not None:
        yield dataset.dictionary_url
    for resource in dataset.resources:
        yield resource.url


def _url_ids(db: Database, run: Run, urls: Collection[str]) -> dict[str, int]:
    """Return the numbers of addresses, given to those that have none yet."""
    db.conn.executemany(
        "INSERT OR IGNORE INTO url (url, host, first_seen) VALUES (?, ?, ?)",
        ([url, host_of(url), run.started] for url in sorted(urls)),
    )
    sql = "SELECT url, id FROM url WHERE url IN (SELECT value FROM json_each(?))"
    return dict(db.execute(sql, [json.dumps(sorted(urls))]).fetchall())


def _save_dataset(db: Database, run: Run, dataset: Dataset, urls: Mapping[str, int]) -> None:
    counts, dictionary = dataset.resource_counts, dataset.dictionary_url
    row = {
        "name": dataset.name, "provider": dataset.provider, "category": dataset.category,
        "title_en": dataset.title.en, "title_tc": dataset.title.tc, "title_sc": dataset.title.sc,
        "notes_en": dataset.notes.en, "notes_tc": dataset.notes.tc, "notes_sc": dataset.notes.sc,
        "frequency_en": dataset.frequency.en, "frequency_tc": dataset.frequency.tc,
        "frequency_sc": dataset.frequency.sc, "schedule": dataset.schedule, "period_days": dataset.period_days,
        "maintainer_en": dataset.maintainer.en, "maintainer_tc": dataset.maintainer.tc,
        "maintainer_sc": dataset.maintainer.sc, "maintainer_email": dataset.maintainer_email,
        "maintainer_phone": dataset.maintainer_phone, "dictionary": None if dictionary is None else urls[dictionary],
        "licence_id": dataset.licence_id, "licence_title": dataset.licence_title,
        "created": dataset.created, "modified": dataset.modified, "languages": json.dumps(dataset.languages),
        "resources_en": counts.en, "resources_tc": counts.tc, "resources_sc": counts.sc,
        "extras": dataset.extras,
        "last_seen": run.started, "withdrawn_at": None,
    }  # fmt: skip
    _upsert(db, run, "dataset", "name", [row])


def _save_resources(db: Database, run: Run, dataset: Dataset, urls: Mapping[str, int], *, told: bool) -> None:
    """Store a dataset's resources; the others it had are gone where its records ``told`` which there are."""
    taken = _taken(db, run, dataset)
    rows: list[dict[str, object]] = []
    for resource in dataset.resources:
        own = f"{resource.dataset}:{resource.shared_id}" if resource.shared_id in taken else resource.shared_id
        row = {
            "shared_id": own, "dataset": dataset.name, "position": resource.position,
            "title_en": resource.title.en, "title_tc": resource.title.tc, "title_sc": resource.title.sc,
            "description_en": resource.description.en, "description_tc": resource.description.tc,
            "description_sc": resource.description.sc, "format": resource.format, "kind": resource.kind,
            "url": urls[resource.url], "url_en": resource.urls.en, "url_tc": resource.urls.tc,
            "url_sc": resource.urls.sc, "is_api": resource.is_api, "in_language": resource.in_language,
            "mimetype": resource.mimetype, "size": resource.size, "created": resource.created,
            "modified": resource.modified, "published": resource.published,
            "temporal_from": resource.temporal_from, "temporal_to": resource.temporal_to,
            "schema_url": resource.schema_url, "languages": json.dumps(resource.languages),
            "extras": resource.extras,
            "last_seen": run.started, "withdrawn_at": None,
        }  # fmt: skip
        rows.append(row)
    _upsert(db, run, "resource", "shared_id", rows)
    if not told:
        return
    db.execute(
        """
        UPDATE resource SET withdrawn_at = ?
        WHERE dataset = ? AND withdrawn_at IS NULL AND shared_id NOT IN (SELECT value FROM json_each(?))
        """,
        [run.started, dataset.name, json.dumps([row["shared_id"] for row in rows])],
    )


def _taken(db: Database, run: Run, dataset: Dataset) -> set[str]:
    """Return those of its resources' shared ids that another live dataset has, which must be made its own.

    One that this run has yet to read again may have given it up, and has not yet.
    """
    sql = """
        SELECT r.shared_id FROM resource r
        WHERE r.shared_id IN (SELECT value FROM json_each(:ids)) AND r.dataset <> :dataset AND r.withdrawn_at IS NULL
          AND (EXISTS (SELECT 1 FROM harvested WHERE run = :run AND dataset = r.dataset)
               OR NOT EXISTS (SELECT 1 FROM planned WHERE run = :run AND dataset = r.dataset))
    """
    ids = json.dumps([resource.shared_id for resource in dataset.resources])
    return {row[0] for row in db.execute(sql, {"run": run.id, "ids": ids, "dataset": dataset.name})}


def _upsert(db: Database, run: Run, table: str, key: str, rows: Sequence[Mapping[str, object]]) -> None:
    """Insert rows (of the same columns) seen first in this run, or bring those with their keys up to date."""
    if rows:
        db.conn.executemany(_upsert_sql(table, key, tuple(rows[0])), ([*row.values(), run.started] for row in rows))


@cache
def _upsert_sql(table: str, key: str, columns: tuple[str, ...]) -> str:
    names = [*columns, "first_seen"]
    changes = ", ".join(f"{name} = excluded.{name}" for name in columns if name != key)
    return f"""
        INSERT INTO {table} ({", ".join(names)}) VALUES ({", ".join("?" * len(names))})
        ON CONFLICT ({key}) DO UPDATE SET {changes}
    """  # noqa: S608 -- table and column names are this module's own
