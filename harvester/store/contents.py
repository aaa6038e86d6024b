"""Reads and writes of the validate step: which contents await a verdict, and what was found, a batch a transaction."""

import json
from collections.abc import Collection, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from sqlite_utils import Database

from harvester.records import Content, Nature, Sniffed


@dataclass(frozen=True, slots=True)
class Pending:
    """A content that awaits its verdict: what its visit and its bytes said of it."""

    sha256: str
    bytes: int
    complete: bool
    sniffed: Sniffed


def pending(db: Database, rules: int, versions: str = "", only: Collection[str] | None = None) -> list[Pending]:
    """Return the contents without a verdict, or judged under rules older than ``rules``, the largest first.

    With ``versions`` (how an engine's versions begin) those judged by any others, too. The largest first, because the
    longest single file decides how long the last worker is busy alone. Where ``only`` (sha256) is given, of those.
    """
    asked = [] if only is None else [json.dumps(sorted(only))]
    among = "" if only is None else "AND sha256 IN (SELECT value FROM json_each(?))"
    rows = db.query(f"SELECT * FROM content WHERE NOT spare {among} ORDER BY bytes DESC, sha256", asked)  # noqa: S608 -- our own text
    return [
        Pending(
            row["sha256"], row["bytes"], bool(row["complete"]),
            Sniffed(row["format"], nature_of(row["nature"]), row["encoding"], bool(row["bom"]),
                    tuple(json.loads(row["members"] or "[]"))),
        )
        for row in rows
        if row["verdict"] is None
        or rules_of(row["engine"] or "") < rules
        or not (row["engine"] or "").startswith(versions)
    ]  # fmt: skip


def rules_of(engine: str) -> int:
    """Return the version of our own rules in an engine's versions (``..., rules 2``), 0 where there is none."""
    last = engine.rsplit("rules ", 1)[-1]
    return int(last) if last.isdecimal() else 0


def nature_of(text: str) -> Nature:
    """Return the stored word as a nature; what is none (another version's) is taken for data."""
    known: tuple[Nature, ...] = ("data", "page", "login", "challenge", "error", "shell", "empty")
    return next((nature for nature in known if nature == text), "data")


def save(db: Database, contents: Sequence[Content]) -> None:
    """Store what was found of ``contents``, their defects put in the place of older ones, in one transaction."""
    with db.atomic():
        for content in contents:
            db.execute(
                """
                UPDATE content SET
                    ladder = ?, encoding = ?, dialect = ?, rows = ?, columns = ?, labels = ?, verdict = ?, reason = ?,
                    repaired = ?, profile = ?, seconds = ?, engine = ?
                WHERE sha256 = ?
                """,
                [
                    content.ladder, content.encoding, _json(content.dialect), content.rows, content.columns,
                    json.dumps(content.labels, ensure_ascii=False), content.verdict, content.reason, content.repaired,
                    _json(content.profile, lean=True), content.seconds, content.engine, content.sha256,
                ],
            )  # fmt: skip
            db.execute("DELETE FROM defect WHERE content = ?", [content.sha256])
            for defect in content.defects:
                db.execute(
                    "INSERT INTO defect (content, code, count, row, field, note, examples)"
                    " VALUES (?, ?, ?, ?, ?, ?, ?)",
                    [
                        content.sha256, defect.code, defect.count, defect.row, defect.field, defect.note,
                        json.dumps(defect.examples, ensure_ascii=False),
                    ],
                )  # fmt: skip


def _json(record: object, *, lean: bool = False) -> str | None:
    """Return a record as JSON text; a ``lean`` one without what is unset, so that thousands of profiles stay small."""
    if record is None:
        return None
    plain = asdict(record)  # type: ignore[call-overload]
    return json.dumps(_set(plain) if lean else plain, ensure_ascii=False, separators=(",", ":"))


def _set(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _set(each) for name, each in value.items() if each not in (None, ())}
    return [_set(each) for each in value] if isinstance(value, list | tuple) else value
