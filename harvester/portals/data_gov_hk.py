"""DATA.GOV.HK's own addresses: the verbs it promises in three instances, its side lists, and its archive's list."""

import io
from collections.abc import Iterator, Mapping
from datetime import date
from types import MappingProxyType
from urllib.parse import urlencode, urlsplit, urlunsplit

from harvester.errors import PortalError
from harvester.feed import read_feed
from harvester.joining import clean
from harvester.portals.ckan import Ckan
from harvester.records import Category, Language, Provider, Trilingual
from harvester.web import Web

ARCHIVE_PAGE = 500
"""Entries a page of the archive's list; what it gives where nothing is asked for."""
HOST = "data.gov.hk"
PROVIDERS = "/filestore/json/providers_en.json"
FEED = "/filestore/feeds/data_rss_{}.xml"
INSTANCES: Mapping[Language, str] = MappingProxyType({"en": "/en-data", "tc": "/tc-data", "sc": "/sc-data"})
_MOST_PAGES = 1000


class DataGovHk(Ckan):
    """The portal at ``base_url`` (``https://data.gov.hk``): CKAN in three instances, one a language.

    Of CKAN it promises ``package_list``, ``package_show``, ``group_list`` and ``group_show`` alone, so the titles of
    its providers and categories come from its own side lists.
    """

    def __init__(self, base_url: str, web: Web) -> None:
        super().__init__(base_url, web, INSTANCES)

    def providers(self) -> list[Provider]:
        """Return the portal's list of providers with their titles."""
        return [Provider(slug, title) for slug, title in self._side_list("providers")]

    def categories(self) -> list[Category]:
        """Return the portal's list of categories with their titles; those it only names in its groups come after."""
        listed = [Category(slug, title) for slug, title in self._side_list("categories")]
        known = {category.slug for category in listed}
        named = {slug for item in self._action("en", "group_list") or () if (slug := clean(item))}
        return listed + [Category(slug, Trilingual()) for slug in sorted(named - known)]

    def archived(self, start: date, end: date) -> Iterator[str]:
        """Yield the addresses that the historical archive kept between two days (Hong Kong), page by page."""
        parts = urlsplit(self.base_url)
        host = urlunsplit((parts.scheme, f"app.{parts.netloc}", "/v1/historical-archive/list-files", "", ""))
        days = {"start": start.strftime("%Y%m%d"), "end": end.strftime("%Y%m%d"), "order": "url"}
        for page in range(_MOST_PAGES):
            query = urlencode({**days, "max": ARCHIVE_PAGE, "skip": page * ARCHIVE_PAGE})
            answer = self._web.fetch_json(f"{host}?{query}")
            files = answer.get("files") if isinstance(answer, dict) else None
            if not isinstance(files, list):
                raise PortalError(f"{host} lists no files: its answer is not the one documented.")
            yield from (item["url"] for item in files if isinstance(item, dict) and isinstance(item.get("url"), str))
            if len(files) < ARCHIVE_PAGE:
                return

    def changed(self, language: Language) -> Iterator[tuple[str, str]]:
        """Yield the datasets that the feed of one instance tells of (about 14 days), with when each changed (UTC).

        It is a hint, so it is asked for once. Raises PortalError where it is not there or cannot be read.
        """
        url, sink = self.base_url + FEED.format(language), io.BytesIO()
        visit = self._web.fetch(url, sink, purpose="portal")
        if visit.outcome != "ok" or not visit.complete:
            raise PortalError(f"{url} tells no changes: {visit.error or visit.outcome}")
        yield from read_feed(sink.getvalue())

    def _side_list(self, what: str) -> Iterator[tuple[str, Trilingual]]:
        answer = self._web.fetch_json(f"{self.base_url}/filestore/json/{what}_en.json")
        items = answer.get(what) if isinstance(answer, dict) else answer
        for item in items if isinstance(items, list) else []:
            slug = clean(item.get("id")) if isinstance(item, dict) else None
            if slug:
                names = item.get("name")
                title = names if isinstance(names, dict) else {"en": names}
                yield slug, Trilingual(clean(title.get("en")), clean(title.get("tc")), clean(title.get("sc")))
