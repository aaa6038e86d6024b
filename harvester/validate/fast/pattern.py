"""A regular expression of sound rows: text it matches is rows of the right width, not blank, each cell of its type."""

import functools
import re
from dataclasses import dataclass
from typing import Any

import re2

from harvester.validate.fast.casts import SOUND
from harvester.validate.fast.opening import Unproved

WITNESSES = 3
"""How many columns are asked to prove that a row is not blank; more make the expression longer."""
MEMORY_BYTES = 32 * 1024 * 1024
"""What one expression may use for its states; RE2 begins anew where it is spent."""


@dataclass(frozen=True, slots=True)
class Rows:
    """A compiled expression of sound rows, and whether their cells may hold line breaks."""

    compiled: Any
    broken_lines: bool

    def end(self, text: bytes, start: int) -> int:
        """Return where the last sound row ends that follows on others from ``start``; ``start`` if none does."""
        match = self.compiled.match(text, start)
        return match.end() if match else start

    def count(self, text: bytes, start: int, end: int) -> int:
        """Return how many sound rows lie between two places the expression matched."""
        lines = text.count(b"\n", start, end)
        if not self.broken_lines or text.find(b'"', start, end) < 0:
            return lines
        within = text[start:end].split(b'"')[1::2]  # a sound row has no stray quotes, so every second piece is quoted
        return lines - sum(piece.count(b"\n") for piece in within)


@functools.lru_cache(maxsize=4)
def rows(
    types: tuple[str, ...], delimiter: str, skip_space: bool, witnesses: tuple[int, ...], broken_lines: bool
) -> Rows:
    """Return the expression of sound rows of a table with these column types.

    ``witnesses`` are the columns of which one at least must be filled, lest the row be blank. It works on bytes:
    the delimiter, quotes and line ends are ASCII, which in UTF-8 never are part of another character. Raises Unproved
    where RE2 has not the room for it.
    """
    cells = [_cell(type_, delimiter, skip_space, broken_lines) for type_ in types]
    row = "|".join(
        re.escape(delimiter).join(
            filled if i == witness else f"(?:{filled}|{blank})" for i, (filled, blank) in enumerate(cells)
        )
        for witness in witnesses
    )
    options = re2.Options()
    options.encoding = re2.Options.Encoding.LATIN1
    options.max_mem = MEMORY_BYTES
    options.log_errors = False
    options.never_capture = True
    try:
        return Rows(re2.compile(f"(?:(?:{row})\r?\n)*".encode("ascii"), options), broken_lines)
    except re2.error:
        raise Unproved("its rows need too long an expression") from None


def _cell(type_: str, delimiter: str, skip_space: bool, broken_lines: bool) -> tuple[str, str]:
    """Return the expressions of a filled cell of the type and of an empty one, as they stand in the file."""
    space = " *" if skip_space else ""
    stop = re.escape(delimiter)
    if type_ in ("string", "any"):
        first = f'[^{" " if skip_space else ""}"{stop}\r\n\\x00]'
        inside = '[^"\\x00]' if broken_lines else '[^"\r\n\\x00]'
        filled = f'{first}[^"{stop}\r\n\\x00]*|"(?:{inside}|"")+"'
    elif type_ in SOUND:
        bare = SOUND[type_]
        filled = f'"(?:{bare})"' if type_ == "geopoint" and delimiter == "," else f'(?:{bare})|"(?:{bare})"'
    else:
        filled = r"[^\x00-\xff]"  # no text: such cells are asked one by one
    return f"{space}(?:{filled})", f'{space}(?:"")?'


def witnesses(sample: list[list[str]], width: int) -> tuple[int, ...]:
    """Return the few columns of which one is filled in as many rows of the sample as can be."""
    for i in range(width):
        if all(len(row) > i and row[i] for row in sample):
            return (i,)
    left = [{i for i, cell in enumerate(row[:width]) if cell} for row in sample]
    left = [row for row in left if row]
    found: list[int] = []
    while len(found) < WITNESSES and (left or not found):
        best = max(range(width), key=lambda i: sum(i in row for row in left))
        found.append(best)
        left = [row for row in left if best not in row]
    return tuple(found)
