"""The method page's facts, read from the rubric files that scoring itself used, so that it cannot be wrong."""

import re
import sqlite3
from collections.abc import Sequence
from functools import cache
from typing import Any

from publish.i18n import Translator, mark
from publish.names import CRITERIA, VALUES
from publish.profile_tables import Scored
from publish.queries import rows
from publish.sentences import blank, outline
from scoring.criteria import CRITERIA as JUDGES
from scoring.measures import MEASURES
from scoring.rubric import Item, Rubric, load_rubrics
from scoring.scale import band_from

APPLIES = {"leave-out": mark("left out where it does not apply"), "no": mark("counts as no where it does not apply")}
TEXTS = re.compile(r"[^A-Za-z0-9]+")


@cache
def rubrics() -> Sequence[Rubric]:
    """Return every profile of datasets the project has, the leading one first. Raises SettingsError as they do."""
    return load_rubrics()


def item_title(name: str, tr: Translator) -> str:
    """Return what a criterion or a measure is called in the reader's language; one unknown keeps its own word."""
    return tr(MEASURES[name].title if name in MEASURES else CRITERIA.get(name, name))


def section(profile: str) -> str:
    """Return the place of a profile on the method page: what follows ``#``, of letters, digits and hyphens."""
    return "profile-" + TEXTS.sub("-", profile)


def in_language(text: Any, tr: Translator) -> str:
    """Return a trilingual text in the reader's language, else in whichever has it."""
    return str(getattr(text, tr.language) or text.first() or "")


def profile(scored: Scored, tr: Translator) -> dict[str, Any]:
    """Return a profile in the reader's language: items with their share of the weight, gates, modifiers and bands."""
    rubric = scored.rubric
    ways = {item.not_applicable for item in rubric.items}
    alike = APPLIES.get(next(iter(ways)), "") if len(ways) == 1 else ""
    whole = sum(item.weight for item in rubric.items)
    return {
        "profile": rubric.profile, "version": rubric.version, "digest": rubric.digest, "source": rubric.source,
        "section": section(rubric.profile), "kept": scored.kept, "scored_digest": scored.digest,
        "last_used": scored.last_used, "out_of": rubric.out_of,
        "title": in_language(rubric.title, tr), "description": in_language(rubric.description, tr),
        "terms": rubric.terms.source if rubric.terms.apply else "", "terms_apply": rubric.terms.apply,
        "pillars": [in_language(rubric.pillar_titles[name], tr) for name in rubric.pillars],
        "not_applicable": tr(alike) if alike else "",
        "weighed": [_item(item, rubric, whole, tr) for item in rubric.items],
        "gates": [
            {"criterion": gate.criterion, "title": item_title(gate.criterion, tr), "no": f"{gate.no:g}",
             "partly": f"{gate.partly:g}", "yes": f"{gate.yes:g}", "source": gate.source} for gate in rubric.gates
        ],
        "modifiers": [
            {"criterion": each.criterion, "title": item_title(each.criterion, tr), "partly": f"{each.partly:g}",
             "no": f"{each.no:g}", "source": each.source} for each in rubric.modifiers
        ],
        "bands": [
            {"title": in_language(band.title, tr), "least": band_from(rubric, band.least), "above": band.above,
             "shown": _points(band_from(rubric, band.least), tr)} for band in rubric.bands
        ],
    }  # fmt: skip


CHANGES_SQL = """
SELECT r.first_used AS at, r.profile, r.version, r.digest, 0 AS anew, NULL AS first, NULL AS last, 0 AS replaced,
       lag(r.version) OVER (PARTITION BY r.profile ORDER BY r.first_used, r.digest) AS earlier
FROM rubric r
UNION ALL
SELECT at, profile, '', rubric_digest, 1, first, last, replaced, NULL FROM rescore
ORDER BY at DESC, profile LIMIT 100
"""


def changes(connection: sqlite3.Connection, scored: Sequence[Scored], tr: Translator) -> list[dict[str, Any]]:
    """Return when a profile was used for the first time, gave way to another version, or scored history anew.

    Newest first; ``at`` is ISO 8601 UTC, ``earlier`` the version that stood before, None for a profile's first.
    """
    titles = {each.rubric.profile: in_language(each.rubric.title, tr) for each in scored}
    kept = rows(connection, "SELECT 1 FROM sqlite_master WHERE name = 'rubric'")  # an earlier version's has none
    found = rows(connection, CHANGES_SQL) if kept else []
    return [{**row, "title": titles.get(row["profile"], row["profile"])} for row in found]


def _item(item: Item, rubric: Rubric, whole: float, tr: Translator) -> dict[str, Any]:
    return {
        "criterion": item.criterion, "title": item_title(item.criterion, tr), "measure": item.criterion in MEASURES,
        "weight": item.weight, "share": item.weight / whole, "source": item.source,
        "points": _points(round(rubric.out_of * item.weight / whole, 6), tr),
        "pillar": in_language(rubric.pillar_titles[item.pillar], tr) if item.pillar else "",
        "needs": [{"criterion": name, "title": item_title(name, tr)} for name in item.needs],
        "not_applicable": tr(APPLIES[item.not_applicable]) if item.not_applicable in APPLIES else "",
        "values": dict(item.values),
    }  # fmt: skip


def _points(number: float, tr: Translator) -> str:
    return tr.number(number, 0 if number == int(number) else 1 if number >= 1 else 2)


def judge(criterion: str, tr: Translator) -> dict[str, Any]:
    """Return a criterion in the reader's language with every reason it may give and what that reason counts."""
    reasons = []
    for reason, value in JUDGES[criterion].reasons.items():
        state, sign, word = VALUES[value]
        reasons.append(
            {
                "reason": reason,
                "state": state,
                "mark": sign,
                "word": tr(word),
                "sentence": outline(tr, criterion, reason),
            }
        )
    return {"id": criterion, "title": tr(CRITERIA[criterion]), "reasons": reasons}


def counted(measure: str, tr: Translator) -> dict[str, str]:
    """Return a measure in the reader's language, an ellipsis for each fact of its sentence."""
    return {"id": measure, "title": item_title(measure, tr), "sentence": blank(tr(MEASURES[measure].sentence))}
