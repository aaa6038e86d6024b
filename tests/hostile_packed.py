"""Hostile bodies that are packed: archives, workbooks, pictures, documents, databases."""

import gzip
import io
import random
import sqlite3
import stat
import struct
import tempfile
import zipfile
import zlib
from collections.abc import Mapping
from functools import partial
from pathlib import Path

from tests.hostile_texts import MB, TRAP, Attack, Writer, fixed
from tests.made_files import (
    GOOD,
    KML,
    TABLE,
    chunk,
    container,
    feed,
    geodatabase,
    message,
    opendocument,
    shapefile,
    workbook,
    zipped,
)

CONTENT = b'<?xml version="1.0"?><Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"/>'
SHEET = "xl/worksheets/sheet1.xml"
SPACE = 'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'


def bomb(
    name: str, size: int, head: bytes = b"", others: Mapping[str, bytes] | None = None, unit: bytes = b"0"
) -> Writer:
    """Return what writes a ZIP with one member of ``size`` bytes of the same."""

    def write(path: Path, scale: float) -> None:
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
            for other, body in (others or {}).items():
                archive.writestr(other, body)
            with archive.open(name, "w", force_zip64=True) as member:
                member.write(head)
                block = unit * (MB // len(unit))
                for _ in range(max(int(size * scale) // MB, 70)):
                    member.write(block)

    return write


def gzip_bomb(path: Path, scale: float) -> None:
    """A gigabyte of one row, packed a thousandfold."""
    with gzip.open(path, "wb", compresslevel=1) as file:
        file.write(b"a,b\n")
        for _ in range(max(int(1024 * scale), 70)):
            file.write(b"1,2\n" * (MB // 4))


def nested_zip(depth: int) -> bytes:
    """A ZIP in a ZIP, so many times, ten copies each at the ends."""
    body = zipped({f"{number}.csv": b"0" * MB for number in range(10)})
    for _ in range(depth):
        body = zipped({f"{number}.zip": body for number in range(3)})
    return body


def quine() -> bytes:
    """A ZIP whose only member is all of itself: the member's bytes are the archive's from its first."""
    inner = zipped({"r.zip": b""})
    for _ in range(12):
        inner = zipped({"r.zip": inner})
    return inner


def false_size() -> bytes:
    """A member that says it is ten bytes and unpacks to a hundred million."""
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    packed = packer.compress(b"1,2\n" * 25_000_000) + packer.flush()
    return _raw_zip([("a.csv", packed, 10, 8, 0)])


def overlapping(count: int) -> bytes:
    """Many members that are all one and the same ten megabytes."""
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    packed = packer.compress(b"0" * 10 * MB) + packer.flush()
    return _raw_zip([("a.csv", packed, 10 * MB, 8, 0)], copies=count)


def _raw_zip(members: list[tuple[str, bytes, int, int, int]], copies: int = 1) -> bytes:
    body, directory, entries = b"", b"", 0
    for name, packed, size, method, flags in members:
        raw = name.encode()
        fields = struct.pack("<HHHHHIIIHH", 20, flags, method, 0, 0, zlib.crc32(packed), len(packed), size, len(raw), 0)
        for number in range(copies):
            other = f"{number}{name}".encode() if copies > 1 else raw
            listed = fields[:-4] + struct.pack("<HH", len(other), 0)
            directory += b"PK\x01\x02\x14\x00" + listed + struct.pack("<HHHII", 0, 0, 0, 0, len(body)) + other
            entries += 1
        body += b"PK\x03\x04" + fields + raw + packed
    end = struct.pack("<HHHHIIH", 0, 0, entries & 0xFFFF, entries & 0xFFFF, len(directory), len(body), 0)
    return body + directory + b"PK\x05\x06" + end


def many_members(path: Path, scale: float) -> None:
    """A directory of a million members."""
    many = max(int(1_000_000 * scale), 20_000)
    entry = (
        b"PK\x01\x02" + struct.pack("<HHHHHHIIIHHHHHII", 20, 20, 0, 0, 0, 0, 0, 0, 0, 5, 0, 0, 0, 0, 0, 0) + b"a.csv"
    )
    local = b"PK\x03\x04" + struct.pack("<HHHHHIIIHH", 20, 0, 0, 0, 0, 0, 0, 0, 5, 0) + b"a.csv"
    end = struct.pack("<HHHHIIH", 0, 0, many & 0xFFFF, many & 0xFFFF, len(entry) * many, len(local), 0)
    path.write_bytes(local + entry * many + b"PK\x05\x06" + end)


def climbing() -> bytes:
    """Names that would be written elsewhere, and a link to a file of the system."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        for name in ("../../barometer-climbed.csv", "/tmp/barometer-climbed.csv", "..\\..\\barometer-climbed.csv"):  # noqa: S108 - the attack
            archive.writestr(name, TABLE)
        link = zipfile.ZipInfo("passwd.csv")
        link.external_attr = (stat.S_IFLNK | 0o777) << 16
        archive.writestr(link, "/etc/passwd")
    return file.getvalue()


def parts(**changed: bytes) -> dict[str, bytes]:
    """Return the members of a sound XLSX, some of them changed (``sheet``, ``strings``, ``book``)."""
    with zipfile.ZipFile(io.BytesIO(workbook("xlsx"))) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    names = {"sheet": SHEET, "strings": "xl/sharedStrings.xml", "book": "xl/workbook.xml"}
    return members | {names[key]: body for key, body in changed.items()}


def _without(members: dict[str, bytes], name: str) -> dict[str, bytes]:
    return {each: body for each, body in members.items() if each != name}


def sheet_of(rows: str, dimension: str = "A1:B2") -> bytes:
    """Return a sheet with the rows given."""
    text = f'<worksheet {SPACE}><dimension ref="{dimension}"/><sheetData>{rows}</sheetData></worksheet>'
    return b'<?xml version="1.0"?>' + text.encode()


def outside(port: int) -> bytes:
    """An XLSX with a formula, a link to another workbook, an image and a query, all from elsewhere."""
    trap = TRAP.format(port=port)
    relation = f'<Relationship Id="r1" Type="x/externalLinkPath" Target="{trap}" TargetMode="External"/>'
    cells = f'<row r="1"><c r="A1"><f>WEBSERVICE("{trap}")</f><v>1</v></c><c r="B1"><f>[1]S!A1</f></c></row>'
    return zipped(parts(sheet=sheet_of(cells)) | {
        "xl/externalLinks/externalLink1.xml": f"<externalLink {SPACE}/>".encode(),
        "xl/externalLinks/_rels/externalLink1.xml.rels": f"<Relationships>{relation}</Relationships>".encode(),
    })  # fmt: skip


def ole_loop() -> bytes:
    """A workbook whose sectors follow each other in a circle."""
    body = bytearray(workbook("xls"))
    shift = 1 << struct.unpack_from("<H", body, 30)[0]
    table = struct.unpack_from("<I", body, 76)[0]
    at = (table + 1) * shift
    for place in range(at, at + shift, 4):
        struct.pack_into("<I", body, place, 0)
    return bytes(body)


def png(width: int, height: int, data: bytes) -> bytes:
    """Return a PNG of the size told, with the data given."""

    def part(kind: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))

    head = struct.pack(">IIBBBBB", width, height, 8, 6, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + part(b"IHDR", head) + part(b"IDAT", data) + part(b"IEND", b"")


def tiff(entries: list[tuple[int, int, int, int]], following: int = 0) -> bytes:
    """Return a TIFF of one directory of tags, with the place of the next."""
    body = b"II*\x00\x08\x00\x00\x00" + struct.pack("<H", len(entries))
    return body + b"".join(struct.pack("<HHII", *each) for each in entries) + struct.pack("<I", following) + bytes(64)


def pdf(objects: Mapping[int, bytes], extra: bytes = b"") -> bytes:
    """Return a PDF of the numbered objects, object 1 its catalogue."""
    body, places = b"%PDF-1.7\n", {}
    for number, each in objects.items():
        places[number] = len(body)
        body += b"%d 0 obj%s endobj\n" % (number, each)
    table = b"xref\n0 1\n0000000000 65535 f \n"
    table += b"".join(b"%d 1\n%010d 00000 n \n" % (number, at) for number, at in places.items())
    trailer = b"trailer<</Size %d/Root 1 0 R%s>>" % (max(objects) + 1, extra)
    return body + table + trailer + b"\nstartxref\n%d\n%%%%EOF\n" % len(body)


def pdf_bomb(path: Path, scale: float) -> None:
    """A page whose content is pressed a thousandfold, twice over."""
    packer = zlib.compressobj(9)
    block = b"BT (x) Tj ET " * 80_000
    data = b"".join(packer.compress(block) for _ in range(max(int(1000 * scale), 80))) + packer.flush()
    twice = zlib.compress(data)
    stream = b"<</Length %d/Filter[/FlateDecode/FlateDecode]>>stream\n%s\nendstream" % (len(twice), twice)
    page = b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 9 9]/Contents[4 0 R 4 0 R 4 0 R]>>"
    kinds = {1: b"<</Type/Catalog/Pages 2 0 R>>", 2: b"<</Type/Pages/Kids[3 0 R]/Count 1>>", 3: page, 4: stream}
    path.write_bytes(pdf(kinds))


PDF_LOOP = pdf({1: b"<</Type/Catalog/Pages 2 0 R>>", 2: b"<</Type/Pages/Kids[2 0 R 3 0 R]/Count 900000000>>",
                3: b"<</Type/Pages/Parent 2 0 R/Kids[2 0 R]/Count 5>>"})  # fmt: skip
PDF_DEEP = pdf({1: b"<</Type/Catalog/Pages 2 0 R/X " + b"[" * 90_000 + b"]" * 90_000 + b">>",
                2: b"<</Type/Pages/Kids[]/Count 1>>"})  # fmt: skip


def database(*statements: str) -> bytes:
    """Return the good GeoPackage after the statements."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "d")
        path.write_bytes(GOOD["GEOPACKAGE"])
        connection = sqlite3.connect(path)
        connection.execute("PRAGMA writable_schema=ON")
        for statement in statements:
            connection.execute(statement)
        connection.commit()
        connection.close()
        return path.read_bytes()


FOREVER = "WITH RECURSIVE r(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM r) SELECT count(*) FROM r"
VIEW = partial(
    database,
    "DELETE FROM gpkg_contents",
    f"CREATE VIEW v AS {FOREVER}",
    "INSERT INTO gpkg_contents VALUES ('v','features',1)",
)
SCHEMA = partial(database,
    "CREATE TABLE t (a INTEGER, b TEXT GENERATED ALWAYS AS (printf('%.*c', 900000000, 'x')) VIRTUAL)",
    "INSERT INTO t (a) VALUES (1), (2)", "DELETE FROM gpkg_contents",
    "INSERT INTO gpkg_contents VALUES ('t', 'features', 1)",
)  # fmt: skip
TRIGGER = partial(database, f"CREATE TRIGGER x AFTER INSERT ON sites BEGIN SELECT ({FOREVER}); END")
MANGLED = partial(
    database, "UPDATE sqlite_master SET sql = 'CREATE TABLE sites (' || hex(zeroblob(100000)) || ')' WHERE name='sites'"
)
PAGES = GOOD["GEOPACKAGE"][:28] + struct.pack(">I", 0xFFFFFFFE) + GOOD["GEOPACKAGE"][32:]
DEAD = {"d/a.shp": b"", "d/a.shx": b"", "d/a.dbf": struct.pack("<4BIHH20x", 3, 1, 1, 1, 0xFFFFFFFF, 65, 0)
        + b"N".ljust(11, b"\0") + b"C" + bytes(20)}  # fmt: skip
REPEATED = (
    b'<table:table-row table:number-rows-repeated="1048576"><table:table-cell table:number-columns-repeated="16384" '
    b'office:value-type="string"><text:p>x</text:p></table:table-cell></table:table-row>'
)


def ods_bomb() -> bytes:
    """A sheet of one cell that is written once and repeated seventeen thousand million times."""
    with zipfile.ZipFile(io.BytesIO(opendocument([["a", "b"]]))) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    members["content.xml"] = members["content.xml"].replace(b"</table:table>", REPEATED + b"</table:table>")
    return zipped(members)


OPEN_SHEET = sheet_of("").replace(b"</sheetData></worksheet>", b"")


def _numbers() -> bytes:
    """Rows of numbers that hardly repeat within what a packer remembers, so that the ratio is an honest one."""
    chance = random.Random(7)
    return b"".join(b"<row><c><v>%d</v></c></row>" % chance.randrange(10**6) for _ in range(2500))


def packed(port: int) -> tuple[Attack, ...]:
    """Return the attacks that are packed; what they ask to be fetched is on ``port`` of this machine."""
    trap = TRAP.format(port=port).encode()
    row = b'<row><c t="inlineStr"><is><t>x</t></is></c></row>'
    strings = f"<sst {SPACE}>".encode()
    empty = "".join(f'<row r="{number}"/>' for number in range(1, 3))
    far = sheet_of('<row r="1048576"><c r="XFD1048576"><v>1</v></c></row>', "A1:XFD1048576")
    return (
        Attack("zip: a gigabyte of noughts", bomb("a.csv", 1024 * MB)),
        Attack(
            "zip: ten files of 400 MB",
            lambda path, scale: path.write_bytes(
                zipped({f"{n}.csv": b"1,2\n" * int(8_000_000 * max(scale, 0.1)) for n in range(10)})
            ),
        ),
        Attack("zip: archives in archives", fixed(lambda: nested_zip(5))),
        Attack("zip: itself in itself", fixed(quine)),
        Attack("zip: sizes that are false", fixed(false_size)),
        Attack("zip: members over each other", fixed(lambda: overlapping(40))),
        Attack("zip: a million members", many_members),
        Attack(
            "zip: a directory of 4 GB told",
            fixed(lambda: zipped({"a.csv": b"a"})[:-10] + struct.pack("<IIH", 2**32 - 2, 0, 0)),
        ),
        Attack("zip: names that climb, and a link", fixed(climbing)),
        Attack("gzip: a gigabyte of rows", gzip_bomb),
        Attack("gzip: gzip in gzip", fixed(lambda: gzip.compress(gzip.compress(gzip.compress(b"0" * 30 * MB))))),
        Attack(
            "xlsx: a sheet of a gigabyte",
            bomb(
                SHEET, 1024 * MB, sheet_of("").replace(b"</sheetData></worksheet>", b""), _without(parts(), SHEET), row
            ),
        ),
        Attack(
            "xlsx: a sheet of 300 MB that is let in",
            bomb(SHEET, 300 * MB, OPEN_SHEET, _without(parts(), SHEET), _numbers()),
        ),
        Attack(
            "xlsx: shared texts of 600 MB",
            bomb(
                "xl/sharedStrings.xml",
                600 * MB,
                strings,
                _without(parts(), "xl/sharedStrings.xml"),
                b"<si><t>x</t></si>",
            ),
        ),
        Attack(
            "xlsx: a million rows told, none there", fixed(lambda: zipped(parts(sheet=sheet_of(empty, "A1:B1048576"))))
        ),
        Attack("xlsx: the last cell of all", fixed(lambda: zipped(parts(sheet=far)))),
        Attack(
            "xlsx: the last cell, not told",
            fixed(lambda: zipped(parts(sheet=far.replace(b'ref="A1:XFD1048576"', b'ref="A1"')))),
        ),
        Attack("xlsx: a formula and links elsewhere", fixed(lambda: outside(port))),
        Attack(
            "xlsx: entities",
            fixed(lambda: zipped(parts(strings=b'<!DOCTYPE s [<!ENTITY a "b"><!ENTITY c "&a;&a;">]><sst>&c;</sst>'))),
        ),
        Attack(
            "xlsx: a sheet in a climbing place",
            fixed(
                lambda: zipped(
                    parts(book=b"<workbook/>") | {"../../xl/worksheets/sheet1.xml": b"<a/>", "/etc/xl/a.xml": b"<a/>"}
                )
            ),
        ),
        Attack("xls: sectors in a circle", fixed(ole_loop)),
        Attack("xls: garbage behind its head", fixed(lambda: container("Workbook") + bytes(range(256)) * 2000)),
        Attack("ods: one cell a thousand million times", fixed(ods_bomb)),
        Attack(
            "docx: entities and depth",
            fixed(lambda: zipped({"word/document.xml": b"<a>" * 200_000 + b"</a>" * 200_000})),
        ),
        Attack("kmz: a gigabyte of placemarks", bomb("doc.kml", 600 * MB, KML.encode()[:-30], None, b"<Placemark/>")),
        Attack(
            "kmz: an entity from outside",
            fixed(
                lambda: zipped(
                    {
                        "doc.kml": b'<!DOCTYPE k [<!ENTITY a SYSTEM "' + trap + b'">]>'
                        b"<kml><Placemark><name>&a;</name></Placemark></kml>"
                    }
                )
            ),
        ),
        Attack(
            "gtfs: stop times of a gigabyte",
            bomb(
                "stop_times.txt",
                1024 * MB,
                b"trip_id,stop_sequence\n",
                {f"{n}.txt": b"x" for n in ("agency", "stops", "routes", "trips")},
            ),
        ),
        Attack(
            "gtfs: stop times of 50 MB in one line",
            fixed(lambda: feed(stop_times="trip_id,stop_sequence\nT," + "1" * 50_000_000)),
        ),
        Attack(
            "gtfs: a million wrong ids",
            fixed(lambda: feed(trips="route_id,service_id,trip_id\n" + "X,Y,Z\n" * 300_000)),
        ),
        Attack("shp: four thousand million rows told", fixed(lambda: zipped(DEAD))),
        Attack(
            "shp: shapes that climb",
            fixed(lambda: zipped({"../../a.shp": b"", "../../a.shx": b"", "../../a.dbf": b""})),
        ),
        Attack("shp: fields of no width", fixed(lambda: shapefile().replace(b"\x14\x00", b"\x00\x00"))),
        Attack(
            "fgdb: rows that are false", fixed(lambda: geodatabase().replace(b"\x05\x00\x00\x00", b"\xff\xff\xff\xff"))
        ),
        Attack("sqlite: a view that counts for ever", fixed(VIEW)),
        Attack("sqlite: a column of a gigabyte, reckoned", fixed(SCHEMA)),
        Attack("sqlite: a trigger", fixed(TRIGGER)),
        Attack("sqlite: a mangled schema", fixed(MANGLED)),
        Attack("sqlite: four thousand million pages told", fixed(lambda: PAGES)),
        Attack("png: 100,000 x 100,000 told", fixed(lambda: png(100_000, 100_000, zlib.compress(b"\0" * 1000)))),
        Attack("png: 6,000 x 6,000 of noughts", fixed(lambda: png(6000, 6000, zlib.compress(bytes(6000 * 24_001), 9)))),
        Attack(
            "png: a text pressed a thousandfold",
            fixed(
                lambda: (
                    png(1, 1, zlib.compress(bytes(5)))[:-12]
                    + struct.pack(">I", 100_010)
                    + b"zTXta\0\0"
                    + zlib.compress(bytes(90 * MB), 9)
                    + bytes(12)
                )
            ),
        ),
        Attack(
            "gif: 65,535 x 65,535 told",
            fixed(lambda: b"GIF89a\xff\xff\xff\xff\x80\0\0" + bytes(6) + b",\0\0\0\0\xff\xff\xff\xff\0\x08\x01\0\0;"),
        ),
        Attack("tiff: a directory that leads to itself", fixed(lambda: tiff([(256, 3, 1, 9), (257, 3, 1, 9)], 8))),
        Attack(
            "tiff: four thousand million tags' values",
            fixed(
                lambda: tiff([(256, 4, 1, 2**31), (257, 4, 1, 2**31), (273, 4, 2**32 - 1, 8), (279, 4, 2**32 - 1, 8)])
            ),
        ),
        Attack("pdf: pages in a circle", fixed(lambda: PDF_LOOP)),
        Attack("pdf: a page pressed a millionfold", pdf_bomb),
        Attack("pdf: lists 90,000 deep", fixed(lambda: PDF_DEEP)),
        Attack(
            "pdf: tables of places in a circle",
            fixed(lambda: pdf({1: b"<</Type/Catalog/Pages 2 0 R>>", 2: b"<</Type/Pages/Kids[]/Count 1>>"}, b"/Prev 9")),
        ),
        Attack(
            "3ds: parts without length", fixed(lambda: chunk(0x4D4D, chunk(2, bytes(4)) + chunk(0x3D3D, bytes(9000))))
        ),
        Attack("rtcm: marks without messages", fixed(lambda: message(1005) + b"\xd3\x03\xff" * 500_000)),
        Attack("dgn: elements without length", fixed(lambda: b"\x08\x09\xfe\x02" + bytes(4_000_000))),
    )
