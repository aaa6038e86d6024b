"""A dictionary laid against a file: columns it does not name, fields the file has not, spellings and types."""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from harvester.compare.names import chinese_of, fold, scripts, spellings
from harvester.compare.records import Comparison, Difference, Fact, Field, Shape
from harvester.records import Column
from harvester.validate.grid import is_value

PLACES = 50
"""How many differences of each code are kept with their places; all are counted."""
ENOUGH = 0.5
"""The share of a file's columns a dictionary must name before it is taken to speak of this file."""
_KINDS: tuple[tuple[str, re.Pattern[str]], ...] = tuple(
    (kind, re.compile(pattern, re.IGNORECASE))
    for kind, pattern in (
        ("string", r"alpha-?numeric|char|text|string|文字|文本|字串|字符"),
        ("datetime", r"date\s*[-/&]?\s*(?:and)?\s*time|time\s*stamp|日期[及和與与]?時間|日期[及和与]?时间"),
        ("date", r"\bdate\b|日期|yyyy|dd/mm"),
        ("time", r"\btime\b|時間|时间"),
        ("integer", r"\b(?:big|small|tiny|long)?\s*int(?:eger)?\d*\b|\blong\b|whole number|整數|整数"),
        ("number", r"\bnum|float|double|decimal|\breal\b|currency|數字|数字|數值|数值|數目|小數|小数|浮點|浮点"),
        ("boolean", r"bool|\by\s*/\s*n\b|yes\s*/\s*no|布林|布爾|布尔"),
    )
)
"""A dictionary's words for a type, and the Frictionless type they mean; the first that is found counts."""
_CANNOT_BE: dict[str, frozenset[str]] = {
    "number": frozenset({"string", "date", "datetime", "time"}),
    "integer": frozenset({"string", "date", "datetime", "time"}),
    "date": frozenset({"boolean", "number", "time"}),
    "datetime": frozenset({"boolean", "number"}),
    "time": frozenset({"boolean", "number", "date"}),
    "boolean": frozenset({"number", "date", "datetime", "time"}),
}
"""The types that a column of a kind is not; any column may be text, and a date may be written as text or digits."""


_WAYS: dict[str, Callable[[str], Iterable[str]]] = {
    "same": lambda name: (name.strip(),),
    "spelled": lambda name: (folded,) if (folded := fold(name)) else (),
    "translated": spellings,
}
"""How a label may be a field's name, the closest way first, and what of it is compared then."""


@dataclass(frozen=True, slots=True)
class _Pair:
    """The field a label was found to be: its number, the name it was found by, and in which of the ways."""

    field: int
    name: str
    way: str


def kind_of(written: str) -> str:
    """Return the Frictionless type a dictionary's word means (``VARCHAR(20)``: string), empty where we cannot tell."""
    return next((kind for kind, pattern in _KINDS if pattern.search(written)), "")


def lay(fields: Sequence[Field], file: Shape) -> Comparison:
    """Return how ``file`` stands to a dictionary's ``fields``.

    A dictionary of several files is laid by the section that names most of the file's columns, or whole where its
    sections are no files. Where it names less than half of them it speaks of something else, and that is all we say.
    """
    labels = [column.label for column in file.columns]
    if not labels or not all(label.strip() for label in labels) or len(set(labels)) < len(labels):
        return Comparison("no-names")
    section, among = _section(fields, labels)
    pairs = _matched(among, labels)
    facts: dict[str, Fact] = {"fields": len(among), "columns": len(labels), "named": len(pairs)}
    if section:
        facts["section"] = section
    if len(pairs) < max(1, len(labels) * ENOUGH):
        return Comparison("other-language" if _other_language(among, labels) else "other-fields", facts)
    if file.dialect is not None and file.dialect.header_rows != 1:
        return Comparison("joined-labels", facts)
    named = {pair.field for pair in pairs.values()}
    left = _unlike([field for place, field in enumerate(among) if place not in named], labels)
    beyond = _unmet([label for place, label in enumerate(labels) if place not in pairs], among)
    if beyond and _other_language(among, beyond):
        left, beyond, facts["unsure"] = [], [], "language"
    if any(is_value(label.strip()) for label in labels):
        left, facts["unsure"] = [], "values"
    found = {
        "lacking": [Difference("lacking", field.name, value_a=field.type or None) for field in left],
        "undocumented": [Difference("undocumented", column_b=label) for label in beyond],
        "spelled": [
            Difference("spelled", pair.name, labels[place]) for place, pair in pairs.items() if pair.way == "spelled"
        ],
        "typed": list(_typed(among, pairs, file.columns)),
    }
    facts |= {code: len(each) for code, each in found.items()}
    return Comparison(None, facts, tuple(difference for each in found.values() for difference in each[:PLACES]))


def _typed(fields: Sequence[Field], pairs: Mapping[int, _Pair], columns: Sequence[Column]) -> Iterator[Difference]:
    for place, pair in sorted(pairs.items()):
        field, column = fields[pair.field], columns[place]
        if contradicts(field.kind, column):
            yield Difference("typed", field.name, column.label, value_a=field.type, value_b=column.type)


def contradicts(kind: str, column: Column) -> bool:
    """Whether a column is of another type than a dictionary says.

    What Frictionless takes for text is numbers to a careful reader where it has a range (thousands separators, gaps).
    """
    if column.type not in _CANNOT_BE.get(kind, ()) or not column.distinct:
        return kind == "integer" and column.type == "number" and _has_fractions(column)
    if kind in ("number", "integer"):
        return column.low is None and column.markers == 0
    return column.type != "number" or _has_fractions(column)


def _has_fractions(column: Column) -> bool:
    return any(value is not None and value != int(value) for value in (column.low, column.high))


def _section(fields: Sequence[Field], labels: Sequence[str]) -> tuple[str, list[Field]]:
    names = list(dict.fromkeys(field.section for field in fields))
    if len(names) == 1:
        return names[0], list(fields)
    options = [(name, [field for field in fields if field.section == name]) for name in names]
    options.append(("", list(fields)))
    return max(options, key=lambda option: (len(_matched(option[1], labels)), -len(option[1])))


def _matched(fields: Sequence[Field], labels: Sequence[str]) -> dict[int, _Pair]:
    """Return the field of each label's place, the closest names first, each field once."""
    pairs: dict[int, _Pair] = {}
    taken: set[int] = set()
    for way, keys in _WAYS.items():
        named: dict[str, list[tuple[int, str]]] = {}
        for number, field in enumerate(fields):
            for name in (field.name, *field.others):
                for key in keys(name):
                    named.setdefault(key, []).append((number, name))
        for place, label in enumerate(labels):
            options = (option for key in keys(label) for option in named.get(key, ()) if option[0] not in taken)
            found = next(options, None) if place not in pairs else None
            if found is not None:
                pairs[place] = _Pair(found[0], found[1], way)
                taken.add(found[0])
    return pairs


def _unmet(labels: Sequence[str], fields: Sequence[Field]) -> list[str]:
    """Return the labels that no field speaks of, even loosely; years and numbers over columns are values, not names."""
    said = {part for field in fields for name in (field.name, *field.others) for part in _loose(name)}
    return [label for label in labels if not is_value(label.strip()) and not _loose(label) & said]


def _unlike(fields: Sequence[Field], labels: Sequence[str]) -> list[Field]:
    """Return the fields of which no column speaks, even loosely."""
    there = {part for label in labels for part in _loose(label)}
    return [each for each in fields if not any(_loose(name) & there for name in (each.name, *each.others))]


def _loose(name: str) -> set[str]:
    """Return what a name speaks of at the widest: each of several named at once, and the one that is numbered.

    ``name_en / name_tc`` speaks of both, and ``phone 2`` of the same as ``phone n``: no dictionary is wrong for that.
    """
    parts = {name, *re.split(r"[/,;、，；|&\n]|\band\b|\bto\b", name)}
    return {fold(re.sub(r"[\W_]*(?:\d+|\bn)\s*$", "", part)) or fold(part) for part in parts} - {""}


def _names(fields: Sequence[Field]) -> str:
    return " ".join(name for field in fields for name in (field.name, *field.others))


def _other_language(fields: Sequence[Field], labels: Sequence[str]) -> bool:
    return not scripts(_names(fields)) & scripts(" ".join(labels)) or _other_chinese(fields, labels)


def _other_chinese(fields: Sequence[Field], labels: Sequence[str]) -> bool:
    """Whether the labels are in a Chinese script that the dictionary does not use, or in a language it does not."""
    if any(scripts(label) and not scripts(label) & scripts(_names(fields)) for label in labels):
        return True
    theirs = {chinese_of(name) for each in fields for name in (each.name, *each.others)} - {""}
    ours = {chinese_of(label) for label in labels} - {""}
    return bool(ours and theirs) and not ours & theirs
