"""Faults in what a server answers instead of the data: refusals, requests for more, and messages called data."""

from sample_portal.bodies import page
from sample_portal.catalogue import Response
from sample_portal.faults_wire import html_answer, json_answer, status_answer, turn
from sample_portal.planting import BODY, TOUCHED, Planting


def throttled(p: Planting) -> None:
    """429 to whoever asks."""
    item = status_answer(
        p,
        429,
        [json_answer({"message": "Too Many Requests"}), html_answer("Too many requests", "Slow down.")],
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
    body, content_type = json_answer(
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
        html_answer(
            "Access Denied", "You don't have permission to access this resource on this server.", "Reference #18.2f"
        ),
        json_answer({"message": "Forbidden"}),
        html_answer("Attention Required!", "Please turn on JavaScript and cookies to continue."),
    ]
    body, content_type = turn(p, choices)
    p.fixed(item, body, content_type, 403)
    p.note("online", "unknown", "the server refuses programs", item, reason="blocked", also=(*TOUCHED, "free"))


def gated(p: Planting) -> None:
    """A key, a registration or a payment is asked for."""
    item = p.files()
    paid = p.nth % 4 == 1
    choices = [
        json_answer({"statusCode": 401, "message": "Access denied due to missing subscription key."}),
        json_answer(
            {"error": "payment_required", "message": "Subscribe to a paid plan to download. Price: HK$ 480 a month"}
        ),
        json_answer({"message": "API key is required. Register for one at our developer site."}),
    ]
    body, content_type = choices[1] if paid else choices[0 if p.nth % 2 == 0 else 2]
    headers = () if paid else (("WWW-Authenticate", 'Bearer realm="api"'),)
    p.fixed(item, body, content_type, 402 if paid else 401, headers=headers)
    why = "a payment is asked for" if paid else "a key is asked for"
    p.note("free", "no" if paid else "partly", why, item, also=("online", *TOUCHED))


FORMS = (("Sign in", ("User name", "Password", "Log in")), ("會員登入", ("用戶名稱", "密碼", "登入")))


def login_page(p: Planting) -> None:
    """A login form in place of the file, straight or after a redirect."""
    item = p.files()
    title, (who, password, enter) = FORMS[p.nth % 2]
    fields = f'<label>{who}<input name="user"></label><label>{password}<input type="password" name="pass"></label>'
    form = f'<form method="post" action="/sso/login">{fields}<button>{enter}</button></form>'.encode()
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
        html_answer(
            "Page Not Found", "Sorry, the page you are looking for cannot be found.", "Return to the home page."
        ),
        html_answer("System Maintenance", "The service is temporarily unavailable due to scheduled maintenance."),
        html_answer("系統錯誤", "系統發生錯誤，請稍後再試。", language="zh-Hant"),
        html_answer("Error 500", "An unexpected error has occurred. Please contact the administrator."),
    ]
    item = p.files()
    body, content_type = turn(p, choices)
    p.fixed(item, body, content_type, modified=None)
    p.note("online", "no", "an error page with status 200", item, reason="error-page", also=(*TOUCHED, *BODY))


def error_body(p: Planting) -> None:
    """An error message as JSON or XML with status 200."""
    forms = ("JSON", "JSON", "CSV", "JSON", "XML", "CSV", "JSON")
    variant = (p.nth + p.making.seed) % len(forms)
    item = p.files((forms[variant], 0), ("CSV", 1))
    choices = [
        json_answer({"success": False, "message": "Database connection failed"}),
        json_answer({"error": {"code": 500, "message": "Unable to complete operation.", "details": []}}),
        (b"Error: could not connect to the database, please try again later\r\n", "text/csv; charset=utf-8"),
        json_answer({"responseCode": -1, "responseMsg": "系統繁忙，請稍後再試", "data": None}),
        (
            (
                b'<?xml version="1.0" encoding="UTF-8"?>\n<Error>'
                b"<Code>NoSuchKey</Code><Message>The specified key does not exist.</Message></Error>"
            ),
            "application/xml",
        ),
        ("系統繁忙，請稍後再試。\r\n".encode(), "text/csv; charset=utf-8"),
        json_answer({"resultCode": "E1007", "resultMessage": "Request timed out", "items": [], "requestId": "7f3a"}),
    ]
    body, content_type = choices[variant]
    p.fixed(item, body, content_type, modified=None)
    p.note("online", "no", "an error message in place of the data", item, reason="error-body", also=(*TOUCHED, *BODY))
