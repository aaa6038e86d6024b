"""Draws up the sample's catalogue from a seed and a date: first every dataset sound, then the faults planted."""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, timezone
from functools import partial
from random import Random

from sample_portal.bodies import WRITERS
from sample_portal.catalogue import Response
from sample_portal.drafts import Draft, Item, written
from sample_portal.frequencies import NAMES_OF_PERIODS, TITLES, WRITTEN
from sample_portal.names import DISTRICTS, PROVIDERS, TOPICS, Text
from sample_portal.tables import Series, Table, dictionary, pick

HONG_KONG = timezone(timedelta(hours=8))
SUFFIX = ".sample.test"

FILE_WORDS: dict[str, Text] = {
    "en": ("English", "英文版", "英文版"),
    "zh-Hant": ("Traditional Chinese", "繁體中文版", "繁体中文版"),
    "zh-Hans": ("Simplified Chinese", "簡體中文版", "简体中文版"),
}
FILE_LANGUAGES = tuple(FILE_WORDS)

SHAPES: tuple[tuple[tuple[str, int], ...], ...] = (
    (("CSV", 0), ("CSV", 1), ("CSV", 2)),
    (("CSV", 0), ("CSV", 1), ("JSON", 0), ("XLSX", 1)),
    (("XLSX", 0), ("XLSX", 1), ("XLSX", 2)),
    (("JSON", 0), ("JSON", 1), ("CSV", 2)),
    (("CSV", 0), ("CSV", 1), ("XML", 0)),
    (("CSV", 0), ("CSV", 1), ("XLS", 0)),
    (("TSV", 0), ("TSV", 1), ("CSV", 2)),
    (("GeoJSON", 0), ("GeoJSON", 1), ("KML", 0), ("CSV", 1)),
    (("CSV", 0), ("CSV", 1), ("SHP", 0), ("KMZ", 1)),
    (("XML", 0), ("XML", 1), ("CSV", 0)),
    (("CSV", 0), ("CSV", 1), ("RSS", 0)),
    (("CSV", 0), ("CSV", 1), ("ICS", 1)),
    (("CSV", 0), ("CSV", 1), ("ZIP", 0)),
    (("API", 0), ("API", 1), ("CSV", 2)),
)
"""The files a sound dataset comes as: declared format and language of each (0 English, 1 and 2 Chinese)."""


@dataclass(frozen=True, slots=True)
class Making:
    """What all the draughtsmen share: the seed, the day it is in Hong Kong, and the moment nothing may lie after."""

    seed: int
    today: date
    now: Callable[[], datetime]

    def dice(self, what: str) -> Random:
        """Return dice of their own for one thing, so that drawing another changes nothing here."""
        return Random(f"{self.seed}/{self.today}/{what}")

    def token(self, what: str) -> str:
        """Return 32 hexadecimal digits that belong to one thing."""
        return hashlib.md5(f"{self.seed}/{what}".encode(), usedforsecurity=False).hexdigest()


def rendered(series: Series, language: int, writer: Callable[[Table], bytes]) -> bytes:
    """Return a series in one language as the writer writes it."""
    return writer(series.table(language))


def answer(draft: Draft, form: str, language: int, series: Series | None = None) -> Response:
    """Return the honest answer of a file in a format: sound bytes, true headers."""
    _, content_type, writer = WRITERS[form]
    return Response(partial(rendered, series or draft.series, language, writer), content_type, modified=draft.modified)


def modified_within(making: Making, period: str, ends: date, rng: Random) -> datetime:
    """Return when a file that is kept up was last changed: soon after its last period ended, never in the future."""
    lag = {"daily": 0, "weekly": 1, "monthly": 9, "quarterly": 20, "half-yearly": 40, "yearly": 75}[period]
    day = min(ends + timedelta(days=1 + rng.randint(0, lag)), making.today)
    return datetime(day.year, day.month, day.day, 0, rng.randint(0, 4), rng.randint(0, 59), tzinfo=HONG_KONG)


def _migrated(rng: Random) -> datetime:
    """A moment of July 2021 (UTC): most real records were created when the platform was moved, not when they were."""
    day, hour = rng.randint(2, 30), rng.randint(2, 10)
    minute, second = rng.randint(0, 59), rng.randint(0, 59)
    return datetime(2021, 7, day, hour, minute, second, rng.randint(1, 999999), tzinfo=UTC)


def sound(making: Making, number: int, period: str = "", places: bool | None = None) -> Draft:
    """Return the `number`-th dataset, sound on every count, without its files."""
    rng = making.dice(f"dataset/{number}")
    topic = TOPICS[number % len(TOPICS)]
    form = (number // len(TOPICS)) % len(TITLES)
    lap = number // (len(TOPICS) * len(TITLES))
    period = (
        period
        or ("daily", "weekly", "monthly", "quarterly", "half-yearly", "yearly")[
            rng.choices(range(6), (2, 1, 6, 4, 1, 4))[0]
        ]
    )
    districts = _districts(form, rng)
    length = min(24, 200 // len(districts)) if len(districts) > 1 else rng.randint(12, 40)
    series = Series(
        topic,
        period,
        making.today - timedelta(days=1),
        making.token(f"series/{number}"),
        districts,
        length,
        places if places is not None else rng.random() < 0.25,
    )
    last = series.span()[1]
    modified = modified_within(making, period, last, rng)
    titles = _titles(form, lap, topic.title, districts, period)
    slug = f"{topic.slug}-{TITLES[form][0]}" + (f"-{lap + 1}" if lap else "")
    team = pick(rng, ("psi", "opendata", "team1", "stat", "tis_3", "info"))
    created = _migrated(rng)
    draft = Draft(
        name=f"{topic.provider}-{team}-{slug}",
        provider=topic.provider,
        category=topic.category,
        titles=titles,
        notes=_notes(topic.provider, series, titles),
        frequency=list(pick_frequency(rng, period)),
        series=series,
        modified=modified,
        record_created=created.replace(tzinfo=None).isoformat(),
        record_modified=_stamp(modified, rng),
        email=f"{pick(rng, ('enquiry', 'psi', 'opendata', 'info'))}@{topic.provider}{SUFFIX}",
        phone=f"{rng.randint(2100, 3999)} {rng.randint(1000, 9999)}",
        host=f"{pick(rng, ('www', 'data', 'files'))}.{topic.provider}{SUFFIX}",
        folder=f"/datagovhk/{slug}",
    )
    add_dictionary(draft, pick(rng, ("CSV", "CSV", "XLSX", "JSON")))
    return draft


def _stamp(modified: datetime, rng: Random) -> str:
    """Return when the record was last changed: the evening before, in UTC and without a zone, as the portal has it."""
    moment = modified.astimezone(UTC).replace(tzinfo=None, microsecond=rng.randint(1, 999999))
    return (moment + timedelta(seconds=rng.randint(1, 50))).isoformat()


def _districts(form: int, rng: Random) -> tuple[int, ...]:
    kind = TITLES[form][0]
    ranges = {"new-territories": range(9, 18), "kowloon": range(4, 9), "hong-kong-island": range(4)}
    if kind == "one-district":
        return (rng.randrange(len(DISTRICTS)),)
    return tuple(ranges.get(kind, range(len(DISTRICTS))))


def _titles(form: int, lap: int, topic: Text, districts: tuple[int, ...], period: str) -> list[str]:
    places = DISTRICTS[districts[0]][0]
    titles = []
    for language, pattern in enumerate(TITLES[form][1]):
        text = pattern.format(topic=topic[language], place=places[language], period=NAMES_OF_PERIODS[period][language])
        later = (f" (Series {lap + 1})", f"（第{lap + 1}輯）", f"（第{lap + 1}辑）")[language] if lap else ""
        titles.append(text + later)
    return titles


def _notes(provider: str, series: Series, titles: list[str]) -> list[str]:
    count, rate = series.topic.count.label, series.topic.rate.label
    first = series.span()[0].year
    who = PROVIDERS[provider]
    english = f"{titles[0]}: figures kept by the {who[0]} since {first}."
    return [
        f"{english} Each row gives {count[0].lower()} and {rate[0].lower()} for one district.",
        f"{titles[1]}：{who[1]}自{first}年起備存的數字。每行列出一個地區的{count[1]}及{rate[1]}。",
        f"{titles[2]}：{who[2]}自{first}年起备存的数字。每行列出一个地区的{count[2]}及{rate[2]}。",
    ]


def pick_frequency(rng: Random, period: str) -> Text:
    """Return a period as departments write it, in the three instances."""
    return WRITTEN[period][rng.randrange(len(WRITTEN[period]))]


def add_dictionary(draft: Draft, form: str) -> None:
    """Give the dataset a data dictionary in a format, and stand it at its address."""
    ending, content_type, writer = WRITERS[form]
    draft.dictionary = draft.address(f"data_dictionary.{ending}")
    body = partial(_dictionary_body, draft, writer)
    draft.extra[draft.dictionary] = Response(
        body, content_type, modified=datetime(2022, 5, 16, 9, 30, tzinfo=HONG_KONG)
    )


def _dictionary_body(draft: Draft, writer: Callable[[Table], bytes]) -> bytes:
    return writer(dictionary(draft.fields()))


def add_file(
    making: Making, draft: Draft, form: str, language: int, series: Series | None = None, leaf: str = ""
) -> Item:
    """Add one honest file or API in a format and language to the dataset, and return its resource."""
    if form in ("GeoJSON", "KML", "KMZ", "SHP") and not (series or draft.series).places:
        raise ValueError(f"{form} needs places")
    code = FILE_LANGUAGES[language]
    api = form == "API"
    ending = WRITERS["JSON" if api else form][0]
    leaf = leaf or f"{draft.folder.rsplit('/', 1)[1].replace('-', '_')}"
    short = ("en", "tc", "sc")[language]
    url = (
        f"https://api.{draft.provider}{SUFFIX}/v1{draft.folder}?lang={short}"
        if api
        else draft.address(f"{leaf}_{short}.{ending}")
    )
    if any(url == item.url for item in draft.items):
        url = draft.address(f"{form.lower()}/{leaf}_{short}.{ending}")
    first, last = (series or draft.series).span()
    titles = [
        f"{draft.titles[0]} ({FILE_WORDS[code][0]}, {form})",
        f"{draft.titles[1]}（{FILE_WORDS[code][1]}，{form}）",
        f"{draft.titles[2]}（{FILE_WORDS[code][2]}，{form}）",
    ]
    rng = making.dice(f"item/{draft.name}/{url}")
    published = date(2021, 7, 5) + timedelta(days=rng.randint(0, 900))
    item = Item(
        shared_id=making.token(f"item/{draft.name}/{url}"),
        titles=titles,
        format="JSON" if api else form,
        urls=[url] * 3,
        language=code,
        created=(published - timedelta(days=rng.randint(0, 20))).isoformat() if rng.random() < 0.9 else None,
        published=published.isoformat() if rng.random() < 0.9 else None,
        modified=draft.modified.date().isoformat() if rng.random() < 0.3 else None,
        covers=(written(first), written(last)) if rng.random() < 0.4 else (None, None),
        answer=answer(draft, "JSON" if api else form, language, series),
        is_api="Y" if api else "N",
    )
    draft.items.append(item)
    return item


def add_shape(making: Making, draft: Draft, shape: int) -> None:
    """Add all the files of one of SHAPES."""
    for form, language in SHAPES[shape % len(SHAPES)]:
        add_file(making, draft, form, language)
