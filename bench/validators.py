"""Other people's validators over our exports, their own reports kept in `build/validators`.

`python -m bench.validators` exports the sample catalogue (`catalog.db` of the main job, or the one named) and runs each
validator, a line each. The last line is `validators: checked=… failed=…`; the exit code is 1 where one failed. The
tests keep the reports of their own hostile catalogue the same way.
"""

import argparse
import json
import os
import sys
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import frictionless
import pyarrow.parquet as pq
import pyshacl
from rdflib import Graph

from publish.exports import rdf_files
from publish.exports.export import FORMATS, export
from publish.metadata_file import metadata_file

KEPT = Path(__file__).parents[1] / "build" / "validators"
SHAPES = Path(__file__).parents[1] / "tests" / "dcat_shapes.ttl"
OFFICIAL = os.environ.get("BAROMETER_DCAT_AP_SHAPES")
"""A copy of SEMIC's own shapes, which are no part of this project."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """What one validator said: its name, whether it found nothing wrong, what it looked at, and its own words."""

    name: str
    valid: bool
    told: str
    text: str = ""


def keep(name: str, text: str, folder: Path = KEPT) -> Path:
    """Write a report whole, whoever else writes it at the same time, and return its place."""
    folder.mkdir(parents=True, exist_ok=True)
    draft = folder / f".{name}.{os.getpid()}"
    draft.write_text(text, encoding="utf-8")
    return draft.replace(folder / name)


def shacl(graph: Graph, shapes: str, name: str, folder: Path = KEPT) -> Verdict:
    """Hold a graph to shapes, with RDFS inference; keep the report as text and as Turtle."""
    conforms, report, text = pyshacl.validate(graph, shacl_graph=Graph().parse(shapes), inference="rdfs")
    keep(f"{name}.txt", text, folder)
    keep(f"{name}.ttl", report.serialize(format="turtle") if isinstance(report, Graph) else str(report), folder)
    return Verdict(name, bool(conforms), f"{len(graph):,} statements by {Path(shapes).name}", text)


def package(place: Path, name: str, folder: Path = KEPT) -> tuple[Verdict, frictionless.Report]:
    """Let Frictionless validate a data package; keep its report as JSON."""
    report = frictionless.validate(str(place))
    keep(f"{name}.json", json.dumps(report.to_descriptor(), indent=1, ensure_ascii=False, sort_keys=True), folder)
    text = str(report.flatten(["name", "type", "note", "rowNumber"])[:5])
    return Verdict(name, bool(report.valid), f"{report.stats['tasks']} tables", text), report


def reports(out: Path, folder: Path = KEPT) -> Iterator[Verdict]:
    """Yield each validator's verdict on the export in ``out``."""
    turtle = Graph().parse(out / rdf_files.TURTLE, format="turtle")
    yield shacl(turtle, str(SHAPES), "shacl-ours", folder)
    if OFFICIAL:
        yield shacl(turtle, OFFICIAL, "shacl-semic", folder)
    yield _same(turtle, out, folder)
    yield package(out / "datapackage.json", "frictionless", folder)[0]
    yield _parquet(out, folder)


def _same(turtle: Graph, out: Path, folder: Path) -> Verdict:
    """Tell whether rdflib reads JSON-LD and Turtle to one graph."""
    other = Graph().parse(out / rdf_files.JSONLD, format="json-ld")
    only = sorted(" ".join(part.n3() for part in triple) for triple in set(turtle) ^ set(other))
    text = "\n".join([f"{len(turtle)} statements in Turtle, {len(other)} in JSON-LD, {len(only)} in one alone.", *only])
    keep("rdflib.txt", f"{text}\n", folder)
    return Verdict("rdflib", not only, f"{len(other):,} statements in both files", text)


def _parquet(out: Path, folder: Path) -> Verdict:
    """Tell whether pyarrow reads every Parquet file whole, and as many rows as the data package's table has."""
    lines, wrong = [], 0
    for path in sorted((out / "parquet").glob("*.parquet")):
        table = pq.read_table(path)
        table.validate(full=True)
        stated = pq.ParquetFile(path).metadata.num_rows
        wrong += stated != table.num_rows
        lines.append(
            f"{path.name}: {table.num_rows} rows, {table.num_columns} columns, {stated} rows by its own account"
        )
    keep("pyarrow.txt", "\n".join(lines) + "\n", folder)
    return Verdict("pyarrow", not wrong and bool(lines), f"{len(lines)} Parquet files", "\n".join(lines))


def run(catalog: Path, say: Callable[[str], None] = print) -> int:
    """Export ``catalog``, validate it, say what came of it, and return how many validators found something wrong."""
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder) / "export"
        export(out, catalog, metadata_file(), FORMATS)
        checked = failed = 0
        for verdict in reports(out):
            checked, failed = checked + 1, failed + (not verdict.valid)
            say(f"{verdict.name}: {'valid' if verdict.valid else 'NOT VALID'}, {verdict.told}")
    say(f"reports: {KEPT}")
    say(f"validators: checked={checked} failed={failed}")
    return failed


def main() -> None:
    """Read the option and validate."""
    reads = argparse.ArgumentParser(description=__doc__)
    reads.add_argument("--catalog", type=Path, default=Path("catalog.db"), help="The published catalogue to export.")
    sys.exit(1 if run(reads.parse_args().catalog) else 0)


if __name__ == "__main__":
    main()
