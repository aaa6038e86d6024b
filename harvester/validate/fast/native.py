"""Tables of native values (sheets, JSON): whole columns vouched for by the kinds of values in them, the rest by row.

Opened, typed and counted by Frictionless's rules as delimited files are (docs/fast-path.md).
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from functools import lru_cache
from itertools import chain, islice
from typing import Any

import re2
from frictionless import Detector, Dialect
from frictionless.settings import DEFAULT_FIELD_CONFIDENCE, DEFAULT_SAMPLE_SIZE
from frictionless.table.label_matching import deduplicate_names

from harvester.validate.fast import casts
from harvester.validate.fast.body import Outcome
from harvester.validate.fast.casts import _won
from harvester.validate.fast.opening import COLUMNS, Head, Unproved
from harvester.validate.fast.tally import Place, Tally

BLOCK_ROWS = 5_000
"""How many rows are looked at together; few enough that a wide table's block stays in a few megabytes."""
DIGITS = 20
"""Decimals of more digits before the point may be beyond what Frictionless's reader of integers can divide."""
SURE: dict[str, frozenset[type]] = {
    "string": frozenset({str}),
    "integer": frozenset({int}),
    "number": frozenset({int, float, Decimal}),
    "boolean": frozenset({bool}),
    "date": frozenset({date}),
    "datetime": frozenset({datetime}),
    "time": frozenset({time}),
    "duration": frozenset({timedelta}),
    "object": frozenset({dict}),
    "array": frozenset({list}),
}
"""By type of column, the classes (not their subclasses) every value of which Frictionless surely reads."""
KNOWN = frozenset({type(None)}.union(*SURE.values()))
NOTHING = frozenset({type(None)})
ASKED: dict[str, frozenset[type]] = {
    "integer": frozenset({float, Decimal}),
    "date": frozenset({datetime}),
    "year": frozenset({int, bool}),
    "yearmonth": frozenset({list}),
    "geopoint": frozenset({list, dict}),
    "geojson": frozenset({dict}),
}
"""By type, the other classes some values of which it may read; it reads none of the known classes in neither table."""

Answer = Callable[[Any], bool]


class Inexact(Unproved):
    """A row must be looked at by itself, and the values at hand are not exactly those Frictionless would read."""


@dataclass(frozen=True, slots=True, eq=False)
class _Held:
    """A value in a sample, itself as a key: lists and objects cannot be looked up."""

    value: Any


class _Native(Tally):
    """Counts the errors of rows of native values."""

    def __post_init__(self) -> None:
        self.answers = [reads(type_) for type_ in self.head.types]
        self._answers = [bool] * len(self.answers)

    def missing(self, cell: Any) -> bool:
        """Tell whether a cell stands for no value, by Frictionless's rule for its text."""
        if cell is None:
            return True
        if type(cell) is str:
            return cell in self.head.missing
        return len(self.head.missing) > 1 and str(cell) in self.head.missing

    def _errors(self, cells: Sequence[Any], number: int) -> list[Place]:
        within = zip(cells, self.answers, strict=False)
        told: list[Any] = ["" if self.missing(cell) else answer(cell) for cell, answer in within]
        return super()._errors(told + [True] * (len(cells) - len(told)), number)


def judge(
    rows: Iterable[Sequence[Any]],
    limit: int,
    shown: int,
    *,
    missing: frozenset[str] = casts.NOTHING,
    dialect: Dialect | None = None,
    exact: bool = True,
) -> Outcome:
    """Return what Frictionless says of ``rows``, the whole stream its parser gives, labels and all.

    ``missing`` are the texts that stand for no value. Where no ``dialect`` tells the row of the labels, it is looked
    for. ``exact`` is False where floats beyond the first hundred rows stand for the numbers Frictionless would see:
    Inexact is raised where that matters. Raises Unproved where something is beyond what is certain. Takes no more
    rows than a block after the one in which counting stops.
    """
    stream = iter(rows)
    sample = list(islice(stream, DEFAULT_SAMPLE_SIZE))
    try:
        head = _headed(sample, dialect, missing)
        tally = _Native(head, limit, shown)
        tally.header()
        return _read(chain(sample[head.row :], stream), head, tally, exact=exact)
    except (ArithmeticError, ValueError):
        raise Unproved("a number is beyond what is read with certainty") from None


def judge_rows(
    labels: Sequence[str], rows: Sequence[Sequence[Any]], missing: Sequence[str], limit: int, shown: int
) -> Outcome:
    """Return what Frictionless says of rows in memory under ``labels``, ``missing`` standing for no value beside "".

    Raises Unproved where something is beyond what is certain.
    """
    nothing = frozenset(("", *missing))
    return judge(chain([labels], rows), limit, shown, missing=nothing, dialect=Dialect(header_rows=[1]))


def _read(stream: Iterator[Sequence[Any]], head: Head, tally: _Native, *, exact: bool) -> Outcome:
    number, proved = head.row, 0
    while block := list(islice(stream, BLOCK_ROWS)):
        doubtful = _doubtful(block, tally, exact=exact)
        if doubtful and not exact:
            raise Inexact("a row must be looked at by itself")
        for index in doubtful:
            tally.row(block[index], number + index + 1)
            if tally.full:
                return Outcome(head, tally, number + index + 1 - head.row, proved)
        number, proved = number + len(block), proved + len(block) - len(doubtful)
    return Outcome(head, tally, number - head.row, proved)


def _doubtful(block: Sequence[Sequence[Any]], tally: _Native, *, exact: bool) -> list[int]:
    """Return which rows of the block are not vouched for: of another width, blank, or with a cell not of its type."""
    width = len(tally.answers)
    fit = [index for index, row in enumerate(block) if len(row) == width]
    found = set(range(len(block))).difference(fit) if len(fit) < len(block) else set()
    rows = [block[index] for index in fit] if found else block
    filled = False
    for place, column in enumerate(zip(*rows, strict=True)):
        kinds = set(map(type, column))
        if not kinds <= KNOWN:
            raise Unproved("a cell is of a kind that is not known here")
        found.update(fit[index] for index in _wrong(column, kinds, tally, place, exact=exact))
        filled = filled or _always_filled(column, kinds, tally.head.missing)
    if not filled:
        found.update(index for index, row in zip(fit, rows, strict=True) if all(map(tally.missing, row)))
    return sorted(found)


def _wrong(column: Sequence[Any], kinds: set[type], tally: _Native, place: int, *, exact: bool) -> list[int]:
    """Return where in a column stand the values that cannot be read as its type."""
    type_, answer = tally.head.types[place], tally.answers[place]
    open_ = kinds - NOTHING - SURE.get(type_, frozenset())
    if not open_ or type_ == "any":
        return []
    if not exact and open_ != {str}:
        raise Inexact("a value must be asked of its reader")
    texts = {cell for cell in column if type(cell) is str} - tally.head.missing if str in open_ else set()
    unread = set() if _sound(type_, texts) else {text for text in texts if not answer(text)}
    if not unread and open_ == {str}:
        return []
    return [
        index for index, cell in enumerate(column)
        if type(cell) in open_
        and (cell in unread if type(cell) is str else not answer(cell) and not tally.missing(cell))
    ]  # fmt: skip


def _always_filled(column: Sequence[Any], kinds: set[type], missing: frozenset[str]) -> bool:
    """Tell whether certainly no cell of a column stands for no value."""
    if kinds == {str}:
        return missing.isdisjoint(column)
    return type(None) not in kinds and str not in kinds and len(missing) == 1


def _sound(type_: str, texts: set[str]) -> bool:
    """Tell whether texts are all of the language of ``type_``, in one pass over them."""
    whole = "\n".join([*texts, ""]).encode(errors="replace")
    return whole.count(b"\n") == len(texts) and _language(type_).fullmatch(whole) is not None


@lru_cache(maxsize=32)
def _language(type_: str) -> Any:
    options = re2.Options()
    options.encoding = re2.Options.Encoding.LATIN1
    options.never_capture = True
    # What has no language matches no text: each is asked of its reader.
    return re2.compile(f"(?:(?:{casts.SOUND.get(type_, '[^ -~]')})\n)*".encode("ascii"), options)


@lru_cache(maxsize=32)
def reads(type_: str) -> Answer:
    """Return whether Frictionless reads a value that is not missing as ``type_``, as a function.

    Readers are only made when a value must be asked of one: some take longer than a small table.
    """
    if type_ == "any":
        return lambda _: True
    sure, refused = SURE.get(type_, frozenset()), KNOWN - ASKED.get(type_, frozenset()) - {str}

    def answer(cell: Any) -> bool:
        kind = type(cell)
        if kind in sure:
            return True
        if kind in refused:
            return False
        return casts.cast(type_)(cell) if kind is str else not _reader(type_)(cell)[1]

    return answer


@lru_cache(maxsize=32)
def _reader(type_: str) -> Any:
    return casts.FIELDS[type_](name="shared").create_cell_reader()


def _headed(sample: list[Any], dialect: Dialect | None, missing: frozenset[str]) -> Head:
    """Return the head of the table whose first rows are ``sample``, as ``opening.headed`` does for texts."""
    dialect = Detector().detect_dialect(sample, dialect=dialect)
    labels = dialect.read_labels(sample)
    row = dialect.header_rows[-1] if dialect.header and dialect.header_rows else 0
    if not labels or not row:
        raise Unproved("no row of labels was found")
    if len(labels) > COLUMNS:
        raise Unproved(f"it has more than {COLUMNS} columns")
    names = deduplicate_names([label or f"field{number}" for number, label in enumerate(labels, start=1)])
    body = sample[row:]
    columns = [[cells[i] if i < len(cells) else None for cells in body] for i in range(len(names))]
    types = [_type(column, missing) if body else "any" for column in columns]
    return Head(row, tuple(labels), tuple(names), tuple(types), missing)


def _type(column: list[Any], missing: frozenset[str]) -> str:
    """Return the type Frictionless's detector gives a column: ``casts.infer`` for values that are not all texts.

    What is looked up among the texts that stand for no value is the value itself, which only a text can equal.
    """
    kinds = set(map(type, column))
    if kinds <= {str, type(None)}:
        return casts.infer([column], missing)[0]
    if not kinds <= KNOWN:
        raise Unproved("a cell is of a kind that is not known here")
    if any(not cell.is_finite() or cell.adjusted() > DIGITS for cell in column if type(cell) is Decimal):
        raise Unproved("a number is beyond what is read with certainty")
    held = [cell if cell is None or type(cell) is str else _Held(cell) for cell in column]
    soonest = _won(held, lambda _: True, missing, DEFAULT_FIELD_CONFIDENCE, len(held))
    best, row = "any", len(held)
    for type_ in casts.CANDIDATES if soonest is not None else ():
        won = _won(held, _of_held(reads(type_)), missing, DEFAULT_FIELD_CONFIDENCE, row)
        if won is not None:
            best, row = type_, won
        if row == soonest:
            break
    return best


def _of_held(answer: Answer) -> Answer:
    return lambda cell: answer(cell.value if type(cell) is _Held else cell)
