"""How far a program can use a format: one table, best rung first."""

from harvester.records import Ladder

# Sources: the European Data Portal's machine-readable file types, as its metadata quality assessment (MQA) uses them:
# CSV GEOJSON ICS JSON JSON_LD KML KMZ NETCDF ODS RDF* RSS SHP XLS XLSX XML; and Berners-Lee's five stars (one: any
# format; two: structured, as Excel; three: open and structured, as CSV). GML, GPX, GeoPackage, TopoJSON, GTFS, FGDB,
# SQLite, Parquet and MDB are not on the MQA list, though machines read them: ours, by the stars' own words.
LADDER: dict[str, Ladder] = {
    **dict.fromkeys(("csv", "tsv", "parquet", "ods"), "table"),
    **dict.fromkeys(
        ("json", "jsonl", "geojson", "topojson", "xml", "rss", "atom", "kml", "kmz", "gml", "gpx", "ics", "shp", "gpkg",
         "fgdb", "gtfs", "sqlite"), "structured",
    ),
    **dict.fromkeys(("xls", "xlsx", "xlsm", "mdb"), "proprietary-table"),
    **dict.fromkeys(("pdf", "doc", "docx", "ppt", "pptx", "rtf", "text", "dwg", "dxf", "dgn"), "document"),
    **dict.fromkeys(("png", "jpeg", "gif", "tiff", "svg", "webp"), "picture"),
    **dict.fromkeys(("html",), "page"),
    **dict.fromkeys(("zip", "gzip", "rar", "7z"), "archive"),
}  # fmt: skip


def rung(format_: str) -> Ladder:
    """Return the rung ``format_`` (one of ``records.Sniffed``'s) stands on; ``unknown`` for what we cannot tell."""
    return LADDER.get(format_, "unknown")
