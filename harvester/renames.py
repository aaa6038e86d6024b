"""Datasets and providers that go on under another name: found in one night's changes, or written down by hand."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time
from importlib.resources import files

import yaml

from harvester.clock import HONG_KONG, iso

FEWEST_BY_NAME = 2
"""A provider of one dataset that goes while another's of a like name comes may be chance; of two it is not."""


@dataclass(frozen=True, slots=True)
class ProviderRename:
    """A provider's old and new slug, since when (ISO 8601 UTC) and where that is written."""

    old: str
    new: str
    at: str
    source: str


def written_renames() -> tuple[ProviderRename, ...]:
    """Return the renames of ``renames.yml``; each takes effect at midnight in Hong Kong."""
    entries = yaml.safe_load(files("harvester").joinpath("renames.yml").read_text(encoding="utf-8"))
    return tuple(
        ProviderRename(entry["from"], entry["to"], _midnight(entry["date"]), " ".join(entry["source"].split()))
        for entry in entries
    )


def same_record(gone: Mapping[str, Collection[str]], come: Mapping[str, Collection[str]]) -> dict[str, str]:
    """Return old name to new name where a dataset that came has a record id of one that went."""
    owner, owned = _only(gone), _only(come)
    pairs: dict[str, str] = {}
    for record, old in owner.items():
        if record in owned:
            pairs.setdefault(old, owned[record])
    return pairs


def _only(ids: Mapping[str, Collection[str]]) -> dict[str, str]:
    """Return whose each id is, of those that are one dataset's alone."""
    owners: dict[str, set[str]] = {}
    for name, records in ids.items():
        for record in records:
            owners.setdefault(record, set()).add(name)
    return {record: min(names) for record, names in sorted(owners.items()) if len(names) == 1}


def same_rest(gone: Mapping[str, Collection[str]], come: Mapping[str, Collection[str]]) -> dict[str, str]:
    """Return old name to new name for each provider all of whose datasets came back under another slug.

    ``gone`` holds, by slug, the datasets of the providers that have none left; ``come`` the datasets that are new, by
    slug. They match where the names differ in the slug they begin with and in nothing else.
    """
    pairs: dict[str, str] = {}
    for old, names in sorted(gone.items()):
        for new, there in sorted(come.items()):
            moved = {name: renamed(name, old, new) for name in names}
            if old != new and len(moved) >= FEWEST_BY_NAME and set(moved.values()) <= set(there):
                pairs |= {name: other for name, other in moved.items() if other}
    return pairs


def renamed(name: str, old: str, new: str) -> str | None:
    """Return ``name`` with the slug ``new`` where it begins with ``old``, else None."""
    return f"{new}-{name.removeprefix(old + '-')}" if name.startswith(old + "-") else None


def moved_providers(pairs: Mapping[str, str], provider: Mapping[str, str], gone: Collection[str]) -> dict[str, str]:
    """Return old slug to new slug where all of a provider's datasets that went are ``pairs`` with one other's.

    ``provider`` tells every dataset's slug; ``gone`` are the datasets whose provider has none left.
    """
    found: dict[str, set[str | None]] = {}
    for name in gone:
        found.setdefault(provider[name], set()).add(provider[pairs[name]] if name in pairs else None)
    return {
        old: new for old, slugs in found.items() if len(slugs) == 1 for new in slugs if new is not None and new != old
    }


def _midnight(day: date) -> str:
    return iso(datetime.combine(day, time(), HONG_KONG))
