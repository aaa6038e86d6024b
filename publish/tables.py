"""Datasette's own pages of tables, rows and queries for those who hear them or use no mouse.

Its templates leave fields without a name, skip a level of headings, and cannot scroll a wide table by keyboard. What is
missing is put into what they made, so that the templates themselves stay Datasette's and grow with it.
"""

import re
from typing import Any

from markupsafe import Markup

from publish.i18n import TAGS
from publish.safe import clean

FIELDS = {"_filter_column": "Column", "_filter_op": "Comparison", "_filter_value": "Value", "_sort": "Sort by"}
FIELD = re.compile(r'<(?:select|input type="text") name="(_filter_column|_filter_op|_filter_value|_sort)(?:_\d+)?"')
CELL = re.compile(r'<td class="col-\w+_(tc|sc) type-str"')
LANGUAGE = {"tc": TAGS["tc"], "sc": TAGS["sc"]}
WIDE = '<div class="table-wrapper">'
HELD = WIDE.removesuffix(">") + ' tabindex="0" role="region" aria-label="Rows">'
STATEMENT = '<pre id="sql-query">', '<pre id="sql-query" tabindex="0" role="region" aria-label="SQL">'


def reachable(page: str) -> Markup:
    """Return the content of a page of Datasette's with its fields named and its headings in order.

    Wide tables can be scrolled by keyboard, and Chinese columns name their language. All of it rests on tags that
    only templates write: in what was harvested, every "<" is escaped before it gets here.
    """
    page = FIELD.sub(lambda found: f'{found[0]} aria-label="{FIELDS[found[1]]}"', str(page))
    page = CELL.sub(lambda found: f'{found[0]} lang="{LANGUAGE[found[1]]}"', page)
    page = page.replace("<h3>", '<h2 class="lesser">').replace("</h3>", "</h2>")
    return Markup(page.replace(WIDE, HELD).replace(*STATEMENT))  # noqa: S704 - escaped by the templates it comes from


async def address_of(datasette: Any, database: str, number: int) -> Markup | None:
    """Return the address that bears ``number``, leading to its row: a visit's own row would show the number alone."""
    found = (await datasette.get_database(database).execute("SELECT url FROM url WHERE id = ?", [number])).first()
    if found is None:
        return None
    return Markup('<a href="{}">{}</a>').format(datasette.urls.path(f"/{database}/url/{number}"), clean(found[0]))
