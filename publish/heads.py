"""What the head of a page tells programs: its address, a description, a picture, and the facts as structured data."""

import sqlite3
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

from markupsafe import Markup

from harvester.records import LANGUAGES
from publish import names, queries, standing, structured
from publish.badges import addresses, badge, draw, snippets
from publish.i18n import Translator
from publish.pages import Page
from publish.safe import short

SUBJECTS = {"home.html": "portal", "provider.html": "provider", "dataset.html": "dataset"}
"""The pages that are about one subject; the others show the portal's picture."""
HIDDEN = frozenset({"search.html", "missing.html"})
"""Pages no search engine should keep."""
MOST_DESCRIPTION = 300


@dataclass(frozen=True, slots=True)
class Head:
    """One page's head. Addresses are absolute where this site's own is known, else begin with a slash.

    ``data`` is JSON-LD, escaped for a ``script`` element; ``badge`` is our own SVG; both are empty on other pages.
    """

    address: str
    canonical: str
    description: str
    image: str
    image_text: str
    locale: str
    other_locales: tuple[str, ...]
    hidden: bool
    data: Markup
    data_address: str
    badge: Markup
    snippets: dict[str, str]


def of(connection: sqlite3.Connection, page: Page, tr: Translator, place: str, address: str) -> Head:
    """Return the head of ``page``, which stands at ``place`` (after the language) of the site at ``address``."""
    kind = SUBJECTS.get(page.template, "")
    found = page.status == HTTPStatus.OK
    shown = standing.find(connection, kind or "portal", _name(page, kind), tr) if found else None
    live = names.origin(queries.meta(connection).get("portal", "")) == "live"
    own = shown if kind else None
    way = addresses(shown, tr.language) if shown else {}
    drawn = draw(badge(own, tr), tr.language, titled=False) if own else ""
    return Head(
        address=address,
        canonical=f"{address}/{tr.language}/{place}",
        description=short(standing.summary(shown, tr), MOST_DESCRIPTION) if shown else "",
        image=address + way.get("preview", ""),
        image_text=short(f"{shown.title}{tr(': ')}{standing.said_of_score(shown, tr)}", MOST_DESCRIPTION)
        if shown
        else "",
        locale=standing.OG_LOCALES[tr.language],
        other_locales=tuple(standing.OG_LOCALES[one] for one in LANGUAGES if one != tr.language),
        hidden=page.template in HIDDEN or not live,
        data=Markup(structured.block(structured.of(connection, own, tr, address))) if own else Markup(),  # noqa: S704 - escaped
        data_address=f"/{tr.language}/{own.place()}.jsonld" if own and own.name else "",
        badge=Markup(drawn),  # noqa: S704 - drawn by us, its text escaped
        snippets=snippets(own, address, tr) if own else {},
    )


def _name(page: Page, kind: str) -> str:
    row: dict[str, Any] = page.data.get(kind, {})
    return str(row.get("slug" if kind == "provider" else "name", ""))
