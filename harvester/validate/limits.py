"""The gate: what a body may be at most before a parser is let near it. Exceeding it is `unmeasured`, never `invalid`.

The numbers come from trials of hostile files against Frictionless 5.21.0, openpyxl and ijson: each is where one of
them begins to take minutes or gigabytes, and far above what an honest table needs.
"""

import csv
import re
import struct
import zipfile
import zlib
from collections import Counter, deque
from collections.abc import Iterator, Sequence
from itertools import islice, pairwise
from pathlib import Path
from typing import IO, Any, BinaryIO

from harvester.sniff import delimited
from harvester.sniff.text import codec

TABLE_BYTES = 2 * 1024 * 1024 * 1024
TREE_BYTES = 64 * 1024 * 1024
"""JSON and XML are read whole into memory, at some ten times their size."""
HEAD_LINES, HEAD_BYTES = 100, 2 * 1024 * 1024
"""What csv.Sniffer is given; honest tables with a shape in each row fill half a megabyte with twenty lines."""
LINE_BYTES = 1024 * 1024
COLUMNS = 2000
EQUAL_LABELS = 500
ZIP_MEMBERS = 10_000
ZIP_DIRECTORY_BYTES = 4 * 1024 * 1024
"""A ZIP's directory becomes an object a member; ten thousand names of four hundred letters fit in here."""
ZIP_BYTES = 512 * 1024 * 1024
ZIP_RATIO = 100
ZIP_RATIO_FROM = 32 * 1024 * 1024
"""A ratio says nothing about small parts: a sheet of equal cells is pressed a hundredfold in honesty."""
SHEET_CELLS = 20_000_000
SHARED_STRINGS_BYTES = 64 * 1024 * 1024
"""A workbook's shared texts are all held in memory, at some one and a half times their size."""
_DIMENSION = re.compile(rb'<dimension ref="[A-Z]+\d+:([A-Z]+)(\d+)"')


def of_text(path: Path, encoding: str | None) -> str | None:
    """Return why a delimited file may not be parsed, in one sentence, or None where it may.

    Streams over the lines once: total size, the first hundred lines together, and the longest line.
    """
    if (size := path.stat().st_size) > TABLE_BYTES:
        return f"The file is {size:,} bytes; tables above {TABLE_BYTES:,} bytes are not measured."
    with path.open("rb") as file:
        head = sum(len(line) for line in islice(iter(lambda: file.readline(LINE_BYTES + 1), b""), HEAD_LINES))
        if head > HEAD_BYTES * (2 if encoding and encoding.startswith("utf-16") else 1):
            return f"The first {HEAD_LINES} lines hold {head:,} bytes, more than the {HEAD_BYTES:,} a table may."
        file.seek(0)
        if _has_long_line(file):
            return f"A line is longer than {LINE_BYTES:,} bytes."
        file.seek(0)
        quoted = _may_stay_quoted(file)
    if quoted and _has_long_cell(path, encoding):
        return f"A cell is longer than {LINE_BYTES:,} bytes: a quote is opened and not closed."
    return _of_first_line(path, encoding)


def _may_stay_quoted(file: BinaryIO) -> bool:
    """Whether a block behind an odd number of quotes has none: a cell too long spans one of half its length."""
    quotes = 0
    while block := file.read(LINE_BYTES // 2):
        here = block.count(b'"')
        if quotes % 2 and not here and len(block) == LINE_BYTES // 2:
            return True
        quotes += here
    return False


def _has_long_cell(path: Path, encoding: str | None) -> bool:
    """Whether ``csv.reader`` meets a cell longer than LINE_BYTES; asked only where the quotes give reason to."""
    before = csv.field_size_limit(LINE_BYTES)
    try:
        with path.open(encoding=codec(encoding or "utf-8"), errors="replace", newline="") as file:
            head = file.read(delimited.HEAD_CHARACTERS)
            file.seek(0)
            rows = csv.reader((line.replace("\0", "") for line in file), delimiter=delimited.table(head)[0])
            deque(rows, maxlen=0)
    except csv.Error as error:
        return "field limit" in str(error)
    finally:
        csv.field_size_limit(before)
    return False


def _has_long_line(file: BinaryIO) -> bool:
    """Whether a line is longer than LINE_BYTES; in blocks of so much, only what spans two of them can be."""
    begun = 0
    while block := file.read(LINE_BYTES):
        end = block.find(b"\n") + 1
        if begun + (end or len(block)) > LINE_BYTES:
            return True
        begun = len(block) - block.rfind(b"\n") - 1 if end else begun + len(block)
    return False


def _of_first_line(path: Path, encoding: str | None) -> str | None:
    with path.open(encoding=codec(encoding or "utf-8"), errors="replace", newline="") as file:
        lines = [line.replace("\0", "") for line in islice(file, HEAD_LINES)]
    for delimiter in ",\t;|":
        if sum(line.count(delimiter) for line in lines) < EQUAL_LABELS:
            continue  # no row can be so wide
        for cells in csv.reader(lines, delimiter=delimiter):
            if len(cells) > COLUMNS:
                return f"A row has {len(cells):,} columns, more than the {COLUMNS:,} that are measured."
            if (most := _most_equal(cells)) > EQUAL_LABELS:
                return f"A row repeats one cell {most:,} times."
    return None


def _most_equal(cells: Sequence[str]) -> int:
    return Counter(cell.strip() for cell in cells).most_common(1)[0][1] if len(cells) > EQUAL_LABELS else 0


def of_archive(path: Path) -> str | None:
    """Return why a ZIP (or a format in a ZIP) may not be opened, or None. Raises BadZipFile where it is broken."""
    if (told := _directory_bytes(path)) > ZIP_DIRECTORY_BYTES:
        return f"The archive's directory is told to be {told:,} bytes, more than {ZIP_DIRECTORY_BYTES:,}."
    try:
        with zipfile.ZipFile(path) as archive:
            infos = archive.infolist()
    except NotImplementedError as error:
        return f"We cannot unpack the archive: {error}."
    total = sum(info.file_size for info in infos)
    if len(infos) > ZIP_MEMBERS:
        return f"The archive holds {len(infos):,} members, more than {ZIP_MEMBERS:,}."
    if total > ZIP_BYTES:
        return f"The archive unpacks to {total:,} bytes, more than {ZIP_BYTES:,}."
    for info in infos:
        if info.file_size > ZIP_RATIO_FROM and info.file_size > ZIP_RATIO * max(info.compress_size, 1):
            return f"A member unpacks to {info.file_size:,} bytes, over {ZIP_RATIO} times its packed size."
    return "Members of the archive lie over each other, as only a trap has them." if _overlap(infos) else None


def _directory_bytes(path: Path) -> int:
    """Return how long a ZIP's directory is by its end record (APPNOTE 4.3.16), 0 where there is none."""
    with path.open("rb") as file:
        file.seek(max(0, path.stat().st_size - 65_557))  # the record is 22 bytes, and a comment of at most 65,535
        end = file.read()
    at = end.rfind(b"PK\x05\x06")
    return int(struct.unpack_from("<I", end, at + 12)[0]) if 0 <= at <= len(end) - 22 else 0


def _overlap(infos: Sequence[zipfile.ZipInfo]) -> bool:
    """Whether a member's bytes reach into the next one's: a local header is 30 bytes and its name at least."""
    starts = sorted(infos, key=lambda info: info.header_offset)
    return any(
        first.header_offset + 30 + first.compress_size > second.header_offset for first, second in pairwise(starts)
    )


def of_workbook(path: Path) -> str | None:
    """Return why an XLSX may not be opened, or None: its parts, a DOCTYPE, or a sheet said to be enormous."""
    if reason := of_archive(path):
        return reason
    with zipfile.ZipFile(path) as archive:
        shared = sum(
            info.file_size for info in archive.infolist() if info.filename.lower().endswith("sharedstrings.xml")
        )
        if shared > SHARED_STRINGS_BYTES:
            return f"The workbook's shared texts are {shared:,} bytes, more than {SHARED_STRINGS_BYTES:,}."
        for name in archive.namelist():
            if not (name.startswith("xl/") and name.endswith(".xml")):
                continue
            try:
                with archive.open(name) as part:
                    head = part.read(4096)
            except (zlib.error, OSError) as error:
                raise zipfile.BadZipFile(f"{name} does not unpack: {error}") from error
            except (NotImplementedError, RuntimeError) as error:  # a method zipfile does not know, or a password
                return f"We cannot unpack the workbook: {error}."
            if b"<!DOCTYPE" in head:
                return "A part of the workbook declares a DOCTYPE, which an honest one never does."
            if match := _DIMENSION.search(head):
                columns, rows = _column_number(match.group(1).decode()), int(match.group(2))
                if columns > COLUMNS or rows * columns > SHEET_CELLS:
                    return f"A sheet is declared {columns:,} columns by {rows:,} rows wide."
    return None


def _column_number(letters: str) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + ord(letter) - 64
    return number


def of_tree(path: Path) -> str | None:
    """Return why a JSON or XML document may not be read into memory, or None."""
    if (size := path.stat().st_size) > TREE_BYTES:
        return f"The file is {size:,} bytes; documents above {TREE_BYTES:,} bytes are not measured."
    return None


def of_records(records: Sequence[Any]) -> str | None:
    """Return why a list of JSON records may not be judged as a table, or None."""
    widest = max((len(record) for record in islice(records, 1000) if isinstance(record, dict)), default=0)
    return f"A record has {widest:,} fields, more than {COLUMNS:,}." if widest > COLUMNS else None


def lines(file: IO[bytes], most: int = LINE_BYTES) -> Iterator[bytes]:
    """Yield the lines of a binary stream. Raises ValueError at one longer than ``most`` bytes, before it is held."""
    while line := file.readline(most + 1):
        if len(line) > most:
            raise ValueError(f"a line is longer than {most:,} bytes")
        yield line
