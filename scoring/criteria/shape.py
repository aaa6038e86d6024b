"""The table's layout: one row of labels, then data to the end, and nothing else in the file."""

from collections.abc import Iterator, Mapping

from harvester.records import Content, Dialect
from scoring.criteria.base import NO, PARTLY, UNKNOWN, YES, Fact, Finding, resource_criterion
from scoring.criteria.files import NOT_TABLE, TABLE_FORMATS, content_facts, merged_cells
from scoring.criteria.reach import NOT_REACHED, reached
from scoring.facts import Case, ResourceFacts

FORMULA_ERROR = "formula-error"
"""Our own defect beside Frictionless's: a cell that shows a spreadsheet's error in place of a value."""


@resource_criterion(
    "shape",
    "Table layout",
    {
        "clean": YES, "one-note": YES, "no-table": NO,
        "title-rows": PARTLY, "header-rows": PARTLY, "blank-label": PARTLY, "footer": PARTLY,
        "several-tables": PARTLY, "section-rows": PARTLY, "merged-cells": PARTLY, "formula-errors": PARTLY,
        "not-a-table": UNKNOWN, "not-reached": UNKNOWN, "no-resources": UNKNOWN,
    },
)  # fmt: skip
def shape(facts: ResourceFacts, _case: Case) -> Finding:
    """Does the table start with one row of labels and hold only data to its end; one closing note is forgiven.

    The first thing that stands in a program's way is the reason; what else stands in the table is told after it.
    """
    content = facts.look.content
    if content is None or not reached(facts):
        return NOT_REACHED
    if content.format not in TABLE_FORMATS:
        return NOT_TABLE
    values, dialect = content_facts(facts), content.dialect
    if content.verdict == "broken" or content.columns == 0 or (dialect and dialect.header_rows == 0):
        return Finding("no-table", values, facts.look.visit_ids)
    found = [*_around(dialect or Dialect()), *_inside(dialect or Dialect(), content)]
    if not found:
        if any(not label.strip() for label in content.labels):
            return Finding("blank-label", values, facts.look.visit_ids)
        return Finding("one-note" if dialect and dialect.footer_rows else "clean", values, facts.look.visit_ids)
    reason, told = found[0]
    values |= told
    for other, more in found[1:]:
        values |= {**more, f"also_{other.replace('-', '_')}": 1}
    return Finding(reason, values, facts.look.visit_ids)


def _around(dialect: Dialect) -> Iterator[tuple[str, Mapping[str, Fact]]]:
    """Yield the first of what keeps a program from the table, and the values of its sentence."""
    if dialect.header_rows > 1:
        yield "header-rows", {"header_rows": dialect.header_rows}
    elif (dialect.header_row or 1) > 1:
        yield "title-rows", {"header_row": dialect.header_row or 1}
    elif dialect.footer_rows > 1 and not dialect.others:
        yield "footer", {"footer_rows": dialect.footer_rows}


def _inside(dialect: Dialect, content: Content) -> Iterator[tuple[str, Mapping[str, Fact]]]:
    """Yield what else stands in the file or among the rows, each with the values of its sentence."""
    if dialect.others:
        yield "several-tables", {"tables": dialect.others + 1, "tables_at": ", ".join(dialect.others_at[:3])}
    if dialect.sections:
        first = dialect.sections_at[0] if dialect.sections_at else 0
        yield "section-rows", {"sections": dialect.sections, "section_row": first}
    if dialect.merged:
        yield "merged-cells", merged_cells(dialect)
    for defect in content.defects:
        if defect.code == FORMULA_ERROR:
            yield "formula-errors", {"errors": defect.count, "errors_at": ", ".join(defect.examples[:3])}
