"""The whole result as one Frictionless Data Package: its CSV files with types, keys, words, sizes and sums."""

import json
from collections.abc import Mapping
from typing import Any

from publish.exports.csv_files import FOLDER
from publish.exports.job import Job, Kind, Table, digest
from publish.names import origin
from publish.safe import http_link
from publish.structured import licence

NAME = "datapackage.json"
FIELDS: Mapping[Kind, Mapping[str, Any]] = {
    "text": {"type": "string"}, "integer": {"type": "integer"}, "number": {"type": "number"},
    "time": {"type": "datetime"}, "day": {"type": "date"},
}  # fmt: skip
"""Our columns in Table Schema's words; its own datetime is ISO 8601, as ours is (specs.frictionlessdata.io)."""

Node = dict[str, Any]


def write(job: Job) -> dict[str, int]:
    """Write ``datapackage.json`` over the CSV files that stand in the job's folder already; return its resources."""
    package = {
        "profile": "tabular-data-package",
        "name": "hk-open-data-barometer",
        "title": str(job.words.get("title") or ""),
        "description": str(job.words.get("description") or "").strip(),
        "version": (job.meta.get("scanned") or job.meta.get("built") or "")[:10],
        "created": job.meta.get("built"),
        "homepage": job.site,
        "keywords": ["open data", "data quality", "Hong Kong"],
        "licenses": licences(job),
        "sources": sources(job),
        "resources": [_resource(job, table) for table in job.tables],
        "barometer": dict(job.meta),
    }
    text = json.dumps({key: value for key, value in package.items() if value}, ensure_ascii=False, indent=1)
    (job.folder / NAME).write_text(text + "\n", encoding="utf-8")
    return {"resources": len(job.tables)}


def licences(job: Job) -> list[Node]:
    """Return the licence of what we measured, and the terms of what was harvested where the profile reads these."""
    ours = {"name": "Apache-2.0", "title": str(job.words.get("license")), "path": str(job.words.get("license_url"))}
    terms = licence({}, job.meta.get("portal", ""))
    return [ours, *([{"title": "Terms of the portal, for its records", "path": terms}] if terms else [])]


def sources(job: Job) -> list[Node]:
    """Return the portal the records were harvested from; one that is not live is named for what it is."""
    portal = job.meta.get("portal", "")
    title = {"sample": "Invented sample data", "recorded": "Recorded data", "live": "Catalogue of the portal"}
    link = http_link(portal)
    return [{"title": title[origin(portal)], **({"path": link} if link else {})}]


def _resource(job: Job, table: Table) -> Node:
    path = f"{FOLDER}/{table.name}.csv"
    size, sha256 = digest(job.folder / path)
    return {
        "profile": "tabular-data-resource", "name": table.name.replace("_", "-"), "title": table.name.replace("_", " "),
        **({"description": table.description} if table.description else {}),
        "path": path, "format": "csv", "mediatype": "text/csv", "encoding": "utf-8", "bytes": size,
        "hash": f"sha256:{sha256}", "schema": _schema(table),
    }  # fmt: skip


def _schema(table: Table) -> Node:
    fields = []
    for column in table.columns:
        field: Node = {"name": column.name, **FIELDS[column.kind]}
        if column.description:
            field["description"] = column.description
        if column.required:
            field["constraints"] = {"required": True}
            if column.kind == "text":
                field["missingValues"] = []  # "" is a text where NULL cannot stand
        fields.append(field)
    schema: Node = {"fields": fields, "missingValues": [""], "primaryKey": list(table.key)}
    if table.references:
        schema["foreignKeys"] = [
            {"fields": list(one.columns),
             "reference": {"resource": one.table.replace("_", "-"), "fields": list(one.others)}}
            for one in table.references
        ]  # fmt: skip
    return schema
