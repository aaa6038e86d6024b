"""How long a recheck of one dataset takes in a large workshop, beside the visits themselves.

`python -m bench.recheck` makes a workshop of 4,000 datasets with a million visits in `build/recheck` (minutes, once; or
copies the one given with `--db`), serves the record and the files of some of its datasets on this machine, and rechecks
them one after the other, each in a process of its own as the command line does it. The last line is
`bench-recheck: datasets=… resources=… visits=… rechecked=… seconds=… most=… start=… cpu=… cpu_start=…`: the median and
the most of the wall time of a recheck in seconds, answered by a server that needs no time, and that of starting the
program alone; then the median of the processor's seconds of both, which do not go by what else the machine does.
"""

import argparse
import json
import resource
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from statistics import median
from urllib.parse import parse_qs, urlsplit

from sqlite_utils import Database

from bench.site_data import build
from harvester.store.workshop import connect

HOME = Path("build/recheck")
DATASETS, RESOURCES, VISITS, DEFECTS = 4000, 25_000, 1_000_000, 480_000
RECHECKED = 5
TABLE = b"station,number,latitude,longitude\r\nKing's Park,1,22.31,114.17\r\nCheung Chau,2,22.20,114.03\r\n"
COMMAND = "import sys; from harvester.cli import main; sys.argv[0] = 'barometer'; main()"


@contextmanager
def served(records: Mapping[str, object]) -> Iterator[str]:
    """Serve ``records`` as a stock CKAN does, and a table at any other address; yield the portal's address."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            parts = urlsplit(self.path)
            name = parse_qs(parts.query).get("id", [""])[0]
            results = {"package_list": list(records), "package_show": records.get(name), "status_show": {}}
            verb = parts.path.removeprefix("/api/3/action/")
            found = parts.path.endswith(".csv") or verb in results
            body = json.dumps({"success": True, "result": results[verb]}).encode() if verb in results else TABLE
            self.send_response(200 if found else 404)
            self.send_header("Content-Type", "application/json" if verb in results else "text/csv")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 -- the base class calls it so
            """Say nothing: the figures alone are wanted."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()


def record(db: Database, name: str, portal: str) -> dict[str, object]:
    """Return a dataset as a portal's record, its files at ``portal``."""
    row = next(iter(db.query("SELECT * FROM dataset WHERE name = ?", [name])))
    resources = db.query("SELECT * FROM resource WHERE dataset = ? AND withdrawn_at IS NULL ORDER BY position", [name])
    return {
        "id": name, "name": name, "title": row["title_en"], "notes": row["notes_en"],
        "organization": {"name": row["provider"]}, "update_frequency": row["frequency_en"],
        "maintainer_email": row["maintainer_email"],
        "resources": [
            {"id": each["shared_id"], "shared_id": each["shared_id"], "name": each["title_en"], "format": "CSV",
             "url": f"{portal}/{name}/{each['position']}.csv"} for each in resources
        ],
    }  # fmt: skip


def timed(*arguments: str) -> tuple[float, float]:
    """Return the wall time and the processor's time of one command, in seconds. Raises RuntimeError where it fails."""
    started, before = time.perf_counter(), spent()
    done = subprocess.run([sys.executable, "-c", COMMAND, *arguments], capture_output=True, text=True, check=False)
    if done.returncode:
        raise RuntimeError(
            f"{' '.join(arguments)} ended with {done.returncode}: {done.stderr[-500:]}{done.stdout[-500:]}"
        )
    return time.perf_counter() - started, spent() - before


def spent() -> float:
    """Return the processor's seconds of all processes that were waited for."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def measure(place: Path, rechecked: int) -> list[str]:
    """Return the names of datasets spread over the catalogue of the workshop at ``place``, and print the figures."""
    with closing(connect(place, create=False).conn) as connection:
        db = Database(connection)
        names = [row[0] for row in db.execute("SELECT name FROM dataset WHERE withdrawn_at IS NULL ORDER BY name")]
        chosen = names[:: max(1, len(names) // rechecked)][:rechecked]
        counts = {
            what: db.execute(f"SELECT count(*) FROM {what}").fetchone()[0]  # noqa: S608 -- our own names
            for what in ("resource", "visit")
        }
        records: dict[str, object] = {}
        with served(records) as portal:
            records |= {name: record(db, name, portal) for name in chosen}
            with db.atomic():
                db.execute("UPDATE run SET portal = ? WHERE kind = 'harvest'", [portal])
            connection.commit()
            told = ("--db", str(place), "--allow", "127.0.0.1", "--pace", "0")
            took = [timed("recheck", name, *told) for name in chosen]
    for name, (seconds, cpu) in zip(chosen, took, strict=True):
        print(f"{name}: {seconds:.2f} s, {cpu:.2f} s of the processor")
    start, cpu_start = timed("--version")
    walls, cpus = [each[0] for each in took], [each[1] for each in took]
    print(
        f"bench-recheck: datasets={len(names)} resources={counts['resource']} visits={counts['visit']} "
        f"rechecked={len(took)} seconds={median(walls):.2f} most={max(walls):.2f} start={start:.2f} "
        f"cpu={median(cpus):.2f} cpu_start={cpu_start:.2f}"
    )
    return chosen


def main() -> None:
    """Read the options, make or copy the workshop, and measure."""
    reads = argparse.ArgumentParser(description=__doc__)
    reads.add_argument("--db", type=Path, help="A workshop to copy and measure on.")
    reads.add_argument("--datasets", type=int, default=DATASETS)
    reads.add_argument("--rechecked", type=int, default=RECHECKED)
    told = reads.parse_args()
    share = told.datasets / DATASETS
    with tempfile.TemporaryDirectory() as folder:
        place = HOME / str(told.datasets) / "harvest.db"
        if told.db:
            place = Path(folder) / "harvest.db"
            for end in ("", "-wal"):
                if Path(f"{told.db}{end}").exists():
                    shutil.copy(f"{told.db}{end}", f"{place}{end}")
        else:
            place.parent.mkdir(parents=True, exist_ok=True)
            build(place.parent, told.datasets, round(RESOURCES * share), round(VISITS * share), round(DEFECTS * share))
        measure(place, told.rechecked)


if __name__ == "__main__":
    main()
