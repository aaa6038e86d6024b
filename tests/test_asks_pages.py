"""What the pages tell of the asks, of a score over time and of what changed it, in three languages."""

from datetime import timedelta

import pytest

from harvester.clock import iso
from harvester.store.workshop import step
from publish import pages, trend
from publish.build import publish
from publish.i18n import Translator
from publish.queries import rows
from publish.render import as_html
from scoring.ask_store import keep_asks
from scoring.score import Score
from tests.test_asks import RUBRIC, SIGHT
from tests.test_rescore import EXAMPLE, FIRST, NEW, OLD, anew, lived, sqlite_of

LATER = FIRST + timedelta(days=10)


@pytest.fixture(scope="module")
def catalog(tmp_path_factory):
    """A history of two days under one rubric and a third under another, published."""
    folder = tmp_path_factory.mktemp("asks")
    db = lived(folder / "harvest.db", OLD, EXAMPLE[:2], [NEW])
    with step(db, "score", lambda: LATER, {"asks": 1}) as run:
        scores = dict.fromkeys((("portal", ""), ("provider", "p")), Score(80.0, 70.0, 90.0, 0.9))
        keep_asks(db, run.id, LATER, RUBRIC, [SIGHT], scores)
    db.conn.close()
    publish(folder / "harvest.db", folder / "catalog.db", lambda: LATER, "https://data.gov.hk")
    return folder


def drawn(connection, page, language, place):
    return as_html(page, language, place, {row["key"]: row["value"] for row in rows(connection, "SELECT * FROM meta")})


@pytest.mark.parametrize(
    ("language", "says"),
    [("en", ("Analogue of Singapore’s KPI 13", "not published by the portal", "The rubric changed on", "over 5,130")),
     ("tc", ("參照新加坡第 13 項關鍵績效指標", "門戶沒有公布", "評分準則於", "超過 5,130")),
     ("sc", ("参照新加坡第 13 项关键绩效指标", "门户没有公布", "评分准则于", "超过 5,130"))],
)  # fmt: skip
def test_portal_and_provider_tell_what_is_asked(catalog, language, says):
    """The section is on both pages, calls each figure an analogue, and marks where the rubric changed."""
    with sqlite_of(catalog / "catalog.db") as connection:
        tr = Translator(language)
        home, provider = pages.home(connection, tr), pages.provider(connection, tr, "p")
        assert all(text in drawn(connection, home, language, "") for text in says)
        shown = drawn(connection, provider, language, "provider/p")
        assert all(text in shown for text in says[:3])
        assert len(home.data["asks"]) == 10
        assert next(row for row in home.data["asks"] if row["ask"] == "band")["figure"] == "b"


def test_a_change_is_told_in_parts(catalog):
    """A dataset whose only link died: the page says so with its points, and the parts' words are the reader's."""
    with sqlite_of(catalog / "catalog.db") as connection:
        page = pages.dataset(connection, Translator("en"), "a")
    told = page.data["trend"]["month"]
    assert told["change"].startswith("−")
    assert any("Available online worse in datasets: 1" in part["words"] for part in told["parts"])


@pytest.mark.parametrize(
    ("part", "says"),
    [(("machine_readable", "better", 14), "files mended: 14"), (("online", "worse", 2), "new dead links: 2"),
     (("timely", "learnt", 0), "Up to date now known in datasets: 3"), (("", "rubric", 0), "the rubric is another"),
     (("", "left", 0), "datasets that left, or cannot be scored now: 3")],
)  # fmt: skip
def test_a_part_of_a_change_has_its_words(part, says):
    """Files and links are counted where it is they that changed, datasets otherwise."""
    what, way, resources = part
    assert trend.words({"what": what, "way": way, "resources": resources, "datasets": 3}, Translator("en")) == says


def test_a_line_is_stepped_and_ends_today():
    """Two scores, 20 then 60: level, up, level; and a mark where the digest is another."""
    history = [{"since": "2026-01-01T00:00:00Z", "point": 20.0, "digest": "a"},
               {"since": "2026-01-11T00:00:00Z", "point": 60.0, "digest": "b"}]  # fmt: skip
    assert trend.line(history) == "0.0,80.0 327.3,80.0 327.3,40.0 360,40.0"
    assert [(mark["x"], mark["old"], mark["new"]) for mark in trend.marks(history)] == [(327.3, "a", "b")]
    assert trend.line(history[:1]) == ""


def test_a_rescore_takes_the_break_away_and_is_told(tmp_path):
    """After it the line has no mark, and the page names the day and both digests."""
    db = lived(tmp_path / "harvest.db", OLD, EXAMPLE[:2], [NEW])
    anew(db, NEW)
    db.conn.close()
    publish(tmp_path / "harvest.db", tmp_path / "catalog.db", lambda: LATER, "https://data.gov.hk")
    with sqlite_of(tmp_path / "catalog.db") as connection:
        told = pages.provider(connection, Translator("en"), "p").data["trend"]
    assert told["marks"] == []
    assert [(row["old_digests"], row["rubric_digest"]) for row in told["anew"]] == [
        ([OLD.digest, "another"], "another")
    ]
    assert told["anew"][0]["at"] == iso(FIRST + timedelta(days=400))
