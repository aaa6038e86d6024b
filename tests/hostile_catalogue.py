"""A catalogue whose every harvested field is an attack: names, titles, addresses, labels, headers, facts, errors."""

import json
from itertools import count
from pathlib import Path
from typing import Any

from harvester.store.workshop import connect
from tests import catalogue_fixture

INJECTED = "X-Injected: yes"
"""A header that an attack wants to see in an answer."""
TEXTS = (
    "<script>alert(1)</script>", "</script><script>alert(2)</script>", '"><img src=x onerror=alert(3)>',
    "'><svg/onload=alert(4)>", "--><script>alert(5)</script>", "]]><script>alert(6)</script>",
    "</title></textarea></style><script>alert(7)</script>", "<a href=javascript:alert(8)>x</a>",
    "<iframe srcdoc='<script>alert(9)</script>'>", "<style>*{background:url(//evil.example)}</style>",
    "javascript:alert(10)", "JaVaScRiPt:alert(11)", "java\tscript:alert(12)", "\x01javascript:alert(13)",
    "data:text/html,<script>alert(14)</script>", "vbscript:msgbox(15)", "//evil.example/", "https:/\\evil.example/",
    "https://data.gov.hk@evil.example/", 'https://ok.example/"onmouseover="alert(16)',
    "https://ok.example/%0d%0aX-Injected:%20yes", "https://[", "https://ok.example/{{7777*7777}}",
    "report \u202etxt.exe\u202c \u2066hidden\u2069 \u200e\u200f\u061c", "W" * 10_000, "無" * 10_000,
    "Z" + "\u0336" * 400, '=HYPERLINK("https://evil.example","x")', "+1+cmd|' /C calc'!A0", "-2+3", "@SUM(1,1)",
    "\t=1+1", "\r=1+1", " =1+1", "＝1+1", "＋1", "－1", "＠SUM(1)", "\u200e=1+1", "|calc", "%=1+1",
    f"a\r\n{INJECTED}\r\n\r\n<script>alert(17)</script>", f"a\n{INJECTED}", "a\x00b<script>alert(18)</script>",
    "{{ 7777*7777 }}{{ config }}", "{% for x in y %}", "{x.__class__}", "{0}{number}{title}", "%s%n%(a)s%", "${7*7}",
    "\x1b[31mred\x1b]0;owned\x07", "\ufffe\uffff\x0b\x0c\x1f\x7f\x85\u2028\u2029", "\U0001fffe\U0010ffff",
    "&lt;script&gt;alert(19)&#60;/script>", "\\u003cscript\\u003ealert(20)\\u003c/script\\u003e",
    "BEGIN:VCALENDAR\r\nEND:VEVENT\r\nSUMMARY:injected",
    '<?xml version="1.0"?><!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]><x>&e;</x>',
    "'; DROP TABLE dataset; --", '" OR 1=1 --', "", " ", "\u200b", "🏴\u200d☠️" * 40,
    "a@b.hk?cc=c@evil.example&body=x", "NaN", "null",
)  # fmt: skip
NAMES = (
    "..", ".", "a/b", "a?b=c", "a#b", "a%2Fb", "a~b", "a.json", "Case", "case", "CASE", "n" * 1500,
    "<script>alert(21)</script>", '" onclick="alert(22)', "=1+1", f"a\r\n{INJECTED}", "javascript:alert(23)",
    "無 線+&=;\u202e{{7777*7777}}", "/evil.example",
)  # fmt: skip
"""Names of datasets, and so parts of addresses; three differ by case alone."""
SLUGS = ("../../etc", "<b>/?#%", "Slug", "slug")
"""Names of providers and, but for the last, of categories."""
LONE = "\\ud800 \\udfff <script>alert(24)</script>"
"""Halves of characters, which no text may hold alone, as JSON can write them."""
SEEN = {"first_seen", "last_seen"}
OURS = {
    "run": {"kind", "started", "finished", "state", "portal", "code_version", "rubric_digest", "options", "counts"},
    "dataset": {"name", "provider", "category", "schedule", "languages", "extras", "withdrawn_at", *SEEN},
    "resource": {"shared_id", "dataset", "kind", "languages", "extras", "withdrawn_at", *SEEN},
    "provider": {"slug", *SEEN},
    "category": {"slug", *SEEN},
    "visit": {"started", "outcome", "redirects", "sha256", "asked", "nature"},
    "content": {"sha256", "format", "nature", "ladder", "dialect", "labels", "members", "verdict", "repaired",
                "profile", "engine", "first_seen"},
    "defect": {"content", "code", "examples"},
    "failure": {"at"},
    "change": {"dataset", "resource", "language", "field", "at"},
}  # fmt: skip
"""Columns that we fill with words, times and JSON of our own; every other text of these tables is the portal's."""


def fill(path: Path) -> None:
    """Write the catalogue into a new harvest.db at ``path``: the shared fixture's, its words and names replaced."""
    catalogue_fixture.fill(path)
    db = connect(path, create=False)
    db.execute("PRAGMA foreign_keys = OFF")
    turn = count()
    with db.atomic():
        for table, ours in OURS.items():
            for column in db[table].columns:
                if column.type == "TEXT" and column.name not in ours:
                    _replace(db, table, column.name, turn)
        _addresses(db)
        _facts(db)
        _rename(db)
    db.conn.close()


def _replace(db: Any, table: str, column: str, turn: "count[int]") -> None:
    """Put another attack into each row of a column; where rows must differ, a number goes with it."""
    for (key,) in db.execute(f"SELECT rowid FROM {table}").fetchall():  # noqa: S608 - names of our own schema
        number = next(turn)
        text = TEXTS[number % len(TEXTS)]
        said = f"{text}{number}" if (table, column) == ("failure", "item") else text
        db.execute(f"UPDATE {table} SET {column} = ? WHERE rowid = ?", [said, key])  # noqa: S608 - the same


def _addresses(db: Any) -> None:
    """Let every address be an attack, each once as it is and then with a number behind it."""
    for number, (key,) in enumerate(db.execute("SELECT id FROM url").fetchall()):
        text = TEXTS[number % len(TEXTS)] + ("" if number < len(TEXTS) else str(number))
        host = TEXTS[(number + 7) % len(TEXTS)][:300]
        db.execute("UPDATE url SET url = ?, host = ? WHERE id = ?", [text or f"?{number}", host, key])


def _facts(db: Any) -> None:
    """Put attacks into what is stored as JSON: facts, labels, columns, places, redirects, extras."""
    facts = {f"k{number}": text for number, text in enumerate(TEXTS)}
    named = dict.fromkeys(("label", "address", "value", "found", "declared", "status", "date", "example", "host"), LONE)
    evidence = {"facts": {**facts, **named}, "visits": [1, "<script>", None, 10**30], TEXTS[0]: TEXTS[1]}
    columns = [{"label": text, "type": text, "low": text, "high": 1e308} for text in (*TEXTS, LONE)]
    profile = {"rows": 3, "earliest": LONE, "latest": TEXTS[0], "columns": columns}
    every = [*TEXTS, LONE]
    for sql, value in (
        ("UPDATE answer SET evidence = ?", evidence), ("UPDATE task SET evidence = ?", evidence),
        ("UPDATE content SET profile = ?", profile), ("UPDATE content SET labels = ?", every),
        ("UPDATE content SET members = ?", every), ("UPDATE content SET dialect = ?", {"header_row": LONE}),
        ("UPDATE defect SET examples = ?", every), ("UPDATE visit SET redirects = ?", every),
        ("UPDATE dataset SET extras = ?", {"en": facts, "tc": {"x": LONE}}),
        ("UPDATE resource SET extras = ?", {"en": facts}),
    ):  # fmt: skip
        db.execute(sql, [json.dumps(value).replace("\\\\ud", "\\ud")])
    for number, (key,) in enumerate(db.execute("SELECT rowid FROM answer").fetchall()):
        reason = TEXTS[number % len(TEXTS)] if number % 2 else "gone"
        db.execute("UPDATE answer SET reason = ? WHERE rowid = ?", [reason, key])
    db.execute("UPDATE task SET reason = (SELECT reason FROM answer a WHERE a.dataset = task.dataset"
               " AND a.resource = task.resource AND a.criterion = task.criterion AND a.until IS NULL)")  # fmt: skip


def _rename(db: Any) -> None:
    """Give datasets, resources, providers and categories hostile names, wherever they are named."""
    datasets = [row[0] for row in db.execute("SELECT name FROM dataset ORDER BY name").fetchall()]
    names = dict(zip(datasets, NAMES, strict=True))
    slugs = [row[0] for row in db.execute("SELECT slug FROM provider ORDER BY slug").fetchall()]
    slugs += [row[0] for row in db.execute("SELECT slug FROM category ORDER BY slug").fetchall()]
    kinds = dict(zip(slugs, (*SLUGS, *SLUGS), strict=False))
    for table in db.table_names():
        held = {column.name for column in db[table].columns}
        for old, new in names.items():
            for column in held & {"dataset", "subject", *(("name",) if table == "dataset" else ())}:
                db.execute(f"UPDATE {table} SET {column} = ? WHERE {column} = ?", [new, old])  # noqa: S608 - names of our own schema
            for column in held & {"resource", "shared_id"}:
                sql = f"UPDATE {table} SET {column} = ? || substr({column}, ?) WHERE {column} IN (?, ?)"  # noqa: S608 - the same
                db.execute(sql, [new, len(old) + 1, f"{old}/0", f"{old}/1"])
        for old, new in kinds.items():
            for column in held & {"provider", "category", "subject", "slug"}:
                db.execute(f"UPDATE {table} SET {column} = ? WHERE {column} = ?", [new, old])  # noqa: S608 - the same
