"""Puts an export in place whole: made beside its folder, moved there when it is complete."""

import json
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from harvester.errors import BarometerError
from publish.exports.job import digest

LIST = "export.json"
"""Names every file of an export with its size and SHA-256; a folder with one is ours to replace."""


@contextmanager
def whole(folder: Path) -> Iterator[Path]:
    """Give a draft beside ``folder`` to write into, and put it in ``folder``'s place if nothing was raised.

    What stood there before stands until then, and stands still where the export fails.
    Raises BarometerError where ``folder`` holds what no export of ours wrote, cannot be written, or the disk is full.
    """
    _must_be_ours(folder)
    folder = folder.absolute()
    draft, old = (folder.with_name(f".{folder.name}.{part}") for part in ("draft", "old"))
    try:
        _put_back(old, folder)
        shutil.rmtree(draft, ignore_errors=True)
        draft.mkdir()
        yield draft
        if folder.exists():
            folder.replace(old)
        draft.replace(folder)
    except OSError as error:
        raise BarometerError(
            f"The export could not be written to {folder} ({error.strerror or error}): free some space or name another"
            " folder; what stood there stands."
        ) from error
    finally:
        _put_back(old, folder)
        shutil.rmtree(draft, ignore_errors=True)


def _put_back(old: Path, folder: Path) -> None:
    """Clear the export that was replaced away, or put it back where the new one did not come to stand."""
    if folder.exists():
        shutil.rmtree(old, ignore_errors=True)
    elif old.exists():
        old.replace(folder)


def _must_be_ours(folder: Path) -> None:
    if not folder.parent.is_dir():
        raise BarometerError(f"There is no folder {folder.parent}: make it, or name another place.")
    if folder.is_symlink() or (folder.exists() and not folder.is_dir()):
        raise BarometerError(f"{folder} is not a folder: name another place.")
    if folder.is_dir() and any(folder.iterdir()) and strangers(folder):
        raise BarometerError(
            f"{folder} holds what no export wrote ({strangers(folder)[0]}): name another folder, or an empty one."
        )


def strangers(folder: Path) -> list[str]:
    """Return the files in ``folder`` that its own list does not name; all of them where it has no list."""
    try:
        listed = {LIST, *json.loads((folder / LIST).read_text(encoding="utf-8"))["files"]}
    except (OSError, ValueError, KeyError, TypeError):
        listed = set()
    there = (path.relative_to(folder).as_posix() for path in folder.rglob("*") if not path.is_dir())
    return sorted(path for path in there if path not in listed)


def write_list(draft: Path, about: dict[str, str]) -> None:
    """Write the list of all files in ``draft`` with their sizes and sums; ``about`` says of which catalogue."""
    files = {}
    for path in sorted(path for path in draft.rglob("*") if path.is_file()):
        size, sha256 = digest(path)
        files[path.relative_to(draft).as_posix()] = {"bytes": size, "sha256": sha256}
    text = json.dumps({**about, "files": files}, ensure_ascii=False, indent=1)
    (draft / LIST).write_text(text + "\n", encoding="utf-8")
