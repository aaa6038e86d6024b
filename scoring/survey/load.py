"""Reads a survey profile from YAML, line by line: every mistake is told with its file, its line and a remedy."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from importlib.resources import files
from pathlib import Path

import yaml

from harvester.errors import SettingsError
from scoring.reader import compose
from scoring.survey.parts import FULL, MOST, PartsReader, Share
from scoring.survey.profile import (
    Element,
    Gate,
    Group,
    Indicator,
    Modifier,
    Role,
    Scale,
    SurveyProfile,
)

DEFAULT = "gdb-2022"
JOINT = 2
"""How many extents can count together."""


def load_survey(path: Path | None = None) -> SurveyProfile:
    """Return the survey profile in ``path``, or the project's own ``gdb-2022`` where it is None.

    Raises SettingsError naming the file, the line and what to write instead.
    """
    if path is None:
        text = files("scoring").joinpath("rubrics", f"{DEFAULT}.yml").read_text(encoding="utf-8")
        return parse_survey(text, f"{DEFAULT}.yml")
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise SettingsError(
            f"The survey {path} cannot be read ({error}): give the path of a UTF-8 YAML file."
        ) from error
    return parse_survey(text, str(path))


def parse_survey(text: str, name: str) -> SurveyProfile:
    """Return the survey profile written in ``text``; ``name`` is the file named in errors. Raises SettingsError."""
    node = compose(text, name)
    reader = PartsReader(name)
    parts = reader.mapping(
        node, "kind profile version title description source scales pillars indicators", may="blocks"
    )
    if reader.text(parts["kind"]) != "survey":
        raise reader.fail(parts["kind"], "write `kind: survey`: this reader reads no other.")
    scales = reader.entries(parts["scales"], "scale", reader.scale)
    blocks = reader.entries(parts["blocks"], "block", reader.block) if "blocks" in parts else {}
    pillars = reader.entries(parts["pillars"], "pillar", reader.pillar)
    within = _Indicators(name, scales, blocks, frozenset(pillars))
    indicators = reader.entries(parts["indicators"], "indicator", within.indicator)
    for pillar in pillars.values():
        if not any(each.pillar == pillar.pillar and each.weight > 0 for each in indicators.values()):
            raise reader.fail(parts["indicators"], f"{pillar.pillar} has no indicator with a weight above 0: add one.")
    if sum(pillar.weight for pillar in pillars.values()) <= 0:
        raise reader.fail(parts["pillars"], "no pillar has a weight above 0: give at least one.")
    profile = SurveyProfile(
        profile=reader.text(parts["profile"]),
        version=reader.text(parts["version"]),
        title=reader.trilingual(parts["title"]),
        description=reader.trilingual(parts["description"]),
        source=reader.text(parts["source"]),
        pillars=tuple(pillars.values()),
        indicators=tuple(indicators.values()),
    )
    return replace(profile, digest=_digest(profile))


def _digest(profile: SurveyProfile) -> str:
    canonical = json.dumps(asdict(profile), sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(canonical.encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class _Indicators(PartsReader):
    """Reads indicators, which name scales, blocks and pillars read before them."""

    scales: Mapping[str, Scale]
    blocks: Mapping[str, Mapping[str, Share]]
    pillars: frozenset[str]

    def indicator(self, node: yaml.Node) -> tuple[str, Indicator]:
        """Return an indicator by its id. One without groups is secondary, and can have no gates or modifiers."""
        parts = self.mapping(
            node, "indicator pillar theme weight title firm source", may="existence extent together groups modifiers"
        )
        name, pillar = self.text(parts["indicator"]), self.text(parts["pillar"])
        if pillar not in self.pillars:
            raise self.fail(
                parts["pillar"], f"there is no pillar {pillar!r}: use one of {', '.join(sorted(self.pillars))}."
            )
        groups = tuple(self.group(each, name) for each in self.sequence(parts.get("groups")))
        gates = (
            *self.gates(parts.get("existence"), name, "existence"),
            *self.gates(parts.get("extent"), name, "extent"),
        )
        modifiers = self.modifiers(parts.get("modifiers"), name)
        if not groups and (gates or modifiers):
            raise self.fail(node, f"{name} has gates or modifiers but no elements: add `groups:`.")
        if groups and round(sum(group.weight for group in groups), 6) != FULL:
            raise self.fail(parts["groups"], f"the groups of {name} do not make 100 points: change their weights.")
        indicator = Indicator(
            indicator=name,
            pillar=pillar,
            theme=self.text(parts["theme"]),
            weight=self.number(parts["weight"], f"the weight of {name}", 0, MOST),
            title=self.trilingual(parts["title"]),
            groups=groups,
            gates=gates,
            modifiers=modifiers,
            firm=self.firm(parts["firm"]),
            source=self.text(parts["source"]),
            together=self.joint(parts.get("together"), node, sum(gate.role == "extent" for gate in gates)),
        )
        self.once(node, indicator)
        return name, indicator

    def once(self, node: yaml.Node, indicator: Indicator) -> None:
        """Raise SettingsError where a question is used twice; a gate may be an element too, with the same choices."""
        offered = {gate.variable: gate.scale for gate in indicator.gates}
        seen: set[str] = set()
        for variable, scale in indicator.questions():
            same = variable in offered and {each.choice for each in offered[variable].choices} == {
                each.choice for each in scale.choices
            }
            if variable in seen and not same:
                raise self.fail(node, f"{variable} is used twice: a question counts once.")
            if variable in seen:
                offered.pop(variable)
            seen.add(variable)

    def on(self, node: yaml.Node, name: str) -> Scale:
        """Return the scale called ``name``. Raises SettingsError."""
        if name not in self.scales:
            raise self.fail(node, f"there is no scale {name!r}: use one of {', '.join(sorted(self.scales))}.")
        return self.scales[name]

    def group(self, node: yaml.Node, indicator: str) -> Group:
        """Return a group: its elements share its weight by their shares.

        An element's name is the last part of its variable; one with a dot in it is another question of the indicator,
        such as the one that is its gate and earns points besides.
        """
        parts = self.mapping(node, "group weight", may="elements block times")
        name = self.text(parts["group"])
        weight = self.number(parts["weight"], f"the weight of group {name}", 0, FULL)
        if ("block" in parts) == ("elements" in parts):
            raise self.fail(node, f"group {name} takes either `elements:` or `block:`: write one of them.")
        if "elements" in parts:
            shares: Mapping[str, Share] = self.elements(parts["elements"])
        else:
            block = self.text(parts["block"])
            if block not in self.blocks:
                raise self.fail(parts["block"], f"there is no block {block!r}: use one of {', '.join(self.blocks)}.")
            shares = self.blocks[block]
        whole = sum(share for share, _ in shares.values())
        times = self.number(parts["times"], f"the times of group {name}", 1, FULL) if "times" in parts else 1.0
        elements = []
        for each, (share, scale) in shares.items():
            variable = f"{indicator}.{each}" if "." in each else f"{indicator}.e.{name}.{each}"
            elements.append(Element(variable, weight * share / whole, self.worth(node, scale), times))
        return Group(name, weight, tuple(elements), times)

    def worth(self, node: yaml.Node, name: str) -> Scale:
        """Return an element's or a gate's scale, whose values are 0-1. Raises SettingsError."""
        scale = self.on(node, name)
        if scale.most > 1:
            raise self.fail(node, f"{name} takes points: an element or a gate needs a scale of values from 0 to 1.")
        return scale

    def gates(self, node: yaml.Node | None, indicator: str, role: Role) -> tuple[Gate, ...]:
        """Return gates: variables and their scales."""
        return tuple(
            Gate(f"{indicator}.{self.text(key)}", role, self.worth(value, self.text(value)))
            for key, value in self.pairs(node)
        )

    def modifiers(self, node: yaml.Node | None, indicator: str) -> tuple[Modifier, ...]:
        """Return modifiers: variables and their scales, whose values are points."""
        return tuple(
            Modifier(f"{indicator}.{self.text(key)}", self.on(value, self.text(value)))
            for key, value in self.pairs(node)
        )

    def joint(
        self, node: yaml.Node | None, within: yaml.Node, extents: int
    ) -> tuple[float, float, float, float] | None:
        """Return the four factors of two extents together, none where there is one. Raises SettingsError."""
        if node is None and extents <= 1:
            return None
        factors = sorted(self.number(each, "a factor", 0, 1) for each in self.sequence(node))
        written = [float(each.value) for each in self.sequence(node)]
        if extents != JOINT or len(factors) != JOINT + 2 or factors != written:
            raise self.fail(node or within, "two extents, and only two, need `together:` with four factors that rise.")
        return factors[0], factors[1], factors[2], factors[3]

    def pairs(self, node: yaml.Node | None) -> list[tuple[yaml.Node, yaml.Node]]:
        """Return a mapping's keys and values, none where there is no node. Raises SettingsError."""
        if node is None:
            return []
        if not isinstance(node, yaml.MappingNode):
            raise self.fail(node, "expected questions and their scales, such as `a.ONLINE: online`.")
        return list(node.value)
