"""Pictures: opened and decoded by Pillow within a limit of pixels; a GeoTIFF is told from a plain TIFF by its tags."""

import struct
import warnings
from collections.abc import Mapping
from datetime import date
from importlib.metadata import version
from pathlib import Path
from typing import Any

from PIL import Image, UnidentifiedImageError

from harvester.records import Ladder, Sniffed
from harvester.validate.finding import Finding, broken, telling

PIXELS = 40_000_000
"""Pixels that are decoded: at four bytes each 160 MB. A larger TIFF is looked at by its tags, another not at all."""
DIMENSION = 1_000_000
# GeoTIFF 1.1 (OGC 19-008), tags 33550 ModelPixelScale, 34264 ModelTransformation, 34735 GeoKeyDirectory.
_SCALE, _TRANSFORMATION, _KEYS = 33550, 34264, 34735
_PROJECTED, _GEOGRAPHIC = 3072, 2048
"""The keys that name the coordinate system by its EPSG code."""
_PLACES = ((273, 279), (324, 325))
"""Tags of a TIFF's strips and tiles: where each begins and how many bytes it has (TIFF 6.0)."""
ROUTE = f"opened by pillow {version('pillow')}"


def examine_picture(path: Path, sniffed: Sniffed, _today: date) -> Finding:
    """Return the finding on a PNG, JPEG, GIF, TIFF or WebP: it decodes to its end; facts are its width and height."""
    Image.MAX_IMAGE_PIXELS = None  # our own limit is asked before anything is decoded
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # what Pillow warns of and reads all the same
            with Image.open(path, formats=[sniffed.format.upper()]) as image:
                return _opened(path, image)
    except UnidentifiedImageError:
        return broken(f"The {sniffed.format.upper()} does not open: its head is not one, or is cut short.")
    except (OSError, SyntaxError, ValueError, KeyError, IndexError, TypeError, struct.error, EOFError) as error:
        return broken(f"The {sniffed.format.upper()} does not decode: {str(error)[:120]}.")


def _opened(path: Path, image: Image.Image) -> Finding:
    width, height = image.size
    facts: dict[str, object] = {"width": width, "height": height}
    tags: Mapping[int, Any] = getattr(image, "tag_v2", {}) or {}
    geo = _KEYS in tags
    if geo:
        facts |= {"georeferenced": "yes", "projection": _projection(tags), "pixel": _pixel(tags)}
    ladder: Ladder | None = "structured" if geo else None
    kept = telling(None, facts)
    if width * height <= PIXELS and max(width, height) <= DIMENSION:
        image.load()
        return Finding("opens", ladder=ladder, profile=kept, route=ROUTE)
    if tags:
        if reason := _outside(tags, path.stat().st_size):
            return broken(reason)
        return Finding("opens", ladder=ladder, profile=kept, route=f"{ROUTE}, by its tags")
    reason = f"The picture is {width:,} x {height:,} pixels; more than {PIXELS:,} are not decoded."
    return Finding("unmeasured", reason, profile=kept)


def _outside(tags: Mapping[int, Any], size: int) -> str | None:
    """Return why a TIFF is cut short: a strip or tile of it lies beyond its end; None where all lie within."""
    for begins, lengths in _PLACES:
        places = zip(_numbers(tags.get(begins)), _numbers(tags.get(lengths)), strict=False)
        if any(at + length > size for at, length in places):
            return "The TIFF is cut short: part of its pixels lies beyond its end."
    if not any(_numbers(tags.get(begins)) for begins, _ in _PLACES):
        return "The TIFF has no pixels: it tells no strip and no tile."
    return None


def _numbers(value: Any) -> tuple[int, ...]:
    values = value if isinstance(value, tuple) else (value,)
    return tuple(each for each in values if isinstance(each, int))


def _projection(tags: Mapping[int, Any]) -> str | None:
    """Return the coordinate system's EPSG code out of the GeoKeyDirectory: four numbers a key, the value last."""
    numbers = _numbers(tags.get(_KEYS))
    keys = {numbers[at]: numbers[at + 3] for at in range(4, len(numbers) - 3, 4) if numbers[at + 1] == 0}
    code = keys.get(_PROJECTED) or keys.get(_GEOGRAPHIC)
    return f"EPSG:{code}" if code else None


def _pixel(tags: Mapping[int, Any]) -> str | None:
    scale = tags.get(_SCALE)
    if isinstance(scale, tuple) and len(scale) >= 2:  # noqa: PLR2004 - along and down
        return f"{scale[0]:g} x {scale[1]:g}"
    return "as its transformation says" if _TRANSFORMATION in tags else None
