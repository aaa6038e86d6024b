"""How addresses stand and stood, for the pages: states in words, uptime, the last 90 days, the pace of APIs."""

import json
import sqlite3
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from datetime import date, datetime, timedelta
from itertools import groupby
from math import floor

from harvester.clock import HONG_KONG, parse_iso
from harvester.records import Spell
from publish.i18n import Translator
from publish.names import GOOD_DAY, POOR_DAY
from publish.queries import Row, one, rows
from publish.telling import named, prefixed
from scoring.sentences.states import say_state, state_name

DAYS = 90
MAX_DOWN = 1000
"""Rows of the list of what is down; table state_now has them all."""
SIGNS: dict[str, tuple[str, str]] = {
    "up": ("yes", "✓"), "degraded": ("partly", "◐"), "down": ("no", "✕"), "blocked": ("unknown", "⊘"),
    "needs-parameters": ("unknown", "?"), "not-asked": ("apart", "–"), "unknown": ("unknown", "?"),
}  # fmt: skip
"""A state's class in the style sheet and its sign, worst last but for what says nothing of the address."""
WORST = ("down", "degraded", "blocked", "needs-parameters", "not-asked", "up", "unknown")
"""Which of a day's states is drawn: the first of these that it had."""


def share(value: float | None, tr: Translator) -> str:
    """Return an uptime of 0-1 in per cent, cut to two decimals and never rounded up; a dash for None."""
    if value is None:
        return "–"
    cut = floor(value * 10_000 + 1e-6) / 100
    decimals = next(places for places in (0, 1, 2) if places == 2 or round(cut, places) == cut)  # noqa: PLR2004
    return f"{tr.number(cut, decimals)}%"


def told(row: Row, tr: Translator) -> Row:
    """Return a row of table spell with its state's name, sign and sentence in the reader's words, and its proof."""
    proof = tuple(json.loads(row["proof"])) if row.get("proof") else ()
    spell = Spell(row["state"], row["reason"], row["since"], row["until"], row["visits"], proof)
    kind, sign = SIGNS.get(row["state"], SIGNS["unknown"])
    return {
        "state": row["state"], "reason": row["reason"], "since": row["since"], "visits": row["visits"], "kind": kind,
        "sign": sign, "name": state_name(spell.state, spell.reason, tr), "sentence": say_state(spell, tr, tr.moment),
        "proof": list(proof),
    }  # fmt: skip


def last_day(connection: sqlite3.Connection) -> date | None:
    """Return the last day in Hong Kong of which anything is known, None where no address was ever visited."""
    found = one(connection, "SELECT max(start) AS day FROM uptime WHERE subject_type = 'portal' AND period = 'day'")
    return date.fromisoformat(found["day"]) if found and found["day"] else None


def of_resources(connection: sqlite3.Connection, name: str, tr: Translator) -> dict[str, Row]:
    """Return the health of each standing resource of a dataset, by shared id.

    ``now`` is its state in words, ``runs`` its last 90 days, ``month`` and ``ever`` its uptime, ``api`` its pace;
    None where there is none.
    """
    end = last_day(connection)
    spells: dict[int, list[Row]] = defaultdict(list)
    standing = rows(
        connection,
        "SELECT shared_id, coalesce(example, url) AS asked FROM resource WHERE dataset = ? AND withdrawn_at IS NULL",
        [name],
    )
    asked = json.dumps(sorted({row["asked"] for row in standing}))
    among = "WHERE url IN (SELECT value FROM json_each(?))"
    for row in rows(connection, f"SELECT * FROM spell {among} ORDER BY url, since", [asked]):  # noqa: S608 - our own text
        spells[row["url"]].append(row)
    calls = {row["url"]: row for row in rows(connection, f"SELECT * FROM api_health {among}", [asked])}  # noqa: S608 - our own text
    month, ever = _shares(connection, "resource", [row["shared_id"] for row in standing])
    return {
        row["shared_id"]: {
            "now": told(spells[row["asked"]][-1], tr) if spells[row["asked"]] else None,
            **_strip(_days(spells[row["asked"]], end) if end and spells[row["asked"]] else [], tr),
            "month": month.get(row["shared_id"]),
            "ever": ever.get(row["shared_id"]),
            "api": calls.get(row["asked"]),
        }
        for row in standing
    }


def of_subject(connection: sqlite3.Connection, kind: str, subject: str, tr: Translator) -> Row:
    """Return a dataset's, provider's or the portal's uptime, its last 90 days and how many of its resources are what.

    ``states`` counts its standing resources by the name of their state, worst first; ``runs`` is empty for a dataset.
    """
    month, ever = _shares(connection, kind, [subject])
    days = rows(
        connection,
        "SELECT start, uptime FROM uptime WHERE subject_type = ? AND subject = ? AND period = 'day' ORDER BY start",
        [kind, subject],
    )
    if kind == "dataset":
        sql = "SELECT state, count(*) AS resources FROM state_now WHERE dataset = ? GROUP BY state"
        states = rows(connection, sql, [subject])
    else:
        sql = "SELECT state, resources FROM state_count WHERE subject_type = ? AND subject = ? ORDER BY state"
        states = rows(connection, sql, [kind, "" if kind == "portal" else subject])
    for row in states:
        row["kind"], row["sign"] = SIGNS.get(row["state"], SIGNS["unknown"])
        row["name"] = state_name(row["state"], "", tr)
    known = {date.fromisoformat(row["start"]): row["uptime"] for row in days}
    end = last_day(connection)
    return {
        "month": month.get(subject),
        "ever": ever.get(subject),
        "states": sorted(states, key=lambda row: WORST.index(row["state"])),
        **_strip([_measured(day, known.get(day)) for day in _last(end)] if end and days else [], tr, measured=True),
    }


def down(connection: sqlite3.Connection, tr: Translator) -> list[Row]:
    """Return the resources that are down or degraded now, each with its state in words, the longest down first."""
    sql = """
        SELECT r.dataset, n.resource, r.title_en, d.provider, u.host, n.state, s.reason, n.since, s.visits, u.url,
               s.until, s.proof, d.title_en AS dataset_en, d.title_tc AS dataset_tc, d.title_sc AS dataset_sc,
               r.title_tc, r.title_sc, p.title_en AS provider_en, p.title_tc AS provider_tc, p.title_sc AS provider_sc
        FROM down_now n JOIN resource r ON r.shared_id = n.resource JOIN dataset d ON d.name = r.dataset
        JOIN provider p ON p.slug = d.provider JOIN url u ON u.id = n.url
        JOIN spell s ON s.url = n.url AND s.since = n.since
        ORDER BY n.position LIMIT ?
    """
    found = [named(row, tr) | told(row, tr) for row in rows(connection, sql, [MAX_DOWN])]
    return [{**row, "dataset_title": tr.title(prefixed(row, "dataset")) or row["dataset"]} for row in found]


def _shares(
    connection: sqlite3.Connection, kind: str, subjects: Iterable[str]
) -> tuple[dict[str, Row], dict[str, Row]]:
    """Return the uptime of the newest month there is and of all the time, by subject."""
    found = rows(
        connection,
        "SELECT * FROM uptime WHERE subject_type = ? AND subject IN (SELECT value FROM json_each(?))"
        " AND (+period = 'ever' OR +period = 'month' AND start = (SELECT max(start) FROM uptime"
        " WHERE subject_type = 'portal' AND period = 'month'))",
        [kind, json.dumps(list(subjects))],
    )
    by: dict[str, dict[str, Row]] = {"month": {}, "ever": {}}
    for row in found:
        by[row["period"]][row["subject"]] = row
    return by["month"], by["ever"]


def _last(end: date) -> list[date]:
    return [end - timedelta(days=back) for back in range(DAYS - 1, -1, -1)]


def _days(spells: Sequence[Row], end: date) -> list[tuple[date, str, float | None]]:
    """Return the worst state of each of the last days, ``none`` before the first visit."""
    days = _last(end)
    found = ["none"] * DAYS
    for row in sorted(spells, key=lambda row: -WORST.index(row["state"])):  # the worst is written last, and stays
        since = max(0, (_day(row["since"]) - days[0]).days)
        until = min(DAYS - 1, ((_day(row["until"]) if row["until"] else end) - days[0]).days)
        if since <= until:  # one that ended before these days is none of them
            found[since : until + 1] = [row["state"]] * (until + 1 - since)
    return [(day, state, None) for day, state in zip(days, found, strict=True)]


def _measured(day: date, uptime: float | None) -> tuple[date, str, float | None]:
    if uptime is None:
        return day, "none", None
    return day, "up" if uptime >= GOOD_DAY else "down" if uptime < POOR_DAY else "degraded", uptime


def _strip(days: Sequence[tuple[date, str, float | None]], tr: Translator, *, measured: bool = False) -> Row:
    """Return a strip's pieces as ``runs``, and as ``said`` how many of its days were what, in the words of its key."""
    counts = Counter(state if state in ("up", "degraded", "down", "none") else "blocked" for _, state, _ in days)
    words = {
        "up": tr("up at least {share} of the time", share=share(GOOD_DAY, tr)) if measured else tr("works"),
        "degraded": tr("from {low} to under {high}", low=share(POOR_DAY, tr), high=share(GOOD_DAY, tr))
        if measured else tr("partly or now and then"),
        "down": tr("under {share}", share=share(POOR_DAY, tr)) if measured else tr("does not work"),
        "blocked": tr("refused or not asked"), "none": tr("not known"),
    }  # fmt: skip
    told = tr(", ").join(f"{words[state]}{tr(': ')}{counts[state]}" for state in words if counts[state])
    said = tr("Of the last {number} days, {counts}.", number=len(days), counts=told) if days else ""
    return {"runs": _runs(days, tr), "said": said}


def _runs(days: Sequence[tuple[date, str, float | None]], tr: Translator) -> list[Row]:
    """Return the strip's pieces with their place in it (in days) and their words.

    Days of one state in a row are one piece, which keeps a page of a hundred resources small; measured days are one
    each.
    """
    found: list[Row] = []
    place = 0
    for (state, uptime, _), group in groupby(days, key=lambda day: (*day[1:], day[2] is not None and day[0])):
        span = [day for day, *_ in group]
        name = share(uptime, tr) if uptime is not None else tr("Not known")
        if uptime is None and state != "none":
            name = state_name(state, "", tr)
        ends = f"{span[0]}" if len(span) == 1 else f"{span[0]} – {span[-1]}"
        found.append({"state": state, "from": place, "days": len(span), "text": f"{ends}{tr(': ')}{name}"})
        place += len(span)
    return found


def _day(moment: str) -> date:
    when: datetime = parse_iso(moment).astimezone(HONG_KONG)
    return when.date()
