"""The rows of labels of a table: where they begin, how many there are, and the one label a column they make."""

import re
from collections import Counter
from collections.abc import Sequence
from itertools import pairwise
from typing import Any

from harvester.validate.grid import Box, filled, is_marker, is_value, words
from harvester.validate.texts import Texts, trimmed

HEADER_WITHIN = 100
HEADER_ROWS = 5
NOTE = re.compile(
    r"^[(\[（【]?\s*(?:notes?|remarks?|sources?|legends?|explanat\w+|symbols?|key|disclaimer|footnotes?|abbreviations?"
    r"|last (?:updated|revised)|prepared by|註釋|註解|備註|备注|附註|附注|註|注|資料來源|资料来源|來源|来源|說明|说明"
    r"|圖例|图例|最後更新|最后更新)\s*[\d)）\]】]*\s*(?:[:：.．]|$|\s)"
    r"|^[*#†‡^@]+\s*\S|^\(\d+\)\s|^[（(][一二三四五六七八九十\d]+[)）]",
    re.IGNORECASE,
)
_HAN = re.compile(r"[\u3400-\u9fff]")
_LATIN = re.compile(r"[A-Za-z]{2}")
_LONG_LABEL = 60


def find_header(
    rows: Sequence[Sequence[Any]], counts: Sequence[int], fits: Sequence[bool], width: int, typical: float
) -> tuple[int, int] | None:
    """Return the index of the first label row and how many there are (0 where the table begins with data)."""
    need = 1 if width == 1 else max(2, typical * 0.5)
    within = range(min(len(rows), HEADER_WITHIN))
    top = next((i for i in within if fits[i] and counts[i] >= need), None)
    if top is None:
        return None
    if top and not fits[top - 1] and _nearly_fits(rows[top - 1], width, counts[top - 1], typical):
        top -= 1  # labels a cell shorter or longer than their rows
    values = value_columns(rows[top + 1 :], width)
    if is_data(rows[top], values):
        return (top - 1, 1) if top and fits[top - 1] and _few_labels(rows[top - 1]) else (top, 0)
    height = 1
    while height < HEADER_ROWS and top + height < len(rows) - 1 and _goes_on(rows, top, height, values):
        height += 1
    while height > 1 and extent(rows[top]) < min(3, width) and filled(rows[top + height - 1]) >= width * 0.8:
        top, height = top + 1, height - 1  # a number and a name at the left are a title: every column has its label
    first = top
    while first > 0 and height < HEADER_ROWS and fits[first - 1] and _heads_groups(rows[first - 1], width):
        first, height = first - 1, height + 1
    return first, height


def value_columns(rows: Sequence[Sequence[Any]], width: int) -> dict[int, str]:
    """Return the columns that hold mostly numbers or dates in the rows below the first few, and which of the kinds."""
    sample = [row for row in rows[: 5 + 300] if filled(row)]
    sample = sample[5:] if len(sample) > 12 else sample[len(sample) // 3 :]  # noqa: PLR2004 - more label rows may follow
    found: dict[int, str] = {}
    even = set(map(len, sample)) == {width}
    columns = zip(*sample, strict=True) if even else ([row[i] for row in sample if i < len(row)] for i in range(width))
    for column, held in enumerate(columns):
        cells = list(filter(None, trimmed(held)))
        whole = Texts(cells)
        if not whole.digits:
            continue
        if kind := _plain_kind(whole):
            found[column] = kind
            continue
        cells = [cell for cell in cells if not is_marker(cell)]
        values = [_kind(cell) for cell in cells if is_value(cell)]
        if cells and len(values) >= len(cells) * 0.6:
            found[column] = Counter(values).most_common(1)[0][0]
    return found


def _plain_kind(whole: Texts) -> str | None:
    """Return the kind of a column whose cells are all plainly of it, None where each must be looked at."""
    return "number" if whole.numbers else "date" if whole.dates else "time" if whole.times else None


def _kind(value: str) -> str:
    """Return whether a value is a time, a date or a number: one of another kind than its column's data is a label."""
    if ":" in value:
        return "time"
    return "date" if re.fullmatch(r"\d+([-/.年])\d+(?:\1|月)\d+.*", value) else "number"


def is_data(row: Sequence[Any], values: dict[int, str]) -> bool:
    """Whether what should be labels is data: values of the column's own kind in most of the columns of values.

    Years and a count (1, 2, 3, ...) over the columns are labels.
    """
    said = {i: words(row[i]) for i in values if i < len(row) and words(row[i])}
    alike = [cell for i, cell in said.items() if is_value(cell) and _kind(cell) == values[i]]
    years = sum(1 for cell in alike if re.match(r"(?:19|20)\d\d(?:\D|\d{2}$|$)", cell))
    return (
        len(alike) > len(said) * 0.5 and not (len(values) > 1 and years >= len(alike) * 0.8) and not _counts_up(alike)
    )


def _few_labels(row: Sequence[Any]) -> bool:
    """Whether a row with most cells blank is still labels: two words or more, and none of them a note or a value."""
    said = [words(cell) for cell in row if words(cell)]
    return (
        len(said) > 1
        and not any(is_value(cell) or len(cell) > _LONG_LABEL for cell in said)
        and not NOTE.match(said[0])
    )


def _nearly_fits(row: Sequence[Any], width: int, count: int, typical: float) -> bool:
    return abs(len(row) - width) <= 1 and count >= typical * 0.5 and _few_labels(row)


def _counts_up(cells: Sequence[str]) -> bool:
    numbers = [int(float(cell)) for cell in cells if re.fullmatch(r"\d{1,4}(?:\.0)?", cell)]
    steps = sum(1 for one, two in pairwise(numbers) if two == one + 1)
    return len(numbers) > 2 and steps >= len(numbers) * 0.8  # noqa: PLR2004 - three in a row


def _goes_on(rows: Sequence[Sequence[Any]], top: int, height: int, values: dict[int, str]) -> bool:
    """Whether the next row is still labels: words where data are numbers, or the labels again in another script."""
    row, body = rows[top + height], rows[top + height + 1 :]
    said = {i: words(row[i]) for i in values if i < len(row) and words(row[i])}
    if _numbers_columns(row, values):
        return True
    if not said:
        return not values and _translates(rows[top + height - 1], row, body)
    if any(is_marker(cell) or (is_value(cell) and _kind(cell) == values[i]) for i, cell in said.items()):
        return False
    below = body[:300]
    if any(cell in trimmed([each[i] for each in below if i < len(each)]) for i, cell in said.items()):
        return False  # a word that comes again is data
    flipped = {_script(rows[top + height - 1]), _script(row)} == {"han", "latin"}
    return len(said) > 1 or flipped or filled(row) < filled(rows[top]) * 0.7


def _numbers_columns(row: Sequence[Any], values: dict[int, str]) -> bool:
    """Whether a row only numbers the columns, (1), (2), (3), those of words too."""
    cells = [words(cell).strip("()（） ").removesuffix(".0") for cell in row if words(cell)]
    counted = cells == [str(number) for number in range(1, len(cells) + 1)]
    return counted and len(cells) > max(2, len(values)) and len(cells) == extent(row)


def _translates(labels: Sequence[Any], row: Sequence[Any], body: Sequence[Sequence[Any]]) -> bool:
    """Whether ``row`` is ``labels`` in the other script, and no row of the body is in that script alone."""
    pair = (_script(labels), _script(row))
    sample = [_script(each) for each in body[:50] if filled(each)]
    enough = len(sample) > 4 and filled(labels) == filled(row)  # noqa: PLR2004 - fewer rows prove nothing
    return enough and "" not in pair and pair[0] != pair[1] and pair[1] not in sample


def _script(cells: Sequence[Any]) -> str:
    """Return han or latin where two cells or more are all in that script, else nothing."""
    text = [words(cell) for cell in cells if words(cell)]
    han = sum(bool(_HAN.search(cell)) for cell in text)
    latin = sum(bool(_LATIN.search(cell)) and not _HAN.search(cell) for cell in text)
    if len(text) > 1 and han == len(text):
        return "han"
    return "latin" if len(text) > 1 and latin == len(text) else ""


def _heads_groups(row: Sequence[Any], width: int) -> bool:
    """Whether a row above the labels heads groups of columns: short words beyond the second column, no title."""
    cells = [words(cell) for cell in row]
    said = [cell for cell in cells if cell]
    if not said or extent(row) < min(3, width):
        return False
    if len(said) == 1 and cells.index(said[0]) < 2:  # noqa: PLR2004 - one cell at the left is a title
        return False
    return all(len(cell) <= _LONG_LABEL and not cell.endswith((":", "：")) for cell in said) and not NOTE.match(said[0])


def joined(rows: Sequence[Sequence[Any]], width: int, merged: Sequence[Box] = (), first: int = 1) -> tuple[str, ...]:
    """Return one label a column, those of several rows joined top down, a group's heading carried to its right.

    ``merged`` are the ranges of merged cells among ``rows``, the first of which is row ``first`` of its sheet: a row
    that has some carries its headings over them alone.
    """
    parts: list[list[str]] = [[] for _ in range(width)]
    for number, row in enumerate(rows):
        cells = [words(row[column]) if column < len(row) else "" for column in range(width)]
        if number < len(rows) - 1:  # a name of its own is what the last row gives, or none
            cells = _carried(cells, [box for box in merged if box.top == first + number][:width])
        for part, cell in zip(parts, cells, strict=True):
            if cell and cell not in part:
                part.append(cell)
    return tuple(" ".join(part) for part in parts)


def _carried(cells: Sequence[str], spans: Sequence[Box]) -> list[str]:
    """Return a row of headings with each carried over its merged range, or to the next where nothing is merged."""
    carried = list(cells)
    for box in spans:
        for column in range(box.left, min(box.right, len(cells))):
            carried[column] = carried[column] or cells[box.left - 1]
    if not spans:
        for column in range(1, len(cells)):
            carried[column] = carried[column] or carried[column - 1]
    return carried


def extent(row: Sequence[Any]) -> int:
    """Return the number of the last filled cell of ``row`` (counted from 1), 0 where there is none."""
    return next((i + 1 for i in range(len(row) - 1, -1, -1) if words(row[i])), 0)
