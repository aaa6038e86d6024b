"""A dataset as it is being drawn up: sound at first, bent by the faults, then rendered as each instance's record."""

import hashlib
import uuid
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from sample_portal.catalogue import Response
from sample_portal.names import CATEGORIES, PROVIDERS, Text
from sample_portal.tables import Series, fields

SCHEMED = 5
"""Of sixteen resources, how many name the dictionary as their schema too."""


@dataclass(slots=True)
class Item:
    """One resource: texts and addresses in the three instances' order (en, tc, sc), and how its address answers."""

    shared_id: str
    titles: list[str]
    format: str
    urls: list[str]
    language: str
    created: str | None
    published: str | None
    modified: str | None
    covers: tuple[str | None, str | None]
    answer: Response | None = None
    is_api: str = "N"
    lacking: tuple[str, ...] = ()
    descriptions: list[str] | None = None

    @property
    def url(self) -> str:
        """The English instance's address."""
        return self.urls[0]

    def move(self, url: str) -> None:
        """Give the resource another address, the same in all instances."""
        self.urls = [url, url, url]


@dataclass(slots=True)
class Draft:
    """One dataset, with everything its three records say."""

    name: str
    provider: str
    category: str
    titles: list[str]
    notes: list[str]
    frequency: list[str]
    series: Series
    modified: datetime
    record_created: str
    record_modified: str
    email: str
    phone: str
    host: str
    folder: str
    maintainer: list[str] = field(default_factory=lambda: ["General Enquiries", "一般查詢", "一般查询"])
    dictionary: str = ""
    lacking: tuple[str, ...] = ()
    items: list[Item] = field(default_factory=list)
    extra: dict[str, Response] = field(default_factory=dict)
    """Answers at addresses that are no resource's: dictionaries, targets of redirects."""
    documented: list[Text] = field(default_factory=list)
    """What the dictionary describes beyond the fields of the series: English and Chinese name, and kind of value."""
    described: list[Text] | None = None
    """All that the dictionary describes, where that is not the fields of the series."""

    def fields(self) -> list[Text]:
        """Return all that the dictionary describes, each name once."""
        own = fields(self.series) if self.described is None else self.described
        known = {each[0] for each in own}
        return [*own, *{each[0]: each for each in self.documented if each[0] not in known}.values()]

    def address(self, leaf: str, host: str = "", scheme: str = "https") -> str:
        """Return an address in this dataset's own folder, on its own host unless another is named."""
        return f"{scheme}://{host or self.host}{self.folder}/{leaf}"


def instance_id(seed: int, language: str, what: str) -> str:
    """Return the id that one instance gives to a thing: another in each instance, always the same for a seed."""
    return str(
        uuid.UUID(hashlib.md5(f"{seed}/{language}/{what}".encode(), usedforsecurity=False).hexdigest(), version=4)
    )


def group(seed: int, language: str, slug: str) -> dict[str, Any]:
    """Return a category as the group that stands in one instance's packages."""
    title = _say(CATEGORIES[slug], language)
    place = instance_id(seed, language, f"group/{slug}")
    return {
        "description": "", "display_name": title, "id": place, "image_display_url": "", "name": slug, "title": title,
    }  # fmt: skip


def record(seed: int, language: str, draft: Draft) -> dict[str, Any]:
    """Return one instance's package record, keys in the portal's own order."""
    which = _index(language)
    own = instance_id(seed, language, f"package/{draft.name}")
    organization = _organization(seed, language, draft.provider)
    items = [item for item in draft.items if language not in item.lacking]
    return {
        "author": None,
        "author_email": None,
        "creator_user_id": instance_id(seed, language, "user"),
        "data_dictionary": draft.dictionary,
        "id": own,
        "isopen": False,
        "license_id": None,
        "license_title": None,
        "maintainer": draft.maintainer[which],
        "maintainer_email": draft.email,
        "maintainer_phone": draft.phone,
        "metadata_created": draft.record_created,
        "metadata_modified": draft.record_modified,
        "name": draft.name,
        "notes": draft.notes[which],
        "num_resources": len(items),
        "num_tags": 0,
        "organization": organization,
        "owner_org": organization["id"],
        "private": False,
        "state": "active",
        "title": draft.titles[which],
        "type": "dataset",
        "update_frequency": draft.frequency[which],
        "url": None,
        "version": None,
        "groups": [group(seed, language, draft.category)] if draft.category else [],
        "resources": [_resource(seed, language, draft, own, item, place) for place, item in enumerate(items)],
        "tags": [],
        "relationships_as_subject": [],
        "relationships_as_object": [],
    }


def _organization(seed: int, language: str, provider: str) -> dict[str, Any]:
    return {
        "id": instance_id(seed, language, f"organization/{provider}"),
        "name": provider,
        "title": _say(PROVIDERS[provider], language),
        "type": "organization",
        "description": "",
        "image_url": f"http://data.sample.test/filestore/provider-images/{provider}.png",
        "created": "2021-07-02T10:54:54.878679",
        "is_organization": True,
        "approval_status": "approved",
        "state": "active",
    }


def _resource(seed: int, language: str, draft: Draft, package: str, item: Item, place: int) -> dict[str, Any]:
    which = _index(language)
    dated = {"dateCreated": item.created, "dateModified": item.modified, "datePublished": item.published}
    covers = {"temporal_from": item.covers[0], "temporal_to": item.covers[1]}
    return {
        "cache_last_updated": None,
        "cache_url": None,
        "created": draft.record_modified,
        **{key: value for key, value in dated.items() if value is not None},
        "description": (item.descriptions or item.titles)[which],
        "format": item.format,
        "hash": "",
        "id": instance_id(seed, language, f"resource/{item.shared_id}"),
        "inLanguage": item.language,
        "is_api": item.is_api,
        "last_modified": None,
        "metadata_modified": draft.record_modified,
        "mimetype": None,
        "mimetype_inner": None,
        "name": item.titles[which],
        "package_id": package,
        "position": place,
        "resource_type": None,
        **({"schema": draft.dictionary} if draft.dictionary and int(item.shared_id[0], 16) < SCHEMED else {}),
        "shared_id": item.shared_id,
        "size": None,
        "state": "active",
        **{key: value for key, value in covers.items() if value is not None},
        "url": item.urls[which],
        "url_type": None,
    }


def _index(language: str) -> int:
    return ("en", "tc", "sc").index(language)


def _say(text: Text, language: str) -> str:
    return text[_index(language)]


def written(day: date) -> str:
    """Return a day as the portal's temporal fields write it: dd/mm/yyyy."""
    return f"{day:%d/%m/%Y}"
