"""Texts nobody foresaw: they are listed, people give them a meaning without code, and it takes effect at once."""

import sqlite3
import subprocess
import sys
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path

import pytest

from harvester import steps
from harvester.errors import SettingsError
from harvester.frequency import Frequency
from harvester.status import status_lines
from harvester.store.workshop import workshop
from harvester.wordlist import load_vocabulary, shipped
from tests.unruly import Unruly, unruly

NOW = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)
ODD = {"d001": "Whenever the moon is full", "d002": "Whenever  the Moon is full", "d003": "N/A"}
FREQUENCY = "whenever the moon is full"


@pytest.fixture
def portal(tmp_path):
    with unruly(tmp_path, 6) as served:
        for (language, name), record in served.records.items():
            if name in ODD and language == "en":
                record["update_frequency"] = ODD[name]
            elif name in ODD:
                record["update_frequency"] = None
            if name == "d004":
                for resource in record["resources"]:
                    resource.update(format="Sketch", dateCreated="some time ago")
        yield served


def place(portal: Unruly, tmp_path: Path, vocabulary: str | None = None) -> steps.Place:
    path = tmp_path / "mine.yml"
    if vocabulary is not None:
        path.write_text(vocabulary, encoding="utf-8")
    chosen = None if vocabulary is None else path
    return steps.Place(
        tmp_path / "h.db", portal.address, lambda: NOW, pace=0.0, allow=("127.0.0.1",), vocabulary=chosen
    )


def rows(db: Path, sql: str) -> list[tuple]:
    with sqlite3.connect(db) as connection:
        return connection.execute(sql).fetchall()


UNKNOWN = "SELECT kind, text, language, datasets, example FROM unknown_text"
SCHEDULES = "SELECT name, schedule, period_days FROM dataset WHERE name IN ('d001', 'd002', 'd003') ORDER BY name"


def test_unknown_texts_are_listed_and_told(portal, tmp_path):
    """Each text the vocabulary cannot read stands in a table with how many datasets say so; status tells of them."""
    here = place(portal, tmp_path)
    outcome = steps.harvest(here)
    assert set(rows(here.db, UNKNOWN)) == {
        ("frequency", "Whenever the moon is full", "en", 1, "d001"),
        ("frequency", "Whenever  the Moon is full", "en", 1, "d002"),
        ("format", "Sketch", "", 1, "d004"),
        ("date", "some time ago", "", 1, "d004"),
    }
    assert outcome.counts["unknown_texts"] == 4
    assert any(line.startswith("4 texts") for line in status_lines(steps.status(here)))


def test_a_meaning_given_is_used_without_fetching_again(portal, tmp_path):
    """A new or changed vocabulary reads every stored text anew at the next harvest; taken away, it is as before."""
    steps.harvest(place(portal, tmp_path))
    assert {schedule for _, schedule, _ in rows(tmp_path / "h.db", SCHEDULES)} == {"unknown"}
    mine = f"frequency:\n  {FREQUENCY}: 30 days\nformat:\n  sketch: html\ndate:\n  Some time ago: unknown\n"
    portal.asked.clear()
    assert steps.harvest(place(portal, tmp_path, mine)).counts["unknown_texts"] == 0
    read = Counter(name for _, name in portal.asked if name)
    assert len(read) < 3, "a harvest at the same moment reads next to nothing"
    expected = [("d001", "periodic", 30.0), ("d002", "periodic", 30.0), ("d003", "unknown", None)]
    assert rows(tmp_path / "h.db", SCHEDULES) == expected
    kinds = "SELECT DISTINCT kind FROM resource WHERE dataset = 'd004'"
    assert rows(tmp_path / "h.db", kinds) == [("page",)]
    assert steps.harvest(place(portal, tmp_path)).counts["unknown_texts"] == 4
    assert {schedule for _, schedule, _ in rows(tmp_path / "h.db", SCHEDULES)} == {"unknown"}
    assert rows(tmp_path / "h.db", kinds) == [("file",)]
    assert rows(tmp_path / "h.db", "SELECT count(*) FROM record_version") == [(18,)]


def test_what_is_read_anew_is_what_a_first_harvest_reads(portal, tmp_path):
    """A vocabulary that came later leaves the same rows as one that was there from the start."""
    mine = f"frequency:\n  {FREQUENCY}: as-needed\n  Monthly: 2 weeks\nformat:\n  csv: api\n"
    late, early = place(portal, tmp_path, mine), tmp_path / "early.db"
    steps.harvest(place(portal, tmp_path))
    steps.harvest(late)
    steps.harvest(
        steps.Place(early, portal.address, lambda: NOW, pace=0.0, allow=("127.0.0.1",), vocabulary=late.vocabulary)
    )
    for sql in ("SELECT name, schedule, period_days FROM dataset", "SELECT shared_id, kind FROM resource", UNKNOWN):
        assert sorted(rows(late.db, sql)) == sorted(rows(early, sql))
    assert ("d000", "periodic", 14.0) in rows(early, "SELECT name, schedule, period_days FROM dataset")


def test_a_withdrawn_dataset_is_not_listed(portal, tmp_path):
    """The table is of the catalogue as it stands."""
    steps.harvest(place(portal, tmp_path))
    portal.remove("d004")
    assert steps.harvest(place(portal, tmp_path)).counts["unknown_texts"] == 2


@pytest.mark.parametrize(
    ("text", "line", "says"),
    [
        ("frequency:\n  Now and then: sometimes\n", 2, "120 days"),
        ("# mine\n\nfrequencies:\n  a: b\n", 3, "frequency, format or date"),
        ("format:\n  Sheet: excle\n", 2, "xlsx"),
        ("date:\n  Soon: 2026-13-40\n", 2, "2021-03-01"),
        ("frequency:\n  Now: 1 day\n  now: 2 days\n", 3, "twice"),
        ("frequency:\n  - Now\n", 2, "text: meaning"),
        ("frequency:\n  Now: [1, 2]\n", 2, "a text"),
        ("frequency:\n  Now:\n", 2, "a text"),
        ("frequency: [\n", 2, "YAML"),
        ("- frequency\n", 1, "kinds"),
    ],
)
def test_a_mistake_is_told_with_its_line(text, line, says, tmp_path):
    """A vocabulary that makes no sense is refused before anything is asked, with the line and what would be right."""
    path = tmp_path / "mine.yml"
    path.write_text(text)
    with pytest.raises(SettingsError) as refused:
        load_vocabulary(path)
    assert f"mine.yml line {line}: " in str(refused.value)
    assert says in str(refused.value)


@pytest.mark.parametrize("body", [b"", b"# nothing yet\n", b"frequency:\n"])
def test_an_empty_vocabulary_is_ours(body, tmp_path):
    """A file with nothing in it yet changes nothing."""
    path = tmp_path / "mine.yml"
    path.write_bytes(body)
    assert load_vocabulary(path) == shipped()


def test_a_users_word_counts_before_ours(tmp_path):
    """What the file says of a text holds against the shipped entries and the rules."""
    path = tmp_path / "mine.yml"
    path.write_text("frequency:\n  n/a: 7 days\n  Daily: real-time\n  逢初一: 1 month\n", encoding="utf-8")
    mine = load_vocabulary(path)
    assert mine.frequency("N/A") == Frequency("periodic", 7.0)
    assert mine.frequency("daily") == Frequency("real-time")
    assert mine.frequency(None, "逢初一").schedule == "periodic"
    assert mine.frequency("Weekly") == Frequency("periodic", 7.0)
    assert shipped().frequency("N/A") == Frequency("unknown")
    assert shipped().understands("frequency", "n/a")
    assert not shipped().understands("frequency", "when pigs fly")


def test_the_command_line_takes_it(tmp_path):
    """--vocabulary and BAROMETER_VOCABULARY name the file; a bad one ends with 2 and makes no database."""
    (tmp_path / "mine.yml").write_text("format:\n  Sheet: excle\n")
    for arguments, environment in (["--vocabulary", "mine.yml"], {}), ([], {"BAROMETER_VOCABULARY": "mine.yml"}):
        done = subprocess.run(
            [sys.executable, "-m", "harvester", "harvest", "--portal", "http://127.0.0.1:9", *arguments],
            cwd=tmp_path, env=environment, capture_output=True, text=True, check=False,
        )  # fmt: skip
        assert done.returncode == 2, done.stderr
        assert done.stderr.startswith("Error: mine.yml line 2: 'excle' is no meaning of a format")
    assert not (tmp_path / "harvest.db").exists()


def test_a_workshop_made_before_gets_the_tables(portal, tmp_path):
    """A database of an older version is brought up to date when it is opened."""
    here = place(portal, tmp_path)
    steps.harvest(here)
    with sqlite3.connect(here.db) as old:
        old.executescript("DROP TABLE unknown_text; DROP TABLE vocabulary;")
        old.execute("DELETE FROM _sqlite_migrations WHERE name = '0004_vocabulary'")
    with workshop(here.db) as db:
        assert db.execute("SELECT count(*) FROM unknown_text").fetchone() == (0,)
    assert steps.harvest(here).counts["unknown_texts"] == 4


@pytest.mark.parametrize(
    "declared", ["CESIUM3DTILES", "GeoTIFF", "GEOPACKAGE", "API", "RINEX", "XSD", "JPG", "KML/KMZ/XLS"]
)
def test_what_the_portal_offers_to_choose_from_is_known(declared):
    """Formats that the portal itself names do not crowd out the texts that need a person."""
    assert shipped().understands("format", declared)
