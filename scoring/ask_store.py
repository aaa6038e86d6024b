"""The asks of the portal and of each provider: what they need read from the workshop, and kept where they changed."""

import json
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from sqlite_utils import Database

from harvester.clock import HONG_KONG, iso
from scoring.ask_facts import Sight, domains_above, with_domains
from scoring.asks import Ask, Group, ask_all
from scoring.rubric import Rubric
from scoring.score import Score

WINDOW = timedelta(days=30)
Key = tuple[str, str]
"""Subject type and subject; the portal's subject is empty, as in its scores."""
PORTAL: Key = ("portal", "")

_as_json = json.JSONEncoder(ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode
_ANSWERED = """
SELECT DISTINCT u.host FROM spell s JOIN url u ON u.id = s.url
WHERE s.state IN ('up', 'degraded', 'blocked', 'needs-parameters') AND s.since <= ? AND u.host <> ''
"""
_TIMES = """
WITH asked AS (
    SELECT DISTINCT d.provider, coalesce(r.example, r.url) AS url FROM resource r JOIN dataset d ON d.name = r.dataset
    WHERE r.withdrawn_at IS NULL AND d.withdrawn_at IS NULL
), held AS (
    SELECT url, state, unixepoch(min(coalesce(until, :end), :end)) - unixepoch(max(since, :begin)) AS seconds
    FROM spell WHERE since < :end AND (until IS NULL OR until > :begin)
)
SELECT {group} AS provider, count(DISTINCT a.url),
    coalesce(sum(seconds) FILTER (WHERE state IN ('up', 'degraded')), 0),
    coalesce(sum(seconds) FILTER (WHERE state = 'down'), 0), coalesce(sum(seconds), 0)
FROM (SELECT DISTINCT {group} AS provider, url FROM asked) a LEFT JOIN held h ON h.url = a.url GROUP BY 1
"""
_TASKS = """
SELECT d.provider, count(*), sum(t.due < ?) FROM task t JOIN dataset d ON d.name = t.dataset
WHERE t.closed IS NULL AND d.withdrawn_at IS NULL GROUP BY 1
"""
_WORST = "SELECT dataset, min(severity) FROM task WHERE closed IS NULL GROUP BY dataset"
_COLUMNS = "subject_type, subject, ask, since, value, low, high, n, known, parts, run"


def keep_asks(
    db: Database, run: int, as_of: datetime, rubric: Rubric, sights: Iterable[Sight], scores: Mapping[Key, Score]
) -> int:
    """Store every ask of the portal and of each provider that has datasets, and return how many changed.

    ``sights`` are all live datasets, ``scores`` the leading profile's of portal and providers. Rows are kept as scores
    are: one stands until another figure takes its place, and running it again for the same moment changes nothing.
    """
    groups = read_groups(db, as_of, list(sights), scores)
    told = {(*key, ask.ask): ask for key, group in groups.items() for ask in ask_all(group, rubric)}
    with db.atomic():
        return _keep(db, run, iso(as_of), told)


def read_groups(
    db: Database, as_of: datetime, sights: Sequence[Sight], scores: Mapping[Key, Score]
) -> dict[Key, Group]:
    """Return the portal's datasets and each provider's, with uptime, tasks and history read from the workshop."""
    moment = iso(as_of)
    answered = domains_above(row[0] for row in db.execute(_ANSWERED, [moment]))
    members: dict[Key, list[Sight]] = defaultdict(list)
    worst = dict(db.execute(_WORST).fetchall())
    for each in sights:
        found = replace(with_domains(each, answered), grade=worst.get(each.dataset, each.grade))
        members[PORTAL].append(found)
        members["provider", each.provider].append(found)
    times = _times(db, as_of)
    tasks = {("provider", row[0]): (row[1], row[2]) for row in db.execute(_TASKS, [moment])}
    tasks[PORTAL] = (sum(row[0] for row in tasks.values()), sum(row[1] for row in tasks.values()))
    lives: dict[Key, list[tuple[str | None, str, str | None]]] = defaultdict(list)
    for provider, *life in db.execute("SELECT provider, created, first_seen, withdrawn_at FROM dataset ORDER BY name"):
        made, seen, gone = life
        lives[PORTAL].append((made, seen, gone))
        lives["provider", provider].append((made, seen, gone))
    today = as_of.astimezone(HONG_KONG).date()
    groups = {}
    for key, datasets in members.items():
        addresses, up, watched = times.get(key, (0, None, 0.0))
        open_, overdue = tasks.get(key, (0, 0))
        groups[key] = Group(
            datasets, scores.get(key), up, watched, addresses, open_, overdue, lives[key], today
        )  # fmt: skip
    return groups


def _times(db: Database, as_of: datetime) -> dict[Key, tuple[int, float | None, float]]:
    """Return each group's addresses, the share of known time they were up, and the share of time that was known."""
    found: dict[Key, tuple[int, float | None, float]] = {}
    span = {"begin": iso(as_of - WINDOW), "end": iso(as_of)}
    for kind, group in (("provider", "provider"), ("portal", "''")):
        for subject, addresses, up, down, held in db.execute(_TIMES.format(group=group), span):
            share = up / (up + down) if up + down else None
            found[kind, subject] = (addresses, share, (up + down) / held if held else 0.0)
    return found


def _keep(db: Database, run: int, since: str, told: Mapping[tuple[str, str, str], Ask]) -> int:
    sql = "SELECT subject_type, subject, ask, since, value, low, high, n, known, parts FROM ask WHERE until IS NULL"
    standing = {tuple(row[:3]): row[3:] for row in db.execute(sql)}
    added, closed = [], []
    for key, ask in sorted(told.items()):
        now = (ask.value, ask.low, ask.high, ask.n, ask.known, _as_json(ask.parts))
        old = standing.pop(key, None)
        if old and tuple(old[1:]) == now:
            continue
        if old and old[0] != since:
            closed.append((since, *key))
        added.append((*key, since, *now, run))
    closed += [(since, *key) for key in standing]
    db.conn.executemany(
        "UPDATE ask SET until = ? WHERE subject_type = ? AND subject = ? AND ask = ? AND until IS NULL", closed
    )
    marks = ", ".join("?" * (_COLUMNS.count(",") + 1))
    db.conn.executemany(f"INSERT OR REPLACE INTO ask ({_COLUMNS}) VALUES ({marks})", added)  # noqa: S608 - our own names
    return len(added)
