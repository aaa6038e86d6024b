"""Rows of the catalogue with their names, criteria and reasons in the reader's words."""

from collections.abc import Sequence

from publish.i18n import Translator
from publish.names import APART, CRITERIA, NOT_APPLICABLE, VALUES
from publish.queries import Row
from publish.safe import short
from publish.sentences import outline, remedy, told

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


def losses(parts: Sequence[Row]) -> list[Row]:
    """Return the three weighed criteria that take most from the score, each with ``taken``, about so many points."""
    whole = sum(row["weight"] or 0 for row in parts if row["mean"] is not None)
    lost = [
        {**row, "taken": 100 * row["weight"] * (1 - row["mean"]) / whole}
        for row in parts
        if row["weight"] and row["mean"] is not None
    ]
    return sorted((row for row in lost if row["taken"] >= LEAST), key=lambda row: -float(row["taken"]))[:3]


def outlined(row: Row, tr: Translator) -> Row:
    """Return a fault common to many datasets with its criterion, its sentence and its mend in the reader's words."""
    return {
        **row,
        "criterion_title": criterion_title(row["criterion"], row["criterion_en"], tr),
        "sentence": outline(tr, row["criterion"], row["reason"]),
        "mend": remedy(tr, row["criterion"], row["reason"]),
    }


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
        if row["value"] is None and row["reason"] in APART:
            said["state"], said["mark"], word = NOT_APPLICABLE
        said["word"] = tr(word)
    if "title_en" in row:
        said["title"] = short(tr.title(row) or row["dataset"])
        said["resource_title"] = short(tr.title(prefixed(row, "resource")) or row["resource"])
    return said
