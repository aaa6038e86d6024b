"""Fills the index of the search when a catalogue is made; `publish.search` reads it."""

import sqlite3
from collections.abc import Sequence

from publish.search import bare, index_text

INDEX_SQL = """
SELECT d.id,
       coalesce(d.title_en, '') || ' ' || coalesce(d.title_tc, '') || ' ' || coalesce(d.title_sc, '') AS title,
       coalesce(p.title_en, '') || ' ' || coalesce(p.title_tc, '') || ' ' || coalesce(p.title_sc, '') || ' ' || p.slug
           AS provider,
       d.name,
       coalesce((SELECT group_concat(coalesce(r.title_en, '') || ' ' || coalesce(r.title_tc, '') || ' '
                                     || coalesce(r.title_sc, '') || ' ' || r.format, ' ')
                 FROM resource r WHERE r.dataset = d.name), '') AS resources,
       coalesce(d.notes_en, '') || ' ' || coalesce(d.notes_tc, '') || ' ' || coalesce(d.notes_sc, '') AS notes
FROM dataset d JOIN provider p ON p.slug = d.provider ORDER BY d.id
"""
ADDRESSES_SQL = """
SELECT dataset, address FROM (
    SELECT r.dataset, u.url AS address FROM resource r JOIN url u ON u.id IN (r.url, r.example)
    UNION SELECT dataset, url_en FROM resource WHERE url_en IS NOT NULL
    UNION SELECT dataset, url_tc FROM resource WHERE url_tc IS NOT NULL
    UNION SELECT dataset, url_sc FROM resource WHERE url_sc IS NOT NULL
    UNION SELECT d.name, u.url FROM dataset d JOIN url u ON u.id = d.dictionary
) ORDER BY dataset, address
"""
MAX_FIELD, MAX_ADDRESSES = 20_000, 400_000
"""Characters of one field, and of one dataset's addresses, that are indexed; the longest honest notes have a few
thousand, the longest lists of files some thousand addresses."""


def fill_index(connection: sqlite3.Connection) -> int:
    """Fill ``dataset_search`` and ``dataset_search_address`` from the tables of an unfinished catalog.db.

    Returns how many datasets they hold. Hosts, which are the same again and again, are indexed once a dataset.
    """
    addresses: dict[str, list[str]] = {}
    for dataset, address in connection.execute(ADDRESSES_SQL):
        addresses.setdefault(dataset, []).append(bare(address))
    rows = connection.execute(INDEX_SQL).fetchall()
    connection.executemany(
        "INSERT INTO dataset_search (rowid, title, provider, name, resources, notes) VALUES (?, ?, ?, ?, ?, ?)",
        [(row[0], *(index_text(field[:MAX_FIELD]) for field in row[1:])) for row in rows],
    )
    connection.executemany(
        "INSERT INTO dataset_search_address (rowid, host, path) VALUES (?, ?, ?)",
        [(row[0], *_hosts_and_paths(addresses.get(row[3], []))) for row in rows],
    )
    return len(rows)


def _hosts_and_paths(addresses: Sequence[str]) -> tuple[str, str]:
    cut = [address.partition("/") for address in "\n".join(addresses)[:MAX_ADDRESSES].split("\n")]
    hosts, paths = dict.fromkeys(host for host, _, _ in cut), dict.fromkeys(path for _, _, path in cut)
    return index_text("\n".join(hosts)), index_text("\n".join(paths))
