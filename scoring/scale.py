"""A profile's own scale: our scores run from 0 to 100, its own points to whatever it has."""

from scoring.rubric import Rubric

MANY, FEW = 100.0, 5.0


def in_own_points(point: float | None, out_of: float) -> float | None:
    """Return a point of ours (0-100) on a scale of ``out_of`` points, to six decimals as scores; None where none is."""
    return None if point is None else round(point * out_of / 100, 6)


def decimals(out_of: float) -> int:
    """Return how many decimals a mean is told with on a scale of ``out_of`` points: about a thousandth of it."""
    return 0 if out_of > MANY else 1 if out_of >= FEW else 2


def band_from(rubric: Rubric, cut: float) -> float:
    """Return where a band begins in the profile's own points; ``cut`` is in ours (0-100)."""
    return round(cut * rubric.out_of / 100, 6)
