"""What a body is, by its bytes alone."""

import gzip
import io
import zipfile

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harvester.sniff import sniff

CHINESE = "年,月,數值\n2020,1,香港天文台每日平均氣溫的數值\n2021,2,中西區灣仔銅鑼灣\n"
SIMPLIFIED = "年,月,数值\n2020,1,香港天文台每日平均气温的数值\n2021,2,中西区湾仔铜锣湾\n"


def zipped(**members: str) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        for name, text in members.items():
            archive.writestr(name, text)
    return file.getvalue()


def page(title: str, body: str = "", head: str = "") -> bytes:
    return f"<!DOCTYPE html><html><head><title>{title}</title>{head}</head><body>{body}</body></html>".encode()


@pytest.mark.parametrize(
    ("body", "encoding", "bom"),
    [
        (b"a,b\n1,2\n", "ascii", False),
        (CHINESE.encode(), "utf-8", False),
        (CHINESE.encode("utf-8-sig"), "utf-8", True),
        (CHINESE.encode("utf-16"), "utf-16-le", True),
        (b"\xfe\xff" + CHINESE.encode("utf-16-be"), "utf-16-be", True),
        (CHINESE.encode("utf-16-le"), "utf-16-le", False),
        (CHINESE.encode("utf-16-be"), "utf-16-be", False),
        (CHINESE.encode("big5"), "big5", False),
        ((CHINESE + "啲,嘅,邨咗㗎\n").encode("big5hkscs"), "big5-hkscs", False),
        (SIMPLIFIED.encode("gb18030"), "gb18030", False),
        ("名称,地址\n图书馆,中环\n".encode("gb18030"), "gb18030", False),
        ("Name,Fee\nCafé,£5\n".encode("cp1252"), "windows-1252", False),
        (CHINESE.encode() + CHINESE.encode("big5"), "mixed", False),
        (CHINESE.encode() * 400 + b"2022,3,\xa0\n" + CHINESE.encode(), "mixed", False),
        (CHINESE.encode() * 4000 + CHINESE.encode("big5") * 20, "mixed", False),
        (b"a,b\n" + b"1,2\n" * 100_000 + "中,文\n".encode(), "utf-8", False),
        (b"a,b\n" + b"1,2\n" * 100_000 + CHINESE.encode("big5") * 9, "big5", False),
    ],
)  # fmt: skip
def test_encoding_is_told_from_the_bytes(body: bytes, encoding: str, bom: bool) -> None:
    """Each encoding Hong Kong's publishers use is told, with and without its byte-order mark."""
    found = sniff(io.BytesIO(body))
    assert (found.format, found.encoding, found.bom) == ("csv", encoding, bom)


@pytest.mark.parametrize(
    ("body", "format_"),
    [
        (b"a\tb\n1\t2\n", "tsv"),
        (b"a;b\n1;2\n", "csv"),
        (b"a|b\n1|2\n", "csv"),
        (b"a,b,c\n", "csv"),
        (b"name\nAlpha\nBeta\n", "csv"),
        (b"Title\n\nSource: us\na,b,c\n1,2,3\n4,5,6\n\nNote: x\nNote: y\nNote z\nNote w\n", "csv"),
        (b'id,html\n1,"<html><body><h1>404 not found</h1></body></html>"\n2,"<b>x</b>"\n', "csv"),
        (b"<b>name</b>,x\n<b>a</b>,1\n", "csv"),
        (b"month,logins,failed login,errors\n2020-01,5,1,3\n", "csv"),
        (b"a,b\n1,2\x00\n3,4\n", "csv"),
        (b"Dear Sir,\n\nThank you for your letter, which we have read, and liked.\nWe are, as ever, yours.\n", "text"),
        (b'{"a":1}\n{"a":2}\n', "jsonl"),
        (b'[{"a":"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx","b":12},{"a":"yyyyy', "json"),
        (b"[" * 100_000, "json"),
        (b"[1" + b"0" * 1_000_000 + b"]", "json"),
        (b'{"features":[{"type":"Feature","geometry":null,"properties":{}}],"type":"FeatureCollection"}', "geojson"),
        (b'{"type":"FeatureCollection","name":"x","features":[' + b'{"type":"Feature"},' * 20_000, "geojson"),
        (b'{"features":[' + b'{"type":"Feature"},' * 20_000 + b'{}],"type":"FeatureCollection"}', "geojson"),
        (b'{"data":{"type":"FeatureCollection","features":[]}}', "json"),
        (b'{"type":"Topology","objects":{},"arcs":[]}', "topojson"),
        (b'<?xml version="1.0"?><rss version="2.0"><channel/></rss>', "rss"),
        (b'<feed xmlns="http://www.w3.org/2005/Atom"/>', "atom"),
        (b'<?xml version="1.0"?><!-- c --><kml xmlns="x"><Document/></kml>', "kml"),
        (b'<gml:FeatureCollection xmlns:gml="http://www.opengis.net/gml"/>', "gml"),
        (b'<gpx version="1.1"/>', "gpx"),
        (b'<?xml version="1.0"?><!DOCTYPE z [<!ENTITY a "b">]><z>&a;</z>', "xml"),
        ('<?xml version="1.0" encoding="utf-16"?><r><a/></r>'.encode("utf-16"), "xml"),
        (b"BEGIN:VCALENDAR\r\nEND:VCALENDAR", "ics"),
        (b"%PDF-1.4\n", "pdf"),
        (b"\x89PNG\r\n\x1a\n", "png"),
        (b"SQLite format 3\x00" + b"\x00" * 52 + b"GPKG" + b"\x00" * 40, "gpkg"),
        (b"MZ\x90\x00" + bytes(range(256)) * 10, "binary"),
        (gzip.compress(b"a,b\n"), "gzip"),
        (zipped(**{"a.csv": "x"}), "zip"),
        (zipped(**{"[Content_Types].xml": "", "xl/workbook.xml": ""}), "xlsx"),
        (zipped(**{"xl/vbaProject.bin": "", "xl/workbook.xml": ""}), "xlsm"),
        (zipped(**{"word/document.xml": ""}), "docx"),
        (zipped(**{"mimetype": "application/vnd.oasis.opendocument.spreadsheet", "content.xml": ""}), "ods"),
        (zipped(**{"d/a.shp": "", "d/a.dbf": ""}), "shp"),
        (zipped(**{"stops.txt": "", "routes.txt": "", "trips.txt": ""}), "gtfs"),
        (zipped(**{"x.gdb/a0001.gdbtable": ""}), "fgdb"),
        (zipped(**{"doc.kml": "", "icon.png": ""}), "kmz"),
        (b"PK\x03\x04" + b"\x00" * 500, "zip"),
        (b"", "empty"),
        (b"\xef\xbb\xbf\r\n", "empty"),
    ],
)  # fmt: skip
def test_format_is_told_from_the_bytes(body: bytes, format_: str) -> None:
    """Each format is named by its bytes, whole or cut off, and a look-alike is not taken for it."""
    assert sniff(io.BytesIO(body)).format == format_


@pytest.mark.parametrize(
    ("body", "nature"),
    [
        (b'{"code":"422","message":"Invalid/Missing parameter(s)"}', "error"),
        (b'{"success":false}', "error"),
        (b'{"error":{"code":499,"message":"Token required"}}', "error"),
        (b'{"message":"Not Found"}', "error"),
        (b'{"error_rate":0.5,"name":"x"}', "data"),
        (b'[{"error":"none","rate":1}]', "data"),
        (b'{"status":"200","message":"OK","data":[{"a":1}]}', "data"),
        (b'{"error":null,"data":{"a":1}}', "data"),
        (b'{"success":true,"result":{"records":[]}}', "data"),
        (b'<?xml version="1.0"?><Error><Code>NoSuchKey</Code></Error>', "error"),
        (b"<ows:ExceptionReport xmlns:ows='x'/>", "error"),
        (b"<?xml version='1.0'?><ErrorRates><rate>1</rate></ErrorRates>", "data"),
        (b"404 page not found\n", "error"),
        (b"Error: could not connect to the database, please try again later\r\n", "error"),
        (b"Connection refused", "error"),
        ("系統繁忙，請稍後再試\n".encode(), "error"),
        (b"Error\nNone\nDisk full\nNone\n", "data"),
        (b"Remarks\nFile received\nChecked\nPaid\n", "data"),
        (b"error,count\nnot found,2\n", "data"),
        ('{"responseCode":-1,"responseMsg":"系統繁忙，請稍後再試","data":null}'.encode(), "error"),
        (b'{"resultMessage":"Request timed out","items":[],"requestId":"a1"}', "error"),
        (b'{"message":"All lines are busy","line":"East Rail","since":"09:10"}', "data"),
        (b'{"responseMsg":"success","count":0,"data":[]}', "data"),
        (b'{"Code":"InvalidParameter","Message":"The stop is not valid"}', "error"),
        (b'{"Code":"400","Message":"Bad request"}', "error"),
        (b'{"status":"ERROR","msg":"x"}', "error"),
        (b'{"result":"fail","reason":"no such stop"}', "error"),
        (b'{"error_code":"1","error_msg":"stop"}', "error"),
        (b'{"errorCode":"0","errorMessage":"","result":[]}', "data"),
        (b'{"fault":{"faultstring":"Invalid ApiKey"}}', "error"),
        (b'{"timestamp":"2026-01-01T00:00:00","status":500,"error":"Internal Server Error","path":"/x"}', "error"),
        (b'{"message":"No HTTP resource was found that matches the request URI"}', "error"),
        (b'["Invalid time parameter"]', "error"),
        (b'[{"error":"Invalid time parameter"}]', "error"),
        (b'["Sha Tin","Missing"]', "data"),
        (b"[]", "data"),
        (b'{"data":[],"message":"No records found"}', "data"),
        (b'{"type":"FeatureCollection","features":[]}', "data"),
        (b'{"type":"ETA","version":"1.0","generated_timestamp":"2026-01-01","data":[]}', "data"),
        (b'{"status":0,"message":"Special train service arrangement","url":"x"}', "data"),
        (b"<ServiceExceptionReport><ServiceException code='LayerNotDefined'/></ServiceExceptionReport>", "error"),
        (b"<response><status>error</status><message>x</message></response>", "error"),
        (b"<result><code>500</code><message>Internal error</message></result>", "error"),
        (b"<stop><code>500</code><description>Nathan Road</description></stop>", "data"),
        (b"<?xml version='1.0'?><ArrayOfStop/>", "data"),
        (b"Missing required parameter: stop", "error"),
        (b"Parameter stop is missing", "error"),
        (page("Sign in", "<form><input type='password'></form>"), "login"),
        (page("Just a moment...", "Checking your browser before accessing"), "challenge"),
        (page("Security", "<div class='g-recaptcha'></div>"), "challenge"),
        (page("404 - File or directory not found."), "error"),
        (page("找不到網頁"), "error"),
        (page("系统维护中"), "error"),
        (page("", "<h1>系統維護</h1>"), "error"),
        (b"<br />\n<b>Fatal error</b>:  Uncaught Error in /var/www<br />", "error"),
        (page("Map", '<div id="root"></div>', '<script src="a.js"></script>'), "shell"),
        (page("Road maintenance and error rates 2020", "<p>" + "word " * 200), "page"),
        (page("Roads", "<p>" + "word " * 200, '<script src="a.js"></script>'), "page"),
        (page("503 schools took part", "<p>" + "word " * 200), "page"),
        (b"\n \n", "empty"),
    ],
)  # fmt: skip
def test_nature_is_what_a_body_is_meant_as(body: bytes, nature: str) -> None:
    """An error, a login, a wall or an empty shell is told from data and from an honest page, in three languages."""
    assert sniff(io.BytesIO(body)).nature == nature


def test_members_are_named_and_bounded() -> None:
    """The names inside an archive are told, fifty at most."""
    found = sniff(io.BytesIO(zipped(**{f"{i:03}.csv": "" for i in range(60)})))
    assert found.members[:2] == ("000.csv", "001.csv")
    assert len(found.members) == 50


def test_only_the_ends_are_read() -> None:
    """However long a body is, little of it is read."""

    class Counted(io.BytesIO):
        got = 0

        def read(self, size: int | None = -1, /) -> bytes:
            data = super().read(size)
            self.got += len(data)
            return data

    body = Counted(b"a,b\n" + b"1,2\n" * 1_000_000)
    assert sniff(body).format == "csv"
    assert body.got <= 400 * 1024


@given(st.binary(max_size=300))
def test_nothing_is_raised(body: bytes) -> None:
    """Whatever the bytes, there is an answer."""
    assert sniff(io.BytesIO(body)).format


@given(
    st.lists(st.text("香港天文台每日平均氣溫的數值中西區灣仔銅鑼", min_size=4, max_size=12), min_size=6, max_size=20),
    st.sampled_from(["utf-8", "utf-16", "utf-16-le", "utf-16-be", "big5"]),
)
def test_chinese_tables_keep_their_encoding(cells: list[str], encoding: str) -> None:
    """A small Chinese table is decoded by the encoding found to what was written."""
    text = "名稱,數值\r\n" + "".join(f"{cell},{number}\r\n" for number, cell in enumerate(cells))
    found = sniff(io.BytesIO(text.encode(encoding)))
    assert found.encoding is not None
    assert text.encode(encoding).decode(found.encoding).removeprefix("\ufeff") == text
