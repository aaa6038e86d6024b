"""One visit under way: where it has been, what it carries along, and the record that it leaves behind."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from urllib.parse import quote, urljoin, urlsplit

import requests
from requests.cookies import RequestsCookieJar, extract_cookies_to_jar, get_cookie_header
from urllib3 import BaseHTTPResponse

from harvester.records import Outcome, Visit
from harvester.web import verdict
from harvester.web.body import Received
from harvester.web.tally import Purpose

COOKIE_BYTES = 16 * 1024
"""The longest Cookie header that is sent: servers refuse longer ones, and only a flood makes one."""
_TRAVELS = {"if-none-match", "if-modified-since", "range", "accept-encoding"}
_REDIRECTS = {301, 302, 303, 307, 308}
_CREDENTIALS = re.compile(r"^((?:[a-z][a-z0-9+.-]*:)?//)[^/?#\\]*@", re.IGNORECASE)


@dataclass(slots=True)
class Journey:
    """One visit under way: where it has been and the time it has taken, waiting for manners not counted.

    ``url`` is where it is, ``headers`` what it adds there. Cookies go back to the very host that set them only.
    """

    url: str
    purpose: Purpose
    headers: Mapping[str, str] = field(default_factory=dict)
    cookies: dict[str, RequestsCookieJar] = field(default_factory=dict)
    redirects: list[str] = field(default_factory=list)
    been: set[tuple[str, int]] = field(default_factory=set)
    spent: float = 0.0
    first_byte: float | None = None
    status: int | None = None
    answered: Mapping[str, str] = field(default_factory=dict)
    body: Received | None = None

    def has_been(self, address: str, host: str) -> bool:
        """Note the arrival at ``address``; return whether it was there before with as many cookies: a circle."""
        state = (address, len(self.cookies.get(host, ())))
        known = state in self.been
        self.been.add(state)
        return known

    def cookie(self, address: str, host: str) -> str | None:
        """Return the Cookie header for ``address``, None where its host set none."""
        if host not in self.cookies:
            return None
        asked = requests.Request("GET", address, headers={})
        told: str | None = get_cookie_header(self.cookies[host], asked)  # type: ignore[no-untyped-call]
        return told if told and len(told) <= COOKIE_BYTES else None

    def take_cookies(self, address: str, host: str, response: BaseHTTPResponse) -> None:
        """Keep the cookies of an answer for later hops to the same host."""
        jar = self.cookies.setdefault(host, RequestsCookieJar())
        asked = requests.Request("GET", address, headers={})
        extract_cookies_to_jar(jar, asked, response)  # type: ignore[no-untyped-call]

    def move_on(self, address: str, target: str) -> None:
        """Go on from ``address`` to where it sends us; what was meant for its host alone stays behind.

        What says how much of the answer is wanted goes along: the answer it speaks of came from the journey's end.
        """
        self.redirects.append(_CREDENTIALS.sub(r"\1", target.strip())[: verdict.ADDRESS_LENGTH])
        self.url = target
        if _authority(target) != _authority(address):
            self.headers = {name: value for name, value in self.headers.items() if name.lower() in _TRAVELS}


class Ended(Exception):  # noqa: N818 -- it ends a journey, which is no error of ours
    """Raised where a journey ends before an answer: its outcome and one plain sentence."""

    def __init__(self, outcome: Outcome, sentence: str) -> None:
        super().__init__(sentence)
        self.outcome: Outcome = outcome


def target_of(address: str, response: BaseHTTPResponse) -> str | None:
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


def as_visit(journey: Journey, told: Visit, certificate_days: int | None) -> Visit:
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


def _authority(url: str) -> tuple[str | None, int | None]:
    try:
        parts, port = urlsplit(url), urlsplit(url).port
    except ValueError:
        return None, None
    return parts.hostname, port
