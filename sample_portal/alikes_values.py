"""Harmless look-alikes of faults in what a table says: odd words, signs and figures that are right as they are."""

import json
from collections.abc import Callable
from datetime import timedelta
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
    p.document(*change(p.draft.series.table(0), Random(0)).labels)
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
    ("Change in share of total (percentage points)", -30, 140),
    ("Decrease in the number of passengers", -900, 420),
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


ABROAD: tuple[tuple[str, tuple[tuple[str, float, float], ...], str], ...] = (
    (
        "Destination",
        (("Guangzhou", 23.1291, 113.2644), ("Macao", 22.1987, 113.5439), ("Wuhan Airport", 30.7838, 114.2081),
         ("Tokyo Narita Airport", 35.772, 140.3929), ("Sydney Airport", -33.9399, 151.1753)),
        "destinations are where they are",
    ),
    (
        "Office",
        (("Beijing Office", 39.9087, 116.4605), ("Wuhan Liaison Unit", 30.5928, 114.3055),
         ("London Office", 51.5163, -0.1427)),
        "some offices are abroad, one of them due north",
    ),
    (
        "Coach stop",
        (("Huizhou South", 22.7905, 114.4712), ("Dongguan Humen", 22.8174, 113.6732),
         ("Zhuhai Port", 22.2153, 113.5539)),
        "coaches cross the boundary",
    ),
)  # fmt: skip


def places_abroad(p: Planting) -> None:
    """Places outside Hong Kong that are meant: airports, offices and stops beyond the boundary."""
    label, elsewhere, why = ABROAD[_turn(p, len(ABROAD))]

    def change(table: Table, rng: Random) -> Table:
        rows: list[list[Cell]] = []
        for number, row in enumerate(table.rows):
            spot = elsewhere[number // 12 % len(elsewhere)]
            home = (f"Stop {number}", round(rng.uniform(22.25, 22.45), 4), round(rng.uniform(114.0, 114.2), 4))
            rows.append([row[0], *row[2:], *(spot if number % 12 == 5 else home)])
        return Table([table.labels[0], *table.labels[2:], label, "Latitude", "Longitude"], rows)

    rewritten(p, change, "plausible", why, ("CSV", "JSON")[p.nth % 2])


FAR_AND_TRUE: tuple[tuple[str, tuple[str, ...], str], ...] = (
    ("Expiry date", ("2047-06-30", "2051-03-31"), "leases run to 2047 and beyond"),
    ("Date of completion (planned)", ("2034-12-31",), "what is planned lies ahead"),
    ("Date of establishment", ("1841-06-07", "1865-03-03", "1900-01-01"), "old houses are old"),
    ("Effective to", ("9999-12-31",), "no end is written so"),
    ("Date of inspection", ("9999-12-31",), "no end is written so, whatever the label"),
    ("Date of birth", ("1904-01-01", "1931-10-02"), "someone was born on that day"),
)


def far_and_true(p: Planting) -> None:
    """Dates far from all others that are right, and those that stand for "no end"."""
    label, far, why = FAR_AND_TRUE[_turn(p, len(FAR_AND_TRUE))]
    ends = p.draft.series.ends

    def change(table: Table, rng: Random) -> Table:
        days = [(ends - timedelta(days=rng.randint(0, 900))).isoformat() for _ in table.rows]
        for number in range(7, len(days), 25):
            days[number] = far[number % len(far)]
        return Table([*table.labels, label], [[*row, day] for row, day in zip(table.rows, days, strict=True)])

    rewritten(p, change, "plausible", why, expect="yes unknown")
