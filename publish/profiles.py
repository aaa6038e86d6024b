"""Every profile's score of one subject, side by side, each on its own scale, and what a dataset's items came to."""

import sqlite3
from collections.abc import Mapping, Sequence
from typing import Any

from publish.i18n import Translator, mark
from publish.method import in_language, item_title, section
from publish.names import MIN_KNOWN, NOT_APPLICABLE, VALUES
from publish.profile_tables import Scored, scored_profiles
from publish.queries import Row, rows, unpack, whose
from publish.sentences import told_measure
from scoring.criteria.base import NO, PARTLY, YES
from scoring.inputs import OWN_LICENCE_MISSING
from scoring.measures import MEASURES
from scoring.measures.base import TERMS
from scoring.rubric import Item, Rubric
from scoring.scale import decimals, in_own_points

SCORES = """
SELECT profile, pillar, point, low, high, known, n, parts FROM score
WHERE subject_type = :kind AND until IS NULL
"""
BY_TERMS = mark("The record names no licence; by this profile the portal’s terms stand in for one.")
NOT_BY_TERMS = mark("The record names no licence; by this profile the portal’s terms do not stand in for one.")
OWN_READING = mark("This profile reads the answer in a way of its own.")
MEASURED = "SELECT measure, value, applies, reason, evidence FROM measure WHERE dataset = ? AND until IS NULL"


def of_subject(connection: sqlite3.Connection, kind: str, subject: str | None, tr: Translator) -> list[Row]:
    """Return a subject's standing score by each profile, the leading one first; the portal's where ``subject`` is None.

    ``point``, ``low`` and ``high`` are of 100; ``shown`` and ``span`` say them in the profile's own points.
    """
    found: dict[str, dict[str, Row]] = {}
    for row in rows(connection, f"{SCORES} {whose(subject)}", {"kind": kind, "subject": subject}):
        found.setdefault(row["profile"], {})[row["pillar"]] = row
    scored = scored_profiles(connection)
    newest = max((each.last_used for each in scored), default="")
    return [
        {**_told(each, found[each.rubric.profile], tr), "older": each.last_used if each.last_used < newest else None}
        for each in scored
        if "" in found.get(each.rubric.profile, {})
    ]


def _told(scored: Scored, found: Mapping[str, Row], tr: Translator) -> Row:
    rubric, whole = scored.rubric, unpack(found[""], "parts")
    enough = whole["known"] >= MIN_KNOWN
    band = rubric.band(whole["point"]) if enough else None
    return {
        "profile": rubric.profile, "title": in_language(rubric.title, tr), "section": section(rubric.profile),
        "point": whole["point"], "low": whole["low"], "high": whole["high"], "known": whole["known"], "n": whole["n"],
        "enough": enough, "out_of": rubric.out_of, "own_point": in_own_points(whole["point"], rubric.out_of),
        "shown": _of(whole["point"], rubric, tr), "span": _span(whole, rubric, tr),
        "band": in_language(band.title, tr) if band else None, "pillars": _pillars(rubric, whole, found, tr),
    }  # fmt: skip


def _of(point: float | None, rubric: Rubric, tr: Translator) -> str | None:
    if point is None:
        return None
    number = tr.number(in_own_points(point, rubric.out_of), decimals(rubric.out_of))
    return tr("{points} of {whole}", points=number, whole=_plain(rubric.out_of, tr))


def _span(row: Row, rubric: Rubric, tr: Translator) -> str:
    ends = [tr.number(in_own_points(row[end], rubric.out_of), decimals(rubric.out_of)) for end in ("low", "high")]
    return ends[0] if ends[0] == ends[1] else f"{ends[0]}–{ends[1]}"


def _plain(number: float, tr: Translator) -> str:
    return tr.number(number, 0 if number == int(number) else 1)


def _pillars(rubric: Rubric, whole: Row, found: Mapping[str, Row], tr: Translator) -> list[Row]:
    """Return the pillars that have a score: a dataset's stand in its parts, a group's in rows of their own."""
    own = whole["parts"].get("pillars") or {}
    told = []
    for name in rubric.pillars:
        if isinstance(own.get(name), list):
            point, low, high, known = own[name]
        elif name in found:
            point, low, high, known = (found[name][key] for key in ("point", "low", "high", "known"))
        else:
            continue
        title = in_language(rubric.pillar_titles[name], tr)
        told.append({"pillar": name, "title": title, "point": point, "low": low, "high": high, "known": known})
    return told


def of_dataset(connection: sqlite3.Connection, name: str, tr: Translator, answers: Sequence[Row]) -> list[Row]:
    """Return a dataset's scores as `of_subject`, each with its ``items``; ``answers`` are its own, on its page."""
    found = of_subject(connection, "dataset", name, tr)
    if not found:
        return found
    parts = {
        row["profile"]: unpack(row, "parts")["parts"]
        for row in rows(connection, f"{SCORES} {whose(name)} AND pillar = ''", {"kind": "dataset", "subject": name})
    }
    given = {row["measure"]: unpack(row) for row in _measured(connection, name)}
    given |= {row["criterion"]: row for row in answers}
    rubrics = {each.rubric.profile: each.rubric for each in scored_profiles(connection)}
    for one in found:
        told = parts[one["profile"]]
        one["items"] = _items(rubrics[one["profile"]], told, given, tr)
        one["effects"] = _effects(rubrics[one["profile"]], told, given, tr)
    return found


def _measured(connection: sqlite3.Connection, name: str) -> list[Row]:
    if not connection.execute("SELECT 1 FROM sqlite_master WHERE name = 'measure'").fetchone():
        return []  # a catalogue built before there were measures
    return rows(connection, MEASURED, [name])


def _items(rubric: Rubric, parts: Row, given: Mapping[str, Row], tr: Translator) -> list[Row]:
    counted, apart = parts.get("items") or {}, set(parts.get("apart") or ())
    if not counted and not apart:
        return []
    whole = sum(item.weight for item in rubric.items if item.criterion not in apart)
    told = []
    for item in rubric.items:
        name, value = item.criterion, counted.get(item.criterion)
        row, measure = given.get(name), name in MEASURES
        note = _note(item, rubric, row, tr)
        told.append({
            "criterion": name, "title": item_title(name, tr), "value": value, "apart": name in apart,
            **sign(value, name in apart, tr),
            "points": _points(item, value, whole, rubric, tr) if name not in apart and whole else None,
            "pillar": in_language(rubric.pillar_titles[item.pillar], tr) if item.pillar else "",
            "sentence": told_measure(tr, name, row["reason"], row["evidence"]) if row and measure and not note else "",
            "answer": row is not None and not measure, "note": note,
            "held_by": _held_by(item, counted, given, tr),
        })  # fmt: skip
    return told


def _note(item: Item, rubric: Rubric, row: Row | None, tr: Translator) -> str:
    """Return why an item counts as something else than the answer it rests on, empty where it does not."""
    if row is None:
        return ""
    if row["reason"] in item.values and item.criterion not in MEASURES:
        return tr(OWN_READING)
    if row["reason"] == TERMS or (item.criterion == "licence" and row["reason"] in OWN_LICENCE_MISSING):
        return tr(BY_TERMS if rubric.terms.apply else NOT_BY_TERMS)
    return ""


def _points(item: Item, value: float | None, whole: float, rubric: Rubric, tr: Translator) -> str:
    """Return what an item gives of what it can give, in the profile's own points; an unknown is not a nought."""
    most = rubric.out_of * item.weight / whole
    places = 0 if most == int(most) and value in (NO, YES, None) else 1 if rubric.out_of > 1 else 2
    got = "?" if value is None else tr.number(most * value, places)
    return tr("{points} of {whole}", points=got, whole=tr.number(most, places))


def _held_by(item: Item, counted: Mapping[str, Any], given: Mapping[str, Row], tr: Translator) -> list[str]:
    """Return which of the things an item needs are no whole yes, so that it counts for nothing or is not known."""
    values = {name: counted.get(name, given[name]["value"] if name in given else None) for name in item.needs}
    return [item_title(name, tr) for name, value in values.items() if value != YES]


def sign(value: float | None, apart: bool, tr: Translator) -> dict[str, str]:
    """Return a value's (0-1, None: unknown) class, mark and word; ``apart`` where its question does not arise."""
    if apart:
        state, sign, word = NOT_APPLICABLE
        return {"state": state, "mark": sign, "word": tr(word)}
    state, sign, word = VALUES[value if value in (None, NO, YES) else PARTLY]
    shown = tr.percent(value) if value is not None and value not in (NO, PARTLY, YES) else tr(word)
    return {"state": state, "mark": sign, "word": shown}


def _effects(rubric: Rubric, parts: Row, given: Mapping[str, Row], tr: Translator) -> list[Row]:
    """Return what the gates multiply by and the modifiers take; ``assumed`` where a gate's answer is unknown."""
    gates, takes = parts.get("gates") or {}, parts.get("modifiers") or {}
    assumed: Sequence[Any] = parts.get("assumed") or ()
    return [
        *({"criterion": gate.criterion, "title": item_title(gate.criterion, tr), "factor": gates[gate.criterion],
           "taken": None, "assumed": gate.criterion in assumed, "answer": gate.criterion in given}
          for gate in rubric.gates if gate.criterion in gates),
        *({"criterion": each.criterion, "title": item_title(each.criterion, tr), "factor": None,
           "taken": -takes[each.criterion], "assumed": False, "answer": each.criterion in given}
          for each in rubric.modifiers if each.criterion in takes),
    ]  # fmt: skip
