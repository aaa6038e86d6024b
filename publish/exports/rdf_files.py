"""The catalogue and its measurements as Turtle and JSON-LD, a dataset at a time, so that memory does not grow."""

import json
from collections.abc import Iterator
from typing import Any

from rdflib import DCAT, DCTERMS, FOAF, PROV, RDF, RDFS, SKOS, XSD, Graph
from rdflib.plugins.serializers.jsonld import from_rdf

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
        counts["without_an_address"] += left_out
        yield graph


def write_turtle(job: Job) -> Counts:
    """Write ``catalogue.ttl``; return how many datasets and measurements it has, and resources without an IRI."""
    counts: Counts = {"datasets": 0, "measurements": 0, "without_an_address": 0}
    with (job.folder / TURTLE).open("w", encoding="utf-8", newline="\n") as sink:
        sink.writelines(f"@prefix {name}: <{space}> .\n" for name, space in CONTEXT.items())
        for graph in graphs(job, counts):
            for name, space in PREFIXES.items():
                graph.bind(name, space)
            # rdflib begins with the prefixes, which stand above already, and ends them with the first empty line.
            sink.write("\n" + graph.serialize(format="turtle").partition("\n\n")[2].rstrip("\n") + "\n")
    return counts


def write_jsonld(job: Job) -> Counts:
    """Write ``catalogue.jsonld``: one context, and a node a line; counts as for Turtle."""
    counts: Counts = {"datasets": 0, "measurements": 0, "without_an_address": 0}
    with (job.folder / JSONLD).open("w", encoding="utf-8", newline="\n") as sink:
        sink.write(f'{{"@context": {json.dumps(CONTEXT)},\n"@graph": [')
        between = "\n"
        for graph in graphs(job, counts):
            for node in _nodes(graph):
                sink.write(between + json.dumps(node, ensure_ascii=False, sort_keys=True))
                between = ",\n"
        sink.write("\n]}\n")
    return counts


def _nodes(graph: Graph) -> list[dict[str, Any]]:
    """Return a graph's nodes in an order that does not change from run to run, and their values likewise."""
    made = from_rdf(graph, context_data=CONTEXT)
    found = made.get("@graph", [made])
    nodes = [{key: _ordered(value) for key, value in node.items() if key != "@context"} for node in found]
    return sorted(nodes, key=lambda node: str(node["@id"]))


def _ordered(value: Any) -> Any:
    if isinstance(value, list):
        return sorted(value, key=lambda one: json.dumps(one, sort_keys=True))
    return value
