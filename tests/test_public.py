"""What strangers may ask of the site, and what it tells them: SQL, limits, methods, addresses, headers, errors."""

import json
import re
import signal
import socket
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, closing
from pathlib import Path
from urllib.parse import quote, urlencode

import pytest
import yaml
from datasette.app import Datasette

from harvester.errors import BarometerError
from publish.guard import KEPT_BACK, LIMITS, MOST_ADDRESS, MOST_PARAMETERS
from publish.listening import is_loopback
from publish.serve import OPEN, SETTINGS
from tests.catalogue_fixture import published
from tests.hostile_catalogue import TEXTS
from tests.served import METADATA, Site, free_port, serving

ATTACKS = {
    "zeroblob": "select hex(zeroblob(400000000))",
    "printf": "select printf('%.*c', 900000000, 'x')",
    "format": "select format('%.*c', 900000000, 'x')",
    "randomblob": "select hex(randomblob(500000000))",
    "endless recursion": "with recursive c(x) as (select 1 union all select x + 1 from c) select count(*) from c",
    "endless sorting": "with recursive c(x) as (select 1 union all select x + 1 from c)"
                       " select x, replace(hex(x), '3', '33333333333333') from c order by 2 desc",
    "cross join": "select count(*) from answer a, answer b, answer c, answer d, answer e, answer f, answer g",
    "replacing": "select length(" + "replace(" * 9 + "'aaaaaaaaaa'" + f", 'a', '{'a' * 50}')" * 9 + ")",
    "gathering": "select length(group_concat(hex(a.evidence) || hex(b.evidence))) from answer a, answer b, answer c",
    "pattern": f"select replace(replace('aaaaaaaaaa', 'a', '{'a' * 99}'), 'a', '{'a' * 99}') like '{'%a_' * 160}b'",
    "deep JSON": f"select json_extract(replace(replace('[[[[[[[[', '[', '{'[' * 90}'), '[', '{'[' * 90}'), '$[0]')",
    "another file": "select * from pragma_table_info('x', 'y'), (select load_extension('x'))",
}  # fmt: skip
SECONDS, MEGABYTES = 8.0, 100
"""What one attack may take, where the limit is a second and the machine is shared, and what all may leave in memory."""
ELSEWHERE = "elsewhere.example"
"""A host that is not ours and that no catalogue names."""
HOSTS = (f"{ELSEWHERE}/x", f'{ELSEWHERE}"><script>', f"a {ELSEWHERE}", f"user@{ELSEWHERE}", f"{ELSEWHERE}:x")
PLACES = [
    "/",
    "/en/",
    "/tc/provider/hk-x",
    "/en/worklist/hk-hko",
    "/sitemap.xml",
    "/sitemap-1.xml",
    "/robots.txt",
    "/llms.txt",
    "/en/changes.atom",
    "/en/dataset/hk-hko-tide.jsonld",
    "/catalog",
    "/catalog/dataset",
    "/catalog/dataset.json",
    "/catalog/dataset/hk-hko-tide",
    "/nothing",
]
ADDRESSES = [
    r"/\evil.example",
    r"//evil.example/",
    r"///evil.example/",
    r"/%5Cevil.example",
    r"/%5cevil.example/",
    r"/%2f%2fevil.example/",
    r"/%2Fevil.example/",
    r"/en//evil.example/",
    r"/en/\evil.example/",
    r"/..",
    r"/../",
    r"/en/..",
    r"/en/../../etc/passwd",
    r"/%2e%2e/",
    r"/.%2e/%2e./etc/passwd",
    r"/%00",
    r"/en/%00",
    r"/en/dataset/%00",
    r"/en/%ff%fe",
    r"/en/%zz",
    r"/catalog/",
    r"/catalog//evil.example/",
    r"/catalog/%5Cevil.example/",
    r"/catalog/%ff",
    r"/http://evil.example/",
    r"http://evil.example/en/",
    r"http://evil.example/",
    r"*",
    r"evil.example",
    r"/evil.example/",
    r"/;/evil.example",
    r"/%0d%0aX-Injected:%20yes/",
    r"/en/x%0d%0aX-Injected:%20yes",
    r"/catalog/%0d%0aX-Injected:%20yes/",
    r"/-/static/../../app.py",
    r"/-/static/%2e%2e/%2e%2e/app.py",
    r"/-/static/%2e%2e%2fapp.py",
    r"/-/static//etc/passwd",
    r"/-/static-plugins/publish/../../x",
    r"/.git/config",
    r"/metadata.yml",
    r"/harvest.db",
    r"/catalog.db/../x",
    r"/preview/en/dataset/../../x.png",
    r"/sitemap-99999.xml",
    r"/en/task/../x",
]
FORWARDED = f"""
X-Forwarded-Host: {ELSEWHERE}
Forwarded: host={ELSEWHERE};proto=https
X-Original-URL: /{ELSEWHERE}
X-Rewrite-URL: /{ELSEWHERE}
X-Forwarded-Prefix: //{ELSEWHERE}
X-Forwarded-Proto: {ELSEWHERE}
""".strip().splitlines()
POISONS = f"""
Accept-Language: zh-CN
Accept: application/json
Cookie: ds_actor=x; ds_messages=y; lang=tc
Authorization: Bearer dstok_x
Referer: https://{ELSEWHERE}/
Origin: https://{ELSEWHERE}
Range: bytes=0-9
If-None-Match: *
If-Modified-Since: Mon, 23 Nov 2037 00:00:00 GMT
X-Forwarded-Proto: https
X-Forwarded-Host: {ELSEWHERE}
X-Forwarded-For: 127.0.0.1
Accept-Encoding: gzip
User-Agent: <script>
X-Requested-With: XMLHttpRequest
Upgrade: websocket
Expect: 100-continue
""".strip().splitlines()
MACHINE = [
    "settings",
    "plugins",
    "versions",
    "threads",
    "metadata",
    "databases",
    "actor",
    "permissions",
    "allow-debug",
    "messages",
    "patterns",
    "logout",
    "auth-token",
    "search",
    "config",
    "query",
]
WRONG = [
    "_sort=rowid",
    "_sort=nothing",
    "_sort=name&_sort_desc=name",
    "_next=a,b,c",
    "_col=nothing",
    "_nocol=x",
    "_search=%22&_searchmode=raw",
    "_search=NEAR(&_searchmode=raw",
    "_search_nothing=a",
]
TIMED = re.compile(rb"took [\d.]+ms|\"query_ms\": [\d.e-]+")
"""What differs between two answers that are the same."""
TELLING = re.compile(r"Traceback|site-packages|/tmp/|/root/|/home/|\.py\b|0\.65|sqlite3?\.|secret", re.IGNORECASE)
"""What an error page must not tell."""


@pytest.fixture(scope="module")
def catalog(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("public")
    return published(folder)


@pytest.fixture(scope="module")
def site(catalog) -> Iterator[Site]:
    with serving(catalog) as running:
        yield running


BREAKS = """
from datasette import hookimpl

@hookimpl
def register_routes():
    return [(r'/breaks(\\.json)?$', breaks), (r'/en/breaks$', breaks)]

def breaks():
    secret = "sec" + "ret"
    raise RuntimeError(f"{secret} in /tmp/place.py")
"""
"""A plugin with two pages that cannot be made."""


@pytest.fixture(scope="module")
def told(catalog, tmp_path_factory) -> Iterator[tuple[Site, Path]]:
    """A site that knows its address, whose secret is known, and of which two pages break; and where its log is."""
    folder = tmp_path_factory.mktemp("told")
    (folder / "plugins").mkdir()
    (folder / "plugins" / "breaks.py").write_text(BREAKS)
    with pytest.MonkeyPatch.context() as patch, (folder / "log").open("wb") as log:
        patch.setenv("BAROMETER_ADDRESS", "https://barometer.example")
        patch.setenv("DATASETTE_SECRET", "known")
        with serving(catalog, "--plugins-dir", str(folder / "plugins"), said=log) as running:
            yield running, folder / "log"


def test_sql_of_a_visitor_is_refused_under_every_name_and_in_every_form(site):
    """No page and no form of it takes SQL, a condition or a limit of the visitor's own, however its name is written."""
    sql = quote("select 1")
    for form in ("", ".json", ".csv"):
        for query in (f"sql={sql}", f"%73ql={sql}", f"_json=x&sql={sql}"):
            assert site.ask(f"/catalog{form}?{query}").status == 403
        for name in sorted(KEPT_BACK):
            assert site.ask(f"/catalog/provider{form}?{name}=1").status == 403, name
        through = quote('{"table":"dataset","column":"name","value":"a"}')
        assert site.ask(f"/catalog/provider{form}?_through={through}").status == 403
        assert site.ask(f"/catalog/down_now{form}?_timelimit=99999").status == 403
    assert site.ask("/catalog/-/query?sql=select+1").status in (403, 404)
    assert site.ask("/_memory?sql=select+1").status in (403, 404)
    assert site.ask("/_internal").status in (403, 404)


def test_facets_and_sizes_beyond_ours_are_refused(site):
    """Facets that metadata.yml does not name, streams, and pages of more than a thousand rows are answered with 400."""
    for query in ("_facet=title_en", "_facet_array=languages", "_facet_date=created", "_facet_size=9999999",
                  "_size=1001", "_size=-1", "_size=x"):  # fmt: skip
        for form in ("", ".json"):
            assert site.ask(f"/catalog/dataset{form}?{query}").status == 400, query
    assert site.ask("/catalog/dataset.csv?_stream=1").status == 400
    assert site.ask("/catalog/dataset").status == 200
    assert b"facet-results" in site.ask("/catalog/dataset").body


def test_questions_that_are_only_wrong_are_not_told_as_our_errors(site):
    """Unknown columns, broken cursors and broken searches are the visitor's: 400, and in JSON where asked in JSON."""
    for query in WRONG:
        assert site.ask(f"/catalog/dataset?{query}").status == 400, query
        answer = site.ask(f"/catalog/dataset.json?{query}")
        assert answer.status == 400
        assert answer.headers["content-type"].startswith("application/json")


@pytest.mark.slow
def test_every_attack_ends_soon_and_leaves_the_memory_alone_even_with_free_sql(catalog):
    """Were free SQL turned on, no query of a list of attacks would outlast the time limit or fill the memory."""
    with serving(catalog, "--setting", "default_allow_sql", "on") as open_site:
        assert open_site.ask("/catalog.json?_shape=array&sql=select+1+as+one").status == 200
        before = open_site.memory()
        for name, sql in ATTACKS.items():
            started = time.monotonic()
            answer = open_site.ask("/catalog.json?_shape=array&" + urlencode({"sql": sql}))
            assert time.monotonic() - started < SECONDS, name
            assert answer.status in (200, 400), name
            assert len(answer.body) < LIMITS[0] * 2
        assert open_site.memory() - before < MEGABYTES * 1_000_000


def test_searches_that_are_meant_to_last_end_soon(site):
    """Patterns, a hundred conditions, endless searches and far pages over a table take no longer than the limit."""
    before = site.memory()
    for query in ("notes_en__like=" + "%25a_" * 160 + "b", "notes_en__glob=" + "*a%3F" * 160 + "b",
                  "&".join(f"notes_en__contains=a{n}" for n in range(MOST_PARAMETERS)),
                  "_search=" + "+".join(f"a{n}*" for n in range(900)), "_search=" + "(" * 900 + "&_searchmode=raw",
                  "_search=" + "+OR+".join(["a*"] * 900) + "&_searchmode=raw", "_next=" + "9" * 5000,
                  "_size=max&_labels=on"):  # fmt: skip
        for form in ("", ".json", ".csv"):
            started = time.monotonic()
            assert site.ask(f"/catalog/dataset{form}?{query}").status in (200, 400), query
            assert time.monotonic() - started < SECONDS, query
    assert site.memory() - before < MEGABYTES * 1_000_000


def test_stored_queries_take_whatever_is_typed_as_text(site):
    """Every stored query is answered for hostile, missing and repeated parameters, and repeats none as HTML."""
    queries = yaml.safe_load(METADATA.read_text())["databases"]["catalog"]["queries"]
    asked = {name: query["params"] for name, query in queries.items() if query.get("params")}
    assert len(asked) > 3
    hostile = [*TEXTS[:3], TEXTS[45], "%00", "' OR 1=1 --", "9" * 400, "1e999"]
    for turn, (name, params) in enumerate(asked.items()):
        for text in hostile[turn % 2 :: 2]:
            typed = urlencode([(one, text) for one in params] * 2)
            answer = site.ask(f"/catalog/{name}.json?_shape=array&{typed}")
            assert answer.status in (200, 400), (name, text)
            assert b"<script>alert" not in site.ask(f"/catalog/{name}?{typed}").body
        assert site.ask(f"/catalog/{name}.json").status in (200, 400)
        assert site.ask(f"/catalog/{name}?x=1&_hide_sql=1").status == 200


def test_what_is_too_long_or_too_much_is_refused_and_the_site_goes_on(site):
    """Ten thousand parameters, a query of 100 KB, an endless path and headers of 100 KB are refused at once."""
    many = "&".join(f"a{n}=1" for n in range(10_000))
    ampersands, long = "/catalog/dataset?" + "&" * MOST_PARAMETERS, "/en/?" + "a" * MOST_ADDRESS
    for target in (ampersands, long, "/" + "a/" * 9_000, "/en/compare?" + many[:60_000]):
        assert site.ask(target).status == 414
    for target in (f"/en/?{many}", "/en/search?q=" + "a" * 100_000, "/" + "a/" * 50_000):
        assert site.ask(target).status in (400, 414, 431)
    for header in ("Accept-Language: " + "zh," * 33_000, "X: " + "x" * 100_000, "Cookie: " + "a=b;" * 25_000):
        assert site.ask("/", header).status in (400, 431)
    assert site.ask("/", "Accept-Language: " + "fr;q=0.1," * 3_000 + "zh-HK").headers["location"] == "/tc/"
    assert site.ask("/en/").status == 200


def test_no_address_leads_to_another_site_or_out_of_this_one(site):
    """Whatever slashes, dots and escapes an address has, it is answered here, and a redirect stays on this site."""
    for target in ADDRESSES:
        answer = site.ask(target)
        assert answer.status in (301, 302, 400, 404), (target, answer.status)
        place = answer.headers.get("location", "/")
        assert re.match(r"/(?![/\\])", place), (target, place)
        assert "x-injected" not in answer.headers
        assert not TELLING.search(answer.body.decode("utf-8", "replace").replace(target, "")), target


def test_the_site_is_only_read(site):
    """Any method but GET and HEAD is answered with 405 and the two that are; HEAD has the headers and no body."""
    for target in ("/", "/en/", "/en/search?q=a", "/catalog", "/catalog/dataset", "/catalog/tasks_of_provider",
                   "/robots.txt", "/preview/en/portal.png", "/-/settings", "/nothing"):  # fmt: skip
        for method in ("POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "CONNECT", "PROPFIND", "ANYTHING"):
            answer = site.ask(target, "Content-Length: 0", method=method)
            assert (answer.status, answer.headers["allow"]) == (405, "GET, HEAD"), (method, target)
        assert site.ask(target, "X-HTTP-Method-Override: DELETE").status == site.ask(target).status
    for target in ("/en/", "/catalog/dataset", "/robots.txt"):
        head, got = site.ask(target, method="HEAD"), site.ask(target)
        assert (head.status, head.body) == (200, b"")
        assert head.headers["content-type"] == got.headers["content-type"]
    assert site.ask("/en/", "Content-Length: 400000000", method="POST").status == 405


def test_a_host_that_is_no_name_is_repeated_nowhere(site):
    """Pages, feeds, site maps and the tables repeat no Host header but a plain name; two of them are refused."""
    for host in HOSTS:
        for place in PLACES:
            answer = site.ask(place, host=host)
            assert answer.status in (200, 302, 400, 404)
            assert ELSEWHERE.encode() not in answer.body + repr(answer.pairs).encode(), (host, place)
    twice = site.send(b"GET /en/ HTTP/1.1\r\nHost: a.example\r\nHost: evil.example\r\nConnection: close\r\n\r\n")
    assert twice.status == 400
    for header in FORWARDED:
        for place in PLACES:
            answer = site.ask(place, header)
            assert ELSEWHERE.encode() not in answer.body + repr(answer.pairs).encode(), (header, place)


def test_a_site_that_knows_its_address_repeats_no_other(told):
    """Where the environment says the address, no Host header stands on any page, whatever was asked first."""
    known, _said = told
    for place in PLACES:
        first, then = known.ask(place, host=ELSEWHERE), known.ask(place, host="localhost")
        assert ELSEWHERE.encode() not in first.body + repr(first.pairs).encode(), place
        assert TIMED.sub(b"", first.body) == TIMED.sub(b"", then.body), place
    assert b"https://barometer.example/en/" in known.ask("/en/").body
    assert b"https://barometer.example/catalog/dataset.json" in known.ask("/catalog/dataset").body


def test_headers_that_are_no_part_of_the_address_change_no_page_that_others_get(site):
    """Whoever asks first for a page that is kept, with whatever headers, others get it as it is without them."""
    honest = site.ask("/en/provider/hk-td?first").body
    for turn, poison in enumerate(POISONS):
        target = f"/en/provider/hk-td?poison{turn}"
        assert site.ask(target, poison).status in (100, 200), poison
        then = site.ask(target)
        assert (then.status, then.body) == (200, honest), poison
        assert then.headers.get("content-encoding") is None
    packed = site.ask("/en/provider/hk-td?first", "Accept-Encoding: gzip")
    assert packed.headers["content-encoding"] == "gzip"
    assert "accept-encoding" in packed.headers["vary"].lower()


def test_what_a_reader_has_is_not_sent_again_and_ranges_are_not_taken(site):
    """If-None-Match with our tag gets 304, without a body and with the headers; anything else gets the whole."""
    first = site.ask("/en/method")
    again = site.ask("/en/method", f"If-None-Match: {first.headers['etag']}")
    assert (again.status, again.body) == (304, b"")
    assert again.headers["content-security-policy"] == first.headers["content-security-policy"]
    assert site.ask("/en/method", f'If-None-Match: "x", {first.headers["etag"]}').status == 304
    for header in ('If-None-Match: "x"', "If-None-Match: " + ",".join(['"x"'] * 5_000), "Range: bytes=0-1",
                   "Range: bytes=" + ",".join(["0-"] * 5_000)):  # fmt: skip
        answer = site.ask("/en/method", header)
        assert (answer.status, len(answer.body)) == (200, len(first.body))


def test_readers_who_do_not_read_hold_nobody_up(site):
    """With sixty connections that ask for much and read nothing, another reader is answered soon."""
    with ExitStack() as held:
        for turn in range(60):
            connection = held.enter_context(socket.create_connection(("127.0.0.1", site.port)))
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
            target = ("/catalog.db", "/en/method", "/catalog/answer.json?_size=max", "/en/")[turn % 4]
            asked = f"GET {target} HTTP/1.1\r\nHost: localhost\r\n" + ("" if turn % 5 == 0 else "\r\n")
            connection.sendall(asked.encode())
        started = time.monotonic()
        for target in ("/en/", "/tc/provider/hk-hko", "/catalog/dataset"):
            assert site.ask(target).status == 200
        assert time.monotonic() - started < 2 * SECONDS


def test_an_error_of_ours_tells_nothing(told):
    """Where our own code breaks, the visitor is told that and no more; the reason is on standard error."""
    running, said = told
    for target in ("/breaks", "/breaks.json", "/en/breaks"):
        answer = running.ask(target)
        assert answer.status == 500, target
        assert not TELLING.search(answer.body.decode()), answer.body
        assert "Something went wrong" in answer.body.decode()
        assert answer.headers["x-content-type-options"] == "nosniff"
    assert json.loads(running.ask("/breaks.json").body)["status"] == 500
    log = said.read_text()
    assert "RuntimeError: secret in /tmp/place.py" in log
    assert "secret = 'secret'" not in log  # the values of variables, as some printers of errors show them


def test_pages_about_the_machine_are_closed(site):
    """Of Datasette's pages about itself only its style and scripts are answered; no page tells a version or a path."""
    for name in MACHINE:
        for form in ("", ".json"):
            for target in (f"/-/{name}{form}", f"/~2D/{name}{form}", f"/%2D/{name}{form}", f"/-/./{name}{form}"):
                assert site.ask(target).status in (302, 404), target
    assert site.ask("/-/static/app.css").status == 200
    for target in ("/en/", "/catalog", "/catalog/dataset", "/catalog/dataset/hk-hko-tide", "/catalog.json", "/nothing"):
        assert not TELLING.search(site.ask(target).body.decode()), target


def test_no_cookie_is_set_and_none_counts(told):
    """No page sets a cookie; a cookie signed with the site's own secret changes no page and opens none."""
    signer = Datasette(memory=True, secret="known")  # noqa: S106 - of this test
    actor = signer.sign({"a": {"id": "root"}}, "actor")
    message = signer.sign([["<script>alert(1)</script>", 1]], "messages")
    forged = (f"Cookie: ds_actor={actor}; ds_messages={message}", f"Authorization: Bearer {actor}")
    signed, _said = told
    for target in (*PLACES, "/catalog/down_now", "/catalog/tasks_of_provider?provider=x"):
        plain = signed.ask(target)
        asked = signed.ask(target, *forged)
        assert "set-cookie" not in {**plain.headers, **asked.headers}, target
        assert asked.status == plain.status
        assert "private" not in asked.headers.get("cache-control", "")
        assert TIMED.sub(b"", asked.body) == TIMED.sub(b"", plain.body), target
    assert signed.ask("/-/permissions", f"Cookie: ds_actor={actor}").status == 404


def test_the_settings_are_those_of_a_public_site():
    """Every setting is one that Datasette knows, and those that matter stand as docs/publishing.md says."""
    known = {name for name in SETTINGS if name in Datasette(memory=True).settings_dict()}
    assert known == set(SETTINGS)
    off = "default_allow_sql allow_facet suggest_facets allow_csv_stream template_debug trace_debug"
    assert {SETTINGS[name] for name in off.split()} == {"off"}
    assert int(SETTINGS["sql_time_limit_ms"]) <= 1000
    text = (Path(__file__).parents[1] / "docs" / "publishing.md").read_text()
    assert all(f"`{name}`" in text for name in ("default_allow_sql", "allow_facet", "allow_csv_stream"))


def test_a_catalogue_of_another_version_is_told_before_anybody_reads_it(tmp_path):
    """Where the home page cannot be made, `serve` ends at once and says what to do."""
    with closing(sqlite3.connect(tmp_path / "catalog.db")) as connection:
        for name in ("meta", "dataset_summary", "criterion_summary"):
            connection.execute(f"CREATE TABLE {name} (key TEXT, value TEXT)")
        connection.commit()
    with pytest.raises(BarometerError, match="publish the catalogue anew"), serving(tmp_path / "catalog.db"):
        pass


def test_listening_to_the_world_is_said_and_a_stop_ends_it_whatever_readers_do(catalog):
    """On 0.0.0.0 one line says what that means; SIGTERM ends command and server, with a reader who never ends."""
    assert all(map(is_loopback, ("127.0.0.1", "::1", "localhost")))
    assert not any(map(is_loopback, ("0.0.0.0", "::", "192.0.2.1", "barometer.example")))  # noqa: S104 - only read
    port = free_port()
    script = ("import sys; from pathlib import Path; from publish.serve import serve;"
              "sys.exit(serve(Path(sys.argv[1]), Path(sys.argv[2]), '0.0.0.0', int(sys.argv[3])))")  # fmt: skip
    arguments = [sys.executable, "-c", script, str(catalog), str(METADATA), str(port)]
    with subprocess.Popen(arguments, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as running:
        try:
            assert running.stdout.readline().strip() == OPEN
            assert f"http://127.0.0.1:{port}/" in running.stdout.readline()
            with socket.create_connection(("127.0.0.1", port)) as slow:
                slow.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
                slow.sendall(b"GET /catalog.db HTTP/1.1\r\nHost: localhost\r\n\r\n")
                slow.recv(1)
                running.send_signal(signal.SIGTERM)
                assert running.wait(timeout=20) == 0
        finally:
            running.kill()
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.1", port), timeout=2)
