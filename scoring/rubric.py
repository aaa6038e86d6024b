"""A profile: which criteria count, for how much, and why. One YAML file each, checked line by line when it is read."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from functools import cached_property
from importlib.resources import as_file, files
from pathlib import Path
from typing import Any, Literal

from harvester.errors import SettingsError
from harvester.records import Trilingual
from scoring.facts import Terms
from scoring.reader import Reader, compose, kind_of

DEFAULT = "gdb-checklist"
"""The profile that leads: its terms judge the licence, and the worklist's points are its points."""
Formula = Literal["weighted-mean"]
"""How answers become a score: ``weighted-mean`` is 100 x sum(w x) / sum(w known), less modifiers, times gates."""

NotApplicable = Literal["unknown", "leave-out", "no"]
"""What becomes of an item whose question does not arise: unknown as any other, left out of the weights, or a no."""


@dataclass(frozen=True, slots=True)
class Item:
    """A criterion, or a measure, that earns points. ``criterion`` is its name, of whichever of the two it is.

    ``values`` overrides the answer's value for a reason (another reading of it). ``needs`` are the criteria and
    measures that must be a whole yes, by their own items' needs too, before this one counts for anything.
    """

    criterion: str
    weight: float
    source: str
    pillar: str = ""
    values: Mapping[str, float | None] = field(default_factory=dict)
    needs: tuple[str, ...] = ()
    not_applicable: NotApplicable = "unknown"


@dataclass(frozen=True, slots=True)
class Gate:
    """A criterion that multiplies the score. ``assumed`` is what the point takes where the answer is unknown.

    A value between no, partly and yes takes a factor between theirs, in a straight line.
    """

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
class Band:
    """A word for scores of at least ``least`` (or above it, where ``above``), 0-100."""

    least: float
    title: Trilingual
    above: bool = False

    def holds(self, point: float) -> bool:
        """Whether a point (0-100) is in this band or a better one; points are kept to six decimals, so is the cut."""
        cut = round(self.least, 6)
        return point > cut if self.above else point >= cut


@dataclass(frozen=True)
class Rubric:
    """One profile as read. ``digest`` is the SHA-256 of what counts: comments, layout and bands aside.

    ``out_of`` is how many points the profile's own scale has; ours is 100, whatever the profile.
    """

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
    bands: tuple[Band, ...] = ()
    """Best first."""
    out_of: float = 100.0
    pillar_titles: Mapping[str, Trilingual] = field(default_factory=dict)
    text: str = field(default="", repr=False, compare=False)
    """The file as it was read, by which anybody can score again."""

    def criteria(self) -> frozenset[str]:
        """Every criterion and measure the profile uses, whatever for."""
        return self._criteria

    @cached_property
    def _criteria(self) -> frozenset[str]:
        return frozenset(self.used()) | {name for item in self.items for name in item.needs}

    def used(self) -> list[str]:
        """The criteria and measures as the file lists them: items, gates, modifiers."""
        items = [item.criterion for item in self.items]
        return [*items, *(gate.criterion for gate in self.gates), *(each.criterion for each in self.modifiers)]

    @cached_property
    def pillars(self) -> Mapping[str, tuple[Item, ...]]:
        """The items of each pillar, by its name, in the file's order; none where the profile has no pillars."""
        found: dict[str, list[Item]] = {}
        for item in self.items:
            if item.pillar:
                found.setdefault(item.pillar, []).append(item)
        return {name: tuple(items) for name, items in found.items()}

    @cached_property
    def by_name(self) -> Mapping[str, Item]:
        """The items by their criterion or measure."""
        return {item.criterion: item for item in self.items}

    def band(self, point: float | None) -> Band | None:
        """Return the best band a point (0-100) is in, None where there is none or no point."""
        if point is None:
            return None
        return next((band for band in self.bands if band.holds(point)), None)


def load_rubric(path: Path | None = None, criteria: frozenset[str] | None = None) -> Rubric:
    """Return the profile in ``path``, or the project's own ``gdb-checklist`` where it is None.

    ``criteria`` are the names a profile may use; by default all criteria and measures there are. Raises SettingsError
    naming the file, the line and what to write instead.
    """
    if path is None:
        text = files("scoring").joinpath("rubrics", f"{DEFAULT}.yml").read_text(encoding="utf-8")
        return parse_rubric(text, f"{DEFAULT}.yml", criteria)
    return parse_rubric(_text(path), str(path), criteria)


def load_rubrics(own: Sequence[Path] = ()) -> tuple[Rubric, ...]:
    """Return every profile of datasets that comes with the project, and a user's ``own``; the leading one first.

    One of a user's own that bears the name of one of ours stands in its place. Raises SettingsError as `load_rubric`.
    """
    found: dict[str, Rubric] = {}
    with as_file(files("scoring").joinpath("rubrics")) as folder:
        for place in sorted(folder.glob("*.yml")):
            text = place.read_text(encoding="utf-8")
            if kind_of(text, place.name) == "datasets":
                rubric = parse_rubric(text, place.name)
                found[rubric.profile] = rubric
    named: dict[str, Path] = {}
    for path in own:
        rubric = load_rubric(path)
        if rubric.profile in named:
            raise SettingsError(
                f"{path} and {named[rubric.profile]} both call their profile {rubric.profile!r}: rename one."
            )
        named[rubric.profile], found[rubric.profile] = path, rubric
    return (found.pop(DEFAULT), *found.values())


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise SettingsError(
            f"The rubric {path} cannot be read ({error}): give the path of a UTF-8 YAML file."
        ) from error


def parse_rubric(text: str, name: str, criteria: frozenset[str] | None = None) -> Rubric:
    """Return the profile written in ``text``; ``name`` is the file named in errors. Raises SettingsError."""
    from scoring.entries import read_rubric  # noqa: PLC0415 - it makes these records, so it must import them

    node = compose(text, name)
    rubric = read_rubric(Reader(name), node, criteria)
    return replace(rubric, digest=_digest(rubric), text=text)


_UNSAID: Mapping[str, Any] = {"needs": (), "not_applicable": "unknown", "out_of": 100.0, "pillar_titles": {}}


def _digest(rubric: Rubric) -> str:
    """Return the digest of what a profile says, so that one which does not use a new word of ours keeps its own."""
    told = asdict(rubric)
    del told["bands"], told["text"]
    for part in (told, *told["items"]):
        for word, unsaid in _UNSAID.items():
            if word in part and part[word] == unsaid:
                del part[word]
    canonical = json.dumps(told, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(canonical.encode()).hexdigest()
