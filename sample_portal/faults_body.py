"""Faults in what a file holds: pages, scripts, archives, old encodings, title rows, gaps and other kinds of disorder."""

import json
from collections.abc import Callable
from random import Random
from zlib import crc32

from sample_portal.binaries import as_xlsx, workbook, zipped
from sample_portal.bodies import as_csv, as_json, as_xml, delimited, page, records
from sample_portal.generator import add_file
from sample_portal.names import DISTRICTS
from sample_portal.planting import BODY, TOUCHED, Planting
from sample_portal.tables import Cell, Table

TABLE = ("machine_readable", "shape", "fields", "missing_data", "consistent")


def page_for_data(p: Planting) -> None:
    """A page for people where the record promises data."""
    item = p.files()
    if p.nth % 2 == 0:
        item.format, item.is_api = "API", ("N", "Y")[p.nth % 4 == 0]
        item.move(
            f"https://portal.{p.draft.provider}.sample.test/geoportal/?datasetId=ds_{crc32(p.draft.name.encode())}&lang=en"
        )
        words = ("This page lets you view the layer on a map.", "Choose a layer to start.", "Terms of use")
    else:
        item.format = "CSV"
        item.move(p.draft.address("register/index.html"))
        words = (
            "This register may be inspected at our office.",
            "Select a year to view the entries.",
            "Last revised this month",
        )
    p.fixed(item, page(p.draft.titles[0], words), "text/html; charset=utf-8", modified=None)
    also = (*TOUCHED, *BODY, "translation", "links")
    p.note("machine_readable", "no", f"a page for people, declared {item.format}", item, also=also)


def script_shell(p: Planting) -> None:
    """A page that only a browser's script would fill, declared a table."""
    item = p.files(("CSV", 0), ("CSV", 1)) if p.nth % 2 else p.files(("XLSX", 0), ("CSV", 1))
    item.move(
        p.draft.address(
            f"web_table.html?id={110 + p.nth}-{crc32(p.draft.name.encode()) % 9000}&full_series=1&download_csv=1"
        )
    )
    head = '<script src="/js/vendor.js"></script><script src="/js/table.js" defer></script>'
    body = page("Web table", (), head=head).replace(
        b"<h1>Web table</h1>", b'<noscript>JavaScript is needed.</noscript><div id="root"></div>'
    )
    p.fixed(item, body, "text/html; charset=utf-8", modified=None)
    p.note("machine_readable", "no", "only a script would make data of it", item, also=(*TOUCHED, *BODY))


def zip_for_table(p: Planting) -> None:
    """A ZIP archive under a table's name and declared format."""
    form = ("CSV", "XLSX", "JSON", "CSV")[p.nth % 4]
    item = p.files((form, 0), ("CSV", 1))
    inner: dict[str, Callable[[Table], bytes]] = {"CSV": as_csv, "XLSX": as_xlsx, "JSON": as_json}
    members = (f"part1.{form.lower()}", f"part2.{form.lower()}")[: 1 + p.nth % 2]

    def write(table: Table, _: Random) -> bytes:
        return zipped({name: inner[form](table) for name in members})

    p.rewrite(item, 0, write, "application/x-zip-compressed")
    p.bend(item, ranges=False)
    p.note("format", "no", f"declared {form}, and a ZIP archive", item, also=(*BODY, "bulk", "timely", "historical"))


def utf16_tabs(p: Planting) -> None:
    """A .csv that is UTF-16 with a mark and tabs, a blank column at the end, sometimes with lines on top."""
    item = p.files(("CSV", 0), ("CSV", 1))

    def write(table: Table, _: Random) -> bytes:
        text = delimited(Table([*table.labels, ""], [[*row, ""] for row in table.rows]), "\t")
        top = f"{p.draft.titles[0]}\r\n" if p.nth % 2 else ""
        return b"\xff\xfe" + (top + text).encode("utf-16-le")

    p.rewrite(item, 0, write, "text/csv")
    p.note("encoding", "partly", "UTF-16 with tabs, called CSV", item, also=(*TABLE, "format", "headers"))


def legacy_encoding(p: Planting) -> None:
    """Big5 or GB 18030 where everyone expects UTF-8; one in four mixes two encodings in one file."""
    mixed = p.nth % 4 == 3
    language = 2 if p.nth % 4 == 1 else 1
    item = p.files(("CSV", language), ("CSV", 0))
    code = "gb18030" if language == 2 else "big5hkscs"

    def write(table: Table, _: Random) -> bytes:
        lines = delimited(table).split("\r\n")
        half = len(lines) // 2 if mixed else 0
        return "\r\n".join(lines[:half]).encode() + (b"\r\n" if half else b"") + "\r\n".join(lines[half:]).encode(code)

    p.rewrite(item, language, write, "text/csv")
    expect = "no" if mixed else "partly"
    why = "two encodings in one file" if mixed else f"the file is in {code}"
    p.note("encoding", expect, why, item, also=(*TABLE, "headers"))


def marked_series(p: Planting) -> None:
    """A series of like files, some with a byte order mark and some without."""
    form = ("XML", "CSV")[p.nth % 2]
    p.files(("CSV", 0), ("CSV", 1))
    writer = as_xml if form == "XML" else as_csv
    for part in range(5):
        item = add_file(p.making, p.draft, form, 0, leaf=f"sitting_{part + 1:02d}")
        marked = part in (1, 3)
        if marked:
            p.rewrite(item, 0, lambda table, _: b"\xef\xbb\xbf" + writer(table))
            p.note(
                "encoding",
                "partly",
                "this file of the series starts with a mark, others do not",
                item,
                also=TABLE if form == "CSV" else (),
            )
        else:
            p.note(
                "encoding",
                "yes partly",
                "this file of the series has no mark, others do",
                item,
                kind="nature-marked-series",
            )


def title_rows(p: Planting) -> None:
    """Title rows above the labels, remarks before them, or a legend under the table."""
    item = p.files(("CSV", 0), ("CSV", 1))
    titles = p.draft.titles
    tops = (
        f"{titles[1]}\r\n{titles[0]}\r\n",
        "Remarks:\r\n1. Figures are provisional\r\n2. N.A. = not available\r\n3. Totals may not add up\r\n4. Counts are year-round\r\n\r\n",
        f"{titles[0]}\r\n\r\n",
        "",
    )
    legend = "\r\n*** not available\r\n# figures not complete\r\nC figures complete\r\n"

    def write(table: Table, _: Random) -> bytes:
        text = tops[p.nth % 4] + delimited(table) + (legend if p.nth % 4 in (0, 3) else "")
        return text.encode("utf-8-sig" if p.nth % 4 == 0 else "utf-8")

    p.rewrite(item, 0, write)
    p.note("shape", "partly", "lines that are no data stand about the table", item, also=(*TABLE, "plausible"))


def stacked_headers(p: Planting) -> None:
    """Two or three header rows, merged in a workbook, with cells left blank to the right."""
    book = p.nth % 2 == 0
    item = p.files(("XLSX" if book else "CSV", 0), ("CSV", 1))

    def write(table: Table, _: Random) -> bytes:
        width = len(table.labels)
        first: list[Cell] = ["", "", "Figures", *[""] * (width - 3)]
        second: list[Cell] = [*table.labels[:2], "Number", "Rate", *[""] * (width - 4)]
        third: list[Cell] = ["", "", *table.labels[2:]]
        grid = [first, second, third, *table.rows]
        if book:
            return workbook(
                [[cell or None if isinstance(cell, str) else cell for cell in row] for row in grid],
                ("A2:A3", "B2:B3", "C1:D1"),
            )
        return delimited(Table([str(cell) for cell in first], grid[1:])).encode()

    p.rewrite(item, 0, write)
    p.note("shape", "partly", "the labels stand in three rows", item, also=(*TABLE, "plausible"))


MARKERS = ("N.A.", "***", "N/A", "-", "--", "不適用", "", "n.a.")


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
    why = f"{'most' if most else 'some'} of the last figures are {marker or 'blank'}"
    p.note("missing_data", "no" if most else "partly", why, item, also=("machine_readable", "consistent", "shape"))


def unnamed_fields(p: Planting) -> None:
    """JSON keyed A, B, C with the labels as its first record; or a table with blank or repeated labels."""
    way = p.nth % 4
    item = p.files(("JSON", 0), ("CSV", 1)) if way in (0, 2) else p.files(("CSV", 0), ("CSV", 1))

    def write(table: Table, _: Random) -> bytes:
        width = len(table.labels)
        if way in (0, 2):
            letters = [chr(65 + place) if way == 0 else f"F{place + 1}" for place in range(width)]
            labelled = Table(letters, [list(table.labels), *[[str(cell) for cell in row] for row in table.rows]])
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
        chosen = names[0] if " and " in names[0] else rng.choice(names)
        other = {0: chosen.upper(), 1: f"{chosen} ", 2: chosen.replace(" and ", " & "), 3: chosen.lower()}[p.nth % 4]
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
)


def impossible_values(p: Planting) -> None:
    """Values that nature does not allow, among honest ones."""
    item = p.files(("CSV", 0), ("CSV", 1)) if p.nth % 3 else p.files(("JSON", 0), ("CSV", 1))
    label, honest, wrong = IMPOSSIBLE[p.nth % len(IMPOSSIBLE)]
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
    p.note("plausible", "no", f"{label} of {wrong}", item)


def truncated(p: Planting) -> None:
    """A document that breaks off in its middle, on the server already."""
    form = ("XML", "JSON", "XML", "GeoJSON")[p.nth % 4]
    item = p.files(("XML" if form == "GeoJSON" else form, 0), ("CSV", 1))
    writer = as_json if form == "JSON" else as_xml
    p.rewrite(item, 0, lambda table, rng: writer(table)[: rng.randint(700, 1500)])
    p.note(
        "machine_readable", "no", f"the {item.format} breaks off", item, also=(*BODY, "bulk", "timely", "historical")
    )


def document_only(p: Planting) -> None:
    """Figures only as a PDF, a picture or a Word file."""
    form = ("PDF", "PNG", "DOCX", "JPEG")[p.nth % 4]
    first = p.files((form, 0), (form, 1))
    also = ("bulk", "timely", "historical", "language", "tools", *BODY)
    for item in p.draft.items:
        p.note("machine_readable", "no", f"the figures are only in a {form}", item, also=also)
    if p.nth % 4 == 0:
        first.format = "XLSX"
        p.note("format", "no", "a PDF declared XLSX", first, also=also)


def json_for_xml(p: Planting) -> None:
    """JSON where XML is declared, or the other way round."""
    declared, real = (("XML", "JSON"), ("JSON", "XML"), ("XML", "JSON"), ("RSS", "JSON"))[p.nth % 4]
    item = p.files((declared, 0), ("CSV", 1))
    writer = as_json if real == "JSON" else as_xml
    honest = "application/json; charset=utf-8" if real == "JSON" else "application/xml; charset=utf-8"
    p.rewrite(item, 0, lambda table, _: writer(table), honest if p.nth % 2 else None)
    p.note("format", "no", f"declared {declared}, and it is {real}", item, also=("headers", "machine_readable"))


def ragged_table(p: Planting) -> None:
    """Rows that do not fit their labels: cells too many or too few, words among figures, blank rows."""
    item = p.files(("CSV", 0), ("CSV", 1)) if p.nth % 4 != 2 else p.files(("XLSX", 0), ("CSV", 1))

    def write(table: Table, rng: Random) -> bytes:
        rows = [list(row) for row in table.rows]
        for place in rng.sample(range(2, len(rows)), 3):
            bent: dict[int, list[Cell]] = {
                0: [*rows[place], "see note"],
                1: rows[place][:2],
                2: [*rows[place][:2], "pending", *rows[place][3:]],
                3: [],
            }
            rows[place] = bent[p.nth % 4]
        return as_xlsx(Table(table.labels, rows)) if item.format == "XLSX" else as_csv(Table(table.labels, rows))

    p.rewrite(item, 0, write)
    p.note("machine_readable", "partly", "rows that do not fit the labels", item, also=(*TABLE, "plausible"))


def shared_address(p: Planting) -> None:
    """One address behind the resources of several districts."""
    first = p.files(("CSV", 0))
    for index in range(1, 4):
        place = DISTRICTS[index + p.nth % 9][0]
        item = add_file(p.making, p.draft, "CSV", 0, leaf=f"district_{index}")
        item.titles = [f"{p.draft.titles[language]} - {place[language]}" for language in range(3)]
        item.move(first.url)
        item.answer = first.answer
    for item in p.draft.items:
        p.note("links", "partly", "four resources, one address", item, also=("language", "bulk"))
