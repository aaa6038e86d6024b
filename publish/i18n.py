"""The three languages: messages from the .po catalogues, and numbers and dates as each reader writes them."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache, lru_cache
from importlib.resources import files
from typing import Any

from babel.dates import format_date
from babel.messages.pofile import read_po
from babel.numbers import format_decimal

from harvester.clock import HONG_KONG, parse_iso
from harvester.records import LANGUAGES, Language
from scoring.sentences.ones import in_ones

LOCALES: Mapping[Language, str] = {"en": "en_GB", "tc": "zh_Hant_HK", "sc": "zh_Hans"}
TAGS: Mapping[Language, str] = {"en": "en", "tc": "zh-Hant-HK", "sc": "zh-Hans"}
"""BCP 47 tags for the ``lang`` and ``hreflang`` attributes."""
NAMES: Mapping[Language, str] = {"en": "English", "tc": "繁體中文", "sc": "简体中文"}

WRITTEN = 10_000
"""Numbers, days and addresses kept as they were written last: a page says the same few again and again."""


def mark(message: str) -> str:
    """Return ``message`` as it is; its presence in the code is what the message catalogues are held to."""
    return message


@cache
def catalogue(language: Language) -> Mapping[str, str]:
    """Return the translations of ``language``, English message to its own; empty for English."""
    if language == "en":
        return {}
    path = files("publish").joinpath("locale", LOCALES[language], "LC_MESSAGES", "messages.po")
    with path.open("rb") as source:
        return {
            message.id: message.string
            for message in read_po(source)
            if isinstance(message.id, str) and isinstance(message.string, str) and message.id and message.string
        }


@dataclass(frozen=True, slots=True)
class Translator:
    """One reader's language: call it with an English message and the values of its placeholders."""

    language: Language

    def __call__(self, message: str, **values: object) -> str:
        """Return ``message`` in the reader's language, each ``{name}`` replaced by its value, once."""
        text = catalogue(self.language).get(message, message)
        return fill(in_ones(text, values), values) if values else text

    def number(self, value: float | None, decimals: int = 0) -> str:
        """Return a number with its separators and at most ``decimals`` decimals; a dash for None."""
        if value is None:
            return "–"
        return _number(LOCALES[self.language], value, decimals)

    def percent(self, share: float | None) -> str:
        """Return a share of 0-1 as whole per cent; a dash for None."""
        return "–" if share is None else f"{self.number(share * 100)}%"

    def size(self, count: int | None) -> str:
        """Return a number of bytes in B, KB or MB of a thousand."""
        if count is None:
            return "–"
        for unit, step in (("MB", 1_000_000), ("KB", 1_000)):
            if count >= step:
                return f"{self.number(count / step, 1)} {unit}"
        return f"{self.number(count)} B"

    def moment(self, text: str | None) -> str:
        """Return an ISO UTC time as a Hong Kong date and time of day; what cannot be read as it stands."""
        when = _moment(text)
        if when is None:
            return text or "–"
        return f"{_day(LOCALES[self.language], when.date())} {when:%H:%M}"

    def day(self, text: str | None) -> str:
        """Return an ISO UTC time as a Hong Kong date; what cannot be read as it stands."""
        when = _moment(text)
        return _day(LOCALES[self.language], when.date()) if when else (text or "–")

    def title(self, row: Mapping[str, Any], field: str = "title") -> str | None:
        """Return a trilingual field of ``row`` in the reader's language, else in whichever language has it."""
        order = (self.language, *(other for other in LANGUAGES if other != self.language))
        return next((row[f"{field}_{one}"] for one in order if row[f"{field}_{one}"]), None)


def day_or_text(text: str | None) -> str:
    """Return an ISO UTC time as an ISO date in Hong Kong, for a spreadsheet; what cannot be read as it stands."""
    when = _moment(text)
    return when.date().isoformat() if when else (text or "")


@lru_cache(maxsize=WRITTEN)
def _number(locale: str, value: float, decimals: int) -> str:
    return format_decimal(value, format="#,##0" + ("." + "0" * decimals if decimals else ""), locale=locale)


@lru_cache(maxsize=WRITTEN)
def _day(locale: str, day: date) -> str:
    return format_date(day, "long", locale=locale)


@lru_cache(maxsize=WRITTEN)
def _moment(text: str | None) -> datetime | None:
    try:
        return parse_iso(text or "").astimezone(HONG_KONG)
    except ValueError:
        return None


def fill(template: str, values: Mapping[str, object]) -> str:
    """Return ``template`` with each ``{name}`` that ``values`` has replaced by it, in one pass.

    Not str.format: a harvested value may hold braces, and a template must never reach an attribute of a value.
    """
    first, *pieces = _pieces(template)
    told = [first]
    for name, text in zip(pieces[::2], pieces[1::2], strict=True):
        told.append(str(values[name]) if name in values else "{" + name + "}")
        told.append(text)
    return "".join(told)


@lru_cache(maxsize=WRITTEN)
def _pieces(template: str) -> tuple[str, ...]:
    """Return a template as text, name, text, name, ... text."""
    parts: list[str] = []
    rest = template
    while True:
        before, opening, after = rest.partition("{")
        name, closing, later = after.partition("}")
        if not opening or not closing:
            return (*parts, rest)
        parts += [before, name]
        rest = later
