"""One measured piece of work in a process of its own: `harvest`, or the verdicts of `ours` or of `frictionless`.

Each imports only what it needs, where it needs it, because start-up is part of what is measured.
"""

# ruff: noqa: PLC0415

import hashlib
import os
import sys
import tempfile
from pathlib import Path


def harvest_sample(db: str, url: str, suffix: str, http: str, https: str, ca: str) -> None:
    """Harvest the sample portal at ``url`` into ``db`` with the pace limit off."""
    from harvester.clock import system_clock
    from harvester.harvest import harvest
    from harvester.portals import DataGovHk
    from harvester.settings import Routes, WebSettings
    from harvester.store.workshop import step, workshop
    from harvester.web import Web

    pairs = ((host, int(port)) for host, _, port in (place.rpartition(":") for place in (http, https)))
    settings = WebSettings(per_host_seconds=0, routes=Routes(suffix, next(pairs), next(pairs), Path(ca)))
    with (
        workshop(Path(db), create=True) as opened,
        step(opened, "harvest", system_clock, {}, url) as run,
        Web(settings, system_clock) as web,
    ):
        harvest(opened, DataGovHk(url, web), run, system_clock)


def ours(folder: Path) -> None:
    """Examine every table in ``folder``."""
    from harvester.sniff import sniff
    from harvester.validate import examine

    for path in sorted(folder.glob("*.csv")):
        body = path.read_bytes()
        with path.open("rb") as file:
            sniffed = sniff(file)
        content = examine(path, sniffed, hashlib.sha256(body).hexdigest(), len(body), complete=True)
        if content.verdict != "valid":
            raise SystemExit(f"{path} should be valid and is {content.verdict}: {content.reason}")


def frictionless(folder: Path) -> None:
    """Let plain Frictionless validate every table in ``folder``."""
    from frictionless import Resource, system

    os.chdir(folder if folder.is_dir() else tempfile.gettempdir())
    with system.use_context(trusted=True):
        for path in sorted(folder.glob("*.csv")):
            if not Resource(path=path.name, format="csv").validate().valid:
                raise SystemExit(f"{path} should be valid to Frictionless")


if __name__ == "__main__":
    work, *arguments = sys.argv[1:]
    if work == "harvest":
        harvest_sample(*arguments)
    else:
        {"ours": ours, "frictionless": frictionless}[work](Path(arguments[0]))
