"""The catalogue and its measurements as Turtle and JSON-LD, a dataset at a time, so that memory does not grow."""

import json
from collections.abc import Iterable, Iterator
from typing import Any, TextIO

from rdflib import DCAT, DCTERMS, FOAF, PROV, RDF, RDFS, SKOS, XSD, Graph

from publish.exports import dcat, dqv
from publish.exports.job import Job
from publish.exports.vocabularies import DQV, LDQD, VCARD

TURTLE, JSONLD = "catalogue.ttl", "catalogue.jsonld"
PREFIXES = {
    "dcat": DCAT, "dct": DCTERMS, "dqv": DQV, "foaf": FOAF, "ldqd": LDQD, "prov": PROV, "rdf": RDF, "rdfs": RDFS,
    "skos": SKOS, "vcard": VCARD, "xsd": XSD,
}  # fmt: skip
CONTEXT = {name: str(space) for name, space in PREFIXES.items()}

Counts = dict[str, int]
COUNTED = ("datasets", "measurements", "resources_without_an_address")


def graphs(job: Job, counts: Counts) -> Iterator[Graph]:
    """Yield the catalogue's own graph, then one a dataset with its measurements; ``counts`` is kept up to date.

    No graph has a blank node: every thing has an IRI made from its key, so parts can be written and merged freely.
    """
    head = dcat.head(job)
    dqv.metrics(job, head)
    yield head
    for row in dcat.rows(job.connection, dcat.DATASETS):
        graph, left_out = dcat.dataset(job, row)
        counts["measurements"] += dqv.measure(job, graph, row["name"])
        counts["datasets"] += 1
        counts["resources_without_an_address"] += left_out
        yield graph


def write_turtle(job: Job) -> Counts:
    """Write ``catalogue.ttl``; return how many datasets and measurements it has, and resources without an IRI."""
    counts = dict.fromkeys(COUNTED, 0)
    with (job.folder / TURTLE).open("w", encoding="utf-8", newline="\n") as sink:
        turtle_into(sink, graphs(job, counts))
    return counts


def write_jsonld(job: Job) -> Counts:
    """Write ``catalogue.jsonld``: one context, and a node a line; counts as for Turtle."""
    counts = dict.fromkeys(COUNTED, 0)
    with (job.folder / JSONLD).open("w", encoding="utf-8", newline="\n") as sink:
        jsonld_into(sink, graphs(job, counts))
    return counts


def turtle_into(sink: TextIO, parts: Iterable[Graph]) -> None:
    """Write graphs as one Turtle document."""
    sink.writelines(f"@prefix {name}: <{space}> .\n" for name, space in CONTEXT.items())
    for graph in parts:
        for name, space in PREFIXES.items():
            graph.bind(name, space)
        # rdflib begins with the prefixes, which stand above already, and ends them with the first empty line.
        sink.write("\n" + graph.serialize(format="turtle").partition("\n\n")[2].rstrip("\n") + "\n")


def jsonld_into(sink: TextIO, parts: Iterable[Graph]) -> None:
    """Write graphs as one JSON-LD document, a node a line."""
    sink.write(f'{{"@context": {json.dumps(CONTEXT)},\n"@graph": [')
    between = "\n"
    for graph in parts:
        for node in _nodes(graph):
            sink.write(between + json.dumps(node, ensure_ascii=False, sort_keys=True))
            between = ",\n"
    sink.write("\n]}\n")


def _nodes(graph: Graph) -> list[dict[str, Any]]:
    """Return a graph's nodes in an order that does not change from run to run, and their values likewise."""
    made = json.loads(graph.serialize(format="json-ld", context=CONTEXT))
    found = made.get("@graph", [made])
    nodes = [{key: _ordered(value) for key, value in node.items() if key != "@context"} for node in found]
    return sorted(nodes, key=lambda node: str(node["@id"]))


def _ordered(value: Any) -> Any:
    if isinstance(value, list):
        return sorted(value, key=lambda one: json.dumps(one, sort_keys=True))
    return value
