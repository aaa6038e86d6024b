"""Print what each hostile file came to: verdict, seconds, megabytes of the worker that read it.

Run as `make hostile-files`; `--scale 0.1` makes the files a tenth as large. Each file takes the way production takes:
told from its bytes, then examined by a worker with its own limits, and after it the same worker (or the one that
takes its place) must find a plain table valid.
"""

import argparse
import os
import socket
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import date
from multiprocessing import util
from pathlib import Path
from typing import TYPE_CHECKING

from harvester.apart import Limits
from harvester.records import Content
from harvester.sniff import sniff
from harvester.store.contents import Pending
from harvester.validate.workers import Job, examine_all

if TYPE_CHECKING:
    from tests.hostile_texts import Attack

MEGABYTES = 500
"""What a worker may use at most."""
MOMENT = 0.01
PLAIN = b"date,place,count\n" + b"".join(b"2024-01-%02d,P,%d\n" % (day, day) for day in range(1, 29))
CLIMBED = "barometer-climbed.csv"


@dataclass(frozen=True, slots=True)
class Suffered:
    """What one attack came to: what was found, what the plain table after it is, wall seconds, megabytes, faults."""

    name: str
    content: Content
    after: Content
    seconds: float
    megabytes: float
    faults: tuple[str, ...]


class Trap:
    """A socket on this machine that nobody may ask; ``asked`` is how many did."""

    def __init__(self) -> None:
        self._socket = socket.create_server(("127.0.0.1", 0))
        self._socket.settimeout(0.2)
        self.port = int(self._socket.getsockname()[1])
        self.asked = 0
        self._open = True
        threading.Thread(target=self._wait, daemon=True).start()

    def _wait(self) -> None:
        while self._open:
            with suppress(OSError):
                self._socket.accept()[0].close()
                self.asked += 1

    def close(self) -> None:
        """Stop listening."""
        self._open = False
        self._socket.close()


class Peak:
    """The most memory any of the workers had, in megabytes, looked at a hundred times a second.

    Workers descend from multiprocessing's server of forks. No other process below this one is looked at: between fork
    and exec a child shows its parent's memory for its own, and a test may have a browser open.
    """

    def __init__(self) -> None:
        self.megabytes = 0.0
        self._done = threading.Event()

    def look(self) -> None:
        """Look once: the kernel's own high-water mark of each process, so that no peak between two looks is lost."""
        for process in _workers(os.getpid()):
            with suppress(OSError, StopIteration):
                status = Path(f"/proc/{process}/status").read_text(encoding="ascii", errors="replace")
                line = next(line for line in status.splitlines() if line.startswith("VmHWM:"))
                self.megabytes = max(self.megabytes, int(line.split()[1]) / 1024)

    @contextmanager
    def watched(self) -> Iterator[None]:
        """Look again and again for as long as the block runs."""

        def run() -> None:
            while not self._done.wait(MOMENT):
                self.look()

        thread = threading.Thread(target=run, daemon=True)
        thread.start()
        try:
            yield
        finally:
            self._done.set()
            thread.join()


def _workers(process: int) -> Iterator[int]:
    for child in _descendants(process):
        with suppress(OSError):
            if b"multiprocessing.forkserver" in Path(f"/proc/{child}/cmdline").read_bytes():
                yield child


def _descendants(process: int) -> Iterator[int]:
    with suppress(OSError):
        for task in Path(f"/proc/{process}/task").iterdir():
            for child in (task / "children").read_text(encoding="ascii").split():
                yield int(child)
                yield from _descendants(int(child))


def attacks(port: int) -> "tuple[Attack, ...]":
    """Return every attack; what they ask to be fetched is on ``port`` of this machine."""
    # Imported here, for each worker imports this module anew, and would hold what the attacks are made of.
    from tests.hostile_packed import packed  # noqa: PLC0415
    from tests.hostile_texts import texts  # noqa: PLC0415

    return (*texts(port), *packed(port))


def suffer(attack: "Attack", folder: Path, scale: float, trap: Trap, limits: Limits | None = None) -> Suffered:
    """Write the attack into ``folder``, let it be examined, and a plain table after it by the same way."""
    body, plain = folder / ("a" * 64), folder / ("b" * 64)
    attack.write(body, scale)
    plain.write_bytes(PLAIN)
    size = body.stat().st_size
    bounds = limits or Limits()
    before, asked = lying_about(), trap.asked
    peak = Peak()
    with peak.watched():
        began = time.monotonic()
        jobs = [job(body), job(plain)]
        told = time.monotonic() - began
        found = examine_all(iter(jobs), 1, bounds)
        content = next(found)
        peak.look()
        after = next(found)
    left = lying_about() - before
    body.unlink()
    seconds = told + content.seconds
    wrong = faults(attack, content, after, seconds > bounds.wall(size) + 1, peak.megabytes)
    more = {"something was fetched": trap.asked > asked, f"left behind: {sorted(left)[:3]}": bool(left)}
    return Suffered(
        attack.name, content, after, seconds, peak.megabytes, (*wrong, *(name for name, so in more.items() if so))
    )


def job(path: Path) -> Job:
    """Return the job of the body at ``path``, told from its bytes as the check step tells it."""
    with path.open("rb") as body:
        sniffed = sniff(body)
    return Job(path, Pending(path.name, path.stat().st_size, True, sniffed), date(2026, 11, 23))


def faults(attack: "Attack", content: Content, after: Content, late: bool, megabytes: float) -> Sequence[str]:
    """Return what is wrong with what an attack came to: not bounded, called valid, or a hurt to the file after it."""
    told = {
        "called valid": content.verdict == "valid" and not attack.sound,
        "over its time": late, "over its memory": megabytes > MEGABYTES,
        "without a reason": content.verdict in ("unmeasured", "broken", "invalid") and not content.reason,
        f"the file after it is {after.verdict}: {after.reason}": after.verdict != "valid",
    }  # fmt: skip
    return tuple(name for name, so in told.items() if so)


def lying_about() -> set[str]:
    """Return what lies where an attack could have written or a worker could have left something."""
    temporary = Path(tempfile.gettempdir())
    climbed = {str(each / CLIMBED) for each in (temporary, temporary.parent, Path.cwd()) if (each / CLIMBED).exists()}
    return climbed | {each.name for each in temporary.glob("barometer-*")}


@contextmanager
def temporary(folder: Path) -> Iterator[None]:
    """Let temporary files be made in ``folder`` for as long as the block runs, so that what is left behind is ours."""
    util.get_temp_dir()  # the fork server's own, which outlives the block
    before, tempfile.tempdir = tempfile.tempdir, str(folder)
    try:
        yield
    finally:
        tempfile.tempdir = before


def main() -> int:
    """Suffer every attack; return 1 where one was not bounded, was called valid, or hurt what came after it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--scale", type=float, default=1.0, help="how large the files are (1: as they would come)")
    parser.add_argument("--only", default="", help="attacks whose name holds this")
    options = parser.parse_args()
    trap = Trap()
    wrong, slowest, largest, done = 0, 0.0, 0.0, 0
    print(f"{'attack':44}  {'verdict':10}  {'seconds':>7}  {'MB':>5}  reason")
    with tempfile.TemporaryDirectory(prefix="hostile-") as folder, temporary(Path(folder)):
        for attack in attacks(trap.port):
            if options.only not in attack.name:
                continue
            suffered = suffer(attack, Path(folder), options.scale, trap)
            done, wrong = done + 1, wrong + bool(suffered.faults)
            slowest, largest = max(slowest, suffered.seconds), max(largest, suffered.megabytes)
            content = suffered.content
            said = f"WRONG: {'; '.join(suffered.faults)}" if suffered.faults else (content.reason or "")[:110]
            print(
                f"{attack.name[:44]:44}  {content.verdict:10}  "
                f"{suffered.seconds:7.2f}  {suffered.megabytes:5.0f}  {said}",
                flush=True,
            )
    trap.close()
    print(f"hostile-files: attacks={done} wrong={wrong} max_seconds={slowest:.1f} max_mb={largest:.0f}")
    return int(wrong > 0)


if __name__ == "__main__":
    sys.exit(main())
