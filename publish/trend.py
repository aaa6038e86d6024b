"""A score over time: where it stood, where the rubric became another, and which answers changed it."""

import json
import sqlite3
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache
from typing import Any

from harvester.clock import HONG_KONG, parse_iso
from publish.i18n import Translator
from publish.names import CRITERIA, PROFILE
from publish.queries import Row, rows, whose

MAX_POINTS = 1500
"""Rows of history a page draws, the newest; the table underneath has all."""
MAX_PARTS = 6
WIDTH, HEIGHT = 360, 100
LEAST = 0.05
"""Points below which a part would be printed as nothing; those are told together."""

HISTORY = """
SELECT since, until, point, low, high, rubric_digest AS digest, run FROM (
    SELECT * FROM score WHERE subject_type = :kind {whose} AND profile = :profile
    AND pillar = '' AND point IS NOT NULL ORDER BY since DESC LIMIT :most)
ORDER BY since
"""
WHY = """
SELECT span, since, point_before, point, parts FROM explanation WHERE subject_type = :kind {whose}
ORDER BY span
"""
ANEW = (
    "SELECT at, old_digests, rubric_digest, moments, replaced FROM rescore WHERE profile = ? ORDER BY at DESC LIMIT 3"
)


def of_subject(connection: sqlite3.Connection, kind: str, subject: str | None, tr: Translator) -> Row:
    """Return a subject's score over time in the leading profile (the portal's where ``subject`` is None), in words.

    A dataset's comes with its ``line``; those of the portal and of providers are stored as charts.
    """
    values = {"kind": kind, "subject": subject, "profile": PROFILE, "most": MAX_POINTS}
    history = rows(connection, HISTORY.format(whose=whose(subject)), values)
    why = {row["span"]: told(row, tr) for row in rows(connection, WHY.format(whose=whose(subject)), values)}
    return {
        "line": line(history) if kind == "dataset" else "", "marks": marks(history),
        "finding": finding(history, tr), "moments": len(history), "last": why.get("last"), "month": why.get("month"),
        "first": history[0]["since"] if history else None,
        "anew": [{**row, "old_digests": json.loads(row["old_digests"])} for row in rows(connection, ANEW, [PROFILE])],
    }  # fmt: skip


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch of time without a gap under one rubric.

    ``stands`` are a day in Hong Kong and the point, low and high (0-100) that stood from its evening on until the next
    one's, the last until ``end``.
    """

    digest: str
    stands: tuple[tuple[date, float, float, float], ...]
    end: date


def pieces(history: Sequence[Row], today: date) -> list[Piece]:
    """Return scores that followed one another as stretches of days, at most one stand a day: the day's last.

    ``history`` are rows of table score in the order of ``since``, each with a point, with their rubric as ``digest``;
    one that still stands does so to the end of ``today``. What was replaced before its day was over is left out.
    """
    found: list[tuple[str, dict[date, tuple[float, float, float]], date]] = []
    until = None
    for row in history:
        begin, digest = _day(row["since"]), row["digest"]
        end = _day(row["until"]) if row["until"] else max(begin, today) + timedelta(days=1)
        stands = found[-1][1] if found and until == row["since"] and found[-1][0] == digest else None
        if stands is None:
            found.append((digest, {}, end))
            stands = found[-1][1]
        stands[begin] = (row["point"], row["low"], row["high"])
        found[-1] = (digest, stands, end)
        until = row["until"]
    lasting = [(digest, [(day, *stand) for day, stand in stands.items() if day < end], end)
               for digest, stands, end in found]  # fmt: skip
    return [Piece(digest, tuple(stands), end) for digest, stands, end in lasting if stands]


def thinned(found: Sequence[Piece], most: int) -> list[Piece]:
    """Return stretches with about ``most`` stands at most: of equally many days each, the last, and every beginning."""
    if not found:
        return []
    first = found[0].stands[0][0]
    step = max(1, -(-(found[-1].end - first).days // most))
    thin = []
    for piece in found:
        last = {(stand[0] - first).days // step: stand for stand in piece.stands}
        kept = dict.fromkeys([piece.stands[0], *last.values()])
        thin.append(Piece(piece.digest, tuple(kept), piece.end))
    return thin


def line(history: Sequence[Row]) -> str:
    """Return the score over time as the points of a stepped line, 360 wide and 100 high; empty for a single row."""
    if len(history) < 2:  # noqa: PLR2004 - a line has two ends
        return ""
    places = _places(history)
    points = []
    for number, (place, row) in enumerate(zip(places, history, strict=True)):
        if number:
            points.append(f"{place:.1f},{HEIGHT - history[number - 1]['point']:.1f}")
        points.append(f"{place:.1f},{HEIGHT - row['point']:.1f}")
    return " ".join([*points, f"{WIDTH},{HEIGHT - history[-1]['point']:.1f}"])


def finding(history: Sequence[Row], tr: Translator) -> str:
    """Return what a score over time shows: where it stands, how far it moved, its lowest and highest.

    Only what the rubric of today made is compared; empty where there is no history.
    """
    if not history:
        return ""
    places = [number for number, row in enumerate(history) if row["digest"] != history[-1]["digest"]]
    alike = history[places[-1] + 1 if places else 0 :]
    first, last = alike[0], alike[-1]
    if first is last:
        return tr("{now} of 100 since {day}.", now=tr.number(last["point"], 1), day=tr.day(last["since"]))
    low, high = (pick(alike, key=lambda row: float(row["point"])) for pick in (min, max))
    return tr(
        "{now} of 100 on {day}, {change} since {first}; lowest {low} ({low_day}), highest {high} ({high_day}).",
        now=tr.number(last["point"], 1), day=tr.day(last["since"]), change=signed(last["point"] - first["point"], tr),
        first=tr.day(first["since"]), low=tr.number(low["point"], 1), low_day=tr.day(low["since"]),
        high=tr.number(high["point"], 1), high_day=tr.day(high["since"]),
    )  # fmt: skip


def marks(history: Sequence[Row]) -> list[Row]:
    """Return where the rubric became another: the place on the line, the moment, and both digests."""
    if len({row["digest"] for row in history}) < 2:  # noqa: PLR2004 - another rubric makes two
        return []
    places = _places(history)
    return [
        {"x": round(places[number], 1), "at": row["since"], "old": history[number - 1]["digest"], "new": row["digest"]}
        for number, row in enumerate(history)
        if number and row["digest"] != history[number - 1]["digest"]
    ]


@lru_cache(maxsize=2048)
def _day(moment: str) -> date:
    return parse_iso(moment).astimezone(HONG_KONG).date()


def _places(history: Sequence[Row]) -> list[float]:
    moments = [parse_iso(row["since"]).timestamp() for row in history]
    if not moments:
        return []
    # The newest row stands to this day; a tenth of the span is drawn for it.
    whole = (moments[-1] - moments[0]) * 1.1 or 1.0
    return [WIDTH * (moment - moments[0]) / whole for moment in moments]


def told(row: Mapping[str, Any], tr: Translator) -> Row:
    """Return a stored explanation in words: the change, since when, and its parts, the largest first."""
    parts = json.loads(row["parts"])
    shown = [part for part in parts if abs(part["points"]) >= LEAST][:MAX_PARTS]
    rest = sum(part["points"] for part in parts) - sum(part["points"] for part in shown)
    sentences = [{"points": signed(part["points"], tr), "words": words(part, tr)} for part in shown]
    if abs(rest) >= LEAST:
        sentences.append({"points": signed(rest, tr), "words": tr("smaller changes")})
    return {
        "since": row["since"], "before": row["point_before"], "now": row["point"],
        "change": signed(row["point"] - row["point_before"], tr), "parts": sentences,
    }  # fmt: skip


def signed(points: float, tr: Translator) -> str:
    """Return points with their sign, to one decimal: +6.2, −1.3."""
    text = tr.number(abs(points), 1)
    if text == tr.number(0, 1):
        return "0"
    return f"{'+' if points > 0 else '−'}{text}"


def words(part: Mapping[str, Any], tr: Translator) -> str:
    """Return what one part of a change is, in the reader's words: "14 files mended", "2 links that stopped working"."""
    what, way = part["what"], part["way"]
    files, datasets = (tr.number(part[name]) for name in ("resources", "datasets"))
    if way == "rubric":
        return tr("the rubric is another")
    if way == "came":
        return tr("datasets that came, or can be scored now: {number}", number=datasets)
    if way == "left":
        return tr("datasets that left, or cannot be scored now: {number}", number=datasets)
    if part["resources"] and what in ("online", "machine_readable"):
        known = {
            ("online", "better"): tr("links that work again: {number}", number=files),
            ("online", "worse"): tr("new dead links: {number}", number=files),
            ("machine_readable", "better"): tr("files mended: {number}", number=files),
            ("machine_readable", "worse"): tr("files that became hard to read: {number}", number=files),
        }
        return known[what, way]
    title = tr(CRITERIA.get(what, what))
    texts = {
        "better": tr("{criterion} better in datasets: {number}", criterion=title, number=datasets),
        "worse": tr("{criterion} worse in datasets: {number}", criterion=title, number=datasets),
        "learnt": tr("{criterion} now known in datasets: {number}", criterion=title, number=datasets),
        "lost": tr("{criterion} no longer known in datasets: {number}", criterion=title, number=datasets),
    }
    return texts[way]
