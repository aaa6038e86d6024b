"""The whole line on the sample portal: interrupted anywhere it ends as if undisturbed; run twice it adds nothing."""

import shutil
import signal
import sqlite3
import subprocess
import sys
import time
from contextlib import closing
from pathlib import Path

import pytest

pytestmark = pytest.mark.slow

DATE = "2026-11-20"
SAMPLE = f"sample?datasets=24&seed=11&date={DATE}"
RUN = [sys.executable, "-m", "harvester", "run", "--portal", SAMPLE, "--as-of", DATE]

# What a run leaves behind, without its times and running numbers: two runs that saw the same must agree on all of it.
PICTURES = {
    "provider": "SELECT slug, title_en, title_tc, title_sc FROM provider",
    "dataset": "SELECT name, provider, category, title_en, schedule, period_days, languages, withdrawn_at FROM dataset",
    "resource": "SELECT shared_id, dataset, position, format, kind, url.url, languages, withdrawn_at"
    " FROM resource JOIN url ON url.id = resource.url",
    "record_version": "SELECT dataset, language, sha256 FROM record_version",
    "change": "SELECT dataset, resource, language, field, old, new FROM change",
    "visit": "SELECT url.url, attempt, outcome, status, bytes, content_type, sha256, complete"
    " FROM visit JOIN url ON url.id = visit.url",
    "content": "SELECT sha256, bytes, format, nature, ladder, encoding, dialect, rows, columns, verdict, reason,"
    " repaired, profile FROM content",
    "defect": "SELECT content, code, count, row, field, note FROM defect",
    "answer": "SELECT dataset, resource, criterion, value, reason, until FROM answer",
    "score": "SELECT subject_type, subject, profile, pillar, point, low, high, known, n, until FROM score",
    "task": "SELECT dataset, resource, criterion, closed, reopened, severity, points FROM task",
}

# When each step is in its middle: it has begun to store, and is not done.
MIDDLES = {
    "harvest": "SELECT count(*) > 20 FROM record_version",
    "check": "SELECT count(*) > 20 FROM visit",
    "validate": "SELECT count(*) > 20 FROM content WHERE verdict IS NOT NULL",
    "score": "SELECT count(*) > 0 FROM run WHERE kind = 'score' AND state = 'running'",
    "publish": "SELECT count(*) > 0 FROM run WHERE kind = 'publish' AND state = 'running'",
}

RUNS = "SELECT kind, state FROM run ORDER BY id DESC LIMIT 1"


def picture(db: Path) -> dict[str, list[tuple]]:
    with sqlite3.connect(f"file:{db}?mode=ro", uri=True) as connection:
        return {name: sorted(connection.execute(sql), key=repr) for name, sql in PICTURES.items()}


def run(folder: Path) -> None:
    done = subprocess.run(RUN, cwd=folder, capture_output=True, text=True, check=False)
    assert done.returncode in (0, 1), done.stderr


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory):
    folder = tmp_path_factory.mktemp("undisturbed")
    run(folder)
    return folder


def asked(db: Path, sql: str) -> list[tuple]:
    """Ask the workshop that another process is writing; nothing where it is not made yet."""
    try:
        with closing(sqlite3.connect(f"file:{db}?mode=ro", uri=True)) as connection:
            return connection.execute(sql).fetchall()
    except sqlite3.OperationalError:
        return []


def reached(db: Path, sql: str) -> bool:
    return any(row[0] for row in asked(db, sql))


def killed(folder: Path, step: str) -> None:
    """Run, and kill it in the middle of ``step``."""
    with subprocess.Popen(RUN, cwd=folder, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
        while process.poll() is None and not reached(folder / "harvest.db", MIDDLES[step]):
            time.sleep(0.002)
        process.send_signal(signal.SIGKILL)
        assert process.wait() == -signal.SIGKILL, f"it ended before it could be killed: {step}"
    kinds = [kind for kind, state in asked(folder / "harvest.db", RUNS) if state != "done"]
    assert kinds == [step], "it was to be killed in another step"


def test_killed_in_the_middle_of_every_step_it_ends_as_if_undisturbed(undisturbed, tmp_path):
    """Kill -9 in each step of one scan loses nothing and doubles nothing, in the workshop and in the shop window."""
    for step in MIDDLES:
        killed(tmp_path, step)
    run(tmp_path)
    for name in ("harvest.db", "catalog.db"):
        expected, seen = picture(undisturbed / name), picture(tmp_path / name)
        assert {table for table in PICTURES if expected[table] != seen[table]} == set(), name
    assert not list(tmp_path.glob("catalog.db?*")), "a half-built catalogue was left behind"


def test_run_again_at_once_it_asks_nothing_and_adds_nothing(tmp_path, undisturbed):
    """A second scan right after the first finds nothing due, and stores nothing twice."""
    before = picture(undisturbed / "harvest.db")
    for name in ("harvest.db", "catalog.db"):
        with sqlite3.connect(undisturbed / name) as source, sqlite3.connect(tmp_path / name) as copy:
            source.backup(copy)
    run(tmp_path)
    after = picture(tmp_path / "harvest.db")
    assert {name for name in PICTURES if before[name] != after[name]} == set()


def test_visited_again_it_adds_visits_and_nothing_else(tmp_path, undisturbed):
    """A second visit of everything in a portal that did not change adds visits; no body, answer or score is another."""
    before = picture(undisturbed / "harvest.db")
    with sqlite3.connect(undisturbed / "harvest.db") as source, sqlite3.connect(tmp_path / "harvest.db") as copy:
        source.backup(copy)
    shutil.copytree(undisturbed / "harvest.bodies", tmp_path / "harvest.bodies")
    done = subprocess.run([*RUN[:3], "check", "--all"], cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode in (0, 1), done.stderr
    run(tmp_path)
    after = picture(tmp_path / "harvest.db")
    assert {name for name in PICTURES if before[name] != after[name]} == {"visit"}
    assert {row[0] for row in after["visit"]} == {row[0] for row in before["visit"]}
    assert len(after["visit"]) > len(before["visit"])
