"""Whether a document says of itself that it is one page of more: by a total, a link to a next page, or a plain yes.

The names are those of the common habits: OGC API Features and WFS (``numberMatched``), ArcGIS
(``exceededTransferLimit``), OData (``@odata.nextLink``), CKAN (``total``, ``_links.next``), HAL, JSON:API, Atom
(RFC 5005).
"""

import re
from collections.abc import Iterator, Mapping
from itertools import islice
from typing import Any

_TOTALS = frozenset({
    "total", "totalcount", "totalrecords", "totalresults", "totalitems", "totalelements", "totalrows", "totalhits",
    "numfound", "numbermatched", "totalfeatures", "recordstotal", "totalnumberofrecords",
})  # fmt: skip
_PAGED = frozenset({
    "page", "pagesize", "pageno", "pagenumber", "pageindex", "currentpage", "perpage", "limit", "offset", "skip",
    "startindex", "itemsperpage", "next", "nextpage", "nextlink", "numberreturned", "rowsperpage", "totalpages",
    "pages", "pagecount", "lastpage",
})  # fmt: skip
"""Names without which a total may as well be a sum of what the records count."""
_PAGES = frozenset({"totalpages", "pages", "pagecount", "lastpage", "totalpage"})
_MORE = frozenset({"hasmore", "hasnext", "hasnextpage", "exceededtransferlimit", "moreresults", "morerecords"})
_NEXT = frozenset({"next", "nextpage", "nextlink", "nexturl", "nextpageurl", "nextpagelink", "odatanextlink"})
_TOKENS = frozenset({"nextpagetoken", "nextcursor", "nexttoken", "continuationtoken", "resumptiontoken"})
_LINK = re.compile(r"(?:https?:/)?/\S+|\?\S+=\S+|\S+\?\S+=\S+", re.IGNORECASE)
DEPTH = 4
MEMBERS_READ = 200


def more(parsed: Any, held: int = 0) -> bool | None:
    """Tell whether there are more records than ``parsed`` holds; None where the document does not say.

    A total that is all held settles it (False): some servers offer a link to a next page after the last one too.
    ``held`` is how many records were found, where they are no list in ``parsed``.
    """
    said = list(_members(parsed, DEPTH))
    names = {name for name, _ in said}
    totals = [int(value) for name, value in said if name in _TOTALS and _is_count(value)]
    held = max(held, _longest(parsed, DEPTH))
    if totals and names & _PAGED and held:
        return max(totals) > held
    if any(name in _MORE and _is_true(value) for name, value in said) or any(map(_leads_on, said)):
        return True
    first = any(name in _PAGES and _is_count(value) and int(value) > 1 for name, value in said)
    return True if first and names & (_PAGED - _PAGES) else None


def _longest(value: Any, depth: int) -> int:
    """Return the length of the longest list of objects: of a page's lists (records, facets) the records' or more."""
    if isinstance(value, list):
        return len(value) if value and isinstance(value[0], Mapping) else 0
    if not isinstance(value, Mapping) or depth == 0:
        return 0
    return max((_longest(child, depth - 1) for child in islice(value.values(), MEMBERS_READ)), default=0)


def _members(value: Any, depth: int) -> Iterator[tuple[str, Any]]:
    """Yield the single values outside any list under bare names, and links of a list by their relation."""
    if not isinstance(value, Mapping) or depth == 0:
        return
    for key, child in islice(value.items(), MEMBERS_READ):
        name = re.sub(r"[\W_]+", "", str(key)).lower()
        if isinstance(child, Mapping):
            if name in _NEXT and "href" in child:
                yield name, child["href"]
            yield from _members(child, depth - 1)
        elif isinstance(child, list) and name in ("links", "link"):
            links = (each for each in child[:20] if isinstance(each, Mapping))
            yield from ((str(each.get("rel", "")).lower(), each.get("href")) for each in links)
        elif not isinstance(child, list):
            yield name, child


def _leads_on(member: tuple[str, Any]) -> bool:
    name, value = member
    if not isinstance(value, str) or not value.strip():
        return False
    return name in _TOKENS or (name in _NEXT and _LINK.fullmatch(value.strip()) is not None)


def _is_count(value: Any) -> bool:
    return not isinstance(value, bool) and re.fullmatch(r"\d{1,12}", str(value)) is not None


def _is_true(value: Any) -> bool:
    return value is True or str(value).lower() == "true"
