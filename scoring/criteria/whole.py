"""What a dataset offers as a whole: licence, bulk, tools, language, extent."""

import re

from scoring.criteria.base import NO, PARTLY, UNKNOWN, YES, Fact, Finding, dataset_criterion
from scoring.criteria.files import series_of
from scoring.criteria.moments import dates_named
from scoring.criteria.reach import reached
from scoring.criteria.values import DISTRICTS
from scoring.facts import Case, DatasetFacts, ResourceFacts

OPEN_LICENCES = re.compile(
    r"\b(cc[- ]?0|cc[- ]?by([- ]?\d|$|\b(?![- ]?(nc|nd)))|odc[- ]?(by|pddl|odbl)|odbl|pddl|public domain|ogl"
    r"|open government licen[cs]e|creative commons (attribution|zero)(?!.*(non-?commercial|no ?deriv)))",
    re.IGNORECASE,
)
CLOSED_LICENCES = re.compile(r"non-?commercial|\bnc\b|all rights reserved|personal use|notspecified", re.IGNORECASE)


@dataset_criterion(
    "licence",
    "Open licence",
    {
        "open": YES, "restrictive": PARTLY, "closed": NO,
        "portal-terms": YES, "portal-terms-partly": PARTLY, "portal-terms-closed": NO, "none": NO,
    },
)  # fmt: skip
def licence(facts: DatasetFacts, case: Case) -> Finding:
    """Is reuse allowed: by the record's licence, or by the portal's terms where the record names none."""
    dataset, terms = facts.dataset, case.terms
    text = " ".join(part for part in (dataset.licence_id, dataset.licence_title) if part).strip()
    if text and text.lower() != "notspecified":
        values: dict[str, Fact] = {"licence": text[:120]}
        if CLOSED_LICENCES.search(text):
            return Finding("closed", values)
        return Finding("open" if OPEN_LICENCES.search(text) else "restrictive", values)
    if not terms.apply:
        return Finding("none")
    reason = {YES: "portal-terms", PARTLY: "portal-terms-partly"}.get(terms.value, "portal-terms-closed")
    return Finding(reason, {"licence": terms.licence, "source": terms.source})


PAGED = re.compile(r"[?&](page|offset|start|skip|limit|per_?page|max|rows|\$top|\$skip|pagesize)=", re.IGNORECASE)
BY_TIME = re.compile(r"[<{]\s*(\w*(date|year|month|day|week|time|period|page|offset)\w*|y{4}\w*)\s*[>}]", re.IGNORECASE)
SPLIT_FILES = 3


@dataset_criterion(
    "bulk",
    "Bulk download",
    {
        "whole": YES, "pages": PARTLY, "extracts": PARTLY, "split": PARTLY, "look-ups": NO,
        "not-reached": UNKNOWN, "no-data": UNKNOWN,
    },
)  # fmt: skip
def bulk(facts: DatasetFacts, _case: Case) -> Finding:
    """Can everything be fetched at once, or only page by page, period by period, record by record."""
    alive = [resource for resource in facts.resources if reached(resource)]
    data = [resource for resource in alive if _is_data(resource)]
    visits = tuple(number for resource in data[:5] for number in resource.look.visit_ids[:1])
    if not data:
        holes = [resource for resource in facts.resources if resource.resource.kind == "template"]
        if holes and len(holes) == len(facts.resources):
            by_time = any(BY_TIME.search(resource.resource.url) for resource in holes)
            return Finding("extracts" if by_time else "look-ups", {"resource": holes[0].resource.shared_id})
        return Finding("no-data" if alive else "not-reached", visits=visits)
    whole = [resource for resource in data if not _is_page_of_more(resource)]
    if not whole:
        return Finding("pages", {"resource": data[0].resource.shared_id}, visits)
    periods = frozenset().union(*(dates_named(resource) for resource in whole))
    one_series = len({series_of(resource.resource.url) for resource in whole}) == 1
    if one_series and len(periods) >= SPLIT_FILES and all(map(dates_named, whole)):
        return Finding("split", {"files": len(whole)}, visits)
    return Finding("whole", {"resource": whole[0].resource.shared_id, "files": len(whole)}, visits)


def _is_page_of_more(facts: ResourceFacts) -> bool:
    """Whether this is one page of more: as the body itself says, else as the address asks."""
    profile = facts.look.content.profile if facts.look.content else None
    if profile is not None and profile.more is not None:
        return profile.more
    return PAGED.search(facts.resource.url) is not None


def _is_data(facts: ResourceFacts) -> bool:
    content = facts.look.content
    if facts.resource.kind == "page":
        return False
    return content is None or (content.nature == "data" and content.ladder != "page")


@dataset_criterion(
    "tools",
    "API and preview",
    {"interactive": YES, "api": PARTLY, "preview": PARTLY, "none": NO, "not-reached": UNKNOWN},
)
def tools(facts: DatasetFacts, _case: Case) -> Finding:
    """Can a part be had without fetching the whole: by an API, on a page, or with a filter on a page."""
    pages = [each for each in facts.resources if reached(each) and _shows_page(each)]
    calls = [each for each in facts.resources if _is_call(each)]
    live_calls = [each for each in calls if reached(each) or each.resource.kind == "template"]
    visits = tuple(number for each in (pages + live_calls)[:5] for number in each.look.visit_ids[:1])
    if pages and live_calls:
        return Finding("interactive", {"resource": pages[0].resource.shared_id}, visits)
    if live_calls:
        return Finding("api", {"resource": live_calls[0].resource.shared_id}, visits)
    if pages:
        return Finding("preview", {"resource": pages[0].resource.shared_id}, visits)
    return Finding("not-reached" if calls or not any(map(reached, facts.resources)) else "none")


def _shows_page(facts: ResourceFacts) -> bool:
    content = facts.look.content
    return content is not None and content.format == "html" and facts.resource.kind in ("page", "api")


def _is_call(facts: ResourceFacts) -> bool:
    content = facts.look.content
    if content is not None and content.format == "html":
        return False
    return facts.resource.kind in ("api", "template") or facts.resource.is_api is True


HAN = re.compile(r"[\u3400-\u9fff]")
LATIN_WORD = re.compile(r"[A-Za-z]{2,}")


@dataset_criterion("language", "Both official languages", {"both": YES, "one": PARTLY, "neither": NO})
def language(facts: DatasetFacts, _case: Case) -> Finding:
    """Is it described in Chinese and in English, going by what the titles are written in."""
    title = facts.dataset.title
    english = bool(title.en and LATIN_WORD.search(title.en))
    chinese = any(text and HAN.search(text) for text in (title.tc, title.sc))
    reason = {2: "both", 1: "one", 0: "neither"}[english + chinese]
    return Finding(reason, {"english": int(english), "chinese": int(chinese)})


@dataset_criterion("extent", "Territory covered", {"all-districts": YES, "assumed": UNKNOWN})
def extent(facts: DatasetFacts, _case: Case) -> Finding:
    """Do the values name all 18 districts; a list that names fewer may still be complete, so that proves nothing."""
    profiles = [each.look.content.profile for each in facts.resources if each.look.content and reached(each)]
    named = {district for profile in profiles if profile for district in profile.districts}
    return Finding("all-districts" if len(named) >= len(DISTRICTS) else "assumed", {"districts": len(named)})
