"""Manners, proved by the server's own log: how often, how many at once, slower where a host stumbles, all accounted."""

import gzip
import io
import socket
import threading
import time
from collections import Counter, defaultdict
from contextlib import suppress
from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlite_utils import Database

from harvester.errors import StoppedError
from harvester.settings import WebSettings
from harvester.store.requests import accounted, save_requests
from harvester.web import Web
from harvester.web.pace import Pace, Tempo
from tests.attacks import to
from tests.loopback import HASTY, Loopback, Talk, raw, reply
from tests.test_check import catalogue, clock, scan
from tests.test_web import in_turn

PACE = 0.05
SLACK = 0.02
"""A server hears of a request a moment after it was sent, and of two not equally late, least so on a busy machine."""
MOST = 60.0
seconds = st.floats(0, 40)


class Hours:
    """A clock of seconds that moves only when someone sleeps."""

    def __init__(self) -> None:
        self.now = 100.0

    def sleep(self, duration: float) -> None:
        """Let the time pass at once."""
        self.now += duration


@given(seconds, st.lists(st.booleans() | seconds), st.floats(0, 1))
def test_the_interval_keeps_between_the_pace_and_the_cap(pace: float, told: list[bool | float], chance: float) -> None:
    """Whatever a host does and asks, it is asked no sooner than the pace and waited for no longer than the cap."""
    tempo = Tempo(pace, MOST)
    least = pace
    for sign in told:
        if isinstance(sign, bool):
            tempo.heard(strained=sign)
        else:
            tempo.slow(sign)
            least = max(least, sign)
        assert least <= tempo.interval <= MOST
        before = tempo.next
        tempo.rest(before, chance)
        assert least - 1e-9 <= tempo.next - before <= tempo.interval + 1e-9


def test_the_interval_doubles_with_strain_and_halves_with_good_answers() -> None:
    """Each sign of strain doubles it, up to the cap, each good answer takes half back, down to the pace."""
    tempo = Tempo(0.5, 3.0)
    seen = []
    for strained in (True, True, True, True, False, False, False, False):
        tempo.heard(strained=strained)
        seen.append(tempo.interval)
    assert seen == [1.0, 2.0, 3.0, 3.0, 1.5, 0.75, 0.5, 0.5]


@given(st.lists(st.booleans(), max_size=30))
def test_manners_that_are_off_stay_off(told: list[bool]) -> None:
    """Where no pace is kept (the sample portal, measurements) there is nothing to double."""
    tempo = Tempo(0.0, MOST)
    for strained in told:
        tempo.heard(strained=strained)
    assert tempo.interval == 0.0


@given(st.lists(st.tuples(st.sampled_from("ab"), st.booleans(), st.booleans(), st.floats(0, 3)), max_size=30))
def test_no_order_of_requests_breaks_the_pace(asked: list[tuple[str, bool, bool, float]]) -> None:
    """However alone and shared requests follow each other, the pace lies before each start at a host."""
    hours = Hours()
    pace = Pace(0.5, hours.sleep, lambda: hours.now, in_flight=4, most=MOST)
    starts: dict[str, list[float]] = defaultdict(list)
    for host, alone, strained, takes in asked:
        with pace.turn(host, alone=alone):
            starts[host].append(hours.now)
            hours.now += takes
            pace.heard(host, strained=strained)
    for times in starts.values():
        assert all(later - earlier >= 0.5 - 1e-9 for earlier, later in pairwise(times))


@pytest.mark.parametrize(
    ("talk", "slowed"),
    [
        (reply(b"", "429 Slow Down"), True),
        (reply(b"", "503 Busy"), True),
        (raw(b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nabc", pause=1.2), True),
        (raw(), True),
        (reply(b"", "404 Not Found"), False),
        (reply(b"", "500 Oops"), False),
        (reply(b"fine"), False),
    ],
    ids=["429", "503", "stall", "cut", "404", "500", "200"],
)
def test_a_host_that_stumbles_is_left_alone_for_longer(talk: Talk, slowed: bool, server: Loopback) -> None:
    """429, 503, a stall and a cut connection double its interval; an error that is just an answer does not."""
    hours = Hours()
    url = server.on("weak.test", "/x", talk)
    with Web(server.settings(per_host_seconds=0.5, **HASTY), clock, sleep=hours.sleep, now=lambda: hours.now) as web:
        web.fetch(url, None)
        before = hours.now
        web.fetch(server.on("weak.test", "/good", reply(b"fine")), None)
        waited = hours.now - before
    assert (0.75 <= waited <= 1.0) if slowed else waited == 0.5


def test_a_host_that_is_not_there_is_not_waited_for_longer(server: Loopback) -> None:
    """Nothing that could be spared was reached, so its other links are not left unvisited for it."""
    hours = Hours()
    with Web(server.settings(per_host_seconds=0.5), clock, sleep=hours.sleep, now=lambda: hours.now) as web:
        for _ in range(4):
            assert web.fetch("http://no.such.host.example/", None).outcome == "unreachable"
    # the first visit asks robots.txt, so four visits wait four times
    assert hours.now - 100.0 == pytest.approx(4 * 0.5)


class Log:
    """What a server writes down: when each request of each host came and when its answer was out."""

    def __init__(self) -> None:
        self.spans: dict[str, list[tuple[float, float]]] = defaultdict(list)
        self._lock = threading.Lock()

    def watch(self, host: str, takes: float, talk: Talk) -> Talk:
        """Let ``talk`` answer after so many seconds, and write down when it did."""

        def watched(connection: socket.socket, request: str) -> None:
            began = time.monotonic()
            time.sleep(takes)
            with self._lock:
                self.spans[host].append((began, time.monotonic()))
            talk(connection, request)

        return watched

    def together(self, host: str) -> int:
        """The most requests of a host that were under way at once."""
        moments = [(began, 1) for began, _ in self.spans[host]] + [(ended, -1) for _, ended in self.spans[host]]
        now = most = 0
        for _, step in sorted(moments):
            now += step
            most = max(most, now)
        return most

    def least_gap(self, host: str) -> float:
        """The least time between the starts of two requests to a host."""
        return min(later - earlier for earlier, later in pairwise(sorted(began for began, _ in self.spans[host])))


def test_a_check_keeps_its_manners_by_the_servers_own_log(db: Database, server: Loopback, tmp_path: Path) -> None:
    """3 hosts, 20 links each, robots.txt and redirects included: never two at once of a host, never above the pace."""
    log = Log()
    urls = []
    for host in ("a.test", "b.test", "c.test"):
        server.on(host, "/robots.txt", log.watch(host, 0.005, reply(b"User-agent: *\nDisallow: /no")))
        for n in range(20):
            answer = to(f"/{n}/there") if n % 5 == 0 else reply(f"a,b\n{n},{host}\n".encode())
            urls.append(server.on(host, f"/{n}", log.watch(host, 0.005, answer)))
            server.on(host, f"/{n}/there", log.watch(host, 0.005, reply(b"a\n1\n")))
    catalogue(db, urls)
    run = scan(db, server, tmp_path, per_host_seconds=PACE)
    assert run.counts["ok"] == 60
    for host in ("a.test", "b.test", "c.test"):
        assert len(log.spans[host]) == 20 + 4 + 1
        assert log.together(host) == 1
        assert log.least_gap(host) > PACE - SLACK


def test_a_portal_is_asked_no_more_at_once_than_the_user_says(server: Loopback) -> None:
    """Ten threads want its records: three are under way at any moment, and none begins sooner than its turn.

    The turns are counted from the first, which the machine itself may have let wait for as long as one.
    """
    log = Log()
    url = server.on("data.test", "/api", log.watch("data.test", 0.1, reply(b"{}")))
    with Web(server.settings(per_host_seconds=PACE, in_flight=3), clock) as web:
        threads = [threading.Thread(target=web.fetch_json, args=(url,)) for _ in range(10)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert len(log.spans["data.test"]) == 10
    assert 2 <= log.together("data.test") <= 3
    began = sorted(start for start, _ in log.spans["data.test"])
    assert all(start - began[0] > (turn - 1) * PACE - SLACK for turn, start in enumerate(began))


def test_all_hosts_together_are_asked_no_more_than_there_are_threads(server: Loopback) -> None:
    """The limit holds at the door, however many callers there are."""
    log = Log()
    talk = log.watch("all", 0.1, reply(b"x"))
    urls = [server.on(f"h{n}.test", "/x", talk) for n in range(12)]
    with Web(server.settings(threads=4, ignore_robots=tuple(f"h{n}.test" for n in range(12))), clock) as web:
        threads = [threading.Thread(target=web.fetch, args=(url, None)) for url in urls]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert len(log.spans["all"]) == 12
    assert 2 <= log.together("all") <= 4


def test_a_wish_to_be_left_alone_is_granted_in_a_check(db: Database, server: Loopback, tmp_path: Path) -> None:
    """After a Retry-After the host hears nothing before that time, the second attempt included."""
    busy = reply(b"", "503 Busy", "Retry-After: 1\r\n")
    catalogue(db, [server.on("busy.test", f"/{n}", busy if n == 0 else reply(b"a\n1\n")) for n in range(3)])
    scan(db, server, tmp_path, retry_after_seconds=0.4)
    times = {
        (path, turn): at for turn, ((_, path, _), (_, at)) in enumerate(zip(server.asked, server.times, strict=True))
    }
    asked = [path for path, _ in times]
    moments = list(times.values())
    assert asked == ["/0", "/1", "/2", "/0"]
    assert moments[1] - moments[0] > 0.4 - SLACK


def test_a_stop_does_not_wait_for_a_hosts_turn(server: Loopback) -> None:
    """Ctrl-C must not last as long as the longest Retry-After."""
    url = server.on("slow.test", "/x", reply(b"x"))
    ended: list[type[BaseException]] = []
    with Web(server.settings(per_host_seconds=30, ignore_robots=("slow.test",)), clock) as web:
        web.fetch(url, None)

        def wait() -> None:
            try:
                web.fetch(url, None)
            except StoppedError as error:
                ended.append(type(error))

        waiting = threading.Thread(target=wait)
        waiting.start()
        web.stop()
        waiting.join(5)
    assert ended == [StoppedError]
    assert len(server.asked) == 1


def test_few_share_a_portal_unless_the_user_says_more() -> None:
    """Gentle by default; without a pace, manners are off; never more than there are threads."""
    assert WebSettings().shared == 4
    assert WebSettings(in_flight=9).shared == 9
    assert WebSettings(in_flight=90).shared == WebSettings().threads
    assert WebSettings(per_host_seconds=0).shared == WebSettings().threads


def rows(db: Database) -> dict[tuple[str, str, str], tuple[int, int, int]]:
    found = db.execute("SELECT day, host, purpose, requests, bytes, refused FROM request").fetchall()
    return {(day, host, purpose): tuple(numbers) for day, host, purpose, *numbers in found}


def test_the_account_is_the_servers_own_log(db: Database, server: Loopback, tmp_path: Path) -> None:
    """Every hop, second attempt and robots.txt is counted, with its bytes on the wire, and nothing else is."""
    packed = gzip.compress(b"a,b\n" * 1000)
    for host in ("a.test", "b.test"):
        server.on(host, "/robots.txt", reply(b"User-agent: *\nDisallow: /no"))
    catalogue(
        db,
        [
            server.on("a.test", "/packed", reply(packed, head="Content-Encoding: gzip\r\n")),
            server.on("a.test", "/on", to("http://b.test/there")),
            server.on("b.test", "/there", reply(b"a,b\n1,2\n")),
            server.on("b.test", "/busy", reply(b"slower", "429 Slow")),
            server.on("b.test", "/cut", raw()),
            "http://b.test/no/robots",
            "http://10.0.0.1/private",
            "http://no.such.host.example/",
            "ftp://a.test/old",
        ],
    )
    scan(db, server, tmp_path)
    heard = Counter((host, "robots" if path == "/robots.txt" else "visit") for host, path, _ in server.asked)
    told = rows(db)
    assert {(host, purpose): numbers[0] for (_, host, purpose), numbers in told.items()} == heard
    day = "2026-11-23"
    moved, robots = len(b"moved"), len(b"User-agent: *\nDisallow: /no")
    assert told[day, "a.test", "visit"] == (2, len(packed) + moved, 0)
    assert told[day, "a.test", "robots"] == (1, robots, 0)
    # there (twice: once by redirect), busy (twice), cut (twice)
    assert told[day, "b.test", "visit"] == (6, 2 * len(b"a,b\n1,2\n") + 2 * len(b"slower"), 2)


def test_the_account_adds_up_and_survives_a_stop(db: Database, server: Loopback) -> None:
    """The portal's API, its retries and a feed are the portal's; what was counted is stored at a stop too."""
    url = server.on("data.test", "/api", in_turn(reply(b"", "503 Busy"), reply(b'{"a": 1}')))
    feed = server.on("data.test", "/feed", reply(b"<rss/>"))
    settings = server.settings(contact="a@example.org")
    with (
        suppress(KeyboardInterrupt),
        accounted(db, Web(settings, lambda: datetime(2026, 11, 23, 16, 30, tzinfo=UTC), sleep=lambda _: None)) as web,
    ):
        assert web.fetch_json(url) == {"a": 1}
        save_requests(db, web)
        web.fetch(feed, io.BytesIO(), purpose="portal")
        raise KeyboardInterrupt
    assert rows(db) == {("2026-11-24", "data.test", "portal"): (3, 8 + 6, 1)}  # half past midnight in Hong Kong
    assert [path for _, path, _ in server.asked] == ["/api", "/api", "/feed"]
