"""When a provider's tasks are due, as a calendar (RFC 5545) that an officer's own program shows."""

import sqlite3
from collections import defaultdict
from collections.abc import Sequence
from datetime import date
from urllib.parse import urlsplit
from uuid import NAMESPACE_DNS, uuid5

from icalendar import Calendar, Event

from publish import queries
from publish.i18n import TAGS, Translator, day_or_text
from publish.names import SEVERITIES
from publish.pages import Page
from publish.queries import Row
from publish.render import path
from publish.safe import short
from publish.work_pages import as_of

NAMESPACE = uuid5(NAMESPACE_DNS, "hk-open-data-barometer")
"""What all our identities are made under, so that they are the same wherever the site stands."""
LISTED = 20
"""Tasks that an event names; its link has all."""
MAX_TITLE = 120
"""Characters of a name in an event."""


def as_ics(page: Page, connection: sqlite3.Connection, tr: Translator) -> bytes:
    """Return a worklist's due days as a calendar: an event for all tasks of one criterion that are due on one day.

    An event lasts the whole day, in Hong Kong. Its UID is made of provider, criterion, day and filters, so it stays
    the same from scan to scan while anything is due then; what is mended leaves it.
    """
    meta = queries.meta(connection)
    made = Calendar()
    made.add("prodid", f"-//Hong Kong Open Data Barometer//{tr.language}//")
    made.add("version", "2.0")
    made.add("x-wr-calname", short(page.title, MAX_TITLE))
    alike: dict[tuple[str, str], list[Row]] = defaultdict(list)
    for task in page.data["tasks"]:
        alike[day_or_text(task["due"]), task["criterion"]].append(task)
    identity = f"{meta.get('portal', '')} {page.data['provider']['slug']} {page.query}"
    for (day, criterion), tasks in sorted(alike.items()):
        event = _event(page, tasks, tr)
        event.add("uid", f"{uuid5(NAMESPACE, f'due {identity} {criterion} {day}')}")
        event.add("dtstamp", as_of(meta))
        event.add("dtstart", date.fromisoformat(day))
        made.add_component(event)
    body: bytes = made.to_ical()
    return body


def _event(page: Page, tasks: Sequence[Row], tr: Translator) -> Event:
    """Return the event of tasks of one criterion and one day: what is due, where, and the way to it."""
    first, site = tasks[0], _site(page.data["address"])
    whole = page.data["address"] + (f"?{page.query}" if page.query else "")
    event = Event()
    named = short(first["title"], MAX_TITLE) if len(tasks) == 1 else tr("{number} tasks", number=len(tasks))
    summary = f"{tr('Due')}{tr(': ')}{first['criterion_title']}{tr(': ')}{named}"
    lines = [
        f"{short(task['title'], MAX_TITLE)}{tr(': ')}{short(task['sentence'], 300)}"
        f"\n{site}{path(tr.language, 'task', task['key'])}"
        for task in tasks[:LISTED]
    ]
    if len(tasks) > LISTED:
        lines.append(whole)
    language = {"language": TAGS[tr.language]}
    event.add("summary", summary, parameters=language)
    event.add("description", "\n".join(lines), parameters=language)
    event.add("url", site + path(tr.language, "task", first["key"]) if len(tasks) == 1 else whole)
    event.add("categories", [tr(SEVERITIES.get(min(task["severity"] for task in tasks), "Unknown"))])
    event.add("transp", "TRANSPARENT")
    return event


def _site(address: str) -> str:
    parts = urlsplit(address)
    return f"{parts.scheme}://{parts.netloc}"
