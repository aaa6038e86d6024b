"""What was asked of each host: every request that left us, by the day in Hong Kong, the host and the purpose."""

from dataclasses import dataclass
from datetime import datetime
from threading import Lock
from typing import Literal

from harvester.clock import HONG_KONG

Purpose = Literal["portal", "robots", "visit"]
"""Why a request was made: the portal's API, lists and feeds; a robots.txt; a link."""
_REFUSALS = {429, 503}


@dataclass(frozen=True, slots=True)
class Requests:
    """How many requests a host had of us on one day (Hong Kong) for one purpose.

    ``bytes`` are those of bodies as they came over the wire, ``refused`` counts answers 429 and 503.
    """

    day: str
    host: str
    purpose: Purpose
    requests: int = 0
    bytes: int = 0
    refused: int = 0


class Tally:
    """Counts requests until they are taken away to be stored. Safe to use from several threads."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._counted: dict[tuple[str, str, Purpose], tuple[int, int, int]] = {}

    def add(self, moment: datetime, host: str, purpose: Purpose, size: int, status: int | None) -> None:
        """Count one request made at ``moment`` (aware): its answer's ``size`` on the wire, and its status if any."""
        key = (moment.astimezone(HONG_KONG).date().isoformat(), host, purpose)
        with self._lock:
            requests, total, refused = self._counted.get(key, (0, 0, 0))
            self._counted[key] = (requests + 1, total + size, refused + (status in _REFUSALS))

    def take(self) -> tuple[Requests, ...]:
        """Return what was counted since the last call, and begin at nothing again."""
        with self._lock:
            counted, self._counted = self._counted, {}
        return tuple(Requests(*key, *numbers) for key, numbers in sorted(counted.items()))
