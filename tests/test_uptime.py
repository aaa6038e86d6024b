"""Uptime, the pace of APIs and changes of bodies in the catalogue, held against a plain reckoning."""

import json
import sqlite3
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from harvester.clock import HONG_KONG, iso
from harvester.health import uptime
from harvester.records import Spell, State
from harvester.store.workshop import connect
from publish.build import publish
from publish.health import share
from publish.i18n import Translator

PORTAL = "https://data.gov.hk"
BEGIN = datetime(2026, 8, 1, tzinfo=UTC)
END = datetime(2026, 11, 23, 3, tzinfo=UTC)
HOURS = int((END - BEGIN).total_seconds() // 3600)


def asked(path: Path, sql: str, *values: object) -> list[tuple]:
    connection = sqlite3.connect(path)
    try:
        return connection.execute(sql, values).fetchall()
    finally:
        connection.close()


def fill(path: Path, told: Sequence[Sequence[tuple[int, State]]], withdrawn: dict[int, datetime] | None = None) -> None:
    """Write a workshop with one API resource an address, two a dataset and host, and their spells (hour, state)."""
    db = connect(path, create=True)
    with db.atomic():
        db.table("run").insert({"id": 1, "kind": "check", "started": iso(BEGIN), "finished": iso(END),
                                "state": "done", "portal": PORTAL, "code_version": "0"})  # fmt: skip
        db.table("provider").insert({"slug": "p", "first_seen": iso(BEGIN), "last_seen": iso(END)})
        for n, spells in enumerate(told):
            name, url = f"d{n // 2}", f"https://h{n // 2}.example/{n}"
            db.execute("INSERT OR IGNORE INTO dataset (name, provider, schedule, languages, first_seen, last_seen)"
                       " VALUES (?, 'p', 'real-time', '[]', ?, ?)", [name, iso(BEGIN), iso(END)])  # fmt: skip
            db.table("url").insert({"id": n + 1, "url": url, "host": f"h{n // 2}.example", "first_seen": iso(BEGIN)})
            db.table("resource").insert(
                {"shared_id": f"r{n}", "dataset": name, "position": n, "format": "JSON", "kind": "api", "url": n + 1,
                 "languages": "[]", "first_seen": iso(BEGIN), "last_seen": iso(END),
                 "withdrawn_at": iso(withdrawn[n]) if withdrawn and n in withdrawn else None})  # fmt: skip
            for spell in as_spells(spells):
                db.execute("INSERT INTO spell (url, since, until, state, reason, visits, proof)"
                           " VALUES (?, ?, ?, ?, ?, 1, '[]')",
                           [n + 1, spell.since, spell.until, spell.state, spell.state])  # fmt: skip
    db.conn.close()


def as_spells(spells: Sequence[tuple[int, State]]) -> list[Spell]:
    moments = [iso(BEGIN + timedelta(hours=hour)) for hour, _ in spells]
    ends = [*moments[1:], None]
    return [Spell(state, state, since, until, 1, ())
            for (_, state), since, until in zip(spells, moments, ends, strict=True)]  # fmt: skip


def limits(period: str, start: str) -> tuple[str, str]:
    """Return a period's begin and end in UTC, the end no later than what is known."""
    if period == "ever":
        return iso(BEGIN), iso(END)
    begin = datetime.fromisoformat(start if period == "day" else f"{start}-01").replace(tzinfo=HONG_KONG)
    after = begin + timedelta(days=1) if period == "day" else (begin + timedelta(days=32)).replace(day=1)
    return iso(begin), min(iso(after), iso(END))


STATES: list[State] = ["up", "degraded", "down", "blocked", "unknown"]
TOLD = st.lists(
    st.lists(st.tuples(st.integers(0, HOURS - 1), st.sampled_from(STATES)), min_size=1, max_size=6,
             unique_by=lambda spell: spell[0]).map(sorted),
    min_size=1, max_size=5,
)  # fmt: skip


@settings(max_examples=5, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(told=TOLD)
def test_uptime_is_the_time_up_as_the_spells_tell_it(told, tmp_path_factory):
    """Every row of every subject and period is what adding up its addresses' spells second by second gives."""
    folder = tmp_path_factory.mktemp("uptime")
    fill(folder / "harvest.db", told)
    publish(folder / "harvest.db", folder / "catalog.db", lambda: END + timedelta(hours=9), PORTAL)
    members = {("portal", PORTAL): range(len(told)), ("provider", "p"): range(len(told))}
    for n in range(len(told)):
        members["resource", f"r{n}"] = range(n, n + 1)
        for key in (("dataset", f"d{n // 2}"), ("host", f"h{n // 2}.example")):
            members[key] = range(n // 2 * 2, min(n // 2 * 2 + 2, len(told)))
    found = asked(folder / "catalog.db", "SELECT * FROM uptime")
    assert {row[:2] for row in found} == set(members)
    for kind, subject, period, start, up_share, known, addresses, down in found:
        begin, end = limits(period, start)
        spent: dict[str, float] = {}
        there = 0
        for n in members[kind, subject]:
            spells = as_spells(told[n])
            there += spells[0].since < end
            for spell in spells:
                since, until = max(spell.since, begin), min(spell.until or end, end)
                if since < until:
                    seconds = (datetime.fromisoformat(until) - datetime.fromisoformat(since)).total_seconds()
                    spent[spell.state] = spent.get(spell.state, 0) + seconds
        up = spent.get("up", 0) + spent.get("degraded", 0)
        sure = up + spent.get("down", 0)
        assert up_share == (pytest.approx(up / sure, abs=1e-6) if sure else None), (kind, period, start)
        assert known == pytest.approx(sure / sum(spent.values()), abs=1e-6)
        assert (addresses, down) == (there, spent.get("down", 0))
        if kind == "resource":
            own = uptime(as_spells(told[int(subject[1:])]), begin, end)
            assert up_share == (None if own is None else pytest.approx(own, abs=1e-6))


def test_days_are_told_of_the_last_ninety_only_and_months_of_all_subjects(tmp_path):
    """Hosts, providers and the portal have 90 days to Hong Kong's today; resources and datasets have months."""
    fill(tmp_path / "harvest.db", [[(0, "up")]])
    publish(tmp_path / "harvest.db", tmp_path / "catalog.db", lambda: END, PORTAL)
    days = asked(tmp_path / "catalog.db", "SELECT subject_type, count(*), min(start), max(start) FROM uptime"
                 " WHERE period = 'day' GROUP BY 1 ORDER BY 1")  # fmt: skip
    assert days == [(kind, 90, "2026-08-26", "2026-11-23") for kind in ("host", "portal", "provider")]
    months = asked(tmp_path / "catalog.db", "SELECT subject_type, group_concat(start) FROM uptime"
                   " WHERE period = 'month' GROUP BY 1")  # fmt: skip
    assert {row[1] for row in months} == {"2026-08,2026-09,2026-10,2026-11"}
    assert len(months) == 5


def test_time_after_a_withdrawal_counts_for_nobody(tmp_path):
    """An address that only a withdrawn resource has stops counting when it was withdrawn."""
    fill(tmp_path / "harvest.db", [[(0, "down")]], {0: BEGIN + timedelta(days=2)})
    publish(tmp_path / "harvest.db", tmp_path / "catalog.db", lambda: END, PORTAL)
    found = asked(tmp_path / "catalog.db", "SELECT DISTINCT down_seconds FROM uptime WHERE period = 'ever'")
    assert found == [(2 * 86400,)]


def visited(path: Path, rows: Sequence[dict[str, object]]) -> None:
    db = connect(path, create=False)
    with db.atomic():
        db.execute("INSERT INTO run (id, kind, started, state, code_version) SELECT value, 'check', ?, 'done', '0'"
                   " FROM json_each(?)", [iso(BEGIN), json.dumps(list(range(2, len(rows) + 2)))])  # fmt: skip
        for place, row in enumerate(rows):
            if row.get("sha256"):
                sql = (
                    "INSERT OR IGNORE INTO content (sha256, bytes, complete, format, nature, ladder, first_seen)"
                    " VALUES (?, 1, 1, 'json', 'data', 'structured', ?)"
                )
                db.execute(sql, [row["sha256"], iso(BEGIN)])
            db.table("visit").insert({"url": 1, "run": place + 2, "attempt": 1, "outcome": "ok", **row})
    db.conn.close()


def test_an_api_that_is_slow_at_one_hour_shows_it(tmp_path):
    """Percentiles are of good answers, by nearest rank, over all and by the hour in Hong Kong, without older visits."""
    fill(tmp_path / "harvest.db", [[(0, "up")]])
    first = END - timedelta(days=5)
    rows = [{"started": iso(first + timedelta(hours=n)), "milliseconds": 9000 if n % 24 == 14 else 100 + n,
             "first_byte_ms": 50 + n, "status": 200} for n in range(100)]  # fmt: skip
    rows.append({"started": iso(END - timedelta(days=91)), "milliseconds": 60_000, "status": 200})
    rows.append({"started": iso(END), "milliseconds": 60_000, "outcome": "timeout"})
    rows.append({"started": iso(END), "milliseconds": 60_000, "nature": "error", "status": 200})
    visited(tmp_path / "harvest.db", rows)
    publish(tmp_path / "harvest.db", tmp_path / "catalog.db", lambda: END, PORTAL)
    found = asked(tmp_path / "catalog.db", "SELECT visits, good, uptime, p50_ms, p95_ms, p50_first_byte_ms,"
                  " p95_first_byte_ms, worst_hour FROM api_health")  # fmt: skip
    slow = (3 + 8 + 14) % 24
    assert found == [(102, 100, 1.0, 151, 198, 99, 144, slow)]
    hours = asked(tmp_path / "catalog.db", "SELECT hour, p50_ms FROM api_hour WHERE p50_ms >= 9000")
    assert hours == [(slow, 9000)]
    assert asked(tmp_path / "catalog.db", "SELECT sum(visits), sum(good) FROM api_hour") == [(102, 100)]


def test_a_feed_that_is_stamped_and_never_changes_is_told_from_one_that_does(tmp_path):
    """Looks, bodies and stamps are counted from all visits; a part of a body says nothing of the whole."""
    fill(tmp_path / "harvest.db", [[(0, "up")]])
    rows = [{"started": iso(BEGIN + timedelta(hours=n)), "sha256": "a" * 64, "last_modified": f"stamp {n}",
             "status": 200} for n in range(5)]  # fmt: skip
    rows.append({"started": iso(BEGIN + timedelta(hours=9)), "sha256": "b" * 64, "asked": "part", "status": 206})
    visited(tmp_path / "harvest.db", rows)
    publish(tmp_path / "harvest.db", tmp_path / "catalog.db", lambda: END, PORTAL)
    found = asked(tmp_path / "catalog.db", "SELECT looks, bodies, stamps, changed FROM body_change")
    assert found == [(5, 1, 5, None)]


@pytest.mark.parametrize(
    ("value", "words"), [(1.0, "100%"), (0.99999, "99.99%"), (0.9, "90%"), (0.985, "98.5%"), (0.0, "0%"), (None, "–")]
)
def test_an_uptime_is_never_rounded_up(value, words):
    """What was down for a minute of a year is not 100 %."""
    assert share(value, Translator("en")) == words
