"""The steps wired to the world: which database, which portal, which clock."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

from sqlite_utils import Database

from harvester.check import check as visit_all
from harvester.clock import Clock, parse_iso
from harvester.errors import NotOurDatabaseError, SettingsError
from harvester.harvest import harvest as fetch_catalogue
from harvester.portal import DataGovHk
from harvester.sample import SAMPLE, is_sample, sample_portal
from harvester.settings import WebSettings
from harvester.status import Told, tell
from harvester.store.bodies import Bodies
from harvester.store.workshop import Run, RunKind, connect, step, workshop
from harvester.validate.step import validate as validate_all
from harvester.web import Web
from publish.build import publish as build_catalog
from publish.build import published_portal
from publish.serve import serve as serve_catalog
from scoring.rubric import load_rubric
from scoring.step import score as score_all

METADATA = Path(__file__).parents[1] / "metadata.yml"

# The sample portal is on this machine and some of its hosts never answer: waiting for them as long as for a
# department's server would only make a first run slow.
SAMPLE_CONNECT_SECONDS = 3.0
SAMPLE_IDLE_SECONDS = 4.0
SAMPLE_TOTAL_SECONDS = 12.0
SAMPLE_CONTACT = "barometer@example.org"


@dataclass(frozen=True, slots=True)
class Place:
    """Where a step works and how it behaves: the workshop's path, the portal asked for, manners and the clock."""

    db: Path
    portal: str | None
    clock: Clock
    contact: str | None = None
    pace: float | None = None
    allow: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class StepOutcome:
    """What a step did: its counts by name, and how many items it could not work on."""

    kind: RunKind
    counts: dict[str, int]
    failed: int


def harvest(place: Place) -> StepOutcome:
    """Fetch the catalogue of ``place.portal`` into the workshop, making it where there is none."""
    with workshop(place.db, create=True) as db, _reach(place, _portal(db, place)) as reach:
        return _harvest(db, place, reach)


def check(place: Place) -> StepOutcome:
    """Visit every distinct address of the workshop's live resources."""
    with workshop(place.db) as db, _reach(place, _held(db, place)) as reach:
        return _check(db, place, reach)


def validate(place: Place) -> StepOutcome:
    """Judge every body that has no verdict yet."""
    with workshop(place.db) as db:
        return _validate(db, place, _held(db, place))


def score(place: Place, rubric: Path | None, as_of: datetime | None) -> StepOutcome:
    """Answer and score as of a moment (aware; now where None) by a rubric (gdb-checklist where None)."""
    with workshop(place.db) as db:
        return _score(db, place, _held(db, place), rubric, as_of)


def publish(place: Place, catalog: Path) -> StepOutcome:
    """Build the catalogue file whole from the workshop."""
    with workshop(place.db) as db:
        return _publish(db, place, _held(db, place), catalog)


def run(place: Place, catalog: Path, rubric: Path | None, as_of: datetime | None) -> list[StepOutcome]:
    """Do all five steps in their order, with one portal (and one sample portal) for the whole."""
    load_rubric(rubric)  # a bad rubric must be told before an hour of visits, not after
    with workshop(place.db, create=True) as db:
        portal = _portal(db, place)
        with _reach(place, portal) as reach:
            outcomes = [_harvest(db, place, reach), _check(db, place, reach)]
        outcomes.append(_validate(db, place, portal))
        outcomes.append(_score(db, place, portal, rubric, as_of))
        outcomes.append(_publish(db, place, portal, catalog))
    return outcomes


def serve(place: Place, catalog: Path, host: str, port: int) -> int:
    """Serve ``catalog`` with Datasette until it is stopped; return its exit code.

    Raises NotOurDatabaseError where there is no catalogue, SettingsError where it is not of the portal asked for.
    """
    if not catalog.exists():
        raise NotOurDatabaseError(
            f"There is no catalogue at {catalog}: run `barometer publish --db {place.db} --catalog {catalog}` first."
        )
    held = published_portal(catalog)
    if place.portal and place.portal.rstrip("/") != held:
        raise SettingsError(f"{catalog} holds {held}, not {place.portal}: name another file with --catalog.")
    return serve_catalog(catalog, METADATA, host, port)


def status(place: Place) -> Told:
    """Return what the workshop tells of its last runs, without waiting for a step that is at work."""
    db = connect(place.db, create=False)
    try:
        return tell(db, _held(db, place))
    finally:
        db.conn.close()


@dataclass(frozen=True, slots=True)
class _Reach:
    """A portal within reach: its name as the user gave it, its base address, and how to behave there."""

    portal: str
    url: str
    settings: WebSettings


@contextmanager
def _reach(place: Place, portal: str) -> Iterator[_Reach]:
    """Make ``portal`` reachable: the sample portal is started for as long as the block lasts."""
    settings = WebSettings(allow=place.allow)
    if place.contact:
        settings = replace(settings, contact=place.contact)
    if place.pace is not None:
        settings = replace(settings, per_host_seconds=place.pace)
    if not is_sample(portal):
        yield _Reach(portal, portal, settings)
        return
    with sample_portal(portal) as sample:
        settings = replace(settings, routes=sample.routes, per_host_seconds=place.pace or 0.0)
        settings = replace(settings, connect_seconds=SAMPLE_CONNECT_SECONDS, idle_seconds=SAMPLE_IDLE_SECONDS)
        settings = replace(settings, total_seconds=SAMPLE_TOTAL_SECONDS, contact=settings.contact or SAMPLE_CONTACT)
        yield _Reach(portal, sample.url, settings)


def _harvest(db: Database, place: Place, reach: _Reach) -> StepOutcome:
    with step(db, "harvest", place.clock, {}, reach.portal) as run_, Web(reach.settings, place.clock) as web:
        fetch_catalogue(db, DataGovHk(reach.url, web), run_, place.clock)
    return _outcome(run_)


def _check(db: Database, place: Place, reach: _Reach) -> StepOutcome:
    with step(db, "check", place.clock, {}, reach.portal) as run_, Web(reach.settings, place.clock) as web:
        visit_all(db, web, Bodies.beside(place.db), run_, place.clock)
    return _outcome(run_)


def _validate(db: Database, place: Place, portal: str) -> StepOutcome:
    with step(db, "validate", place.clock, {}, portal) as run_:
        validate_all(db, Bodies.beside(place.db), run_, place.clock)
    return _outcome(run_)


def _score(db: Database, place: Place, portal: str, rubric: Path | None, as_of: datetime | None) -> StepOutcome:
    loaded = load_rubric(rubric)
    options = {"rubric": loaded.digest, "as_of": as_of}
    with step(db, "score", place.clock, options, portal) as run_:
        score_all(db, run_, place.clock, loaded, as_of or parse_iso(run_.started))
    return _outcome(run_)


def _publish(db: Database, place: Place, portal: str, catalog: Path) -> StepOutcome:
    with step(db, "publish", place.clock, {"catalog": str(catalog)}, portal) as run_:
        run_.counts.update(build_catalog(place.db, catalog, place.clock, portal))
    return _outcome(run_)


def _outcome(run_: Run) -> StepOutcome:
    return StepOutcome(run_.kind, dict(run_.counts), run_.failed)


def _portal(db: Database, place: Place) -> str:
    """Return the portal to harvest: the one asked for, which must be the one the workshop holds, else the sample."""
    held = _last_portal(db)
    wanted = (place.portal or held or SAMPLE).rstrip("/")
    if not is_sample(wanted) and not wanted.startswith(("https://", "http://")):
        raise SettingsError(f"{wanted!r} is not a portal: give `sample`, or an address such as https://data.gov.hk.")
    if held and held != wanted:
        raise SettingsError(f"{place.db} holds {held}, not {wanted}: name another database with --db.")
    return wanted


def _held(db: Database, place: Place) -> str:
    """Return the portal the workshop holds. Raises SettingsError where it holds none, or another than asked for."""
    if not _last_portal(db):
        raise SettingsError(f"{place.db} holds no catalogue yet: run `barometer harvest --db {place.db}` first.")
    return _portal(db, place)


def _last_portal(db: Database) -> str | None:
    rows = list(db.query("SELECT portal FROM run WHERE kind = 'harvest' ORDER BY id DESC LIMIT 1"))
    return str(rows[0]["portal"]) if rows else None
