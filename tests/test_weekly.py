"""What changed this week: the last scan against the state a week before it, and never against the reader's clock."""

import json
import re
import sqlite3
from contextlib import closing
from datetime import UTC, datetime

import pytest

from harvester.records import LANGUAGES
from publish import pages, queries, render, weekly
from publish.build import publish
from publish.i18n import Translator
from tests.catalogue_fixture import fill

PORTAL = "https://data.gov.hk"
BEFORE, WITHIN = "2026-11-10T00:00:00Z", "2026-11-21T00:00:00Z"
"""The fixture's last check ended on 22 November, so its week began on the 16th."""
OLD = {"answer": "since", "task": "opened", "change": "at", "score": "since"}


def catalogue(folder, *changes, clock=datetime(2026, 11, 23, tzinfo=UTC), old=True):
    """Publish the fixture, all of it older than a week (unless not ``old``), with ``changes``: SQL and its values."""
    fill(folder / "harvest.db")
    with closing(sqlite3.connect(folder / "harvest.db")) as connection:
        if old:
            connection.execute("DELETE FROM answer WHERE until IS NOT NULL")
            for table, column in OLD.items():
                connection.execute(f"UPDATE {table} SET {column} = ?", [BEFORE])  # noqa: S608 - names written above
        for sql, values in changes:
            connection.execute(sql, values)
        connection.commit()
    publish(folder / "harvest.db", folder / "catalog.db", lambda: clock, PORTAL)
    return closing(sqlite3.connect(folder / "catalog.db"))


REPLACED = """
INSERT INTO answer (dataset, resource, criterion, since, value, reason, evidence, run)
SELECT dataset, resource, criterion, ?, ?, 'gone', '{}', run FROM answer WHERE criterion = 'online' AND resource = ?
"""
MOVED = """
INSERT INTO score (subject_type, subject, profile, pillar, since, point, low, high, known, n, rubric_digest, run)
SELECT subject_type, subject, profile, pillar, ?, ?, 0, 100, known, n, ?, run FROM score WHERE subject = ?
"""


def replaced(resource, before, after):
    """Return what lets a resource's answer on its link be ``before`` at first, and ``after`` since this week."""
    key = "WHERE criterion = 'online' AND resource = ?"
    return (
        (f"UPDATE answer SET value = ?, until = ? {key}", [before, WITHIN, resource]),  # noqa: S608 - written above
        (REPLACED, [WITHIN, after, resource]),
    )


def moved(subject, point, digest="d1"):
    """Return what gives a dataset, a provider or the portal another score since this week."""
    return ("UPDATE score SET until = ? WHERE subject = ?", [WITHIN, subject]), (
        MOVED,
        [WITHIN, point, digest, subject],
    )


@pytest.fixture(autouse=True)
def _no_charts(monkeypatch):
    """Leave the charts out: they take most of a publish, and this is not about them."""
    monkeypatch.setattr("publish.build.draw_all", lambda _connection: None)


@pytest.mark.parametrize(
    ("scanned", "first", "scorings", "before"),
    [
        (None, None, 0, ""),  # nothing was scanned
        ("2026-11-22T01:00:00Z", None, 0, ""),  # nothing was judged
        ("2026-11-22T01:00:00Z", "2026-11-22T02:00:00Z", 1, ""),  # the first scan
        ("2026-11-22T01:00:00Z", "2026-11-20T02:00:00Z", 1, ""),
        ("2026-11-22T01:00:00Z", "2026-11-20T02:00:00Z", 2, "2026-11-20T02:00:00Z"),  # against the first scan
        ("2026-11-22T01:00:00Z", "2026-11-01T02:00:00Z", 9, "2026-11-15T15:59:59Z"),
        ("2026-11-22T15:59:59Z", "2026-11-01T02:00:00Z", 9, "2026-11-15T15:59:59Z"),  # still the 22nd in Hong Kong
        ("2026-11-22T16:00:00Z", "2026-11-01T02:00:00Z", 9, "2026-11-16T15:59:59Z"),  # the 23rd
    ],
)
def test_the_week_is_seven_days_of_hong_kong_that_end_with_the_last_scan(scanned, first, scorings, before):
    """The comparison is with the last second before the seven days, or with the first scan where that is later."""
    assert weekly.bounds(scanned, first, scorings) == (before, scanned or "")


def test_nothing_changed_is_said_and_so_is_nothing_to_compare_with(tmp_path):
    """A week in which all stood says so in each language; after one scan alone there is nothing to compare with."""
    said = {
        "same": ("Nothing changed.", "沒有變化。", "没有变化。"),
        "none": ("There is nothing to compare with yet", "尚無可比較", "尚无可比较"),
    }
    young = ("UPDATE answer SET since = ?", [WITHIN])
    for state, changes in (("same", []), ("none", [young])):
        (tmp_path / state).mkdir()
        with catalogue(tmp_path / state, *changes) as connection:
            for language, words in zip(LANGUAGES, said[state], strict=True):
                for page in (pages.home, lambda c, t: pages.provider(c, t, "hk-td")):
                    made = page(connection, Translator(language))
                    assert (made.data["week"]["state"], made.data["week"]["kinds"]) == (state, [])
                    assert words in render.as_html(made, language, "index", queries.meta(connection))


def test_links_count_by_where_they_stood_then_and_stand_now(tmp_path):
    """Failing and mended are net: what failed and was mended within the week is neither, nor what is unknown now."""
    changes = [
        *replaced("hk-td-ferry/0", 1, 0), *replaced("hk-td-traffic/0", 0, 1), *replaced("hk-hko-tide/0", 0, None),
        *replaced("hk-hko-uv/0", 0, 0),
    ]  # fmt: skip
    with catalogue(tmp_path, *changes) as connection:
        found = connection.execute("SELECT kind, resource, at FROM week_change ORDER BY kind").fetchall()
        assert found == [("failing", "hk-td-ferry/0", WITHIN), ("mended", "hk-td-traffic/0", WITHIN)]
        week = pages.provider(connection, Translator("en"), "hk-td").data["week"]
        assert [(each["kind"], each["number"]) for each in week["kinds"]] == [("failing", 1), ("mended", 1)]
        assert pages.provider(connection, Translator("en"), "hk-hko").data["week"]["state"] == "same"
        assert (week["first"], week["last"]) == ("2026-11-16", "2026-11-22")


def test_tasks_and_datasets_are_counted_with_links_to_them_all(tmp_path):
    """Opened, closed and reopened tasks, datasets that came and went: each with its number, five told, all linked."""
    changes = [
        ("UPDATE task SET opened = ? WHERE criterion = 'format'", [WITHIN]),
        ("UPDATE task SET closed = ? WHERE criterion = 'bulk'", [WITHIN]),
        ("UPDATE task SET reopened = ? WHERE criterion = 'tools'", [WITHIN]),
        ("UPDATE task SET opened = ?, closed = ? WHERE criterion = 'free'", [WITHIN, WITHIN]),
        ("UPDATE change SET at = ? WHERE dataset IN ('hk-td-signs', 'hk-td-ferry')", [WITHIN]),
    ]
    with catalogue(tmp_path, *changes) as connection:
        counted = dict(connection.execute("SELECT criterion, count(*) FROM task GROUP BY 1").fetchall())
        made = pages.home(connection, Translator("en"))
        found = {each["kind"]: each for each in made.data["week"]["kinds"]}
        assert {kind: found[kind]["number"] for kind in found} == {
            "opened": counted["format"], "closed": counted["bulk"], "reopened": counted["tools"], "appeared": 1,
            "withdrawn": 1,
        }  # fmt: skip
        assert found["withdrawn"]["rows"][0]["dataset"] == "hk-td-signs"
        text = render.as_html(made, "en", "index", queries.meta(connection))
        for kind, each in found.items():
            assert len(each["rows"]) == min(weekly.FIRST, each["number"])
            assert len({row["dataset"] for row in each["rows"]}) == len(each["rows"]), "five tell of five datasets"
            assert (f"/catalog/week_change?kind={kind}" in text) == (each["number"] > weekly.FIRST)
        key = found["opened"]["rows"][0]["key"]
        assert f'href="/en/task/{key}"' in text


def test_scores_that_moved_most_come_first_with_the_reason(tmp_path):
    """Moves are sorted by size and told with their stored reason; too little known is no move."""
    parts = json.dumps([{"what": "online", "way": "better", "points": 9.0, "datasets": 1, "resources": 3}])
    changes = [
        *moved("hk-hko-tide", 60.0), *moved("hk-hko-uv", 51.9), *moved("hk-x-formula", 20.0), *moved("hk-td", 50.0),
        ("INSERT INTO explanation VALUES ('dataset', 'hk-hko-tide', 'last', ?, 49, 60, ?, 4)", [WITHIN, parts]),
    ]  # fmt: skip
    with catalogue(tmp_path, *changes) as connection:
        week = pages.home(connection, Translator("en")).data["week"]
        found = {each["kind"]: each["rows"] for each in week["kinds"]}
        assert [(row["dataset"], row["change"]) for row in found["moved"]] == [("hk-hko-tide", "+11.0"),
                                                                               ("hk-hko-uv", "−0.1")]  # fmt: skip
        assert found["moved"][0]["text"] == "Last changed on 21 November 2026: links that work again: 3 (+9.0)."
        assert [row["provider"] for row in found["moved-provider"]] == ["hk-td"]
        own = pages.provider(connection, Translator("tc"), "hk-td").data["week"]
        assert (own["own"]["change"], own["kinds"]) == ("−4.0", [])


def test_scores_of_another_rubric_are_not_compared(tmp_path):
    """Where the rubric changed in the week the page says so, and no score is said to have moved."""
    with catalogue(tmp_path, *moved(PORTAL, 20.0, "d2"), *moved("hk-hko-tide", 20.0, "d2")) as connection:
        made = pages.home(connection, Translator("en"))
        assert made.data["week"]["rubric"]
        assert (made.data["week"]["state"], made.data["week"]["kinds"]) == ("changed", [])
        assert "The rubric changed in these days" in render.as_html(made, "en", "index", queries.meta(connection))


def test_the_readers_clock_changes_nothing(tmp_path):
    """Built and read years later, the same workshop tells of the same week."""
    told = []
    for year in (2026, 2031):
        folder = tmp_path / str(year)
        folder.mkdir()
        with catalogue(folder, clock=datetime(year, 12, 1, tzinfo=UTC), old=False) as connection:
            week = pages.home(connection, Translator("en")).data["week"]
            assert {each["kind"] for each in week["kinds"]} >= {"failing", "opened", "withdrawn"}
            told.append(json.dumps(week))
    assert told[0] == told[1]


def test_what_was_harvested_is_only_text_there(tmp_path):
    """Titles that hold markup are escaped in the week's list as anywhere."""
    with catalogue(tmp_path, *replaced("hk-x-script/0", 1, 0)) as connection:
        made = pages.home(connection, Translator("en"))
        text = render.as_html(made, "en", "index", queries.meta(connection))
        section = re.search(r'<section id="week">.*?</section>', text, re.DOTALL)
        assert section is not None
        assert "&lt;script&gt;" in section[0]
        assert "<script" not in section[0]
