"""Harmless look-alikes of faults in what a table says: odd words, signs and figures that are right as they are."""

import json
from collections.abc import Callable
from random import Random

from sample_portal.bodies import as_csv, as_json, records
from sample_portal.planting import Planting
from sample_portal.tables import Cell, Table

Change = Callable[[Table, Random], Table]


def rewritten(p: Planting, change: Change, criterion: str, why: str, form: str = "CSV", *, expect: str = "yes") -> None:
    """Add a sound file whose table is what `change` makes of the dataset's own, and note that it is sound."""
    item = p.own(form)
    writer = {"CSV": as_csv, "JSON": as_json}[form]
    p.rewrite(item, 0, lambda table, rng: writer(change(table, rng)))
    p.note(criterion, expect, why, item)


def with_column(label: str, values: Callable[[Random], Cell]) -> Change:
    """Return the change that adds a column of drawn values."""

    def change(table: Table, rng: Random) -> Table:
        return Table([*table.labels, label], [[*row, values(rng)] for row in table.rows])

    return change


def _turn(p: Planting, choices: int) -> int:
    """Return which variant's turn it is: another one with each plant, and beginning elsewhere with each seed."""
    return (p.nth + p.making.seed) % choices


GAPLIKE: tuple[tuple[str, tuple[Cell, ...], str], ...] = (
    ("Sex", ("M", "F"), "the letters are values"),
    ("Wind", ("Calm", "Variable", "Northerly"), "calm and variable winds are winds"),
    ("Rainfall (mm)", ("Trace", 0.0, 0.4, 12.5, 3.0, 0.0, 7.5), "a trace of rain was measured"),
    ("Religion", ("N.A.", "N.A.", "N.A.", "Buddhism", "Christianity"), "to have no religion is an answer"),
    ("Gate 12", (None,), "a spare column of the form, for all anyone can tell"),
    ("Fax", (None, None, "2123 4567"), "not everyone has a fax"),
)


def words_like_gaps(p: Planting) -> None:
    """A column whose words or blanks look like missing values and are none."""
    label, words, why = GAPLIKE[_turn(p, len(GAPLIKE))]
    rewritten(p, with_column(label, lambda rng: rng.choice(words)), "missing_data", why)


def short_labels(p: Planting) -> None:
    """Coordinates under X and Y, as coordinates are called."""

    def change(table: Table, rng: Random) -> Table:
        rows: list[list[Cell]] = [
            [*row, rng.randint(830_000, 846_000), rng.randint(815_000, 836_000)] for row in table.rows
        ]
        return Table([*table.labels, "X", "Y"], rows)

    rewritten(p, change, "fields", "X and Y are names", ("CSV", "JSON")[p.nth % 2])


ALIKE: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("Place", ("North Point", "North", "Queen's Road East", "Queen's Road West", "Block A", "Block B")),
    ("Rating", ("Class A", "Class A+", "Class A-", "Class B")),
    ("Stop code", ("ABCD", "abcd", "AB-CD", "EFGH")),
    ("Website", ("https://www.school.example", "https://www.school.example/", "https://www.club.example")),
    ("Opening hours", ("Mon to Fri: office hours", "Mon to Fri:office hours", "Daily: all day")),
)


def neighbours(p: Planting) -> None:
    """Values that are alike and mean different things, or that are no names at all."""
    label, words = ALIKE[_turn(p, len(ALIKE))]
    rewritten(p, with_column(label, lambda rng: rng.choice(words)), "consistent", "like, and not the same thing")


EXTREMES = (
    ("Net change", -900, 900),
    ("Temperature at Tai Mo Shan (degree Celsius)", -4, 12),
    ("Year-on-year growth (%)", -60, 240),
    ("Download speed (Mbps)", 100, 2500),
    ("Imports as a percentage of GDP (%)", 150, 190),
    ("Flue gas temperature (degree Celsius)", 850, 1100),
    ("Latitude of the typhoon's centre", 9, 22),
)


def true_extremes(p: Planting) -> None:
    """Values that look impossible and are not: frost on a hill, a fall in numbers, trade beyond all that is made."""
    label, low, high = EXTREMES[_turn(p, len(EXTREMES))]
    tenth = 0.3 if high == 22 else 0.0
    values = with_column(label, lambda rng: rng.randint(low, high) + tenth)
    rewritten(p, values, "plausible", "unusual, and true", expect="yes unknown")


def own_grid(p: Planting) -> None:
    """GeoJSON in Hong Kong's own grid, as it says itself."""
    item = p.own("JSON")

    def write(table: Table, rng: Random) -> bytes:
        crs = {"type": "name", "properties": {"name": "EPSG:2326"}}
        features = [
            {
                "type": "Feature",
                "geometry": {"type": "Point", "coordinates": [rng.randint(803_000, 860_000), 820_000]},
                "properties": record,
            }
            for record in records(table)
        ]
        return json.dumps({"type": "FeatureCollection", "crs": crs, "features": features}).encode()

    p.rewrite(item, 0, write)
    p.note("machine_readable", "yes", "the grid is told, and every map program knows it", item)
