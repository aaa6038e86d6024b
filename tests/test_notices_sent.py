"""Being told, all the way: a published catalogue, real servers for mail and webhooks, and what reaches them."""

import email
import email.policy
import json
import os
import re
import shutil
import socketserver
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from html.parser import HTMLParser
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from sqlite_utils import Database

from harvester.cli import barometer
from harvester.errors import SettingsError
from harvester.store.workshop import workshop
from publish.build import publish
from publish.i18n import Translator
from publish.notices import memory, notify
from publish.notices.digest import TRIES, WAIT
from publish.notices.reading import opened, standing
from publish.notices.records import Recipient
from publish.notices.sending import fitting, service
from publish.notices.settings import load
from publish.notices.trial import rehearse, trial
from publish.notices.waiting import since
from publish.notices.words import TOP
from publish.safe import CONTROLS
from publish.work_pages import task
from scoring.criteria.base import Answer
from scoring.ledger import keep_answers, keep_tasks
from scoring.worklist import Task
from tests.catalogue_fixture import fill
from tests.worklist_fixture import BACK, GONE, LATE, MENDED, SECOND, THIRD, enrich, key

SITE = "https://barometer.example"
ENVIRONMENT = {"BAROMETER_ADDRESS": f"{SITE}/"}
NOW = datetime(2026, 11, 23, 3, 0, tzinfo=UTC)


@pytest.fixture(scope="module")
def scanned(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A workshop and its catalogue, as they are after a scan."""
    made = tmp_path_factory.mktemp("scanned")
    fill(made / "harvest.db")
    enrich(made / "harvest.db")
    published(made, NOW)
    return made


@pytest.fixture
def folder(scanned: Path, tmp_path: Path) -> Path:
    """A copy of them to work on."""
    for name in ("harvest.db", "catalog.db"):
        shutil.copy(scanned / name, tmp_path / name)
    return tmp_path


NAME = re.compile(r"[a-z2-7]{4}-[a-z2-7]{4}(?=\.)")
"""A message's name: each recipient's copy has its own."""


def published(folder: Path, now: datetime) -> None:
    publish(folder / "harvest.db", folder / "catalog.db", lambda: now, "https://data.gov.hk")


def answered(folder: Path, now: datetime, value: float) -> None:
    """Score a scan of ``now`` in which one criterion of one dataset is answered anew, and publish it."""
    dataset, resource, criterion = LATE
    answer = Answer(criterion, dataset, resource, value, "complete" if value == 1 else "thin")
    tasks = [] if value == 1 else [Task(dataset, resource, criterion, 8, 2.5, "thin", {}, ())]
    with workshop(folder / "harvest.db") as db, db.atomic():
        others = [Answer(row["criterion"], row["dataset"], row["resource"], row["value"], row["reason"])
                  for row in db.query("SELECT * FROM answer WHERE dataset = ? AND until IS NULL", [dataset])
                  if (row["resource"], row["criterion"]) != LATE[1:]]  # fmt: skip
        at = now.strftime("%Y-%m-%dT%H:%M:%SZ")
        keep_answers(db, 4, at, [dataset], [*others, answer])
        keep_tasks(db, now, [dataset], tasks, frozenset({LATE} if value == 1 else ()))
    published(folder, now)


def settings(folder: Path, text: str) -> Path:
    (folder / "notices.yml").write_text(f"contact: data@example.org\n{text}", encoding="utf-8")
    return folder / "notices.yml"


def tell(folder: Path, now: datetime, **other: Any):
    return notify(folder / "harvest.db", folder / "catalog.db", folder / "notices.yml", lambda: now,
                  environment={**ENVIRONMENT, **os.environ}, **other)  # fmt: skip


@contextmanager
def webhook() -> Iterator[tuple[str, list[dict[str, Any]], list[int]]]:
    """A server that takes JSON: its address, what it was sent, and the statuses it answers with (the last for ever)."""
    got: list[dict[str, Any]] = []
    statuses = [200]

    class Taker(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            status = statuses.pop(0) if len(statuses) > 1 else statuses[0]
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            got.extend([body] if status == 200 else [])
            self.send_response(status)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_: object) -> None:
            return

    with ThreadingHTTPServer(("127.0.0.1", 0), Taker) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"json://127.0.0.1:{server.server_port}/told", got, statuses
        server.shutdown()


@contextmanager
def mailbox() -> Iterator[tuple[str, list[tuple[list[str], EmailMessage]]]]:
    """A mail server (RFC 5321, as far as it is spoken here): its host and port, and each mail with its envelope."""
    got: list[tuple[list[str], EmailMessage]] = []

    class Taker(socketserver.StreamRequestHandler):
        def say(self, text: str) -> None:
            self.wfile.write(f"{text}\r\n".encode())

        def handle(self) -> None:
            self.say("220 loopback")
            told: list[str] = []
            while line := self.rfile.readline().decode().strip():
                word = line[:4].upper()
                if word in ("MAIL", "RCPT"):
                    told.append(line.upper())
                if word == "DATA":
                    self.say("354 go on")
                    lines = []
                    while (part := self.rfile.readline()) != b".\r\n":
                        lines.append(part.removeprefix(b".") if part.startswith(b"..") else part)
                    got.append((told, email.message_from_bytes(b"".join(lines), policy=email.policy.default)))
                self.say("221 bye" if word == "QUIT" else "250 loopback")

    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), Taker) as server:
        server.daemon_threads = True
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"127.0.0.1:{server.server_address[1]}", got
        server.shutdown()


def tags(page: str) -> list[tuple[str, dict[str, str | None]]]:
    """Return the elements of a page in their order, each with its attributes."""
    found: list[tuple[str, dict[str, str | None]]] = []
    parser = HTMLParser()
    parser.handle_starttag = lambda tag, attributes: found.append((tag, dict(attributes)))  # type: ignore[method-assign]
    parser.feed(page)
    return found


def mailto(place: str, to: str = "officer@example.org") -> str:
    return f"mailto://{place}?from=barometer@example.org&to={to}&mode=insecure"


def test_a_mail_is_read_by_any_program_and_in_both_forms(folder):
    """Traditional Chinese: one mail to the provider, its head on single lines, the same links in text and in HTML."""
    with mailbox() as (place, got):
        settings(folder, f"providers: {{hk-hko: {{language: tc, severity: minor, to: '{mailto(place)}'}}}}\n")
        told = tell(folder, NOW)
    assert (told.sent, told.failed, told.notes) == (1, 0, ())
    ((envelope, mail),) = got
    assert envelope[1].startswith("RCPT TO:<OFFICER@EXAMPLE.ORG>")
    assert mail["Subject"].startswith("香港天文台：待辦事項")
    assert (mail["Auto-Submitted"], mail["List-Unsubscribe"]) == ("auto-generated", "<mailto:data@example.org>")
    assert "apprise" not in mail["From"].lower()
    assert mail["Date"].endswith("+0800")
    assert mail.get_content_type() == "multipart/alternative"
    text, page = (part.get_content() for part in mail.iter_parts())
    assert [part.get_content_type() for part in mail.iter_parts()] == ["text/plain", "text/html"]
    assert [part.get_content_charset() for part in mail.iter_parts()] == ["utf-8", "utf-8"]
    links = [str(attributes["href"]) for tag, attributes in tags(page) if tag == "a"]
    assert f"{SITE}/tc/worklist/hk-hko" in links
    assert f"{SITE}/tc/worklist/hk-hko.atom" in links
    assert sum(link.startswith(f"{SITE}/tc/task/") for link in links) == TOP + 1  # and one that came back
    assert all(link in text for link in links)
    assert ("html", {"lang": "zh-Hant-HK", "dir": "ltr"}) in tags(page)
    assert {tag for tag, _ in tags(page)} <= {"html", "head", "meta", "title", "style", "body", "h1", "h2", "h3", "p",
                                              "div", "span", "a"}  # fmt: skip
    names = {name for _, attributes in tags(page) for name in attributes}
    assert names <= {"lang", "dir", "charset", "name", "content", "class", "href"}
    assert "data@example.org" in text
    assert "另有" in text


@pytest.mark.parametrize("language", ["en", "tc", "sc"])
def test_a_letter_is_in_one_language(folder, language):
    """Every word of ours is the reader's: none of the English messages in Chinese, none of one Chinese in the other."""
    with webhook() as (address, got, _):
        settings(folder, f"providers: {{hk-hko: {{language: {language}, severity: minor, to: '{address}'}}}}\n")
        tell(folder, NOW)
    (message,) = got
    tr = Translator(language)
    words = (
        "What is wrong",
        "How to mend it",
        "Its page",
        "Due",
        "Severity",
        "Open since",
        "Feed of what opens and closes",
    )
    for word in words:
        assert tr(word) in message["message"]
        for other in {"en", "tc", "sc"} - {language}:
            theirs = Translator(other)(word)
            assert theirs == tr(word) or f"{theirs}{Translator(other)(': ')}" not in message["message"]


def test_told_once_mended_once_and_again_when_it_comes_back(folder):
    """Scan, one message; asked again, none; mended at the portal and scanned, one; broken anew, one."""
    with webhook() as (address, got, _):
        settings(folder, f"providers: {{hk-hko: {{frequency: each-scan, severity: minor, to: '{address}'}}}}\n")
        counts = []
        for day, value in enumerate([None, 1.0, 0.0]):
            now = NOW + timedelta(days=day)
            if value is not None:
                answered(folder, now, value)
            tell(folder, now)
            tell(folder, now + timedelta(hours=1))
            counts.append(len(got))
    assert counts == [1, 2, 3]
    first, mended, back = (each["message"] for each in got)
    page = f"{SITE}/en/task/{key(LATE)}"
    assert "first message" in first
    assert "Closed: found mended: 1" in mended
    assert page in mended
    assert "Tasks reopened: 1" in back
    assert "24 November 2026" in mended
    assert page in back
    assert mended.count("/task/") == back.count("/task/") == 1
    assert key(BACK) not in mended + back


def test_the_page_says_what_the_message_says(folder):
    """What is wrong, the mend, the day it is due and its points stand in the message as on the task's page."""
    with webhook() as (address, got, _):
        settings(folder, f"providers: {{hk-hko: {{to: '{address}', severity: minor}}}}\n")
        tell(folder, NOW)
    shown = [line.rpartition("/")[2] for line in got[0]["message"].splitlines() if "/en/task/" in line]
    with closing(opened(folder / "catalog.db")) as connection:
        for each in shown:
            row = task(connection, Translator("en"), each, SITE).data["task"]
            for part in (row["sentence"], row["mend"], Translator("en").day(row["due"])):
                assert part.replace("://", ":// ")[:100] in got[0]["message"]


def test_no_title_does_more_than_be_read(folder):
    """Hostile titles reach mail and chat as one line each, escaped; they call and turn nothing, and leave the head."""
    with Database(folder / "harvest.db") as db:
        db.execute(
            "UPDATE provider SET title_en = ? WHERE slug = 'hk-x'",
            [
                "Parks\r\nBcc: all@example.org\r\n\r\n@everyone <!here> \u202e\u200b[go](https://evil.example)"
                + "x" * 500
            ],
        )
        db.conn.commit()
    published(folder, NOW)
    with mailbox() as (place, mails), webhook() as (address, got, _):
        settings(folder, f"providers: {{hk-x: {{severity: minor, to: ['{mailto(place)}', '{address}']}}}}\n")
        assert tell(folder, NOW).sent == 2
    (told, mail), (chat,) = mails[0], got
    assert mail["Bcc"] is None
    assert len([line for line in told if line.startswith("RCPT")]) == 1
    assert len(mail["Subject"]) <= 150
    text, page = (part.get_content() for part in mail.iter_parts())
    assert not {"script", "svg", "b"} & {tag for tag, _ in tags(page)}
    assert all(str(attributes["href"]).startswith(SITE) for tag, attributes in tags(page) if tag == "a")
    for each in (mail["Subject"], text, page, chat["title"], chat["message"]):
        assert not CONTROLS.search(each.replace("\r", ""))
    assert not set("@<>") & set(chat["title"] + chat["message"])
    assert "](" not in chat["message"]


def test_one_that_fails_holds_up_nobody_and_is_told_later(folder):
    """A webhook that answers 500 waits for its next try, twice as long each time; the other hears at once and once."""
    with webhook() as (bad, lost, statuses), webhook() as (good, got, _):
        statuses[:] = [500, 500, 200]
        settings(folder, f"providers: {{hk-hko: {{severity: minor, to: ['{bad}', '{good}']}}}}\n")
        told = tell(folder, NOW)
        assert (told.sent, told.failed) == (1, 1)
        assert "500" in told.notes[0]
        assert tell(folder, NOW + WAIT / 2).failed == 0
        assert tell(folder, NOW + WAIT).failed == 1
        assert tell(folder, NOW + 2 * WAIT).failed == 0
        assert "to be tried again" in memory.lines(folder / "harvest.db")[0]
        assert tell(folder, NOW + 3 * WAIT).sent == 1
    assert (len(lost), len(got)) == (1, 1)
    assert [each.replace(NAME.search(each)[0], "") for each in (lost[0]["message"], got[0]["message"])] == [
        NAME.sub("", got[0]["message"])] * 2  # fmt: skip


def test_one_told_of_many_providers_is_tried_once_and_not_for_each(folder):
    """A dead address behind every provider costs one try a run and waits as one; alive again, it is told of all."""
    settings(folder, "providers: {'*': {severity: minor, frequency: each-scan, to: 'json://127.0.0.1:9/'}}\n")
    tries: list[Any] = []
    for hours in (0, 0.5, 1, 2, 3):
        tell(folder, NOW + timedelta(hours=hours), send=lambda _, message: tries.append(message) or "down")
    assert len(tries) == 3
    assert since(folder / "harvest.db", folder / "notices.yml", lambda: NOW + timedelta(hours=4), {}) is None
    assert tell(folder, NOW + timedelta(hours=7), send=lambda *_: "").sent == 4


def test_a_dead_address_behind_many_providers_is_given_up_as_one(folder):
    """After so many failures in a row, whatever the providers, nothing more is tried on it."""
    settings(folder, "providers: {'*': {severity: minor, frequency: each-scan, to: 'json://127.0.0.1:9/'}}\n")
    tries: list[Any] = []
    told = [
        tell(folder, NOW + timedelta(days=2 * day), send=lambda _, message: tries.append(message) or "down")
        for day in range(TRIES + 5)
    ]
    assert (len(tries), sum(each.given_up for each in told)) == (TRIES, 1)


def test_one_that_always_fails_is_given_up_and_the_keeper_told(folder):
    """After so many tries nothing is sent there; the keeper hears of it once; a test that arrives begins anew."""
    with webhook() as (address, got, _), webhook() as (keeper, heard, _):
        settings(folder, f"keeper: {{to: '{keeper}'}}\nproviders: {{hk-hko: {{to: '{address}', severity: minor}}}}\n")

        def refuse(recipient: Recipient, message: Any) -> str:
            if recipient.address == keeper:
                heard.append({"message": message.texts[0]})
                return ""
            raise OSError("down")

        results = [tell(folder, NOW + timedelta(days=2 * n), send=refuse) for n in range(TRIES + 2)]
        assert [told.failed for told in results] == [1] * TRIES + [0, 0]
        assert sum(told.given_up for told in results) == 1
        assert len(heard) == 1
        assert "hk-hko" in heard[0]["message"]
        assert address not in heard[0]["message"]
        later = NOW + timedelta(days=60)
        files = (folder / "harvest.db", folder / "catalog.db", folder / "notices.yml")
        assert trial(*files, "hk-hko", lambda: later, environment=ENVIRONMENT).sent == 1
        assert tell(folder, later).sent == 1
    assert [each["title"].split(":")[0] for each in got] == ["Test message", "Hong Kong Observatory"]


def test_a_watch_knows_whose_hour_has_come(folder):
    """Nobody waits right after telling; a daily one from its hour on, one that failed from its next try on."""
    words = "hk-hko: {frequency: daily, hour: 9, severity: minor, to: 'json://127.0.0.1:9/'}"
    files = (folder / "harvest.db", settings(folder, f"providers: {{{words}}}\n"))
    assert since(*files, lambda: NOW, {}) is None
    tell(folder, NOW, send=lambda *_: "")
    assert since(*files, lambda: NOW + timedelta(hours=21), {}) is None
    assert since(*files, lambda: NOW + timedelta(hours=23), {}) == datetime(2026, 11, 24, 1, 0, tzinfo=UTC)
    tell(folder, NOW + timedelta(hours=23), send=lambda *_: "")
    assert since(*files, lambda: NOW + timedelta(hours=24), {}) is None
    answered(folder, NOW + timedelta(days=2), 1.0)
    tell(folder, NOW + timedelta(days=2), send=lambda *_: "refused")
    assert since(*files, lambda: NOW + timedelta(days=2, minutes=59), {}) is None
    assert since(*files, lambda: NOW + timedelta(days=2, hours=2), {}) == NOW + timedelta(days=2) + WAIT
    settings(folder, "providers: nobody\n")
    assert since(*files, lambda: NOW + timedelta(days=2, hours=2), {}) is None


def test_killed_after_sending_it_sends_the_same_message_once_more(folder):
    """At least once, by the same name: what arrived and was not written down comes again, and then no more."""
    settings(folder, "providers: {hk-hko: {to: 'json://127.0.0.1:9/', severity: minor}}\n")
    seen = []

    def killed(_recipient: Recipient, message: Any) -> str:
        seen.append(message)
        if len(seen) == 1:
            raise KeyboardInterrupt
        return ""

    with pytest.raises(KeyboardInterrupt):
        tell(folder, NOW, send=killed)
    tell(folder, NOW + WAIT, send=killed)
    tell(folder, NOW + 2 * WAIT, send=killed)
    assert len(seen) == 2
    assert seen[0] == seen[1]
    assert seen[0].digest in seen[0].texts[0]


def test_the_keeper_hears_of_runs_that_failed(folder):
    """A failed run of the last week is told once; an older one, and one that is done, are not."""
    with Database(folder / "harvest.db") as db:
        for moment in ("2026-11-22T18:30:00Z", "2026-10-01T18:30:00Z"):
            db["run"].insert({"kind": "check", "started": moment, "state": "failed", "code_version": "1"})
    with webhook() as (address, got, _):
        words = f"keeper: {{language: sc, to: '{address}'}}\nproviders: {{hk-hko: {{mute: true, to: '{address}'}}}}\n"
        settings(folder, words)
        assert tell(folder, NOW).sent == 1
        assert tell(folder, NOW + timedelta(days=1)).sent == 0
    assert "失败事项：1" in got[0]["message"]
    assert "2026年11月23日 02:30" in got[0]["message"]


def test_every_service_gets_what_it_takes(folder):
    """The longest edition that fits: a short one still counts everything and leads to all of it."""
    settings(folder, "providers: {hk-hko: {to: 'json://127.0.0.1:9/', severity: minor}}\n")
    got: list[Any] = []
    tell(folder, NOW, send=lambda _, message: got.append(message) or "")
    (message,) = got
    lengths = [len(text) for text in message.texts]
    assert lengths == sorted(lengths, reverse=True)
    assert message.texts[-1].count("/task/") == 0
    for address in ("discord://4174216298/JHMHI8qBe7bk2ZwO5U711o3dV_js", "workflows://h.example:443/w1/s1/"):
        made = service(address)
        text = fitting(made, message)
        assert len(text) <= made.body_maxlen
        assert f"{SITE}/en/worklist/hk-hko" in text
        assert "data＠example.org" in text


def test_a_rehearsal_prints_all_and_changes_nothing(folder, monkeypatch):
    """--dry-run prints each message word by word, sends none, writes nothing, and needs no lock on the workshop."""
    settings(folder, f"providers: {{'*': {{severity: minor, to: '{mailto('127.0.0.1:9')}'}}}}\n")
    monkeypatch.chdir(folder)
    monkeypatch.setenv("BAROMETER_ADDRESS", SITE)
    with workshop(folder / "harvest.db") as db:
        before = list(db.conn.iterdump())
        told = CliRunner().invoke(barometer, ["notify", "--dry-run"])
        assert list(db.conn.iterdump()) == before
    assert told.exit_code == 0
    assert told.stdout.count("Subject: ") == 4
    assert f"{SITE}/en/worklist/hk-td" in told.stdout
    assert "notify: 4 to be sent" in told.stdout


def test_only_what_stands_today_is_told(folder):
    """Open or mended as an answer says that stands; what is unknown today, or gone with its dataset, is neither."""
    unsure = ("hk-hko-tide", "", "contact")
    with closing(sqlite3.connect(folder / "catalog.db")) as db, db:
        db.execute(
            "INSERT INTO task SELECT ?, ?, ?, severity, points, opened, due, NULL, NULL, reason, evidence, ?"
            " FROM task WHERE key = ? ON CONFLICT DO UPDATE SET closed = NULL",
            [*unsure, key(unsure), key(LATE)],
        )
        db.execute("UPDATE answer SET value = NULL WHERE dataset = ? AND resource = ? AND criterion = ?", unsure)
    with closing(opened(folder / "catalog.db")) as connection:
        found = {each.key: each for slug in ("hk-hko", "hk-td") for each in standing(connection, slug)}
    assert found[key(unsure)].state is None
    assert found[key(GONE)].state is None
    assert (found[key(MENDED)].state, found[key(MENDED)].at) == ("mended", SECOND)
    assert (found[key(BACK)].state, found[key(BACK)].at, found[key(BACK)].again) == ("open", THIRD, True)
    assert (found[key(LATE)].state, found[key(LATE)].again) == ("open", False)


def test_a_renamed_provider_keeps_its_settings_and_is_not_told_anew(folder):
    """Settings under the old slug stand for the new one, and so does what was told under it."""
    settings(folder, "providers: {hk-hko: {frequency: each-scan, severity: minor, to: 'json://127.0.0.1:9/'}}\n")
    got: list[Any] = []
    tell(folder, NOW, send=lambda _, message: got.append(message) or "")
    with closing(sqlite3.connect(folder / "catalog.db")) as db, db:
        db.execute("PRAGMA foreign_keys = OFF")
        db.execute("UPDATE provider SET slug = 'hk-sky' WHERE slug = 'hk-hko'")
        db.execute("UPDATE dataset SET provider = 'hk-sky' WHERE provider = 'hk-hko'")
        db.execute("INSERT INTO provider_rename VALUES ('hk-hko', 'hk-sky', '2026-11-24T00:00:00Z', 'test')")
        db.execute("UPDATE meta SET value = '2026-11-24T03:00:00Z' WHERE key = 'built'")
    told = tell(folder, NOW + timedelta(days=1), send=lambda _, message: got.append(message) or "")
    assert (len(got), told.sent, told.notes) == (1, 0, ())


def test_what_is_missing_is_told_before_anything_is_sent(folder):
    """No address of the site, no such provider, nobody told of it: one sentence that says what to write."""
    path = settings(
        folder, "providers: {hk-hko: {to: 'json://127.0.0.1:9/'}, hk-nobody: {to: 'json://127.0.0.1:9/'}}\n"
    )
    files = (folder / "harvest.db", folder / "catalog.db", path, lambda: NOW)
    with pytest.raises(SettingsError, match="set BAROMETER_ADDRESS=https://"):
        notify(*files, environment={})
    with pytest.raises(SettingsError, match="Nobody is told of hk-td"):
        trial(*files[:3], "hk-td", files[3], environment=ENVIRONMENT)
    told = notify(*files, send=lambda *_: "", environment=ENVIRONMENT)
    assert "line 2: no provider hk-nobody" in told.notes[0]
    assert rehearse(*files, environment=ENVIRONMENT).sent == 0


def test_the_example_of_the_documentation_is_right(tmp_path):
    """What docs/notices.md shows can be used as it stands."""
    page = (Path(__file__).parents[1] / "docs" / "notices.md").read_text(encoding="utf-8")
    example = page.partition("```yaml\n")[2].partition("```")[0]
    assert example
    (tmp_path / "notices.yml").write_text(example, encoding="utf-8")
    teams = "https://h.example:443/workflows/w/triggers/manual/paths/invoke?sig=s"
    told = load(tmp_path / "notices.yml", {"MAIL_PASSWORD": "x", "TEAMS": teams})
    assert len(told.providers) >= 2
    assert told.keeper
