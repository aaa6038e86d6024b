"""What cannot be in this world: speeds, shares and counts beyond all bounds, places and dates that nobody meant."""

from dataclasses import dataclass

from harvester.quantities import HONG_KONG_BOX, axis_of, bounds_of, inside, is_slip
from harvester.records import Column, Oddity, Place, Profile
from scoring.criteria.base import NO, UNKNOWN, YES, Fact, Finding, resource_criterion
from scoring.criteria.values import profile_of
from scoring.facts import Case, ResourceFacts
from scoring.places import first_places

REASONS: dict[Oddity, str] = {
    "swapped": "swapped-coordinates", "beyond": "impossible", "outside": "outside-hong-kong", "far-date": "far-date",
}  # fmt: skip


@resource_criterion(
    "plausible",
    "Plausible values",
    {
        "possible": YES, "impossible": NO, "outside-hong-kong": NO, "swapped-coordinates": NO, "far-date": NO,
        "no-such-columns": UNKNOWN, "not-a-table": UNKNOWN, "not-reached": UNKNOWN, "no-resources": UNKNOWN,
    },
)  # fmt: skip
def plausible(facts: ResourceFacts, _case: Case) -> Finding:
    """Does every column whose label says what it holds stay within what is possible, each place and date in its own."""
    profile = profile_of(facts)
    if isinstance(profile, Finding):
        return profile
    wrong = [each for column in profile.columns if (each := _wrong(column, profile))]
    for each in sorted(wrong, key=lambda found: list(REASONS.values()).index(found.reason)):
        return Finding(each.reason, _facts(each, profile), facts.look.visit_ids)
    judged = any(_is_judged(column) for column in profile.columns)
    return Finding("possible", visits=facts.look.visit_ids) if judged else Finding("no-such-columns", applies=False)


@dataclass(frozen=True, slots=True)
class _Wrong:
    """What is wrong with one column: its most weighty oddity."""

    reason: str
    column: Column
    value: Fact
    what: str
    places: tuple[Place, ...] = ()
    cells: int = 0


def _is_judged(column: Column) -> bool:
    known = axis_of(column.label) is not None or bool(bounds_of(column.label))
    return column.low is not None and known


def _facts(wrong: _Wrong, profile: Profile) -> dict[str, Fact]:
    told = first_places(profile, wrong.column, wrong.places, wrong.cells)
    return {"column": wrong.column.label[:80], "value": wrong.value, "what": wrong.what, **told}


def _wrong(column: Column, profile: Profile) -> _Wrong | None:
    """Return what is wrong with a column: what its profile kept, or what its range tells where that kept no places."""
    for kind, reason in REASONS.items():
        for odd in column.odd:
            if odd.kind == kind and odd.places:
                return _Wrong(reason, column, odd.places[0].value, _what(column), odd.places, odd.count)
    if profile.unit is not None or column.low is None or column.high is None:
        return None
    return _by_range(column, column.low, column.high)


def _what(column: Column) -> str:
    """Return what a column with something odd in it holds, in a word of ours."""
    beyond = (rule for rule in bounds_of(column.label) for end in (column.low, column.high) if end is not None
              and rule.beyond(end))  # fmt: skip
    return axis_of(column.label) or next((rule.name for rule in beyond), "date")


def _by_range(column: Column, low: float, high: float) -> _Wrong | None:
    """Return what the lowest and highest value of a column tell, for profiles that kept no places."""
    axis = axis_of(column.label)
    if axis in HONG_KONG_BOX:
        odd = _odd_degree(axis, low, high)
        return None if odd is None else _Wrong("outside-hong-kong", column, odd, axis)
    for rule in bounds_of(column.label):
        for value in (low, high):
            if rule.beyond(value):
                return _Wrong("impossible", column, value, rule.name)
    return None


def _odd_degree(axis: str, low: float, high: float) -> float | None:
    """Return the degree that cannot be, None where all may.

    Tracks of typhoons and lists of offices abroad lie outside Hong Kong honestly; a column that reaches into the
    box at one end holds a slip where the other is nought, has the wrong sign, or is the pair's other half.
    """
    limit = 90.0 if axis == "latitude" else 180.0
    for value in (low, high):
        if abs(value) > limit:
            return value
    for value, other in ((low, high), (high, low)):
        if (inside(axis, other) and is_slip(axis, value)) or value == other == 0.0:
            return value
    return None
