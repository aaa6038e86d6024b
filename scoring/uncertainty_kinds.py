"""What of a dataset's score could have been otherwise, laid out in arrays: `scoring.uncertainty` draws over them. Pure.

Datasets about which a rubric reads the same are one kind, so that thousands of datasets are some hundred rows.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import chain, pairwise

import numpy as np
import numpy.typing as npt

from scoring.criteria import CRITERIA
from scoring.criteria.base import NO, YES, Value
from scoring.rubric import Gate, Modifier, Rubric
from scoring.score import DatasetScore, Inner, deduction, gate_factor

HALF = 0.25
"""How far an answer between yes and no may lie from what it counts: partly is worth 0.25 to 0.75 (one half)."""
ONLINE = "online"
"""The criterion that is about the state of links."""
LEFT_OUT = (-1.0, -1.0)
"""Of an item whose question does not arise and that the rubric leaves out of the weights."""

Floats = npt.NDArray[np.float64]
Integers = npt.NDArray[np.int64]
Span = tuple[float, float]
"""What something counts when chance is 0, and when it is 1."""


@dataclass(frozen=True, slots=True)
class Link:
    """Where a dataset can be had from, and in which share (0-1) of the time it could."""

    host: str
    uptime: float


@dataclass(frozen=True, slots=True, order=True)
class Cells:
    """What each item, modifier and gate of a rubric counts: values 0-1, points taken, factors."""

    items: tuple[Span, ...]
    taken: tuple[Span, ...]
    factors: tuple[Span, ...]


@dataclass(frozen=True, slots=True, order=True)
class Kind:
    """Datasets a rubric cannot tell apart: their point (0-100), and what could have been otherwise.

    ``states`` are what they are while their links are in one state, and the share of the time (0-1) they are;
    ``host`` is whose state that is, where there are several.
    """

    point: float
    host: str
    states: tuple[tuple[float, Cells], ...]


@dataclass(frozen=True, slots=True)
class Numbers:
    """Kinds in arrays, providers in order.

    Of the datasets: ``points`` (each one's kind), ``size_of`` and ``start_of`` (how many its provider has, and where
    they start). Of the kinds: ``point`` (0-100), ``first_kind`` each provider's first. Of the rows, one for each state
    of a kind: ``kind``, ``provider``, ``first_row`` each provider's first, whose chance (``host``, of ``hosts``) means
    this state from where to where (``up_from``, ``up_to``), and what items, then modifiers and gates, count: ``low`` +
    chance x ``span``; ``counted`` is 1 where an item is not left out. ``rest`` is what a modifier or gate is where it
    does nothing.
    """

    weights: Floats
    sizes: Floats
    points: Integers
    size_of: Integers
    start_of: Integers
    point: Floats
    first_kind: Integers
    kind: Integers
    provider: Integers
    first_row: Integers
    host: Integers
    hosts: int
    up_from: Floats
    up_to: Floats
    low: Floats
    span: Floats
    counted: Floats
    low_after: Floats
    span_after: Floats
    rest: tuple[float, ...]
    modifiers: int

    @property
    def chances(self) -> int:
        """How many uncertain things a provider has: items, modifiers, gates."""
        return len(self.weights) + len(self.rest)


def near(uptime: float) -> float:
    """Return a share of the time (0-1) in whole hundredths."""
    return round(uptime, 2)


def kind_of(rubric: Rubric, each: DatasetScore, link: Link | None = None) -> Kind:
    """Return the kind of a dataset that has a point.

    Where its link is either up or down today and was not always so, it has two states, with the shares of the time
    they had; in whole hundredths, so that kinds stay few.
    """
    point, today = each.score.point or 0.0, each.values.get(ONLINE)
    share = 1.0 if link is None else near(link.uptime)
    if link is None or not 0 < share < 1 or today not in (NO, YES) or ONLINE in each.bounds:
        return Kind(point, "", ((1.0, cells(rubric, each)),))
    states = ((share, cells(rubric, each, YES)), (1.0 - share, cells(rubric, each, NO)))
    return Kind(point, link.host, states)


def cells(rubric: Rubric, each: DatasetScore, link: Value = None) -> Cells:
    """Return what each part of a rubric counts for a dataset, its links in state ``link`` (None: as they are)."""
    values = each.values if link is None else {**each.values, ONLINE: link}
    whole = Inner(rubric, values, each.bounds, each.apart)
    items = []
    for item in rubric.items:
        if item.weight <= 0:
            continue
        value, low, high = whole.item(item)
        span = _spread(item.criterion, value) if value is not None and low == high else (low, high)
        items.append(LEFT_OUT if item.criterion in each.apart else span)
    return Cells(
        tuple(items),
        tuple(_modified(modifier, whole) for modifier in rubric.modifiers),
        tuple(_gated(gate, whole) for gate in rubric.gates),
    )


def _spread(name: str, value: float) -> Span:
    """Return what a value may be worth: a judgement between yes and no a little more or less, a count what it is."""
    if name not in CRITERIA or value in (NO, YES):
        return value, value
    return max(NO, value - HALF), min(YES, value + HALF)


def _raw(name: str, whole: Inner) -> Span | None:
    value, low, high = whole.raw(name)
    if value is None:
        return None
    return _spread(name, value) if low == high else (low, high)


def _modified(modifier: Modifier, whole: Inner) -> Span:
    span = _raw(modifier.criterion, whole)
    return (0.0, 0.0) if span is None else (deduction(modifier, span[0]), deduction(modifier, span[1]))


def _gated(gate: Gate, whole: Inner) -> Span:
    span = _raw(gate.criterion, whole)
    return (gate.assumed, gate.assumed) if span is None else (gate_factor(gate, span[0]), gate_factor(gate, span[1]))


def numbers(rubric: Rubric, held: Mapping[str, Sequence[Kind]]) -> Numbers:
    """Return each provider's kinds (sorted, at least one) in arrays."""
    different = [sorted(set(kinds)) for kinds in held.values()]
    sizes = [len(kinds) for kinds in held.values()]
    first_kind = _starts([len(kinds) for kinds in different])
    place = [
        {kind: first + at for at, kind in enumerate(kinds)} for first, kinds in zip(first_kind, different, strict=True)
    ]
    rows = [
        (provider, place[provider][kind], kind.host, *state)
        for provider, kinds in enumerate(different)
        for kind in kinds
        for state in _placed(kind)
    ]
    hosts = {name: at for at, name in enumerate(sorted({row[2] for row in rows}))}
    laid = [row[-1] for row in rows]
    items = _array([each.items for each in laid])
    after = _array([(*each.taken, *each.factors) for each in laid])
    counted = (items[:, :, 0] >= 0).astype(np.float64)
    return Numbers(
        weights=np.array([item.weight for item in rubric.items if item.weight > 0], dtype=np.float64),
        sizes=np.array(sizes, dtype=np.float64),
        points=np.array([at[kind] for at, kinds in zip(place, held.values(), strict=True) for kind in kinds]),
        size_of=np.repeat(sizes, sizes),
        start_of=np.repeat(_starts(sizes), sizes),
        point=np.array([kind.point for kind in chain(*different)]),
        first_kind=np.array(first_kind),
        kind=np.array([row[1] for row in rows]),
        provider=np.array([row[0] for row in rows]),
        first_row=np.searchsorted([row[0] for row in rows], np.arange(len(held))),
        host=np.array([hosts[row[2]] for row in rows]),
        hosts=len(hosts),
        up_from=np.array([row[3] for row in rows]),
        up_to=np.array([row[4] for row in rows]),
        low=items[:, :, 0] * counted,
        span=(items[:, :, 1] - items[:, :, 0]) * counted,
        counted=counted,
        low_after=after[:, :, 0],
        span_after=after[:, :, 1] - after[:, :, 0],
        rest=(*(0.0 for _ in rubric.modifiers), *(1.0 for _ in rubric.gates)),
        modifiers=len(rubric.modifiers),
    )


def _array(spans: Sequence[Sequence[Span]]) -> Floats:
    """Return rows of spans as rows x parts x 2, also where a rubric has no such parts."""
    return np.array(spans, dtype=np.float64).reshape(len(spans), -1, 2)


def _starts(sizes: Sequence[int]) -> list[int]:
    starts = [0]
    for size in sizes[:-1]:
        starts.append(starts[-1] + size)
    return starts


def _placed(kind: Kind) -> list[tuple[float, float, Cells]]:
    """Return a kind's states with where in 0-1 a link's chance means each."""
    ends = [0.0]
    for share, _ in kind.states:
        ends.append(ends[-1] + share)
    ends[-1] = 2.0  # a chance is below 1, and the last state has all that is left
    return [(low, high, state) for (low, high), (_, state) in zip(pairwise(ends), kind.states, strict=True)]
