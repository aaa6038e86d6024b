"""Other organisations' lists of formats and licences, as facts, and from a declared format to their codes."""

import re

from scoring.facts import Case

OTHER_NAMES = {
    "JPG": "JPEG", "TIF": "TIFF", "GEOTIFF": "TIFF", "TEXT": "TXT", "ASCII": "TXT", "HTM": "HTML", "WEBPAGE": "HTML",
    "PAGE": "HTML", "XHTML": "HTML", "GZ": "GZIP", "ICAL": "ICS", "ICALENDAR": "ICS", "EXCEL": "XLSX",
    "SHAPEFILE": "SHP", "ESRI SHAPEFILE": "SHP", "WMS": "WMS_SRVC", "WFS": "WFS_SRVC", "RDF": "RDF_XML",
    "RDF/XML": "RDF_XML", "TTL": "RDF_TURTLE", "TURTLE": "RDF_TURTLE", "NT": "RDF_N_TRIPLES", "N3": "N3",
    "NQ": "RDF_N_QUADS", "TRIG": "RDF_TRIG", "JSON-LD": "JSON_LD", "JSONLD": "JSON_LD", "JPEG 2000": "JPEG2000",
    "GEOPACKAGE": "GPKG", "NC": "NETCDF", "SPARQL": "SPARQLQ", "WMTS": "WMTS_SRVC", "WCS": "WCS_SRVC", "FGDB": "GDB",
    "ASC": "GRID_ASCII", "XSD": "SCHEMA_XML",
}  # fmt: skip
"""How publishers write what the EU's file-type list calls otherwise."""

RDF = frozenset({
    "RDF_XML", "RDF_TURTLE", "RDF_N_TRIPLES", "RDF_N_QUADS", "RDF_TRIG", "JSON_LD", "N3", "SPARQLQ", "RDFA",
})  # fmt: skip

MQA_MACHINE_READABLE = frozenset({
    "CSV", "GEOJSON", "ICS", "JSON", "JSON_LD", "KML", "KMZ", "NETCDF", "ODS", "RDFA", "RDF_N_QUADS", "RDF_N_TRIPLES",
    "RDF_TRIG", "RDF_TURTLE", "RDF_XML", "RSS", "SHP", "XLS", "XLSX", "XML",
})  # fmt: skip
"""data.europa.eu, Metadata Quality Assessment, vocabulary of machine-readable formats (20)."""

MQA_NON_PROPRIETARY = frozenset({
    "BMP", "CSV", "DBF", "GEOJSON", "GZIP", "HTML", "ICS", "JPEG2000", "JSON", "JSON_LD", "KML", "KMZ", "NETCDF", "ODS",
    "PNG", "RDFA", "RDF_N_QUADS", "RDF_N_TRIPLES", "RDF_TRIG", "RDF_TURTLE", "RDF_XML", "RSS", "RTF", "TAR", "TIFF",
    "TSV", "TXT", "WMS_SRVC", "XML", "ZIP",
})  # fmt: skip
"""data.europa.eu, Metadata Quality Assessment, vocabulary of non-proprietary formats."""

EU_FILE_TYPES = MQA_MACHINE_READABLE | MQA_NON_PROPRIETARY | frozenset({
    "7Z", "ARCINFO_COV", "ATOM", "BZIP2", "DGN", "DMP", "DOC", "DOCX", "DWG", "DXF", "E00", "ECW", "EPS", "EPUB", "GDB",
    "GEOTIFF", "GIF", "GML", "GPKG", "GRID", "GRID_ASCII", "GTFS", "HDF", "JPEG", "LAS", "LAZ", "MAP_SRVC", "MDB",
    "MIF_MID", "MP3", "MPEG4", "N3", "ODC", "ODF", "ODG", "ODP", "ODT", "OWL", "PDF", "PPT", "PPTX", "PS", "PSD", "RAR",
    "RDF", "REST", "SCHEMA_XML", "SDMX", "SKOS_XML", "SPARQLQ", "SPARQLQRES", "SQL", "STL", "SVG", "TAB", "TAR_GZ",
    "WAV", "WCS_SRVC", "WEBP", "WFS_SRVC", "WMTS_SRVC", "XHTML", "XLSB", "XLSM", "XSLT", "XYZ", "YAML",
})  # fmt: skip
"""Codes of the Publications Office's file-type list, those a catalogue of data may meet."""

LOCAL_FILE_TYPES = frozenset({
    "CESIUM3DTILES", "DAE", "GLTF", "GPX", "JSONL", "OBJ", "PARQUET", "RINEX", "RTCM", "SQLITE", "TOPOJSON", "VRML",
})  # fmt: skip
"""Extended locally: formats of published specifications that the EU's list leaves out, most of them ones that
DATA.GOV.HK lets departments choose. Not among them: API, which is no format, and 3DS, FBX, GFS, MAX and OSGB, which are
their programs' own."""

LOCAL_MACHINE_READABLE = frozenset({"GDB", "GML", "GPKG", "GTFS", "WFS_SRVC", "XLSM"})
LOCAL_NON_PROPRIETARY = frozenset({
    "CESIUM3DTILES", "DAE", "GLTF", "GML", "GPKG", "GTFS", "VRML", "WFS_SRVC", "WMTS_SRVC",
})  # fmt: skip
"""Extended locally: what the MQA's two lists leave out and DATA.GOV.HK's departments choose; each is kin to one that is
listed (GDB and SHP, XLSM and XLSX, GML and KML, WFS and WMS), or an open standard (GPKG, GTFS, glTF)."""

IANA_FORMATS = frozenset({
    "ATOM", "CSV", "DBF", "DOC", "DOCX", "DWG", "DXF", "GEOJSON", "GIF", "GML", "GPKG", "GZIP", "HTML", "ICS", "JPEG",
    "JPEG2000", "JSON", "JSON_LD", "KML", "KMZ", "N3", "ODS", "ODT", "PDF", "PNG", "PPT", "PPTX", "RDF_N_QUADS",
    "RDF_N_TRIPLES", "RDF_TRIG", "RDF_TURTLE", "RDF_XML", "RTF", "SHP", "SPARQLQ", "SVG", "TIFF", "TSV", "TXT", "XLS",
    "XLSX", "XLSM", "XML", "ZIP", "PARQUET", "WEBP", "DAE", "GLTF", "OBJ", "RAR", "SQLITE", "VRML",
})  # fmt: skip
"""Formats that have a media type in IANA's registry."""
MEDIA_TYPE = re.compile(
    r"(application|audio|font|image|message|model|multipart|text|video)/[a-z0-9][a-z0-9!#$&^_.+-]*", re.IGNORECASE
)
"""A media type by its form (RFC 6838, section 4.2) under one of the registry's own top-level types."""

ODM_MACHINE_READABLE = frozenset({
    "CDF", "CSV", "GEOJSON", "IATI", "ICS", "JSON", "KML", "KMZ", "NETCDF", "RDF_N_TRIPLES", "ODS", "PSV", "RDF_XML",
    "RDFA", "RSS", "SHP", "SPARQLQ", "TSV", "RDF_TURTLE", "WMS_SRVC", "XLB", "XLS", "XLSX", "XML",
})  # fmt: skip
"""OpenDataMonitor's list of machine-readable formats, by which Portal Watch goes."""

ODM_OPEN = frozenset({
    "TXT", "BMP", "CDF", "CSV", "DBF", "DVI", "GEOJSON", "TIFF", "GZIP", "HTML", "IATI", "ICS", "JPEG2000", "JSON",
    "KML", "KMZ", "MPEG", "NETCDF", "RDF_N_TRIPLES", "ODS", "PDF", "PNG", "PSV", "RDF_XML", "RDFA", "RSS", "RTF",
    "SPARQLQ", "SVG", "TAR", "TSV", "RDF_TURTLE", "WMS_SRVC", "XML", "ZIP",
})  # fmt: skip
"""OpenDataMonitor's list of non-proprietary formats, with the two that Portal Watch adds (DVI, SVG)."""

STARS = {
    5: frozenset({"rdf", "ttl", "n3", "nt", "sparql", "jsonld"}),
    3: frozenset({
        "csv", "tsv", "json", "jsonl", "xml", "geojson", "topojson", "kml", "kmz", "gml", "gpx", "netcdf", "wfs", "wms",
        "ods", "rss", "atom", "ics", "svg", "png", "jpeg", "gtfs", "gpkg", "sqlite", "parquet", "cesium3dtiles", "gltf",
        "dae", "vrml", "asc", "rinex",
    }),
    2: frozenset({"xls", "xlsx", "xlsm", "shp", "fgdb", "mdb", "tiff", "dwg", "dxf", "dgn"}),
    1: frozenset({
        "pdf", "doc", "docx", "rtf", "ppt", "pptx", "text", "zip", "gzip", "rar", "7z", "gif", "webp", "binary", "3ds",
        "fbx", "gfs", "max", "obj", "osgb", "rtcm",
    }),
    0: frozenset({"html", "exe", "js", "rdfa", "empty"}),
}  # fmt: skip
"""ckanext-qa's stars by format (RDF, TTL, N3, SPARQL 5; CSV, JSON, XML, GeoJSON, KML, NetCDF, WFS, WMS, ODS, RSS, ICS,
SVG, PNG, JPEG 3; XLS, XLSX, SHP, MDB, TIFF 2; PDF, DOC, TXT, ZIP 1; HTML 0), by our names of what the bytes are. Open
formats it does not list stand with their kin at 3, closed ones at 2 where programs read them as data, the rest at 1."""

LISTED_LICENCES = re.compile(
    r"\b(cc[- ]?(0|zero|by)|creative ?commons|public domain|pddl|odbl|odc|ogl|open government licen[cs]e|dl-de|gpl"
    r"|gfdl|etalab|iodl|nlod)\b",
    re.IGNORECASE,
)
"""Licences that the Publications Office's list, or the Open Definition's, knows by name; a portal's own terms are in
neither."""


def format_code(declared: str) -> str:
    """Return a declared format as the EU's file-type list writes it; what that list does not know, in capitals."""
    written = declared.strip().lstrip(".").upper()
    return OTHER_NAMES.get(written, written)


def stars_of(found: str) -> int:
    """Return the stars of a format as found by its bytes (`harvester.records.Sniffed`); 1 for what no list names."""
    return next((stars for stars, formats in STARS.items() if found in formats), 1)


def licence_text(case: Case) -> str:
    """Return the licence as the record itself names it, empty where it names none."""
    dataset = case.dataset.dataset
    text = " ".join(part for part in (dataset.licence_id, dataset.licence_title) if part).strip()
    return "" if text.lower() == "notspecified" else text
