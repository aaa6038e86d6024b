"""The page about the data: what can be had, what is in it, under which terms, how to cite and how to check it."""

import hashlib
import sqlite3
from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from publish import queries
from publish.checksum import KEY
from publish.i18n import Translator, day_or_text, mark
from publish.names import PROFILE, origin
from publish.pages import FEEDS, Page
from publish.queries import Row, rows
from publish.releases import folder_of, listed_in
from publish.render import tilde

Described = Mapping[str, Any]
"""What metadata.yml says of each table: its description, and its columns'."""

LIMIT = 1000
"""Rows of a table in one answer (`serve.SETTINGS`); whoever wants more of a larger one takes the file."""
BLOCK = 1 << 20
ADDRESSES = (
    ("index.json", mark("The portal’s score, providers, categories, what fails")),
    ("provider/SLUG.json", mark("One provider: score, criteria, datasets")),
    ("worklist/SLUG.json", mark("What a provider is to mend")),
    ("category/SLUG.json", mark("One category and its datasets")),
    ("dataset/NAME.json", mark("One dataset: answers, resources, visits, history")),
    ("compare.json?kind=provider&a=SLUG&b=SLUG", mark("Two of them beside each other")),
    ("down.json", mark("What does not work now")),
    ("references.json", mark("What others published, beside ours")),
    ("search.json?q=WORDS", mark("Datasets that hold the words")),
    ("method.json", mark("The profiles and every criterion")),
    ("data.json", mark("This page: the file, its tables and columns")),
)
"""Pages that are JSON too; each that has a table is also CSV."""
TAKEN = (
    ("down.atom", FEEDS["down"]),
    ("changes.atom", FEEDS["changes"]),
    ("worklist/SLUG.atom", mark("What a provider’s worklist gained and lost, as a feed")),
    ("worklist/SLUG.ics", mark("When its tasks are due, for a calendar")),
    ("worklist/SLUG.xlsx", mark("The worklist as a workbook")),
)
"""Feeds, and files of other kinds."""


@dataclass(frozen=True, slots=True)
class Contents:
    """What one file is: its size in bytes, its SHA-256, and its tables and views with rows, columns and keys."""

    size: int
    sha256: str
    tables: tuple[Row, ...]


def page(
    connection: sqlite3.Connection, tr: Translator, described: Described, database: str, *, downloadable: bool
) -> Page:
    """Return the page of the file that ``connection`` has open; its address is ``/DATABASE.db`` where downloadable."""
    place = Path(rows(connection, "PRAGMA database_list")[0]["file"])
    state = place.stat()
    found = contents(place, state.st_mtime_ns, state.st_size)
    meta = queries.meta(connection)
    tables = [_described(table, described.get(table["name"]) or {}, database) for table in found.tables]
    tables = [table for table in tables if not table.pop("hidden")]
    data: Row = {
        "file": {"address": f"/{tilde(database)}.db" if downloadable else None, "bytes": found.size,
                 "sha256": found.sha256, "content_sha256": meta.get(KEY), "schema_version": meta.get("schema_version")},
        "releases": _releases(place) if downloadable else [],
        "fresh": {key: meta.get(key) or None for key in ("scanned", "built", "portal", "code_version")},
        "tables": tables,
        "counts": {name: next((table["rows"] for table in tables if table["name"] == name), None)
                   for name in ("dataset", "resource", "url", "visit", "content", "answer", "score")},
        "addresses": [
            {"address": f"/{tr.language}/{place}", "holds": tr(text)} for place, text in (*ADDRESSES, *TAKEN)
        ],
        "cite": cite(connection, meta, found.sha256),
        "limit": LIMIT,
    }  # fmt: skip
    table = [{key: each[key] for key in ("name", "kind", "rows", "description", "csv")} for each in tables]
    return Page("data.html", tr("The data: download, check, cite"), data, table)


def _releases(place: Path) -> list[Row]:
    """Return the releases that are kept beside the file that is open, newest first, with where they are taken."""
    return [
        {"address": f"/releases/{each.file}", "sums": f"/releases/{each.file}.sha256", "file": each.file,
         "built": each.built, "bytes": each.bytes, "sha256": each.sha256, "content_sha256": each.content_sha256,
         "code_version": each.code_version, "schema_version": each.schema_version}
        for each in listed_in(folder_of(place))
    ]  # fmt: skip


@lru_cache(maxsize=4)
def contents(place: Path, _changed: int, size: int) -> Contents:
    """Return what the file at ``place`` is. Read once for each state of it: the caller gives its mtime and size."""
    digest = hashlib.sha256()
    with place.open("rb") as source:
        while block := source.read(BLOCK):
            digest.update(block)
    with closing(sqlite3.connect(f"{place.resolve().as_uri()}?mode=ro", uri=True)) as connection:
        return Contents(size, digest.hexdigest(), tuple(_tables(connection)))


def _tables(connection: sqlite3.Connection) -> list[Row]:
    sql = """
    SELECT m.name, m.type AS kind FROM pragma_table_list l JOIN sqlite_master m ON m.name = l.name
    WHERE l.schema = 'main' AND l.type IN ('table', 'view') AND m.name NOT LIKE 'sqlite\\_%' ESCAPE '\\'
    ORDER BY m.rowid
    """
    found = []
    for row in rows(connection, sql):
        name = row["name"]
        columns = rows(connection, 'SELECT name, type, "notnull" AS required, pk FROM pragma_table_info(?)', [name])
        keys = rows(connection, 'SELECT "from" AS column, "table", "to" FROM pragma_foreign_key_list(?)', [name])
        count = None
        if row["kind"] == "table":
            count = rows(connection, f'SELECT count(*) AS n FROM "{name}"')[0]["n"]  # noqa: S608 - a name of our schema
        found.append({**row, "rows": count, "columns": columns, "references": keys})
    return found


def _described(table: Row, said: Mapping[str, Any], database: str) -> Row:
    """Return a table with the words of metadata.yml, and where it is CSV and JSON."""
    words = said.get("columns") or {}
    place = f"/{tilde(database)}/{tilde(table['name'])}"
    refers = {row["column"]: f"{row['table']}.{row['to'] or ''}".rstrip(".") for row in table["references"]}
    columns = [
        {"name": column["name"], "type": column["type"], "key": bool(column["pk"]),
         "refers_to": refers.get(column["name"]), "description": words.get(column["name"], "")}
        for column in table["columns"]
    ]  # fmt: skip
    return {
        "name": table["name"], "kind": table["kind"], "rows": table["rows"], "hidden": bool(said.get("hidden")),
        "description": said.get("description") or said.get("title") or "", "columns": columns,
        "page": place, "csv": f"{place}.csv?_size=max", "json": f"{place}.json?_shape=array&_size=max",
    }  # fmt: skip


def cite(connection: sqlite3.Connection, meta: Mapping[str, str], sha256: str) -> Row:
    """Return how to cite this file, as text and as BibTeX, in English: what was scanned, when, by what, and which file.

    The leading profile's rubric is the one its standing scores name.
    """
    sql = "SELECT rubric_digest AS digest FROM score WHERE profile = ? AND until IS NULL ORDER BY since DESC LIMIT 1"
    digest = next((row["digest"] for row in rows(connection, sql, [PROFILE])), "none yet")
    scanned, year = day_or_text(meta.get("scanned")), day_or_text(meta.get("built"))[:4]
    kind = {"sample": " (invented sample data)", "recorded": " (recorded data)", "live": ""}
    title = "Hong Kong Open Data Barometer" + kind[origin(meta.get("portal", ""))]
    note = (
        f"GDB-style, unofficial. Addresses visited until {scanned or 'none yet'}, Hong Kong time; rubric {PROFILE},"
        f" digest {digest}; catalog.db, SHA-256 {sha256}"
    )
    version = meta.get("code_version", "")
    bibtex = (
        f"@misc{{hk-open-data-barometer-{scanned or year},\n  title   = {{{title}}},\n  year    = {{{year}}},\n"
        f"  version = {{{version}}},\n  note    = {{{note.replace('_', chr(92) + '_')}}}\n}}"
    )
    return {"text": f"{title}, version {version} ({year}). {note}.", "bibtex": bibtex, "rubric_digest": digest}
