"""What officers answered: guarded by its own database, merged into the catalogue, and never a matter of points."""

import csv
import io
import json
import sqlite3
import threading
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harvester.errors import NotOurDatabaseError
from harvester.replies import opened, settled, waiting
from publish import filters, pages, render, work_pages
from publish.feed_pages import worklist as feed
from publish.feeds import as_atom
from publish.i18n import Translator
from publish.replies import ANSWERED, finding_of, state_of
from tests.desk_fixture import NOW, Place, copied, made

EN = Translator("en")
DONE = {"was": 40.0, "now": 55.0, "gained": 15.0, "closed": 1, "open": 0, "opened": 0, "unsure": [], "failed": []}


@pytest.fixture(scope="module")
def published(tmp_path_factory: pytest.TempPathFactory) -> Place:
    return made(tmp_path_factory.mktemp("desk"))


@pytest.fixture
def place(published: Place, tmp_path: Path) -> Place:
    """A desk of the test's own."""
    return copied(published, tmp_path)


def states(place: Place) -> list[tuple[str, str]]:
    return [(row["kind"], row["state"]) for row in place.asked("SELECT kind, state FROM reply ORDER BY id")]


def test_replies_change_nothing_that_is_measured(place):
    """Every table but the replies' own (and its sum) is the same, row by row, with replies and without."""
    before = everything(place)
    for number, kind in enumerate(("mended", "cannot", "wrong")):
        place.reply(place.task(nth=number)["key"], kind=kind)
    place.publish()
    after = everything(place)
    assert len(place.asked("SELECT * FROM reply")) == 3
    assert {name for name in before if before[name] != after[name]} == {"reply", "checksum", "meta"}
    differ = set(before["meta"]) ^ set(after["meta"])
    assert {name for name, _value in differ} == {"content_sha256"}


def everything(place: Place) -> dict[str, list]:
    names = [row["name"] for row in place.asked("SELECT name FROM sqlite_master WHERE type = 'table' AND sql NOTNULL")]
    return {
        name: [tuple(row.values()) for row in place.asked(f'SELECT * FROM "{name}"')]  # noqa: S608 - its own names
        for name in names if not name.startswith(("sqlite_stat", "dataset_search"))
    }  # fmt: skip


def test_what_is_published_names_no_officer(place):
    """The catalogue has the provider, the role and the words; the name of who wrote them is nowhere in the file."""
    place.reply(place.task()["key"], officer="chan.tai.man", role="officer")
    place.publish()
    assert place.asked("SELECT provider, role, kind, reason FROM reply") == [
        {"provider": "hk-hko", "role": "officer", "kind": "cannot", "reason": "The law asks for paper."}
    ]
    assert b"chan.tai" not in place.catalog.read_bytes()


def test_an_answer_is_shown_in_the_lists_and_ends_with_its_day(place):
    """A standing answer marks its task in page, CSV, filter and feed; after its last day it is unanswered again."""
    key = place.task()["key"]
    place.reply(key, expires="2026-11-30")
    for now, state in (
        (NOW, "answered"),
        (NOW + timedelta(days=6), "answered"),
        (NOW + timedelta(days=9), "unanswered"),
    ):
        place.merge(now)
        with sqlite3.connect(place.catalog) as connection:
            asked = filters.Filters(reply=state)
            page = work_pages.worklist(connection, EN, "hk-hko", asked, (), "https://x.example")
            told = render.as_html(page, "en", "worklist/hk-hko", {"portal": "", "code_version": "1", "scanned": ""})
            atom = as_atom(feed(connection, EN, "hk-hko", asked, "https://x.example"), EN)
            task = work_pages.task(connection, EN, key, "")
        connection.close()
        assert key in {one["key"] for one in page.data["tasks"]}
        assert "The law asks for paper." in told
        assert f"/en/task/{key}" in (atom if isinstance(atom, str) else atom.decode())
        lines = csv.DictReader(io.StringIO(render.as_csv(page).removeprefix("\ufeff")))
        answer = next(line["answer"] for line in lines if line["task"].endswith(key))
        assert answer.startswith("23 November 2026, an editor")
        assert task.data["replies"][0]["state"] == ("standing" if state == "answered" else "expired")


HOSTILE = (
    """<script>alert(1)</script> '); DROP TABLE reply;-- =HYPERLINK("http://evil.example") \u202egnp.exe {{ 7*7 }}"""
)


@pytest.mark.parametrize("language", ["en", "tc", "sc"])
def test_what_officers_write_is_text_wherever_it_is_shown(place, language):
    """On the task's, the dataset's and the worklist's page, in CSV and feed: escaped, no link, no turned direction."""
    tr, task = Translator(language), place.task()
    place.reply(task["key"], reason=HOSTILE, kind="wrong")
    place.merge()
    meta = {"portal": "", "code_version": "1", "scanned": ""}
    with closing(sqlite3.connect(place.catalog)) as connection:
        work = work_pages.worklist(connection, tr, "hk-hko", filters.Filters(), (), "https://x.example")
        shown = [
            render.as_html(work_pages.task(connection, tr, task["key"], ""), language, "task/x", meta),
            render.as_html(pages.dataset(connection, tr, task["dataset"]), language, "dataset/x", meta),
            render.as_html(work, language, "worklist/hk-hko", meta),
            str(as_atom(feed(connection, tr, "hk-hko", filters.Filters(), "https://x.example"), tr)),
        ]
    for text in shown:
        assert "DROP TABLE reply" in text
        assert "{{ 7*7 }}" in text
        assert "<script>alert" not in text
        assert 'href="http://evil' not in text
        assert "\u202e" not in text
    lines = csv.reader(io.StringIO(render.as_csv(work).removeprefix("\ufeff")))
    assert not [cell for line in lines for cell in line if cell.startswith(("=", "+", "-", "@"))]


@pytest.mark.parametrize(
    ("kind", "change", "state"),
    [
        ("cannot", {"reason": "another-reason"}, "overtaken"),
        ("cannot", {"reopened": "2026-11-23T05:00:00Z"}, "overtaken"),
        (
            "cannot",
            {"evidence": json.dumps({"facts": {"note": "x", "link": "https://moved.example", "n": 1}})},
            "overtaken",
        ),
        ("wrong", {"evidence": json.dumps({"facts": {"n": 99}})}, "overtaken"),
        ("wrong", {"visits": [1, 2, 3], "milliseconds": 17, "age": 400.0}, "standing"),
        ("cannot", {"visits": [1, 2, 3], "milliseconds": 17, "age": 400.0}, "standing"),
        ("cannot", {"closed": "2026-11-23T05:00:00Z"}, "overtaken"),
        ("mended", {"closed": "2026-11-23T05:00:00Z"}, "confirmed"),
        ("mended", {}, "waiting"),
    ],
)
def test_new_evidence_ends_an_answer_and_a_mere_new_look_does_not(place, kind, change, state):
    """Another reason, fact or a reopening overtakes; new visits and the passing of time leave it standing."""
    task = place.task()
    place.reply(task["key"], kind=kind)
    looks = {name: change[name] for name in ("visits", "milliseconds", "age") if name in change}
    if looks:
        told = json.loads(task["evidence"])
        clock = {name: value for name, value in looks.items() if name != "visits"}
        facts = told.get("facts", {})
        change = {"evidence": json.dumps({**told, "facts": {**facts, **clock}, "visits": looks["visits"]})}
    for name, value in change.items():
        place.write(
            f"UPDATE task SET {name} = ? WHERE dataset = ? AND resource = ? AND criterion = ?",  # noqa: S608 - ours
            value, task["dataset"], task["resource"], task["criterion"],
        )  # fmt: skip
    place.merge()
    assert states(place) == [(kind, state)]


def test_a_later_answer_takes_the_place_of_the_one_before(place):
    """One answer a task counts, the last; those before it stay in the trail."""
    key = place.task()["key"]
    for kind in ("cannot", "wrong"):
        place.reply(key, kind=kind)
    place.merge()
    assert states(place) == [("cannot", "replaced"), ("wrong", "standing")]


@given(
    kind=st.sampled_from(["mended", "cannot", "wrong"]), newest=st.booleans(), same=st.booleans(),
    closed=st.sampled_from([None, "2026-11-23T05:00:00Z"]), day=st.dates(),
    told=st.none()
    | st.fixed_dictionaries({"unsure": st.lists(st.sampled_from(["r", "q"])), "failed": st.lists(st.text())}),
)  # fmt: skip
def test_no_answer_outlives_its_day_its_evidence_or_a_later_one(kind, newest, same, closed, day, told):
    """Whatever was said: a task counts as answered only while open, on the same finding, by the last reply, in time."""
    said = {
        "kind": kind, "newest": newest, "finding": "a" * 12 + "-" + "b" * 12, "expires": "2026-12-31",
        "resource": "r", "criterion": "online", "told": json.dumps(told) if told and kind == "mended" else None,
    }  # fmt: skip
    now = said["finding"] if same else "c" * 12 + "-" + "b" * 12
    state = state_of(said, now, closed, day.isoformat())
    if state in ANSWERED:
        assert newest
        assert same
        assert closed is None
        assert day.isoformat() <= "2026-12-31"
    if kind == "mended" and told and not told["failed"] and "r" not in told["unsure"]:
        assert state not in ANSWERED, "a re-check that was sure has the last word"


def test_a_finding_is_told_by_what_it_says_and_not_by_when(place):
    """The order of facts and the form of the evidence (text or read) make no difference; the criterion does."""
    task = place.task()
    read = {**task, "evidence": json.loads(task["evidence"])}
    turned = {**read, "evidence": dict(reversed(read["evidence"].items()))}
    assert finding_of(task) == finding_of(read) == finding_of(turned)
    assert finding_of({**task, "criterion": "other"})[:12] != finding_of(task)[:12]


def test_a_dataset_waits_once_however_often_it_is_asked_for(place):
    """Three tasks said to be mended make one re-check; one said while it is under way makes the next."""
    keys = [
        row["key"] for row in place.asked("SELECT key FROM task WHERE dataset = 'hk-hko-rainfall' AND closed IS NULL")
    ]
    first, second, *_ = keys
    for key in (first, second, first):
        place.reply(key, kind="mended")
    (wanted,) = waiting(place.officers)
    assert (wanted.dataset, wanted.asked, wanted.officer, wanted.last) == (
        "hk-hko-rainfall", "2026-11-23T01:00:00Z", "editor", 3)  # fmt: skip
    place.reply(second, kind="mended", at="2026-11-23T01:01:00Z")
    settled(place.officers, wanted, DONE, lambda: NOW)
    (again,) = waiting(place.officers)
    assert (again.asked, again.last) == ("2026-11-23T01:01:00Z", 4)
    settled(place.officers, again, DONE, lambda: NOW)
    settled(place.officers, again, DONE, lambda: NOW)
    assert waiting(place.officers) == ()
    place.merge()
    assert states(place)[-2:] == [("mended", "overtaken"), ("mended", "overtaken")]


@pytest.mark.parametrize("told", [{"failed": ["The workshop was busy."]}, {**DONE, "unsure": ["hk-hko-rainfall/0"]}])
def test_a_recheck_that_could_not_be_sure_leaves_the_answer_waiting(place, told):
    """What was not looked at, or works again and must be confirmed, is not held against the officer."""
    key = place.asked("SELECT key FROM task WHERE resource = 'hk-hko-rainfall/0' AND closed IS NULL")[0]["key"]
    place.reply(key, kind="mended")
    settled(place.officers, waiting(place.officers)[0], told, lambda: NOW)
    place.merge()
    assert states(place) == [("mended", "waiting")]


def test_a_recheck_that_found_it_mended_is_told_before_the_next_catalogue(place):
    """The desk says "confirmed" as soon as the re-check does, and the feed says who answered what."""
    task = place.task()
    place.reply(task["key"], kind="mended", reason="The server was <b>moved</b>.")
    told = {**DONE, "mended": [[task["resource"], task["criterion"]]]}
    settled(place.officers, waiting(place.officers)[0], told, lambda: NOW)
    with place.desk().published() as catalog:
        (said,) = place.desk().given(catalog, "r.task = ?", [task["key"]])
    assert said["state"] == "confirmed"
    place.merge()
    with closing(sqlite3.connect(place.catalog)) as connection:
        atom = as_atom(feed(connection, EN, "hk-hko", filters.Filters(), "https://x.example"), EN)
    assert "Answered by the provider" in str(atom)
    assert "<b>moved" not in str(atom)


@pytest.mark.parametrize(
    ("changed", "refusal"),
    [
        ({"kind": "deleted"}, "kind"), ({"reason": "short"}, "reason_missing"),
        ({"reason": " " * 50}, "reason_missing"),
        ({"reason": "x" * 1001}, "reason_long"), ({"reason": "fine and long\0" + "x" * 900_000}, "reason_long"),
        ({"reason": "字" * 1001}, "reason_long"), ({"expires": "2026-11-22"}, "expires"),
        ({"expires": "2027-05-24"}, "expires"), ({"expires": "never"}, "expires"),
        ({"expires": "2026-13-01"}, "expires"),
        ({"officer": "chan.tai.man", "role": "editor"}, "provider"), ({"officer": "transport"}, "provider"),
        ({"officer": "nobody"}, "provider"), ({"provider": "hk-td"}, "task"), ({"dataset": "hk-td-ferry"}, "task"),
        ({"task": "aaaaaaaaaaaa"}, "task"), ({"finding": "0" * 25}, "finding"), ({"form": "1"}, "form"),
        ({"form": "g" * 32}, "form"),
    ],
)  # fmt: skip
def test_the_database_refuses_what_the_desk_should_have_refused(published, changed, refusal):
    """Whoever writes to officers.db: kind, reason, day, form, task, provider and finding are its own checks."""
    with pytest.raises(sqlite3.IntegrityError, match=rf"(^|: ){refusal}$"):
        published.reply(published.task()["key"], **changed)
    assert published.kept("SELECT * FROM reply") == published.kept("SELECT * FROM log") == []


def test_a_queue_is_not_flooded(place):
    """An hour has 10 re-checks and 60 answers of one officer; then it is said so, and the next hour is free again."""
    tasks = place.asked("SELECT min(key) AS key, dataset FROM task WHERE closed IS NULL GROUP BY dataset ORDER BY 2")
    open_now = {row["task"] for row in place.kept("SELECT task FROM finding")}
    keys = [row["key"] for row in tasks if row["key"] in open_now]
    for key in keys[:10]:
        place.reply(key, kind="mended")
    with pytest.raises(sqlite3.IntegrityError, match="queue"):
        place.reply(keys[10], kind="mended")
    for _ in range(50):
        place.reply(keys[0], kind="mended")
    with pytest.raises(sqlite3.IntegrityError, match="often"):
        place.reply(keys[0])
    place.reply(keys[10], kind="mended", at="2026-11-23T02:00:01Z")
    assert len(waiting(place.officers)) == 11


@pytest.mark.parametrize(
    "sql",
    [
        "DELETE FROM log", "UPDATE log SET officer = 'x'", "DELETE FROM reply", "UPDATE reply SET reason = 'x'",
        "DELETE FROM recheck", "UPDATE recheck SET dataset = 'x'", "UPDATE recheck SET officer = 'x'",
        "INSERT OR REPLACE INTO log SELECT id, at, 'x', what, subject, detail FROM log",
        "INSERT OR REPLACE INTO reply SELECT * FROM reply",
    ],
)  # fmt: skip
def test_what_was_written_stays_written(place, sql):
    """Replies, requests and the log of every write are added to and never changed."""
    place.reply(place.task()["key"], kind="mended")
    before = place.kept("SELECT * FROM log")
    assert [(row["officer"], row["what"]) for row in before] == [("editor", "reply"), ("editor", "recheck asked")]
    with opened(place.officers) as connection, pytest.raises(sqlite3.IntegrityError):
        connection.execute(sql)
    assert place.kept("SELECT * FROM log") == before


def test_desk_and_scan_write_one_file_at_one_time(place):
    """While one thread answers, another settles what waits: no write is lost and none fails."""
    tasks = place.asked("SELECT DISTINCT dataset FROM task t WHERE closed IS NULL ORDER BY 1 LIMIT 8")
    keys = [place.kept("SELECT task FROM finding WHERE dataset = ?", row["dataset"]) for row in tasks]
    keys = [found[0]["task"] for found in keys if found]
    failures: list[Exception] = []

    def settle() -> None:
        try:
            done = 0
            while done < len(keys):
                for wanted in waiting(place.officers):
                    settled(place.officers, wanted, DONE, lambda: NOW)
                    done += 1
        except sqlite3.Error as error:
            failures.append(error)

    worker = threading.Thread(target=settle)
    worker.start()
    for key in keys:
        place.reply(key, kind="mended")
    worker.join(30)
    assert failures == []
    assert not worker.is_alive()
    assert waiting(place.officers) == ()
    assert len(place.kept("SELECT * FROM log WHERE what = 'recheck settled'")) == len(keys)


def test_a_file_of_something_else_is_left_alone(tmp_path):
    """Where officers.db is no database, or another one, it is said and not touched; without one, nobody waits."""
    other = tmp_path / "officers.db"
    assert waiting(other) == ()
    other.write_bytes(b"a letter to my aunt, quite long enough to be no database of any kind" * 20)
    with pytest.raises(NotOurDatabaseError):
        waiting(other)
    other.unlink()
    connection = sqlite3.connect(other)
    connection.execute("CREATE TABLE aunt (name)")
    connection.commit()
    connection.close()
    with pytest.raises(NotOurDatabaseError):
        waiting(other)
