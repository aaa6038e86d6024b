"""`make fuzz-validate`: made-up delimited files through the fast path and through Frictionless; they must not differ.

A file is made from a seed: columns of every kind, then the faults of real publishers (preambles, short rows, stray
quotes, wrong bytes, mixed line ends, six encodings), most of them after the hundred rows the types are inferred from.
"""

import argparse
import multiprocessing
import os
import random
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any
from unittest import mock

from frictionless import Detector, Report
from frictionless.fields import GeojsonField
from frictionless.resources import TableResource

from harvester.validate import fast
from harvester.validate.fast import body

LIMITS = (1, 2, 7, 40, 10_000)
BLOCKS = (1, 3, 17, 64, 301, 4096, 1024 * 1024)
SHOWN = 5
CODECS = ("utf-8", "utf-8-sig", "utf-16", "utf-16-le", "cp950", "big5hkscs", "gb18030", "cp1252")
DIGITS = "0123456789"


@dataclass(frozen=True, slots=True)
class Case:
    """One file and how it is read: counting stops at ``limit`` errors, the fast path reads ``block`` bytes at once."""

    data: bytes
    format: str
    codec: str
    limit: int = 10_000
    block: int = body.BLOCK_BYTES


Kind = Callable[[random.Random], str]
KINDS: dict[str, Kind] = {
    "integer": lambda draw: str(draw.randrange(-50, 10**6)),
    "number": lambda draw: f"{draw.uniform(-180, 180):.{draw.randrange(5)}f}",
    "date": lambda draw: f"{draw.randrange(1900, 2030)}-{draw.randrange(1, 13):02}-{draw.randrange(1, 29):02}",
    "short date": lambda draw: f"{draw.randrange(1990, 2030)}-{draw.randrange(1, 13)}-{draw.randrange(1, 32)}",
    "slashed": lambda draw: f"{draw.randrange(1, 29)}/{draw.randrange(1, 13)}/2024",
    "datetime": lambda draw: f"2024-02-{draw.randrange(1, 30):02}{draw.choice('T ')}{draw.randrange(24):02}:30:00"
    + draw.choice(("", "Z", "+08:00", ".25")),
    "time": lambda draw: f"{draw.randrange(24):02}:{draw.randrange(60):02}:{draw.randrange(60):02}",
    "yearmonth": lambda draw: f"{draw.randrange(1990, 2030)}-{draw.randrange(1, 13):02}",
    "year": lambda draw: str(draw.randrange(1990, 2030)),
    "boolean": lambda draw: draw.choice(("true", "false", "TRUE", "False")),
    "point": lambda draw: f"{draw.uniform(113, 115):.4f},{draw.uniform(22, 23):.4f}",
    "duration": lambda draw: draw.choice(("P1D", "PT2H30M", "P3Y6M", "-P2W")),
    "object": lambda draw: draw.choice(('{"a": 1}', "{}", '{"b": [1, "x"]}')),
    "array": lambda draw: draw.choice(("[1, 2]", "[]", '["x", {"y": 1}]')),
    "geojson": lambda draw: f'{{"type": "Point", "coordinates": [114.1, {draw.randrange(22, 24)}]}}',
    "place": lambda draw: draw.choice(("中西區", "灣仔區", "沙田區", "Wan Chai", "Sha Tin", "Central & Western")),
    "text": lambda draw: draw.choice(("note, with a comma", 'a "word" in quotes', "two\nlines", "x", " padded ")),
    "code": lambda draw: "".join(draw.choice(DIGITS + "ABCD") for _ in range(draw.randrange(1, 6))),
    "empty": lambda _: "",
}  # fmt: skip
ODD = (
    "", "", " ", "-", "N/A", "***", "不適用", "1,234", " 12 ", "+7", "1_000", "１２", "1_", "_1", "1__0", "+-3",
    "\u30003", "1e5", "1E+400", "NaN",
    "sNaN", "inf", "-Infinity", ".5", "5.", "0x1F", "007", "1" * 45, "1 2", "--1", "2024-02-30", "2023-02-29",
    "2024-02-29", "1900-02-29", "2000-02-29", "0000-01-01", "0999-12-31", "3024-01-01", "2024-1-5", "2024-01-05 ",
    " 2024-01-05", "2024/01/05", "24:00:00", "23:59:60", "12:30", "12:30:15.1234567", "12:30:15,5", "12:30:15+0800",
    "12:30:15+24:00", "2024-01-05T24:00:00", "2024-01-05x10:00:00", "2024-01-05T10:00", "2024-13", "2024-00", "1-1",
    "-1-1", "99999999999-1", "181,0", "180,90", "-180, -90", "1,2,3", "[1", "{1}", '{"a":NaN}', "P", "P1", "PT",
    "true ", "yes", "1", "0", "\t", "a\tb", "x;y", "p|q", '"', '""', '"x"y', "a\nb", "a\rb", "'", "'q'", "\0", "\x85",
    "\u2028", "\ufeff", "é", "㗎", "\x0b", "١٢", "12\n",
)  # fmt: skip


def case(seed: int) -> Case:
    """Return the file of a seed, the same on every machine."""
    draw = random.Random(seed)
    kinds = [draw.choice(tuple(KINDS)) for _ in range(draw.choice((1, 1, 2, 3, 3, 4, 6, 9)))]
    count = draw.choice((0, 1, 3, 8, 20, 30, 104, 108, 112, 125, 160))
    gaps, odd, late = draw.choice((0, 0, 0.1, 0.6)), draw.choice((0, 0.01, 0.05, 0.3)), draw.random() < 0.7
    rows = [[_cell(kind, gaps, 0 if late and number < 100 else odd, draw) for kind in kinds] for number in range(count)]
    labels = [
        draw.choice(("", "名稱", "name", 'a "b"')) if draw.random() < 0.06 else f"c{i}" for i in range(len(kinds))
    ]
    if draw.random() < 0.05:
        labels = [draw.choice(labels) for _ in labels]
    rows.insert(0, labels)
    if draw.random() < 0.12:
        rows[0:0] = [[draw.choice(("Title", "標題", "", "x,y"))] for _ in range(draw.randrange(1, 4))]
    _bend(rows, draw, odd * 0.7 if odd else 0, 101 if late else 1)
    text = "".join(_lines(rows, draw))
    codec = draw.choice(CODECS) if draw.random() < 0.5 else "utf-8"
    data = text.encode(codec, errors="replace")
    if draw.random() < 0.25:
        data = spoiled(data, draw)
    return Case(data, draw.choice(("csv", "csv", "csv", "tsv")), codec, draw.choice(LIMITS), draw.choice(BLOCKS))


def _cell(kind: str, gaps: float, odd: float, draw: random.Random) -> str:
    chance = draw.random()
    return "" if chance < gaps else draw.choice(ODD) if chance > 1 - odd else KINDS[kind](draw)


def _bend(rows: list[list[str]], draw: random.Random, share: float, first: int) -> None:
    """Make rows too long, too short or blank."""
    for number in range(first, len(rows)):
        if draw.random() < share:
            row = rows[number]
            rows[number] = draw.choice(([], [""], [""] * len(row), row[:-1], [*row, "more"], [*row, "", ""], row[:1]))


def _lines(rows: list[list[str]], draw: random.Random) -> Iterator[str]:
    delimiter = draw.choice(",,,,\t;|") + draw.choice(("", "", "", "", " "))
    end, mixed = draw.choice(("\n", "\r\n", "\r\n", "\r")), draw.random() < 0.05
    always, careless = draw.random() < 0.15, draw.random() < 0.1
    for number, row in enumerate(rows):
        cells = [cell if careless else _quoted(cell, delimiter, always=always) for cell in row]
        last = number == len(rows) - 1 and draw.random() < 0.3
        yield delimiter.join(cells) + ("" if last else draw.choice(("\n", "\r\n", "\r")) if mixed else end)


def _quoted(cell: str, delimiter: str, *, always: bool) -> str:
    needs = always or any(sign in cell for sign in (delimiter[0], '"', "\n", "\r"))
    return '"' + cell.replace('"', '""') + '"' if needs else cell


def spoiled(data: bytes, draw: random.Random) -> bytes:
    """Return the bytes with one to three small wounds."""
    for _ in range(draw.randrange(1, 4)):
        at = draw.randrange(len(data) + 1)
        wound = draw.choice((b'"', b"\n", b"\r", b"\0", b"\xff", b"\xa4", b",", b" ", b"\n\n", b"", b"\xef\xbb\xbf"))
        data = data[:at] + wound + data[at + draw.choice((0, 0, 1, 1, 5)) :]
    return data


def told(case: Case, path: Path) -> tuple[Any, str]:
    """Return what the fast path says of the case (None where it proves nothing) and why; ``path`` is for its body."""
    path.write_bytes(case.data)
    try:
        with mock.patch.object(body, "BLOCK_BYTES", case.block):
            found = fast.judge(path, case.format, case.codec, case.limit, SHOWN)
    except fast.Unproved as why:
        return None, str(why)
    return form(found), "proved"


def form(found: fast.Outcome) -> Any:
    """Return what the fast path found in the form in which it is compared."""
    examples = {
        code: [(error.note, error.message, getattr(error, "cells", None)) for error in kept]
        for code, kept in found.tally.examples.items()
    }
    return found.tally.places, examples, found.rows, list(found.head.labels), list(found.head.types)


def oracle(case: Case, path: Path, detector: type[Detector] = Detector) -> Any:
    """Return what Frictionless says of the case, in the same form; its own detector makes it plain Frictionless."""
    path.write_bytes(case.data)
    resource = TableResource(
        path=path.name, basepath=str(path.parent), scheme="file", format=case.format, encoding=case.codec,
        detector=detector(),
    )  # fmt: skip
    return form_of(resource, resource.validate(limit_errors=case.limit))


def form_of(resource: TableResource, report: Report) -> Any:
    """Return what Frictionless reports in the form in which it is compared."""
    task = report.tasks[0]
    examples: dict[str, list[Any]] = {}
    places = []
    for error in task.errors:
        place = (error.type, getattr(error, "row_number", None), getattr(error, "field_number", None))
        places.append(place)
        kept = examples.setdefault(error.type, [])
        if len(kept) < SHOWN:
            kept.append((error.note, error.message, getattr(error, "cells", None)))
    types = [field.type for field in resource.schema.fields]
    return places, examples, task.stats.get("rows") or 0, task.labels, types


def differs(case: Case, path: Path, detector: type[Detector] = Detector) -> tuple[str | None, str]:
    """Return what differs between the two on one case (None: nothing), and which way the fast path took."""
    ours, way = told(case, path)
    if ours is None:
        return None, way
    return difference(ours, oracle(case, path, detector)), way


def difference(ours: Any, theirs: Any) -> str | None:
    """Return where two forms differ, in words; None where they do not."""
    if not isinstance(theirs, tuple):
        return f"fast {str(ours)[:600]} / frictionless raises {theirs}"
    names = ("errors", "examples", "rows", "labels", "types")
    for name, one, other in zip(names, ours, theirs, strict=True):
        if one != other:
            return f"{name}: fast {str(one)[:600]} / frictionless {str(other)[:600]}"
    return None


@contextmanager
def remembered_geojson() -> Iterator[None]:
    """Let Frictionless's reader of GeoJSON remember what it said of a text: a third of the time goes into asking it."""
    plain: Callable[[Any], Any] = GeojsonField(name="shared").create_value_reader()  # type: ignore[no-untyped-call]
    known = lru_cache(maxsize=10_000)(plain)

    def remembering(_: GeojsonField) -> Callable[[Any], Any]:
        return lambda cell: known(cell) if isinstance(cell, str) else plain(cell)

    with mock.patch.object(GeojsonField, "create_value_reader", remembering):
        yield


def run(
    seeds: Iterator[int], until: float, detector: type[Detector] = Detector, kind: str = "delimited"
) -> tuple[int, int, list[str]]:
    """Try seeds until the clock of ``time.monotonic`` says ``until``; return files, those proved, and differences."""
    from bench import natives  # noqa: PLC0415 - it is made of what stands here

    files, proved, found = 0, 0, []
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "body")
        for seed in seeds:
            if time.monotonic() > until:
                break
            if kind == "tables":
                apart, way = natives.differs(natives.case(seed), path, detector)
            else:
                apart, way = differs(case(seed), path, detector)
            files, proved = files + 1, proved + (way == "proved")
            if apart:
                found.append(f"seed {seed}: {apart}")
    return files, proved, found


def _process(arguments: tuple[int, int, float, str]) -> tuple[int, int, list[str]]:
    first, step, seconds, kind = arguments
    return run(iter(range(first, first + 10**9, step)), time.monotonic() + seconds, kind=kind)


def main() -> int:
    """Try random seeds for some minutes in all processors; the last line is for programs."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--minutes", type=float, default=1.0)
    parser.add_argument("--seed", type=int, default=None, help="the first seed; random where not given")
    parser.add_argument("--kind", choices=("delimited", "tables"), default="delimited",
                        help="delimited files, or workbooks, JSON and rows of native values")  # fmt: skip
    options = parser.parse_args()
    first = random.SystemRandom().randrange(10**12) if options.seed is None else options.seed
    workers = os.cpu_count() or 1
    print(f"seeds from {first}")
    with multiprocessing.Pool(workers) as pool:
        work = [(first + i, workers, options.minutes * 60, options.kind) for i in range(workers)]
        results = pool.map(_process, work)
    differences = [line for _, _, lines in results for line in lines]
    for line in differences[:20]:
        print(line)
    files, proved = sum(files for files, _, _ in results), sum(proved for _, proved, _ in results)
    print(f"fuzz-validate: files={files} differences={len(differences)} proved={proved}")
    return 1 if differences else 0


if __name__ == "__main__":
    sys.exit(main())
