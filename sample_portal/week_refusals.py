"""The week's refusals: walls, keys, robots.txt and missing parameters; and links that only seem to refuse."""

from sample_portal.catalogue import Response
from sample_portal.courses import during, first_calls, in_turn
from sample_portal.week import Bed, Expected, always, answer, html, json_bytes, sound_throughout, turned


def blocked_later(bed: Bed) -> Expected:
    """From the second day on programs are refused."""
    item = bed.file()
    body = bed.turn(
        html("Access Denied", "You have no permission to see this."), b"Forbidden", json_bytes({"message": "No"})
    )
    bed.course(item, during(bed.day(2), None, answer(403, body)))
    return turned(2, "blocked", "blocked", "programs are refused from the second day on")


def wall(bed: Bed) -> Expected:
    """A challenge that only browsers can meet, whatever its status."""
    item = bed.file()
    words = html("Attention required!", "Please prove that you are human to go on to this site.")
    marked = words.replace(b"</body>", b'<script src="/cdn-cgi/challenge-platform/h.js"></script></body>')
    item.answer = bed.turn(answer(200, words), answer(503, marked), answer(403, words, cf_mitigated="challenge"))
    return always("blocked", "blocked", "a challenge stands before the file")


def key_wanted(bed: Bed) -> Expected:
    """A key is asked for from the start."""
    item = bed.file("API")
    body = json_bytes({"message": "API key is required."})
    item.answer = answer(
        401, body, "application/json", WWW_Authenticate=bed.turn("Bearer", "ApiKey", 'Basic realm="d"')
    )
    return always("blocked", "key-required", "a key is asked for")


def robots_forbid(bed: Bed) -> Expected:
    """Its robots.txt asks robots to stay away, from all or from this folder."""
    item = bed.file()
    host = bed.alone(item)
    path = bed.turn("/", bed.draft.folder + "/", "/*.csv$")
    bed.draft.extra[f"https://{host}/robots.txt"] = answer(
        200, f"User-agent: *\nDisallow: {path}\n".encode(), "text/plain"
    )
    return always("not-asked", "not-asked", "its robots.txt asks robots to stay away", requests=(0, 0))


def parameters_wanted(bed: Bed) -> Expected:
    """A call that wants something that nobody says."""
    item = bed.file("API")
    body = json_bytes({"code": "422", "message": "stopId is required"})
    item.answer = answer(bed.turn(422, 400, 422), body, "application/json")
    return always("needs-parameters", "needs-parameters", "the call wants a parameter")


def template_bare(bed: Bed) -> Expected:
    """An address with holes, and no word on how to fill them: what is said leads to a guide, or to another call."""
    item = bed.file("API")
    item.move(bed.draft.address(bed.turn("stop/{stop_id}", "eta/<routeId>?lang=en", "stop/{stop_id}/{date}"), bed.host))
    if bed.nth == 0:
        leads = f" See {bed.draft.address('guide.html', bed.host)} or {bed.draft.address('route/7/stops', bed.host)}."
        bed.draft.notes = [f"{note}{leads}" for note in bed.draft.notes]
    item.answer = None
    return always("needs-parameters", "needs-parameters", "the address has holes that nothing fills", requests=(0, 0))


def template_example(bed: Bed) -> Expected:
    """An address with a hole, and an example of the whole call in what the dataset says."""
    item = bed.file("API")
    whole = bed.draft.address(f"stop{bed.nth}/001{bed.nth}27", bed.host)
    if item.answer is not None:
        bed.draft.extra[whole] = item.answer
    item.move(bed.draft.address(f"stop{bed.nth}/{{stop_id}}", bed.host))
    item.answer = None
    words = bed.turn(f" For example: {whole}", f" ({whole})", f" e.g. {whole} ")
    if bed.nth == 2:
        item.descriptions = [f"{title}{words}" for title in item.titles]
    else:
        bed.draft.notes = [f"{note}{words}" for note in bed.draft.notes]
    return always("up", None, "the call answers with the example that the dataset gives")


def throttled(bed: Bed) -> Expected:
    """Now and then it asks to be left alone for a second or two."""
    item = bed.file()
    bed.alone(item)
    busy = answer(429, b"Too many requests", "text/plain", Retry_After=bed.turn("1", "2", "1"))
    bed.course(item, first_calls(1, in_turn([bed.night(day, busy) for day in (1, 3, 4)])))
    return always("up", None, "now and then it asked us to wait, and then gave its file", failed=(3, 3))


def always_throttled(bed: Bed) -> Expected:
    """It asks everybody to come later, at all times."""
    item = bed.file()
    bed.alone(item)
    pause = bed.turn({"Retry_After": "1"}, {}, {"Retry_After": "1"})
    item.answer = answer(429, b"Too many requests", "text/plain", **pause)
    return always("unknown", "throttled", "it only ever asked us to come later")


def not_public(bed: Bed) -> Expected:
    """It leads into the visitor's own network, straight or by a redirect."""
    item = bed.file()
    inner = bed.turn(
        "http://10.6.1.20/psi/export.csv", "http://[::1]/list.csv", "http://169.254.169.254/latest/meta-data/"
    )
    if bed.nth == 2:
        item.answer = Response(bytes, None, 302, (("Location", inner),))
    else:
        item.move(inner)
        item.answer = None
    return always("unknown", "not-public", "the address is not a public one")


def nameless_refused(bed: Bed) -> Expected:
    """Robots that name no contact are refused."""
    bed.bend(bed.file(), robots=answer(403, html("Forbidden", "Requests from this client are not accepted.")))
    return sound_throughout("only robots without a contact are refused")


def robots_elsewhere(bed: Bed) -> Expected:
    """A robots.txt that speaks of other folders, or to other robots."""
    item = bed.file()
    host = bed.alone(item)
    rule = bed.turn("*\nDisallow: /admin/", "greedy-bot\nDisallow: /", f"*\nDisallow: {bed.draft.folder}/old/")
    bed.draft.extra[f"https://{host}/robots.txt"] = answer(200, f"User-agent: {rule}\n".encode(), "text/plain")
    return sound_throughout("its robots.txt does not mean this file")


def refused_once(bed: Bed) -> Expected:
    """One visit in the week is refused, and the next is not."""
    item = bed.file()
    bed.course(item, bed.night(2 + bed.nth, answer(403, html("Forbidden", "Not now."))))
    return always("up", None, "one visit in the week was refused", failed=(1, 2))
