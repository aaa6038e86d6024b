"""Each reason's sentence of evidence and its sentence of mending, in English.

The sentences are the message ids that the publish room translates; the names in braces are filled from the answer's
facts afterwards, so a translation keeps them. Values that are words of ours (a language, a field of the record) are
message ids too: see ``VALUES``. Sentences state what was seen; they never blame.
"""

import re
from collections.abc import Callable, Mapping

from scoring.criteria.base import Fact
from scoring.sentences.datasets import SENTENCES as DATASETS
from scoring.sentences.ones import in_ones
from scoring.sentences.resources import SENTENCES as RESOURCES
from scoring.sentences.states import messages as state_messages
from scoring.sentences.words import Words

LAST_WORKED = "It last worked on {last_ok}."
"""Follows the evidence where the facts hold ``last_ok``."""

DOWN_SINCE = "It has been so since {down_since}, in {down_visits} visits."
"""Follows the evidence where the facts hold ``down_since``."""

ASKED_EXAMPLE = "The example that was asked for: {example}"
"""Follows the evidence where the facts hold ``example``."""

IN_ROWS = "Rows: {in_rows} ({cells} in all)."
"""Follows the evidence where the facts hold ``in_rows``: the first rows, counted as the file counts them."""

IN_RECORDS = "Records: {in_records} ({cells} in all)."
"""Follows the evidence where the facts hold ``in_records``."""

AFTER = {
    "down_since": DOWN_SINCE, "last_ok": LAST_WORKED, "example": ASKED_EXAMPLE, "in_rows": IN_ROWS,
    "in_records": IN_RECORDS,
}  # fmt: skip
"""What follows the evidence, by the fact that calls for it."""

SHARED: Mapping[str, Words] = {
    "not-reached": Words(
        "The file could not be looked at, so this is not known.", "See the answer for “Available online” first."
    ),
    "no-resources": Words("The record lists no resource.", "Add the files or APIs of the dataset to its record."),
    "not-a-table": Words("This is not a table, so the question does not arise."),
}
"""Reasons that mean the same for every criterion."""

WORDS: Mapping[tuple[str, str], Words] = {**RESOURCES, **DATASETS}

ALSO: Mapping[str, Words] = {
    f"also_{reason.replace('-', '_')}": WORDS["shape", reason]
    for reason in ("several-tables", "section-rows", "merged-cells", "formula-errors")
}
"""Follow the evidence and the mend where the facts hold their names: what else is wrong beside the reason."""

VALUES: Mapping[str, str] = {
    "en": "English", "tc": "Traditional Chinese", "sc": "Simplified Chinese",
    "title": "title", "notes": "description", "maintainer": "contact name", "provider": "provider's name",
    "frequency": "update frequency", "contact": "contact", "category": "category", "dictionary": "data dictionary",
    "dates": "dates", "created": "date of creation", "modified": "date of modification",
    "published": "date of publication", "temporal_from": "start of the time covered",
    "temporal_to": "end of the time covered",
    "speed": "speed", "wind speed": "wind speed", "occupancy": "occupancy", "percentage": "percentage",
    "humidity": "humidity", "temperature": "temperature", "rainfall": "rainfall", "acidity": "pH value", "age": "age",
    "count": "count", "latitude": "latitude", "longitude": "longitude", "easting": "easting",
    "northing": "northing", "date": "date",
}  # fmt: skip
"""Values of facts that are words of ours, as message ids."""

OUR_WORDS = frozenset({"language", "field", "other", "missing", "what"})
"""Facts whose values are looked up in ``VALUES`` (a list with commas: each)."""


def words_for(criterion: str, reason: str) -> Words:
    """Return the words for a reason. Raises KeyError where there are none."""
    return WORDS.get((criterion, reason)) or SHARED[reason]


def say(
    criterion: str, reason: str, facts: Mapping[str, Fact], translate: Callable[[str], str] = str
) -> tuple[str, str]:
    """Return the sentence of evidence and that of mending, translated and filled with ``facts``.

    ``translate`` takes an English message id and returns the sentence in the reader's language.
    """
    words = words_for(criterion, reason)
    shown = {name: _shown(name, value, translate) for name, value in facts.items()}
    evidence = fill(translate(words.evidence), shown)
    for name, after in AFTER.items():
        if name in facts:
            evidence = f"{evidence} {fill(translate(after), shown)}"
    mend = fill(translate(words.mend), shown) if words.mend else ""
    for name in filter(facts.__contains__, ALSO):
        evidence = f"{evidence} {fill(translate(ALSO[name].evidence), shown)}"
        mend = f"{mend} {fill(translate(ALSO[name].mend), shown)}".strip()
    return evidence, mend


def _shown(name: str, value: Fact, translate: Callable[[str], str]) -> str:
    if name not in OUR_WORDS:
        return f"{value:g}" if isinstance(value, float) else str(value)
    return ", ".join(translate(VALUES[part]) if part in VALUES else part for part in str(value).split(", "))


def fill(sentence: str, values: Mapping[str, str]) -> str:
    """Return ``sentence`` with its names in braces replaced, and what is not known as a dash.

    Values come from strangers' files, so they are put in as they are: a brace in one is not a name.
    """
    return re.sub(r"\{(\w+)\}", lambda match: values.get(match.group(1), "-"), in_ones(sentence, values))


def messages() -> list[str]:
    """Return every message id there is to translate, each once, sorted."""
    pairs = [*WORDS.values(), *SHARED.values()]
    sentences = {text for words in pairs for text in (words.evidence, words.mend) if text}
    return sorted(sentences | set(VALUES.values()) | {*AFTER.values(), *state_messages()})
