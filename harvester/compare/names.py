"""Whether two labels are one name: in another case, with other signs, in another script, or beside its translation."""

import re
import unicodedata
from functools import cache, lru_cache
from typing import Any

import opencc

_HAN = re.compile(r"[\u3400-\u9fff\uf900-\ufaff]")
_LATIN = re.compile(r"[A-Za-z]")
_HAN_PART = re.compile(r"[^A-Za-z]*[\u3400-\u9fff\uf900-\ufaff][^A-Za-z]*")
_LATIN_PART = re.compile(r"[^\u3400-\u9fff\uf900-\ufaff]*[A-Za-z][^\u3400-\u9fff\uf900-\ufaff]*")


@cache
def _converter(table: str) -> Any:
    return opencc.OpenCC(table)


@lru_cache(maxsize=50_000)
def fold(text: str) -> str:
    """Return what stays of a label without case, spaces, underscores and signs."""
    return re.sub(r"[\W_]+", "", unicodedata.normalize("NFKC", text).casefold())


@lru_cache(maxsize=50_000)
def simplified(text: str) -> str:
    """Return a text in Simplified characters."""
    return str(_converter("t2s").convert(text)) if _HAN.search(text) else text


@lru_cache(maxsize=50_000)
def scripts(text: str) -> frozenset[str]:
    """Return which of han and latin a text is written in."""
    return frozenset(name for name, pattern in (("han", _HAN), ("latin", _LATIN)) if pattern.search(text))


def chinese_of(text: str) -> str:
    """Return tc or sc where a text has a character of that script alone, else nothing."""
    if not _HAN.search(text):
        return ""
    if simplified(text) != text:
        return "tc"
    return "sc" if str(_converter("s2t").convert(text)) != text else ""


@lru_cache(maxsize=50_000)
def spellings(text: str) -> frozenset[str]:
    """Return the folded names a label may go by: the whole, and in a label of two scripts each script's part.

    ``年/Year`` goes by Year too; ``Count (male)`` goes by nothing but itself.
    """
    found = {simplified(fold(text))}
    if len(scripts(text)) > 1:
        parts = [*_HAN_PART.findall(text), *_LATIN_PART.findall(text)]
        found |= {simplified(fold(part)) for part in parts if len(fold(part)) > 1}
    return frozenset(found - {""})
