"""`make ckan`: the catalogue of a real CKAN through our adapter, laid beside the same through `ckanapi`.

The server is brought up by a script that is no part of the project (``../shared/ckan/up.sh``), and stopped again
whatever happens; where the script is not at hand nothing is compared, and that is said. ``compare`` alone needs only
the address of any CKAN and is what `tests/test_ckan.py` calls when ``CKAN_URL`` is set.
"""

import html
import json
import os
import subprocess
import sys
import tempfile
import zlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
import requests

from bench.cost import PEERS, peer
from bench.harvest import CKANAPI
from harvester.clock import system_clock
from harvester.harvest import harvest
from harvester.portals import choose
from harvester.settings import WebSettings
from harvester.store.workshop import step, workshop
from harvester.web import Web

SCRIPTS = Path(__file__).parents[2] / "shared" / "ckan"
WITHHELD = ("zz-private-one", "zz-deleted-one")
"""What the script's server has and does not show to the public."""
EXTRAS = {
    "name": "barometer-extras",
    "title": "A dataset with fields of its own",
    "author": "A. Uthor",
    "extras": [{"key": "coordinate_system", "value": "HK80"}, {"key": "data_quality", "value": '檢查 "A" &amp; <B>'}],
    "tags": [{"name": "one"}, {"name": "two"}],
    "resources": [
        {"url": "https://files.example.org/a.csv", "name": "No shared id", "format": "CSV", "spatial_resolution": "5"},
        {"url": "https://files.example.org/b.csv", "name": "Nor here", "format": "CSV", "layers": "3"},
    ],
}
"""A dataset as stock CKAN keeps what it does not know: in ``extras``, and resources without a shared id."""
# What CKAN itself writes in a record, and is_api, which we keep as a number.
_OWN = {"id", "creator_user_id", "owner_org", "state", "type", "package_id", "created", "metadata_modified", "is_api"}


@dataclass(frozen=True, slots=True)
class Comparison:
    """How many datasets and resources ckanapi gave, and each way in which ours differ, by dataset and in words."""

    datasets: int
    resources: int
    differences: tuple[tuple[str, str], ...]

    @property
    def line(self) -> str:
        """The figures on one line that a program can read."""
        same = self.datasets - len({name for name, _ in self.differences})
        return (
            f"ckan: datasets={self.datasets} resources={self.resources} same={same} differences={len(self.differences)}"
        )


def compare(url: str, programs: Path, folder: Path) -> Comparison:
    """Harvest the CKAN at ``url`` both ways, leaving what came in ``folder``, and return how they compare.

    ``programs`` is the folder of ckanapi's program. Raises CalledProcessError where ckanapi fails, PortalError where
    we do.
    """
    theirs = {record["name"]: record for record in _dumped(url, programs, folder / "ckanapi.jsonl")}
    ours = _harvested(url, folder / "harvest.db")
    differences = [(name, "ckanapi has it, we have not") for name in sorted(set(theirs) - set(ours))]
    differences += [(name, "we have it, ckanapi has not") for name in sorted(set(ours) - set(theirs))]
    for name in sorted(set(theirs) & set(ours)):
        differences += [(name, problem) for problem in _differences(theirs[name], ours[name])]
    return Comparison(len(theirs), sum(len(record["resources"]) for record in theirs.values()), tuple(differences))


def _dumped(url: str, programs: Path, path: Path) -> Iterator[dict[str, Any]]:
    command = [str(programs / "ckanapi"), "dump", "datasets", "--all", "-g", "-p", "3", "-r", url, "-O", str(path)]
    path_first = {"PATH": f"{programs}{os.pathsep}{os.environ['PATH']}"}  # it starts its workers by name
    subprocess.run(command, env={**os.environ, **path_first}, stderr=subprocess.DEVNULL, check=True)
    with path.open(encoding="utf-8") as lines:
        yield from map(json.loads, lines)


def _harvested(url: str, path: Path) -> dict[str, dict[str, Any]]:
    """Return our rows by dataset: its own, those of its resources, and the raw record."""
    host = urlsplit(url).hostname or ""
    # CKAN's own robots.txt keeps robots from its API; this server is ours.
    settings = WebSettings(per_host_seconds=0, allow=(host,))
    with (
        workshop(path, create=True) as db,
        step(db, "harvest", system_clock, {}, url) as run,
        Web(settings, system_clock) as web,
    ):
        harvest(db, choose(url, web), run, system_clock)
        ours: dict[str, dict[str, Any]] = {
            row["name"]: {"row": row, "resources": []}
            for row in db.query("SELECT dataset.*, url AS link FROM dataset LEFT JOIN url ON url.id = dictionary")
        }
        for row in db.query("SELECT resource.*, url.url AS address FROM resource JOIN url ON url.id = resource.url"):
            ours[row["dataset"]]["resources"].append(row)
        for name, body in db.execute("SELECT dataset, body FROM record_version"):
            ours[name]["raw"] = json.loads(zlib.decompress(body))
    return ours


def _differences(theirs: Mapping[str, Any], ours: Mapping[str, Any]) -> Iterator[str]:
    """Yield, in words, what of ckanapi's record ours does not tell in the same way."""
    for key in sorted(theirs.keys() | ours["raw"].keys()):
        if theirs.get(key) != ours["raw"].get(key):
            yield f"the raw records differ in {key}"
    organization = theirs.get("organization")
    if organization and organization["name"] != ours["row"]["provider"]:
        yield f"the provider is {organization['name']}, not {ours['row']['provider']}"
    extras = [{item["key"]: item["value"]} for item in theirs.get("extras", ())]
    tags = [{"tag": tag["name"]} for tag in theirs.get("tags", ())]
    yield from _lost((theirs, *extras, *tags), ours["row"])
    kept = sorted(ours["resources"], key=lambda row: int(row["position"]))
    named = [(item["name"], item["url"]) for item in theirs["resources"]]
    if [(row["title_en"], row["address"]) for row in kept] != named:
        yield f"its resources are {named}, in this order"
        return
    for item, row in zip(theirs["resources"], kept, strict=True):
        yield from (f"resource {item['id']}: {problem}" for problem in _lost((item,), row))


def _lost(said: Iterable[Mapping[str, Any]], row: Mapping[str, Any]) -> Iterator[str]:
    """Yield which texts of a record stand neither in a column nor among the extras of our row."""
    extras = json.loads(row["extras"]).get("en", {})
    told = {str(value) for value in (*row.values(), *extras.values(), *extras.get("tags", ()))}
    if "shared_id" in row:  # one that several datasets claim has its dataset written before it
        told.add(row["shared_id"].removeprefix(f"{row['dataset']}:"))
    for fields in said:
        for key, value in fields.items():
            if isinstance(value, str) and value.strip() and key not in _OWN:
                plain = html.unescape(value).strip()
                if not {value, plain} & told:
                    yield f"{key}: {value!r} is not kept"


class _Told:
    """Hears from the test what it measured."""

    line = "ckan: no comparison was made: what pytest says above tells why."

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Keep the figures that a test recorded; called by pytest."""
        for name, value in report.user_properties:
            if name == "ckan":
                self.line = str(value)


def _publish_extras(url: str, home: Path) -> None:
    """Put the dataset with fields of its own into the server, unless it is there."""
    token = (home / "run" / "token").read_text(encoding="ascii").strip()
    verb = f"{url}/api/3/action/package_create"
    answer = requests.post(verb, json=EXTRAS, headers={"Authorization": token}, timeout=60)
    if answer.status_code not in (requests.codes.ok, requests.codes.conflict):
        raise SystemExit(f"{verb} answered {answer.status_code}: {answer.text[:200]}")


def main() -> int:
    """Bring the server up, run the test against it, stop it, and print the figures last."""
    if not (SCRIPTS / "up.sh").exists():
        print(f"ckan: no server to compare with: there is no {SCRIPTS / 'up.sh'}")
        return 0
    home = Path(os.environ.setdefault("CKAN_HOME", str(Path(tempfile.gettempdir()) / "ckan")))
    url = f"http://127.0.0.1:{os.environ.get('PORT', '5000')}"
    peer("ckanapi", CKANAPI)
    told = _Told()
    try:
        subprocess.run([str(SCRIPTS / "up.sh")], check=True)
        _publish_extras(url, home)
        os.environ |= {"CKAN_URL": url, "CKAN_WITHHELD": ",".join(WITHHELD)}
        code = pytest.main(["-q", "tests/test_ckan.py"], plugins=[told])
    finally:
        subprocess.run([str(SCRIPTS / "down.sh")], check=False)
    print(told.line)
    return int(code)


def ckanapi_programs() -> Path | None:
    """Return the folder of ckanapi's program, None where `make ckan` has not put it there."""
    programs = (PEERS / "ckanapi" / "bin").resolve()
    return programs if (programs / "ckanapi").exists() else None


if __name__ == "__main__":
    sys.exit(main())
