"""What became of a task: opened, changed, closed, reopened, out of the answers that were given one after another."""

import base64
import hashlib
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from publish.queries import Row

Kind = Literal["opened", "changed", "closed", "reopened", "withdrawn"]
KEY = r"[a-z2-7]{12}"
"""How a task's key is written: twelve letters and digits, none of which is taken for another."""
YES = 1.0


@dataclass(frozen=True, slots=True)
class Event:
    """One thing that became of a task: what, when (ISO 8601 UTC), and the answer behind it as scoring stored it.

    ``reason`` and ``evidence`` (JSON) are empty where no answer is behind it: what was to be mended is gone.
    """

    kind: Kind
    at: str
    reason: str = ""
    evidence: str = "{}"


def task_key(dataset: str, resource: str, criterion: str) -> str:
    """Return the short name of a task: the same for the same dataset, resource and criterion, whatever becomes of it.

    60 bits of SHA-256, in base 32 (RFC 4648) in small letters: among 100,000 tasks two share a key with a chance of
    4 in a billion, and then the catalogue is not put in place.
    """
    digest = hashlib.sha256(json.dumps([dataset, resource, criterion]).encode()).digest()
    return base64.b32encode(digest).decode()[:12].lower()


def events(answers: Sequence[Row], closed: str | None = None) -> list[Event]:
    """Return what became of one task, oldest first.

    ``answers`` are all that were ever given on its question, in the order of ``since``, with ``until``, ``value``,
    ``reason`` and ``evidence``. Below yes opens it, a yes closes it, an unknown leaves it as it was; an answer that
    ended with no other in its place was withdrawn with its dataset or resource. ``closed`` is when table task says
    that it was closed last, which an answer need not tell.
    """
    found = list(_events(answers))
    if closed and (not found or found[-1].kind not in ("closed", "withdrawn")):
        found.append(Event("withdrawn", closed))
    return found


def _events(answers: Sequence[Row]) -> Iterator[Event]:
    standing: str | None = None
    ever = False
    for place, answer in enumerate(answers):
        value, reason = answer["value"], answer["reason"]
        told = (answer["since"], reason, answer["evidence"])
        if value == YES and standing is not None:
            yield Event("closed", *told)
            standing = None
        elif value is not None and value != YES:
            if standing is None:
                yield Event("reopened" if ever else "opened", *told)
            elif standing != reason:
                yield Event("changed", *told)
            standing, ever = reason, True
        later = answers[place + 1]["since"] if place + 1 < len(answers) else None
        if standing is not None and answer["until"] and answer["until"] != later:
            yield Event("withdrawn", answer["until"])
            standing = None
