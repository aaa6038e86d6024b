"""The walls of the house: which room may know which, and that the rooms imported are ours."""

import ast
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
ROOMS = ("harvester", "scoring", "publish", "sample_portal")
DISTRIBUTION = "hk-open-data-barometer"
# The command line, the schedule and a recheck put the rooms together; nothing else of the harvester may look ahead.
WIRING = {"cli.py", "steps.py", "recheck.py", "recheck_command.py", "watch.py", "watch_jobs.py", "__main__.py"}


def imported(path):
    """The top-level names a file imports, wherever in it the import stands."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name.split(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield (node.module or "").split(".")[0]


def strangers(room, allowed, leave_out=()):
    """Which of our own rooms the files of ``room`` import besides itself and ``allowed``."""
    files = [path for path in (ROOT / room).rglob("*.py") if path.name not in leave_out]
    assert len(files) > 5
    others = {*ROOMS, "bench", "tests"} - {room, *allowed}
    return {(path.name, name) for path in files for name in imported(path) if name in others}


@pytest.mark.parametrize("room", ROOMS)
def test_the_rooms_imported_are_ours(room):
    """Other packages named harvester and scoring exist; installed beside ours they would break the command."""
    assert set(packages_distributions()[room]) == {DISTRIBUTION}
    assert Path(__import__(room).__file__ or "").is_relative_to(ROOT)


def test_the_sample_portal_and_the_product_share_nothing():
    """The one lies and the other must find out: a shared constant would let it know beforehand."""
    assert strangers("sample_portal", allowed=()) == set()
    for room in ("harvester", "scoring", "publish"):
        assert strangers(room, allowed=set(ROOMS) - {"sample_portal"}) == set()


def test_data_flows_one_way():
    """No step looks ahead: the harvester knows nothing of scoring or publishing, scoring nothing of publishing."""
    assert strangers("harvester", allowed=(), leave_out=WIRING) == set()
    assert strangers("scoring", allowed=("harvester",)) == set()
    assert strangers("publish", allowed=("harvester", "scoring")) == set()


def test_the_cards_names_stand_at_the_top():
    """What the user fixed is where the user put it, and every fixed package is a dependency."""
    for name in ("harvester", "scoring", "metadata.yml", "notebooks", "tests", "pyproject.toml"):
        assert (ROOT / name).exists(), name
    project = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    for package in ("requests", "frictionless", "pandas", "sqlite-utils", "datasette", "schedule"):
        assert f'"{package}' in project, package
