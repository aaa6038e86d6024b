"""Shapefiles and file geodatabases: their parts are there, agree with each other, and say how they are projected."""

import re
import struct
import zipfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from itertools import islice
from pathlib import Path

from harvester.records import Dialect, Part, Sniffed
from harvester.sniff.text import codec, decode
from harvester.validate import grid
from harvester.validate.archives import MEMBER_BYTES, unpacking
from harvester.validate.finding import Faults, Finding, broken, telling
from harvester.validate.tables import records_profile

# ESRI Shapefile Technical Description (July 1998), tables 1 and 2: a header of 100 bytes, then records.
HEADER, INDEX_RECORD = 100, 8
_FILE_CODE = 9994
_KINDS = {
    0: "null", 1: "point", 3: "line", 5: "polygon", 8: "multipoint", 11: "point z", 13: "line z", 15: "polygon z",
    18: "multipoint z", 21: "point m", 23: "line m", 25: "polygon m", 28: "multipoint m", 31: "multipatch",
}  # fmt: skip
# dBASE III: 32 bytes of header, 32 a field, then rows of a flag and fixed widths; byte 29 is the language driver.
DBF_HEADER, DBF_FIELD = 32, 32
_DRIVERS = {0x4D: "gb18030", 0x4F: "big5", 0x78: "big5", 0x7A: "gb18030", 0x03: "windows-1252", 0x57: "windows-1252"}
"""Language drivers (byte 29 of a .dbf) of the encodings met in Hong Kong, as Esri's tables list them."""
_CRS = re.compile(r'^\s*(?:PROJCS|GEOGCS|PROJCRS|GEOGCRS|COMPD_CS|LOCAL_CS)\s*\[\s*"([^"]{1,80})"', re.IGNORECASE)
_TABLE_MAGIC = 3


@dataclass(frozen=True, slots=True)
class _Layer:
    """The parts of one layer: heads of the .shp and .shx with their lengths in bytes, the .dbf, .prj and .cpg."""

    name: str
    shape: bytes
    shape_bytes: int
    index: bytes
    index_bytes: int
    table: bytes
    projection: str
    code_page: str


def examine_shapefile(path: Path, sniffed: Sniffed, today: date) -> Finding:
    """Return the finding on a shapefile: zipped with its .shx and .dbf, or the bare .shp, which is no table alone."""
    return _zipped(path, sniffed, today) if sniffed.members else _bare(path)


@unpacking
def _zipped(path: Path, _sniffed: Sniffed, today: date) -> Finding:
    with zipfile.ZipFile(path) as archive:
        names = {name.lower(): name for name in archive.namelist()}
        stems = [name[:-4] for name in names if name.endswith(".shp")]
        for stem in stems:
            for part in (".shx", ".dbf"):
                if stem + part not in names:
                    return broken(f"The layer {stem} has no {part} file.")
        layers = [_layer(archive, names, stem) for stem in stems[:20]]
    return _of_layers(layers, len(stems), today)


def _layer(archive: zipfile.ZipFile, names: dict[str, str], stem: str) -> _Layer:
    def read(part: str, most: int) -> bytes:
        if stem + part not in names:
            return b""
        with archive.open(names[stem + part]) as member:
            return member.read(most)

    def length(part: str) -> int:
        return archive.getinfo(names[stem + part]).file_size

    return _Layer(
        stem.rsplit("/", 1)[-1], read(".shp", HEADER), length(".shp"), read(".shx", HEADER), length(".shx"),
        read(".dbf", MEMBER_BYTES), read(".prj", 4096).decode("utf-8", "replace"),
        read(".cpg", 40).decode("ascii", "replace").strip(),
    )  # fmt: skip


def _of_layers(layers: Sequence[_Layer], there: int, today: date) -> Finding:
    """Return what the first layer holds, and the faults of all."""
    faults = Faults()
    parts = [_part(layer, faults) for layer in layers]
    first = layers[0]
    rows, fields, encoding = _table(first)
    if rows < 0:
        return broken("The .dbf file has no header.")
    labels = tuple(name for name, _ in fields)
    records = [
        dict(zip(labels, row, strict=False)) for row in islice(_rows(first.table, fields, encoding), _most(labels))
    ]
    kept = records_profile(labels, records, (), today)
    facts = {
        "layers": there, "geometry": _KINDS.get(_kind(first.shape)), "projection": projection(first.projection),
        "table_encoding": encoding, "code_page": first.code_page or None,
    }  # fmt: skip
    found = Finding(
        "opens", None, Dialect(encoding, header_row=1, record_path=first.name), rows, len(labels), labels,
        defects=faults.defects(), profile=telling(replace(kept, rows=rows), facts, parts),
    )  # fmt: skip
    return _empty(found, first)


def _most(labels: Sequence[str]) -> int:
    return min(grid.ROWS_READ, grid.CELLS_READ // max(len(labels), 1))


def _empty(found: Finding, layer: _Layer) -> Finding:
    """A table without fields or with an empty .shp is told as it was: only the counts of the .dbf."""
    return found if found.labels else replace(found, dialect=Dialect(record_path=layer.name))


def projection(text: str) -> str | None:
    """Return the name of the coordinate system that a .prj (WKT, OGC 01-009) tells, None where it tells none."""
    match = _CRS.match(text)
    return match.group(1) if match else None


def _kind(shape: bytes) -> int:
    return int(struct.unpack_from("<i", shape, 32)[0]) if len(shape) >= HEADER else -1


def _part(layer: _Layer, faults: Faults) -> Part:
    """Return a layer as a part, and tell where its files contradict each other."""
    rows = _table(layer)[0]
    if layer.shape_bytes:
        _agree(layer, rows, faults)
    if not projection(layer.projection):
        faults.add("no-projection", f"{layer.name} has no .prj file that names its coordinate system.")
    return Part(layer.name, "shp", "opens", max(rows, 0))


def _agree(layer: _Layer, rows: int, faults: Faults) -> None:
    for part, head, length in ((".shp", layer.shape, layer.shape_bytes), (".shx", layer.index, layer.index_bytes)):
        if len(head) < HEADER or struct.unpack_from(">i", head)[0] != _FILE_CODE:
            faults.add("bad-header", f"{layer.name}{part} does not begin as a shapefile does.")
        elif (told := struct.unpack_from(">i", head, 24)[0] * 2) != length:
            faults.add("bad-length", f"{layer.name}{part} says it is {told:,} bytes long and is {length:,}.")
    shapes = max(layer.index_bytes - HEADER, 0) // INDEX_RECORD
    if layer.index_bytes >= HEADER and shapes != rows:
        faults.add("counts-differ", f"{layer.name} has {shapes:,} shapes and {max(rows, 0):,} rows in its table.")


def _table(layer: _Layer) -> tuple[int, list[tuple[str, int]], str]:
    """Return the rows a .dbf says it has (-1 where it has no header), its fields with their widths, its encoding."""
    head = layer.table
    if len(head) < DBF_HEADER:
        return -1, [], "ascii"
    rows, length = struct.unpack_from("<IH", head, 4)
    fields = [
        (_name(head[at : at + 11]), head[at + 16])
        for at in range(DBF_HEADER, min(length - 1, len(head) - DBF_FIELD + 1), DBF_FIELD)
        if head[at] != 0x0D  # noqa: PLR2004 - the mark that ends the fields
    ]
    return rows, fields, _encoding(layer)


def _name(raw: bytes) -> str:
    raw = raw.split(b"\0")[0]
    return raw.decode("utf-8" if _is_utf8(raw) else "gb18030", "replace").strip()


def _is_utf8(raw: bytes) -> bool:
    try:
        raw.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


def _encoding(layer: _Layer) -> str:
    """Return the table's encoding: what .cpg or the language driver say where the bytes agree, else as sniffed."""
    said = {"65001": "utf-8", "950": "big5", "936": "gb18030", "1252": "windows-1252"}.get(
        re.sub(r"[^0-9]", "", layer.code_page), "utf-8" if "utf" in layer.code_page.lower() else ""
    ) or _DRIVERS.get(layer.table[29], "")
    (start,) = struct.unpack_from("<H", layer.table, 8)
    body = layer.table[start : start + 256 * 1024]
    if said:
        try:
            body[: len(body) // 2].decode(codec(said))
        except UnicodeDecodeError as error:
            if error.end < len(body) // 2 - 4:
                said = ""
    found = decode(body, whole=False) if not said and body else None
    return said or (found.encoding if found and found.encoding else "ascii")


def _rows(table: bytes, fields: Sequence[tuple[str, int]], encoding: str) -> Iterator[list[str]]:
    """Yield the rows of a .dbf that are not marked as deleted, their cells as trimmed text."""
    start, width = struct.unpack_from("<HH", table, 8)
    if width <= 1 or not fields:
        return
    for at in range(start, len(table) - width + 1, width):
        if table[at : at + 1] != b" ":
            continue
        row, place = [], at + 1
        for _, size in fields:
            row.append(table[place : place + size].decode(codec(encoding), "replace").strip(" \0"))
            place += size
        yield row


def _bare(path: Path) -> Finding:
    with path.open("rb") as file:
        head = file.read(HEADER)
    if len(head) < HEADER or struct.unpack_from(">i", head, 24)[0] * 2 != path.stat().st_size:
        return broken("The shapefile is not as long as its header says.")
    reason = "A .shp alone holds shapes without names or values: its .dbf and .shx are not with it."
    return Finding("opens", reason, profile=telling(None, {"geometry": _KINDS.get(_kind(head))}))


@unpacking
def examine_geodatabase(path: Path, _sniffed: Sniffed, _today: date) -> Finding:
    """Return the finding on a zipped file geodatabase: each table has its index, and says how many rows it has.

    By its structure as it has been worked out in public (a table begins with the number 3, then its rows): the rows
    are counted, not read.
    """
    faults = Faults()
    with zipfile.ZipFile(path) as archive:
        names = {name.lower(): name for name in archive.namelist()}
        tables = sorted(name for name in names if name.endswith(".gdbtable"))
        parts = [_geo_table(archive, names, name, faults) for name in tables[:200]]
    if not tables:
        return broken("The geodatabase holds no table.")
    if not any(name.rsplit("/", 1)[-1] == "a00000001.gdbtable" for name in tables):
        return broken("The geodatabase has no catalogue (a00000001.gdbtable).")
    if all(part.verdict == "broken" for part in parts):
        return broken(f"No table of the geodatabase opens: {parts[0].reason}")
    data = [part for part in parts if not re.search(r"a0000000[1-8]\.", part.name) and part.rows is not None]
    rows = max((part.rows or 0 for part in data), default=0)
    facts = {"tables": len(tables), "data_tables": len(data)}
    return Finding(
        "opens", None, None, rows if data else None, defects=faults.defects(),
        profile=telling(None, facts, data or parts, rows), route="opened by its structure",
    )  # fmt: skip


def _geo_table(archive: zipfile.ZipFile, names: dict[str, str], name: str, faults: Faults) -> Part:
    with archive.open(names[name]) as member:
        head = member.read(40)
    short = name.rsplit("/", 1)[-1]
    if name[: -len("gdbtable")] + "gdbtablx" not in names:
        faults.add("no-index", f"{short} has no .gdbtablx file.")
    if len(head) < 40 or struct.unpack_from("<I", head)[0] not in (_TABLE_MAGIC, _TABLE_MAGIC + 1):  # noqa: PLR2004
        faults.add("bad-header", f"{short} does not begin as a table does.")
        return Part(short, "fgdb", "broken", None, "It does not begin as a table does.")
    return Part(short, "fgdb", "opens", int(struct.unpack_from("<I", head, 4)[0]))
