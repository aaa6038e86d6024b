"""robots.txt (RFC 9309): what a site's keepers ask of robots, read once a run and site, and honoured.

A site whose robots.txt cannot be had has asked nothing of us. The standard lets a crawler take a server error there
for "stay away"; we visit a link once in a scan, and a site that is down should be told as down.
"""

from collections.abc import Callable, Collection
from threading import Lock
from urllib.parse import urlsplit

from protego import Protego

AGENT = "hk-open-data-barometer"
"""The name by which a robots.txt can speak to us alone."""
MOST_BYTES = 512 * 1024
"""How much of a robots.txt is read; RFC 9309 asks for at least 500 KiB."""
MOST_DELAY_SECONDS = 30.0
"""The longest Crawl-delay that is kept: a longer one would make a scan of the site last for weeks."""


class Robots:
    """What each site's robots.txt allows. ``ask`` returns the text at an address, None where there is none.

    Safe to use from several threads: a site is asked once, by whoever comes first. ``ignored`` are the hosts whose
    robots.txt the user chose, by name, not to honour.
    """

    def __init__(self, ask: Callable[[str], str | None], ignored: Collection[str] = ()) -> None:
        self._ask = ask
        self._ignored = {host.lower() for host in ignored}
        self._lock = Lock()
        self._locks: dict[str, Lock] = {}
        self._rules: dict[str, Protego | None] = {}

    def allows(self, address: str) -> bool:
        """Return whether we may ask for ``address`` (http or https)."""
        rules = self._site(address)
        return rules is None or bool(rules.can_fetch(address, AGENT))

    def delay(self, address: str) -> float:
        """Return the seconds its site asks to be left between two requests, 0 where it asks for none."""
        rules = self._site(address)
        asked = rules.crawl_delay(AGENT) if rules else None
        return min(float(asked or 0.0), MOST_DELAY_SECONDS)

    def _site(self, address: str) -> Protego | None:
        parts = urlsplit(address)
        if (parts.hostname or "").lower() in self._ignored:
            return None
        site = f"{parts.scheme}://{parts.netloc}"
        if site in self._rules:
            return self._rules[site]
        with self._lock:
            mine = self._locks.setdefault(site, Lock())
        with mine:
            if site not in self._rules:
                text = self._ask(f"{site}/robots.txt")
                self._rules[site] = Protego.parse(text) if text else None
            return self._rules[site]
