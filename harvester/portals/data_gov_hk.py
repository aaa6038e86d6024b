"""DATA.GOV.HK's own addresses: the verbs it promises in three instances, its side lists, and its archive's list."""

from collections.abc import Iterator
from datetime import date
from typing import Any
from urllib.parse import quote, urlencode, urlsplit, urlunsplit

from harvester.errors import PortalError
from harvester.joining import Record, clean
from harvester.records import LANGUAGES, Category, Language, Provider, Trilingual
from harvester.web import Web

ARCHIVE_PAGE = 500
"""Entries a page of the archive's list; what it gives where nothing is asked for."""
POLITE_THREADS = 4
_MOST_PAGES = 1000


class DataGovHk:
    """The portal at ``base_url`` (``https://data.gov.hk``), asked through ``web`` and nowhere else."""

    def __init__(self, base_url: str, web: Web) -> None:
        self._base_url = base_url.rstrip("/")
        self._web = web

    @property
    def base_url(self) -> str:
        """The address a user knows the portal by, without a slash at its end."""
        return self._base_url

    @property
    def languages(self) -> tuple[Language, ...]:
        """The three instances, English first."""
        return LANGUAGES

    @property
    def threads(self) -> int:
        """How many answers may be waited for at once: few where manners are kept, so that a slow portal stays alive."""
        settings = self._web.settings
        return min(settings.threads, POLITE_THREADS) if settings.per_host_seconds else settings.threads

    def package_list(self, language: Language) -> list[str]:
        """Return the names of the datasets one language instance lists, sorted, without doubles.

        Raises PortalError where it does not answer as CKAN does.
        """
        result = self._action(language, "package_list")
        if not isinstance(result, list):
            raise PortalError(f"{self.base_url} lists no datasets: is it a CKAN portal such as https://data.gov.hk?")
        return sorted({name for item in result if (name := clean(item))})

    def package_show(self, language: Language, name: str) -> Record | None:
        """Return one dataset's raw record, or None where the instance says that it has none of this name."""
        result = self._action(language, "package_show", id=name)
        if result is not None and not isinstance(result, dict):
            raise PortalError(f"{self.base_url} gives no record of {name} ({language}): try again later.")
        return result

    def group_list(self, language: Language) -> list[str]:
        """Return the slugs of the categories."""
        result = self._action(language, "group_list")
        return sorted({slug for item in result if (slug := clean(item))}) if isinstance(result, list) else []

    def providers(self) -> list[Provider]:
        """Return the portal's list of providers with their titles."""
        return [Provider(slug, title) for slug, title in self._side_list("providers")]

    def categories(self) -> list[Category]:
        """Return the portal's list of categories with their titles; those it only names in its groups come after."""
        listed = [Category(slug, title) for slug, title in self._side_list("categories")]
        known = {category.slug for category in listed}
        return listed + [Category(slug, Trilingual()) for slug in self.group_list("en") if slug not in known]

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

    def _action(self, language: Language, verb: str, **query: str) -> Any:
        """Return a verb's result; None where CKAN says that it has no such thing."""
        url = f"{self.base_url}/{language}-data/api/3/action/{verb}"
        if query:
            url += f"?{urlencode(query, quote_via=quote)}"
        answer = self._web.fetch_json(url)
        if isinstance(answer, dict) and answer.get("success") is True:
            return answer.get("result")
        problem = answer.get("error") if isinstance(answer, dict) else None
        kind = problem.get("__type") if isinstance(problem, dict) else None
        if kind == "Not Found Error":
            return None
        raise PortalError(f"{url} does not answer as CKAN does ({clean(kind) or 'no success, no error'}).")

    def _side_list(self, what: str) -> Iterator[tuple[str, Trilingual]]:
        answer = self._web.fetch_json(f"{self.base_url}/filestore/json/{what}_en.json")
        items = answer.get(what) if isinstance(answer, dict) else answer
        for item in items if isinstance(items, list) else []:
            slug = clean(item.get("id")) if isinstance(item, dict) else None
            if slug:
                names = item.get("name")
                title = names if isinstance(names, dict) else {"en": names}
                yield slug, Trilingual(clean(title.get("en")), clean(title.get("tc")), clean(title.get("sc")))
