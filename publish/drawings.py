"""The charts as the pages show them: the stored drawings, what each of them says in a sentence, and the heat map."""

import sqlite3
from collections import defaultdict
from collections.abc import Mapping, Sequence

from publish.i18n import Translator, mark
from publish.queries import Row, rows
from publish.telling import criterion_title

SHADES = 5
"""Steps of shading of the heat map, each of a fifth of the scale; the number stands in every cell."""
FURTHEST = 2
"""Criteria that are named as furthest under and over the portal's mean."""
LEAST = 0.01
"""A difference of means (0-1) under which a criterion is as the portal's."""
HEAT_SQL = """
SELECT s.provider, s.criterion, s.mean FROM criterion_summary s JOIN criterion c ON c.id = s.criterion
WHERE c.weight > 0 AND s.provider <> '' AND s.mean IS NOT NULL
"""
WEIGHED_SQL = """
SELECT c.id, c.title_en, s.mean FROM criterion c LEFT JOIN criterion_summary s ON s.criterion = c.id AND s.provider = ''
WHERE c.weight > 0 ORDER BY c.position
"""
BETWEEN = mark("{name} ({points} against {portal})")


def stored(connection: sqlite3.Connection, wanted: Mapping[str, str], tr: Translator) -> dict[str, str]:
    """Return the SVG of stored charts by what the page calls them; ``wanted`` has each name's place in table chart."""
    marks = ", ".join("?" * len(wanted))
    sql = f"SELECT name, svg FROM chart WHERE name IN ({marks}) AND language IN (?, '')"  # noqa: S608 - only marks
    found = {row["name"]: row["svg"] for row in rows(connection, sql, [*wanted.values(), tr.language])}
    return {name: found.get(place, "") for name, place in wanted.items()}


def heat(connection: sqlite3.Connection, providers: Sequence[Row], tr: Translator) -> Row:
    """Return the weighed ``criteria`` and a row a provider, in the order given, with its ``cells``.

    A cell is a mean of known answers in whole points of 0-100, None where nothing is known; ``whole`` are the portal's.
    """
    weighed = rows(connection, WEIGHED_SQL)
    means: dict[str, dict[str, int]] = defaultdict(dict)
    for row in rows(connection, HEAT_SQL):
        means[row["provider"]][row["criterion"]] = round(100 * row["mean"])
    names = [row["id"] for row in weighed]
    return {
        "criteria": [{"id": row["id"], "title": criterion_title(row["id"], row["title_en"], tr)} for row in weighed],
        "whole": [None if row["mean"] is None else round(100 * row["mean"]) for row in weighed],
        "rows": [
            {"slug": row["slug"], "title": row["title"], "rank": row["rank"],
             "cells": [means[row["slug"]].get(name) for name in names]}
            for row in providers
        ],
    }  # fmt: skip


def shade(points: float) -> int:
    """Return the step of shading of a number of 0-100: 0 for the lowest fifth, 4 for the highest."""
    return min(SHADES - 1, max(0, int(points * SHADES // 100)))


def heat_columns(found: Row) -> dict[str, dict[str, int | None]]:
    """Return the heat map as columns of a CSV, by provider: ``mean_CRITERION`` in whole points."""
    names = [f"mean_{each['id']}" for each in found["criteria"]]
    return {row["slug"]: dict(zip(names, row["cells"], strict=True)) for row in found["rows"]}


def said_of_heat(found: Row, tr: Translator) -> str:
    """Return in which criterion providers differ most, and how far; empty where there is nothing to compare."""
    spread = []
    for place, each in enumerate(found["criteria"]):
        known = [row["cells"][place] for row in found["rows"] if row["cells"][place] is not None]
        if len(known) > 1:
            spread.append((max(known) - min(known), -place, each["title"], min(known), max(known)))
    if not spread:
        return ""
    _, _, title, low, high = max(spread)
    return tr("Providers differ most in {criterion}: from {low} to {high}.", criterion=title, low=low, high=high)


def said_of_parts(parts: Sequence[Row], tr: Translator) -> str:
    """Return the strongest and the weakest of the weighed criteria by their means; empty under two."""
    known = [row for row in parts if row["weight"] and row["mean"] is not None]
    if len(known) < 2:  # noqa: PLR2004 - a comparison has two sides
        return ""
    ordered = sorted(known, key=lambda row: float(row["mean"]))
    return tr(
        "Highest: {best} ({most} of 100); lowest: {worst} ({least}).",
        best=ordered[-1]["title"], most=tr.number(100 * ordered[-1]["mean"]),
        worst=ordered[0]["title"], least=tr.number(100 * ordered[0]["mean"]),
    )  # fmt: skip


def said_beside(parts: Sequence[Row], tr: Translator) -> str:
    """Return the weighed criteria furthest under and over the portal's means, each with both numbers."""
    known = [row for row in parts if row["weight"] and None not in (row["mean"], row["portal_mean"])]
    ordered = sorted(known, key=lambda row: float(row["mean"] - row["portal_mean"]))
    under = [row for row in ordered if row["mean"] - row["portal_mean"] <= -LEAST][:FURTHEST]
    over = [row for row in reversed(ordered) if row["mean"] - row["portal_mean"] >= LEAST][:FURTHEST]
    told = [
        tr(text, criteria=tr(", ").join(_both(row, tr) for row in found))
        for text, found in ((mark("Furthest under the portal’s mean: {criteria}."), under),
                            (mark("Furthest over it: {criteria}."), over))
        if found
    ]  # fmt: skip
    if not told:
        return tr("In all that is weighed it is as the portal’s mean.") if known else ""
    return (" " if tr.language == "en" else "").join(told)


def _both(row: Row, tr: Translator) -> str:
    points, portal = (tr.number(100 * row[name]) for name in ("mean", "portal_mean"))
    return tr(BETWEEN, name=row["title"], points=points, portal=portal)


def said_of_ranking(providers: Sequence[Row], tr: Translator) -> str:
    """Return who is first and who last, and between what the middle half of ranked providers lies."""
    ranked = sorted((row for row in providers if row["rank"] is not None), key=lambda row: -float(row["point"]))
    if len(ranked) < 2:  # noqa: PLR2004 - a ranking has two ends
        return ""
    quarter = len(ranked) // 4
    return tr(
        "First is {first} with {most}, last {last} with {least}; the middle half lies between {low} and {high}.",
        first=ranked[0]["title"], most=tr.number(ranked[0]["point"], 1), last=ranked[-1]["title"],
        least=tr.number(ranked[-1]["point"], 1), low=tr.number(ranked[-1 - quarter]["point"], 1),
        high=tr.number(ranked[quarter]["point"], 1),
    )  # fmt: skip
