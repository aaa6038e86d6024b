"""Can a machine use it: the format found, machine readability, encoding and its fields."""

import re

from harvester.records import Content, Defect, Dialect
from scoring.criteria.base import NO, PARTLY, UNKNOWN, YES, Fact, Finding, resource_criterion
from scoring.criteria.reach import NOT_REACHED, family, reached
from scoring.facts import Case, ResourceFacts

SAME = {
    "csv": "csv", "tsv": "tsv", "txt": "text csv tsv", "ascii": "text csv tsv asc", "asc": "text csv tsv asc",
    "xls": "xls", "xlsx": "xlsx", "xlsm": "xlsm", "ods": "ods",
    "json": "json jsonl geojson topojson gltf cesium3dtiles",
    "jsonl": "jsonl json", "geojson": "geojson", "topojson": "topojson",
    "xml": "xml rss atom kml gml gpx svg dae gfs", "rss": "rss atom", "atom": "atom rss", "kml": "kml", "kmz": "kmz",
    "gml": "gml", "gpx": "gpx", "ics": "ics", "html": "html", "htm": "html", "xhtml": "html", "page": "html",
    "webpage": "html", "pdf": "pdf", "doc": "doc", "docx": "docx", "ppt": "ppt", "pptx": "pptx", "rtf": "rtf",
    "png": "png", "jpeg": "jpeg", "jpg": "jpeg", "gif": "gif", "tif": "tiff", "tiff": "tiff", "geotiff": "tiff",
    "svg": "svg", "webp": "webp", "shp": "shp", "geopackage": "gpkg", "gpkg": "gpkg", "fgdb": "fgdb",
    "gtfs": "gtfs", "gfs": "gfs gtfs gml", "mdb": "mdb", "dwg": "dwg", "dxf": "dxf", "dgn": "dgn",
    "zip": "zip shp fgdb gtfs kmz", "gzip": "gzip", "gz": "gzip", "rar": "rar", "7z": "7z", "sqlite": "sqlite",
    "parquet": "parquet", "3ds": "3ds", "cesium3dtiles": "cesium3dtiles", "dae": "dae", "fbx": "fbx", "gltf": "gltf",
    "max": "max", "obj": "obj", "osgb": "osgb", "rinex": "rinex", "rtcm": "rtcm", "vrml": "vrml",
}  # fmt: skip
"""Declared format to the found formats that keep the promise (a GeoJSON file is JSON, a KML file is XML)."""

CLOSE = {
    "csv": "tsv text", "tsv": "csv text", "xls": "xlsx xlsm", "xlsx": "xls xlsm ods", "xlsm": "xlsx xls",
    "ods": "xlsx xls", "geojson": "json topojson", "topojson": "json geojson", "rss": "xml", "atom": "xml",
    "kml": "kmz xml", "kmz": "kml zip", "gml": "xml", "gpx": "xml", "shp": "zip", "fgdb": "zip", "gtfs": "zip",
    "gfs": "zip", "doc": "docx rtf", "docx": "doc", "ppt": "pptx", "pptx": "ppt", "jpeg": "png webp",
    "jpg": "png webp", "png": "jpeg webp gif", "gif": "png", "ics": "text", "dwg": "dxf", "dxf": "dwg",
}  # fmt: skip
"""Declared format to found formats that are another, but that the same programs mostly open."""

UNSURE = frozenset({"3ds", "fbx", "max", "osgb", "rtcm"})
"""Formats of more versions than we can tell: of bytes nobody knows, it cannot be said that they are not one."""

ZIPPED_BY_CUSTOM = frozenset({
    "shp", "fgdb", "gtfs", "gfs", "gml", "dwg", "dxf", "dgn", "mdb", "kml", "geotiff", "tiff", "tif", "3ds",
    "obj", "fbx", "osgb", "cesium3dtiles", "vrml", "max", "dae", "gltf",
})  # fmt: skip
"""Formats that come as several files, so that a ZIP of them is how they are handed over."""


def content_facts(facts: ResourceFacts) -> dict[str, Fact]:
    """Return what a sentence about a body may use: declared and found format, size, the first defect."""
    content = facts.look.content
    values: dict[str, Fact] = {"declared": facts.resource.format or "-", "found": "-"}
    if content is None:
        return values
    values |= {"found": content.format.upper(), "bytes": content.bytes}
    if content.rows is not None:
        values |= {"rows": content.rows, "columns": content.columns or 0}
    if content.verdict == "invalid":
        defect = content.defects[0] if content.defects else Defect("-", 0)
        count = sum(each.count for each in content.defects if each.code != "formula-error")  # that is none of its own
        values |= {"defect": defect.code, "count": count, "row": defect.row or 0}
        values["note"] = defect.note[:200]
    return values


@resource_criterion(
    "format",
    "Format as declared",
    {
        "same": YES, "an-api": YES, "close": PARTLY, "page-for-api": PARTLY,
        "zipped": NO, "page": NO, "another": NO,
        "undeclared": UNKNOWN, "unfamiliar": UNKNOWN, "not-reached": UNKNOWN, "no-resources": UNKNOWN,
    },
)  # fmt: skip
def format_(facts: ResourceFacts, _case: Case) -> Finding:
    """Is the body what the record says it is."""
    content = facts.look.content
    if content is None or not reached(facts):
        return NOT_REACHED
    declared = facts.resource.format.strip().lower().lstrip(".")
    reason = _format_reason(declared, facts.resource.kind == "page", content)
    applies = reason not in ("undeclared", "unfamiliar")
    return Finding(reason, content_facts(facts), facts.look.visit_ids, applies=applies)


def _format_reason(declared: str, meant_as_page: bool, content: Content) -> str:  # noqa: PLR0911 - a decision table
    found = content.format
    if not declared:
        return "undeclared"
    if declared in ("api", "wms", "wfs", "rest"):
        return "page-for-api" if found == "html" and not meant_as_page else "an-api"
    if declared not in SAME or (found == "binary" and declared in UNSURE):
        return "unfamiliar"
    if found in SAME[declared].split():
        return "same"
    if found in CLOSE.get(declared, "").split():
        return "close"
    if found in ("zip", "gzip", "rar", "7z"):
        return "same" if declared in ZIPPED_BY_CUSTOM else "zipped"
    return "page" if found == "html" else "another"


@resource_criterion(
    "machine_readable",
    "Machine readable",
    {
        "valid": YES, "opens": YES,
        "invalid": PARTLY, "header-rows": PARTLY, "merged-cells": PARTLY,
        "no-field-names": PARTLY, "archive": PARTLY,
        "page": NO, "document": NO, "picture": NO, "shell": NO, "broken": NO,
        "page-beside-data": UNKNOWN, "unmeasured": UNKNOWN, "not-reached": UNKNOWN, "no-resources": UNKNOWN,
    },
    best=True,
)  # fmt: skip
def machine_readable(facts: ResourceFacts, case: Case) -> Finding:
    """Can a program that trusts the file read it, as published. A page beside data was never meant for programs."""
    content = facts.look.content
    if not reached(facts):
        return NOT_REACHED
    reason = _readable_reason(content) if content else "unmeasured"
    if reason in ("page", "shell") and _declared_page(facts) and not all(map(_declared_page, case.dataset.resources)):
        return Finding("page-beside-data", content_facts(facts), facts.look.visit_ids, applies=False)
    values = content_facts(facts)
    if reason == "header-rows" and content and content.dialect:
        values["header_rows"] = content.dialect.header_rows
    if reason == "merged-cells" and content and content.dialect:
        values |= merged_cells(content.dialect)
    return Finding(reason, values, facts.look.visit_ids)


def merged_cells(dialect: Dialect) -> dict[str, Fact]:
    """Return how many ranges of a table's cells are merged, and the first of them."""
    return {"merged": dialect.merged, "merged_at": ", ".join(dialect.merged_at[:3])}


def _declared_page(facts: ResourceFacts) -> bool:
    """Whether the record itself calls the resource a page for people, so that no data were promised there."""
    return SAME.get(facts.resource.format.strip().lower().lstrip(".")) == "html"


def _readable_reason(content: Content) -> str:  # noqa: PLR0911 - a decision table
    if content.nature == "shell":
        return "shell"
    if content.ladder in ("page", "document", "picture"):
        return content.ladder
    if content.verdict == "broken":
        return "broken"
    if content.verdict == "invalid":
        return "invalid"
    if content.verdict == "unmeasured":
        return "unmeasured"
    if content.ladder == "proprietary-table" and content.dialect and content.dialect.header_rows > 1:
        return "header-rows"
    if content.ladder == "proprietary-table" and content.dialect and content.dialect.merged:
        return "merged-cells"
    if nameless(content):
        return "no-field-names"
    if content.ladder == "archive":
        return "archive"
    return content.verdict if content.rows is not None else "opens"


NOT_TABLE = Finding("not-a-table", applies=False)
TABLE_FORMATS = frozenset({"csv", "tsv", "xls", "xlsx", "xlsm", "ods"})


@resource_criterion(
    "encoding",
    "Text encoding",
    {
        "utf-8": YES, "undecodable": NO, "not-utf-8": PARTLY, "bom-varies": PARTLY,
        "not-text": UNKNOWN, "not-reached": UNKNOWN, "no-resources": UNKNOWN,
    },
)  # fmt: skip
def encoding(facts: ResourceFacts, case: Case) -> Finding:  # noqa: PLR0911 - a decision table
    """Is it UTF-8 from end to end, with the byte order mark used the same way through a series of files."""
    content = facts.look.content
    if content is None or not reached(facts):
        return NOT_REACHED
    values = content_facts(facts)
    if any(defect.code in ("encoding-error", "encoding-mixed") for defect in content.defects):
        return Finding("undecodable", values, facts.look.visit_ids)
    if not content.encoding:
        return Finding("not-text", applies=False)
    if content.encoding in ("mixed", "unknown"):
        return Finding("undecodable", values, facts.look.visit_ids)
    values["encoding"] = content.encoding
    # Latin-1 shares a family with UTF-8 in headers, where nobody means it; in a file it is a choice that shows.
    if family(content.encoding) != "utf-8" or content.encoding.lower().startswith(("iso", "latin", "windows", "cp")):
        return Finding("not-utf-8", values, facts.look.visit_ids)
    if _odd_mark_out(facts, content, case):
        return Finding("bom-varies", {**values, "bom": int(content.bom)}, facts.look.visit_ids)
    return Finding("utf-8", values, facts.look.visit_ids)


def series_of(address: str) -> str:
    """Return ``address`` with its numbers blanked: files of one series differ only in them."""
    return re.sub(r"\d+", "#", address)


def _odd_mark_out(facts: ResourceFacts, content: Content, case: Case) -> bool:
    """Whether this file is of the minority, with or without a byte order mark, in its own series (a tie: with)."""
    series, marks = series_of(facts.resource.url), []
    for sibling in case.dataset.resources:
        other = sibling.look.content
        if other and other.encoding and reached(sibling) and series_of(sibling.resource.url) == series:
            marks.append(other.bom)
    with_mark = sum(marks)
    without = len(marks) - with_mark
    if not with_mark or not without:
        return False
    return content.bom if with_mark <= without else not content.bom


@resource_criterion(
    "fields",
    "Column names",
    {
        "named": YES, "nameless": NO, "blank-labels": NO, "duplicate-labels": NO,
        "not-a-table": UNKNOWN, "not-reached": UNKNOWN, "no-resources": UNKNOWN,
    },
)  # fmt: skip
def fields(facts: ResourceFacts, _case: Case) -> Finding:
    """Does every column of values carry a name of its own."""
    content = facts.look.content
    if content is None or not reached(facts):
        return NOT_REACHED
    labels = [label.strip() for label in _labels(content)]
    if not labels:
        return NOT_TABLE
    values = content_facts(facts)
    if nameless(content):
        return Finding("nameless", {**values, "labels": ", ".join(labels[:5])}, facts.look.visit_ids)
    blank = [place for place, label in enumerate(labels) if not label and not _empty_column(content, place)]
    if blank:
        return Finding("blank-labels", {**values, "column": blank[0] + 1}, facts.look.visit_ids)
    named = [label for label in labels if label]
    twice = next((label for label in named if named.count(label) > 1), None)
    if twice is not None:
        return Finding("duplicate-labels", {**values, "label": twice[:80]}, facts.look.visit_ids)
    return Finding("named", values, facts.look.visit_ids)


def _labels(content: Content) -> tuple[str, ...]:
    """Return the table's own labels: those found below title rows or in several rows, else those of the first row."""
    dialect = content.dialect
    found = dialect is not None and ((dialect.header_row or 1) > 1 or dialect.header_rows > 1)
    if found and content.format in TABLE_FORMATS and content.profile:
        return tuple(column.label for column in content.profile.columns)
    return content.labels


def _empty_column(content: Content, place: int) -> bool:
    """Whether the column at ``place`` (0-based) holds nothing, as a delimiter at the end of each line makes one."""
    columns = content.profile.columns if content.profile else ()
    if place < len(columns) and len(columns) == len(_labels(content)):
        return columns[place].null_share >= 1.0
    return place == len(_labels(content)) - 1


PLACEHOLDER = re.compile(r"(field|column|col|unnamed:?|var|f|c)[ _-]?\d+", re.IGNORECASE)


def nameless(content: Content) -> bool:
    """Whether the labels are spreadsheet letters (A, B, C, ...) or a counter, not names."""
    labels = [label.strip() for label in content.labels]
    if len(labels) < 2 or not all(labels):  # noqa: PLR2004 - one column may well be called A
        return False
    in_order = [label.upper() for label in labels] == [_letters(place) for place in range(len(labels))]
    return in_order or all(PLACEHOLDER.fullmatch(label) for label in labels)


def _letters(place: int) -> str:
    """Return the letters a spreadsheet gives the column at ``place`` (0-based): A to Z, then AA."""
    letters = chr(ord("A") + place % 26)
    return _letters(place // 26 - 1) + letters if place >= 26 else letters  # noqa: PLR2004 - the alphabet
