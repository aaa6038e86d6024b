"""The ranking: providers as dots on two lines."""

import sqlite3
from collections.abc import Sequence

import altair as alt

from publish.charts.drawing import ACCENT, INK, MUTED, Row, as_svg, names, plain, scale
from publish.i18n import Translator
from publish.names import PROFILE

ENDS = 12
"""Providers drawn from either end of the ranking; the table under the chart has them all."""
WIDTH = 560
"""Pixels of the 0-100 scale, which scrolls on a phone."""


def ranking(connection: sqlite3.Connection, tr: Translator) -> str | None:
    """Return the ranked providers as dots on two lines, best first; None where none is ranked.

    The thick line is the bootstrap interval of the mean, the thin one what the unknown answers leave open.
    """
    cursor = connection.execute(
        "SELECT s.rank, s.point, s.low, s.high, r.low AS drawn_low, r.high AS drawn_high, r.rank_low, r.rank_high,"
        " p.slug, p.title_en, p.title_tc, p.title_sc FROM provider_summary s JOIN provider p ON p.slug = s.provider"
        " LEFT JOIN provider_rank r ON r.provider = s.provider AND r.profile = ? WHERE s.rank IS NOT NULL"
        " ORDER BY s.rank, p.slug",
        [PROFILE],
    )
    columns = [column[0] for column in cursor.description]
    rows: list[Row] = [dict(zip(columns, row, strict=True)) for row in cursor]
    if not rows:
        return None
    for row in rows:
        row["name"] = f"{row['rank']}{_between(row)} {plain(tr.title(row) or row['slug'])}"
        row["text"] = tr.number(row["point"], 1)
        row["end"] = max(row["high"], row["drawn_high"] or 0)
    between = len(rows) - 2 * ENDS
    if between > 0:
        gap = {"name": tr("⋯ {number} more between ⋯", number=between), "text": ""}
        nothing = dict.fromkeys(("point", "low", "high", "drawn_low", "drawn_high", "end"))
        rows = [*rows[:ENDS], {**nothing, **gap}, *rows[-ENDS:]]
    title = tr("Providers by score, 0 to 100, each with its rank, the ranks it may as well have, and two intervals")
    return as_svg(_dots(rows, tr("Score")), title, left=72)


def _dots(rows: Sequence[Row], label: str) -> alt.LayerChart | alt.FacetChart:
    order = [row["name"] for row in rows]
    base = alt.Chart(alt.InlineData(values=list(rows))).encode(y=names(order))
    line = base.mark_rule(color=MUTED, strokeWidth=1.5).encode(x=scale("low", label), x2="high:Q")
    drawn = base.mark_rule(color=MUTED, strokeWidth=12, opacity=0.45).encode(x="drawn_low:Q", x2="drawn_high:Q")
    dot = base.mark_circle(color=ACCENT, size=45, opacity=1).encode(x="point:Q")
    text = base.mark_text(align="left", dx=8, color=INK).encode(x="end:Q", text="text:N")
    return alt.layer(line, drawn, dot, text).properties(width=WIDTH, height=alt.Step(24))


def _between(row: Row) -> str:
    """Return the ranks a provider takes in nine draws of ten, in brackets; a full stop where nothing was drawn."""
    low, high = row["rank_low"], row["rank_high"]
    if low is None:
        return "."
    return f" ({low})" if low == high else f" ({low}–{high})"
