"""Tables: the verdict as published, the table a careful reader would see, and what it holds."""

import csv
import io
import tempfile
from datetime import date
from pathlib import Path

import openpyxl
import pytest
from frictionless import Detector
from frictionless.resources import TableResource
from hypothesis import given, settings
from hypothesis import strategies as st

from harvester.records import Content
from harvester.sniff import sniff
from harvester.validate import ENGINE, examine
from harvester.validate.engine import BY_FAST_PATH, KeptDetector, engine_of

TODAY = date(2026, 11, 23)
ROWS = [f"2024-{month:02},District {month},{month * 7},{month / 4}" for month in range(1, 13)]
TABLE = "Month,Place,Count,Rate\n" + "\n".join(ROWS) + "\n"


def worth(body: bytes) -> Content:
    """Examine bytes as the step does, from a file without a name of its own."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "0" * 64)
        path.write_bytes(body)
        with path.open("rb") as file:
            sniffed = sniff(file)
        return examine(path, sniffed, "0" * 64, len(body), complete=True, today=TODAY)


def sheet(rows: list[list[object]], merged: tuple[str, ...] = ()) -> bytes:
    book = openpyxl.Workbook()
    for row in rows:
        book.active.append(row)
    for place in merged:
        book.active.merge_cells(place)
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


def test_a_plain_table_is_valid_and_needs_no_repair() -> None:
    """A sound table is valid, its labels in row 1, nothing after it, and its profile told."""
    found = worth(TABLE.encode())
    assert (found.verdict, found.repaired, found.defects, found.rows, found.columns) == ("valid", None, (), 12, 4)
    assert found.dialect
    assert (found.dialect.header_row, found.dialect.header_rows, found.dialect.footer_rows) == (1, 1, 0)
    assert found.profile
    assert (found.profile.earliest, found.profile.latest, found.profile.periods) == ("2024-01-01", "2024-12-31", 12)
    assert [column.type for column in found.profile.columns] == ["yearmonth", "string", "integer", "number"]
    assert (found.profile.columns[2].low, found.profile.columns[2].high) == (7.0, 84.0)
    assert found.ladder == "table"
    assert found.engine == engine_of(BY_FAST_PATH)
    assert "frictionless" in ENGINE
    assert "python" in ENGINE
    assert "rules" in ENGINE


def test_errors_are_grouped_by_frictionless_own_codes() -> None:
    """Each kind of error is counted in full, with its first place and a few examples in words."""
    more = "".join(f"2023-{month:02},P,{month},1\n" * 3 for month in range(1, 13))
    broken = TABLE + more + "2025-01,X,many,1\n2025-02,Y,few,1\n2025-03,Z,1\n\n2025-04,Q,1,2,3\n"
    found = worth(broken.encode())
    assert found.verdict == "invalid"
    assert found.reason
    counts = {defect.code: (defect.count, defect.row, defect.field) for defect in found.defects}
    assert counts == {
        "type-error": (2, 50, 3),
        "missing-cell": (1, 52, 4),
        "blank-row": (1, 53, None),
        "extra-cell": (1, 54, 5),
    }
    assert '"many"' in found.defects[0].examples[0]


@pytest.mark.parametrize(
    ("before", "after", "header_row", "footer_rows"),
    [
        ("標題\nTitle of the table\n", "", 3, 0),
        ("Remarks:\n1. Provisional\n2. N.A. = not available\n\n\n", "", 6, 0),
        ("", "\n*** not available\n# not complete\n", 1, 3),
        ("Title\n", "\nSource: the department\n", 2, 2),
        ("", "註:數字為臨時數字\n", 1, 1),
    ],
)
def test_notes_around_a_table_are_found(before: str, after: str, header_row: int, footer_rows: int) -> None:
    """Title rows, remarks and legends are told from the table, and the table read so is valid."""
    found = worth((before + TABLE + after).encode("utf-8-sig"))
    assert found.dialect
    assert (found.dialect.header_row, found.dialect.footer_rows) == (header_row, footer_rows)
    assert (found.repaired, found.rows, found.bom) == ("valid", 12, True)


def test_rows_of_labels_are_found() -> None:
    """Group headings, bilingual rows and rows of units belong to the labels, in text and in merged cells."""
    groups: list[list[object]] = [
        [None, None, "Figures", None],
        ["月", "地方", "數目", "比率"],
        ["Month", "Place", "Count", "Rate"],
    ]
    data: list[list[object]] = [[f"2024-{month:02}", f"P{month}", month * 7, month / 4] for month in range(1, 13)]
    merged = worth(sheet([*groups, *data], ("C1:D1",)))
    assert merged.dialect
    assert (merged.dialect.header_row, merged.dialect.header_rows, merged.rows, merged.repaired) == (1, 3, 12, "valid")
    assert merged.profile
    assert merged.profile.columns[3].label == "Figures 比率 Rate"
    units = worth(TABLE.replace("\n", "\n,,number,per cent\n", 1).encode())
    assert units.dialect
    assert units.dialect.header_rows == 2


def test_labels_that_are_numbers_are_labels() -> None:
    """Years and hours over columns of figures are labels; a table that begins with its data has none."""
    years = worth(
        b"District,2021,2022,2023\n" + b"".join(b"D%d,%d,%d,%d\n" % (i, i * 3, i * 5, i * 9) for i in range(1, 19))
    )
    assert years.dialect
    assert (years.dialect.header_row, years.rows) == (1, 18)
    assert years.profile
    assert (years.profile.periods, years.profile.latest) == (3, "2023-12-31")
    bare = worth("\n".join(ROWS).encode())
    assert bare.dialect
    assert (bare.dialect.header_row, bare.dialect.header_rows, bare.rows) == (None, 0, 12)


def test_an_empty_last_column_is_dropped_in_repair() -> None:
    """A delimiter at each line's end is a blank label as published, and no column to a careful reader."""
    text = "\n".join(f"{line}\t" for line in TABLE.strip().replace(",", "\t").split("\n"))
    found = worth(text.encode("utf-16"))
    assert (found.format, found.encoding, found.verdict, found.repaired) == ("tsv", "utf-16-le", "invalid", "valid")
    assert found.dialect
    assert (found.dialect.columns, found.columns) == (4, 4)
    assert found.labels[-1] == ""


@pytest.mark.parametrize(
    "text",
    [
        TABLE + "2025-01,X,Closed,Shut\n",
        TABLE.replace("\n", "\n2023-12,X,Closed,Shut\n", 1),
        "Place,Count\nX,See note\n" + "".join(f"P{number},{number}\n" for number in range(20)),
        "Key,Value\nName,Fish\nSource,the sea\nRemarks,none at all\n",
        "Name,Address\n圖書館,中環\n公園,灣仔\nIFC 商場,中環 Central\nABC 樓,中環 Central\nABD 樓,沙田\n",
        TABLE + "Total,,546,\n",
        "name\nAlpha\nBeta\nGamma\n",
        "a,b,c\n",
    ],
)
def test_data_are_not_taken_for_labels_or_notes(text: str) -> None:
    """Words among figures, totals, key-and-value rows and lists stay data; the file is a plain table."""
    dialect = worth(text.encode()).dialect
    assert dialect
    assert (dialect.header_row, dialect.header_rows, dialect.footer_rows) == (1, 1, 0)


@pytest.mark.parametrize(
    "text", [TABLE.replace("Rate\n", "Rate,\n"), "Month,Place,Count,Rate\n" + ",\n".join(ROWS) + ",\n"]
)
def test_labels_a_cell_off_their_rows_are_still_labels(text: str) -> None:
    """A delimiter too many in the labels, or in the rows only, is invalid as published and mended by its width."""
    found = worth(text.encode())
    assert found.dialect
    assert (found.dialect.header_row, found.dialect.columns, found.rows) == (1, 4, 12)
    assert (found.verdict, found.repaired) == ("invalid", "valid")


def test_markers_stand_for_no_value_only_among_values() -> None:
    """``***`` in a column of numbers is a missing value; M in a column of sexes and Calm among winds are values."""
    many = "Day,Sex,Wind,Rain\n" + "".join(f"2024-01-{day:02},{'MF'[day % 2]},Calm,{day}\n" for day in range(1, 31))
    found = worth((many + "2024-01-31,M,Calm,***\n").encode())
    assert (found.verdict, found.repaired) == ("invalid", "valid")
    assert found.dialect
    assert found.dialect.missing_values == ("***",)
    assert found.profile
    assert [column.markers for column in found.profile.columns] == [0, 0, 0, 1]


def test_undecodable_bytes_are_told() -> None:
    """A file in two encodings is invalid by Frictionless's encoding-error, and called mixed."""
    found = worth(("名稱,數目\n" + "圖書館,1\n" * 9).encode() + ("圖書館,2\n" * 9).encode("big5"))
    assert (found.encoding, found.verdict) == ("mixed", "invalid")
    assert found.defects[0].code == "encoding-error"


def test_a_cut_body_is_not_judged() -> None:
    """A body cut at our own limit has no verdict, and the reason says whose limit it was."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "body")
        path.write_bytes(TABLE.encode())
        with path.open("rb") as file:
            found = examine(path, sniff(file), "0" * 64, 10**9, complete=False)
    assert found.verdict == "unmeasured"
    assert found.reason
    assert "our own size limit" in found.reason


CELLS = st.one_of(
    st.integers(-9999, 9999).map(str),
    st.floats(allow_nan=False, allow_infinity=False, width=16).map(str),
    st.dates().map(str),
    st.datetimes().map(lambda moment: moment.isoformat(timespec="seconds")),
    st.sampled_from(["", "true", "no", "N.A.", "22.3,114.2", "2024-05", "P1Y", "12:00:00", '{"a":1}', "[1]", "中西區"]),
    st.text(max_size=6),
)


@settings(max_examples=60, deadline=None)
@given(
    st.integers(1, 4).flatmap(
        lambda width: st.lists(st.lists(CELLS, min_size=width, max_size=width + 1), min_size=1, max_size=12)
    )
)
def test_the_kept_readers_change_nothing(rows: list[list[str]]) -> None:
    """The detector that keeps its readers gives the same schema and the same errors as Frictionless's own."""
    text = io.StringIO()
    csv.writer(text).writerows([[f"c{i}" for i in range(len(rows[0]))], *rows])

    def report(detector: Detector) -> object:
        with tempfile.TemporaryDirectory() as folder:
            Path(folder, "body").write_text(text.getvalue(), encoding="utf-8", newline="")
            table = TableResource(path="body", basepath=folder, format="csv", encoding="utf-8", detector=detector)
            told = table.validate()
            return told.flatten(["type", "rowNumber", "fieldNumber", "message"]), table.schema.to_descriptor()

    assert report(KeptDetector()) == report(Detector())
