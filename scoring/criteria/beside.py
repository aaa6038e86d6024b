"""Whether a dataset's files contradict each other: its dictionary and its tables, or one table in two languages."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, timedelta
from urllib.parse import urlsplit

from dateutil.parser import isoparse

from harvester.compare.names import fold
from harvester.compare.records import Comparison, Difference
from scoring.criteria.base import Fact, Finding
from scoring.facts import DatasetFacts, ResourceFacts

NAMED = 5
"""How many columns a sentence names."""
TREES = frozenset({"json", "jsonl"})
"""Formats in which a field may lie inside another, so that a dictionary may rightly name what no column is called."""
PEOPLES = frozenset({"document", "picture", "page"})
"""What has no columns, and so cannot be what a dictionary's other fields are of."""
TOGETHER = timedelta(days=1)
"""How far apart two languages may have been fetched: between, one of them may have been updated."""
LAG_PERIODS, LAG_DAYS = 1.5, 31
"""How far one language may be behind without being called different: an update that reaches both in turn."""


def contradiction(facts: DatasetFacts, values: Mapping[str, Fact]) -> Finding | None:
    """Return that a readable dictionary and the files do not name the same columns, None where they do.

    A column counts where the dictionary names most of its file's others. A field counts where no file of the dataset
    has it and every one of them could be looked at: a dictionary may be of several files.
    """
    laid = [(each, told) for each in facts.resources if (told := _beside(each, facts)) and told.reason is None]
    columns = [(each, place.column_b or "") for each, told in laid for place in _undocumented(each, told)]
    fields = list(_lacking(facts, laid))
    if not columns and not fields:
        return None
    found: dict[str, Fact] = dict(values)
    if columns:
        labels = list(dict.fromkeys(label for each, label in columns if each is columns[0][0]))
        found |= {"labels": _listed(labels), "resource": columns[0][0].resource.shared_id}
    if fields:
        found["listed"] = _listed(fields)
    reason = "contradicts" if columns and fields else "undocumented" if columns else "lacking"
    visits = facts.dictionary.visit_ids if facts.dictionary else ()
    return Finding(reason, found, (*visits, *((columns or laid)[0][0].look.visit_ids)))


def _beside(each: ResourceFacts, facts: DatasetFacts) -> Comparison | None:
    content = each.look.content
    return facts.beside.dictionary.get(content.sha256) if content else None


def _undocumented(each: ResourceFacts, told: Comparison) -> list[Difference]:
    nested = each.look.content is not None and each.look.content.format in TREES and told.facts.get("lacking", 0)
    return [] if nested else [place for place in told.differences if place.code == "undocumented"]


def _lacking(facts: DatasetFacts, laid: Sequence[tuple[ResourceFacts, Comparison]]) -> Iterator[str]:
    """Yield the dictionary's fields that no file has, where that is certain."""
    known = {each.resource.shared_id for each, told in laid if "unsure" not in told.facts}
    for each in facts.resources:
        content = each.look.content
        if each.resource.shared_id not in known and (content is None or content.ladder not in PEOPLES):
            return
        if content is not None and content.format in TREES:
            return
    sections: dict[str, list[list[str]]] = {}
    for _, told in laid:
        missing = [place.column_a or "" for place in told.differences if place.code == "lacking"]
        sections.setdefault(str(told.facts.get("section", "")), []).append(missing)
    there = {fold(label) for each, _ in laid if each.look.content for label in each.look.content.labels}
    for lists in sections.values():
        yield from (name for name in lists[0] if fold(name) not in there and all(name in other for other in lists[1:]))


def _listed(names: Sequence[str]) -> str:
    return ", ".join(name[:60] for name in names[:NAMED]) + (" …" if len(names) > NAMED else "")


def languages_differ(facts: DatasetFacts) -> Finding | None:
    """Return that two language versions of one table differ in rows or in a number, None where they do not.

    Live answers are left out, and what was fetched on different days: there one of them may have been updated since.
    """
    dataset = facts.dataset
    if dataset.schedule == "real-time" or (dataset.period_days or 1) < 1:
        return None
    shown = {each.look.content.sha256: each for each in facts.resources if each.look.content}
    for (a, b), told in facts.beside.languages.items():
        one, two = shown[a], shown[b]
        apart = _apart(one, two)
        if told.reason is not None or apart is None or apart > TOGETHER or _behind(told, dataset.period_days):
            continue
        if dataset.schedule != "periodic" and "api" in (one.resource.kind, two.resource.kind):
            continue
        found = _numbers(told) or _rows(told)
        if found:
            names: dict[str, Fact] = {"first": _leaf(one), "second": _leaf(two), "resource": one.resource.shared_id}
            return Finding(found[0], {**names, **found[1]}, (*one.look.visit_ids, *two.look.visit_ids))
    return None


def _apart(one: ResourceFacts, two: ResourceFacts) -> timedelta | None:
    seen = [each.look.known_by() for each in (one, two)]
    times = [isoparse(visit.started) for visit in seen if visit]
    return abs(times[0] - times[1]) if len(times) == len(seen) else None


def _behind(told: Comparison, period: float | None) -> bool:
    """Whether one language only lacks the newest period yet."""
    days = [str(told.facts.get(name) or "") for name in ("latest_a", "latest_b")]
    if days[0] == days[1] or not all(days):
        return False
    one, two = (date.fromisoformat(day[:10]) for day in days)
    return abs((one - two).days) <= (LAG_PERIODS * period if period else LAG_DAYS)


def _numbers(told: Comparison) -> tuple[str, dict[str, Fact]] | None:
    place = next((place for place in told.differences if place.code == "number"), None)
    if place is None:
        return None
    values: dict[str, Fact] = {
        "count": int(told.facts.get("number", 1)), "column": (place.column_a or "")[:80], "row": place.row_a or 0,
        "value": place.value_a or "", "second_row": place.row_b or 0, "second_value": place.value_b or "",
    }  # fmt: skip
    return "numbers-differ", values


def _rows(told: Comparison) -> tuple[str, dict[str, Fact]] | None:
    place = next((place for place in told.differences if place.code == "rows"), None)
    if place is None:
        return None
    return "rows-differ", {"rows": int(place.value_a or 0), "second_rows": int(place.value_b or 0)}


def _leaf(each: ResourceFacts) -> str:
    """Return what tells a file from another for its keeper: the end of its address."""
    parts = urlsplit(each.resource.url)
    leaf = parts.path.rstrip("/").rpartition("/")[2]
    return f"{leaf}?{parts.query}"[:120] if parts.query else leaf[:120] or each.resource.url[:120]
