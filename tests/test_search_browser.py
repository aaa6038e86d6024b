"""Suggestions in a real browser: by keyboard, in three languages, on a phone, never stale, and without scripts."""

from collections.abc import Iterator
from contextlib import suppress

import pytest
from playwright.sync_api import Error, expect

from tests.browser import NEEDED, PHONE, serving
from tests.catalogue_fixture import published

TITLES = {"en": "Weather forecast", "tc": "天氣預報", "sc": "天气预报"}

pytestmark = NEEDED


@pytest.fixture(scope="module")
def address(tmp_path_factory) -> Iterator[str]:
    folder = tmp_path_factory.mktemp("suggest")
    with serving(published(folder)) as place:
        yield place


@pytest.fixture
def page(chromium):
    """A phone's page whose complaints are kept in ``said``."""
    context = chromium.new_context(viewport=PHONE)
    opened = context.new_page()
    opened.said = []
    opened.on("console", lambda told: opened.said.append(told.text) if told.type in ("error", "warning") else None)
    opened.on("pageerror", lambda error: opened.said.append(str(error)))
    yield opened
    context.close()


@pytest.mark.parametrize("language", ["en", "tc", "sc"])
def test_typed_chosen_by_arrows_and_landed_by_keyboard_alone(address, page, language):
    """天氣 typed, two arrows down, Enter: the dataset's page in the reader's language; all said to who cannot see."""
    page.goto(f"{address}/{language}/method")
    box, options = page.get_by_role("combobox"), page.get_by_role("option")
    box.focus()
    expect(box).to_have_attribute("aria-expanded", "false")
    page.keyboard.type("天氣")
    expect(options).to_have_count(7)  # the category, the dataset that is called so, and the category's others
    expect(page.locator("#suggested")).to_contain_text("7")
    assert page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth") <= 0
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowDown")
    expect(box).to_have_attribute("aria-activedescendant", "suggestion-1")
    expect(options.nth(1)).to_have_attribute("aria-selected", "true")
    expect(options.nth(1)).to_contain_text(TITLES[language])
    page.keyboard.press("Enter")
    page.wait_for_url(f"**/{language}/dataset/hk-hko-forecast")
    assert page.locator("h1").inner_text() == TITLES[language]
    assert page.said == []


def test_escape_closes_arrows_go_round_and_enter_alone_searches(address, page):
    """Escape closes and then empties; arrows go round through the box; Enter with nothing chosen searches as ever."""
    page.goto(f"{address}/en/")
    box, shown = page.get_by_role("combobox"), page.locator("#suggestions")
    box.press_sequentially("hk-td")
    expect(shown).to_be_visible()
    page.keyboard.press("ArrowUp")
    expect(shown.locator("[role=option]").last).to_have_attribute("aria-selected", "true")
    page.keyboard.press("ArrowDown")
    assert box.get_attribute("aria-activedescendant") is None
    page.keyboard.press("Escape")
    expect(shown).to_be_hidden()
    expect(box).to_have_value("hk-td")
    page.keyboard.press("Escape")
    expect(box).to_have_value("")
    box.press_sequentially("rainfall")
    expect(shown).to_be_visible()
    page.keyboard.press("Enter")
    page.wait_for_url("**/en/search?q=rainfall")
    expect(page.locator(".found mark")).to_have_text("Rainfall")


def test_an_answer_that_comes_late_leaves_the_list_in_which_one_chooses(address, page):
    """Whoever has gone into the list with the arrows keeps it, and what they chose in it."""
    page.goto(f"{address}/en/")
    box, options = page.get_by_role("combobox"), page.get_by_role("option")
    with page.expect_response("**/suggest.json?q=tide"):
        box.fill("tide")
    expect(options.first).to_contain_text("Tide times")
    held = []
    page.route("**/suggest.json?q=rain", lambda route: held.append(route))  # noqa: PLW0108 - it takes attributes
    with page.expect_request("**/suggest.json?q=rain"):
        box.fill("rain")
    page.keyboard.press("ArrowDown")
    expect(options.first).to_have_attribute("aria-selected", "true")
    late = {"kind": "dataset", "words": "x", "name": "x", "title": "LATE", "note": "", "address": "/en/"}
    with suppress(Error):  # it was told that nobody waits for it any more
        held[0].fulfill(json={"query": "rain", "suggestions": [late]})
    page.evaluate("new Promise(requestAnimationFrame)")
    expect(options.first).to_have_attribute("aria-selected", "true")
    expect(options.first).to_contain_text("Tide times")


def test_an_answer_to_an_older_question_is_never_shown(address, page):
    """Where the answer to what was typed first comes last, or fails, the list is of what stands in the box."""
    held = []
    page.route("**/suggest.json?q=rain", lambda route: held.append(route))  # noqa: PLW0108 - it takes attributes
    page.goto(f"{address}/en/")
    box, options = page.get_by_role("combobox"), page.get_by_role("option")
    with page.expect_request("**/suggest.json?q=rain"):
        box.press_sequentially("rain")
    with page.expect_response("**/suggest.json?q=tide"):
        box.fill("tide")
    expect(options.first).to_contain_text("Tide times")
    stale = {"kind": "dataset", "words": "x", "name": "x", "title": "STALE", "note": "", "address": "/en/"}
    assert len(held) == 1
    held[0].fulfill(json={"query": "rain", "suggestions": [stale]})
    page.evaluate("new Promise(requestAnimationFrame)")
    assert "STALE" not in page.locator("#suggestions").inner_text()
    page.route("**/suggest.json?q=broken", lambda route: route.abort())
    box.fill("broken")
    expect(page.locator("#suggestions")).to_be_hidden()


def test_hostile_titles_are_text_and_addresses_elsewhere_are_not_followed(address, page):
    """A title that is a script is shown as it is written; an address of another site is not gone to."""
    page.goto(f"{address}/en/")
    box = page.get_by_role("combobox")
    box.press_sequentially("hk-x-script")
    expect(page.get_by_role("option").first).to_contain_text('<script>alert("title")</script>')
    assert page.locator("#suggestions script, #suggestions img").count() == 0
    away = [{"kind": "dataset", "words": "x", "name": "x", "title": "away", "note": "", "address": at}
            for at in ("javascript:alert(1)", "https://evil.example/")]  # fmt: skip
    page.route("**/suggest.json?q=away", lambda route: route.fulfill(json={"query": "away", "suggestions": away}))
    for place in (0, 1):
        box.fill("")
        box.fill("away")
        page.get_by_role("option").nth(place).click()
        expect(page.locator("#suggestions")).to_be_hidden()
        assert page.url == f"{address}/en/"
    assert page.said == []


def test_with_scripts_off_the_form_searches_as_before(chromium, address):
    """Without scripts there is a plain search box, no list, and Enter leads to the page of the search."""
    context = chromium.new_context(java_script_enabled=False)
    try:
        plain = context.new_page()
        plain.goto(f"{address}/tc/")
        assert plain.locator("#suggestions").is_hidden()
        plain.get_by_role("searchbox").fill("公屋")
        plain.get_by_role("searchbox").press("Enter")
        plain.wait_for_url("**/tc/search?q=*")
        assert plain.locator(".found h3").count() == 2
    finally:
        context.close()
