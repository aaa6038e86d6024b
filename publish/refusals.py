"""What is said where an address leads nowhere or an answer cannot be made: plainly, and nothing about the machine."""

import sys
import traceback
from http import HTTPStatus
from typing import Any

from datasette import Response
from datasette.utils.asgi import Base400, NotFound, Request
from datasette.views.base import DatasetteError

BROKEN = "Something went wrong here. It has been written down; nothing you can do about it but ask for another page."
NOWHERE = "There is no such page."
TOO_LONG = "This takes too long to find out here: ask for less, or download the database."


async def answer(datasette: Any, request: Request, exception: Exception) -> Response:
    """Return the answer to a request that ended in ``exception``: 404, 400, or 500 without a word of why.

    What a visitor asked wrongly is told as Datasette words it. What went wrong here is written to standard error only.
    """
    status, told, title = _said(exception)
    if status == HTTPStatus.INTERNAL_SERVER_ERROR:
        traceback.print_exception(exception, file=sys.stderr)
    if request.path.endswith(".json"):
        return Response.json({"ok": False, "error": told, "status": int(status), "title": title}, status=status)
    if status == HTTPStatus.NOT_FOUND:
        return Response.html(await datasette.render_template("404.html"), status=status)
    data = {"error": told, "status": int(status), "title": title}
    return Response.html(await datasette.render_template("error.html", data), status=status)


def _said(exception: Exception) -> tuple[HTTPStatus, str, str | None]:
    """Return the status, what to say and its heading; Datasette gives 500 to some questions that are only wrong."""
    if isinstance(exception, NotFound):
        return HTTPStatus.NOT_FOUND, NOWHERE, None
    if isinstance(exception, Base400):
        return HTTPStatus(exception.status), str(exception.args[0]) if exception.args else "", None
    if isinstance(exception, DatasetteError):
        status = HTTPStatus(exception.status)
        wrong = status == HTTPStatus.INTERNAL_SERVER_ERROR
        said = TOO_LONG if exception.message_is_html else exception.message  # the HTML holds the query and a script
        return HTTPStatus.BAD_REQUEST if wrong else status, str(said), exception.title
    return HTTPStatus.INTERNAL_SERVER_ERROR, BROKEN, None
