"""Criteria of resources: one visit and one body in, one honest answer out."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harvester.clock import hong_kong_day, iso
from harvester.records import Column, Content, Dataset, Defect, Dialect, Profile, Resource, Trilingual, Visit
from scoring.criteria import CRITERIA, judge
from scoring.facts import Case, DatasetFacts, Look, ResourceFacts, Sharer
from scoring.words import fill, say, words_for

AS_OF = datetime(2026, 11, 23, 4, tzinfo=UTC)
NONE = Trilingual()
STATES = {1.0: "yes", 0.5: "partly", 0.0: "no", None: "unknown"}

RESOURCE = Resource(
    shared_id="r1", dataset="d", position=0, title=Trilingual("Figures", "數字", "数字"), description=NONE,
    format="CSV", url="https://data.example.gov.hk/figures.csv", urls=NONE, kind="file", is_api=False,
    in_language=None, mimetype=None, size=None, created=None, modified=None, published=None, temporal_from=None,
    temporal_to=None, schema_url=None, languages=("en", "tc", "sc"),
)  # fmt: skip
VISIT = Visit(
    url=RESOURCE.url, started="2026-11-22T02:00:00Z", attempt=1, outcome="ok", status=200, milliseconds=120,
    bytes=1000, content_type="text/csv", sha256="a",
)  # fmt: skip
TABLE = Content(
    sha256="a", bytes=1000, complete=True, format="csv", nature="data", ladder="table", encoding="utf-8",
    dialect=Dialect("utf-8", ",", 1), rows=20, columns=2, labels=("name", "value"), verdict="valid",
    profile=Profile(20, (Column("name", "string", 0.0, 20), Column("value", "integer", 0.0, 20, 0.0, 9.0))),
)  # fmt: skip
DATASET = Dataset(
    name="d", provider="p", category=None, title=NONE, notes=NONE, frequency=NONE, schedule="unknown",
    period_days=None, maintainer=NONE, maintainer_email=None, maintainer_phone=None, dictionary_url=None,
    licence_id=None, licence_title=None, created=None, modified=None, languages=("en", "tc", "sc"),
    resource_counts=NONE,
)  # fmt: skip


def column(label, low, high, *, nulls=0.0, markers=0, kind="number"):
    return Column(label, kind, nulls, 10, low, high, markers)


def table(**changes):
    return replace(TABLE, **changes)


def profiled(*columns, rows=20, **changes):
    return table(profile=Profile(rows, columns, **changes))


def ask(criterion, *, content=TABLE, visits=(VISIT,), resource=RESOURCE, siblings=(), **look):
    facts = ResourceFacts(
        resource, Look(tuple(visits), tuple(range(1, len(visits) + 1)), content, **look), look.pop("sharers", ())
    )
    case = Case(DatasetFacts(DATASET, (facts, *siblings)), AS_OF)
    return CRITERIA[criterion].answer(facts, case)


def failed(outcome, status=None, attempt=1):
    return replace(VISIT, outcome=outcome, status=status, attempt=attempt, sha256=None, bytes=None)


def test_a_night_scan_is_told_by_hong_kongs_day():
    """A visit at half past two in the morning is of that day in every language, not of the day before as UTC has it."""
    night = replace(failed("gone", 404), started="2026-11-22T18:30:00Z")
    evening = replace(failed("gone", 404), started="2026-11-22T10:00:00Z")
    answer = ask("online", content=None, visits=[night, evening])
    assert answer.facts["date"] == "2026-11-23"
    assert "2026-11-22" not in str(answer.facts)


@given(st.datetimes(datetime(1980, 1, 1), datetime(2100, 1, 1), timezones=st.just(UTC)))  # noqa: DTZ001 - bounds are naive by contract
def test_a_day_in_hong_kong_is_the_calendars_there(moment):
    """Eight hours on, whatever the machine's own zone; a text without a zone is refused."""
    assert hong_kong_day(iso(moment)) == (moment + timedelta(hours=8)).date().isoformat()
    with pytest.raises(ValueError, match="no time zone"):
        hong_kong_day(iso(moment)[:-1])


@pytest.mark.parametrize(
    ("outcome", "status", "state", "reason"),
    [
        ("gone", 404, "no", "gone"), ("server-error", 503, "no", "server-error"), ("timeout", None, "no", "timeout"),
        ("unreachable", None, "no", "unreachable"), ("certificate", None, "no", "certificate"),
        ("redirect-loop", 302, "no", "redirect-loop"), ("broken", 200, "no", "broken-answer"),
        ("empty", 204, "no", "empty"), ("bad-address", None, "no", "bad-address"),
        ("client-error", 405, "no", "client-error"), ("client-error", 402, "partly", "payment-required"),
        ("blocked", 401, "partly", "key-required"), ("blocked", 403, "unknown", "blocked"),
        ("throttled", 429, "unknown", "throttled"), ("needs-parameters", 422, "unknown", "needs-parameters"),
        ("not-public", None, "unknown", "not-public"),
    ],
)  # fmt: skip
def test_a_failed_visit_is_down_only_where_that_is_certain(outcome, status, state, reason):
    """A robot refused, a wait asked for or a call without its parameters is unknown; a dead link is no."""
    answer = ask("online", content=None, visits=[failed(outcome, status)])
    assert (STATES[answer.value], answer.reason) == (state, reason)


@pytest.mark.parametrize(
    ("nature", "format_", "state", "reason"),
    [
        ("data", "csv", "yes", "up"), ("page", "html", "yes", "up"), ("shell", "html", "yes", "up"),
        ("login", "html", "no", "login-page"), ("challenge", "html", "unknown", "blocked"),
        ("error", "html", "no", "error-page"), ("error", "json", "no", "error-body"), ("empty", "empty", "no", "empty"),
    ],
)  # fmt: skip
def test_what_a_body_is_meant_as_decides_whether_it_counts(nature, format_, state, reason):
    """An answer 200 is up only where the body is not a login page, a robot wall or an error in disguise."""
    answer = ask("online", content=table(nature=nature, format=format_))
    assert (STATES[answer.value], answer.reason) == (state, reason)


def test_an_ok_after_a_failure_is_up():
    """One dropped attempt does not make a link dead, and the visits of the run prove it."""
    answer = ask("online", visits=[replace(VISIT, attempt=2), failed("timeout")])
    assert (answer.value, answer.reason, answer.visits) == (1.0, "up", (1, 2))


def test_a_template_is_never_called_dead():
    """A call with holes to fill that answers 404 as it stands is unknown, visited or not."""
    template = replace(RESOURCE, kind="template", url="https://api.example.gov.hk/{stopId}")
    assert ask("online", resource=template, visits=[failed("gone", 404)], content=None).reason == "needs-parameters"
    assert ask("online", resource=template, visits=[], content=None).reason == "needs-parameters"
    assert ask("online", visits=[], content=None).reason == "not-visited"


def test_a_dead_link_says_when_it_last_worked():
    """The evidence sentence of a dead link ends with the day it last worked, where it ever did."""
    answer = ask("online", content=None, visits=[failed("gone", 404)], last_ok="2026-11-01T00:00:00Z")
    sentence, mend = say("online", answer.reason, answer.facts)
    assert sentence == "Not found at this address on 2026-11-22 (HTTP status 404). It last worked on 2026-11-01."
    assert mend == "Put the file back at this address, or correct the address."


@pytest.mark.parametrize(
    ("declared", "found", "kind", "state", "reason"),
    [
        ("CSV", "csv", "file", "yes", "same"), ("HTML", "html", "page", "yes", "same"),
        ("JSON", "geojson", "file", "yes", "same"), ("GeoJSON", "json", "file", "partly", "close"),
        ("XLS", "xlsx", "file", "partly", "close"), ("CSV", "tsv", "file", "partly", "close"),
        ("CSV", "zip", "file", "no", "zipped"), ("SHP", "zip", "file", "partly", "close"),
        ("DGN", "zip", "file", "yes", "same"), ("CSV", "html", "file", "no", "page"),
        ("XML", "json", "file", "no", "another"), ("API", "json", "api", "yes", "an-api"),
        ("API", "html", "page", "yes", "an-api"), ("API", "html", "api", "partly", "page-for-api"),
        ("FBX", "binary", "file", "unknown", "unfamiliar"), ("", "csv", "file", "unknown", "undeclared"),
    ],
)  # fmt: skip
def test_format_is_fair_to_what_was_declared(declared, found, kind, state, reason):
    """A format is judged by what the record promises: a page meant as a page is fine, a ZIP for a CSV is not."""
    answer = ask("format", content=table(format=found), resource=replace(RESOURCE, format=declared, kind=kind))
    assert (STATES[answer.value], answer.reason) == (state, reason)


@pytest.mark.parametrize(
    ("changes", "state", "reason"),
    [
        ({}, "yes", "valid"),
        ({"verdict": "invalid", "defects": (Defect("blank-row", 2, 7),)}, "partly", "invalid"),
        ({"format": "json", "ladder": "structured", "verdict": "opens"}, "yes", "opens"),
        ({"format": "json", "ladder": "structured", "verdict": "opens", "labels": ("A", "B")}, "partly",
         "no-field-names"),
        ({"format": "json", "ladder": "structured", "verdict": "broken"}, "no", "broken"),
        ({"format": "xlsx", "ladder": "proprietary-table", "dialect": Dialect(header_rows=2)}, "partly", "header-rows"),
        ({"format": "pdf", "ladder": "document", "verdict": "opens"}, "no", "document"),
        ({"format": "png", "ladder": "picture", "verdict": "opens"}, "no", "picture"),
        ({"format": "html", "ladder": "page", "nature": "page"}, "no", "page"),
        ({"format": "html", "ladder": "page", "nature": "shell"}, "no", "shell"),
        ({"format": "zip", "ladder": "archive", "verdict": "opens"}, "partly", "archive"),
        ({"verdict": "unmeasured"}, "unknown", "unmeasured"),
        ({"format": "html", "ladder": "page", "nature": "challenge"}, "unknown", "not-reached"),
    ],
)  # fmt: skip
def test_machine_readability_follows_the_verdict_as_published(changes, state, reason):
    """Valid or opening is yes, invalid is partly, made for eyes is no, and not looked at is unknown."""
    answer = ask("machine_readable", content=table(**changes))
    assert (STATES[answer.value], answer.reason) == (state, reason)


@pytest.mark.parametrize(
    ("criterion", "content", "state", "reason"),
    [
        ("encoding", table(encoding="big5"), "partly", "not-utf-8"),
        ("encoding", table(encoding="ascii"), "yes", "utf-8"),
        ("encoding", table(defects=(Defect("encoding-error", 1),)), "no", "undecodable"),
        ("encoding", table(format="xlsx", encoding=None), "unknown", "not-text"),
        ("shape", table(), "yes", "clean"),
        ("shape", table(dialect=Dialect(header_row=3)), "partly", "title-rows"),
        ("shape", table(dialect=Dialect(header_row=1, header_rows=2)), "partly", "header-rows"),
        ("shape", table(dialect=Dialect(header_row=1, footer_rows=4)), "partly", "footer"),
        ("shape", table(dialect=Dialect(header_row=1, footer_rows=1)), "yes", "one-note"),
        ("shape", table(labels=("name", "")), "partly", "blank-label"),
        ("shape", table(format="html"), "unknown", "not-a-table"),
        ("fields", table(labels=("a", "a")), "no", "duplicate-labels"),
        ("fields", table(labels=("", "value")), "no", "blank-labels"),
        ("fields", table(labels=("F1", "F2")), "no", "nameless"),
        ("fields", table(labels=("name", ""), profile=None), "yes", "named"),
        ("fields", table(labels=("Annual report", ""), dialect=Dialect(header_row=3)), "yes", "named"),
        ("fields", table(labels=("Turnout", ""), dialect=Dialect(header_row=1, header_rows=2)), "yes", "named"),
        ("missing_data", profiled(column("rate", 0, 1, nulls=0.04)), "yes", "complete"),
        ("missing_data", profiled(column("rate", 0, 1, nulls=0.1, markers=2)), "partly", "portion"),
        ("missing_data", profiled(column("rate", 1, 9, markers=15, kind="string")), "no", "widespread"),
        ("missing_data", profiled(column("rate", None, None, markers=20), column("size", 1, 9), column("n", 1, 9)),
         "no", "widespread"),
        ("missing_data", profiled(column("Opening date", None, None, markers=3, kind="string")), "partly", "portion"),
        ("missing_data", profiled(column("Religion", None, None, markers=15, kind="string")), "yes", "complete"),
        ("missing_data", profiled(Column("Candidates List 17", "integer", 1.0, 0)), "yes", "complete"),
        ("missing_data", profiled(Column("Last date of visit", "any", 1.0, 0)), "no", "widespread"),
        ("missing_data", profiled(Column("Expiry date", "any", 1.0, 0)), "yes", "complete"),
        ("missing_data", profiled(column("Fax number", 0, 1, nulls=0.9)), "yes", "complete"),
        ("missing_data", profiled(column("Remarks", None, None, nulls=0.9, kind="string")), "yes", "complete"),
        ("consistent", profiled(variants=(("Sha Tin", "SHA TIN"),)), "partly", "district-spelling"),
        ("consistent", profiled(variants=(("Bus stop", "BUS STOP"),)), "partly", "variants"),
        ("plausible", profiled(column("Speed (km/h)", 12, 300)), "no", "impossible"),
        ("plausible", profiled(column("車速", 12, 88)), "yes", "possible"),
        ("plausible", profiled(column("Maximum gust speed", 12, 260)), "yes", "possible"),
        ("plausible", profiled(column("Occupancy", -1, 60)), "no", "impossible"),
        ("plausible", profiled(column("Population change", -900, 60)), "unknown", "no-such-columns"),
        ("plausible", profiled(column("Latitude", 0, 22.4)), "no", "outside-hong-kong"),
        ("plausible", profiled(column("Latitude", 114.1, 114.2)), "no", "outside-hong-kong"),
        ("plausible", profiled(column("Latitude", 8.5, 33.1)), "yes", "possible"),
        ("plausible", profiled(column("Latitude", -22.4, 22.4)), "no", "outside-hong-kong"),
        ("plausible", profiled(column("Latitude of the typhoon", 9.8, 22.3)), "yes", "possible"),
        ("plausible", profiled(column("Longitude", 114.1, 138.0)), "yes", "possible"),
        ("plausible", profiled(column("相對濕度", 40, 640)), "no", "impossible"),
        ("plausible", profiled(column("Download speed (Mbps)", 12, 1000)), "unknown", "no-such-columns"),
        ("plausible", profiled(column("Imports of goods (% of GDP) (%)", 12, 180)), "unknown", "no-such-columns"),
        ("plausible", profiled(column("Flue gas temperature", 850, 1100)), "unknown", "no-such-columns"),
        ("plausible", profiled(column("PH", 0, 40)), "unknown", "no-such-columns"),
        ("plausible", profiled(column("pH value", 0, 40)), "no", "impossible"),
    ],
)  # fmt: skip
def test_what_a_table_says_of_itself(criterion, content, state, reason):
    """Encoding, shape, fields, gaps, spelling and sense are told from the body, and look-alikes are let off."""
    answer = ask(criterion, content=content)
    assert (STATES[answer.value], answer.reason) == (state, reason)


def test_a_byte_order_mark_is_held_against_the_odd_ones_out():
    """In a series where few files carry the mark, those few are partly and the others are sound."""

    def file(number, bom):
        resource = replace(RESOURCE, shared_id=f"s{number}", url=f"https://x.gov.hk/vote_{number}.csv")
        return ResourceFacts(resource, Look((VISIT,), (number,), table(bom=bom)))

    series = [file(1, bom=True), file(2, bom=False), file(3, bom=False)]
    case = Case(DatasetFacts(DATASET, tuple(series)), AS_OF)
    states = [CRITERIA["encoding"].answer(each, case).reason for each in series]
    assert states == ["bom-varies", "utf-8", "utf-8"]


def test_a_page_beside_data_is_not_held_to_be_data():
    """A page that is declared one is no fault beside data; undeclared, or with nothing but pages, it is."""
    page = table(format="html", ladder="page", nature="page", profile=None, dialect=None, labels=())
    declared = replace(RESOURCE, shared_id="p", format="HTML", kind="page")
    data = ResourceFacts(RESOURCE, Look((VISIT,), (1,), TABLE))
    beside = ask("machine_readable", content=page, resource=declared, siblings=(data,))
    assert (beside.value, beside.reason, beside.applies) == (None, "page-beside-data", False)
    assert ask("machine_readable", content=page, resource=declared).reason == "page"
    assert ask("machine_readable", content=page, siblings=(data,)).reason == "page"


@pytest.mark.parametrize(
    ("changes", "content", "reason"),
    [
        ({}, TABLE, "truthful"), ({"content_type": "application/octet-stream"}, TABLE, "truthful"),
        ({"content_type": None}, TABLE, "silent"), ({"content_type": "text/html"}, TABLE, "type"),
        ({"content_type": "application/zip"}, table(format="xlsx"), "truthful"),
        ({"content_type": "text/csv; charset=utf-8"}, table(encoding="big5"), "charset"),
        ({"content_type": "text/csv; charset=utf-8"}, table(encoding="ascii"), "truthful"),
        ({"declared_bytes": 5000}, TABLE, "length"), ({"declared_bytes": 400}, TABLE, "truthful"),
    ],
)  # fmt: skip
def test_headers_are_held_to_the_body(changes, content, reason):
    """A header that claims nothing is let off; one that contradicts the bytes is not; gzip makes lengths shorter."""
    assert ask("headers", content=content, visits=[replace(VISIT, **changes)]).reason == reason


@pytest.mark.parametrize(
    ("url", "redirects", "reason"),
    [
        ("https://a.gov.hk/x", (), "https"), ("http://a.gov.hk/x", (), "http-only"),
        ("http://a.gov.hk/x", ("https://a.gov.hk/x",), "redirects-to-https"),
        ("https://a.gov.hk/x", ("http://a.gov.hk/x",), "downgraded"),
        ("https://a.gov.hk/x", ("http://a.gov.hk/y", "https://a.gov.hk/y"), "downgraded"),
        ("http://a.gov.hk/x", ("https://a.gov.hk/y", "http://a.gov.hk/z"), "http-only"),
        ("ftp://a.gov.hk/x", (), "bad-address"),
    ],
)  # fmt: skip
def test_secure_looks_at_the_whole_way(url, redirects, reason):
    """Secure goes by the address and its redirects: one that leaves https on the way was readable by others there."""
    answer = ask("secure", resource=replace(RESOURCE, url=url), visits=[replace(VISIT, redirects=redirects)])
    assert answer.reason == reason


def test_a_shared_address_is_claimed_only_for_different_things():
    """The same file listed once for each language is no sharing; the same file for another district is."""
    other = Sharer("r2", "d", None, ("en", "tc", "sc"))
    translated = Sharer("r3", "d", "tc", ("tc",))
    case = Case(DatasetFacts(DATASET, ()), AS_OF)
    english = replace(RESOURCE, in_language="en", languages=("en",))
    assert CRITERIA["links"].answer(ResourceFacts(RESOURCE, Look(), (other,)), case).reason == "shared"
    assert CRITERIA["links"].answer(ResourceFacts(english, Look(), (translated,)), case).reason == "own"
    page = replace(RESOURCE, kind="page")
    assert CRITERIA["links"].answer(ResourceFacts(page, Look(), (other,)), case).reason == "own"


@pytest.mark.parametrize(
    ("changes", "state", "reason"),
    [
        ({"created": "2026-06-24"}, "yes", "in-order"), ({"created": "2027-06-24"}, "no", "future"),
        ({"created": "2023-11-20", "published": "2021-08-31"}, "no", "swapped"),
        ({"temporal_from": "01/02/2020", "temporal_to": "01/01/2020"}, "no", "swapped"),
        ({"created": "2022-10-01", "modified": "2021-03-09"}, "yes", "in-order"),
        ({"temporal_to": "31/12/2030"}, "yes", "in-order"), ({"published": "31-31-2024"}, "no", "unreadable"),
        ({}, "unknown", "no-dates"),
    ],
)  # fmt: skip
def test_dates_in_the_record(changes, state, reason):
    """Future, swapped and unreadable dates are found; the end of the time covered may lie ahead."""
    answer = ask("dates", resource=replace(RESOURCE, **changes))
    assert (STATES[answer.value], answer.reason) == (state, reason)


def test_free_is_about_money_and_keys():
    """What was handed over is free, a key is partly, a payment is no, and what never came is unknown."""
    assert ask("free").reason == "free"
    fees = Trilingual("Liquor licences. A licence fee is payable; plots available for purchase.", None, None)
    sold = replace(RESOURCE, description=fees)
    assert ask("free", resource=sold).reason == "free", "what was handed over was free"
    assert ask("free", resource=sold, content=None, visits=[failed("blocked", 403)]).reason == "payment"
    assert ask("free", resource=sold, content=None, visits=[failed("gone", 404)]).reason == "not-reached"
    assert ask("free", content=None, visits=[failed("blocked", 401)]).reason == "registration"
    assert ask("free", content=None, visits=[failed("client-error", 402)]).reason == "payment"
    assert ask("free", content=None, visits=[failed("gone", 404)]).reason == "not-reached"
    assert ask("free", content=None, visits=[failed("blocked", 403)]).reason == "not-reached"


def test_every_reason_has_its_words():
    """Each reason any criterion may give has its sentence, and each that costs something its mend."""
    for criterion in CRITERIA.values():
        for reason, value in criterion.reasons.items():
            words = words_for(criterion.id, reason)
            assert words.evidence
            assert words.mend or value in (None, 1.0), (criterion.id, reason)


def test_a_brace_in_a_value_is_not_a_name():
    """Values from strangers' files are put into sentences as they are."""
    assert fill("Holds {value}.", {"value": "{label}", "label": "x"}) == "Holds {label}."


def test_a_dataset_of_nothing_is_answered_without_a_crash():
    """A dataset with no resources, no title and no visit gets an answer to every criterion."""
    answers = list(judge(Case(DatasetFacts(DATASET, ()), AS_OF)))
    assert {answer.criterion for answer in answers} == set(CRITERIA)
    for answer in answers:
        assert all(say(answer.criterion, answer.reason, answer.facts)) or answer.value in (None, 1.0)
