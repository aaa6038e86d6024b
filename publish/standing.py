"""How one subject stands, in a few plain facts: what a badge, an embed, a preview and search engines are told of it."""

import sqlite3
from dataclasses import dataclass
from typing import Literal

from publish import health, queries
from publish.i18n import Translator
from publish.names import MIN_KNOWN, RUBRIC, origin
from publish.once import once
from publish.queries import Row
from publish.render import path
from publish.safe import short
from publish.telling import named

Kind = Literal["portal", "provider", "dataset"]
"""What a badge may be about."""
OG_LOCALES = {"en": "en_GB", "tc": "zh_HK", "sc": "zh_CN"}
"""How the Open Graph protocol writes our languages: language, underscore, territory."""


@dataclass(frozen=True, slots=True)
class Standing:
    """One subject as it stands, in one reader's language. ``title`` is cleaned and short, not escaped.

    ``point``, ``low`` and ``high`` are 0-100, ``known`` and ``uptime`` (since first seen) 0-1; None where there is
    none. ``band`` is the place of the score's word in the profile, best first, None where too little is known for one.
    """

    kind: Kind
    name: str
    title: str
    point: float | None
    low: float | None
    high: float | None
    known: float | None
    band: int | None
    datasets: int
    resources: int
    failing: int
    uptime: float | None
    withdrawn: bool
    origin: str
    scanned: str

    @property
    def quotable(self) -> bool:
        """Whether enough is known for a grade."""
        return self.band is not None

    def band_word(self, tr: Translator) -> str:
        """Return the word for the score in the reader's language, empty where there is none."""
        title = RUBRIC.bands[self.band].title if self.band is not None else None
        return (getattr(title, tr.language) or title.en or "") if title else ""

    def place(self) -> str:
        """Return the address of its page after the language, without a slash before it."""
        return path("", self.kind, self.name).lstrip("/") if self.kind != "portal" else ""


def find(connection: sqlite3.Connection, kind: str, name: str, tr: Translator) -> Standing | None:
    """Return how a subject stands; None where the catalogue has no such subject. ``name`` counts for no portal.

    How the portal stands is told on every page, and read once.
    """
    if kind == "portal":
        return once(connection, f"portal's standing, {tr.language}", lambda: _find(connection, kind, "", tr))
    return _find(connection, kind, name, tr)


def _find(connection: sqlite3.Connection, kind: str, name: str, tr: Translator) -> Standing | None:
    meta = queries.meta(connection)
    if kind == "portal":
        counts = queries.counts(connection)
        row: Row = {**(queries.score(connection, "portal") or {}), **counts, "title": site_name(tr)}
        subject = meta.get("portal", "")
    else:
        found = queries.provider(connection, name) if kind == "provider" else _dataset(connection, name)
        if found is None or kind not in ("provider", "dataset"):
            return None
        row, subject = named(found, tr), name
    uptime = health.of_subject(connection, kind, subject, tr)["ever"]
    point, known = row.get("point"), row.get("known")
    enough = point is not None and known is not None and known >= MIN_KNOWN and not row.get("withdrawn_at")
    return Standing(
        kind=kind,  # type: ignore[arg-type]  # one of the three, as was just found
        name=name, title=short(row["title"], 160), point=point, low=row.get("low"), high=row.get("high"), known=known,
        band=_band(point) if enough else None, datasets=row["datasets"], resources=row["resources"],
        failing=row["failing"], uptime=uptime["uptime"] if uptime else None, withdrawn=bool(row.get("withdrawn_at")),
        origin=origin(meta.get("portal", "")), scanned=meta.get("scanned") or meta.get("built", ""),
    )  # fmt: skip


def _dataset(connection: sqlite3.Connection, name: str) -> Row | None:
    """Return a dataset with its standing score and counts; one that was withdrawn has neither any more."""
    sql = """
    SELECT d.name, d.title_en, d.title_tc, d.title_sc, d.withdrawn_at, s.point, s.low, s.high, s.known, 1 AS datasets,
           coalesce(s.resources, 0) AS resources, coalesce(s.failing, 0) AS failing
    FROM dataset d LEFT JOIN dataset_summary s ON s.dataset = d.name WHERE d.name = ?
    """
    return queries.one(connection, sql, [name])


def _band(point: float | None) -> int | None:
    found = RUBRIC.band(point)
    return RUBRIC.bands.index(found) if found else None


def site_name(tr: Translator) -> str:
    """Return what this site is called in the reader's language."""
    return tr("Hong Kong Open Data Barometer")


def summary(it: Standing, tr: Translator) -> str:
    """Return one or two sentences of facts about a subject, for a search result or a preview: plain text."""
    warning = provenance(it.origin, tr)
    parts = [warning, said_of_score(it, tr), said_of_links(it, tr), tr("GDB-style, unofficial") + tr(".")]
    return sentences([part for part in parts if part], tr)


def said_of_links(it: Standing, tr: Translator) -> str:
    """Return how many of a subject's resources did not work, in one sentence; empty where it has none."""
    counts = {"failing": tr.number(it.failing), "resources": tr.number(it.resources)}
    if not it.resources:
        return ""
    if it.kind == "dataset":
        return tr("{failing} of {resources} resources did not work at the last visit.", **counts)
    return tr(
        "{failing} of {resources} resources in {datasets} datasets did not work at the last visit.",
        **counts,
        datasets=tr.number(it.datasets),
    )


def said_of_score(it: Standing, tr: Translator) -> str:
    """Return the score with its band and range in one sentence, or why there is none to be quoted."""
    if it.withdrawn:
        return tr("The portal no longer lists this dataset.")
    if it.point is None:
        return tr("Nothing is scored yet.")
    if not it.quotable:
        return tr("Too little is known for a score: {known} of the weight.", known=tr.percent(it.known))
    return tr(
        "{score} of 100 ({band}), between {low} and {high}.",
        score=tr.number(it.point, 1),
        band=it.band_word(tr),
        low=tr.number(it.low, 1),
        high=tr.number(it.high, 1),
    )


def provenance(origin_: str, tr: Translator) -> str:
    """Return what must be said where the data is not the live portal's; empty where it is."""
    return {"sample": tr("Sample data."), "recorded": tr("Recorded data.")}.get(origin_, "")


def sentences(parts: list[str], tr: Translator) -> str:
    """Return sentences one after the other, with a space between them where the language has one."""
    return (" " if tr.language == "en" else "").join(parts)
