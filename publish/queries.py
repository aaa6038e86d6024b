"""Each page's questions to catalog.db: a handful of indexed look-ups, never one a row."""

import json
import sqlite3
from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any

from publish.names import MIN_KNOWN, PROFILE
from publish.search import search as find

Row = dict[str, Any]
MAX_RESOURCES = 100
MAX_VISITS = 5
"""How much of a list a page shows; the rest is one link away in the tables underneath."""


def rows(connection: sqlite3.Connection, sql: str, values: Mapping[str, object] | Sequence[object] = ()) -> list[Row]:
    """Return the rows of a query as plain dicts."""
    cursor = connection.execute(sql, values)
    names = [column[0] for column in cursor.description]
    return [dict(zip(names, row, strict=True)) for row in cursor]


def one(connection: sqlite3.Connection, sql: str, values: Mapping[str, object] | Sequence[object] = ()) -> Row | None:
    """Return the first row of a query, or None."""
    return next(iter(rows(connection, sql, values)), None)


def meta(connection: sqlite3.Connection) -> dict[str, str]:
    """Return what the catalogue says of itself."""
    return {row["key"]: row["value"] for row in rows(connection, "SELECT key, value FROM meta")}


def whose(subject: str | None) -> str:
    """Return the SQL condition that picks one subject; none for None, the portal, of which there is one.

    Written so, and not as one condition for both, as SQLite then finds the row by its key.
    """
    return "" if subject is None else "AND subject = :subject"


def score(connection: sqlite3.Connection, kind: str, subject: str | None = None) -> Row | None:
    """Return the standing score of a subject in the leading profile; of the portal where ``subject`` is None."""
    sql = (
        "SELECT subject, point, low, high, known, n, parts, since FROM score WHERE subject_type = :kind"  # noqa: S608 - our own text
        f" {whose(subject)} AND profile = :profile AND pillar = '' AND until IS NULL ORDER BY since DESC LIMIT 1"
    )
    return one(connection, sql, {"kind": kind, "subject": subject, "profile": PROFILE})


def counts(connection: sqlite3.Connection) -> Row:
    """Return how many datasets, resources, addresses and providers stand, and how many resources are down."""
    sql = """
    SELECT (SELECT count(*) FROM dataset_summary) AS datasets,
           (SELECT count(*) FROM resource WHERE withdrawn_at IS NULL) AS resources,
           (SELECT count(*) FROM latest_visit) AS addresses,
           (SELECT count(*) FROM provider_summary WHERE datasets > 0) AS providers,
           (SELECT coalesce(sum(failing), 0) FROM dataset_summary) AS failing,
           (SELECT coalesce(sum(tasks), 0) FROM dataset_summary) AS tasks,
           (SELECT point FROM score WHERE subject_type = 'portal' AND profile = :profile AND pillar = 'by-provider'
            AND until IS NULL ORDER BY since DESC LIMIT 1) AS provider_mean
    """
    return rows(connection, sql, {"profile": PROFILE})[0]


def parts(connection: sqlite3.Connection, provider: str = "") -> list[Row]:
    """Return the criteria with their answers counted over a provider's datasets, beside the portal's mean."""
    sql = """
    SELECT c.id, c.title_en, c.weight, s.yes, s.partly, s.no, s.unknown - s.apart AS unknown, s.apart,
           s.mean, p.mean AS portal_mean
    FROM criterion c JOIN criterion_summary s ON s.criterion = c.id AND s.provider = :provider
    LEFT JOIN criterion_summary p ON p.criterion = c.id AND p.provider = ''
    ORDER BY c.weight IS NULL, c.position
    """
    return rows(connection, sql, {"provider": provider})


PROVIDERS_SQL = """
SELECT p.slug, p.title_en, p.title_tc, p.title_sc, s.* FROM provider_summary s JOIN provider p ON p.slug = s.provider
"""


def providers(connection: sqlite3.Connection) -> list[Row]:
    """Return every provider that has datasets, ranked ones first."""
    return rows(
        connection, PROVIDERS_SQL + " WHERE s.datasets > 0 ORDER BY s.rank IS NULL, s.rank, s.point DESC, p.slug"
    )


def provider(connection: sqlite3.Connection, slug: str) -> Row | None:
    """Return one provider with its summary."""
    return one(connection, PROVIDERS_SQL + " WHERE p.slug = ?", [slug])


DATASETS_SQL = """
SELECT d.name, d.title_en, d.title_tc, d.title_sc, s.point, s.low, s.high, s.known, s.resources, s.failing, s.tasks,
       s.points, d.provider, p.title_en AS provider_en, p.title_tc AS provider_tc, p.title_sc AS provider_sc
FROM dataset_summary s JOIN dataset d ON d.name = s.dataset JOIN provider p ON p.slug = d.provider
"""


def datasets(connection: sqlite3.Connection, field: str, value: str) -> list[Row]:
    """Return a provider's or a category's datasets, lowest score first: where the work is."""
    column = {"provider": "s.provider", "category": "s.category"}[field]
    return rows(connection, f"{DATASETS_SQL} WHERE {column} = ? ORDER BY s.point IS NULL, s.point, d.name", [value])


def ranked(connection: sqlite3.Connection) -> int:
    """Return how many providers have a rank."""
    return int(rows(connection, "SELECT count(*) AS n FROM provider_summary WHERE rank IS NOT NULL")[0]["n"])


def ends(connection: sqlite3.Connection, limit: int = 5) -> tuple[list[Row], list[Row]]:
    """Return the best and the worst datasets by score, among those enough is known of."""
    chosen = "SELECT dataset FROM dataset_summary WHERE point IS NOT NULL AND known >= ? ORDER BY"
    best, worst = (
        rows(
            connection,
            f"{DATASETS_SQL} WHERE s.dataset IN ({chosen} {order}, dataset LIMIT ?) ORDER BY s.{order}, d.name",
            [MIN_KNOWN, limit],
        )
        for order in ("point DESC", "point")
    )
    return best, worst


def failing(connection: sqlite3.Connection, limit: int = 10) -> list[Row]:
    """Return resources whose address failed at its last visit, the datasets with most first."""
    sql = """
    SELECT f.dataset, d.title_en, d.title_tc, d.title_sc, f.outcome, f.status, f.visited, f.url, f.resources
    FROM failing_count f JOIN dataset d ON d.name = f.dataset
    ORDER BY f.resources DESC, f.dataset, f.outcome LIMIT ?
    """
    return rows(connection, sql, [limit])


def formats(connection: sqlite3.Connection, limit: int = 12) -> list[Row]:
    """Return formats that are not what the record declares, most resources first."""
    sql = """
    SELECT * FROM format_declared_found WHERE lower(declared) <> found AND found <> 'not reached'
    ORDER BY resources DESC, declared, found LIMIT ?
    """
    return rows(connection, sql, [limit])


def categories(connection: sqlite3.Connection) -> list[Row]:
    """Return the categories that have datasets, with their standing scores."""
    sql = """
    SELECT c.*, s.point, s.low, s.high, s.known, d.datasets FROM category c
    JOIN (SELECT category, count(*) AS datasets FROM dataset_summary GROUP BY category) d ON d.category = c.slug
    LEFT JOIN score s ON s.subject_type = 'category' AND s.subject = c.slug AND s.profile = ? AND s.pillar = ''
         AND s.until IS NULL
    ORDER BY c.title_en, c.slug
    """
    return rows(connection, sql, [PROFILE])


def category(connection: sqlite3.Connection, slug: str) -> Row | None:
    """Return one category."""
    return one(connection, "SELECT * FROM category WHERE slug = ?", [slug])


def dataset(connection: sqlite3.Connection, name: str) -> Row | None:
    """Return one dataset's record with its provider's, category's and dictionary's."""
    sql = """
    SELECT d.*, p.title_en AS provider_en, p.title_tc AS provider_tc, p.title_sc AS provider_sc,
           c.title_en AS category_en, c.title_tc AS category_tc, c.title_sc AS category_sc, u.url AS dictionary_url
    FROM dataset d JOIN provider p ON p.slug = d.provider LEFT JOIN category c ON c.slug = d.category
    LEFT JOIN url u ON u.id = d.dictionary WHERE d.name = ?
    """
    return one(connection, sql, [name])


def answers(connection: sqlite3.Connection, name: str, *, shown: bool = False) -> tuple[list[Row], list[Row]]:
    """Return a dataset's standing answers (its own and its resources') and those that were replaced, newest first.

    Where only what its page shows is wanted, those of its resources are left out that stand and are not short of a yes.
    """
    some = "AND (a.resource = '' OR a.value < 1 OR a.until IS NOT NULL)" if shown else ""
    sql = f"""
    SELECT a.*, c.title_en AS criterion_en, c.weight, c.position FROM answer a JOIN criterion c ON c.id = a.criterion
    WHERE a.dataset = ? {some} ORDER BY c.weight IS NULL, c.position, a.resource, a.since DESC
    """  # noqa: S608 - our own text
    found = [unpack(row) for row in rows(connection, sql, [name])]
    past = sorted((row for row in found if row["until"]), key=lambda row: str(row["until"]), reverse=True)
    return [row for row in found if not row["until"]], past


def resources(connection: sqlite3.Connection, name: str) -> list[Row]:
    """Return a dataset's resources with what their address gave last and, under ``visits`` and ``defects``, how."""
    sql = """
    SELECT r.*, coalesce(r.example, r.url) AS asked, u.url AS address, e.url AS example_address, l.outcome,
           l.started AS visited, l.sha256, c.format AS found, c.encoding, c.bom, c.rows, c.columns, c.bytes, c.verdict,
           c.repaired, c.reason, c.nature
    FROM resource r JOIN url u ON u.id = r.url LEFT JOIN url e ON e.id = r.example
    LEFT JOIN latest_visit l ON l.url = coalesce(r.example, r.url) LEFT JOIN content c ON c.sha256 = l.sha256
    WHERE r.dataset = ? AND r.withdrawn_at IS NULL ORDER BY r.position, r.shared_id LIMIT ?
    """
    found = rows(connection, sql, [name, MAX_RESOURCES])
    visits, defects = defaultdict(list), defaultdict(list)
    among = "(SELECT coalesce(example, url) FROM resource WHERE dataset = ? AND withdrawn_at IS NULL)"
    for visit in rows(
        connection,
        f"SELECT * FROM visit WHERE url IN {among} ORDER BY started DESC, attempt DESC",  # noqa: S608 - our own text
        [name],
    ):
        visits[visit["url"]].append(visit)
    for defect in rows(
        connection,
        f"SELECT f.* FROM latest_visit l JOIN defect f ON f.content = l.sha256 WHERE l.url IN {among}"  # noqa: S608 - our own text
        " ORDER BY f.count DESC, f.code",
        [name],
    ):
        defects[defect["content"]].append(unpack(defect, "examples", []))
    for row in found:
        row["visits"] = visits[row["asked"]][:MAX_VISITS]
        row["defects"] = _unique(defects[row["sha256"]])
    return found


def known_visits(connection: sqlite3.Connection, name: str) -> frozenset[int]:
    """Return the numbers of the published visits to a dataset's addresses, its dictionary's among them."""
    sql = """
    SELECT id FROM visit WHERE url IN (SELECT coalesce(example, url) FROM resource WHERE dataset = :name
                                       UNION SELECT dictionary FROM dataset WHERE name = :name)
    """
    return frozenset(row["id"] for row in rows(connection, sql, {"name": name}))


def searched(connection: sqlite3.Connection, query: str) -> list[Row]:
    """Return the datasets that hold every word of ``query``, best first."""
    names = find(connection, query)
    marks = ", ".join("?" * len(names))
    found = {row["name"]: row for row in rows(connection, f"{DATASETS_SQL} WHERE d.name IN ({marks})", names)}
    return [found[name] for name in names if name in found]


def _unique(found: list[Row]) -> list[Row]:
    return list({row["code"]: row for row in found}.values())


def unpack(row: Row, column: str = "evidence", empty: Any = None) -> Row:
    """Return ``row`` with a column of JSON read; ``empty`` (an empty dict by default) where it is not of that kind."""
    return {**row, column: _json(row[column], {} if empty is None else empty)}


def _json(text: str | None, empty: Any) -> Any:
    try:
        value = json.loads(text or "")
    except ValueError:
        return empty
    return value if isinstance(value, type(empty)) else empty
