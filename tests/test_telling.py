"""What the pages tell: where a fault is, repeats once, what takes points away, and what must not be quoted."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harvester.records import LANGUAGES
from publish.build import publish
from publish.i18n import Translator
from publish.names import RUBRIC
from publish.telling import losses
from publish.worklist import MANY, gathered, place
from tests.catalogue_fixture import fill
from tests.test_site import get, served

EXAMPLES = [
    ('Row at position "125" has a missing cell in field "District" at position "2"', "row 125, column 2 (District)"),
    ('Type error in the cell "pending" in row "194" and field "Attendances" at position "3": type is "integer/default"',
     "row 194, column 3 (Attendances), “pending”"),
    ('Label in the header in field at position "5" is blank', "column 5"),
    ('Label "Value" in the header at position "3" is duplicated to a label: at position "2"', "column 3"),
    ('Row at position "2" is completely blank', "row 2"),
    ("The data source could not be successfully decoded", ""),
]  # fmt: skip


@pytest.mark.parametrize(("message", "where"), EXAMPLES)
def test_a_place_in_a_file_is_told_in_the_readers_words(message, where):
    """Row, column, label and cell come out of Frictionless's message; no English is left in Chinese."""
    assert place(message, Translator("en")) == where
    for language in ("tc", "sc"):
        assert not {"row", "column"} & set(place(message, Translator(language)).split())


TASKS = st.lists(
    st.fixed_dictionaries(
        {"criterion": st.sampled_from("ab"), "sentence": st.sampled_from("xy"), "mend": st.just("m"),
         "severity": st.sampled_from([0, 8]), "due": st.sampled_from(["2026-12-01", "2026-12-02"]),
         "points": st.floats(0, 100)}
    )
)  # fmt: skip


@given(TASKS)
def test_a_list_with_repeats_gathered_loses_no_task_and_keeps_its_order(tasks):
    """Every task is in exactly one row, rows stand in the order of their first task, and few are never gathered."""
    numbered = [{**task, "number": number} for number, task in enumerate(tasks)]
    made = gathered(numbered)
    assert sorted(each["number"] for row in made for each in row["tasks"]) == list(range(len(tasks)))
    assert [row["number"] for row in made] == sorted(row["number"] for row in made)
    for row in made:
        assert len(row["tasks"]) == 1 or len(row["tasks"]) >= MANY
        assert row["due"] <= min(task["due"] for task in row["tasks"])


def part(criterion, yes=0, partly=0, no=0, unknown=0):
    """Return a criterion's counts as a page has them."""
    weight = next((item.weight for item in RUBRIC.items if item.criterion == criterion), None)
    count = yes + partly + no
    mean = (yes + partly / 2) / count if count else None
    return {"id": criterion, "weight": weight, "mean": mean, "yes": yes, "partly": partly, "no": no,
            "unknown": unknown, "apart": 0}  # fmt: skip


def test_what_takes_points_away_counts_the_gate_and_not_the_unknown():
    """Where half the datasets are down that takes 50 points and comes first; what is not known takes none."""
    parts = [part("online", yes=5, no=5), part("free", yes=10), part("timely", unknown=10), part("tools", no=10)]
    told = losses(parts)
    assert [row["id"] for row in told] == ["online", "tools"]
    assert told[0]["taken"] == pytest.approx(50)
    assert told[1]["taken"] == pytest.approx(100 * 0.5 * 1 / (3 + 1))
    assert losses([part("online", yes=3), part("free", yes=3)]) == []


@pytest.mark.parametrize(
    ("portal", "said"),
    [
        ("sample", "Sample data."),
        ("sample?recorded=/some/folder", "Recorded data."),
        ("https://data.gov.hk", ""),
    ],
)
def test_only_a_live_portal_may_be_quoted(tmp_path, portal, said):
    """Invented and recorded data say so on every page, of ours and underneath, and show no path of this machine."""
    fill(tmp_path / "harvest.db")
    publish(tmp_path / "harvest.db", tmp_path / "catalog.db", lambda: datetime(2026, 11, 23, tzinfo=UTC), portal)
    site = served(tmp_path / "catalog.db")
    for answer in get(site, "/en/", "/en/provider/hk-hko", "/en/worklist/hk-hko", "/en/method", "/catalog/dataset"):
        assert all((words in answer.text) == (words == said) for words in ("Sample data.", "Recorded data."))
        assert "/some/folder" not in answer.text
    quotes = get(site, *(f"/{language}/provider/hk-hko" for language in LANGUAGES))
    assert all(("<blockquote>" in answer.text) == (not said) for answer in quotes)
