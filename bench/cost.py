"""What a command costs as a whole process, and peers in environments of their own to lay it beside."""

import ctypes
import os
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

PEERS = Path(".peers")
"""Peers are installed here, never into the product's environment."""


_SET_CHILD_SUBREAPER = 36
"""PR_SET_CHILD_SUBREAPER of prctl(2)."""


@dataclass(frozen=True, slots=True)
class Cost:
    """What a command cost: wall seconds, the CPU seconds of all its processes, the largest one's peak in MB."""

    wall: float
    cpu: float
    peak_mb: float


def cost(command: list[str], **environment: str) -> Cost:
    """Run ``command`` and return what it cost. Raises SystemExit where it fails, with its own words.

    A program that starts workers and ends without waiting for them (ckanapi does) leaves them out of its own account,
    so they are adopted (Linux only) and counted here: everything in its session, down to the last.
    """
    if ctypes.CDLL(None, use_errno=True).prctl(_SET_CHILD_SUBREAPER, 1, 0, 0, 0):
        raise SystemExit("Costs are measured on Linux, where the workers of a program that ended can be adopted.")
    started, ended, cpu, peak = time.monotonic(), 0.0, 0.0, 0.0
    environment = {**os.environ, **environment}
    process = subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL, start_new_session=True)
    while True:
        try:
            pid, status, usage = os.wait4(-process.pid, 0)
        except ChildProcessError:
            break
        cpu += usage.ru_utime + usage.ru_stime
        peak = max(peak, usage.ru_maxrss / 1024)
        if pid == process.pid:
            process.returncode, ended = os.waitstatus_to_exitcode(status), time.monotonic()
    if process.returncode:
        raise SystemExit(f"`{' '.join(command)}` ended with {process.returncode}: its own words are above.")
    return Cost(ended - started, cpu, peak)


def peer(name: str, requirement: str) -> Path:
    """Return the folder of programs of a peer's own environment, made on first use."""
    folder = PEERS / name
    if not (folder / ".ready").exists():
        subprocess.run([sys.executable, "-m", "venv", str(folder)], check=True)
        install = [str(folder / "bin" / "python"), "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
        subprocess.run([*install, requirement], check=True)
        (folder / ".ready").touch()
    return (folder / "bin").resolve()
