"""Frictionless on a short lead: it is told the format, type and encoding, sees only a file of ours, and never guesses.

The options of each reading are written down in docs/validation.md.
"""

import platform
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from importlib.metadata import version
from itertools import chain
from pathlib import Path
from typing import Any
from unittest import mock

from frictionless import Control, Detector, Schema
from frictionless import Dialect as FrictionlessDialect
from frictionless.formats import JsonControl
from frictionless.formats.excel import ExcelControl
from frictionless.resources import TableResource
from frictionless.schema.field import Field

from harvester.records import Defect, Sniffed
from harvester.sniff.text import codec
from harvester.validate import fast
from harvester.validate.fast import documents, native, sheets

RULES = 5
"""The version of our own rules; a content judged under an older one is judged again."""
VERSIONS = f"frictionless {version('frictionless')}, python {platform.python_version()}, "
"""How every engine of today begins."""
ENGINE = f"{VERSIONS}rules {RULES}"
BY_FRICTIONLESS = "read by frictionless"
BY_FAST_PATH = "read by the fast path"
ERRORS_COUNTED = 10_000
"""Where counting stops: an error costs Frictionless some 0.4 milliseconds, so this is some four seconds."""
EXAMPLES = 5
EXAMPLE_LENGTH = 240


def engine_of(route: str | None) -> str:
    """Return the versions that made a verdict, with who read the table and why where it is one; our rules come last."""
    versions, rules = ENGINE.rsplit(", ", 1)
    return f"{versions}, {route}, {rules}" if route else ENGINE


@dataclass(frozen=True, slots=True)
class Judgement:
    """What Frictionless says of one table: its verdict, its errors by code, its size, labels and the types it saw.

    ``route`` tells who read it: the fast path, or Frictionless row by row, and why.
    """

    valid: bool
    defects: tuple[Defect, ...]
    rows: int | None
    labels: tuple[str, ...]
    types: tuple[str, ...]
    route: str = BY_FRICTIONLESS

    @property
    def reason(self) -> str | None:
        """One sentence about the first and most weighty error; None where the table is valid."""
        return self.defects[0].examples[0] if self.defects else None


class KeptDetector(Detector):
    """Frictionless's own schema detection, which builds each type's reader once instead of once a cell.

    The algorithm is the parent's, untouched; only ``Field.read_cell`` keeps the reader it made. Measured on the
    recorded files: the same schema and the same report, in under half the time at 100 rows.
    """

    def detect_schema(self, *args: Any, **options: Any) -> Schema:
        """Return the schema the parent detects."""
        with _kept_readers():
            return super().detect_schema(*args, **options)


@contextmanager
def _kept_readers() -> Iterator[None]:
    readers: dict[int, tuple[Field, Any]] = {}

    def read_cell(field: Field, cell: Any) -> Any:
        kept = readers.get(id(field))
        if kept is None:
            kept = readers[id(field)] = (
                field,
                field.create_cell_reader(),
            )  # the field is held, so its id stays its own
        return kept[1](cell)

    with mock.patch.object(Field, "read_cell", read_cell):
        yield


def judge_file(
    path: Path, format_: str, *, encoding: str | None = None, sheet: str | None = None, record_path: str | None = None
) -> Judgement:
    """Return Frictionless's verdict on the file at ``path`` read as ``format_``, nothing else about it assumed.

    The file is seen under the name ``body`` in an empty directory. ``encoding`` is Python's name of a codec.
    ``record_path`` is where in a JSON document the list stands. May raise what Frictionless lets slip through.
    Delimited files go through the fast path (docs/fast-path.md), and to Frictionless itself where that proves nothing.
    """
    try:
        if format_ in ("csv", "tsv") and encoding is not None:
            return _told(fast.judge(path, format_, encoding, ERRORS_COUNTED, EXAMPLES))
        if format_ in ("xls", "xlsx") and sheet is None:
            return _told(sheets.judge(path, format_, ERRORS_COUNTED, EXAMPLES))
    except fast.Unproved as why:
        judged = judge_by_frictionless(path, format_, encoding=encoding)
        return replace(judged, route=f"{BY_FRICTIONLESS}: {why}")
    return judge_by_frictionless(path, format_, encoding=encoding, sheet=sheet, record_path=record_path)


def _told(found: fast.Outcome) -> Judgement:
    defects = _counted(found.tally.examples, found.tally.counts, full=found.tally.full)
    return Judgement(not defects, defects, found.rows or None, found.head.labels, found.head.types, BY_FAST_PATH)


def judge_by_frictionless(
    path: Path, format_: str, *, encoding: str | None = None, sheet: str | None = None, record_path: str | None = None
) -> Judgement:
    """Return the verdict as ``judge_file`` does, read by Frictionless itself from the first row to the last."""
    controls: list[Control] = []
    if record_path:
        controls.append(JsonControl(property=record_path))
    if sheet:
        controls.append(ExcelControl(sheet=sheet))
    with tempfile.TemporaryDirectory(prefix="barometer-") as empty:
        Path(empty, "body").symlink_to(path.resolve())
        options: dict[str, Any] = {"encoding": encoding} if encoding else {}
        resource = TableResource(
            path="body", basepath=empty, scheme="file", format=format_, detector=KeptDetector(),
            dialect=FrictionlessDialect(controls=controls), **options,
        )  # fmt: skip
        return _judge(resource)


def judge_document(path: Path, text: str, parsed: Any, where: Sequence[str], records: Sequence[Any]) -> Judgement:
    """Return Frictionless's verdict on the list of JSON objects at ``where``, UTF-8 without a mark.

    ``text`` is the file's, ``parsed`` what Python's json makes of it, ``records`` the list in it. They are not read
    once more where that is certain to say the same; their first hundred are, for the types are inferred from them.
    """
    try:
        return _told(documents.judge(path, text, parsed, where, records, ERRORS_COUNTED, EXAMPLES))
    except fast.Unproved as why:
        judged = judge_by_frictionless(path, "json", record_path=".".join(where))
        return replace(judged, route=f"{BY_FRICTIONLESS}: {why}")


def judge_lines(path: Path, records: Sequence[Any]) -> Judgement:
    """Return Frictionless's verdict on a file of JSON lines, ``records`` being what Python's json makes of them."""
    try:
        return _told(documents.judge_lines(path, records, ERRORS_COUNTED, EXAMPLES))
    except fast.Unproved as why:
        return replace(judge_by_frictionless(path, "jsonl"), route=f"{BY_FRICTIONLESS}: {why}")


def judge_rows(labels: Sequence[str], rows: Sequence[Sequence[Any]], missing: Sequence[str]) -> Judgement:
    """Return Frictionless's verdict on a table cut out of its file: labels, rows, and what stands for nothing."""
    try:
        if {str}.issuperset(map(type, chain.from_iterable(rows))):
            return _told(fast.judge_rows(labels, rows, missing, ERRORS_COUNTED, EXAMPLES))
        return _told(native.judge_rows(labels, rows, missing, ERRORS_COUNTED, EXAMPLES))
    except fast.Unproved as why:
        return replace(rows_by_frictionless(labels, rows, missing), route=f"{BY_FRICTIONLESS}: {why}")


def rows_by_frictionless(labels: Sequence[str], rows: Sequence[Sequence[Any]], missing: Sequence[str]) -> Judgement:
    """Return the verdict as ``judge_rows`` does, read by Frictionless itself."""
    detector = KeptDetector(field_missing_values=["", *missing])
    dialect = FrictionlessDialect(header_rows=[1])
    table = [list(labels), *rows]
    # Handed over as a function, for a list would be copied into the resource's descriptor and back.
    return _judge(TableResource(data=lambda: iter(table), format="inline", detector=detector, dialect=dialect))


def encoding_option(sniffed: Sniffed) -> str:
    """Return the codec a delimited file is read with: the one its bytes show, its byte-order mark taken off."""
    if sniffed.bom and sniffed.encoding in ("utf-8", "utf-16-le", "utf-16-be"):
        return {"utf-8": "utf-8-sig"}.get(sniffed.encoding, "utf-16")
    return {"ascii": "utf-8"}.get(sniffed.encoding or "utf-8", codec(sniffed.encoding or "utf-8"))


def _judge(resource: Any) -> Judgement:
    report = resource.validate(limit_errors=ERRORS_COUNTED)
    task = report.tasks[0] if report.tasks else None
    errors = [*report.errors, *(task.errors if task else ())]
    labels = tuple(str(label) for label in (task.labels if task else ()) or ())
    types = tuple(str(field.type) for field in resource.schema.fields) if resource.schema else ()
    rows = (task.stats or {}).get("rows") if task else None
    return Judgement(not errors, _grouped(errors), rows, labels, types)


def _grouped(errors: Sequence[Any]) -> tuple[Defect, ...]:
    """Return the errors by code in the order they first came, each counted, with its first place and some examples."""
    groups: dict[str, list[Any]] = {}
    for error in errors:
        groups.setdefault(error.type, []).append(error)
    counts = {code: len(group) for code, group in groups.items()}
    return _counted(groups, counts, full=len(errors) >= ERRORS_COUNTED)


def _counted(groups: Mapping[str, Sequence[Any]], counts: Mapping[str, int], *, full: bool) -> tuple[Defect, ...]:
    """Return a defect a code, of the first errors of each and the counts of all."""
    note = f"counting stopped at {ERRORS_COUNTED:,} errors; " if full else ""
    return tuple(_defect(code, group, counts[code], note) for code, group in groups.items())


def _defect(code: str, group: Sequence[Any], count: int, note: str) -> Defect:
    first = group[0]
    rows = getattr(first, "row_numbers", None)
    return Defect(
        code=code,
        count=count,
        row=getattr(first, "row_number", None) or (rows[0] if rows else None),
        field=getattr(first, "field_number", None),
        note=note + " ".join(str(first.note).split())[:EXAMPLE_LENGTH],
        examples=tuple(_sentence(error) for error in group[:EXAMPLES]),
    )


def _sentence(error: Any) -> str:
    words = " ".join(str(error.message).split())
    return words if len(words) <= EXAMPLE_LENGTH else words[: EXAMPLE_LENGTH - 1] + "…"
