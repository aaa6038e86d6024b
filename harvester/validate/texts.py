"""What a whole column of texts is, told by one pass over all of it instead of one look at each."""

import re
from collections.abc import Collection, Iterable
from functools import cached_property
from typing import Any

import re2


def _expression(pattern: bytes) -> Any:
    options = re2.Options()
    options.encoding = re2.Options.Encoding.LATIN1
    options.never_capture = True
    return re2.compile(pattern, options)


_NUMBERS = _expression(rb"(?:[-+]?[0-9]{1,15}(?:\.[0-9]{1,20})?\n)*")
_MONTHLY = _expression(rb"\n(?:(?:19|20)[0-9]{2}\.(?:0?[1-9]|1[0-2])|(?:0?[1-9]|1[0-2])\.(?:19|20)[0-9]{2})\n")
_DATES = _expression(rb"(?:[0-9]{4}-[0-9]{1,2}-[0-9]{1,2}\n)*")
_TIMES = _expression(rb"(?:[0-9]{1,2}:[0-9]{2}(?::[0-9]{2})?\n)*")
_DIGIT = _expression(rb"[0-9]")
_LIKE_A_NUMBER = _expression(rb"(?m)^[-+0-9,.eE%]*[0-9][-+0-9,.eE%]*$")
_OTHER_DIGIT = re.compile(r"(?![0-9])\d")
_LETTER = _expression(rb"[A-Za-z]|[^\x00-\x7f]")


def trimmed(cells: Iterable[Any]) -> list[str]:
    """Return each cell as text without space around it, nothing as the empty string."""
    cells = list(cells)
    try:
        return list(map(str.strip, cells))
    except TypeError:  # not all of them are texts
        return ["" if cell is None else str(cell).strip() for cell in cells]


class Texts:
    """Trimmed texts, none of them empty, put end to end."""

    def __init__(self, texts: Collection[str]) -> None:
        self.joined = "\n".join([*texts, ""])
        """All of them, each ended by a line feed."""
        self._whole = self.joined.encode(errors="replace")
        self.apart = self._whole.count(b"\n") == len(texts)
        """Whether no text has a line feed of its own."""

    @cached_property
    def numbers(self) -> bool:
        """Whether all are plain decimal numbers of at most 37 characters."""
        return self.apart and _NUMBERS.fullmatch(self._whole) is not None

    @cached_property
    def maybe_numbers(self) -> bool:
        """Whether any may be a number, however it is written; where not, none is."""
        return self.other_digits or _LIKE_A_NUMBER.search(self._whole) is not None

    @cached_property
    def bare_numbers(self) -> bool:
        """Whether all are numbers that no month and year can hide in (as in 2024.5 and 5.2024)."""
        return self.numbers and _MONTHLY.search(b"\n" + self._whole) is None

    @cached_property
    def dates(self) -> bool:
        """Whether all look like 2026-11-23."""
        return self.apart and _DATES.fullmatch(self._whole) is not None

    @cached_property
    def times(self) -> bool:
        """Whether all look like 14:30 or 14:30:00."""
        return self.apart and _TIMES.fullmatch(self._whole) is not None

    @cached_property
    def letters(self) -> bool:
        """Whether any may hold a letter (of any script)."""
        return _LETTER.search(self._whole) is not None

    @cached_property
    def other_digits(self) -> bool:
        """Whether any holds a digit of another script (full-width, Arabic)."""
        return not self.joined.isascii() and _OTHER_DIGIT.search(self.joined) is not None

    @cached_property
    def digits(self) -> bool:
        """Whether any holds a digit (of any script)."""
        return _DIGIT.search(self._whole) is not None or self.other_digits
