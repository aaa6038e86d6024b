"""What came of making a catalogue's scores again: as a table for a terminal, as records, and as rows for a CSV."""

import csv
import io
from collections.abc import Callable, Iterator, Mapping, Sequence

from scoring.from_catalogue import Difference, Key, Made, Profile
from scoring.outcome import record, table
from scoring.scale import in_own_points
from scoring.swing import swing

COLUMNS = ("profile", "subject_type", "subject", "pillar", "point", "low", "high", "known", "n", "own_point", "out_of",
           "stored_point")  # fmt: skip
MOST = 10
"""Differences, and movers, that are printed; JSON has them all."""
MOVED = 1.0
"""Points from which a provider is said to have moved."""
_PORTAL: Key = ("portal", "", "")


def profile_record(made: Made) -> dict[str, object]:
    """Return one rubric's score of the portal as `scoring.outcome.standing` tells it."""
    whole = made.scores.get(_PORTAL)
    row = (whole.point, whole.low, whole.high, whole.known, whole.n) if whole else None
    counted = [each for each in made.datasets if each.counts and each.dataset not in made.failed]
    return record(made.rubric, row, swing(made.rubric, counted) if counted else None)


def rows(made: Made) -> Iterator[dict[str, object]]:
    """Yield every score as a row of `COLUMNS`, sorted; ``stored_point`` is that of the scores it is laid beside."""
    for key in sorted(made.scores):
        one, out_of = made.scores[key], made.rubric.out_of
        stored = one.point if made.kept else made.stored.get(key)
        own = in_own_points(one.point, out_of)
        told = (one.point, one.low, one.high, one.known, one.n, own, out_of, stored)
        yield dict(zip(COLUMNS, (made.rubric.profile, *key, *told), strict=True))


def as_csv(found: Sequence[Made], cell: Callable[[object], object]) -> str:
    """Return every score as CSV with a head; ``cell`` makes a value safe for a spreadsheet."""
    sink = io.StringIO()
    writer = csv.writer(sink)
    writer.writerow(COLUMNS)
    for made in found:
        writer.writerows([cell(value) for value in row.values()] for row in rows(made))
    return sink.getvalue()


def as_record(found: Sequence[Made], lost: Sequence[Profile]) -> dict[str, object]:
    """Return all of it for a program: the portal by each profile, every score, what differs, what could not be made."""
    return {
        "profiles": [profile_record(made) for made in found],
        "scores": [row for made in found for row in rows(made)],
        "differ": [
            {"profile": made.rubric.profile, **dict(zip(("subject_type", "subject", "pillar"), each.key, strict=True)),
             "number": each.number, "made": each.made, "stored": each.stored}
            for made in found for each in made.differ
        ],
        "compared": sum(len(made.scores) for made in found if made.kept),
        "beside": {made.rubric.profile: made.beside for made in found if made.beside},
        "unmeasured": {made.rubric.profile: made.unmeasured for made in found if made.unmeasured},
        "not_made": [each.name for each in lost],
    }  # fmt: skip


def lines(found: Sequence[Made], lost: Sequence[Profile]) -> list[str]:
    """Return what is to be said of ``found`` at 78 columns: the table, then what differs and what moved.

    ``lost`` are the profiles whose file is not in the catalogue.
    """
    told = table([made.rubric for made in found], [profile_record(made) for made in found])
    for each in lost:
        told.append(f"{each.name}: its file is not in this catalogue, or cannot be read by this version.")
    compared = [made for made in found if made.kept]
    if compared:
        told += _compared(compared)
    for made in found:
        if not made.kept:
            told += _moves(made)
    return told


def _compared(found: Sequence[Made]) -> list[str]:
    whole = sum(len(made.scores) for made in found)
    wrong = [(made.rubric.profile, each) for made in found for each in made.differ]
    if not wrong:
        return [f"{whole:,} scores made again; all are those in the file, to the last digit."]
    subjects = len({(profile, each.key) for profile, each in wrong})
    told = [f"{whole:,} scores made again; {subjects:,} are not those in the file:"]
    told += [f"  {profile} {in_words(each)}" for profile, each in wrong[:MOST]]
    return [*told, *([f"  and {len(wrong) - MOST:,} more: --json lists them."] if len(wrong) > MOST else [])]


def in_words(each: Difference) -> str:
    """Return one difference as a line: ``provider hk-td timely: point 61.2 here, 62.2 in the file``."""
    named = " ".join(part for part in each.key if part)
    made, stored = (str("none" if value is None else value)[:60] for value in (each.made, each.stored))
    return f"{named}: {each.number} {made} here, {stored} in the file"


def _moves(made: Made) -> list[str]:
    """Return what a rubric of one's own does to the points that stand by the profile it is laid beside."""
    name = made.rubric.profile
    told = [f"{name}: no measure {each} is in this catalogue, so it is unknown." for each in made.unmeasured]
    pairs = moved(made)
    if _PORTAL not in pairs:
        return told
    was, now = pairs[_PORTAL]
    movers = sorted(
        ((now - was, key[1], was, now) for key, (was, now) in pairs.items()
         if key[0] == "provider" and abs(now - was) >= MOVED),
        key=lambda each: (-abs(each[0]), each[1]),
    )  # fmt: skip
    providers = sum(key[0] == "provider" for key in pairs)
    told.append(f"{name} beside the stored {made.beside}: portal {was:.1f} -> {now:.1f};")
    told.append(f"  {len(movers):,} of {providers:,} providers move by {MOVED:g} point or more, of 100.")
    if len(movers) > MOST:
        told[-1] = f"{told[-1][:-1]}, the most:"
    told += [f"  {slug:<24.24} {was:5.1f} -> {now:5.1f}  ({change:+.1f})" for change, slug, was, now in movers[:MOST]]
    return told


def moved(made: Made) -> Mapping[Key, tuple[float, float]]:
    """Return the stored point and that made here of each whole score that has both, 0-100."""
    found = {}
    for key, one in made.scores.items():
        was = made.stored.get(key)
        if not key[2] and was is not None and one.point is not None:
            found[key] = (was, one.point)
    return found
