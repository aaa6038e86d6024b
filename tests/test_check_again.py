"""Checking again: little is asked of what did not change, nobody is blamed for our network, named links go first."""

import json
import socket
from collections import Counter
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from datetime import datetime, timedelta
from itertools import chain
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlite_utils import Database

from harvester import steps
from harvester.check import check
from harvester.cli import barometer
from harvester.clock import iso
from harvester.errors import OurNetworkError, SettingsError
from harvester.fanout import Patience, Shard, fan_out
from harvester.harvest import harvest
from harvester.outage import HOSTS, Doubt, believed
from harvester.records import Spell, Visit
from harvester.store.bodies import Bodies
from harvester.store.health import Change, bring_up_to_date
from harvester.store.standing import stand
from harvester.store.visits import Due, Seen, Which, links, save_visits, second_attempts
from harvester.store.workshop import step, workshop
from harvester.web import Web
from tests.loopback import Loopback, Talk, raw, reply
from tests.test_check import DAY, HOUR, NOW, catalogue, clock, scan
from tests.test_harvest import Shelf
from tests.test_health import healths

CSV = b"name,count\nx,1\ny,2\n"


def last(db: Database) -> dict[str, Any]:
    """The newest visit."""
    return next(iter(db.query("SELECT * FROM visit ORDER BY id DESC LIMIT 1")))


def when(test: Callable[[str], bool], then: Talk, otherwise: Talk) -> Talk:
    def talk(connection: socket.socket, request: str) -> None:
        (then if test(request) else otherwise)(connection, request)

    return talk


def stamped(body: bytes, etag: str) -> Talk:
    """Give ``body`` with its ETag, or a 304 to whoever has it; the 304 says no more than it must."""
    fresh = reply(body, head=f'ETag: "{etag}"\r\nContent-Type: text/csv\r\n')
    return when(lambda told: f'If-None-Match: "{etag}"' in told, reply(status="304 Not Modified"), fresh)


def test_an_unchanged_resource_costs_one_request_and_no_body(db: Database, server: Loopback, tmp_path: Path) -> None:
    """By the server's own log; the visit names the body it confirms, and keeps what its headers said."""
    catalogue(db, [server.on("one.test", "/x.csv", stamped(CSV, "v1"))])
    scan(db, server, tmp_path)
    first = last(db)
    for week in (1, 2):
        server.asked.clear()
        run = scan(db, server, tmp_path, 7 * DAY * week)
        assert len(server.asked) == 1
        again = last(db)
        assert (again["status"], again["outcome"], again["asked"], again["nature"]) == (304, "ok", "changed", "data")
        assert [again[name] for name in ("sha256", "content_type", "etag")] == [
            first[name] for name in ("sha256", "content_type", "etag")
        ]
        assert run.counts["not_changed"] == 1
    server.on("one.test", "/x.csv", stamped(CSV + b"z,3\n", "v2"))
    scan(db, server, tmp_path, 21 * DAY)
    assert (last(db)["status"], last(db)["sha256"] != first["sha256"]) == (200, True)


def test_a_lie_about_not_changing_is_found_out_within_four_weeks(
    db: Database, server: Loopback, tmp_path: Path
) -> None:
    """A body that changes under the same ETag is read whole in the end."""
    catalogue(db, [server.on("one.test", "/x.csv", stamped(CSV, "v1"))])
    scan(db, server, tmp_path)
    server.on("one.test", "/x.csv", stamped(CSV + b"z,3\n", "v1"))
    statuses = []
    for week in range(1, 5):
        scan(db, server, tmp_path, 7 * DAY * week)
        statuses.append(last(db)["status"])
    assert statuses == [304, 304, 304, 200]
    assert db.execute("SELECT count(DISTINCT sha256) FROM visit").fetchone()[0] == 2


def test_a_304_that_nobody_asked_for_is_no_answer(db: Database, server: Loopback, tmp_path: Path) -> None:
    """Whoever asked for the whole got nothing."""
    catalogue(db, [server.on("one.test", "/x.csv", reply(status="304 Not Modified"))])
    scan(db, server, tmp_path)
    assert (last(db)["outcome"], last(db)["sha256"]) == ("broken", None)


def test_a_body_that_must_be_judged_anew_comes_whole(db: Database, server: Loopback, tmp_path: Path) -> None:
    """Where neither the body nor a verdict of today's rules is there, "not changed" would leave nothing to judge."""
    catalogue(db, [server.on("one.test", "/x.csv", stamped(CSV, "v1"))])
    scan(db, server, tmp_path)
    with db.atomic():
        db.execute("UPDATE content SET verdict = 'valid', engine = 'frictionless 5, rules 3'")
    with Bodies(tmp_path / "bodies") as bodies:
        bodies.small.remove(list(bodies.small.sizes()))
    for days, rules, status in ((7, 3, 304), (14, 4, 200), (21, 4, 304)):
        scan(db, server, tmp_path, days * DAY, rules=rules)
        assert last(db)["status"] == status


LOGIN = b"<html><title>Log in</title><form action=/login><input type=password name=p></form></html>"
BIG = b"name,count\n" + b"x,1\n" * 40_000


def ranged(body: bytes) -> Talk:
    start = reply(body[:65536], "206 Partial Content", f"Content-Range: bytes 0-65535/{len(body)}\r\n")
    return when(lambda told: "Range: bytes=0-65535" in told, start, reply(body))


@pytest.mark.parametrize(
    ("then", "requests", "expected", "kept"),
    [
        (ranged(BIG), 1, ("ok", "data", "part"), False),
        (reply(BIG), 1, ("ok", "data", "part"), False),
        (reply(CSV), 1, ("ok", "data", "part"), True),
        (reply(LOGIN), 1, ("ok", "login", "part"), True),
        (when(lambda told: "Range" in told, reply(status="416 No"), reply(CSV)), 2, ("ok", "data", "whole"), True),
        (when(lambda told: "Range" in told, reply(status="400 No"), reply(CSV)), 2, ("ok", "data", "whole"), True),
        (reply(b"<html>gone</html>", "404 Not Found"), 2, ("gone", "page", "whole"), False),
    ],
    ids=["range", "range ignored", "short", "login", "416", "range refused", "gone"],
)
def test_the_start_shows_what_sort_of_thing_it_is(
    db: Database,
    server: Loopback,
    tmp_path: Path,
    then: Talk,
    requests: int,
    expected: tuple[str, str, str],
    kept: bool,
) -> None:
    """Without validators the start is asked for in between; what fails so is asked for whole before it counts."""
    catalogue(db, [server.on("one.test", "/api", reply(BIG))])
    scan(db, server, tmp_path)
    server.on("one.test", "/api", then)
    server.asked.clear()
    scan(db, server, tmp_path, 6 * HOUR, which=Which(every=True))
    seen = last(db)
    assert len(server.asked) == requests
    assert (seen["outcome"], seen["nature"], seen["asked"]) == expected
    assert (seen["sha256"] is not None) == kept
    assert seen["bytes"] <= 65536
    assert bool(seen["complete"]) == (kept or expected[0] == "gone")


def silent(hosts: int) -> list[Seen]:
    return [Seen(n, Visit(f"http://h{n}.test/", f"2026-11-23T02:00:{n:02}Z", 1, "timeout")) for n in range(hosts)]


def gone(hosts: frozenset[str]) -> None:
    raise OurNetworkError(str(len(hosts)))


def test_many_silent_hosts_are_believed_only_when_another_answers() -> None:
    """The eighth silent host in a row raises the question; until it is answered nothing is handed on."""
    asked: list[int] = []
    shards = [[seen] for seen in silent(HOSTS * 2 + 1)]
    told = believed(shards, lambda hosts: asked.append(len(hosts)))
    assert list(chain.from_iterable(told)) == list(chain.from_iterable(shards))
    assert asked == [HOSTS, HOSTS, 1]
    told = believed(iter(shards), gone)
    with pytest.raises(OurNetworkError, match=str(HOSTS)):
        next(told)


def test_one_hosts_silence_is_no_outage() -> None:
    """Eight links of one host say no more than one does."""
    shard = [Seen(n, Visit("http://h.test/", "2026-11-23T02:00:00Z", 1, "unreachable")) for n in range(20)]
    asked: list[frozenset[str]] = []
    assert list(believed([shard], asked.append)) == [shard]
    assert asked == [frozenset({"h.test"})]  # once, at the end


def test_an_answer_vouches_for_what_began_before_it_and_for_nothing_later() -> None:
    """Shards arrive late: an answer from before the network went says nothing of the silence after."""
    early, late = silent(9)[3], silent(9)[8]
    doubt = Doubt()
    assert doubt.sift([early, late]) == []
    answer = Seen(99, Visit("http://z.test/", "2026-11-23T02:00:05Z", 1, "gone", status=404))
    assert doubt.sift([answer]) == [early, answer]
    assert doubt.held == [late]


def test_our_own_outage_is_nobodys_fault_and_the_run_goes_on_after_it(
    db: Database, server: Loopback, tmp_path: Path
) -> None:
    """The check stops with what to do, stores nothing against the hosts, and is taken up when the network is back."""
    names = [f"h{n}.test" for n in range(12)]
    catalogue(db, [server.on(name, "/x.csv", reply(f"a,b\n{name},1\n".encode())) for name in names])
    scan(db, server, tmp_path)
    for name in names:
        server.on(name, "/x.csv", raw())
    with pytest.raises(OurNetworkError, match="connection"):
        scan(db, server, tmp_path, 7 * DAY)
    assert db.execute("SELECT count(*) FROM visit").fetchone()[0] == 12
    assert db.execute("SELECT state FROM run ORDER BY id DESC LIMIT 1").fetchone()[0] == "stopped"
    for name in names:
        server.on(name, "/x.csv", reply(CSV))
    run = scan(db, server, tmp_path, 7 * DAY + HOUR)
    assert run.resumed
    assert db.execute("SELECT count(*), sum(outcome = 'ok') FROM visit WHERE run = ?", [run.id]).fetchone() == (12, 12)


def test_where_the_portal_answers_our_network_is_alive(db: Database, server: Loopback, tmp_path: Path) -> None:
    """It is asked before any department's link is bothered, and the silent hosts are held to their silence."""
    portal = server.on("portal.test", "/", reply(b"hello"))
    names = [f"h{n}.test" for n in range(HOSTS)]
    catalogue(db, [server.on(name, "/x.csv", reply(CSV)) for name in names])
    scan(db, server, tmp_path)
    for name in names:
        server.on(name, "/x.csv", raw())
    server.asked.clear()
    run = scan(db, server, tmp_path, 7 * DAY, portal=portal)
    assert db.execute("SELECT count(*) FROM visit WHERE run = ?", [run.id]).fetchone()[0] == 2 * HOSTS
    asked = Counter(host for host, _, _ in server.asked)
    assert {asked[name] for name in names} == {2}
    assert 1 <= asked["portal.test"] <= 3


def test_hosts_that_are_really_gone_are_told_so(db: Database, server: Loopback, tmp_path: Path) -> None:
    """With one host answering, ten dead ones are found dead, each asked twice."""
    dead = [server.on(f"dead{n}.test", "/x", raw()) for n in range(10)]
    catalogue(db, [*dead, server.on("fine.test", "/y", reply(CSV))])
    scan(db, server, tmp_path)
    outcomes = Counter(row[0] for row in db.execute("SELECT outcome FROM visit"))
    assert outcomes == {"ok": 1, "unreachable": 20}


@given(st.lists(st.booleans(), min_size=1, max_size=60), st.integers(1, 4), st.floats(0, 1000))
def test_a_second_attempt_waits_and_holds_nobody_up(fails: list[bool], width: int, again: float) -> None:
    """By a clock that only rests move: other links go on meanwhile, no attempt is early, and we rest but seldom."""
    now, rests = 0.0, 0
    asked: dict[tuple[int, int], float] = {}

    def rest(seconds: float) -> None:
        nonlocal now, rests
        now += seconds
        rests += 1

    class AtOnce(ThreadPoolExecutor):
        def submit(self, _: object, shard: Shard) -> Future[list[Seen]]:  # type: ignore[override]
            for due in shard:
                asked[due.id, due.attempt] = now
            future: Future[list[Seen]] = Future()
            future.set_result(
                [Seen(d.id, Visit(d.url, "", d.attempt, "timeout" if fails[d.id] else "ok")) for d in shard]
            )
            return future

    plan = [Due(number, f"u{number}", f"h{number % 5}") for number in range(len(fails))]
    patience = Patience(1e9, lambda *_: None, now=lambda: now)
    with AtOnce(1) as executor:
        list(fan_out(plan, lambda _: [], executor, width, patience, again=again, rest=rest))
    assert all(asked[number, 1] == 0.0 for number in range(len(fails)))
    assert {number for number, attempt in asked if attempt == 2} == {n for n, bad in enumerate(fails) if bad}
    assert all(at >= again for (_, attempt), at in asked.items() if attempt == 2)
    assert rests <= len(fails)


def test_a_second_attempt_taken_up_waits_only_for_what_is_left(db: Database, server: Loopback, tmp_path: Path) -> None:
    """A run stopped between the two attempts does not make the second at once, nor wait anew when time has passed."""
    catalogue(db, [server.on("one.test", "/down", reply(b"", "500 Oops"))])
    scan(db, server, tmp_path)
    with db.atomic():
        db.execute("DELETE FROM visit WHERE attempt = 2")
        db.execute("UPDATE run SET state = 'stopped' WHERE kind = 'check'")
    with step(db, "check", clock, {}, "") as run:
        for passed, left in ((0, 600), (200, 400), (1000, 0), (-500, 600)):
            found = second_attempts(db, run, links(db, Which()), NOW + timedelta(seconds=passed), 600.0)
            assert [(due.attempt, due.after) for due in found] == [(2, left)]


def three_providers(db: Database, server: Loopback) -> None:
    """Datasets a and b of one provider and c of another, two files each."""
    shelf = Shelf()
    for name in "abc":
        urls = [server.on(f"{name}.test", f"/{n}.csv", reply(f"a,b\n{name},{n}\n".encode())) for n in range(2)]
        resources = [{"shared_id": f"{name}{n}", "url": url, "format": "CSV"} for n, url in enumerate(urls)]
        shelf.add(name, resources=resources, data_dictionary=None)
    with step(db, "harvest", clock, {}, "") as run:
        harvest(db, shelf, run, clock)
    with db.atomic():
        db.execute(
            "INSERT INTO provider SELECT 'hk-other', title_en, title_tc, title_sc, first_seen, last_seen FROM provider"
        )
        db.execute("UPDATE dataset SET provider = 'hk-other' WHERE name = 'c'")


def test_a_call_with_holes_is_visited_by_its_example(db: Database, server: Loopback) -> None:
    """Naming the template, which nobody can ask for, visits the call that its own dataset gives."""
    call = server.on("a.test", "/call?day=20261101", reply(b"[1]"))
    holes = call.replace("20261101", "<YYYYMMDD>")
    shelf = Shelf()
    files = [{"shared_id": "t", "url": holes, "format": "API"}, {"shared_id": "e", "url": call, "format": "JSON"}]
    shelf.add("a", resources=files, data_dictionary=None)
    with step(db, "harvest", clock, {}, "") as run:
        harvest(db, shelf, run, clock)
    assert [link.url for link in links(db, Which(urls=(holes,)))] == [call]


@pytest.mark.parametrize(
    ("which", "hosts"),
    [
        (Which(every=True), {"a.test": 2, "b.test": 2, "c.test": 2}),
        (Which(datasets=("a",), providers=("hk-other",)), {"a.test": 2, "c.test": 2}),
        (Which(urls=("http://b.test/1.csv",)), {"b.test": 1}),
        (Which(failing=True), {"b.test": 3}),
        (Which(failing=True, datasets=("a",)), {}),
        (Which(), {}),
    ],
)
def test_what_is_named_is_visited_at_once(
    db: Database, server: Loopback, tmp_path: Path, which: Which, hosts: dict[str, int]
) -> None:
    """Whatever the ladder says; names add up, and --failing narrows them."""
    three_providers(db, server)
    server.on("b.test", "/0.csv", reply(b"", "500 Oops"))
    server.on("b.test", "/1.csv", reply(b"", "404 Not Found"))
    scan(db, server, tmp_path)
    server.asked.clear()
    scan(db, server, tmp_path, which=which)
    if "b.test" in hosts and which.every:
        hosts = hosts | {"b.test": 3}
    assert Counter(host for host, _, _ in server.asked) == hosts


@pytest.mark.parametrize(
    ("which", "near"),
    [
        (Which(datasets=("aa",)), "did you mean a?"),
        (Which(providers=("hk-othr",)), "did you mean hk-other?"),
        (Which(urls=("http://b.test/1.cvs",)), "did you mean http://b.test/1.csv?"),
        (Which(datasets=("a", "nothing like it")), "nor anything like it"),
    ],
)
def test_a_name_that_is_not_there_is_answered_with_the_nearest(
    db: Database, server: Loopback, tmp_path: Path, which: Which, near: str
) -> None:
    """Nothing is asked, and the sentence names what was probably meant."""
    three_providers(db, server)
    with pytest.raises(SettingsError) as caught:
        scan(db, server, tmp_path, which=which)
    assert near in str(caught.value)
    assert not server.asked


def test_a_recheck_tells_what_it_changed_and_nothing_else(db: Database, server: Loopback, tmp_path: Path) -> None:
    """A link that came back is told with its old state and its new one; another check's news are not this one's."""
    three_providers(db, server)
    server.on("a.test", "/0.csv", reply(b"", "404 Not Found"))
    scan(db, server, tmp_path)
    server.on("a.test", "/0.csv", reply(CSV))
    with db.atomic():
        db.execute("DELETE FROM spell WHERE url IN (SELECT id FROM url WHERE host = 'b.test')")  # as a kill leaves it

    def later() -> datetime:
        return NOW + HOUR

    with step(db, "check", later, {"x": 1}, "") as run, Web(server.settings(), later) as web:
        changes = check(db, web, Bodies(tmp_path / "bodies"), run, later, which=Which(datasets=("a", "b")))
    assert [(each.url, each.before and each.before.state, each.after.state) for each in changes] == [
        ("http://a.test/0.csv", "down", "degraded")
    ]


@settings(max_examples=15, deadline=None)
@given(st.data())
def test_how_addresses_stand_is_the_same_read_in_little(tmp_path_factory: pytest.TempPathFactory, data: Any) -> None:
    """Whatever was seen of them, table spell and the newest visit say what all visits say."""
    outcomes = st.sampled_from(["ok", "ok", "gone", "timeout", "throttled", "blocked", "not-asked"])
    history = st.lists(st.tuples(st.integers(1, 200), outcomes, st.sampled_from([None, "data", "error"])), max_size=12)
    lives = data.draw(st.lists(history, min_size=1, max_size=6))
    with workshop(tmp_path_factory.mktemp("stand") / "h.db", create=True) as db, db.atomic():
        for number, life in enumerate(lives, start=1):
            db.execute("INSERT INTO url (id, url, host, first_seen) VALUES (?, ?, 'h', '')", [number, f"u{number}"])
            minutes = 0
            for passed, outcome, nature in life:
                minutes += passed
                with step(db, "check", clock, {"minutes": minutes}, f"{number}") as run:
                    pass
                seen = Visit(f"u{number}", iso(NOW + timedelta(minutes=minutes)), 1, outcome, nature=nature)
                save_visits(db, run, [Seen(number, seen)])
        bring_up_to_date(db)
        assert stand(db) == healths(db)


def test_the_command_tells_what_changed_as_lines_and_as_records(monkeypatch: pytest.MonkeyPatch) -> None:
    """A line a link, with what could steer a terminal taken out, the others counted; with --json as records."""
    old = Spell("up", "up", "2026-11-01T00:00:00Z", None, 3, (1,))
    new = Spell("down", "timeout", "2026-11-23T02:00:00Z", None, 2, (4, 5))
    change = Change(1, "http://a.test/\x1b[2J", old, new)
    outcome = steps.StepOutcome("check", {"urls": 5}, 0)
    asked: list[Which] = []

    def checked(_: steps.Place, which: Which) -> steps.Checked:
        asked.append(which)
        return steps.Checked(outcome, (change,))

    monkeypatch.setattr(steps, "check", checked)
    told = CliRunner().invoke(barometer, ["check", "--dataset", "a", "--dataset", "b", "--json"]).output.splitlines()
    assert told[0].startswith("http://a.test/?[2J: up -> down. No complete answer in time.")
    assert "2026-11-23 10:00 HKT" in told[0]
    assert told[1] == "4 links unchanged."
    record = json.loads(told[-1])
    assert (record["unchanged"], record["changed"][0]["url"], record["changed"][0]["state"]) == (4, change.url, "down")
    assert asked == [Which(datasets=("a", "b"))]
    plain = CliRunner().invoke(barometer, ["check"]).output
    assert "unchanged" not in plain
    assert asked[1] == steps.NIGHTLY
