"""Can it be had: online, free, secure, sound headers, an address of its own."""

import re

from harvester.clock import hong_kong_day
from harvester.records import Visit
from scoring.criteria.base import NO, PARTLY, UNKNOWN, YES, Fact, Finding, resource_criterion
from scoring.facts import Case, ResourceFacts, Sharer, brought_data

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
    "not-asked": "not-asked",
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
ASKED_FOR = {401: "key-required", 402: "payment-required"}
"""What a status asks for by its own meaning (RFC 9110, 15.5.2 and 15.5.3); a 403 may as well mean robots only."""


def visit_facts(visit: Visit | None, facts: ResourceFacts) -> dict[str, Fact]:
    """Return what a sentence about a visit may use: date, status, milliseconds, attempts, and when it last worked."""
    look = facts.look
    values: dict[str, Fact] = {"address": facts.resource.url, "attempts": len(look.visits)}
    if visit:
        if facts.resource.kind == "template":
            values["example"] = visit.url
        values["date"] = hong_kong_day(visit.started)
        values["status"] = visit.status or 0
        if visit.milliseconds is not None:
            values["milliseconds"] = visit.milliseconds
    if look.last_ok and (visit is None or not brought_data(visit)):
        values["last_ok"] = hong_kong_day(look.last_ok)
    if look.state and visit:
        day, since = hong_kong_day(visit.started), hong_kong_day(look.state.since)
        values["attempts"] = sum(hong_kong_day(other.started) == day for other in look.visits)
        if look.state.state == "down" and since < day:
            values |= {"down_since": since, "down_visits": look.state.visits}
    return values


def _words_about(facts: ResourceFacts, case: Case) -> str:
    description, notes = facts.resource.description, case.dataset.dataset.notes
    return "\n".join(text for text in (description.en, description.tc, description.sc, notes.en, notes.tc) if text)


def _asks_key(facts: ResourceFacts, case: Case) -> bool:
    return bool(NEEDS_KEY.search(_words_about(facts, case)) or KEY_IN_ADDRESS.search(facts.resource.url))


@resource_criterion(
    "online",
    "Available online",
    {
        "up": YES, "up-once-failed": YES, "recovering": YES, "slow": YES, "flapping": PARTLY,
        "key-required": PARTLY, "payment-required": PARTLY,
        "gone": NO, "server-error": NO, "client-error": NO, "timeout": NO, "unreachable": NO, "certificate": NO,
        "redirect-loop": NO, "broken-answer": NO, "empty": NO, "bad-address": NO,
        "login-page": NO, "error-page": NO, "error-body": NO,
        "blocked": UNKNOWN, "throttled": UNKNOWN, "needs-parameters": UNKNOWN, "not-public": UNKNOWN,
        "not-asked": UNKNOWN, "not-visited": UNKNOWN, "unconfirmed": UNKNOWN, "no-resources": UNKNOWN,
    },
    best=True,
)  # fmt: skip
def online(facts: ResourceFacts, case: Case) -> Finding:
    """Is there an answer, and is it what was asked for, by its state: what all visits amount to.

    A robot being refused is not the same as being down, and one visit that failed is not the end of what worked.
    """
    look = facts.look
    proof = look.state.proof if look.state else look.visit_ids
    visit = look.arrived()
    if visit:
        return _up(facts, visit, proof)
    visit = look.shown or (look.visits[0] if look.visits else None)
    if visit is None:
        reason = "needs-parameters" if facts.resource.kind == "template" else "not-visited"
        return Finding(reason, visit_facts(None, facts))
    reason = look.state.reason if look.state else OUTCOME_REASONS[visit.outcome]
    if visit.status in ASKED_FOR:
        reason = ASKED_FOR[visit.status]
    elif facts.resource.kind == "template" and visit.outcome not in ("ok", "bad-address"):
        reason = "needs-parameters"
    if reason in ("blocked", "needs-parameters") and _asks_key(facts, case):
        reason = "key-required"
    return Finding(reason, visit_facts(visit, facts), proof)


def _up(facts: ResourceFacts, visit: Visit, proof: tuple[int, ...]) -> Finding:
    """Return how well an address answers of which ``visit`` is the newest answer."""
    look, values = facts.look, visit_facts(visit, facts)
    if look.state is None:
        return Finding(_body_reason(facts), values, proof)
    failed = look.failed_since()
    if failed:
        values["failed_on"] = hong_kong_day(failed.started)
        proof = (*proof, look.visit_ids[0])
    reason = look.state.reason
    if reason == "recovering":
        values["since"] = hong_kong_day(look.state.since)
    return Finding("up-once-failed" if failed and reason != "flapping" else reason, values, proof)


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
    """Was it handed over without payment, key or registration.

    What was handed over was free, whatever the description says of fees: they may be what the data are about.
    """
    state = online(facts, case)
    if reached(facts):
        return Finding("free", state.facts, state.visits)
    refused = state.reason in ("key-required", "login-page", "blocked")
    if state.reason == "payment-required" or (refused and ASKS_PAYMENT.search(_words_about(facts, case))):
        return Finding("payment", state.facts, state.visits)
    if state.reason in ("key-required", "login-page"):
        return Finding("registration", state.facts, state.visits)
    return NOT_REACHED


@resource_criterion(
    "secure",
    "Secure connection",
    {
        "https": YES, "redirects-to-https": YES, "http-only": NO, "downgraded": NO,
        "template": UNKNOWN, "bad-address": UNKNOWN, "no-resources": UNKNOWN,
    },
)  # fmt: skip
def secure(facts: ResourceFacts, _case: Case) -> Finding:
    """Is it served over https, from the first request to the last redirect."""
    scheme = facts.resource.url.partition(":")[0].strip().lower()
    if facts.resource.kind == "template":
        return Finding("template", applies=False)
    if scheme not in ("http", "https"):
        return Finding("bad-address", applies=False)
    visit = facts.look.arrived()
    way = [scheme, *(hop.partition(":")[0].lower() for hop in (visit.redirects if visit else ()))]
    if scheme == "https" and "http" in way:
        reason = "downgraded"
    elif way[-1] == "https":
        reason = "https" if scheme == "https" else "redirects-to-https"
    else:
        reason = "http-only"
    return Finding(reason, {"address": facts.resource.url}, facts.look.visit_ids)


@resource_criterion(
    "links",
    "Address of its own",
    {"own": YES, "shared": PARTLY, "no-resources": UNKNOWN},
)
def links(facts: ResourceFacts, _case: Case) -> Finding:
    """Does another resource, meant to be something else, stand behind the same address.

    Pages and call templates may be shared honestly (one page explains many things, the holes in a template choose
    the data), and so may one file that is listed once for each language.
    """
    if facts.resource.kind in ("page", "template") or not facts.resource.url.strip():
        return Finding("own")  # where there is no address at all, that is what is wrong, and it is said once
    others = [other for other in facts.sharers if not _other_language(facts, other)]
    if not others:
        return Finding("own")
    values: dict[str, Fact] = {"address": facts.resource.url, "others": len(others), "first": others[0].shared_id}
    return Finding("shared", values)


def _other_language(facts: ResourceFacts, other: Sharer) -> bool:
    """Whether ``other`` is the same resource again for another language's readers."""
    mine, theirs = facts.resource.in_language, other.in_language
    if mine and theirs and mine != theirs:
        return True
    return bool(other.languages and facts.resource.languages) and not set(other.languages) & set(
        facts.resource.languages
    )


GENERIC_TYPES = frozenset({
    "", "application/octet-stream", "binary/octet-stream", "application/download", "application/force-download",
    "application/x-download", "text/plain", "application/x-www-form-urlencoded",
})  # fmt: skip
"""Types that claim nothing about the body, so that no body can contradict them."""

TYPE_FAMILIES = {
    "html": ("html",),
    "json": ("json", "javascript"),
    "xml": ("xml", "rss", "atom", "kml", "gml", "gpx", "svg"),
    "csv": ("csv", "comma-separated", "tab-separated", "tsv"),
    "sheet": ("excel", "spreadsheet", "xls", "ods"),
    "zip": ("zip", "compressed", "gtfs", "kmz", "shapefile"),
    "pdf": ("pdf",),
    "word": ("msword", "wordprocessing", "rtf"),
    "slides": ("powerpoint", "presentation"),
    "picture": ("image/",),
    "calendar": ("calendar",),
}
"""Words of a media type, by the family of formats they claim."""

FORMAT_FAMILIES = {
    "csv": "csv", "tsv": "csv", "text": "csv", "xls": "sheet", "xlsx": "sheet zip", "xlsm": "sheet zip",
    "ods": "sheet zip", "json": "json", "jsonl": "json", "geojson": "json", "topojson": "json", "xml": "xml",
    "rss": "xml", "atom": "xml", "kml": "xml", "gml": "xml", "gpx": "xml", "svg": "xml picture", "kmz": "zip xml",
    "shp": "zip", "fgdb": "zip", "gtfs": "zip", "zip": "zip", "gzip": "zip", "html": "html xml", "pdf": "pdf",
    "doc": "word", "docx": "word zip", "rtf": "word", "ppt": "slides", "pptx": "slides zip", "png": "picture",
    "jpeg": "picture", "gif": "picture", "tiff": "picture", "webp": "picture", "ics": "calendar",
}  # fmt: skip
LENGTH_SLACK = 64
"""Bytes a compressed transfer of a tiny body may be longer than the body itself."""


@resource_criterion(
    "headers",
    "Server headers",
    {
        "truthful": YES, "silent": YES, "broken-answer": NO, "type": NO, "length": NO, "charset": NO,
        "not-reached": UNKNOWN, "no-resources": UNKNOWN,
    },
)  # fmt: skip
def headers(facts: ResourceFacts, _case: Case) -> Finding:
    """Do Content-Type, Content-Length and Content-Encoding agree with the body that came."""
    look = facts.look
    visit, content = look.body or look.arrived(), look.content
    if look.arrived() is None and look.visits and look.visits[0].outcome == "broken":
        return Finding("broken-answer", visit_facts(look.visits[0], facts), look.visit_ids)
    if visit is None or content is None or not reached(facts):
        return NOT_REACHED
    kind = (visit.content_type or "").partition(";")[0].strip().lower()
    values = {**visit_facts(visit, facts), "type": kind, "found": content.format}
    claimed = {name for name, words in TYPE_FAMILIES.items() if any(word in kind for word in words)}
    real = set(FORMAT_FAMILIES.get(content.format, "").split())
    if kind not in GENERIC_TYPES and claimed and real and not claimed & real:
        return Finding("type", values, look.visit_ids)
    if visit.complete and visit.declared_bytes and visit.declared_bytes > (visit.bytes or 0) + LENGTH_SLACK:
        values |= {"declared": visit.declared_bytes, "bytes": visit.bytes or 0}
        return Finding("length", values, look.visit_ids)
    charset = _charset(visit.content_type)
    if charset and content.encoding and family(charset) != family(content.encoding):
        return Finding("charset", {**values, "charset": charset, "encoding": content.encoding}, look.visit_ids)
    return Finding("truthful" if kind else "silent", values, look.visit_ids)


def _charset(content_type: str | None) -> str:
    found = re.search(r"charset=\s*[\"']?([\w.:-]+)", content_type or "", re.IGNORECASE)
    return found.group(1).lower() if found else ""


def family(encoding: str) -> str:
    """Return the family of encodings ``encoding`` belongs to, so that ASCII does not contradict UTF-8 or Big5."""
    name = encoding.lower().replace("_", "-")
    if name in ("ascii", "us-ascii", "utf-8", "utf8", "utf-8-sig", "iso-8859-1", "latin-1", "windows-1252", "cp1252"):
        # Servers add "charset=ISO-8859-1" to everything; it says nothing anyone relies on.
        return "utf-8"
    for prefix in ("utf-16", "utf-32", "big5", "gb"):
        if name.startswith(prefix):
            return prefix
    return name
