"""The steps wired to the world: which database, which portal, which clock."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

from sqlite_utils import Database

from harvester.check import DUE, due_now
from harvester.check import check as visit_all
from harvester.clock import parse_iso
from harvester.compare.step import compare as compare_all
from harvester.errors import NotOurDatabaseError, SettingsError
from harvester.harvest import harvest as fetch_catalogue
from harvester.place import Checked, Place, StepOutcome
from harvester.portals import choose
from harvester.reach import Reach, held_portal, portal_of, reached
from harvester.recheck import recheck_one, refuse
from harvester.rechecked import Rechecked
from harvester.revisit import EARLY
from harvester.status import Told, tell
from harvester.store.health import Change
from harvester.store.requests import accounted, save_requests
from harvester.store.visits import Which, validated
from harvester.store.workshop import Run, RunKind, connect, finished, open_scan, step, workshop
from harvester.validate.engine import RULES
from harvester.validate.step import validate as validate_all
from harvester.web import Web
from harvester.wordlist import load_vocabulary
from publish.build import publish as build_catalog
from publish.build import published_portal
from publish.metadata_file import metadata_file
from scoring.from_catalogue import Made, Profile, opened, profiles, score_again, score_by
from scoring.outcome import standing, table
from scoring.rescore import rescore as rescore_all
from scoring.rubric import Rubric, load_rubric, load_rubrics
from scoring.step import no_earlier
from scoring.step import score as score_all
from scoring.swing import Swing

NIGHTLY = Which(early=EARLY)


def harvest(place: Place, *, full: bool = False) -> StepOutcome:
    """Fetch the catalogue of ``place.portal`` into the workshop, making it where there is none.

    Every record is fetched the first time and where ``full`` asks for it, else those that may have changed.
    """
    load_vocabulary(place.vocabulary)  # a bad one must be told before anything is made or asked
    with workshop(place.db, create=True) as db, reached(place, portal_of(db, place)) as reach:
        return _harvest(db, place, reach, full=full)


def check(place: Place, which: Which = NIGHTLY) -> Checked:
    """Visit the addresses of the workshop's live resources that are due, or that ``which`` asks for.

    Raises SettingsError where it names what is not there, OurNetworkError where it is our own network that is silent.
    """
    with workshop(place.db) as db, reached(place, held_portal(db, place)) as reach:
        return _check(db, place, reach, which)


def check_due(place: Place, which: Which = DUE) -> Checked | None:
    """Visit what is due at this moment; None where nothing is. ``which`` tells an APIs' hour from any other.

    Nothing is judged by it: `publish_news` carries what changed to the site.
    """
    with workshop(place.db) as db:
        portal = held_portal(db, place)
        if not due_now(db, place.clock, which):
            return None
        with reached(place, portal) as reach:
            return _check(db, place, reach, which)


def deepen(place: Place, unread: timedelta) -> list[StepOutcome]:
    """Read whole what was not for ``unread``, and judge anew what another Frictionless or Python judged."""
    with workshop(place.db) as db:
        portal = held_portal(db, place)
        with reached(place, portal) as reach:
            checked = _check(db, place, reach, Which(unread=unread))
        return [checked.outcome, _validate(db, place, portal, anew=True)]


def publish_news(place: Place, catalog: Path, own: Sequence[Path]) -> list[StepOutcome]:
    """Judge, score and publish, outside of any scan."""
    rubrics = load_rubrics(own)
    with workshop(place.db) as db:
        portal = held_portal(db, place)
        outcomes = [_validate(db, place, portal), _score(db, place, portal, rubrics, None)]
        return [*outcomes, _publish(db, place, portal, catalog)]


def recheck_dataset(place: Place, own: Sequence[Path], dataset: str, catalog: Path | None = None) -> Rechecked:
    """Look at one dataset anew, record and addresses, and answer and score it alone; return what was and what is.

    Where ``catalog`` is given, everything is then scored and published, which takes as long as it does after a scan.
    Raises UnknownNameError where no dataset is called so, SettingsError where nothing was scored yet, OurNetworkError
    where it is our own network that is silent.
    """
    (told,) = recheck_datasets(place, own, [dataset], catalog)
    return told


def recheck_datasets(
    place: Place, own: Sequence[Path], datasets: Sequence[str], catalog: Path | None = None
) -> Iterator[Rechecked]:
    """Yield what `recheck_dataset` tells of each, as soon as it is done; everything is published once, after the last.

    Nothing is done where one of the names is not known. The workshop is held until the last was yielded.
    """
    rubrics = load_rubrics(own)
    with workshop(place.db) as db:
        portal = held_portal(db, place)
        refuse(db, datasets)
        with reached(place, portal) as reach:
            for place_, dataset in enumerate(datasets, 1):
                told = recheck_one(db, place, reach, rubrics, dataset)
                if place_ < len(datasets) or catalog is None:
                    yield told
        if catalog is not None:
            _score(db, place, portal, rubrics, None)
            _publish(db, place, portal, catalog)
            yield replace(told, published=True)


def validate(place: Place) -> StepOutcome:
    """Judge every body that has no verdict yet."""
    with workshop(place.db) as db:
        return _validate(db, place, held_portal(db, place))


def score(place: Place, own: Sequence[Path], as_of: datetime | None) -> StepOutcome:
    """Answer and score as of a moment (aware; now where None) by every profile of ours and those files of ``own``."""
    rubrics = load_rubrics(own)
    with workshop(place.db) as db:
        return _score(db, place, held_portal(db, place), rubrics, as_of)


def rescore(place: Place, own: Sequence[Path]) -> StepOutcome:
    """Score all history anew from the stored answers: by the files of ``own``, or by every profile of ours if none."""
    rubrics = load_rubrics(own)
    if own:
        named = {load_rubric(path).profile for path in own}
        rubrics = tuple(each for each in rubrics if each.profile in named)

    def work(run_: Run) -> None:
        rescore_all(db, run_, place.clock, rubrics)

    with workshop(place.db) as db:
        options = {"rescore": {each.profile: each.digest for each in rubrics}}
        return _of_profiles(_do(db, place, "score", held_portal(db, place), options, work), db, rubrics, {})


def score_from(catalog: Path, own: Sequence[Path]) -> tuple[list[Made], list[Profile]]:
    """Make a published file's scores again from it alone, by the profiles it keeps or by the files of ``own``.

    Returns the scores, and the kept profiles whose file it does not hold. Raises NotOurDatabaseError where it is no
    catalogue, SettingsError where a file of ``own`` is no rubric. Nothing is written.
    """
    rubrics = [load_rubric(path) for path in own]
    with opened(catalog) as db:
        kept = profiles(db)
        if rubrics:
            return [score_by(db, rubric, kept) for rubric in rubrics], []
        return [score_again(db, each) for each in kept if each.rubric], [each for each in kept if not each.rubric]


def publish(place: Place, catalog: Path) -> StepOutcome:
    """Build the catalogue file whole from the workshop."""
    with workshop(place.db) as db:
        return _publish(db, place, held_portal(db, place), catalog)


def run(
    place: Place, catalog: Path, own: Sequence[Path], as_of: datetime | None, *, full: bool = False
) -> list[StepOutcome]:
    """Do all five steps in their order: a scan. One that was cut off is taken up, and its finished steps stand."""
    rubrics = load_rubrics(own)  # a bad rubric must be told before an hour of visits, not after
    load_vocabulary(place.vocabulary)
    with workshop(place.db, create=True) as db:
        portal = portal_of(db, place)
        scan = open_scan(db, portal, place.clock)
        with reached(place, portal) as reach:
            outcomes = [_harvest(db, place, reach, scan, full=full)]
            outcomes.append(_check(db, place, reach, NIGHTLY, scan).outcome)
        outcomes.append(_validate(db, place, portal, scan))
        outcomes.append(_score(db, place, portal, rubrics, as_of, scan))
        outcomes.append(_publish(db, place, portal, catalog, scan))
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
    from publish.serve import serve as serve_catalog  # noqa: PLC0415 - a second to load, which no other verb should wait

    return serve_catalog(catalog, metadata_file(), host, port)


def last_scan(place: Place) -> datetime | None:
    """Return when the last scan began (aware, UTC); None where there is none, or it was cut off and can be taken up.

    Raises NotOurDatabaseError where there is no workshop.
    """
    db = connect(place.db, create=False)
    try:
        sql = """
            SELECT json_extract(options, '$.scan') AS scan,
                max((kind = 'publish' AND state = 'done') OR state = 'failed') AS ended
            FROM run WHERE scan IS NOT NULL GROUP BY scan ORDER BY max(id) DESC LIMIT 1
        """
        return next((parse_iso(row["scan"]) for row in db.query(sql) if row["ended"]), None)
    finally:
        db.conn.close()


def status(place: Place) -> Told:
    """Return what the workshop tells of its last runs, without waiting for a step that is at work."""
    db = connect(place.db, create=False)
    try:
        return tell(db, held_portal(db, place))
    finally:
        db.conn.close()


def _do(
    db: Database, place: Place, kind: RunKind, portal: str, options: Mapping[str, object], work: Callable[[Run], None]
) -> StepOutcome:
    """Do ``work`` as a run of ``kind``, unless it is part of a scan that already finished it."""
    done = finished(db, kind, options, portal) if options.get("scan") else None
    if done is None:
        with step(db, kind, place.clock, options, portal) as done:
            work(done)
    return StepOutcome(kind, dict(done.counts), done.failed)


def _harvest(db: Database, place: Place, reach: Reach, scan: str | None = None, *, full: bool = False) -> StepOutcome:
    def work(run_: Run) -> None:
        with accounted(db, Web(reach.settings, place.clock)) as web:
            portal, vocabulary = choose(reach.url, web), load_vocabulary(place.vocabulary)

            def stored() -> None:
                save_requests(db, web)
                place.stored()

            fetch_catalogue(db, portal, run_, place.clock, full=full, vocabulary=vocabulary, stored=stored)

    options = {"scan": scan, **({"full": True} if full else {})}
    return _do(db, place, "harvest", reach.portal, options, work)


def _check(db: Database, place: Place, reach: Reach, which: Which, scan: str | None = None) -> Checked:
    changes = list[Change]()

    def work(run_: Run) -> None:
        with place.bodies() as bodies, accounted(db, Web(reach.settings, place.clock)) as web:
            changes.extend(
                visit_all(
                    db, web, bodies, run_, place.clock, which=which, rules=RULES, portal=reach.url, stored=place.stored
                )
            )

    outcome = _do(db, place, "check", reach.portal, {"scan": scan, **which.options()}, work)
    return Checked(outcome, tuple(changes))


def _validate(db: Database, place: Place, portal: str, scan: str | None = None, *, anew: bool = False) -> StepOutcome:
    def work(run_: Run) -> None:
        with place.bodies() as bodies:
            validate_all(db, bodies, run_, place.clock, anew=anew, stored=place.stored)
            compare_all(db, bodies, run_, place.clock)
            run_.count("evicted", bodies.evict(validated(db)))

    return _do(db, place, "validate", portal, {"scan": scan, **({"anew": True} if anew else {})}, work)


def _score(
    db: Database, place: Place, portal: str, rubrics: Sequence[Rubric], as_of: datetime | None, scan: str | None = None
) -> StepOutcome:
    swings: dict[str, Swing] = {}

    def work(run_: Run) -> None:
        moment = as_of or no_earlier(db, parse_iso(run_.started), of_rechecks=True)
        swings.update(score_all(db, run_, place.clock, rubrics, moment))

    digests = {each.profile: each.digest for each in rubrics}
    outcome = _do(db, place, "score", portal, {"scan": scan, "rubrics": digests, "as_of": as_of}, work)
    return _of_profiles(outcome, db, rubrics, swings)


def _of_profiles(
    outcome: StepOutcome, db: Database, rubrics: Sequence[Rubric], swings: Mapping[str, Swing]
) -> StepOutcome:
    """Return ``outcome`` with what the portal's score is by each profile."""
    told = standing(db, rubrics, swings)
    return replace(outcome, notes=tuple(table(rubrics, told)), told={"profiles": told})


def _publish(db: Database, place: Place, portal: str, catalog: Path, scan: str | None = None) -> StepOutcome:
    def work(run_: Run) -> None:
        run_.counts.update(build_catalog(place.db, catalog, place.clock, portal))

    return _do(db, place, "publish", portal, {"scan": scan, "catalog": str(catalog)}, work)
