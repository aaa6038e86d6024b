"""The eighteen districts of Hong Kong, in the spellings data use, to their English names."""

import re
import unicodedata
from collections.abc import Iterable
from functools import lru_cache

import re2

DISTRICTS: dict[str, tuple[str, ...]] = {
    "Central and Western": ("central & western", "中西區", "中西区", "c&w", "中西"),
    "Wan Chai": ("wanchai", "灣仔", "湾仔"),
    "Eastern": ("東區", "东区"),
    "Southern": ("南區", "南区"),
    "Yau Tsim Mong": ("油尖旺",),
    "Sham Shui Po": ("深水埗", "深水埔"),
    "Kowloon City": ("九龍城", "九龙城"),
    "Wong Tai Sin": ("黃大仙", "黄大仙"),
    "Kwun Tong": ("觀塘", "观塘"),
    "Kwai Tsing": ("葵青",),
    "Tsuen Wan": ("荃灣", "荃湾"),
    "Tuen Mun": ("屯門", "屯门"),
    "Yuen Long": ("元朗",),
    "North": ("北區", "北区"),
    "Tai Po": ("大埔",),
    "Sha Tin": ("shatin", "沙田"),
    "Sai Kung": ("西貢", "西贡"),
    "Islands": ("island", "離島", "离岛"),
}
"""The districts of the District Councils Ordinance (Cap. 547, Schedule 1)."""
_COMMON_WORDS = frozenset({"Eastern", "Southern", "North", "Islands", "Central and Western"})
"""Names that are ordinary words: they count alone in a cell, or with the word District."""


@lru_cache(maxsize=20_000)
def _key(text: str) -> str:
    folded = unicodedata.normalize("NFKC", text).casefold().replace("&", "and")
    bare = re.sub(r"[\W_]+", "", folded)
    return re.sub(r"(?:districtcouncil|district|區議會|区议会|區|区)$", "", bare) or bare


_EXACT = {_key(spelling): name for name, others in DISTRICTS.items() for spelling in (name, *others)}
_STARTS = frozenset(key[:2] for key in _EXACT if key.isascii())
_WITHIN = {
    name: re.compile(
        "|".join(
            [rf"\b{re.escape(name)} district\b"]
            + (
                [rf"\b{re.escape(name)}\b"]
                if name not in _COMMON_WORDS
                else [r"\bcentral (?:&|and) western\b"][: name[:2] == "Ce"]
            )
            + [re.escape(other) for other in others if not other.isascii() and len(other) > (name in _COMMON_WORDS) + 1]
        ),
        re.IGNORECASE,
    )
    for name, others in DISTRICTS.items()
}


_ANY = re2.compile(
    "(?i)" + "|".join(re2.escape(each) for name, others in DISTRICTS.items() for each in (name, "central and", *others))
)
"""Whatever mentions a district has one of these in it: most texts have none, and are passed over at once."""
_DIGIT = re.compile(r"[0-9]")


def exactly(value: str) -> str | None:
    """Return the district that is the whole of a value (``SHATIN``, ``Central & Western``, ``灣仔區``), if one is."""
    begins = value[:2].lower()
    if len(value) > 40 or (begins.isascii() and begins.isalpha() and begins not in _STARTS):  # noqa: PLR2004
        return None  # two Latin letters stay what they are, whatever is folded
    return None if _DIGIT.search(value) else _EXACT.get(_key(value))


def named_exactly(values: Iterable[str]) -> set[str]:
    """Return the districts that are whole values."""
    return set(filter(None, map(exactly, values)))


def named_within(text: str) -> set[str]:
    """Return the districts that ``text`` mentions; those named like ordinary words only with District or 區."""
    if not _ANY.search(text.encode(errors="replace").decode()):
        return set()
    return {name for name, pattern in _WITHIN.items() if pattern.search(text)}
