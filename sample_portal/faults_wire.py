"""Faults on the way to a file: dead links, servers that fail, hang, lie or refuse. Each bends one file's address."""

import json
from functools import partial
from itertools import pairwise

from sample_portal.bodies import page
from sample_portal.catalogue import Response
from sample_portal.drafts import Item
from sample_portal.planting import BODY, TOUCHED, Planting


def turn(p: Planting, choices: list[tuple[bytes, str]]) -> tuple[bytes, str]:
    """Return the variant whose turn it is."""
    return choices[p.nth % len(choices)]


def html_answer(title: str, *paragraphs: str, language: str = "en") -> tuple[bytes, str]:
    """Return a page as a body and its Content-Type."""
    return page(title, paragraphs, language), "text/html; charset=utf-8"


def json_answer(value: object) -> tuple[bytes, str]:
    """Return a value as a JSON body and its Content-Type."""
    return json.dumps(value, ensure_ascii=False).encode(), "application/json; charset=utf-8"


def status_answer(p: Planting, status: int, choices: list[tuple[bytes, str]], *headers: tuple[str, str]) -> Item:
    """Let the file answer a status with one of several bodies; returns its resource."""
    item = p.files()
    body, content_type = turn(p, choices)
    p.fixed(item, body, content_type, status, headers=headers)
    return item


def gone(p: Planting) -> None:
    """404 in the shapes servers give it."""
    choices = [
        html_answer(
            "404 - File or directory not found", "The resource might have been removed or had its name changed."
        ),
        html_answer("找不到網頁", "你所尋找的網頁可能已被移除。", language="zh-Hant"),
        json_answer({"message": "No such key"}),
        (b"", "text/plain"),
    ]
    item = status_answer(p, 404, choices)
    p.note("online", "no", "the link answers 404", item, reason="gone", also=TOUCHED)


def gone_for_good(p: Planting) -> None:
    """410 Gone."""
    choices = [
        html_answer("Gone", "This file is no longer published."),
        (b"Gone", "text/plain"),
        json_answer({"error": "gone"}),
    ]
    item = status_answer(p, 410, choices)
    p.note("online", "no", "the link answers 410", item, reason="gone", also=TOUCHED)


def server_error(p: Planting) -> None:
    """500 and its neighbours, every time."""
    choices = [
        html_answer("Server Error in '/' Application.", "Object reference not set to an instance of an object."),
        json_answer({"statusCode": 500, "message": "Internal server error"}),
        (b"", "text/html"),
        html_answer("HTTP Status 500", "java.lang.NullPointerException"),
    ]
    item = status_answer(p, (500, 500, 502, 504)[p.nth % 4], choices)
    p.note("online", "no", "the server fails on every call", item, reason="server-error", also=TOUCHED)


def unavailable(p: Planting) -> None:
    """503 with Retry-After, again and again."""
    item = status_answer(
        p, 503, [html_answer("Service Unavailable", "Please try later.")], ("Retry-After", ("120", "3600")[p.nth % 2])
    )
    p.note("online", "no", "the server is never available", item, reason="server-error", also=TOUCHED)


def timeout(p: Planting) -> None:
    """The server takes the request and never answers."""
    item = p.files()
    p.move(item, "gis")
    p.bend(item, misbehaviour="hang")
    p.note("online", "no", "the server accepts and never answers", item, reason="timeout", also=TOUCHED)


def drip(p: Planting) -> None:
    """The body comes a byte each half second and never ends."""
    item = p.files()
    p.move(item, "dl")
    p.bend(item, misbehaviour="drip")
    p.note("online", "no", "the body drips and never ends", item, reason="timeout", also=(*TOUCHED, *BODY))


def reset(p: Planting) -> None:
    """The connection is reset, before a byte or in mid-body."""
    item = p.files()
    p.move(item, "apps")
    early = p.nth % 2 == 0
    p.bend(item, misbehaviour="reset" if p.nth % 4 < 3 else "silence")
    if early:
        p.bend(item, body=bytes)
    why = "the connection is reset before a byte" if early else "the connection breaks off in the answer"
    p.note("online", "no", why, item, reason="unreachable" if early else None, also=(*TOUCHED, *BODY))


def redirect_loop(p: Planting) -> None:
    """Redirects in a circle: to itself, between two, or through a chain without an end in sight."""
    item = p.files()
    first = p.move(item, "portal")
    steps = ((first,), (first + "?step=2", first), tuple(f"{first}?page={n}" for n in range(1, 60)))[p.nth % 3]
    status = (301, 302, 307)[p.nth % 3]
    item.answer = Response(bytes, None, status, (("Location", steps[0]),))
    for here, there in pairwise(steps):
        p.draft.extra[here] = Response(bytes, None, status, (("Location", there),))
    p.note("online", "no", "the redirects never arrive", item, reason="redirect-loop", also=TOUCHED)


def expired_certificate(p: Planting) -> None:
    """A certificate that ran out weeks ago."""
    item = p.files()
    p.move(item, "secure", verdict="expired")
    p.note("online", "no", "the certificate ran out", item, reason="certificate", also=(*TOUCHED, "secure"))


def other_hosts_certificate(p: Planting) -> None:
    """A certificate made out to another host."""
    item = p.files()
    p.move(item, "data", verdict="other-host")
    p.note("online", "no", "the certificate is another host's", item, reason="certificate", also=(*TOUCHED, "secure"))


def no_such_host(p: Planting) -> None:
    """A host name that does not resolve."""
    item = p.files()
    domain = ("nowhere.invalid", f"www.{p.draft.provider}.invalid", "data-gov.invalid", "psi.old-office.invalid")[
        p.nth % 4
    ]
    item.move(p.draft.address(item.url.rpartition("/")[2], domain))
    item.answer = None
    p.note("online", "no", "there is no such host", item, reason="unreachable", also=TOUCHED)


def not_public(p: Planting) -> None:
    """A link into the visitor's own network, straight or by a redirect; nothing may ever be asked there."""
    item = p.files()
    inner = (
        "http://169.254.169.254/latest/meta-data/", "http://127.0.0.1/server-status", "http://10.6.1.20/psi/export.csv",
        "http://172.16.4.9/data.csv", "http://[::1]/export.json", "http://192.168.8.1/opendata/list.csv",
    )[p.nth % 6]  # fmt: skip
    if p.nth % 4 == 3:
        p.move(item, "link")
        item.answer = Response(bytes, None, 302, (("Location", inner),))
    else:
        item.move(inner)
        item.answer = None
    p.note(
        "online",
        "unknown",
        "the address is not a public one",
        item,
        reason="not-public",
        also=(*TOUCHED, "secure", "links"),
    )


def bad_address(p: Planting) -> None:
    """Something that is no http address at all."""
    item = p.files()
    rest = item.url.removeprefix("https://")
    item.move(
        (f"htp://{rest}", rest, f"ftp://{rest}", "https://", f"file:///share/{rest}", "To be provided")[p.nth % 6]
    )
    item.answer = None
    p.note(
        "online", "no", "the address is not one", item, reason="bad-address", also=(*TOUCHED, "secure", "free", "links")
    )


def wrong_type(p: Planting) -> None:
    """A Content-Type that the body contradicts."""
    form, wrong = (
        ("CSV", "text/html; charset=utf-8"), ("JSON", "text/html"), ("XLSX", "text/csv; charset=utf-8"),
        ("CSV", "text/csv; charset=big5"), ("XML", "application/pdf"), ("CSV", "image/png"),
        ("CSV", "application/json"),
    )[p.nth % 7]  # fmt: skip
    item = p.files((form, 1 if "big5" in wrong else 0), ("CSV", 2))
    p.bend(item, content_type=wrong, gzip=False)
    also = ("encoding",) if "big5" in wrong else ()
    p.note("headers", "no", f"{form} bytes are called {wrong}", item, also=also)


def short_body(p: Planting) -> None:
    """The body ends before its promised length, or its chunks without the last."""
    item = p.files()
    p.move(item, "cdn")
    p.bend(item, misbehaviour=("short", "broken-chunks")[p.nth % 2])
    p.note(
        "online",
        "no",
        "the answer is cut short of its own promise",
        item,
        reason="broken-answer",
        also=(*TOUCHED, *BODY),
    )


def gzip_lie(p: Planting) -> None:
    """Content-Encoding gzip, and the body is not, or only half of it is."""
    item = p.files()
    p.move(item, "static")
    p.bend(item, misbehaviour="cut-gzip" if p.nth % 4 == 3 else "false-gzip")
    p.note(
        "online", "no", "the body is not the gzip it says it is", item, reason="broken-answer", also=(*TOUCHED, *BODY)
    )


def empty_body(p: Planting) -> None:
    """A success without a byte."""
    item = p.files()
    blank = p.nth % 4 == 3
    p.bend(item, body=partial(bytes, b"\r\n\r\n") if blank else bytes, modified=None)
    p.bend(item, status=204 if p.nth % 4 == 2 else 200)
    p.note("online", "no", "the answer is empty", item, reason=None if blank else "empty", also=(*TOUCHED, *BODY))


def http_only(p: Planting) -> None:
    """A file on a host that speaks no TLS."""
    item = p.files()
    p.move(item, "www2", verdict="none", scheme="http")
    p.note("secure", "no", "the file is served over http only", item)
