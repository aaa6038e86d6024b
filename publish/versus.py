"""The page that compares: two subjects, one subject on two days, or one subject under two profiles.

Everything stands in the address: ``kind`` (provider, category, dataset, portal), ``a`` and ``b`` (slugs or names; the
portal has none), ``date_a`` and ``date_b`` (days in Hong Kong, ISO, the score that stood at the day's end; none: as
things stand), ``profile_a`` and ``profile_b`` (none: the leading one). What is left out of ``b`` is as in ``a``.
"""

import sqlite3
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta
from urllib.parse import urlencode

from publish import versus_store as store
from publish import versus_words as words
from publish.i18n import Translator, day_or_text, mark
from publish.names import MIN_KNOWN, PROFILE
from publish.pages import Page
from publish.queries import Row, providers, searched
from publish.safe import clean, short
from publish.telling import named
from publish.versus_cells import Side, criteria, lost_by
from publish.versus_lost import rubric_of

KINDS = {
    "provider": mark("Providers"), "category": mark("Categories"), "dataset": mark("Datasets"),
    "portal": mark("The portal"),
}  # fmt: skip
MAX_NAME = 200
FOUND = 8
"""Datasets offered for words that name none."""
BAD, OK = 400, 200


@dataclass(frozen=True, slots=True)
class Asked:
    """What a visitor asked for, as they wrote it: at most 200 characters each, without control characters."""

    kind: str = ""
    a: str = ""
    b: str = ""
    date_a: str = ""
    date_b: str = ""
    profile_a: str = ""
    profile_b: str = ""


class NotSoError(ValueError):
    """What was asked for cannot be shown; says why, in the reader's language."""


def asked(arguments: Mapping[str, str]) -> Asked:
    """Return what the ?-part of an address asks for; whatever else it holds is left alone."""
    found = {name: clean(arguments.get(name) or "")[:MAX_NAME].strip() for name in Asked.__slots__}
    return Asked(**found)


def page(connection: sqlite3.Connection, tr: Translator, arguments: Mapping[str, str]) -> Page:
    """Return the page for what stands behind the question mark of its address."""
    wish = asked(arguments)
    told, table, status = data(connection, wish, tr)
    sides = told["result"]["sides"] if told["result"] else []
    labels = [short(side["label"] if told["result"]["differs"] == ["name"] else side["title"], 60) for side in sides]
    title = tr(" and ").join(dict.fromkeys(labels)) if labels else ""
    title = tr("Compare: {names}", names=title) if title else tr("Compare")
    return Page("compare.html", title, told, table, status=status, query=urlencode(_query(wish)))


def data(connection: sqlite3.Connection, wish: Asked, tr: Translator) -> tuple[Row, list[Row], int]:
    """Return what the page holds, its table, and its status: 400 where something asked for makes no sense."""
    kind = wish.kind if wish.kind in KINDS else "provider"
    told: Row = {"form": _form(connection, replace(wish, kind=kind), tr), "message": "", "offers": [], "result": None,
                 "suggestions": []}  # fmt: skip
    chosen = wish.a or wish.b or (kind == "portal" and set(_query(wish)) - {"kind"})
    try:
        if wish.kind and wish.kind not in KINDS:
            raise NotSoError(tr("“{kind}” cannot be compared: choose from the list.", kind=short(wish.kind, 60)))
        if not chosen:
            return {**told, "suggestions": _suggested(connection, tr)}, [], OK
        told["offers"] = _offers(connection, wish, kind, tr)
        if _lone(wish) and store.subject(connection, kind, wish.a or wish.b):
            return {**told, "message": tr("Now choose B: another, another day or another profile.")}, [], OK
        first, second = _sides(connection, wish, kind, tr)
        told["result"] = _compared(connection, first, second, tr)
    except NotSoError as error:
        told["message"] = str(error)
        return told, [], BAD
    told["offers"] = []
    return told, words.table(told["result"], tr), OK


def _lone(wish: Asked) -> bool:
    """Whether only one of the two is named, with nothing to tell a second one by: the way here from its own page."""
    dated = wish.date_a or wish.date_b
    return wish.kind != "portal" and not (wish.a and wish.b) and not dated and wish.profile_b in ("", wish.profile_a)


def _form(connection: sqlite3.Connection, wish: Asked, tr: Translator) -> Row:
    """Return what the form offers and what stands in it."""
    first, last = store.span(connection)
    options = [named({**row, "slug": row["name"]}, tr) for row in store.choices(connection, wish.kind)]
    return {
        "kinds": {kind: tr(title) for kind, title in KINDS.items()}, "first": day_or_text(first),
        "last": day_or_text(last), "options": sorted(options, key=lambda row: (row["title"].casefold(), row["name"])),
        "profiles": profile_titles(connection, tr),
        **{name: getattr(wish, name) for name in Asked.__slots__},
        "profile_a": wish.profile_a or PROFILE, "profile_b": wish.profile_b or wish.profile_a or PROFILE,
    }  # fmt: skip


def profile_titles(connection: sqlite3.Connection, tr: Translator) -> dict[str, str]:
    """Return the profiles that anything is scored by, the leading one first, and what the reader calls each."""
    return {row["name"]: short(tr.title(row) or row["name"], 120) for row in store.profiles(connection)}


def _offers(connection: sqlite3.Connection, wish: Asked, kind: str, tr: Translator) -> list[Row]:
    """Return datasets that hold the words typed where a name was wanted, for each side that names none."""
    offers = []
    for side in ("a", "b"):
        typed = getattr(wish, side)
        if kind == "dataset" and typed and store.subject(connection, kind, typed) is None:
            found = [named(row, tr) for row in searched(connection, typed)[:FOUND]]
            links = [
                {"title": row["title"], "provider": row["provider_title"],
                 "query": {**_query(wish), "kind": kind, side: row["name"]}} for row in found
            ]  # fmt: skip
            offers.append({"side": side.upper(), "typed": short(typed, 80), "links": links})
    return offers


def _suggested(connection: sqlite3.Connection, tr: Translator) -> list[Row]:
    """Return a few comparisons to begin with: both ends of the ranking, the portal then and now, two profiles."""
    found = []
    standing = [row for row in providers(connection) if row["rank"] is not None]
    if len(standing) > 1:
        best, last = (named(row, tr) for row in (standing[0], standing[-1]))
        text = tr("{first} and {second}: both ends of the ranking", first=best["title"], second=last["title"])
        found.append({"text": text, "query": {"kind": "provider", "a": best["slug"], "b": last["slug"]}})
    first, last_day = (day_or_text(each) for each in store.span(connection))
    if first and first != last_day:
        month = (date.fromisoformat(last_day) - timedelta(days=30)).isoformat()
        text = tr("The portal on {day} and now", day=tr.day(f"{max(first, month)}T00:00:00Z"))
        found.append({"text": text, "query": {"kind": "portal", "date_a": max(first, month)}})
    by = list(profile_titles(connection, tr).items())[:2]
    if len(by) > 1:
        text = tr("The portal by {first} and by {second}", first=by[0][1], second=by[1][1])
        found.append({"text": text, "query": {"kind": "portal", "profile_a": by[0][0], "profile_b": by[1][0]}})
    return found


def _query(wish: Asked) -> dict[str, str]:
    return {name: getattr(wish, name) for name in Asked.__slots__ if getattr(wish, name)}


def _sides(connection: sqlite3.Connection, wish: Asked, kind: str, tr: Translator) -> tuple[Side, Side]:
    """Return both sides. Raises NotSoError where one names nothing, or both are the same."""
    first = _side(connection, kind, wish.a or wish.b, wish.date_a, wish.profile_a, tr)
    second = _side(connection, kind, wish.b or wish.a, wish.date_b, wish.profile_b or wish.profile_a, tr)
    if (first.name, first.day, first.profile) == (second.name, second.day, second.profile):
        raise NotSoError(tr("Both sides are the same: choose another, another day or another profile."))
    return first, second


def _side(connection: sqlite3.Connection, kind: str, name: str, day: str, profile: str, tr: Translator) -> Side:
    row = store.subject(connection, kind, name)
    if row is None and kind == "portal":
        raise NotSoError(tr("Nothing is scored yet."))
    if row is None:
        raise NotSoError(tr("Nothing here is called “{name}”: choose from the list, or search.", name=short(name, 80)))
    profile = profile or PROFILE
    if profile not in profile_titles(connection, tr):
        raise NotSoError(tr("Nothing is scored by a profile “{name}”.", name=short(profile, 60)))
    title = tr("The portal") if kind == "portal" else named({**row, "slug": row["name"]}, tr)["title"]
    when = _day(connection, day, tr)
    score = store.score_at(connection, kind, row["name"], profile, store.end_of(when))
    if score is None:
        raise NotSoError(_no_score(connection, kind, row["name"], title, profile, when, tr))
    return Side(kind, row["name"], title, when, profile, score, rubric_of(connection, profile, score["digest"]))


def _day(connection: sqlite3.Connection, text: str, tr: Translator) -> date | None:
    if not text:
        return None
    try:
        day = date.fromisoformat(text)
    except ValueError:
        raise NotSoError(tr("“{text}” is not a date: write it as 2026-11-23.", text=short(text, 40))) from None
    last = day_or_text(store.span(connection)[1])
    if not 2000 <= day.year < 2100 or (last and day.isoformat() > last):  # noqa: PLR2004 - before there was any open data
        raise NotSoError(tr("No score stands on {day}: the scores kept end on {last}.",
                            day=tr.day(f"{day}T00:00:00Z"), last=tr.day(f"{last}T00:00:00Z")))  # fmt: skip
    return day


def _no_score(
    connection: sqlite3.Connection, kind: str, name: str, title: str, profile: str, day: date | None, tr: Translator
) -> str:
    """Return why there is no score, and from when on there is one."""
    since, by = store.first_of(connection, kind, name, profile), profile_titles(connection, tr)[profile]
    if since is None:
        return tr("{name} has no score by {profile}.", name=title, profile=by)
    if day is None:
        return tr(
            "{name} has no score any more by {profile}: it is no longer in the catalogue.", name=title, profile=by
        )
    return tr("No score of {name} by {profile} stands on {day}: the first is of {first}.", name=title, profile=by,
              day=tr.day(f"{day}T00:00:00Z"), first=tr.day(since))  # fmt: skip


def _compared(connection: sqlite3.Connection, first: Side, second: Side, tr: Translator) -> Row:
    """Return the comparison itself: both sides, what it says in words, and the criteria with what each explains."""
    sides = (first, second)
    lost = [lost_by(connection, side) for side in sides]
    differs = [name for name in ("name", "day", "profile") if getattr(first, name) != getattr(second, name)]
    rows = criteria(connection, sides, lost, tr)
    shared, apart = first.profile == second.profile, all(each is not None for each in lost)
    told: Row = {
        "differs": differs,
        "sides": [_told_side(connection, side, letter, differs, tr) for side, letter in zip(sides, "AB", strict=True)],
        "difference": None if None in (first.score["point"], second.score["point"])
        else first.score["point"] - second.score["point"],
        "criteria": [row for row in rows if row["weighed"]], "others": [row for row in rows if not row["weighed"]],
        "explains": words.explains(rows, first.score["point"] - second.score["point"]) if apart else [],
        "taken_apart": apart, "same_profile": shared,
        "rubrics": [], "anew": [], "changes": [], "moves": None,
    }  # fmt: skip
    told["said"] = words.said(connection, told, tr)
    if differs == ["day"]:
        earlier, later = sorted(sides, key=lambda side: side.end)
        told |= _between(connection, earlier, later, tr)
    return told


def _told_side(connection: sqlite3.Connection, side: Side, letter: str, differs: list[str], tr: Translator) -> Row:
    day = tr.day(f"{side.day}T00:00:00Z") if side.day else tr("now")
    parts = {"name": side.title, "day": day, "profile": profile_titles(connection, tr)[side.profile]}
    keep = {key: side.score[key] for key in ("point", "low", "high", "known", "n", "since", "digest")}
    rank = store.ranked(connection, side.profile, side.name) if side.kind == "provider" and side.day is None else None
    return {
        "letter": letter, "kind": side.kind, "name": side.name, "title": side.title, "day": side.day and str(side.day),
        "day_title": day, "profile": side.profile, "profile_title": parts["profile"],
        "label": tr(", ").join(parts[name] for name in differs), "rank": rank,
        "graded": keep["point"] is not None and keep["known"] >= MIN_KNOWN, **keep,
    }  # fmt: skip


def _between(connection: sqlite3.Connection, earlier: Side, later: Side, tr: Translator) -> Row:
    """Return what happened between two days: other rubrics, other answers, datasets that came and left."""
    values = {"kind": later.kind, "name": later.name, "profile": later.profile, "end": later.end}
    used = store.digests_between(connection, values)
    changes = store.changes_between(connection, later.kind, later.name, earlier.end, later.end)
    return {
        "rubrics": [
            {"since": row["since"], "old": used[place - 1]["digest"], "new": row["digest"]}
            for place, row in enumerate(used) if place and row["since"] >= earlier.end
        ],
        "anew": [row for row in store.rescored(connection, later.profile) if row["at"] >= earlier.end],
        "changes": words.gathered(changes, tr),
        "moves": store.moved_between(connection, later.kind, later.name, earlier.end, later.end)
        if later.kind != "dataset" else None,
    }  # fmt: skip
