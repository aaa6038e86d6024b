"""What a comparison says in words, and its table: nothing is called ahead that the draws do not settle."""

import json
import sqlite3
from collections.abc import Sequence
from typing import Any

from publish import versus_store as store
from publish.i18n import Translator, mark
from publish.names import MIN_RANKED, VALUES
from publish.queries import Row
from publish.telling import criterion_title, named

SURE = 0.95
"""Share of the draws (`scoring.uncertainty.SURE`) under which nothing is called ahead."""
LEAST = 0.05
"""Points below which two scores are the same to the decimal that is printed."""
MAX_EXPLAINS = 8
EXACT = 1e-4
"""Points that rounding leaves over at most, scores being kept to six decimals."""


def said(connection: sqlite3.Connection, told: Row, tr: Translator) -> list[Row]:
    """Return the result in sentences, the first the result itself; ``kind`` is result, settled, open or caution."""
    a, b = told["sides"]
    found: list[Row] = []
    if told["difference"] is None:
        found.append(_row("open", tr("One of the two has no score: nothing of it is known.")))
        return found
    found.append(_row("result", _result(told, tr)))
    if told["differs"] == ["name"] and abs(told["difference"]) >= LEAST:
        found.append(_order(connection, a, b, tr))
    if len(told["differs"]) > 1:
        found.append(_row("caution", tr("More than one thing differs between the two, so the difference has more than"
                                        " one cause.")))  # fmt: skip
    if "profile" in told["differs"]:
        found.append(_row("caution", tr("Two profiles ask and weigh different things: the difference is between two"
                                        " yardsticks, and no change of what is measured.")))  # fmt: skip
    if a["digest"] != b["digest"] and told["same_profile"]:
        found.append(_row("caution", tr("The two scores were made by different versions of the rubric, so they are not"
                                        " comparable.")))  # fmt: skip
    text = mark("Less than 60% of the weight is known on this side: {name}. Its score is no grade.")
    weak = dict.fromkeys(side["label"] for side in (a, b) if not side["graded"])
    few = mark("{name} has fewer than {number} datasets: one more or less moves its score, so it is not ranked.")
    small = dict.fromkeys(side["title"] for side in (a, b) if side["kind"] == "provider" and side["n"] < MIN_RANKED)
    return [
        *found, *(_row("caution", tr(text, name=name)) for name in weak),
        *(_row("caution", tr(few, name=name, number=MIN_RANKED)) for name in small),
    ]  # fmt: skip


def _row(kind: str, text: str) -> Row:
    return {"kind": kind, "text": text}


def _result(told: Row, tr: Translator) -> str:
    a, b = told["sides"]
    same = abs(told["difference"]) < LEAST
    high, low = (a, b) if told["difference"] > 0 else (b, a)
    first, last = sorted((a, b), key=lambda side: side["day"] or store.NOW)
    values = {
        "name": a["title"], "points": tr.number(abs(told["difference"]), 1), "first": high["label"],
        "second": low["label"], "high": tr.number(high["point"], 1), "low": tr.number(low["point"], 1),
        "earlier": first["day_title"], "later": last["day_title"], "before": tr.number(first["point"], 1),
        "after": tr.number(last["point"], 1),
    }  # fmt: skip
    if told["differs"] == ["day"] and same:
        text = mark("{name}: the score is the same at both times, {after} of 100 ({earlier}; {later}).")
    elif told["differs"] == ["day"] and last["point"] > first["point"]:
        text = mark("{name}: the score rose by {points} points, from {before} ({earlier}) to {after} ({later}).")
    elif told["differs"] == ["day"]:
        text = mark("{name}: the score fell by {points} points, from {before} ({earlier}) to {after} ({later}).")
    elif told["differs"] == ["profile"] and not same:
        text = mark("{name}: {points} points more by {first} than by {second}, {high} and {low} of 100.")
    elif same:
        text = mark("{first} and {second} have the same score: {high} of 100.")
    else:
        text = mark("{first} is {points} points above {second}: {high} and {low} of 100.")
    return tr(text, **values)


def _order(connection: sqlite3.Connection, a: Row, b: Row, tr: Translator) -> Row:
    """Return whether the order of two subjects is settled: by the draws of the ranking, else by the ranges alone."""
    drawn, lead = False, None
    if all(side["rank"] and side["rank"]["ranked"] for side in (a, b)):
        drawn, lead = True, store.ahead(connection, a["profile"], a["name"], b["name"])
    if lead is not None:
        name = next(side["label"] for side in (a, b) if side["name"] == lead["provider"])
        share = f"{int(lead['share'] * 1000) / 10:g}%"  # never rounded up: 94.96 is not 95
        if lead["share"] >= SURE:
            kind, text = "settled", mark("{name} is ahead in {share} of the draws in which datasets, weights, answers"
                                         " and links vary: the order of the two is settled.")  # fmt: skip
        else:
            kind, text = "open", mark("{name} comes first in {share} of the draws in which datasets, weights, answers"
                                      " and links vary, which is near but under 95%: the order of the two is not"
                                      " settled.")  # fmt: skip
        return _row(kind, tr(text, name=name, share=share))
    if drawn:
        return _row("open", tr("The order of the two is not settled: in the draws in which datasets, weights, answers"
                               " and links vary, neither comes first in 90% of them."))  # fmt: skip
    if a["low"] > b["high"] or b["low"] > a["high"]:
        return _row("settled", tr("Their ranges do not overlap: whatever the unknown answers turn out to be, the order"
                                  " stays."))  # fmt: skip
    return _row("open", tr("Their ranges overlap, so the unknown answers could turn the order round: it is not"
                           " settled."))  # fmt: skip


def explains(rows: Sequence[Row], difference: float) -> list[Row]:
    """Return the criteria that make the difference, the largest first, and what the rest makes together."""
    found = sorted((row for row in rows if abs(row["gives"]) >= LEAST), key=lambda row: -abs(row["gives"]))
    shown = [{"title": row["title"], "criterion": row["criterion"], "points": row["gives"]} for row in
             found[:MAX_EXPLAINS]]  # fmt: skip
    rest = difference - sum(row["points"] for row in shown)
    return [*shown, *([{"title": "", "criterion": "", "points": rest}] if abs(rest) >= LEAST else [])]


def gathered(changes: Sequence[Row], tr: Translator) -> list[Row]:
    """Return the answers that changed between two days, a row a criterion and change, the most frequent first."""
    found: dict[tuple[Any, ...], Row] = {}
    for row in changes:
        key = (row["criterion"], row["before"], row["now"])
        each = found.setdefault(key, {
            "criterion": row["criterion"], "title": criterion_title(row["criterion"], row["criterion"], tr),
            "before": _state(row["before"], tr), "now": _state(row["now"], tr), "datasets": row["datasets"],
            "among": [],
        })  # fmt: skip
        one = named({**row, "name": row["dataset"]}, tr)
        each["among"].append({"name": row["dataset"], "title": one["title"]})
    return sorted(found.values(), key=lambda row: (-row["datasets"], row["criterion"], row["now"]["word"]))


def _state(value: float | None, tr: Translator) -> Row:
    state, sign, word = VALUES.get(value, VALUES[None])
    return {"state": state, "mark": sign, "word": tr(word)}


def table(result: Row, tr: Translator) -> list[Row]:
    """Return the comparison for the CSV: the whole scores, then a row a criterion, means and points from 0 to 100."""
    a, b = result["sides"]
    found = [_line("", tr("Score"), [{"mean": side["point"]} for side in (a, b)])]
    found[0]["difference"] = result["difference"]
    for each in (*result["criteria"], *result["others"]):
        cells = [{**cell, "mean": _hundred(cell.get("mean"))} for cell in ((one or {}) for one in each["cells"])]
        row = _line(each["criterion"], each["title"], cells)
        row |= {"weight_a": each["weights"][0], "weight_b": each["weights"][1], "points_lost_a": each["lost"][0]}
        row |= {"points_lost_b": each["lost"][1], "difference": _hundred(each["difference"])}
        found.append({**row, "points_explained": each["gives"]})
    rest = result["difference"] - sum(row["points_explained"] or 0 for row in found) if result["taken_apart"] else 0.0
    if abs(rest) > EXACT:
        found.append({**_line("", tr("the rest"), ({}, {})), "points_explained": rest})
    return [
        {"a": a["label"], "b": b["label"], **{name: _rounded(value) for name, value in row.items()}} for row in found
    ]


def _rounded(value: object) -> object:
    """Return a number to the six decimals that scores are kept to; anything else as it is."""
    return round(value, 6) + 0.0 if isinstance(value, float) else value


def _line(criterion: str, title: str, cells: Sequence[Row]) -> Row:
    row: Row = {"criterion": criterion, "title": title}
    for letter, cell in zip("ab", cells, strict=True):
        row |= {f"weight_{letter}": None}
        row |= {f"{name}_{letter}": cell.get(name) for name in ("mean", "yes", "partly", "no", "unknown")}
        row |= {f"points_lost_{letter}": None}
    return {**row, "difference": None, "points_explained": None}


def _hundred(share: float | None) -> float | None:
    return None if share is None else 100 * share


def parts(row: Row) -> Row:
    """Return a score's stored parts as they are; empty where they cannot be read."""
    try:
        found = json.loads(row["parts"])
    except (TypeError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}


def evidence(row: Row) -> Row:
    """Return an answer's stored evidence; empty where it cannot be read."""
    return parts({"parts": row["evidence"]})
