"""The copy in files: whole, with links that work from a plain server and from the disk, whatever things are called."""

import json
import threading
from collections.abc import Iterator
from datetime import UTC, datetime
from functools import partial
from html.parser import HTMLParser
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path, PurePosixPath
from urllib.parse import unquote, urljoin, urlsplit
from urllib.request import urlopen

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harvester.errors import BarometerError
from publish import static_site
from publish.build import publish
from publish.render import path
from publish.static_site import NAMES_SQL, export, main, placed
from tests import catalogue_fixture, hostile_catalogue


class Links(HTMLParser):
    """The links of a page, its anchors, and its elements' names."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.links: list[str] = []
        self.anchors: set[str] = set()
        self.tags: set[str] = set()
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        """Keep what leads elsewhere, and what may be led to."""
        told = dict(attrs)
        self.tags.add(tag + (" src" if "src" in told else ""))
        self.anchors.add(told.get("id") or "")
        self.links += [told[name] for name in ("href", "src", "action") if told.get(name)]


def copied(folder: Path, fill, few: dict[str, int]) -> Path:
    """Make a catalogue and its copy, of so many things of some kinds and of all of the others."""
    fill(folder / "harvest.db")
    publish(folder / "harvest.db", folder / "catalog.db", lambda: datetime(2026, 11, 23, tzinfo=UTC),
            "https://data.gov.hk")  # fmt: skip
    limited = {kind: f"{sql} LIMIT {few.get(kind, -1)}" for kind, sql in NAMES_SQL.items()}
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(static_site, "NAMES_SQL", limited)
        export(folder / "catalog.db", folder / "copy", "https://copy.example")
    return folder / "copy"


@pytest.fixture(scope="module")
def copy(tmp_path_factory) -> Path:
    few = {"dataset": 6, "task": 4, "provider": 3, "worklist": 3}
    return copied(tmp_path_factory.mktemp("copy"), catalogue_fixture.fill, few)


class Quiet(SimpleHTTPRequestHandler):
    """Python's own plain server, without its log."""

    def log_message(self, *_said):
        """Say nothing."""


@pytest.fixture(scope="module")
def address(copy) -> Iterator[str]:
    with ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=str(copy))) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_address[1]}"
        server.shutdown()
        thread.join()


def test_every_link_of_every_page_leads_to_a_file_of_the_copy(copy):
    """From the disk, each link of each page is to a file that is there, and to a place that is on that page."""
    pages = {page.relative_to(copy).as_posix(): Links(page.read_text()) for page in copy.rglob("*.html")}
    assert len(pages) > 70
    for name, page in pages.items():
        assert not page.tags & {"form", "script src"}, name
        assert "aside" in page.tags or "embed" in name or name == "index.html"
        for link in page.links:
            if urlsplit(link).scheme:
                assert urlsplit(link).scheme in ("http", "https", "mailto"), (name, link)
                continue
            way, _, place = link.partition("#")
            target = PurePosixPath(urljoin(f"/{name}", unquote(way)) if way else f"/{name}").relative_to("/").as_posix()
            assert (copy / target).is_file(), (name, link)
            assert not place or place in pages[target].anchors, (name, link)


def test_a_plain_server_gives_the_pages_at_the_addresses_of_the_live_site(copy, address):
    """With Python's own server each address of the site map, and each file of a page, is answered."""
    for place in ("/", "/en/", "/tc/dataset/hk-hd-flats", "/sc/provider/hk-hko", "/en/worklist/hk-td", "/en/method",
                  "/en/badge/provider/hk-hko.svg", "/en/embed/portal", "/robots.txt", "/sitemap-1.xml", "/catalog.db",
                  "/en/worklist/hk-td.xlsx", "/tc/worklist/hk-td.ics", "/sc/changes.atom", "/en/data"):  # fmt: skip
        with urlopen(address + place, timeout=10) as answer:  # noqa: S310 - our own
            assert answer.status == 200, place
    with urlopen(f"{address}/en/provider/hk-hko.json", timeout=10) as answer:  # noqa: S310 - our own
        assert json.load(answer)["provider"]["slug"] == "hk-hko"
    whole = (copy / "sitemap-1.xml").read_text() + (copy / "en" / "changes.atom").read_text()
    assert "https://copy.example/en/" in whole
    assert "localhost" not in whole
    assert "/-/barometer/style.css" in (copy / "en" / "index.html").read_text().replace('"../', '"/')
    assert 'http-equiv="Content-Security-Policy"' in (copy / "en" / "index.html").read_text()


def test_hostile_names_stay_inside_the_folder_and_apart(tmp_path, monkeypatch):
    """Names with slashes, dots, escapes and endless letters each have a file of their own, and none above."""
    monkeypatch.setattr(static_site, "LANGUAGES", ("en",))
    copy = copied(tmp_path, hostile_catalogue.fill, {"task": 0, "provider": 1, "worklist": 0, "category": 1})
    assert {each.name.partition("-")[0] for each in tmp_path.iterdir()} == {
        "harvest.db",
        "catalog.db",
        "catalog.releases",
        "copy",
    }
    pages = list((copy / "en" / "dataset").rglob("index.html"))
    assert len(pages) == len(hostile_catalogue.NAMES)
    assert all(each.parent.parent == copy / "en" / "dataset" for each in pages)
    assert "<script>alert" not in "".join(each.read_text() for each in pages)


@given(st.lists(st.text(max_size=200), max_size=12, unique=True))
def test_every_name_has_a_file_of_its_own_below_the_folder(names):
    """No two names share a file, even where case is not told apart, and no part of any is a way up."""
    files = placed([path("en", "dataset", name) for name in names])
    assert len({file.casefold() for file in files.values()}) == len(files)
    for file in files.values():
        parts = file.split("/")
        assert not {"", ".", ".."} & set(parts)
        assert max(len(part.encode()) for part in parts) < 255
        assert file.startswith("en/dataset/") or names


def test_a_folder_that_holds_something_is_left_alone(tmp_path, capsys):
    """The command writes into no folder in use, and says how it is used and what is wrong."""
    (tmp_path / "kept").write_text("mine")
    with pytest.raises(BarometerError, match="not empty"):
        export(tmp_path / "catalog.db", tmp_path)
    assert main([str(tmp_path / "catalog.db"), str(tmp_path)]) == 2
    assert "not empty" in capsys.readouterr().err
    assert main([]) == 2
    assert "FOLDER" in capsys.readouterr().err
    assert (tmp_path / "kept").read_text() == "mine"
