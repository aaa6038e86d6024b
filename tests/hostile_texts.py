"""Hostile bodies that are text: tables, JSON, XML, calendars. Each is written to a path, at most some 1 GB of it."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

Writer = Callable[[Path, float], object]
MB = 1024 * 1024
TRAP = "http://127.0.0.1:{port}/never"
"""What a body asks to be fetched; the runner listens there."""


@dataclass(frozen=True, slots=True)
class Attack:
    """One hostile body: its name, and what writes it at a scale of 1 (as it would come) or less (for the suite)."""

    name: str
    write: Writer
    sound: bool = False
    """A table after all, which only tries to take long: Frictionless may well find it valid."""


def blocks(path: Path, parts: Iterator[bytes]) -> None:
    """Write the parts one after another."""
    with path.open("wb") as file:
        for part in parts:
            file.write(part)


def fixed(body: bytes | Callable[[], bytes]) -> Writer:
    """Return what writes ``body`` (or what it makes, once asked) at any scale."""
    return lambda path, _: path.write_bytes(body if isinstance(body, bytes) else body())


def repeated(head: bytes, part: bytes, times: int, tail: bytes = b"", least: int = 1) -> Writer:
    """Return what writes ``part`` so many times (fewer at a smaller scale) between a head and a tail."""

    def write(path: Path, scale: float) -> None:
        left = max(int(times * scale), least)
        step = max(MB // len(part), 1)
        with path.open("wb") as file:
            file.write(head)
            while left > 0:
                file.write(part * min(step, left))
                left -= step
            file.write(tail)

    return write


def sparse(path: Path, scale: float) -> None:
    """A gigabyte of nothing behind the head of a table: it takes no room on the disk."""
    with path.open("wb") as file:
        file.write(b"a,b\n1,2\n3,")
        file.truncate(int(1024 * MB * scale))


def nested(opening: bytes, closing: bytes, depth: int, head: bytes = b"", tail: bytes = b"") -> Writer:
    """Return what writes blocks in blocks."""

    def write(path: Path, scale: float) -> None:
        deep = max(int(depth * scale), 1000)
        path.write_bytes(head + opening * deep + closing * deep + tail)

    return write


def wide(columns: int, label: Callable[[int], str] = "c{}".format) -> Writer:
    """Return what writes twenty rows of so many columns."""

    def write(path: Path, scale: float) -> None:
        many = max(int(columns * scale), 3000)
        row = b",".join([b"1"] * many) + b"\n"
        path.write_bytes(",".join(map(label, range(many))).encode() + b"\n" + row * 20)

    return write


def values(cell: str, rows: int = 400) -> Writer:
    """Return what writes a column of cells that type inference has to try."""
    return fixed(f"a,b\n{''.join(f'{number},{cell}' + chr(10) for number in range(rows))}".encode())


def changing(path: Path, scale: float) -> None:
    """UTF-8 for a long way, then Big5, then UTF-16."""
    row = "1,香港天文台\n"
    times = int(400_000 * scale) + 20_000
    path.write_bytes(b"a,b\n" + row.encode() * times + row.encode("big5") * 2000 + row.encode("utf-16-le") * 2000)


def utf16(path: Path, scale: float) -> None:
    """One line of UTF-16 that grows as it is decoded."""
    path.write_bytes(b"\xff\xfe" + "a,b\n1,".encode("utf-16-le") + "〇".encode("utf-16-le") * int(100 * MB * scale))


def _entity(inside: str) -> bytes:
    return f'<?xml version="1.0"?><!DOCTYPE r [{inside}]>'.encode()


def laughs(levels: int = 10) -> bytes:
    """Ten entities each ten times in the next."""
    inside = '<!ENTITY a0 "lol">' + "".join(f'<!ENTITY a{n} "{f"&a{n - 1};" * 10}">' for n in range(1, levels))
    return _entity(inside) + f"<r><x>&a{levels - 1};</x><x/></r>".encode()


def texts(port: int) -> tuple[Attack, ...]:
    """Return the attacks that are text; what they ask to be fetched is on ``port`` of this machine."""
    trap = TRAP.format(port=port)
    record = b'{"a":{"b":"c"},"d":[1,2,3]},'
    order = f'{{"path": "{trap}", "format": "csv", "data": [{{"a": 1}}], "profile": "{trap}", "schema": "{trap}"}}'
    return (
        Attack("table: one line of 1 GB, sparse", sparse),
        Attack("table: one line of 1 GB", repeated(b"a,b\n1,", b"x" * 1000, 1_000_000)),
        Attack("table: 100,000 columns", wide(100_000)),
        Attack("table: 100,000 equal labels", wide(100_000, lambda _: "a")),
        Attack("table: a row of 200,000 cells late", fixed(b"a,b\n" + b"1,2\n" * 5000 + b"1," * 200_000 + b"\n")),
        Attack("table: commas only", repeated(b"", b",", 2_000_000)),
        Attack("table: quotes that drive the sniffer", repeated(b"", b'"a",   ', 8000)),
        Attack(
            "table: cells of brackets in quotes",
            fixed(b'a,b\n1,"' + b"[" * 100_000 + b'"\n' + b"2,x\n" * 50),
            sound=True,
        ),
        Attack(
            "table: a quote never closed, 100 MB", repeated(b'a,b\n1,"2\n', b"3,4 xyz\n", 13_000_000, least=400_000)
        ),
        Attack("table: quotes never closed, by and by", repeated(b"a,b\n", b'1,"2\n', 400_000), sound=True),
        Attack("table: changes its encoding", changing),
        Attack("table: UTF-16 of 200 MB in a line", utf16),
        Attack("table: NUL bytes", repeated(b"a,b\n1,2\n", b"\0" * 1000, 5000)),
        Attack("table: NUL in every cell", repeated(b"a,b\n", b"1\0,\x002\n", 500_000)),
        Attack("table: all rows wrong", repeated(b"a,b\n" + b"1,2\n" * 200, b"x,y,z\n", 2_000_000)),
        Attack("table: carriage returns only", repeated(b"a,b\r", b"1,x y\r", 500_000), sound=True),
        Attack("program called a table", fixed(b"MZ\x90\x00" + bytes(range(256)) * 4000)),
        Attack("program with a table's head", fixed(b"a,b\n1,2\n" + b"MZ\x90\x00" + bytes(range(256)) * 4000)),
        Attack("values: thousands of digits", values("9" * 4000), sound=True),
        Attack("values: dates that backtrack", values("2020-" * 200), sound=True),
        Attack("values: exponents", values("1e999999999"), sound=True),
        Attack("values: JSON in cells", values('"' + "[" * 2000 + '"'), sound=True),
        Attack("values: durations", values("P" + "1Y" * 500), sound=True),
        Attack("values: spaces without end", values(" " * 4000 + "x"), sound=True),
        Attack("values: coordinates", values('"' + "1," * 900 + '"'), sound=True),
        Attack("json: lists a million deep", nested(b"[", b"]", 1_000_000)),
        Attack("json: objects a million deep", nested(b'{"a":', b"}", 1_000_000, tail=b"")),
        Attack("json: records, one of them deep", nested(b"[", b"]", 100_000, b'[{"a":1},{"a":', b"}]")),
        Attack("json: a number of ten million digits", repeated(b'[{"a":1', b"0" * 1000, 10_000, b"}]")),
        Attack("json: a text of 60 MB", repeated(b'[{"a":"', b"x" * 1000, 60_000, b'"}]'), sound=True),
        Attack("json: 60 MB of small objects", repeated(b"[", record, 2_200_000, b'{"a":1}]')),
        Attack("json: 60 MB of empty lists", repeated(b"[", b"[],", 20_000_000, b"[]]")),
        Attack(
            "json: a million keys",
            lambda path, scale: path.write_bytes(
                b"[{" + b",".join(b'"k%d":1' % n for n in range(int(1_000_000 * scale) + 3000)) + b"}]"
            ),
        ),
        Attack(
            "json: objects of a million kinds",
            lambda path, scale: path.write_bytes(
                b"[" + b",".join(b'{"k%d":1}' % n for n in range(int(1_000_000 * scale) + 9000)) + b"]"
            ),
        ),
        Attack("json: orders to fetch", fixed(order.encode()), sound=True),
        Attack("json: orders in a list", fixed(f"[{order},{order}]".encode()), sound=True),
        Attack(
            "json: a package",
            fixed(f'{{"resources":[{{"name":"a","path":"{trap}"}},{{"name":"b","path":"/etc/passwd"}}]}}'.encode()),
            sound=True,
        ),
        Attack(
            "json: $ref and a remote schema",
            fixed(
                f'{{"$schema":"{trap}","$ref":"{trap}#/x","schema":{{"$ref":"{trap}"}},"data":[{{"a":1}}]}}'.encode()
            ),
            sound=True,
        ),
        Attack("json: fields that are none", fixed(b'{"fields":[1,2],"data":[[1]],"dialect":{"a":[]}}')),
        Attack("json: lines, one without end", repeated(b'{"a":1}\n{"a":"', b"x" * 1000, 60_000)),
        Attack("json: lines that are deep", repeated(b'{"a":1}\n', b"[" * 5000 + b"]" * 5000 + b"\n", 300)),
        Attack(
            "geojson: coordinates without end",
            nested(
                b"[",
                b"]",
                200_000,
                b'{"type":"FeatureCollection","features":[{"type":"Feature","properties":{},"geometry":'
                b'{"type":"MultiPolygon","coordinates":',
                b"}}]}",
            ),
        ),
        Attack(
            "geojson: collections in collections",
            nested(
                b'{"type":"GeometryCollection","geometries":[',
                b"]}",
                100_000,
                b'{"type":"FeatureCollection","features":[{"type":"Feature","properties":{},"geometry":',
                b"}]}",
            ),
        ),
        Attack(
            "geojson: a ring of two million corners",
            repeated(
                b'{"type":"FeatureCollection","features":[{"type":"Feature","properties":{},"geometry":{"type":"Polygon",'
                b'"coordinates":[[',
                b"[114.1,22.1],",
                2_000_000,
                b"[1,2]]]}}]}",
            ),
        ),
        Attack("xml: a billion laughs", fixed(laughs())),
        Attack(
            "xml: quadratic",
            lambda path, scale: path.write_bytes(
                _entity(f'<!ENTITY a "{"a" * 100_000}">') + b"<r>" + b"&a;" * int(30_000 * scale + 100) + b"</r>"
            ),
        ),
        Attack(
            "xml: an entity from outside",
            fixed(
                _entity(f'<!ENTITY a SYSTEM "{trap}"><!ENTITY b SYSTEM "file:///etc/passwd">') + b"<r><x>&a;&b;</x></r>"
            ),
        ),
        Attack(
            "xml: a DTD from outside",
            fixed(f'<?xml version="1.0"?><!DOCTYPE r SYSTEM "{trap}"><r><x>1</x><x>2</x></r>'.encode()),
        ),
        Attack(
            "xml: XInclude and a stylesheet",
            fixed(
                f'<?xml-stylesheet href="{trap}"?><r xmlns:i="http://www.w3.org/2001/XInclude">'
                f'<i:include href="{trap}"/>'
                "<x>1</x><x>2</x></r>".encode()
            ),
        ),
        Attack("xml: a million deep", nested(b"<a>", b"</a>", 1_000_000, b'<?xml version="1.0"?>')),
        Attack(
            "xml: 60 MB of small elements", repeated(b'<?xml version="1.0"?><r>', b"<a b='1'/>", 6_000_000, b"</r>")
        ),
        Attack(
            "xml: a million attributes",
            lambda path, scale: path.write_bytes(
                b"<r><x " + b" ".join(b"a%d='1'" % n for n in range(int(1_000_000 * scale) + 5000)) + b"/><x/></r>"
            ),
        ),
        Attack(
            "kml: links elsewhere",
            fixed(
                f'<kml xmlns="x"><NetworkLink><Link><href>{trap}</href></Link></NetworkLink><Placemark/></kml>'.encode()
            ),
        ),
        Attack(
            "rss: an enclosure and an entity",
            fixed(f'<rss><channel><item><title>a</title><enclosure url="{trap}"/></item></channel></rss>'.encode()),
        ),
        Attack(
            "calendar: recurs for ever",
            fixed(
                b"BEGIN:VCALENDAR\nVERSION:2.0\nPRODID:x\nBEGIN:VEVENT\nUID:1\nDTSTAMP:20240101T000000Z\n"
                b"DTSTART:20240101T000000Z\nRRULE:FREQ=SECONDLY;INTERVAL=1\nEND:VEVENT\nEND:VCALENDAR\n"
            ),
        ),
        Attack(
            "calendar: blocks in blocks",
            nested(b"BEGIN:VEVENT\n", b"END:VEVENT\n", 500_000, b"BEGIN:VCALENDAR\n", b"END:VCALENDAR\n"),
        ),
        Attack(
            "calendar: folded without end", repeated(b"BEGIN:VCALENDAR\nX:", b"a\n ", 9_000_000, b"\nEND:VCALENDAR\n")
        ),
        Attack(
            "calendar: a million properties",
            lambda path, scale: path.write_bytes(
                b"BEGIN:VCALENDAR\nBEGIN:VEVENT\n"
                + b"".join(b"X-%d:1\n" % n for n in range(int(1_000_000 * scale) + 3000))
                + b"END:VEVENT\nEND:VCALENDAR\n"
            ),
        ),
        Attack("page: tables in tables", repeated(b"<!DOCTYPE html><html><body>", b"<table><tr><td>", 2_000_000)),
        Attack(
            "page: tags that never close", repeated(b"<!DOCTYPE html><html><title>", b"<a href='<script ", 1_000_000)
        ),
        Attack("model: one line of 100 MB", repeated(b"v 0 0 0\nv 1 0 0\nv 0 1 0\nf 1 2 3\n", b"v 1 1 1 ", 13_000_000)),
        Attack(
            "model: tiles in tiles",
            nested(
                b'{"boundingVolume":1,"geometricError":1,"children":[',
                b"]}",
                300_000,
                b'{"asset":{"version":"1.1"},"geometricError":1,"root":',
                b"}",
            ),
        ),
        Attack(
            "grid: a billion rows told",
            fixed(b"ncols 1000000000\nnrows 1000000000\nxllcorner 0\nyllcorner 0\ncellsize 1\n1 2 3\n"),
        ),
    )
