"""GeoJSON's own rules (RFC 7946): what a feature must have, closed rings, and coordinates on this Earth."""

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from itertools import islice, pairwise
from typing import Any

_DEPTH = {"Point": 0, "MultiPoint": 1, "LineString": 1, "MultiLineString": 2, "Polygon": 2, "MultiPolygon": 3}
POSITIONS_READ = 2_000_000
RING = 4
"""Positions the shortest closed ring has: a triangle, its first corner told twice (section 3.1.6)."""


_DEGREES = re.compile(r"crs:?84|4326|wgs ?84", re.IGNORECASE)


def faults(features: Sequence[Any], crs: Any = None) -> dict[str, list[tuple[int, str]]]:
    """Return, by code, each fault's feature number (from 1) and a sentence about it.

    Codes: ``not-a-feature``, ``no-geometry`` (allowed by the standard, useless on a map), ``bad-geometry``,
    ``open-ring``, ``winding`` (a ring that turns the other way than section 3.1.6 asks for, which programs should
    not refuse), ``projected`` (coordinates of a grid that the collection's ``crs`` member names, as GeoJSON allowed
    before RFC 7946), ``out-of-range``. One fault of a code a feature.
    """
    grid = _grid(crs)
    found: dict[str, list[tuple[int, str]]] = {}
    for number, feature in enumerate(features, 1):
        for code, words in _of_feature(feature).items():
            told = grid is not None and code == "out-of-range"
            said = f"its coordinates are of {grid}, as the file says; RFC 7946 asks for longitude and latitude."
            found.setdefault("projected" if told else code, []).append(
                (number, f"Feature {number}: {said if told else words}")
            )
    return found


def _grid(crs: Any) -> str | None:
    """Return the name of the projection that a ``crs`` member (GeoJSON 2008, section 3) tells, None for degrees."""
    properties = crs.get("properties") if isinstance(crs, Mapping) else None
    name = properties.get("name") if isinstance(properties, Mapping) else None
    return name[:60] if isinstance(name, str) and name and not _DEGREES.search(name) else None


def _of_feature(feature: Any) -> dict[str, str]:
    if not isinstance(feature, Mapping):
        return {"not-a-feature": "it is not an object."}
    if feature.get("type") != "Feature":
        return (
            _of_geometry(feature)
            if "coordinates" in feature or "geometries" in feature
            else {"not-a-feature": 'its "type" is not "Feature".'}
        )
    geometry = feature.get("geometry")
    return {"no-geometry": "it has no geometry."} if geometry is None else _of_geometry(geometry)


def _of_geometry(geometry: Any) -> dict[str, str]:
    if not isinstance(geometry, Mapping):
        return {"bad-geometry": "its geometry is not an object."}
    if geometry.get("type") == "GeometryCollection":
        parts = geometry.get("geometries")
        merged: dict[str, str] = {}
        for part in parts if isinstance(parts, list) else ():
            merged |= _of_geometry(part) if isinstance(part, Mapping) and part.get("type") in _DEPTH else {}
        return merged  # a collection in a collection is not gone into: section 3.1.8 asks to avoid it
    depth = _DEPTH.get(str(geometry.get("type")))
    coordinates = geometry.get("coordinates")
    if depth is None or not isinstance(coordinates, list):
        return {"bad-geometry": "its geometry has no known type or no coordinates."}
    return _of_positions(str(geometry["type"]), coordinates, depth)


def told(features: Sequence[Any], crs: Any = None) -> dict[str, object]:
    """Return what is told of a collection: kinds of geometry with their counts, and its projection where it is another.

    A projection that nothing names is guessed only for Hong Kong's own grid, and said to be a guess.
    """
    kinds: Counter[str] = Counter()
    on_grid = places = 0
    for feature in features:
        geometry = feature.get("geometry") if isinstance(feature, Mapping) else None
        if isinstance(geometry, Mapping):
            kinds[str(geometry.get("type"))[:40]] += 1
            if (first := _first(geometry.get("coordinates"))) is not None:
                places, on_grid = places + 1, on_grid + _on_grid(first)
    guess = "perhaps EPSG:2326 (Hong Kong 1980 Grid)" if places and on_grid > places / 2 else None
    named = ", ".join(f"{kind} {count}" for kind, count in kinds.most_common(8))
    return {"geometry": named or None, "projection": _grid(crs) or guess}


def _first(coordinates: Any) -> Any:
    """Return the first position of a geometry, None where there is none."""
    for _ in range(4):
        if _is_position(coordinates):
            return coordinates
        coordinates = coordinates[0] if isinstance(coordinates, list) and coordinates else None
    return None


def _on_grid(position: Sequence[float]) -> bool:
    """Whether a position is one of the Hong Kong 1980 Grid (EPSG:2326): metres east and north, in its area of use."""
    return 793_000 <= position[0] <= 870_500 and 799_000 <= position[1] <= 850_500  # noqa: PLR2004


def _turns_left(ring: Sequence[Any]) -> bool | None:
    """Whether a ring runs counterclockwise (by its signed area), None where it has no area or is no ring."""
    if len(ring) < RING or not all(map(_is_position, ring)):
        return None
    area = sum((a[0] * b[1] - b[0] * a[1]) for a, b in pairwise(ring))
    return None if area == 0 else area > 0


def _wound(coordinates: Any, kind: str) -> bool:
    """Whether every polygon's outer ring runs counterclockwise and its holes clockwise (section 3.1.6)."""
    polygons = coordinates if kind == "MultiPolygon" else [coordinates]
    for polygon in polygons if isinstance(polygons, list) else ():
        for number, ring in enumerate(polygon if isinstance(polygon, list) else ()):
            left = _turns_left(ring) if isinstance(ring, list) else None
            if left is not None and left != (number == 0):
                return False
    return True


def _of_positions(kind: str, coordinates: Any, depth: int) -> dict[str, str]:
    found: dict[str, str] = {}
    if kind.endswith("Polygon") and not _wound(coordinates, kind):
        found["winding"] = "a ring turns the other way: outer rings run counterclockwise, holes clockwise."
    for line in _lines(coordinates, depth):
        if kind.endswith("Polygon") and (len(line) < RING or line[0] != line[-1]):
            found.setdefault("open-ring", "a ring does not end where it begins.")
        for position in islice(line, POSITIONS_READ):
            if not _is_position(position):
                found.setdefault("bad-geometry", "a position is not a pair of numbers.")
            elif not (-180 <= position[0] <= 180 and -90 <= position[1] <= 90):  # noqa: PLR2004 - degrees
                found.setdefault("out-of-range", _beyond(position))
    return found


def _beyond(position: Sequence[float]) -> str:
    hint = ", but fits the Hong Kong 1980 Grid" if _on_grid(position) else ""
    return f"{position[0]}, {position[1]} is not a longitude and a latitude{hint}."


def _lines(coordinates: Any, depth: int) -> Iterator[list[Any]]:
    """Yield the innermost lists of positions, whatever the geometry's depth; what is not a list ends the walk."""
    if depth == 0:
        yield [coordinates]
    elif depth == 1 or not isinstance(coordinates, list):
        yield coordinates if isinstance(coordinates, list) else [coordinates]
    else:
        for inner in coordinates:
            yield from _lines(inner, depth - 1)


def _is_position(position: Any) -> bool:
    return (
        isinstance(position, list)
        and len(position) >= 2  # noqa: PLR2004 - longitude and latitude
        and all(isinstance(number, int | float) and not isinstance(number, bool) for number in position[:2])
    )
