"""Calls with holes: filled with what their own dataset gives, or not at all."""

import re
from datetime import date
from urllib.parse import unquote, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harvester.store.examples import note_examples
from harvester.store.workshop import Run, connect
from harvester.templates import HOLE, fill, recent_day
from harvester.vocabulary import address_kind

DAY = date(2026, 11, 22)
BASE = "https://api.example.hk"


@pytest.mark.parametrize(
    ("template", "texts", "urls", "filled"),
    [
        ("/eta/{stopId}", [], ["/eta/001027"], "/eta/001027"),
        ("/eta/{stopId}?lang={lang}", [f"Try {BASE}/eta/001027?lang=en."], [], "/eta/001027?lang=en"),
        ("/eta/<stop>", [f"例如：{BASE}/eta/A1。"], [], "/eta/A1"),
        ("/eta/%3Cstop%3E", [f"（{BASE}/eta/A1）"], [], "/eta/A1"),
        ("/a?date={{date}}", ["e.g. date=20260101"], [], "/a?date=20260101"),
        ("/a?l={languageCode}", ["language code, e.g. en"], [], "/a?l=en"),
        ("/a?lang={languageCode}", ["lang=en|tc|sc"], [], "/a?lang=en"),
        ("/w?rformat=csv&station=<station>", ["Station code, for example: LDS"], [], "/w?rformat=csv&station=LDS"),
        ("/r/<routecode>", ["route code (e.g. 1A, 2B)"], [], "/r/1A"),
        ("/r/{route_no}", ["路線編號 route no 例如「K12」"], [], "/r/K12"),
        ("/d?date=<date>", ["date: the day in YYYYMMDD"], [], "/d?date=20261122"),
        ("/d?date=[date]", ["date must be yyyy-mm-dd"], [], "/d?date=2026-11-22"),
        ("/d/{yyyymmdd}.csv", [], [], "/d/20261122.csv"),
        ("/a/{id}/b/{id}", [], ["/a/1/b/2", "/a/3/b/3"], "/a/3/b/3"),
        ("/e/{stop}/{route}", ["stop=S1"], [], None),
        ("/e/{stop}", ["The stop is where a bus stops."], [], None),
        ("/e/{stop}", ["stop={stop}"], ["/e/{stop}", "/f/1", "/e/1/2", "/e/1?x=2"], None),
        ("/e/{stop}", [f"{BASE}.evil.example/e/1 and http://api.example.hk/e/1"], [], None),
        ("/d?date=<date>", ["The date is given in full."], [], None),
        ("/d?date=<date>", ["date=YYYYMMDDhhmm"], [], None),
        ("/plain", [], ["/plain"], None),
    ],
)
def test_a_hole_is_filled_by_what_the_dataset_says_and_by_nothing_else(template, texts, urls, filled):
    """An address, an example or a format that the dataset gives fills a hole; what it only mentions does not."""
    found = fill(BASE + template, texts, [BASE + url for url in urls], DAY)
    assert found == (None if filled is None else BASE + filled)


def test_a_date_needs_a_day():
    """Without a day handed in a date's format alone fills nothing: no day is invented here."""
    assert fill(f"{BASE}/d/<yyyymmdd>", ["date in YYYYMMDD"], []) is None


HOSTS = st.sampled_from(["https://api.example.hk", "http://data.example.hk:8080", "https://{host}.example.hk"])
HOLES = st.sampled_from(["{id}", "{{stopId}}", "<date>", "[date]", "%7Bid%7D", "<yyyymmdd>", "{x y}"])
PIECES = st.lists(st.one_of(HOLES, st.text(alphabet="abAB01-._~%2F/?&=()*+", max_size=8)), max_size=6)
TEXTS = st.lists(
    st.one_of(
        st.text(max_size=60),
        st.builds("{}={}".format, st.sampled_from(["id", "stopId", "date", "x y"]), st.text(min_size=1, max_size=12)),
        st.builds("{} e.g. {}".format, st.sampled_from(["id", "stop ID", "date"]), st.text(min_size=1, max_size=12)),
    ),
    max_size=5,
)


@given(host=HOSTS, pieces=PIECES, texts=TEXTS, urls=st.lists(st.text(max_size=40), max_size=3))
def test_filling_leaves_no_hole_and_changes_nothing_else(host, pieces, texts, urls):
    """What comes back is a plain address on the same host, the template byte for byte but for its holes; or None."""
    template = "/".join([host, "".join(pieces)])
    found = fill(template, [*texts, "x y=1", "id=7"], urls, DAY)
    if found is not None:
        assert address_kind(found, None, "") != "template"
        assert urlsplit(found).netloc == urlsplit(template).netloc
        literal = [re.escape(part) for part in re.split(r"\0", HOLE.sub("\0", template))]
        assert re.fullmatch("(?s:.+)".join(literal), found)
        assert found.isascii()


@given(text=st.text(alphabet="id =:{}<>eg.例如a1\n", max_size=300))
def test_no_text_makes_a_value_of_its_own(text):
    """Whatever a text says, the value that fills a hole stands in it."""
    found = fill(f"{BASE}/x/{{id}}", [text], [])
    assert found is None or unquote(found.removeprefix(f"{BASE}/x/")) in text


@given(today=st.dates(date(2020, 1, 1), date(2035, 1, 1)))
def test_the_day_asked_for_is_past_recent_and_the_same_for_a_week(today):
    """It is a Wednesday of the last seven days, or the end of the time that the record covers where that is earlier."""
    day = recent_day(today, None)
    assert day.isoweekday() == 3
    assert 1 <= (today - day).days <= 7
    assert recent_day(today, "01/02/2019") == date(2019, 2, 1)
    assert recent_day(today, "31/12/2999") == recent_day(today, "no date") == day


def test_the_workshop_keeps_each_templates_example(tmp_path):
    """Stored records give their templates an example, which goes when the record no longer gives it."""
    db = connect(tmp_path / "harvest.db", create=True)
    seen = "2026-11-20T01:00:00Z"
    run = Run(1, "harvest", "2026-11-22T18:00:00Z", resumed=False)  # it is the 23rd, a Monday, in Hong Kong
    db.table("provider").insert({"slug": "p", "first_seen": seen, "last_seen": seen})
    db.table("dataset").insert(
        {"name": "d", "provider": "p", "schedule": "real-time", "languages": "[]", "first_seen": seen,
         "notes_tc": "參數 date 的格式為 YYYYMMDD。", "last_seen": seen})  # fmt: skip
    addresses = ["/eta/{stop}", "/eta/{nothing}/x", "/d?date=<date>", "/eta/S7"]
    for place, address in enumerate(addresses):
        kind = address_kind(BASE + address, None, "")
        db.table("url").insert({"id": place, "url": BASE + address, "host": "api.example.hk", "first_seen": seen})
        db.table("resource").insert(
            {"shared_id": f"r{place}", "dataset": "d", "position": place, "format": "JSON", "kind": kind, "url": place,
             "languages": "[]", "first_seen": seen, "last_seen": seen})  # fmt: skip
    sql = "SELECT e.url FROM resource r LEFT JOIN url e ON e.id = r.example ORDER BY r.position"
    assert note_examples(db, run) == 2
    assert [row[0] for row in db.execute(sql)] == [f"{BASE}/eta/S7", None, f"{BASE}/d?date=20261118", None]
    db.execute("UPDATE resource SET withdrawn_at = ? WHERE shared_id = 'r3'", [seen])
    assert note_examples(db, run) == 1
    assert next(row[0] for row in db.execute(sql)) is None
    db.conn.close()
