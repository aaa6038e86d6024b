"""Reads what the indicators of a survey profile name: scales, shared blocks of elements, pillars."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TypeVar

import yaml

from scoring.reader import Reader
from scoring.survey.profile import Choice, Firm, Pillar, Scale

FIRM: Mapping[str, Firm] = {"P": "P", "D": "D", "D~": "D~", "open": "open"}
MOST = 1_000_000.0
FULL = 100.0
ELEMENT_SCALE = "element"
"""The scale of an element that names none."""

Share = tuple[float, str]
"""An element's share of its group's weight, and its scale."""

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class PartsReader(Reader):
    """Reads what a survey's parts have in common: scales, blocks of elements, pillars."""

    def entries(self, node: yaml.Node, key: str, read: Callable[[yaml.Node], tuple[str, T]]) -> dict[str, T]:
        """Return a list's entries by their name. Raises SettingsError where the list is empty or a name comes twice."""
        if not isinstance(node, yaml.SequenceNode) or not node.value:
            raise self.fail(node, f"expected a list: start each entry with `- {key}:`.")
        found: dict[str, T] = {}
        for each in node.value:
            name, entry = read(each)
            if name in found:
                raise self.fail(each, f"the {key} {name} is written twice: keep one.")
            found[name] = entry
        return found

    def firm(self, node: yaml.Node) -> Firm:
        """Return how firm a rule is."""
        if self.text(node) not in FIRM:
            raise self.fail(node, f"how firm is {self.text(node)!r}: use one of {', '.join(FIRM)}.")
        return FIRM[self.text(node)]

    def scale(self, node: yaml.Node) -> tuple[str, Scale]:
        """Return a scale by its name; its choices keep the order of the file."""
        parts = self.mapping(node, "scale firm source choices", may="assumed")
        name = self.text(parts["scale"])
        choices = tuple(self.entries(parts["choices"], "choice", self.choice).values())
        assumed = self.text(parts["assumed"]) if "assumed" in parts else None
        if assumed is not None and assumed not in {each.choice for each in choices}:
            raise self.fail(parts["assumed"], f"{name} has no choice {assumed!r}: name one of its own.")
        return name, Scale(name, choices, self.firm(parts["firm"]), self.text(parts["source"]), assumed)

    def choice(self, node: yaml.Node) -> tuple[str, Choice]:
        """Return one choice by its name."""
        parts = self.mapping(node, "choice value title", may="options")
        name = self.text(parts["choice"])
        options = tuple(
            int(self.number(each, f"an option of {name}", 0, MOST)) for each in self.sequence(parts.get("options"))
        )
        value = self.number(parts["value"], f"the value of {name}", 0, FULL)
        return name, Choice(name, value, self.trilingual(parts["title"]), options)

    def block(self, node: yaml.Node) -> tuple[str, dict[str, Share]]:
        """Return a group of elements that several indicators share, by its name."""
        parts = self.mapping(node, "block elements")
        return self.text(parts["block"]), self.elements(parts["elements"])

    def elements(self, node: yaml.Node) -> dict[str, Share]:
        """Return each element's share and scale: a list means equal shares, a mapping gives them."""
        if isinstance(node, yaml.SequenceNode) and node.value:
            names = [self.text(each) for each in node.value]
            twice = next((each for each in node.value if names.count(self.text(each)) > 1), None)
            if twice:
                raise self.fail(twice, f"{self.text(twice)} is written twice: keep one.")
            return dict.fromkeys(names, (1.0, ELEMENT_SCALE))
        if not isinstance(node, yaml.MappingNode) or not node.value:
            raise self.fail(node, "expected elements: a list of names, or names with their shares.")
        found: dict[str, Share] = {}
        for key, value in node.value:
            name = self.text(key)
            if name in found:
                raise self.fail(key, f"{name} is written twice: keep one.")
            parts = self.mapping(value, "share scale") if isinstance(value, yaml.MappingNode) else {"share": value}
            share = self.number(parts["share"], f"the share of {name}", 0, MOST)
            found[name] = share, self.text(parts["scale"]) if "scale" in parts else ELEMENT_SCALE
        if sum(share for share, _ in found.values()) <= 0:
            raise self.fail(node, "no element has a share above 0: give at least one.")
        return found

    def pillar(self, node: yaml.Node) -> tuple[str, Pillar]:
        """Return a pillar by its name."""
        parts = self.mapping(node, "pillar letter weight title firm source")
        name = self.text(parts["pillar"])
        weight = self.number(parts["weight"], f"the weight of {name}", 0, MOST)
        title, firm = self.trilingual(parts["title"]), self.firm(parts["firm"])
        return name, Pillar(name, self.text(parts["letter"]), weight, title, firm, self.text(parts["source"]))
