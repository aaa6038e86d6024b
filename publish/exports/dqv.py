"""What we measured of each dataset in the words of W3C's Data Quality Vocabulary: criteria and profiles."""

from functools import lru_cache

from rdflib import DCTERMS, PROV, RDF, SKOS, XSD, Graph, Literal, URIRef

from harvester.records import LANGUAGES
from publish.exports.dcat import rows, subject
from publish.exports.job import Job
from publish.exports.vocabularies import DIMENSIONS, DQV, LDQD
from publish.i18n import TAGS

ANSWERS = """
SELECT criterion, value, since FROM answer
WHERE dataset = ? AND resource = '' AND until IS NULL AND value IS NOT NULL AND applies ORDER BY criterion
"""
"""A dataset's own answers that stand. Unknown is not no: what could not be told, or is not asked, is not there."""
SCORES = """
SELECT profile, point, low, high, known, since FROM score
WHERE subject_type = 'dataset' AND subject = ? AND pillar = '' AND until IS NULL ORDER BY profile
"""
PARTS = {
    "point": "score, 0 to 100", "low": "score if everything unknown were no, 0 to 100",
    "high": "score if everything unknown were yes, 0 to 100", "known": "share of the weight that was known, 0 to 1",
}  # fmt: skip
"""A score never stands without its bounds and what of it is known: each is a metric of its own."""


def metrics(job: Job, graph: Graph) -> None:
    """Describe every metric: one a criterion, in W3C's dimension, and four a profile, in a dimension of ours."""
    for row in rows(job.connection, "SELECT * FROM criterion ORDER BY position"):
        node = _metric(job, graph, "criterion", row["id"])
        for language in LANGUAGES:
            graph.add((node, SKOS.prefLabel, Literal(row[f"title_{language}"], lang=TAGS[language])))
        if row["id"] in DIMENSIONS:
            _dimension(graph, node, LDQD[DIMENSIONS[row["id"]]], DIMENSIONS[row["id"]])
    whole = subject(job, "dimension", "profile")
    for row in rows(job.connection, "SELECT * FROM profile ORDER BY position"):
        for name, text in PARTS.items():
            node = _metric(job, graph, "profile", row["id"], name)
            for language in LANGUAGES:
                graph.add((node, SKOS.prefLabel, Literal(row[f"title_{language}"], lang=TAGS[language])))
            graph.add((node, SKOS.definition, Literal(f"{row['title_en']}: {text}. GDB-style, unofficial.", lang="en")))
            _dimension(graph, node, whole, "Profiles: several criteria weighed together")


def _metric(job: Job, graph: Graph, *parts: str) -> URIRef:
    node = subject(job, "metric", *parts)
    graph.add((node, RDF.type, DQV.Metric))
    graph.add((node, DQV.expectedDataType, XSD.decimal))
    graph.add((node, DCTERMS.creator, subject(job, "barometer")))
    return node


def _dimension(graph: Graph, metric: URIRef, dimension: URIRef, label: str) -> None:
    graph.add((metric, DQV.inDimension, dimension))
    graph.add((dimension, RDF.type, DQV.Dimension))
    graph.add((dimension, SKOS.prefLabel, Literal(label, lang="en")))


def measure(job: Job, graph: Graph, name: str) -> int:
    """Add what was measured of the dataset ``name``, and since when it is so; return the number of measurements."""
    taken: list[tuple[tuple[str, ...], float | None, str]] = [
        (("criterion", row["criterion"]), row["value"], row["since"])
        for row in rows(job.connection, ANSWERS, (name,))
    ]  # fmt: skip
    for row in rows(job.connection, SCORES, (name,)):
        taken += [(("profile", row["profile"], part), row[part], row["since"]) for part in PARTS]
    owner, count = subject(job, "dataset", name), 0
    for parts, value, since in taken:
        if value is None:
            continue
        node = subject(job, "dataset", name, "quality", *parts)
        graph.add((owner, DQV.hasQualityMeasurement, node))
        graph.add((node, RDF.type, DQV.QualityMeasurement))
        graph.add((node, DQV.computedOn, owner))
        graph.add((node, DQV.isMeasurementOf, subject(job, "metric", *parts)))
        graph.add((node, DQV.value, _number(value)))
        graph.add((node, PROV.generatedAtTime, _moment(since)))
        count += 1
    return count


@lru_cache(maxsize=4096)
def _number(value: float) -> Literal:
    """Return a decimal of four places: as exact as any score is shown, and the same text in every serialisation."""
    return Literal(f"{value:.4f}", datatype=XSD.decimal)


@lru_cache(maxsize=4096)
def _moment(text: str) -> Literal:
    return Literal(text, datatype=XSD.dateTime)
