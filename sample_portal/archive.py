"""The historical archive's calls: what it keeps, which versions, and the way to each; GMT+8 throughout."""

import json
import zlib
from collections.abc import Callable, Mapping
from datetime import date, datetime, timedelta, timezone
from typing import Any
from urllib.parse import parse_qsl, quote, urlsplit

from sample_portal.catalogue import Archived, Catalogue, Response

_HONG_KONG = timezone(timedelta(hours=8))
_VERSIONS_SHOWN = 10_000
_ORDERS = ("dataset-en", "dataset-tc", "dataset-sc", "resource-en", "resource-tc", "resource-sc", "url")


class Archive:
    """Answers list-files, list-file-versions, get-file, get-schema and get-data-dictionary over a catalogue."""

    def __init__(self, catalogue: Catalogue, now: Callable[[], datetime]) -> None:
        self._catalogue = catalogue
        self._now = now
        self._store = f"historical-store{catalogue.suffix}"
        self.hosts = {f"app.{catalogue.portal_host}", f"api.{catalogue.portal_host}", self._store}

    def response(self, host: str, target: str) -> Response | None:
        """Return the answer at an address of the archive, None where nothing stands there."""
        parts = urlsplit(target)
        query = dict(parse_qsl(parts.query, keep_blank_values=True))
        if host == self._store:
            return self._stored(query.get("url", ""))
        base, _, call = parts.path.rpartition("/")
        if base != "/v1/historical-archive":
            return None
        calls = {"list-files": self._list_files, "list-file-versions": self._versions, "get-file": self._get_file}
        if call in calls:
            return calls[call](query)
        return self._get_beside(query) if call in ("get-schema", "get-data-dictionary") else None

    def _list_files(self, query: Mapping[str, str]) -> Response:
        if wrong := _wrong_dates(query):
            return _json(400, wrong)
        order = query.get("order", "dataset-en")
        if order not in _ORDERS or not _counts(query):
            return _json(400, [{"message": "REQUEST ERROR: Invalid parameter"}])
        files = [_listed(item) for item in self._catalogue.archived() if _matches(item, query)]
        key = order if order == "url" else "-name-".join(order.split("-"))
        files.sort(key=lambda item: item[key])
        skip = int(query.get("skip", "0"))
        chosen = files[skip : skip + int(query.get("max", "500"))]
        return _json(200, {"file-count": len(files), "files": chosen})

    def _find(self, url: str) -> Archived | None:
        return next((item for item in self._catalogue.archived() if item.url == url), None)

    def _versions(self, query: Mapping[str, str]) -> Response:
        if wrong := _wrong_dates(query):
            return _json(400, wrong)
        if not self._find(query.get("url", "")):
            return _json(404, {"message": "Not Found"})
        stamps = self._stamps(query["url"], _day(query["start"]), _day(query["end"]))
        sizes = [
            {"timestamp": stamp, "period": "D", "size": 2000 + zlib.crc32(stamp.encode()) % 900} for stamp in stamps
        ]
        answer = {
            "timestamps": stamps[:_VERSIONS_SHOWN],
            "version-count": len(stamps),
            "total-size": sum(int(str(item["size"])) for item in sizes),
            "data-files": sizes[:_VERSIONS_SHOWN],
            "data-dictionary-dates": stamps[:1] and [stamps[0][:8]],
            "schema-dates": [],
        }
        return _json(200, answer)

    def _stamps(self, url: str, start: date, end: date) -> list[str]:
        """The kept versions between two days: one each month, on a day and minute of the address's own."""
        day, minute = zlib.crc32(url.encode()) % 27 + 1, zlib.crc32(url.encode()) % 1440
        last = min(end, (self._now().astimezone(_HONG_KONG) - timedelta(days=1)).date())
        first = max(start, last - timedelta(days=900))
        days = (first + timedelta(days=step) for step in range((last - first).days + 1))
        return [f"{each:%Y%m%d}-{minute // 60:02d}{minute % 60:02d}" for each in days if each.day == day]

    def _get_file(self, query: Mapping[str, str]) -> Response:
        stamp = query.get("time", "")
        if not (len(stamp) in (8, 13) and stamp.replace("-", "").isdigit()):
            return _json(400, [{"message": "REQUEST ERROR: Invalid time parameter"}])
        url = query.get("url", "")
        known = self._stamps(url, date(2005, 3, 1), self._now().date()) if self._find(url) else []
        if not any(each.startswith(stamp) for each in known):
            return _json(404, {"message": "Not Found"})
        return self._redirect(url, stamp)

    def _get_beside(self, query: Mapping[str, str]) -> Response:
        if not (len(query.get("date", "")) == 8 and query["date"].isdigit()):
            return _json(400, [{"message": "REQUEST ERROR: Invalid date parameter"}])
        found = self._find(query.get("url", ""))
        package = self._catalogue.package("en", found.dataset) if found else None
        dictionary = package.get("data_dictionary") if package else None
        return self._redirect(dictionary, query["date"]) if dictionary else _json(404, {"message": "Not Found"})

    def _redirect(self, url: str, stamp: str) -> Response:
        place = f"http://{self._store}/{stamp}?url={quote(url, safe='')}"
        return Response(bytes, None, 302, (("Location", place),))

    def _stored(self, url: str) -> Response | None:
        parts = urlsplit(url)
        target = parts.path + (f"?{parts.query}" if parts.query else "")
        return self._catalogue.response(parts.hostname or "", target)


def _json(status: int, value: Any) -> Response:
    text = json.dumps(value, ensure_ascii=False).encode()
    return Response(lambda: text, "application/json", status)


def _day(text: str) -> date:
    return datetime.strptime(text, "%Y%m%d").replace(tzinfo=_HONG_KONG).date()


def _wrong_dates(query: Mapping[str, str]) -> list[dict[str, str]]:
    wrong = []
    for name in ("start", "end"):
        try:
            _day(query.get(name, ""))
        except ValueError:
            wrong.append({"message": f"REQUEST ERROR: Invalid {name} parameter"})
    return wrong


def _counts(query: Mapping[str, str]) -> bool:
    return query.get("max", "1").isdigit() and query.get("skip", "0").isdigit()


def _matches(item: Archived, query: Mapping[str, str]) -> bool:
    words = query.get("search", "").lower()
    texts = " ".join((*item.dataset_titles, *item.resource_titles)).lower()
    return (
        query.get("category", item.category) == item.category
        and query.get("provider", item.provider) == item.provider
        and query.get("format", item.format).lower() == item.format.lower()
        and words in texts
    )


def _listed(item: Archived) -> dict[str, str]:
    names = {f"dataset-name-{lang}": text for lang, text in zip(("en", "tc", "sc"), item.dataset_titles, strict=True)}
    names |= {
        f"resource-name-{lang}": text for lang, text in zip(("en", "tc", "sc"), item.resource_titles, strict=True)
    }
    place = {"format": item.format, "provider-id": item.provider, "category-id": item.category, "url": item.url}
    return {"dataset-id": item.dataset, **names, **place}
