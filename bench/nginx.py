"""nginx before a site on this machine, with the configuration of docs/publishing.md itself.

Changed in it: places and ports, TLS is left out (there is no certificate), nothing is kept (each question shall reach
the site), and the limits of one reader are lifted (all of ours have one address).
"""

import re
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from bench.started import free_port

DOCUMENT = Path(__file__).parents[1] / "docs" / "publishing.md"
STARTED_SECONDS = 10.0
AROUND = """\
daemon off;
master_process off;
worker_rlimit_nofile 4096;
pid {folder}/nginx.pid;
error_log {folder}/error.log;
events {{ worker_connections 1024; }}
"""
CHANGES = (
    (r"    server \{ +# any other name.*?\n    \}\n", ""),
    (r"listen 443 ssl http2;", "listen 127.0.0.1:{port};"),
    (r" *ssl_certificate[^\n]*\n", ""),
    (r"include /etc/nginx/mime.types;", "access_log off;"),
    (r"server_name barometer.example.org;", "server_name 127.0.0.1;"),
    (r"server 127\.0\.0\.1:8001;", "server 127.0.0.1:{site};"),
    (r"proxy_cache barometer;", "proxy_cache off;"),
    (r"/var/cache/nginx/barometer", "{folder}/cache"),
    (r"/srv/barometer/", "{catalogs}/"),
    (r"rate=\d+r/s", "rate=100000r/s"),
    (r"limit_conn readers \d+", "limit_conn readers 1000"),
    (r"limit_rate 5m;", ""),
)
"""What is changed, as patterns: each must be found, or the document says something else than this bench tries."""


def configuration(document: str, site: int, port: int, catalogs: Path, folder: Path) -> str:
    """Return the document's configuration for a site on one port and nginx on another; a pure function.

    ``catalogs`` is where catalog.db and its releases are, ``folder`` where nginx writes. Raises ValueError where the
    document has no such configuration any more.
    """
    block = re.search(r"^```\n(http \{.*?)^```$", document, re.MULTILINE | re.DOTALL)
    if block is None:
        raise ValueError("docs/publishing.md has no configuration of nginx.")
    text = block[1]
    for pattern, put in CHANGES:
        text, many = re.subn(pattern, put, text, flags=re.DOTALL)
        if not many:
            raise ValueError(f"docs/publishing.md: the configuration of nginx has no {pattern} any more.")
    for name, value in (("site", site), ("port", port), ("catalogs", catalogs), ("folder", folder)):
        text = text.replace("{" + name + "}", str(value))
    return AROUND.format(folder=folder) + text


def program() -> str | None:
    """Return where nginx is installed, which need not be on a user's path; None where it is not."""
    return shutil.which("nginx") or shutil.which("nginx", path="/usr/sbin:/usr/local/sbin")


@contextmanager
def before(site: int, catalogs: Path, folder: Path) -> Iterator[int]:
    """Put nginx before the site on port ``site`` while the block lasts, and hand out its own port.

    Raises FileNotFoundError where nginx is not installed, TimeoutError with its own words where it does not start.
    """
    installed = program()
    if installed is None:
        raise FileNotFoundError("nginx is not installed.")
    port = free_port()
    file = folder / "nginx.conf"
    file.write_text(configuration(DOCUMENT.read_text(encoding="utf-8"), site, port, catalogs, folder), encoding="utf-8")
    errors = folder / "error.log"
    process = subprocess.Popen([installed, "-p", str(folder), "-e", str(errors), "-c", str(file)])
    try:
        _wait(port, process, errors)
        yield port
    finally:
        process.terminate()
        process.wait()


def _wait(port: int, process: subprocess.Popen[bytes], errors: Path) -> None:
    until = time.monotonic() + STARTED_SECONDS
    while True:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
        except OSError as error:
            if process.poll() is None and time.monotonic() < until:
                time.sleep(0.05)
                continue
            told = errors.read_text(encoding="utf-8", errors="replace") if errors.exists() else ""
            raise TimeoutError(f"nginx does not answer: {told[-500:]}") from error
        return
