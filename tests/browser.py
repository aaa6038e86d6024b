"""A catalogue served as it is for the public, and a real browser before it: opening pages, and keeping pictures."""

import socket
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Locator, Page, ViewportSize, sync_playwright

from publish.serve import command, wait_for

ROOT = Path(__file__).parents[1]
PICTURES = ROOT / "build" / "pictures"
"""What the journeys looked like the last time they were made: to look at, and kept by nobody."""
CHROMIUM = Path("/usr/bin/chromium")
ARGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update",
        "--disable-sync", "--no-first-run", "--hide-scrollbars"]  # fmt: skip
DESKTOP = ViewportSize(width=1280, height=900)
PHONE = ViewportSize(width=360, height=740)
OPEN_ALL = "for (const d of document.querySelectorAll('details')) d.open = true"
NEEDED = [
    pytest.mark.browser,
    pytest.mark.skipif(
        not CHROMIUM.exists(),
        reason=f"There is no {CHROMIUM}: apt-get update && apt-get install -y chromium fonts-noto-cjk",
    ),
]
"""The marks of every module that opens a browser."""


@contextmanager
def serving(catalog: Path) -> Iterator[str]:
    """Serve ``catalog`` on this machine with the settings of `barometer serve`, and hand out its address."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    process = subprocess.Popen(
        command(catalog, ROOT / "metadata.yml", "127.0.0.1", port),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        wait_for(process, f"http://127.0.0.1:{port}/en/")
        yield f"http://127.0.0.1:{port}"
    finally:
        process.terminate()
        process.wait()


@contextmanager
def chromium() -> Iterator[Browser]:
    """Open Debian's chromium. While it is open nothing else in this thread can run an event loop: close it soon."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=str(CHROMIUM), args=ARGS)
        try:
            yield browser
        finally:
            browser.close()


@contextmanager
def tab(browser: Browser, size: ViewportSize, **options: Any) -> Iterator[Page]:
    """Open a page of ``size`` in a profile of its own; ``options`` are those of the browser's context."""
    context = browser.new_context(viewport=size, **options)
    try:
        page = context.new_page()
        page.set_default_timeout(10_000)
        yield page
    finally:
        context.close()


def follow(link: Locator) -> None:
    """Click what leads to another page, and wait until that is there whole: a click ends when its answer begins."""
    link.click()
    link.page.wait_for_load_state()


def shot(page: Page, name: str) -> Path:
    """Keep a picture of what the window shows under build/pictures, and return where."""
    PICTURES.mkdir(parents=True, exist_ok=True)
    place = PICTURES / f"{name}.png"
    page.screenshot(path=place)
    return place
