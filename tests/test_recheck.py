"""A recheck of one dataset: at once, by the same rules as a scan, and nothing of the history is the worse for it."""

import json
import shutil
import sqlite3
from contextlib import closing, contextmanager
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from unittest.mock import patch

import pytest
from click.testing import CliRunner
from hypothesis import given, settings
from hypothesis import strategies as st

from bench.score import START
from harvester import recheck as recheck_room
from harvester import replies, steps
from harvester.check import check
from harvester.cli import barometer
from harvester.clock import iso
from harvester.compare.step import compare
from harvester.errors import BusyError, SettingsError, UnknownNameError
from harvester.harvest import harvest
from harvester.place import Place
from harvester.reach import Reach
from harvester.rechecked import Rechecked
from harvester.records import LANGUAGES
from harvester.store.workshop import connect, step, workshop
from harvester.validate.step import validate
from harvester.web import Web
from publish.build import publish
from publish.i18n import Translator
from publish.recheck_told import lines, record
from scoring import step as scoring_step
from scoring.evidence import load
from scoring.from_catalogue import opened, profiles, score_again
from scoring.rescore import rescore
from tests.loopback import Loopback, reply, serving
from tests.test_harvest import Shelf
from tests.test_score_step import MADE, RUBRICS, copy_of, second_day

__all__ = ["second_day"]
T0 = datetime(2026, 11, 23, 2, 0, tzinfo=START.tzinfo)
CSV = {"head": "Content-Type: text/csv\r\n"}
GOOD, BAD = reply(b"name,count\nx,1\ny,2\n", **CSV), reply(b"<p>no</p>", "404 Not Found")
RAGGED, WHOLE = reply(b"name,count\nx,1,,7\ny\n", **CSV), reply(b"name,count\nx,1\ny,3\n", **CSV)
MANY = ("ask", "explanation", "provider_rank")
HOSTILE = "Rain\x1b[2J\u202egnp.exe <script>"


@pytest.fixture(scope="module", autouse=True)
def _few_draws():
    """Rankings are drawn less often: how sure they are is not asked here."""
    with patch.object(scoring_step, "keep_ranking", partial(scoring_step.keep_ranking, draws=50)):
        yield


class Town:
    """A portal of three datasets on this machine, a workshop of it, and a clock that is set."""

    def __init__(self, folder: Path, server: Loopback) -> None:
        self.server, self.db, self.now, self.shelf = server, folder / "harvest.db", T0, Shelf()
        self.dead = server.on("one.test", "/dead.csv", BAD)
        self.file = server.on("one.test", "/file.csv", RAGGED)
        self.moved = server.on("one.test", "/moved.csv", GOOD)
        self.add("a", [self.dead, self.file], title=HOSTILE)
        self.add("b", [self.dead])
        self.add("c", [server.on("two.test", "/c.csv", GOOD)])

    def add(self, name, urls, **changes):
        resources = [
            {"shared_id": f"{name}{place}", "name": f"File {place} {HOSTILE}", "url": url, "format": "CSV"}
            for place, url in enumerate(urls)
        ]
        self.shelf.add(name, resources=resources, **changes)

    def clock(self):
        return self.now

    @property
    def place(self):
        return Place(self.db, None, self.clock)

    def later(self, **by):
        self.now += timedelta(**by)
        return self

    def scan(self):
        """Harvest, check, validate and score everything."""
        with workshop(self.db, create=True) as db:
            with step(db, "harvest", self.clock, {}, "http://data.test") as run:
                harvest(db, self.shelf, run, self.clock)
            with self.place.bodies() as bodies:
                with step(db, "check", self.clock, {}) as run, Web(self.server.settings(), self.clock) as web:
                    check(db, web, bodies, run, self.clock)
                with step(db, "validate", self.clock, {}) as run:
                    validate(db, bodies, run, self.clock)
                    compare(db, bodies, run, self.clock)
        return self.score()

    def score(self):
        with workshop(self.db) as db:
            digests = {each.profile: each.digest for each in RUBRICS}
            with step(db, "score", self.clock, {"rubrics": digests, "at": iso(self.now)}) as run:
                scoring_step.score(db, run, self.clock, RUBRICS, self.now)
        return self

    @contextmanager
    def reached(self, *_):
        yield Reach("http://data.test", "http://data.test", self.server.settings())

    @contextmanager
    def open(self):
        with patch.object(steps, "reached", self.reached), patch.object(recheck_room, "choose", lambda *_: self.shelf):
            yield

    def recheck(self, *names, **more) -> Rechecked:
        with self.open():
            return tuple(steps.recheck_datasets(self.place, (), names, **more))[-1]

    def rows(self, sql, *values):
        with closing(sqlite3.connect(self.db)) as connection:
            return connection.execute(sql, values).fetchall()


@pytest.fixture(scope="module")
def scanned(tmp_path_factory):
    """A server for the whole module, and the folder of a town that is scanned once for all its tests."""
    folder = tmp_path_factory.mktemp("scanned")
    with serving(folder) as loopback:
        Town(folder, loopback).scan()
        yield folder, loopback


@pytest.fixture
def town(scanned, tmp_path):
    """The scanned town in a folder of the test's own; its server says again what it said during the scan."""
    folder, loopback = scanned
    loopback.talks.clear()
    with (
        closing(sqlite3.connect(folder / "harvest.db")) as source,
        closing(sqlite3.connect(tmp_path / "harvest.db")) as copy,
    ):
        source.backup(copy)
    shutil.copytree(folder / "harvest.bodies", tmp_path / "harvest.bodies")
    loopback.asked.clear()
    return Town(tmp_path, loopback)


def named(found, url):
    return next(each for each in found.addresses if each.url == url)


def test_a_mended_dataset_is_told_at_once_and_confirmed_no_sooner(town):
    """What was mended counts now; a link is recovering until a good check 45 minutes on, however often it is asked."""
    town.server.on("one.test", "/dead.csv", GOOD)
    town.server.on("one.test", "/file.csv", WHOLE)
    found = town.later(hours=3).recheck("a")
    dead = named(found, town.dead)
    assert (dead.before.state, dead.after.state, dead.after.reason) == ("down", "degraded", "recovering")
    assert dead.confirmed_from == iso(town.now + timedelta(minutes=45))
    assert dead.next_visit == iso(town.now + timedelta(hours=1))
    turned = {(each.resource, each.criterion): (each.before.value, each.after.value) for each in found.answers}
    assert turned["a0", "online"] == (0.0, 1.0)
    assert turned["a1", "machine_readable"] == (0.5, 1.0)
    assert {(each.resource, each.criterion) for each in found.closed} >= {("a0", "online"), ("a1", "machine_readable")}
    assert found.gained > 0
    assert found.after.point == pytest.approx(found.before.point + found.gained)
    assert all(each.points >= 0 and each.due for each in found.still_open)

    sure = dead.confirmed_from
    for _ in range(3):
        again = named(town.later(minutes=10).recheck("a"), town.dead)
        assert (again.after.reason, again.confirmed_from) == ("recovering", sure)
    steady = named(town.later(minutes=15).recheck("a"), town.dead)
    assert (steady.after.state, steady.confirmed_from) == ("up", None)


def test_what_fails_is_asked_once_and_doubted_as_ever(town):
    """One failing visit changes no state and is not asked again within the recheck; the next one may confirm it."""
    town.server.on("one.test", "/file.csv", reply(status="503 Service Unavailable"))
    town.server.asked.clear()
    found = named(town.later(hours=3).recheck("a"), town.file)
    assert [path for _, path, _ in town.server.asked].count("/file.csv") == 1
    assert (found.outcome, found.after.state) == ("server-error", "up")
    assert found.confirmed_from == iso(town.now + timedelta(minutes=45))
    assert named(town.later(minutes=30).recheck("a"), town.file).after.state == "up"
    down = named(town.later(minutes=20).recheck("a"), town.file)
    assert (down.after.state, down.after.since) == ("down", iso(T0 + timedelta(hours=3)))


def test_a_mended_record_counts_at_once(town):
    """A new address is visited, the old one is named no more, and each fact that changed is told."""
    town.add("a", [town.moved, town.file], title=HOSTILE, license_id="cc-by")
    found = town.later(hours=3).recheck("a")
    assert found.read == "changed"
    assert {(each.field, each.new) for each in found.record} >= {("url", town.moved), ("licence_id", "cc-by")}
    assert (named(found, town.dead).after, named(found, town.moved).before) == (None, None)
    assert named(found, town.moved).after.state == "up"
    assert town.later(hours=1).recheck("a").read == "unchanged"


@pytest.mark.parametrize(("change", "read"), [("gone", "gone"), ("silent", "unread")])
def test_a_record_that_cannot_be_read_stands_as_it_was(town, change, read):
    """Where the portal has no record, or gives none, the last one stands, it is told, and the links are visited."""
    if change == "gone":
        town.shelf.records |= {(language, "a"): None for language in LANGUAGES}
    else:
        town.shelf.failing.add("a")
    found = town.later(hours=3).recheck("a")
    assert (found.read, found.record) == (read, ())
    assert [item for item, _ in found.failures] == ["a"]
    assert named(found, town.file).outcome == "ok"
    assert town.rows("SELECT withdrawn_at FROM dataset WHERE name = 'a'") == [(None,)]


def test_a_resource_that_left_the_record_takes_its_tasks_along(town):
    """Its tasks are closed, its answers end, and the history of both stays."""
    town.add("a", [town.dead], title=HOSTILE)
    found = town.later(hours=3).recheck("a")
    assert named(found, town.file).after is None
    assert not {task.resource for task in (*found.still_open, *found.opened)} & {"a1"}
    assert town.rows("SELECT count(*) FROM answer WHERE resource = 'a1' AND until IS NULL") == [(0,)]
    assert town.rows("SELECT count(*) FROM answer WHERE resource = 'a1'")[0][0] > 0


def test_the_others_stay_as_they_were(town):
    """Nothing is written of another dataset, nor of groups, ranks, asks and explanations, and the moment is told."""
    others = "SELECT * FROM {} WHERE NOT (subject_type = 'dataset' AND subject = 'a') ORDER BY 1, 2, 3, 4, 5"
    untouched = {
        "score": others.format("score"), "answer": "SELECT * FROM answer WHERE dataset <> 'a' ORDER BY 1, 2, 3, 4",
        **{table: f"SELECT * FROM {table} ORDER BY 1, 2, 3" for table in MANY},  # noqa: S608 - ours
        "task": "SELECT * FROM task WHERE dataset <> 'a' ORDER BY 1, 2, 3", "rubric": "SELECT * FROM rubric ORDER BY 1",
    }  # fmt: skip
    before = {table: town.rows(sql) for table, sql in untouched.items()}
    town.server.on("one.test", "/dead.csv", GOOD)
    assert town.later(hours=3).recheck("a").whole == iso(T0)
    assert {table: town.rows(sql) for table, sql in untouched.items()} == before


def test_a_published_recheck_is_made_again_to_the_last_digit(town, tmp_path):
    """A site published between a recheck and the next full score can still be recomputed, and so can all history."""
    town.server.on("one.test", "/dead.csv", GOOD)
    found = town.later(hours=3).recheck("a")
    publish(town.db, tmp_path / "catalog.db", town.clock, "http://data.test")
    with opened(tmp_path / "catalog.db") as db:
        made = [score_again(db, each) for each in profiles(db)]
    assert len(made) > 5
    assert [each.differ for each in made] == [()] * len(made)
    assert made[0].scores["dataset", "a", ""].point == found.after.point
    standing = "SELECT subject, profile, point, low, high FROM score WHERE until IS NULL AND subject_type = 'dataset'"
    before = set(town.rows(standing))
    with workshop(town.db) as db, step(db, "score", town.clock, {"rescore": {}}) as run:
        rescore(db, run, town.clock, RUBRICS)
    assert set(town.rows(standing)) == before
    town.later(hours=1).score()
    sql = "SELECT point FROM score WHERE subject = 'a' AND profile = ? AND pillar = '' AND until IS NULL"
    assert town.rows(sql, found.profile)[0][0] == found.after.point


def test_no_moment_is_written_backwards(town):
    """An earlier moment is refused with its sentence; a full score cut off before a recheck is taken up after it."""
    town.server.on("one.test", "/dead.csv", GOOD)
    town.later(hours=3).recheck("a")
    with pytest.raises(SettingsError, match="score as of a later moment"):
        steps.score(town.place, (), T0 + timedelta(hours=1))
    with workshop(town.db) as db:
        with pytest.raises(KeyboardInterrupt), step(db, "score", town.clock, _options(), "http://data.test"):
            raise KeyboardInterrupt
        db.execute("UPDATE run SET started = ? WHERE id = (SELECT max(id) FROM run)", [iso(T0 + timedelta(hours=1))])
        db.conn.commit()
    town.server.on("one.test", "/dead.csv", BAD)
    town.later(hours=3).recheck("a", "b")
    steps.score(town.place, (), None)
    assert town.rows("SELECT state FROM run WHERE kind = 'score' ORDER BY id DESC LIMIT 1") == [("done",)]
    assert town.rows("SELECT count(*) FROM answer WHERE until < since") == [(0,)]


def _options():
    return {"scan": None, "rubrics": {each.profile: each.digest for each in RUBRICS}, "as_of": None}


def test_a_score_as_of_tonight_does_not_stop_a_recheck(town):
    """Where scores of a later moment of the day are kept, the recheck is of that moment, and nothing is refused."""
    tonight = town.now + timedelta(hours=9)
    steps.score(town.place, (), tonight)
    found = town.later(hours=3).recheck("a")
    assert found.as_of == iso(tonight + timedelta(seconds=1))
    assert found.whole == iso(tonight)


def test_it_is_refused_where_it_makes_no_sense(town, tmp_path):
    """An unknown name, a workshop at work, one never scored and a changed leading profile: one sentence each."""
    with pytest.raises(UnknownNameError, match="did you mean"), town.open():
        list(steps.recheck_datasets(town.place, (), ["a", "aa"]))
    assert town.rows("SELECT count(*) FROM run WHERE kind = 'recheck'") == [(0,)]
    with workshop(town.db), pytest.raises(BusyError, match="in use"):
        town.recheck("a")
    mine = tmp_path / "gdb-checklist.yml"
    text = (Path(scoring_step.__file__).parent / "rubrics" / "gdb-checklist.yml").read_text(encoding="utf-8")
    mine.write_text(text.replace("weight: 3", "weight: 4", 1), encoding="utf-8")
    with pytest.raises(SettingsError, match="run `barometer score` first"), town.open():
        list(steps.recheck_datasets(town.place, (mine,), ["a"]))
    with workshop(town.db) as db, db.atomic():
        db.execute("DELETE FROM rubric")
    with pytest.raises(SettingsError, match="Nothing is scored"):
        town.recheck("a")


@pytest.mark.parametrize("language", LANGUAGES)
def test_hostile_titles_cannot_steer_a_terminal(town, language):
    """No control character reaches the terminal, lines keep to 80 columns but for addresses, and the JSON tells all."""
    town.add("a", [town.moved, town.file], title=HOSTILE)
    found = town.later(hours=3).recheck("a")
    told = lines(found, Translator(language))
    assert all(line.isprintable() for line in told)
    assert max(len(line) for line in told if "http" not in line) <= 80
    assert town.moved in "\n".join(told)
    whole = json.loads(json.dumps(record(found, Translator(language))))
    assert whole["still_open"][0]["mend"]
    assert whole["gained"] == found.gained


def test_the_command_tells_and_publishes_only_where_asked(town, tmp_path, monkeypatch):
    """Text and JSON are there, the catalogue is built where it is named, and failures make the exit code 1."""
    monkeypatch.setattr("harvester.shared_options.system_clock", town.clock)
    town.later(hours=3)
    with town.open():
        done = CliRunner().invoke(barometer, ["recheck", "a", "b", "--db", str(town.db), "--json"])
        assert (done.exit_code, list(tmp_path.glob("*.db"))) == (0, [town.db])
        assert [each["dataset"] for each in json.loads(done.output.splitlines()[-1])["rechecked"]] == ["a", "b"]
        assert "--catalog" in done.output
        town.shelf.failing.add("a")
        town.later(hours=1)
        catalog = tmp_path / "catalog.db"
        done = CliRunner().invoke(barometer, ["recheck", "a", "--db", str(town.db), "--catalog", str(catalog)])
    assert done.exit_code == 1
    assert catalog.exists()
    assert "published" in done.output
    assert CliRunner().invoke(barometer, ["recheck"]).exit_code == 2


def test_what_officers_asked_for_is_done_oldest_first(town, monkeypatch):
    """Each is told at the desk what came of it; one that left the catalogue does not keep the others waiting."""
    monkeypatch.setattr("harvester.shared_options.system_clock", town.clock)
    wanted = [replies.Wanted(name, iso(T0), "officer", 1) for name in ("b", "left", "a")]
    told = []
    monkeypatch.setattr("harvester.recheck_command.waiting", lambda _officers: tuple(wanted))
    monkeypatch.setattr("harvester.recheck_command.settled", lambda *given: told.append(given[1:3]))
    town.later(hours=3)
    with town.open():
        done = CliRunner().invoke(barometer, ["recheck", "--asked", "--db", str(town.db), "--json"])
    assert done.exit_code == 0, done.output
    assert [each.dataset for each, _ in told] == ["b", "left", "a"]
    assert list(told[1][1]) == ["failed"]
    assert [each["dataset"] for each in json.loads(done.output.splitlines()[-1])["rechecked"]] == ["b", "a"]


def kept(db):
    """All that a score writes, without the numbers of runs."""

    def told(table):
        rows = db.query(f"SELECT * FROM {table}")  # noqa: S608 - ours
        return sorted(repr([(name, value) for name, value in row.items() if name != "run"]) for row in rows)

    return {table: told(table) for table in MADE}


@settings(max_examples=4, deadline=None)
@given(names=st.sets(st.sampled_from([f"dataset-{number:05}" for number in range(12)]), max_size=4))
def test_scored_alone_first_or_with_all_it_ends_the_same(second_day, tmp_path_factory, names):
    """A full score after scores of some datasets alone, at one moment, leaves what it would have left by itself."""
    now = START + timedelta(days=2)
    ends = []
    for alone in (names, set()):
        db = copy_of(second_day, tmp_path_factory.mktemp("alone") / "harvest.db")
        if alone:
            with step(db, "recheck", lambda: now, {"dataset": sorted(alone)}) as run:
                judged = scoring_step.score_only(db, run, lambda: now, RUBRICS, now, sorted(alone))
            assert {each.dataset for each in judged} == alone - {"dataset-00003"}
        with step(db, "score", lambda: now, {"day": 2}) as run:
            scoring_step.score(db, run, lambda: now, RUBRICS, now)
        ends.append(kept(db))
        db.conn.close()
    assert ends[0] == ends[1]


def test_the_facts_of_one_are_those_it_has_among_all(second_day):
    """Read alone or with all others, a dataset's facts are the same: now, and as of an earlier moment."""
    db = connect(second_day, create=False)
    for days in (1, 2):
        moment = START + timedelta(days=days)
        for facts in load(db, moment):
            assert list(load(db, moment, [facts.dataset.name])) == [facts]
    db.conn.close()


@pytest.mark.slow
def test_the_facts_of_the_sample_read_alone(scan):
    """So it is for the whole sample portal, whose datasets share addresses, dictionaries and files."""
    db = connect(scan.folder / "harvest.db", create=False)
    moment = datetime.now(START.tzinfo)
    whole = list(load(db, moment))
    assert len(whole) > 250
    for facts in whole[::3]:
        assert list(load(db, moment, [facts.dataset.name])) == [facts]
    db.conn.close()
