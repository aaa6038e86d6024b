"""`make pictures`: scans the sample portal and makes the pictures of docs/pictures anew, each under 200 KB.

They are of the pages as served, in English, in a window of 1,100 pixels: the site's, one of the desk after an officer
answered, and the status of a watch after its first scan. `--catalog FILE` takes a catalogue instead of the first scan.
"""

import argparse
import io
import secrets
import sqlite3
import tempfile
import time
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from datasette_auth_passwords.utils import hash_password  # type: ignore[import-untyped]
from PIL import Image
from playwright.sync_api import Browser, Page, ViewportSize

from bench.line import barometer
from bench.started import free_port, started
from publish.task_history import task_key
from tests.browser import ROOT, chromium, follow, serving, tab

PICTURES = ROOT / "docs" / "pictures"
SAMPLE, DAY = "sample?datasets=300&seed=7&date=2026-11-20", "2026-11-20"
WATCHED = "sample?datasets=8&seed=7"
SCANNED = "SELECT 1 FROM due WHERE job = 'scan' AND state IN ('done', 'caught-up')"
SCANNED_SECONDS = 300.0
WINDOW = ViewportSize(width=1100, height=760)
COLOURS = 64
MOST_BYTES = 200_000
WORST = "SELECT provider FROM provider_summary WHERE rank IS NOT NULL ORDER BY point, provider LIMIT 1"
FAULTY = "SELECT dataset FROM dataset_summary WHERE provider = ? AND known >= 0.6 ORDER BY point, dataset LIMIT 1"
BUSY = "SELECT provider FROM provider_summary ORDER BY tasks DESC, provider LIMIT 1"
TASK = """
SELECT t.dataset, t.resource, t.criterion FROM task AS t JOIN dataset AS d ON d.name = t.dataset
WHERE t.closed IS NULL AND d.provider = ? AND t.criterion = 'shape' ORDER BY t.dataset, t.resource LIMIT 1
"""


@dataclass(frozen=True, slots=True)
class Picture:
    """One picture: its file's name, the page below the language, and the part to begin at ('' for the page's top)."""

    name: str
    place: str
    part: str = ""
    height: int = WINDOW["height"]


def task_of(catalog: Path) -> tuple[str, str]:
    """Return the provider with most tasks, and the key of one of them."""
    with closing(sqlite3.connect(catalog)) as db:
        busy = db.execute(BUSY).fetchone()[0]
        return busy, task_key(*db.execute(TASK, [busy]).fetchone())


def wanted(catalog: Path) -> list[Picture]:
    """Return what is to be pictured, about the provider with the lowest score and the one with most tasks."""
    busy, key = task_of(catalog)
    with closing(sqlite3.connect(catalog)) as db:
        worst = db.execute(WORST).fetchone()[0]
        dataset = db.execute(FAULTY, [worst]).fetchone()[0]
    return [
        Picture("home", ""), Picture("providers", "", "#providers"), Picture("provider", f"provider/{worst}"),
        Picture("evidence", f"dataset/{dataset}", "h2:text-is('Answers and evidence')"),
        Picture("references", "references", "#main"), Picture("worklists", "worklist", "#main"),
        Picture("worklist", f"worklist/{busy}?severity=3", "#main", 1000), Picture("task", f"task/{key}", "#main", 900),
        Picture("method", "method", "#profile-gdb-checklist"), Picture("data", "data", "#main"),
        Picture("compare", f"compare?kind=provider&a={busy}&b={worst}", "#main", 900),
        Picture("agreement", "method", "#agreement"),
    ]  # fmt: skip


def take(page: Page, picture: Picture, address: str) -> None:
    """Keep a picture of the window as PNG with few colours, which is what a page has, and print its name and size.

    Raises SystemExit where it is too large to keep.
    """
    page.set_viewport_size(ViewportSize(width=WINDOW["width"], height=picture.height))
    page.goto(f"{address}/en/{picture.place}")
    if picture.part:
        page.locator(picture.part).first.evaluate("e => scrollTo(0, e.getBoundingClientRect().top + scrollY - 16)")
    small = io.BytesIO()
    with Image.open(io.BytesIO(page.screenshot())) as image:
        image.convert("RGB").quantize(COLOURS).save(small, "PNG", optimize=True)
    if small.tell() > MOST_BYTES:
        raise SystemExit(f"{picture.name}.png has {small.tell():,} bytes, and may have {MOST_BYTES:,}.")
    (PICTURES / f"{picture.name}.png").write_bytes(small.getvalue())
    print(f"docs/pictures/{picture.name}.png {small.tell():,} bytes")


def at_the_desk(browser: Browser, catalog: Path, folder: Path) -> None:
    """Sign in as an officer, say of a task that it cannot be mended, and take the picture of that."""
    busy, key = task_of(catalog)
    password, port = secrets.token_hex(), free_port()
    told = f'officers:\n  chan.tai.man: {{password: "{hash_password(password)}", providers: [{busy}]}}\n'
    (folder / "officers.yml").write_text(told, encoding="utf-8")
    arguments = ("desk", "--port", str(port), "--catalog", str(catalog), "--db", str(folder / "harvest.db"))
    with started(port, *arguments, path="/en/desk/", cwd=folder) as address, tab(browser, WINDOW) as page:
        page.goto(f"{address}/en/desk/task/{key}")
        page.locator("#name").fill("chan.tai.man")
        page.locator("#password").fill(password)
        follow(page.locator("main button"))
        page.goto(f"{address}/en/desk/task/{key}")
        page.locator("input[value=cannot]").check()
        page.locator("#reason").fill("The file comes from a supplier's system, which is replaced in March.")
        page.locator("#expires").fill(f"{datetime.now(UTC) + timedelta(days=120):%Y-%m-%d}")
        follow(page.locator("main form button"))
        take(page, Picture("desk", f"desk/task/{key}", "#main", 900), address)


def watched(browser: Browser, folder: Path) -> None:
    """Watch a small sample portal until its first scan is done, and take the picture of the status page."""
    port, until = free_port(), time.monotonic() + SCANNED_SECONDS
    arguments = ("watch", "--portal", WATCHED, "--status", f"127.0.0.1:{port}")
    with started(port, *arguments, cwd=folder) as address, tab(browser, WINDOW) as page:
        while not _scanned(folder / "harvest.db"):
            if time.monotonic() > until:
                raise SystemExit("The watch did not end its first scan.")
            time.sleep(1)
        take(page, Picture("status", "", "", 900), address)


def _scanned(workshop: Path) -> bool:
    with closing(sqlite3.connect(f"file:{workshop}?mode=ro", uri=True)) as db:
        return db.execute(SCANNED).fetchone() is not None


def main() -> None:
    """Make every picture and print its name and size."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--catalog", type=Path)
    catalog = parser.parse_args().catalog
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        if catalog is None:
            barometer("run", "--portal", SAMPLE, "--as-of", DAY, cwd=folder)
            catalog = folder / "catalog.db"
        PICTURES.mkdir(parents=True, exist_ok=True)
        (folder / "watch").mkdir()
        with chromium() as browser:
            with serving(catalog) as address, tab(browser, WINDOW, reduced_motion="reduce") as page:
                for picture in wanted(catalog):
                    take(page, picture, address)
            at_the_desk(browser, catalog.absolute(), folder)
            watched(browser, folder / "watch")


if __name__ == "__main__":
    main()
