"""What is kept how long: old visits are counted and let go, and nothing that rests on them is otherwise than before."""

import shutil
import sqlite3
from contextlib import closing
from datetime import timedelta
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from click.testing import CliRunner
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bench.score import START, make
from harvester.cli import barometer
from harvester.clock import iso
from harvester.errors import SettingsError
from harvester.fold import KEEP_DAYS, OF_FILES, fold
from harvester.signs import REASONS
from harvester.store.bodies import Bodies
from harvester.store.health import bring_up_to_date
from harvester.store.standing import stand
from harvester.store.visits import held
from harvester.store.workshop import connect
from publish.build import publish
from scoring.evidence import load

PORTAL = "https://data.gov.hk"
URLS = 3
NATURES = ("data", "data", "data", "page", "shell", "login", "error", "empty", "challenge")

outcome = st.sampled_from(["ok"] * 12 + sorted(REASONS))
visit = st.fixed_dictionaries({
    "url": st.integers(0, URLS - 1), "outcome": outcome, "body": st.integers(0, 8), "again": st.booleans(),
    "asked": st.sampled_from(["whole", "whole", "changed", "part"]), "ms": st.sampled_from([None, 90, 15_000]),
    "stamp": st.integers(0, 3),
    "hours": st.sampled_from([0.3, 1, 5, 20, 24, 24, 48, 24 * 7, 24 * 30, 24 * 60]),
})  # fmt: skip
histories = st.lists(visit, min_size=1, max_size=60)


def sha(body):
    return f"{body + 1:x}" * 64


def begin(place):
    """Make a small workshop whose datasets were harvested, each address visited once."""
    db = connect(place, create=True)
    make(db, 2, URLS)
    db.execute("UPDATE resource SET is_api = 1 WHERE url = 1")
    return db


def judged(db, body):
    """Have a body judged, as a check and a validation do, where it is new or what was found in it was let go."""
    row = [sha(body), NATURES[body], "valid" if body % 2 else "invalid", '{"rows": 1}', iso(START)]
    db.execute(
        "INSERT INTO content (sha256, bytes, complete, format, nature, ladder, verdict, profile, engine, first_seen)"
        " VALUES (?, 9, 1, 'csv', ?, 'table', ?, ?, 'rules 99', ?) ON CONFLICT DO UPDATE SET spare = 0,"
        " profile = excluded.profile, engine = excluded.engine WHERE spare", row,
    )  # fmt: skip
    db.execute(
        "INSERT OR REPLACE INTO defect VALUES (?, 'blank-row', 2, 3, NULL, 'It is blank.', '[\"here\"]')", row[:1]
    )


def live(db, history, moment):
    """Add visits, a run each (or two attempts of one), and return the moment of the last."""
    first = db.execute("SELECT max(id) FROM run").fetchone()[0] + 1
    for number, seen in enumerate(history, first):
        moment += timedelta(hours=seen["hours"])
        db.execute("INSERT INTO run (id, kind, started, state, code_version) VALUES (?, 'check', ?, 'done', '0')",
                   [number, iso(moment)])  # fmt: skip
        good = seen["outcome"] == "ok"
        brought = sha(seen["body"]) if good and (seen["asked"] != "part" or seen["body"] % 3 == 0) else None
        if brought:
            judged(db, seen["body"])
        status = 304 if good and seen["asked"] == "changed" else 200 if good else 500
        for attempt in (1, 2) if seen["again"] and not good else (1,):
            db.execute(
                "INSERT INTO visit (url, run, attempt, started, outcome, status, milliseconds, first_byte_ms, bytes,"
                " asked, sha256, nature, last_modified) VALUES (?, ?, ?, ?, ?, ?, ?, ?, 9, ?, ?, ?, ?)",
                [seen["url"], number, attempt, iso(moment + timedelta(minutes=10 * (attempt - 1))), seen["outcome"],
                 status, seen["ms"], seen["ms"], seen["asked"], brought, NATURES[seen["body"]] if good else None,
                 iso(START + timedelta(days=seen["stamp"]))],
            )  # fmt: skip
    db.conn.commit()
    return moment + timedelta(hours=1)


def told(db, bodies, moment):
    """Everything that is read from the visits: states, what the next check goes by, and what scoring sees."""
    bring_up_to_date(db)
    return {
        "spells": db.execute("SELECT * FROM spell ORDER BY url, since").fetchall(),
        "stand": stand(db), "held": held(db, range(URLS), bodies, 0), "facts": list(load(db, moment)),
    }  # fmt: skip


PUBLISHED = (
    "spell", "body_change", "api_health", "api_hour", "uptime", "visit_day", "body_seen", "verdict_day", "latest_visit",
    "state_now",
)  # fmt: skip


def published(place, folder, moment):
    """The published tables that visits are told by."""
    publish(place, folder / "catalog.db", lambda: moment, PORTAL)
    with closing(sqlite3.connect(folder / "catalog.db")) as catalog:
        return {name: catalog.execute(f"SELECT * FROM {name}").fetchall() for name in PUBLISHED}  # noqa: S608


def twin(folder):
    """Make a workshop to fold and one to leave as it is."""
    begin(folder / "left.db").conn.close()
    shutil.copy(folder / "left.db", folder / "folded.db")
    return connect(folder / "left.db", create=False), connect(folder / "folded.db", create=False)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(histories, min_size=1, max_size=3), st.booleans())
def test_states_due_times_and_what_is_scored_are_the_same_folded_or_not(parts, brought):
    """Whatever happened and however often it was folded, every reader of visits is told the same; keys hold."""
    with TemporaryDirectory() as name:
        left, folded = twin(Path(name))
        moment = START
        for history in parts:
            for db in (left, folded):
                after = live(db, history, moment)
            moment = after + timedelta(days=30)
            if brought:
                bring_up_to_date(folded)
            fold(folded, None, lambda: moment)  # noqa: B023 -- called at once
            with Bodies(Path(name) / "bodies") as bodies:
                expected, found = told(left, bodies, moment), told(folded, bodies, moment)
            for each in expected:
                assert found[each] == expected[each], each
            assert folded.execute("PRAGMA foreign_key_check").fetchall() == []
        left.conn.close()
        folded.conn.close()


@settings(max_examples=3, deadline=None, suppress_health_check=list(HealthCheck))
@given(histories.filter(lambda found: len(found) > 20))
def test_what_is_published_is_the_same_folded_or_not(history):
    """Uptime, the pace of APIs, how often bodies changed, days and verdicts: every published figure is the same."""
    with TemporaryDirectory() as name:
        folder = Path(name)
        left, folded = twin(folder)
        for db in (left, folded):
            moment = live(db, history, START)
            bring_up_to_date(db)
        fold(folded, None, lambda: moment)
        for db in (left, folded):
            db.conn.close()
        expected = published(folder / "left.db", folder, moment)
        assert published(folder / "folded.db", folder, moment) == expected


DAILY = [
    {"url": number % URLS, "outcome": "gone" if number % 40 in (7, 8) else "ok", "body": number % 7, "again": False,
     "asked": "whole", "ms": 90, "stamp": 0, "hours": 24} for number in range(240)
]  # fmt: skip


@pytest.mark.parametrize("brought", [False, True])
def test_a_kill_at_any_moment_changes_nothing_in_the_end(tmp_path, brought):
    """Cut off anywhere and done again, folding leaves what it leaves uncut; done twice, it does nothing more."""
    db = begin(tmp_path / "whole.db")
    moment = live(db, DAILY, START)
    if brought:
        bring_up_to_date(db)
    db.conn.close()
    shutil.copy(tmp_path / "whole.db", tmp_path / "cut.db")
    whole, cut = (connect(tmp_path / name, create=False) for name in ("whole.db", "cut.db"))
    fold(whole, None, lambda: moment)
    kills, steps = 0, 200
    while True:
        cut.conn.set_progress_handler(lambda: 1, steps)
        try:
            fold(cut, None, lambda: moment)
        except sqlite3.OperationalError:
            kills, steps = kills + 1, int(steps * 1.35)
            cut.conn.close()
            cut = connect(tmp_path / "cut.db", create=False)
            continue
        break
    assert kills > 5
    expected = list(whole.conn.iterdump())
    assert sorted(cut.conn.iterdump()) == sorted(expected)
    again = fold(whole, None, lambda: moment)
    assert (again.visits, again.let_go, again.lightened, again.contents) == (0, 0, 0, 0)
    assert list(whole.conn.iterdump()) == expected


def test_room_is_filled_again(tmp_path):
    """Years of the same life do not make the file larger than the first ones did."""
    db = begin(tmp_path / "harvest.db")
    moment, sizes = START, []
    for _ in range(4):
        moment = live(db, DAILY, moment)
        sizes.append(fold(db, None, partial(_at, moment)).bytes)
    assert sizes[3] <= sizes[1] * 1.25


def _at(moment):
    return moment


def test_fewer_days_than_the_pages_tell_of_are_refused(tmp_path):
    """Ninety days are told of visit by visit: they are never folded."""
    db = begin(tmp_path / "harvest.db")
    with pytest.raises(SettingsError, match="90 days"):
        fold(db, None, lambda: START, KEEP_DAYS - 1)


def test_the_verb_says_what_it_did(tmp_path):
    """`barometer fold` tells what was counted, let go and kept, and `status` tells of the run."""
    db = begin(tmp_path / "harvest.db")
    live(db, DAILY, START)
    db.conn.close()
    told = CliRunner().invoke(barometer, ["fold", "--db", str(tmp_path / "harvest.db"), "--portal", "sample", "--json"])
    assert told.exit_code == 0, told.output
    assert "visits counted into" in told.output
    assert '"visits": 1' in told.output


def test_a_files_visits_are_counted_when_a_third_as_old_as_an_apis(tmp_path):
    """After forty nights a file's older visits are counted by the day, an API's stand one by one."""
    db = begin(tmp_path / "harvest.db")
    seen = {"outcome": "ok", "body": 0, "again": False, "asked": "whole", "ms": 90, "stamp": 0}
    night = [{**seen, "url": url, "hours": 24 if url == 0 else 0.3} for url in range(URLS)]
    moment = live(db, night * 40, START)
    bring_up_to_date(db)
    fold(db, None, lambda: moment)
    counted = dict(db.execute("SELECT url, count(*) FROM visit_day GROUP BY url").fetchall())
    assert counted.keys() == {0, 2}
    assert all(5 < days < 40 - KEEP_DAYS // OF_FILES + 5 for days in counted.values())
    db.conn.close()
