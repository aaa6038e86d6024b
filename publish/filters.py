"""Which tasks of a worklist are shown: what a reader may ask for, read from an address and written into one."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from harvester.clock import HONG_KONG
from publish.i18n import Translator, day_or_text, mark
from publish.names import CRITERIA, SEVERITIES
from publish.queries import Row
from publish.safe import short
from publish.search import fold
from publish.worklist import EFFORTS
from scoring.worklist import working_days_on

MAX_TEXT = 200
"""Characters of a text to look for."""
SOON = (10, 20, 30, 60)
"""Working days to choose from for what is due soon: those that tasks are given to be mended in."""
LOOKED_IN = ("dataset", "title", "resource_title", "address", "criterion_title", "sentence")
"""What of a task a text is looked for in."""
FIELDS: dict[str, str] = {
    "severity": mark("Severity"), "due": mark("Due"), "criterion": mark("Criterion"), "effort": mark("Effort"),
    "reply": mark("Answer of the provider"), "text": mark("Text"),
}  # fmt: skip
"""What may be asked for, by its name in an address, and what the reader calls it."""


@dataclass(frozen=True, slots=True)
class Filters:
    """What a reader asks of a worklist: each a value that ``allowed`` has, empty where anything will do."""

    severity: str = ""
    due: str = ""
    criterion: str = ""
    effort: str = ""
    reply: str = ""
    text: str = ""

    @property
    def query(self) -> str:
        """What stands behind the question mark of an address, each thing asked for once, in one order."""
        return urlencode([(name, value) for name, value in asdict(self).items() if value])

    def but(self, **changed: str) -> "Filters":
        """Return the same filters with some of them changed."""
        return replace(self, **changed)


def allowed(tr: Translator) -> dict[str, dict[str, str]]:
    """Return the values that each filter but the text may have, in the reader's words."""
    soon = {str(days): tr("within {days} working days", days=days) for days in SOON}
    return {
        "severity": {str(grade): tr(words) for grade, words in SEVERITIES.items()},
        "due": {"overdue": tr("overdue"), **soon},
        "criterion": {name: tr(title) for name, title in CRITERIA.items()},
        "effort": {name: tr(word) for name, word in EFFORTS.items()},
        "reply": {"unanswered": tr("unanswered"), "answered": tr("answered")},
    }


def read(asked: Mapping[str, Any], tr: Translator) -> tuple[Filters, list[str]]:
    """Return the filters that an address asks for, and a sentence for each value that is none we know.

    A filter that is misspelt is left out and told; what is not a filter is not ours to judge.
    """
    found, wrong = {}, []
    for name, values in allowed(tr).items():
        value = str(asked.get(name) or "").strip()
        if value in values:
            found[name] = value
        elif value:
            known = tr(", ").join(values)
            wrong.append(
                tr("{name}={value} is not known; these are: {known}.", name=name, value=short(value, 40), known=known)
            )
    found["text"] = short(str(asked.get("text") or ""), MAX_TEXT)
    return Filters(**found), wrong


def ends(moment: datetime) -> dict[str, str]:
    """Return the last day (ISO, Hong Kong) on which a task is due that is overdue, or due soon, on the day of a moment.

    ``today`` is the day itself: what was due before it is overdue, since the day a task is due is still its own.
    """
    today = moment.astimezone(HONG_KONG).date().isoformat()
    return {"today": today} | {str(days): working_days_on(moment, days).date().isoformat() for days in SOON}


def tests(filters: Filters, days: Mapping[str, str]) -> dict[str, Callable[[Row], bool]]:
    """Return the test that each filter asked for puts to a task, by the filter's name. ``days`` are those of ``ends``.

    A closed task is neither due nor overdue.
    """
    needle = fold(filters.text).strip()
    asked: dict[str, Callable[[Row], bool]] = {
        "severity": lambda task: str(task["severity"]) == filters.severity,
        "due": lambda task: not task["closed"] and _due(task, filters.due, days),
        "criterion": lambda task: bool(task["criterion"] == filters.criterion),
        "effort": lambda task: bool(task["effort"] == filters.effort),
        "reply": lambda task: bool(task["reply"] == filters.reply),
        "text": lambda task: any(needle in fold(str(task[name] or "")) for name in LOOKED_IN),
    }
    return {name: test for name, test in asked.items() if getattr(filters, name)}


def _due(task: Row, choice: str, days: Mapping[str, str]) -> bool:
    day = day_or_text(task["due"])
    return day < days["today"] if choice == "overdue" else days["today"] <= day <= days[choice]


def chosen(tasks: Sequence[Row], filters: Filters, days: Mapping[str, str]) -> list[Row]:
    """Return the tasks that pass every filter, in their order."""
    asked = tests(filters, days).values()
    return [task for task in tasks if all(test(task) for test in asked)]


def choices(tasks: Sequence[Row], filters: Filters, days: Mapping[str, str], tr: Translator) -> dict[str, list[Row]]:
    """Return, for each filter but the text, the values that would leave something, with how many tasks each leaves.

    The other filters stay as they are. A row has ``value``, ``words``, ``tasks``, ``chosen`` and the ``query`` of the
    address with that value, or without it where it is the one chosen.
    """
    asked = tests(filters, days)
    passed = [(task, {name for name, test in asked.items() if not test(task)}) for task in tasks]
    made: dict[str, list[Row]] = {}
    for name, values in allowed(tr).items():
        left = [task for task, failed in passed if failed <= {name}]
        counts = _counted(left, name, values, days)
        now = getattr(filters, name)
        made[name] = [
            {"value": value, "words": words, "tasks": counts[value], "chosen": value == now,
             "query": filters.but(**{name: "" if value == now else value}).query}
            for value, words in values.items() if counts[value] or value == now
        ]  # fmt: skip
    return made


def _counted(tasks: Sequence[Row], name: str, values: Mapping[str, str], days: Mapping[str, str]) -> Mapping[str, int]:
    if name == "due":
        return {value: sum(_due(task, value, days) for task in tasks) for value in values}
    return Counter(str(task[name]) for task in tasks)


def told(filters: Filters, tr: Translator) -> list[str]:
    """Return what is asked for, one phrase a filter, in the reader's words."""
    words = allowed(tr)
    return [
        f"{tr(FIELDS[name])}{tr(': ')}{words.get(name, {}).get(value, value)}"
        for name, value in asdict(filters).items() if value
    ]  # fmt: skip
