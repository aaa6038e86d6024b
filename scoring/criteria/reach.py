"""Can it be had: online, free, secure, sound headers, an address of its own."""

import re

from harvester.records import Visit
from scoring.criteria.base import NO, PARTLY, UNKNOWN, YES, Fact, Finding, resource_criterion
from scoring.facts import Case, ResourceFacts

OUTCOME_REASONS = {
    "gone": "gone",
    "blocked": "blocked",
    "needs-parameters": "needs-parameters",
    "throttled": "throttled",
    "client-error": "client-error",
    "server-error": "server-error",
    "timeout": "timeout",
    "unreachable": "unreachable",
    "certificate": "certificate",
    "redirect-loop": "redirect-loop",
    "broken": "broken-answer",
    "empty": "empty",
    "not-public": "not-public",
    "bad-address": "bad-address",
}

NEEDS_KEY = re.compile(
    r"\b(api[ _-]?key|app[ _-]?key|access token|subscription key)\b|\bregist(er|ration) (is )?(required|needed)"
    r"|must register|API\s*(密鑰|密钥|金鑰)|須(先)?(登記|註冊)|须(先)?(登记|注册)",
    re.IGNORECASE,
)
KEY_IN_ADDRESS = re.compile(r"[?&](api_?key|app_?key|token|subscription-key)=($|&|[<{])", re.IGNORECASE)
ASKS_PAYMENT = re.compile(
    r"available for purchase|(subscription|licen[cs]e|download) fee (applies|is payable|is required)"
    r"|須付費(下載|使用|訂閱)|须付费(下载|使用|订阅)|收費下載|收费下载",
    re.IGNORECASE,
)
PAYMENT_REQUIRED = 402


def visit_facts(visit: Visit | None, facts: ResourceFacts) -> dict[str, Fact]:
    """Return what a sentence about a visit may use: date, status, milliseconds, attempts, and when it last worked."""
    values: dict[str, Fact] = {"address": facts.resource.url, "attempts": len(facts.look.visits)}
    if visit:
        values["date"] = visit.started[:10]
        values["status"] = visit.status or 0
        if visit.milliseconds is not None:
            values["milliseconds"] = visit.milliseconds
    if facts.look.last_ok and (visit is None or visit.outcome != "ok"):
        values["last_ok"] = facts.look.last_ok[:10]
    return values


def _words_about(facts: ResourceFacts, case: Case) -> str:
    description, notes = facts.resource.description, case.dataset.dataset.notes
    return "\n".join(text for text in (description.en, description.tc, description.sc, notes.en, notes.tc) if text)


def _asks_key(facts: ResourceFacts, case: Case) -> bool:
    return bool(NEEDS_KEY.search(_words_about(facts, case)) or KEY_IN_ADDRESS.search(facts.resource.url))


@resource_criterion(
    "online",
    "Online",
    {
        "up": YES,
        "key-required": PARTLY, "payment-required": PARTLY,
        "gone": NO, "server-error": NO, "client-error": NO, "timeout": NO, "unreachable": NO, "certificate": NO,
        "redirect-loop": NO, "broken-answer": NO, "empty": NO, "bad-address": NO,
        "login-page": NO, "error-page": NO, "error-body": NO,
        "blocked": UNKNOWN, "throttled": UNKNOWN, "needs-parameters": UNKNOWN, "not-public": UNKNOWN,
        "not-visited": UNKNOWN, "no-resources": UNKNOWN,
    },
    best=True,
)  # fmt: skip
def online(facts: ResourceFacts, case: Case) -> Finding:
    """Is there an answer, and is it what was asked for. A robot being refused is not the same as being down."""
    look = facts.look
    visit = look.arrived()
    if visit:
        return Finding(_body_reason(facts), visit_facts(visit, facts), look.visit_ids)
    visit = look.visits[0] if look.visits else None
    if visit is None:
        reason = "needs-parameters" if facts.resource.kind == "template" else "not-visited"
        return Finding(reason, visit_facts(None, facts))
    reason = OUTCOME_REASONS[visit.outcome]
    if visit.status == PAYMENT_REQUIRED:
        reason = "payment-required"
    elif facts.resource.kind == "template" and visit.outcome not in ("ok", "bad-address"):
        reason = "needs-parameters"
    if reason in ("blocked", "needs-parameters") and _asks_key(facts, case):
        reason = "key-required"
    return Finding(reason, visit_facts(visit, facts), look.visit_ids)


def _body_reason(facts: ResourceFacts) -> str:
    content = facts.look.content
    if content is None:
        return "up"
    if content.nature == "error":
        return "error-page" if content.format == "html" else "error-body"
    return {"login": "login-page", "challenge": "blocked", "empty": "empty"}.get(content.nature, "up")


def reached(facts: ResourceFacts) -> bool:
    """Whether the body that arrived is what the address is for, so that it can be judged as data."""
    return facts.look.arrived() is not None and _body_reason(facts) == "up"


NOT_REACHED = Finding("not-reached")


@resource_criterion(
    "free",
    "Free of charge",
    {"free": YES, "registration": PARTLY, "payment": NO, "not-reached": UNKNOWN, "no-resources": UNKNOWN},
    best=True,
)
def free(facts: ResourceFacts, case: Case) -> Finding:
    """Was it handed over without payment, key or registration."""
    state = online(facts, case)
    if state.reason == "payment-required" or ASKS_PAYMENT.search(_words_about(facts, case)):
        return Finding("payment", state.facts, state.visits)
    if state.reason in ("key-required", "login-page"):
        return Finding("registration", state.facts, state.visits)
    return Finding("free", state.facts, state.visits) if reached(facts) else NOT_REACHED
