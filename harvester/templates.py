"""Calls with holes (``{id}``, ``<date>``), filled with what their own dataset gives as an example. Pure; never raises.

Nothing is invented: a value comes from another address of the dataset, from an address or an example in its texts, or,
where a text gives the very format of a date, from a day that the caller hands in.
"""

import json
import re
from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from typing import Any
from urllib.parse import quote, urlsplit

from harvester.vocabulary import address_kind, read_date

LONGEST_ADDRESS = 2000
MOST_TEXT = 100_000
"""Characters of one dataset's texts that are looked through."""

_LT, _GT, _LC, _RC, _LS, _RS = (rf"(?:{sign}|%{code})" for sign, code in zip(
    ("<", ">", r"\{", r"\}", r"\[", r"\]"), ("3C", "3E", "7B", "7D", "5B", "5D"), strict=True))  # fmt: skip
HOLE = re.compile(
    rf"{_LT}(?P<angle>(?:(?!{_LT}|{_GT})[^/=\s]){{1,62}}){_GT}"
    rf"|{_LC}{_LC}?(?P<curly>(?:(?!{_LC}|{_RC})[^/\"]){{1,60}}){_RC}{_RC}?"
    rf"|{_LS}(?P<square>(?:date|time|year|month|id|lang)(?:(?!{_RS}).){{0,40}}){_RS}",
    re.IGNORECASE,
)
"""A hole as the portal's departments write it, also where its brackets are percent-encoded."""
_KEY_BEFORE = re.compile(r"[?&;]([\w.-]{1,60})=$")
_VALUE = r"[^/?&#\s\"'<>{}\[\]\\^`|]{1,200}"
_ADDRESS = re.compile(r"https?://[!-~]{4,1900}", re.IGNORECASE)
_PARTS = re.compile(r"[A-Z]?[a-z0-9]+|[A-Z0-9]+(?![a-z])")
_COMMON_ENDS = re.compile(r"(?<=[a-z]{3})(?=(?:code|id|no|number|name|date|type)$)", re.IGNORECASE)
_SAID = r"[A-Za-z0-9\u4e00-\u9fff][\w.:+-]{0,60}"
_FOR_EXAMPLE = r"(?:e\.?g\.?|for example|for instance|such as|example|例如|譬如|比如|如|例)\s*[,:：,]?\s*"
_PLACEHOLDER = re.compile(r"(?:yy|mm|dd|hh|ss|[-_.:T])++|value|string|integer|number|text|x++", re.IGNORECASE)
_DAY_FORMAT = re.compile(
    r"(?<![a-z])(?P<format>yyyy(?P<a>[-_.]?)mm(?P=a)dd|dd(?P<b>[-_.]?)mm(?P=b)yyyy|yyyy-?mm|yyyy)(?![a-z])",
    re.IGNORECASE,
)


def fill(template: str, texts: Sequence[str], urls: Sequence[str], day: date | None = None) -> str | None:
    """Return ``template`` with every hole filled from an example, or None where one has none.

    ``texts`` are what the dataset says, the nearest to the template first; ``urls`` its other addresses. A hole whose
    date format (``YYYYMMDD``, ``yyyy-mm-dd``) a text gives becomes ``day``; without a day it stays unfilled. What is
    outside the holes stays byte for byte, and the result is an http(s) address on the template's own host.
    """
    if len(template) > LONGEST_ADDRESS:
        return None
    holes = list(HOLE.finditer(template))
    if not holes:
        return None
    candidates = _whole(template, holes, [*urls, *_addresses_in(texts)])
    filled = next(candidates, None) or _by_parts(template, holes, texts, day)
    return filled if filled and _is_sound(filled, template) else None


def recent_day(today: date, covered_to: str | None) -> date:
    """Return the day to ask for on ``today`` (in Hong Kong): the last Wednesday before it.

    Data of an ordinary working day are there before long, and the same address for a week gathers visits. Where the
    time covered ends earlier (``covered_to`` as the record writes it) it is that day.
    """
    wednesday = today - timedelta(days=(today.isoweekday() - 4) % 7 + 1)
    end = (read_date(covered_to) or "")[:10]
    return min(wednesday, date.fromisoformat(end)) if end else wednesday


def strings_in(extras: str) -> list[str]:
    """Return every text inside a record's extras (the JSON of ``harvester.extras``)."""
    waiting, found = [json.loads(extras)], []
    while waiting:
        value: Any = waiting.pop()
        if isinstance(value, str):
            found.append(value)
        elif isinstance(value, dict):
            waiting += value.values()
        elif isinstance(value, list):
            waiting += value
    return found


def _whole(template: str, holes: Sequence[re.Match[str]], addresses: Sequence[str]) -> Iterator[str]:
    """Yield the addresses that are the template with its holes filled, one value for one name throughout."""
    pattern, end, names = "", 0, dict[str, str]()
    for hole in holes:
        name = _name(hole).lower()
        pattern += re.escape(template[end : hole.start()])
        pattern += (
            f"(?P={names[name]})" if name in names else f"(?P<{names.setdefault(name, f'h{len(names)}')}>{_VALUE})"
        )
        end = hole.end()
    shape = re.compile(pattern + re.escape(template[end:]))
    for address in addresses:
        match = shape.fullmatch(address) if len(address) <= LONGEST_ADDRESS else None
        if match and not any(_PLACEHOLDER.fullmatch(value) for value in match.groups()):
            yield address


def _addresses_in(texts: Sequence[str]) -> list[str]:
    """Return the addresses in texts, each as it stands and without the punctuation that may belong to the sentence."""
    found = []
    for text in _bounded(texts):
        for match in _ADDRESS.finditer(text):
            address = re.split(r"[<>\"]", match[0])[0]
            found += [address.rstrip(".,;:!?)]}'|*"), address]
    return found


def _by_parts(template: str, holes: Sequence[re.Match[str]], texts: Sequence[str], day: date | None) -> str | None:
    """Fill each hole by what the texts say of its name, or of the query parameter it is the value of."""
    bounded, filled, end = list(_bounded(texts)), "", 0
    for hole in holes:
        before = template[end : hole.start()]
        key = _KEY_BEFORE.search(template[: hole.start()])
        value = _value([_name(hole), *([key[1]] if key else [])], bounded, day)
        if value is None:
            return None
        filled += before + quote(value, safe=":+,;@!$'()*~")
        end = hole.end()
    return filled + template[end:]


def _value(names: Sequence[str], texts: Sequence[str], day: date | None) -> str | None:
    """Return an example of a parameter known by any of ``names``: the first that a text gives."""
    for text in texts:
        for name in map(_spelled, names):
            for pattern in (
                rf"(?<![A-Za-z0-9]){name}\s*=\s*[\"'“「]?({_SAID})",
                rf"(?<![A-Za-z0-9]){name}(?![A-Za-z0-9])[^.。;；\n=]{{0,60}}?{_FOR_EXAMPLE}[\"'“「]?({_SAID})",
            ):
                for match in re.finditer(pattern, text, re.IGNORECASE):
                    value = match[1].rstrip(".:-+_")
                    if value and not _PLACEHOLDER.fullmatch(value):
                        return value
    return _dated(names, texts, day) if day else None


def _dated(names: Sequence[str], texts: Sequence[str], day: date) -> str | None:
    """Return ``day`` in the format that a name itself, or a text beside the name, gives for it."""
    for name in names:
        if match := _DAY_FORMAT.fullmatch(name):
            return _written(day, match["format"])
    for text in texts:
        for name in map(_spelled, names):
            beside = re.search(rf"(?<![A-Za-z0-9]){name}(?![A-Za-z0-9])[^.。;；\n]{{0,80}}", text, re.IGNORECASE)
            if beside and (match := _DAY_FORMAT.search(beside[0])):
                return _written(day, match["format"])
    return None


def _written(day: date, shape: str) -> str:
    for part, digits in (("yyyy", f"{day:%Y}"), ("mm", f"{day:%m}"), ("dd", f"{day:%d}")):
        shape = re.sub(part, digits, shape, flags=re.IGNORECASE)
    return shape


def _name(hole: re.Match[str]) -> str:
    return (hole["angle"] or hole["curly"] or hole["square"]).strip()


def _spelled(name: str) -> str:
    """Return a pattern for a parameter's name as a sentence may write it: ``stopId``, ``stop_id``, ``Stop ID``."""
    parts = _PARTS.findall(_COMMON_ENDS.sub("_", name))
    return r"[\s_-]?".join(parts) if parts else re.escape(name)


def _bounded(texts: Sequence[str]) -> Iterator[str]:
    left = MOST_TEXT
    for text in texts:
        if left > 0:
            yield text[:left]
        left -= len(text)


def _is_sound(filled: str, template: str) -> bool:
    """Whether a filled template is a plain address on the template's own host, without any hole."""
    try:
        ours, theirs = urlsplit(filled), urlsplit(template)
    except ValueError:
        return False
    same = (
        (ours.scheme, ours.netloc) == (theirs.scheme, theirs.netloc) and bool(ours.hostname) and "@" not in ours.netloc
    )
    plain = filled.isascii() and filled.isprintable() and " " not in filled
    return same and plain and ours.scheme in ("http", "https") and address_kind(filled, None, "") != "template"
