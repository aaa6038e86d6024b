"""`make bench-validate`: what a verdict costs beside plain Frictionless on the same files in the same run.

Small files are examined whole (what it is, the verdict, the search for a repair, the profile); for large ones the
verdict alone is compared, and the whole examination's memory is told beside it. Every measurement is a process of its
own and counts CPU seconds of the work after start-up. Plain Frictionless is given the same format, encoding and limit
of errors. Above 10 MB it is not run: its seconds are those of the 10 MB file of the same kind, scaled by size.
"""

import argparse
import csv
import json
import random
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from io import StringIO
from pathlib import Path
from statistics import median
from typing import Any

from bench.peers import row, tables

SMALL = {20: 30, 100: 20, 1000: 10}
ROUNDS = 5
MB = 1_000_000
BAD_SHARE = 0.01
RECORDS = 15_000
NAMES = ["number", "hour", "latitude", "longitude", "share", "day", "time", "open", "地區", "district", "note", "grade"]


@dataclass(frozen=True, slots=True)
class Measured:
    """CPU seconds of the work, the process's peak in MB, and what was said."""

    cpu: float
    peak_mb: float
    said: Any


def lines(size: int, codec: str, share_bad: float) -> Iterator[str]:
    """Yield the lines of a table of some ``size`` bytes in ``codec``, a share of those after the hundredth bad."""
    draw = random.Random(size)
    written = number = 0
    while written < size:
        number += 1
        cells = [str(cell) for cell in row(draw)]
        if number > 100 and draw.random() < share_bad:
            cells = _spoiled(cells, draw)
        text = StringIO(newline="")
        csv.writer(text).writerow(cells)
        line = text.getvalue()
        written += len(line.encode(codec))
        yield line


def _spoiled(cells: list[str], draw: random.Random) -> list[str]:
    kind = draw.randrange(6)
    if kind == 0:
        return []
    if kind == 1:
        return [*cells, "more"]
    if kind == 2:
        return cells[:-1]
    place, text = ((0, "n/a"), (5, "2026-02-30"), (2, "1,234.5"))[kind - 3]
    return [*cells[:place], text, *cells[place + 1 :]]


def write(path: Path, megabytes: int, codec: str = "utf-8", share_bad: float = 0.0) -> None:
    """Write a table of at most 10 MB of rows, repeated to ``megabytes``."""
    header = ",".join(f"column {column}" for column in range(12)) + "\r\n"
    piece = min(megabytes, 10)
    body = "".join(lines(piece * MB, codec.removesuffix("-sig"), share_bad))
    with path.open("w", encoding=codec, newline="") as file:
        file.write(header)
        for _ in range(max(1, megabytes // piece)):
            file.write(body)


def write_others(folder: Path) -> None:
    """Write a workbook and a list of JSON records of 15,000 rows."""
    import openpyxl  # noqa: PLC0415 - only here

    draw = random.Random(0)
    rows = [[str(cell) if cell in ("true", "false") else cell for cell in row(draw)] for _ in range(RECORDS)]
    book = openpyxl.Workbook()
    sheet: Any = book.active
    for cells in [NAMES, *rows]:
        sheet.append(cells)
    book.save(folder / "15000.xlsx")
    records = [dict(zip(NAMES, cells, strict=True)) for cells in rows]
    (folder / "15000.json").write_text(json.dumps(records, ensure_ascii=False), encoding="utf-8")


def ours(path: Path, codec: str) -> Any:
    """Give our verdict on a delimited file."""
    from harvester.validate import engine  # noqa: PLC0415 - imports are no part of what is measured

    found = engine.judge_file(path, "csv", encoding=codec)
    return [found.rows, [[each.code, each.count, each.row, each.field] for each in found.defects]]


def examined(path: Path, _: str) -> Any:
    """Examine one file, or every file of a folder, whole."""
    from harvester.sniff import sniff  # noqa: PLC0415
    from harvester.validate import examine  # noqa: PLC0415

    verdicts = []
    for each in sorted(path.iterdir()) if path.is_dir() else [path]:
        with each.open("rb") as file:
            sniffed = sniff(file)
        verdicts.append(examine(each, sniffed, "0" * 64, each.stat().st_size, complete=True).verdict)
    return verdicts


def plain(path: Path, codec: str) -> Any:
    """Let plain Frictionless validate one delimited file."""
    from frictionless.resources import TableResource  # noqa: PLC0415

    from harvester.validate import engine  # noqa: PLC0415

    report = TableResource(
        path=path.name, basepath=str(path.parent), scheme="file", format="csv", encoding=codec
    ).validate(limit_errors=engine.ERRORS_COUNTED)
    task = report.tasks[0]
    found: dict[str, list[Any]] = {}
    for error in task.errors:
        place = [error.type, 0, getattr(error, "row_number", None), getattr(error, "field_number", None)]
        found.setdefault(error.type, place)[1] += 1
    return [task.stats.get("rows"), list(found.values())]


def plain_each(path: Path, _: str) -> Any:
    """Let plain Frictionless validate one file, or every file of a folder, told no more than the format."""
    from frictionless.resources import TableResource  # noqa: PLC0415

    verdicts = []
    for each in sorted(path.iterdir()) if path.is_dir() else [path]:
        table = TableResource(path=each.name, basepath=str(each.parent), format=each.suffix[1:])
        verdicts.append("valid" if table.validate().valid else "invalid")
    return verdicts


def verdict(path: Path, _: str) -> Any:
    """Give our verdict alone on a workbook or on a list of JSON records, which is parsed for it."""
    from harvester.validate import engine, jsons  # noqa: PLC0415

    if path.suffix == ".json":
        text = path.read_text(encoding="utf-8")
        parsed = jsons.load(text)
        found = engine.judge_document(path, text, parsed, [], parsed)
    else:
        found = engine.judge_file(path, path.suffix[1:])
    return ["valid" if found.valid else "invalid"]


WORK: dict[str, Callable[[Path, str], Any]] = {
    "ours": ours, "plain": plain, "examined": examined, "plain_each": plain_each, "verdict": verdict,
}  # fmt: skip


def measure(work: str, path: Path, codec: str = "utf-8") -> Measured:
    """Do a piece of work in a process of its own."""
    command = [sys.executable, "-m", "bench.validate", "--work", work, str(path), codec]
    told = json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout.splitlines()[-1])
    return Measured(**told)


def _work(work: str, path: str, codec: str) -> None:
    import frictionless.resources  # noqa: F401, PLC0415 - start-up is not measured

    import harvester.validate.engine  # noqa: F401, PLC0415

    began = time.process_time()
    said = WORK[work](Path(path), codec)
    cpu = time.process_time() - began
    print(json.dumps({"cpu": cpu, "peak_mb": _peak_mb(), "said": said}))


def _peak_mb() -> float:
    """Return this process's peak resident memory; getrusage would count that of the process it was forked from."""
    status = Path("/proc/self/status").read_text(encoding="ascii")
    return next(int(line.split()[1]) / 1024 for line in status.splitlines() if line.startswith("VmHWM"))


def beside(label: str, first: tuple[str, str], path: Path, codec: str, rounds: int) -> tuple[float, float, bool]:
    """Print and return how many times our CPU seconds the peer spends, its own seconds, and whether both agree."""
    pairs = [(measure(first[0], path, codec), measure(first[1], path, codec)) for _ in range(rounds)]
    mine, other = (median(each.cpu for each in side) for side in zip(*pairs, strict=True))
    same = pairs[0][0].said == pairs[0][1].said
    peaks = [max(each.peak_mb for each in side) for side in zip(*pairs, strict=True)]
    print(
        f"{label:28} ours {mine:8.3f} s {peaks[0]:4.0f} MB   frictionless {other:8.3f} s {peaks[1]:4.0f} MB"
        f"   {other / mine:6.1f} times{'' if same else '   THEY DIFFER'}",
        flush=True,
    )
    return other / mine, other, same


def small(folder: Path) -> tuple[dict[int, float], int]:
    """Measure folders of small tables, examined whole."""
    ratios, differences = {}, 0
    for rows, files in SMALL.items():
        tables(folder / str(rows), rows, files)
        label = f"{files} files of {rows} rows"
        ratio, _, same = beside(label, ("examined", "plain_each"), folder / str(rows), "utf-8", ROUNDS)
        ratios[rows], differences = ratio, differences + (not same)
    return ratios, differences


def large(folder: Path) -> tuple[dict[str, float], int]:
    """Measure large tables, the verdict alone; those of 100 MB against the 10 MB of the same kind, scaled."""
    ratios, differences = {}, 0
    kinds = (
        ("clean1", 1, "utf-8", 0.0), ("clean10", 10, "utf-8", 0.0), ("dirty10", 10, "utf-8", BAD_SHARE),
        ("utf16", 10, "utf-16", 0.0), ("big5", 10, "cp950", 0.0),
    )  # fmt: skip
    for name, megabytes, codec, share in kinds:
        path = folder / f"{name}.csv"
        write(path, megabytes, codec, share)
        ratios[name], seconds, same = beside(name, ("ours", "plain"), path, codec, ROUNDS if megabytes == 1 else 1)
        differences += not same
        if name in ("clean10", "dirty10"):
            hundred = name + "0"
            write(folder / f"{hundred}.csv", 100, codec, share)
            mine = measure("ours", folder / f"{hundred}.csv", codec)
            ratios[hundred] = seconds * 10 / mine.cpu
            errors = sum(count for _, count, _, _ in mine.said[1])
            print(f"{hundred:28} ours {mine.cpu:8.3f} s {mine.peak_mb:4.0f} MB   frictionless {seconds * 10:8.3f} s "
                  f"(scaled)   {ratios[hundred]:6.1f} times   {errors:,} errors")  # fmt: skip
    return ratios, differences


def native_tables(folder: Path) -> tuple[dict[str, float], int]:
    """Measure a workbook and a list of JSON records: examined whole, and read for the verdict alone."""
    write_others(folder)
    ratios, differences = {}, 0
    for name in ("xlsx", "json"):
        path = folder / f"15000.{name}"
        for label, work in ((name, "examined"), (f"{name}_verdict", "verdict")):
            ratios[label], _, same = beside(f"{path.name}, {work}", (work, "plain_each"), path, "utf-8", 3)
            differences += not same
    return ratios, differences


def main() -> int:
    """Measure all and print, last, one line a program can read."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--work", nargs=3, metavar=("WORK", "PATH", "CODEC"), help=argparse.SUPPRESS)
    parser.add_argument("--no-gigabyte", action="store_true", help="leave out the file of 1 GB")
    options = parser.parse_args()
    if options.work:
        _work(*options.work)
        return 0
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        rows, differences = small(folder)
        ratios, more = large(folder)
        tables_, apart = native_tables(folder)
        differences += more + apart
        peak = "-" if options.no_gigabyte else f"{gigabyte(folder):.0f}"
    told = " ".join(f"{each}={ratios[each]:.1f}" for each in ("clean100", "clean10", "dirty100", "utf16", "big5"))
    native = " ".join(f"{name}={ratio:.1f}" for name, ratio in tables_.items())
    print(f"bench-validate: {told} rows100={rows[100]:.2f} rows1000={rows[1000]:.2f} {native} peak_mb_1gb={peak} "
          f"differences={differences}")  # fmt: skip
    return 1 if differences else 0


def gigabyte(folder: Path) -> float:
    """Return the peak, in MB, of examining a table of 1 GB whole."""
    path = folder / "gigabyte.csv"
    if shutil.disk_usage(folder).free < 2_000 * MB:
        raise SystemExit("There is no room for a file of 1 GB: run with --no-gigabyte.")
    write(path, 1000)
    verdict, whole = measure("ours", path), measure("examined", path)
    path.unlink()
    print(f"{'1 GB, the verdict':28} ours {verdict.cpu:8.3f} s {verdict.peak_mb:4.0f} MB")
    print(f"{'1 GB, examined whole':28} ours {whole.cpu:8.3f} s {whole.peak_mb:4.0f} MB   {whole.said[0]}")
    return max(verdict.peak_mb, whole.peak_mb)


if __name__ == "__main__":
    sys.exit(main())
