"""What is new to one recipient, and whether it is its turn: pure functions of what stands and what was told."""

import base64
import hashlib
import json
from collections.abc import Collection, Iterable, Mapping
from datetime import datetime, time, timedelta

from harvester.clock import HONG_KONG, iso, parse_iso
from publish.notices.records import Digest, Recipient, Standing, Told

WAIT, LONGEST_WAIT = timedelta(hours=1), timedelta(hours=24)
"""After a failure a recipient is tried again so much later, twice as long after each more, a day at most."""
TRIES = 12
"""So many failures in a row, some nine days, and a recipient is given up."""


def digest(
    recipient: Recipient, provider: str, standing: Iterable[Standing], told: Mapping[str, Told],
    doubted: Collection[str] = (), *, first: bool,
) -> Digest | None:  # fmt: skip
    """Return what ``recipient`` is to be told of ``provider`` now; None where nothing is new to it.

    ``told`` is what it was told last, by a task's key; ``doubted`` are tasks of messages that may have arrived. A task
    is told where it stands open in a way that was not told (for the first time, or since a later moment), and as
    mended where it was, or may have been, told open. Between two digests only how a task ends counts: one that opened
    and was mended in between was never told, and needs no word.
    """
    opened, reopened, mended = list[Standing](), list[Standing](), list[Standing]()
    for task in standing:
        last = told.get(task.key)
        if task.state == "mended" and _owed(task, last, task.key in doubted) and _heard(recipient, task):
            mended.append(task)
        elif task.state == "open" and (last is None or _later(task, last)) and _wanted(recipient, task):
            (reopened if last is not None or task.again else opened).append(task)
    if not (opened or reopened or mended):
        return None
    lists = [sorted(found, key=_worst) for found in (opened, reopened, mended)]
    content = [recipient.key, provider, *([(task.key, task.at) for task in found] for found in lists)]
    return Digest(name_of(content), tuple(lists[0]), tuple(lists[1]), tuple(lists[2]), first=first)


def _owed(task: Standing, last: Told | None, doubt: bool) -> bool:
    """Whether a mended task is news: it was told open, or may have been since it was told mended last."""
    if last is not None and last.state == "open":
        return True
    return doubt and (last is None or task.at > last.at)


def _later(task: Standing, last: Told) -> bool:
    """Whether a task stands open otherwise than told: it was told mended, or has been reopened since."""
    return last.state == "mended" or task.at > last.at


def _heard(recipient: Recipient, task: Standing) -> bool:
    return task.dataset not in recipient.muted_datasets and task.criterion not in recipient.muted_criteria


def _wanted(recipient: Recipient, task: Standing) -> bool:
    return task.severity <= recipient.severity and _heard(recipient, task)


def _worst(task: Standing) -> tuple[int, float, str, str]:
    return task.severity, -task.points, task.due, task.key


def name_of(content: object) -> str:
    """Return the name of a message: eight letters and digits, the same for the same things told to the same."""
    text = base64.b32encode(hashlib.sha256(json.dumps(content).encode()).digest()).decode()[:8].lower()
    return f"{text[:4]}-{text[4:]}"


def silent(recipient: Recipient, now: datetime) -> bool:
    """Return whether a recipient is muted on the Hong Kong day of ``now``."""
    return recipient.mute is not None and now.astimezone(HONG_KONG).date() <= recipient.mute


def turn(recipient: Recipient, now: datetime, built: str) -> str:
    """Return the newest turn of a recipient, ISO 8601 UTC: its last hour of telling, or the making of the catalogue.

    ``built`` is when the catalogue was made; a turn that is not after the one done last is no new turn.
    """
    if recipient.frequency == "each-scan":
        return built
    here = now.astimezone(HONG_KONG)
    slot = datetime.combine(here.date(), time(recipient.hour), HONG_KONG)
    if recipient.frequency == "weekly":
        slot -= timedelta(days=(slot.weekday() - recipient.weekday) % 7)
    if slot > here:
        slot -= timedelta(days=7 if recipient.frequency == "weekly" else 1)
    return iso(slot)


def wait(failures: int) -> timedelta:
    """Return how long to wait after so many failures in a row, one or more."""
    return min(WAIT * 2.0 ** min(failures - 1, TRIES), LONGEST_WAIT)


def waits(failures: int, tried: str | None, now: datetime) -> bool:
    """Return whether it is too early to try again after so many ``failures`` in a row, the last at ``tried``."""
    return bool(failures) and tried is not None and now - parse_iso(tried) < wait(failures)
