"""Made-up workbooks, JSON documents, JSON lines and rows of native values, for `make fuzz-validate` and the tests.

A case is made from a seed: columns of every kind of value, then what real publishers do to them (gaps, numbers as
text, nested values, short and long rows, blank and equal labels), and wounds in the XML of a sheet.
"""

import json
import random
import re
import warnings
import zipfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from io import BytesIO
from pathlib import Path
from typing import Any
from unittest import mock

import openpyxl
from frictionless import Control, Detector, Dialect
from frictionless.formats import JsonControl
from frictionless.resources import TableResource

from bench import fuzz
from bench.wounds import wounded
from harvester.validate import fast, jsons
from harvester.validate.fast import documents, native, sheets, written

KINDS_OF_CASE = ("xlsx", "xlsx", "json", "json", "jsonl", "rows", "rows", "rows")
BLOCK_ROWS = (1, 3, 50, 5_000)
BLOCK_BYTES = (200, 3_000, 1024 * 1024)
AHEAD_BYTES = (0, 100, 64 * 1024)


@dataclass(frozen=True, slots=True)
class Written:
    """A number as a JSON document writes it."""

    text: str


@dataclass(frozen=True, slots=True)
class Case:
    """One table and how it is read: ``data`` is a file's, ``rows`` (labels first) are rows in memory."""

    kind: str
    data: bytes = b""
    rows: tuple[tuple[Any, ...], ...] = ()
    missing: tuple[str, ...] = ()
    limit: int = 10_000
    block_rows: int = 5_000
    block_bytes: int = 1024 * 1024
    ahead: int = 64 * 1024


SHARED_PART = (
    b'<Override PartName="/xl/sharedStrings.xml" '
    b'ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.sharedStrings+xml"/>'
)

Maker = Callable[[random.Random], Any]
_DAY = datetime(2024, 1, 5)  # noqa: DTZ001 - a workbook's times have no zone


VALUES: dict[str, Maker] = {
    "integer": lambda draw: draw.randrange(-50, 10**6),
    "fraction": lambda draw: round(draw.uniform(-180, 180), draw.randrange(6)),
    "whole": lambda draw: float(draw.randrange(1000)),
    "boolean": lambda draw: draw.random() < 0.5,
    "datetime": lambda draw: _DAY + timedelta(minutes=draw.randrange(10**6)),
    "midnight": lambda draw: _DAY + timedelta(days=draw.randrange(4000)),
    "day": lambda draw: date(draw.randrange(1950, 2030), draw.randrange(1, 13), draw.randrange(1, 29)),
    "clock": lambda draw: time(draw.randrange(24), draw.randrange(60)),
    "length": lambda draw: timedelta(seconds=draw.randrange(10**6)),
    "object": lambda draw: {"a": draw.randrange(9), "b": [1, {"c": None}]} if draw.random() < 0.7 else {},
    "array": lambda draw: [draw.randrange(9), "x"] if draw.random() < 0.7 else [],
    "pair": lambda draw: [draw.uniform(113, 115), draw.uniform(22, 23)],
    "feature": lambda draw: {"type": "Point", "coordinates": [114.1, draw.randrange(22, 24)]},
    "nothing": lambda _: None,
    "numbers and texts": lambda draw: draw.choice((str(draw.randrange(99)), draw.randrange(99))),
    "mixture": lambda draw: VALUES[draw.choice([kind for kind in VALUES if kind != "mixture"])](draw),
    **{f"{kind} as text": maker for kind, maker in fuzz.KINDS.items()},
}  # fmt: skip
SPREADSHEET = ("object", "array", "pair", "feature", "mixture")
"""Kinds no workbook can hold."""
JSON_TIMES = ("datetime", "midnight", "day", "clock", "length", "mixture")
"""Kinds no JSON document can hold."""
ODD: tuple[Any, ...] = (
    None, None, "", "", " ", "-", "N/A", True, False, 0, 1, -1, 0.0, 1.5, 2.0, 1e30, 1e-9, 10**25, "12", "1.5", "x",
    "2024-01-05", "nan", "None", "True", "[]", [], {}, [1, 2], [1.5, 300], {"a": 1}, "1_000", "\u3000", "a\nb",
    "&lt;", "<b>", "]]>", "é", "\ufeff", "1,2",
    date(2024, 1, 5), _DAY, _DAY + timedelta(hours=3), time(1, 2, 3), timedelta(0), timedelta(days=2, seconds=5),
)  # fmt: skip
NUMBERS = tuple(
    Written(text)
    for text in ("1.0", "1.50", "-0", "-0.0", "1E5", "1e-7", "12345678901234567890123", "1.00000000000000000001",
                 "1e30", "2.5e300", "1e400", "180.00000000000000001", "0.1")
)  # fmt: skip
NAN = (float("nan"), float("inf"), float("-inf"))
MARKERS = ("-", "N/A", "nan", "None", "1", "1.5", "[]", "2024-01-05", "True")


def case(seed: int) -> Case:
    """Return the case of a seed, the same on every machine."""
    draw = random.Random(f"natives {seed}")
    kind = draw.choice(KINDS_OF_CASE)
    rows = _rows(kind, draw)
    options: dict[str, Any] = {
        "limit": draw.choice(fuzz.LIMITS), "block_rows": draw.choice(BLOCK_ROWS),
        "block_bytes": draw.choice(BLOCK_BYTES), "ahead": draw.choice(AHEAD_BYTES),
    }  # fmt: skip
    if kind == "rows":
        missing = tuple(draw.sample(MARKERS, draw.choice((0, 0, 1, 3))))
        return Case(kind, rows=tuple(map(tuple, rows)), missing=missing, **options)
    data = workbook(rows, draw) if kind == "xlsx" else _json(kind, rows, draw)
    return Case(kind, data, **options)


def _rows(kind: str, draw: random.Random) -> list[list[Any]]:
    barred = {"xlsx": SPREADSHEET, "json": JSON_TIMES, "jsonl": JSON_TIMES}.get(kind, ())
    kinds = [draw.choice([each for each in VALUES if each not in barred]) for _ in range(draw.choice((1, 2, 3, 4, 7)))]
    count = draw.choice((0, 1, 3, 8, 20, 104, 108, 112, 160))
    gaps, odd, late = draw.choice((0, 0, 0.1, 0.6)), draw.choice((0, 0, 0.02, 0.2)), draw.random() < 0.7
    strange = [each for each in ODD if _fits(kind, each)] + list(NUMBERS if kind == "json" else ())
    strange += NAN if kind == "rows" else ()
    rows = []
    for number in range(count):
        share = 0 if late and number < 100 else odd
        rows.append([_cell(each, gaps, share, strange, draw) for each in kinds])
    labels: list[Any] = [f"c{i}" for i in range(len(kinds))]
    for place in range(len(labels)):
        if draw.random() < 0.06:
            labels[place] = draw.choice(("", "名稱", " padded ", *(() if kind.startswith("json") else (None, 2024))))
    if draw.random() < 0.1 and not kind.startswith("json"):
        labels = [draw.choice(labels) for _ in labels]
    rows.insert(0, labels)
    if draw.random() < 0.12 and not kind.startswith("json"):
        rows[0:0] = [[draw.choice(("Title", "標題", None))] for _ in range(draw.randrange(1, 4))]
    bent = draw.choice((0, odd * 0.7, 0.1))
    for number in range(101 if late else 1, len(rows)):
        if draw.random() < bent:
            row = rows[number]
            rows[number] = draw.choice(([], [""], [None] * len(row), [""] * len(row), row[:-1], [*row, "more"]))
    return rows


def _cell(kind: str, gaps: float, odd: float, strange: Sequence[Any], draw: random.Random) -> Any:
    chance = draw.random()
    if chance < gaps:
        return draw.choice((None, None, ""))
    return draw.choice(strange) if chance > 1 - odd else VALUES[kind](draw)


def _fits(kind: str, value: Any) -> bool:
    if kind == "xlsx":
        return not isinstance(value, list | dict)
    return kind == "rows" or not isinstance(value, date | time | timedelta)


def workbook(rows: Sequence[Sequence[Any]], draw: random.Random) -> bytes:
    """Return an XLSX of the rows: some with shared texts, some without a size, some with wounds in the sheet's XML."""
    book = openpyxl.Workbook()
    sheet: Any = book.active
    for cells in rows:
        sheet.append([cell.replace("\0", "").replace("\x0b", "") if isinstance(cell, str) else cell for cell in cells])
    body = BytesIO()
    book.save(body)
    parts = {}
    with zipfile.ZipFile(body) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    name = "xl/worksheets/sheet1.xml"
    text = parts[name].decode()
    if draw.random() < 0.3:
        text = re.sub(
            r"<dimension [^>]*>", draw.choice(("", '<dimension ref="A1:C50"/>', '<dimension ref="B2"/>')), text
        )
    if draw.random() < 0.5:
        text, parts["xl/sharedStrings.xml"] = _shared(text)
        parts["[Content_Types].xml"] = parts["[Content_Types].xml"].replace(b"</Types>", SHARED_PART + b"</Types>")
    if draw.random() < 0.3:
        text = wounded(text, draw)
    parts[name] = text.encode(errors="surrogateescape")
    told = BytesIO()
    with zipfile.ZipFile(told, "w", zipfile.ZIP_DEFLATED) as archive:
        for each, content in parts.items():
            archive.writestr(each, content)
    return told.getvalue()


def _shared(text: str) -> tuple[str, bytes]:
    """Return a sheet whose texts stand in the workbook's table of texts, as spreadsheet programs write it."""
    found: dict[str, int] = {}

    def put(match: re.Match[str]) -> str:
        return f't="s"><v>{found.setdefault(match.group(1), len(found))}</v></c>'

    text = re.sub(r't="inlineStr"><is>(<t.*?</t>|<t */>)</is></c>', put, text, flags=re.DOTALL)
    space = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    table = "".join(f"<si>{each}</si>" for each in found)
    return text, f'<sst xmlns="{space}">{table}</sst>'.encode()


def _json(kind: str, rows: Sequence[Sequence[Any]], draw: random.Random) -> bytes:
    names = [str(label) for label in rows[0]] or ["a"]
    ascii_ = draw.random() < 0.3
    records = []
    for cells in rows[1:]:
        pairs = [*zip(names, cells, strict=False)]
        if draw.random() < 0.05:
            pairs = draw.choice(([], pairs[::-1], [*pairs, ("later", 1)], [*pairs, *pairs[:1]]))
        records.append(
            "{"
            + ", ".join(f"{_dumped(name, ascii_=ascii_)}: {_dumped(value, ascii_=ascii_)}" for name, value in pairs)
            + "}"
        )
    if kind == "jsonl":
        if draw.random() < 0.1:
            records.insert(draw.randrange(len(records) + 1), draw.choice(("", "null", "[1]", "3", "\ufeff{}")))
        end = draw.choice(("\n", "\n", "\n", "\r\n"))
        return (end.join(records) + draw.choice(("", end))).encode()
    listed = "[" + ",\n".join(records) + "]"
    if draw.random() < 0.3:
        name, other = draw.choice(("data", "result", "a.b", "item", "ü", "")), draw.choice(("data", "n", "a.item", ""))
        beside = draw.choice(("1", "[]", listed))
        listed = f"{{{_dumped(name, ascii_=ascii_)}: {listed}, {_dumped(other, ascii_=ascii_)}: {beside}}}"
        if draw.random() < 0.3:
            listed = f'{{"outer": {listed}}}'
    if draw.random() < 0.03:
        listed = listed.replace('"x"', draw.choice(('"\\ud800"', '"\\ud83d\\ude00"', '"\\ude00"')))
    return listed.encode(errors="replace")


def _dumped(value: Any, *, ascii_: bool) -> str:
    return value.text if isinstance(value, Written) else json.dumps(value, ensure_ascii=ascii_)


def told(case: Case, path: Path) -> tuple[Any, str]:
    """Return what the native path says of the case (None where it proves nothing) and why; ``path`` is for its body."""
    path.write_bytes(case.data)
    with (
        mock.patch.object(native, "BLOCK_ROWS", case.block_rows),
        mock.patch.object(written, "BLOCK_BYTES", case.block_bytes),
        mock.patch.object(written, "AHEAD_BYTES", case.ahead),
    ):  # fmt: skip
        try:
            return fuzz.form(_judged(case, path)), "proved"
        except fast.Unproved as why:
            return None, str(why)


def _judged(case: Case, path: Path) -> fast.Outcome:
    if case.kind == "rows":
        labels, *rows = case.rows
        return native.judge_rows(labels, rows, case.missing, case.limit, fuzz.SHOWN)
    if case.kind in ("xlsx", "xls"):
        return sheets.judge(path, case.kind, case.limit, fuzz.SHOWN)
    try:
        text = case.data.decode()
        parsed = [jsons.load(line) for line in text.splitlines()] if case.kind == "jsonl" else jsons.load(text)
    except (ValueError, ArithmeticError):
        raise fast.Unproved("it is not JSON") from None
    if case.kind == "jsonl":
        return documents.judge_lines(path, parsed, case.limit, fuzz.SHOWN)
    found = jsons.find_records(parsed)
    if found is None or found[2] or "." in "".join(found[0]):
        raise fast.Unproved("it holds no list of records")
    return documents.judge(path, text, parsed, found[0], found[1], case.limit, fuzz.SHOWN)


def oracle(case: Case, path: Path, detector: type[Detector] = Detector) -> Any:
    """Return what Frictionless says of the case, in the same form, or the name of what it lets slip through."""
    path.write_bytes(case.data)
    controls: list[Control] = []
    if case.kind == "json" and (found := jsons.find_records(jsons.load(case.data.decode()))) and found[0]:
        controls.append(JsonControl(property=".".join(found[0])))
    if case.kind == "rows":
        table = [list(row) for row in case.rows]
        resource = TableResource(
            data=lambda: iter(table), format="inline", detector=detector(field_missing_values=["", *case.missing]),
            dialect=Dialect(header_rows=[1]),
        )  # fmt: skip
    else:
        resource = TableResource(
            path=path.name, basepath=str(path.parent), scheme="file", format=case.kind, detector=detector(),
            dialect=Dialect(controls=controls),
        )  # fmt: skip
    try:
        with warnings.catch_warnings():
            return fuzz.form_of(resource, resource.validate(limit_errors=case.limit))
    except ArithmeticError as error:  # Decimals its reader of integers cannot divide
        return type(error).__name__


def differs(case: Case, path: Path, detector: type[Detector] = Detector) -> tuple[str | None, str]:
    """Return what differs between the two on one case (None: nothing), and which way the native path took."""
    ours, way = told(case, path)
    return (None, way) if ours is None else (fuzz.difference(ours, oracle(case, path, detector)), way)
