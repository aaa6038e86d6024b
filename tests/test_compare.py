"""Files laid beside each other: what differs is told with its place, what only looks different is not."""

from dataclasses import replace
from datetime import date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harvester.compare import dictionary, languages, versions
from harvester.compare.cells import equal, read
from harvester.compare.dictionary import kind_of
from harvester.compare.fields import of_grid, of_tree
from harvester.compare.pairs import Offer, pairs
from harvester.compare.records import Field, Shape, Table
from harvester.records import Column, Dialect


def column(label, type_="string", low=None, high=None, distinct=9, **more):
    return Column(label, type_, 0.0, distinct, low, high, **more)


def shape(*columns, **more):
    return Shape("f", "csv", "valid", "utf-8", more.pop("rows", 20), columns, Dialect(header_row=1), **more)


def table(labels, rows, first=2):
    return Table(tuple(labels), [list(row) for row in rows], tuple(range(first, first + len(rows))))


def told(comparison):
    return {(each.code, each.column_a, each.column_b) for each in comparison.differences}


MESSY = {
    "title and number column": [
        ["Data Dictionary 數據字典", None, None, None], [None] * 4,
        ["No.", "Field Name 欄位名稱", "Data Type 資料類型", "Description 說明"],
        [1, "Date\n日期", "Date (YYYY-MM-DD)", "day"], [2, "Count\n數目", "Number", "how many"],
    ],
    "names in two columns": [
        ["Attribute name (English)", "中文名稱", "Format", "Remarks"], ["Date", "日期", "text", ""],
        ["Count", "數目", "int", "Remarks"],
    ],
    "header in the third column": [
        ["", "", "欄位名稱", "類型"], ["", "", "Date 日期", "日期"], ["", "", "Count 數目", "整數"],
    ],
    "no type": [["Column", "Definition"], ["Date", "d"], ["Count", "c"]],
}  # fmt: skip


@pytest.mark.parametrize("name", MESSY)
def test_fields_are_found_wherever_the_list_of_them_begins(name):
    """Title rows, running numbers, two languages in one cell or two columns: the fields are read all the same."""
    fields = of_grid(MESSY[name])
    assert [field.name.split()[0] for field in fields] == ["Date", "Count"]
    if "日期" in str(MESSY[name]):
        labels = dictionary.lay(fields, shape(column("日期"), column("數目", "integer", 1, 9)))
        assert (labels.reason, labels.differences) == (None, ())


def test_a_dictionary_of_several_files_keeps_them_apart():
    """A heading that comes again begins another file's fields, named by the line above it; a file gets its own."""
    heads = ["Column", "Type"]
    grid = [["File: a.csv", None], heads, ["Stop", "text"], ["Lat", "number"],
            ["File: b.csv", None], heads, ["Route", "text"], ["Fare", "number"]]  # fmt: skip
    fields = of_grid(grid)
    assert [(field.section, field.name) for field in fields] == [
        ("File: a.csv", "Stop"), ("File: a.csv", "Lat"), ("File: b.csv", "Route"), ("File: b.csv", "Fare"),
    ]  # fmt: skip
    found = dictionary.lay(fields, shape(column("Route"), column("Fare", "number", 1, 9)))
    assert (found.facts["section"], found.differences) == ("File: b.csv", ())


def test_what_holds_no_list_of_fields_is_told_so_and_not_guessed():
    """A table of data, a page of text and numbers under a heading give no field."""
    assert of_grid([["Year", "District"], [2020, "North"], [2021, "Sha Tin"]]) == []
    assert of_grid([["Name", "Description"], [1, "x"], [2, "y"]]) == []
    assert of_grid([["All about the figures"], ["They are right."]]) == []
    assert of_tree({"status": "ok", "note": "no fields"}) == []


@pytest.mark.parametrize(
    "document",
    [
        {"fields": [{"name": "a", "type": "integer", "title": "甲"}, {"name": "b", "type": "string"}]},
        {"resources": [{"name": "r", "schema": {"fields": [{"name": "a", "type": "integer"}, {"name": "b"}]}}]},
        {"type": "object", "properties": {"a": {"type": "integer"}, "b": {"description": "x"}}},
        [{"Field": "a", "Type": "int", "Description": "x"}, {"Field": "b", "Type": "text", "Description": "y"}],
    ],
)
def test_schemas_and_lists_in_json_are_read(document):
    """Table Schema, Data Package, JSON Schema and a plain list of records describe the same two fields."""
    fields = of_tree(document)
    assert [field.name for field in fields] == ["a", "b"]
    assert fields[0].kind == "integer"


def test_a_dictionary_and_a_file_that_differ_are_told_apart_in_every_way():
    """Missing, undocumented, spelled otherwise and of another type, each by its name; nothing else."""
    fields = [Field("", "Stop Name"), Field("", "Fare", type="Number", kind="number"), Field("", "Zone"),
              Field("", "Opened", type="date", kind="date")]  # fmt: skip
    found = dictionary.lay(fields, shape(column("STOP_NAME"), column("Fare"), column("Remarks"), column("Opened")))
    assert told(found) == {
        ("lacking", "Zone", None), ("undocumented", None, "Remarks"), ("spelled", "Stop Name", "STOP_NAME"),
        ("typed", "Fare", "Fare"),
    }  # fmt: skip
    assert found.facts | {"named": 3, "lacking": 1, "undocumented": 1} == found.facts


@pytest.mark.parametrize(
    ("written", "held"),
    [
        ("Number", column("x", "string", 1.0, 2000.0)), ("Number", column("x", "string", markers=2)),
        ("text", column("x", "integer", 1, 9)), ("VARCHAR(20)", column("x", "date")), ("Date", column("x", "string")),
        ("Date (YYYYMMDD)", column("x", "integer", 20200101, 20201231)), ("Number", column("x", "any", distinct=0)),
        ("Code list", column("x", "string")), ("Yes/No", column("x", "string")),
    ],
)  # fmt: skip
def test_a_type_is_contradicted_only_where_it_cannot_be(written, held):
    """Thousands separators, gaps, codes, dates as digits and empty columns contradict nobody."""
    assert not dictionary.contradicts(kind_of(written), held)


def test_decimals_contradict_an_integer_and_words_a_number():
    """What a reader of the dictionary would stumble over is told."""
    assert dictionary.contradicts("integer", column("x", "number", 0.5, 3.0))
    assert dictionary.contradicts("number", column("x", "string"))


@pytest.mark.parametrize(
    ("labels", "reason"),
    [
        (("站名", "收費"), "other-language"), (("Year", "Quarter", "Total"), "other-fields"),
        (("", "Fare"), "no-names"), (("Fare", "Fare"), "no-names"),
    ],
)  # fmt: skip
def test_what_a_dictionary_does_not_speak_of_is_held_against_nobody(labels, reason):
    """Another language, another file and columns without names are told, and no column is called missing."""
    fields = [Field("", "Stop name"), Field("", "Fare")]
    found = dictionary.lay(fields, shape(*map(column, labels)))
    assert (found.reason, found.differences) == (reason, ())


def test_simplified_labels_are_the_traditional_names():
    """A Simplified file is described by a dictionary in Traditional Chinese; an odd word is not held against it."""
    fields = [Field("", "地區"), Field("", "數目"), Field("", "軟件")]
    found = dictionary.lay(fields, shape(column("地区"), column("数目"), column("软体")))
    assert (found.reason, found.differences) == (None, ())


@pytest.mark.parametrize(
    ("said", "held"),
    [
        (("name_en / name_tc",), ("name_en", "name_tc")), (("Phone n",), ("Phone 1", "Phone 2")),
        (("Phone 1 to Phone 9",), ("Phone 1", "Phone 2")), (("Fax",), ("Fax_1", "Fax_2")),
        (("Year",), ("2019", "2020")), (("Age group",), ("10-19", "20-29")),
    ],
)  # fmt: skip
def test_names_said_at_once_numbered_columns_and_values_as_labels_contradict_nobody(said, held):
    """One row for several languages, ``Phone n`` for any number of them, and years over columns are how it is done."""
    known = ("Stop", "District", "Count")
    fields = [Field("", name) for name in (*known, *said)]
    assert dictionary.lay(fields, shape(*map(column, (*known, *held)))).differences == ()


LABELS_EN, LABELS_TC = ("Date", "District", "Count", "Rate"), ("日期", "地區", "數目", "比率")
ROWS_EN = [
    (f"2026-{m:02d}-01", d, m * 1000 + n, m + n / 8) for m in range(1, 11) for n, d in enumerate(("North", "Sai Kung"))
]
ROWS_TC = [(day, {"North": "北區", "Sai Kung": "西貢"}[name], count, rate) for day, name, count, rate in ROWS_EN]


def changed(row, place, value):
    rows = [list(each) for each in ROWS_TC]
    rows[row][place] = value
    return rows


ALIKES = {
    "the same": ROWS_TC,
    "another order": ROWS_TC[::-1],
    "rounded": [(*row[:3], round(row[3], 1)) for row in ROWS_TC],
    "thousands separated": [(*row[:2], f"{row[2]:,}", row[3]) for row in ROWS_TC],
    "Chinese dates": [(f"{int(row[0][:4])}年{int(row[0][5:7])}月{int(row[0][8:])}日", *row[1:]) for row in ROWS_TC],
    "dates of a workbook": [(datetime.fromisoformat(row[0]), *row[1:]) for row in ROWS_TC],
    "a note below": [*ROWS_TC, ("註", "暫定數字", "", "")],
}


@pytest.mark.parametrize("name", ALIKES)
def test_what_is_only_written_otherwise_is_one_table(name):
    """Translated words, another order, rounding, separators and ways of writing a date are no difference."""
    found = languages.lay(table(LABELS_EN, ROWS_EN), table(LABELS_TC, ALIKES[name]))
    assert (found.reason, found.differences) == (None, ())


def test_a_wrong_number_is_told_with_both_places_and_both_values():
    """The row is found again by its date and its other numbers, in whatever row of the other file it stands."""
    rows = changed(5, 2, 77)[::-1]
    (place,) = languages.lay(table(LABELS_EN, ROWS_EN), table(LABELS_TC, rows)).differences
    assert (place.code, place.column_a, place.column_b) == ("number", "Count", "數目")
    assert (place.row_a, place.value_a, place.row_b, place.value_b) == (7, "3001", 16, "77")


def test_a_row_or_a_value_that_only_one_has_is_told():
    """Rows are counted, the one that lacks is named, and a blank is no other number."""
    found = languages.lay(table(LABELS_EN, ROWS_EN), table(LABELS_TC, changed(3, 3, "N.A.")[:-1]))
    assert [each.code for each in found.differences] == ["rows", "gap", "only-first"]
    assert (found.differences[0].value_a, found.differences[0].value_b) == ("20", "19")
    assert found.differences[2].row_a == 21


def test_a_row_without_its_only_figure_is_still_a_row():
    """Where one language leaves the figure out, the rows are as many, and the row of the other is named."""
    one = table(("Name", "Count"), [("a", 1), ("b", 2), ("c", 3)])
    found = languages.lay(one, table(("名稱", "數目"), [("甲", 1), ("乙", "N.A."), ("丙", 3)]))
    assert [(each.code, each.row_a) for each in found.differences] == [("only-first", 3)]


def test_what_cannot_be_laid_beside_each_other_is_not_judged():
    """Only words, or mostly other rows: the reason is told and nothing is held against either."""
    words = table(("Name",), [("a",), ("b",), ("c",)]), table(("名稱",), [("甲",), ("乙",), ("丙",)])
    assert languages.lay(*words).reason == "only-words"
    other = [(f"19{n + 10}-05-05", row[1], 9_000_000 + n, 400.5 + n) for n, row in enumerate(ROWS_TC)]
    found = languages.lay(table(LABELS_EN, ROWS_EN), table(LABELS_TC, other))
    assert found.reason == "other-table"
    assert found.differences == ()
    assert languages.lay(replace(words[0], cut=True), words[1]).reason == "too-long"


def test_a_column_in_another_unit_is_told_once_and_not_in_every_row():
    """Thousands in one file and ones in the other differ in all rows: that is one fact about the column."""
    rows = [(day, name, count * 1000, rate) for day, name, count, rate in ROWS_TC]
    found = languages.lay(table(LABELS_EN, ROWS_EN), table(LABELS_TC, rows))
    assert told(found) == {("column", "Count", "數目")}


cells = st.one_of(
    st.integers(-(10**6), 10**6), st.floats(-1e6, 1e6).map(lambda value: round(value, 3)), st.just(""), st.dates(),
    st.sampled_from(["N.A.", "2020-01-01", "x", "1,234"]),
)  # fmt: skip


@given(st.lists(st.tuples(cells, cells, cells), min_size=1, max_size=30), st.randoms(use_true_random=False))
def test_a_table_never_differs_from_itself_in_another_order(rows, dice):
    """Whatever the cells: the same rows shuffled are the same table, and nothing is said against them."""
    shuffled = list(rows)
    dice.shuffle(shuffled)
    found = languages.lay(table("abc", rows), table("甲乙丙", shuffled))
    assert found.differences == ()


@pytest.mark.parametrize(
    ("one", "two", "same"),
    [
        ("1,234", 1234, True), ("HK$1,234.50", 1234.5, True), ("(5)", -5, True), ("12.5%", "12.5", True),
        ("N.A.", "", True), ("不適用", None, True), ("3.14159", "3.14", True), ("3.19", "3.1", False), (3, 4, False),
        ("5 March 2024", date(2024, 3, 5), True), ("05/03/2024", "2024-03-05", True), ("Mar 2024", "2024年3月", True),
        ("2024年", "2024", False), ("臺灣", "台湾", True), ("ABC", "abc", True), ("１２", "12", True),
    ],
)  # fmt: skip
def test_cells_are_equal_by_what_they_say(one, two, same):
    """Separators, signs of money, scripts of digits and ways of writing a day do not count; another value does."""
    assert equal(read(one), read(two)) is same


def old_and_new(*columns, **more):
    old = shape(
        column("Date", "date"), column("Stop"), column("Count", "integer", 1, 90), rows=100, latest="2026-09-30"
    )
    return versions.lay(old, shape(*columns, **{"rows": 104, "latest": "2026-10-31", **more}))


@pytest.mark.parametrize(
    ("columns", "expected"),
    [
        ((column("Date", "date"), column("Stop"), column("Total", "integer", 3, 80)), {("renamed", "Count", "Total")}),
        ((column("DATE", "date"), column("Stop"), column("Count", "integer", 1, 90)), {("renamed", "Date", "DATE")}),
        ((column("Date", "date"), column("Stop")), {("lost", "Count", None)}),
        ((column("Date", "date"), column("Stop"), column("Count", "integer", 1, 9), column("Unit")),
         {("added", None, "Unit")}),
        ((column("Date", "date"), column("Stop"), column("Count")), {("retyped", "Count", "Count")}),
        ((column("Stop"), column("Date", "date"), column("Count", "integer", 1, 90)), {("reordered", None, None)}),
        ((column("Date", "date"), column("Stop"), column("Note")), {("lost", "Count", None), ("added", None, "Note")}),
        ((column("Date", "date"), column("Stop"), column("Count", "number", 1, 90.5)), set()),
    ],
)  # fmt: skip
def test_every_way_a_table_drifts_has_its_name(columns, expected):
    """Renamed, lost, added, retyped, reordered; more decimals and more rows are no drift."""
    found = old_and_new(*columns)
    assert (told(found), found.facts["moved"]) == (expected, 1)


def test_rows_that_collapse_and_dates_that_go_back_are_told():
    """By how much is in the two values; a file that only lost some rows has not collapsed."""
    same = (column("Date", "date"), column("Stop"), column("Count", "integer", 1, 90))
    found = old_and_new(*same, rows=7, latest="2026-08-31")
    assert [(each.code, each.value_a, each.value_b) for each in found.differences] == [
        ("rows-fell", "100", "7"), ("period-back", "2026-09-30", "2026-08-31"),
    ]  # fmt: skip
    assert old_and_new(*same, rows=60).differences == ()


def test_a_frozen_copy_under_a_new_stamp_is_seen_by_its_cells():
    """Where nothing but a date cell changed that cell is told; where nothing changed, that it was written anew."""
    one = shape(column("Updated", "date"), column("Count", "integer", 1, 2), rows=2)
    assert versions.needs_bodies(one, one)
    before = table(("Updated", "Count"), [("2026-11-01", 1), ("2026-11-01", 2)])
    after = table(("Updated", "Count"), [("2026-11-02", 1), ("2026-11-02", 2)])
    found = versions.with_bodies(versions.lay(one, one), before, after)
    assert [(each.code, each.row_b, each.value_a, each.value_b) for each in found.differences] == [
        ("restamped", 2, "2026-11-01", "2026-11-02"), ("restamped", 3, "2026-11-01", "2026-11-02"),
    ]  # fmt: skip
    assert versions.with_bodies(versions.lay(one, one), before, before).differences[0].code == "rewritten"
    real = table(("Updated", "Count"), [("2026-11-02", 2), ("2026-11-02", 1)])
    assert versions.with_bodies(versions.lay(one, one), before, real).differences == ()


def offer(address, title="Figures", format_="csv"):
    return Offer(address, title, format_, address)


@pytest.mark.parametrize(
    ("addresses", "count"),
    [
        (("https://x.hk/a_en.csv", "https://x.hk/a_tc.csv", "https://x.hk/a_sc.csv"), 3),
        (("https://x.hk/en/data.csv", "https://x.hk/tc/data.csv"), 1),
        (("https://x.hk/en/data_en.csv", "https://x.hk/zh-hk/data_zh-hk.csv"), 1),
        (("https://x.hk/get?lang=en&id=3", "https://x.hk/get?lang=tc&id=3"), 1),
        (("https://x.hk/list_e.csv", "https://x.hk/list_c.csv"), 1),
        (("https://x.hk/t/list_e.csv", "https://x.hk/t/list_c.csv"), 1),
        (("https://x.hk/a06e401_en.csv", "https://x.hk/a06e401_tc.csv"), 1),
        (("https://x.hk/06/e/401_en.csv", "https://x.hk/06/e/401_tc.csv"), 1),
        (("https://x.hk/list_e.csv", "https://x.hk/list_c.csv", "https://x.hk/list_d.csv"), 0),
        (("https://x.hk/a_en.csv", "https://x.hk/b_tc.csv"), 0),
        (("https://en.x.hk/a.csv", "https://x.hk/a.csv"), 0),
    ],
)  # fmt: skip
def test_pairs_are_found_by_their_marks_of_language(addresses, count):
    """A mark in the leaf, the folder or the query pairs two files; letters that count a list do not."""
    assert len(pairs([offer(address) for address in addresses])) == count


def test_titles_pair_what_addresses_do_not_and_only_where_it_is_certain():
    """Two files named for their languages are a pair; where two bear one title nobody can tell which."""
    one, two = offer("https://x.hk/1.csv", "Figures (English)"), offer("https://x.hk/2.csv", "Figures (Chinese)")
    assert pairs([one, two]) == [(one, two)]
    assert pairs([one, two, offer("https://x.hk/3.csv", "Figures (English)")]) == []
    assert pairs([one, replace(two, format="json")]) == []
