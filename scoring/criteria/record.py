"""Is the record itself in order: dates, translation, schedule, dictionary, contact, metadata."""

import re
from collections.abc import Mapping
from datetime import datetime, timedelta

from dateutil.parser import isoparse

from harvester.clock import HONG_KONG
from harvester.records import Dataset, Language, Resource
from scoring.criteria.base import NO, PARTLY, UNKNOWN, YES, Fact, Finding, dataset_criterion, resource_criterion
from scoring.criteria.beside import contradiction, languages_differ
from scoring.criteria.simplified import simplified_in
from scoring.facts import Case, DatasetFacts, Look, ResourceFacts

DAY = timedelta(days=1)


def read_date(text: str) -> datetime | None:
    """Return a date as the portal writes it (``dd/mm/yyyy`` or ISO; Hong Kong time unless it says), None if neither."""
    slashed = re.fullmatch(r"(\d{1,2})/(\d{1,2})/(\d{4})", text.strip())
    try:
        if slashed:
            day, month, year = map(int, slashed.groups())
            return datetime(year, month, day, tzinfo=HONG_KONG)
        moment = isoparse(text.strip())
    except ValueError:
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=HONG_KONG)


ORDER = (("created", "published"), ("temporal_from", "temporal_to"))
"""Pairs of a resource's dates of which the first must not come after the second.

Not (created, modified): a file last changed in 2021 may well be put on the portal, and its resource made, in 2022.
"""
PAST = ("created", "modified", "published", "temporal_from")
"""Dates that cannot lie ahead; the end of the time covered may."""


@resource_criterion(
    "dates",
    "Dates in the record",
    {
        "in-order": YES, "future": NO, "swapped": NO, "unreadable": NO, "no-dates": UNKNOWN, "no-resources": UNKNOWN,
    },
)  # fmt: skip
def dates(facts: ResourceFacts, case: Case) -> Finding:
    """Are the record's dates readable, not ahead of us, and in an order that can be."""
    resource = facts.resource
    names = ("created", "modified", "published", "temporal_from", "temporal_to")
    written = {name: text for name in names if (text := getattr(resource, name))}
    if not written:
        return Finding("no-dates", applies=False)
    read = {name: read_date(text) for name, text in written.items()}
    for name, moment in read.items():
        if moment is None:
            return Finding("unreadable", {"field": name, "written": written[name][:40]})
    known = {name: moment for name, moment in read.items() if moment}
    for name in PAST:
        if name in known and known[name] > case.as_of + DAY:
            return Finding("future", {"field": name, "written": written[name][:40]})
    for first, second in ORDER:
        if first in known and second in known and known[first].date() > known[second].date():
            values: dict[str, Fact] = {"field": first, "written": written[first][:40]}
            return Finding("swapped", {**values, "other": second, "other_written": written[second][:40]})
    return Finding("in-order")


LANGUAGE_MARK = re.compile(
    r"(?<![a-z])(en|eng|english|e|tc|zh[-_]?hant|zh[-_]?(hk|tw)|cht|chi|chinese|c|sc|zh[-_]?hans|zh[-_]?cn|chs|zh"
    r"|uc|gb|big5|hk|cn|trad|simp|b5|s|t)(?![a-z])",
    re.IGNORECASE,
)
NAMES = {"en": "English", "tc": "Traditional Chinese", "sc": "Simplified Chinese"}


@dataset_criterion(
    "translation",
    "Same in every language",
    {
        "same": YES, "instance-missing": NO, "title-missing": NO, "resource-missing": NO,
        "simplified-characters": PARTLY, "addresses-differ": PARTLY, "counts-differ": PARTLY,
        "numbers-differ": PARTLY, "rows-differ": PARTLY,
    },
)  # fmt: skip
def translation(facts: DatasetFacts, _case: Case) -> Finding:
    """Do the portal's language instances list the same dataset, in their own script, with the same resources.

    And do the files that are one table in several languages hold the same rows and numbers.
    """
    dataset = facts.dataset
    for language in facts.portal.languages:
        if language not in dataset.languages:
            return Finding("instance-missing", {"language": language})
        if not getattr(dataset.title, language):
            return Finding("title-missing", {"language": language})
    counts = {
        language: str(getattr(dataset.resource_counts, language) or 0)
        for language in dataset.languages
        if language in facts.portal.languages
    }
    if len(set(counts.values())) > 1:
        return _counts_differ(facts, counts)
    written, place = _simplified(facts)
    if written:
        return Finding("simplified-characters", {"characters": written[:20], "field": place})
    for each in facts.resources:
        if _addresses_differ(each.resource):
            return Finding("addresses-differ", {"resource": each.resource.shared_id})
    return languages_differ(facts) or Finding("same")


def _counts_differ(facts: DatasetFacts, counts: Mapping[Language, str]) -> Finding:
    values: dict[str, Fact] = {"counts": ", ".join(f"{language} {count}" for language, count in counts.items())}
    for each in facts.resources:
        for language in counts:
            if language not in each.resource.languages:
                values |= {"resource": each.resource.shared_id, "language": language}
                return Finding("resource-missing", values)
    return Finding("counts-differ", values)


def _simplified(facts: DatasetFacts) -> tuple[str, str]:
    dataset = facts.dataset
    fields = [
        ("title", dataset.title.tc), ("notes", dataset.notes.tc), ("maintainer", dataset.maintainer.tc),
        ("provider", facts.provider.title.tc),
        *((f"resource {each.resource.position + 1}", each.resource.title.tc) for each in facts.resources),
    ]  # fmt: skip
    for name, text in fields:
        found = simplified_in(text or "")
        if found:
            return found, name
    return "", ""


def _addresses_differ(resource: Resource) -> bool:
    """Whether the instances' addresses differ by more than a mark of language.

    Files of a language each are fine where every address carries its mark; the English one may go without, as it
    often does. A mark in one Chinese instance and none in the other is a difference.
    """
    english, *chinese = ((text or "").strip() for text in (resource.urls.en, resource.urls.tc, resource.urls.sc))
    written = {text for text in (english, *chinese) if text}
    if len(written) < 2 or len({_plain_address(text) for text in written}) == 1:  # noqa: PLR2004 - nothing to compare
        return False
    plain, unmarked = {_plain_address(text) for text in chinese if text}, _plain_address(english)
    if len(plain) > 1:
        return True
    only = plain.pop()
    return only.count(_MARK) <= unmarked.count(_MARK) or _without_marks(only) != _without_marks(unmarked)


_MARK = "{}"


def _plain_address(address: str) -> str:
    """Return an address with the ways of writing one thing levelled, and each mark of language replaced by one sign."""
    host, slash, path = re.sub(r"^https?://", "", address.strip().lower()).rstrip("/").partition("/")
    return host + slash + LANGUAGE_MARK.sub(_MARK, path)  # the hk of a host is no language


def _without_marks(plain: str) -> str:
    return re.sub(r"[-_./=]+", "/", plain.replace(_MARK, "")).strip("/")


@dataset_criterion(
    "schedule",
    "Stated update frequency",
    {"stated": YES, "as-needed": PARTLY, "absent": NO, "unreadable": NO},
)
def schedule(facts: DatasetFacts, _case: Case) -> Finding:
    """Does the record say how often to expect an update."""
    dataset = facts.dataset
    written = (dataset.frequency.first() or "").strip()
    if not written or written.upper() in ("N/A", "NA", "-", "NIL"):
        return Finding("absent", {"written": written or "-"})
    reason = {"periodic": "stated", "real-time": "stated", "as-needed": "as-needed"}.get(dataset.schedule, "unreadable")
    return Finding(reason, {"written": " ".join(written.split())[:120]})


@dataset_criterion(
    "dictionary",
    "Data dictionary",
    {
        "readable": YES, "document": PARTLY, "picture": PARTLY, "undocumented": PARTLY, "lacking": PARTLY,
        "contradicts": PARTLY, "none": NO, "dead": NO, "not-reached": UNKNOWN,
    },
)  # fmt: skip
def dictionary(facts: DatasetFacts, _case: Case) -> Finding:
    """Is there a data dictionary, does its link work, can a machine read it, and is it of these files."""
    look, address = facts.dictionary, facts.dataset.dictionary_url
    if not address or look is None:
        return Finding("none" if not address else "not-reached", {"address": address or "-"})
    values: dict[str, Fact] = {"address": address}
    visit = look.arrived()
    if visit is None:
        return _dictionary_unreached(look, values)
    if look.content is None:
        return Finding("not-reached", values, look.visit_ids)
    values["found"] = look.content.format.upper()
    if look.content.nature in ("login", "error", "empty"):
        return Finding("dead", {**values, "outcome": look.content.nature}, look.visit_ids)
    if look.content.nature == "challenge":
        return Finding("not-reached", values, look.visit_ids)
    reason = {"document": "document", "picture": "picture"}.get(look.content.ladder, "readable")
    return contradiction(facts, values) or Finding(reason, values, look.visit_ids)


def _dictionary_unreached(look: Look, values: Mapping[str, Fact]) -> Finding:
    if look.state is not None:
        reason = "dead" if look.state.state == "down" else "not-reached"
        return Finding(reason, {**values, "outcome": look.state.reason}, look.state.proof)
    outcome = look.visits[0].outcome if look.visits else "throttled"
    unsure = outcome in ("blocked", "throttled", "not-public", "not-asked", "needs-parameters")
    return Finding("not-reached" if unsure else "dead", {**values, "outcome": outcome}, look.visit_ids)


MAIL = re.compile(r"[^@\s,;<>()]+@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)*\.[A-Za-z]{2,}")

BETWEEN_MAILS = re.compile(r"[;,/、；，]|\s(?:or|and|或|及)\s|\n")
NAMED_MAIL = re.compile(r"^(?:[^<>@]*<|mailto:)\s*([^<>\s]+?)\s*>?$", re.IGNORECASE)
"""``Open Data Team <psi@a.gov.hk>`` (RFC 5322, section 3.4) and ``mailto:psi@a.gov.hk``."""


@dataset_criterion(
    "contact",
    "Contact",
    {"present": YES, "mail-malformed": PARTLY, "telephone-only": PARTLY, "name-only": PARTLY, "none": NO},
)
def contact(facts: DatasetFacts, _case: Case) -> Finding:
    """Does the record name someone who can be written to."""
    dataset = facts.dataset
    mail = (dataset.maintainer_email or "").strip()
    if mail:
        several = [text for each in BETWEEN_MAILS.split(mail) if (text := each.strip())]
        good = bool(several) and all(MAIL.fullmatch(NAMED_MAIL.sub(r"\1", each)) for each in several)
        return Finding("present" if good else "mail-malformed", {"mail": mail[:120]})
    if (dataset.maintainer_phone or "").strip():
        return Finding("telephone-only")
    return Finding("name-only" if dataset.maintainer.first() else "none")


@dataset_criterion("metadata", "Completeness of the record", {"complete": YES, "gaps": PARTLY, "bare": NO})
def metadata(facts: DatasetFacts, _case: Case) -> Finding:
    """How many of seven things a record should say it says."""
    said = _said(facts.dataset, facts)
    missing = [name for name, there in said.items() if not there]
    values: dict[str, Fact] = {"filled": len(said) - len(missing), "of": len(said), "missing": ", ".join(missing)}
    if not missing:
        return Finding("complete", values)
    return Finding("bare" if 2 * len(missing) > len(said) else "gaps", values)


def _said(dataset: Dataset, facts: DatasetFacts) -> dict[str, bool]:
    dated = any(each.resource.created or each.resource.modified or each.resource.published for each in facts.resources)
    return {
        "title": bool(dataset.title.first()),
        "notes": bool((dataset.notes.first() or "").strip()),
        "frequency": bool((dataset.frequency.first() or "").strip()),
        "contact": bool(dataset.maintainer_email or dataset.maintainer_phone),
        "category": bool(dataset.category),
        "dictionary": bool(dataset.dictionary_url),
        "dates": dated or bool(dataset.created or dataset.modified),
    }
