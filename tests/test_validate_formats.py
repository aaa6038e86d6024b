"""Formats that are no tables, and bodies made to hurt: each told, none believed, nothing fetched."""

import gzip
import io
import json
import sqlite3
import struct
import tempfile
import zipfile
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from harvester.records import Content
from harvester.sniff import sniff
from harvester.validate import examine

TODAY = date(2026, 11, 23)
RECORDS = [{"date": f"2024-01-{day:02}", "place": f"P{day}", "count": day} for day in range(1, 21)]


def worth(body: bytes) -> Content:
    """Examine bytes as the step does, from a file without a name of its own."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "0" * 64)
        path.write_bytes(body)
        with path.open("rb") as file:
            sniffed = sniff(file)
        return examine(path, sniffed, "0" * 64, len(body), complete=True, today=TODAY)


def zipped(**members: bytes) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, body in members.items():
            archive.writestr(name, body)
    return file.getvalue()


def feature(geometry: Any) -> dict[str, Any]:
    return {"type": "Feature", "geometry": geometry, "properties": {"name": "x", "date": "2024-05-01"}}


def database(application: int) -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "d")
        connection = sqlite3.connect(path)
        connection.execute(f"PRAGMA application_id = {application}")
        connection.executescript(
            "CREATE TABLE gpkg_contents (table_name TEXT); CREATE TABLE sites (a);"
            "INSERT INTO sites VALUES (1), (2); INSERT INTO gpkg_contents VALUES ('sites');"
        )
        connection.close()
        return path.read_bytes()


LETTERS = [{"A": "date", "B": "n"}, *({"A": f"2024-01-{day:02}", "B": day} for day in range(1, 21))]
PLACES = [{"F1": "date", "F2": "n"}, *({"F1": f"2024-01-{day:02}", "F2": day} for day in range(1, 21))]
NAMED = (
    b"<r><row><field name='date'>2024-01-01</field><field name='v'>1</field></row>"
    b"<row><field name='date'>2024-01-02</field><field name='v'>2</field></row></r>"
)
PLAIN = b"<rows><row><d>2024-01-01</d><v>1</v></row><row><d>2024-01-02</d><v>2</v></row></rows>"
RSS = b"<rss><channel><item><pubDate>Mon, 01 Jan 2024 08:00:00 +0800</pubDate></item></channel></rss>"
ATOM = b"<feed xmlns='http://www.w3.org/2005/Atom'><entry><updated>2024-01-01T00:00:00Z</updated></entry></feed>"
EVENT = b"BEGIN:VEVENT\r\nDTSTART;VALUE=DATE:20240101\r\nSUMMARY:Day\r\nEND:VEVENT\r\n"
DBF = struct.pack("<4xIHH20x", 7, 65, 1) + b"NAME".ljust(32, b"\0")


@pytest.mark.parametrize(
    ("document", "verdict", "path", "header_row"),
    [
        (RECORDS, "valid", "", 1),
        ({"success": True, "result": {"records": RECORDS}}, "valid", "result.records", 1),
        ({str(number): record for number, record in enumerate(RECORDS)}, "opens", "*", None),
        (LETTERS, "opens", "", 2),
        (PLACES, "opens", "", 2),
    ],
)  # fmt: skip
def test_json_records_are_found(document: Any, verdict: str, path: str, header_row: int | None) -> None:
    """A list of records is found at the top, nested or keyed, and labels that stand in the first record are told."""
    found = worth(json.dumps(document).encode())
    assert found.dialect
    assert (found.verdict, found.rows, found.dialect.record_path) == (verdict, 20, path)
    assert found.dialect.header_row == header_row
    assert found.profile
    assert (found.profile.latest, found.profile.periods) == ("2024-01-20", 20)


def test_json_is_parsed_strictly() -> None:
    """A document that breaks off or holds NaN is broken; a list Frictionless reads wrongly is repaired by its bytes."""
    assert worth(json.dumps(RECORDS).encode()[:-30]).verdict == "broken"
    assert worth(b'[{"a": NaN}]').verdict == "broken"
    marked = worth(b"\xef\xbb\xbf" + json.dumps(RECORDS).encode())
    assert (marked.verdict, marked.repaired, marked.bom) == ("invalid", "valid", True)
    lines = worth("\n".join(map(json.dumps, RECORDS)).encode())
    assert (lines.format, lines.verdict, lines.rows) == ("jsonl", "valid", 20)


@pytest.mark.parametrize(
    ("geometry", "code"),
    [
        ({"type": "Point", "coordinates": [114.1, 22.3]}, None),
        ({"type": "Polygon", "coordinates": [[[114, 22], [114.1, 22], [114.1, 22.1], [114, 22]]]}, None),
        ({"type": "Polygon", "coordinates": [[[114, 22], [114.1, 22], [114.1, 22.1]]]}, "open-ring"),
        ({"type": "Point", "coordinates": [836000, 816000]}, "out-of-range"),
        ({"type": "Point", "coordinates": ["a", "b"]}, "bad-geometry"),
        ({"type": "Blob", "coordinates": []}, "bad-geometry"),
        (None, "no-geometry"),
        (5, "bad-geometry"),
    ],
)
def test_geojson_is_held_to_its_standard(geometry: Any, code: str | None) -> None:
    """Rings that do not close and coordinates that are no longitude and latitude are told, feature by feature."""
    found = worth(json.dumps({"type": "FeatureCollection", "features": [feature(geometry)]}).encode())
    assert (found.format, found.verdict, found.rows, found.labels) == ("geojson", "opens", 1, ("name", "date"))
    assert [defect.code for defect in found.defects] == ([code] if code else [])


def test_a_grid_that_is_told_is_no_slip() -> None:
    """Hong Kong 1980 Grid coordinates are called projected where the file names its grid, and a slip where not."""
    grid = feature({"type": "Point", "coordinates": [836561, 815610]})
    for crs, code in (("EPSG:2326", "projected"), ("urn:ogc:def:crs:OGC:1.3:CRS84", "out-of-range")):
        told = {"type": "FeatureCollection", "crs": {"type": "name", "properties": {"name": crs}}, "features": [grid]}
        found = worth(json.dumps(told).encode())
        assert [defect.code for defect in found.defects] == [code]
        assert ("EPSG:2326" in found.defects[0].examples[0]) == (code == "projected")


@pytest.mark.parametrize(
    ("around", "more"),
    [
        ({"total": 60, "page": 1}, True),
        ({"total": 20, "page": 1, "next": "https://a.gov.hk/x?page=2"}, False),
        ({"total": 48210}, None),
        ({"links": {"next": "/x?page=2"}}, True),
        ({"links": [{"rel": "next", "href": "/x?page=2"}]}, True),
        ({"_links": {"next": {"href": "/x?offset=20"}}}, True),
        ({"next": "Tuesday"}, None),
        ({"next": None, "previous": None}, None),
        ({"exceededTransferLimit": True}, True),
        ({"exceededTransferLimit": False}, None),
        ({"@odata.nextLink": "https://a.gov.hk/x?$skip=20"}, True),
        ({"page": 1, "totalPages": 3}, True),
        ({"page": 1, "totalPages": 1}, None),
        ({"nextPageToken": "abc"}, True),
        ({"count": 20, "status": "ok"}, None),
    ],
)
def test_a_page_of_more_says_so(around: dict[str, Any], more: bool | None) -> None:
    """A total, a link or a flag tells that there is more; a total that is all held tells that there is not."""
    kept = worth(json.dumps({**around, "result": {"records": RECORDS}}).encode()).profile
    assert kept is not None
    assert kept.more is more


def test_pages_of_xml_and_geojson_say_so_too() -> None:
    """WFS counts what it matched, Atom (RFC 5005) links to its next page."""
    member = '<x:a xmlns:x="http://www.opengis.net/gml"><x:n>1</x:n></x:a>'
    atom = '<feed xmlns="http://www.w3.org/2005/Atom"><link rel="{}" href="/f?p=2"/><entry><id>1</id></entry></feed>'
    points = {"type": "FeatureCollection", "features": [feature({"type": "Point", "coordinates": [114.1, 22.3]})]}
    for body, more in (
        (f'<list numberMatched="9" numberReturned="2">{member}{member}</list>', True),
        (f'<list numberMatched="2" numberReturned="2">{member}{member}</list>', False),
        (atom.format("next"), True), (atom.format("self"), None),
        (json.dumps(points | {"numberMatched": 9, "numberReturned": 1}), True), (json.dumps(points), None),
    ):  # fmt: skip
        kept = worth(body.encode()).profile
        assert kept is not None
        assert kept.more is more, body


@pytest.mark.parametrize(
    ("body", "format_", "rows", "latest"),
    [
        (PLAIN, "xml", 2, "2024-01-02"),
        (NAMED, "xml", 2, "2024-01-02"),
        (RSS, "rss", 1, "2024-01-01"),
        (ATOM, "atom", 1, "2024-01-01"),
        (b"<kml xmlns='http://www.opengis.net/kml/2.2'><Placemark><name>a</name></Placemark></kml>", "kml", 1, None),
        (b"BEGIN:VCALENDAR\r\n" + EVENT + b"END:VCALENDAR\r\n", "ics", 1, "2024-01-01"),
        (zipped(**{"doc.kml": b"<kml><Placemark/><Placemark/></kml>"}), "kmz", 2, None),
        (zipped(**{"readme.txt": b"Hello", "a.csv": b"date,v\n2024-01-01,1\n2024-01-02,2\n"}), "zip", 2, "2024-01-02"),
        (gzip.compress(b"date,v\n2024-01-01,1\n2024-01-02,2\n"), "gzip", 2, "2024-01-02"),
        (database(0x47504B47), "gpkg", 2, None),
        (zipped(**{"a.shp": b"", "a.shx": b"", "a.dbf": DBF}), "shp", 7, None),
    ],
)  # fmt: skip
def test_other_formats_open_and_are_counted(body: bytes, format_: str, rows: int, latest: str | None) -> None:
    """Each format opens by its own reader, its records are counted and the time they tell is found."""
    found = worth(body)
    assert (found.format, found.verdict, found.rows) == (format_, "opens", rows)
    assert (found.profile.latest if found.profile else None) == latest


@pytest.mark.parametrize(
    "body",
    [
        b"<rows><row><d>2024-01-01</d></row><row>",
        b"BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\n",
        b"%PDF-1.4\nhalf a document",
        b"\x89PNG\r\n\x1a\nhalf a picture",
        zipped(**{"a.csv": b"a,b\n1,2\n" * 400})[:-40],
        zipped(**{"a.shp": b"", "a.dbf": b""}),
        zipped(**{"stops.txt": b"", "routes.txt": b"", "trips.txt": b""}),
        zipped(**{"[Content_Types].xml": b"", "xl/workbook.xml": b"<x"}),
        b"SQLite format 3\x00" + b"\x00" * 4000,
        gzip.compress(b"a,b\n" * 400)[:-20],
        b"",
    ],
)
def test_what_does_not_open_is_broken_and_says_why(body: bytes) -> None:
    """A body cut short, or without the parts its format needs, is broken with a sentence."""
    found = worth(body)
    assert found.verdict == "broken"
    assert found.reason


@pytest.mark.parametrize(
    ("body", "ladder"),
    [
        (b"<!DOCTYPE html><title>Map</title>", "page"),
        (b"%PDF-1.4\n%%EOF", "document"),
        (b"GIF89a;", "picture"),
        (zipped(**{"a.png": b"\x89PNG\r\n\x1a\nIEND\xaeB`\x82"}), "picture"),
        (zipped(**{"a.csv": b"a,b\n1,2\n"}), "archive"),
        (b"a,b\n1,2\n", "table"),
        (b'[{"a":1}]', "structured"),
    ],
)
def test_each_format_stands_on_its_rung(body: bytes, ladder: str) -> None:
    """How far a machine can use a body is told by what it is, and an archive of pictures is pictures."""
    assert worth(body).ladder == ladder


@pytest.mark.parametrize(
    "body",
    [
        b"[" * 100_000 + b"]" * 100_000,
        b'[{"a":1' + b"0" * 1_000_000 + b"}]",
        b"[{" + b",".join(b'"k%d":1' % number for number in range(3000)) + b"}]",
        b",".join(b"c%d" % number for number in range(20_000)) + b"\n" + b",".join([b"1"] * 20_000) + b"\n",
        b",".join([b"a"] * 1500) + b"\n" + b",".join([b"1"] * 1500) + b"\n",
        b"a,b\n1,2\n" + b"1," + b"x" * 1_500_000 + b"\n",
        zipped(**{"a.csv": b"0" * 100_000_000}),
        b'<?xml version="1.0"?><!DOCTYPE l [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]><l><r>&b;</r><r/></l>',
        b'<?xml version="1.0"?><!DOCTYPE l [<!ENTITY x SYSTEM "file:///etc/passwd">]><l><r>&x;</r><r/></l>',
        b"MZ\x90\x00" + bytes(range(256)) * 20,
    ],
)
def test_hostile_bodies_are_unmeasured_never_invalid(body: bytes) -> None:
    """What no parser should be given is turned away at the gate, with the reason, and is nobody's invalid table."""
    found = worth(body)
    assert found.verdict == "unmeasured"
    assert found.reason


@pytest.mark.parametrize(
    "body",
    [
        b'{"path": "http://127.0.0.1:9/never.csv", "format": "csv"}',
        b'{"resources": [{"path": "http://127.0.0.1:9/never.csv"}, {"path": "/etc/passwd"}]}',
        b'[{"path": "http://127.0.0.1:9/never.csv", "data": 1}]',
        b'{"fields": [1, 2]}',
        b'{"data": [{"a": 1}, {"a": 2}]}',
    ],
)
def test_a_body_that_looks_like_a_descriptor_is_only_data(body: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    """JSON that Frictionless would take for orders (fetch this, read that) is read as the data it is."""

    def refuse(*_: object) -> None:
        raise AssertionError("an address in the body was followed")

    monkeypatch.setattr("socket.socket.connect", refuse)
    assert worth(body).verdict in ("valid", "opens")


@pytest.mark.parametrize(
    "body",
    [
        b'a,b\n1,"2\n' + b"3,4\n" * 5000,
        b"a,b\n" + b"\x00" * 3 + b"1,2\n" * 500,
        b"a,b\n1," + b"9" * 100_000 + b"\n2,3\n",
        b"<!DOCTYPE html><html><body>a,b\n1,2</body></html>",
        b'{"type":"FeatureCollection","features":[1,null,"x",{"type":"Feature","geometry":5,"properties":[1]}]}',
        b'{"type":"FeatureCollection","features":[{"type":"Feature","geometry":{"type":"Polygon","coordinates":'
        + b"[" * 500 + b"]" * 500 + b"}}]}",
        b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\x00" * 400 + "Workbook".encode("utf-16-le") + b"\x00" * 3000,
    ],
)  # fmt: skip
def test_odd_bodies_get_an_answer(body: bytes) -> None:
    """Unclosed quotes, NULs, giant numbers, garbage behind a signature: an answer each time, nothing raised."""
    assert worth(body).verdict in ("valid", "invalid", "opens", "broken", "unmeasured")
