"""Both sides of a comparison, criterion by criterion: what each answers, what it loses, what that explains."""

import sqlite3
from dataclasses import dataclass
from datetime import date
from typing import Any

from publish import versus_store as store
from publish import versus_words as words
from publish.i18n import Translator
from publish.names import CRITERIA
from publish.queries import Row
from publish.telling import criterion_title, in_words
from publish.versus_lost import ByDigest, group_lost
from scoring.measures import MEASURES


@dataclass(frozen=True, slots=True)
class Side:
    """One of the two: whose score, as of which day (None: as things stand), by which profile, and that score."""

    kind: str
    name: str
    title: str
    day: date | None
    profile: str
    score: Row
    rubric: ByDigest | None

    @property
    def end(self) -> str:
        """The first moment after the day."""
        return store.end_of(self.day)


def lost_by(connection: sqlite3.Connection, side: Side) -> dict[str, float] | None:
    """Return the points each criterion takes from a side's score, None where that cannot be told."""
    if side.rubric is None or side.score["point"] is None:
        return None
    if side.kind == "dataset":
        members = [{**side.score, "datasets": 1}]
    else:
        members = store.members_at(connection, side.kind, side.name, side.profile, side.end)
    return group_lost(side.rubric, members, side.score["point"])


def criteria(
    connection: sqlite3.Connection, sides: tuple[Side, Side], lost: list[dict[str, float] | None], tr: Translator
) -> list[Row]:
    """Return every criterion and measure that either side knows, those a profile weighs first."""
    cells = [_cells(connection, side, tr) for side in sides]
    used = [side.rubric.rubric.used() if side.rubric else [] for side in sides]
    known = {*cells[0], *cells[1], *used[0], *used[1]}
    order = [name for name in dict.fromkeys([*used[0], *used[1], *CRITERIA]) if name in known]
    rows = []
    for name in order:
        a, b = (each.get(name) for each in cells)
        means = [cell["mean"] if cell else None for cell in (a, b)]
        points = [each.get(name) if each is not None else None for each in lost]
        rows.append({
            "criterion": name, "title": title_of(name, tr), "weighed": name in used[0] or name in used[1],
            "weights": [_weight(side, name) for side in sides], "cells": [a, b],
            "difference": means[0] - means[1] if means[0] is not None and means[1] is not None else None,
            "lost": points,
            "gives": None if lost[0] is None or lost[1] is None else (points[1] or 0.0) - (points[0] or 0.0),
        })  # fmt: skip
    return rows


def title_of(name: str, tr: Translator) -> str:
    """Return what a criterion or a measure is called in the reader's language."""
    return tr(MEASURES[name].title) if name in MEASURES else criterion_title(name, name, tr)


def _weight(side: Side, name: str) -> float | None:
    item = side.rubric.rubric.by_name.get(name) if side.rubric else None
    return item.weight if item else None


def _cells(connection: sqlite3.Connection, side: Side, tr: Translator) -> dict[str, Row]:
    """Return what a side answers to each criterion: a group's mean (0-1) and counts, or a dataset's own answer."""
    if side.kind == "dataset":
        answers = [in_words({**row, "evidence": words.evidence(row)}, tr) for row in
                   store.answers_at(connection, side.name, side.end)]  # fmt: skip
        found: dict[str, Row] = {
            row["criterion"]: {"mean": row["value"], "answer": {key: row[key] for key in
                               ("state", "mark", "word", "sentence", "reason", "value")}} for row in answers
        }  # fmt: skip
        items: dict[str, Any] = words.parts(side.score).get("items", {})
        measured = {name: {"mean": value, "answer": None} for name, value in items.items() if name in MEASURES}
        return {**found, **measured}
    counted: dict[str, Row] = {}
    for name, row in store.counts_at(connection, side.kind, side.name, side.end).items():
        counted[name] = {key: row[key] for key in ("mean", "yes", "partly", "no", "unknown")} | {"answer": None}
    # What the profile weighs as the profile itself reads it: one may count the portal's terms as no licence.
    own = side.rubric.rubric.criteria() if side.rubric else frozenset[str]()
    for name, row in store.elements_at(connection, side.kind, side.name, side.profile, side.end).items():
        if name not in own:
            continue  # a pillar
        counts = {"yes": 0, "partly": 0, "no": 0, "unknown": 0, **words.parts(row)}
        counted[name] = {
            "mean": None if row["point"] is None else row["point"] / 100, "answer": None,
            **{key: counts[key] for key in ("yes", "partly", "no", "unknown")},
        }  # fmt: skip
    return counted
