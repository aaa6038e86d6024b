"""The checklist's parts as bars."""

import sqlite3
from collections.abc import Sequence

import altair as alt

from publish.charts.drawing import ACCENT, INK, Row, as_svg, names, scale
from publish.i18n import Translator
from publish.names import CRITERIA

WIDTH = 330
"""Pixels of the 0-100 scale, which fits a phone."""


def checklist(connection: sqlite3.Connection, tr: Translator) -> str | None:
    """Return the checklist's elements as bars of their mean over all datasets; None where nothing is answered."""
    sql = """
        SELECT c.id, c.title_en, s.mean FROM criterion c JOIN criterion_summary s ON s.criterion = c.id
        WHERE s.provider = '' AND c.weight > 0 AND s.mean IS NOT NULL ORDER BY c.position
    """
    rows = [
        {"name": tr(CRITERIA.get(name, title)), "point": 100 * mean, "text": tr.number(100 * mean)}
        for name, title, mean in connection.execute(sql)
    ]
    if not rows:
        return None
    return as_svg(
        _bars(rows, tr("Mean over datasets, 0 to 100")), tr("Each part of the checklist, mean of all datasets")
    )


def _bars(rows: Sequence[Row], label: str) -> alt.LayerChart | alt.FacetChart:
    base = alt.Chart(alt.InlineData(values=list(rows))).encode(y=names([row["name"] for row in rows]))
    bar = base.mark_bar(color=ACCENT, height=14).encode(x=scale("point", label))
    text = base.mark_text(align="left", dx=5, color=INK).encode(x="point:Q", text="text:N")
    return alt.layer(bar, text).properties(width=WIDTH, height=alt.Step(28))
