"""Files that belong together and do not agree, and those that only look as if they did not.

A dictionary and its files; one table in two languages. What differs is planted in a dataset that is sound otherwise.
"""

import json
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from random import Random

from sample_portal.binaries import as_xlsx, workbook
from sample_portal.bodies import as_csv, as_json, delimited
from sample_portal.catalogue import Response
from sample_portal.drafts import Draft
from sample_portal.planting import Planting
from sample_portal.tables import Cell, Table

_FURTHER = ("Source", "資料來源", "资料来源")
_STAFF = ("Staff on duty", "當值人員", "当值人员")
_RENAMED = ("Amount counted", "點算數量", "点算数量")


def dictionary_differs(p: Planting) -> None:
    """A dictionary that a program can read, and that is not of the files it is said to be of."""
    way = p.nth % 4
    first, second = p.files(("CSV", 0), ("CSV", 1)), p.draft.items[1]
    _written(p, (_as_listed, _as_sections, _as_schema, _as_titled)[way])
    if way in (0, 3):
        reason, why = "undocumented", "the files have a column that the dictionary does not describe"
        changes = [partial(_with_column, language) for language in (0, 1)]
    elif way == 1:
        reason, why = "lacking", "the dictionary describes a column that no file has"
        p.draft.documented.append((_STAFF[0], _STAFF[1], "number"))
        changes = []
    else:
        reason, why = "contradicts", "a column was renamed in the files and not in the dictionary"
        changes = [partial(_with_label, language) for language in (0, 1)]
    for language, change in enumerate(changes):
        item = (first, second)[language]
        p.rewrite(item, language, partial(_changed, change))
    p.note("dictionary", "partly", why, reason=reason)


def _changed(change: Callable[[Table], Table], table: Table, _: Random) -> bytes:
    return as_csv(change(table))


def _with_column(language: int, table: Table) -> Table:
    return Table([*table.labels, _FURTHER[language]], [[*row, "A"] for row in table.rows])


def _with_label(language: int, table: Table) -> Table:
    return replace(table, labels=[*table.labels[:2], _RENAMED[language], *table.labels[3:]])


def _written(p: Planting, writer: Callable[[Draft], tuple[str, bytes]]) -> None:
    """Stand a dictionary of another make at the dataset's address for it."""
    ending, _ = writer(p.draft)
    types = {
        "csv": "text/csv; charset=utf-8",
        "json": "application/json",
        "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    }
    old = p.draft.extra.pop(p.draft.dictionary, None)
    p.draft.dictionary = p.draft.address(f"data_dictionary_v2.{ending}")
    p.draft.extra[p.draft.dictionary] = Response(
        partial(_body, p.draft, writer), types[ending], modified=old.modified if old else p.draft.modified
    )


def _body(draft: Draft, writer: Callable[[Draft], tuple[str, bytes]]) -> bytes:
    return writer(draft)[1]


def _as_listed(draft: Draft) -> tuple[str, bytes]:
    """CSV with the names in both languages in one cell, as many dictionaries have them."""
    rows: list[list[Cell]] = [[f"{en}\n{tc}", kind.title(), "-"] for en, tc, kind in draft.fields()]
    return "csv", delimited(Table(["Field Name 欄位名稱", "Data Type 資料類型", "Description 說明"], rows)).encode(
        "utf-8-sig"
    )


def _as_sections(draft: Draft) -> tuple[str, bytes]:
    """A workbook with a title, and the fields once for each language's file under headings of their own."""
    grid: list[list[Cell]] = [["Data Dictionary 數據字典", None, None], [None, None, None]]
    for place, name in enumerate(("English file", "Traditional Chinese file")):
        grid += [[f"File: {name}", None, None], ["Column", "Type", "Remarks"]]
        grid += [[each[place], each[2], None] for each in draft.fields()]
    return "xlsx", workbook(grid)


def _as_schema(draft: Draft) -> tuple[str, bytes]:
    """A Table Schema, with the Chinese name as the field's title."""
    kinds = {"text": "string", "number": "number"}
    listed = [{"name": en, "title": tc, "type": kinds.get(kind, kind)} for en, tc, kind in draft.fields()]
    return "json", json.dumps({"fields": listed}, ensure_ascii=False).encode()


def _as_titled(draft: Draft) -> tuple[str, bytes]:
    """CSV with lines above its headings, and a number before each field."""
    rows: list[list[Cell]] = [[n, en, tc, kind] for n, (en, tc, kind) in enumerate(draft.fields(), 1)]
    table = delimited(Table(["No.", "Attribute name", "中文名稱", "Format"], rows))
    return "csv", f"{draft.titles[0]}: data specification,,,\r\n,,,\r\n{table}".encode()


def dictionary_in_other_words(p: Planting) -> None:
    """A dictionary that is right about its files: under titles, of several files, in other letters."""
    way = (p.nth + p.making.seed) % 4
    _written(p, (_as_listed, _as_sections, _as_schema, _as_titled)[way])
    if way % 2 == 0:  # names in capitals and underscores are the same names
        item = p.own()
        p.rewrite(item, 0, lambda table, _: as_csv(_shouted(table)))
    else:  # one dictionary of two files, of which neither has all its fields
        item = p.own()
        p.rewrite(item, 0, lambda table, _: as_csv(_other_file(table)))
        p.document("Telephone number", "Opening hours")
    p.note("dictionary", "yes", ("the same names in capitals", "the dictionary is of two files")[way % 2])


def _shouted(table: Table) -> Table:
    return replace(table, labels=[label.upper().replace(" ", "_") for label in table.labels])


def _other_file(table: Table) -> Table:
    rows: list[list[Cell]] = [[*row[:2], f"2123 4{n % 1000:03d}", "Daily"] for n, row in enumerate(table.rows)]
    return Table([*table.labels[:2], "Telephone number", "Opening hours"], rows)


def tables_differ(p: Planting) -> None:
    """One table in English and Chinese, of which one has other figures, or fewer rows."""
    fewer = p.nth % 2 == 1
    _pair(p, _fewer if fewer else _mistyped, ("CSV", "CSV", "JSON", "XLSX")[p.nth % 4])
    why = "the Chinese file lacks some rows" if fewer else "some figures differ in the Chinese file"
    p.note("translation", "partly", why, reason="rows-differ" if fewer else "numbers-differ")


def _pair(p: Planting, change: Callable[[Table, Random], Table], form: str = "CSV") -> None:
    """Add one more table in English and Chinese, of sixty rows or more, the Chinese one changed."""
    leaf = f"pair_{p.making.token(f'{p.kind}/{p.nth}')[:6]}"
    series = p.draft.series
    p.own(form, leaf=leaf)
    p.draft.series = replace(series, length=max(series.length, -(-60 // len(series.districts))))
    for language, item in ((0, p.draft.items[-1]), (1, p.own(form, 1, leaf=leaf))):
        p.rewrite(item, language, partial(_as, form, change if language else None))
    p.draft.series = series


def _as(form: str, change: Callable[[Table, Random], Table] | None, table: Table, rng: Random) -> bytes:
    writer = {"CSV": as_csv, "JSON": as_json, "XLSX": as_xlsx}[form]
    return writer(change(table, rng) if change else table)


def _fewer(table: Table, rng: Random) -> Table:
    gone = set(rng.sample(range(2, len(table.rows) - 2), 4))
    return Table(table.labels, [row for place, row in enumerate(table.rows) if place not in gone])


def _mistyped(table: Table, rng: Random) -> Table:
    rows = [list(row) for row in table.rows]
    for place in rng.sample(range(len(rows)), 3):
        rows[place][2] = int(rows[place][2] or 0) * 10 + 3  # a digit too many
    return Table(table.labels, rows)


def tables_agree(p: Planting) -> None:
    """One table in English and Chinese that says the same: in another order, rounded, or with thousands separated."""
    changes = (_backwards, _rounded, _separated)
    way = (p.nth + p.making.seed) % len(changes)
    _pair(p, changes[way])
    p.note("translation", "yes", ("another order of rows", "rounded figures", "thousands are separated")[way])


def _backwards(table: Table, _: Random) -> Table:
    return Table(table.labels, table.rows[::-1])


def _rounded(table: Table, _: Random) -> Table:
    return Table(table.labels, [[*row[:3], round(float(row[3] or 0)), *row[4:]] for row in table.rows])


def _separated(table: Table, _: Random) -> Table:
    return Table(table.labels, [[*row[:2], f"{row[2]:,}", *row[3:]] for row in table.rows])
