"""How people read the recorded files (tests/readings.csv: names and facts only), and whether we read them so.

A row of the list is one file, written down by a person who looked into it before we measured. Its columns:

* ``file``: its path in the recorded collection.
* ``origin``: ``fresh``, one of sixty read before this list was ever measured; ``earlier``, one that older tests used.
* ``table``: whether a person would call it a table: rows of data under (or without) labels, or a list of records with
  names. Features of a map, nested records, a single object, pages and documents are none.
* ``tables``: how many tables stand in it, on all its sheets. The other columns tell of the first.
* ``sheet``: the name of the sheet the table stands on, in a workbook.
* ``header_row``: the row of the labels (1-based), rows counted as the format's own reader counts them, blank ones too.
  In a list of records 1: the names are each record's own.
* ``header_rows``: how many rows the labels take.
* ``footer_rows``: how many rows at the end are not data, the blank ones before notes among them.
* ``rows``: rows of data; blank rows and section rows are none.
* ``columns``: columns with a label or data.
* ``sections``: rows inside the table that only head the rows below them.
* ``merged``: how many ranges of merged cells the sheet has, where a person looked.
* ``note``: what is odd about it.
"""

import csv
from dataclasses import dataclass
from pathlib import Path

from harvester.records import Content

READINGS = Path(__file__).parents[1] / "tests" / "readings.csv"


@dataclass(frozen=True, slots=True)
class Reading:
    """One file as a person reads it; the facts are None where it is no table."""

    file: str
    fresh: bool
    table: bool
    tables: int
    sheet: str | None
    header_row: int | None
    header_rows: int | None
    footer_rows: int | None
    rows: int | None
    columns: int | None
    sections: int | None
    merged: int | None
    note: str


@dataclass(frozen=True, slots=True)
class Agreement:
    """Whether a file is read as the person read it, and in words where not."""

    reading: Reading
    table: bool
    header: bool
    rows: bool
    rest: bool
    valid: bool
    got: str

    @property
    def right(self) -> bool:
        """Whether a table is read as one, its labels where the person saw them."""
        return self.table and self.header


def readings() -> list[Reading]:
    """Return the list, in its own order."""
    with READINGS.open(encoding="utf-8", newline="") as file:
        return [_reading(row) for row in csv.DictReader(file)]


def _reading(row: dict[str, str]) -> Reading:
    def number(name: str) -> int | None:
        return int(row[name]) if row[name] else None

    return Reading(
        row["file"], row["origin"] == "fresh", row["table"] == "yes", number("tables") or 0, row["sheet"] or None,
        number("header_row"), number("header_rows"), number("footer_rows"), number("rows"), number("columns"),
        number("sections"), number("merged"), row["note"],
    )  # fmt: skip


def agreement(reading: Reading, content: Content) -> Agreement:
    """Lay what a file turned out to be beside how a person reads it.

    It is read as a table where Frictionless was given one to judge: what is wrong in single cells, or a column without
    a name, makes a table invalid (``valid`` tells, as published or after repair), not something else than a table.
    What is read as a table and is none to a person has ``table`` False too.
    """
    dialect, tabular = content.dialect, content.verdict in ("valid", "invalid")
    valid = "valid" in (content.verdict, content.repaired)
    if not reading.table or dialect is None:
        return Agreement(reading, tabular == reading.table, True, True, True, valid, content.verdict)
    footer, sections = dialect.footer_rows, dialect.sections
    return Agreement(
        reading,
        table=tabular,
        header=(dialect.header_row, dialect.header_rows) == (reading.header_row, reading.header_rows),
        rows=content.rows == reading.rows,
        rest=(footer, content.columns, sections, dialect.sheet, dialect.others + 1)
        == (reading.footer_rows, reading.columns, reading.sections, reading.sheet, reading.tables),
        valid=valid,
        got=f"{content.verdict}/{content.repaired} header {dialect.header_row}+{dialect.header_rows - 1}"
        f" footer {footer} sections {sections} rows {content.rows} columns {content.columns} sheet {dialect.sheet}",
    )
