"""Which records a harvest reads tonight. Pure; the rule, with its arithmetic, stands in docs/harvest.md."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from math import ceil
from typing import Literal

from harvester.clock import iso, parse_iso
from harvester.records import LANGUAGES, Language

NIGHT = timedelta(days=1)
ROUND = timedelta(days=7)
"""Within how long every record is read again."""
EARLY = NIGHT / 2
"""By how much a night may begin too early or too late and still be that night."""
FIRST = 2
"""How many instances of a dataset the rotation reads: English and the first Chinese one; the sweep reads the rest."""
STALE = timedelta(days=28)
"""A dataset with a record older than this is read whole: only long idleness makes one."""
FEED_OVERLAP = timedelta(days=2)
"""How much later than its entries' dates a feed may appear without anything being missed."""

Reason = Literal["full", "new", "returned", "languages", "failed", "told", "stale", "sweep", "rotation"]
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
    changed, ``failed`` what could not be read lately; ``full`` asks for everything.
    """

    since: str | None = None
    told: Mapping[str, str] = field(default_factory=dict)
    failed: Collection[str] = ()
    full: bool = False


def plan(
    listed: Mapping[Language, Collection[str]], known: Mapping[str, Known], hints: Hints, now: datetime
) -> list[Look]:
    """Return the datasets to read at ``now`` (aware), by name, out of those that ``listed`` names by instance.

    What changed, may have changed or is unknown is read in every language. Of the rest, the quiet ones, a share is
    looked at every night and the third language of all of them about every seventh, so that each record is read at
    the first harvest for which its last reading is ``ROUND`` less ``EARLY`` old, if not before.
    """
    where: dict[str, list[Language]] = {}
    for language in LANGUAGES:
        for name in listed.get(language, ()):
            where.setdefault(name, []).append(language)
    stale = iso(now - STALE)
    looks, quiet = [], {}
    for name, languages in sorted(where.items()):
        reason = _reason(name, languages, known.get(name), hints, stale)
        if reason is None:
            quiet[name] = {language: known[name].read_at[language] for language in languages}
        else:
            looks.append(Look(name, reason, tuple(languages)))
    elapsed = now - parse_iso(hints.since) if hints.since else ROUND
    return sorted(looks + _quiet_looks(quiet, _share(len(where), elapsed), now), key=lambda look: look.name)


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


def _share(datasets: int, elapsed: timedelta) -> int:
    """Return how many datasets bring the rotation round in ``ROUND``, ``elapsed`` after the harvest before.

    More than half a night counts as whole nights: one that begins late costs no more, one that begins early no less.
    """
    nights = round(elapsed / NIGHT) if elapsed > EARLY else max(elapsed, timedelta()) / NIGHT
    return ceil(datasets * nights / (ROUND / NIGHT))


def _quiet_looks(quiet: Mapping[str, Mapping[Language, str]], share: int, now: datetime) -> list[Look]:
    """Return the looks at quiet datasets, of each of which ``quiet`` tells when its records were last read.

    The rotation takes the ``share`` read longest ago, and what is due. The sweep takes the last language of all of
    them together, so that all come due together again: one a week, whichever night a dataset was added.
    """
    due = iso(now - ROUND + EARLY)
    age = {name: min(list(read_at.values())[:FIRST]) for name, read_at in quiet.items()}
    oldest_first = sorted(quiet, key=lambda name: (age[name], name))
    turn = {name for place, name in enumerate(oldest_first) if place < share or age[name] < due}
    sweep = any(at < due for read_at in quiet.values() for at in list(read_at.values())[FIRST:])
    looks = []
    for name, languages in ((name, tuple(read_at)) for name, read_at in quiet.items()):
        last = languages[FIRST:] if sweep else ()
        asked = (languages[:FIRST] if name in turn else ()) + last
        if asked:
            looks.append(Look(name, "sweep" if last else "rotation", asked))
    return looks
