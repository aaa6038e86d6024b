"""Is it their server or our own network: what nobody answered is not believed until somebody does. Pure."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from harvester.records import Visit
from harvester.store.visits import Seen

HOSTS = 8
"""So many hosts without an answer, and not one answer since, is more than chance: another one is asked."""


def is_silent(visit: Visit) -> bool:
    """Whether a visit looks the same where the server is gone and where our own network is."""
    return visit.status is None and visit.outcome in ("unreachable", "timeout")


def is_answer(visit: Visit) -> bool:
    """Whether a visit proves that our network carried it to a server and back."""
    return visit.status is not None or visit.outcome in ("certificate", "broken")


@dataclass
class Doubt:
    """Holds back visits that nobody answered, until an answer from anywhere, begun later, shows our network alive."""

    held: list[Seen] = field(default_factory=list)
    alive: str = ""
    """When the newest visit that was answered began (ISO, UTC)."""

    def sift(self, shard: Iterable[Seen]) -> list[Seen]:
        """Take in a shard; return what may be believed now, held back or new."""
        self.held += shard
        self.alive = max([self.alive, *(item.visit.started for item in self.held if is_answer(item.visit))])
        believed = [item for item in self.held if not is_silent(item.visit) or item.visit.started <= self.alive]
        self.held = [item for item in self.held if is_silent(item.visit) and item.visit.started > self.alive]
        return believed

    def release(self) -> list[Seen]:
        """Return all that is held back: it is believed."""
        held, self.held = self.held, []
        return held

    @property
    def hosts(self) -> frozenset[str]:
        """The hosts whose silence is held back."""
        return frozenset(urlsplit(item.visit.url).hostname or "" for item in self.held)


def believed(shards: Iterable[list[Seen]], ask: Callable[[frozenset[str]], None]) -> Iterator[list[Seen]]:
    """Yield the visits of ``shards`` once it is clear that our own network was not at fault.

    ``ask`` is called with the silent hosts where ``HOSTS`` of them came without an answer in between, and once at the
    end where the last ones were silent. It raises where our network is gone, and what is held back is never yielded.
    """
    doubt = Doubt()
    for shard in shards:
        if found := doubt.sift(shard):
            yield found
        if len(doubt.hosts) >= HOSTS:
            ask(doubt.hosts)
            yield doubt.release()
    if doubt.held:
        ask(doubt.hosts)
        yield doubt.release()
