"""Formats that are no tables: pictures, documents, calendars, databases, pages. They open, or they are cut short."""

import re
import sqlite3
from datetime import date
from pathlib import Path

from harvester.records import Dialect, Sniffed
from harvester.sniff.text import codec
from harvester.validate import limits
from harvester.validate.finding import Finding, broken, unmeasured
from harvester.validate.tables import records_profile

_ENDS: dict[str, tuple[bytes, int]] = {
    "pdf": (b"%%EOF", 4096),
    "png": (b"IEND\xaeB`\x82", 256),
    "jpeg": (b"\xff\xd9", 4096),
    "gif": (b";", 64),
}
"""How a whole file of the format ends, and within how many last bytes (writers add a little after it)."""


def examine_signed(path: Path, sniffed: Sniffed, _today: date) -> Finding:
    """Return the finding on a format known by its signature: it opens unless its end is missing."""
    ending = _ENDS.get(sniffed.format)
    if ending is not None:
        with path.open("rb") as file:
            file.seek(max(0, path.stat().st_size - ending[1]))
            if ending[0] not in file.read():
                return broken(f"The {sniffed.format.upper()} is cut short: its end mark is missing.")
    return Finding("opens")


def examine_page(_path: Path, _sniffed: Sniffed, _today: date) -> Finding:
    """Return the finding on a web page: for people, whatever it shows."""
    return Finding("opens", ladder="page")


def examine_text(_path: Path, sniffed: Sniffed, _today: date) -> Finding:
    """Return the finding on prose: it opens where it can be decoded."""
    return Finding("opens") if sniffed.encoding else broken("The text is in no encoding we know, or in several.")


def examine_unknown(path: Path, _sniffed: Sniffed, _today: date) -> Finding:
    """Return the finding on bytes of no format we know."""
    return unmeasured(f"The {path.stat().st_size:,} bytes are of no format we know.")


def examine_opaque(_path: Path, sniffed: Sniffed, _today: date) -> Finding:
    """Return the finding on a known format that we have no reader for."""
    return unmeasured(f"We have no reader for {sniffed.format.upper()}.")


def examine_empty(_path: Path, _sniffed: Sniffed, _today: date) -> Finding:
    """Return the finding on a body without content."""
    return broken("The body is empty.")


def examine_calendar(path: Path, sniffed: Sniffed, today: date) -> Finding:
    """Return the finding on an iCalendar file (RFC 5545): every BEGIN has its END; its events are the records."""
    if reason := limits.of_tree(path):
        return unmeasured(reason)
    text = path.read_text(encoding=codec(sniffed.encoding or "utf-8"), errors="replace").removeprefix("\ufeff")
    lines = re.sub(r"\r?\n[ \t]", "", text).splitlines()  # long lines are folded (section 3.1)
    opened: list[str] = []
    records: list[dict[str, str]] = []
    for number, line in enumerate(lines, 1):
        name, _, value = line.partition(":")
        name = name.split(";")[0].upper()
        if name == "BEGIN":
            opened.append(value.strip().upper())
            records += [{}] if opened[-1] == "VEVENT" else []
        elif name == "END":
            if not opened or opened.pop() != value.strip().upper():
                return broken(f"Line {number} ends a {value.strip()[:40]} that was not begun.")
        elif opened[-1:] == ["VEVENT"]:
            records[-1].setdefault(name, re.sub(r"^((?:19|20)\d\d)(\d\d)(\d\d)(T.*)?$", r"\1-\2-\3", value.strip()))
    if opened:
        return broken(f"The {opened[-1][:40]} is begun and never ended: the calendar is cut short.")
    labels = tuple(dict.fromkeys(key for record in records for key in record))
    return Finding(
        "opens", None, Dialect(header_row=1, record_path="VEVENT"), len(records), len(labels), labels,
        profile=records_profile(labels, records, (), today),
    )  # fmt: skip


def examine_sqlite(path: Path, sniffed: Sniffed, _today: date) -> Finding:
    """Return the finding on an SQLite file or GeoPackage: opened read-only, its tables counted."""
    try:
        with sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro&immutable=1", uri=True) as database:
            database.execute("PRAGMA trusted_schema=OFF")
            query = "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%' LIMIT 2000"
            if sniffed.format == "gpkg":
                query = "SELECT table_name FROM gpkg_contents LIMIT 2000"
            tables = [str(row[0]) for row in database.execute(query)]
            rows = _rows(database, tables[0]) if tables else 0
        database.close()
    except sqlite3.DatabaseError as error:
        return broken(f"The database does not open: {error}.")
    return (
        Finding("opens", None, Dialect(record_path=tables[0] if tables else None), rows)
        if tables
        else broken("The database holds no table.")
    )


def _rows(database: sqlite3.Connection, table: str) -> int:
    quoted = table.replace('"', '""')
    return int(database.execute(f'SELECT count(*) FROM "{quoted}"').fetchone()[0])  # noqa: S608 - quoted above
