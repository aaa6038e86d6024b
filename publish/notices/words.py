"""A digest in the reader's words: what is seen, since when, what to do, what it gives back, by when, and where."""

import json
import sqlite3
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from publish import queries
from publish import worklist as work
from publish.i18n import Translator, mark
from publish.names import SEVERITIES, origin
from publish.notices import reading
from publish.notices.records import Digest, Kind, Standing
from publish.queries import Row
from publish.render import path
from publish.safe import clean, http_link, short
from publish.standing import provenance
from publish.telling import in_words, named
from publish.workbook import NOT_CHARACTERS

TOP = 10
"""Tasks of each kind that a message tells in full; the rest are counted, and one link away."""
MAX_TITLE, MAX_NAME, MAX_LINE = 150, 120, 600
"""Characters of a message's title, of a title of the catalogue's in it, and of a line."""
TITLES: dict[Kind, str] = {
    "opened": mark("Tasks opened"), "reopened": mark("Tasks reopened"), "mended": mark("Closed: found mended"),
}  # fmt: skip
LESS = mark(
    "To be told less often, of less or of nothing, write to {contact}. You can be told daily or weekly, only of what is"
    " severe, without single datasets, or not until a day you name."
)
TWICE = mark("This is message {id}. Should it come twice, it was sent twice, and says the same.")
UNOFFICIAL = mark(
    "GDB-style, unofficial. Not a score of the Global Data Barometer, and not a page of DATA.GOV.HK or of any provider."
)


@dataclass(frozen=True, slots=True)
class Item:
    """One task as it is told: its name, its lines (label and text), and the address of its page."""

    name: str
    lines: tuple[tuple[str, str], ...]
    page: str


@dataclass(frozen=True, slots=True)
class Part:
    """One list of a message: its title, how many it is about, and those that are told in full."""

    title: str
    count: int
    items: tuple[Item, ...]


@dataclass(frozen=True, slots=True)
class Letter:
    """A message before it is drawn. ``more`` is where all of it stands.

    ``links`` are labels with addresses; ``foot`` are sentences, those that no edition leaves out first.
    """

    title: str
    heading: str
    lead: tuple[str, ...]
    parts: tuple[Part, ...]
    more: str
    links: tuple[tuple[str, str], ...]
    foot: tuple[str, ...]


def plain(text: str | None, limit: int) -> str:
    """Return harvested text as one bounded line that does nothing: no breaks, invisible or turning marks, no links."""
    whole = " ".join(clean(text or "").translate(NOT_CHARACTERS).replace("://", ":// ").split())
    seen = "".join(character for character in whole if unicodedata.category(character) not in ("Cf", "Cc"))
    return short(seen.replace("](", "] ("), limit)


def letter(
    connection: sqlite3.Connection, tr: Translator, slug: str, digest: Digest, site: str, contact: str
) -> Letter:
    """Return what a digest says of the provider ``slug``; ``site`` begins addresses, ``contact`` is who sends it."""
    meta = queries.meta(connection)
    row = queries.provider(connection, slug) or {"slug": slug, "title_en": None, "title_tc": None, "title_sc": None}
    name = plain(named(row, tr)["title"], MAX_NAME) or slug
    found: list[tuple[Kind, Sequence[Standing]]] = [
        ("opened", digest.opened), ("reopened", digest.reopened), ("mended", digest.mended)
    ]  # fmt: skip
    told = [(kind, tasks) for kind, tasks in found if tasks]
    titles = {kind: _title(kind, tr, first=digest.first) for kind, _ in told}
    counted = tr(", ").join(f"{titles[kind]} {tr.number(len(tasks))}" for kind, tasks in told)
    parts = tuple(
        Part(titles[kind], len(tasks), tuple(item(connection, tr, task, site) for task in tasks[:TOP]))
        for kind, tasks in told
    )
    place = site + path(tr.language, "worklist", slug)
    links = ((tr("Worklist"), place), (tr("Feed of what opens and closes"), f"{place}.atom"))
    foot = (tr(LESS, contact=contact), tr(TWICE, id=digest.id), tr(UNOFFICIAL))
    return Letter(
        plain(f"{name}{tr(': ')}{counted}", MAX_TITLE), name, tuple(_lead(tr, digest, meta)), parts,
        place, links, foot,
    )  # fmt: skip


def _title(kind: Kind, tr: Translator, *, first: bool) -> str:
    return tr("Open tasks") if first and kind == "opened" else tr(TITLES[kind])


def _lead(tr: Translator, digest: Digest, meta: Mapping[str, str]) -> list[str]:
    """Return how bad what is open is, until when it was seen, and what the first message must say of itself."""
    open_now = digest.opened + digest.reopened
    grades = [(number, sum(task.severity == number for task in open_now)) for number in SEVERITIES]
    lines = [f"{tr.number(count)} × {tr(SEVERITIES[number])}" for number, count in grades if count]
    if digest.first:
        lines.insert(0, tr("This is the first message on this worklist. From now on only what is new is told."))
    if warning := provenance(origin(meta.get("portal", "")), tr):
        lines.insert(0, warning)
    return [*lines, tr("Scanned until {time}, Hong Kong time.", time=tr.moment(meta.get("scanned")))]


def item(connection: sqlite3.Connection, tr: Translator, task: Standing, site: str) -> Item:
    """Return one task in words. All that was harvested is made harmless; our own address stays as it is."""
    page = site + path(tr.language, "task", task.key)
    row = work.of_key(connection, task.key, tr)
    if row is None:
        return Item(task.key, (), page)
    told = in_words(row, tr)
    name = f"{plain(told['title'], MAX_NAME)}{tr(': ')}{told['criterion_title']}"
    if task.state == "mended":
        day = (tr("Closed: found mended"), tr.day(task.at))
        return Item(name, _lines([(tr("Resource"), told["resource_title"]), day]), page)
    return Item(name, _lines(_open(connection, tr, told, task), http_link(told["address"]) or ""), page)


def _open(connection: sqlite3.Connection, tr: Translator, told: Row, task: Standing) -> list[tuple[str, str]]:
    visits = told["evidence"].get("visits")
    seen = reading.seen(connection, json.dumps(visits)) if isinstance(visits, list) else None
    gain = tr("the dataset’s score: +{points}", points=tr.number(task.points, 1))
    return [
        (tr("Resource"), told["resource_title"]),
        (tr("Address"), http_link(told["address"]) or ""),
        (tr("What is wrong"), told["sentence"]),
        (tr("Seen last"), tr.moment(seen) if seen else ""),
        (tr("Open since"), tr.day(task.at)),
        (tr("Places in the file"), tr("; ").join(told["places"])),
        (tr("How to mend it"), told["mend"]),
        (tr("For instance"), " ↵ ".join(told["example"].splitlines())),
        (tr("Severity"), tr(SEVERITIES.get(task.severity, "Unknown"))),
        (tr("Points"), gain if task.points else ""),
        (tr("Due"), tr.day(told["due"])),
    ]


def _lines(found: Sequence[tuple[str, str]], address: str = "") -> tuple[tuple[str, str], ...]:
    """Return the lines that say something, made harmless; ``address`` keeps its form, as it is what is to be mended."""
    made = [(label, text if text == address else plain(text, MAX_LINE)) for label, text in found]
    return tuple((label, short(text, MAX_LINE)) for label, text in made if text)
