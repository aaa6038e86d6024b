"""Fills the tables of profiles: which ones scored, under what name, on what scale, with which bands and measures."""

import sqlite3
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

from publish.i18n import Translator
from scoring.measures import MEASURES
from scoring.rubric import DEFAULT, Rubric, load_rubrics
from scoring.rubric_store import read_again
from scoring.scale import band_from

STANDING = """
SELECT s.profile, s.rubric_digest AS digest, r.text, coalesce(r.last_used, max(s.since)) AS last_used FROM score s
LEFT JOIN rubric r ON r.digest = s.rubric_digest WHERE s.subject_type = 'portal' AND +s.pillar = '' AND s.until IS NULL
GROUP BY s.profile ORDER BY s.profile <> :leading, s.profile
"""
"""The ``+`` keeps SQLite to the key, of which the portal is a short stretch."""
_read = lru_cache(maxsize=64)(read_again)


@dataclass(frozen=True, slots=True)
class Scored:
    """One profile by which the catalogue is scored, the leading one first.

    ``kept`` is False where the file those scores were made by is not in the catalogue, or cannot be read by this
    version: ``rubric`` is then the project's own of that name. ``last_used`` is the moment (ISO 8601 UTC) of its
    newest scores.
    """

    rubric: Rubric
    digest: str
    kept: bool
    last_used: str


@lru_cache(maxsize=1)
def _ours() -> Mapping[str, Rubric]:
    return {each.profile: each for each in load_rubrics()}


def scored_profiles(connection: sqlite3.Connection) -> Sequence[Scored]:
    """Return the profiles whose scores stand; one of which nothing at all is known any more is left out."""
    found: list[Scored] = []
    if not connection.execute("SELECT 1 FROM sqlite_master WHERE name = 'rubric'").fetchone():
        return found  # a catalogue built before the files were kept
    for name, digest, text, last_used in connection.execute(STANDING, {"leading": DEFAULT}).fetchall():
        rubric = _read(text, name) if text else _ours().get(name)
        kept = rubric is not None and rubric.digest == digest
        rubric = rubric or _ours().get(name)
        if rubric is not None:
            found.append(Scored(rubric, digest, kept, last_used))
    return found


def profiles_or_ours(connection: sqlite3.Connection) -> Sequence[Scored]:
    """Return the profiles whose scores stand, and where nothing is scored yet those that come with the project."""
    return scored_profiles(connection) or [Scored(each, each.digest, True, "") for each in _ours().values()]


def leading(connection: sqlite3.Connection) -> Rubric:
    """Return the profile that leads, as the catalogue was scored by it."""
    return next(
        (each.rubric for each in scored_profiles(connection) if each.rubric.profile == DEFAULT), _ours()[DEFAULT]
    )


def fill_measures(connection: sqlite3.Connection) -> None:
    """Write the measures' names; one that only the workshop knows keeps its own word as its name."""
    known = {name: (each.title, each.sentence) for name, each in MEASURES.items()}
    for (name,) in connection.execute("SELECT DISTINCT measure FROM workshop.measure ORDER BY 1"):
        known.setdefault(name, (name, ""))
    connection.executemany(
        "INSERT INTO measure_kind (id, title_en, title_tc, title_sc, sentence_en) VALUES (?, ?, ?, ?, ?)",
        [(name, title, Translator("tc")(title), Translator("sc")(title), sentence)
         for name, (title, sentence) in sorted(known.items())],
    )  # fmt: skip


def fill_profiles(connection: sqlite3.Connection) -> None:
    """Write the profiles whose scores stand with their bands, and what the leading one weighs."""
    digests = {row[0] for row in connection.execute("SELECT digest FROM rubric")}
    for place, each in enumerate(scored_profiles(connection), 1):
        rubric = each.rubric
        title = (rubric.title.en, rubric.title.tc, rubric.title.sc)
        connection.execute(
            "INSERT INTO profile (id, title_en, title_tc, title_sc, position, version, out_of, digest, rubric)"
            " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
            [rubric.profile, *title, place, rubric.version if each.kept else None, rubric.out_of, each.digest,
             each.digest if each.digest in digests else None],
        )  # fmt: skip
        connection.executemany(
            "INSERT INTO band (profile, least, above, own_least, title_en, title_tc, title_sc)"
            " VALUES (?, ?, ?, ?, ?, ?, ?)",
            [(rubric.profile, round(band.least, 6), int(band.above), band_from(rubric, band.least),
              band.title.en, band.title.tc, band.title.sc) for band in rubric.bands],
        )  # fmt: skip
    connection.executemany(
        "UPDATE criterion SET weight = ? WHERE id = ?",
        [(item.weight, item.criterion) for item in leading(connection).items],
    )
