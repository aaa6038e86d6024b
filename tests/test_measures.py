"""Measures of three profiles (the MQA, Portal Watch, Toronto): each by example, worked by hand."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harvester.compare.records import Comparison
from harvester.records import Column, Profile, Trilingual
from scoring.criteria import judge
from scoring.facts import Beside, Case, DatasetFacts
from scoring.measures import MEASURES, take
from scoring.measures.toronto import age_worth, period_worth
from scoring.measures.vocabularies import (
    EU_FILE_TYPES,
    IANA_FORMATS,
    LOCAL_FILE_TYPES,
    LOCAL_MACHINE_READABLE,
    LOCAL_NON_PROPRIETARY,
    MQA_MACHINE_READABLE,
    MQA_NON_PROPRIETARY,
    format_code,
)
from scoring.rubric import load_rubrics
from tests.golden_datasets import AS_OF, FEED, PDF, body, dataset, resource
from tests.golden_records import DATES, HONG_KONG, hong_kong, rich, unvisited

OURS = frozenset({"mqa-405", "mqa-405-applicable", "portalwatch", "toronto-2023"})
USED = sorted(
    {name for rubric in load_rubrics() if rubric.profile in OURS for name in rubric.criteria() if name in MEASURES}
)
APART, UNKNOWN = "does not apply", "unknown"


def measured(name, facts: DatasetFacts):
    """Take one measure of a dataset."""
    case = Case(facts, AS_OF)
    (found,) = take(case, judge(case), {name})
    return found


def worth(name, facts):
    """What a measure comes to in one word or number."""
    found = measured(name, facts)
    return APART if not found.applies else UNKNOWN if found.value is None else found.value


NOBODY = {"maintainer": Trilingual(), "maintainer_email": None}
EMPTY = replace(
    hong_kong(
        resource(status=404, format="", url=""), title=Trilingual(), notes=Trilingual(None, " "), category=None,
        created=None, modified=None, **NOBODY,
    ),
    provider=replace(hong_kong().provider, title=Trilingual()),
)  # fmt: skip
"""A record that says nothing, of one resource that is gone."""

# One measure: of a record that says all; of DATA.GOV.HK's; of one that says nothing, at DATA.GOV.HK.
RECORDS = {
    "title_present": (1, 1, 0), "description_present": (1, 1, 0), "keyword_present": (1, APART, APART),
    "category_present": (1, 1, 0), "spatial_present": (1, APART, APART), "temporal_present": (1, 1, 0),
    "access_url_ok": (1, 1, 0), "access_url_present": (1, 1, 0), "access_url_valid": (1, 1, 0),
    "download_url_present": (1, 1, 0), "download_url_ok": (1, 1, 0), "format_present": (1, 1, 0),
    "media_type_present": (1, APART, APART), "format_of_iana": (1, 1, 0), "open_format": (1, 1, 0),
    "machine_format": (1, 1, 0), "format_accurate": (1, 1, UNKNOWN), "size_accurate": (1, APART, APART),
    "best_format": (1, 1, 0), "best_media_type": (1, APART, APART), "best_format_listed": (1, 1, 0),
    "best_non_proprietary": (1, 1, 0), "best_machine_readable": (1, 1, 0), "dcat_ap_valid": (APART, APART, APART),
    "licence_present": (1, 0, 0), "licence_listed": (1, 0, 0), "access_rights_present": (1, APART, APART),
    "access_rights_listed": (1, APART, APART), "rights_present": (1, APART, APART), "contact_present": (1, 1, 0),
    "contact_or_publisher": (1, 1, 0), "contact_mail_present": (1, 1, 0), "contact_mail_valid": (1, 1, APART),
    "contact_url_valid": (1, APART, APART), "publisher_present": (1, 1, 0),
    "information_url_present": (1, APART, APART), "byte_size_present": (1, APART, APART),
    "issued_present": (1, 1, 0), "modified_present": (1, 1, 0),
    "dates_present": (1, 1, 0), "dates_readable": (1, 1, 0),
    # all four fields, and no column described: (1 + 0) / 2; three of four: (3/4 + 0) / 2; none, and nothing to describe
    "metadata_filled": (0.5, 0.375, 0), "columns_described": (0, 0, APART), "tagged": (1, 0.5, 0.5),
    "fresh_by_period": (1, 1, UNKNOWN), "fresh_by_age": (1, 1, UNKNOWN), "delivery": (0.5, 0.5, 0.5),
    "cells_filled": (1, 1, APART), "columns_usable": (1, 1, APART),
}  # fmt: skip


@pytest.mark.parametrize("name", USED)
def test_each_measure_at_its_best_in_hong_kong_and_at_its_worst(name):
    """One record that says all, one as DATA.GOV.HK's are, and one that says nothing."""
    assert tuple(worth(name, facts) for facts in (rich(), hong_kong(), EMPTY)) == RECORDS[name]


TWO = (resource(body(), **DATES), resource(body(**PDF), number=2, format="PDF", kind="page", url="www.gov.hk"))
LAID = Comparison(facts={"columns": 4, "named": 3})


def laid(reason=None, *files):
    """A table with a dictionary that names three of its four columns, or could not be laid beside it for a reason."""
    facts = hong_kong(*files, dictionary_url="https://a.gov.hk/dictionary.csv")
    return replace(facts, beside=Beside({"a": replace(LAID, reason=reason)}))


# What one half or a part of the resources has: the value, and its bounds where a part is unknown.
PARTS = [
    ("access_url_valid", hong_kong(*TWO), 1 / 2), ("access_url_present", hong_kong(*TWO), 1),
    ("download_url_present", hong_kong(*TWO), 1 / 2), ("download_url_ok", hong_kong(*TWO), 1 / 2),
    ("access_url_ok", hong_kong(*TWO), 1), ("machine_format", hong_kong(*TWO), 1 / 2),
    # OpenDataMonitor calls PDF open, the MQA does not
    ("open_format", hong_kong(*TWO), 1), ("best_non_proprietary", hong_kong(*TWO), 1),
    ("best_non_proprietary", hong_kong(TWO[1]), 0), ("best_machine_readable", hong_kong(TWO[1]), 0),
    ("best_format_listed", hong_kong(TWO[1]), 1),
    ("format_accurate", hong_kong(TWO[0], resource(body(**PDF), number=2)), 1 / 2),
    # four of the six dates of a dataset and two resources
    ("dates_present", hong_kong(resource(body(), **DATES), resource(body(), number=2)), round(4 / 6, 4)),
    ("dates_readable", hong_kong(resource(body(), **DATES | {"modified": "31/31/2026"})), 3 / 4),
    ("issued_present", hong_kong(TWO[0], resource(body(), number=2), created=None), 1 / 2),
    ("modified_present", hong_kong(TWO[0], resource(body(), number=2), modified=None), 1 / 2),
    ("byte_size_present", rich(resource(body(), size=4_000), resource(body(), number=2)), 1 / 2),
    ("media_type_present", rich(resource(body(), mimetype="text/csv"), resource(body(), number=2)), 1 / 2),
    ("size_accurate", rich(resource(body(), size=4_000), resource(body(), number=2, size=5_000)), 1 / 2),
    ("contact_mail_valid", hong_kong(maintainer_email="a@a.gov.hk; b@b.gov.hk"), 1),
    ("contact_mail_valid", hong_kong(maintainer_email="2123 4567"), 0),
    ("contact_or_publisher", hong_kong(**NOBODY), 1),
    ("contact_present", hong_kong(**NOBODY), 0), ("contact_mail_present", hong_kong(**NOBODY), 0),
    ("contact_url_valid", rich(extras='{"en": {"contact_url": "on request"}}'), 0),
    ("access_rights_listed", rich(extras='{"en": {"access_rights": "http://x/access-right/PUBLIC"}}'), 1),
    ("access_rights_listed", rich(extras='{"en": {"access_rights": "ask us"}}'), 0),
    ("keyword_present", rich(extras="{}"), 0), ("tagged", rich(extras="{}"), 0.5),
    ("licence_present", hong_kong(licence_title="Our own terms"), 1),
    ("licence_listed", hong_kong(licence_title="Our own terms"), 0),
    ("licence_listed", hong_kong(licence_title="https://creativecommons.org/licenses/by/4.0/"), 1),
    ("licence_listed", hong_kong(licence_id="odc-odbl"), 1),
    ("licence_listed", hong_kong(licence_id="notspecified"), 0),
    # a call whole, a file half
    ("delivery", hong_kong(TWO[0], resource(body(**FEED), number=2, kind="api")), 3 / 4),
    ("fresh_by_period", hong_kong(resource(body("2026-11-01")), period_days=7.0), 1 - (2 / 4) ** 2),
    ("fresh_by_period", hong_kong(resource(body(None)), schedule="as-needed", period_days=None), 1),
    ("fresh_by_period", hong_kong(resource(body(None, **FEED)), schedule="real-time", period_days=None), 1),
    ("fresh_by_period", hong_kong(resource(body(None))), UNKNOWN),
    ("fresh_by_age", hong_kong(resource(body(None))), UNKNOWN),
    ("fresh_by_period", hong_kong(schedule="unknown", period_days=None), UNKNOWN),
    ("columns_described", laid(), 3 / 4), ("columns_described", laid("not-readable"), UNKNOWN),
    ("metadata_filled", laid(), 3 / 4), ("metadata_filled", laid("not-readable"), 3 / 4),
    ("columns_described", hong_kong(TWO[1]), APART), ("columns_described", hong_kong(resource(status=404)), APART),
    ("metadata_filled", hong_kong(resource(status=404)), 3 / 4),
]  # fmt: skip


@pytest.mark.parametrize(("name", "facts", "value"), PARTS)
def test_measures_by_parts(name, facts, value):
    """Shares of the resources, what the best one has, and how late is how much worth."""
    assert worth(name, facts) == value


# One CSV that is there, and one that nobody visited: the value is of what was seen, its bounds are of both.
HALF = (0.5, 1)
UNSEEN = {
    "access_url_ok": (1, *HALF), "download_url_ok": (1, *HALF), "format_accurate": (1, *HALF),
    "size_accurate": (1, *HALF), "cells_filled": (1, *HALF), "columns_usable": (1, *HALF),
}  # fmt: skip


@pytest.mark.parametrize("name", USED)
def test_only_what_takes_a_visit_is_unknown_without_one(name):
    """What the record says is known whether anybody looked or not; what takes a visit has bounds until then."""
    second = unvisited(number=2, **DATES, mimetype="text/csv", size=4_000)
    first = resource(body(), **DATES, mimetype="text/csv", size=4_000)
    found = measured(name, rich(first, second))
    if not found.applies:
        assert name == "dcat_ap_valid"
    elif name in UNSEEN:
        assert (found.value, found.low, found.high) == UNSEEN[name]
    else:
        assert found.value == found.low == found.high


def test_a_dictionary_is_counted_table_by_table():
    """Of three tables one is laid and one was not visited: three quarters of what is known, a quarter at least."""
    other = resource(body(sha256="b"), number=2)
    found = measured("columns_described", laid(None, resource(body()), other, unvisited(number=3)))
    # 0.75 of one table; (0.75 + 0 + 0) / 3 at least, (0.75 + 1 + 1) / 3 at most
    assert (found.value, found.low, found.high) == (0.75, 0.25, round(2.75 / 3, 4))


def test_the_worst_table_is_named_by_its_share_and_not_by_how_it_is_written():
    """Of 5 % and 100 % filled the emptier is told, though its text begins with a higher digit."""
    sparse = Profile(40, (Column("Rainfall amount", "number", 0.95, 3),))
    found = measured("cells_filled", hong_kong(resource(body()), resource(body(profile=sparse), number=2)))
    # 1, and 1 - 0.95
    assert (found.value, found.facts["worst"]) == (0.525, "5%")


def test_every_measure_of_the_profiles_has_its_example():
    """None is weighed that is not tried here."""
    assert sorted(RECORDS) == USED


@pytest.mark.parametrize(
    ("days", "period", "value"),
    [
        (1, 1, 1), (2, 1, 1 - (1 / 7) ** 2), (8, 1, 0), (35, 7, 0), (21, 7, 1 - (2 / 4) ** 2),
        (45, 30, 1 - (0.5 / 2) ** 2),
        (91, 91, 1), (273, 91, 0), (365, 182, 1 - (183 / 182 / 2) ** 2), (365, 365, 1), (548, 365, 0),
        (456, 365, 1 - (91 / 365 / 0.5) ** 2),
        # every few minutes is held to a day; every second month to what a quarter may be late
        (1, 0.01, 1), (90, 60, 1 - (0.5 / 2) ** 2),
    ],
)  # fmt: skip
def test_how_late_is_worth_what_toronto_says(days, period, value):
    """Each of Toronto's periods, on time and late, and those it does not name."""
    assert period_worth(days, period) == pytest.approx(max(0, value))


def test_age_is_worth_full_two_years_and_nothing_after_three():
    """1 to 730 days, then 1 - (days/1095)^2, from 0.55 down."""
    assert [age_worth(days) for days in (0, 730, 1095, 4000)] == [1, 1, 0, 0]
    assert age_worth(731) == pytest.approx(1 - (731 / 1095) ** 2)


@given(st.floats(0, 5000), st.floats(0, 5000), st.floats(0.01, 4000))
def test_later_is_never_better(one, other, period):
    """Whatever the period, data that changed longer ago is worth no more."""
    earlier, later = sorted((one, other))
    assert 0 <= period_worth(later, period) <= period_worth(earlier, period) <= 1
    assert 0 <= age_worth(later) <= age_worth(earlier) <= 1


DROPDOWN = (
    "3DS API ASC CESIUM3DTILES CSV DAE DGN DWG FBX FGDB GPKG TIFF GFS GLTF GML GTFS GeoJSON ICS JPEG JSON KML KMZ MAX "
    "MDB OBJ OSGB PNG RINEX RSS RTCM SHP TEXT VRML XLS XLSM XLSX XML ZIP"
)
"""The formats that departments choose from, as the records keep them."""


def test_the_formats_of_hong_kong_are_on_the_lists_or_left_off_on_purpose():
    """What the lists leave out is no format (API) or a program's own; nothing is extended that was listed."""
    codes = {format_code(each) for each in DROPDOWN.split()}
    assert codes - EU_FILE_TYPES - LOCAL_FILE_TYPES == {"API", "3DS", "FBX", "GFS", "MAX", "OSGB"}
    assert not LOCAL_FILE_TYPES & EU_FILE_TYPES
    assert not LOCAL_MACHINE_READABLE & MQA_MACHINE_READABLE
    assert not LOCAL_NON_PROPRIETARY & MQA_NON_PROPRIETARY
    assert {"GML", "GPKG", "GTFS"} <= LOCAL_MACHINE_READABLE & LOCAL_NON_PROPRIETARY
    assert {format_code(each) for each in ["CSV", "JSON", "XML", "XLSX", "GeoJSON", "KML"]} <= IANA_FORMATS
    assert len(MQA_MACHINE_READABLE) == 20


def test_a_dataset_without_resources_is_a_no_and_no_crash():
    """Every measure of the profiles has a value, or says why not, where there is nothing to look at."""
    facts = replace(dataset(), portal=HONG_KONG)
    shares = [name for name, (_, here, _) in RECORDS.items() if here == 1 and name.startswith(("access_url", "best_"))]
    assert [worth(name, facts) for name in shares] == [0] * len(shares)
    assert {worth(name, facts) for name in USED} <= {0, 0.5, 0.75, 1, APART, UNKNOWN}
