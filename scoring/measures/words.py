"""Each measure's sentence of evidence, in English: message ids that the publish room translates and fills."""

from collections.abc import Mapping

from scoring.measures.base import MEASURED, NO_SUCH_FIELD, NOT_REACHED, REGISTRY, TERMS

SHARED: Mapping[str, str] = {
    NO_SUCH_FIELD: "The portal’s records have no field for this.",
    NOT_REACHED: "What this takes could not be looked at, so it is not known.",
    TERMS: "The record names no licence; whether the portal’s terms stand in for one is the profile’s rule.",
    "none-given": "There is none in the record, so there is nothing to test.",
    "no-table": "The dataset holds no table, so the question does not arise.",
}
"""Reasons that mean the same for every measure."""


def sentence_for(measure: str, reason: str) -> str:
    """Return the sentence of evidence for a measure's reason, unfilled. Raises KeyError where there is none."""
    return REGISTRY[measure].sentence if reason == MEASURED else SHARED[reason]


def messages() -> list[str]:
    """Return every message id of the measures to translate, titles too, each once, sorted."""
    told = {text for each in REGISTRY.values() for text in (each.title, each.sentence)}
    return sorted(told | set(SHARED.values()))
