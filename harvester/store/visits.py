"""The visits' reads and writes: what a run is to visit and what each visit asks, and each shard in one transaction."""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from difflib import get_close_matches
from typing import Any

from sqlite_utils import Database

from harvester.clock import parse_iso
from harvester.errors import UnknownNameError
from harvester.health import Health
from harvester.records import Outcome, Sniffed, Visit
from harvester.revisit import WHOLE, Asking, Held, Link, due, how
from harvester.store.bodies import Bodies
from harvester.store.contents import nature_of, rules_of
from harvester.store.workshop import Run

AGAIN: frozenset[Outcome] = frozenset({"timeout", "server-error", "unreachable", "throttled"})
"""Outcomes that may be one bad minute: they are asked for once more, at the end of the host's queue."""


@dataclass(frozen=True, slots=True)
class Which:
    """Which addresses a check visits: those that are due, or (``targeted``) those asked for, whatever is due.

    ``every`` is all of them; ``failing`` those whose newest check was bad or that are down, degraded or blocked; the
    others name addresses, datasets and providers, together. ``failing`` narrows what is named. ``early`` is how much
    sooner than due a nightly scan comes (see ``harvester.revisit.EARLY``). ``apis`` leaves all but APIs out, and is how
    often a steady one is asked. ``unread`` reads whole what was not for so long (see ``harvester.store.unread``).
    """

    every: bool = False
    failing: bool = False
    urls: tuple[str, ...] = ()
    datasets: tuple[str, ...] = ()
    providers: tuple[str, ...] = ()
    early: timedelta = timedelta()
    apis: timedelta | None = None
    unread: timedelta | None = None

    @property
    def named(self) -> bool:
        """Whether addresses, datasets or providers are named."""
        return bool(self.urls or self.datasets or self.providers)

    @property
    def targeted(self) -> bool:
        """Whether what is due does not matter."""
        return self.every or self.failing or self.named

    def options(self) -> dict[str, object]:
        """Return what of this a run is known by, so that only the same check takes up one that was cut off."""
        told: dict[str, object] = {"all": self.every, "failing": self.failing}
        told |= {"apis": bool(self.apis), "unread": bool(self.unread)}
        told |= {"url": self.urls, "dataset": self.datasets, "provider": self.providers}
        return {name: value for name, value in told.items() if value}


@dataclass(frozen=True, slots=True)
class Due:
    """One address to visit: its row, the host whose queue it stands in, which attempt this is, and what it asks.

    ``held`` is the body that a "not changed" would confirm. ``after`` is how many seconds the attempt has to wait.
    """

    id: int
    url: str
    host: str
    attempt: int = 1
    asking: Asking = WHOLE
    held: Held | None = None
    after: float = 0.0


@dataclass(frozen=True, slots=True)
class Seen:
    """One visit made: the address's row, the visit, what the body is where one was kept, or why it was not.

    The visit's ``sha256`` is that of a body that was kept, or that was confirmed.
    """

    url_id: int
    visit: Visit
    sniffed: Sniffed | None = None
    problem: str | None = None


_LINKS = """
    WITH use (url, dataset, is_api) AS (
        SELECT url, dataset, kind = 'api' OR coalesce(is_api, 0) FROM resource
        WHERE withdrawn_at IS NULL AND kind <> 'template'
        UNION ALL
        SELECT example, dataset, 1 FROM resource WHERE withdrawn_at IS NULL AND example IS NOT NULL
        UNION ALL
        SELECT dictionary, name, 0 FROM dataset WHERE withdrawn_at IS NULL AND dictionary IS NOT NULL
    )
    SELECT url.id, url.url AS url, url.host, max(use.is_api),
        min(CASE dataset.schedule WHEN 'real-time' THEN coalesce(dataset.period_days, 0) ELSE dataset.period_days END)
    FROM use JOIN url ON url.id = use.url JOIN dataset ON dataset.name = use.dataset
    WHERE {where} GROUP BY url.id ORDER BY url.host, url.id
"""
_EXAMPLES = """
    SELECT template.url, example.url FROM resource
    JOIN url AS template ON template.id = resource.url JOIN url AS example ON example.id = resource.example
    WHERE resource.withdrawn_at IS NULL AND resource.kind = 'template'
"""
_AMONG = " IN (SELECT value FROM json_each(?))"
_HELD = """
    SELECT url.id, good.*, content.nature AS body_nature, content.verdict, content.engine, whole.started AS read,
        newest.outcome AS last_outcome, newest.nature AS last_nature
    FROM url
    JOIN visit AS good ON good.id = (
        SELECT id FROM visit WHERE url = url.id AND sha256 IS NOT NULL AND outcome = 'ok'
        ORDER BY started DESC, id DESC LIMIT 1)
    JOIN visit AS whole ON whole.id = (
        SELECT id FROM visit WHERE url = url.id AND sha256 = good.sha256 AND status <> 304
        ORDER BY started DESC, id DESC LIMIT 1)
    JOIN visit AS newest ON newest.id = (
        SELECT id FROM visit WHERE url = url.id AND outcome NOT IN ('throttled', 'not-asked', 'not-public')
        ORDER BY started DESC, id DESC LIMIT 1)
    JOIN content ON content.sha256 = good.sha256
    WHERE url.id IN (SELECT value FROM json_each(?))
"""


def links(db: Database, which: Which) -> list[Link]:
    """Return the addresses of live resources, of templates' examples and of dictionaries that ``which`` names, by host.

    All of them where it names none; a template stands for its example. Raises SettingsError, with the nearest there is,
    where a name is not known.
    """
    examples = dict(db.execute(_EXAMPLES).fetchall()) if which.urls else {}
    which = replace(which, urls=tuple(examples.get(url, url) for url in which.urls))
    for option, names, known in (
        ("--url", which.urls, f"SELECT url FROM ({_LINKS.format(where=1)})"),  # noqa: S608 -- our own text
        ("--dataset", which.datasets, "SELECT name FROM dataset WHERE withdrawn_at IS NULL"),
        ("--provider", which.providers, "SELECT slug FROM provider"),
    ):
        refuse_unknown(option, names, (str(row[0]) for row in db.execute(known)) if names else ())
    where, names_ = ["1"], []
    if which.named:
        where = [f"{column}{_AMONG}" for column in ("url.url", "dataset.name", "dataset.provider")]
        names_ = [json.dumps(names) for names in (which.urls, which.datasets, which.providers)]
    found = db.execute(_LINKS.format(where=" OR ".join(where)), names_)
    return [Link(id_, url, host, bool(is_api), period) for id_, url, host, is_api, period in found]


def refuse_unknown(option: str, names: Sequence[str], known: Iterable[str]) -> None:
    """Raise UnknownNameError, with the nearest there is in ``known``, where one of ``names`` is not among them."""
    there = set(known)
    for name in names:
        if name not in there:
            near = get_close_matches(name, there, n=1, cutoff=0.5)  # below that a ratio costs far more than it says
            hint = f": did you mean {near[0]}?" if near else ", nor anything like it: is it still in the catalogue?"
            raise UnknownNameError(f"{option} {name}: nothing here is called that{hint}")


def held(db: Database, urls: Iterable[int], bodies: Bodies, rules: int) -> dict[int, Held]:
    """Return the body last seen at each of these addresses, by number.

    Left out are bodies of which the verdict is missing, or was given by rules older than ``rules``, and that are not
    kept any more: they have to come again to be judged.
    """
    found = {}
    for row in db.query(_HELD, [json.dumps(list(urls))]):
        judged = row["verdict"] is not None and rules_of(row["engine"] or "") >= rules
        if judged or bodies.holds(row["sha256"]):
            found[int(row["url"])] = _held(row)
    return found


def _held(row: dict[str, Any]) -> Held:
    return Held(
        row["sha256"], nature_of(row["body_nature"]), row["read"], row["last_outcome"], row["last_nature"],
        row["etag"], row["last_modified"], row["served_at"], row["content_type"],
    )  # fmt: skip


def is_failing(health: Health | None) -> bool:
    """Return whether an address's newest check was bad, or it is down, degraded or blocked."""
    return health is not None and (health.bad_in_a_row > 0 or health.state in ("down", "degraded", "blocked"))


def choose(found: Sequence[Link], known: Mapping[int, Health], which: Which, now: datetime) -> list[Link]:
    """Return which of the addresses ``which`` names are visited at ``now`` (aware), knowing how each stands."""
    if which.failing:
        return [link for link in found if is_failing(known.get(link.id))]
    if which.targeted:
        return list(found)
    if which.apis is not None:
        return [link for link in found if link.is_api and due(link, known.get(link.id), now, api=which.apis)]
    return [link for link in found if due(link, known.get(link.id), now, which.early)]


def first_attempts(
    db: Database, run: Run, chosen: Sequence[Link], bodies: Bodies, now: datetime, rules: int, *, whole: bool = False
) -> list[Due]:
    """Return the visits of the addresses ``chosen`` that this run has not visited, each with what it asks at ``now``.

    ``rules`` are those by which a body must have been judged where it is not kept. ``whole`` asks for all of each.
    """
    made = {row[0] for row in db.execute("SELECT DISTINCT url FROM visit WHERE run = ?", [run.id])}
    fresh = [link for link in chosen if link.id not in made]
    if whole:
        return [Due(link.id, link.url, link.host) for link in fresh]
    known = held(db, [link.id for link in fresh], bodies, rules)
    return [
        Due(link.id, link.url, link.host, 1, how(link, known.get(link.id), now), known.get(link.id)) for link in fresh
    ]


def second_attempts(db: Database, run: Run, found: Sequence[Link], now: datetime, again: float) -> list[Due]:
    """Return the visits of ``found`` that may have met a bad minute in this run, and were cut off before their second.

    Each waits until ``again`` seconds after the first.
    """
    sql = """
        SELECT url, max(started) FROM visit WHERE run = ? GROUP BY url
        HAVING max(attempt) = 1 AND max(outcome) IN (SELECT value FROM json_each(?))
    """
    waiting = dict(db.execute(sql, [run.id, json.dumps(sorted(AGAIN))]).fetchall())
    return [
        Due(link.id, link.url, link.host, 2, after=min(max(0.0, again - _seconds(waiting[link.id], now)), again))
        for link in found
        if link.id in waiting
    ]


def _seconds(since: str, now: datetime) -> float:
    return (now - parse_iso(since)).total_seconds()


def witnesses(db: Database, hosts: Iterable[str]) -> Iterator[str]:
    """Yield the addresses that answered well most recently, newest first, leaving out those of ``hosts``."""
    sql = """
        SELECT url.url FROM visit JOIN url ON url.id = visit.url
        WHERE visit.outcome = 'ok' AND visit.status IS NOT NULL
            AND lower(url.host) NOT IN (SELECT value FROM json_each(?))
        ORDER BY visit.id DESC
    """
    return (str(row[0]) for row in db.execute(sql, [json.dumps(sorted(hosts))]))


def save_visits(db: Database, run: Run, shard: Sequence[Seen]) -> None:
    """Store a shard of visits, and a row for each content met for the first time, in one transaction."""
    with db.atomic():
        db.conn.executemany(_SAVE_CONTENT, (row for seen in shard if (row := _content_row(seen))))
        db.conn.executemany(_SAVE_VISIT, (_visit_row(run, seen) for seen in shard))


def counts(db: Database, run: Run) -> dict[str, int]:
    """Return this run's visits and the addresses' last outcomes, read from what is stored."""
    sql = """
        SELECT outcome, count(*) FROM visit WHERE run = ?1
        AND attempt = (SELECT max(attempt) FROM visit AS other WHERE other.run = ?1 AND other.url = visit.url)
        GROUP BY outcome
    """
    found = {str(outcome): int(count) for outcome, count in db.execute(sql, [run.id])}
    sums = "SELECT count(*), coalesce(sum(status = 304), 0) FROM visit WHERE run = ?"
    visits, same = db.execute(sums, [run.id]).fetchone()
    return {"visits": int(visits), "urls": sum(found.values()), **found, "not_changed": int(same)}


def validated(db: Database) -> Iterator[str]:
    """Yield the digests of the contents that have their verdict."""
    return (row[0] for row in db.execute("SELECT sha256 FROM content WHERE verdict IS NOT NULL"))


_SAVE_CONTENT = """
    INSERT INTO content
        (sha256, bytes, complete, format, nature, ladder, encoding, bom, members, first_seen)
    VALUES (?, ?, ?, ?, ?, 'unknown', ?, ?, ?, ?)
    ON CONFLICT (sha256) DO UPDATE SET spare = 0, verdict = NULL, members = excluded.members WHERE spare
"""
_SAVE_VISIT = """
    INSERT OR IGNORE INTO visit
        (url, run, attempt, started, outcome, status, first_byte_ms, milliseconds, bytes, declared_bytes,
         content_type, etag, last_modified, served_at, redirects, certificate_days, sha256, complete, error, asked,
         nature)
    VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
"""


def _content_row(seen: Seen) -> tuple[object, ...] | None:
    """Return what a body is, without a verdict; how far a machine can use it is for validation to say."""
    visit, sniffed = seen.visit, seen.sniffed
    if sniffed is None or visit.sha256 is None:
        return None
    members = json.dumps(sniffed.members, ensure_ascii=False) if sniffed.members else "[]"
    return (
        visit.sha256, visit.bytes, visit.complete, sniffed.format, sniffed.nature, sniffed.encoding, sniffed.bom,
        members, visit.started,
    )  # fmt: skip


def _visit_row(run: Run, seen: Seen) -> tuple[object, ...]:
    visit = seen.visit
    return (
        seen.url_id, run.id, visit.attempt, visit.started, visit.outcome, visit.status, visit.first_byte_ms,
        visit.milliseconds, visit.bytes, visit.declared_bytes, visit.content_type, visit.etag, visit.last_modified,
        visit.served_at, json.dumps(visit.redirects) if visit.redirects else "[]", visit.certificate_days,
        visit.sha256, visit.complete, visit.error, visit.asked, visit.nature,
    )  # fmt: skip
