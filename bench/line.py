"""Running the whole line in a folder of its own, for everything that measures it."""

import subprocess
import sys
from pathlib import Path

from sqlite_utils import Database

DONE = (0, 1)
STATE = "CASE value WHEN 1 THEN 'yes' WHEN 0.5 THEN 'partly' WHEN 0 THEN 'no' ELSE 'unknown' END"


def barometer(*arguments: str, cwd: Path) -> None:
    """Run one barometer command in ``cwd``. Raises SystemExit with its own words where it could not run."""
    command = [sys.executable, "-m", "harvester", *arguments]
    done = subprocess.run(command, cwd=cwd, check=False)
    if done.returncode not in DONE:
        raise SystemExit(f"`barometer {' '.join(arguments)}` ended with {done.returncode}: its own words are above.")


def states(catalog: Path) -> dict[tuple[str, str, str], tuple[str, str]]:
    """Return the answers that stand in a catalogue: (dataset, resource, criterion) to (state, reason)."""
    rows = Database(catalog).query(
        f"SELECT dataset, resource, criterion, {STATE} AS state, reason FROM answer WHERE until IS NULL"  # noqa: S608 (a constant)
    )
    return {(row["dataset"], row["resource"], row["criterion"]): (row["state"], row["reason"]) for row in rows}
