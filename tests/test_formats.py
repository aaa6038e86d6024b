"""Every format the portal lists: an examiner, a rung with a source, a verdict on a good and on a broken file."""

import io
import json
import sqlite3
import stat
import struct
import tempfile
import zipfile
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harvester.records import Content
from harvester.sniff import sniff
from harvester.validate import examine
from harvester.validate.examination import EXAMINERS
from harvester.validate.geometry import faults, told
from harvester.validate.ladder import LADDER, PORTAL, rung
from harvester.vocabulary import FORMATS, read_format
from tests import made_files
from tests.made_files import BROKEN, GOOD, RECORDS, TABLE, feed, picture, shapefile, zipped

TODAY = date(2026, 11, 23)
SHARED = Path(__file__).resolve().parents[2] / "shared" / "hk" / "files"
DOCS = Path(__file__).parents[1] / "docs" / "formats.md"
ROWS = {"3DS": None, "CESIUM3DTILES": None, "DGN": None, "DWG": None, "FBX": None, "GEOTIFF": None, "GLTF": None,
        "JPEG": None, "MAX": None, "MDB": None, "OBJ": None, "OSGB": None, "PNG": None, "VRML": None, "ASC": 2,
        "ASCII": 2, "DAE": 2, "FGDB": 5, "GEOPACKAGE": 2, "GFS": 1, "GML": 1, "GTFS": 2, "GeoJSON": 1, "ICS": 1,
        "KML": 1, "KMZ": 1, "RINEX": 2, "RSS": 2, "RTCM": 3, "SHP": 3, "XML": 2}  # fmt: skip
"""What is counted in each good file; 20 where it is the table."""
TOLD = {"CSV": "invalid", "RTCM": "opens"}
"""Broken files that are told another way: Frictionless's verdict, and a stream whose last message is cut."""


def worth(body: bytes) -> Content:
    """Examine bytes as the step does, from a file without a name of its own."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "0" * 64)
        path.write_bytes(body)
        with path.open("rb") as file:
            sniffed = sniff(file)
        return examine(path, sniffed, "0" * 64, len(body), complete=True, today=TODAY)


def facts(content: Content) -> dict[str, str]:
    """What only the content's format has."""
    return dict(content.profile.facts) if content.profile else {}


def codes(content: Content) -> list[str]:
    """The codes of the content's defects."""
    return [defect.code for defect in content.defects]


def test_every_format_of_the_portal_has_an_examiner_and_a_rung() -> None:
    """Each of the 38 is read from its own word, has a reader of its own, stands on a rung, and is in the docs."""
    assert len(PORTAL) == 38
    page = DOCS.read_text(encoding="utf-8")
    for word, found in PORTAL.items():
        assert read_format(word) in FORMATS, word
        assert f"| {word} |" in page, word
        for format_ in found:
            assert format_ in (*EXAMINERS, "zip"), word
            assert rung(format_) != "unknown", word
    assert set(PORTAL) == set(GOOD) == set(BROKEN)


def test_what_can_be_told_has_an_examiner_and_a_rung() -> None:
    """No format has a rung and no reader, or the other way round, but those told by their signature or unpacked."""
    assert set(LADDER) - set(EXAMINERS) == {"rtf", "zip", "gzip"}
    assert set(EXAMINERS) - set(LADDER) == {"binary", "empty"}


@pytest.mark.parametrize("word", GOOD)
def test_a_good_file_opens_and_is_counted(word: str) -> None:
    """A sound file of each format is told from its bytes, opens, and its rows, features or entries are counted."""
    found = worth(GOOD[word])
    assert found.format in PORTAL[word]
    assert found.verdict in ("valid", "opens")
    assert found.rows == ROWS.get(word, 20)
    assert not found.defects
    assert found.ladder == ("structured" if word == "GEOTIFF" else rung(PORTAL[word][0]))


@pytest.mark.parametrize("word", BROKEN)
def test_a_broken_file_is_told_and_says_why(word: str) -> None:
    """A file cut short, or without what its format needs, is broken with a sentence."""
    found = worth(BROKEN[word])
    assert found.format in PORTAL[word]
    assert found.verdict == TOLD.get(word, "broken")
    assert found.reason or codes(found) == ["bad-message"]


def test_facts_of_a_format_are_told() -> None:
    """What only one format has is told by name: projection, size, kinds, versions, days of service."""
    for word, expected in {
        "GEOTIFF": {"width": "40", "height": "30", "projection": "EPSG:2326", "pixel": "5 x 5"},
        "GEOPACKAGE": {"layers": "1", "projection": "EPSG:2326"},
        "SHP": {"projection": "Hong_Kong_1980_Grid", "table_encoding": "big5", "geometry": "point"},
        "GTFS": {"service_from": "2024-01-01", "service_to": "2030-12-31", "trips": "1"},
        "GML": {"projection": "EPSG:2326"}, "CESIUM3DTILES": {"tiles": "3"}, "DWG": {"version": "AutoCAD 2018"},
        "RINEX": {"version": "3.04", "epochs": "2"}, "RTCM": {"messages": "3", "kinds": "1077, 1005"},
        "ZIP": {"members": "3", "data_files": "2", "judged": "2"}, "GLTF": {"files_besides": "1"},
    }.items():  # fmt: skip
        assert expected.items() <= facts(worth(GOOD[word])).items(), word


def test_every_data_file_of_an_archive_is_judged() -> None:
    """Not only the first: each is a part with its verdict, the reason counts those that do not read."""
    found = worth(zipped({"a.json": b"[{", "b.csv": TABLE.encode(), "c/d.xml": b"<rows><row>", "e.zip": GOOD["ZIP"]}))
    assert found.profile
    parts = [(part.name, part.format, part.verdict, part.rows) for part in found.profile.parts]
    assert parts == [
        ("a.json", "json", "broken", None), ("b.csv", "csv", "valid", 20), ("c/d.xml", "xml", "broken", None),
        ("e.zip", "zip", "unmeasured", None),
    ]  # fmt: skip
    assert (found.verdict, found.rows, found.ladder) == ("opens", 20, "archive")
    assert found.reason
    assert found.reason.startswith("3 of 4 data files inside do not read. a.json inside, JSON, is broken")


def test_an_archive_of_many_files_is_judged_up_to_a_limit() -> None:
    """Twenty data files are judged, and that there are more is said."""
    found = worth(zipped({f"{number:03}.csv": TABLE.encode() for number in range(30)}))
    assert facts(found) == {"members": "30", "data_files": "30", "judged": "20"}
    assert found.reason == "20 of 30 data files inside were judged."


def test_names_that_climb_and_links_are_told_and_followed_nowhere() -> None:
    """A member's name never becomes a path of ours; a symbolic link is not followed."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("../../climbed.csv", TABLE)
        link = zipfile.ZipInfo("passwd.csv")
        link.external_attr = (stat.S_IFLNK | 0o777) << 16
        archive.writestr(link, "/etc/passwd")
    found = worth(file.getvalue())
    assert codes(found) == ["unsafe-name", "link"]
    assert (found.verdict, found.rows) == ("opens", 20)
    assert not Path(tempfile.gettempdir(), "..", "climbed.csv").exists()


def test_a_shapefile_whose_files_disagree_says_so() -> None:
    """Another number of shapes than rows, and no projection, are told; the table in it is profiled."""
    found = worth(shapefile(rows=3, shapes=2))
    assert codes(found) == ["counts-differ"]
    assert codes(worth(shapefile(projection=""))) == ["no-projection"]
    assert (found.labels, found.rows) == (("NAME",), 3)
    assert found.profile
    assert found.profile.districts == ("Wan Chai",)


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"trips": "route_id,service_id,trip_id\nX,S,T\n"}, "dangling-id"),
        ({"stops": "stop_id,stop_name\n1,One\n1,Two\n2,Three\n"}, "duplicate-id"),
        (
            {"stop_times": "trip_id,arrival_time,departure_time,stop_id,stop_sequence\nT,8.30,08:30:00,1,1\n"},
            "bad-time",
        ),
        (
            {
                "calendar": "",
                "calendar_dates": "service_id,date,exception_type\nS,2024-01-01,1\nS,20240102,1\nS,20280101,1\n",
            },
            "bad-date",
        ),
        ({"calendar": "", "calendar_dates": "service_id,date,exception_type\nS,20200101,1\n"}, "not-covering-today"),
        ({"routes": "route_id,agency_id,route_short_name,route_type\nR,A,1\n"}, "ragged-row"),
    ],
)
def test_a_feed_is_held_to_the_rules_of_gtfs(changed: dict[str, str], code: str) -> None:
    """Ids that refer to nothing, times and dates that are none, and a service that is over are counted by code."""
    found = worth(feed(**changed))
    assert (found.verdict, codes(found)) == ("opens", [code])


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        (made_files.pdf("Annual report of the department"), {"pages": "1", "pages_with_text": "1", "kind": "text"}),
        (made_files.pdf(""), {"pages": "1", "pages_with_text": "0", "kind": "scanned"}),
        (
            b"<!DOCTYPE html><title>x</title><table><tr><td>1</table><table><tr><td>1<tr><td>2</table>",
            {"tables": "1", "longest_table_rows": "2"},
        ),
        (
            zipped({
                "word/document.xml": b'<d xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main">'
                b"<w:tbl/><w:p/></d>"
            }),
            {"paragraphs": "1", "tables": "1"},
        ),
    ],
)  # fmt: skip
def test_what_is_for_people_is_looked_into(body: bytes, expected: dict[str, str]) -> None:
    """A PDF's pages are text or scans, a page's and a document's tables are told; none of them climbs a rung."""
    found = worth(body)
    assert found.ladder in ("document", "page")
    assert expected.items() <= facts(found).items()


def test_a_workbook_of_opendocument_is_judged_as_a_table() -> None:
    """An ODS sheet gets Frictionless's verdict, its title row is found, and its repeated cells are bounded."""
    rows = [list(RECORDS[0]), *([str(cell) for cell in record.values()] for record in RECORDS)]
    found = worth(made_files.opendocument(rows))
    assert (found.format, found.verdict, found.rows, found.ladder) == ("ods", "valid", 20, "table")
    titled = worth(made_files.opendocument([["Counts of places", "", ""], *rows]))
    assert titled.dialect
    assert (titled.verdict, titled.repaired, titled.dialect.header_row) == ("invalid", "valid", 2)


def test_pictures_too_large_are_not_decoded() -> None:
    """A picture that says it is enormous is unmeasured with its size told; nothing of it is decoded."""
    small = picture("PNG")
    bomb = small[:16] + struct.pack(">II", 100_000, 100_000) + small[24:]
    crc = struct.pack(">I", __import__("zlib").crc32(bomb[12:29]))
    found = worth(bomb[:29] + crc + bomb[33:])
    assert found.verdict == "unmeasured"
    assert facts(found) == {"width": "100000", "height": "100000"}


def test_a_hidden_schema_runs_nothing() -> None:
    """A view in the place of a layer is told and not read, and so is a layer that is not there."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "d")
        path.write_bytes(GOOD["GEOPACKAGE"])
        connection = sqlite3.connect(path)
        connection.executescript(
            "CREATE VIEW bomb AS WITH RECURSIVE r(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM r) SELECT n FROM r;"
            "INSERT INTO gpkg_contents VALUES ('bomb', 'features', 1), ('gone', 'features', 1);"
        )
        connection.close()
        found = worth(path.read_bytes())
    assert (found.verdict, found.rows, codes(found)) == ("opens", 2, ["missing-layer"])
    assert found.defects[0].count == 2


SQUARE = [[114.0, 22.0], [114.1, 22.0], [114.1, 22.1], [114.0, 22.1], [114.0, 22.0]]


@given(st.booleans(), st.floats(-1, 1), st.floats(-1, 1))
def test_winding_is_told_and_never_failed(reverse: bool, east: float, north: float) -> None:
    """A ring the wrong way round is told by its own code alone, wherever it lies."""
    ring = [[x + east, y + north] for x, y in (SQUARE[::-1] if reverse else SQUARE)]
    feature = {"type": "Feature", "geometry": {"type": "Polygon", "coordinates": [ring]}, "properties": {}}
    assert list(faults([feature])) == (["winding"] if reverse else [])


def test_a_grid_that_nothing_names_is_guessed_and_said_to_be() -> None:
    """Metres of the Hong Kong 1980 Grid are out of range as degrees, and the sentence says what they fit."""
    feature: dict[str, Any] = {"type": "Feature", "geometry": {"type": "Point", "coordinates": [836561, 815610]}}
    (_, words), *_ = faults([feature])["out-of-range"]
    assert words.endswith("but fits the Hong Kong 1980 Grid.")
    assert told([feature])["projection"] == "perhaps EPSG:2326 (Hong Kong 1980 Grid)"
    found = worth(json.dumps({"type": "FeatureCollection", "features": [feature | {"properties": {}}]}).encode())
    assert facts(found)["geometry"] == "Point 1"


@given(st.sampled_from(sorted(GOOD)), st.data())
def test_a_wounded_file_always_gets_a_verdict(word: str, data: st.DataObject) -> None:
    """Cut anywhere or changed in a few bytes, a file of any format gets a verdict, with a sentence where it is bad."""
    body = bytearray(GOOD[word])
    for _ in range(data.draw(st.integers(0, 3))):
        body[data.draw(st.integers(0, len(body) - 1))] = data.draw(st.integers(0, 255))
    content = worth(bytes(body[: data.draw(st.integers(1, len(body)))]))
    assert content.verdict in ("valid", "invalid", "opens", "broken", "unmeasured")
    assert content.reason or content.verdict not in ("broken", "unmeasured")


@pytest.mark.shared
@pytest.mark.skipif(not SHARED.is_dir(), reason="../shared/hk/files is not beside the checkout")
def test_recorded_documents_and_maps_are_read_as_they_are() -> None:
    """Of the seven PDFs two are scans; the six GeoJSON files name their grid; each has the rows a person counts."""
    kinds = [facts(worth(path.read_bytes()))["kind"] for path in sorted(SHARED.rglob("*.pdf"))]
    assert kinds == ["text", "text", "scanned", "scanned", "text", "text", "text"]
    rows = {"STOP_TRAM": 117, "STOP_FERRY": 67, "CYCPARKSPACE": 489, "CYCTRACK": 1574, "EPDPCS19": 21}
    for name, count in rows.items():
        found = worth(next(SHARED.rglob(f"{name}.json")).read_bytes())
        assert (found.rows, facts(found)["projection"], codes(found)) == (count, "EPSG:2326", ["projected"])
