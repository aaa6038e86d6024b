"""What a status, a header or an error means, in the outcomes of ``records.Visit`` and one plain sentence. Pure."""

import re
import socket
import ssl
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from functools import lru_cache
from http.client import HTTPException, IncompleteRead
from urllib.parse import urlsplit, urlunsplit

from requests.exceptions import InvalidHeader
from urllib3.exceptions import InvalidHeader as HeaderError
from urllib3.exceptions import NameResolutionError, NewConnectionError, ProtocolError, ProxyError, ReadTimeoutError

from harvester.clock import iso
from harvester.records import Outcome
from harvester.web.guard import NotPublicError

ADDRESS_LENGTH = 2000
HEADER_LENGTH = 300
_DATE_LENGTH = 64
_GOOD = 2
_PARTIAL, _NOT_MODIFIED, _ELSEWHERE = 206, 304, 3
_CONDITIONS = {"If-None-Match", "If-Modified-Since"}
_RANGE = re.compile(r"bytes 0-([0-9]{1,18})/([0-9]{1,18})")
_WALLS = {403, 429, 503}
_BY_STATUS: dict[int, Outcome] = {
    400: "needs-parameters", 401: "blocked", 403: "blocked", 404: "gone", 407: "blocked", 410: "gone",
    422: "needs-parameters", 429: "throttled", 451: "blocked",
}  # fmt: skip
_BY_KIND: dict[int, Outcome] = {4: "client-error", 5: "server-error"}
_CHALLENGE_MARKS = (
    b"cdn-cgi/challenge-platform",
    b"cf-chl-",
    b"_Incapsula_Resource",
    b"Request unsuccessful. Incapsula",
)

PROXY_FAULT = "The proxy that this machine's environment names could not be used."

# OpenSSL's X509_V_ERR_* numbers in words that an officer can hand to whoever keeps the server.
_CERTIFICATE_FAULTS = {
    9: "The server's certificate is not valid yet.",
    10: "The server's certificate has expired.",
    18: "The server's certificate is signed by itself, not by an issuer that browsers know.",
    19: "The server's certificate comes from an issuer that browsers do not know.",
    20: "The server's certificate comes from an unknown issuer, or the issuer's own certificate is not sent along.",
    21: "The server's certificate comes from an unknown issuer, or the issuer's own certificate is not sent along.",
    23: "The server's certificate has been revoked.",
    62: "The server's certificate is for another host name.",
    64: "The server's certificate is for another address.",
}


class BodyError(Exception):
    """Raised while a body is read where it contradicts its own headers; the text is one plain sentence."""


# The first kind of error found anywhere in the chain decides; OSError stands late because urllib3's errors hide many.
_BY_ERROR: tuple[tuple[tuple[type[BaseException], ...], Outcome, str], ...] = (
    ((ProxyError,), "unreachable", PROXY_FAULT),
    ((TimeoutError, ReadTimeoutError), "timeout", "The server did not answer in full within the time allowed."),
    ((socket.gaierror, NameResolutionError), "unreachable", "There is no host of this name."),
    ((ssl.SSLEOFError,), "unreachable", "The connection was cut before an answer came."),
    ((ssl.SSLError,), "certificate", "No secure connection could be agreed with the server."),
    ((ConnectionRefusedError,), "unreachable", "The server refused the connection."),
    ((ConnectionError,), "unreachable", "The connection was cut before the whole answer came."),
    ((IncompleteRead,), "broken", "The answer ended before the length it announced, or its chunks do not add up."),
    ((NewConnectionError,), "unreachable", "No connection to the server could be made."),
    ((HTTPException, ProtocolError), "broken", "The answer is not HTTP as the standard has it."),
    ((InvalidHeader, HeaderError), "broken", "The answer's headers contradict themselves."),
)


def of_status(
    status: int, headers: Mapping[str, str], head: bytes, asked: Mapping[str, str]
) -> tuple[Outcome, str | None]:
    """Return the outcome of an answer by its status, its headers and the first bytes of its body, and the sentence.

    A robot wall is "blocked" whatever its status; a 2xx is "ok", or "empty" where ``head`` is empty. ``asked`` are the
    headers that we added: a 304 is "ok" where we asked whether the body changed, a 206 where we asked for a part (or
    its Content-Range says that it is the whole).
    """
    if _is_challenge(headers) or (status in _WALLS and any(mark in head for mark in _CHALLENGE_MARKS)):
        return "blocked", "The server asks visitors to prove that they are no robot."
    contradiction = _unasked(status, headers, asked)
    if contradiction:
        return "broken", contradiction
    kind = status // 100
    if kind == _GOOD:
        return ("ok", None) if head else ("empty", "The server answered without a body.")
    if status == _NOT_MODIFIED:
        return "ok", None
    return _BY_STATUS.get(status) or _BY_KIND.get(kind, "broken"), f"The server answered {status}."


def _unasked(status: int, headers: Mapping[str, str], asked: Mapping[str, str]) -> str | None:
    """Return what is wrong with a status that answers no question of ours, or is none that ends an exchange."""
    kind = status // 100
    if status == _NOT_MODIFIED and not asked.keys() & _CONDITIONS:
        return "The server answered 304 (not changed) although it was asked for the whole."
    if status == _PARTIAL and "Range" not in asked and not _is_whole(headers.get("content-range", "")):
        return "The server sent a part of the body although it was asked for the whole."
    if kind == _ELSEWHERE and status != _NOT_MODIFIED:
        return f"The server answered {status} without saying where to go."
    if kind not in (_GOOD, _ELSEWHERE, *_BY_KIND):
        return f"The server answered {status}, which is no final answer of HTTP."
    return None


def _is_whole(content_range: str) -> bool:
    """Return whether a Content-Range (RFC 9110, 14.4) spans all of what it is a part of."""
    found = _RANGE.fullmatch(content_range.strip())
    return found is not None and int(found[1]) + 1 == int(found[2])


def _is_challenge(headers: Mapping[str, str]) -> bool:
    return (
        headers.get("cf-mitigated", "").lower() == "challenge"
        or headers.get("x-amzn-waf-action", "").lower() in ("challenge", "captcha")
        or "x-datadome" in headers
    )


def of_error(error: BaseException) -> tuple[Outcome, str]:
    """Return the outcome and the sentence of whatever requests, urllib3 or we raised on the way to an answer."""
    chain = list(_causes(error))
    for cause in chain:
        if isinstance(cause, NotPublicError):
            return "not-public", str(cause)
        if isinstance(cause, BodyError):
            return "broken", str(cause)
        if isinstance(cause, ssl.SSLCertVerificationError):
            told = f"The server's certificate was refused: {cause.verify_message}."
            return "certificate", _CERTIFICATE_FAULTS.get(cause.verify_code, told)
    for types, outcome, sentence in _BY_ERROR:
        if any(isinstance(cause, types) for cause in chain):
            return outcome, sentence
    return "bad-address", "This is not a web address."


def is_strain(error: BaseException) -> bool:
    """Return whether a request that was sent ended in a stall or a cut connection: its host has too much to do."""
    return of_error(error)[0] in ("timeout", "unreachable")


def _causes(error: BaseException) -> Iterator[BaseException]:
    """Yield an error and what lies beneath it: its cause, its context, and errors handed on as its arguments."""
    seen: set[int] = set()
    waiting: list[BaseException] = [error]
    while waiting:
        current = waiting.pop(0)
        if id(current) in seen:
            continue
        seen.add(id(current))
        yield current
        beneath = [current.__cause__, current.__context__, getattr(current, "reason", None), *current.args]
        waiting += [item for item in beneath if isinstance(item, BaseException)]


def plain_address(url: str) -> str | None:
    """Return ``url`` without credentials and fragment, or None where it is no http or https address with a host."""
    try:
        parts = urlsplit(url.strip())
        host, port = parts.hostname, parts.port
    except ValueError:
        return None
    if parts.scheme.lower() not in ("http", "https") or not host or len(url) > 8 * ADDRESS_LENGTH:
        return None
    netloc = f"[{host}]" if ":" in host else host
    netloc += f":{port}" if port is not None else ""
    return urlunsplit((parts.scheme.lower(), netloc, parts.path, parts.query, ""))


def http_date(text: str | None) -> str | None:
    """Return an HTTP date as ISO 8601 UTC, or None where it is none."""
    return _http_date(text) if text and len(text) <= _DATE_LENGTH else None


@lru_cache(maxsize=1024)
def _http_date(text: str) -> str | None:
    moment = _moment(text)
    try:
        return iso(moment) if moment else None
    except (ValueError, OverflowError):
        return None


def retry_after(text: str | None, now: datetime) -> float:
    """Return how many seconds a Retry-After header asks to wait from ``now`` (0 where it says nothing readable)."""
    if not text or len(text) > _DATE_LENGTH:
        return 0.0
    if text.strip().isdecimal():
        return float(min(int(text.strip()[:9]), 10**9))
    moment = _moment(text)
    return max(0.0, (moment - now).total_seconds()) if moment else 0.0


def _moment(text: str) -> datetime | None:
    try:
        moment = parsedate_to_datetime(text)
    except (ValueError, TypeError, IndexError, OverflowError):
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def whole_number(text: str | None) -> int | None:
    """Return a Content-Length as a number, or None where it is none (or too large to be stored)."""
    digits = (text or "").strip()
    return int(digits) if digits.isascii() and digits.isdecimal() and len(digits) < 19 else None  # noqa: PLR2004 -- 2**63 has 19 digits


def header(headers: Mapping[str, str], name: str) -> str | None:
    """Return a header's text, shortened and without control characters, or None."""
    text = (headers.get(name) or "")[:HEADER_LENGTH]
    if not text.isprintable():
        text = "".join(letter for letter in text if letter.isprintable())
    return text or None
