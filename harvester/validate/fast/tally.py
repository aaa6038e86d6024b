"""The errors of a table, counted by their codes: Frictionless's own for those that are shown, counted for the rest."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from frictionless.schema.field import Field
from frictionless.table.header import Header
from frictionless.table.row import Row, create_cell_handlers

from harvester.validate.fast.casts import FIELDS, Cast, cast, remembering
from harvester.validate.fast.opening import Head, Unproved

Place = tuple[str, int | None, int | None]
"""An error's code, row and field, the last two from 1."""


@dataclass(slots=True)
class Tally:
    """Counts errors as Frictionless does, up to ``limit``; keeps the first ``shown`` of each code as its objects."""

    head: Head
    limit: int
    shown: int
    places: list[Place] = field(default_factory=list)
    examples: dict[str, list[Any]] = field(default_factory=dict)
    counts: dict[str, int] = field(default_factory=dict)
    _answers: list[Cast] = field(init=False)
    _handlers: Any = None

    def __post_init__(self) -> None:
        self._answers = [remembering(cast(type_)) for type_ in self.head.types]

    @property
    def full(self) -> bool:
        """Whether as many errors were found as are counted."""
        return len(self.places) >= self.limit

    def header(self) -> None:
        """Count the errors of the labels. Raises Unproved where they are as many as are counted at all."""
        labels = self.head.labels
        if all(label for label in labels) and len(set(labels)) == len(labels):
            return
        header = Header(list(labels), fields=self._fields(), row_numbers=[self.head.row])
        for error in header.errors:
            self._add((error.type, None, error.field_number), error)
        if self.full:
            raise Unproved("its labels alone have as many errors as are counted")

    def row(self, cells: Sequence[str], number: int) -> None:
        """Count the errors of row ``number``. Raises Unproved where Frictionless's row and ours do not agree."""
        found = self._errors(cells, number)
        if not found:
            return
        objects: Sequence[Any] = ()
        if any(len(self.examples.get(code, ())) < self.shown for code, _, _ in found):
            objects = self._asked(cells, number)
            if [(error.type, getattr(error, "field_number", None)) for error in objects] != [
                (code, place) for code, _, place in found
            ]:
                raise Unproved("a row is not what we took it for")
        for index, place in enumerate(found[: self.limit - len(self.places)]):
            self._add(place, objects[index] if objects else None)

    def _errors(self, cells: Sequence[str], number: int) -> list[Place]:
        """Return the errors of a row by Frictionless's rules: types, then cells too many or too few; or it is blank."""
        width, filled, missing = len(self._answers), False, self.head.missing
        found: list[Place] = []
        for place, (cell, answer) in enumerate(zip(cells, self._answers, strict=False), start=1):
            if cell not in missing:
                filled = True
                if not answer(cell):
                    found.append(("type-error", number, place))
        if not filled:
            return [("blank-row", number, None)]
        found += [("extra-cell", number, place) for place in range(width + 1, len(cells) + 1)]
        found += [("missing-cell", number, place) for place in range(len(cells) + 1, width + 1)]
        return found

    def _asked(self, cells: Sequence[str], number: int) -> Sequence[Any]:
        if self._handlers is None:
            self._handlers = create_cell_handlers(self._fields())
        errors: Sequence[Any] = Row(list(cells), handlers=self._handlers, row_number=number).errors
        return errors

    def _fields(self) -> list[Field]:
        pairs = zip(self.head.names, self.head.types, strict=True)
        missing = list(self.head.missing)
        return [FIELDS[type_](name=name, missing_values=missing) for name, type_ in pairs]

    def _add(self, place: Place, error: Any) -> None:
        code = place[0]
        self.places.append(place)
        self.counts[code] = self.counts.get(code, 0) + 1
        kept = self.examples.setdefault(code, [])
        if error is not None and len(kept) < self.shown:
            kept.append(error)
