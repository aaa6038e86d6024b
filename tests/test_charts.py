"""The charts: what they draw is what is stored, each says its finding, and none holds what a policy refuses."""

import re
import sqlite3
import xml.etree.ElementTree as ET
from contextlib import closing
from datetime import UTC, date, datetime, timedelta
from html.parser import HTMLParser

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from harvester.clock import HONG_KONG, iso, parse_iso
from harvester.records import LANGUAGES
from publish import drawings, formats, health, pages, queries, render, trend
from publish.build import publish
from publish.charts import timeline, treemap
from publish.charts.drawing import stepped
from publish.i18n import Translator
from tests.catalogue_fixture import DATASETS, SCRIPT, fill

EN = Translator("en")
FIRST = datetime(2026, 3, 1, tzinfo=UTC)
PORTAL = "https://data.gov.hk"


def history(*stands, last_until=None):
    """Return rows of table score: hours since the first, point, and the digest; each until the next."""
    ends = [hours for hours, *_ in stands[1:]]
    at = lambda hours: iso(FIRST + timedelta(hours=hours))  # noqa: E731 - three words, twice
    return [
        {"since": at(hours), "until": at(end) if end else last_until,
         "point": point, "low": point - 5, "high": point + 5, "digest": digest}
        for (hours, point, digest), end in zip(stands, [*ends, None], strict=True)
    ]  # fmt: skip


@settings(deadline=None)
@given(st.lists(st.tuples(st.integers(1, 60), st.integers(5, 95), st.sampled_from("aab")), min_size=1, max_size=30))
def test_a_day_is_drawn_with_what_stood_at_its_end(steps):
    """At most one point a day, in order, and on every day the score that stood when it ended."""
    hours, stands = 0, []
    for gap, point, digest in steps:
        hours += gap
        stands.append((hours, point, digest))
    rows = history(*stands)
    today = (FIRST + timedelta(hours=hours)).astimezone(HONG_KONG).date() + timedelta(days=2)
    drawn = {}
    for piece in trend.pieces(rows, today):
        days = [day for day, *_ in piece.stands]
        assert days == sorted(set(days))
        assert days[-1] < piece.end
        for place, (day, point, *_) in enumerate(piece.stands):
            end = days[place + 1] if place + 1 < len(days) else piece.end
            for ahead in range((end - day).days):
                assert day + timedelta(days=ahead) not in drawn
                drawn[day + timedelta(days=ahead)] = (point, piece.digest)
    for day, told in drawn.items():
        midnight = datetime(day.year, day.month, day.day, tzinfo=HONG_KONG) + timedelta(days=1)
        standing = [row for row in rows if parse_iso(row["since"]) < midnight]
        assert told == (standing[-1]["point"], standing[-1]["digest"])
    assert min(drawn) == parse_iso(rows[0]["since"]).astimezone(HONG_KONG).date()
    assert max(drawn) == today


@settings(deadline=None)
@given(st.lists(st.integers(0, 100), min_size=1, max_size=900), st.integers(20, 200))
def test_a_long_history_is_thinned_and_keeps_its_ends(points, most):
    """Two years of nightly scans become about as many points as fit, the first and the last day's among them."""
    found = trend.pieces(history(*((24 * place, point, "a") for place, point in enumerate(points))), date(2026, 3, 1))
    (thin,) = trend.thinned(found, most)
    assert len(thin.stands) <= most + 1
    assert thin.stands[0] == found[0].stands[0]
    assert thin.stands[-1] == found[0].stands[-1]


def test_gaps_stay_gaps_and_another_rubric_is_a_labelled_line():
    """A stretch without a score breaks the line, and so does another rubric, which is marked R1."""
    rows = history((0, 50, "a"), (24 * 40, 60, "a"), (24 * 80, 70, "b"), last_until=iso(FIRST + timedelta(days=90)))
    rows[0]["until"] = iso(FIRST + timedelta(days=20))
    found = trend.pieces(rows, date(2026, 6, 1))
    assert [(piece.digest, len(piece.stands)) for piece in found] == [("a", 1), ("a", 1), ("b", 1)]
    assert (found[0].end, found[1].stands[0][0]) == (date(2026, 3, 21), date(2026, 4, 10))
    svg = timeline.timeline(found, [date(2026, 5, 20)], *timeline.NARROW)
    assert svg is not None
    lines = [path for path in re.findall(r'<path d="(M[^"]*)"[^>]*stroke="#0a6b5e"', svg) if "H" in path]
    assert len(lines) == 3
    assert re.search(r'stroke-dasharray="4,3"', svg)
    assert ">R1<" in svg


@pytest.mark.parametrize(("low", "high", "scale"), [(61.2, 64.9, (50, 70)), (0, 3, (0, 20)), (97, 100, (80, 100)),
                                                    (12, 88, (10, 90)), (50, 50, (30, 50))])  # fmt: skip
def test_a_scale_is_whole_tens_and_never_so_near_that_nothing_looks_like_much(low, high, scale):
    """The scale holds the band, lies within 0-100, and spans 20 points at least."""
    found = timeline.domain([{"low": low, "high": high}])
    assert found == scale
    assert found[0] <= low
    assert found[1] >= high


@settings(deadline=None)
@given(st.lists(st.tuples(st.integers(0, 9), st.integers(0, 9)), min_size=2, max_size=30))
def test_a_path_written_short_is_the_same_path(points):
    """Steps written as H and V lead through the very same points."""
    path = "M" + "L".join(f"{x},{y}" for x, y in points)
    x = y = ""
    through = []
    for move, value in re.findall(r"([MLHV])([^MLHV]+)", stepped(path)):
        if move in "ML":
            x, y = value.split(",")
        elif move == "H":
            x = value
        else:
            y = value
        through.append((int(x), int(y)))
    assert through == points


def test_the_finding_compares_only_what_one_rubric_made():
    """Lowest, highest and change are those since the rubric of today, and a single score is told as such."""
    rows = history((0, 10, "a"), (24, 60, "b"), (48, 80, "b"), (72, 70, "b"))
    assert trend.finding(rows, EN) == (
        "70.0 of 100 on 4 March 2026, +10.0 since 2 March 2026;"
        " lowest 60.0 (2 March 2026), highest 80.0 (3 March 2026)."
    )
    assert trend.finding(rows[:2], EN) == "60.0 of 100 since 2 March 2026."
    assert trend.finding([], EN) == ""


LADDERS = st.sampled_from(formats.LADDER)


@settings(deadline=None)
@given(st.dictionaries(st.tuples(LADDERS, st.text(max_size=8)), st.integers(1, 9_999), max_size=60))
def test_every_resource_has_its_area_and_every_format_its_rung(counts):
    """However many formats there are, the areas add up to all resources, rung by rung."""
    found = [{"ladder": ladder, "format": name, "resources": n} for (ladder, name), n in counts.items()]
    found.sort(key=lambda row: -row["resources"])
    nodes = treemap.tree(found, EN)
    for ladder in {row["ladder"] for row in found}:
        within = sum(node["size"] for node in nodes if node["parent"] == ladder)
        assert within == sum(row["resources"] for row in found if row["ladder"] == ladder)
    assert len({node["id"] for node in nodes}) == len(nodes)
    assert sum("size" in node for node in nodes) <= treemap.MOST + len(formats.LADDER)


def test_the_map_of_formats_says_how_much_a_machine_can_read():
    """The sentence counts what was looked at apart from what was not, and names the commonest format."""
    rows = [{"ladder": "table", "format": "CSV", "resources": 60},
            {"ladder": "page", "format": "HTML", "resources": 20},
            {"ladder": "not-looked-at", "format": "XML", "resources": 100}]  # fmt: skip
    assert formats.finding(rows, EN) == (
        "Of 80 resources whose bytes were looked at, 60 (75%) are plain tables, structured data or workbooks; the"
        " commonest format is CSV (60). 100 could not be looked at."
    )
    assert formats.finding(rows[2:], EN) == "No file was looked at yet."


def test_a_provider_is_told_where_it_differs_from_the_portal():
    """The criteria furthest under and over the portal's mean are named with both numbers; unknown ones never."""
    means = [("a", 0.4, 0.8), ("b", 0.9, 0.5), ("c", 0.5, 0.5), ("d", None, 0.9), ("e", 0.75, 0.8)]
    parts = [{"title": name, "weight": 3.0, "mean": mean, "portal_mean": portal} for name, mean, portal in means]
    assert drawings.said_beside(parts, EN) == (
        "Furthest under the portal’s mean: a (40 against 80), e (75 against 80). Furthest over it: b (90 against 50)."
    )
    assert drawings.said_beside(parts[2:3], EN) == "In all that is weighed it is as the portal’s mean."
    assert drawings.said_beside(parts[3:4], EN) == ""


@settings(deadline=None)
@given(st.floats(0, 100))
def test_a_shade_goes_by_fifths(points):
    """More points never have a lighter shade."""
    assert drawings.shade(0) == 0 <= drawings.shade(points) <= 4 == drawings.shade(100)
    assert drawings.shade(points) <= drawings.shade(min(100.0, points + 20))


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    """The fixture's catalogue with two years of nightly scores for the portal and a provider."""
    folder = tmp_path_factory.mktemp("charts")
    fill(folder / "harvest.db")
    with closing(sqlite3.connect(folder / "harvest.db")) as db:
        for kind, subject in (("portal", PORTAL), ("provider", "hk-hko")):
            for back in range(1, 700):
                day = datetime(2026, 11, 20, 1, tzinfo=UTC) - timedelta(days=back)
                point = 50 + back % 7
                db.execute(
                    "INSERT INTO score (subject_type, subject, profile, pillar, since, until, point, low, high, known,"
                    " n, rubric_digest, run) VALUES (?, ?, 'gdb-checklist', '', ?, ?, ?, ?, ?, 0.9, 6, ?, 4)",
                    [kind, subject, iso(day), iso(day + timedelta(days=1)), point, point - 4, point + 4,
                     "d0" if back > 400 else "d1"],
                )  # fmt: skip
        db.execute("UPDATE resource SET format = ? WHERE shared_id LIKE '%/1'", [SCRIPT])
        db.commit()
    publish(folder / "harvest.db", folder / "catalog.db", lambda: datetime(2026, 11, 23, tzinfo=UTC), PORTAL)
    with closing(sqlite3.connect(folder / "catalog.db")) as connection:
        yield connection


def test_every_drawing_is_sound_harmless_and_light(built):
    """Each stored SVG is well-formed, holds nothing a strict policy refuses, and is small enough for a page."""
    drawn = built.execute("SELECT name, language, svg FROM chart").fetchall()
    names = {name for name, *_ in drawn}
    assert names == {"ranking", "checklist", "formats", "formats/narrow", "trend/portal", "trend/portal/narrow",
                     "trend/provider/hk-hko"}  # fmt: skip
    for name, language, svg in drawn:
        assert (language == "") == name.startswith("trend/")
        for element in ET.fromstring(svg).iter():  # noqa: S314 - drawn by ourselves
            assert element.tag.rpartition("}")[2] in {"svg", "g", "path", "line", "rect", "text"}, name
            assert not {key for key in element.attrib if key in ("style", "class", "href") or key.startswith("on")}
        assert "NaN" not in svg
        assert "Infinity" not in svg
        assert len(svg) < 20_000, name


class Figures(HTMLParser):
    """The labels of a page's images, and the text and links of its captions."""

    def __init__(self, text):
        super().__init__()
        self.labels, self.captions, self._within = [], [], False
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        """Note an image's label, the beginning of a caption, and a caption's links."""
        given = dict(attrs)
        if given.get("role") == "img":
            self.labels.append(given.get("aria-label"))
        if tag == "figcaption":
            self._within = True
            self.captions.append(["", []])
        if tag == "a" and self._within:
            self.captions[-1][1].append(given["href"])

    def handle_endtag(self, tag):
        """Note a caption's end."""
        self._within = self._within and tag != "figcaption"

    def handle_data(self, data):
        """Keep a caption's text."""
        if self._within:
            self.captions[-1][0] += data


@pytest.mark.parametrize("language", LANGUAGES)
def test_each_chart_says_its_finding_and_leads_to_its_data(built, language):
    """No image is without its words, in the reader's language; the findings stand under the charts for all to read."""
    tr = Translator(language)
    home, provider = pages.home(built, tr), pages.provider(built, tr, "hk-hko")
    assert provider is not None
    for page, findings in ((home, [home.data["said"]["checklist"], home.data["said"]["ranking"],
                                   home.data["kinds"]["finding"], home.data["trend"]["finding"]]),
                           (provider, [provider.data["trend"]["finding"]])):  # fmt: skip
        text = render.as_html(page, language, "index", queries.meta(built))
        found = Figures(text)
        assert all(found.labels)
        assert all(re.search("[\u4e00-\u9fff]", label) for label in found.labels) == (language != "en")
        captions = [caption for caption, _ in found.captions]
        for finding in findings:
            assert finding
            assert any(finding in caption for caption in captions), finding
        assert text.count(".csv") > len(captions)
        assert page.data["health"]["said"] in text
        assert "<b>R1</b>" in text


def test_the_heat_map_is_the_stored_means_on_the_page_and_in_the_csv(built):
    """Each cell is the mean of table criterion_summary in whole points, a dash where there is none."""
    page = pages.home(built, EN)
    heat = page.data["heat"]
    stored = {(provider, criterion): mean for provider, criterion, mean in built.execute(
        "SELECT provider, criterion, mean FROM criterion_summary WHERE mean IS NOT NULL")}  # fmt: skip
    text = render.as_html(page, "en", "index", queries.meta(built))
    for row, cells in zip(heat["rows"], page.table, strict=True):
        for each, cell in zip(heat["criteria"], row["cells"], strict=True):
            mean = stored.get((row["slug"], each["id"]))
            assert cell == (None if mean is None else round(100 * mean))
            assert cells[f"mean_{each['id']}"] == cell
            assert mean is None or f'<td class="h{drawings.shade(cell)}">{cell}<' in text
    assert any(None in row["cells"] for row in heat["rows"])
    assert [each["id"] for each in heat["criteria"]] == ["free", "licence", "machine_readable", "bulk", "timely",
                                                         "historical", "tools"]  # fmt: skip


def test_formats_are_counted_once_each_by_what_was_found_or_declared(built):
    """The map's table holds every standing resource once; what was not reached is told by its declaration, as text."""
    standing = "SELECT count(*) FROM resource r JOIN dataset d ON d.name = r.dataset WHERE d.withdrawn_at IS NULL"
    total = built.execute(standing).fetchone()[0]
    page = pages.home(built, EN)
    assert page.data["kinds"]["total"] == total == 2 * (len(DATASETS) - 1)
    declared = [row for row in page.data["kinds"]["rows"] if row["ladder"] == "not-looked-at"]
    assert any("SCRIPT" in row["format"] for row in declared)
    assert SCRIPT.upper() not in render.as_html(page, "en", "index", queries.meta(built))


def test_a_strip_counts_its_days():
    """The words of a strip add up to its days, by the names of its key."""
    days = [
        (date(2026, 1, 1), state, None)
        for state in ["up"] * 80 + ["down"] * 3 + ["blocked", "not-asked"] + ["none"] * 5
    ]
    found = health._strip(days, EN)
    assert found["said"] == ("Of the last 90 days, works: 80, does not work: 3, refused or not asked: 2, not known: 5.")
    assert sum(run["days"] for run in found["runs"]) == 90
    assert health._strip([], EN) == {"runs": [], "said": ""}
