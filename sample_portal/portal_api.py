"""The portal's own addresses: CKAN verbs in three instances, lists, feeds, pages and the historical archive."""

import json
import re
import zlib
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import parse_qsl, urlsplit
from xml.sax.saxutils import escape

from sample_portal.archive import Archive
from sample_portal.catalogue import Catalogue, Response

Answer = tuple[int, dict[str, Any]]


class PortalApi:
    """Answers for the portal host and the archive's host, over any catalogue."""

    def __init__(self, catalogue: Catalogue, now: Callable[[], datetime], flaky: float) -> None:
        self._catalogue = catalogue
        self._now = now
        self._flaky = flaky
        self._archive = Archive(catalogue, now)
        self._verbs: dict[str, Callable[[str, Mapping[str, str]], Answer]] = {
            "package_list": self._package_list,
            "package_show": self._package_show,
            "group_list": self._group_list,
            "group_show": self._group_show,
        }

    def response(self, host: str, target: str) -> Response | None:
        """Return the answer at a portal address, None where the host is another's or nothing stands there."""
        if host in self._archive.hosts:
            return self._archive.response(host, target)
        if host != self._catalogue.portal_host:
            return None
        parts = urlsplit(target)
        query = dict(parse_qsl(parts.query, keep_blank_values=True))
        if match := re.fullmatch(r"/(en|tc|sc)-data/api/(?:3/)?action/(\w+)", parts.path):
            return self._action(match[1], match[2], query, target)
        return self._file(parts.path)

    def _action(self, language: str, verb: str, query: Mapping[str, str], target: str) -> Response | None:
        if verb not in self._verbs:
            return None
        status, answer = self._verbs[verb](language, query)
        url = f"http://{self._catalogue.portal_host}/{language}-data/api/3/action/help_show?name={verb}"
        text = json.dumps({"help": url, **answer}).encode()
        flaky = zlib.crc32(target.encode()) % 1000 < self._flaky * 1000
        return Response(
            lambda: text,
            "application/json;charset=utf-8",
            status,
            (("Cache-Control", "public, max-age=0, must-revalidate"),),
            before=(_bad_gateway(),) if flaky else (),
        )

    def _package_list(self, language: str, query: Mapping[str, str]) -> Answer:
        names = self._catalogue.names(language)
        wrong = {key: ["Invalid integer"] for key in ("limit", "offset") if not query.get(key, "0").isdigit()}
        if wrong:
            return _invalid(wrong)
        offset, limit = int(query.get("offset", "0")), int(query.get("limit", "0"))
        return _success(list(names[offset : offset + limit] if limit else names[offset:]))

    def _package_show(self, language: str, query: Mapping[str, str]) -> Answer:
        if not query.get("id"):
            return _invalid({"name_or_id": ["Missing value"]})
        package = self._catalogue.package(language, query["id"])
        return _success(package) if package else _not_found()

    def _group_list(self, language: str, _: Mapping[str, str]) -> Answer:
        return _success([group["name"] for group in self._catalogue.groups(language)])

    def _group_show(self, language: str, query: Mapping[str, str]) -> Answer:
        if not query.get("id"):
            return _invalid({"id": ["Missing value"]})
        for group in self._catalogue.groups(language):
            if query["id"] in (group["name"], group["id"]):
                return _success(group)
        return _not_found()

    def _file(self, path: str) -> Response | None:
        if match := re.fullmatch(r"/filestore/json/(providers|categories)_(en|tc|sc)\.json", path):
            text = json.dumps({match[1]: self._catalogue.listing(match[1])}, ensure_ascii=False).encode()
            return Response(lambda: text, "application/json")
        if match := re.fullmatch(r"/filestore/feeds/data_rss_(en|tc|sc)\.xml", path):
            feed = self._feed(match[1]).encode()
            return Response(lambda: feed, "application/rss+xml; charset=utf-8")
        if path == "/robots.txt":
            return Response(_robots, "text/plain")
        if re.fullmatch(r"/|/(en|tc|sc)/?|/(en|tc|sc)(-data)?/datasets?(/[\w-]+)*", path):
            return Response(_shell)
        return None

    def _feed(self, language: str) -> str:
        base = f"http://{self._catalogue.portal_host}/{language}-data/dataset"
        first = (self._now() - timedelta(days=14)).strftime("%Y-%m-%dT%H:%M:%S")
        items = []
        for name in self._catalogue.names(language):
            package = self._catalogue.package(language, name)
            for resource in package["resources"] if package else ():
                changed = resource.get("metadata_modified") or ""  # a recorded record may have been cut
                if changed >= first:
                    link = f"{base}/{name}/resource/{resource['id']}"
                    items.append(
                        f"<item><title>{escape(resource['name'])}</title><link>{escape(link)}</link>"
                        f"<guid>{escape(link)}</guid><pubDate>{_rfc822(changed)}</pubDate></item>"
                    )
        title = {"en": "Data changes", "tc": "數據更新", "sc": "数据更新"}[language]
        head = f'<?xml version="1.0" encoding="UTF-8"?>\n<rss version="2.0"><channel><title>{title}</title>'
        return f"{head}<link>{base}</link><description>{title}</description>{''.join(items)}</channel></rss>\n"


def _rfc822(stamp: str) -> str:
    return datetime.fromisoformat(stamp).strftime("%a, %d %b %Y %H:%M:%S +0000")


def _robots() -> bytes:
    return b"User-agent: *\nDisallow: /user/\n"


def _shell() -> bytes:
    """Return the page a browser fills by script; every dataset page is this one, byte for byte."""
    return (
        b'<!DOCTYPE html>\n<html lang="en"><head><meta charset="utf-8"><title>Sample data portal</title>'
        b'<script src="/assets/app.js" defer></script></head>\n<body><noscript>Please turn JavaScript on.</noscript>'
        b'<div id="app"></div></body></html>\n'
    )


def _success(result: Any) -> Answer:
    return 200, {"success": True, "result": result}


def _not_found() -> Answer:
    return 404, {"error": {"__type": "Not Found Error", "message": "Not found"}, "success": False}


def _invalid(wrong: Mapping[str, Any]) -> Answer:
    return 409, {"error": {**wrong, "__type": "Validation Error"}, "success": False}


def _bad_gateway() -> Response:
    text = b"<html><head><title>502 Bad Gateway</title></head><body><h1>502 Bad Gateway</h1></body></html>"
    return Response(lambda: text, "text/html", 502)
