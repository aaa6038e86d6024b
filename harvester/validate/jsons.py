"""JSON: strictly parsed, its list of records found and judged as a table; GeoJSON by its own standard."""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from itertools import chain, islice
from pathlib import Path
from string import ascii_uppercase
from typing import Any

from harvester.records import Defect, Dialect, Sniffed
from harvester.sniff.notation import GEOMETRIES
from harvester.sniff.text import codec
from harvester.validate import engine, limits, paging
from harvester.validate.finding import Finding, broken, telling, unmeasured
from harvester.validate.geometry import faults, told
from harvester.validate.grid import is_value
from harvester.validate.tables import records_profile

SEARCH_DEPTH = 4
"""How deep below the top a list of records is looked for."""
_PLACEHOLDER = re.compile(r"(?:f|c|col|column|field|var)[ _-]?\d+", re.IGNORECASE)


class _NotJsonError(ValueError):
    """Raised by the strict parser at NaN and Infinity, which JSON (RFC 8259, section 6) does not have."""


def _refuse(constant: str) -> Any:
    raise _NotJsonError(f"{constant} is not a JSON value.")


def load(text: str) -> Any:
    """Return what the JSON ``text`` says, strictly. Raises ValueError with a sentence; RecursionError when too deep."""
    return json.loads(text.removeprefix("\ufeff"), parse_constant=_refuse)


def examine_json(path: Path, sniffed: Sniffed, today: date) -> Finding:
    """Return the finding on a JSON document. ``today`` is Hong Kong's date."""
    document = _read(path, sniffed)
    if isinstance(document, Finding):
        return document
    return _paged(_document(path, document, sniffed, today), document.parsed)


def _paged(finding: Finding, parsed: Any) -> Finding:
    """Return ``finding`` with what the document says of further pages."""
    kept = finding.profile
    return finding if kept is None else replace(finding, profile=replace(kept, more=paging.more(parsed)))


def examine_lines(path: Path, sniffed: Sniffed, today: date) -> Finding:
    """Return the finding on JSON lines: Frictionless's verdict once every line is JSON."""
    if reason := limits.of_tree(path):
        return unmeasured(reason)
    records = []
    with path.open(encoding=codec(sniffed.encoding or "utf-8"), errors="replace") as file:
        for number, line in enumerate(file, 1):
            try:
                records += [load(line)] if line.strip() else []
            except RecursionError:
                return unmeasured(f"Line {number} is nested too deep.")
            except ValueError as error:
                return broken(f"Line {number} is not JSON: {error}")
    if reason := limits.of_records(records):
        return unmeasured(reason)
    judgement = engine.judge_lines(path, records)
    records = [record for record in records if isinstance(record, dict)]
    return _judged(judgement, _keys(records), records, "", today)


@dataclass(frozen=True, slots=True)
class _Document:
    """A document as text, and what it says."""

    text: str
    parsed: Any


def _read(path: Path, sniffed: Sniffed) -> _Document | Finding:
    """Return the parsed document, or the Finding that it cannot be parsed or may not be."""
    if reason := limits.of_tree(path):
        return unmeasured(reason)
    try:
        text = path.read_text(encoding=codec(sniffed.encoding or "utf-8"))
        return _Document(text, load(text))
    except UnicodeDecodeError as error:
        return broken(f"The text cannot be decoded at byte {error.start:,}.")
    except RecursionError:
        return unmeasured("The document is nested too deep to be parsed safely.")
    except ValueError as error:
        if "integer string conversion" in str(error):
            return unmeasured("The document holds a number of more than 4,300 digits.")
        return broken(f"Not JSON: {error}")


def _parsed(path: Path, sniffed: Sniffed) -> Any:
    """Return what the document says, or the Finding that it cannot be parsed or may not be."""
    document = _read(path, sniffed)
    return document if isinstance(document, Finding) else document.parsed


def _document(path: Path, document: _Document, sniffed: Sniffed, today: date) -> Finding:
    parsed = document.parsed
    found = find_records(parsed)
    around = _around(parsed)
    if found is None:
        one = dict(around)
        kept = records_profile(tuple(one), [one], (), today, around) if one else None
        return Finding("opens", rows=0 if parsed in ([], {}) else None, profile=kept)
    where, records, keyed = found
    if reason := limits.of_records(records):
        return unmeasured(reason)
    labels = _keys(records)
    if lettered := _lettered(records, labels):
        return _without_names(lettered, labels, records, where, today)
    if keyed or "." in "".join(where):
        dialect = Dialect(record_path=".".join([*where, "*"] if keyed else where))
        kept = records_profile(labels, records, (), today, around)
        return Finding("opens", None, dialect, len(records), len(labels), labels, profile=kept)
    plain = not sniffed.bom and sniffed.encoding in ("ascii", "utf-8")
    if plain:
        judgement = engine.judge_document(path, document.text, parsed, where, records)
    else:
        judgement = engine.judge_file(path, "json", record_path=".".join(where))
    finding = _judged(judgement, labels, records, ".".join(where), today, around)
    if judgement.valid or plain:
        return finding
    again = engine.judge_rows(labels, [[record.get(label) for label in labels] for record in records], ())
    return Finding(
        "invalid", finding.reason, finding.dialect, finding.rows, finding.columns, labels,
        "valid" if again.valid else "invalid", finding.defects, finding.profile, route=finding.route,
    )  # fmt: skip


def _judged(
    judgement: engine.Judgement,
    labels: tuple[str, ...],
    records: Sequence[Any],
    where: str,
    today: date,
    around: Sequence[tuple[str, str]] = (),
) -> Finding:
    types = judgement.types if judgement.labels == labels else ()
    return Finding(
        verdict="valid" if judgement.valid else "invalid",
        reason=judgement.reason,
        dialect=Dialect(header_row=1, record_path=where),
        rows=len(records),
        columns=len(labels),
        labels=judgement.labels or labels,
        defects=judgement.defects,
        profile=records_profile(labels, records, types, today, around),
        route=judgement.route,
    )


def find_records(parsed: Any) -> tuple[list[str], Sequence[Any], bool] | None:
    """Return where the longest list of objects stands (its path), the list, and whether it is an object of objects."""
    best: tuple[list[str], Sequence[Any], bool] | None = None
    level: list[tuple[list[str], Any]] = [([], parsed)]
    for _ in range(SEARCH_DEPTH):
        for where, value in level:
            records = _as_records(value)
            if records is not None and (best is None or len(records[0]) > len(best[1])):
                best = (where, *records)
        if best is not None:
            return best
        inside = ((where, value.items()) for where, value in level if isinstance(value, Mapping))
        level = [([*where, str(key)], child) for where, items in inside for key, child in islice(items, 200)]
    return best


def _around(parsed: Any, depth: int = 3) -> list[tuple[str, str]]:
    """Return the single values outside any list, with their names, down to three levels."""
    if not isinstance(parsed, Mapping) or depth == 0:
        return []
    found: list[tuple[str, str]] = []
    for key, value in islice(parsed.items(), 200):
        if isinstance(value, Mapping):
            found += _around(value, depth - 1)
        elif isinstance(value, str | int | float) and not isinstance(value, bool):
            found.append((str(key), str(value)[:400]))
    return found


def _as_records(value: Any) -> tuple[Sequence[Any], bool] | None:
    if isinstance(value, list) and value and sum(isinstance(each, Mapping) for each in value) == len(value):
        return value, False
    if isinstance(value, Mapping) and len(value) > 1:
        children = list(value.values())
        if all(isinstance(each, Mapping) and each for each in children) and _alike(children):
            return children, True
    return None


def _alike(children: Sequence[Mapping[str, Any]]) -> bool:
    """Whether the objects of an object are records: most of their keys are the same."""
    first, shared = set(children[0]), set(children[0]).intersection(*children[1:50])
    return len(shared) >= len(first) * 0.5


def _keys(records: Sequence[Any]) -> tuple[str, ...]:
    keys: dict[str, None] = {}
    for record in islice(records, 5000):
        if isinstance(record, Mapping):
            keys.update(dict.fromkeys(record))
    return tuple(keys)


def _lettered(records: Sequence[Any], labels: Sequence[str]) -> tuple[str, ...] | None:
    """Return the real names where records are keyed "A", "B" (or F1, F2) and the first of them holds the labels."""
    letters = list(labels[:26]) == list(ascii_uppercase[: len(labels)])
    if len(labels) < 2 or not (letters or all(_PLACEHOLDER.fullmatch(label) for label in labels)):  # noqa: PLR2004
        return None
    names = tuple(str(records[0].get(label) or "").strip() for label in labels)
    unlike = len(set(names)) == len(names) and not any(is_value(name) for name in names)
    return names if all(names) and unlike and len(records) > 1 else tuple(labels)


def _without_names(
    names: tuple[str, ...], labels: tuple[str, ...], records: Sequence[Any], where: Sequence[str], today: date
) -> Finding:
    """JSON that only carries a spreadsheet's column letters: it opens, and can be read once the names are put on."""
    named = names != labels
    body = [[record.get(label) for label in labels] for record in records[int(named) :]]
    again = engine.judge_rows(names, body, ())
    as_dicts = [dict(zip(names, row, strict=True)) for row in body]
    return Finding(
        "opens", None, Dialect(header_row=2 if named else None, record_path=".".join(where)), len(body), len(labels),
        labels, ("valid" if again.valid else "invalid") if named else None,
        profile=records_profile(names, as_dicts, again.types, today, first=1 + named),
    )  # fmt: skip


def examine_geojson(path: Path, sniffed: Sniffed, today: date) -> Finding:
    """Return the finding on GeoJSON by RFC 7946: structure, closed rings, longitudes and latitudes in range."""
    parsed = _parsed(path, sniffed)
    if isinstance(parsed, Finding):
        return parsed
    if not isinstance(parsed, Mapping) or parsed.get("type") not in GEOMETRIES:
        return broken("The document is JSON but not a GeoJSON object.")
    features = parsed.get("features") if parsed["type"] == "FeatureCollection" else [parsed]
    if not isinstance(features, list):
        return broken("The feature collection has no list of features.")
    properties = [_properties(each) for each in features]
    labels = _keys(properties)
    counts = faults(features, parsed.get("crs"))
    defects = tuple(
        Defect(code, len(places), row=places[0][0], examples=tuple(words for _, words in places[:5]))
        for code, places in counts.items()
    )
    kept = telling(records_profile(labels, properties, (), today, _around(parsed)), told(features, parsed.get("crs")))
    where = "features" if parsed["type"] == "FeatureCollection" else None
    finding = Finding(
        "opens", None, Dialect(header_row=1, record_path=where), len(features), len(labels), labels,
        defects=defects, profile=kept,
    )  # fmt: skip
    return _paged(finding, parsed)


def _properties(feature: Any) -> Mapping[str, Any]:
    found = feature.get("properties") if isinstance(feature, Mapping) else None
    return found if isinstance(found, Mapping) else {}


def examine_topojson(path: Path, sniffed: Sniffed, today: date) -> Finding:
    """Return the finding on TopoJSON: its objects and arcs are there; rows are the geometries."""
    parsed = _parsed(path, sniffed)
    if isinstance(parsed, Finding):
        return parsed
    if not isinstance(parsed.get("objects"), Mapping) or not isinstance(parsed.get("arcs"), list):
        return broken("The topology lacks its objects or its arcs.")
    shapes = list(chain.from_iterable(each.get("geometries", [each]) for each in parsed["objects"].values()))
    properties = [_properties(each) for each in shapes]
    labels = _keys(properties)
    return Finding(
        "opens", None, Dialect(header_row=1, record_path="objects"), len(shapes), len(labels), labels,
        profile=records_profile(labels, properties, (), today),
    )  # fmt: skip
