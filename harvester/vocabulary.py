"""Raw words of a catalogue to plain values: dates, formats, and what an address is by its shape. Pure; never raises."""

import re
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from typing import Final
from urllib.parse import unquote, urlsplit

from harvester.clock import HONG_KONG, iso
from harvester.frequency import Frequency, read_frequency
from harvester.records import Kind

__all__ = ["FORMATS", "Frequency", "address_kind", "host_of", "read_date", "read_format", "read_frequency"]

_ISO = re.compile(r"(\d{4})-(\d{1,2})(?:-(\d{1,2}))?(?:[T ](.+))?")
_DAY_FIRST = re.compile(r"(\d{1,2})[/.-](\d{1,2})[/.-](\d{4})(?:[T ,]+(.+))?")
_YEAR_FIRST = re.compile(r"(\d{4})[/.](\d{1,2})(?:[/.](\d{1,2}))?(?:[T ]+(.+))?")
_COMPACT = re.compile(r"(\d{4})(\d{2})(\d{2})")
_CHINESE = re.compile(r"(\d{4})年(?:(\d{1,2})月(?:(\d{1,2})[日号號])?)?")
_MONTH_NAMED = re.compile(r"(?:(\d{1,2})(?:st|nd|rd|th)?[ -]+)?([A-Za-z]{3,9})\.?[ ,-]+(?:(\d{1,2}),? +)?(\d{4})")
_YEAR = re.compile(r"(\d{4})")
_CLOCK = re.compile(r"(\d{1,2}):(\d{2})(?::(\d{2})(?:\.\d+)?)?\s*([ap]\.?m\.?)?\s*(Z|[+-]\d{2}:?\d{2})?", re.IGNORECASE)
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
# Each shape and the groups that hold its year, month, day and time of day (0: it has none).
_SHAPES = (
    (_ISO, 1, 2, 3, 4), (_DAY_FIRST, 3, 2, 1, 4), (_YEAR_FIRST, 1, 2, 3, 4), (_COMPACT, 1, 2, 3, 0),
    (_CHINESE, 1, 2, 3, 0), (_YEAR, 1, 0, 0, 0),
)  # fmt: skip
_LONGEST = 100

_FORMATS: Final = {
    "excel": "xlsx", "ms excel": "xlsx", "microsoft excel": "xls", "vnd.ms-excel": "xls",
    "vnd.openxmlformats-officedocument.spreadsheetml.sheet": "xlsx",
    "vnd.oasis.opendocument.spreadsheet": "ods", "opendocument spreadsheet": "ods",
    "word": "docx", "msword": "doc", "vnd.openxmlformats-officedocument.wordprocessingml.document": "docx",
    "comma separated values": "csv", "comma-separated-values": "csv", "tab-separated-values": "tsv", "tab": "tsv",
    "jpg": "jpeg", "jpe": "jpeg", "tif": "tiff", "geotiff": "tiff", "geopackage": "gpkg", "shapefile": "shp",
    "esri shapefile": "shp", "file geodatabase": "fgdb", "gdb": "fgdb", "geo+json": "geojson",
    "vnd.google-earth.kml+xml": "kml", "vnd.google-earth.kmz": "kmz", "gml+xml": "gml", "atom+xml": "atom",
    "rss+xml": "rss", "ical": "ics", "icalendar": "ics", "calendar": "ics", "htm": "html", "xhtml": "html",
    "xhtml+xml": "html", "web page": "html", "webpage": "html", "txt": "text", "plain": "text", "ascii": "text",
    "x-zip-compressed": "zip", "x-zip": "zip", "x-gzip": "gzip", "gz": "gzip", "svg+xml": "svg", "ndjson": "jsonl",
    "json lines": "jsonl", "jsonlines": "jsonl", "geo json": "geojson", "sqlite3": "sqlite", "vnd.geo+json": "geojson",
}  # fmt: skip

FORMATS: Final = frozenset({
    "csv", "tsv", "xls", "xlsx", "xlsm", "ods", "json", "jsonl", "geojson", "topojson", "xml", "rss", "atom", "kml",
    "kmz", "gml", "gpx", "ics", "html", "pdf", "doc", "docx", "ppt", "pptx", "rtf", "png", "jpeg", "gif", "tiff",
    "svg", "webp", "shp", "gpkg", "fgdb", "gtfs", "mdb", "dwg", "dxf", "dgn", "zip", "gzip", "rar", "7z", "sqlite",
    "parquet", "text", "api", "wms", "wfs", "wmts", "rest", "3ds", "asc", "cesium3dtiles", "dae", "fbx", "gfs",
    "gltf", "max", "obj", "osgb", "rinex", "rtcm", "vrml", "xsd",
})  # fmt: skip
"""The formats a record can declare and we know: those that bytes can be told to be, ways of asking for data, and what
else the portal lets departments choose from."""

_HOLES = re.compile(
    r"<[^<>/=\s][^<>/=]{0,60}>|\{\{?[^{}/\"]{1,60}\}?\}|\[(?:date|time|year|month|id|lang)[^\]]{0,40}\]",
    re.IGNORECASE,
)
_PAGE_PATHS = re.compile(r"/(?:web_table|wbr)\.html?$|\.(?:html?|shtml|xhtml)$", re.IGNORECASE)
_GEOPORTAL = re.compile(r"(?:^|\.)csdi\.gov\.hk$", re.IGNORECASE)
_API_PATHS = re.compile(r"/(?:api|rest|ws|wfs|wms|odata|graphql)(?:/|$)|/v\d+/|\.(?:ashx|asmx)$", re.IGNORECASE)
_API_QUERIES = re.compile(r"(?:^|&)(?:service=(?:wfs|wms|wmts)|request=get|f=(?:json|geojson|pjson))", re.IGNORECASE)
_FILE_PATHS = re.compile(
    r"\.(?:csv|tsv|xlsx?|xlsm|ods|json|geojson|xml|rss|zip|pdf|docx?|kml|kmz|gml|gpkg|txt|ics|png|jpe?g|tiff?)$",
    re.IGNORECASE,
)


def read_date(text: object) -> str | None:
    """Return a date or moment as ISO 8601 (``2026-11-23`` or ``2026-11-23T02:30:00Z``), or None where it is none.

    Understands dd/mm/yyyy (never mm/dd), ISO dates and times, yyyymmdd, month names and Chinese dates; a month stands
    for its first day and a year for 1 January. A time without a zone is UTC in ISO form, as CKAN writes it, and Hong
    Kong time after a date written by hand.
    """
    if not isinstance(text, str) or len(text) > _LONGEST:
        return None
    plain = " ".join(text.split())
    try:
        return _read_date(plain)
    except (ValueError, OverflowError):
        return None


def _read_date(text: str) -> str | None:
    if match := _MONTH_NAMED.fullmatch(text):
        month = _MONTHS.index(match[2][:3].lower()) + 1
        return _moment(match[4], str(month), match[1] or match[3], None, by_hand=True)
    for pattern, year, month_, day, clock in _SHAPES:
        if match := pattern.fullmatch(text):
            parts = [match[group] if group else None for group in (year, month_, day, clock)]
            return _moment(str(parts[0]), *parts[1:], by_hand=pattern is not _ISO)
    return None


def _moment(year: str, month: str | None, day: str | None, clock: str | None, *, by_hand: bool) -> str | None:
    day_ = date(int(year), int(month or 1), int(day or 1))
    if clock is None:
        return day_.isoformat()
    match = _CLOCK.fullmatch(clock)
    if match is None:
        return None
    hour = int(match[1])
    if match[4]:
        hour = hour % 12 + (12 if match[4][0] in "pP" else 0)
    moment = datetime.combine(day_, time(hour, int(match[2]), int(match[3] or 0)), HONG_KONG if by_hand else UTC)
    if match[5] and match[5] not in "Zz":
        sign = -1 if match[5][0] == "-" else 1
        offset = timedelta(hours=int(match[5][1:3]), minutes=int(match[5][-2:])) * sign
        moment = moment.replace(tzinfo=UTC) - offset
    elif match[5]:
        moment = moment.replace(tzinfo=UTC)
    return iso(moment)


def read_format(text: object) -> str:
    """Return a declared format in the vocabulary of ``records.Sniffed.format``, lower case; "" where there is none.

    Takes names, extensions and media types (``XLSX``, ``.csv``, ``text/csv; charset=utf-8``); of several formats in
    one text the first counts. A format without a place in that vocabulary stays as written, in lower case.
    """
    return _read_format(text) if isinstance(text, str) else ""


@lru_cache(maxsize=4096)
def _read_format(text: str) -> str:
    plain = text.strip().lower().partition(";")[0].strip()
    if plain in _FORMATS:
        return _FORMATS[plain]
    media = re.fullmatch(r"(?:application|text|image|model|video)/([\w.+-]+)", plain)
    plain = media[1] if media else re.split(r"[/,|&]", plain)[0].strip().lstrip(".")
    return _FORMATS.get(plain, plain)[:_LONGEST]


def address_kind(url: str, is_api: bool | None, declared: str) -> Kind:
    """Return what an address is by its own shape: a call with holes, a page for people, an API call, or a file.

    ``is_api`` is the record's own word and ``declared`` its format. A link to a CSDI geoportal page or to a
    statistics viewer is a page whatever the record calls it.
    """
    if _HOLES.search(unquote(url)):
        return "template"
    try:
        parts = urlsplit(url)
        host, path, query = parts.hostname or "", parts.path, parts.query
    except ValueError:
        return "file"
    format_ = read_format(declared)
    if _PAGE_PATHS.search(path) or format_ == "html" or _is_geoportal(host, path, query):
        return "page"
    if is_api or format_ == "api":
        return "api"
    if not _FILE_PATHS.search(path) and (_API_PATHS.search(path) or _API_QUERIES.search(query)):
        return "api"
    return "file"


def _is_geoportal(host: str, path: str, query: str) -> bool:
    return "/geoportal" in path and ("datasetid=" in query.lower() or bool(_GEOPORTAL.search(host)))


def host_of(url: str) -> str:
    """Return the host of an address in lower case, "" where it has none."""
    try:
        return (urlsplit(url.strip()).hostname or "").rstrip(".")
    except ValueError:
        return ""
