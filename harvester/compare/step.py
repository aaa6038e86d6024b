"""The last part of the validate step: files that belong together are laid beside each other."""

import os
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache
from itertools import islice
from pathlib import Path
from typing import Protocol

from sqlite_utils import Database

from harvester import compare as compare_rules
from harvester import validate
from harvester.apart import Done, Limits, Lost, T, done_apart
from harvester.clock import Clock
from harvester.compare import dictionary, versions
from harvester.compare.opening import TABLES
from harvester.compare.records import Comparison, Field, Kind, Reading, Shape
from harvester.compare.tasks import Kept, LayLanguages, LayVersions, ReadDictionary
from harvester.progress import progress
from harvester.store import comparisons as store
from harvester.store.comparisons import Known, Pair
from harvester.store.workshop import Run, record_failure

RULES = 100 * validate.RULES + compare_rules.RULES
"""The rules a comparison was made by: those of validation, which say what a table is, and those of comparing."""
BATCH = 50
"""How many comparisons are stored at a time: a kill loses no more than these."""
SHARD = 1000
"""Pairs whose facts are read at a time."""


class Bodies(Protocol):
    """Where bodies lie: ``harvester.store.bodies.Bodies`` is one."""

    def lay_out(self, sha256: str) -> Path | None:
        """Return a file that holds a body until it is put away, None where it is not kept whole."""
        ...

    def put_away(self, sha256: str) -> None:
        """Remove what was made to lay a body out."""
        ...


def compare(
    db: Database,
    bodies: Bodies,
    run: Run,
    clock: Clock,
    workers: int | None = None,
    limits: Limits | None = None,
    *,
    only: str = "",
) -> None:
    """Lay beside each other what was not: dictionaries and files, a table's languages, an address's versions.

    What needs a body that is no longer kept waits for the next visit that brings it. Whatever is stored stands: a step
    that was cut off does only what is missing when it is done again. Where ``only`` names a dataset, what is its own.
    """
    desk = _Desk(db, bodies, workers or os.cpu_count() or 1, limits)
    urls = store.addresses(db, only) if only else None
    store.newest(db, urls)
    for content, reading in _read(desk):
        store.save_reading(db, content, reading, RULES)
        run.count("dictionaries")
        if reading.state == "unmeasured":
            record_failure(db, run, content, reading.reason or "its fields could not be read", clock)
    _store(db, run, "dictionary", _beside_dictionaries(db))
    _store(db, run, "languages", _beside_languages(desk, only))
    _store(db, run, "versions", _versions(desk, urls))


def _store(db: Database, run: Run, kind: Kind, found: Iterator[tuple[Pair, Comparison]]) -> None:
    while batch := list(islice(found, BATCH)):
        store.save(db, kind, batch, RULES)
        run.count("compared", len(batch))


@dataclass(slots=True)
class _Desk:
    """Where bodies are laid out for the workers, each once however many pairs it is in, and put away after the last."""

    db: Database
    bodies: Bodies
    workers: int
    limits: Limits | None
    lent: Counter[str] = field(default_factory=Counter)

    def kept(self, sha256: str, known: Mapping[str, Known]) -> Kept | None:
        """Return a body laid out, None where it is not kept."""
        path = self.bodies.lay_out(sha256)
        if path is None:
            return None
        self.lent[sha256] += 1
        return Kept(sha256, path, known[sha256].bytes, known[sha256].sniffed)

    def both(self, pair: Pair, known: Mapping[str, Known]) -> tuple[Kept, Kept] | None:
        """Return two bodies laid out, None where one of them is not kept."""
        one = self.kept(pair[0], known)
        two = self.kept(pair[1], known) if one else None
        if one and two:
            return one, two
        self.back(*([one] if one else []))
        return None

    def back(self, *bodies: Kept) -> None:
        """Put away what nobody reads any more."""
        for each in bodies:
            self.lent[each.sha256] -= 1
            if not self.lent[each.sha256]:
                self.bodies.put_away(each.sha256)

    def done(self, tasks: Iterable[T], total: int, name: str) -> Iterator[Done[T]]:
        """Yield the tasks as the workers have done them."""
        return progress(done_apart(tasks, self.workers, self.limits), total, name)


def _read(desk: _Desk) -> Iterator[tuple[str, Reading]]:
    due = store.unread_dictionaries(desk.db, RULES)
    known = store.known(desk.db, due)
    tasks = (ReadDictionary(kept) for each in due if (kept := desk.kept(each, known)))
    for done in desk.done(tasks, len(due), "dictionaries"):
        body, found = done.task.body, done.result
        desk.back(body)
        lost = Reading("unmeasured", found.reason if isinstance(found, Lost) else None)
        yield body.sha256, found if isinstance(found, Reading) else lost


def _beside_dictionaries(db: Database) -> Iterator[tuple[Pair, Comparison]]:
    @lru_cache(maxsize=8)
    def fields(content: str) -> list[Field]:
        return store.fields_of(db, content)

    for part, known in _shards(db, store.beside_dictionaries(db, RULES)):
        yield from (((a, b), dictionary.lay(fields(a), known[b].shape)) for a, b in part)


def _beside_languages(desk: _Desk, only: str) -> Iterator[tuple[Pair, Comparison]]:
    for part, known in _shards(desk.db, store.beside_languages(desk.db, RULES, only)):
        tasks = (LayLanguages(*both) for pair in part if (both := desk.both(pair, known)))
        for done in desk.done(tasks, len(part), "languages"):
            a, b = done.task.a, done.task.b
            desk.back(a, b)
            told = _comparison(done.result)
            dated = {**_dates(known[a.sha256].shape, known[b.sha256].shape), **told.facts}
            yield (a.sha256, b.sha256), replace(told, facts=dated)


def _dates(one: Shape, two: Shape) -> dict[str, str]:
    """Return the days that two tables cover, as far as they are known."""
    told = {"earliest_a": one.earliest, "earliest_b": two.earliest, "latest_a": one.latest, "latest_b": two.latest}
    return {name: day for name, day in told.items() if day}


def _versions(desk: _Desk, urls: Sequence[int] | None) -> Iterator[tuple[Pair, Comparison]]:
    for part, known in _shards(desk.db, store.following_versions(desk.db, RULES, urls)):
        shapes = {pair: (known[pair[0]].shape, known[pair[1]].shape) for pair in part}
        alike = [pair for pair, (old, new) in shapes.items()
                 if {old.format, new.format} <= TABLES and versions.needs_bodies(old, new)]  # fmt: skip
        left = dict.fromkeys(part)
        tasks = (LayVersions(*both, *shapes[pair]) for pair in alike if (both := desk.both(pair, known)))
        for done in desk.done(tasks, len(alike), "versions"):
            a, b = done.task.a, done.task.b
            if isinstance(done.result, Comparison):
                del left[a.sha256, b.sha256]
                yield (a.sha256, b.sha256), done.result
            desk.back(a, b)
        yield from ((pair, versions.lay(*shapes[pair])) for pair in left)


def _comparison(found: object) -> Comparison:
    """Return a worker's answer, or that the two could not be laid beside each other and why."""
    if isinstance(found, Comparison):
        return found
    return Comparison(found.reason if isinstance(found, Lost) else "It could not be compared.")


def _shards(db: Database, due: Sequence[Pair]) -> Iterator[tuple[Sequence[Pair], dict[str, Known]]]:
    for first in range(0, len(due), SHARD):
        part = due[first : first + SHARD]
        yield part, store.known(db, (each for pair in part for each in pair))
