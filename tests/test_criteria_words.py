"""Whatever a portal, a server or a file comes up with, every criterion answers it, in whole sentences."""

import re
from datetime import UTC, datetime, timedelta
from typing import get_args

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from harvester.clock import iso
from harvester.records import (
    Column,
    Content,
    Dataset,
    Defect,
    Dialect,
    Kind,
    Ladder,
    Nature,
    Outcome,
    Profile,
    Resource,
    Schedule,
    Trilingual,
    Verdict,
    Visit,
)
from scoring.criteria import CRITERIA, judge
from scoring.facts import Case, DatasetFacts, Look, ResourceFacts, Sharer, Terms
from scoring.words import VALUES, messages, say, words_for

AS_OF = datetime(2026, 11, 23, 4, tzinfo=UTC)
FORMATS = ("csv", "tsv", "xlsx", "json", "geojson", "xml", "html", "pdf", "png", "zip", "text", "binary", "empty")
TEXT = st.sampled_from(("", "Figures", "數字", "数据", "<b>{age}</b>", "2024", "API key required"))
MAYBE = st.none() | TEXT
TRI = st.builds(Trilingual, MAYBE, MAYBE, MAYBE)
DATE = st.none() | st.sampled_from(("2026-06-24", "24/06/2026", "2031-01-01", "soon", "2026", "2026-10", "0001-01-01"))
ADDRESS = st.sampled_from(
    ("https://a.gov.hk/x_2024.csv", "http://a.gov.hk/y?page=1", "ftp://a/x", "", "https://b.gov.hk/<date>", "{id}")
)
MOMENT = st.integers(0, 900).map(lambda days: iso(AS_OF - timedelta(days=days)))
NUMBER = st.none() | st.floats(-1e6, 1e6, allow_nan=False)
LANGUAGES = st.sets(st.sampled_from(("en", "tc", "sc"))).map(lambda found: tuple(sorted(found)))

COLUMN = st.builds(
    Column, label=st.sampled_from(("", "A", "Latitude", "speed", "年齡", "Remarks", "rate (%)")),
    type=st.sampled_from(("integer", "string", "any", "date")), null_share=st.floats(0, 1), distinct=st.just(3),
    low=NUMBER, high=NUMBER, markers=st.integers(0, 5),
)  # fmt: skip
PROFILE = st.builds(
    Profile, rows=st.integers(0, 50), columns=st.lists(COLUMN, max_size=3).map(tuple), earliest=DATE, latest=DATE,
    periods=st.integers(0, 4), variants=st.sampled_from(((), (("Sha Tin", "sha tin"),), (("a b", "A B"),))),
)  # fmt: skip
CONTENT = st.builds(
    Content, sha256=st.just("a"), bytes=st.integers(0, 9), complete=st.booleans(), format=st.sampled_from(FORMATS),
    nature=st.just("data") | st.sampled_from(get_args(Nature)),
    ladder=st.just("table") | st.sampled_from(get_args(Ladder)),
    encoding=st.sampled_from((None, "utf-8", "big5", "mixed", "utf-16")), bom=st.booleans(),
    dialect=st.none() | st.builds(Dialect, header_row=st.none() | st.integers(1, 4), header_rows=st.integers(0, 3),
                                  footer_rows=st.integers(0, 3)),
    rows=st.none() | st.integers(0, 9), columns=st.none() | st.integers(0, 3),
    labels=st.lists(st.sampled_from(("", "A", "B", "F1", "name")), max_size=3).map(tuple),
    verdict=st.sampled_from(get_args(Verdict)),
    defects=st.sampled_from(((), (Defect("encoding-error", 1),), (Defect("extra-cell", 3, 4, 5, "a {note}"),))),
    profile=st.none() | PROFILE,
)  # fmt: skip
VISIT = st.builds(
    Visit, url=st.just("https://a.gov.hk"), started=MOMENT, attempt=st.integers(1, 3),
    outcome=st.just("ok") | st.sampled_from(get_args(Outcome)),
    status=st.sampled_from((None, 200, 401, 402, 403, 404, 500)),
    bytes=st.none() | st.integers(0, 99), declared_bytes=st.none() | st.integers(0, 999),
    content_type=st.sampled_from((None, "text/csv", "text/html; charset=big5", "image/png", ";")),
    last_modified=st.sampled_from((None, "2026-11-01T00:00:00Z", "Sun, 01 Nov 2026 00:00:00 GMT", "yesterday", ",")),
    served_at=st.none() | MOMENT, redirects=st.sampled_from(((), ("http://a.gov.hk",), ("https://b.gov.hk",))),
)  # fmt: skip
LOOK = st.builds(
    Look, visits=st.lists(VISIT, max_size=2).map(tuple), content=st.none() | CONTENT,
    bodies=st.lists(MOMENT, max_size=2).map(lambda found: tuple(sorted(found))), last_ok=st.none() | MOMENT,
    archived_at=st.none() | MOMENT,
)  # fmt: skip
RESOURCE = st.builds(
    Resource, shared_id=st.sampled_from(("r1", "r2", "r3")), dataset=st.just("d"), position=st.just(0), title=TRI,
    description=TRI, format=st.sampled_from(("", "CSV", "XLS", "API", "HTML", "GeoJSON", "odd")), url=ADDRESS,
    urls=st.builds(Trilingual, st.none() | ADDRESS, st.none() | ADDRESS, st.none() | ADDRESS),
    kind=st.sampled_from(get_args(Kind)), is_api=st.none() | st.booleans(), in_language=st.none() | st.just("en"),
    mimetype=st.none(), size=st.none(), created=DATE, modified=DATE, published=DATE, temporal_from=DATE,
    temporal_to=DATE, schema_url=st.none(), languages=LANGUAGES,
)  # fmt: skip
FACTS = st.builds(ResourceFacts, RESOURCE, LOOK, st.sampled_from(((), (Sharer("r9", "e", None, ("en", "tc", "sc")),))))
DATASET = st.builds(
    Dataset, name=st.just("d"), provider=st.just("p"), category=st.none() | st.just("c"), title=TRI, notes=TRI,
    frequency=TRI, schedule=st.sampled_from(get_args(Schedule)),
    period_days=st.none() | st.sampled_from((0.001, 1.0, 365.0)),
    maintainer=TRI, maintainer_email=st.sampled_from((None, "", "a@b.hk", "a@b@c", "a(at)b")),
    maintainer_phone=MAYBE, dictionary_url=st.none() | ADDRESS, licence_id=MAYBE,
    licence_title=st.sampled_from((None, "CC BY 4.0", "Non-commercial")), created=DATE, modified=DATE,
    languages=LANGUAGES, resource_counts=st.builds(Trilingual, st.sampled_from(("1", "2")), st.just("1"), st.none()),
)  # fmt: skip
CASE = st.builds(
    Case,
    st.builds(DatasetFacts, DATASET, st.lists(FACTS, max_size=3).map(tuple), st.none() | LOOK),
    st.just(AS_OF),
    st.builds(Terms, st.booleans(), st.just("terms"), st.sampled_from((0.0, 0.5, 1.0))),
)


UNHURRIED = [HealthCheck.too_slow, HealthCheck.data_too_large]
FOUND_AS_IS = (Phase.explicit, Phase.reuse, Phase.generate)
"""A case has hundreds of parts: shrinking one takes minutes and tells little more."""


@settings(max_examples=250, deadline=None, suppress_health_check=UNHURRIED, phases=FOUND_AS_IS)
@given(CASE)
def test_every_answer_can_be_said_in_full(case):
    """No input stops a criterion, and no sentence is left with a name that the answer's facts do not fill."""
    for answer in judge(case):
        words = words_for(answer.criterion, answer.reason)
        names = set(re.findall(r"\{(\w+)\}", words.evidence + words.mend))
        assert names <= set(answer.facts), (answer.criterion, answer.reason)
        evidence, mend = say(answer.criterion, answer.reason, answer.facts)
        assert evidence
        assert mend or not words.mend


@settings(max_examples=100, deadline=None, suppress_health_check=UNHURRIED, phases=FOUND_AS_IS)
@given(CASE, st.randoms(use_true_random=False))
def test_the_order_of_resources_does_not_change_what_a_dataset_is_worth(case, random):
    """Roll-ups give the same value however the record lists its resources."""
    shuffled = list(case.dataset.resources)
    random.shuffle(shuffled)
    other = Case(DatasetFacts(case.dataset.dataset, tuple(shuffled), case.dataset.dictionary), case.as_of, case.terms)
    own = {answer.criterion: answer.value for answer in judge(case) if not answer.resource}
    assert own == {answer.criterion: answer.value for answer in judge(other) if not answer.resource}


def test_messages_are_all_there_is_to_translate():
    """The list for translators holds every sentence once, and no translated word hides inside a sentence's facts."""
    listed = messages()
    assert len(listed) == len(set(listed))
    for criterion in CRITERIA.values():
        for reason in criterion.reasons:
            assert words_for(criterion.id, reason).evidence in listed
    assert set(VALUES.values()) <= set(listed)


def test_words_of_ours_are_translated_inside_sentences():
    """A language or a field named in a sentence is given to the translator by itself."""
    chinese = {"Has no title in {language}.": "沒有{language}標題。", "English": "英文"}
    evidence, _ = say("translation", "title-missing", {"language": "en"}, lambda text: chinese.get(text, text))
    assert evidence == "沒有英文標題。"
