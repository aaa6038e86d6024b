"""Reads a profile's YAML node by node, so that a mistake is told with its file, its line and what to write instead."""

from dataclasses import dataclass
from functools import lru_cache

import yaml

from harvester.errors import SettingsError
from harvester.records import Trilingual


@lru_cache(maxsize=32)
def compose(text: str, name: str) -> yaml.MappingNode:
    """Return the mapping written in ``text``; ``name`` is the file named in errors. Raises SettingsError.

    What was read is kept and only ever read: a watch asks for the same few files every hour, and reading YAML is slow.
    """
    try:
        node = yaml.compose(text, Loader=yaml.SafeLoader)
    except (yaml.YAMLError, RecursionError) as error:
        mark = getattr(error, "problem_mark", None)
        line = mark.line + 1 if mark else 1
        raise SettingsError(f"{name}, line {line}: this is not YAML ({_problem(error)}): mend that line.") from error
    if not isinstance(node, yaml.MappingNode):
        raise SettingsError(
            f"{name}, line 1: a rubric is a mapping that starts with `profile:`: see gdb-checklist.yml."
        )
    return node


def kind_of(text: str, name: str) -> str:
    """Return a profile's ``kind``: ``datasets`` where none is written. Raises SettingsError where it is not YAML."""
    kinds = [str(value.value) for key, value in compose(text, name).value if key.value == "kind"]
    return kinds[0] if kinds else "datasets"


def _problem(error: Exception) -> str:
    return str(getattr(error, "problem", None) or "it cannot be parsed")


def _scalar(node: yaml.Node) -> object:
    """Return what a scalar stands for (``3`` a number, ``yes`` a bool), None where it is none."""
    try:
        return yaml.safe_load(node.value) if isinstance(node, yaml.ScalarNode) and node.value else None
    except yaml.YAMLError:
        return None


@dataclass(frozen=True, slots=True)
class Reader:
    """Reads typed values out of YAML nodes and says where and how a wrong one is to be mended."""

    name: str

    def fail(self, node: yaml.Node, message: str) -> SettingsError:
        """Return the error that names the node's line and says ``message``."""
        return SettingsError(f"{self.name}, line {node.start_mark.line + 1}: {message}")

    def mapping(self, node: yaml.Node, needs: str, may: str = "") -> dict[str, yaml.Node]:
        """Return a mapping's nodes by key. Raises SettingsError for a missing, unknown or repeated key."""
        if not isinstance(node, yaml.MappingNode):
            raise self.fail(node, f"expected a mapping with {', '.join(needs.split())}.")
        found: dict[str, yaml.Node] = {}
        allowed = [*needs.split(), *may.split()]
        for key, value in node.value:
            word = str(key.value)
            if word not in allowed:
                raise self.fail(key, f"`{word}` is not known here: use {', '.join(allowed)}.")
            if word in found:
                raise self.fail(key, f"`{word}` is written twice: keep one.")
            found[word] = value
        for word in needs.split():
            if word not in found:
                raise self.fail(node, f"`{word}` is missing: add `{word}:`.")
        return found

    def text(self, node: yaml.Node) -> str:
        """Return a text that is not empty. Raises SettingsError."""
        if not isinstance(node, yaml.ScalarNode) or not str(node.value).strip():
            raise self.fail(node, "expected a text, and not an empty one.")
        return str(node.value)

    def number(self, node: yaml.Node, what: str, low: float, high: float) -> float:
        """Return a number from ``low`` to ``high``; ``what`` it is goes into the error. Raises SettingsError."""
        value = _scalar(node)
        if isinstance(value, bool) or not isinstance(value, int | float) or not low <= value <= high:
            raise self.fail(node, f"{what} is {getattr(node, 'value', '')!r}: write a number from {low:g} to {high:g}.")
        return float(value)

    def flag(self, node: yaml.Node) -> bool:
        """Return true or false. Raises SettingsError."""
        value = _scalar(node)
        if not isinstance(value, bool):
            raise self.fail(node, "write true or false.")
        return value

    def sequence(self, node: yaml.Node | None) -> list[yaml.Node]:
        """Return a list's nodes, none where there is no node. Raises SettingsError."""
        if node is None:
            return []
        if not isinstance(node, yaml.SequenceNode):
            raise self.fail(node, "expected a list: start each entry with `- criterion:`.")
        return list(node.value)

    def trilingual(self, node: yaml.Node) -> Trilingual:
        """Return a text in the three languages. Raises SettingsError."""
        parts = self.mapping(node, "en tc sc")
        return Trilingual(self.text(parts["en"]), self.text(parts["tc"]), self.text(parts["sc"]))
