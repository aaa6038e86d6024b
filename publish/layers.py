"""Fills the curated and the published layer of catalog.db, and scores the curated answers as of the day it is built."""

import sqlite3
from collections.abc import Iterable
from datetime import date
from importlib.resources import files

from harvester.clock import HONG_KONG, parse_iso
from harvester.records import LANGUAGES, Trilingual
from scoring.curation import Curation, load_curations, load_questions
from scoring.references import PublishedFigure, load_published
from scoring.survey.load import load_survey
from scoring.survey.profile import SurveyProfile
from scoring.survey.score import score_survey

Row = dict[str, object]


def fill_layers(connection: sqlite3.Connection, built: str) -> None:
    """Make and fill the tables of both layers; ``built`` (ISO 8601 UTC) is the moment whose day decides what expired.

    Raises SettingsError where a file of answers or figures makes no sense.
    """
    connection.executescript(files("publish").joinpath("layers.sql").read_text(encoding="utf-8"))
    survey = load_survey()
    day = parse_iso(built).astimezone(HONG_KONG).date()
    for curation in load_curations(survey):
        _insert(connection, "curated_answer", answer_rows(curation, survey, day))
        _insert(connection, "survey_score", score_rows(curation, survey, day))
    _insert(connection, "published_figure", (_figure(place, each) for place, each in enumerate(load_published(), 1)))


def answer_rows(curation: Curation, survey: SurveyProfile, day: date) -> list[Row]:
    """Return a row for every question of a jurisdiction's file, as of ``day``, in the order the survey asks."""
    worded, scales = load_questions(survey), survey.questions()
    rows: dict[str, Row] = {}
    for answer in curation.answers:
        title = next(each.title for each in scales[answer.variable].choices if each.choice == answer.choice)
        rows[answer.variable] = {
            "state": "expired" if answer.expired(day) else "standing", "choice": answer.choice,
            **_three("choice", title), "quote": answer.quote, "address": answer.address, "dated": answer.dated,
            "editor": answer.editor, "reviewer": answer.reviewer, "entered": answer.entered.isoformat(),
            "expires": answer.expires.isoformat(), **_three("note", answer.note),
        }  # fmt: skip
    for question in curation.open:
        rows[question.variable] = {"state": "open", **_three("wanted", question.wanted)}
    found, asked = [], [(each, variable) for each in survey.indicators for variable, _ in each.questions()]
    for place, (indicator, variable) in enumerate(asked, 1):
        if variable in rows:
            row = rows.pop(variable)
            wording = worded.get(variable) or Trilingual(variable, variable, variable)
            found.append({
                "jurisdiction": curation.jurisdiction, "survey": curation.survey, "variable": variable,
                "position": place, "indicator": indicator.indicator, **_three("indicator", indicator.title),
                **_three("question", wording), **row,
            })  # fmt: skip
    return found


def score_rows(curation: Curation, survey: SurveyProfile, day: date) -> list[Row]:
    """Return the scores of every pillar, and of every indicator that the file has a question of.

    There is no total: it would be blended of layers that are never mixed.
    """
    scored = score_survey(survey, curation.standing(day))
    asked = {each.variable for each in curation.answers} | {each.variable for each in curation.open}
    rows = []
    for pillar, found in zip(survey.pillars, scored.pillars, strict=True):
        parts = [("pillar", pillar.pillar, pillar.title, pillar.weight, found.score)]
        for indicator, one in zip(survey.of(pillar.pillar), found.indicators, strict=True):
            if any(variable in asked for variable, _ in indicator.questions()):
                parts.append(("indicator", indicator.indicator, indicator.title, indicator.weight, one.score))
        for kind, part, title, weight, score in parts:
            rows.append({
                "jurisdiction": curation.jurisdiction, "survey": survey.profile, "kind": kind, "part": part,
                **_three("title", title), "weight": weight, "point": score.point, "low": score.low,
                "high": score.high, "known": score.known, "as_of": day.isoformat(), "survey_digest": survey.digest,
            })  # fmt: skip
    return rows


def _figure(place: int, each: PublishedFigure) -> Row:
    series = each.series
    return {
        "figure": each.figure, "position": place, "series": series.series, **_three("series", series.title),
        "jurisdiction": each.jurisdiction, "measure": each.measure, **_three("title", each.title),
        "value": each.value, "decimals": each.decimals, "status": each.status, "edition": series.edition,
        "year": series.year, "period": series.period, "source": series.source, "address": series.address,
        **_three("caveat", each.caveat),
    }  # fmt: skip


def _three(name: str, text: Trilingual | None) -> Row:
    return {f"{name}_{language}": getattr(text, language) if text else None for language in LANGUAGES}


def _insert(connection: sqlite3.Connection, table: str, rows: Iterable[Row]) -> None:
    for row in rows:
        columns, marks = ", ".join(row), ", ".join(f":{name}" for name in row)
        connection.execute(f"INSERT INTO {table} ({columns}) VALUES ({marks})", row)  # noqa: S608 - names written above
