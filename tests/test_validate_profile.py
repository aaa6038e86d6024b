"""What a table holds: when, where, and what is written in several ways."""

from datetime import date

import pytest

from harvester.validate.moments import Told, of_column, of_text
from harvester.validate.places import named_exactly, named_within
from harvester.validate.profile import of_table
from harvester.validate.texts import Texts

TODAY = date(2026, 11, 23)


@pytest.mark.parametrize(
    ("text", "label", "start", "end"),
    [
        ("2026-03-05", "x", "2026-03-05", "2026-03-05"),
        ("2026-03-05T10:00:00+08:00", "x", "2026-03-05", "2026-03-05"),
        ("05/03/2026", "x", "2026-03-05", "2026-03-05"),
        ("5-3-2026", "x", "2026-03-05", "2026-03-05"),
        ("12/25/2025", "x", "2025-12-25", "2025-12-25"),
        ("20260305", "Date", "2026-03-05", "2026-03-05"),
        ("202507192220", "Date time", "2025-07-19", "2025-07-19"),
        ("202603", "年月", "2026-03-01", "2026-03-31"),
        ("2026-02", "x", "2026-02-01", "2026-02-28"),
        ("02/2024", "x", "2024-02-01", "2024-02-29"),
        ("2024", "Year", "2024-01-01", "2024-12-31"),
        ("1884", "年/Year", "1884-01-01", "1884-12-31"),
        ("2018/19", "School year", "2018-04-01", "2019-03-31"),
        ("2018-2019", "x", "2018-04-01", "2019-03-31"),
        ("2026年3月", "x", "2026-03-01", "2026-03-31"),
        ("2026年3月5日", "x", "2026-03-05", "2026-03-05"),
        ("5 Mar 2026", "x", "2026-03-05", "2026-03-05"),
        ("March 2026", "x", "2026-03-01", "2026-03-31"),
        ("Mon, 28 Sep 2026 08:00:00 +0800", "pubDate", "2026-09-28", "2026-09-28"),
        ("2026 Q1", "x", "2026-01-01", "2026-03-31"),
    ],
)
def test_a_point_in_time_is_read_in_many_forms(text: str, label: str, start: str, end: str) -> None:
    """Each way of writing a date is read as the days it stands for, day before month."""
    span = of_text(text, label)
    assert span is not None
    assert (span.start.isoformat(), span.end.isoformat()) == (start, end)


@pytest.mark.parametrize(
    ("text", "label"),
    [
        ("20191234", "Date"), ("20191230", "Telephone"), ("2019", "Count"), ("2019", "Code"), ("20200101", "Ref no."),
        ("2026-13", "x"), ("31/02/2026", "x"), ("837301", "EASTING"), ("1.5", "Year"), ("", "Date"),
        ("Mayor 2026", "x"),
    ],
)  # fmt: skip
def test_other_numbers_are_not_dates(text: str, label: str) -> None:
    """Telephone numbers, codes, counts and impossible days are not taken for dates."""
    assert of_text(text, label) is None


def test_a_column_is_dates_only_where_most_of_it_is() -> None:
    """One date among words makes no column of dates; one slip among dates breaks none."""
    words = ["see 2020", "2020-01-01", "later"]
    assert of_column("Remark", words, TODAY, Texts(words)) == Told()
    days = [*(f"2020-01-{day:02}" for day in range(1, 10)), "N.A.", "soon"]
    told = of_column("Day", days, TODAY, Texts(days))
    assert (len(told.spans), told.moments, told.missed) == (9, 0, ("soon",))


def test_parts_of_a_date_are_put_together_and_the_future_is_not_believed() -> None:
    """Year, month and day columns make days; what begins after tomorrow counts for nothing."""
    labels = ["年/Year", "月/Month", "日/Day", "v"]
    rows = [["2026", "11", str(day), "1"] for day in range(1, 31)] + [["2030", "1", "1", "1"]]
    profile = of_table(labels, rows, (), TODAY)
    assert (profile.earliest, profile.latest, profile.periods) == ("2026-11-01", "2026-11-24", 23)


def test_districts_are_named_in_their_spellings() -> None:
    """English and Chinese spellings give the English name; compass words alone in prose give none."""
    assert named_exactly(["Central & Western", "灣仔區", "SHATIN", "东区", "Northern Lights"]) == {
        "Central and Western", "Wan Chai", "Sha Tin", "Eastern",
    }  # fmt: skip
    assert named_within("新界西貢黃石碼頭\nStanley, Southern District\nNorth Point, eastern side") == {
        "Sai Kung",
        "Southern",
    }
    profile = of_table(["地區"], [["中西區"], ["中西区"], ["離島"]], (), TODAY)
    assert profile.districts == ("Central and Western", "Islands")


def test_one_thing_written_in_several_ways_is_told() -> None:
    """Case, spacing, punctuation and & for and make variants; different places and codes do not."""
    rows = [
        ["Central & Western", "A-1"],
        ["Central and Western", "A1"],
        ["North", "a1"],
        ["North Point", "A 1"],
        ["Wan Chai ", "B"],
        ["Wan Chai", "C"],
    ]
    assert of_table(["d", "c"], rows, (), TODAY).variants == (
        ("Central & Western", "Central and Western"),
        ("Wan Chai", "Wan Chai "),
    )


@pytest.mark.parametrize(
    ("label", "one", "other", "same"),
    [
        ("Place", "Wan Chai", "WANCHAI", True),
        ("Class", "Class A+", "Class A", False),
        ("Kind", "Class A-", "Class A", False),
        ("Member", "Chan Tai-man", "Chan Tai Man", True),
        ("Stop code", "ABCD", "abcd", False),
        ("OPENING HOURS", "Mondays, all day", "Mondays all day", False),
        ("Web", "http://www.x.hk", "http://www.x.hk/", False),
        ("Hours", "Mon: open", "Mon:open", False),
        ("Service", "post\nstamps", "post stamps", False),
    ],
)
def test_variants_are_names_and_nothing_else(label: str, one: str, other: str, same: bool) -> None:
    """A sign may tell two things apart, codes may differ in case, and opening hours and addresses are no names."""
    found = of_table([label], [[one], [other], ["else"]], (), TODAY).variants
    assert found == ((tuple(sorted((one, other))),) if same else ())


@pytest.mark.parametrize(
    ("times", "periods"),
    [
        (["2024-01-02 01:00", "2024-01-02 02:00", "2024-01-02 03:00"], 3),
        (["202401020110", "202401020120"], 2),
        (["2024-01-02T09:00:00+08:00"], 1),
        (["2024-01-02", "2024-01-03"], 2),
    ],
)
def test_hours_of_one_day_are_points_in_time(times: list[str], periods: int) -> None:
    """A table of hours holds as many points in time as hours, not one for the day."""
    assert of_table(["Date time", "v"], [[time, 1] for time in times], (), TODAY).periods == periods


def test_what_was_measured_is_no_gap() -> None:
    """A trace of rain, a calm and a nil return are observations; three stars and N.A. are gaps."""
    rows = [["Trace"], ["Calm"], ["Nil"], ["***"], ["N.A."], *[["1.5"]] * 20]
    assert of_table(["Rainfall"], rows, ("any",), TODAY).columns[0].markers == 2


def test_columns_tell_gaps_ranges_and_repeats() -> None:
    """Shares of empty cells, markers, ranges with thousands commas, and rows that are told twice."""
    rows = [["1,200", "a"], ["", "b"], ["N/A", "b"], ["-3.5", "a"], ["-3.5", "a"]]
    profile = of_table(["n", "t"], rows, ("number", "string"), TODAY)
    number, text = profile.columns
    assert (number.null_share, number.markers, number.low, number.high, number.distinct) == (0.2, 1, -3.5, 1200.0, 3)
    assert (text.low, text.markers, profile.duplicate_rows) == (None, 0, 1)
