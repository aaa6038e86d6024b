"""Search: what is typed is understood, where it stands is marked, and suggestions are few, ours and never stale."""

import csv
import io
import re
import sqlite3
from html import unescape
from urllib.parse import quote, urlencode

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from harvester.records import LANGUAGES
from publish import render, search_page
from publish.i18n import Translator
from publish.passages import PASSAGE, Marker
from publish.search import MAX_QUERY, hits, index_text, leads_to, understand
from publish.suggest import MOST, suggestions
from tests.test_site import Read, get
from tests.test_site import site as site  # noqa: PLC0414 - the fixture, under its own name

EN = Translator("en")


@pytest.fixture(scope="module")
def catalogue(site):
    connection = sqlite3.connect(site.databases["catalog"].path)
    yield connection
    connection.close()


def names(catalogue, query: str) -> list[str]:
    return [hit.name for hit in hits(catalogue, understand(query))]


def searched(site, query: str, language: str = "en", **filters: str) -> dict:
    answer = get(site, f"/{language}/search.json?{urlencode({'q': query, **filters})}")[0]
    assert answer.status_code == 200, query
    return answer.json()


@pytest.mark.parametrize(
    ("typed", "first"),
    [
        ("天氣", "hk-hko-forecast"), ("天气", "hk-hko-forecast"), ("公屋單位", "hk-hd-flats"),
        ("rainfall", "hk-hko-rainfall"),
        ("hk-td-ferry", "hk-td-ferry"), ("td-ferry", "hk-td-ferry"), ("hk-hko-tide-0.csv", "hk-hko-tide"),
        ("https://res0.example.hk/hk-hko-tide-0.csv", "hk-hko-tide"), ("res0.example.hk/hk-hko-tide-0", "hk-hko-tide"),
        ("HTTP://RES0.example.hk/hk-hko-tide-0.csv#part", "hk-hko-tide"),
        ("dict.example.hk/hk-hko-uv.pdf", "hk-hko-uv"),
        ("Traffic", "hk-td-traffic"), ("traffic counts", "hk-td-counts"), ("housing flats", "hk-hd-flats"),
        ("traffic-zzz/speed", None), ("Road signs", None),
    ],
)  # fmt: skip
def test_what_is_typed_finds_what_is_meant_first(catalogue, typed, first):
    """A word in either script, a name or part of it, an address with or without its scheme; never what is withdrawn."""
    found = names(catalogue, typed)
    assert (found[:1] or [None]) == [first]


def test_a_host_finds_all_its_datasets_and_no_others(catalogue):
    """A host finds the datasets with an address there; a part of it finds as many or more."""
    sql = (
        "SELECT DISTINCT d.name FROM resource r JOIN url u ON u.id = r.url JOIN dataset d ON d.name = r.dataset"
        " WHERE u.host = 'res1.example.hk' AND d.withdrawn_at IS NULL"
    )
    own = {row[0] for row in catalogue.execute(sql)}
    assert own
    assert set(names(catalogue, "res1.example.hk")) == set(names(catalogue, "https://res1.example.hk/")) == own
    assert own < set(names(catalogue, "example.hk"))


@pytest.mark.parametrize(
    ("typed", "leads"),
    [
        ("https://data.gov.hk/en-data/dataset/hk-hko-tide", "/tc/dataset/hk-hko-tide"),
        ("data.gov.hk/sc-data/dataset/hk-hko-tide?x=1#y", "/tc/dataset/hk-hko-tide"),
        ("https://data.gov.hk/en-data/api/3/action/package_show?id=hk-hko-uv", "/tc/dataset/hk-hko-uv"),
        ("https://data.gov.hk/en-datasets/provider/hk-td", "/tc/provider/hk-td"),
        ("https://data.gov.hk/tc-datasets/category/weather", "/tc/category/weather"),
    ],
)
def test_an_address_of_the_portals_own_pages_leads_to_ours_of_the_same(site, typed, leads):
    """A pasted page of DATA.GOV.HK leads straight to our page of that dataset, provider or category."""
    answer = get(site, f"/tc/search?q={quote(typed)}")[0]
    assert (answer.status_code, answer.headers["location"]) == (302, leads)
    assert searched(site, typed)["query"] == typed


def test_what_names_no_subject_of_ours_leads_nowhere(catalogue):
    """Only an address that names something the catalogue has leads on, and always to a place of this site."""
    for typed in ("hk-hko-tide", "https://data.gov.hk/en-data/dataset/nobody", "//evil.example/dataset/%2F%2Fevil",
                  "https://a/dataset/..%2f..", "x dataset/hk-hko-tide"):  # fmt: skip
        assert leads_to(catalogue, typed) is None, typed


def test_titles_go_before_notes_and_the_phrase_before_its_parts(tmp_path):
    """The phrase in a title goes before all words in a title, then the phrase in notes, then its words in notes."""
    connection = sqlite3.connect(tmp_path / "ranks.db")
    connection.executescript(
        "CREATE TABLE url (id INTEGER, url TEXT); CREATE TABLE resource (dataset, url, example);"
        "CREATE TABLE dataset (id INTEGER, name TEXT, dictionary INTEGER, withdrawn_at TEXT);"
        "CREATE TABLE dataset_summary (dataset TEXT, provider TEXT, category TEXT, failing INTEGER);"
        "CREATE TABLE category (slug TEXT, title_en TEXT, title_tc TEXT, title_sc TEXT);"
        "CREATE VIRTUAL TABLE dataset_search USING fts5(title, provider, name, resources, notes, content='');"
        "CREATE VIRTUAL TABLE dataset_search_address USING fts5(host, path, content='');"
    )
    texts = [("x", "sea and air level"), ("x", "about air and the sea level"), ("level of the sea", "x"),
             ("mean sea level", "x"), ("sea level", "x " * 300), ("x", "the sea level")]  # fmt: skip
    for number, (title, notes) in enumerate(texts):
        connection.execute("INSERT INTO dataset VALUES (?, ?, NULL, NULL)", [number, f"d{number}"])
        connection.execute("INSERT INTO dataset_summary VALUES (?, 'p', NULL, 0)", [f"d{number}"])
        connection.execute(
            "INSERT INTO dataset_search (rowid, title, notes) VALUES (?, ?, ?)",
            [number, index_text(title), index_text(notes)],
        )
    connection.commit()
    found = [int(name[1:]) for name in names(connection, "sea level")]
    connection.close()
    assert set(found[:2]) == {3, 4}
    assert found[2] == 2
    assert set(found[3:5]) == {1, 5}
    assert found[5] == 0


def test_providers_and_categories_are_found_in_any_language_or_by_slug_and_stand_apart(site):
    """A provider and a category are found by title or slug, in three languages, and their pages are linked."""
    for typed in ("Transport Department", "運輸署", "运输署", "hk-td", "transport dep"):
        assert [row["slug"] for row in searched(site, typed)["providers"]] == ["hk-td"], typed
    for typed in ("天氣", "天气", "weather", "Climate"):
        assert [row["slug"] for row in searched(site, typed)["categories"]] == ["weather"], typed
    text = get(site, "/sc/search?q=运输")[0].text
    assert '<a href="/sc/provider/hk-td">运输署</a>' in text
    assert '<a href="/sc/category/transport">运输</a>' in text


def test_filters_narrow_and_count_and_unknown_ones_are_told(site):
    """Each value of a filter leaves as many datasets as it says; a value nobody knows is left out and told."""
    whole = searched(site, "example.hk")
    assert whole["total"] == whole["all"] > search_page.PAGE / 2
    for name, values in whole["filters"].items():
        for one in values:
            assert searched(site, "example.hk", **{name: one["value"]})["total"] == one["datasets"] > 0
    both = searched(site, "example.hk", provider="hk-hko", state="failing")
    assert {row["provider"] for row in both["found"]} == {"hk-hko"}
    assert all(row["failing"] for row in both["found"])
    assert searched(site, "example.hk", state="x", page="-1")["total"] == whole["total"]
    assert "state=x is not known" in get(site, "/en/search?q=example.hk&state=x")[0].text
    none = get(site, "/en/search?q=公屋&provider=hk-td")[0].text
    assert "None of the datasets found pass all these filters." in none


def test_pages_hold_twenty_each_and_together_every_hit_once(site, catalogue, monkeypatch):
    """Page by page every hit is shown once, in order; no number is the first page, one too high the last."""
    monkeypatch.setattr(search_page, "PAGE", 4)
    order = names(catalogue, "example.hk")
    told, number = [], 1
    while True:
        made = search_page.page(catalogue, EN, search_page.Asked(q="example.hk", page=str(number))).data
        told += [row["name"] for row in made["found"]]
        assert made["page"] == number
        if made["after"] is None:
            break
        number += 1
    assert told == order
    assert number == made["pages"] == -(-len(order) // 4)
    for typed, page in (("999999", number), ("٣", 1), ("9" * 5000, 1), ("0", 1), ("1.5", 1)):
        assert search_page.page(catalogue, EN, search_page.Asked(q="example.hk", page=typed)).data["page"] == page
    answer = get(site, "/en/search.csv?q=example.hk")[0]
    rows = list(csv.DictReader(io.StringIO(answer.text.removeprefix("\ufeff"))))
    assert [row["name"] for row in rows] == order


def test_a_match_outside_the_title_is_shown_and_marked_where_it_stands(site):
    """A hit by another language's title, its provider, notes or an address shows that passage with the match marked."""
    for typed, where, marked in (
        ("天氣", "In its title in another language", "天氣"), ("运输署", "Its provider", "運輸署"),
        ("res1.example.hk", "In an address", "res1.example.hk"), ("notes about", "In its description", "Notes"),
    ):  # fmt: skip
        hit = searched(site, typed)["found"][0]
        assert hit["where"] == where, typed
        assert marked in [part["text"] for part in hit["passage"] if part["hit"]]
    text = get(site, "/en/search?q=天氣")[0].text
    assert "<mark>天氣</mark>預報" in text
    assert searched(site, "天氣", "tc")["found"][0]["passage"] == []


def test_nothing_found_says_so_and_offers_what_does_find_something(site):
    """Where nothing is found the page says what was looked for, and its offers each find as many as they say."""
    for typed, offers in (("trafic spead", {"traffic", "speed"}), ("公屋天氣", {"公屋", "天气"}),
                          ("rainfall zzzz", {"rainfall"}),
                          ("https://res1.example.hk/no/such.csv", {"res1.example.hk"}), ("zzzz", set())):  # fmt: skip
        found = searched(site, typed)
        assert found["total"] == 0
        assert offers <= {one["text"] for one in found["tries"]}, found["tries"]
        for one in found["tries"]:
            assert searched(site, one["text"])["total"] == one["datasets"]
    for language in LANGUAGES:
        assert "zzzz" in "".join(Read(get(site, f"/{language}/search?q=zzzz")[0].text).text)


def test_questions_that_are_empty_odd_or_too_long_get_a_page_that_helps(site):
    """Nothing typed invites; too much is cut and told; odd characters and doubled parameters are only text."""
    for typed in (
        "",
        "   ",
        "\x00",
        '"',
        "*",
        "' OR 1=1 --",
        "NEAR(",
        "%",
        "{{7*7}}",
        "a:b",
        "title : x",
        "\u202e",
        "^",
        "()",
    ):
        assert get(site, f"/en/search?q={quote(typed)}")[0].status_code == 200, typed
    assert "Type a word" in get(site, "/en/search?q=%20&q=x")[0].text
    long = searched(site, "天氣 " * 300)
    assert long["cut"]
    assert len(long["query"]) <= MAX_QUERY
    assert "only its beginning was read" in get(site, f"/en/search?q={'x' * 300}")[0].text
    assert not searched(site, "https://res1.example.hk/" + "x" * 900)["cut"]


TEXT = st.text(
    alphabet=st.one_of(st.characters(), st.sampled_from("天氣公屋預é½<>&\"'./:-_ rRaİß\u0301\ufb01")), max_size=60
)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(TEXT, st.text(alphabet="天氣雨 rainflse.<>&-/", max_size=400))
def test_any_text_typed_is_answered_and_what_is_marked_is_escaped_and_short(catalogue, typed, text):
    """Whatever is typed finds an answer, and a passage is bounded, whole in its parts, and only ever text on a page."""
    asked = search_page.Asked(q=typed)
    page = search_page.page(catalogue, EN, asked)
    html = render.as_html(page, "en", "search", {"code_version": "0", "scanned": ""})
    for inside in re.findall(r"<mark>(.*?)</mark>", html, re.DOTALL):
        assert not re.search(r"[<>\"]", inside)
        assert 0 < len(unescape(inside)) <= PASSAGE
    for row in page.data["found"]:
        for parts in (row["heading"], row["passage"]):
            assert sum(len(part["text"]) for part in parts) <= PASSAGE + 2
    assert len(suggestions(catalogue, EN, typed)) <= MOST
    parts = Marker(understand(typed).words).passage(text)
    shown = "".join(part.text for part in parts)
    assert len(shown) <= PASSAGE + 2
    assert shown.strip("…") in " ".join(text.split())


@given(st.text(alphabet="天氣é½ßabc \u0301", max_size=40), st.sampled_from(["天氣", "预报", "Café", "ﬁn", "straße"]))
def test_a_word_that_stands_in_a_text_is_marked_as_it_is_written(before, word):
    """Whatever letters go before, widen or vanish when folded, what is marked is the word itself."""
    parts = Marker(understand(word).words).passage(f"{before} {word} after")
    assert word in [part.text for part in parts if part.hit]


def test_suggestions_are_few_typed_and_lead_to_pages_we_have(site):
    """At most ten, of three kinds, each with a title in the reader's language and an address that opens."""
    for language, typed in (
        ("en", "天"),
        ("tc", "hk"),
        ("sc", "运"),
        ("en", "https://data.gov.hk/en-data/dataset/hk-hko-tide"),
    ):
        answer = get(site, f"/{language}/suggest.json?q={quote(typed)}")[0]
        assert "max-age" in answer.headers["cache-control"]
        found = answer.json()["suggestions"]
        assert 0 < len(found) <= MOST
        assert {one["kind"] for one in found} <= {"dataset", "provider", "category"}
        assert {one.status_code for one in get(site, *(one["address"] for one in found))} == {200}
    first = get(site, "/sc/suggest.json?q=天氣")[0].json()["suggestions"]
    assert [(one["kind"], one["title"]) for one in first][:2] == [("category", "气候及天气"), ("dataset", "天气预报")]
    assert {one["name"].partition("-")[0] for one in first[2:]} == {"hk"}
    assert get(site, "/en/suggest.json")[0].json() == {"query": "", "suggestions": []}


def test_the_script_is_kept_for_a_year_under_an_address_that_changes_with_it(site):
    """Our one script comes as a script, from the address the pages name, and holds nothing a policy would refuse."""
    answer = get(site, render.script_address())[0]
    assert answer.headers["content-type"].startswith("text/javascript")
    assert "immutable" in answer.headers["cache-control"]
    assert f'<script src="{render.script_address()}" defer></script>' in get(site, "/tc/")[0].text
    assert not re.search(r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|eval|https?://", answer.text)
