"""Which kind of portal lies at an address: asked of the portal itself, once a harvest."""

import re
from typing import Any
from urllib.parse import urlsplit

from harvester.errors import PortalError
from harvester.portals.base import Portal
from harvester.portals.ckan import ACTION, Ckan, ask_once, succeeded
from harvester.portals.data_gov_hk import HOST, INSTANCES, PROVIDERS, DataGovHk
from harvester.records import Language
from harvester.web import Web

_FIRST_NAME = "package_list?limit=1"


def choose(url: str, web: Web) -> Portal:
    """Return the adapter for the portal at ``url``, by which of its kinds' addresses answers.

    An address copied from the middle of an API (``https://example.org/api/3/action/``) is cut to the portal's own.
    A portal of DATA.GOV.HK's three instances that has none of its side lists has none of its archive either.
    Raises PortalError, saying what was tried, where nothing there answers as CKAN does; also where the portal cannot
    be reached, because a kind chosen from silence would be a guess.
    """
    base = _own(url)
    apart = f"{base}{INSTANCES['en']}{ACTION}{_FIRST_NAME}"
    first = ask_once(web, apart)
    if _lists(first):
        whole = urlsplit(base).hostname == HOST or isinstance(ask_once(web, base + PROVIDERS), dict | list)
        return DataGovHk(base, web) if whole else Ckan(base, web, INSTANCES)
    stock = f"{base}{ACTION}{_FIRST_NAME}"
    second = ask_once(web, stock)
    if _lists(second):
        return Ckan(base, web, {_language(web, base): ""})
    raise PortalError(
        f"{url} is no portal that we know: {apart} answered {_said(first)}, and {stock} answered {_said(second)}. "
        f"Give the address above which a CKAN portal's {ACTION} lies, such as https://data.gov.hk."
    )


def _own(url: str) -> str:
    return re.sub(r"/api(/3(/action)?)?$", "", url.rstrip("/"))


def _lists(answer: Any) -> bool:
    return succeeded(answer) and isinstance(answer.get("result"), list)


def _said(answer: Any) -> str:
    return answer if isinstance(answer, str) and answer[:3].isdecimal() else "JSON that is not a list of CKAN's"


def _language(web: Web, base: str) -> Language:
    """Return which of our three languages a stock CKAN's records are in, by its own default; English where unsaid.

    Languages that we have no columns for are kept in the English ones.
    """
    answer = ask_once(web, f"{base}{ACTION}status_show")
    result = answer.get("result") if isinstance(answer, dict) else None
    locale = str(result.get("locale_default") if isinstance(result, dict) else "").lower()
    if locale.startswith("zh"):
        return "tc" if any(mark in locale for mark in ("hant", "tw", "hk", "mo")) else "sc"
    return "en"
