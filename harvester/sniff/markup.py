"""XML in its kinds, HTML told from it, and XML that only says that something went wrong."""

import re

from harvester.records import Nature
from harvester.sniff.text import Decoded

_PROLOGUE = re.compile(r"(?:\s+|<\?.*?\?>|<!--.*?-->|<!DOCTYPE[^>\[]*(?:\[.*?\]\s*)?>)", re.DOTALL | re.IGNORECASE)
_ROOT = re.compile(r"<([A-Za-z_][\w.-]*:)?([A-Za-z_][\w.-]*)((?:\s[^<>]*)?)/?>", re.DOTALL)
_HTML_TAGS = frozenset(
    [
        "html",
        "head",
        "body",
        "script",
        "title",
        "div",
        "meta",
        "p",
        "table",
        "span",
        "br",
        "b",
        "font",
        "center",
        "h1",
        "h2",
        "h3",
        "form",
        "link",
        "style",
        "a",
        "noscript",
        "iframe",
        "frameset",
        "img",
        "ul",
        "pre",
        "hr",
        "section",
        "header",
        "main",
        "nav",
    ]
)
_DATA_LIKE_TAGS = frozenset({"table", "title", "form", "link", "style", "a", "b", "p", "section", "header", "main"})
_ROOTS = {"rss": "rss", "feed": "atom", "kml": "kml", "gpx": "gpx", "svg": "svg", "collada": "dae",
          "gmlfeatureclasslist": "gfs"}  # fmt: skip
_ERRORS = frozenset({
    "error", "errors", "exception", "exceptionreport", "serviceexceptionreport", "fault", "errorresponse",
    "servicefault", "oops",
})  # fmt: skip
_FIRST_CHILD = re.compile(
    r"<[^>]*>\s*<(?:success>\s*false|status>\s*(?:error|fail)|error[\s>]|errors[\s>]"
    r"|(?:status_?)?code>\s*[45]\d\d\s*</[^>]*>\s*<(?:message|msg|description)>[^<]*"
    r"(?:error|invalid|fail|missing|denied|not found|unavailable|required))",
    re.IGNORECASE,
)
"""What an answer that only says that something failed has first under its root."""


def recognise(decoded: Decoded) -> tuple[str, Nature] | None:
    """Return html, xml or one of its kinds, with its nature (html's is decided by ``page``); None if neither."""
    text = decoded.text.lstrip("\ufeff \t\r\n\x00")
    if text[:1] != "<":
        late = re.search(r"<!doctype\s+html|<html[\s>]", text[:2048], re.IGNORECASE)
        return ("html", "page") if late and not _is_cell(text, late.start()) else None
    if re.match(r"<!doctype\s+html", text, re.IGNORECASE):
        return "html", "page"
    at = 0
    while match := _PROLOGUE.match(text, at, at + 20_000):
        if re.match(r"\s*<!doctype\s+html", match.group(), re.IGNORECASE):
            return "html", "page"
        at = match.end()
    root = _ROOT.match(text, at)
    if root is None:
        return ("xml", "data") if text.startswith("<?xml") else _odd(text)
    return _named(text, at, root)


def _named(text: str, at: int, root: "re.Match[str]") -> tuple[str, Nature] | None:
    prefix, name, attributes = root.group(1) or "", root.group(2), root.group(3)
    low = name.lower()
    declared = text.startswith("<?xml")
    if low in _HTML_TAGS and not prefix and not (declared and low in _DATA_LIKE_TAGS):
        return ("html", "page") if low in ("html", "head", "body", "script") or _odd(text) else None
    if low in _ROOTS:
        return _ROOTS[low], "data"
    if low == "rdf" and "purl.org/rss" in text[at : at + 4000]:
        return "rss", "data"
    if "opengis.net/gml" in attributes or (low == "featurecollection" and "gml" in text[at : at + 4000]):
        return "gml", "data"
    return "xml", "error" if _is_error(low, text[at : at + 2000]) else "data"


def _is_error(root: str, text: str) -> bool:
    if root in _ERRORS:
        return True
    if root == "envelope":
        return re.search(r"<(?:\w+:)?Fault[\s>]", text) is not None
    return _FIRST_CHILD.match(text) is not None


def _odd(text: str) -> tuple[str, Nature] | None:
    """A fragment that begins with a tag: a page's, unless its lines are a table's whose first cell holds a tag."""
    lines = [line for line in text.splitlines()[:20] if line.strip()]
    commas = {line.count(",") for line in lines}
    table = len(lines) > 1 and len(commas) == 1 and commas != {0}
    return None if table else ("html", "page")


def _is_cell(text: str, at: int) -> bool:
    """Whether a late ``<html`` stands inside a row of a table rather than on a line of its own."""
    line = text[:at].rsplit("\n", 1)[-1]
    return bool(line.strip()) and ("," in line or "\t" in line)
