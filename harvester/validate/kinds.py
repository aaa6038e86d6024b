"""What each kind of XML must have by its own standard, and what is told of it: feeds, maps, features, models."""

import re
from collections import Counter
from collections.abc import Callable, Iterable
from itertools import islice
from typing import TYPE_CHECKING

from harvester.validate.finding import Faults

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element

Facts = dict[str, object]
ELEMENTS_READ = 2_000_000
POSITIONS_CHECKED = 20_000
"""Positions of a KML file that are checked to be on this Earth."""


def local(tag: object) -> str:
    """Return an element's name without its namespace; nothing for comments and instructions."""
    return re.sub(r"^\{.*?\}", "", tag) if isinstance(tag, str) else ""


def of_kind(root: "Element[str]", format_: str) -> tuple[Facts, Faults, str | None]:
    """Return what is told of a document of ``format_``, its faults by code, and the sentence that breaks it, if any."""
    rule = _RULES.get(format_)
    faults = Faults()
    if rule is None:
        return {"root": local(root.tag)[:80]}, faults, None
    facts, reason = rule(root, faults)
    return facts, faults, reason


def _named(root: "Element[str]", *names: str) -> list["Element[str]"]:
    return [element for element in islice(root.iter(), ELEMENTS_READ) if local(element.tag) in names]


def _children(element: "Element[str]") -> set[str]:
    return {local(child.tag) for child in element}


def _rss(root: "Element[str]", faults: Faults) -> tuple[Facts, str | None]:
    """RSS 2.0: one channel; of each item a title or a description."""
    if not _named(root, "channel"):
        return {}, "The feed has no channel."
    items = _named(root, "item")
    for number, item in enumerate(items, 1):
        if not _children(item) & {"title", "description"}:
            faults.add("missing-element", f"Item {number} has neither a title nor a description.", number)
    return {"version": root.get("version", "1.0" if local(root.tag) == "RDF" else None), "entries": len(items)}, None


def _atom(root: "Element[str]", faults: Faults) -> tuple[Facts, str | None]:
    """Atom (RFC 4287, 4.1.2): of each entry an id, a title and when it was updated."""
    entries = _named(root, "entry")
    for number, entry in enumerate(entries, 1):
        if missing := sorted({"id", "title", "updated"} - _children(entry)):
            faults.add("missing-element", f"Entry {number} has no {', '.join(missing)}.", number)
    return {"entries": len(entries)}, None


def _kml(root: "Element[str]", faults: Faults) -> tuple[Facts, str | None]:
    """KML (OGC 12-007): coordinates are longitude, latitude; a link to another KML is told, never followed."""
    checked = 0
    for number, element in enumerate(_named(root, "coordinates"), 1):
        for place in islice((element.text or "").split(), POSITIONS_CHECKED - checked):
            checked += 1
            if not _on_earth(place.split(",")):
                faults.add("out-of-range", f"Shape {number}: {place[:60]} is no longitude and latitude.", number)
                break
    counts = Counter(local(element.tag) for element in islice(root.iter(), ELEMENTS_READ))
    facts: Facts = {"placemarks": counts["Placemark"], "overlays": counts["GroundOverlay"] or None}
    return facts | {"layers": counts["Folder"] or None, "links_elsewhere": counts["NetworkLink"] or None}, None


def _on_earth(parts: list[str]) -> bool:
    try:
        longitude, latitude = float(parts[0]), float(parts[1])
    except (ValueError, IndexError):
        return False
    return -180 <= longitude <= 180 and -90 <= latitude <= 90  # noqa: PLR2004 - degrees


def _gml(root: "Element[str]", faults: Faults) -> tuple[Facts, str | None]:
    """GML (OGC 07-036): features, and the coordinate system that srsName tells."""
    systems: Counter[str] = Counter()
    shapes = 0
    for element in islice(root.iter(), ELEMENTS_READ):
        shapes += local(element.tag) in ("pos", "posList", "coordinates", "coord")
        if name := element.get("srsName"):
            systems[name[:80]] += 1
    if shapes and not systems:
        faults.add("no-projection", "It has shapes and tells no coordinate system (srsName).")
    named = ", ".join(name for name, _ in systems.most_common(3))
    return {"projection": named or None, "shapes": shapes}, None


def _gpx(root: "Element[str]", _faults: Faults) -> tuple[Facts, str | None]:
    return {"version": root.get("version"), "points": len(_named(root, "wpt", "trkpt", "rtept"))}, None


def _dae(root: "Element[str]", _faults: Faults) -> tuple[Facts, str | None]:
    """COLLADA (ISO/PAS 17506): a version, and geometries."""
    up = next((element.text for element in _named(root, "up_axis")), None)
    return {"version": root.get("version"), "geometries": len(_named(root, "geometry")), "up": up}, None


def _gfs(root: "Element[str]", _faults: Faults) -> tuple[Facts, str | None]:
    """GDAL's description of a GML file: its classes with their fields; the data stand in the GML."""
    classes = _named(root, "GMLFeatureClass")
    fields = len(_named(root, "PropertyDefn"))
    return {"classes": len(classes), "fields": fields, "features": _sum(_named(root, "FeatureCount"))}, (
        None if classes else "It describes no class of features."
    )


def _sum(elements: Iterable["Element[str]"]) -> int | None:
    numbers = [int(element.text) for element in elements if (element.text or "").strip().isdecimal() and element.text]
    return sum(numbers) if numbers else None


_RULES: dict[str, Callable[["Element[str]", Faults], tuple[Facts, str | None]]] = {
    "rss": _rss, "atom": _atom, "kml": _kml, "gml": _gml, "gpx": _gpx, "dae": _dae, "gfs": _gfs,
}  # fmt: skip
