"""ZIP, GZIP and the formats that come in a ZIP: opened within limits, and looked at for what they hold."""

import gzip
import struct
import tempfile
import zipfile
import zlib
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import IO
from xml.etree.ElementTree import ParseError

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import fromstring

from harvester.records import Dialect, Sniffed
from harvester.sniff import sniff
from harvester.validate import limits, xmls
from harvester.validate.finding import Finding, broken, unmeasured

Examiner = Callable[[Path, Sniffed, date], Finding]
MEMBER_BYTES = 64 * 1024 * 1024
"""How much of the first data member is unpacked and looked at."""
_NOT_DATA = (".txt", ".md", ".pdf", ".doc", ".docx", ".xsd", ".xsl", ".htm", ".html", ".png", ".jpg", ".prj", ".lyr")
_LOCKED = 0x1
"""The flag of a member that needs a password (APPNOTE 4.4.4)."""
_GTFS = ("agency.txt", "stops.txt", "routes.txt", "trips.txt", "stop_times.txt")


def examine_zip(path: Path, today: date, examiner: Examiner) -> Finding:
    """Return the finding on a plain ZIP: it opens, and what its first data member is and holds.

    ``examiner`` examines the member, which is never a ZIP again.
    """
    guarded = _guard(path)
    if guarded is not None:
        return guarded
    with zipfile.ZipFile(path) as archive:
        infos = [info for info in archive.infolist() if not info.is_dir() and info.file_size]
        if not infos:
            return broken("The archive is empty.")
        info = next((each for each in infos if not each.filename.lower().endswith(_NOT_DATA)), infos[0])
        if info.flag_bits & _LOCKED:
            return unmeasured("The archive asks for a password.")
        with archive.open(info) as member:
            return _inside(member, info.filename, today, examiner)


def examine_gzip(path: Path, today: date, examiner: Examiner) -> Finding:
    """Return the finding on a GZIP file: it opens, and what is pressed in it."""
    try:
        with gzip.open(path) as member:
            return _inside(member, "its content", today, examiner)
    except (OSError, EOFError, zlib.error) as error:
        return broken(f"The archive does not open: {error}.")


def _inside(member: IO[bytes] | gzip.GzipFile, name: str, today: date, examiner: Examiner) -> Finding:
    """Unpack at most 64 MB of a member into a file of our own and examine it; the archive itself opens."""
    with tempfile.NamedTemporaryFile(prefix="barometer-") as file:
        size = 0
        while size <= MEMBER_BYTES and (block := member.read(1 << 20)):
            size += file.write(block)
        file.flush()
        if size > MEMBER_BYTES:
            return Finding("opens", f"Only the first {MEMBER_BYTES:,} bytes of {name} were looked at.")
        with Path(file.name).open("rb") as body:
            inner = sniff(body)
        if inner.format in ("zip", "gzip"):
            return Finding("opens", f"{name} is an archive again.")
        found = examiner(Path(file.name), inner, today)
    worse = found.ladder if found.ladder in ("document", "picture", "page") else None
    return replace(
        found, verdict="opens", reason=_told(name, inner.format, found), repaired=None, defects=(), ladder=worse
    )


def _told(name: str, format_: str, found: Finding) -> str | None:
    good = found.verdict in ("valid", "opens")
    return None if good else f"{name} inside, {format_.upper()}, is {found.verdict}: {found.reason or 'no reason told'}"


def _guard(path: Path) -> Finding | None:
    try:
        reason = limits.of_archive(path)
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError, struct.error) as error:
        return broken(f"The archive does not open: {error}.")
    return unmeasured(reason) if reason else None


def examine_shapefile(path: Path, _sniffed: Sniffed, _today: date) -> Finding:
    """Return the finding on a zipped shapefile: every .shp has its .shx and .dbf; rows and fields as the .dbf says."""
    guarded = _guard(path)
    if guarded is not None:
        return guarded
    with zipfile.ZipFile(path) as archive:
        names = {name.lower(): name for name in archive.namelist()}
        layers = [name[:-4] for name in names if name.endswith(".shp")]
        for layer in layers:
            for part in (".shx", ".dbf"):
                if layer + part not in names:
                    return broken(f"The layer {layer} has no {part} file.")
        with archive.open(names[layers[0] + ".dbf"]) as table:
            head = table.read(64 * 1024)
    if len(head) < 32:  # noqa: PLR2004 - the header of a .dbf
        return broken("The .dbf file has no header.")
    rows, length = struct.unpack_from("<IH", head, 4)
    fields = [
        head[at : at + 11].split(b"\0")[0].decode("ascii", "replace")
        for at in range(32, min(length - 1, len(head)), 32)
    ]
    return Finding("opens", None, None, rows, len(fields), tuple(fields))


def examine_kmz(path: Path, _sniffed: Sniffed, today: date) -> Finding:
    """Return the finding on a KMZ: the first KML in it, read as KML."""
    guarded = _guard(path)
    if guarded is not None:
        return guarded
    with zipfile.ZipFile(path) as archive:
        name = next(name for name in archive.namelist() if name.lower().endswith(".kml"))
        with archive.open(name) as member:
            body = member.read(MEMBER_BYTES + 1)
    if len(body) > MEMBER_BYTES:
        return unmeasured(f"The KML inside is larger than {MEMBER_BYTES:,} bytes.")
    try:
        return xmls.of_tree(fromstring(body), "kml", today)
    except DefusedXmlException:
        return unmeasured("The KML inside declares entities, which are not expanded for safety.")
    except ParseError as error:
        return broken(f"The KML inside is not well-formed: {error}.")


def examine_gtfs(path: Path, _sniffed: Sniffed, _today: date) -> Finding:
    """Return the finding on a GTFS feed: the files the standard requires are there; rows are its stops."""
    guarded = _guard(path)
    if guarded is not None:
        return guarded
    with zipfile.ZipFile(path) as archive:
        names = {name.rsplit("/", 1)[-1].lower(): name for name in archive.namelist()}
        missing = [name for name in _GTFS if name not in names]
        if not {"calendar.txt", "calendar_dates.txt"} & set(names):
            missing.append("calendar.txt")
        if missing:
            return broken(f"The feed lacks {', '.join(missing)}.")
        with archive.open(names["stops.txt"]) as member:
            lines = member.read(MEMBER_BYTES).decode("utf-8-sig", "replace").splitlines()
    labels = tuple(label.strip().strip('"') for label in lines[0].split(",")) if lines else ()
    return Finding("opens", None, None, max(len(lines) - 1, 0), len(labels), labels)


def examine_office(path: Path, _sniffed: Sniffed, _today: date) -> Finding:
    """Return the finding on a DOCX, PPTX or FGDB: the archive opens and the directory is whole."""
    return _guard(path) or Finding("opens")


def examine_ods(path: Path, _sniffed: Sniffed, _today: date) -> Finding:
    """Return the finding on an ODS workbook: its content is well-formed and has sheets; rows as they are written."""
    guarded = _guard(path)
    if guarded is not None:
        return guarded
    with zipfile.ZipFile(path) as archive, archive.open("content.xml") as member:
        body = member.read(MEMBER_BYTES + 1)
    if len(body) > MEMBER_BYTES:
        return unmeasured(f"The sheets are larger than {MEMBER_BYTES:,} bytes.")
    try:
        root = fromstring(body)
    except (ParseError, DefusedXmlException) as error:
        return broken(f"The workbook's content is not well-formed: {error}.")
    space = "{urn:oasis:names:tc:opendocument:xmlns:table:1.0}"
    sheets = list(root.iter(f"{space}table"))
    with suppress(StopIteration):
        rows = list(next(iter(sheets)).iter(f"{space}table-row"))
        filled = [row for row in rows if "".join(row.itertext()).strip()]
        labels = tuple("".join(cell.itertext()).strip() for cell in filled[0]) if filled else ()
        dialect = Dialect(header_row=1, sheet=sheets[0].get(f"{space}name"))
        return Finding("opens", None, dialect, max(len(filled) - 1, 0), len(labels), labels)
    return broken("The workbook has no sheet.")
