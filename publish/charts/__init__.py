"""The charts, drawn once at publish time as SVG without script or style and kept in table ``chart``.

Each module draws one kind; `drawing` has what they share. A chart whose own text is numbers alone is kept once, under
no language, and gets its words on the page.
"""

import sqlite3

from harvester.records import LANGUAGES
from publish.charts.bars import checklist
from publish.charts.dots import ranking
from publish.charts.timeline import timelines
from publish.charts.treemap import formats
from publish.i18n import Translator


def draw_all(connection: sqlite3.Connection) -> None:
    """Draw every chart from an unfinished catalog.db in every language it has, and store it in the table ``chart``."""
    for language in LANGUAGES:
        tr = Translator(language)
        drawn = {"ranking": ranking(connection, tr), "checklist": checklist(connection, tr), **formats(connection, tr)}
        _keep(connection, drawn, language)
    _keep(connection, timelines(connection), "")


def _keep(connection: sqlite3.Connection, drawn: dict[str, str | None], language: str) -> None:
    connection.executemany(
        "INSERT INTO chart (name, language, svg) VALUES (?, ?, ?)",
        [(name, language, svg) for name, svg in drawn.items() if svg],
    )
