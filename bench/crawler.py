"""udata-hydra's crawler, set up to be measured: its own PostgreSQL and Redis on loopback, its own pauses off.

Only the crawler's process is counted, not its database nor its queue. Where PostgreSQL's or Redis's programs are not on
this machine it cannot be measured.
"""

import os
import shutil
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from uuid import uuid4

from bench.cost import Cost, cost, peer

HYDRA = "udata-hydra==2.14.0"
POSTGRES_PORT, REDIS_PORT = 8401, 8402
BATCH = 40
"""Links a batch, as hydra has it."""
CRAWL = "import asyncio; from udata_hydra.crawl import start_checks; asyncio.run(start_checks(iterations={}))"
INSERT = "INSERT INTO catalog (dataset_id, resource_id, url, type, format, title, deleted, priority) VALUES {};"
START_SECONDS = 30


def hydra(folder: Path, links: Sequence[str]) -> Cost | None:
    """Return what hydra's crawler costs for ``links``; None where what it needs is not on this machine."""
    if shutil.which("redis-server") is None or _program("initdb") is None:
        return None
    programs = peer("hydra", HYDRA)
    with _services(folder) as database:
        settings = folder / "hydra.toml"
        settings.write_text(_settings(database), encoding="utf-8")
        environment = {"HYDRA_SETTINGS": str(settings)}
        _quiet([str(programs / "udata-hydra"), "migrate"], env={**os.environ, **environment})
        rows = (
            f"('{number:024x}', '{uuid4()}', '{link}', 'main', 'csv', 'a', FALSE, FALSE)"
            for number, link in enumerate(links)
        )
        _quiet([str(_program("psql")), database], input=INSERT.format(", ".join(rows)))
        rounds = -(-len(links) // BATCH)
        spent = cost([str(programs / "python"), "-c", CRAWL.format(rounds)], **environment)
        sql = "SELECT count(*) FROM checks WHERE status = 200"
        found = subprocess.run(
            [str(_program("psql")), database, "-Atc", sql], capture_output=True, text=True, check=True
        )
        if int(found.stdout) != len(links):
            raise SystemExit(
                f"hydra visited {found.stdout.strip()} of {len(links)} links: the comparison would be unfair."
            )
        return spent


def _settings(database: str) -> str:
    return f"""
        LOG_LEVEL = "WARNING"
        DATABASE_URL = "{database}"
        DATABASE_URL_CSV = "{database}"
        REDIS_URL = "redis://127.0.0.1:{REDIS_PORT}/0"
        BATCH_SIZE = {BATCH}
        SLEEP_BETWEEN_BATCHES = 0
        BACKOFF_NB_REQ = 1000000
        WEBHOOK_ENABLED = false
    """


@contextmanager
def _services(folder: Path) -> Iterator[str]:
    """Run a database and a queue of their own while the block lasts; yield the database's address."""
    data = folder / "postgres"
    data.mkdir()
    as_user = _other_user(data)
    _quiet([*as_user, str(_program("initdb")), "-D", str(data), "-U", "postgres", "-A", "trust"])
    options = f"-p {POSTGRES_PORT} -k {data} -c listen_addresses=127.0.0.1"
    _quiet([*as_user, str(_program("pg_ctl")), "-D", str(data), "-o", options, "-l", str(data / "log"), "-w", "start"])
    queue = subprocess.Popen(
        ["redis-server", "--port", str(REDIS_PORT), "--save", "", "--bind", "127.0.0.1"], stdout=subprocess.DEVNULL
    )
    try:
        yield f"postgres://postgres@127.0.0.1:{POSTGRES_PORT}/postgres"
    finally:
        queue.terminate()
        queue.wait()
        _quiet([*as_user, str(_program("pg_ctl")), "-D", str(data), "-m", "immediate", "stop"])


def _other_user(data: Path) -> list[str]:
    """Return what comes before PostgreSQL's programs, which refuse to run as root; ``data`` becomes that user's."""
    if os.geteuid():
        return []
    shutil.chown(data, "nobody")
    return ["setpriv", "--reuid=nobody", "--clear-groups"]


def _program(name: str) -> str | None:
    """Return the path of one of PostgreSQL's programs, which Debian keeps out of PATH."""
    return shutil.which(name) or next(
        (str(path) for path in sorted(Path("/usr/lib/postgresql").glob(f"*/bin/{name}"), reverse=True)), None
    )


def _quiet(command: list[str], **options: object) -> None:
    done = subprocess.run(command, capture_output=True, text=True, check=False, **options)  # type: ignore[call-overload]
    if done.returncode:
        raise SystemExit(f"`{' '.join(command)[:200]}` failed: {(done.stderr or done.stdout)[-500:]}")
