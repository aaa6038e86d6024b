"""Serves catalog.db with Datasette on this machine, with the settings a public site needs."""

import signal
import socket
import subprocess
import sys
import threading
import time
from ipaddress import ip_address
from pathlib import Path
from urllib.error import HTTPError, URLError
from urllib.request import urlopen

from harvester.errors import BarometerError

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
"""How long Datasette may take to answer first: it opens and counts the database on the way."""
STOP_SECONDS = 5.0
"""How long readers may take to end what they have begun once the site is stopped."""
OPEN = (
    "Whoever can reach this machine can reach the site, unencrypted and as often as they like: for the public, put a"
    " proxy with limits before it (docs/publishing.md)."
)
"""Said where the site listens to more than its own machine."""


def command(catalog: Path, metadata: Path, host: str, port: int) -> list[str]:
    """Return the command line that serves ``catalog`` read-only with ``metadata`` and our settings."""
    options = [part for name, value in SETTINGS.items() for part in ("--setting", name, value)]
    return [sys.executable, "-m", "datasette", "serve", "-i", str(catalog), "-m", str(metadata), "-h", host,
            "-p", str(port), *options]  # fmt: skip


def serve(catalog: Path, metadata: Path, host: str, port: int) -> int:
    """Serve until stopped (Ctrl-C) and return Datasette's exit code; the address is printed once it answers.

    Raises BarometerError where the catalogue or its metadata is missing, the port is taken, or no answer comes.
    """
    for place, advice in (
        (catalog, "run `barometer run` or `barometer publish` first"),
        (metadata, "run this in the checkout"),
    ):
        if not place.exists():
            raise BarometerError(f"There is no file {place}: {advice}.")
    _port_must_be_free(host, port)
    if not is_loopback(host):
        print(OPEN, flush=True)
    if threading.current_thread() is threading.main_thread():
        signal.signal(signal.SIGTERM, signal.default_int_handler)  # a stop by the system stops Datasette with us
    process = subprocess.Popen(command(catalog, metadata, host, port), stdout=subprocess.DEVNULL)
    try:
        wait_for(process, _address(host, port))
        print(f"Serving {catalog} on {_address(host, port)} (stop with Ctrl-C)", flush=True)
        return process.wait()
    except KeyboardInterrupt:
        return 0
    finally:
        stop(process)


def stop(process: "subprocess.Popen[bytes]") -> None:
    """End Datasette: asked first, and by force where readers that never finish hold it up."""
    if process.poll() is None:
        process.terminate()
        try:
            process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def is_loopback(host: str) -> bool:
    """Tell whether only this machine can reach what listens on ``host``; a name that is none is taken for open."""
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _address(host: str, port: int) -> str:
    shown = "127.0.0.1" if host in ("0.0.0.0", "::") else host  # noqa: S104 - only compared, to print what can be opened
    return f"http://{f'[{shown}]' if ':' in shown else shown}:{port}/"


def _port_must_be_free(host: str, port: int) -> None:
    try:
        with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind((host, port))
    except OSError as error:
        raise BarometerError(
            f"{host}:{port} cannot be served on ({error.strerror}): stop what uses it, or name another with --port."
        ) from error


def wait_for(process: "subprocess.Popen[bytes]", address: str) -> None:
    """Wait until ``address`` answers. Raises BarometerError where ``process`` ends first, fails, or takes too long."""
    until = time.monotonic() + START_SECONDS
    while time.monotonic() < until:
        if process.poll() is not None:
            raise BarometerError("Datasette stopped before it answered; what it said stands above.")
        try:
            with urlopen(address, timeout=5):  # noqa: S310 - our own http address
                return
        except HTTPError as error:
            error.close()
            told = f"The site answers {error.code}: publish the catalogue anew with this version."
            raise BarometerError(told) from error
        except (URLError, OSError):
            time.sleep(0.1)
    raise BarometerError(f"Datasette did not answer on {address} within {START_SECONDS:.0f} seconds.")
