"""How every address stands now, read in little: the history is read again only where the newest visit was not good."""

import json
from collections.abc import Mapping
from itertools import groupby
from typing import Any

from sqlite_utils import Database

from harvester.health import Health, Probe, health_of, read_sign
from harvester.store.health import AMONG, BATCH, IN_ORDER, PROBES

_NEWEST = """
    SELECT spell.url, spell.state, spell.reason, spell.since, visit.id, visit.run, visit.attempt, visit.started,
        visit.outcome, visit.status, coalesce(visit.nature, content.nature) AS nature
    FROM spell
    JOIN visit ON visit.id = (
        SELECT id FROM visit AS newest WHERE newest.url = spell.url ORDER BY started DESC, id DESC LIMIT 1)
    LEFT JOIN content ON content.sha256 = visit.sha256
    WHERE spell.until IS NULL
"""


def stand(db: Database) -> dict[int, Health]:
    """Return how each address that was ever visited stands, by its number; table spell must be up to date.

    The same as ``harvester.store.health.healths`` says, which reads every visit there ever was: after a good visit
    nothing speaks against the state any more, so that table spell and that visit tell all.
    """
    found: dict[int, Health] = {}
    doubtful: list[int] = []
    for row in db.query(_NEWEST):
        if read_sign(_probe(row))[0] == "good":
            at = row["started"]
            found[row["url"]] = Health(row["state"], row["reason"], row["since"], at, 0, waiting=False, last_good=at)
        else:
            doubtful.append(row["url"])
    for start in range(0, len(doubtful), BATCH):
        rows = db.query(PROBES + AMONG + IN_ORDER, [json.dumps(doubtful[start : start + BATCH])])
        for url, group in groupby(rows, key=lambda row: int(row["url"])):
            found[url] = health_of([_probe(row) for row in group])
    return found


def _probe(row: Mapping[str, Any]) -> Probe:
    return Probe(
        row["id"], row["run"], row["attempt"], row["started"], row["outcome"], row["status"], row["nature"],
        row.get("milliseconds"), bool(row.get("html")),
    )  # fmt: skip
