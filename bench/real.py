"""`make real`: the whole line on real recorded input, a row a file, so that a person can disagree with it.

The recorded bodies and files lie beside the checkout in `../shared/hk` and are no part of this project. The result
stays in `real/` to be browsed.
"""

import argparse
import json
import sys
from pathlib import Path
from typing import Any

from sqlite_utils import Database

from bench.line import barometer
from sample_portal.recorded import FILES_HOST

RECORDED = Path(__file__).parents[2] / "shared" / "hk"
FILES = f"""
SELECT url.url, content.*, defects.codes
FROM resource
JOIN url ON url.id = resource.url
LEFT JOIN visit ON visit.id = (SELECT max(id) FROM visit WHERE visit.url = url.id)
LEFT JOIN content ON content.sha256 = visit.sha256
LEFT JOIN (
    SELECT content, group_concat(code || ' x' || count, ', ') AS codes FROM defect GROUP BY content
) AS defects ON defects.content = content.sha256
WHERE url.host = '{FILES_HOST}'
ORDER BY url.url
"""  # noqa: S608 (the host is a constant)


def main() -> int:
    """Run the line on the recorded input and print what it made of each file; 1 where a file has no verdict."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--into", type=Path, default=Path("real"), help="the folder that keeps the result")
    folder: Path = parser.parse_args().into
    if not RECORDED.is_dir():
        print(f"real: skipped, the recorded input is not at {RECORDED}")
        return 0
    measured = measure(folder)
    for row in measured["rows"]:
        print(line(row))
    print(f"Browse it: barometer serve --catalog {folder / 'catalog.db'}")
    print(
        f"real: files={len(measured['rows'])} verdicts={measured['verdicts']}"
        f" crashes={measured['crashes']} datasets={measured['datasets']}"
    )
    return 0 if measured["verdicts"] == len(measured["rows"]) and not measured["crashes"] else 1


def measure(folder: Path) -> dict[str, Any]:
    """Run the line in ``folder``; return a row a file and the counts of verdicts, crashes and datasets with a score."""
    folder.mkdir(parents=True, exist_ok=True)
    barometer("run", "--portal", f"sample?recorded={RECORDED}", cwd=folder)
    db = Database(folder / "harvest.db")
    rows = list(db.query(FILES))
    scored = "SELECT count(*) FROM score WHERE subject_type = 'dataset' AND pillar = '' AND until IS NULL"
    return {
        "rows": rows,
        "verdicts": sum(1 for row in rows if row["verdict"]),
        "crashes": db.execute("SELECT count(*) FROM failure").fetchone()[0],
        "datasets": db.execute(scored).fetchone()[0],
        "listed": db.execute("SELECT count(*) FROM dataset").fetchone()[0],
    }


def line(row: dict[str, Any]) -> str:
    """Return one file as a line: format, encoding, rows, header row, both verdicts, seconds, defects."""
    dialect = json.loads(row["dialect"]) if row["dialect"] else {}
    name = row["url"].partition(FILES_HOST)[2].lstrip("/")[-48:]
    cells = (
        f"{name:48}", f"{row['format'] or '-':8}", f"{row['encoding'] or '-':12}",
        f"rows {'-' if row['rows'] is None else row['rows']:>7}", f"header {dialect.get('header_row') or '-':>3}",
        f"{row['verdict'] or 'none':10}", f"{row['repaired'] or '-':8}", f"{row['seconds'] or 0:6.2f} s",
        row["codes"] or row["reason"] or "",
    )  # fmt: skip
    return " ".join(cells)


if __name__ == "__main__":
    sys.exit(main())
