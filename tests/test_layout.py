"""What stands in a file beside its table, or inside it and is no data: told, and left out of the table after repair."""

import io
import tempfile
import zipfile
from datetime import date
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from harvester.records import Content, Dialect
from harvester.sniff import sniff
from harvester.validate import books, examine, layout
from harvester.validate.grid import Box, Grid

Rows = list[list[Any]]
LABELS = ["Code", "Place", "Count", "Share"]
PLACES: Rows = [[f"A{i:02}", f"Place {i}", i * 7, i / 4] for i in range(1, 9)]
YEARS: Rows = [["Year", "Births", "Deaths"], *[[2000 + i, 800 + i * 3, 400 + i * 2] for i in range(6)]]


def found(rows: Rows, **of_grid: Any) -> layout.Layout:
    """Lay out rows as those of a sheet, all padded to one width."""
    width = max(map(len, rows))
    told = layout.find(Grid([row + [None] * (width - len(row)) for row in rows], ragged=False, **of_grid))
    assert told is not None
    return told


def worth(body: bytes) -> tuple[Content, Dialect]:
    """Examine bytes as the step does, from a file without a name of its own."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "body")
        path.write_bytes(body)
        with path.open("rb") as file:
            content = examine(path, sniff(file), "0" * 64, len(body), complete=True, today=date(2026, 11, 23))
    assert content.dialect is not None
    return content, content.dialect


def saved(book: openpyxl.Workbook) -> bytes:
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


def written(sheet: Any, rows: Rows) -> None:
    for row in rows:
        sheet.append(row)


def book_of(rows: Rows) -> openpyxl.Workbook:
    book = openpyxl.Workbook()
    written(book.active, rows)
    return book


@pytest.mark.parametrize(
    ("rows", "sections"),
    [
        ([LABELS, ["North"], *PLACES[:3], ["South"], *PLACES[3:]], (2, 6)),
        ([LABELS, PLACES[0], ["N", "北區 North"], *PLACES[1:4], ["S", "南區 South"], *PLACES[4:]], ()),
        ([LABELS, PLACES[0], [], ["N", "北區 North"], *PLACES[1:4], [], ["S", "南區 South"], *PLACES[4:]], (4, 9)),
        ([LABELS, ["The Territory"], ["North"], *PLACES[:3], ["South"], *PLACES[3:]], (2, 3, 7)),
        ([["Area", "2021", "2022", "2023"], ["Island"], *[[f"D{i}", i, i * 2, i * 3] for i in range(1, 5)],
          ["Kowloon"], *[[f"D{i}", i, i * 2, i * 3] for i in range(5, 9)]], (2, 7)),
        ([["Name", "Street", "District", "Kind"], ["Libraries"], *[[f"L{i}", "Road", "東區", "big"] for i in range(5)],
          ["Parks"], *[[f"P{i}", "Road", "東區", "small"] for i in range(5)]], (2, 8)),
    ],
)  # fmt: skip
def test_section_rows_are_told_and_left_out(rows: Rows, sections: tuple[int, ...]) -> None:
    """A row that only names the rows below it is no data; one that only lacks its values is, and stays."""
    told = found(rows)
    assert told.sections == sections
    assert len(told.body) == sum(1 for row in rows[1:] if row) - len(sections)
    assert [rows[number - 1][0] for number in told.numbers] == [row[0] for row in told.body]


MONTHS: Rows = [[month, 100 + i, 200 + i] for i, month in enumerate(("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul"))]
SHARES: Rows = [[f"D{i}", i * 7, i * 3, i / 4] for i in range(1, 13)]


@pytest.mark.parametrize(
    ("rows", "header", "size", "footers", "sections"),
    [
        ([["Table 1", "Places by district"], LABELS, *SHARES], (2, 1), 12, 0, 0),
        ([["As at", "3 May 2024"], [], LABELS, *SHARES], (3, 1), 12, 0, 0),
        ([["Report", None, None, "2024"], [], LABELS, *SHARES], (3, 1), 12, 0, 0),
        ([[None, "2021", None, "2022", None], ["District", "Male", "Female", "Male", "Female"],
          *[[f"D{i}", i, i * 2, i * 3, i * 4] for i in range(1, 19)]], (1, 2), 18, 0, 0),
        ([LABELS, ["(1)", "(2)", "(3)", "(4)"], *SHARES], (1, 2), 12, 0, 0),
        ([LABELS, [], *SHARES, [], ["End of table"]], (1, 1), 12, 2, 0),
        ([LABELS, *SHARES, ["Notes:"], ["(1)", "Figures are revised."], ["(2)", "Rounded."]], (1, 1), 12, 3, 0),
        ([["Month", "In", "Out"], ["2021"], *MONTHS, [2022], *MONTHS], (1, 1), 14, 0, 2),
        ([LABELS, *SHARES[:6], ["(Cont'd)"], LABELS, *SHARES[6:]], (1, 1), 12, 0, 2),
        ([["Item", 2021, 2022], ["Land"], ["roads", 1, 2], ["Total", 1, 2], ["Sea"], ["piers", 3, 4], ["Total", 3, 4]],
         (1, 1), 4, 0, 2),
        ([["Place", "Tower"], ["Since", "1984"], [], LABELS, *SHARES], (4, 1), 12, 0, 0),
    ],
)  # fmt: skip
@pytest.mark.parametrize("padded", [True, False])
def test_tables_are_found_among_what_offices_write_around_them(
    rows: Rows, header: tuple[int, int], size: int, footers: int, sections: int, padded: bool
) -> None:
    """Titles, dates, years over months, numbered columns, labels repeated on each page, notes: told from the table."""
    width = max(map(len, rows))
    cells = [["" if cell is None else str(cell) for cell in row] + [""] * (width - len(row)) * padded for row in rows]
    told = layout.find(Grid(cells, ragged=len(set(map(len, cells))) > 1, delimiter=","))
    assert told is not None
    got = (told.header_row, told.header_rows), len(told.body), told.footer_rows, len(told.sections)
    assert (*got, told.others) == (header, size, footers, sections, ())


@pytest.mark.parametrize(
    "rows",
    [
        [LABELS, *PLACES[:4], ["A05", "Place 5"], *PLACES[5:], ["A09", "Place 9"]],
        [LABELS, *PLACES[:3], ["A04"], *PLACES[4:]],
        [
            ["Station", "Mean", "Gust"],
            ["Pier", 19, 26],
            ["Stanley"],
            ["Tap Mun", 4, 9],
            ["Sai Kung"],
            ["Kai Tak", 5, 7],
        ],
        [["Station", "Mean", "Gust"], ["Pier"], ["Stanley"], ["Tap Mun"], ["Sai Kung", 2, 3], ["Kai Tak", 5, 7]],
        [LABELS, *PLACES, ["Total", None, 252, 9]],
        [LABELS] * 5,
        [["Day", "Rain", "Note"], *[[f"2024-01-{i:02}", i if i % 3 else None, None] for i in range(1, 20)]],
        [["Name", "Remark", "More"], *[[f"Park {i}", "open" if i % 2 else None, None] for i in range(9)]],
    ],
)
def test_rows_that_lack_values_stay_data(rows: Rows) -> None:
    """Stations without readings, days without rain, totals and names without remarks are no sections."""
    told = found(rows)
    assert (told.sections, len(told.body)) == ((), len(rows) - 1)


@pytest.mark.parametrize(
    ("rows", "header_row", "size", "others"),
    [
        ([["Table 1"], LABELS, *PLACES, [], ["Table 2"], *YEARS], 2, 8, ("A13:C19",)),
        ([*YEARS, [], LABELS, *PLACES], 9, 8, ("A1:C7",)),
        ([LABELS, *PLACES[:4], [], LABELS, *PLACES[4:7], ["* estimated"]], 1, 4, ("A7:D10",)),
        ([["Title"], [], LABELS, *PLACES, [], ["Legend"], ["#", "not complete"], ["***", "none"]], 3, 8, ()),
        ([["Station", "The Peak"], ["Height", "550 m"], [], LABELS, *PLACES], 4, 8, ()),
        ([LABELS, *PLACES[:4], [], *PLACES[4:]], 1, 8, ()),
        ([LABELS, *PLACES[:4], [], ["Total", "", 70, 2.5], [], ["Source: the department"]], 1, 5, ()),
    ],
)
def test_tables_one_below_the_other_are_told(rows: Rows, header_row: int, size: int, others: tuple[str, ...]) -> None:
    """The largest is cut out and the others' places told; legends, totals and blank rows make no further table."""
    told = found(rows)
    assert (told.header_row, len(told.body), told.others) == (header_row, size, others)
    assert told.body[0] in (PLACES[0], [*PLACES[0]])


def test_tables_side_by_side_are_told() -> None:
    """Tables labelled alike with a blank column between are two; blank columns within one table are for the eye."""
    pair: Rows = [[*one, None, *one] for one in YEARS]
    told = found(pair)
    assert (told.width, told.others, len(told.body)) == (3, ("E1:G7",), 6)
    spaced: Rows = [["Year", "Male", None, "Female", "All"], *[[2000 + i, i, None, i * 2, i * 3] for i in range(6)]]
    assert (found(spaced).width, found(spaced).others) == (5, ())


def test_what_a_workbook_says_of_its_sheets_is_told() -> None:
    """Merged cells, hidden sheets and tables on other sheets reach the dialect; a hidden sheet is not read first."""
    book = openpyxl.Workbook()
    drafts: Any = book.active
    cover = book.create_sheet("Cover")
    written(drafts, [["Draft", "Count"], ["x", 1], ["y", 2]])
    drafts.title, drafts.sheet_state = "Drafts", "hidden"
    written(cover, [["Statistics of places"], ["See the next sheets"]])
    table = book.create_sheet("Table")
    rows: Rows = [[row[0], f"District {i // 4}" if i % 4 == 0 else None, *row[2:]] for i, row in enumerate(PLACES)]
    written(table, [["Code", "Place", "Figures", None], [None, None, "Count", "Share"], *rows])
    for place in ("A1:A2", "B1:B2", "C1:D1", "B3:B6", "B7:B10"):
        table.merge_cells(place)
    written(book.create_sheet("Years"), [["Births and deaths"], *YEARS])
    content, dialect = worth(saved(book))
    assert (dialect.sheet, dialect.header_row, dialect.header_rows, content.rows) == ("Table", 1, 2, 8)
    assert (dialect.hidden_sheets, dialect.others) == (("Drafts",), 2)
    assert dialect.others_at == ("Years!A2:C8", "Drafts!A1:B3")
    assert (dialect.merged, dialect.merged_at[0]) == (5, "A1:A2")
    assert content.repaired == "valid"
    assert content.profile is not None
    assert [column.label for column in content.profile.columns] == ["Code", "Place", "Figures Count", "Figures Share"]
    assert content.profile.columns[1].null_share == 0


def test_an_opendocument_tells_the_same_of_its_sheets() -> None:
    """Hidden sheets, other tables and spanned cells of an ODS reach the dialect as those of a workbook do."""

    def cell(text: str, spans: str = "") -> str:
        kind = f'office:value-type="float" office:value="{text}"' if text.isdigit() else 'office:value-type="string"'
        return f"<table:table-cell {spans} {kind}><text:p>{text}</text:p></table:table-cell>"

    def sheet(name: str, rows: list[str], style: str = "") -> str:
        inside = "".join(f"<table:table-row>{row}</table:table-row>" for row in rows)
        return f'<table:table table:name="{name}" {style}>{inside}</table:table>'

    covered = '<table:covered-table-cell table:number-columns-repeated="{}"/>'
    rows = [cell("Code") + cell("District") + cell("Count")]
    for i in range(8):
        district = cell(f"North {i // 4}", 'table:number-rows-spanned="4"') if i % 4 == 0 else covered.format(1)
        rows.append(cell(f"A{i}") + district + cell(str(i * 7)))
    years = ["".join(map(cell, map(str, row))) for row in YEARS]
    spaces = " ".join(
        f'xmlns:{name}="urn:oasis:names:tc:opendocument:xmlns:{name}:1.0"'
        for name in ("office", "table", "text", "style")
    )
    style = (
        '<office:automatic-styles><style:style style:name="ta2" style:family="table">'
        '<style:table-properties table:display="false"/></style:style></office:automatic-styles>'
    )
    content = (
        f"<office:document-content {spaces}>{style}<office:body><office:spreadsheet>"
        + sheet("Drafts", years, 'table:style-name="ta2"') + sheet("Table", rows) + sheet("Years", years)
        + "</office:spreadsheet></office:body></office:document-content>"
    )  # fmt: skip
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        archive.writestr("content.xml", f'<?xml version="1.0"?>{content}')
        archive.writestr("META-INF/manifest.xml", "<manifest/>")
    _, dialect = worth(file.getvalue())
    assert (dialect.sheet, dialect.hidden_sheets) == ("Table", ("Drafts",))
    assert dialect.others_at == ("Years!A1:C7", "Drafts!A1:C7")
    assert dialect.merged_at == ("B2:B5", "B6:B9")


def test_merged_ranges_are_read_across_blocks(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """However the part of a sheet falls into blocks, each merged range is found once, and no tree is built."""
    book = book_of([LABELS, *PLACES])
    sheet: Any = book.active
    places = [f"A{i}:D{i}" for i in range(20, 60)]
    for place in places:
        sheet.merge_cells(place)
    path = tmp_path / "body"
    path.write_bytes(saved(book))
    for block in (1, 7, 64, 1 << 20):
        monkeypatch.setattr(books, "_BLOCK", block)
        ranges = books.merged_in_part(path, "xl/worksheets/sheet1.xml")
        assert ranges == [(i, 1, i, 4) for i in range(20, 60)]


def test_formula_errors_are_told_with_their_places() -> None:
    """A cell that shows #REF! is a defect of its own beside Frictionless's, and no value after repair."""
    rows = [list(row) for row in PLACES * 3]
    rows[20][2], rows[22][3] = "#REF!", "#DIV/0!"
    content, dialect = worth(saved(book_of([LABELS, *rows])))
    ours = [defect for defect in content.defects if defect.code == "formula-error"]
    assert [(defect.count, defect.row, defect.field) for defect in ours] == [(2, 22, 3)]
    assert ours[0].examples == ("C22 #REF!", "D24 #DIV/0!")
    assert (content.verdict, content.repaired) == ("invalid", "valid")
    assert set(dialect.missing_values) == {"#REF!", "#DIV/0!"}
    assert "#" not in (content.reason or "").replace('"#REF!"', "")
    clean, _ = worth(saved(book_of([LABELS, *PLACES])))
    assert clean.defects == ()


@settings(max_examples=60, deadline=None)
@given(st.lists(st.integers(2, 6), min_size=2, max_size=5), st.booleans(), st.integers(0, 2))
def test_any_grouping_is_undone(groups: list[int], blanks: bool, titles: int) -> None:
    """However many groups a table has, its data rows are all there after repair, and its section rows all told."""
    rows: Rows = [[f"Title {i}"] for i in range(titles)] + [LABELS]
    data: Rows = []
    sections = []
    for number, size in enumerate(groups):
        rows += [[]] if blanks and number else []
        rows.append([f"District {'ABCDE'[number]}"])
        sections.append(len(rows))
        some = [[f"{'ABCDE'[number]}{i}", f"Place {i}", i * 3, i / 8] for i in range(size)]
        rows += some
        data += some
    told = found(rows)
    assert (told.header_row, told.body, told.sections, told.others) == (titles + 1, data, tuple(sections), ())


@settings(max_examples=60, deadline=None)
@given(st.integers(3, 12), st.integers(3, 12), st.integers(1, 3), st.booleans())
def test_any_two_tables_are_two(first: int, second: int, apart: int, titled: bool) -> None:
    """Of two tables with blank rows between, one is cut out whole and the other told where it stands."""
    one: Rows = [LABELS, *[[f"A{i}", f"Place {i}", i * 7, i / 4] for i in range(first)]]
    two: Rows = [
        ["Year", "Births", "Deaths", "Rate"],
        *[[1990 + i, 800 + i * 3, 400 + i, i / 8] for i in range(second)],
    ]
    rows = [*one, *[[] for _ in range(apart)], *([["Second table"]] if titled else []), *two]
    told = found(rows)
    top = len(rows) - second
    whole = [f"A1:D{first + 1}", f"A{top}:D{len(rows)}"]
    assert len(told.body) == max(first, second)
    assert [told.place, *told.others] == (whole if first >= second else whole[::-1])


ODD = st.sampled_from(
    [
        None,
        "",
        " ",
        "A",
        "North",
        "2021",
        2021,
        7,
        1.5,
        "***",
        "#REF!",
        "Notes:",
        "(1)",
        "註",
        date(2024, 1, 2),
        True,
        "\n",
    ]
)
BOXES = st.builds(
    lambda top, left, down, right: Box(top, left, top + down, left + right),
    st.integers(1, 9), st.integers(1, 5), st.integers(0, 4), st.integers(0, 4),
)  # fmt: skip


@settings(max_examples=150, deadline=None)
@given(st.lists(st.lists(ODD, max_size=6), max_size=14), st.lists(BOXES, max_size=4), st.booleans())
def test_whatever_stands_in_a_grid_is_accounted_for(rows: Rows, merged: list[Box], padded: bool) -> None:
    """Any cells at all are laid out without a fall, and no row is data twice, or data and something else."""
    width = max(map(len, rows), default=0)
    cells = [row + [None] * (width - len(row)) * padded for row in rows]
    ragged = len(set(map(len, cells))) > 1
    told = layout.find(Grid(cells, ragged, merged=tuple(merged), delimiter="," if ragged else None))
    if told is None:
        return
    numbers = list(told.numbers)
    assert numbers == sorted(set(numbers))
    assert len(numbers) == len(told.body)
    assert len(told.labels) == told.width
    heads = {(told.header_row or 0) + i for i in range(told.header_rows)} if told.header_row else set()
    after = set(range(len(cells) - told.footer_rows + 1, len(cells) + 1))
    parts = [set(numbers), set(told.sections), heads, after]
    assert sum(map(len, parts)) == len(set().union(*parts))
    assert layout.dialect_of(told, Grid(cells, ragged), None).header_rows == told.header_rows
