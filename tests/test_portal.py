"""The portal's answers to plain records: joined over three languages, and no crash whatever a record holds."""

import json
from collections.abc import Iterator
from dataclasses import fields
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from harvester.errors import PortalError
from harvester.joining import category_of, clean, join_dataset, providers_of
from harvester.portals import DataGovHk
from harvester.records import Trilingual
from harvester.web import Web
from tests.loopback import Loopback, Talk, reply, serving

RECORDED = Path(__file__).parents[2] / "shared" / "hk" / "ckan"
recorded = pytest.mark.skipif(not RECORDED.is_dir(), reason=f"the portal's recorded answers are not at {RECORDED}")
ACTION = "-data/api/3/action/"


def record(language: str, **changes: object) -> dict[str, object]:
    """A record as one instance gives it: ids of its own, the shared id the same in all."""
    title = {"en": "Rainfall", "tc": "雨量", "sc": "雨量"}[language]
    base: dict[str, object] = {
        "id": f"internal-{language}",
        "name": "hk-hko-rain",
        "title": f" {title} ",
        "notes": "5&#42; <script>",
        "organization": {"name": "hk-hko", "title": f"Observatory {language}"},
        "groups": [{"name": "climate-and-weather", "title": f"Weather {language}"}],
        "update_frequency": {"en": "N/A", "tc": "每月", "sc": "每月"}[language],
        "maintainer_email": "mail@hko.test",
        "data_dictionary": "https://hko.test/d.pdf?a&copy=1",
        "license_id": None,
        "metadata_created": "2021-07-02T05:48:58.212917",
        "resources": [
            {
                "id": f"r-{language}",
                "shared_id": "s1",
                "name": f"File {language}",
                "url": f"https://hko.test/{language}.csv?a=1&amp=2",
                "format": "CSV",
                "is_api": "N",
                "size": "12",
            },
            {"shared_id": "s2", "name": "Other", "url": "https://hko.test/x/<date>", "format": "API", "is_api": "Y"},
        ],
    }
    return base | changes


def test_three_instances_become_one_dataset() -> None:
    """Titles keep their language, resources are joined on the shared id, the frequency is read where it can be."""
    joined = join_dataset("hk-hko-rain", {"en": record("en"), "tc": record("tc"), "sc": record("sc")})
    assert joined.title == Trilingual("Rainfall", "雨量", "雨量")
    assert joined.notes.en == "5* <script>"
    assert (joined.provider, joined.category) == ("hk-hko", "climate-and-weather")
    assert joined.schedule == "periodic"
    assert joined.period_days == pytest.approx(365.2425 / 12, abs=1e-5)
    assert joined.languages == ("en", "tc", "sc")
    assert joined.resource_counts == Trilingual("2", "2", "2")
    assert joined.dictionary_url == "https://hko.test/d.pdf?a&copy=1"
    first, second = joined.resources
    assert (first.shared_id, first.kind, first.is_api, first.size) == ("s1", "file", False, 12)
    assert first.url == "https://hko.test/en.csv?a=1&amp=2"
    assert first.urls.tc == "https://hko.test/tc.csv?a=1&amp=2"
    assert first.title == Trilingual("File en", "File tc", "File sc")
    assert (second.kind, second.languages) == ("template", ("en", "tc", "sc"))


def test_what_one_instance_lacks_stays_a_fact() -> None:
    """A language without the dataset, and one with a resource more, are told and nothing is made up."""
    more = record("tc", resources=[*record("tc")["resources"], {"shared_id": "s3", "name": "三", "url": "https://x/3"}])
    joined = join_dataset("hk-hko-rain", {"en": record("en"), "tc": more})
    assert joined.title.sc is None
    assert joined.resource_counts == Trilingual("2", "3", None)
    assert [resource.languages for resource in joined.resources] == [("en", "tc"), ("en", "tc"), ("tc",)]
    assert joined.resources[2].url == "https://x/3"


def test_resources_without_a_shared_id_get_a_stable_one() -> None:
    """Where the shared id is missing or doubled the place in the list tells resources apart, the same every time."""
    raw = [{"name": "a", "url": "https://x/a"}, {"shared_id": "s", "url": "https://x/b"}, {"shared_id": "s"}]
    joined = [
        join_dataset("d", {"en": record("en", resources=raw), "tc": record("tc", resources=raw)}) for _ in range(2)
    ]
    assert joined[0] == joined[1]
    assert [resource.shared_id for resource in joined[0].resources] == ["d:0", "s", "s+"]
    assert joined[0].resources[0].languages == ("en", "tc")


def test_a_missing_provider_is_the_longest_slug_that_fits() -> None:
    """Slugs hold hyphens, so the first hyphen decides nothing."""
    bare = {"en": record("en", organization=None)}
    known = ("hk-td", "big-boss", "big-boss-taxi")
    assert join_dataset("big-boss-taxi-tis_42-fleet", bare, known).provider == "big-boss-taxi"
    assert join_dataset("hk-tdx-rain", bare, known).provider == "unknown"


def test_titles_of_providers_and_categories_come_along() -> None:
    """Each record brings its own language's title of provider and category."""
    records = {"en": record("en"), "sc": record("sc")}
    provider, category = providers_of(records), category_of(records)
    assert provider is not None
    assert category is not None
    assert (provider.slug, provider.title) == ("hk-hko", Trilingual("Observatory en", None, "Observatory sc"))
    assert (category.slug, category.title.en) == ("climate-and-weather", "Weather en")


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=12,
)
KEYS = st.sampled_from([*record("en"), *record("en")["resources"][0]])  # type: ignore[index, misc]
WILD = st.dictionaries(KEYS, JSON | st.lists(st.dictionaries(KEYS, JSON, max_size=5), max_size=3), max_size=12)


@settings(max_examples=40, deadline=None)
@given(WILD, WILD)
def test_no_record_makes_the_join_raise(english: dict[str, object], chinese: dict[str, object]) -> None:
    """Any JSON object in a record's place gives a dataset whose texts can be stored."""
    joined = join_dataset("name", {"en": english, "tc": chinese}, ("na",))
    for item in (joined, *joined.resources):
        for text in (getattr(item, field.name) for field in fields(item)):
            if isinstance(text, str):
                text.encode("utf-8")
    assert len({resource.shared_id for resource in joined.resources}) == len(joined.resources)


def test_texts_that_cannot_be_stored_are_cleaned() -> None:
    """Half characters, NUL and blanks around a text do not reach the database."""
    assert clean(" a\ud800\x00b\n") == "a?b"
    assert clean("  ") is None
    assert clean(3) is None


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Loopback]:
    with serving(tmp_path_factory.mktemp("portal")) as loopback:
        yield loopback


@pytest.fixture
def portal(server: Loopback) -> Iterator[DataGovHk]:
    server.talks.clear()
    web = Web(server.settings(tries=2), lambda: datetime(2026, 11, 23, tzinfo=UTC), sleep=lambda _: None)
    with web:
        yield DataGovHk("http://data.test/", web)


def says(value: object, status: str = "200 OK") -> Talk:
    return reply(json.dumps(value).encode(), status, "Content-Type: application/json\r\n")


def test_the_verbs_are_asked_in_each_instance(server: Loopback, portal: DataGovHk) -> None:
    """Lists come sorted without doubles, a record comes whole, and what is not there is None."""
    server.on("data.test", f"/tc{ACTION}package_list", says({"success": True, "result": ["b", "a", "b", None, "c"]}))
    server.on("data.test", f"/tc{ACTION}package_list?offset=4", says({"success": True, "result": ["c"]}))
    server.on("data.test", f"/en{ACTION}package_show?id=a%20b", says({"success": True, "result": {"name": "a b"}}))
    missing = {"success": False, "error": {"__type": "Not Found Error", "message": "Not found"}}
    server.on("data.test", f"/en{ACTION}package_show?id=none", says(missing, "404 Not Found"))
    assert portal.package_list("tc") == ["a", "b", "c"]
    assert portal.package_show("en", "a b") == {"name": "a b"}
    assert portal.package_show("en", "none") is None


@pytest.mark.parametrize(
    "talk",
    [
        reply(b"<html>front end</html>"),
        says({"success": True, "result": "names"}),
        says({"success": False, "error": {"__type": "Authorization Error"}}, "403 Forbidden"),
        says(["no", "envelope"]),
    ],
)
def test_a_portal_that_is_none_gets_one_sentence(talk: Talk, server: Loopback, portal: DataGovHk) -> None:
    """HTML, another shape and an error of CKAN's raise PortalError."""
    server.on("data.test", f"/en{ACTION}package_list", talk)
    with pytest.raises(PortalError):
        portal.package_list("en")


def test_the_side_lists_name_providers_and_categories(server: Loopback, portal: DataGovHk) -> None:
    """Titles come in three languages; a category that only the groups name is kept, nonsense is passed over."""
    name = {"en": "Observatory", "tc": "天文台", "sc": "天文台"}
    listed = {"providers": [{"id": "hk-hko", "name": name}, {"id": None}, "x"]}
    server.on("data.test", "/filestore/json/providers_en.json", says(listed))
    server.on("data.test", "/filestore/json/categories_en.json", says({"categories": [{"id": "food", "name": "Food"}]}))
    server.on("data.test", f"/en{ACTION}group_list", says({"success": True, "result": ["food", "health"]}))
    assert [(item.slug, item.title.tc) for item in portal.providers()] == [("hk-hko", "天文台")]
    assert [(item.slug, item.title.en) for item in portal.categories()] == [("food", "Food"), ("health", None)]


def test_the_archive_is_read_page_by_page(server: Loopback, portal: DataGovHk) -> None:
    """The archive's host is asked until a page is not full."""
    base = "/v1/historical-archive/list-files?start=20261019&end=20261122&order=url&max=500&skip="
    full = [{"url": f"https://x/{number}"} for number in range(500)]
    server.on("app.data.test", base + "0", says({"file-count": 502, "files": full}))
    server.on("app.data.test", base + "500", says({"file-count": 502, "files": [{"url": "https://y"}, {"url": 3}]}))
    urls = list(portal.archived(date(2026, 10, 19), date(2026, 11, 22)))
    assert len(urls) == 501
    assert urls[-1] == "https://y"


@recorded
@pytest.mark.shared
def test_the_portals_recorded_records_are_read() -> None:
    """Every recorded record joins, with a provider, a category, a frequency and the resources it lists."""
    whole = json.loads((RECORDED / "package_show_en_hk-hyd-plis-lamppostdata.json").read_text())["result"]
    joined = join_dataset(whole["name"], {"en": whole})
    assert (joined.provider, joined.category, joined.schedule) == ("hk-hyd", "city-management", "periodic")
    assert len(joined.resources) == len(whole["resources"])
    for line in (RECORDED / "gnokit_en_tc_sample_2026-09-27.jsonl").read_text().splitlines():
        raw = json.loads(line)
        dataset = join_dataset(raw["name"], {"en": raw, "tc": raw["locales"]["tc"]})
        assert dataset.provider != "unknown"
        assert dataset.title.en
        assert dataset.title.tc or not raw["locales"]["tc"].get("title")
        assert len(dataset.resources) == len(raw["resources"])
