"""Sentences whose number is 1, in English: "1 visit", not "1 visits". Chinese has no plural and is left as it is.

Only templates of our own are read, never what they are filled with.
"""

import re
from collections.abc import Mapping
from functools import lru_cache

NOUNS = {
    f"{noun}s": noun
    for noun in (
        "answer", "byte", "cell", "column", "content", "dataset", "date", "day", "defect", "difference", "draw",
        "field", "file", "hour", "minute", "month", "page", "pair", "period", "place", "point", "provider", "record",
        "resource", "row", "score", "second", "table", "task", "thing", "time", "value", "visit", "week", "year",
    )
} | {"addresses": "address"}  # fmt: skip
"""What is counted in our sentences, many to one."""
BETWEEN = r"(?: (?:new|open|other|ranked|working|distinct))?"
"""What may stand between a number and what it counts."""
COUNT = re.compile(rf"\{{(?P<name>\w+)\}}(?P<between>{BETWEEN}) (?P<noun>{'|'.join(NOUNS)})\b")
PHRASES: tuple[tuple[str, str, str], ...] = (
    ("attempts", "asked {attempts} times", "asked once"),
    ("errors", "{errors} cells show a", "{errors} cell shows a"),
    ("errors", "such as {errors_at}", "at {errors_at}"),
    ("files", "the same {files} files", "the same file"),
    ("footer_rows", "The last {footer_rows} rows are notes", "The last row is a note"),
    ("groups", "{groups} values are", "{groups} value is"),
    ("having", "are in a readable", "is in a readable"),
    ("having", "are stated", "is stated"),
    ("having", "resources are calls of", "resources is a call of"),
    ("having", "resources state it", "resources states it"),
    ("merged", ", such as {merged_at}", ": {merged_at}"),
    ("number", "{number} addresses work again", "{number} address works again"),
    ("number", "; {number} are others", "; {number} is another"),
    ("others", "{others} other resources have the same address, among them {first}",
     "{others} other resource has the same address: {first}"),
    ("sections", "{sections} rows inside the table only head the rows below them, the first in row {section_row}",
     "{sections} row inside the table only heads the rows below it: row {section_row}"),
    ("value_a", "There were {value_a} rows", "There was {value_a} row"),
    ("value_b", "now there are {value_b}", "now there is {value_b}"),
)  # fmt: skip
"""By the number that is 1: what of a sentence is then otherwise than by its noun alone, before and after."""


def in_ones(template: str, values: Mapping[str, object]) -> str:
    """Return an English ``template``, not yet filled, as it reads where some of ``values`` are 1 (or written so)."""
    ones = tuple(name for name, value in values.items() if value == "1" or (type(value) is int and value == 1))
    return _in_ones(template, ones) if ones else template


@lru_cache(maxsize=10_000)
def _in_ones(template: str, ones: tuple[str, ...]) -> str:
    for name, many, one in PHRASES:
        if name in ones:
            template = template.replace(many, one)
    return COUNT.sub(
        lambda found: f"{{{found['name']}}}{found['between']} {NOUNS[found['noun']]}"
        if found["name"] in ones else found[0], template
    )  # fmt: skip
