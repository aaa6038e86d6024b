"""What was seen: one visit of an address, and what several amount to."""

from dataclasses import dataclass
from typing import Literal

from harvester.records.contents import Nature

Outcome = Literal[
    "ok",  # 2xx with a body, whatever the body is
    "empty",  # 2xx without a body
    "gone",  # 404, 410
    "blocked",  # 401, 403, 407, 451, or a challenge: a robot is refused, which is not the same as down
    "needs-parameters",  # 400 or 422: the call wants something a catalogue does not say
    "throttled",  # 429: we were too fast, which is our fault
    "client-error",  # any other 4xx
    "server-error",  # 5xx
    "timeout",  # no connection, no byte, or no end within the limits
    "unreachable",  # no such host, connection refused or reset
    "certificate",  # TLS refused: expired, wrong host, unknown issuer
    "redirect-loop",  # more redirects than allowed, or a circle
    "broken",  # the answer contradicts itself: short body, bad chunks, gzip that is not
    "not-public",  # the guard refused the address; nothing was asked
    "not-asked",  # its robots.txt asks robots to stay away; nothing was asked
    "bad-address",  # not an http(s) address at all
]

Asked = Literal["whole", "changed", "part"]
"""How a visit asked: for the whole body, for it if it changed (If-None-Match, If-Modified-Since), or for its start."""

State = Literal["up", "degraded", "down", "blocked", "needs-parameters", "not-asked", "unknown"]
"""What an address is over several visits; ``degraded`` answers, and not as it should (now and then, slowly, anew)."""


@dataclass(frozen=True, slots=True)
class Visit:
    """One request and what came of it, its redirects included.

    ``bytes`` is the decoded body's length as far as it was read; ``complete`` is False where our own limit cut it.
    ``served_at`` is the server's Date header (UTC). ``error`` is one plain sentence, None when all went well. A 304 is
    ``ok``, and its ``sha256`` is that of the body the server says is unchanged. ``nature`` is what the bytes that came
    are meant as, None where none came or nobody looked.
    """

    url: str
    started: str
    attempt: int
    outcome: Outcome
    status: int | None = None
    first_byte_ms: int | None = None
    milliseconds: int | None = None
    bytes: int | None = None
    declared_bytes: int | None = None
    content_type: str | None = None
    etag: str | None = None
    last_modified: str | None = None
    served_at: str | None = None
    redirects: tuple[str, ...] = ()
    certificate_days: int | None = None
    sha256: str | None = None
    complete: bool = True
    error: str | None = None
    asked: Asked = "whole"
    nature: Nature | None = None


@dataclass(frozen=True, slots=True)
class Spell:
    """How long an address was in one state: from the first visit that showed it until the first that showed another.

    ``reason`` is a stable code, ``visits`` how many there were in it, ``proof`` the numbers of those that prove it.
    """

    state: State
    reason: str
    since: str
    until: str | None
    visits: int
    proof: tuple[int, ...]
