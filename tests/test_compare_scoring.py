"""What of the files laid beside each other lowers a criterion, and what is only told."""

from dataclasses import replace

import pytest

from harvester.compare.records import Comparison, Difference
from harvester.records import Content, Dataset, Resource, Trilingual, Visit
from scoring.criteria import CRITERIA
from scoring.facts import Beside, Case, DatasetFacts, Look, ResourceFacts
from scoring.words import say
from tests.test_criteria_whole import AS_OF, DATASET, RESOURCE

SEEN = "2026-11-23T02:00:00Z"
DICTIONARY = Look(
    (Visit("d", SEEN, 1, "ok", 200, sha256="dict"),), (9,), Content("dict", 9, True, "csv", "data", "table")
)
MONTHLY = replace(DATASET, schedule="periodic", period_days=30.0, dictionary_url="https://a.gov.hk/d.csv")
WHOLE = {"fields": 4, "columns": 4, "named": 4}


def file(name, *, seen=SEEN, labels=("Date",), ladder="table", format_="csv", content=True, **changes):
    body = Content(name, 9, True, format_, "data", ladder, labels=labels)
    visit = Visit(name, seen, 1, "ok", 200, sha256=name)
    resource: Resource = replace(RESOURCE, shared_id=name, url=f"https://a.gov.hk/{name}.csv", **changes)
    return ResourceFacts(resource, Look((visit,), (1,), body if content else None, body=visit))


def ask(criterion, resources, dictionary=None, languages=None, dataset: Dataset = MONTHLY):
    titled = replace(dataset, title=Trilingual("a", "甲", "甲"))
    beside = Beside(dictionary or {}, languages or {})
    facts = DatasetFacts(titled, tuple(resources), DICTIONARY, beside=beside)
    return CRITERIA[criterion].answer(facts, Case(facts, AS_OF))


def laid(*differences, reason=None, **facts):
    found = [Difference(code, *columns) for code, *columns in differences]
    return Comparison(reason, {**WHOLE, **facts}, tuple(found))


UNNAMED, UNSEEN = ("undocumented", None, "Remarks"), ("lacking", "Zone", None)


@pytest.mark.parametrize(
    ("files", "dictionary", "reason"),
    [
        ([file("a")], {"a": laid()}, "readable"),
        ([file("a")], {"a": laid(UNNAMED)}, "undocumented"),
        ([file("a")], {"a": laid(UNSEEN, lacking=1)}, "lacking"),
        ([file("a")], {"a": laid(UNNAMED, UNSEEN, lacking=1)}, "contradicts"),
        ([file("a")], {"a": laid(("spelled", "zone", "ZONE"), ("typed", "x", "x"))}, "readable"),
        ([file("a")], {"a": laid(reason="other-fields")}, "readable"),
        ([file("a")], {}, "readable"),
        # a dictionary of two files: what one lacks the other has, or may have
        ([file("a"), file("b", labels=("Date", "Zone"))], {"a": laid(UNSEEN, lacking=1), "b": laid()}, "readable"),
        ([file("a"), file("b")], {"a": laid(UNSEEN, lacking=1), "b": laid(UNSEEN, lacking=1)}, "lacking"),
        ([file("a"), file("b")], {"a": laid(UNSEEN, lacking=1)}, "readable"),
        ([file("a"), file("b", content=False)], {"a": laid(UNSEEN, lacking=1)}, "readable"),
        ([file("a"), file("b", ladder="document", format_="pdf")], {"a": laid(UNSEEN, lacking=1)}, "lacking"),
        ([file("a"), file("b")], {"a": laid(UNSEEN, section="one"), "b": laid(section="two")}, "lacking"),
        # what lies inside another field of JSON has no column of its own
        ([file("a", format_="json")], {"a": laid(UNSEEN, lacking=1)}, "readable"),
        ([file("a", format_="json")], {"a": laid(UNNAMED, UNSEEN, lacking=1)}, "readable"),
        ([file("a", format_="json")], {"a": laid(UNNAMED)}, "undocumented"),
        # another Chinese script than the dictionary's
        ([file("a")], {"a": laid(UNSEEN, lacking=1, unsure="language")}, "readable"),
    ],
)  # fmt: skip
def test_a_dictionary_is_contradicted_only_by_what_is_certain(files, dictionary, reason):
    """Columns nobody describes and fields nobody publishes lower it; what another file may explain does not."""
    answer = ask("dictionary", files, dictionary)
    assert (answer.reason, answer.value) == (reason, 1.0 if reason == "readable" else 0.5)
    if reason in ("undocumented", "contradicts"):
        assert "Remarks" in say("dictionary", reason, answer.facts)[0]
    if reason in ("lacking", "contradicts"):
        assert "Zone" in say("dictionary", reason, answer.facts)[0]


WRONG = Comparison(
    None, {"rows_a": 20, "rows_b": 20, "number": 2}, (Difference("number", "Count", "數目", 7, 9, "5", "50"),)
)
FEWER = Comparison(None, {"rows_a": 20, "rows_b": 18}, (Difference("rows", value_a="20", value_b="18"),))
TOLD = Comparison(None, {"gap": 1}, (Difference("gap", "Count", "數目", 7, 9, "5", ""), Difference("column", "a", "b")))


def behind(latest):
    return replace(FEWER, facts={**FEWER.facts, "latest_a": "2026-10-31", "latest_b": latest})


@pytest.mark.parametrize(
    ("told", "changes", "reason"),
    [
        (WRONG, {}, "numbers-differ"), (FEWER, {}, "rows-differ"), (TOLD, {}, "same"),
        (replace(WRONG, reason="other-table"), {}, "same"),
        (behind("2026-09-30"), {}, "same"), (behind("2026-06-30"), {}, "rows-differ"),
        (WRONG, {"schedule": "real-time", "period_days": None}, "same"), (WRONG, {"period_days": 0.02}, "same"),
        (WRONG, {"schedule": "as-needed", "period_days": None}, "numbers-differ"),
    ],
)  # fmt: skip
def test_languages_that_differ_lower_the_translation(told, changes, reason):
    """Rows and numbers do; gaps, other tables, live feeds and a period one language is behind do not."""
    answer = ask(
        "translation", [file("a"), file("b")], languages={("a", "b"): told}, dataset=replace(MONTHLY, **changes)
    )
    assert (answer.reason, answer.value) == (reason, 1.0 if reason == "same" else 0.5)
    if reason == "numbers-differ":
        sentence, mend = say("translation", reason, answer.facts)
        assert all(part in sentence for part in ("Count", "5", "row 7", "a.csv", "50", "row 9", "b.csv"))
        assert mend


def test_what_was_fetched_on_different_days_is_not_compared():
    """The second file may have been updated since the first was seen; an API without a schedule is not judged."""
    later = file("b", seen="2026-11-25T02:00:00Z")
    assert ask("translation", [file("a"), later], languages={("a", "b"): WRONG}).reason == "same"
    calls = [file("a", kind="api"), file("b", kind="api")]
    unplanned = replace(MONTHLY, schedule="unknown", period_days=None)
    assert ask("translation", calls, languages={("a", "b"): WRONG}, dataset=unplanned).reason == "same"
    assert ask("translation", calls, languages={("a", "b"): WRONG}).reason == "numbers-differ"
