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
from harvester.validate import (
    archives,
    calendars,
    databases,
    gtfs,
    jsons,
    models,
    opendocument,
    others,
    pages,
    pictures,
    shapes,
    surveys,
    tables,
    xmls,
)
from harvester.validate.engine import engine_of
from harvester.validate.finding import Finding, broken, unmeasured
from harvester.validate.ladder import rung

Examiner = Callable[[Path, Sniffed, date], Finding]

EXAMINERS: dict[str, Examiner] = {
    **dict.fromkeys(("csv", "tsv"), tables.examine_delimited),
    **dict.fromkeys(("xls", "xlsx", "xlsm"), tables.examine_workbook),
    **dict.fromkeys(("xml", "rss", "atom", "kml", "gml", "gpx", "svg", "dae", "gfs"), xmls.examine_xml),
    **dict.fromkeys(("sqlite", "gpkg"), databases.examine_sqlite),
    **dict.fromkeys(("png", "jpeg", "gif", "tiff", "webp"), pictures.examine_picture),
    **dict.fromkeys(("docx", "pptx"), pages.examine_office),
    **dict.fromkeys(("doc", "ppt", "max"), pages.examine_ole),
    **dict.fromkeys(("rar", "7z", "parquet"), others.examine_opaque),
    "json": jsons.examine_json,
    "jsonl": jsons.examine_lines,
    "geojson": jsons.examine_geojson,
    "topojson": jsons.examine_topojson,
    "ods": opendocument.examine_ods,
    "kmz": xmls.examine_kmz,
    "shp": shapes.examine_shapefile,
    "fgdb": shapes.examine_geodatabase,
    "mdb": databases.examine_access,
    "gtfs": gtfs.examine_gtfs,
    "ics": calendars.examine_calendar,
    "pdf": pages.examine_pdf,
    "html": pages.examine_page,
    "dwg": models.examine_dwg,
    "dxf": models.examine_dxf,
    "dgn": models.examine_dgn,
    "3ds": models.examine_3ds,
    "fbx": models.examine_fbx,
    "osgb": models.examine_osgb,
    "vrml": models.examine_vrml,
    "obj": models.examine_obj,
    "gltf": models.examine_gltf,
    "cesium3dtiles": models.examine_tiles,
    "asc": surveys.examine_grid,
    "rinex": surveys.examine_rinex,
    "rtcm": surveys.examine_rtcm,
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
    if sniffed.nature in ("login", "challenge", "error", "shell") and sniffed.format == "html":
        return pages.examine_page(path, sniffed, today)
    found = EXAMINERS.get(sniffed.format, others.examine_signed)(path, sniffed, today)
    return found if found.ladder else replace(found, ladder=rung(sniffed.format))
