"""The work of `barometer export`: a catalogue in, a folder of files of the formats asked for out."""

import os
import sqlite3
import uuid
from collections.abc import Iterable, Mapping
from contextlib import closing
from importlib import import_module
from pathlib import Path
from typing import Any, cast

import yaml
from datasette.utils import resolve_env_secrets

from harvester.errors import BarometerError, NotOurDatabaseError
from publish.build import published_portal
from publish.exports.folder import whole, write_list
from publish.exports.job import Job, Writer, digest, public_tables
from publish.safe import http_link

FORMATS = {
    "csv": "csv_files.write", "parquet": "parquet.write", "xlsx": "xlsx.write", "turtle": "rdf_files.write_turtle",
    "jsonld": "rdf_files.write_jsonld", "datapackage": "datapackage.write", "csv-spreadsheet": "csv_files.write_safe",
}  # fmt: skip
"""Each format's name and the function that writes it, loaded only where it is asked for."""
USUAL = ("csv", "parquet", "xlsx", "turtle", "jsonld", "datapackage")
"""What is written where nobody names a format; the workbook serves spreadsheets better than CSV made safe for them."""


def export(folder: Path, catalog: Path, metadata: Path, formats: Iterable[str] = ()) -> dict[str, dict[str, int]]:
    """Write ``formats`` (all usual ones where none is named) of ``catalog`` into ``folder``; return counts by format.

    The same catalogue gives the same bytes. ``metadata`` is metadata.yml, whose words describe tables and columns.
    Raises NotOurDatabaseError where ``catalog`` is no catalogue of ours, BarometerError where it cannot be written.
    """
    asked = set(formats) or set(USUAL)
    if "datapackage" in asked:
        asked.add("csv")
    if not catalog.is_file():
        raise NotOurDatabaseError(f"There is no catalogue at {catalog}: run `barometer publish` first, or --catalog.")
    portal = published_portal(catalog)
    words = yaml.safe_load(metadata.read_text(encoding="utf-8"))
    with whole(folder) as draft, closing(_opened(catalog)) as connection:
        job = _job(connection, draft, words, portal)
        try:
            counts = {name: _writer(name)(job) for name in FORMATS if name in asked}
        except sqlite3.DatabaseError as error:
            raise BarometerError(f"{catalog} could not be read ({error}): publish it anew.") from error
        write_list(draft, {"catalogue_sha256": digest(catalog)[1], **dict(sorted(job.meta.items()))})
    return counts


def _opened(catalog: Path) -> sqlite3.Connection:
    return sqlite3.connect(f"{catalog.resolve().as_uri()}?mode=ro", uri=True)


def _job(connection: sqlite3.Connection, draft: Path, words: dict[str, Any], portal: str) -> Job:
    meta = dict(connection.execute("SELECT key, value FROM meta ORDER BY key").fetchall())
    tables = public_tables(connection, words["databases"]["catalog"]["tables"])
    site = site_of(words, os.environ)
    # A site's own data page is what the IRIs lead to; without a site they are names that are the same on any machine.
    base = f"{site}/en/data#" if site else f"urn:uuid:{uuid.uuid5(uuid.NAMESPACE_URL, portal)}#"
    return Job(connection, draft, meta, tables, words, base, site)


def site_of(words: Mapping[str, Any], environ: Mapping[str, str]) -> str | None:
    """Return where metadata.yml says the site stands, without a slash at its end; None where it does not say."""
    told = resolve_env_secrets((words.get("plugins") or {}).get("barometer") or {}, environ).get("address")
    site = http_link(str(told or ""))
    return site.rstrip("/") if site else None


def _writer(name: str) -> Writer:
    module, function = FORMATS[name].split(".")
    return cast("Writer", getattr(import_module(f"publish.exports.{module}"), function))
