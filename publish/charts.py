"""The charts, drawn once at publish time as SVG without script or style, one a language, kept in catalog.db."""

import re
import sqlite3
from collections.abc import Callable, Sequence
from typing import Any

import altair as alt
import vl_convert
from markupsafe import escape

from harvester.records import LANGUAGES
from publish.i18n import Translator
from publish.names import CRITERIA, PROFILE

ENDS = 12
"""Providers drawn from either end of the ranking; the table under the chart has them all."""
INK, MUTED, ACCENT, GRID = "#1a1c1f", "#5c6470", "#0a6b5e", "#d5d9de"
"""The four colours a chart uses; the style sheet gives each its light and its dark shade."""
WIDTH, NARROW = 560, 330
"""Pixels of the 0-100 scale of the ranking, which scrolls on a phone, and of the checklist, which fits one."""
FONT = "sans-serif"
SPACE = re.compile(r"\s+")
REFUSED = re.compile(r'\s(?:style|role|class|aria-[a-z]+)="[^"]*"')
"""Inline style, which a strict policy refuses, and English words for screen readers, who get the whole as one image."""

Row = dict[str, Any]


def draw_all(connection: sqlite3.Connection) -> None:
    """Draw every chart from an unfinished catalog.db in every language and store it in the table ``chart``."""
    makers: dict[str, Callable[[sqlite3.Connection, Translator], str | None]] = {
        "ranking": ranking,
        "checklist": checklist,
    }
    for name, make in makers.items():
        for language in LANGUAGES:
            svg = make(connection, Translator(language))
            if svg:
                connection.execute("INSERT INTO chart (name, language, svg) VALUES (?, ?, ?)", [name, language, svg])


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
    names = [column[0] for column in cursor.description]
    rows: list[Row] = [dict(zip(names, row, strict=True)) for row in cursor]
    if not rows:
        return None
    for row in rows:
        row["name"] = f"{row['rank']}{_between(row)} {_plain(tr.title(row) or row['slug'])}"
        row["text"] = tr.number(row["point"], 1)
        row["end"] = max(row["high"], row["drawn_high"] or 0)
    between = len(rows) - 2 * ENDS
    if between > 0:
        gap = {"name": tr("⋯ {number} more between ⋯", number=between), "text": ""}
        nothing = dict.fromkeys(("point", "low", "high", "drawn_low", "drawn_high", "end"))
        rows = [*rows[:ENDS], {**nothing, **gap}, *rows[-ENDS:]]
    title = tr("Providers by score, 0 to 100, each with its rank, the ranks it may as well have, and two intervals")
    return _svg(_dots(rows, tr("Score")), title, left=72)


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
    return _svg(_bars(rows, tr("Mean over datasets, 0 to 100")), tr("Each part of the checklist, mean of all datasets"))


def _dots(rows: Sequence[Row], label: str) -> alt.LayerChart | alt.FacetChart:
    order = [row["name"] for row in rows]
    base = alt.Chart(alt.InlineData(values=list(rows))).encode(y=_names(order))
    line = base.mark_rule(color=MUTED, strokeWidth=1.5).encode(x=_scale("low", label), x2="high:Q")
    drawn = base.mark_rule(color=MUTED, strokeWidth=12, opacity=0.45).encode(x="drawn_low:Q", x2="drawn_high:Q")
    dot = base.mark_circle(color=ACCENT, size=45, opacity=1).encode(x="point:Q")
    text = base.mark_text(align="left", dx=8, color=INK).encode(x="end:Q", text="text:N")
    return alt.layer(line, drawn, dot, text).properties(width=WIDTH, height=alt.Step(24))


def _bars(rows: Sequence[Row], label: str) -> alt.LayerChart | alt.FacetChart:
    base = alt.Chart(alt.InlineData(values=list(rows))).encode(y=_names([row["name"] for row in rows]))
    bar = base.mark_bar(color=ACCENT, height=14).encode(x=_scale("point", label))
    text = base.mark_text(align="left", dx=5, color=INK).encode(x="point:Q", text="text:N")
    return alt.layer(bar, text).properties(width=NARROW, height=alt.Step(28))


def _names(order: Sequence[str]) -> alt.Y:
    axis = alt.Axis(title=None, labelLimit=320, ticks=False, domain=False, labelPadding=10)
    return alt.Y("name:N", sort=list(order), axis=axis)


def _scale(field: str, label: str) -> alt.X:
    axis = alt.Axis(title=label, values=[0, 20, 40, 60, 80, 100], tickSize=0, domain=False)
    return alt.X(f"{field}:Q", scale=alt.Scale(domain=[0, 105], nice=False), axis=axis)


def _between(row: Row) -> str:
    """Return the ranks a provider takes in nine draws of ten, in brackets; a full stop where nothing was drawn."""
    low, high = row["rank_low"], row["rank_high"]
    if low is None:
        return "."
    return f" ({low})" if low == high else f" ({low}–{high})"


def _plain(text: str) -> str:
    """Return a harvested name as one short line of printable characters."""
    shown = "".join(character if character.isprintable() else " " for character in text)
    return SPACE.sub(" ", shown).strip()[:60]


def _svg(chart: alt.LayerChart | alt.FacetChart, title: str, left: int = 24) -> str:
    """Return the chart as one SVG element with a title, and nothing a strict content policy would refuse.

    ``left`` is room in pixels for labels that a reader's font draws wider than the one they were measured in.
    """
    styled = chart.configure(
        font=FONT, background="transparent", padding={"left": left, "right": 8, "top": 4, "bottom": 4}
    ).configure_view(stroke=None)
    styled = styled.configure_axis(
        labelColor=INK, titleColor=MUTED, gridColor=GRID, labelFontSize=13, titleFontSize=12, titleFontWeight="normal"
    ).configure_text(fontSize=12)
    svg = REFUSED.sub("", vl_convert.vegalite_to_svg(styled.to_json(validate=False)))
    start = svg.index("<svg")
    head, rest = svg[start:].split(">", 1)
    return f'{head} role="img" aria-label="{escape(title)}">{rest}'
