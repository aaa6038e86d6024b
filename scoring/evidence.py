"""From harvest.db (or catalog.db, which has the same tables) to the facts of each live dataset, in a few big reads."""

import json
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
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
WHERE d.withdrawn_at IS NULL ORDER BY d.name
"""
RESOURCES = """
SELECT r.*, u.url AS address, r.url AS url_id FROM resource r JOIN url u ON u.id = r.url
JOIN dataset d ON d.name = r.dataset
WHERE r.withdrawn_at IS NULL AND d.withdrawn_at IS NULL ORDER BY r.dataset, r.position, r.shared_id
"""
SHARED = """
SELECT r.shared_id, r.dataset, r.in_language, r.languages, r.url FROM resource r
JOIN dataset d ON d.name = r.dataset
WHERE r.withdrawn_at IS NULL AND d.withdrawn_at IS NULL AND r.url IN (
    SELECT url FROM resource WHERE withdrawn_at IS NULL GROUP BY url HAVING count(*) > 1)
ORDER BY r.dataset, r.position
"""


def load(db: Database, as_of: datetime) -> Iterator[DatasetFacts]:
    """Yield the facts of every live dataset, by name, as known at ``as_of`` (aware; later visits are not looked at).

    Where the first visit ever came after ``as_of``, that first check is taken for what was so then: it is the
    nearest there is, and everything unknown would say less.

    Reads whole tables in a handful of queries and joins them here: a query for each of 25,000 resources would cost
    more than the scoring.
    """
    looks = read_looks(db, _cutoff(db, iso(as_of)), _read_contents(db))
    sharers, laid = _read_sharers(db), read_laid(db)
    rows = list(db.query(DATASETS))
    instances = {language for row in rows for language in json.loads(row["languages"])}
    by_dataset = {
        name: list(group) for name, group in groupby(db.query(RESOURCES), key=lambda row: str(row["dataset"]))
    }
    fields = _fields(rows, by_dataset.values())
    originals = copies(_listing(row, by_dataset.get(row["name"], ())) for row in rows)
    portal = PortalFacts(tuple(language for language in LANGUAGES if language in instances), fields)
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


def _listing(row: Row, resources: Iterable[Row]) -> Listing:
    return Listing(row["name"], row["provider"], row["first_seen"], frozenset(each["url_id"] for each in resources))


FIELDS = ("mimetype", "size", "temporal_from", "temporal_to")
"""Columns of resources that not every portal fills."""


def _fields(datasets: Iterable[Row], resources: Iterable[Iterable[Row]]) -> frozenset[str]:
    """Return the names of the fields that any record fills: of ``FIELDS``, and all that no column holds."""
    rows = [row for group in resources for row in group]
    found = {name for name in FIELDS if any(row[name] for row in rows)}
    for text in {row["extras"] for row in (*datasets, *rows)} - {"{}"}:
        found.update(name for said in json.loads(text).values() for name in said)
    return frozenset(found)


def _cutoff(db: Database, moment: str) -> str:
    """Return the moment up to which visits count: ``moment``, or the end of the first check where that came later."""
    first = "SELECT max(started) AS ended, min(started) AS began FROM visit WHERE run = (SELECT min(run) FROM visit)"
    row = next(iter(db.query(first)))
    return str(row["ended"]) if row["began"] and row["began"] > moment else moment


def _read_contents(db: Database) -> dict[str, Content]:
    contents: dict[str, Content] = {}
    defects: dict[str, list[Defect]] = defaultdict(list)
    for row in db.query("SELECT * FROM defect ORDER BY content, count DESC, code"):
        examples = tuple(json.loads(row["examples"]))
        defects[row["content"]].append(
            Defect(row["code"], row["count"], row["row"], row["field"], row["note"], examples)
        )
    for row in db.query("SELECT * FROM content"):
        contents[row["sha256"]] = _content(row, tuple(defects.get(row["sha256"], ())))
    return contents


def _read_sharers(db: Database) -> dict[int, list[Sharer]]:
    sharers: dict[int, list[Sharer]] = defaultdict(list)
    for row in db.query(SHARED):
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
