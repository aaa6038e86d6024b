"""Up to where an address's visits have said all they can: what is told of them then stands, whatever comes. Pure."""

import json
from collections.abc import Iterable, Sequence
from dataclasses import asdict
from datetime import datetime, timedelta
from itertools import accumulate

from harvester.clock import iso
from harvester.health import Check, Probe, Reader, Settled, checks, in_order, read
from harvester.records import Spell

_HONG_KONG = 8 * 3600
_DAY = 86_400


def day_of(moment: str) -> int:
    """Return the day in Hong Kong of a moment (ISO 8601 UTC), counted from 1970-01-01."""
    return int((datetime.fromisoformat(moment).timestamp() + _HONG_KONG) // _DAY)


def midnight(day: int) -> str:
    """Return the moment (ISO 8601 UTC) at which a day in Hong Kong, counted from 1970-01-01, begins."""
    return iso(datetime.fromisoformat("1970-01-01T00:00:00Z") + timedelta(seconds=day * _DAY - _HONG_KONG))


def settle(probes: Iterable[Probe], base: Settled | None, before: int) -> tuple[tuple[Spell, ...], Settled, str] | None:
    """Settle one address's visits as far as nothing waits for a later one: whole days, all earlier than day ``before``.

    ``probes`` are all its visits since ``base``, or at least those of a week longer than ``before``, so that no check
    is cut in two. Returns the spells from that of ``base`` on, the last of which lasts; how the address stands there;
    and the midnight in Hong Kong (ISO 8601 UTC) before which everything is settled. None where no day more is. Reading
    what comes later from there gives what reading everything gives: no check has visits on both sides, and nothing
    that speaks against the state is left unconfirmed, so that no later visit can reach back.
    """
    found = checks(in_order(probes))
    count = _settled(found, base, before)
    if not count:
        return None
    ordered = in_order(probe for check in found[:count] for probe in check.attempts)
    told, reader = read(ordered, base)
    now = Settled(
        told[-1], ordered[-1].started, len(ordered) + (base.visits if base else 0), tuple(reader.recent),
        tuple(reader.pace), reader.recovering, reader.good_from, reader.last_good, reader.bad_in_a_row, reader.read_to,
    )  # fmt: skip
    return told, now, midnight(day_of(now.last) + 1)


def _settled(found: Sequence[Check], base: Settled | None, before: int) -> int:
    """Return how many of the checks are settled."""
    days = [(day_of(min(starts)), day_of(max(starts))) for starts in ([p.started for p in c.attempts] for c in found)]
    latest = list(accumulate((high for _, high in days), max))
    earliest = list(accumulate((low for low, _ in reversed(days)), min))[::-1]
    reader, count = Reader.of(base), 0
    for place, check in enumerate(found):
        if latest[place] >= before:
            break
        reader.read(check)
        apart = place + 1 == len(found) or latest[place] < earliest[place + 1]
        if apart and not reader.first:
            count = place + 1
    return count


def packed(settled: Settled) -> str:
    """Return it as the small JSON that is stored."""
    return json.dumps(asdict(settled), separators=(",", ":"))


def unpacked(text: str) -> Settled:
    """Return what ``packed`` wrote."""
    told = json.loads(text)
    spell = {**told["spell"], "proof": tuple(told["spell"]["proof"])}
    return Settled(**{**told, "spell": Spell(**spell), "recent": tuple(told["recent"]), "pace": tuple(told["pace"])})
