"""From the tables of visits to what each address looked like at a moment, in a few big reads."""

import json
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from sqlite_utils import Database

from harvester.records import Content, Spell, Visit
from harvester.store.health import states_at
from scoring.facts import NOT_THE_DATA, Look, brought_data

Row = Mapping[str, Any]
Numbered = tuple[int, Visit]
"""A visit's number in the database, and the visit."""

VISITS = """
SELECT v.*, u.url AS address, c.nature AS body_nature FROM visit v JOIN url u ON u.id = v.url
LEFT JOIN content c ON c.sha256 = v.sha256
"""
OF_LAST_CHECK = """
JOIN (SELECT url, max(run) AS run FROM visit WHERE started <= :as_of{among} GROUP BY url) l
    ON l.url = v.url AND l.run = v.run
WHERE v.started <= :as_of ORDER BY v.url, v.attempt DESC
"""
BY_NUMBER = "WHERE v.id IN (SELECT value FROM json_each(?)) ORDER BY v.url, v.started DESC, v.id DESC"
BODIES = """
SELECT url, min(since) AS since FROM (
    SELECT v.url, substr(v.sha256, 1, 12) AS body, v.started AS since FROM visit v JOIN content c ON c.sha256 = v.sha256
    WHERE v.outcome = 'ok' AND v.started <= :as_of{among}
        AND c.nature NOT IN (SELECT value FROM json_each(:not_the_data))
    UNION ALL SELECT url, body, strftime('%Y-%m-%dT%H:%M:%SZ', first, 'unixepoch') FROM body_seen
    WHERE data AND first <= unixepoch(:as_of){among})
GROUP BY url, body ORDER BY url, since
"""
"""Also the bodies of visits that were rolled up, or are not published."""
LAST_OK = """
SELECT v.url, max(v.started) AS last_ok FROM visit v LEFT JOIN content c ON c.sha256 = v.sha256
WHERE v.outcome = 'ok' AND v.started <= :as_of{among}
    AND coalesce(c.nature, '') NOT IN (SELECT value FROM json_each(:not_the_data))
GROUP BY v.url
"""
AMONG = " AND url IN (SELECT value FROM json_each(:only))"
LAST_WHOLE = """
SELECT v.url, max(v.id) AS id FROM visit v JOIN content c ON c.sha256 = v.sha256
WHERE v.outcome = 'ok' AND v.status IS NOT 304 AND v.started <= :as_of
    AND c.nature NOT IN (SELECT value FROM json_each(:not_the_data)) AND v.url IN (SELECT value FROM json_each(:urls))
GROUP BY v.url
"""


@dataclass(slots=True)
class Looks:
    """What is known of every address at one moment, by its number."""

    contents: Mapping[str, Content]
    states: Mapping[int, Spell]
    visits: dict[int, list[Numbered]] = field(default_factory=lambda: defaultdict(list))
    earlier: dict[int, list[Numbered]] = field(default_factory=lambda: defaultdict(list))
    """Visits of earlier checks on which the judgement stands, newest first."""
    bodies: dict[int, list[str]] = field(default_factory=lambda: defaultdict(list))
    last_ok: dict[int, str] = field(default_factory=dict)
    archived: dict[int, str] = field(default_factory=dict)

    def look(self, url: int) -> Look:
        """Return what is known of the address ``url``, nothing where it was never visited."""
        state = self.states.get(url)
        newest, earlier = self.visits.get(url, []), self.earlier.get(url, [])
        shown = _shown(state, [*newest, *earlier]) if state else None
        if state and state.state in ("up", "degraded"):
            body = next((visit for _, visit in [*newest, *earlier] if _whole(visit)), None)
        else:
            body = next((visit for _, visit in newest if visit.outcome == "ok" and visit.sha256), None)
        pairs = [*newest, *((number, visit) for number, visit in earlier if visit in (shown, body))]
        return Look(
            visits=tuple(visit for _, visit in pairs),
            visit_ids=tuple(number for number, _ in pairs),
            content=self.contents.get(body.sha256) if body and body.sha256 else None,
            bodies=tuple(self.bodies.get(url, ())),
            last_ok=self.last_ok.get(url),
            archived_at=self.archived.get(url),
            state=state,
            shown=shown,
            body=body,
        )


def read_looks(
    db: Database, moment: str, contents: Mapping[str, Content], only: Collection[int] | None = None
) -> Looks:
    """Return what is known of every address by what was seen up to ``moment`` (ISO 8601 UTC).

    ``contents`` are all bodies by their sha256. Most addresses are judged by their last check; for the others the
    visits that prove their state, and the one that last brought their data whole, are read as well. Where ``only``
    (numbers of addresses) is given, nothing is read of others.
    """
    looks = Looks(contents, states_at(db, moment, only))
    among = "" if only is None else AMONG
    at = {"as_of": moment, "not_the_data": json.dumps(sorted(NOT_THE_DATA)), "only": json.dumps(sorted(only or ()))}
    for row in db.query(VISITS + OF_LAST_CHECK.format(among=among), at):
        looks.visits[row["url"]].append((row["id"], _visit(row)))
    for row in db.query(BODIES.format(among=among), at):
        looks.bodies[row["url"]].append(row["since"])
    looks.last_ok = {row["url"]: row["last_ok"] for row in db.query(LAST_OK.format(among=among), at)}
    archived = "SELECT id, archived_at FROM url WHERE archived_at IS NOT NULL"
    looks.archived = {row["id"]: row["archived_at"] for row in db.query(archived)}
    bodiless = [url for url, pairs in looks.visits.items() if not any(_whole(visit) for _, visit in pairs)]
    wanted = {row["id"] for row in db.query(LAST_WHOLE, {**at, "urls": json.dumps(bodiless)})}
    for url, state in looks.states.items():
        if _shown(state, looks.visits[url]) is None:
            wanted.update(state.proof)
    wanted -= {number for pairs in looks.visits.values() for number, _ in pairs}
    for row in db.query(VISITS + BY_NUMBER, [json.dumps(sorted(wanted))]):
        looks.earlier[row["url"]].append((row["id"], _visit(row)))
    return looks


def _whole(visit: Visit) -> bool:
    """Whether the visit brought the data as they are, and not only the word that they are as they were."""
    return bool(visit.sha256) and visit.status != 304 and brought_data(visit)  # noqa: PLR2004 -- Not Modified


def _shown(state: Spell, pairs: Iterable[Numbered]) -> Visit | None:
    """Return the newest of ``pairs`` that proves ``state``: for one that answers, the newest that brought data."""
    answers = state.state in ("up", "degraded")
    return next((visit for number, visit in pairs if number in state.proof and answers <= brought_data(visit)), None)


def _visit(row: Row) -> Visit:
    return Visit(
        url=row["address"], started=row["started"], attempt=row["attempt"], outcome=row["outcome"],
        status=row["status"], first_byte_ms=row["first_byte_ms"], milliseconds=row["milliseconds"],
        bytes=row["bytes"], declared_bytes=row["declared_bytes"], content_type=row["content_type"],
        etag=row["etag"], last_modified=row["last_modified"], served_at=row["served_at"],
        redirects=tuple(json.loads(row["redirects"])), certificate_days=row["certificate_days"],
        sha256=row["sha256"], complete=bool(row["complete"]), error=row["error"],
        asked=row.get("asked") or "whole", nature=row.get("nature") or row["body_nature"],
    )  # fmt: skip
