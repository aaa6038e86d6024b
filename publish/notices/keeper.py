"""What whoever runs the instance is told: runs that failed, and recipients that were given up."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlite_utils import Database

from harvester.clock import iso
from publish.i18n import Translator, mark
from publish.notices.digest import name_of
from publish.notices.drawing import message
from publish.notices.records import Message, Told
from publish.notices.words import TOP, TWICE, Item, Letter, Part, plain
from publish.render import path

KEEPER = ""
"""What stands for a provider's slug where the keeper is told."""
DAYS = timedelta(days=7)
"""A run that failed longer ago is no news."""
RUNS_SQL = """
SELECT kind, id, started, (SELECT count(*) FROM failure WHERE run = run.id) AS items FROM run
WHERE state = 'failed' AND started >= ? ORDER BY id DESC
"""
GIVEN_UP_SQL = """
SELECT recipient, provider, name, given_up, error FROM notice_turn WHERE given_up IS NOT NULL AND given_up >= ?
ORDER BY given_up DESC, name
"""
RUN_FAILED = mark(
    "A run failed: {kind}, number {id}, begun {moment}. `barometer status` says what it could not work on."
)
GAVE_UP = mark(
    "{name} was not told of {provider}, many times in a row, and is given up ({error}). Mend its address in the"
    " settings, then run `barometer notify --test`."
)


@dataclass(frozen=True, slots=True)
class Failure:
    """One thing that went wrong: what stands for it in the memory, and its sentence with the values in it."""

    subject: tuple[str, str, str]
    sentence: str
    values: Mapping[str, object]
    moment: str


def failures(db: Database, told: Mapping[str, Told], now: datetime) -> list[Failure]:
    """Return what went wrong in the last ``DAYS`` and was not ``told``, runs first, the newest first."""
    since = iso(now - DAYS)
    found = [
        Failure((f"run {row['id']}", "failed", row["started"]), RUN_FAILED, row, row["started"])
        for row in db.query(RUNS_SQL, [since])
    ] + [
        Failure((f"given up {row['recipient']} {row['provider']}", "given-up", row["given_up"]), GAVE_UP, row,
                row["given_up"])
        for row in db.query(GIVEN_UP_SQL, [since]) if row["provider"] != KEEPER
    ]  # fmt: skip
    return [each for each in found if each.subject[0] not in told or told[each.subject[0]].at < each.subject[2]]


def keepers_message(found: Sequence[Failure], tr: Translator, site: str, contact: str) -> Message:
    """Return the message that tells the keeper of it, in the keeper's language."""
    items = tuple(Item(_sentence(each, tr), (), site + path(tr.language)) for each in found[:TOP])
    title = tr("Barometer: what failed")
    name = name_of([each.subject for each in found])
    part = Part(tr("Failures"), len(found), items)
    home = site + path(tr.language)
    letter = Letter(f"{title} ({tr.number(len(found))})", title, (), (part,), home, ((tr("Home"), home),),
                    (tr(TWICE, id=name),))  # fmt: skip
    return message(letter, name, contact, tr)


def _sentence(failure: Failure, tr: Translator) -> str:
    values = {key: plain(str(value), 200) for key, value in failure.values.items()}
    return tr(failure.sentence, **values, moment=tr.moment(failure.moment))
