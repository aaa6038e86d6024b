"""What programs that walk the web read first: robots.txt, the site map, and llms.txt."""

import asyncio
import sqlite3
from collections.abc import Callable, Iterator
from html import escape
from typing import Any

from datasette import Response
from datasette.utils.asgi import Request

from harvester.records import LANGUAGES
from publish import names, queries
from publish.answering import ours, site_address, version
from publish.i18n import TAGS, Translator
from publish.render import path, raw
from publish.sharing import tagged
from publish.standing import provenance, site_name

MOST_ADDRESSES = 10_000
"""Addresses in one part of the site map; the protocol allows 50,000 (sitemaps.org)."""
CACHE = "public, max-age=3600"
HEADERS = {"Cache-Control": CACHE, "Content-Security-Policy": "default-src 'none'"}
HERE = "\x00"
"""Stands for this site's own address in what is kept, so that it is written once for all the names a site has."""
PLAIN = ("", "method", "down", "references")
SPACES = 'xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"'
XHTML = ' xmlns:xhtml="http://www.w3.org/1999/xhtml"'

XML = '<?xml version="1.0" encoding="UTF-8"?>\n'
TEXT = "text/plain; charset=utf-8"
LLMS = """
> Which files and APIs of Hong Kong's open data portal open, parse, arrive on time and stay up, with a score for each
> dataset and provider and the evidence for every answer. GDB-style, unofficial: never a score of the Global Data
> Barometer. Addresses visited until {scanned} (UTC).

A score runs from 0 to 100 and stands with the bounds the unknown answers leave open. Where less than 60% of the weight
is known it is no grade: do not quote it as one. Every page is also JSON (add .json) and most are CSV (add .csv), in
English (/en/), Traditional Chinese (/tc/) and Simplified Chinese (/sc/).

## Start here
- [The portal, and all providers]({here}/en/index.json): scores, counts, what fails now
- [How a score is made]({here}/en/method.json): profiles, criteria, weights and their sources
- [What does not work now]({here}/en/down.json): each address, since when, and the visits that prove it
- A provider: {here}/en/provider/SLUG.json, a dataset: {here}/en/dataset/NAME.json, its schema.org description:
  {here}/en/dataset/NAME.jsonld, a search: {here}/en/search.json?q=WORDS

## Everything at once
- [The whole database]({here}{tables}.db): SQLite; please take this rather than walk the tables
- [The site map]({here}/sitemap.xml): every page in three languages
"""

Version = tuple[str, int, int] | None


async def robots(request: Request, datasette: Any) -> Response:
    """robots.txt: our pages may be walked, the tables underneath may not."""
    return tagged(request, robots_text(ours(datasette) or "", site_address(request, datasette)), TEXT, HEADERS)


def robots_text(database: str, address: str) -> str:
    """Return robots.txt for a site that serves its tables under ``database``; a longer rule outdoes a shorter."""
    lines = [
        "# The pages, and not the tables underneath: these are one file, to be downloaded whole.",
        "User-agent: *",
        *(f"Allow: /{language}/" for language in LANGUAGES),
        "Allow: /preview/",
        "Allow: /-/barometer/",
        *(f"Disallow: /{language}/search" for language in LANGUAGES),
        f"Disallow: {raw(database)}",
        "Disallow: /releases/",
        "Disallow: /-/",
    ]
    return "\n".join([*lines, *([f"Sitemap: {address}/sitemap.xml"] if address else [])]) + "\n"


async def sitemap(request: Request, datasette: Any) -> Response:
    """The list of the site map's parts."""
    parts, scanned = await _kept(datasette)
    address = escape(site_address(request, datasette))
    listed = "".join(
        f"<sitemap><loc>{address}/sitemap-{number}.xml</loc>{_modified(scanned)}</sitemap>"
        for number in range(1, len(parts) + 1)
    )
    return tagged(request, f"{XML}<sitemapindex {SPACES}>{listed}</sitemapindex>\n", "application/xml", HEADERS)


async def sitemap_part(request: Request, datasette: Any) -> Response:
    """One part of the site map, counted from 1."""
    parts, _scanned = await _kept(datasette)
    number = int(request.url_vars["number"])
    if not 1 <= number <= len(parts):
        return Response.text("There is no such part.\n", status=404)
    text = parts[number - 1].replace(HERE, escape(site_address(request, datasette)))
    return tagged(request, text, "application/xml", HEADERS)


async def _kept(datasette: Any) -> tuple[tuple[str, ...], str]:
    """Return the parts of the served catalogue's site map and when it was scanned, written once a catalogue."""
    served = version(datasette)
    if served not in _WRITTEN:
        database = datasette.get_database(ours(datasette) or "")
        places, scanned = await database.execute_fn(_places)
        _WRITTEN.clear()
        _WRITTEN[served] = await asyncio.to_thread(lambda: tuple(parts(places, scanned))), scanned
    return _WRITTEN[served]


_WRITTEN: dict[Version, tuple[tuple[str, ...], str]] = {}
"""The site map of the catalogue that is served; there is one at a time."""


def _places(connection: sqlite3.Connection) -> tuple[list[str], str]:
    """Return the addresses after the language of all pages worth finding, and when the last scan ended."""
    meta = queries.meta(connection)
    found = [*PLAIN]
    for kind, sql in (
        ("provider", "SELECT provider FROM provider_summary WHERE datasets > 0 ORDER BY 1"),
        ("category", "SELECT DISTINCT category FROM dataset_summary WHERE category IS NOT NULL ORDER BY 1"),
        ("dataset", "SELECT dataset FROM dataset_summary ORDER BY 1"),
    ):
        found += [path("", kind, str(row[0])).lstrip("/") for row in connection.execute(sql)]
    return found, meta.get("scanned") or meta.get("built", "")


def parts(places: list[str], scanned: str, most: int = MOST_ADDRESSES) -> Iterator[str]:
    """Yield the site map's parts of at most ``most`` addresses each: every page in each language, naming the others.

    ``HERE`` stands where the site's address is to be written.
    """
    whole = [_entry(language, place, scanned) for place in places for language in LANGUAGES]
    for start in range(0, len(whole), most):
        yield f"{XML}<urlset {SPACES}{XHTML}>{''.join(whole[start : start + most])}</urlset>\n"


def _entry(language: str, place: str, scanned: str) -> str:
    ways = "".join(
        f'<xhtml:link rel="alternate" hreflang="{tag}" href="{HERE}/{other}/{escape(place)}"/>'
        for other, tag in ((*TAGS.items(), ("en", "x-default")))
    )
    return f"<url><loc>{HERE}/{language}/{escape(place)}</loc>{_modified(scanned)}{ways}</url>\n"


def _modified(scanned: str) -> str:
    return f"<lastmod>{escape(scanned)}</lastmod>" if scanned else ""


async def llms(request: Request, datasette: Any) -> Response:
    """llms.txt: what the site is and where its facts are, for programs that read on somebody's behalf."""
    database = ours(datasette) or ""
    meta = await datasette.get_database(database).execute_fn(queries.meta)
    return tagged(request, llms_text(meta, database, site_address(request, datasette)), TEXT, HEADERS)


def llms_text(meta: dict[str, str], database: str, address: str) -> str:
    """Return llms.txt (llmstxt.org): a title, a summary, and links with a word on each."""
    tr = Translator("en")
    warning = provenance(names.origin(meta.get("portal", "")), tr)
    return f"# {site_name(tr)}\n" + (f"\n{warning} Not to be quoted.\n" if warning else "") + LLMS.format(
        here=address, tables=raw(database), scanned=meta.get("scanned") or meta.get("built", ""))  # fmt: skip


ROUTES: list[tuple[str, Callable[..., Any]]] = [
    (r"/robots\.txt$", robots),
    (r"/sitemap\.xml$", sitemap),
    (r"/sitemap-(?P<number>[1-9][0-9]{0,4})\.xml$", sitemap_part),
    (r"/llms\.txt$", llms),
]
"""What the plugin adds."""
