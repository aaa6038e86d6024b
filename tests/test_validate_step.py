"""The step: every content gets its verdict, from workers that may die, and what is stored is not done again."""

import hashlib
import importlib
import io
import multiprocessing
import shutil
import sqlite3
from contextlib import closing
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from harvester import apart
from harvester.apart import Limits
from harvester.errors import BarometerError
from harvester.records import Content, Sniffed
from harvester.sniff import sniff
from harvester.store import contents
from harvester.store.bodies import Bodies
from harvester.store.contents import Pending
from harvester.store.workshop import step, workshop
from harvester.validate import RULES
from harvester.validate.step import validate
from harvester.validate.workers import Job, examine_all

TABLE = b"date,v\n" + b"".join(b"2024-01-%02d,%d\n" % (day, day) for day in range(1, 29))
SLOW = b"a,b\n" * 150 + b",".join([b"9"] * 150_000) + b"\n"


def clock() -> datetime:
    return datetime(2026, 11, 23, 2, 30, tzinfo=UTC)


def kept(folder: Path, body: bytes) -> Pending:
    sha256 = hashlib.sha256(body).hexdigest()
    with Bodies(folder) as bodies, bodies.arrive() as arriving:
        arriving.file.write(body)
        arriving.keep(sha256)
    return Pending(sha256, len(body), True, sniff(io.BytesIO(body)))


def laid_out(folder: Path, item: Pending) -> Path:
    path = Bodies(folder).lay_out(item.sha256)
    assert path is not None
    return path


def known(db: object, item: Pending) -> None:
    found = item.sniffed
    db.execute(  # type: ignore[attr-defined]
        "INSERT INTO content (sha256, bytes, complete, format, nature, ladder, encoding, bom, first_seen)"
        " VALUES (?, ?, 1, ?, ?, 'unknown', ?, ?, '2026-11-23T00:00:00Z')",
        [item.sha256, item.bytes, found.format, found.nature, found.encoding, found.bom],
    )


def test_a_hostile_body_costs_no_other_its_verdict(tmp_path: Path) -> None:
    """A worker ended by its limits is replaced, its file is unmeasured with the reason, and the others are judged."""
    good = [kept(tmp_path, TABLE + b"2024-02-01,%d\n" % number) for number in range(6)]
    items = [*good[:3], kept(tmp_path, SLOW), *good[3:]]
    jobs = [Job(laid_out(tmp_path, item), item, date(2026, 11, 23)) for item in items]
    found = {content.sha256: content for content in examine_all(jobs, 2, Limits(seconds=2, seconds_per_mb=0))}
    assert len(found) == 7
    assert {found[item.sha256].verdict for item in good} == {"valid"}
    slow = found[items[3].sha256]
    assert slow.verdict == "unmeasured"
    assert slow.reason
    assert "processor time" in slow.reason or "longer than" in slow.reason


def test_memory_is_bounded(tmp_path: Path) -> None:
    """A body that would need more memory than a worker has is unmeasured, and the worker goes on or is replaced."""
    big = kept(tmp_path, b"[" + b"[0]," * 6_000_000 + b"[0]]")
    small = kept(tmp_path, TABLE)
    jobs = [Job(laid_out(tmp_path, item), item, date(2026, 11, 23)) for item in (big, small)]
    found = {content.sha256: content for content in examine_all(jobs, 1, Limits(memory=450 * 1024**2))}
    assert found[big.sha256].verdict == "unmeasured"
    assert "memory" in (found[big.sha256].reason or "")
    assert found[small.sha256].verdict == "valid"


def test_only_what_is_missing_is_done(tmp_path: Path) -> None:
    """Verdicts that were stored before a kill stand; the next run does the rest, and a third has nothing to do."""
    bodies = Bodies(tmp_path / "bodies")
    items = [kept(bodies.folder, TABLE + b"2024-02-01,%d\n" % number) for number in range(5)]
    with workshop(tmp_path / "harvest.db", create=True) as db:
        for item in items:
            known(db, item)
        db.conn.commit()
        first = Content(items[0].sha256, 1, True, "csv", "data", "table", verdict="valid", engine=f"x, rules {RULES}")
        old = Content(
            items[1].sha256, 1, True, "csv", "data", "table", verdict="invalid", engine=f"x, rules {RULES - 1}"
        )
        contents.save(db, [first, old])
        for expected in (4, 0):
            with step(db, "validate", clock, {}) as run:
                validate(db, bodies, run, clock, workers=1)
            assert run.counts.get("contents", 0) == expected
        rows = list(db.query("SELECT verdict, profile, engine FROM content WHERE sha256 != ?", [items[0].sha256]))
        assert {row["verdict"] for row in rows} == {"valid"}
        assert all(row["profile"] and f"rules {RULES}" in row["engine"] for row in rows)


def test_defects_are_put_in_the_place_of_older_ones(tmp_path: Path) -> None:
    """A second verdict replaces the first one's defects, so that a mended rule leaves nothing behind."""
    bodies = Bodies(tmp_path / "bodies")
    item = kept(bodies.folder, TABLE + b"2024-02-01,1,2\n")
    with workshop(tmp_path / "harvest.db", create=True) as db:
        known(db, item)
        db.execute(
            "INSERT INTO defect (content, code, count, note, examples) VALUES (?, 'old', 1, '', '[]')", [item.sha256]
        )
        db.conn.commit()
        with step(db, "validate", clock, {}) as run:
            validate(db, bodies, run, clock, workers=1)
        assert [(row["code"], row["count"], row["row"], row["field"]) for row in db.query("SELECT * FROM defect")] == [
            ("extra-cell", 1, 30, 3)
        ]


def test_a_body_that_is_gone_is_a_failure_of_the_run(tmp_path: Path) -> None:
    """A content whose body is no longer kept stays without a verdict, and the run says so."""
    with workshop(tmp_path / "harvest.db", create=True) as db:
        known(db, Pending("a" * 64, 10, True, Sniffed("csv", "data", "ascii")))
        db.conn.commit()
        with step(db, "validate", clock, {}) as run:
            validate(db, Bodies(tmp_path / "bodies"), run, clock, workers=1)
        assert run.failed == 1
        assert [item.sha256 for item in contents.pending(db, RULES)] == ["a" * 64]


def test_a_body_that_a_power_cut_left_in_part_is_not_held_against_its_publisher(tmp_path: Path) -> None:
    """A kept body that is not what its digest says is removed, and comes again with the next check."""
    bodies = Bodies(tmp_path / "bodies")
    item = kept(tmp_path / "bodies", TABLE)
    with closing(sqlite3.connect(bodies.folder / "small.db")) as small, small:
        small.execute("UPDATE body SET bytes = ?", [TABLE[:-20]])
    with workshop(tmp_path / "harvest.db", create=True) as db:
        known(db, item)
        db.conn.commit()
        with step(db, "validate", clock, {}) as run:
            validate(db, bodies, run, clock, workers=1)
        assert run.failed == 1
        assert [waiting.sha256 for waiting in contents.pending(db, RULES)] == [item.sha256]
    assert not bodies.holds(item.sha256)


@pytest.mark.parametrize(
    ("engine", "rules"), [("", 0), ("frictionless 5.21.0, python 3.11.7, rules 12", 12), ("rules x", 0)]
)
def test_rules_are_read_out_of_the_engine(engine: str, rules: int) -> None:
    """The version of our own rules is told from the versions that gave a verdict."""
    assert contents.rules_of(engine) == rules


def test_no_worker_is_left_behind(tmp_path: Path) -> None:
    """Leaving the work in its middle ends the workers."""
    items = [kept(tmp_path, TABLE + b"2024-02-01,%d\n" % number) for number in range(3)]
    jobs = (Job(laid_out(tmp_path, item), item, date(2026, 11, 23)) for item in items)
    walk = examine_all(jobs, 2)
    next(walk)
    walk.close()
    assert multiprocessing.active_children() == []


def test_a_pool_that_cannot_start_any_worker_stops_the_step(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What keeps every worker from starting is no file's fault: the step stops with a sentence and marks none."""
    module = tmp_path / "not_there_for_workers.py"
    module.write_text("def work(pipe, bounds): ...\n")
    monkeypatch.syspath_prepend(str(tmp_path))
    monkeypatch.setattr(apart, "_work", importlib.import_module("not_there_for_workers").work)
    module.unlink()
    shutil.rmtree(tmp_path / "__pycache__", ignore_errors=True)
    bodies = Bodies(tmp_path / "bodies")
    item = kept(bodies.folder, TABLE)
    with workshop(tmp_path / "harvest.db", create=True) as db:
        known(db, item)
        db.conn.commit()
        with (
            pytest.raises(BarometerError, match="No worker process can be started"),
            step(db, "validate", clock, {}) as run,
        ):
            validate(db, bodies, run, clock, workers=2)
        assert [pending.sha256 for pending in contents.pending(db, RULES)] == [item.sha256]
    assert multiprocessing.active_children() == []
