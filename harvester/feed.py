"""The portal's feed of changes: which datasets it names, and when each changed. Pure; whatever it holds, no crash."""

import re
from collections.abc import Iterator
from datetime import UTC
from email.utils import parsedate_to_datetime
from urllib.parse import unquote, urlsplit
from xml.etree.ElementTree import ParseError

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import fromstring

from harvester.clock import iso
from harvester.errors import PortalError

_DATASET = re.compile(r"/dataset/([^/]+)")


def read_feed(body: bytes) -> Iterator[tuple[str, str]]:
    """Yield the datasets an RSS 2.0 feed links to, with when each changed (ISO 8601 UTC), in its order.

    An entry without an address of a dataset, or without a readable date, tells nothing and is passed over.
    Raises PortalError where the feed is no XML that is safe to read.
    """
    try:
        root = fromstring(body, forbid_dtd=True)
    except (ParseError, DefusedXmlException, ValueError, LookupError) as error:
        raise PortalError(f"The feed of changes cannot be read as RSS: {error}.") from error
    for item in root.iter("item"):
        found = _DATASET.search(_path(item.findtext("link") or ""))
        moment = _moment(item.findtext("pubDate") or "")
        if found and moment:
            yield unquote(found[1]), moment


def _path(link: str) -> str:
    """Return the path of an address; nothing where it is none."""
    try:
        return urlsplit(link.strip()).path
    except ValueError:
        return ""


def _moment(text: str) -> str | None:
    """Return a date of RFC 822 as ISO 8601 UTC, None where it is none; one without a zone is taken as UTC."""
    try:
        moment = parsedate_to_datetime(text.strip())
        return iso(moment if moment.tzinfo else moment.replace(tzinfo=UTC))
    except (ValueError, OverflowError, IndexError, TypeError):
        return None
