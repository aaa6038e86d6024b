"""A real process that watches, stopped at several moments, refused beside another, and started by cron's bare line."""

import json
import os
import re
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.error import HTTPError
from urllib.request import Request, urlopen

import pytest

from tests.served import free_port

ROOT = Path(__file__).parents[1]
WATCH = [sys.executable, "-m", "harvester", "watch", "--portal", "sample?datasets=1&no-faults&date=2026-11-20"]
UNITS = ROOT / "docs" / "systemd"


@contextmanager
def watching(folder: Path, *options: str) -> Iterator[subprocess.Popen[str]]:
    """Watch in a process of its own, which writes its log into the folder."""
    with (folder / "log").open("a", encoding="utf-8") as log:
        process = subprocess.Popen([*WATCH, *options], cwd=folder, stderr=log, text=True)
        try:
            yield process
        finally:
            process.kill()
            process.wait()


def rows(folder: Path, sql: str) -> list[tuple]:
    """Ask the workshop; nothing where there is none yet."""
    try:
        with sqlite3.connect(f"file:{folder / 'harvest.db'}?mode=ro", uri=True) as db:
            return db.execute(sql).fetchall()
    except sqlite3.OperationalError:
        return []


def until(true: Callable[[], object], seconds: float = 60) -> None:
    ends = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < ends
        time.sleep(0.02)


def under_way(folder: Path, kind: str) -> Callable[[], bool]:
    return lambda: rows(folder, "SELECT kind FROM run WHERE state = 'running'") == [(kind,)]


def stopped(folder: Path, process: subprocess.Popen[str], at: str) -> None:
    """Ask it to stop, and hold it to its ten seconds."""
    began = time.monotonic()
    process.send_signal(signal.SIGTERM)
    assert process.wait(10) == 0, at
    assert time.monotonic() - began < 10
    if at:
        assert rows(folder, "SELECT state, why FROM due WHERE job = 'scan'") == [("waiting", "stopped")], at


@pytest.mark.slow
def test_stops_are_heeded_within_ten_seconds_and_the_status_is_served_to_the_one_who_watches(tmp_path):
    """Stopped while it visits, while workers judge, while it publishes and at rest, it ends well and then goes on.

    At rest its pages, metrics and health answer, and a second watch is refused.
    """
    for kind in ("check", "validate", "publish"):
        with watching(tmp_path, "--status", "off") as process:
            until(under_way(tmp_path, kind))
            stopped(tmp_path, process, kind)
    port = free_port()
    with watching(tmp_path, "--status", f"127.0.0.1:{port}") as process:
        until(lambda: rows(tmp_path, _DONE) == [(1,)])
        answers_and_is_alone(tmp_path, port, process.pid)
        stopped(tmp_path, process, "")
    assert rows(tmp_path, "SELECT count(*), min(state), max(tries) FROM due WHERE job = 'scan'") == [
        (1, "caught-up", 4)
    ]
    runs = rows(tmp_path, "SELECT kind, state FROM run WHERE json_extract(options, '$.scan') IS NOT NULL ORDER BY id")
    assert runs == [(kind, "done") for kind in ("harvest", "check", "validate", "score", "publish")]
    assert rows(tmp_path, "SELECT count(*) FROM watching WHERE ended IS NULL") == [(0,)]
    assert rows(tmp_path, "PRAGMA integrity_check") == [("ok",)]
    log = (tmp_path / "log").read_text(encoding="utf-8")
    assert "Traceback" not in log
    assert all(re.match(r"at=\S+\+08:00 level=(info|warning|error) ", line) for line in log.splitlines()), log


_DONE = "SELECT 1 FROM due WHERE job = 'scan' AND state IN ('done', 'caught-up')"


def answers_and_is_alone(folder: Path, port: int, number: int) -> None:
    """Pages, metrics and health answer GET and HEAD on this machine; a second watch names the first and ends with 2."""
    for language, words in (("en", "All is well."), ("tc", "一切正常"), ("sc", "监察状况")):
        status, headers, body = asked(port, f"/{language}/")
        assert (status, words in body, "<script" in body) == (200, True, False)
        assert "default-src 'none'" in headers["content-security-policy"]
    assert 'barometer_due_runs_total{job="scan",state="caught-up"} 1.0' in asked(port, "/metrics")[2]
    assert asked(port, "/healthz")[::2] == (200, "well\n")
    assert asked(port, "/en/", method="HEAD")[2] == ""
    assert asked(port, "/en/", method="POST")[0] == 405
    assert asked(port, "/en/", host="evil.example")[0] == 403
    assert asked(port, "/etc/passwd")[0] == 404
    second = subprocess.run([*WATCH, "--status", "off"], cwd=folder, capture_output=True, text=True, check=False)
    assert second.returncode == 2
    assert f"watched already, by process {number}" in second.stderr


def asked(port: int, place: str, method: str = "GET", host: str = "") -> tuple[int, dict[str, str], str]:
    """Ask the status page."""
    request = Request(f"http://127.0.0.1:{port}{place}", method=method, headers={"Host": host} if host else {})
    try:
        with urlopen(request, timeout=10) as answer:  # noqa: S310 - our own http address
            return answer.status, dict(answer.headers.items()), answer.read().decode()
    except HTTPError as error:
        with error:
            return error.code, dict(error.headers.items()), error.read().decode()


@pytest.mark.skipif(not shutil.which("systemd-analyze"), reason="There is no systemd-analyze: apt-get install systemd")
@pytest.mark.parametrize("unit", ["barometer-watch.service", "barometer-site.service"])
def test_systemd_finds_nothing_wrong_with_our_units(unit, tmp_path):
    """The units that the documentation tells people to install are sound, and start what is installed there."""
    text = (UNITS / unit).read_text(encoding="utf-8")
    command = next(line.split("=", 1)[1].split()[0] for line in text.splitlines() if line.startswith("ExecStart="))
    copy = tmp_path / unit
    copy.write_text(text.replace(command, "/bin/true"), encoding="utf-8")
    done = subprocess.run(
        ["systemd-analyze", "verify", "--man=no", str(copy)], capture_output=True, text=True, check=False
    )
    ours = [line for line in done.stderr.splitlines() if unit in line]
    assert ours == []
    assert command == "/opt/barometer/.venv/bin/barometer"


@pytest.mark.slow
def test_the_line_for_cron_runs_in_crons_bare_environment(tmp_path):
    """The documented line, run as cron runs it, scans; what comes of it stands in the log it names."""
    page = (ROOT / "docs" / "watch.md").read_text(encoding="utf-8")
    line = next(line for line in page.splitlines() if line.startswith("30 2 * * *"))
    command = (
        line.split(maxsplit=5)[5].replace("/opt/barometer", str(ROOT)).replace("/var/lib/barometer", str(tmp_path))
    )
    command = command.replace("https://data.gov.hk", "'sample?datasets=2&no-faults'")
    bare = {"HOME": str(tmp_path), "PATH": "/usr/bin:/bin", "SHELL": "/bin/sh"}
    done = subprocess.run(["/bin/sh", "-c", command], env=bare, cwd="/", capture_output=True, text=True, check=False)
    log = (tmp_path / "cron.log").read_text(encoding="utf-8")
    assert (done.returncode, done.stdout, done.stderr) == (0, "", ""), log
    assert json.loads(log.splitlines()[-1])["publish"]["dataset"] == 2
    assert os.access(tmp_path / "catalog.db", os.R_OK)
