"""One good and one broken file of each format the portal lists, made here: what comes of them is test_formats.py's."""

import io
import json
import sqlite3
import struct
import tempfile
import zipfile
from pathlib import Path
from typing import Any

import xlsxwriter
import xlwt  # type: ignore[import-untyped]
from PIL import Image

from harvester.sniff.binary import crc24q

TABLE = "date,place,count\n" + "".join(f"2024-01-{day:02},P{day},{day}\n" for day in range(1, 21))
RECORDS = [{"date": f"2024-01-{day:02}", "place": f"P{day}", "count": day} for day in range(1, 21)]
RING = [[114.1, 22.2], [114.2, 22.2], [114.2, 22.3], [114.1, 22.2]]


def zipped(members: dict[str, bytes]) -> bytes:
    """Return a ZIP of the members."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, body in members.items():
            archive.writestr(name, body)
    return file.getvalue()


def picture(kind: str, size: tuple[int, int] = (40, 30), **options: Any) -> bytes:
    """Return a picture of one colour."""
    file = io.BytesIO()
    Image.new("RGB", size, (200, 30, 30)).save(file, kind, **options)
    return file.getvalue()


def geotiff() -> bytes:
    """Return a TIFF whose tags place it on the Hong Kong 1980 Grid, 5 metres a pixel."""
    from PIL.TiffImagePlugin import ImageFileDirectory_v2  # noqa: PLC0415 - only here

    tags = ImageFileDirectory_v2()
    for tag, kind, value in (
        (33550, 12, (5.0, 5.0, 0.0)), (33922, 12, (0.0, 0.0, 0.0, 836000.0, 816000.0, 0.0)),
        (34735, 3, (1, 1, 0, 2, 1024, 0, 1, 1, 3072, 0, 1, 2326)),
    ):  # fmt: skip
        tags.tagtype[tag] = kind
        tags[tag] = value
    return picture("TIFF", tiffinfo=tags)


def workbook(extension: str) -> bytes:
    """Return the table as XLSX or as XLS."""
    rows: list[list[Any]] = [list(RECORDS[0]), *([*record.values()] for record in RECORDS)]
    file = io.BytesIO()
    if extension == "xls":
        old = xlwt.Workbook()
        sheet = old.add_sheet("S")
        for at, row in enumerate(rows):
            for column, cell in enumerate(row):
                sheet.write(at, column, cell)
        old.save(file)
        return file.getvalue()
    with tempfile.NamedTemporaryFile(suffix=".bin") as macros:
        macros.write(b"\xd0\xcf\x11\xe0" + bytes(600))
        macros.flush()
        with xlsxwriter.Workbook(file) as book:
            made = book.add_worksheet()
            for at, row in enumerate(rows):
                made.write_row(at, 0, row)
            if extension == "xlsm":
                book.add_vba_project(macros.name)
    return file.getvalue()


def opendocument(rows: list[list[str]]) -> bytes:
    """Return an ODS workbook of one sheet."""
    space = 'xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0" '
    space += 'xmlns:table="urn:oasis:names:tc:opendocument:xmlns:table:1.0" '
    space += 'xmlns:text="urn:oasis:names:tc:opendocument:xmlns:text:1.0"'
    cells = "".join(
        "<table:table-row>"
        + "".join(f'<table:table-cell office:value-type="string"><text:p>{c}</text:p></table:table-cell>' for c in row)
        + "</table:table-row>"
        for row in rows
    )
    body = f'<?xml version="1.0"?><office:document-content {space}><office:body><office:spreadsheet>'
    body += f'<table:table table:name="S">{cells}</table:table>'
    body += "</office:spreadsheet></office:body></office:document-content>"
    manifest = '<manifest:manifest xmlns:manifest="urn:oasis:names:tc:opendocument:xmlns:manifest:1.0"/>'
    return zipped({
        "mimetype": b"application/vnd.oasis.opendocument.spreadsheet", "content.xml": body.encode(),
        "META-INF/manifest.xml": manifest.encode(),
    })  # fmt: skip


def shapefile(rows: int = 3, shapes: int = 3, projection: str = "Hong_Kong_1980_Grid") -> bytes:
    """Return a zipped shapefile of points with one field of names in Big5."""
    records = b"".join(
        struct.pack(">ii", n + 1, 10) + struct.pack("<idd", 1, 836000.0, 816000.0) for n in range(shapes)
    )
    index = b"".join(struct.pack(">ii", 50 + 14 * n, 10) for n in range(shapes))

    def head(length: int) -> bytes:
        box = struct.pack("<iidddddddd", 1000, 1, *([0.0] * 8))
        return struct.pack(">i20xi", 9994, (100 + length) // 2) + box

    table = struct.pack("<4BIHH17xBH", 3, 124, 1, 1, rows, 65, 21, 0x78, 0)
    table += b"NAME".ljust(11, b"\0") + b"C" + bytes(4) + bytes([20, 0]) + bytes(14) + b"\r"
    table += b"".join(b" " + "灣仔".encode("big5").ljust(20) for _ in range(rows))
    wkt = f'PROJCS["{projection}",GEOGCS["x"]]'.encode()
    return zipped({
        "d/a.shp": head(len(records)) + records, "d/a.shx": head(len(index)) + index, "d/a.dbf": table, "d/a.prj": wkt,
    })  # fmt: skip


def geopackage() -> bytes:
    """Return a GeoPackage of one layer of two points."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "d")
        connection = sqlite3.connect(path)
        connection.execute("PRAGMA application_id = 0x47504B47")
        connection.executescript(
            "CREATE TABLE gpkg_contents (table_name TEXT, data_type TEXT, srs_id INTEGER);"
            "CREATE TABLE gpkg_spatial_ref_sys (srs_id INTEGER);"
            "CREATE TABLE gpkg_geometry_columns (table_name TEXT, column_name TEXT, srs_id INTEGER);"
            "CREATE TABLE sites (fid INTEGER PRIMARY KEY, geom BLOB, name TEXT, opened TEXT);"
            "INSERT INTO sites VALUES (1, x'00', 'A', '2024-01-01'), (2, x'00', 'B', '2024-02-01');"
            "INSERT INTO gpkg_contents VALUES ('sites', 'features', 2326);"
            "INSERT INTO gpkg_geometry_columns VALUES ('sites', 'geom', 2326);"
        )
        connection.close()
        return path.read_bytes()


def feed(**changed: str) -> bytes:
    """Return a GTFS feed of two stops that serves 2024 to 2030; ``changed`` files (by stem) take another text."""
    files = {
        "agency": "agency_id,agency_name,agency_url,agency_timezone\nA,A,https://a.hk,Asia/Hong_Kong\n",
        "stops": "stop_id,stop_name,stop_lat,stop_lon\n1,One,22.3,114.1\n2,Two,22.3,114.2\n",
        "routes": "route_id,agency_id,route_short_name,route_type\nR,A,1,3\n",
        "trips": "route_id,service_id,trip_id\nR,S,T\n",
        "stop_times": "trip_id,arrival_time,departure_time,stop_id,stop_sequence\n"
        "T,08:00:00,08:00:00,1,1\nT,25:10:00,25:10:00,2,2\n",
        "calendar": "service_id,monday,tuesday,wednesday,thursday,friday,saturday,sunday,start_date,end_date\n"
        "S,1,1,1,1,1,1,1,20240101,20301231\n",
    }  # fmt: skip
    return zipped({f"{stem}.txt": text.encode() for stem, text in (files | changed).items() if text})


def pdf(text: str) -> bytes:
    """Return a PDF of one page with ``text`` on it, or none."""
    stream = f"BT /F1 12 Tf 72 720 Td ({text}) Tj ET".encode() if text else b"0 0 10 10 re f"
    objects = [
        b"<</Type/Catalog/Pages 2 0 R>>", b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
        b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Contents 4 0 R/Resources<</Font<</F1 5 0 R>>>>>>",
        b"<</Length %d>>stream\n%s\nendstream" % (len(stream), stream),
        b"<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>",
    ]  # fmt: skip
    body, places = b"%PDF-1.4\n", []
    for number, each in enumerate(objects, 1):
        places.append(len(body))
        body += b"%d 0 obj%s endobj\n" % (number, each)
    table = b"xref\n0 6\n0000000000 65535 f \n" + b"".join(b"%010d 00000 n \n" % at for at in places)
    return body + table + b"trailer<</Size 6/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF\n" % len(body)


def geodatabase(index: bool = True, magic: int = 3) -> bytes:
    """Return a zipped file geodatabase of its catalogue and one table of five rows."""

    def table(rows: int) -> bytes:
        return struct.pack("<IIII", magic, rows, 100, 5) + bytes(60)

    members = {"x.gdb/a00000001.gdbtable": table(8), "x.gdb/a00000009.gdbtable": table(5)}
    return zipped(members | ({name[:-3] + "blx": b"" for name in members} if index else {}))


def access(pages: int = 6, catalogue: int = 2) -> bytes:
    """Return the pages of an empty Jet 4 database."""
    first = b"\x00\x01\x00\x00Standard Jet DB\x00\x01".ljust(4096, b"\0")
    return first + b"\x01".ljust(4096, b"\0") + bytes([catalogue]).ljust(4096, b"\0") + bytes(4096 * (pages - 3))


def chunk(kind: int, body: bytes) -> bytes:
    """Return a chunk of a 3DS file."""
    return struct.pack("<HI", kind, 6 + len(body)) + body


def glb(document: dict[str, Any]) -> bytes:
    """Return a glTF document in its binary container."""
    text = json.dumps(document).encode()
    text += b" " * (-len(text) % 4)
    return b"glTF" + struct.pack("<IIII", 2, 20 + len(text), len(text), 0x4E4F534A) + text


def message(number: int) -> bytes:
    """Return an RTCM 3 message."""
    payload = struct.pack(">H", number << 4) + bytes(10)
    frame = b"\xd3" + struct.pack(">H", len(payload)) + payload
    return frame + crc24q(frame).to_bytes(3, "big")


def container(stream: str, tables: int = 1) -> bytes:
    """Return an OLE container with the name of a stream in its directory, and ``tables`` sectors of allocation."""
    head = (
        b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
        + bytes(16)
        + struct.pack("<HHHHH6xIII", 0x3E, 3, 0xFFFE, 9, 6, 0, tables, 1)
    )
    entry = (stream.encode("utf-16-le") + b"\0\0").ljust(128, b"\0")
    return head.ljust(512, b"\xff") + bytes(512) + entry + bytes(512 * 8)


def line(text: str, label: str) -> str:
    """Return a line of a RINEX head."""
    return f"{text:<60}{label}\n"


RINEX = (
    line("     3.04           OBSERVATION DATA    M", "RINEX VERSION / TYPE") + line("", "END OF HEADER")
    + "> 2024 01 01 00 00  0.0000000  0  1\nG01  20000000.000\n> 2024 01 01 00 00 30.0000000  0  1\nG01  20000001.000\n"
)  # fmt: skip
GRID = "ncols 3\nnrows 2\nxllcorner 800000\nyllcorner 800000\ncellsize 5\nNODATA_value -9999\n1 2 3\n4 5 6\n"
OBJ = "# model\nv 0 0 0\nv 1 0 0\nv 0 1 0\nf 1 2 3\n"
GLTF = {"asset": {"version": "2.0"}, "scenes": [{}], "meshes": [{"primitives": []}], "buffers": [{"uri": "a.bin"}]}
TILE = {
    "boundingVolume": {"sphere": [0, 0, 0, 1]},
    "geometricError": 1,
    "content": {"uri": "http://127.0.0.1:9/a.b3dm"},
}
TILES = {"asset": {"version": "1.1"}, "geometricError": 5, "root": {**TILE, "children": [TILE, TILE]}}
EVENT = (
    "BEGIN:VEVENT\r\nUID:1\r\nDTSTAMP:20240101T000000Z\r\nDTSTART;VALUE=DATE:20240101\r\nSUMMARY:Day\r\nEND:VEVENT\r\n"
)
CALENDAR = f"BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//x//EN\r\n{EVENT}END:VCALENDAR\r\n"
KML = (
    '<?xml version="1.0"?><kml xmlns="http://www.opengis.net/kml/2.2"><Document><Placemark><name>a</name>'
    "<Point><coordinates>114.1,22.3</coordinates></Point></Placemark></Document></kml>"
)
GML = (
    '<?xml version="1.0"?><w:FeatureCollection xmlns:w="http://www.opengis.net/wfs/2.0" xmlns:gml="http://www.opengis.net/gml/3.2">'
    '<w:member><w:site><w:name>a</w:name><gml:Point srsName="EPSG:2326"><gml:pos>836000 816000</gml:pos></gml:Point>'
    "</w:site></w:member></w:FeatureCollection>"
)
GFS = (
    "<GMLFeatureClassList><GMLFeatureClass><Name>s</Name><DatasetSpecificInfo><FeatureCount>7</FeatureCount>"
    "</DatasetSpecificInfo><PropertyDefn><Name>n</Name></PropertyDefn></GMLFeatureClass></GMLFeatureClassList>"
)
DAE = (
    '<?xml version="1.0"?><COLLADA xmlns="http://www.collada.org/2005/11/COLLADASchema" version="1.4.1"><asset/>'
    '<library_geometries><geometry id="a"/><geometry id="b"/></library_geometries></COLLADA>'
)
ITEMS = "<item><title>a</title></item><item><title>b</title></item>"
RSS = f"<rss version='2.0'><channel><title>t</title>{ITEMS}</channel></rss>"
COLLECTION = {"type": "FeatureCollection", "features": [
    {"type": "Feature", "geometry": {"type": "Polygon", "coordinates": [RING]}, "properties": {"name": "a"}}
]}  # fmt: skip
MZ = b"MZ\x90\x00" + bytes(range(256)) * 8
FOOT = bytes.fromhex("f85a8c6adef5d97eece90ce3758f290b")
FBX = b"Kaydara FBX Binary  \x00\x1a\x00" + struct.pack("<I", 7400) + bytes(300) + FOOT
V7 = b"\x08\x09\xfe\x02" + bytes(2 * 0x2FE) + b"\x03\x04\x02\x00" + bytes(4) + b"\xff\xff"

GOOD: dict[str, bytes] = {
    "3DS": chunk(0x4D4D, chunk(0x0002, bytes(4)) + chunk(0x3D3D, chunk(0x4000, b"box\0"))),
    "API": json.dumps(RECORDS).encode(),
    "ASC": GRID.encode(),
    "ASCII": GRID.encode(),
    "CESIUM3DTILES": json.dumps(TILES).encode(),
    "CSV": TABLE.encode(),
    "DAE": DAE.encode(),
    "DGN": V7,
    "DWG": b"AC1032" + bytes(4000),
    "FBX": FBX,
    "FGDB": geodatabase(),
    "GEOPACKAGE": geopackage(),
    "GEOTIFF": geotiff(),
    "GFS": GFS.encode(),
    "GLTF": glb(GLTF),
    "GML": GML.encode(),
    "GTFS": feed(),
    "GeoJSON": json.dumps(COLLECTION).encode(),
    "ICS": CALENDAR.encode(),
    "JPEG": picture("JPEG"),
    "JSON": json.dumps(RECORDS).encode(),
    "KML": KML.encode(),
    "KMZ": zipped({"doc.kml": KML.encode()}),
    "MAX": container("ClassDirectory3"),
    "MDB": access(),
    "OBJ": OBJ.encode(),
    "OSGB": b"\xa1\x0e\x91\x6c\x45\x45\xfb\x1a" + struct.pack("<II", 1, 161) + bytes(100),
    "PNG": picture("PNG"),
    "RINEX": RINEX.encode(),
    "RSS": RSS.encode(),
    "RTCM": message(1005) + message(1077) + message(1077),
    "SHP": shapefile(),
    "VRML": b"#VRML V2.0 utf8\nShape { geometry Box { } }\n",
    "XLS": workbook("xls"),
    "XLSM": workbook("xlsm"),
    "XLSX": workbook("xlsx"),
    "XML": b"<rows><row><d>2024-01-01</d><v>1</v></row><row><d>2024-01-02</d><v>2</v></row></rows>",
    "ZIP": zipped({"a.csv": TABLE.encode(), "b.json": json.dumps(RECORDS).encode(), "readme.txt": b"Hello"}),
}
"""By the portal's own names: a file that opens."""

BROKEN: dict[str, bytes] = {
    "3DS": chunk(0x4D4D, chunk(0x0002, bytes(4)) + chunk(0x3D3D, bytes(600)))[:-200],
    "API": b'[{"a": 1}, {"a": ',
    "ASC": GRID.replace("4 5 6", "4 5").encode(),
    "ASCII": GRID.replace("4 5 6", "4 x 6").encode(),
    "CESIUM3DTILES": json.dumps({**TILES, "root": {"children": []}}).encode(),
    "CSV": (TABLE + "2024-01-21\n").encode(),
    "DAE": DAE[:-12].encode(),
    "DGN": V7[:-2],
    "DWG": b"AC1032" + bytes(100),
    "FBX": FBX[:60],
    "FGDB": geodatabase(magic=99),
    "GEOPACKAGE": geopackage()[:5000],
    "GEOTIFF": geotiff()[:-2500],
    "GFS": b"<GMLFeatureClassList></GMLFeatureClassList>",
    "GLTF": glb(GLTF)[:-9],
    "GML": GML[:-20].encode(),
    "GTFS": feed(stops="stop_name\nOne\n"),
    "GeoJSON": b'{"type": "FeatureCollection", "features": 5}',
    "ICS": CALENDAR[:-20].encode(),
    "JPEG": picture("JPEG", (400, 300))[:-600],
    "JSON": b'[{"a": NaN}]',
    "KML": KML[:-20].encode(),
    "KMZ": zipped({"doc.kml": KML[:-20].encode()}),
    "MAX": container("ClassDirectory3", tables=9000),
    "MDB": access()[:-1000],
    "OBJ": OBJ.replace("1 2 3", "1 2 9").encode(),
    "OSGB": b"\xa1\x0e\x91\x6c\x45\x45\xfb\x1a",
    "PNG": picture("PNG", (400, 300))[:-60],
    "RINEX": line("     3.04           OBSERVATION DATA    M", "RINEX VERSION / TYPE").encode() * 2,
    "RSS": b"<rss version='2.0'></rss>",
    "RTCM": message(1005) + message(1077)[:-2],
    "SHP": zipped({"a.shp": b"", "a.dbf": b""}),
    "VRML": b"#VRML V2.0 utf8\nShape { geometry Box { }\n",
    "XLS": container("Workbook"),
    "XLSM": zipped({"xl/vbaProject.bin": b"x", "xl/workbook.xml": b"<x"}),
    "XLSX": zipped({"[Content_Types].xml": b"", "xl/workbook.xml": b"<x"}),
    "XML": b"<rows><row><d>2024-01-01</d></row><row>",
    "ZIP": zipped({"a.csv": TABLE.encode()})[:-40],
}
"""By the portal's own names: a file that does not open, or for a CSV one that Frictionless finds invalid."""
