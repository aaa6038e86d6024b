"""From harvest.db (or catalog.db, which has the same tables) to the facts of each live dataset, in a few big reads."""

import json
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from itertools import groupby
from typing import Any

from sqlite_utils import Database

from harvester.clock import iso
from harvester.records import (
    LANGUAGES,
    Column,
    Content,
    Dataset,
    Defect,
    Dialect,
    Language,
    Odd,
    Place,
    Profile,
    Provider,
    Resource,
    Spellings,
    Trilingual,
)
from scoring.beside import read_laid
from scoring.copies import Listing, copies
from scoring.facts import Case, DatasetFacts, Look, PortalFacts, ResourceFacts, Sharer, Terms
from scoring.looks import Looks, read_looks

__all__ = ["Case", "DatasetFacts", "Look", "PortalFacts", "ResourceFacts", "Sharer", "Terms", "load"]

Row = Mapping[str, Any]

DATASETS = """
SELECT d.*, u.url AS dictionary_url, p.title_en AS p_en, p.title_tc AS p_tc, p.title_sc AS p_sc
FROM dataset d JOIN provider p ON p.slug = d.provider LEFT JOIN url u ON u.id = d.dictionary
WHERE d.withdrawn_at IS NULL{among} ORDER BY d.name
"""
RESOURCES = """
SELECT r.*, u.url AS address, r.url AS url_id FROM resource r JOIN url u ON u.id = r.url
JOIN dataset d ON d.name = r.dataset
WHERE r.withdrawn_at IS NULL AND d.withdrawn_at IS NULL{among} ORDER BY r.dataset, r.position, r.shared_id
"""
SHARED = """
SELECT r.shared_id, r.dataset, r.in_language, r.languages, r.url FROM resource r
JOIN dataset d ON d.name = r.dataset
WHERE r.withdrawn_at IS NULL AND d.withdrawn_at IS NULL AND r.url IN (
    SELECT url FROM resource WHERE withdrawn_at IS NULL{among} GROUP BY url HAVING count(*) > 1)
ORDER BY r.dataset, r.position
"""
LISTINGS = """
SELECT d.name, d.provider, d.first_seen, r.url AS url_id FROM dataset d
LEFT JOIN resource r ON r.dataset = d.name AND r.withdrawn_at IS NULL
WHERE d.withdrawn_at IS NULL{among} ORDER BY d.name
"""
OF_PROVIDERS = " AND d.provider IN (SELECT provider FROM dataset WHERE name IN (SELECT value FROM json_each(?)))"
AMONG = " IN (SELECT value FROM json_each(?))"
NAMED, AMONG_URLS = " AND d.name IN (SELECT value FROM json_each(?))", " AND url IN (SELECT value FROM json_each(?))"
SEEN = "SELECT DISTINCT sha256 FROM visit WHERE sha256 IS NOT NULL AND url IN (SELECT value FROM json_each(?))"
"""Every body that these addresses ever gave."""
DEFECTS, CONTENTS = "SELECT * FROM defect {among} ORDER BY content, count DESC, code", "SELECT * FROM content {among}"
FILLED = "SELECT DISTINCT languages, extras FROM dataset WHERE withdrawn_at IS NULL"
RESOURCES_FILLED = """
SELECT DISTINCT r.extras, coalesce(r.mimetype, '') <> '' AS mimetype, coalesce(r.size, 0) <> 0 AS size,
    coalesce(r.temporal_from, '') <> '' AS temporal_from, coalesce(r.temporal_to, '') <> '' AS temporal_to
FROM resource r JOIN dataset d ON d.name = r.dataset WHERE r.withdrawn_at IS NULL AND d.withdrawn_at IS NULL
"""


def load(db: Database, as_of: datetime, only: Collection[str] | None = None) -> Iterator[DatasetFacts]:
    """Yield the facts of every live dataset, by name, as known at ``as_of`` (aware; later visits are not looked at).

    Where the first visit ever came after ``as_of``, that first check is taken for what was so then: it is the
    nearest there is, and everything unknown would say less. Where ``only`` (names) is given, the facts of those
    datasets are the same, and little is read but what is theirs; table spell must count all their visits then.

    Reads whole tables in a handful of queries and joins them here: a query for each of 25,000 resources would cost
    more than the scoring.
    """
    named, names = ("", []) if only is None else (NAMED, [json.dumps(sorted(only))])
    rows = list(db.query(DATASETS.format(among=named), names))
    by_dataset = {
        name: list(group)
        for name, group in groupby(db.query(RESOURCES.format(among=named), names), key=lambda row: str(row["dataset"]))
    }
    urls = None if only is None else _addresses(rows, by_dataset.values())
    bodies = None if urls is None else {row[0] for row in db.execute(SEEN, [json.dumps(urls)])}
    looks = read_looks(db, _cutoff(db, iso(as_of)), _read_contents(db, bodies), urls)
    sharers, laid = _read_sharers(db, urls), read_laid(db, bodies)
    originals, portal = copies(_listings(db, names)), _portal(db)
    for row in rows:
        resources = tuple(_resource_facts(each, looks, sharers) for each in by_dataset.get(row["name"], ()))
        dictionary = looks.look(row["dictionary"]) if row["dictionary"] else None
        contents = (each.look.content.sha256 for each in resources if each.look.content)
        yield DatasetFacts(
            dataset=_dataset(row, tuple(each.resource for each in resources)),
            resources=resources,
            dictionary=dictionary,
            provider=Provider(row["provider"], Trilingual(row["p_en"], row["p_tc"], row["p_sc"])),
            portal=portal,
            copy_of=originals.get(row["name"], ""),
            beside=laid.of(dictionary.content.sha256 if dictionary and dictionary.content else None, contents),
        )


def _addresses(datasets: Iterable[Row], resources: Iterable[Iterable[Row]]) -> list[int]:
    """Return the numbers of all addresses that these records name, and of their examples."""
    found = {row["dictionary"] for row in datasets if row["dictionary"]}
    for row in (row for group in resources for row in group):
        found |= {row["url_id"], row["example"] or row["url_id"]}
    return sorted(found)


def _listings(db: Database, names: list[str]) -> Iterator[Listing]:
    """Yield what each live record lists, of all providers or of those of the datasets in ``names`` (JSON)."""
    found = db.query(LISTINGS.format(among=OF_PROVIDERS if names else ""), names)
    for _, group in groupby(found, key=lambda row: str(row["name"])):
        rows = list(group)
        urls = frozenset(row["url_id"] for row in rows if row["url_id"] is not None)
        yield Listing(rows[0]["name"], rows[0]["provider"], rows[0]["first_seen"], urls)


def _portal(db: Database) -> PortalFacts:
    """Return what is true of the portal as a whole."""
    datasets = list(db.query(FILLED))
    instances = {language for row in datasets for language in json.loads(row["languages"])}
    fields = _fields(datasets, list(db.query(RESOURCES_FILLED)))
    return PortalFacts(tuple(language for language in LANGUAGES if language in instances), fields)


FIELDS = ("mimetype", "size", "temporal_from", "temporal_to")
"""Columns of resources that not every portal fills."""


def _fields(datasets: Iterable[Row], rows: Sequence[Row]) -> frozenset[str]:
    """Return the names of the fields that any record fills: of ``FIELDS``, and all that no column holds."""
    found = {name for name in FIELDS if any(row[name] for row in rows)}
    for text in {row["extras"] for row in (*datasets, *rows)} - {"{}"}:
        found.update(name for said in json.loads(text).values() for name in said)
    return frozenset(found)


def _cutoff(db: Database, moment: str) -> str:
    """Return the moment up to which visits count: ``moment``, or the end of the first check where that came later."""
    first = "SELECT max(started) AS ended, min(started) AS began FROM visit WHERE run = (SELECT min(run) FROM visit)"
    row = next(iter(db.query(first)))
    return str(row["ended"]) if row["began"] and row["began"] > moment else moment


def _read_contents(db: Database, only: Collection[str] | None = None) -> dict[str, Content]:
    asked = [] if only is None else [json.dumps(sorted(only))]
    of_one, one = ("", "") if only is None else (f"WHERE content{AMONG}", f"WHERE sha256{AMONG}")
    if only is None and "spare" in db.table("content").columns_dict:  # millions over the years, and none is judged
        of_one, one = "WHERE content NOT IN (SELECT sha256 FROM content WHERE spare)", "WHERE NOT spare"
    contents: dict[str, Content] = {}
    defects: dict[str, list[Defect]] = defaultdict(list)
    for row in db.query(DEFECTS.format(among=of_one), asked):
        examples = tuple(json.loads(row["examples"]))
        defects[row["content"]].append(
            Defect(row["code"], row["count"], row["row"], row["field"], row["note"], examples)
        )
    for row in db.query(CONTENTS.format(among=one), asked):
        contents[row["sha256"]] = _content(row, tuple(defects.get(row["sha256"], ())))
    return contents


def _read_sharers(db: Database, only: Collection[int] | None) -> dict[int, list[Sharer]]:
    sharers: dict[int, list[Sharer]] = defaultdict(list)
    among, asked = ("", []) if only is None else (AMONG_URLS, [json.dumps(sorted(only))])
    for row in db.query(SHARED.format(among=among), asked):
        languages = tuple(json.loads(row["languages"]))
        sharers[row["url"]].append(Sharer(row["shared_id"], row["dataset"], row["in_language"], languages))
    return sharers


def _resource_facts(row: Row, looks: Looks, sharers: Mapping[int, list[Sharer]]) -> ResourceFacts:
    others = tuple(other for other in sharers.get(row["url_id"], ()) if other.shared_id != row["shared_id"])
    return ResourceFacts(_resource(row), looks.look(row["example"] or row["url_id"]), others)


def _texts(row: Row, name: str) -> Trilingual:
    return Trilingual(row[f"{name}_en"], row[f"{name}_tc"], row[f"{name}_sc"])


def _languages(row: Row) -> tuple[Language, ...]:
    return tuple(json.loads(row["languages"]))


def _dataset(row: Row, resources: tuple[Resource, ...]) -> Dataset:
    return Dataset(
        name=row["name"], provider=row["provider"], category=row["category"],
        title=_texts(row, "title"), notes=_texts(row, "notes"), frequency=_texts(row, "frequency"),
        schedule=row["schedule"], period_days=row["period_days"], maintainer=_texts(row, "maintainer"),
        maintainer_email=row["maintainer_email"], maintainer_phone=row["maintainer_phone"],
        dictionary_url=row["dictionary_url"], licence_id=row["licence_id"], licence_title=row["licence_title"],
        created=row["created"], modified=row["modified"], languages=_languages(row),
        resource_counts=_texts(row, "resources"), resources=resources,
        extras=row["extras"],
    )  # fmt: skip


def _resource(row: Row) -> Resource:
    return Resource(
        shared_id=row["shared_id"], dataset=row["dataset"], position=row["position"], title=_texts(row, "title"),
        description=_texts(row, "description"), format=row["format"], url=row["address"], urls=_texts(row, "url"),
        kind=row["kind"], is_api=None if row["is_api"] is None else bool(row["is_api"]),
        in_language=row["in_language"], mimetype=row["mimetype"], size=row["size"], created=row["created"],
        modified=row["modified"], published=row["published"], temporal_from=row["temporal_from"],
        temporal_to=row["temporal_to"], schema_url=row["schema_url"], languages=_languages(row),
        extras=row["extras"],
    )  # fmt: skip


def _content(row: Row, defects: tuple[Defect, ...]) -> Content:
    return Content(
        sha256=row["sha256"], bytes=row["bytes"], complete=bool(row["complete"]), format=row["format"],
        nature=row["nature"], ladder=row["ladder"], encoding=row["encoding"], bom=bool(row["bom"]),
        dialect=_dialect(json.loads(row["dialect"])) if row["dialect"] else None,
        rows=row["rows"], columns=row["columns"], labels=tuple(json.loads(row["labels"] or "[]")),
        members=tuple(json.loads(row["members"] or "[]")), verdict=row["verdict"] or "unmeasured",
        reason=row["reason"], repaired=row["repaired"], defects=defects,
        profile=_profile(json.loads(row["profile"])) if row["profile"] else None,
        seconds=row["seconds"] or 0.0, engine=row["engine"] or "",
    )  # fmt: skip


def _dialect(stored: Mapping[str, Any]) -> Dialect:
    told: dict[str, Any] = {name: tuple(value) if isinstance(value, list) else value for name, value in stored.items()}
    return Dialect(**told)


def _profile(stored: Mapping[str, Any]) -> Profile | None:
    """Return a stored profile, None where it only tells facts (of a document, a picture, a feed), which is no table."""
    if stored.get("facts") and not stored.get("columns") and stored.get("more") is None:
        return None
    return Profile(
        rows=stored["rows"],
        columns=tuple(_column(column) for column in stored.get("columns", ())),
        earliest=stored.get("earliest"),
        latest=stored.get("latest"),
        periods=stored.get("periods", 0),
        districts=tuple(stored.get("districts", ())),
        duplicate_rows=stored.get("duplicate_rows", 0),
        variants=tuple(tuple(group) for group in stored.get("variants", ())),
        more=stored.get("more"),
        spellings=tuple(Spellings(each["column"], _places(each["places"])) for each in stored.get("spellings", ())),
        repeated=tuple(stored.get("repeated", ())),
        rows_read=stored.get("rows_read"),
        unit=stored.get("unit"),
        first_column=stored.get("first_column", 1),
    )


def _column(stored: Mapping[str, Any]) -> Column:
    odd = tuple(Odd(each["kind"], each["count"], _places(each.get("places", ()))) for each in stored.get("odd", ()))
    return Column(**{**stored, "gaps": _places(stored.get("gaps", ())), "odd": odd})


def _places(stored: Iterable[Mapping[str, Any]]) -> tuple[Place, ...]:
    return tuple(Place(**place) for place in stored)
