"""Harmless look-alikes of the faults on the way to a file: each adds a sound file that only looks like trouble."""

from dataclasses import replace
from functools import partial
from random import Random

from sample_portal.binaries import zipped
from sample_portal.bodies import as_csv, as_json_nested, page
from sample_portal.catalogue import Response
from sample_portal.drafts import Item
from sample_portal.planting import Planting
from sample_portal.tables import Series, Table


def _busy(status: int, *headers: tuple[str, str]) -> Response:
    return Response(partial(page, "Busy", ("Please try again.",)), status=status, headers=headers)


def _online(p: Planting, item: Item, why: str, *also: str) -> None:
    p.note("online", "yes", why, item, also=also)


def redirected(p: Planting) -> None:
    """An address that moved, with a working redirect (an empty body, a slash added, or another host)."""
    item = p.own()
    whole = item.answer
    there = p.draft.address(f"current/{p.kind}/{item.url.rpartition('/')[2]}", p.host("new"))
    status = (301, 302, 307, 308)[p.nth % 4]
    if whole:
        p.draft.extra[there] = whole
    item.answer = Response(bytes, None, status, (("Location", there),))
    _online(p, item, f"a {status} that leads to the file")


def head_refused(p: Planting) -> None:
    """HEAD is refused, GET is fine."""
    item = p.own(("CSV", "JSON")[p.nth % 2])
    p.bend(item, head=False)
    _online(p, item, "only HEAD is refused")


def busy_once(p: Planting) -> None:
    """One 503 (or 500, 502) on the first call, and fine from then on."""
    item = p.own()
    status = 503 if p.kind == "unavailable-503" else (500, 502)[p.nth % 2]
    headers = (("Retry-After", "1"),) if status == 503 else ()
    p.bend(item, before=(_busy(status, *headers),))
    _online(p, item, f"one {status}, then fine")


def throttled_once(p: Planting) -> None:
    """One 429 with a short Retry-After, and fine from then on."""
    item = p.own()
    p.bend(item, before=(_busy(429, ("Retry-After", "1")),))
    _online(p, item, "one 429, then fine")


def slow(p: Planting) -> None:
    """A file whose bytes trickle for three seconds, all of them good."""
    item = p.own()
    p.move(item, "slow")
    p.bend(item, misbehaviour="trickle")
    _online(p, item, "slow, whole and sound")


def big(p: Planting) -> None:
    """A sound file of three megabytes."""
    series = p.draft.series
    length = 78_000 // len(series.districts)
    many = Series(series.topic, "daily", series.ends, series.seed, series.districts, min(length, 9_000))
    item = p.own("CSV", 0, many)
    _online(p, item, "big and sound")


def reset_once(p: Planting) -> None:
    """One reset on the first call, and fine from then on."""
    item = p.own()
    p.move(item, "apps")
    p.bend(item, before=(Response(misbehaviour="reset"),))
    _online(p, item, "one reset, then fine")


def chunked(p: Planting) -> None:
    """A body in chunks, without a Content-Length."""
    item = p.own(("CSV", "JSON")[p.nth % 2])
    p.move(item, "stream")
    p.bend(item, misbehaviour="chunked")
    _online(p, item, "chunked, whole and sound")


def ending_certificate(p: Planting) -> None:
    """A certificate with nine days to go: valid."""
    item = p.own()
    p.move(item, "secure", verdict="soon")
    _online(p, item, "the certificate still holds nine days")


def wildcard_certificate(p: Planting) -> None:
    """A certificate for all hosts of the department: valid."""
    item = p.own()
    p.move(item, "data", verdict="wildcard")
    _online(p, item, "a wildcard certificate that covers the host")


def shouted_host(p: Planting) -> None:
    """A host name in capitals, as hosts may be written."""
    item = p.own()
    host = item.url.split("/")[2]
    item.move(item.url.replace(host, host.upper()))
    _online(p, item, "a host in capitals is the same host")


def private_looking(p: Planting) -> None:
    """A public host and path that hold numbers like a private address."""
    item = p.own()
    p.move(item, "ip-10-0-0-")
    item.move(item.url.replace(p.draft.folder, f"{p.draft.folder}/127.0.0.1"))
    _online(p, item, "only looks like an inner address")


def padded_address(p: Planting) -> None:
    """An address with a port that goes without saying, or blanks around it."""
    item = p.own()
    host = item.url.split("/")[2]
    item.move(item.url.replace(host, f"{host}:443", 1) if p.nth % 2 else f" {item.url} ")
    _online(p, item, "a good address, written with a port or with blanks about it")


def call_with_defaults(p: Planting) -> None:
    """An API that answers without parameters, or with those the address brings."""
    item = p.own("API")
    if p.nth % 2:
        item.move(item.url + "&format=json&rows=all")
    if p.nth % 3 == 2:
        p.rewrite(item, 0, lambda table, _: as_json_nested(table))
    _online(p, item, "the call has defaults for all it needs")


def robots_refused(p: Planting) -> None:
    """403 to robots that name no contact, the file to others."""
    item = p.own()
    refusal = Response(partial(page, "Forbidden", ("Requests from this client are not accepted.",)), status=403)
    p.bend(item, robots=refusal)
    _online(p, item, "only robots without a contact are refused")


def about_fees(p: Planting) -> None:
    """A table about prices and keys, free for all."""
    item = p.own()
    p.rewrite(
        item,
        0,
        lambda table, _: as_csv(
            replace(table, labels=[*table.labels[:3], "Subscription price (HK$)", *table.labels[4:]])
        ),
    )
    if p.nth % 2:
        p.draft.notes[0] += " A licence fee is payable on application; old stock is available for purchase."
    p.document("Subscription price (HK$)")
    p.note("free", "yes", "prices are what it is about, not what it costs", item)


def plain_type(p: Planting) -> None:
    """A Content-Type that is general or old, and contradicts nothing."""
    form, content_type = (
        ("CSV", "application/octet-stream"), ("CSV", "text/plain; charset=utf-8"), ("XML", "text/xml"),
        ("CSV", "text/csv"), ("JSON", "text/json"),
    )[p.nth % 5]  # fmt: skip
    item = p.own(form)
    p.bend(item, content_type=content_type)
    p.note("headers", "yes", f"{content_type} says nothing wrong of {form}", item)


def range_ignored(p: Planting) -> None:
    """A server that ignores Range and sends the whole file."""
    item = p.own(("CSV", "XLSX")[p.nth % 2])
    p.bend(item, ranges=False)
    p.note("format", "yes", "Range is ignored, the file is whole", item)


def honest_gzip(p: Planting) -> None:
    """A body packed for the way, as its header says; or never packed at all."""
    item = p.own(("CSV", "JSON", "XML")[p.nth % 3])
    p.bend(item, gzip=p.nth % 2 == 0)
    _online(p, item, "Content-Encoding is true")


def short_table(p: Planting) -> None:
    """A table of three rows, which is all there is."""
    series = p.draft.series
    item = p.own("CSV", 0, replace(series, districts=series.districts[:1], length=3, seed=series.seed + "short"))
    _online(p, item, "small, and all there is")


REMARKS = {
    "login-page": ("Login required at the kiosk", "Password reset at the counter", "Sign in by card"),
    "error-page": ("Error found in an earlier return", "Page not found in the file", "Under maintenance"),
    "error-body": ("error corrected", "message sent", "no exception"),
}


def worded(p: Planting) -> None:
    """A table whose remarks speak of logins and errors."""
    words = REMARKS[p.kind]
    item = p.own()

    def write(table: Table, rng: Random) -> bytes:
        return as_csv(Table([*table.labels, "Remarks"], [[*row, rng.choice(words)] for row in table.rows]))

    p.rewrite(item, 0, write)
    p.document("Remarks")
    _online(p, item, "the words are data")


def about_errors(p: Planting) -> None:
    """A list of errors and what became of them, which is what the file is about; or a record with a note on one."""
    if p.rng.random() < 0.5:
        item = p.own()
        p.fixed(item, b"Error\nDisk full\nPaper jam\nNone\n", "text/csv; charset=utf-8")
    else:
        item = p.own("JSON")
        rows = b'[{"code": "A1", "message": "Trains are delayed: signal error"}, {"code": "A2", "message": "Resumed"}]'
        p.fixed(item, b'{"error": null, "alerts": ' + rows + b"}", "application/json")
    _online(p, item, "errors are what it is about")


def to_https(p: Planting) -> None:
    """An http address that leads to the same one over https."""
    item = p.own()
    secure = p.move(item, "sec")
    plain = secure.replace("https://", "http://", 1)
    item.move(plain)
    item.answer = Response(bytes, None, 301, (("Location", secure),), secure=item.answer)
    p.note("secure", "yes", "http leads to https", item)


def archive_declared(p: Planting) -> None:
    """A ZIP that is declared a ZIP."""
    item = p.own("ZIP")
    p.rewrite(item, 0, lambda table, _: zipped({"figures.csv": as_csv(table)}), "application/x-zip-compressed")
    p.note("format", "yes", "a ZIP, and declared one", item)
