"""The hostile files, small: each takes the way production takes, and nothing of it gets further than its own worker."""

import tempfile
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from bench.hostile_files import MEGABYTES, PLAIN, Peak, Trap, attacks, job, lying_about, temporary
from harvester.apart import Limits
from harvester.records import Content, Defect
from harvester.validate import workers
from harvester.validate.workers import Job, examine_all

SCALE = 0.01
LIMITS = Limits(seconds=6, seconds_per_mb=0.2)
SLOW = frozenset({
    "table: a row of 200,000 cells late", "zip: ten files of 400 MB", "sqlite: a column of a gigabyte, reckoned",
    "values: JSON in cells", "gtfs: a million wrong ids",
    "xlsx: a sheet of 300 MB that is let in", "json: objects of a million kinds",
})  # fmt: skip
"""Those that take a worker to its limits, seconds each: `make hostile-files` has them."""


@pytest.fixture(scope="module")
def trap() -> Iterator[Trap]:
    """A socket that nobody may ask."""
    made = Trap()
    yield made
    made.close()


def test_nothing_hostile_gets_through(tmp_path: Path, trap: Trap) -> None:
    """No attack is called valid, hurts the file after it, is fetched for, writes elsewhere or takes over 500 MB."""
    chosen = [attack for attack in attacks(trap.port) if attack.name not in SLOW]
    sound = {f"{number:064}" for number, attack in enumerate(chosen) if attack.sound}
    names = {f"{number:064}": attack.name for number, attack in enumerate(chosen)}

    def jobs() -> Iterator[Job]:
        for number, attack in enumerate(chosen):
            body, plain = tmp_path / f"{number:064}", tmp_path / f"p{number:063}"
            attack.write(body, SCALE)
            plain.write_bytes(PLAIN)
            yield job(body)
            yield job(plain)

    found: dict[str, Content] = {}  # by the name of its file
    folder = tmp_path / "temporary"
    folder.mkdir()
    peak = Peak()
    with temporary(folder), peak.watched():
        before = lying_about()
        for content in examine_all(jobs(), 2, LIMITS):
            found[content.sha256] = content
            (tmp_path / content.sha256).unlink()
        assert lying_about() == before
    assert len(found) == 2 * len(chosen)
    hurt = [name for name, content in found.items() if name.startswith("p") and content.verdict != "valid"]
    assert not [names[f"{int(name[1:]):064}"] for name in hurt]
    attacked = {name: content for name, content in found.items() if not name.startswith("p")}
    assert not [names[name] for name, each in attacked.items() if each.verdict == "valid" and name not in sound]
    assert not [names[name] for name, each in attacked.items() if each.verdict == "unmeasured" and not each.reason]
    assert trap.asked == 0
    assert peak.megabytes < MEGABYTES


def test_a_worker_that_is_killed_leaves_nothing_behind(tmp_path: Path) -> None:
    """What a worker wrote goes with it, even where it was killed in the middle."""
    folder = tmp_path / "temporary"
    folder.mkdir()
    body = tmp_path / ("0" * 64)
    body.write_bytes(b"a,b\n" + b"1,x" * 200_000 + b"\n")
    with temporary(folder):
        (content,) = examine_all(iter([job(body)]), 1, Limits(seconds=0, seconds_per_mb=0))
        assert content.verdict == "unmeasured"
        assert tempfile.gettempdir() == str(folder)
    assert not list(folder.iterdir())


def test_a_reader_that_starved_is_no_fault_of_the_file() -> None:
    """An error of reading without a word is Frictionless's for having no memory left: unmeasured, never broken."""
    found = Content("0", 1, True, "xlsx", "data", "proprietary-table", verdict="broken")
    assert workers.is_starved(replace(found, defects=(Defect("format-error", 1),)))
    assert not workers.is_starved(replace(found, defects=(Defect("format-error", 1, note="not a zip file"),)))
    assert not workers.is_starved(replace(found, defects=(Defect("type-error", 1),)))
