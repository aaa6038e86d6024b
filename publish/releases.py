"""The releases of a catalogue: each publish keeps its file under the time it was built, and the last few stay.

They stand in a folder beside the catalogue (``catalog.db``: ``catalog.releases/``). catalog.db itself is the newest of
them under a second name. Whoever reads a release holds a shared lock on it, and none that is held is removed.
"""

import fcntl
import hashlib
import json
import os
import re
import shutil
import sqlite3
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, contextmanager, suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from harvester.errors import BarometerError, BusyError, NotOurDatabaseError
from publish.checksum import KEY

KEPT = 3
"""Releases that stay: the one that is shown, and two to go back to or to compare with."""
REMEMBERED = 2000
"""Releases that are gone, of which the sums are still told: ten years of weekly scans four times over."""
LIST = "releases.json"
STAMP = re.compile(r"\d{8}T\d{6}Z(?:-\d+)?")
"""How a release is named: when it was built (UTC), and a number where one of that second was there before."""
BLOCK = 1 << 20


@dataclass(frozen=True, slots=True)
class Release:
    """One published file: when it was built (ISO 8601 UTC), its bytes and sums, and what made it."""

    stamp: str
    built: str
    bytes: int
    sha256: str
    content_sha256: str
    schema_version: str
    code_version: str
    rubrics: Mapping[str, str]

    @property
    def file(self) -> str:
        """The name of the file in the folder of the releases."""
        return f"{self.stamp}.db"


def releases_of(catalog: Path) -> Path:
    """Return the folder that keeps the releases of ``catalog``: beside it, and named after it."""
    return catalog.with_name(f"{catalog.stem}.releases")


def folder_of(served: Path) -> Path:
    """Return the folder of the releases of a file that is served: a catalogue, or one of its releases."""
    return served.parent if served.parent.suffix == ".releases" else releases_of(served)


def listed(catalog: Path) -> tuple[Release, ...]:
    """Return the releases of ``catalog`` that are kept and are there, newest first; none where there is no list."""
    return listed_in(releases_of(catalog))


def listed_in(folder: Path) -> tuple[Release, ...]:
    """Return the releases that stand in ``folder``, newest first; none where it has no list that can be read."""
    kept, _ = _read(folder)
    return tuple(each for each in kept if (folder / each.file).exists())


def gone_from(folder: Path) -> tuple[Release, ...]:
    """Return the releases that stood in ``folder`` and were removed, newest first."""
    kept, gone = _read(folder)
    return (*(each for each in kept if not (folder / each.file).exists()), *gone)


@contextmanager
def publishing(catalog: Path) -> Iterator[Path]:
    """Make the folder of the releases and hold it while the block lasts; what a kill left in it is cleared away.

    Raises BusyError where another process is publishing there, BarometerError where the folder cannot be written.
    """
    folder = releases_of(catalog)
    try:
        folder.mkdir(exist_ok=True)
        lock = (folder / ".lock").open("w")
    except OSError as error:
        raise BarometerError(
            f"The folder {folder} cannot be written ({error.strerror}): releases are kept there, so make it writable."
        ) from error
    with lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise BusyError(f"Another process is publishing to {catalog}: wait until it has ended.") from None
        _clear(folder)
        _listed_anew(folder)
        yield folder


def put(folder: Path, packed: Path, catalog: Path) -> Release:
    """Put a finished file in place as the newest release of ``catalog``, and return what it is.

    Everything that needs room is written before anything is seen; the list and the name ``catalog`` change at once
    each. Where that fails, nothing of it is left. The caller holds the folder. Raises OSError.
    """
    release = _told(packed, _stamp(folder, packed))
    place, sums = folder / release.file, folder / f"{release.file}.sha256"
    second = catalog.with_name(f".{catalog.name}.new")
    kept, gone = listed_in(folder), gone_from(folder)
    try:
        _synced(packed)
        packed.rename(place)
        _second_name(place, second)
        _write(sums, f"{release.sha256}  {release.file}\n")
        _list(folder, (release, *kept), gone)
        second.replace(catalog)
    except OSError:
        for part in (place, sums, second):
            part.unlink(missing_ok=True)
        with suppress(OSError):
            _list(folder, kept, gone)
        raise
    for changed in (folder, catalog.parent):
        _synced(changed)
    return release


def prune(folder: Path, keep: int = KEPT) -> tuple[Release, ...]:
    """Remove all but the newest ``keep`` releases, but for those that somebody holds, and return what was removed."""
    kept, gone = listed_in(folder), gone_from(folder)
    removed = tuple(each for each in kept[keep:] if remove(folder / each.file))
    if removed:
        _list(folder, tuple(each for each in kept if each not in removed), (*removed, *gone))
    return removed


def held(place: Path) -> int | None:
    """Return a file descriptor that holds the file at ``place`` against removal; None where it is not there (any more).

    The hold ends when the descriptor is closed, at the latest with the process.
    """
    try:
        descriptor = os.open(place, os.O_RDONLY | os.O_CLOEXEC)
    except FileNotFoundError:
        return None
    try:
        fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
        if os.path.samestat(os.fstat(descriptor), place.stat()):
            return descriptor
    except (BlockingIOError, FileNotFoundError):
        pass
    os.close(descriptor)
    return None


def release_behind(catalog: Path) -> Path | None:
    """Return the release that ``catalog`` is a second name of, or a copy; None where it is neither."""
    folder, told = releases_of(catalog), catalog.stat()
    if not folder.is_dir():
        return None
    for place in sorted(folder.glob("*.db"), reverse=True):
        with suppress(FileNotFoundError):
            if os.path.samestat(place.stat(), told):
                return place
    same = [each for each in listed_in(folder) if each.bytes == told.st_size]
    found = file_sum(catalog) if same else ""
    return next((folder / each.file for each in same if each.sha256 == found), None)


def file_sum(place: Path) -> str:
    """Return the SHA-256 of a file's bytes."""
    digest = hashlib.sha256()
    with place.open("rb") as source:
        while block := source.read(BLOCK):
            digest.update(block)
    return digest.hexdigest()


def meta_of(place: Path) -> dict[str, str]:
    """Return what a published file says of itself. Raises NotOurDatabaseError where it is no catalogue."""
    try:
        with closing(sqlite3.connect(f"{place.resolve().as_uri()}?mode=ro", uri=True)) as connection:
            return dict(connection.execute("SELECT key, value FROM meta"))
    except sqlite3.DatabaseError as error:
        raise NotOurDatabaseError(f"{place} is no catalogue of ours ({error}): name another file.") from error


def _told(packed: Path, stamp: str) -> Release:
    meta = meta_of(packed)
    rubrics = {key.removeprefix("rubric_"): value for key, value in sorted(meta.items()) if key.startswith("rubric_")}
    return Release(
        stamp, meta["built"], packed.stat().st_size, file_sum(packed), meta[KEY], meta["schema_version"],
        meta["code_version"], rubrics,
    )  # fmt: skip


def _stamp(folder: Path, packed: Path) -> str:
    """Return a name that no release has or had."""
    plain = re.sub(r"[-:]", "", meta_of(packed)["built"])
    taken = {each.stamp for part in _read(folder) for each in part} | {place.stem for place in folder.glob("*.db")}
    number, stamp = 1, plain
    while stamp in taken:
        number += 1
        stamp = f"{plain}-{number}"
    return stamp


def _second_name(place: Path, second: Path) -> None:
    """Give a file a second name; where the file system has no such thing, a copy."""
    second.unlink(missing_ok=True)
    try:
        second.hardlink_to(place)
    except OSError:
        shutil.copyfile(place, second)
        _synced(second)


def remove(place: Path) -> bool:
    """Remove a file and the sum beside it, unless somebody holds it, and tell whether it is gone."""
    try:
        with place.open("r+b") as file:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            place.unlink()
    except FileNotFoundError:
        pass
    except BlockingIOError:
        return False
    place.with_name(f"{place.name}.sha256").unlink(missing_ok=True)
    return True


def _listed_anew(folder: Path) -> None:
    """Write the list from the files themselves, where it is lost or damaged."""
    if any(_read(folder)):
        return
    found = []
    for place in sorted(folder.glob("*.db"), reverse=True):
        with suppress(NotOurDatabaseError, KeyError, OSError):
            found.append(_told(place, place.stem))
    if found:
        _list(folder, tuple(found), ())


def _clear(folder: Path) -> None:
    """Remove what a process that was killed has left: unfinished files, and releases that never came to be listed."""
    names = {each.file for each in listed_in(folder)}
    for place in folder.iterdir():
        stray = place.suffix == ".db" and STAMP.fullmatch(place.stem) and place.name not in names
        if (names and stray) or (place.name.startswith(".") and place.name != ".lock"):
            remove(place)


def _read(folder: Path) -> tuple[tuple[Release, ...], tuple[Release, ...]]:
    """Return what the list says is kept, and what it says is gone; nothing where it cannot be read."""
    try:
        told: dict[str, list[dict[str, Any]]] = json.loads((folder / LIST).read_text(encoding="utf-8"))
        kept, gone = (
            tuple(Release(**{key: value for key, value in each.items() if key != "file"}) for each in told[part])
            for part in ("releases", "gone")
        )
    except (OSError, ValueError, KeyError, TypeError):
        return (), ()
    return kept, gone


def _list(folder: Path, kept: tuple[Release, ...], gone: tuple[Release, ...]) -> None:
    row: Callable[[Release], dict[str, object]] = lambda each: {"file": each.file, **asdict(each)}  # noqa: E731
    told = {"releases": [row(each) for each in kept], "gone": [row(each) for each in gone[:REMEMBERED]]}
    _write(folder / LIST, json.dumps(told, indent=1, ensure_ascii=True) + "\n")


def _write(place: Path, text: str) -> None:
    """Write a small file whole or not at all."""
    draft = place.with_name(f".{place.name}.draft")
    with draft.open("w", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    draft.replace(place)


def _synced(place: Path) -> None:
    """Have a file, or the names in a folder, written to the disk."""
    descriptor = os.open(place, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
