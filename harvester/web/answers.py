"""What a portal answers: JSON read within bounds, and a sentence for what came in its place. Pure."""

import json
from typing import Any

from harvester.records import Visit

JSON_BYTES = 8 * 1024 * 1024
"""The most that is read of one answer in JSON: a list of 100,000 names fits, and so do many in memory at once."""
JSON_DEEP = 100
"""The deepest that an answer may be nested: far more than any record, far less than what exhausts Python's stack."""
_TOO_MANY, _REFUSED = 429, 4


def read_json(body: bytes) -> Any:
    """Return the JSON in ``body``.

    Raises ValueError where it is none, is not in UTF-8, or is nested deeper than ``JSON_DEEP``: one that Python can
    just read is one that it cannot write again.
    """
    try:
        value = json.loads(body)
    except RecursionError as error:
        raise ValueError("It is nested too deeply.") from error
    if body.count(b"[") + body.count(b"{") > JSON_DEEP and _is_deep(value):
        raise ValueError("It is nested too deeply.")
    return value


def _is_deep(value: Any) -> bool:
    level = [value]
    for _ in range(JSON_DEEP):
        items = (inner for outer in level for inner in (outer.values() if isinstance(outer, dict) else outer))
        level = [inner for inner in items if isinstance(inner, dict | list)]
        if not level:
            return False
    return True


def unreadable(visit: Visit) -> str:
    """Return in a sentence what a portal answered in place of JSON."""
    kind = (visit.content_type or "html").lower()
    if "json" in kind:
        return f"It answered {visit.status} with {visit.bytes or 0:,} bytes that are no JSON we can read."
    what = "HTML" if "html" in kind else visit.content_type
    return f"It answered {visit.status} with {what}: is it a CKAN portal such as https://data.gov.hk?"


def is_answer(visit: Visit) -> bool:
    """Return whether a portal answered at all: well, or with a refusal that CKAN puts in JSON."""
    return visit.error is None or ((visit.status or 0) // 100 == _REFUSED and visit.status != _TOO_MANY)
