"""Raw records kept once, and what changed from one to the next beside them; withdrawals, returns and renames."""

import hashlib
import json
import zlib
from collections.abc import Iterable, Mapping, Sequence

from sqlite_utils import Database

from harvester.history import Difference, differences, facts
from harvester.joining import Record
from harvester.records import Language
from harvester.renames import ProviderRename, moved_providers, renamed, same_record, same_rest
from harvester.store.workshop import Run

_CANONICAL = json.JSONEncoder(sort_keys=True, separators=(",", ":")).encode
_QUICK = 1
"""The level of zlib that records are packed at: the usual one costs a third more CPU to save 7 % of the space."""


def canonical(record: Record) -> bytes:
    """Return the bytes a raw record is kept and told apart by: ASCII JSON with sorted keys."""
    return _CANONICAL(record).encode("ascii")


def digest(record: Record | None) -> str | None:
    """Return the SHA-256 of a raw record in hexadecimal; None for no record."""
    return None if record is None else hashlib.sha256(canonical(record)).hexdigest()


def keep_records(
    db: Database,
    run: Run,
    name: str,
    records: Mapping[Language, Record],
    asked: Sequence[Language],
    *,
    own_ids: bool,
) -> None:
    """Store one dataset's raw records that are new, and how each differs from the last of its language.

    ``asked`` are the instances that list it; one without a record in ``records`` says that it has none. Must be called
    before the dataset's own row is brought up to date, within a transaction.
    """
    sql = "SELECT language, sha256 FROM reading WHERE dataset = ?"
    before: dict[Language, str | None] = dict(db.execute(sql, [name]).fetchall())
    _note_listed(db, run, name)
    versions, read = [], []
    for language in asked:
        record = records.get(language)
        body = None if record is None else canonical(record)
        sha256 = None if body is None else hashlib.sha256(body).hexdigest()
        if body is not None and sha256 != before.get(language):
            versions.append([name, language, sha256, zlib.compress(body, _QUICK), run.started, run.id])
        if before and sha256 != before.get(language):
            old = facts(name, _record(db, name, language, before.get(language)), own_ids=own_ids)
            _note(db, run, name, language, differences(old, facts(name, record, own_ids=own_ids)))
        read.append([name, language, run.started, sha256, run.id])
    db.conn.executemany("INSERT OR IGNORE INTO record_version VALUES (?, ?, ?, ?, ?, ?)", versions)
    sql = "INSERT OR REPLACE INTO reading (dataset, language, at, sha256, run) VALUES (?, ?, ?, ?, ?)"
    db.conn.executemany(sql, read)
    for language in before.keys() - set(asked):
        old = facts(name, _record(db, name, language, before[language]), own_ids=own_ids)
        _note(db, run, name, language, differences(old, {}))
        db.execute("DELETE FROM reading WHERE dataset = ? AND language = ?", [name, language])


def note_withdrawn(db: Database, run: Run, names: Iterable[str]) -> None:
    """Write that datasets are listed no more, within a transaction."""
    for name in names:
        _note(db, run, name, "", [Difference("", "dataset", "listed", "withdrawn")])


def note_renames(db: Database, run: Run, written: Sequence[ProviderRename], *, own_ids: bool) -> int:
    """Find what went and came back under another name in this run, write it, and return how many datasets that is.

    A dataset is the same where a record id of its own is, or where all of a provider's datasets came back under one
    other slug with the rest of their names; ``written`` renames of providers need only the rest of the name.
    """
    with db.atomic():
        provider = dict(db.execute("SELECT name, provider FROM dataset").fetchall())
        gone = [row[0] for row in db.execute("SELECT name FROM dataset WHERE withdrawn_at = ?", [run.started])]
        sql = "SELECT dataset FROM change WHERE run = ? AND field = 'dataset' AND old IS NULL"
        come = [row[0] for row in db.execute(sql, [run.id])]
        pairs = _written_pairs(db, written, provider)
        emptied = _emptied(db, gone, provider)
        if gone and come:
            pairs |= same_rest(_by_provider(emptied, provider), _by_provider(come, provider))
            pairs |= same_record({name: _ids(db, name) for name in gone}, {name: _ids(db, name) for name in come})
        for old, new in pairs.items():
            _note(db, run, new, "", [Difference("", "name", old, new)])
            _carry_on(db, run, old, new, own_ids=own_ids)
        seen = moved_providers(pairs, provider, emptied)
        rows = [[rename.old, rename.new, rename.at, rename.source] for rename in written if _has(db, rename.new)]
        rows += [[old, new, run.started, f"seen by harvest {run.id}"] for old, new in seen.items()]
        db.conn.executemany("INSERT OR IGNORE INTO provider_rename (old, new, at, source) VALUES (?, ?, ?, ?)", rows)
    return len(pairs)


def _note_listed(db: Database, run: Run, name: str) -> None:
    """Write that a dataset appeared or returned, if it did."""
    row = db.execute("SELECT withdrawn_at FROM dataset WHERE name = ?", [name]).fetchone()
    if row is None:
        _note(db, run, name, "", [Difference("", "dataset", None, "listed")])
    elif row[0] is not None:
        # Away for no longer than this run was interrupted is not to have been away.
        sql = "DELETE FROM change WHERE run = ? AND dataset = ? AND field = 'dataset' AND new = 'withdrawn'"
        if not db.execute(sql, [run.id, name]).rowcount:
            _note(db, run, name, "", [Difference("", "dataset", "withdrawn", "listed")])


def _note(db: Database, run: Run, name: str, language: str, found: Iterable[Difference]) -> None:
    db.conn.executemany(
        """
        INSERT OR IGNORE INTO change (run, dataset, resource, language, field, old, new, at)
        VALUES (?, ?, ?, ?, ?, ?, ?, ?)
        """,
        ([run.id, name, one.resource, language, one.field, one.old, one.new, run.started] for one in found),
    )


def _record(db: Database, name: str, language: str, sha256: str | None) -> Record | None:
    sql = "SELECT body FROM record_version WHERE dataset = ? AND language = ? AND sha256 = ?"
    row = db.execute(sql, [name, language, sha256]).fetchone()
    return None if row is None else json.loads(zlib.decompress(row[0]))


def _records(db: Database, name: str) -> dict[str, Record]:
    """Return a dataset's records as they were last read."""
    rows = db.execute("SELECT language, sha256 FROM reading WHERE dataset = ?", [name]).fetchall()
    found = {language: _record(db, name, language, sha256) for language, sha256 in rows}
    return {language: record for language, record in found.items() if record is not None}


def _ids(db: Database, name: str) -> list[str]:
    """Return the ids that the instances gave a dataset's records."""
    ids = (record.get("id") for record in _records(db, name).values())
    return sorted(one for one in ids if isinstance(one, str) and one)


def _carry_on(db: Database, run: Run, old: str, new: str, *, own_ids: bool) -> None:
    """Write how a renamed dataset's records differ from those it had under its old name."""
    before, after = _records(db, old), _records(db, new)
    for language in before.keys() | after.keys():
        # The old record is read under the new name too, or resources known by their place would seem to be others.
        first = facts(new, before.get(language), own_ids=own_ids)
        _note(db, run, new, language, differences(first, facts(new, after.get(language), own_ids=own_ids)))


def _written_pairs(db: Database, written: Sequence[ProviderRename], provider: Mapping[str, str]) -> dict[str, str]:
    """Return the pairs that written renames make of datasets gone and still there, as far as they are not known yet."""
    slugs = {rename.old: rename.new for rename in written}
    sql = """
        SELECT name FROM dataset
        WHERE withdrawn_at IS NOT NULL AND name NOT IN (SELECT old FROM change WHERE field = 'name')
    """
    names = [row[0] for row in db.execute(sql)] if slugs.keys() & set(provider.values()) else []
    found = {name: renamed(name, provider[name], slugs[provider[name]]) for name in names if provider[name] in slugs}
    return {old: new for old, new in found.items() if new is not None and new in provider}


def _emptied(db: Database, gone: Sequence[str], provider: Mapping[str, str]) -> list[str]:
    """Return those of ``gone`` whose provider has no dataset left."""
    live = {row[0] for row in db.execute("SELECT DISTINCT provider FROM dataset WHERE withdrawn_at IS NULL")}
    return [name for name in gone if provider[name] not in live]


def _by_provider(names: Iterable[str], provider: Mapping[str, str]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for name in names:
        found.setdefault(provider[name], []).append(name)
    return found


def _has(db: Database, provider: str) -> bool:
    return db.execute("SELECT 1 FROM dataset WHERE provider = ? LIMIT 1", [provider]).fetchone() is not None
