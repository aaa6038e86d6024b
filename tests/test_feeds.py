"""Feeds, calendars and the addresses in them: readable by any program, the same tomorrow, harmless whatever is told."""

import html
from datetime import date, datetime, timedelta
from html.parser import HTMLParser
from pathlib import Path
from types import SimpleNamespace
from uuid import UUID

import pytest
from datasette.app import Datasette
from defusedxml import ElementTree
from hypothesis import given, settings
from hypothesis import strategies as st
from icalendar import Calendar

from harvester.clock import HONG_KONG
from harvester.records import LANGUAGES
from publish.answering import site_address
from publish.feeds import MANY, MOST, Entry, Feed, Happening, as_atom, heaped
from publish.i18n import Translator
from publish.safe import CONTROLS
from tests.test_site import get, served
from tests.worklist_fixture import BACK, FIRST, GONE, MENDED, SECOND, THIRD, catalogue, key

ATOM = "{http://www.w3.org/2005/Atom}"
CALM = {"max_examples": 40, "deadline": None}
FEEDS = ("/en/worklist/hk-hko.atom", "/tc/worklist/hk-x.atom", "/sc/down.atom", "/en/changes.atom")


@pytest.fixture(scope="module")
def folder(tmp_path_factory) -> Path:
    return catalogue(tmp_path_factory.mktemp("feeds")).parent


@pytest.fixture(scope="module")
def site(folder):
    return served(folder / "catalog.db")


def entries(text):
    return ElementTree.fromstring(text.encode()).findall(f"{ATOM}entry")


def titles(site, address):
    return [entry.findtext(f"{ATOM}title") for entry in entries(get(site, address)[0].text)]


def test_every_feed_is_atom_as_its_standard_has_it(site):
    """RFC 4287: each has id, title, author, time and ways to itself and its page; each entry id, title, link, time."""
    for address, answer in zip(FEEDS, get(site, *FEEDS), strict=True):
        assert answer.headers["content-type"] == "application/atom+xml; charset=utf-8"
        root = ElementTree.fromstring(answer.content)
        links = {link.get("rel"): link.get("href") for link in root.findall(f"{ATOM}link")}
        assert links["self"] == f"http://localhost{address}"
        assert get(site, links["alternate"].removeprefix("http://localhost"))[0].status_code == 200
        assert root.get("{http://www.w3.org/XML/1998/namespace}lang").startswith(("en", "zh-Han"))
        assert root.findtext(f"{ATOM}author/{ATOM}name")
        found = root.findall(f"{ATOM}entry")
        assert found
        ids = [UUID(entry.findtext(f"{ATOM}id").removeprefix("urn:uuid:")) for entry in [root, *found]]
        assert len(set(ids)) == len(ids)
        times = [datetime.fromisoformat(entry.findtext(f"{ATOM}updated")) for entry in found]
        assert times == sorted(times, reverse=True)
        assert root.findtext(f"{ATOM}updated") == found[0].findtext(f"{ATOM}updated")
        assert all(entry.findtext(f"{ATOM}title") for entry in found)
        places = {entry.find(f"{ATOM}link").get("href") for entry in found}
        assert all(place.startswith("http://localhost/") for place in places)
        answers = get(site, *(place.removeprefix("http://localhost").partition("#")[0] for place in places))
        assert {one.status_code for one in answers} == {200}


def test_an_entry_keeps_its_name_wherever_and_whenever_it_is_told(site, tmp_path_factory):
    """Published anew, served at another host, the ids are the same; another language's are its own."""
    again = served(catalogue(tmp_path_factory.mktemp("again")))
    for address in FEEDS:
        here = get(site, address)[0].text
        there = get(again, address, headers={"host": "barometer.example:8443"})[0].text
        assert "https://barometer.example:8443" not in there
        assert "http://barometer.example:8443/" in there
        ids = [entry.findtext(f"{ATOM}id") for entry in entries(here)]
        assert ids == [entry.findtext(f"{ATOM}id") for entry in entries(there)]
        other = address.replace(address[:3], "/en" if address[1:3] != "en" else "/tc")
        assert not set(ids) & {entry.findtext(f"{ATOM}id") for entry in entries(get(site, other)[0].text)}


def test_a_providers_feed_tells_what_opened_closed_and_reopened(site):
    """Each turn of a task is an entry of its own, at its own time, and leads to the task's one address."""
    found = {
        (entry.find(f"{ATOM}link").get("href").rpartition("/")[2], entry.findtext(f"{ATOM}published")[:19] + "Z"):
        entry.findtext(f"{ATOM}title").partition(": ")[0]
        for entry in entries(get(site, "/en/worklist/hk-hko.atom")[0].text)
    }  # fmt: skip
    assert found[key(MENDED), FIRST] == "Opened"
    assert found[key(MENDED), SECOND] == "Closed"
    assert [found[key(BACK), day] for day in (FIRST, SECOND, THIRD)] == ["Opened", "Closed", "Reopened"]
    gone = [title for title in titles(site, "/en/worklist/hk-td.atom?criterion=contact") if "Road signs" in title]
    assert gone == ["Closed: no longer in the catalogue: Contact: Road signs", "Opened: Contact: Road signs"]
    assert key(GONE) in get(site, "/en/worklist/hk-td.atom")[0].text


def test_a_filtered_feed_tells_of_those_tasks_only(site):
    """Filters hold for feeds as for the list, closed tasks among them but where something must be due."""
    everything = titles(site, "/en/worklist/hk-hko.atom")
    contact = titles(site, "/en/worklist/hk-hko.atom?criterion=contact")
    assert contact == [title for title in everything if ": Contact: " in title]
    assert any(title.startswith("Closed") for title in contact)
    due = titles(site, "/en/worklist/hk-hko.atom?due=overdue")
    assert due == ["Opened: Completeness of the record: Ultraviolet index"]
    assert titles(site, "/en/worklist/hk-hko.atom?text=forecast") == [t for t in everything if "forecast" in t]


def test_the_portals_feeds_tell_failures_mends_comings_goings_and_moves(site):
    """A score is told that moved by 5 points under one rubric with enough known, and no other."""
    changes = titles(site, "/en/changes.atom")
    assert [title for title in changes if title.startswith("Score")] == ["Score rose: Tide times"]
    assert "Dataset withdrawn: Road signs" in changes
    assert "New dataset: Ferry timetable" in changes
    down = titles(site, "/en/down.atom")
    assert {title.partition(":")[0] for title in down} <= {"Stopped working", "Works again"}
    listed = get(site, "/en/down.json")[0].json()["down"]
    assert len([title for title in down if title.startswith("Stopped")]) >= len({row["url"] for row in listed}) > 0


def happening(kind, day, number):
    return Happening(kind, f"2026-11-{day:02}T00:00:{number % 60:02}Z", (str(number),), f"2026-11-{day:02}")


@settings(**CALM)
@given(st.lists(st.tuples(st.sampled_from("ab"), st.integers(1, 3), st.integers(0, 99)), max_size=120, unique=True))
def test_what_comes_in_heaps_is_one_entry_and_nothing_else_is_lost(given_ones):
    """Newest first; a heap holds all of its kind and time, and is of many; what is not many stands alone."""
    found = [happening(*one) for one in given_ones]
    groups = heaped(found)
    firsts = [group[0].at for group in groups]
    assert firsts == sorted(firsts, reverse=True)
    assert all(len(group) == 1 or len(group) >= MANY for group in groups)
    told = [one for group in groups for one in group]
    assert len(told) == len(set(told))
    assert len(groups) <= MOST
    assert set(told) == set(found)
    assert heaped(reversed(found)) == groups


nasty = st.text(st.characters(), max_size=60)


class Tags(HTMLParser):
    """The elements of a piece of HTML, and its text."""

    def __init__(self, text):
        super().__init__()
        self.tags, self.text = [], ""
        self.feed(text)
        self.close()

    def handle_starttag(self, tag, _attrs):
        """Keep the element's name."""
        self.tags.append(tag)

    def handle_data(self, data):
        """Keep the text."""
        self.text += data


@settings(**CALM)
@given(nasty, st.lists(nasty, max_size=3), st.sampled_from(LANGUAGES))
def test_any_text_makes_a_sound_feed_in_which_it_is_only_text(title, lines, language):
    """NULs, lone surrogates, code points XML has not, markup: the feed parses and holds only our paragraphs."""
    entry = Entry("x", FIRST, title, ["<script>alert(1)</script>", *lines], "http://localhost/")
    text = as_atom(Feed("f", title, "http://localhost/", "http://localhost/f", SECOND, [entry]), Translator(language))
    root = ElementTree.fromstring(text.encode())
    summary = root.findtext(f"{ATOM}entry/{ATOM}summary")
    assert set(Tags(summary).tags) == {"p"}
    assert "<script>alert(1)</script>" in Tags(summary).text
    assert not CONTROLS.search(text.replace("\n", ""))
    plain = "".join(letter for letter in title if letter.isalnum())
    assert plain in "".join(letter for letter in root.findtext(f"{ATOM}title") if letter.isalnum())
    assert html.unescape(summary).count("<p>") == 1 + sum(bool(line) for line in lines)


def test_the_feed_of_a_hostile_provider_holds_no_markup_and_no_endless_title(site):
    """Script, formula, 10,000 characters and direction marks in titles come out as short plain text."""
    text = get(site, "/en/worklist/hk-x.atom")[0].text
    assert not CONTROLS.search(text.replace("\n", ""))
    assert len(text) < 200_000
    for entry in entries(text):
        assert len(entry.findtext(f"{ATOM}title")) <= 200
        summary = entry.findtext(f"{ATOM}summary")
        assert set(Tags(summary).tags) <= {"p"}
    assert any("<script>" in entry.findtext(f"{ATOM}title") for entry in entries(text))


def test_a_feed_in_which_nothing_happened_is_still_a_feed(site):
    """Its moment is when the catalogue was made, not when it was asked for."""
    root = ElementTree.fromstring(get(site, "/en/worklist/hk-hko.atom?text=nowhere-at-all")[0].content)
    assert root.findall(f"{ATOM}entry") == []
    assert root.findtext(f"{ATOM}updated") == "2026-11-23T00:00:00+00:00"


def test_the_calendar_has_each_task_on_its_due_day_in_hong_kong(site):
    """One event a criterion and day, all day long, with the tasks' own addresses; the same UIDs tomorrow."""
    body, rows = get(site, "/en/worklist/hk-hko.ics", "/en/worklist/hk-hko.json")
    assert body.headers["content-type"] == "text/calendar; charset=utf-8"
    made = Calendar.from_ical(body.content)
    found = {
        (event["dtstart"].dt, event["summary"].partition(": ")[2].partition(": ")[0]): event for event in made.events
    }
    wanted = {}
    for task in rows.json()["tasks"]:
        day = datetime.fromisoformat(task["due"]).astimezone(HONG_KONG).date()
        wanted.setdefault((day, task["criterion_title"]), []).append(task)
    assert set(found) == set(wanted)
    for at, tasks in wanted.items():
        event = found[at]
        assert type(event["dtstart"].dt) is date
        assert event["transp"] == "TRANSPARENT"
        assert event["dtstamp"].dt.utcoffset() == timedelta(0)
        assert all(f"http://localhost/en/task/{task['key']}" in event["description"] for task in tasks[:20])
        assert event["url"].startswith("http://localhost/en/")
    again = Calendar.from_ical(get(site, "/en/worklist/hk-hko.ics", headers={"host": "other.example"})[0].content)
    uids = [event["uid"] for event in made.events]
    assert len(set(uids)) == len(uids)
    assert [event["uid"] for event in again.events] == uids
    overdue = Calendar.from_ical(get(site, "/en/worklist/hk-hko.ics?due=overdue")[0].content)
    assert [event["dtstart"].dt for event in overdue.events] == [date(2026, 11, 18)]


def test_a_hostile_calendar_is_folded_and_escaped(site):
    """No line over 75 octets, none that a title could have begun, no control character; it parses in each language."""
    for language in LANGUAGES:
        body = get(site, f"/{language}/worklist/hk-x.ics")[0].content
        lines = body.split(b"\r\n")
        assert max(map(len, lines)) <= 75
        assert not CONTROLS.search(body.decode().replace("\r\n", ""))
        names = {line.partition(b":")[0].partition(b";")[0] for line in lines if line and not line.startswith(b" ")}
        assert names == {b"BEGIN", b"END", b"VERSION", b"PRODID", b"X-WR-CALNAME", b"SUMMARY", b"DESCRIPTION", b"UID",
                         b"DTSTAMP", b"DTSTART", b"URL", b"CATEGORIES", b"TRANSP"}  # fmt: skip
        made = Calendar.from_ical(body)
        text = "\n".join(event["description"] for event in made.events)
        assert "<script>alert(" in text
        assert "長長" in text or "無無" in text


def asked(host, scheme="http", address=None, force=False):
    datasette = SimpleNamespace(plugin_config=lambda _name: {"address": address}, setting=lambda _name: force)
    return site_address(SimpleNamespace(headers={"host": host}, scheme=scheme), datasette)


def test_absolute_addresses_begin_with_the_setting_or_a_plain_host():
    """The setting wins; a host is repeated only where it is a name or address, perhaps with a port."""
    assert asked("evil.example", address="https://barometer.example/") == "https://barometer.example"
    assert asked("barometer.example", address="javascript:alert(1)") == "http://barometer.example"
    assert asked("127.0.0.1:8001") == "http://127.0.0.1:8001"
    assert asked("[::1]:80", scheme="https") == "https://[::1]:80"
    assert asked("barometer.example", force=True) == "https://barometer.example"
    for host in ("", "a b", "a/b", "user@a", "a\r\nX: y", "<script>", "a:port", "a#b", "a?b", "-a", "a" * 300, "é.hk"):
        assert asked(host) == "", host


def test_metadata_yml_may_say_where_the_site_stands(folder):
    """With ``plugins: barometer: address:`` feeds, calendars and workbooks begin with it, whatever host was asked."""
    told = {"plugins": {"barometer": {"address": "https://barometer.example/"}}}
    standing = Datasette(files=[], immutables=[str(folder / "catalog.db")], metadata=told)
    for answer in get(standing, *FEEDS, "/en/worklist/hk-hko.ics", "/en/worklist/hk-hko.csv"):
        assert "https://barometer.example/" in answer.text
        assert "localhost" not in answer.text


def test_a_host_that_is_none_gets_no_feed(site):
    """Feeds and calendars need absolute addresses, so such a request is refused; the page itself is given."""
    for place, status in (("/en/worklist/hk-hko.atom", 400), ("/en/worklist/hk-hko.ics", 400), ("/en/down.atom", 400),
                          ("/en/worklist/hk-hko", 200)):  # fmt: skip
        answer = get(site, place, headers={"host": 'x"><script>'})[0]
        assert answer.status_code == status
        assert 'x"><script>' not in answer.text
