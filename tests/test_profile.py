"""A table's profile against a slow and plain reading of the same rows, and where it says that things stand."""

import io
import json
import random
import tempfile
from dataclasses import asdict
from datetime import date
from pathlib import Path

import openpyxl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from harvester.records import Column, Content, Odd, Place, Profile
from harvester.sniff import sniff
from harvester.store import contents
from harvester.store.workshop import connect
from harvester.validate import examine
from harvester.validate.grid import MARKERS, MARKERS_AMONG_VALUES, MEASURED, read
from harvester.validate.held import said
from harvester.validate.profile import of_table
from scoring.evidence import _profile as read_again

TODAY = date(2026, 11, 23)
NUMBERS = ("1", "-2.5", "1,200", "7%", " 3 ", "0", 4, 5.5, "1e3", "8.", "-0")
DAYS = ("2020-01-05", "2021-12-31", "2019-02-28", " 2020-06-01", "31/12/2018", "5 Mar 2017", "2016年7月1日")
WORDS = ("Sha Tin", "Ｗan", "x", "café", "a\nb", "備註", "$", "()")
EMPTY = ("", None, "  ")
MARKS = ("N/A", "***", "-", "不適用", "Trace", "nil", "#")
POOLS = [
    *(st.sampled_from((*pool, *EMPTY[:gaps], *MARKS[:marks])) for pool in (NUMBERS, DAYS, WORDS) for gaps in (0, 3)
      for marks in (0, 7)),
    st.sampled_from(MARKS), st.sampled_from(EMPTY), st.sampled_from((True, False, date(2020, 1, 1), 2, "2")),
]  # fmt: skip


@st.composite
def tables(draw):
    """Rows of cells out of up to four pools of values, some rows told again, and the rows' numbers in their file."""
    pools = draw(st.lists(st.sampled_from(POOLS), min_size=1, max_size=4))
    rows = draw(st.lists(st.tuples(*pools).map(list), min_size=1, max_size=14))
    rows += draw(st.lists(st.sampled_from(rows), max_size=4))
    steps = draw(st.lists(st.integers(1, 4), min_size=len(rows), max_size=len(rows)))
    return rows, [sum(steps[: i + 1]) for i in range(len(rows))]


def text(cell: object) -> str:
    return "" if cell is None else str(cell).strip()


def as_number(cell: object) -> float | None:
    if isinstance(cell, bool | date) or cell is None:
        return None
    try:
        return float(text(cell).replace(",", "").rstrip("%"))
    except ValueError:
        return None


def as_day(cell: object) -> date | None:
    known = ["2020-01-05", "2021-12-31", "2019-02-28", "2020-06-01", "2018-12-31", "2017-03-05", "2016-07-01"]
    found = {text(day): date.fromisoformat(iso) for day, iso in zip(DAYS, known, strict=True)}
    return cell if isinstance(cell, date) else found.get(text(cell))


def plainly(label: str, cells: list, numbers: list[int]) -> Column:
    """Profile a column one cell at a time, as its words in docs/validation.md say it."""
    distinct: list = []
    for cell in cells:
        if text(cell) and cell not in distinct:
            distinct.append(cell)
    told = [cell for cell in distinct if text(cell).lower() not in MARKERS | MARKERS_AMONG_VALUES]
    found = [number for cell in distinct if (number := as_number(cell)) is not None]
    numeric = bool(found) and len(found) >= 0.6 * len(told)
    values = [cell for cell in told if as_number(cell) is not None or as_day(cell) is not None]
    days = [day for cell in distinct if (day := as_day(cell)) is not None]
    dated = days if len(told) - len(days) <= 0.2 * len(distinct) else []
    among = bool(told) and (bool(dated) or len(values) >= 0.6 * len(told))
    marks = (MARKERS | MARKERS_AMONG_VALUES) - MEASURED if among else MARKERS
    gaps = [i for i, cell in enumerate(cells) if not text(cell) or text(cell).lower() in marks]
    return Column(
        label, "string", round(sum(not text(cell) for cell in cells) / len(cells), 4), len(distinct),
        min(found) if numeric else None, max(found) if numeric else None,
        sum(text(cell).lower() in marks for cell in cells),
        min(dated).isoformat() if dated else None, max(dated).isoformat() if dated else None,
        len(cells) > 1 and bool(text(cells[0])) and all(cell == cells[0] for cell in cells),
        tuple(Place(numbers[i], said(cells[i])) for i in gaps[:5]) if distinct else (),
    )  # fmt: skip


@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(tables())
def test_every_figure_is_that_of_a_slow_and_plain_reading(table) -> None:
    """Shares, ranges, markers, dates, gaps, constants and repeats are what one look at each cell would give."""
    rows, numbers = table
    labels = [f"c{i}" for i in range(len(rows[0]))]
    found = of_table(labels, rows, ("string",) * len(labels), TODAY, at=numbers.__getitem__)
    assert found.columns == tuple(plainly(label, [row[i] for row in rows], numbers) for i, label in enumerate(labels))
    again = [i for i, row in enumerate(rows) if row in rows[:i]]
    assert (found.duplicate_rows, found.repeated) == (len(again), tuple(numbers[i] for i in again[:5]))
    days = [column.earliest for column in found.columns if column.earliest]
    assert found.earliest == (min(days) if days else None)
    assert read_again(json.loads(json.dumps(asdict(found)))) == found


ANY_CELL = st.one_of(
    st.text(max_size=12), st.none(), st.booleans(), st.integers(), st.floats(), st.dates(), st.datetimes(),
    st.lists(st.integers(), max_size=2),
    st.sampled_from(("\ud800", "1" * 5_000, "1e999", "١٢", "２０２０-01-01", "\x00", "1\n2")),
)  # fmt: skip
LABEL = st.one_of(
    st.text(max_size=8),
    st.sampled_from(("Latitude", "Longitude", "Easting", "Date", "年", "Year", "Month", "District")),
)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(LABEL, max_size=4), st.lists(st.lists(ANY_CELL, max_size=5), max_size=12))
def test_no_table_however_odd_stops_the_profile_or_cannot_be_stored(labels, rows) -> None:
    """Ragged rows, cells of any kind and labels of any sort have a profile, which comes back from JSON as it was."""
    found = of_table(labels, rows, (), TODAY)
    assert (found.rows, len(found.columns)) == (len(rows), len(labels))
    assert read_again(json.loads(json.dumps(asdict(found), allow_nan=False))) == found
    assert all(
        len(place.value) <= 60 and place.value.isprintable() for column in found.columns for place in column.gaps
    )


HOME = st.tuples(st.floats(22.2, 22.5), st.floats(113.9, 114.4))
ABROAD = st.sampled_from(((51.5163, -0.1427), (35.772, 140.3929), (-33.94, 151.17), (39.9, 116.4), (1.35, 103.99)))
NEAR = st.sampled_from(((22.1987, 113.5439), (22.7905, 114.4712), (23.1291, 113.2644)))
SWAPPED = HOME.map(lambda pair: (pair[1], pair[0]))


@settings(max_examples=200, deadline=None)
@given(st.lists(st.one_of(HOME, HOME, ABROAD, NEAR, SWAPPED), min_size=1, max_size=60))
def test_only_swapped_positions_are_called_swapped_and_no_honest_one_is_called_odd(pairs) -> None:
    """Places abroad and beyond the boundary are where they are, however many; a swapped pair is told with its row."""
    rows = [[f"{south:.5f}", f"{east:.5f}"] for south, east in pairs]
    latitude, longitude = of_table(["Latitude", "Longitude"], rows, (), TODAY).columns
    swapped = [i + 1 for i, (south, _) in enumerate(pairs) if south > 100]
    told = [(odd.kind, odd.count, [place.row for place in odd.places]) for odd in latitude.odd]
    assert told == ([("swapped", len(swapped), swapped[:5])] if swapped else [])
    assert longitude.odd == ()


def table(labels: list[str], column: list, *more: list) -> Profile:
    """Profile columns beside each other."""
    return of_table(labels, [list(row) for row in zip(column, *more, strict=True)], (), TODAY)


SPREAD = [f"{22.25 + n / 500:.4f}" for n in range(40)]
EASTS = [f"{114.05 + n / 500:.4f}" for n in range(40)]
METRES = [str(832_000 + n * 100) for n in range(40)]
PAST = [date(2025, 1 + n % 12, 1 + n % 28).isoformat() for n in range(40)]


@pytest.mark.parametrize(
    ("label", "honest", "value", "kind"),
    [
        ("Share of total (%)", ["40", "12.5"] * 20, "131", "beyond"),
        ("Share of total (%)", ["40", "12.5"] * 20, "100.1", None),
        ("Change in share of total (%)", ["40", "12.5"] * 20, "131", None),
        ("Number of visitors", ["400", "1,250"] * 20, "-9", "beyond"),
        ("Net number of visitors", ["400", "1,250"] * 20, "-9", None),
        ("Temperature (°C)", ["4", "21"] * 20, "-3.1", None),
        ("Easting", METRES, "8320001", "outside"),
        ("Easting", METRES, "0", "outside"),
        ("Northing (HK1980)", METRES, "852500", None),
        ("Easting of the survey (m)", ["198000", "199100"] * 20, "832000", None),
        ("Latitude", SPREAD, "0", "outside"),
        ("Latitude", SPREAD, "30.5928", None),
        ("Date of inspection", PAST, "2062-05-01", "far-date"),
        ("Date of inspection", PAST, "0205-05-01", "far-date"),
        ("Date of inspection", PAST, "1900-01-01", "far-date"),
        ("Date of inspection", PAST, "30/12/1899", "far-date"),
        ("Date of inspection", PAST, "1899-06-30", None),
        ("Date of inspection", PAST, "2027-03-01", None),
        ("Date of inspection", PAST, "2001-03-01", None),
        ("Date of inspection", PAST, "9999-12-31", None),
        ("Expiry date", PAST, "2047-06-30", None),
        ("Date of birth", PAST, "1900-01-01", None),
        ("Reference", PAST, "N.A.", None),
    ],
)
def test_a_value_is_odd_only_where_its_column_says_so(label, honest, value, kind) -> None:
    """One wrong value among forty is told with its row; what only looks like it is let off."""
    column = table([label, "n"], [*honest[:30], value, *honest[30:]], list(range(41))).columns[0]
    assert [(odd.kind, odd.count, odd.places) for odd in column.odd] == (
        [(kind, 1, (Place(31, value),))] if kind else []
    )


@pytest.mark.parametrize(
    ("place", "pair", "axis"),
    [
        ("Sha Tin", ("32.3812", "114.1901"), 0), ("Sha Tin", ("22.3812", "144.1901"), 1),
        ("Sha Tin", ("2.23812", "114.1901"), 0), ("Wan Chai", ("31.2304", "121.4737"), 0),
        ("Wuhan", ("31.2304", "121.4737"), None), ("Sha Tin", ("", "114.2"), None), ("Sha Tin", ("0", "0"), 0),
        ("Sha Tin", ("22.38", "999"), 1), ("Sha Tin", ("22.79", "114.47"), None),
    ],
)  # fmt: skip
def test_a_position_is_judged_as_a_pair_and_by_its_own_row(place, pair, axis) -> None:
    """Half a place elsewhere is a slip, a whole one elsewhere only where its row names a district of Hong Kong."""
    names = ["Sha Tin", "Wan Chai"] * 20
    columns = table(
        ["District", "Lat", "Long"], [*names, place], [*SPREAD, pair[0]], [*EASTS, pair[1]]
    ).columns  # fmt: skip
    assert [index - 1 for index, column in enumerate(columns) if column.odd] == ([] if axis is None else [axis])
    if axis is not None:
        assert columns[axis + 1].odd[0].places == (Place(41, pair[axis]),)


def test_each_latitude_goes_with_the_longitude_of_its_own_turn() -> None:
    """Where a journey starts and where it ends are two positions: London is no slip, a swapped end is one."""
    ends = [["51.5163", "-0.1427"]] * 5 + [[south, east] for south, east in zip(SPREAD, EASTS, strict=True)][5:]
    ends[20] = [EASTS[20], SPREAD[20]]
    rows = [[SPREAD[i], EASTS[i], *ends[i]] for i in range(40)]
    labels = ["From latitude", "From longitude", "To latitude", "To longitude"]
    found = [column.odd for column in of_table(labels, rows, (), TODAY).columns]
    assert found == [(), (), (Odd("swapped", 1, (Place(21, EASTS[20]),)),), ()]


def worth(body: bytes) -> Content:
    """Examine bytes as the step does."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "0" * 64)
        path.write_bytes(body)
        with path.open("rb") as file:
            sniffed = sniff(file)
        return examine(path, sniffed, "0" * 64, len(body), complete=True, today=TODAY)


ROWS = [
    ["2024-01", "Sha Tin", "12"],
    ["2024-02", "SHA TIN", ""],
    ["2024-03", "Sha Tin", "***"],
    ["2024-04", "Islands", "-7"],
]


def as_text(rows: list[list[str]]) -> bytes:
    return "\n".join(",".join(row) for row in rows).encode()


def as_book(rows: list[list[str]]) -> bytes:
    book, file = openpyxl.Workbook(), io.BytesIO()
    for row in rows:
        book.active.append(row)
    book.save(file)
    return file.getvalue()


@pytest.mark.parametrize("write", [as_text, as_book])
def test_rows_are_counted_as_the_file_counts_them(write) -> None:
    """Title rows, the row of labels and blank rows count: the place told is the row a spreadsheet shows."""
    labels = ["Month", "District", "Number of visits"]
    body = [["Visits to the centres", "", ""], ["", "", ""], labels, *ROWS[:2], ["", "", ""], *ROWS[2:], *ROWS[:1] * 3]
    profile = worth(write(body)).profile
    assert profile
    visits = profile.columns[2]
    assert [place.row for place in visits.gaps] == [5, 7]
    assert [(odd.kind, odd.places[0].row) for odd in visits.odd] == [("beyond", 8)]
    assert [(place.value, place.row, place.count) for place in profile.spellings[0].places] == [
        ("Sha Tin", 4, 5), ("SHA TIN", 5, 1),
    ]  # fmt: skip
    assert (profile.unit, profile.repeated) == ("row", (9, 10, 11))


@pytest.mark.parametrize("form", ["json", "geojson", "xml"])
def test_records_have_a_profile_of_their_own_and_are_counted_one_by_one(form) -> None:
    """JSON, GeoJSON and XML tell types, ranges, dates, gaps and odd values of their records, the first being 1."""
    records = [{"Date of visit": f"2024-03-{n:02}", "Number of visits": n, "Place": "Tai Po"} for n in range(1, 25)]
    records[3]["Number of visits"] = -7
    records[4]["Date of visit"] = ""
    features = [{"type": "Feature", "geometry": None, "properties": record} for record in records]
    fields = [
        "".join(f'<f name="{name}">{value}</f>' for name, value in record.items()) for record in records
    ]  # fmt: skip
    bodies = {
        "json": json.dumps(records),
        "geojson": json.dumps({"type": "FeatureCollection", "features": features}),
        "xml": f"<all>{''.join(f'<r>{each}</r>' for each in fields)}</all>",
    }
    profile = worth(bodies[form].encode()).profile
    assert profile
    when, visits, place = profile.columns
    assert (when.earliest, when.latest, when.gaps[0].row) == ("2024-03-01", "2024-03-24", 5)
    assert (visits.type, visits.low, visits.high, visits.odd[0].places[0].row) == ("integer", -7.0, 24.0, 4)
    assert (place.constant, profile.districts, profile.unit) == (True, ("Tai Po",), "record")


def test_records_under_letters_are_counted_with_the_one_that_holds_their_names() -> None:
    """Where the first record is the labels, the first of the data is record 2."""
    records = [
        {"A": "Place", "B": "Number of visits"},
        {"A": "x", "B": "4"},
        {"A": "y", "B": "-4"},
        {"A": "z", "B": "5"},
    ]
    profile = worth(json.dumps(records).encode()).profile
    assert profile
    assert profile.columns[1].odd == (Odd("beyond", 1, (Place(3, "-4"),)),)


def test_what_is_told_is_stored_and_read_again_and_a_plain_profile_stays_small(tmp_path) -> None:
    """The profile scoring reads is the one validation made; nothing that is unset takes room."""
    db = connect(tmp_path / "harvest.db", create=True)
    found = worth(as_text([["Month", "District", "Number of visits"], *ROWS * 6]))
    db["content"].insert({
        "sha256": "0" * 64, "bytes": 1, "complete": 1, "format": "csv", "nature": "data", "ladder": "table",
        "first_seen": "2026-11-23T00:00:00Z",
    })  # fmt: skip
    contents.save(db, [found])
    stored = json.loads(next(iter(db.query("SELECT profile FROM content")))["profile"])
    assert read_again(stored) == found.profile
    assert set(stored["columns"][1]) == {"label", "type", "null_share", "distinct", "markers", "constant"}
    db.conn.close()


def test_the_last_day_of_a_long_column_is_not_missed() -> None:
    """Hours of years, in order, are more than twenty thousand points in time, and the last one counts."""
    hours = [f"{2020 + n // 8760}-{1 + n // 730 % 12:02}-{1 + n // 24 % 28:02} {n % 24:02}:00" for n in range(43_800)]
    random.Random(1).shuffle(hours)
    found = of_table(["at", "v"], [[hour, "1"] for hour in hours], ("any", "integer"), TODAY)
    assert (found.earliest, found.latest, found.periods) == ("2020-01-01", "2024-12-28", len(set(hours)))


def test_what_a_cell_says_is_kept_short_and_on_one_line() -> None:
    """A stranger's cell cannot fill the worklist, nor break its lines."""
    rows = [["1"], ["2"], ["3"], ["<script>\tx\r\n" + "y" * 5_000], ["N/A"]]
    gap = of_table(["n"], rows, ("any",), TODAY).columns[0].gaps[0]
    assert gap == Place(5, "N/A")
    assert said(rows[3][0]) == f"<script> x {'y' * 48}…"


SHARED = Path(__file__).resolve().parents[2] / "shared" / "hk" / "files"


@pytest.mark.shared
@pytest.mark.slow
@pytest.mark.skipif(not SHARED.is_dir(), reason="../shared/hk/files is not beside the checkout")
def test_places_in_recorded_files_hold_what_they_are_said_to_hold() -> None:
    """In every delimited file on record, the cell at each place told is the one told, and no value is called odd."""
    looked = 0
    for path in sorted(each for each in SHARED.rglob("*") if each.is_file() and each.stat().st_size < 150_000):
        with path.open("rb") as file:
            sniffed = sniff(file)
        if sniffed.format not in ("csv", "tsv"):
            continue
        content = examine(path, sniffed, "0" * 64, 1, complete=True, today=TODAY)
        profile = content.profile or Profile(0)
        grid = read(path, sniffed).rows
        for number, column in enumerate(profile.columns, profile.first_column - 1):
            assert column.odd == (), (path.name, column.label)
            for place in column.gaps:
                row = grid[place.row - 1]
                assert said(row[number] if number < len(row) else "") == place.value, (path.name, place)
                looked += 1
        labels = [column.label for column in profile.columns]
        for spellings in profile.spellings:
            for place in spellings.places:
                cell = grid[place.row - 1][labels.index(spellings.column) + profile.first_column - 1]
                assert cell == place.value, (path.name, place)
                looked += 1
    assert looked > 200
