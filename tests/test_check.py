"""The check: every link once, a host's one after the other, one bad minute forgiven, and nothing lost when killed."""

import gzip
import hashlib
import socket
import sqlite3
import time
from collections import Counter
from collections.abc import Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import closing
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from threading import Lock
from typing import Any, BinaryIO

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlite_utils import Database

from harvester.check import check
from harvester.errors import BarometerError
from harvester.fanout import SHARD, Patience, Shard, fan_out
from harvester.harvest import harvest
from harvester.records import Outcome, Sniffed, Visit
from harvester.sniff import sniff
from harvester.store.bodies import SMALL, Bodies
from harvester.store.visits import Due, Seen, Which
from harvester.store.workshop import Run, step
from harvester.web import Web
from tests.loopback import Loopback, Talk, raw, reply
from tests.test_harvest import Shelf

NOW = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)
NONE, HOUR, DAY = timedelta(), timedelta(hours=1), timedelta(days=1)


def clock() -> datetime:
    return NOW


def catalogue(db: Database, urls: Sequence[str], dictionary: str | None = None) -> None:
    """Harvest a catalogue of one dataset whose resources stand at ``urls``."""
    shelf = Shelf()
    resources = [{"shared_id": f"s{place}", "url": url, "format": "CSV"} for place, url in enumerate(urls)]
    shelf.add("a", resources=resources, data_dictionary=dictionary)
    with step(db, "harvest", clock, {}, "") as run:
        harvest(db, shelf, run, clock)


def scan(db: Database, server: Loopback, folder: Path, after: timedelta = NONE, **changes: Any) -> Run:
    """Check what is due so long after ``NOW``, or ``which``."""
    ours = {name: changes.pop(name) for name in ("sniff", "which", "rules", "portal") if name in changes}

    def later() -> datetime:
        return NOW + after

    options = ours["which"].options() if "which" in ours else {}
    with step(db, "check", later, options, "") as run, Web(server.settings(**changes), later) as web:
        check(db, web, Bodies(folder / "bodies"), run, later, **ours)
    return run


def visits(db: Database) -> dict[str, list[tuple[int, str]]]:
    """Outcomes by path, in the order of attempts."""
    found: dict[str, list[tuple[int, str]]] = {}
    for url, attempt, outcome in db.execute(
        "SELECT url.url, attempt, outcome FROM visit JOIN url ON url.id = visit.url ORDER BY url.id, attempt"
    ):
        found.setdefault(url.rsplit("/", 1)[-1], []).append((attempt, outcome))
    return found


def test_every_address_is_visited_once(db: Database, server: Loopback, tmp_path: Path) -> None:
    """One visit stands for all resources behind an address; dictionaries are visited, templates are not."""
    one = server.on("one.test", "/shared.csv", reply(b"a,b\n1,2\n"))
    urls = [one, one, server.on("two.test", "/x", reply(b"{}")), "http://one.test/t/<date>", "ftp://one.test/old", ""]
    catalogue(db, urls, server.on("one.test", "/spec.pdf", reply(b"%PDF-1.4")))
    run = scan(db, server, tmp_path)
    assert visits(db) == {
        "shared.csv": [(1, "ok")],
        "x": [(1, "ok")],
        "spec.pdf": [(1, "ok")],
        "old": [(1, "bad-address")],
        "": [(1, "bad-address")],
    }
    assert Counter(path for _, path, _ in server.asked) == {"/shared.csv": 1, "/x": 1, "/spec.pdf": 1}
    assert run.counts["ok"] == 3


def test_bodies_are_kept_by_what_they_hold(db: Database, server: Loopback, tmp_path: Path) -> None:
    """Two addresses with the same bytes are one content without a verdict, and its body can be read again."""
    body = b"name,count\nx,1\ny,2\n"
    urls = [server.on("one.test", f"/{name}", reply(body)) for name in "ab"]
    catalogue(db, [*urls, server.on("one.test", "/error", reply(b"<html>no</html>", "404 Not Found"))])
    scan(db, server, tmp_path)
    digest = hashlib.sha256(body).hexdigest()
    contents = list(db.query("SELECT sha256, bytes, complete, format, verdict FROM content"))
    assert contents == [{"sha256": digest, "bytes": len(body), "complete": 1, "format": "csv", "verdict": None}]
    with Bodies(tmp_path / "bodies") as bodies:
        kept = bodies.open(digest)
        assert kept is not None
        with kept:
            assert kept.read() == body
        assert list(bodies.small.sizes()) == [digest]
    assert not list((tmp_path / "bodies").glob("arriving-*"))


def in_turn(*talks: Talk) -> Talk:
    left = iter(talks)

    def talk(connection: socket.socket, request: str) -> None:
        next(left)(connection, request)

    return talk


def test_one_bad_minute_is_forgiven_and_a_clear_no_is_not_asked_again(
    db: Database, server: Loopback, tmp_path: Path
) -> None:
    """What may pass is tried once more after the host's other links; what is decided is not."""
    busy = reply(b"", "503 Busy")
    urls = [
        server.on("one.test", "/busy", in_turn(busy, reply(b"a,b\n1,2\n"))),
        server.on("one.test", "/down", reply(b"", "500 Oops")),
        server.on("one.test", "/cut", raw()),
        server.on("one.test", "/gone", reply(b"", "404 Not Found")),
        server.on("one.test", "/private", reply(b"", "403 Forbidden")),
    ]
    catalogue(db, urls)
    scan(db, server, tmp_path)
    assert visits(db) == {
        "busy": [(1, "server-error"), (2, "ok")],
        "down": [(1, "server-error"), (2, "server-error")],
        "cut": [(1, "unreachable"), (2, "unreachable")],
        "gone": [(1, "gone")],
        "private": [(1, "blocked")],
    }
    assert {path for _, path, _ in server.asked[-3:]} == {"/busy", "/down", "/cut"}


def test_a_hosts_links_are_asked_one_after_the_other(db: Database, server: Loopback, tmp_path: Path) -> None:
    """By the server's own clock requests to one host keep the interval, while other hosts are asked meanwhile."""
    slow = raw(b"HTTP/1.1 200 OK\r\nContent-Length: 1\r\nConnection: close\r\n\r\nx", pause=0.02)
    catalogue(db, [server.on(f"h{host}.test", f"/{n}", slow) for host in range(4) for n in range(6)])
    began = time.monotonic()
    scan(db, server, tmp_path, per_host_seconds=0.04)
    took = time.monotonic() - began
    for host in range(4):
        times = [at for name, at in server.times if name == f"h{host}.test"]
        assert len(times) == 6
        assert min(later - earlier for earlier, later in pairwise(times)) > 0.038
    assert took < 4 * 6 * 0.06


class Killed(BaseException):
    """What kill -9 is to a test: nothing after it is done."""


@pytest.mark.parametrize("after", [0, 3, 17])
def test_a_killed_check_does_only_what_is_missing(after: int, db: Database, server: Loopback, tmp_path: Path) -> None:
    """Cut off anywhere, the next check takes up the same run and ends with every link visited exactly once."""
    urls = [server.on(f"h{n % 3}.test", f"/{n}", reply(f"a,b\n{n},1\n".encode())) for n in range(60)]
    catalogue(db, urls)
    left = iter(range(after))
    lock = Lock()

    def dying(body: BinaryIO) -> Sniffed:
        with lock:
            if next(left, None) is None:
                raise Killed
        return sniff(body)

    with pytest.raises(Killed):
        scan(db, server, tmp_path, sniff=dying, threads=2)
    with db.atomic():
        db.execute("UPDATE run SET state = 'running', finished = NULL WHERE kind = 'check'")
    (tmp_path / "bodies" / "arriving-half").write_bytes(b"half a body")
    stored = set(visits(db))
    server.asked.clear()
    run = scan(db, server, tmp_path)
    assert run.resumed
    assert {path.strip("/") for _, path, _ in server.asked} == {str(n) for n in range(60)} - stored
    assert visits(db) == {str(n): [(1, "ok")] for n in range(60)}
    assert db.execute("SELECT count(*), count(DISTINCT sha256) FROM content").fetchone() == (60, 60)
    assert not list((tmp_path / "bodies").glob("arriving-*"))


def test_a_second_attempt_that_was_cut_off_is_still_made(db: Database, server: Loopback, tmp_path: Path) -> None:
    """A run stopped between the two attempts makes the second when it is taken up."""
    catalogue(db, [server.on("one.test", "/down", reply(b"", "500 Oops"))])
    scan(db, server, tmp_path)
    with db.atomic():
        db.execute("DELETE FROM visit WHERE attempt = 2")
        db.execute("UPDATE run SET state = 'stopped' WHERE kind = 'check'")
    server.asked.clear()
    scan(db, server, tmp_path)
    assert visits(db) == {"down": [(1, "server-error"), (2, "server-error")]}
    assert len(server.asked) == 1


def test_a_second_check_at_once_asks_nothing_and_visits_are_only_added(
    db: Database, server: Loopback, tmp_path: Path
) -> None:
    """What was just seen is not due; asked for all the same, its visit is added to the others."""
    catalogue(db, [server.on("one.test", "/x", reply(b"a,b\n1,2\n"))])
    first = scan(db, server, tmp_path).id
    idle = scan(db, server, tmp_path)
    assert (len(server.asked), idle.counts["not_due"]) == (1, 1)
    every = scan(db, server, tmp_path, which=Which(every=True)).id
    assert [row[0] for row in db.execute("SELECT run FROM visit ORDER BY id")] == [first, every]


def test_a_body_that_cannot_be_told_is_a_failure_not_an_end(db: Database, server: Loopback, tmp_path: Path) -> None:
    """An error over one body is recorded against its address, and the check goes on."""

    def failing(body: BinaryIO) -> Sniffed:
        if b"bad" in body.seek(0).to_bytes() + body.read():
            raise RecursionError("too deep")
        return sniff(body)

    catalogue(db, [server.on("one.test", f"/{name}", reply(name.encode())) for name in ("bad", "good")])
    run = scan(db, server, tmp_path, sniff=failing)
    assert run.failed == 1
    assert [row["item"] for row in db.query("SELECT item FROM failure")] == ["http://one.test/bad"]
    assert visits(db) == {"bad": [(1, "ok")], "good": [(1, "ok")]}


def test_an_endless_and_a_bombed_body_hurt_nobody(db: Database, server: Loopback, tmp_path: Path) -> None:
    """Hostile bodies are cut and marked while the others are kept whole."""
    bomb = reply(gzip.compress(b"\0" * 5_000_000) * 6, head="Content-Encoding: gzip\r\n")
    catalogue(db, [server.on("bad.test", "/bomb", bomb), server.on("good.test", "/x", reply(b"a,b\n1,2\n"))])
    scan(db, server, tmp_path)
    complete = dict(db.execute("SELECT url.url, visit.complete FROM visit JOIN url ON url.id = visit.url").fetchall())
    assert complete == {"http://bad.test/bomb": 0, "http://good.test/x": 1}
    with Bodies(tmp_path / "bodies") as bodies:
        small = [size for _, size in bodies.small.sizes().values()]
    large = [path.stat().st_size for path in (tmp_path / "bodies").glob("??/*")]
    assert max(small + large) == server.settings().max_bytes


PATIENT = Patience(1e9, lambda *_: None)


def test_a_host_in_an_outage_is_left_for_another_run(db: Database, server: Loopback, tmp_path: Path) -> None:
    """Past our patience with a host its other links are not asked, and that is told; other hosts have all theirs."""
    down, fine = reply(b"", "503 Busy"), reply(b"a,b\n1,2\n")
    catalogue(
        db,
        [server.on("down.test", f"/d{n}", down) for n in range(35)]
        + [server.on("fine.test", f"/f{n}", fine) for n in range(35)],
    )
    run = scan(db, server, tmp_path, patience_seconds=0.0)
    asked = Counter(host for host, _, _ in server.asked)
    assert asked == {"down.test": SHARD, "fine.test": 35}
    assert run.failed == 1
    told = next(iter(db.query("SELECT item, error FROM failure")))
    assert told["item"] == "down.test"
    assert "35 links are left" in told["error"]


def test_patience_begins_anew_with_each_proper_answer() -> None:
    """Only silence without a break uses it up: one good answer among bad ones keeps the host in the queue."""
    hours = iter([50.0, 60.0, 130.0])
    patience = Patience(100, lambda *_: None, now=lambda: next(hours))
    bad, good = Seen(1, Visit("u", "", 1, "timeout")), Seen(2, Visit("u", "", 1, "gone"))
    assert not patience.is_over("h", [bad, bad], 0)
    assert not patience.is_over("h", [bad, good], 0)
    assert not patience.is_over("h", [bad], 0)
    assert patience.is_over("h", [bad], 20)


PLANS = st.lists(st.tuples(st.integers(0, 6), st.booleans()), max_size=120)


@settings(max_examples=40, deadline=None)
@given(PLANS, st.integers(1, 5))
def test_no_host_has_two_shards_out(plan: list[tuple[int, bool]], width: int) -> None:
    """Whatever the plan, a host has at most one shard out, no more than the width are out, and all is done once."""
    dues = [Due(number, f"u{number}", f"h{host}") for number, (host, _) in enumerate(plan)]
    fails = {number for number, (_, failing) in enumerate(plan) if failing}
    out: list[str] = []
    most = 0

    class AtOnce(ThreadPoolExecutor):
        """Finishes what it is given at once, on this thread."""

        def submit(self, _: object, shard: Shard) -> Future[list[Seen]]:  # type: ignore[override]
            nonlocal most
            hosts = {due.host for due in shard}
            assert len(hosts) == 1
            assert len(shard) <= SHARD
            assert not hosts & set(out)
            out.extend(hosts)
            most = max(most, len(out))
            future: Future[list[Seen]] = Future()
            seen = []
            for due in shard:
                outcome: Outcome = "timeout" if due.id in fails else "ok"
                seen.append(Seen(due.id, Visit(due.url, "", due.attempt, outcome)))
            future.set_result(seen)
            return future

    made = []
    with AtOnce(1) as executor:
        for seen in fan_out(dues, lambda _: [], executor, width, PATIENT):
            made += [(item.url_id, item.visit.attempt) for item in seen]
            out.remove(dues[seen[0].url_id].host)
    assert sorted(made) == sorted([(due.id, 1) for due in dues] + [(number, 2) for number in fails])
    assert most <= width


def test_bodies_are_evicted_oldest_first_and_only_when_judged(tmp_path: Path) -> None:
    """Over its size the store drops the judged bodies unused for longest; one that awaits its verdict stays."""
    sizes = (100, SMALL + 1, 200, SMALL + 2, 300)
    bodies = Bodies(tmp_path / "bodies", most_bytes=100 + SMALL + 1)
    digests = [keep(bodies, bytes([number]) * size) for number, size in enumerate(sizes)]
    opened = bodies.open(digests[1])
    assert opened is not None
    opened.close()
    assert bodies.evict(digests[1:]) == 3
    assert [bodies.holds(digest) for digest in digests] == [True, True, False, False, False]
    assert Bodies(tmp_path / "bodies", most_bytes=0).evict(digests) == 2
    assert not any(bodies.holds(digest) for digest in digests)
    bodies.close()


def keep(bodies: Bodies, content: bytes) -> str:
    """Let a body arrive and be kept."""
    digest = hashlib.sha256(content).hexdigest()
    with bodies.arrive() as body:
        body.file.write(content)
        body.keep(digest)
    return digest


@pytest.mark.parametrize("size", [0, 1, SMALL, SMALL + 1, 2_000_000])
def test_a_kept_body_can_be_laid_out_as_a_file(size: int, tmp_path: Path) -> None:
    """Small or large, what is read from the file is what came; a body that is not whole any more is none."""
    body = bytes(size)
    with Bodies(tmp_path / "bodies") as bodies:
        digest = keep(bodies, body)
        laid = bodies.lay_out(digest)
        assert laid is not None
        assert laid.read_bytes() == body
        bodies.put_away(digest)
        assert bodies.holds(digest)
    with Bodies(tmp_path / "bodies") as bodies:
        assert bodies.lay_out(digest)
        if size > SMALL:
            laid.write_bytes(body[:-1])
        else:
            with closing(sqlite3.connect(bodies.folder / "small.db")) as small, small:
                small.execute("UPDATE body SET bytes = x'00ff'")
        assert bodies.lay_out(digest) is None
        assert not bodies.holds(digest)


def test_small_bodies_wait_for_company_and_none_is_lost(tmp_path: Path) -> None:
    """From many threads at once all are stored, each once, and a stored one is there for whoever opens it next."""
    bodies = Bodies(tmp_path / "bodies")
    with ThreadPoolExecutor(8) as threads:
        digests = set(threads.map(lambda number: keep(bodies, str(number % 300).encode()), range(900)))
    bodies.flush()
    other = Bodies(tmp_path / "bodies")
    assert set(other.small.sizes()) == digests
    assert len(digests) == 300
    bodies.close()
    other.close()


def test_a_disk_that_refuses_a_body_is_told_in_a_sentence(tmp_path: Path) -> None:
    """Whether it is a file or a row that cannot be written, the message says what to do."""
    (tmp_path / "bodies" / "small.db").mkdir(parents=True)
    bodies = Bodies(tmp_path / "bodies")
    keep(bodies, b"x")
    with pytest.raises(BarometerError, match="free some space"):
        bodies.flush()


@pytest.mark.parametrize("name", ["../../etc/passwd", "a" * 63, "A" * 64, "", "0" * 64 + "\n"])
def test_a_bodys_path_comes_from_its_digest_alone(name: str, tmp_path: Path) -> None:
    """Nothing but a digest names a file."""
    with pytest.raises(ValueError, match="hex digits"):
        Bodies(tmp_path).path(name)


def test_the_same_body_twice_is_one_file(tmp_path: Path) -> None:
    """A body that arrives again is the same one, whole at every moment."""
    large = b"x" * (SMALL + 1)
    with Bodies.beside(tmp_path / "harvest.db") as bodies:
        assert {keep(bodies, b"x") for _ in range(2)} == set(bodies.small.sizes())
        assert len({keep(bodies, large) for _ in range(2)}) == 1
        assert bodies.folder.name == "harvest.bodies"
        assert [path.read_bytes() for path in bodies.folder.glob("??/*")] == [large]
        assert bodies.open("f" * 64) is None
