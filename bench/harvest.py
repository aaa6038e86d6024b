"""`make bench-harvest`: a full harvest of three instances beside `ckanapi dump`, on one server in one run.

Each answer of the sample portal is delayed by 50 ms, as over a network; our pace limit is off; ckanapi uses the three
processes it allows itself. Memory is measured again at 1,000 and at 16,000 datasets, where it must be the same.
"""

import argparse
import os
import sys
import tempfile
from pathlib import Path

from bench.cost import Cost, cost, peer
from harvester.sample import SampleAddress, sample_portal

CKANAPI = "ckanapi==4.11"
INSTANCES = ("en", "tc", "sc")
DATASETS = 4000
MEMORY_AT = (1000, 16000)


def ours(sample: SampleAddress, folder: Path) -> Cost:
    """Return what our harvest of the three instances cost."""
    http, https = (f"{host}:{port}" for host, port in (sample.routes.http, sample.routes.https))
    place = (sample.url, sample.routes.suffix, http, https, str(sample.routes.ca_file))
    return cost([sys.executable, "-m", "bench.worker", "harvest", str(folder / "harvest.db"), *place])


def theirs(sample: SampleAddress, folder: Path, programs: Path) -> Cost:
    """Return what ckanapi's dumps of the same three instances cost together."""
    host, port = sample.routes.http
    costs = [
        cost(
            [
                str(programs / "ckanapi"), "dump", "datasets", "--all", "-g", "-p", "3",
                "-r", f"{sample.url}/{language}-data", "-O", str(folder / f"{language}.jsonl"),
            ],
            http_proxy=f"http://{host}:{port}",
            PATH=f"{programs}{os.pathsep}{os.environ['PATH']}",  # it starts its workers by name
        )
        for language in INSTANCES
    ]  # fmt: skip
    return Cost(sum(one.wall for one in costs), sum(one.cpu for one in costs), max(one.peak_mb for one in costs))


def beside(datasets: int) -> tuple[Cost, Cost]:
    """Return our cost and ckanapi's for the same ``datasets`` in three instances, and print both."""
    programs = peer("ckanapi", CKANAPI)
    with (
        tempfile.TemporaryDirectory() as name,
        sample_portal(f"sample?datasets={datasets}&delay-ms=50&no-faults") as sample,
    ):
        mine, other = ours(sample, Path(name)), theirs(sample, Path(name), programs)
    for who, one in (("harvest", mine), ("ckanapi", other)):
        rate = 3 * datasets / one.wall
        print(
            f"{who}: {3 * datasets} records, {rate:.0f} a second, {1000 * one.cpu / (3 * datasets):.2f} ms CPU each,"
            f" peak {one.peak_mb:.0f} MB",
            flush=True,
        )
    return mine, other


def peak_mb(datasets: int) -> float:
    """Return the peak memory in MB of a harvest of so many datasets, three instances, no delay."""
    with tempfile.TemporaryDirectory() as name, sample_portal(f"sample?datasets={datasets}&no-faults") as sample:
        peak = ours(sample, Path(name)).peak_mb
    print(f"harvest of {datasets} x 3: peak {peak:.0f} MB", flush=True)
    return peak


def main() -> int:
    """Print each measurement and, last, one line a program can read."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--datasets", type=int, default=DATASETS)
    mine, other = beside(parser.parse_args().datasets)
    small, large = (peak_mb(datasets) for datasets in MEMORY_AT)
    print(
        f"bench-harvest: ratio_ckanapi={other.wall / mine.wall:.2f} cpu_ratio_ckanapi={mine.cpu / other.cpu:.2f}"
        f" peak_mb={small:.0f} peak_mb_16000={large:.0f}"
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())
