"""What of a dataset was laid beside each other, for its page: each difference as a sentence with both places."""

import sqlite3
from collections.abc import Mapping, Sequence
from itertools import groupby
from typing import Any

from publish.i18n import Translator, mark
from publish.queries import Row, rows, unpack
from publish.safe import short
from publish.telling import prefixed

PLACES = 12
"""Differences of one pair that the page shows; table difference has more."""
PAIRS = 40
"""Pairs of each kind that the page shows."""
CHANGES = 30
"""Changes from one version to the next that the page shows, newest first."""

SAYS: Mapping[tuple[str, str], str] = {
    ("dictionary", "lacking"): mark("The dictionary's field {column_a} is not in the file."),
    ("dictionary", "undocumented"): mark("The file's column {column_b} is not in the dictionary."),
    ("dictionary", "spelled"): mark("The dictionary writes {column_a}, the file {column_b}."),
    ("dictionary", "typed"): mark("Column {column_b}: the dictionary says {value_a}, and the file holds {value_b}."),
    ("languages", "rows"): mark("Rows: {value_a} in the first, {value_b} in the second."),
    ("languages", "columns"): mark("Columns: {value_a} in the first, {value_b} in the second."),
    ("languages", "number"): mark(
        "First file: column {column_a}, row {row_a}: {value_a}. Second file: column {column_b}, row {row_b}: {value_b}."
    ),
    ("languages", "gap"): mark(
        "A value in one file only. First: column {column_a}, row {row_a}: {value_a}."
        " Second: column {column_b}, row {row_b}: {value_b}."
    ),
    ("languages", "only-first"): mark("Row {row_a} of the first file is not in the second: {value_a}"),
    ("languages", "only-second"): mark("Row {row_b} of the second file is not in the first: {value_b}"),
    ("languages", "column"): mark("Column {column_a} holds other figures than column {column_b} in most rows."),
    ("versions", "renamed"): mark("Column {column_a} is now called {column_b}."),
    ("versions", "lost"): mark("Column {column_a} is gone."),
    ("versions", "added"): mark("Column {column_b} is new."),
    ("versions", "retyped"): mark("Column {column_b} held {value_a} and now holds {value_b}."),
    ("versions", "reordered"): mark("The columns stand in another order: {value_b}"),
    ("versions", "rows-fell"): mark("There were {value_a} rows, and now there are {value_b}."),
    ("versions", "period-back"): mark("The newest date in the data was {value_a}, and now it is {value_b}."),
    ("versions", "format"): mark("The format was {value_a}, and now it is {value_b}."),
    ("versions", "encoding"): mark("The encoding was {value_a}, and now it is {value_b}."),
    ("versions", "delimiter"): mark("What stands between two cells was {value_a}, and now it is {value_b}."),
    ("versions", "header-row"): mark("The labels stood in row {value_a}, and now they stand in row {value_b}."),
    ("versions", "rewritten"): mark("The file was written anew; the table in it is the same."),
    ("versions", "restamped"): mark(
        "Nothing but dates changed: column {column_b}, row {row_b}: {value_a}, now {value_b}."
    ),
}  # fmt: skip
"""What each code of difference says, by the kind of comparison."""
APART: Mapping[str, str] = {
    "no-names": mark("The file's columns have no names of their own, so the dictionary cannot be laid against it."),
    "joined-labels": mark(
        "The file's labels take several rows, so it cannot be told how a program will name the columns."
    ),
    "other-language": mark("The dictionary names the fields in another language than the file."),
    "other-fields": mark(
        "The dictionary names fewer than half of the file's columns, so it is taken to be of another."
    ),
    "too-long": mark("The files have more rows than are compared."),
    "only-words": mark("The files hold no numbers, dates or codes that could be compared in two languages."),
    "other-table": mark("Fewer than half of the rows agree, so these are taken to be two tables."),
    "no-table": mark("One of the files holds no table with labels."),
}  # fmt: skip
NOT_COMPARED = mark("One of the files could not be read for this.")
READINGS: Mapping[str, str] = {
    "read": mark("A program can read the dictionary: {fields} fields."),
    "no-fields": mark(
        "The dictionary opens, but no list of fields was found: put one field in each row, under a row of headings such"
        " as Field name, Type, Description."
    ),
    "not-readable": mark(
        "The dictionary is a document, picture or archive: a program cannot read it, so it was not laid against the"
        " files. Publish it as CSV, XLSX or JSON as well."
    ),
    "unmeasured": mark("The dictionary could not be read."),
}  # fmt: skip
NOTHING = mark("(nothing)")

_READING = """
SELECT r.state, r.fields, r.content FROM dataset d JOIN latest_visit v ON v.url = d.dictionary
JOIN dictionary_reading r ON r.content = v.sha256 WHERE d.name = :name
"""
_WITH_DICTIONARY = """
SELECT r.shared_id, r.title_en, r.title_tc, r.title_sc, c.* FROM dataset d
JOIN latest_visit dv ON dv.url = d.dictionary JOIN resource r ON r.dataset = d.name AND r.withdrawn_at IS NULL
JOIN latest_visit rv ON rv.url = coalesce(r.example, r.url)
JOIN comparison c ON c.kind = 'dictionary' AND c.a = dv.sha256 AND c.b = rv.sha256
WHERE d.name = :name ORDER BY r.position, r.shared_id
"""
_WITH_LANGUAGES = """
SELECT one.shared_id, one.title_en, one.title_tc, one.title_sc, two.title_en AS other_en, two.title_tc AS other_tc,
       two.title_sc AS other_sc, two.shared_id AS other, c.*
FROM resource one JOIN latest_visit va ON va.url = coalesce(one.example, one.url)
JOIN comparison c ON c.kind = 'languages' AND c.a = va.sha256
JOIN resource two ON two.dataset = one.dataset AND two.withdrawn_at IS NULL
JOIN latest_visit vb ON vb.url = coalesce(two.example, two.url) AND vb.sha256 = c.b
WHERE one.dataset = :name AND one.withdrawn_at IS NULL ORDER BY one.position, two.position, one.shared_id, two.shared_id
"""
_DRIFT = """
SELECT r.shared_id AS resource, r.title_en, r.title_tc, r.title_sc, min(v.started) AS since, f.*
FROM resource r JOIN visit v ON v.url = coalesce(r.example, r.url) AND v.outcome = 'ok'
JOIN difference f ON f.b = v.sha256 AND f.kind = 'versions'
WHERE r.dataset = :name AND EXISTS (SELECT 1 FROM visit o WHERE o.url = v.url AND o.sha256 = f.a)
GROUP BY r.shared_id, f.a, f.b, f.number ORDER BY since DESC, r.shared_id, f.a, f.number LIMIT :most
"""
_PLACES = "SELECT * FROM difference WHERE kind = ? AND a = ? AND b = ? ORDER BY number LIMIT ?"


def of_dataset(connection: sqlite3.Connection, name: str, tr: Translator) -> Row:
    """Return the ``reading`` of a dataset's dictionary, and what was laid: ``dictionary``, ``languages``, ``versions``.

    Each pair has its titles, ``counts`` and the ``places`` that differ, each a sentence; or why it could not be laid.
    """
    found = rows(connection, _READING, {"name": name})
    reading = (
        tr(READINGS.get(found[0]["state"], READINGS["unmeasured"]), fields=tr.number(found[0]["fields"]))
        if found
        else None
    )
    return {
        "reading": reading,
        "dictionary_content": found[0]["content"] if found and found[0]["fields"] else None,
        "dictionary": _pairs(connection, _WITH_DICTIONARY, name, tr),
        "languages": _pairs(connection, _WITH_LANGUAGES, name, tr),
        "versions": _drift(rows(connection, _DRIFT, {"name": name, "most": CHANGES}), tr),
    }  # fmt: skip


def _pairs(connection: sqlite3.Connection, sql: str, name: str, tr: Translator) -> list[Row]:
    laid = [unpack(row, "facts") for row in rows(connection, sql, {"name": name})]
    return [_pair(connection, row, tr) for row in sorted(laid, key=_agreeing)[:PAIRS]]


def _agreeing(row: Row) -> int:
    """Return how a pair ranks on the page: what differs first, then what cannot be laid, then what agrees."""
    return 2 if row["reason"] is None and not _differs(row["facts"]) else 1 if row["reason"] else 0


def _differs(facts: Mapping[str, Any]) -> bool:
    codes = {code.replace("-", "_") for kind, code in SAYS if kind != "versions"}
    return any(facts.get(code) for code in codes)


def _pair(connection: sqlite3.Connection, row: Row, tr: Translator) -> Row:
    places = rows(connection, _PLACES, [row["kind"], row["a"], row["b"], PLACES])
    facts = row["facts"]
    other = tr.title(prefixed(row, "other")) if "other" in row else None
    dates = [
        tr.day(f"{facts[name]}T00:00:00Z") for name in ("latest_a", "latest_b") if isinstance(facts.get(name), str)
    ]
    return {
        "resource": row["shared_id"], "title": short(tr.title(row) or row["shared_id"], 160),
        "other": row.get("other"), "other_title": short(other or row.get("other"), 160) if "other" in row else None,
        "a": row["a"], "b": row["b"], "apart": _apart(row["reason"], tr),
        "counts": {code: value for code, value in facts.items() if isinstance(value, int)},
        "ends": dates if len(dates) > 1 and dates[0] != dates[1] else [],
        "places": [say(place, tr) for place in places],
        "more": sum(_count(facts, code) for code in {place["code"] for place in places}) - len(places),
    }  # fmt: skip


def _count(facts: Mapping[str, Any], code: str) -> int:
    value = facts.get(code.replace("-", "_"))
    return value if isinstance(value, int) and code not in ("rows", "columns") else 1


def _apart(reason: str | None, tr: Translator) -> str | None:
    return None if reason is None else tr(APART.get(reason, NOT_COMPARED))


def _drift(found: Sequence[Row], tr: Translator) -> list[Row]:
    """Return the changes of each file at each moment together, newest first."""
    together = groupby(found, key=lambda row: (row["since"], row["resource"], row["a"]))
    return [
        {"since": key[0], "resource": key[1], "title": short(tr.title(group[0]) or key[1], 160),
         "places": [say(row, tr) for row in group][:PLACES]}
        for key, rows_ in together if (group := list(rows_))
    ]  # fmt: skip


def say(place: Mapping[str, Any], tr: Translator) -> str:
    """Return one difference as a sentence in the reader's language; what was harvested is cut and cleaned in it."""
    names = ("column_a", "column_b", "value_a", "value_b")
    values: dict[str, object] = {name: short(place.get(name) or "", 120) or tr(NOTHING) for name in names}
    values |= {name: tr.number(place.get(name)) for name in ("row_a", "row_b")}
    for name in ("value_a", "value_b"):
        if place["code"] in ("rows", "columns", "rows-fell") and str(place.get(name) or "").isdecimal():
            values[name] = tr.number(int(place[name]))
    return tr(SAYS.get((place["kind"], place["code"]), place["code"]), **values)
