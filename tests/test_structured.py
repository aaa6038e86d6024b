"""What search engines and chats are told of a page: facts, in schema.org's and Open Graph's words, and harmless."""

import json
import re
import sqlite3
from datetime import UTC, date, datetime
from urllib.parse import urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harvester.records import LANGUAGES
from publish.build import publish
from publish.i18n import TAGS, Translator
from publish.render import path
from publish.standing import OG_LOCALES, find
from publish.structured import block, coverage, described, download, licence, of, variables
from tests.catalogue_fixture import DATASETS, PROVIDERS, fill
from tests.test_badges import HOSTILE, IT
from tests.test_site import Read, get, served

HERE = "http://localhost"
BLOCK = re.compile(r'<script type="application/ld\+json">(.*?)</script>', re.DOTALL)
SUBJECTS = ["", *(f"provider/{one[0]}" for one in PROVIDERS),
            *(path("en", "dataset", one[0]).removeprefix("/en/") for one in DATASETS)]  # fmt: skip
REQUIRED = {
    "DataCatalog": {"name", "url"}, "Organization": {"name"}, "PropertyValue": {"name"},
    "Dataset": {"name", "description"}, "DataDownload": {"contentUrl", "encodingFormat"}, "CreativeWork": {"name"},
}  # fmt: skip
"""What Google's page on dataset structured data asks for, or schema.org's own examples have."""


@pytest.fixture(scope="module")
def catalog(tmp_path_factory):
    folder = tmp_path_factory.mktemp("structured")
    fill(folder / "harvest.db")
    publish(folder / "harvest.db", folder / "catalog.db", lambda: datetime(2026, 11, 23, tzinfo=UTC),
            "https://data.gov.hk")  # fmt: skip
    return folder / "catalog.db"


@pytest.fixture(scope="module")
def pages(catalog):
    ways = [(language, place) for language in LANGUAGES for place in SUBJECTS]
    answers = get(served(catalog), *(f"/{language}/{place}" for language, place in ways))
    return [(*way, answer.text) for way, answer in zip(ways, answers, strict=True)]


def nodes(value: object) -> list[dict]:
    """Every object within, the outermost first."""
    if isinstance(value, list):
        return [each for one in value for each in nodes(one)]
    return [value, *nodes(list(value.values()))] if isinstance(value, dict) else []


def test_every_subject_is_told_in_the_shapes_schema_org_asks_for(pages):
    """The data block of each page parses, has the required properties, and every address in it is one of the web."""
    kinds = {"": "DataCatalog", "provider": "Organization", "dataset": "Dataset"}
    for language, place, text in pages:
        (found,) = BLOCK.findall(text)
        data = json.loads(found)
        assert data["@context"] == "https://schema.org"
        assert data["@type"] == kinds[place.partition("/")[0]]
        for node in nodes(data):
            assert REQUIRED[node["@type"]] <= set(node), (place, node)
            assert all(value not in (None, "", []) for value in node.values())
            for name in ("url", "contentUrl", "@id", "sameAs", "mainEntityOfPage"):
                assert urlsplit(node.get(name, "http://x")).scheme in ("http", "https")
        if data["@type"] == "Dataset":
            assert 50 <= len(data["description"]) <= 5000
            assert data["url"] == f"{HERE}/{language}/{place}"
            assert data["creator"]["name"]
            assert data["license"] == "https://data.gov.hk/en/terms-and-conditions"


def test_a_dataset_names_its_files_its_columns_its_time_and_what_we_measured(catalog):
    """Files have the media type of what was found, and the score stands with its bounds and as unofficial."""
    with sqlite3.connect(catalog) as connection:
        tr = Translator("en")
        data = of(connection, find(connection, "dataset", "hk-hko-rainfall", tr), tr, HERE)
        hidden = of(connection, find(connection, "dataset", "hk-x-formula", tr), tr, HERE)
    connection.close()
    assert data["identifier"] == "hk-hko-rainfall"
    assert data["publisher"]["name"] == "Hong Kong Observatory"
    assert data["sameAs"] == "https://data.gov.hk/en-data/dataset/hk-hko-rainfall"
    assert data["datePublished"] == "2019-01-01T00:00:00Z"
    assert data["inLanguage"] == list(TAGS.values())
    score = data["additionalProperty"][0]
    assert (score["name"], score["value"], score["description"]) == ("Score", 40.0, "GDB-style, unofficial")
    assert score["minValue"] <= score["value"] <= score["maxValue"]
    assert "Score" not in {one["name"] for one in hidden["additionalProperty"]}


def test_what_a_file_is_comes_from_its_bytes_and_no_page_counts_as_one():
    """The media type is the found format's, else the declared; an address that is none, or a page, is no download."""
    row = {"shared_id": "a", "title_en": "A", "title_tc": None, "title_sc": None, "kind": "file", "format": "CSV",
           "found": "xlsx",
           "address": "https://a.example/x", "example": None, "bytes": 12, "sha256": "0" * 64}  # fmt: skip
    tr = Translator("en")
    assert download(row, tr)["encodingFormat"] == "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
    assert download({**row, "found": None}, tr)["encodingFormat"] == "text/csv"
    assert download({**row, "found": None, "format": "DGN"}, tr)["encodingFormat"] == "DGN"
    assert download({**row, "address": "javascript:alert(1)"}, tr) is None
    assert download({**row, "kind": "page"}, tr) is None
    assert download({**row, "kind": "template"}, tr) is None
    assert download({**row, "kind": "template", "example": "https://a.example/1"}, tr)["contentUrl"].endswith("/1")


def test_time_and_columns_are_named_only_where_they_are_known():
    """The data's own span comes before the record's; a column is named once, a range only of finite numbers."""
    empty = {"earliest": None, "latest": None, "temporal_from": None, "temporal_to": None}
    own = {**empty, "earliest": "2026-01-01", "latest": "2026-11-01", "temporal_from": "1999-01-01"}
    assert coverage([own, {**empty, "earliest": "2025-05-05"}]) == "2025-05-05/2026-11-01"
    assert coverage([{**empty, "temporal_from": "01/02/2020", "temporal_to": "rubbish"}]) == "2020-02-01/2020-02-01"
    assert coverage([empty]) is None
    columns = [{"label": "Speed", "low": 0, "high": 90.5}, {"label": "Road", "low": None}, {"label": ""}, "odd"]
    found = variables([{"columns": json.dumps(columns)}, {"columns": json.dumps(columns[:1])}, {"columns": None}])
    assert found == [
        {"@type": "PropertyValue", "name": "Speed", "minValue": 0, "maxValue": 90.5},
        {"@type": "PropertyValue", "name": "Road"},
    ]


def test_a_licence_is_the_records_own_else_the_portals_terms_and_never_made_up():
    """A named licence is given by its address or its name; another portal's silence is not DATA.GOV.HK's terms."""
    terms = "https://data.gov.hk/en/terms-and-conditions"
    none = {"licence_id": None, "licence_title": None}
    assert licence(none, "https://data.gov.hk") == terms
    assert licence(none, "https://data.example.org") is None
    assert licence(none, "sample?datasets=60") is None
    assert licence({**none, "licence_title": "CC BY"}, "https://data.gov.hk") == {
        "@type": "CreativeWork",
        "name": "CC BY",
    }
    assert licence({"licence_id": "https://a.example/l", "licence_title": "L"}, "") == "https://a.example/l"


JSON = st.recursive(st.none() | st.floats(allow_nan=False) | st.text() | st.sampled_from(HOSTILE),
                    lambda one: st.lists(one, max_size=3) | st.dictionaries(st.text(), one, max_size=3))  # fmt: skip


@given(st.dictionaries(st.text() | st.sampled_from(HOSTILE), JSON, max_size=4))
def test_a_data_block_ends_nothing_and_says_the_same(node):
    """Whatever is in it, a block has no character that could end the element, and reads back as it was."""
    text = block(node)
    assert not set(text) & set("<>&\u2028\u2029\x00")
    assert text.isascii()
    assert json.loads(text) == node


def test_hostile_titles_stay_text_in_every_head(pages):
    """Scripts, overrides and ten thousand letters reach no element, no attribute's end and no control character."""
    for language, place, text in pages:
        page = Read(text)
        scripts = [attributes for tag, attributes in page.elements if tag == "script" and "src" not in attributes]
        assert scripts == [{"type": "application/ld+json"}]
        assert len(BLOCK.findall(text)[0]) < 60_000
        told = {
            a.get("property") or a.get("name"): a["content"]
            for tag, a in page.elements
            if tag == "meta" and "content" in a
        }
        assert told["og:locale"] == OG_LOCALES[language]
        assert told["og:image"].startswith(f"{HERE}/preview/{language}/")
        assert told["twitter:card"] == "summary_large_image"
        assert 20 <= len(told["og:description"]) <= 300
        assert len(told["og:title"]) <= 90
        assert told["og:url"] == f"{HERE}/{language}/{place}"
        (canonical,) = [a["href"] for tag, a in page.elements if tag == "link" and a.get("rel") == "canonical"]
        assert canonical == told["og:url"]
        ways = [a["href"] for tag, a in page.elements if tag == "link" and a.get("hreflang")]
        assert ways == [f"{HERE}/{other}/{place}" for other in LANGUAGES]


def test_descriptions_are_made_of_the_pages_facts(pages):
    """A description gives the score with its range and what does not work, in the page's own language."""
    told = {(language, place): text for language, place, text in pages}
    for language, words in (("en", ("61.4 of 100", "did not work", "unofficial")), ("tc", ("61.4", "項資源", "非官方")),
                            ("sc", ("61.4", "项资源", "非官方"))):  # fmt: skip
        (said,) = [a["content"] for tag, a in Read(told[language, ""]).elements if a.get("name") == "description"]
        assert all(word in said for word in words)
    with_notes = "A description by its publisher that is long enough for anybody to read it."
    assert described(with_notes, IT, Translator("en")) == with_notes


def test_structured_data_is_there_alone_and_named_by_its_page(catalog):
    """A dataset's JSON-LD has an address of its own, which its page names, and is the page's own."""
    site = served(catalog)
    for name in ("hk-hko-tide", "hk x/odd?&#%2F..json"):
        way = path("en", "dataset", name)
        page, alone = get(site, way, f"{way}.jsonld")
        assert alone.headers["content-type"] == "application/ld+json"
        assert alone.json() == json.loads(BLOCK.findall(page.text)[0])
        links = [a["href"] for tag, a in Read(page.text).elements if tag == "link" and a.get("rel") == "describedby"]
        assert links == [f"{way}.jsonld"]
    assert get(site, "/en/dataset/nobody.jsonld")[0].status_code == 404


def test_invented_data_is_kept_out_of_search_engines(tmp_path):
    """Pages of a sample catalogue ask not to be kept, say that they are one, and name no licence or source."""
    fill(tmp_path / "harvest.db")
    publish(tmp_path / "harvest.db", tmp_path / "catalog.db", lambda: datetime(2026, 11, 23, tzinfo=UTC), "sample")
    text = get(served(tmp_path / "catalog.db"), "/en/dataset/hk-hko-tide")[0].text
    data = json.loads(BLOCK.findall(text)[0])
    assert data["creativeWorkStatus"] == "sample"
    assert not {"sameAs", "license", "includedInDataCatalog"} & set(data)
    assert ("meta", {"name": "robots", "content": "noindex"}) in Read(text).elements
    assert "Sample data" in text.partition('og:description" content="')[2][:40]


def test_no_host_header_is_repeated_that_is_no_host(catalog):
    """An odd Host header leaves addresses without a host and never reaches the page."""
    for host in ('x"><script>', "a b", "evil.example/path", "user@evil.example"):
        text = get(served(catalog), "/en/provider/hk-hko", headers={"host": host})[0].text
        assert host not in text
        assert "evil" not in text
        assert '<link rel="canonical" href="/en/provider/hk-hko">' in text


def test_dates_are_iso(pages):
    """Every date told to a search engine is one."""
    for _language, _place, text in pages:
        for node in nodes(json.loads(BLOCK.findall(text)[0])):
            for name in ("dateModified", "datePublished"):
                if name in node:
                    date.fromisoformat(node[name][:10])
