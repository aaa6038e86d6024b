"""A score over time: a thin stepped line in its band, gaps left as gaps, a labelled line where the rubric changed."""

import sqlite3
from collections.abc import Sequence
from datetime import date, timedelta
from functools import cache
from itertools import groupby
from math import ceil, floor
from typing import Any

import altair as alt

from harvester.clock import HONG_KONG, parse_iso
from publish.charts.drawing import ACCENT, INK, MUTED, Row, as_image, as_spec
from publish.names import PROFILE
from publish.trend import Piece, marks, pieces, thinned

HISTORY = """
SELECT subject_type, subject, since, until, point, low, high, rubric_digest AS digest FROM score
WHERE subject_type IN ('portal', 'provider') AND profile = ? AND pillar = '' AND point IS NOT NULL
ORDER BY subject_type, subject, since
"""
LAST_DAY = "SELECT max(coalesce(finished, started)) FROM run"
WIDE, NARROW = (860, 240, 150, 5), (250, 150, 90, 3)
"""Width and height of the plot in pixels, about how many stands it shows, and how many days are written under it."""
STEP = 10
"""Points between two lines of the scale, which is cut to whole ones."""
LEAST_SPAN = 20
"""Points a scale spans at least, so that a tenth of a point does not look like a fall."""


def timelines(connection: sqlite3.Connection) -> dict[str, str | None]:
    """Return the line of the portal (``trend/portal``, and ``/narrow``) and each provider's (``trend/provider/SLUG``).

    They hold days and numbers only, so that one drawing serves all languages. One score that never changed is no line.
    """
    cursor = connection.execute(HISTORY, [PROFILE])
    columns = [column[0] for column in cursor.description]
    last = connection.execute(LAST_DAY).fetchone()[0]
    drawn: dict[str, str | None] = {}
    history = (dict(zip(columns, row, strict=True)) for row in cursor)
    for (kind, subject), rows in groupby(history, lambda row: (row["subject_type"], row["subject"])):
        scores = list(rows)
        if len(scores) > 1 and last:
            found = pieces(scores, _hong_kong(last))
            place = "trend/portal" if kind == "portal" else f"trend/provider/{subject}"
            forms = {place: WIDE, f"{place}/narrow": NARROW} if kind == "portal" else {place: NARROW}
            rubrics = [_hong_kong(each["at"]) for each in marks(scores)]
            drawn |= {name: timeline(found, rubrics, *form) for name, form in forms.items()}
    return drawn


def timeline(
    found: Sequence[Piece], rubrics: Sequence[date], width: int, height: int, most: int, labels: int
) -> str | None:
    """Return stretches of a score as a line in its band, and the days another rubric came; None where there is none."""
    rows = stands(thinned(found, most))
    if not rows:
        return None
    low, high = domain(rows)
    end = max(rows, key=lambda row: str(row["day"]))
    first, last = date.fromisoformat(rows[0]["day"]), date.fromisoformat(end["day"])
    days = [_moment(day) for day in _days(first, last - timedelta(days=1), labels)]
    values = {"low": low, "high": high, "ticks": list(range(low, high + 1, STEP)), "days": days,
              "first": _moment(first), "last": _moment(last)}  # fmt: skip
    changed = [{"day": day.isoformat(), "text": f"R{number}"} for number, day in enumerate(rubrics, 1)]
    spec = {
        **_plot(width, height), "datasets": {"stands": rows, "now": [end], "rubrics": changed},
        "params": [{"name": name, "value": value} for name, value in values.items()],
    }  # fmt: skip
    return as_image(spec, "")


@cache
def _plot(width: int, height: int) -> dict[str, Any]:
    """Return the drawing without its numbers, made once: what a line is costs more to say than to draw."""
    axis = alt.Axis(title=None, values=alt.expr("days"), format="%Y-%m-%d", tickSize=4, labelFlush=True, grid=False,
                    labelOverlap="greedy")  # fmt: skip
    ends = [alt.ExprRef("first"), alt.ExprRef("last")]
    day = alt.X("day:T", scale=alt.Scale(type="utc", domain=ends, nice=False), axis=axis)
    ticks = alt.Axis(title=None, values=alt.expr("ticks"), tickSize=0, domain=False)
    scale = alt.Scale(domain=[alt.ExprRef("low"), alt.ExprRef("high")], nice=False, zero=False)
    base = alt.Chart(alt.NamedData("stands")).encode(x=day, detail="piece:N")
    band = base.mark_area(interpolate="step-after", color=MUTED, opacity=0.2).encode(
        y=alt.Y("low:Q", scale=scale, axis=ticks), y2="high:Q"
    )
    line = base.mark_line(interpolate="step-after", color=ACCENT, strokeWidth=1.5).encode(y="point:Q")
    now = alt.Chart(alt.NamedData("now")).mark_text(align="left", dx=5, color=INK, fontWeight="bold")
    rubrics = alt.Chart(alt.NamedData("rubrics")).encode(x="day:T")
    rule = rubrics.mark_rule(color=INK, strokeDash=[4, 3])
    name = rubrics.mark_text(align="left", dx=3, dy=6, color=INK).encode(y=alt.value(0), text="text:N")
    layers = alt.layer(band, line, now.encode(x="day:T", y="point:Q", text="text:N"), rule, name)
    return as_spec(layers.properties(width=width, height=height), left=8)


def stands(found: Sequence[Piece]) -> list[Row]:
    """Return the stands of stretches as rows to draw, each stretch closed by its end, so that a gap stays one."""
    rows: list[Row] = []
    for number, piece in enumerate(found):
        for day, point, low, high in (*piece.stands, (piece.end, *piece.stands[-1][1:])):
            rows.append({"day": day.isoformat(), "point": round(point, 2), "low": round(low, 2),
                         "high": round(high, 2), "piece": number, "text": f"{point:.1f}"})  # fmt: skip
    return rows


def domain(rows: Sequence[Row]) -> tuple[int, int]:
    """Return the tens between which a score and its band lie, as part of 0-100 and not too near one another."""
    low = STEP * floor(min(row["low"] for row in rows) / STEP)
    high = STEP * ceil(max(row["high"] for row in rows) / STEP)
    low = max(0, min(low, high - LEAST_SPAN))
    return low, min(100, max(high, low + LEAST_SPAN))


def _hong_kong(moment: str) -> date:
    return parse_iso(moment).astimezone(HONG_KONG).date()


def _moment(day: date) -> int:
    """Return a day as the milliseconds since 1970 that Vega counts in."""
    return (day - date(1970, 1, 1)).days * 86_400_000


def _days(first: date, last: date, number: int) -> list[date]:
    span = (last - first).days
    return sorted({first + timedelta(days=round(span * place / (number - 1))) for place in range(number)})
