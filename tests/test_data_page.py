"""The page about the data: the file it names is the file it gives, and what it tells one to run does run."""

import hashlib
import re
import sqlite3
from datetime import UTC, datetime
from pathlib import Path

import pytest
import yaml
from click.testing import CliRunner

from harvester.cli import barometer
from harvester.records import LANGUAGES
from harvester.store.workshop import connect, step
from publish.build import publish
from publish.downloads import ADDRESSES, LIMIT, TAKEN, contents
from publish.serve import SETTINGS
from scoring.rescore import rescore
from scoring.rubric import load_rubrics
from tests.catalogue_fixture import SEEN, fill
from tests.test_site import ROOT, Read, get, served

NOW = datetime(2026, 11, 24, tzinfo=UTC)


@pytest.fixture(scope="module")
def built(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("data")
    fill(folder / "harvest.db")
    db = connect(folder / "harvest.db", create=False)
    with db.atomic():
        db.execute("DELETE FROM score")
        db.execute("DELETE FROM answer WHERE until IS NOT NULL")
        db.execute("UPDATE answer SET since = ?, reason = 'told'", [SEEN])
        db.execute("UPDATE answer SET reason = 'portal-terms' WHERE criterion = 'licence'")
    with step(db, "score", lambda: NOW, {}) as run:
        rescore(db, run, lambda: NOW, load_rubrics())
    db.conn.close()
    publish(folder / "harvest.db", folder / "catalog.db", lambda: NOW, "https://data.gov.hk")
    return folder / "catalog.db"


@pytest.fixture(scope="module")
def site(built):
    return served(built)


def test_the_file_offered_is_the_file_described(site, built):
    """Size and SHA-256 on the page are those of the bytes that the button gives."""
    page, data, download = get(site, "/en/data", "/en/data.json", "/catalog.db")
    told = data.json()["file"]
    assert download.content == built.read_bytes()
    assert told["sha256"] == hashlib.sha256(download.content).hexdigest()
    assert told["bytes"] == len(download.content)
    assert told["sha256"] in page.text
    assert ("a", {"class": "button", "href": told["address"]}) in Read(page.text).elements


def test_a_changed_file_is_described_anew(tmp_path):
    """The sum is kept for one state of the file: another time of change or size has it read again."""
    place = tmp_path / "x.db"
    for name in ("one", "other"):
        connection = sqlite3.connect(place)
        connection.execute(f"CREATE TABLE {name} (a)")
        connection.commit()
        connection.close()
        state = place.stat()
        found = contents(place, state.st_mtime_ns, state.st_size)
        assert found.sha256 == hashlib.sha256(place.read_bytes()).hexdigest()
        assert name in [table["name"] for table in found.tables]


def test_every_table_is_there_with_its_rows_words_and_keys(site, built):
    """What the page lists is what the file holds: each table once, its rows counted, its columns, its keys."""
    listed = {table["name"]: table for table in get(site, "/en/data.json")[0].json()["tables"]}
    connection = sqlite3.connect(built)
    sql = "SELECT name FROM sqlite_master WHERE type IN ('table', 'view') AND name NOT LIKE 'sqlite%'"
    words = yaml.safe_load((ROOT / "metadata.yml").read_text())["databases"]["catalog"]["tables"]
    ours = {name for (name,) in connection.execute(sql) if not name.startswith("dataset_search")}
    ours -= {name for name, table in words.items() if table.get("hidden")}
    assert set(listed) == ours
    for name, table in listed.items():
        assert table["description"], name
        columns = [row[1] for row in connection.execute(f"PRAGMA table_info({name})")]
        assert [column["name"] for column in table["columns"]] == columns
        assert all(column["description"] for column in table["columns"]), name
        if table["kind"] == "table":
            assert table["rows"] == connection.execute(f"SELECT count(*) FROM {name}").fetchone()[0]  # noqa: S608 - our own names
    connection.close()
    answer = {column["name"]: column for column in listed["answer"]["columns"]}
    assert answer["dataset"]["refers_to"] == "dataset.name"
    assert answer["since"]["key"]
    links = [table[form] for table in listed.values() for form in ("page", "csv", "json")]
    assert {each.status_code for each in get(site, *links)} == {200}
    assert SETTINGS["max_returned_rows"] == str(LIMIT)


def test_every_address_it_names_answers(site):
    """The JSON addresses are real, with a slug, a name and words in the places of the capitals."""
    filled = [address.replace("SLUG", "hk-hko").replace("NAME", "hk-hko-tide").replace("WORDS", "tide").replace(
        "category/hk-hko", "category/weather").replace("b=hk-hko", "b=hk-td") for address, _ in ADDRESSES]  # fmt: skip
    for address, answer in zip(filled, get(site, *(f"/tc/{address}" for address in filled)), strict=True):
        assert answer.status_code == 200, address
        assert answer.headers["content-type"].startswith("application/json")
    taken = [f"/tc/{address.replace('SLUG', 'hk-hko')}" for address, _ in TAKEN]
    assert {answer.status_code for answer in get(site, *taken)} == {200}


def test_the_citation_names_the_scan_the_version_the_rubric_and_the_file(site, built):
    """Text and BibTeX let a reader find the very file, in any language of the page; braces and lines are balanced."""
    connection = sqlite3.connect(built)
    meta = dict(connection.execute("SELECT key, value FROM meta"))
    connection.close()
    for language in LANGUAGES:
        data = get(site, f"/{language}/data.json")[0].json()
        for text in (data["cite"]["text"], data["cite"]["bibtex"]):
            for part in ("2026-11-22", meta["code_version"], meta["rubric_gdb-checklist"], data["file"]["sha256"],
                         "GDB-style, unofficial"):  # fmt: skip
                assert part in text
        assert data["cite"]["bibtex"].count("{") == data["cite"]["bibtex"].count("}")
        assert data["cite"]["bibtex"].startswith("@misc{")


def test_the_commands_on_the_page_exist(site):
    """What a reader is told to type is a program and an option that this checkout has."""
    blocks = "\n".join(re.findall(r"<pre><code>(.*?)</code></pre>", get(site, "/en/data")[0].text, re.DOTALL))
    assert "barometer score --from catalog.db" in blocks
    told = re.findall(r"bin/barometer (\w+)(.*)", blocks)
    assert {verb for verb, _ in told} == {"score", "publish", "verify"}
    for verb, options in told:
        said = CliRunner().invoke(barometer, [verb, "--help"]).output
        for option in re.findall(r"--[\w-]+", options):
            assert option in said, (verb, option)


def test_a_sample_is_not_offered_for_citing(tmp_path):
    """Over an invented catalogue the page says that it is not to be quoted, and the citation itself says what it is."""
    connect(tmp_path / "harvest.db", create=True).conn.close()
    publish(tmp_path / "harvest.db", tmp_path / "catalog.db", lambda: NOW, "sample")
    page, data = get(served(tmp_path / "catalog.db"), "/en/data", "/en/data.json")
    assert page.status_code == 200
    assert "Not to be quoted" in page.text
    assert "(invented sample data)" in data.json()["cite"]["text"]
