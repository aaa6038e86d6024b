"""Badges, frames and previews: harmless anywhere, honest about what is not known, never a way to keep us busy."""

import asyncio
import struct
import threading
from dataclasses import replace
from datetime import UTC, datetime
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harvester.records import LANGUAGES
from publish import previews
from publish.badges import BANDS, GREY, SIZE, badge, draw, escape, measure, snippets
from publish.build import publish
from publish.guard import STRICT
from publish.i18n import TAGS, Translator
from publish.previews import Studio, sketch, wrap
from publish.render import path
from publish.standing import Standing
from tests.catalogue_fixture import DATASETS, PROVIDERS, fill
from tests.test_site import Read, get, served

SVG = "{http://www.w3.org/2000/svg}"
HOSTILE = ["</title><script>alert(1)</script>", '"><svg onload=alert(2)>', "a\x00b\ufffe\uffff\ud800", "\u202etxt.exe",
           "無" * 10_000, "W" * 10_000, "]]>&lt;&#x0;", "e" + "\u0301" * 10_000]  # fmt: skip
IT = Standing("provider", "hk-x", "A provider", 83.2, 78.1, 88.9, 0.9, 1, 41, 120, 12, 0.97, False, "live",
              "2026-11-22T01:00:00Z")  # fmt: skip
SUBJECTS = ["portal", "provider/hk-x", "dataset/hk-x-script", "dataset/hk-x-long", "dataset/hk-x-rtl",
            "dataset/hk-x-nothing", "dataset/hk%20x%2Fodd%3F%26%23%252F%2E%2Ejson"]  # fmt: skip


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    folder = tmp_path_factory.mktemp("badges")
    fill(folder / "harvest.db")
    publish(folder / "harvest.db", folder / "catalog.db", lambda: datetime(2026, 11, 23, tzinfo=UTC),
            "https://data.gov.hk")  # fmt: skip
    return served(folder / "catalog.db")


def parsed(text: str) -> ET.Element:
    """Read an SVG as XML and hold it to what a badge may be made of."""
    root = ET.fromstring(text)  # noqa: S314 - our own
    assert {each.tag.removeprefix(SVG) for each in root.iter()} <= {"svg", "title", "g", "rect", "text"}
    for each in root.iter():
        assert not [name for name in each.attrib if name == "style" or name.startswith("on") or "href" in name]
    return root


@given(st.text(max_size=80) | st.sampled_from(HOSTILE), st.sampled_from(LANGUAGES), st.booleans())
def test_a_badge_is_sound_xml_with_a_name_whatever_the_title(title, language, titled):
    """Any text gives an SVG a parser reads, of a picture's elements only, with its label and its title."""
    root = parsed(draw(badge(replace(IT, title=title), Translator(language)), language, titled))
    assert root.get("role") == "img"
    assert "83.2" in root.get("aria-label")
    assert [each.text for each in root.iter(f"{SVG}title")] == ([root.get("aria-label")] if titled else [])
    widths = [int(each.get("width")) for each in root.iter(f"{SVG}rect")]
    assert sum(widths) == int(root.get("width")) < 500


@given(st.text(max_size=60))
def test_the_text_measure_grows_with_the_text_and_counts_chinese_as_whole_letters(text):
    """Text is never measured as less than its part, and a Chinese letter is one em wide."""
    assert measure(text + "數") >= measure(text) + SIZE - 1
    assert measure("開放數據") == 4 * SIZE
    assert measure("i") < measure("W")


def test_a_badge_gives_a_grade_only_where_enough_is_known():
    """Under the share of 60%, without a score, withdrawn or unknown to us: grey, and a word in place of the number."""
    tr = Translator("en")
    cases = [
        (IT, "83.2 outstanding", BANDS[1]), (replace(IT, band=None, known=0.59), "too little known", GREY),
        (replace(IT, point=None, band=None), "not scored", GREY), (replace(IT, withdrawn=True), "withdrawn", GREY),
        (None, "not listed", GREY),
    ]  # fmt: skip
    for it, value, colour in cases:
        made = badge(it, tr)
        assert (made.name, made.value, made.colour, made.note) == ("open data", value, colour, "barometer, unofficial")


def test_a_badge_of_the_sample_says_that_it_is_one():
    """A score of invented or kept data never travels without saying so."""
    for origin, word in (("sample", "sample data"), ("recorded", "recorded data")):
        made = badge(replace(IT, origin=origin), Translator("en"))
        assert word in made.note
        assert word in made.sentence
        assert word.capitalize() in sketch(replace(IT, origin=origin), "en")


def test_white_letters_stand_against_every_colour_of_a_badge():
    """Contrast is at least 4.5 to 1 (WCAG 2.2, 1.4.3)."""

    def shine(colour: str) -> float:
        parts = [int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)]
        red, green, blue = (one / 12.92 if one <= 0.04045 else ((one + 0.055) / 1.055) ** 2.4 for one in parts)
        return 0.2126 * red + 0.7152 * green + 0.0722 * blue

    drawn = parsed(draw(badge(replace(IT, origin="sample"), Translator("en")), "en"))
    for colour in {*BANDS, GREY, "#30353b", "#4a5159", *(each.get("fill") for each in drawn.iter(f"{SVG}rect"))}:
        assert 1.05 / (shine(colour) + 0.05) >= 4.5, colour


def test_badges_are_answered_in_three_languages_and_can_do_nothing(site):
    """Every subject has its badge, to be kept and shown anywhere, with a policy that lets it load and run nothing."""
    addresses = [f"/{language}/badge/{subject}.svg" for language in LANGUAGES for subject in SUBJECTS]
    for address, answer in zip(addresses, get(site, *addresses), strict=True):
        assert answer.status_code == 200, address
        assert answer.headers["content-type"].startswith("image/svg+xml")
        assert answer.headers["content-security-policy"] == "default-src 'none'; sandbox"
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert answer.headers["cross-origin-resource-policy"] == "cross-origin"
        assert "max-age" in answer.headers["cache-control"]
        root = parsed(answer.text)
        assert root.get("lang") == TAGS[address.split("/")[1]]
    again = get(site, addresses[0], headers={"if-none-match": get(site, addresses[0])[0].headers["etag"]})[0]
    assert (again.status_code, again.content) == (304, b"")
    names = [next(parsed(get(site, f"/{one}/badge/portal.svg")[0].text).iter(f"{SVG}text")).text for one in LANGUAGES]
    assert names == ["open data", "開放數據", "开放数据"]


def test_what_is_not_in_the_catalogue_is_a_badge_that_says_so(site):
    """A page that shows a badge of something gone shows no broken picture."""
    answer = get(site, "/en/badge/provider/nobody.svg")[0]
    assert answer.status_code == 404
    assert "not listed" in {each.text for each in parsed(answer.text).iter(f"{SVG}text")}
    assert "withdrawn" in get(site, "/en/badge/dataset/hk-td-signs.svg")[0].text
    assert [one.status_code for one in get(site, "/en/embed/provider/nobody", "/preview/en/provider/nobody.png")] == [
        404, 404]  # fmt: skip


def test_only_an_embed_may_be_framed_by_others(site):
    """An embed has no script, leads to the evidence, and is the one page whose policy lets anybody frame it."""
    for language in LANGUAGES:
        for subject in SUBJECTS:
            answer = get(site, f"/{language}/embed/{subject}")[0]
            assert answer.status_code == 200
            assert answer.headers["content-security-policy"] == (
                "default-src 'none'; style-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors *"
            )
            page = Read(answer.text)
            assert not [tag for tag, _a in page.elements if tag in ("script", "style", "iframe", "img", "form")]
            place = "" if subject == "portal" else subject
            (link,) = [attributes for tag, attributes in page.elements if tag == "a"]
            assert link == {"href": f"/{language}/{place}", "target": "_blank", "rel": "noopener"}
    others = ("/en/", "/en/provider/hk-x", "/catalog", "/robots.txt", "/en/badge/portal.svg", "/preview/en/portal.png")
    for answer in get(site, *others):
        assert "frame-ancestors *" not in answer.headers["content-security-policy"]
    assert get(site, "/en/provider/hk-x")[0].headers["content-security-policy"] == STRICT


def test_the_snippets_on_a_page_are_html_that_leads_to_the_evidence(site):
    """What a page offers to copy is one picture in a link, or one frame, with every name escaped."""
    for language in LANGUAGES:
        for subject in SUBJECTS[1:]:
            page = get(site, f"/{language}/{subject}")[0].text
            assert Read(page).elements.count(("textarea", {"id": "badge-code", "readonly": None, "rows": "4",
                                                           "spellcheck": "false"})) == 1  # fmt: skip
    made = snippets(replace(IT, name='x"><b>', title=HOSTILE[0]), "https://site.example", Translator("en"))
    (link, picture), ((frame, where),) = Read(made["badge"]).elements, Read(made["embed"]).elements
    assert (link[0], picture[0], frame) == ("a", "img", "iframe")
    assert link[1] == {"href": "https://site.example/en/provider/x%22%3E%3Cb%3E"}
    assert picture[1]["src"] == "https://site.example/en/badge/provider/x%22%3E%3Cb%3E.svg"
    assert where["src"] == "https://site.example/en/embed/provider/x%22%3E%3Cb%3E"


@given(st.text(max_size=200) | st.sampled_from(HOSTILE), st.sampled_from(LANGUAGES))
def test_a_preview_is_sound_xml_and_its_lines_fit(title, language):
    """Any title gives a picture's SVG in at most three lines, none wider than it may be."""
    parsed(sketch(replace(IT, title=title[:160]), language))
    lines = wrap(title, 52, 1000, 3)
    assert len(lines) <= 3
    assert all(measure(line, 52) <= 1000 for line in lines)
    assert escape(title) == escape(escape(title)) or "&" in escape(title)


def test_previews_are_pictures_of_the_size_networks_show(site):
    """A preview is a PNG of 1200 x 630 pixels with a tag to be kept by, hostile titles among them."""
    for subject in ("portal", "provider/hk-hko", "dataset/hk-x-script", "dataset/hk-x-long"):
        for answer in get(site, f"/preview/tc/{subject}.png?2026-11-22", f"/preview/tc/{subject}.png?else"):
            assert answer.headers["content-type"] == "image/png"
            assert struct.unpack(">II", answer.content[16:24]) == (1200, 630)
    again = get(site, "/preview/tc/portal.png", headers={"if-none-match": answer_tag(site)})[0]
    assert (again.status_code, again.content) == (304, b"")


def answer_tag(site) -> str:
    return get(site, "/preview/tc/portal.png")[0].headers["etag"]


def test_without_chinese_letters_the_picture_is_english_and_never_boxes(monkeypatch):
    """Where no font here holds Chinese, English is written, and a name in place of a title that has none."""
    monkeypatch.setattr(previews, "has_chinese", lambda: False)
    assert [previews.readable(language) for language in LANGUAGES] == ["en", "en", "en"]
    text = sketch(replace(IT, title="香港天文台"), "en")
    assert "香" not in text
    assert "hk-x" in text


def test_one_picture_is_drawn_at_a_time_once_for_all_who_ask_and_few_wait():
    """Twenty ask for ten pictures: each is drawn once, never two at once, and those beyond the room are sent away."""
    studio, busy, most, drawn = Studio(most_bytes=250, most_waiting=4), threading.Semaphore(1), [], []

    asked = threading.Event()

    def draw_it(name: int) -> bytes:
        assert asked.wait(30)
        most.append(busy.acquire(blocking=False))
        drawn.append(name)
        busy.release()
        return b"x" * 100

    async def ask() -> list[bytes | None]:
        tasks = [
            asyncio.ensure_future(studio.picture((turn % 10,), lambda turn=turn: draw_it(turn % 10)))
            for turn in range(20)
        ]
        await asyncio.sleep(0)
        asked.set()
        return await asyncio.gather(*tasks)

    answers = asyncio.run(ask())
    assert all(most)
    assert len(drawn) == len(set(drawn)) == 4
    assert answers.count(None) == 12
    assert sum(studio.kept((name,)) is not None for name in range(10)) == 2


def test_every_dataset_and_provider_has_a_badge(site):
    """No title, missing or odd, keeps a subject from its badge."""
    ways = [path("en", "badge", "dataset", one[0]) + ".svg" for one in DATASETS]
    ways += [path("en", "badge", "provider", one[0]) + ".svg" for one in PROVIDERS]
    assert {answer.status_code for answer in get(site, *ways)} == {200}
