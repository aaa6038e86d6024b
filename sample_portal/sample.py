"""The sample as a catalogue the server can serve: drafts in memory, records and bodies made when they are asked for."""

from collections import Counter
from collections.abc import Sequence
from functools import cached_property
from typing import Any
from urllib.parse import urlsplit

from sample_portal.catalogue import Archived, Response
from sample_portal.drafts import Draft, group, instance_id, record
from sample_portal.generator import SUFFIX
from sample_portal.names import CATEGORIES, PROVIDERS, Text

ARCHIVED_FORMATS = ("CSV", "JSON", "XML", "XLSX", "XLS")


class SampleCatalogue:
    """A `Catalogue` over drafts. `certificates` maps the hosts with a bad certificate to what is bad."""

    portal_host = f"data{SUFFIX}"
    suffix = SUFFIX

    def __init__(self, seed: int, drafts: Sequence[Draft], certificates: dict[str, str]) -> None:
        self._seed = seed
        self._drafts = {draft.name: draft for draft in sorted(drafts, key=lambda draft: draft.name)}
        self._certificates = certificates
        self._names = {
            language: [name for name, draft in self._drafts.items() if language not in draft.lacking]
            for language in ("en", "tc", "sc")
        }
        self._ids = {
            instance_id(seed, language, f"package/{name}"): (language, name)
            for language, names in self._names.items()
            for name in names
        }
        self._answers: dict[tuple[str, str], Response] = {}
        for draft in drafts:
            for item in draft.items:
                for url in dict.fromkeys(item.urls):
                    if item.answer:
                        self._answers.setdefault(_place(url), item.answer)
            for url, extra in draft.extra.items():
                self._answers[_place(url)] = extra

    @property
    def drafts(self) -> Sequence[Draft]:
        """The datasets as drawn up, by name."""
        return list(self._drafts.values())

    def names(self, language: str) -> Sequence[str]:
        """The sorted names of the datasets that this language instance lists."""
        return self._names[language]

    def package(self, language: str, key: str) -> dict[str, Any] | None:
        """One instance's record of a dataset, by name or by that instance's own id."""
        where, name = self._ids.get(key, (language, key))
        draft = self._drafts.get(name)
        if draft is None or where != language or language in draft.lacking:
            return None
        return record(self._seed, language, draft)

    def groups(self, language: str) -> Sequence[dict[str, Any]]:
        """One instance's categories with their numbers of datasets."""
        counts = Counter(draft.category for draft in self._drafts.values())
        return [{**group(self._seed, language, slug), "package_count": counts[slug]} for slug in sorted(CATEGORIES)]

    def listing(self, what: str) -> list[dict[str, Any]]:
        """The portal's own list of providers or categories."""
        titles: dict[str, Text] = PROVIDERS if what == "providers" else CATEGORIES
        counts = Counter(draft.provider if what == "providers" else draft.category for draft in self._drafts.values())
        return [
            {"id": slug, "name": dict(zip(("en", "tc", "sc"), text, strict=True)), "datasetCount": counts[slug]}
            for slug, text in sorted(titles.items())
        ]

    def archived(self) -> Sequence[Archived]:
        """The plain files the archive keeps; calls with parameters it leaves out, as the real one does."""
        return self._archive

    @cached_property
    def _archive(self) -> tuple[Archived, ...]:
        return tuple(
            Archived(
                draft.name,
                _three(draft.titles),
                _three(item.titles),
                item.format,
                draft.provider,
                draft.category,
                item.url,
            )
            for draft in self._drafts.values()
            for item in draft.items
            if item.format in ARCHIVED_FORMATS and item.is_api == "N"
        )

    def response(self, host: str, target: str) -> Response | None:
        """How an address answers; None where nothing stands there."""
        return self._answers.get((host, target))

    def certificate(self, host: str) -> str:
        """The certificate a host shows."""
        return self._certificates.get(host, "good")


def _three(texts: list[str]) -> Text:
    english, traditional, simplified = texts
    return english, traditional, simplified


def _place(url: str) -> tuple[str, str]:
    parts = urlsplit(url.strip())
    return (parts.hostname or "").lower(), (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
