"""All rows of a delimited file: runs of sound ones told by one expression, every other looked at by itself."""

import codecs
import csv
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from io import StringIO
from pathlib import Path
from typing import Self

from frictionless import Dialect
from frictionless.settings import DEFAULT_SAMPLE_SIZE

from harvester.validate.fast import pattern
from harvester.validate.fast.opening import Head, Opened, Unproved, headed, opened
from harvester.validate.fast.tally import Tally

BLOCK_BYTES = 1024 * 1024
LONGEST_LINE = 4 * 1024 * 1024
AHEAD_BYTES = 64 * 1024
"""How far beyond a row Frictionless may have decoded when it reads the row: Python decodes 8,192 bytes at once."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What Frictionless would say of a file: its errors in their order, the rows it read, and what it inferred.

    ``proved`` is how many rows the expression vouched for; the others were read one by one.
    """

    head: Head
    tally: Tally
    rows: int
    proved: int


class _Text:
    """A file's text as UTF-8, strictly decoded block by block, and a place in it."""

    def __init__(self, found: Opened) -> None:
        self.data, self.at, self.ended = b"", 0, False
        self._file = found.path.open("rb")
        self._newline = found.newline
        self._as_it_is = found.codec in ("utf-8", "utf-8-sig")
        if found.codec == "utf-8-sig" and self._file.read(len(codecs.BOM_UTF8)) != codecs.BOM_UTF8:
            self._file.seek(0)
        self._decoder = codecs.getincrementaldecoder("utf-8" if self._as_it_is else found.codec)()
        self._pending: list[str] = []

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._file.close()

    @property
    def between_lines(self) -> bool:
        """Whether all that was taken from the bytes was handed out: the next row begins at ``at``."""
        return not self._pending

    def more(self) -> None:
        """Put another block behind what is left. Raises Unproved where it cannot be decoded."""
        block = self._file.read(BLOCK_BYTES)
        self.ended = not block
        try:
            text = self._decoder.decode(block, self.ended)
        except UnicodeError:
            raise Unproved("it cannot be decoded to its end") from None
        self.data, self.at = self.data[self.at :] + (block if self._as_it_is else text.encode()), 0

    def look_ahead(self) -> None:
        """Decode as far beyond this place as Frictionless may have. Raises Unproved where that cannot be done."""
        while not self.ended and len(self.data) - self.at < AHEAD_BYTES:
            self.more()

    def lines(self) -> Iterator[str]:
        """Yield the lines from here on as Python's text files split them, moving on as far as was yielded."""
        while True:
            if not self._pending and not self._split():
                return
            yield self._pending.pop()

    def _split(self) -> bool:
        searched = self.at
        while (end := self.data.find(b"\n", searched)) < 0 and not self.ended:
            searched = len(self.data) - self.at
            if searched > LONGEST_LINE:
                raise Unproved("a line is very long")
            self.more()
        stop = end + 1 if end >= 0 else len(self.data)
        line = self.data[self.at : stop].decode()
        self.at = stop
        self._pending = list(StringIO(line, newline=self._newline))[::-1]
        return bool(line)


def judge(path: Path, format_: str, encoding: str, limit: int, shown: int) -> Outcome:
    """Return what Frictionless says of the CSV or TSV file at ``path``, read with Python's codec ``encoding``.

    Counting stops at ``limit`` errors, as Frictionless's does; the first ``shown`` of each code are its own objects.
    Raises Unproved where something in the file is beyond what is certain, and OSError.
    """
    found = opened(path, format_, encoding)
    tally = Tally(found.head, limit, shown)
    tally.header()
    try:
        return _read(found, tally)
    except csv.Error:
        raise Unproved("a row cannot be parsed") from None


def judge_rows(
    labels: Sequence[str], rows: Sequence[Sequence[str]], missing: Sequence[str], limit: int, shown: int
) -> Outcome:
    """Return what Frictionless says of rows of texts under ``labels``, ``missing`` standing for no value beside "".

    Every row is read by itself. Raises Unproved where something is beyond what is certain.
    """
    sample = [list(labels), *map(list, rows[: DEFAULT_SAMPLE_SIZE - 1])]
    head, _ = headed(sample, Dialect(header_rows=[1]), frozenset(("", *missing)))
    tally = Tally(head, limit, shown)
    tally.header()
    number = 1
    for cells in rows:
        number += 1
        tally.row(cells, number)
        if tally.full:
            break
    return Outcome(head, tally, number - 1, 0)


def _read(found: Opened, tally: Tally) -> Outcome:
    broken_lines = any("\n" in cell or "\r" in cell for row in found.sample for cell in row)
    witnesses = pattern.witnesses(found.sample, len(found.head.names))
    sound = pattern.rows(found.head.types, found.delimiter, found.skip_space, witnesses, broken_lines)
    number, proved = found.head.row, 0
    with _Text(found) as text:
        reader = found.reader(text.lines())
        for _ in range(found.head.row):
            next(reader)
        while not tally.full:
            if text.between_lines:
                end = sound.end(text.data, text.at)
                count = sound.count(text.data, text.at, end)
                number, proved, text.at = number + count, proved + count, end
                if not text.ended and text.data.find(b"\n", end) < 0:
                    text.more()
                    continue
            cells = next(reader, None)
            if cells is None:
                break
            number += 1
            tally.row(cells, number)
        text.look_ahead()
    return Outcome(found.head, tally, number - found.head.row, proved)
