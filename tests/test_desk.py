"""The officers' desk by HTTP: who may come in, who may answer what, and everything that must not get through."""

import asyncio
import re
import secrets
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from html import unescape
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import httpx
import pytest
from datasette.app import Datasette

from harvester.clock import parse_iso, system_clock
from harvester.errors import SettingsError
from harvester.replies import settled, waiting
from publish.desk import plugin, sessions
from publish.desk.doors import MOST_BODY
from publish.desk.pages import WRONG
from publish.desk.serve import OPEN, application, serve
from publish.desk.settings import load
from publish.desk.store import Desk
from publish.i18n import Translator
from tests.browser import ROOT
from tests.desk_fixture import HASH, PASSWORD, Place, made
from tests.served import free_port

HERE = "http://desk.test"
SOON = (datetime.now(UTC) + timedelta(days=60)).date().isoformat()
FORM = "application/x-www-form-urlencoded"


@dataclass
class Visitor:
    """One browser at the desk: its cookies, and the address its connection comes from."""

    app: Any
    loop: asyncio.Runner
    peer: str = "127.0.0.1"
    cookies: dict[str, str] = field(default_factory=dict)
    sent: dict[str, str] = field(default_factory=dict)

    def ask(self, target: str, method: str = "GET", content: bytes = b"", **headers: str) -> httpx.Response:
        """Ask for ``target``, keep the cookies that come, follow nothing."""

        async def asking() -> httpx.Response:
            transport = httpx.ASGITransport(app=self.app, client=(self.peer, 1234))
            async with httpx.AsyncClient(transport=transport, base_url=HERE, cookies=self.cookies) as client:
                named = {name.replace("_", "-"): value for name, value in {**self.sent, **headers}.items()}
                return await client.request(method, target, content=content, headers=named)

        answer = self.loop.run(asking())
        self.cookies |= dict(answer.cookies)
        return answer

    def post(self, target: str, fields: dict[str, str], **headers: str) -> httpx.Response:
        """Send a form as a browser does that has its page open."""
        told = {"origin": HERE, "sec_fetch_site": "same-origin", "content_type": FORM, **headers}
        return self.ask(target, "POST", urlencode(fields).encode(), **told)

    def fields(self, target: str) -> dict[str, str]:
        """Return the hidden fields of the form that sends to ``target``, from its own page."""
        text = self.ask(target).text
        form = re.search(rf'<form[^>]*method="post" action="{re.escape(target)}".*?</form>', text, re.DOTALL)
        assert form, text
        return {name: unescape(value) for name, value in re.findall(
            r'<input type="hidden" name="([^"]+)" value="([^"]*)"', form[0])}  # fmt: skip

    def sign_in(self, name: str, password: str = PASSWORD) -> httpx.Response:
        """Sign in by the page's form."""
        place = "/en/desk/sign-in"
        return self.post(place, {**self.fields(place), "name": name, "password": password})

    def answer(self, key: str, lang: str = "en", **changed: str) -> httpx.Response:
        """Answer a task by its page's form, with what is to be otherwise."""
        place = f"/{lang}/desk/task/{key}"
        told = {"kind": "cannot", "reason": "The law asks for paper.", "expires": SOON}
        return self.post(place, {**self.fields(place), **told, **changed})


@pytest.fixture(scope="module")
def loop() -> Iterator[asyncio.Runner]:
    with asyncio.Runner() as runner:
        yield runner


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Place:
    return made(tmp_path_factory.mktemp("desk"))


@pytest.fixture(scope="module")
def app(place: Place) -> Any:
    return application(real(place), ROOT / "metadata.yml", "a secret of the tests")


def real(place: Place, settings: Path | None = None) -> Desk:
    """The desk by the true clock: the database is told the time by Datasette."""
    return Desk(place.catalog, place.officers, settings or place.settings, system_clock)


@pytest.fixture
def visitor(app: Any, loop: asyncio.Runner) -> Visitor:
    return Visitor(app, loop)


@pytest.fixture(autouse=True)
def fresh() -> Iterator[None]:
    """Each test begins with nobody having failed to sign in."""
    yield
    for each in plugin.OFFICES.values():
        each.doorkeeper = sessions.Doorkeeper()


def kept(place: Place) -> int:
    return len(place.kept("SELECT * FROM reply"))


def test_an_officer_signs_in_answers_and_finds_the_answer_kept(place, visitor):
    """From the sign-in: one's provider's tasks, the task, the answer; kept with the true name and the true time."""
    assert visitor.ask("/").headers["location"] == "/en/desk/"
    entered = visitor.sign_in("chan.tai.man")
    assert (entered.status_code, entered.headers["location"]) == (303, "/en/desk/")
    listed = visitor.ask("/en/desk/").headers["location"]
    assert listed == "/en/desk/provider/hk-hko"
    key = place.task()["key"]
    assert f'href="/en/desk/task/{key}"' in visitor.ask(listed).text
    done = visitor.answer(key, _actor_id="editor", officer="editor", _now_datetime_utc="1999-01-01T00:00:00Z")
    assert (done.status_code, done.headers["location"]) == (303, f"/en/desk/task/{key}#trail")
    row = place.kept("SELECT * FROM reply")[-1]
    assert (row["officer"], row["role"], row["provider"], row["kind"]) == (
        "chan.tai.man",
        "officer",
        "hk-hko",
        "cannot",
    )
    assert abs(parse_iso(row["at"]) - system_clock()) < timedelta(minutes=5)
    assert place.kept("SELECT officer, what FROM log")[-1] == {"officer": "chan.tai.man", "what": "reply"}
    for lang, words in (("en", "stands until"), ("tc", "有效至"), ("sc", "有效至")):
        for page in (f"/{lang}/desk/task/{key}", f"/{lang}/desk/answers", f"/{lang}/desk/provider/hk-hko"):
            assert words in visitor.ask(page).text


def test_what_came_of_a_recheck_is_told(place, visitor):
    """Asked for, it waits, and is said to; done, the desk tells points before and now, and what closed."""
    visitor.sign_in("editor")
    key = place.task("hk-td")["key"]
    assert visitor.answer(key, kind="mended", reason="").status_code == 303
    assert "A re-check of this dataset waits" in visitor.ask(f"/en/desk/task/{key}").text
    (wanted,) = waiting(place.officers)
    told = {"was": 41.2, "now": 58.8, "gained": 17.6, "closed": 2, "open": 1, "unsure": [], "failed": []}
    settled(place.officers, wanted, told, system_clock)
    text = visitor.ask(f"/en/desk/task/{key}").text
    assert "41.2 before, 58.8 now" in text
    assert "Points regained: 17.6." in text
    assert "Tasks found mended: 2; still open: 1." in text


def test_hostile_reasons_are_kept_and_shown_as_text(place, visitor):
    """SQL, markup, a link, a formula, direction marks and braces come back as what they are, and do nothing."""
    visitor.sign_in("odd")
    reason = (
        """'); DROP TABLE reply;-- "><script>alert(1)</script> {{ 7*7 }} \u202e =HYPERLINK("http://evil.example")"""
    )
    key = place.task("hk-x")["key"]
    before = kept(place)
    assert visitor.answer(key, reason=reason).status_code == 303
    assert (kept(place), place.kept("SELECT reason FROM reply")[-1]["reason"]) == (before + 1, reason)
    visitor.sign_in("editor")
    for page in (f"/en/desk/task/{key}", "/tc/desk/answers", "/officers/reply", "/officers/log"):
        text = visitor.ask(page).text
        assert "DROP TABLE reply" in text, page
        assert "<script>alert" not in text
        assert 'href="http://evil' not in text
        assert "\u202e" not in text
        assert "{{ 7*7 }}" in text


@pytest.mark.parametrize("wrong", sorted(WRONG))
def test_every_refusal_has_its_words_and_leaves_the_text_standing(wrong):
    """Each name by which the database refuses is told in three languages, in words of their own."""
    said = {Translator(lang)(WRONG[wrong]) for lang in ("en", "tc", "sc")}
    assert len(said) == 3


@pytest.mark.parametrize(
    ("changed", "wrong"),
    [
        ({"kind": "erase"}, "kind"), ({"kind": ""}, "kind"), ({"reason": "no"}, "reason_missing"),
        ({"reason": "x" * 1001}, "reason_long"), ({"expires": "2099-01-01"}, "expires"), ({"expires": ""}, None),
        ({"expires": "tomorrow' OR 1=1"}, "expires"), ({"finding": "0" * 25}, "finding"), ({"form": "0"}, "form"),
    ],
)  # fmt: skip
def test_a_form_that_is_not_right_is_told_so_and_not_kept(place, visitor, changed, wrong):
    """What was edited or forgotten in the form comes back with a sentence and the text, and nothing is written."""
    visitor.sign_in("chan.tai.man")
    before, key = kept(place), place.task(nth=1)["key"]
    answer = visitor.answer(key, **changed)
    assert answer.status_code == 400
    assert kept(place) == before
    assert WRONG[wrong or "expires"] in unescape(answer.text)
    assert unescape(changed.get("reason", "The law asks for paper.")) in unescape(answer.text)


def test_nobody_answers_for_another_provider(place, visitor):
    """Neither by the address of another's task, nor by another's task in one's own form, nor by the query itself."""
    visitor.sign_in("chan.tai.man")
    before = kept(place)
    own, theirs = place.task("hk-hko")["key"], place.task("hk-td")["key"]
    page = f"/en/desk/task/{own}"
    fields = {**visitor.fields(page), "kind": "cannot", "reason": "The law asks for paper.", "expires": SOON}
    finding = place.kept("SELECT finding FROM finding WHERE task = ?", theirs)[0]["finding"]
    assert visitor.ask(f"/en/desk/task/{theirs}").status_code == 403
    assert visitor.ask("/en/desk/provider/hk-td").status_code == 403
    assert visitor.post(f"/en/desk/task/{theirs}", {**fields, "finding": finding}).status_code == 403
    sent = visitor.post("/officers/answer", {**fields, "task": theirs, "finding": finding}, accept="application/json")
    assert sent.json() == {"ok": False, "message": "provider", "redirect": None}
    assert kept(place) == before
    visitor.post(page, {**fields, "task": theirs, "provider": "hk-td", "finding": finding})
    assert place.kept("SELECT * FROM reply WHERE officer = 'chan.tai.man' AND provider <> 'hk-hko'") == []


def test_a_form_is_good_for_one_answer(place, visitor):
    """Sent again, as by the back button, it is told to be used; nothing is kept twice."""
    visitor.sign_in("chan.tai.man")
    page = f"/en/desk/task/{place.task(nth=2)['key']}"
    fields = {**visitor.fields(page), "kind": "wrong", "reason": "The file is right.", "expires": SOON}
    before = kept(place)
    assert [visitor.post(page, fields).status_code for _ in range(3)] == [303, 400, 400]
    assert kept(place) == before + 1


def test_an_old_form_answers_no_new_finding(place, visitor):
    """What changed between reading and sending must be read again: the catalogue is taken in as it is put in place."""
    visitor.sign_in("chan.tai.man")
    task = place.task(nth=3)
    page = f"/en/desk/task/{task['key']}"
    fields = {**visitor.fields(page), "kind": "wrong", "reason": "The file is right.", "expires": SOON}
    draft = place.folder / "draft.db"
    draft.write_bytes(place.catalog.read_bytes())
    replaced(place, draft, "UPDATE task SET reason = 'quite-another' WHERE key = ?", task["key"])
    before = kept(place)
    answer = visitor.post(page, fields)
    assert (answer.status_code, kept(place)) == (400, before)
    assert WRONG["finding"] in unescape(answer.text)
    assert visitor.answer(task["key"], kind="wrong").status_code == 303
    assert "quite-another" in visitor.ask(f"/catalog/task.json?key={task['key']}&_shape=array").text


def replaced(place: Place, draft: Path, sql: str, *values: object) -> None:
    """Put another catalogue in the place of the one there is, as publishing does."""
    with closing(sqlite3.connect(draft)) as connection, connection:
        connection.execute(sql, values)
    draft.replace(place.catalog)


@pytest.mark.parametrize("target", ["/en/desk/task/{key}", "/officers/answer"])
def test_nobody_in_particular_writes_nothing(place, visitor, target):
    """Without signing in a form is 403: bare, with a page's token, with a forged ticket or a forged ds_actor."""
    address = target.format(key=place.task()["key"])
    before = kept(place)
    fields = {"kind": "cannot", "reason": "The law asks for paper.", "expires": SOON, "_actor_id": "editor",
              "form": secrets.token_hex(16), "task": place.task()["key"], "finding": ""}  # fmt: skip
    assert visitor.post(address, fields).status_code == 403
    token = visitor.fields("/en/desk/sign-in")
    for forged in ({}, {"desk": "eyJpIjoiZWRpdG9yIn0.forged"}, {"ds_actor": "eyJhIjp7ImlkIjoiZWRpdG9yIn19.forged"}):
        visitor.cookies |= forged
        assert visitor.post(address, {**fields, **token}).status_code == 403
        assert visitor.post(address, {**fields, **token}, authorization=f"Bearer {HASH}").status_code == 403
        assert visitor.post(address, {**fields, **token}, authorization="Basic Y=").status_code == 403
    assert visitor.ask("/officers/reply").status_code == 403
    assert kept(place) == before


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"origin": "https://evil.example", "sec_fetch_site": "cross-site"}, 403),
        ({"origin": "https://evil.example", "sec_fetch_site": "same-origin"}, 403),
        ({"origin": "null"}, 403), ({"sec_fetch_site": "same-site"}, 403),
        ({"content_type": "text/plain"}, 415), ({"content_type": "application/json"}, 415),
        ({"content_type": "multipart/form-data; boundary=x"}, 415),
    ],
)  # fmt: skip
def test_no_other_site_sends_a_form(place, visitor, headers, status):
    """A signed-in officer's browser on another site sends what it likes, with the right token even: it is refused."""
    visitor.sign_in("chan.tai.man")
    before, page = kept(place), f"/en/desk/task/{place.task()['key']}"
    fields = {**visitor.fields(page), "kind": "cannot", "reason": "The law asks for paper.", "expires": SOON}
    assert visitor.post(page, fields, **headers).status_code == status
    assert kept(place) == before


@pytest.mark.parametrize("change", [{"csrftoken": ""}, {"csrftoken": "another"}])
def test_a_form_without_its_token_is_refused(place, visitor, change):
    """The right site, the right ticket, and not the token of the page."""
    visitor.sign_in("chan.tai.man")
    assert visitor.answer(place.task()["key"], **change).status_code == 403


@pytest.mark.parametrize("declared", [True, False])
def test_a_megabyte_is_not_read(visitor, place, declared):
    """A form too long is refused by what it says of itself, and by counting where it says nothing."""
    visitor.sign_in("chan.tai.man")
    page = f"/en/desk/task/{place.task()['key']}"
    asked = []

    async def asking() -> int:
        async def body() -> Any:
            for _ in range(1024):
                asked.append(1024)
                yield b"x" * 1024

        transport = httpx.ASGITransport(app=visitor.app)
        headers = {"content-type": FORM, "origin": HERE, **({"content-length": str(2**20)} if declared else {})}
        async with httpx.AsyncClient(transport=transport, base_url=HERE, cookies=visitor.cookies) as client:
            return (await client.post(page, content=body(), headers=headers)).status_code

    assert visitor.loop.run(asking()) == 413
    assert sum(asked) <= MOST_BODY + 2048


def test_cookies_are_out_of_reach_and_answers_are_nobodys_to_keep(place, loop, tmp_path):
    """Every cookie is HttpOnly and SameSite, Secure behind https; no page is stored, framed or has a script."""
    settings = tmp_path / "officers.yml"
    text = place.settings.read_text(encoding="utf-8")
    settings.write_text(f"address: https://desk.example.org\n{text}", encoding="utf-8")
    app = application(real(place, settings), ROOT / "metadata.yml", "another")
    visitor = Visitor(app, loop, sent={"origin": "https://desk.example.org"})
    cookies = [visitor.ask("/en/desk/sign-in").headers["set-cookie"]]
    page = "/en/desk/sign-in"
    fields = {**visitor.fields(page), "name": "editor", "password": PASSWORD}
    entered = visitor.post(page, fields, origin="https://desk.example.org")
    cookies.append(entered.headers["set-cookie"])
    for cookie in cookies:
        assert {"HttpOnly", "SameSite=Lax", "Secure"} <= {part.strip() for part in cookie.split(";")}
    answer = visitor.ask("/en/desk/")
    assert answer.headers["cache-control"] == "no-store"
    assert "default-src 'none'" in answer.headers["content-security-policy"]
    assert "<script" not in answer.text
    assert visitor.post(page, fields, origin=HERE).status_code == 403


def test_a_password_is_guessed_at_slowly(visitor):
    """Five wrong passwords for a name, and even the right one waits; another name does not."""
    for _ in range(5):
        assert visitor.sign_in("odd", "guess").status_code == 403
    refused = visitor.sign_in("odd")
    assert (refused.status_code, "try again in 15 minutes" in refused.text) == (429, True)
    assert visitor.sign_in("editor").status_code == 303
    for _ in range(6):
        unknown = visitor.sign_in("<b>nobody</b>", "guess")
    assert unknown.status_code == 429
    assert "<b>nobody" not in unknown.text


def test_the_wait_ends_and_the_right_password_clears_the_count(loop, place):
    """After a quarter of an hour a name may be tried again; by a clock of the test's own."""
    now = [0.0]
    keeper, settings = sessions.Doorkeeper(lambda: now[0]), load(place.settings)

    def tried(password: str) -> object:
        return loop.run(keeper.let_in(settings, "odd", password))

    for _ in range(4):
        assert tried("guess") is None
    assert tried(PASSWORD) is settings.officers["odd"]
    for _ in range(5):
        assert tried("guess") is None
    with pytest.raises(sessions.Busy):
        tried(PASSWORD)
    now[0] = 901.0
    assert tried(PASSWORD) is settings.officers["odd"]


def test_a_session_ends_by_signing_out_by_its_time_and_with_its_password(place, visitor, tmp_path):
    """The ticket of an officer who left, whose password changed, or of eight hours ago, is no ticket."""
    visitor.sign_in("editor")
    assert visitor.ask("/en/desk/answers").status_code == 200
    office = next(iter(plugin.OFFICES.values()))
    officer = office.desk.settings.officers["editor"]
    datasette = Datasette(secret="signing")  # noqa: S106 - of nothing
    ticket = sessions.ticket(datasette, officer, 1000.0)
    assert sessions.bearer(datasette, office.desk.settings, ticket, 1000.0) is officer
    assert sessions.bearer(datasette, office.desk.settings, ticket, 1001.0 + sessions.SESSION_SECONDS) is None
    changed = tmp_path / "officers.yml"
    changed.write_text(place.settings.read_text(encoding="utf-8").replace(HASH[-8:], "AAAAAAA="), encoding="utf-8")
    assert sessions.bearer(datasette, load(changed), ticket, 1000.0) is None
    token = re.search(r'name="csrftoken" value="([^"]+)"', visitor.ask("/en/desk/answers").text)
    assert token
    assert visitor.post("/en/desk/sign-out", {"csrftoken": token[1]}).status_code == 303
    visitor.cookies.pop("desk", None)
    assert visitor.ask("/en/desk/answers").status_code == 403


@pytest.mark.parametrize(
    ("proxy", "peer", "headers", "status"),
    [
        ("", "127.0.0.1", {"x_remote_user": "editor"}, 403),
        ("proxy: {header: X-Remote-User}\n", "203.0.113.9", {"x_remote_user": "editor"}, 403),
        ("proxy: {header: X-Remote-User}\n", "203.0.113.9",
         {"x_remote_user": "editor", "x_forwarded_for": "127.0.0.1"}, 403),
        ("proxy: {header: X-Remote-User}\n", "127.0.0.1", {"x_remote_user": "stranger"}, 403),
        ("proxy: {header: X-Remote-User}\n", "127.0.0.1", {"remote_user": "editor"}, 403),
        ("proxy: {header: X-Remote-User}\n", "127.0.0.1", {"x_remote_user": "editor"}, 200),
        ("proxy: {header: X-Remote-User, from: [10.0.0.0/8]}\n", "127.0.0.1", {"x_remote_user": "editor"}, 403),
        ("proxy: {header: X-Remote-User, from: [10.0.0.0/8]}\n", "10.1.2.3", {"x_remote_user": "editor"}, 200),
    ],
)  # fmt: skip
def test_a_proxy_is_believed_where_the_settings_say_so_alone(place, loop, tmp_path, proxy, peer, headers, status):
    """The header signs in from a trusted address under its configured name, and otherwise is a header like any."""
    settings = tmp_path / "officers.yml"
    settings.write_text(proxy + place.settings.read_text(encoding="utf-8"), encoding="utf-8")
    app = application(real(place, settings), ROOT / "metadata.yml", "another")
    visitor = Visitor(app, loop, peer, sent=headers)
    assert visitor.ask("/en/desk/answers").status_code == status
    before = kept(place)
    if status == 200:
        assert visitor.answer(place.task("hk-hd")["key"], reason="By the proxy, honestly.").status_code == 303
        bare = Visitor(app, loop, peer, sent=headers)
        assert bare.post("/officers/answer", {"kind": "cannot"}).status_code == 403, "no cookie, no token, no form"
    assert kept(place) == before + (status == 200)


@pytest.mark.parametrize(
    "target",
    ["/-/login", "/-/password-tool", "/-/plugins.json", "/-/metadata.json", "/-/actor.json", "/-/databases.json",
     "/-/settings.json", "/officers", "/officers/reply.json", "/officers.json?sql=select+*+from+reply", "/officers.db",
         "/\\evil.example"],
)  # fmt: skip
def test_the_machinery_is_out_of_sight(visitor, target):
    """Datasette's pages about itself, its own sign-in and officers.db are shown to nobody who is no editor."""
    visitor.sign_in("chan.tai.man")
    answer = visitor.ask(target)
    assert answer.status_code in (403, 404)
    assert "pbkdf2" not in answer.text


@pytest.mark.parametrize(("host", "warned"), [("127.0.0.1", False), ("0.0.0.0", True)])  # noqa: S104 - to be warned of
def test_listening_to_the_world_is_said(place, monkeypatch, capsys, host, warned):
    """The desk says where it is, and what it means where others can reach it; no proxy's header is believed unasked."""
    started = []
    monkeypatch.setattr("uvicorn.Server.run", lambda self, sockets: started.append((self.config, sockets)))
    assert serve(real(place), ROOT / "metadata.yml", host, free_port()) == 0
    ((config, sockets),) = started
    for each in sockets:
        each.close()
    told = capsys.readouterr().out
    assert f"http://{host}:" in told
    assert (OPEN in told) is warned
    assert config.proxy_headers is False


def test_other_methods_and_other_addresses_take_nothing(visitor):
    """No form is taken but by the desk's own few addresses, and nothing but forms."""
    visitor.sign_in("editor")
    for target in ("/", "/en/", "/catalog", "/en/dataset/x", "/catalog/task", "/officers/reply", "/-/permissions"):
        assert visitor.post(target, {"csrftoken": "x"}).status_code in (404, 405), target
    for method in ("PUT", "DELETE", "PATCH"):
        assert visitor.ask("/en/desk/", method).status_code == 405


@pytest.mark.parametrize(
    "text",
    [
        "", "officers: []", "officers: {a: {}}", "officers: {a: {password: plain, providers: [x]}}",
        f"officers: {{a: {{password: '{HASH}'}}}}", f"officers: {{a: {{password: '{HASH}', providers: ['*']}}}}",
        f"officers: {{'a b': {{password: '{HASH}', providers: [x]}}}}",
        f"officers: {{a: {{password: '{HASH}', role: root}}}}",
        f"officers: {{a: {{password: '{HASH}', role: editor, providers: [x]}}}}",
        f"officers: {{a: {{password: '{HASH}', providers: [x], admin: true}}}}",
        f"offices: {{}}\nofficers: {{a: {{password: '{HASH}', providers: [x]}}}}",
        f"address: javascript:alert(1)\nofficers: {{a: {{password: '{HASH}', providers: [x]}}}}",
        f"proxy: {{header: 'X User'}}\nofficers: {{a: {{password: '{HASH}', providers: [x]}}}}",
        f"proxy: {{header: X-User, from: [everywhere]}}\nofficers: {{a: {{password: '{HASH}', providers: [x]}}}}",
        "officers: [", "!!python/object/apply:os.system ['true']",
    ],
)  # fmt: skip
def test_a_slip_in_the_settings_lets_nobody_in(tmp_path, text):
    """What we do not know, or is half said, is told in a sentence that names the file and never shows a hash."""
    settings = tmp_path / "officers.yml"
    settings.write_text(text, encoding="utf-8")
    with pytest.raises(SettingsError) as error:
        load(settings)
    assert "officers.yml" in str(error.value)
    assert HASH not in str(error.value)


def test_settings_are_taken_in_while_the_desk_stands(place, loop, tmp_path):
    """An officer taken out is out at the next request; a file that makes no sense leaves all as it was."""
    settings = tmp_path / "officers.yml"
    whole = place.settings.read_text(encoding="utf-8")
    settings.write_text(whole, encoding="utf-8")
    visitor = Visitor(application(real(place, settings), ROOT / "metadata.yml", "another"), loop)
    visitor.sign_in("odd")
    assert visitor.ask("/en/desk/answers").status_code == 200
    settings.write_text("officers: [", encoding="utf-8")
    assert visitor.ask("/en/desk/answers").status_code == 200
    settings.write_text("".join(line for line in whole.splitlines(True) if "odd:" not in line), encoding="utf-8")
    assert visitor.ask("/en/desk/answers").status_code == 403
