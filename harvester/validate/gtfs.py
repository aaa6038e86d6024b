"""GTFS feeds by the GTFS Schedule Reference: files and columns there, ids that refer, times, days of service."""

import csv
import re
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import IO

from harvester.records import Part, Sniffed
from harvester.validate import limits
from harvester.validate.archives import unpacking
from harvester.validate.finding import Faults, Finding, broken, telling

WEEK = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
COLUMNS: dict[str, tuple[str, ...]] = {
    "agency.txt": ("agency_name", "agency_url", "agency_timezone"),
    "stops.txt": ("stop_id",),
    "routes.txt": ("route_id", "route_type"),
    "trips.txt": ("route_id", "service_id", "trip_id"),
    "stop_times.txt": ("trip_id", "stop_sequence"),
    "calendar.txt": ("service_id", *WEEK, "start_date", "end_date"),
    "calendar_dates.txt": ("service_id", "date", "exception_type"),
    "fare_attributes.txt": ("fare_id", "price", "currency_type", "payment_method"),
    "frequencies.txt": ("trip_id", "start_time", "end_time", "headway_secs"),
    "shapes.txt": ("shape_id", "shape_pt_lat", "shape_pt_lon", "shape_pt_sequence"),
    "transfers.txt": ("transfer_type",),
}
"""The columns each file must have (those the reference calls Required), for every file it must have or may have."""
REQUIRED = ("agency.txt", "stops.txt", "routes.txt", "trips.txt", "stop_times.txt")
_KEYS = {"stops.txt": "stop_id", "routes.txt": "route_id", "trips.txt": "trip_id", "calendar.txt": "service_id"}
_REFERS: dict[str, tuple[tuple[str, str], ...]] = {
    "trips.txt": (("route_id", "routes.txt"), ("service_id", "services")),
    "stop_times.txt": (("trip_id", "trips.txt"), ("stop_id", "stops.txt")),
    "stops.txt": (("parent_station", "stops.txt"),),
    "frequencies.txt": (("trip_id", "trips.txt"),),
}
_ORDER = ("agency.txt", "calendar.txt", "calendar_dates.txt", "routes.txt", "stops.txt", "trips.txt", "stop_times.txt",
          "frequencies.txt", "shapes.txt", "transfers.txt", "fare_attributes.txt")  # fmt: skip
IDS_KEPT = 1_000_000
"""Ids of one file that are remembered; of a longer one, what refers to it is not checked."""
_TIME = re.compile(r"\d{1,3}:[0-5]\d:[0-5]\d")  # hours go beyond 24 for trips past midnight
_DATE = re.compile(r"(?:19|20)\d\d(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])")


@dataclass(slots=True)
class _Feed:
    """What has been read of a feed so far."""

    faults: Faults = field(default_factory=Faults)
    ids: dict[str, set[str]] = field(default_factory=dict)
    days: list[str] = field(default_factory=list)
    later: list[tuple[int, str]] = field(default_factory=list)
    labels: tuple[str, ...] = ()


@unpacking
def examine_gtfs(path: Path, _sniffed: Sniffed, today: date) -> Finding:
    """Return the finding on a GTFS feed; rows are its stops. ``today`` (Hong Kong) must be a day of its service.

    A file or column the reference requires and that is missing breaks the feed; all else is counted by code:
    ``dangling-id``, ``duplicate-id``, ``bad-time``, ``bad-date``, ``ragged-row``, ``not-covering-today``.
    """
    feed = _Feed()
    parts: list[Part] = []
    with zipfile.ZipFile(path) as archive:
        names = {name.rsplit("/", 1)[-1].lower(): name for name in archive.namelist()}
        if reason := _lacking(names):
            return broken(reason)
        for name in (each for each in _ORDER if each in names):
            try:
                with archive.open(names[name]) as member:
                    rows = _read(name, member, feed)
            except (ValueError, csv.Error) as error:
                return broken(f"{name} cannot be read: {error}.")
            if isinstance(rows, str):
                return broken(rows)
            parts.append(Part(name, "csv", "opens", rows))
    first, last = _service(feed, today)
    facts = {"service_from": first, "service_to": last, **{part.name[:-4]: part.rows for part in parts}}
    stops = next(part.rows or 0 for part in parts if part.name == "stops.txt")
    return Finding(
        "opens", None, None, stops, len(feed.labels), feed.labels,
        defects=feed.faults.defects(), profile=telling(None, facts, parts, stops),
        route="checked by the rules of the GTFS Schedule Reference",
    )  # fmt: skip


def _lacking(names: dict[str, str]) -> str | None:
    missing = [name for name in REQUIRED if name not in names]
    if not {"calendar.txt", "calendar_dates.txt"} & set(names):
        missing.append("calendar.txt")
    return f"The feed lacks {', '.join(missing)}." if missing else None


def _read(name: str, member: IO[bytes], feed: _Feed) -> int | str:
    """Check one file row by row; return how many rows it has, or the sentence that breaks the feed."""
    lines = (line.decode("utf-8-sig" if first else "utf-8", "replace") for first, line in _numbered(member))
    reader = csv.reader(lines)
    header = tuple(label.strip() for label in next(reader, []))
    missing = [label for label in COLUMNS[name] if label not in header]
    if missing:
        return f"{name} lacks the column {', '.join(missing)}."
    if name == "stops.txt":
        feed.labels = header
    rows = 0
    for rows, cells in enumerate((row for row in reader if row), 1):
        if len(cells) != len(header):
            feed.faults.add("ragged-row", f"{name}, row {rows}: {len(cells)} cells under {len(header)} labels.", rows)
        _check(name, rows, dict(zip(header, map(str.strip, cells), strict=False)), feed)
    _settle(name, feed)
    return rows


def _numbered(member: IO[bytes]) -> Iterator[tuple[bool, bytes]]:
    for number, line in enumerate(limits.lines(member)):
        yield number == 0, line


def _check(name: str, number: int, row: dict[str, str], feed: _Feed) -> None:
    if (key := _KEYS.get(name)) and (value := row.get(key, "")):
        ids = feed.ids.setdefault(name, set())
        if value in ids:
            feed.faults.add("duplicate-id", f"{name}, row {number}: {key} {value[:60]} was there before.", number)
        elif len(ids) <= IDS_KEPT:
            ids.add(value)
    for label, of in _REFERS.get(name, ()):
        _refer(name, number, label, row.get(label, ""), of, feed)
    for label in ("arrival_time", "departure_time", "start_time", "end_time"):
        if (value := row.get(label, "")) and not _TIME.fullmatch(value):
            feed.faults.add("bad-time", f"{name}, row {number}: {label} is {value[:40]}, not HH:MM:SS.", number)
    for label in ("start_date", "end_date", "date"):
        if name in ("calendar.txt", "calendar_dates.txt") and label in row:
            _day(name, number, label, row, feed)
    if name == "calendar_dates.txt":
        feed.ids.setdefault("services", set()).add(row.get("service_id", ""))


def _refer(name: str, number: int, label: str, value: str, of: str, feed: _Feed) -> None:
    """Tell an id that refers to nothing; a stop's parent may come later in the same file."""
    ids = (
        feed.ids.get("services", set()) | feed.ids.get("calendar.txt", set()) if of == "services" else feed.ids.get(of)
    )
    if not value or value in (ids or ()):
        return
    if of == name:
        feed.later += [(number, value)] if len(feed.later) < IDS_KEPT else []
    elif ids is not None and len(ids) <= IDS_KEPT:
        feed.faults.add("dangling-id", f"{name}, row {number}: {label} {value[:60]} is in no other file.", number)


def _settle(name: str, feed: _Feed) -> None:
    if name == "stops.txt":
        for number, value in feed.later:
            if value not in feed.ids.get(name, ()):
                feed.faults.add("dangling-id", f"{name}, row {number}: parent_station {value[:60]} is no stop.", number)


def _day(name: str, number: int, label: str, row: dict[str, str], feed: _Feed) -> None:
    value = row[label]
    if not _DATE.fullmatch(value):
        feed.faults.add("bad-date", f"{name}, row {number}: {label} is {value[:40]}, not YYYYMMDD.", number)
    elif row.get("exception_type", "1") == "1" and len(feed.days) < IDS_KEPT:
        feed.days.append(value)


def _service(feed: _Feed, today: date) -> tuple[str | None, str | None]:
    """Return the first and last day of service as ISO dates, and tell where today is not between them."""
    if not feed.days:
        feed.faults.add("not-covering-today", "No day of service is given.")
        return None, None
    first, last = (f"{day[:4]}-{day[4:6]}-{day[6:]}" for day in (min(feed.days), max(feed.days)))
    if not first <= today.isoformat() <= last:
        feed.faults.add("not-covering-today", f"Its service is from {first} to {last}, which {today} is not in.")
    return first, last
