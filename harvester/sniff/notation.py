"""JSON in its kinds, and JSON that only says that something went wrong."""

import json
import re
from collections.abc import Mapping
from typing import Any

from harvester.records import Nature
from harvester.sniff.text import Decoded

GEOMETRIES = frozenset({
    "FeatureCollection", "Feature", "Point", "MultiPoint", "LineString", "MultiLineString", "Polygon",
    "MultiPolygon", "GeometryCollection",
})  # fmt: skip
"""The ``type`` a GeoJSON object may have (RFC 7946, section 1.4)."""
_BEGINS = re.compile(r"[\[{]\s*(?:[\"\[{}\]]|-?\d|true\b|false\b|null\b)")
_LAST_TYPE = re.compile(r'"type"\s*:\s*"(FeatureCollection|Topology)"\s*[,}]')
_TROUBLE = re.compile(
    r"no http resource|not valid"
    r"|not\s*found|invalid|missing|denied|unauthori[sz]ed|forbidden|error|exceed|limit|fail|unavailable|required|expired"
    r"|no such|unknown|bad request|busy|try again|timed? ?out|找不到|錯誤|错误|無效|无效|不存在|失敗|失败|繁忙|稍後再試"
    r"|稍后再试|逾時|超时|維護|维护",
    re.IGNORECASE,
)
MOST_SAID = 5
"""Entries up to which a list may be no more than what went wrong."""
_CODE_KEYS = ("code", "status", "statuscode", "status_code", "resultcode", "httpstatus")
_SAY_KEYS = ("message", "msg", "detail", "details", "description", "title", "reason", "error_description", "type")
_ERROR_KEYS = ("error", "errors", "exception", "exceptions", "errormessage", "error_message", "errorcode", "fault",
               "error_code", "error_msg", "errormsg")  # fmt: skip
_NO_ERROR = frozenset({"0", "00", "000", "0000", "200", "none", "null", "ok", "success", "no error", "false"})
_MESSAGE_KEY = re.compile(r"(?:message|msg|error_?text)$")
_CODE_KEY = re.compile(r"(?:code|status|errno|timestamp|time|path|trace_?id|request_?id)$")
_DECODER = json.JSONDecoder()


def recognise(decoded: Decoded) -> tuple[str, Nature] | None:
    """Return json or a kind of it (geojson, topojson, gltf, cesium3dtiles, jsonl) with its nature, or None."""
    text = decoded.text.lstrip("\ufeff \t\r\n")
    if not _BEGINS.match(text):
        return None
    parsed, ends, fault = _parse(text)
    if parsed is not None and ends < len(text.rstrip()):
        return ("jsonl", "data") if _is_lines(text, ends) else _rest(text, ends)
    if parsed is not None:
        return _kind(parsed, decoded.tail), "error" if is_error(parsed) else "data"
    if fault is not None and (fault > 40 or text[:1] == "{" or re.match(r"\[\s*[{\[\"]", text)):  # noqa: PLR2004
        return _kind(_top_members(text), decoded.tail), "data"
    return None


def is_error(parsed: Any) -> bool:
    """Tell whether a JSON document is an error message in place of data.

    Calm where records come along: a list of objects beside an empty ``error`` is data, and so is a record that
    happens to have a field about errors.
    """
    if not isinstance(parsed, Mapping):
        return isinstance(parsed, list) and 0 < len(parsed) <= MOST_SAID and all(map(_is_complaint_of_list, parsed))
    low = {str(key).lower(): value for key, value in parsed.items()}
    if len(parsed) > 12 or any(  # noqa: PLR2004 - an error body is short
        isinstance(value, list) and value and isinstance(value[0], Mapping) for value in _unlike_errors(low)
    ):
        return False
    if any(str(low.get(key)).lower() == "false" for key in ("success", "ok", "issuccess")):
        return True
    if any(str(low.get(key)).lower() in ("error", "fail", "failed", "failure") for key in ("status", "result")):
        return True
    if any(_is_complaint(low.get(key)) for key in _ERROR_KEYS):
        return True
    says = [str(low[key]) for key in _SAY_KEYS if key in low]
    coded = any(re.fullmatch(r"[45]\d\d", str(low.get(key))) for key in _CODE_KEYS)
    codes = [str(low[key]) for key in _CODE_KEYS if key in low]
    short = len(low) <= 2 and any(_TROUBLE.search(text) for text in (*says, *codes))  # noqa: PLR2004 - a code and a message
    return (bool(says) and (coded or short)) or _only_complains(low)


def _only_complains(low: Mapping[str, Any]) -> bool:
    """Whether a message that speaks of trouble is all there is: beside it nothing but codes and empty fields."""
    messages = {key: value for key, value in low.items() if isinstance(value, str) and _MESSAGE_KEY.search(key)}
    rest = [value for key, value in low.items() if key not in messages and not _CODE_KEY.search(key)]
    return any(map(_TROUBLE.search, messages.values())) and not any(value or value == 0 for value in rest)


def _unlike_errors(low: Mapping[str, Any]) -> list[Any]:
    return [value for key, value in low.items() if key not in _ERROR_KEYS]


def _is_complaint(value: Any) -> bool:
    if isinstance(value, str):
        return bool(value) and value.lower() not in _NO_ERROR
    return value is True or (isinstance(value, Mapping | list) and len(value) > 0)


def _is_complaint_of_list(item: Any) -> bool:
    """Whether one entry of a list is a sentence about trouble, or an object that holds nothing but such."""
    if isinstance(item, str):
        return " " in item and len(item) < 300 and _TROUBLE.search(item) is not None  # noqa: PLR2004 - a sentence
    known = {*_ERROR_KEYS, *_SAY_KEYS, *_CODE_KEYS}
    return isinstance(item, Mapping) and known.issuperset(str(key).lower() for key in item) and is_error(item)


def _parse(text: str) -> tuple[Any, int, int | None]:
    """Return the first JSON value in ``text``, where it ends, and where it breaks off when it does not."""
    try:
        parsed, ends = _DECODER.raw_decode(text)
    except json.JSONDecodeError as error:
        return None, 0, len(text) if error.msg.startswith("Unterminated string") else error.pos
    except (ValueError, RecursionError):  # a number of thousands of digits, or too deep: still JSON
        return None, 0, len(text)
    return parsed, ends, None


def _is_lines(text: str, ends: int) -> bool:
    return text[:1] == "{" and re.match(r"[ \t]*\r?\n\s*\{", text[ends : ends + 200]) is not None


def _rest(text: str, ends: int) -> tuple[str, Nature] | None:
    """A short bracketed beginning (``[1] Note``) is prose; a long document with a tail is still JSON, broken."""
    return ("json", "data") if ends > len(text) / 2 else None


def _kind(parsed: Any, tail: str) -> str:
    if not isinstance(parsed, Mapping):
        return "json"
    kind = parsed.get("type")
    if kind is None and tail:
        last = _LAST_TYPE.findall(tail[-2000:])
        kind = last[-1] if last and ("features" in parsed or "objects" in parsed) else None
    if kind == "Topology":
        return "topojson"
    if (
        isinstance(kind, str)
        and kind in GEOMETRIES
        and ({"features", "coordinates", "geometry", "geometries"} & set(parsed))
    ):
        return "geojson"
    return _scene(parsed)


def _scene(parsed: Mapping[str, Any]) -> str:
    """Return gltf or cesium3dtiles where a JSON object says by its ``asset`` that it is one, else json."""
    asset = parsed.get("asset")
    if not isinstance(asset, Mapping) or "version" not in asset:
        return "json"
    if "geometricError" in parsed and "root" in parsed:
        return "cesium3dtiles"
    return "gltf" if {"meshes", "scenes", "nodes", "buffers", "accessors"} & set(parsed) else "json"


def _top_members(text: str) -> dict[str, Any]:
    """Return the members of a cut-off JSON object as far as they are whole; the last key stands with None."""
    members: dict[str, Any] = {}
    at = 1
    while match := re.compile(r'\s*,?\s*"((?:[^"\\]|\\.)*)"\s*:\s*').match(text, at):
        members[match.group(1)] = None
        try:
            members[match.group(1)], at = _DECODER.raw_decode(text, match.end())
        except (ValueError, RecursionError):
            break
    return members if text[:1] == "{" else {}
