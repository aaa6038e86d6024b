"""Criteria of datasets: time, whole, translation and the record itself."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harvester.records import Content, Dataset, Profile, Provider, Resource, Trilingual, Visit
from scoring.criteria import CRITERIA, roll_up
from scoring.criteria.base import Answer
from scoring.criteria.moments import data_moment, grace, header_moment
from scoring.criteria.simplified import SIMPLIFIED_ONLY
from scoring.facts import Case, DatasetFacts, Look, PortalFacts, ResourceFacts, Terms

AS_OF = datetime(2026, 11, 23, 4, tzinfo=UTC)
VISITED = "2026-11-23T02:00:00Z"
NONE = Trilingual()
STATES = {1.0: "yes", 0.5: "partly", 0.0: "no", None: "unknown"}
RESOURCE = Resource(
    shared_id="r", dataset="d", position=0, title=Trilingual("Figures", "數字", "数字"), description=NONE, format="CSV",
    url="https://a.gov.hk/figures.csv", urls=NONE, kind="file", is_api=False, in_language=None, mimetype=None,
    size=None, created=None, modified=None, published=None, temporal_from=None, temporal_to=None, schema_url=None,
    languages=("en", "tc", "sc"),
)  # fmt: skip
DATASET = Dataset(
    name="d", provider="p", category="c", title=Trilingual("Rainfall", "雨量", "雨量"),
    notes=Trilingual("Notes", "資料", "资料"), frequency=Trilingual("Daily", "每日", "每日"), schedule="periodic",
    period_days=1.0, maintainer=Trilingual("Enquiry", "查詢", "查询"), maintainer_email="a@a.gov.hk",
    maintainer_phone=None, dictionary_url="https://a.gov.hk/d.pdf", licence_id=None, licence_title=None,
    created="2021-07-02", modified=None, languages=("en", "tc", "sc"), resource_counts=Trilingual("1", "1", "1"),
)  # fmt: skip


def file(number=1, *, latest=None, periods=0, outcome="ok", bodies=(), content=True, **changes):
    """One resource with its visit; ``latest`` is the newest date in its data."""
    header = {name: changes.pop(name) for name in ("last_modified", "served_at") if name in changes}
    archived = changes.pop("archived_at", None)
    kept = Profile(3, latest=latest, periods=periods, more=changes.pop("more", None))
    body = Content("a", 9, True, "csv", "data", "table", profile=kept)
    visit = Visit("u", VISITED, 1, outcome, 200 if outcome == "ok" else 404, **header)
    resource = replace(RESOURCE, shared_id=f"r{number}", **changes)
    return ResourceFacts(resource, Look((visit,), (number,), body if content else None, bodies, None, archived))


def ask(criterion, *resources, terms=None, dictionary=None, provider=NONE, instances=("en", "tc", "sc"), **changes):
    dataset = replace(DATASET, **changes)
    facts = DatasetFacts(dataset, resources, dictionary, Provider("p", provider), PortalFacts(instances))
    answer = CRITERIA[criterion].answer(facts, Case(facts, AS_OF, terms or Terms()))
    return STATES[answer.value], answer.reason


MONTH, YEAR = 365.25 / 12, 365.25


@pytest.mark.parametrize(
    ("period", "latest", "expected"),
    [
        (1.0, "2026-11-22", ("yes", "on-time")), (1.0, "2026-11-21", ("yes", "on-time")),
        (1.0, "2026-11-20", ("partly", "late")), (1.0, "2026-11-10", ("no", "overdue")),
        (MONTH, "2026-10", ("yes", "on-time")), (MONTH, "2026-10-01", ("yes", "on-time")),
        (MONTH, "2026-08-31", ("partly", "late")), (MONTH, "2026-01-31", ("no", "overdue")),
        (YEAR, "2025", ("yes", "on-time")), (YEAR, "2025-12-31", ("yes", "on-time")),
        (YEAR, "2026", ("yes", "on-time")),
        (YEAR, "2024", ("partly", "late")), (YEAR, "2020", ("no", "overdue")),
        (7.0, "2099-01-01", ("unknown", "no-change-date")),
    ],
)  # fmt: skip
def test_timely_measures_from_the_end_of_the_period_the_data_names(period, latest, expected):
    """October is current in November, last year eleven months on, and a date in the future proves nothing."""
    assert ask("timely", file(latest=latest), period_days=period) == expected


def test_timely_takes_the_newest_evidence_of_a_real_change():
    """Old data with a new Last-Modified, or a body that became another, is on time; a made-up header is not."""
    assert ask("timely", file(latest="2026-01-01", last_modified="2026-11-20T00:00:00Z"), period_days=7.0)[0] == "yes"
    made_up = file(latest="2026-01-01", last_modified="Mon, 23 Nov 2026 01:59:59 GMT", served_at=VISITED)
    assert ask("timely", made_up, period_days=7.0) == ("no", "overdue")
    changed = file(latest="2026-01-01", bodies=("2026-11-01T00:00:00Z", "2026-11-21T00:00:00Z"))
    assert ask("timely", changed, period_days=7.0)[0] == "yes"


def test_timely_is_judged_when_we_looked_not_when_we_counted():
    """Scored two weeks after the visit, daily data is still what it was at the visit."""
    facts = DatasetFacts(DATASET, (file(latest="2026-11-22"),))
    late = CRITERIA["timely"].answer(facts, Case(facts, AS_OF + timedelta(days=14)))
    assert late.reason == "on-time"


def test_timely_lets_a_live_feed_be_live_but_not_stuck():
    """An answer made on request is fresh; a timestamp hours old, or a body that never changes, is not."""
    live = {"schedule": "real-time", "period_days": None}
    assert ask("timely", file(kind="api"), **live) == ("yes", "live")
    assert ask("timely", file(latest="2026-11-23T09:30:00+08:00"), **live) == ("yes", "on-time")
    assert ask("timely", file(latest="2026-11-23T01:00:00+08:00"), **live) == ("no", "overdue")
    assert ask("timely", file(bodies=("2026-11-01T00:00:00Z",)), **live) == ("no", "unchanged")


def test_timely_believes_the_bytes_before_the_stamp():
    """A feed stamped at every hour whose bytes stay the same is stuck; one whose bytes changed is as fresh as they."""
    hourly = {"last_modified": "2026-11-22T01:31:00Z", "served_at": "2026-11-22T02:00:00Z"}
    stuck = file(bodies=("2026-11-01T00:00:00Z",), **hourly)
    assert ask("timely", stuck, period_days=1.0) == ("no", "unchanged")
    assert ask("timely", stuck, schedule="real-time", period_days=None) == ("no", "unchanged")
    assert ask("timely", file(bodies=("2026-11-01T00:00:00Z", "2026-11-22T02:00:00Z"), **hourly), period_days=1.0) == (
        "yes",
        "on-time",
    )
    assert ask("timely", file(bodies=("2026-11-22T02:00:00Z",), **hourly), period_days=1.0) == ("yes", "on-time")
    long_ago = file(bodies=("2026-11-20T00:00:00Z",), last_modified="2026-10-01T00:00:00Z")
    assert ask("timely", long_ago, period_days=7.0) == ("no", "overdue")


def test_timely_without_a_period():
    """As needed: partly where something changed within a year, else unknown; nothing reached is unknown too."""
    needed = {"schedule": "as-needed", "period_days": None}
    assert ask("timely", file(latest="2026-03-01"), **needed) == ("partly", "recent-undeclared")
    assert ask("timely", file(latest="2021-03-01"), **needed) == ("unknown", "unscheduled")
    assert ask("timely", file(outcome="gone"), **needed) == ("unknown", "not-reached")


@given(st.floats(1 / 24, 3700), st.floats(0, 4000), st.floats(0, 4000))
def test_older_is_never_timelier(period, one, other):
    """With one piece of evidence, the older of two changes never gets the better answer."""

    def value(age):
        moment = datetime(2026, 11, 23, 2, tzinfo=UTC) - timedelta(days=age)
        state, _ = ask("timely", file(last_modified=moment.isoformat()), period_days=period)
        return {"yes": 1.0, "partly": 0.5, "no": 0.0}[state]

    assert value(max(one, other)) <= value(min(one, other))


def test_grace_is_a_tenth_and_a_day_from_daily_on():
    """A day late is forgiven daily data, three days monthly, five weeks yearly, six minutes hourly."""
    assert grace(timedelta(days=1)) == timedelta(days=1)
    assert grace(timedelta(days=30)) == timedelta(days=3)
    assert grace(timedelta(hours=1)) == timedelta(minutes=6)


def test_moments_that_cannot_be_are_no_evidence():
    """Years of slips, headers nobody can read and dates of nothing give None."""
    assert data_moment("0001-01-01", None, AS_OF) is None
    assert data_moment("soon", None, AS_OF) is None
    assert header_moment("yesterday", None) is None
    assert header_moment(None, VISITED) is None


def test_historical_counts_points_in_time():
    """In a file, over dated files, or in the archive; one point is no, and nothing measured is unknown."""
    assert ask("historical", file(periods=3)) == ("yes", "three-periods")
    years = [file(year, url=f"https://a.gov.hk/{year}.csv") for year in (2021, 2022, 2023)]
    assert ask("historical", *years) == ("yes", "three-periods")
    assert ask("historical", *years[:2]) == ("partly", "two-periods")
    assert ask("historical", file(archived_at="2026-10-31T18:30:00Z")) == ("partly", "archive-only")
    assert ask("historical", file(periods=1)) == ("no", "snapshot")
    assert ask("historical", file(content=False)) == ("unknown", "unmeasured")


def test_bulk_is_the_whole_in_one_piece():
    """A file is whole; pages, templates by time and a series by period are partly; look-ups alone are no."""
    years = [file(year, url=f"https://a.gov.hk/{year}.csv") for year in (2021, 2022, 2023)]
    template = file(kind="template", url="https://api.a.gov.hk/{stopId}", outcome="gone", content=False)
    assert ask("bulk", file()) == ("yes", "whole")
    assert ask("bulk", file(kind="api", url="https://api.a.gov.hk/x?page=1")) == ("partly", "pages")
    assert ask("bulk", *years) == ("partly", "split")
    assert ask("bulk", *years, file(9, url="https://a.gov.hk/all.csv")) == ("yes", "whole")
    assert ask("bulk", template) == ("no", "look-ups")
    assert ask("bulk", file(kind="template", url="https://a.gov.hk/<date>.csv", outcome="gone", content=False)) == (
        "partly", "extracts",
    )  # fmt: skip
    assert ask("bulk", file(outcome="blocked")) == ("unknown", "not-reached")
    assert ask("bulk", file(kind="api", more=True)) == ("partly", "pages"), "the body itself says there is more"
    assert ask("bulk", file(url="https://api.a.gov.hk/x?limit=1000", more=False)) == ("yes", "whole")
    assert ask("bulk", file(kind="api", more=True), file(2)) == ("yes", "whole")


def test_licence_goes_by_the_record_then_by_the_terms():
    """A licence in the record decides; without one the portal's terms do, and switched off there is none."""
    assert ask("licence") == ("yes", "portal-terms")
    assert ask("licence", terms=Terms(apply=False)) == ("no", "none")
    assert ask("licence", terms=Terms(value=0.5)) == ("partly", "portal-terms-partly")
    for title, expected in (
        ("CC BY 4.0", "open"), ("cc-by-sa-4.0", "open"), ("CC BY-NC 4.0", "closed"), ("ODbL", "open"),
        ("Crown copyright", "restrictive"), ("Creative Commons Attribution", "open"),
        ("Creative Commons Attribution-NonCommercial", "closed"),
    ):  # fmt: skip
        assert ask("licence", licence_title=title)[1] == expected, title


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({}, ("yes", "same")), ({"languages": ("en", "tc")}, ("no", "instance-missing")),
        ({"title": Trilingual("Rainfall", None, "雨量")}, ("no", "title-missing")),
        ({"resource_counts": Trilingual("2", "1", "1")}, ("partly", "counts-differ")),
        ({"maintainer": Trilingual("Enquiry", "一般查询", "一般查询")}, ("partly", "simplified-characters")),
        ({"title": Trilingual("Rainfall", "台後里面只系干後云", "雨量")}, ("yes", "same")),
    ],
)  # fmt: skip
def test_translation_of_the_record(changes, expected):
    """A lack is no, a slip of script or count partly, and characters right in both scripts are let be."""
    assert ask("translation", file(), **changes) == expected


def test_translation_of_resources_and_provider():
    """A resource one instance lacks is found by its count; the provider's own title is read too."""
    english_only = file(2, languages=("en",))
    counts = Trilingual("2", "1", "1")
    assert ask("translation", file(), english_only, resource_counts=counts) == ("no", "resource-missing")
    assert ask("translation", file(), english_only, resource_counts=Trilingual("2", "2", "2")) == ("yes", "same")
    provider = Trilingual("Sun Ferry", "新渡轮服务有限公司", "新渡轮服务有限公司")
    assert ask("translation", file(), provider=provider) == ("partly", "simplified-characters")
    assert ask("translation", file(), instances=("en",), resource_counts=Trilingual("1", None, None)) == ("yes", "same")


@pytest.mark.parametrize(
    ("urls", "state"),
    [
        (("https://a.hk/x_en.csv", "https://a.hk/x_tc.csv", "https://a.hk/x_sc.csv"), "yes"),
        (("https://a.hk/x.csv", "https://a.hk/x_tc.csv", "https://a.hk/x_sc.csv"), "yes"),
        (("https://a.hk/x?lang=en", "https://a.hk/x?lang=tc", "http://a.hk/x?lang=sc"), "yes"),
        (("https://a.hk/x.csv", "https://a.hk/x_b5.csv", "https://a.hk/x.csv"), "partly"),
        (("https://a.hk/x.csv", "https://b.hk/x.csv", "https://a.hk/x.csv"), "partly"),
    ],
)
def test_addresses_may_differ_by_language_only(urls, state):
    """A file for each language is fine where each says so; a stray address in one instance is not."""
    assert ask("translation", file(urls=Trilingual(*urls)))[0] == state


def test_simplified_only_characters_are_no_hong_kong_characters():
    """Characters that Traditional text uses too are not in the table, and those that it never uses are."""
    assert not set("台后里面只系干云温户没内别黄峰床叙群着衞裏綫啟説") & SIMPLIFIED_ONLY
    assert set("询轮务组会国数据资") & SIMPLIFIED_ONLY >= set("询轮务组数资")


@pytest.mark.parametrize(
    ("criterion", "changes", "expected"),
    [
        ("schedule", {}, ("yes", "stated")), ("schedule", {"frequency": NONE}, ("no", "absent")),
        ("schedule", {"frequency": Trilingual("N/A")}, ("no", "absent")),
        ("schedule", {"schedule": "as-needed"}, ("partly", "as-needed")),
        ("schedule", {"schedule": "unknown"}, ("no", "unreadable")),
        ("contact", {}, ("yes", "present")), ("contact", {"maintainer_email": "a(at)b"}, ("partly", "mail-malformed")),
        ("contact", {"maintainer_email": "a@b.hk; c@d.gov.hk"}, ("yes", "present")),
        ("contact", {"maintainer_email": "a@b.hk / c@d.gov.hk or e@f.hk"}, ("yes", "present")),
        ("contact", {"maintainer_email": "Data Team <psi@b.gov.hk>"}, ("yes", "present")),
        ("contact", {"maintainer_email": "mailto:psi@b.gov.hk"}, ("yes", "present")),
        ("contact", {"maintainer_email": "psi team@b.gov.hk"}, ("partly", "mail-malformed")),
        ("contact", {"maintainer_email": "/"}, ("partly", "mail-malformed")),
        ("contact", {"maintainer_email": None, "maintainer_phone": "2123 4567"}, ("partly", "telephone-only")),
        ("contact", {"maintainer_email": None}, ("partly", "name-only")),
        ("contact", {"maintainer_email": None, "maintainer": NONE}, ("no", "none")),
        ("metadata", {}, ("yes", "complete")), ("metadata", {"notes": NONE}, ("partly", "gaps")),
        ("metadata", {"notes": NONE, "frequency": NONE, "maintainer_email": None, "category": None}, ("no", "bare")),
        ("language", {}, ("yes", "both")), ("language", {"title": Trilingual("Rainfall")}, ("partly", "one")),
        ("language", {"title": Trilingual("1823", "1823")}, ("no", "neither")),
        ("dictionary", {"dictionary_url": None}, ("no", "none")), ("extent", {}, ("unknown", "assumed")),
    ],
)  # fmt: skip
def test_the_record_itself(criterion, changes, expected):
    """Each claim in the record is answered as the table of criteria says."""
    assert ask(criterion, **changes) == expected


@pytest.mark.parametrize(
    ("outcome", "ladder", "expected"),
    [
        ("ok", "document", ("partly", "document")), ("ok", "table", ("yes", "readable")),
        ("ok", "page", ("yes", "readable")), ("gone", "table", ("no", "dead")),
        ("blocked", "table", ("unknown", "not-reached")),
    ],
)  # fmt: skip
def test_the_dictionary_is_opened(outcome, ladder, expected):
    """A table is yes, a document partly, a dead link no, and a robot wall unknown."""
    content = Content("a", 9, True, "pdf", "data", ladder) if outcome == "ok" else None
    look = Look((Visit("u", VISITED, 1, outcome),), (1,), content)
    assert ask("dictionary", dictionary=look) == expected


VALUE = st.none() | st.sampled_from((0.0, 0.5, 1.0))


@given(st.sampled_from(("online", "format")), st.lists(VALUE, min_size=1, max_size=6))
def test_a_roll_up_is_known_only_where_the_unknown_could_not_change_it(criterion, values):
    """Whatever the unknown resources turn out to be, a known roll-up stays what it is; an unknown one may differ."""
    best = CRITERIA[criterion].roll_up == "best"
    answers = [Answer(criterion, "d", f"r{number}", value, "x") for number, value in enumerate(values)]
    rolled = roll_up(CRITERIA[criterion], "d", answers).value
    extreme = max if best else min
    outcomes = {extreme(worst if value is None else value for value in values) for worst in (0.0, 0.5, 1.0)}
    assert rolled == (outcomes.pop() if len(outcomes) == 1 else None)


def test_a_question_that_does_not_arise_does_not_blur_the_others():
    """A picture beside a sound table leaves the dataset's spelling a yes; an unreached file makes it unknown."""
    sound = Answer("consistent", "d", "r1", 1.0, "consistent")
    picture = Answer("consistent", "d", "r2", None, "not-a-table", applies=False)
    unreached = Answer("consistent", "d", "r3", None, "not-reached")
    assert roll_up(CRITERIA["consistent"], "d", [sound, picture]).value == 1.0
    assert roll_up(CRITERIA["consistent"], "d", [sound, picture, unreached]).value is None
