"""Faults in what a file is: pages, scripts, archives, documents, old encodings, and bodies that break off."""

from dataclasses import replace
from functools import partial
from random import Random
from typing import TYPE_CHECKING
from zlib import crc32

from sample_portal.binaries import as_xlsx, zipped
from sample_portal.bodies import as_csv, as_json, as_xml, delimited, page
from sample_portal.catalogue import Response
from sample_portal.generator import add_file
from sample_portal.names import DISTRICTS
from sample_portal.planting import BODY, TABLE, TOUCHED, Planting
from sample_portal.tables import Table

if TYPE_CHECKING:
    from collections.abc import Callable


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
    if p.nth % 4 == 3:
        home = f"https://www.{p.draft.provider}.sample.test/en/index.html"
        title = "Home | Department"
        p.draft.extra[home] = Response(partial(page, title, words), "text/html; charset=utf-8")
        item.answer = Response(bytes, None, 302, (("Location", home),))
    else:
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
    if p.nth % 3 == 2:
        config = b"<script>window.__CONFIG__=" + b'{"locale":"en","table":"110","menus":["a","b"]}' * 60 + b"</script>"
        body = body.replace(b'<div id="root"></div>', b'<div id="root">Loading...</div>' + config)
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
        big = p.nth % 4 == 2
        return (b"\xfe\xff" if big else b"\xff\xfe") + (top + text).encode("utf-16-be" if big else "utf-16-le")

    p.rewrite(item, 0, write, "text/csv")
    p.note("encoding", "partly", "UTF-16 with tabs, called CSV", item, also=(*TABLE, "format", "headers"))


def legacy_encoding(p: Planting) -> None:
    """Big5 or GB 18030 where everyone expects UTF-8; one in four mixes two encodings in one file."""
    mixed = p.nth % 4 == 3
    language = 2 if p.nth % 4 == 1 else 1
    if mixed:  # the second encoding begins where few readers look, well beyond the first 100 kB
        p.draft.series = replace(p.draft.series, length=6000 // len(p.draft.series.districts))
    item = p.files(("CSV", language), ("CSV", 0))
    code = "gb18030" if language == 2 else "big5hkscs"

    def write(table: Table, _: Random) -> bytes:
        lines = delimited(table).split("\r\n")
        half = len(lines) - 9 if mixed else 0
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
