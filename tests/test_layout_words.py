"""What stands in a table beside its data reaches its officer: a reason, a sentence and a mend in three languages."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from harvester.records import LANGUAGES, Content, Dataset, Defect, Dialect, Resource, Trilingual, Visit
from publish.i18n import Translator
from publish.sentences import told
from scoring.criteria import CRITERIA
from scoring.criteria.base import Answer
from scoring.criteria.files import content_facts
from scoring.facts import Case, DatasetFacts, Look, ResourceFacts

NONE = Trilingual()
ADDRESS = "https://a.gov.hk/places.xls"
RESOURCE = Resource(
    "r", "d", 0, NONE, NONE, "XLS", ADDRESS, Trilingual(ADDRESS), "file", None, None, None, None, None, None, None,
    None, None, None, ("en",),
)  # fmt: skip
DATASET = Dataset(
    "d", "p", None, NONE, NONE, NONE, "unknown", None, NONE, None, None, None, None, None, None, None, ("en",), NONE
)
CONTENT = Content(
    "a" * 64, 99, True, "xls", "data", "proprietary-table", dialect=Dialect(header_row=1), rows=9, columns=2,
    labels=("place", "count"), verdict="valid",
)  # fmt: skip
BROKEN = Defect("formula-error", 2, 4, 2, "the cell shows #REF!", ("B4 #REF!", "B9 #REF!"))


def shape(dialect: Dialect, *defects: Defect, of: str = "shape") -> Answer:
    """Answer the question of layout (or ``of`` something else) for a workbook that is read by ``dialect``."""
    content = replace(CONTENT, dialect=dialect, defects=defects)
    visit = Visit(ADDRESS, "2026-11-22T00:00:00Z", 1, "ok", 200, sha256="a" * 64)
    facts = ResourceFacts(RESOURCE, Look((visit,), (1,), content))
    case = Case(DatasetFacts(DATASET, (facts,)), datetime(2026, 11, 23, tzinfo=UTC))
    return CRITERIA[of].answer(facts, case)


@pytest.mark.parametrize(
    ("dialect", "reason", "says"),
    [
        (Dialect(header_row=1, others=2, others_at=("A20:F35", "Sheet2!A1:C9")), "several-tables",
         "The file holds 3 tables; besides the one that was read: A20:F35, Sheet2!A1:C9."),
        (Dialect(header_row=1, sections=4, sections_at=(5, 9)), "section-rows",
         "4 rows inside the table only head the rows below them, the first in row 5."),
        (Dialect(header_row=1, merged=2, merged_at=("A2:A5", "A6:A9")), "merged-cells",
         "Cells are merged in 2 places, such as A2:A5, A6:A9."),
        (Dialect(header_row=1), "formula-errors",
         "2 cells show a spreadsheet's error in place of a value, such as B4 #REF!, B9 #REF!."),
    ],
)  # fmt: skip
def test_each_has_a_reason_of_its_own(dialect: Dialect, reason: str, says: str) -> None:
    """Tables beside the first, section rows, merged cells and formula errors are partly, and say where."""
    answer = shape(dialect, *([BROKEN] if reason == "formula-errors" else []))
    assert (answer.value, answer.reason) == (0.5, reason)
    why, mend = told(Translator("en"), "shape", reason, {"facts": answer.facts})
    assert why == says
    assert mend


def test_what_else_is_wrong_follows_in_every_language() -> None:
    """Beside two rows of labels, the section rows and merged cells are told too, each with its mend, never mixed."""
    answer = shape(
        Dialect(header_row=1, header_rows=2, sections=4, sections_at=(5,), merged=2, merged_at=("D1:Q1", "A2:B2"))
    )
    assert answer.reason == "header-rows"
    sentences = {language: told(Translator(language), "shape", answer.reason, {"facts": answer.facts})
                 for language in LANGUAGES}  # fmt: skip
    why, mend = sentences["en"]
    assert why == (
        "The labels take 2 rows. 4 rows inside the table only head the rows below them, the first in row 5."
        " Cells are merged in 2 places, such as D1:Q1, A2:B2."
    )
    assert mend == (
        "Put one row of labels at the top, without merged cells. Give the groups a column of their own, filled in"
        " every row, and take out the rows that head them. Unmerge the cells and write the value into each of them."
    )
    assert "第 5 行" in sentences["tc"][0]
    assert "儲存格" in sentences["tc"][1]
    assert "单元格" in sentences["sc"][1]
    assert not {"{", "}"} & set("".join(map("".join, sentences.values())))


def test_a_workbook_with_merged_cells_is_partly_readable() -> None:
    """Valid or not, a workbook whose table has merged cells is for people first; one without them is not held to it."""
    merged = shape(Dialect(header_row=1, merged=1, merged_at=("A2:A5",)), of="machine_readable")
    assert (merged.value, merged.reason, merged.facts["merged_at"]) == (0.5, "merged-cells", "A2:A5")
    assert shape(Dialect(header_row=1), of="machine_readable").reason == "valid"


def test_an_error_of_a_formula_is_none_of_frictionless() -> None:
    """Our own defect is not counted among Frictionless's in the sentence on its verdict."""
    invalid = replace(CONTENT, verdict="invalid", defects=(Defect("type-error", 3, 4, 2), BROKEN))
    facts = content_facts(ResourceFacts(RESOURCE, Look((), (), invalid)))
    assert (facts["defect"], facts["count"]) == ("type-error", 3)
