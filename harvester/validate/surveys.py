"""Grids and satellite observations: ESRI ASCII grids, RINEX observation and navigation files, RTCM corrections."""

import re
import struct
from collections import Counter
from datetime import date
from pathlib import Path

from harvester.records import Sniffed
from harvester.sniff.binary import crc24q
from harvester.validate import limits
from harvester.validate.finding import Faults, Finding, broken, telling, unmeasured

_KEYS = re.compile(
    rb"\s*(ncols|nrows|xllcorner|xllcenter|yllcorner|yllcenter|cellsize|dx|dy|nodata_value)\s+(\S+)", re.IGNORECASE
)
ROUTE = "opened by its structure"
FRAMES, WRONG_MESSAGES = 5_000_000, 2000


def examine_grid(path: Path, _sniffed: Sniffed, _today: date) -> Finding:
    """Return the finding on an ESRI ASCII grid: as many rows and values as its head says, all of them numbers."""
    head: dict[str, bytes] = {}
    rows = values = 0
    with path.open("rb") as file:
        try:
            for line in limits.lines(file, 16 * limits.LINE_BYTES):
                if not rows and (match := _KEYS.match(line)):
                    head[match.group(1).decode().lower()] = match.group(2)
                elif cells := line.split():
                    rows, values = rows + 1, values + len(cells)
                    list(map(float, cells))
        except ValueError as error:
            return broken(f"After row {rows:,} the grid is not all numbers: {str(error)[:80]}.")
    try:
        columns, lines = int(head["ncols"]), int(head["nrows"])
    except (KeyError, ValueError):
        return broken("The grid's head does not tell its columns and rows.")
    if values != columns * lines:
        return broken(f"The grid tells {columns:,} x {lines:,} values and holds {values:,}.")
    told: dict[str, object] = {
        name: head[name].decode("ascii", "replace") for name in ("cellsize", "nodata_value") if name in head
    }
    return Finding(
        "opens", None, None, lines, columns, profile=telling(None, {"values": values, **told}, rows=lines), route=ROUTE
    )


def examine_rinex(path: Path, _sniffed: Sniffed, _today: date) -> Finding:
    """Return the finding on a RINEX file (IGS/RTCM): its version and kind, an end of its head, its epochs counted."""
    labels: set[str] = set()
    version = kind = ""
    ended = False
    epochs = 0
    with path.open("rb") as file:
        try:
            for line in limits.lines(file, 64 * 1024):
                if ended:
                    epochs += _is_epoch(line, version)
                    continue
                label = line[60:80].decode("ascii", "replace").strip()
                labels.add(label)
                if label in ("RINEX VERSION / TYPE", "CRINEX VERS   / TYPE") and not kind:
                    version, kind = line[:9].decode("ascii", "replace").strip(), line[20:21].decode("ascii", "replace")
                ended = label == "END OF HEADER"
        except ValueError as error:
            return broken(f"The file is not RINEX: {error}.")
    if not ended:
        return broken("The file is cut short: its head has no END OF HEADER.")
    named = {"O": "observation", "N": "navigation", "G": "navigation", "M": "meteorological", "C": "clock"}.get(kind)
    facts = {"version": version, "holds": named, "epochs": epochs if named == "observation" else None}
    reason = None if named != "observation" or epochs else "Its head is whole and no observation follows."
    rows = epochs if named == "observation" else None
    return Finding("opens", reason, None, rows, profile=telling(None, facts, rows=rows or 0), route=ROUTE)


def _is_epoch(line: bytes, version: str) -> bool:
    """Whether a line begins an epoch: ``>`` since RINEX 3; before it, a date of two-digit numbers at its start."""
    if not version.startswith("2"):
        return line[:1] == b">"
    return re.match(rb" \d\d [ \d]\d [ \d]\d [ \d]\d [ \d]\d[ .\d]", line) is not None


def examine_rtcm(path: Path, _sniffed: Sniffed, _today: date) -> Finding:
    """Return the finding on an RTCM 3 stream (RTCM 10403): its messages, each with its checksum, by their numbers."""
    if reason := limits.of_tree(path):
        return unmeasured(reason)
    body = path.read_bytes()
    faults, numbers = Faults(), Counter[int]()
    at = wrong = 0
    while at + 6 <= len(body) and sum(numbers.values()) < FRAMES:
        length = (body[at + 1] & 3) << 8 | body[at + 2]
        end = at + 3 + length
        whole = body[at] == 0xD3 and end + 3 <= len(body)  # noqa: PLR2004 - the mark of a message
        if whole and crc24q(body[at:end]) == int.from_bytes(body[end : end + 3], "big"):
            numbers[struct.unpack_from(">H", body, at + 3)[0] >> 4 if length > 1 else 0] += 1
            at = end + 3
            continue
        faults.add("bad-message", f"At byte {at:,} no whole message begins.")
        if (wrong := wrong + 1) > WRONG_MESSAGES:
            return broken(f"After {sum(numbers.values()):,} messages hardly any is whole.")
        following = body.find(b"\xd3", at + 1)
        at = following if following > 0 else len(body)
    if not numbers:
        return broken("No whole message is in the stream.")
    kinds = ", ".join(str(number) for number, _ in numbers.most_common(10))
    facts = {"messages": sum(numbers.values()), "kinds": kinds}
    rows = sum(numbers.values())
    return Finding(
        "opens", None, None, rows, defects=faults.defects(), profile=telling(None, facts, rows=rows), route=ROUTE
    )
