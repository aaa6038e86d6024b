"""What is kept how long: old visits are counted and let go, and nothing that rests on them is otherwise than before."""

import shutil
import sqlite3
from contextlib import closing
from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from bench.score import START, make
from click.testing import CliRunner
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from harvester.cli import barometer
from harvester.clock import iso, parse_iso
from harvester.errors import SettingsError
from harvester.fold import KEEP_DAYS, fold
from harvester.health import health_of, spells
from harvester.records import Sniffed, Visit
from harvester.settle import day_of, midnight, packed, settle, unpacked
from harvester.signs import REASONS, Probe
from harvester.store.bodies import Bodies
from harvester.store.contents import pending
from harvester.store.health import bring_up_to_date
from harvester.store.standing import stand
from harvester.store.visits import Seen, held, save_visits
from harvester.store.workshop import Run, connect
from publish.build import publish
from scoring.evidence import load
from scoring.rubric import load_rubric
from scoring.step import score

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
    db.execute("INSERT OR REPLACE INTO defect VALUES (?, 'blank-row', 2, 3, NULL, 'It is blank.', '[\"here\"]')", row[:1])


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
                "INSERT INTO visit (url, run, attempt, started, outcome, status, milliseconds, first_byte_ms, bytes, asked,"
                " sha256, nature, last_modified) VALUES (?, ?, ?, ?, ?, ?, ?, ?, 9, ?, ?, ?, ?)",
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


PUBLISHED = {
    "spell": "*", "body_change": "*", "api_health": "*", "api_hour": "*", "uptime": "*", "visit_day": "*",
    "body_seen": "*", "verdict_day": "*", "latest_visit": "*", "answer": "*", "state_now": "*",
}  # fmt: skip


def published(place, folder, moment):
    """The published tables that visits are told by."""
    publish(place, folder / "catalog.db", lambda: moment, PORTAL)
    with closing(sqlite3.connect(folder / "catalog.db")) as catalog:
        return {name: catalog.execute(f"SELECT {what} FROM {name}").fetchall() for name, what in PUBLISHED.items()}


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
