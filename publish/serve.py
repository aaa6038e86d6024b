"""Serves catalog.db with Datasette on this machine, with the settings a public site needs, over every new publish."""

import signal
import sys
import threading
import time
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.error import HTTPError, URLError
from urllib.request import urlopen

from harvester.errors import BarometerError
from publish.build import published_portal
from publish.listening import is_loopback, listening
from publish.supervisor import Supervisor

if TYPE_CHECKING:
    import subprocess

SETTINGS = {
    "default_allow_sql": "off", "allow_facet": "off", "suggest_facets": "off", "allow_download": "on",
    "allow_csv_stream": "off", "max_csv_mb": "20", "max_returned_rows": "1000", "default_page_size": "50",
    "default_facet_size": "15", "sql_time_limit_ms": "1000", "facet_time_limit_ms": "300",
    "facet_suggest_time_limit_ms": "10", "num_sql_threads": "3", "cache_size_kb": "32000", "default_cache_ttl": "300",
    "truncate_cells_html": "500", "template_debug": "off", "trace_debug": "off",
}  # fmt: skip
"""No free SQL and no facets but our own: the two ways one visitor could keep a server busy for all. Whoever wants
SQL downloads the database, which is a static file."""
START_SECONDS = 60.0
"""How long the site may take to answer first: it opens and checks the database on the way."""
OPEN = (
    "Whoever can reach this machine can reach the site, unencrypted and as often as they like: for the public, put a"
    " proxy with limits before it (docs/publishing.md)."
)
"""Said where the site listens to more than its own machine."""


def command(catalog: Path, metadata: Path, host: str, port: int) -> list[str]:
    """Return the command line that serves the file that ``catalog`` is now, and no other, with our settings.

    `barometer serve` starts this for every release; alone it is one process without a supervisor, for tests and those
    who have a supervisor of their own.
    """
    return [*_process(catalog, metadata), "--host", host, "--port", str(port)]


def _process(catalog: Path, metadata: Path) -> list[str]:
    options = [part for name, value in SETTINGS.items() for part in ("--setting", name, value)]
    return [sys.executable, "-m", "publish.site_process", str(catalog), "-m", str(metadata), *options]


def serve(catalog: Path, metadata: Path, host: str, port: int) -> int:
    """Serve until stopped (Ctrl-C, SIGTERM) and return 0; the address is printed once it answers.

    Each new catalogue of the same portal that is put in its place is shown as soon as it is checked, without a request
    lost; one that cannot be served is refused with a sentence on standard error. Raises BarometerError where the
    catalogue or its metadata is missing, the port is taken, or the site cannot be started.
    """
    for place, advice in (
        (catalog, "run `barometer run` or `barometer publish` first"),
        (metadata, "run this in the checkout"),
    ):
        if not place.exists():
            raise BarometerError(f"There is no file {place}: {advice}.")
    portal = published_portal(catalog)
    listener = listening(host, port)
    if not is_loopback(host):
        print(OPEN, flush=True)
    if threading.current_thread() is threading.main_thread():
        signal.signal(signal.SIGTERM, signal.default_int_handler)  # a stop by the system is one by Ctrl-C

    def start(listening_on: int, control: int) -> list[str]:
        numbers = ["--fd", str(listening_on), "--control", str(control)]
        return [*_process(catalog, metadata), *numbers, "--portal", portal]

    def ready() -> None:
        print(f"Serving {catalog} on {_address(host, port)} (stop with Ctrl-C)", flush=True)

    with suppress(KeyboardInterrupt):
        Supervisor(catalog, listener, start, ready).run()
    return 0


def _address(host: str, port: int) -> str:
    shown = "127.0.0.1" if host in ("0.0.0.0", "::") else host  # noqa: S104 - only compared, to print what can be opened
    return f"http://{f'[{shown}]' if ':' in shown else shown}:{port}/"


def wait_for(process: "subprocess.Popen[bytes]", address: str) -> None:
    """Wait until ``address`` answers. Raises BarometerError where ``process`` ends first, fails, or takes too long."""
    until = time.monotonic() + START_SECONDS
    while time.monotonic() < until:
        if process.poll() is not None:
            raise BarometerError("The site stopped before it answered; what it said stands above.")
        try:
            with urlopen(address, timeout=5):  # noqa: S310 - our own http address
                return
        except HTTPError as error:
            error.close()
            told = f"The site answers {error.code}: publish the catalogue anew with this version."
            raise BarometerError(told) from error
        except (URLError, OSError):
            time.sleep(0.1)
    raise BarometerError(f"The site did not answer on {address} within {START_SECONDS:.0f} seconds.")
