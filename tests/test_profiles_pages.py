"""Several profiles side by side: what they are and what they came to, each in its own points, from catalog.db alone."""

import json
import sqlite3
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from harvester.clock import iso
from harvester.store.workshop import connect, step
from publish import pages, queries, render
from publish.build import publish
from publish.i18n import Translator
from publish.sentences import told_measure
from scoring.criteria.base import Answer
from scoring.measures import MEASURES, Measured
from scoring.rubric import load_rubrics, parse_rubric
from scoring.score import score_dataset
from scoring.step import score
from tests.catalogue_fixture import fill

PORTAL = "https://data.gov.hk"
NOW = datetime(2026, 11, 23, 4, tzinfo=UTC)
OWN = """
profile: mine {name}
version: "7"
formula: weighted-mean
title: {{en: My own yardstick, tc: 自訂尺度, sc: 自订尺度}}
description: {{en: For a test., tc: 測試用。, sc: 测试用。}}
source: nobody
out-of: 405
pillars:
  find: {{en: Findability, tc: 可查找性, sc: 可查找性}}
  linking: {{en: Linking, tc: 連結, sc: 链接}}
bands:
  - above: 351
    title: {{en: splendid, tc: 極佳, sc: 极佳}}
  - from: 0
    title: {{en: middling, tc: 尚可, sc: 尚可}}
items:
  - {{measure: category_present, weight: 30, source: a, pillar: find}}
  - {{measure: description_present, weight: 10, source: a, pillar: find}}
  - {{criterion: licence, weight: 10, source: a, pillar: find}}
  - {{measure: dcat_ap_valid, weight: 30, source: a, pillar: linking, not-applicable: leave-out}}
  - {{criterion: timely, weight: 20, source: a, pillar: find, needs: [category_present]}}
"""


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    """A workshop scored by every profile of ours, by one of a user's own, and once before by another of theirs."""
    folder = tmp_path_factory.mktemp("profiles")
    fill(folder / "harvest.db")
    for name in ("one", "two"):
        (folder / f"{name}.yml").write_text(OWN.format(name=name), encoding="utf-8")
    heavy = Path("scoring/rubrics/gdb-checklist.yml").read_text(encoding="utf-8").replace("weight: 1\n", "weight: 2\n")
    (folder / "lead.yml").write_text(heavy.replace('"2026.1"', '"our own"'), encoding="utf-8")
    db = connect(folder / "harvest.db", create=False)
    for day, name in ((1, "two"), (0, "one")):
        at = NOW - timedelta(days=day)
        with step(db, "score", lambda at=at: at, {"day": day}, PORTAL) as run:
            score(db, run, lambda at=at: at, load_rubrics([folder / f"{name}.yml", folder / "lead.yml"]), at)
    db.conn.close()
    publish(folder / "harvest.db", folder / "catalog.db", lambda: NOW, PORTAL)
    return folder


@pytest.fixture
def catalogue(place):
    """The published file, opened."""
    connection = sqlite3.connect(place / "catalog.db")
    yield connection
    connection.close()


def drawn(catalogue, make, *arguments, language="en"):
    """A page's HTML and its JSON as a reader gets them."""
    page = make(catalogue, Translator(language), *arguments)
    meta = dict(catalogue.execute("SELECT key, value FROM meta"))
    return render.as_html(page, language, "x", meta), json.loads(render.as_json(page, meta))


def by_name(told):
    """The profiles of a page by their names."""
    return {one["profile"]: one for one in told["profiles"]}


def test_every_dataset_score_is_made_again_from_the_catalogue_alone(catalogue):
    """Answers, measures and the profiles' own files in catalog.db give each stored score to the last digit."""
    texts = dict(catalogue.execute("SELECT p.id, r.text FROM profile p JOIN rubric r ON r.digest = p.rubric"))
    rubrics = {name: parse_rubric(text, name) for name, text in texts.items()}
    answers, measured = {}, {}
    for dataset, name, value, reason, applies in catalogue.execute(
        "SELECT dataset, criterion, value, reason, applies FROM answer WHERE resource = '' AND until IS NULL"
    ):
        answers.setdefault(dataset, []).append(Answer(name, dataset, "", value, reason, applies=bool(applies)))
    for dataset, name, value, low, high, applies, reason in catalogue.execute(
        "SELECT dataset, measure, value, low, high, applies, reason FROM measure WHERE until IS NULL"
    ):
        measured.setdefault(dataset, []).append(Measured(name, value, low, high, bool(applies), reason))
    stored = catalogue.execute(
        "SELECT subject, profile, point, low, high, known FROM score"
        " WHERE subject_type = 'dataset' AND pillar = '' AND until IS NULL AND subject <> 'hk-td-signs'"
    ).fetchall()
    assert {row[1] for row in stored} == set(rubrics)
    for dataset, profile, *told in stored:
        again = score_dataset(rubrics[profile], answers[dataset], measured.get(dataset, ()))
        assert [again.point, again.low, again.high, again.known] == told, (dataset, profile)


def test_a_stored_file_gives_the_digest_its_scores_name(catalogue):
    """What the method page describes is the rubric that scored, a user's own under our name as well."""
    rows = catalogue.execute("SELECT digest, profile, version, text FROM rubric").fetchall()
    assert all(parse_rubric(text, profile).digest == digest for digest, profile, _, text in rows)
    assert {row[2] for row in rows if row[1] == "gdb-checklist"} == {"our own"}
    named = {row[0] for row in catalogue.execute("SELECT DISTINCT rubric_digest FROM score WHERE until IS NULL")}
    assert named - {"d1"} <= {row[0] for row in rows}
    assert catalogue.execute("SELECT weight FROM criterion WHERE id = 'tools'").fetchone() == (2,)


@pytest.mark.parametrize(
    ("language", "says"),
    [
        ("en", ("My own yardstick", "splendid above 351", "middling from 0", "405 points", "only with: Category")),
        ("tc", ("自訂尺度", "極佳 高於 351 分", "類別", "符合 DCAT-AP 的紀錄", "不適用時不計算在內")),
        ("sc", ("自订尺度", "极佳 高于 351 分", "类别", "符合 DCAT-AP 的记录", "不适用时不计算在内")),
    ],
)
def test_the_method_page_tells_the_profiles_that_scored(catalogue, language, says):
    """Measures by their titles, needs, bands in the profile's own points and its scale, in every language."""
    html, told = drawn(catalogue, pages.method, language=language)
    for words in says:
        assert words in " ".join(html.split()), words
    found = by_name(told)
    assert found["gdb-checklist"]["version"] == "our own"
    assert next(iter(found)) == "gdb-checklist"
    assert all(one["kept"] for one in found.values())
    assert html.count('id="profile-mine-one"') == 1
    assert {one["id"] for one in told["measures"]} == set(MEASURES)


def test_a_dataset_shows_each_profile_in_its_own_points_with_the_reasons(catalogue):
    """Own points, pillars that arise, each item's sentence; a criterion leads to its answer on the page."""
    html, told = drawn(catalogue, pages.dataset, "hk-hko-rainfall")
    own = by_name(told)["mine one"]
    assert own["own_point"] == pytest.approx(own["point"] * 4.05)
    assert own["shown"].endswith(" of 405")
    assert [one["title"] for one in own["pillars"]] == ["Findability"]
    items = {one["criterion"]: one for one in own["items"]}
    assert items["category_present"]["sentence"] == "The record fills this field: yes."
    assert items["dcat_ap_valid"]["points"] is None
    assert items["dcat_ap_valid"]["word"] == "Does not apply"
    assert items["licence"]["note"].endswith("the portal’s terms do not stand in for one.")
    assert html.count('id="answer-licence"') == 1
    assert 'href="#answer-licence"' in html
    assert own["shown"] in html
    for one in by_name(told).values():
        assert f"#{one['section']}" in html


def test_an_unknown_is_never_shown_as_nought(catalogue):
    """An item that is not known has a question mark for its points, and too little known gives no band."""
    unknown = 0
    for (name,) in catalogue.execute("SELECT name FROM dataset WHERE withdrawn_at IS NULL").fetchall():
        for one in drawn(catalogue, pages.dataset, name)[1]["profiles"]:
            assert (one["point"] is None) == (one["shown"] is None)
            assert one["band"] is None or one["known"] >= 0.6
            for item in one["items"]:
                if item["value"] is None and not item["apart"]:
                    unknown += 1
                    assert item["points"].startswith("? of")
                    assert item["state"] == "unknown"
    assert unknown


def test_what_an_item_waits_for_is_named(catalogue):
    """Where something an item needs is not met, the page says which."""
    _, told = drawn(catalogue, pages.dataset, "hk-x-script")
    held = {one["criterion"]: one["held_by"] for one in by_name(told)["mine one"]["items"]}
    assert held["timely"] == ["Category"]
    _, told = drawn(catalogue, pages.dataset, "hk-hko-rainfall")
    assert not any(one["held_by"] for one in by_name(told)["mine one"]["items"])


@pytest.mark.parametrize(("make", "arguments"), [(pages.home, ()), (pages.provider, ("hk-hko",))])
def test_home_and_provider_lay_the_profiles_side_by_side(catalogue, make, arguments):
    """The leading profile first, each in its own points, and one no longer scored by with the day it last was."""
    html, told = drawn(catalogue, make, *arguments)
    found = by_name(told)
    assert next(iter(found)) == "gdb-checklist"
    assert {"mine one", "mine two", "odb-2016", "godi-2015", "five-star"} <= set(found)
    assert found["mine two"]["older"] == iso(NOW - timedelta(days=1))
    assert [name for name, one in found.items() if one["older"]] == ["mine two"]
    assert "last scored on 22 November 2026" in html
    assert found["mine one"]["shown"] in html
    assert "method#agreement" in html


def test_the_view_of_dataset_scores_has_own_points_and_bands(catalogue):
    """Own points are the share of the scale; a cut that is written `above` is not reached by standing on it."""
    for point, known, out_of, own, band in catalogue.execute(
        "SELECT point, known, out_of, own_point, band FROM dataset_scores WHERE profile = 'mine one'"
    ).fetchall():
        assert out_of == 405
        assert own == pytest.approx(point * 4.05, abs=1e-3)
        assert band == (None if known < 0.6 else "splendid" if point * 4.05 > 351.001 else "middling")
    cut = catalogue.execute("SELECT least, above, own_least FROM band WHERE title_en = 'splendid'").fetchone()
    assert cut == (pytest.approx(100 * 351 / 405, abs=1e-6), 1, 351)


@pytest.mark.parametrize(
    ("language", "told"), [("en", "yes."), ("tc", "此欄位是否已填寫：是。"), ("sc", "此字段是否已填写：是。")]
)
def test_a_measure_says_yes_or_no_in_words(language, told):
    """A fact that is a yes or a no is a word, not a number, and odd facts stay text."""
    tr = Translator(language)
    assert told_measure(tr, "title_present", "measured", {"facts": {"filled": 1}}).endswith(told)
    odd = told_measure(tr, "licence_present", "measured", {"facts": {"licence": "{filled}<b>"}})
    assert "{filled}<b>" in odd
    assert told_measure(tr, "title_present", "no-such-reason", {})


def test_a_catalogue_built_before_profiles_were_kept_still_has_its_pages(place, tmp_path):
    """Without the new tables the pages stand, and the method page says what it cannot know."""
    old = tmp_path / "old.db"
    old.write_bytes((place / "catalog.db").read_bytes())
    connection = sqlite3.connect(old)
    for kind, name in (("VIEW", "dataset_scores"), ("TABLE", "measure"), ("TABLE", "rubric")):
        connection.execute(f"DROP {kind} {name}")
    for make, arguments in ((pages.home, ()), (pages.dataset, ("hk-hko-rainfall",)), (pages.method, ())):
        assert "<h1>" in drawn(connection, make, *arguments)[0]
    connection.close()


def test_scores_whose_file_was_not_kept_are_described_as_such(tmp_path):
    """Scores from before files were kept: the profile as it is now, and a sentence that says so."""
    fill(tmp_path / "harvest.db")
    publish(tmp_path / "harvest.db", tmp_path / "catalog.db", lambda: NOW, PORTAL)
    connection = sqlite3.connect(tmp_path / "catalog.db")
    html, told = drawn(connection, pages.method)
    connection.close()
    assert [one["kept"] for one in told["profiles"]] == [False]
    assert "was not kept" in html


def test_the_method_page_tells_when_each_profile_came_in_and_the_dataset_page_what_its_record_said(tmp_path):
    """A profile's first version, the one that took its place and a history made anew are told, newest first."""
    fill(tmp_path / "more.db")
    db = connect(tmp_path / "more.db", create=False)
    with db.atomic():
        for digest, version, day in (("d1", "1", "2026-11-01"), ("d2", "2", "2026-11-20")):
            db.table("rubric").insert(
                {"digest": digest, "profile": "gdb-checklist", "version": version, "text": "x",
                 "first_used": f"{day}T00:00:00Z", "last_used": f"{day}T00:00:00Z"})  # fmt: skip
        db.table("rescore").insert(
            {"run": 4, "profile": "gdb-checklist", "at": "2026-11-21T00:00:00Z", "old_digests": '["d1"]',
             "rubric_digest": "d2", "first": "2026-11-01T00:00:00Z", "last": "2026-11-20T00:00:00Z", "moments": 3,
             "replaced": 12})  # fmt: skip
    db.conn.close()
    now = datetime(2026, 11, 23, tzinfo=UTC)
    publish(tmp_path / "more.db", tmp_path / "catalog.db", lambda: now, "https://data.gov.hk")
    with closing(sqlite3.connect(tmp_path / "catalog.db")) as connection:
        page = pages.method(connection, Translator("en"))
        told = [(row["version"], row["earlier"], row["anew"], row["replaced"]) for row in page.data["changes"]]
        assert told == [("", None, 1, 12), ("2", "1", 0, 0), ("1", None, 0, 0)]
        assert "version 2 in place of version 1" in render.as_html(page, "en", "method", queries.meta(connection))
        found = pages.dataset(connection, Translator("tc"), "hk-hko-rainfall")
        assert found is not None
        assert [(row["what"], row["language"], row["new"]) for row in found.data["record_history"]] == [
            ("標題", "English", None), ("數據集", "", "列出"),
        ]  # fmt: skip
        drawn = render.as_html(found, "tc", "dataset/hk-hko-rainfall", queries.meta(connection))
        assert "&lt;script&gt;" in drawn
        assert "<script>" not in drawn
