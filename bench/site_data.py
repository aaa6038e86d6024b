"""A catalogue as large as the portal's after years of scans, for the site to be measured on.

Datasets, resources, contents and answers are those of `bench.score`; here they get titles that a search can tell
apart, visits of many runs, and defects, and are scored by every profile and published.
"""

import random
import sqlite3
from datetime import timedelta
from itertools import product
from pathlib import Path

from sqlite_utils import Database

from bench.score import START, make
from harvester.clock import iso
from harvester.store.health import bring_up_to_date
from harvester.store.workshop import connect, step
from publish.build import publish
from scoring.rubric import load_rubrics
from scoring.step import score

PORTAL = "https://data.gov.hk"
NOW = START + timedelta(days=1)
SUBJECTS = (
    ("Rainfall", "雨量", "雨量"), ("Air temperature", "氣溫", "气温"), ("Weather forecast", "天氣預報", "天气预报"),
    ("Public housing flats", "公屋單位", "公屋单位"), ("Waiting times", "輪候時間", "轮候时间"),
    ("Parking vacancy", "泊車位空缺", "泊车位空缺"), ("Bus routes", "巴士路線", "巴士路线"),
    ("Air quality", "空氣質素", "空气质量"), ("Births and deaths", "出生及死亡", "出生及死亡"),
    ("Food premises", "食肆", "食肆"), ("Tender notices", "招標公告", "招标公告"), ("Schools", "學校", "学校"),
)  # fmt: skip
PLACES = (
    ("Sham Shui Po", "深水埗", "深水埗"), ("Kwun Tong", "觀塘", "观塘"), ("Islands", "離島", "离岛"),
    ("Sha Tin", "沙田", "沙田"), ("Wan Chai", "灣仔", "湾仔"), ("Yuen Long", "元朗", "元朗"),
    ("Tai Po", "大埔", "大埔"), ("Central and Western", "中西區", "中西区"),
)  # fmt: skip
KINDS = (
    ("monthly figures", "每月數字", "每月数字"), ("yearly figures", "每年數字", "每年数字"), ("list", "名單", "名单"),
    ("live feed", "實時資訊", "实时资讯"), ("map layer", "地圖圖層", "地图图层"), ("survey", "統計調查", "统计调查"),
)  # fmt: skip
CODES = tuple(f"code-{number:02}" for number in range(100))
"""Names of made-up kinds of defect: as many a file as it takes to reach the number asked for."""
STATES = (("ok", 200), ("ok", 200), ("ok", 304), ("timeout", None), ("server-error", 503))


def build(folder: Path, datasets: int, resources: int, visits: int, defects: int) -> Path:
    """Make the workshop and the catalogue in ``folder``, and return the catalogue's place; one made before stands."""
    catalog = folder / "catalog.db"
    if catalog.exists():
        return catalog
    db = connect(folder / "harvest.db", create=True)
    make(db, datasets, resources)
    with db.atomic():
        _titles(db)
        _visits(db.conn, max(0, visits // resources - 1))
        _defects(db.conn, max(1, defects // max(1, _count(db, "content"))))
    bring_up_to_date(db)
    with step(db, "score", lambda: NOW, {}) as run:
        score(db, run, lambda: NOW, load_rubrics(), NOW)
    for table in ("dataset", "resource", "visit", "defect"):
        print(f"{table}: {_count(db, table)} rows in the workshop", flush=True)
    db.conn.close()
    publish(folder / "harvest.db", catalog, lambda: NOW, PORTAL)
    return catalog


def _count(db: Database, table: str) -> int:
    return int(db.execute(f"SELECT count(*) FROM {table}").fetchone()[0])  # noqa: S608 - our own names


def _titles(db: Database) -> None:
    words = list(product(PLACES, SUBJECTS, KINDS))
    names = [row[0] for row in db.execute("SELECT name FROM dataset ORDER BY name")]
    titles = []
    for number, name in enumerate(names):
        place, subject, kind = words[number * 7 % len(words)]
        titles.append(
            (f"{subject[0]} in {place[0]}, {kind[0]} {number}", f"{place[1]}{subject[1]}{kind[1]}{number}",
             f"{place[2]}{subject[2]}{kind[2]}{number}", name)
        )  # fmt: skip
    db.conn.executemany("UPDATE dataset SET title_en = ?, title_tc = ?, title_sc = ? WHERE name = ?", titles)


def _visits(connection: sqlite3.Connection, runs: int) -> None:
    """Add ``runs`` earlier checks, a day apart, before the one there is; one visit in twenty did not go well."""
    chance = random.Random(11)
    first = 1000
    for number in range(runs):
        day = START - timedelta(days=runs - number)
        connection.execute(
            "INSERT INTO run (id, kind, started, state, code_version) VALUES (?, 'check', ?, 'done', '0')",
            [first + number, iso(day)],
        )
        outcome, status = chance.choice(STATES)
        connection.execute(
            "INSERT INTO visit (url, run, attempt, started, outcome, status, milliseconds, bytes, sha256)"
            " SELECT url, :run, 1, :day, CASE WHEN url % 20 = :odd THEN :outcome ELSE outcome END,"
            " CASE WHEN url % 20 = :odd THEN :status ELSE status END, 100 + url % 300, bytes,"
            " CASE WHEN url % 20 = :odd AND :outcome <> 'ok' THEN NULL ELSE sha256 END FROM visit WHERE run = 2",
            {"run": first + number, "day": iso(day), "odd": number % 20, "outcome": outcome, "status": status},
        )
    # The runs above are earlier than the one there was, and the last visit of an address is that of its latest run.
    connection.execute(
        "INSERT INTO run (id, kind, started, finished, state, code_version) VALUES (?, 'check', ?, ?, 'done', '0')",
        [first + runs, iso(START), iso(START)],
    )
    connection.execute("UPDATE visit SET run = ? WHERE run = 2", [first + runs])


def _defects(connection: sqlite3.Connection, each: int) -> None:
    codes = [(code,) for code in CODES[:each]]
    connection.execute("CREATE TEMP TABLE wanted (code TEXT)")
    connection.executemany("INSERT INTO wanted VALUES (?)", codes)
    connection.execute(
        "INSERT INTO defect (content, code, count, row, field, note, examples)"
        " SELECT sha256, code, 3, 7, 2, 'A cell is not what its column says.',"
        ' \'["Type error in the cell \\"x\\" in row \\"7\\" and field \\"value\\" at position \\"2\\""]\''
        " FROM content, wanted"
    )
