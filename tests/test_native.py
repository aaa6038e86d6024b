"""Workbooks, JSON and rows of native values: the same errors in the same places as Frictionless, read once."""

import json
import multiprocessing
import random
import warnings
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from itertools import islice
from pathlib import Path
from typing import Any
from unittest import mock

import openpyxl
import pytest
from frictionless import system
from hypothesis import given, settings
from hypothesis import strategies as st

from bench import fuzz, natives
from harvester.sniff import sniff
from harvester.validate import engine, examine, fast, jsons
from harvester.validate.fast import casts, documents, native, sheets, written

SEEDED_CASES = 200
SHARED = Path(__file__).resolve().parents[2] / "shared" / "hk" / "files"
NAIVE = datetime(2024, 1, 5)  # noqa: DTZ001 - a workbook's times have no zone
VALUES = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(10**30), 10**30),
    st.floats(),
    st.decimals(allow_nan=False, allow_infinity=False, places=3, min_value=-(10**9), max_value=10**9),
    st.dates(),
    st.datetimes(timezones=st.sampled_from([None, UTC])),
    st.times(),
    st.timedeltas(),
    st.sampled_from(natives.ODD),
    st.lists(st.one_of(st.integers(0, 200), st.floats(-200, 200), st.text(max_size=3)), max_size=3),
    st.dictionaries(st.text(max_size=3), st.integers(0, 3), max_size=2),
    st.sampled_from(fuzz.ODD),
    st.text(max_size=6),
)
READERS = {type_: system.select_field_class(type_)(name="x").create_cell_reader() for type_ in casts.CANDIDATES}
COLUMNS = st.sampled_from(
    [VALUES, st.integers(-5, 99), st.floats(0, 9), st.dates(), st.datetimes(), st.booleans(), st.none(),
     st.text(alphabet="ab1.-", max_size=4), st.sampled_from(["1", 2, 2.0, None, ""])]
)  # fmt: skip


def _differences(seeds: range) -> list[str]:
    with fuzz.remembered_geojson():
        return fuzz.run(iter(seeds), float("inf"), engine.KeptDetector, "tables")[2]


def test_made_up_tables_do_not_differ() -> None:
    """Workbooks with wounds, JSON lists, JSON lines and native rows of every kind of value: no difference at all."""
    parts = [range(first, SEEDED_CASES, 2) for first in (0, 1)]
    with multiprocessing.get_context("fork").Pool(2) as pool:
        assert [line for found in pool.map(_differences, parts) for line in found] == []


def test_the_made_up_tables_reach_what_they_should(tmp_path: Path) -> None:
    """Most cases are proved, of every kind; among them are valid ones and each kind of error of a row."""
    cases = [natives.case(seed) for seed in range(150)]
    told = [(case.kind, natives.told(case, tmp_path / "body")[0]) for case in cases]
    proved = [(kind, each) for kind, each in told if each]
    codes = {place[0] for _, each in proved for place in each[0]}
    assert codes >= {"type-error", "missing-cell", "extra-cell", "blank-row", "blank-label", "duplicate-label"}
    assert {kind for kind, _ in proved} == set(natives.KINDS_OF_CASE)
    assert len(proved) > 70
    assert sum(not each[0] for _, each in proved) > 10


@given(st.sampled_from(casts.CANDIDATES), VALUES)
@settings(max_examples=600, deadline=None)
def test_a_kind_of_value_is_read_as_its_reader_reads_it(type_: str, value: Any) -> None:
    """Whatever is said at once of a value's class, Frictionless's reader of that type says too."""
    if value is not None and value != "":
        try:
            theirs = not READERS[type_](value)[1]
        except ArithmeticError:
            return
        assert native.reads(type_)(value) == theirs


@st.composite
def _tables(draw: st.DrawFn) -> list[list[Any]]:
    columns = draw(st.lists(COLUMNS, min_size=1, max_size=4))
    rows = [[draw(column) for column in columns] for _ in range(draw(st.integers(0, 25)))]
    odd = draw(st.lists(st.tuples(st.integers(0, 25), st.lists(VALUES, max_size=5)), max_size=3))
    for place, row in odd:
        rows[place:place] = [row]
    return rows


@given(_tables(), st.lists(st.sampled_from(natives.MARKERS), max_size=2), st.sampled_from([1, 3, 5_000]))
@settings(max_examples=80, deadline=None)
def test_rows_of_native_values_are_judged_the_same(rows: list[list[Any]], missing: list[str], block: int) -> None:
    """The table after repair, of mixed values, with markers: the same verdict, defects, rows and types."""
    with mock.patch.object(native, "BLOCK_ROWS", block):
        ours = engine.judge_rows(("a", "b", "b"), rows, missing)
    theirs = engine.rows_by_frictionless(("a", "b", "b"), rows, missing)
    assert replace(ours, route="") == replace(theirs, route="")


@given(_tables(), st.integers(1, 4))
@settings(max_examples=80, deadline=None)
def test_types_of_native_columns_are_those_frictionless_infers(rows: list[list[Any]], width: int) -> None:
    """Mixed values, short rows and gaps: each column gets the type Frictionless's own detector gives it."""
    try:
        schema = engine.KeptDetector().detect_schema(rows, labels=[f"c{i}" for i in range(width)])
    except ArithmeticError:
        return
    columns = [[row[i] if i < len(row) else None for row in rows] for i in range(width)]
    if rows:
        assert [native._type(column, casts.NOTHING) for column in columns] == [each.type for each in schema.fields]


def _given(rows: Any) -> tuple[list[Any], str]:
    found: list[Any] = []
    try:
        found.extend(list(row) for row in rows)
    except Exception as error:  # noqa: BLE001 - whatever it is, it must be the same
        return found, type(error).__name__
    return found, ""


def test_a_sheet_is_read_as_openpyxl_reads_it(tmp_path: Path) -> None:
    """Sheets written in other ways or wrongly give the same rows, and then the same error, block ends everywhere."""
    quick = 0
    for seed in range(80):
        draw = random.Random(seed)
        rows = natives._rows("xlsx", draw)[: draw.choice((5, 40, 200))]
        path = tmp_path / "book.xlsx"
        path.write_bytes(natives.workbook(rows, draw))
        sizes = {"BLOCK_BYTES": draw.choice((50, 700, 1 << 20)), "AHEAD_BYTES": draw.choice((0, 64, 1 << 16))}
        with warnings.catch_warnings(), mock.patch.multiple(written, **sizes), suppress(ValueError):
            warnings.simplefilter("ignore")
            with sheets.opened(path) as book:
                sheet = book.worksheets[0]
                theirs = _given(sheet.iter_rows(values_only=True))
                assert repr(_given(sheets.rows(sheet))) == repr(theirs), seed
                quick += repr(_given(written.quick(sheet))) == repr(theirs)
    assert quick > 50


def _book(path: Path) -> None:
    book = openpyxl.Workbook()
    for number in range(400):
        book.active.append(["day", "amount", "place"] if not number else [NAIVE, number / 4, f"沙田 {number % 9}"])
    book.create_sheet("more").append(["a", "b"])
    book.save(path)


def test_a_workbook_is_read_once(tmp_path: Path) -> None:
    """The verdict as published, the layout and the profile share one reading of a sheet, and say who read it."""
    path = tmp_path / "book"
    _book(path)
    with path.open("rb") as file:
        sniffed = sniff(file)
    with mock.patch.object(written, "quick", wraps=written.quick) as reading:
        content = examine(path, sniffed, "0" * 64, path.stat().st_size, complete=True, today=date(2026, 11, 23))
    assert [call.args[0].title for call in reading.call_args_list].count("Sheet") == 1
    assert (content.verdict, content.rows, engine.BY_FAST_PATH in content.engine) == ("valid", 399, True)


def test_rows_kept_are_enough_or_read_again(tmp_path: Path) -> None:
    """Whoever asks second gets every row too: of what was kept, of what is not yet read, or by a new reading."""
    path = tmp_path / "book"
    _book(path)
    with sheets.opened(path) as book:
        whole = [list(row) for row in book.worksheets[0].iter_rows(values_only=True)]
    for kept, first in ((10**6, 400), (10**6, 150), (300, 400), (300, 50)):
        with mock.patch.object(sheets, "CELLS_KEPT", kept), sheets.opened(path) as book:
            sheet = book.worksheets[0]
            assert list(islice(sheets.rows(sheet), first)) == whole[:first]
            assert list(sheets.rows(sheet)) == whole


RECORDS = [{"a": i, "b": i / 4, "c": "2024-01-05", "d": [i]} for i in range(150)]


@pytest.mark.parametrize(
    ("text", "exact"),
    [
        (json.dumps(RECORDS), False),
        (json.dumps({"result": {"records": RECORDS}}), False),
        (json.dumps([*RECORDS, {"a": "x", "b": 1.5}]), True),
        (json.dumps(RECORDS).replace("2024-01-05", "\\ud800", 1), True),
        (json.dumps({"result": {"records": RECORDS}, "records": 1}), True),
        (json.dumps({"data": RECORDS, "data.item": {"a": 3}}), True),
        ('{"data": [{"a": 1}], ' + json.dumps({"data": RECORDS})[1:], True),
        (json.dumps({"da/ta": RECORDS}).replace("da/ta", "da\\/ta"), True),
    ],
)
def test_a_document_is_streamed_again_where_that_may_matter(tmp_path: Path, text: str, exact: bool) -> None:
    """Names that come twice, half surrogate pairs and faulty rows are streamed anew; all else is read once."""
    path = tmp_path / "body"
    path.write_text(text, encoding="utf-8")
    parsed = jsons.load(text)
    where, records, _ = jsons.find_records(parsed) or ([], [], False)
    with mock.patch.object(documents, "streamed", wraps=documents.streamed) as streamed:
        ours = engine.judge_document(path, text, parsed, where, records)
        inexact = documents.stands_for(text, parsed, where)
    assert streamed.call_count == 1 + (exact and inexact)
    assert inexact is (not exact or "x" in text)
    theirs = engine.judge_by_frictionless(path, "json", record_path=".".join(where))
    assert replace(ours, route="") == replace(theirs, route="")


def test_what_cannot_be_divided_is_left_to_frictionless() -> None:
    """A Decimal too long for the reader of integers proves nothing; so does a class of values we do not know."""
    for value in (Decimal("1E+40"), Decimal("sNaN"), object()):
        with pytest.raises(fast.Unproved):
            native.judge([["a"], [value], [value]], 10, 5)


def _recorded() -> list[tuple[Path, str]]:
    found = []
    for path in sorted(each for each in SHARED.rglob("*") if each.is_file()):
        with path.open("rb") as file:
            found.append((path, sniff(file).format))
    return [(path, format_) for path, format_ in found if format_ in ("xls", "xlsx", "xlsm", "json", "jsonl")]


@pytest.mark.shared
@pytest.mark.skipif(not SHARED.is_dir(), reason="../shared/hk/files is not beside the checkout")
def test_recorded_workbooks_and_documents_do_not_differ(tmp_path: Path) -> None:
    """Every XLSX, XLS and JSON list of the recorded ones: no difference, and hardly one unproved."""
    ways = []
    for path, format_ in _recorded():
        case = natives.Case("xlsx" if format_ == "xlsm" else format_, path.read_bytes())
        difference, way = natives.differs(case, tmp_path / "body", engine.KeptDetector)
        assert difference is None, path.name
        ways.append(way)
    assert len(ways) > 25
    assert ways.count("proved") >= 0.8 * len(ways), ways


def test_generator_is_deterministic() -> None:
    """A seed makes the same case again, so that a difference found by night can be looked at by day."""
    for seed in range(20):
        one, other = natives.case(seed), natives.case(seed)
        assert (one.kind, repr(one.rows), one.limit, one.missing) == (
            other.kind,
            repr(other.rows),
            other.limit,
            other.missing,
        )
        assert one.data == other.data or one.kind == "xlsx"  # a workbook tells when it was made
