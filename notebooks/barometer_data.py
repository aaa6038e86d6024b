"""catalog.db as tidy data frames: one row a thing, columns of one type each, times in Hong Kong.

Needs pandas and the published file, and nothing else of the project (but `rescored`, which does the scoring's own
arithmetic). Every function reads the file and never writes it.

    import barometer_data as bd
    catalogue = bd.Catalogue("catalog.db")      # or Catalogue(): $BAROMETER_CATALOG, else ../catalog.db
    catalogue.scores()                          # datasets, providers, categories, the portal
"""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import pandas as pd

LEADING = "gdb-checklist"
HONG_KONG = "Asia/Hong_Kong"
ENOUGH_KNOWN = 0.6
"""Below this share known the site names no band, and neither should you."""
FEW = 5
"""Providers with fewer datasets are shown and not ranked."""
TIMES = frozenset({"since", "until", "started", "first_seen", "last_seen", "withdrawn_at", "opened", "due", "closed",
                   "reopened", "at", "visited", "changed"})  # fmt: skip


class Catalogue:
    """One published file, open for reading only."""

    def __init__(self, path: str | Path | None = None) -> None:
        """Open ``path``, or what BAROMETER_CATALOG names, or ``../catalog.db``. Raises FileNotFoundError."""
        self.path = Path(path or os.environ.get("BAROMETER_CATALOG", "../catalog.db")).resolve()
        if not self.path.is_file():
            raise FileNotFoundError(f"There is no {self.path}: run `barometer publish`, or set BAROMETER_CATALOG.")
        self.connection = sqlite3.connect(f"{self.path.as_uri()}?mode=ro", uri=True)

    def table(self, sql: str, **values: str | float | None) -> pd.DataFrame:
        """Return what ``sql`` selects; columns that are times by name become times in Hong Kong."""
        frame = pd.read_sql_query(sql, self.connection, params=values)
        for name in TIMES & set(frame.columns):
            frame[name] = pd.to_datetime(frame[name], utc=True).dt.tz_convert(HONG_KONG)
        return frame

    def about(self) -> pd.Series:
        """Return what the file says of itself: the portal, when it was scanned and built, by which version."""
        return self.table("SELECT key, value FROM meta ORDER BY key").set_index("key")["value"]

    def sample(self) -> bool:
        """Tell whether this is invented sample data, of which nothing may be quoted."""
        return str(self.about().get("portal", "")).startswith("sample")

    def profiles(self) -> pd.DataFrame:
        """Return the profiles whose scores stand: id, title, version, digest, points of the own scale; leading first."""
        return self.table(
            "SELECT id AS profile, title_en AS title, version, digest, out_of FROM profile ORDER BY position"
        )

    def datasets(self) -> pd.DataFrame:
        """Return the datasets that stand: name, title, provider, category, period in days, and whether each counts.

        ``counts`` is False for a second record of the same files, which has no part in any mean.
        """
        frame = self.table("""
            SELECT d.name AS dataset, d.title_en AS title, d.provider, p.title_en AS provider_title, d.category,
                   d.schedule, d.period_days, d.created, d.first_seen,
                   d.name NOT IN (SELECT dataset FROM second_record) AS counts
            FROM dataset d JOIN provider p ON p.slug = d.provider WHERE d.withdrawn_at IS NULL ORDER BY d.name
        """)
        return frame.astype({"counts": bool})

    def scores(self, kind: str = "dataset", profile: str = LEADING, *, history: bool = False) -> pd.DataFrame:
        """Return whole scores of one kind (dataset, provider, category, portal), 0-100, with bounds and share known.

        Those that stand now, or with ``history`` all there ever were, each from ``since`` until ``until``.
        """
        return self.table(f"""
            SELECT subject, point, low, high, known, n, since, until FROM score
            WHERE subject_type = :kind AND profile = :profile AND pillar = ''
            {"" if history else "AND until IS NULL"} ORDER BY subject, since
        """, kind=kind, profile=profile)  # fmt: skip

    def elements(self, kind: str = "provider", profile: str = LEADING) -> pd.DataFrame:
        """Return the mean of each criterion or measure (``pillar``) over each subject's datasets, 0-100, where known."""
        return self.table("""
            SELECT subject, pillar, point, low, high, known, n FROM score
            WHERE subject_type = :kind AND profile = :profile AND until IS NULL AND pillar NOT IN ('', 'by-provider')
        """, kind=kind, profile=profile)  # fmt: skip

    def answers(self, *criteria: str, resources: bool = False) -> pd.DataFrame:
        """Return standing answers of datasets (or of their resources): value 1, 0.5, 0, or NaN for unknown; the reason.

        ``applies`` is False where the question does not arise: that is no no, and no unknown either.
        """
        among = f"AND a.criterion IN ({','.join('?' * len(criteria))})" if criteria else ""
        sql = f"""
            SELECT a.dataset, a.resource, a.criterion, a.value, a.applies, a.reason, a.since
            FROM answer a JOIN dataset d ON d.name = a.dataset
            WHERE a.until IS NULL AND d.withdrawn_at IS NULL AND a.resource {"<>" if resources else "="} '' {among}
            ORDER BY a.dataset, a.resource, a.criterion
        """
        frame = pd.read_sql_query(sql, self.connection, params=list(criteria))
        frame["since"] = pd.to_datetime(frame["since"], utc=True).dt.tz_convert(HONG_KONG)
        return frame.astype({"applies": bool, "value": float})

    def wide(self) -> pd.DataFrame:
        """Return datasets down, criteria across, the value of each answer; NaN is unknown, never nought."""
        return self.answers().pivot_table(index="dataset", columns="criterion", values="value", dropna=False)

    def weights(self, profile: str = LEADING) -> pd.Series:
        """Return the weight of each item of a profile, from the rubric file that scored; gates weigh nothing here."""
        import yaml

        items = yaml.safe_load(self.rubric_text(profile))["items"]
        return pd.Series({i.get("criterion") or i["measure"]: float(i["weight"]) for i in items}, name="weight")

    def parts(self, profile: str = LEADING) -> pd.DataFrame:
        """Return what each dataset's standing score was made of, from the score's own row.

        Columns: the profile's items (0-1, NaN for unknown or left out), ``taken`` (points of all modifiers), ``gates``
        (the product of their factors), ``point``, ``provider``, ``counts``. For a profile whose items need no others,
        point = clip((100 sum(w x) / sum(w known) - taken) * gates, 0, 100).
        """
        import json
        from math import prod

        frame = self.table("""
            SELECT subject AS dataset, point, parts FROM score WHERE subject_type = 'dataset' AND profile = :profile
            AND pillar = '' AND until IS NULL
        """, profile=profile)  # fmt: skip
        told = frame.pop("parts").map(json.loads)
        items = pd.DataFrame([each["items"] for each in told], dtype=float)
        frame["taken"] = [-sum(each["modifiers"].values()) for each in told]
        frame["gates"] = [prod(each["gates"].values()) for each in told]
        mine = self.datasets()[["dataset", "provider", "counts"]]
        return frame.join(items).merge(mine, on="dataset").set_index("dataset")

    def rubric_text(self, profile: str = LEADING) -> str:
        """Return the YAML file by which a profile's standing scores were made. Raises KeyError where it is not kept."""
        sql = "SELECT r.text FROM profile p JOIN rubric r ON r.digest = p.rubric WHERE p.id = ?"
        kept = self.connection.execute(sql, [profile]).fetchone()
        if kept is None:
            raise KeyError(f"This catalogue keeps no file of the profile {profile}: see profiles().")
        return str(kept[0])

    def ranking(self, profile: str = LEADING) -> pd.DataFrame:
        """Return where providers stand: rank with its interval, point with its bootstrap interval; ``why`` if unranked."""
        return self.table("""
            SELECT r.provider, p.title_en AS title, r.n, r.point, r.low AS bootstrap_low, r.high AS bootstrap_high, r.rank,
                   r.rank_low, r.rank_high, r.why
            FROM provider_rank r JOIN provider p ON p.slug = r.provider WHERE r.profile = :profile
            ORDER BY r.rank IS NULL, r.rank, r.provider
        """, profile=profile)  # fmt: skip

    def agreement(self, kind: str = "provider") -> pd.DataFrame:
        """Return how alike each two profiles order the same subjects: Spearman's rho, Kendall's tau-b, how many."""
        return self.table(
            "SELECT profile, other, n, spearman, kendall FROM agreement WHERE subject_type = :kind", kind=kind
        )

    def links(self) -> pd.DataFrame:
        """Return standing resources with their address's state today: up, degraded, down, blocked ... and the reason."""
        return self.table("""
            SELECT r.shared_id AS resource, r.dataset, d.provider, r.format AS declared, r.kind, u.host, u.url, s.state,
                   s.reason, s.since, s.visits, c.format AS found, c.verdict, c.rows, c.bytes
            FROM resource r JOIN dataset d ON d.name = r.dataset JOIN url u ON u.id = coalesce(r.example, r.url)
            LEFT JOIN spell s ON s.url = u.id AND s.until IS NULL LEFT JOIN latest_visit l ON l.url = u.id
            LEFT JOIN content c ON c.sha256 = l.sha256
            WHERE r.withdrawn_at IS NULL AND d.withdrawn_at IS NULL ORDER BY r.dataset, r.position
        """)

    def spells(self) -> pd.DataFrame:
        """Return every time an address was in one state, from ``since`` until ``until`` (NaT: it is)."""
        return self.table("""
            SELECT s.url, u.host, s.state, s.reason, s.since, s.until, s.visits FROM spell s JOIN url u ON u.id = s.url
            ORDER BY s.url, s.since
        """)

    def freshness(self) -> pd.DataFrame:
        """Return the criterion timely of each dataset with the facts it rests on.

        ``latest`` is the newest change seen, ``age`` its days before it was looked for, ``period`` the days of the stated
        frequency, ``source`` where the change was seen: in the data, in a header, or as another body.
        """
        frame = self.table("""
            SELECT a.dataset, d.provider, a.value, a.reason, json_extract(a.evidence, '$.facts.age') AS age,
                   json_extract(a.evidence, '$.facts.period') AS period,
                   json_extract(a.evidence, '$.facts.latest') AS latest,
                   json_extract(a.evidence, '$.facts.source') AS source
            FROM answer a JOIN dataset d ON d.name = a.dataset
            WHERE a.criterion = 'timely' AND a.resource = '' AND a.until IS NULL AND d.withdrawn_at IS NULL
        """)
        frame["latest"] = pd.to_datetime(frame["latest"], errors="coerce")
        return frame.astype({"value": float, "age": float, "period": float})


def rescored(catalogue: Catalogue, rubric: str) -> pd.DataFrame:
    """Return every whole score by a rubric (the text of a YAML file): subject_type, subject, point, low, high, known.

    It is what `barometer score --from` does, with the project's own arithmetic. ``stored`` are the points that stand by
    the profile of that name, else by the leading one.
    """
    from scoring.from_catalogue import opened, profiles, score_by
    from scoring.rubric import parse_rubric

    with opened(catalogue.path) as db:
        made = score_by(db, parse_rubric(rubric, "your rubric"), profiles(db))
    rows: list[Mapping[str, Any]] = [
        {"subject_type": kind, "subject": subject, "point": one.point, "low": one.low, "high": one.high,
         "known": one.known, "n": one.n,
         "stored": one.point if made.kept else made.stored.get((kind, subject, ""))}
        for (kind, subject, pillar), one in made.scores.items() if not pillar
    ]  # fmt: skip
    return pd.DataFrame(rows).astype({"point": float, "stored": float})


def survival(since: Iterable[Any], until: Iterable[Any], ended: Iterable[bool]) -> pd.DataFrame:
    """Return the Kaplan-Meier curve of spans of time: days, at_risk, events, survival, and its 95 % interval.

    A span runs from ``since`` until ``until``; ``ended`` is False where it was still going on then (censored). The
    estimator is the product-limit of E. L. Kaplan and P. Meier (1958); the interval is Greenwood's variance on the
    log(-log) scale, which keeps it between 0 and 1.
    """
    import numpy as np

    spans = pd.DataFrame({"since": list(since), "until": list(until), "ended": list(ended)})
    spans["days"] = (
        pd.to_datetime(spans["until"], utc=True) - pd.to_datetime(spans["since"], utc=True)
    ).dt.total_seconds()
    spans["days"] /= 86_400
    if spans["days"].isna().any() or (spans["days"] < 0).any():
        raise ValueError("Every span needs a beginning and an end that is not before it.")
    grouped = spans.groupby("days")["ended"].agg(events="sum", leaving="count").sort_index()
    at_risk = len(spans) - grouped["leaving"].cumsum().shift(fill_value=0)
    kept = (1 - grouped["events"] / at_risk).cumprod()
    with np.errstate(divide="ignore", invalid="ignore"):
        summed = (grouped["events"] / (at_risk * (at_risk - grouped["events"]))).cumsum()
        half = 1.96 * np.sqrt(summed) / np.abs(np.log(kept))
        low, high = kept ** np.exp(half), kept ** np.exp(-half)
    curve = pd.DataFrame({"days": grouped.index, "at_risk": at_risk, "events": grouped["events"], "survival": kept,
                          "low": low.where(kept.between(0, 1, inclusive="neither"), kept),
                          "high": high.where(kept.between(0, 1, inclusive="neither"), kept)})  # fmt: skip
    start = {"days": 0.0, "at_risk": len(spans), "events": 0, "survival": 1.0, "low": 1.0, "high": 1.0}
    return pd.concat([pd.DataFrame([start]), curve], ignore_index=True)


def lifetimes(catalogue: Catalogue) -> pd.DataFrame:
    """Return, for each address that ever worked, how long it did: since, until, ``failed``, host.

    It begins when the address was first seen up, and ends when it was first down. It is censored (``failed`` False) at
    the last scan, and where it became blocked or unknown: a robot that is refused has seen no failure.
    """
    spells = catalogue.spells()
    end = pd.to_datetime(catalogue.about()["scanned"], utc=True).tz_convert(HONG_KONG)
    found = []
    for url, own in spells.groupby("url", sort=False):
        up = own[own["state"].isin(["up", "degraded"])]
        if up.empty:
            continue
        begins = up["since"].iloc[0]
        after = own[(own["since"] > begins) & ~own["state"].isin(["up", "degraded"])]
        failed = bool(len(after)) and after["state"].iloc[0] == "down"
        until = after["since"].iloc[0] if len(after) else max(end, begins)
        found.append({"url": url, "host": own["host"].iloc[0], "since": begins, "until": until, "failed": failed})
    return pd.DataFrame(found, columns=["url", "host", "since", "until", "failed"])


def pictures() -> None:
    """Draw altair's charts as SVG inside the notebook: no network is needed to see them, and they print."""
    import altair as alt

    alt.renderers.enable("svg")
