"""The ways to what is made of two things, and to the data itself: where the pages stand and what they are asked."""

from typing import Any

from datasette import Response
from datasette.utils.asgi import Request

from publish import downloads, versus
from publish.answering import PLACE, answer, ours


async def compare(request: Request, datasette: Any) -> Response:
    """Two subjects, days or profiles beside each other."""
    wish = {name: request.args.get(name) or "" for name in request.args}
    return await answer(request, datasette, "compare", lambda connection, tr: versus.page(connection, tr, wish))


async def data(request: Request, datasette: Any) -> Response:
    """What can be downloaded, with the words of metadata.yml."""
    served = ours(datasette) or ""
    described = datasette.metadata("tables", database=served) or datasette.metadata("tables", database="catalog") or {}
    downloadable = datasette.setting("allow_download") and not datasette.get_database(served).is_mutable
    return await answer(
        request, datasette, "data",
        lambda connection, tr: downloads.page(connection, tr, described, served, downloadable=downloadable),
    )  # fmt: skip


ROUTES = [
    (PLACE + r"/compare(?P<form>\.json|\.csv)?$", compare),
    (PLACE + r"/data(?P<form>\.json|\.csv)?$", data),
]
