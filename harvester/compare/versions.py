"""Two versions of one address: what became of the columns, the rows, the period and the way it is written."""

from collections.abc import Iterator, Sequence

from harvester.compare.cells import Cell, column, equal
from harvester.compare.languages import PLACES, VALUE_LENGTH
from harvester.compare.names import fold
from harvester.compare.records import Comparison, Difference, Fact, Shape, Table
from harvester.records import Column
from harvester.validate.grid import words

_KIN = {"ascii": "utf-8"}
"""Encodings that are read alike."""
FELL = 0.5
"""The share of its rows a version must keep; where fewer are left the rows collapsed."""
_CLASSES = {"integer": "number", "number": "number", "year": "number", "datetime": "date", "yearmonth": "date"}
"""Types between which a column may go with its values, without having become another column."""


def lay(old: Shape, new: Shape) -> Comparison:
    """Return what changed from ``old`` to ``new``, by what is stored of both: no body is needed.

    Columns are the same by their label; one that went and one that came at the same place, of the same type and like
    values, were renamed. ``moved`` tells whether the newest date in the data moved on (1), stayed (0) or fell back
    (-1); without dates in both it is not told.
    """
    facts: dict[str, Fact] = {}
    if old.rows is not None and new.rows is not None:
        facts |= {"rows_a": old.rows, "rows_b": new.rows}
    if old.latest and new.latest:
        facts |= {"latest_a": old.latest, "latest_b": new.latest}
        facts["moved"] = (new.latest > old.latest) - (new.latest < old.latest)
    found = list(_written(old, new))
    found += _columns(old.columns, new.columns) if old.columns and new.columns else ()
    found += _sizes(old, new)
    return Comparison(None, facts, tuple(found))


def needs_bodies(old: Shape, new: Shape) -> bool:
    """Whether only the bodies can tell what changed: by what is stored of them the two hold the same figures."""
    pairs = list(zip(old.columns, new.columns, strict=False))
    same = all((a.label, a.null_share, a.markers) == (b.label, b.null_share, b.markers) for a, b in pairs)
    ranges = all((a.low, a.high) == (b.low, b.high) or a.low is None for a, b in pairs)
    return bool(pairs) and len(old.columns) == len(new.columns) and old.rows == new.rows and same and ranges


def with_bodies(found: Comparison, old: Table, new: Table) -> Comparison:
    """Return ``found`` with what the cells tell of two versions that look alike.

    ``rewritten`` is the same table in other bytes, ``restamped`` one in which nothing but dates changed.
    """
    if old.cut or new.cut or len(old.rows) != len(new.rows) or len(old.labels) != len(new.labels):
        return found
    changed, dates = 0, []
    for place in range(len(old.labels)):
        pairs = zip(_cells(old, place), _cells(new, place), strict=True)
        for row, (one, two) in enumerate(pairs):
            if not equal(one, two):
                changed += 1
                if one.kind == two.kind == "day":
                    dates.append(_place(old, new, place, row))
    if changed and len(dates) < changed:
        return Comparison(None, {**found.facts, "cells": changed}, found.differences)
    told = tuple(dates[:PLACES]) if changed else (Difference("rewritten"),)
    return Comparison(None, {**found.facts, "cells": changed}, (*found.differences, *told))


def _cells(table: Table, place: int) -> list[Cell]:
    return column([row[place] if place < len(row) else None for row in table.rows])


def _place(old: Table, new: Table, place: int, row: int) -> Difference:
    return Difference(
        "restamped", old.labels[place], new.labels[place], old.numbers[row], new.numbers[row],
        words(old.rows[row][place])[:VALUE_LENGTH], words(new.rows[row][place])[:VALUE_LENGTH],
    )  # fmt: skip


def _written(old: Shape, new: Shape) -> Iterator[Difference]:
    pairs: list[tuple[str, object, object]] = [("format", old.format, new.format)]
    if old.format == new.format:
        pairs.append(
            ("encoding", _KIN.get(old.encoding or "", old.encoding), _KIN.get(new.encoding or "", new.encoding))
        )
        if old.dialect and new.dialect:
            pairs.append(("delimiter", old.dialect.delimiter, new.dialect.delimiter))
            pairs.append(("header-row", old.dialect.header_row, new.dialect.header_row))
    for code, one, two in pairs:
        if one != two:
            yield Difference(code, value_a=_text(one), value_b=_text(two))


def _text(value: object) -> str | None:
    return None if value is None else str(value)


def _columns(old: Sequence[Column], new: Sequence[Column]) -> Iterator[Difference]:
    places_old = {each.label: place for place, each in enumerate(old)}
    places_new = {each.label: place for place, each in enumerate(new)}
    lost = {label: place for label, place in places_old.items() if label not in places_new}
    added = {label: place for label, place in places_new.items() if label not in places_old}
    renamed = dict(_renamed(old, new, lost, added))
    for label, other in renamed.items():
        yield Difference("renamed", label, other)
    yield from (Difference("lost", label) for label in lost if label not in renamed)
    yield from (Difference("added", column_b=label) for label in added if label not in renamed.values())
    known = [(label, renamed.get(label, label)) for label in places_old if label not in lost or label in renamed]
    for one, two in known:
        a, b = old[places_old[one]], new[places_new[two]]
        if _class(a) != _class(b) and "any" not in (a.type, b.type) and a.distinct and b.distinct:
            yield Difference("retyped", one, two, value_a=a.type, value_b=b.type)
    order = [places_new[two] for _, two in known]
    if order != sorted(order):
        before, after = (
            ", ".join(labels)[:VALUE_LENGTH] for labels in ([one for one, _ in known], _ordered(known, places_new))
        )
        yield Difference("reordered", value_a=before, value_b=after)


def _ordered(known: Sequence[tuple[str, str]], places: dict[str, int]) -> list[str]:
    return sorted((two for _, two in known), key=lambda label: places[label])


def _renamed(
    old: Sequence[Column], new: Sequence[Column], lost: dict[str, int], added: dict[str, int]
) -> Iterator[tuple[str, str]]:
    """Yield each lost label and the one that took its place: spelled otherwise, or over values of the same kind."""
    left = dict(added)
    for label, place in lost.items():
        same = next((each for each in left if fold(each) == fold(label) != ""), None)
        if same is None and len(old) == len(new):
            same = next((each for each, at in left.items() if at == place and _like(old[place], new[at])), None)
        if same is not None:
            del left[same]
            yield label, same


def _like(a: Column, b: Column) -> bool:
    """Whether two columns may hold the same thing: of one type, and over ranges that meet or as many values."""
    if _class(a) != _class(b):
        return False
    if a.low is not None and a.high is not None and b.low is not None and b.high is not None:
        return a.low <= b.high and b.low <= a.high
    return min(a.distinct, b.distinct) >= FELL * max(a.distinct, b.distinct)


def _class(column_: Column) -> str:
    return "number" if column_.low is not None else _CLASSES.get(column_.type, column_.type)


def _sizes(old: Shape, new: Shape) -> Iterator[Difference]:
    if old.rows and new.rows is not None and new.rows < old.rows * FELL:
        yield Difference("rows-fell", value_a=str(old.rows), value_b=str(new.rows))
    if old.latest and new.latest and new.latest < old.latest:
        yield Difference("period-back", value_a=old.latest, value_b=new.latest)
