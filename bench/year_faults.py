"""What goes wrong in a simulated year, and when: planted here, so that who watches and who judges are told apart.

Moments are hours of true time since the year began; the clock on the wall may be wrong by then.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

Kind = Literal[
    "crash", "stop", "asleep", "clock-back", "clock-forward", "disk-full", "portal-away", "network-away", "busy",
    "locked",
]  # fmt: skip
DAY = 24.0
NIGHT = 2.5
"""The hour of the nightly scan in Hong Kong."""
LENGTHS: dict[Kind, tuple[float, float]] = {
    "crash": (NIGHT, 2.0), "stop": (NIGHT, 3.0), "asleep": (20.0, 50.0), "clock-back": (10.0, 3.0),
    "clock-forward": (11.0, 6.0), "disk-full": (1.2, 5.0), "portal-away": (1.0, 3 * DAY), "network-away": (1.4, 4.0),
    "busy": (1.6, 3.0), "locked": (1.8, 3.0),
}  # fmt: skip
"""At which hour of the day each begins in Hong Kong, and how many hours it lasts."""
EXPLAINS: dict[Kind, frozenset[str]] = {
    "crash": frozenset({"killed"}), "stop": frozenset({"stopped"}), "asleep": frozenset({"asleep"}),
    "clock-back": frozenset({"clock-forward"}), "clock-forward": frozenset({"clock-forward"}),
    "disk-full": frozenset({"disk-full"}), "portal-away": frozenset({"portal-away"}),
    "network-away": frozenset({"network-away", "portal-away"}), "busy": frozenset({"busy"}),
    "locked": frozenset({"database-locked"}),
}  # fmt: skip
"""The reasons that a fault makes true. A clock set back is set right again, which is forward; with our network gone a
harvest finds the portal silent."""


@dataclass(frozen=True, slots=True)
class Fault:
    """One fault: its kind, and from when to when it lasts, in hours of true time."""

    kind: Kind
    begins: float
    ends: float


def planted(days: int, first_day: int, every: int) -> Iterator[Fault]:
    """Yield faults of every kind in turn, one every so many days from ``first_day``, none of them near the end.

    The year begins at midnight in Hong Kong.
    """
    day, turn = first_day, 0
    kinds = list(LENGTHS)
    while True:
        kind = kinds[turn % len(kinds)]
        hour, length = LENGTHS[kind]
        begins = day * DAY + hour
        if begins + length > (days - 1) * DAY:
            return
        yield Fault(kind, begins, begins + length)
        day += max(every, int((hour + length) // DAY) + 1)
        turn += 1
