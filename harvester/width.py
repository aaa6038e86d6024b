"""How many shards are under way at once: never more than our own processor can serve.

Threads of one Python process take turns at one processor. Where answers come faster than it can take them in, more
threads bring nothing sooner and spend their time handing the turn to each other: with 32 of them a check of links that
answer at once cost half as much again as with one. Hosts that take their time are what many threads are for.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass, field

CROWDED, IDLE = 0.9, 0.5
"""Shares of one processor above which fewer, and below which more, shards are sent out."""
FIRST = 2
"""How many go out before anything is known of them: where hosts take their time, more follow within half a second."""
LOOK_SECONDS = 0.1
"""How long the processor is watched before it is believed; its clock may count in steps of a hundredth."""


@dataclass(slots=True)
class Width:
    """How many may be out now, from 1 to ``most``; it halves where the processor is crowded and doubles where not."""

    most: int
    now: int = field(init=False)

    def __post_init__(self) -> None:
        self.now = min(FIRST, self.most)

    def heard(self, share: float) -> None:
        """Take in which share of one processor this process used lately (0 to 1, or more where it used several)."""
        if share > CROWDED:
            self.now = max(1, self.now // 2)
        elif share < IDLE:
            self.now = min(self.most, self.now * 2)


class Load:
    """Tells the share of one processor that this process used since it was last told; None where that is too recent."""

    def __init__(
        self, used: Callable[[], float] = time.process_time, now: Callable[[], float] = time.monotonic
    ) -> None:
        self._used, self._now = used, now
        self._last = (used(), now())

    def __call__(self) -> float | None:
        """Return the share, from 0 to as many as there are processors."""
        used, now = self._used(), self._now()
        seconds = now - self._last[1]
        if seconds < LOOK_SECONDS:
            return None
        share = (used - self._last[0]) / seconds
        self._last = (used, now)
        return share
