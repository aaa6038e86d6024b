"""What each page holds: plain values out of catalog.db, the same for HTML, JSON and CSV."""

import sqlite3
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from publish import (
    asks,
    beside,
    drawings,
    formats,
    health,
    profiles,
    queries,
    ranking,
    record_history,
    references,
    replies,
    trend,
    weekly,
)
from publish import worklist as work
from publish.i18n import Translator, mark
from publish.method import changes, counted, judge, profile
from publish.names import CRITERIA, MAX_DEFECTS, MIN_RANKED, defect_name
from publish.profile_tables import leading, profiles_or_ours
from publish.queries import Row
from publish.safe import http_link, short
from publish.telling import criterion_title, in_words, losses, named, prefixed
from scoring.measures import MEASURES

PORTAL_PATHS = {"en": "en-data", "tc": "tc-data", "sc": "sc-data"}
"""How DATA.GOV.HK's own pages are addressed in each language."""


FEEDS = {
    "down": mark("What stopped working, and what works again"),
    "changes": mark("Datasets that came and went, and scores that moved"),
}
"""The portal's feeds, by the last part of their address."""
FIRST = 5
"""Rows of a list that is a beginning only, with its whole one link away."""
NO_HEALTH: Row = {"now": None, "runs": [], "said": "", "month": None, "ever": None, "api": None}
"""Of a resource that the catalogue does not list as standing."""
CHARTS = {"ranking": "ranking", "checklist": "checklist", "formats": "formats", "formats_narrow": "formats/narrow",
          "trend": "trend/portal", "trend_narrow": "trend/portal/narrow"}  # fmt: skip
"""The home page's charts by their places in table chart."""
MAX_PROOFS = 3
"""Visits an answer links to; all their numbers are in its row underneath."""


@dataclass(frozen=True, slots=True)
class Page:
    """One page before it is drawn: its template, its title, what it holds, and the table its CSV has.

    ``charts`` are SVG of our own making and stay out of the JSON. ``title`` is plain text in the reader's language.
    ``query`` is what must stand behind the question mark of its address in other languages and forms too; ``feeds`` are
    the titles of what a reader may subscribe to here, each with the parts of its address after the language.
    """

    template: str
    title: str
    data: dict[str, Any]
    table: Sequence[Row] = ()
    charts: dict[str, str] = field(default_factory=dict)
    status: int = 200
    query: str = ""
    feeds: Sequence[tuple[str, ...]] = ()


def feeds(*names: str, tr: Translator) -> list[tuple[str, ...]]:
    """Return the portal's feeds that are called so, for ``Page.feeds``."""
    return [(tr(FEEDS[name]), name) for name in names]


def home(connection: sqlite3.Connection, tr: Translator) -> Page:
    """Return the home page: the portal's score, its parts, the references, providers, what is down."""
    best, worst = queries.ends(connection)
    rows = ranking.with_standings(connection, queries.providers(connection), tr)
    providers = [named(row, tr) for row in rows]
    parts = _parts(connection, tr)
    heat = drawings.heat(connection, providers, tr)
    data = {
        **asks.over(connection, "portal", "", tr),
        "score": queries.score(connection, "portal"),
        "health": health.of_subject(connection, "portal", queries.meta(connection).get("portal", ""), tr),
        "counts": queries.counts(connection),
        "profiles": profiles.of_subject(connection, "portal", None, tr),
        "parts": parts,
        "losses": losses(parts, leading(connection)),
        "common": [in_words(row, tr) for row in work.common(connection)],
        "providers": providers,
        "ranking": ranking.over(connection),
        "best": [named(row, tr) for row in best],
        "worst": [named(row, tr) for row in worst],
        "failing": [named(row, tr) for row in queries.failing(connection)],
        "formats": queries.formats(connection),
        "kinds": formats.over(connection, tr),
        "heat": heat,
        "week": weekly.of_subject(connection, tr),
        "said": {
            "checklist": drawings.said_of_parts(parts, tr),
            "ranking": drawings.said_of_ranking(providers, tr),
            "heat": drawings.said_of_heat(heat, tr),
        },
        "references": references.references(connection, tr),
        "categories": [named(row, tr) for row in queries.categories(connection)],
    }
    charts = drawings.stored(connection, CHARTS, tr)
    means = drawings.heat_columns(heat)
    keep = ("slug", "title", "rank", "point", "low", "high", "known", "datasets", "resources", "failing", "tasks",
            "points", *ranking.KEPT, "reason")  # fmt: skip
    table = [{**{key: row[key] for key in keep}, **means[row["slug"]]} for row in providers]
    title = tr("How open is Hong Kong’s open data?")
    return Page("home.html", title, data, table, charts, feeds=feeds(*FEEDS, tr=tr))


def provider(connection: sqlite3.Connection, tr: Translator, slug: str) -> Page | None:
    """Return a provider's page, None where there is no such provider."""
    row = queries.provider(connection, slug)
    if row is None:
        return None
    row = named(row, tr)
    datasets = [named(one, tr) for one in queries.datasets(connection, "provider", slug)]
    parts = _parts(connection, tr, slug)
    data = {
        **asks.over(connection, "provider", slug, tr),
        "provider": row,
        "health": health.of_subject(connection, "provider", slug, tr),
        "portal": queries.score(connection, "portal"),
        "profiles": profiles.of_subject(connection, "provider", slug, tr),
        "standing": ranking.of_provider(connection, row, tr),
        "parts": parts,
        "losses": losses(parts, leading(connection)),
        "datasets": datasets,
        "tasks": work.gathered(
            [in_words(one, tr) for one in work.tasks(connection, slug, tr, scored=work.scored(connection, slug))]
        )[:FIRST],
        "failing": [one for one in datasets if one["failing"]],
        "week": weekly.of_subject(connection, tr, slug),
        "said": {"parts": drawings.said_beside(parts, tr)},
    }
    charts = drawings.stored(connection, {"trend": f"trend/provider/{slug}"}, tr)
    feed = (tr("Worklist: {provider}", provider=row["title"]), "worklist", slug)
    return Page("provider.html", row["title"], data, _dataset_table(datasets), charts, feeds=[feed])


def category(connection: sqlite3.Connection, tr: Translator, slug: str) -> Page | None:
    """Return a category's page, None where there is no such category."""
    row = queries.category(connection, slug)
    if row is None:
        return None
    row = named(row, tr)
    datasets = [named(one, tr) for one in queries.datasets(connection, "category", slug)]
    data = {"category": row, "score": queries.score(connection, "category", slug), "datasets": datasets}
    return Page("category.html", row["title"], data, _dataset_table(datasets))


def method(connection: sqlite3.Connection, tr: Translator) -> Page:
    """Return how a score is made, out of the rubric files that scored and the criteria themselves."""
    agreement, scored = ranking.agreement(connection, tr), profiles_or_ours(connection)
    data = {
        "profiles": [profile(each, tr) for each in scored],
        "changes": changes(connection, scored, tr),
        "judges": [judge(name, tr) for name in CRITERIA],
        "measures": [counted(name, tr) for name in sorted(MEASURES)],
        "min_ranked": MIN_RANKED,
        "agreement": agreement,
        "least": ranking.least_alike(agreement, tr),
    }
    return Page("method.html", tr("How a score is made"), data, agreement)


def side_by_side(connection: sqlite3.Connection, tr: Translator) -> Page:
    """Return what is measured, what people answered and what others published, side by side."""
    data, table = references.data(connection, tr)
    return Page("references.html", tr("Beside published figures"), data, table)


def down(connection: sqlite3.Connection, tr: Translator) -> Page:
    """Return what does not work now, and what comes and goes, since when and by which visits."""
    found = health.down(connection, tr)
    portal = queries.meta(connection).get("portal", "")
    data = {
        "health": health.of_subject(connection, "portal", portal, tr),
        "down": [row for row in found if row["state"] == "down"],
        "degraded": [row for row in found if row["state"] == "degraded"],
        "complete": len(found) < health.MAX_DOWN,
    }
    keep = ("state", "name", "since", "dataset", "dataset_title", "resource", "title", "provider", "provider_title",
            "host", "reason", "sentence", "visits", "url")  # fmt: skip
    table = [{key: row[key] for key in keep} for row in found]
    return Page("down.html", tr("What does not work now"), data, table, feeds=feeds("down", tr=tr))


def dataset(connection: sqlite3.Connection, tr: Translator, name: str) -> Page | None:
    """Return a dataset's page, None where there is no such dataset.

    Its table holds the dataset's own answers and those of its resources that are not a yes.
    """
    row = queries.dataset(connection, name)
    if row is None:
        return None
    standing, past = queries.answers(connection, name, shown=True)
    below = [in_words(answer, tr) for answer in standing if not answer["resource"] or answer["value"] in (0.0, 0.5)]
    resources = [_resource(one, tr) for one in queries.resources(connection, name)]
    shown = {one["shared_id"]: one for one in resources}
    healths = health.of_resources(connection, name, tr)
    kept = queries.known_visits(connection, name)
    said = replies.of_dataset(connection, name, tr)
    for answer in below:
        if answer["resource"] in shown:
            shown[answer["resource"]]["faults"].append(answer)
        facts, visits = answer["evidence"].get("facts"), answer["evidence"].get("visits")
        answer["said"] = replies.of_answer(said, answer, shown)
        decider = shown.get(str(facts.get("resource"))) if isinstance(facts, dict) and len(shown) > 1 else None
        answer["decider"] = decider["title"] if decider and not answer["resource"] and answer["value"] != 1 else None
        answer["visits"] = [visit for visit in visits if visit in kept][:MAX_PROOFS] if isinstance(visits, list) else []
    for one in resources:
        one["health"] = found = healths.get(one["shared_id"], NO_HEALTH)
        if found["now"]:
            found["now"]["proof"] = [visit for visit in found["now"]["proof"] if visit in kept]
    row = {**named(row, tr), "notes": tr.title(row, "notes"), "frequency": tr.title(row, "frequency"),
           "maintainer": tr.title(row, "maintainer"),
           "category_title": tr.title(prefixed(row, "category"))}  # fmt: skip
    own = [answer for answer in below if not answer["resource"]]
    data = {
        "dataset": row,
        "health": health.of_subject(connection, "dataset", name, tr),
        "score": queries.score(connection, "dataset", name),
        "trend": trend.of_subject(connection, "dataset", name, tr),
        "profiles": profiles.of_dataset(connection, name, tr, own),
        "answers": [answer for answer in own if _leading(answer)],
        "others": [answer for answer in own if not _leading(answer)],
        "resources": resources,
        "beside": beside.of_dataset(connection, name, tr),
        "history": [in_words(answer, tr) for answer in past[:100]],
        "record_history": record_history.of_dataset(connection, name, tr),
        "portal_page": portal_page(queries.meta(connection).get("portal", ""), name, tr),
    }
    keep = ("resource", "criterion", "criterion_title", "value", "reason", "sentence", "mend", "since")
    return Page("dataset.html", row["title"], data, [{key: answer[key] for key in keep} for answer in below])


def _leading(answer: Row) -> bool:
    """Tell whether an answer is shown at once: what the profile weighs, and what is not fully met."""
    return bool(answer["weight"]) or answer["criterion"] == "online" or answer["value"] in (0.0, 0.5)


def portal_page(portal: str, name: str, tr: Translator) -> str | None:
    """Return the address of the portal's own page of a dataset; None unless the portal is a public https one."""
    base = http_link(portal)
    if base is None or not base.startswith("https://") or not all(c.isalnum() or c in "-_" for c in name):
        return None
    return f"{base.rstrip('/')}/{PORTAL_PATHS[tr.language]}/dataset/{name}"


def missing(tr: Translator) -> Page:
    """Return the page for an address that leads nowhere."""
    return Page("missing.html", tr("There is no such page"), {}, status=404)


def _parts(connection: sqlite3.Connection, tr: Translator, slug: str = "") -> list[Row]:
    return [
        {**row, "title": criterion_title(row["id"], row["title_en"], tr)} for row in queries.parts(connection, slug)
    ]


def _resource(row: Row, tr: Translator) -> Row:
    return {
        **row,
        "title": short(tr.title(row) or row["shared_id"]),
        "description": short(tr.title(row, "description"), 600),
        "defects": [
            {**defect, "name": defect_name(defect["code"], tr), **(_places(defect, tr) if number < MAX_DEFECTS else {})}
            for number, defect in enumerate(row["defects"])
        ],
        "faults": [],
    }


def _places(defect: Row, tr: Translator) -> Row:
    return {"places": [where for where in (work.place(str(one), tr) for one in defect["examples"][:3]) if where]}


def _dataset_table(found: Sequence[Row]) -> list[Row]:
    keep = ("name", "title", "provider", "point", "low", "high", "known", "resources", "failing", "tasks", "points")
    return [{key: row[key] for key in keep} for row in found]


MAKERS: dict[str, Callable[[sqlite3.Connection, Translator, str], Page | None]] = {
    "provider": provider, "dataset": dataset, "category": category,
}  # fmt: skip
"""The pages that are about one thing, by the word that stands before its name in the address."""
