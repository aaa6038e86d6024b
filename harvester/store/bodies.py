"""The bodies that visits brought, kept by the sha256 of their bytes beside the database, up to a size.

A file's path comes from its digest alone, never from anything harvested. The folder is a cache: whatever is missing
comes again with the next visit, so nothing here is forced to the disk, and what is read is compared with its digest.
"""

import hashlib
import os
import re
import shutil
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path
from tempfile import SpooledTemporaryFile
from threading import get_ident
from types import TracebackType
from typing import BinaryIO, Self, cast

from harvester.errors import BarometerError

GIBIBYTE = 1024**3
MOST_BYTES = 20 * GIBIBYTE
ARRIVING = "arriving-"
IN_MEMORY = 1024**2
"""Bytes of a body that wait in memory; with a body a thread that is some thirty megabytes at the very most."""
_DIGEST = re.compile(r"[0-9a-f]{64}")


class Arriving:
    """A body on its way in: a file to write to, that is kept under its digest or vanishes when the block ends.

    Most bodies are small and many are known already: they never touch the disk before it is clear that they are kept.
    A larger one waits in an unnamed file, which a kill leaves no trace of.
    """

    def __init__(self, bodies: "Bodies") -> None:
        self._bodies = bodies
        self._file = SpooledTemporaryFile(IN_MEMORY, dir=str(bodies.folder))  # noqa: SIM115 -- closed on leaving the block, which is this object's own

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._file.close()

    @property
    def file(self) -> BinaryIO:
        """The file to write the body to and to read it from again."""
        return cast("BinaryIO", self._file)

    def keep(self, sha256: str) -> None:
        """Keep what was written under its digest. Raises BarometerError where the disk refuses."""
        path = self._bodies.path(sha256)
        try:
            if _size(path) == self._file.seek(0, os.SEEK_END):
                os.utime(path)
                return
            self._file.seek(0)
            waiting = self._bodies.folder / f"{ARRIVING}{os.getpid()}-{get_ident()}"
            with waiting.open("wb") as whole:
                shutil.copyfileobj(self._file, whole)
            path.parent.mkdir(exist_ok=True)
            waiting.replace(path)
        except OSError as error:
            raise BarometerError(
                f"A body could not be stored ({error}): free some space, then run it again."
            ) from error


class Bodies:
    """The folder of kept bodies (``harvest.db`` has ``harvest.bodies/ab/abcdef…``). Safe to use from threads."""

    def __init__(self, folder: Path, most_bytes: int = MOST_BYTES) -> None:
        self.folder = folder
        self.most_bytes = most_bytes

    @classmethod
    def beside(cls, db: Path, most_bytes: int = MOST_BYTES) -> Self:
        """Return the bodies that belong to the database at ``db``."""
        return cls(db.with_name(f"{db.stem}.bodies"), most_bytes)

    def path(self, sha256: str) -> Path:
        """Return where a body is (or would be) kept. Raises ValueError where ``sha256`` is not 64 hex digits."""
        if not _DIGEST.fullmatch(sha256):
            raise ValueError("a body is named by 64 lower-case hex digits")
        return self.folder / sha256[:2] / sha256

    def open(self, sha256: str) -> BinaryIO | None:
        """Return a kept body opened for reading, and mark it as used just now; None where it is not kept."""
        path = self.path(sha256)
        try:
            body = path.open("rb")
        except FileNotFoundError:
            return None
        with suppress(OSError):
            os.utime(path)
        return body

    def sound(self, sha256: str) -> bool:
        """Return whether a body is kept and still is what its name says.

        One that a power cut left in part is removed: it would be judged as if its publisher had cut it.
        """
        path = self.path(sha256)
        try:
            with path.open("rb") as body:
                found = hashlib.file_digest(body, "sha256").hexdigest()
        except FileNotFoundError:
            return False
        if found != sha256:
            path.unlink(missing_ok=True)
        return found == sha256

    def arrive(self) -> Arriving:
        """Return a new body to write to, as a context manager."""
        if not self.folder.is_dir():
            self.folder.mkdir(parents=True, exist_ok=True)
        return Arriving(self)

    def sweep(self) -> None:
        """Remove what a killed process left half written. Call it while no body is arriving."""
        for left in self.folder.glob(f"{ARRIVING}*"):
            left.unlink(missing_ok=True)

    def evict(self, validated: Iterable[str]) -> int:
        """Remove the validated bodies unused for longest until the folder fits ``most_bytes``; return how many went.

        Only the ``validated`` (sha256) may go: a body that still awaits its verdict is the only copy of evidence.
        """
        total = sum(path.stat().st_size for path in self.folder.glob("??/*"))
        if total <= self.most_bytes:
            return 0
        kept = [path for sha256 in validated if (path := self.path(sha256)).exists()]
        gone = 0
        for path in sorted(kept, key=lambda path: path.stat().st_mtime_ns):
            if total <= self.most_bytes:
                break
            total -= path.stat().st_size
            path.unlink()
            gone += 1
        return gone


def _size(path: Path) -> int | None:
    """Return how many bytes a file has, None where there is none."""
    try:
        return path.stat().st_size
    except FileNotFoundError:
        return None
