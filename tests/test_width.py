"""How many shards are out at once: as many as hosts need, and no more than our own processor can serve."""

from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from itertools import chain, repeat

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harvester.fanout import SHARD, Patience, Shard, fan_out
from harvester.records import Visit
from harvester.store.visits import Due, Seen
from harvester.width import CROWDED, IDLE, Load, Width


@given(st.integers(1, 64), st.lists(st.floats(0, 4)))
def test_the_width_follows_the_processor(most: int, shares: list[float]) -> None:
    """It never leaves its bounds, falls only where the processor is crowded, and grows only where it is idle."""
    width = Width(most)
    for share in shares:
        before = width.now
        width.heard(share)
        assert 1 <= width.now <= most
        assert (width.now < before) <= (share > CROWDED)
        assert (width.now > before) <= (share < IDLE)
    for _ in range(7):
        width.heard(0.0)
    assert width.now == most


def test_the_load_is_told_only_after_it_was_watched() -> None:
    """The share is processor time over time, since it was last told."""
    used, now = iter([1.0, 1.05, 1.25, 1.45]), iter([10.0, 10.05, 10.5, 11.5])
    load = Load(lambda: next(used), lambda: next(now))
    assert [load(), load(), load()] == [None, pytest.approx(0.5), pytest.approx(0.2)]


class _AtOnce(ThreadPoolExecutor):
    """Has done each shard by the time it is handed over, and counts how many came between two looks."""

    def __init__(self, shares: Iterator[float | None]) -> None:
        super().__init__(1)
        self.shares = shares
        self.widths = [0]

    def submit(self, _: object, shard: Shard) -> Future[list[Seen]]:  # type: ignore[override]
        self.widths[-1] += 1
        future: Future[list[Seen]] = Future()
        future.set_result([Seen(due.id, Visit(due.url, "", due.attempt, "ok")) for due in shard])
        return future

    def look(self) -> float | None:
        self.widths.append(0)
        return next(self.shares)


def test_fewer_shards_are_out_where_the_processor_is_crowded() -> None:
    """Of ten hosts two are asked at first, one while the processor is crowded, and up to eight when it has time."""
    plan = [Due(number, f"u{number}", f"h{number % 10}") for number in range(600 * SHARD)]
    shares = chain(repeat(None, 1), repeat(1.0, 6), repeat(0.1, 6), repeat(0.7))
    patience = Patience(1e9, lambda *_: None, now=lambda: 0.0)
    with _AtOnce(shares) as executor:
        done = sum(map(len, fan_out(plan, lambda _: [], executor, 8, patience, load=executor.look)))
    assert done == len(plan)
    assert executor.widths[:15] == [0, 2, 1, 1, 1, 1, 1, 1, 2, 4, 8, 8, 8, 8, 8]
