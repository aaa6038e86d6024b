"""Whether two profiles put the same subjects in the same order: rank correlations that know of ties. Pure."""

from bisect import bisect_right, insort
from collections import Counter
from collections.abc import Sequence
from math import sqrt

DECIMALS = 6
"""Decimals a correlation is kept to."""
LEAST = 2
"""Subjects under which there is no order to agree on."""


def spearman(one: Sequence[float], two: Sequence[float]) -> float | None:
    """Return Spearman's rank correlation (-1 to 1): Pearson's of the ranks, equal values sharing their mean rank.

    None where there are fewer than two subjects, or one of the sides has them all equal.
    """
    a, b = _ranks(one), _ranks(two)
    middle = (len(a) + 1) / 2
    spread = sqrt(sum((x - middle) ** 2 for x in a) * sum((y - middle) ** 2 for y in b))
    if len(a) < LEAST or not spread:
        return None
    return round(sum((x - middle) * (y - middle) for x, y in zip(a, b, strict=True)) / spread, DECIMALS)


def kendall(one: Sequence[float], two: Sequence[float]) -> float | None:
    """Return Kendall's tau-b (-1 to 1): pairs ordered alike less pairs ordered otherwise, over those not tied.

    By counting inversions (W. R. Knight, "A computer method for calculating Kendall's tau with ungrouped data",
    Journal of the American Statistical Association 61, 1966). None as `spearman`.
    """
    pairs = sorted(zip(one, two, strict=True))
    against = 0
    seen: list[float] = []
    for _, y in pairs:
        against += len(seen) - bisect_right(seen, y)
        insort(seen, y)
    whole = len(pairs) * (len(pairs) - 1) // 2
    tied_one, tied_two, tied_both = (_tied(each) for each in (one, two, pairs))
    spread = (whole - tied_one) * (whole - tied_two)
    if spread <= 0:
        return None
    return round((whole - tied_one - tied_two + tied_both - 2 * against) / sqrt(spread), DECIMALS)


def _ranks(values: Sequence[float]) -> list[float]:
    """Return each value's rank from 1, equal ones at the mean of their places."""
    order = sorted(values)
    first: dict[float, int] = {}
    for place, value in enumerate(order, 1):
        first.setdefault(value, place)
    count = Counter(values)
    return [first[value] + (count[value] - 1) / 2 for value in values]


def _tied(values: Sequence[object]) -> int:
    return sum(amount * (amount - 1) // 2 for amount in Counter(values).values())
