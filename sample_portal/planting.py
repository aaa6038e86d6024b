"""What a fault or a look-alike works with: its dataset, its own dice, and the list it must write itself into."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from functools import partial
from random import Random

from sample_portal.catalogue import Response
from sample_portal.drafts import Draft, Item
from sample_portal.generator import SUFFIX, Making, add_file
from sample_portal.tables import Series, Table, fields
from sample_portal.truth import Entry

TOUCHED = ("bulk", "timely", "historical", "language", "tools")
"""What a dataset may honestly lose when one of its files cannot be had."""

BODY = (
    "machine_readable",
    "format",
    "headers",
    "encoding",
    "shape",
    "fields",
    "missing_data",
    "consistent",
    "plausible",
)
"""What an observer may honestly say of a body that is not what was promised."""

TABLE = ("machine_readable", "shape", "fields", "missing_data", "consistent")
"""What an observer may honestly say of a table that is laid out badly."""

PAIRS: tuple[tuple[tuple[str, int], ...], ...] = (
    (("CSV", 0), ("CSV", 1)),
    (("JSON", 0), ("CSV", 1)),
    (("XLSX", 0), ("XLSX", 1)),
    (("CSV", 1), ("CSV", 0), ("XML", 0)),
    (("XML", 0), ("CSV", 1)),
    (("TSV", 0), ("CSV", 1), ("JSON", 0)),
)
"""The files of a dataset that is to get a fault: its first file is the one that is bent."""


@dataclass(slots=True)
class Planting:
    """One plant or look-alike at work. `nth` counts the plants of this kind, so that variants take turns."""

    making: Making
    draft: Draft
    kind: str
    nth: int
    rng: Random
    entries: list[Entry]
    certificates: dict[str, str]
    harmless: bool = False
    spoiled: set[str] = field(default_factory=set)

    def files(self, *pairs: tuple[str, int]) -> Item:
        """Add the dataset's files, if it has none yet, and return the one to bend (or to dress up)."""
        if not self.draft.items:
            for form, language in pairs or PAIRS[(self.nth + len(self.kind)) % len(PAIRS)]:
                add_file(self.making, self.draft, form, language)
        return next(item for item in self.draft.items if item.shared_id not in self.spoiled)

    def own(self, form: str = "CSV", language: int = 0, series: Series | None = None, leaf: str = "") -> Item:
        """Add one more file for a look-alike to dress up, beside sound files of the dataset."""
        if not self.draft.items:
            add_file(self.making, self.draft, "CSV", 0)
            add_file(self.making, self.draft, "CSV", 1)
        if series:
            self.draft.documented += fields(series)
        leaf = leaf or f"set_{self.making.token(f'{self.kind}/{self.nth}/{len(self.draft.items)}')[:6]}"
        return add_file(self.making, self.draft, form, language, series, leaf=leaf)

    def document(self, *labels: str) -> None:
        """Let the dictionary describe further columns, so that it is right about every file of the dataset."""
        self.draft.documented += [(label, label, "text") for label in labels]

    def note(
        self, criterion: str, expect: str, why: str, item: Item | None = None, *,
        reason: str | None = None, also: tuple[str, ...] = (), kind: str = "",
    ) -> None:  # fmt: skip
        """Write this plant on the truth list: the states that count as found, one or several words."""
        resource = item.shared_id if item else ""
        rest = tuple(sorted({*also} - {criterion}))
        where = (kind or self.kind, self.draft.name, resource, criterion)
        self.entries.append(Entry(*where, tuple(expect.split()), reason, rest, self.harmless, why))

    def host(self, word: str, *, verdict: str = "") -> str:
        """Return a host of this plant's own, so that it harms nothing else; with the certificate that is named."""
        name = f"{word}{self.nth + 1}-{self.making.token(self.draft.name)[:3]}.{self.draft.provider}{SUFFIX}"
        if verdict:
            self.certificates[name] = verdict
        return name

    def move(self, item: Item, word: str, *, verdict: str = "", scheme: str = "https") -> str:
        """Move a resource to a host of its own, and return its new address."""
        leaf = item.url.rpartition("/")[2]
        item.move(self.draft.address(leaf, self.host(word, verdict=verdict), scheme))
        return item.url

    def bend(self, item: Item, **changes: object) -> None:
        """Change how a resource's address answers."""
        if item.answer is not None:
            item.answer = replace(item.answer, **changes)  # type: ignore[arg-type]

    def fixed(self, item: Item, body: bytes, content_type: str | None, status: int = 200, **changes: object) -> None:
        """Let a resource's address answer a fixed body."""
        item.answer = Response(
            partial(bytes, body), content_type, status, modified=self.draft.modified if status == 200 else None
        )
        self.bend(item, **changes)

    def rewrite(
        self, item: Item, language: int, writer: Callable[[Table, Random], bytes], content_type: str | None = None
    ) -> None:
        """Let a resource's body be written by `writer`, from the dataset's own table and dice of its own."""
        self.bend(
            item, body=partial(_written, self.draft.series, language, f"{self.making.seed}/{item.shared_id}", writer)
        )
        if content_type:
            self.bend(item, content_type=content_type)


def _written(series: Series, language: int, seed: str, writer: Callable[[Table, Random], bytes]) -> bytes:
    return writer(series.table(language), Random(seed))
