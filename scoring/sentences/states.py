"""The names of the states of an address, and the sentence that says why it is in one and since when."""

from collections.abc import Callable, Mapping

from harvester.clock import HONG_KONG, parse_iso
from harvester.records import Spell, State

NAMES: Mapping[State, str] = {
    "up": "Works",
    "degraded": "Comes and goes",
    "down": "Does not work",
    "blocked": "Refuses programs",
    "needs-parameters": "Needs parameters",
    "not-asked": "Not asked, by its robots.txt",
    "unknown": "Not known",
}
"""Each state's name, as a message id."""

NAMES_BY_REASON: Mapping[str, str] = {"slow": "Slow", "recovering": "Recovering"}
"""Degraded is more than coming and going: its other reasons have names of their own."""

WHY: Mapping[str, str] = {
    "up": "Gives what it should.",
    "flapping": "Comes and goes: several of its last 10 checks failed, and worked again soon after.",
    "recovering": "Answers again after it did not work; another good visit will confirm it.",
    "slow": "Answers, but slowly: half of its last answers took over 10 seconds.",
    "gone": "Nothing found at this address (HTTP status 404 or 410).",
    "server-error": "An error reported by the server itself (HTTP status 500 or above).",
    "client-error": "A plain request refused by the server.",
    "timeout": "No complete answer in time.",
    "unreachable": "No server to be reached at this address.",
    "certificate": "A certificate that cannot be accepted.",
    "redirect-loop": "Redirects in a circle.",
    "broken-answer": "An answer that breaks off or contradicts its own headers.",
    "empty": "An answer with nothing in it.",
    "bad-address": "Not a web address.",
    "error-page": "An error page in place of the data.",
    "error-body": "An error message in place of the data.",
    "login-page": "A login page in place of the data.",
    "blocked": "Our robot is refused; a person's browser may get through, so this is not counted as down.",
    "key-required": "A key or a registration is asked for.",
    "payment-required": "Payment is asked for.",
    "needs-parameters": "The call needs parameters that the record does not give.",
    "not-asked": "The site's robots.txt asks robots to stay away, so nothing was asked.",
    "throttled": "We were asked to slow down, so nothing is known yet.",
    "not-public": "The address leads into a private network, so nothing was asked.",
    "unconfirmed": "Failed, and no second visit has confirmed it yet; we will ask again.",
    "not-visited": "Not visited yet.",
}
"""Why an address is in its state, by the reason code of its spell, as a message id."""

LASTS = "Since {since}; visits: {visits}."
ENDED = "From {since} to {until}; visits: {visits}."
"""When, after the why; the times are Hong Kong's."""


def in_hong_kong(moment: str) -> str:
    """Return an ISO 8601 UTC time as ``2026-11-23 10:30``, in Hong Kong. Raises ValueError on anything else."""
    return f"{parse_iso(moment).astimezone(HONG_KONG):%Y-%m-%d %H:%M}"


def state_name(state: State, reason: str, translate: Callable[[str], str] = str) -> str:
    """Return the short name of a state, ``translate`` taking an English message id to the reader's language."""
    return translate(NAMES_BY_REASON.get(reason, NAMES[state]))


def say_state(spell: Spell, translate: Callable[[str], str] = str, moment: Callable[[str], str] = in_hong_kong) -> str:
    """Return why an address was in its state and how long, as plain text.

    ``translate`` takes an English message id to the reader's language, ``moment`` an ISO 8601 UTC time to Hong Kong's
    as the reader writes it. A reason without a sentence (another version's) is told by its state.
    """
    why = translate(WHY.get(spell.reason, NAMES[spell.state]))
    when = translate(LASTS if spell.until is None else ENDED)
    values = {"since": moment(spell.since), "until": moment(spell.until or spell.since), "visits": str(spell.visits)}
    for name, value in values.items():
        when = when.replace(f"{{{name}}}", value)
    return f"{why}{when}" if why.endswith("。") else f"{why} {when}"


def messages() -> list[str]:
    """Return every message id of this room."""
    return [*NAMES.values(), *NAMES_BY_REASON.values(), *WHY.values(), LASTS, ENDED]
