"""What passes between the watch and what it sets going: the jobs, what they did, and what is under way."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from harvester.watch_settings import Job, Settings


@dataclass(frozen=True, slots=True)
class Did:
    """What a job did: in words, its counts, and how many items could not be worked on."""

    told: str = ""
    counts: Mapping[str, int] = field(default_factory=dict)
    failed: int = 0


class Work(Protocol):
    """What the jobs do. ``harvester.watch_jobs.Jobs`` is the real one."""

    def do(self, job: Job, settings: Settings) -> Did:
        """Do one job. Raises what its steps raise."""
        ...

    def wanted(self, job: Job, settings: Settings) -> datetime | None:
        """Return since when there is something for a job that no clock makes due (aware); None where nothing is."""
        ...

    def scanned(self) -> datetime | None:
        """Return when the last scan began (aware); None where there is none, or it can be taken up."""
        ...


@dataclass(frozen=True, slots=True)
class Now:
    """What the watch is doing, for the status page: the job under way and since when, and what holds it up."""

    job: str = ""
    since: datetime | None = None
    settings_error: str = ""
    resting: Mapping[str, str] = field(default_factory=dict)
    """Jobs that wait after a failure ('' stands for all), and why, in a sentence."""
    looked: datetime | None = None
