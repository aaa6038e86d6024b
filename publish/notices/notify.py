"""Tells each recipient what is new to it, once: what is published is read, what was told is written down.

A message is sent at least once: an attempt is written down before it is made and what was told after it arrived, so a
process that dies in between sends the same message, by the same name, once more. The other way round, a message that
was lost would never be missed; and attempts are counted, so that none goes on for ever.
"""

import os
import sqlite3
from collections.abc import Callable, Iterable, Mapping
from contextlib import closing
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache, partial
from pathlib import Path

from sqlite_utils import Database

from harvester.clock import Clock, iso
from harvester.errors import SettingsError
from harvester.store.workshop import workshop
from publish import queries
from publish.i18n import Translator
from publish.notices import memory, reading
from publish.notices.digest import TRIES, digest, silent, turn, waits
from publish.notices.drawing import message
from publish.notices.keeper import KEEPER, failures, keepers_message
from publish.notices.records import Message, Notified, Recipient, Settings
from publish.notices.sending import send as by_apprise
from publish.notices.settings import load
from publish.notices.words import letter
from publish.safe import http_link

Send = Callable[[Recipient, Message], str]
"""Sends a message to a recipient and returns why it did not arrive; empty where it did. It may raise, too."""
ADDRESS = "BAROMETER_ADDRESS"


def notify(
    db: Path, catalog: Path, settings: Path, clock: Clock, send: Send = by_apprise,
    environment: Mapping[str, str] = os.environ,
) -> Notified:  # fmt: skip
    """Tell every recipient whose turn it is what the published ``catalog`` has that it was not told yet.

    ``db`` is the workshop, which remembers what was told; ``settings`` the file of recipients (docs/notices.md).
    ``environment`` holds what the settings name as ``${NAME}``, and in BAROMETER_ADDRESS where this site stands.
    Raises SettingsError where the settings or that address cannot be used, NotOurDatabaseError where a database is
    missing, BusyError where another command is at work on the workshop.
    """
    told, site = load(settings, environment), site_of(environment)
    with closing(reading.opened(catalog)) as connection, workshop(db) as database:
        work = Work(database, connection, told, site, clock, send)
        work.all()
    return Notified(work.sent, work.failed, work.given_up, tuple(work.notes))


def site_of(environment: Mapping[str, str]) -> str:
    """Return where this site stands, without a slash at its end. Raises SettingsError where that is not told."""
    site = environment.get(ADDRESS, "").rstrip("/")
    if not http_link(site):
        raise SettingsError(
            f"Messages link to the pages, and where those stand is not known: set {ADDRESS}=https://your.site.example."
        )
    return site


def whom(
    settings: Settings, connection: sqlite3.Connection, notes: list[str]
) -> list[tuple[str, tuple[Recipient, ...]]]:
    """Return every provider that somebody is told of, with whom; an entry under an old slug stands for the new one."""
    here, moved = reading.providers(connection), reading.renames(connection)
    own = {moved[slug]: told for slug, told in settings.providers.items() if slug in moved}
    own |= {slug: told for slug, told in settings.providers.items() if slug in here}
    notes += [
        f"{settings.name}, line {settings.lines[slug]}: no provider {slug} has datasets; nobody is told."
        for slug in settings.providers if slug not in here and slug not in moved
    ]  # fmt: skip
    found = [(slug, own.get(slug, settings.everyone)) for slug in here]
    return [(slug, told) for slug, told in found if told]


def deliver(send: Send, recipient: Recipient, drawn: Message) -> str:
    """Send one message and return why it did not arrive; empty where it did."""
    try:
        return send(recipient, drawn)
    except Exception as error:  # noqa: BLE001 - the way out is other people's code; its failure is written down
        return f"it could not be sent: {type(error).__name__}"


@dataclass(slots=True)
class Work:
    """One run of telling: the databases, the settings, and what came of it so far."""

    database: Database
    connection: sqlite3.Connection
    settings: Settings
    site: str
    clock: Clock
    send: Send
    sent: int = 0
    failed: int = 0
    given_up: int = 0
    notes: list[str] = field(default_factory=list)
    silent: set[str] = field(default_factory=set)
    """Recipients that did not take a message in this run: no other is tried on them until the next."""

    def all(self) -> None:
        """Tell everybody of everything, and forget what nobody will ask for."""
        memory.follow(self.database, reading.renames(self.connection))
        found = [*whom(self.settings, self.connection, self.notes), (KEEPER, self.settings.keeper)]
        memory.name(self.database, [(one, slug) for slug, told in found for one in told], self.clock())
        for slug, recipients in found[:-1]:
            self.provider(slug, recipients)
        self.keeper()
        memory.prune(self.database, self.clock())

    def provider(self, slug: str, recipients: Iterable[Recipient]) -> None:
        """Tell the recipients of a provider what is new to each."""
        built = queries.meta(self.connection)["built"]
        standing = cache(partial(reading.standing, self.connection, slug))
        for recipient in recipients:
            now = self.clock()
            due = turn(recipient, now, built)
            last = self._ready(recipient, slug, due, now)
            if last is None:
                continue
            told = memory.told(self.database, recipient.key)
            doubted = memory.doubted(self.database, recipient.key)
            found = digest(recipient, slug, standing(), told, doubted, first=last.first is None)
            if found is None:
                memory.done_with(self.database, recipient, slug, due)
                continue
            tr = Translator(recipient.language)
            made = letter(self.connection, tr, slug, found, self.site, self.settings.contact)
            drawn = message(made, found.id, self.settings.contact, tr)
            self._tell(recipient, slug, due, memory.subjects(found), drawn)

    def keeper(self) -> None:
        """Tell the keeper of runs that failed, and of recipients that were given up."""
        for recipient in self.settings.keeper:
            now = self.clock()
            due = iso(now)
            if self._ready(recipient, KEEPER, due, now) is None:
                continue
            found = failures(self.database, memory.told(self.database, recipient.key), now)
            if found:
                drawn = keepers_message(found, Translator(recipient.language), self.site, self.settings.contact)
                self._tell(recipient, KEEPER, due, [each.subject for each in found], drawn)

    def _ready(self, recipient: Recipient, slug: str, due: str, now: datetime) -> memory.Turn | None:
        """Return how far a recipient was told where it may be told now, else None."""
        last = memory.turn_of(self.database, recipient.key, slug)
        if not last.given_up and last.failures >= TRIES:
            self._lost(recipient, slug, memory.CUT_OFF)
            return None
        done = last.turn is not None and due <= last.turn
        if done or last.given_up or recipient.key in self.silent or silent(recipient, now):
            return None
        late = memory.reach(self.database, recipient.key)
        held = waits(last.failures, last.tried, now) or late.dead or waits(late.failures, late.tried, now)
        return None if held else last

    def _tell(
        self, recipient: Recipient, slug: str, due: str, subjects: list[tuple[str, str, str]], drawn: Message
    ) -> None:  # fmt: skip
        """Send one message and write down what came of it."""
        memory.begin(self.database, recipient, slug, subjects, self.clock())
        if reason := deliver(self.send, recipient, drawn):
            self._lost(recipient, slug, reason)
            return
        memory.arrived(self.database, recipient, slug, due, subjects, drawn.digest, self.clock())
        self.sent += 1

    def _lost(self, recipient: Recipient, slug: str, reason: str) -> None:
        self.silent.add(recipient.key)
        self.failed += 1
        over = memory.failed(self.database, recipient, slug, reason, self.clock())
        self.given_up += over
        after = (
            "it is given up: mend the address, then `barometer notify --test`" if over else "it is tried again later"
        )
        self.notes.append(f"{recipient.name} was not told of {slug or 'failed runs'} ({reason}); {after}.")
