"""One dataset looked at anew, at once: its record, its addresses, its files, its answers; what was, and what is.

Everything is stored as the steps of a scan store it, under one run of kind ``recheck``, and judged by the same rules:
no state is confirmed sooner than two checks 45 minutes apart confirm it. What it costs goes by the dataset and not by
the size of the workshop. A recheck that was cut off is not taken up: what it stored stands, and to ask again is
seconds.
"""

from collections.abc import Sequence
from datetime import timedelta

from sqlite_utils import Database

from harvester.check import visit_now
from harvester.clock import iso, parse_iso
from harvester.compare.step import compare
from harvester.place import Place
from harvester.portals import choose
from harvester.reach import Reach
from harvester.rechecked import Rechecked
from harvester.record_anew import mended, read_anew
from harvester.records import Trilingual
from harvester.store import standing_of, visits
from harvester.store.requests import accounted
from harvester.store.visits import Which, refuse_unknown
from harvester.store.workshop import step
from harvester.validate.engine import RULES
from harvester.validate.step import validate
from harvester.web import Web
from scoring.rubric import Rubric
from scoring.step import no_earlier, score_only, standing_rubrics

LIVE = "SELECT name FROM dataset WHERE withdrawn_at IS NULL"
CAME = "SELECT DISTINCT sha256 FROM visit WHERE run = ? AND sha256 IS NOT NULL"
HEAD = "SELECT title_en, title_tc, title_sc, provider FROM dataset WHERE name = ?"
FAILURES = "SELECT item, error FROM failure WHERE run = ? ORDER BY item"


def refuse(db: Database, datasets: Sequence[str]) -> None:
    """Raise UnknownNameError, with the closest name there is, where no live dataset is called so."""
    refuse_unknown("recheck", datasets, (str(row[0]) for row in db.execute(LIVE)))


def recheck_one(db: Database, place: Place, reach: Reach, rubrics: Sequence[Rubric], dataset: str) -> Rechecked:
    """Look at one live dataset anew and return what was and what is.

    ``rubrics`` are those to score by, the leading one first; those that are not as they were at the last full score
    are left out. Raises SettingsError where nothing was scored yet, OurNetworkError where it is our own network that is
    silent.
    """
    clock = place.clock
    known, whole = standing_rubrics(db, rubrics)
    leading = known[0].profile
    was = standing_of.look(db, dataset, leading)
    with step(db, "recheck", clock, {"dataset": dataset, "asked": iso(clock())}, reach.portal) as run:
        with place.bodies() as bodies:
            with accounted(db, Web(reach.settings, clock)) as web:
                read = read_anew(db, choose(reach.url, web), run, clock, dataset)
                found = visits.links(db, Which(datasets=(dataset,)))
                visit_now(db, web, bodies, run, clock, found, rules=RULES, portal=reach.url)
            came = {row[0] for row in db.execute(CAME, [run.id])}
            validate(db, bodies, run, clock, only=came)
            compare(db, bodies, run, clock, only=dataset)
        # Strictly after the full score: by that the one and the other are told apart when scores are made again.
        as_of = no_earlier(db, max(clock(), parse_iso(whole) + timedelta(seconds=1)))
        score_only(db, run, clock, known, as_of, [dataset])
        failures = tuple((str(item), str(error)) for item, error in db.execute(FAILURES, [run.id]))
    now = standing_of.look(db, dataset, leading)
    *title, provider = db.execute(HEAD, [dataset]).fetchone()
    return Rechecked(
        dataset=dataset,
        title=Trilingual(*title),
        provider=provider,
        started=run.started,
        as_of=iso(as_of),
        whole=whole,
        read=read,
        record=mended(db, run, dataset),
        addresses=standing_of.addresses(db, run, found, was, now),
        answers=standing_of.turned(was, now),
        closed=tuple(task for key, task in was.tasks.items() if key not in now.tasks),
        opened=tuple(task for key, task in now.tasks.items() if key not in was.tasks),
        still_open=tuple(task for key, task in now.tasks.items() if key in was.tasks),
        profile=leading,
        before=was.points,
        after=now.points,
        failures=failures,
        left_out=tuple(each.profile for each in rubrics if each not in known),
    )
