"""Publishing without a gap: readers notice nothing of a new release, of one refused, nor of a process that dies."""

import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.request import urlopen

import psutil
import pytest

from bench import nginx
from bench.switch import again, built_now, reading, shown
from publish.releases import listed, releases_of
from publish.serve import wait_for
from tests.catalogue_fixture import published
from tests.served import free_port

pytestmark = pytest.mark.slow


@contextmanager
def serving(catalog: Path, said: Path) -> Iterator[tuple[int, psutil.Process]]:
    """Serve ``catalog`` as `barometer serve` does, and hand out the port and the supervisor."""
    port = free_port()
    arguments = [sys.executable, "-m", "harvester", "serve", "--catalog", str(catalog), "--port", str(port)]
    with said.open("wb") as told:
        process = subprocess.Popen(arguments, stdout=told, stderr=told)
        try:
            wait_for(process, f"http://127.0.0.1:{port}/en/")
            yield port, psutil.Process(process.pid)
        finally:
            process.terminate()
            process.wait(20)


@pytest.fixture(scope="module")
def made(tmp_path_factory) -> Path:
    return published(tmp_path_factory.mktemp("switch"))


def laid(made: Path, folder: Path) -> Path:
    """Lay the published catalogue and its release into a folder of its own, and return its place."""
    shutil.copytree(releases_of(made), folder / "catalog.releases")
    (folder / "catalog.db").hardlink_to(folder / "catalog.releases" / listed(made)[0].file)
    return folder / "catalog.db"


@dataclass(frozen=True)
class Shown:
    """A site that two tests publish under: its catalogue, port and supervisor, and what it said."""

    catalog: Path
    port: int
    supervisor: psutil.Process
    said: Path


@pytest.fixture(scope="module")
def site(made, tmp_path_factory) -> Iterator[Shown]:
    folder = tmp_path_factory.mktemp("site")
    catalog = laid(made, folder)
    with serving(catalog, folder / "said") as (port, supervisor):
        yield Shown(catalog, port, supervisor, folder / "said")


def until(what, seconds: float = 30.0) -> None:
    """Wait until ``what()`` is true."""
    end = time.monotonic() + seconds
    while not what():
        assert time.monotonic() < end, "It did not come to pass."
        time.sleep(0.05)


def test_fifty_readers_lose_nothing_over_several_publishes(site):
    """No answer fails, is cut or mixes two releases, and each release is shown soon, the last of two at once."""
    known = {each.built: each for each in listed(site.catalog)}
    with reading(site.port, 50, known, 2.0) as told:
        for number in (1, 2):
            for _ in range(number):
                release = again(site.catalog)
                known[release.built] = release
            shown(site.port, release)
        until(lambda: len(site.supervisor.children()) == 1)
    assert told.failed == []
    assert told.requests > 100
    assert release.built in told.shown
    assert len(told.shown) >= 3


@pytest.mark.skipif(nginx.program() is None, reason="nginx is not installed")
def test_readers_behind_nginx_lose_nothing(site, tmp_path):
    """With nginx as the documentation sets it up, keeping nothing, a publish fails no answer either."""
    known = {each.built: each for each in listed(site.catalog)}
    with nginx.before(site.port, site.catalog.parent, tmp_path) as port, reading(port, 20, known, 1.0) as told:
        release = again(site.catalog)
        known[release.built] = release
        shown(port, release)  # through nginx, which goes on with the connections it has until the site closes them
    assert told.failed == []
    assert told.requests > 30


def test_the_configuration_of_nginx_is_the_documents(tmp_path):
    """What is tried is the document's own text: every change fits it, none is left open, and without it nothing is."""
    document = nginx.DOCUMENT.read_text(encoding="utf-8")
    text = nginx.configuration(document, 8001, 8080, tmp_path / "catalogs", tmp_path)
    kept = {line.strip() for line in document.splitlines() if "proxy_" in line} & set(map(str.strip, text.splitlines()))
    assert {"proxy_pass http://barometer;", 'proxy_set_header Connection "";', "proxy_cache_lock on;"} <= kept
    assert not [left for left in ("{site}", "/srv/", "ssl") if left in text]
    with pytest.raises(ValueError, match="no configuration of nginx"):
        nginx.configuration("# Publishing", 1, 2, tmp_path, tmp_path)
    with pytest.raises(ValueError, match="limit_conn"):
        nginx.configuration(document.replace("limit_conn readers", "limit_conn people"), 1, 2, tmp_path, tmp_path)


def test_what_cannot_be_shown_is_refused_and_the_old_goes_on(site, tmp_path):
    """Half a file, another portal's and no database are each refused with one sentence; the next sound one is shown."""
    copy = tmp_path / "copy.db"
    before = built_now(site.port)
    whole = site.catalog.read_bytes()
    other = whole.replace(b"https://data.gov.hk", b"https://data.gov.uk")
    earlier = len(site.said.read_text())

    def told() -> str:
        return site.said.read_text()[earlier:]

    for number, held in enumerate((whole[: len(whole) // 2], other, b"no database at all" * 400), 1):
        copy.write_bytes(held)
        copy.replace(site.catalog)
        until(lambda number=number: told().count("is not shown: ") == number)
        assert built_now(site.port) == before
    copy.write_bytes(whole)
    copy.replace(site.catalog)
    until(lambda: "is shown now" in told())
    assert built_now(site.port) == before
    refused = [line for line in told().splitlines() if "not shown" in line]
    assert all(line.endswith("The one before stays.") for line in refused)
    assert "data.gov.uk" in refused[1]


def test_a_process_that_dies_is_started_again_and_a_stop_leaves_none(made, tmp_path):
    """A killed server is back within seconds, those who ask meanwhile wait; a supervisor that is killed leaves none."""
    said = tmp_path / "said"
    with serving(laid(made, tmp_path), said) as (port, supervisor):
        (child,) = supervisor.children()
        child.send_signal(signal.SIGKILL)
        child.wait(10)
        with urlopen(f"http://127.0.0.1:{port}/en/", timeout=30) as answer:
            assert answer.status == 200
        assert "ended by itself (signal 9). It is started again in 1 s." in said.read_text()
        (child,) = supervisor.children()
        os.kill(supervisor.pid, signal.SIGKILL)
        child.wait(15)
