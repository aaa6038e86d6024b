"""What all charts share: four colours, the axes of scores, and the way from a drawing to an SVG a page may hold."""

import re
from collections.abc import Mapping, Sequence
from typing import Any

import altair as alt
import vl_convert
from markupsafe import escape

INK, MUTED, ACCENT, GRID = "#1a1c1f", "#5c6470", "#0a6b5e", "#d5d9de"
"""The four colours a chart uses; the style sheet gives each its light and its dark shade."""
FONT = "sans-serif"
SPACE = re.compile(r"\s+")
REFUSED = re.compile(r'\s(?:style|role|class|aria-[a-z]+|pointer-events|version|xmlns:xlink)="[^"]*"|\sopacity="1"')
"""Inline style, which a strict policy refuses, English words for screen readers, who get the whole as one image, and
what says nothing here."""
STEPS = re.compile(r'(?<=\s)d="(M-?[\d.]+,-?[\d.]+(?:[LM]-?[\d.]+,-?[\d.]+)+Z?)"')
"""A path of straight lines and nothing else."""
PLACES = re.compile(r'\s(?:d|transform|[xy][12]?|width|height)="[^"]*"')
EXACT = re.compile(r"-?\d+\.\d\d+")
"""A place to the hundredth of a pixel or finer: nobody sees it, and it makes up half of a drawing."""

Row = dict[str, Any]


def names(order: Sequence[str]) -> alt.Y:
    """Return the axis of names, top down in the order given."""
    axis = alt.Axis(title=None, labelLimit=320, ticks=False, domain=False, labelPadding=10)
    return alt.Y("name:N", sort=list(order), axis=axis)


def scale(field: str, label: str) -> alt.X:
    """Return the axis from 0 to 100 for ``field``, with room for a number at its end."""
    axis = alt.Axis(title=label, values=[0, 20, 40, 60, 80, 100], tickSize=0, domain=False)
    return alt.X(f"{field}:Q", scale=alt.Scale(domain=[0, 105], nice=False), axis=axis)


def plain(text: str) -> str:
    """Return a harvested name as one short line of printable characters."""
    shown = "".join(character if character.isprintable() else " " for character in text)
    return SPACE.sub(" ", shown).strip()[:60]


def as_svg(chart: alt.LayerChart | alt.FacetChart, title: str, left: int = 24) -> str:
    """Return the chart as one SVG element with a title, and nothing a strict content policy would refuse.

    ``left`` is room in pixels for labels that a reader's font draws wider than the one they were measured in.
    """
    return as_image(as_spec(chart, left), title)


def as_spec(chart: alt.LayerChart | alt.FacetChart, left: int) -> dict[str, Any]:
    """Return the chart in Vega-Lite's grammar, in the house's type and shades."""
    styled = chart.configure(
        font=FONT, background="transparent", padding={"left": left, "right": 8, "top": 4, "bottom": 4}
    ).configure_view(stroke=None)
    styled = styled.configure_axis(
        labelColor=INK, titleColor=MUTED, gridColor=GRID, labelFontSize=13, titleFontSize=12, titleFontWeight="normal"
    ).configure_text(fontSize=12)
    spec: dict[str, Any] = styled.to_dict(validate=False)
    return spec


def as_image(spec: Mapping[str, Any], title: str) -> str:
    """Return a Vega-Lite specification as one SVG element, under the same rules."""
    return cleaned(vl_convert.vegalite_to_svg(dict(spec)), title)


def from_vega(spec: Mapping[str, Any], title: str) -> str:
    """Return a Vega specification as one SVG element, under the same rules."""
    return cleaned(vl_convert.vega_to_svg(dict(spec)), title)


def cleaned(svg: str, title: str) -> str:
    """Return an SVG element as one image called ``title``; without a title, one its surroundings speak for."""
    small = PLACES.sub(lambda found: EXACT.sub(_tenth, found[0]), REFUSED.sub("", svg))
    small = STEPS.sub(lambda found: f'd="{stepped(found[1])}"', small)
    head, rest = small[small.index("<svg") :].split(">", 1)
    said = f'role="img" aria-label="{escape(title)}"' if title else 'aria-hidden="true"'
    return f"{head} {said}>{rest}"


def _tenth(found: re.Match[str]) -> str:
    return f"{float(found[0]):.1f}".removesuffix(".0")


def stepped(path: str) -> str:
    """Return a path of straight lines with those along an axis written as such, which halves a stepped line."""
    written, before = [], ("", "")
    for move, across, down in re.findall(r"([ML])([^,LMZ]+),([^LMZ]+)", path):
        if move == "L" and across == before[0]:
            written.append(f"V{down}")
        elif move == "L" and down == before[1]:
            written.append(f"H{across}")
        else:
            written.append(f"{move}{across},{down}")
        before = (across, down)
    return "".join(written) + ("Z" if path.endswith("Z") else "")
