"""How long work tells of itself: a bar with rate and time left on a terminal, one plain line a minute elsewhere."""

import sys
import time
from collections.abc import Callable, Iterable, Iterator
from typing import TypeVar

from tqdm import tqdm

Item = TypeVar("Item")
LINE_EVERY_SECONDS = 60.0


def progress(
    items: Iterable[Item], total: int, what: str, *, now: Callable[[], float] = time.monotonic
) -> Iterator[Item]:
    """Yield ``items`` unchanged while telling on standard error how many of ``total`` are done."""
    if sys.stderr.isatty():
        yield from tqdm(items, total=total, desc=what, unit="", dynamic_ncols=True, leave=False)
        return
    started = told = now()
    for done, item in enumerate(items, start=1):
        yield item
        if now() - told >= LINE_EVERY_SECONDS:
            told = now()
            rate = done / (told - started)
            left = (total - done) / rate if rate else 0.0
            print(f"{what}: {done} of {total}, {rate:.1f} a second, {left:.0f} s left", file=sys.stderr, flush=True)
