"""A profile: which criteria count, for how much, and why. One YAML file each, checked line by line when it is read."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from importlib.resources import files
from pathlib import Path
from typing import Literal

import yaml

from harvester.errors import SettingsError
from harvester.records import Trilingual
from scoring.facts import Terms
from scoring.reader import Reader, compose

DEFAULT = "gdb-checklist"
Formula = Literal["weighted-mean"]
"""How answers become a score: ``weighted-mean`` is 100 x sum(w x) / sum(w known), less modifiers, times gates."""


@dataclass(frozen=True, slots=True)
class Item:
    """A criterion that earns points. ``values`` overrides the answer's value for a reason (another reading of it)."""

    criterion: str
    weight: float
    source: str
    pillar: str = ""
    values: Mapping[str, float | None] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Gate:
    """A criterion that multiplies the score. ``assumed`` is what the point takes where the answer is unknown."""

    criterion: str
    no: float
    partly: float
    yes: float
    assumed: float
    source: str


@dataclass(frozen=True, slots=True)
class Modifier:
    """A criterion that takes points (0-100) off; a yes or an unknown takes none from the point."""

    criterion: str
    partly: float
    no: float
    source: str


@dataclass(frozen=True, slots=True)
class Rubric:
    """One profile as read. ``digest`` is the SHA-256 of its content, comments and layout aside."""

    profile: str
    version: str
    formula: Formula
    title: Trilingual
    description: Trilingual
    source: str
    terms: Terms
    items: tuple[Item, ...]
    gates: tuple[Gate, ...]
    modifiers: tuple[Modifier, ...]
    digest: str = ""

    def criteria(self) -> frozenset[str]:
        """Every criterion the profile uses, whatever for."""
        return frozenset(self.used())

    def used(self) -> list[str]:
        """The criteria as the file lists them: items, gates, modifiers."""
        items = [item.criterion for item in self.items]
        return [*items, *(gate.criterion for gate in self.gates), *(each.criterion for each in self.modifiers)]


def load_rubric(path: Path | None = None, criteria: frozenset[str] | None = None) -> Rubric:
    """Return the profile in ``path``, or the project's own ``gdb-checklist`` where it is None.

    ``criteria`` are the names a profile may use; by default all that ``scoring.criteria`` knows. Raises SettingsError
    naming the file, the line and what to write instead.
    """
    if path is None:
        text = files("scoring").joinpath("rubrics", f"{DEFAULT}.yml").read_text(encoding="utf-8")
        return parse_rubric(text, f"{DEFAULT}.yml", criteria)
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise SettingsError(
            f"The rubric {path} cannot be read ({error}): give the path of a UTF-8 YAML file."
        ) from error
    return parse_rubric(text, str(path), criteria)


def parse_rubric(text: str, name: str, criteria: frozenset[str] | None = None) -> Rubric:
    """Return the profile written in ``text``; ``name`` is the file named in errors. Raises SettingsError."""
    node = compose(text, name)
    reader = _Reader(name, criteria if criteria is not None else _known_criteria())
    rubric = _rubric(reader, node)
    rubric = replace(rubric, digest=_digest(rubric))
    _check_whole(reader, node, rubric)
    return rubric


def _digest(rubric: Rubric) -> str:
    canonical = json.dumps(asdict(rubric), sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(canonical.encode()).hexdigest()


def _known_criteria() -> frozenset[str]:
    from scoring.criteria import CRITERIA  # noqa: PLC0415 - the criteria import nothing of rubrics; this keeps it so

    return frozenset(CRITERIA)


@dataclass(frozen=True, slots=True)
class _Reader(Reader):
    """Knows the criteria a profile may name."""

    criteria: frozenset[str]

    def criterion(self, node: yaml.Node) -> str:
        name = self.text(node)
        if name not in self.criteria:
            raise self.fail(node, f"there is no criterion {name!r}: use one of {', '.join(sorted(self.criteria))}.")
        return name


MOST = 1_000_000.0


def _rubric(reader: _Reader, node: yaml.Node) -> Rubric:
    parts = reader.mapping(node, "profile version formula title description source items", may="terms gates modifiers")
    if reader.text(parts["formula"]) != "weighted-mean":
        raise reader.fail(parts["formula"], "the only formula there is, is `weighted-mean`.")
    return Rubric(
        profile=reader.text(parts["profile"]),
        version=reader.text(parts["version"]),
        formula="weighted-mean",
        title=reader.trilingual(parts["title"]),
        description=reader.trilingual(parts["description"]),
        source=reader.text(parts["source"]),
        terms=_terms(reader, parts["terms"]) if "terms" in parts else Terms(apply=False),
        items=tuple(_item(reader, each) for each in reader.sequence(parts["items"])),
        gates=tuple(_gate(reader, each) for each in reader.sequence(parts.get("gates"))),
        modifiers=tuple(_modifier(reader, each) for each in reader.sequence(parts.get("modifiers"))),
    )


def _terms(reader: _Reader, node: yaml.Node) -> Terms:
    parts = reader.mapping(node, "apply licence value source")
    value = reader.number(parts["value"], "the value of the terms", 0, 1)
    if value not in (0.0, 0.5, 1.0):
        raise reader.fail(parts["value"], "the terms are open (1), partly (0.5) or not (0).")
    return Terms(reader.flag(parts["apply"]), reader.text(parts["licence"]), value, reader.text(parts["source"]))


def _item(reader: _Reader, node: yaml.Node) -> Item:
    parts = reader.mapping(node, "criterion weight source", may="pillar values")
    criterion = reader.criterion(parts["criterion"])
    values: dict[str, float | None] = {}
    if "values" in parts:
        if not isinstance(parts["values"], yaml.MappingNode):
            raise reader.fail(parts["values"], "expected reasons and their values, such as `portal-terms: 0`.")
        for key, value in parts["values"].value:
            unknown = isinstance(value, yaml.ScalarNode) and value.value in ("unknown", "null", "~", "")
            values[str(key.value)] = None if unknown else reader.number(value, f"the value of {key.value}", 0, 1)
    return Item(
        criterion,
        reader.number(parts["weight"], f"the weight of {criterion}", 0, MOST),
        reader.text(parts["source"]),
        reader.text(parts["pillar"]) if "pillar" in parts else "",
        values,
    )


def _gate(reader: _Reader, node: yaml.Node) -> Gate:
    parts = reader.mapping(node, "criterion no partly yes assumed source")
    criterion = reader.criterion(parts["criterion"])
    no, partly, yes, assumed = (
        reader.number(parts[word], f"{word} of {criterion}", 0, 1) for word in ("no", "partly", "yes", "assumed")
    )
    if not no <= partly <= yes or not no <= assumed <= yes:
        raise reader.fail(node, f"the gate {criterion} must not fall from no to partly to yes: reorder its values.")
    return Gate(criterion, no, partly, yes, assumed, reader.text(parts["source"]))


def _modifier(reader: _Reader, node: yaml.Node) -> Modifier:
    parts = reader.mapping(node, "criterion partly no source")
    criterion = reader.criterion(parts["criterion"])
    partly, no = (reader.number(parts[word], f"{word} of {criterion}", 0, 100) for word in ("partly", "no"))
    if partly > no:
        raise reader.fail(node, f"{criterion} takes more for partly than for no: swap them.")
    return Modifier(criterion, partly, no, reader.text(parts["source"]))


def _check_whole(reader: _Reader, node: yaml.MappingNode, rubric: Rubric) -> None:
    used = rubric.used()
    twice = next((name for name in used if used.count(name) > 1), None)
    if twice:
        raise reader.fail(node, f"{twice} is used twice: a criterion counts once.")
    if sum(item.weight for item in rubric.items) <= 0:
        raise reader.fail(node, "no item has a weight above 0: give at least one.")
