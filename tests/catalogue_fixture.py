"""A small, varied and hostile catalogue written straight into harvest.db, for tests of what is published from it."""

import hashlib
import json
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from harvester.store.health import bring_up_to_date
from harvester.store.workshop import connect
from publish.build import publish

SEEN = "2026-11-20T01:00:00Z"
LAST = "2026-11-22T01:00:00Z"
SCRIPT = '<script>alert("title")</script><img src=x onerror=alert(1)>'
LONG = "無" * 300 + "W" * 10_000
RTL = "report \u202etxt.exe\u202c \u2066hidden\u2069"
DATASETS: list[tuple[str, str, str | None, str | None, str | None, str | None]] = [
    # name, provider, category, title in en, tc, sc
    ("hk-hko-rainfall", "hk-hko", "weather", "Rainfall in the past hour", "過去一小時雨量", "过去一小时雨量"),
    ("hk-hko-forecast", "hk-hko", "weather", "Weather forecast", "天氣預報", "天气预报"),
    ("hk-hko-typhoon", "hk-hko", "weather", "Tropical cyclone tracks", "颱風路徑", "台风路径"),
    ("hk-hko-tide", "hk-hko", "weather", "Tide times", "潮汐時間", "潮汐时间"),
    ("hk-hko-uv", "hk-hko", "weather", "Ultraviolet index", "紫外線指數", "紫外线指数"),
    ("hk-hko-quake", "hk-hko", "weather", "Earthquakes felt", "有感地震", "有感地震"),
    ("hk-td-traffic", "hk-td", "transport", "Traffic speed map", "行車速度圖", "行车速度图"),
    ("hk-td-parking", "hk-td", "transport", "Parking vacancy", "泊車位空缺", "泊车位空缺"),
    ("hk-td-ferry", "hk-td", "transport", "Ferry timetable", "渡輪時間表", "渡轮时间表"),
    ("hk-td-signs", "hk-td", "transport", "Road signs", "道路標誌", "道路标志"),
    ("hk-td-counts", "hk-td", "transport", "Traffic counts", "交通流量", "交通流量"),
    ("hk-hd-flats", "hk-hd", "housing", "Public housing flats", "公屋單位", "公屋单位"),
    ("hk-hd-wait", "hk-hd", "housing", "Waiting time for public housing", "公屋輪候時間", "公屋轮候时间"),
    ("hk-x-script", "hk-x", None, SCRIPT, SCRIPT, SCRIPT),
    ("hk-x-long", "hk-x", None, LONG, LONG, LONG),
    ("hk-x-rtl", "hk-x", None, RTL, RTL, RTL),
    ("hk-x-formula", "hk-x", None, '=HYPERLINK("http://evil.example","click")', "@SUM(1)", "+1"),
    ("hk-x-nothing", "hk-x", None, None, None, None),
    ("hk x/odd?&#%2F..json", "hk-x", None, "Odd name", "怪名", "怪名"),
]
FEED = "hk-hko-uv"
"""The dataset whose resources are APIs, declared to change all the time."""
WALLED = "hk-td-counts"
"""The dataset whose host refuses robots every time."""
PROVIDERS = [
    ("hk-hko", "Hong Kong Observatory", "香港天文台", "香港天文台"),
    ("hk-td", "Transport Department", "運輸署", "运输署"),
    ("hk-hd", "Housing Department", "房屋署", "房屋署"),
    ("hk-x", '"><svg onload=alert(2)>', "<b>粗</b>", "<b>粗</b>"),
]
CATEGORIES = [
    ("weather", "Climate and Weather", "氣候及天氣", "气候及天气"),
    ("transport", "Transport", "運輸", "运输"),
    ("housing", "Housing", "房屋", "房屋"),
]
OUTCOMES = ["ok", "ok", "gone", "timeout", "ok", "blocked", "not-public", "ok"]
URLS = ["https://res{n}.example.hk/{name}-{n}.csv", "javascript:alert({n})//{name}", "data:text/html,<b>{name}{n}"]
CRITERIA = [
    "online",
    "free",
    "licence",
    "machine_readable",
    "bulk",
    "timely",
    "historical",
    "tools",
    "contact",
    "format",
]
VALUES = [1.0, 0.5, 0.0, None, 1.0, 1.0, 0.5]


def _url(db: Any, url: str) -> int:
    host = url.split("/")[2] if "://" in url else ""
    db.execute("INSERT OR IGNORE INTO url (url, host, first_seen) VALUES (?, ?, ?)", [url, host, SEEN])
    return int(db.execute("SELECT id FROM url WHERE url = ?", [url]).fetchone()[0])


def _content(db: Any, key: str, turn: int) -> str:
    sha256 = hashlib.sha256(key.encode()).hexdigest()
    formats = ["csv", "xlsx", "html", "json"]
    verdicts = ["invalid", "valid", "broken", "unmeasured"]
    row = {
        "sha256": sha256, "bytes": 12_345 + turn, "complete": 1, "format": formats[turn % 4], "nature": "data",
        "ladder": "table", "encoding": "utf-8", "bom": 0, "rows": 120, "columns": 4,
        "labels": json.dumps(["<b>a", "B"]),
        "verdict": verdicts[turn % 4], "reason": "The table has <b>blank</b> labels.", "first_seen": SEEN,
        "repaired": "valid" if turn % 4 == 0 else None, "dialect": json.dumps({"header_row": 3}), "seconds": 0.2,
        "profile": json.dumps({"rows": 120, "earliest": "2026-01-01", "latest": "2026-11-01"}), "engine": "test",
    }  # fmt: skip
    db.table("content").upsert(row, pk="sha256")
    if turn % 4 == 0:
        example = json.dumps(["row 3: =cmd|' /C calc'!A0", SCRIPT])
        db.table("defect").upsert(
            {"content": sha256, "code": "blank-label", "count": 7, "row": 3, "field": 2, "note": SCRIPT,
             "examples": example}, pk=("content", "code"))  # fmt: skip
    return sha256


def _dataset(db: Any, turn: int, record: tuple[str, str, str | None, str | None, str | None, str | None]) -> None:
    name, provider, category, en, tc, sc = record
    db.table("dataset").insert(
        {"name": name, "provider": provider, "category": category, "title_en": en, "title_tc": tc, "title_sc": sc,
         "notes_en": f"Notes about {en} {SCRIPT}" if turn % 3 else None, "notes_tc": f"{tc}的說明\x00有空字元",
         "notes_sc": f"{sc}的说明", "frequency_en": "Monthly", "frequency_tc": "每月", "frequency_sc": "每月",
         "schedule": "real-time" if name == FEED else "periodic", "period_days": 0.04 if name == FEED else 30.4,
         "maintainer_en": "Data team",
         "maintainer_email": ["a@b.gov.hk", 'x" onclick="alert(3)@b', "javascript:alert(4)"][turn % 3],
         "maintainer_phone": "2926 8200", "dictionary": _url(db, f"https://dict.example.hk/{name}.pdf"),
         "languages": '["en","tc","sc"]', "created": "2019-01-01T00:00:00", "first_seen": SEEN, "last_seen": LAST,
         "withdrawn_at": LAST if name == "hk-td-signs" else None})  # fmt: skip
    for n in range(2):
        address = _url(db, URLS[(turn + n) % 3 if turn % 4 == 0 else 0].format(n=n, name=name))
        db.table("resource").insert(
            {
                "shared_id": f"{name}/{n}",
                "dataset": name,
                "position": n,
                "title_en": f"{en or name} part {n}",
                "title_tc": f"{tc or name} 第{n}部分",
                "title_sc": f"{sc or name} 第{n}部分",
                "format": ["CSV", "JSON"][n],
                "kind": "api" if name == FEED else "file",
                "url": address,
                "url_en": "x",
                "languages": "[]",
                "first_seen": SEEN,
                "last_seen": LAST,
            }
        )
        for run, when in ((2, SEEN), (5, LAST)):
            outcome = "blocked" if name == WALLED else OUTCOMES[(turn + n + run) % len(OUTCOMES)]
            sha256 = _content(db, f"{name}{n}", turn + n) if outcome == "ok" else None
            db.execute(
                "INSERT OR IGNORE INTO visit (url, run, attempt, started, outcome, status, milliseconds, bytes, sha256,"
                " content_type, error) VALUES (?, ?, 1, ?, ?, ?, 120, 12345, ?, 'text/csv', ?)",
                [address, run, when, outcome, 200 if sha256 else None, sha256, None if sha256 else SCRIPT],
            )
    if name == FEED:
        _stamped(db, address, _content(db, f"{name}1", turn + 1))


def _stamped(db: Any, address: int, sha256: str) -> None:
    """Let an address be stamped anew at each of three looks and give the same bytes."""
    db.execute("UPDATE visit SET sha256 = ?, outcome = 'ok', status = 200, error = NULL, last_modified = started"
               " WHERE url = ?", [sha256, address])  # fmt: skip
    db.execute(
        "INSERT INTO visit (url, run, attempt, started, outcome, status, milliseconds, first_byte_ms, bytes, sha256,"
        " last_modified) VALUES (?, 5, 2, '2026-11-22T02:00:00Z', 'ok', 200, 900, 300, 12345, ?, 'later')",
        [address, sha256],
    )


def _changed(db: Any, run: int, name: str, language: str, field: str, old: str | None, new: str | None) -> None:
    db.table("change").insert(
        {"run": run, "dataset": name, "resource": "", "language": language, "field": field, "old": old, "new": new,
         "at": SEEN if run == 1 else LAST})  # fmt: skip


def _answers(db: Any, turn: int, name: str) -> None:
    for place, criterion in enumerate(CRITERIA):
        value = None if criterion == "historical" else VALUES[(turn + place) % len(VALUES)]
        evidence = json.dumps({"note": SCRIPT, "link": "javascript:alert(5)", "n": place})
        if place == 0:
            db.table("answer").insert(
                {"dataset": name, "resource": "", "criterion": criterion, "since": "2026-11-01T00:00:00Z", "value": 0.0,
                 "reason": "gone", "evidence": "{}", "run": 4, "until": SEEN})  # fmt: skip
        for resource in ("", f"{name}/0"):
            db.table("answer").insert(
                {"dataset": name, "resource": resource, "criterion": criterion, "since": SEEN, "value": value,
                 "reason": "no-such-reason", "evidence": evidence, "run": 4})  # fmt: skip
        if value in (0.0, 0.5):
            db.table("task").insert(
                {"dataset": name, "resource": f"{name}/0", "criterion": criterion, "opened": SEEN, "severity": 3,
                 "due": "2026-12-04T00:00:00Z", "points": 17.6 * (1 - value), "reason": "no-such-reason",
                 "evidence": evidence})  # fmt: skip


def _scores(db: Any) -> None:
    def score(kind: str, subject: str, point: float | None, n: int, known: float = 0.9) -> None:
        db.table("score").insert(
            {"subject_type": kind, "subject": subject, "profile": "gdb-checklist", "pillar": "", "since": SEEN,
             "point": point, "low": max((point or 0) - 8, 0), "high": min((point or 0) + 6, 100), "known": known,
             "n": n, "parts": "{}", "rubric_digest": "d1", "run": 4})  # fmt: skip

    for turn, record in enumerate(DATASETS):
        score("dataset", record[0], None if turn == 17 else 40.0 + turn * 3, 1, 0.4 if turn == 16 else 0.9)
    for turn, provider in enumerate(PROVIDERS):
        score("provider", provider[0], 45.0 + turn * 9, sum(1 for record in DATASETS if record[1] == provider[0]))
    for turn, category in enumerate(CATEGORIES):
        score("category", category[0], 55.0 + turn * 9, 5)
    score("portal", "https://data.gov.hk", 61.4, len(DATASETS))


def fill(path: Path) -> None:
    """Write the catalogue into a new harvest.db at ``path``: four providers, eighteen datasets, two resources each."""
    db = connect(path, create=True)
    with db.atomic():
        for turn, kind in enumerate(["harvest", "check", "validate", "score", "check", "harvest"], 1):
            db.table("run").insert(
                {"id": turn, "kind": kind, "started": SEEN if turn < 5 else LAST, "finished": LAST, "state": "done",
                 "portal": "https://data.gov.hk", "code_version": "0", "rubric_digest": "d1"})  # fmt: skip
        for table, rows in (("provider", PROVIDERS), ("category", CATEGORIES)):
            for slug, en, tc, sc in rows:
                db.table(table).insert(
                    {
                        "slug": slug,
                        "title_en": en,
                        "title_tc": tc,
                        "title_sc": sc,
                        "first_seen": SEEN,
                        "last_seen": LAST,
                    }
                )
        for turn, record in enumerate(DATASETS):
            _dataset(db, turn, record)
            _answers(db, turn, record[0])
            db.table("record_version").insert(
                {"dataset": record[0], "language": "en", "sha256": "0" * 64, "body": b"x" * 99, "first_seen": SEEN,
                 "run": 1})  # fmt: skip
            _changed(db, 1, record[0], "", "dataset", None, "listed")
        _changed(db, 6, "hk-hko-rainfall", "en", "title", SCRIPT, None)
        _changed(db, 6, "hk-td-signs", "", "dataset", "listed", "withdrawn")
        _scores(db)
        for day, refused in (("2026-11-20", 0), ("2026-11-22", 3)):
            db.table("request").insert({"day": day, "host": "res1.example.hk", "purpose": "visit", "requests": 40,
                                        "bytes": 4_000_000, "refused": refused})  # fmt: skip
        db.table("failure").insert({"run": 1, "item": SCRIPT, "error": SCRIPT, "at": SEEN})
    bring_up_to_date(db)
    db.conn.close()


def published(folder: Path, fill_it: Callable[[Path], None] = fill) -> Path:
    """Fill a new workshop in ``folder`` and return the place of the catalogue published from it."""
    fill_it(folder / "harvest.db")
    catalog = folder / "catalog.db"
    publish(folder / "harvest.db", catalog, lambda: datetime(2026, 11, 23, tzinfo=UTC), "https://data.gov.hk")
    return catalog
