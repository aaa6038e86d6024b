"""Web: every request of the project goes through here and comes back as a visit, whatever the server does."""

import io
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from secrets import SystemRandom
from types import TracebackType
from typing import Any, BinaryIO, Self
from urllib.parse import quote, urljoin, urlsplit

import requests
from requests.cookies import RequestsCookieJar, extract_cookies_to_jar, get_cookie_header
from requests.exceptions import RequestException
from urllib3 import BaseHTTPResponse
from urllib3.exceptions import HTTPError

from harvester.clock import Clock, iso
from harvester.errors import PortalError
from harvester.records import Outcome, Visit
from harvester.settings import WebSettings
from harvester.web import verdict
from harvester.web.answers import JSON_BYTES, is_answer, read_json, unreadable
from harvester.web.body import Received, receive
from harvester.web.guard import NotPublicError
from harvester.web.pace import Pace
from harvester.web.robots import MOST_BYTES as ROBOTS_BYTES
from harvester.web.robots import Robots
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
_REDIRECTS = {301, 302, 303, 307, 308}
_TOO_MANY, _UNAVAILABLE = 429, 503
_GOOD = 2


@dataclass(slots=True)
class _Journey:
    """One visit under way: where it has been and the time it has taken, waiting for manners not counted."""

    url: str
    headers: Mapping[str, str]
    cookies: RequestsCookieJar = field(default_factory=RequestsCookieJar)
    redirects: list[str] = field(default_factory=list)
    been: set[tuple[str, int]] = field(default_factory=set)
    spent: float = 0.0
    first_byte: float | None = None
    status: int | None = None
    answered: Mapping[str, str] = field(default_factory=dict)
    body: Received | None = None


class _Ended(Exception):  # noqa: N818 -- it ends a journey, which is no error of ours
    """Raised where a journey ends before an answer: its outcome and one plain sentence."""

    def __init__(self, outcome: Outcome, sentence: str) -> None:
        super().__init__(sentence)
        self.outcome: Outcome = outcome


class Web:
    """The one door to the network. Safe to use from several threads; close it, or use it as a context manager.

    ``sleep`` and ``now`` (monotonic seconds) are replaced only by tests of the manners.
    """

    def __init__(
        self,
        settings: WebSettings,
        clock: Clock,
        *,
        sleep: Callable[[float], None] = time.sleep,
        now: Callable[[], float] = time.monotonic,
    ) -> None:
        self.settings = settings
        self._clock = clock
        self._sleep = sleep
        self._pace = Pace(settings.per_host_seconds, sleep, now)
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

    def fetch(
        self,
        url: str,
        sink: BinaryIO | None,
        *,
        attempt: int = 1,
        max_bytes: int | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> Visit:
        """GET ``url`` and stream the decoded body of its last answer into ``sink``; return what came of it.

        Nothing a server does raises: the outcome says it. At most ``max_bytes`` (the settings' limit where None) are
        read of a 2xx and 64 KB of any other answer. ``headers`` go to the first host only. No other ``fetch`` asks
        the same host at the same time.
        """
        return self._fetch(url, sink, attempt, max_bytes or self.settings.max_bytes, headers or {}, alone=True)

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
            visit = self._fetch(url, sink, turn + 1, limit, {}, alone=False)
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
        self, url: str, sink: BinaryIO | None, attempt: int, limit: int, headers: Mapping[str, str], *, alone: bool
    ) -> Visit:
        started = iso(self._clock())
        journey = _Journey(url, headers)
        outcome: Outcome
        error: str | None
        try:
            self._travel(journey, sink, limit, alone=alone, robots=alone)
            head = journey.body.head if journey.body else b""
            outcome, error = verdict.of_status(journey.status or 0, journey.answered, head)
        except _Ended as ended:
            outcome, error = ended.outcome, str(ended)
        except _WIRE_ERRORS as problem:
            outcome, error = verdict.of_error(problem)
        return _visit(journey, Visit(url, started, attempt, outcome, error=error), self._certificate_days(journey.url))

    def _travel(
        self, journey: _Journey, sink: BinaryIO | None, limit: int, *, alone: bool, robots: bool = True
    ) -> None:
        """Follow redirects hop by hop, each guarded like the first, until an answer's body has been read."""
        target: str | None = journey.url
        while target is not None:
            journey.url = target
            address = verdict.plain_address(target)
            if address is None:
                what = "It sends us on to what" if journey.redirects else "This"
                raise _Ended("bad-address", f"{what} is not a web address (http or https).")
            state = (address, len(journey.cookies))
            if state in journey.been or len(journey.redirects) > self.settings.max_redirects:
                raise _Ended("redirect-loop", f"We were sent on {len(journey.redirects)} times without arriving.")
            journey.been.add(state)
            host = urlsplit(address).hostname or ""
            if robots:
                if not self._robots.allows(address):
                    raise _Ended("not-asked", f"The robots.txt of {host} asks robots to leave this address alone.")
                self._pace.slow(host, self._robots.delay(address))
            with self._pace.turn(host, alone=alone):
                target = self._hop(journey, address, sink, limit)
            if journey.status in (_TOO_MANY, _UNAVAILABLE):
                asked = verdict.retry_after(journey.answered.get("retry-after"), self._clock())
                self._pace.hold(host, min(asked, self.settings.retry_after_seconds))
            if target is not None:
                journey.redirects.append(target[: verdict.ADDRESS_LENGTH])
                if urlsplit(target).netloc != urlsplit(address).netloc:
                    journey.headers = {}

    def _robots_text(self, address: str) -> str | None:
        """Return the robots.txt at ``address``, None where there is none to be had."""
        sink = io.BytesIO()
        journey = _Journey(address, {})
        try:
            self._travel(journey, sink, ROBOTS_BYTES, alone=True, robots=False)
        except (_Ended, *_WIRE_ERRORS):
            return None
        return sink.getvalue().decode("utf-8", "replace") if (journey.status or 0) // 100 == _GOOD else None

    def _hop(self, journey: _Journey, address: str, sink: BinaryIO | None, limit: int) -> str | None:
        """Make one request; return where it sends us, or None where its body was the answer."""
        headers = {**self._headers, **journey.headers}
        asked = requests.Request("GET", address, headers=headers)
        if journey.cookies and (told := get_cookie_header(journey.cookies, asked)):  # type: ignore[no-untyped-call]
            headers["Cookie"] = told
        journey.status, journey.answered = None, {}
        began = time.monotonic()
        DEADLINE.ends = began + self.settings.total_seconds - journey.spent
        DEADLINE.idle = self.settings.idle_seconds
        try:
            response = self._adapter.get(address, headers)
            journey.first_byte = journey.spent + time.monotonic() - began
            journey.status, journey.answered = response.status, response.headers
            try:
                if "set-cookie" in response.headers:
                    extract_cookies_to_jar(journey.cookies, asked, response)  # type: ignore[no-untyped-call]
                target = _target(address, response)
                if target is not None:
                    _drain(response)
                else:
                    good = response.status // 100 == _GOOD
                    encoding = response.headers.get("content-encoding", "")
                    journey.body = receive(response, encoding, sink, limit if good else min(limit, ERROR_BYTES))
                return target
            finally:
                response.close()
                response.release_conn()
        finally:
            journey.spent += time.monotonic() - began
            DEADLINE.ends = float("inf")

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


def _target(address: str, response: BaseHTTPResponse) -> str | None:
    """Return the address an answer sends us on to, or None where it does not.

    A Location with bytes beyond ASCII is read as UTF-8, as browsers do; http.client hands it over as Latin-1.
    """
    location = response.headers.get("location")
    if response.status not in _REDIRECTS or not location:
        return None
    raw = location.encode("latin-1", "replace")
    try:
        text = raw.decode("utf-8")
    except UnicodeDecodeError:
        text = quote(raw, safe="%/:=&?~#+!$,;'@()*[]")
    try:
        return urljoin(address, text.strip())
    except ValueError:
        return text


def _visit(journey: _Journey, told: Visit, certificate_days: int | None) -> Visit:
    """Return ``told`` filled in with all that the journey saw, also where it ended early."""
    headers, body = journey.answered, journey.body
    return replace(
        told,
        status=journey.status,
        first_byte_ms=None if journey.first_byte is None else round(journey.first_byte * 1000),
        milliseconds=round(journey.spent * 1000),
        bytes=body.size if body else None,
        declared_bytes=verdict.whole_number(headers.get("content-length")),
        content_type=verdict.header(headers, "content-type"),
        etag=verdict.header(headers, "etag"),
        last_modified=verdict.http_date(headers.get("last-modified")),
        served_at=verdict.http_date(headers.get("date")),
        redirects=tuple(journey.redirects),
        certificate_days=certificate_days,
        sha256=body.sha256 if body and body.size else None,
        complete=body.complete if body else True,
    )
