"""The catalogue as harvested in the words of DCAT 3 and DCAT-AP 3.0: claims, in the record's own three languages."""

import json
import re
import sqlite3
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import urlsplit

from rdflib import DCAT, DCTERMS, FOAF, RDF, RDFS, SKOS, XSD, Graph, Literal, URIRef

from harvester.records import LANGUAGES, Language
from harvester.vocabulary import read_date, read_format
from publish.exports import vocabularies as known
from publish.exports.job import Job
from publish.exports.vocabularies import EU, IANA, VCARD, iri, part
from publish.i18n import TAGS, Translator, mark
from publish.names import origin
from publish.pages import portal_page
from publish.render import path
from publish.safe import clean, mail_link
from publish.structured import MEDIA, licence

Row = Mapping[str, Any]
TITLE = mark("Hong Kong Open Data Barometer")
ABOUT = mark(
    "GDB-style, unofficial. Not a score of the Global Data Barometer, and not a page of DATA.GOV.HK or of any provider."
)
WORDLESS = mark("The record gives no description.")
ORIGINS = {"sample": "Invented sample data.", "recorded": "Recorded data.", "live": ""}
DATASETS = "SELECT * FROM dataset WHERE withdrawn_at IS NULL ORDER BY name"
RESOURCES = """
SELECT r.*, u.url AS address, e.url AS example_address FROM resource r JOIN url u ON u.id = r.url
LEFT JOIN url e ON e.id = r.example WHERE r.dataset = ? AND r.withdrawn_at IS NULL ORDER BY r.position, r.shared_id
"""
DAY = 10
LOCAL_NUMBER = re.compile(r"[2-9]\d{7}")
"""A telephone number in Hong Kong (Communications Authority, numbering plan)."""


def rows(connection: sqlite3.Connection, sql: str, values: tuple[Any, ...] = ()) -> Iterator[Row]:
    """Yield the rows of ``sql`` by the names of their columns."""
    cursor = connection.execute(sql, values)
    names = [column[0] for column in cursor.description]
    for row in cursor:
        yield dict(zip(names, row, strict=True))


def subject(job: Job, *parts: str) -> URIRef:
    """Return our own IRI of a thing: ``subject(job, "dataset", name)``."""
    return URIRef(job.base + "/".join(part(each) for each in parts))


def head(job: Job) -> Graph:
    """Return the catalogue itself, its providers and categories, and the foreign terms the datasets point to."""
    graph = Graph(bind_namespaces="none")
    ours, agent = subject(job, "catalogue"), subject(job, "barometer")
    graph.add((ours, RDF.type, DCAT.Catalog))
    kind = ORIGINS[origin(job.meta.get("portal", ""))]
    for language in LANGUAGES:
        said, tag = Translator(language), TAGS[language]
        graph.add((ours, DCTERMS.title, Literal(said(TITLE), lang=tag)))
        graph.add((ours, DCTERMS.description, Literal(said(ABOUT), lang=tag)))
        graph.add((agent, FOAF.name, Literal(said(TITLE), lang=tag)))
    if kind:
        graph.add((ours, DCTERMS.description, Literal(kind, lang="en")))
    graph.add((agent, RDF.type, FOAF.Agent))
    graph.add((ours, DCTERMS.publisher, agent))
    graph.add((ours, DCTERMS.modified, Literal(job.meta["built"], datatype=XSD.dateTime)))
    for each in (portal_iri(job), iri(job.site)):
        if each is not None:
            graph.add((ours, FOAF.homepage if each == iri(job.site) else DCTERMS.source, each))
            graph.add((each, RDF.type, FOAF.Document))
    for language_iri in known.LANGUAGE.values():
        graph.add((ours, DCTERMS.language, language_iri))
    _place(job, graph, ours)
    for row in rows(job.connection, DATASETS):
        graph.add((ours, DCAT.dataset, subject(job, "dataset", row["name"])))
    _agents(job, graph)
    _concepts(job, graph, ours)
    _foreign(graph)
    return graph


def portal_iri(job: Job) -> URIRef | None:
    """Return the portal's address; None for a sample."""
    return iri(job.meta.get("portal"))


def _place(job: Job, graph: Graph, node: URIRef) -> None:
    """Say that what a portal of Hong Kong's government holds is about Hong Kong; of another we do not know."""
    host = urlsplit(job.meta.get("portal", "")).hostname or ""
    if origin(job.meta.get("portal", "")) != "live" or host.endswith(".gov.hk"):
        graph.add((node, DCTERMS.spatial, known.HONG_KONG))


def _agents(job: Job, graph: Graph) -> None:
    for row in rows(job.connection, "SELECT * FROM provider ORDER BY slug"):
        node = subject(job, "provider", row["slug"])
        graph.add((node, RDF.type, FOAF.Agent))
        _say(graph, node, FOAF.name, row, "title", row["slug"])


def _concepts(job: Job, graph: Graph, ours: URIRef) -> None:
    scheme, themes = subject(job, "categories"), URIRef(f"{EU}data-theme")
    for node, title in ((scheme, "Categories of the portal"), (themes, "Data theme")):
        graph.add((node, RDF.type, SKOS.ConceptScheme))
        graph.add((node, DCTERMS.title, Literal(title, lang="en")))
        graph.add((ours, DCAT.themeTaxonomy, node))
    for row in rows(job.connection, "SELECT * FROM category ORDER BY slug"):
        node = subject(job, "category", row["slug"])
        graph.add((node, RDF.type, SKOS.Concept))
        graph.add((node, SKOS.inScheme, scheme))
        _say(graph, node, SKOS.prefLabel, row, "title", row["slug"])
    for code, name in known.THEMES.items():
        node = URIRef(f"{EU}data-theme/{code}")
        graph.add((node, RDF.type, SKOS.Concept))
        graph.add((node, SKOS.inScheme, themes))
        graph.add((node, SKOS.prefLabel, Literal(name, lang="en")))


def _foreign(graph: Graph) -> None:
    """Say of what class other people's terms are, so that a validator needs nothing but this file."""
    for node in known.LANGUAGE.values():
        graph.add((node, RDF.type, DCTERMS.LinguisticSystem))
    graph.add((known.HONG_KONG, RDF.type, DCTERMS.Location))
    for code in (*known.PERIODS, *known.SCHEDULES.values(), "OTHER"):
        graph.add((URIRef(f"{EU}frequency/{code}"), RDF.type, DCTERMS.Frequency))
    for code in known.FILE_TYPES.values():
        graph.add((URIRef(f"{EU}file-type/{code}"), RDF.type, DCTERMS.MediaTypeOrExtent))
    for media in MEDIA.values():
        graph.add((URIRef(IANA + media), RDF.type, DCTERMS.MediaType))


def _say(graph: Graph, node: URIRef, term: URIRef, row: Row, field: str, otherwise: str = "") -> bool:
    """Say a text in each language the record has it in, without control characters; False where it has none."""
    said = False
    for language in LANGUAGES:
        text = clean(row.get(f"{field}_{language}") or "").strip()
        if text:
            graph.add((node, term, Literal(text, lang=TAGS[language])))
            said = True
    if not said and otherwise:
        graph.add((node, term, Literal(clean(otherwise))))
    return said


def dataset(job: Job, row: Row) -> tuple[Graph, int]:
    """Return a dataset with its distributions, and how many resources have no address that is an IRI (left out)."""
    graph = Graph(bind_namespaces="none")
    node = subject(job, "dataset", row["name"])
    graph.add((node, RDF.type, DCAT.Dataset))
    graph.add((node, DCTERMS.identifier, Literal(clean(row["name"]))))
    graph.add((node, DCTERMS.publisher, subject(job, "provider", row["provider"])))
    graph.add((node, DCTERMS.accrualPeriodicity, known.frequency(row["schedule"], row["period_days"])))
    _say(graph, node, DCTERMS.title, row, "title", row["name"])
    if not _say(graph, node, DCTERMS.description, row, "notes"):
        for language in LANGUAGES:  # DCAT-AP asks for one: what can be said of it is that there is none
            graph.add((node, DCTERMS.description, Literal(Translator(language)(WORDLESS), lang=TAGS[language])))
    _when(graph, node, DCTERMS.issued, row["created"])
    _when(graph, node, DCTERMS.modified, row["modified"])
    _place(job, graph, node)
    if row["category"]:
        graph.add((node, DCAT.theme, subject(job, "category", row["category"])))
    if row["category"] in known.CATEGORIES:
        graph.add((node, DCAT.theme, URIRef(f"{EU}data-theme/{known.CATEGORIES[row['category']]}")))
    for code in sorted(json.loads(row["languages"])):
        if spoken := known.language_of(code):
            graph.add((node, DCTERMS.language, spoken))
    _contact(job, graph, node, row)
    _pages(job, graph, node, row["name"])
    terms = _licence(job, graph, row)
    left_out = 0
    for resource in rows(job.connection, RESOURCES, (row["name"],)):
        left_out += not _distribution(job, graph, node, resource, terms)
    return graph, left_out


def _when(graph: Graph, node: URIRef, term: URIRef, written: str | None) -> None:
    if moment := read_date(written):
        graph.add((node, term, Literal(moment, datatype=XSD.date if len(moment) == DAY else XSD.dateTime)))


def _contact(job: Job, graph: Graph, node: URIRef, row: Row) -> None:
    mail, phone = mail_link(row["maintainer_email"]), _telephone(row["maintainer_phone"])
    if not mail and not phone:
        return
    card = subject(job, "dataset", row["name"], "contact")
    graph.add((node, DCAT.contactPoint, card))
    graph.add((card, RDF.type, VCARD.Kind))
    graph.add((card, RDF.type, VCARD.Organization))
    _say(graph, card, VCARD.fn, row, "maintainer")
    if mail:
        graph.add((card, VCARD.hasEmail, URIRef(mail)))
    if phone:
        graph.add((card, VCARD.hasTelephone, URIRef(phone)))


def _telephone(written: str | None) -> str | None:
    """Return a number as tel: (RFC 3966) where it is plainly one of Hong Kong's; anything else is left out."""
    digits = re.sub(r"[\s\-()]", "", written or "")
    digits = re.sub(r"^(?:\+|00)?852(?=\d{8}$)", "", digits)
    return f"tel:+852{digits}" if LOCAL_NUMBER.fullmatch(digits) else None


def _pages(job: Job, graph: Graph, node: URIRef, name: str) -> None:
    theirs = iri(portal_page(job.meta.get("portal", ""), name, Translator("en")))
    ours: list[Language] = list(LANGUAGES) if job.site else []
    links = [(DCAT.landingPage, theirs)]
    links += [(FOAF.page, iri(f"{job.site}{path(language, 'dataset', name)}")) for language in ours]
    for term, page in links:
        if page is not None:
            graph.add((node, term, page))
            graph.add((page, RDF.type, FOAF.Document))


def _licence(job: Job, graph: Graph, row: Row) -> URIRef | None:
    """Return the licence a record names, else the portal's terms; described in the graph."""
    found = licence(dict(row), job.meta.get("portal", ""))
    if found is None:
        return None
    name = found["name"] if isinstance(found, dict) else found
    node = (iri(found) if isinstance(found, str) else None) or subject(job, "licence", name)
    graph.add((node, RDF.type, DCTERMS.LicenseDocument))
    if not isinstance(found, str):
        graph.add((node, RDFS.label, Literal(name)))
    return node


def _distribution(job: Job, graph: Graph, owner: URIRef, row: Row, terms: URIRef | None) -> bool:
    """Describe a resource as a distribution; False where no address of it is an IRI, without which it would be none."""
    address = iri(row["address"]) or iri(row["example_address"])
    if address is None:
        return False
    node = subject(job, "resource", row["shared_id"])
    graph.add((owner, DCAT.distribution, node))
    graph.add((node, RDF.type, DCAT.Distribution))
    graph.add((node, DCAT.accessURL, address))
    if row["kind"] == "file":
        graph.add((node, DCAT.downloadURL, address))
    if terms is not None:
        graph.add((node, DCTERMS.license, terms))
    _say(graph, node, DCTERMS.title, row, "title")
    _say(graph, node, DCTERMS.description, row, "description")
    form = read_format(row["format"])
    if form in known.FILE_TYPES:
        graph.add((node, DCTERMS["format"], URIRef(f"{EU}file-type/{known.FILE_TYPES[form]}")))
    if form in MEDIA:
        graph.add((node, DCAT.mediaType, URIRef(IANA + MEDIA[form])))
    if row["size"] is not None and row["size"] >= 0:
        graph.add((node, DCAT.byteSize, Literal(row["size"], datatype=XSD.nonNegativeInteger)))
    if spoken := known.language_of(row["in_language"]):
        graph.add((node, DCTERMS.language, spoken))
    _when(graph, node, DCTERMS.issued, row["published"] or row["created"])
    _when(graph, node, DCTERMS.modified, row["modified"])
    return True
