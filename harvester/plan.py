"""Which records a harvest reads tonight. Pure; the rule, with its arithmetic, stands in docs/harvest.md."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from math import ceil
from typing import Literal

from harvester.clock import iso, parse_iso
from harvester.records import LANGUAGES, Language

ROUND = timedelta(days=7)
"""How long the rotation takes to come round to a dataset again."""
STALE = timedelta(days=28)
"""A dataset with a record older than this is read whole: only long idleness makes one."""
FEED_OVERLAP = timedelta(days=2)
"""How much later than its entries' dates a feed may appear without anything being missed."""

Reason = Literal["full", "new", "returned", "languages", "failed", "told", "stale", "rotation"]
"""Why a dataset is read; where several apply, the first of this order."""


@dataclass(frozen=True, slots=True)
class Known:
    """What earlier harvests know of a dataset: when each instance's record was last read (ISO 8601 UTC)."""

    read_at: Mapping[Language, str]
    withdrawn: bool = False


@dataclass(frozen=True, slots=True)
class Look:
    """One dataset to read: the instances to ask first, and why.

    Where those are fewer than list it, the others are asked only if one of the first has changed.
    """

    name: str
    reason: Reason
    languages: tuple[Language, ...]


@dataclass(frozen=True, slots=True)
class Hints:
    """What else decides a plan.

    ``since`` is when the last complete harvest began (None: there is none), ``told`` when a feed says that a dataset
    changed, ``failed`` what could not be read lately; ``full`` asks for everything, ``strict`` for every language at
    each turn of the rotation.
    """

    since: str | None = None
    told: Mapping[str, str] = field(default_factory=dict)
    failed: Collection[str] = ()
    full: bool = False
    strict: bool = False


def plan(
    listed: Mapping[Language, Collection[str]], known: Mapping[str, Known], hints: Hints, now: datetime
) -> list[Look]:
    """Return the datasets to read at ``now`` (aware), by name, out of those that ``listed`` names by instance.

    What changed, may have changed or is unknown is read in every language. Of the rest, those read longest ago are
    looked at: as many as bring the rotation round in ``ROUND``, however long ago the last harvest was.
    """
    where: dict[str, list[Language]] = {}
    for language in LANGUAGES:
        for name in listed.get(language, ()):
            where.setdefault(name, []).append(language)
    stale = iso(now - STALE)
    looks, quiet = [], []
    for name, languages in sorted(where.items()):
        reason = _reason(name, languages, known.get(name), hints, stale)
        if reason is None:
            quiet.append(name)
        else:
            looks.append(Look(name, reason, tuple(languages)))
    looks += [
        Look(name, "rotation", _first_two(where[name], known[name], strict=hints.strict))
        for name in _turn(quiet, len(where), where, known, hints.since, now)
    ]
    return sorted(looks, key=lambda look: look.name)


def _reason(name: str, languages: list[Language], known: Known | None, hints: Hints, stale: str) -> Reason | None:
    """Return why a dataset must be read whole, or None."""
    if hints.full:
        return "full"
    if known is None:
        return "new"
    oldest = min(known.read_at.values(), default="")
    told = hints.told.get(name)
    holds: dict[Reason, bool] = {
        "returned": known.withdrawn,
        "languages": set(languages) != set(known.read_at),
        "failed": name in hints.failed,
        "told": told is not None and told > _earlier(oldest, FEED_OVERLAP),
        "stale": oldest < stale,
    }
    return next((reason for reason, true in holds.items() if true), None)


def _earlier(moment: str, by: timedelta) -> str:
    return iso(parse_iso(moment) - by) if moment else ""


def _turn(
    quiet: list[str],
    datasets: int,
    where: Mapping[str, list[Language]],
    known: Mapping[str, Known],
    since: str | None,
    now: datetime,
) -> list[str]:
    """Return the datasets whose turn it is: those read longest ago."""
    age = {name: known[name].read_at[where[name][0]] for name in quiet}
    oldest_first = sorted(quiet, key=lambda name: (age[name], name))
    elapsed = now - parse_iso(since) if since else ROUND
    share = ceil(datasets * max(elapsed, timedelta()) / ROUND)
    overdue = iso(now - ROUND)
    return [name for place, name in enumerate(oldest_first) if place < share or age[name] <= overdue]


def _first_two(languages: list[Language], known: Known, *, strict: bool) -> tuple[Language, ...]:
    """Return the first instance and, of the others, the one read longest ago; all of them where ``strict``."""
    if strict or len(languages) == 1:
        return tuple(languages)
    return languages[0], min(languages[1:], key=lambda language: known.read_at[language])
