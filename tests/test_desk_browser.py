"""The officers' desk in a real browser, started as its keeper starts it: three languages, two widths, scripts off."""

import signal
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from urllib.error import HTTPError
from urllib.request import Request, urlopen

import pytest
from playwright.sync_api import Page

from harvester.replies import waiting
from publish.i18n import Translator
from publish.replies import KINDS
from publish.serve import wait_for
from tests.browser import DESKTOP, NEEDED, OPEN_ALL, PHONE, ROOT, follow, serving, shot, tab
from tests.desk_fixture import PASSWORD, SETTINGS, Place, copied, made
from tests.served import free_port
from tests.test_accessible import BARE, CUT, FOCUSED, FOREIGN, HEADINGS, STOPS, WIDER, faults

pytestmark = [*NEEDED, pytest.mark.slow]
WHERE = [("en", DESKTOP, "light"), ("tc", PHONE, "dark"), ("sc", PHONE, "light")]
REASONS = {
    "en": "A law of 1953 asks for paper.",
    "tc": "法例規定須以紙本發布，系統明年更換。",
    "sc": "法例规定须以纸本发布，系统明年更换。",
}


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Place:
    proxy = "proxy: {header: X-Remote-User, from: [10.0.0.0/8]}\n"
    return made(tmp_path_factory.mktemp("desk"), proxy + SETTINGS)


@pytest.fixture(scope="module")
def desk(place: Place) -> Iterator[str]:
    """The address of `barometer desk`, as the command line starts it."""
    port = free_port()
    command = [
        sys.executable, "-c", "from harvester.cli import main; main()", "desk", "--port", str(port),
        "--db", str(place.workshop), "--catalog", str(place.catalog), "--officers", str(place.settings),
    ]  # fmt: skip
    said = place.folder / "said.log"
    with said.open("wb") as sink:
        process = subprocess.Popen(command, stdout=sink, stderr=sink, cwd=place.folder)
        try:
            wait_for(process, f"http://127.0.0.1:{port}/en/desk/")
            yield f"http://127.0.0.1:{port}"
        finally:
            process.send_signal(signal.SIGINT)
            assert process.wait(20) == 0
    assert PASSWORD not in said.read_text()


def sign_in(page: Page, desk: str, language: str, name: str = "chan.tai.man") -> None:
    page.goto(f"{desk}/{language}/desk/")
    page.locator("#name").fill(name)
    page.locator("#password").fill(PASSWORD)
    follow(page.locator("main button"))


@pytest.mark.parametrize(("language", "size", "scheme"), WHERE)
def test_an_officer_answers_a_flag_without_scripts(place, desk, chromium, language, size, scheme):
    """Sign in, one's provider's open tasks, a task, an answer of each kind, and what became of them."""
    tr, before = Translator(language), len(place.kept("SELECT * FROM reply"))
    with tab(chromium, size, java_script_enabled=False, color_scheme=scheme) as page:
        sign_in(page, desk, language)
        assert page.url == f"{desk}/{language}/desk/provider/hk-hko", "one provider: its tasks at once"
        for number, (kind, words) in enumerate(KINDS.items()):
            page.goto(f"{desk}/{language}/desk/provider/hk-hko?show=unanswered")
            follow(page.locator("main td a").nth(0))
            page.get_by_label(tr(words)).check()
            if kind != "mended":
                page.locator("#reason").fill(REASONS[language])
                soon = datetime.now(UTC) + timedelta(days=90 + number)
                page.locator("#expires").fill(soon.date().isoformat())
            follow(page.locator("main form button"))
            assert page.url.endswith("#trail")
            assert tr(words) in page.locator("#trail").inner_text()
        shot(page, f"desk-{language}-{size['width']}")
        page.goto(f"{desk}/{language}/desk/answers")
        text = page.locator("main").inner_text()
        assert all(tr(words) in text for words in KINDS.values())
        assert REASONS[language] in text
        follow(page.locator("header button"))
        page.goto(f"{desk}/{language}/desk/answers")
        assert page.locator("#password").count() == 1, "signed out"
    assert len(place.kept("SELECT * FROM reply")) == before + 3


def test_no_header_makes_a_connection_come_from_elsewhere(desk):
    """Where only 10.0.0.0/8 may name officers, saying to come from there, in each way proxies have, is not enough."""
    for name, value in (("X-Forwarded-For", "10.1.2.3"), ("Forwarded", "for=10.1.2.3"), ("X-Real-IP", "10.1.2.3")):
        request = Request(f"{desk}/en/desk/answers", headers={"X-Remote-User": "editor", name: value})  # noqa: S310
        with pytest.raises(HTTPError) as refused:
            urlopen(request)  # noqa: S310 - our own http address
        assert refused.value.code == 403
        refused.value.close()


@pytest.mark.parametrize(("language", "size", "scheme"), WHERE)
def test_axe_finds_nothing_to_mend_at_the_desk(place, desk, chromium, language, size, scheme):
    """Signed out and in, the lists, a task with a trail, a refused form and a wrong address keep WCAG 2.2 AA."""
    key, other = place.task()["key"], place.task("hk-td")["key"]
    place.reply(key, kind="wrong", expires=(datetime.now(UTC) + timedelta(days=9)).date().isoformat(),
                at=datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"))  # fmt: skip
    found, wrong = {}, []
    with tab(chromium, size, color_scheme=scheme, bypass_csp=True) as page:

        def look(name: str) -> None:
            page.wait_for_load_state("load")  # a page without its style is another page
            if told := faults(page):
                found[name] = told
            levels = page.evaluate(HEADINGS)
            if levels[:1] != [1] or levels.count(1) != 1 or any(b > a + 1 for a, b in pairwise(levels)):
                wrong.append((name, levels))
            wrong.extend((name, one) for one in page.evaluate(BARE) + page.evaluate(CUT))
            if language != "en":
                wrong.extend((name, one) for one in page.evaluate(FOREIGN))
            if page.evaluate(WIDER) > 0:
                wrong.append((name, "wider than the window"))

        page.goto(f"{desk}/{language}/desk/")
        look("sign in")
        sign_in(page, desk, language, "transport")
        look("two providers")
        page.goto(f"{desk}/{language}/desk/task/{key}")
        look("another's task")
        follow(page.locator("header button"))
        sign_in(page, desk, language, "editor")
        for target in ("provider/hk-hko", f"task/{key}", "answers", "provider/hk-none"):
            page.goto(f"{desk}/{language}/desk/{target}")
            look(target)
        page.goto(f"{desk}/{language}/desk/task/{other}")
        page.locator("#k-cannot").check()
        follow(page.locator("main form button"))
        assert page.locator("[role=alert]").count() == 1
        look("refused")
    assert found == {}
    assert wrong == []


@pytest.fixture(scope="module")
def public(place: Place, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, list[str]]]:
    """The public site on which an answer of each kind is published, and the pages that tell of one."""
    shown = copied(place, tmp_path_factory.mktemp("public"))
    tasks = [shown.task(nth=number) for number in range(len(KINDS))]
    for kind, task in zip(KINDS, tasks, strict=True):
        shown.reply(task["key"], kind=kind, reason=f"{REASONS['tc']} {REASONS['en']}")
    shown.merge()
    pages = [f"task/{task['key']}" for task in tasks] + [f"dataset/{tasks[1]['dataset']}", "worklist/hk-hko"]
    with serving(shown.catalog) as address:
        yield address, pages


@pytest.mark.parametrize(("language", "size", "scheme"), WHERE)
def test_axe_finds_nothing_to_mend_where_an_answer_is_published(public, chromium, language, size, scheme):
    """A task with an answer of each kind, its dataset and its worklist keep WCAG 2.2 AA for the public too."""
    address, pages = public
    found = {}
    with tab(chromium, size, color_scheme=scheme, bypass_csp=True) as page:
        for place in pages:
            page.goto(f"{address}/{language}/{place}")
            if place.startswith("task/"):
                assert REASONS["en"] in page.locator("main").inner_text(), place
            page.evaluate(OPEN_ALL)
            found[place] = faults(page) + page.evaluate(CUT) + page.evaluate(BARE)
            assert page.evaluate(WIDER) <= 0, place
    assert {place: told for place, told in found.items() if told} == {}


def test_the_keyboard_alone_answers_a_task(place, desk, chromium):
    """Tab reaches each field with a ring, in order; space chooses, typing writes, Enter on the button sends."""
    key = place.task("hk-hd")["key"]
    with tab(chromium, DESKTOP, reduced_motion="reduce") as page:
        sign_in(page, desk, "en", "editor")
        page.goto(f"{desk}/en/desk/task/{key}")
        met = []
        for _ in range(2 * page.evaluate(STOPS)):
            page.keyboard.press("Tab")
            focus = page.evaluate(FOCUSED)
            if met and focus["place"] < met[-1]:
                break  # once round, and at the page's beginning again
            assert (focus["ring"], focus["seen"]) == (True, True), focus
            met.append(focus["place"])
        fields = ["#k-mended", "#reason", "#expires", "main form button"]
        place_of = "e => [...document.querySelectorAll('*')].indexOf(e)"
        assert {page.locator(one).evaluate(place_of) for one in fields} <= set(met)
        page.locator("#k-mended").focus()
        page.keyboard.press("Space")
        page.keyboard.press("ArrowDown")
        page.keyboard.press("Tab")
        page.keyboard.type("The system is replaced next year.")
        page.locator("main form button").focus()
        page.keyboard.press("Enter")
        page.wait_for_url("**#trail")
    said = place.kept("SELECT kind, reason FROM reply WHERE task = ?", key)
    assert said == [{"kind": "cannot", "reason": "The system is replaced next year."}]


def test_what_a_recheck_found_appears_at_the_desk_while_it_stands(place, desk, chromium):
    """Another process settles what waits in the same file; the desk's next page tells it."""
    with tab(chromium, DESKTOP) as page:
        sign_in(page, desk, "en", "editor")
        page.goto(f"{desk}/en/desk/task/{place.task('hk-x')['key']}")
        page.locator("#k-mended").check()
        follow(page.locator("main form button"))
        assert "waits since" in page.locator("#trail").inner_text()
        told = '{"was": 30.0, "now": 47.5, "gained": 17.5, "closed": 1, "open": 0}'
        script = (
            "import json, sys; from pathlib import Path; from harvester.clock import system_clock\n"
            "from harvester.replies import settled, waiting; officers = Path(sys.argv[1])\n"
            "for each in waiting(officers): settled(officers, each, json.loads(sys.argv[2]), system_clock)"
        )
        subprocess.run([sys.executable, "-c", script, str(place.officers), told], check=True, cwd=ROOT)
        page.reload()
        assert "30.0 before, 47.5 now" in page.locator("#trail").inner_text()
        assert "Points regained: 17.5" in page.locator("#trail").inner_text()
    assert waiting(place.officers) == ()
