"""The ways to what is made of two things, and to the data itself: where the pages stand and what they are asked."""

import asyncio
import os
import re
from collections.abc import Awaitable, Callable, MutableMapping
from dataclasses import dataclass
from http import HTTPStatus
from pathlib import Path
from typing import Any

from datasette import NotFound, Response
from datasette.utils.asgi import Request

from publish import downloads, versus
from publish.answering import PLACE, answer, ours, wanted
from publish.i18n import TAGS, Translator
from publish.releases import LIST, Release, folder_of, gone_from, listed_in
from publish.render import tilde

BLOCK = 1 << 18
"""Bytes of a file that are read and sent at a time."""
FOREVER = "public, max-age=31536000, immutable"
"""A release never becomes another."""
SHORT = "public, max-age=300"

Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Download:
    """An answer that is a file, sent with its length, so that a reader knows whether it came whole."""

    place: Path
    name: str
    headers: dict[str, str]
    head_only: bool

    async def asgi_send(self, send: Send) -> None:
        """Send the file as it is when it is opened, whatever becomes of its name meanwhile."""
        with await asyncio.to_thread(self.place.open, "rb") as file:
            size = os.fstat(file.fileno()).st_size
            told = {"Content-Type": "application/vnd.sqlite3", "Content-Length": str(size), **self.headers,
                    "Content-Disposition": f'attachment; filename="{self.name}"'}  # fmt: skip
            pairs = [(name.lower().encode(), value.encode()) for name, value in told.items()]
            await send({"type": "http.response.start", "status": int(HTTPStatus.OK), "headers": pairs})
            left = 0 if self.head_only else size
            while left and (block := await asyncio.to_thread(file.read, min(BLOCK, left))):
                left -= len(block)
                await send({"type": "http.response.body", "body": block, "more_body": True})
        await send({"type": "http.response.body", "body": b""})


async def compare(request: Request, datasette: Any) -> Response:
    """Two subjects, days or profiles beside each other."""
    wish = {name: request.args.get(name) or "" for name in request.args}
    return await answer(request, datasette, "compare", lambda connection, tr: versus.page(connection, tr, wish))


async def data(request: Request, datasette: Any) -> Response:
    """What can be downloaded, with the words of metadata.yml."""
    served = ours(datasette) or ""
    described = datasette.metadata("tables", database=served) or datasette.metadata("tables", database="catalog") or {}
    return await answer(
        request, datasette, "data",
        lambda connection, tr: downloads.page(connection, tr, described, served, downloadable=_offered(datasette)),
    )  # fmt: skip


async def release_file(request: Request, datasette: Any) -> Response | Download:
    """A release that is kept; 410 with a sentence where it was kept once, 404 where it never was."""
    release = _release(request, datasette)
    if isinstance(release, Response):
        return release
    place = _folder(datasette) / release.file
    headers = {"Cache-Control": FOREVER, "ETag": f'"{release.sha256}"'}
    if headers["ETag"] in (request.headers.get("if-none-match") or ""):
        return Response("", HTTPStatus.NOT_MODIFIED, headers)
    return Download(place, release.file, headers, request.method == "HEAD")


async def release_sum(request: Request, datasette: Any) -> Response:
    """The sum of a release as ``sha256sum -c`` takes it."""
    release = _release(request, datasette)
    if isinstance(release, Response):
        return release
    return Response.text(f"{release.sha256}  {release.file}\n", headers={"Cache-Control": FOREVER})


async def release_list(datasette: Any) -> Response:
    """The list of the releases, as it stands beside them."""
    place = _folder(datasette) / LIST
    if not _offered(datasette) or not place.exists():
        raise NotFound("There are no releases here.")
    text = await asyncio.to_thread(place.read_text, encoding="utf-8")
    return Response(text, headers={"Cache-Control": SHORT}, content_type="application/json; charset=utf-8")


async def whole(request: Request, datasette: Any) -> Response | Download:
    """The file that is served, under the name of its database."""
    served = ours(datasette) or ""
    if not _offered(datasette):
        raise NotFound("There is no such file.")
    place = Path(datasette.get_database(served).path)
    release = next((each for each in listed_in(folder_of(place)) if each.file == place.name), None)
    headers = {"Cache-Control": SHORT, **({"ETag": f'"{release.sha256}"'} if release else {})}
    if release and headers["ETag"] in (request.headers.get("if-none-match") or ""):
        return Response("", HTTPStatus.NOT_MODIFIED, headers)
    return Download(place, f"{tilde(served)}.db", headers, request.method == "HEAD")


def _offered(datasette: Any) -> bool:
    """Tell whether files can be taken at all."""
    return bool(datasette.setting("allow_download")) and not datasette.get_database(ours(datasette)).is_mutable


def _folder(datasette: Any) -> Path:
    return folder_of(Path(datasette.get_database(ours(datasette)).path))


def _release(request: Request, datasette: Any) -> Release | Response:
    """Return the release that is asked for, or the answer that it is gone. Raises NotFound where it never was."""
    stamp, folder = request.url_vars["stamp"], _folder(datasette)
    if not _offered(datasette):
        raise NotFound("There is no such release.")
    kept = listed_in(folder)
    found = next((each for each in kept if each.stamp == stamp), None)
    if found:
        return found
    gone = next((each for each in gone_from(folder) if each.stamp == stamp), None)
    if gone is None:
        raise NotFound("There is no such release.")
    language = wanted(request)
    tr = Translator(language)
    told = tr(
        "The release of {built} is no longer kept here. Its SHA-256 was {sha256}, that of its content {content}: by"
        " these a copy that somebody kept is known. The releases that are kept: {address}",
        built=tr.moment(gone.built), sha256=gone.sha256, content=gone.content_sha256, address=f"/{language}/data",
    )  # fmt: skip
    headers = {"Cache-Control": SHORT, "Content-Language": TAGS[language], "Vary": "Accept-Language"}
    return Response.text(f"{told}\n", HTTPStatus.GONE, headers)


ROUTES = [
    (PLACE + r"/compare(?P<form>\.json|\.csv)?$", compare),
    (PLACE + r"/data(?P<form>\.json|\.csv)?$", data),
    (r"/releases/(?P<stamp>[0-9TZ-]{16,24})\.db$", release_file),
    (r"/releases/(?P<stamp>[0-9TZ-]{16,24})\.db\.sha256$", release_sum),
    (r"/releases/releases\.json$", release_list),
]


def own_file(served: str) -> tuple[str, Any]:
    """Return the way to the file that is served as the database ``served``, which goes before Datasette's own."""
    return rf"/{re.escape(tilde(served))}\.db$", whole
