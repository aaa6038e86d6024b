"""Starting the embedded sample portal beside a run, and stopping it after: a process of its own, never imported."""

import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from pathlib import Path
from urllib.parse import parse_qsl

from harvester.clock import iso
from harvester.errors import PortalError, SettingsError
from harvester.settings import Routes

SAMPLE = "sample"
_OPTIONS = ("datasets", "resources", "seed", "date", "delay-ms", "no-faults", "recorded", "week", "log")
_STOP_SECONDS = 10


@dataclass(frozen=True, slots=True)
class SampleAddress:
    """Where a started sample portal answers: its base URL, the routes to its hosts, and the list of what it planted.

    ``tell`` sets its clock to an aware moment, where it stands still; it returns when that is done, and raises
    PortalError where the portal does not take it.
    """

    url: str
    routes: Routes
    truth: Path
    date: str
    tell: Callable[[datetime], None]


def is_sample(portal: str) -> bool:
    """Return whether ``portal`` names the sample portal: ``sample``, or ``sample?datasets=40&seed=3``."""
    return portal.partition("?")[0] == SAMPLE


def sample_arguments(portal: str) -> list[str]:
    """Return the sample portal's command-line options for ``sample?datasets=40&seed=3``.

    Raises SettingsError on an option the sample portal does not have.
    """
    arguments: list[str] = []
    for name, value in parse_qsl(portal.partition("?")[2], keep_blank_values=True):
        if name not in _OPTIONS:
            raise SettingsError(f"The sample portal has no option {name!r}: it takes {', '.join(_OPTIONS)}.")
        arguments += [f"--{name}", value] if value else [f"--{name}"]
    return arguments


@contextmanager
def sample_portal(portal: str) -> Iterator[SampleAddress]:
    """Start the sample portal in a process of its own and yield its address; it ends with the block.

    It also ends when this process dies, however it dies: it watches its standard input.
    Raises PortalError where it does not start.
    """
    command = [sys.executable, "-m", "sample_portal", *sample_arguments(portal)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        try:
            line = process.stdout.readline() if process.stdout else ""
            if not line:
                raise PortalError(f"The sample portal did not start: run `{' '.join(command)}` to see why.")
            yield _address(json.loads(line), partial(_tell, process))
        finally:
            if process.stdin:
                process.stdin.close()
            try:
                process.wait(_STOP_SECONDS)
            except subprocess.TimeoutExpired:
                process.kill()


def _tell(process: subprocess.Popen[str], moment: datetime) -> None:
    if process.stdin is None or process.stdout is None:
        raise PortalError("The sample portal was started without a way to tell it the time.")
    process.stdin.write(f"now {iso(moment)}\n")
    process.stdin.flush()
    line = process.stdout.readline()
    if "now" not in json.loads(line or "{}"):
        raise PortalError(f"The sample portal did not take the time: {line.strip() or 'it has ended'}.")


def _address(told: dict[str, str], tell: Callable[[datetime], None]) -> SampleAddress:
    routes = Routes(told["suffix"], _pair(told["http"]), _pair(told["https"]), Path(told["ca"]))
    return SampleAddress(told["portal"], routes, Path(told["truth"]), told["date"], tell)


def _pair(text: str) -> tuple[str, int]:
    host, _, port = text.rpartition(":")
    return host, int(port)
