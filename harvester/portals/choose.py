"""Which kind of portal lies at an address: asked of the portal itself, once a harvest."""

import io
import json
import re
from typing import Any

from harvester.errors import PortalError
from harvester.portals.base import Portal
from harvester.portals.ckan import ACTION, Ckan
from harvester.portals.data_gov_hk import INSTANCES, DataGovHk
from harvester.records import Language
from harvester.web import Web

_FIRST_NAME = "package_list?limit=1"
_GOOD, _REFUSED, _TOO_MANY = 2, 4, 429


def choose(url: str, web: Web) -> Portal:
    """Return the adapter for the portal at ``url``, by which of its kinds' addresses answers.

    An address copied from the middle of an API (``https://example.org/api/3/action/``) is cut to the portal's own.
    Raises PortalError, saying what was tried, where nothing there answers as CKAN does; also where the portal cannot
    be reached, because a kind chosen from silence would be a guess.
    """
    base = _own(url)
    apart = f"{base}{INSTANCES['en']}{ACTION}{_FIRST_NAME}"
    first = _asked(web, apart)
    if _lists(first):
        return DataGovHk(base, web)
    stock = f"{base}{ACTION}{_FIRST_NAME}"
    second = _asked(web, stock)
    if _lists(second):
        return Ckan(base, web, {_language(web, base): ""})
    raise PortalError(
        f"{url} is no portal that we know: {apart} answered {_said(first)}, and {stock} answered {_said(second)}. "
        f"Give the address above which a CKAN portal's {ACTION} lies, such as https://data.gov.hk."
    )


def _own(url: str) -> str:
    return re.sub(r"/api(/3(/action)?)?$", "", url.rstrip("/"))


def _asked(web: Web, address: str) -> Any:
    """Return the JSON at ``address``, or the sort of thing that came in its place as a text.

    A plain refusal (4xx) is an answer here and not asked for again; what may be better in a moment is.
    """
    sink = io.BytesIO()
    visit = web.fetch(address, sink)
    kind = (visit.status or 0) // 100
    if visit.complete and (visit.outcome in ("ok", "empty") or (kind == _REFUSED and visit.status != _TOO_MANY)):
        try:
            return json.loads(sink.getvalue())
        except (ValueError, RecursionError):
            sort = "HTML" if "html" in (visit.content_type or "html").lower() else "no JSON"
            return f"{visit.status} with {sort}"
    return web.fetch_json(address)


def _lists(answer: Any) -> bool:
    return isinstance(answer, dict) and answer.get("success") is True and isinstance(answer.get("result"), list)


def _said(answer: Any) -> str:
    return answer if isinstance(answer, str) and answer[:3].isdecimal() else "JSON that is not a list of CKAN's"


def _language(web: Web, base: str) -> Language:
    """Return which of our three languages a stock CKAN's records are in, by its own default; English where unsaid.

    Languages that we have no columns for are kept in the English ones.
    """
    answer = _asked(web, f"{base}{ACTION}status_show")
    result = answer.get("result") if isinstance(answer, dict) else None
    locale = str(result.get("locale_default") if isinstance(result, dict) else "").lower()
    if locale.startswith("zh"):
        return "tc" if any(mark in locale for mark in ("hant", "tw", "hk", "mo")) else "sc"
    return "en"
