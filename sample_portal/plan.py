"""Decides what each dataset is to be: sound, faulty, or a harmless look-alike of a fault; then has it all drawn."""

from dataclasses import asdict, dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any

from sample_portal.drafts import Draft
from sample_portal.generator import SHAPES, Making, add_shape, sound
from sample_portal.sample import SampleCatalogue
from sample_portal.truth import Entry


@dataclass(frozen=True, slots=True)
class Sample:
    """A catalogue drawn from a seed and a date, and the list of what is planted in it."""

    catalogue: SampleCatalogue
    entries: tuple[Entry, ...]
    seed: int
    today: date

    @property
    def resources(self) -> int:
        """How many resources the English instance lists."""
        return sum(len(draft.items) for draft in self.catalogue.drafts)

    def truth(self) -> dict[str, Any]:
        """Return the truth list as plain values."""
        return {"seed": self.seed, "date": self.today.isoformat(), "entries": [asdict(entry) for entry in self.entries]}


def draw(
    datasets: int,
    resources: int | None,
    seed: int,
    today: date,
    *,
    faults: bool = True,
    shift: timedelta = timedelta(0),
) -> Sample:
    """Draw a sample of so many datasets; `today` is the day in Hong Kong, `shift` moves the clock of live feeds."""
    making = Making(seed, today, lambda: datetime.now(UTC) + shift)
    drafts: list[Draft] = []
    for number in range(datasets):
        shape = making.dice(f"shape/{number}").randrange(len(SHAPES))
        draft = sound(making, number, places=any(form in ("GeoJSON", "KML", "KMZ", "SHP") for form, _ in SHAPES[shape]))
        add_shape(making, draft, shape)
        drafts.append(draft)
    return Sample(SampleCatalogue(seed, drafts, {}), (), seed, today)
