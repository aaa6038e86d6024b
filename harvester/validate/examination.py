"""One body's worth: its format's examiner chosen, and what it found put together with the bytes' own facts."""

import struct
import time
import zipfile
from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime
from pathlib import Path

from harvester.clock import HONG_KONG
from harvester.records import Content, Sniffed
from harvester.validate import archives, jsons, others, tables, xmls
from harvester.validate.engine import engine_of
from harvester.validate.finding import Finding, broken, unmeasured
from harvester.validate.ladder import rung

Examiner = Callable[[Path, Sniffed, date], Finding]

EXAMINERS: dict[str, Examiner] = {
    **dict.fromkeys(("csv", "tsv"), tables.examine_delimited),
    **dict.fromkeys(("xls", "xlsx", "xlsm"), tables.examine_workbook),
    **dict.fromkeys(("xml", "rss", "atom", "kml", "gml", "gpx", "svg"), xmls.examine_xml),
    **dict.fromkeys(("docx", "pptx", "fgdb"), archives.examine_office),
    **dict.fromkeys(("sqlite", "gpkg"), others.examine_sqlite),
    **dict.fromkeys(("rar", "7z", "parquet", "mdb"), others.examine_opaque),
    "json": jsons.examine_json,
    "jsonl": jsons.examine_lines,
    "geojson": jsons.examine_geojson,
    "topojson": jsons.examine_topojson,
    "ods": archives.examine_ods,
    "kmz": archives.examine_kmz,
    "gtfs": archives.examine_gtfs,
    "ics": others.examine_calendar,
    "html": others.examine_page,
    "text": others.examine_text,
    "binary": others.examine_unknown,
    "empty": others.examine_empty,
}


def examine(path: Path, sniffed: Sniffed, sha256: str, size: int, complete: bool, today: date | None = None) -> Content:
    """Return what the body at ``path`` is worth to a program: verdict, defects, how to read it, what it holds.

    ``sniffed`` is what ``sniff`` said of the same bytes; ``complete`` is False where our own size limit cut them.
    ``today`` is the date in Hong Kong (now, where not given). Meant for a worker with limits: a hostile body may
    raise anything, take long, or end the process.
    """
    began = time.monotonic()
    found = _examined(path, sniffed, today or datetime.now(HONG_KONG).date(), complete=complete)
    undecodable = any(defect.code == "encoding-error" for defect in found.defects)
    return Content(
        sha256=sha256,
        bytes=size,
        complete=complete,
        format=sniffed.format,
        nature=sniffed.nature,
        ladder=found.ladder or rung(sniffed.format),
        encoding="mixed" if undecodable else sniffed.encoding,
        bom=sniffed.bom,
        dialect=found.dialect,
        rows=found.rows,
        columns=found.columns,
        labels=found.labels,
        members=sniffed.members,
        verdict=found.verdict,
        reason=found.reason,
        repaired=found.repaired,
        defects=found.defects,
        profile=found.profile,
        seconds=round(time.monotonic() - began, 3),
        engine=engine_of(found.route),
    )


def _examined(path: Path, sniffed: Sniffed, today: date, *, complete: bool) -> Finding:
    if not complete:
        return unmeasured("The body was cut at our own size limit, so it cannot be judged as a whole.")
    try:
        if sniffed.format == "zip":
            return archives.examine_zip(path, today, _member)
        if sniffed.format == "gzip":
            return archives.examine_gzip(path, today, _member)
        return _member(path, sniffed, today)
    except (zipfile.BadZipFile, struct.error, EOFError) as error:
        return broken(f"The file does not open: {error}.")


def _member(path: Path, sniffed: Sniffed, today: date) -> Finding:
    """Examine what is no archive (or a format that comes as one)."""
    if sniffed.format == "shp" and sniffed.members:
        return archives.examine_shapefile(path, sniffed, today)
    if sniffed.nature in ("login", "challenge", "error", "shell") and sniffed.format == "html":
        return others.examine_page(path, sniffed, today)
    found = EXAMINERS.get(sniffed.format, others.examine_signed)(path, sniffed, today)
    return found if found.ladder else replace(found, ladder=rung(sniffed.format))
