"""XML and its kinds, read safely: well-formed or not, its repeated element taken for the records."""

import zipfile
from collections import Counter
from dataclasses import replace
from datetime import date
from itertools import islice
from pathlib import Path
from typing import Any
from xml.etree.ElementTree import Element, ParseError

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import fromstring, parse

from harvester.records import Dialect, Part, Sniffed
from harvester.validate import kinds, limits, paging
from harvester.validate.archives import member_bytes, unpacking
from harvester.validate.finding import Finding, broken, telling, unmeasured
from harvester.validate.kinds import local as _local
from harvester.validate.tables import records_profile

_RECORDS = {
    "rss": ("item",), "atom": ("entry",), "kml": ("Placemark", "GroundOverlay"), "gpx": ("wpt", "trkpt", "rtept"),
    "gml": ("featureMember", "featureMembers", "member"),
    "dae": ("geometry",), "gfs": ("GMLFeatureClass",),
}  # fmt: skip
ROUTE = "read by defusedxml"
VALUES_READ = 50_000
FIELDS_COUNTED = 8
_ROOTS = {"rss": {"rss", "RDF"}, "atom": {"feed"}, "kml": {"kml"}, "gpx": {"gpx"},
          "svg": {"svg"}, "dae": {"COLLADA"}, "gfs": {"GMLFeatureClassList"}}  # fmt: skip


def examine_xml(path: Path, sniffed: Sniffed, today: date) -> Finding:
    """Return the finding on an XML document. ``today`` is Hong Kong's date."""
    if reason := limits.of_tree(path):
        return unmeasured(reason)
    try:
        root = parse(path).getroot()
    except DefusedXmlException:
        return unmeasured("The document declares entities, which are not expanded for safety.")
    except ParseError as error:
        return broken(f"The XML is not well-formed: {error}.")
    except (LookupError, ValueError) as error:  # an encoding that Python does not know, or that the bytes are not in
        return broken(f"The XML cannot be decoded: {error}.")
    except RecursionError:
        return unmeasured("The document is nested too deep to be parsed safely.")
    return broken("The document has no root element.") if root is None else of_tree(root, sniffed.format, today)


def of_tree(root: "Element[str]", format_: str, today: date) -> Finding:
    """Return the finding on a parsed document of ``format_``: its records, their labels and profile, its own faults."""
    if _local(root.tag) not in _ROOTS.get(format_, {_local(root.tag)}):
        return broken(f"The root element is {_local(root.tag)}, which {format_.upper()} does not have.")
    facts, faults, reason = kinds.of_kind(root, format_)
    if reason:
        return broken(reason)
    elements, where = _records(root, format_)
    records = [_as_record(element) for element in elements]
    labels = tuple(dict.fromkeys(key for record in records[:5000] for key in record))
    if len(labels) > limits.COLUMNS:
        return unmeasured(f"A record has {len(labels):,} fields, more than {limits.COLUMNS:,}.")
    profile = records_profile(labels, records, (), today, _around(root))
    profile = replace(profile, more=paging.more(_page_marks(root), len(records)))
    dialect = Dialect(header_row=1, record_path=where) if records else None
    return Finding(
        "opens", None, dialect, len(records) or None, len(labels) or None, labels,
        defects=faults.defects(), profile=telling(profile, facts), route=ROUTE,
    )  # fmt: skip


@unpacking
def examine_kmz(path: Path, _sniffed: Sniffed, today: date) -> Finding:
    """Return the finding on a KMZ: its first KML (OGC 12-007, annex C) read as KML; the others are told."""
    with zipfile.ZipFile(path) as archive:
        names = [name for name in archive.namelist() if name.lower().endswith(".kml")]
    if not names:
        return broken("There is no KML in the archive.")
    found = _kml_inside(member_bytes(path, names[0]), today)
    parts = [Part(names[0][:200], "kml", found.verdict, found.rows, found.reason)]
    facts = {"kml_files": len(names) if len(names) > 1 else None}
    return replace(found, profile=telling(found.profile, facts, parts))


def _kml_inside(body: bytes | None, today: date) -> Finding:
    if body is None:
        return unmeasured("The KML inside is larger than is looked at.")
    try:
        return of_tree(fromstring(body), "kml", today)
    except DefusedXmlException:
        return unmeasured("The KML inside declares entities, which are not expanded for safety.")
    except ParseError as error:
        return broken(f"The KML inside is not well-formed: {error}.")
    except (LookupError, ValueError) as error:
        return broken(f"The KML inside cannot be decoded: {error}.")


def _around(root: "Element[str]") -> list[tuple[str, str]]:
    """Return the document's short single values with their names: attributes, and elements that hold only text."""
    found: list[tuple[str, str]] = []
    for element in islice(root.iter(), VALUES_READ):
        found += [(_local(name), value) for name, value in element.attrib.items()]
        if not len(element) and element.text and len(element.text) <= 60:  # noqa: PLR2004 - no date is so long
            found.append((_local(element.tag), element.text))
    return found


def _page_marks(root: "Element[str]") -> dict[str, str]:
    """Return what the document's top says of pages: the root's attributes, and where its next page stands (Atom)."""
    marks = {_local(name): value for name, value in root.attrib.items()}
    links = [child.get("href", "") for child in root if _local(child.tag) == "link" and child.get("rel") == "next"]
    return marks | ({"next": links[0]} if links else {})


def _records(root: "Element[str]", format_: str) -> tuple[list["Element[str]"], str | None]:
    """Return the records and the dotted path they stand at."""
    if names := _RECORDS.get(format_):
        found = [element for element in root.iter() if _local(element.tag) in names]
        members = [child for element in found for child in element] if format_ == "gml" else found
        return members, names[0] if members else None
    path, counts = _paths(root)
    if not counts:
        return [], None
    best = max(counts, key=lambda where: (counts[where] * _weight(path[where]), -where.count(".")))
    return (path[best], best) if counts[best] > 1 else ([], None)


def _paths(root: "Element[str]") -> tuple[dict[str, list["Element[str]"]], Counter[str]]:
    """Return the elements that hold others or attributes, by the path of their names, three levels deep."""
    found: dict[str, list[Element[str]]] = {}
    level = [("", root)]
    for _ in range(4):
        below: list[tuple[str, Element[str]]] = []
        for where, element in level:
            for child in element:
                at = f"{where}.{_local(child.tag)}".lstrip(".")
                below.append((at, child))
                if len(child) or child.attrib:
                    found.setdefault(at, []).append(child)
        level = below
    return found, Counter({where: len(elements) for where, elements in found.items()})


def _weight(elements: list["Element[str]"]) -> int:
    """How much a record says: a list of five fields each weighs more than a longer one of single values."""
    first = elements[0]
    if not len(first):
        return min(len(first.attrib), FIELDS_COUNTED) // 2
    return min(max(len({child.tag for child in first}), len(_named(first))) + len(first.attrib), FIELDS_COUNTED)


def _named(element: "Element[str]") -> dict[str, str]:
    """Return the fields of a record whose children carry their names as an attribute (``<field name="Month">``)."""
    if len({child.tag for child in element}) != 1:
        return {}
    key = next((key for key in ("name", "key", "id") if all(key in child.attrib for child in element)), None)
    return {child.attrib[key]: (child.text or "").strip() for child in element} if key else {}


def _as_record(element: "Element[str]") -> dict[str, Any]:
    record: dict[str, Any] = {_local(name): value for name, value in element.attrib.items()}
    if named := _named(element):
        return record | named
    for child in element:
        text = (child.text or "").strip()
        record.setdefault(
            _local(child.tag), text if not len(child) else " ".join("".join(child.itertext()).split())[:400]
        )
    if not record and element.text:
        record["text"] = element.text.strip()
    return record
