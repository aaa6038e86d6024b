"""Places in a file as facts of an answer: plain values that a sentence can name and a worklist can list.

``in_rows`` (or ``in_records``) are the numbers of the first rows, ``cells`` is how many cells there are in all, and
``places`` holds the same rows with what stands there: a line each, the row's number and the value with a tab between.
``position`` is the column's number, ``unit`` what is counted.
"""

from collections.abc import Iterator, Sequence

from harvester.records import Column, Place, Profile
from scoring.criteria.base import Fact

MOST = 5
"""Places that an answer names; the file has the rest."""
VALUE = 60


def first_places(profile: Profile, column: Column | None, places: Sequence[Place], cells: int) -> dict[str, Fact]:
    """Return the facts that tell where ``places`` of ``column`` are; none where the profile kept none."""
    if not places or profile.unit is None:
        return {}
    told = places[:MOST]
    facts: dict[str, Fact] = {
        f"in_{profile.unit}s": ", ".join(str(place.row) for place in told),
        "cells": max(cells, len(told)),
        "places": "\n".join(f"{place.row}\t{_on_one_line(place.value)}" for place in told),
        "unit": profile.unit,
    }
    position = next((i for i, each in enumerate(profile.columns) if each is column), None)
    if position is not None and profile.unit == "row":
        facts["position"] = position + profile.first_column
    return facts


def read_places(facts: dict[str, Fact]) -> Iterator[tuple[str, str]]:
    """Yield the row (or record) and the value of each place that an answer's facts name."""
    for line in str(facts.get("places", "")).splitlines()[:MOST]:
        row, tab, value = line.partition("\t")
        if tab and row.isdecimal():
            yield row, value


def _on_one_line(value: str) -> str:
    return "".join(letter if letter.isprintable() else " " for letter in value[:VALUE])
