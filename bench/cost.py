"""What a command costs as a whole process, and peers in environments of their own to lay it beside."""

import os
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

PEERS = Path(".peers")
"""Peers are installed here, never into the product's environment."""


@dataclass(frozen=True, slots=True)
class Cost:
    """What a process cost, its own children included: wall and CPU seconds, and the largest process's peak in MB."""

    wall: float
    cpu: float
    peak_mb: float


def cost(command: list[str], **environment: str) -> Cost:
    """Run ``command`` and return what it cost. Raises SystemExit where it fails, with its own words."""
    started = time.monotonic()
    process = subprocess.Popen(command, env={**os.environ, **environment}, stdout=subprocess.DEVNULL)
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise SystemExit(f"`{' '.join(command)}` ended with {process.returncode}: its own words are above.")
    return Cost(time.monotonic() - started, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024)


def peer(name: str, requirement: str) -> Path:
    """Return the folder of programs of a peer's own environment, made on first use."""
    folder = PEERS / name
    if not (folder / ".ready").exists():
        subprocess.run([sys.executable, "-m", "venv", str(folder)], check=True)
        install = [str(folder / "bin" / "python"), "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
        subprocess.run([*install, requirement], check=True)
        (folder / ".ready").touch()
    return (folder / "bin").resolve()
