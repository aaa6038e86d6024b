"""What one raw record says that matters for its history, and how two records differ. Pure."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from harvester.extras import lifted
from harvester.joining import Record, clean, group_of, resources_by_id

Facts = dict[tuple[str, str], str]
"""A record's facts by resource ('' for the dataset itself) and field; what it does not say is missing."""

_DATASET = {
    "title": "title", "notes": "notes", "frequency": "update_frequency", "maintainer": "maintainer",
    "maintainer_email": "maintainer_email", "maintainer_phone": "maintainer_phone", "licence_id": "license_id",
    "licence_title": "license_title",
}  # fmt: skip
_RESOURCE = {"title": "name", "format": "format", "is_api": "is_api"}


@dataclass(frozen=True, slots=True)
class Difference:
    """One fact that is not what it was; None where it was not, or is no more."""

    resource: str
    field: str
    old: str | None
    new: str | None


def facts(name: str, record: Record | None, *, own_ids: bool = False) -> Facts:
    """Return the facts of one instance's record of the dataset ``name``; none where it has no record.

    ``own_ids`` is as in ``join_dataset``. That the record, or a resource, is there at all is a fact too.
    """
    if record is None:
        return {}
    record = lifted(record)
    found = {("", "record"): "listed"}
    found |= {("", field): text for field, key in _DATASET.items() if (text := clean(record.get(key)))}
    organization = record.get("organization")
    provider = clean(organization.get("name")) if isinstance(organization, Mapping) else None
    others = {
        "dictionary": clean(record.get("data_dictionary"), entities=False),
        "category": clean(group_of(record).get("name")),
        "provider": provider,
    }
    found |= {("", field): text for field, text in others.items() if text}
    for shared, resource in resources_by_id(name, record, own_ids=own_ids):
        found[shared, "resource"] = "listed"
        found |= {(shared, field): text for field, key in _RESOURCE.items() if (text := clean(resource.get(key)))}
        if url := clean(resource.get("url"), entities=False):
            found[shared, "url"] = url
    return found


def differences(old: Facts, new: Facts) -> Iterator[Difference]:
    """Yield what is not the same in both, by resource and field."""
    for resource, field in sorted(old.keys() | new.keys()):
        before, after = old.get((resource, field)), new.get((resource, field))
        if before != after:
            yield Difference(resource, field, before, after)
