"""`make bench`: what a harvest and a verdict cost, beside named peers on the same input in the same run.

The harvest is laid beside `ckanapi dump datasets` on the three instances of the sample portal, each answer delayed by
50 ms as over a network, our pace limit off. A verdict is laid beside plain Frictionless on the same generated files;
ours also looks for a repair and makes a profile. Peers are installed into `.peers/`, never into the product's `.venv`.
"""

import argparse
import csv
import os
import random
import statistics
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from bench.cost import cost
from bench.harvest import beside

DATASETS = 300
FILES = {100: 40, 1000: 10}
ROUNDS = 3


def tables(folder: Path, rows: int, files: int) -> None:
    """Write ``files`` sound CSV tables of ``rows`` rows and 12 mixed columns, the same on every machine."""
    folder.mkdir()
    for number in range(files):
        draw = random.Random(number)
        with (folder / f"{number}.csv").open("w", newline="", encoding="utf-8") as file:
            writer = csv.writer(file)
            writer.writerow([f"column {column}" for column in range(12)])
            writer.writerows(row(draw) for _ in range(rows))


def row(draw: random.Random) -> Iterator[object]:
    """Yield the twelve cells of a made-up row: numbers, dates, times, places, words."""
    yield from (draw.randrange(10**6), draw.randrange(100))
    yield from (round(draw.uniform(22.1, 22.6), 5), round(draw.uniform(113.8, 114.4), 5), round(draw.random() * 100, 2))
    yield from (f"2026-{draw.randrange(1, 13):02}-{draw.randrange(1, 29):02}", f"{draw.randrange(24):02}:30:00")
    yield draw.choice(("true", "false"))
    yield from (
        draw.choice(("中西區", "灣仔區", "沙田區")),
        draw.choice(("Central and Western", "Wan Chai", "Sha Tin")),
    )
    yield from (f"note, with a comma {draw.randrange(99)}", draw.choice(("A", "B", "C")))


def verdicts(folder: Path) -> float:
    """Return how many times our CPU a verdict plain Frictionless spends on the same files, start-up taken off."""
    seconds = {}
    for who in ("ours", "frictionless"):
        spent = [cost([sys.executable, "-m", "bench.worker", who, str(folder)]).cpu for _ in range(ROUNDS)]
        idle = [cost([sys.executable, "-m", "bench.worker", who, os.devnull]).cpu for _ in range(ROUNDS)]
        seconds[who] = statistics.median(spent) - statistics.median(idle)
    return seconds["frictionless"] / seconds["ours"]


def main() -> int:
    """Print each comparison and, last, one line a program can read."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--datasets", type=int, default=DATASETS)
    datasets = parser.parse_args().datasets
    mine, other = beside(datasets)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        ratios = {}
        for rows, files in FILES.items():
            tables(folder / str(rows), rows, files)
            ratios[rows] = verdicts(folder / str(rows))
            print(f"verdict on {rows} rows: Frictionless spends {ratios[rows]:.2f} times our CPU")
    told = " ".join(f"rows{rows}={ratio:.2f}" for rows, ratio in ratios.items())
    print(f"bench: ratio_ckanapi={other.wall / mine.wall:.2f} cpu_ratio_ckanapi={mine.cpu / other.cpu:.2f} {told}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
