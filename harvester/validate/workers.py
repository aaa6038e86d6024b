"""Worker processes that may die: each has limits of memory, CPU and wall time, and one file at a time."""

import multiprocessing
import os
import resource
import shutil
import signal
import sys
import tempfile
import time
import warnings
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import date
from multiprocessing.connection import Connection, wait
from pathlib import Path
from typing import Any

from harvester.errors import BarometerError
from harvester.records import Content
from harvester.store.contents import Pending
from harvester.validate.engine import ENGINE
from harvester.validate.examination import examine
from harvester.validate.ladder import rung
from harvester.validate.limits import DATA_BYTES

MEMORY_BYTES = 2 * 1024**3
CPU_SECONDS = 10
CPU_SECONDS_PER_MB = 1
CPU_SECONDS_MOST = 600
FILES_PER_WORKER = 400
"""After so many files a worker is replaced, so that what a parser leaks never adds up."""
STARVED = "It needs more memory than a file may."
STARTS, START_SECONDS = 3, 60.0
"""How often a worker is started, and how long it may take, before we say that none can be."""


@dataclass(frozen=True, slots=True)
class Limits:
    """What one file may use: address space in bytes, CPU seconds (a base, and more a megabyte up to a cap)."""

    memory: int = MEMORY_BYTES
    seconds: float = CPU_SECONDS
    seconds_per_mb: float = CPU_SECONDS_PER_MB
    seconds_most: float = CPU_SECONDS_MOST

    def cpu(self, size: int) -> int:
        """Return the CPU seconds a file of ``size`` bytes may use."""
        return max(1, round(min(self.seconds + self.seconds_per_mb * size / 1e6, self.seconds_most)))

    def wall(self, size: int) -> float:
        """Return the wall seconds a file of ``size`` bytes may take: four times the CPU's, for busy machines."""
        return 4.0 * self.cpu(size) + 2


@dataclass(frozen=True, slots=True)
class Job:
    """One body to examine: where it lies, what is known of it, and Hong Kong's date."""

    path: Path
    item: Pending
    today: date


@dataclass(slots=True)
class _Worker:
    process: Any
    pipe: Connection
    folder: str
    """Where it may write; emptied and removed with it, so that one that is killed leaves nothing behind."""
    job: Job | None = None
    began: float = 0.0
    deadline: float = 0.0
    done: int = 0


def examine_all(jobs: Iterable[Job], workers: int, limits: Limits | None = None) -> Iterator[Content]:
    """Yield the content of each job as it is done, from ``workers`` processes, in no particular order.

    A worker that dies or overruns is replaced, and its file is ``unmeasured`` with the reason. Nothing is raised for
    a file; leaving the generator ends the workers. Raises BarometerError where no worker can be started at all: that
    is our fault and no file's, so no file is marked for it.
    """
    bounds = limits or Limits()
    waiting = iter(jobs)
    pool: list[_Worker] = []
    try:
        for job in waiting:
            pool.append(_hired(bounds))
            _hand(pool[-1], job, bounds)
            if len(pool) >= max(workers, 1):
                break
        while pool:
            yield from _round(pool, waiting, bounds)
    finally:
        for worker in pool:
            _dismissed(worker)


def _round(pool: list[_Worker], waiting: Iterator[Job], bounds: Limits) -> Iterator[Content]:
    """Wait for one answer, one death or one deadline; yield what came of it and hand out the next jobs."""
    soonest = min(worker.deadline for worker in pool)
    ready = wait([worker.pipe for worker in pool], timeout=max(0.0, soonest - time.monotonic()))
    for worker in list(pool):
        if worker.pipe in ready:
            content = _answer(worker)
        elif time.monotonic() >= worker.deadline:
            content = _lost(worker, f"It took longer than {bounds.wall(_size(worker)):.0f} seconds.")
        else:
            continue
        pool.remove(worker)
        job = next(waiting, None)
        if job is None:
            _dismissed(worker)
        else:
            again = (
                worker if worker.process.is_alive() and worker.done < FILES_PER_WORKER else _replaced(worker, bounds)
            )
            _hand(again, job, bounds)
            pool.append(again)
        yield content


def _size(worker: _Worker) -> int:
    return worker.job.item.bytes if worker.job else 0


def _hired(bounds: Limits) -> _Worker:
    """Return a worker that has said it is ready. Raises BarometerError where none will start."""
    for _ in range(STARTS):
        worker = _started(bounds)
        if _is_ready(worker):
            return worker
        _dismissed(worker)
    raise BarometerError(
        f"No worker process can be started (exit code {worker.process.exitcode}), so no file was judged. "
        "Try `python -m harvester.validate.workers`: what fails to be imported there is what must be mended."
    )


def _is_ready(worker: _Worker) -> bool:
    try:
        return worker.pipe.poll(START_SECONDS) and worker.pipe.recv() is None
    except (EOFError, OSError):
        worker.process.join(5)
        return False


def _started(bounds: Limits) -> _Worker:
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["harvester.validate.workers"])  # Frictionless is imported once, then forked
    ours, theirs = context.Pipe()
    folder = tempfile.mkdtemp(prefix="barometer-")
    process = context.Process(target=_work, args=(theirs, bounds, folder), daemon=True)
    process.start()
    theirs.close()
    return _Worker(process, ours, folder)


def _replaced(worker: _Worker, bounds: Limits) -> _Worker:
    _dismissed(worker)
    return _hired(bounds)


def _hand(worker: _Worker, job: Job, bounds: Limits) -> None:
    worker.job = job
    worker.began = time.monotonic()
    worker.deadline = worker.began + bounds.wall(job.item.bytes)
    with suppress(OSError):  # a worker that died meanwhile is noticed when its answer is read
        worker.pipe.send(job)


def _answer(worker: _Worker) -> Content:
    try:
        content = worker.pipe.recv()
    except (EOFError, OSError):
        worker.process.join(5)
        return _lost(worker, _death(worker.process.exitcode))
    worker.done += 1
    if isinstance(content, Content):
        return content
    return _unmeasured(worker, str(content))


def _death(code: int | None) -> str:
    if code is not None and code < 0:
        name = signal.Signals(-code).name
        if name in ("SIGXCPU", "SIGKILL"):
            return "It used more processor time or memory than a file of its size may."
        return f"Reading it ended the worker process ({name})."
    return f"Reading it ended the worker process (code {code})."


def _lost(worker: _Worker, reason: str) -> Content:
    _dismissed(worker)
    return _unmeasured(worker, reason)


def _unmeasured(worker: _Worker, reason: str) -> Content:
    job = worker.job
    if job is None:
        raise RuntimeError("a worker without a job cannot have answered")
    item, sniffed = job.item, job.item.sniffed
    return Content(
        sha256=item.sha256, bytes=item.bytes, complete=item.complete, format=sniffed.format, nature=sniffed.nature,
        ladder=rung(sniffed.format), encoding=sniffed.encoding, bom=sniffed.bom, members=sniffed.members,
        verdict="unmeasured", reason=reason, seconds=round(time.monotonic() - worker.began, 3), engine=ENGINE,
    )  # fmt: skip


def _dismissed(worker: _Worker) -> None:
    worker.pipe.close()
    if worker.process.is_alive():
        worker.process.kill()
    worker.process.join(5)
    shutil.rmtree(worker.folder, ignore_errors=True)


def _work(pipe: Connection, bounds: Limits, folder: str) -> None:
    """A worker's life: examine what comes through the pipe until it closes, writing in ``folder`` only."""
    tempfile.tempdir = folder
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the parent's to handle
    resource.setrlimit(resource.RLIMIT_AS, (bounds.memory, bounds.memory))
    own = min(bounds.memory, DATA_BYTES)
    resource.setrlimit(resource.RLIMIT_DATA, (own, own))  # address space is more than memory: this bounds memory itself
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    sys.stderr = sys.stdout = Path(os.devnull).open("w")  # noqa: SIM115 - open as long as the process; parsers are chatty
    warnings.simplefilter("ignore")
    with suppress(EOFError, OSError):
        pipe.send(None)  # ready: whoever dies before this word died of us, not of a file
        while True:
            job: Job = pipe.recv()
            _bound_cpu(bounds.cpu(job.item.bytes))
            pipe.send(_examined(job))


def _bound_cpu(seconds: int) -> None:
    """Let the process use ``seconds`` of CPU from now; at the soft limit the kernel ends it with SIGXCPU."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    soft = int(used.ru_utime + used.ru_stime) + 1 + seconds
    resource.setrlimit(resource.RLIMIT_CPU, (soft, resource.RLIM_INFINITY))


def _examined(job: Job) -> Content | str:
    """Return the content, or one sentence about what a parser raised: a worker's outer edge, where all is caught."""
    item = job.item
    try:
        content = examine(job.path, item.sniffed, item.sha256, item.bytes, item.complete, job.today)
    except MemoryError:
        return STARVED
    except FileNotFoundError:
        return "The body is no longer kept."
    except RecursionError:
        return "It is nested too deep to be read safely."
    except Exception as error:  # noqa: BLE001 - whatever a parser raises on hostile bytes is recorded against the file
        return f"Reading it failed: {type(error).__name__}: {str(error)[:200]}"
    return STARVED if _is_starved(content) else content


def _is_starved(content: Content) -> bool:
    """Whether Frictionless ran out of memory and took it for a fault of the file: an error of reading without a word.

    It turns every exception into an error with the exception's text for a note, and a MemoryError has none.
    """
    return any(defect.code in ("source-error", "format-error") and not defect.note for defect in content.defects)
