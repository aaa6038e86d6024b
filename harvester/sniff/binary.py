"""Formats told by their magic numbers, and what an archive or an OLE file is by what it holds."""

import re
import struct
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from io import SEEK_SET
from typing import BinaryIO

MEMBERS_KEPT = 50
DIRECTORY_BYTES = 16 * 1024 * 1024
"""A ZIP directory larger than this (some 200,000 members) is not read: it is called a ZIP and no more."""
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_IMAGES = (".png", ".jpg", ".jpeg", ".gif", ".svg", ".webp", ".tif", ".tiff", ".xsl", ".txt", ".dae")
_GTFS = {"agency.txt", "stops.txt", "routes.txt", "trips.txt", "stop_times.txt", "calendar.txt"}

_MAGIC: tuple[tuple[bytes, str], ...] = (
    (b"\x89PNG\r\n\x1a\n", "png"),
    (b"\xff\xd8\xff", "jpeg"),
    (b"GIF87a", "gif"),
    (b"GIF89a", "gif"),
    (b"II*\x00", "tiff"),
    (b"MM\x00*", "tiff"),
    (b"II+\x00", "tiff"),
    (b"\x1f\x8b", "gzip"),
    (b"Rar!\x1a\x07", "rar"),
    (b"7z\xbc\xaf\x27\x1c", "7z"),
    (b"PAR1", "parquet"),
    (b"\x00\x01\x00\x00Standard Jet DB", "mdb"),
    (b"\x00\x01\x00\x00Standard ACE DB", "mdb"),
    (b"{\\rtf", "rtf"),
    (b"AutoCAD Binary DXF", "dxf"),
    (b"\x08\x09\xfe\x02", "dgn"),
    (b"\xc8\x09\xfe\x02", "dgn"),
    (b"\x00\x00\x27\x0a\x00\x00\x00\x00", "shp"),
    (b"Kaydara FBX Binary  \x00", "fbx"),
    (b"\xa1\x0e\x91\x6c\x45\x45\xfb\x1a", "osgb"),
    (b"b3dm\x01", "cesium3dtiles"),
    (b"i3dm\x01", "cesium3dtiles"),
    (b"pnts\x01", "cesium3dtiles"),
    (b"cmpt\x01", "cesium3dtiles"),
    (b"glTF\x01\x00\x00\x00", "gltf"),
    (b"glTF\x02\x00\x00\x00", "gltf"),
    (b"\x09\x08\x10\x00\x00\x06", "xls"),  # BIFF without its OLE container
    (b"\x09\x08\x08\x00\x00\x05", "xls"),
    (b"\x09\x04\x06\x00", "xls"),
)
_STREAMS: tuple[tuple[str, str], ...] = (
    ("Workbook", "xls"),
    ("Book", "xls"),
    ("WordDocument", "doc"),
    ("PowerPoint Document", "ppt"),
    ("Dgn~H", "dgn"),
    ("Dgn~S", "dgn"),
    ("ClassDirectory3", "max"),
    ("DllDirectory", "max"),
)
_MAGICS = tuple(magic for magic, _ in _MAGIC)


@dataclass(frozen=True, slots=True)
class Found:
    """A binary format and, for an archive, the names inside it."""

    format: str
    members: tuple[str, ...] = ()


def recognise(head: bytes, size: int, body: BinaryIO) -> Found | None:
    """Return the binary format that begins with ``head``, or None where there is none we know."""
    if head.startswith((b"PK\x03\x04", b"PK\x05\x06", b"PK\x07\x08")):
        return _zip(head, size, body)
    if head.startswith(_OLE):
        return Found(_ole(head, body))
    if head.startswith(_MAGICS):  # one look for all of them: nearly every body is text
        return next(Found(name) for magic, name in _MAGIC if head.startswith(magic))
    if _chunks(head, size):
        return Found("3ds")
    return next((Found(name) for test, name in _TESTS if test(head)), None)


def _chunks(head: bytes, size: int) -> bool:
    """Whether this is a 3DS file: one main chunk as long as the file, which begins with its version or its editor."""
    if len(head) < 12 or head[:2] != b"MM":  # noqa: PLR2004 - two chunk headers of six bytes
        return False
    length, inner = struct.unpack_from("<IH", head, 2)
    return bool(inner in (0x0002, 0x3D3D, 0xB000) and 12 <= length <= max(size, 1 << 31))  # noqa: PLR2004


def crc24q(data: bytes) -> int:
    """Return the checksum that ends an RTCM 3 message (Qualcomm's CRC-24Q, polynomial 0x1864CFB; RTCM 10403)."""
    value = 0
    for byte in data:
        value = ((value << 8) & 0xFFFFFF) ^ _CRC24Q[(value >> 16) ^ byte]
    return value


def _crc24q_table() -> tuple[int, ...]:
    table = []
    for byte in range(256):
        value = byte << 16
        for _ in range(8):
            value = (value << 1) ^ (0x1864CFB if value & 0x800000 else 0)
        table.append(value)
    return tuple(table)


_CRC24Q = _crc24q_table()


def _rtcm(head: bytes) -> bool:
    """Whether the first message is one of RTCM 3: its mark, six bits of nothing, its length, and a right checksum."""
    if len(head) < 6 or head[0] != 0xD3 or head[1] & 0xFC:  # noqa: PLR2004 - a frame's least, and its mark
        return False
    end = 3 + ((head[1] & 3) << 8 | head[2])
    return len(head) >= end + 3 and crc24q(head[:end]) == int.from_bytes(head[end : end + 3], "big")


def _geopackage(head: bytes) -> bool:
    return head.startswith(b"SQLite format 3\x00") and head[68:72] in (b"GPKG", b"GP10", b"GP11")


_DXF = re.compile(rb"(\s*999\r?\n[^\r\n]*\r?\n)*\s*0\r?\nSECTION\r?\n")


def _dxf(head: bytes) -> bool:
    return b"SECTION" in head[:2048] and _DXF.match(head[:2048]) is not None


_TESTS: tuple[tuple[Callable[[bytes], bool], str], ...] = (
    (lambda head: b"%PDF-" in head[:1024], "pdf"),
    (lambda head: head[:4] == b"RIFF" and head[8:12] == b"WEBP", "webp"),
    (lambda head: re.match(rb"AC10[0-3]\d", head) is not None, "dwg"),
    (_geopackage, "gpkg"),
    (lambda head: head.startswith(b"SQLite format 3\x00"), "sqlite"),
    (_dxf, "dxf"),
    (_rtcm, "rtcm"),
)


def _ole(head: bytes, body: BinaryIO) -> str:
    """Return xls, doc, ppt, dgn or binary by the names in the OLE directory (MS-CFB 2.6.1: UTF-16, 128 bytes)."""
    shift = struct.unpack_from("<H", head, 30)[0] if len(head) >= 52 else 9  # noqa: PLR2004 - the header's fields
    first = struct.unpack_from("<I", head, 48)[0] if len(head) >= 52 else 0  # noqa: PLR2004
    body.seek((first + 1) << min(shift, 12), SEEK_SET)
    directory = body.read(64 * 1024) + head
    for name, format_ in _STREAMS:
        if name.encode("utf-16-le") + b"\x00\x00" in directory:
            return format_
    return "binary"


def _zip(head: bytes, size: int, body: BinaryIO) -> Found:
    names = _names(size, body)
    if names is None:  # the directory is lost or too long: the first local headers still tell
        names = [
            m.group(1).decode("utf-8", "replace")
            for m in re.finditer(rb"PK\x03\x04.{26}([\w.\[\]/-]+)", head, re.DOTALL)
        ]
    first = names[:MEMBERS_KEPT]
    return Found(_held(names, body), tuple(first))


def _names(size: int, body: BinaryIO) -> list[str] | None:
    body.seek(max(0, size - 65_557))  # the end record: 22 bytes and a comment of at most 65,535
    end = body.read(65_557)
    at = end.rfind(b"PK\x05\x06")
    if at < 0 or len(end) < at + 22 or struct.unpack_from("<I", end, at + 12)[0] > DIRECTORY_BYTES:
        return None
    body.seek(0)
    try:
        with zipfile.ZipFile(body) as archive:
            return [info.filename for info in archive.infolist() if info.filename and not info.is_dir()]
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError, struct.error):
        return None


def _held(names: list[str], body: BinaryIO) -> str:
    """Return what a ZIP is by the names in it: the most particular rule first."""
    low = [name.lower() for name in names]
    ends = {name.rsplit("/", 1)[-1] for name in low}
    kml = [name for name in low if name.endswith(".kml")]
    rules: tuple[tuple[bool, str], ...] = (
        ("xl/vbaproject.bin" in low and "xl/workbook.xml" in low, "xlsm"),
        ("xl/workbook.bin" in low, "binary"),
        (any(name.startswith("xl/") for name in low), "xlsx"),
        (any(name.startswith("word/") for name in low), "docx"),
        (any(name.startswith("ppt/") for name in low), "pptx"),
        ("content.xml" in low and "mimetype" in low, _open_document(body)),
        (any(".gdb/" in name or name.endswith(".gdbtable") for name in low), "fgdb"),
        (any(name.endswith(".shp") for name in low), "shp"),
        (len(_GTFS & ends) >= 3, "gtfs"),  # noqa: PLR2004 - three of the six files every feed has
        (bool(kml) and all(name.endswith((".kml", *_IMAGES)) for name in low), "kmz"),
    )
    return next((format_ for holds, format_ in rules if holds), "zip")


def _open_document(body: BinaryIO) -> str:
    try:
        body.seek(0)
        with zipfile.ZipFile(body) as archive, archive.open("mimetype") as member:
            kind = member.read(200).decode("ascii", "replace")
    except (zipfile.BadZipFile, OSError, KeyError, NotImplementedError, RuntimeError, ValueError):
        return "zip"
    return "ods" if "spreadsheet" in kind else "binary"
