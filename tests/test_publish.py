"""The shop window: built whole or not at all, described in full, and sound."""

import json
import os
import socket
import sqlite3
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path
from urllib.error import URLError
from urllib.request import urlopen

import opencc
import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlite_utils import Database

from harvester.errors import BarometerError, NotOurDatabaseError
from publish.build import publish
from publish.safe import clean, csv_cell, http_link, mail_link
from publish.search import fold, index_text, match_query, search
from publish.serve import serve
from scoring.evidence import load
from tests.catalogue_fixture import DATASETS, fill

ROOT = Path(__file__).parents[1]
PORTAL = "https://data.gov.hk"


def clock() -> datetime:
    return datetime(2026, 11, 23, 3, 0, tzinfo=UTC)


def rows(path: Path, sql: str, values: dict[str, str] | None = None) -> list[tuple[object, ...]]:
    connection = sqlite3.connect(path)
    try:
        return connection.execute(sql, values or {}).fetchall()
    finally:
        connection.close()


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    folder = tmp_path_factory.mktemp("publish")
    fill(folder / "harvest.db")
    publish(folder / "harvest.db", folder / "catalog.db", clock, PORTAL)
    return folder


def test_every_standing_row_is_published_and_no_body(built):
    """The catalogue holds the workshop's records under the same names, and none of its raw bodies."""
    catalog = built / "catalog.db"
    for table in ("provider", "category", "dataset", "resource", "answer", "score", "task", "content", "defect"):
        sql = f"SELECT count(*) FROM {table}"  # noqa: S608 - names written above
        assert rows(catalog, sql) == rows(built / "harvest.db", sql)
    assert "body" not in {row[1] for row in rows(catalog, "PRAGMA table_info(record_version)")}
    theirs = {row[1] for row in rows(built / "harvest.db", "PRAGMA table_info(dataset)")}
    assert theirs <= {row[1] for row in rows(catalog, "PRAGMA table_info(dataset)")}


def test_only_the_last_visit_counts_and_summaries_agree_with_their_rows(built):
    """A resource fails where its last visit failed, and the summaries count exactly those."""
    catalog = built / "catalog.db"
    assert rows(catalog, "SELECT count(*) FROM latest_visit l JOIN visit v ON v.id = l.visit WHERE v.run <> 5") == [
        (0,)
    ]
    failing = rows(catalog, "SELECT count(*) FROM failing_now")[0][0]
    assert rows(catalog, "SELECT sum(failing) FROM dataset_summary") == [(failing,)]
    assert failing > 0
    assert rows(catalog, "SELECT sum(yes + partly + no + unknown) FROM criterion_summary WHERE provider = ''") == rows(
        catalog,
        "SELECT count(*) FROM answer a JOIN dataset d ON d.name = a.dataset"
        " WHERE a.resource = '' AND a.until IS NULL AND d.withdrawn_at IS NULL",
    )


def test_the_catalogue_alone_is_enough_to_score_again(built):
    """The facts every score rests on are the same read from the catalogue as from the workshop."""
    moment = datetime(2026, 11, 24, tzinfo=UTC)
    both = [list(load(Database(built / name), moment)) for name in ("harvest.db", "catalog.db")]
    assert both[0] == both[1]
    assert len(both[0]) == len(DATASETS) - 1


def test_small_providers_are_shown_and_not_ranked(built):
    """Providers under five datasets have a score and no rank."""
    found = dict(rows(built / "catalog.db", "SELECT provider, rank FROM provider_summary"))
    assert found["hk-hd"] is None
    assert found["hk-td"] is None
    assert sorted(rank for rank in found.values() if rank) == [1, 2]


def test_publishing_twice_gives_the_same_bytes(built, tmp_path):
    """The same workshop at the same time gives the same file, byte for byte."""
    for name in ("one.db", "two.db"):
        publish(built / "harvest.db", tmp_path / name, clock, PORTAL)
    assert (tmp_path / "one.db").read_bytes() == (tmp_path / "two.db").read_bytes()
    assert sorted(path.name for path in tmp_path.glob("**/.[dp]*")) == []


def test_a_catalogue_that_is_not_sound_leaves_the_old_one_whole(built, tmp_path):
    """A workshop with a dangling key is refused, and readers keep the file they had."""
    harvest, catalog = tmp_path / "harvest.db", tmp_path / "catalog.db"
    harvest.write_bytes((built / "harvest.db").read_bytes())
    catalog.write_bytes(b"the old one")
    connection = sqlite3.connect(harvest)
    connection.execute("DELETE FROM provider WHERE slug = 'hk-td'")
    connection.commit()
    connection.close()
    with pytest.raises(BarometerError, match="not sound"):
        publish(harvest, catalog, clock, PORTAL)
    assert catalog.read_bytes() == b"the old one"
    assert [path.name for path in tmp_path.glob("catalog.releases/*")] == [".lock"]


def test_what_is_not_our_workshop_is_refused_in_one_sentence(tmp_path):
    """A missing file, a text file and somebody else's database each get a sentence that says what to do."""
    other = tmp_path / "other.db"
    connection = sqlite3.connect(other)
    connection.execute("CREATE TABLE stamp (id)")
    connection.close()
    text = tmp_path / "text.db"
    text.write_text("not a database, but long enough to be mistaken for one" * 50)
    for place in (tmp_path / "none.db", other, text):
        with pytest.raises(NotOurDatabaseError, match=r"run|name|harvest"):
            publish(place, tmp_path / "catalog.db", clock, PORTAL)


def test_every_table_and_column_is_described_and_every_description_is_of_one(built):
    """metadata.yml and the catalogue agree both ways, and every canned query runs and has a title."""
    metadata = yaml.safe_load((ROOT / "metadata.yml").read_text())["databases"]["catalog"]
    described = {name: set(table.get("columns", {})) for name, table in metadata["tables"].items()}
    catalog = built / "catalog.db"
    sql = (
        "SELECT name FROM sqlite_master WHERE type IN ('table', 'view')"
        " AND name NOT LIKE 'dataset_search%' AND name NOT LIKE 'sqlite%'"
    )
    ours = {name: {row[1] for row in rows(catalog, f"PRAGMA table_info({name})")} for (name,) in rows(catalog, sql)}
    bookkeeping = {"dataset_search", "sqlite_stat1", "sqlite_stat4"}
    assert {name: described[name] for name in described if name not in bookkeeping} == ours
    typed = {"provider": "hk-hko", "dataset": "hk-hko-rainfall", "earlier_run": "1", "later_run": "6"}
    for query in metadata["queries"].values():
        assert query["title"]
        assert rows(catalog, query["sql"], {name: typed[name] for name in query.get("params", [])})


def test_every_foreign_key_and_sorted_column_has_an_index(built):
    """No page of Datasette scans a table for a link or a sort."""
    catalog = built / "catalog.db"
    first = {
        (table, rows(catalog, f"PRAGMA index_info({index[1]})")[0][2])
        for (table,) in rows(catalog, "SELECT name FROM sqlite_master WHERE type = 'table'")
        for index in rows(catalog, f"PRAGMA index_list({table})")
    } | {("run", "id"), ("url", "id"), ("visit", "id")}
    first |= {(table, "url") for table in ("latest_visit", "api_health", "body_change")}  # keys of numbers
    for (table,) in rows(catalog, "SELECT name FROM sqlite_master WHERE type = 'table' AND name <> 'failure'"):
        for key in rows(catalog, f"PRAGMA foreign_key_list({table})"):
            assert (table, key[3]) in first, f"{table}.{key[3]}"


def test_chinese_is_found_in_either_script_and_latin_by_its_beginning(built):
    """天氣 finds 天气 and the other way; a provider, a part of a URL and a name are found too; nonsense is not."""
    connection = sqlite3.connect(built / "catalog.db")
    try:
        for query in ("天氣", "天气", "天氣預報", "weather fore", "WEATHER", "hk-hko-forecast"):
            assert "hk-hko-forecast" in search(connection, query), query
        assert set(search(connection, "公屋")) == {"hk-hd-flats", "hk-hd-wait"}
        assert set(search(connection, "颱")) >= {"hk-hko-typhoon"}
        assert len(search(connection, "香港天文台")) == 6
        assert "hk-td-ferry" in search(connection, "res1.example.hk/hk-td-ferry")
        for query in ("", "   ", '"', "zzzz", '" OR "x', "天 氣" * 200, "NEAR(", "\x00"):
            assert "hk-td-ferry" not in search(connection, query)
    finally:
        connection.close()


SIMPLIFIED = opencc.OpenCC("hk2s")
CHINESE = st.text(alphabet="香港天氣颱風雲數據", min_size=1, max_size=8)


@settings(max_examples=60, deadline=None)
@given(
    st.text(alphabet="香港天氣颱風雲數據abc1 ，-", max_size=12),
    CHINESE,
    st.text(alphabet="港abc ，-", max_size=12),
    CHINESE,
)
def test_any_stretch_of_a_text_is_found_and_nothing_that_is_not_there(before, stretch, after, other):
    """A stretch of Chinese copied out of a title finds it, typed in either script; one that is not in it does not."""
    connection = sqlite3.connect(":memory:")
    try:
        connection.execute("CREATE VIRTUAL TABLE t USING fts5(x, content='', tokenize='unicode61 remove_diacritics 2')")
        connection.execute("INSERT INTO t (rowid, x) VALUES (1, ?)", [index_text(before + stretch + after)])
        for typed in (stretch, SIMPLIFIED.convert(stretch)):
            assert connection.execute("SELECT rowid FROM t WHERE t MATCH ?", [match_query(typed)]).fetchall() == [(1,)]
        found = connection.execute("SELECT rowid FROM t WHERE t MATCH ?", [match_query(other)]).fetchall()
        assert bool(found) == (fold(other) in fold(before + stretch + after))
    finally:
        connection.close()


@settings(deadline=None)
@given(st.text(max_size=60))
def test_no_query_reaches_the_index_as_syntax(query):
    """Whatever is typed becomes quoted words or nothing."""
    connection = sqlite3.connect(":memory:")
    try:
        connection.execute("CREATE VIRTUAL TABLE t USING fts5(x)")
        match = match_query(query)
        if match:
            connection.execute("SELECT * FROM t WHERE t MATCH ?", [match]).fetchall()
    finally:
        connection.close()
    assert fold(fold(query)) == fold(query) or len(fold(query)) != len(query)


@settings(deadline=None)
@given(st.text(max_size=40), st.sampled_from(["=", "+", "-", "@", "\t=", " =", "＝", "\u202e=", "\x00@"]))
def test_no_cell_can_start_a_formula(text, start):
    """A cell that a spreadsheet could run gets an apostrophe; numbers stay numbers."""
    assert str(csv_cell(start + text)).startswith("'")
    assert csv_cell(-1.5) == -1.5


@settings(deadline=None)
@given(st.text(max_size=60))
def test_only_web_addresses_become_links(text):
    """No text becomes a link unless it is an http(s) address with a host, and none with a user name."""
    link = http_link(text)
    assert link is None or link.lower().startswith(("http://", "https://"))
    for bad in (
        "javascript:alert(1)",
        "data:text/html,x",
        "//host/x",
        "https://a@b/",
        "https:///x",
        "http://a b/",
        "https://[x",
    ):
        assert http_link(bad) is None
    assert http_link("https://res.data.gov.hk/a?b=c#d")
    assert mail_link('a"b@c.hk') is None
    assert clean("a\u202eb\x00c") == "abc"


def test_serving_says_what_is_wrong_in_one_sentence(built, tmp_path):
    """A missing catalogue and a taken port are told apart, before Datasette starts."""
    with pytest.raises(BarometerError, match="barometer run"):
        serve(tmp_path / "none.db", ROOT / "metadata.yml", "127.0.0.1", 8001)
    with socket.socket() as holder:
        holder.bind(("127.0.0.1", 0))
        holder.listen()
        with pytest.raises(BarometerError, match="--port"):
            serve(built / "catalog.db", ROOT / "metadata.yml", "127.0.0.1", holder.getsockname()[1])


def test_serving_prints_its_address_once_it_answers_and_stops_with_its_server(built):
    """The address is printed when the home page can be read there, and a stopped command leaves no server behind."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    script = (
        "import sys; from pathlib import Path; from publish.serve import serve;"
        "serve(Path(sys.argv[1]), Path(sys.argv[2]), '127.0.0.1', int(sys.argv[3]))"
    )
    arguments = [sys.executable, "-c", script, str(built / "catalog.db"), str(ROOT / "metadata.yml"), str(port)]
    with subprocess.Popen(arguments, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as served:
        try:
            assert f"http://127.0.0.1:{port}/" in served.stdout.readline()
            with urlopen(f"http://127.0.0.1:{port}/sc/", timeout=10) as answer:
                assert '<html lang="zh-Hans">' in answer.read().decode()
        finally:
            served.terminate()
            served.wait(timeout=20)
    with pytest.raises(URLError):
        urlopen(f"http://127.0.0.1:{port}/", timeout=2)


def test_a_kill_in_the_middle_leaves_the_old_file_and_the_next_run_cleans_up(built, tmp_path):
    """A publish that dies before the end has not touched the catalogue that readers have open."""
    catalog = tmp_path / "catalog.db"
    catalog.write_bytes(b"the old one")
    script = (
        "import os, sys; from pathlib import Path; from datetime import UTC, datetime; import publish.build as b;"
        "b.draw_all = lambda connection: os._exit(9);"
        "b.publish(Path(sys.argv[1]), Path(sys.argv[2]), lambda: datetime.now(UTC), 'x')"
    )
    done = subprocess.run(
        [sys.executable, "-c", script, str(built / "harvest.db"), str(catalog)], check=False, env={**os.environ}
    )
    assert done.returncode == 9
    assert catalog.read_bytes() == b"the old one"
    publish(built / "harvest.db", catalog, clock, PORTAL)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["catalog.db", "catalog.releases"]
    assert not list(tmp_path.glob("catalog.releases/.[dp]*"))
    assert json.loads(json.dumps(rows(catalog, "SELECT count(*) FROM dataset"))) == [[len(DATASETS)]]
