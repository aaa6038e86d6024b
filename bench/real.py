"""`make real`: the whole line on real recorded input, a row a file, so that a person can disagree with it.

The recorded bodies and files lie beside the checkout in `../shared/hk` and are no part of this project. The result
stays in `real/` to be browsed. Two things are measured: how many of the files that people read first (`readings.py`)
are read as they read them, and how many tables get another report than plain Frictionless gives on the whole file.
"""

import argparse
import json
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any
from unittest import mock
from urllib.parse import unquote, urlsplit

from frictionless import Detector
from sqlite_utils import Database

from bench.line import barometer
from bench.readings import Agreement, agreement, readings
from harvester.records import Content, Defect, Dialect, Sniffed
from harvester.validate import engine
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
OURS = "formula-error"
"""The one defect that is told of tables and is not Frictionless's."""
COMPARED_BYTES = 8_000_000
"""Larger files are not read a second time by Frictionless; the suite does that (none of the recorded is)."""
READ_RIGHT = 0.95


def main() -> int:
    """Run the line on the recorded input and print what it made of each file; 1 where a file has no verdict."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--into", type=Path, default=Path("real"), help="the folder that keeps the result")
    folder: Path = parser.parse_args().into
    if not RECORDED.is_dir():
        print(f"real: skipped, the recorded input is not at {RECORDED}")
        return 0
    measured = measure(folder)
    files = measured["contents"]
    for row in measured["rows"]:
        print(line(row))
    agreed = [agreement(reading, files[reading.file]) for reading in readings()]
    compared, different = differences(files)
    print("\n".join([*(f"differs from plain Frictionless: {each}" for each in different), *told(agreed)]))
    print(f"Browse it: barometer serve --catalog {folder / 'catalog.db'}")
    print(f"crashes={measured['crashes']} datasets={measured['datasets']} compared={compared}")
    tables = [each for each in agreed if each.reading.table]
    share = sum(each.right for each in tables) / len(tables)
    count, verdicts = len(measured["rows"]), measured["verdicts"]
    print(
        f"real: files={count} verdicts={verdicts} tables={len(tables)} read_right={share:.3f}"
        f" differences={len(different)}"
    )
    return 0 if verdicts == count and not measured["crashes"] and not different and share >= READ_RIGHT else 1


def told(agreed: Sequence[Agreement]) -> list[str]:
    """Return what was read otherwise than a person reads it, a line a file, and the shares that were read right."""
    wrong = [
        f"read otherwise: {each.reading.file}: {each.got}"
        for each in agreed
        if not (each.right and each.rows and each.rest)
    ]
    shares = []
    for name, fresh in (("fresh", True), ("earlier", False)):
        some = [each for each in agreed if each.reading.fresh is fresh]
        tables = [each for each in some if each.reading.table]
        others = [each for each in some if not each.reading.table]
        shares.append(
            f"readings, {name}: tables={len(tables)} labels_right={sum(each.right for each in tables)}"
            f" rows_right={sum(each.rows for each in tables)} all_right={sum(each.rest for each in tables)}"
            f" valid_as_read={sum(each.valid for each in tables)}"
            f" no_tables={len(others)} told_so={sum(each.table for each in others)}"
        )
    return wrong + shares


def measure(folder: Path) -> dict[str, Any]:
    """Run the line in ``folder``; return a row a file, their contents by name, and counts.

    Counted are verdicts, crashes, datasets with a score, and datasets listed.
    """
    folder.mkdir(parents=True, exist_ok=True)
    barometer("run", "--portal", f"sample?recorded={RECORDED}", cwd=folder)
    db = Database(folder / "harvest.db")
    rows = list(db.query(FILES))
    scored = (
        "SELECT count(DISTINCT subject) FROM score WHERE subject_type = 'dataset' AND pillar = '' AND until IS NULL"
    )
    return {
        "rows": rows,
        "contents": {name_of(row): _content(db, row) for row in rows if row["verdict"]},
        "verdicts": sum(1 for row in rows if row["verdict"]),
        "crashes": db.execute("SELECT count(*) FROM failure").fetchone()[0],
        "datasets": db.execute(scored).fetchone()[0],
        "listed": db.execute("SELECT count(*) FROM dataset").fetchone()[0],
    }


def name_of(row: Mapping[str, Any]) -> str:
    """Return a file's name in the recorded collection, out of the address it was published at."""
    return unquote(urlsplit(row["url"]).path).lstrip("/")


def _content(db: Database, row: Mapping[str, Any]) -> Content:
    """Return what was stored of a file, as far as it is measured here."""
    stored = json.loads(row["dialect"]) if row["dialect"] else None
    plain = stored and {name: tuple(each) if isinstance(each, list) else each for name, each in stored.items()}
    defects = tuple(
        Defect(
            each["code"], each["count"], each["row"], each["field"], each["note"], tuple(json.loads(each["examples"]))
        )
        for each in db.query("SELECT * FROM defect WHERE content = ?", [row["sha256"]])
    )
    return Content(
        row["sha256"], row["bytes"], bool(row["complete"]), row["format"], row["nature"], row["ladder"],
        row["encoding"],
        bool(row["bom"]), Dialect(**plain) if plain else None, row["rows"], row["columns"],
        tuple(json.loads(row["labels"] or "[]")), verdict=row["verdict"], repaired=row["repaired"], defects=defects,
    )  # fmt: skip


def differences(contents: Mapping[str, Content]) -> tuple[int, list[str]]:
    """Return how many tables were read again by plain Frictionless, and the names of those it says otherwise of.

    Plain is Frictionless with its own detector, from the first row to the last, with the options of our docs; compared
    are the verdict and every defect's count, first place, note and examples.
    """
    compared, different = 0, []
    for name, content in sorted(contents.items()):
        if content.verdict not in ("valid", "invalid") or content.bytes > COMPARED_BYTES:
            continue
        compared += 1
        plain = _plainly(RECORDED / "files" / name, content)
        ours = {defect.code: defect for defect in content.defects if defect.code != OURS}
        if (plain.valid, {defect.code: defect for defect in plain.defects}) != (content.verdict == "valid", ours):
            different.append(name)
    return compared, different


def _plainly(path: Path, content: Content) -> engine.Judgement:
    codec, record_path = None, None
    if content.format in ("csv", "tsv"):
        codec = engine.encoding_option(Sniffed(content.format, content.nature, content.encoding, content.bom))
    elif content.dialect is not None:
        record_path = content.dialect.record_path or None
    format_ = "xlsx" if content.format == "xlsm" else content.format
    with mock.patch.object(engine, "KeptDetector", Detector):
        return engine.judge_by_frictionless(path, format_, encoding=codec, record_path=record_path)


def line(row: Mapping[str, Any]) -> str:
    """Return one file as a line: format, encoding, rows, how it is read, both verdicts, seconds, defects."""
    dialect = json.loads(row["dialect"]) if row["dialect"] else {}
    cells = (
        f"{name_of(row)[-48:]:48}", f"{row['format'] or '-':8}", f"{row['encoding'] or '-':12}",
        f"rows {'-' if row['rows'] is None else row['rows']:>7}", f"{how(dialect):32}",
        f"{row['verdict'] or 'none':10}", f"{row['repaired'] or '-':8}", f"{row['seconds'] or 0:6.2f} s",
        row["codes"] or row["reason"] or "",
    )  # fmt: skip
    return " ".join(cells)


def how(dialect: Mapping[str, Any]) -> str:
    """Return how a file is read, in short: where its labels are, and what of it is no data of its table."""
    if not dialect:
        return "-"
    top, height = dialect.get("header_row"), dialect.get("header_rows", 1)
    words = [f"labels {top or 'none'}" + (f"-{top + height - 1}" if top and height > 1 else "")]
    if dialect.get("record_path"):
        words.append(f"in {dialect['record_path']}")
    if dialect.get("delimiter") == "\t":
        words.append("tabs")
    counts = (("footer_rows", "after"), ("sections", "sections"), ("merged", "merged"), ("others", "more tables"))
    words += [f"{dialect[name]} {word}" for name, word in counts if dialect.get(name)]
    if dialect.get("missing_values"):
        words.append(f"no value {' '.join(dialect['missing_values'])}")
    return ", ".join(words)


if __name__ == "__main__":
    sys.exit(main())
