"""An answer's reason as a sentence in the reader's language, filled with the facts that were stored with it."""

from collections.abc import Mapping
from typing import Any

from publish.i18n import Translator, mark
from publish.safe import short

NO_SENTENCE = mark("No sentence is known for this reason: {reason}.")
NO_SENTENCE_MEND = ""


def sentence(tr: Translator, criterion: str, reason: str, evidence: Mapping[str, Any]) -> str:
    """Return why the answer is what it is."""
    return tr(NO_SENTENCE, reason=reason)


def mend(tr: Translator, criterion: str, reason: str, evidence: Mapping[str, Any]) -> str:
    """Return what would mend it, an empty string where nothing needs mending."""
    return NO_SENTENCE_MEND


def outline(tr: Translator, criterion: str, reason: str) -> str:
    """Return a reason's sentence with a dash for each fact, as the method page lists it."""
    return tr(NO_SENTENCE, reason=reason)


def templates() -> list[str]:
    """Return every English template of a sentence or a mend: what the message catalogues must hold."""
    return []
