"""Templates' examples: column resource.example is kept equal to what the stored records give."""

import json
from collections.abc import Mapping
from itertools import groupby
from typing import Any

from sqlite_utils import Database

from harvester.clock import HONG_KONG, parse_iso
from harvester.store.workshop import Run
from harvester.templates import fill, recent_day, strings_in
from harvester.vocabulary import host_of

Row = Mapping[str, Any]

RECORDS = """
    SELECT r.shared_id, r.dataset, r.kind, r.temporal_to, u.url AS address, r.url_en, r.url_tc, r.url_sc, r.example,
        r.description_en, r.description_tc, r.description_sc, r.title_en, r.title_tc, r.title_sc, r.extras,
        d.notes_en, d.notes_tc, d.notes_sc, d.extras AS dataset_extras, e.url AS before
    FROM resource r JOIN dataset d ON d.name = r.dataset JOIN url u ON u.id = r.url LEFT JOIN url e ON e.id = r.example
    WHERE r.withdrawn_at IS NULL
        AND r.dataset IN (SELECT dataset FROM resource WHERE kind = 'template' OR example IS NOT NULL){among}
    ORDER BY r.dataset, r.position, r.shared_id
"""
GIVEN = """
    UPDATE resource SET example = (SELECT u.id FROM url u WHERE u.url = json_extract(j.value, '$[1]'))
    FROM json_each(?) AS j WHERE shared_id = json_extract(j.value, '$[0]')
"""


def note_examples(db: Database, run: Run, only: str = "") -> int:
    """Give each live template the address its dataset gives as an example of it, or none; return how many have one.

    Where ``only`` names a dataset, each of its templates.

    It reads the stored records, so that what an older version stored gets its examples too, and a day stays recent.
    """
    today = parse_iso(run.started).astimezone(HONG_KONG).date()
    among, asked = (" AND r.dataset = ?", [only]) if only else ("", [])
    found: dict[str, str | None] = {}
    before: dict[str, str | None] = {}
    for _, group in groupby(db.query(RECORDS.format(among=among), asked), key=lambda row: str(row["dataset"])):
        rows = list(group)
        for row in rows:
            before[row["shared_id"]] = row["before"]
            day = recent_day(today, row["temporal_to"])
            others = [address for other in rows for address in _addresses(other) if address != row["address"]]
            is_template = row["kind"] == "template"
            found[row["shared_id"]] = fill(row["address"], _texts(row), others, day) if is_template else None
    changed = [(shared_id, url) for shared_id, url in found.items() if url != before[shared_id]]
    with db.atomic():
        db.conn.executemany(
            "INSERT OR IGNORE INTO url (url, host, first_seen) VALUES (?, ?, ?)",
            ([url, host_of(url), run.started] for _, url in changed if url),
        )
        db.execute(GIVEN, [json.dumps(changed)])
    return sum(url is not None for url in found.values())


def _addresses(row: Row) -> list[str]:
    return [row[name] for name in ("address", "url_en", "url_tc", "url_sc") if row[name]]


def _texts(row: Row) -> list[str]:
    """Return what a resource and its dataset say, the nearest first."""
    names = (f"{field}_{end}" for field in ("description", "title", "notes") for end in ("en", "tc", "sc"))
    said = [row[name] for name in names if row[name]]
    return [*said, *strings_in(row["extras"]), *strings_in(row["dataset_extras"])]
