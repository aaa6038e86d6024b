"""Where in a text the words that were looked for stand: the passage a reader is shown, cut into parts, some marked."""

import re
import unicodedata
from bisect import bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import accumulate

from publish.safe import clean
from publish.search import CHINESE, MAX_RUNS, RUNS, fold

PASSAGE = 160
"""Characters of a passage, without the two dots where it was cut."""
BEFORE = 50
"""Characters of a passage before its first match."""
MAX_LOOKED_AT = 20_000
"""Characters of one text that are looked through: as many as are indexed."""
WORD = r"[^\W_㐀-鿿豈-﫿]"


class _Plain(dict[int, str]):
    """Each character as it is searched, made when first met: without accents, so that one letter is always one."""

    def __missing__(self, point: int) -> str:
        letters = unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", chr(point)).lower())
        self[point] = plain = fold("".join(letter for letter in letters if not unicodedata.combining(letter)))
        return plain


PLAIN = _Plain()


def plain(text: str) -> str:
    """Return ``text`` in the spelling in which a `Marker` looks through it."""
    if text.isascii():
        return text.lower()
    return text.translate(PLAIN)


@dataclass(frozen=True, slots=True)
class Part:
    """A stretch of a text, and whether it is what was looked for."""

    text: str
    hit: bool


class Marker:
    """Finds the words that were looked for in one text after another."""

    def __init__(self, words: Sequence[str]) -> None:
        plain = list(dict.fromkeys(word.translate(PLAIN) for word in words))
        runs = {word: list(dict.fromkeys(RUNS.findall(word)))[:MAX_RUNS] for word in plain}
        self._words = [(re.compile(_starts(word)), [re.compile(_starts(run)) for run in runs[word]]) for word in plain]
        ways = {*plain, *(run for each in runs.values() for run in each)}
        self._any = re.compile("|".join(_starts(way) for way in sorted(ways, key=lambda way: (-len(way), way))))

    def held(self, text: str) -> float:
        """Return the share (0-1) of the words that stand in ``text``; one found only in pieces counts by its pieces."""
        searched = plain(text[:MAX_LOOKED_AT])
        found = 0.0
        for whole, runs in self._words:
            found += 1 if whole.search(searched) else 0.9 * sum(bool(run.search(searched)) for run in runs) / len(runs)
        return found / len(self._words) if self._words else 0.0

    def holds_all(self, searched: str) -> bool:
        """Tell whether every word stands whole in a text that is `plain` already."""
        return bool(self._words) and all(whole.search(searched) for whole, _runs in self._words)

    def passage(self, text: str, limit: int = PASSAGE) -> list[Part]:
        """Return at most ``limit`` characters of ``text`` round its best match, in parts; from its start without one.

        An ellipsis stands, in a part that is no hit, where something was left out.
        """
        whole = " ".join(clean(text[:MAX_LOOKED_AT]).split())
        spans = self._spans(whole)
        if not spans:
            return _closed([Part(whole[:limit], hit=False)], cut_after=len(whole) > limit)
        best = max(spans, key=lambda span: (span[1] - span[0], -span[0]))
        start = 0 if best[1] <= limit - BEFORE else best[0] - BEFORE
        end = start + limit
        parts: list[Part] = []
        at = start
        for first, last in spans:
            if last > at and first < end:
                parts += [
                    Part(whole[at : max(first, at)], hit=False),
                    Part(whole[max(first, at) : min(last, end)], hit=True),
                ]
                at = min(last, end)
        parts.append(Part(whole[at:end], hit=False))
        return _closed([part for part in parts if part.text], cut_before=start > 0, cut_after=len(whole) > end)

    def _spans(self, text: str) -> list[tuple[int, int]]:
        """Return where the words stand in ``text``, as first and last character but one, in order and apart."""
        spans = [match.span() for match in self._any.finditer(plain(text)) if match.group()]
        if not spans or text.isascii():
            return spans
        ends = list(accumulate(len(PLAIN[ord(letter)]) for letter in text))
        found: list[tuple[int, int]] = []
        for first, last in spans:
            span = bisect_right(ends, first), bisect_right(ends, last - 1) + 1
            if not found or span[0] >= found[-1][1]:
                found.append(span)
        return found


def best(sources: Iterable[tuple[str, str | None]], marker: Marker) -> tuple[str, list[Part]] | None:
    """Return the name and passage of the first of ``sources`` (name, text) that holds every word, else of the best.

    None where no source holds any.
    """
    most, chosen = 0.0, None
    for name, text in sources:
        share = marker.held(text) if text else 0.0
        if share > most:
            most, chosen = share, (name, text or "")
        if share == 1:
            break
    return (chosen[0], marker.passage(chosen[1])) if chosen else None


def _starts(way: str) -> str:
    return re.escape(way) if CHINESE.match(way) else f"(?<!{WORD}){re.escape(way)}"


def _closed(parts: list[Part], *, cut_before: bool = False, cut_after: bool = False) -> list[Part]:
    dots = Part("…", hit=False)
    return [*([dots] if cut_before else []), *parts, *([dots] if cut_after else [])]
