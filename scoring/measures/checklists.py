"""What the Open Data Barometer, the Global Open Data Index and the five stars ask and no criterion of ours says."""

from scoring.criteria.base import NO, UNKNOWN, YES, Value
from scoring.measures.base import Found, between, known, measure
from scoring.measures.sight import File, Sight
from scoring.measures.vocabularies import RDF, stars_of

MOST_STARS = 5
READ_BY_PROGRAMS = frozenset({"table", "structured", "proprietary-table", "archive"})
"""Rungs of the ladder of formats (`harvester.records.Ladder`) that these questions take for machine readable.

An archive of documents stands on their rung, so that one on its own holds data.
"""
IDENTIFIERS = frozenset({"uri", "@id", "iri", "identifier_uri", "same_as", "sameas"})
"""Labels (folded) under which a table links its rows to identifiers on the web."""
BEST_OF = "{having} of {of} resources; {unknown} of them could not be looked at."


def best_of(values: list[Value]) -> Found:
    """Return the best of ``values``, one a resource: unknown ones could only raise it, so they make its upper bound."""
    seen = [value for value in values if value is not None]
    unknown = len(values) - len(seen)
    facts = {"having": sum(value == YES for value in seen), "of": len(values), "unknown": unknown}
    best = max(seen, default=None)
    if not values:
        return known(NO, **facts)
    if best is None or (best == NO and unknown):
        return between(None, 0.0, 1.0, **facts)
    return between(best, best, YES if unknown else best, **facts)


@measure("exists", "The data exist", "The record lists {of} resources.")
def exists(sight: Sight) -> Found:
    """ODB a and GODI: do the data exist. Of a published record that lists something, always yes."""
    return known(float(bool(sight.files)), of=len(sight.files))


ASKS = frozenset({"key-required", "payment-required", "login-page"})
"""Reasons of an address that answers, but hands over only to whom it knows: it holds something all the same."""


def _asks(each: File) -> bool:
    answer = each.answers.get("online")
    return answer is not None and answer.reason in ASKS


def _there(each: File) -> Value:
    """Whether something digital is there for people outside government; an address that is down says nothing of it."""
    return YES if each.content is not None or each.ok == YES or _asks(each) else UNKNOWN


@measure("digital", "In digital form", BEST_OF)
def digital(sight: Sight) -> Found:
    """GODI: are the data in digital form. Anything that comes over the wire is, a PDF too."""
    return best_of([_there(each) for each in sight.files])


@measure("public", "Publicly available", BEST_OF)
def public(sight: Sight) -> Found:
    """GODI: can somebody outside government get at the data in any form, be it for a fee or after registration."""
    return best_of([_there(each) for each in sight.files])


def _program_format(each: File) -> Value:
    if _asks(each):
        return UNKNOWN
    if each.ok == NO:
        return NO
    content = each.content
    if content is None or content.ladder == "unknown" or (content.ladder, content.verdict) == ("archive", "unmeasured"):
        return UNKNOWN
    return float(content.ladder in READ_BY_PROGRAMS and content.verdict != "broken")


@measure("machine_readable_format", "In a format for programs", BEST_OF)
def machine_readable_format(sight: Sight) -> Found:
    """ODB c and GODI: is any resource in a machine-readable format, as found by its bytes (spreadsheets count)."""
    return best_of([_program_format(each) for each in sight.files])


@measure(
    "sustained",
    "Publication is sustained",
    "Update frequency stated: {stated}; earlier periods kept: {kept}.",
)
def sustained(sight: Sight) -> Found:
    """ODB h: are the data kept regularly updated. Ours: half for a stated frequency, half for earlier periods kept."""
    stated, kept = sight.value("schedule"), sight.value("historical")
    values = (stated, kept)
    seen = [value for value in values if value is not None]
    low = sum(seen) / len(values)
    facts = {
        "stated": "-" if stated is None else f"{stated:g}",
        "kept": "-" if kept is None else f"{kept:g}",
    }
    value = sum(seen) / len(seen) if seen else None
    return between(value, low, low + (len(values) - len(seen)) / len(values), **facts)


@measure("easy_to_find", "Easy to find", "{filled} of {of} filled: title, description, category.")
def easy_to_find(sight: Sight) -> Found:
    """ODB i: is it easy to find information about the data. Ours: title, description and category in the record."""
    dataset = sight.case.dataset.dataset
    filled = sum(map(bool, (dataset.title.first(), (dataset.notes.first() or "").strip(), dataset.category)))
    return known(filled / 3, filled=filled, of=3)


def _as_rdf(each: File) -> bool:
    """Whether it is declared as RDF and its bytes can be: no list of ours tells RDF in XML or JSON from other such."""
    return each.content is not None and each.declared in RDF and each.content.format in ("xml", "json", "text")


def _linked(each: File) -> Value:
    if each.content is None:
        return NO if each.ok == NO and not _asks(each) else UNKNOWN
    if _as_rdf(each):
        return YES
    labels = {column.label.strip().lower() for column in each.columns} | {
        label.strip().lower() for label in each.content.labels
    }
    return float(not labels.isdisjoint(IDENTIFIERS))


@measure("linked_identifiers", "Linked identifiers", BEST_OF)
def linked_identifiers(sight: Sight) -> Found:
    """ODB j: are identifiers of key elements web addresses. Declared as RDF, or a column called URI."""
    return best_of([_linked(each) for each in sight.files])


def _stars(each: File) -> Value:
    """ckanext-qa's order: a broken link 0, then what the bytes are, then what the record declares."""
    if each.ok == NO:
        return NO
    if each.content is None:
        return UNKNOWN
    if _as_rdf(each):
        return YES
    return stars_of(each.content.format) / MOST_STARS


@measure(
    "stars",
    "Stars of the best format",
    "Its best format has {stars} of five stars; {unknown} of {of} resources could not be looked at.",
)
def stars(sight: Sight) -> Found:
    """The five stars as ckanext-qa ranks formats, of the dataset's best resource, by the bytes found; over five.

    Its licence is a gate of the profile: a licence that is not open leaves no star.
    """
    values = [_stars(each) for each in sight.files]
    found = best_of(values)
    best = max((value for value in values if value is not None), default=0.0)
    facts = {"stars": round(best * MOST_STARS), "of": len(values), "unknown": values.count(UNKNOWN)}
    return between(found.value, found.low, found.high, **facts)
