"""The sample portal: the same bytes each time, real faults on the wire, and look-alikes that harm nothing."""

import io
import json
import signal
import socket
import ssl
import struct
import subprocess
import sys
import time
import zipfile
from collections import Counter
from collections.abc import Iterator
from datetime import date, timedelta
from urllib.parse import urlsplit

import opencc
import openpyxl
import pytest

from sample_portal.catalogue import RecordedCatalogue, Response
from sample_portal.kinds import FILE_KINDS, RECORD_KINDS
from sample_portal.plan import Sample, draw
from sample_portal.server import Address, serving
from sample_portal.week import EACH, Week

DAY = date(2026, 11, 23)
POLITE = "barometer-test/1 (+mailto:test@sample.test)"


@pytest.fixture(scope="module")
def sample() -> Sample:
    return draw(300, None, 7, DAY)


@pytest.fixture(scope="module")
def address(sample: Sample) -> Iterator[Address]:
    with serving(sample.catalogue) as where:
        yield where


def connection(address: Address, url: str, timeout: float = 3.0) -> socket.socket:
    """Return a socket to the host of `url`, greeted and verified where it is https."""
    parts = urlsplit(url.strip())
    host, _, port = (address.https if parts.scheme == "https" else address.http).partition(":")
    plain = socket.create_connection((host, int(port)), timeout)
    if parts.scheme != "https":
        return plain
    try:
        return ssl.create_default_context(cafile=address.ca).wrap_socket(plain, server_hostname=parts.hostname)
    except ssl.SSLError:
        plain.close()
        raise


def raw(address: Address, url: str, method: str = "GET", timeout: float = 3.0, **headers: str) -> bytes:
    """Return every byte the server sends to one request, until it closes."""
    parts = urlsplit(url.strip())
    target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    lines = [f"{method} {target} HTTP/1.1", f"Host: {parts.netloc}", "Connection: close"]
    asked = {"User-Agent": POLITE, **{name.replace("_", "-"): value for name, value in headers.items()}}
    lines += [f"{name}: {value}" for name, value in asked.items()]
    with connection(address, url, timeout) as wire:
        wire.sendall(("\r\n".join([*lines, "", ""])).encode())
        received = b""
        while part := wire.recv(65536):
            received += part
        return received


def get(address: Address, url: str, method: str = "GET", **headers: str) -> tuple[int, dict[str, str], bytes]:
    """Return status, headers (lower case) and body of one request."""
    head, _, body = raw(address, url, method, **headers).partition(b"\r\n\r\n")
    first, *rest = head.decode("latin-1").split("\r\n")
    named = {name.lower(): value for name, _, value in (line.partition(": ") for line in rest)}
    return int(first.split()[1]), named, body


def planted(sample: Sample, kind: str, *, harmless: bool = False) -> list[str]:
    """Return the addresses of a kind's plants (or look-alikes) that are about one resource, in their order."""
    items = {item.shared_id: item.url for draft in sample.catalogue.drafts for item in draft.items}
    entries = (entry for entry in sample.entries if entry.kind == kind and entry.harmless == harmless)
    return list(dict.fromkeys(items[entry.resource] for entry in entries if entry.resource))


def action(address: Address, language: str, call: str) -> tuple[int, dict]:
    """Return status and envelope of a CKAN call; a first 502 is asked again."""
    url = f"{address.portal}/{language}-data/api/3/action/{call}"
    status, _, body = get(address, url)
    if status == 502:
        status, _, body = get(address, url)
    return status, json.loads(body)


def test_same_seed_and_date_give_the_same_bytes(sample: Sample) -> None:
    """A seed and a date decide every record, body and truth entry; another seed decides otherwise."""
    again = draw(300, None, 7, DAY)
    assert again.truth() == sample.truth()
    for one, other in list(zip(sample.catalogue.drafts, again.catalogue.drafts, strict=True))[::3]:
        assert sample.catalogue.package("tc", one.name) == again.catalogue.package("tc", one.name)
        for item, twin in zip(one.items, other.items, strict=True):
            if item.answer and twin.answer and item.is_api == "N":
                assert item.answer.body() == twin.answer.body(), item.url
    assert draw(300, None, 8, DAY).truth() != sample.truth()


def test_every_kind_has_plants_and_look_alikes(sample: Sample) -> None:
    """Each kind stands on at least four datasets, and at least three harmless things look like it."""
    datasets = {(entry.kind, entry.dataset, entry.harmless) for entry in sample.entries}
    counts = Counter((kind, harmless) for kind, _, harmless in datasets)
    for kind in (*FILE_KINDS, *RECORD_KINDS):
        assert counts[kind, False] >= 4, kind
        assert counts[kind, True] >= 3, kind


def test_most_of_the_rest_is_sound(sample: Sample) -> None:
    """At least four datasets in ten carry no fault at all."""
    faulty = {e.dataset for e in sample.entries if not e.harmless and not e.kind.startswith("nature")}
    assert len(faulty) <= 0.6 * len(sample.catalogue.drafts)


def test_truth_names_what_exists(sample: Sample) -> None:
    """Each entry is about a dataset and a resource of the catalogue, in the states there are."""
    ids = {(draft.name, item.shared_id) for draft in sample.catalogue.drafts for item in draft.items}
    names = {draft.name for draft in sample.catalogue.drafts}
    for entry in sample.entries:
        assert (entry.dataset, entry.resource) in ids or (not entry.resource and entry.dataset in names), entry
        assert set(entry.expect) <= {"yes", "partly", "no", "unknown"}, entry
        assert entry.criterion not in entry.also, entry


def test_without_faults_nothing_is_planted() -> None:
    """--no-faults leaves only what is in a dataset's nature."""
    assert {entry.kind.split("-")[0] for entry in draw(60, None, 3, DAY, faults=False).entries} == {"nature"}


@pytest.mark.parametrize("day", [date(2026, 1, 1), date(2024, 2, 29), date(2027, 3, 31)])
def test_no_date_of_a_sound_dataset_lies_in_the_future(day: date) -> None:
    """On any day, files were changed and data end on that day at the latest."""
    for draft in draw(120, None, 5, day, faults=False).catalogue.drafts:
        assert draft.modified.date() <= day, draft.name
        assert draft.series.span()[1] < day, draft.name


def test_envelopes_and_errors_have_ckans_shape(sample: Sample, address: Address) -> None:
    """Lists page, records come by name and by the instance's own id, and errors are CKAN's."""
    names = sample.catalogue.names("en")
    status, envelope = action(address, "en", "package_list?limit=5&offset=3")
    assert (status, envelope["success"], envelope["result"]) == (200, True, names[3:8])
    assert list(envelope) == ["help", "success", "result"]
    record = action(address, "tc", f"package_show?id={names[4]}")[1]["result"]
    assert action(address, "tc", f"package_show?id={record['id']}")[1]["result"]["name"] == names[4]
    assert action(address, "en", f"package_show?id={record['id']}")[0] == 404
    status, envelope = action(address, "en", "package_show?id=no-such-dataset")
    assert (status, envelope["error"]) == (404, {"__type": "Not Found Error", "message": "Not found"})
    assert action(address, "en", "package_list?limit=abc")[0] == 409
    assert len(action(address, "sc", "group_list")[1]["result"]) == 20


def test_front_end_answers_pages(address: Address) -> None:
    """What is no promised GET gets a page, not JSON; dataset pages are one and the same script shell."""
    for method, path in (
        ("GET", "/en-data/api/3/action/package_search"),
        ("POST", "/en-data/api/3/action/package_list"),
    ):
        status, headers, _ = get(address, address.portal + path, method, Content_Length="0")
        assert status in (404, 405)
        assert headers["content-type"].startswith("text/html")
    shells = {get(address, f"{address.portal}/en-data/dataset/{name}")[2] for name in ("a", "b")}
    assert len(shells) == 1


def test_instances_differ_in_ids_and_agree_in_names(sample: Sample) -> None:
    """One dataset has three ids, and its resources one shared id in all instances."""
    for name in sample.catalogue.names("sc")[:40]:
        records = [sample.catalogue.package(language, name) or {} for language in ("en", "tc", "sc")]
        assert len({record["id"] for record in records}) == 3
        assert len({record["groups"][0]["id"] for record in records if record["groups"]}) in (0, 3)
        shared = [{item["shared_id"] for item in record["resources"]} for record in records]
        assert shared[0] >= shared[1]
        assert shared[0] >= shared[2]


def test_scripts_are_never_mixed_but_where_planted(sample: Sample) -> None:
    """Traditional titles hold no Simplified characters, nor the other way round, save in the datasets listed."""
    to_traditional, to_simplified = opencc.OpenCC("s2t"), opencc.OpenCC("t2s")
    listed = {e.dataset for e in sample.entries if e.kind == "simplified-in-traditional" and not e.harmless}
    shared = set("台里后面只系松采杯群床布志克出周")
    for draft in sample.catalogue.drafts:
        _, traditional, simplified = draft.titles
        assert to_simplified.convert(simplified) == simplified, draft.name
        if draft.name not in listed:
            changed = {a for a, b in zip(traditional, to_traditional.convert(traditional), strict=True) if a != b}
            assert changed <= shared, (draft.name, changed)


def test_lists_feed_and_archive_answer(address: Address) -> None:
    """Providers and categories, the feed and the archive's calls answer as the reference says, errors too."""
    providers = json.loads(get(address, f"{address.portal}/filestore/json/providers_en.json")[2])["providers"]
    assert {"id", "name", "datasetCount"} == set(providers[0])
    assert b"<rss" in get(address, f"{address.portal}/filestore/feeds/data_rss_tc.xml")[2]
    base = "http://app.data.sample.test/v1/historical-archive"
    listed = json.loads(get(address, f"{base}/list-files?start=20260101&end=20261101&max=3&skip=1")[2])
    assert len(listed["files"]) == 3
    url = listed["files"][0]["url"]
    versions = json.loads(get(address, f"{base}/list-file-versions?url={url}&start=20260101&end=20261101")[2])
    assert versions["version-count"] == len(versions["timestamps"]) > 0
    status, headers, _ = get(address, f"{base}/get-file?url={url}&time={versions['timestamps'][0]}")
    assert (status, get(address, headers["location"])[0]) == (302, 200)
    assert get(address, f"{base}/get-file?url={url}&time=yesterday")[0] == 400
    assert get(address, f"{base}/get-file?url=http://no.sample.test/x&time=20260101")[0] == 404


def test_sound_files_keep_their_promises(sample: Sample, address: Address) -> None:
    """A sound CSV answers HEAD, ranges, conditions and gzip, each consistently."""
    faulty = {e.dataset for e in sample.entries if not e.kind.startswith("nature")}
    draft = next(d for d in sample.catalogue.drafts if d.name not in faulty and d.items[0].format == "CSV")
    url = draft.items[0].url
    status, headers, body = get(address, url)
    assert (status, int(headers["content-length"])) == (200, len(body))
    assert get(address, url, "HEAD")[2] == b""
    assert get(address, url, Range="bytes=0-9")[::2] == (206, body[:10])
    assert get(address, url, If_None_Match=headers["etag"])[0] == 304
    assert get(address, url, If_Modified_Since=headers["last-modified"])[0] == 304
    assert get(address, url, Accept_Encoding="gzip")[1]["content-encoding"] == "gzip"


def test_statuses_and_lies_are_on_the_wire(sample: Sample, address: Address) -> None:
    """Each fault that is an answer really is that answer, and its look-alikes are sound in the end."""
    expected = {
        "gone-404": {404}, "gone-410": {410}, "server-error": {500, 502, 504}, "unavailable-503": {503},
        "throttled": {429}, "blocked": {403}, "gated": {401, 402}, "needs-parameters": {422, 400, 404},
        "login-page": {200, 302}, "error-page": {200}, "error-body": {200}, "empty-body": {200, 204},
        "page-for-data": {200, 302}, "script-shell": {200}, "wrong-type": {200}, "zip-for-table": {200},
    }  # fmt: skip
    for kind, statuses in expected.items():
        for url in planted(sample, kind):
            status, _, body = get(address, url)
            assert status in statuses, url
            assert body or kind not in ("login-page", "error-page", "error-body") or status == 302, url
        for url in planted(sample, kind, harmless=True):
            answers = [get(address, url) for _ in range(2)]
            if answers[-1][0] in (301, 302, 307, 308):
                answers.append(get(address, answers[-1][1]["location"]))
            assert answers[-1][0] == 200, url
            assert answers[-1][2], url


def test_bodies_are_what_was_planted(sample: Sample, address: Address) -> None:
    """Old encodings, marks, archives and merged cells are really in the bytes."""
    assert all(get(address, url)[2][:2] in (b"\xff\xfe", b"\xfe\xff") for url in planted(sample, "utf16-tabs"))
    assert all(get(address, url)[2].startswith(b"PK") for url in planted(sample, "zip-for-table"))
    assert all(get(address, url)[2].startswith(b"\xef\xbb\xbf") for url in planted(sample, "bom-series"))
    for url in planted(sample, "legacy-encoding"):
        with pytest.raises(UnicodeDecodeError):
            get(address, url)[2].decode()
    book = next(url for url in planted(sample, "stacked-headers") if url.endswith("xlsx"))
    sheet = openpyxl.load_workbook(io.BytesIO(get(address, book)[2])).active
    assert sheet is not None
    assert sheet.merged_cells.ranges
    for url in planted(sample, "truncated"):
        assert not get(address, url)[2].rstrip().endswith((b"</dataset>", b"]"))


def test_wires_are_cut_as_planted(sample: Sample, address: Address) -> None:
    """Resets, short bodies, false gzip, drips and silences happen to a plain socket."""
    for url in planted(sample, "short-body"):
        head, _, body = raw(address, url).partition(b"\r\n\r\n")
        length = [line for line in head.split(b"\r\n") if line.startswith(b"Content-Length")]
        assert int(length[0].split()[1]) > len(body) if length else not body.endswith(b"0\r\n\r\n"), url
    for url in planted(sample, "gzip-lie"):
        head, _, body = raw(address, url).partition(b"\r\n\r\n")
        assert b"Content-Encoding: gzip" in head
        assert not body.startswith(b"\x1f\x8b") or url == planted(sample, "gzip-lie")[3]
    for url in planted(sample, "reset")[:3]:
        with pytest.raises(ConnectionResetError):  # over TLS, Python's ssl would tell a reset as an end
            raw(address, url.replace("https://", "http://"))
    for kind in ("timeout", "drip"):
        with pytest.raises(TimeoutError):
            raw(address, planted(sample, kind)[0], timeout=0.4)


def test_certificates_are_bad_where_planted(sample: Sample, address: Address) -> None:
    """Expired and foreign certificates are refused, look-alikes are not; http-only hosts speak no TLS."""
    for kind, code in (("certificate-expired", 10), ("certificate-other-host", 62)):
        for url in planted(sample, kind):
            with pytest.raises(ssl.SSLCertVerificationError) as caught:
                connection(address, url)
            assert caught.value.verify_code == code
        for url in planted(sample, kind, harmless=True):
            connection(address, url).close()
    plain = planted(sample, "http-only")[0]
    assert get(address, plain)[0] == 200
    with pytest.raises(ssl.SSLError):
        connection(address, plain.replace("http://", "https://"))


def test_redirects_circle_where_planted(sample: Sample, address: Address) -> None:
    """A redirect loop still redirects after thirty steps."""
    for url in planted(sample, "redirect-loop"):
        place = url
        for _ in range(30):
            status, headers, _ = get(address, place)
            assert status in (301, 302, 307)
            place = headers["location"]


def test_robots_without_contact_are_refused(sample: Sample, address: Address) -> None:
    """The look-alike of a block refuses only clients that name nobody."""
    for url in planted(sample, "blocked", harmless=True):
        assert get(address, url, User_Agent="python-requests/2.32")[0] == 403
        assert get(address, url)[0] == 200


def test_log_tells_what_was_asked(address: Address) -> None:
    """Every request is remembered, and the log can be read over http."""
    get(address, f"{address.portal}/robots.txt?mark=1")
    assert any(asked.target == "/robots.txt?mark=1" and asked.host == "data.sample.test" for asked in address.log)
    told = json.loads(get(address, "http://control.sample.test/log")[2])
    assert told[-1]["target"] == "/robots.txt?mark=1"


def test_archives_and_pictures_are_whole(sample: Sample) -> None:
    """Shapefiles, KMZ and pictures have the shape their formats ask for."""
    answers = {item.format: item.answer for draft in sample.catalogue.drafts for item in draft.items if item.answer}
    shapes = zipfile.ZipFile(io.BytesIO(answers["SHP"].body()))
    assert struct.unpack(">i", shapes.read("figures.shp")[24:28])[0] * 2 == len(shapes.read("figures.shp"))
    assert zipfile.ZipFile(io.BytesIO(answers["KMZ"].body())).namelist() == ["doc.kml"]
    assert answers["PDF"].body().startswith(b"%PDF-1.4")


def test_any_catalogue_can_be_served() -> None:
    """Ready-made records and answers are served through the same server."""
    record = {"name": "one", "id": "1", "resources": []}
    responses = {("files.sample.test", "/a.csv"): Response(lambda: b"a\n1\n", "text/csv")}
    with serving(RecordedCatalogue({"en": {"one": record}}, responses)) as address:
        assert action(address, "en", "package_show?id=one")[1]["result"] == record
        assert get(address, "https://files.sample.test/a.csv")[2] == b"a\n1\n"


def test_server_ends_with_its_standard_input_and_on_sigterm() -> None:
    """A server whose parent is gone, or that is told to, ends by itself and leaves no file behind."""
    for way in ("stdin", "sigterm"):
        command = [sys.executable, "-m", "sample_portal", "--datasets", "20"]
        with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
            assert process.stdout is not None
            assert process.stdin is not None
            told = json.loads(process.stdout.readline())
            assert told["datasets"] == 20
            if way == "stdin":
                process.stdin.close()
            else:
                process.send_signal(signal.SIGTERM)
            assert process.wait(10) == 0
            with pytest.raises(FileNotFoundError):
                open(told["ca"]).close()  # noqa: PTH123  only to see that it is gone


def test_thousands_of_datasets_start_in_seconds() -> None:
    """4,000 datasets with 25,000 resources are drawn well within 15 s, and a record takes about a millisecond."""
    start = time.process_time()
    large = draw(4000, 25_000, 7, DAY)
    drawn = time.process_time() - start
    assert large.resources >= 25_000
    assert drawn < 15
    names = large.catalogue.names("en")[:200]
    start = time.process_time()
    for name in names:
        json.dumps(large.catalogue.package("en", name))
    assert (time.process_time() - start) / len(names) < 0.003


@pytest.mark.parametrize(("datasets", "seed"), [(1, 1), (20, 2), (90, 3), (300, 11)])
def test_resources_are_told_apart(datasets: int, seed: int) -> None:
    """However many datasets: each name and shared id is one thing's, and no address is shared but where planted."""
    small = draw(datasets, None, seed, date(2026, 1, 1))
    assert len({draft.name for draft in small.catalogue.drafts}) == datasets
    ids = [item.shared_id for draft in small.catalogue.drafts for item in draft.items]
    assert len(ids) == len(set(ids))
    shared = {entry.dataset for entry in small.entries if entry.kind == "shared-address"}
    urls = [item.url for draft in small.catalogue.drafts if draft.name not in shared for item in draft.items]
    urls = [url for url in urls if ".sample.test/" in url]
    assert [url for url, many in Counter(urls).items() if many > 1] == []


def test_a_week_adds_links_and_changes_nothing_else() -> None:
    """--week leaves records, bodies and truth as they were; each kind has its links, each group its look-alikes."""
    plain, more = draw(60, None, 7, DAY), draw(60, None, 7, DAY, week=True)
    told = more.truth()
    week = told.pop("week")
    assert told == plain.truth()
    assert "week" not in plain.truth()
    assert set(plain.catalogue.names("en")) < set(more.catalogue.names("en"))
    for draft in plain.catalogue.drafts:
        assert more.catalogue.package("sc", draft.name) == plain.catalogue.package("sc", draft.name)
    kinds = Counter(link["kind"] for link in week["links"])
    assert len(kinds) >= 30
    assert set(kinds.values()) == {EACH}
    for group in {link["group"] for link in week["links"]}:
        alikes = [link for link in week["links"] if link["group"] == group and link["harmless"]]
        assert len(alikes) >= 3, group
    assert len({link["resource"] for link in week["links"]}) == len(week["links"])
    assert len({link["url"] for link in week["links"]}) == len(week["links"])
    assert (
        draw(0, None, 7, DAY, faults=False, week=True).truth()["week"]
        == draw(0, None, 7, DAY, week=True).truth()["week"]
    )


def test_links_of_the_week_go_by_the_clock() -> None:
    """The answers change when their day comes and not before, back again where they should, and by the call."""
    sample = draw(0, None, 7, DAY, faults=False, week=True)
    week = sample.week
    assert isinstance(week, Week)
    places = {(link.kind, nth % EACH): link.url for nth, link in enumerate(week.links)}
    now = week.begins

    def status(days: float, kind: str, nth: int = 0, **headers: str) -> int:
        nonlocal now
        now = week.begins + timedelta(days=days)
        return get(address, places[kind, nth], **headers)[0]

    with serving(sample.catalogue, now=lambda: now) as address:
        assert [status(day, "down-and-back") for day in (0, 1.9, 2.1, 3.9, 4.1)] == [200, 200, 503, 503, 200]
        assert [status(day, "gone-later") for day in (0, 3.9, 4.1, 6.9)] == [200, 200, 404, 404]
        assert [status(day, "blocked-later") for day in (0, 1.9, 2.1, 6.9)] == [200, 200, 403, 403]
        assert [status(1 + hour / 24, "flapping") for hour in (1.5, 2.5, 3.5, 4.5)] == [500, 200, 500, 200]
        assert [status(day, "bad-minute") for day in (2.1, 2 + 3 / 24, 2.2)] == [200, 500, 200]
        assert [status(1 + 3 / 24, "bad-answer") for _ in range(3)] == [500, 200, 200]
        assert [status(1 + 3 / 24, "throttled") for _ in range(2)] == [429, 200]
        _, headers, body = get(address, places["proved", 0])
        assert status(5, "proved", If_None_Match=headers["etag"]) == 304
        now = week.begins + timedelta(days=1, minutes=50)
        _, stamped, same = get(address, places["stamped", 0])
        now += timedelta(hours=1)
        _, later, again = get(address, places["stamped", 0])
        assert (same == again, stamped["last-modified"] == later["last-modified"]) == (True, False)
        bodies = []
        for day in (1.1, 1.9, 2.1):
            now = week.begins + timedelta(days=day)
            _, headers, body = get(address, places["bare-daily", 0])
            bodies.append(body)
            assert not {"etag", "last-modified"} & set(headers)
        assert (bodies[0] == bodies[1], bodies[1] == bodies[2]) == (True, False)
        assert status(1, "range-honoured", Range="bytes=0-9") == 206
        assert status(1, "range-ignored", Range="bytes=0-9") == 200


def test_the_clock_is_told_on_standard_input_and_the_log_kept(tmp_path) -> None:
    """A line sets the clock, which then stands still; another line is refused; each answer is a line of the log."""
    log = tmp_path / "requests.jsonl"
    command = [sys.executable, "-m", "sample_portal", "--datasets", "0", "--no-faults", "--week", "--log", str(log)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stdin is not None
        told = json.loads(process.stdout.readline())
        address = Address(told["portal"], told["suffix"], told["http"], told["https"], told["ca"], [])
        for line, answer in (("now 2030-01-02T03:04:05Z", "now"), ("later, please", "error"), ("now then", "error")):
            process.stdin.write(line + "\n")
            process.stdin.flush()
            assert list(json.loads(process.stdout.readline())) == [answer]
        for target in ("/robots.txt", "/no-such-page"):
            assert get(address, address.portal + target)[1]["date"] == "Wed, 02 Jan 2030 03:04:05 GMT"
        process.stdin.close()
        assert process.wait(10) == 0
    lines = [json.loads(line) for line in log.read_text().splitlines()]
    assert [(line["target"], line["status"], line["under_way"]) for line in lines[-2:]] == [
        ("/robots.txt", 200, 1),
        ("/no-such-page", 404, 1),
    ]
    assert {line["now"] for line in lines} == {"2030-01-02T03:04:05Z"}
