"""What is read out of a catalogue once, and kept as long as that catalogue is served."""

import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

T = TypeVar("T")


def once(connection: sqlite3.Connection, what: str, make: Callable[[], T]) -> T:
    """Return what ``make`` makes of a catalogue, made once a catalogue, since its file never changes.

    ``what`` names it. Of a catalogue in memory it is made every time.
    """
    place = connection.execute("PRAGMA database_list").fetchone()[2]
    if not place:
        return make()
    told = Path(place).stat()
    key = (place, told.st_ino, told.st_mtime_ns)
    if key not in _MADE:
        _MADE.clear()
        _MADE[key] = {}
    made = _MADE[key]
    if what not in made:
        made[what] = make()
    found: T = made[what]
    return found


_MADE: dict[tuple[str, int, int], dict[str, Any]] = {}
"""Of the catalogue that is served; there is one at a time."""
