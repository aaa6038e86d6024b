"""Raw texts of the stored catalogue: those that the vocabulary cannot read, and all of them anew when it changes."""

from sqlite_utils import Database

from harvester.vocabulary import address_kind
from harvester.wordlist import TextKind, Vocabulary

LONGEST = 500
"""Characters of an unknown text that are kept; the record holds the whole."""

_FREQUENCIES = """
    SELECT frequency_{language}, 1, name FROM dataset
    WHERE withdrawn_at IS NULL AND frequency_{language} IS NOT NULL
"""
_FORMATS = """
    SELECT format, count(DISTINCT dataset), min(dataset) FROM resource
    WHERE withdrawn_at IS NULL GROUP BY format
"""
_DATES = """
    SELECT text, count(DISTINCT dataset), min(dataset) FROM (
        SELECT created AS text, name AS dataset FROM dataset WHERE withdrawn_at IS NULL
        UNION ALL SELECT modified, name FROM dataset WHERE withdrawn_at IS NULL
        UNION ALL SELECT created, dataset FROM resource WHERE withdrawn_at IS NULL
        UNION ALL SELECT modified, dataset FROM resource WHERE withdrawn_at IS NULL
        UNION ALL SELECT published, dataset FROM resource WHERE withdrawn_at IS NULL
        UNION ALL SELECT temporal_from, dataset FROM resource WHERE withdrawn_at IS NULL
        UNION ALL SELECT temporal_to, dataset FROM resource WHERE withdrawn_at IS NULL
    ) WHERE text IS NOT NULL GROUP BY text
"""
_SOURCES: tuple[tuple[TextKind, str, str], ...] = (
    *(("frequency", language, _FREQUENCIES.format(language=language)) for language in ("en", "tc", "sc")),
    ("format", "", _FORMATS),
    ("date", "", _DATES),
)


def adopt(db: Database, vocabulary: Vocabulary) -> bool:
    """Read the stored frequencies and formats anew where the written vocabulary is not the one of last time.

    Nothing is fetched for it: the texts stand in the rows as the portal wrote them. Returns whether it was done.
    """
    entries = sorted((kind, text, means) for (kind, text), means in vocabulary.written.items())
    if db.execute("SELECT kind, text, means FROM vocabulary ORDER BY kind, text").fetchall() == entries:
        return False
    with db.atomic():
        db.execute("DELETE FROM vocabulary")
        db.conn.executemany("INSERT INTO vocabulary (kind, text, means) VALUES (?, ?, ?)", entries)
        db.conn.executemany(
            "UPDATE dataset SET schedule = ?, period_days = ? WHERE name = ?", _schedules(db, vocabulary)
        )
        db.conn.executemany("UPDATE resource SET kind = ? WHERE shared_id = ?", _kinds(db, vocabulary))
    return True


def note_unknown(db: Database, vocabulary: Vocabulary) -> int:
    """Keep which texts of the live catalogue the vocabulary cannot read, and return how many they are."""
    found: dict[tuple[TextKind, str, str], tuple[int, str]] = {}
    for kind, language, sql in _SOURCES:
        for text, datasets, example in db.execute(sql):
            if not vocabulary.understands(kind, text):
                key = kind, text[:LONGEST], language
                count, first = found.get(key, (0, example))
                found[key] = count + datasets, min(first, example)
    with db.atomic():
        db.execute("DELETE FROM unknown_text")
        db.conn.executemany(
            "INSERT INTO unknown_text (kind, text, language, datasets, example) VALUES (?, ?, ?, ?, ?)",
            ((*key, *value) for key, value in found.items()),
        )
    return len(found)


def _schedules(db: Database, vocabulary: Vocabulary) -> list[tuple[str, float | None, str]]:
    changed: list[tuple[str, float | None, str]] = []
    sql = "SELECT name, schedule, period_days, frequency_en, frequency_tc, frequency_sc FROM dataset"
    for name, schedule, days, *texts in db.execute(sql):
        read = vocabulary.frequency(*texts)
        if (read.schedule, read.period_days) != (schedule, days):
            changed.append((read.schedule, read.period_days, name))
    return changed


def _kinds(db: Database, vocabulary: Vocabulary) -> list[tuple[str, str]]:
    changed: list[tuple[str, str]] = []
    sql = "SELECT shared_id, kind, coalesce(url_en, url_tc, url_sc, ''), is_api, format FROM resource"
    for shared_id, kind, url, is_api, declared in db.execute(sql):
        read = address_kind(url, None if is_api is None else bool(is_api), vocabulary.format(declared))
        if read != kind:
            changed.append((read, shared_id))
    return changed
