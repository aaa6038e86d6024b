"""Holding what barometer says of a week's links against what was planted, and its manners against the server's log.

Pure: the truth list, the states found and the log go in, tallies and counts come out. Moments are ISO 8601 UTC.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Any
from urllib.parse import urlsplit

Told = tuple[str, str, str, str | None]
"""One spell as barometer tells it: state, reason, since, until (None while it lasts)."""
Link = Mapping[str, Any]
"""One link of the sample portal's list of the week."""

SLACK = 2
"""Requests that may come early at the portal itself, where several threads ask: it is paced by when they set out."""
FAILED = 400


@dataclass(frozen=True, slots=True)
class Seen:
    """What barometer knows of one resource's address after the week: its spells, bodies and dates of change."""

    spells: tuple[Told, ...] = ()
    bodies: int = 0
    stamps: int = 0


@dataclass(slots=True)
class Tally:
    """One kind of link: how many were planted and found, how many look-alikes, of how many something was invented."""

    planted: int = 0
    found: int = 0
    lookalikes: int = 0
    invented: int = 0
    notes: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Manners:
    """What a server's log says of us: pairs of requests looked at, how many too close or at once; pauses, how kept."""

    pairs: int
    rate_exceeded: int
    pauses: int
    retry_after_broken: int


def judge(links: Iterable[Link], seen: Mapping[str, Seen], log: Sequence[Mapping[str, Any]]) -> dict[str, Tally]:
    """Return a tally a kind. ``seen`` is by resource, ``log`` the server's lines of the week.

    A plant is found where its states in their order, those of the moments listed, their reasons and all counts are
    right. Anything wrong about a look-alike is invented, and so is any spell in a state that its link never was in; it
    counts once a link.
    """
    tallies: dict[str, Tally] = {}
    answers = sent(log)
    for link in links:
        tally = tallies.setdefault(link["kind"], Tally())
        found = seen.get(link["resource"], Seen())
        wrong = [*_wrong_states(link, found), *_wrong_counts(link, found, answers)]
        false = [f"was called {spell}" for spell in found.spells if spell[0] not in link["path"]]
        if link["harmless"]:
            tally.lookalikes += 1
            false += wrong
        else:
            tally.planted += 1
            tally.found += not wrong
        tally.invented += bool(false)
        tally.notes += [f"{link['url']} ({link['why']}): {what}" for what in dict.fromkeys([*wrong, *false])]
    return tallies


def sent(log: Iterable[Mapping[str, Any]]) -> dict[tuple[str, str], Counter[int | None]]:
    """Return how often each (host, target) was answered with which status."""
    answers: dict[tuple[str, str], Counter[int | None]] = defaultdict(Counter)
    for line in log:
        answers[line["host"], line["target"]][line["status"]] += 1
    return answers


def _wrong_states(link: Link, found: Seen) -> list[str]:
    wrong = []
    for expected in link["states"]:
        at = expected["at"]
        got = next(
            (spell[:2] for spell in found.spells if spell[2] <= at and (spell[3] is None or at < spell[3])), None
        )
        if got is None or got[0] != expected["state"] or expected["reason"] not in (None, got[1]):
            wrong.append(
                f"at {at} it is told as {got}, and is {expected['state']} ({expected['reason'] or 'any reason'})"
            )
    went = [spell[0] for spell in found.spells]
    if went != [*link["path"]]:
        wrong.append(f"it is told to have gone {went}, and went {link['path']}")
    return wrong


def _wrong_counts(link: Link, found: Seen, answers: Mapping[tuple[str, str], Counter[int | None]]) -> list[str]:
    given = answers.get(place(link["url"]), Counter())
    counts = {
        "bodies": found.bodies, "stamps": found.stamps, "whole": given[200], "parts": given[206],
        "requests": given.total(),
        "failed": sum(many for status, many in given.items() if status is None or status >= FAILED),
    }  # fmt: skip
    bounds = {name: link[name] for name in counts if link[name] is not None}
    return [
        f"{name}: {counts[name]}, and should be {least} to {most}"
        for name, (least, most) in bounds.items()
        if not least <= counts[name] <= most
    ]


def place(url: str) -> tuple[str, str]:
    """Return an address as the server's log names it: host and target."""
    parts = urlsplit(url)
    return parts.hostname or "", parts.path + (f"?{parts.query}" if parts.query else "")


def most_for_unchanged(links: Iterable[Link], log: Iterable[Mapping[str, Any]]) -> int:
    """Return the most requests that any link that needs only one was sent at one moment of the server's clock."""
    unchanged = {place(link["url"]) for link in links if link["unchanged"]}
    counts: Counter[tuple[str, str, str]] = Counter()
    for line in log:
        where = (line["host"], line["target"])
        if where in unchanged:
            counts[*where, line["now"]] += 1
    return max(counts.values(), default=0)


def manners(log: Iterable[Mapping[str, Any]], pace: float, portal: str) -> Manners:
    """Return how the requests of a server's log kept to a ``pace`` (seconds a host) and to every Retry-After.

    A host's next request counts from the arrival of the last, so that what is measured can only look closer together
    than it was sent. At the ``portal``'s own host several threads take turns by when they set out: there, requests may
    not outrun the pace by more than ``SLACK``.
    """
    hosts = by_host(log)
    pairs = exceeded = 0
    for host, lines in hosts.items():
        at = [line["at"] for line in lines]
        pairs += len(at) - 1
        if host == portal:
            exceeded += sum(later - at[0] < (nth - SLACK) * pace for nth, later in enumerate(at))
        else:
            exceeded += sum(after - before < pace for before, after in pairwise(at))
            exceeded += sum(line["under_way"] > 1 for line in lines)
    asked, broken = pauses(hosts.values())
    return Manners(pairs, exceeded, asked, broken)


def untold(log: Iterable[Mapping[str, Any]], books: Mapping[tuple[str, str], int]) -> list[str]:
    """Return where our own books of requests, by (day in Hong Kong, host), say another number than the server's log.

    Hosts that the server never heard of us at are left out: their handshakes failed before anything was asked.
    """
    heard = Counter((_hong_kong_day(line["now"]), line["host"]) for line in log)
    hosts = {host for _, host in heard}
    days = sorted({*heard, *(key for key in books if key[1] in hosts)})
    return [f"{key}: {heard[key]} came, {books.get(key, 0)} told" for key in days if heard[key] != books.get(key, 0)]


def _hong_kong_day(moment: str) -> str:
    return (datetime.fromisoformat(moment) + timedelta(hours=8)).date().isoformat()


def by_host(log: Iterable[Mapping[str, Any]]) -> dict[str, list[Mapping[str, Any]]]:
    """Return each host's lines of a log, in the order the requests came in."""
    hosts: dict[str, list[Mapping[str, Any]]] = defaultdict(list)
    for line in sorted(log, key=lambda line: line["at"]):
        hosts[line["host"]].append(line)
    return hosts


def pauses(hosts: Iterable[Sequence[Mapping[str, Any]]]) -> tuple[int, int]:
    """Return how often a host asked for a pause before a request that came after, and how often it was not kept.

    ``hosts`` are each host's lines in their order. A pause ends where the server's clock was moved: between two moments
    of a simulated week lies an hour at least.
    """
    asked = broken = 0
    for lines in hosts:
        for last, line in pairwise(lines):
            if last["retry_after"] and last["now"] == line["now"]:
                asked += 1
                broken += line["at"] < last["at"] + float(last["retry_after"])
    return asked, broken
