"""How far a program can use a format: one table, best rung first, and what the portal's own words mean in it."""

from harvester.records import Ladder

# Where a rung comes from (docs/formats.md gives it for each of the portal's formats):
#
# MQA     the European Data Portal's list of machine-readable file types, by which its metadata quality assessment goes:
#         CSV GEOJSON ICS JSON JSON_LD KML KMZ NETCDF ODS RDF* RSS SHP XLS XLSX XML
# stars   Berners-Lee's five stars of open data: one, any format (document, picture, page); two, structured and
#         proprietary, as Excel (proprietary-table); three, structured and open, as CSV (table, structured)
# OGC,    a format that is not on the MQA list stands on "structured" where a published standard lets any program read
# ISO ... its values without its maker's software: then three stars are due to it by their own words
#
# What only its maker's software reads for certain (DWG, DGN, FBX, 3DS, MAX, OSGB) has one star: "document".
LADDER: dict[str, Ladder] = {
    **dict.fromkeys(("csv", "tsv", "ods"), "table"),  # MQA; three stars
    **dict.fromkeys(("parquet",), "table"),  # stars: its specification is Apache's
    **dict.fromkeys(("json", "geojson", "xml", "rss", "kml", "kmz", "ics", "shp"), "structured"),  # MQA
    **dict.fromkeys(("jsonl", "topojson", "atom", "gpx", "sqlite"), "structured"),  # stars
    **dict.fromkeys(("gml", "gfs", "gpkg", "cesium3dtiles"), "structured"),  # OGC 07-036, 12-128, 22-025; GDAL's GFS
    **dict.fromkeys(("gtfs",), "structured"),  # the GTFS Schedule Reference
    **dict.fromkeys(("fgdb",), "structured"),  # stars: three by its contents, read by GDAL without Esri's software
    **dict.fromkeys(("dae", "gltf", "vrml"), "structured"),  # ISO/PAS 17506, ISO/IEC 12113, ISO/IEC 14772
    **dict.fromkeys(("obj", "asc"), "structured"),  # stars: text whose layout is published
    **dict.fromkeys(("rinex", "rtcm"), "structured"),  # IGS and RTCM's RINEX, RTCM 10403
    **dict.fromkeys(("xls", "xlsx", "xlsm"), "proprietary-table"),  # two stars ("Excel"), though MQA counts them in
    **dict.fromkeys(("mdb",), "proprietary-table"),  # two stars
    **dict.fromkeys(("pdf", "doc", "docx", "ppt", "pptx", "rtf", "text"), "document"),  # one star
    **dict.fromkeys(("dwg", "dxf", "dgn", "fbx", "3ds", "max", "osgb"), "document"),  # one star
    **dict.fromkeys(("png", "jpeg", "gif", "tiff", "svg", "webp"), "picture"),  # one star; a GeoTIFF: OGC 19-008
    **dict.fromkeys(("html",), "page"),
    **dict.fromkeys(("zip", "gzip", "rar", "7z"), "archive"),
}


def rung(format_: str) -> Ladder:
    """Return the rung ``format_`` (one of ``records.Sniffed``'s) stands on; ``unknown`` for what we cannot tell."""
    return LADDER.get(format_, "unknown")


PORTAL: dict[str, tuple[str, ...]] = {
    "3DS": ("3ds",), "API": ("json", "xml", "csv", "html"), "ASC": ("asc", "text"), "ASCII": ("asc", "text", "csv"),
    "CESIUM3DTILES": ("cesium3dtiles",), "CSV": ("csv", "tsv"), "DAE": ("dae",), "DGN": ("dgn",), "DWG": ("dwg",),
    "FBX": ("fbx",), "FGDB": ("fgdb",), "GEOPACKAGE": ("gpkg",), "GEOTIFF": ("tiff",), "GFS": ("gfs",),
    "GLTF": ("gltf",), "GML": ("gml",), "GTFS": ("gtfs",), "GeoJSON": ("geojson",), "ICS": ("ics",),
    "JPEG": ("jpeg",), "JSON": ("json", "jsonl"), "KML": ("kml",), "KMZ": ("kmz",), "MAX": ("max",), "MDB": ("mdb",),
    "OBJ": ("obj",), "OSGB": ("osgb",), "PNG": ("png",), "RINEX": ("rinex",), "RSS": ("rss", "atom"),
    "RTCM": ("rtcm",), "SHP": ("shp",), "VRML": ("vrml",), "XLS": ("xls",), "XLSM": ("xlsm",), "XLSX": ("xlsx",),
    "XML": ("xml",), "ZIP": ("zip",),
}  # fmt: skip
"""The 38 formats DATA.GOV.HK lets departments choose from, and what bytes declared so turn out to be."""
