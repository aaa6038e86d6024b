"""The Metadata Quality Assessment, whole and over what applies: cases worked by hand, of values and of datasets."""

import json
from pathlib import Path

import pytest

from harvester.joining import join_dataset, providers_of
from harvester.records import Trilingual
from scoring.facts import DatasetFacts, ResourceFacts
from scoring.score import Inputs, score_inputs
from tests.golden_datasets import PDF, RUBRICS, body, hold, reckoned, resource, scored
from tests.golden_records import DATES, HONG_KONG, hong_kong, rich, unvisited

P = 100 / 405
"""A point of the assessment's 405, in points of 100."""
BOTH = ("mqa-405", "mqa-405-applicable")
POINTS = {
    "keyword_present": 30, "category_present": 30, "spatial_present": 20, "temporal_present": 20,
    "access_url_ok": 50, "download_url_present": 20, "download_url_ok": 30,
    "best_format": 20, "best_media_type": 10, "best_format_listed": 10, "best_non_proprietary": 20,
    "best_machine_readable": 20, "dcat_ap_valid": 30,
    "licence_present": 20, "licence_listed": 10, "access_rights_present": 10, "access_rights_listed": 5,
    "contact_present": 20, "publisher_present": 10,
    "rights_present": 5, "byte_size_present": 5, "issued_present": 5, "modified_present": 5,
}  # fmt: skip
"""The assessment's table, as published."""
NAMES = list(POINTS)
ALL, NONE = dict.fromkeys(NAMES, 1.0), dict.fromkeys(NAMES, 0.0)
FINDABLE, REACHED, TOGETHER, CONTEXT = (
    dict.fromkeys(NAMES[start:end], 1.0) for start, end in ((0, 4), (4, 7), (7, 13), (19, 23))
)

VALUES = [
    pytest.param(ALL, {}, (100, 100, 100), 1, "Excellent", id="everything"),
    pytest.param({}, {}, (None, 0, 100), 0, None, id="nothing known"),
    pytest.param(NONE, {}, (0, 0, 0), 1, "Bad", id="all no"),
    pytest.param(NONE | FINDABLE, {}, (100 * P,) * 3, 1, "Bad", id="findability is 100"),
    pytest.param(NONE | REACHED, {}, (100 * P,) * 3, 1, "Bad", id="accessibility is 100"),
    pytest.param(NONE | TOGETHER, {}, (110 * P,) * 3, 1, "Bad", id="interoperability is 110"),
    pytest.param(NONE | CONTEXT, {}, (20 * P,) * 3, 1, "Bad", id="contextuality is 20"),
    # 405 - keyword 30 - area 20 - 4 of the 50 for addresses
    pytest.param(
        ALL | {"keyword_present": 0.0, "spatial_present": 0.0, "access_url_ok": 0.92}, {}, (351 * P,) * 3, 1,
        "Excellent", id="351 is excellent",
    ),
    pytest.param(
        ALL | {"keyword_present": 0.0, "spatial_present": 0.0, "access_url_ok": 0.91}, {}, (350.5 * P,) * 3, 1, "Good",
        id="350.5 is not yet",
    ),
    # 100 + 110 + 0.55 x 20
    pytest.param(
        NONE | FINDABLE | TOGETHER | {"download_url_present": 0.55}, {}, (221 * P,) * 3, 1, "Good", id="221 is good"
    ),
    pytest.param(
        NONE | FINDABLE | TOGETHER | {"download_url_present": 0.5}, {}, (220 * P,) * 3, 1, "Sufficient",
        id="220 is sufficient",
    ),
    # 100 + 20 + 0.05 x 20
    pytest.param(
        NONE | FINDABLE | CONTEXT | {"download_url_present": 0.05}, {}, (121 * P,) * 3, 1, "Sufficient",
        id="121 is sufficient",
    ),
    pytest.param(NONE | FINDABLE | CONTEXT, {}, (120 * P,) * 3, 1, "Bad", id="120 is bad"),
    # of ten addresses five were visited, four answer: 0.8 x 50 of those seen, 20 at least, 45 at most
    pytest.param(
        ALL | {"access_url_ok": 0.8}, {"access_url_ok": (0.4, 0.9)}, ((355 + 40) * P, (355 + 20) * P, (355 + 45) * P),
        (355 + 50 * 0.5) / 405, "Excellent", id="half the addresses visited",
    ),
    # 80 of 405 points are not known; of the other 325 the keywords' 30 are lost
    pytest.param(
        ALL | {"access_url_ok": None, "download_url_ok": None, "keyword_present": 0.0}, {},
        (100 * 295 / 325, 295 * P, 375 * P), 325 / 405, "Excellent", id="no address visited",
    ),
]  # fmt: skip


@pytest.mark.parametrize("profile", BOTH)
@pytest.mark.parametrize(("values", "bounds", "three", "known", "word"), VALUES)
def test_the_assessment_by_hand(profile, values, bounds, three, known, word):
    """Points over 405 and their band; where all applies, both profiles are one."""
    score = reckoned(profile, values, **bounds)
    hold(score, *three, known)
    band = RUBRICS[profile].band(score.point)
    assert (band and band.title.en) == word


@pytest.mark.parametrize("profile", BOTH)
def test_the_weights_are_the_published_points(profile):
    """Each metric has the points of the assessment's table, and they make 405."""
    rubric = RUBRICS[profile]
    assert {item.criterion: item.weight for item in rubric.items} == POINTS
    assert (sum(POINTS.values()), rubric.out_of) == (405, 405)
    pillars = {name: sum(item.weight for item in items) for name, items in rubric.pillars.items()}
    assert pillars == {
        "findability": 100, "accessibility": 100, "interoperability": 110, "reusability": 75, "contextuality": 20,
    }  # fmt: skip


def test_what_is_left_out_makes_no_difference_to_the_band_of_the_rest():
    """Without the 105 points nobody can have, 260 of 300 are 351 of 405: excellent at the cut, good just under it."""
    apart = frozenset({
        "keyword_present", "spatial_present", "dcat_ap_valid", "best_media_type", "access_rights_present",
        "access_rights_listed",
    })  # fmt: skip
    rubric = RUBRICS["mqa-405-applicable"]
    # 30 + 20 + 30 + 10 + 10 + 5 = 105 left out; of 300 the licence's 20 and 10, and 0.2 x 50 of the addresses are lost
    values = ALL | {"licence_present": 0.0, "licence_listed": 0.0, "access_url_ok": 0.8}
    score = score_inputs(rubric, Inputs(values, {}, apart))
    hold(score, *(100 * 260 / 300,) * 3)
    assert rubric.band(score.point).title.en == "Excellent"
    under = score_inputs(rubric, Inputs(values | {"access_url_ok": 0.79}, {}, apart))
    hold(under, *(100 * 259.5 / 300,) * 3)
    assert rubric.band(under.point).title.en == "Good"


CSV = resource(body(), **DATES)
NOBODY = Trilingual()

# In points: what the dataset has, the least and the most it can have; then what is unknown of its weight. As the whole
# assessment goes over 405, over what applies at DATA.GOV.HK 290: without keyword 30, area 20, media type 10,
# DCAT-AP 30, access rights 15, rights 5 and size 5.
DATASETS = [
    # category 30, time 20 | 50, 20, 30 | format 20, listed 10, open 20, readable 20 | contact 20, publisher 10 | dates
    pytest.param(hong_kong(), (260, 260, 260), 0, id="as DATA.GOV.HK has them"),
    # a licence of its own is 20, and on the list, 10: then all that applies is there
    pytest.param(hong_kong(licence_id="cc-by"), (290, 290, 290), 0, id="with a licence of its own"),
    pytest.param(hong_kong(licence_title="Our own terms"), (280, 280, 280), 0, id="with a licence on no list"),
    # 50 | 0, 20, 0 | format 20, listed 10 | 30 | 10
    pytest.param(hong_kong(resource(status=404, format="PDF", **DATES)), (140, 140, 140), 0, id="a PDF that is gone"),
    # a CSV is the best: interoperability 70; a quarter of the resources, a page, is no download
    pytest.param(
        hong_kong(
            resource(body(**PDF), format="PDF", **DATES), resource(body(), number=2, **DATES),
            resource(body(), number=3, **DATES), resource(body(**PDF), number=4, kind="page", format="HTML", **DATES),
        ),
        (50 + 50 + 20 * 3 / 4 + 30 * 3 / 4 + 70 + 30 + 10,) * 3, 0, id="the best of four",
    ),
    # one of two addresses turns robots away: half of 50 and of 30 is unknown
    pytest.param(
        hong_kong(CSV, resource(status=403, number=2, **DATES)), (260, 260 - 25 - 15, 260), 25 + 15, id="partly visited"
    ),
    # a call with holes answers nobody who does not fill them: no download, and unknown whether its address answers
    pytest.param(
        hong_kong(CSV, unvisited(number=2, kind="template", format="JSON", **DATES)),
        (50 + 50 + 20 / 2 + 30 / 2 + 70 + 30 + 10, 50 + 25 + 20 / 2 + 30 / 2 + 70 + 30 + 10,
         50 + 50 + 20 / 2 + 30 / 2 + 70 + 30 + 10),
        25, id="with a template",
    ),
    # no time covered, no dates of resources; the dataset's own created and modified are enough
    pytest.param(hong_kong(resource(body())), (240, 240, 240), 0, id="without the time covered"),
    # category 30 and nothing to reach | publisher 10, no contact | created
    pytest.param(
        hong_kong(
            resource(status=404, format="", url="", kind="page"), maintainer=NOBODY, maintainer_email=None,
            modified=None,
        ),
        (30 + 10 + 5,) * 3, 0, id="an empty record",
    ),
]  # fmt: skip


@pytest.mark.parametrize(("profile", "of"), [("mqa-405", 405), ("mqa-405-applicable", 290)])
@pytest.mark.parametrize(("facts", "points", "unknown"), DATASETS)
def test_datasets_of_hong_kong_by_hand(profile, of, facts, points, unknown):
    """The same points, of 405 or of the 290 that apply: from what was claimed and seen to the score."""
    hold(scored(profile, facts).score, *(100 * each / of for each in points), 1 - unknown / of)


def test_a_dataset_nobody_visited_scores_by_its_record():
    """Its 80 points for addresses that answer are unknown; 180 of the other 325, or of 210 that apply, are there."""
    facts = hong_kong(unvisited(**DATES))
    hold(scored("mqa-405", facts).score, 100 * 180 / 325, 180 * P, 260 * P, 325 / 405)
    hold(scored("mqa-405-applicable", facts).score, 100 * 180 / 210, 100 * 180 / 290, 100 * 260 / 290, 210 / 290)


def test_a_portal_that_says_all():
    """Everything but DCAT-AP, which is 30 points, or left out; and one dataset there without keywords loses 30."""
    hold(scored("mqa-405", rich()).score, *(375 * P,) * 3)
    hold(scored("mqa-405-applicable", rich()).score, 100, 100, 100)
    silent = rich(extras='{"en": {"spatial": "Hong Kong", "rights": "(c)", "access_rights": "PUBLIC"}}')
    hold(scored("mqa-405", silent).score, *(345 * P,) * 3)
    hold(scored("mqa-405-applicable", silent).score, *(100 * 345 / 375,) * 3)


def test_the_same_dataset_is_good_by_the_whole_and_excellent_by_what_applies():
    """260 of 405 is good; 260 of 290, shown as 363 of 405, is excellent; the pillars are over what applies, too."""
    words = [RUBRICS[name].band(scored(name, hong_kong()).score.point).title.en for name in BOTH]
    assert words == ["Good", "Excellent"]
    whole, applicable = (scored(name, hong_kong()).pillars for name in BOTH)
    assert whole["findability"].point == 50
    assert applicable["findability"].point == 100
    assert whole["reusability"].point == 40
    assert applicable["reusability"].point == 50


def test_the_terms_are_no_licence_unless_a_copy_says_so():
    """Counted, the terms give the 20 for a licence present, never the 10 for one on the list."""
    hold(scored("mqa-405", hong_kong(), terms=True).score, *(280 * P,) * 3)


SHARED = Path(__file__).resolve().parents[2] / "shared" / "hk" / "ckan"


@pytest.mark.shared
@pytest.mark.skipif(not SHARED.is_dir(), reason="../shared/hk/ckan is not beside the checkout")
def test_a_recorded_record_scores_as_the_one_made_up_after_it():
    """The lamp posts' own record, joined as a harvest does, has the same points as our typical dataset."""
    text = (SHARED / "package_show_en_hk-hyd-plis-lamppostdata.json").read_text(encoding="utf-8")
    record = json.loads(text)["result"]
    whole = join_dataset(record["name"], {"en": record})
    provider = providers_of({"en": record})
    assert len(whole.resources) == 2
    assert provider is not None
    facts = DatasetFacts(whole, tuple(map(ResourceFacts, whole.resources)), None, provider, HONG_KONG)
    hold(scored("mqa-405", facts).score, 100 * 180 / 325, 180 * P, 260 * P, 325 / 405)
    # unknown of Portal Watch's 19: whether the addresses answer, and whether the format is the declared one
    hold(scored("portalwatch", facts).score, 100 * 11 / 17, 100 * 11 / 19, 100 * 13 / 19, 17 / 19)
