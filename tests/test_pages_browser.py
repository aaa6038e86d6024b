"""The pages in a real browser: silent, harmless, never wider than a phone, and in the language one is in."""

from collections.abc import Iterator

import pytest

from publish.render import style
from publish.task_history import task_key
from tests.browser import NEEDED, PHONE, follow, serving
from tests.catalogue_fixture import published

OURS = [
    "", "method", "search?q=weather", "provider/hk-x", "worklist/hk-x", "category/weather", "dataset/hk-x-script",
    "dataset/hk-x-long", "dataset/hk-x-rtl", "dataset/hk-hko-tide", "dataset/hk-hko-uv", "down",
    "worklist", "worklist/hk-x?severity=3&text=part", f"task/{task_key('hk-x-long', 'hk-x-long/0', 'format')}",
    "nothing/here", "references", "compare", "compare?kind=provider&a=hk-hko&b=hk-x",
    "compare?kind=dataset&a=hk-x-script&b=hk-x-long", "data",
]  # fmt: skip
TABLES = ["catalog", "catalog/dataset_summary", "catalog/dataset/hk-x-script", "catalog/defect", "catalog/answer"]
LAID_OUT = style().replace(b"content-visibility: auto", b"content-visibility: visible")
"""Our style with every part laid out: a phone waits with those below till one comes, and they are never too wide."""

pytestmark = NEEDED


@pytest.fixture(scope="module")
def address(tmp_path_factory) -> Iterator[str]:
    folder = tmp_path_factory.mktemp("browser")
    with serving(published(folder)) as served:
        yield served


@pytest.fixture
def page(chromium):
    """A phone's page, 360 px wide, whose complaints are kept in ``said``."""
    context = chromium.new_context(viewport=PHONE, color_scheme="dark")
    opened = context.new_page()
    opened.route("**/style.css*", lambda route: route.fulfill(body=LAID_OUT, content_type="text/css"))
    opened.said = []
    opened.on(
        "console", lambda message: opened.said.append(message.text) if message.type in ("error", "warning") else None
    )
    opened.on("pageerror", lambda error: opened.said.append(str(error)))
    opened.on("dialog", lambda dialog: (opened.said.append(f"dialog: {dialog.message}"), dialog.dismiss()))
    yield opened
    context.close()


@pytest.mark.parametrize("language", ["en", "tc", "sc"])
def test_no_page_complains_opens_a_dialog_or_overflows_a_phone(address, page, language):
    """Every kind of page, hostile ones among them, is silent and no wider than 360 px, all its details opened."""
    for place in OURS:
        page.goto(f"{address}/{language}/{place}", wait_until="load")
        page.evaluate("for (const d of document.querySelectorAll('details')) d.open = true")
        wide = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        assert wide <= 0, place
        said = [text for text in page.said if "404 (Not Found)" not in text]
        assert said == [], place


def test_hostile_rows_are_harmless_in_the_tables_underneath(address, page):
    """Datasette's own pages of the same rows run nothing and say nothing."""
    for place in TABLES:
        page.goto(f"{address}/{place}", wait_until="load")
        assert page.said == [], place


def test_the_switch_stays_on_the_page_and_search_keeps_the_language(address, page):
    """From a dataset in English to the same in both kinds of Chinese; a search from there answers in that language."""
    page.goto(f"{address}/en/dataset/hk-hko-forecast")
    follow(page.get_by_role("link", name="繁體中文"))
    assert page.url.endswith("/tc/dataset/hk-hko-forecast")
    assert page.locator("h1").inner_text() == "天氣預報"
    follow(page.get_by_role("link", name="简体中文"))
    assert page.locator("html").get_attribute("lang") == "zh-Hans"
    page.locator("#q").fill("天氣")
    page.locator("#q").press("Enter")
    page.wait_for_url("**/sc/search?q=*")
    assert page.get_by_role("link", name="天气预报").is_visible()
    follow(page.get_by_role("link", name="English"))
    assert "/en/search?q=" in page.url
    assert page.get_by_role("link", name="Weather forecast").is_visible()


def test_the_keyboard_alone_reaches_the_content(address, page):
    """The first Tab shows the skip link, and it leads to the main content."""
    page.goto(f"{address}/en/")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip"
    page.keyboard.press("Enter")
    assert page.url.endswith("#main")
