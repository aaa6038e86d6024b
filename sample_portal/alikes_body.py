"""Harmless look-alikes of the faults in files and records: sound, and only shaped like trouble."""

from dataclasses import replace
from datetime import timedelta
from functools import partial
from random import Random

from sample_portal.alikes_values import rewritten, with_column
from sample_portal.bodies import as_csv_marked, as_json, as_kml, as_xml, page
from sample_portal.catalogue import Response
from sample_portal.generator import add_file
from sample_portal.names import Text
from sample_portal.planting import Planting
from sample_portal.tables import Table


def declared_page(p: Planting) -> None:
    """A page that is meant to be one and says so, scripts and all."""
    item = p.own("HTML")
    head = '<script src="/js/menu.js"></script>' if p.kind == "script-shell" else ""
    words = (
        "How the figures are gathered.",
        "What each column means, and how it changed over the years.",
        "Whom to ask.",
    ) * 3
    p.fixed(item, page(p.draft.titles[0], words, head=head), "text/html; charset=utf-8")
    p.note("format", "yes", "a page, and declared one", item)


def marked_throughout(p: Planting) -> None:
    """A series in which every file starts with a byte order mark."""
    if not p.draft.items:
        p.own()
    for part in range(4):
        item = add_file(p.making, p.draft, "CSV", 0, leaf=f"session_{p.nth + 1}_{part + 1}")
        p.rewrite(item, 0, lambda table, _: as_csv_marked(table))
        p.note("encoding", "yes", "each file of the series starts with the mark", item)


def plain_ascii(p: Planting) -> None:
    """An English file of ASCII only, which is UTF-8 too."""
    item = p.own()
    p.bend(item, content_type=("text/csv; charset=us-ascii", "text/csv")[p.nth % 2])
    p.note("encoding", "yes", "ASCII is UTF-8", item)


def declared_tabs(p: Planting) -> None:
    """Tab-separated text, declared so."""
    item = p.own("TSV")
    p.note("format", "yes", "TSV, and declared so", item)


def legend_column(p: Planting) -> None:
    """A column that explains each row."""
    words = ("C - complete", "P - provisional", "R - revised")
    rewritten(p, with_column("Remarks", lambda rng: rng.choice(words)), "shape", "the legend is a column of its own")


def bilingual_labels(p: Planting) -> None:
    """One header row with labels in two languages."""

    def change(table: Table, _: Random) -> Table:
        chinese = p.draft.series.table(1).labels
        return Table([f"{tc}/{en}" for tc, en in zip(chinese, table.labels, strict=True)], table.rows)

    rewritten(p, change, "shape", "one row of labels in two languages")


def ends_oddly(p: Planting) -> None:
    """A document with comments or blank lines after its end."""
    form = ("XML", "JSON")[p.nth % 2]
    item = p.own(form)
    tail = b"<!-- end of file -->\n\n" if form == "XML" else b"\n\n\n"
    writer = as_xml if form == "XML" else as_json
    p.rewrite(item, 0, lambda table, _: writer(table) + tail)
    p.note("machine_readable", "yes", "whole, with a tail that harms nothing", item)


def data_beside_document(p: Planting) -> None:
    """A table beside the document that prints it."""
    item = p.own()
    p.own("PDF")
    p.note("machine_readable", "yes", "the table is there beside the PDF", item)


def kin_format(p: Planting) -> None:
    """RSS or KML declared XML, GeoJSON declared JSON: true, if less than the whole truth."""
    if p.nth % 2:
        item = p.own("JSON")
        p.rewrite(item, 0, lambda table, _: as_json(table), "application/json")
    else:
        item = p.own("XML")
        p.rewrite(
            item,
            0,
            lambda table, _: as_kml(
                Table([*table.labels, "Latitude", "Longitude"], [[*row, 22.3, 114.2] for row in table.rows])
            ),
            "application/xml",
        )
    p.note("format", "yes", "KML is XML" if p.nth % 2 == 0 else "JSON is JSON", item)


def quoted_cells(p: Planting) -> None:
    """Cells with commas, quotes and line ends in them, quoted as they must be."""
    words = ('Shop 3, "The Arcade"', "Room 12,\n2/F", "G/F, Block A")
    rewritten(p, with_column("Address", lambda rng: rng.choice(words)), "machine_readable", "quoted as the format asks")


def near_addresses(p: Planting) -> None:
    """Addresses that differ in one letter or one parameter only."""
    first = p.own()
    second = p.own("CSV", 1)
    base = p.draft.address(f"export{p.nth}.ashx")
    first.move(f"{base}?area=A")
    second.move(f"{base}?area=a")
    p.note("links", "yes", "two addresses, and two files", first)
    p.note("links", "yes", "two addresses, and two files", second)


def rested(p: Planting) -> None:
    """Data as old as they may be: a yearly file eleven months old."""
    p.draft.modified -= timedelta(days=(p.draft.modified.date() - p.making.today).days + 335)
    p.draft.series = replace(p.draft.series, ends=p.draft.modified.date())
    p.files(("CSV", 0), ("CSV", 1), ("XLSX", 0))
    p.note("timely", "yes", "the next update is not due yet")


def finished_year(p: Planting) -> None:
    """A yearly series with a file for 2019 by its name, beside the whole series up to date."""
    item = p.own()
    item.titles = [
        f"{p.draft.titles[0]} - 2019 edition and after",
        f"{p.draft.titles[1]}－2019年版及以後",
        f"{p.draft.titles[2]}－2019年版及以后",
    ]
    p.note("timely", "yes", "2019 is a name, and the series goes on")


def three_periods(p: Planting) -> None:
    """A table of three periods, the fewest that let one compare."""
    p.draft.series = replace(p.draft.series, length=3)
    p.files(("CSV", 0), ("CSV", 1))
    p.note("historical", "yes", "three periods are enough")


SHARED: tuple[Text, ...] = (
    ("Tin Hau Road Works", "天后道路工程一公里", "天后道路工程一公里"),
    ("Tai Po Public Pool", "大埔公共泳池", "大埔公共泳池"),
    ("Central Water Works", "中西水管工程", "中西水管工程"),
)


def same_characters(p: Planting) -> None:
    """Chinese titles of characters that both scripts share."""
    p.draft.titles = list(SHARED[p.nth % len(SHARED)])
    p.note("translation", "yes", "both scripts write these characters alike")


def padded_texts(p: Planting) -> None:
    """Titles with blanks at the end and notes with HTML entities, in all three instances."""
    p.draft.titles = [f"{title}  " for title in p.draft.titles]
    p.draft.notes = [note.replace("&", "&amp;") + " 5&#42;" for note in p.draft.notes]
    p.note(
        *(
            ("translation", "yes", "blanks and entities take nothing away")
            if p.kind != "metadata-empty"
            else ("metadata", "yes", "every field is filled")
        )
    )


def same_address(p: Planting) -> None:
    """One address in all three instances, with a blank at the end of one."""
    p.draft.items[0].urls[1] += " "
    p.note("translation", "yes", "the address is the same")


def moved_dictionary(p: Planting) -> None:
    """A dictionary behind a redirect, or busy once."""
    draft = p.draft
    whole = draft.extra.pop(draft.dictionary)
    if p.nth % 2:
        draft.extra[draft.dictionary] = replace(whole, before=(Response(partial(page, "Busy", ()), status=503),))
    else:
        new = draft.dictionary.replace("data_dictionary", "dictionary_current")
        draft.extra[new] = whole
        draft.extra[draft.dictionary] = Response(bytes, None, 302, (("Location", new),))
    p.note("dictionary", "yes", "the dictionary can be had")


def odd_contact(p: Planting) -> None:
    """Contacts written in unusual, right ways."""
    name = p.draft.provider
    p.draft.email = (
        f"Open.Data+PSI@{name.upper()}.sample.test",
        f"enquiry@{name}.sample.test ",
        f"e3-1.ltg@{name}.sample.test",
        f"psi@{name}.sample.test / it@{name}.sample.test",
        f"Open Data Team <psi@{name}.sample.test>",
    )[(p.nth + p.making.seed) % 5]
    p.draft.phone = ("(852) 3863 2828", "+852 2835 1234", "2835 1234 / 2835 4321")[p.nth % 3]
    p.note("contact", "yes", "unusual, and right")


def odd_frequency(p: Planting) -> None:
    """A frequency in words of its own, which can be read."""
    texts: dict[str, Text] = {
        "monthly": ("Every mid of month", "每月中旬", "每月中旬"),
        "quarterly": ("Every Three Months", "每三個月", "每三个月"),
        "yearly": ("Annually and as\nnecessary", "每年及有需要時", "每年及有需要时"),
        "weekly": ("Every Friday", "每逢星期五", "每逢星期五"),
        "daily": ("Daily at 6:00pm", "每日下午六時", "每日下午六时"),
        "half-yearly": ("January and July", "一月及七月", "一月及七月"),
    }
    p.draft.frequency = list(texts[p.draft.series.period])
    p.note("schedule", "yes", f"{p.draft.frequency[0]!r} can be scheduled")


def equal_dates(p: Planting) -> None:
    """Created and published on one day, and modified today at the latest."""
    item = p.draft.items[0]
    item.created = item.published = "2023-04-01"
    item.modified = p.draft.modified.date().isoformat()
    p.note("dates", "yes", "one day may see both", item)
