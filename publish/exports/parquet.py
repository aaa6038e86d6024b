"""Every public table as Parquet: the types SQLite declares, our moments as UTC, descriptions in the schema."""

import pyarrow.parquet as pq

from publish.exports.arrow import TYPED, batches_of, schema_of
from publish.exports.job import Job

FOLDER = "parquet"


def write(job: Job) -> dict[str, int]:
    """Write ``parquet/TABLE.parquet`` for every table, a row group a batch; return the numbers of files and rows."""
    folder = job.folder / FOLDER
    folder.mkdir()
    total = 0
    for table in job.tables:
        schema = schema_of(table, TYPED)
        with pq.ParquetWriter(folder / f"{table.name}.parquet", schema, compression="zstd") as writer:
            for batch in batches_of(job, table, schema):
                writer.write_batch(batch)
                total += batch.num_rows
    return {"files": len(job.tables), "rows": total}
