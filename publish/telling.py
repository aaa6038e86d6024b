"""Rows of the catalogue with their names, criteria and reasons in the reader's words."""

from collections.abc import Sequence
from math import prod

from publish.i18n import Translator
from publish.names import CRITERIA, NOT_APPLICABLE, RUBRIC, VALUES
from publish.queries import Row
from publish.safe import short
from publish.sentences import told
from scoring.rubric import Rubric

LEAST = 0.05
"""Points below which a loss would be printed as nothing."""


def named(row: Row, tr: Translator) -> Row:
    """Return ``row`` with its title (and its provider's) in the reader's language, its name where it has none."""
    named = {**row, "title": short(tr.title(row) or row.get("name") or row.get("slug") or row.get("dataset"))}
    if "provider_en" in row:
        named["provider_title"] = short(tr.title(prefixed(row, "provider")) or row["provider"])
    return named


def prefixed(row: Row, prefix: str) -> Row:
    """Return the trilingual title that ``row`` holds under another prefix, as a row of its own."""
    return {f"title_{end}": row[f"{prefix}_{end}"] for end in ("en", "tc", "sc")}


def losses(parts: Sequence[Row], rubric: Rubric = RUBRIC) -> list[Row]:
    """Return the three criteria that take most from a mean score, each with ``taken``, about so many points.

    ``rubric`` is the profile that leads. A gate takes what its mean factor keeps back, an item its share of what the
    gates let through, a modifier its points; an unknown takes nothing. The parts overlap within a dataset, so the
    points are near and not exact.
    """
    found = {row["id"]: row for row in parts}
    gates = {gate.criterion: _mean(found.get(gate.criterion), gate.yes, gate.partly, gate.no) for gate in rubric.gates}
    through = prod(gates.values())
    taken = {name: 100 * (1 - factor) for name, factor in gates.items()}
    for each in rubric.modifiers:
        taken[each.criterion] = 1 - _mean(found.get(each.criterion), 1, 1 - each.partly, 1 - each.no)
    known = [row for row in parts if row["weight"] and row["mean"] is not None]
    whole = sum(row["weight"] for row in known)
    for row in known:
        taken[row["id"]] = 100 * through * row["weight"] * (1 - row["mean"]) / whole
    worst = sorted((name for name in taken if taken[name] >= LEAST), key=lambda name: -taken[name])[:3]
    return [{**found[name], "taken": taken[name]} for name in worst]


def _mean(row: Row | None, yes: float, partly: float, no: float) -> float:
    """Return the mean of a value over a criterion's answers, an unknown counted as a yes; 1 where there are none."""
    if row is None:
        return 1.0
    unknown = row["unknown"] + row["apart"]
    count = row["yes"] + row["partly"] + row["no"] + unknown
    return float((yes * (row["yes"] + unknown) + partly * row["partly"] + no * row["no"]) / count) if count else 1.0


def criterion_title(name: str, english: str, tr: Translator) -> str:
    """Return what a criterion is called in the reader's language."""
    return tr(CRITERIA.get(name, english))


def in_words(row: Row, tr: Translator) -> Row:
    """Return an answer or a task with its sentence, its mend and its criterion in the reader's words."""
    why, mend = told(tr, row["criterion"], row["reason"], row["evidence"])
    said = {
        **row,
        "criterion_title": criterion_title(row["criterion"], row["criterion_en"], tr),
        "sentence": why,
        "mend": mend,
    }
    if "value" in row:
        said["state"], said["mark"], word = VALUES.get(row["value"], VALUES[None])
        if row["value"] is None and not row["applies"]:
            said["state"], said["mark"], word = NOT_APPLICABLE
        said["word"] = tr(word)
    if "title_en" in row:
        said["title"] = short(tr.title(row) or row["dataset"])
        said["resource_title"] = short(tr.title(prefixed(row, "resource")) or row["resource"])
    return said
