"""3D models and drawings: told by their signatures, held to the lengths they tell, counted where they are text."""

import json
import re
import struct
from collections import Counter
from collections.abc import Callable, Mapping
from datetime import date
from pathlib import Path
from typing import Any

from harvester.records import Sniffed
from harvester.sniff.text import codec
from harvester.validate import limits
from harvester.validate.finding import Finding, broken, telling, unmeasured

_DWG = {"AC1006": "R10", "AC1009": "R12", "AC1012": "R13", "AC1014": "R14", "AC1015": "2000", "AC1018": "2004",
        "AC1021": "2007", "AC1024": "2010", "AC1027": "2013", "AC1032": "2018"}  # fmt: skip
ROUTE = "opened by its structure"


def _head(path: Path, most: int = 4096) -> bytes:
    with path.open("rb") as file:
        return file.read(most)


def examine_dwg(path: Path, _sniffed: Sniffed, _today: date) -> Finding:
    """Return the finding on an AutoCAD drawing: its version; only Autodesk's own library reads what is in it."""
    head = _head(path, 64)
    release = _DWG.get(head[:6].decode("ascii", "replace"))
    if path.stat().st_size < 1024:  # noqa: PLR2004 - the header and its sections alone are longer
        return broken("The drawing is cut short: it is smaller than its own header.")
    return Finding("opens", profile=telling(None, {"version": release and f"AutoCAD {release}"}), route=ROUTE)


def examine_dxf(path: Path, _sniffed: Sniffed, _today: date) -> Finding:
    """Return the finding on a DXF drawing (Autodesk's DXF Reference): it ends with EOF; its entities are counted."""
    if _head(path, 18) == b"AutoCAD Binary DXF":
        return Finding("opens", profile=telling(None, {"written": "binary"}), route=ROUTE)
    section = ""
    entities, last, code = 0, b"", b""
    with path.open("rb") as file:
        try:
            for number, line in enumerate(limits.lines(file)):
                word = line.strip()
                if number % 2 == 0:
                    code = word
                elif code == b"2" and last == b"SECTION":
                    section = word.decode("ascii", "replace")
                elif code == b"0":
                    entities += section == "ENTITIES" and word not in (b"SECTION", b"ENDSEC", b"VERTEX", b"SEQEND")
                if number % 2:
                    last = word
        except ValueError as error:
            return broken(f"The drawing is not a DXF: {error}.")
    if last != b"EOF":
        return broken("The drawing is cut short: it does not end with EOF.")
    return Finding("opens", profile=telling(None, {"entities": entities}), route=ROUTE)


def examine_dgn(path: Path, _sniffed: Sniffed, _today: date) -> Finding:
    """Return the finding on a MicroStation design: V7 by its elements, each as long as it says; V8 by its container."""
    head = _head(path, 8)
    if head[:4] == b"\xd0\xcf\x11\xe0":
        return Finding("opens", "Only Bentley's own software reads a V8 design file.", route=ROUTE)
    size, at, elements = path.stat().st_size, 0, 0
    with path.open("rb") as file:  # Intergraph Standard File Formats: type, then length in words less two
        while at + 2 <= size:
            file.seek(at)
            element = file.read(4)
            if element[:2] == b"\xff\xff":
                return Finding("opens", profile=telling(None, {"elements": elements}), route=ROUTE)
            if len(element) < 4:  # noqa: PLR2004 - type and length
                break
            at += 4 + 2 * struct.unpack_from("<H", element, 2)[0]
            elements += 1
    return broken("The design file is cut short: its end mark is missing.")


def examine_3ds(path: Path, _sniffed: Sniffed, _today: date) -> Finding:
    """Return the finding on a 3DS model: its main chunk is as long as the file; objects (chunk 0x4000) are counted."""
    size = path.stat().st_size
    with path.open("rb") as file:
        told = struct.unpack_from("<I", file.read(6), 2)[0]
        if told > size:
            return broken(f"The model says it is {told:,} bytes long and is {size:,}.")
        objects, at = 0, 6
        while at + 6 <= told:
            file.seek(at)
            kind, length = struct.unpack("<HI", file.read(6))
            if length < 6:  # noqa: PLR2004 - a chunk's own header
                return broken(f"A part of the model at byte {at:,} has no length.")
            objects += kind == 0x4000  # noqa: PLR2004
            at += 6 if kind == 0x3D3D else length  # noqa: PLR2004 - the editor's chunk is gone into
    return Finding("opens", profile=telling(None, {"objects": objects}), route=ROUTE)


def examine_fbx(path: Path, _sniffed: Sniffed, _today: date) -> Finding:
    """Return the finding on an FBX model: binary by its version and its foot, text by its braces."""
    head = _head(path, 27)
    if not head.startswith(b"Kaydara"):
        return _braced(path, "{", "}", {"written": "text"})
    if len(head) < 27 or path.stat().st_size < 200:  # noqa: PLR2004 - the head, and the foot that ends every file
        return broken("The model is cut short: its head is not whole.")
    version = struct.unpack_from("<I", head, 23)[0]
    with path.open("rb") as file:
        file.seek(-16, 2)
        whole = file.read() == bytes.fromhex("f85a8c6adef5d97eece90ce3758f290b")
    kept = telling(None, {"version": f"{version / 1000:.1f}", "written": "binary"})
    return Finding("opens", None if whole else "Its foot is missing: it may be cut short.", profile=kept, route=ROUTE)


def examine_osgb(path: Path, _sniffed: Sniffed, _today: date) -> Finding:
    """Return the finding on an OpenSceneGraph binary: its kind and version; only OpenSceneGraph reads its nodes."""
    head = _head(path, 16)
    if len(head) < 16:  # noqa: PLR2004 - mark, kind, version
        return broken("The scene is cut short: its head is not whole.")
    kind, version = struct.unpack_from("<II", head, 8)
    named = {1: "scene", 2: "image", 3: "object"}.get(kind)
    return Finding("opens", profile=telling(None, {"holds": named, "version": version}), route=ROUTE)


def examine_vrml(path: Path, _sniffed: Sniffed, _today: date) -> Finding:
    """Return the finding on a VRML world (ISO/IEC 14772): its version, and that every brace is closed."""
    version = _head(path, 12).decode("ascii", "replace").split()[1:2]
    return _braced(path, "{", "}", {"version": version[0] if version else None})


def _braced(path: Path, opening: str, closing: str, facts: Mapping[str, object]) -> Finding:
    """Return the finding on a text whose blocks stand in braces: comments and quoted texts do not count."""
    depth = blocks = 0
    with path.open("rb") as file:
        try:
            for line in limits.lines(file):
                bare = re.sub(rb'"(?:[^"\\]|\\.)*"|[#;].*', b"", line)
                blocks += bare.count(opening.encode())
                depth += bare.count(opening.encode()) - bare.count(closing.encode())
        except ValueError as error:
            return unmeasured(f"It was not read: {error}.")
    if depth > 0:
        return broken("The model is cut short: a brace is opened and never closed.")
    return Finding("opens", profile=telling(None, {**facts, "blocks": blocks}), route=ROUTE)


def examine_obj(path: Path, _sniffed: Sniffed, _today: date) -> Finding:
    """Return the finding on a Wavefront OBJ: every corner a number, every face of corners that are there."""
    counts: Counter[bytes] = Counter()
    highest = 0
    with path.open("rb") as file:
        try:
            for number, line in enumerate(limits.lines(file), 1):
                words = line.split()
                if not words:
                    continue
                counts[words[0][:10]] += 1
                if words[0] == b"v" and len(words) < 4:  # noqa: PLR2004 - v and three numbers
                    return broken(f"Line {number} is a corner of fewer than three numbers.")
                if words[0] == b"f":
                    highest = max(highest, *(int(word.split(b"/")[0]) for word in words[1:]))
        except (ValueError, TypeError) as error:
            return broken(f"The model is not an OBJ: {str(error)[:100]}.")
    if highest > counts[b"v"]:
        return broken(f"A face names corner {highest:,}, and there are {counts[b'v']:,}.")
    facts = {"vertices": counts[b"v"], "faces": counts[b"f"], "materials": counts[b"mtllib"] or None}
    return Finding("opens", profile=telling(None, facts), route=ROUTE)


def examine_gltf(path: Path, sniffed: Sniffed, _today: date) -> Finding:
    """Return the finding on glTF (ISO/IEC 12113) as JSON or as GLB: its version, meshes, and files it needs besides."""
    if (head := _head(path, 20))[:4] != b"glTF":
        return _scene(path, sniffed, _of_gltf)
    size = path.stat().st_size
    if len(head) < 20 or struct.unpack_from("<I", head, 8)[0] != size:  # noqa: PLR2004 - head and first chunk's head
        return broken("The model is not as long as its head says.")
    length = struct.unpack_from("<I", head, 12)[0]
    if length > limits.TREE_BYTES:
        return unmeasured("The model's description is too large to be read.")
    with path.open("rb") as file:
        file.seek(20)
        return _described(file.read(length).decode("utf-8", "replace"), _of_gltf)


def examine_tiles(path: Path, sniffed: Sniffed, _today: date) -> Finding:
    """Return the finding on 3D Tiles (OGC 22-025): a tileset's tiles, or one tile as long as its head says."""
    head = _head(path, 12)
    if head[:4] not in (b"b3dm", b"i3dm", b"pnts", b"cmpt"):
        return _scene(path, sniffed, _of_tileset)
    if len(head) < 12 or struct.unpack_from("<I", head, 8)[0] != path.stat().st_size:  # noqa: PLR2004
        return broken("The tile is not as long as its head says.")
    return Finding("opens", profile=telling(None, {"holds": head[:4].decode()}), route=ROUTE)


def _scene(path: Path, sniffed: Sniffed, of: Callable[[Mapping[str, Any]], Finding]) -> Finding:
    if reason := limits.of_tree(path):
        return unmeasured(reason)
    return _described(path.read_text(encoding=codec(sniffed.encoding or "utf-8"), errors="replace"), of)


def _described(text: str, of: Callable[[Mapping[str, Any]], Finding]) -> Finding:
    try:
        parsed = json.loads(text.removeprefix("\ufeff"))
    except RecursionError:
        return unmeasured("The document is nested too deep to be parsed safely.")
    except ValueError as error:
        return broken(f"Not JSON: {error}")
    return of(parsed) if isinstance(parsed, Mapping) else broken("The document is not an object.")


def _of_gltf(parsed: Mapping[str, Any]) -> Finding:
    def listed(name: str) -> list[Any]:
        value = parsed.get(name)
        return value if isinstance(value, list) else []

    outside = [
        str(each.get("uri")) for name in ("buffers", "images") for each in listed(name)
        if isinstance(each, Mapping) and each.get("uri") and not str(each["uri"]).startswith("data:")
    ]  # fmt: skip
    asset = parsed.get("asset")
    version = asset.get("version") if isinstance(asset, Mapping) else None
    if version is None:
        return broken("The model does not tell its version, which the standard asks for.")
    facts = {"version": version, "meshes": len(listed("meshes")), "files_besides": len(outside) or None}
    return Finding("opens", profile=telling(None, facts), route=ROUTE)


def _of_tileset(parsed: Mapping[str, Any]) -> Finding:
    tiles = contents = 0
    waiting = [parsed.get("root")]
    while waiting:
        tile = waiting.pop()
        if not isinstance(tile, Mapping):
            return broken("A tile of the tileset is not an object.")
        if "geometricError" not in tile or "boundingVolume" not in tile:
            return broken("A tile lacks its bounding volume or its geometric error.")
        tiles += 1
        contents += "content" in tile or "contents" in tile
        children = tile.get("children")
        waiting += children if isinstance(children, list) else []
    return Finding("opens", profile=telling(None, {"tiles": tiles, "with_content": contents}), route=ROUTE)
