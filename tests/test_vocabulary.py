"""Raw words of the catalogue read as periods, dates, formats and kinds of address; the unknown stays unknown."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harvester.records import Kind
from harvester.vocabulary import Frequency, address_kind, host_of, read_date, read_format, read_frequency

YEAR, MONTH, QUARTER, WEEK, HOUR = 365.2425, 365.2425 / 12, 365.2425 / 4, 7.0, 1 / 24

FOUR_DEPARTMENTS = (
    "Social Welfare Department:  as necessary;\nFood and Environmental Hygiene Department: twice daily;\n"
    "Home Affairs Department: as necessary;\nHome Affairs Bureau: as necessary."
)
PERIODS: dict[float, list[str]] = {
    YEAR: [
        "Annually", "ANNUALLY", "Yearly", "yearly", "Annual", "Every 1 year", "Every year", "every year", "Once a year",
        "Annually and as\nnecessary", "Yearly or as and when necessary", "Annual/ Ad hoc", "Quarterly/ Annual",
        "Monthly/ Annual", "On yearly basis", "Half-yearly/ Annual", "Social Welfare Department:  once a year",
        "Yearly - Competent Persons (Class 6)", 'Monthly, except for "Completions" to be updated annually',
        "To be updated yearly along with the Annual Report on River Water Quality in Hong Kong (Usually in Q3)",
        "每年", "每一年", "每年及有需要時", "每年更新", "每年一次",
    ],
    YEAR / 2: [
        "Half-yearly", "Every 6 months", "Every Six Months", "Every six months", "Twice per year", "January and July",
        "Biannually or as and when necessary", "每半年", "半年", "每六個月", "每6个月", "每年兩次",
    ],
    2 * YEAR: ["About every two years", "每兩年", "每两年", "每隔兩年"],
    3 * YEAR: ["Every 3 years", "Every two to three years", "每三年", "每两至三年"],
    5 * YEAR: ["Every five year", "每五年"],
    QUARTER: [
        "Quarterly", "QUARTERLY", "Quarterly and as necessary", "Every 3 months", "每季", "每三個月", "每三个月",
        "每季度",
    ],
    2 * MONTH: ["Every 2 months", "每兩個月", "每两个月"],
    MONTH: [
        "Monthly", "monthly", "Monthly and as necessary", "Every 1 month", "Once a month", "Monthly/ Ad hoc",
        "Every mid of month", "Monthly - Registered Vehicle Mechanics\n", "每月", "每個月", "每月及按需要", "每月一次",
    ],
    2 * WEEK: ["Bi-Weekly", "Fortnightly", "每兩星期", "每两周"],
    WEEK: ["Weekly", "Every Week", "Every Friday", "每周", "每週", "每星期", "逢星期五", "每星期五"],
    WEEK / 2: ["Every Monday and Thursday", "每星期一及四", "逢星期一及星期四"],
    1.0: [
        "Daily", "Everyday", "Daily at 9:00am", "Daily at 6:00pm", "Daily (updated to previous calendar day)",
        "Daily at 12:05am, 12:05pm, 2:00pm and as necessary", "每日", "每天", "每日上午九時",
        "AQHI: hourly / Forecast: 00:30, 10:30 and 16:30 everyday and as required",
    ],
    0.5: [
        "Twice daily", "Twice daily and as necessary", "Twice daily and when there is update", "每日兩次", "每日2次",
        FOUR_DEPARTMENTS,
    ],
    HOUR: ["Hourly", "Hourly and as necessary", "Hourly and when there is update", "每小時", "每小时"],
    HOUR / 4: ["Every 15 minutes during office hours", "每15分鐘", "每十五分鐘"],
    HOUR / 30: ["Every 2 minutes", "每兩分鐘"],
    HOUR / 60: ["Estimated time of arrivals of next ferry trip updated every 1 mintue.", "每分鐘"],
    HOUR / 120: ["Every 30 seconds", "每30秒"],
}  # fmt: skip
AS_NEEDED = [
    "As and when necessary", "As and When Necessary", "AS AND WHEN NECESSARY", "As necessary", "Ad hoc", "Ad-hoc",
    "As and when required", "On a need basis", "Update when necessary", "When necessary", "有需要時", "按需要更新",
    "視乎需要", "不定期", "需要时更新",
]  # fmt: skip


@pytest.mark.parametrize(("period", "text"), [(period, text) for period, texts in PERIODS.items() for text in texts])
def test_a_period_is_read_in_three_languages(period: float, text: str) -> None:
    """Every form seen on the portal gives its period in days."""
    assert read_frequency(text) == Frequency("periodic", pytest.approx(period, abs=1e-5))


@pytest.mark.parametrize("text", AS_NEEDED)
def test_as_necessary_cannot_be_scheduled(text: str) -> None:
    """A publisher who promises no date is not held to one."""
    assert read_frequency(text) == Frequency("as-needed")


@pytest.mark.parametrize("text", ["Real-time", "Real-Time", "Realtime", "實時", "实时"])
def test_a_live_feed_is_one(text: str) -> None:
    """Real time is its own schedule."""
    assert read_frequency(text) == Frequency("real-time")


@pytest.mark.parametrize(
    "text", ["N/A", "", "不適用", "-", "see website", "Class 6", "May contain errors", "Second edition"]
)
def test_the_unknown_stays_unknown(text: str) -> None:
    """No period is made up where none is named."""
    assert read_frequency(text) == Frequency("unknown")


def test_the_other_instances_help_where_one_cannot_be_read() -> None:
    """A period named in Chinese counts where the English says nothing readable, and before "as necessary"."""
    assert read_frequency("N/A", "每月", None) == Frequency("periodic", pytest.approx(MONTH, abs=1e-5))
    assert read_frequency("As necessary", None, "每年").schedule == "periodic"
    assert read_frequency(None, None, None) == Frequency("unknown")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("24/06/2026", "2026-06-24"),
        ("1/2/2021", "2021-02-01"),
        ("2021-07-02", "2021-07-02"),
        ("2021-07-02T05:48:58.212917", "2021-07-02T05:48:58Z"),
        ("2021-07-02T10:00:00+08:00", "2021-07-02T02:00:00Z"),
        ("2021-07-02 10:00:00Z", "2021-07-02T10:00:00Z"),
        ("1/2/2021 2:30 pm", "2021-02-01T06:30:00Z"),
        ("2021/7", "2021-07-01"),
        ("20210702", "2021-07-02"),
        ("2 July 2021", "2021-07-02"),
        ("Jul 2021", "2021-07-01"),
        ("2021年7月2日", "2021-07-02"),
        ("2021", "2021-01-01"),
        ("31/02/2021", None),
        ("24/13/2026", None),
        ("2 Nonsense 2021", None),
        ("soon", None),
        ("", None),
        (None, None),
        (20210702, None),
    ],
)
def test_dates_in_all_seen_forms(text: object, expected: str | None) -> None:
    """The day comes before the month; a time without a zone is UTC in CKAN's form and Hong Kong's by hand."""
    assert read_date(text) == expected


@given(st.dates(), st.sampled_from(["%d/%m/%Y", "%Y-%m-%d", "%Y/%m/%d", "%Y%m%d", "%Y年%m月%d日"]))
def test_a_date_written_in_any_form_comes_back(day: object, form: str) -> None:
    """Writing a date and reading it again gives the same date."""
    year, month, number = str(day).split("-")
    text = form.replace("%d", number).replace("%m", month).replace("%Y", year)
    assert read_date(text) == str(day)


@given(st.datetimes(min_value=datetime(1900, 1, 1), max_value=datetime(2200, 1, 1)))  # noqa: DTZ001 -- CKAN writes no zone
def test_ckans_own_moments_are_utc(moment: datetime) -> None:
    """What CKAN writes is read to the second."""
    assert read_date(moment.isoformat()) == moment.replace(tzinfo=UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("CSV", "csv"), (".xlsx", "xlsx"), ("GeoJSON", "geojson"), ("GEOPACKAGE", "gpkg"), ("GeoTIFF", "tiff"),
        ("JPG", "jpeg"), ("KML/KMZ/XLS", "kml"), ("text/csv; charset=utf-8", "csv"),
        ("application/vnd.ms-excel", "xls"),
        ("application/json", "json"), ("API", "api"), ("CESIUM3DTILES", "cesium3dtiles"), (" ", ""), (None, ""),
    ],
)  # fmt: skip
def test_formats_have_one_name(text: object, expected: str) -> None:
    """Names, extensions and media types come to one word."""
    assert read_format(text) == expected


KINDS: list[tuple[str, bool | None, str, Kind]] = [
    ("https://a.gov.hk/data.csv", False, "CSV", "file"),
    ("https://a.gov.hk/data.json", True, "JSON", "api"),
    ("https://a.gov.hk/rest/flights/past?date=<date>&lang=en", True, "JSON", "template"),
    ("https://rt.data.gov.hk/v2/route/{routeId}", True, "JSON", "template"),
    ("https://rt.data.gov.hk/v2/route/%7BrouteId%7D", True, "JSON", "template"),
    ("https://api.data.gov.hk/v2/filter?q=%7B%22resource%22%3A%22x%22%2C%22section%22%3A1%7D", True, "JSON", "api"),
    ("https://portal.csdi.gov.hk/geoportal/?datasetId=afcd_rcd_1635", False, "API", "page"),
    ("https://www.censtatd.gov.hk/en/web_table.html?id=110-01001&download_csv=1", False, "CSV", "page"),
    ("https://www.censtatd.gov.hk/api/get.php?id=110-01001&lang=en&full_series=1", True, "JSON", "api"),
    ("https://data.weather.gov.hk/weatherAPI/opendata/weather.php?dataType=fnd&lang=en", True, "JSON", "api"),
    ("https://a.gov.hk/download.aspx?id=3", False, "CSV", "file"),
    ("https://a.gov.hk/wfs?service=WFS&request=GetFeature", None, "GML", "api"),
    ("https://a.gov.hk/register", False, "HTML", "page"),
    ("", None, "", "file"),
]


@pytest.mark.parametrize(("url", "is_api", "declared", "kind"), KINDS)
def test_files_apis_pages_and_templates_are_told_apart(
    url: str, is_api: bool | None, declared: str, kind: Kind
) -> None:
    """An address is what its shape says, whatever the record calls it."""
    assert address_kind(url, is_api, declared) == kind


@given(st.text(), st.text(), st.none() | st.booleans())
def test_no_text_makes_the_vocabulary_raise(text: str, other: str, flag: bool | None) -> None:
    """Whatever a department writes, reading it ends in a plain value."""
    frequency = read_frequency(text, other)
    assert (frequency.period_days is not None) == (frequency.schedule == "periodic")
    assert frequency.period_days is None or frequency.period_days > 0
    assert read_date(text) is None or read_date(text)
    assert read_format(text) == read_format(text).lower()
    assert address_kind(text, flag, other) in ("file", "api", "page", "template")
    assert host_of(text) == host_of(text).lower()


@given(
    st.lists(
        st.sampled_from([*"每隔兩三年月日週季次半個一二十0123 ", "every ", "year", "twice ", "month", "/", "daily "])
    )
)
def test_texts_made_of_its_own_words_do_not_break_it(words: list[str]) -> None:
    """Any order of frequency words is read or left unknown, with a period that is a sane length."""
    frequency = read_frequency("".join(words))
    assert frequency.period_days is None or 0 < frequency.period_days < 10_000 * YEAR
