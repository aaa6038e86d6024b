"""Worker processes that may die: each has limits of memory, CPU and wall time, and one task at a time."""

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
from multiprocessing.connection import Connection, wait
from pathlib import Path
from typing import Any, Generic, Protocol, TypeVar

from harvester.errors import BarometerError

MEMORY_BYTES = 2 * 1024**3
DATA_BYTES = 440 * 1024**2
"""What a worker's own data may take: with its code and the pages it shares, the whole stays under 500 MB."""
CPU_SECONDS = 10
CPU_SECONDS_PER_MB = 1
CPU_SECONDS_MOST = 600
FILES_PER_WORKER = 400
"""After so many tasks a worker is replaced, so that what a parser leaks never adds up."""
STARTS, START_SECONDS = 3, 60.0
"""How often a worker is started, and how long it may take, before we say that none can be."""
PARSERS = ("harvester.validate.examination", "harvester.compare.tasks")
"""Imported once, then forked."""


class Task(Protocol):
    """A piece of work on bodies: ``size`` is how many bytes, and ``work`` what is made of them."""

    @property
    def size(self) -> int:
        """How many bytes are read: the limits of the worker grow with it."""
        ...

    def work(self) -> object:
        """Do it. May raise what parsers raise on hostile bytes."""
        ...


@dataclass(frozen=True, slots=True)
class Lost:
    """What is handed back where a task could not be done: one plain sentence."""

    reason: str


@dataclass(frozen=True, slots=True)
class Limits:
    """What one task may use: address space in bytes, CPU seconds (a base, and more a megabyte up to a cap)."""

    memory: int = MEMORY_BYTES
    seconds: float = CPU_SECONDS
    seconds_per_mb: float = CPU_SECONDS_PER_MB
    seconds_most: float = CPU_SECONDS_MOST

    def cpu(self, size: int) -> int:
        """Return the CPU seconds a task of ``size`` bytes may use."""
        return max(1, round(min(self.seconds + self.seconds_per_mb * size / 1e6, self.seconds_most)))

    def wall(self, size: int) -> float:
        """Return the wall seconds a task of ``size`` bytes may take: four times the CPU's, for busy machines."""
        return 4.0 * self.cpu(size) + 2


T = TypeVar("T", bound=Task)


@dataclass(slots=True)
class _Worker(Generic[T]):
    process: Any
    pipe: Connection
    folder: str
    """Where it may write; emptied and removed with it, so that one that is killed leaves nothing behind."""
    task: T | None = None
    began: float = 0.0
    deadline: float = 0.0
    done: int = 0


@dataclass(frozen=True, slots=True)
class Done(Generic[T]):
    """A task with what came of it, and how many seconds that took."""

    task: T
    result: object
    seconds: float


def done_apart(tasks: Iterable[T], workers: int, limits: Limits | None = None) -> Iterator[Done[T]]:
    """Yield each task as it is done, from ``workers`` processes, in no particular order.

    A worker that dies, overruns or meets a body it cannot read costs its own task only, which is ``Lost`` with the
    reason; it is replaced where need be. Leaving the generator ends the workers. Raises BarometerError where no worker
    can be started at all: that is our fault and no body's.
    """
    bounds = limits or Limits()
    waiting = iter(tasks)
    pool: list[_Worker[T]] = []
    try:
        for task in waiting:
            pool.append(_hired(bounds))
            _hand(pool[-1], task, bounds)
            if len(pool) >= max(workers, 1):
                break
        while pool:
            yield from _round(pool, waiting, bounds)
    finally:
        for worker in pool:
            _dismissed(worker)


def _round(pool: list[_Worker[T]], waiting: Iterator[T], bounds: Limits) -> Iterator[Done[T]]:
    """Wait for one answer, one death or one deadline; yield what came of it and hand out the next tasks."""
    soonest = min(worker.deadline for worker in pool)
    ready = wait([worker.pipe for worker in pool], timeout=max(0.0, soonest - time.monotonic()))
    for worker in list(pool):
        task = worker.task
        if task is None:
            raise RuntimeError("a worker in the pool has a task")
        if worker.pipe in ready:
            result = _answer(worker)
        elif time.monotonic() >= worker.deadline:
            _dismissed(worker)
            result = Lost(f"It took longer than {bounds.wall(task.size):.0f} seconds.")
        else:
            continue
        done = Done(task, result, round(time.monotonic() - worker.began, 3))
        pool.remove(worker)
        following = next(waiting, None)
        if following is None:
            _dismissed(worker)
        else:
            fit = worker.process.is_alive() and worker.done < FILES_PER_WORKER
            pool.append(worker if fit else _replaced(worker, bounds))
            _hand(pool[-1], following, bounds)
        yield done


def _hired(bounds: Limits) -> _Worker[T]:
    """Return a worker that has said it is ready. Raises BarometerError where none will start."""
    for _ in range(STARTS):
        worker: _Worker[T] = _started(bounds)
        if _is_ready(worker):
            return worker
        _dismissed(worker)
    raise BarometerError(
        f"No worker process can be started (exit code {worker.process.exitcode}), so no file was judged. "
        f"Try `python -c 'import {', '.join(PARSERS)}'`: what fails to be imported there is what must be mended."
    )


def _is_ready(worker: _Worker[T]) -> bool:
    try:
        return worker.pipe.poll(START_SECONDS) and worker.pipe.recv() is None
    except (EOFError, OSError):
        worker.process.join(5)
        return False


def _started(bounds: Limits) -> _Worker[T]:
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(list(PARSERS))
    ours, theirs = context.Pipe()
    folder = tempfile.mkdtemp(prefix="barometer-")
    process = context.Process(target=_work, args=(theirs, bounds, folder), daemon=True)
    process.start()
    theirs.close()
    return _Worker(process, ours, folder)


def _replaced(worker: _Worker[T], bounds: Limits) -> _Worker[T]:
    _dismissed(worker)
    return _hired(bounds)


def _hand(worker: _Worker[T], task: T, bounds: Limits) -> None:
    worker.task = task
    worker.began = time.monotonic()
    worker.deadline = worker.began + bounds.wall(task.size)
    with suppress(OSError):  # a worker that died meanwhile is noticed when its answer is read
        worker.pipe.send(task)


def _answer(worker: _Worker[T]) -> object:
    try:
        result: object = worker.pipe.recv()
    except (EOFError, OSError):
        worker.process.join(5)
        reason = _death(worker.process.exitcode)
        _dismissed(worker)
        return Lost(reason)
    worker.done += 1
    return result


def _death(code: int | None) -> str:
    if code is not None and code < 0:
        name = signal.Signals(-code).name
        if name in ("SIGXCPU", "SIGKILL"):
            return "It used more processor time or memory than a file of its size may."
        return f"Reading it ended the worker process ({name})."
    return f"Reading it ended the worker process (code {code})."


def _dismissed(worker: _Worker[T]) -> None:
    worker.pipe.close()
    if worker.process.is_alive():
        worker.process.kill()
    worker.process.join(5)
    shutil.rmtree(worker.folder, ignore_errors=True)


def _work(pipe: Connection, bounds: Limits, folder: str) -> None:
    """A worker's life: do what comes through the pipe until it closes, writing in ``folder`` only."""
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
            task: Task = pipe.recv()
            _bound_cpu(bounds.cpu(task.size))
            pipe.send(_tried(task))


def _bound_cpu(seconds: int) -> None:
    """Let the process use ``seconds`` of CPU from now; at the soft limit the kernel ends it with SIGXCPU."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    soft = int(used.ru_utime + used.ru_stime) + 1 + seconds
    resource.setrlimit(resource.RLIMIT_CPU, (soft, resource.RLIM_INFINITY))


def _tried(task: Task) -> object:
    """Return what came of it, or one sentence of what a parser raised: a worker's outer edge, where all is caught."""
    try:
        return task.work()
    except MemoryError:
        return Lost("It needs more memory than a file may.")
    except FileNotFoundError:
        return Lost("The body is no longer kept.")
    except RecursionError:
        return Lost("It is nested too deep to be read safely.")
    except Exception as error:  # noqa: BLE001 - whatever a parser raises on hostile bytes is recorded against the task
        return Lost(f"Reading it failed: {type(error).__name__}: {str(error)[:200]}")
