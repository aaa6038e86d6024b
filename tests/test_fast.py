"""The fast path says what Frictionless says: the same errors in the same places, the same rows, labels and types."""

import csv
import multiprocessing
import random
import tempfile
from collections.abc import Sequence
from dataclasses import replace
from itertools import chain
from pathlib import Path
from typing import Any
from unittest import mock

import pytest
from frictionless import Detector, system
from hypothesis import given, settings
from hypothesis import strategies as st

from bench import fuzz
from harvester.records import Sniffed
from harvester.sniff import sniff
from harvester.store.contents import rules_of
from harvester.validate import engine, fast
from harvester.validate.fast import casts, opening, pattern

SEEDED_FILES = 1_200
SHARED = Path(__file__).resolve().parents[2] / "shared" / "hk" / "files"
CLEAN = "id,day,place,amount\n" + "".join(f"{i},2024-01-{i % 28 + 1:02},沙田區,{i / 8}\n" for i in range(150))


def _differences(seeds: range) -> list[str]:
    with fuzz.remembered_geojson():
        return fuzz.run(iter(seeds), float("inf"), engine.KeptDetector)[2]


def _in_two(work: Any, items: Sequence[Any]) -> list[Any]:
    """Return what ``work`` makes of each half of the items, in two processes."""
    with multiprocessing.get_context("fork").Pool(2) as pool:
        return pool.map(work, [items[first::2] for first in (0, 1)])


def _same(tmp_path: Path, data: bytes, format_: str = "csv", codec: str = "utf-8", **options: Any) -> Any:
    """Assert that both say the same of these bytes; return what the fast path told, None where it proved nothing."""
    case = fuzz.Case(data, format_, codec, **options)
    difference, _ = fuzz.differs(case, tmp_path / "body")
    assert difference is None
    return fuzz.told(case, tmp_path / "body")[0]


@pytest.mark.slow
def test_made_up_files_do_not_differ() -> None:
    """A thousand files of every kind and fault, read in blocks down to a byte and with small limits: no difference.

    Frictionless keeps its readers here, which another test holds to change nothing, and remembers what it said of a
    text as GeoJSON; `make fuzz-validate` does neither.
    """
    assert [line for found in _in_two(_differences, range(SEEDED_FILES)) for line in found] == []


def test_the_made_up_files_reach_what_they_should(tmp_path: Path) -> None:
    """Among the first 300 there are valid and invalid ones, each kind of error of a row, and few are left unproved."""
    told = [fuzz.told(fuzz.case(seed), tmp_path / "body")[0] for seed in range(300)]
    proved = [each for each in told if each]
    codes = {place[0] for each in proved for place in each[0]}
    assert codes >= {"type-error", "missing-cell", "extra-cell", "blank-row", "blank-label", "duplicate-label"}
    assert len(proved) > 240
    assert sum(not each[0] for each in proved) > 30


CELLS = st.one_of(
    st.sampled_from(fuzz.ODD),
    st.text(alphabet="0123456789_-+.:eETZ ,", max_size=12),
    st.text(max_size=8),
    st.dates().map(str),
    st.datetimes().map(str),
    st.floats().map(str),
)


@given(st.sampled_from(casts.CANDIDATES), CELLS)
@settings(max_examples=1500, deadline=None)
def test_a_quick_answer_is_the_readers_answer(type_: str, text: str) -> None:
    """Whatever the rules of a type accept or refuse at once, Frictionless's reader of that type does too."""
    if text:
        reader = system.select_field_class(type_)(name="x").create_cell_reader()
        assert casts.cast(type_)(text) == (not reader(text)[1])


@given(st.lists(st.lists(CELLS, max_size=4), min_size=1, max_size=30), st.integers(1, 4))
@settings(max_examples=150, deadline=None)
def test_types_are_those_frictionless_infers(rows: list[list[str]], width: int) -> None:
    """Short rows, gaps and mixtures: each column gets the type Frictionless's own detector gives it."""
    schema = Detector().detect_schema(rows, labels=[f"c{i}" for i in range(width)])
    columns = [[row[i] if i < len(row) else None for row in rows] for i in range(width)]
    assert casts.infer(columns) == [field.type for field in schema.fields]


@given(st.lists(st.lists(CELLS, max_size=4), max_size=130), st.lists(st.sampled_from(["-", "N/A", "1"]), max_size=2))
@settings(max_examples=150, deadline=None)
def test_rows_cut_out_of_a_file_are_judged_the_same(rows: list[list[str]], missing: list[str]) -> None:
    """The table after repair, with markers that stand for nothing: the same verdict, defects, rows and types."""
    ours = engine.judge_rows(("a", "b", "b"), rows, missing)
    theirs = engine.rows_by_frictionless(("a", "b", "b"), rows, missing)
    assert replace(ours, route="") == replace(theirs, route="")


@given(st.lists(st.text(alphabet="ab1 ,;\t|\"'", max_size=20), min_size=1, max_size=25))
@settings(max_examples=300, deadline=None)
def test_sniffing_few_characters_changes_nothing(lines: list[str]) -> None:
    """csv.Sniffer chooses the same delimiter whether it counts the four it may choose or all characters."""
    text = "\n".join(lines)

    def sniffed() -> Any:
        try:
            found = csv.Sniffer().sniff(text, opening.DELIMITERS)
        except csv.Error:
            return None
        return found.delimiter, found.quotechar, found.skipinitialspace

    with opening._few_characters(opening.DELIMITERS):
        few = sniffed()
    assert few == sniffed()


@pytest.mark.parametrize(
    "text",
    [
        CLEAN,
        CLEAN + "\n",
        CLEAN + "\n\n,,,\n",
        CLEAN + "x,2024-02-30,,\n1,2,3\n1,2,3,4,5\n",
        CLEAN + '7,2024-01-01,"two\nlines",1\n8,2024-01-01,"""",nan\n',
        CLEAN + '7,2024-01-01,"a"b,1\n8,2024-01-01,a"b,1\n',
        CLEAN + '7,2024-01-01,"never closed,1\n8,2024-01-01,x,1\n',
        CLEAN + "7,2024-01-01,a\rb,1\r8,2024-01-01,x,1\r\r\n",
        CLEAN + "7,2024-01-01,\0,1\n",
        CLEAN + "7,2024-01-01,no line end,1",
        CLEAN.replace("\n", "\r"),
        CLEAN.replace(",", ", "),
        CLEAN.replace("id,day", ",day"),
        CLEAN.replace("id,day", "day,day"),
        "Title of the table\n\n" + CLEAN,
        "a,b\n" + "1,\n" * 120 + ",2\n" + ",\n" + "\n",
        "a\n" + "1\n" * 120 + "\n" + '""\n' + " \n",
        "a,b\n",
        "a,b",
        "\n1,2\n",
        "",
    ],
)
@pytest.mark.parametrize("block", [5, 1024])
@pytest.mark.parametrize("format_", ["csv", "tsv"])
def test_examples_do_not_differ(tmp_path: Path, text: str, block: int, format_: str) -> None:
    """Line ends, quotes, blanks, titles and empty files, at block ends of every kind."""
    data = text if format_ == "csv" else text.replace(",", "\t")
    _same(tmp_path, data.encode(), format_, block=block)


@pytest.mark.parametrize("codec", fuzz.CODECS)
def test_every_encoding_is_read_to_its_end(tmp_path: Path, codec: str) -> None:
    """Sound in six encodings, the rows are proved; a wrong byte after 200 KB leaves the file to Frictionless."""
    data = (CLEAN.replace("沙田區", "x") if codec == "cp1252" else CLEAN).encode(codec)
    told = _same(tmp_path, data, codec=codec)
    assert told
    assert (told[0], told[2]) == ([], 150)
    wrong = {"utf-16": b"\x00\xd8\x00\xd8", "utf-16-le": b"\x00\xd8\x00\xd8", "cp1252": b"\x81"}.get(codec, b"\xff\xff")
    body = data[data.index("0".encode(codec.removesuffix("-sig"))[-2:]) :] if codec.startswith("utf-16") else data
    assert _same(tmp_path, data + body * 40 + wrong, codec=codec) is None


def test_a_mark_is_no_part_of_the_first_label(tmp_path: Path) -> None:
    """A label with an open quote after a byte-order mark, read a byte at a time, swallows the file for both."""
    assert _same(tmp_path, b'\xef\xbb\xbf",a\n1,2\n,,\n', "tsv", "utf-8-sig", limit=1, block=1)


@pytest.mark.parametrize("between", [10, 3_000, 7_000, 9_000, 70_000])
@pytest.mark.parametrize("block", [301, 4096, 1024 * 1024])
def test_a_wrong_byte_may_hide_the_last_error_counted(tmp_path: Path, between: int, block: int) -> None:
    """Python decodes 8,192 bytes at once: a wrong byte behind the row where counting would stop may hide that row."""
    good = b"9,2024-01-01,a,1\n"
    data = CLEAN.encode() + good * ((17_000 - len(CLEAN.encode())) // len(good)) + b"x,2024-01-01,a,1\n"
    told = _same(tmp_path, data + good * (between // len(good)) + b"\xff\n", limit=1, block=block)
    assert told is None or between > 64 * 1024


def test_counting_stops_where_frictionless_stops(tmp_path: Path) -> None:
    """At every limit up to the number of errors: the same errors are kept and the same number of rows was read."""
    bad = "".join(draw for i in range(12) for draw in (f"x{i},y,z,w\n", "1,2024-01-01,x,1\n", "\n"))
    for limit in (1, 2, 3, 5, 20, 47, 48, 49, 100):
        told = _same(tmp_path, (CLEAN + bad).encode(), limit=limit)
        assert len(told[0]) <= limit


def test_the_expression_does_the_work(tmp_path: Path) -> None:
    """Of a sound file every row is vouched for by the expression; of one with faults, all but the faulty ones."""
    path = tmp_path / "body"
    path.write_text(CLEAN, encoding="utf-8")
    found = fast.judge(path, "csv", "utf-8", 100, 5)
    assert (found.rows, found.proved) == (150, 150)
    path.write_text(CLEAN + "x,,,\n" + CLEAN.split("\n", 1)[1], encoding="utf-8")
    found = fast.judge(path, "csv", "utf-8", 100, 5)
    assert (found.rows, found.proved, found.tally.counts) == (301, 300, {"type-error": 1})


def test_a_verdict_tells_who_gave_it(tmp_path: Path) -> None:
    """The route is kept with a verdict, and why the fast path could not vouch where it did not."""
    path = tmp_path / "body"
    path.write_bytes(CLEAN.encode() * 2)
    assert engine.judge_file(path, "csv", encoding="utf-8").route == engine.BY_FAST_PATH
    path.write_bytes(CLEAN.encode() + CLEAN.encode() * 40 + b"\xff")
    judged = engine.judge_file(path, "csv", encoding="utf-8")
    assert judged.route == "read by frictionless: it cannot be decoded to its end"
    assert [defect.code for defect in judged.defects] == ["type-error", "encoding-error"]
    assert rules_of(engine.engine_of(judged.route)) == engine.RULES


def test_an_expression_that_has_no_room_proves_nothing(tmp_path: Path) -> None:
    """Where RE2 cannot hold the expression of a table's rows, the file goes to Frictionless."""
    with mock.patch.object(pattern, "MEMORY_BYTES", 2_000):
        assert fuzz.told(fuzz.Case(b"room\n" + b"2024-01-01\n" * 9, "csv", "utf-8"), tmp_path / "body") == (
            None, "its rows need too long an expression",
        )  # fmt: skip


def test_what_we_took_for_granted_of_a_row_is_checked(tmp_path: Path) -> None:
    """Where our rules for a row and Frictionless's part, the whole file goes to Frictionless."""
    path = tmp_path / "body"
    path.write_text(CLEAN + "x,2024-01-01,x,1\n", encoding="utf-8")
    with (
        mock.patch("harvester.validate.fast.tally.Tally._errors", return_value=[("blank-row", 152, None)]),
        pytest.raises(fast.Unproved),
    ):
        fast.judge(path, "csv", "utf-8", 100, 5)


def _recorded() -> list[tuple[Path, Sniffed]]:
    found = []
    for path in sorted(each for each in SHARED.rglob("*") if each.is_file()):
        with path.open("rb") as file:
            found.append((path, sniff(file)))
    found = [(path, sniffed) for path, sniffed in found if sniffed.format in ("csv", "tsv")]
    return sorted(found, key=lambda each: each[0].stat().st_size)  # so that every second one is half of the work


def _ways(files: Sequence[tuple[Path, Sniffed]]) -> list[tuple[str, str | None, str]]:
    """Return of each file its name, what differs, and which way the fast path took."""
    with tempfile.TemporaryDirectory() as folder, fuzz.remembered_geojson():
        return [
            (path.name, *fuzz.differs(_case(path.read_bytes(), sniffed), Path(folder, "body"), engine.KeptDetector))
            for path, sniffed in files
        ]


def _wounded(files: Sequence[tuple[Path, Sniffed]]) -> list[tuple[str, str | None, str]]:
    """Do the same with the first 20 KB of each file, wounded in two ways."""
    told = []
    with tempfile.TemporaryDirectory() as folder, fuzz.remembered_geojson():
        for seed in range(2):
            for path, sniffed in files:
                draw = random.Random(f"{seed} {path.name}")
                data = fuzz.spoiled(path.read_bytes()[:20_000], draw)
                case = _case(data, sniffed, limit=draw.choice(fuzz.LIMITS), block=draw.choice(fuzz.BLOCKS))
                told.append((path.name, *fuzz.differs(case, Path(folder, "body"), engine.KeptDetector)))
    return told


def _case(data: bytes, sniffed: Sniffed, **options: int) -> fuzz.Case:
    return fuzz.Case(data, sniffed.format, engine.encoding_option(sniffed), **options)


@pytest.mark.shared
@pytest.mark.skipif(not SHARED.is_dir(), reason="../shared/hk/files is not beside the checkout")
def test_recorded_files_do_not_differ() -> None:
    """Every delimited file of the recorded ones: no difference, and hardly one unproved."""
    told = list(chain.from_iterable(_in_two(_ways, _recorded())))
    assert [(name, difference) for name, difference, _ in told if difference] == []
    assert len(told) > 100
    assert sum(way == "proved" for _, _, way in told) >= 0.9 * len(told)


@pytest.mark.shared
@pytest.mark.skipif(not SHARED.is_dir(), reason="../shared/hk/files is not beside the checkout")
def test_recorded_files_with_wounds_do_not_differ() -> None:
    """The first 20 KB of each with a few bytes lost, doubled or put in, at any limit and block: no difference."""
    told = chain.from_iterable(_in_two(_wounded, _recorded()))
    assert [(name, difference) for name, difference, _ in told if difference] == []


def test_generator_is_deterministic() -> None:
    """A seed makes the same file again, so that a difference found by night can be looked at by day."""
    seed = random.Random(7).randrange(10**9)
    assert fuzz.case(seed) == fuzz.case(seed)
