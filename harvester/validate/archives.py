"""ZIP and GZIP: opened within limits, and every data file in them judged, up to limits of number and size."""

import gzip
import stat
import struct
import tempfile
import time
import zipfile
import zlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import wraps
from pathlib import Path, PurePosixPath
from typing import IO

from harvester.records import Ladder, Part, Sniffed
from harvester.sniff import sniff
from harvester.validate import limits
from harvester.validate.finding import Faults, Finding, broken, telling, unmeasured

Examiner = Callable[[Path, Sniffed, date], Finding]
MEMBER_BYTES = 64 * 1024 * 1024
"""How much of a data member is unpacked and looked at."""
MEMBERS_JUDGED, BYTES_JUDGED, SECONDS_JUDGED = 20, 256 * 1024 * 1024, 4.0
"""How many data files of an archive are judged, how many of their bytes, and the CPU seconds after which no more are.

An archive's worker has ten seconds and one a megabyte, packed: what was found must not be lost to what is left.
"""
_NOT_DATA = (".txt", ".md", ".pdf", ".doc", ".docx", ".xsd", ".xsl", ".htm", ".html", ".png", ".jpg", ".prj", ".lyr")
LOCKED = 0x1
"""The flag of a member that needs a password (APPNOTE 4.4.4)."""
_DAMAGED = (zipfile.BadZipFile, zlib.error, OSError, EOFError, struct.error)
"""What zipfile raises at a member that does not unpack."""
_FOR_PEOPLE: tuple[Ladder, ...] = ("document", "picture", "page")


@dataclass(frozen=True, slots=True)
class _Judged:
    """One member: its name, what it is, and what was found in it."""

    name: str
    format: str
    finding: Finding


def examine_zip(path: Path, today: date, examiner: Examiner) -> Finding:
    """Return the finding on a plain ZIP: it opens, and what its data files are and hold.

    The first readable data file gives rows, labels and profile; every one judged is a part. ``examiner`` examines a
    member, which is never an archive again.
    """
    guarded = guard(path)
    if guarded is not None:
        return guarded
    with zipfile.ZipFile(path) as archive:
        infos = [info for info in archive.infolist() if info.filename and not info.is_dir() and info.file_size]
        faults = _names(infos)
        infos = [info for info in infos if not _is_link(info)]
        if not infos:
            return broken("The archive is empty.")
        data = [each for each in infos if not each.filename.lower().endswith(_NOT_DATA)] or infos[:1]
        if all(info.flag_bits & LOCKED for info in data):
            return unmeasured("The archive asks for a password.")
        judged = _judged(archive, data, today, examiner)
    found = _together(judged, len(data))
    facts = {"members": len(infos), "data_files": len(data), "judged": len(judged)}
    return replace(found, defects=faults.defects(), profile=telling(found.profile, facts, _parts(judged)))


def _names(infos: Sequence[zipfile.ZipInfo]) -> Faults:
    """Return what is wrong with the names: they climb out of the folder one unpacks into, or are links elsewhere."""
    faults = Faults()
    for info in infos:
        name = info.filename.replace("\\", "/")
        if name.startswith("/") or ".." in PurePosixPath(name).parts or name[1:2] == ":":
            faults.add("unsafe-name", f"{info.filename[:80]} would be unpacked outside the folder.")
        if _is_link(info):
            faults.add("link", f"{info.filename[:80]} is a symbolic link; it is not followed.")
    return faults


def _is_link(info: zipfile.ZipInfo) -> bool:
    return stat.S_ISLNK(info.external_attr >> 16)


def _judged(
    archive: zipfile.ZipFile, infos: Sequence[zipfile.ZipInfo], today: date, examiner: Examiner
) -> list[_Judged]:
    """Judge the members in their order until one of the limits is reached; the first is always looked at."""
    judged: list[_Judged] = []
    left = BYTES_JUDGED
    until = time.process_time() + SECONDS_JUDGED
    for info in infos[:MEMBERS_JUDGED]:
        if judged and (info.file_size > left or time.process_time() > until):
            continue
        left -= min(info.file_size, MEMBER_BYTES)
        if info.flag_bits & LOCKED:
            judged.append(_Judged(info.filename, "unknown", unmeasured("It asks for a password.")))
            continue
        try:
            with archive.open(info) as member:
                judged.append(_inside(member, info.filename, today, examiner))
        except _DAMAGED as error:
            judged.append(_Judged(info.filename, "unknown", broken(f"it does not unpack: {error}.")))
        except NotImplementedError as error:
            judged.append(_Judged(info.filename, "unknown", unmeasured(f"we cannot unpack it: {error}.")))
    return judged


def _together(judged: Sequence[_Judged], there: int) -> Finding:
    """Return what the archive as a whole is worth: it opens, and its first readable data file speaks for it."""
    if all(each.finding.verdict == "broken" and each.format == "unknown" for each in judged):
        return broken(f"The archive does not open: {judged[0].name}: {judged[0].finding.reason}")
    good = [each for each in judged if each.finding.verdict in ("valid", "opens")]
    main = next((each for each in good if each.finding.rows is not None), (good or judged)[0]).finding
    rungs = {each.finding.ladder for each in judged}
    worse = next((rung for rung in _FOR_PEOPLE if rung in rungs), None) if rungs <= set(_FOR_PEOPLE) else None
    return replace(main, verdict="opens", reason=_told(judged, there), repaired=None, defects=(), ladder=worse)


def _told(judged: Sequence[_Judged], there: int) -> str | None:
    """Return one sentence about the data files that do not read, or that were not looked at; None where all do."""
    bad = [each for each in judged if each.finding.verdict not in ("valid", "opens")]
    if not bad:
        return None if len(judged) == there else f"{len(judged)} of {there} data files inside were judged."
    first = bad[0]
    said = (
        f"{first.name} inside, {first.format.upper()}, is {first.finding.verdict}: "
        f"{first.finding.reason or 'no reason told'}"
    )
    return said if there == 1 else f"{len(bad)} of {len(judged)} data files inside do not read. {said}"


def _parts(judged: Sequence[_Judged]) -> tuple[Part, ...]:
    return tuple(
        Part(each.name[:200], each.format, each.finding.verdict, each.finding.rows, each.finding.reason)
        for each in judged
    )


def examine_gzip(path: Path, today: date, examiner: Examiner) -> Finding:
    """Return the finding on a GZIP file: it opens, and what is pressed in it."""
    try:
        with gzip.open(path) as member:
            judged = _inside(member, "its content", today, examiner)
    except (OSError, EOFError, zlib.error) as error:
        return broken(f"The archive does not open: {error}.")
    found = _together([judged], 1)
    return replace(found, profile=telling(found.profile, {}, _parts([judged])))


def _inside(member: IO[bytes] | gzip.GzipFile, name: str, today: date, examiner: Examiner) -> _Judged:
    """Unpack at most 64 MB of a member into a file of our own, under a name of our own, and examine it."""
    with tempfile.NamedTemporaryFile(prefix="barometer-") as file:
        size = 0
        while size <= MEMBER_BYTES and (block := member.read(1 << 20)):
            size += file.write(block)
        file.flush()
        with Path(file.name).open("rb") as body:
            inner = sniff(body)
        if size > MEMBER_BYTES:
            reason = f"it is larger than the {MEMBER_BYTES:,} bytes that are looked at."
            return _Judged(name, inner.format, unmeasured(reason))
        if inner.format in ("zip", "gzip"):
            return _Judged(name, inner.format, unmeasured("it is an archive again, which is not opened."))
        return _Judged(name, inner.format, _examined(Path(file.name), inner, today, examiner))


def _examined(path: Path, sniffed: Sniffed, today: date, examiner: Examiner) -> Finding:
    """Examine one member; what a parser raises on it is its own, and the other members are judged all the same."""
    try:
        return examiner(path, sniffed, today)
    except (MemoryError, RecursionError):
        raise
    except (zipfile.BadZipFile, struct.error, EOFError) as error:
        return broken(f"it does not open: {error}.")
    except Exception as error:  # noqa: BLE001 - a member's outer edge: whatever a parser raises is recorded against it
        return unmeasured(f"reading it failed: {type(error).__name__}: {str(error)[:100]}")


def unpacking(examiner: Examiner) -> Examiner:
    """Return ``examiner`` of a format that comes as a ZIP, guarded: refused, damaged and locked archives are told."""

    @wraps(examiner)
    def guarded(path: Path, sniffed: Sniffed, today: date) -> Finding:
        if (refused := guard(path)) is not None:
            return refused
        try:
            return examiner(path, sniffed, today)
        except _DAMAGED as error:
            return broken(f"The archive does not unpack: {error}.")
        except (NotImplementedError, RuntimeError) as error:  # a method zipfile does not know, or a password
            if isinstance(error, RecursionError):
                raise
            return unmeasured(f"We cannot unpack the archive: {error}.")

    return guarded


def guard(path: Path) -> Finding | None:
    """Return why an archive may not be opened (unmeasured) or does not open (broken), None where it does."""
    try:
        reason = limits.of_archive(path)
    except (*_DAMAGED, ValueError, IndexError) as error:
        return broken(f"The archive does not open: {error}.")
    return unmeasured(reason) if reason else None


def member_bytes(path: Path, name: str) -> bytes | None:
    """Return a member's bytes, None where they are more than 64 MB. Raises what zipfile raises on a broken one."""
    with zipfile.ZipFile(path) as archive, archive.open(name) as member:
        body = member.read(MEMBER_BYTES + 1)
    return body if len(body) <= MEMBER_BYTES else None
