"""Portal Watch's twenty metrics: cases worked by hand, of values and of whole datasets."""

import pytest

from tests.golden_datasets import PDF, RUBRICS, body, dataset, hold, reckoned, resource, scored
from tests.golden_records import DATES, hong_kong, rich, unvisited

M = 100 / 20
"""One of the twenty metrics in points of 100."""
EXISTENCE = [
    "access_url_present", "title_present", "description_present", "keyword_present", "contact_or_publisher",
    "licence_present", "format_present", "media_type_present", "byte_size_present", "dates_present", "spatial_present",
    "temporal_present",
]  # fmt: skip
CONFORMANCE = [
    "access_url_valid", "contact_mail_valid", "contact_url_valid", "dates_readable", "licence_listed", "format_of_iana",
]  # fmt: skip
OPEN_DATA = ["open_format", "machine_format", "licence"]
REST = ["access_url_ok", "format_accurate", "size_accurate"]
NAMES = [*EXISTENCE, *CONFORMANCE, *OPEN_DATA, *REST]
ALL, NONE = dict.fromkeys(NAMES, 1.0), dict.fromkeys(NAMES, 0.0)

VALUES = [
    pytest.param(ALL, {}, (100, 100, 100), 1, id="everything"),
    pytest.param({}, {}, (None, 0, 100), 0, id="nothing known"),
    pytest.param(NONE, {}, (0, 0, 0), 1, id="all no"),
    pytest.param(NONE | dict.fromkeys(EXISTENCE, 1.0), {}, (8 * M,) * 3, 1, id="existence is eight"),
    pytest.param(NONE | dict.fromkeys(CONFORMANCE, 1.0), {}, (6 * M,) * 3, 1, id="conformance is six"),
    pytest.param(NONE | dict.fromkeys(OPEN_DATA, 1.0), {}, (3 * M,) * 3, 1, id="open data is three"),
    pytest.param(ALL | {"keyword_present": 0.0}, {}, ((19 + 2 / 3) * M,) * 3, 1, id="discovery by thirds"),
    pytest.param(
        ALL | {"media_type_present": 0.0, "byte_size_present": 0.0}, {}, ((19 + 1 / 3) * M,) * 3, 1,
        id="preservation by thirds",
    ),
    pytest.param(ALL | {"dates_present": 0.5}, {}, (19.5 * M,) * 3, 1, id="half of the dates"),
    # three of four visited, two of them answer
    pytest.param(
        ALL | {"access_url_ok": 2 / 3}, {"access_url_ok": (0.5, 0.75)},
        ((19 + 2 / 3) * M, 19.5 * M, 19.75 * M), (19 + 0.75) / 20, id="partly visited",
    ),
    pytest.param(
        ALL | {"access_url_ok": None, "licence": 0.0}, {}, (100 * 18 / 19, 18 * M, 19 * M), 19 / 20, id="not visited"
    ),
]  # fmt: skip


@pytest.mark.parametrize(("values", "bounds", "three", "known"), VALUES)
def test_the_metrics_by_hand(values, bounds, three, known):
    """The plain mean of twenty metrics, two of them asked field by field."""
    hold(reckoned("portalwatch", values, **bounds), *three, known)


def test_every_metric_weighs_the_same():
    """Eight metrics of existence, six of conformance, three of open data, one and two of the rest."""
    rubric = RUBRICS["portalwatch"]
    assert [item.criterion for item in rubric.items] == NAMES
    metrics = {name: sum(item.weight for item in items) / 3 for name, items in rubric.pillars.items()}
    assert metrics == {"existence": 8, "conformance": 6, "open-data": 3, "retrievability": 1, "accuracy": 2}
    assert rubric.bands == ()


# In metrics. The size is stated nowhere in Hong Kong, so that its accuracy does not arise: 19 remain.
DATASETS = [
    # address 1, discovery 2/3, contact 1, format 1/3, dates 1, time 1 = 5 | address, mail, dates, IANA = 4
    # | open, readable = 2 | answers 1 | format 1
    pytest.param(hong_kong(), (13, 13, 13), 19, 0, id="as DATA.GOV.HK has them"),
    # as before, and rights, a licence listed, and an open one
    pytest.param(hong_kong(licence_id="cc-by"), (16, 16, 16), 19, 0, id="with a licence of its own"),
    # listed among the licences that are not open
    pytest.param(hong_kong(licence_title="CC BY-NC 4.0"), (15, 15, 15), 19, 0, id="non-commercial"),
    # a spreadsheet is readable and not open
    pytest.param(
        hong_kong(resource(body(format="xlsx"), format="XLSX", **DATES)), (12, 12, 12), 19, 0, id="a spreadsheet"
    ),
    # a PDF in place of the CSV is declared as before; only the accuracy tells
    pytest.param(hong_kong(resource(body(**PDF), **DATES)), (12, 12, 12), 19, 0, id="a PDF declared as CSV"),
    # no time covered, and of four dates the dataset's two: a half is stated and can be read
    pytest.param(hong_kong(resource(body())), (13 - 1 - 0.5 - 0.5,) * 3, 19, 0, id="without the resource's dates"),
    # one date of four is no date: three quarters are stated in form
    pytest.param(
        hong_kong(resource(body(), **DATES | {"modified": "lately"})), (13 - 1 / 4,) * 3, 19, 0, id="an unreadable date"
    ),
    # no address robots may see: answers and format unknown, the latter counted since it may be told later
    pytest.param(hong_kong(resource(status=403, **DATES)), (11 * 19 / 17, 11, 13), 19, 2, id="blocked"),
    # one of two: half of the answers and of the accuracy unknown
    pytest.param(
        hong_kong(resource(body(), **DATES), resource(status=403, number=2, **DATES)), (13, 12, 13), 19, 1,
        id="partly visited",
    ),
    # gone is a no, and what its format was is not to be told
    pytest.param(hong_kong(resource(status=404, **DATES)), (11 * 19 / 18, 11, 12), 19, 1, id="gone"),
    # mail malformed
    pytest.param(hong_kong(maintainer_email="by telephone"), (12, 12, 12), 19, 0, id="no mail address"),
    # everything, the size as stated as well: all twenty
    pytest.param(rich(), (20, 20, 20), 20, 0, id="a portal that says all"),
    # stated 4,000 bytes, sent 5,000
    pytest.param(
        rich(resource(body(bytes=5_000), **DATES, mimetype="text/csv", size=4_000)), (19, 19, 19), 20, 0,
        id="another size than stated",
    ),
    # not visited: answers, format and size unknown
    pytest.param(
        rich(unvisited(**DATES, mimetype="text/csv", size=4_000)), (17 * 20 / 17, 17, 20), 20, 3, id="not visited"
    ),
]  # fmt: skip


@pytest.mark.parametrize(("facts", "metrics", "of", "unknown"), DATASETS)
def test_datasets_by_hand(facts, metrics, of, unknown):
    """From what was claimed and seen to the mean of the metrics."""
    hold(scored("portalwatch", facts).score, *(100 * each / of for each in metrics), 1 - unknown / of)


def test_a_record_without_resources():
    """Discovery 2/3, contact, the dataset's date of two, its mail: nothing to reach, and no accuracy to ask for."""
    # existence 2/3 + 1 + 1/2, conformance 1 + 1/2; answers 0; both accuracies left out
    hold(scored("portalwatch", dataset()).score, *(100 * (2 / 3 + 1 + 0.5 + 1 + 0.5) / 18,) * 3)


def test_the_terms_give_rights_and_openness_where_a_copy_counts_them():
    """Two metrics of the three on licences; the terms stay on no list."""
    hold(scored("portalwatch", hong_kong(), terms=True).score, *(100 * 15 / 19,) * 3)
