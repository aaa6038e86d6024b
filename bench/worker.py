"""One measured piece of work in a process of its own: `harvest`, `check`, the verdicts of `ours` or `frictionless`.

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
    # No pace is kept here, so the answers that are waited for at once may be many: 50 ms each is all the server asks.
    settings = WebSettings(per_host_seconds=0, threads=64, routes=Routes(suffix, next(pairs), next(pairs), Path(ca)))
    with (
        workshop(Path(db), create=True) as opened,
        step(opened, "harvest", system_clock, {}, url) as run,
        Web(settings, system_clock) as web,
    ):
        harvest(opened, DataGovHk(url, web), run, system_clock)


def check_links(db: str, listed: str, pace: str) -> None:
    """Visit the addresses listed in a file, a line each, a host's links ``pace`` seconds apart.

    The first time all is new and kept; on the same database again, it is the nightly check of links that stayed.
    """
    from harvester.check import check
    from harvester.clock import iso, system_clock
    from harvester.settings import WebSettings
    from harvester.store.bodies import Bodies
    from harvester.store.visits import Which
    from harvester.store.workshop import step, workshop
    from harvester.vocabulary import host_of
    from harvester.web import Web

    links = Path(listed).read_text(encoding="utf-8").splitlines()
    settings = WebSettings(per_host_seconds=float(pace), allow=("127.0.0.0/8",))
    with workshop(Path(db), create=True) as opened:
        again = opened.table("url").count > 0
        if not again:
            now = iso(system_clock())
            with opened.atomic():
                opened.table("provider").insert({"slug": "p", "first_seen": now, "last_seen": now})
                opened.table("dataset").insert({
                    "name": "d", "provider": "p", "schedule": "unknown", "languages": "[]",
                    "first_seen": now, "last_seen": now,
                })  # fmt: skip
                urls = ({"url": link, "host": host_of(link), "first_seen": now} for link in links)
                opened.table("url").insert_all(urls)
                resources = ({
                    "shared_id": str(place), "dataset": "d", "position": place, "format": "CSV", "kind": "file",
                    "url": place + 1, "languages": "[]", "first_seen": now, "last_seen": now,
                } for place in range(len(links)))  # fmt: skip
                opened.table("resource").insert_all(resources)
        with (
            step(opened, "check", system_clock, {}) as run,
            Web(settings, system_clock) as web,
            Bodies.beside(Path(db)) as bodies,
        ):
            check(opened, web, bodies, run, system_clock, which=Which(every=again))
        if run.counts.get("ok") != len(links) or run.counts["not_changed"] != again * len(links):
            raise SystemExit(f"{len(links)} links should be well, and the check tells {run.counts}")


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
    if work in ("harvest", "check"):
        (harvest_sample if work == "harvest" else check_links)(*arguments)
    else:
        {"ours": ours, "frictionless": frictionless}[work](Path(arguments[0]))
