"""Three people's ways through the site in a real browser: an advocate's, a data officer's and a researcher's.

Each goes by what the page says in their language, and is held to what they came for. What it looked like is kept in
build/pictures. Telephones run no script here, desktops do.
"""

import csv
import hashlib
import io
import re
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing

import openpyxl
import pytest
import yaml
from playwright.sync_api import Page

from publish.i18n import TAGS, Translator
from publish.names import CRITERIA
from publish.render import style
from tests.browser import DESKTOP, NEEDED, PHONE, PICTURES, ROOT, follow, shot, tab
from tests.test_accessible import kinds

pytestmark = [*NEEDED, pytest.mark.slow]
LOCALES = {"en": "en-HK", "tc": "zh-HK", "sc": "zh-CN"}
SIZES = {"desktop": DESKTOP, "phone": PHONE}
WAYS = [("en", "desktop"), ("en", "phone"), ("tc", "phone"), ("sc", "desktop")]
"""Each language, each width with every kind of letters and of scripts; English, which most of them read, in both."""
OFFICE = "hk-td"
MOST_REQUESTS, MOST_BYTES = 5, 200_000
SLOW = {"offline": False, "latency": 150, "downloadThroughput": 200_000, "uploadThroughput": 90_000}
"""A telephone on a poor line: 150 ms and 1.6 Mbit/s."""

READ_DOWN = style().replace(b"content-visibility: auto", b"content-visibility: visible")
"""Our style as for somebody who has read a page to its end: a phone lays out no part before one comes to it, and a
browser tells no text of a part that is not laid out."""


class Visitor:
    """Somebody with a browser and a language, who leaves a trail of pictures."""

    def __init__(self, page: Page, name: str, language: str) -> None:
        self.page, self.name, self.tr, self.seen = page, name, Translator(language), 0

    def follow(self, words: str, within: str = "body") -> None:
        """Follow the first link that reads so, in the visitor's language."""
        follow(self.page.locator(within).get_by_role("link", name=self.tr(words), exact=True).first)

    def part(self, heading: str):
        """Return the part of the page under this heading, in the visitor's language."""
        return self.page.locator("section", has=self.page.get_by_role("heading", name=self.tr(heading), exact=True))

    def look(self, step: str) -> None:
        """Keep a picture of this step."""
        self.seen += 1
        shot(self.page, f"{self.name}-{self.seen}-{step}")

    def fetch(self, address: str) -> bytes:
        """Return what an address on this page holds."""
        base = self.page.url
        answer = self.page.request.get(address if "://" in address else "/".join(base.split("/")[:3]) + address)
        assert answer.ok, address
        return answer.body()


@pytest.fixture(scope="module")
def known(scan) -> Iterator[sqlite3.Connection]:
    """The published file, to hold the pages against."""
    with closing(sqlite3.connect(scan.folder / "catalog.db")) as db:
        db.row_factory = sqlite3.Row
        yield db


@pytest.fixture
def visitor(request, chromium, language, size) -> Iterator[Visitor]:
    person = request.node.name.split("_")[1]
    options = {"locale": LOCALES[language], "java_script_enabled": size == "desktop"}
    with tab(chromium, SIZES[size], **options) as page:
        page.route("**/style.css*", lambda route: route.fulfill(body=READ_DOWN, content_type="text/css"))
        yield Visitor(page, f"{person}-{language}-{size}", language)


def score_of(db: sqlite3.Connection, kind: str, subject: str) -> float:
    return db.execute(
        "SELECT point FROM score WHERE subject_type = ? AND profile = 'gdb-checklist' AND pillar = '' AND until IS NULL"
        " AND (subject = ? OR ? = 'portal')", [kind, subject, kind]
    ).fetchone()[0]  # fmt: skip


def numbers(visitor: Visitor, text: str) -> list[dict[str, str]]:
    """Return the rows of the CSV whose link reads so."""
    name = re.compile(r"CSV\s*" + re.escape(visitor.tr(": ").strip()) + r"\s*" + re.escape(visitor.tr(text)))
    address = visitor.page.get_by_role("link", name=name).first.get_attribute("href")
    return list(csv.DictReader(io.StringIO(visitor.fetch(address or "").decode("utf-8-sig"))))


@pytest.mark.parametrize(("language", "size"), WAYS)
def test_advocate_finds_a_figure_its_evidence_and_what_may_be_quoted(sample_site, known, visitor, language, size):
    """From the front door to the score, the worst provider, one answer's visit, a chart's CSV and the references."""
    page, tr = visitor.page, visitor.tr
    page.goto(sample_site)
    assert page.url == f"{sample_site}/{language}/"
    figure = page.locator("main").get_by_text(tr.number(score_of(known, "portal", ""), 1), exact=True).first
    box = figure.bounding_box()
    assert box["y"] + box["height"] <= SIZES[size]["height"]
    visitor.look("home")

    assert tr("What takes most points away") in page.locator("main").inner_text()
    parts = numbers(visitor, "What the score is made of")
    shown = visitor.part("What the score is made of").first
    shown.get_by_text(tr("The same as a table, with every other criterion")).click()
    told = shown.inner_text()
    free = next(row for row in parts if "free" in row["criterion"].lower() or row["criterion"] == "free")
    assert tr.percent(float(free["mean"])) in told
    visitor.look("why")

    table = page.get_by_role("region", name=tr("Ranked providers"))
    if not table.is_visible():
        page.get_by_text(tr("Ranked providers as a table: {number}").partition("{")[0]).click()
    worst = known.execute(
        "SELECT p.* FROM provider AS p JOIN provider_summary AS s ON s.provider = p.slug"
        " WHERE s.rank IS NOT NULL ORDER BY s.point, p.slug LIMIT 1"
    ).fetchone()  # fmt: skip
    follow(table.get_by_role("row").last.get_by_role("link"))
    assert page.url == f"{sample_site}/{language}/provider/{worst['slug']}"
    assert page.locator("h1").inner_text() == worst[f"title_{language}"]
    assert tr.number(score_of(known, "provider", worst["slug"]), 1) in page.locator("main").inner_text()
    visitor.look("provider")

    datasets = page.get_by_role("region", name=tr("Lowest score first"))
    title = datasets.get_by_role("link").first.inner_text()
    follow(datasets.get_by_role("link").first)
    assert page.locator("h1").inner_text() == title
    dataset = page.url.rpartition("/")[2]
    assert tr.number(score_of(known, "dataset", dataset), 1) in page.locator("main").inner_text()
    missed = visitor.part("Answers and evidence").get_by_role("row").filter(has_text="✕").first
    assert tr("No") in missed.inner_text()
    visitor.look("dataset")

    visit = missed.get_by_role("link", name=tr("Visit {number}").partition("{")[0]).first
    number = visit.get_attribute("href").rpartition("/")[2]
    follow(visit)
    asked = "SELECT v.started, u.url FROM visit v JOIN url u ON u.id = v.url WHERE v.id = ?"
    seen = known.execute(asked, [number]).fetchone()
    assert seen["started"] in page.locator("main").inner_text()
    assert seen["url"] in page.locator("main").inner_text()
    visitor.look("visit")

    page.goto(f"{sample_site}/{language}/")
    visitor.follow("Published figures", "header")
    words = page.locator("main").inner_text()
    assert tr("GDB-style, unofficial") in words
    assert tr("Three layers, never mixed: what our visits measured, what people answered with a public source, and what others have published. No figure here is an earlier value of another, so no trend can be read from them.") in words  # fmt: skip  # noqa: E501
    assert "GDB score" not in words
    visitor.look("references")


@pytest.mark.parametrize(("language", "size"), WAYS)
@pytest.mark.usefixtures("size")
def test_officer_finds_the_tasks_how_to_mend_them_and_takes_them_along(sample_site, known, visitor, language):
    """Two clicks from home to the own worklist; from there the severe ones, one task, and files, calendar and feed."""
    page, tr = visitor.page, visitor.tr
    mine = known.execute("SELECT * FROM provider WHERE slug = ?", [OFFICE]).fetchone()
    open_tasks = known.execute(
        "SELECT t.severity, count(*) AS n FROM task t JOIN dataset d ON d.name = t.dataset"
        " WHERE d.provider = ? AND t.closed IS NULL GROUP BY 1", [OFFICE]
    ).fetchall()  # fmt: skip
    number = {row["severity"]: row["n"] for row in open_tasks}
    page.goto(f"{sample_site}/{language}/")
    visitor.follow("Worklists", "header")
    visitor.look("worklists")
    follow(page.get_by_role("link", name=mine[f"title_{language}"]).first)
    assert page.url == f"{sample_site}/{language}/worklist/{OFFICE}"
    everything = sum(number.values())
    assert tr("{number} of {all} tasks.", number=everything, all=everything) in page.locator("main").inner_text()
    visitor.look("worklist")

    page.get_by_label(tr("Severity")).select_option("3")
    follow(page.get_by_role("button", name=tr("Show"), exact=True))
    assert tr("{number} of {all} tasks.", number=number[3], all=everything) in page.locator("main").inner_text()
    visitor.look("serious")
    files = {
        kind: page.locator(f"main a[href*='.{kind}?']").first.get_attribute("href")
        for kind in ("xlsx", "csv", "ics", "atom")
    }
    book = openpyxl.load_workbook(io.BytesIO(visitor.fetch(files["xlsx"])), read_only=True)
    rows = list(csv.DictReader(io.StringIO(visitor.fetch(files["csv"]).decode("utf-8-sig"))))
    assert len(rows) == number[3] == len(list(book.worksheets[0].iter_rows(values_only=True))) - 1
    calendar = visitor.fetch(files["ics"]).decode()
    assert calendar.startswith("BEGIN:VCALENDAR")
    assert f"LANGUAGE={TAGS[language]}" in calendar
    assert "<feed" in visitor.fetch(files["atom"]).decode()

    row = next(one for one in rows if one["example"] and one["mend"])
    page.goto(row["task"])
    words = page.locator("main").inner_text()
    for told in (row["sentence"], row["mend"], row["title"], row["resource_title"], tr(CRITERIA["machine_readable"])):
        assert told in words
    assert row["example"].splitlines()[0] in words
    visitor.look("task")
    page.emulate_media(media="print")
    assert not page.locator(".site-head").is_visible()
    assert page.locator("main").get_by_text(row["task"]).is_visible()
    visitor.look("print")


def weights_shown(page: Page) -> dict[str, float]:
    """Return the weights the method page tells of the leading profile, a criterion's name to its weight."""
    section = page.locator("#profile-gdb-checklist")
    rows = section.get_by_role("row").all()[1:]
    told = {row.get_by_role("link").first.get_attribute("href")[1:]: row.get_by_role("cell").nth(1).inner_text()
            for row in rows if row.get_by_role("link").count()}  # fmt: skip
    return {name: float(text) for name, text in told.items()}


@pytest.mark.parametrize(("language", "size"), WAYS)
def test_researcher_checks_the_weights_the_file_and_a_difference(sample_site, known, visitor, language, size, tmp_path):
    """The weights are the rubric’s; the file has the sum it is told to have, and gives its scores; a pair compares."""
    page, tr = visitor.page, visitor.tr
    page.goto(f"{sample_site}/{language}/")
    visitor.follow("Method", "header")
    rubric = yaml.safe_load((ROOT / "scoring" / "rubrics" / "gdb-checklist.yml").read_text(encoding="utf-8"))
    assert weights_shown(page) == {one["criterion"]: float(one["weight"]) for one in rubric["items"]}
    agreement = visitor.part("Do the profiles agree?").inner_text()
    for title in ("five-star", "mqa-405"):
        text = known.execute(
            "SELECT text FROM profile AS p JOIN rubric AS r ON r.digest = p.rubric WHERE p.id = ?", [title]
        )
        assert yaml.safe_load(text.fetchone()[0])["title"][language] in agreement
    visitor.look("method")

    visitor.follow("Data", "header")
    sum_told = page.locator("main dd code").first.inner_text()
    visitor.look("data")
    if size == "desktop":
        with page.expect_download() as coming:
            page.locator("main a.button").first.click()
        taken = tmp_path / "catalog.db"
        coming.value.save_as(taken)
        assert hashlib.sha256(taken.read_bytes()).hexdigest() == sum_told
        if language == "en":
            assert "barometer score --from catalog.db" in page.locator("main").inner_text()
            again = subprocess.run(
                [sys.executable, "-m", "harvester", "score", "--from", taken.name],
                cwd=tmp_path, capture_output=True, text=True, check=False,
            )  # fmt: skip
            assert again.returncode == 0, again.stdout + again.stderr

    visitor.follow("Compare", "header")
    first, second = ("hk-td", "hk-lcsd")
    page.locator("select[name=a]").select_option(first)
    page.locator("select[name=b]").select_option(second)
    follow(page.get_by_role("button", name=tr("Compare"), exact=True))
    words = page.locator("main").inner_text()
    points = [score_of(known, "provider", slug) for slug in (first, second)]
    assert all(tr.number(point, 1) in words for point in points)
    assert tr("What makes the difference") in words
    listed = page.get_by_role("region", name=tr("What makes the difference")).inner_text()
    assert f"{abs(points[0] - points[1]):.1f}" in listed
    visitor.look("compare")


def test_every_kind_of_page_is_light_on_a_poor_line(sample_site, scan, chromium):
    """At most five requests and 200 KB uncompressed, asked for with an empty cache on a slow telephone; recorded."""
    weights = []
    for place in (place for group in kinds(scan.folder / "catalog.db").values() for place in group):
        with tab(chromium, PHONE, java_script_enabled=True) as page:
            devtools = page.context.new_cdp_session(page)
            devtools.send("Network.enable")
            devtools.send("Network.emulateNetworkConditions", SLOW)
            devtools.send("Emulation.setCPUThrottlingRate", {"rate": 4})
            asked, sizes, wire = [], [], []
            devtools.on("Network.requestWillBeSent", lambda told, asked=asked: asked.append(told["request"]["url"]))
            devtools.on("Network.dataReceived", lambda told, sizes=sizes: sizes.append(told["dataLength"]))
            devtools.on("Network.loadingFinished", lambda told, wire=wire: wire.append(told["encodedDataLength"]))
            page.goto(f"{sample_site}/tc/{place}", wait_until="load")
            page.evaluate("1")
            took = page.evaluate("performance.getEntriesByType('navigation')[0].loadEventEnd")
            weights.append((place, len(asked), sum(sizes), int(sum(wire)), int(took)))
    PICTURES.mkdir(parents=True, exist_ok=True)
    with (PICTURES / "weights.csv").open("w", newline="") as file:
        csv.writer(file).writerows([("page", "requests", "bytes", "on_the_wire", "milliseconds"), *weights])
    assert [row for row in weights if row[1] > MOST_REQUESTS or not 1_000 < row[2] <= MOST_BYTES] == []
