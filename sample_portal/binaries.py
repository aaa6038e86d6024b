"""Writes workbooks, archives, shapefiles, documents and pictures, byte for byte the same for the same table."""

import io
import struct
import zipfile
import zlib
from collections.abc import Mapping
from xml.sax.saxutils import escape

import xlwt  # type: ignore[import-untyped]  # it ships no types

from sample_portal.tables import Cell, Table

_EPOCH = (2020, 1, 1, 0, 0, 0)
_RELATIONS = "http://schemas.openxmlformats.org/package/2006/relationships"
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_SHEET = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_WORD = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
_TYPES = "http://schemas.openxmlformats.org/package/2006/content-types"
_XML = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'


def zipped(members: Mapping[str, bytes]) -> bytes:
    """Return a ZIP of the members, in their order, with a fixed clock."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, body in members.items():
            info = zipfile.ZipInfo(name, _EPOCH)
            info.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(info, body)
    return out.getvalue()


def _relation(kind: str, target: str) -> str:
    link = f'<Relationship Id="rId1" Type="{_OFFICE}/{kind}" Target="{target}"/>'
    return f'{_XML}<Relationships xmlns="{_RELATIONS}">{link}</Relationships>'


def _package(content: str, main: str, part: str, others: Mapping[str, str]) -> bytes:
    """Return an Office package around one main part."""
    types = (
        f'{_XML}<Types xmlns="{_TYPES}">'
        '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        f'<Default Extension="xml" ContentType="application/xml"/>{content}</Types>'
    )
    relations = _relation("officeDocument", main)
    members = {"[Content_Types].xml": types, "_rels/.rels": relations, main: part, **others}
    return zipped({name: text.encode() for name, text in members.items()})


def _column(number: int) -> str:
    return chr(64 + number) if number <= 26 else chr(64 + (number - 1) // 26) + chr(65 + (number - 1) % 26)


def _cell(place: str, cell: Cell) -> str:
    if cell is None:
        return ""
    if isinstance(cell, str):
        return f'<c r="{place}" t="inlineStr"><is><t xml:space="preserve">{escape(cell)}</t></is></c>'
    return f'<c r="{place}"><v>{cell}</v></c>'


def workbook(grid: list[list[Cell]], merged: tuple[str, ...] = ()) -> bytes:
    """Return a one-sheet XLSX of a grid of cells (None is an empty one), with the ranges in `merged` merged."""
    width = max(len(row) for row in grid)
    rows = []
    for number, row in enumerate(grid, 1):
        cells = "".join(_cell(f"{_column(place)}{number}", cell) for place, cell in enumerate(row, 1))
        rows.append(f'<row r="{number}">{cells}</row>')
    joined = "".join(f'<mergeCell ref="{place}"/>' for place in merged)
    tail = f'<mergeCells count="{len(merged)}">{joined}</mergeCells>' if merged else ""
    sheet = (
        f'{_XML}<worksheet xmlns="{_SHEET}"><dimension ref="A1:{_column(width)}{len(grid)}"/>'
        f"<sheetData>{''.join(rows)}</sheetData>{tail}</worksheet>"
    )
    book = (
        f'{_XML}<workbook xmlns="{_SHEET}" xmlns:r="{_OFFICE}">'
        '<sheets><sheet name="Data" sheetId="1" r:id="rId1"/></sheets></workbook>'
    )
    links = _relation("worksheet", "worksheets/sheet1.xml")
    kind = "application/vnd.openxmlformats-officedocument.spreadsheetml"
    content = (
        f'<Override PartName="/xl/workbook.xml" ContentType="{kind}.sheet.main+xml"/>'
        f'<Override PartName="/xl/worksheets/sheet1.xml" ContentType="{kind}.worksheet+xml"/>'
    )
    return _package(
        content, "xl/workbook.xml", book, {"xl/_rels/workbook.xml.rels": links, "xl/worksheets/sheet1.xml": sheet}
    )


def as_xlsx(table: Table) -> bytes:
    """An XLSX workbook with the labels in the first row."""
    return workbook([list(table.labels), *table.rows])


def as_xls(table: Table) -> bytes:
    """An old XLS workbook with the labels in the first row."""
    book = xlwt.Workbook(encoding="utf-8")
    sheet = book.add_sheet("Data")
    grid: list[list[Cell]] = [list(table.labels), *table.rows]
    for number, row in enumerate(grid):
        for place, cell in enumerate(row):
            sheet.write(number, place, cell)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def as_docx(table: Table) -> bytes:
    """A Word document with one paragraph for each of the first rows."""
    lines = [" / ".join(table.labels), *(", ".join(str(cell) for cell in row) for row in table.rows[:40])]
    text = "".join(f"<w:p><w:r><w:t>{escape(line)}</w:t></w:r></w:p>" for line in lines)
    part = f'{_XML}<w:document xmlns:w="{_WORD}"><w:body>{text}</w:body></w:document>'
    kind = "application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"
    return _package(f'<Override PartName="/word/document.xml" ContentType="{kind}"/>', "word/document.xml", part, {})


def as_pdf(table: Table) -> bytes:
    """A one-page PDF with the first rows set as lines of text."""
    lines = [", ".join(str(cell).encode("ascii", "replace").decode() for cell in row) for row in table.rows[:40]]
    words = "\n".join(f"({line.replace('(', '[').replace(')', ']')}) Tj T*" for line in lines)
    stream = f"BT /F1 10 Tf 12 TL 50 780 Td\n{words}\nET".encode()
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        (
            b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R"
            b" /Resources << /Font << /F1 5 0 R >> >> >>"
        ),
        b"<< /Length %d >>\nstream\n%b\nendstream" % (len(stream), stream),
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
    ]
    out, places = b"%PDF-1.4\n", []
    for number, item in enumerate(objects, 1):
        places.append(len(out))
        out += b"%d 0 obj\n%b\nendobj\n" % (number, item)
    entries = b"".join(b"%010d 00000 n \n" % place for place in places)
    top = b"xref\n0 %d\n0000000000 65535 f \n%b" % (len(objects) + 1, entries)
    return out + top + b"trailer\n<< /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n" % (len(objects) + 1, len(out))


def _bars(table: Table) -> list[list[int]]:
    """Return a small grey picture (64 x 40) of the first counts as bars."""
    counts = [float(row[2]) if isinstance(row[2], int | float) else 0.0 for row in table.rows[:64]]
    top = max(counts) or 1.0
    heights = [int(39 * counts[place % len(counts)] / top) for place in range(64)]
    return [[40 if 39 - line <= height else 230 for height in heights] for line in range(40)]


def as_png(table: Table) -> bytes:
    """A grey PNG of the first counts as bars."""
    raw = b"".join(b"\0" + bytes(line) for line in _bars(table))
    out = b"\x89PNG\r\n\x1a\n"
    for kind, body in (
        (b"IHDR", struct.pack(">IIBBBBB", 64, 40, 8, 0, 0, 0, 0)),
        (b"IDAT", zlib.compress(raw, 9)),
        (b"IEND", b""),
    ):
        out += struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))
    return out


def as_jpeg(table: Table) -> bytes:
    """A grey baseline JPEG, an even tone to each block of 8 x 8: ITU-T T.81 with two tables of our own."""
    picture = _bars(table)
    bits, before = "", 0
    for top in range(0, 40, 8):
        for left in range(0, 64, 8):
            level = sum(sum(line[left : left + 8]) for line in picture[top : top + 8]) // 64 - 128
            step, before = level - before, level
            size = abs(step).bit_length()
            bits += f"{size:04b}"
            bits += f"{step if step > 0 else step + (1 << size) - 1:0{size}b}" if size else ""
            bits += "0"
    bits += "1" * (-len(bits) % 8)
    scan = int(bits, 2).to_bytes(len(bits) // 8, "big").replace(b"\xff", b"\xff\0")
    parts = [
        (0xE0, b"JFIF\0\1\1\0\0\1\0\1\0\0"),
        (0xDB, b"\0" + bytes([8] * 64)),
        (0xC0, struct.pack(">BHHBBBB", 8, 40, 64, 1, 1, 0x11, 0)),
        (0xC4, b"\0" + bytes([0, 0, 0, 12] + [0] * 12) + bytes(range(12))),
        (0xC4, b"\x10" + bytes([1] + [0] * 15) + b"\0"),
        (0xDA, b"\1\1\0\0\x3f\0"),
    ]
    head = b"".join(struct.pack(">BBH", 0xFF, mark, len(body) + 2) + body for mark, body in parts)
    return b"\xff\xd8" + head + scan + b"\xff\xd9"


def as_shapefile(table: Table) -> bytes:
    """A ZIP with a point shapefile (ESRI's 1998 description); the last two columns are latitude and longitude."""
    points = [(float(row[-1] or 0), float(row[-2] or 0)) for row in table.rows]
    box = (min(x for x, _ in points), min(y for _, y in points), max(x for x, _ in points), max(y for _, y in points))
    shapes, index = b"", b""
    for number, (x, y) in enumerate(points, 1):
        index += struct.pack(">ii", (100 + len(shapes)) // 2, 10)
        shapes += struct.pack(">ii", number, 10) + struct.pack("<idd", 1, x, y)

    def head(size: int) -> bytes:
        return struct.pack(">i5ii", 9994, *[0] * 5, (100 + size) // 2) + struct.pack(
            "<ii4d4d", 1000, 1, *box, *[0.0] * 4
        )

    place = (
        b'GEOGCS["GCS_WGS_1984",DATUM["D_WGS_1984",SPHEROID["WGS_1984",6378137.0,298.257223563]],'
        b'PRIMEM["Greenwich",0.0],UNIT["Degree",0.0174532925199433]]'
    )
    members = {"figures.shp": head(len(shapes)) + shapes, "figures.shx": head(len(index)) + index}
    return zipped({**members, "figures.dbf": _dbf(table), "figures.prj": place, "figures.cpg": b"UTF-8"})


def _dbf(table: Table) -> bytes:
    """Return the first four columns as a dBASE III table in UTF-8."""
    names, widths = ["PERIOD", "DISTRICT", "COUNT", "RATE"], [10, 40, 12, 12]
    head = struct.pack("<BBBBIHH20x", 3, 120, 1, 1, len(table.rows), 32 + 32 * 4 + 1, sum(widths) + 1)
    for name, width, kind, places in zip(names, widths, "CCNN", (0, 0, 0, 1), strict=True):
        head += struct.pack("<11sc4xBB14x", name.encode(), kind.encode(), width, places)
    body = b""
    for row in table.rows:
        body += b" "
        for cell, width in zip(row[:4], widths, strict=True):
            text = str(cell).encode()[:width]
            body += text.ljust(width) if isinstance(cell, str) else text.rjust(width)
    return head + b"\r" + body + b"\x1a"
