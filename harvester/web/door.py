"""Web: every request of the project goes through here and comes back as a visit, whatever the server does."""

import io
import time
from collections.abc import Callable, Mapping
from random import SystemRandom
from threading import BoundedSemaphore, Event
from types import TracebackType
from typing import Any, BinaryIO, Self
from urllib.parse import urlsplit

from requests.exceptions import RequestException
from urllib3 import BaseHTTPResponse
from urllib3.exceptions import HTTPError

from harvester.clock import Clock, iso
from harvester.errors import PortalError, StoppedError
from harvester.records import Outcome, Visit
from harvester.settings import WebSettings
from harvester.web import verdict
from harvester.web.answers import JSON_BYTES, is_answer, read_json, unreadable
from harvester.web.body import receive
from harvester.web.guard import NotPublicError
from harvester.web.journey import Ended, Journey, as_visit, target_of
from harvester.web.pace import Pace
from harvester.web.robots import MOST_BYTES as ROBOTS_BYTES
from harvester.web.robots import Robots
from harvester.web.tally import Purpose, Requests, Tally
from harvester.web.verdict import BodyError
from harvester.web.wire import DEADLINE, GuardedAdapter

ERROR_BYTES = 64 * 1024
"""How much of an error page is read: enough to tell a robot wall, no more."""
DRAIN_BYTES = 16 * 1024
SECONDS_A_DAY = 86_400
MOST_PAGES = 3
"""How often a portal may answer with something that is not JSON before it is taken for something else."""
BACK_OFF_SECONDS = 1.0
BACK_OFF_AT_MOST_SECONDS = 30.0
# What can come out of requests and urllib3, and what their parsers let slip through on hostile addresses and headers.
_WIRE_ERRORS = (RequestException, HTTPError, OSError, NotPublicError, BodyError, ValueError)
_TOO_MANY, _UNAVAILABLE, _PROXY_WALL = 429, 503, 407
_GOOD = 2


class Web:
    """The one door to the network. Safe to use from several threads; close it, or use it as a context manager.

    ``sleep`` and ``now`` (monotonic seconds) are replaced only by tests of the manners.
    """

    def __init__(
        self,
        settings: WebSettings,
        clock: Clock,
        *,
        sleep: Callable[[float], None] | None = None,
        now: Callable[[], float] = time.monotonic,
    ) -> None:
        self.settings = settings
        self._clock = clock
        self._stopped = Event()
        self._sleep = sleep or self._rest
        self._pace = Pace(
            settings.per_host_seconds, self._sleep, now, most=settings.back_off_seconds, in_flight=settings.shared
        )
        self._flight = BoundedSemaphore(settings.threads)
        self._tally = Tally()
        self._adapter = GuardedAdapter(settings)
        # Made once: asking for our own version opens files.
        self._headers = {"User-Agent": settings.user_agent, "Accept": "*/*", "Accept-Encoding": "gzip, deflate"}
        self._robots = Robots(self._robots_text, settings.ignore_robots)
        self._random = SystemRandom()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close every kept connection."""
        self._adapter.close()

    def stop(self) -> None:
        """Let nobody wait any longer: whoever does, or would, for a host's turn ends with StoppedError."""
        self._stopped.set()

    def take_requests(self) -> tuple[Requests, ...]:
        """Return what was asked of each host since the last call: every hop, retry and robots.txt that left us."""
        return self._tally.take()

    def fetch(
        self,
        url: str,
        sink: BinaryIO | None,
        *,
        attempt: int = 1,
        max_bytes: int | None = None,
        headers: Mapping[str, str] | None = None,
        purpose: Purpose = "visit",
    ) -> Visit:
        """GET ``url`` and stream the decoded body of its last answer into ``sink``; return what came of it.

        Nothing a server does raises: the outcome says it. At most ``max_bytes`` (the settings' limit where None) are
        read of a 2xx and 64 KB of any other answer. ``headers`` go to the first host, conditions and ranges beyond. A
        ``visit`` honours robots.txt and shares its host with no other request; what a ``portal`` offers programs is
        asked as `fetch_json` asks.
        """
        return self._fetch(url, sink, attempt, max_bytes or self.settings.max_bytes, headers or {}, purpose)

    def fetch_json(self, url: str) -> Any:
        """GET ``url`` and return the JSON it answers, asking again where a portal stumbles.

        Answers of 429 and 5xx, HTML, broken bodies and lost connections are asked for again after a growing, jittered
        pause (Retry-After obeyed up to the settings' limit). JSON that comes with another 4xx is returned, because
        CKAN says so what it does not have. robots.txt is not asked: it speaks of what crawlers may walk through, and
        this is an interface for programs, at an address the user named. Raises PortalError, in one sentence, when the
        tries are used up or the address cannot be asked at all.
        """
        problem, pages = "", 0
        limit = min(self.settings.max_bytes, JSON_BYTES)
        for turn in range(self.settings.tries):
            if turn:
                pause = min(BACK_OFF_AT_MOST_SECONDS, BACK_OFF_SECONDS * 2 ** (turn - 1))
                self._sleep(pause * (0.5 + self._random.random() / 2))
            sink = io.BytesIO()
            visit = self._fetch(url, sink, turn + 1, limit, {}, "portal")
            if visit.outcome in ("not-public", "bad-address"):
                raise PortalError(
                    f"{url} cannot be asked: {visit.error} Mend the address, or name its host with --allow."
                )
            if not visit.complete:
                raise PortalError(f"{url} answers more than {limit:,} bytes: that is no portal's record or list.")
            if not is_answer(visit):
                problem = visit.error or "It did not answer."
                continue
            try:
                return read_json(sink.getvalue())
            except ValueError:
                pages += 1
                problem = unreadable(visit)
            if pages == MOST_PAGES:
                break
        raise PortalError(f"{url} gave no JSON, asked {turn + 1} times. {problem} Try again later.")

    def _fetch(
        self,
        url: str,
        sink: BinaryIO | None,
        attempt: int,
        limit: int,
        headers: Mapping[str, str],
        purpose: Purpose,
    ) -> Visit:
        started = iso(self._clock())
        journey = Journey(url, purpose, headers)
        outcome: Outcome
        error: str | None
        try:
            self._travel(journey, sink, limit)
            head = journey.body.head if journey.body else b""
            outcome, error = verdict.of_status(journey.status or 0, journey.answered, head, journey.headers)
        except Ended as ended:
            outcome, error = ended.outcome, str(ended)
        except _WIRE_ERRORS as problem:
            outcome, error = verdict.of_error(problem)
        told = Visit(url, started, attempt, outcome, error=error)
        return as_visit(journey, told, self._certificate_days(journey.url))

    def _travel(self, journey: Journey, sink: BinaryIO | None, limit: int) -> None:
        """Follow redirects hop by hop, each guarded like the first, until an answer's body has been read."""
        while True:
            address = verdict.plain_address(journey.url)
            if address is None:
                what = "It sends us on to what" if journey.redirects else "This"
                raise Ended("bad-address", f"{what} is not a web address (http or https).")
            host = (urlsplit(address).hostname or "").rstrip(".")
            if journey.has_been(address, host) or len(journey.redirects) > self.settings.max_redirects:
                raise Ended("redirect-loop", f"We were sent on {len(journey.redirects)} times without arriving.")
            if journey.purpose == "visit":
                if not self._robots.allows(address):
                    raise Ended("not-asked", f"The robots.txt of {host} asks robots to leave this address alone.")
                self._pace.slow(host, self._robots.delay(address))
            with self._pace.turn(host, alone=journey.purpose != "portal"):
                target = self._hop(journey, address, host, sink, limit)
            if target is None:
                return
            journey.move_on(address, target)

    def _robots_text(self, address: str) -> str | None:
        """Return the robots.txt at ``address``, None where there is none to be had."""
        sink = io.BytesIO()
        journey = Journey(address, "robots")
        try:
            self._travel(journey, sink, ROBOTS_BYTES)
        except (Ended, *_WIRE_ERRORS):
            return None
        return sink.getvalue().decode("utf-8", "replace") if (journey.status or 0) // 100 == _GOOD else None

    def _hop(self, journey: Journey, address: str, host: str, sink: BinaryIO | None, limit: int) -> str | None:
        """Make one request; return where it sends us, or None where its body was the answer.

        Whatever came of it, it is counted if it left us, and its host is given more or less time by it. A host that
        could not even be connected to is not: each such try already takes as long as the limit.
        """
        strained = False
        journey.status, journey.answered = None, {}
        try:
            with self._flight:
                target = self._exchange(journey, address, host, sink, limit)
            strained = journey.status in (_TOO_MANY, _UNAVAILABLE)
        except _WIRE_ERRORS as problem:
            strained = DEADLINE.sent and verdict.is_strain(problem)
            raise
        finally:
            self._pace.heard(host, strained=strained)
        if strained:
            asked = verdict.retry_after(journey.answered.get("retry-after"), self._clock())
            self._pace.hold(host, min(asked, self.settings.retry_after_seconds))
        return target

    def _exchange(self, journey: Journey, address: str, host: str, sink: BinaryIO | None, limit: int) -> str | None:
        """Send the request and read its answer within what is left of the journey's time; see `_hop`."""
        headers = {**self._headers, **journey.headers}
        if cookie := journey.cookie(address, host):
            headers["Cookie"] = cookie
        response: BaseHTTPResponse | None = None
        began = time.monotonic()
        DEADLINE.begin(began + self.settings.total_seconds - journey.spent, self.settings.idle_seconds)
        try:
            response = self._adapter.get(address, headers)
            journey.first_byte = journey.spent + time.monotonic() - began
            if response.status == _PROXY_WALL and self._adapter.proxy(address):
                raise Ended("unreachable", verdict.PROXY_FAULT)  # it is the proxy's answer, not the host's
            journey.status, journey.answered = response.status, response.headers
            if "set-cookie" in response.headers:
                journey.take_cookies(address, host, response)
            target = target_of(address, response)
            if target is not None:
                _drain(response)
            else:
                good = response.status // 100 == _GOOD
                encoding = response.headers.get("content-encoding", "")
                journey.body = receive(response, encoding, sink, limit if good else min(limit, ERROR_BYTES))
            return target
        finally:
            journey.spent += time.monotonic() - began
            DEADLINE.ends = float("inf")
            if response is not None:
                response.close()
                response.release_conn()
            if DEADLINE.sent:
                size = response.tell() if response is not None else 0
                self._tally.add(self._clock(), host, journey.purpose, size, journey.status)

    def _rest(self, seconds: float) -> None:
        if self._stopped.wait(seconds):
            raise StoppedError("The run is being stopped: run the same command again to go on.")

    def _certificate_days(self, url: str) -> int | None:
        if url[:6].lower() != "https:" or (address := verdict.plain_address(url)) is None:
            return None
        ends = self._adapter.certificate_ends.get(urlsplit(address).hostname or "")
        return None if ends is None else int((ends - self._clock().timestamp()) // SECONDS_A_DAY)


def _drain(response: BaseHTTPResponse) -> None:
    """Read what little a redirect says, so that its connection can be used again."""
    left = DRAIN_BYTES
    while left > 0 and (piece := response.read(left, decode_content=False)):
        left -= len(piece)
