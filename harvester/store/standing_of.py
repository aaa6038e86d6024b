"""How one dataset stands: its addresses, answers, tasks and score, so that two looks can be laid side by side."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlite_utils import Database

from harvester.clock import iso, parse_iso
from harvester.health import APART, Probe, read_sign
from harvester.rechecked import Address, Given, Points, ToMend, Turned
from harvester.records import Spell, Trilingual
from harvester.revisit import Link, interval
from harvester.store.health import AMONG, IN_ORDER, PROBES, bring_up_to_date, by_url, spell_of
from harvester.store.standing import stand
from harvester.store.workshop import Run

ADDRESSES = """
SELECT r.shared_id, u.id, u.url, r.title_en, r.title_tc, r.title_sc FROM resource r
JOIN url u ON u.id = coalesce(r.example, r.url)
WHERE r.dataset = ? AND r.withdrawn_at IS NULL ORDER BY r.position, r.shared_id
"""
DICTIONARY = (
    "SELECT '', u.id, u.url, NULL, NULL, NULL FROM dataset d JOIN url u ON u.id = d.dictionary WHERE d.name = ?"
)
SPELLS = "SELECT * FROM spell WHERE until IS NULL AND url IN (SELECT value FROM json_each(?))"
ANSWERS = """
SELECT resource, criterion, value, reason, applies, evidence FROM answer WHERE dataset = ? AND until IS NULL
ORDER BY resource <> '', resource, criterion
"""
TASKS = """
SELECT resource, criterion, severity, points, due, reason, evidence FROM task WHERE dataset = ? AND closed IS NULL
ORDER BY severity, points DESC, criterion, resource
"""
SCORE = """
SELECT point, low, high, known FROM score
WHERE subject_type = 'dataset' AND subject = ? AND profile = ? AND pillar = '' AND until IS NULL
"""
LAST = "SELECT url, outcome, status FROM visit WHERE run = ? ORDER BY attempt"

Key = tuple[str, str]
"""A resource ('' for the dataset) and a criterion."""


@dataclass(frozen=True, slots=True)
class Named:
    """An address, by its number, that a record names: where, and its state, None where it was never visited."""

    resource: str
    id: int
    url: str
    title: Trilingual
    spell: Spell | None


@dataclass(frozen=True, slots=True)
class Standing:
    """How one dataset stands by what is stored."""

    named: Mapping[tuple[str, int], Named]
    answers: Mapping[Key, Given]
    tasks: Mapping[Key, ToMend]
    points: Points | None


def look(db: Database, dataset: str, profile: str) -> Standing:
    """Return how ``dataset`` stands, its score by ``profile``."""
    rows = [*db.execute(ADDRESSES, [dataset]).fetchall(), *db.execute(DICTIONARY, [dataset]).fetchall()]
    numbers = sorted({int(row[1]) for row in rows})
    bring_up_to_date(db, numbers)
    spells = {int(row["url"]): spell_of(row) for row in db.query(SPELLS, [json.dumps(numbers)])}
    named = {
        (row[0], int(row[1])): Named(row[0], int(row[1]), row[2], Trilingual(*row[3:]), spells.get(row[1]))
        for row in rows
    }
    answers = {
        (resource, criterion): Given(value, reason, bool(applies), _facts(evidence))
        for resource, criterion, value, reason, applies, evidence in db.execute(ANSWERS, [dataset])
    }
    tasks = {
        (resource, criterion): ToMend(resource, criterion, severity, points, due, reason, _facts(evidence))
        for resource, criterion, severity, points, due, reason, evidence in db.execute(TASKS, [dataset])
    }
    score = db.execute(SCORE, [dataset, profile]).fetchone()
    return Standing(named, answers, tasks, Points(*score) if score else None)


def turned(was: Standing, now: Standing) -> tuple[Turned, ...]:
    """Return the answers that are others: another value or reason, or asked now and not before."""
    return tuple(
        Turned(*key, was.answers.get(key), now.answers.get(key))
        for key in dict.fromkeys([*now.answers, *was.answers])
        if _told(was.answers.get(key)) != _told(now.answers.get(key))
    )


def addresses(db: Database, run: Run, links: Sequence[Link], was: Standing, now: Standing) -> tuple[Address, ...]:
    """Return every address named before or now, each as it stood and as it stands, and when it will be sure."""
    seen = {url: (outcome, status) for url, outcome, status in db.execute(LAST, [run.id])}
    by_id = {link.id: link for link in links}
    health = stand(db)
    probes = dict(by_url(db.execute(PROBES + AMONG + IN_ORDER, [json.dumps(sorted(by_id))])))
    found = []
    for key in dict.fromkeys([*now.named, *was.named]):
        before, after = was.named.get(key), now.named.get(key)
        one, link = now.named.get(key) or was.named[key], by_id.get(key[1])
        spell, known = after.spell if after else None, health.get(key[1]) if after else None
        back = iso(parse_iso(known.last) + interval(link, known)) if known and known.last and link else None
        found.append(
            Address(
                one.resource, one.title, one.url, before.spell if before else None, spell,
                *seen.get(key[1], (None, None)), sure_from(probes.get(key[1], ()), spell), back,
            )
        )  # fmt: skip
    return tuple(found)


def sure_from(probes: Sequence[Probe], spell: Spell | None) -> str | None:
    """Return the earliest moment (ISO 8601 UTC) at which another check may settle a doubt about a state; None if none.

    After down that is 45 minutes after the first good visit without a failing one since (docs/availability.md, "What
    several visits amount to"), and for a state that visits speak against 45 minutes after the first of these.
    """
    if spell is None or not probes:
        return None
    last = {probe.run: probe for probe in sorted(probes, key=lambda each: (each.started, each.attempt))}
    ordered = sorted(last.values(), key=lambda each: each.started)
    said = [(sign, each.started) for each in ordered if (sign := read_sign(each)[0]) != "nothing"]
    if not said or said[-1][0] == "not-asked":
        return None
    newest = said[-1][0]
    recovering = newest == "good" and spell.reason == "recovering"
    doubted = newest != "good" and (spell.state in ("up", "degraded", "unknown"))
    if not recovering and not doubted:
        return None
    first = said[-1][1]
    for sign, started in reversed(said):
        if sign != newest:
            break
        first = started
    return iso(parse_iso(first) + APART)


def _told(given: Given | None) -> tuple[float | None, str, bool] | None:
    return None if given is None else (given.value, given.reason, given.applies)


def _facts(evidence: str) -> Mapping[str, str | int | float]:
    stored = json.loads(evidence).get("facts")
    return stored if isinstance(stored, dict) else {}
