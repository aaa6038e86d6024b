"""What is done with bodies, each in a worker: reading a dictionary, laying two languages or two versions together."""

from dataclasses import dataclass
from pathlib import Path

from harvester.compare import languages, versions
from harvester.compare.opening import CannotLayError, dictionary, table
from harvester.compare.records import Comparison, Reading, Shape
from harvester.records import Sniffed


@dataclass(frozen=True, slots=True)
class Kept:
    """A kept body: its digest, where it lies, its size in bytes and what its bytes are."""

    sha256: str
    path: Path
    bytes: int
    sniffed: Sniffed


@dataclass(frozen=True, slots=True)
class ReadDictionary:
    """Read one dictionary's fields."""

    body: Kept

    @property
    def size(self) -> int:
        """Bytes of the dictionary."""
        return self.body.bytes

    def work(self) -> Reading:
        """Return what came of it."""
        return dictionary(self.body.path, self.body.sniffed)


@dataclass(frozen=True, slots=True)
class LayLanguages:
    """Lay one table in two languages beside each other."""

    a: Kept
    b: Kept

    @property
    def size(self) -> int:
        """Bytes of both."""
        return self.a.bytes + self.b.bytes

    def work(self) -> Comparison:
        """Return what differs, or why they cannot be laid beside each other."""
        try:
            one, two = table(self.a.path, self.a.sniffed), table(self.b.path, self.b.sniffed)
        except CannotLayError as error:
            return Comparison(str(error))
        return languages.lay(one, two)


@dataclass(frozen=True, slots=True)
class LayVersions:
    """Lay the cells of two versions beside each other that look alike by what is stored of them."""

    a: Kept
    b: Kept
    old: Shape
    new: Shape

    @property
    def size(self) -> int:
        """Bytes of both."""
        return self.a.bytes + self.b.bytes

    def work(self) -> Comparison:
        """Return what changed, by the cells where both can be read."""
        found = versions.lay(self.old, self.new)
        try:
            return versions.with_bodies(found, table(self.a.path, self.a.sniffed), table(self.b.path, self.b.sniffed))
        except CannotLayError:
            return found
