"""How every address stands now, read in little: the history is read again only where the newest visit was not good."""

import json

from sqlite_utils import Database

from harvester.health import Health, Probe, health_of, read_sign
from harvester.store.health import AMONG, BATCH, IN_ORDER, PROBES, bases, by_url

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

    The same as ``health_of`` says of every visit there ever was: after a good visit nothing speaks against the state
    any more, so that table spell and that visit tell all.
    """
    found: dict[int, Health] = {}
    doubtful: list[int] = []
    for row in db.execute(_NEWEST):
        url, state, reason, since, *seen = row
        newest = Probe(*seen)
        if read_sign(newest)[0] == "good":
            at = newest.started
            found[url] = Health(state, reason, since, at, 0, waiting=False, last_good=at)
        else:
            doubtful.append(url)
    for start in range(0, len(doubtful), BATCH):
        some = doubtful[start : start + BATCH]
        known, probes = bases(db, some), dict(by_url(db.execute(PROBES + AMONG + IN_ORDER, [json.dumps(some)])))
        found.update((url, health_of(probes.get(url, ()), known[url][0] if url in known else None)) for url in some)
    return found
