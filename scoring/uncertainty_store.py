"""Keeping what was drawn: read from the scores as they stand, done again only where they changed."""

import hashlib
import json
from collections.abc import Sequence
from importlib.resources import files
from itertools import combinations

from sqlite_utils import Database

from scoring.rubric import Rubric
from scoring.score import DatasetScore
from scoring.uncertainty import DRAWS, Ranking, rank_providers
from scoring.uncertainty_agreement import kendall, spearman
from scoring.uncertainty_kinds import Link, near

RULES = 2
"""Raised whenever the same scores would be given other intervals: every ranking is then drawn anew."""
LONG_ENOUGH = 7 * 86_400
"""Seconds an address must have been known to be up or down before the share of it that it was up says anything."""
KEPT = ("provider_rank", "ahead", "portal_interval")
"""The tables that hold one profile's ranking, whole."""


def keep_ranking(
    db: Database, run: int, since: str, rubric: Rubric, scored: Sequence[DatasetScore], draws: int = DRAWS
) -> bool:
    """Store how far a profile's ranking of providers can be trusted, and return whether it had to be drawn.

    ``scored`` are the profile's scores of all live datasets as of ``since`` (ISO 8601 UTC). A ranking replaces the one
    before it in one transaction, so that a run cut off in it has the old one and draws again.
    """
    links = read_links(db, since)
    digest = _digest(rubric, scored, links, draws)
    old = db.execute("SELECT digest FROM ranking_basis WHERE profile = ?", [rubric.profile]).fetchone()
    if old and old[0] == digest:
        return False
    ranking = rank_providers(rubric, scored, links, draws)
    with db.atomic():
        for table in (*KEPT, "ranking_basis"):
            db.execute(f"DELETE FROM {table} WHERE profile = ?", [rubric.profile])  # noqa: S608 - our own names
        if ranking.standings:
            db.execute(
                "INSERT INTO ranking_basis (profile, draws, digest, since, run) VALUES (?, ?, ?, ?, ?)",
                [rubric.profile, draws, digest, since, run],
            )
            _insert(db, rubric.profile, ranking)
    return bool(ranking.standings)


def _insert(db: Database, profile: str, ranking: Ranking) -> None:
    db.conn.executemany(
        "INSERT INTO provider_rank (profile, provider, n, point, low, high, rank, rank_low, rank_high, ranked, why)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        [
            (profile, each.provider, each.n, each.point, each.low, each.high, each.rank, each.rank_low, each.rank_high,
             int(each.rank is not None), each.why) for each in ranking.standings
        ],
    )  # fmt: skip
    db.conn.executemany(
        "INSERT INTO ahead (profile, provider, other, share) VALUES (?, ?, ?, ?)",
        [(profile, each.provider, each.other, each.share) for each in ranking.ahead],
    )
    db.conn.executemany(
        'INSERT INTO portal_interval (profile, "over", n, point, low, high) VALUES (?, ?, ?, ?, ?, ?)',
        [(profile, each.over, each.n, each.point, each.low, each.high) for each in ranking.portal],
    )


def read_links(db: Database, as_of: str) -> dict[str, Link]:
    """Return for each standing dataset its best address's host, and the share of the time it was up until ``as_of``.

    Of harvest.db or catalog.db. Time in which nothing can be said counts neither way; an address of which less than a
    week is known says nothing.
    """
    rows = db.query(_sql("uncertainty.sql"), {"as_of": as_of, "long_enough": LONG_ENOUGH})
    return {row["dataset"]: Link(row["host"], row["uptime"]) for row in rows}


def _sql(name: str) -> str:
    return files("scoring").joinpath(name).read_text(encoding="utf-8")


def _digest(rubric: Rubric, scored: Sequence[DatasetScore], links: dict[str, Link], draws: int) -> str:
    """Return the digest of all that a ranking is drawn from."""
    told = sorted(json.dumps(_told(each, links.get(each.dataset)), ensure_ascii=False) for each in scored)
    text = json.dumps([RULES, rubric.digest, draws, told], ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()


def _told(each: DatasetScore, link: Link | None) -> list[object]:
    """Return all that is read of one dataset: of its name only which link is its."""
    parts = [sorted(each.values.items()), sorted(each.bounds.items()), sorted(each.apart)]
    return [each.provider, each.score.point, each.score.known, *parts, link and [link.host, near(link.uptime)]]


def keep_agreement(db: Database) -> None:
    """Store how well the standing scores of each two profiles agree on the order of providers and of datasets."""
    found = []
    for kind in ("dataset", "provider"):
        points: dict[str, dict[str, float]] = {}
        sql = (
            "SELECT profile, subject, point FROM score WHERE subject_type = ? AND pillar = '' AND until IS NULL"
            " AND point IS NOT NULL ORDER BY profile, subject"
        )
        for row in db.query(sql, [kind]):
            points.setdefault(row["profile"], {})[row["subject"]] = row["point"]
        for one, two in combinations(points, 2):
            both = [name for name in points[one] if name in points[two]]
            a, b = ([points[profile][name] for name in both] for profile in (one, two))
            found.append((one, two, kind, len(both), spearman(a, b), kendall(a, b)))
    with db.atomic():
        db.execute("DELETE FROM agreement")
        db.conn.executemany(
            "INSERT INTO agreement (profile, other, subject_type, n, spearman, kendall) VALUES (?, ?, ?, ?, ?, ?)",
            found,
        )
