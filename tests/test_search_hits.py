"""What a search finds, and in which order: held to the rules written out plainly, and to what categories are called."""

import sqlite3

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from harvester.records import LANGUAGES
from publish import search
from publish.search import Wanted, first_hits, hits, understand
from publish.search_page import PLACES
from tests.test_search import names, searched
from tests.test_site import get
from tests.test_site import site as site  # noqa: PLC0414 - the fixture, under its own name

SAID = ("traffic", "Traffic counts", "天氣", "天", "公屋", "a", "h", "hk", "csv", "part", "notes about", "hk-hko",
        "res1",
        "https://res0.example.hk/hk-hko-tide-0.csv", "the of and", "zzzz", "weather forecast", "運輸署", "房屋",
        "x 0 1",
        "housing csv", "td-ferry", "a b c d e f g h i j k l", "part 1 traffic", "example.hk")  # fmt: skip


@pytest.fixture(scope="module")
def catalogue(site):
    connection = sqlite3.connect(site.databases["catalog"].path)
    yield connection
    connection.close()


def plainly(connection: sqlite3.Connection, wanted: Wanted) -> list[str]:
    """Return what `hits` must, by asking of every dataset found which of the rules it meets, and nothing saved."""

    def numbers(asked: str) -> set[int]:
        return {row[0] for row in connection.execute(search.IDS_SQL, [asked])}

    words = wanted.words
    found = search.found_in(connection, words)
    if not found:
        words = wanted.apart
        found = search.found_in(connection, words)
    if not found:
        return []
    whole, every = wanted.whole, " ".join(search._phrases(words))
    rules = [search.exact(connection, wanted), numbers(f"title : {whole}"), numbers(f"title : ({every})"),
             numbers(f"name : {whole}"), numbers(whole)]  # fmt: skip
    known = search.standing(connection)

    def key(number: int) -> tuple[int, float, int]:
        return next((place for place, met in enumerate(rules) if number in met), len(rules)), found[number], number

    return [known[number].name for number in sorted(known.keys() & found.keys(), key=key)]


typed = st.lists(st.sampled_from([*SAID, "Traffic speed", "tracks", "氣", "hour", "潮汐"]), max_size=3).map(" ".join)


@given(typed)
@example("a")
@example("公屋")
@example("res0.example.hk/hk-hko-tide-0.csv")
@example("traffic housing")
@settings(deadline=None, max_examples=120, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_the_order_is_that_of_the_rules_and_the_first_are_the_first(catalogue, query):
    """Whatever is left out of the asking, hits come as the rules say, and the first of them do alone."""
    wanted = understand(query)
    found = [hit.name for hit in hits(catalogue, wanted)]
    assert found == plainly(catalogue, wanted)
    for most in (1, 2, 10):
        assert [hit.name for hit in first_hits(catalogue, wanted, most)] == found[:most]


def test_a_category_s_name_finds_its_datasets_last(catalogue):
    """Datasets of a category are found by its title in three languages, after all that hold the word themselves."""
    sql = "SELECT name FROM dataset WHERE category = 'weather' AND withdrawn_at IS NULL"
    own = {row[0] for row in catalogue.execute(sql)}
    for query in ("weather", "Climate and Weather", "氣候及天氣", "天气", "climat"):
        found = names(catalogue, query)
        assert set(found) == own, query
    assert names(catalogue, "weather")[0] == "hk-hko-forecast"
    assert names(catalogue, "weather tide") == ["hk-hko-tide"]
    assert "hk-td-signs" not in names(catalogue, "transport"), "withdrawn"
    assert not names(catalogue, "weather zzzz")


def test_short_words_and_words_within_are_no_category(catalogue):
    """A letter or two, or the middle of a word, brings in no category: too many would begin so."""
    text_only = {row[0] for row in catalogue.execute(search.IDS_SQL, ['"cl"*'])}
    assert search.found_in(catalogue, ("cl",)).keys() == text_only
    assert not search.of_categories(catalogue, "limate")
    assert not search.of_categories(catalogue, "...")
    assert search.of_categories(catalogue, "clim") == search.of_categories(catalogue, "天氣")


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_category_found_leads_to_all_its_datasets(site, language):
    """Beside a category stand the way to all its datasets and, of a hit it brought in, that it was the category."""
    text = get(site, f"/{language}/search?q=weather")[0].text
    assert f'href="/{language}/category/weather#datasets"' in text
    assert 'id="datasets"' in get(site, f"/{language}/category/weather")[0].text
    tide = next(row for row in searched(site, "天氣", language)["found"] if row["name"] == "hk-hko-tide")
    assert [part["text"] for part in tide["passage"] if part["hit"]]
    if language == "en":
        assert tide["where"] == PLACES["category"]
