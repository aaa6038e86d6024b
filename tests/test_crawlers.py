"""robots.txt, the site map and llms.txt, read as the programs that ask for them read them."""

import re
from datetime import UTC, datetime
from xml.etree import ElementTree as ET

import pytest
from protego import Protego

from harvester.records import LANGUAGES
from publish.build import publish
from publish.crawlers import HERE, parts, robots_text
from publish.i18n import TAGS
from tests.catalogue_fixture import DATASETS, PROVIDERS, fill
from tests.test_site import get, served

MAP = "{http://www.sitemaps.org/schemas/sitemap/0.9}"
LINK = "{http://www.w3.org/1999/xhtml}link"
SITE = "http://localhost"


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    folder = tmp_path_factory.mktemp("crawlers")
    fill(folder / "harvest.db")
    publish(folder / "harvest.db", folder / "catalog.db", lambda: datetime(2026, 11, 23, tzinfo=UTC),
            "https://data.gov.hk")  # fmt: skip
    return served(folder / "catalog.db")


def read(text: str) -> ET.Element:
    return ET.fromstring(text)  # noqa: S314 - our own


def test_robots_may_walk_the_pages_and_not_the_tables(site):
    """A parser of robots.txt lets a robot into the three languages and keeps it from tables, searches and settings."""
    text = get(site, "/robots.txt")[0].text
    rules = Protego.parse(text)
    for way in ("/en/", "/tc/dataset/hk-hko-tide", "/sc/provider/hk-td", "/preview/en/portal.png", "/sitemap.xml",
                "/-/barometer/style.css?1", "/en/badge/portal.svg"):  # fmt: skip
        assert rules.can_fetch(SITE + way, "AnyBot"), way
    for way in ("/catalog", "/catalog/dataset?_facet=x", "/catalog.db", "/-/search", "/en/search?q=a", "/tc/search"):
        assert not rules.can_fetch(SITE + way, "AnyBot"), way
    assert list(rules.sitemaps) == [f"{SITE}/sitemap.xml"]
    assert "Sitemap" not in robots_text("catalog", "")


def test_the_site_map_names_every_page_in_three_languages_once(site):
    """The index leads to parts; each page is listed in each language with the others, and opens."""
    index = read(get(site, "/sitemap.xml")[0].text)
    where = [each.text for each in index.iter(f"{MAP}loc")]
    assert where == [f"{SITE}/sitemap-1.xml"]
    part = read(get(site, "/sitemap-1.xml")[0].text)
    places = [each.findtext(f"{MAP}loc") for each in part]
    standing = len(DATASETS) - 1
    assert len(places) == len(set(places)) == 3 * (4 + len(PROVIDERS) + 3 + standing)
    for each in part:
        ways = {link.get("hreflang"): link.get("href") for link in each.iter(LINK)}
        assert set(ways) == {*TAGS.values(), "x-default"}
        assert set(ways.values()) <= set(places)
        assert each.findtext(f"{MAP}loc") in ways.values()
        assert each.findtext(f"{MAP}lastmod") == "2026-11-22T01:00:00Z"
    ours = [place.removeprefix(SITE) for place in places]
    assert {answer.status_code for answer in get(site, *(place for place in ours if place.startswith("/en/")))} == {200}
    assert not [place for place in ours if "hk-td-signs" in place]
    assert [one.status_code for one in get(site, "/sitemap-2.xml", "/sitemap-0.xml", "/sitemap-99999.xml")] == [404] * 3


def test_a_large_catalogue_is_cut_into_parts_of_at_most_ten_thousand_addresses():
    """Every address of 5,500 datasets is in exactly one part, each part well under the protocol's 50 MB."""
    places = [f"dataset/hk-{number}" for number in range(5_500)]
    made = list(parts(places, "2026-11-22T01:00:00Z"))
    found = [re.findall(f"<loc>{HERE}/(.*?)</loc>", text) for text in made]
    assert [len(one) for one in found] == [10_000, 6_500]
    assert {way for one in found for way in one} == {
        f"{language}/{place}" for language in LANGUAGES for place in places
    }
    assert max(map(len, made)) < 50_000_000


def test_the_kept_site_map_repeats_the_host_it_was_asked_by_and_no_other(site):
    """One visitor's host name never reaches another, and one that is no host name reaches nobody."""
    for host, said in (("one.example", "http://one.example"), ("two.example:8001", "http://two.example:8001"),
                       ('x"><script>', "")):  # fmt: skip
        answer = get(site, "/sitemap-1.xml", headers={"host": host})[0]
        assert {each.findtext(f"{MAP}loc").partition("/en/")[0] for each in read(answer.text)[:1]} == {said}
        assert "<script" not in answer.text
    tag = answer.headers["etag"]
    again = get(site, "/sitemap-1.xml", headers={"host": 'x"><script>', "if-none-match": tag})[0]
    assert (again.status_code, again.content) == (304, b"")


def test_a_site_that_knows_its_address_says_it_whatever_it_was_asked_by(site, monkeypatch):
    """With the plugin's setting, absolute addresses are the setting's and no request can change them."""
    monkeypatch.setattr(site, "_metadata_local", {**site._metadata_local, "plugins": {
        "barometer": {"address": "https://site.example/"}}})  # fmt: skip
    texts = get(site, "/robots.txt", "/sitemap.xml", headers={"host": "evil.example"})
    assert ["https://site.example/sitemap" in one.text for one in texts] == [True, True]
    assert "evil" not in "".join(one.text for one in texts)


def test_llms_txt_is_short_and_its_links_open(site):
    """A title, a summary that says unofficial, and links that lead somewhere."""
    text = get(site, "/llms.txt")[0].text
    assert text.startswith("# Hong Kong Open Data Barometer\n")
    assert "GDB-style, unofficial" in text
    assert len(text) < 3_000
    links = [link.removeprefix(SITE) for link in re.findall(r"\]\((.*?)\)", text)]
    assert len(links) == 5
    assert {answer.status_code for answer in get(site, *links)} == {200}


def test_texts_for_programs_carry_the_headers_of_every_answer(site):
    """They may be kept, are sniffed for nothing else, and can load nothing when opened in a browser."""
    for answer in get(site, "/robots.txt", "/sitemap.xml", "/sitemap-1.xml", "/llms.txt"):
        assert "max-age" in answer.headers["cache-control"]
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert answer.headers["content-security-policy"] == "default-src 'none'"
