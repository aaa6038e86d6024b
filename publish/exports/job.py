"""What every format is given: the catalogue, its tables with their words, and the folder to write into."""

import hashlib
import sqlite3
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

Kind = Literal["text", "integer", "number", "time", "day"]

TIMES = frozenset({
    "archived_at", "at", "changed", "closed", "due", "finished", "first", "first_seen", "first_used", "last",
    "last_seen", "last_used", "opened", "reopened", "since", "started", "until", "withdrawn_at",
})  # fmt: skip
"""Columns in which we ourselves write moments, by `harvester.clock.iso`. What publishers and servers wrote as a time
(``created``, ``last_modified``) stays the text it is."""
DAYS = frozenset({"as_of", "day", "entered", "expires"})
"""Columns in which we ourselves write a day in Hong Kong."""
DECLARED: Mapping[str, Kind] = {"INTEGER": "integer", "REAL": "number"}
BATCH = 20_000
"""Rows held at once: some 20 MB of the widest table."""
BLOCK = 1 << 20


@dataclass(frozen=True, slots=True)
class Column:
    """A column: name, what it holds, whether it may be NULL, and its description in metadata.yml ("" without one)."""

    name: str
    kind: Kind
    required: bool
    description: str


@dataclass(frozen=True, slots=True)
class Reference:
    """A foreign key: the columns here, and the table and columns they point to."""

    columns: tuple[str, ...]
    table: str
    others: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Table:
    """A published table (or view) with its columns, keys and description."""

    name: str
    description: str
    columns: tuple[Column, ...]
    key: tuple[str, ...]
    references: tuple[Reference, ...]


@dataclass(frozen=True, slots=True)
class Job:
    """One export: the open catalogue, its ``meta``, its public tables, the words of metadata.yml, where to write.

    ``base`` is what the IRIs of our own things begin with, ``site`` the address of the site, where it has one.
    """

    connection: sqlite3.Connection
    folder: Path
    meta: Mapping[str, str]
    tables: tuple[Table, ...]
    words: Mapping[str, Any]
    base: str
    site: str | None


Writer = Callable[[Job], dict[str, int]]
"""What a format's module offers as ``write``: makes its files in the job's folder, returns counts by what they are."""


def public_tables(connection: sqlite3.Connection, described: Mapping[str, Any]) -> tuple[Table, ...]:
    """Return the catalogue's tables in the order of its schema, without those metadata.yml hides (charts, indexes)."""
    sql = """
    SELECT m.name FROM pragma_table_list l JOIN sqlite_master m ON m.name = l.name
    WHERE l.schema = 'main' AND l.type = 'table' AND m.name NOT LIKE 'sqlite\\_%' ESCAPE '\\' ORDER BY m.rowid
    """
    names = [name for (name,) in connection.execute(sql) if not (described.get(name) or {}).get("hidden")]
    return tuple(table_of(connection, name, described.get(name) or {}, names) for name in names)


def table_of(connection: sqlite3.Connection, name: str, said: Mapping[str, Any], among: Sequence[str] = ()) -> Table:
    """Return a table or view of the catalogue; foreign keys that lead out of ``among`` are left out."""
    words = said.get("columns") or {}
    sql = 'SELECT name, type, "notnull", pk FROM pragma_table_info(?)'
    rows = connection.execute(sql, [name]).fetchall()
    columns = tuple(
        Column(column, _kind(column, declared), bool(required or place), str(words.get(column) or ""))
        for column, declared, required, place in rows
    )
    key = tuple(column for column, _, _, place in sorted(rows, key=lambda row: row[3]) if place)
    description = str(said.get("description") or said.get("title") or "")
    return Table(name, description, columns, key, tuple(_references(connection, name, among)))


def _kind(column: str, declared: str) -> Kind:
    if declared in DECLARED:
        return DECLARED[declared]
    return "time" if column in TIMES else "day" if column in DAYS else "text"


def _references(connection: sqlite3.Connection, name: str, among: Sequence[str]) -> Iterator[Reference]:
    sql = 'SELECT id, "from", "table", "to" FROM pragma_foreign_key_list(?) ORDER BY id, seq'
    found: dict[int, list[tuple[str, str, str]]] = {}
    for number, *rest in connection.execute(sql, [name]):
        found.setdefault(number, []).append((rest[0], rest[1], rest[2]))
    for parts in sorted(found.values()):
        if parts[0][1] in among:
            yield Reference(tuple(p[0] for p in parts), parts[0][1], tuple(p[2] for p in parts))


def rows_of(connection: sqlite3.Connection, table: Table) -> Iterator[list[tuple[Any, ...]]]:
    """Yield a table's rows, ``BATCH`` at a time, in the order of its key (a view's: of all its columns)."""
    columns = ", ".join(f'"{column.name}"' for column in table.columns)
    order = ", ".join(f'"{name}"' for name in table.key) or ", ".join(str(n + 1) for n in range(len(table.columns)))
    cursor = connection.execute(f'SELECT {columns} FROM "{table.name}" ORDER BY {order}')  # noqa: S608 - names from our own schema
    while rows := cursor.fetchmany(BATCH):
        yield rows


def digest(path: Path) -> tuple[int, str]:
    """Return a file's size in bytes and its SHA-256 in hexadecimal."""
    made = hashlib.sha256()
    with path.open("rb") as source:
        while block := source.read(BLOCK):
            made.update(block)
    return path.stat().st_size, made.hexdigest()
