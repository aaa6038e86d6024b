"""The week's outages: links that fail for good, for days, now and then; and links with one bad minute, or none."""

from dataclasses import replace

from sample_portal.catalogue import Response
from sample_portal.courses import during, first_calls, odd_hours
from sample_portal.week import Bed, Expected, always, answer, failures, html, sound_throughout, turned


def steady(bed: Bed) -> Expected:
    """A file or a call that is there at every hour."""
    bed.file("CSV", "API", "XLSX")
    return sound_throughout("it is always there")


def down_later(bed: Bed) -> Expected:
    """It fails for good from the third day on."""
    item = bed.file()
    bed.alone(item)
    failure, reason = list(failures())[bed.nth]
    bed.course(item, during(bed.day(3), None, failure))
    return turned(3, "down", reason, "it fails from the third day on")


def down_and_back(bed: Bed) -> Expected:
    """It fails for two days and comes back."""
    item = bed.file()
    bed.alone(item)
    failure, reason = bed.turn(
        (answer(503, html("Busy", "Please try again.")), "server-error"),
        (Response(misbehaviour="silence"), "unreachable"),
        (Response(misbehaviour="reset"), "unreachable"),
    )
    bed.course(item, during(bed.day(2), bed.day(4), failure))
    states = ((1.5, "up", None), (2.5, "down", reason), (3.5, "down", reason), (7, "up", None))
    return Expected(states, ("up", "down", "degraded", "up"), "it fails from the second day to the fourth")


def gone(bed: Bed) -> Expected:
    """Never there in the week."""
    item = bed.file()
    item.answer = answer(bed.turn(404, 410, 404), bed.turn(html("Not found", "No such file."), b"", b"No such file"))
    return always("down", "gone", "the file is gone from the start")


def gone_later(bed: Bed) -> Expected:
    """There until the fourth day."""
    item = bed.file()
    bed.course(item, during(bed.day(4), None, answer(bed.turn(404, 410, 404), html("Not found", "It was removed."))))
    return turned(4, "down", "gone", "the file is gone from the fourth day on")


def certificate_expired(bed: Bed) -> Expected:
    """A certificate that ran out before the week."""
    bed.certificates[bed.host] = "expired"
    bed.file()
    return always("down", "certificate", "the certificate has expired")


def no_host(bed: Bed) -> Expected:
    """A host whose name does not resolve."""
    item = bed.file()
    item.move(bed.draft.address("part.csv", bed.turn("no-such", "old-site", "www.former") + f"{bed.nth}.invalid"))
    item.answer = None
    return always("down", "unreachable", "there is no such host")


def broken_later(bed: Bed) -> Expected:
    """From the third day on its answer is empty, cut short, or a redirect to itself."""
    item = bed.file()
    short = replace(item.answer, misbehaviour="short") if item.answer else Response()
    circle = Response(bytes, None, 302, (("Location", item.url),))
    bed.course(item, during(bed.day(3), None, bed.turn(Response(bytes, "text/csv"), short, circle)))
    reason = bed.turn("empty", "broken-answer", "redirect-loop")
    return turned(3, "down", reason, "its answer is none from the third day on")


def flapping(bed: Bed) -> Expected:
    """It fails in each odd hour, and is there in the even ones."""
    item = bed.file()
    bed.course(item, odd_hours(bed.day(1), answer(bed.turn(500, 502, 503), html("Busy", "Please try again."))))
    states = ((0.5, "up", None), (4.5, "degraded", "flapping"), (7, "degraded", "flapping"))
    return Expected(states, ("up", "degraded"), "it fails every other hour")


def bad_minute(bed: Bed) -> Expected:
    """One visit in the week finds it failing, second attempt and all."""
    item = bed.file()
    bed.alone(item)
    bed.course(item, bed.night(2, list(failures())[bed.nth][0]))
    return always("up", None, "one visit in the week met a bad minute", failed=(1, 2))


def bad_answer(bed: Bed) -> Expected:
    """One answer in the week is bad, and the next one good."""
    item = bed.file()
    bed.alone(item)
    bed.course(item, first_calls(1, bed.night(1 + bed.nth, list(failures())[bed.nth][0])))
    return always("up", None, "one answer in the week was bad", failed=(1, 1))


def bad_hour(bed: Bed) -> Expected:
    """It fails for an hour of one night."""
    item = bed.file()
    bed.alone(item)
    bed.course(item, bed.night(3, list(failures())[bed.nth][0], hours=1))
    return always("up", None, "it failed for an hour of one night", failed=(1, 2))


def head_refused(bed: Bed) -> Expected:
    """HEAD is refused, GET is fine."""
    bed.bend(bed.file("CSV", "JSON", "API"), head=False)
    return sound_throughout("only HEAD is refused")


def certificate_ending(bed: Bed) -> Expected:
    """A certificate with days to go, or a wildcard."""
    item = bed.file()
    bed.certificates[bed.alone(item)] = bed.turn("soon", "wildcard", "soon")
    return sound_throughout("the certificate holds")


def moved_later(bed: Bed) -> Expected:
    """From the third day on it stands elsewhere, and its old address leads there."""
    item = bed.file()
    folder, _, leaf = item.url.rpartition("/")
    there = f"{folder}/current/{leaf}"
    if item.answer is not None:
        bed.draft.extra[there] = item.answer
    status = bed.turn(301, 302, 308)
    bed.course(item, during(bed.day(3), None, Response(bytes, None, status, (("Location", there),))))
    return always("up", None, "it moved, and its old address leads to the new one")
