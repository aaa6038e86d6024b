"""What comes in the week in place of the data or as ever new data; and sound bodies that only look like either."""

from dataclasses import replace
from functools import partial

from sample_portal.bodies import as_csv, records
from sample_portal.courses import during, stamped_hourly, written_daily
from sample_portal.drafts import Item
from sample_portal.tables import Table
from sample_portal.week import Bed, Expected, always, answer, html, json_bytes, sound_throughout, turned


def error_page_later(bed: Bed) -> Expected:
    """From the third day on a page with status 200 says that something failed."""
    item = bed.file()
    body = bed.turn(
        html("System Maintenance", "The service is temporarily unavailable."),
        html("Page Not Found", "Sorry, the page cannot be found."),
        html("系統錯誤", "系統發生錯誤，請稍後再試。"),
    )
    bed.course(item, during(bed.day(3), None, answer(200, body)))
    return turned(3, "down", "error-page", "an error page stands where the file was")


def error_body_later(bed: Bed) -> Expected:
    """From the second day on the call answers an error, with status 200."""
    item = bed.file("API", "JSON", "API")
    said: tuple[object, ...] = (
        {"success": False, "message": "Database connection failed"},
        {"error": {"code": 500, "message": "Unable to complete operation."}},
        {"responseCode": -1, "responseMsg": "系統繁忙，請稍後再試", "data": None},
    )
    bed.course(item, during(bed.day(2), None, answer(200, json_bytes(said[bed.nth]), "application/json")))
    return turned(2, "down", "error-body", "an error message stands where the data were")


def login_later(bed: Bed) -> Expected:
    """From the third day on a login page stands in its place."""
    item = bed.file()
    form = b'<form method="post" action="/sso/login"><input name="user"><input type="password" name="pass"></form>'
    body = html(bed.turn("Sign in", "會員登入", "Log in")).replace(b"</body>", form + b"</body>")
    bed.course(item, during(bed.day(3), None, answer(200, body)))
    return turned(3, "down", "login-page", "a login page stands where the file was")


def worded(bed: Bed) -> Expected:
    """A table whose remarks speak of errors, logins and maintenance."""
    item = bed.file()
    word = bed.turn("Error found and corrected", "Login required at the kiosk", "Under maintenance")
    bed.write(item, lambda table: as_csv(Table([*table.labels, "Remarks"], [[*row, word] for row in table.rows])))
    return sound_throughout("the words are data")


def declared_page(bed: Bed) -> Expected:
    """A page that is meant to be one."""
    item = bed.file()
    item.format = "HTML"
    item.move(item.url.replace(".csv", ".html"))
    body = html(bed.draft.titles[0], *("How the figures are gathered.", "What each column means.", "Whom to ask.") * 3)
    bed.bend(item, body=partial(bytes, body), content_type="text/html; charset=utf-8")
    return sound_throughout("a page, and declared one")


def shrunk_later(bed: Bed) -> Expected:
    """From the third day on the table has three rows, which is all there is."""
    item = bed.file("CSV", "JSON", "API")
    series = bed.draft.series
    small = replace(series, districts=series.districts[:1], length=3)
    rows = records(small.table(0))
    body = as_csv(small.table(0)) if item.format == "CSV" else json_bytes(rows)
    if item.answer is not None:
        bed.course(item, during(bed.day(3), None, replace(item.answer, body=partial(bytes, body))))
    return always("up", None, "a small table is a table", bodies=(2, 2))


def error_field(bed: Bed) -> Expected:
    """An answer that says of itself that there was no error, or that is about errors."""
    item = bed.file("API")
    rows = records(bed.draft.series.table(0))[:5]
    said: tuple[object, ...] = (
        {"error": None, "result": rows},
        {"success": True, "message": "", "data": rows},
        {
            "alerts": [
                {"code": "A1", "message": "Trains are delayed: signal error"},
                {"code": "A2", "message": "Resumed"},
            ]
        },
    )
    bed.bend(item, body=partial(bytes, json_bytes(said[bed.nth])))
    return sound_throughout("the answer speaks of errors, and is none")


def stamped(bed: Bed) -> Expected:
    """A feed that says each hour that it was just changed, and never changes."""
    item = bed.file("CSV", "API", "JSON")
    bed.bend(item, tagged=False)
    bed.course(item, stamped_hourly)
    return always("up", None, "stamped anew each hour, and never changed", bodies=(1, 1), stamps=(3, 1_000))


def _daily(bed: Bed, item: Item) -> None:
    series = bed.draft.series

    def written(day: int) -> bytes:
        table = replace(series, seed=f"{series.seed}/{bed.nth}/{day}").table(0)
        return as_csv(table) if item.format == "CSV" else json_bytes(records(table))

    bed.course(item, written_daily(bed.begins, written))


def tagged_daily(bed: Bed) -> Expected:
    """Another body each day, with a true ETag, a true Last-Modified, or both."""
    item = bed.file("CSV", "JSON", "CSV")
    bed.bend(item, tagged=bed.nth != 1, dated=bed.nth != 2)
    _daily(bed, item)
    return always("up", None, "it changes each day, and says so", bodies=(7, 7))


def bare_daily(bed: Bed) -> Expected:
    """Another body each day, and no header that says so."""
    item = bed.file("CSV", "JSON", "CSV")
    bed.bend(item, tagged=False, dated=False)
    _daily(bed, item)
    return always("up", None, "it changes each day, and does not say so", bodies=(3, 7))


def proved(bed: Bed) -> Expected:
    """A body that never changes, and an ETag, a Last-Modified or both that prove it."""
    item = bed.file("CSV", "API", "CSV")
    bed.bend(item, tagged=bed.nth != 1, dated=bed.nth != 2)
    return always("up", None, "a 304 proves that it is as it was", unchanged=True, bodies=(1, 1), whole=(1, 1))


def range_honoured(bed: Bed) -> Expected:
    """No header proves anything, and a part can be had."""
    item = bed.file("CSV", "JSON", "API")
    bed.bend(item, tagged=False, dated=False)
    parts = (1, 1_000) if bed.nth == 2 else None
    return always("up", None, "a part of it can be had", unchanged=True, bodies=(1, 1), parts=parts)


def range_ignored(bed: Bed) -> Expected:
    """No header proves anything, and the whole comes whatever is asked for."""
    item = bed.file("CSV", "JSON", "API")
    bed.bend(item, tagged=False, dated=False, ranges=False)
    return always("up", None, "the whole of it comes whatever is asked for", unchanged=True, bodies=(1, 1))
