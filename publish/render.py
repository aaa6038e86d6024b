"""Pages drawn as HTML, JSON or CSV. The templates escape everything; harvested text is cleaned on its way in."""

import csv
import hashlib
import io
import json
import re
from functools import cache, lru_cache, partial
from http import HTTPStatus
from importlib.resources import files
from typing import Any
from urllib.parse import quote

from jinja2 import Environment, PackageLoader, StrictUndefined, select_autoescape
from markupsafe import Markup

from harvester.records import LANGUAGES, Language
from publish import drawings, health, names, trend
from publish.fixed_words import OneLanguage
from publish.i18n import NAMES, TAGS, WRITTEN, Translator
from publish.pages import Page
from publish.safe import clean, csv_cell, http_link, mail_link, short
from publish.worklist import gathered


def _finalize(value: object) -> object:
    """Clean what a template prints: control characters and direction overrides never reach a page."""
    if isinstance(value, str) and not isinstance(value, Markup):
        return clean(value)
    return "" if value is None else value


@cache
def environment(language: Language) -> Environment:
    """Return the templates' environment in a language: everything escaped, an unknown name an error."""
    made = OneLanguage(
        language,
        {"_": Translator(language), "path": path},
        loader=PackageLoader("publish", "templates/pages"),
        autoescape=select_autoescape(default=True, default_for_string=True),
        undefined=StrictUndefined,
        finalize=_finalize,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.globals.update(
        http_link=http_link, mail_link=mail_link, short=short, tags=TAGS, language_names=NAMES, names=names,
        path=path, style=style_address(), script=script_address(), anchor=anchor,
        share=health.share, gathered=gathered, signed=trend.signed, shade=drawings.shade,
    )  # fmt: skip
    return made


def path(language: str, *parts: str) -> str:
    """Return the address of one of our pages: the language, then each part with everything odd escaped."""
    return "/" + "/".join([language, *(_part(part) for part in parts)]) + ("" if parts else "/")


@lru_cache(maxsize=WRITTEN)
def _part(text: str) -> str:
    return quote(text, safe="").replace(".", "%2E")


def anchor(shared_id: str) -> str:
    """Return the place of a resource on its dataset's page: what follows ``#``, of letters, digits and hyphens."""
    return "r-" + re.sub(r"[^A-Za-z0-9]+", "-", shared_id)


def raw(database: str, table: str = "", row: str | None = None, **filters: object) -> str:
    """Return the address of a table underneath, of one of its rows, or of the rows that hold given values."""
    place = "/".join(["", *(tilde(part) for part in (database, table, row) if part)])
    query = "&".join(f"{name}={quote(str(value), safe='')}" for name, value in filters.items())
    return place + (f"?{query}" if query else "")


@lru_cache(maxsize=WRITTEN)
def tilde(text: str) -> str:
    """Return ``text`` as Datasette writes it in an address: ``~`` and two hex digits for what is odd."""
    escaped = quote(text, safe="").replace("~", "~7E").replace(".", "~2E")
    return escaped.replace("%20", "+").replace("%", "~")


@cache
def style() -> bytes:
    """Return the style sheet."""
    return files("publish").joinpath("static", "barometer.css").read_bytes()


@cache
def style_address() -> str:
    """Return the style sheet's address, which changes when it does."""
    return f"/-/barometer/style.css?{hashlib.sha256(style()).hexdigest()[:10]}"


@cache
def script() -> bytes:
    """Return our one script."""
    return files("publish").joinpath("static", "suggest.js").read_bytes()


@cache
def script_address() -> str:
    """Return the script's address, which changes when it does."""
    return f"/-/barometer/suggest.js?{hashlib.sha256(script()).hexdigest()[:10]}"


def as_html(
    page: Page, language: Language, place: str, meta: dict[str, str], query: str = "", database: str = "catalog",
    head: object = None,
) -> str:  # fmt: skip
    """Return ``page`` as HTML.

    ``place`` is its address after the language (``provider/hk-hko``), ``query`` its ?-part, ``database`` the name under
    which Datasette serves the tables underneath, ``head`` (a `heads.Head`) what its head tells programs.
    """
    tr = Translator(language)
    suffix = f"?{query}" if query else ""
    template = environment(language).get_template(page.template)
    return template.render(
        **page.data, title=page.title, lang=language, _=tr, tr=tr, meta=meta, place=place, languages=LANGUAGES,
        charts={name: Markup(svg) for name, svg in page.charts.items()},  # noqa: S704 - drawn by us, its text escaped
        switch={other: f"/{other}/{place}{suffix}" for other in LANGUAGES}, suffix=suffix,
        found_here=page.status == HTTPStatus.OK, has_table=bool(page.table), raw=partial(raw, database),
        origin=names.origin(meta.get("portal", "")), head=head,
        feeds=[(title, f"{path(language, *parts)}.atom{suffix}") for title, *parts in page.feeds],
    )  # fmt: skip


def as_json(page: Page, meta: dict[str, str]) -> str:
    """Return what ``page`` holds as JSON, the text as it was harvested."""
    return json.dumps({"title": page.title, **page.data, "meta": meta}, ensure_ascii=True, default=str)


def as_csv(page: Page) -> str:
    """Return the page's table as CSV for a spreadsheet: no cell can start a formula. Starts with a BOM, for Excel."""
    sink = io.StringIO()
    rows: list[dict[str, Any]] = list(page.table)
    if rows:
        writer = csv.writer(sink)
        writer.writerow(rows[0].keys())
        writer.writerows([csv_cell(value) for value in row.values()] for row in rows)
    return "\ufeff" + sink.getvalue()
