"""What the measures share: one dataset's resources as its case and its answers show them, looked at once."""

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from harvester.records import LANGUAGES, Column, Content
from scoring.criteria.base import NO, UNKNOWN, YES, Answer, Value
from scoring.criteria.reach import reached
from scoring.facts import Case, ResourceFacts
from scoring.measures.vocabularies import format_code

REFUSED = frozenset({"key-required", "payment-required"})
"""Reasons of a partly online address at which nothing was handed over."""


@dataclass(frozen=True, slots=True)
class File:
    """One resource: its declared format as a code of the EU's file types, whether its address answers, its body.

    ``ok`` is yes, no or unknown; ``content`` is what the body turned out to be where it is what was asked for, and
    ``answers`` are the resource's own, by criterion.
    """

    facts: ResourceFacts
    declared: str
    ok: Value
    content: Content | None
    answers: Mapping[str, Answer]

    @property
    def direct(self) -> bool:
        """Whether its address gives data itself, neither a page for people nor a call with holes."""
        return self.facts.resource.kind in ("file", "api")

    @property
    def columns(self) -> tuple[Column, ...]:
        """The columns of its table, none where it is no table or was not looked at."""
        return self.content.profile.columns if self.content and self.content.profile else ()


@dataclass(frozen=True, slots=True)
class Sight:
    """One dataset as the measures see it. ``own`` are its own answers by criterion, ``said`` its record's extras.

    ``fields`` are the names of fields that any record of this portal fills: what is not among them, nobody there can
    fill.
    """

    case: Case
    files: tuple[File, ...]
    own: Mapping[str, Answer]
    said: Mapping[str, Any]

    @property
    def fields(self) -> frozenset[str]:
        """The fields that any record of the portal fills."""
        return self.case.dataset.portal.fields

    def has(self, *names: str) -> bool:
        """Whether this portal's records have a field of one of these names."""
        return not self.fields.isdisjoint(names)

    def says(self, *names: str) -> bool:
        """Whether this dataset's record, or one of its resources', fills one of these fields."""
        return any(self.said.get(name) for name in names)

    def value(self, criterion: str) -> Value:
        """The dataset's own answer to a criterion."""
        answer = self.own.get(criterion)
        return answer.value if answer else UNKNOWN

    def share(self, holds: Callable[[File], bool]) -> float:
        """Return the share of the resources that ``holds`` is true of; nought where there is none."""
        return sum(map(holds, self.files)) / len(self.files) if self.files else 0.0


def look(case: Case, answers: Iterable[Answer]) -> Sight:
    """Return what the measures see of ``case``; ``answers`` are all of its own, resources' and dataset's."""
    own: dict[str, Answer] = {}
    by_resource: dict[str, dict[str, Answer]] = {}
    for answer in answers:
        if answer.resource:
            by_resource.setdefault(answer.resource, {})[answer.criterion] = answer
        else:
            own[answer.criterion] = answer
    said = _said(case.dataset.dataset.extras)
    files = []
    for facts in case.dataset.resources:
        theirs = by_resource.get(facts.resource.shared_id, {})
        content = facts.look.content if facts.look.content and reached(facts) else None
        files.append(File(facts, format_code(facts.resource.format), _ok(theirs.get("online")), content, theirs))
        said = {**_said(facts.resource.extras), **said}
    return Sight(case, tuple(files), own, said)


def _ok(online: Answer | None) -> Value:
    """Whether an address hands something over: one that comes and goes does, one that asks for a key does not."""
    if online is None or online.value is None:
        return UNKNOWN
    return NO if online.reason in REFUSED or online.value == NO else YES


def _said(extras: str) -> dict[str, Any]:
    """Return the extras of a record by field, English before Traditional before Simplified Chinese."""
    if extras == "{}":
        return {}
    try:
        told = json.loads(extras)
    except ValueError:
        return {}
    merged: dict[str, Any] = {}
    for language in reversed(LANGUAGES):
        part = told.get(language) if isinstance(told, dict) else None
        if isinstance(part, dict):
            merged.update(part)
    return merged
