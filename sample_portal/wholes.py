"""Data in pieces: months or pages without a whole, and the harmless look-alike, pieces beside the whole."""

import json
from dataclasses import replace
from random import Random
from typing import Any

from sample_portal.bodies import records
from sample_portal.generator import add_file
from sample_portal.names import DISTRICTS
from sample_portal.planting import Planting
from sample_portal.tables import Cell, Series, Table, period_ends

_PAGE = 20


def _months(p: Planting, series: Series, wanted: int) -> None:
    """Add a file for each of the last `wanted` months."""
    for day in period_ends("monthly", series.ends, wanted):
        part = replace(series, period="monthly", ends=day, length=1, districts=tuple(range(len(DISTRICTS))))
        item = add_file(p.making, p.draft, "CSV", 0, part, leaf=f"{series.topic.slug}_{day:%Y%m}")
        month = (f"{day:%B %Y}", f"{day.year}年{day.month}月", f"{day.year}年{day.month}月")
        item.titles = [f"{title} - {when}" for title, when in zip(p.draft.titles, month, strict=True)]
        item.modified = None


def in_pieces(p: Planting) -> None:
    """A file for each month and none for all, or a call that gives a page at a time."""
    if p.nth % 2 == 0:
        _months(p, p.draft.series, 6)
        p.note("bulk", "partly", "a file a month, and no file of all months", also=("language",))
        return
    item = p.files(("API", 0))
    p.rewrite(item, 0, lambda table, _: _first_page(records(table), item.url, (p.nth // 2 + p.making.seed) % 4))
    also = ("language", "historical", "timely", "tools")
    p.note("bulk", "partly", "the call gives a page at a time", also=also)


def _first_page(rows: list[dict[str, Cell]], address: str, manner: int) -> bytes:
    """Return the first page of three in one of the manners that services have of saying that there is more."""
    some: dict[str, Any] = {"results": rows[:_PAGE]}
    body = (
        {"total": 3 * len(rows), "page": 1, "pageSize": _PAGE, "links": {"next": f"{address}&page=2"}, **some},
        {"exceededTransferLimit": True, **some},
        {**some, "links": [{"rel": "self", "href": address}, {"rel": "next", "href": f"{address}&offset={_PAGE}"}]},
        {"meta": {"currentPage": 1, "totalPages": 3}, **some},
    )[manner]
    return json.dumps(body, ensure_ascii=False).encode()


def whole_answer(p: Planting) -> None:
    """A call that counts what it gives in the words of pages, and gives all of it: the only file of its dataset."""
    item = p.files(("API", 0))

    def write(table: Table, _: Random) -> bytes:
        rows = records(table)
        links = {"self": item.url, "next": f"{item.url}&offset={len(rows)}"}  # some offer one after the last page too
        return json.dumps({"total": len(rows), "limit": 5000, "_links": links, "records": rows}).encode()

    p.rewrite(item, 0, write)
    p.note("bulk", "yes", "the call gives all there is")


def pieces_beside_whole(p: Planting) -> None:
    """A file for each month, beside the one that holds them all."""
    p.own()
    _months(p, p.draft.series, 3)
    p.note("bulk", "yes", "the whole is there too")
