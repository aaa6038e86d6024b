"""What people answered and what others published: read strictly, expired on the day, and never mixed with a score."""

import csv
import io
import sqlite3
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from harvester.errors import SettingsError
from harvester.records import LANGUAGES
from publish.build import publish
from publish.layers import answer_rows
from scoring.curation import Curation, load_curations, load_questions, parse_curation
from scoring.references import load_published, parse_published
from scoring.survey.load import load_survey
from scoring.survey.score import score_survey
from tests.catalogue_fixture import fill
from tests.test_site import PAGES, Read, get, served

SURVEY = load_survey()
HONG_KONG = next(each for each in load_curations(SURVEY) if each.jurisdiction == "HKG")
DAY = date(2026, 11, 24)
GOOD = """kind: curated
jurisdiction: XYZ
title: {en: A place, tc: 地方, sc: 地方}
survey: gdb-2022
answers:
  - variable: G.GOVERNANCE.DPL.e.e1.CONSENT
    answer: "yes"
    quote: Consent is asked for.
    address: https://law.example.org/1
    dated: "2023-06"
    editor: An editor
    reviewer: none
    entered: 2026-11-23
    expires: 2027-11-23
open:
  - variable: G.GOVERNANCE.DPL.e.e2.AI
    wanted: {en: A passage, tc: 文字, sc: 文字}
"""


def test_a_sound_file_is_read_as_it_stands():
    """Each part of an answer comes through, and ``none`` is no reviewer."""
    curation = parse_curation(GOOD, "xyz.yml", SURVEY)
    (answer,) = curation.answers
    assert (answer.choice, answer.dated, answer.reviewer) == ("yes", "2023-06", None)
    assert answer.expires == date(2027, 11, 23)
    assert [each.variable for each in curation.open] == ["G.GOVERNANCE.DPL.e.e2.AI"]


@pytest.mark.parametrize(
    ("old", "new", "line", "says"),
    [
        ("    quote: Consent is asked for.\n", "", 6, "`quote` is missing"),
        ("Consent is asked for.", '""', 8, "not an empty one"),
        ("Consent is asked for.", "x" * 501, 8, "501 characters"),
        ("    address: https://law.example.org/1\n", "", 6, "`address` is missing"),
        ("https://law.example.org/1", "javascript:alert(1)", 9, "a public page"),
        ("https://law.example.org/1", "a book", 9, "a public page"),
        ("DPL.e.e1.CONSENT", "DPL.e.e1.KINDNESS", 6, "does not ask"),
        ('answer: "yes"', "answer: maybe", 7, "use one of no, partly, yes"),
        ('"2023-06"', '"last summer"', 10, "no date of a source"),
        ('"2023-06"', '"2023-13"', 10, "no date of a source"),
        ("entered: 2026-11-23", "entered: 23/11/2026", 13, "is no day"),
        ("expires: 2027-11-23", "expires: 2026-11-23", 14, "must lie after"),
        ("expires: 2027-11-23", "expires: 2036-11-23", 14, "must lie after"),
        ("e2.AI", "e1.CONSENT", 16, "stands here twice"),
        ("survey: gdb-2022", "survey: gdb-2030", 4, "name that one"),
    ],
)
def test_a_mistake_is_told_with_its_line_and_a_remedy(old, new, line, says):
    """No answer without quote, address, a known question, an offered choice and sound days is ever loaded."""
    assert old in GOOD
    with pytest.raises(SettingsError, match=says) as told:
        parse_curation(GOOD.replace(old, new), "xyz.yml", SURVEY)
    assert f"xyz.yml, line {line}:" in str(told.value)


def test_an_answer_counts_until_the_day_it_expires_and_is_unknown_from_then_on():
    """The last day counts, the day of expiry does not, and the row says so."""
    curation = parse_curation(GOOD, "xyz.yml", SURVEY)
    assert len(curation.standing(date(2027, 11, 22))) == 1
    assert curation.standing(date(2027, 11, 23)) == ()
    states = [row["state"] for row in answer_rows(curation, SURVEY, date(2027, 11, 23))]
    assert states == ["expired", "open"]


def test_every_core_governance_question_of_hong_kong_is_answered_or_open():
    """Each question of the six core indicators stands in the file exactly once, and is worded in three languages."""
    core = {
        variable
        for each in SURVEY.indicators
        if each.indicator.startswith("G.GOVERNANCE.")
        for variable, _ in each.questions()
    }
    listed = [each.variable for each in HONG_KONG.answers] + [each.variable for each in HONG_KONG.open]
    assert sorted(listed) == sorted(core)
    assert set(load_questions(SURVEY)) == core
    assert all(each.expires - each.entered <= timedelta(days=731) for each in HONG_KONG.answers)


@settings(deadline=None, max_examples=40)
@given(st.sets(st.sampled_from([each.variable for each in HONG_KONG.answers])), st.booleans())
def test_forgetting_an_answer_never_raises_low_nor_lowers_high(forgotten, expire):
    """An expired or a removed answer widens the bounds of every pillar and indicator, whichever answers they are."""
    if expire:
        past = tuple(replace(a, expires=DAY) if a.variable in forgotten else a for a in HONG_KONG.answers)
    else:
        past = tuple(answer for answer in HONG_KONG.answers if answer.variable not in forgotten)
    less: Curation = replace(HONG_KONG, answers=past)
    whole, part = (score_survey(SURVEY, each.standing(DAY)) for each in (HONG_KONG, less))
    pairs = [(whole.pillar(each.pillar).score, part.pillar(each.pillar).score) for each in SURVEY.pillars]
    pairs += [(score.score, part.indicators()[name].score) for name, score in whole.indicators().items()]
    for before, after in pairs:
        assert after.low <= before.low + 1e-6
        assert after.high >= before.high - 1e-6
        assert after.known <= before.known + 1e-6


def test_every_published_figure_has_its_edition_year_source_and_caveat():
    """No figure stands without where it comes from, and the derived ones are the checklist's."""
    figures = load_published()
    for each in figures:
        assert each.series.edition
        assert each.series.source
        assert each.series.address.startswith("https://")
        assert 2000 < each.series.year <= 2026
        assert each.caveat is not None
        assert (each.status == "derived") == each.measure.startswith("checklist"), each.figure
    found = {each.figure: each.value for each in figures}
    assert found["gdb-2022/HKG/governance"] == 37.5
    assert found["gdb-2022-checklist/HKG/checklist-online"] == 67.3
    assert "24.8" in str(next(each.caveat for each in figures if each.measure == "governance"))


def test_a_figure_of_an_unknown_series_is_refused_with_its_line():
    """A figure without a series has no edition and no source, so it is not loaded."""
    text = (
        "kind: published\nseries: []\nmeasures: []\nfigures:\n"
        "  - {series: hearsay, jurisdiction: HKG, measure: luck, value: 100, status: published}\n"
    )
    with pytest.raises(SettingsError, match="line 5: there is no series 'hearsay'"):
        parse_published(text, "x.yml")


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    folder = tmp_path_factory.mktemp("layers")
    fill(folder / "harvest.db")
    publish(
        folder / "harvest.db", folder / "catalog.db", lambda: datetime(2026, 11, 24, tzinfo=UTC), "https://data.gov.hk"
    )
    return folder / "catalog.db"


@pytest.fixture(scope="module")
def site(built):
    return served(built)


def test_the_page_lays_the_layers_beside_each_other_and_mixes_none(site):
    """Every panel has its reference and its rule; every answer its quote and address; no total of ours is given."""
    (answer,) = get(site, "/en/references")
    text = " ".join(" ".join(Read(answer.text).text).split())
    for words in ("GDB-style, unofficial", "Derived from GDB answers, 2019–21", "Published 2022",
                  "no trend can be read", "67.3", "55.4", "52.9", "37.5", "58.2", "24.8",
                  "There is no total"):  # fmt: skip
        assert words in text, words
    for each in HONG_KONG.answers:
        assert each.quote in text
        assert f'href="{each.address}"'.replace("&", "&amp;") in answer.text
    for each in HONG_KONG.open:
        assert each.variable in text


def test_the_page_is_json_and_csv_with_the_layer_of_every_row(site):
    """A row says measured, curated or published, and no row of one layer carries another's name."""
    as_json, as_csv = get(site, "/tc/references.json", "/tc/references.csv")
    assert as_json.json()["counts"] == {"standing": 23, "expired": 0, "open": 20}
    rows = list(csv.DictReader(io.StringIO(as_csv.text.removeprefix("\ufeff"))))
    assert {row["layer"] for row in rows} == {"measured", "curated", "published"}
    for row in rows:
        if row["layer"] == "published":
            assert row["source"]
            assert row["edition"]
        if row["quote"]:
            assert row["layer"] == "curated"
            assert row["address"]


def test_no_page_speaks_of_a_gdb_score(site):
    """What we give is GDB-style and unofficial; the other words never appear, on any page in any language."""
    places = [f"/{language}/{place}" for language in LANGUAGES for place in [*PAGES, "references"]]
    for place, answer in zip(places, get(site, *places), strict=True):
        folded = " ".join(answer.text.lower().split())
        for words in ("gdb score", "gdb分數", "gdb 分數", "gdb分数", "gdb 分数"):
            assert words not in folded, place


def test_after_a_year_nothing_is_claimed_any_more(tmp_path):
    """A catalogue built when every answer has expired calls them expired and knows nothing of governance."""
    fill(tmp_path / "harvest.db")
    publish(tmp_path / "harvest.db", tmp_path / "c.db", lambda: datetime(2028, 1, 1, tzinfo=UTC), "https://data.gov.hk")
    connection = sqlite3.connect(tmp_path / "c.db")
    states = {row[0] for row in connection.execute("SELECT DISTINCT state FROM curated_answer")}
    score = connection.execute("SELECT point, low, known FROM survey_score WHERE part = 'governance'").fetchone()
    connection.close()
    assert states == {"expired", "open"}
    assert score == (None, 0.0, 0.0)
