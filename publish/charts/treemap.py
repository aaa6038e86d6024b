"""The formats as a map: an area for each, as large as its resources are many, on the rungs of use to a machine."""

import sqlite3
from collections.abc import Sequence
from typing import Any

from publish.charts.drawing import ACCENT, FONT, INK, MUTED, Row, from_vega, plain
from publish.formats import LADDER, ladder_title
from publish.i18n import Translator

FORMS = {"formats": (880, 360), "formats/narrow": (320, 460)}
"""Width and height in pixels: one for a screen, one that fits a phone."""
MOST = 28
"""Formats with an area of their own; the rest of each rung are one, and the table has them all."""
HEAD = 19
"""Pixels of a rung's own label; a lower one goes without."""
LETTER, CHARACTER = 7.5, 12.5
"""Pixels of a letter and of a Chinese character, by which a label is judged to fit into its area."""


def formats(connection: sqlite3.Connection, tr: Translator) -> dict[str, str | None]:
    """Return the map of formats in both forms; nothing where there are no resources."""
    sql = "SELECT ladder, format, resources FROM format_count ORDER BY resources DESC, ladder, format"
    rows = tree([dict(zip(("ladder", "format", "resources"), row, strict=True)) for row in connection.execute(sql)], tr)
    if not rows:
        return {}
    title = tr("Resources by format, on the rungs of how far a machine can use them; the numbers stand in the table")
    return {name: from_vega(_spec(rows, *size), title) for name, size in FORMS.items()}


def tree(found: Sequence[Row], tr: Translator) -> list[Row]:
    """Return the map's nodes: the root, a rung each with its number, and its formats, the rarest as one.

    ``found`` are formats with their ``ladder`` and number of ``resources``, most first.
    """
    if not found:
        return []
    shown, rest = list(found[:MOST]), found[MOST:]
    for ladder in dict.fromkeys(row["ladder"] for row in rest):
        number = sum(row["resources"] for row in rest if row["ladder"] == ladder)
        shown.append({"ladder": ladder, "format": tr("others"), "resources": number})
    nodes: list[Row] = [{"id": "root", "parent": None, "label": ""}]
    for ladder in dict.fromkeys(row["ladder"] for row in shown):
        within = [row for row in shown if row["ladder"] == ladder]
        total = tr.number(sum(row["resources"] for row in within))
        label = f"{ladder_title(ladder, tr)} {total}"
        nodes.append({"id": ladder, "parent": "root", "label": label, "wide": 1.1 * _wide(label),
                      "dash": [4, 3] if ladder == "not-looked-at" else []})  # fmt: skip
        shade = 0.42 - 0.045 * LADDER.index(ladder)
        for place, row in enumerate(within):
            name = plain(row["format"]) or "–"
            count = tr.number(row["resources"])
            nodes.append({"id": f"{ladder}/{place}", "parent": ladder, "size": row["resources"], "shade": shade,
                          "label": name, "count": count, "wide": max(_wide(name), _wide(count))})  # fmt: skip
    return nodes


def _wide(label: str) -> float:
    return sum(LETTER if character < "\u2e80" else CHARACTER for character in label) + 6


def _spec(rows: Sequence[Row], width: int, height: int) -> dict[str, Any]:
    """Return the map in Vega's grammar, which lays the areas out (squarified) and has no other way to say it."""
    top, bottom = ({"signal": f"datum.{end} - {HEAD}"} for end in ("y0", "y1"))  # the root needs no head
    area = {"x": {"field": "x0"}, "y": top, "x2": {"field": "x1"}, "y2": bottom}
    wide, high = "(datum.x1 - datum.x0)", "(datum.y1 - datum.y0)"
    fits = f"{wide} > datum.wide && {high} > 15"
    box = {"strokeDash": {"field": "dash"}, "stroke": {"value": MUTED}}
    thin = {"stroke": {"value": MUTED}, "strokeOpacity": {"value": 0.3}}
    return {
        "$schema": "https://vega.github.io/schema/vega/v5.json", "width": width, "height": height, "padding": 2,
        "config": {"text": {"font": FONT}},
        "data": [
            {"name": "tree", "values": list(rows), "transform": [
                {"type": "stratify", "key": "id", "parentKey": "parent"},
                {"type": "treemap", "field": "size", "sort": {"field": "value", "order": "descending"}, "round": True,
                 "method": "squarify", "ratio": 1.4, "paddingInner": 2, "paddingOuter": 2, "paddingTop": HEAD,
                 "size": [width, height + HEAD]}]},
            {"name": "rungs", "source": "tree", "transform": [{"type": "filter", "expr": "datum.depth == 1"}]},
            {"name": "formats", "source": "tree", "transform": [{"type": "filter", "expr": "datum.depth == 2"}]},
        ],
        "marks": [
            {"type": "rect", "from": {"data": "rungs"}, "encode": {"update": {**area, **box}}},
            {"type": "rect", "from": {"data": "formats"}, "encode": {"update": {
                **area, **thin, "fill": {"value": ACCENT}, "fillOpacity": {"field": "shade"}}}},
            _text("rungs", f"truncate(datum.label, floor(length(datum.label) * min(1, {wide} / datum.wide)))", 14,
                  f"{high} > {HEAD} && {wide} > 0.4 * datum.wide", bold=True),
            _text("formats", "datum.label", 13, fits),
            _text("formats", "datum.count", 28, f"{fits} && {high} > 31"),
        ],
    }  # fmt: skip


def _text(data: str, text: str, down: int, shown: str, *, bold: bool = False) -> Row:
    return {"type": "text", "from": {"data": data}, "encode": {"update": {
        "x": {"signal": "datum.x0 + 4"}, "y": {"signal": f"datum.y0 + {down - HEAD}"}, "fill": {"value": INK},
        "fontSize": {"value": 12}, "fontWeight": {"value": "bold" if bold else "normal"},
        "text": {"signal": f"{shown} ? {text} : ''"}}}}  # fmt: skip
