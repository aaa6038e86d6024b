"""How far the ranking can be trusted, in words: ranks and their intervals, who is not told apart, what profiles share.

The numbers are drawn when scores are made (docs/uncertainty.md); here they are only read and told.
"""

import sqlite3
from collections.abc import Mapping, Sequence

from publish import queries
from publish.i18n import Translator, mark
from publish.names import MIN_KNOWN, MIN_RANKED, PROFILE
from publish.queries import Row
from publish.safe import short
from publish.telling import named

WHY: dict[str, str] = {
    "few-datasets": mark("fewer than {number} datasets, so that a single one would move it half the table"),
    "little-known": mark("less than {share} of what the score weighs is known"),
    "no-score": mark("nothing of it could be judged yet, so that it has no score"),
    "no-datasets": mark("the portal lists no dataset of it now"),
}
"""Why a provider is shown and not ranked, by the code in table provider_rank; the last where it is not even there."""
NEIGHBOURS = 10
"""Providers a page lists that cannot be told apart from its own; the table underneath has them all."""
FEW = 10
"""Subjects under which a correlation is said to say little."""
READINGS: tuple[tuple[float, str], ...] = (
    (0.9, mark("nearly the same order")),
    (0.7, mark("much the same order")),
    (0.5, mark("the same order by and large, with many exceptions")),
    (0.3, mark("orders that are only loosely alike")),
    (-0.3, mark("orders that have next to nothing in common")),
    (-1.0, mark("orders that rather contradict each other")),
)
"""From which correlation on which words: the rule of thumb of Hinkle, Wiersma and Jurs, Applied Statistics for the
Behavioral Sciences (5th edition, 2003): very high, high, moderate, low, negligible."""
KEPT = ("rank_low", "rank_high", "bootstrap_low", "bootstrap_high", "ahead_of", "behind", "not_to_be_told_apart", "why")
"""What a standing adds to a provider's summary."""


def over(connection: sqlite3.Connection) -> Row:
    """Return what is said of the leading profile's ranking as a whole.

    ``ranked`` providers, ``pairs`` of them and how many are ``settled``, ``draws`` (0 where none were made), and the
    bootstrap intervals of the portal's means by what they are ``over``.
    """
    sql = """
    SELECT (SELECT count(*) FROM provider_rank WHERE profile = :profile AND rank IS NOT NULL) AS ranked,
           (SELECT count(*) FROM ahead WHERE profile = :profile AND settled) AS settled,
           coalesce((SELECT draws FROM ranking_basis WHERE profile = :profile), 0) AS draws
    """
    found = queries.rows(connection, sql, {"profile": PROFILE})[0]
    intervals = queries.rows(connection, "SELECT * FROM portal_interval WHERE profile = ?", [PROFILE])
    portal = {row["over"]: {name: row[name] for name in ("n", "point", "low", "high")} for row in intervals}
    return {**found, "pairs": found["ranked"] * (found["ranked"] - 1) // 2, "portal": portal}


def with_standings(connection: sqlite3.Connection, rows: Sequence[Row], tr: Translator) -> list[Row]:
    """Return summaries of providers (with ``slug``) with where they stand; see `with_standing`."""
    found = queries.rows(connection, "SELECT * FROM ranking WHERE profile = ?", [PROFILE])
    standings = {row["provider"]: row for row in found}
    return [with_standing(row, standings.get(row["slug"]), tr) for row in rows]


def with_standing(row: Row, standing: Mapping[str, object] | None, tr: Translator) -> Row:
    """Return a provider's summary with its rank's interval, also as ``between``, and why it has no rank, in words.

    Where nothing was drawn, the interval is empty and the reason is the one its own numbers give.
    """
    kept = {name: standing[name] if standing else None for name in KEPT}
    why = "" if row["rank"] is not None else str(kept["why"] or _why(row))
    low, high = kept["rank_low"], kept["rank_high"]
    return {
        **row,
        **kept,
        "why": why,
        "between": "" if low is None else str(low) if low == high else f"{low}–{high}",
        "reason": tr(WHY[why], number=MIN_RANKED, share=tr.percent(MIN_KNOWN)) if why in WHY else why,
    }


def _why(row: Row) -> str:
    """Return why a provider cannot be ranked, as `scoring.uncertainty` has it."""
    if not row["datasets"]:
        return "no-datasets"
    if row["point"] is None:
        return "no-score"
    return "few-datasets" if row["counted"] < MIN_RANKED else "little-known"


def of_provider(connection: sqlite3.Connection, row: Row, tr: Translator) -> Row:
    """Return a provider's standing with ``sentence`` and the ``neighbours`` nearest in rank it cannot be told from."""
    found = with_standings(connection, [row], tr)[0]
    ranked = queries.ranked(connection)
    return {
        **{name: found[name] for name in ("rank", *KEPT, "between", "reason")},
        "ranked": ranked,
        "sentence": sentence(found, ranked, tr),
        "neighbours": _neighbours(connection, row["slug"], tr),
    }


def sentence(row: Row, ranked: int, tr: Translator) -> str:
    """Return where a provider stands among ``ranked`` ones as a sentence or two."""
    if row["rank"] is None:
        return tr("Not ranked: {reason}.", reason=row["reason"])
    if ranked == 1:
        return tr("The only provider that is ranked.")
    if row["rank_low"] is None:
        return tr(
            "Rank {rank} of {number} ranked providers; equal scores share a rank.", rank=row["rank"], number=ranked
        )
    numbers = {
        "rank": row["rank"], "number": ranked, "low": row["rank_low"], "high": row["rank_high"],
        "ahead": row["ahead_of"], "behind": row["behind"], "same": row["not_to_be_told_apart"],
    }  # fmt: skip
    if row["rank_low"] == row["rank_high"]:
        return tr(
            "Rank {rank} of {number}; the same in nine draws of ten. Ahead of {ahead}, behind {behind}, not to be told"
            " apart from {same}.",
            **numbers,
        )
    return tr(
        "Rank {rank} of {number}; between {low} and {high} in nine draws of ten. Ahead of {ahead}, behind {behind}, not"
        " to be told apart from {same}.",
        **numbers,
    )


def _neighbours(connection: sqlite3.Connection, slug: str, tr: Translator) -> list[Row]:
    sql = """
    SELECT other AS slug, other_rank AS rank, other_point AS point, title_en, title_tc, title_sc
    FROM (SELECT * FROM not_told_apart WHERE profile = ? AND provider = ?
          ORDER BY abs(other_rank - rank), other_rank, other LIMIT ?) n JOIN provider p ON p.slug = n.other
    ORDER BY other_rank, other
    """
    found = [named(row, tr) for row in queries.rows(connection, sql, [PROFILE, slug, NEIGHBOURS])]
    return [{name: row[name] for name in ("slug", "title", "rank", "point")} for row in found]


def agreement(connection: sqlite3.Connection, tr: Translator) -> list[Row]:
    """Return each two profiles with how far they agree on the order of datasets and of providers, least alike first.

    Of each kind: ``n`` subjects, ``spearman`` and ``kendall``, the last two None where one tells no two apart.
    """
    profiles = queries.rows(connection, "SELECT id, title_en, title_tc, title_sc FROM profile")
    titles = {row["id"]: tr.title(row) for row in profiles}
    pairs: dict[tuple[str, str], Row] = {}
    for row in queries.rows(connection, "SELECT * FROM agreement ORDER BY profile, other"):
        one, other = sorted((row["profile"], row["other"]), key=lambda name: (name != PROFILE, name))
        pair = pairs.setdefault(
            (one, other),
            {
                "profile": one,
                "other": other,
                "title": short(titles.get(one) or one),
                "other_title": short(titles.get(other) or other),
            },
        )
        pair.update({f"{row['subject_type']}s_{name}": row[name] for name in ("n", "spearman", "kendall")})
    empty = {f"{kind}_{name}": None for kind in ("datasets", "providers") for name in ("n", "spearman", "kendall")}
    whole = [{**{name: pair[name] for name in ("profile", "other", "title", "other_title")}, **empty, **pair}
             for pair in pairs.values()]  # fmt: skip
    return sorted(whole, key=lambda pair: (_last(pair["providers_spearman"]), _last(pair["datasets_spearman"])))


def _last(correlation: float | None) -> float:
    return 2.0 if correlation is None else correlation


def least_alike(pairs: Sequence[Row], tr: Translator) -> list[str]:
    """Return a sentence on the two profiles that agree least over providers, and one over datasets, where any do."""
    found = [_least(pairs, kind, tr) for kind in ("providers", "datasets")]
    return [text for text in found if text]


def _least(pairs: Sequence[Row], kind: str, tr: Translator) -> str | None:
    known = [pair for pair in pairs if pair[f"{kind}_spearman"] is not None]
    if not known:
        return None
    pair = min(known, key=lambda pair: float(pair[f"{kind}_spearman"]))
    value, n = pair[f"{kind}_spearman"], pair[f"{kind}_n"]
    said = {
        "one": pair["title"],
        "other": pair["other_title"],
        "value": tr.number(round(value, 2) + 0.0, 2),
        "n": tr.number(n),
        "reading": tr(next(words for lowest, words in READINGS if value >= lowest)),
    }
    if kind == "providers":
        text = tr("Least alike over providers: {one} and {other}, {value} over {n}. They have {reading}.", **said)
    else:
        text = tr("Least alike over datasets: {one} and {other}, {value} over {n}. They have {reading}.", **said)
    return tr("{text} With so few it says little.", text=text) if n < FEW else text
