"""Two of them beside each other: what is said is what is settled, and the parts add up to the difference."""

import csv
import io
import json
import sqlite3
from datetime import UTC, date, datetime
from pathlib import Path
from urllib.parse import urlencode

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from harvester.clock import iso
from harvester.store.workshop import connect, step
from publish import versus, versus_lost, versus_words
from publish.build import publish
from publish.i18n import Translator
from publish.versus_lost import ByDigest, values_of
from publish.versus_store import end_of
from scoring import uncertainty
from scoring.rescore import rescore
from scoring.rubric import load_rubric, load_rubrics, parse_rubric
from scoring.score import score_values
from tests.catalogue_fixture import fill
from tests.test_site import Read, get, served

EN = Translator("en")
RUBRIC = load_rubric()
MINE = parse_rubric(
    RUBRIC.text.replace("profile: gdb-checklist", "profile: mine").replace("weight: 3", "weight: 2"), "mine"
)
"""Somebody's own profile, which the program does not ship: it is known from the catalogue alone."""
FIRST, THEN, LAST = (datetime(2026, month, 1, 4, tzinfo=UTC) for month in (1, 6, 11))
HOSTILE = [
    "<script>alert(1)</script>",
    "x" * 10_000,
    "a\x00b",
    "'; DROP TABLE score; --",
    '" onclick="',
    "\u202e",
    "%",
    "",
]


def at(moment: datetime) -> str:
    return iso(moment)


def _history(path: Path) -> None:
    """Score the fixture's datasets at three moments: links die in June, and one dataset goes to another provider."""
    fill(path)
    db = connect(path, create=False)
    with db.atomic():
        for table in ("score", "explanation", "task"):
            db.execute(f"DELETE FROM {table}")  # noqa: S608 - names written above
        db.execute("DELETE FROM answer WHERE until IS NOT NULL OR resource <> ''")
        db.execute("UPDATE answer SET since = ?, reason = CASE WHEN criterion = 'licence' AND value = 1 THEN 'open'"
                   " ELSE 'told' END, applies = 1", [at(FIRST)])  # fmt: skip
        for name in ("hk-hko-tide", "hk-hko-uv", "hk-td-ferry"):
            for moment, value in ((THEN, 0.0), (LAST, 0.5)):
                db.execute("UPDATE answer SET until = ? WHERE dataset = ? AND criterion = 'online' AND until IS NULL",
                           [at(moment), name])  # fmt: skip
                db.execute("INSERT INTO answer (dataset, resource, criterion, since, value, reason, evidence, run)"
                           " VALUES (?, '', 'online', ?, ?, 'gone', '{}', 4)", [name, at(moment), value])  # fmt: skip
        db.execute("INSERT INTO change (run, dataset, resource, language, field, old, new, at)"
                   " VALUES (6, 'hk-hko-quake', '', 'en', 'provider', 'hk-td', 'hk-hko', ?)", [at(THEN)])  # fmt: skip
    with step(db, "score", lambda: LAST, {}) as run:
        rescore(db, run, lambda: LAST, [RUBRIC, MINE])
    db.conn.close()


@pytest.fixture(scope="module")
def built(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("versus")
    _history(folder / "harvest.db")
    publish(
        folder / "harvest.db", folder / "catalog.db", lambda: datetime(2026, 11, 24, tzinfo=UTC), "https://data.gov.hk"
    )
    return folder / "catalog.db"


@pytest.fixture(scope="module")
def site(built):
    return served(built)


@pytest.fixture
def reading(built):
    connection = sqlite3.connect(f"file:{built}?mode=ro", uri=True)
    yield connection
    connection.close()


def compared(connection, **wish):
    return versus.data(connection, versus.asked(wish), EN)


def words(answer) -> str:
    return " ".join(" ".join(Read(answer.text).text).split())


WISHES = [
    {"kind": "provider", "a": "hk-hko", "b": "hk-td"},
    {"kind": "provider", "a": "hk-hko", "b": "hk-td", "date_a": "2026-01-01", "date_b": "2026-01-01"},
    {"kind": "provider", "a": "hk-td", "date_a": "2026-01-01", "date_b": "2026-06-01"},
    {"kind": "provider", "a": "hk-td", "date_a": "2026-06-01"},
    {"kind": "provider", "a": "hk-hko", "profile_b": "mine"},
    {"kind": "provider", "a": "hk-hko", "b": "hk-td", "date_a": "2026-06-01", "profile_b": "mine"},
    {"kind": "category", "a": "weather", "b": "transport"},
    {"kind": "dataset", "a": "hk-hko-tide", "b": "hk-td-ferry"},
    {"kind": "dataset", "a": "hk-hko-tide", "date_a": "2026-06-01"},
    {"kind": "portal", "date_a": "2026-01-01", "date_b": "2026-06-01"},
    {"kind": "portal", "profile_b": "mine"},
]


@pytest.mark.parametrize("wish", WISHES, ids=lambda wish: "-".join(wish.values()))
def test_what_the_criteria_explain_adds_up_to_the_whole_difference(reading, wish):
    """Whatever is compared, by whichever profile and on whichever days, no point of the difference is unexplained."""
    told, table, status = compared(reading, **wish)
    result = told["result"]
    assert status == 200
    assert result["taken_apart"]
    assert sum(row["points_explained"] or 0 for row in table) == pytest.approx(result["difference"], abs=1e-4)
    shown = sum(row["points"] for row in result["explains"])
    assert shown == pytest.approx(result["difference"], abs=versus_words.LEAST)
    a, b = (side["point"] for side in result["sides"])
    assert (a, b, a - b) == pytest.approx((table[0]["mean_a"], table[0]["mean_b"], result["difference"]), abs=1e-6)
    lost = [sum(row[f"points_lost_{letter}"] or 0 for row in table) for letter in "ab"]
    assert lost == pytest.approx([100 - a, 100 - b], abs=1e-4)


ANSWER = st.sampled_from((None, 0.0, 0.25, 0.5, 1.0))


@settings(deadline=None, max_examples=60, suppress_health_check=[HealthCheck.too_slow])
@given(st.sampled_from(load_rubrics()), st.data())
def test_stored_parts_give_the_score_they_were_stored_with(rubric, data):
    """By every profile shipped, what is lost is what lacks to 100; no criterion is blamed where parts cannot tell."""
    values = {name: data.draw(ANSWER, label=name) for name in rubric.used()}
    score = score_values(rubric, values)
    if score.point is None:
        return
    row = {"point": score.point, "parts": json.dumps(score.parts), "digest": rubric.digest, "datasets": 3}
    lost = versus_lost.group_lost(ByDigest(rubric.digest, rubric), [row], score.point)
    assert lost is not None
    assert 100 - sum(lost.values()) == pytest.approx(score.point, abs=1e-5)
    again = score_values(rubric, values_of(rubric, score.parts)).point
    assert ("" in lost) == (abs(again - score.point) > versus_lost.EXACT)
    if not any(item.needs for item in rubric.items):
        assert again == pytest.approx(score.point, abs=1e-6)


def test_parts_of_another_rubric_are_not_taken_apart():
    """A score whose rubric is not at hand, or whose datasets no longer give it, has no parts rather than wrong ones."""
    ours = ByDigest(RUBRIC.digest, RUBRIC)
    score = score_values(RUBRIC, dict.fromkeys(RUBRIC.used(), 0.5))
    row = {"point": score.point, "parts": json.dumps(score.parts), "digest": RUBRIC.digest, "datasets": 1}
    assert versus_lost.group_lost(ours, [{**row, "digest": "another"}], score.point) is None
    assert versus_lost.group_lost(ours, [row], score.point + 1) is None
    assert versus_lost.group_lost(ours, [{**row, "point": 1.0}], 1.0)[""] == 99.0
    assert versus_lost.group_lost(ours, [], score.point) is None


@pytest.mark.parametrize(("share", "says", "never"), [
    (0.9499, "comes first in 94.9% of the draws", "ahead"),
    (0.95, "is ahead in 95% of the draws", "not settled"),
    (None, "The order of the two is not settled", "ahead"),
])  # fmt: skip
def test_nobody_is_called_ahead_whom_the_draws_do_not_settle(built, share, says, never):
    """From 0.95 of the draws on a provider is ahead; under it, or where no pair is kept, the order is not settled."""
    connection = sqlite3.connect(f"file:{built}?mode=ro", uri=True)
    copy = sqlite3.connect(":memory:")
    connection.backup(copy)
    connection.close()
    for table in ("ahead", "provider_rank"):
        copy.execute(f"DELETE FROM {table}")  # noqa: S608 - names written above
    for place, name in enumerate(("hk-hko", "hk-td"), 1):
        copy.execute("INSERT INTO provider_rank (profile, provider, n, point, rank, rank_low, rank_high, ranked, why)"
                     " VALUES ('gdb-checklist', ?, 6, 60, ?, 1, 2, 1, '')", [name, place])  # fmt: skip
    if share is not None:
        copy.execute("INSERT INTO ahead (profile, provider, other, share, settled)"
                     " VALUES ('gdb-checklist', ?, ?, ?, 1)",
                     ["hk-td", "hk-hko", share])  # fmt: skip
    told, _, _ = compared(copy, kind="provider", a="hk-hko", b="hk-td")
    copy.close()
    said = " ".join(row["text"] for row in told["result"]["said"])
    assert says in said
    assert never not in said
    assert [side["rank"]["rank"] for side in told["result"]["sides"]] == [1, 2]
    assert versus_words.SURE == uncertainty.SURE


def test_two_days_tell_what_changed_by_criterion_with_the_datasets(reading, site):
    """Between two days: how the score moved, which answers are others and where, and who came; counted as stored."""
    told, _, _ = compared(reading, kind="portal", date_a="2026-01-01", date_b="2026-06-01")
    result = told["result"]
    assert result["said"][0]["text"].startswith("The portal: the score ")
    online = [row for row in result["changes"] if row["criterion"] == "online"]
    named = {one["name"] for row in online for one in row["among"]}
    assert named <= {"hk-hko-tide", "hk-hko-uv", "hk-td-ferry"}
    assert sum(row["datasets"] for row in online) == len(named) > 0
    assert {row["criterion"] for row in result["changes"]} == {"online"}
    moved, _, _ = compared(reading, kind="provider", a="hk-td", date_a="2026-01-01", date_b="2026-06-01")
    assert moved["result"]["moves"] == {"came": 0, "left": 1}
    page = get(site, "/tc/compare?kind=portal&date_a=2026-01-01&date_b=2026-06-01")[0]
    assert all(f'href="/tc/dataset/{name}"' in page.text for name in named)


def test_another_rubric_between_two_days_is_marked(built):
    """Where the earlier score was made by another rubric, the page says so, and takes nothing apart by a wrong one."""
    connection = sqlite3.connect(f"file:{built}?mode=ro", uri=True)
    copy = sqlite3.connect(":memory:")
    connection.backup(copy)
    connection.close()
    copy.execute("UPDATE score SET rubric_digest = 'older' WHERE since < '2026-06' AND profile = 'gdb-checklist'")
    told, _, _ = compared(copy, kind="portal", date_a="2026-01-01")
    copy.close()
    result = told["result"]
    assert [row["old"] for row in result["rubrics"]] == ["older"]
    assert "not comparable" in " ".join(row["text"] for row in result["said"])
    assert not result["taken_apart"]
    assert result["explains"] == []


@pytest.mark.parametrize(("wish", "says"), [
    ({"kind": "provider", "a": "hk-hko", "date_a": "2025-12-31"}, "the first is of 1 January 2026"),
    ({"kind": "provider", "a": "hk-hko", "date_a": "9999-99-99"}, "is not a date"),
    ({"kind": "provider", "a": "hk-hko", "date_a": "9999-12-31"}, "the scores kept end on"),
    ({"kind": "provider", "a": "nobody", "b": "hk-td"}, "Nothing here is called “nobody”"),
    ({"kind": "provider", "a": "hk-hko", "b": "hk-td", "profile_a": "none"}, "Nothing is scored by a profile “none”"),
    ({"kind": "provider", "a": "hk-hko", "b": "hk-hko"}, "Both sides are the same"),
    ({"kind": "planet", "a": "earth"}, "cannot be compared"),
])  # fmt: skip
def test_what_makes_no_sense_is_told_beside_a_form_that_works(site, wish, says):
    """A day without a score, a name nobody has, a profile that is none: a sentence, the form, and no server error."""
    (answer,) = get(site, f"/en/compare?{urlencode(wish)}")
    assert answer.status_code == 400
    assert says in words(answer)
    assert '<form class="chooser"' in answer.text


def test_hostile_parameters_are_only_text(site):
    """Whatever stands in an address, the answer is a page: no script, no server error, nothing repeated at length."""
    fields = versus.Asked.__slots__
    wishes = [
        {"kind": "dataset", "a": "hk-hko-tide", "b": "hk-hko-uv", name: text} for name in fields for text in HOSTILE
    ]
    answers = get(site, *(f"/en/compare?{urlencode(wish)}" for wish in wishes), "/en/compare?a=1&a=2&%00=%FF&b")
    for wish, answer in zip([*wishes, {}], answers, strict=True):
        assert answer.status_code in (200, 400), wish
        assert answer.text.count("<script") == answer.text.count('<script src="/-/barometer/') <= 1
        assert "\x00" not in answer.text
        assert not [tag for tag, attributes in Read(answer.text).elements if "onclick" in attributes]
        assert len(answer.text) < 60_000


def test_the_form_alone_leads_to_a_comparison_in_every_language(site):
    """What the form offers and how it names it is what the page understands; the other languages keep the question."""
    page = Read(get(site, "/sc/compare?kind=provider&a=hk-hko")[0].text)
    assert "现在请选择" in " ".join(page.text)
    names = [attributes["name"] for tag, attributes in page.elements if tag in ("select", "input") and
             attributes.get("name") not in (None, "q")]  # fmt: skip
    assert set(names) == set(versus.Asked.__slots__)
    offered = {attributes.get("value") for tag, attributes in page.elements if tag == "option"}
    assert {"hk-hko", "hk-td", "gdb-checklist", "mine", ""} <= offered
    filled = dict.fromkeys(names, "") | {"kind": "provider", "a": "hk-hko", "b": "hk-td", "profile_a": "mine"}
    (answer,) = get(site, "/sc/compare?" + "&".join(f"{name}={value}" for name, value in filled.items()))
    assert answer.status_code == 200
    links = {attributes.get("href") for tag, attributes in Read(answer.text).elements if tag == "a"}
    assert "/tc/compare?kind=provider&a=hk-hko&b=hk-td&profile_a=mine" in links


def test_words_find_the_datasets_they_may_mean(site):
    """Words in place of a dataset's name are searched for, and each find leads to the comparison with it."""
    (answer,) = get(site, "/en/compare?kind=dataset&a=tide&b=hk-hko-uv")
    links = [attributes["href"] for tag, attributes in Read(answer.text).elements if tag == "a" and
             "hk-hko-tide" in (attributes.get("href") or "")]  # fmt: skip
    assert links
    assert get(site, links[0])[0].status_code == 200


def test_json_and_csv_say_what_the_page_says(site):
    """One set of figures in three forms; the CSV has a row a criterion and runs in no spreadsheet."""
    question = "?kind=provider&a=hk-hko&b=hk-x"
    page, as_json, as_csv = get(site, *(f"/en/compare{form}{question}" for form in ("", ".json", ".csv")))
    result = as_json.json()["result"]
    rows = list(csv.DictReader(io.StringIO(as_csv.text.removeprefix("\ufeff"))))
    assert float(rows[0]["mean_a"]) == result["sides"][0]["point"]
    assert f"{result['sides'][0]['point']:.1f}" in words(page)
    assert [row["criterion"] for row in rows[1:]] == [
        row["criterion"] for row in (*result["criteria"], *result["others"])
    ]
    assert not [cell for row in rows for cell in row.values() if cell.startswith(("=", "+", "@"))]


def test_a_day_ends_at_midnight_in_hong_kong():
    """The score of a day is the one that stood when the day ended there, eight hours ahead of UTC."""
    assert end_of(date(2026, 11, 1)) == "2026-11-01T16:00:00Z"
    assert end_of(None) > end_of(date(2099, 12, 31))
