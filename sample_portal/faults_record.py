"""Faults in what a record says, or in when its data were last kept up."""

from dataclasses import replace
from datetime import timedelta
from functools import partial

from sample_portal.bodies import page
from sample_portal.catalogue import Response
from sample_portal.frequencies import UNREADABLE
from sample_portal.generator import add_dictionary, modified_within
from sample_portal.names import PROVIDERS
from sample_portal.planting import Planting
from sample_portal.tables import period_ends

_LATE = (
    ("monthly", 9, "no"),
    ("quarterly", 2, "partly"),
    ("daily", 30, "no"),
    ("yearly", 5, "no"),
    ("monthly", 2, "partly"),
    ("weekly", 9, "no"),
)
"""How late a stale dataset is: its period, how many periods it missed, and the state that must be found."""


def age(p: Planting, missed: int) -> None:
    """Let the dataset's data end `missed` periods earlier than they should, and its file have rested since."""
    series = p.draft.series
    ends = period_ends(series.period, series.ends, missed + 1)[0]
    p.draft.series = replace(series, ends=ends)
    p.draft.modified = modified_within(p.making, series.period, ends, p.rng)


def stale(p: Planting) -> None:
    """Data that stopped long before their promised next update, under a record that was touched since."""
    _, missed, expect = _LATE[p.nth % len(_LATE)]
    age(p, missed)
    p.draft.record_modified = p.making.dice(p.draft.name).choice(
        ("2021-07-02T03:33:14.581271", p.draft.record_modified)
    )
    item = p.files(("CSV", 0), ("CSV", 1))
    last = p.draft.series.span()[1].year
    if p.nth % 3 == 1:
        p.draft.titles = [f"{p.draft.titles[0]} {last}", f"{last}年{p.draft.titles[1]}", f"{last}年{p.draft.titles[2]}"]
    if p.nth % 3 == 2:
        item.move(p.draft.address(f"{p.draft.series.period}_figures_{last}.csv"))
    if p.nth % 4 == 2:  # nothing but the data themselves tells how old they are
        for each in p.draft.items:
            p.bend(each, modified=None)
    p.note("timely", expect, f"{p.draft.series.period} data that missed {missed} updates", also=("historical",))


def stale_period(nth: int) -> str:
    """Return the period that the nth stale dataset keeps."""
    return _LATE[nth % len(_LATE)][0]


def one_snapshot(p: Planting) -> None:
    """A file that only ever holds the latest figures: one row, or one for each district, of one point in time."""
    series = p.draft.series
    p.draft.series = replace(series, length=1, districts=series.districts[:1] if p.nth % 2 else series.districts)
    p.files(("CSV", 0), ("CSV", 1))
    p.note("historical", "no partly", "one point in time, overwritten by the next")


def simplified_in_traditional(p: Planting) -> None:
    """Simplified characters in the Traditional record: title, contact or notes."""
    draft = p.draft
    place = p.nth % 4
    if place == 0:
        draft.titles[1] = draft.titles[2]
    elif place == 1:
        draft.items[-1].titles[1] = draft.items[-1].titles[2]
    elif place == 2:
        draft.notes[1] = draft.notes[2]
    else:
        who = PROVIDERS[draft.provider][2]
        draft.notes[1] = f"{draft.notes[1]}资料由{who}办公室提供。"
    p.note("translation", "partly", "Simplified characters stand in the Traditional record", also=("language",))


def language_lacking(p: Planting) -> None:
    """An instance without the dataset, its title or one of its resources."""
    draft = p.draft
    place = p.nth % 4
    if place == 0:
        draft.lacking = ("sc",)
    elif place == 1:
        draft.items[-1].lacking = ("tc",)
    elif place == 2:
        draft.titles[1] = ""
    else:
        draft.items[-1].lacking = ("sc",)
    words = (
        "no Simplified record",
        "a resource is missing in Traditional Chinese",
        "no Traditional title",
        "a resource is missing in Simplified Chinese",
    )
    p.note("translation", "no", words[place], also=("language", "metadata"))


def language_differs(p: Planting) -> None:
    """Another address in one instance than in the others, for the same resource."""
    item = p.draft.items[0]
    stem, _, ending = item.url.rpartition(".")
    item.urls[1] = f"{stem}_b5.{ending}"
    p.note("translation", "partly", "the Traditional instance gives another address", also=("language",))


def metadata_empty(p: Planting) -> None:
    """A record with hardly more than a name: most of its fields are empty, or some."""
    draft = p.draft
    most = p.nth % 2 == 0
    draft.notes = ["", "", ""]
    draft.category = "" if most else draft.category
    draft.dictionary = ""
    if most:
        draft.email, draft.phone, draft.maintainer = "", "", ["", "", ""]
        draft.frequency = ["", "", ""]
    why = "notes, category, dictionary, contact and frequency are empty" if most else "notes and dictionary are empty"
    also = ("contact", "schedule", "dictionary", "timely", "translation", "language")
    p.note("metadata", "no" if most else "partly", why, also=also)


def dictionary_lost(p: Planting) -> None:
    """No data dictionary, or a link to one that is dead."""
    draft = p.draft
    if p.nth % 2 == 0:
        draft.dictionary = ""
    else:
        draft.dictionary = draft.address("old/data_specification.pdf")
        if p.nth % 4 == 3:
            body = partial(page, "Page not found", ("The page you asked for cannot be found.",))
            draft.extra[draft.dictionary] = Response(body)
    p.note(
        "dictionary",
        "no",
        "there is no dictionary" if p.nth % 2 == 0 else "the dictionary's link is dead",
        also=("metadata",),
    )


def dictionary_as_document(p: Planting) -> None:
    """A dictionary that only a person can read."""
    form = ("PDF", "DOCX", "PDF", "PNG")[p.nth % 4]
    add_dictionary(p.draft, form)
    p.note("dictionary", "partly", f"the dictionary is a {form}")


def contact_lacking(p: Planting) -> None:
    """Nobody to write to: nothing at all, a mail address that is none, or only a telephone."""
    draft = p.draft
    place = p.nth % 4
    draft.email = ("", f"enquiry(at){draft.provider}.sample.test", "", "N/A")[place]
    if place == 0:
        draft.phone, draft.maintainer = "", ["", "", ""]
    p.note(
        "contact",
        "no" if place == 0 else "partly",
        ("no contact at all", "mail malformed", "telephone only", "mail malformed")[place],
        also=("metadata", "translation"),
    )


def schedule_unreadable(p: Planting) -> None:
    """An update frequency that says nothing."""
    p.draft.frequency = list(UNREADABLE[p.nth % len(UNREADABLE)])
    p.note("schedule", "no", f"the frequency is {p.draft.frequency[0]!r}", also=("timely", "metadata", "translation"))


def dates_wrong(p: Planting) -> None:
    """Dates of the future, created after published, or no date at all."""
    item = p.draft.items[0]
    today = p.making.today
    ahead = (today + timedelta(days=190 + 30 * p.nth)).isoformat()
    item.published = item.published or "2022-03-01"
    place = p.nth % 4
    if place == 0:
        item.created = item.modified = ahead
    elif place == 1:
        item.created, item.published = "2023-11-20", "2021-08-31"
    elif place == 2:
        item.covers = (f"{today:%d/%m}/{today.year - 1}", f"{today:%d/%m}/{today.year - 3}")
    else:
        item.published = "31-31-2024"
    words = (
        "created in the future",
        "created after it was published",
        "covers a span that ends before it starts",
        "a date that is none",
    )
    p.note("dates", "no", words[place], item)
