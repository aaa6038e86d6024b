"""Builds catalog.db whole from harvest.db: copied, summarised, indexed, charted, checked, then put in place at once."""

import sqlite3
from contextlib import closing
from importlib.metadata import version
from importlib.resources import files
from pathlib import Path

from harvester.clock import Clock, iso
from harvester.errors import BarometerError, NotOurDatabaseError
from harvester.replies import beside
from publish import releases
from publish.charts import draw_all
from publish.checksum import fill_sums, unsound
from publish.days import fill_days
from publish.i18n import Translator
from publish.layers import fill_layers
from publish.names import CRITERIA, MIN_KNOWN, MIN_RANKED
from publish.profile_tables import fill_measures, fill_profiles
from publish.replies import fill as fill_replies
from publish.search_index import fill_index
from publish.task_history import task_key
from publish.weekly import fill as fill_week

SCHEMA_VERSION = 1
"""Raised when a table or column of catalog.db changes its meaning, is renamed or goes."""

TABLES = {
    "provider": "slug", "category": "slug", "url": "id", "dataset": "name", "resource": "shared_id",
    "record_version": "dataset, language, sha256", "change": "run, dataset, resource, language, field",
    "provider_rename": "old, new", "content": "sha256", "defect": "content, code",
    "answer": "dataset, resource, criterion, since", "score": "subject_type, subject, profile, pillar, since",
    "dictionary_reading": "content", "dictionary_field": "content, position", "comparison": "kind, a, b",
    "difference": "kind, a, b, number", "spell": "url, since", "request": "day, host, purpose",
    "task": "dataset, resource, criterion", "failure": "run, item", "unknown_text": "kind, text, language",
    "ask": "subject_type, subject, ask, since", "explanation": "subject_type, subject, span", "rescore": "run, profile",
    "ranking_basis": "profile", "provider_rank": "profile, provider", "ahead": "profile, provider, other",
    "portal_interval": "profile, over", "agreement": "subject_type, profile, other",
    "rubric": "digest", "measure": "dataset, measure, since",
}  # fmt: skip
"""The workshop's tables that are copied as they are, and the order their rows are written in."""

MADE_HERE = {"dataset": {"id": "row_number() OVER (ORDER BY name)"},
             "ahead": {"settled": "share >= 0.95"},
             "rubric": {"label": "profile || ' ' || version"},
             "task": {"key": "task_key(dataset, resource, criterion)"},
             "content": {"label": "upper(format) || CASE WHEN rows IS NULL THEN '' ELSE ', ' || rows || ' rows' END"
                                  " || CASE WHEN verdict IS NULL THEN '' ELSE ', ' || verdict END"}}  # fmt: skip
"""Columns catalog.db has and the workshop has not, with the SQL that makes them."""

ONLY = {"content": "NOT spare OR sha256 IN (SELECT sha256 FROM main.visit)",
        "defect": "content IN (SELECT sha256 FROM main.content)"}  # fmt: skip
"""Of these tables only the rows that something published rests on: bodies that are superseded stay in the workshop."""

RUN_SQL = """
INSERT INTO run (id, label, kind, started, finished, state, portal, code_version, rubric_digest, options, counts)
SELECT id, kind || ' ' || id || ', ' || date(started, '+8 hours'), kind, started, finished, state, portal, code_version,
       rubric_digest, options, counts
FROM workshop.run WHERE kind <> 'publish' ORDER BY id
"""
VISIT_SQL = """
INSERT INTO visit ({columns})
SELECT {columns} FROM workshop.visit v
WHERE (v.url, v.run) IN (SELECT url, max(run) FROM workshop.visit GROUP BY url)
   OR v.id IN (SELECT min(id) FROM workshop.visit WHERE outcome = 'ok' AND sha256 IN (
                   SELECT sha256 FROM workshop.content WHERE NOT spare) GROUP BY url, sha256)
   OR v.id IN (SELECT max(seen.id) FROM workshop.visit seen LEFT JOIN workshop.content USING (sha256)
               WHERE outcome = 'ok' AND coalesce(content.nature, '') NOT IN ('login', 'challenge', 'error', 'empty')
               GROUP BY url, sha256 IS NOT NULL AND status IS NOT 304)
   OR v.id IN (SELECT value FROM workshop.spell, json_each(spell.proof))
ORDER BY v.id
"""
"""The visits of each address's last run, the first that saw each content told of (when it was found changed), the last
that went well and the last of those that brought the data whole, and those that prove a state: all that the scores
rest on."""

END_SQL = """
SELECT coalesce(max(at), ?) FROM (SELECT max(coalesce(finished, started)) AS at FROM run WHERE kind = 'check'
                                  UNION ALL SELECT max(started) FROM visit)
"""


def publish(harvest_db: Path, catalog: Path, clock: Clock, portal: str) -> dict[str, int]:
    """Build catalog.db at ``catalog`` from ``harvest_db`` and return how many rows each main table has.

    The file is made in the folder of its releases and becomes ``catalog`` when it has passed SQLite's own checks, so a
    reader, or a process that is killed, has the old file or the new one, never a part; the next run clears away what a
    kill left behind. ``portal`` is the address that was harvested. The caller holds the workshop's lock. Raises
    NotOurDatabaseError where harvest.db is missing or not ours, BusyError where another process publishes to the same
    place, BarometerError where the result is not sound or cannot be written.
    """
    if not harvest_db.exists():
        raise NotOurDatabaseError(
            f"There is no database at {harvest_db}: run `barometer harvest --db {harvest_db}` first."
        )
    if not catalog.parent.is_dir():
        raise BarometerError(f"There is no folder {catalog.parent}: make it, or name another place with --catalog.")
    with releases.publishing(catalog) as folder:
        try:
            counts = _made(harvest_db, folder, catalog, iso(clock()), portal)
        except sqlite3.IntegrityError as error:
            told = f"The new catalogue could not be filled and was not put in place: {error}."
            raise BarometerError(told) from error
        except sqlite3.DatabaseError as error:
            if error.sqlite_errorcode in NO_ROOM:
                raise BarometerError(_no_room(folder, str(error))) from error
            told = f"{harvest_db} could not be published ({error}): harvest into a new file."
            raise NotOurDatabaseError(told) from error
        except OSError as error:
            raise BarometerError(_no_room(folder, error.strerror or str(error))) from error
        releases.prune(folder)
    return counts


NO_ROOM = (sqlite3.SQLITE_FULL, sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_READONLY, *(
    getattr(sqlite3, f"SQLITE_IOERR_{what}") for what in ("WRITE", "FSYNC", "TRUNCATE", "SHMSIZE")
))  # fmt: skip
"""What SQLite says when it is the place that fails, and not what is written there."""


def _no_room(folder: Path, why: str) -> str:
    return (
        f"The new catalogue could not be written to {folder} ({why}): make room there, or make it writable; the one"
        " before stands as it was."
    )


def _made(harvest_db: Path, folder: Path, catalog: Path, built: str, portal: str) -> dict[str, int]:
    """Make the file and put it in place; nothing unfinished is left, whatever happens."""
    draft, packed = folder / ".draft", folder / ".packed"
    try:
        counts = _draft(harvest_db, draft, built, portal)
        with closing(sqlite3.connect(draft)) as connection:
            connection.execute("VACUUM INTO ?", [str(packed)])
        draft.unlink()  # makes room for a copy, where that is needed
        with closing(sqlite3.connect(f"{packed.resolve().as_uri()}?mode=ro", uri=True)) as connection:
            _check(connection)
        releases.put(folder, packed, catalog)
    finally:
        for leftover in (draft, packed):
            leftover.unlink(missing_ok=True)
    return counts


def published_portal(catalog: Path) -> str:
    """Return the portal a published catalogue holds. Raises NotOurDatabaseError where the file is no catalogue."""
    try:
        with closing(sqlite3.connect(f"file:{catalog}?mode=ro", uri=True)) as connection:
            return str(connection.execute("SELECT value FROM meta WHERE key = 'portal'").fetchone()[0])
    except (sqlite3.DatabaseError, TypeError) as error:
        raise NotOurDatabaseError(f"{catalog} is no catalogue of ours: name another file with --catalog.") from error


def _draft(harvest_db: Path, draft: Path, built: str, portal: str) -> dict[str, int]:
    """Fill the unfinished file."""
    with closing(sqlite3.connect(f"file:{draft}", uri=True, isolation_level=None)) as connection:
        connection.execute("PRAGMA journal_mode=OFF")
        connection.execute("PRAGMA synchronous=OFF")
        connection.create_function("task_key", 3, task_key, deterministic=True)
        connection.executescript(_sql("catalog.sql"))
        connection.executescript(_sql("ranking.sql"))
        connection.executescript(_sql("profiles.sql"))
        connection.executescript(_sql("views.sql", "harvester.store"))
        connection.executescript(_sql("days.sql"))
        fill_layers(connection, built)
        connection.execute("ATTACH ? AS workshop", [f"{harvest_db.resolve().as_uri()}?mode=ro"])
        connection.execute("BEGIN")
        _copy(connection)
        fill_profiles(connection)
        _describe(connection, built, portal)
        _summarise(connection, built)
        fill_week(connection)
        fill_replies(connection, beside(harvest_db), built)
        fill_index(connection)
        draw_all(connection)
        fill_sums(connection)  # the last of all: what is written after it would not be what was summed
        connection.execute("COMMIT")
        connection.execute("DETACH workshop")
        connection.execute("ANALYZE")
        names = ("provider", "category", "dataset", "resource", "url", "visit", "content", "answer", "score", "task")
        return {name: connection.execute(f"SELECT count(*) FROM {name}").fetchone()[0] for name in names}  # noqa: S608 - our own names


def _sql(name: str, package: str = "publish") -> str:
    return files(package).joinpath(name).read_text(encoding="utf-8")


def _columns(connection: sqlite3.Connection, schema: str, table: str) -> list[str]:
    return [row[1] for row in connection.execute(f"PRAGMA {schema}.table_info({table})")]


def _copy(connection: sqlite3.Connection) -> None:
    """Copy the workshop's rows, parents before children; what a child lacks a parent for is not published."""
    if "record_version" not in {row[0] for row in connection.execute("SELECT name FROM workshop.sqlite_master")}:
        raise NotOurDatabaseError("That database is not the workshop of barometer: name harvest.db with --db.")
    _criteria(connection)
    fill_measures(connection)
    connection.execute(RUN_SQL)
    columns = ", ".join(_columns(connection, "main", "visit"))
    connection.execute(VISIT_SQL.format(columns=columns))
    for table, order in TABLES.items():
        theirs = set(_columns(connection, "workshop", table))
        made = MADE_HERE.get(table, {})
        ours = [name for name in _columns(connection, "main", table) if name in theirs or name in made]
        values = ", ".join(made.get(name, name) for name in ours)
        connection.execute(
            f"INSERT INTO main.{table} ({', '.join(ours)}) SELECT {values} FROM workshop.{table}"  # noqa: S608 - names from our own schema
            f" WHERE {ONLY.get(table, 1)} ORDER BY {order}"
        )
    fill_days(connection)


def _criteria(connection: sqlite3.Connection) -> None:
    """Write the criteria and their names; one only the workshop knows keeps its own word as its name."""
    known = dict(CRITERIA)
    for table in ("answer", "task"):
        for (name,) in connection.execute(f"SELECT DISTINCT criterion FROM workshop.{table} ORDER BY 1"):  # noqa: S608 - two names, both ours
            known.setdefault(name, name)
    connection.executemany(
        "INSERT INTO criterion (id, title_en, title_tc, title_sc, position) VALUES (?, ?, ?, ?, ?)",
        [
            (name, title, Translator("tc")(title), Translator("sc")(title), place)
            for place, (name, title) in enumerate(known.items(), 1)
        ],
    )


def _describe(connection: sqlite3.Connection, built: str, portal: str) -> None:
    """Say in ``meta`` what this file is, when it was built and from what."""
    scanned = connection.execute("SELECT max(coalesce(finished, started)) FROM run WHERE kind = 'check'").fetchone()[0]
    digests = connection.execute("SELECT profile, max(rubric_digest) FROM score WHERE until IS NULL GROUP BY 1")
    values = {
        "built": built, "portal": portal, "scanned": scanned or "", "code_version": version("hk-open-data-barometer"),
        "schema_version": str(SCHEMA_VERSION), **{f"rubric_{profile}": digest for profile, digest in digests},
    }  # fmt: skip
    connection.executemany("INSERT INTO meta (key, value) VALUES (?, ?)", sorted(values.items()))


def _summarise(connection: sqlite3.Connection, built: str) -> None:
    """Fill the summary tables; what is known ends with the last check, not with the building of this file."""
    end = connection.execute(END_SQL, [built]).fetchone()[0]
    limits = {"min_ranked": MIN_RANKED, "min_known": MIN_KNOWN, "end": end}
    for name in ("summary.sql", "uptime.sql", "pace.sql", "shown.sql"):
        for statement in _sql(name).split(";\n"):
            if statement.strip():
                connection.execute(statement, {key: limits[key] for key in limits if f":{key}" in statement})


def _check(connection: sqlite3.Connection) -> None:
    """Raise BarometerError where SQLite finds the new file unsound or a foreign key without its row."""
    problems = list(unsound(connection))
    if problems:
        raise BarometerError(f"The new catalogue is not sound and was not put in place: {'; '.join(problems[:3])}.")
