"""What no crawler can answer: people's answers to a survey's questions, each with a quote, an address and two dates.

One YAML file a jurisdiction in ``scoring/curated/``, checked line by line when it is read. An answer holds until the
day it expires, and is unknown from that day on; what nobody could show a public passage for stands under ``open``.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from importlib.resources import as_file, files
from pathlib import Path
from urllib.parse import urlsplit

import yaml

from harvester.errors import SettingsError
from harvester.records import Trilingual
from scoring.reader import Reader, compose
from scoring.survey.load import load_survey
from scoring.survey.profile import SurveyProfile
from scoring.survey.score import SurveyAnswer

LONGEST_QUOTE = 500
"""Characters: a quote is a passage to check by, not a copy of the source (ours)."""
LONGEST_LIFE = timedelta(days=731)
"""An answer that nobody looks at again for two years says nothing of today (ours)."""
UNDATED = "undated"
NOBODY = "none"


@dataclass(frozen=True, slots=True)
class CuratedAnswer:
    """One answer: ``choice`` of the variable's scale, the passage it rests on, who wrote it, and its days.

    ``dated`` is the source's own date as far as it gives one: ``2023``, ``2023-06``, ``2023-06-30`` or ``undated``.
    ``expires`` is the first day on which the answer no longer counts (a day in Hong Kong, as ``entered``).
    """

    variable: str
    choice: str
    quote: str
    address: str
    dated: str
    editor: str
    reviewer: str | None
    entered: date
    expires: date
    note: Trilingual | None = None

    def expired(self, day: date) -> bool:
        """Whether the answer no longer counts on ``day``."""
        return day >= self.expires


@dataclass(frozen=True, slots=True)
class OpenQuestion:
    """A question nobody could show a public passage for, and what would answer it."""

    variable: str
    wanted: Trilingual


@dataclass(frozen=True, slots=True)
class Curation:
    """One jurisdiction's file: ``jurisdiction`` is its ISO 3166 code (``HKG``), ``survey`` the profile it answers."""

    jurisdiction: str
    title: Trilingual
    survey: str
    answers: tuple[CuratedAnswer, ...]
    open: tuple[OpenQuestion, ...]

    def standing(self, day: date) -> tuple[SurveyAnswer, ...]:
        """Return the answers that count on ``day`` as the survey's arithmetic takes them; expired ones are unknown."""
        return tuple(SurveyAnswer(each.variable, each.choice) for each in self.answers if not each.expired(day))


def load_curations(profile: SurveyProfile | None = None) -> tuple[Curation, ...]:
    """Return every jurisdiction's file in ``scoring/curated``, by file name.

    ``profile`` is the survey they answer, the project's own where it is None. Raises SettingsError naming file, line
    and what to write instead, also where two files are of one jurisdiction.
    """
    survey = profile or load_survey()
    found: dict[str, Curation] = {}
    with as_file(files("scoring").joinpath("curated")) as folder:
        for place in sorted(folder.glob("*.yml")):
            each = load_curation(place, survey)
            if each.jurisdiction in found:
                raise SettingsError(f"{place.name}, line 1: {each.jurisdiction} has another file: keep one.")
            found[each.jurisdiction] = each
    return tuple(found.values())


def load_curation(path: Path, profile: SurveyProfile) -> Curation:
    """Return the curated answers in ``path``. Raises SettingsError naming the file, the line and what to write."""
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise SettingsError(f"The answers in {path} cannot be read ({error}): save the file as UTF-8 YAML.") from error
    return parse_curation(text, path.name, profile)


def parse_curation(text: str, name: str, profile: SurveyProfile) -> Curation:
    """Return the curated answers written in ``text``; ``name`` is the file named in errors. Raises SettingsError."""
    node = compose(text, name)
    reader = SourceReader(name)
    parts = reader.mapping(node, "kind jurisdiction title survey answers open")
    if reader.text(parts["kind"]) != "curated":
        raise reader.fail(parts["kind"], "write `kind: curated`: this reader reads no other.")
    if reader.text(parts["survey"]) != profile.profile:
        raise reader.fail(parts["survey"], f"the survey at hand is {profile.profile}: name that one.")
    taken: set[str] = set()
    answers = tuple(_answer(reader, each, profile, taken) for each in reader.sequence(parts["answers"]))
    questions = tuple(_open(reader, each, profile, taken) for each in reader.sequence(parts["open"]))
    return Curation(
        jurisdiction=reader.text(parts["jurisdiction"]),
        title=reader.trilingual(parts["title"]),
        survey=profile.profile,
        answers=answers,
        open=questions,
    )


def load_questions(profile: SurveyProfile) -> Mapping[str, Trilingual]:
    """Return the survey's questions in our own words, by variable (``scoring/questions``, one file a survey).

    Raises SettingsError where one is worded that the survey does not ask.
    """
    name = f"{profile.profile}.yml"
    node = compose(files("scoring").joinpath("questions", name).read_text(encoding="utf-8"), name)
    reader = SourceReader(name)
    found: dict[str, Trilingual] = {}
    for key, value in node.value:
        variable = _variable(reader, key, profile, set(found))
        found[variable] = reader.trilingual(value)
    return found


@dataclass(frozen=True, slots=True)
class SourceReader(Reader):
    """Reads what must be sound before it may be quoted: days, dates of sources, addresses, passages."""

    def day(self, node: yaml.Node) -> date:
        """Return a day written as ``2026-11-23``. Raises SettingsError."""
        try:
            return date.fromisoformat(self.text(node))
        except ValueError as error:
            raise self.fail(node, f"{self.text(node)!r} is no day: write it as 2026-11-23.") from error

    def dated(self, node: yaml.Node) -> str:
        """Return a source's date: a year, a month, a day, or ``undated``. Raises SettingsError."""
        text = self.text(node)
        if text == UNDATED:
            return text
        try:
            if len(text) not in (len("2023"), len("2023-06"), len("2023-06-30")):
                raise ValueError(text)
            date.fromisoformat((text + "-01-01")[: len("2023-06-30")])
        except ValueError as error:
            raise self.fail(
                node, f"{text!r} is no date of a source: write 2023, 2023-06, 2023-06-30 or undated."
            ) from error
        return text

    def address(self, node: yaml.Node) -> str:
        """Return the address of a public page. Raises SettingsError."""
        text = self.text(node)
        try:
            parts = urlsplit(text)
            sound = parts.scheme in ("http", "https") and "." in (parts.hostname or "") and "@" not in parts.netloc
        except ValueError:
            sound = False
        if not sound or any(character.isspace() for character in text):
            raise self.fail(node, "expected the address of a public page: start it with https:// or http://.")
        return text

    def passage(self, node: yaml.Node) -> str:
        """Return a short quote. Raises SettingsError where it is empty or too long to be one."""
        text = " ".join(self.text(node).split())
        if len(text) > LONGEST_QUOTE:
            raise self.fail(node, f"the quote has {len(text)} characters: keep to the {LONGEST_QUOTE} that answer.")
        return text


def _variable(reader: Reader, node: yaml.Node, profile: SurveyProfile, taken: Iterable[str]) -> str:
    variable = reader.text(node)
    if variable not in profile.questions():
        raise reader.fail(node, f"{profile.profile} does not ask {variable!r}: see its indicators and elements.")
    if variable in taken:
        raise reader.fail(node, f"{variable} stands here twice: keep one.")
    return variable


def _answer(reader: SourceReader, node: yaml.Node, profile: SurveyProfile, taken: set[str]) -> CuratedAnswer:
    parts = reader.mapping(node, "variable answer quote address dated editor reviewer entered expires", may="note")
    variable = _variable(reader, parts["variable"], profile, taken)
    taken.add(variable)
    choice, offered = reader.text(parts["answer"]), [each.choice for each in profile.questions()[variable].choices]
    if choice not in offered:
        raise reader.fail(parts["answer"], f"{variable} cannot be {choice!r}: use one of {', '.join(offered)}.")
    entered, expires = reader.day(parts["entered"]), reader.day(parts["expires"])
    if not timedelta(0) < expires - entered <= LONGEST_LIFE:
        raise reader.fail(
            parts["expires"],
            f"it must lie after {entered} and within {LONGEST_LIFE.days} days of it: choose such a day.",
        )
    reviewer = reader.text(parts["reviewer"])
    return CuratedAnswer(
        variable=variable,
        choice=choice,
        quote=reader.passage(parts["quote"]),
        address=reader.address(parts["address"]),
        dated=reader.dated(parts["dated"]),
        editor=reader.text(parts["editor"]),
        reviewer=None if reviewer == NOBODY else reviewer,
        entered=entered,
        expires=expires,
        note=reader.trilingual(parts["note"]) if "note" in parts else None,
    )


def _open(reader: SourceReader, node: yaml.Node, profile: SurveyProfile, taken: set[str]) -> OpenQuestion:
    parts = reader.mapping(node, "variable wanted")
    variable = _variable(reader, parts["variable"], profile, taken)
    taken.add(variable)
    return OpenQuestion(variable, reader.trilingual(parts["wanted"]))
