"""What a record says that no column of ours holds: found, cleaned and bounded. Pure; whatever a record holds, no crash.

CKAN portals put a field of their own in one of three places: at the record's top level (DATA.GOV.HK, ckanext-scheming),
in ``extras`` as a list of keys and values (stock CKAN), or in ``extras`` as one object (CKAN before 2.0).
"""

import json
import math
from collections.abc import Mapping
from typing import Any

from harvester.records import Language

Record = Mapping[str, Any]

MOST_DEEP = 8
MOST_OF_ONE = 10_000
"""Characters of JSON kept of one value; the raw record holds the whole."""
MOST_OF_ALL = 100_000
"""Characters of JSON kept of one record's values together."""

DATASET_COLUMNS = frozenset({
    "name", "title", "notes", "organization", "groups", "resources", "extras", "update_frequency", "maintainer",
    "maintainer_email", "maintainer_phone", "data_dictionary", "license_id", "license_title", "metadata_created",
    "metadata_modified",
})  # fmt: skip
"""The fields of a package that columns hold."""
RESOURCE_COLUMNS = frozenset({
    "shared_id", "name", "description", "format", "url", "is_api", "inLanguage", "mimetype", "size", "dateCreated",
    "dateModified", "datePublished", "temporal_from", "temporal_to", "schema",
})  # fmt: skip
"""The fields of a resource that columns hold."""

# What CKAN writes about its own rows, and what it counts or repeats of what stands beside it.
_DATASET_BOOKKEEPING = frozenset({
    "id", "creator_user_id", "owner_org", "state", "type", "private", "isopen", "num_resources", "num_tags",
    "relationships_as_object", "relationships_as_subject", "revision_id", "revision_timestamp", "plugin_data",
    "tracking_summary", "display_name",
})  # fmt: skip
_RESOURCE_BOOKKEEPING = frozenset({
    "id", "package_id", "resource_group_id", "position", "state", "url_type", "created", "metadata_modified",
    "cache_url", "cache_last_updated", "mimetype_inner", "revision_id", "revision_timestamp", "on_same_domain",
    "tracking_summary", "display_name",
})  # fmt: skip
_DATASET_KNOWN = DATASET_COLUMNS | _DATASET_BOOKKEEPING
_DATASET_NOT_NAMES = _DATASET_KNOWN | {"tags"}
_RESOURCE_KNOWN = RESOURCE_COLUMNS | _RESOURCE_BOOKKEEPING
_RESOURCE_NOT_ITS_ID = _RESOURCE_KNOWN - {"shared_id"}


def lifted(record: Record) -> Record:
    """Return ``record`` with the fields in its ``extras`` at its top level, where the top level says nothing else."""
    inner = _inner(record.get("extras"))
    if not inner:
        return record
    return {**inner, **{key: value for key, value in record.items() if key not in inner or not _empty(value)}}


def dataset_extras(records: Mapping[Language, Record]) -> str:
    """Return, as JSON by language instance, the fields of lifted package records that no column holds.

    ``{"en": {"author": "..."}}``; an instance without any is left out, as are empty values. Tags and further groups
    are given by name.
    """
    return _told({language: _dataset(record) for language, record in records.items()})


def resource_extras(raws: Mapping[Language, Record], shared_id: str) -> str:
    """Return, as JSON by language instance, the fields of one resource's records that no column holds.

    ``shared_id`` is what it is joined on: where its record gives another, which a second resource has too, that one is
    among them.
    """
    return _told(
        {
            language: _kept(raw, _RESOURCE_KNOWN if raw.get("shared_id") == shared_id else _RESOURCE_NOT_ITS_ID)
            for language, raw in raws.items()
        }
    )


def _inner(extras: object) -> dict[str, Any]:
    if isinstance(extras, Mapping):
        return {key: value for key, value in extras.items() if isinstance(key, str)}
    pairs = (item for item in _list(extras) if isinstance(item, Mapping))
    return {key: item.get("value") for item in pairs if isinstance(key := item.get("key"), str)}


def _dataset(record: Record) -> dict[str, Any]:
    found = _kept(record, _DATASET_NOT_NAMES)
    groups = _names(record.get("groups"))
    several = {"tags": _names(record.get("tags")), "groups": groups if len(groups) > 1 else []}
    return found | {key: names for key, names in several.items() if names}


def _names(items: object) -> list[str]:
    """Return the names in a list of CKAN's objects or of plain texts."""
    found = (item.get("name") if isinstance(item, Mapping) else item for item in _list(items))
    return [_text(name) for name in found if isinstance(name, str)]


def _list(value: object) -> list[Any]:
    return value if isinstance(value, list) else []


def _kept(record: Record, known: frozenset[str]) -> dict[str, Any]:
    return {
        _text(key): _plain(value, MOST_DEEP)
        for key in sorted(key for key in record if key not in known)
        if not _empty(value := record[key])
    }


def _told(found: Mapping[Language, Mapping[str, Any]]) -> str:
    """Return JSON that SQLite and people can read, each value and the whole bounded, a cut one saying so."""
    if not any(found.values()):
        return "{}"
    left = MOST_OF_ALL
    told: dict[str, dict[str, Any]] = {}
    for language, fields in found.items():
        for key, value in fields.items():
            size = len(key) + len(json.dumps(value, ensure_ascii=False))
            if len(key) > MOST_OF_ONE or left <= 0:
                continue
            fits = size <= min(left, MOST_OF_ONE)
            told.setdefault(language, {})[key] = value if fits else f"({size:,} characters: see the raw record)"
            left -= size if fits else len(key)
    return json.dumps(told, ensure_ascii=False, sort_keys=True)


def _plain(value: object, depth: int) -> Any:
    """Return a value as JSON that can be stored: no half characters, no NUL, no infinity, not endlessly deep."""
    if isinstance(value, str):
        return _text(value)
    if isinstance(value, float) and not math.isfinite(value):
        return str(value)
    if isinstance(value, Mapping | list) and not depth:
        return "(nested deeper: see the raw record)"
    if isinstance(value, Mapping):
        return {_text(str(key)): _plain(item, depth - 1) for key, item in value.items()}
    if isinstance(value, list):
        return [_plain(item, depth - 1) for item in value]
    return value


def _text(text: str) -> str:
    return text.replace("\x00", "").encode("utf-8", "replace").decode("utf-8")


def _empty(value: object) -> bool:
    return value is None or value in ("", [], {}) or (isinstance(value, str) and not value.strip())
