"""Each measure's sentence of evidence, in English: message ids that the publish room translates and fills."""

from collections.abc import Callable, Mapping

from scoring.criteria.base import Fact
from scoring.measures.base import MEASURED, NO_SUCH_FIELD, NOT_REACHED, REGISTRY, TERMS
from scoring.words import fill

SHARED: Mapping[str, str] = {
    NO_SUCH_FIELD: "The portal’s records have no field for this.",
    NOT_REACHED: "What this takes could not be looked at, so it is not known.",
    TERMS: "The record names no licence; whether the portal’s terms stand in for one is the profile’s rule.",
    "none-given": "There is none in the record, so there is nothing to test.",
    "no-table": "The dataset holds no table, so the question does not arise.",
}
"""Reasons that mean the same for every measure."""

FLAGS = frozenset({"filled", "stated", "kept"})
"""Facts that say whether something is so, and are told in a word where the sentence does not count them."""
FLAG_WORDS: Mapping[str, str] = {"1": "yes", "0.5": "partly", "0": "no", "-": "not known"}

ALL_SEEN: Mapping[str, str] = {
    "{having} of {of} resources; {unknown} of them could not be looked at.": "{having} of {of} resources.",
    "Its best format has {stars} of five stars; {unknown} of {of} resources could not be looked at.":
        "Its best format has {stars} of five stars.",
}  # fmt: skip
"""What is said where ``unknown`` is nought: nothing of what could not be looked at."""


def sentence_for(measure: str, reason: str) -> str:
    """Return the sentence of evidence for a measure's reason, unfilled. Raises KeyError where there is none."""
    return REGISTRY[measure].sentence if reason == MEASURED else SHARED[reason]


def say_measure(
    measure: str, reason: str, facts: Mapping[str, Fact], translate: Callable[[str], str] = lambda text: text
) -> str:
    """Return a measure's sentence of evidence, translated and filled with its facts, whose numbers stand as given.

    Raises KeyError where there is no such measure or reason.
    """
    sentence = sentence_for(measure, reason)
    if facts.get("unknown") == 0:
        sentence = ALL_SEEN.get(sentence, sentence)
    shown = {name: str(value) for name, value in facts.items()}
    if "{of}" not in sentence:
        told = {name: FLAG_WORDS[shown[name]] for name in FLAGS & set(shown) if shown[name] in FLAG_WORDS}
        shown |= {name: translate(word) for name, word in told.items()}
    return fill(translate(sentence), shown)


def messages() -> list[str]:
    """Return every message id of the measures to translate, titles too, each once, sorted."""
    told = {text for each in REGISTRY.values() for text in (each.title, each.sentence)}
    return sorted(told | {*SHARED.values(), *FLAG_WORDS.values(), *ALL_SEEN.values()})
