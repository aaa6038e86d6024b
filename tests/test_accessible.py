"""Every kind of page for everybody: by axe, by keyboard alone, enlarged, spaced out, still, and in forced colours."""

import sqlite3
from collections import defaultdict
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

from harvester.store.due import Entry
from harvester.watch_work import Now
from publish.render import style
from publish.task_history import task_key
from publish.watching_facts import Facts, JobTold
from publish.watching_page import STYLE
from publish.watching_page import page as watching_page
from publish.watching_words import WHYS
from tests.browser import DESKTOP, NEEDED, OPEN_ALL, PHONE, ROOT, tab

pytestmark = [*NEEDED, pytest.mark.slow]
GUIDELINES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
NARROW = {"width": 320, "height": 256}
"""1280 by 1024 pixels, enlarged to 400 %."""
THIN = """for (const of of ['tbody', 'ul', 'ol', 'dl', 'main', 'section'])
  for (const e of document.querySelectorAll(of))
    [...e.children].filter(c => c.matches('tr, li, dt, dd, article, details')).slice(3).forEach(c => c.remove());
for (const e of document.querySelectorAll('svg text')) e.remove();
for (const d of document.querySelectorAll('details')) d.open = true"""
"""Contrast is dear to measure, and three of a make say as much as fifty; in drawings axe cannot tell it anyway."""
LAID_OUT = "main > section { content-visibility: visible !important; }"
"""A phone lays out a part of a page as one comes to it; till then nothing in it has a size or is too wide."""
SPACED = """* { line-height: 1.5 !important; letter-spacing: 0.12em !important; word-spacing: 0.16em !important; }
p { margin-bottom: 2em !important; }"""
"""What WCAG 2.2 asks of a page to bear (1.4.12)."""
WIDER = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
CUT = """() => [...document.querySelectorAll('body *')].filter(e => {
  const s = getComputedStyle(e);
  return e.innerText && !e.closest('.unseen, .stacked thead, svg, select, textarea')
    && [s.overflowX, s.overflowY].some(o => o === 'hidden' || o === 'clip')
    && (e.scrollWidth > e.clientWidth + 1 || e.scrollHeight > e.clientHeight + 1);
}).map(e => e.outerHTML.slice(0, 120))"""
HEADINGS = "[...document.querySelectorAll('h1, h2, h3, h4, h5, h6')].map(h => Number(h.tagName[1]))"
LINKS = """[...document.querySelectorAll('main a[href]')].filter(a => !a.closest('table, li, article, dl, svg'))
  .map(a => [(a.ariaLabel || a.textContent).trim().replace(/\\s+/g, ' '), a.getAttribute('href')])"""
BARE = """[...document.querySelectorAll('table')].filter(t =>
  !(t.caption || t.closest('[role=region][aria-label]')) || ![...t.querySelectorAll('thead th')].every(h => h.scope)
  || !t.querySelector('thead th')).map(t => t.outerHTML.slice(0, 120))"""
FOREIGN = """() => {
  const found = [], walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walk.nextNode()) {
    const inside = walk.currentNode.parentElement;
    if (!inside.closest('[lang^=en], code, pre, .url, textarea, script, style')
        && /([A-Za-z’']{2,}[ ,]+){5,}[A-Za-z]{2,}/.test(walk.currentNode.data))
      found.push(walk.currentNode.data.trim().slice(0, 120));
  }
  return found;
}"""
STOPS = """() => [...document.querySelectorAll(
    'a[href], button, input:not([type=hidden]), select, textarea, summary, [tabindex="0"]')]
  .filter(e => e.checkVisibility({visibilityProperty: true})).length"""
FOCUSED = """() => {
  const e = document.activeElement, box = e.getBoundingClientRect(), s = getComputedStyle(e);
  return {
    place: [...document.querySelectorAll('*')].indexOf(e), name: e.outerHTML.slice(0, 120),
    ring: s.outlineStyle !== 'none' && parseFloat(s.outlineWidth) >= 2,
    seen: box.width > 0 && box.bottom > 0 && box.top < innerHeight && box.right > 0 && box.left < innerWidth,
  };
}"""
EDGELESS = """[...document.querySelectorAll('button, .button')].filter(e => e.checkVisibility()
  && parseFloat(getComputedStyle(e).borderTopWidth) < 1).map(e => e.outerHTML)"""
FAINT = """() => {
  const light = colour => colour.match(/[\\d.]+/g).map(v => v / 255).slice(0, 3)
    .map(v => v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4)
    .reduce((sum, v, i) => sum + v * [0.2126, 0.7152, 0.0722][i], 0);
  const paper = light(getComputedStyle(document.body).backgroundColor);
  const drawn = 'main .bar .fill, .range .dot, .strip .up rect:not(.air), .strip .down rect:not(.air)';
  return [...document.querySelectorAll(drawn)].map(e => light(getComputedStyle(e).fill))
    .filter(ink => (Math.max(ink, paper) + 0.05) / (Math.min(ink, paper) + 0.05) < 3);
}"""


def kinds(catalog: Path) -> dict[str, list[str]]:
    """Return our pages by the template that makes them, about a middling provider and its most faulty dataset."""
    with closing(sqlite3.connect(catalog)) as db:
        provider, other = (row[0] for row in db.execute(
            "SELECT provider FROM provider_summary WHERE datasets BETWEEN 5 AND 12"
            " ORDER BY tasks DESC, provider LIMIT 2"))  # fmt: skip
        task = db.execute(
            "SELECT t.dataset, t.resource, t.criterion FROM task AS t JOIN dataset AS d ON d.name = t.dataset"
            " WHERE t.closed IS NULL AND t.resource <> '' AND d.provider = ? ORDER BY 1, 2, 3 LIMIT 1", [provider]
        ).fetchone()  # fmt: skip
        category = db.execute("SELECT category FROM dataset WHERE name = ?", [task[0]]).fetchone()[0]
    return {
        "home": [""], "search": ["search?q=water"], "provider": [f"provider/{provider}"],
        "category": [f"category/{category}"], "dataset": [f"dataset/{task[0]}"], "down": ["down"],
        "references": ["references"], "method": ["method"], "data": ["data"], "missing": ["nothing/here"],
        "compare": ["compare", f"compare?kind=provider&a={provider}&b={other}"], "worklists": ["worklist"],
        "worklist": [f"worklist/{provider}"], "task": [f"task/{task_key(*task)}"],
        "embed": [f"embed/provider/{provider}"],
    }  # fmt: skip


@pytest.fixture(scope="module")
def places(scan) -> list[str]:
    return [place for group in kinds(scan.folder / "catalog.db").values() for place in group]


@pytest.fixture
def open_tab(chromium) -> Iterator:
    """Open tabs that are closed with the test."""
    opened = []

    def opening(size: dict[str, int], **options: object) -> Page:
        opened.append(tab(chromium, size, **options))
        return opened[-1].__enter__()

    yield opening
    for one in opened:
        one.__exit__(None, None, None)


def faults(page: Page, *, contrast: bool = True) -> list[str]:
    """What axe has to say of a page, a line an element."""
    options = {
        "resultTypes": ["violations"], "runOnly": {"type": "tag", "values": GUIDELINES},
        "rules": {"color-contrast": {"enabled": contrast}},
    }  # fmt: skip
    told = Axe().run(page, options=options).response["violations"]
    return [
        f"{one['impact']} {one['id']}: {node['target']} {node['html'][:160]}" for one in told for node in one["nodes"]
    ]


def test_every_kind_of_page_is_looked_at(scan):
    """No template makes pages that the tests here do not open."""
    made = {place.stem for place in (ROOT / "publish" / "templates" / "pages").glob("[!_]*.html")}
    assert set(kinds(scan.folder / "catalog.db")) == made - {"base", "watching"}  # the watch's own page is below


@pytest.mark.parametrize(
    ("language", "size", "scheme", "contrast"),
    [("en", DESKTOP, "light", True), ("tc", PHONE, "dark", True), ("sc", PHONE, "light", False)],
)
def test_axe_finds_nothing_to_mend_on_our_pages(sample_site, places, open_tab, language, size, scheme, contrast):
    """Each kind of page, in each language, width and scheme, keeps WCAG 2.2 A and AA and axe's best practice."""
    page = open_tab(size, color_scheme=scheme, bypass_csp=True)
    found = {}
    for place in places:
        page.goto(f"{sample_site}/{language}/{place}")
        page.add_style_tag(content=LAID_OUT)
        page.evaluate(THIN if contrast else OPEN_ALL)
        found[place] = faults(page, contrast=contrast)
    assert {place: told for place, told in found.items() if told} == {}


HTML = "text/html; charset=utf-8"
NOON = "2026-11-23T04:00:00Z"
FAILED = Entry("scan", NOON, "failed", "disk-full", f"<b>No room</b> {'x' * 400}", 2, (1, 2), NOON, NOON, 61.5)
WATCHED = Facts(
    NOON,
    Now("links", datetime(2026, 11, 23, 3, tzinfo=UTC), "watch.yml, line 1: links: daily 99:00 is no hour"),
    (
        JobTold("scan", True, FAILED, replace(FAILED, state="done", why="", told=""), NOON, {"failed": 1}),
        JobTold("deep", False, None, None, None, {}),
        JobTold("links", True, replace(FAILED, job="links", state="running"), None, NOON, {"running": 1}),
        JobTold("asked", True, replace(FAILED, job="asked", state="caught-up", why="asleep"), None, None, {}),
    ),
    (FAILED, *(replace(FAILED, state="skipped", why=why, told="") for why in WHYS)),
    (("check", f"https://example.org/{'long' * 60}.csv", "<i>It did not answer.</i>", NOON),),
    sizes={"workshop": 465_000_000, "bodies": 20 * 2**30, "catalogue": 120_000_000},
    readable=False,
)
"""All that the watch's own page can tell: at work and failing, with wrong settings, and with every reason there is."""


@pytest.mark.parametrize(
    ("language", "size", "scheme"),
    [("en", PHONE, "dark"), ("tc", DESKTOP, "light"), ("sc", PHONE, "light"), ("en", DESKTOP, "dark")],
)
def test_axe_finds_nothing_to_mend_on_the_watchs_own_page(open_tab, language, size, scheme):
    """The page of a watch in trouble and of one that has done nothing yet, as full and as empty as it can be."""
    page = open_tab(size, color_scheme=scheme, bypass_csp=True)
    page.route(f"**{STYLE}", lambda route: route.fulfill(body=style(), content_type="text/css"))
    drawn = [
        watching_page(WATCHED, ["the disk is full"], language),
        watching_page(Facts(NOON, Now(), ()), [], language),
    ]
    page.route("**/watch/*", lambda route: route.fulfill(body=drawn[int(route.request.url[-1])], content_type=HTML))
    for number in range(len(drawn)):
        page.goto(f"http://watch.test/watch/{number}")
        page.add_style_tag(content=LAID_OUT)
        assert page.evaluate("getComputedStyle(document.querySelector('.site-head')).borderBottomStyle") != "none"
        assert page.evaluate(WIDER) <= 0
        assert page.evaluate(CUT) == []
        assert page.evaluate(FOREIGN) == [] or language == "en"
        assert faults(page) == []


@pytest.mark.parametrize(("size", "scheme"), [(PHONE, "light"), (DESKTOP, "dark")])
def test_axe_finds_nothing_to_mend_on_the_tables_underneath(sample_site, places, open_tab, size, scheme):
    """Datasette's pages of the database, a table with filters, a view, a row, a query and a wrong address."""
    dataset = next(place for place in places if place.startswith("dataset/"))
    page = open_tab(size, color_scheme=scheme, bypass_csp=True)
    found = {}
    for place in (
        "catalog", "catalog/task?severity__exact=3&_sort=due", "catalog/failing_now", f"catalog/{dataset}",
        "catalog/not_told_apart?profile=gdb-checklist&provider=hk-td", "nowhere",
    ):  # fmt: skip
        page.goto(f"{sample_site}/{place}")
        page.evaluate(THIN)
        found[place] = faults(page)
    assert {place: told for place, told in found.items() if told} == {}


def test_menus_of_columns_open_and_close_by_keyboard(sample_site, open_tab):
    """Datasette's menu of a column opens with Enter, at its first choice; Escape closes it, and so does leaving it."""
    page = open_tab(DESKTOP)
    page.goto(f"{sample_site}/catalog/task")
    button = page.get_by_role("button", name="Menu of column criterion")
    button.focus()
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.textContent") == "Sort ascending"
    assert button.get_attribute("aria-expanded") == "true"
    page.keyboard.press("Escape")
    assert page.locator(".dropdown-menu").is_hidden()
    assert page.evaluate("document.activeElement.getAttribute('aria-label')") == "Menu of column criterion"
    page.keyboard.press(" ")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    page.wait_for_url("**/catalog/task?_sort_desc=criterion")


def test_pages_are_in_order_for_those_who_hear_them(sample_site, places, open_tab):
    """One h1, no level skipped, a title of its own; tables have heads and names; English in Chinese pages says so.

    Two links of one name, outside tables and lists, lead to one place.
    """
    page = open_tab(DESKTOP)
    titles, wrong = defaultdict(list), []
    for language in ("en", "tc", "sc"):
        for place in places:
            page.goto(f"{sample_site}/{language}/{place}")
            page.evaluate(OPEN_ALL)
            levels = page.evaluate(HEADINGS)
            if not place.startswith("embed/"):  # a part of somebody else's page, about the same thing
                titles[page.title()].append((language, place))
            if levels[:1] != [1] or levels.count(1) != 1 or any(b > a + 1 for a, b in pairwise(levels)):
                wrong.append((language, place, levels))
            wrong += [(language, place, bare) for bare in page.evaluate(BARE)]
            leads = defaultdict(set)
            for name, address in page.evaluate(LINKS):
                leads[name].add(address)
            wrong += [(language, place, name, to) for name, to in leads.items() if len(to) > 1 or not name]
            if language != "en":
                wrong += [(language, place, text) for text in page.evaluate(FOREIGN)]
    assert wrong == []
    assert {title: pages for title, pages in titles.items() if len(pages) > 1} == {}


@pytest.mark.parametrize("language", ["en", "tc"])
def test_nothing_is_cut_or_runs_off_when_enlarged_and_spaced_out(sample_site, places, open_tab, language):
    """At 400 % of 1280 pixels, with the text spacing a reader may ask for, all text is whole and within the window."""
    page = open_tab(NARROW, bypass_csp=True)
    wrong = []
    for place in places:
        page.goto(f"{sample_site}/{language}/{place}")
        page.add_style_tag(content=LAID_OUT)
        page.evaluate(OPEN_ALL)
        wide = page.evaluate(WIDER)
        page.add_style_tag(content=SPACED)
        spaced, cut = page.evaluate(WIDER), page.evaluate(CUT)
        if wide > 0 or spaced > 0 or cut:
            wrong.append((place, wide, spaced, cut))
    assert wrong == []


def test_the_keyboard_reaches_everything_in_its_order_and_shows_where_it_is(sample_site, places, open_tab):
    """Tab stops at each link, field, folded part and scrolled table once, in the order of the page, with a ring."""
    page = open_tab(DESKTOP, reduced_motion="reduce")
    for place in (one for one in places if one.startswith(("worklist/", "compare?", "task/"))):
        page.goto(f"{sample_site}/en/{place}")
        stops, met = page.evaluate(STOPS), [-1]
        for _ in range(2 * stops):
            page.keyboard.press("Tab")
            focus = page.evaluate(FOCUSED)
            if focus["place"] < met[-1]:
                break  # once round, and at the page's beginning again
            assert (focus["ring"], focus["seen"]) == (True, True), (place, focus)
            met.append(focus["place"])
        assert len(set(met)) - 1 == stops, (place, focus)


def test_the_keyboard_operates_what_it_reaches(sample_site, places, open_tab):
    """Enter follows the skip link, opens what is folded and sends a form; arrows scroll a table wider than a phone."""
    page = open_tab(PHONE, reduced_motion="reduce")
    worklist = next(place for place in places if place.startswith("worklist/"))
    page.goto(f"{sample_site}/en/{worklist}")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    assert page.evaluate("document.querySelector('main').contains(document.activeElement)")
    page.locator("main summary").first.focus()
    page.keyboard.press("Enter")
    assert page.locator("main details").first.get_attribute("open") is not None
    page.get_by_label("Severity").focus()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Tab")
    page.get_by_label("Text").focus()
    page.keyboard.press("Enter")
    page.wait_for_url("**severity=*")
    page.goto(f"{sample_site}/en/worklist")
    wide = page.locator("main .scroll").first
    wide.focus()
    page.keyboard.press("ArrowRight")
    page.wait_for_function("document.querySelector('main .scroll').scrollLeft > 0")


def test_nothing_moves_for_those_who_asked_for_stillness(sample_site, open_tab):
    """With reduced motion asked for, no scrolling glides and nothing is animated."""
    page = open_tab(DESKTOP, reduced_motion="reduce")
    page.goto(f"{sample_site}/en/")
    assert page.evaluate("getComputedStyle(document.documentElement).scrollBehavior") == "auto"
    assert page.evaluate("document.getAnimations().length") == 0


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_forced_colours_leave_buttons_edges_and_charts_their_ink(sample_site, places, open_tab, scheme):
    """Where the system names the colours, buttons still have an edge and what is drawn stands out three to one."""
    page = open_tab(DESKTOP, forced_colors="active", color_scheme=scheme)
    for place in ("", *(one for one in places if one.startswith(("dataset/", "compare?")))):
        page.goto(f"{sample_site}/en/{place}")
        assert page.evaluate(EDGELESS) == [], place
        assert page.evaluate(FAINT) == [], place
