"""Faults inside a table: rows that are no data, labels that say nothing, gaps, spellings and impossible values."""

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from random import Random

from sample_portal.binaries import as_xlsx, workbook
from sample_portal.bodies import as_csv, as_json, delimited, records
from sample_portal.drafts import Item
from sample_portal.names import DISTRICTS
from sample_portal.planting import TABLE, Planting
from sample_portal.tables import Cell, Table

MARKERS = ("N.A.", "***", "N/A", "-", None, "不適用", "", "n.a.")


def missing_markers(p: Planting) -> None:
    """Gaps in a column that should be filled, marked in one of the usual ways: some, or most of it."""
    item = p.files(("CSV", 0), ("CSV", 1)) if p.nth % 3 else p.files(("JSON", 0), ("CSV", 1))
    most = p.nth % 2 == 1
    marker = MARKERS[p.nth % len(MARKERS)]
    writer = as_json if item.format == "JSON" else as_csv

    def write(table: Table, rng: Random) -> bytes:
        share = 0.72 if most else 0.14
        holes = set(rng.sample(range(len(table.rows)), max(2, int(share * len(table.rows)))))
        rows = [[*row[:3], marker, *row[4:]] if number in holes else row for number, row in enumerate(table.rows)]
        return writer(Table(table.labels, rows))

    p.rewrite(item, 0, write)
    why = f"{'most' if most else 'some'} of the last figures are {marker or 'empty'}"
    p.note("missing_data", "no" if most else "partly", why, item, also=("machine_readable", "consistent", "shape"))


def unnamed_fields(p: Planting) -> None:
    """JSON keyed A, B, C with the labels as its first record; or a table with blank or repeated labels."""
    way = p.nth % 4
    item = p.files(("JSON", 0), ("CSV", 1)) if way in (0, 2) else p.files(("CSV", 0), ("CSV", 1))

    def write(table: Table, _: Random) -> bytes:
        width = len(table.labels)
        if way in (0, 2):
            letters = [chr(65 + place) if way == 0 else f"F{place + 1}" for place in range(width)]
            body: list[list[Cell]] = [list(table.labels)]
            body += [[str(cell) for cell in row] for row in table.rows]
            labelled = Table(letters, body)
            return json.dumps(records(labelled), ensure_ascii=False).encode()
        labels = [*table.labels[:2], *[""] * (width - 2)] if way == 1 else [table.labels[0], *["Value"] * (width - 1)]
        return as_csv(Table(labels, table.rows))

    p.rewrite(item, 0, write)
    p.note(
        "fields",
        "no",
        "the fields have no names of their own",
        item,
        also=(*TABLE, "plausible", "timely", "historical"),
    )


def spelling_varies(p: Planting) -> None:
    """One district written in several ways in one column."""
    item = p.files(("CSV", 0), ("CSV", 1)) if p.nth % 3 else p.files(("JSON", 0), ("CSV", 1))
    writer = as_json if item.format == "JSON" else as_csv

    def write(table: Table, rng: Random) -> bytes:
        names = [DISTRICTS[index][0][0] for index in p.draft.series.districts]
        spaced = [name for name in names if name.count(" ") == 1] or names
        chosen = names[0] if " and " in names[0] and p.nth % 5 != 1 else rng.choice(spaced)
        other = (chosen.upper(), chosen.replace(" ", ""), chosen.replace(" and ", " & "), chosen.lower(), f"{chosen} ")[
            p.nth % 5
        ]
        other = other if other != chosen else chosen.upper()
        rows = [[row[0], other, *row[2:]] if row[1] == chosen and rng.random() < 0.4 else row for row in table.rows]
        rows[next(n for n, row in enumerate(rows) if row[1] in (chosen, other))][1] = other
        return writer(Table(table.labels, rows))

    p.rewrite(item, 0, write)
    p.note("consistent", "partly", "one district is written in two ways", item)


IMPOSSIBLE: tuple[tuple[str, list[float], float], ...] = (
    ("Vehicle speed (km/h)", [42.5, 38.0, 51.2], 300.0),
    ("Road occupancy (%)", [12.0, 35.5, 61.0], -1.0),
    ("Latitude", [22.3193, 22.3964, 22.2783], 0.0),
    ("Air temperature (degree Celsius)", [21.5, 24.8, 19.9], 299.0),
    ("Relative humidity (%)", [71.0, 82.0, 64.0], 640.0),
    ("Share of total (%)", [12.5, 31.0, 8.2], 131.0),
    ("Number of passengers", [4120.0, 380.0, 911.0], -911.0),
)


def impossible_values(p: Planting) -> None:
    """Values that nature does not allow, among honest ones."""
    item = p.files(("CSV", 0), ("CSV", 1)) if p.nth % 3 else p.files(("JSON", 0), ("CSV", 1))
    label, honest, wrong = IMPOSSIBLE[(p.nth * 2 + p.making.seed) % len(IMPOSSIBLE)]  # every other one, of seven
    writer = as_json if item.format == "JSON" else as_csv

    def write(table: Table, rng: Random) -> bytes:
        values = [round(rng.choice(honest) + rng.uniform(-0.05, 0.05), 4) for _ in table.rows]
        for place in rng.sample(range(len(values)), 3):
            values[place] = wrong
        longitude = [114.1] if label == "Latitude" else []
        labels = [*table.labels[:3], label, *(["Longitude"] if longitude else [])]
        rows: list[list[Cell]] = [[*row[:3], value, *longitude] for row, value in zip(table.rows, values, strict=True)]
        return writer(Table(labels, rows))

    p.rewrite(item, 0, write)
    p.document(label, *(["Longitude"] if label == "Latitude" else []))
    p.note("plausible", "no", f"{label} of {wrong}", item)


def _further(p: Planting, write: Callable[[Table, Random], Table]) -> Item:
    """Add one more file of eighty rows or more, written by ``write``: three odd ones of a few are how a table is."""
    form = ("CSV", "JSON", "CSV")[p.nth % 3]
    writer = as_json if form == "JSON" else as_csv
    series = p.draft.series
    item = p.own(form)
    p.draft.series = replace(series, length=max(series.length, -(-80 // len(series.districts))))
    p.rewrite(item, 0, lambda table, rng: writer(write(table, rng)))
    p.document(*write(p.draft.series.table(0), Random(0)).labels)
    p.draft.series = series
    return item


PLACED: tuple[tuple[str, tuple[str, str]], ...] = (
    ("latitude and longitude are swapped", ("Latitude", "Longitude")),
    ("a latitude ten degrees to the north", ("latitude", "longitude")),
    ("metres with a digit too many", ("Easting", "Northing")),
    ("a place in another land under the name of a district", ("LAT", "LON")),
    ("a decimal point too far to the left", ("Latitude (WGS84)", "Longitude (WGS84)")),
)


def misplaced(p: Planting) -> None:
    """Three positions that are not where their rows say, among many that are."""
    way = (p.nth + p.making.seed) % len(PLACED)
    why, labels = PLACED[way]

    def write(table: Table, rng: Random) -> Table:
        where = {name[0]: (south, east) for name, south, east in DISTRICTS}
        rows: list[list[Cell]] = []
        for row in table.rows:
            south, east = where[str(row[1])]
            pair = (round(south + rng.uniform(-0.01, 0.01), 4), round(east + rng.uniform(-0.01, 0.01), 4))
            grid = (round(836_694 + (pair[1] - 114.1786) * 102_900), round(819_070 + (pair[0] - 22.3121) * 110_700))
            rows.append([*row, *(grid if way == 2 else pair)])
        for place in rng.sample(range(len(rows)), 3):
            one, other = float(str(rows[place][-2])), float(str(rows[place][-1]))
            wrong: dict[int, tuple[float, float]] = {
                0: (other, one),
                1: (round(one + 10, 4), other),
                2: (int(one) * 10 + 3, int(other)),
                3: (31.2304, 121.4737),
                4: (round(one / 10, 5), other),
            }
            rows[place][-2:] = wrong[way]
        return Table([*table.labels, *labels], rows)

    p.note(
        "plausible", "no", why, _further(p, write), reason="swapped-coordinates" if way == 0 else "outside-hong-kong"
    )


FAR_DATES = (
    ("Date of inspection", "%Y-%m-%d", "2202-05-17"),
    ("Date of inspection", "%d/%m/%Y", "17/05/2067"),
    ("Inspected on (date)", "%Y-%m-%d", "0202-05-17"),
    ("Date of sampling", "%Y-%m-%d", "1900-01-01"),
    ("Received date", "%d/%m/%Y", "30/12/1899"),
)


def far_dates(p: Planting) -> None:
    """Two dates that nobody meant in a column of ordinary days: another century, or a spreadsheet's nought."""
    label, form, wrong = FAR_DATES[(p.nth + p.making.seed) % len(FAR_DATES)]
    ends = p.draft.series.ends

    def write(table: Table, rng: Random) -> Table:
        days: list[Cell] = [(ends - timedelta(days=rng.randint(0, 700))).strftime(form) for _ in table.rows]
        for place in rng.sample(range(len(days)), 2):
            days[place] = wrong
        rows = [[*row, day] for row, day in zip(table.rows, days, strict=True)]
        return Table([*table.labels, label], rows)

    p.note("plausible", "no", f"{label}: {wrong}", _further(p, write), reason="far-date", also=("machine_readable",))


def stacked_headers(p: Planting) -> None:
    """Two or three header rows, merged in a workbook, with cells left blank to the right."""
    book = p.nth % 2 == 0
    item = p.files(("XLSX" if book else "CSV", 0), ("CSV", 1))

    def write(table: Table, _: Random) -> bytes:
        width = len(table.labels)
        first: list[Cell] = ["", "", "Figures", *[""] * (width - 3)]
        second: list[Cell] = [*table.labels[:2], "Number", "Rate", *[""] * (width - 4)]
        third: list[Cell] = ["", "", *table.labels[2:]]
        grid: list[list[Cell]] = [first, second, third, *table.rows]
        if book:
            return workbook(
                [[cell or None if isinstance(cell, str) else cell for cell in row] for row in grid],
                ("A2:A3", "B2:B3", "C1:D1"),
            )
        return delimited(Table([str(cell) for cell in first], grid[1:])).encode()

    p.rewrite(item, 0, write)
    p.note("shape", "partly", "the labels stand in three rows", item, also=(*TABLE, "plausible"))


REMARKS = (
    "Remarks:\r\n1. Figures are provisional\r\n2. N.A. = not available\r\n"
    "3. Totals may not add up\r\n4. Counts are year-round\r\n\r\n"
)


def title_rows(p: Planting) -> None:
    """Title rows above the labels, remarks before them, or a legend under the table."""
    book = p.nth % 4 == 2
    item = p.files(("XLSX" if book else "CSV", 0), ("CSV", 1))
    titles = p.draft.titles
    tops = (
        f"{titles[1]}\r\n{titles[0]}\r\n",
        REMARKS,
        f"{titles[0]}\r\n\r\n",
        "",
    )
    legend = "\r\n*** not available\r\n# figures not complete\r\nC figures complete\r\n"

    def write(table: Table, _: Random) -> bytes:
        if book:
            top: list[list[Cell]] = [[titles[0]], [None]]
            return workbook([*top, list(table.labels), *table.rows])
        text = tops[p.nth % 4] + delimited(table) + (legend if p.nth % 4 in (0, 3) else "")
        return text.encode("utf-8-sig" if p.nth % 4 == 0 else "utf-8")

    p.rewrite(item, 0, write)
    p.note("shape", "partly", "lines that are no data stand about the table", item, also=(*TABLE, "plausible"))


def ragged_table(p: Planting) -> None:
    """Rows that do not fit their labels: cells too many or too few, words among figures, blank rows."""
    series = p.draft.series  # three odd words in fewer than sixty cells are a tenth of a column: words are usual there
    p.draft.series = replace(series, length=max(series.length, -(-60 // len(series.districts))))
    item = p.files(("CSV", 0), ("CSV", 1)) if p.nth % 4 != 2 else p.files(("XLSX", 0), ("CSV", 1))

    def write(table: Table, rng: Random) -> bytes:
        rows = [list(row) for row in table.rows]
        first = 2 if p.nth % 2 else max(2, len(rows) - 6)  # late rows too: a sample of the first ones misses them
        for place in rng.sample(range(first, len(rows)), 3):
            bent: dict[int, list[Cell]] = {
                0: [*rows[place], "see note"],
                1: rows[place][:2],
                2: [*rows[place][:2], ("pending", "<1", "6 267")[p.making.seed % 3], *rows[place][3:]],
                3: [],
            }
            rows[place] = bent[p.nth % 4]
        return as_xlsx(Table(table.labels, rows)) if item.format == "XLSX" else as_csv(Table(table.labels, rows))

    p.rewrite(item, 0, write)
    also = (*TABLE, "plausible", "translation")
    p.note("machine_readable", "partly", "rows that do not fit the labels", item, also=also)
