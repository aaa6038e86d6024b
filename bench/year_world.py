"""A machine for a simulated year: true time that a program owns, a clock that can be set, and faults that are real.

A full disk is the kernel's limit on files, a crash is a process that ends in the middle, locks are held by others.
"""

import fcntl
import os
import resource
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from functools import cache, partial
from pathlib import Path
from typing import Any
from unittest import mock

from bench.year_faults import Fault
from harvester import reach, steps
from harvester.place import Place
from harvester.reach import Reach
from harvester.sample import SampleAddress
from harvester.store import due, workshop
from harvester.validate.step import validate
from harvester.watch_jobs import Jobs
from harvester.watch_loop import Watcher
from harvester.web import Web
from publish import layers
from scoring.rubric import load_rubrics
from scoring.survey.load import load_survey

STEP = timedelta(minutes=4)
NEVER = ("127.0.0.1", 9)
"""A place where nobody listens."""
FULL_BYTES = 4096
KILLED = 137


class Trap:
    """Ends a step in the middle when it is set: by an exception, or by ending the process."""

    def __init__(self) -> None:
        self.spring: Callable[[], None] | None = None

    def wrap(self, work: Callable[..., Any]) -> Callable[..., Any]:
        """Return ``work`` with the trap after it: what it stored is there, and its run is not closed."""

        def trapped(*args: object, **options: object) -> Any:
            done = work(*args, **options)
            if self.spring:
                self.spring()
            return done

        return trapped


@dataclass
class World:
    """The machine: ``hours`` of true time since ``begins``, and by how much its clock is ahead of that."""

    folder: Path
    begins: datetime
    portal: str
    settings: Path
    sample: SampleAddress
    hours: float = 0.0
    ahead: timedelta = timedelta()
    watcher: Watcher | None = None
    trap: Trap = field(default_factory=Trap)
    gone: str = ""
    """What does not answer: the portal, the network, or nothing ('')."""

    @property
    def db(self) -> Path:
        """The workshop."""
        return self.folder / "harvest.db"

    def clock(self) -> datetime:
        """Return what the clock on the wall shows."""
        return self.begins + timedelta(seconds=round(self.hours * 3600)) + self.ahead

    def start(self) -> None:
        """Start to watch, as a new process would."""
        place = Place(self.db, self.portal, self.clock)
        jobs = Jobs(place, self.folder / "catalog.db", ())
        self.watcher = Watcher(self.db, jobs, self.clock, lambda: self.hours * 3600, self.settings)
        self.watcher.begin()

    def drop(self) -> None:
        """Let the process be gone, without a word."""
        if self.watcher:
            self.watcher.account.close()
        self.watcher = None

    def look_until(self, hours: float) -> None:
        """Let time pass with a look every four minutes."""
        while self.hours < hours:
            self.hours = min(hours, self.hours + STEP / timedelta(hours=1))
            if self.watcher:
                self.watcher.look()

    def live(self, fault: Fault) -> None:
        """Live through a fault, from its beginning to its end."""
        self.look_until(fault.begins - 0.1)
        {
            "crash": self._crash, "stop": self._stop, "asleep": self._sleep, "clock-back": self._set_back,
            "clock-forward": self._set_forward, "disk-full": self._full, "portal-away": self._away,
            "network-away": self._away, "busy": self._busy, "locked": self._locked,
        }[fault.kind](fault)  # fmt: skip

    def _crash(self, fault: Fault) -> None:
        """Another process watches, and ends in the middle of the scan; then nobody does for a while."""
        self.drop()
        child = os.fork()
        if child == 0:
            self.trap.spring = lambda: os._exit(KILLED)
            self.start()
            self.look_until(fault.begins + 0.5)
            os._exit(1)
        _, status = os.waitpid(child, 0)
        if os.waitstatus_to_exitcode(status) != KILLED:
            raise RuntimeError("the process was to die in the middle of its scan, and did not")
        self.hours = fault.ends
        self.start()

    def _stop(self, fault: Fault) -> None:
        def spring() -> None:
            raise KeyboardInterrupt

        self.trap.spring = spring
        try:
            self.look_until(fault.begins + 0.5)
        except KeyboardInterrupt:
            if self.watcher:
                self.watcher.end()
        else:
            raise RuntimeError("the watch was to be stopped in the middle of its scan, and was not")
        finally:
            self.trap.spring = None
        self.hours = fault.ends
        self.start()

    def _sleep(self, fault: Fault) -> None:
        self.hours = fault.ends

    def _set_back(self, fault: Fault) -> None:
        self.ahead = -timedelta(hours=3)
        self.look_until(fault.ends)
        self.ahead = timedelta()

    def _set_forward(self, fault: Fault) -> None:
        self.ahead = timedelta(hours=5)
        self.look_until(fault.ends)
        self.ahead = timedelta()

    def _full(self, fault: Fault) -> None:
        before = resource.getrlimit(resource.RLIMIT_FSIZE)
        resource.setrlimit(resource.RLIMIT_FSIZE, (FULL_BYTES, before[1]))
        try:
            self.look_until(fault.ends)
        finally:
            resource.setrlimit(resource.RLIMIT_FSIZE, before)

    def _away(self, fault: Fault) -> None:
        self.gone = fault.kind
        self.look_until(fault.ends)
        self.gone = ""

    def _busy(self, fault: Fault) -> None:
        with self.db.with_name("harvest.db.lock").open("a+") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            self.look_until(fault.ends)

    def _locked(self, fault: Fault) -> None:
        other = sqlite3.connect(self.db)
        other.execute("BEGIN IMMEDIATE")
        self.look_until(fault.ends)
        other.rollback()
        other.close()

    @contextmanager
    def _reached(self, place: Place, portal: str) -> Iterator[Reach]:
        """Reach the one sample portal that runs all year; or not, where it or the network is away."""
        with reach.reached(place, portal) as found:
            settings = found.settings
            if self.gone == "portal-away":
                yield Reach(found.portal, f"http://{NEVER[0]}:{NEVER[1]}", settings)
            elif self.gone and settings.routes:
                yield replace(
                    found, settings=replace(settings, routes=replace(settings.routes, http=NEVER, https=NEVER))
                )
            else:
                yield found

    @contextmanager
    def made(self) -> Iterator[None]:
        """Put this world in the place of the real one for the steps.

        Waits cost nothing, locks are not waited for, and profiles, which do not change in this year, are read once.
        """

        @contextmanager
        def same(_portal: str) -> Iterator[SampleAddress]:
            yield self.sample

        with ExitStack() as stack:
            for place, name, value in (
                (reach, "sample_portal", same), (steps, "reached", self._reached),
                (steps, "Web", partial(Web, sleep=lambda _seconds: None)),
                (steps, "validate_all", self.trap.wrap(validate)),
                (steps, "load_rubrics", cache(load_rubrics)), (layers, "load_survey", cache(load_survey)),
                (due, "LOCKED_SECONDS", 0.01), (workshop, "LOCKED_SECONDS", 0.01),
            ):  # fmt: skip
                stack.enter_context(mock.patch.object(place, name, value))
            yield
