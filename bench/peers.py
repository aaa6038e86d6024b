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
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from harvester.sample import SampleAddress, sample_portal

PEERS = Path(".peers")
CKANAPI = "ckanapi==4.11"
INSTANCES = ("en", "tc", "sc")
DATASETS = 300
FILES = {100: 40, 1000: 10}
ROUNDS = 3


@dataclass(frozen=True, slots=True)
class Cost:
    """What a process cost, its own children included: wall and CPU seconds."""

    wall: float
    cpu: float


def cost(command: list[str], **environment: str) -> Cost:
    """Run ``command`` and return what it cost. Raises SystemExit where it fails, with its own words."""
    started = time.monotonic()
    process = subprocess.Popen(command, env={**os.environ, **environment}, stdout=subprocess.DEVNULL)
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise SystemExit(f"`{' '.join(command)}` ended with {process.returncode}: its own words are above.")
    return Cost(time.monotonic() - started, usage.ru_utime + usage.ru_stime)


def peer(name: str, requirement: str) -> Path:
    """Return the folder of programs of a peer's own environment, made on first use."""
    folder = PEERS / name
    if not (folder / ".ready").exists():
        subprocess.run([sys.executable, "-m", "venv", str(folder)], check=True)
        install = [str(folder / "bin" / "python"), "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
        subprocess.run([*install, requirement], check=True)
        (folder / ".ready").touch()
    return (folder / "bin").resolve()


def harvests(sample: SampleAddress, folder: Path, programs: Path) -> tuple[Cost, Cost]:
    """Return what our harvest of three instances cost, and what ckanapi's dumps of the same cost."""
    http, https = (f"{host}:{port}" for host, port in (sample.routes.http, sample.routes.https))
    place = (sample.url, sample.routes.suffix, http, https, str(sample.routes.ca_file))
    ours = cost([sys.executable, "-m", "bench.worker", "harvest", str(folder / "harvest.db"), *place])
    theirs = [
        cost(
            [
                str(programs / "ckanapi"), "dump", "datasets", "--all", "-g", "-p", "3",
                "-r", f"{sample.url}/{language}-data", "-O", str(folder / f"{language}.jsonl"),
            ],
            http_proxy=f"http://{http}",
            PATH=f"{programs}{os.pathsep}{os.environ['PATH']}",  # it starts its workers by name
        )
        for language in INSTANCES
    ]  # fmt: skip
    return ours, Cost(sum(one.wall for one in theirs), sum(one.cpu for one in theirs))


def tables(folder: Path, rows: int, files: int) -> None:
    """Write ``files`` sound CSV tables of ``rows`` rows and 12 mixed columns, the same on every machine."""
    folder.mkdir()
    for number in range(files):
        draw = random.Random(number)
        with (folder / f"{number}.csv").open("w", newline="", encoding="utf-8") as file:
            writer = csv.writer(file)
            writer.writerow([f"column {column}" for column in range(12)])
            writer.writerows(_row(draw) for _ in range(rows))


def _row(draw: random.Random) -> Iterator[object]:
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
    programs = peer("ckanapi", CKANAPI)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        with sample_portal(f"sample?datasets={datasets}&delay-ms=50&no-faults") as sample:
            ours, theirs = harvests(sample, folder, programs)
        print(f"harvest of {datasets} x 3 records: {ours.wall:.1f} s wall, {ours.cpu:.1f} s CPU")
        print(f"ckanapi, 3 processes, the same:   {theirs.wall:.1f} s wall, {theirs.cpu:.1f} s CPU")
        ratios = {}
        for rows, files in FILES.items():
            tables(folder / str(rows), rows, files)
            ratios[rows] = verdicts(folder / str(rows))
            print(f"verdict on {rows} rows: Frictionless spends {ratios[rows]:.2f} times our CPU")
    told = " ".join(f"rows{rows}={ratio:.2f}" for rows, ratio in ratios.items())
    print(f"bench: ratio_ckanapi={theirs.wall / ours.wall:.2f} cpu_ratio_ckanapi={ours.cpu / theirs.cpu:.2f} {told}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
