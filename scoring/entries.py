"""From a profile's YAML nodes to its records: items, gates, modifiers, terms and bands, each told off by its line."""

from dataclasses import dataclass

import yaml

from harvester.records import Trilingual
from scoring.facts import Terms
from scoring.reader import Reader
from scoring.rubric import Band, Gate, Item, Modifier, NotApplicable, Rubric

MOST = 1_000_000.0
NOT_APPLICABLE: dict[str, NotApplicable] = {"unknown": "unknown", "leave-out": "leave-out", "no": "no"}


@dataclass(frozen=True, slots=True)
class _Names:
    """What an item may name: a criterion under ``criterion:``, a measure under ``measure:``, either in ``needs:``."""

    criteria: frozenset[str]
    measures: frozenset[str]

    def read(self, reader: Reader, node: yaml.Node, what: str = "") -> str:
        """Return the name in ``node``, a ``what`` (either where empty). Raises SettingsError where there is none."""
        name = reader.text(node)
        known = {"criterion": self.criteria, "measure": self.measures}.get(what, self.criteria | self.measures)
        if name in known:
            return name
        if name in self.criteria | self.measures:
            other = "measure" if what == "criterion" else "criterion"
            raise reader.fail(node, f"{name!r} is a {other}: write `{other}: {name}`.")
        kind = what or "criterion or measure"
        raise reader.fail(node, f"there is no {kind} {name!r}: use one of {', '.join(sorted(known))}.")


def read_rubric(reader: Reader, node: yaml.MappingNode, criteria: frozenset[str] | None) -> Rubric:
    """Return the profile that ``node`` is, its digest still empty. Raises SettingsError naming file and line.

    ``criteria`` are the names it may use, all criteria and measures where None.
    """
    names = _names() if criteria is None else _Names(criteria, frozenset())
    needs = "profile version formula title description source items"
    parts = reader.mapping(node, needs, may="kind terms gates modifiers bands out-of pillars")
    if "kind" in parts and reader.text(parts["kind"]) != "datasets":
        raise reader.fail(parts["kind"], "a profile scored here is of the kind `datasets`: leave `kind` out.")
    if reader.text(parts["formula"]) != "weighted-mean":
        raise reader.fail(parts["formula"], "the only formula there is, is `weighted-mean`.")
    out_of = reader.number(parts["out-of"], "out-of", 0, MOST) if "out-of" in parts else 100.0
    if out_of <= 0:
        raise reader.fail(parts["out-of"], "a scale has more than 0 points: write how many.")
    rubric = Rubric(
        profile=reader.text(parts["profile"]),
        version=reader.text(parts["version"]),
        formula="weighted-mean",
        title=reader.trilingual(parts["title"]),
        description=reader.trilingual(parts["description"]),
        source=reader.text(parts["source"]),
        terms=_terms(reader, parts["terms"]) if "terms" in parts else Terms(apply=False),
        items=tuple(_item(reader, each, names) for each in reader.sequence(parts["items"])),
        gates=tuple(_gate(reader, each, names) for each in reader.sequence(parts.get("gates"))),
        modifiers=tuple(_modifier(reader, each, names) for each in reader.sequence(parts.get("modifiers"))),
        bands=_bands(reader, parts.get("bands"), out_of),
        out_of=out_of,
        pillar_titles=_titles(reader, parts.get("pillars")),
    )
    _check_whole(reader, node, parts["items"], rubric, names)
    return rubric


def _names() -> _Names:
    from scoring.criteria import CRITERIA  # noqa: PLC0415 - neither knows of rubrics; this keeps it so
    from scoring.measures import MEASURES  # noqa: PLC0415 - as above

    return _Names(frozenset(CRITERIA), frozenset(MEASURES))


def _terms(reader: Reader, node: yaml.Node) -> Terms:
    parts = reader.mapping(node, "apply licence value source")
    value = reader.number(parts["value"], "the value of the terms", 0, 1)
    if value not in (0.0, 0.5, 1.0):
        raise reader.fail(parts["value"], "the terms are open (1), partly (0.5) or not (0).")
    return Terms(reader.flag(parts["apply"]), reader.text(parts["licence"]), value, reader.text(parts["source"]))


def _item(reader: Reader, node: yaml.Node, names: _Names) -> Item:
    parts = reader.mapping(node, "weight source", may="criterion measure pillar values needs not-applicable")
    if ("criterion" in parts) == ("measure" in parts):
        raise reader.fail(node, "an item names one criterion or one measure: write `criterion:` or `measure:`.")
    what = "criterion" if "criterion" in parts else "measure"
    name = names.read(reader, parts[what], what)
    values: dict[str, float | None] = {}
    if "values" in parts:
        if not isinstance(parts["values"], yaml.MappingNode):
            raise reader.fail(parts["values"], "expected reasons and their values, such as `portal-terms: 0`.")
        for key, value in parts["values"].value:
            unknown = isinstance(value, yaml.ScalarNode) and value.value in ("unknown", "null", "~", "")
            values[str(key.value)] = None if unknown else reader.number(value, f"the value of {key.value}", 0, 1)
    apart: NotApplicable = "unknown"
    if "not-applicable" in parts:
        word = reader.text(parts["not-applicable"])
        if word not in NOT_APPLICABLE:
            raise reader.fail(parts["not-applicable"], f"write one of {', '.join(NOT_APPLICABLE)}.")
        apart = NOT_APPLICABLE[word]
    return Item(
        name,
        reader.number(parts["weight"], f"the weight of {name}", 0, MOST),
        reader.text(parts["source"]),
        reader.text(parts["pillar"]) if "pillar" in parts else "",
        values,
        tuple(names.read(reader, each) for each in reader.sequence(parts.get("needs"))),
        apart,
    )


def _gate(reader: Reader, node: yaml.Node, names: _Names) -> Gate:
    parts = reader.mapping(node, "criterion no partly yes assumed source")
    criterion = names.read(reader, parts["criterion"])
    no, partly, yes, assumed = (
        reader.number(parts[word], f"{word} of {criterion}", 0, 1) for word in ("no", "partly", "yes", "assumed")
    )
    if not no <= partly <= yes or not no <= assumed <= yes:
        raise reader.fail(node, f"the gate {criterion} must not fall from no to partly to yes: reorder its values.")
    return Gate(criterion, no, partly, yes, assumed, reader.text(parts["source"]))


def _modifier(reader: Reader, node: yaml.Node, names: _Names) -> Modifier:
    parts = reader.mapping(node, "criterion partly no source")
    criterion = names.read(reader, parts["criterion"])
    partly, no = (reader.number(parts[word], f"{word} of {criterion}", 0, 100) for word in ("partly", "no"))
    if partly > no:
        raise reader.fail(node, f"{criterion} takes more for partly than for no: swap them.")
    return Modifier(criterion, partly, no, reader.text(parts["source"]))


def _bands(reader: Reader, node: yaml.Node | None, out_of: float) -> tuple[Band, ...]:
    """Return the bands, best first; their cuts are written in the profile's own points, and kept in ours (0-100)."""
    bands: list[Band] = []
    for each in reader.sequence(node):
        parts = reader.mapping(each, "title", may="from above")
        if ("from" in parts) == ("above" in parts):
            raise reader.fail(each, "a band begins `from:` a score or `above:` one: write one of them.")
        cut = parts.get("from") or parts["above"]
        least = reader.number(cut, "a band's beginning", 0, out_of)
        if bands and 100.0 * least / out_of >= bands[-1].least:
            raise reader.fail(cut, "bands are listed from the best down: this one must begin below the one before.")
        bands.append(Band(100.0 * least / out_of, reader.trilingual(parts["title"]), above="above" in parts))
    return tuple(bands)


def _titles(reader: Reader, node: yaml.Node | None) -> dict[str, Trilingual]:
    if node is None:
        return {}
    if not isinstance(node, yaml.MappingNode):
        raise reader.fail(node, "expected the pillars' names, each with `en`, `tc` and `sc`.")
    return {str(key.value): reader.trilingual(value) for key, value in node.value}


def _check_whole(reader: Reader, node: yaml.MappingNode, items: yaml.Node, rubric: Rubric, names: _Names) -> None:
    """Raise SettingsError where the parts do not fit together: a name twice, no weight, needs that go in a circle."""
    used = rubric.used()
    twice = next((name for name in used if used.count(name) > 1), None)
    if twice:
        raise reader.fail(node, f"{twice} is used twice: a criterion counts once.")
    if sum(item.weight for item in rubric.items) <= 0:
        raise reader.fail(node, "no item has a weight above 0: give at least one.")
    for item, place in zip(rubric.items, reader.sequence(items), strict=True):
        if _circle(rubric, item.criterion, item.criterion, ()):
            raise reader.fail(place, f"{item.criterion} needs itself, by way of its `needs`: take one away.")
        if item.pillar in names.criteria | names.measures | {"by-provider"}:
            raise reader.fail(place, f"the pillar {item.pillar!r} has a criterion's name: give it another.")
        if item.pillar and item.pillar not in rubric.pillar_titles:
            raise reader.fail(place, f"the pillar {item.pillar!r} has no title: add it under `pillars:`.")


def _circle(rubric: Rubric, start: str, name: str, seen: tuple[str, ...]) -> bool:
    needs = rubric.by_name[name].needs if name in rubric.by_name else ()
    return any(each == start or (each not in seen and _circle(rubric, start, each, (*seen, name))) for each in needs)
