"""The raw records of the three language instances joined into one dataset. Pure; whatever a record holds, no crash.

Datasets are joined on ``name`` and resources on ``shared_id``: the instances' own ids differ. A value of the wrong type
counts as absent; the raw record is kept elsewhere, so nothing is lost by it.
"""

import html
from collections.abc import Mapping
from typing import Any

from harvester.extras import dataset_extras, lifted, resource_extras
from harvester.records import LANGUAGES, Category, Dataset, Language, Provider, Resource, Trilingual
from harvester.vocabulary import address_kind
from harvester.wordlist import Vocabulary, shipped

Record = Mapping[str, Any]
Records = Mapping[Language, Record]
"""One dataset's raw record by language instance; an instance that does not list it is missing."""

UNKNOWN_PROVIDER = "unknown"
_LARGEST = 2**63 - 1
_YES_NO = {"y": True, "yes": True, "true": True, "n": False, "no": False, "false": False}


def join_dataset(
    name: str,
    records: Records,
    providers: tuple[str, ...] = (),
    *,
    own_ids: bool = False,
    vocabulary: Vocabulary | None = None,
) -> Dataset:
    """Return the dataset that ``records`` (at least one) tell of.

    ``providers`` are the slugs known so far: where a record names no provider, the longest slug that begins the
    dataset's name is taken, else ``unknown``. ``own_ids`` says that the portal has one language instance only, so that
    a resource without a shared id can be known by its own id. ``vocabulary`` reads frequencies and formats, the
    shipped one where None.
    """
    vocabulary = vocabulary or shipped()
    records = {language: lifted(record) for language, record in records.items()}
    first = next(records[language] for language in LANGUAGES if language in records)
    frequency = _trilingual(records, "update_frequency")
    return Dataset(
        name=name,
        provider=_provider_slug(name, records, providers),
        category=next((slug for record in records.values() if (slug := _text(group_of(record), "name"))), None),
        title=_trilingual(records, "title"),
        notes=_trilingual(records, "notes"),
        frequency=frequency,
        schedule=(read := vocabulary.frequency(frequency.en, frequency.tc, frequency.sc)).schedule,
        period_days=read.period_days,
        maintainer=_trilingual(records, "maintainer"),
        maintainer_email=_any_text(records, "maintainer_email"),
        maintainer_phone=_any_text(records, "maintainer_phone"),
        dictionary_url=_any_text(records, "data_dictionary", entities=False),
        licence_id=_any_text(records, "license_id"),
        licence_title=_any_text(records, "license_title"),
        created=_text(first, "metadata_created"),
        modified=_text(first, "metadata_modified"),
        languages=tuple(language for language in LANGUAGES if language in records),
        resource_counts=Trilingual(**{language: str(len(_resources(record))) for language, record in records.items()}),
        resources=_join_resources(name, records, vocabulary, own_ids=own_ids),
        extras=dataset_extras(records),
    )


def providers_of(records: Records) -> Provider | None:
    """Return the provider with the titles that one dataset's records give it, or None where they name none."""
    named = {lang: org for lang, record in records.items() if isinstance(org := record.get("organization"), Mapping)}
    slug = next((slug for org in named.values() if (slug := _text(org, "name"))), None)
    return None if slug is None else Provider(slug, _trilingual(named, "title"))


def category_of(records: Records) -> Category | None:
    """Return the first category with the titles that one dataset's records give it, or None where they name none."""
    groups = {language: group_of(record) for language, record in records.items()}
    slug = next((slug for group in groups.values() if (slug := _text(group, "name"))), None)
    return None if slug is None else Category(slug, _trilingual(groups, "title"))


def clean(value: object, *, entities: bool = True) -> str | None:
    """Return a harvested text without blanks around it and characters that cannot be stored; None if none.

    HTML entities become what they stand for, except where ``entities`` is False, as in an address.
    """
    if not isinstance(value, str):
        return None
    # Most texts need nothing done: asking first is what keeps a harvest of a whole catalogue cheap.
    text = html.unescape(value) if entities and "&" in value else value
    if "\x00" in text:
        text = text.replace("\x00", "")
    if not text.isascii():
        try:
            text.encode()
        except UnicodeEncodeError:  # half of a character
            text = text.encode("utf-8", "replace").decode("utf-8")
    return text.strip() or None


def resources_by_id(name: str, record: Record, *, own_ids: bool = False) -> list[tuple[str, Record]]:
    """Return one instance's resources of the dataset ``name`` with the id each is joined on, in its order."""
    found: dict[str, Record] = {}
    for position, raw in enumerate(_resources(record)):
        # A record without the shared id is known by its place, which is at least the same in all three instances;
        # their own ids differ, and only where there is one instance can they tell resources apart.
        own = (_text(raw, "id") if own_ids else None) or f"{name}:{position}"
        shared = _text(raw, "shared_id") or own
        shared = own if own_ids and shared in found else shared
        while shared in found:
            shared += "+"
        found[shared] = raw
    return list(found.items())


def group_of(record: Record) -> Record:
    """Return the first group a record is in, which is its category; an empty one where it is in none."""
    raw = record.get("groups")
    return next((item for item in raw if isinstance(item, Mapping)), {}) if isinstance(raw, list) else {}


def _join_resources(name: str, records: Records, vocabulary: Vocabulary, *, own_ids: bool) -> tuple[Resource, ...]:
    """Return the resources in the order of the first instance that lists them."""
    found: dict[str, dict[Language, Record]] = {}
    for language in LANGUAGES:
        for shared, raw in resources_by_id(name, records.get(language, {}), own_ids=own_ids):
            found.setdefault(shared, {})[language] = raw
    return tuple(_resource(name, shared, place, raws, vocabulary) for place, (shared, raws) in enumerate(found.items()))


def _resource(name: str, shared_id: str, place: int, raws: Records, vocabulary: Vocabulary) -> Resource:
    first = next(iter(raws.values()))
    urls = _trilingual(raws, "url", entities=False)
    is_api = _YES_NO.get((_any_text(raws, "is_api") or "").lower())
    declared = _any_text(raws, "format") or ""
    return Resource(
        shared_id=shared_id,
        dataset=name,
        position=place,
        title=_trilingual(raws, "name"),
        description=_trilingual(raws, "description"),
        format=declared,
        url=urls.first() or "",
        urls=urls,
        kind=address_kind(urls.first() or "", is_api, vocabulary.format(declared)),
        is_api=is_api,
        in_language=_text(first, "inLanguage"),
        mimetype=_any_text(raws, "mimetype"),
        size=_size(first.get("size")),
        created=_any_text(raws, "dateCreated"),
        modified=_any_text(raws, "dateModified"),
        published=_any_text(raws, "datePublished"),
        temporal_from=_any_text(raws, "temporal_from"),
        temporal_to=_any_text(raws, "temporal_to"),
        schema_url=_any_text(raws, "schema", entities=False),
        languages=tuple(language for language in LANGUAGES if language in raws),
        extras=resource_extras(raws, shared_id),
    )


def _resources(record: Record) -> list[Record]:
    raw = record.get("resources")
    return [item for item in raw if isinstance(item, Mapping)] if isinstance(raw, list) else []


def _provider_slug(name: str, records: Records, providers: tuple[str, ...]) -> str:
    provider = providers_of(records)
    if provider is not None:
        return provider.slug
    fitting = [slug for slug in providers if name.startswith(slug + "-")]
    return max(fitting, key=len, default=UNKNOWN_PROVIDER)


def _trilingual(records: Records, key: str, *, entities: bool = True) -> Trilingual:
    return Trilingual(**{language: clean(record.get(key), entities=entities) for language, record in records.items()})


def _any_text(records: Records, key: str, *, entities: bool = True) -> str | None:
    """Return the first instance's text there is under ``key``."""
    for language in LANGUAGES:
        if language in records and (text := clean(records[language].get(key), entities=entities)):
            return text
    return None


def _text(record: Record, key: str) -> str | None:
    return clean(record.get(key))


def _size(value: object) -> int | None:
    if isinstance(value, str) and value.isascii() and value.isdecimal():
        value = int(value[:20])
    return value if isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= _LARGEST else None
