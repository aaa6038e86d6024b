"""Any CKAN portal by its address: its lists whole however it pages them, its errors in plain sentences."""

import io
from collections.abc import Iterator, Mapping
from datetime import date
from types import MappingProxyType
from typing import Any
from urllib.parse import quote, urlencode

from harvester.errors import PortalError
from harvester.joining import Record, clean
from harvester.portals.base import MissingError, WithheldError
from harvester.records import LANGUAGES, Category, Language, Provider, Trilingual
from harvester.web import Web
from harvester.web.answers import read_json

ACTION = "/api/3/action/"
ONE_INSTANCE: Mapping[Language, str] = MappingProxyType({"en": ""})
LISTINGS = 3
"""How often a list is read anew when datasets came or went while it was being read."""
_MOST_PAGES = 1000
_TOLD_LENGTH = 200
_REFUSED, _TOO_MANY = 4, 429


class Ckan:
    """The CKAN portal at ``base_url``, asked through ``web`` and nowhere else.

    ``instances`` gives, by language, the path under which that language's API lies (``{"en": "/en", "tc": "/tc"}``);
    a stock CKAN has one, whose language prefixes translate its messages and not its records. Only ``package_list``,
    ``package_show``, ``group_list`` and ``organization_list`` are asked: a search index may be partial.
    """

    def __init__(self, base_url: str, web: Web, instances: Mapping[Language, str] = ONE_INSTANCE) -> None:
        self._base_url = base_url.rstrip("/")
        self._web = web
        self._instances = instances

    @property
    def base_url(self) -> str:
        """The address a user knows the portal by, without a slash at its end."""
        return self._base_url

    @property
    def languages(self) -> tuple[Language, ...]:
        """The language instances there are, English first."""
        return tuple(language for language in LANGUAGES if language in self._instances)

    @property
    def threads(self) -> int:
        """How many answers may be waited for at once."""
        return self._web.settings.shared

    def package_list(self, language: Language) -> list[str]:
        """Return the names of the datasets one language instance lists, sorted, without doubles.

        A list that shifted while its pages were read is read anew, and where it never stands still the names of all
        readings are returned: one that is gone is told by its record. Raises PortalError where the portal does not
        answer as CKAN does.
        """
        found: list[Any] = []
        for _ in range(LISTINGS):
            listed, steady = self._listing(language)
            found = listed if steady else [*found, *listed]
            if steady:
                break
        return sorted({name for item in found if (name := clean(item, entities=False))})

    def package_show(self, language: Language, name: str) -> Record | None:
        """Return one dataset's raw record, or None where the instance says that it has none of this name.

        Names are told apart by case, as CKAN does. Raises WithheldError where the dataset is private or deleted,
        PortalError where the portal gives no record.
        """
        try:
            result = self._action(language, "package_show", id=name)
        except MissingError:
            return None
        except WithheldError as error:
            raise WithheldError(f"{name} ({language}) is private or deleted: the portal does not show it.") from error
        if not isinstance(result, dict):
            raise PortalError(f"{self.base_url} gives no record of {name} ({language}): try again later.")
        own = clean(result.get("name"), entities=False)
        if own not in (None, name):  # a cache that mixes up its answers would double one dataset and lose another
            raise PortalError(f"{self.base_url} gives a record of {_told(str(own))} for {name} ({language}).")
        return result

    def providers(self) -> list[Provider]:
        """Return the portal's organizations with their titles; none where it does not offer their list.

        The records bring their own organization's title along, so what is lost is only the empty ones.
        """
        return [Provider(slug, title) for slug, title in self._titled("organization_list")]

    def categories(self) -> list[Category]:
        """Return the portal's groups with their titles; none where it does not offer their list."""
        return [Category(slug, title) for slug, title in self._titled("group_list")]

    def archived(self, start: date, end: date) -> Iterator[str]:  # noqa: ARG002 -- CKAN keeps no archive to ask
        """Yield nothing: CKAN keeps no archive of the files it lists."""
        return iter(())

    def _listing(self, language: Language) -> tuple[list[Any], bool]:
        """Return the list as its pages gave it, and whether it stood still meanwhile.

        Each page is asked for from the last name already held: where that name is not the page's first, datasets came
        or went. A portal that gives everything at once is asked twice, one that caps its pages once a page more.
        """
        names = self._names(language)
        place, steady = len(names) - 1, True
        for _ in range(_MOST_PAGES):
            if not names:
                return names, True
            page = self._names(language, offset=str(place))
            if page in (names[-1:], names):  # the end, or all of it again where the portal knows no offset
                return names, steady
            if not page:
                return names, False
            follows = page[0] == names[-1]
            steady = steady and follows
            names += page[1:] if follows else page
            place += len(page) - 1
        raise PortalError(f"{self.base_url} lists datasets without end ({language}): it is no portal to be harvested.")

    def _names(self, language: Language, **query: str) -> list[Any]:
        result = self._action(language, "package_list", **query)
        if not isinstance(result, list):
            raise PortalError(f"{self.base_url} lists no datasets: is it a CKAN portal such as https://data.gov.hk?")
        return result

    def _titled(self, verb: str) -> list[tuple[str, Trilingual]]:
        """Return slugs and titles of a list of groups, read on by offset because CKAN silently cuts it (at 25)."""
        found: dict[str, dict[Language, str | None]] = {}
        for language in self.languages:
            if not succeeded(ask_once(self._web, self._address(language, verb, all_fields="true", limit="1"))):
                continue
            read: set[str] = set()
            for item in self._paged(language, verb):
                fields = item if isinstance(item, dict) else {"name": item}
                slug = clean(fields.get("name"), entities=False)
                if slug and slug not in read:
                    read.add(slug)
                    found.setdefault(slug, {})[language] = clean(fields.get("title")) or clean(
                        fields.get("display_name")
                    )
        return [(slug, Trilingual(**titles)) for slug, titles in sorted(found.items())]

    def _paged(self, language: Language, verb: str) -> Iterator[Any]:
        """Yield the items of a list until a page brings nothing that the pages before did not."""
        seen: set[str] = set()
        offset = 0
        for _ in range(_MOST_PAGES):
            page = self._action(language, verb, all_fields="true", offset=str(offset))
            names = {str(item.get("name")) if isinstance(item, dict) else str(item) for item in _list(page)}
            if names <= seen:
                return
            yield from page
            seen |= names
            offset += len(page)

    def _action(self, language: Language, verb: str, **query: str) -> Any:
        """Return a verb's result. Raises MissingError, WithheldError or another PortalError, by what CKAN says."""
        url = self._address(language, verb, **query)
        answer = self._web.fetch_json(url)
        if succeeded(answer):
            return answer.get("result")
        raise refusal(url, answer)

    def _address(self, language: Language, verb: str, **query: str) -> str:
        asked = f"?{urlencode(query, quote_via=quote)}" if query else ""
        return f"{self.base_url}{self._instances[language]}{ACTION}{verb}{asked}"


def ask_once(web: Web, address: str) -> Any:
    """Return the JSON at ``address``, or what came in its place as a text: ``404 with HTML``.

    For questions whose refusal is an answer: a 4xx is not asked for again. What may be better in a moment (no
    connection, 429, 5xx) is, and raises PortalError in the end.
    """
    sink = io.BytesIO()
    visit = web.fetch(address, sink, purpose="portal")
    refused = (visit.status or 0) // 100 == _REFUSED and visit.status != _TOO_MANY
    if not visit.complete or not (visit.outcome in ("ok", "empty") or refused):
        return web.fetch_json(address)
    try:
        return read_json(sink.getvalue())
    except ValueError:
        sort = "HTML" if "html" in (visit.content_type or "html").lower() else "no JSON"
        return f"{visit.status} with {sort}"


def succeeded(answer: object) -> bool:
    """Return whether ``answer`` is CKAN's envelope of something that went well."""
    return isinstance(answer, dict) and answer.get("success") is True


def refusal(url: str, answer: object) -> PortalError:
    """Return the error that a CKAN answer without success stands for.

    The kind decides, because the message is in the portal's language. A bare text is how CKAN refuses a question that
    it cannot even read.
    """
    if isinstance(answer, str):
        return PortalError(f"{url} is refused: {_told(answer)}")
    problem = answer.get("error") if isinstance(answer, dict) else None
    if not isinstance(problem, dict):
        said = _told(problem) if isinstance(problem, str) else "neither success nor an error"
        return PortalError(f"{url} does not answer as CKAN does: {said}")
    kind = problem.get("__type")
    if kind == "Not Found Error":
        return MissingError(f"{url} does not exist.")
    if kind == "Authorization Error":
        return WithheldError(f"{url} is not shown to the public.")
    details = "; ".join(f"{key}: {_flat(value)}" for key, value in problem.items() if key not in ("__type", "message"))
    message = _flat(problem.get("message")) or details or "no reason given"
    return PortalError(f"{url} is refused ({_told(_flat(kind) or 'no kind of error')}): {_told(message)}")


def _flat(value: object) -> str:
    """Return what CKAN says in a text, a list of texts or an object, as one text."""
    if isinstance(value, list):
        return ", ".join(_flat(item) for item in value if isinstance(item, str))
    return value if isinstance(value, str) else ""


def _told(text: str) -> str:
    """Return a portal's own words on one line, cut to a length that fits it."""
    return " ".join((clean(text) or "").split())[:_TOLD_LENGTH]


def _list(value: object) -> list[Any]:
    return value if isinstance(value, list) else []
