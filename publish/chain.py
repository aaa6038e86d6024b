"""From a score down to what it rests on: the profile's item, the answer, its facts, the visits, the bytes they brought.

`barometer explain` prints it (`publish.chain_told`). Every link of the chain is read from the published file by the
same questions as a dataset's page asks, so both say the same.
"""

import json
import sqlite3
from collections.abc import Iterable, Sequence
from difflib import get_close_matches

from harvester.clock import hong_kong_day
from harvester.errors import SettingsError
from publish import queries
from publish.i18n import Translator
from publish.names import DEFECTS, defect_name
from publish.profile_tables import Scored, scored_profiles
from publish.profiles import MEASURED, of_dataset, sign
from publish.queries import Row, rows, unpack
from publish.safe import short
from publish.sentences import told_measure
from publish.telling import in_words, named, prefixed
from publish.versus_lost import group_lost, rubric_of
from publish.worklist import place
from scoring.measures import MEASURES

MOST = 5
"""Visits, contents, and defects of a content, that are told; the tables hold the rest."""
SCORE = """
SELECT point, low, high, known, since, parts, rubric_digest AS digest FROM score
WHERE subject_type = 'dataset' AND subject = ? AND profile = ? AND pillar = '' AND until IS NULL
"""
RESOURCES = """
SELECT shared_id, title_en, title_tc, title_sc, format, position FROM resource
WHERE dataset = ? AND withdrawn_at IS NULL ORDER BY position, shared_id
"""
VISITS = """
SELECT v.id, v.started, v.outcome, v.status, v.milliseconds, v.bytes, v.sha256, v.content_type, v.error, u.url
FROM visit v JOIN url u ON u.id = v.url WHERE v.id IN (SELECT value FROM json_each(?)) ORDER BY v.id DESC LIMIT ?
"""
BODIES = """
SELECT DISTINCT l.sha256 FROM visit v JOIN latest_visit l ON l.url = v.url
WHERE v.id IN (SELECT value FROM json_each(?)) AND l.sha256 IS NOT NULL
"""
CONTENTS = """
SELECT sha256, format, verdict, repaired, bytes, rows, columns, encoding, nature, reason FROM content
WHERE sha256 IN (SELECT value FROM json_each(?)) LIMIT ?
"""
FAULTS = (
    "SELECT code, count, row, field, note, examples FROM defect WHERE content = ? ORDER BY count DESC, code LIMIT ?"
)


def criteria(connection: sqlite3.Connection, tr: Translator, name: str, profile: str = "") -> Row:
    """Return a dataset's criteria by one profile (the leading one where empty), each with the points it takes.

    What they take adds up to 100 less the score; ``rest`` is what cannot be laid at one criterion's door. Raises
    SettingsError, with the closest name there is, where something is not called that.
    """
    scored, told, answers = _subject(connection, tr, name, profile)
    lost = _lost(connection, scored, told["score"])
    weighed = {each["criterion"]: each for each in _used(connection, tr, name, scored, answers)}
    given = _measures(connection, tr, name) | {row["criterion"]: _answer(row) for row in answers if not row["resource"]}
    order = [*weighed, *(each for each in given if each not in weighed and each not in MEASURES)]
    return {
        **told,
        "criteria": [
            {**(given.get(each) or _unasked(tr, each)), "item": weighed.get(each),
             "lost": lost.get(each) if lost and each in weighed else None}
            for each in order
        ],
        "rest": lost.get("") if lost else None,
    }  # fmt: skip


def chain(
    connection: sqlite3.Connection, tr: Translator, name: str, criterion: str, resource: str = "", profile: str = ""
) -> Row:
    """Return the whole chain of one criterion (or measure) of a dataset, or of one of its resources.

    ``resource`` is its shared_id, the beginning of one, or its place in the record counted from 1. Where the dataset's
    own answer is that of one of its resources, ``follows`` is that resource's. Raises SettingsError as `criteria`.
    """
    scored, told, answers = _subject(connection, tr, name, profile, criterion)
    resources = [
        {**row, "title": short(tr.title(row) or row["shared_id"])} for row in rows(connection, RESOURCES, [name])
    ]
    wanted = _wanted(resources, resource, name) if resource else None
    measured = _measures(connection, tr, name)
    mine = {row["resource"]: _answer(row) for row in answers if row["criterion"] == criterion}
    if criterion in measured:
        mine[""] = measured[criterion]
    if (wanted["shared_id"] if wanted else "") not in mine:
        _refuse(criterion, name, wanted, {row["criterion"] for row in answers} | measured.keys(), mine)
    answer = mine[wanted["shared_id"] if wanted else ""]
    decider = answer["facts"].get("resource") if not wanted else None
    titles = {row["shared_id"]: row["title"] for row in resources}
    follows = {**mine[str(decider)], "title": titles.get(str(decider), str(decider))} if decider in mine else None
    lost = _lost(connection, scored, told["score"])
    used = {each["criterion"]: each for each in _used(connection, tr, name, scored, answers)}
    numbers = list(dict.fromkeys([*answer["visits"], *(follows["visits"] if follows else [])]))
    return {
        **told, "criterion": criterion, "resource": wanted, "item": used.get(criterion),
        "lost": lost.get(criterion) if lost and criterion in used else None,
        "weighed_by": [each.rubric.profile for each in scored_profiles(connection)
                       if criterion in each.rubric.criteria()],
        "answer": answer, "follows": follows,
        "resources": [{**mine[key], "title": title} for key, title in titles.items() if key in mine],
        **_seen(connection, tr, numbers),
    }  # fmt: skip


def _subject(
    connection: sqlite3.Connection, tr: Translator, name: str, profile: str, criterion: str = ""
) -> tuple[Scored, Row, list[Row]]:
    """Return the profile asked for, the dataset with its score by it, and its standing answers in words."""
    found = queries.dataset(connection, name)
    if found is None:
        every = (row["name"] for row in rows(connection, "SELECT name FROM dataset"))
        raise SettingsError(f"No dataset is called {name!r}{_hint(name, every)}")
    scored = _profile(scored_profiles(connection), profile, criterion)
    row = queries.one(connection, SCORE, [name, scored.rubric.profile])
    if row is None:
        why = f" It left the catalogue on {hong_kong_day(found['withdrawn_at'])}." if found["withdrawn_at"] else ""
        raise SettingsError(f"{name} has no score that stands by {scored.rubric.profile}.{why}")
    shown = next(each for each in of_dataset(connection, name, tr, []) if each["profile"] == scored.rubric.profile)
    keep = ("profile", "title", "shown", "span", "band", "out_of", "enough")
    told = {
        "dataset": name, "title": named(found, tr)["title"], "provider": found["provider"],
        "provider_title": short(tr.title(prefixed(found, "provider")) or found["provider"]),
        "score": {**unpack(row, "parts"), **{key: shown[key] for key in keep}},
    }  # fmt: skip
    return scored, told, [in_words(each, tr) for each in queries.answers(connection, name)[0]]


def _profile(scored: Sequence[Scored], profile: str, criterion: str) -> Scored:
    """Return the profile named; without a name the first that uses ``criterion``, else the leading one."""
    if not scored:
        raise SettingsError("Nothing is scored in this catalogue yet: run `barometer score`, then `barometer publish`.")
    if not profile:
        return next((each for each in scored if criterion in each.rubric.criteria()), scored[0])
    names = [each.rubric.profile for each in scored]
    if profile not in names:
        otherwise = f": there are {', '.join(names)}."
        raise SettingsError(f"No profile is called {profile!r}{_hint(profile, names, otherwise)}")
    return scored[names.index(profile)]


def _wanted(resources: Sequence[Row], asked: str, name: str) -> Row:
    if asked.isdigit() and 0 < int(asked) <= len(resources):
        return resources[int(asked) - 1]
    found = [row for row in resources if row["shared_id"].startswith(asked)]
    exact = [row for row in found if row["shared_id"] == asked]
    if len(exact or found) == 1:
        return (exact or found)[0]
    ids = [row["shared_id"] for row in resources]
    if found:
        raise SettingsError(f"{len(found)} resources of {name} begin with {asked!r}: give more of it.")
    otherwise = f": give a number from 1 to {len(ids)}, or {short(ids[0], 60)}." if ids else ": it lists none."
    raise SettingsError(f"No resource of {name} is called {asked!r}{_hint(asked, ids, otherwise)}")


def _refuse(criterion: str, name: str, wanted: Row | None, known: Iterable[str], mine: Iterable[str]) -> None:
    """Say why there is no such answer. Always raises."""
    if criterion not in known:
        otherwise = f": `barometer explain {name}` lists all there is."
        raise SettingsError(f"Nothing asked of {name} is called {criterion!r}{_hint(criterion, known, otherwise)}")
    if wanted and "" in mine:
        raise SettingsError(f"{criterion} is asked of the dataset, not of its resources: leave --resource out.")
    raise SettingsError(f"{criterion} has no answer here yet: score and publish again.")


def _hint(asked: str, known: Iterable[str], otherwise: str = ".") -> str:
    """Return the end of a refusal: the closest names there are, else ``otherwise``."""
    near = get_close_matches(asked, list(known), n=3, cutoff=0.5)
    return f": did you mean {' or '.join(short(each, 120) for each in near)}?" if near else otherwise


def _answer(row: Row) -> Row:
    """Return a standing answer in words: value, reason, sentence, mend, its facts and the numbers of its visits."""
    facts, visits = row["evidence"].get("facts"), row["evidence"].get("visits")
    keep = ("criterion", "resource", "value", "state", "mark", "word", "reason", "sentence", "mend", "since")
    return {
        **{key: row[key] for key in keep}, "criterion_title": row["criterion_title"],
        "facts": facts if isinstance(facts, dict) else {}, "visits": visits if isinstance(visits, list) else [],
    }  # fmt: skip


def _measures(connection: sqlite3.Connection, tr: Translator, name: str) -> dict[str, Row]:
    """Return a dataset's standing measures in the form of answers."""
    found = {}
    for row in (unpack(each) for each in rows(connection, MEASURED, [name])):
        measure, facts = row["measure"], row["evidence"].get("facts")
        found[measure] = {
            "criterion": measure, "resource": "", "value": row["value"],
            **sign(row["value"], not row["applies"] and row["value"] is None, tr), "reason": row["reason"],
            "sentence": told_measure(tr, measure, row["reason"], row["evidence"]), "mend": "", "since": None,
            "criterion_title": tr(MEASURES[measure].title) if measure in MEASURES else measure,
            "facts": facts if isinstance(facts, dict) else {}, "visits": [],
        }  # fmt: skip
    return found


def _unasked(tr: Translator, criterion: str) -> Row:
    return {
        "criterion": criterion, "resource": "", "value": None, **sign(None, False, tr), "reason": "", "sentence": "",
        "mend": "", "since": None, "criterion_title": criterion, "facts": {}, "visits": [],
    }  # fmt: skip


def _used(connection: sqlite3.Connection, tr: Translator, name: str, scored: Scored, answers: list[Row]) -> list[Row]:
    """Return what the profile does with each criterion and measure: its weight, or what it multiplies by or takes."""
    own = [row for row in answers if not row["resource"]]
    told = next(each for each in of_dataset(connection, name, tr, own) if each["profile"] == scored.rubric.profile)
    apart = {item["criterion"] for item in told["items"] if item["apart"]}
    whole = sum(item.weight for item in scored.rubric.items if item.criterion not in apart)
    found = []
    for item in told["items"]:
        said = scored.rubric.by_name[item["criterion"]]
        share = said.weight / whole if whole and not item["apart"] else None
        keep = ("criterion", "title", "value", "word", "points", "note", "held_by", "pillar")
        found.append({"role": "item", "weight": said.weight, "whole": whole, "share": share, "source": said.source,
                      **{key: item[key] for key in keep}})  # fmt: skip
    sources = {gate.criterion: gate.source for gate in scored.rubric.gates}
    sources |= {each.criterion: each.source for each in scored.rubric.modifiers}
    for effect in told["effects"]:
        role = "gate" if effect["factor"] is not None else "modifier"
        also = {key: effect[key] for key in ("criterion", "title", "factor", "taken", "assumed")}
        found.append({"role": role, "source": sources[effect["criterion"]], **also})
    return found


def _lost(connection: sqlite3.Connection, scored: Scored, score: Row) -> dict[str, float] | None:
    """Return the points (0-100) each criterion takes from a dataset's score, None where it has no point."""
    rubric = rubric_of(connection, scored.rubric.profile, score["digest"])
    if score["point"] is None or rubric is None:
        return None
    stored = {**score, "parts": json.dumps(score["parts"]), "datasets": 1}
    lost = group_lost(rubric, [stored], score["point"])
    return {name: round(points, 6) for name, points in lost.items()} if lost is not None else None


def _seen(connection: sqlite3.Connection, tr: Translator, numbers: Sequence[object]) -> Row:
    """Return the visits of these numbers that are published, and what the bodies they brought turned out to be."""
    asked = json.dumps([each for each in numbers if isinstance(each, int)])
    visits = rows(connection, VISITS, [asked, MOST])
    bodies = [visit["sha256"] for visit in visits if visit["sha256"]]
    bodies = bodies or [row["sha256"] for row in rows(connection, BODIES, [asked])]
    contents = rows(connection, CONTENTS, [json.dumps(list(dict.fromkeys(bodies))), MOST])
    for content in contents:
        content["defects"] = [
            {**fault, "name": defect_name(fault["code"], tr) if fault["code"] in DEFECTS else short(fault["code"], 60),
             "places": [where for where in (place(str(each), tr) for each in fault["examples"][:3]) if where]}
            for fault in (unpack(row, "examples", []) for row in rows(connection, FAULTS, [content["sha256"], MOST]))
        ]  # fmt: skip
    return {"visits": visits, "contents": contents}
