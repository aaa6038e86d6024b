"""Delimited files and workbooks: Frictionless's verdict as published, and on the table a careful reader would see."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

from harvester.records import Dialect, Profile, Sniffed
from harvester.validate import engine, grid, layout, limits, moments, profile
from harvester.validate.engine import Judgement
from harvester.validate.fast import documents, sheets
from harvester.validate.finding import Finding, unmeasured
from harvester.validate.grid import Grid
from harvester.validate.layout import Layout

PLAIN = frozenset({str, int, float, bool, type(None)})


def examine_delimited(path: Path, sniffed: Sniffed, today: date) -> Finding:
    """Return the finding on a CSV or TSV file. ``today`` is Hong Kong's date."""
    if reason := limits.of_text(path, sniffed.encoding):
        return unmeasured(reason)
    published = engine.judge_file(path, sniffed.format, encoding=engine.encoding_option(sniffed))
    return both_verdicts(published, grid.read(path, sniffed), sniffed.encoding, today)


def examine_workbook(path: Path, sniffed: Sniffed, today: date) -> Finding:
    """Return the finding on an XLS, XLSX or XLSM file. Raises what the parsers raise where it does not open."""
    if sniffed.format != "xls" and (reason := limits.of_workbook(path)):
        return unmeasured(reason)
    if path.stat().st_size > limits.TREE_BYTES:
        return unmeasured(f"Workbooks above {limits.TREE_BYTES:,} bytes are not measured.")
    format_ = "xls" if sniffed.format == "xls" else "xlsx"
    with sheets.shared():
        published = engine.judge_file(path, format_)
        if any(defect.code in ("format-error", "source-error") for defect in published.defects):
            return Finding("broken", published.reason, defects=published.defects, route=published.route)
        cells = grid.read(path, sniffed)
    return both_verdicts(published, cells, None, today)


def both_verdicts(published: Judgement, cells: Grid, encoding: str | None, today: date) -> Finding:
    """Put the verdict as published beside that on the table found in ``cells``."""
    found = layout.find(cells)
    verdict = "valid" if published.valid else "invalid"
    labels = published.labels
    if found is None:
        dialect = Dialect(encoding, cells.delimiter, None, 0, sheet=cells.sheet)
        return Finding(
            "invalid" if verdict == "invalid" else "valid", published.reason, dialect, published.rows, len(labels),
            labels, defects=published.defects, profile=Profile(published.rows or 0), route=published.route,
        )  # fmt: skip
    missing = _missing(found, published)
    repaired = _repaired(found, missing, published)
    dialect = layout.dialect_of(found, cells, encoding, missing)
    rows = published.rows if cells.cut else len(found.body)
    types = repaired.types if repaired else published.types
    return Finding(
        verdict="valid" if published.valid else "invalid",
        reason=published.reason,
        dialect=dialect,
        rows=rows,
        columns=found.width,
        labels=labels,
        repaired=None if repaired is None else "valid" if repaired.valid else "invalid",
        defects=(*published.defects, *layout.formula_errors(cells)),
        profile=profile.of_table(
            _named(found), found.body, types, today, rows, found.numbers.__getitem__, first_column=found.first_column
        ),
        route=published.route,
    )


def _repaired(found: Layout, missing: Sequence[str], published: Judgement) -> Judgement | None:
    """Return the verdict on the table cut out of the file, None where that is the file as it stands."""
    if found.plain and (published.valid or not missing):
        return None
    if len(set(found.labels)) < len(found.labels) - limits.EQUAL_LABELS:
        return None
    return engine.judge_rows(_named(found), found.body, missing)


def _named(found: Layout) -> tuple[str, ...]:
    """Return the labels, or numbered ones where the table begins with data."""
    return found.labels if found.header_rows else tuple(f"field{i + 1}" for i in range(found.width))


def _missing(found: Layout, published: Judgement) -> tuple[str, ...]:
    """Return the markers of missing values to be found in columns that are otherwise numbers or dates."""
    if published.valid and found.plain:
        return ()
    seen: dict[str, None] = {}
    for column in range(found.width):
        raw = {cell for row in found.body if column < len(row) and isinstance(cell := row[column], str | int | float)}
        cells = {grid.words(cell) for cell in raw} - {""}
        markers = {cell for cell in cells if grid.is_marker(cell)}
        values = [cell for cell in cells - markers if grid.is_value(cell)]
        if markers and values and len(values) >= len(cells - markers) * 0.6:
            seen |= dict.fromkeys(sorted(markers))
    return tuple(seen)


def records_profile(
    labels: Sequence[str],
    records: Sequence[Any],
    types: Sequence[str],
    today: date,
    around: Sequence[tuple[str, str]] = (),
    first: int = 1,
) -> Profile:
    """Return the profile of a list of records (JSON objects, XML elements, features' properties).

    ``around`` are names and values that stand outside the records; they tell the time where the records do not.
    ``first`` is the number of the first record in its document.
    """
    rows = _plain_rows(documents.rows(labels, records[: grid.ROWS_READ]))
    kept = profile.of_table(labels, rows, types, today, len(records), lambda i: i + first, "record")
    spans = moments.of_names(around) if kept.earliest is None else set()
    days = moments.bounds(spans, today)
    if days is None:
        return kept
    return replace(kept, earliest=days[0].isoformat(), latest=days[1].isoformat(), periods=len(spans))


def _plain_rows(rows: Sequence[Sequence[Any]]) -> Sequence[Sequence[Any]]:
    """Return the rows with every value that is no text or number as text."""
    columns = [
        column if PLAIN.issuperset(map(type, column)) else [_plain(value) for value in column]
        for column in zip(*rows, strict=True)
    ]
    return list(zip(*columns, strict=True)) or rows


def _plain(value: Any) -> Any:
    return value if value is None or isinstance(value, str | int | float) else str(value)
