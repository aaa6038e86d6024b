"""Makes the scores of a published catalogue again from the file alone: ``python -m publish.recompute catalog.db``.

It reads the answers and the measures that stand, and each profile as the file keeps it, and does the arithmetic of
docs/scores.md. No score that is stored is read before its own is made.
"""

import sqlite3
import sys
from collections import defaultdict
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from sqlite_utils import Database

from scoring.rescore_read import Given, inputs_of, stored
from scoring.rubric_store import read_again
from scoring.score import Score, score_inputs

PROFILES = "SELECT p.id, r.text FROM profile p JOIN rubric r ON r.digest = p.rubric ORDER BY p.position"
KEPT = (
    "SELECT subject, point, low, high FROM score WHERE subject_type = 'dataset' AND profile = ? AND pillar = ''"
    " AND until IS NULL ORDER BY subject"
)
USAGE = "Write: python -m publish.recompute catalog.db"


@dataclass(frozen=True, slots=True)
class Made:
    """One profile done again: how many datasets' scores it made, and those whose stored score is another."""

    profile: str
    datasets: int
    differ: tuple[str, ...]


def recompute(catalog: Path) -> Iterator[Made]:
    """Yield every profile's scores of datasets, made again and laid beside those stored: point, low and high.

    Raises sqlite3.DatabaseError where ``catalog`` is no catalogue of ours.
    """
    with closing(sqlite3.connect(f"{catalog.resolve().as_uri()}?mode=ro", uri=True)) as connection:
        db = Database(connection)
        for profile, text in connection.execute(PROFILES).fetchall():
            rubric = read_again(text, profile)
            if rubric is None:
                continue  # it names what this version of the program no longer has
            own: dict[str, dict[str, Given]] = defaultdict(dict)
            for row in stored(db, rubric):
                if row.until is None:
                    own[row.dataset][row.name] = row.given
            made = {name: score_inputs(rubric, inputs_of(rubric, given)) for name, given in own.items()}
            kept = connection.execute(KEPT, [profile]).fetchall()
            same = {name for name, *three in kept if name in made and three == _three(made[name])}
            yield Made(profile, len(kept), tuple(name for name, *_ in kept if name not in same))


def _three(score: Score) -> list[float | None]:
    return [score.point, score.low, score.high]


def main() -> int:
    """Print a line a profile, and the first datasets whose score is not the stored one; 0 where there are none."""
    if len(sys.argv) != 2 or not Path(sys.argv[1]).is_file():  # noqa: PLR2004 - the program's name and one file
        print(USAGE, file=sys.stderr)
        return 2
    wrong = 0
    try:
        for made in recompute(Path(sys.argv[1])):
            wrong += len(made.differ)
            print(f"{made.profile}: {made.datasets} scores made again, {len(made.differ)} differ from the file's")
            print("".join(f"  {name}\n" for name in made.differ[:10]), end="")
    except sqlite3.DatabaseError as error:
        print(f"{sys.argv[1]} is no catalogue of ours ({error}). {USAGE}", file=sys.stderr)
        return 2
    return 1 if wrong else 0


if __name__ == "__main__":
    raise SystemExit(main())
