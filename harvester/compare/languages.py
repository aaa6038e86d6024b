"""One table in two languages, laid beside each other: rows, columns, and numbers at the same place."""

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from harvester.compare.cells import NOTHING, Cell, column, equal
from harvester.compare.records import Comparison, Difference, Fact, Table
from harvester.validate.grid import words

PLACES = 20
"""How many places of each kind of difference are kept; all are counted."""
COLUMNS = 200
"""How many columns are compared: more make no table that anyone reads in two languages."""
ALIKE = 0.5
"""The share of rows (and of a column's values) that must agree before two files are taken for one table."""
SAME_WORDS = 0.9
"""The share of a column's words that both languages must have before it is taken for codes."""
PAIRED = 60
"""Rows under one key above which they are not paired with each other one by one."""
VALUE_LENGTH = 120


@dataclass(frozen=True, slots=True)
class _Column:
    """Two columns that say the same: their places, and what most of their cells are."""

    a: int
    b: int
    kind: str

    @property
    def key(self) -> bool:
        """Whether it tells one row from another: dates and codes do, figures do not."""
        return self.kind != "number"


Keyed = tuple[Cell, ...]


def lay(a: Table, b: Table) -> Comparison:
    """Return how two language versions of a table differ.

    Words are translated, so that only numbers, dates and codes (words that both have) are compared; rows are found
    again by their dates and codes, whatever their order. Where fewer than half of the rows agree they are not taken
    for one table, and nothing is said against either.
    """
    facts: dict[str, Fact] = {"columns_a": len(a.labels), "columns_b": len(b.labels)}
    if a.cut or b.cut:
        return Comparison("too-long", facts)
    cells_a, cells_b = _columns(a), _columns(b)
    pairs = _aligned(cells_a, cells_b)
    if not pairs:
        return Comparison("only-words", {**facts, "rows_a": len(a.rows), "rows_b": len(b.rows)})
    kinds = [pair.kind for pair in pairs]
    rows_a = _keyed([cells_a[pair.a] for pair in pairs], kinds)
    laid = _Laid(a, b, pairs, rows_a, _keyed([cells_b[pair.b] for pair in pairs], kinds))
    facts |= {"rows_a": len(laid.rows_a), "rows_b": len(laid.rows_b), "compared": len(pairs)}
    if not laid.rows_a or not laid.rows_b:
        return Comparison("only-words", facts)
    return _told(laid, facts)


@dataclass(frozen=True, slots=True)
class _Laid:
    """Two tables with the columns that are compared, and each row's cells in them by the row's place in its table."""

    a: Table
    b: Table
    pairs: list[_Column]
    rows_a: dict[int, Keyed]
    rows_b: dict[int, Keyed]


def _columns(table: Table) -> list[list[Cell]]:
    width = min(len(table.labels), COLUMNS)
    return [column([row[i] if i < len(row) else None for row in table.rows]) for i in range(width)]


def _keyed(columns: Sequence[Sequence[Cell]], kinds: Sequence[str]) -> dict[int, Keyed]:
    """Return the compared cells of each row that has a figure or a date in them (else a word): the others are notes."""
    telling = [place for place, kind in enumerate(kinds) if kind != "words"] or range(len(kinds))
    rows = enumerate(zip(*columns, strict=True))
    return {number: row for number, row in rows if any(row[place].kind == kinds[place] for place in telling)}


def _kind(cells: Sequence[Cell]) -> str:
    """Return what most of a column's filled cells are, nothing where it has none."""
    kinds = Counter(cell.kind for cell in cells if cell.kind != "nothing")
    if not kinds:
        return "nothing"
    kind, count = kinds.most_common(1)[0]
    return kind if count >= kinds.total() * ALIKE else "mixed"


def _aligned(a: Sequence[Sequence[Cell]], b: Sequence[Sequence[Cell]]) -> list[_Column]:
    """Return the columns to compare: those at the same place that agree, then those that agree elsewhere."""
    kinds_a, kinds_b = [_kind(cells) for cells in a], [_kind(cells) for cells in b]
    counts_a = [Counter(cell.key for cell in cells if cell is not NOTHING) for cells in a]
    counts_b = [Counter(cell.key for cell in cells if cell is not NOTHING) for cells in b]

    def fit(i: int, j: int) -> bool:
        if kinds_a[i] != kinds_b[j] or kinds_a[i] in ("nothing", "mixed"):
            return False
        least = SAME_WORDS if kinds_a[i] == "words" else ALIKE
        return _shared(counts_a[i], counts_b[j], kinds_a[i] == "words") >= least

    found = {i: i for i in range(min(len(a), len(b))) if fit(i, i)}
    for i in (i for i in range(len(a)) if i not in found):
        j = next((j for j in range(len(b)) if j not in found.values() and fit(i, j)), None)
        if j is not None:
            found[i] = j
    if len(a) == len(b):  # numbers that agree nowhere may be rounded, or in another unit: they keep their place
        for i in range(len(a)):
            if i not in found and i not in found.values() and kinds_a[i] == kinds_b[i] == "number":
                found[i] = i
    return [_Column(i, found[i], kinds_a[i]) for i in sorted(found)]


def _shared(a: Counter[Any], b: Counter[Any], distinct: bool) -> float:
    """Return the share (0-1) of two columns' values, or of their distinct values, that both have."""
    if distinct:
        return len(a.keys() & b.keys()) / max(len(a.keys() | b.keys()), 1)
    small = min(a.total(), b.total())
    return (a & b).total() / small if small else 0.0


def _told(laid: _Laid, facts: dict[str, Fact]) -> Comparison:
    left_a, left_b = _unlike(laid)
    couples, alone_a, alone_b = _coupled(laid, left_a, left_b)
    most = max(len(laid.rows_a), len(laid.rows_b))
    unlike = Counter(
        place for one, two in couples for place in range(len(laid.pairs)) if not equal(one[1][place], two[1][place])
    )
    other = {place for place, count in unlike.items() if count > most * ALIKE}
    good = [couple for couple in couples if not _differing(couple, other)]
    same = most - len(couples) + len(good) - max(len(alone_a), len(alone_b))
    if len(other) == len(laid.pairs) or same < min(len(laid.rows_a), len(laid.rows_b)) * ALIKE:
        return Comparison("other-table", facts)
    found = {
        "rows": list(_rows(laid)),
        "columns": list(_widths(laid)),
        "column": [Difference("column", *_labels(laid, place)) for place in sorted(other)],
        "number": [each for couple in couples for each in _numbers(laid, couple, other, gaps=False)],
        "gap": [each for couple in couples for each in _numbers(laid, couple, other, gaps=True)],
        "only-first": [
            Difference("only-first", row_a=laid.a.numbers[row], value_a=_shown(laid.a.rows[row])) for row in alone_a
        ],
        "only-second": [
            Difference("only-second", row_b=laid.b.numbers[row], value_b=_shown(laid.b.rows[row])) for row in alone_b
        ],
    }
    facts |= {code.replace("-", "_"): len(each) for code, each in found.items()}
    facts["in_order"] = int(list(laid.rows_a.values()) == list(laid.rows_b.values()))
    return Comparison(None, facts, tuple(difference for each in found.values() for difference in each[:PLACES]))


def _unlike(laid: _Laid) -> tuple[list[int], list[int]]:
    """Return the rows of each table that the other does not have just so, as often."""
    keys_a = {number: tuple(cell.key for cell in row) for number, row in laid.rows_a.items()}
    keys_b = {number: tuple(cell.key for cell in row) for number, row in laid.rows_b.items()}

    def left(ours: Mapping[int, Any], theirs: Mapping[int, Any]) -> list[int]:
        have = Counter(theirs.values())
        found = []
        for number, key in ours.items():
            have[key] -= 1
            if have[key] < 0:
                found.append(number)
        return found

    return left(keys_a, keys_b), left(keys_b, keys_a)


Couple = tuple[tuple[int, Keyed], tuple[int, Keyed]]


def _coupled(laid: _Laid, left_a: list[int], left_b: list[int]) -> tuple[list[Couple], list[int], list[int]]:
    """Return the unlike rows that are the same row, by their dates and codes (else by their place), and the others."""
    couples: list[Couple] = []
    alone_a: list[int] = []
    alone_b: list[int] = []
    keys = [place for place, pair in enumerate(laid.pairs) if pair.key]
    groups: dict[Any, tuple[list[int], list[int]]] = defaultdict(lambda: ([], []))
    for side, (left, rows) in enumerate(((left_a, laid.rows_a), (left_b, laid.rows_b))):
        for number in left:
            groups[tuple(rows[number][place].key for place in keys)][side].append(number)
    for ours, theirs in groups.values():
        if max(len(ours), len(theirs)) > PAIRED:
            paired = list(zip(ours, theirs, strict=True)) if len(ours) == len(theirs) else []
        else:
            paired = list(_nearest(laid, ours, theirs))
        couples += [((one, laid.rows_a[one]), (two, laid.rows_b[two])) for one, two in paired]
        alone_a += sorted(set(ours) - {one for one, _ in paired})
        alone_b += sorted(set(theirs) - {two for _, two in paired})
    return sorted(couples, key=lambda couple: couple[0][0]), sorted(alone_a), sorted(alone_b)


def _nearest(laid: _Laid, ours: Sequence[int], theirs: Sequence[int]) -> Iterator[tuple[int, int]]:
    """Yield the rows of a group two by two, those with most equal cells first, then those that stand nearest."""

    def distance(one: int, two: int) -> tuple[int, int]:
        cells = zip(laid.rows_a[one], laid.rows_b[two], strict=True)
        return -sum(equal(x, y) for x, y in cells), abs(one - two)

    left_a, left_b = set(ours), set(theirs)
    for one, two in sorted(((one, two) for one in ours for two in theirs), key=lambda couple: distance(*couple)):
        if one in left_a and two in left_b:
            left_a.remove(one)
            left_b.remove(two)
            yield one, two


def _differing(couple: Couple, other: set[int]) -> bool:
    (_, one), (_, two) = couple
    return any(place not in other and not equal(x, y) for place, (x, y) in enumerate(zip(one, two, strict=True)))


def _numbers(laid: _Laid, couple: Couple, other: set[int], *, gaps: bool) -> Iterator[Difference]:
    """Yield the cells of one row that differ: two values, or (``gaps``) a value and none."""
    (one, row_a), (two, row_b) = couple
    for place, (x, y) in enumerate(zip(row_a, row_b, strict=True)):
        if place in other or equal(x, y) or ("nothing" in (x.kind, y.kind)) != gaps:
            continue
        pair, code = laid.pairs[place], "gap" if gaps else "number"
        yield Difference(
            code, *_labels(laid, place), laid.a.numbers[one], laid.b.numbers[two],
            _value(laid.a, one, pair.a), _value(laid.b, two, pair.b),
        )  # fmt: skip


def _rows(laid: _Laid) -> Iterator[Difference]:
    """Yield that the rows are not as many: neither those that tell something nor all that there are.

    A note below the table is no row of it, and a row without its figure is one all the same.
    """
    if len(laid.rows_a) != len(laid.rows_b) and len(laid.a.rows) != len(laid.b.rows):
        yield Difference("rows", value_a=str(len(laid.rows_a)), value_b=str(len(laid.rows_b)))


def _widths(laid: _Laid) -> Iterator[Difference]:
    if len(laid.a.labels) != len(laid.b.labels):
        yield Difference("columns", value_a=str(len(laid.a.labels)), value_b=str(len(laid.b.labels)))


def _labels(laid: _Laid, place: int) -> tuple[str, str]:
    pair = laid.pairs[place]
    return laid.a.labels[pair.a][:VALUE_LENGTH], laid.b.labels[pair.b][:VALUE_LENGTH]


def _value(table: Table, row: int, place: int) -> str:
    cells = table.rows[row]
    return words(cells[place])[:VALUE_LENGTH] if place < len(cells) else ""


def _shown(row: Sequence[Any]) -> str:
    return " | ".join(words(cell)[:40] for cell in row[:8])[:VALUE_LENGTH]
