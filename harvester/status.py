"""What the workshop can tell of itself: the last run of each step, and the items that failed in it."""

import json
from collections.abc import Mapping
from typing import TypedDict

from sqlite_utils import Database

from harvester.clock import HONG_KONG, parse_iso
from harvester.store.health import Change

KINDS = ("harvest", "check", "validate", "score", "publish", "fold", "recheck")
_SHOWN = 20


class RunTold(TypedDict):
    """One run as `barometer status` tells it; times are ISO 8601 UTC."""

    kind: str
    id: int
    state: str
    started: str
    finished: str | None
    counts: dict[str, int]
    failures: list[tuple[str, str]]


class Told(TypedDict):
    """Everything `barometer status` tells."""

    portal: str
    runs: list[RunTold]
    failed: int
    unknown_texts: int


def in_words(counts: Mapping[str, int]) -> str:
    """Return a run's counts as words for a person: what there was none of, and why each was read, are left out."""
    told = {name: value for name, value in counts.items() if value and not name.startswith("why_")}
    return ", ".join(f"{value:,} {name.replace('_', ' ')}" for name, value in told.items())


def tell(db: Database, portal: str) -> Told:
    """Return the last run of each step, in the order of the steps, with the items that failed in it."""
    runs: list[RunTold] = []
    for kind in KINDS:
        for row in db.query("SELECT * FROM run WHERE kind = ? ORDER BY id DESC LIMIT 1", [kind]):
            failures = db.query("SELECT item, error FROM failure WHERE run = ? ORDER BY item", [row["id"]])
            runs.append(
                RunTold(
                    kind=kind, id=row["id"], state=row["state"], started=row["started"], finished=row["finished"],
                    counts=json.loads(row["counts"]), failures=[(f["item"], f["error"]) for f in failures],
                )
            )  # fmt: skip
    unknown = int(db.execute("SELECT count(*) FROM unknown_text").fetchone()[0])
    failed = sum(len(run["failures"]) for run in runs)
    return Told(portal=portal, runs=runs, failed=failed, unknown_texts=unknown)


def status_lines(told: Told) -> list[str]:
    """Return ``told`` as lines for a person, with times in Hong Kong."""
    lines = [f"portal: {told['portal'] or 'none yet'}"]
    if not told["runs"]:
        lines.append("No step has run yet: start with `barometer run`.")
    for run in told["runs"]:
        started = parse_iso(run["started"]).astimezone(HONG_KONG)
        counts = in_words(run["counts"])
        state = run["state"] if run["state"] != "running" else "running, or cut off: run it again to go on"
        lines.append(f"{run['kind']}: {state}, started {started:%Y-%m-%d %H:%M} HKT{': ' + counts if counts else ''}")
        lines += [f"  failed: {item}: {error}" for item, error in run["failures"][:_SHOWN]]
        if len(run["failures"]) > _SHOWN:
            lines.append(f"  and {len(run['failures']) - _SHOWN:,} more: see the table failure, run {run['id']}")
    if told["unknown_texts"]:
        lines.append(
            f"{told['unknown_texts']:,} texts that the vocabulary does not know: see the table unknown_text, "
            "and give their meaning with --vocabulary"
        )
    return lines


def change_line(change: Change, why: str) -> str:
    """Return a change of state as a line that says ``why``; nothing in an address can steer the terminal."""
    before = change.before.state if change.before else "not visited before"
    since = parse_iso(change.after.since).astimezone(HONG_KONG)
    url = "".join(letter if letter.isprintable() else "?" for letter in change.url)
    return f"{url}: {before} -> {change.after.state}. {why} Since {since:%Y-%m-%d %H:%M} HKT."


def change_record(change: Change, why: str) -> dict[str, object]:
    """Return a change of state as a record for programs; times are ISO 8601 UTC."""
    before = (change.before.state, change.before.reason) if change.before else (None, None)
    return {
        "url": change.url, "old_state": before[0], "old_reason": before[1], "state": change.after.state,
        "reason": change.after.reason, "why": why, "since": change.after.since,
    }  # fmt: skip
