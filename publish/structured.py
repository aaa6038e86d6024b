"""What search engines read: schema.org's words for our catalogue, a dataset, a provider, as JSON-LD."""

import json
import sqlite3
from collections.abc import Iterable
from datetime import date
from typing import Any
from urllib.parse import urlsplit

from harvester.records import LANGUAGES
from harvester.vocabulary import read_date
from publish import queries, standing
from publish.i18n import TAGS, Translator
from publish.names import RUBRIC
from publish.pages import portal_page
from publish.queries import Row
from publish.render import path
from publish.safe import clean, http_link, short
from publish.standing import Standing

Node = dict[str, Any]
MAX_FILES, MAX_VARIABLES = 100, 60
"""Distributions and columns named of one dataset."""
LEAST_DESCRIPTION, MOST_DESCRIPTION = 50, 5000
"""Characters Google's dataset search asks a description to have (developers.google.com, structured data, Dataset)."""
MEDIA = {
    "csv": "text/csv", "tsv": "text/tab-separated-values", "json": "application/json", "jsonl": "application/jsonl",
    "geojson": "application/geo+json", "topojson": "application/json", "xml": "application/xml", "html": "text/html",
    "rss": "application/rss+xml", "atom": "application/atom+xml", "kml": "application/vnd.google-earth.kml+xml",
    "kmz": "application/vnd.google-earth.kmz", "gml": "application/gml+xml", "gpx": "application/gpx+xml",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", "xls": "application/vnd.ms-excel",
    "ods": "application/vnd.oasis.opendocument.spreadsheet", "pdf": "application/pdf", "zip": "application/zip",
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document", "ics": "text/calendar",
    "gpkg": "application/geopackage+sqlite3", "png": "image/png", "jpeg": "image/jpeg", "tiff": "image/tiff",
    "svg": "image/svg+xml", "txt": "text/plain", "text": "text/plain", "sqlite": "application/vnd.sqlite3",
    "parquet": "application/vnd.apache.parquet", "gtfs": "application/zip", "shp": "application/zip",
}  # fmt: skip
"""Formats to their media types as IANA registers them; another keeps its own name."""
FILES_SQL = """
SELECT r.shared_id, r.title_en, r.title_tc, r.title_sc, r.kind, r.format, r.temporal_from, r.temporal_to,
       u.url AS address, e.url AS example, c.format AS found, c.bytes, c.sha256,
       CASE WHEN json_valid(c.profile) THEN json_extract(c.profile, '$.earliest') END AS earliest,
       CASE WHEN json_valid(c.profile) THEN json_extract(c.profile, '$.latest') END AS latest,
       CASE WHEN json_valid(c.profile) THEN json_extract(c.profile, '$.columns') END AS columns
FROM resource r JOIN url u ON u.id = r.url LEFT JOIN url e ON e.id = r.example
LEFT JOIN latest_visit l ON l.url = coalesce(r.example, r.url)
LEFT JOIN content c ON c.sha256 = l.sha256 AND c.nature = 'data' AND c.complete
WHERE r.dataset = ? AND r.withdrawn_at IS NULL ORDER BY r.position, r.shared_id LIMIT ?
"""


def of(connection: sqlite3.Connection, it: Standing, tr: Translator, address: str) -> Node:
    """Return what schema.org calls a subject; ``address`` is this site's own, without a slash at its end."""
    makers = {"portal": catalogue, "provider": organization, "dataset": dataset}
    return {"@context": "https://schema.org", **makers[it.kind](connection, it, tr, address)}


def block(node: Node) -> str:
    """Return JSON that can stand in a ``script`` element and never end it: every odd character is escaped."""
    text = json.dumps(node, ensure_ascii=True, separators=(",", ":"))
    return text.replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026")


def catalogue(connection: sqlite3.Connection, it: Standing, tr: Translator, address: str) -> Node:
    """Return our own catalogue: the measurements, and where to take them from as a whole."""
    portal = http_link(queries.meta(connection).get("portal"))
    home = f"{address}/{tr.language}/"
    measured = {
        "@type": "Dataset", "name": it.title, "url": home, "description": described("", it, tr),
        "dateModified": it.scanned, "variableMeasured": measurements(it, tr), "isAccessibleForFree": True,
        "measurementTechnique": f"{address}/{tr.language}/method",
        "distribution": [
            {"@type": "DataDownload", "encodingFormat": MEDIA[form], "contentUrl": f"{home}index.{form}"}
            for form in ("json", "csv")
        ],
    }  # fmt: skip
    return _filled({
        "@type": "DataCatalog", "@id": f"{home}#catalogue", "name": it.title, "url": home,
        "description": standing.summary(it, tr), "inLanguage": list(TAGS.values()), "dateModified": it.scanned,
        "isBasedOn": portal if it.origin == "live" else None, "creativeWorkStatus": _status(it), "dataset": [measured],
    })  # fmt: skip


def organization(connection: sqlite3.Connection, it: Standing, tr: Translator, address: str) -> Node:
    """Return a provider as an organization, with its names in the other languages."""
    row = queries.provider(connection, it.name) or {}
    names = {short(row[f"title_{one}"], 200) for one in LANGUAGES if row.get(f"title_{one}")} - {it.title}
    page = address + path(tr.language, "provider", it.name)
    return _filled({
        "@type": "Organization", "@id": f"{page}#organization", "name": it.title, "alternateName": sorted(names),
        "identifier": clean(it.name), "mainEntityOfPage": page, "description": standing.summary(it, tr),
    })  # fmt: skip


def dataset(connection: sqlite3.Connection, it: Standing, tr: Translator, address: str) -> Node:
    """Return a dataset as its portal describes it, its files as we found them, and what we measured of it."""
    row = queries.dataset(connection, it.name) or {}
    files = queries.rows(connection, FILES_SQL, [it.name, MAX_FILES])
    portal = queries.meta(connection).get("portal", "")
    page = address + path(tr.language, "dataset", it.name)
    provider = address + path(tr.language, "provider", row["provider"])
    names = {f"title_{end}": row[f"provider_{end}"] for end in LANGUAGES}
    publisher = {
        "@type": "Organization", "@id": f"{provider}#organization", "url": provider,
        "name": short(tr.title(names) or row["provider"], 200),
    }  # fmt: skip
    categories = {f"title_{end}": row[f"category_{end}"] for end in LANGUAGES}
    return _filled({
        "@type": "Dataset", "@id": f"{page}#dataset", "name": it.title, "url": page,
        "description": described(tr.title(row, "notes") or "", it, tr), "identifier": clean(it.name),
        "sameAs": portal_page(portal, it.name, tr), "license": licence(row, portal), "publisher": publisher,
        "creator": publisher, "inLanguage": [TAGS[one] for one in LANGUAGES if row[f"title_{one}"]],
        "keywords": [short(word, 100) for word in [tr.title(categories)] if word],
        "datePublished": read_date(row["created"]), "dateModified": read_date(row["modified"]),
        "temporalCoverage": coverage(files), "creativeWorkStatus": _status(it),
        "includedInDataCatalog": _catalogue_of(portal),
        "distribution": [node for node in (download(one, tr) for one in files) if node],
        "variableMeasured": variables(files), "additionalProperty": measurements(it, tr),
    })  # fmt: skip


def described(notes: str, it: Standing, tr: Translator) -> str:
    """Return a description of the length Google asks for: the publisher's own, and our facts where that is short."""
    text = " ".join(clean(notes).split())
    more = (
        standing.summary(it, tr),
        tr(
            "GDB-style, unofficial. Not a score of the Global Data Barometer, and not a page of DATA.GOV.HK or of any"
            " provider."
        ),
    )
    for said in more:
        if len(text) < LEAST_DESCRIPTION:
            text = f"{text} {said}".strip()
    return short(text, MOST_DESCRIPTION)


def licence(row: Row, portal: str) -> str | Node | None:
    """Return the licence a record names, else the portal's terms where the profile reads these; None where neither."""
    named = clean(row.get("licence_title") or row.get("licence_id") or "")
    if named:
        return http_link(row.get("licence_id")) or {"@type": "CreativeWork", "name": short(named, 200)}
    terms = http_link(RUBRIC.terms.source) if RUBRIC.terms.apply else None
    return terms if terms and urlsplit(portal).hostname == urlsplit(terms).hostname else None


def download(row: Row, tr: Translator) -> Node | None:
    """Return one of a dataset's files as a download; None for a page, or a call that cannot be asked as it stands."""
    address = http_link(row["example"] or (row["address"] if row["kind"] in ("file", "api") else None))
    if address is None:
        return None
    form = str(row["found"] or row["format"] or "").strip().lower()
    return _filled({
        "@type": "DataDownload", "name": short(tr.title(row) or row["shared_id"], 200), "contentUrl": address,
        "encodingFormat": MEDIA.get(form) or short(form.upper(), 40),
        "contentSize": f"{row['bytes']} B" if row["bytes"] else None, "sha256": row["sha256"] if row["bytes"] else None,
    })  # fmt: skip


def coverage(files: Iterable[Row]) -> str | None:
    """Return the time the data itself spans (ISO 8601 interval), else what the record says; None where unknown."""
    days = [day for row in files for name in ("earliest", "latest") if (day := _day(row[name]))]
    if not days:
        days = [day for row in files for name in ("temporal_from", "temporal_to") if (day := _day(row[name]))]
    return f"{min(days)}/{max(days)}" if days else None


def _day(text: object) -> str | None:
    day = (read_date(text) or "")[:10]
    try:
        return date.fromisoformat(day).isoformat()
    except ValueError:
        return None


def variables(files: Iterable[Row]) -> list[Node]:
    """Return the columns of a dataset's files, each name once, with the range of its numbers where it has one."""
    found: dict[str, Node] = {}
    for row in files:
        columns = json.loads(row["columns"] or "[]")
        for column in columns if isinstance(columns, list) else []:
            label = short(str(column.get("label") or ""), 200) if isinstance(column, dict) else ""
            if label and label not in found and len(found) < MAX_VARIABLES:
                span = {"minValue": _number(column.get("low")), "maxValue": _number(column.get("high"))}
                found[label] = _filled({"@type": "PropertyValue", "name": label, **span})
    return list(found.values())


def _number(value: object) -> float | None:
    return value if isinstance(value, int | float) and abs(value) < float("inf") else None


def measurements(it: Standing, tr: Translator) -> list[Node]:
    """Return what we measured of a subject: its score with its bounds, what of it is known, and its uptime."""
    known = [
        (tr("Score"), it.point if it.quotable else None, it.low, it.high),
        (tr("Share of the weight that is known"), it.known, None, None),
        (tr("Uptime"), it.uptime, None, None),
    ]
    return [
        _filled({
            "@type": "PropertyValue", "name": name, "value": round(value, 4), "minValue": low, "maxValue": high,
            "description": tr("GDB-style, unofficial"),
        })
        for name, value, low, high in known if value is not None
    ]  # fmt: skip


def _catalogue_of(portal: str) -> Node | None:
    link = http_link(portal)
    return {"@type": "DataCatalog", "name": urlsplit(link).hostname, "url": link} if link else None


def _status(it: Standing) -> str | None:
    return None if it.origin == "live" else it.origin


def _filled(node: Node) -> Node:
    """Return ``node`` without what is not known: an empty value says less than none."""
    return {name: value for name, value in node.items() if value is not None and value not in ([], "")}
