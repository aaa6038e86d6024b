"""Decides what each dataset is to be: faulty, a harmless look-alike, or plainly sound; then has it all drawn."""

from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass, field
from datetime import UTC, date, datetime
from itertools import count
from typing import Any

from sample_portal.drafts import Draft
from sample_portal.faults_record import stale_period
from sample_portal.generator import SHAPES, Making, add_shape, sound
from sample_portal.kinds import ALONE, CARRIERS, FILE_KINDS, RECORD_KINDS, SLOW, Planter
from sample_portal.natures import natures
from sample_portal.plain import dress, extend
from sample_portal.planting import Planting
from sample_portal.sample import SampleCatalogue
from sample_portal.truth import Entry
from sample_portal.week import Week, draw_week
from sample_portal.week_kinds import KINDS

FAULTY_SHARE = 0.6
ALIKE_SHARE = 0.65
"""Of the datasets without a fault, how many carry look-alikes; the rest are plain."""
MOST_ALIKES = 3
"""Look-alikes on one dataset: they are sound, so they do not blur."""


@dataclass(frozen=True, slots=True)
class Job:
    """One fault or look-alike to plant: its kind, its number within the kind, and who plants it."""

    kind: str
    nth: int
    planter: Planter


@dataclass(frozen=True, slots=True)
class Sample:
    """A catalogue drawn from a seed and a date, and the list of what is planted in it."""

    catalogue: SampleCatalogue
    entries: tuple[Entry, ...]
    seed: int
    today: date
    week: Week | None = None

    @property
    def resources(self) -> int:
        """How many resources the datasets have."""
        return sum(len(draft.items) for draft in self.catalogue.drafts)

    def truth(self) -> dict[str, Any]:
        """Return the truth list as plain values."""
        entries = [asdict(entry) for entry in self.entries]
        week = {"week": self.week.truth()} if self.week else {}
        return {"seed": self.seed, "date": self.today.isoformat(), "entries": entries, **week}


@dataclass(slots=True)
class _Drawing:
    """The sample as it grows."""

    making: Making
    drafts: list[Draft] = field(default_factory=list)
    entries: list[Entry] = field(default_factory=list)
    certificates: dict[str, str] = field(default_factory=dict)
    roomy: list[Draft] = field(default_factory=list)
    """Sound datasets, which may take more files."""

    def plant(self, draft: Draft, job: Job, *, harmless: bool) -> None:
        rng = self.making.dice(f"{job.kind}/{job.nth}/{harmless}")
        job.planter(Planting(self.making, draft, job.kind, job.nth, rng, self.entries, self.certificates, harmless))


def draw(
    datasets: int,
    resources: int | None,
    seed: int,
    today: date,
    *,
    faults: bool = True,
    now: Callable[[], datetime] | None = None,
    week: bool = False,
) -> Sample:
    """Draw a sample of so many datasets, and of `resources` at the least where that many do not come of themselves.

    `today` is the day in Hong Kong, `now` the clock of live feeds (the system's where None). `week` adds datasets whose
    links go by the time, and changes nothing of the others.
    """
    making = Making(seed, today, now or (lambda: datetime.now(UTC)))
    drawing = _Drawing(making)
    order = list(range(datasets))
    making.dice("order").shuffle(order)
    numbers = iter(order)
    faulty = fault_jobs(datasets) if faults else []
    _draw_faulty(drawing, faulty, numbers)
    if faults:
        _draw_alikes(drawing, datasets, int((datasets - len(faulty)) * ALIKE_SHARE), numbers)
    for place, number in enumerate(numbers):
        draft = sound(making, number, places=True)
        drawing.entries += dress(making, draft, place)
        _keep(drawing, draft, roomy=True)
    extend(making, drawing.roomy, (resources or 0) - sum(len(draft.items) for draft in drawing.drafts))
    entries = tuple(_complete(drawing))
    drawn = draw_week(making, datasets, KINDS) if week else None
    return Sample(_catalogue(drawing, drawn), entries, seed, today, drawn)


def fault_jobs(datasets: int) -> list[Job]:
    """Return the faults to plant, kind after kind in rounds; slow kinds stay few."""
    room = int(datasets * FAULTY_SHARE)
    jobs: list[Job] = []
    for nth in count():
        for kind, (planter, _) in FILE_KINDS.items():
            if len(jobs) >= room:
                return jobs
            if kind not in SLOW or nth < 4 + datasets // 1000:
                jobs.append(Job(kind, nth, planter))
    return jobs


def alike_jobs(datasets: int) -> list[Job]:
    """Return the look-alikes to plant, three rounds at the least; the slow ones stay few."""
    jobs = []
    for nth in range(max(3, datasets // 100)):
        for kind, (_, planters) in {**FILE_KINDS, **RECORD_KINDS}.items():
            if kind not in SLOW or nth < 4:
                jobs.append(Job(kind, nth, planters[nth % len(planters)]))
    return jobs


def _draw_faulty(drawing: _Drawing, jobs: list[Job], numbers: Iterator[int]) -> None:
    riders = iter(_riders(jobs))
    for job in jobs:
        draft = sound(drawing.making, next(numbers), _period_for(job), places=False)
        drawing.plant(draft, job, harmless=False)
        rider = next(riders, None) if job.kind in CARRIERS else None
        if rider:
            drawing.plant(draft, rider, harmless=False)
        _keep(drawing, draft)


def _period_for(job: Job) -> str:
    """Return the period a fault needs its data to have, "" where any will do."""
    periods = {"stale": stale_period(job.nth), "no-whole": "monthly", "legacy-encoding": "daily"}
    return periods.get(job.kind, "")


def _riders(jobs: list[Job]) -> Iterator[Job]:
    seats = sum(job.kind in CARRIERS for job in jobs)
    kinds = list(RECORD_KINDS)
    for seat in range(seats):
        kind = kinds[seat % len(kinds)]
        yield Job(kind, seat // len(kinds), RECORD_KINDS[kind][0])


def _draw_alikes(drawing: _Drawing, datasets: int, room: int, numbers: Iterator[int]) -> None:
    jobs = alike_jobs(datasets)
    jobs.sort(key=lambda job: (job.planter.__name__ not in ALONE, job.nth))
    loads: list[list[Job]] = [[] for _ in range(room)]
    for turn, job in enumerate(jobs):
        places = (loads[(turn + step) % room] for step in range(min(room, 3 * len(FILE_KINDS))))
        taken = next((load for load in places if _fits(job, load)), None)
        if taken is not None:
            taken.append(job)
    for load in loads:
        alone = next((job.planter.__name__ for job in load if job.planter.__name__ in ALONE), "")
        shape = SHAPES[len(load[0].kind) % 2] if load else SHAPES[0]
        draft = sound(drawing.making, next(numbers), _period_of(load), places=False)
        if not alone:
            add_shape(drawing.making, draft, SHAPES.index(shape))
        for job in load:
            drawing.plant(draft, job, harmless=True)
        _keep(drawing, draft, roomy=not alone)


def _period_of(load: list[Job]) -> str:
    names = {job.planter.__name__ for job in load}
    if "rested" in names:
        return "yearly"
    return "monthly" if "pieces_beside_whole" in names else ""


def _fits(job: Job, load: list[Job]) -> bool:
    alone = job.planter.__name__ in ALONE or any(other.planter.__name__ in ALONE for other in load)
    return not load or (
        len(load) < MOST_ALIKES and not alone and all(other.planter is not job.planter for other in load)
    )


def _keep(drawing: _Drawing, draft: Draft, *, roomy: bool = False) -> None:
    drawing.drafts.append(draft)
    if roomy:
        drawing.roomy.append(draft)


def _catalogue(drawing: _Drawing, week: Week | None) -> SampleCatalogue:
    drafts, certificates = drawing.drafts, drawing.certificates
    if week:
        drafts, certificates = [*drafts, *week.drafts], {**certificates, **week.certificates}
    return SampleCatalogue(drawing.making.seed, drafts, certificates)


def _complete(drawing: _Drawing) -> Iterator[Entry]:
    """Yield the plants and look-alikes, then each dataset's own nature where no plant speaks for it."""
    yield from drawing.entries
    spoken: dict[str, set[tuple[str, str]]] = {}
    for entry in drawing.entries:
        told = {(entry.resource, entry.criterion), *((entry.resource, other) for other in entry.also)}
        spoken.setdefault(entry.dataset, set()).update(told)
    for draft in drawing.drafts:
        yield from natures(draft, frozenset(spoken.get(draft.name, ())))
