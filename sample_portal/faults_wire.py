"""Faults on the way to a file: dead links, servers that fail, hang, lie or refuse. Each bends one file's address."""

import json

from sample_portal.bodies import page
from sample_portal.catalogue import Response
from sample_portal.drafts import Item
from sample_portal.planting import BODY, TOUCHED, Planting


def _turn(p: Planting, choices: list[tuple[bytes, str]]) -> tuple[bytes, str]:
    return choices[p.nth % len(choices)]


def _html(title: str, *paragraphs: str, language: str = "en") -> tuple[bytes, str]:
    return page(title, paragraphs, language), "text/html; charset=utf-8"


def _json(value: object) -> tuple[bytes, str]:
    return json.dumps(value, ensure_ascii=False).encode(), "application/json; charset=utf-8"


def _status(p: Planting, status: int, choices: list[tuple[bytes, str]], *headers: tuple[str, str]) -> Item:
    item = p.files()
    body, content_type = _turn(p, choices)
    p.fixed(item, body, content_type, status, headers=headers)
    return item


def gone(p: Planting) -> None:
    """404 in the shapes servers give it."""
    choices = [
        _html("404 - File or directory not found", "The resource might have been removed or had its name changed."),
        _html("找不到網頁", "你所尋找的網頁可能已被移除。", language="zh-Hant"),
        _json({"message": "No such key"}),
        (b"", "text/plain"),
    ]
    item = _status(p, 404, choices)
    p.note("online", "no", "the link answers 404", item, reason="gone", also=TOUCHED)


def gone_for_good(p: Planting) -> None:
    """410 Gone."""
    choices = [_html("Gone", "This file is no longer published."), (b"Gone", "text/plain"), _json({"error": "gone"})]
    item = _status(p, 410, choices)
    p.note("online", "no", "the link answers 410", item, reason="gone", also=TOUCHED)


def server_error(p: Planting) -> None:
    """500 and its neighbours, every time."""
    choices = [
        _html("Server Error in '/' Application.", "Object reference not set to an instance of an object."),
        _json({"statusCode": 500, "message": "Internal server error"}),
        (b"", "text/html"),
        _html("HTTP Status 500", "java.lang.NullPointerException"),
    ]
    item = _status(p, (500, 500, 502, 504)[p.nth % 4], choices)
    p.note("online", "no", "the server fails on every call", item, reason="server-error", also=TOUCHED)


def unavailable(p: Planting) -> None:
    """503 with Retry-After, again and again."""
    item = _status(
        p, 503, [_html("Service Unavailable", "Please try later.")], ("Retry-After", ("120", "3600")[p.nth % 2])
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
    for here, there in zip(steps, steps[1:], strict=False):
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
        "http://localhost/data.csv", "http://[::1]/export.json", "http://192.168.8.1/opendata/list.csv",
    )[p.nth % 6]  # fmt: skip
    if p.nth % 4 == 3:
        p.move(item, "link")
        item.answer = Response(bytes, None, 302, (("Location", inner),))
    else:
        item.move(inner)
        item.answer = None
    p.note("online", "unknown", "the address is not a public one", item, reason="not-public", also=(*TOUCHED, "secure"))


def bad_address(p: Planting) -> None:
    """Something that is no http address at all."""
    item = p.files()
    rest = item.url.removeprefix("https://")
    item.move(
        (f"htp://{rest}", rest, f"ftp://{rest}", "https://", f"file:///share/{rest}", "To be provided")[p.nth % 6]
    )
    item.answer = None
    p.note("online", "no", "the address is not one", item, reason="bad-address", also=(*TOUCHED, "secure", "free"))


def throttled(p: Planting) -> None:
    """429 to whoever asks."""
    item = _status(
        p,
        429,
        [_json({"message": "Too Many Requests"}), _html("Too many requests", "Slow down.")],
        ("Retry-After", "300"),
    )
    p.note("online", "unknown", "the server says we ask too much", item, reason="throttled", also=TOUCHED)


def needs_parameters(p: Planting) -> None:
    """An API call that wants something the record does not say, or an address with holes in it."""
    item = p.files()
    item.format, item.is_api = "JSON", "Y"
    base = f"https://api.{p.draft.provider}.sample.test/v2{p.draft.folder}"
    holes = f"{base}/<routecode>" if p.nth % 4 == 1 else f"{base}/{{stopId}}?lang={{languageCode}}"
    item.move((base, holes, f"{base}/query", holes)[p.nth % 4])
    body, content_type = _json(
        {"code": "422", "message": "Missing or wrong parameter"}
        if p.nth % 4 == 0
        else {"error": {"code": 400, "message": "'stationId' is required"}}
    )
    p.fixed(item, body, content_type, (422, 404, 400, 404)[p.nth % 4])
    why = "the call asks for parameters" if p.nth % 2 == 0 else "the address has holes to fill"
    p.note("online", "unknown", why, item, reason="needs-parameters", also=TOUCHED)


def blocked(p: Planting) -> None:
    """403 to every program, whatever it calls itself."""
    item = p.files()
    p.move(item, "open")
    choices = [
        _html("Access Denied", "You don't have permission to access this resource on this server.", "Reference #18.2f"),
        _json({"message": "Forbidden"}),
        _html("Attention Required!", "Please turn on JavaScript and cookies to continue."),
    ]
    body, content_type = _turn(p, choices)
    p.fixed(item, body, content_type, 403)
    p.note("online", "unknown", "the server refuses programs", item, reason="blocked", also=(*TOUCHED, "free"))


def gated(p: Planting) -> None:
    """A key, a registration or a payment is asked for."""
    item = p.files()
    paid = p.nth % 4 == 1
    choices = [
        _json({"statusCode": 401, "message": "Access denied due to missing subscription key."}),
        _json({"error": "payment_required", "message": "Subscribe to a paid plan to download. Price: HK$ 480 a month"}),
        _json({"message": "API key is required. Register for one at our developer site."}),
    ]
    body, content_type = choices[1] if paid else choices[0 if p.nth % 2 == 0 else 2]
    headers = () if paid else (("WWW-Authenticate", 'Bearer realm="api"'),)
    p.fixed(item, body, content_type, 402 if paid else 401, headers=headers)
    why = "a payment is asked for" if paid else "a key is asked for"
    p.note("free", "no" if paid else "partly", why, item, also=("online", *TOUCHED))


def wrong_type(p: Planting) -> None:
    """A Content-Type that the body contradicts."""
    form, wrong = (
        ("CSV", "text/html; charset=utf-8"), ("JSON", "text/html"), ("XLSX", "text/csv; charset=utf-8"),
        ("XML", "application/pdf"), ("CSV", "image/png"), ("CSV", "application/json"),
    )[p.nth % 6]  # fmt: skip
    item = p.files((form, 0), ("CSV", 1))
    p.bend(item, content_type=wrong, gzip=False)
    p.note("headers", "no", f"{form} bytes are called {wrong}", item)


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
    p.bend(item, misbehaviour=("false-gzip", "cut-gzip")[p.nth % 2])
    p.note(
        "online", "no", "the body is not the gzip it says it is", item, reason="broken-answer", also=(*TOUCHED, *BODY)
    )


def empty_body(p: Planting) -> None:
    """A success without a byte."""
    item = p.files()
    p.bend(item, body=bytes, status=(200, 200, 204)[p.nth % 3], modified=None)
    p.note("online", "no", "the answer is empty", item, reason="empty", also=(*TOUCHED, *BODY))


def login_page(p: Planting) -> None:
    """A login form in place of the file, straight or after a redirect."""
    item = p.files()
    english = b'<form method="post" action="/sso/login"><label>User name <input name="user"></label><label>Password <input type="password" name="pass"></label><button>Log in</button></form>'
    chinese = '<form method="post"><label>用戶名稱<input name="u"></label><label>密碼<input type="password" name="p"></label><button>登入</button></form>'.encode()
    title, form = (("Sign in", english), ("會員登入", chinese))[p.nth % 2]
    body = page(title, ()).replace(b"</body>", form + b"</body>")
    if p.nth % 4 == 3:
        place = p.draft.address("sso/login?return=file")
        p.draft.extra[place] = Response(lambda: body, "text/html; charset=utf-8")
        item.answer = Response(bytes, None, 302, (("Location", place),))
    else:
        p.fixed(item, body, "text/html; charset=utf-8", modified=None)
    p.note(
        "online",
        "no",
        "a login page stands where the file should",
        item,
        reason="login-page",
        also=(*TOUCHED, *BODY, "free"),
    )


def error_page(p: Planting) -> None:
    """An error page with status 200."""
    choices = [
        _html("Page Not Found", "Sorry, the page you are looking for cannot be found.", "Return to the home page."),
        _html("System Maintenance", "The service is temporarily unavailable due to scheduled maintenance."),
        _html("系統錯誤", "系統發生錯誤，請稍後再試。", language="zh-Hant"),
        _html("Error 500", "An unexpected error has occurred. Please contact the administrator."),
    ]
    item = p.files()
    body, content_type = _turn(p, choices)
    p.fixed(item, body, content_type, modified=None)
    p.note("online", "no", "an error page with status 200", item, reason="error-page", also=(*TOUCHED, *BODY))


def error_body(p: Planting) -> None:
    """An error message as JSON or XML with status 200."""
    item = p.files((("JSON", "XML")[p.nth % 4 == 3], 0), ("CSV", 1))
    choices = [
        _json({"success": False, "message": "Database connection failed"}),
        _json({"error": {"code": 500, "message": "Unable to complete operation.", "details": []}}),
        _json({"code": "500", "message": "Internal Server Error"}),
        (
            b'<?xml version="1.0" encoding="UTF-8"?>\n<Error><Code>NoSuchKey</Code><Message>The specified key does not exist.</Message></Error>',
            "application/xml",
        ),
    ]
    body, content_type = _turn(p, choices)
    p.fixed(item, body, content_type, modified=None)
    p.note("online", "no", "an error message in place of the data", item, reason="error-body", also=(*TOUCHED, *BODY))


def http_only(p: Planting) -> None:
    """A file on a host that speaks no TLS."""
    item = p.files()
    p.move(item, "www2", verdict="none", scheme="http")
    p.note("secure", "no", "the file is served over http only", item)
