"""Recorded bodies and files served as if they were the portal: real input without the network.

The folder holds `ckan/` (package records as recorded) and `files/` with a `MANIFEST.json` that names each file's
publisher and what it is. Each publisher's files of one sort become one dataset. Nothing of it is part of this project.
"""

import hashlib
import json
import mimetypes
from collections.abc import Iterable, Iterator
from itertools import groupby
from pathlib import Path
from typing import Any
from urllib.parse import quote

from sample_portal.catalogue import RecordedCatalogue, Response

Record = dict[str, Any]
FILES_HOST = "files.sample.test"
FREQUENCY = "As and when necessary"
PUBLISHERS = {
    "REO/EAC/LegCo": "hk-reo",
    "GeoInfo Map (LandsD with many departments)": "hk-landsd",
    "HKO/EPD/EEB": "hk-epd",
    "HKO": "hk-hko",
    "TD/MTR": "hk-td",
    "C&SD/Citybus etc": "hk-censtatd",
    "DH/CHP": "hk-dh",
    "mixed": "hk-dpo",
}


def recorded(folder: Path) -> RecordedCatalogue:
    """Return the catalogue of all that ``folder`` holds. Raises FileNotFoundError where it is not such a folder."""
    manifest = json.loads((folder / "files" / "MANIFEST.json").read_text(encoding="utf-8"))
    packages: dict[str, dict[str, Record]] = {"en": {}, "tc": {}, "sc": {}}
    for language, record in _records(folder / "ckan"):
        packages[language][record["name"]] = record
    for record in _file_packages(manifest):
        packages["en"][record["name"]] = record
    responses = {(FILES_HOST, _target(row["file"])): _response(folder / "files" / row["file"]) for row in manifest}
    records = [record for named in packages.values() for record in named.values()]
    return RecordedCatalogue(packages, responses, providers=_titles(records, "organization"))


def _records(folder: Path) -> Iterator[tuple[str, Record]]:
    """Yield (language, package) of each recorded body, the fuller ones last so that they win."""
    for line in _lines(folder / "gnokit_en_tc_sample_2026-09-27.jsonl"):
        record = json.loads(line)
        locales = record.pop("locales", {})
        yield "en", _whole(record)
        for language, texts in locales.items():
            organization = {**record["organization"], **texts.get("organization", {})}
            yield language, _whole({**record, **texts, "organization": organization})
    for line in _lines(folder / "package_show_tc_truncated_9.jsonl"):
        yield "tc", _whole(json.loads(line)["result"])
    lamp_posts = json.loads((folder / "package_show_en_hk-hyd-plis-lamppostdata.json").read_text(encoding="utf-8"))
    yield "en", _whole(lamp_posts["result"])


def _lines(path: Path) -> list[str]:
    return [line for line in path.read_text(encoding="utf-8").splitlines() if line.strip()]


def _whole(record: Record) -> Record:
    """Return a recorded package with the ids that its transcription left out, the same in each language."""
    resources = []
    for position, resource in enumerate(record.get("resources", [])):
        key = f"{record['name']}/{position}"
        shared = {"shared_id": _id(key), "id": _id(key + "/id"), "position": position}
        resources.append({**shared, **resource})
    return {**record, "resources": resources, "num_resources": len(resources)}


def _file_packages(manifest: Iterable[Record]) -> Iterator[Record]:
    def key(row: Record) -> tuple[str, str]:
        return row["publisher"], row["what"]

    for (publisher, what), rows in groupby(sorted(manifest, key=key), key):
        slug = PUBLISHERS[publisher]
        resources = [
            {
                "shared_id": _id(row["file"]), "id": _id(row["file"] + "/id"), "position": position,
                "name": Path(row["file"]).name, "description": "", "is_api": "N", "mimetype": None, "size": None,
                "format": Path(row["file"]).suffix[1:].upper(), "url": f"https://{FILES_HOST}{_target(row['file'])}",
            }
            for position, row in enumerate(rows)
        ]  # fmt: skip
        yield {
            "name": f"{slug}-recorded-{_id(what)[:8]}", "title": what, "notes": f"Recorded files of {publisher}.",
            "organization": {"name": slug, "title": publisher}, "groups": [{"name": "miscellaneous"}],
            "update_frequency": FREQUENCY, "license_id": None, "license_title": None, "isopen": False,
            "num_resources": len(resources), "resources": resources, "state": "active", "type": "dataset",
        }  # fmt: skip


def _titles(records: Iterable[Record], key: str) -> list[Record]:
    found = {record[key]["name"]: record[key].get("title") for record in records if record.get(key)}
    return [{"id": slug, "name": {"en": title}, "datasetCount": 0} for slug, title in sorted(found.items())]


def _response(path: Path) -> Response:
    kind = mimetypes.guess_type(path.name)[0] or "application/octet-stream"
    return Response(path.read_bytes, kind)  # when it was last changed is not known: the copy's own date would be a lie


def _target(file: str) -> str:
    return "/" + quote(file)


def _id(text: str) -> str:
    return hashlib.md5(text.encode(), usedforsecurity=False).hexdigest()
