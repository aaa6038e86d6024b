"""Which portal a workshop holds, and how it is reached: the live one as it is, the sample started for as long."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any

from sqlite_utils import Database

from harvester.errors import SettingsError
from harvester.place import Place
from harvester.sample import SAMPLE, is_sample, sample_portal
from harvester.settings import WebSettings

# The sample portal is on this machine and some of its hosts never answer: waiting for them as long as for a
# department's server would only make a first run slow.
SAMPLE_LIMITS: Any = {"connect_seconds": 3.0, "idle_seconds": 4.0, "total_seconds": 12.0, "again_seconds": 0.0}
SAMPLE_CONTACT = "barometer@example.org"


@dataclass(frozen=True, slots=True)
class Reach:
    """A portal within reach: its name as the user gave it, its base address, and how to behave there."""

    portal: str
    url: str
    settings: WebSettings


@contextmanager
def reached(place: Place, portal: str) -> Iterator[Reach]:
    """Make ``portal`` reachable: the sample portal is started for as long as the block lasts."""
    settings = WebSettings(allow=place.allow, ignore_robots=place.ignore_robots, in_flight=place.in_flight)
    if place.contact:
        settings = replace(settings, contact=place.contact)
    if place.pace is not None:
        settings = replace(settings, per_host_seconds=place.pace)
    if not is_sample(portal):
        yield Reach(portal, portal, settings)
        return
    with sample_portal(portal) as sample:
        settings = replace(settings, routes=sample.routes, per_host_seconds=place.pace or 0.0)
        settings = replace(settings, **SAMPLE_LIMITS, contact=settings.contact or SAMPLE_CONTACT)
        yield Reach(portal, sample.url, settings)


def portal_of(db: Database, place: Place) -> str:
    """Return the portal to harvest: the one asked for, which must be the one the workshop holds, else the sample."""
    held = _last_portal(db)
    wanted = (place.portal or held or SAMPLE).rstrip("/")
    if not is_sample(wanted) and not wanted.startswith(("https://", "http://")):
        raise SettingsError(f"{wanted!r} is not a portal: give `sample`, or an address such as https://data.gov.hk.")
    if held and held != wanted:
        raise SettingsError(f"{place.db} holds {held}, not {wanted}: name another database with --db.")
    return wanted


def held_portal(db: Database, place: Place) -> str:
    """Return the portal the workshop holds. Raises SettingsError where it holds none, or another than asked for."""
    if not _last_portal(db):
        raise SettingsError(f"{place.db} holds no catalogue yet: run `barometer harvest --db {place.db}` first.")
    return portal_of(db, place)


def _last_portal(db: Database) -> str | None:
    rows = list(db.query("SELECT portal FROM run WHERE kind = 'harvest' ORDER BY id DESC LIMIT 1"))
    return str(rows[0]["portal"]) if rows else None
