"""Atom feeds (RFC 4287): what became of a provider's tasks, what is down or works again, what came, went and moved."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import uuid5

from feedgenerator import Atom1Feed
from markupsafe import escape

from harvester.clock import parse_iso
from publish.due_calendar import NAMESPACE
from publish.i18n import TAGS, Translator
from publish.safe import clean, short
from publish.workbook import NOT_CHARACTERS

MOST = 200
"""Entries of a feed; programs that read it ask often enough to miss none, since what comes in heaps is one entry."""
MANY = 30
"""So many things of one kind that happened at once are told in one entry."""
MAX_TITLE = 200
MAX_LINE = 1000
"""Characters of an entry's title, and of a line of its text."""


@dataclass(frozen=True, slots=True)
class Happening:
    """One thing that happened: of which kind, when (ISO 8601 UTC), what to, and (``heap``) what it happened with."""

    kind: str
    at: str
    key: tuple[str, ...]
    heap: str


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry: an identity that never changes, when it happened, its title, its lines of plain text, its address."""

    identity: str
    at: str
    title: str
    lines: Sequence[str]
    address: str


@dataclass(frozen=True, slots=True)
class Feed:
    """A feed: an identity, its title, the page it belongs to, its own address, its latest moment, its entries."""

    identity: str
    title: str
    page: str
    address: str
    updated: str
    entries: Sequence[Entry]


class _Atom(Atom1Feed):  # type: ignore[misc] # feedgenerator has no types
    """The library's Atom, but an empty feed says when it was last looked, not when it was asked for."""

    updated: datetime

    def latest_post_date(self) -> datetime:
        return self.updated


def as_atom(feed: Feed, tr: Translator) -> str:
    """Return a feed as an Atom document in UTF-8.

    Text is cleaned of what XML does not allow and of marks that turn its direction; a summary is HTML, so its text is
    escaped as HTML first, and then as XML like everything.
    """
    made = _Atom(
        title=_text(feed.title, MAX_TITLE), link=feed.page, description=None, language=TAGS[tr.language],
        author_name=tr("Hong Kong Open Data Barometer"), feed_url=feed.address, feed_guid=_id(feed.identity, tr),
        subtitle=tr("GDB-style, unofficial"),
    )  # fmt: skip
    made.updated = parse_iso(max((entry.at for entry in feed.entries), default=feed.updated))
    for entry in feed.entries:
        made.add_item(
            title=_text(entry.title, MAX_TITLE), link=entry.address, pubdate=parse_iso(entry.at),
            updateddate=parse_iso(entry.at), unique_id=_id(f"{feed.identity} {entry.identity}", tr),
            description="".join(f"<p>{escape(_text(line, MAX_LINE))}</p>" for line in entry.lines if line) or None,
        )  # fmt: skip
    text: str = made.writeString("utf-8")
    return text


def _id(identity: str, tr: Translator) -> str:
    return uuid5(NAMESPACE, f"{tr.language} {identity}").urn


def _text(text: str, limit: int) -> str:
    return short(clean(text).translate(NOT_CHARACTERS), limit)


def heaped(found: Iterable[Happening]) -> list[list[Happening]]:
    """Return what happened, newest first, each alone or with those it came in a heap with; the newest ``MOST``.

    A heap is of one kind and one ``heap``, and of ``MANY`` or more; it stands where its newest stands.
    """
    alike: dict[tuple[str, str], list[Happening]] = defaultdict(list)
    ordered = sorted(sorted(found, key=lambda one: (one.kind, one.key)), key=lambda one: one.at, reverse=True)
    for one in ordered:
        alike[one.kind, one.heap].append(one)
    groups = []
    for one in ordered:
        group = alike[one.kind, one.heap]
        if len(group) < MANY:
            groups.append([one])
        elif group[0] is one:
            groups.append(group)
        if len(groups) == MOST:
            break
    return groups


def entries(
    found: Iterable[Happening], alone: Callable[[Happening], Entry], heap: Callable[[Sequence[Happening]], Entry]
) -> list[Entry]:
    """Return the entries for what happened, each told by ``alone``, or by ``heap`` where much came at once."""
    return [heap(group) if len(group) > 1 else alone(group[0]) for group in heaped(found)]
