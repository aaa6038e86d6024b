"""What each criterion takes from a score, in points that add up: from 100 (every answer yes) down to the score.

It is the method of `scoring.explain`, from the best answers to those that stood: each answer is put in place, one at a
time, in the rubric's order and in its reverse, and what its two steps take is averaged. So what two subjects lose, laid
beside each other, explains the whole difference between their scores.
"""

import json
import sqlite3
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cache, lru_cache

from publish.queries import Row, one
from scoring.explain import contributions
from scoring.rubric import Gate, Modifier, Rubric, load_rubrics
from scoring.rubric_store import read_again
from scoring.score import score_values

MAX_SETS = 1500
"""Different sets of answers taken apart for one page: so many take about a second the first time."""
EXACT = 0.01
"""Points by which a score made again may miss the one that is stored, before nothing is said of its parts."""


@dataclass(frozen=True, slots=True)
class ByDigest:
    """A rubric that can be looked up by: two are the same where what counts in them is."""

    digest: str
    rubric: Rubric = field(compare=False)


@cache
def _shipped() -> Mapping[str, Rubric]:
    return {rubric.digest: rubric for rubric in load_rubrics()}


@lru_cache(maxsize=64)
def _read(text: str, profile: str) -> Rubric | None:
    return read_again(text, profile)


def rubric_of(connection: sqlite3.Connection, profile: str, digest: str) -> ByDigest | None:
    """Return the rubric that scores were made by: ours, or as the catalogue keeps it; None where neither has it."""
    rubric = _shipped().get(digest)
    if rubric is None:
        kept = one(connection, "SELECT text FROM rubric WHERE digest = ?", [digest])
        rubric = _read(kept["text"], profile) if kept else None
    return ByDigest(digest, rubric) if rubric else None


def group_lost(rubric: ByDigest, members: Iterable[Row], point: float) -> dict[str, float] | None:
    """Return the points (0-100) each criterion takes from the mean of ``members``, which add up to 100 - ``point``.

    What no criterion can be said to take stands under the empty name: that of datasets whose point their bounds hold
    down, where one answer waits for another that is unknown.

    ``members`` are scores of datasets, each with its ``point``, ``parts``, ``digest`` and how many ``datasets`` have
    it. None where they were made by another rubric, are too many, or do not give ``point``.
    """
    found = list(members)
    count = sum(row["datasets"] for row in found)
    if not count or len(found) > MAX_SETS or any(row["digest"] != rubric.digest for row in found):
        return None
    if abs(sum(row["point"] * row["datasets"] for row in found) / count - point) > EXACT:
        return None
    lost: dict[str, float] = dict.fromkeys(rubric.rubric.used(), 0.0)
    for row in found:
        for name, points in _lost(rubric, row["parts"], row["point"]).items():
            lost[name] = lost.get(name, 0.0) + points * row["datasets"] / count
    return lost


@lru_cache(maxsize=20_000)
def _lost(rubric: ByDigest, stored: str, point: float) -> Mapping[str, float]:
    """Return what each criterion takes from one dataset's score; all under the empty name where its parts do not."""
    parts = json.loads(stored)
    values = values_of(rubric.rubric, parts)
    apart = frozenset(parts.get("apart", ()))

    def score(given: Mapping[str, float | None]) -> float:
        return score_values(rubric.rubric, given, apart=apart).point or 0.0

    best: dict[str, float | None] = dict.fromkeys(values, 1.0)
    if abs(score(values) - point) > EXACT:
        return {"": 100.0 - point}
    return {name: -points for name, points in contributions(best, values, rubric.rubric.used(), score).items()}


def values_of(rubric: Rubric, parts: Mapping[str, Mapping[str, float | None]]) -> dict[str, float | None]:
    """Return the answers (0-1, None: unknown) that a dataset's stored ``parts`` were made of."""
    assumed = parts.get("assumed", ())
    return {
        **parts.get("items", {}),
        **{each.criterion: None if each.criterion in assumed else _let_through(each, parts["gates"][each.criterion])
           for each in rubric.gates if each.criterion in parts.get("gates", {})},
        **{each.criterion: _taken(each, -(parts["modifiers"][each.criterion] or 0.0))
           for each in rubric.modifiers if each.criterion in parts.get("modifiers", {})},
    }  # fmt: skip


def _let_through(gate: Gate, factor: float | None) -> float | None:
    """Return the answer at which a gate multiplies by ``factor``: `scoring.score.gate_factor`, the other way round."""
    if factor is None or factor >= gate.yes:
        return 1.0
    if factor >= gate.partly:
        return 0.5 + 0.5 * (factor - gate.partly) / (gate.yes - gate.partly)
    return 0.5 * max(factor - gate.no, 0.0) / (gate.partly - gate.no)


def _taken(modifier: Modifier, points: float) -> float | None:
    """Return the answer at which a modifier takes ``points``: `scoring.score.deduction`, the other way round."""
    if points <= 0:
        return 1.0
    if points <= modifier.partly:
        return 1.0 - 0.5 * points / modifier.partly
    return 0.5 - 0.5 * min(points - modifier.partly, modifier.no - modifier.partly) / (modifier.no - modifier.partly)
