"""Keeping the profiles themselves beside the scores they made, and reading them again years later."""

from collections.abc import Sequence

from sqlite_utils import Database

from harvester.errors import SettingsError
from scoring.rubric import Rubric, parse_rubric

_KEEP = """
INSERT INTO rubric (digest, profile, version, text, first_used, last_used) VALUES (?, ?, ?, ?, ?, ?)
ON CONFLICT (digest) DO UPDATE SET version = excluded.version, text = excluded.text,
    first_used = min(first_used, excluded.first_used), last_used = max(last_used, excluded.last_used)
"""


def keep_rubrics(db: Database, rubrics: Sequence[Rubric], as_of: str) -> None:
    """Store each rubric's file as it was read, used for scores as of a moment (ISO 8601 UTC).

    One that is not what its file says (made by a program) is not stored: a stored file gives the digest it stands by.
    """
    kept = [
        (each.digest, each.profile, each.version, each.text, as_of, as_of)
        for each in rubrics
        if each.text and (again := read_again(each.text, each.profile)) and again.digest == each.digest
    ]
    with db.atomic():
        db.conn.executemany(_KEEP, kept)


def read_again(text: str, profile: str) -> Rubric | None:
    """Return a stored profile, None where it names what this version of the program no longer has."""
    try:
        return parse_rubric(text, profile)
    except SettingsError:
        return None
