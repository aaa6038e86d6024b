"""Answers for other people's pages: badges, embeds, preview pictures, and a dataset's structured data alone."""

import asyncio
import hashlib
import json
from collections.abc import Callable
from http import HTTPStatus
from typing import Any
from urllib.parse import unquote

from datasette import Response
from datasette.utils.asgi import Request

from harvester.records import Language
from publish import health, render, standing, structured
from publish.answering import CACHE, PLACE, ask, site_address, version
from publish.badges import addresses, badge, draw
from publish.i18n import TAGS, Translator
from publish.previews import STUDIO, picture, readable
from publish.standing import Standing

POLICY = "default-src 'none'; sandbox"
"""For a badge or a picture opened alone: it may load nothing and run nothing."""
FRAMED = "default-src 'none'; style-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors *"
"""For an embed: style from our one file only, and any page may frame it."""
ANYWHERE = {
    "Cache-Control": CACHE, "Content-Security-Policy": POLICY, "Cross-Origin-Resource-Policy": "cross-origin",
    "Access-Control-Allow-Origin": "*",
}  # fmt: skip
"""What every picture is sent with: a page anywhere may show it."""
BUSY_SECONDS = "5"
"""When to ask again for a picture that too many others are waiting before."""


async def badge_of(request: Request, datasette: Any) -> Response:
    """Answer with a badge; with status 404, and still as a picture, where the catalogue has no such subject."""
    language: Language = request.url_vars["lang"]
    it = await _subject(request, datasette)
    text = draw(badge(it, Translator(language)), language)
    headers = {**ANYWHERE, "Content-Language": TAGS[language]}
    return Response(text, _status(it), headers, "image/svg+xml; charset=utf-8")


async def embed_of(request: Request, datasette: Any) -> Response:
    """Answer with the page for a frame: the score, its interval, the uptime and the way to the evidence."""
    language: Language = request.url_vars["lang"]
    tr = Translator(language)
    it = await _subject(request, datasette)
    page = addresses(it, language)["page"] if it else f"/{language}/"
    text = await asyncio.to_thread(
        render.environment(language).get_template("embed.html").render, it=it, _=tr, tr=tr, lang=language, page=page,
        word=it.band_word(tr) if it else "", canonical=site_address(request, datasette) + page,
        uptime=health.share(it.uptime, tr) if it else "", warning=standing.provenance(it.origin, tr) if it else "",
    )  # fmt: skip
    headers = {"Cache-Control": CACHE, "Content-Security-Policy": FRAMED, "Content-Language": TAGS[language]}
    return Response(text, _status(it), headers, "text/html; charset=utf-8")


async def preview_of(request: Request, datasette: Any) -> Response:
    """Answer with a picture of 1200 x 630 pixels; 503 where too many others are waiting for one."""
    language: Language = request.url_vars["lang"]
    key = (version(datasette), language, request.url_vars.get("kind"), request.url_vars.get("key"))
    kept = STUDIO.kept(key)
    if kept is None:
        spoken = await asyncio.to_thread(readable, language)
        it = await _subject(request, datasette, spoken)
        if it is None:
            return Response.text("There is no such picture.\n", status=404)
        kept = await STUDIO.picture(key, lambda: picture(it, spoken))
    if kept is None:
        return Response("Busy.\n", 503, {"Retry-After": BUSY_SECONDS, "Cache-Control": "no-store"}, "text/plain")
    return tagged(request, kept, "image/png", {**ANYWHERE, "Content-Language": TAGS[language]})


async def data_of(request: Request, datasette: Any) -> Response:
    """Answer with a dataset's or provider's structured data alone, as JSON-LD."""
    it = await _subject(request, datasette)
    if it is None:
        return Response.text("There is no such page.\n", status=404)
    address = site_address(request, datasette)
    data = await ask(request, datasette, lambda connection, tr: structured.of(connection, it, tr, address))
    headers = {"Cache-Control": CACHE, "Access-Control-Allow-Origin": "*", "Content-Security-Policy": POLICY}
    return Response(json.dumps(data, indent=1), 200, headers, "application/ld+json")


def tagged(request: Request, body: bytes | str, kind: str, headers: dict[str, str]) -> Response:
    """Return an answer with an ETag, and without its body where the reader has it already."""
    whole = body if isinstance(body, bytes) else body.encode()
    tag = f'"{hashlib.sha256(whole).hexdigest()[:20]}"'
    told = {**headers, "ETag": tag}
    if tag in (each.strip().removeprefix("W/") for each in request.headers.get("if-none-match", "").split(",")):
        return Response("", HTTPStatus.NOT_MODIFIED, told, kind)
    return Response(body, 200, told, kind)


async def _subject(request: Request, datasette: Any, language: Language | None = None) -> Standing | None:
    kind, name = request.url_vars.get("kind") or "portal", unquote(request.url_vars.get("key") or "")
    return await ask(
        request,
        datasette,
        lambda connection, tr: standing.find(connection, kind, name, Translator(language) if language else tr),
    )


def _status(it: Standing | None) -> int:
    return HTTPStatus.OK if it else HTTPStatus.NOT_FOUND


SUBJECT = r"/(?:portal|(?P<kind>provider|dataset)/(?P<key>[^/]+?))"
ROUTES: list[tuple[str, Callable[..., Any]]] = [
    (PLACE + r"/badge" + SUBJECT + r"\.svg$", badge_of),
    (PLACE + r"/embed" + SUBJECT + r"$", embed_of),
    (PLACE + r"/(?P<kind>provider|dataset)/(?P<key>[^/]+?)\.jsonld$", data_of),
    (r"/preview" + PLACE + SUBJECT + r"\.png$", preview_of),
]
"""What the plugin adds before its own pages."""
