"""The written part of the vocabulary: texts and their meanings that people add without code, ours and a user's own."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Literal, get_args

import yaml

from harvester.errors import SettingsError
from harvester.frequency import Frequency, plain, read_frequency
from harvester.own_file import read_own
from harvester.vocabulary import FORMATS, read_date, read_format

TextKind = Literal["frequency", "format", "date"]
UNKNOWN = "unknown"
_EXAMPLES = {
    "frequency": "120 days, as-needed, real-time or unknown",
    "format": f"one of {' '.join(sorted(FORMATS))}, or unknown",
    "date": "2021-03-01, or unknown",
}


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """How raw texts are read: by what is written of a text, else by the rules.

    ``written`` gives the meaning of a text (as ``frequency.plain`` makes it) by its kind.
    """

    written: Mapping[tuple[TextKind, str], str]

    def frequency(self, *texts: str | None) -> Frequency:
        """Return the frequency that the first readable of ``texts`` declares (give them as en, tc, sc)."""
        return read_frequency(*(self._meaning("frequency", text) for text in texts))

    def format(self, text: str) -> str:
        """Return a declared format in our vocabulary, lower case; as written where it has no place there."""
        return read_format(self._meaning("format", text))

    def understands(self, kind: TextKind, text: str) -> bool:
        """Return whether a text was read, be it as one that says nothing."""
        if (kind, plain(text)) in self.written or not text.strip():
            return True
        if kind == "frequency":
            return read_frequency(text).schedule != "unknown"
        return read_date(text) is not None if kind == "date" else read_format(text) in FORMATS

    def _meaning(self, kind: TextKind, text: str | None) -> str | None:
        meaning = self.written.get((kind, plain(text))) if text else None
        return text if meaning is None else None if meaning == UNKNOWN else meaning


@cache
def shipped() -> Vocabulary:
    """Return the vocabulary that comes with the program (``vocabulary.yml``)."""
    text = files("harvester").joinpath("vocabulary.yml").read_text(encoding="utf-8")
    return Vocabulary(dict(_entries("vocabulary.yml", text)))


def load_vocabulary(path: Path | None) -> Vocabulary:
    """Return the shipped vocabulary with a user's own file laid over it.

    Raises SettingsError, with file and line, where the file cannot be read or says something that makes no sense.
    """
    if path is None:
        return shipped()
    text = read_own(path, "vocabulary")
    return Vocabulary({**shipped().written, **dict(_entries(str(path), text))})


def _entries(name: str, text: str) -> Iterator[tuple[tuple[TextKind, str], str]]:
    try:
        root = yaml.compose(text, Loader=yaml.SafeLoader)
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        raise SettingsError(f"{name} line {line}: this is not YAML ({error.problem}).") from error
    except (yaml.YAMLError, RecursionError) as error:
        raise SettingsError(f"{name}: this is not YAML that can be read.") from error
    for kind_node, texts in _pairs(name, root, "kinds (frequency, format, date)"):
        kind = _kind(name, kind_node)
        seen: set[str] = set()
        for text_node, meaning in _pairs(name, texts, "texts, each as `text: meaning`"):
            written = plain(_scalar(name, text_node))
            if written in seen:
                raise _wrong(name, text_node, f"{text_node.value!r} is there twice: leave one of them out")
            seen.add(written)
            yield (kind, written), _checked(name, kind, meaning)


def _pairs(name: str, node: yaml.Node | None, what: str) -> list[tuple[yaml.Node, yaml.Node]]:
    if node is None or (isinstance(node, yaml.ScalarNode) and not node.value):
        return []
    if not isinstance(node, yaml.MappingNode):
        raise _wrong(name, node, f"here belong {what}")
    return list(node.value)


def _kind(name: str, node: yaml.Node) -> TextKind:
    for kind in get_args(TextKind):
        if _scalar(name, node) == kind:
            return kind  # type: ignore[no-any-return]
    raise _wrong(name, node, f"{node.value!r} is no kind of text: write frequency, format or date")


def _checked(name: str, kind: TextKind, node: yaml.Node) -> str:
    """Return a meaning in words that the rules read: the text's own, or ``every`` before a period."""
    means = plain(_scalar(name, node))
    if means == UNKNOWN:
        return means
    if kind == "format" and means in FORMATS:
        return means
    if kind == "date" and (day := read_date(means)):
        return day
    if kind == "frequency":
        for said in (means.replace("as-needed", "as needed"), f"every {means}"):
            if read_frequency(said).schedule != "unknown":
                return said
    raise _wrong(name, node, f"{node.value!r} is no meaning of a {kind}: write {_EXAMPLES[kind]}")


def _scalar(name: str, node: yaml.Node) -> str:
    if isinstance(node, yaml.ScalarNode) and node.value.strip():
        return str(node.value)
    raise _wrong(name, node, "here belongs a text")


def _wrong(name: str, node: yaml.Node, what: str) -> SettingsError:
    return SettingsError(f"{name} line {node.start_mark.line + 1}: {what}.")
