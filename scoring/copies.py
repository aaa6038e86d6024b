"""Which records list the very files of another record of their provider: one thing told twice counts once. Pure."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Listing:
    """What one live record lists: the addresses of its resources, and when the record was first seen (ISO 8601 UTC)."""

    dataset: str
    provider: str
    first_seen: str
    addresses: frozenset[int | str]


def copies(listings: Iterable[Listing]) -> Mapping[str, str]:
    """Return, for each record that lists exactly what another of its provider does, that other, the original.

    Of those that list the same the one first seen is the original, by name where they came together; it is in the
    result only as a value. A record that lists nothing is nobody's copy. The order of ``listings`` does not matter.
    """
    alike: dict[tuple[str, frozenset[int | str]], list[tuple[str, str]]] = defaultdict(list)
    for each in listings:
        if each.addresses:
            alike[each.provider, each.addresses].append((each.first_seen, each.dataset))
    found: dict[str, str] = {}
    for group in alike.values():
        (_, original), *others = sorted(group)
        found.update((name, original) for _, name in others)
    return found
