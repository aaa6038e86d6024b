"""`make truth`: run the whole line on the sample portal and hold every answer against what was planted.

Options: --datasets, --seed, --date, --show KIND (print what was missed or invented in that kind, or `all`).
"""

import argparse
import json
import subprocess
import sys
import tempfile
from pathlib import Path
from urllib.parse import urlencode

from bench.judge import BACKGROUND, Entry, Tally, judge, read_entries, total
from bench.line import barometer, states
from scoring.criteria import RESOURCE_CRITERIA


def main() -> int:
    """Print a line a kind and a last line of totals; exit with 1 where recall or precision is below 0.95."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--datasets", type=int, default=300)
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--date", default="")
    parser.add_argument("--show", default="")
    parser.add_argument("--keep", type=Path, help="work in this folder and leave it")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        work = options.keep or Path(folder)
        work.mkdir(parents=True, exist_ok=True)
        tallies = measure(work, options.datasets, options.seed, options.date)
    return report(tallies, options.show)


def measure(work: Path, datasets: int, seed: int, date: str = "") -> dict[str, Tally]:
    """Run the line in ``work`` on a sample of ``datasets`` from ``seed`` and return the tally of each kind."""
    sample = {"datasets": str(datasets), "seed": str(seed), **({"date": date} if date else {})}
    as_of = ("--as-of", date) if date else ()
    barometer("run", "--portal", f"sample?{urlencode(sample)}", *as_of, cwd=work)
    return judge(planted(sample), states(work / "catalog.db"), RESOURCE_CRITERIA)


def planted(sample: dict[str, str]) -> list[Entry]:
    """Return the truth list of the sample portal with these options."""
    arguments = [word for name, value in sample.items() for word in (f"--{name}", value)]
    command = [sys.executable, "-m", "sample_portal", *arguments, "--print-truth"]
    told = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    return read_entries(json.loads(told)["entries"])


def report(tallies: dict[str, Tally], show: str = "") -> int:
    """Print the table and the line of totals; return the exit code."""
    print(f"{'kind':40} planted found look-alikes wrong excused recall precision")
    for kind, tally in sorted(tallies.items()):
        if kind.startswith(BACKGROUND) and not tally.wrong:
            continue
        print(
            f"{kind:40} {tally.planted:7} {tally.found:5} {tally.lookalikes:11} {tally.wrong:5} {tally.excused:7}"
            f" {tally.recall:6.3f} {tally.precision:9.3f}"
        )
        for note in tally.notes if show in (kind, "all") else ():
            print(f"    {note}")
    whole = total(tallies.values())
    print(
        f"truth: planted={whole.planted} found={whole.found} wrong={whole.wrong} excused={whole.excused}"
        f" recall={whole.recall:.3f} precision={whole.precision:.3f}"
    )
    return 0 if whole.recall >= 0.95 and whole.precision >= 0.95 else 1


if __name__ == "__main__":
    sys.exit(main())
