"""The chain from a score to its evidence as lines of a terminal, 80 columns wide, in three languages.

Addresses and digests stand whole on lines of their own, to be copied. All that was harvested passes `publish.safe`
first: a title must not move the cursor.
"""

import unicodedata
from collections.abc import Iterator, Mapping

from publish.i18n import Translator, mark
from publish.names import MIN_KNOWN, OUTCOMES, VERDICTS
from publish.queries import Row
from publish.safe import clean, short

WIDE = 80
LABEL = 12
"""Columns of the labels before the text."""
NAME, WORD, POINTS = 19, 16, 8
"""Columns of the list of criteria: name, answer, points taken."""
MOST = 10
"""Resources, and places in a file, that are listed; the JSON has all."""
FACT = 200

ROLES: Mapping[str, str] = {
    "item": mark("{points} points, by a weight of {weight} in {whole}"),
    "apart": mark("left out of the weights: its question does not arise"),
    "gate": mark("multiplies the score by {factor}"),
    "assumed": mark("unknown; taken to multiply the score by {factor}"),
    "modifier": mark("takes {taken} points off"),
}


def columns(text: str) -> int:
    """Return how many columns of a terminal a text takes: a Chinese character takes two, a combining one none."""
    return sum(
        0 if unicodedata.combining(each) else 2 if unicodedata.east_asian_width(each) in "WF" else 1 for each in text
    )


def fitted(text: str, width: int) -> str:
    """Return a text cut or filled to ``width`` columns."""
    if columns(text) > width:
        while columns(text) > width - 1:
            text = text[:-1]
        text = f"{text.rstrip()}…"
    return text + " " * (width - columns(text))


def wrapped(text: str, width: int) -> list[str]:
    """Return a text in lines of at most ``width`` columns, broken at spaces, or anywhere in Chinese and long words."""
    lines, line = [], ""
    for word in clean(text).split():
        piece = f"{line} {word}" if line else word
        while columns(piece) > width:
            room = len(line) if line and word.isascii() and columns(word) <= width else _most(piece, width)
            lines.append(piece[:room].rstrip())
            piece, line = piece[room:].lstrip(), ""
        line = piece
    return [*lines, line] if line or not lines else lines


def _most(text: str, width: int) -> int:
    """Return how many characters of a text fit into ``width`` columns, at least one."""
    taken = 0
    for place, each in enumerate(text):
        taken += columns(each)
        if taken > width:
            return max(place, 1)
    return len(text)


def entry(label: str, text: str) -> list[str]:
    """Return a label and its text beside it."""
    first, *rest = wrapped(text, WIDE - LABEL)
    return [f"{fitted(label, LABEL)}{first}".rstrip(), *(f"{' ' * LABEL}{line}" for line in rest)]


def criteria_lines(told: Row, tr: Translator) -> list[str]:
    """Return `publish.chain.criteria` as lines: each criterion with its answer, the points it takes, and why."""
    lines = _head(told, tr)
    used = [row for row in told["criteria"] if row["item"]]
    others = [row for row in told["criteria"] if not row["item"]]
    heads = (tr("Criterion"), tr("Answer"), tr("Takes"))
    lines += [
        "",
        "".join((fitted(heads[0], NAME), fitted(heads[1], WORD), " " * (POINTS - columns(heads[2])), heads[2])),
    ]
    lines += [_criterion(row, tr) for row in used]
    if told["rest"]:
        rest = fitted(tr("unknown needs"), WORD)
        lines.append(f"{' ' * NAME}{rest}{told['rest']:>{POINTS}.1f}")
    if others:
        lines += ["", tr("Asked, and not counted by this profile:"), *(_criterion(row, tr) for row in others)]
    return lines


def _criterion(row: Row, tr: Translator) -> str:
    lost = row["lost"]
    points = "" if lost is None else tr.number(round(lost, 1), 1)
    name, word = fitted(row["criterion"], NAME - 1), fitted(f"{row['mark']} {row['word']}", WORD)
    told = f"{name} {word}{points.rjust(POINTS)}  {row['sentence']}"
    return fitted(clean(told), WIDE).rstrip()


def chain_lines(told: Row, tr: Translator) -> list[str]:
    """Return `publish.chain.chain` as lines, from the score at the top to the bytes at the bottom."""
    lines = [*_head(told, tr), *_item(told, tr), "", *_answer(told["answer"], tr)]
    if told["follows"]:
        lines += [*entry(tr("It rests on"), told["follows"]["title"]), *entry("", told["follows"]["resource"])]
        if told["follows"]["sentence"] != told["answer"]["sentence"]:
            lines += entry("", told["follows"]["sentence"])
    if len(told["resources"]) > 1 and not told["resource"]:
        lines += _resources(told, tr)
    lines += _facts(told, tr)
    for visit in told["visits"]:
        lines += ["", *_visit(visit, tr)]
    for content in told["contents"]:
        lines += ["", *_content(content, tr)]
    if not told["visits"]:
        lines += ["", *entry(tr("Visits"), tr("None: the answer rests on the record, or on nothing seen yet."))]
    return lines


def _head(told: Row, tr: Translator) -> list[str]:
    score = told["score"]
    point, known = score["shown"] or "?", tr.percent(score["known"])
    shown = tr("{point}, between {span}; {known} known", point=point, span=score["span"], known=known)
    if score["low"] == score["high"]:
        shown = tr("{point}; {known} known", point=point, known=known)
    if score["band"]:
        shown += tr("; ") + score["band"]
    elif score["known"] < MIN_KNOWN:
        shown += tr("; ") + tr("too little for a band")
    return [
        *wrapped(told["title"], WIDE), fitted(f"{told['dataset']} · {told['provider_title']}", WIDE).rstrip(), "",
        *entry(tr("Score"), shown), *entry("", score["title"]),
        *entry("", tr("since {moment}, Hong Kong time", moment=tr.moment(score["since"]))),
    ]  # fmt: skip


def _item(told: Row, tr: Translator) -> list[str]:
    item = told["item"]
    if item is None:
        by = ", ".join(told["weighed_by"])
        text = tr("not counted by {profile}", profile=told["score"]["profile"])
        return entry(tr("Counts"), text + tr("; ") + tr("by: {profiles}", profiles=by) if by else text)
    lines = entry(tr("Counts"), _role(item, tr))
    if told["lost"] is not None and told["lost"] > 0:
        lines += entry(
            "", tr("takes {points} of 100 points from the score", points=tr.number(round(told["lost"], 1), 1))
        )
    if item.get("held_by"):
        lines += entry("", tr("Counts only where these are met: {items}", items=tr(", ").join(item["held_by"])))
    if item.get("note"):
        lines += entry("", item["note"])
    return [*lines, *entry(tr("Source"), item["source"])]


def _role(item: Row, tr: Translator) -> str:
    role = item["role"]
    if role == "gate" and item["assumed"]:
        role = "assumed"
    if role == "item" and item["share"] is None:
        role = "apart"
    number = {key: f"{item[key]:g}" for key in ("weight", "whole", "factor", "taken") if item.get(key) is not None}
    return tr(ROLES[role], points=item.get("points"), **number)


def _answer(answer: Row, tr: Translator) -> list[str]:
    title = f"{answer['criterion_title']}{tr(': ')}{answer['mark']} {answer['word']} ({answer['reason']})"
    lines = [*entry(tr("Answer"), title), *entry("", answer["sentence"])]
    if answer["since"]:
        lines += entry("", tr("since {moment}, Hong Kong time", moment=tr.moment(answer["since"])))
    return [*lines, *entry(tr("To mend"), answer["mend"])] if answer["mend"] else lines


def _resources(told: Row, tr: Translator) -> list[str]:
    lines = []
    for place, row in enumerate(told["resources"][:MOST], 1):
        text = f"{place:>2} {row['mark']} {row['word']} · {row['title']}"
        lines.append(f"{fitted(tr('Resources') if place == 1 else '', LABEL)}{fitted(text, WIDE - LABEL)}".rstrip())
    more = len(told["resources"]) - MOST
    return [*lines, *entry("", tr("and {number} more", number=more))] if more > 0 else lines


def _facts(told: Row, tr: Translator) -> list[str]:
    facts = {**(told["follows"] or {}).get("facts", {}), **told["answer"]["facts"]}
    lines: list[str] = []
    for name, value in facts.items():
        lines += entry(tr("Evidence") if not lines else "", f"{name} = {short(str(value), FACT)}")
    return lines or entry(tr("Evidence"), tr("No fact is stored with this answer."))


def _visit(visit: Row, tr: Translator) -> Iterator[str]:
    said = [tr(OUTCOMES.get(visit["outcome"], str(visit["outcome"]))), visit["status"], visit["content_type"]]
    said += [tr.size(visit["bytes"]) if visit["bytes"] is not None else None]
    said += [f"{tr.number(visit['milliseconds'])} ms" if visit["milliseconds"] is not None else None]
    yield from entry(tr("Visit {number}", number=visit["id"]), tr.moment(visit["started"]))
    yield from entry("", " · ".join(short(str(each), 60) for each in said if each is not None))
    if visit["error"]:
        yield from entry("", short(visit["error"], FACT))
    yield f"  {clean(visit['url'])}"
    if visit["sha256"]:
        yield f"  sha256 {visit['sha256']}"


def _content(content: Row, tr: Translator) -> Iterator[str]:
    verdict = tr(VERDICTS.get(content["verdict"] or "unmeasured", str(content["verdict"])))
    said = [content["format"].upper(), verdict, content["encoding"]]
    if content["repaired"]:
        said.append(
            tr("after repair: {verdict}", verdict=tr(VERDICTS.get(content["repaired"], str(content["repaired"]))))
        )
    said += [tr("Rows: {number}", number=tr.number(content["rows"])) if content["rows"] is not None else None]
    said += [tr("Columns: {number}", number=tr.number(content["columns"])) if content["columns"] is not None else None]
    yield from entry(tr("Content"), " · ".join(str(each) for each in said if each))
    yield f"  sha256 {content['sha256']}"
    if content["reason"]:
        yield from entry("", short(content["reason"], FACT))
    for fault in content["defects"]:
        yield from entry("", f"{fault['name']} ({short(fault['code'], 40)}){tr(': ')}{tr.number(fault['count'])}")
        for where in fault["places"] or [short(fault["note"], FACT)]:
            yield from entry("", f"– {where}") if where else ()
