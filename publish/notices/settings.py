"""Reads notices.yml: who is told what, in which language, when. A mistake is told with its line and what to write."""

import hashlib
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import yaml

from harvester.errors import SettingsError
from harvester.records import LANGUAGES
from publish.notices.records import FOR_GOOD, Frequency, Recipient, Settings
from publish.notices.sending import service
from publish.safe import clean, http_link, mail_link
from scoring.criteria import CRITERIA
from scoring.reader import Reader

EVERYONE = "*"
HOW = "language frequency weekday hour severity mute mute-datasets mute-criteria"
"""The words that say how to tell; each may stand at `*`, at a provider and at a recipient, the nearest counts."""
FREQUENCIES: tuple[Frequency, ...] = ("each-scan", "daily", "weekly")
WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
SEVERITIES = {"severe": 0, "serious": 3, "moderate": 6, "minor": 8}
"""The worklist's four severities by the first word of their names, with their numbers."""
NAME = re.compile(r"\$\{([A-Za-z_][A-Za-z0-9_]*)\}")
LAST_HOUR = 23
KEY = 24
"""Hex digits of a recipient's key: 96 bits."""
CHOICES: dict[str, Mapping[str, object]] = {
    "language": {language: language for language in LANGUAGES},
    "frequency": {each: each for each in FREQUENCIES},
    "weekday": {day: number for number, day in enumerate(WEEKDAYS)},
    "severity": SEVERITIES,
}
MUTED = {"mute-datasets": "muted_datasets", "mute-criteria": "muted_criteria"}
MOST_NAME = 60

How = dict[str, Any]
"""Fields of a `Recipient` by name: what is written at one place about how to tell."""


@dataclass(frozen=True, slots=True)
class _Written:
    """What one entry says: how to tell, and to whom."""

    how: How
    to: tuple[tuple[yaml.Node, How], ...]


def load(path: Path, environment: Mapping[str, str]) -> Settings:
    """Return the settings written at ``path``, ``${NAME}`` filled from ``environment``.

    Raises SettingsError, naming file and line, where something is missing, unknown or makes no sense.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise SettingsError(f"{path} cannot be read: name the file of recipients with --notices.") from error
    try:
        node = yaml.compose(text, Loader=yaml.SafeLoader)
    except (yaml.YAMLError, RecursionError) as error:
        mark = getattr(error, "problem_mark", None)
        line = mark.line + 1 if mark else 1
        raise SettingsError(f"{path.name}, line {line}: this is not YAML: mend that line.") from error
    if not isinstance(node, yaml.MappingNode):
        raise SettingsError(f"{path.name}, line 1: it starts with `contact:` and `providers:`: see docs/notices.md.")
    return _Loader(path.name, environment).settings(node)


@dataclass(frozen=True, slots=True)
class _Loader(Reader):
    """Reads the settings' nodes; ``environment`` holds what they name as ``${NAME}``."""

    environment: Mapping[str, str]

    def settings(self, node: yaml.MappingNode) -> Settings:
        """Return what the whole file says."""
        parts = self.mapping(node, "contact providers", may="keeper")
        written = {slug: (key, self._entry(value)) for slug, (key, value) in self._slugs(parts["providers"]).items()}
        usual = written.pop(EVERYONE, (None, _Written({}, ())))[1]
        providers = {}
        for slug, (key, one) in written.items():
            if not one.to and not usual.to:
                raise self.fail(key, f"nobody is told of {slug}: add `to:` here, or at `*`.")
            if one.to:
                providers[slug] = self._recipients(one.to, [usual.how, one.how], [])
            else:
                providers[slug] = self._recipients(usual.to, [usual.how], [one.how])
        everyone = self._recipients(usual.to, [usual.how], [])
        keeper = self._entry(parts["keeper"]) if "keeper" in parts else _Written({}, ())
        if "keeper" in parts and not keeper.to:
            raise self.fail(parts["keeper"], "the keeper has no address: add `to:`.")
        lines = {slug: key.start_mark.line + 1 for slug, (key, _) in written.items()}
        told = self._recipients(keeper.to, [{"frequency": "each-scan"}, keeper.how], [])
        return Settings(self.name, self._contact(parts["contact"]), providers, everyone, told, lines)

    def _slugs(self, node: yaml.Node) -> dict[str, tuple[yaml.Node, yaml.Node]]:
        if not isinstance(node, yaml.MappingNode) or not node.value:
            raise self.fail(node, 'expected providers by their slug, as in the address of a page, or `"*"` for all.')
        found: dict[str, tuple[yaml.Node, yaml.Node]] = {}
        for key, value in node.value:
            if self.text(key) in found:
                raise self.fail(key, f"`{key.value}` is written twice: keep one.")
            found[self.text(key)] = (key, value)
        return found

    def _entry(self, node: yaml.Node) -> _Written:
        if not isinstance(node, yaml.MappingNode):
            raise self.fail(
                node, f"expected a mapping: write `to:` and what else of {', '.join(HOW.split())} is wanted."
            )
        parts = self.mapping(node, "", may=f"to {HOW}")
        written = parts.get("to")
        nodes = list(written.value) if isinstance(written, yaml.SequenceNode) else [written] if written else []
        return _Written(self._how(parts), tuple(self._one(each) for each in nodes))

    def _one(self, node: yaml.Node) -> tuple[yaml.Node, How]:
        """Return a recipient's node and what stands at it: its address alone, or a mapping with ``address``."""
        if isinstance(node, yaml.ScalarNode):
            return node, self._address(node, "")
        parts = self.mapping(node, "address", may=f"name {HOW}")
        name = self.text(parts["name"])[:MOST_NAME] if "name" in parts else ""
        return node, {**self._how(parts), **self._address(parts["address"], name)}

    def _recipients(
        self, to: Sequence[tuple[yaml.Node, How]], before: Sequence[How], after: Sequence[How]
    ) -> tuple[Recipient, ...]:
        """Return recipients as their own words say, over those ``before`` and under those ``after``."""
        found: dict[str, Recipient] = {}
        for node, own in to:
            whole = [*before, own, *after]
            told: How = {name: value for how in whole for name, value in how.items()}
            for name in MUTED.values():
                told[name] = frozenset[str]().union(*(how.get(name, ()) for how in whole))
            made = Recipient(**told)
            if made.key in found:
                raise self.fail(node, f"{made.name} stands here twice: keep one, or give each a `name:` of its own.")
            found[made.key] = made
        return tuple(found.values())

    def _how(self, parts: Mapping[str, yaml.Node]) -> How:
        how: How = {}
        for word, choices in CHOICES.items():
            if word in parts:
                how[word] = self._choice(parts[word], choices)
        if "hour" in parts:
            how["hour"] = self._hour(parts["hour"])
        if "mute" in parts:
            how["mute"] = self._mute(parts["mute"])
        for word, name in MUTED.items():
            if word in parts:
                how[name] = frozenset(self._muted(each, word) for each in self._list(parts[word]))
        return how

    def _choice(self, node: yaml.Node, choices: Mapping[str, object]) -> object:
        text = self.text(node).lower()
        if text not in choices:
            raise self.fail(node, f"`{text[:40]}` is not known here: write {', '.join(choices)}.")
        return choices[text]

    def _hour(self, node: yaml.Node) -> int:
        hour = self.number(node, "hour", 0, LAST_HOUR)
        if not hour.is_integer():
            raise self.fail(node, "write a whole hour of Hong Kong, from 0 to 23.")
        return int(hour)

    def _mute(self, node: yaml.Node) -> date | None:
        text = self.text(node)
        if text.lower() in ("true", "false"):
            return FOR_GOOD if text.lower() == "true" else None
        try:
            return date.fromisoformat(text)
        except ValueError as error:
            raise self.fail(
                node, f"mute is {text[:40]!r}: write the last silent day (2026-12-31), or true for good."
            ) from error

    def _list(self, node: yaml.Node) -> list[yaml.Node]:
        if not isinstance(node, yaml.SequenceNode):
            raise self.fail(node, "expected a list: write `[one, another]`.")
        return list(node.value)

    def _muted(self, node: yaml.Node, word: str) -> str:
        text = self.text(node)
        if word == "mute-criteria" and text not in CRITERIA:
            raise self.fail(node, f"there is no criterion {text[:40]!r}: use one of {', '.join(sorted(CRITERIA))}.")
        return text

    def _address(self, node: yaml.Node, name: str) -> How:
        """Return a recipient's address, its name and its key, which is made of nothing secret."""
        written = self.text(node).strip()
        for wanted in NAME.findall(written):
            if not self.environment.get(wanted):
                raise self.fail(node, f"{wanted} is not in the environment: set it, or write the address itself.")
        address = NAME.sub(lambda found: self.environment[found[1]], written)
        if service(address) is None:
            raise self.fail(
                node, "Apprise does not know this address: write it as `mailtos://…`, `jsons://…` or another of its"
                " services (docs/notices.md), what is odd in a password as %40 and the like."
            )  # fmt: skip
        key = hashlib.sha256((name or written).encode()).hexdigest()[:KEY]
        scheme = address.partition(":")[0].lower()
        return {"address": address, "key": key, "name": clean(name) or f"{scheme} {key[:6]}"}

    def _contact(self, node: yaml.Node) -> str:
        text = self.text(node)
        if not (http_link(text) or mail_link(text)):
            raise self.fail(node, "write a mail address, or the address of a page: readers are told to ask there.")
        return text
