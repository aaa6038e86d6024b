"""What several tests share: a server, a workshop, and one scan of the whole sample portal for all of them."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from sqlite_utils import Database

from bench.judge import Tally
from bench.truth import measure
from harvester.store.workshop import workshop
from tests.loopback import Loopback, serving


@dataclass(frozen=True)
class Scan:
    """A folder with harvest.db and catalog.db, and how the answers compare with what was planted."""

    folder: Path
    tallies: dict[str, Tally]


@pytest.fixture(scope="session")
def scan(tmp_path_factory) -> Scan:
    """The main job as `make catalog` does it: 300 datasets, every fault, on a day that is the same in every run."""
    folder = tmp_path_factory.mktemp("scan")
    return Scan(folder, measure(folder, datasets=300, seed=7, date="2026-11-20"))


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
