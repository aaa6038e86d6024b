"""`make bench-switch`: what readers notice when the catalogue is published anew under a running site: nothing.

One `barometer serve` answers on this machine. Readers ask all the while, half of them on connections kept open and half
on a new one each time, and never twice for the same thing: an answer that does not come whole at the first try has
failed. Meanwhile releases are put in place as `publish` does, each with another time of building. Every answer that
tells of which release it is must be of one release only, and of one that was in place while it was asked for.
"""

import argparse
import hashlib
import http.client
import json
import random
import shutil
import sqlite3
import tempfile
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from http import HTTPStatus
from pathlib import Path

from bench.nginx import before
from bench.site_data import build
from bench.started import free_port, started
from harvester.clock import iso, parse_iso
from publish import releases
from publish.checksum import KEY, TABLE, fill_sums

PAGES = ("/en/", "/tc/", "/sc/", "/en/data.json", "/en/index.json", "/catalog/meta.json?_shape=array",
         "/catalog/checksum", "/tc/data", "/catalog.db")  # fmt: skip
"""Drawn pages, JSON, Datasette's own pages, and the file itself."""
RARE = "/catalog.db"
"""Asked for less often: one reader in twenty would download it, and no browser asks for it at every turn."""
LOOKS = 0.5
"""Seconds between two questions of one reader on average."""
LONGEST_LOOK = 3.0
"""No reader looks longer: any server lets go of who is silent, uvicorn after 5 s, whatever is published."""
SEEN_SECONDS = 60.0
"""How long a release may take to be shown before we give up."""


@dataclass
class Told:
    """What the readers saw: how many answers, what failed, the longest (seconds), and the bodies by address and tag."""

    requests: int = 0
    failed: list[str] = field(default_factory=list)
    longest: float = 0.0
    tags: dict[tuple[str, str], bytes] = field(default_factory=dict)
    shown: set[str] = field(default_factory=set)
    lock: threading.Lock = field(default_factory=threading.Lock)


def again(catalog: Path) -> releases.Release:
    """Publish the newest release once more, as if built a minute later, and return it."""
    with releases.publishing(catalog) as folder:
        packed = folder / ".packed"
        shutil.copyfile(catalog, packed)
        with closing(sqlite3.connect(packed)) as connection:
            built = connection.execute("SELECT value FROM meta WHERE key = 'built'").fetchone()[0]
            later = iso(parse_iso(built) + timedelta(minutes=1))
            connection.execute("UPDATE meta SET value = ? WHERE key = 'built'", [later])
            connection.execute(f"DELETE FROM {TABLE}")  # noqa: S608 - our own name
            connection.execute("DELETE FROM meta WHERE key = ?", [KEY])
            fill_sums(connection)
            connection.commit()
        release = releases.put(folder, packed, catalog)
        releases.prune(folder)
    return release


def reader(
    port: int,
    keep: bool,
    seed: int,
    looks: float,
    told: Told,
    known: dict[str, releases.Release],
    stop: threading.Event,
) -> None:
    """Ask for one page after the other until ``stop`` is set; ``keep``: on one connection, else on a new one each."""
    chance = random.Random(seed)
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    while not stop.is_set():
        address = chance.choice(PAGES)
        if address == RARE and chance.random() > 0.05:
            continue
        began = time.perf_counter()
        try:
            connection.request("GET", address, headers={} if keep else {"Connection": "close"})
            answer = connection.getresponse()
            body = answer.read()
            wrong = "" if answer.status == HTTPStatus.OK else f"status {answer.status}"
            wrong = wrong or _mixed(address, body, answer.headers.get("etag") or "", told, known)
        except (OSError, http.client.HTTPException, ValueError) as error:
            wrong = f"{type(error).__name__}: {error}"
            connection.close()
        took = time.perf_counter() - began
        with told.lock:
            told.requests += 1
            told.longest = max(told.longest, took)
            if wrong:
                told.failed.append(f"{address}: {wrong}")
        stop.wait(min(LONGEST_LOOK, chance.expovariate(1 / looks)))
    connection.close()


def _mixed(address: str, body: bytes, tag: str, told: Told, known: dict[str, releases.Release]) -> str:
    """Return what is wrong with an answer that came whole; the empty string where it is of one release."""
    digest = hashlib.sha256(body).digest()
    if tag and told.tags.setdefault((address, tag), digest) != digest:
        return "another body under a tag that was told before"
    if address == RARE:
        found = digest.hex()
        return "" if found in {each.sha256 for each in known.values()} else "a file that was never published"
    if not address.endswith((".json", "array")):
        return ""
    held = json.loads(body)
    meta = {row["key"]: row["value"] for row in held} if isinstance(held, list) else held["meta"]
    release = known.get(meta["built"])
    if release is None or meta[KEY] != release.content_sha256:
        return f"a release that was never published: {meta['built']}"
    if "file" in held and (held["file"]["sha256"], held["fresh"]["built"]) != (release.sha256, release.built):
        return "the page of one release over the file of another"
    told.shown.add(release.built)
    return ""


@contextmanager
def reading(port: int, readers: int, known: dict[str, releases.Release], looks: float = LOOKS) -> Iterator[Told]:
    """Have ``readers`` read while the block lasts, and hand out what they were told."""
    told, stop = Told(), threading.Event()
    threads = [
        threading.Thread(target=reader, args=(port, number % 2 == 0, number, looks, told, known, stop))
        for number in range(readers)
    ]
    for thread in threads:
        thread.start()
    try:
        yield told
    finally:
        stop.set()
        for thread in threads:
            thread.join()


def built_now(port: int) -> str:
    """Return when the release was built that a new connection is shown."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    connection.request("GET", "/en/index.json", headers={"Connection": "close"})
    built = json.loads(connection.getresponse().read())["meta"]["built"]
    connection.close()
    return str(built)


def shown(port: int, release: releases.Release) -> float:
    """Wait until ``release`` is shown and return how many seconds that took. Raises TimeoutError after a minute."""
    began = time.perf_counter()
    while built_now(port) != release.built:
        if time.perf_counter() - began > SEEN_SECONDS:
            raise TimeoutError(f"The release of {release.built} is not shown.")
        time.sleep(0.05)
    return time.perf_counter() - began


def measure(catalog: Path, readers: int, switches: int, nginx: Path | None = None) -> tuple[Told, Sequence[float]]:
    """Publish ``switches`` times under so many readers; return what they saw and how long each took to be shown.

    With ``nginx``, an empty folder, they read through an nginx that is set up as docs/publishing.md says.
    """
    known = {each.built: each for each in releases.listed(catalog)}
    waits = []
    with ExitStack() as stack:
        port = free_port()
        stack.enter_context(started(port, "serve", "--catalog", str(catalog), "--port", str(port)))
        asked = stack.enter_context(before(port, catalog.parent, nginx)) if nginx else port
        told = stack.enter_context(reading(asked, readers, known))
        time.sleep(1.0)
        for _ in range(switches):
            began = time.perf_counter()
            release = _published(catalog, known)
            made = time.perf_counter() - began
            waits.append(shown(port, release))
            print(f"release of {release.built}: made in {made:.1f} s, shown after {waits[-1]:.1f} s", flush=True)
        time.sleep(1.0)
    return told, waits


def _published(catalog: Path, known: dict[str, releases.Release]) -> releases.Release:
    release = again(catalog)
    known[release.built] = release
    return release


def main() -> None:
    """Build, serve, publish, print; the last line is for machines."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--catalog", type=Path, help="a published catalogue to copy; else one is made")
    parser.add_argument("--datasets", type=int, default=300)
    parser.add_argument("--resources", type=int, default=1500)
    parser.add_argument("--visits", type=int, default=20_000)
    parser.add_argument("--defects", type=int, default=5_000)
    parser.add_argument("--readers", type=int, default=50)
    parser.add_argument("--switches", type=int, default=5)
    parser.add_argument("--nginx", action="store_true", help="read through nginx, as docs/publishing.md sets it up")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        catalog = Path(name) / "catalog.db"
        if asked.catalog:
            shutil.copyfile(asked.catalog, catalog)
            again(catalog)
        else:
            build(Path(name), asked.datasets, asked.resources, asked.visits, asked.defects)
        print(f"{catalog.stat().st_size / 1e6:.0f} MB")
        nginx = Path(name) / "nginx" if asked.nginx else None
        if nginx:
            nginx.mkdir()
        told, waits = measure(catalog, asked.readers, asked.switches, nginx)
    for what in told.failed[:10]:
        print(what)
    print(f"shown after {max(waits):.1f} s at most")
    print(
        f"bench-switch: readers={asked.readers} switches={asked.switches} requests={told.requests}"
        f" failed={len(told.failed)} longest_ms={1000 * told.longest:.0f}"
    )


if __name__ == "__main__":
    main()
