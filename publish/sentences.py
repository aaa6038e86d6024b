"""An answer's reason as a sentence in the reader's language, filled with the facts that were stored with it."""

import re
from collections.abc import Mapping
from typing import Any

from publish.i18n import Translator, mark
from publish.names import defect_name
from publish.safe import short
from scoring.measures import say_measure
from scoring.words import messages, say, words_for

NO_SENTENCE = mark("No sentence is known for this reason: {reason}.")
PLACES = re.compile(r"\{(\w+)\}")
DAY = re.compile(r"^\d{4}-\d{2}-\d{2}(T\d{2}:\d{2}:\d{2}Z)?$")
DAYS = frozenset({"age", "period", "periods"})
COUNTS = frozenset({
    "rows", "count", "periods", "bytes", "declared", "others", "files", "groups", "columns", "sections", "errors",
    "cells", "second_rows",
})  # fmt: skip
AS_WRITTEN = frozenset({"value"})
"""What a cell says, which is told as it stands in the file."""
SHORT_SPAN = 3
"""Spans of time: below so many days (or periods) a decimal tells something, above it only looks exact."""
MAX_FACT = 200
"""Characters of one fact in a sentence: a harvested address or label may be endless."""


def told(tr: Translator, criterion: str, reason: str, evidence: Mapping[str, Any]) -> tuple[str, str]:
    """Return why an answer is what it is and what would mend it (empty where nothing needs mending), filled and plain.

    ``evidence`` is what scoring stored: facts by name under ``facts``. Days are written as the reader writes them.
    """
    stored = evidence.get("facts")
    facts = {str(name): _shown(tr, name, value) for name, value in stored.items()} if isinstance(stored, dict) else {}
    try:
        why, mend = say(criterion, reason, facts, tr)
    except KeyError:
        return tr(NO_SENTENCE, reason=short(reason, 80)), ""
    return (why.replace("。 ", "。"), mend.replace("。 ", "。")) if tr.language != "en" else (why, mend)


def outline(tr: Translator, criterion: str, reason: str) -> str:
    """Return a reason's sentence with an ellipsis for each fact, as the method page lists it."""
    try:
        words = words_for(criterion, reason)
    except KeyError:
        return tr(NO_SENTENCE, reason=reason)
    return blank(tr(words.evidence))


def blank(sentence: str) -> str:
    """Return a sentence with an ellipsis for each fact it is to be filled with."""
    return PLACES.sub("…", sentence)


def told_measure(tr: Translator, measure: str, reason: str, evidence: Mapping[str, Any]) -> str:
    """Return what a measure came to as a sentence, filled with the facts stored with it."""
    stored = evidence.get("facts")
    facts = {str(name): _counted(tr, value) for name, value in stored.items()} if isinstance(stored, dict) else {}
    try:
        return say_measure(measure, reason, facts, tr)
    except KeyError:
        return tr(NO_SENTENCE, reason=short(reason, 80))


def _counted(tr: Translator, value: object) -> str | int | float:
    if isinstance(value, float):
        return tr.number(value, 0 if value >= SHORT_SPAN or value.is_integer() else 1)
    return value if isinstance(value, int) else short(str(value), MAX_FACT) or "–"


def templates() -> list[str]:
    """Return every English template of a sentence or a mend: what the message catalogues must hold."""
    return messages()


def _shown(tr: Translator, name: str, value: object) -> str | int | float:
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        return short(str(value), MAX_FACT)
    if isinstance(value, str) and name not in AS_WRITTEN and DAY.match(value):
        return tr.day(value if "T" in value else f"{value}T00:00:00Z")
    if isinstance(value, float) and name in DAYS:
        return tr.number(value, 0 if value >= SHORT_SPAN or value.is_integer() else 1)
    if isinstance(value, int) and name in COUNTS:
        return tr.number(value)
    if name == "defect":
        return defect_name(str(value), tr)
    return short(value, MAX_FACT) or "–" if isinstance(value, str) else value
