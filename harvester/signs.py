"""What one visit says by itself: a sign and the code of its reason. Pure."""

from dataclasses import dataclass
from typing import Literal

from harvester.records import Nature, Outcome

Sign = Literal["good", "bad", "wall", "parameters", "not-asked", "nothing"]
"""What one visit says: data came; none came; a robot is refused; the call wants more; we may not ask; nothing."""

PASSING: frozenset[Outcome] = frozenset({"timeout", "server-error", "unreachable"})
"""Failures that may be one bad minute. The others are as they are for a while, and a check asks for them only once."""


@dataclass(frozen=True, slots=True)
class Probe:
    """What one visit adds to the judgement of its address.

    ``id`` is the visit's number, ``started`` ISO 8601 UTC, ``html`` whether the bytes that came are a page.
    ``milliseconds`` is how long the answer took, None where that is not known.
    """

    id: int
    run: int
    attempt: int
    started: str
    outcome: Outcome
    status: int | None = None
    nature: Nature | None = None
    milliseconds: int | None = None
    html: bool = False


REASONS: dict[Outcome, tuple[Sign, str]] = {
    "ok": ("good", "up"),
    "empty": ("bad", "empty"),
    "gone": ("bad", "gone"),
    "blocked": ("wall", "blocked"),
    "needs-parameters": ("parameters", "needs-parameters"),
    "throttled": ("nothing", "throttled"),
    "client-error": ("bad", "client-error"),
    "server-error": ("bad", "server-error"),
    "timeout": ("bad", "timeout"),
    "unreachable": ("bad", "unreachable"),
    "certificate": ("bad", "certificate"),
    "redirect-loop": ("bad", "redirect-loop"),
    "broken": ("bad", "broken-answer"),
    "not-public": ("nothing", "not-public"),
    "not-asked": ("not-asked", "not-asked"),
    "bad-address": ("bad", "bad-address"),
}
"""What an outcome says, and the reason code it is said by."""

ASKED_FOR = {401: "key-required", 402: "payment-required"}
"""Statuses that refuse by their own meaning until something is given (RFC 9110, 15.5.2 and 15.5.3)."""


def read_sign(probe: Probe) -> tuple[Sign, str]:
    """Return what one visit says and the reason code of it.

    A page or a script shell that came where data were promised did come: what it is worth is for other criteria.
    """
    if probe.status in ASKED_FOR:
        return "wall", ASKED_FOR[probe.status]
    if probe.outcome == "ok":
        if probe.nature == "error":
            return "bad", "error-page" if probe.html else "error-body"
        if probe.nature == "login":
            return "bad", "login-page"
        if probe.nature == "challenge":
            return "wall", "blocked"
        if probe.nature == "empty":
            return "bad", "empty"
    return REASONS[probe.outcome]
