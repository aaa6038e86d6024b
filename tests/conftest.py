"""What several tests share: a server, a workshop, and one scan of the whole sample portal for all of them."""

import fcntl
import os
import pickle
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings
from playwright.sync_api import Browser
from sqlite_utils import Database

from bench.judge import Tally
from bench.truth import measure
from harvester.store.workshop import workshop
from tests import browser
from tests.loopback import Loopback, serving

# No test is a measurement of time: a busy machine is slow, and proves nothing.
settings.register_profile("untimed", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("untimed")


@dataclass(frozen=True)
class Scan:
    """A folder with harvest.db and catalog.db, and how the answers compare with what was planted."""

    folder: Path
    tallies: dict[str, Tally]


@pytest.fixture(scope="session")
def scan(tmp_path_factory: pytest.TempPathFactory) -> Scan:
    """The main job as `make catalog` does it: 300 datasets, every fault, on a day that is the same in every run.

    The processes that run the tests share it: whichever asks first makes it, the others wait and read.
    """
    base = tmp_path_factory.getbasetemp()
    folder = (base.parent if "PYTEST_XDIST_WORKER" in os.environ else base) / "scan"
    folder.mkdir(exist_ok=True)
    kept = folder / "tallies.pickle"
    with (folder / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not kept.exists():
            kept.write_bytes(pickle.dumps(measure(folder, datasets=300, seed=7, date="2026-11-20")))
    return Scan(folder, pickle.loads(kept.read_bytes()))  # noqa: S301 - written a moment ago by a process of ours


@pytest.fixture(scope="session")
def sample_site(scan: Scan) -> Iterator[str]:
    """The address at which the scanned sample portal is served as it is for the public."""
    with browser.serving(scan.folder / "catalog.db") as address:
        yield address


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    """One browser for the tests of a module; closed with it, since no test beside it could run an event loop."""
    with browser.chromium() as opened:
        yield opened


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Loopback]:
    """A server on this machine that answers as it is told."""
    with serving(tmp_path) as loopback:
        yield loopback


@pytest.fixture
def db(tmp_path: Path) -> Iterator[Database]:
    """An empty workshop."""
    with workshop(tmp_path / "harvest.db", create=True) as database:
        yield database


def pytest_make_parametrize_id(val: object, argname: str) -> str | None:
    """Name a case of bytes by its argument: packed bytes hold the time, and two processes must name cases alike."""
    return argname if isinstance(val, bytes) else None


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say where the pictures of the journeys are, where any were made."""
    if browser.PICTURES.exists():
        terminalreporter.write_line(f"Pictures of the journeys, and the weight of each page: {browser.PICTURES}")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with the modules that take longest, so that no process is left with one of them at the end.

    One that needs the scan comes first and makes it; the others that need it come late, lest they wait for it.
    """
    slow = {item.path for item in items if item.get_closest_marker("slow")}
    scanning = {item.path for item in items if "scan" in getattr(item, "fixturenames", ())}
    first = min(slow & scanning, default=None)
    items.sort(key=lambda item: (item.path != first, item.path not in slow, item.path in scanning))
