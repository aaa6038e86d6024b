"""What several visits of one address amount to: a state machine that no single bad minute can move. Pure.

The rules are told in docs/availability.md, "What several visits amount to".
"""

from bisect import bisect_right
from collections import deque
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import takewhile
from statistics import median
from typing import Self

from harvester.records import Spell, State
from harvester.signs import ASKED_FOR, PASSING, REASONS, Probe, Sign, read_sign

__all__ = ["ASKED_FOR", "PASSING", "REASONS", "Probe", "Sign", "read_sign"]

RULES = 1
"""Raised whenever visits that were judged one way may be judged another: every state is then told anew."""
APART = timedelta(minutes=45)
"""Visits so far apart confirm each other: under the hour after which a doubtful address is asked again."""
WINDOW, FLAPS = 10, 2
"""So many bad checks among so many of the last ones are coming and going."""
PACE, SLOW_MS = 5, 10_000
"""The median of so many good answers over so many milliseconds is slow."""
PROOF = 5
"""Visits named as the proof of a spell at most: its first and its newest."""


@dataclass(frozen=True, slots=True)
class Settled:
    """How an address stood at a moment when nothing waited: all that its later visits are read on.

    ``spell`` lasted then, with the visits and the proof it had; ``last`` is the newest visit, ``visits`` how many there
    were in all. The others are what the reader of later checks goes on with. Times are ISO 8601 UTC.
    """

    spell: Spell
    last: str
    visits: int
    recent: tuple[bool, ...] = ()
    pace: tuple[int, ...] = ()
    recovering: bool = False
    good_from: str | None = None
    last_good: str | None = None
    bad_in_a_row: int = 0
    read_to: str = ""


@dataclass(frozen=True, slots=True)
class Health:
    """How an address stands now, for whoever plans its next visit. Times are ISO 8601 UTC, None where there is none.

    ``last`` is the newest visit. ``bad_in_a_row`` counts the newest checks that found it bad; checks that said nothing
    neither count nor break the row. ``waiting`` is whether the newest check that said anything speaks against the
    state (bad, or a wall, or a call for parameters) and is not confirmed yet. ``last_good`` is the newest good visit.
    """

    state: State
    reason: str
    since: str | None
    last: str | None
    bad_in_a_row: int
    waiting: bool
    last_good: str | None


def spells(probes: Iterable[Probe], base: Settled | None = None) -> tuple[Spell, ...]:
    """Return the states that all visits of one address amount to, oldest first; the last one lasts (until None).

    Where the visits before ``probes`` were settled (harvester/settle.py), the states from ``base`` on.

    The order of ``probes`` does not matter. Spells tile the time from the first without gap or overlap, and a spell
    that has ended stays as it is whatever later checks see. Every visit is counted in one spell.
    """
    return read(in_order(probes), base)[0]


def health_of(probes: Sequence[Probe], base: Settled | None = None) -> Health:
    """Return how an address stands after all its visits, in whatever order they are given; ``base`` as in `spells`."""
    ordered = in_order(probes)
    found, reader = read(ordered, base)
    if not found:
        return Health("unknown", "not-visited", None, None, 0, waiting=False, last_good=None)
    now, last = found[-1], ordered[-1].started if ordered else base.last if base else None
    return Health(now.state, now.reason, now.since, last, reader.bad_in_a_row, bool(reader.first), reader.last_good)


def in_order(probes: Iterable[Probe]) -> list[Probe]:
    """Return visits in the order they were made."""
    return sorted(probes, key=lambda probe: (probe.started, probe.run, probe.attempt))


def uptime(told: Sequence[Spell], begin: str, end: str) -> float | None:
    """Return the share (0-1) of the time from ``begin`` to ``end`` (ISO 8601 UTC) in which an address was up.

    It is the time up or degraded in the time up, degraded or down; None where there was no such time.
    """
    spent: dict[str, float] = {}
    for spell in told:
        since, until = max(spell.since, begin), min(spell.until or end, end)
        if since < until:
            spent[spell.state] = spent.get(spell.state, 0.0) + (_moment(until) - _moment(since)).total_seconds()
    up = spent.get("up", 0.0) + spent.get("degraded", 0.0)
    known = up + spent.get("down", 0.0)
    return up / known if known else None


def _moment(text: str) -> datetime:
    return datetime.fromisoformat(text)  # three times as fast as parse_iso, and there are millions


@dataclass(frozen=True, slots=True)
class Check:
    """One check of one address. ``at`` is its last attempt, ``began`` the first of those that said the same as it.

    ``sure`` is whether it needs no second check where nothing is known yet: it asked twice, or of a lasting thing.
    """

    sign: Sign
    reason: str
    at: str
    began: str
    sure: bool
    milliseconds: int | None
    attempts: Sequence[Probe]


def _check(attempts: Sequence[Probe]) -> Check:
    last = attempts[-1]
    sign, reason = read_sign(last)
    same = list(takewhile(lambda probe: read_sign(probe)[0] == sign, reversed(attempts)))
    sure = len(same) > 1 or last.outcome not in PASSING
    return Check(sign, reason, last.started, same[-1].started, sure, last.milliseconds, attempts)


STATES: dict[Sign, State] = {"bad": "down", "wall": "blocked", "parameters": "needs-parameters"}
SUPPORT: dict[State, frozenset[Sign]] = {
    "up": frozenset({"good"}),
    "degraded": frozenset({"good", "bad"}),
    "down": frozenset({"bad"}),
    "blocked": frozenset({"wall"}),
    "needs-parameters": frozenset({"parameters"}),
    "not-asked": frozenset({"not-asked"}),
    "unknown": frozenset({"bad", "wall", "parameters", "nothing"}),
}
"""The signs that prove a state."""


@dataclass(slots=True)
class Reader:
    """Reads the checks of one address in order. ``found`` are the spells so far: state, reason, since."""

    found: list[tuple[State, str, str]] = field(default_factory=list)
    first: dict[Sign, str] = field(default_factory=dict)
    """By sign, the first visit that speaks against the state and is not confirmed."""
    recent: deque[bool] = field(default_factory=lambda: deque(maxlen=WINDOW))
    pace: deque[int] = field(default_factory=lambda: deque(maxlen=PACE))
    recovering: bool = False
    good_from: str | None = None
    last_good: str | None = None
    bad_in_a_row: int = 0
    read_to: str = ""

    @classmethod
    def of(cls, base: Settled | None) -> Self:
        """Return a reader that goes on from ``base``, or begins."""
        if base is None:
            return cls()
        return cls(
            [(base.spell.state, base.spell.reason, base.spell.since)], {}, deque(base.recent, WINDOW),
            deque(base.pace, PACE), base.recovering, base.good_from, base.last_good, base.bad_in_a_row, base.read_to,
        )  # fmt: skip

    def read(self, check: Check) -> None:
        """Take in the next check."""
        if check.sign == "good":
            self._good(check)
        elif check.sign == "not-asked":
            self._settle("not-asked", check.reason, check.at)
            self.bad_in_a_row, self.good_from = 0, None
        elif check.sign == "nothing":
            if self._state() == "unknown" and not self.first:
                self._enter("unknown", check.reason, check.at)
        else:
            self._failed(check)
        self.read_to = check.at

    def _state(self) -> State:
        return self.found[-1][0] if self.found else "unknown"

    def _good(self, check: Check) -> None:
        self.last_good, self.bad_in_a_row = check.at, 0
        self.recent.append(False)
        if check.milliseconds is not None:
            self.pace.append(check.milliseconds)
        if self.recovering:
            self.good_from = self.good_from or check.at
            self.recovering = _moment(check.at) - _moment(self.good_from) < APART
        if sum(self.recent) >= FLAPS:
            self._settle("degraded", "flapping", check.at)
        elif self.recovering:
            self._settle("degraded", "recovering", check.at)
        elif len(self.pace) == PACE and median(self.pace) > SLOW_MS:
            self._settle("degraded", "slow", check.at)
        else:
            self._settle("up", "up", check.at)

    def _failed(self, check: Check) -> None:
        self.good_from = None
        self.bad_in_a_row = self.bad_in_a_row + 1 if check.sign == "bad" else 0
        if check.sign == "bad":
            self.recent.append(True)
        state = STATES[check.sign]
        first = self.first.setdefault(check.sign, check.began if check.began > self.read_to else check.at)
        nothing_known = self._state() in ("unknown", "not-asked")
        never_good = nothing_known and self.last_good is None
        confirmed = _moment(check.at) - _moment(first) >= APART or (never_good and check.sure)
        if state == self._state() or confirmed:
            if state == "down":
                self.recovering = True
                self.recent.clear()
                self.pace.clear()
            self._settle(state, check.reason, first)
        elif nothing_known:
            self._enter("unknown", "unconfirmed", first)

    def _settle(self, state: State, reason: str, since: str) -> None:
        """Let a state hold: what had begun to speak against it is void."""
        self.first.clear()
        self._enter(state, reason, since)

    def _enter(self, state: State, reason: str, since: str) -> None:
        while self.found and self.found[-1][0] != state and self.found[-1][2] >= since:
            self.found.pop()
        if self.found and self.found[-1][0] == state:
            since = self.found.pop()[2]
        self.found.append((state, reason, since))


def checks(ordered: Iterable[Probe]) -> list[Check]:
    """Return the checks that an address's visits, in order, were made in: the attempts of one run are one check."""
    runs: dict[int, list[Probe]] = {}
    for probe in ordered:
        runs.setdefault(probe.run, []).append(probe)
    found = [_check(sorted(attempts, key=lambda probe: probe.attempt)) for attempts in runs.values()]
    return sorted(found, key=lambda check: check.at)


def read(ordered: Sequence[Probe], base: Settled | None) -> tuple[tuple[Spell, ...], Reader]:
    """Return the spells of visits in order, from ``base`` on, and the reader as it stands after them."""
    reader = Reader.of(base)
    for check in checks(ordered):
        reader.read(check)
    return _with_proof(reader.found, ordered, base.spell if base else None), reader


def _with_proof(
    found: Sequence[tuple[State, str, str]], ordered: Sequence[Probe], before: Spell | None
) -> tuple[Spell, ...]:
    """Count the visits of each spell and name those that prove it; the first goes on from ``before``."""
    if not found:
        return ()
    starts = [since for _, _, since in found]
    members: list[list[Probe]] = [[] for _ in found]
    for probe in ordered:
        members[max(bisect_right(starts, probe.started) - 1, 0)].append(probe)
    told: list[Spell] = []
    for (state, reason, since), until, inside in zip(found, [*starts[1:], None], members, strict=True):
        ids = [probe.id for probe in inside if read_sign(probe)[0] in SUPPORT[state]]
        visits, earlier = (before.visits, before.proof) if before and not told else (0, ())
        told.append(Spell(state, reason, since, until, visits + len(inside), _proof([*earlier, *ids])))
    return tuple(told)


def _proof(ids: Sequence[int]) -> tuple[int, ...]:
    """Return the first visit and the newest ones; of such a proof and more visits it makes the proof of them all."""
    return tuple(ids) if len(ids) <= PROOF else (ids[0], *ids[1 - PROOF :])
