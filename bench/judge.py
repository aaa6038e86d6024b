"""Holding what barometer says against what the sample portal planted. Pure: entries and answers in, a report out."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

States = Mapping[tuple[str, str, str], tuple[str, str]]
"""(dataset, resource or '', criterion) to (state, reason): what barometer answers now."""

CLAIMS = ("no", "partly")
BACKGROUND = "nature"
"""Kinds that start so are what a sound dataset is by its nature: they explain answers, but are no plants."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of the truth list (see docs/design.md)."""

    kind: str
    dataset: str
    resource: str
    criterion: str
    expect: tuple[str, ...]
    reason: str | None
    also: tuple[str, ...]
    harmless: bool
    why: str

    @property
    def background(self) -> bool:
        """Whether this is a dataset's nature rather than a plant or a look-alike."""
        return self.kind.startswith(BACKGROUND)


@dataclass(slots=True)
class Tally:
    """One kind of plant: how many were planted and found, how many look-alikes, what was claimed wrongly."""

    planted: int = 0
    found: int = 0
    lookalikes: int = 0
    wrong: int = 0
    excused: int = 0
    """Claims that only an ``also`` of the list explains: to be looked at, lest the list lets everything pass."""
    notes: list[str] = field(default_factory=list)

    @property
    def recall(self) -> float:
        """Share of the plants that were found, 0-1; 1 where nothing was planted."""
        return self.found / self.planted if self.planted else 1.0

    @property
    def precision(self) -> float:
        """Share of the claims that were right, 0-1; 1 where nothing was claimed."""
        claimed = self.found + self.wrong
        return self.found / claimed if claimed else 1.0


def read_entries(rows: Iterable[Mapping[str, object]]) -> list[Entry]:
    """Return the truth list's JSON rows as entries."""
    return [
        Entry(
            kind=str(row["kind"]), dataset=str(row["dataset"]), resource=str(row["resource"] or ""),
            criterion=str(row["criterion"]), expect=_words(row["expect"]),
            reason=str(row["reason"]) if row.get("reason") else None, also=_words(row.get("also") or ()),
            harmless=bool(row["harmless"]), why=str(row.get("why", "")),
        )
        for row in rows
    ]  # fmt: skip


def judge(entries: Iterable[Entry], states: States, resource_criteria: frozenset[str]) -> dict[str, Tally]:
    """Return a tally for each kind, and one named ``sound`` for claims on what the list says nothing about.

    A plant is found where the state is an expected one (and the reason the expected one, where the list names it).
    A wrong claim is any "no" or "partly" that neither an entry's expectation nor its ``also`` explains; it counts
    against the dataset's first entry's kind, else against ``sound``. A dataset's own answer to a criterion of
    ``resource_criteria`` only repeats its resources' and is not counted again.
    """
    tallies: dict[str, Tally] = {}
    explained: set[tuple[str, str, str]] = set()
    excused: dict[str, set[tuple[str, str]]] = {}
    kind_of: dict[str, str] = {}
    for entry in entries:
        tally = tallies.setdefault(entry.kind, Tally())
        if not entry.background:
            kind_of.setdefault(entry.dataset, entry.kind)
        state, reason = states.get((entry.dataset, entry.resource, entry.criterion), ("absent", ""))
        met = state in entry.expect and entry.reason in (None, reason)
        if met or not (entry.harmless or entry.background):
            # A plant seen in another degree than expected is a miss, not also a false alarm.
            explained.add((entry.dataset, entry.resource, entry.criterion))
        for other in entry.also:
            excused.setdefault(entry.dataset, set()).add((entry.resource, other))
        _count(tally, entry, met, f"{state} ({reason})")
    for (dataset, resource, criterion), (state, reason) in sorted(states.items()):
        if state not in CLAIMS or (not resource and criterion in resource_criteria):
            continue
        if (dataset, resource, criterion) in explained:
            continue
        tally = tallies.setdefault(kind_of.get(dataset, "sound"), Tally())
        if _excused(excused.get(dataset, set()), resource, criterion):
            tally.excused += 1
            continue
        tally.wrong += 1
        tally.notes.append(f"WRONG  {dataset} {resource} {criterion}: {state} ({reason})")
    return tallies


def total(tallies: Iterable[Tally]) -> Tally:
    """Return the sum over all kinds."""
    whole = Tally()
    for tally in tallies:
        whole.planted += tally.planted
        whole.found += tally.found
        whole.lookalikes += tally.lookalikes
        whole.wrong += tally.wrong
        whole.excused += tally.excused
    return whole


def _count(tally: Tally, entry: Entry, met: bool, got: str) -> None:
    if entry.background:
        return
    if entry.harmless:
        tally.lookalikes += 1
        return
    tally.planted += 1
    if met:
        tally.found += 1
    else:
        expected = f"{'/'.join(entry.expect)}{f' ({entry.reason})' if entry.reason else ''}"
        tally.notes.append(
            f"MISSED {entry.dataset} {entry.resource} {entry.criterion}: got {got}, planted {expected}: {entry.why}"
        )


def _excused(pairs: set[tuple[str, str]], resource: str, criterion: str) -> bool:
    if (resource, criterion) in pairs or ("", criterion) in pairs:
        return True
    return not resource and any(other == criterion for _, other in pairs)


def _words(value: object) -> tuple[str, ...]:
    return tuple(str(word) for word in value) if isinstance(value, (list, tuple)) else (str(value),)
