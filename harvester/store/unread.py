"""Which addresses are to be read whole at last: what was long only confirmed, and what cannot be judged."""

from collections.abc import Sequence
from datetime import datetime

from sqlite_utils import Database

from harvester.clock import parse_iso
from harvester.revisit import Link
from harvester.store.bodies import Bodies
from harvester.store.visits import held


def unread(db: Database, found: Sequence[Link], bodies: Bodies, rules: int, since: datetime) -> list[Link]:
    """Return which of ``found`` answered well last and were not read whole since a moment (aware).

    And those whose body awaits its verdict, or one under ``rules``, and is not kept: only a visit brings it again.
    """
    read = held(db, [link.id for link in found], bodies, rules)
    good = "SELECT DISTINCT url FROM visit WHERE outcome = 'ok' AND sha256 IS NOT NULL"
    lost = {row[0] for row in db.execute(good)} - set(read)
    old = {id_ for id_, body in read.items() if body.last_outcome == "ok" and parse_iso(body.read) <= since}
    return [link for link in found if link.id in lost | old]
