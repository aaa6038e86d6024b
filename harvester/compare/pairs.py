"""Which resources of a dataset are one table in several languages: by the marks of language in addresses and titles."""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations

from harvester.records import LANGUAGES, Language

_MARKS: dict[str, Language] = {
    **dict.fromkeys(("en", "eng", "english", "enus", "engb", "enhk", "e"), "en"),
    **dict.fromkeys(
        ("tc", "cht", "chi", "chinese", "zhhant", "zhhk", "zhtw", "zh", "b5", "big5", "uc", "trad", "c", "t"), "tc"
    ),
    **dict.fromkeys(("sc", "chs", "zhhans", "zhcn", "cn", "gb", "simp", "s"), "sc"),
}
"""The marks by which departments tell a file's language; ``chi`` and ``c`` mean Traditional where nothing is said."""
_SINGLE = frozenset("ects")
_MARK = re.compile(
    r"(?<![a-z])((?:zh|en)[-_]?(?:hant|hans|hk|tw|cn|us|gb)|"
    + "|".join(sorted((mark for mark in _MARKS if len(mark) > 1), key=len, reverse=True))
    + r")(?![a-z])|(?<![a-z0-9])([ects])(?![a-z0-9])"
)
"""Several letters that no letter continues, or one letter alone: the ``e`` of ``06e401`` is no English."""
_WORDS: tuple[tuple[re.Pattern[str], Language], ...] = (
    (re.compile(r"simplified chinese|簡體(?:中文)?版?|简体(?:中文)?版?", re.IGNORECASE), "sc"),
    (re.compile(r"traditional chinese|chinese|繁體(?:中文)?版?|繁体(?:中文)?版?|中文版?", re.IGNORECASE), "tc"),
    (re.compile(r"english|英文版?|英語版?", re.IGNORECASE), "en"),
)


@dataclass(frozen=True, slots=True)
class Offer:
    """One address a dataset offers: which resource's it is, its title, its format and, where given, its language.

    ``content`` is the sha256 of its newest body, None where it has none that is a table.
    """

    address: str
    title: str
    format: str
    content: str | None
    language: Language | None = None


def marked(address: str) -> Iterator[tuple[str, Language]]:
    """Yield an address with its marks of a language taken out, and that language: all at once, and each alone.

    The host is no part of it, for ``hk`` and ``cn`` stand in names of hosts.
    """
    scheme, _, rest = address.strip().lower().partition("://")
    host, slash, path = (rest or scheme).partition("/")
    found = [(match, _MARKS.get(re.sub("[-_]", "", match.group()))) for match in _MARK.finditer(path)]
    for language in LANGUAGES:
        spots = [match for match, its in found if its == language]
        readings = [spots, *([spot] for spot in spots)] if len(spots) > 1 else [spots]
        yield from ((host + slash + _without(path, reading), language) for reading in readings if reading)


def _without(path: str, spots: Sequence[re.Match[str]]) -> str:
    stem, end = "", 0
    for match in spots:
        stem, end = stem + path[end : match.start()] + "{}", match.end()
    return stem + path[end:]


def _titled(title: str) -> tuple[str, Language] | None:
    """Return a title without its word for a language, and that language; None where it has none, or several."""
    for pattern, language in _WORDS:
        if pattern.search(title):
            return re.sub(r"[\W_]+", "", pattern.sub("{}", title).casefold()), language
    return None


def pairs(offers: Sequence[Offer]) -> list[tuple[Offer, Offer]]:
    """Return the offers that are one table in two languages, English before Traditional before Simplified.

    Addresses tell it first; titles only of what addresses left over, and only where one file a language bears the
    title. A single letter (``list_c.csv``) is a mark of language only where no other letter stands in its place.
    """
    grouped: list[dict[Language, Offer]] = []
    taken: set[str] = set()
    stems: dict[tuple[str, str], dict[Language, list[Offer]]] = defaultdict(lambda: defaultdict(list))
    for offer in offers:
        for stem, language in marked(offer.address):
            stems[stem, offer.format][language].append(offer)
    for (stem, _), group in stems.items():
        one = {language: found[0] for language, found in group.items() if len({each.address for each in found}) == 1}
        if len(one) > 1 and len({each.address for each in one.values()}) == len(one) and _certain(stem, one, offers):
            grouped.append(one)
            taken |= {each.address for each in one.values()}
    grouped += _by_title([offer for offer in offers if offer.address not in taken])
    found = [
        (group[one], group[two])
        for group in grouped
        for one, two in combinations(LANGUAGES, 2)
        if {one, two} <= group.keys()
    ]
    return list(dict.fromkeys(found))


def _by_title(offers: Sequence[Offer]) -> Iterator[dict[Language, Offer]]:
    titles: dict[tuple[str, str], dict[Language, list[Offer]]] = defaultdict(lambda: defaultdict(list))
    for offer in offers:
        if found := _titled(offer.title):
            titles[found[0], offer.format][found[1]].append(offer)
    for group in titles.values():
        if len(group) > 1 and all(len(found) == 1 for found in group.values()):
            yield {language: found[0] for language, found in group.items()}


def _certain(stem: str, group: dict[Language, Offer], offers: Sequence[Offer]) -> bool:
    """Whether what stands in the place of the mark is a language: several letters, or letters that count nothing."""
    pattern = re.compile(re.escape(stem).replace(re.escape("{}"), "([a-z0-9]+)"))

    def marks(some: Iterable[Offer]) -> set[str]:
        found = (pattern.fullmatch(offer.address.strip().lower().partition("://")[2]) for offer in some)
        return {match.group(1) for match in found if match}

    if all(len(mark) > 1 for mark in marks(group.values())):
        return True
    said = marks(offers)
    return {mark for mark in said if len(mark) == 1} <= _SINGLE and said <= _MARKS.keys() and len(said) == len(group)
