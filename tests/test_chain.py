"""From a score down to the bytes: what the command tells is what the dataset's page tells, at 80 columns, in peace."""

import json
import re
import unicodedata
from datetime import UTC, datetime

import pytest
from click.testing import CliRunner

from harvester.cli import barometer
from harvester.records import LANGUAGES
from harvester.store.workshop import connect, step
from publish.build import publish
from publish.chain_told import WIDE, columns, fitted, wrapped
from publish.safe import CONTROLS
from scoring.from_catalogue import opened
from scoring.rescore import rescore
from scoring.rubric import load_rubrics
from tests.catalogue_fixture import DATASETS, SEEN, fill
from tests.test_site import get, served

NOW = datetime(2026, 11, 24, tzinfo=UTC)
TIDE = "hk-hko-tide"
COPIED = re.compile(r"^  (sha256 [0-9a-f]{64}|\S+:\S.*|\S+)$")
"""Lines that stand whole to be copied: digests and addresses."""


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    """A hostile little catalogue, scored by three profiles."""
    folder = tmp_path_factory.mktemp("chain")
    fill(folder / "harvest.db")
    db = connect(folder / "harvest.db", create=False)
    with db.atomic():
        db.execute("DELETE FROM score")
        db.execute("DELETE FROM answer WHERE until IS NOT NULL")
        db.execute("UPDATE answer SET since = ?", [SEEN])
    with step(db, "score", lambda: NOW, {}) as run:
        rescore(db, run, lambda: NOW, load_rubrics()[:3])
    db.conn.close()
    publish(folder / "harvest.db", folder / "catalog.db", lambda: NOW, "https://data.gov.hk")
    return folder / "catalog.db"


def asked(catalog, *arguments, fails=False):
    """What `barometer explain` prints, or the one sentence it refuses with."""
    done = CliRunner().invoke(barometer, ["explain", "--catalog", str(catalog), *arguments])
    assert bool(done.exception) == fails, done.output or done.exception
    return str(done.exception) if fails else done.stdout


def told(catalog, *arguments):
    return json.loads(asked(catalog, *arguments, "--json"))


def same_as_the_page(catalog, name, language):
    """Lay every criterion's chain of one dataset beside its page's JSON, and return how many visits they share."""
    page = get(served(catalog), f"/{language}/dataset/{name}.json")[0].json()
    answers = {row["criterion"]: row for row in (*page["answers"], *page["others"])}
    items = {row["criterion"]: row for row in page["profiles"][0]["items"]}
    listed = told(catalog, name, "--lang", language)
    assert {row["criterion"] for row in listed["criteria"] if row["reason"]} >= answers.keys()
    shared = 0
    for criterion, row in answers.items():
        found = told(catalog, name, criterion, "--lang", language, "--profile", page["profiles"][0]["profile"])
        for key in ("value", "reason", "sentence", "mend", "word", "since", "criterion_title"):
            assert found["answer"][key] == row[key], (criterion, key)
        assert found["answer"]["facts"] == row["evidence"].get("facts", {})
        assert {each["id"] for each in found["visits"]} >= set(row["visits"])
        shared += len(row["visits"])
        for key in ("point", "low", "high", "known"):
            assert found["score"][key] == page["score"][key]
        if criterion in items:
            for key in ("points", "value", "note", "held_by"):
                assert found["item"][key] == items[criterion][key], (criterion, key)
        resources = {one["shared_id"]: one for one in page["resources"]}
        for fault in (each for one in resources.values() for each in one["faults"] if each["criterion"] == criterion):
            one = told(catalog, name, criterion, "--resource", fault["resource"], "--lang", language)
            assert (one["answer"]["value"], one["answer"]["sentence"]) == (fault["value"], fault["sentence"])
            assert one["resource"]["title"] == resources[fault["resource"]]["title"]
    return shared


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_chain_is_the_pages(built, language):
    """Value, reason, sentence, facts, points and visits of every criterion are those of the dataset's page."""
    same_as_the_page(built, TIDE, language)


@pytest.mark.slow
def test_the_chain_of_a_scan_reaches_the_bytes(scan):
    """Of a dataset whose file is invalid: the page's visits, the body they brought, its verdict and its defects."""
    catalog = scan.folder / "catalog.db"
    with opened(catalog) as db:
        sql = (
            "SELECT dataset, resource FROM answer WHERE criterion = 'machine_readable' AND reason = ? AND until IS NULL"
        )
        name, resource = next(row for row in db.execute(sql, ["invalid"]) if row[1])
        kept = {row[0]: row[1:] for row in db.execute("SELECT id, url, sha256, status, bytes FROM visit")}
    assert same_as_the_page(catalog, name, "en") > 0
    assert "leave --resource out" in asked(catalog, name, "licence", "--resource", "1", fails=True)
    found = told(catalog, name, "machine_readable", "--resource", resource)
    assert found["visits"]
    for visit in found["visits"]:
        _, sha256, status, size = kept[visit["id"]]
        assert (visit["sha256"], visit["status"], visit["bytes"]) == (sha256, status, size)
    body = next(each for each in found["contents"] if each["verdict"] == "invalid")
    assert body["sha256"] in {visit["sha256"] for visit in found["visits"]}
    assert body["defects"]
    text = asked(catalog, name, "machine_readable", "--resource", resource)
    for shown in (body["sha256"], found["visits"][0]["url"], str(found["visits"][0]["id"]), body["defects"][0]["code"]):
        assert shown in text


def test_what_is_taken_adds_up(built):
    """The points the criteria take, with what waits on an unknown, are 100 less the score."""
    checked = 0
    for name, *_ in DATASETS:
        found = told(built, name)
        if found["score"]["point"] is None:
            continue
        taken = sum(row["lost"] for row in found["criteria"] if row["lost"] is not None) + (found["rest"] or 0)
        assert taken == pytest.approx(100 - found["score"]["point"], abs=0.02), name
        checked += 1
    assert checked > 5


@pytest.mark.parametrize("language", LANGUAGES)
def test_lines_are_80_columns_and_quiet(built, language):
    """Hostile titles and facts neither widen a line nor move the cursor; only what is copied stands whole."""
    for name, *_ in DATASETS[10:]:
        found = told(built, name)
        text = [asked(built, name, "--lang", language)]
        text += [
            asked(built, name, row["criterion"], "--lang", language) for row in found["criteria"][:6] if row["reason"]
        ]
        for line in "\n".join(text).split("\n"):
            assert not CONTROLS.search(line), repr(line)
            assert columns(line) <= WIDE or COPIED.match(line), line


def test_chinese_takes_two_columns_and_breaks_anywhere():
    """Wrapping loses no character, and cutting tells that it did."""
    text = "此檔案 has 3 blank rows，" * 12 + "x" * 200
    lines = wrapped(text, 40)
    assert all(columns(line) <= 40 for line in lines)
    assert "".join("".join(lines).split()) == "".join(text.split())
    assert columns(fitted("無" * 60, 21)) == 21
    assert fitted("無" * 60, 21).rstrip().endswith("…")
    assert columns(unicodedata.normalize("NFD", "é")) == 1


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["hk-hko-tides"], "did you mean hk-hko-tide"),
        (["zzzzzz"], "No dataset is called 'zzzzzz'."),
        ([TIDE, "machine_redable"], "did you mean machine_readable"),
        ([TIDE, "zzzzzz"], "lists all there is"),
        ([TIDE, "online", "--resource", "99"], "give a number from 1 to"),
        ([TIDE, "--profile", "five-stars"], "did you mean five-star"),
        ([TIDE, "--profile", "zzzzzz"], "there are gdb-checklist"),
    ],
)  # fmt: skip
def test_unknown_names_get_a_suggestion(built, arguments, says):
    """A slip of the pen is answered with the closest name there is, or with what there is."""
    assert says in asked(built, *arguments, fails=True)


def test_a_resource_may_be_named_in_three_ways(built):
    """Its id, the beginning of it, and its place in the record are the same resource."""
    first = told(built, TIDE, "online")["resources"][0]["resource"]
    ways = [told(built, TIDE, "online", "--resource", way)["resource"]["shared_id"] for way in (first, "1")]
    assert ways == [first, first]


def test_a_catalogue_is_asked_for(built, tmp_path):
    """Without the published file, or with the workshop in its place, it says what to run."""
    assert "barometer publish" in asked(tmp_path / "none.db", TIDE, fails=True)
    assert "is a workshop" in asked(built.parent / "harvest.db", TIDE, fails=True)
