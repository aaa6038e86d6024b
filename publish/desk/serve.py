"""Serves the desk on this machine: Datasette with the catalogue, read-only, and officers.db, written by one query."""

import os
import secrets
from contextlib import suppress
from pathlib import Path
from typing import Any

import uvicorn
import yaml
from datasette.app import Datasette
from datasette.plugins import pm

from harvester.errors import BarometerError
from publish.desk import plugin
from publish.desk.store import ANSWER_SQL, Desk
from publish.listening import is_loopback, listening
from publish.serve import SETTINGS
from publish.site_process import plain

OPEN = (
    "Whoever can reach this machine can reach the desk, and passwords go over the network as they are: put a proxy with"
    " https before it, and let it listen on 127.0.0.1 (docs/desk.md)."
)
"""Said where the desk listens to more than its own machine."""


def application(desk: Desk, metadata: Path, secret: str) -> Any:
    """Return the desk as an ASGI application. ``secret`` signs the sessions and the forms."""
    desk.keep_up()  # what cannot be read is told before anybody comes
    if not pm.has_plugin(plugin.NAME):
        pm.register(plugin, plugin.NAME)
    told = yaml.safe_load(metadata.read_text(encoding="utf-8"))
    told["databases"]["officers"] = {
        "allow": {"role": "editor"},
        "queries": {"answer": {"sql": ANSWER_SQL, "write": True, "allow": {"role": ["officer", "editor"]}}},
    }
    told["plugins"][plugin.NAME] = {
        "catalog": str(desk.catalog), "officers": str(desk.officers), "settings": str(desk.settings_file)
    }  # fmt: skip
    settings = {name: plain(value) for name, value in SETTINGS.items()}
    datasette = Datasette(
        files=[str(desk.officers)], immutables=[str(desk.catalog)], metadata=told, secret=secret,
        settings={**settings, "allow_download": False},
    )  # fmt: skip
    return datasette.app()


def serve(desk: Desk, metadata: Path, host: str, port: int) -> int:
    """Serve the desk until stopped (Ctrl-C) and return 0.

    What a proxy says of its clients is not believed but as officers.yml tells. Raises BarometerError where a file is
    missing or the port is taken, SettingsError where the settings make no sense.
    """
    if not metadata.exists():
        raise BarometerError(f"There is no file {metadata}: run this in the checkout.")
    listener = listening(host, port)
    app = application(desk, metadata, os.environ.get("DATASETTE_SECRET") or secrets.token_hex(32))
    if not is_loopback(host):
        print(OPEN, flush=True)
    print(f"The desk is on http://{f'[{host}]' if ':' in host else host}:{port}/ (stop with Ctrl-C)", flush=True)
    config = uvicorn.Config(
        app, proxy_headers=False, server_header=False, access_log=False, log_config=LOGGING, lifespan="on"
    )
    with suppress(KeyboardInterrupt):
        uvicorn.Server(config).run([listener])
    return 0


LOGGING: dict[str, Any] = {
    "version": 1, "disable_existing_loggers": False,
    "formatters": {"line": {"format": "%(asctime)s %(name)s %(levelname)s: %(message)s"}},
    "handlers": {"standard": {"class": "logging.StreamHandler", "formatter": "line"}},
    "loggers": {
        "barometer.desk": {"handlers": ["standard"], "level": "INFO", "propagate": False},
        "uvicorn": {"handlers": ["standard"], "level": "WARNING", "propagate": False},
    },
}  # fmt: skip
"""Who signed in and what was answered or refused, a line each on standard error."""
