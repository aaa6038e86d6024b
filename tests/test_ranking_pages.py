"""How far the ranking can be trusted, as published: the numbers are those that were drawn, and the words add up."""

import csv
import io
import json
import re
import sqlite3
from collections.abc import Mapping, Sequence
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from harvester.records import LANGUAGES, Language
from harvester.store.workshop import connect, step
from publish import drawings, pages, queries, ranking
from publish.build import publish
from publish.i18n import Translator
from publish.names import MIN_KNOWN, MIN_RANKED, PROFILE
from publish.render import as_csv, as_html, as_json
from scoring.groups import score_groups
from scoring.ledger import keep_scores
from scoring.rubric import Rubric, load_rubrics
from scoring.score import ENOUGH_KNOWN, DatasetScore, score_values
from scoring.uncertainty import MIN_DATASETS, SURE
from scoring.uncertainty_store import keep_agreement, keep_ranking

NOW = datetime(2026, 11, 23, tzinfo=UTC)
SINCE = "2026-11-22T01:00:00Z"
ITEMS = ("free", "licence", "machine_readable", "bulk", "timely", "historical", "tools")
MARKS: dict[str, tuple[float | None, ...]] = {
    "good": (1, 1, 1, 1, 1, 1, 1), "fair": (1, 1, 0.5, 1, 0.5, 0, 0), "poor": (1, 1, 0, 0, 0, 0, 0),
    "bare": (1, None, None, None, None, None, None), "none": (None,) * 7,
}  # fmt: skip
"""What a dataset's answers to `ITEMS` are, by what it is like."""
HOLDINGS = {
    "best": ["good"] * 8, "mixed": ["good", "fair", "poor"] * 3, "also": ["good", "fair", "poor"] * 3,
    "twin": ["good", "fair", "poor"] * 2, "last": ["poor"] * 8, "few": ["good"] * 4, "dark": ["bare"] * 6,
    "blank": ["none"] * 6, "empty": [],
} | {f"p{number}": ["good", "fair"] * 4 + ["poor"] * (number % 3) for number in range(12)}  # fmt: skip
"""Providers by what their datasets are like: some that little sets apart, and one of each reason not to be ranked."""


def workshop(path: Path, holdings: Mapping[str, Sequence[str]], drawn: bool = True) -> None:
    """Write a workshop of such providers, scored by two profiles, and where ``drawn`` with their rankings."""
    db = connect(path, create=True)
    with step(db, "score", lambda: NOW, {}) as run:
        with db.atomic():
            for slug in holdings:
                titles = {"title_en": f"The {slug}", "title_tc": f"{slug}署", "title_sc": f"{slug}署"}
                db.table("provider").insert({"slug": slug, **titles, "first_seen": SINCE, "last_seen": SINCE})
            for slug, kinds in holdings.items():
                for at in range(len(kinds)):
                    db.table("dataset").insert(
                        {"name": f"{slug}-{at}", "provider": slug, "schedule": "periodic", "languages": "[]",
                         "first_seen": SINCE, "last_seen": SINCE}
                    )  # fmt: skip
        by_name = {rubric.profile: rubric for rubric in load_rubrics()}
        for name in (PROFILE, "odb-2016"):
            scored = [
                _scored(by_name[name], slug, f"{slug}-{at}", kind)
                for slug, kinds in holdings.items()
                for at, kind in enumerate(kinds)
            ]
            with db.atomic():
                scores = score_groups(by_name[name], scored) | {
                    ("dataset", one.dataset, ""): one.score for one in scored
                }
                keep_scores(db, run.id, SINCE, name, by_name[name].digest, scores)
            if drawn:
                keep_ranking(db, run.id, SINCE, by_name[name], scored, 400)
        if drawn:
            keep_agreement(db)
    db.conn.close()


def _scored(rubric: Rubric, provider: str, name: str, kind: str) -> DatasetScore:
    others = dict.fromkeys(rubric.criteria(), MARKS[kind][2])
    values = {**others, "online": 1.0, **dict(zip(ITEMS, MARKS[kind], strict=True))}
    return DatasetScore(name, provider, None, score_values(rubric, values), values)


def catalogue(folder: Path, holdings: Mapping[str, Sequence[str]], drawn: bool = True) -> sqlite3.Connection:
    """Return an open catalogue of such providers."""
    workshop(folder / "harvest.db", holdings, drawn)
    publish(folder / "harvest.db", folder / "catalog.db", lambda: NOW, "https://data.gov.hk")
    return sqlite3.connect(folder / "catalog.db")


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    with closing(catalogue(tmp_path_factory.mktemp("ranking"), HOLDINGS)) as connection:
        yield connection


def page(connection: sqlite3.Connection, name: str, language: Language = "en") -> tuple[str, dict[str, Any], list[Any]]:
    """Return a page as HTML, its JSON read, and the rows of its CSV."""
    tr = Translator(language)
    place, _, slug = name.partition("/")
    found = {"home": pages.home, "method": pages.method}[place](connection, tr) if not slug else None
    found = found or pages.provider(connection, tr, slug)
    assert found is not None
    meta = queries.meta(connection)
    rows = list(csv.DictReader(io.StringIO(as_csv(found).removeprefix("\ufeff"))))
    return as_html(found, language, "" if place == "home" else name, meta), json.loads(as_json(found, meta)), rows


def test_both_rankings_are_one(built):
    """A provider's rank in the summary is that of the drawn ranking, and by the same limits."""
    sql = """
    SELECT provider, s.rank, r.rank FROM provider_summary s LEFT JOIN provider_rank r USING (provider)
    WHERE coalesce(r.profile, :profile) = :profile
    """
    found = built.execute(sql, {"profile": PROFILE}).fetchall()
    assert {slug for slug, _, _ in found} == set(HOLDINGS)
    assert all(ours == drawn for _, ours, drawn in found)
    assert {slug for slug, rank, _ in found if rank is None} == {"few", "dark", "blank", "empty"}
    assert (MIN_RANKED, MIN_KNOWN) == (MIN_DATASETS, ENOUGH_KNOWN)


def test_every_interval_holds_its_rank_and_every_pair_is_counted_once(built):
    """Ahead, behind and not told apart are all others; what is settled is what the draws say; both views agree."""
    rows = queries.rows(built, "SELECT * FROM ranking")
    for profile in (PROFILE, "odb-2016"):
        ranked = [row for row in rows if row["profile"] == profile and row["rank"] is not None]
        assert len(ranked) > 10
        for row in ranked:
            assert 1 <= row["rank_low"] <= row["rank"] <= row["rank_high"] <= len(ranked)
            assert row["bootstrap_low"] <= row["point"] <= row["bootstrap_high"]
            assert row["ahead_of"] + row["behind"] + row["not_to_be_told_apart"] == len(ranked) - 1
            pairs = built.execute(
                "SELECT count(*) FROM not_told_apart WHERE profile = ? AND provider = ?", [profile, row["provider"]]
            )
            assert pairs.fetchone()[0] == row["not_to_be_told_apart"]
        settled = built.execute("SELECT count(*) FROM ahead WHERE profile = ? AND share >= ?", [profile, SURE])
        assert sum(row["ahead_of"] for row in ranked) == settled.fetchone()[0] == sum(row["behind"] for row in ranked)
    assert {row["why"] for row in rows if row["rank"] is None} == {"few-datasets", "little-known", "no-score"}
    assert all(row["ahead_of"] is None for row in rows if row["rank"] is None)


def test_the_sentence_says_what_was_drawn_in_three_languages(built):
    """Rank, number, interval, ahead, behind and not told apart stand in this order; the last three are all others."""
    for language in LANGUAGES:
        for slug in HOLDINGS:
            html, data, _ = page(built, f"provider/{slug}", language)
            found = data["standing"]
            assert found["sentence"] in html
            if found["rank"] is None:
                assert found["reason"] in found["sentence"]
                assert not found["neighbours"]
                continue
            numbers = [int(number) for number in re.findall(r"\d+", found["sentence"])]
            among = (found["ranked"], found["rank"]) if language != "en" else (found["rank"], found["ranked"])
            assert tuple(numbers[:2]) == among
            assert sum(numbers[-3:]) == found["ranked"] - 1
            assert numbers[-3:] == [found["ahead_of"], found["behind"], found["not_to_be_told_apart"]]
            assert len(found["neighbours"]) == min(ranking.NEIGHBOURS, found["not_to_be_told_apart"])
            assert slug not in {each["slug"] for each in found["neighbours"]}


def test_the_neighbours_shown_are_the_nearest_and_the_rest_one_link_away(built):
    """At most ten providers that cannot be told apart are listed, none farther in rank than one left out."""
    html, data, _ = page(built, "provider/p0")
    found = data["standing"]
    assert found["not_to_be_told_apart"] > ranking.NEIGHBOURS
    sql = "SELECT other, abs(other_rank - rank) FROM not_told_apart WHERE profile = ? AND provider = 'p0'"
    away = dict(built.execute(sql, [PROFILE]).fetchall())
    listed = {each["slug"] for each in found["neighbours"]}
    assert max(away[slug] for slug in listed) <= min(away[slug] for slug in away if slug not in listed)
    assert f"/catalog/not_told_apart?profile={PROFILE}&amp;provider=p0" in html


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_home_page_parts_ranked_from_unranked_and_gives_both_as_data(built, language):
    """Ranks come with their intervals, others with their reason in words; CSV and JSON hold the same."""
    html, data, rows = page(built, "home", language)
    whole = data["ranking"]
    assert whole["pairs"] == whole["ranked"] * (whole["ranked"] - 1) // 2
    assert 0 < whole["settled"] < whole["pairs"]
    assert Translator(language).number(whole["settled"]) in html
    assert whole["portal"]["datasets"]["low"] <= whole["portal"]["datasets"]["point"]
    assert {row["slug"] for row in rows} == set(HOLDINGS) - {"empty"}
    for row, said in zip(rows, data["providers"], strict=True):
        assert row["rank_low"] == str(said["rank_low"] or "")
        assert row["reason"].lstrip("'") == said["reason"]
        assert bool(said["rank"]) != bool(said["reason"])
        assert said["reason"] in html
        if said["between"]:
            assert re.search(rf"{said['rank']}\s*<span class=\"quiet\">\({said['between']}\)", html)
    few = next(said for said in data["providers"] if said["slug"] == "few")
    assert "5" in few["reason"]


def test_the_chart_has_both_intervals_and_the_ranks_it_may_as_well_have(built):
    """Every drawn provider has a thin line, a thick one and a dot; a rank stands with its interval."""
    svg = drawings.stored(built, {"chart": "ranking"}, Translator("en"))["chart"]
    ranked = built.execute("SELECT count(*) FROM provider_summary WHERE rank IS NOT NULL").fetchone()[0]
    for width in ("1.5", "12"):
        assert len(re.findall(rf'<line[^>]*stroke-width="{width}"', svg)) == ranked
    row = built.execute(
        "SELECT rank, rank_low, rank_high FROM provider_rank WHERE profile = ? AND provider = 'last'", [PROFILE]
    ).fetchone()
    between = str(row[1]) if row[1] == row[2] else f"{row[1]}–{row[2]}"
    assert f"{row[0]} ({between}) The last" in svg


def test_the_method_page_tells_how_far_profiles_agree(built):
    """Each pair has its correlations for both kinds, the least alike is told in words, and the CSV has Kendall's."""
    html, data, rows = page(built, "method")
    stored = {
        row["subject_type"]: row
        for row in queries.rows(built, "SELECT * FROM agreement WHERE 'odb-2016' IN (profile, other)")
    }
    (pair,) = data["agreement"]
    for kind in ("dataset", "provider"):
        assert pair[f"{kind}s_n"] == stored[kind]["n"]
        assert rows[0][f"{kind}s_kendall"] == str(stored[kind]["kendall"])
        assert f"{stored[kind]['spearman']:.2f}" in html
    assert pair["profile"] == PROFILE
    assert len(data["least"]) == len(stored)
    assert all(text in html for text in data["least"])


@pytest.mark.parametrize(
    ("value", "n", "words"),
    [(1.0, 20, "nearly the same order"), (0.7, 20, "much the same"), (0.69, 20, "by and large"), (0.0, 20, "nothing"),
     (-0.001, 20, " 0.00 over"), (-0.31, 20, "contradict"), (-1.0, 9, "With so few")],
)  # fmt: skip
def test_a_correlation_is_read_by_the_rule_of_thumb(value, n, words):
    """Each step of the scale has its words, no zero is negative, and a handful of subjects is said to be one."""
    pair = {"title": "A", "other_title": "B", "providers_spearman": value, "providers_n": n, "datasets_spearman": None}
    (text,) = ranking.least_alike([pair], Translator("en"))
    assert words in text
    assert ("With so few" in text) == (n < ranking.FEW)


@pytest.mark.parametrize(
    ("holdings", "drawn", "said"),
    [({"one": ["good"] * 6}, True, {"one": "The only provider that is ranked."}),
     ({"one": ["good"] * 6, "two": ["poor"] * 6, "few": ["good"] * 2}, False,
      {"one": "Rank 1 of 2 ranked providers; equal scores share a rank.",
       "few": "Not ranked: fewer than 5 datasets, so that a single one would move it half the table."}),
     ({"one": []}, True, {"one": "Not ranked: the portal lists no dataset of it now."})],
)  # fmt: skip
def test_nothing_breaks_where_there_is_little_or_nothing_to_rank(tmp_path, holdings, drawn, said):
    """One provider, scores from before any draw, nothing at all: every page stands in every language."""
    with closing(catalogue(tmp_path, holdings, drawn)) as connection:
        for language in LANGUAGES:
            for name in ("home", "method", *(f"provider/{slug}" for slug in holdings)):
                page(connection, name, language)
        for slug, sentence in said.items():
            html, data, _ = page(connection, f"provider/{slug}")
            assert data["standing"]["sentence"] == sentence
            assert sentence in html
            assert not data["standing"]["neighbours"]
        html, data, _ = page(connection, "home")
        assert "pairs of ranked providers" not in html
        assert data["ranking"]["settled"] == 0
