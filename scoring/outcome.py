"""What a scoring came to, profile by profile, as a table for a terminal of 80 columns and as records for a program."""

from collections.abc import Mapping, Sequence

from sqlite_utils import Database

from scoring.rubric import Rubric
from scoring.scale import decimals, in_own_points
from scoring.score import ENOUGH_KNOWN
from scoring.swing import Swing

Told = Mapping[str, object]
_STANDING = """
SELECT point, low, high, known, n FROM score
WHERE subject_type = 'portal' AND pillar = '' AND until IS NULL AND profile = ? AND rubric_digest = ?
"""
_HEAD = ("profile", "points", "range", "known", "band", "licence")
_WIDTHS = (22, 12, 12, 5, 14, 8)
_LEGEND = (
    "licence: the points that the portal's terms are worth as one;",
    "in brackets where the profile does not count them.",
)


def standing(db: Database, rubrics: Sequence[Rubric], swings: Mapping[str, Swing]) -> list[dict[str, object]]:
    """Return the portal's standing score by each rubric: 0-100 as stored, ``own`` in the profile's own points.

    ``band`` is in English, None under 60 % known; ``licence`` is None where the scoring was not done just now.
    """
    return [
        record(rubric, db.execute(_STANDING, [rubric.profile, rubric.digest]).fetchone(), swings.get(rubric.profile))
        for rubric in rubrics
    ]


def record(
    rubric: Rubric, row: tuple[float | None, float, float, float, int] | None, swing: Swing | None
) -> dict[str, object]:
    """Return one rubric's score of the portal as `standing` tells it; ``row`` is point, low, high, known, n."""
    point, low, high, known, n = row or (None, None, None, None, 0)
    band = rubric.band(point) if known is not None and known >= ENOUGH_KNOWN else None
    return {
        "profile": rubric.profile, "version": rubric.version, "digest": rubric.digest, "datasets": n,
        "point": point, "low": low, "high": high, "known": known, "band": band.title.en if band else None,
        "own": {name: in_own_points(value, rubric.out_of)
                for name, value in (("point", point), ("low", low), ("high", high), ("out_of", 100.0))},
        "licence": None if swing is None else {
            "applies": swing.applies, "applied": _tidy(swing.applied), "without": _tidy(swing.without),
            "points": _tidy(swing.points)},
    }  # fmt: skip


def _tidy(number: float | None) -> float | None:
    return None if number is None else round(number, 6)


def table(rubrics: Sequence[Rubric], told: Sequence[Told]) -> list[str]:
    """Return ``told`` (of `standing`, in the order of ``rubrics``) as lines of a table, at most 78 columns wide."""
    rows = [_HEAD, *(_row(rubric, one) for rubric, one in zip(rubrics, told, strict=True))]
    lines = [
        " ".join(_fit(cell, width, right=place in (1, 2, 3, 5)) for place, (cell, width) in enumerate(
            zip(row, _WIDTHS, strict=True))).rstrip()
        for row in rows
    ]  # fmt: skip
    return [*lines, *_LEGEND] if any(one["licence"] for one in told) else lines


def _row(rubric: Rubric, told: Told) -> tuple[str, ...]:
    own, known, licence = told["own"], told["known"], told["licence"]
    if not isinstance(own, Mapping) or own["point"] is None or not isinstance(known, float):
        return (rubric.profile, "-", "-", "-", "-", "-")
    places = decimals(rubric.out_of)
    point = f"{own['point']:.{places}f}"
    share = f"{known:.0%}" if known >= ENOUGH_KNOWN else f"({known:.0%})"
    worth = "-"
    if isinstance(licence, Mapping):
        worth = f"{in_own_points(float(licence['points']), rubric.out_of):.{places}f}"
        worth = worth if licence["applies"] else f"({worth})"
    span = f"{own['low']:.{places}f}-{own['high']:.{places}f}"
    return (rubric.profile, f"{point} of {rubric.out_of:g}", span, share, str(told["band"] or "-"), worth)


def _fit(text: str, width: int, *, right: bool) -> str:
    text = text if len(text) <= width else f"{text[: width - 1]}…"
    return text.rjust(width) if right else text.ljust(width)
