"""Publishing without a gap: readers notice nothing of a new release, of one refused, nor of a process that dies."""

import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.request import urlopen

import psutil
import pytest

from bench.switch import METADATA, SERVE, again, built_now, reading, shown
from publish.releases import listed, releases_of
from publish.serve import wait_for
from tests.catalogue_fixture import published
from tests.served import free_port

pytestmark = pytest.mark.slow


@contextmanager
def serving(catalog: Path, said: Path) -> Iterator[tuple[int, psutil.Process]]:
    """Serve ``catalog`` as `barometer serve` does, and hand out the port and the supervisor."""
    port = free_port()
    arguments = [sys.executable, "-c", SERVE, str(catalog), str(METADATA), str(port)]
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


@pytest.fixture
def catalog(made, tmp_path) -> Path:
    shutil.copytree(releases_of(made), tmp_path / "catalog.releases")
    (tmp_path / "catalog.db").hardlink_to(tmp_path / "catalog.releases" / listed(made)[0].file)
    return tmp_path / "catalog.db"


def until(what, seconds: float = 30.0) -> None:
    """Wait until ``what()`` is true."""
    end = time.monotonic() + seconds
    while not what():
        assert time.monotonic() < end, "It did not come to pass."
        time.sleep(0.05)


def test_fifty_readers_lose_nothing_over_several_publishes(catalog, tmp_path):
    """No answer fails, is cut or mixes two releases, and each release is shown soon, the last of two at once."""
    known = {each.built: each for each in listed(catalog)}
    with serving(catalog, tmp_path / "said") as (port, supervisor), reading(port, 50, known, 2.0) as told:
        for number in (1, 2):
            for _ in range(number):
                release = again(catalog)
                known[release.built] = release
            shown(port, release)
        until(lambda: len(supervisor.children()) == 1)
    assert told.failed == []
    assert told.requests > 100
    assert release.built in told.shown
    assert len(told.shown) >= 3


def test_what_cannot_be_shown_is_refused_and_the_old_goes_on(catalog, tmp_path):
    """Half a file, another portal's and no database are each refused with one sentence; the next sound one is shown."""
    said, copy = tmp_path / "said", tmp_path / "copy.db"
    before = listed(catalog)[0].built
    whole = catalog.read_bytes()
    other = whole.replace(b"https://data.gov.hk", b"https://data.gov.uk")
    with serving(catalog, said) as (port, _):
        for number, held in enumerate((whole[: len(whole) // 2], other, b"no database at all" * 400), 1):
            copy.write_bytes(held)
            copy.replace(catalog)
            until(lambda number=number: said.read_text().count("is not shown: ") == number)
            assert built_now(port) == before
        copy.write_bytes(whole)
        copy.replace(catalog)
        until(lambda: "is shown now" in said.read_text())
        assert built_now(port) == before
    told = [line for line in said.read_text().splitlines() if "not shown" in line]
    assert all(line.endswith("The one before stays.") for line in told)
    assert "data.gov.uk" in told[1]


def test_a_process_that_dies_is_started_again_and_a_stop_leaves_none(catalog, tmp_path):
    """A killed server is back within seconds, those who ask meanwhile wait; a supervisor that is killed leaves none."""
    said = tmp_path / "said"
    with serving(catalog, said) as (port, supervisor):
        (child,) = supervisor.children()
        child.send_signal(signal.SIGKILL)
        child.wait(10)
        with urlopen(f"http://127.0.0.1:{port}/en/", timeout=30) as answer:
            assert answer.status == 200
        assert "ended by itself (signal 9). It is started again in 1 s." in said.read_text()
        (child,) = supervisor.children()
        os.kill(supervisor.pid, signal.SIGKILL)
        child.wait(15)
