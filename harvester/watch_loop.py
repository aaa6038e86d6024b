"""The watch itself: at each look it accounts for what came due, and does it; whatever clock and disk do meanwhile."""

import logging
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path

from harvester.clock import Clock, iso, parse_iso
from harvester.errors import BarometerError, SettingsError
from harvester.store.due import SETTLED, Entry
from harvester.watch_account import Account
from harvester.watch_log import LOGGER, event
from harvester.watch_reasons import OF_ALL, Span, Trace, meaning
from harvester.watch_settings import TIMED, WANTED, Job, Settings, SettingsFile
from harvester.watch_work import Did, Now, Work

SET_SECONDS = 120.0
"""A clock that differs by more from one that is never set was set."""
ASLEEP_SECONDS = 300.0
"""A watch that did not look for so long, and was not at work, was not running: the machine slept."""
DOUBT = timedelta(days=1)
"""After a clock jumped ahead by more, nothing is folded for as long: what it says is old may not be."""
KEPT_AHEAD = timedelta(days=1)
"""What was done by a clock that was then set back is not done again when its moment comes within so long."""
BUSY_SECONDS = 60.0
"""How long after the workshop was found in use it is tried again."""


@dataclass
class Watcher:
    """Decides at each look what is to be done, and accounts for it.

    ``clock`` is the machine's, which may be set; ``seconds`` counts up and is never set, and goes on while the machine
    sleeps. ``begin`` it before the first look, ``end`` it after the last.
    """

    db: Path
    work: Work
    clock: Clock
    seconds: Callable[[], float]
    settings_file: Path | None = None
    over: Callable[[Settings], Settings] = lambda settings: settings
    """What the command line says over the settings."""

    def __post_init__(self) -> None:
        self.now = Now()
        self._file = SettingsFile(self.settings_file, self.over)
        self.settings = self._file.read()
        self.account = Account(self.db)
        self.trace = Trace()
        self._base: dict[Job, datetime] = {}
        self._live: dict[Job, Entry] = {}
        self._rest: dict[str, tuple[float, str, str]] = {}
        self._looked: tuple[datetime, float] = (self.clock(), self.seconds())
        self._set_back: datetime | None = None
        self._doubt = float("-inf")
        self._gave_way: set[Job] = set()

    def begin(self) -> None:
        """Go on from where the last process that watched left off; what it missed has its reason from now on."""
        now = self.clock()
        last = self.account.last_watching()
        if last:
            # What it had not entered when it ended came while it was at work, or after: it is missing because it ended.
            since = parse_iso(last.started)
            self.trace.add(Span(since, now, "stopped", _STOPPED) if last.ended else Span(since, now, "killed", _KILLED))
            if parse_iso(last.ended or last.seen) > now:
                self._was_set_back(now)
        for job in (*TIMED, *WANTED):
            entry = self.account.newest(job)
            if entry is None:
                continue
            moment = parse_iso(entry.moment)
            self._base[job] = min(moment, now)
            if entry.state == "running":
                entry = replace(entry, state="waiting", why="killed", told=_KILLED)
            if entry.state not in SETTLED and moment <= now:
                self._live[job] = entry
        for job in self.settings.rhythms:
            self._since(job, now)
        self.account.beat(now, self.seconds())
        event(logging.INFO, "watching", jobs=",".join(self.settings.rhythms), since=last and (last.ended or last.seen))

    def end(self) -> None:
        """Say that the watch ends of its own will."""
        self.account.end(self.clock())
        event(logging.INFO, "ended")

    def look(self) -> None:
        """Account for what came due since the last look, and do it, the first things first."""
        self._notice()
        self._read_settings()
        for _ in range(len(TIMED) + len(WANTED)):  # one turn each: a job that comes due at once again waits its turn
            entry = next(self._ready(), None)
            if entry is None:
                break
            self._do(entry)
            self._looked = (self.clock(), self.seconds())
        self.account.save()
        self.account.beat(self.clock(), self.seconds())
        self._tell()

    def following(self, job: Job) -> datetime | None:
        """Return when a timed job is due next (aware), None where it is off."""
        found = self.settings.rhythms.get(job)
        return found.following(self.clock()) if found else None

    def _ready(self) -> Iterator[Entry]:
        """Yield what is due and may be tried now."""
        now, seconds = self.clock(), self.seconds()
        self._rest = {job: rest for job, rest in self._rest.items() if rest[0] > seconds}
        for job in (*WANTED, *TIMED):
            entry = self._wanted(job) if job in WANTED else self._come(job, now)
            if entry is None or self._rest.keys() & {"", job}:
                continue
            if job == "fold" and seconds < self._doubt:
                continue
            scan = self._live.get("scan")
            if job == "publish" and scan and scan.state == "waiting" and "scan" not in self._gave_way:
                continue  # a scan that was cut off publishes at its own end; what an officer waits for is told at once
            yield entry

    def _wanted(self, job: Job) -> Entry | None:
        """Return the entry of a job that no clock makes due, where there is something for it."""
        if job in self._live:
            return self._live[job]
        since = None if "" in self._rest else self.work.wanted(job, self.settings)
        if since is None:
            return None
        self._live[job] = Entry(job, iso(since))
        return self._live[job]

    def _come(self, job: Job, now: datetime) -> Entry | None:
        """Enter the moments of a timed job that came since the last look; return the entry that is to be worked on."""
        rhythm = self.settings.rhythms.get(job)
        if rhythm is None:
            self._live.pop(job, None)
            return None
        came = list(rhythm.between(self._since(job, now), now))
        if came:
            self._base[job] = came[-1]
            self._enter(job, came)
        return self._live.get(job)

    def _since(self, job: Job, now: datetime) -> datetime:
        """Return the moment up to which a job is accounted for; the first scan of all is due at once."""
        if job not in self._base:
            latest = self.settings.rhythms[job].latest(now)
            scanned = self.work.scanned() if job == "scan" else now
            first = scanned is None or scanned < latest
            self._base[job] = latest - timedelta(seconds=1) if first else now
            if first:
                self.trace.add(Span(latest, now, "first-start", "The watch began after its hour.", job))
        return max(self._base[job], now - self.settings.account)

    def _enter(self, job: Job, came: list[datetime]) -> None:
        """Enter moments that came: the newest is to be done, and stands for the older ones."""
        entries: list[Entry] = []
        if (before := self._live.pop(job, None)) and before.state == "waiting":
            entries.append(self._skipped(before, came[-1]))
        missed = (moment for moment in came[:-1] if self._kept(job, moment) is None)
        entries += [self._skipped(Entry(job, iso(moment)), came[-1]) for moment in missed]
        newest = self._kept(job, came[-1])
        if newest is None or not self._stands(came[-1]):
            self._live[job] = replace(newest, state="waiting") if newest else Entry(job, iso(came[-1]))
        self.account.put(*entries)
        if entries:
            event(logging.WARNING, "skipped", job=job, many=len(entries), why=entries[-1].why, told=entries[-1].told)

    def _kept(self, job: Job, moment: datetime) -> Entry | None:
        """Return the entry of a moment that was done already, before the clock was set back."""
        entry = self.account.get(job, iso(moment)) if self._set_back else None
        return entry if entry and entry.state in ("done", "caught-up") else None

    def _stands(self, moment: datetime) -> bool:
        return self._set_back is not None and moment <= self._set_back + KEPT_AHEAD

    def _skipped(self, entry: Entry, newest: datetime) -> Entry:
        why, told = (entry.why, entry.told) if entry.why else self.trace.reason(parse_iso(entry.moment), entry.job)
        return replace(entry, state="skipped", why=why, told=f"{told} The run of {iso(newest)} stands for it.")

    def _do(self, entry: Entry) -> None:
        """Do what is due, and write down what became of it, whatever that is."""
        job = next(name for name in (*WANTED, *TIMED) if name == entry.job)
        now, began = self.clock(), self.seconds()
        moment, before = parse_iso(entry.moment), self.account.last_run()
        late = job in TIMED and now - moment > self.settings.grace
        if late and not entry.why:
            why, told = self.trace.reason(moment, job)
            entry = replace(entry, why=why, told=told)
        entry = replace(entry, state="running", tries=entry.tries + 1, started=iso(now), finished=None)
        self._live[job] = entry
        self.account.put(entry)
        self._gave_way.discard(job)
        self.now = replace(self.now, job=job, since=now)
        event(logging.INFO, "started", job=job, due=entry.moment, why=entry.why if late else None)
        try:
            did = self.work.do(job, self.settings)
        except BaseException as error:
            self._was_at_work(job, now)
            self._failed(job, self._closed(entry, before, began), error)
            if not isinstance(error, Exception):
                raise
        else:
            self._was_at_work(job, now)
            self._done(job, self._closed(entry, before, began), did, late=late)
        finally:
            self.now = replace(self.now, job="", since=None)

    def _was_at_work(self, job: Job, since: datetime) -> None:
        """Remember that a job was under way; what it failed of is remembered after it, and so is believed first."""
        self.trace.add(Span(since, max(since, self.clock()), "at-work", f"Job {job} was under way."))

    def _closed(self, entry: Entry, before: int, began: float) -> Entry:
        """Return an entry with when its try ended, what it took and which runs it made."""
        runs = tuple(sorted({*entry.runs, *self.account.runs(entry.started or "", before)}))
        took = round((entry.seconds or 0.0) + self.seconds() - began, 3)
        return replace(entry, finished=iso(self.clock()), seconds=took, runs=runs)

    def _done(self, job: Job, entry: Entry, did: Did, *, late: bool) -> None:
        if late or (job in WANTED and entry.why):
            entry = replace(entry, state="caught-up", told=did.told or entry.told)
        else:
            entry = replace(entry, state="done", why="", told=did.told)
        self._live.pop(job, None)
        self.account.put(entry)
        words = {name: many for name, many in did.counts.items() if many}
        event(
            logging.INFO, entry.state, job=job, due=entry.moment, seconds=entry.seconds, why=entry.why,
            items_failed=did.failed or None, told=did.told, **words,
        )  # fmt: skip

    def _failed(self, job: Job, entry: Entry, error: BaseException) -> None:
        """Write down that a try failed, and when it is tried again."""
        if not isinstance(error, Exception):  # a stop: what is under way waits for the next start
            self._live[job] = replace(entry, state="waiting", why="stopped", told=_STOPPED)
            self.account.put(self._live[job])
            event(logging.WARNING, "stopped", job=job, due=entry.moment)
            return
        why, told = meaning(error)
        if why == "gave-way":  # nothing stands in its way: it goes on after what it gave way to
            self._gave_way.add(job)
            self._live[job] = replace(entry, state="waiting", why=entry.why or why, told=entry.told or told)
            self.account.put(self._live[job])
            event(logging.INFO, why, job=job, due=entry.moment, told=told)
            return
        self._live[job] = replace(entry, state="waiting" if why == "busy" else "failed", why=why, told=told)
        self.account.put(self._live[job])
        wait = min(self.settings.retry.total_seconds(), BUSY_SECONDS if why == "busy" else float("inf"))
        whom = "" if why in OF_ALL else job
        self._rest[whom] = (self.seconds() + wait, why, told)
        self.trace.add_trouble(Span(self.clock(), self.clock() + timedelta(seconds=wait), why, told, whom))
        level = logging.WARNING if why == "busy" else logging.ERROR
        unforeseen = error if why == "error" and not isinstance(error, BarometerError) else None
        event(
            level, "failed", job=job, due=entry.moment, why=why, told=told, again_in=f"{wait:.0f}s", tries=entry.tries
        )
        if unforeseen:
            LOGGER.error("unforeseen", exc_info=unforeseen, extra={"fields": {"job": job}})

    def _notice(self) -> None:
        """Notice what happened to the machine since the last look: it slept, or its clock was set."""
        now, seconds = self.clock(), self.seconds()
        before, then = self._looked
        self._looked = (now, seconds)
        passed, ahead = seconds - then, (now - before).total_seconds() - (seconds - then)
        if passed > ASLEEP_SECONDS:
            told = f"The machine slept, or the watch could not run, for {passed / 60:.0f} minutes."
            self.trace.add(Span(before, max(before, now), "asleep", told))
            event(logging.WARNING, "asleep", seconds=round(passed))
        if ahead > SET_SECONDS:
            told = f"The clock was set forward by {ahead / 60:.0f} minutes."
            self.trace.add(Span(before, now, "clock-forward", told))
            if ahead > DOUBT.total_seconds():
                self._doubt = seconds + DOUBT.total_seconds()
            event(logging.WARNING, "clock-set-forward", seconds=round(ahead))
        elif ahead < -SET_SECONDS:
            event(logging.WARNING, "clock-set-back", seconds=round(-ahead))
            self._was_set_back(now)

    def _was_set_back(self, now: datetime) -> None:
        """Begin anew to wait for what comes after ``now``: what was done already is kept (`_kept`)."""
        self._set_back = now
        for job, base in self._base.items():
            self._base[job] = min(base, now)

    def _read_settings(self) -> None:
        """Read the settings anew where their file is another; a wrong one is told once, and the last good one holds."""
        try:
            settings = self._file.changed()
        except SettingsError as error:
            self.now = replace(self.now, settings_error=str(error))
            event(logging.ERROR, "settings-wrong", told=str(error))
            return
        if settings is None:
            return
        now = self.clock()
        for job, rhythm in settings.rhythms.items():
            if self.settings.rhythms.get(job) != rhythm:
                self._base[job] = now  # a new rhythm has missed nothing
        self.settings = settings
        self.now = replace(self.now, settings_error="")
        event(logging.INFO, "settings-read")

    def _tell(self) -> None:
        self.now = replace(self.now, looked=self.clock(), resting={job: rest[2] for job, rest in self._rest.items()})


_KILLED = "The watch ended without a word: it was killed, or the power went."
_STOPPED = "The watch was stopped; its next start goes on with this."
