"""What the portal's resources are: formats by the rungs of how far a machine can use them, and that in a sentence."""

import sqlite3
from collections.abc import Sequence

from publish.i18n import Translator, mark
from publish.queries import Row, rows
from publish.safe import short

TITLES: dict[str, str] = {
    "table": mark("Plain tables"),
    "structured": mark("Structured data"),
    "proprietary-table": mark("Workbooks"),
    "archive": mark("Archives"),
    "document": mark("Documents"),
    "picture": mark("Pictures"),
    "page": mark("Web pages"),
    "unknown": mark("Of no known format"),
    "not-looked-at": mark("Not looked at, as declared"),
}
"""The rungs, best first (harvester.records has them), and what nothing came of, by what its record declares."""
LADDER = tuple(TITLES)
MACHINE = ("table", "structured", "proprietary-table")
MOST = 60
"""Rows of the page's table; the table underneath has all."""


def ladder_title(ladder: str, tr: Translator) -> str:
    """Return what a rung is called in the reader's language."""
    return tr(TITLES[ladder])


def over(connection: sqlite3.Connection, tr: Translator) -> Row:
    """Return the ``rows`` (rung, format, resources), best rung first, their ``total``, and the ``finding`` in words."""
    found = rows(connection, "SELECT * FROM format_count ORDER BY resources DESC, ladder, format")
    found.sort(key=lambda row: LADDER.index(row["ladder"]))
    shown = [{**row, "format": short(row["format"], 40), "title": ladder_title(row["ladder"], tr)} for row in found]
    return {"rows": shown, "total": sum(row["resources"] for row in found), "finding": finding(found, tr)}


def finding(found: Sequence[Row], tr: Translator) -> str:
    """Return how many resources are data that a machine can read by format, and how many were not looked at."""
    total = sum(row["resources"] for row in found)
    unseen = sum(row["resources"] for row in found if row["ladder"] == "not-looked-at")
    if total == unseen:
        return tr("No file was looked at yet.")
    data = sum(row["resources"] for row in found if row["ladder"] in MACHINE)
    most = max((row for row in found if row["ladder"] != "not-looked-at"), key=lambda row: int(row["resources"]))
    return tr(
        "Of {seen} resources whose bytes were looked at, {data} ({share}) are plain tables, structured data or"
        " workbooks; the commonest format is {format} ({most}). {unseen} could not be looked at.",
        seen=tr.number(total - unseen), data=tr.number(data), share=tr.percent(data / (total - unseen)),
        format=short(most["format"], 40), most=tr.number(most["resources"]), unseen=tr.number(unseen),
    )  # fmt: skip
