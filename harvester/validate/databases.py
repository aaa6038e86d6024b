"""Databases in one file: SQLite and GeoPackage opened read-only with nothing of theirs run, Access by its pages."""

import sqlite3
import time
from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

from harvester.records import Dialect, Part, Sniffed
from harvester.validate import grid
from harvester.validate.finding import Faults, Finding, broken, telling, unmeasured
from harvester.validate.tables import records_profile

TABLES_READ = 200
SECONDS = 20.0
"""CPU seconds a database may keep SQLite busy; its own steps are counted, so that no statement runs on."""
STEPS = 10_000
ROUTE = f"opened by sqlite {sqlite3.sqlite_version}"
_PLAIN = {sqlite3.SQLITE_SELECT, sqlite3.SQLITE_READ, sqlite3.SQLITE_TRANSACTION}
_PRAGMAS = {"trusted_schema", "cell_size_check", "query_only", "mmap_size"}


def examine_sqlite(path: Path, sniffed: Sniffed, today: date) -> Finding:
    """Return the finding on an SQLite file or GeoPackage (OGC 12-128): its tables or layers, counted; the first read.

    Views, triggers and virtual tables are never run: only what is stored as a table is read.
    """
    try:
        database = _opened(path)
        try:
            return _found(database, sniffed.format == "gpkg", today)
        finally:
            database.close()
    except sqlite3.OperationalError as error:
        if "interrupted" in str(error):
            return unmeasured(f"Counting its rows took longer than {SECONDS:.0f} seconds.")
        return broken(f"The database does not open: {error}.")
    except (sqlite3.DatabaseError, UnicodeDecodeError) as error:
        return broken(f"The database does not open: {error}.")


def _opened(path: Path) -> sqlite3.Connection:
    database = sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro&immutable=1", uri=True)
    for pragma in ("trusted_schema=OFF", "cell_size_check=ON", "query_only=ON", "mmap_size=0"):
        database.execute(f"PRAGMA {pragma}")
    database.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, 16 * 1024 * 1024)
    database.setlimit(sqlite3.SQLITE_LIMIT_EXPR_DEPTH, 50)
    database.text_factory = lambda raw: raw.decode("utf-8", "replace")
    database.set_authorizer(_allowed)
    until = time.process_time() + SECONDS
    database.set_progress_handler(lambda: int(time.process_time() > until), STEPS)
    return database


def _allowed(action: int, first: str | None, second: str | None, *_: object) -> int:
    """Allow reading, counting and our own pragmas; whatever else a schema may hide is denied."""
    counted = action == sqlite3.SQLITE_FUNCTION and second in ("count", "like")
    asked = action == sqlite3.SQLITE_PRAGMA and first in _PRAGMAS
    return sqlite3.SQLITE_OK if action in _PLAIN or counted or asked else sqlite3.SQLITE_DENY


def _found(database: sqlite3.Connection, geo: bool, today: date) -> Finding:
    stored = _stored(database)
    faults = Faults()
    tables, facts = _layers(database, stored, faults) if geo else (list(stored), {"tables": len(stored)})
    if not tables:
        return broken("The database holds no table." if not faults.defects() else "The GeoPackage holds no layer.")
    parts = [Part(name[:200], "gpkg" if geo else "sqlite", "opens", _count(database, name)) for name in tables]
    rows = parts[0].rows or 0
    labels, records = _records(database, tables[0])
    kept = replace(records_profile(labels, records, (), today), rows=rows)
    return Finding(
        "opens", None, Dialect(header_row=1, record_path=tables[0]), rows, len(labels), labels,
        defects=faults.defects(), profile=telling(kept, facts, parts), route=ROUTE,
    )  # fmt: skip


def _stored(database: sqlite3.Connection) -> dict[str, None]:
    """Return the names of plain tables: no views, no virtual tables, none of SQLite's own."""
    query = "SELECT name, sql FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%' LIMIT ?"
    rows = database.execute(query, [TABLES_READ * 10])
    plain = [str(name) for name, sql in rows if not str(sql or "").lstrip().upper().startswith("CREATE VIRTUAL")]
    return dict.fromkeys(plain)


def _layers(
    database: sqlite3.Connection, stored: dict[str, None], faults: Faults
) -> tuple[list[str], dict[str, object]]:
    """Return a GeoPackage's layers that are there as tables, and what it says of itself."""
    if "gpkg_contents" not in stored:
        faults.add("no-contents", "There is no table gpkg_contents, which lists the layers.")
        return [], {}
    named = [str(row[0]) for row in database.execute("SELECT table_name FROM gpkg_contents LIMIT ?", [TABLES_READ])]
    for name in named:
        if name not in stored:
            faults.add("missing-layer", f"The layer {name[:80]} is listed and is no table.")
    for needed in ("gpkg_spatial_ref_sys", "gpkg_geometry_columns"):
        if needed not in stored:
            faults.add("missing-table", f"There is no table {needed}, which the standard asks for.")
    systems = None
    if "gpkg_geometry_columns" in stored:
        rows = database.execute("SELECT DISTINCT srs_id FROM gpkg_geometry_columns LIMIT 10").fetchall()
        systems = ", ".join(f"EPSG:{row[0]}" for row in rows) or None
    return [name for name in named if name in stored], {"layers": len(named), "projection": systems}


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def _count(database: sqlite3.Connection, table: str) -> int:
    return int(database.execute(f"SELECT count(*) FROM {_quoted(table)}").fetchone()[0])  # noqa: S608 - quoted


def _records(database: sqlite3.Connection, table: str) -> tuple[tuple[str, ...], Sequence[dict[str, Any]]]:
    """Return the names of a table's columns and its first rows; shapes and pictures (bytes) are left out."""
    cursor = database.execute(f"SELECT * FROM {_quoted(table)} LIMIT 0")  # noqa: S608 - quoted
    names = tuple(str(each[0]) for each in cursor.description)
    most = min(grid.ROWS_READ, grid.CELLS_READ // max(len(names), 1))
    cursor = database.execute(f"SELECT * FROM {_quoted(table)} LIMIT ?", [most])  # noqa: S608 - quoted
    rows = [[None if isinstance(cell, bytes) else cell for cell in row] for row in cursor]
    kept = [place for place, _ in enumerate(names) if not rows or any(row[place] is not None for row in rows)]
    labels = tuple(names[place] for place in kept)
    return labels, [dict(zip(labels, [row[place] for place in kept], strict=True)) for row in rows]


# Jet and ACE databases: a first page with the signature, the version at 0x14, then pages of 2,048 bytes (Jet 3) or
# 4,096; page 2 defines the catalogue's table. As worked out in public by mdbtools; Microsoft has published no more.
_VERSIONS = {0: "Jet 3 (Access 97)", 1: "Jet 4 (Access 2000)", 2: "ACE 12 (Access 2007)", 3: "ACE 14 (Access 2010)",
             4: "ACE 15", 5: "ACE 16", 6: "ACE 17"}  # fmt: skip
_DEFINITION = 0x02


def examine_access(path: Path, _sniffed: Sniffed, _today: date) -> Finding:
    """Return the finding on an MDB or ACCDB file by its pages: all there, the catalogue where it must be.

    No reader that is kept reads its tables, so definitions of tables are counted, Access's own among them.
    """
    with path.open("rb") as file:
        head = file.read(0x20)
        version = head[0x14] if len(head) > 0x14 else -1  # noqa: PLR2004 - where the version stands
        page = 2048 if version == 0 else 4096
        size = path.stat().st_size
        if version not in _VERSIONS or size % page or size < 3 * page:
            return broken("The Access database is cut short: its last page is not whole.")
        kinds = []
        for at in range(0, min(size, 512 * 1024 * 1024), page):
            file.seek(at)
            kinds.append(file.read(1)[0])
    if kinds[2] != _DEFINITION:
        return unmeasured("The Access database is encoded with a password, or its catalogue is damaged.")
    facts = {"version": _VERSIONS[version], "pages": size // page, "definition_pages": kinds.count(_DEFINITION)}
    return Finding("opens", profile=telling(None, facts), route="opened by its structure")
