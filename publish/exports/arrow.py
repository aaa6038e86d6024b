"""Rows of a table as Arrow's batches: every column in its own type, or as the text it is in the catalogue."""

from collections.abc import Iterator, Sequence
from typing import Any

import pyarrow as pa

from harvester.errors import BarometerError
from publish.exports.job import Column, Job, Kind, Table, rows_of

TYPED: dict[Kind, pa.DataType] = {
    "text": pa.string(), "integer": pa.int64(), "number": pa.float64(),
    "time": pa.timestamp("ms", tz="UTC"), "day": pa.date32(),
}  # fmt: skip
"""What a column becomes: what SQLite declares of it, our own moments as UTC, our own days as days."""
WRITTEN: dict[Kind, pa.DataType] = {**TYPED, "time": pa.string(), "day": pa.string()}
"""The same with moments and days as they are written: ISO 8601."""


def schema_of(table: Table, types: dict[Kind, pa.DataType]) -> pa.Schema:
    """Return a table's Arrow schema; descriptions of table and columns stand in its metadata."""
    fields = [
        pa.field(column.name, types[column.kind], nullable=not column.required,
                 metadata={"description": column.description} if column.description else None)
        for column in table.columns
    ]  # fmt: skip
    return pa.schema(fields, metadata={"description": table.description, "table": table.name})


def batches_of(job: Job, table: Table, schema: pa.Schema) -> Iterator[pa.RecordBatch]:
    """Yield a table's rows as batches of ``schema``. Raises BarometerError where a moment of ours is none."""
    for rows in rows_of(job.connection, table):
        columns = zip(*rows, strict=True)
        arrays = [
            _array(table, column, values, schema.field(column.name).type)
            for column, values in zip(table.columns, columns, strict=True)
        ]
        yield pa.record_batch(arrays, schema=schema)


def _array(table: Table, column: Column, values: Sequence[Any], kind: pa.DataType) -> pa.Array:
    if pa.types.is_timestamp(kind) or pa.types.is_date(kind):
        try:
            return pa.array(values, pa.string()).cast(kind)
        except pa.ArrowInvalid as error:
            place = f"{table.name}.{column.name}"
            raise BarometerError(f"{place} holds what is no time ({error}): publish anew.") from error
    return pa.array(values, kind)
