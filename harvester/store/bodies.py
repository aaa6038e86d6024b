"""The bodies that visits brought, kept by the sha256 of their bytes beside the database, up to a size.

``harvest.db`` has the folder ``harvest.bodies``: small bodies lie in its ``small.db``, larger ones are a file each,
``ab/abcdef…``. A path comes from the digest alone, never from anything harvested. The folder is a cache: whatever is
missing comes again with the next visit, so nothing here is forced to the disk, and what is read is compared with its
digest.
"""

import hashlib
import io
import os
import re
import shutil
import sqlite3
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from tempfile import SpooledTemporaryFile
from threading import get_ident
from types import TracebackType
from typing import BinaryIO, Self, cast

from harvester.errors import BarometerError
from harvester.store.small import SmallBodies

GIBIBYTE = 1024**3
MOST_BYTES = 20 * GIBIBYTE
ARRIVING = "arriving-"
LAID_OUT = "laid-out"
SMALL = 64 * 1024
"""Bytes up to which a body lies among the small ones."""
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
        with _told():
            size = self._file.seek(0, os.SEEK_END)
            self._file.seek(0)
            if size <= SMALL:
                self._bodies.small.keep(sha256, self._file.read())
            else:
                self._keep_file(self._bodies.path(sha256), size)

    def _keep_file(self, path: Path, size: int) -> None:
        if _size(path) == size:
            _mark(path)
            return
        waiting = self._bodies.folder / f"{ARRIVING}{os.getpid()}-{get_ident()}"
        with waiting.open("wb") as whole:
            shutil.copyfileobj(self._file, whole)
        path.parent.mkdir(parents=True, exist_ok=True)
        _mark(waiting)
        waiting.replace(path)


class Bodies:
    """The kept bodies of one workshop, at most ``most_bytes`` of them; ``folder`` is made when the first one comes.

    Safe to use from threads. Close it, or use it as a context manager.
    """

    def __init__(self, folder: Path, most_bytes: int = MOST_BYTES) -> None:
        self.folder = folder
        self.most_bytes = most_bytes
        self.small = SmallBodies(folder)
        self._made = False

    @classmethod
    def beside(cls, db: Path, most_bytes: int = MOST_BYTES) -> Self:
        """Return the bodies that belong to the database at ``db``."""
        return cls(db.with_name(f"{db.stem}.bodies"), most_bytes)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Store what waits and remove what was laid out. Raises BarometerError where the disk refuses."""
        with _told():
            self.small.close()
        shutil.rmtree(self.folder / LAID_OUT, ignore_errors=True)

    def flush(self) -> None:
        """Store what waits for company. Raises BarometerError where the disk refuses."""
        with _told():
            self.small.flush()

    def path(self, sha256: str) -> Path:
        """Return where a large body is (or would be) kept. Raises ValueError where it is not 64 hex digits."""
        if not _DIGEST.fullmatch(sha256):
            raise ValueError("a body is named by 64 lower-case hex digits")
        return self.folder / sha256[:2] / sha256

    def holds(self, sha256: str) -> bool:
        """Return whether a body is kept. Raises ValueError as ``path`` does."""
        return self.path(sha256).exists() or (self.folder.is_dir() and self.small.holds(sha256))

    def open(self, sha256: str) -> BinaryIO | None:
        """Return a kept body opened for reading, and mark it as used just now; None where it is not kept."""
        path = self.path(sha256)
        try:
            body = path.open("rb")
        except FileNotFoundError:
            small = self.small.read(sha256) if self.folder.is_dir() else None
            return None if small is None else io.BytesIO(small)
        with suppress(OSError):
            _mark(path)
        return body

    def lay_out(self, sha256: str) -> Path | None:
        """Return a file that holds a body, to be read until it is ``put_away``; None where it is not kept whole.

        One that is not what its name says, as a power cut may leave it, is removed: it would be judged as if its
        publisher had cut it. Raises BarometerError where the disk refuses.
        """
        with _told():
            body = self.open(sha256)
            if body is None:
                return None
            with body:
                if hashlib.file_digest(cast("io.BytesIO", body), "sha256").hexdigest() != sha256:
                    self._remove([sha256])
                    return None
                if not isinstance(body, io.BytesIO):
                    return self.path(sha256)
                laid = self.folder / LAID_OUT / sha256
                laid.parent.mkdir(exist_ok=True)
                laid.write_bytes(body.getbuffer())
                return laid

    def put_away(self, sha256: str) -> None:
        """Remove the file made to lay a body out, where one was; the body stays kept."""
        if not _DIGEST.fullmatch(sha256):
            raise ValueError("a body is named by 64 lower-case hex digits")
        (self.folder / LAID_OUT / sha256).unlink(missing_ok=True)

    def arrive(self) -> Arriving:
        """Return a new body to write to, as a context manager."""
        if not self._made:
            self.folder.mkdir(parents=True, exist_ok=True)
            self._made = True
        return Arriving(self)

    def sweep(self) -> None:
        """Remove what a killed process left half written or laid out. Call it while no body is arriving or read."""
        for left in self.folder.glob(f"{ARRIVING}*"):
            left.unlink(missing_ok=True)
        shutil.rmtree(self.folder / LAID_OUT, ignore_errors=True)

    def evict(self, validated: Iterable[str]) -> int:
        """Remove the validated bodies unused for longest until the rest fits ``most_bytes``; return how many went.

        Only the ``validated`` (sha256) may go: a body that still awaits its verdict is the only copy of evidence.
        """
        if not self.folder.is_dir():
            return 0
        kept = self.small.sizes()
        for path in self.folder.glob("??/*"):
            found = path.stat()
            kept[path.name] = (found.st_mtime_ns, found.st_size)
        left = sum(size for _, size in kept.values())
        if left <= self.most_bytes:
            return 0
        gone = []
        for sha256 in sorted((sha256 for sha256 in validated if sha256 in kept), key=kept.__getitem__):
            if left <= self.most_bytes:
                break
            left -= kept[sha256][1]
            gone.append(sha256)
        self._remove(gone)
        return len(gone)

    def _remove(self, digests: list[str]) -> None:
        with _told():
            for sha256 in digests:
                self.path(sha256).unlink(missing_ok=True)
            self.small.remove(digests)


@contextmanager
def _told() -> Iterator[None]:
    """Tell what the disk refuses in one sentence."""
    try:
        yield
    except (OSError, sqlite3.Error) as error:
        raise BarometerError(
            f"A body could not be stored or read ({error}): free some space, then run it again."
        ) from error


def _mark(path: Path) -> None:
    """Note that a file is used just now, by the clock of the small bodies: the file system's own may be coarser."""
    now = time.time_ns()
    os.utime(path, ns=(now, now))


def _size(path: Path) -> int | None:
    """Return how many bytes a file has, None where there is none."""
    try:
        return path.stat().st_size
    except FileNotFoundError:
        return None
