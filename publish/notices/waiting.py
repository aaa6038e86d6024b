"""Whether somebody's hour has come since the last telling: for a watch that would not wait for the next scan."""

import os
from collections.abc import Iterator, Mapping
from contextlib import closing
from datetime import datetime
from itertools import chain
from pathlib import Path

from sqlite_utils import Database

from harvester.clock import Clock, parse_iso
from harvester.errors import SettingsError
from harvester.store.workshop import connect
from publish.notices import memory
from publish.notices.digest import silent, turn, wait, waits
from publish.notices.records import Recipient, Settings
from publish.notices.settings import load


def since(
    db: Path, settings: Path, clock: Clock, environment: Mapping[str, str] = os.environ
) -> datetime | None:  # fmt: skip
    """Return since when a recipient waits for its turn, or to be tried again; None where nobody does.

    Only recipients that `notify` met before are asked after; new ones it meets after the next scan. Settings that
    cannot be read make nobody wait: `notify` says what is wrong with them. Raises NotOurDatabaseError, sqlite3.Error.
    """
    try:
        told = load(settings, environment)
    except SettingsError:
        return None
    with closing(connect(db, create=False).conn) as connection:
        return min(_waiting(Database(connection), told, clock()), default=None)


def _waiting(db: Database, told: Settings, now: datetime) -> Iterator[datetime]:
    recipients = {one.key: one for one in chain(told.everyone, told.keeper)}
    own = {(one.key, slug): one for slug, found in told.providers.items() for one in found}
    for row in db.query("SELECT recipient, provider FROM notice_turn"):
        one = own.get((row["recipient"], row["provider"])) or recipients.get(row["recipient"])
        if one is None or silent(one, now):
            continue
        late = memory.reach(db, one.key)
        if late.dead or waits(late.failures, late.tried, now):
            continue
        begun = _begun(one, memory.turn_of(db, row["recipient"], row["provider"]), now)
        if begun is not None and begun <= now:
            yield begun


def _begun(recipient: Recipient, last: memory.Turn, now: datetime) -> datetime | None:
    """Return when a recipient's next attempt is due after what came of the last; None where none is."""
    if last.given_up:
        return None
    if last.failures and last.tried:
        return parse_iso(last.tried) + wait(last.failures)
    due = turn(recipient, now, last.turn or "")
    return parse_iso(due) if last.turn and due > last.turn else None
