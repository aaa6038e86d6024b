"""What several tests share: one scan of the whole sample portal, made once a session."""

from dataclasses import dataclass
from pathlib import Path

import pytest

from bench.judge import Tally
from bench.truth import measure


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
