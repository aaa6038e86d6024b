"""`barometer watch`: scans that run for years while nobody watches. The loop (watch_loop.py), put into the world."""

import fcntl
import logging
import multiprocessing
import os
import signal
import sqlite3
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, redirect_stderr, suppress
from pathlib import Path

import schedule

from harvester.clock import iso
from harvester.errors import BusyError, NotOurDatabaseError
from harvester.place import Place
from harvester.store import due
from harvester.watch_jobs import Jobs
from harvester.watch_log import Said, event, start_logging
from harvester.watch_loop import Watcher
from harvester.watch_settings import Settings
from publish.watching import serving
from scoring.rubric import load_rubrics

LOOK_EVERY_SECONDS = 30
STOP_SECONDS = 7.0
"""How long what is under way may take to end in order once a stop was asked for; then it is ended as it is. systemd and
docker kill after ten seconds or more."""
_STOPPED = "The watch was stopped in the middle of it; its next start goes on with this."


def watch(
    place: Place,
    catalog: Path,
    rubrics: tuple[Path, ...],
    *,
    settings_file: Path | None = None,
    notices: Path | None = None,
    over: Callable[[Settings], Settings] = lambda settings: settings,
) -> None:
    """Do what is due, for ever, and account for it; end in order, within ten seconds, when SIGTERM comes.

    ``over`` is what the command line says over the settings. What fails is told on standard error, a line an event, and
    tried again. Returns after SIGTERM; Ctrl-C is handed on. Raises SettingsError where a file makes no sense at the
    start, BusyError where the workshop is watched already, BarometerError where the status page cannot be served.
    """
    load_rubrics(rubrics)
    jobs = Jobs(place, catalog, rubrics, notices)
    watcher = Watcher(place.db, jobs, place.clock, since_boot, settings_file, over)
    with ExitStack() as stack:
        stack.enter_context(_alone(place.db))
        start_logging(place.clock)
        stack.enter_context(redirect_stderr(Said()))
        terminated = stack.enter_context(_stopping(place))
        stack.enter_context(serving(watcher, place.db, catalog))
        watcher.begin()
        try:
            _run(watcher)
        except KeyboardInterrupt:
            if not terminated.is_set():
                raise
        finally:
            watcher.end()


def since_boot() -> float:
    """Return seconds since the machine started, those it slept included: they are never set, whatever the clock is."""
    return time.clock_gettime(getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC))


def _run(watcher: Watcher, sleep: Callable[[float], None] = time.sleep) -> None:
    """Look every half minute. The wait is ours, so that a clock set back does not make a wait of days of it."""
    scheduler = schedule.Scheduler()
    scheduler.every(LOOK_EVERY_SECONDS).seconds.do(watcher.look)
    scheduler.run_all()
    while True:
        wait = scheduler.idle_seconds or 0.0
        sleep(min(max(0.0, wait), LOOK_EVERY_SECONDS))
        if wait > LOOK_EVERY_SECONDS:
            scheduler.run_all()
        else:
            scheduler.run_pending()


@contextmanager
def _alone(db: Path) -> Iterator[None]:
    """Hold the right to watch a workshop. Raises BusyError, naming the holder's process, where another watches it.

    The lock is the kernel's, so a killed process never leaves it behind.
    """
    if not db.parent.is_dir():
        raise NotOurDatabaseError(f"There is no folder {db.parent}: make it, or name another place with --db.")
    with db.with_name(f"{db.name}.watch.lock").open("a+") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            lock.seek(0)
            raise BusyError(f"{db} is watched already, by process {lock.read().strip()}: stop that first.") from None
        lock.truncate(0)
        lock.write(str(os.getpid()))
        lock.flush()
        yield


@contextmanager
def _stopping(place: Place) -> Iterator[threading.Event]:
    """End in order when SIGTERM or SIGINT comes, and within ``STOP_SECONDS`` whatever is under way.

    A signal reaches Python only between two steps of its own, and a query or a slow answer may take minutes. So the
    kernel writes to a pipe as well, that a thread reads: it waits, writes the stop into the account, and ends us.
    """
    reader, writer = os.pipe()
    os.set_blocking(writer, False)
    done, terminated = threading.Event(), threading.Event()

    def guard() -> None:
        if not os.read(reader, 1) or done.wait(STOP_SECONDS):
            return
        _write_stop(place)
        event(logging.WARNING, "ended", told="What was under way did not end in time; the next start goes on with it.")
        for child in multiprocessing.active_children():
            child.kill()
        os._exit(0)

    def stop(number: int, _frame: object) -> None:
        if number == signal.SIGTERM:
            terminated.set()
        signal.signal(signal.SIGTERM, signal.SIG_IGN)  # one is enough; the guard sees to it that it is heeded
        event(logging.INFO, "stopping", within=f"{STOP_SECONDS:.0f}s")
        raise KeyboardInterrupt

    thread = threading.Thread(target=guard, name="stop", daemon=True)
    before = signal.signal(signal.SIGTERM, stop)
    interrupt = signal.signal(signal.SIGINT, stop)
    old = signal.set_wakeup_fd(writer, warn_on_full_buffer=False)
    thread.start()
    try:
        yield terminated
    finally:
        done.set()
        signal.set_wakeup_fd(old)
        signal.signal(signal.SIGTERM, before)
        signal.signal(signal.SIGINT, interrupt)
        os.close(writer)
        thread.join(1)
        os.close(reader)


def _write_stop(place: Place) -> None:
    """Write into the account that we were stopped, where it can be written now; else the next start finds us killed."""
    with suppress(sqlite3.Error), due.account(place.db) as db:
        now = iso(place.clock())
        due.stop_running(db, now, _STOPPED)
        last = due.last_watching(db)
        if last and last.process == os.getpid():
            due.end(db, last.id, now)
    with suppress(OSError, ValueError):
        sys.stderr.flush()
