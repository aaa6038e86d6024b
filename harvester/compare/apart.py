"""Tasks done in processes that may die: the limits of validation's workers, for work on two bodies at once."""

import multiprocessing
import os
import resource
import signal
import sys
import time
import warnings
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from multiprocessing.connection import Connection, wait
from pathlib import Path
from typing import Any

from harvester.compare.tasks import Task
from harvester.errors import BarometerError
from harvester.validate.workers import FILES_PER_WORKER, START_SECONDS, STARTS, Limits


@dataclass(frozen=True, slots=True)
class Lost:
    """What is handed back where a task could not be done: one plain sentence."""

    reason: str


@dataclass(slots=True)
class _Worker:
    process: Any
    pipe: Connection
    task: Task | None = None
    deadline: float = 0.0
    done: int = 0


def done_apart(
    tasks: Iterable[Task], workers: int, limits: Limits | None = None
) -> Iterator[tuple[Task, object | Lost]]:
    """Yield each task with what came of it, from ``workers`` processes, in no particular order.

    A process that dies, overruns or meets a body it cannot read costs its own task only, which is ``Lost``. Leaving
    the generator ends the processes. Raises BarometerError where none can be started at all.
    """
    bounds = limits or Limits()
    waiting = iter(tasks)
    pool: list[_Worker] = []
    try:
        for task in waiting:
            pool.append(_handed(_hired(bounds), task, bounds))
            if len(pool) >= max(workers, 1):
                break
        while pool:
            for worker, result in _answers(pool):
                pool.remove(worker)
                yield _done(worker), result
                _next(pool, worker, next(waiting, None), bounds)
    finally:
        for worker in pool:
            _dismissed(worker)


def _done(worker: _Worker) -> Task:
    if worker.task is None:
        raise RuntimeError("a worker without a task cannot have answered")
    return worker.task


def _next(pool: list[_Worker], worker: _Worker, task: Task | None, bounds: Limits) -> None:
    worn = worker.done >= FILES_PER_WORKER or not worker.process.is_alive()
    if task is None or worn:
        _dismissed(worker)
    if task is not None:
        pool.append(_handed(_hired(bounds) if worn else worker, task, bounds))


def _answers(pool: list[_Worker]) -> list[tuple[_Worker, object | Lost]]:
    """Wait for one answer, one death or one deadline, and return what came of it."""
    soonest = min(worker.deadline for worker in pool)
    ready = wait([worker.pipe for worker in pool], timeout=max(0.0, soonest - time.monotonic()))
    found: list[tuple[_Worker, object | Lost]] = []
    for worker in pool:
        if worker.pipe in ready:
            found.append((worker, _answer(worker)))
        elif time.monotonic() >= worker.deadline:
            worker.process.kill()
            worker.process.join(5)
            found.append((worker, Lost("It took too long to compare.")))
    return found


def _answer(worker: _Worker) -> object | Lost:
    try:
        result: object | Lost = worker.pipe.recv()
    except (EOFError, OSError):
        worker.process.join(5)
        return Lost("It used more processor time or memory than files of their size may.")
    worker.done += 1
    return result


def _hired(bounds: Limits) -> _Worker:
    """Return a worker that has said it is ready. Raises BarometerError where none will start."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["harvester.compare.apart"])  # the parsers are imported once, then forked
    for _ in range(STARTS):
        ours, theirs = context.Pipe()
        process = context.Process(target=_work, args=(theirs, bounds), daemon=True)
        process.start()
        theirs.close()
        worker = _Worker(process, ours)
        with suppress(EOFError, OSError):
            if ours.poll(START_SECONDS) and ours.recv() is None:
                return worker
        _dismissed(worker)
    raise BarometerError(
        f"No worker process can be started (exit code {worker.process.exitcode}), so nothing was compared. "
        "Try `python -m harvester.compare.apart`: what fails to be imported there is what must be mended."
    )


def _handed(worker: _Worker, task: Task, bounds: Limits) -> _Worker:
    worker.task = task
    worker.deadline = time.monotonic() + bounds.wall(task.size)
    with suppress(OSError):  # a worker that died meanwhile is noticed when its answer is read
        worker.pipe.send(task)
    return worker


def _dismissed(worker: _Worker) -> None:
    worker.pipe.close()
    if worker.process.is_alive():
        worker.process.kill()
    worker.process.join(5)


def _work(pipe: Connection, bounds: Limits) -> None:
    """A worker's life: do what comes through the pipe until it closes."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the parent's to handle
    resource.setrlimit(resource.RLIMIT_AS, (bounds.memory, bounds.memory))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    sys.stderr = sys.stdout = Path(os.devnull).open("w")  # noqa: SIM115 - open as long as the process; parsers are chatty
    warnings.simplefilter("ignore")
    with suppress(EOFError, OSError):
        pipe.send(None)  # ready: whoever dies before this word died of us, not of a file
        while True:
            task: Task = pipe.recv()
            used = resource.getrusage(resource.RUSAGE_SELF)
            soft = int(used.ru_utime + used.ru_stime) + 1 + bounds.cpu(task.size)
            resource.setrlimit(resource.RLIMIT_CPU, (soft, resource.RLIM_INFINITY))
            pipe.send(_tried(task))


def _tried(task: Task) -> object | Lost:
    """Return what came of a task: a worker's outer edge, where all that a parser raises is caught."""
    try:
        return task.work()
    except MemoryError:
        return Lost("It needs more memory than files of their size may.")
    except RecursionError:
        return Lost("It is nested too deep to be read safely.")
    except Exception as error:  # noqa: BLE001 - whatever a parser raises on hostile bytes is recorded against the pair
        return Lost(f"It could not be read: {type(error).__name__}.")
