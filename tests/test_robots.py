"""What a site's keepers ask of robots is read once and honoured, unless the user says otherwise by name."""

import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harvester.clock import system_clock
from harvester.web import Web
from harvester.web.robots import AGENT, MOST_DELAY_SECONDS, Robots
from tests.loopback import reply, serving

SITE = "https://data.example.gov.hk"


def reader(text, **options):
    asked = []

    def ask(address):
        asked.append(address)
        return text

    return Robots(ask, **options), asked


@pytest.mark.parametrize(
    ("text", "allowed"),
    [
        (None, True),
        ("", True),
        ("User-agent: *\nDisallow:", True),
        ("User-agent: *\nDisallow: /", False),
        ("User-agent: *\nDisallow: /private/", True),
        ("User-agent: *\nDisallow: /files/", False),
        ("User-agent: *\nDisallow: /\nAllow: /files/", True),
        (f"User-agent: *\nDisallow: /\n\nUser-agent: {AGENT}\nDisallow:", True),
        (f"User-agent: *\nDisallow:\n\nUser-agent: {AGENT}\nDisallow: /", False),
        ("User-agent: *\nDisallow: /*.csv$", False),
        ("<!doctype html><title>Not found</title><p>Disallow: /", True),
    ],
)
def test_what_robots_txt_says_is_what_we_do(text, allowed):
    """RFC 9309: the most specific agent and the longest path win, and a page in its place says nothing."""
    robots, _ = reader(text)
    assert robots.allows(f"{SITE}/files/a.csv") is allowed


def test_a_site_is_asked_once():
    """However many links a site has, its robots.txt costs it one request a run; each scheme and port is a site."""
    robots, asked = reader("User-agent: *\nCrawl-delay: 3")
    for number in range(20):
        robots.allows(f"{SITE}/{number}")
        assert robots.delay(f"{SITE}/{number}") == 3
    robots.allows("http://data.example.gov.hk/x")
    assert asked == [f"{SITE}/robots.txt", "http://data.example.gov.hk/robots.txt"]


def test_a_host_named_by_the_user_is_not_even_asked():
    """The override is explicit, by host, and no other host's robots.txt is touched by it."""
    robots, asked = reader("User-agent: *\nDisallow: /", ignored=("Data.Example.gov.hk",))
    assert robots.allows(f"{SITE}/files/a.csv")
    assert asked == []
    assert not robots.allows("https://other.example/files/a.csv")


@given(st.text(max_size=400))
def test_any_text_is_survived(text):
    """Whatever stands at robots.txt, there is an answer and a bounded delay."""
    robots, _ = reader(f"User-agent: *\nCrawl-delay: {text}\n{text}")
    assert robots.allows(f"{SITE}/a") in (True, False)
    assert 0 <= robots.delay(f"{SITE}/a") <= MOST_DELAY_SECONDS


def test_a_forbidden_address_is_not_asked(tmp_path):
    """The visit says so and the server never hears of it, even behind a redirect; an address beside it is visited."""
    with serving(tmp_path) as server, Web(server.settings(), system_clock) as web:
        server.on("one.test", "/robots.txt", reply(b"User-agent: *\nDisallow: /secret"))
        secret = server.on("one.test", "/secret.csv", reply(b"a,b\n1,2\n"))
        beside = server.on("one.test", "/open.csv", reply(b"a,b\n1,2\n"))
        around = server.on("two.test", "/old.csv", reply(status="302 Found", head=f"Location: {secret}\r\n"))
        outcomes = [web.fetch(url, io.BytesIO()).outcome for url in (secret, beside, around)]
    assert outcomes == ["not-asked", "ok", "not-asked"]
    asked = [(host, path) for host, path, _ in server.asked]
    assert asked == [("one.test", "/robots.txt"), ("one.test", "/open.csv"), ("two.test", "/old.csv")]


def test_a_named_host_is_asked_all_the_same(tmp_path):
    """`--ignore-robots` is the user's word that the host's keepers agreed."""
    with serving(tmp_path) as server, Web(server.settings(ignore_robots=("one.test",)), system_clock) as web:
        server.on("one.test", "/robots.txt", reply(b"User-agent: *\nDisallow: /"))
        assert web.fetch(server.on("one.test", "/a.csv", reply(b"a\n1\n")), io.BytesIO()).outcome == "ok"
    assert [path for _, path, _ in server.asked] == ["/a.csv"]


def test_the_api_of_the_portal_itself_is_asked(tmp_path):
    """CKAN's stock robots.txt keeps crawlers from its API, but naming the portal is asking it."""
    with serving(tmp_path) as server, Web(server.settings(), system_clock) as web:
        server.on("one.test", "/robots.txt", reply(b"User-agent: *\nDisallow: /api/"))
        address = server.on("one.test", "/api/3/action/package_list", reply(b'{"success": true}'))
        assert web.fetch_json(address) == {"success": True}
        assert web.fetch(address, io.BytesIO()).outcome == "not-asked"
