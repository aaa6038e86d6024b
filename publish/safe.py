"""What harvested text must pass before it reaches a page, a link or a spreadsheet."""

import re
import unicodedata
from urllib.parse import urlsplit

CONTROLS = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff\ud800-\udfff]")
"""Control characters, and the marks that make text run against its direction and so lie about what it says."""
MAIL = re.compile(r"^[A-Za-z0-9][A-Za-z0-9._%+-]{0,63}@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+$")
MAX_URL, MAX_MAIL = 2000, 254
"""Longer is no address: what browsers take, and what mail allows (RFC 5321)."""
FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "|")


def clean(text: str) -> str:
    """Return ``text`` without control characters and direction overrides; escaping is the template's part."""
    return text if text.isprintable() else CONTROLS.sub("", text)  # what prints holds none of them, and is told sooner


def short(text: str | None, limit: int = 300) -> str:
    """Return ``text`` cut to ``limit`` characters, with a mark where something was left out."""
    whole = clean(text or "").strip()
    return whole if len(whole) <= limit else whole[: limit - 1].rstrip() + "…"


def http_link(url: str | None) -> str | None:
    """Return ``url`` where it may stand in a link: http(s), a host, no user name, no space or control; else None."""
    if not url or len(url) > MAX_URL or any(character.isspace() for character in url) or CONTROLS.search(url):
        return None
    try:
        parts = urlsplit(url)
        host = parts.hostname
    except ValueError:
        return None
    if parts.scheme.lower() not in ("http", "https") or not host or "@" in parts.netloc or "\\" in url:
        return None
    return url


def mail_link(address: str | None) -> str | None:
    """Return a mailto: address where ``address`` is a plain one, else None."""
    return f"mailto:{address}" if address and len(address) <= MAX_MAIL and MAIL.match(address) else None


def csv_cell(value: object) -> object:
    """Return a cell that a spreadsheet shows and never runs: text that would start a formula gets an apostrophe.

    Full-width signs count, as some programs fold them. The faithful text is in the JSON of the same page.
    """
    if not isinstance(value, str):
        return "" if value is None else value
    text = clean(value)
    start = unicodedata.normalize("NFKC", text.lstrip(" \u3000\xa0")[:1])
    return f"'{text}" if start.startswith(FORMULA) or text.startswith(FORMULA) else text
