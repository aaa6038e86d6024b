"""`make pictures`: scans the sample portal and makes the pictures of docs/pictures anew, each under 200 KB.

They are of the pages as served, in English, in a window of 1,100 pixels; `--catalog FILE` takes a published catalogue
instead of a scan.
"""

import argparse
import io
import sqlite3
import tempfile
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from PIL import Image
from playwright.sync_api import Page, ViewportSize

from bench.line import barometer
from publish.task_history import task_key
from tests.browser import ROOT, chromium, serving, tab

PICTURES = ROOT / "docs" / "pictures"
SAMPLE, DAY = "sample?datasets=300&seed=7&date=2026-11-20", "2026-11-20"
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


def wanted(catalog: Path) -> list[Picture]:
    """Return what is to be pictured, about the provider with the lowest score and the one with most tasks."""
    with closing(sqlite3.connect(catalog)) as db:
        worst, busy = (db.execute(query).fetchone()[0] for query in (WORST, BUSY))
        dataset = db.execute(FAULTY, [worst]).fetchone()[0]
        key = task_key(*db.execute(TASK, [busy]).fetchone())
    return [
        Picture("home", ""), Picture("providers", "", "#providers"), Picture("provider", f"provider/{worst}"),
        Picture("evidence", f"dataset/{dataset}", "h2:text-is('Answers and evidence')"),
        Picture("references", "references", "#main"), Picture("worklists", "worklist", "#main"),
        Picture("worklist", f"worklist/{busy}?severity=3", "#main", 1000), Picture("task", f"task/{key}", "#main", 900),
        Picture("method", "method", "#profile-gdb-checklist"), Picture("data", "data", "#main"),
        Picture("compare", f"compare?kind=provider&a={busy}&b={worst}", "#main", 900),
        Picture("agreement", "method", "#agreement"),
    ]  # fmt: skip


def take(page: Page, picture: Picture, address: str) -> bytes:
    """Return a picture of the window as PNG with few colours, which is what a page has."""
    page.set_viewport_size(ViewportSize(width=WINDOW["width"], height=picture.height))
    page.goto(f"{address}/en/{picture.place}")
    if picture.part:
        page.locator(picture.part).first.evaluate("e => scrollTo(0, e.getBoundingClientRect().top + scrollY - 16)")
    small = io.BytesIO()
    with Image.open(io.BytesIO(page.screenshot())) as image:
        image.convert("RGB").quantize(COLOURS).save(small, "PNG", optimize=True)
    return small.getvalue()


def main() -> None:
    """Make every picture and print its name and size. Raises SystemExit where one is too large to keep."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--catalog", type=Path)
    catalog = parser.parse_args().catalog
    with tempfile.TemporaryDirectory() as folder:
        if catalog is None:
            barometer("run", "--portal", SAMPLE, "--as-of", DAY, cwd=Path(folder))
            catalog = Path(folder) / "catalog.db"
        PICTURES.mkdir(parents=True, exist_ok=True)
        with serving(catalog) as address, chromium() as browser, tab(browser, WINDOW, reduced_motion="reduce") as page:
            for picture in wanted(catalog):
                taken = take(page, picture, address)
                if len(taken) > MOST_BYTES:
                    raise SystemExit(f"{picture.name}.png has {len(taken):,} bytes, and may have {MOST_BYTES:,}.")
                (PICTURES / f"{picture.name}.png").write_bytes(taken)
                print(f"docs/pictures/{picture.name}.png {len(taken):,} bytes")


if __name__ == "__main__":
    main()
