"""Three whole stories: an officer is told, mends and is believed; an advocate follows; a researcher recomputes."""

import asyncio
import csv
import io
import json
import sqlite3
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from xml.etree import ElementTree as ET

import httpx
import pytest
from click.testing import CliRunner

from harvester.cli import barometer
from harvester.clock import system_clock
from harvester.watch_jobs import Jobs
from harvester.watch_settings import Settings, shipped
from publish.checksum import unsound
from publish.desk.serve import application
from publish.desk.store import Desk
from tests.browser import ROOT
from tests.desk_fixture import HASH
from tests.served import serving
from tests.test_desk import Visitor
from tests.test_notices_sent import webhook
from tests.test_recheck import GOOD, WHOLE, Town, _few_draws
from tests.test_site import get, served

__all__ = ["_few_draws"]
SITE = "https://barometer.example"
PROVIDER = "hk-hko"
ATOM = "{http://www.w3.org/2005/Atom}"


class Story:
    """A town whose scans are published, watched over and told of; begins six hours ago, so that the desk is on time."""

    def __init__(self, folder: Path, loopback) -> None:
        self.town = Town(folder, loopback)
        self.town.now = datetime.now(UTC).replace(microsecond=0) - timedelta(hours=6)
        self.catalog, self.notices, self.officers = (
            folder / "catalog.db",
            folder / "notices.yml",
            folder / "officers.yml",
        )
        self.settings: Settings = shipped()
        self.town.scan()
        self.do("publish")

    def do(self, job: str):
        """Let the watch do one of its jobs now."""
        with self.town.open():
            jobs = Jobs(self.town.place, self.catalog, (), self.notices if self.notices.exists() else None)
            return jobs.do(job, self.settings)  # type: ignore[arg-type]

    def behind(self) -> bool:
        """Return whether the watch sees something to publish."""
        return Jobs(self.town.place, self.catalog, ()).wanted("publish", self.settings) is not None

    def rows(self, sql: str, *values: object):
        """Ask the published catalogue."""
        with closing(sqlite3.connect(self.catalog)) as connection:
            return connection.execute(sql, values).fetchall()

    def point(self, kind: str, subject: str) -> float:
        """Return a standing score of the leading profile, as published."""
        sql = """SELECT point FROM score WHERE subject_type = ? AND subject = ? AND profile = 'gdb-checklist'
                 AND pillar = '' AND until IS NULL"""
        return self.rows(sql, kind, subject)[0][0]

    def mend(self) -> None:
        """Put the file back, and the table right, at the department's server."""
        self.town.server.on("one.test", "/dead.csv", GOOD)
        self.town.server.on("one.test", "/file.csv", WHOLE)


@pytest.fixture
def story(tmp_path, server, monkeypatch):
    monkeypatch.setenv("BAROMETER_ADDRESS", SITE)
    return Story(tmp_path, server)


def test_an_officer_is_told_once_mends_is_looked_at_and_sees_it_closed(story):
    """One message for all that is wrong; "mended" at the desk; the watch looks; task closed, score up, told so once."""
    (key,) = story.rows("SELECT key FROM task WHERE dataset = 'a' AND resource = 'a0' AND criterion = 'online'")[0]
    before = {each: story.point(*each) for each in (("dataset", "a"), ("provider", PROVIDER))}
    story.officers.write_text(f'officers:\n  chan: {{password: "{HASH}", providers: [{PROVIDER}]}}\n', encoding="utf-8")
    with webhook() as (address, got, _), asyncio.Runner() as loop:
        told = f"contact: data@example.org\nproviders:\n  {PROVIDER}: {{to: [{address}], frequency: each-scan}}\n"
        story.notices.write_text(told, encoding="utf-8")
        assert [story.do("notices").counts["sent"] for _ in range(2)] == [1, 0]
        assert f"{SITE}/en/task/{key}" in got[0]["message"]

        desk = Desk(story.catalog, story.town.db.with_name("officers.db"), story.officers, system_clock)
        officer = Visitor(application(desk, ROOT / "metadata.yml", "a secret of the tests"), loop)
        officer.sign_in("chan")
        story.mend()
        assert not story.behind()
        assert officer.answer(key, kind="mended", reason="").status_code == 303
        assert story.behind()
        assert "waits" in officer.ask(f"/en/desk/task/{key}").text

        story.town.now = datetime.now(UTC).replace(microsecond=0)
        assert story.do("asked").counts == {"datasets": 1}
        assert "Points regained" in officer.ask(f"/en/desk/task/{key}").text
        story.do("publish")
        assert story.rows("SELECT closed IS NOT NULL FROM task WHERE key = ?", key) == [(1,)]
        assert {each: story.point(*each) > point for each, point in before.items()} == dict.fromkeys(before, True)
        assert story.rows("SELECT state FROM reply WHERE task = ?", key) == [("confirmed",)]
        assert [story.do("notices").counts["sent"] for _ in range(2)] == [1, 0]
    assert len(got) == 2
    assert "found mended" in got[1]["message"]
    assert key in got[1]["message"]


def entries(feed: str) -> dict[str, str]:
    """Return the titles of a feed's entries by their ids."""
    found = ET.fromstring(feed).iter(f"{ATOM}entry")  # noqa: S314 - our own
    return {each.findtext(f"{ATOM}id") or "": each.findtext(f"{ATOM}title") or "" for each in found}


def test_an_advocate_follows_a_link_that_dies_and_comes_back(story):
    """The feeds of one address, scan after scan: what was there stays by its id; a mend and a move come."""
    seen = []
    for turn in range(3):
        if turn == 1:
            story.mend()
            story.town.now += timedelta(hours=2)
            story.do("links")
        if turn == 2:  # a second good visit confirms the first
            story.town.now += timedelta(hours=2)
            story.do("links")
        story.do("publish")
        site = served(story.catalog)
        seen.append({name: entries(get(site, f"/en/{name}.atom")[0].text) for name in ("down", "changes")})
        home = get(site, "/en/")[0].text
        assert "/en/down.atom" in home
        assert "/en/changes.atom" in home
    first, last = seen[0]["down"], seen[2]["down"]
    assert first
    assert first.items() <= last.items()
    came = [title for name, title in last.items() if name not in first]
    assert [title for title in came if title.startswith("Works again")], came
    assert seen[0]["changes"].items() <= seen[2]["changes"].items()
    assert len(seen[2]["changes"]) > len(seen[0]["changes"])


def test_a_researcher_takes_the_file_and_makes_the_same_numbers(story, tmp_path):
    """The published file, taken by its address, has the sum it says, and gives every score again to the last digit."""
    taken = tmp_path / "taken" / "hk.db"
    taken.parent.mkdir()
    with serving(story.catalog) as site:
        answer = httpx.get(f"{site.address}/catalog.db")
        taken.write_bytes(answer.raise_for_status().content)
    assert taken.read_bytes() == story.catalog.read_bytes()
    with closing(sqlite3.connect(f"file:{taken}?mode=ro", uri=True)) as connection:
        assert next(unsound(connection), None) is None
    again = CliRunner().invoke(barometer, ["score", "--from", str(taken), "--json"])
    assert again.exit_code == 0, again.output
    told = json.loads(again.stdout.splitlines()[-1])
    assert told
    own = tmp_path / "mine.yml"
    shipped_text = (ROOT / "scoring" / "rubrics" / "gdb-checklist.yml").read_text(encoding="utf-8")
    own.write_text(shipped_text.replace("profile: gdb-checklist", "profile: mine"), encoding="utf-8")
    mine = CliRunner().invoke(barometer, ["score", "--from", str(taken), "--rubric", str(own), "--csv"])
    assert mine.exit_code in (0, 1), mine.output
    rows = csv.DictReader(io.StringIO(mine.stdout))
    points = {(row["subject_type"], row["subject"]): row["point"] for row in rows if not row["pillar"]}
    assert float(points["dataset", "a"]) == story.point("dataset", "a")
    assert float(points["provider", PROVIDER]) == story.point("provider", PROVIDER)
    chain = CliRunner().invoke(barometer, ["explain", "a", "online", "--resource", "a0", "--catalog", str(taken)])
    assert chain.exit_code == 0, chain.output
    assert "404" in chain.output
