"""Trying the settings out: a test message to a provider's recipients, and a rehearsal that sends and keeps nothing."""

import os
import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from importlib.resources import files
from pathlib import Path

import click
from sqlite_utils import Database

from harvester.clock import Clock
from harvester.errors import NotOurDatabaseError, SettingsError
from harvester.store.workshop import workshop
from publish import queries
from publish.i18n import Translator
from publish.notices import memory, reading
from publish.notices.digest import name_of
from publish.notices.drawing import message
from publish.notices.notify import Send, Work, deliver, site_of, whom
from publish.notices.records import Message, Notified, Recipient
from publish.notices.sending import handed
from publish.notices.sending import send as by_apprise
from publish.notices.settings import load
from publish.notices.words import LESS, UNOFFICIAL, Letter, plain
from publish.render import path
from publish.telling import named

REMEMBERED = ("notice", "notice_turn", "notice_doubt")
ASKED = ("run", "failure")


def trial(
    db: Path, catalog: Path, settings: Path, provider: str, clock: Clock, send: Send = by_apprise,
    environment: Mapping[str, str] = os.environ,
) -> Notified:  # fmt: skip
    """Send a test message to everybody who is told of ``provider``, muted or not; one that arrives is no more given up.

    Raises SettingsError where nobody is told of it, and as `notify` does.
    """
    told, site = load(settings, environment), site_of(environment)
    with closing(reading.opened(catalog)) as connection, workshop(db) as database:
        recipients = dict(whom(told, connection, [])).get(provider, ())
        if not recipients:
            raise SettingsError(f"Nobody is told of {provider}: write it into {told.name}, or mend its name.")
        sent, notes = 0, []
        for recipient in recipients:
            made = test_message(connection, provider, recipient, site, told.contact)
            if reason := deliver(send, recipient, made):
                notes.append(f"{recipient.name} did not take it: {reason}.")
                continue
            sent += 1
            memory.name(database, [(recipient, provider)], clock())
            memory.take_back(database, recipient)
    return Notified(sent=sent, failed=len(notes), notes=tuple(notes))


def test_message(
    connection: sqlite3.Connection, provider: str, recipient: Recipient, site: str, contact: str
) -> Message:  # fmt: skip
    """Return the message that shows a recipient that, and in which language, it is reached."""
    tr = Translator(recipient.language)
    row = queries.provider(connection, provider)
    name = plain(named(row, tr)["title"], 120) if row else provider
    heading = tr("Test message")
    title = f"{heading}{tr(': ')}{name}"
    lead = (tr("If you can read this, messages on the worklist of {provider} reach you.", provider=name),)
    links = ((tr("Worklist"), site + path(tr.language, "worklist", provider)),)
    letter = Letter(title, title, lead, (), links[0][1], links, (tr(LESS, contact=contact), tr(UNOFFICIAL)))
    return message(letter, name_of([provider, recipient.key]), contact, tr)


def rehearse(
    db: Path, catalog: Path, settings: Path, clock: Clock, environment: Mapping[str, str] = os.environ
) -> Notified:  # fmt: skip
    """Print every message that `notify` would send now, exactly; nothing is sent, and the workshop is only read."""

    def say(recipient: Recipient, made: Message) -> str:
        click.echo(f"To: {recipient.name}\nSubject: {made.title}\n")
        for part in handed(recipient, made):
            click.echo(f"{part}\n")
        return ""

    told, site = load(settings, environment), site_of(environment)
    with closing(reading.opened(catalog)) as connection, _copy(db) as database:
        work = Work(database, connection, told, site, clock, say)
        work.all()
    return Notified(sent=work.sent, notes=tuple(work.notes))


@contextmanager
def _copy(db: Path) -> Iterator[Database]:
    """Give a database in memory that holds what telling reads of the workshop. Raises NotOurDatabaseError."""
    if not db.exists():
        raise NotOurDatabaseError(f"There is no database at {db}: run `barometer harvest --db {db}` first.")
    with closing(sqlite3.connect(":memory:", uri=True)) as connection:
        connection.execute("ATTACH ? AS workshop", [f"{db.resolve().as_uri()}?mode=ro"])
        kept = {row[0] for row in connection.execute("SELECT name FROM workshop.sqlite_master")}
        connection.executescript(files("harvester.store").joinpath("notices.sql").read_text(encoding="utf-8"))
        for table in REMEMBERED:
            if table in kept:
                connection.execute(f"INSERT INTO {table} SELECT * FROM workshop.{table}")  # noqa: S608 - our own names
        for table in ASKED:
            connection.execute(f"CREATE TABLE {table} AS SELECT * FROM workshop.{table}")  # noqa: S608 - our own names
        connection.commit()
        connection.execute("DETACH workshop")
        yield Database(connection)
