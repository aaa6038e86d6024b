"""The page that lays what is measured, what people answered and what others published side by side, never mixed."""

import sqlite3
from dataclasses import dataclass
from typing import Literal

from publish import queries
from publish.i18n import Translator, mark
from publish.names import VALUES
from publish.queries import Row, one, rows

Layer = Literal["measured", "curated", "none"]
HERE = "HKG"
CHECKLIST, GDB = "gdb-2022-checklist", "gdb-2022"
ELEMENTS = {"yes": 1.0, "partly": 0.5, "no": 0.0}
"""Choices of an element that have a sign; what a gate offers is told in words alone."""
DERIVED = mark("Derived from GDB answers, {period}")
PUBLISHED = mark("Published {year}")
WHOSE = {HERE: mark("Hong Kong"), "TWN": mark("Taiwan"), "KOR": mark("South Korea"), "mean": mark("Mean of 109")}
STATES = {"standing": mark("Stands"), "expired": mark("Expired: counted as unknown"), "open": mark("Open question")}
LAYERS = {"measured": mark("Measured"), "curated": mark("Answered by people"), "published": mark("Published")}


@dataclass(frozen=True, slots=True)
class Panel:
    """One line of the comparison: whose figure is ours, which published one stands beside it, and how to read it.

    ``share`` is the share of the weight (0-1) that a scan can measure (docs/layers.md).
    """

    title: str
    ours: Layer
    part: str
    reference: str
    share: float | None
    rule: str


PANELS = (
    Panel(mark("Availability checklist, all published datasets"), "measured", "",
          f"{CHECKLIST}/{HERE}/checklist-online", None,
          mark("Ours is the mean over published datasets; the reference is over chosen topics found online.")),
    Panel(mark("Availability checklist, 17 chosen topics"), "none", "", f"{CHECKLIST}/{HERE}/checklist-topics",
          None, mark("Not given: the 17 topics are not yet mapped to datasets. A topic without data will count as 0.")),
    Panel(mark("Availability, 17 chosen topics in full"), "none", "", f"{GDB}/{HERE}/availability",
          0.62, mark("Not given before all 17 topics are mapped and what they contain is answered and reviewed.")),
    Panel(mark("Governance"), "curated", "governance", f"{GDB}/{HERE}/governance",
          0.0, mark("Ours rests on people’s answers only; what nobody could show a passage for is unknown, not no.")),
    Panel(mark("Capability"), "curated", "capability", f"{GDB}/{HERE}/capability",
          0.024, mark("Not answered yet. Indices of other bodies would stay as they were in 2022.")),
)  # fmt: skip


def data(connection: sqlite3.Connection, tr: Translator) -> tuple[Row, list[Row]]:
    """Return what the page holds, and its table: every figure and answer with the layer it is of."""
    figures = published(connection, tr)
    scores = [_titled(row, tr) for row in rows(connection, "SELECT * FROM survey_score WHERE jurisdiction = ?", [HERE])]
    sql = "SELECT * FROM curated_answer WHERE jurisdiction = ? ORDER BY position"
    answers = [_answer(row, tr) for row in rows(connection, sql, [HERE])]
    portal = queries.score(connection, "portal")
    told = {
        "panels": [_panel(each, portal, scores, figures, tr) for each in PANELS],
        "indicators": [
            {**row, "answered": [each for each in answers if each["indicator"] == row["part"] and not each["open"]]}
            for row in scores if row["kind"] == "indicator"
        ],
        "open": [each for each in answers if each["open"]],
        "counts": {state: sum(each["state"] == state for each in answers) for state in STATES},
        "comparators": _comparators(figures, tr),
        "figures": figures,
        "as_of": scores[0]["as_of"] if scores else None,
    }  # fmt: skip
    return told, _table(portal, scores, answers, figures, tr)


def published(connection: sqlite3.Connection, tr: Translator) -> list[Row]:
    """Return every published figure in the reader's words, with where it comes from."""
    found = []
    for row in rows(connection, "SELECT * FROM published_figure ORDER BY position"):
        words = DERIVED if row["status"] == "derived" else PUBLISHED
        found.append({
            **row, "title": tr.title(row), "series_title": tr.title(row, "series"), "caveat": tr.title(row, "caveat"),
            "shown": tr.number(row["value"], row["decimals"]),
            "origin": tr(words, period=row["period"].replace("-", "–"), year=row["year"]),
        })  # fmt: skip
    return found


def references(connection: sqlite3.Connection, tr: Translator) -> list[Row]:
    """Return the few published figures that the home page names."""
    if one(connection, "SELECT name FROM sqlite_master WHERE name = 'published_figure'") is None:
        return []  # a catalogue built before there was this layer
    wanted = ["checklist-online", "availability", "governance", "capability"]
    return [row for row in published(connection, tr) if row["jurisdiction"] == HERE and row["measure"] in wanted]


def _titled(row: Row, tr: Translator) -> Row:
    return {**row, "title": tr.title(row)}


def _answer(row: Row, tr: Translator) -> Row:
    value = ELEMENTS.get(row["choice"]) if ".e." in row["variable"] and row["state"] == "standing" else None
    state, sign, _ = VALUES[value] if value is not None or row["state"] != "standing" else ("told", "", "")
    standing = STATES[row["state"]]
    fields = ("question", "choice", "note", "wanted")
    return {
        **row, **{name: tr.title(row, name) for name in fields}, "indicator_title": tr.title(row, "indicator"),
        "open": row["state"] == "open", "look": state, "sign": sign, "state_title": tr(standing),
    }  # fmt: skip


def _panel(panel: Panel, portal: Row | None, scores: list[Row], figures: list[Row], tr: Translator) -> Row:
    ours: Row | None = None
    if panel.ours == "measured":
        ours = portal
    elif panel.ours == "curated":
        ours = next((row for row in scores if row["kind"] == "pillar" and row["part"] == panel.part), None)
    reference = next((row for row in figures if row["figure"] == panel.reference), None)
    return {
        "title": tr(panel.title), "layer": panel.ours, "layer_title": tr(LAYERS[panel.ours]) if ours else "",
        "ours": {key: ours[key] for key in ("point", "low", "high", "known")} if ours else None,
        "reference": reference, "share": panel.share, "rule": tr(panel.rule),
    }  # fmt: skip


def _comparators(figures: list[Row], tr: Translator) -> Row:
    among = [row for row in figures if row["series"] in (CHECKLIST, GDB)]
    measures = list(dict.fromkeys(row["measure"] for row in among))
    return {
        "heads": [tr(whose) for whose in WHOSE.values()],
        "rows": [
            {"title": next(row["title"] for row in among if row["measure"] == name),
             "origin": next(row["origin"] for row in among if row["measure"] == name),
             "values": [next((row["shown"] for row in among
                              if (row["measure"], row["jurisdiction"]) == (name, whose)), "–")
                        for whose in WHOSE]}
            for name in measures
        ],
    }  # fmt: skip


def _table(portal: Row | None, scores: list[Row], answers: list[Row], figures: list[Row], tr: Translator) -> list[Row]:
    blank = dict.fromkeys(
        ("layer", "name", "title", "of", "value", "low", "high", "known", "answer", "state", "quote", "source",
         "address", "dated", "edition", "year", "editor", "reviewer", "entered", "expires", "caveat"), ""
    )  # fmt: skip
    table: list[Row] = []
    if portal:
        same = {key: portal[key] for key in ("low", "high", "known")}
        title = tr(PANELS[0].title)
        table.append({**blank, "layer": "measured", "name": "portal", "title": title, "value": portal["point"], **same})
    for row in scores:
        same = {key: row[key] for key in ("title", "low", "high", "known")}
        table.append({**blank, "layer": "curated", "name": row["part"], "of": HERE, "value": row["point"], **same})
    for row in answers:
        same = {key: row[key] for key in
                ("state", "quote", "address", "dated", "editor", "reviewer", "entered", "expires")}  # fmt: skip
        table.append({**blank, "layer": "curated", "name": row["variable"], "title": row["question"], "of": HERE,
                      "answer": row["choice"], "caveat": row["note"] or row["wanted"], **same})  # fmt: skip
    for row in figures:
        same = {key: row[key] for key in ("title", "value", "source", "address", "edition", "year", "caveat")}
        table.append({**blank, "layer": "published", "name": row["figure"], "of": row["jurisdiction"],
                      "state": row["status"], "dated": row["period"], **same})  # fmt: skip
    return table
