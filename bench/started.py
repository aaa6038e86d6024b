"""A verb of ours that serves, started on this machine as an operator would, for a measurement or a picture."""

import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from publish.serve import wait_for


def free_port() -> int:
    """Return a port of this machine that nobody listened on a moment ago."""
    with socket.create_server(("127.0.0.1", 0)) as probe:
        return int(probe.getsockname()[1])


@contextmanager
def started(
    port: int, *arguments: str, path: str = "/en/", cwd: Path | None = None, said: IO[bytes] | None = None
) -> Iterator[str]:
    """Run ``barometer`` with these arguments, which let it listen on ``port``, and hand out its address.

    The block begins when ``path`` is answered and ends with the process. What it says on standard output is dropped;
    what it says on standard error goes to ``said``, else to our own. Raises what ``publish.serve.wait_for`` raises.
    """
    address = f"http://127.0.0.1:{port}"
    command = [sys.executable, "-m", "harvester", *arguments]
    process = subprocess.Popen(command, cwd=cwd, stdout=subprocess.DEVNULL, stderr=said)
    try:
        wait_for(process, f"{address}{path}")
        yield address
    finally:
        process.terminate()
        process.wait()
