"""From a place in a profile to the officer: the answer's facts, its sentence in three languages, and the worklist."""

import json
import sqlite3
from dataclasses import replace

import pytest

from harvester.records import Column, Odd, Place, Profile, Spellings
from publish.i18n import Translator
from publish.sentences import told
from publish.worklist import tasks
from scoring.criteria.base import Answer
from tests.test_criteria import ask, table

PLACES = (Place(17, "-9"), Place(40, "-9"))
VISITS = Column("Number of visits", "integer", 0.0, 9, -9.0, 80.0, odd=(Odd("beyond", 12, PLACES),))
NORTHS = Column("Latitude", "number", 0.0, 9, 22.2, 114.2, odd=(Odd("swapped", 2, (Place(8, "114.17"),)),))
DATES = Column("Date of visit", "date", 0.0, 9, odd=(Odd("far-date", 1, (Place(5, "2202-01-01"),)),))
GAPS = Column("Number of visits", "integer", 0.1, 9, 1.0, 80.0, markers=4, gaps=(Place(9), Place(12, "***")))
WRITTEN = Spellings("District", (Place(2, "Sha Tin", 30), Place(11, "SHA TIN", 3), Place(14, "Shatin", 1)))
NAMES = Column("District", "string", 0.0, 9)


def answer(criterion: str, *columns: Column, **changes: object) -> Answer:
    """Ask a criterion about a table of a hundred rows with these columns."""
    return ask(criterion, content=table(profile=Profile(100, columns, unit="row", **changes)))


def sentence(found: Answer, language: str) -> str:
    return told(Translator(language), found.criterion, found.reason, {"facts": dict(found.facts)})[0]


@pytest.mark.parametrize(
    ("found", "reason", "ends"),
    [
        (answer("plausible", NAMES, VISITS), "impossible", "Rows: 17, 40 (12 in all)."),
        (answer("plausible", VISITS, DATES, NORTHS), "swapped-coordinates", "Rows: 8 (2 in all)."),
        (answer("plausible", DATES), "far-date", "Rows: 5 (1 in all)."),
        (answer("missing_data", GAPS), "portion", "Rows: 9, 12 (14 in all)."),
        (answer("missing_data", GAPS, rows_read=50), "portion", "Rows: 9, 12 (9 in all)."),
        (
            answer("consistent", NAMES, variants=(("SHA TIN", "Sha Tin", "Shatin"),), spellings=(WRITTEN,)),
            "district-spelling", "Sha Tin / SHA TIN / Shatin Rows: 11, 14 (4 in all).",
        ),
    ],
)  # fmt: skip
def test_an_answer_says_in_which_rows(found: Answer, reason: str, ends: str) -> None:
    """The sentence ends with the first rows and how many cells there are, in each language in its own words."""
    assert found.reason == reason
    assert sentence(found, "en").endswith(ends)
    assert "所在行：" in sentence(found, "tc")
    assert "所在行：" in sentence(found, "sc")
    assert "{" not in sentence(found, "tc") + sentence(found, "sc")


def test_records_are_called_records_and_a_profile_without_places_is_judged_as_ever() -> None:
    """JSON has no rows to look up; what was judged before places were kept keeps its answer, and names no place."""
    records = ask("plausible", content=table(profile=Profile(100, (VISITS,), unit="record")))
    assert sentence(records, "en").endswith("Records: 17, 40 (12 in all).")
    older = ask("plausible", content=table(profile=Profile(100, (replace(VISITS, odd=()),))))
    assert (older.reason, older.facts["value"]) == ("impossible", -9.0)
    assert "places" not in older.facts
    assert answer("plausible", replace(VISITS, odd=())).reason == "possible"


def test_the_official_spelling_is_never_the_one_to_mend_however_rare() -> None:
    """A column that mostly writes a district wrongly is told where it does, not where it is right."""
    places = (Place(2, "ShaTin", 30), Place(11, "Sha Tin", 1))
    found = answer("consistent", NAMES, variants=(("Sha Tin", "ShaTin"),), spellings=(Spellings("District", places),))
    assert (found.facts["official"], found.facts["in_rows"], found.facts["cells"]) == ("Sha Tin", "2", 30)


def test_a_date_is_told_as_the_file_writes_it() -> None:
    """A year of three digits is not tidied away."""
    dates = replace(DATES, odd=(Odd("far-date", 1, (Place(5, "0202-01-01"),)),))
    assert "0202-01-01" in sentence(answer("plausible", dates), "tc")


def shop(evidence: dict) -> sqlite3.Connection:
    """Open a catalogue of one dataset with two open tasks that rest on ``evidence``."""
    connection = sqlite3.connect(":memory:")
    connection.row_factory = sqlite3.Row
    connection.executescript(
        """
        CREATE TABLE dataset (name, provider, withdrawn_at, title_en, title_tc, title_sc);
        CREATE TABLE resource (shared_id, dataset, url, example, withdrawn_at, title_en, title_tc, title_sc);
        CREATE TABLE url (id, url);
        CREATE TABLE criterion (id, title_en);
        CREATE TABLE task (dataset, resource, criterion, opened, due, closed, severity, points, reason, evidence, key);
        CREATE TABLE reply (task, resource, criterion, kind, reason, at, expires, role, state, looked, newest);
        INSERT INTO dataset VALUES ('d', 'p', NULL, 'D', 'D', 'D');
        INSERT INTO resource VALUES ('r', 'd', 1, NULL, NULL, 'R', 'R', 'R');
        INSERT INTO url VALUES (1, 'https://data.example.gov.hk/a.csv');
        INSERT INTO criterion VALUES ('plausible', 'Plausible values');
        """
    )
    connection.execute(
        "INSERT INTO task VALUES ('d', 'r', 'plausible', '2026-11-01', '2026-12-01', NULL, 8, 0, 'impossible', ?,"
        " 'abcd')",
        [json.dumps(evidence)],
    )
    return connection


@pytest.mark.parametrize(
    ("language", "places"),
    [
        ("en", ["row 17, column 2 (Number of visits), “-9”", "row 40, column 2 (Number of visits), “-9”"]),
        ("tc", ["第 17 行、第 2 欄（Number of visits）、「-9」", "第 40 行、第 2 欄（Number of visits）、「-9」"]),
        ("sc", ["第 17 行、第 2 列（Number of visits）、“-9”", "第 40 行、第 2 列（Number of visits）、“-9”"]),
    ],
)
def test_the_worklist_names_row_column_and_cell_and_says_the_fault_once(language: str, places: list[str]) -> None:
    """Places stand beside the sentence, not in it, so that files which share a fault still say the same."""
    found = answer("plausible", NAMES, VISITS)
    with shop({"facts": dict(found.facts)}) as connection:
        [task] = tasks(connection, "p", Translator(language))
    connection.close()
    assert task["places"] == places
    assert "17" not in told(Translator(language), "plausible", "impossible", task["evidence"])[0]


@pytest.mark.parametrize(
    "facts", [{"places": "x"}, {"places": "1\t<b>\t2\n\n9"}, {"places": 5}, {"places": "-1\ta"}, [], {"places": "3\t"}]
)
def test_odd_evidence_breaks_no_worklist(facts: object) -> None:
    """Whatever stands in the evidence, a task is listed; what is no place is not told as one."""
    with shop({"facts": facts}) as connection:
        [task] = tasks(connection, "p", Translator("en"))
    connection.close()
    assert task["places"] in ([], ["row 1, “<b>\t2”"], ["row 3, empty"])
