"""What the brief asks, as the pages tell it: each figure in the reader's words, beside what it is an analogue of."""

import json
import sqlite3
from collections.abc import Callable, Mapping
from typing import Any

from publish import trend
from publish.i18n import Translator, mark
from publish.queries import Row, rows
from publish.safe import short
from scoring.asks import POLICY_MONTH, PUBLISHED_COUNTS, READABLE_TARGET

TITLES: dict[str, str] = {
    "readable-whole": mark("Machine readable, and to be had whole by API or file"),
    "days-late": mark("Data within seven working days of its due day"),
    "severity": mark("Severity of what is to be mended, from 0 to 10"),
    "band": mark("Band of the score"),
    "uptime": mark("Uptime in the last 30 days"),
    "inspection": mark("Technical inspection: the checklist"),
    "usage": mark("Usage: views and downloads"),
    "feedback": mark("Feedback: a contact that works"),
    "officer": mark("A named data officer whose contact works"),
    "growth": mark("Datasets, and their growth since the policy of 2018"),
}
"""Every ask in the order the page tells them."""

ANALOGUES: dict[str, str] = {
    "readable-whole": mark(
        "Analogue of Singapore’s KPI 13 (90–100% of core data fields machine readable and transmittable by API); fields"
        " cannot be counted from outside, so datasets are."
    ),
    "days-late": mark(
        "Analogue of Singapore’s KPI 14 (at most 7 working days to share data between agencies); here from the day that"
        " the declared update frequency makes data due."
    ),
    "severity": mark(
        "Analogue of Guangdong’s rating (0 very dissatisfied, 3, 6, 8, 10 very satisfied): each dataset by its worst"
        " open task, 10 where there is none."
    ),
    "band": mark(
        "Analogue of the mainland’s bands (excellent, outstanding, good, developing); the cuts are ours and can be set."
    ),
    "uptime": mark("Analogue of a view of Singapore’s WOGAA (uptime)."),
    "inspection": mark("Analogue of a view of Singapore’s WOGAA (technical inspection)."),
    "usage": mark("Analogue of a view of Singapore’s WOGAA (analytics)."),
    "feedback": mark("Analogue of a view of Singapore’s WOGAA (user sentiment): whether users have a way to tell it."),
    "officer": mark(
        "Analogue of naming a data officer. No mail was sent: a domain works where a host in it answered us."
    ),
    "growth": mark("Growth is context, not quality."),
}
Parts = Mapping[str, Any]
SHARES = frozenset({"readable-whole", "days-late", "uptime", "feedback", "officer"})
SQL = """
SELECT ask, value, low, high, n, known, parts, since FROM ask
WHERE subject_type = ? AND subject = ? AND until IS NULL
"""


def over(connection: sqlite3.Connection, kind: str, subject: str, tr: Translator) -> Row:
    """Return what a page of the portal (an empty subject) or a provider holds of asks, growth and score over time."""
    asked = of_subject(connection, kind, subject, tr)
    over_time = trend.of_subject(connection, kind, subject or None, tr)
    return {"asks": asked, "growth": growth(asked, tr), "trend": over_time}


def of_subject(connection: sqlite3.Connection, kind: str, subject: str, tr: Translator) -> list[Row]:
    """Return every ask of the portal (an empty subject) or of a provider, told in the reader's language."""
    found = {
        row["ask"]: {**row, "parts": json.loads(row["parts"]), "subject_is_one": kind == "provider"}
        for row in rows(connection, SQL, [kind, subject])
    }
    told = []
    for name, title in TITLES.items():
        row = found.get(name)
        if row is None or (name == "band" and not row["parts"].get("titles")):
            continue
        told.append({
            **row, "title": tr(title), "analogue": tr(ANALOGUES[name]), "figure": _figure(row, tr),
            "range": _range(row, tr), "detail": DETAILS[name](row["parts"], row, tr), "target": _target(name, row),
        })  # fmt: skip
    return told


def growth(told: list[Row], tr: Translator) -> list[Row]:
    """Return the catalogue at each year's end and now, beside the figures that were published of it."""
    months: list[list[Any]] = next((row["parts"]["months"] for row in told if row["ask"] == "growth"), [])
    published = {month: (count, source) for month, count, source in PUBLISHED_COUNTS}
    shown = []
    for place, (month, claimed, seen) in enumerate(months):
        if month in published or month.endswith("-12") or month == POLICY_MONTH or place == len(months) - 1:
            count, source = published.get(month, (None, ""))
            words = tr("over {number}", number=tr.number(count)) if count else "–"
            shown.append({"month": month, "claimed": claimed, "seen": seen, "published": words, "source": source})
    return shown


def _figure(row: Mapping[str, Any], tr: Translator) -> str:
    name, value = row["ask"], row["value"]
    if name == "usage" and not row["parts"].get("published"):
        return tr("not published by the portal")
    if name == "band":
        place = row["parts"].get("band")
        return _band(row["parts"], place, tr) if place is not None else tr("withheld")
    if value is None:
        return tr("not known")
    if name == "severity":
        return tr("{number} of 10", number=tr.number(value, 1))
    if name == "inspection":
        return tr("{number} of 100", number=tr.number(value, 1))
    return tr.percent(value) if name in SHARES else tr.number(value)


def _band(parts: Parts, place: int, tr: Translator) -> str:
    titles = parts.get("titles", [])
    return str(titles[place][tr.language]) if place < len(titles) else "–"


def _range(row: Mapping[str, Any], tr: Translator) -> str:
    """Return between what the figure lies, where something is unknown."""
    if row["low"] is None or row["low"] == row["high"]:
        return ""
    low, high = (
        tr.percent(row[end]) if row["ask"] in SHARES else tr.number(row[end], 1) for end in ("low", "high")
    )  # fmt: skip
    return tr("between {low} and {high}, whatever is unknown turns out to be", low=low, high=high)


def _target(name: str, row: Mapping[str, Any]) -> str:
    """Return whether the target the ask is an analogue of is reached: yes, no, or empty where there is none."""
    if name != "readable-whole" or row["value"] is None:
        return ""
    return "yes" if row["value"] >= READABLE_TARGET else "no"


def _readable(parts: Parts, _row: Row, tr: Translator) -> str:
    return tr(
        "Datasets that are both: {yes}; that are not: {no}; not known: {unknown}.",
        **{name: tr.number(parts.get(name, 0)) for name in ("yes", "no", "unknown")},
    )


def _late(parts: Parts, _row: Row, tr: Translator) -> str:
    states = parts.get("states", {})
    apart = states.get("unscheduled", 0) + states.get("live", 0)
    text = tr(
        "Datasets still awaited: {waiting}; no dated change: {undated}; without a due day, and left out: {apart}.",
        waiting=tr.number(states.get("waiting", 0)), undated=tr.number(states.get("undated", 0)),
        apart=tr.number(apart),
    )  # fmt: skip
    if "median" not in parts:
        return text
    days = tr(
        "Working days after the due day: half within {middle}, nine of ten within {ninth}, {longest} at most.",
        middle=tr.number(parts["median"]), ninth=tr.number(parts["ninth"]), longest=tr.number(parts["longest"]),
    )  # fmt: skip
    buckets = tr(", ").join(
        tr("{days} days: {number}", days=_span(name, tr), number=tr.number(number))
        for name, number in sorted(parts["buckets"].items(), key=lambda pair: int(pair[0].partition("-")[0]))
    )
    gap = " " if tr.language == "en" else ""
    return f"{days}{gap}{buckets}{tr('. ')}{text}"


def _span(name: str, tr: Translator) -> str:
    first, dash, last = name.partition("-")
    return tr("{number} or more", number=first) if dash and not last else name.replace("-", "–")


def _severity(parts: Parts, _row: Row, tr: Translator) -> str:
    grades = tr(", ").join(
        tr("at {grade}: {number}", grade=grade, number=tr.number(number))
        for grade, number in sorted(parts.get("grades", {}).items(), key=lambda pair: int(pair[0]))
    )
    tasks = tr(
        "Open tasks: {open}, of which past their day: {overdue}.",
        open=tr.number(parts.get("open", 0)), overdue=tr.number(parts.get("overdue", 0)),
    )  # fmt: skip
    return tr("Datasets {grades}.", grades=grades) + (" " if tr.language == "en" else "") + tasks


def _bands(parts: Parts, _row: Row, tr: Translator) -> str:
    bands = sorted((int(place), count) for place, count in parts.get("bands", {}).items())
    counts = [f"{_band(parts, place, tr)}{tr(': ')}{tr.number(count)}" for place, count in bands]
    counts.append(f"{tr('too little known')}{tr(': ')}{tr.number(parts.get('withheld', 0))}")
    return tr("Datasets {grades}.", grades=tr(", ").join(counts))


def _uptime(_parts: Parts, row: Row, tr: Translator) -> str:
    return tr(
        "{number} addresses, by time; known for {known} of it.",
        number=tr.number(row["n"]),
        known=tr.percent(row["known"]),
    )


def _contacts(parts: Parts, _row: Row, tr: Translator) -> str:
    return tr(
        "Datasets with mail at a domain that answered: {works}; at one we never saw answer: {unseen}; telephone only:"
        " {telephone}; malformed: {malformed}; none: {none}.",
        **{name: tr.number(parts.get(name, 0)) for name in ("works", "unseen", "telephone", "malformed", "none")},
    )


def _officer(parts: Parts, row: Row, tr: Translator) -> str:
    named = tr(
        "Named in {named} of {number} datasets.", named=tr.number(parts.get("named", 0)), number=tr.number(row["n"])
    )
    if not row["subject_is_one"]:
        return named
    most = tr(", ").join(short(str(text), 80) for text in parts.get("contacts", []))
    gap = " " if tr.language == "en" else ""
    return f"{named}{gap}{tr('Most often')}{tr(': ')}{most}" if most else named


def _growth(_parts: Parts, row: Row, tr: Translator) -> str:
    return tr("{known} of the records say when they were made.", known=tr.percent(row["known"]))


def _nothing(_parts: Parts, _row: Row, _tr: Translator) -> str:
    return ""


DETAILS: dict[str, Callable[[Parts, Row, Translator], str]] = {
    "readable-whole": _readable, "days-late": _late, "severity": _severity, "band": _bands, "uptime": _uptime,
    "inspection": _nothing, "usage": _nothing, "feedback": _contacts, "officer": _officer, "growth": _growth,
}  # fmt: skip
