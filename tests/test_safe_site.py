"""Every page and every file of a catalogue in which all that was harvested is an attack: nothing runs, all is sound."""

import csv
import io
import json
import re
import sqlite3
import zipfile
from collections.abc import Iterator
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlencode, urlsplit
from xml.etree import ElementTree as ET

import pytest
from defusedxml import ElementTree as Safe
from hypothesis import given, settings
from hypothesis import strategies as st
from icalendar import Calendar
from openpyxl import load_workbook
from playwright.sync_api import sync_playwright

from harvester.records import LANGUAGES
from publish.badges import badge, draw
from publish.feeds import Entry, Feed, as_atom
from publish.guard import INLINE, LIMITS, STRICT
from publish.i18n import Translator
from publish.pages import Page
from publish.previews import sketch
from publish.render import as_csv, as_html, as_json, path, raw
from publish.safe import csv_cell, http_link
from publish.structured import block
from publish.workbook import Column, Sheet, as_xlsx
from tests.browser import ARGS, CHROMIUM
from tests.catalogue_fixture import published
from tests.hostile_catalogue import INJECTED, NAMES, SLUGS, TEXTS, fill
from tests.served import serving
from tests.test_badges import IT
from tests.test_site import get, served

RUNS = re.compile(r"<script>alert|onerror=alert\(3\)>|<svg/onload|<iframe|<a href=javascript", re.IGNORECASE)
"""An attack that came through as it was."""
FORMULA = re.compile(r"^['\s]*$|^[^=+\-@\t\r\n|＝＋－＠]|^'|^-?[\d.]+(e[+-]\d+)?$")
"""A cell that starts no formula: nothing, ordinary text, an apostrophe, or a number."""
ANY = st.text(st.characters(exclude_categories=[]), max_size=60)
"""Text of any code points, halves of characters among them."""
KINDS = {".json": "json", ".csv": "csv", ".atom": "xml", ".svg": "xml", ".xml": "xml", ".ics": "ics", ".xlsx": "xlsx",
         ".jsonld": "json", ".png": "png", ".txt": "txt"}  # fmt: skip


def pages(language: str) -> list[str]:
    """The address of every kind of page of ours, of every dataset, provider and category, in one language."""
    plain = ["", "method", "down", "references", "compare", "data", "worklist", "embed/portal", "nothing/here"]
    asked = [
        "search?" + urlencode({"q": TEXTS[0]}), "search?" + urlencode({"q": "alert"}),
        "compare?" + urlencode({"kind": "provider", "a": SLUGS[0], "b": SLUGS[1]}),
        "compare?" + urlencode({"kind": "dataset", "a": NAMES[2], "b": TEXTS[2], "date_a": TEXTS[3]}),
        "worklist?" + urlencode({"sort": TEXTS[4]}),
    ]  # fmt: skip
    about = [path(language, kind, name) for kind in ("dataset", "embed/dataset") for name in NAMES]
    about = [address.replace("embed%2Fdataset", "embed/dataset") for address in about]
    about += [path(language, kind, slug) for kind in ("provider", "worklist") for slug in SLUGS]
    about += [path(language, "category", slug) for slug in SLUGS[:3]]
    about += [path(language, "worklist", SLUGS[0]) + "?" + urlencode({"text": TEXTS[2], "severity": TEXTS[0]})]
    return [f"/{language}/{place}" for place in (*plain, *asked)] + about


def files(language: str) -> list[str]:
    """The address of every kind of file of ours, of every dataset, provider and category, in one language."""
    plain = ["index.json", "index.csv", "down.json", "down.csv", "down.atom", "changes.atom", "worklist.json",
             "worklist.csv", "search.json?q=alert", "search.csv?q=alert", "data.json", "badge/portal.svg",
             "method.json", "references.json"]  # fmt: skip
    found = [f"/{language}/{place}" for place in plain]
    for name in NAMES:
        about, badge = path(language, "dataset", name), path(f"{language}/badge", "dataset", name)
        found += [f"{about}.json", f"{about}.csv", f"{about}.jsonld", f"{badge}.svg"]
    for slug in SLUGS:
        about, work = path(language, "provider", slug), path(language, "worklist", slug)
        found += [f"{about}.json", f"{about}.csv", f"{about}.jsonld"]
        found += [f"{work}{form}" for form in (".json", ".csv", ".xlsx", ".atom", ".ics")]
    return [
        *found,
        path(language, "category", SLUGS[0]) + ".csv",
        f"/preview{path(language, 'dataset', NAMES[12])}.png",
    ]


class Elements(HTMLParser):
    """What stands in a page: its elements and their attributes, and what stands in each script."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.scripts: list[str] = []
        self.feed(text)
        self.close()

    def handle_starttag(self, tag, attrs):
        """Keep the element."""
        self.found.append((tag, dict(attrs)))

    def handle_data(self, data):
        """Keep what stands in a script."""
        if self.cdata_elem == "script":
            self.scripts.append(data)


@pytest.fixture(scope="module")
def catalog(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("hostile")
    return published(folder, fill)


@pytest.fixture(scope="module")
def tables(catalog) -> list[str]:
    connection = sqlite3.connect(catalog)
    sql = "SELECT name FROM sqlite_master WHERE type IN ('table', 'view') AND name NOT LIKE 'dataset_search_%'"
    names = [row[0] for row in connection.execute(sql)]
    connection.close()
    return names


@pytest.fixture(scope="module")
def answers(catalog) -> dict[str, object]:
    """Every page in every language, and every file in one of them, by its address."""
    addresses = [address for language in LANGUAGES for address in pages(language)]
    addresses += [address for turn, address in enumerate(files("en")) if turn % 3 == 0]
    addresses += [address for turn, address in enumerate(files("tc")) if turn % 3 == 1]
    addresses += [address for turn, address in enumerate(files("sc")) if turn % 3 == 2]
    addresses += ["/robots.txt", "/sitemap.xml", "/sitemap-1.xml", "/llms.txt"]
    return dict(zip(addresses, get(served(catalog), *addresses), strict=True))


def kind_of(address: str) -> str:
    return KINDS.get(Path(address.partition("?")[0]).suffix, "html")


def of_kind(answers: dict[str, object], *kinds: str) -> Iterator[tuple[str, object]]:
    """Yield the answers of some kinds, and see that there are any."""
    found = [(address, answer) for address, answer in answers.items() if kind_of(address) in kinds]
    assert found
    yield from found


def test_every_address_is_answered_and_no_header_is_injected(answers):
    """No name breaks its own address; no text becomes a header or a cookie."""
    for address, answer in answers.items():
        status = 404 if "nothing" in address else 400 if re.search("date_a=|sort=|severity=", address) else 200
        assert answer.status_code == status, address
        names = {name.lower() for name in answer.headers}
        assert INJECTED.partition(":")[0].lower() not in names
        assert "set-cookie" not in names
        assert answer.headers["x-content-type-options"] == "nosniff"
        policy = answer.headers["content-security-policy"]
        assert policy.startswith("default-src 'none'")
        assert "unsafe" not in policy


def test_pages_hold_no_foreign_element_no_handler_and_no_unsafe_link(answers):
    """Attacks are text: no element, attribute or address of theirs is one of the page, and no template was filled."""
    for address, answer in of_kind(answers, "html"):
        assert not RUNS.search(answer.text), address
        assert not re.search("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\u202a-\u202e\u2066-\u2069]", answer.text), address
        page = Elements(answer.text)
        for tag, attributes in page.found:
            assert tag not in ("iframe", "object", "embed", "img", "base", "style"), (address, tag)
            assert not [name for name in attributes if name.startswith("on") or name == "style"], (address, attributes)
            for name in ("href", "src", "action"):
                target = urlsplit(attributes.get(name) or "")
                assert target.scheme in ("", "http", "https", "mailto"), (address, attributes)
                assert target.hostname != "evil.example" or attributes.get("rel") == "nofollow noopener ugc"
                assert "@" not in target.netloc
        for script in page.scripts:
            assert json.loads(script)["@context"] == "https://schema.org", address
        assert str(7777 * 7777) not in answer.text, address


def test_json_and_json_ld_are_strict(answers):
    """Every JSON parses by the letter: no NaN, no number that is none, in ASCII."""

    def refuse(constant: str) -> None:
        raise AssertionError(constant)

    for address, answer in of_kind(answers, "json"):
        assert json.loads(answer.content.decode("ascii"), parse_constant=refuse), address
        assert answer.headers["content-type"].startswith(("application/json", "application/ld+json"))


def test_csv_has_its_columns_in_every_row_and_no_formula(answers):
    """Every CSV parses strictly, each row as long as its head, and no cell starts what a spreadsheet would run."""
    for address, answer in of_kind(answers, "csv"):
        text = answer.text.removeprefix("\ufeff")
        head, *rows = list(csv.reader(io.StringIO(text, newline=""), strict=True)) or [[]]
        assert all(len(row) == len(head) for row in rows), address
        assert [cell for row in rows for cell in row if not FORMULA.match(cell)] == [], address
        assert "\x00" not in text


def test_a_workbook_holds_no_formula_and_only_links_that_may_be_links(answers):
    """A strict reader opens every workbook; no cell is a formula and no relation leads anywhere but to the web."""
    for address, answer in of_kind(answers, "xlsx"):
        book = load_workbook(io.BytesIO(answer.content))
        cells = [cell for sheet in book for row in sheet.iter_rows() for cell in row if cell.value is not None]
        assert len(cells) > 20, address
        assert not [cell.value for cell in cells if cell.data_type == "f"]
        assert all(cell.hyperlink.target.startswith(("http://", "https://")) for cell in cells if cell.hyperlink)
        with zipfile.ZipFile(io.BytesIO(answer.content)) as parts:
            for name in parts.namelist():
                if name.endswith((".xml", ".rels")):
                    assert not Safe.fromstring(parts.read(name), forbid_dtd=True).findall(".//{*}f"), (address, name)


def test_feeds_badges_and_site_maps_are_sound_xml_that_runs_nothing(answers):
    """Every XML parses without a DTD; no script stands in a picture, and every address is one of the web."""
    for address, answer in of_kind(answers, "xml"):
        tree = Safe.fromstring(answer.content, forbid_dtd=True)
        for element in tree.iter():
            assert element.tag.rpartition("}")[2] not in ("script", "foreignObject", "image", "a", "use"), address
            assert not [name for name in element.attrib if name.startswith("on")]
            if "href" in element.attrib:
                assert urlsplit(element.attrib["href"]).hostname == "localhost", address
            if element.tag.endswith("}summary"):
                assert not RUNS.search(element.text or "")


def test_a_calendar_has_our_components_and_no_other(answers):
    """Every calendar parses; lines end and fold as they must; no harvested line became a property."""
    known = {"SUMMARY", "DESCRIPTION", "URL", "CATEGORIES", "TRANSP", "UID", "DTSTAMP", "DTSTART"}
    for address, answer in of_kind(answers, "ics"):
        lines = answer.content.split(b"\r\n")
        assert lines[-1] == b""
        assert max(map(len, lines)) <= 75
        assert not [line for line in lines if b"\n" in line or b"\r" in line]
        (calendar,) = Calendar.from_ical(answer.content, multiple=True)
        events = list(calendar.walk())[1:]
        assert events, address
        assert {event.name for event in events} == {"VEVENT"}
        assert {name for event in events for name in event} <= known


@pytest.fixture
def long_cells() -> Iterator[None]:
    """Let the reader of CSV take the longest cell that may be published."""
    before = csv.field_size_limit(LIMITS[sqlite3.SQLITE_LIMIT_LENGTH])
    yield
    csv.field_size_limit(before)


@pytest.mark.usefixtures("long_cells")
def test_the_tables_underneath_answer_and_parse(catalog, tables):
    """Each table's JSON and CSV, and each hostile dataset's row, are answered, parse, and are not taken for HTML."""
    rows = [raw("catalog", "dataset", name) for name in NAMES]
    as_json = [f"/catalog/{name}.json?_shape=array&_size=5" for name in tables]
    as_csv_ = [f"/catalog/{name}.csv?_size=5" for name in tables]
    found = dict(zip([*rows, *as_json, *as_csv_], get(served(catalog), *rows, *as_json, *as_csv_), strict=True))
    for address, answer in found.items():
        assert answer.status_code == 200, address
        assert answer.headers["x-content-type-options"] == "nosniff"
        if ".json?" in address:
            assert isinstance(json.loads(answer.text), list)
        elif ".csv?" in address:
            assert "html" not in answer.headers["content-type"]
            assert list(csv.reader(io.StringIO(answer.text.replace("\0", ""), newline=""), strict=True))
        else:
            assert not RUNS.search(answer.text), address


@pytest.fixture(scope="module")
def address(catalog) -> Iterator[str]:
    with serving(catalog) as running:
        yield running.address


WATCH = """
addEventListener('securitypolicyviolation', (e) => console.error('csp', e.violatedDirective, e.blockedURI, e.sample));
"""
LINKS = """[...document.querySelectorAll('*')].flatMap((e) => ['href', 'src', 'action', 'data', 'formAction']
    .filter((name) => typeof e[name] === 'string' && e[name]).map((name) => e[name]))"""
HANDLERS = """[...document.querySelectorAll('*')]
    .filter((e) => [...e.attributes].some((a) => /^on/i.test(a.name))).length"""
HARVESTED = (
    "provider", "dataset", "resource", "url", "visit", "content", "defect", "answer", "task", "failure", "change",
    "worklist", "dataset_summary", "failing_now", "state_now",
)  # fmt: skip
"""Tables and views that show most of what was harvested."""


@pytest.mark.browser
@pytest.mark.skipif(not CHROMIUM.exists(), reason=f"There is no {CHROMIUM}: apt-get install -y chromium")
def test_nothing_runs_in_a_browser_and_nothing_is_fetched_from_elsewhere(address):
    """In Chromium no page of ours or underneath opens a dialog, breaks a policy, or asks another host for anything."""
    ours = [*pages("en")[:14], *pages("tc")[14:33:2], *pages("sc")[52:], "/en/badge/portal.svg",
            f"/sc/badge{path('', 'dataset', NAMES[12])[1:]}.svg"]  # fmt: skip
    below = ["/catalog", *(f"/catalog/{name}" for name in HARVESTED), raw("catalog", "dataset", NAMES[12]),
             "/catalog/tasks_of_provider?" + urlencode({"provider": TEXTS[2]}),
             "/catalog/dataset?" + urlencode({"_search": TEXTS[1]}), "/catalog/dataset?_size=" + TEXTS[0]]  # fmt: skip
    said: list[str] = []
    asked: list[str] = []
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=str(CHROMIUM), args=ARGS)
        page = browser.new_page()
        page.add_init_script(WATCH)
        page.on("console", lambda message: said.append(message.text) if message.type == "error" else None)
        page.on("pageerror", lambda error: said.append(str(error)))
        page.on("dialog", lambda dialog: (said.append(f"dialog: {dialog.message}"), dialog.dismiss()))
        page.on("request", lambda request: asked.append(request.url))
        for place in (*ours, *below):
            page.goto(address + place, wait_until="load")
            for link in page.evaluate(LINKS):
                assert link.startswith(("http://", "https://", "mailto:")), (place, link)
            assert page.evaluate(HANDLERS) == 0, place
            honest = [text for text in said if not re.search(r"status of (404|400)", text)]
            assert honest == [], place
        browser.close()
    assert {url for url in asked if not url.startswith((address, "data:"))} == set()
    assert len(asked) > len(ours) + len(below)


def test_the_policy_of_the_tables_names_the_scripts_that_datasette_ships(catalog, tables):
    """On Datasette's pages only its own files and its own inline scripts may run; a page holds no other."""
    site = served(catalog)
    found = get(site, f"/catalog/{tables[0]}", "/catalog/providers_ranked", "/catalog", "/nothing")
    for answer in found:
        policy = answer.headers["content-security-policy"]
        assert "script-src 'self' 'sha256-" in policy
        assert "unsafe-inline" not in policy.partition("script-src")[2].partition(";")[0]
    sources = "".join(site.jinja_env.loader.get_source(site.jinja_env, name)[0] for name in INLINE)
    for answer in found:
        for script in Elements(answer.text).scripts:
            assert script.strip() in sources or script.startswith("DATASETTE_ALLOW_FACET"), script[:80]
    assert "unsafe" not in STRICT


def test_the_tables_link_outward_only_what_may_be_a_link_and_vouch_for_none(catalog):
    """Datasette's pages link a harvested address where ours would, and each such link says that it is not ours."""
    outward = [
        attributes
        for answer in get(served(catalog), "/catalog/url?_size=max", "/catalog/dataset?_size=max")
        for tag, attributes in Elements(answer.text).found
        if tag == "a" and urlsplit(attributes.get("href") or "").netloc and "example" in str(attributes.get("href"))
    ]
    assert outward
    for attributes in outward:
        assert http_link(attributes["href"]), attributes
        assert attributes["rel"] == "nofollow noopener ugc"


@settings(max_examples=40, deadline=None)
@given(ANY, st.sampled_from(LANGUAGES))
def test_a_title_of_any_characters_is_harmless_in_html_json_and_csv(title, language):
    """A page with any title has one title element and no element of the title's; its JSON and CSV are sound."""
    meta = {"code_version": "0", "portal": title, "scanned": "2026-11-22T01:00:00Z"}

    def page(said: str) -> Page:
        row = {"name": "a", "title": said, "provider": "p", "provider_title": said, "point": 1.0, "low": 0.0,
               "high": 2.0, "known": 1.0, "resources": 1, "failing": 0, "tasks": 0}  # fmt: skip
        return Page("category.html", said, {"category": {"slug": "c"}, "score": None, "datasets": [row]},
                    [{"title": said}, {"title": 1}])  # fmt: skip

    drawn, plain = (as_html(page(said), language, "category/c", meta) for said in (title, "x"))
    drawn.encode()
    assert [tag for tag, _ in Elements(drawn).found] == [tag for tag, _ in Elements(plain).found]
    assert json.loads(as_json(page(title), meta).encode("ascii"))["title"] == title
    cells = list(csv.reader(io.StringIO(as_csv(page(title))[1:], newline=""), strict=True))
    assert [len(row) for row in cells] == [1, 1, 1] or not str(csv_cell(title))
    assert FORMULA.match(str(csv_cell(title)))


@settings(max_examples=30, deadline=None)
@given(ANY, st.sampled_from(LANGUAGES))
def test_a_title_of_any_characters_is_harmless_in_xml_workbooks_and_structured_data(title, language):
    """A badge, a preview, a feed and a workbook of any title parse; a data block never ends its script element."""
    tr, named = Translator(language), replace(IT, title=title)
    entry = Entry("x", "2026-11-20T00:00:00Z", title, [title], "https://a.example/")
    feed = Feed("f", title, "https://a.example/", "https://a.example/f.atom", "2026-11-20T00:00:00Z", [entry])
    for text in (draw(badge(named, tr), language), sketch(named, language), as_atom(feed, tr)):
        assert isinstance(Safe.fromstring(text.encode(), forbid_dtd=True), ET.Element)
    kinds = ("text", "link", "date", "number")
    columns = [Column(name, "", 20, kind) for name, kind in zip("abcd", kinds, strict=True)]
    book = load_workbook(io.BytesIO(as_xlsx([Sheet(title, columns, [dict.fromkeys("abcd", title)])], tr)))
    assert not [cell for row in book.worksheets[0].iter_rows() for cell in row if cell.data_type == "f"]
    said = block({"name": title})
    assert not re.search("[<>&\u2028\u2029]", said)
    assert json.loads(said) == {"name": title}


@given(st.text(max_size=40), st.sampled_from(LANGUAGES))
def test_any_name_has_an_address_of_ascii_that_reads_back(name, language):
    """A page's address keeps the name whole in one part, and cannot be taken for another host or a form of the page."""
    address = path(language, "dataset", name)
    assert re.fullmatch(r"/[a-z]{2}/dataset/[A-Za-z0-9_~%-]*", address)
    assert unquote(address.removeprefix(f"/{language}/dataset/")) == name
    assert re.fullmatch(r"/catalog/dataset/?[A-Za-z0-9_~+-]*", raw("catalog", "dataset", name))
