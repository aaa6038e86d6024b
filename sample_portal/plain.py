"""Plainly sound datasets in their variety: documents beside data, as-needed updates, live feeds, many files."""

import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from datetime import datetime
from functools import partial
from itertools import cycle

from sample_portal.catalogue import Response
from sample_portal.drafts import Draft
from sample_portal.frequencies import AS_NEEDED, LIVE
from sample_portal.generator import HONG_KONG, Making, add_dictionary, add_file, add_shape
from sample_portal.names import DISTRICTS
from sample_portal.natures import as_needed, live
from sample_portal.tables import Series, fields
from sample_portal.truth import Entry

_DOCUMENTS = ("PDF", "PNG", "DOCX", "JPEG", "HTML")


def dress(making: Making, draft: Draft, place: int) -> Iterator[Entry]:
    """Give the `place`-th plain dataset its files and its ways; yields what is to be said of its nature."""
    if place % 12 == 7:
        _make_live(making, draft, place)
        yield from live(draft)
        return
    add_shape(making, draft, place)
    if place % 8 == 3:
        add_file(making, draft, _DOCUMENTS[place // 8 % len(_DOCUMENTS)], 0, leaf="notes")
    if place % 4 == 1:
        add_dictionary(draft, ("PDF", "DOCX")[place % 8 == 1])
    if place % 10 == 4:
        draft.frequency = list(AS_NEEDED[place // 10 % len(AS_NEEDED)])
        yield from as_needed(draft)


def _make_live(making: Making, draft: Draft, place: int) -> None:
    """Make the dataset a live call in three languages, whose readings are of the present moment."""
    draft.frequency = list(LIVE[place // 12 % len(LIVE)])
    draft.described = [("updateTime", "updateTime", "text"), *fields(draft.series)[1:3]]
    for language in range(3):
        item = add_file(making, draft, "API", language)
        item.covers = (None, None)
        item.answer = Response(
            partial(_readings, making.now, draft.series, language), "application/json; charset=utf-8"
        )


def _readings(now: Callable[[], datetime], series: Series, language: int) -> bytes:
    """Return the readings of the last ten-minute mark, in Hong Kong time, as records."""
    moment = now().astimezone(HONG_KONG)
    moment = moment.replace(minute=moment.minute // 10 * 10, second=0, microsecond=0)
    table = series.table(language)
    rows = [
        {"updateTime": moment.isoformat(), table.labels[1]: DISTRICTS[index][0][language], table.labels[2]: row[2]}
        for index, row in zip(series.districts, table.rows, strict=False)
    ]
    return json.dumps(rows, ensure_ascii=False).encode()


def extend(making: Making, drafts: Sequence[Draft], wanted: int) -> None:
    """Add `wanted` more sound files, further tables of the same figures' kind, round after round over `drafts`."""
    if wanted <= 0 or not drafts:
        return
    turns = cycle(drafts)
    for number in range(wanted):
        draft = next(turns)
        series = replace(draft.series, seed=making.token(f"table/{draft.name}/{number}"), places=False)
        form, language = (("CSV", 0), ("CSV", 1), ("JSON", 0), ("XLSX", 1))[number // len(drafts) % 4]
        table = number // len(drafts) + 2
        item = add_file(making, draft, form, language, series, leaf=f"table_{table:03d}")
        item.titles = [
            f"Table {table}: {item.titles[0]}",
            f"表{table}：{item.titles[1]}",
            f"表{table}：{item.titles[2]}",
        ]
