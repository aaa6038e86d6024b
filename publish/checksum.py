"""The sum of what a catalogue holds: SHA-256 over every row of every table, so that a copy can be told from another.

The sum of a table is that of one compact JSON document in ASCII: a list that begins with the list of its column names,
and goes on with each row as the list of its values, in the order of its primary key (of all its columns where it has
none; text by its bytes, as SQLite orders it). A number is the shortest text that gives it back, bytes are hexadecimal.
The sum of the content is that of a line ``SUM  TABLE`` for each table, in the order of their names. The tables
``checksum`` and SQLite's own, the search index, and the row of ``meta`` that holds the sum are not counted.
"""

import hashlib
import json
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from harvester.errors import NotOurDatabaseError

KEY = "content_sha256"
"""Where ``meta`` keeps the sum of the content."""
TABLE = "checksum"
"""The table that keeps each table's sum."""
AT_ONCE = 1000
"""Rows read and written out at a time: enough that the work is C's and not Python's."""
MOST_TOLD = 5
"""Problems of one kind that are told by name."""


@dataclass(frozen=True, slots=True)
class Sum:
    """One table: its name, how many rows it has, and their SHA-256."""

    name: str
    rows: int
    sha256: str


@dataclass(frozen=True, slots=True)
class Verified:
    """What came of verifying a file: the sum it keeps, the sum of what it holds, and what is wrong, a sentence each."""

    kept: str
    found: str
    problems: tuple[str, ...]

    @property
    def sound(self) -> bool:
        """Whether the file is whole, and holds what was published."""
        return not self.problems


def tables(connection: sqlite3.Connection) -> list[str]:
    """Return the tables that are counted, in the order of their names (by their bytes)."""
    sql = (
        "SELECT name FROM pragma_table_list WHERE schema = 'main' AND type = 'table'"
        " AND name <> ? AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\' ORDER BY name"
    )
    return [str(row[0]) for row in connection.execute(sql, [TABLE])]


def sum_of(connection: sqlite3.Connection, table: str) -> Sum:
    """Return the sum of one table of ``connection``, read row by row in the order that is defined above."""
    told = connection.execute("SELECT name, pk FROM pragma_table_info(?) ORDER BY cid", [table]).fetchall()
    columns = [name for name, _ in told]
    keys = [name for name, place in sorted(told, key=lambda each: each[1]) if place] or columns
    where = f" WHERE key <> '{KEY}'" if table == "meta" else ""
    sql = f"SELECT {_named(columns)} FROM {_quoted(table)}{where} ORDER BY {_named(keys)}"  # noqa: S608 - quoted names
    digest, count = hashlib.sha256(b"[" + _json(columns)), 0
    cursor = connection.execute(sql)
    while rows := cursor.fetchmany(AT_ONCE):
        digest.update(b"," + _json(rows)[1:-1])
        count += len(rows)
    digest.update(b"]")
    return Sum(table, count, digest.hexdigest())


def content_sum(sums: list[Sum]) -> str:
    """Return the sum of the content from those of its tables."""
    lines = "".join(f"{each.sha256}  {each.name}\n" for each in sorted(sums, key=lambda each: each.name))
    return hashlib.sha256(lines.encode()).hexdigest()


def fill_sums(connection: sqlite3.Connection) -> str:
    """Write the sums of a catalogue that is otherwise finished into it, and return the sum of its content."""
    sums = [sum_of(connection, table) for table in tables(connection)]
    connection.executemany(
        f"INSERT INTO {TABLE} (name, rows, sha256) VALUES (?, ?, ?)",  # noqa: S608 - our own name
        [(each.name, each.rows, each.sha256) for each in sums],
    )
    whole = content_sum(sums)
    connection.execute("INSERT INTO meta (key, value) VALUES (?, ?)", [KEY, whole])
    return whole


def verify(catalog: Path) -> Verified:
    """Tell whether a published file is whole and holds what was published, and what differs where it does not.

    SQLite's own checks come first, then every table is summed and compared with the sums the file keeps: they tell an
    accident, and a change by somebody who did not change the sums; whoever must know more compares the sum of the
    content with one they had from elsewhere. Raises NotOurDatabaseError where the file is no catalogue with sums.
    """
    try:
        with closing(sqlite3.connect(f"{catalog.resolve().as_uri()}?mode=ro", uri=True)) as connection:
            kept = dict(connection.execute("SELECT key, value FROM meta"))
            if KEY not in kept:
                raise NotOurDatabaseError(f"{catalog} keeps no sums: it was published by an earlier version.")
            broken = tuple(unsound(connection))
            if broken:
                return Verified(str(kept[KEY]), "", broken)
            found = [sum_of(connection, table) for table in tables(connection)]
            told = {each.name: each for each in (Sum(*row) for row in _kept(connection))}
    except (sqlite3.OperationalError, sqlite3.DatabaseError) as error:
        if _looks_like_sqlite(catalog):
            return Verified("", "", (f"SQLite cannot read it: {error}",))
        raise NotOurDatabaseError(f"{catalog} is no catalogue of ours ({error}): name another file.") from error
    whole = content_sum(found)
    problems = [*_differing(told, {each.name: each for each in found})]
    if whole != kept[KEY] and not problems:
        problems = ["the sum of the content is not the one it keeps, though those of the tables are"]
    return Verified(str(kept[KEY]), whole, tuple(problems))


def unsound(connection: sqlite3.Connection) -> Iterator[str]:
    """Yield what SQLite itself finds wrong: pages that do not hold together, keys whose row is missing."""
    told = [str(row[0]) for row in connection.execute("PRAGMA quick_check") if row[0] != "ok"]
    yield from told[:MOST_TOLD]
    if told:
        return
    for number, row in enumerate(connection.execute("PRAGMA foreign_key_check")):
        if number == MOST_TOLD:
            break
        yield f"{row[0]} row {row[1]} names a missing {row[2]}"


def _differing(told: dict[str, Sum], found: dict[str, Sum]) -> Iterator[str]:
    for name in sorted(told.keys() | found.keys()):
        if name not in found:
            yield f"table {name} is missing ({told[name].rows} rows were published)"
        elif name not in told:
            yield f"table {name} was not published"
        elif told[name].rows != found[name].rows:
            yield f"table {name} has {found[name].rows} rows, and {told[name].rows} were published"
        elif told[name].sha256 != found[name].sha256:
            yield f"table {name} holds other rows, or other columns, than were published"


def _kept(connection: sqlite3.Connection) -> list[tuple[str, int, str]]:
    return connection.execute(f"SELECT name, rows, sha256 FROM {TABLE}").fetchall()  # noqa: S608 - our own name


def _looks_like_sqlite(place: Path) -> bool:
    try:
        with place.open("rb") as source:
            return source.read(16) == b"SQLite format 3\x00"
    except OSError:
        return False


def _json(value: object) -> bytes:
    return json.dumps(value, ensure_ascii=True, separators=(",", ":"), default=bytes.hex).encode("ascii")


def _named(columns: list[str]) -> str:
    return ", ".join(map(_quoted, columns))


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'
