"""Every public table as CSV: faithful for programs, and a variant a spreadsheet can open without running anything."""

import csv

from pyarrow.csv import CSVWriter, WriteOptions

from publish.exports.arrow import WRITTEN, batches_of, schema_of
from publish.exports.job import Job, rows_of
from publish.safe import csv_cell

FOLDER, SAFE_FOLDER = "csv", "csv-spreadsheet"


def write(job: Job) -> dict[str, int]:
    """Write ``csv/TABLE.csv``: UTF-8 without a mark, RFC 4180 quoting, every text as it is.

    An empty text is written ``""`` and NULL as nothing, so that nothing is lost to a reader who looks at the quotes.
    """
    folder = job.folder / FOLDER
    folder.mkdir()
    total = 0
    for table in job.tables:
        schema = schema_of(table, WRITTEN)
        options = WriteOptions(quoting_style="needed", quoting_header="needed")
        with CSVWriter(folder / f"{table.name}.csv", schema, write_options=options) as writer:
            for batch in batches_of(job, table, schema):
                writer.write_batch(batch)
                total += batch.num_rows
    return {"files": len(job.tables), "rows": total}


def write_safe(job: Job) -> dict[str, int]:
    """Write ``csv-spreadsheet/TABLE.csv``: with a mark for Excel, and an apostrophe before what would be a formula."""
    folder = job.folder / SAFE_FOLDER
    folder.mkdir()
    total = 0
    for table in job.tables:
        with (folder / f"{table.name}.csv").open("w", encoding="utf-8-sig", newline="") as sink:
            writer = csv.writer(sink)
            writer.writerow([column.name for column in table.columns])
            for rows in rows_of(job.connection, table):
                writer.writerows([csv_cell(value) for value in row] for row in rows)
                total += len(rows)
    return {"files": len(job.tables), "rows": total}
