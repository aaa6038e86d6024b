"""`--week`: links that behave by the time since the portal's date, and what a fair observer must say of each and when.

Each kind stands on a daily dataset of its own, with a link for each of its three variants, on a host of its own.
"""

import json
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass, field, replace
from datetime import UTC, datetime, time, timedelta
from functools import partial
from typing import Any

from sample_portal.bodies import page
from sample_portal.catalogue import Response
from sample_portal.courses import Course, during
from sample_portal.drafts import Draft, Item
from sample_portal.generator import HONG_KONG, SUFFIX, Making, add_file, rendered, sound
from sample_portal.tables import Table

DAYS = 7
EACH = 3
"""Links of each kind."""
NIGHT = 3 / 24
"""When a nightly check is made, in days after midnight in Hong Kong: what is bad for a short time is bad then."""


@dataclass(frozen=True, slots=True)
class Expected:
    """What must be found of a link. `states` are (days since the portal's date, state, reason or None for any).

    `path` are the states it was in, one after the other, and no other. `unchanged` is whether one request a check is
    enough for it. The others bound what was seen and sent in the week, each where it is given: different bodies seen,
    different dates of change seen, answers 200 sent, answers 206 sent, requests made, requests not answered well.
    """

    states: tuple[tuple[float, str, str | None], ...]
    path: tuple[str, ...]
    why: str
    unchanged: bool = False
    bodies: tuple[int, int] | None = None
    stamps: tuple[int, int] | None = None
    whole: tuple[int, int] | None = None
    parts: tuple[int, int] | None = None
    requests: tuple[int, int] | None = None
    failed: tuple[int, int] | None = None


@dataclass(slots=True)
class Bed:
    """Where one link is planted: its dataset, the number of the variant, and the moment the week begins."""

    making: Making
    draft: Draft
    nth: int
    host: str
    begins: datetime
    certificates: dict[str, str] = field(default_factory=dict)

    def file(self, *forms: str) -> Item:
        """Add a sound file in the form whose turn it is (CSV by default) on this kind's host, and return it."""
        form = forms[self.nth % len(forms)] if forms else "CSV"
        item = add_file(self.making, self.draft, form, 0, leaf=f"part{self.nth + 1}")
        item.shared_id = self.making.token(f"week/{self.draft.name}/{self.nth}")
        leaf = f"v1/part{self.nth + 1}?lang=en" if form == "API" else item.url.rpartition("/")[2]
        item.move(self.draft.address(leaf, self.host))
        return item

    def alone(self, item: Item) -> str:
        """Move a link to a host that it shares with no other, and return the host."""
        host = f"own{self.nth + 1}-{self.host}"
        item.move(item.url.replace(self.host, host))
        return host

    def bend(self, item: Item, **changes: object) -> None:
        """Change how a link answers."""
        if item.answer is not None:
            item.answer = replace(item.answer, **changes)  # type: ignore[arg-type]

    def course(self, item: Item, course: Course) -> None:
        """Let a link answer by the time."""
        self.bend(item, course=course)

    def write(self, item: Item, writer: Callable[[Table], bytes]) -> None:
        """Let a link's body be the dataset's own table as `writer` writes it."""
        self.bend(item, body=partial(rendered, self.draft.series, 0, writer))

    def day(self, number: float) -> datetime:
        """Return the moment so many days after the week began."""
        return self.begins + timedelta(days=number)

    def night(self, number: int, other: Response, hours: float = 1 / 60) -> Course:
        """Return the course of giving another answer for so many hours about the nightly check of a day."""
        return during(self.day(number + NIGHT - hours / 48), self.day(number + NIGHT + hours / 48), other)

    def turn(self, *choices: Any) -> Any:
        """Return the variant whose turn it is."""
        return choices[self.nth % len(choices)]


Planter = Callable[[Bed], Expected]


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of link: the group it belongs to, whether it is a harmless look-alike, and who plants it."""

    group: str
    harmless: bool
    planter: Planter


@dataclass(frozen=True, slots=True)
class Link:
    """One link of the week and what must be found of it."""

    kind: str
    group: str
    harmless: bool
    dataset: str
    resource: str
    url: str
    expected: Expected


@dataclass(frozen=True, slots=True)
class Week:
    """The week's datasets and links, when it begins (aware), and the hosts with a bad certificate."""

    begins: datetime
    drafts: tuple[Draft, ...]
    links: tuple[Link, ...]
    certificates: dict[str, str]

    def truth(self) -> dict[str, Any]:
        """Return what must be found as plain values; moments are ISO 8601 UTC."""
        links = [
            {
                **{name: value for name, value in asdict(link).items() if name != "expected"},
                **asdict(link.expected),
                "states": [
                    {"at": _iso(self.begins + timedelta(days=days)), "state": state, "reason": reason}
                    for days, state, reason in link.expected.states
                ],
            }
            for link in self.links
        ]
        return {"begins": _iso(self.begins), "ends": _iso(self.begins + timedelta(days=DAYS)), "links": links}


def draw_week(making: Making, first: int, kinds: dict[str, Kind]) -> Week:
    """Draw a dataset for each of `kinds`, numbered from `first`, with `EACH` links."""
    begins = datetime.combine(making.today, time(), HONG_KONG)
    drafts: list[Draft] = []
    links: list[Link] = []
    certificates: dict[str, str] = {}
    for place, (name, kind) in enumerate(kinds.items()):
        draft = sound(making, first + place, "daily", places=False)
        host = f"d{place + 1}-{making.token(draft.name)[:3]}.{draft.provider}{SUFFIX}"
        drafts.append(draft)
        for nth in range(EACH):
            expected = kind.planter(Bed(making, draft, nth, host, begins, certificates))
            item = draft.items[-1]
            links.append(Link(name, kind.group, kind.harmless, draft.name, item.shared_id, item.url, expected))
    return Week(begins, tuple(drafts), tuple(links), certificates)


def always(state: str, reason: str | None, why: str, **facts: Any) -> Expected:
    """Expect one state from the first day to the last, and never another."""
    return Expected(tuple((days, state, reason) for days in (0.5, 2.5, 4.5, DAYS)), (state,), why, **facts)


def turned(day: float, state: str, reason: str, why: str) -> Expected:
    """Expect it up until a day and in another state from then on, found out by the visit of the next night."""
    states = ((0.5, "up", None), (day - 0.5, "up", None), (day + 0.5, state, reason), (DAYS, state, reason))
    return Expected(states, ("up", state), why)


def answer(status: int, body: bytes, content_type: str = "text/html; charset=utf-8", **headers: str) -> Response:
    """Return a fixed answer."""
    named = tuple((name.replace("_", "-"), value) for name, value in headers.items())
    return Response(partial(bytes, body), content_type, status, named)


def failures() -> Iterator[tuple[Response, str]]:
    """Yield the ways in which a server fails, and the reason each is told by."""
    yield answer(500, html("Runtime Error", "An exception was not handled.")), "server-error"
    yield Response(misbehaviour="hang"), "timeout"
    yield Response(misbehaviour="reset"), "unreachable"


def html(title: str, *paragraphs: str) -> bytes:
    """Return a small page."""
    return page(title, paragraphs)


def json_bytes(value: object) -> bytes:
    """Return a value as JSON."""
    return json.dumps(value, ensure_ascii=False).encode()


def sound_throughout(why: str) -> Expected:
    """Expect it up all the time, with one request a check."""
    return always("up", None, why, unchanged=True, failed=(0, 0))


def _iso(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
