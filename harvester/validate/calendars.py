"""iCalendar files by RFC 5545: what begins ends, events have what they must have, and what recurs is never unrolled."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

from harvester.records import Dialect, Sniffed
from harvester.sniff.text import codec
from harvester.validate import limits
from harvester.validate.finding import Faults, Finding, broken, telling, unmeasured
from harvester.validate.tables import records_profile

CALENDAR_BYTES = 32 * 1024 * 1024
_NEEDED = ("UID", "DTSTAMP", "DTSTART")
"""What an event must have (section 3.6.1); its start may be left out only where a METHOD is told."""
_MOMENT = re.compile(r"^((?:19|20)\d\d)(\d\d)(\d\d)(T.*)?$")


@dataclass(slots=True)
class _Calendar:
    """What has been read so far: the blocks that stand open, the events, and the calendar's own properties."""

    opened: list[str] = field(default_factory=list)
    events: list[dict[str, str]] = field(default_factory=list)
    properties: dict[str, str] = field(default_factory=dict)
    zones: int = 0
    recurring: int = 0


def examine_calendar(path: Path, sniffed: Sniffed, today: date) -> Finding:
    """Return the finding on an iCalendar file: every BEGIN has its END; its events are the records."""
    if path.stat().st_size > CALENDAR_BYTES:
        return unmeasured(f"Calendars above {CALENDAR_BYTES:,} bytes are not measured.")
    if reason := limits.of_tree(path):
        return unmeasured(reason)
    text = path.read_text(encoding=codec(sniffed.encoding or "utf-8"), errors="replace").removeprefix("\ufeff")
    calendar = _Calendar()
    lines = re.sub(r"\r?\n[ \t]", "", text).splitlines()  # long lines are folded (section 3.1)
    if reason := _read(lines, calendar):
        return broken(reason)
    if calendar.opened:
        return broken(f"The {calendar.opened[-1][:40]} is begun and never ended: the calendar is cut short.")
    events = calendar.events
    labels = tuple(dict.fromkeys(key for event in events for key in event))[: limits.COLUMNS]
    kept = records_profile(labels, events, (), today)
    facts = {
        "events": len(events), "recurring": calendar.recurring or None, "time_zones": calendar.zones or None,
        "version": calendar.properties.get("VERSION"),
    }  # fmt: skip
    return Finding(
        "opens", None, Dialect(header_row=1, record_path="VEVENT"), len(events), len(labels), labels,
        defects=_faults(calendar.properties, events).defects(), profile=telling(kept, facts), route="read by RFC 5545",
    )  # fmt: skip


def _read(lines: Iterable[str], calendar: _Calendar) -> str | None:
    """Read the lines into ``calendar``; return the sentence that breaks it, None where there is none."""
    for number, line in enumerate(lines, 1):
        name, _, value = line.partition(":")
        name, value = name.split(";")[0].upper(), value.strip()
        if name == "BEGIN":
            calendar.opened.append(value.upper())
            calendar.events += [{}] if calendar.opened[-1] == "VEVENT" else []
            calendar.zones += calendar.opened[-1] == "VTIMEZONE"
        elif name == "END":
            if not calendar.opened or calendar.opened.pop() != value.upper():
                return f"Line {number} ends a {value[:40]} that was not begun."
        elif calendar.opened[-1:] == ["VEVENT"]:
            calendar.recurring += name == "RRULE"
            calendar.events[-1].setdefault(name[:60], _MOMENT.sub(r"\1-\2-\3", value))
        elif calendar.opened == ["VCALENDAR"]:
            calendar.properties.setdefault(name[:60], value[:200])
    return None


def _faults(properties: dict[str, str], events: Sequence[dict[str, str]]) -> Faults:
    faults = Faults()
    for name in ("PRODID", "VERSION"):
        if name not in properties:
            faults.add("missing-property", f"The calendar has no {name}, which section 3.6 asks for.")
    for number, event in enumerate(events, 1):
        missing = [name for name in _NEEDED if name not in event and not (name == "DTSTART" and "METHOD" in properties)]
        if missing:
            faults.add("missing-property", f"Event {number} has no {', '.join(missing)}.", number)
    return faults
