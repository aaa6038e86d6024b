"""Drawings, grids and observations that are written as text: told by the line their standard puts first."""

import re

from harvester.records import Nature
from harvester.sniff.text import Decoded

_GRID = re.compile(
    r"\s*ncols\s+\d+\s+nrows\s+\d+\s+xll(?:corner|center)\s+\S+\s+yll(?:corner|center)\s+\S+\s+(?:cellsize|dx)\s",
    re.IGNORECASE,
)
"""How an ESRI ASCII grid begins, whatever its case."""
_OBSERVED = re.compile(r"[^\n]{60}(?:RINEX VERSION / TYPE|CRINEX VERS   / TYPE)")
"""RINEX puts a line's label at its column 61 (RINEX 3 and 4, section 5), Hatanaka's compressed form too."""
_MODEL_WORDS = frozenset({
    "v", "vt", "vn", "vp", "f", "l", "p", "o", "g", "s", "mtllib", "usemtl", "cstype", "deg", "curv", "surf",
    "parm", "end",
})  # fmt: skip
_VERTEX = re.compile(r"v(?:\s+[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?){3}")
_MODEL_BEGINS = re.compile(r"(?:[^\S\r\n]*(?:#[^\r\n]*)?[\r\n])*+[^\S\r\n]*+[a-z]{1,6}(?:\s|\Z)")
"""Notes and empty lines, then one short word."""
CHARACTERS_READ, LINES_READ, VERTICES = 20_000, 200, 3


def recognise(decoded: Decoded) -> tuple[str, Nature] | None:
    """Return vrml, fbx, rinex, asc or obj, which are data, or None where the text is none of them."""
    text = decoded.text.lstrip("\ufeff")
    if text.startswith(("#VRML V2.0", "#VRML V1.0", "#X3D V")):
        return "vrml", "data"
    if re.match(r";\s*FBX \d", text):
        return "fbx", "data"
    if _OBSERVED.match(text):
        return "rinex", "data"
    if _GRID.match(text[:2000]):
        return "asc", "data"
    return ("obj", "data") if _is_model(text) else None


def _is_model(text: str) -> bool:
    """Whether the first lines are those of a Wavefront OBJ: three corners at least, and no line of another kind."""
    if not _MODEL_BEGINS.match(text):
        return False  # nearly every table, at once
    lines = text[:CHARACTERS_READ].splitlines()[:LINES_READ]
    if len(text) > CHARACTERS_READ and lines:
        lines.pop()  # it may be cut in the middle
    lines = [line.strip() for line in lines if line.strip() and line.strip()[0] != "#"]
    if sum(_VERTEX.match(line) is not None for line in lines) < VERTICES:
        return False
    return all(line.split(None, 1)[0] in _MODEL_WORDS for line in lines)
