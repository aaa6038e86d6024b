"""Writes a table as the bytes of each text format. Everything is sound and the same for the same table."""

import csv
import io
import json
from collections.abc import Callable
from datetime import UTC, date, datetime
from email.utils import format_datetime
from typing import Any
from xml.sax.saxutils import escape, quoteattr

from sample_portal import binaries
from sample_portal.tables import Cell, Table


def delimited(table: Table, delimiter: str = ",", ending: str = "\r\n") -> str:
    """Return the table as delimited text with its labels on the first line."""
    out = io.StringIO()
    writer = csv.writer(out, delimiter=delimiter, lineterminator=ending)
    writer.writerow(table.labels)
    writer.writerows(table.rows)
    return out.getvalue()


def as_csv(table: Table) -> bytes:
    """CSV in UTF-8 without a mark."""
    return delimited(table).encode()


def as_csv_marked(table: Table) -> bytes:
    """CSV in UTF-8 with a byte order mark."""
    return delimited(table).encode("utf-8-sig")


def as_tsv(table: Table) -> bytes:
    """Tab-separated text in UTF-8."""
    return delimited(table, "\t", "\n").encode()


def records(table: Table) -> list[dict[str, Cell]]:
    """Return the rows as records under their labels."""
    return [dict(zip(table.labels, row, strict=True)) for row in table.rows]


def as_json(table: Table) -> bytes:
    """A JSON list of records."""
    return json.dumps(records(table), ensure_ascii=False, indent=1).encode()


def as_json_nested(table: Table) -> bytes:
    """JSON records under a key, beside a word on what they are."""
    answer = {"status": "ok", "count": len(table.rows), "result": {"records": records(table)}}
    return json.dumps(answer, ensure_ascii=False).encode()


def _day(cell: Cell) -> date:
    """Return a day for what a table calls a period."""
    text = str(cell)
    return date.fromisoformat(text + {4: "-12-31", 7: "-28"}.get(len(text), ""))


def _places(table: Table) -> list[tuple[dict[str, Cell], float, float]]:
    return [
        (record, float(row[-2] or 0), float(row[-1] or 0))
        for record, row in zip(records(table), table.rows, strict=True)
    ]


def as_geojson(table: Table) -> bytes:
    """GeoJSON points; the last two columns are latitude and longitude."""
    features: list[dict[str, Any]] = [
        {
            "type": "Feature",
            "geometry": {"type": "Point", "coordinates": [longitude, latitude]},
            "properties": dict(list(record.items())[:-2]),
        }
        for record, latitude, longitude in _places(table)
    ]
    return json.dumps({"type": "FeatureCollection", "features": features}, ensure_ascii=False).encode()


def as_xml(table: Table) -> bytes:
    """An XML list of rows, each field with its label as an attribute."""
    lines = ['<?xml version="1.0" encoding="UTF-8"?>', "<dataset>"]
    for row in table.rows:
        cells = zip(table.labels, row, strict=True)
        lines.append(
            "<row>" + "".join(f"<field name={quoteattr(k)}>{escape(str(v))}</field>" for k, v in cells) + "</row>"
        )
    return "\n".join([*lines, "</dataset>", ""]).encode()


def as_rss(table: Table) -> bytes:
    """An RSS channel with an item for each row."""
    lines = ['<?xml version="1.0" encoding="UTF-8"?>', '<rss version="2.0"><channel>']
    lines.append(
        f"<title>{escape(table.labels[2])}</title><link>https://www.sample.test/</link><description>RSS</description>"
    )
    for number, row in enumerate(table.rows, 1):
        when = format_datetime(datetime.combine(_day(row[0]), datetime.min.time(), UTC))
        words = escape(f"{row[1]}: {row[2]}")
        lines.append(f'<item><title>{words}</title><guid isPermaLink="false">{number}</guid><pubDate>{when}</pubDate>')
        lines.append(
            f"<description>{escape(table.labels[2])} {row[2]}; {escape(table.labels[3])} {row[3]}</description></item>"
        )
    return "\n".join([*lines, "</channel></rss>", ""]).encode()


def as_kml(table: Table) -> bytes:
    """KML placemarks; the last two columns are latitude and longitude."""
    lines = ['<?xml version="1.0" encoding="UTF-8"?>', '<kml xmlns="http://www.opengis.net/kml/2.2"><Document>']
    for record, latitude, longitude in _places(table):
        values = list(record.items())
        data = "".join(f"<Data name={quoteattr(k)}><value>{escape(str(v))}</value></Data>" for k, v in values[:-2])
        lines.append(
            f"<Placemark><name>{escape(str(values[1][1]))}</name><TimeStamp><when>{_day(values[0][1])}</when></TimeStamp>"
            f"<ExtendedData>{data}</ExtendedData><Point><coordinates>{longitude},{latitude}</coordinates></Point></Placemark>"
        )
    return "\n".join([*lines, "</Document></kml>", ""]).encode()


def as_ics(table: Table) -> bytes:
    """A calendar with an event for each row."""
    lines = ["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//Sample Department//Figures//EN"]
    for number, row in enumerate(table.rows, 1):
        day = f"{_day(row[0]):%Y%m%d}"
        lines += ["BEGIN:VEVENT", f"UID:{number}@sample.test", f"DTSTAMP:{day}T000000Z", f"DTSTART;VALUE=DATE:{day}"]
        lines += [f"SUMMARY:{row[1]} {row[2]}", "END:VEVENT"]
    return ("\r\n".join([*lines, "END:VCALENDAR"]) + "\r\n").encode()


def page(title: str, paragraphs: tuple[str, ...], language: str = "en", head: str = "") -> bytes:
    """Return a plain HTML page meant for people."""
    text = "".join(f"<p>{escape(words)}</p>\n" for words in paragraphs)
    top = f'<!DOCTYPE html>\n<html lang="{language}">\n<head><meta charset="utf-8">'
    top += f"<title>{escape(title)}</title>{head}</head>\n"
    return f"{top}<body>\n<h1>{escape(title)}</h1>\n{text}</body>\n</html>\n".encode()


def as_html(table: Table) -> bytes:
    """A page about the figures, with no table in it."""
    first = tuple(f"{row[1]}: {table.labels[2]} {row[2]}" for row in table.rows[:6])
    return page(table.labels[2], first)


Writer = Callable[[Table], bytes]

WRITERS: dict[str, tuple[str, str, Writer]] = {
    "CSV": ("csv", "text/csv; charset=utf-8", as_csv),
    "TSV": ("tsv", "text/tab-separated-values; charset=utf-8", as_tsv),
    "JSON": ("json", "application/json; charset=utf-8", as_json),
    "GeoJSON": ("geojson", "application/geo+json", as_geojson),
    "XML": ("xml", "application/xml; charset=utf-8", as_xml),
    "RSS": ("rss", "application/rss+xml; charset=utf-8", as_rss),
    "KML": ("kml", "application/vnd.google-earth.kml+xml", as_kml),
    "ICS": ("ics", "text/calendar; charset=utf-8", as_ics),
    "HTML": ("html", "text/html; charset=utf-8", as_html),
    "XLSX": ("xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", binaries.as_xlsx),
    "XLS": ("xls", "application/vnd.ms-excel", binaries.as_xls),
    "ZIP": ("zip", "application/zip", lambda table: binaries.zipped({"figures.csv": as_csv(table)})),
    "KMZ": ("kmz", "application/vnd.google-earth.kmz", lambda table: binaries.zipped({"doc.kml": as_kml(table)})),
    "SHP": ("zip", "application/zip", binaries.as_shapefile),
    "PDF": ("pdf", "application/pdf", binaries.as_pdf),
    "DOCX": ("docx", "application/vnd.openxmlformats-officedocument.wordprocessingml.document", binaries.as_docx),
    "PNG": ("png", "image/png", binaries.as_png),
    "JPEG": ("jpg", "image/jpeg", binaries.as_jpeg),
}
"""For each declared format: the file's ending, its Content-Type, and who writes it."""
