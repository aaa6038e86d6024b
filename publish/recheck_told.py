"""What a recheck of one dataset found, as lines of a terminal of 80 columns in three languages, and as JSON.

All that was harvested passes `publish.safe` first: a title must not move the cursor.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict
from typing import Any

from harvester.rechecked import Address, Given, Points, Rechecked, ToMend, Turned
from publish.chain_told import LABEL, WIDE, entry, wrapped
from publish.i18n import Translator, mark
from publish.names import NOT_APPLICABLE, VALUES
from publish.safe import clean, short
from publish.sentences import told as said
from publish.telling import criterion_title
from scoring.criteria import CRITERIA
from scoring.sentences.states import say_state, state_name

MOST = 10
"""Lines of one kind that are listed; the JSON has all."""
TEXT = 160
READ: Mapping[str, str] = {
    "changed": mark("changed"),
    "unchanged": mark("as it was"),
    "gone": mark("The portal gives no record of it now; the next harvest tells whether it left."),
    "unread": mark("It could not be read, so the one read before stands."),
}


def lines(found: Rechecked, tr: Translator) -> list[str]:
    """Return ``found`` as lines: the score, the record, each address, each answer that turned, then the tasks."""
    titles = {each.resource: _title(each, tr) for each in found.addresses}
    asked = tr("looked at anew on {moment}, Hong Kong time", moment=tr.moment(found.started))
    return [
        *wrapped(short(tr.title(_row(found)) or found.dataset), WIDE),
        *wrapped(f"{found.dataset} · {found.provider}", WIDE),
        *wrapped(asked, WIDE),
        "",
        *_score(found, tr),
        *entry(tr("Record"), tr(READ[found.read])),
        *_some(_record(found, titles, tr), len(found.record), tr),
        "",
        *_each(tr("Addresses"), [_address(each, tr) for each in found.addresses], tr),
        *_each(tr("Answers"), [_turned(each, titles, tr) for each in found.answers], tr, tr("No answer changed.")),
        *_each(tr("Tasks closed"), [_task(each, titles, tr, mended=True) for each in found.closed], tr),
        *_each(tr("Tasks opened"), [_task(each, titles, tr) for each in found.opened], tr),
        *_each(tr("Still to mend"), [_task(each, titles, tr) for each in found.still_open], tr),
        *_end(found, tr),
    ]


def record(found: Rechecked, tr: Translator) -> dict[str, object]:
    """Return ``found`` for a program: all of its fields, with the sentence and the mend of each answer and task."""
    told: dict[str, Any] = {**asdict(found), "gained": found.gained}
    for name in ("closed", "opened", "still_open"):
        told[name] = [
            {**asdict(each), **_words(each.criterion, each.reason, each.facts, tr)} for each in getattr(found, name)
        ]
    told["answers"] = [
        {**asdict(each), **{when: _given(each.criterion, getattr(each, when), tr) for when in ("before", "after")}}
        for each in found.answers
    ]
    return told


def _given(criterion: str, given: Given | None, tr: Translator) -> dict[str, object] | None:
    return None if given is None else {**asdict(given), **_words(criterion, given.reason, given.facts, tr)}


def _words(criterion: str, reason: str, facts: Mapping[str, object], tr: Translator) -> dict[str, str]:
    sentence, mend = said(tr, criterion, reason, {"facts": facts})
    return {"sentence": sentence, "mend": mend}


def _row(found: Rechecked) -> dict[str, str | None]:
    return {"title_en": found.title.en, "title_tc": found.title.tc, "title_sc": found.title.sc}


def _title(each: Address, tr: Translator) -> str:
    if not each.resource:
        return tr("Data dictionary")
    title = {"title_en": each.title.en, "title_tc": each.title.tc, "title_sc": each.title.sc}
    return short(tr.title(title) or each.resource, TEXT)


def _score(found: Rechecked, tr: Translator) -> list[str]:
    text = f"{_point(found.before, tr)} → {_point(found.after, tr)}"
    if found.gained is not None:
        text += f" ({_signed(found.gained, tr)})"
    if found.after is not None:
        span = f"{tr.number(round(found.after.low, 1), 1)}–{tr.number(round(found.after.high, 1), 1)}"
        text += tr("; ") + tr("between {span}; {known} known", span=span, known=tr.percent(found.after.known))
    return [*entry(tr("Score"), text), *entry("", tr("by {profile}, GDB-style, unofficial", profile=found.profile))]


def _point(points: Points | None, tr: Translator) -> str:
    return "–" if points is None or points.point is None else tr.number(round(points.point, 1), 1)


def _signed(points: float, tr: Translator) -> str:
    sign = "+" if round(points, 1) > 0 else "−" if round(points, 1) < 0 else "±"
    return f"{sign}{tr.number(abs(round(points, 1)), 1)}"


def _record(found: Rechecked, titles: Mapping[str, str], tr: Translator) -> Iterator[str]:
    for each in found.record[:MOST]:
        where = f"{titles.get(each.resource, each.resource)} · " if each.resource else ""
        change = f"{short(each.old, TEXT) or '–'} → {short(each.new, TEXT) or '–'}"
        yield from entry("", f"{where}{each.language} {each.field}{tr(': ')}{change}")


def _some(told: Iterator[str], whole: int, tr: Translator) -> list[str]:
    more = whole - MOST
    return [*told, *(entry("", tr("and {number} more", number=more)) if more > 0 else ())]


def _each(head: str, blocks: Sequence[list[str]], tr: Translator, none: str = "") -> list[str]:
    """Return a heading with what stands under it; ``none`` (or no line at all) where there is nothing."""
    if not blocks:
        return [*entry(head, none), ""] if none else []
    more = len(blocks) - MOST
    told = [line for block in blocks[:MOST] for line in block]
    return [head, *told, *([f"  {tr('and {number} more', number=more)}"] if more > 0 else []), ""]


def _address(each: Address, tr: Translator) -> list[str]:
    before = state_name(each.before.state, each.before.reason, tr) if each.before else tr("Not visited yet.")
    after = state_name(each.after.state, each.after.reason, tr) if each.after else tr("named no more")
    states = after if before == after else f"{before} → {after}"
    head = _indented(f"{_title(each, tr)}{tr(': ')}{states}", 2)
    told = [*head, f"    {clean(each.url)}"]
    if each.after is not None and (each.before is None or _known(each) or each.confirmed_from):
        told += _indented(say_state(each.after, tr, tr.moment), 4)
    if each.confirmed_from and each.next_visit:
        told += _indented(
            tr(
                "A check at {moment} or later can confirm it; ours comes on {next}.",
                moment=tr.moment(each.confirmed_from), next=tr.moment(each.next_visit),
            ), 4,
        )  # fmt: skip
    return told


def _known(each: Address) -> bool:
    """Whether an address is in another state than before, or in one that is not well."""
    before, after = each.before, each.after
    return bool(
        after and before and ((before.state, before.reason) != (after.state, after.reason) or after.reason != "up")
    )


def _turned(each: Turned, titles: Mapping[str, str], tr: Translator) -> list[str]:
    where = _where(each.criterion, each.resource, titles, tr)
    told = _indented(f"{where}{tr(': ')}{_word(each.before, tr)} → {_word(each.after, tr)}", 2)
    for label, given in ((tr("before"), each.before), (tr("now"), each.after)):
        if given is not None:
            told += _indented(
                f"{label}{tr(': ')}{_words(each.criterion, given.reason, given.facts, tr)['sentence']}", 4
            )
    return told


def _where(criterion: str, resource: str, titles: Mapping[str, str], tr: Translator) -> str:
    known = CRITERIA.get(criterion)
    title = criterion_title(criterion, known.title if known else criterion, tr)
    return f"{title} · {titles.get(resource, short(resource, TEXT))}" if resource else title


def _word(given: Given | None, tr: Translator) -> str:
    if given is None:
        return "–"
    if given.value is None and not given.applies:
        return tr(NOT_APPLICABLE[2])
    return tr(VALUES.get(given.value, VALUES[None])[2])


def _task(each: ToMend, titles: Mapping[str, str], tr: Translator, *, mended: bool = False) -> list[str]:
    words = _words(each.criterion, each.reason, each.facts, tr)
    told = _indented(f"{_signed(each.points, tr)}  {_where(each.criterion, each.resource, titles, tr)}", 2)
    return told if mended else [*told, *_indented(words["sentence"], 4), *_indented(words["mend"], 4)]


def _indented(text: str, by: int) -> list[str]:
    return [f"{' ' * by}{line}" for line in wrapped(text, WIDE - by)] if text else []


def _end(found: Rechecked, tr: Translator) -> list[str]:
    told = []
    for item, error in found.failures[:MOST]:
        told += entry(tr("Failed"), f"{short(item, LABEL * 5)}{tr(': ')}{short(error, TEXT)}")
    if found.left_out:
        names = tr(", ").join(found.left_out)
        told += wrapped(tr("Changed since the last full score, so not scored by: {names}", names=names), WIDE)
    if found.published:
        return [*told, *wrapped(tr("Everything is scored anew and published."), WIDE)]
    whole = tr(
        "The scores of providers and of the portal, and the ranks, are those of {moment}, until everything is scored.",
        moment=tr.moment(found.whole),
    )
    site = tr("The site shows this after the next scan, or now with --catalog, which scores and publishes everything.")
    return [*told, *wrapped(whole, WIDE), *wrapped(site, WIDE)]
